"""The three faces of the ledger say the same."""

from __future__ import annotations

import inspect
import json
import math
import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from moirelib import ledger
from moirelib.ledger import Claim, Discrepancy, Evidence, Result
from moirelib.ledger.report import SYMBOLS
from moirelib.ledger.report.markdown import breakable, statements, with_measured

ROOT = Path(__file__).parents[2]
HIT = Discrepancy("left against right", 2e-12, 1e-9, "round-off", unit="meV")
MISS = Discrepancy("left against right", 0.5, 1e-9, "round-off")


def result(evidence: Evidence | None, problems: tuple[str, ...] = (), **fields: Any) -> Result:
    given = {"id": "ying-A42", "number": "Eq. A42", "statement": "$a = |b|$", "finding": ""}
    entry = Claim(check=lambda: Evidence(HIT), **({"kind": "identity"} | given | fields))
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
        "slack": "",
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


def test_json_says_what_a_finding_changes_and_where_it_is_listed() -> None:
    first, corrected, *_ = json.loads(ledger.as_json(ALL))
    assert (first["consequence"], first["erratum"]) == (None, "")
    assert (corrected["consequence"], corrected["erratum"]) == ("number", "ying-1")


def table_of(card: str) -> list[str]:
    return [line for line in card.splitlines() if line.startswith("|")]


def test_a_card_is_one_line_per_claim_that_opens() -> None:
    card = ledger.as_markdown(ALL)
    lines = re.findall(r"<details class=\"claim\"><summary>(.*)</summary>\n\n", card)
    assert len(lines) == card.count("</details>") == len(ALL)
    assert "<b>Eq. A42</b> <code>ying-A42</code>" in lines[0]
    assert "2×10⁻¹² meV (≤ 10⁻⁹)" in lines[0]
    assert "✎ holds as corrected" in lines[1]
    closing, printed = "**What closes (changes a number).** a factor of two", "**As printed in our"
    assert f"{closing}\n\n{printed}" in card
    assert "<b>falls short</b>" in lines[2]
    assert "the check raised OSError: gone" in card
    # In a notebook of a reader there are no pages to go to.
    assert "](#" not in card


def test_what_closes_is_said_before_what_is_printed() -> None:
    assert statements(SOUND) == ["$a = |b|$"]
    printed = "**As printed in our copy.** $a = |b|$"
    assert statements(CORRECTED) == ["**What closes.** a factor of two", printed]
    grave = result(Evidence(MISS), finding="It is not so.", headline="No.")
    assert statements(grave) == ["**What was found.** It is not so.", printed]
    assert statements(grave, brief=True) == ["**What was found.** No.", printed]


def test_a_card_holds_all_that_was_measured() -> None:
    head, _, *rows = table_of(ledger.as_markdown([CORRECTED, SOUND]))[:4]
    assert head == "| | compared | measured | bound | why this bound |"
    assert rows[0].startswith("| corrected | left against right | **2×10⁻¹² meV** | ≤ 10⁻⁹ |")
    assert rows[1].startswith("| as printed | left against right | **0.5** | ≤ 10⁻⁹ |")


def test_words_are_no_markdown() -> None:
    worded = Discrepancy("|a_1|*b_2 against $|b_1|$", 2e-12, 1e-9, "[k_BT]*", unit="e_V")
    card = ledger.as_markdown([result(Evidence(worded))])
    row = table_of(card)[-1]
    assert r"| &#124;a\_1&#124;\*b\_2 against $\vert b_1\vert $ |" in row
    assert r"| **2×10⁻¹² e\_V** |" in row
    assert r"| \[k\_BT\]\* |" in row
    # The line of the claim is HTML, where these signs mean nothing.
    assert "2×10⁻¹² e_V (≤ 10⁻⁹)</span></summary>" in card


def test_markdown_names_the_alternative_of_a_convention() -> None:
    text = ledger.as_markdown([result(Evidence(HIT, alternative=HIT))])
    assert "| alternative | left against right |" in text
    assert f"{SYMBOLS['convention']} convention" in text


@pytest.mark.parametrize("at_least", [False, True])
def test_the_direction_of_a_bound_is_shown(at_least: bool) -> None:
    d = Discrepancy("x", 1.0, 0.5, "r", at_least=at_least)
    assert ("≥ 0.5" if at_least else "≤ 0.5") in ledger.as_markdown([result(Evidence(d))])


