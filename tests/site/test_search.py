"""The search page from the file system: numbers lead to their place, chapters come first."""

from __future__ import annotations

from urllib.parse import quote, unquote, urlsplit

import pytest
from site_browser import HTML, Browser

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
    straight = links(browser, "ul.straight a")
    assert urlsplit(straight[0]).fragment == first
    for link in straight:
        page, _, place = link.partition("#")
        assert f'id="{unquote(place)}"' in (HTML / page).read_text(encoding="utf-8")


def test_chapters_come_before_the_library_with_excerpts_to_read(browser: Browser) -> None:
    search(browser, "van Hove")
    pages = links(browser, RESULTS)
    assert pages[0].startswith("book/part1/")
    assert all((HTML / urlsplit(page).path).exists() for page in pages)
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
