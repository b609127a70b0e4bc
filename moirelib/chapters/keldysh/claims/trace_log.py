"""Claims on the trace-log expansion, averaged, and its linear term: Ying A24–A27, A29–A31."""

from __future__ import annotations

import math

import numpy as np

from moirelib.chapters.keldysh.claims.contour import (
    contour,
    fields,
    link_density,
    quantum_slope,
)
from moirelib.ledger.registry import Discrepancy, Evidence, claim
from moirelib.switching.keldysh import Contour, fermi_matrix, trace_log_series


@claim(
    "ying-A24",
    "Eq. A24",
    kind="identity",
    statement=r"$\mathrm{Tr}\ln[G_b^{-1}+X]=\mathrm{Tr}\ln G_b^{-1}+\sum_n\frac{(-1)^{n-1}}n"
    r"\mathrm{Tr}[G_bX]^n$.",
)
def _trace_log() -> Evidence:
    c, (cl, q) = contour(), fields()
    small = 0.1
    zero = c.matrix(0 * cl, 0 * q)
    change = c.matrix(small * cl, small * q) - zero
    terms = trace_log_series(np.linalg.inv(zero), change, 40)
    action = c.effective_action(small * cl, small * q)
    exact = 1j * (action + c.interaction * c.step * small**2 * np.sum(cl * q))
    two = abs(terms[:2].sum() - exact)
    return Evidence(
        Discrepancy(
            "forty terms of the series against the determinant",
            abs(terms.sum() - exact),
            1e-12,
            "converged",
        ),
        controls=(Discrepancy("two terms only", two, 1e-6, "higher orders count", at_least=True),),
    )


@claim(
    "ying-A25",
    "Eq. A25",
    kind="approximation",
    statement=r"$e^{\mathrm{Tr}\ln}=1+\sum_n\ldots+\mathcal O(\Phi_q^2)$: each order in $\Phi$ is "
    r"at least linear in $\Phi_q$.",
)
def _linear_in_quantum() -> Evidence:
    c, (cl, q) = contour(), fields()
    circle = 0.3 * np.exp(2j * math.pi * np.arange(16) / 16)
    logs = np.array([c.effective_action(z * cl, 0 * q) for z in circle])
    orders = np.abs(np.fft.fft(logs)[1:6] / 16 / 0.3 ** np.arange(1, 6))

    def remainder(size: float) -> float:
        log = 1j * (
            c.effective_action(cl, size * q) + c.interaction * c.step * size * np.sum(cl * q)
        )
        return float(abs(np.exp(log) - 1 - log))

    slope = math.log2(remainder(2e-3) / remainder(1e-3))
    return Evidence(
        Discrepancy(
            "order of e^{Tr ln} − 1 − Tr ln in Φ_q, from 2",
            abs(slope - 2),
            2e-3,
            "the next order adds 0.1 % here",
        ),
        controls=(
            Discrepancy(
                "orders 1–5 in Φ_cl at Φ_q = 0",
                orders.max(),
                1e-10,
                "coefficients from a circle in the complex plane",
            ),
        ),
    )


def _ensemble(size: float) -> tuple[complex, complex]:
    """⟨Z⟩ and the average of its terms linear in Φ_q over an ensemble of Hamiltonians."""
    partition, linear = 0j, 0j
    cl, q = fields()
    for seed in range(20, 32):
        c = contour(seed)
        source = c.interaction * c.step * np.sum(cl * q)
        partition += np.exp(1j * (c.effective_action(cl, size * q) + size * source)) / 12
        step = 1e-4
        slope = (c.effective_action(cl, step * q) - c.effective_action(cl, -step * q)) / (2 * step)
        linear += 1j * size * (slope + source) / 12
    return partition, linear


@claim(
    "ying-A26",
    "Eq. A26",
    kind="approximation",
    statement=r"Disorder average $\langle e^{\mathrm{Tr}\ln}\rangle=1+\langle\ldots\rangle$: to "
    r"linear order in $\Phi_q$ the terms do not mix.",
)
def _disorder_average() -> Evidence:
    remainders = [abs(z - 1 - linear) for z, linear in map(_ensemble, (4e-3, 2e-3))]
    slope = math.log2(remainders[0] / remainders[1])
    return Evidence(
        Discrepancy(
            "order in Φ_q of ⟨Z⟩ − 1 − (averaged linear terms), from 2",
            abs(slope - 2),
            2e-3,
            "twelve random Hamiltonians; the next order adds 0.1 % here",
        )
    )


