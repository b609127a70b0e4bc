"""Two trigonal bands at low temperature: their valley drag from crossings of Fermi lines.

ε = b k² + c k³ cos 3θ in one valley, −c in the other. An electron that takes up q and ω starts on
the line of energy μ − ω/2 and lands on that of μ + ω/2: the crossings of two lines, one of them
displaced, are all that counts when k_BT is small.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from scipy.optimize import brentq

from moirelib._types import Floats
from moirelib.chapters.time_reversal.data import TrigonalBand

Potential = Callable[[Floats], Floats]

_SPIN = 2
_ANGLES = 96


def on_line(band: TrigonalBand, angle: Floats, energy: float) -> Floats:
    """Return k at angles of the line of an energy, (..., 2), by Newton's method."""
    cubic = band.warping * np.cos(3 * angle)
    radius = np.full_like(angle, math.sqrt(energy / band.curvature))
    for _ in range(30):
        value = band.curvature * radius**2 + cubic * radius**3 - energy
        radius = radius - value / (2 * band.curvature * radius + 3 * cubic * radius**2)
    return np.asarray(radius[..., None] * np.stack([np.cos(angle), np.sin(angle)], axis=-1))


def crossings(band: TrigonalBand, q: Floats, omega: float) -> Floats:
    """Return Σ (v′ − v)/|v × v′| over the crossings for q (2,) and ω in meV: (2,)."""

    def beyond(angle: Floats) -> Floats:
        k = on_line(band, angle, band.mu - omega / 2)
        return np.asarray(band.energy(k + q) - band.mu - omega / 2)

    edges = np.linspace(0, 2 * math.pi, _ANGLES + 1)
    values = beyond(edges)
    total = np.zeros(2)
    for i in np.flatnonzero(values[:-1] * values[1:] < 0):
        angle = brentq(lambda a: float(beyond(np.array(a))), edges[i], edges[i + 1], xtol=1e-13)
        k = on_line(band, np.array(angle), band.mu - omega / 2)
        before, after = band.velocity(k), band.velocity(k + q)
        total += (after - before) / abs(before[0] * after[1] - before[1] * after[0])
    return total


def cold_valley_drag(
    bands: tuple[TrigonalBand, TrigonalBand], potential: Potential, q: Floats, weights: Floats
) -> float:
    """Return the coefficient of T⁴ in the valley drag, in e²/h at ħ/τ = 1 meV and k_BT in meV.

    R(ω) − R(−ω) = 2ω g₁ (ω/2)/sinh(ω/2k_BT), and ∫dω ω² (ω/2)²/sinh² = (8π⁴/15) (k_BT)⁵.

    Parameters
    ----------
    bands : tuple of TrigonalBand
        Of the two layers, in one valley.
    potential : callable
        U(q) in meV nm².
    q : ndarray, shape (nq, 2)
        Points of the plane in 1/nm.
    weights : ndarray, shape (nq,)
        Of ∫d²q.
    """
    step = 0.2  # meV
    total = 0.0
    squares = potential(np.linalg.norm(q, axis=1)) ** 2
    for one, weight in zip(q, weights * squares, strict=True):
        slopes = [
            (crossings(band, one, step) - crossings(band, one, -step)) / (2 * step)
            for band in bands
        ]
        total += weight * float(slopes[0] @ slopes[1])
    per_line = _SPIN / (2 * math.pi) ** 2
    return 8 * math.pi**4 / 15 * per_line**2 * total
