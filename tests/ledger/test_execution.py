"""Chapters are handed to processes until none is left."""

from moirelib import ledger
from moirelib.ledger.execution import execute
from moirelib.ledger.registry import registered

IDS = ("kundu-text-mismatch", "ying-B2", "ying-14-exact", "kundu-interaction")


def test_two_processes_run_more_chapters_than_two() -> None:
    ledger.load()
    entries = [registered(one) for one in IDS]
    assert len({one.chapter for one in entries}) == len(IDS)
    results = {one.claim.id: one for one in execute(entries, 2)}
    assert set(results) == set(IDS)
    assert all(one.sound for one in results.values())
