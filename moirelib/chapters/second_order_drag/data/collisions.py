"""Drag of second order from collisions counted one by one, with either layer driven.

Nothing is linearised by hand but the shift of the occupation in a field. A pair of transitions
happens with f(1 − f′) of each layer; its reverse is another pair, met at −q, and no collision is
counted twice. How much of the drag is left when a collision and its reverse are taken together, and
that both layers may change places, are results here.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from moirelib._repr import short_repr
from moirelib._types import Complex, Floats
from moirelib.drag.interlayer import Potential
from moirelib.drag.scattering_layer import ScatteringLayer
from moirelib.drag.transfers import Transfers

_REACH = 12
_NEGLIGIBLE = 1e-4
_SIGNS = (1, -1)


@short_repr
@dataclass(frozen=True)
class BothWays:
    """Drag conductivities in e²/h at ħ/τ = 1 meV with either layer driven.

    Parameters
    ----------
    charge, valley : ndarray, shape (2,)
        j₂/E₁ and j₁/E₂, the means of xx and yy.
    """

    charge: Floats
    valley: Floats


def both_ways(
    layers: tuple[ScatteringLayer, ScatteringLayer],
    mu: tuple[float, float],
    kT: float,
    interlayer: Potential,
    steps: int,
) -> BothWays:
    """Return the drag between two layers, from what one gains when the other is driven.

    Parameters
    ----------
    layers : tuple of ScatteringLayer
        Of one lattice, mesh and reach.
    mu : tuple of float
        In meV.
    kT : float
        In meV.
    interlayer : callable
        The bare interaction.
    steps : int
        Steps of the exchanged energy in k_BT.
    """
    lattice, mesh = layers[0].model.lattice, layers[0].mesh
    found = np.zeros((2, 2))
    for offset in np.argwhere(np.ones((mesh, mesh))):
        q = layers[0].folded(offset)
        pairs = layers[0].pairs(q)
        potential = np.asarray(interlayer(np.linalg.norm(q + lattice.vectors(pairs), axis=1)))
        moves = [
            [
                _Moves.of(layer.transfers(offset, pairs), level, kT, steps, valley)
                for valley in _SIGNS
            ]
            for layer, level in zip(layers, mu, strict=True)
        ]
        for valley1, first in zip(_SIGNS, moves[0], strict=True):
            for valley2, second in zip(_SIGNS, moves[1], strict=True):
                amplitude = (first.amplitudes * potential) @ second.amplitudes.conj().T
                often = np.abs(amplitude) ** 2
                # All q are in the sum, and the driven layer makes transitions by each: every
                # collision is met once.
                gains = _gained(first, second, often), _gained(second, first, often.T)
                found += np.outer((1, valley1 * valley2), gains)
    # Σ_q is the area times ∫d²q/(2π)²; a bin stands for δ(ω₁ − ω₂).
    per_area = layers[0].transfers(offset, pairs).density ** 2 / (lattice.cell_area * mesh**2)
    charge, valley = 4 * math.pi**2 * per_area * steps / kT * found
    return BothWays(charge, valley)


@dataclass(frozen=True)
class _Moves:
    """Transitions of one valley by q.

    ``back`` is what allows the reverse of one, f′(1 − f), in equilibrium, (nt, nω); ``pushed`` what
    a field along x or y adds to f(1 − f′), which allows it, (2, nt, nω).
    """

    gained: Floats
    amplitudes: Complex
    back: Floats
    pushed: Floats

    @classmethod
    def of(cls, moves: Transfers, mu: float, kT: float, steps: int, valley: int) -> _Moves:
        energies, velocities = moves.energies, moves.velocities
        if valley < 0:
            # By time reversal: from minus the end to minus the beginning, by the same q.
            energies, velocities = energies[:, ::-1], -velocities[:, ::-1]
        spread = energies[:, None] + np.einsum("tia,pa->tpi", velocities, moves.cell)
        occupied = 1 / (1 + np.exp(np.clip((spread - mu) / kT, -300, 300)))
        thermal = np.sqrt((occupied * (1 - occupied)).prod(axis=-1))
        near = thermal.max(axis=1) > _NEGLIGIBLE
        spread, occupied, velocities = spread[near], occupied[near], velocities[near]
        before, after = occupied[..., 0], occupied[..., 1]
        shift = occupied * (1 - occupied) / kT
        shift1, shift2 = (shift[..., i] * velocities[:, i].T[..., None] for i in (0, 1))
        weights = np.stack([after * (1 - before), *(shift1 * (1 - after) - before * shift2)])
        back, *pushed = _binned(spread[..., 1] - spread[..., 0], moves.shares * weights, kT, steps)
        return cls(
            velocities[:, 1] - velocities[:, 0],
            moves.amplitudes[near],
            back,
            np.array(pushed),
        )


def _binned(omega: Floats, weights: Floats, kT: float, steps: int) -> Floats:
    """Sum weights (n, nt, np) over points at energies ω (nt, np), into bins: (n, nt, nω)."""
    count = 2 * _REACH * steps + 1
    place = (omega / kT + _REACH) * steps
    low = np.floor(place).astype(np.int64)
    rows = np.arange(len(omega))[:, None] * count
    found = np.zeros((len(weights), len(omega) * count))
    for at, share in ((low, 1 - (place - low)), (low + 1, place - low)):
        inside = (at >= 0) & (at < count)
        for total, weight in zip(found, weights, strict=True):
            total += np.bincount((rows + at)[inside], (weight * share)[inside], len(total))
    return found.reshape(len(weights), len(omega), count)


def _gained(driven: _Moves, other: _Moves, often: Floats) -> float:
    """What the other layer gains along the field, the mean of x and y.

    The other layer makes its transition by −q: the one by q, backwards.
    """
    total = 0.0
    for axis in (0, 1):
        lost = -other.gained[:, axis, None]
        moved = driven.pushed[axis] * (often @ (lost * other.back))
        total += float(moved.sum()) / 2
    return total
