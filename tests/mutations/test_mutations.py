"""The list of mutations, the machinery that tries them, and the record of what it found."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from moirelib import ledger
from moirelib.ledger.fingerprint import combined, fingerprints
from moirelib.ledger.judging import run
from moirelib.ledger.mutations import planted_mistakes, seen_counts
from mutations import mechanical
from mutations.catalogue import by_hand
from mutations.copies import copy_with
from mutations.mutation import LIBRARY, Planted, StaleMutationError, enclosing, mutated, read
from mutations.record import RECORD, Record, Traced, Trial
from mutations.tracing import downstream, touched_functions
from mutations.trials import by_promise

LIST = by_hand()
# Modules without anything that can be wrong about physics or judgement: names, errors, pictures of
# objects, threads and memory. `tests/test_*.py` has tests of them.
APART = {"_allocation", "_memory", "_repr", "_threads", "_types", "_validate", "drag._names"}


def test_the_list_is_long_and_names_a_mistake_for_each() -> None:
    assert len(LIST) >= 200
    assert all(one.mistake and one.old != one.new for one in LIST.values())


def test_every_mutation_applies_once_and_gives_code() -> None:
    for one in LIST.values():
        changed = mutated(one)
        assert changed != read(one.module), one.name
        compile(changed, one.module, "exec")
        assert touched_functions(one), f"{one.name}: neither a function nor an assignment changes"


def test_every_module_of_the_physics_has_a_mutation() -> None:
    changed = {one.module for one in LIST.values()}
    rooms = ("bands", "models", "drag", "hall", "switching")
    modules = {
        path.relative_to(LIBRARY).as_posix()
        for room in rooms
        for path in (LIBRARY / room).glob("*.py")
        if any(True for _ in _functions(path)) and path.stem != "__init__"
    }
    # They hold what others compute with, or only keep it.
    kept = {"bands/model.py", "bands/path.py", "models/in_plane_waves.py"}
    assert modules - changed <= kept


def _functions(path: Path) -> list[ast.FunctionDef]:
    tree = ast.parse(path.read_text("utf-8"))
    return [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]


def test_a_fragment_that_is_gone_is_said_to_be_stale() -> None:
    one = Planted("units.py", "gone", "no such fragment", "", "")
    with pytest.raises(StaleMutationError, match=r"units:gone: .* must occur once .* got 0"):
        mutated(one)


def test_a_copy_holds_the_mistake_and_the_original_does_not() -> None:
    one = LIST["units:kelvin"]
    with copy_with(one) as folder:
        assert one.new in (folder / "moirelib" / "units.py").read_text("utf-8")
        assert not list((folder / "moirelib" / "__pycache__").glob("units.*"))
    assert one.new not in read("units.py")


def test_what_is_changed_outside_of_functions_touches_those_that_use_it() -> None:
    one = LIST["bands.brillouin:smearing-cut"]
    assert enclosing(one) == ""
    assert touched_functions(one) == {"bands.brillouin:smearing_nodes"}


def test_mechanical_changes_compile_and_are_of_all_kinds() -> None:
    every = mechanical.every()
    kinds = {"sign", "conjugate", "factor", "indices", "comparison", "power", "exchange"}
    assert {one.kind for one in every} == kinds
    assert len({one.name for one in every}) == len(every)
    for one in mechanical.drawn(60, "some"):
        ast.parse(mutated(one))
    assert mechanical.drawn(9, "a") == mechanical.drawn(9, "a") != mechanical.drawn(9, "b")


SOURCE = '''
"""A module."""
from math import cos, sin

LIMIT = 3
TWICE = 2 * LIMIT


@claim("kundu-3", "Eq. 3", statement="Words.")
def _():
    """Check."""
    return TWICE


class Layer:
    size: int = 1

    def area(self):
        # A comment.
        return sin(self.size) ** 2


for one in (1, 2):
    register(one)
'''


def test_a_fingerprint_sees_code_and_no_prose(tmp_path: Path) -> None:
    def of(source: str) -> dict[str, str]:
        (tmp_path / "one.py").write_text(source, "utf-8")
        return fingerprints(tmp_path)

    before = of(SOURCE)
    check, area, rest = "one:_[kundu-3]", "one:Layer.area", "one:"
    assert set(before) == {check, area, rest}
    prose = SOURCE.replace("Words", "Other words").replace("# A comment.", "\n")
    assert of(prose) == before
    for old, new, changed in (
        ("LIMIT = 3", "LIMIT = 4", {check}),
        ("return TWICE", "return TWICE + 1", {check}),
        ("size: int = 1", "size: int = 2", {area}),
        ("** 2", "** 3", {area}),
        ("cos, sin", "cos, sinh as sin", {area}),
        ("cos, sin", "cos as cosine, sin", set()),
        ("(1, 2)", "(1, 3)", {rest}),
    ):
        after = of(SOURCE.replace(old, new))
        assert {name for name in before if before[name] != after[name]} == changed, new
    # What a claim runs is its functions, and what else their modules do.
    assert combined([area], before) == combined([area, rest], before)


def test_an_answer_holds_until_what_the_claim_runs_changes(tmp_path: Path) -> None:
    name = "units:kelvin"
    record = Record()
    runs = ("units:thermal_energy",)
    record.claims["kundu-1"] = Traced("some.module", 0.1, runs, record.key(runs))
    record.trials[name] = Trial("digest", "units.py", "a mistake", "by hand")
    record.trials[name].seen["kundu-1"] = record.key(runs)
    record.save(tmp_path / "record.json")

    (found,) = planted_mistakes(tmp_path / "record.json")
    assert (found.state, found.seen_by, found.is_physics) == ("ledger", ("kundu-1",), True)
    assert seen_counts([found]) == {"kundu-1": 1}
    assert downstream(LIST[name], record) == ["kundu-1"]

    again = Record.load(tmp_path / "record.json")
    assert again.trials == record.trials
    assert again.holds("kundu-1")
    again.current["units:thermal_energy"] = "changed"
    assert not again.holds("kundu-1")
    again.trials[name].seen["kundu-1"] = "the key of other code"
    again.save(tmp_path / "record.json")
    (found,) = planted_mistakes(tmp_path / "record.json")
    assert (found.state, found.seen_by) == ("unknown", ())


def test_who_saw_a_mistake_last_time_is_asked_first_then_the_quick_and_sharp() -> None:
    one, record, runs = LIST["units:kelvin"], Record(), ("units:thermal_energy",)
    for claim, seconds in (("slow", 2.0), ("quick", 0.1), ("blunt", 0.1), ("last", 1.0)):
        record.claims[claim] = Traced("some.module", seconds, runs, "key")
    assert by_promise(one, record) == ["blunt", "quick", "last", "slow"]
    near = Trial("digest", one.module, "a mistake near to it", "by hand")
    near.seen["quick"] = near.unseen["blunt"] = "key"
    record.trials["units:near"] = near
    record.trials[one.name] = Trial("digest", one.module, "a mistake", "by hand")
    record.trials[one.name].seen["last"] = "key"
    assert by_promise(one, record) == ["last", "quick", "blunt", "slow"]


def test_without_a_record_nothing_is_known(tmp_path: Path) -> None:
    assert planted_mistakes(tmp_path / "none.json") == []


def test_the_pages_say_who_sees_a_mistake(tmp_path: Path) -> None:
    record = Record()
    runs = ("units:thermal_energy",)
    record.claims["kundu-1"] = Traced("some.module", 0.1, runs, record.key(runs))
    for name in ("units:kelvin", "chapters.keldysh.figures:axes-of-loop", "ledger.registry:twice"):
        record.trials[name] = Trial("digest", LIST[name].module, LIST[name].mistake, "by hand")
    record.trials["units:kelvin"].seen["kundu-1"] = record.key(runs)
    record.save(tmp_path / "record.json")
    mistakes = planted_mistakes(tmp_path / "record.json")
    totals = ledger.report.as_mutation_totals(mistakes)
    assert "| physics | 1 | 1 | 0 | 0 | 0 |" in totals
    assert "| all | 3 | 1 | 0 | 0 | 2 |" in totals
    table = ledger.report.as_mutations(mistakes, {"keldysh": "8 From the action"})
    assert "| temperatures doubled | `units`<br>kelvin | [kundu-1](#claim-kundu-1) |" in table
    heads = re.findall(r"<summary>(.*)</summary>", table)
    assert [head.partition(":")[0] for head in heads][-1] == "8 From the action"
    assert heads[-1].endswith(": 1 mistake, 0 seen by claims")


def test_the_record_knows_no_mistake_that_nothing_sees() -> None:
    assert RECORD.exists()
    nothing = [one.name for one in planted_mistakes() if one.state == "nothing"]
    assert not nothing


# Of the mistakes in physics whose answer is known in the present code, so many turn a claim red.
LEDGER_SHARE = 0.95


def test_the_ledger_sees_most_mistakes_in_physics() -> None:
    states = [one.state for one in planted_mistakes() if one.is_physics]
    known = [state for state in states if state in ("ledger", "tests", "nothing")]
    assert known.count("ledger") >= LEDGER_SHARE * len(known)


def test_every_claim_sees_a_mistake_or_is_a_definition_or_a_convention() -> None:
    """Of the claims whose code is as it was when they were tried."""
    record, counts = Record.load(), seen_counts(planted_mistakes())
    ledger.load()
    blind = [
        entry
        for entry in ledger.claims()
        if record.holds(entry.id) and entry.id not in counts and entry.kind != "definition"
    ]
    assert [one.id for one in blind if run(one).verdict != "convention"] == []
