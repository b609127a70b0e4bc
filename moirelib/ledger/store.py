"""A run of the whole ledger on disk, for the pages and tests of the same state of the code.

The store keeps what was measured. Verdicts are not kept: they are computed again on reading.
"""

from __future__ import annotations

import json
import os
from collections.abc import Generator, Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from moirelib.archive import write_whole
from moirelib.cache import code_key
from moirelib.ledger.agreement import contradictions
from moirelib.ledger.coverage import printed_position
from moirelib.ledger.execution import execute
from moirelib.ledger.judging import Measurement, Result, judge
from moirelib.ledger.registry import Discrepancy, Evidence, claims, load


class StaleLedgerError(RuntimeError):
    """A stored ledger is missing, unreadable, or of another state of the code."""


def write(path: str | os.PathLike[str], results: Iterable[Result]) -> None:
    """Keep a run of the whole ledger, whole or not at all.

    Raises
    ------
    ValueError
        If a claim is missing or falls short, or if the claims on one equation contradict each
        other: such a run is to be looked at, not kept.
    """
    load()
    results = list(results)
    short = [r.claim.id for r in results if not r.sound]
    lacking = {c.id for c in claims()} - {r.claim.id for r in results}
    if short or lacking:
        raise ValueError(
            f"only a whole run that stands can be stored; missing: {sorted(lacking)}, "
            f"falling short: {short}"
        )
    if against := contradictions(results):
        raise ValueError(f"only a run without contradictions can be stored: {'; '.join(against)}")
    target = Path(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    measured = [
        {"id": r.claim.id, "seconds": r.seconds, "evidence": asdict(r.evidence)}
        for r in results
        if r.evidence is not None
    ]
    text = json.dumps({"key": code_key(), "measured": measured}, default=float)
    write_whole(target, lambda file: file.write(text.encode()))


def read(path: str | os.PathLike[str], chapter: str | None = None) -> list[Result]:
    """Return the stored run, or a chapter's part of it, judged again.

    Of a chapter only its own claims are imported: a page need not know the others.

    Raises
    ------
    StaleLedgerError
        If the file is missing, cannot be read, or comes from another state of the code.
    """
    load(chapter or "")
    again = "run `python -m moirelib verify --store` on it again"
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
        key, measured = content["key"], [_measurement(record) for record in content["measured"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StaleLedgerError(f"no ledger can be read from {path}: {again}") from error
    wanted = {c.id for c in claims(chapter)}
    stored = {m.id for m in measured}
    if key != code_key() or not wanted <= stored or (chapter is None and wanted != stored):
        raise StaleLedgerError(f"{path} holds the ledger of another state of the code: {again}")
    return [judge(one) for one in measured if one.id in wanted]


def stored_or_run(
    path: str | os.PathLike[str], processes: int = 1
) -> Generator[Result, None, None]:
    """Yield the results of the whole ledger: from the store, or from a run that is then stored.

    A run that does not stand is not stored, so that the next call looks again.
    """
    try:
        known = read(path)
    except StaleLedgerError:
        found = []
        for result in execute(sorted(claims(), key=lambda c: printed_position(c.id)), processes):
            found.append(result)
            yield result
        if all(result.sound for result in found):
            write(path, found)
    else:
        yield from known


def _measurement(record: dict[str, Any]) -> Measurement:
    parts: dict[str, Any] = {
        name: Discrepancy(**part)
        for name, part in record["evidence"].items()
        if isinstance(part, dict)
    }
    controls = tuple(Discrepancy(**control) for control in record["evidence"]["controls"])
    return Measurement(record["id"], Evidence(**parts, controls=controls), record["seconds"])
