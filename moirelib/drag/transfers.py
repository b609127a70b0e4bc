"""Transitions of one layer by one wavevector, and how often they occur at a temperature.

An electron goes from (k, n) to (k + q, m) and takes the energy ω from the other layer. What the
drag of second order asks of a layer is how much velocity such transitions gain, as a matrix in the
reciprocal vectors by which the transferred momentum may differ from q:

R_{GG′}(q, ω) = Σ_{k,n,m} λ_G* λ_{G′} √(f(1−f)) √(f′(1−f′)) δ(ε′ − ε − ω) (∂_kε′ − ∂_kε).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from moirelib import _validate
from moirelib._repr import short_repr
from moirelib._types import Complex, Floats
from moirelib.bands.brillouin import fermi_quotient

# Transitions whose thermal factor is below this share of the largest possible are left out.
_NEGLIGIBLE = 1e-4

# Numbers held at a time: bounds the memory.
_ELEMENTS = 8_000_000


@short_repr
@dataclass(frozen=True, eq=False)
class Transfers:
    """All transitions of a layer by one q, each with its matrix elements.

    Parameters
    ----------
    energies : ndarray, shape (nt, 2)
        Before and after, in meV.
    velocities : ndarray, shape (nt, 2, 2)
        ∂_kε before and after, in meV nm.
    amplitudes : ndarray, shape (nt, nG)
        λ_G(k, q), dimensionless.
    density : float
        What one transition counts per area, in 1/nm².
    cell, shares : ndarray, shape (ns, 2) and (ns,)
        Points of a cell of the mesh, about its centre, in 1/nm, and their shares of it: within it
        the energies go on linearly, so that sums over k do not show the steps of the mesh.
    """

    energies: Floats
    velocities: Floats
    amplitudes: Complex
    density: float
    cell: Floats
    shares: Floats

    def __post_init__(self) -> None:
        _validate.keep(self)

    def gains(self, mu: float, kT: float, omega: Floats) -> Complex:
        """Return R_{GG′}(q, ω) at equidistant ω.

        Parameters
        ----------
        mu, kT : float
            In meV; k_BT > 0.
        omega : ndarray, shape (nω,)
            Energies in meV, equidistant. Each transition is shared by its two neighbours.

        Returns
        -------
        ndarray, shape (nω, nG, nG, 2)
            In 1/nm, to be multiplied by τ/ħ in 1/meV for each layer.
        """
        near = self._largest(mu, kT) > _NEGLIGIBLE
        energies, amplitudes = self.energies[near], self.amplitudes[near]
        gained = self.velocities[near, 1] - self.velocities[near, 0]
        step = float(omega[1] - omega[0])
        count, rows = len(omega), len(energies)
        pairs = amplitudes.shape[1] ** 2
        total = np.zeros((count, 2 * pairs), dtype=complex)
        size = max(1, _ELEMENTS // (2 * pairs + count + 4 * len(self.cell)))
        for start in range(0, rows, size):
            some = slice(start, start + size)
            # Energies at the points of the cell: (transitions, points, 2).
            spread = energies[some, None] + np.einsum(
                "tia,pa->tpi", self.velocities[near][some], self.cell
            )
            weight = _root(spread[..., 0], mu, kT) * _root(spread[..., 1], mu, kT)
            place = (spread[..., 1] - spread[..., 0] - omega[0]) / step
            shares = _shared(place, weight * self.shares, count)
            products = np.einsum("tg,th->tgh", amplitudes[some].conj(), amplitudes[some])
            each = products[..., None] * gained[some, None, None]
            total += shares.T @ each.reshape(len(each), -1)
        nG = amplitudes.shape[1]
        scaled = self.density / step * total.reshape(count, nG, nG, 2)
        return np.asarray(scaled, dtype=np.complex128)

    def _largest(self, mu: float, kT: float) -> Floats:
        """The most that √(f(1−f)) √(f′(1−f′)) of a transition may be in its cell, (nt,)."""
        radius = np.linalg.norm(self.cell, axis=1).max()
        slack = np.linalg.norm(self.velocities, axis=2) * radius
        distance = np.maximum(np.abs(self.energies - mu) - slack, 0)
        return _root(distance[:, 0], 0.0, kT) * _root(distance[:, 1], 0.0, kT)

    def density_response(self, mu: float, kT: float) -> Complex:
        """Return χ_{GG′}(q), static, of these transitions in one valley: (nG, nG), 1/(meV nm²)."""
        quotient = fermi_quotient(self.energies[:, 0], self.energies[:, 1], mu, kT)
        weighted = self.amplitudes * quotient[:, None]
        response: Complex = self.density * self.amplitudes.conj().T @ weighted
        return response


def _root(energies: Floats, mu: float, kT: float) -> Floats:
    """√(f(1−f)) = 1/(2 cosh(x/2)), without overflow."""
    half = np.exp(-np.abs(energies - mu) / (2 * kT))
    return np.asarray(half / (1 + half**2), dtype=np.float64)


def _shared(place: Floats, weight: Floats, count: int) -> Floats:
    """Sum weights (nt, ns) at places on a grid: (nt, count), between two neighbours linearly."""
    rows = len(place)
    left = np.floor(place).astype(np.int64)
    part = place - left
    shares = np.zeros(rows * count)
    row = np.broadcast_to(np.arange(rows)[:, None], place.shape)
    for at, share in ((left, 1 - part), (left + 1, part)):
        inside = (at >= 0) & (at < count)
        shares += np.bincount(
            (row * count + at)[inside], (weight * share)[inside], minlength=rows * count
        )
    return shares.reshape(rows, count)
