"""Where statements come from: the papers, with what in them is numbered, and this book itself.

A further paper is one further entry here.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Paper:
    """A paper that the ledger accounts for.

    Parameters
    ----------
    name : str
        In full, as the cards name it.
    numbered : mapping of str to tuple of str
        What is numbered, in the order of print: for each group of equations or figures, the
        numbers as claim ids carry them after the name of the paper.
    """

    name: str
    numbered: Mapping[str, tuple[str, ...]]


def _counted(last: int, series: str = "") -> tuple[str, ...]:
    return tuple(f"{series}{n}" for n in range(1, last + 1))


NEW = "new"
"""The part of a claim id that names a finding of this book."""

PAPERS = {
    "kundu": Paper(
        "Kundu et al. (2026)",
        {"equations": _counted(53), "figures": ("fig1a", "fig1b", "fig1c", "fig1d", "fig2")},
    ),
    "ying": Paper(
        "Ying et al. (2021)",
        {
            "equations": _counted(21),
            "Appendix A": _counted(52, "A"),
            "Appendix B": _counted(14, "B"),
            "figures": _counted(8, "fig"),
        },
    ),
    # What is found beyond the papers: nothing printed has to be accounted for.
    NEW: Paper("This book", {}),
}
"""By the part of a claim id that names the source."""