@claim(
    "ying-A27",
    "Eq. A27",
    kind="identity",
    statement=r"Effective action $\mathcal F=-iU\,\mathrm{Tr}[\Phi_{cl}\Phi_q]+U\langle\mathrm{Tr}["
    r"G_b\frac12\Phi_\alpha\sigma_z\gamma^\alpha]\rangle-\ldots$",
    finding=r"As printed in our copy the right side is $\ln\langle\mathcal Z\rangle$, while the "
    r"text before it and A1 have $\mathcal F=-i\ln\langle\mathcal Z\rangle$: with A29 and A31 the "
    r"linear term would be $iU\Delta n_0\Phi_q$ instead of $U\Delta n_0\Phi_q$. The factor $-i$ in "
    r"front of the whole right side closes; the equation of motion does not depend on it.",
    consequence="notation",
)
def _effective_action() -> Evidence:
    c, (cl, _) = contour(), fields()
    j, v = 3, 1
    required = c.interaction * c.step * (link_density(c, cl, j, v) - cl[j, v])
    log_slope = 1j * quantum_slope(c, cl, j, v)
    return Evidence(
        Discrepancy(
            "slope in Φ_q against the U(⟨ψ̄σ_zψ⟩ − Φ_cl) of A1",
            abs(log_slope / required - 1),
            1e-6,
            "central difference",
        ),
        corrected=Discrepancy(
            "the same with −i", abs(-1j * log_slope / required - 1), 1e-6, "central difference"
        ),
    )


@claim(
    "ying-A29",
    "Eq. A29",
    kind="identity",
    statement=r"Linear term: $\langle\mathrm{Tr}[G_b\sigma_z\gamma^q\Phi_q/2]\rangle=\int\frac12"
    r"\Phi_q\mathrm{Tr}[\langle G_b^K(x,x;t,t)\rangle\sigma_z]$.",
)
def _linear_term() -> Evidence:
    c = contour()
    keldysh = c.greens_functions().keldysh[4, :, 4]
    vertex = np.asarray(c.vertices)[1]
    expected = c.interaction * c.step / 2 * np.trace(keldysh @ vertex)
    found = 1j * quantum_slope(c, np.zeros((6, 2)), 3, 1)
    return Evidence(
        Discrepancy(
            "slope of ln Z in Φ_q against (U/2)Tr[G^Kσ_z]",
            abs(found - expected),
            1e-8,
            "central difference; the state is stationary",
            "meV·time",
        )
    )


@claim(
    "ying-A30",
    "Eq. A30",
    kind="identity",
    statement=r"$\langle G^K_b\rangle(t,t)=\int\frac{d\omega}{2\pi}F[\langle G^R\rangle-\langle "
    r"G^A\rangle]=-i(1-2n)$.",
)
def _equal_time() -> Evidence:
    kT = 0.7
    # G^R is analytic above the real axis and G^A below it, so each is integrated on its own side,
    # half-way to the first pole of F = tanh(ω/2T).
    shift = 1j * math.pi * kT / 2
    omega = np.arange(-4000.0, 4000.0, 0.1) + 0.05
    direct, integral = np.zeros((4, 4), complex), np.zeros((4, 4), complex)
    for seed in range(20, 24):
        c = contour(seed)
        energies, states = np.linalg.eigh(np.asarray(c.hamiltonian))
        gap = np.subtract.outer(omega, energies)
        above = np.tanh((omega + shift) / (2 * kT))[:, None] / (gap + shift)
        below = np.tanh((omega - shift) / (2 * kT))[:, None] / (gap - shift)
        levels = (above - below).sum(0) * 0.1 / (2 * math.pi)
        integral += (states * levels) @ states.conj().T / 4
        direct += c.greens_functions().keldysh[2, :, 2] / 4
    return Evidence(
        Discrepancy(
            "frequency integral, averaged over four Hamiltonians, against the contour",
            float(abs(direct - integral).max()),
            1e-5,
            "tail of the frequency integral",
        )
    )


@claim(
    "ying-A31",
    "Eq. A31",
    kind="identity",
    statement=r"Linear term $=iU\int\Phi_q[n^{(1)}-n^{(2)}]$.",
)
def _density_difference() -> Evidence:
    site = np.array([[0.2, 0.9], [0.9, -0.5]])
    up, down = fermi_matrix(site - 0.3 * np.eye(2), 0.6), fermi_matrix(site + 0.2 * np.eye(2), 0.6)
    zero = np.zeros((2, 2))
    c = Contour(
        np.kron(np.eye(2), site),
        np.block([[up, zero], [zero, down]]),
        [np.diag([1.0, 1, -1, -1])],
        0.8,
        6,
        0.3,
    )
    energies = np.linalg.eigvalsh(site)

    def filling(mu: float) -> float:
        return float((1 / (np.exp((energies - mu) / 0.6) + 1)).sum())

    expected = 1j * c.interaction * c.step * (filling(0.3) - filling(-0.2))
    found = 1j * quantum_slope(c, np.zeros((5, 1)), 2, 0)
    return Evidence(
        Discrepancy(
            "slope of ln Z in Φ_q against iU(n₁ − n₂) from Fermi functions",
            abs(found - expected),
            1e-8,
            "central difference",
            "meV·time",
        )
    )
