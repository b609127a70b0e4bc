"""The ledger as text: a table for the terminal, JSON for machines, Markdown for the book."""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Sequence

from moirelib.ledger.coverage import INVENTORY, covers, missing, printed_position
from moirelib.ledger.registry import Discrepancy, Result
from moirelib.ledger.where import claim_place, implementations

SYMBOLS = {
    "holds as printed": "✓",
    "holds as corrected": "✎",
    "convention": "⇄",
    "not reproduced": "✗",
    "check failed": "‼",
}

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
    governing = _governing(r)
    measured = [_number(governing.value), _bound(governing)] if governing else ["", ""]
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


def as_markdown(results: Sequence[Result]) -> str:
    """Return the claim card of a chapter: one MyST table row per claim, details below each."""
    lines = [
        f"**{summary(results)}.**",
        "",
        "| claim | statement | measured | verdict |",
        "|---|---|---|---|",
    ]
    for r in results:
        lines.append(
            "| "
            + " | ".join(
                [
                    f"{r.claim.number}<br>`{r.claim.id}`",
                    _cell(r.claim.statement + _finding(r) + _places(r)),
                    _cell("<br>".join(_measurements(r))),
                    f"{SYMBOLS[r.verdict]} {r.verdict}" + ("" if r.sound else " — **falls short**"),
                ]
            )
            + " |"
        )
    return "\n".join(lines)


def as_coverage(results: Sequence[Result]) -> str:
    """Return how much of the papers is accounted for, and with which verdicts, as a table."""
    ids = [r.claim.id for r in results]
    lacking = missing(ids)
    lines = [
        "| part | numbered | accounted for | " + " | ".join(SYMBOLS.values()),
        "|---|--:|--:" + "|--:" * len(SYMBOLS),
    ]
    rest = list(results)
    for group, entries in INVENTORY.items():
        of_group = [r for r in results if any(covers(r.claim.id, entry) for entry in entries)]
        rest = [r for r in rest if r not in of_group]
        lines.append(_coverage_row(group, len(entries), len(lacking[group]), of_group))
    lines.append(_coverage_row("Quoted numbers and named relations", None, 0, rest))
    return "\n".join(f"{line} |" for line in lines)


def as_overview(results: Sequence[Result]) -> str:
    """Return one line per claim: number, statement and verdict, as a table."""
    lines = ["| claim | statement | decides | verdict |", "|---|---|--:|---|"]
    for r in _in_printed_order(results):
        governing = _governing(r)
        decides = f"{_number(governing.value)} ({_bound(governing)})" if governing else ""
        cells = [f"{r.claim.number}<br>`{r.claim.id}`", _cell(r.claim.statement), decides]
        lines.append(f"| {' | '.join(cells)} | {SYMBOLS[r.verdict]} {r.verdict} |")
    return "\n".join(lines)


def as_errata(results: Sequence[Result]) -> str:
    """Return the claims whose printed form does not close, each with both forms measured."""
    parts = []
    for r in _in_printed_order(results):
        if r.claim.finding and r.evidence is not None:
            parts.append(
                f"**{r.claim.paper}, {r.claim.number}** ({SYMBOLS[r.verdict]} {r.verdict}, "
                f"`{r.claim.id}`)\n: *Printed in our copy.* {r.claim.statement}\n\n"
                f"  *What closes.* {r.claim.finding}\n\n"
                + "\n".join(f"  - {line}" for line in _measurements(r))
                + "\n"
            )
    return "\n".join(parts)


def _in_printed_order(results: Sequence[Result]) -> list[Result]:
    return sorted(results, key=lambda r: printed_position(r.claim.id))


def _coverage_row(name: str, numbered: int | None, lacking: int, results: Sequence[Result]) -> str:
    counts = Counter(r.verdict for r in results)
    total = ["", str(len(results))] if numbered is None else [numbered, numbered - lacking]
    return f"| {name} | " + " | ".join(str(x) for x in [*total, *(counts[v] for v in SYMBOLS)])


def _places(r: Result) -> str:
    """Where the check and the code of a claim stand, as `python -m moirelib where` says."""
    code = "".join(f", implemented by `{one.name}`" for one in implementations(r.claim)[:2])
    checked = claim_place(r.claim)
    return f"<br>*Checked in* `{checked.path}:{checked.line}`{code}"


def _finding(r: Result) -> str:
    return f"<br>**Finding.** {r.claim.finding}" if r.claim.finding else ""


def _measurements(r: Result) -> list[str]:
    if r.evidence is None:
        return list(r.problems)
    named = [("", r.evidence.printed)]
    if r.evidence.corrected:
        named = [("as printed: ", r.evidence.printed), ("corrected: ", r.evidence.corrected)]
    if r.evidence.alternative:
        named.append(("alternative: ", r.evidence.alternative))
    named += [("control: ", c) for c in r.evidence.controls]
    return [
        f"{label}{d.what}: **{_number(d.value)}**{' ' + d.unit if d.unit else ''} "
        f"({_bound(d)}; {d.reason})"
        for label, d in named
    ]


def _governing(r: Result) -> Discrepancy | None:
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


def _bound(d: Discrepancy) -> str:
    return f"{'≥' if d.at_least else '≤'} {d.tolerance:.2g}"


def _cell(text: str) -> str:
    # A bar ends a table cell, even inside mathematics, where \vert is the same sign.
    pieces = text.split("$")
    pieces[::2] = [words.replace("|", "&#124;") for words in pieces[::2]]
    pieces[1::2] = [formula.replace("|", r"\vert ") for formula in pieces[1::2]]
    return " ".join("$".join(pieces).split())


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
        "verdict": r.verdict,
        "sound": r.sound,
        "problems": list(r.problems),
        "seconds": round(r.seconds, 3),
        "printed": plain(e.printed) if e else None,
        "corrected": plain(e.corrected) if e else None,
        "alternative": plain(e.alternative) if e else None,
        "controls": [plain(c) for c in e.controls] if e else [],
    }
