"""Tiles of the zone, each with a k·p expansion about its centre."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from moirelib import _validate
from moirelib._memory import require_memory
from moirelib._repr import short_repr
from moirelib._threads import one_blas_thread
from moirelib._types import Complex, Floats, Ints
from moirelib.bands.bloch import solve_bands, wavevectors
from moirelib.bands.kdotp import expand
from moirelib.bands.lattice import Mesh, MoireLattice, Symmetry
from moirelib.bands.model import BlochModel, half_count


@short_repr
@dataclass(frozen=True, eq=False)
class Tiling:
    """The zone, or its irreducible wedge, tiled by small triangles with an expansion in each.

    Parameters
    ----------
    lattice : MoireLattice
        The lattice.
    centres : ndarray, shape (nc, 2)
        Centres of the tiles in 1/nm.
    corners : ndarray, shape (nc, 3, 2)
        Their corners.
    """

    lattice: MoireLattice
    centres: Floats
    corners: Floats

    def __post_init__(self) -> None:
        _validate.keep(self)

    @classmethod
    def of_zone(cls, lattice: MoireLattice, divisions: int, symmetry: Symmetry) -> Tiling:
        """Cut each of the six equilateral sixths of the zone into ``divisions``² tiles.

        With ``symmetry="C3v"`` only the sixth between κ and κ′ is tiled.

        Raises
        ------
        TypeError, ValueError
            If ``lattice`` is no lattice, ``divisions`` no positive integer or too large for the
            memory, or ``symmetry`` neither.
        """
        _validate.instance("lattice", lattice, MoireLattice, "a MoireLattice")
        divisions = _validate.integer("divisions", divisions, minimum=1)
        symmetry = _validate.choice("symmetry", symmetry, ("none", "C3v"))
        require_memory(f"divisions={divisions}", 100 * divisions**2)
        i, j = np.divmod(np.arange(divisions**2), divisions)
        up = i + j < divisions
        # Tiles that point the other way fill the rest of the parallelogram's lower half.
        a, b = np.where(up, i, divisions - i), np.where(up, j, divisions - j)
        step = np.where(up, 1, -1)
        grid = np.stack(
            [np.stack([a, b], -1), np.stack([a + step, b], -1), np.stack([a, b + step], -1)], 1
        )
        sectors = 1 if symmetry == "C3v" else 6
        corners = np.concatenate(
            [
                grid @ np.stack([lattice.corners[s], lattice.corners[(s + 1) % 6]]) / divisions
                for s in range(sectors)
            ]
        )
        return cls(lattice, corners.mean(axis=1), corners)

    def assign(self, points: Floats) -> Ints:
        """Return the index of the centre nearest to ``points`` (nk, 2), the first of equals."""
        # (a − b)² without the a² that is common to all centres.
        squares = (self.centres**2).sum(axis=1)
        score = squares - 2 * points @ self.centres.T
        # Meshes have points on the edges of tiles: rounding must not choose between neighbours.
        level = score.min(axis=1, keepdims=True) + 1e-9 * squares.max()
        nearest: Ints = np.argmax(score <= level, axis=1)
        return nearest


@one_blas_thread
def expanded_energies(
    model: BlochModel, k: ArrayLike, count: int = 6, divisions: int = 6
) -> Floats:
    """Return energies from expansions about the centres of tiles, made only where they are needed.

    Parameters
    ----------
    model : BlochModel
        Any model that is affine in k.
    k : array_like, shape (nk, 2) or (2,)
        Wavevectors in 1/nm within the Brillouin zone.
    count : int
        Number of bands, even: half below and half above charge neutrality.
    divisions : int
        Tiles along each side of a sixth of the zone; :func:`corner_mismatch` measures the error.

    Returns
    -------
    ndarray, shape (nk, count)
        Energies in meV, as :func:`moirelib.solve_bands` has them.

    Raises
    ------
    TypeError, ValueError
        As :func:`moirelib.solve_bands`; also if ``divisions`` is no positive integer, and for
        wavevectors outside the zone, which :meth:`MoireLattice.fold` brings back.
    """
    count = 2 * half_count(model, count)
    k = wavevectors(k)
    tiling = Tiling.of_zone(model.lattice, divisions, "none")
    tile = tiling.assign(k)
    farthest = np.linalg.norm(k - tiling.centres[tile], axis=1).max(initial=0.0)
    # In its own tile no point is farther from the centre than a corner.
    reach = np.linalg.norm(tiling.corners - tiling.centres[:, None], axis=-1).max()
    if farthest > reach * (1 + 1e-9):
        raise ValueError("k must lie within the Brillouin zone; MoireLattice.fold brings it there")
    energies = np.empty((len(k), count))
    for index in np.unique(tile):
        here = tile == index
        energies[here] = expand(model, tiling.centres[index], count).energies(k[here], count)
    return energies


def energies_on_mesh(
    model: BlochModel, size: int, count: int = 6, divisions: int = 6, symmetry: Symmetry = "C3v"
) -> tuple[Mesh, Floats]:
    """Return a mesh and the energies of :func:`expanded_energies` on it, kept for the next call.

    Parameters
    ----------
    model : BlochModel
        The model.
    size, symmetry
        As in :meth:`MoireLattice.mesh`.
    count, divisions
        As in :func:`expanded_energies`.

    Returns
    -------
    mesh : Mesh
        The mesh.
    energies : ndarray, shape (nk, count)
        Energies in meV, read-only.

    Raises
    ------
    TypeError, ValueError
        As :meth:`MoireLattice.mesh` and :func:`expanded_energies`.
    """
    return _kept_energies(
        model,  # type: ignore[arg-type]  # models are keys of caches
        _validate.integer("size", size, minimum=1),
        2 * half_count(model, count),
        _validate.integer("divisions", divisions, minimum=1),
        _validate.choice("symmetry", symmetry, ("none", "C3v")),
    )


@lru_cache(maxsize=16)
def _kept_energies(
    model: BlochModel, size: int, count: int, divisions: int, symmetry: Symmetry
) -> tuple[Mesh, Floats]:
    mesh = model.lattice.mesh(size, symmetry)
    return mesh, _validate.frozen(expanded_energies(model, mesh.points, count, divisions))


@one_blas_thread
def corner_mismatch(
    model: BlochModel, tiling: Tiling, count: int, pairs: Ints
) -> tuple[float, float]:
    """Return how far neighbouring expansions disagree on the corners that their tiles share.

    The corners are the points farthest from the centres, and the expansions are independent:
    the disagreement is an estimate of the error at its largest. A corner of one tile alone, as the
    irreducible wedge has three, is compared with a full diagonalisation.

    Parameters
    ----------
    model : BlochModel
        Any model that is affine in k.
    tiling : Tiling
        The tiles.
    count : int
        Number of bands, even.
    pairs : ndarray, shape (nG, 2)
        Reciprocal vectors as integer pairs.

    Returns
    -------
    energy, form_factor : float
        Largest spread of an energy in meV, and of a form factor among the G in ``pairs``.
    """
    keys = np.rint(tiling.corners * (1e9 / tiling.lattice.k_m)).astype(np.int64)
    seen: dict[tuple[int, ...], tuple[Floats, Complex]] = {}
    alone: dict[tuple[int, ...], Floats] = {}
    energy, form_factor = 0.0, 0.0
    for centre, corners, labels in zip(tiling.centres, tiling.corners, keys, strict=True):
        bands = expand(model, centre, count).solve(corners, count)
        lambdas = np.moveaxis(bands.form_factors(pairs), 1, 0)
        points = zip(map(tuple, labels.tolist()), corners, bands.energies, lambdas, strict=True)
        for label, corner, e, lam in points:
            if label in seen:
                other_e, other_lam = seen[label]
                alone.pop(label, None)
            else:
                other_e, other_lam = seen[label] = e, lam
                alone[label] = corner
            energy = max(energy, float(np.abs(e - other_e).max()))
            form_factor = max(form_factor, float(np.abs(lam - other_lam).max()))
    for label, corner in alone.items():
        e, lam = seen[label]
        exact = solve_bands(model, corner[None], count)
        energy = max(energy, float(np.abs(e - exact.energies[0]).max()))
        form_factor = max(form_factor, float(np.abs(lam - exact.form_factors(pairs)[:, 0]).max()))
    return energy, form_factor
