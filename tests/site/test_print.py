"""What is printed from the book: one chapter and its exercises here; `make pdf` prints all."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from export.bound import Bindery, Part
from export.press import Press, press, print_to
from pypdf import PdfReader
from site_browser import HTML

PART = Part("II Current switching", ("book/part2/boltzmann",))
# Some colour bars are small pictures; a drawing of curves has none.
SMALL = 50_000

pytestmark = pytest.mark.xdist_group("print")


@pytest.fixture(scope="module")
def machine() -> Iterator[Press]:
    with press() as machine:
        yield machine


@pytest.fixture(scope="module")
def document() -> str:
    return Bindery(HTML).book("The book", [PART])


@pytest.fixture(scope="module")
def printed(machine: Press, document: str, tmp_path_factory: pytest.TempPathFactory) -> PdfReader:
    """The chapter as PDF: nothing was cut, or this would raise."""
    target = tmp_path_factory.mktemp("pdf") / "chapter.pdf"
    print_to(machine, document, target)
    return PdfReader(target)


def _bookmarks(entries: list[Any]) -> Iterator[str]:
    for entry in entries:
        yield from _bookmarks(entry) if isinstance(entry, list) else [entry.title]


def test_each_heading_is_a_bookmark(printed: PdfReader, document: str) -> None:
    found = BeautifulSoup(document, "html.parser").find_all(["h1", "h2", "h3", "h4", "h5", "h6"])
    titles = [" ".join(heading.get_text().split()) for heading in found]
    assert [" ".join(t.split()) for t in _bookmarks(printed.outline)] == titles
    assert len(titles) > 10


def test_pages_bear_their_numbers(printed: PdfReader) -> None:
    for number, page in enumerate(printed.pages, 1):
        lines = [line.strip() for line in page.extract_text().splitlines()]
        assert str(number) in (lines[0], lines[-1]), lines


def test_fonts_travel_with_the_file(printed: PdfReader) -> None:
    for page in printed.pages:
        for font in page["/Resources"].get("/Font", {}).values():
            below = font.get_object().get("/DescendantFonts", [font])
            for one in below:
                about = one.get_object()
                embedded = about.get("/FontDescriptor", {})
                assert about["/Subtype"] == "/Type3" or any(
                    key.startswith("/FontFile") for key in embedded
                ), about


def test_figures_are_vectors(printed: PdfReader) -> None:
    sizes = [i.image.size for page in printed.pages for i in page.images if i.image is not None]
    assert all(width * height < SMALL for width, height in sizes), sizes


def test_links_lead_within_the_file(printed: PdfReader) -> None:
    links = [a.get_object() for page in printed.pages for a in page.get("/Annots", ())]
    targets = [link.get("/Dest") or link["/A"] for link in links]
    outside = [t for t in targets if "/URI" in t and not t["/URI"].startswith("http")]
    assert outside == []
    assert sum("/URI" not in target for target in targets) > 10


def test_what_would_be_cut_is_refused(machine: Press, tmp_path: Path) -> None:
    long = "<pre style='white-space: pre !important; width: 60px'>" + "x" * 300 + "</pre>"
    document = f"<main class='bd-content'><div class='bd-article'>{long}</div></main>"
    with pytest.raises(ValueError, match="would be cut"):
        print_to(machine, document, tmp_path / "cut.pdf")


@pytest.mark.parametrize("solved", [False, True])
def test_a_sheet_of_exercises_with_and_without_solutions(
    solved: bool, machine: Press, tmp_path: Path
) -> None:
    sheet = Bindery(HTML, solved).exercises("The book", PART)
    print_to(machine, sheet, tmp_path / "sheet.pdf")
    text = " ".join(page.extract_text() for page in PdfReader(tmp_path / "sheet.pdf").pages)
    assert text.count("Solution to") == (text.count("Exercise ") // 2 if solved else 0)
    assert "Exercise " in text
