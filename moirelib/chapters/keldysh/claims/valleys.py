"""Claims on the two valleys, their interaction and disorder: Ying Eqs. 1, 2, A7–A13."""

from __future__ import annotations

import itertools
import math
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq, fsolve, minimize_scalar

from moirelib.ledger.measure import residual
from moirelib.ledger.registry import Discrepancy, Evidence, claim
from moirelib.models.two_valley import (
    TwoValleyModel,
    berry_curvature,
    chern_number,
    white_noise_potential,
)
from moirelib.switching.stoner import ValleyOrderParameter

ROUNDING = "round-off: both sides are finite sums in double precision"
Complex = NDArray[np.complex128]


def fock_operators(levels: int) -> list[NDArray[np.float64]]:
    """Annihilation operators of a few levels as matrices (Jordan and Wigner)."""
    lower, sign = np.array([[0.0, 1.0], [0.0, 0.0]]), np.diag([1.0, -1.0])
    operators = []
    for i in range(levels):
        factors = [sign] * i + [lower] + [np.eye(2)] * (levels - i - 1)
        product = factors[0]
        for factor in factors[1:]:
            product = np.kron(product, factor)
        operators.append(product)
    return operators


@claim(
    "ying-1",
    "Eq. 1",
    kind="definition",
    statement=r"$H_0=\sum_s\psi^{(s)\dagger}H^{(s)}\psi^{(s)}$: two Chern insulators that are time "
    r"reverses of each other, Chern numbers $\pm1$.",
    implements="moirelib.models.two_valley.TwoValleyModel.hamiltonian",
)
def _chern_insulators() -> Evidence:
    model = TwoValleyModel()
    miss = max(
        abs(model.chern_number(s, band) - s * sign)
        for s in (1, -1)
        for band, sign in ((0, -1), (1, 1))
    )
    k = model.mesh(60)
    area = abs(np.linalg.det(model.reciprocal_vectors)) / 60**2
    kubo = berry_curvature(model.hamiltonian, k, band=1).sum() * area / (2 * math.pi)
    states = np.linalg.eigh(model.hamiltonian(k))[1][..., 1]
    phases = np.exp(2j * math.pi * np.random.default_rng(3).random(states.shape[:2]))
    twisted = chern_number(states * phases[..., None])
    trivial = TwoValleyModel(mass=5.0).chern_number()
    return Evidence(
        Discrepancy(
            "Chern numbers of four bands from ±1",
            miss,
            1e-10,
            "integers by construction; round-off",
        ),
        controls=(
            Discrepancy(
                "Kubo sum from 1",
                abs(kubo - 1),
                1e-5,
                "difference quotients; exponential in the mesh",
            ),
            Discrepancy(
                "random phases of the states",
                abs(twisted - 1),
                1e-10,
                "gauge invariance; round-off",
            ),
            Discrepancy(
                "Chern number with a large mass",
                abs(trivial),
                1e-10,
                "trivial insulator; round-off",
            ),
        ),
    )


