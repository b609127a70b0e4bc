"""Drag at second order from the transitions of a parabolic band, as the library counts them."""

from __future__ import annotations

import math
from functools import cache

import numpy as np

from moirelib.chapters.time_reversal.data import TrigonalBand

# ε = b k² in meV, with b in meV nm²; the Fermi wavevector, a transfer and the mesh, in 1/nm.
_SLOPE, _FERMI, _TRANSFER = 900.0, 0.25, 0.1
_LONGEST, _SIZE = 0.4, 200


@cache
def rate_by_transitions(kT: float) -> float:
    """∫dω [Δv(ω)]²/k_BT at one transfer and k_BT in meV, in arbitrary units.

    Δv(ω) is the velocity that transitions by ħω gain: a second route to Im χ, with matrix
    elements, occupations and a mesh in place of the Lindhard function.
    """
    band = TrigonalBand(_SLOPE, 0.0, _SLOPE * _FERMI**2)
    moves = band.transitions(np.array([_TRANSFER, 0.0]), _LONGEST, _SIZE)
    omega = np.linspace(-12 * kT, 12 * kT, 97)
    gained = moves.gains(band.mu, kT, omega)[:, 0, 0, 0].real
    return float(gained @ gained) * float(omega[1] - omega[0]) / kT


def power_of_temperature() -> float:
    """The power of T with which that rate grows from 1 to 2 meV."""
    return math.log2(rate_by_transitions(2.0) / rate_by_transitions(1.0))
