"""Two valleys on a lattice with sampled disorder: the averages ⟨…⟩ of Ying A26–A42 themselves.

Valley + is one orbital per site of a triangular lattice with a flux in its hopping, whose Fermi
line has a threefold axis only; valley − is its time reverse. V₀ and V₁ are white noise with the
correlator of Ying A12,

    ⟨V₀²⟩ = 1/(2πντ A_site),   ⟨V₁²⟩ = 1/(2πντ' A_site)   per site,

so that Born's self-energy is −(i/2)(1/τ + 1/τ').

Energies in meV, the lattice constant is the unit of length, times are τ/ħ in 1/meV.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from moirelib import _validate

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

_NEIGHBOURS = ((1, 0), (-1, 1), (0, -1))  # three hops at 120°, the others are their reverses


@dataclass(frozen=True)
class TriangularValleys:
    """Valleys ± on a periodic patch of N × N sites.

    ε_±(k) = −2t Σ_j cos(k·a_j ± φ) over three bonds at 120°.

    Parameters
    ----------
    size : int
        N ≥ 4.
    hopping : float
        t in meV, > 0.
    flux : float
        φ in radians.
    """

    size: int
    hopping: float = 1.0
    flux: float = math.pi / 3

    def __post_init__(self) -> None:
        _validate.integer("size", self.size, minimum=4)
        _validate.positive("hopping", self.hopping, "meV")
        _validate.real_scalar("flux", self.flux)

    def band(self, valley: int = 1) -> Array:
        """ε(k) in meV on the N × N momenta of the patch."""
        _validate.choice("valley", valley, (1, -1))
        k = 2 * np.pi * np.arange(self.size) / self.size
        energy = np.zeros((self.size, self.size))
        for m, n in _NEIGHBOURS:
            energy = energy - 2 * self.hopping * np.cos(m * k[:, None] + n * k + valley * self.flux)
        return energy

    def hamiltonian(self, intra: ArrayLike = 0.0, inter: ArrayLike = 0.0) -> Complex:
        """[[H⁺ + V₀, V₁], [V₁, H⁻ + V₀]] in real space, (2N², 2N²) in meV (Ying A8, A10)."""
        n = self.size
        v0, v1 = (
            np.broadcast_to(_validate.real_array(name, value), (n, n)).ravel()
            for name, value in (("intra", intra), ("inter", inter))
        )
        clean = self._valley
        return np.block(
            [[clean + np.diag(v0), np.diag(v1)], [np.diag(v1), clean.conj() + np.diag(v0)]]
        )

    @cached_property
    def _valley(self) -> Complex:
        n = self.size
        site = np.arange(n * n).reshape(n, n)
        h = np.zeros((n * n, n * n), dtype=np.complex128)
        for step in _NEIGHBOURS:
            moved = np.roll(site, (-step[0], -step[1]), axis=(0, 1)).ravel()
            amplitude = -self.hopping * np.exp(1j * self.flux)
            h[site.ravel(), moved] += amplitude
            h[moved, site.ravel()] += np.conj(amplitude)
        return h

    def sample(self, rng: np.random.Generator, intra: float, inter: float) -> Complex:
        """One Hamiltonian with white noise of variances ``intra`` and ``inter`` in meV²."""
        shape = (self.size, self.size)
        v0 = rng.normal(scale=math.sqrt(intra), size=shape)
        v1 = rng.normal(scale=math.sqrt(inter), size=shape)
        return self.hamiltonian(v0, v1)


@dataclass(frozen=True, eq=False)
class BornSelfEnergy:
    """Σ(z) of valley +, from lines that do not cross and from the first pair that does.

    Parameters
    ----------
    first : complex
        u g + u₁ g', self-consistent, in meV.
    crossed : (N, N) array
        The diagram of two crossed lines for each k, in meV.
    """

    first: complex
    crossed: Complex


def born_self_energy(
    model: TriangularValleys, z: complex, intra: float, inter: float
) -> BornSelfEnergy:
    """Σ(z) for white noise of variances ``intra`` and ``inter`` per site, on the same patch.

    White noise makes each line of disorder a point: lines that do not cross give
    Σ = (u + u₁) G(x, x), two crossed lines G(x)G(−x)G(x), with the valleys as V₀ and V₁ set them.
    """
    band = model.band()
    u = intra + inter
    sigma = -0.5j * math.sqrt(u)
    for _ in range(4000):
        value = u * (1 / (z - band - sigma)).mean()
        if abs(value - sigma) < 1e-14:
            break
        sigma = 0.5 * (sigma + value)
    plus = np.fft.ifft2(1 / (z - band - sigma))  # G(x) = (1/N²)Σ e^{ikx} G(k)
    minus = np.fft.ifft2(1 / (z - model.band(-1) - sigma))

    def back(g: Complex) -> Complex:
        return np.asarray(np.roll(g[::-1, ::-1], (1, 1), axis=(0, 1)))

    lines = (
        intra**2 * plus * back(plus) * plus
        + intra * inter * (plus * back(minus) * minus + minus * back(minus) * plus)
        + inter**2 * minus * back(plus) * minus
    )
    return BornSelfEnergy(complex(sigma), np.fft.fft2(lines))


def averaged_propagator(
    model: TriangularValleys,
    z: complex,
    intra: float,
    inter: float,
    samples: int,
    seed: int,
) -> Complex:
    """Diagonal elements G^R(k, k; z) of valley + for each sample, shape (samples, N, N)."""
    rng = np.random.default_rng(seed)
    n = model.size
    out = np.empty((samples, n, n), dtype=np.complex128)
    identity = np.eye(2 * n * n)
    for i in range(samples):
        g = np.linalg.solve(z * identity - model.sample(rng, intra, inter), identity[:, : n * n])
        block = g[: n * n].reshape(n, n, n, n)
        transformed = np.fft.ifft2(np.fft.fft2(block, axes=(0, 1)), axes=(2, 3))
        index = np.arange(n)
        out[i] = transformed[index[:, None], index, index[:, None], index]
    return out


def sampled_polarisation(
    model: TriangularValleys,
    q: Sequence[int],
    frequencies: ArrayLike,
    mu: float,
    kT: float,
    intra: float,
    inter: float,
    samples: int,
    seed: int,
) -> NDArray[np.float64]:
    """Π(q, iΩ) per valley from the exact levels of each sample, in 1/meV per site.

    Parameters
    ----------
    q : pair of int
        Momentum in steps of the patch.
    frequencies : (M,) array
        Ω in meV, ≥ 0.
    mu, kT : float
        In meV.

    Returns
    -------
    (samples, 2, M) array
        Response of the difference and of the sum of the valleys. Imaginary frequencies need no
        width: the levels of a finite patch are discrete.
    """
    omega = _validate.real_array("frequencies", frequencies)
    rng = np.random.default_rng(seed)
    n = model.size
    x, y = np.meshgrid(np.arange(n), np.arange(n), indexing="ij")
    wave = np.exp(2j * np.pi * (q[0] * x + q[1] * y) / n).ravel()
    vertices = (np.concatenate([wave, -wave]), np.concatenate([wave, wave]))
    out = np.empty((samples, 2, omega.size))
    for i in range(samples):
        energies, states = np.linalg.eigh(model.sample(rng, intra, inter))
        f = 0.5 * (1 - np.tanh((energies - mu) / (2 * kT)))
        gap = energies[:, None] - energies[None, :]
        drop = f[None, :] - f[:, None]
        slope = f * (1 - f) / kT
        for j, vertex in enumerate(vertices):
            weight = np.abs(states.conj().T @ (vertex[:, None] * states)) ** 2
            for m, w in enumerate(omega):
                if w == 0:
                    close = np.abs(gap) < 1e-9
                    ratio = np.where(close, slope[:, None], drop / np.where(close, 1.0, gap))
                else:
                    ratio = drop * gap / (gap**2 + w**2)
                out[i, j, m] = float((weight * ratio).sum()) / (2 * n * n)
    return out


def ladder_polarisation_on_patch(
    model: TriangularValleys,
    q: Sequence[int],
    order: int,
    mu: float,
    kT: float,
    intra: float,
    inter: float,
    *,
    odd: bool = True,
    count: int = 200,
) -> float:
    """Π(q, iΩ) at Ω = 2π k_BT · ``order`` from the sum over ladders, on the same patch.

    Π = −k_BT Σ_m χ/(1 − uχ), the sum over Matsubara frequencies of Ying A40 after the average,
    with Σ from lines that do not cross and u = u₀ ∓ u₁ in the ladder of the difference and of the
    sum. In 1/meV per site.

    Parameters
    ----------
    order : int
        ≥ 1.
    count : int
        Frequencies on each side; what lies beyond is of order 1/``count``³.
    """
    n = _validate.integer("order", order, minimum=1)
    band = model.band()
    moved = np.roll(band, (-int(q[0]), -int(q[1])), axis=(0, 1))
    m = np.arange(-count - n, count)
    epsilon = (2 * m + 1) * math.pi * kT
    total = intra + inter
    sigma = np.empty(epsilon.size + n, dtype=np.complex128)
    frequencies = (2 * np.arange(-count - n, count + n) + 1) * math.pi * kT
    for i, e in enumerate(frequencies):
        value = -1j * math.copysign(math.sqrt(total), e)
        for _ in range(2000):
            new = total * (1 / (1j * e + mu - band - value)).mean()
            if abs(new - value) < 1e-13:
                break
            value = 0.5 * (value + new)
        sigma[i] = value
    u = intra - inter if odd else total
    summed = 0.0
    for i, e in enumerate(epsilon):
        first = 1 / (1j * (e + 2 * math.pi * kT * n) + mu - moved - sigma[i + n])
        second = 1 / (1j * e + mu - band - sigma[i])
        chi = (first * second).mean()
        # One level at zero has the same tail and sums to zero.
        atom = 1 / (1j * e * 1j * (e + 2 * math.pi * kT * n))
        summed += (chi / (1 - u * chi) - atom).real
    return -kT * summed
