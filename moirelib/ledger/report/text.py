"""The ledger as a table for the terminal and as JSON for machines."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Sequence

from moirelib.ledger.judging import Result
from moirelib.ledger.registry import Discrepancy

SYMBOLS = {
    "holds as printed": "✓",
    "holds as corrected": "✎",
    "convention": "⇄",
    "not reproduced": "✗",
    "new finding": "★",
    "check failed": "‼",
}
"""The verdicts and their signs."""

CONSEQUENCES = {
    "conclusion": "changes a conclusion",
    "number": "changes a number",
    "notation": "notation",
}
"""What a finding changes, the gravest first."""

_COLUMNS = ("claim", "verdict", "measured", "bound", "     s")


def as_table(results: Sequence[Result]) -> str:
    """Return the results as a plain-text table with a summary line."""
    width = max((len(r.claim.id) for r in results), default=0)
    lines = [*table_head(width), *(line for r in results for line in table_rows(r, width))]
    return "\n".join([*lines, "", summary(results)])


def table_head(width: int) -> list[str]:
    """Return the head of the table for ids of a width, which is known before any result is."""
    return [_table_row(cells, width) for cells in (_COLUMNS, ["-" * 99] * len(_COLUMNS))]


def table_rows(r: Result, width: int) -> list[str]:
    """Return the row of a claim and, below it, what keeps the claim from standing."""
    decides = governing(r)
    measured = [_number(decides.value), bound(decides)] if decides else ["", ""]
    row = _table_row([r.claim.id, r.verdict, *measured, f"{r.seconds:6.2f}"], width)
    if r.sound:
        return [row]
    return [f"{row}  FALLS SHORT", *(f"{r.claim.id}: {problem}" for problem in r.problems)]


def _table_row(cells: Sequence[str], width: int) -> str:
    widths = (width, max(map(len, SYMBOLS)), 8, 9, 6)
    padded = [cell[:w].ljust(w) for cell, w in zip(cells, widths, strict=True)]
    return "  ".join(padded).rstrip()


def summary(results: Sequence[Result]) -> str:
    """Return one line that counts the verdicts."""
    counts = Counter(r.verdict for r in results)
    short = sum(not r.sound for r in results)
    parts = [f"{v}: {counts[v]}" for v in SYMBOLS if counts[v]]
    return f"{len(results)} claims ({', '.join(parts)}); {short} fall short"


def as_json(results: Sequence[Result]) -> str:
    """Return the results as JSON in ASCII, one object per claim."""
    records = [_record(r) for r in results]
    return json.dumps(records, indent=2, allow_nan=False)


def governing(r: Result) -> Discrepancy | None:
    """Return the measurement that decides: of the corrected form, if that is the one that holds."""
    if r.evidence is None:
        return None
    if r.verdict == "holds as corrected":
        return r.evidence.corrected
    return r.evidence.printed


def _number(value: float) -> str:
    return f"{value:.2g}"


def _finite(value: float) -> float | None:
    # JSON has no NaN and no infinity.
    return float(value) if math.isfinite(value) else None


def bound(d: Discrepancy) -> str:
    """Return the bound with its direction."""
    return f"{'≥' if d.at_least else '≤'} {d.tolerance:.2g}"


def _record(r: Result) -> dict[str, object]:
    def plain(d: Discrepancy | None) -> dict[str, object] | None:
        if d is None:
            return None
        return {
            "what": d.what,
            "value": _finite(d.value),
            "tolerance": _finite(d.tolerance),
            "unit": d.unit,
            "at_least": d.at_least,
            "reason": d.reason,
            "slack": d.slack,
            "closes": d.closes,
        }

    e = r.evidence
    return {
        "id": r.claim.id,
        "paper": r.claim.paper,
        "number": r.claim.number,
        "kind": r.claim.kind,
        "chapter": r.claim.chapter,
        "statement": r.claim.statement,
        "implements": r.claim.implements,
        "finding": r.claim.finding,
        "consequence": r.claim.rank,
        "erratum": r.claim.listed_under,
        "also": list(r.claim.also),
        "aspect": r.claim.aspect,
        "follows": list(r.claim.follows),
        "falsified_by": r.claim.falsified_by,
        "verdict": r.verdict,
        "sound": r.sound,
        "problems": list(r.problems),
        "seconds": round(r.seconds, 3),
        "printed": plain(e.printed) if e else None,
        "corrected": plain(e.corrected) if e else None,
        "alternative": plain(e.alternative) if e else None,
        "controls": [plain(c) for c in e.controls] if e else [],
    }
