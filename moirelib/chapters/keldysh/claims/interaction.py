"""Claims on the interaction with more than one site: Ying Eqs. A13–A18 and A22."""

from __future__ import annotations

import itertools
import math
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import expm
from scipy.optimize import brentq

from moirelib.chapters.keldysh.claims.contour import contour
from moirelib.chapters.keldysh.claims.valleys import fock_operators
from moirelib.ledger.registry import Discrepancy, Evidence, claim
from moirelib.switching.keldysh import fermi_matrix

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

U, STEP, KT = 0.9, 0.35, 0.7


def _hamiltonian(source: float) -> Complex:
    """Two sites of valley +, two of valley −, complex hopping, a potential on one branch."""
    hop = 0.8 * np.exp(0.4j)
    site = np.array([[0.2, hop], [np.conj(hop), -0.3]])
    zero = np.zeros((2, 2))
    valleys = np.block([[site, zero], [zero, site.conj()]])
    return np.asarray(valleys + source * np.diag([0.7, -0.2, 0.1, 0.5]), dtype=np.complex128)


SOURCES = (1.6, -1.3)
"""What tells the branches apart: otherwise Z = 1 whatever the interaction."""


def _many_body(matrix: Complex) -> Complex:
    c = fock_operators(4)
    return np.asarray(
        sum(matrix[i, j] * c[i].T @ c[j] for i, j in itertools.product(range(4), repeat=2))
    )


@cache
def contour_trace(interaction: float = U) -> complex:
    """Tr[ρ V₋†(t) V₊(t)]/Tr ρ on 16 states, V = e^{−ihΔ}e^{−iUΔΣn⁺n⁻}, one step on each branch."""
    c = fock_operators(4)
    number = [a.T @ a for a in c]
    pairs = interaction * (number[0] @ number[2] + number[1] @ number[3])
    occupation = fermi_matrix(_hamiltonian(0.0), KT)
    values, vectors = np.linalg.eigh(occupation)
    log = (vectors * np.log(values / (1 - values))) @ vectors.conj().T
    rho = expm(_many_body(log))
    forward, backward = (
        expm(-1j * STEP * _many_body(_hamiltonian(s))) @ expm(-1j * STEP * pairs) for s in SOURCES
    )
    return complex(np.trace(rho @ backward.conj().T @ forward) / np.trace(rho))


def decoupled_trace(nodes: int, quarter: float = 0.25) -> complex:
    """The same from determinants of 4 × 4 matrices under Gaussian fields (Ying A16, A17, A22).

    ``quarter`` (U/4 in A17) stands in front of n² and of −m². Each site has a field for m, which
    is Φ, and one for n, on each branch; Fresnel's integrals run along e^{∓iπ/4}.
    """
    s, w = np.polynomial.hermite.hermgauss(nodes)
    w = w / w.sum()
    # e^{iΔUqm²} = ⟨e^{2√(iΔUq) s m}⟩ over e^{−s²}; the backward branch has the conjugate signs.
    root = np.sqrt(1j * STEP * U * quarter)
    grid = np.array(list(itertools.product(range(nodes), repeat=4)))
    phi, n_field = s[grid[:, :2]], s[grid[:, 2:]]
    weight = w[grid].prod(1)

    def factors(branch: int) -> Complex:
        a = root if branch > 0 else np.conj(root)
        b = np.sqrt(-(a**2))
        up, down = 2 * a * phi + 2 * b * n_field, -2 * a * phi + 2 * b * n_field
        return np.asarray(np.exp(np.concatenate([up, down], axis=1)))

    plus, minus = factors(1), factors(-1)
    one = expm(-1j * STEP * _hamiltonian(SOURCES[0]))
    other = expm(-1j * STEP * _hamiltonian(SOURCES[1])).conj().T
    n = fermi_matrix(_hamiltonian(0.0), KT)
    total = 0j
    middle = other @ one  # e^{+ih₋Δ}e^{−ih₊Δ} between the two diagonal factors
    for i in range(weight.size):
        # det[1 − n + n D₋ e^{+ih₋Δ} e^{−ih₊Δ} D₊] is the trace over the Fock space.
        m = n[None] @ (minus[:, :, None] * middle * plus[i][None, None, :])
        total += weight[i] * (weight @ np.linalg.det(np.eye(4) - n + m))
    return complex(total)


