"""The decks of slides: turned by keyboard, from the file system, with something on each slide."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pytest
from bs4 import BeautifulSoup
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from site_browser import HTML, Browser

DECKS = sorted((HTML / "slides").glob("*.html"))
SHOWN = "return [...document.querySelectorAll('.slide.shown')].map(s => s.textContent.trim())"
PLACE = "return document.getElementById('place').textContent"
# In a hall no one scrolls: what a slide shows is all there is. Many projectors have no more.
HALL = {"width": 1280, "height": 720, "deviceScaleFactor": 1, "mobile": False}
CUT = """
return [...document.querySelectorAll('.slide')].flatMap((slide, index) => {
  slide.classList.add('shown');
  const tall = slide.scrollHeight;
  slide.classList.remove('shown');
  return tall > innerHeight ? [[index + 1, tall]] : [];
});
"""


def test_there_is_a_deck_for_each_part() -> None:
    assert len(DECKS) >= 2


@pytest.mark.parametrize("deck", DECKS, ids=[p.stem for p in DECKS])
def test_keys_turn_the_slides(deck, browser: Browser) -> None:
    browser.driver.get("about:blank")
    browser.open(deck)
    count = browser.run("return document.querySelectorAll('.slide').length")
    assert browser.run(PLACE) == f"1 / {count}"
    body = browser.driver.find_element(By.TAG_NAME, "body")
    body.send_keys(Keys.ARROW_RIGHT)
    assert browser.run(PLACE) == f"2 / {count}"
    assert len(browser.run(SHOWN)) == 1
    body.send_keys(Keys.END)
    body.send_keys(Keys.ARROW_RIGHT)
    assert browser.run(PLACE) == f"{count} / {count}"
    body.send_keys(Keys.HOME)
    assert browser.run(PLACE) == f"1 / {count}"


@pytest.mark.parametrize("deck", DECKS, ids=[p.stem for p in DECKS])
def test_each_slide_fits_a_screen(deck, browser: Browser) -> None:
    browser.open(deck)
    browser.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", HALL)
    try:
        assert browser.run("return innerHeight") == HALL["height"]
        assert browser.run(CUT) == []
    finally:
        browser.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


@pytest.mark.parametrize("deck", DECKS, ids=[p.stem for p in DECKS])
def test_a_chapter_opens_with_its_question_and_says_what_was_found(deck: Path) -> None:
    soup = BeautifulSoup(deck.read_text(encoding="utf-8"), "html.parser")
    slides = [" ".join(one.get_text().split()) for one in soup.select(".slide")]
    openings = [i for i, one in enumerate(soup.select(".slide")) if one.select(".source")]
    assert openings
    assert not any("minutes with the exercises" in slides[i] for i in openings)
    for start, end in pairwise([*openings, len(slides)]):
        said = " ".join(slides[start:end])
        assert re.search(r"What (is|was) found|Summary", said), slides[start]


def test_a_chapter_links_to_its_deck() -> None:
    html = (HTML / "book" / "part2" / "boltzmann.html").read_text(encoding="utf-8")
    assert "../../slides/ii-current-switching.html" in html
