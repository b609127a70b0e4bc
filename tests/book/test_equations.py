"""What a page says beside its equations, and in which order it ends."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from claim_links import shown_form

from moirelib import ledger
from moirelib.ledger.where import equation_of, tagged

PAGES = Path(__file__).parents[2] / "book"


def test_the_remark_behind_a_tag_is_read_and_taken_away() -> None:
    tex = "\\begin{equation}\na=b \\tag{Kundu 1} % as printed\n\\end{equation}"
    assert shown_form(tex, ["kundu-1"]) == (tex.replace(" % as printed", ""), "as printed")
    assert shown_form("a=b \\tag{Kundu 2}", []) == ("a=b \\tag{Kundu 2}", "")


@pytest.mark.parametrize(
    ("tex", "findings"),
    [("a \\tag{Kundu 1}\n", ["kundu-1"]), ("a \\tag{Kundu 1} % corrected\n", [])],
)
def test_a_remark_is_there_exactly_where_one_is_needed(tex: str, findings: list[str]) -> None:
    with pytest.raises(ValueError, match="behind its tag once if its printed form does not close"):
        shown_form(tex, findings)


def test_every_display_of_the_book_has_its_remark() -> None:
    ledger.load()
    wrong = [one for one in ledger.claims() if one.finding]
    displays = [
        display
        for page in PAGES.rglob("*.md")
        for display in re.findall(
            r"\\begin\{equation\}.*?\\end\{equation\}", page.read_text(), re.DOTALL
        )
    ]
    forms = []
    for display in displays:
        ids = tagged(display)
        findings = [one.id for one in wrong if equation_of(one.id) in ids]
        forms.append(shown_form(display, findings)[1])
    assert {"as printed", "corrected"} < set(forms)


def test_a_chapter_ends_with_questions_exercises_and_claims() -> None:
    chapters = sorted(PAGES.glob("part*/*.md"))
    assert chapters
    for page in chapters:
        text = page.read_text(encoding="utf-8")
        headings = re.findall(r"^## (.*)$", text, re.MULTILINE)
        assert headings[-3:] == ["Questions", "Exercises", "Claims"], page.name
        assert "ledger.card(" in text.partition("\n## Claims\n")[2], page.name
