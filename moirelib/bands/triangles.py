"""Linear triangles of a mesh, sorted once for any number of energies and of values."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse import coo_array

from moirelib import _validate
from moirelib._repr import short_repr
from moirelib._threads import one_blas_thread
from moirelib._types import Floats, Ints
from moirelib.bands.lattice import Mesh


@short_repr
@dataclass(frozen=True, eq=False)
class LinearTriangles:
    """Every triangle of a mesh in every band.

    Parameters
    ----------
    corners : ndarray, shape (n, 3)
        Energies in meV at the corners, ascending in each triangle.
    levels : ndarray of int, shape (n, 3)
        Which of the nk · nb levels each corner is.
    weights : ndarray, shape (n,)
        Share of the zone of each.
    count : int
        nk · nb.
    """

    corners: Floats
    levels: Ints
    weights: Floats
    count: int

    def __post_init__(self) -> None:
        _validate.keep(self)

    @classmethod
    def of_mesh(cls, mesh: Mesh, energies: Floats) -> LinearTriangles:
        """Sort the corners of bands (nk, nb) on the points of a mesh.

        Raises
        ------
        TypeError, ValueError
            If the energies are not finite, or their shape does not fit the mesh.
        """
        _validate.instance("mesh", mesh, Mesh, "a Mesh, as MoireLattice.mesh returns it")
        energies = _validate.real_array("energies", energies)
        if energies.ndim != 2 or len(energies) != len(mesh.points):
            points = len(mesh.points)
            raise ValueError(
                f"energies must have shape ({points}, nb) on this mesh, got {energies.shape}"
            )
        nb = energies.shape[1]
        levels = (mesh.triangles[:, None, :] * nb + np.arange(nb)[:, None]).reshape(-1, 3)
        corners = energies.ravel()[levels]
        order = np.argsort(corners, axis=1, kind="stable")
        return cls(
            np.take_along_axis(corners, order, axis=1),
            np.take_along_axis(levels, order, axis=1),
            np.repeat(mesh.triangle_weights, nb),
            energies.size,
        )

    def density(self, at: ArrayLike) -> Floats:
        """Return Σ_n ∫ d²k/A_BZ δ(E − ε_n) in 1/meV at the energies (ne,), in meV.

        Raises
        ------
        TypeError, ValueError
            If ``at`` is not real, finite and one-dimensional.
        """
        at = _validate.real_vector("at", at, empty=True)
        _, where, density, _ = self._lines(at)
        return binned(where, density, len(at))

    @one_blas_thread
    def spectral(self, at: ArrayLike, values: NDArray[Any]) -> NDArray[Any]:
        """Return Σ_n ∫ d²k/A_BZ a_n δ(E − ε_n), (..., ne), of values a (..., nk, nb).

        Errors as :meth:`density`.
        """
        at = _validate.real_vector("at", at, empty=True)
        triangle, where, density, of_corners = self._lines(at)
        # How much of each level each energy takes: a row for each energy.
        shares = coo_array(
            (
                np.concatenate([density * one / 2 for one in of_corners]),
                (np.tile(where, 3), self.levels[triangle].T.ravel()),
            ),
            shape=(len(at), self.count),
        )
        rows = np.moveaxis(values, (-2, -1), (0, 1)).reshape(self.count, -1)
        return np.ascontiguousarray((shares @ rows).T).reshape(*values.shape[:-2], len(at))

    def _lines(self, at: Floats) -> tuple[Ints, Ints, Floats, tuple[Floats, ...]]:
        """Lines ε = E across triangles: the triangle, which E, the density of states on the line.

        Last, the sum of the values at the two ends of the line, as shares of those at the corners.
        """
        triangle, where, energy = crossings(self.corners, at)
        low, middle, high = self.corners[triangle].T
        upper = energy >= middle
        # Two ends of the line: one on the long edge, one on the short edge that E crosses.
        long = (energy - low) / (high - low)
        start = np.where(upper, middle, low)
        short = (energy - start) / np.where(upper, high - middle, middle - low)
        apex = np.where(upper, 1 - short, short)
        density = 2 * self.weights[triangle] * apex / (high - low)
        of_low = 1 - long + np.where(upper, 0, 1 - short)
        of_middle = np.where(upper, 1 - short, short)
        of_high = long + np.where(upper, short, 0)
        return triangle, where, density, (of_low, of_middle, of_high)


def crossings(corners: Floats, at: Floats) -> tuple[Ints, Ints, Floats]:
    """Return all pairs of a triangle and an energy within it: triangle, index, energy."""
    order = np.argsort(at)
    first = np.searchsorted(at[order], corners[:, 0], side="left")
    last = np.searchsorted(at[order], corners[:, 2], side="left")
    count = last - first
    triangle = np.repeat(np.arange(len(corners)), count)
    start = np.repeat(first - np.concatenate([[0], np.cumsum(count)[:-1]]), count)
    where = order[start + np.arange(len(triangle))]
    return triangle, where, at[where]


def binned(where: Ints, row: Floats, length: int) -> Floats:
    """Return the sums of a row by their place among so many."""
    return np.asarray(np.bincount(where, row, minlength=length), dtype=np.float64)


def on_points(name: str, values: ArrayLike, energies: Floats) -> NDArray[Any]:
    """Return finite values (..., nk, nb) that belong to the energies (nk, nb).

    Raises
    ------
    TypeError, ValueError
        If ``values`` does not hold finite numbers, or is of another shape.
    """
    array = _validate.number_array(name, values)
    if array.shape[-2:] != energies.shape:
        nk, nb = energies.shape
        raise ValueError(f"{name} must have shape (..., {nk}, {nb}), got {array.shape}")
    return array
