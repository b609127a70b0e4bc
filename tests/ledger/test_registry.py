"""The verdict follows from the numbers, and an entry that does not stand is found out."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from moirelib import ledger
from moirelib.ledger import Discrepancy, Evidence, Result

pytestmark = pytest.mark.usefixtures("empty_ledger")

HIT = Discrepancy("this against that", 1e-12, 1e-9, "round-off")
MISS = Discrepancy("this against that", 0.5, 1e-9, "round-off")
NAN = Discrepancy("this against that", float("nan"), 1e-9, "round-off")


def judge(evidence: Evidence | Callable[[], Evidence], **fields: Any) -> Result:
    check = evidence if callable(evidence) else lambda: evidence
    check.__module__ = "moirelib.chapters.demo.claims"
    given = {"number": "Eq. 1", "kind": "identity", "statement": "1 = 1"}
    ledger.claim("kundu-1", **(given | fields))(check)
    (result,) = ledger.verify("demo")
    return result


def test_a_chapter_loads_its_own_claims_and_orders_them() -> None:
    script = (
        "from moirelib.chapters.hamiltonian.claims import quoted; "
        "from moirelib.ledger import claims, load; load('hamiltonian'); "
        "print({c.chapter for c in claims()}, claims()[0].id)"
    )
    run = subprocess.run([sys.executable, "-c", script], capture_output=True, check=True, text=True)
    assert run.stdout.strip() == "{'hamiltonian'} kundu-5"


def test_verdicts() -> None:
    assert Evidence(HIT).verdict == "holds as printed"
    assert Evidence(HIT, alternative=HIT).verdict == "convention"
    assert Evidence(HIT, alternative=MISS).verdict == "holds as printed"
    assert Evidence(MISS, corrected=HIT).verdict == "holds as corrected"
    assert Evidence(MISS, corrected=MISS).verdict == "not reproduced"
    assert Evidence(MISS).verdict == "not reproduced"


@pytest.mark.parametrize("at_least", [False, True])
def test_nan_never_closes(at_least: bool) -> None:
    assert not Discrepancy("x", float("nan"), 1.0, "r", at_least=at_least).closes


def test_a_negative_distance_does_not_close() -> None:
    assert not Discrepancy("x", -3.0, 1.0, "r").closes


def test_bounds_include_their_end() -> None:
    assert Discrepancy("x", 1.0, 1.0, "r").closes
    assert Discrepancy("x", 1.0, 1.0, "r", at_least=True).closes
    assert not Discrepancy("x", 0.9, 1.0, "r", at_least=True).closes


def test_printed_form_that_closes_stands() -> None:
    result = judge(Evidence(HIT))
    assert result.sound
    assert result.verdict == "holds as printed"
    assert result.seconds >= 0


def test_nan_is_no_verification() -> None:
    result = judge(Evidence(NAN))
    assert result.verdict == "not reproduced"
    assert not result.sound


def bound(value: float, tolerance: float, reason: str = "convergence", **other: Any) -> bool:
    return Discrepancy("x", value, tolerance, reason, **other).loose


def test_a_bound_stays_within_a_hundred_of_its_value() -> None:
    assert not bound(1e-5, 1e-3)
    assert bound(1e-5, 2e-3)
    assert bound(0.0, 1e-300)
    assert not bound(0.0, 0.0)


def test_so_does_a_bound_from_below() -> None:
    assert not bound(5.0, 0.1, at_least=True)
    assert bound(5.0, 0.01, at_least=True)
    assert bound(5.0, 0.0, at_least=True)


@pytest.mark.parametrize("slack", ["noise", "order", "scale"])
def test_a_bound_far_off_says_why(slack: Any) -> None:
    assert bound(1e-8, 1e-3)
    assert not bound(1e-8, 1e-3, slack=slack)


@pytest.mark.parametrize("reason", ["round-off of a sum", "rounding of the inverse"])
def test_round_off_is_a_reason_up_to_a_million_times(reason: str) -> None:
    assert not bound(1e-15, 1e-10, reason)
    assert not bound(0.0, 1e-10, reason)
    assert bound(1e-15, 1e-8, reason)
    assert bound(0.0, 1e-9, reason)


def test_what_misses_its_bound_is_not_loose() -> None:
    assert not bound(2.0, 1e-9)
    assert not bound(float("nan"), 1.0)
    assert not bound(1e-9, 2.0, at_least=True)


def test_a_loose_bound_is_refused_wherever_it_stands() -> None:
    wide = Discrepancy("this against that", 1e-5, 1.0, "convergence")
    result = judge(Evidence(HIT, controls=(wide,)))
    assert result.verdict == "holds as printed"
    assert result.problems == ("bound without a reason: this against that: 1e-05, bound 1",)


def test_an_unknown_slack_is_refused() -> None:
    with pytest.raises(ValueError, match="slack must be one of '', 'noise'"):
        Discrepancy("x", 1.0, 2.0, "r", slack="luck")  # type: ignore[arg-type]


def test_a_miss_needs_a_finding() -> None:
    result = judge(Evidence(MISS, corrected=HIT))
    assert not result.sound
    assert "unexplained" in result.problems[0]


def test_a_miss_with_a_finding_stands() -> None:
    result = judge(Evidence(MISS, corrected=HIT), finding="a factor of two")
    assert result.sound
    assert result.verdict == "holds as corrected"


def test_not_reproduced_with_a_finding_stands() -> None:
    assert judge(Evidence(MISS), finding="no form closes").sound


def test_a_stale_finding_is_refused() -> None:
    result = judge(Evidence(HIT), finding="a factor of two")
    assert not result.sound
    assert "closes, but a finding" in result.problems[0]


def test_a_convention_may_carry_a_finding() -> None:
    result = judge(Evidence(HIT, alternative=HIT), finding="both signs pass")
    assert result.sound
    assert result.verdict == "convention"


def test_a_correction_that_misses_is_refused() -> None:
    result = judge(Evidence(MISS, corrected=NAN), finding="a factor of two")
    assert not result.sound
    assert "corrected form misses" in result.problems[0]


def test_a_failing_control_is_refused_whatever_the_verdict() -> None:
    weak = Discrepancy("the wrong form", 1e-12, 0.1, "must be seen to fail", at_least=True)
    result = judge(Evidence(HIT, controls=(HIT, weak)))
    assert result.verdict == "holds as printed"
    assert result.problems == ("control failed: the wrong form: 1e-12 , bound 0.1",)


def test_a_check_that_raises_is_reported() -> None:
    def check() -> Evidence:
        raise ZeroDivisionError("no states")

    result = judge(check)
    assert result.verdict == "check failed"
    assert result.evidence is None
    assert result.problems == ("the check raised ZeroDivisionError: no states",)


@pytest.mark.parametrize(
    ("ratio", "what"), [((0.0, 0.0), "invalid"), ((1.0, 0.0), "divide"), ((1e300, 1e-300), "over")]
)
def test_a_check_that_divides_by_nothing_falls_short(ratio: tuple[float, float], what: str) -> None:
    def check() -> Evidence:
        # Of the two, max() would keep the first.
        miss = max(1e-12, float(np.float64(ratio[0]) / np.float64(ratio[1])))
        return Evidence(Discrepancy("this against that", miss, 1e-9, "round-off"))

    result = judge(check)
    assert result.raised
    assert what in result.problems[0]


def test_an_infinite_ratio_is_no_lower_bound() -> None:
    assert not Discrepancy("x", float("inf"), 1.0, "r", at_least=True, slack="scale").closes


def test_implementations_must_exist() -> None:
    assert judge(Evidence(HIT), implements="moirelib.units.hbar_velocity").sound


@pytest.mark.parametrize("name", ["moirelib.units.nothing", "moirelib.nowhere", "nowhere.at.all"])
def test_a_missing_implementation_is_refused(name: str) -> None:
    assert judge(Evidence(HIT), implements=name).problems == (f"{name} does not exist",)


def test_fields_of_dataclasses_exist() -> None:
    assert judge(Evidence(HIT), implements="moirelib.ledger.Discrepancy.value").sound


def test_definitions_name_their_implementation() -> None:
    with pytest.raises(ValueError, match="'kundu-1' must name the function"):
        judge(Evidence(HIT), kind="definition")


def test_identifiers_are_unique() -> None:
    judge(Evidence(HIT))
    with pytest.raises(ValueError, match="'kundu-1' is registered twice"):
        judge(Evidence(HIT))


def test_identifiers_differ_in_more_than_capitals() -> None:
    ledger.claim("ying-a42", "", kind="identity", statement="")(lambda: Evidence(HIT))
    with pytest.raises(ValueError, match="'ying-A42' is registered twice"):
        ledger.claim("ying-A42", "", kind="identity", statement="")


def test_a_finding_changes_a_number_unless_it_says_otherwise() -> None:
    finding = judge(Evidence(MISS), finding="no form closes")
    assert finding.claim.rank == "number"
    assert finding.claim.listed_under == "kundu-1"


def test_the_consequence_of_a_finding() -> None:
    said = judge(Evidence(MISS), finding="no", consequence="notation", erratum="kundu-2").claim
    assert (said.rank, said.listed_under) == ("notation", "kundu-2")


def test_an_unknown_consequence_is_refused() -> None:
    with pytest.raises(ValueError, match="the consequence of 'kundu-1' must be one of 'conclusion"):
        judge(Evidence(MISS), finding="no form closes", consequence="grave")


@pytest.mark.parametrize(
    "field", [{"consequence": "number"}, {"erratum": "kundu-2"}, {"headline": "It is not so."}]
)
def test_without_a_finding_nothing_changes(field: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="'kundu-1' has a consequence, an erratum or a headline"):
        judge(Evidence(HIT), **field)


@pytest.mark.parametrize("field", [{}, {"finding": "no", "erratum": "kundu-2"}])
def test_the_head_of_an_erratum_tells_of_figures(field: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="'kundu-1' tells of figures, which the claim does that"):
        judge(Evidence(MISS), figures="Fig. 1 stays.", **field)
    assert judge(Evidence(MISS), finding="no", figures="Fig. 1 stays.").claim.figures


def test_identifiers_name_a_paper() -> None:
    with pytest.raises(ValueError, match="must be one of 'kundu', 'ying', 'new', got 'kudnu'"):
        ledger.claim("kudnu-1", "Eq. 1", kind="identity", statement="")


def found(evidence: Evidence, **fields: Any) -> Result:
    """Return what becomes of a finding of this book."""

    def check() -> Evidence:
        return evidence

    check.__module__ = "moirelib.chapters.demo.claims"
    given = {"kind": "new", "statement": "x = x", "falsified_by": "x ≠ x"}
    ledger.claim("new-x", "identity", **(given | fields))(check)
    (result,) = ledger.verify("demo", paper="new")
    return result


def test_a_new_finding_stands_or_falls_by_its_numbers() -> None:
    stands = found(Evidence(HIT))
    assert (stands.verdict, stands.sound, stands.claim.cited) == (
        "new finding",
        True,
        "identity",
    )


@pytest.mark.parametrize(
    ("evidence", "problem"),
    [
        (Evidence(MISS), "misses"),
        (Evidence(HIT, controls=(MISS,)), "control failed"),
        (Evidence(HIT, corrected=HIT), "a new finding has one form"),
        (Evidence(HIT, alternative=HIT), "a new finding has one form"),
    ],
)
def test_a_new_finding_has_no_second_form(evidence: Evidence, problem: str) -> None:
    falls = found(evidence)
    assert not falls.sound
    assert any(problem in one for one in falls.problems)


@pytest.mark.parametrize("fields", [{"falsified_by": ""}, {"kind": "number"}])
def test_a_new_finding_says_what_would_falsify_it(fields: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="'new-x' must be called new, be of that kind"):
        found(Evidence(HIT), **fields)


@pytest.mark.parametrize("fields", [{"finding": "no"}, {"also": ("kundu-1",)}])
def test_a_new_finding_corrects_nothing(fields: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="'new-x' is new: it corrects nothing"):
        found(Evidence(HIT), **fields)


def test_claims_are_kept_by_chapter() -> None:
    for number, chapter in enumerate(["one", "two", "one"], 1):
        check = lambda: Evidence(HIT)  # noqa: E731
        check.__module__ = f"moirelib.chapters.{chapter}.claims.some"
        ledger.claim(f"ying-{number}", "Eq.", kind="identity", statement="x = x")(check)
    assert [c.id for c in ledger.claims("one")] == ["ying-1", "ying-3"]
    assert len(ledger.claims()) == 3
    assert ledger.claims()[0].paper == "Ying et al. (2021)"


def test_an_unknown_chapter_is_refused() -> None:
    judge(Evidence(HIT))
    with pytest.raises(ValueError, match="chapter must be one of 'demo', got 'dmeo'"):
        ledger.verify("dmeo")


def test_a_card_shows_sound_claims() -> None:
    judge(Evidence(HIT))
    assert "<code>kundu-1</code>" in ledger.card("demo").data


def test_a_card_refuses_to_show_a_claim_that_falls_short() -> None:
    judge(Evidence(MISS))
    with pytest.raises(AssertionError, match="kundu-1: the printed form misses"):
        ledger.card("demo")
