"""Claims on the Keldysh contour: Ying Eqs. A2 and A14–A23."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import expm
from scipy.optimize import brentq

from moirelib.chapters.keldysh.claims.valleys import ROUNDING, Complex, fock_operators
from moirelib.ledger.registry import Discrepancy, Evidence, claim
from moirelib.switching.keldysh import (
    CONJUGATE_ROTATION,
    GAMMA_CL,
    GAMMA_Q,
    ROTATION,
    Contour,
    fermi_matrix,
)


@cache
def contour(seed: int = 1) -> Contour:
    """Two sites with two valleys each, mixed by a random Hamiltonian; valley index first."""
    rng = np.random.default_rng(seed)
    h = rng.normal(size=(4, 4)) + 1j * rng.normal(size=(4, 4))
    h = (h + h.conj().T) / 2
    vertices = [np.diag([1.0, 0, -1, 0]), np.diag([0, 1.0, 0, -1])]
    return Contour(h, fermi_matrix(h, 0.7), vertices, interaction=0.8, slices=7, step=0.3)


@cache
def fields(seed: int = 2) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """A random classical and a random quantum field on the links of :func:`contour`."""
    rng = np.random.default_rng(seed)
    return rng.normal(size=(6, 2)), rng.normal(size=(6, 2))


def quantum_slope(c: Contour, classical: NDArray[np.float64], link: int, vertex: int) -> complex:
    """∂F/∂Φ_q on one link by a central difference."""
    q = np.zeros_like(classical)
    q[link, vertex] = 1e-5
    return (c.effective_action(classical, q) - c.effective_action(classical, -q)) / 2e-5


def link_density(c: Contour, classical: NDArray[np.float64], link: int, vertex: int) -> float:
    """⟨ψ̄σ_zψ⟩ averaged over one link, by propagating the density matrix."""
    rho = np.asarray(c.occupation)
    vertices = np.asarray(c.vertices)

    for j in range(link):
        u = expm(-1j * c.step * c.driven(classical[j]))
        rho = u @ rho @ u.conj().T
    nodes, weights = np.polynomial.legendre.leggauss(12)
    total = 0.0
    for node, weight in zip(nodes, weights, strict=True):
        u = expm(-1j * c.step * (1 + node) / 2 * c.driven(classical[link]))
        total += weight / 2 * np.trace(u @ rho @ u.conj().T @ vertices[vertex]).real
    return float(total)


def _second_quantised(matrix: Complex, operators: list[NDArray[np.float64]]) -> Complex:
    return np.asarray(
        sum(
            matrix[i, j] * operators[i].T @ operators[j]
            for i in range(len(operators))
            for j in range(len(operators))
        )
    )


@cache
def _traces() -> tuple[complex, complex]:
    """Z[Φ₊ ≠ Φ₋] of the contour from the determinant and from the Fock space."""
    c, (cl, q) = contour(), fields()
    operators = fock_operators(c.size)
    n = np.asarray(c.occupation)
    odds = np.linalg.solve(np.eye(c.size) - n, n)
    values, vectors = np.linalg.eigh((odds + odds.conj().T) / 2)
    rho = expm(_second_quantised((vectors * np.log(values)) @ vectors.conj().T, operators))
    state = rho
    for j in range(c.slices - 1):
        for sign in (1, -1):
            h = _second_quantised(c.driven(cl[j] + sign * 0.1 * q[j]), operators)
            u = expm(-1j * c.step * h)
            state = u @ state if sign == 1 else state @ u.conj().T
    direct = np.trace(state) / np.trace(rho)
    action = c.effective_action(cl, 0.1 * q) + c.interaction * c.step * np.sum(cl * 0.1 * q)
    return np.exp(1j * action), complex(direct)


@claim(
    "ying-A14",
    "Eq. A14",
    kind="identity",
    statement=r"$\langle\mathcal Z\rangle=\int D\bar\psi D\psi\,e^{i\mathcal S}$ on the closed "
    "contour, here without interaction; with it see `ying-A22`.",
    follows=("ying-A7",),
)
def _path_integral() -> Evidence:
    determinant, direct = _traces()
    c, (cl, q) = contour(), fields()
    unit = abs(np.exp(1j * c.effective_action(cl, 0 * q)) - 1)
    return Evidence(
        Discrepancy(
            "determinant of the contour against the trace over 16 many-body states, "
            "different fields on the two branches",
            abs(determinant - direct),
            1e-12,
            ROUNDING,
        ),
        controls=(
            Discrepancy(
                "Z − 1 for equal fields", unit, 1e-12, "forward and backward cancel; round-off"
            ),
            Discrepancy(
                "distance of Z from 1 for different fields",
                abs(determinant - 1),
                1e-4,
                "the quantum field is a source",
                at_least=True,
            ),
        ),
    )


@claim(
    "ying-A16",
    "Eq. A16",
    kind="definition",
    statement=r"Hubbard–Stratonovich: $\langle\mathcal Z\rangle=\langle\int D\bar\psi D\psi D\Phi"
    r"\,e^{i\mathcal S}\rangle$ with the Gaussian measure "
    "of one site; with hopping see `ying-A17`.",
    implements="moirelib.switching.keldysh.Contour.effective_action",
    follows=("ying-A15",),
)
def _gaussian_decoupling() -> Evidence:
    u, step = 1.3, 0.7
    s = np.linspace(-40, 40, 16001)
    turned = np.exp(-1j * math.pi / 4) * s  # the contour on which Fresnel's integral converges
    miss = 0.0
    for up in (0, 1):
        for down in (0, 1):
            m, n = up - down, up + down
            weight = np.exp(1j * step * (u * turned * m / 2 - u * turned**2 / 4))
            norm = np.exp(-1j * step * u * turned**2 / 4).sum()
            decoupled = weight.sum() / norm * np.exp(-1j * step * u * n**2 / 4)
            miss = max(miss, abs(decoupled - np.exp(-1j * step * u * up * down)))
    occupied = fermi_matrix(np.diag([0.2, -0.3]), 0.7)
    site = Contour(np.zeros((2, 2)), occupied, [np.diag([1.0, -1.0])], u, 2, step)
    one_branch = 0.0
    for field in (-0.8, 0.5, 1.7):
        # Φ₊ = field and Φ₋ = 0: the forward branch alone feels it. The −UΦ_clΦ_q goes with it.
        half = np.array([[field / 2]])
        z = np.exp(1j * (site.effective_action(half, half) + u * step * field**2 / 4))
        probability = np.diag(occupied).real
        weights = {
            0: probability.prod() + (1 - probability).prod(),
            1: probability[0] * (1 - probability[1]),
            -1: probability[1] * (1 - probability[0]),
        }
        phases = [w * np.exp(0.5j * u * step * field * m) for m, w in weights.items()]
        one_branch = max(one_branch, abs(z - sum(phases)))
    return Evidence(
        Discrepancy(
            "Gaussian integral over Φ against e^{−iUn₊n₋t} for the four occupations",
            miss,
            1e-12,
            "trapezoidal sum of a Gaussian; round-off is left",
        ),
        controls=(
            Discrepancy(
                "Z of the library for a field on one branch against Σ p e^{iUΦm t/2} over the four",
                one_branch,
                1e-12,
                ROUNDING,
            ),
        ),
    )


@claim(
    "ying-A18",
    "Eq. A18",
    kind="identity",
    aspect="the saddle point",
    statement=r"Saddle point $\Phi=\langle\bar\psi\sigma_z\psi\rangle$.",
    follows=("ying-A17",),
)
def _saddle() -> Evidence:
    u, kT = 3.0, 0.5
    phi = brentq(lambda p: math.tanh(u * p / (4 * kT)) - p, 0.5, 1.0, xtol=1e-14)
    sigma_z = np.diag([1.0, -1.0])
    shifted = -u / 2 * phi * sigma_z
    c = Contour(np.zeros((2, 2)), fermi_matrix(shifted, kT), [sigma_z], u, 5, 0.2)
    field = np.full((4, 1), phi)
    at_saddle = abs(quantum_slope(c, field, 2, 0))
    beside = abs(quantum_slope(c, 1.1 * field, 2, 0))
    return Evidence(
        Discrepancy(
            "∂F/∂Φ_q at the self-consistent polarisation of one site",
            at_saddle,
            1e-9,
            "central difference",
            "meV",
            slack="noise",
        ),
        controls=(
            Discrepancy(
                "the same 10 % away", beside, 0.01, "only the saddle is stationary", "meV", True
            ),
        ),
    )


@claim(
    "ying-A19",
    "Eq. A19",
    kind="definition",
    statement=r"$\bar\psi_{1/2}=(\bar\psi_+\mp\bar\psi_-)/\sqrt2$, $\psi_{1/2}=(\psi_+\pm\psi_-)"
    r"/\sqrt2$, $\Phi_{cl/q}=(\Phi_+\pm\Phi_-)/2$.",
    implements="moirelib.switching.keldysh.ROTATION",
    follows=("ying-A14",),
)
def _rotation() -> Evidence:
    # ψ̄₊ψ₊ − ψ̄₋ψ₋ has to become ψ̄₁ψ₁ + ψ̄₂ψ₂.
    form = np.linalg.inv(CONJUGATE_ROTATION).T @ np.diag([1.0, -1.0]) @ np.linalg.inv(ROTATION)
    return Evidence(
        Discrepancy(
            "branch difference after the rotation, from the unit matrix",
            abs(form - np.eye(2)).max(),
            1e-15,
            ROUNDING,
        )
    )


def _vertex(cl: float, q: float) -> NDArray[np.float64]:
    branches = np.diag([cl + q, -(cl - q)])
    return np.asarray(np.linalg.inv(CONJUGATE_ROTATION).T @ branches @ np.linalg.inv(ROTATION))


@claim(
    "ying-A20",
    "Eq. A20",
    kind="identity",
    statement=r"$\mathcal S=\int\check{\bar\psi}[G_0^{-1}-V_{dis}\gamma^{cl}+\frac12U\Phi_\alpha"
    r"\sigma_z\gamma^\alpha]\check\psi-U\Phi_{cl}\Phi_q$.",
    follows=("ying-A17", "ying-A19", "ying-A21"),
)
def _rotated_action() -> Evidence:
    cl, q = 0.7, -0.3
    expected = cl * GAMMA_CL + q * GAMMA_Q
    square = -((cl + q) ** 2 - (cl - q) ** 2) / 4 + cl * q
    return Evidence(
        Discrepancy(
            "coupling after the rotation against Φ_clγ^cl + Φ_qγ^q",
            abs(_vertex(cl, q) - expected).max(),
            1e-15,
            ROUNDING,
        ),
        controls=(Discrepancy("−(Φ₊² − Φ₋²)/4 + Φ_clΦ_q", abs(square), 1e-15, ROUNDING),),
    )


@claim(
    "ying-A21",
    "Eq. A21",
    kind="definition",
    statement=r"$\gamma^{cl}=1$, $\gamma^q=\tau_x$: the quantum vertex picks $G^K$.",
    implements="moirelib.switching.keldysh.GAMMA_Q",
    follows=("ying-A19",),
)
def _gammas() -> Evidence:
    c, (cl, _) = contour(), fields()
    g = c.greens_functions(cl)
    t = 3
    blocks = np.block(
        [[g.retarded[t, :, t], g.keldysh[t, :, t]], [g.lower[t, :, t], g.advanced[t, :, t]]]
    )
    vertex = np.asarray(c.vertices)[1]
    by_gamma = np.trace(blocks @ np.kron(GAMMA_Q, vertex))
    by_cl = np.trace(blocks @ np.kron(GAMMA_CL, vertex))
    # ⟨ψ̄σ_zψ⟩ at instant t: the mean over a vanishing link that starts there.
    rho = np.asarray(c.occupation)
    for j in range(t):
        u = expm(-1j * c.step * c.driven(cl[j]))
        rho = u @ rho @ u.conj().T
    density = np.trace(rho @ vertex).real
    return Evidence(
        Discrepancy("Tr[Gσ_zγ^q] against 2i⟨ψ̄σ_zψ⟩", abs(by_gamma - 2j * density), 1e-12, ROUNDING),
        controls=(Discrepancy("Tr[Gσ_zγ^cl]", abs(by_cl), 1e-12, "causality; round-off"),),
    )


@claim(
    "ying-A23",
    "Eq. A23",
    kind="identity",
    also=("ying-A2",),
    statement=r"$0=\delta\mathcal F/\delta\Phi_q\vert_{\Phi_q=0}$, which is "
    r"$U[\langle\bar\psi\sigma_z\psi\rangle-\Phi_{cl}]=0$ at every instant.",
    follows=("ying-A22",),
)
def _saddle_in_time() -> Evidence:
    c, (cl, _) = contour(), fields()
    miss = max(
        abs(
            quantum_slope(c, cl, j, v)
            - c.interaction * c.step * (link_density(c, cl, j, v) - cl[j, v])
        )
        for j, v in ((0, 0), (3, 1), (5, 0))
    )
    return Evidence(
        Discrepancy(
            "∂F/∂Φ_q against U(⟨ψ̄σ_zψ⟩ − Φ_cl) from the propagated density matrix",
            miss,
            1e-8,
            "central difference",
            "meV·time",
        )
    )


@claim(
    "ying-A2",
    "Eq. A2",
    kind="identity",
    statement=r"The motion follows from $\delta\mathcal F/\delta\Phi_q\vert_{\Phi_q=0}=0$.",
    follows=("ying-A1", "ying-A23"),
)
def _equation_of_motion() -> Evidence:
    """Self-consistent Hartree motion of the density matrix against the slope of the action."""
    base = contour()
    h, u = np.asarray(base.hamiltonian), base.interaction
    vertices, rho = np.asarray(base.vertices), np.asarray(base.occupation)
    steps, dt = 6, 0.3
    classical = np.zeros((steps, 2))
    fine = 64
    # Each link carries one field, equal to the mean of ⟨ψ̄σ_zψ⟩ over it: found by iteration.
    for link in range(steps):
        field = np.real(np.einsum("vij,ji->v", vertices, rho))
        for _iteration in range(60):
            step = expm(-1j * dt / fine * (h - u / 2 * np.tensordot(field, vertices, 1)))
            state, samples = rho, []
            for _ in range(fine + 1):
                samples.append(np.real(np.einsum("vij,ji->v", vertices, state)))
                state = step @ state @ step.conj().T
            s = np.array(samples)
            # Simpson's rule over the link.
            new = (s[0] + s[-1] + 4 * s[1:-1:2].sum(0) + 2 * s[2:-1:2].sum(0)) / (3 * fine)
            change, field = np.abs(new - field).max(), new
            if change < 1e-14:
                break
        classical[link] = field
        end = expm(-1j * dt * (h - u / 2 * np.tensordot(field, vertices, 1)))
        rho = end @ rho @ end.conj().T
    slopes = [abs(quantum_slope(base, classical, j, v)) for j in range(steps) for v in (0, 1)]
    off = abs(quantum_slope(base, classical + 0.1, 3, 0))
    return Evidence(
        Discrepancy(
            "∂F/∂Φ_q along the self-consistent motion of the density matrix, all links",
            max(slopes),
            1e-8,
            "central difference",
            "meV·time",
        ),
        controls=(
            Discrepancy(
                "0.1 beside it", off, 1e-3, "only the motion is stationary", "meV·time", True
            ),
        ),
    )