@cache
def _contour_with_interaction() -> Evidence:
    exact = contour_trace()
    errors = [abs(decoupled_trace(k) - exact) for k in (3, 4, 5)]
    wrong = abs(decoupled_trace(4, quarter=0.5) - exact)
    return Evidence(
        Discrepancy(
            "determinants under Gaussian fields, 5 nodes each, against the trace over 16 states "
            "with the quartic term, two sites, different branches",
            errors[2],
            1e-6,
            "5-node Gauss–Hermite sums are exact to the ninth power of √(UΔ)",
        ),
        controls=(
            Discrepancy(
                "the error with 3 nodes over that with 5",
                errors[0] / errors[2],
                50.0,
                "each node gains two powers",
                at_least=True,
            ),
            Discrepancy(
                "with U/2 in place of U/4", wrong, 1e-3, "the coefficient of A17", at_least=True
            ),
            Discrepancy(
                "without interaction against with it",
                abs(contour_trace(0.0) - exact),
                1e-3,
                "the quartic term counts",
                at_least=True,
            ),
        ),
    )


for _number, _follows, _statement in (
    (
        "A22",
        "ying-A20",
        r"Fermions integrated out: $\int D\Phi\exp\{-iU\Phi_{cl}\Phi_q+\mathrm{Tr}\ln[\ldots]\}$.",
    ),
    (
        "A17",
        "ying-A16",
        r"$-\frac14U[\bar\psi\psi]^2+\frac12U\Phi\bar\psi\sigma_z\psi-\frac14U\Phi^2$ stands for "
        r"$-Un^{(+)}n^{(-)}$ on every site and at every instant.",
    ),
):
    claim(
        f"ying-{_number}",
        f"Eq. {_number}",
        kind="identity",
        statement=_statement,
        follows=(_follows,),
    )(_contour_with_interaction)


def polarisation_moments(levels: int, interaction: float, kt: float) -> float:
    """⟨|N₊ − N₋|⟩/N of N levels per valley with (U/N)N₊N₋, summed over all occupations.

    The levels fill a band of width 2; half filling, so that μ = U/2.
    """
    energies = (np.arange(levels) + 0.5) / levels * 2 - 1
    # Canonical sums of one valley: coefficients of Π(1 + x e^{−ε/T}), in logarithms.
    log_z = np.full(levels + 1, -np.inf)
    log_z[0] = 0.0
    for e in energies:
        log_z[1:] = np.logaddexp(log_z[1:], log_z[:-1] - e / kt)
    n = np.arange(levels + 1)
    log_weight = (
        log_z[:, None]
        + log_z[None, :]
        - interaction / levels * np.outer(n, n) / kt
        + interaction / 2 * (n[:, None] + n) / kt
    )
    weight = np.exp(log_weight - log_weight.max())
    return float((weight * np.abs(n[:, None] - n)).sum() / weight.sum() / levels)


def saddle_point(interaction: float, kt: float) -> float:
    """Φ = ⟨ψ̄σ_zψ⟩ per level for the same band with infinitely many levels."""

    def excess(phi: float) -> float:
        # ∫dε/2 over (−1, 1) of f(ε − UΦ/2) − f(ε + UΦ/2), in closed form.
        x = interaction * phi / 2
        grow = kt * (np.logaddexp(0, (1 + x) / kt) - np.logaddexp(0, (x - 1) / kt))
        fall = kt * (np.logaddexp(0, (1 - x) / kt) - np.logaddexp(0, (-x - 1) / kt))
        return float(0.5 * (grow - fall) - phi)

    return float(brentq(excess, 0.05, 1.0, xtol=1e-14))


@claim(
    "ying-A18-many",
    "Eq. A18",
    kind="approximation",
    aspect="many electrons",
    statement=r"The saddle point $\Phi=\langle\bar\psi\sigma_z\psi\rangle$ stands for the sum over "
    "all configurations.",
    follows=("ying-A18",),
)
def _() -> Evidence:
    u, kt = 2.6, 0.25
    phi = saddle_point(u, kt)
    miss = [abs(polarisation_moments(n, u, kt) - phi) for n in (50, 100, 200)]
    return Evidence(
        Discrepancy(
            "mean |n₊ − n₋| of 200 levels in each valley, all occupations summed, over the saddle "
            "point, from 1",
            miss[2] / phi,
            0.02,
            "fluctuations, of order 1/N for an interaction that joins all levels",
        ),
        controls=(
            Discrepancy(
                "order of the difference in 1/N, from 1",
                abs(math.log2(miss[1] / miss[2]) - 1),
                0.1,
                "Gaussian fluctuations around the saddle",
            ),
        ),
    )


