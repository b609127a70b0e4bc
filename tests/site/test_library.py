"""From the name of a function to its page: what it takes, its equation, its source and its use."""

from __future__ import annotations

import inspect
import re
from functools import cache
from importlib import import_module
from pathlib import Path

import pytest
from bs4 import BeautifulSoup, Tag
from site_browser import HTML

import moirelib

ROOT = Path(__file__).parents[2]
PAGES = HTML / "book" / "reference"
ROOMS = ("bands", "models", "drag", "hall", "switching", "ledger", "figures")
LONGEST = 120


@cache
def soup(page: Path) -> BeautifulSoup:
    return BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")


def handed_on(package: str) -> list[object]:
    module = import_module(package)
    targets = [getattr(module, name) for name in module.__all__]
    return [one for one in targets if inspect.isclass(one) or inspect.isfunction(one)]


def described(target: object) -> Tag:
    room = target.__module__.split(".")[1]
    head = soup(PAGES / "library" / f"{room}.html").find(
        id=f"{target.__module__}.{target.__qualname__}"
    )
    assert isinstance(head, Tag), target
    return head.find_next_sibling("dd")


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_opens_with_its_names_and_each_leads_to_its_source(room: str) -> None:
    page = soup(PAGES / "library" / f"{room}.html")
    links = {str(a["href"]) for a in page.select("table.names td:first-child a")}
    for target in handed_on(f"moirelib.{room}"):
        home = target.__module__.split(".")[1]
        if home == room:
            assert f"#{target.__module__}.{target.__qualname__}" in links
        used = described(target).find_all("p", class_="used", recursive=False)
        assert len(used) == 1, target
        path, line = re.match(r"Source: (\S+), line (\d+)", used[0].get_text()).groups()
        there = (ROOT / path).read_text(encoding="utf-8").splitlines()[int(line) - 1 :]
        named = re.compile(rf"\b(?:def|class) {target.__name__}\b")
        # Decorators stand above the name.
        assert any(named.search(one) for one in there[:6]), target


def test_the_front_door_says_what_is_refused_and_where_it_is_used() -> None:
    links = [str(a["href"]) for a in soup(PAGES / "library.html").select("table.names a[href]")]
    for target in handed_on("moirelib"):
        assert any(link.endswith(f"#{target.__module__}.{target.__qualname__}") for link in links)
        text = described(target).get_text()
        assert "Raises" in text, target
        assert any(mark in text for mark in ("Used in", "Checked in", ">>>")), target


def test_an_equation_that_a_docstring_names_is_a_link() -> None:
    from moirelib.drag.interlayer import first_order_drag

    links = [str(a["href"]) for a in described(first_order_drag).select("a")]
    assert any(link.endswith("#eq-kundu-1") for link in links)


def test_no_value_is_longer_than_a_line() -> None:
    for page in sorted((PAGES / "library").glob("*.html")):
        heads = soup(page).select("dl.py:is(.data, .attribute) > dt")
        assert [head["id"] for head in heads if len(head.get_text()) > LONGEST] == []
        assert "alias of" not in page.read_text(encoding="utf-8")


def test_the_index_is_of_the_library_and_of_terms() -> None:
    index = (HTML / "genindex.html").read_text(encoding="utf-8")
    assert "moirelib.drag.conductivity.drag_conductivity" in index
    assert "glossary.html#term-van-Hove-energy" in index
    assert "library/chapters.html#" not in index


def test_every_name_of_the_front_door_is_described() -> None:
    assert len(handed_on("moirelib")) > 10
    assert set(dir(moirelib)) >= {one.__name__ for one in handed_on("moirelib")}
