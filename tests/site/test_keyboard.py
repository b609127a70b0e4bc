"""The Tab key goes through a whole page, in its order, and is caught by nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys
from site_browser import HTML, Browser

# Sliders, questions, cards, folded code and figures to enlarge; and the form of all claims.
CHAPTER = HTML / "book" / "part2" / "boltzmann.html"
VERIFICATION = HTML / "book" / "reference" / "verification.html"

START = """
window.reached = [];
document.addEventListener('focusin', event => reached.push(event.target));
const first = document.querySelector(arguments[0]);
first.tabIndex = -1;
first.focus({preventScroll: true});
"""
# Where each step led in the order of the page, and the last place that the key has to come to.
STEPS = """
const all = [...document.querySelectorAll('*')];
const place = new Map(all.map((it, i) => [it, i]));
const last = document.querySelector(arguments[0]);
return [reached.map(it => place.get(it)), place.get(last)];
"""
TRAP = """
document.querySelector('.frame-slider input').addEventListener('keydown',
  event => { if (event.key === 'Tab') event.preventDefault(); });
"""


def steps(browser: Browser, start: str, end: str) -> tuple[list[int], int]:
    """Press Tab from one element on, until another is reached or nothing is; return the places."""
    browser.run(START, start)
    found: list[int] = []
    while True:
        ActionChains(browser.driver).send_keys(Keys.TAB * 25).perform()
        before = len(found)
        found, last = browser.run(STEPS, end)
        passed = [number for number, place in enumerate(found) if place >= last]
        if passed or len(found) == before:
            return found[: passed[0] + 1] if passed else found, last


@pytest.mark.parametrize(
    ("opened", "start", "end"),
    [
        (CHAPTER, "article", ".prev-next-area a"),
        (VERIFICATION, "form.ledger-filter", "table.ledger tbody a"),
    ],
    ids=lambda value: getattr(value, "stem", ""),
)
def test_the_tab_key_passes_through_a_page(
    browser: Browser, opened: Path, start: str, end: str
) -> None:
    browser.open(opened)
    found, last = steps(browser, start, end)
    assert found == sorted(set(found))
    assert found[-1] == last
    assert len(found) > 10


def test_a_trap_is_found(browser: Browser) -> None:
    browser.open(CHAPTER)
    browser.run(TRAP)
    found, last = steps(browser, "article", ".prev-next-area a")
    assert found[-1] < last
