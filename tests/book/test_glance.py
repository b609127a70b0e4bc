"""The page of results: what it counts and lists, and what each chapter says below its title."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from chapter_graph import about, needs, reading_minutes
from claim_links import BEYOND
from glance import as_conclusions, as_counts, as_findings, as_links, as_undecided

from moirelib import ledger
from moirelib.ledger import Claim, Discrepancy, Evidence, Result

ROOT = Path(__file__).parents[2]
HIT, MISS = Discrepancy("", 0.0, 1.0, ""), Discrepancy("", 2.0, 1.0, "")


def result(claim_id: str, *, holds: bool = False, **fields: str) -> Result:
    entry = Claim(
        claim_id,
        claim_id,
        "identity",
        "x = x",
        lambda: Evidence(HIT),
        **fields,  # type: ignore[arg-type]
    )
    return Result(entry, Evidence(HIT) if holds else Evidence(MISS, corrected=HIT), 0.0)


def test_an_equation_of_two_claims_holds_if_both_do() -> None:
    results = [
        result("kundu-1", holds=True),
        result("kundu-2", holds=True),
        result("kundu-2-prefactor", finding="no"),
        result("kundu-text-period", holds=True),
        result("kundu-fig2", holds=True),
    ]
    # What is not among the results of a test counts as held; the coverage is tested elsewhere.
    assert "**52 of 53 numbered equations**" in as_counts(results, "kundu")
    assert "**5 of 5 figures**" in as_counts(results, "kundu")
    assert "**1 of 1 quoted" in as_counts(results, "kundu")


def test_findings_are_listed_by_what_they_change() -> None:
    grave = {"finding": "no", "consequence": "conclusion"}
    results = [
        result("kundu-1", headline="It is **not** so.", **grave),
        result("kundu-35", erratum="kundu-1", **grave),
        result("kundu-text-pristine", finding="no"),
        result("kundu-text-tc", finding="no", aspect="the critical temperature"),
        result("kundu-7-form", finding="no", aspect="the form"),
        result("kundu-5", finding="no", consequence="notation"),
    ]
    line = "- It is **not** so. ([erratum: Eq. 1](#erratum-kundu-1), [chapter: Eq. 1](#eq-kundu-1))"
    assert as_conclusions(results, {"kundu-1"}) == line
    assert as_links(results, "number") == (
        "3 entries: [Eq. 7, the form](#erratum-kundu-7-form), "
        "[pristine](#erratum-kundu-text-pristine), "
        "[the critical temperature](#erratum-kundu-text-tc)."
    )
    assert "[Eq. 5](#erratum-kundu-5)" in as_links(results, "notation")


def test_new_findings_are_listed_in_a_line_or_whole() -> None:
    results = [
        result("new-a", holds=True, headline="It is so.", falsified_by="a black swan"),
        result("new-b", holds=True, falsified_by="a white raven"),
    ]
    assert as_findings(results, headlines=True) == "- It is so. ({claim}`new-a`)"
    assert as_findings(results).splitlines()[1] == (
        "- {claim}`new-b`: x = x *Falsified by:* a white raven"
    )


def test_no_headline_of_this_book_is_left_out() -> None:
    ledger.load()
    assert {c.chapter for c in ledger.claims() if c.is_new and c.headline} == set(BEYOND)
    page = (ROOT / "book" / "glance.md").read_text(encoding="utf-8")
    assert all(f"<!-- new {chapter} -->" in page for chapter in BEYOND)


def test_a_changed_conclusion_needs_a_headline() -> None:
    with pytest.raises(ValueError, match="'kundu-1' changes a conclusion and has no headline"):
        as_conclusions([result("kundu-1", finding="no", consequence="conclusion")], ())


def test_every_changed_conclusion_has_its_headline() -> None:
    ledger.load()
    entries = [c for c in ledger.claims() if c.rank == "conclusion" and not c.erratum]
    assert entries
    assert [c.id for c in entries if not c.headline] == []
    assert max(len(c.headline) for c in entries) < 180


def test_undecided_is_what_the_verdicts_leave_open() -> None:
    undecided = Result(result("kundu-9").claim, Evidence(HIT, alternative=HIT), 0.0)
    assert as_undecided([undecided, result("kundu-5")]) == "- {claim}`kundu-9`: x = x"


def test_chapters_need_earlier_ones() -> None:
    graph = needs(ROOT)
    order = list(graph)
    assert graph["book/part1/time-reversal"] == ("book/part1/perturbation-theory",)
    assert all(order.index(n) < order.index(one) for one, found in graph.items() for n in found)
    line = about(ROOT, "book/part2/boltzmann", "word " * 1600)
    assert line.startswith("{.about}\nAbout 10 minutes")
    assert "](/book/part2/keldysh.md)" in line
    assert "needed by [" in line


def test_reading_takes_time_for_words_formulas_and_exercises() -> None:
    words = "word " * 1600 + "\n"
    code = "```{code-cell} ipython3\n" + "name = 1\n" * 500 + "```\n"
    assert reading_minutes(words) == reading_minutes(words + code) == 10
    assert reading_minutes(words + "```{exercise} One\n```\n" * 3) == 25


@pytest.mark.parametrize("name", needs(ROOT))
def test_a_chapter_says_what_it_finds_in_three_lines(name: str) -> None:
    text = (ROOT / f"{name}.md").read_text("utf-8")
    found = re.search(
        r"^:::\{admonition\} What is found\n:class: findings\n(.*?)^:::", text, re.S | re.M
    )
    assert found
    assert found.start() < text.index("```{code-cell}") < text.index("\n## ")
    lines = re.split(r"^- ", found.group(1), flags=re.M)[1:]
    assert len(lines) == 3
    ledger.load()
    home = {c.id: c.chapter for c in ledger.claims()}
    for line in lines:
        linked = re.findall(r"\{claim\}`([^`]+)`", line)
        assert linked
        assert set(linked) <= set(home)
    every = re.findall(r"\{claim\}`([^`]+)`", found.group(1))
    assert Path(name).name in {home[one] for one in every}
