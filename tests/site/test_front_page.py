"""The front page: cover, news, how to cite; and what each page says of itself in its head."""

from __future__ import annotations

import re
from pathlib import Path

import yaml
from bs4 import BeautifulSoup
from site_browser import HTML, PAGES, Browser

ROOT = Path(__file__).parents[2]
INTRO = HTML / "book" / "intro.html"
COVERS = """
return [...document.querySelectorAll('p.cover img')]
  .map(i => [i.src.split('/').pop(), i.offsetWidth > 0 && i.naturalWidth > 0])
"""


def test_one_cover_is_shown_in_each_theme(browser: Browser) -> None:
    for theme, shown in (("light", "cover.png"), ("dark", "cover-dark.png")):
        browser.open(INTRO, theme)
        browser.wait("[...document.images].every(i => i.complete)")
        assert [name for name, seen in browser.run(COVERS) if seen] == [shown]


def test_the_entry_to_cite_comes_from_one_source_and_can_be_copied() -> None:
    page = BeautifulSoup(INTRO.read_text(encoding="utf-8"), "html.parser")
    entries = [block.get_text() for block in page.select("#cite-this-book pre")]
    citation = yaml.safe_load((ROOT / "CITATION.cff").read_text(encoding="utf-8"))
    assert len(entries) == 1
    assert citation["title"] in entries[0]
    assert f"version = {{{citation['version']}}}" in entries[0]
    assert "copybutton" in str(page.head)


def test_the_front_page_says_what_is_new() -> None:
    page = BeautifulSoup(INTRO.read_text(encoding="utf-8"), "html.parser")
    assert len(page.select("#what-is-new li")) >= 3


def test_each_page_describes_itself() -> None:
    for page in PAGES:
        # The address of the book leads on, and decks are made of the pages.
        if page.name == "index.html" or page.parent.name == "slides":
            continue
        text = page.read_text(encoding="utf-8").partition("</head>")[0]
        head = BeautifulSoup(text, "html.parser")
        found = {
            str(tag.get("name") or tag.get("property")): str(tag["content"])
            for tag in head.find_all("meta", content=True)
        }
        said = found["description"]
        assert found["og:description"] == said
        assert 5 < len(said) < 400
        assert not re.search(r"[\\$`]", said), page
        assert page.parent.joinpath(found["og:image"]).exists()
