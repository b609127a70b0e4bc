"""A deck of slides for each part, made of the pages that Sphinx has just written.

Each chapter opens with its question. Then comes one slide for each figure, one for the formulas of
a section without figures, and one for what was found, with the numbers that the page has glued.
"""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from itertools import accumulate, groupby, pairwise
from math import ceil
from operator import itemgetter
from pathlib import Path

from bs4 import Tag

from export.bound import Bindery, Part, parts_of

FOLDER = "slides"
# What a slide has room for: formulas, and letters of a list.
FORMULAS = 3
ROOM = 800
# Sections of which no slide is made.
UNSHOWN = ("exercises", "claims", "questions")
FOUND = ("What was found", "Summary")


def deck_name(part: Part) -> str:
    """Return the file name of the deck of a part."""
    return f"{'-'.join(part.caption.lower().split())}.html"


def deck_of(page: str, parts: tuple[Part, ...]) -> str | None:
    """Return the file name of the deck that shows a page, if one does."""
    return next((deck_name(part) for part in parts if _has_deck(part) and page in part.pages), None)


def _has_deck(part: Part) -> bool:
    return any(page.startswith("book/part") for page in part.pages)


def write_decks(root: Path, html: Path) -> None:
    """Write a deck for each part that has chapters."""
    bindery = Bindery(html)
    for part in parts_of(root):
        if _has_deck(part):
            path = html / FOLDER / deck_name(part)
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(_deck(bindery, part), encoding="utf-8")


def _deck(bindery: Bindery, part: Part) -> str:
    slides = [_slide(f"<h1>{escape(part.caption)}</h1>", "opening")]
    for page in part.pages:
        article = bindery.article(page)
        for anchored in article.find_all(id=True):
            del anchored["id"]
        for link in article.find_all("a"):
            link.unwrap()
        for line in article.select(".provenance"):
            line.decompose()
        for image in article.find_all("img"):
            if str(image["src"]).startswith("file:"):
                image["src"] = "../" + str(image["src"]).partition(f"/{bindery.html.name}/")[2]
        slides += _slides_of(article, page)
    return TEMPLATE.format(title=escape(part.caption), slides="\n".join(slides))


def _slides_of(article: Tag, page: str) -> Iterator[str]:
    chapter = article.find("section")
    assert isinstance(chapter, Tag)
    heading = chapter.find("h1")
    # Above the question stands how long the chapter takes.
    texts = chapter.find_all("p", recursive=False)
    first = next((p for p in texts if "about" not in p.get_attribute_list("class")), "")
    title = heading.get_text() if heading else page
    source = f'<p class="source"><a href="../{page}.html">{escape(title)}</a></p>'
    yield _slide(f"<h2>{escape(title)}</h2>{first}{source}", "opening")
    told = False
    for section in chapter.find_all("section", recursive=False):
        head = section.find(["h2", "h3"])
        if head is None or _words(head).lower() in UNSHOWN:
            continue
        shown = [*_figures(section)] or [*_formulas(section)]
        if _words(head).startswith(FOUND):
            shown += _lists(section)
            told = True
        for content in shown:
            yield _slide(f"<h2>{head.decode_contents()}</h2>{content}")
    box = chapter.select_one(".admonition.findings")
    if box is not None and not told:
        for content in _lists(box):
            yield _slide(f"<h2>What is found</h2>{content}")


def _words(head: Tag) -> str:
    """Return a heading without its number."""
    number = head.select_one(".section-number")
    return head.get_text().removeprefix(number.get_text() if number else "").strip()


def _figures(section: Tag) -> Iterator[str]:
    yield from map(str, section.find_all("figure"))


def _formulas(section: Tag) -> Iterator[str]:
    found = section.select("div.math")[:FORMULAS]
    if found:
        yield "".join(map(str, found))


def _lists(section: Tag) -> Iterator[str]:
    """Yield the first list of a section in pieces that fit on a slide, of about one length."""
    found = section.find("ul")
    items = found.find_all("li", recursive=False) if found else []
    ends = [*accumulate(len(item.get_text()) for item in items)]
    count = ceil(ends[-1] / ROOM) if items else 0
    # An item stands where its middle falls.
    placed = [count * (start + end) // (2 * ends[-1]) for start, end in pairwise([0, *ends])]
    for _, piece in groupby(zip(placed, items, strict=True), key=itemgetter(0)):
        yield f"<ul>{''.join(str(item) for _, item in piece)}</ul>"


def _slide(content: str, kind: str = "") -> str:
    return f'<section class="slide {kind}">{content}</section>'


TEMPLATE = """<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}: slides</title>
<link rel="stylesheet" href="../_static/slides.css">
<script>window.MathJax = {{options: {{enableMenu: false}}}}</script>
<script defer src="../_static/mathjax/tex-chtml.js"></script>
<script defer src="../_static/slides.js"></script>
</head>
<body>
<main>
{slides}
</main>
<nav aria-label="Slides">
<button type="button" id="back" aria-label="Previous slide">←</button>
<output id="place" aria-live="polite"></output>
<button type="button" id="on" aria-label="Next slide">→</button>
</nav>
</body>
</html>
"""
