"""What a reader meets on every page, opened from the file system with no network."""

from __future__ import annotations

from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from axe_core_python.selenium import Axe
from site_browser import PAGES, Browser

LOCAL = ("file", "data", "blob", "about")


class References(HTMLParser):
    """Collect the anchors of a page, what it links to, and what it loads."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.anchors: set[str] = set()
        self.links: list[str] = []
        self.loads: list[str] = []
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {key: value or "" for key, value in attrs}
        self.anchors |= {given[k] for k in ("id", "name") if k in given}
        if tag == "a" and "href" in given:
            self.links.append(given["href"])
        elif tag == "link" and "href" in given:
            self.loads.append(given["href"])
        elif "src" in given:
            self.loads.append(given["src"])


@pytest.fixture(scope="session")
def references() -> dict[Path, References]:
    return {page: References(page) for page in PAGES}


def test_links_and_loads_resolve(page: Path, references: dict[Path, References]) -> None:
    broken = []
    for target in [*references[page].links, *references[page].loads]:
        parts = urlsplit(target)
        if parts.scheme or parts.netloc:
            continue
        path = (page.parent / unquote(parts.path)).resolve() if parts.path else page
        anchors = references[path].anchors if path in references else None
        if not path.exists() or (
            parts.fragment and anchors is not None and unquote(parts.fragment) not in anchors
        ):
            broken.append(target)
    assert broken == []


def test_nothing_is_named_that_would_be_fetched(
    page: Path, references: dict[Path, References]
) -> None:
    remote = [
        t
        for t in references[page].loads
        if urlsplit(t).netloc or urlsplit(t).scheme not in ("", "data")
    ]
    assert remote == []


def test_page_works_without_network(page: Path, browser: Browser) -> None:
    browser.open(page)
    assert [u for u in browser.requests() if urlsplit(u).scheme not in LOCAL] == []
    assert browser.messages() == []


def test_mathematics_is_typeset(page: Path, browser: Browser) -> None:
    browser.open(page)
    # Sphinx marks every formula; MathJax replaces what stands inside the mark.
    raw = browser.run(
        "return [...document.querySelectorAll('.math, .amsmath')]"
        ".filter(e => !e.querySelector('mjx-container') || e.querySelector('mjx-merror'))"
        ".map(e => e.textContent)"
    )
    assert raw == []
    text = browser.run(
        "const article = document.querySelector('article')?.cloneNode(true);"
        "article?.querySelectorAll('pre, code, script, mjx-container').forEach(e => e.remove());"
        "return article?.textContent ?? ''"
    )
    assert isinstance(text, str)
    assert [mark for mark in (r"\(", r"\[", "$$", r"\begin{") if mark in text] == []


def test_images_load_and_have_alternatives(page: Path, browser: Browser) -> None:
    browser.open(page)
    # An image below the fold loads when it is scrolled to: ask for it now.
    browser.run("document.querySelectorAll('img').forEach(i => i.loading = 'eager')")
    browser.wait("[...document.images].every(i => i.complete)")
    bad = browser.run(
        "return [...document.querySelectorAll('article img')]"
        ".filter(i => i.naturalWidth === 0 || !i.alt.trim() || /^(\\.\\.\\/)*_images/.test(i.alt))"
        ".map(i => `${i.alt}: ${i.src.slice(0, 80)}`)"
    )
    assert bad == []


def test_nothing_is_wider_than_a_narrow_screen(page: Path, browser: Browser) -> None:
    browser.driver.set_window_size(500, 1000)
    try:
        browser.open(page)
        excess = browser.run("return document.documentElement.scrollWidth - window.innerWidth")
    finally:
        browser.driver.set_window_size(1300, 1000)
    assert isinstance(excess, int)
    assert excess <= 0


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_accessibility(page: Path, browser: Browser, theme: str) -> None:
    browser.open(page, theme)
    # Colours fade from one theme to the other; contrast is judged when they have arrived.
    browser.run("document.getAnimations().forEach(a => a.finish())")
    # Details of what passed would take half of the time.
    found = Axe().run(browser.driver, options={"resultTypes": ["violations"]})["violations"]
    serious = [
        f"{v['id']} ({v['impact']}): {node['target']} {node['html'][:200]} {node['failureSummary']}"
        for v in found
        if v["impact"] in ("serious", "critical")
        for node in v["nodes"]
    ]
    assert serious == []
