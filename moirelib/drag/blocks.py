"""The pieces of a layer's mesh, each solved on its own: in this process or in another."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from moirelib._repr import short_repr
from moirelib._types import Complex, Floats, Ints
from moirelib.bands.bloch import Bands, solve_bands
from moirelib.bands.kdotp import expand
from moirelib.bands.model import ValleyModel
from moirelib.bands.small_basis import FEWER_NODES, NODES, SmallBasis
from moirelib.bands.symmetry import Orbit, star_averages
from moirelib.bands.tiling import Tiling

Made = TypeVar("Made")
Basis = TypeVar("Basis")

Solver = Callable[[Floats], tuple[Floats, Floats, Complex]]
"""Energies, velocities and form factors of wavevectors (nk, 2), as of :class:`SmallBasis`."""

# Points solved at a time: bounds the memory that eigenvectors take, and keeps them in the cache.
_CHUNK = 512

# Polynomials pay on tiles of so many points: those of a whole tile instead of plane waves of every
# state, those of a part of one instead of all retained bands.
_FEW = 3 * FEWER_NODES
_FEW_ON_A_PART = 3 * NODES

# Expansions pay on tiles of so many points, where all matrix elements are asked for.
_POINTS_OF_TILE = 3

# How often a tile may be quartered in search of a gap.
_PARTS = 2


# What tiles have been solved with, where it is kept.
_made: ContextVar[dict[tuple[object, ...], Any] | None] = ContextVar("_made", default=None)


@contextmanager
def tiles_kept() -> Iterator[None]:
    """Expand each tile once within this block, for layers that differ in their meshes.

    Blocks that an executor solves make their own.
    """
    token = _made.set({})
    try:
        yield
    finally:
        _made.reset(token)


@short_repr
@dataclass(frozen=True, eq=False)
class Block:
    """Wavevectors solved together: on a tile by k·p, or densely without one.

    Parameters
    ----------
    model : ValleyModel
        The model.
    indices : ndarray of int, shape (nk,)
        Where the wavevectors stand in the mesh.
    points : ndarray, shape (nk, 2)
        The wavevectors in 1/nm.
    corners : ndarray, shape (3, 2), or None
        Corners of the tile in 1/nm.
    bands : int
        Number of bands, even.
    pairs : ndarray of int, shape (nG, 2)
        Whole shells of G, as integer pairs.
    orbits : list of Orbit
        The orbits of these.
    """

    model: ValleyModel
    indices: Ints
    points: Floats
    corners: Floats | None
    bands: int
    pairs: Ints
    orbits: list[Orbit]


def solve_block(block: Block) -> tuple[Floats, Complex]:
    """Return energies (nk, nb) in meV and products of velocity and form factor in meV nm.

    The products ∂_αε λ_G, (n_orbits, 2, nk, nb), are averaged over the stars of the wavevectors.
    """
    # Half of the form factors of whole shells: the others are λ_{−G} = λ_G*.
    half = block.pairs[[tuple(pair) > (0, 0) for pair in block.pairs.tolist()]]
    energies = np.empty((len(block.points), block.bands))
    averages = np.empty((len(block.orbits), 2, *energies.shape), dtype=complex)
    for piece, solve in _solvers(block, half):
        for chosen in in_chunks(piece):
            energies[chosen], velocities, factors = solve(block.points[chosen])
            form_factors = _of_whole_shells(factors, half, block.pairs)
            averages[:, :, chosen] = star_averages(block.orbits, velocities, form_factors)
    return energies, averages


def _solvers(block: Block, half: Ints) -> list[tuple[Ints, Solver]]:
    """Which wavevectors of a block to solve in which way."""
    everything = np.arange(len(block.points))
    if block.corners is None:
        dense = partial(solve_bands, block.model)
        return [(everything, partial(_from_states, dense, block.bands, half))]
    corners = block.corners
    key = (block.model, corners.tobytes(), block.bands)
    about_centre = partial(expand, block.model, corners.mean(axis=0), block.bands)
    expansion = _once(("expansion", *key), about_centre)

    def by_polynomials(make: Callable[..., Basis], corners: Floats) -> Basis:
        name = (make.__name__, *key, corners.tobytes(), half.tobytes())
        return _once(name, lambda: make(expansion, corners, half, block.bands))

    found: list[tuple[Ints, Solver]] = []
    rest: list[Ints] = []
    tiles = [(everything, corners, _PARTS)]
    for inside, tile, further in tiles:
        enough = len(inside) >= (_FEW if tile is corners else _FEW_ON_A_PART)
        if enough and (basis := by_polynomials(SmallBasis.of, tile)):
            found.append((inside, basis.solve))
        elif len(inside) >= _FEW_ON_A_PART and further:  # a gap may show on parts of the tile
            part = _quarter(block.points[inside], tile)
            tiles += [
                (inside[part == i], one, further - 1) for i, one in enumerate(_quarters(tile))
            ]
        else:
            rest.append(inside)
    left = np.concatenate([*rest, everything[:0]])
    if len(left) >= _FEW:
        found.append((left, by_polynomials(SmallBasis.of_all_retained, corners).solve))
    elif len(left):
        found.append((left, partial(_from_states, expansion.solve, block.bands, half)))
    return found


def _quarters(corners: Floats) -> Floats:
    """The four halves-sized triangles of one (3, 2): at its corners, then the middle."""
    middles = (corners + np.roll(corners, -1, axis=0)) / 2
    return np.stack(
        [
            *(np.stack([corners[i], middles[i], middles[i - 1]]) for i in range(3)),
            middles,
        ]
    )


def _quarter(points: Floats, corners: Floats) -> Ints:
    """Which of these each point (nk, 2) lies in, (nk,)."""
    edges = corners[1:] - corners[0]
    last = (points - corners[0]) @ np.linalg.inv(edges)
    shares = np.column_stack([1 - last.sum(axis=1), last])
    at_corner = shares > 0.5 + 1e-9
    return np.where(at_corner.any(axis=1), at_corner.argmax(axis=1), 3)


def _once(key: tuple[object, ...], make: Callable[[], Made]) -> Made:
    """What ``make`` returns, from what is kept if it is there."""
    made = _made.get()
    if made is None:
        return make()
    if key not in made:
        made[key] = make()
    found: Made = made[key]
    return found


def solvers(
    model: ValleyModel, points: Floats, count: int, tiling: Tiling | None
) -> Iterator[tuple[Ints, Callable[[Floats, int], Bands]]]:
    """Parts of some wavevectors, as indices, each with what solves so many bands there.

    Expansions about the centres of tiles where they pay: on many points, for few of all bands.
    """
    few = count <= len(model.plane_waves) // 4
    if tiling is None or not few or len(points) < _POINTS_OF_TILE * len(tiling.centres):
        yield np.arange(len(points)), partial(solve_bands, model)
        return
    tile = tiling.assign(points)
    for index in np.unique(tile):
        yield np.flatnonzero(tile == index), expand(model, tiling.centres[index], count).solve


def _from_states(
    solve: Callable[[Floats, int], Bands], count: int, pairs: Ints, points: Floats
) -> tuple[Floats, Floats, Complex]:
    """Energies, velocities and form factors from the plane waves of every state."""
    bands = solve(points, count)
    return bands.energies, bands.velocities, bands.form_factors(pairs)


def in_chunks(points: NDArray[Any]) -> list[NDArray[Any]]:
    """Cut an array into pieces of bounded memory."""
    return np.split(points, range(_CHUNK, len(points), _CHUNK))


def _of_whole_shells(half: Complex, pairs_of_half: Ints, pairs: Ints) -> Complex:
    """λ_G for all ``pairs`` from one of each G and −G."""
    index = {tuple(pair): i for i, pair in enumerate(pairs_of_half.tolist())}
    return np.stack(
        [
            half[index[n, m]] if (n, m) in index else half[index[-n, -m]].conj()
            for n, m in pairs.tolist()
        ]
    )
