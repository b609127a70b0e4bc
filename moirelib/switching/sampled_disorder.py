"""Two valleys on a lattice with sampled disorder: the averages ⟨…⟩ of Ying Eqs. A26–A42 themselves.

Valley + is one orbital per site of a triangular lattice with a flux in its hopping, whose Fermi
line has a threefold axis only; valley − is its time reverse. V₀ and V₁ are white noise with the
correlator of Ying Eq. A12,

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
from moirelib._memory import require_memory
from moirelib._threads import one_blas_thread

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

    Raises
    ------
    TypeError, ValueError
        If ``size`` is no integer ≥ 4, ``hopping`` no number > 0, or ``flux`` no finite number.
    """

    size: int
    hopping: float = 1.0
    flux: float = math.pi / 3

    def __post_init__(self) -> None:
        _validate.keep(
            self,
            size=_validate.integer("size", self.size, minimum=4),
            hopping=_validate.positive("hopping", self.hopping, "meV"),
            flux=_validate.real_scalar("flux", self.flux),
        )
        _validate.require_phase("flux", abs(self.flux))

    def band(self, valley: int = 1) -> Array:
        """ε(k) in meV on the momenta of the patch, (N, N).

        Raises
        ------
        ValueError
            If ``valley`` is neither 1 nor −1, or the band would not fit into memory.
        """
        _validate.choice("valley", valley, (1, -1))
        require_memory(f"size={self.size}", 4 * self.size**2)
        k = 2 * np.pi * np.arange(self.size) / self.size
        energy = np.zeros((self.size, self.size))
        for m, n in _NEIGHBOURS:
            energy = energy - 2 * self.hopping * np.cos(m * k[:, None] + n * k + valley * self.flux)
        return energy

    def hamiltonian(self, intra: ArrayLike = 0.0, inter: ArrayLike = 0.0) -> Complex:
        """[[H⁺ + V₀, V₁], [V₁, H⁻ + V₀]] in real space and meV, (2N², 2N²) (Ying Eqs. A8 and A10).

        V₀ and V₁ are ``intra`` and ``inter``, numbers or (N, N).

        Raises
        ------
        TypeError, ValueError
            If a potential is not real and finite, or neither a number nor (N, N).
        """
        v0, v1 = self._on_sites(intra=intra, inter=inter)
        clean = self._valley
        return np.block(
            [[clean + np.diag(v0), np.diag(v1)], [np.diag(v1), clean.conj() + np.diag(v0)]]
        )

    def _on_sites(self, **potentials: ArrayLike) -> list[Array]:
        sites = (self.size, self.size)
        out = []
        for name, value in potentials.items():
            array = _validate.real_array(name, value)
            if array.shape not in ((), sites):
                raise ValueError(f"{name} must be a number or {sites}, got shape {array.shape}")
            out.append(np.broadcast_to(array, sites).ravel())
        return out

    @cached_property
    def _valley(self) -> Complex:
        n = self.size
        require_memory(f"size={n}", 10.0 * n**4, 16)
        site = np.arange(n * n).reshape(n, n)
        h = np.zeros((n * n, n * n), dtype=np.complex128)
        for step in _NEIGHBOURS:
            moved = np.roll(site, (-step[0], -step[1]), axis=(0, 1)).ravel()
            amplitude = -self.hopping * np.exp(1j * self.flux)
            h[site.ravel(), moved] += amplitude
            h[moved, site.ravel()] += np.conj(amplitude)
        return h

    def potentials(
        self, rng: np.random.Generator, intra: float, inter: float
    ) -> tuple[Array, Array]:
        """V₀ and V₁ with variances ``intra`` and ``inter`` in meV² (Ying Eq. A12), (N, N) each.

        Raises
        ------
        TypeError, ValueError
            If a variance is no number ≥ 0.
        """
        shape = (self.size, self.size)
        return (
            rng.normal(scale=math.sqrt(_validate.non_negative("intra", intra, "meV²")), size=shape),
            rng.normal(scale=math.sqrt(_validate.non_negative("inter", inter, "meV²")), size=shape),
        )

    def sample(self, rng: np.random.Generator, intra: float, inter: float) -> Complex:
        """One Hamiltonian with :meth:`potentials` drawn from ``rng``, as :meth:`hamiltonian`."""
        return self.hamiltonian(*self.potentials(rng, intra, inter))

    def propagator(self, z: complex, intra: ArrayLike, inter: ArrayLike) -> Complex:
        """The block of valley + of (z − H)⁻¹ in 1/meV, (N², N²) in real space (Ying Eq. A34).

        With A = z − H⁺ − V₀ that of valley − is Aᵀ, by time reversal, so that two inverses of half
        the size are enough: [A − V₁(A⁻¹)ᵀV₁]⁻¹. V₀ and V₁ are ``intra`` and ``inter``.

        Raises
        ------
        TypeError, ValueError
            If ``z`` is not one number with Im z > 0; as :meth:`hamiltonian`.
        """
        z = _upper(z)
        v0, v1 = self._on_sites(intra=intra, inter=inter)
        a = z * np.eye(self.size**2) - self._valley - np.diag(v0)
        return np.asarray(np.linalg.inv(a - v1[:, None] * np.linalg.inv(a).T * v1))


