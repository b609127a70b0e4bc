"""Run every test that asks for ``page`` once per page, in one browser and one visit."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from site_browser import HTML, PAGES, Browser, group_of
from site_visit import Visit
from site_visit import visit as visit_once


def pytest_configure(config: pytest.Config) -> None:
    if not (HTML / "index.html").exists():
        pytest.exit(f"{HTML} holds no book: run `make book` first", returncode=2)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--every-notebook", action="store_true", help="run all, not one in CI")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "page" in metafunc.fixturenames:
        names = [p.relative_to(HTML).as_posix() for p in PAGES]
        # A worker that has opened a page judges all of it: make check-site distributes groups.
        pages = [
            pytest.param(page, id=name, marks=group_of(page))
            for page, name in zip(PAGES, names, strict=True)
        ]
        metafunc.parametrize("page", pages)


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    browser = Browser(tmp_path_factory.mktemp("profile"))
    yield browser
    browser.driver.quit()


@pytest.fixture(scope="session")
def visits() -> dict[Path, Visit]:
    """The pages opened so far."""
    return {}


@pytest.fixture
def visit(page: Path, browser: Browser, visits: dict[Path, Visit]) -> Visit:
    """What one visit to the page found, however many tests ask."""
    if page not in visits:
        visits[page] = visit_once(browser, page)
    return visits[page]
