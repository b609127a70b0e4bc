"""Run every test that asks for ``page`` once per page, in one browser and one visit."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from site_browser import HTML, PAGES, Browser
from site_links import References
from site_visit import Visit
from site_visit import visit as visit_once
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

# What the tests of a module have in common: a page that is open already, or what is made once.
SHARED = {
    "test_claims.py": "book/reference/verification.html",
    "test_enlarge.py": "book/part1/time-reversal.html",
    "test_figures.py": "drawings",
    "test_map.py": "book/reference/map.html",
    "test_notebooks.py": "notebooks",
    "test_previews.py": "book/part1/sommerfeld.html",
    "test_print.py": "print",
}


def pytest_configure(config: pytest.Config) -> None:
    if not (HTML / "index.html").exists():
        pytest.exit(f"{HTML} holds no book: run `make book` first", returncode=2)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--every-notebook", action="store_true", help="run all, not one in CI")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "page" in metafunc.fixturenames:
        names = [p.relative_to(HTML).as_posix() for p in PAGES]
        metafunc.parametrize("page", PAGES, ids=names)


def scope_of(nodeid: str) -> str:
    """Return what a test shares: the page that it names or that its module begins with.

    Questions are answered on a page that was opened afresh, not on one that was visited.
    """
    module = nodeid.partition("::")[0].rpartition("/")[2]
    named = re.search(r"\[(\S+?\.html)", nodeid)
    if module == "test_questions.py":
        return module + nodeid.partition("[")[2]
    return named[1] if named else SHARED.get(module, nodeid)


class ByPage(LoadScopeScheduling):
    """A worker that has opened a page judges all of it.

    The groups of pytest-xdist 3.8 are lost with pytest 9.2, which no longer reads the attribute
    that they are written to.
    """

    def _split_scope(self, nodeid: str) -> str:
        return scope_of(nodeid)


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> ByPage:
    return ByPage(config, log)


@pytest.fixture(scope="session")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    browser = Browser(tmp_path_factory.mktemp("profile"))
    yield browser
    browser.driver.quit()


@pytest.fixture(scope="session")
def references() -> dict[Path, References]:
    """The anchors, links and loads of every page."""
    return {page: References(page) for page in PAGES}


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