@one_blas_thread
def averaged_propagator(
    model: TriangularValleys,
    z: complex,
    intra: float,
    inter: float,
    samples: int,
    seed: int,
) -> Complex:
    """Return the diagonal elements G^R(k, k; z) of valley + for each sample (Ying Eq. A34).

    Parameters
    ----------
    model : TriangularValleys
        The clean patch.
    z : complex
        Energy and width in meV, Im z > 0.
    intra, inter : float
        Variances of V₀ and V₁ per site in meV².
    samples, seed : int
        Number of potentials, and the seed of their generator.

    Returns
    -------
    array (samples, N, N)
        In 1/meV.

    Raises
    ------
    TypeError, ValueError
        If ``model`` is no patch, ``z`` not one number with Im z > 0, a variance no number ≥ 0,
        ``samples`` no positive integer, or ``seed`` no integer ≥ 0.
    """
    _require_patch(model)
    z = _upper(z)
    intra, inter = _variances(intra, inter)
    rng = _generator(seed)
    n = model.size
    samples = _number_of_samples(samples, 2 * n * n)
    out = np.empty((samples, n, n), dtype=np.complex128)
    for i in range(samples):
        block = model.propagator(z, *model.potentials(rng, intra, inter)).reshape(n, n, n, n)
        transformed = np.fft.ifft2(np.fft.fft2(block, axes=(0, 1)), axes=(2, 3))
        index = np.arange(n)
        out[i] = transformed[index[:, None], index, index[:, None], index]
    return out


@one_blas_thread
def sampled_polarisation(
    model: TriangularValleys,
    q: Sequence[tuple[int, int]],
    frequencies: ArrayLike,
    mu: float,
    kT: float,
    intra: float,
    inter: float,
    samples: int,
    seed: int,
) -> NDArray[np.float64]:
    """Return Π(q, iΩ) per valley from the exact levels of each sample, in 1/meV per site.

    What Ying Eq. A42 is the average of.

    Parameters
    ----------
    model : TriangularValleys
        The clean patch.
    q : sequence of Q pairs of int
        Momenta in steps of the patch.
    frequencies : (M,) array
        Ω in meV, ≥ 0.
    mu, kT : float
        In meV.
    intra, inter : float
        Variances of V₀ and V₁ per site in meV².
    samples, seed : int
        Number of potentials, and the seed of their generator.

    Returns
    -------
    array (samples, Q, 2, M)
        Response of the difference and of the sum of the valleys. Imaginary frequencies need no
        width: the levels of a finite patch are discrete.

    Raises
    ------
    TypeError, ValueError
        As :func:`averaged_propagator`; if ``q`` is not a list of pairs of integers, a frequency not
        ≥ 0, ``mu`` no finite number, or ``kT`` no number > 0.
    """
    _require_patch(model)
    pairs = _validate.integer_pairs("q", q)
    if pairs.ndim != 2 or not len(pairs):
        raise ValueError(f"q must be a list of pairs (Q, 2), got shape {pairs.shape}")
    omega = _validate.non_negative_array(
        "frequencies", _validate.real_vector("frequencies", frequencies), "meV"
    )
    mu = _validate.real_scalar("mu", mu)
    kT = _validate.positive("kT", kT, "meV")
    intra, inter = _variances(intra, inter)
    rng = _generator(seed)
    n = model.size
    samples = _number_of_samples(samples, 2 * len(pairs) * omega.size)
    x, y = np.meshgrid(np.arange(n), np.arange(n), indexing="ij")
    waves = [np.exp(2j * np.pi * (a * x + b * y) / n).ravel() for a, b in pairs]
    out = np.empty((samples, len(waves), 2, omega.size))
    for i in range(samples):
        energies, states = np.linalg.eigh(model.sample(rng, intra, inter))
        f = 0.5 * (1 - np.tanh((energies - mu) / (2 * kT)))
        gap = energies[:, None] - energies[None, :]
        drop = f[None, :] - f[:, None]
        slope = f * (1 - f) / kT
        ratios = []
        for w in omega:
            if w == 0:
                close = np.abs(gap) < 1e-9
                ratios.append(np.where(close, slope[:, None], drop / np.where(close, 1.0, gap)))
            else:
                ratios.append(drop * gap / (gap**2 + w**2))
        for j, wave in enumerate(waves):
            # Both valleys of one wave: their sum and their difference are the two vertices.
            plus, minus = (
                part.conj().T @ (wave[:, None] * part)
                for part in (states[: n * n], states[n * n :])
            )
            for c, vertex in enumerate((plus - minus, plus + minus)):
                weight = np.abs(vertex) ** 2
                out[i, j, c] = [float((weight * ratio).sum()) / (2 * n * n) for ratio in ratios]
    return out


