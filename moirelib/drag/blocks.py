"""The pieces of a layer's mesh, each solved on its own: in this process or in another."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from moirelib._repr import short_repr
from moirelib._types import Complex, Floats, Ints
from moirelib.bands.bloch import Bands, solve_bands
from moirelib.bands.kdotp import expand
from moirelib.bands.model import ValleyModel
from moirelib.bands.small_basis import FEWER_NODES, NODES, SmallBasis
from moirelib.bands.symmetry import Orbit, star_averages

# Points solved at a time: bounds the memory that eigenvectors take, and keeps them in the cache.
_CHUNK = 512

# Polynomials pay on tiles of so many times as many points as determine them.
_FEW = 3


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
    states: Callable[[Floats, int], Bands] = partial(solve_bands, block.model)
    basis = None
    if block.corners is not None:
        expansion = expand(block.model, block.corners.mean(axis=0), block.bands)
        states = expansion.solve
        tile = (expansion, block.corners, half, block.bands)
        if len(block.points) >= _FEW * NODES:
            basis = SmallBasis.of(*tile)
        if basis is None and len(block.points) >= _FEW * FEWER_NODES:
            basis = SmallBasis.of_all_retained(*tile)
    solve = basis.solve if basis else partial(_from_states, states, block.bands, half)
    energies, averages = [], []
    for points in in_chunks(block.points):
        of_points, velocities, factors = solve(points)
        form_factors = _of_whole_shells(factors, half, block.pairs)
        energies.append(of_points)
        averages.append(star_averages(block.orbits, velocities, form_factors))
    return np.concatenate(energies), np.concatenate(averages, axis=2)


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
