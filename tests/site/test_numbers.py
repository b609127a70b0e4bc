"""Chapters, sections, figures, exercises and equations are counted, and links say the numbers."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from bs4 import BeautifulSoup, Tag
from numbering import chapter_numbers
from site_browser import HTML

ROOT = Path(__file__).parents[2]
NUMBERS = chapter_numbers(ROOT)
each_chapter = pytest.mark.parametrize("name", NUMBERS)
NUMBER = re.compile(r"(?<![\w.])\d+\.\d+(?![\w.])")


@cache
def whole(name: str) -> BeautifulSoup:
    return BeautifulSoup((HTML / f"{name}.html").read_text(encoding="utf-8"), "html.parser")


def article(name: str) -> Tag:
    found = whole(name).find("article")
    assert isinstance(found, Tag)
    return found


def texts(within: Tag, selector: str) -> list[str]:
    return [" ".join(one.get_text().split()) for one in within.select(selector)]


def counted(chapter: int, count: int) -> list[str]:
    return [f"{chapter}.{number}" for number in range(1, count + 1)]


@each_chapter
def test_sections_are_counted_within_their_chapter(name: str) -> None:
    page, chapter = article(name), NUMBERS[name]
    assert texts(page, "h1 .section-number") == [str(chapter)]
    sections = texts(page, "h2 .section-number")
    assert sections == counted(chapter, len(page.find_all("h2")))
    assert texts(page, ":is(h3, h4) .section-number") == []


@each_chapter
@pytest.mark.parametrize(
    ("selector", "word"),
    [("figcaption .caption-number", "Fig."), (".exercise .caption-number", "Exercise")],
)
def test_figures_and_exercises_are_counted(name: str, selector: str, word: str) -> None:
    found = texts(article(name), selector)
    assert found == [f"{word} {number}" for number in counted(NUMBERS[name], len(found))]
    assert found


@each_chapter
def test_equations_bear_the_number_of_their_paper_or_ours(name: str) -> None:
    page = article(name)
    tags = re.findall(r"\\tag\{([^}]*)\}", page.get_text())
    assert len(page.select("div.amsmath")) == len(tags)
    ours = [tag for tag in tags if not re.match(r"(Kundu|Ying) ", tag)]
    assert ours == counted(NUMBERS[name], len(ours))
    assert page.select(".eqno") == []


@each_chapter
def test_links_say_the_number_of_what_they_lead_to(name: str) -> None:
    for link in article(name).select("a.reference.internal"):
        target, words = urlsplit(str(link["href"])), " ".join(link.get_text().split())
        other = (HTML / f"{name}.html").parent.joinpath(unquote(target.path)).resolve()
        page = other.relative_to(HTML).with_suffix("").as_posix() if target.path else name
        if re.fullmatch(r"(Fig\.|Exercise|Section) [\d.]+|\([\d.]+\)", words):
            place = whole(page).find(id=unquote(target.fragment))
            assert isinstance(place, Tag), link
            if words.startswith("Section"):
                section = place if place.name == "section" else place.find_parent("section")
                place = section.select_one(".section-number")
            number = re.search(r"\d+\.\d+", words)
            assert number
            assert number.group() in NUMBER.findall(place.get_text()), link
        elif found := re.fullmatch(r"Chapter (\d+)|(\d+) \D.*", words):
            assert int(found[1] or found[2]) == NUMBERS[page], link


def test_the_side_bar_numbers_the_chapters() -> None:
    shown = texts(whole("book/intro"), "nav.bd-links li a")
    assert [words for words in shown if re.match(r"\d", words)] == [
        " ".join(article(name).find("h1").get_text().removesuffix("#").split()) for name in NUMBERS
    ]
