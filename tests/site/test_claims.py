"""The page of all claims, the errata, and the cards, as a reader uses them."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import pairwise
from urllib.parse import unquote, urlsplit

import pytest
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.select import Select
from site_browser import HTML, PAGES, Browser
from site_links import References

from moirelib import ledger

VERIFICATION = HTML / "book" / "reference" / "verification.html"
ERRATA = VERIFICATION.with_name("errata.html")
WITH_CARD = [p for p in PAGES if 'class="claim"' in p.read_text(encoding="utf-8")]
ROWS = """
return [...document.querySelectorAll('table.ledger tbody tr')].filter(r => r.offsetParent)
  .map(r => [r.id, r.dataset.paper, r.dataset.verdict, r.dataset.chapter, r.dataset.kind])
"""


@pytest.fixture(scope="module")
def ids() -> list[str]:
    ledger.load()
    return [entry.id for entry in ledger.claims()]


@pytest.fixture
def table(browser: Browser) -> Browser:
    """The page of all claims with an untouched form."""
    browser.stay_on(VERIFICATION)
    browser.run("document.querySelector('form.ledger-filter').reset()")
    browser.wait("document.querySelectorAll('tr[hidden]').length === 0")
    return browser


def test_every_claim_has_its_anchor(ids: list[str]) -> None:
    assert without_anchor(References(VERIFICATION), ids) == []


def without_anchor(page: References, ids: Iterable[str]) -> list[str]:
    """Return the claims that have no place of their own on a page."""
    return [one for one in ids if f"claim-{one}".lower() not in page.anchors]


def test_links_lead_both_ways(ids: list[str]) -> None:
    links = {
        (page, unquote(urlsplit(href).fragment))
        for page in PAGES
        for href in re.findall(r'href="([^"]+)"', page.read_text(encoding="utf-8"))
    }
    for entry in ledger.claims():
        claim, card = f"claim-{entry.id}".lower(), f"measured-{entry.id}".lower()
        home = next(p for p in WITH_CARD if p.stem == entry.chapter)
        assert (home, claim) in links
        assert (VERIFICATION, card) in links
        if entry.finding:
            erratum = f"erratum-{entry.listed_under}".lower()
            assert {(home, erratum), (VERIFICATION, erratum), (ERRATA, claim)} <= links
    # An equation leads to its claim, and the claim to the equation.
    assert (VERIFICATION, "eq-kundu-44") in links
    section = next(p for p in WITH_CARD if "eq-kundu-44" in p.read_text(encoding="utf-8"))
    below = re.search(r'class="equation-claims">.*?</p>', section.read_text("utf-8"), re.S)
    assert below
    assert "#claim-" in below.group()


def test_the_table_is_filtered_by_keyboard(table: Browser, ids: list[str]) -> None:
    browser = table
    find = browser.driver.find_element
    assert [row[0] for row in browser.run(ROWS)] == ids
    paper = find("name", "paper")
    paper.send_keys("Y")
    assert {row[1] for row in browser.run(ROWS)} == {"ying"}
    find("css selector", 'input[value="holds as printed"]').send_keys(Keys.SPACE)
    rows = browser.run(ROWS)
    assert {row[2] for row in rows} >= {"holds as corrected"}
    assert "holds as printed" not in {row[2] for row in rows}
    Select(find("name", "chapter")).select_by_value("keldysh")
    rows = browser.run(ROWS)
    assert {row[3] for row in rows} == {"keldysh"}
    find("name", "words").send_keys("A47")
    assert "ying-A47" in [row[0] for row in browser.run(ROWS)]
    count = len(browser.run(ROWS))
    assert find("css selector", "form.ledger-filter output").text == f"{count} of {len(ids)} claims"
    find("css selector", 'button[type="reset"]').send_keys(Keys.ENTER)
    browser.wait(f"document.querySelectorAll('tr[hidden]').length === 0 && {len(ids)}")
    assert [row[0] for row in browser.run(ROWS)] == ids
    assert browser.messages() == []


def test_the_table_is_sorted_by_keyboard(table: Browser, ids: list[str]) -> None:
    browser = table
    head = browser.driver.find_element("css selector", 'th[data-key="verdict"] button')
    head.send_keys(Keys.ENTER)
    verdicts = [row[2] for row in browser.run(ROWS)]
    assert verdicts[0] == "holds as printed"
    assert len(set(verdicts)) == 1 + sum(a != b for a, b in pairwise(verdicts))
    sort = "return document.querySelector('th[data-key=verdict]').getAttribute('aria-sort')"
    assert browser.run(sort) == "ascending"
    head.send_keys(Keys.ENTER)
    assert next(row[2] for row in browser.run(ROWS)) == verdicts[-1]
    assert browser.run(sort) == "descending"
    Select(browser.driver.find_element("name", "order")).select_by_value("claim")
    assert [row[0] for row in browser.run(ROWS)] == ids


def test_the_heads_of_the_table_stay(browser: Browser) -> None:
    browser.stay_on(VERIFICATION)
    browser.run("document.querySelector('[id=\"ying-A42\"]').scrollIntoView({block: 'center'})")
    top = browser.run(
        "const head = document.querySelector('table.ledger thead th').getBoundingClientRect();"
        "const shown = document.elementFromPoint(head.left + 5, head.top + 5);"
        "return [head.top, Boolean(shown.closest('table.ledger thead'))]"
    )
    assert 0 <= top[0] < 200
    assert top[1]


def test_a_link_shows_a_row_that_is_filtered_out(table: Browser) -> None:
    browser = table
    browser.run("document.querySelector('[name=paper]').value = 'kundu'")
    browser.run(
        "document.querySelector('[name=paper]').dispatchEvent(new Event('input', {bubbles: true}))"
    )
    browser.run("location.hash = 'claim-ying-A42'")
    browser.wait("document.getElementById('claim-ying-a42').offsetParent")


def test_a_claim_in_prose_shows_its_statement_until_escape(browser: Browser) -> None:
    browser.stay_on(VERIFICATION)
    hint = browser.driver.find_element("css selector", ".claim-reference .claim-hint")
    link = browser.driver.find_element("css selector", ".claim-reference a")
    assert "#claim-kundu-4" in str(link.get_attribute("href"))
    assert not hint.is_displayed()
    browser.run("arguments[0].focus()", link)
    assert hint.is_displayed()
    assert "holds as printed" in hint.text
    link.send_keys(Keys.ESCAPE)
    assert not hint.is_displayed()


def test_what_closes_is_seen_whole_also_from_within_a_box(browser: Browser) -> None:
    browser.open(next(p for p in WITH_CARD if p.stem == "perturbation-theory"))
    inside = ".admonition .claim-reference a[href*='claim-kundu-32']"
    link = browser.driver.find_element("css selector", inside)
    browser.run("arguments[0].scrollIntoView({block: 'center'})", link)
    browser.run("arguments[0].focus()", link)
    hint = link.find_element("xpath", "../span[contains(@class, 'claim-hint')]")
    said = " ".join(hint.text.split())
    assert said.index("What closes.") < said.index("As printed in our copy.")
    corners = browser.run(
        "const at = arguments[0].getBoundingClientRect();"
        "return [[at.left + 2, at.top + 2], [at.right - 2, at.bottom - 2]].map("
        "([x, y]) => arguments[0].contains(document.elementFromPoint(x, y)))",
        hint,
    )
    assert corners == [True, True]


def test_a_link_opens_the_card_of_its_claim(browser: Browser) -> None:
    entry = ledger.claims()[0]
    page = next(p for p in WITH_CARD if p.stem == entry.chapter)
    browser.open(page)
    closed = "return document.querySelectorAll('details.claim[open]').length"
    assert browser.run(closed) == 0
    browser.run("location.hash = arguments[0]", f"measured-{entry.id}".lower())
    browser.wait("document.querySelectorAll('details.claim[open]').length === 1")
