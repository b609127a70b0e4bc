"""Two trigonal bands at low temperature: their valley drag from crossings of Fermi lines.

ε = b k² + c k³ cos 3θ in one valley, −c in the other. An electron that takes up q and ω starts on
the line of energy μ − ω/2 and lands on that of μ + ω/2: the crossings of two lines, one of them
displaced, are all that counts when k_BT is small.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from moirelib._types import Floats
from moirelib.drag.transfers import Transfers

Potential = Callable[[Floats], Floats]

_SPIN = 2
_ANGLES = 96

# Points across a cell of the square mesh.
_WITHIN = 3


@dataclass(frozen=True)
class TrigonalBand:
    """ε = b k² + c k³ cos 3θ at a chemical potential.

    Parameters
    ----------
    curvature : float
        b in meV nm².
    warping : float
        c in meV nm³.
    mu : float
        In meV.
    """

    curvature: float
    warping: float
    mu: float

    def energy(self, k: Floats) -> Floats:
        """Return ε in meV of k (..., 2) in 1/nm."""
        x, y = k[..., 0], k[..., 1]
        found: Floats = self.curvature * (x**2 + y**2) + self.warping * (x**3 - 3 * x * y**2)
        return found

    def velocity(self, k: Floats) -> Floats:
        """Return ∂_kε in meV nm of k (..., 2)."""
        x, y = k[..., 0], k[..., 1]
        warped = 3 * self.warping * np.stack([x**2 - y**2, -2 * x * y], axis=-1)
        return np.asarray(2 * self.curvature * k + warped)

    def transitions(
        self, q: Floats, longest: float, size: int, window: float = math.inf
    ) -> Transfers:
        """Return transitions by q (2,) on a square mesh, of states within a window of μ in meV.

        The mesh has ``size`` points along each side, up to ``longest`` in 1/nm from the centre.
        """
        spacing = 2 * longest / size
        side = (np.arange(size) + 0.5) * spacing - longest
        k = np.stack(np.meshgrid(side, side, indexing="ij"), axis=-1).reshape(-1, 2)
        before, after = (np.abs(self.energy(one) - self.mu) < window for one in (k, k + q))
        k = k[before & after]
        fine = (np.arange(_WITHIN) - (_WITHIN - 1) / 2) / _WITHIN * spacing
        cell = np.stack(np.meshgrid(fine, fine, indexing="ij"), axis=-1).reshape(-1, 2)
        return Transfers(
            np.stack([self.energy(k), self.energy(k + q)], axis=1),
            np.stack([self.velocity(k), self.velocity(k + q)], axis=1),
            np.ones((len(k), 1), dtype=complex),
            _SPIN * (spacing / (2 * math.pi)) ** 2,
            cell,
            np.full(_WITHIN**2, _WITHIN**-2),
        )

    def on_line(self, angle: Floats, energy: float) -> Floats:
        """Return k at angles of the line of an energy, (..., 2), by Newton's method."""
        cubic = self.warping * np.cos(3 * angle)
        radius = np.full_like(angle, math.sqrt(energy / self.curvature))
        for _ in range(30):
            value = self.curvature * radius**2 + cubic * radius**3 - energy
            radius = radius - value / (2 * self.curvature * radius + 3 * cubic * radius**2)
        return np.asarray(radius[..., None] * np.stack([np.cos(angle), np.sin(angle)], axis=-1))

    def crossings(self, q: Floats, omega: float) -> Floats:
        """Return Σ (v′ − v)/|v × v′| over the crossings for q (2,) and ω in meV: (2,)."""

        def beyond(angle: Floats) -> Floats:
            k = self.on_line(angle, self.mu - omega / 2)
            return np.asarray(self.energy(k + q) - self.mu - omega / 2)

        edges = np.linspace(0, 2 * math.pi, _ANGLES + 1)
        values = beyond(edges)
        total = np.zeros(2)
        for i in np.flatnonzero(values[:-1] * values[1:] < 0):
            angle = brentq(lambda a: float(beyond(np.array(a))), edges[i], edges[i + 1], xtol=1e-13)
            k = self.on_line(np.array(angle), self.mu - omega / 2)
            before, after = self.velocity(k), self.velocity(k + q)
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
            (band.crossings(one, step) - band.crossings(one, -step)) / (2 * step) for band in bands
        ]
        total += weight * float(slopes[0] @ slopes[1])
    per_line = _SPIN / (2 * math.pi) ** 2
    return 2 * 8 * math.pi**4 / 15 * per_line**2 * total