@claim(
    "ying-2",
    "Eq. 2",
    kind="definition",
    statement=r"$H_{int}=U\int n^{(+)}n^{(-)}=\frac U4\int(n^2-\Phi^2)$; its mean field is the map "
    r"$\Phi\to\Delta n_0(\Phi)$.",
    implements="moirelib.switching.mean_field.MeanFieldMap.source",
)
def _interaction() -> Evidence:
    def dos(e: NDArray[np.float64]) -> NDArray[np.float64]:
        return 0.01 * np.exp(-((e / 3) ** 2) / 2)

    order = ValleyOrderParameter(dos, 125.0, 0.0, 0.6, "density", energies=(-20, 20))
    phi = order.equilibria(0.0)[-1].phi
    half = float(order.band.density(0.6, 0.0))

    def kinetic(n: float) -> float:
        mu = brentq(lambda m: float(order.band.density(m, 0.0)) - n, -19.9, 19.9, xtol=1e-13)
        # ∫ε ν dε below μ, for a Gaussian band in closed form.
        return -9.0 * float(dos(np.array(mu)))

    def energy(p: float) -> float:
        n_up, n_down = half + p / 2, half - p / 2
        return kinetic(n_up) + kinetic(n_down) + 125.0 * n_up * n_down

    best = minimize_scalar(
        energy, bounds=(0.5 * phi, 1.4 * phi), method="bounded", options={"xatol": 1e-10}
    ).x
    n = np.array([[a, b] for a in (0, 1) for b in (0, 1)])
    identity = n[:, 0] * n[:, 1] - (n.sum(1) ** 2 - (n[:, 0] - n[:, 1]) ** 2) / 4
    return Evidence(
        Discrepancy(
            "Φ that minimises E(n₊) + E(n₋) + U n₊n₋ at T = 0 and fixed density, against the map",
            abs(best / phi - 1),
            1e-5,
            "the position of a flat minimum is known to the root of the rounding error",
        ),
        controls=(
            Discrepancy(
                "n₊n₋ − (n² − Φ²)/4 on the four occupations", abs(identity).max(), 0.0, "integers"
            ),
        ),
    )


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
    "ying-A9",
    "Eq. A9",
    kind="definition",
    statement=r"$\mathcal TH^{(+)}(-i\partial_x)\mathcal T^{-1}=H^{(-)}(i\partial_x)$, i.e. "
    r"$H^{(-)}(-k)=H^{(+)}(k)^*$.",
    implements="moirelib.models.two_valley.TwoValleyModel.hamiltonian",
    follows=("ying-1",),
)
def _time_reversal() -> Evidence:
    model = TwoValleyModel()
    k = np.random.default_rng(7).normal(scale=0.3, size=(50, 2))
    miss = abs(model.hamiltonian(-k, -1) - model.hamiltonian(k, 1).conj()).max()
    bands = abs(
        np.linalg.eigvalsh(model.hamiltonian(k, -1)) - np.linalg.eigvalsh(model.hamiltonian(k, 1))
    )
    return Evidence(
        Discrepancy("H⁽⁻⁾(−k) − H⁽⁺⁾(k)*", miss, 1e-12, ROUNDING, "meV"),
        controls=(
            Discrepancy(
                "ε⁽⁻⁾(k) − ε⁽⁺⁾(k) at the same k",
                float(bands.max()),
                0.1,
                "one valley alone is not symmetric",
                "meV",
                True,
            ),
        ),
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


@claim(
    "ying-A13",
    "Eq. A13",
    kind="definition",
    also=("ying-2",),
    statement=r"$\hat H_{int}=Un^{(+)}(x)n^{(-)}(x)$, local in space: the same statement as "
    "Eq. 2, on two sites.",
    implements="moirelib.switching.stoner.ValleyOrderParameter.interaction",
    follows=("ying-2",),
)
def _local_interaction() -> Evidence:
    u, t = 3.0, 0.8
    c = fock_operators(4)  # two sites of valley +, then two of valley −
    number = [a.T @ a for a in c]
    h = u * (number[0] @ number[2] + number[1] @ number[3])
    for i, j in ((0, 1), (2, 3)):
        h = h - t * (c[i].T @ c[j] + c[j].T @ c[i])
    one_each = np.flatnonzero(
        (np.diag(number[0] + number[1]) == 1) & (np.diag(number[2] + number[3]) == 1)
    )
    ground = np.linalg.eigvalsh(h[np.ix_(one_each, one_each)])[0]
    exact = (u - math.sqrt(u**2 + 16 * t**2)) / 2
    hartree, mapped = _hartree_levels()
    return Evidence(
        Discrepancy(
            "Φ of a Gaussian band at T = 0 and fixed density from the levels ε + Un⁽∓⁾ of each "
            "valley, both densities solved for, against the library's map",
            abs(hartree / mapped - 1),
            1e-11,
            "a Gaussian is integrated to round-off",
        ),
        controls=(
            Discrepancy(
                "ground state of two sites, one electron per valley, against the closed form",
                abs(ground - exact),
                1e-12,
                ROUNDING,
                "meV",
            ),
        ),
    )


def _hartree_levels() -> tuple[float, float]:
    """Φ with U n⁽⁺⁾n⁽⁻⁾: from two densities, each in the field of the other, and by the map."""
    peak, width, u, mu = 0.01, 3.0, 125.0, 0.6

    def below(level: float) -> float:
        return peak * width * math.sqrt(math.pi / 2) * (1 + math.erf(level / width / math.sqrt(2)))

    total = 2 * below(mu)

    def miss(unknown: NDArray[np.float64]) -> list[float]:
        up, down, level = unknown
        return [
            below(level - u * down) - up,
            below(level - u * up) - down,
            up + down - total,
        ]

    start = [0.7 * total, 0.3 * total, mu + u * total / 2]
    up, down, _ = fsolve(miss, start, xtol=1e-13)
    order = ValleyOrderParameter(
        lambda e: peak * np.exp(-((e / width) ** 2) / 2), u, 0.0, mu, "density", energies=(-20, 20)
    )
    return float(up - down), order.equilibria(0.0)[-1].phi
