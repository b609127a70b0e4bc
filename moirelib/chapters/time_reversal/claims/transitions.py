"""Drag at second order from the transitions of a parabolic band, as the library counts them."""

from __future__ import annotations

import math
from functools import cache

import numpy as np

from moirelib.drag.transfers import Transfers

# ε = b k² in meV, with b in meV nm²; the Fermi wavevector, a transfer and the mesh, in 1/nm.
_SLOPE, _FERMI, _TRANSFER = 900.0, 0.25, 0.1
_LONGEST, _SIZE = 0.4, 200


@cache
def rate_by_transitions(kT: float) -> float:
    """∫dω [Δv(ω)]²/k_BT at one transfer and k_BT in meV, in arbitrary units.

    Δv(ω) is the velocity that transitions by ħω gain: a second route to Im χ, with matrix
    elements, occupations and a mesh in place of the Lindhard function.
    """
    side = (np.arange(_SIZE) + 0.5) / _SIZE * 2 * _LONGEST - _LONGEST
    k = np.stack(np.meshgrid(side, side, indexing="ij"), axis=-1).reshape(-1, 2)
    moved = k + np.array([_TRANSFER, 0.0])
    spacing = 2 * _LONGEST / _SIZE
    fine = (np.arange(3) - 1) / 3 * spacing
    cell = np.stack(np.meshgrid(fine, fine, indexing="ij"), axis=-1).reshape(-1, 2)
    band = Transfers(
        _SLOPE * np.stack([(k**2).sum(axis=1), (moved**2).sum(axis=1)], axis=1),
        2 * _SLOPE * np.stack([k, moved], axis=1),
        np.ones((len(k), 1), dtype=complex),
        2 * (spacing / (2 * math.pi)) ** 2,
        cell,
        np.full(9, 1 / 9),
    )
    omega = np.linspace(-12 * kT, 12 * kT, 97)
    gained = band.gains(_SLOPE * _FERMI**2, kT, omega)[:, 0, 0, 0].real
    return float(gained @ gained) * float(omega[1] - omega[0]) / kT


def power_of_temperature() -> float:
    """The power of T with which that rate grows from 1 to 2 meV."""
    return math.log2(rate_by_transitions(2.0) / rate_by_transitions(1.0))
