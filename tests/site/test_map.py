"""The maps of the equations as a reader uses them, by mouse and by keyboard."""

from __future__ import annotations

import pytest
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.select import Select
from site_axe import FORMULAE_AS_TEXT, MARK_LOOKS, run_axe
from site_browser import HTML, Browser

from moirelib import ledger
from moirelib.ledger.lineage import Lineage

MAP = HTML / "book" / "reference" / "map.html"
LABELS = """
return [...document.querySelectorAll('.equation-map svg')].flatMap(svg => {
  const scale = svg.getScreenCTM().a;
  return [...svg.querySelectorAll('.map-node')].map(node => [
    node.dataset.claim,
    parseFloat(getComputedStyle(node.querySelector('text')).fontSize) * scale,
    node.querySelector('text').getBBox().width,
    Number(node.querySelector('rect').getAttribute('width')),
  ]);
})
"""
HIDDEN = """
return [...document.querySelectorAll('.map-frame')].map(it => it.scrollWidth - it.clientWidth)
"""
LIT = """
return [...document.querySelectorAll('.equation-map')].map(
  map => [...map.querySelectorAll('.map-node.lit')].map(node => node.dataset.claim))
"""


@pytest.fixture(scope="module")
def lineage() -> Lineage:
    ledger.load()
    return Lineage.of(ledger.claims())


@pytest.fixture
def shown(browser: Browser) -> Browser:
    """The page of the maps, with nothing chosen and nothing in focus."""
    browser.stay_on(MAP)
    browser.show("light")
    browser.run("document.querySelectorAll('.map-form').forEach(it => it.reset())")
    browser.run("document.activeElement.blur()")
    browser.messages()
    return browser


def test_labels_can_be_read_and_fit_their_boxes(shown: Browser, lineage: Lineage) -> None:
    browser = shown
    labels = browser.run(LABELS)
    assert {found[0] for found in labels} == set(lineage.sources)
    assert [found for found in labels if found[1] < 11] == []
    assert [found for found in labels if found[2] > found[3] - 4] == []
    # At this width nothing has to be scrolled to.
    assert max(browser.run(HIDDEN)) <= 0


@pytest.mark.parametrize("slip", ["kundu-6", "kundu-32", "ying-A42", "ying-19"])
def test_what_inherits_a_slip_is_lit(shown: Browser, lineage: Lineage, slip: str) -> None:
    browser = shown
    paper = ("kundu", "ying").index(slip.split("-")[0])
    form = browser.driver.find_elements("css selector", ".map-form")[paper]
    Select(form.find_element("name", "slip")).select_by_value(slip)
    lit = browser.run(LIT)
    # Findings beyond the papers have no place on the maps of the papers.
    below = {one for one in lineage.downstream(slip) if one.split("-")[0] == slip.split("-")[0]}
    assert set(lit[paper]) == below | {slip}
    assert lit[1 - paper] == []
    said = form.find_element("css selector", "output").text
    assert said.startswith(f"{len(below)} of ")
    Select(form.find_element("name", "slip")).select_by_value("")
    assert not any(browser.run(LIT))
    assert browser.messages() == []


def test_a_map_is_one_stop_of_the_tab_key(shown: Browser) -> None:
    browser = shown
    for form in browser.driver.find_elements("css selector", ".map-form"):
        browser.run("arguments[0].elements.slip.focus()", form)
        ActionChains(browser.driver).send_keys(Keys.TAB).perform()
        inside = "return Boolean(document.activeElement.closest('.equation-map svg'))"
        assert browser.run(inside)
        ActionChains(browser.driver).send_keys(Keys.TAB).perform()
        assert not browser.run(inside)


def test_pointing_shows_the_statement(shown: Browser) -> None:
    browser = shown
    node = browser.driver.find_element("css selector", '[data-claim="kundu-33"]')
    browser.run("arguments[0].scrollIntoView({block: 'center'})", node)
    ActionChains(browser.driver).move_to_element(node).perform()
    beside = browser.driver.find_element("css selector", ".map-shown")
    assert "kundu-33" in beside.text
    assert browser.run("return arguments[0].querySelectorAll('mjx-container').length", beside) > 0
    assert "$" not in beside.text


def test_the_list_has_every_claim(shown: Browser, lineage: Lineage) -> None:
    browser = shown
    entries = (
        "return [...document.querySelectorAll('.map-list [data-entry]')].map(e => e.dataset.entry)"
    )
    assert sorted(browser.run(entries)) == sorted(lineage.sources)


def test_no_violations_at_all(shown: Browser) -> None:
    browser = shown
    # The rest of the page is judged with all pages, and by the levels of WCAG alone.
    browser.run(FORMULAE_AS_TEXT)
    others = {"rules": {"color-contrast": {"enabled": False}}}
    assert run_axe(browser, others, ".equation-map", every=True) == []
    contrast = {"runOnly": {"type": "rule", "values": ["color-contrast"]}}
    for theme in ("light", "dark"):
        browser.show(theme)
        # Colours fade from one theme to the other.
        browser.run("document.getAnimations().forEach(it => it.finish())")
        assert browser.run(MARK_LOOKS)
        assert run_axe(browser, contrast, ".equation-map [data-look]", every=True) == []


def test_arrows_follow_the_lines_and_enter_opens_the_claim(
    browser: Browser, lineage: Lineage
) -> None:
    browser.open(MAP)
    focused = "return document.activeElement.dataset.claim"

    def press(key: str) -> str:
        browser.driver.switch_to.active_element.send_keys(key)
        return str(browser.run(focused))

    browser.run("document.querySelector('[data-claim=\"kundu-32\"]').focus()")
    below = press(Keys.ARROW_DOWN)
    assert "kundu-32" in lineage.sources[below]
    assert press(Keys.ARROW_UP) in lineage.sources[below]
    assert set(browser.run(LIT)[0]) >= {browser.run(focused)}
    first = press(Keys.HOME)
    assert press(Keys.ARROW_LEFT) == first
    beside = press(Keys.ARROW_RIGHT)
    assert beside != first
    assert press(Keys.ARROW_LEFT) == first
    assert press(Keys.END) not in (first, beside)
    last = browser.run(focused)
    browser.driver.switch_to.active_element.send_keys(Keys.ENTER)
    browser.wait("location.pathname.endsWith('verification.html')")
    assert browser.run("return location.hash") == f"#claim-{last}".lower()


def test_an_equation_of_a_chapter_leads_to_its_box(browser: Browser) -> None:
    browser.open(HTML / "book" / "part1" / "sommerfeld.html")
    link = "p.equation-claims a[href$='#map-kundu-44']"
    browser.run("location.href = document.querySelector(arguments[0]).href", link)
    browser.wait("document.activeElement?.dataset?.claim === 'kundu-44'")