def test_coverage_counts_by_part_and_verdict() -> None:
    header, _, *lines = table_of(ledger.as_coverage(ALL))
    rows = {cells[1].strip(): cells[2:-1] for cells in (line.split("|") for line in lines)}
    counts = [x.strip() for x in rows["Ying, equations"]]
    assert counts == ["3 of 21", "3", "0", "1", "0", "1", "1"]
    assert [x.strip() for x in rows["Ying, Appendix A"]][:2] == ["1 of 52", "1"]
    assert {line.count("|") for line in lines} == {header.count("|")}
    assert "‼" not in ledger.as_coverage([SOUND])


NEW = result(
    Evidence(HIT), id="new-x", number="identity", kind="new", falsified_by="a case in which $x≠x$"
)


def test_a_new_finding_is_counted_beside_the_papers() -> None:
    rows = table_of(ledger.as_coverage([*ALL, NEW]))
    assert [x.strip() for x in rows[-1].split("|")][1:4] == ["Beyond the papers", "", "1"]
    assert [x.strip() for x in rows[-2].split("|")][1:4][2] == "0"
    assert "Beyond the papers" not in ledger.as_coverage(ALL)


def test_a_new_finding_shows_what_would_falsify_it() -> None:
    card, page = ledger.as_markdown([NEW]), ledger.as_verification([NEW])
    assert "**Falsified by.** a case in which $x≠x$" in card
    assert "| as stated | left against right |" in card
    assert "Falsified by: a case in which $x≠x$" in page
    assert "★ new finding" in page
    assert "Falsified by" not in ledger.as_verification([SOUND])


def test_more_claims_than_equations_are_explained() -> None:
    assert "more than one thing" not in ledger.as_coverage(ALL)
    twice = [*ALL, result(Evidence(HIT), id="ying-A42-sign")]
    assert "1 have 2 claims together" in ledger.as_coverage(twice)


def test_verification_has_a_row_and_an_anchor_for_every_claim() -> None:
    page = ledger.as_verification([SOUND, CORRECTED], {"ying-1"})
    assert re.findall(r"^\((.*)\)=$", page, re.M) == ["claim-ying-1", "claim-ying-a42"]
    rows = re.findall(r"<tr role=\"row\" id=\"(\S+)\" (.*)>", page)
    assert [name for name, _ in rows] == ["ying-1", "ying-A42"]
    assert 'data-verdict="holds as corrected"' in rows[0][1]
    assert "[erratum](#erratum-ying-1)" in page
    assert page.count("[equation](#eq-") == 1
    assert "[all measurements](#measured-ying-a42)" in page


def test_all_that_can_be_chosen_is_offered() -> None:
    page = ledger.as_verification([SOUND, CORRECTED])
    assert re.findall(r'name="verdict" value="([^"]*)"', page) == [
        "holds as printed",
        "holds as corrected",
    ]
    assert '<option value="identity">' in page
    assert '<option value="ying">' in page


def test_errata_come_by_consequence_and_merge_one_slip() -> None:
    def slip(id: str, consequence: str | None = None, **fields: Any) -> Result:
        evidence = Evidence(MISS, corrected=HIT)
        number = "Eq. " + id.split("-")[1]
        return result(
            evidence, id=id, number=number, finding="it is so", consequence=consequence, **fields
        )

    errata = ledger.as_errata(
        [
            SOUND,
            slip("ying-2", "notation"),
            slip("ying-4", "notation", erratum="ying-2"),
            slip("ying-10", "notation", erratum="ying-2"),
            slip("ying-3"),
            slip("ying-5", "conclusion"),
        ]
    )
    assert re.findall(r"^#+ .*$", errata, re.M) == [
        "## Changes a conclusion",
        "### Ying, Eq. 5",
        "## Changes a number",
        "### Ying, Eq. 3",
        "## Notation",
        "### Ying, Eqs. 2, 4 and 10",
    ]
    anchors = re.findall(r"^\((.*)\)=$", errata, re.M)
    assert anchors == ["erratum-ying-5", "erratum-ying-3", "erratum-ying-2"]
    # What closes is said once for the three, and both forms are measured.
    assert errata.count("it is so") == 3
    assert "[ying-10](#claim-ying-10)" in errata
    assert "- left against right: **0.5** (≤ 10⁻⁹)" in errata
    assert "- left against right: **2×10⁻¹² meV** (≤ 10⁻⁹)" in errata


def test_an_erratum_needs_its_head() -> None:
    lost = result(Evidence(MISS), finding="it is so", erratum="ying-99")
    with pytest.raises(ValueError, match="'ying-A42' is listed under 'ying-99'"):
        ledger.as_errata([lost])


def test_the_ledger_has_one_anchor_per_claim_and_every_erratum_its_head() -> None:
    ledger.load()
    everything = [
        Result(replace(entry, figures=""), Evidence(MISS, corrected=HIT), 0.0)
        for entry in ledger.claims()
    ]
    for page in (ledger.as_verification(everything), ledger.as_errata(everything)):
        anchors = re.findall(r"^\((.*)\)=$", page, re.M)
        assert len(set(anchors)) == len(anchors) > 0
        assert all(anchor == anchor.lower() for anchor in anchors)
    assert page.count("](#claim-") == sum(bool(entry.finding) for entry in ledger.claims())


