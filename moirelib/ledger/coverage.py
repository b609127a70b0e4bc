"""Whether every numbered equation and every figure of the two papers has its claim."""

from __future__ import annotations

from collections.abc import Iterable

from moirelib.ledger.papers import NEW, PAPERS

INVENTORY: dict[str, tuple[str, ...]] = {
    f"{key.title()}, {group}": tuple(f"{key}-{number}" for number in numbers)
    for key, paper in PAPERS.items()
    for group, numbers in paper.numbered.items()
}
"""The ids that must be accounted for, by group."""


def covers(claim_id: str, entry: str) -> bool:
    """Whether a claim accounts for an entry: by the same id, or that id with a suffix.

    >>> covers("kundu-33-symmetry", "kundu-33"), covers("kundu-33", "kundu-3")
    (True, False)
    """
    return claim_id == entry or claim_id.startswith(f"{entry}-")


def printed_position(claim_id: str) -> tuple[int, str]:
    """Return a key that sorts claims as the papers print them: then what has no number, then new.

    >>> sorted(["new-x", "ying-B1", "kundu-text-period", "kundu-9-trace"], key=printed_position)
    ['kundu-9-trace', 'ying-B1', 'kundu-text-period', 'new-x']
    """
    entries = [entry for group in INVENTORY.values() for entry in group]
    position = (i for i, entry in enumerate(entries) if covers(claim_id, entry))
    return next(position, len(entries) + covers(claim_id, NEW)), claim_id


def missing(ids: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return the entries of the inventory that no claim accounts for, by group."""
    known = list(ids)
    return {
        group: tuple(entry for entry in entries if not any(covers(one, entry) for one in known))
        for group, entries in INVENTORY.items()
    }
