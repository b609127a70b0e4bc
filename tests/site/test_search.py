"""The search page from the file system: numbers lead to their place, chapters come first."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from site_browser import HTML, Browser
from site_links import References, dead

SEARCH = HTML / "search.html"
RESULTS = "#search-results li a"


def search(browser: Browser, words: str) -> None:
    browser.open(SEARCH)
    browser.requests()
    browser.driver.get(f"{SEARCH.as_uri()}?q={quote(words)}")
    browser.wait("document.querySelector('#search-results .search-summary')?.textContent")
    browser.wait(
        "/finished|did not match/.test(document.getElementById('search-results').innerText)"
    )


def links(browser: Browser, selector: str) -> list[str]:
    found = browser.run(
        "return [...document.querySelectorAll(arguments[0])].map(a => a.getAttribute('href'))",
        selector,
    )
    assert isinstance(found, list)
    return found


@pytest.mark.parametrize(
    ("words", "first"),
    [
        ("Kundu 32", "eq-kundu-32"),
        ("Kundu Eq. (32)", "eq-kundu-32"),
        ("ying-A42", "eq-ying-a42"),
        ("kundu-fig1c", "claim-kundu-fig1c"),
        ("Figure 2.3", "fig-kundu-1a"),
        ("Eq. 6.1", "equation-eq-poisson"),
        ("exercise 3.2", "ex-perturbation-gate"),
        ("form factor", "term-form-factor"),
        ("van Hove", "term-van-Hove-energy"),
        ("drag_conductivity", "moirelib.drag.conductivity.drag_conductivity"),
    ],
)
def test_a_number_or_a_name_leads_to_its_place(browser: Browser, words: str, first: str) -> None:
    search(browser, words)
    assert urlsplit(links(browser, "ul.straight a")[0]).fragment == first


def test_whatever_the_search_knows_is_there(references: dict[Path, References]) -> None:
    known = entries(SEARCH)
    assert len(known) > 1000
    assert nowhere(known, references) == []


def entries(search_page: Path) -> list[dict[str, str]]:
    """Return what the search leads to straight, as its script has it."""
    script = search_page.parent / "_static" / "search-data.js"
    _, _, data = script.read_text(encoding="utf-8").partition(" = ")
    found: list[dict[str, str]] = json.loads(data.rstrip().removesuffix(";"))["entries"]
    return found


def nowhere(known: list[dict[str, str]], references: Mapping[Path, References]) -> list[str]:
    """Return the entries without a place of their own on a page that is there."""
    addresses = [one["url"] for one in known]
    placeless = [one for one in addresses if not urlsplit(one).fragment]
    return placeless + dead(SEARCH, addresses, references)


def test_chapters_come_before_the_library_with_excerpts_to_read(
    browser: Browser, references: dict[Path, References]
) -> None:
    search(browser, "van Hove")
    pages = links(browser, RESULTS)
    assert pages[0].startswith("book/part1/")
    assert dead(SEARCH, pages, references) == []
    api = [number for number, page in enumerate(pages) if "reference/library/" in page]
    assert api == list(range(api[0], len(pages)))
    excerpts = browser.run(
        "return [...document.querySelectorAll('p.context')].map(p => p.textContent)"
    )
    assert any("van Hove" in text for text in excerpts)
    assert [text for text in excerpts if any(mark in text for mark in ("\\", "$", "_{"))] == []
    assert browser.messages() == []


def test_the_chapter_that_has_the_words_most_often_comes_first(browser: Browser) -> None:
    search(browser, "Boltzmann equation")
    assert links(browser, RESULTS)[0].startswith("book/part2/boltzmann.html")
