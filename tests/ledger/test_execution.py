"""Chapters are handed to processes until none is left, and then the modules of what is begun."""

from moirelib import ledger
from moirelib.ledger.execution import _Waiting, execute
from moirelib.ledger.registry import registered

IDS = ("kundu-text-mismatch", "ying-B2", "ying-14-exact", "kundu-interaction")


def test_two_processes_run_more_chapters_than_two() -> None:
    ledger.load()
    entries = [registered(one) for one in IDS]
    assert len({one.chapter for one in entries}) == len(IDS)
    results = {one.claim.id: one for one in execute(entries, 2)}
    assert set(results) == set(IDS)
    assert all(one.sound for one in results.values())


def test_a_process_keeps_its_chapter_and_helps_with_the_longest_at_the_end() -> None:
    ledger.load()
    entries = ledger.claims("hamiltonian") + ledger.claims("keldysh")
    modules = {
        name: len({one.check.__module__ for one in ledger.claims(name)})
        for name in ("hamiltonian", "keldysh")
    }
    waiting = _Waiting(entries)
    first, second = (waiting.take()[0] for _ in range(2))
    assert {first, second} == set(modules)
    own = [waiting.take("hamiltonian")[0] for _ in range(modules["hamiltonian"])]
    assert own == ["hamiltonian"] * (modules["hamiltonian"] - 1) + ["keldysh"]
    rest = [claims for _, claims in iter(lambda: waiting.take("keldysh"), ("keldysh", []))]
    assert len(rest) == modules["keldysh"] - 2
    assert waiting.take() == ("", [])
