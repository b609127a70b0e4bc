"""Print the evidence of every claim as JSON, with the grids displaced: ``measure.py RELATIVE``."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from typing import Any

from displace import displaced

from moirelib import ledger


def evidence(relative: float) -> list[dict[str, Any]]:
    """One record for each bound of the ledger; ``problems`` are those of its claim."""
    records = []
    with displaced(relative):
        ledger.load()
        for result in map(ledger.run, ledger.claims()):
            found = result.evidence
            parts = (
                {}
                if found is None
                else {
                    "printed": found.printed,
                    "corrected": found.corrected,
                    "alternative": found.alternative,
                }
                | {f"control {n}": c for n, c in enumerate(found.controls, 1)}
            )
            records += [
                {"claim": result.claim.id, "part": part, "problems": result.problems}
                | asdict(d)
                | {"value": float(d.value), "tolerance": float(d.tolerance)}
                for part, d in parts.items()
                if d is not None
            ]
            if found is None:
                records.append({"claim": result.claim.id, "problems": result.problems})
    return records


if __name__ == "__main__":
    json.dump(evidence(float(sys.argv[1])), sys.stdout)
