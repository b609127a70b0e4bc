"""Lines of constant energy on a mesh, as polygons."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from moirelib import _validate
from moirelib._repr import short_repr
from moirelib._types import Floats, Ints
from moirelib.bands.lattice import MoireLattice


@short_repr
@dataclass(frozen=True, eq=False)
class FermiContour:
    """One connected piece of a line of constant energy.

    Parameters
    ----------
    points : ndarray, shape (n, 2)
        Wavevectors in 1/nm along the line, unfolded so that neighbours are close. The line is
        closed in the repeated zone: the last point equals the first up to ``closure``.
    closure : ndarray, shape (2,)
        Last point minus first point, in 1/nm: zero for a pocket, a reciprocal vector for an
        open orbit.
    """

    points: Floats
    closure: Floats

    def __post_init__(self) -> None:
        _validate.keep(self)

    @property
    def is_pocket(self) -> bool:
        """Whether the line closes within one zone."""
        return bool(np.linalg.norm(self.closure) < 1e-9)


def fermi_contours(lattice: MoireLattice, energies: Floats, level: float) -> list[FermiContour]:
    """Return the lines ε(k) = ``level`` of one band.

    Parameters
    ----------
    lattice : MoireLattice
        The lattice of the band.
    energies : ndarray, shape (N, N)
        One band in meV on the full mesh (i G₁ + j G₂)/N, e.g. from :meth:`Mesh.unfold`.
    level : float
        The energy in meV.

    Returns
    -------
    list of FermiContour
        With energies below ``level`` on the left of each line: electron pockets run
        anticlockwise, hole pockets clockwise.

    Raises
    ------
    TypeError, ValueError
        If ``lattice`` is not a lattice, or ``energies`` is not finite and square.
    """
    _validate.instance("lattice", lattice, MoireLattice, "a MoireLattice")
    energies = _validate.real_array("energies", energies)
    if energies.ndim != 2 or energies.shape[0] != energies.shape[1]:
        raise ValueError(f"energies must have shape (N, N), got {energies.shape}")
    size = len(energies)
    # A corner exactly at the level would be crossed twice: move it by less than round-off.
    difference = energies - _validate.real_scalar("level", level)
    difference[difference == 0] = np.finfo(float).eps * max(1.0, abs(level))
    following = _oriented_segments(difference)
    contours = []
    while following:
        first = next(iter(following))
        edges = [first]
        offset = np.zeros(2, dtype=np.int64)
        offsets = [offset]
        edge = first
        while True:
            edge, step = following.pop(edge)
            offset = offset + step
            edges.append(edge)
            offsets.append(offset)
            if edge == first:
                break
        fractional = np.array([_crossing(difference, e) for e in edges]) + size * np.array(offsets)
        points = fractional / size @ lattice.reciprocal_vectors
        contours.append(FermiContour(points, points[-1] - points[0]))
    return contours


# An edge of the mesh: its lower corner (i, j) within one period and its direction index.
_Edge = tuple[int, int, int]


_DIRECTIONS = np.array([[1, 0], [0, 1], [1, 1]])


def _oriented_segments(difference: Floats) -> dict[_Edge, tuple[_Edge, Ints]]:
    """For each crossed edge, the next one along the contour and the periods stepped over."""
    size = len(difference)
    following: dict[_Edge, tuple[_Edge, Ints]] = {}
    # Both triangles of a parallelogram, anticlockwise in the (n, m) plane of G₁ and G₂.
    for shape in (((0, 0), (1, 0), (1, 1)), ((0, 0), (1, 1), (0, 1))):
        above = np.stack(
            [np.roll(difference, (-di, -dj), axis=(0, 1)) > 0 for di, dj in shape], axis=-1
        )
        for i, j in np.argwhere(above.any(axis=-1) & ~above.all(axis=-1)).tolist():
            ups = above[i, j]
            corners = [np.array([i + di, j + dj]) for di, dj in shape]
            ends = {}
            for c in range(3):
                if ups[c] != ups[(c + 1) % 3]:
                    # Walking anticlockwise, the contour leaves where the band goes down.
                    ends["out" if ups[c] else "in"] = _edge(corners[c], corners[(c + 1) % 3], size)
            (start, start_period), (end, end_period) = ends["in"], ends["out"]
            following[start] = (end, end_period - start_period)
    return following


def _edge(a: Ints, b: Ints, size: int) -> tuple[_Edge, Ints]:
    lower = np.minimum(a, b)
    direction = int(np.flatnonzero((np.abs(b - a) == _DIRECTIONS).all(axis=1))[0])
    return (*(lower % size).tolist(), direction), lower // size


def _crossing(difference: Floats, edge: _Edge) -> Floats:
    size = len(difference)
    i, j, direction = edge
    di, dj = _DIRECTIONS[direction]
    a, b = difference[i, j], difference[(i + di) % size, (j + dj) % size]
    crossing: Floats = np.array([i, j]) + a / (a - b) * _DIRECTIONS[direction]
    return crossing