@claim(
    "ying-A18-two-sites",
    "Eq. A18",
    kind="approximation",
    aspect="few electrons",
    statement="The saddle point on few sites is an approximation.",
    finding="With two sites the exact state has no order, whatever U: the saddle point breaks a "
    "symmetry that tunnelling restores. The mean field needs many electrons in each region where "
    "Φ is uniform.",
    consequence="number",
    follows=("ying-A18",),
)
def _() -> Evidence:
    c = fock_operators(4)
    number = [a.T @ a for a in c]
    hop = 0.3
    h = 6.0 * (number[0] @ number[2] + number[1] @ number[3])
    for i, j in ((0, 1), (2, 3)):
        h = h - hop * (c[i].T @ c[j] + c[j].T @ c[i])
    h = h - 3.0 * sum(number)
    values, vectors = np.linalg.eigh(h)
    weights = np.exp(-(values - values[0]) / 0.05)
    rho = (vectors * weights / weights.sum()) @ vectors.T
    order = number[0] - number[2]
    exact = float(np.trace(rho @ order))
    # Mean field, site by site: levels of H − (U/2)Φσ_z, Φ staggered.
    phi = 0.9
    for _ in range(400):
        field = np.diag([-3.0 * phi, 3.0 * phi, 3.0 * phi, -3.0 * phi])
        single = field - hop * np.array([[0, 1, 0, 0], [1, 0, 0, 0], [0, 0, 0, 1], [0, 0, 1, 0.0]])
        n = fermi_matrix(single, 0.05)
        phi = float((n[0, 0] - n[2, 2]).real)
    moment = float(np.trace(rho @ order @ order))
    return Evidence(
        Discrepancy(
            "exact ⟨n₊ − n₋⟩ of a site over the saddle point, from 1",
            abs(exact / phi - 1),
            0.05,
            "if it held",
        ),
        Discrepancy(
            "root of the exact ⟨(n₊ − n₋)²⟩ over the saddle point, from 1",
            abs(math.sqrt(moment) / phi - 1),
            0.05,
            "the size of the moment is right, its direction fluctuates",
        ),
        controls=(Discrepancy("saddle point", phi, 0.5, "ordered", at_least=True),),
    )


@claim(
    "ying-A15",
    "Eq. A15",
    kind="identity",
    statement=r"$\mathcal S=\int_{\mathcal C}\bar\psi[i\partial_t-\hat H_0]\psi-U\bar\psi^{(+)}"
    r"\psi^{(+)}\bar\psi^{(-)}\psi^{(-)}$, with its quartic term: the limit of many short steps.",
    follows=("ying-A13", "ying-A14"),
)
def _quartic_action() -> Evidence:
    """Steps of the action against the exact evolution of two interacting sites, 16 states."""
    c = fock_operators(4)
    number = [a.T @ a for a in c]
    pairs = 0.9 * (number[0] @ number[2] + number[1] @ number[3])
    single = sum(
        np.asarray(contour().hamiltonian)[i, j] * c[i].T @ c[j] for i in range(4) for j in range(4)
    )
    exact = expm(-1.5j * (single + pairs))
    order = number[0] - number[2]

    rho = expm(-single)
    rho = rho / np.trace(rho)

    def late(u: Complex) -> float:
        return float(np.trace(u @ rho @ u.conj().T @ order).real)

    def by_steps(steps: int) -> float:
        dt = 1.5 / steps
        # e^{−iΔU ψ̄ψψ̄ψ} of one step: one pair factor, exact because n⁺n⁻ is 0 or 1.
        one = expm(-1j * dt * single) @ (
            np.eye(16) + np.diag(np.exp(-1j * dt * np.diag(pairs)) - 1)
        )
        return late(np.linalg.matrix_power(one, steps))

    found = [by_steps(n) for n in (32, 64, 128)]
    rate = math.log2(abs(found[0] - found[1]) / abs(found[1] - found[2]))
    once = 2 * found[1] - found[0], 2 * found[2] - found[1]
    limit = (4 * once[1] - once[0]) / 3
    change = abs(late(exact) - late(expm(-1.5j * single)))
    return Evidence(
        Discrepancy(
            "⟨n⁺ − n⁻⟩ of a site after many steps of the action against exact evolution",
            abs(limit - late(exact)),
            1e-6,
            "Richardson limit over 32, 64 and 128 steps",
        ),
        controls=(
            Discrepancy("order in the step, from 1", abs(rate - 1), 0.02, "first-order splitting"),
            Discrepancy(
                "what the quartic term changes",
                change,
                1e-3,
                "a thousand times the bound of the check",
                at_least=True,
            ),
        ),
    )
