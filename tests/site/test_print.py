"""What is printed from the book: one chapter and its exercises here; `make pdf` prints all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from bs4 import BeautifulSoup
from export import press as printing
from export.bound import Bindery, Part
from export.press import Press, once, press, print_book, print_to
from pypdf import PageObject, PdfReader
from site_browser import HTML, Browser

PART = Part("II Current switching", ("book/part2/boltzmann",))
# Some colour bars are small pictures; a drawing of curves has none.
SMALL = 50_000
# Of print.css, in points, of which 72 are an inch. The number of a page stands below its text.
LEFT, BELOW = 18 * 72 / 25.4, 22 * 72 / 25.4

# A page that begins with what was measured of a statement on the one before, or ends with a name
# whose entry is on the next; its number stands first or last.
TOP = re.compile(r"\A(\d+\n)?[^\n]+\(≤")
FOOT = re.compile(r"\[[^\]\n]+, \d{4}\](\n\d+)?\s*\Z")
# The colour of the text, and the ground of a badge.
COLOURS = """
return [getComputedStyle(document.body).color,
  getComputedStyle(document.querySelector('.verdict')).backgroundColor]
"""


@pytest.fixture(scope="module")
def machine() -> Iterator[Press]:
    with press() as machine:
        yield machine


@pytest.fixture(scope="module")
def document() -> str:
    bindery = Bindery(HTML)
    leaves = [bindery.opening("The book", [PART]), *bindery.book([PART])]
    return "".join(leaf.body for leaf in leaves)


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> PdfReader:
    """The chapter as PDF: nothing was cut, or this would raise."""
    target = tmp_path_factory.mktemp("pdf") / "chapter.pdf"
    print_book(Bindery(HTML), "The book", [PART], target)
    return PdfReader(target)


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> PdfReader:
    """Two pages, of which the first links to the second: printed before, and bound now."""
    target = tmp_path_factory.mktemp("pair") / "pair.pdf"
    part = Part("Reference", ("book/reference/notation", "book/reference/glossary"))
    with pytest.MonkeyPatch.context() as patch:
        # Stopped when all pages are printed, the book goes on with these.
        patch.setattr(printing, "bind", _stop)
        with pytest.raises(KeyboardInterrupt):
            print_book(Bindery(HTML), "The book", [part], target)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(printing, "press", _stop)
        print_book(Bindery(HTML), "The book", [part], target)
    assert list(target.parent.iterdir()) == [target]
    return PdfReader(target)


def _stop(*_: object) -> None:
    raise KeyboardInterrupt


def _places(page: PageObject) -> list[tuple[float, float]]:
    """Return where each piece of text begins, from the lower left corner; without the number."""
    found = []

    def visit(text: str, at: list[float], inner: list[float], *_: object) -> None:
        x, y = inner[4:6]
        if text.strip():
            found.append((x * at[0] + y * at[2] + at[4], x * at[1] + y * at[3] + at[5]))

    page.extract_text(visitor_text=visit)
    return [place for place in found if place[1] > BELOW / 2]


def _assert_well_filled(pages: list[PageObject], opening: int) -> None:
    """Text keeps to the margins, and only an opening page or the last may end in its upper half."""
    for number, page in enumerate(pages, 1):
        width, height = float(page.mediabox.width), float(page.mediabox.height)
        places = _places(page)
        assert places, f"page {number} is empty"
        assert min(x for x, _ in places) > LEFT - 1, number
        assert max(x for x, _ in places) < width - LEFT, number
        assert min(y for _, y in places) > BELOW - 1, number
        if opening < number < len(pages):
            assert min(y for _, y in places) < height / 2, number


def _bookmarks(entries: list[Any]) -> Iterator[str]:
    for entry in entries:
        yield from _bookmarks(entry) if isinstance(entry, list) else [entry.title]


def test_each_heading_is_a_bookmark(printed: PdfReader, document: str) -> None:
    found = BeautifulSoup(document, "html.parser").find_all(["h1", "h2", "h3", "h4", "h5", "h6"])
    titles = [" ".join(heading.get_text().split()) for heading in found]
    assert [" ".join(t.split()) for t in _bookmarks(printed.outline)] == titles
    assert len(titles) > 10


def test_a_bookmark_says_its_heading_once() -> None:
    twice = (
        rb"<</Title (Field \(i\)Field \(i\))>> <</Title <FEFF0394004E0394004E>>> <</Title (one)>>"
    )
    made = once(twice)
    assert len(made) == len(twice)
    assert re.findall(rb"/Title (\(.*?\)|<.*?>) *>>", made) == [
        rb"(Field \(i\))",
        b"<FEFF0394004E>",
        b"(one)",
    ]


def test_pages_bear_their_numbers(printed: PdfReader) -> None:
    for number, page in enumerate(printed.pages, 1):
        lines = [line.strip() for line in page.extract_text().splitlines()]
        assert str(number) in (lines[0], lines[-1]), lines


def test_what_belongs_together_stays_on_one_page(machine: Press, tmp_path: Path) -> None:
    """A form of an erratum and what it measures, a name and its entry of the bibliography."""
    bindery = Bindery(HTML)
    for name, parted in (("errata", TOP), ("bibliography", FOOT)):
        *_, leaf = bindery.book([Part("Reference", (f"book/reference/{name}",))])
        print_to(machine, bindery.document("The book", leaf), tmp_path / f"{name}.pdf")
        texts = [page.extract_text() for page in PdfReader(tmp_path / f"{name}.pdf").pages]
        assert len(texts) > 3
        assert [text for text in texts if parted.search(text)] == []


def test_paper_is_white_in_the_dark_theme_as_well(browser: Browser) -> None:
    browser.open(HTML / "book" / "reference" / "errata.html", "dark")
    dark = browser.run(COLOURS)
    browser.run(f"window.onbeforeprint = () => window.printed = (() => {{{COLOURS}}})()")
    browser.driver.execute_cdp_cmd("Page.printToPDF", {"pageRanges": "1"})
    assert browser.run(COLOURS) == dark
    printed = browser.run("return window.printed")
    browser.show("light")
    light = browser.run(COLOURS)
    assert printed == light
    assert not set(light) & set(dark)


def test_pages_are_filled(printed: PdfReader) -> None:
    title_contents_and_part = 3
    _assert_well_filled(list(printed.pages), title_contents_and_part)


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


def test_a_link_leads_to_another_page_of_the_book(pair: PdfReader) -> None:
    title, glossary = pair.outline[0], pair.outline[-1][-2]
    assert title.title == "The book"
    assert glossary.title == "Glossary"
    place = {page.indirect_reference.idnum: i for i, page in enumerate(pair.pages)}
    begins = pair.get_destination_page_number(glossary)
    terms = {
        place[link["/Dest"][0].idnum]
        for page in pair.pages[:begins]
        for link in (a.get_object() for a in page.get("/Annots", ()))
        if "/Dest" in link
    }
    # The contents lead to both pages, and the notation to the terms.
    assert begins in terms
    assert max(terms) > begins
    numbers = [page.extract_text().split()[0] for page in pair.pages]
    assert numbers == [str(i) for i in range(1, len(pair.pages) + 1)]


def test_the_contents_say_where_each_page_begins(pair: PdfReader) -> None:
    said = dict(re.findall(r"^ *(\S[^\d\n]*?) *(\d+)$", pair.pages[1].extract_text(), re.MULTILINE))
    begins = {title: pair.pages[int(page) - 1].extract_text() for title, page in said.items()}
    assert begins.keys() == {"Notation and units", "Glossary"}
    assert all(text.split("\n", 1)[1].startswith(title) for title, text in begins.items())


def test_tags_of_all_pages_are_one_tree(pair: PdfReader) -> None:
    tree = pair.root_object["/StructTreeRoot"]
    flat = tree["/ParentTree"]["/Nums"]
    numbers = [int(one) for one in flat[::2]]
    assert numbers == sorted(set(numbers))
    pages = [int(page["/StructParents"]) for page in pair.pages]
    links = [
        int(link["/StructParent"])
        for page in pair.pages
        for link in (a.get_object() for a in page.get("/Annots", ()))
    ]
    assert sorted(pages + links) == numbers
    # The tags of a page say on which page they stand.
    for page, number in zip(pair.pages, pages, strict=True):
        tagged = flat[2 * numbers.index(number) + 1].get_object()
        on = {one.get_object().get("/Pg") for one in tagged} - {None}
        assert page.get_object() in [one.get_object() for one in on]


@pytest.mark.parametrize("solved", [False, True])
def test_the_reasons_of_answers_stand_open_or_not_at_all(solved: bool) -> None:
    article = Bindery(HTML, solved).article(PART.pages[0])
    assert len(article.select(".question")) == 3
    assert len(article.select(".question-reasons[open]")) == (3 if solved else 0)
    assert len(article.select(".question-reasons")) == (3 if solved else 0)


def test_only_long_code_is_broken_over_pages() -> None:
    lines: dict[bool, list[int]] = {True: [], False: []}
    for code in Bindery(HTML).article(PART.pages[0]).select(".cell_input"):
        lines["whole" in str(code["class"]).split()].append(code.get_text().count("\n"))
    assert max(lines[True]) < min(lines[False])


def test_what_would_be_cut_is_refused(machine: Press, tmp_path: Path) -> None:
    long = "<pre style='white-space: pre !important; width: 60px'>" + "x" * 300 + "</pre>"
    document = f"<main class='bd-content'><div class='bd-article'>{long}</div></main>"
    with pytest.raises(ValueError, match="would be cut"):
        print_to(machine, document, tmp_path / "cut.pdf")


def test_the_map_is_as_wide_as_its_page(machine: Press, tmp_path: Path) -> None:
    wide = Part("Reference", ("book/reference/map",))
    bindery = Bindery(HTML)
    *_, leaf = bindery.book([wide])
    print_to(machine, bindery.document("The book", leaf), tmp_path / "map.pdf")
    maps = "[...document.querySelectorAll('.map-frame')]"
    hidden = machine.driver.execute_script(f"return {maps}.map(e => e.scrollWidth - e.clientWidth)")
    assert len(hidden) >= 2
    assert max(hidden) <= 0


@pytest.mark.parametrize("solved", [False, True])
def test_a_sheet_of_exercises_with_and_without_solutions(
    solved: bool, machine: Press, tmp_path: Path
) -> None:
    sheet = Bindery(HTML, solved).exercises("The book", PART)
    print_to(machine, sheet, tmp_path / "sheet.pdf")
    pages = list(PdfReader(tmp_path / "sheet.pdf").pages)
    _assert_well_filled(pages, opening=0)
    text = " ".join(page.extract_text() for page in pages)
    assert text.count("Solution to") == (text.count("Exercise ") // 2 if solved else 0)
    assert "Exercise " in text
