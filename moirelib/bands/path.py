"""Paths through the zone."""

from __future__ import annotations

from dataclasses import dataclass

from moirelib import _validate
from moirelib._repr import short_repr
from moirelib._types import Floats


@short_repr
@dataclass(frozen=True, eq=False)
class Path:
    """A path through the zone.

    Parameters
    ----------
    points : ndarray, shape (nk, 2)
        Wavevectors in 1/nm.
    distance : ndarray, shape (nk,)
        Length along the path in 1/nm.
    ticks : ndarray, shape (nv,)
        Lengths at which the corners of the path lie.
    labels : tuple of str
        Names of those corners.
    """

    points: Floats
    distance: Floats
    ticks: Floats
    labels: tuple[str, ...]

    def __post_init__(self) -> None:
        _validate.keep(self)
