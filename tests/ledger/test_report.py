"""The three faces of the ledger say the same."""

from __future__ import annotations

import json
import math

import pytest

from moirelib import ledger
from moirelib.ledger import Claim, Discrepancy, Evidence, Result
from moirelib.ledger.report import SYMBOLS

HIT = Discrepancy("left against right", 2e-12, 1e-9, "round-off", unit="meV")
MISS = Discrepancy("left against right", 0.5, 1e-9, "round-off")


def result(evidence: Evidence | None, problems: tuple[str, ...] = (), **fields: str) -> Result:
    given = {"id": "ying-A42", "number": "Eq. A42", "statement": "$a = |b|$", "finding": ""}
    entry = Claim(
        kind="identity",
        check=lambda: Evidence(HIT),
        **(given | fields),
    )
    return Result(entry, evidence, 0.25, problems)


SOUND = result(Evidence(HIT, controls=(HIT,)))
CORRECTED = result(Evidence(MISS, corrected=HIT), id="ying-1", finding="a factor of two")
BROKEN = result(None, ("the check raised OSError: gone",), id="ying-2")
SHORT = result(Evidence(MISS), ("the printed form misses (0.5), unexplained",), id="ying-3")
ALL = [SOUND, CORRECTED, BROKEN, SHORT]


def test_summary_counts_every_verdict() -> None:
    assert ledger.summary(ALL) == (
        "4 claims (holds as printed: 1, holds as corrected: 1, not reproduced: 1, "
        "check failed: 1); 2 fall short"
    )


def test_table_shows_the_number_that_decides() -> None:
    table = ledger.as_table(ALL)
    lines = {line.split()[0]: line for line in table.splitlines() if line.startswith("ying")}
    assert "2e-12" in table.splitlines()[2]
    # A correction is judged by the corrected form.
    assert "2e-12" in table.splitlines()[3]
    assert [line.endswith("FALLS SHORT") for line in lines.values()].count(True) == 2
    assert "ying-2: the check raised OSError: gone" in table
    assert table.endswith(ledger.summary(ALL))
    assert set(lines) >= {"ying-A42", "ying-1", "ying-2", "ying-3"}


def test_json_carries_everything_and_parses() -> None:
    records = json.loads(ledger.as_json(ALL))
    assert [r["id"] for r in records] == ["ying-A42", "ying-1", "ying-2", "ying-3"]
    assert [r["sound"] for r in records] == [True, True, False, False]
    first, corrected, broken, _ = records
    assert first["printed"] == {
        "what": "left against right",
        "value": 2e-12,
        "tolerance": 1e-9,
        "unit": "meV",
        "at_least": False,
        "reason": "round-off",
        "closes": True,
    }
    assert len(first["controls"]) == 1
    assert corrected["verdict"] == "holds as corrected"
    assert corrected["finding"] == "a factor of two"
    assert broken["printed"] is None
    assert broken["problems"] == ["the check raised OSError: gone"]


def test_json_of_a_nan_is_still_json() -> None:
    nan = Discrepancy("x", math.nan, 1.0, "r")

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    (record,) = json.loads(ledger.as_json([result(Evidence(nan))]), parse_constant=refuse)
    assert record["printed"]["value"] is None
    assert record["printed"]["closes"] is False


def test_a_bar_in_words_stays_a_bar() -> None:
    worded = Discrepancy("|a| against $|b|$", 2e-12, 1e-9, "round-off")
    row = ledger.as_markdown([result(Evidence(worded))]).splitlines()[-1]
    assert r"&#124;a&#124; against $\vert b\vert $" in row
    assert row.count("|") == 5


def test_markdown_is_one_row_per_claim() -> None:
    lines = ledger.as_markdown(ALL).splitlines()
    rows = [line for line in lines if line.startswith("| ") and "claim |" not in line]
    assert len(rows) == len(ALL)
    # Four cells: a bar of the statement must not end one.
    assert all(row.count("|") == 5 for row in rows)
    assert r"\vert b\vert" in rows[0]
    assert "**2e-12** meV" in rows[0]
    assert "**Finding.** a factor of two" in rows[1]
    assert "as printed: " in rows[1]
    assert "corrected: " in rows[1]
    assert "**falls short**" in rows[2]


def test_markdown_names_the_alternative_of_a_convention() -> None:
    text = ledger.as_markdown([result(Evidence(HIT, alternative=HIT))])
    assert "alternative: left against right" in text
    assert f"{SYMBOLS['convention']} convention" in text


@pytest.mark.parametrize("at_least", [False, True])
def test_the_direction_of_a_bound_is_shown(at_least: bool) -> None:
    d = Discrepancy("x", 1.0, 0.5, "r", at_least=at_least)
    assert ("≥ 0.5" if at_least else "≤ 0.5") in ledger.as_markdown([result(Evidence(d))])


def test_coverage_counts_by_part_and_verdict() -> None:
    header, _, *lines = ledger.as_coverage(ALL).splitlines()
    rows = {cells[1].strip(): cells[2:-1] for cells in (line.split("|") for line in lines)}
    assert [x.strip() for x in rows["Ying, equations"]] == ["21", "3", "0", "1", "0", "1", "1"]
    assert [x.strip() for x in rows["Ying, Appendix A"]][:3] == ["52", "1", "1"]
    assert {line.count("|") for line in lines} == {header.count("|")}


def test_overview_and_errata_follow_the_papers() -> None:
    overview = ledger.as_overview([SOUND, SHORT, CORRECTED])
    assert overview.index("`ying-1`") < overview.index("`ying-3`") < overview.index("`ying-A42`")
    errata = ledger.as_errata(ALL)
    assert "`ying-1`" in errata
    assert "a factor of two" in errata
    assert "`ying-A42`" not in errata
