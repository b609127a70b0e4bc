"""Claims on causality, phase space and the kinetic equation: Ying Eqs. A32–A36."""

from __future__ import annotations

import math

import numpy as np
import sympy as sp
from numpy.typing import NDArray

from moirelib.chapters.keldysh.claims.contour import contour, fields
from moirelib.ledger.registry import Discrepancy, Evidence, claim
from moirelib.switching.keldysh import Contour, retarded_green_function
from moirelib.switching.wigner import (
    KX,
    OMEGA,
    TIME,
    X,
    born_collision,
    kinetic_left_side,
    star_product,
    weyl_kernel,
    wigner_transform,
)

Array = NDArray[np.float64]


@claim(
    "ying-A32",
    "Eq. A32",
    kind="definition",
    statement=r"$G_b=\begin{bmatrix}G^R&G^K\\0&G^A\end{bmatrix}$ after the rotation.",
    implements="moirelib.switching.keldysh.Contour.greens_functions",
    follows=("ying-A14", "ying-A19"),
)
def _triangular() -> Evidence:
    c, (classical, _) = contour(), fields()
    g = c.greens_functions(classical)
    t = np.arange(c.slices)
    later = t[:, None] < t[None, :]
    adjoint = g.advanced.transpose(2, 3, 0, 1).conj()
    antihermitian = g.keldysh + g.keldysh.transpose(2, 3, 0, 1).conj()
    return Evidence(
        Discrepancy(
            "largest entry of the lower left block, driven system",
            float(abs(g.lower).max()),
            1e-12,
            "rounding of the matrix inverse",
        ),
        controls=(
            Discrepancy(
                "G^R at t < t′",
                float(abs(g.retarded.transpose(0, 2, 1, 3)[later]).max()),
                1e-12,
                "causality; round-off",
            ),
            Discrepancy(
                "G^R − (G^A)†", float(abs(g.retarded - adjoint).max()), 1e-12, "adjoints; round-off"
            ),
            Discrepancy(
                "G^K + (G^K)†", float(abs(antihermitian).max()), 1e-12, "anti-Hermitian; round-off"
            ),
            Discrepancy("norm of G^K", float(abs(g.keldysh).max()), 0.1, "not empty", "", True),
        ),
    )


