"""Claims on the two valleys and their interaction: Ying Eqs. 1, 2, A9 and A13."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq, fsolve, minimize_scalar

from moirelib.ledger.registry import Discrepancy, Evidence, claim
from moirelib.models.two_valley import (
    TwoValleyModel,
    berry_curvature,
    chern_number,
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
