"""The checks of a page can fail: a page that is spoiled in every way is found out in every way."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import pytest
from site_browser import HTML, Browser
from site_links import LOCAL, References, broken, remote
from site_visit import LAPTOP, PHONE, WIDTHS, Visit, visit
from test_claims import VERIFICATION, without_anchor
from test_pages import HEAVY, RAW, weight
from test_search import nowhere

PAGE = HTML / "book" / "part1" / "time-reversal.html"
SPOIL = """
const article = document.querySelector('article');
const add = html => article.insertAdjacentHTML('afterbegin', html);
add('<p id="wide" style="width: calc(100% + 9px)">wide</p>');
const raw = ['a_b', 'c^d', '1.5e-07', '\\\\alpha'];
add(raw.map(it => `<p>${it}<br>${'-'.repeat(20)}</p>`).join(''));
add('<figure><figcaption>Drag at k_BT</figcaption></figure>');
add('<p><span class="math">\\\\(x\\\\)</span></p>');
add('<p><mjx-container id="long" style="display: inline-block; max-width: 100%; overflow: auto">'
  + '<span style="display: block; width: 5000px">long</span></mjx-container></p>');
add('<p><mjx-container display="true" style="display: block; height: 4px; overflow: hidden">'
  + '<span style="display: block; height: 40px">cut</span></mjx-container></p>');
add('<p><mjx-labels><mjx-mtd id="beyond" style="margin-left: 5000px">1</mjx-mtd></mjx-labels></p>');
add('<p><img src="https://elsewhere.example/picture.png" alt=""></p>');
add('<p id="faint">faint</p>');
add('<p><button></button></p>');
document.head.insertAdjacentHTML('beforeend',
  '<style>html[data-theme="dark"] #faint { color: #222 !important; }</style>');
document.querySelector('article .provenance[data-letters]').dataset.letters = 0.001;
document.body.insertAdjacentHTML('beforeend', '<div style="width: 2500px; height: 1px"></div>');
console.error('a fault');
"""


@pytest.fixture(scope="module")
def spoiled(browser: Browser) -> Visit:
    return visit(browser, PAGE, SPOIL)


@pytest.mark.parametrize("width", WIDTHS)
def test_what_is_too_wide_is_seen_at_every_width(spoiled: Visit, width: int) -> None:
    assert any('id="wide"' in html for html in spoiled.layout[width]["wide"])
    assert spoiled.layout[width]["excess"] > 0


def test_formulae_that_scroll_are_cut_or_hide_their_number_are_seen(spoiled: Visit) -> None:
    assert "long" in spoiled.layout[PHONE]["formulae"]
    assert "cut" in spoiled.layout[LAPTOP]["cut"]
    assert "beyond" in spoiled.hidden_numbers


def test_what_is_not_typeset_is_seen(spoiled: Visit) -> None:
    found = " ".join(RAW.findall(spoiled.text))
    assert all(mark in found for mark in ("a_b", "c^d", "e-07", "alpha"))
    assert any(RAW.search(caption) for caption in spoiled.captions)
    assert len(spoiled.formulae) == 1


def test_small_letters_are_seen(spoiled: Visit) -> None:
    assert all(min(size for _, size in spoiled.letters[it]) < 1 for it in (PHONE, LAPTOP))


def test_what_comes_from_elsewhere_and_says_nothing_is_seen(spoiled: Visit) -> None:
    asked = [urlsplit(one).netloc for one in spoiled.requests if urlsplit(one).scheme not in LOCAL]
    assert set(asked) == {"elsewhere.example"}
    assert any("a fault" in message for message in spoiled.messages)
    assert any("elsewhere.example" in image for image in spoiled.images)


def test_what_cannot_be_read_or_named_is_seen(spoiled: Visit) -> None:
    of_colour = [one for one in spoiled.violations if "color-contrast" in one]
    assert of_colour
    assert all(one.startswith("dark: ") and "#faint" in one for one in of_colour)
    assert any(one.startswith("button-name") for one in spoiled.violations)


def test_a_dead_link_is_seen(tmp_path: Path) -> None:
    other, page = tmp_path / "other.html", tmp_path / "page.html"
    other.write_text('<p id="there">', encoding="utf-8")
    links = ("other.html#there", "other.html#gone", "none.html", "#nowhere", "https://arxiv.org")
    loads = '<script src="https://elsewhere.example/a.js"></script><script src="b.js"></script>'
    page.write_text("".join(f'<a href="{link}"></a>' for link in links) + loads, encoding="utf-8")
    references = {path: References(path) for path in (page, other)}
    assert broken(page, references) == ["other.html#gone", "none.html", "#nowhere", "b.js"]
    assert remote(references[page]) == ["https://elsewhere.example/a.js"]


def test_an_anchor_that_stands_twice_is_seen(tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    page.write_text('<p id="one"><p id="two"><p id="one"><input name="two">', encoding="utf-8")
    assert References(page).repeated == ["one"]


def test_a_claim_without_its_anchor_is_seen(tmp_path: Path) -> None:
    page, whole = tmp_path / VERIFICATION.name, VERIFICATION.read_text(encoding="utf-8")
    ids = ["ying-A42", "ying-A43"]
    assert without_anchor(References(VERIFICATION), ids) == []
    page.write_text(whole.replace('id="claim-ying-a42"', 'data-id="claim-ying-a42"'), "utf-8")
    assert without_anchor(References(page), ids) == ["ying-A42"]


def test_a_search_that_leads_nowhere_is_seen(references: dict[Path, References]) -> None:
    here = "book/part1/sommerfeld.html"
    places = (f"{here}#eq-kundu-44", f"{here}#eq-kundu-4444", "book/none.html#eq-kundu-44", here)
    assert nowhere([{"url": one} for one in places], references) == [places[3], *places[1:3]]


def test_a_heavy_page_is_seen(tmp_path: Path) -> None:
    page, picture = tmp_path / "page.html", tmp_path / "picture.svg"
    page.write_bytes(b" " * (HEAVY // 2))
    picture.write_bytes(b" " * (HEAVY // 2))
    assert weight(page, []) < HEAVY
    assert weight(page, [picture.as_uri(), picture.as_uri(), "data:,"]) == HEAVY