@one_blas_thread
def sampled_valley_decay(
    model: TriangularValleys,
    times: ArrayLike,
    window: tuple[float, float],
    intra: float,
    inter: float,
    samples: int,
    seed: int,
) -> Array:
    """Return the valley polarisation of electrons put into valley +, evolved exactly.

    The kinetic equation, Ying Eqs. 6 and A36, has it decay as exp(−2t/τ').

    Parameters
    ----------
    model : TriangularValleys
        The clean patch.
    times : array (T,)
        In ħ/meV.
    window : pair of float
        The electrons start in the plane waves with band energies between these, in meV.
    intra, inter : float
        Variances of V₀ and V₁ per site in meV².
    samples, seed : int
        Number of potentials, and the seed of their generator.

    Returns
    -------
    array (samples, T)
        Between 1 and 0 for the mean over many samples.

    Raises
    ------
    TypeError, ValueError
        As :func:`averaged_propagator`; if ``window`` are not two numbers or hold no level of the
        patch, or times are not real or too long for a phase.
    """
    _require_patch(model)
    t = _validate.real_vector("times", times)
    low, high = (_validate.real_scalar("window", end) for end in _validate.pair("window", window))
    intra, inter = _variances(intra, inter)
    rng = _generator(seed)
    n = model.size
    samples = _number_of_samples(samples, t.size)
    band = model.band()
    k = np.argwhere((band > low) & (band < high))
    if not len(k):
        raise ValueError(f"window must hold a level of the patch, got {window}")
    x = np.stack(np.meshgrid(np.arange(n), np.arange(n), indexing="ij"), axis=-1).reshape(-1, 2)
    waves = np.exp(2j * np.pi * x @ k.T / n) / n
    out = np.empty((samples, t.size))
    for i in range(samples):
        energies, states = np.linalg.eigh(model.sample(rng, intra, inter))
        _validate.require_phase("times", float(np.abs(t).max() * np.abs(energies).max()))
        start = states.conj().T[:, : n * n] @ waves
        for j, late in enumerate(t):
            weight = np.abs(states @ (np.exp(-1j * energies * late)[:, None] * start)) ** 2
            out[i, j] = (weight[: n * n].sum() - weight[n * n :].sum()) / weight.sum()
    return out


def _require_patch(model: TriangularValleys) -> None:
    _validate.instance("model", model, TriangularValleys, "a TriangularValleys")


def _upper(z: complex) -> complex:
    """Return ``z`` as a complex number in the upper half plane."""
    value = _validate.complex_array("z", z)
    if value.ndim:
        raise ValueError(f"z must be one complex number, got shape {value.shape}")
    number = complex(value)
    if not number.imag > 0:
        raise ValueError(f"z must have an imaginary part > 0 meV, got {number:.6g}")
    _validate.positive("the imaginary part of z", number.imag, "meV")
    return number


def _variances(intra: float, inter: float) -> tuple[float, float]:
    return (
        _validate.non_negative("intra", intra, "meV²"),
        _validate.non_negative("inter", inter, "meV²"),
    )


def _generator(seed: int) -> np.random.Generator:
    return np.random.default_rng(_validate.integer("seed", seed, minimum=0))


def _number_of_samples(samples: int, each: int) -> int:
    number = _validate.integer("samples", samples, minimum=1)
    require_memory(f"samples={number}", float(number) * each)
    return number
