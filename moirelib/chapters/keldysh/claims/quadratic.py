"""Claims on the quadratic term of the action: Ying Eqs. A28 and A37–A40."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import simpson
from scipy.linalg import expm

from moirelib.chapters.keldysh.claims.contour import contour, quantum_slope
from moirelib.chapters.keldysh.claims.valleys import Complex
from moirelib.ledger.registry import Discrepancy, Evidence, claim
from moirelib.switching.keldysh import GAMMA_CL, GAMMA_Q, Contour, fermi_matrix, response_kernel


@cache
def _sites() -> Contour:
    """Two sites, valley-diagonal and equal in both valleys, in equilibrium; short steps."""
    site = np.array([[0.2, 0.9], [0.9, -0.5]])
    h = np.kron(np.eye(2), site)
    vertices = [np.diag([1.0, 0, -1, 0]), np.diag([0, 1.0, 0, -1])]
    return Contour(h, fermi_matrix(h, 0.6), vertices, interaction=0.8, slices=9, step=0.02)


_LATER, _EARLIER = (6, 0), (2, 1)  # (link, vertex) of the quantum and of the classical field


@cache
def _second_derivative() -> complex:
    """∂²F/∂Φ_q(2)∂Φ_cl(1) per step², by differences."""
    c = _sites()
    # The action has the rounding of a determinant: smaller fields lose the difference in it, and
    # with these the next order, (U size step)², is a tenth of the error of the step itself.
    size = 0.3
    slopes = []
    for sign in (1, -1):
        classical = np.zeros((c.slices - 1, 2))
        classical[_EARLIER] = sign * size
        slopes.append(quantum_slope(c, classical, *_LATER))
    return (slopes[0] - slopes[1]) / (2 * size * c.step**2)


def _kubo() -> float:
    """(i/2)⟨[σ_z(2), σ_z(1)]⟩ averaged over the two links: response of one valley."""
    c = _sites()
    h, rho, v = np.asarray(c.hamiltonian), np.asarray(c.occupation), np.asarray(c.vertices)
    nodes, weights = np.polynomial.legendre.leggauss(4)
    total = 0.0
    for a, wa in zip(nodes, weights, strict=True):
        for b, wb in zip(nodes, weights, strict=True):
            delay = c.step * (_LATER[0] + (1 + a) / 2 - _EARLIER[0] - (1 + b) / 2)
            u = expm(1j * h * delay)
            later = u @ v[_LATER[1]] @ u.conj().T
            commutator = later @ v[_EARLIER[1]] - v[_EARLIER[1]] @ later
            total += wa * wb / 4 * (0.5j * np.trace(rho @ commutator)).real
    return float(total)


@cache
def _pair() -> tuple[Complex, Complex, Complex, Complex]:
    """G(1,2), G(2,1) and the two vertices at the middles of the links, in Keldysh ⊗ state space."""
    c = _sites()
    fine = Contour(
        c.hamiltonian, c.occupation, c.vertices, c.interaction, 2 * c.slices - 1, c.step / 2
    )
    g = fine.greens_functions()
    late, early = 2 * _LATER[0] + 1, 2 * _EARLIER[0] + 1

    def between(a: int, b: int) -> Complex:
        return np.block(
            [[g.retarded[a, :, b], g.keldysh[a, :, b]], [g.lower[a, :, b], g.advanced[a, :, b]]]
        )

    v = np.asarray(c.vertices)
    return between(early, late), between(late, early), v[_LATER[1]], v[_EARLIER[1]]


def _trace(first: NDArray[np.float64], second: NDArray[np.float64]) -> complex:
    """Tr[G(1,2)σ_zγ^α G(2,1)σ_zγ^β], α at point 2 and β at point 1."""
    g12, g21, late, early = _pair()
    return complex(np.trace(g12 @ np.kron(first, late) @ g21 @ np.kron(second, early)))


_MIDPOINT = "mid-point values against averages over a link, error step²"


@claim(
    "ying-A28",
    "Eq. A28",
    kind="identity",
    statement=r"The quadratic term is $iU^2\Phi_q\Phi_{cl}\Pi(q,\omega)$, with "
    r"$\Pi$ the density response of one valley.",
    finding=r"With the sum over $\alpha,\beta$ carried out the trace is "
    r"$-\frac{U^2}4\mathrm{Tr}[G\sigma_z\gamma^{cl}G\sigma_z\gamma^q]$, which equals the "
    "Kubo response. As printed in our copy it is "
    r"$-\frac{U^2}2\mathrm{Tr}[G\sigma_z\gamma^{cl}G\sigma_z\gamma^q]^2$: the square "
    "belongs to the bracket before the sum.",
    consequence="notation",
    figures="No figure changes: {numref}`fig-ying-ladder` and all that follows use the response "
    "of Kubo, which the trace without the square equals to {measured}`ying-A28: trace without "
    "it`.",
    follows=("ying-A27",),
)
def _quadratic() -> Evidence:
    u, required = _sites().interaction, 1j * _sites().interaction ** 2 * _kubo()
    g12, g21, late, early = _pair()
    product = g12 @ np.kron(GAMMA_Q, late) @ g21 @ np.kron(GAMMA_CL, early)
    literal = -(u**2) / 2 * np.trace(product @ product)
    closing = -(u**2) / 4 * np.trace(product)
    return Evidence(
        Discrepancy(
            "trace with the square against iU²Π from the commutator",
            abs(literal / required - 1),
            1e-3,
            _MIDPOINT,
        ),
        corrected=Discrepancy(
            "trace without it, factor ¼", abs(closing / required - 1), 1e-3, _MIDPOINT
        ),
        controls=(
            Discrepancy(
                "second derivative of the determinant against U²Π",
                abs(1j * _second_derivative() / required - 1),
                1e-3,
                "central differences of the contour action",
            ),
        ),
    )


@claim(
    "ying-A37",
    "Eq. A37",
    kind="identity",
    statement=r"$-\frac12U^2\mathrm{Tr}[G\frac12\Phi\sigma_z\gamma]^2=-\frac18U^2\sum_{\alpha\beta}"
    r"\int\Phi_\alpha\Phi_\beta\mathrm{Tr}[G\sigma_z\gamma^\alpha G\sigma_z\gamma^\beta]$.",
    follows=("ying-A21", "ying-A27"),
)
def _pair_expansion() -> Evidence:
    u = _sites().interaction
    # Points 1 and 2 may be exchanged in the double integral, hence twice the eighth.
    coefficient = -(u**2) / 4 * _trace(GAMMA_Q, GAMMA_CL)
    return Evidence(
        Discrepancy(
            "coefficient of Φ_q(2)Φ_cl(1) against the derivative of the determinant",
            abs(coefficient / (1j * _second_derivative()) - 1),
            1e-3,
            _MIDPOINT,
        ),
        controls=(
            Discrepancy(
                "coefficient of Φ_cl(2)Φ_cl(1)",
                abs(_trace(GAMMA_CL, GAMMA_CL)),
                1e-12,
                "Z = 1 without a quantum field; round-off",
            ),
            Discrepancy(
                "coefficient of Φ_cl(2)Φ_q(1), the future acting on the past",
                abs(_trace(GAMMA_CL, GAMMA_Q)),
                1e-12,
                "causality; round-off",
            ),
        ),
    )


@claim(
    "ying-A38",
    "Eq. A38",
    kind="identity",
    statement=r"In equilibrium $G^K(t)=\int\frac{d\epsilon}{2\pi}e^{-i\epsilon t}F(\epsilon)[G^R-"
    r"G^A]$, $F=\tanh(\epsilon/2T)$.",
    follows=("ying-A32", "ying-A34"),
)
def _equilibrium() -> Evidence:
    c, kT = contour(), 0.7
    delay = 4 * c.step
    energies, states = np.linalg.eigh(np.asarray(c.hamiltonian))

    def integral(width: float) -> Complex:
        # A sum over an even grid converges like exp(−2π width/spacing) for a Lorentzian.
        epsilon = np.arange(-200.0, 200.0, width / 4)
        line = width / (math.pi * ((epsilon - energies[:, None]) ** 2 + width**2))
        values = line @ (np.tanh(epsilon / (2 * kT)) * np.exp(-1j * epsilon * delay))
        return np.asarray((states * (-1j * values * width / 4)) @ states.conj().T)

    # The error of a width is linear in it to leading order; remove that and the next order.
    w = 0.01
    extrapolated = (8 * integral(w) - 6 * integral(2 * w) + integral(4 * w)) / 3
    found = c.greens_functions().keldysh[5, :, 1]
    return Evidence(
        Discrepancy(
            "frequency integral against the contour",
            float(abs(extrapolated - found).max()),
            1e-5,
            "width extrapolated to zero, error width³",
        )
    )


@claim(
    "ying-A39",
    "Eq. A39",
    kind="identity",
    statement=r"Quadratic term $-\frac14U^2\int\Phi_q(2)\Phi_{cl}(1)\mathrm{Tr}\langle G^K(1,2)"
    r"\sigma_zG^R(2,1)\sigma_z+G^A(1,2)\sigma_zG^K(2,1)\sigma_z\rangle$.",
    follows=("ying-A32", "ying-A37"),
)
def _keldysh_pair() -> Evidence:
    c = _sites()
    g12, g21, late, early = _pair()
    r, k, a = slice(0, 4), (slice(0, 4), slice(4, 8)), slice(4, 8)
    trace = np.trace(g12[k] @ late @ g21[r, r] @ early + g12[a, a] @ late @ g21[k] @ early)
    required = 1j * c.interaction**2 * _kubo()
    g = Contour(
        c.hamiltonian, c.occupation, c.vertices, c.interaction, 2 * c.slices - 1, c.step / 2
    ).greens_functions()
    kernel = response_kernel(g.retarded, g.keldysh, g.advanced)
    by_kernel = kernel[2 * _LATER[0] + 1, _LATER[1], 2 * _EARLIER[0] + 1, _EARLIER[1]]
    return Evidence(
        Discrepancy(
            "the printed combination against iU²Π from the commutator",
            abs(-(c.interaction**2) / 4 * trace / required - 1),
            1e-3,
            _MIDPOINT,
        ),
        controls=(
            Discrepancy(
                "response_kernel against the commutator",
                abs(by_kernel / _kubo() - 1),
                1e-3,
                _MIDPOINT,
            ),
        ),
    )


_KT, _OMEGA = 0.5, 0.4


@cache
def _ring() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    rng = np.random.default_rng(8)
    h = rng.normal(size=(3, 3))
    energies, states = np.linalg.eigh((h + h.T) / 2)
    return energies, states


def _bubble(width: float) -> complex:
    """A40 between two sites, each level with a Lorentzian width."""
    energies, states = _ring()
    epsilon = np.arange(-40.0, 40.0, width / 8)
    weights = states[0] * states[1]  # of a real Hamiltonian: G(1,2) = G(2,1)

    def parts(e: NDArray[np.float64]) -> tuple[Complex, Complex, Complex]:
        g = (weights / (e[:, None] + 1j * width - energies)).sum(1)
        return g, g.conj(), np.tanh(e / (2 * _KT)) * (g - g.conj())

    _, a, k = parts(epsilon)
    r_next, _, k_next = parts(epsilon + _OMEGA)
    return complex((k * r_next + a * k_next).sum() * width / 8 / (2 * math.pi))


def _lindhard(omega: complex = _OMEGA) -> complex:
    energies, states = _ring()
    f = 1 / (np.exp(energies / _KT) + 1)
    gap = energies[None, :] - energies[:, None] - omega
    weights = states[0] * states[1]
    return complex(np.sum(np.outer(weights, weights) * (f[:, None] - f[None, :]) / gap))


def _in_time(omega: complex) -> complex:
    """∫₀^∞dt e^{iωt}Π(t) between the two sites, Π(t) from the determinant of a contour."""
    energies, states = _ring()
    h = (states * energies) @ states.T
    step = 0.15
    c = Contour(h, fermi_matrix(h, _KT), [np.diag([1.0, 0, 0])], 1.0, 81, step)
    g = c.greens_functions()
    kernel = response_kernel(g.retarded, g.keldysh, g.advanced)[:, 0, 0, 1]
    values = kernel * np.exp(1j * omega * step * np.arange(81))
    fine, coarse = simpson(values, dx=step), simpson(values[::2], dx=2 * step)
    return complex((16 * fine - coarse) / 15)


@claim(
    "ying-A40",
    "Eq. A40",
    kind="identity",
    statement=r"In frequency space: $\int\frac{d\epsilon}{2\pi}\langle G^K(1,2;\epsilon)G^R(2,1;"
    r"\epsilon+\omega)+G^A(1,2;\epsilon)G^K(2,1;\epsilon+\omega)\rangle=-2i\Pi$.",
    follows=("ying-A39",),
)
def _frequency_bubble() -> Evidence:
    values = [_bubble(w) for w in (0.004, 0.008, 0.016)]
    extrapolated = (8 * values[0] - 6 * values[1] + values[2]) / 3
    return Evidence(
        Discrepancy(
            "quadrature against −2iΠ from the sum over pairs of levels",
            abs(extrapolated / (-2j * _lindhard()) - 1),
            1e-3,
            "width extrapolated to zero; finite band of frequencies",
        ),
        controls=(
            Discrepancy(
                "∫dt e^{iωt} of response_kernel on a contour against the sum over pairs of levels, "
                "Im ω = 1 meV",
                abs(_in_time(_OMEGA + 1j) / _lindhard(_OMEGA + 1j) - 1),
                5e-3,
                "Simpson's rule on 80 steps; e^{−12} at the end",
            ),
        ),
    )
