"""Run every test that asks for ``page`` once per page, in one browser."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from site_browser import HTML, PAGES, Browser


def pytest_configure(config: pytest.Config) -> None:
    if not (HTML / "index.html").exists():
        pytest.exit(f"{HTML} holds no book: run `make book` first", returncode=2)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "page" in metafunc.fixturenames:
        names = [p.relative_to(HTML).as_posix() for p in PAGES]
        metafunc.parametrize("page", PAGES, ids=names)


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    browser = Browser(tmp_path_factory.mktemp("profile"))
    yield browser
    browser.driver.quit()