@claim(
    "ying-A33",
    "Eq. A33",
    kind="definition",
    statement=r"Wigner coordinates: $G(x,k)=\int d\Delta x\,e^{-ik\Delta x}G(x+\frac{\Delta x}2,"
    r"x-\frac{\Delta x}2)$, and $e^{+i\omega\Delta t}$ in time.",
    implements="moirelib.switching.wigner.wigner_transform",
)
def _wigner() -> Evidence:
    x = np.arange(-8.0, 8.0 + 1e-9, 0.1)
    k = np.linspace(-3, 3, 31)
    # A packet that moves with momentum 1.2: its Wigner function is 2 exp(−x² − (k − 1.2)²).
    packet = np.exp(-(x**2) / 2 + 1.2j * x) / math.pi**0.25
    found = wigner_transform(np.outer(packet, packet.conj()), 0.1, k)
    exact = 2 * np.exp(-(x[:, None] ** 2) - (k - 1.2) ** 2)
    # In time e^{−iE(t − t′)} has to come out at ω = +E: ω takes the place of −k.
    level = np.exp(-(x**2) / 8 - 0.9j * x)
    centre = wigner_transform(np.outer(level, level.conj()), 0.1, -k)[x.size // 2].real
    return Evidence(
        Discrepancy(
            "moving Gaussian packet against the closed form",
            float(abs(found - exact).max()),
            1e-10,
            "trapezoidal sums of Gaussians; round-off is left",
        ),
        controls=(
            Discrepancy(
                "frequency at which a level E = 0.9 appears, minus E",
                abs(float(k @ centre / centre.sum()) - 0.9),
                1e-7,
                "finite window of k",
            ),
        ),
    )


@claim(
    "ying-A34",
    "Eq. A34",
    kind="definition",
    statement=r"$G^{R/A}=[\omega-H_0\pm i\delta]^{-1}$: its poles lie below the axis, its weight "
    "is one. What disorder makes of δ is `ying-A34-sampled`.",
    implements="moirelib.switching.keldysh.retarded_green_function",
    follows=("ying-A8", "ying-A32"),
)
def _resolvent() -> Evidence:
    """Recovered from the contour: the Fourier sum of G^R(t) of the determinant's inverse."""
    c = contour()
    width, omega = 6.0, np.array([-1.3, 0.1, 0.8])
    h = np.asarray(c.hamiltonian)
    long = Contour(h, c.occupation, c.vertices, c.interaction, 101, 0.02)
    retarded = long.greens_functions().retarded[:, :, 0]
    t = 0.02 * np.arange(101)
    weight = np.exp(1j * np.outer(omega, t) - width * t) * 0.02
    weight[:, 0] = 0.0
    found = np.einsum("wt,tij->wij", weight, retarded)
    # θ(0) = ½ at the first point: half of −i; then the end correction of the trapezoidal rule.
    start = -1j * np.eye(c.size)
    found = found + 0.01 * start
    slope = 1j * ((omega + 1j * width)[:, None, None] * np.eye(c.size) - h) @ start
    found = found + 0.02**2 / 12 * slope
    expected = retarded_green_function(h, omega, width)
    return Evidence(
        Discrepancy(
            "Fourier sum of G^R(t) from the contour's matrix against the resolvent",
            float(np.abs(found - expected).max()),
            1e-5,
            "Euler–Maclaurin, error step⁴; e^{−δt} at the end is 6·10⁻⁶",
            "1/meV",
        )
    )


def _star_remainder(scale: float) -> float:
    """Convolution of two kernels against the star product to second order, at nine points.

    Both symbols are functions of √scale x and √scale k, so each order brings one power of scale.
    """
    root = math.sqrt(scale)
    u, v = root * X, root * KX
    a = sp.exp(-((u - 0.6) ** 2 + (v + 0.3) ** 2 + 0.4 * u * v) / 2)
    b = sp.exp(-((u + 0.5) ** 2 + (v - 0.4) ** 2 - 0.3 * u * v) / 2)
    spacing = 0.3 * root
    x = spacing * np.arange(-math.ceil(6 / root / spacing), math.ceil(6 / root / spacing) + 1)
    k = np.arange(-5.1 / root, 5.1 / root, 0.35 * root)
    kernels = [weyl_kernel(sp.lambdify((X, KX), f, "numpy"), x, k) for f in (a, b)]
    momenta = np.array([-0.8, 0.3, 1.1]) / root
    convolved = wigner_transform(kernels[0] @ kernels[1] * spacing, spacing, momenta)
    series = sp.lambdify((X, KX), star_product(a, b, 2, ((X, KX, 1),)), "numpy")
    rows = np.searchsorted(x, np.array([-1.0, 0.2, 1.5]) / root)
    return float(abs(convolved[rows] - series(x[rows, None], momenta)).max())


@claim(
    "ying-A35",
    "Eq. A35",
    kind="identity",
    statement=r"$\star=\exp\{\frac i2[\overleftarrow\partial_x\overrightarrow\partial_k-"
    r"\overleftarrow\partial_k\overrightarrow\partial_x-\overleftarrow\partial_t\overrightarrow"
    r"\partial_\omega+\overleftarrow\partial_\omega\overrightarrow\partial_t]\}$.",
    follows=("ying-A33",),
)
def _star() -> Evidence:
    large, small = _star_remainder(0.16), _star_remainder(0.08)
    # Two gradients per order: the first neglected one carries the third power of the scale.
    order = math.log2(large / small)
    space = star_product(X, KX) - star_product(KX, X) - sp.I
    # ω = i∂_t, hence [t, ω] = −i.
    time = star_product(TIME, OMEGA) - star_product(OMEGA, TIME) + sp.I
    return Evidence(
        Discrepancy(
            "order in (gradients)² of what second order leaves of the convolution, from 3",
            abs(order - 3),
            0.1,
            "the order after it contributes at these scales",
        ),
        controls=(
            Discrepancy("its size at the smaller scale", small, 1e-4, "third order of 0.08 / 2"),
            Discrepancy(
                "x ⋆ k − k ⋆ x − i and t ⋆ ω − ω ⋆ t + i",
                float(abs(space) + abs(time)),
                0.0,
                "symbolic",
            ),
        ),
    )


def _carried_along(left_side: sp.Expr) -> sp.Expr:
    """The left side of the kinetic equation for F = e^{−x₀²−2k₀²}, with x₀ and k₀ at t = 0."""
    g = sp.Symbol("g")

    def carried(*arguments: sp.Expr) -> sp.Expr:
        x, _, t, k, *_ = arguments
        return sp.exp(-((x - k * t + g * t**2 / 2) ** 2) - 2 * (k - g * t) ** 2)

    found = left_side.replace(sp.Function("epsilon"), lambda k, q: (k**2 + q**2) / 2)
    found = found.replace(sp.Function("V"), lambda x, _: -g * x)
    return sp.simplify(found.replace(sp.Function("F"), carried).doit())


@claim(
    "ying-A36",
    "Eq. A36",
    kind="identity",
    statement=r"$-[\omega-H_0\,\overset\star,\,F]=\Sigma^K-(\Sigma^R\star F-F\star\Sigma^A)$ "
    r"becomes the Boltzmann equation, Eq. 6.",
    follows=("ying-A12", "ying-A32", "ying-A35"),
)
def _kinetic() -> Evidence:
    first, expected = kinetic_left_side(order=1)
    second, _ = kinetic_left_side(order=2)
    angle = 2 * math.pi * np.arange(64) / 64
    tau, tau_prime = 1.3, 4.0
    f, other = 0.2 + 0.1 * np.cos(angle), -0.1 + 0.05 * np.sin(2 * angle)
    # Eq. 6 with W = 1/ντ and 1/ντ′: the integral over the Fermi line by explicit sums.
    direct = np.array(
        [np.mean(f - value) / tau + np.mean(other - value) / tau_prime for value in f]
    )
    miss = abs(born_collision(f, other, tau, tau_prime) - direct).max()
    balance = born_collision(f, other, tau, tau_prime) + born_collision(other, f, tau, tau_prime)
    return Evidence(
        Discrepancy(
            "i times the left side minus ∂_tF + v·∂_xF − ∂_xV·∂_kF, first order in gradients",
            float(abs(sp.simplify(first - expected))),
            0.0,
            "symbolic",
        ),
        controls=(
            Discrepancy(
                "the left side on electrons of mass 1 under the force g that move by Newton's law",
                float(abs(_carried_along(first))),
                0.0,
                "symbolic; V = −gx",
            ),
            Discrepancy(
                "second order in gradients",
                float(abs(sp.simplify(second - first))),
                0.0,
                "a commutator has odd orders only",
            ),
            Discrepancy(
                "right side against the collision integral of Eq. 6",
                float(miss),
                1e-14,
                "rounding",
                "1/τ",
            ),
            Discrepancy(
                "sum over both valleys",
                abs(float(balance.sum())),
                1e-12,
                "scattering conserves the electrons; round-off",
                "1/τ",
            ),
        ),
    )
