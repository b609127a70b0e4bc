"""Previews of links by mouse and keyboard, and the pages that the book begins with."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys
from site_axe import run_axe
from site_browser import HTML, PAGES, Browser
from site_visit import WIDTHS

SOMMERFELD = HTML / "book" / "part1" / "sommerfeld.html"
GLOSSARY = HTML / "book" / "reference" / "glossary.html"
GLANCE = HTML / "book" / "glance.html"
DEVICES = HTML / "book" / "start" / "devices.html"

SHOWN = """
const tip = document.getElementById('preview');
return Boolean(tip && !tip.hidden && getComputedStyle(tip).visibility === 'visible')
"""
LEAVES = ":not(.headerlink).has-preview"


def previews_of(page: Path) -> dict[str, str]:
    """Return what a page carries to be shown at its links, by their addresses."""
    found = re.search(
        r'<script type="application/json" id="previews">(.*?)</script>',
        page.read_text(encoding="utf-8"),
    )
    held: dict[str, str] = json.loads(found.group(1)) if found else {}
    return held


def is_shown(browser: Browser) -> bool:
    return bool(browser.run(SHOWN))


def link_to(browser: Browser, kind: str) -> object:
    """Return the first link of a kind on the open page, scrolled into view."""
    link = browser.driver.find_element("css selector", f'article a[href*="{kind}"]{LEAVES}')
    browser.run("arguments[0].scrollIntoView({block: 'center'})", link)
    return link


def until_shown(browser: Browser) -> str:
    """Wait for a preview and return its HTML."""
    browser.wait("(() => {" + SHOWN + "})()")
    return str(browser.run("return document.getElementById('preview').innerHTML"))


@pytest.mark.parametrize(
    ("kind", "holds"),
    [("#eq-kundu-40", "mjx-container"), ("#fig-", "<img"), ("#term-", "<strong>")],
)
def test_the_mouse_opens_a_preview_that_stays_under_it(
    browser: Browser, kind: str, holds: str
) -> None:
    browser.stay_on(SOMMERFELD)
    assert not is_shown(browser)
    link = link_to(browser, kind)
    height = browser.run("return document.documentElement.scrollHeight")
    ActionChains(browser.driver).move_to_element(link).perform()
    found = until_shown(browser)
    assert holds in found
    assert "mjx-merror" not in found
    assert browser.run("return document.documentElement.scrollHeight") == height
    loaded = "[...document.querySelectorAll('#preview img')].every(i => i.naturalWidth > 0)"
    assert browser.run(f"return {loaded}")
    # The pointer may go onto the preview, which then stays.
    tip = browser.driver.find_element("id", "preview")
    ActionChains(browser.driver).move_to_element(tip).pause(0.5).perform()
    assert is_shown(browser)
    corner = browser.driver.find_element("css selector", "article h1")
    ActionChains(browser.driver).move_to_element(corner).perform()
    browser.wait("document.getElementById('preview').hidden")


def test_the_keyboard_opens_a_preview_and_escape_closes_it(browser: Browser) -> None:
    browser.stay_on(SOMMERFELD)
    link = link_to(browser, "#eq-kundu-40")
    browser.run("arguments[0].focus()", link)
    keys = ActionChains(browser.driver).send_keys(Keys.TAB)
    keys.key_down(Keys.SHIFT).send_keys(Keys.TAB).key_up(Keys.SHIFT).perform()
    assert browser.run("return document.activeElement === arguments[0]", link)
    until_shown(browser)
    described = "return document.activeElement.getAttribute('aria-describedby')"
    assert browser.run(described) == "preview"
    assert browser.run("return document.getElementById('preview').role") == "tooltip"
    ActionChains(browser.driver).send_keys(Keys.ESCAPE).perform()
    assert not is_shown(browser)
    assert browser.run(described) is None
    assert browser.run("return document.activeElement === arguments[0]", link)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_preview_fits_a_phone_and_can_be_read(browser: Browser, theme: str) -> None:
    browser.stay_on(SOMMERFELD)
    browser.show(theme)
    with browser.as_wide_as(380):
        for kind in ("#eq-kundu-40", "#term-"):
            link = link_to(browser, kind)
            ActionChains(browser.driver).move_to_element(link).perform()
            until_shown(browser)
            box = browser.run("return document.getElementById('preview').getBoundingClientRect()")
            assert box["left"] >= 0
            assert box["right"] <= 380
            assert run_axe(browser, {}, "#preview") == []
            browser.run("document.dispatchEvent(new KeyboardEvent('keydown', {key: 'Escape'}))")
    browser.show("light")


def test_every_preview_is_of_a_link_and_its_pictures_exist() -> None:
    seen = set()
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for address, shown in previews_of(page).items():
            seen.add(urlsplit(address).fragment)
            assert f'href="{address}"' in text
            assert shown.strip()
            for source in re.findall(r'<img src="([^"]+)"', shown):
                assert (page.parent / unquote(source)).exists(), (page, source)
    # Terms, equations of both papers, and figures are among them.
    for kind in ("term-", "eq-kundu-", "eq-ying-", "fig-"):
        assert any(one.startswith(kind) for one in seen)


def test_previews_are_small() -> None:
    sizes = {page.stem: sum(map(len, previews_of(page).values())) for page in PAGES}
    assert {name: size for name, size in sizes.items() if size > 100_000} == {}


def test_the_glossary_is_a_list_of_terms_with_anchors(browser: Browser) -> None:
    page = GLOSSARY.read_text(encoding="utf-8")
    terms = re.findall(r'<dt id="(term-[^"]+)"', page)
    assert len(terms) == len(set(terms)) > 30
    for name in PAGES:
        for address in previews_of(name):
            anchor = urlsplit(address).fragment
            assert not anchor.startswith("term-") or anchor in terms


@pytest.mark.parametrize("first", [GLANCE, DEVICES], ids=["glance", "devices"])
def test_a_page_of_the_beginning_has_its_order(browser: Browser, first: Path) -> None:
    browser.open(first)
    levels = browser.run(
        "return [...document.querySelectorAll('article :is(h1, h2, h3, h4)')]"
        ".filter(it => it.checkVisibility()).map(it => Number(it.tagName[1]))"
    )
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(b <= a + 1 for a, b in pairwise(levels))
    for width in WIDTHS:
        with browser.as_wide_as(width):
            excess = "const it = document.documentElement; return it.scrollWidth - it.clientWidth"
            assert browser.run(excess) <= 0
    dead = [
        href
        for href in browser.run(
            "return [...document.querySelectorAll('article a[href]')]"
            ".map(it => new URL(it.getAttribute('href'), location).href)"
        )
        if not _leads_somewhere(href)
    ]
    assert dead == []


def _leads_somewhere(address: str) -> bool:
    parts = urlsplit(address)
    if parts.scheme != "file":
        return True
    page = Path(unquote(parts.path))
    if not page.exists():
        return False
    anchor = unquote(parts.fragment)
    return not anchor or f'id="{anchor}"' in page.read_text(encoding="utf-8")


def test_the_page_of_results_has_both_papers_and_what_changes() -> None:
    page = GLANCE.read_text(encoding="utf-8")
    papers = page.split("What changes a conclusion")[1:]
    assert len(papers) == 2
    for paper in papers:
        changes = paper.partition("What changes a number")[0]
        assert changes.count("<li>") >= 3
        assert changes.count("#erratum-") >= 3


def test_a_claim_leads_to_the_exercises_that_use_it() -> None:
    page = HTML / "book" / "reference" / "verification.html"
    rows = re.split(r'<tr role="row" id="', page.read_text(encoding="utf-8"))
    of = {row.partition('"')[0]: row for row in rows}
    assert "sommerfeld.html#ex-" in of["kundu-49"]
    assert "exercise:" not in of["kundu-5"]
