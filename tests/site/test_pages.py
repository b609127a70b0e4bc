"""What a reader meets on every page, opened from the file system with no network."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from site_browser import HTML
from site_links import LOCAL, References, broken, remote
from site_visit import LAPTOP, PHONE, WIDTHS, Visit

# Mathematics that was not typeset, in text and captions.
RAW = re.compile(r".{,20}(?:[_^]|\de[-+]\d|\\[a-zA-Z]{2}).{,20}")
HEAVY = 3_000_000


def test_links_and_loads_resolve(page: Path, references: dict[Path, References]) -> None:
    assert broken(page, references) == []


def test_an_anchor_stands_once(page: Path, references: dict[Path, References]) -> None:
    assert references[page].repeated == []


def test_nothing_is_named_that_would_be_fetched(
    page: Path, references: dict[Path, References]
) -> None:
    assert remote(references[page]) == []


def test_no_folder_of_this_machine_is_named(page: Path) -> None:
    assert str(HTML.parents[1]) not in page.read_text(encoding="utf-8")


def test_page_works_without_network(visit: Visit) -> None:
    assert [u for u in visit.requests if urlsplit(u).scheme not in LOCAL] == []
    assert visit.messages == []


def test_mathematics_is_typeset(visit: Visit) -> None:
    assert visit.formulae == []
    assert [mark for mark in (r"\(", r"\[", "$$", r"\begin{") if mark in visit.text] == []


def test_images_load_and_have_alternatives(visit: Visit) -> None:
    assert visit.images == []


@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_wider_than_its_column(visit: Visit, width: int) -> None:
    found = visit.layout[width]
    assert found["wide"] == []
    assert found["excess"] <= 0


@pytest.mark.parametrize("width", [LAPTOP, 1920])
def test_nothing_in_a_chapter_scrolls_sideways(visit: Visit, page: Path, width: int) -> None:
    # Examples of the library keep the lines of its source.
    if "library" not in page.parts:
        assert visit.layout[width]["scrolling"] == []


def test_no_formula_scrolls_on_a_phone(visit: Visit) -> None:
    assert visit.layout[PHONE]["formulae"] == []


def test_numbers_of_equations_are_in_sight_on_a_phone(visit: Visit) -> None:
    assert visit.hidden_numbers == []


@pytest.mark.parametrize(("width", "least"), [(PHONE, 9), (LAPTOP, 11)])
def test_letters_of_figures_are_read(visit: Visit, width: int, least: int) -> None:
    assert [(alt, size) for alt, size in visit.letters[width] if not size >= least] == []


def test_all_text_is_typeset(visit: Visit) -> None:
    assert [text for text in visit.captions if RAW.search(text)] == []
    assert RAW.findall(visit.text) == []


def test_a_page_is_light(visit: Visit, page: Path) -> None:
    assert weight(page, visit.pictures) < HEAVY


def weight(page: Path, pictures: list[str]) -> int:
    """Return the bytes of a page and of the pictures in files that it shows."""
    files = {Path(unquote(urlsplit(src).path)) for src in pictures if src.startswith("file:")}
    return page.stat().st_size + sum(file.stat().st_size for file in files)


def test_no_formula_is_cut(visit: Visit) -> None:
    assert {width: found["cut"] for width, found in visit.layout.items() if found["cut"]} == {}


def test_accessibility(visit: Visit) -> None:
    assert visit.violations == []
