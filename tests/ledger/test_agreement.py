"""One equation has one verdict, unless two claims on it say of what they speak."""

from __future__ import annotations

from typing import Any

from moirelib.ledger import Claim, Discrepancy, Evidence, Result
from moirelib.ledger.agreement import contradictions

HIT = Discrepancy("left against right", 0.1, 0.1, "one digit")
MISS = Discrepancy("left against right", 1.0, 0.1, "one digit")


def result(id: str, printed: Discrepancy = HIT, **fields: Any) -> Result:
    evidence = Evidence(printed, corrected=None if printed is HIT else HIT)
    entry = Claim(id, "Eq.", "identity", "x = x", lambda: evidence, **fields)
    return Result(entry, evidence, 0.0)


def test_equal_verdicts_agree() -> None:
    assert contradictions([result("kundu-33"), result("kundu-33-limit")]) == []


def test_two_verdicts_on_one_equation_do_not() -> None:
    assert contradictions([result("kundu-33"), result("kundu-33-units", MISS)]) == [
        "kundu-33 has more than one verdict and no reason for it: "
        "kundu-33 (holds as printed), kundu-33-units (holds as corrected)"
    ]


def test_each_has_to_say_of_what_it_speaks() -> None:
    one, other = result("kundu-33", aspect="sum"), result("kundu-33-units", MISS, aspect="units")
    assert contradictions([one, other]) == []
    assert contradictions([one, result("kundu-33-units", MISS)])
    assert contradictions([one, result("kundu-33-units", MISS, aspect="sum")])


def test_a_claim_speaks_of_the_other_places_of_its_statement() -> None:
    there = result("kundu-35", MISS, also=("kundu-1",))
    assert contradictions([result("kundu-1"), there])
    assert contradictions([result("kundu-1", MISS), there]) == []


def test_a_quoted_number_is_an_entry_of_its_own() -> None:
    assert contradictions([result("kundu-text-eta"), result("kundu-text-eta-squared", MISS)]) == []
