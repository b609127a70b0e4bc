"""Claims on the Hamiltonian of the valleys with disorder: Ying Eqs. A7, A8 and A10–A12."""

from __future__ import annotations

import itertools
import math
from functools import cache

import numpy as np
from numpy.typing import NDArray

from moirelib.chapters.keldysh.claims.valleys import ROUNDING, Complex
from moirelib.ledger.measure import residual
from moirelib.ledger.registry import Discrepancy, Evidence, claim
from moirelib.models.two_valley import TwoValleyModel, white_noise_potential


@cache
def _disordered() -> tuple[Complex, Complex, NDArray[np.float64], NDArray[np.float64]]:
    """H with disorder and bias, what V₀ and V₁ add to it, and these, site by site."""
    rng = np.random.default_rng(5)
    v0, v1, bias = rng.normal(size=(3, 5, 5, 2))
    model = TwoValleyModel()
    h = model.lattice_hamiltonian(5, v0, v1, bias)
    return h, h - model.lattice_hamiltonian(5, 0.0, 0.0, bias), v0.ravel(), v1.ravel()


def _swap_valleys(h: Complex) -> Complex:
    half = h.shape[0] // 2
    return np.roll(np.roll(h, half, axis=0), half, axis=1)


@claim(
    "ying-A7",
    "Eq. A7",
    kind="definition",
    statement=r"$\hat H=\hat H_0+V_{dis}+\hat H_{int}$; the single-particle part is invariant "
    r"under time reversal $\sigma_x\mathcal K$.",
    implements="moirelib.models.two_valley.TwoValleyModel.lattice_hamiltonian",
    follows=("ying-A8", "ying-A10", "ying-A13"),
)
def _full_hamiltonian() -> Evidence:
    h = _disordered()[0]
    half = h.shape[0] // 2
    valley = np.diag(np.repeat([1.0, -1.0], half))
    broken = h + 0.5 * valley
    return Evidence(
        Discrepancy(
            "σ_x H* σ_x − H with disorder and bias",
            abs(_swap_valleys(h.conj()) - h).max(),
            1e-12,
            ROUNDING,
            "meV",
        ),
        controls=(
            Discrepancy("hermiticity", abs(h - h.conj().T).max(), 1e-12, ROUNDING, "meV"),
            Discrepancy(
                "the same with a valley splitting",
                abs(_swap_valleys(broken.conj()) - broken).max(),
                0.5,
                "the order parameter breaks it",
                "meV",
                True,
            ),
        ),
    )


@claim(
    "ying-A8",
    "Eq. A8",
    kind="definition",
    statement=r"$\hat H_0=\mathrm{diag}[H^{(+)}(-i\partial_x)+V_{bias},\,H^{(-)}(-i\partial_x)+"
    r"V_{bias}]$.",
    implements="moirelib.models.two_valley.TwoValleyModel.lattice_hamiltonian",
    follows=("ying-1",),
)
def _clean_hamiltonian() -> Evidence:
    model = TwoValleyModel()
    patch = np.linalg.eigvalsh(model.lattice_hamiltonian(6, 0.0, 0.0, bias=0.7))
    k = model.mesh(6)
    bloch = np.concatenate([np.linalg.eigvalsh(model.hamiltonian(k, s)).ravel() for s in (1, -1)])
    miss = abs(patch - np.sort(bloch) - 0.7).max()
    return Evidence(
        Discrepancy(
            "levels in real space against H(k) on the same momenta, shifted by the bias",
            miss,
            1e-11,
            "two constructions of one matrix; round-off",
            "meV",
        )
    )


@claim(
    "ying-A10",
    "Eq. A10",
    kind="definition",
    statement=r"$V_{dis}=V_0(x)\,1+V_1(x)\,\sigma_x$: only $V_1$ changes the valley.",
    implements="moirelib.models.two_valley.TwoValleyModel.lattice_hamiltonian",
)
def _disorder_matrix() -> Evidence:
    h, added, v0, v1 = _disordered()
    valley = np.diag(np.repeat([1.0, -1.0], v1.size))
    commutator = valley @ h - h @ valley
    exchange = np.kron([[0, 1], [1, 0]], np.diag(v1))
    return Evidence(
        Discrepancy(
            "what the disorder adds against V₀ 1 + V₁ σ_x, element by element",
            residual(added, np.kron(np.eye(2), np.diag(v0)) + exchange),
            1e-14,
            ROUNDING,
            "meV",
        ),
        controls=(
            Discrepancy(
                "[σ_z, H] against 2σ_z V₁ σ_x",
                residual(commutator, 2 * valley @ exchange),
                1e-14,
                ROUNDING,
                "meV",
            ),
        ),
    )


@claim(
    "ying-A11",
    "Eq. A11",
    kind="definition",
    statement=r"$P[V]\propto\exp[-\pi\nu\tau\int V^2]$.",
    implements="moirelib.models.two_valley.white_noise_potential",
    follows=("ying-A10",),
)
def _disorder_distribution() -> Evidence:
    nu, tau, area = 2e-3, 1.7, 30.0
    samples = white_noise_potential(np.random.default_rng(11), (400_000,), area, nu, tau)
    # Probabilities of intervals by quadrature of the printed weight of one site.
    edges = np.linspace(-3, 3, 13) * samples.std()
    nodes, weights = np.polynomial.legendre.leggauss(40)

    def mass(low: float, high: float) -> float:
        v = (low + high) / 2 + (high - low) / 2 * nodes
        return float((high - low) / 2 * np.exp(-math.pi * nu * tau * area * v**2) @ weights)

    total = sum(mass(j, j + 1.0) for j in range(-30, 30))
    expected = np.array([mass(a, b) for a, b in itertools.pairwise(edges)]) / total
    found = np.histogram(samples, edges)[0] / samples.size
    sigma = np.abs(found - expected) / np.sqrt(expected / samples.size)
    return Evidence(
        Discrepancy(
            "histogram of sampled potentials against the printed weight",
            float(sigma.max()),
            4.0,
            "twelve bins, 400 000 samples",
            "standard deviations",
        )
    )


@claim(
    "ying-A12",
    "Eq. A12",
    kind="definition",
    statement=r"$\langle V_0(x)V_0(x')\rangle=\delta(x-x')/2\pi\nu\tau$, and $\tau'$ for $V_1$: "
    r"the golden rule then gives the rate $1/\tau$.",
    implements="moirelib.models.two_valley.white_noise_potential",
    follows=("ying-A11",),
)
def _disorder_correlator() -> Evidence:
    nu, tau, area, n = 2e-3, 1.7, 30.0, 32
    rng = np.random.default_rng(12)
    v = white_noise_potential(rng, (300, n, n), area, nu, tau)
    # ⟨k′|V|k⟩ = (1/N)Σ V e^{iq·x}; the rate is 2π Σ_k′ |V_q|² δ(ε) = 2π ν A |V_q|².
    power = np.mean(np.abs(np.fft.fft2(v) / n**2) ** 2, axis=0)
    rates = 2 * math.pi * nu * (area * n**2) * power
    spread = abs(rates * tau - 1).max() * math.sqrt(300)
    return Evidence(
        Discrepancy(
            "golden-rule rate times τ, averaged over all momentum transfers, from 1",
            abs(rates.mean() * tau - 1),
            4 * math.sqrt(2 / v.size),
            "four standard deviations of the sample",
        ),
        controls=(
            Discrepancy(
                "largest deviation at one momentum transfer",
                spread,
                6.0,
                "white noise: largest of 1024 exponential variables averaged 300 times",
                "standard deviations",
            ),
        ),
    )
