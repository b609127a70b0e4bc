"""Questions: by keyboard, in both themes, from the file system, and without scripts."""

from __future__ import annotations

from pathlib import Path

import pytest
from selenium.webdriver.common.keys import Keys
from site_axe import violations
from site_browser import PAGES, Browser

WITH_QUESTIONS = [p for p in PAGES if 'class="question"' in p.read_text(encoding="utf-8")]
each_page = pytest.mark.parametrize("built", WITH_QUESTIONS, ids=lambda p: p.stem)

STATE = """
return [...document.querySelectorAll('.question')].map(q => ({
  legend: q.querySelector('fieldset > legend').textContent.trim(),
  live: q.querySelector('.question-feedback').getAttribute('aria-live'),
  said: q.querySelector('.question-feedback').textContent.trim(),
  labelled: [...q.querySelectorAll('input')].every(i => i.labels[0].textContent.trim()),
  names: new Set([...q.querySelectorAll('input')].map(i => i.name)).size,
  reasons: [...q.querySelectorAll('details > .question-reason')].map(r => r.textContent.trim()),
}))
"""


def test_every_chapter_has_questions() -> None:
    assert len(WITH_QUESTIONS) >= 9


@each_page
def test_every_answer_gets_its_own_reason(built: Path, browser: Browser) -> None:
    browser.open(built)
    before = browser.run(STATE)
    assert len(before) == 3
    for number, question in enumerate(before):
        assert question["legend"].startswith(f"Question {number + 1}.")
        assert (question["live"], question["said"], question["names"]) == ("polite", "", 1)
        assert question["labelled"]
        assert sum(". " not in r or "Right." in r[:12] for r in question["reasons"]) == 1
        choices = browser.driver.find_elements("css selector", f"#question-{number + 1} input")
        choices[0].send_keys(Keys.SPACE)
        said = []
        for _ in choices:
            now = browser.run(STATE)
            said.append(now[number]["said"])
            # Nothing is said anywhere else.
            assert [q["said"] for q in now[number + 1 :]] == [""] * (2 - number)
            browser.driver.switch_to.active_element.send_keys(Keys.ARROW_DOWN)
        assert said == question["reasons"]
        assert len(set(said)) == len(choices)
    assert browser.messages() == []


@each_page
def test_no_name_occurs_twice_when_a_reason_is_shown(built: Path, browser: Browser) -> None:
    browser.stay_on(built)
    twice = browser.run(
        "document.querySelectorAll('.question input').forEach(i => i.click());"
        "const ids = [...document.querySelectorAll('.question [id]')].map(e => e.id);"
        "return ids.filter((id, n) => ids.indexOf(id) !== n)"
    )
    assert twice == []


@pytest.mark.parametrize("built", WITH_QUESTIONS[:1], ids=lambda p: p.stem)
def test_reasons_are_accessible(built: Path, browser: Browser) -> None:
    browser.stay_on(built)
    browser.run(
        "document.querySelectorAll('.question').forEach((q, n) => {"
        "q.querySelectorAll('input')[n].click(); q.querySelector('details').open = true})"
    )
    assert [found for found in violations(browser) if "question" in found] == []


def test_all_answers_are_there_without_scripts(browser: Browser) -> None:
    """The reasons stand in the page itself, folded by the browser's own means."""
    source = WITH_QUESTIONS[0].read_text(encoding="utf-8")
    for part in source.split('<div id="question-')[1:4]:
        folded = part[part.index("<details") : part.index("</details>")]
        assert folded.count("Right.") == 1
        assert folded.count("No.") >= 2