def test_an_erratum_says_what_it_does_to_the_figures() -> None:
    told = (
        "Fig. 2 grows by {measured}`ying-1: corrected`, at most by {measured}`ying-1: one, in %`."
    )
    one = Discrepancy("one against *", 0.25, 1.0, "r")
    slip = result(
        Evidence(MISS, corrected=HIT, controls=(one,)), id="ying-1", finding="no", figures=told
    )
    assert "**In the figures.** Fig. 2 grows by 2×10⁻¹² meV, at most by 25 %." in (
        ledger.as_errata([slip])
    )


@pytest.mark.parametrize("name", ["ying-1: two", "ying-1: left", "ying-2: left against right"])
def test_a_value_is_named_without_doubt(name: str) -> None:
    both = result(Evidence(MISS, corrected=HIT), id="ying-1")
    with pytest.raises(ValueError, match=f"`{name}` must name one measurement"):
        with_measured(f"It grows by {{measured}}`{name}`.", [both])


def test_every_erratum_of_the_ledger_tells_of_figures() -> None:
    ledger.load()
    known = {entry.id: entry for entry in ledger.claims()}
    pages = "".join(path.read_text() for path in (ROOT / "book").rglob("*.md"))
    heads = [one for one in known.values() if one.finding and not one.erratum]
    assert heads
    for head in heads:
        assert re.search(r"\bFigs?\. \d|^No figure", head.figures), head.id
        for label in re.findall(r"\{numref\}`([^`]*)`", head.figures):
            assert f"name: {label}\n" in pages, (head.id, label)
        # By how much is computed; where nothing is, no figure depends on it.
        named = re.findall(r"\{measured\}`(\S+): ([^`]+?)(?:, in %)?`", head.figures)
        assert named, head.id
        for claim_id, words in named:
            source = inspect.getsource(sys.modules[known[claim_id].check.__module__])
            assert words in ("corrected", "as printed") or words in source, (head.id, words)


def test_a_place_without_a_number_says_what_it_is_about() -> None:
    entry = result(Evidence(HIT), number="text below Eq. 9", aspect="a rate").claim
    assert entry.named == "Ying text below Eq. 9: a rate"
    assert result(Evidence(HIT), aspect="a rate").claim.named == "Ying Eq. A42"


def test_links_to_claims_on_one_page_read_differently() -> None:
    ledger.load()
    names = {entry.id: entry.named for entry in ledger.claims()}
    for page in (ROOT / "book").rglob("*.md"):
        cited = set(re.findall(r"\{claim\}`([^`]+)`", page.read_text()))
        read = [names[one] for one in cited]
        assert len(set(read)) == len(read), (page.name, sorted(read))


def test_a_heading_names_each_equation_once() -> None:
    shared = {"finding": "it is so", "consequence": "number"}
    errata = ledger.as_errata(
        [
            result(Evidence(MISS, corrected=HIT), id="ying-A42", number="Eq. A42", **shared),
            result(
                Evidence(MISS, corrected=HIT),
                id="ying-A42-whole",
                number="Eqs. A4 and A42",
                erratum="ying-A42",
                **shared,
            ),
        ]
    )
    assert re.findall(r"^### .*$", errata, re.M) == ["### Ying, Eqs. A4 and A42"]


@pytest.mark.parametrize(
    ("places", "end"), [(2, "text (0); text (1)"), (3, "3 places in the text")]
)
def test_a_heading_does_not_name_many_places_one_by_one(places: int, end: str) -> None:
    evidence, shared = Evidence(MISS, corrected=HIT), {"finding": "it is so"}
    group = [
        result(evidence, id=f"ying-text-{i}", number="text", erratum="ying-1", **shared)
        for i in range(places)
    ]
    errata = ledger.as_errata([result(evidence, id="ying-1", number="Eq. 1", **shared), *group])
    assert re.findall(r"^### .*$", errata, re.M) == [f"### Ying, Eq. 1; {end}"]


def test_a_long_formula_may_break_before_its_sums() -> None:
    first = r"-\pi e^2\delta(\Omega-\omega)\sum_{\mathbf G}C_1U_{12}C_2"
    assert len(first) < 60
    long = rf"{first}-e^2\partial_\Omega D"
    assert breakable(rf"$\sigma={long}$") == rf"$\sigma$ ${{}}={first}$ ${{}}-e^2\partial_\Omega D$"
