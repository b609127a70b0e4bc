"""Whether the claims on one equation agree."""

from __future__ import annotations

from collections.abc import Iterable

from moirelib.ledger.coverage import INVENTORY, covers
from moirelib.ledger.judging import Result


def contradictions(results: Iterable[Result]) -> list[str]:
    """Return the equations with more than one verdict, unless each claim says of what it speaks.

    Claims on one equation may come out differently only if they are about different things in it,
    and then each names its own (``aspect``).
    """
    speaking: dict[str, list[Result]] = {}
    for r in results:
        for entry in {_entry(r.claim.id), *r.claim.also}:
            speaking.setdefault(entry, []).append(r)
    found = []
    for entry, group in sorted(speaking.items()):
        aspects = {r.claim.aspect for r in group} - {""}
        if len({r.verdict for r in group}) > 1 and len(aspects) < len(group):
            verdicts = ", ".join(f"{r.claim.id} ({r.verdict})" for r in group)
            found.append(f"{entry} has more than one verdict and no reason for it: {verdicts}")
    return found


def _entry(claim_id: str) -> str:
    """The numbered equation or figure that a claim is about, or the claim itself."""
    entries = (entry for group in INVENTORY.values() for entry in group)
    return next((entry for entry in entries if covers(claim_id, entry)), claim_id)
