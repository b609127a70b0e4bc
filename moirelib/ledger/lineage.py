"""What follows from what: the claims as a directed graph without cycles.

An edge leads from a claim to each that is derived from it or written in terms of it. Whatever a
claim gets wrong, those downstream of it inherit, and no others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from graphlib import CycleError, TopologicalSorter

from moirelib.ledger.registry import Claim


@dataclass(frozen=True)
class Lineage:
    """The graph of all claims.

    Parameters
    ----------
    sources : mapping of str to tuple of str
        For each claim id the ids that it follows from.

    Raises
    ------
    ValueError
        If a claim follows from one that is not there, or from itself by way of others.
    """

    sources: Mapping[str, tuple[str, ...]]

    def __post_init__(self) -> None:
        """Refuse a graph with loose ends or cycles."""
        for one, sources in self.sources.items():
            for source in sources:
                if source not in self.sources:
                    raise ValueError(f"{one!r} follows from {source!r}, and there is no such claim")
        try:
            _ = self.order
        except CycleError as error:
            loop = " → ".join(error.args[1])
            raise ValueError(f"claims follow from each other: {loop}") from error

    @classmethod
    def of(cls, claims: Iterable[Claim]) -> Lineage:
        """Return the graph of some claims; all that they follow from must be among them."""
        return cls({entry.id: entry.follows for entry in claims})

    @cached_property
    def order(self) -> tuple[str, ...]:
        """All claims, none before one that it follows from."""
        return tuple(TopologicalSorter(self.sources).static_order())

    @cached_property
    def layers(self) -> dict[str, int]:
        """Return for each claim the length of the longest chain of claims that leads to it."""
        depth: dict[str, int] = {}
        for one in self.order:
            depth[one] = max((depth[source] + 1 for source in self.sources[one]), default=0)
        return depth

    @cached_property
    def consequences(self) -> dict[str, tuple[str, ...]]:
        """Return for each claim those that name it as a source."""
        found: dict[str, list[str]] = {one: [] for one in self.sources}
        for one, sources in self.sources.items():
            for source in sources:
                found[source].append(one)
        return {one: tuple(after) for one, after in found.items()}

    def upstream(self, claim_id: str) -> frozenset[str]:
        """Return all that a claim rests on, without itself.

        Raises
        ------
        KeyError
            If there is no such claim.
        """
        return _reached(claim_id, self.sources)

    def downstream(self, claim_id: str) -> frozenset[str]:
        """Return all that rests on a claim, without itself: what inherits its slips.

        Raises
        ------
        KeyError
            If there is no such claim.
        """
        return _reached(claim_id, self.consequences)

    @cached_property
    def reduced(self) -> dict[str, tuple[str, ...]]:
        """Return the sources of each claim without those that another of its sources rests on.

        What is upstream and downstream of a claim stays the same.
        """
        return {
            one: tuple(
                source
                for source in sources
                if not any(source in self.upstream(other) for other in sources)
            )
            for one, sources in self.sources.items()
        }


def _reached(start: str, links: Mapping[str, tuple[str, ...]]) -> frozenset[str]:
    found: set[str] = set()
    ahead = list(links[start])
    while ahead:
        one = ahead.pop()
        if one not in found:
            found.add(one)
            ahead += links[one]
    return frozenset(found)
