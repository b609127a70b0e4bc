"""Claims of the chapter "second-order-drag": limits that are known in closed form."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from functools import cache

import numpy as np

from moirelib._types import Floats
from moirelib.chapters.second_order_drag.data.continuum import (
    cold_drag,
    cone_drag,
    cone_overlap,
    displaced_drag,
)
from moirelib.chapters.time_reversal.data import TrigonalBand
from moirelib.drag.interlayer import Interlayer
from moirelib.drag.scattering_layer import ScatteringLayer
from moirelib.drag.second_order import SecondOrderDrag, second_order_drag
from moirelib.ledger.measure import relative
from moirelib.ledger.registry import Discrepancy, Evidence, claim
from moirelib.models.graphene_hbn import GrapheneHBN

POTENTIAL = Interlayer()
LEVELS, KT = (-100.0, -80.0), 10.0


@cache
def without_moire(mesh: int) -> SecondOrderDrag:
    """Return the drag of two sheets without a moiré, folded into its zone; μ₁ = 0 too."""
    cone = replace(GrapheneHBN(), coupling=0.0)
    layer = ScatteringLayer(cone, mesh=mesh, origin=(0.31, 0.17))
    return second_order_drag(layer, layer, [LEVELS[0], 0.0], [LEVELS[1]], KT)


@cache
def one_moire() -> Floats:
    """Return the bare drag of a moiré layer and a sheet without one, by channel: (3,)."""
    moire = GrapheneHBN()
    layer = ScatteringLayer(moire, mesh=6, bands=8)
    sheet = ScatteringLayer(replace(moire, coupling=0.0), mesh=6, bands=8, origin=(0.31, 0.17))
    found = second_order_drag(layer, sheet, [-128.0], [LEVELS[1]], KT, POTENTIAL)
    return found.charge[:, 0, 0]


def continuum(kT: float, mu: tuple[float, float] = LEVELS) -> float:
    """Return the drag of two cones from integrals in closed coordinates."""
    nodes, weights = np.polynomial.legendre.leggauss(40)
    longest = 1.2
    return cone_drag(
        mu,
        kT,
        GrapheneHBN().hbar_v,
        POTENTIAL,
        longest * (nodes + 1) / 2,
        longest / 2 * weights,
    )


@claim(
    "new-drag-cold",
    "two cones at low temperature",
    kind="new",
    follows=("kundu-interaction",),
    statement=r"Two sheets of graphene at low $T$: $\sigma_{12}=\frac{e^2}{h}\,"
    r"\frac{4\tau_1\tau_2}{3\pi\hbar^2}\frac{(k_BT)^2}{(\hbar v)^2}"
    r"\int_0^{2k_F}q\,U^2\sqrt{(1-q^2/4k_1^2)(1-q^2/4k_2^2)}\,dq$.",
    falsified_by="a term below $T^2$, or another coefficient, in the golden rule of two cones",
)
def _cold() -> Evidence:
    v = GrapheneHBN().hbar_v
    k = (abs(LEVELS[0]) / v, abs(LEVELS[1]) / v)
    cold = cold_drag(1.0, (v, v), k, POTENTIAL, cone_overlap)
    warm, cool = (abs(continuum(kT) / (cold * kT**2) - 1) for kT in (4.0, 2.0))
    return Evidence(
        Discrepancy(
            "integrals in closed coordinates at 2 meV against the coefficient of T²",
            cool,
            0.1,
            "the next terms, k_BT/E_F = 0.025 times a number of order π",
        ),
        controls=(
            Discrepancy(
                "what is left at 2 meV, of that at 4 meV",
                cool / warm,
                0.6,
                "it falls with T, faster than k_BT at the least",
            ),
        ),
    )


@claim(
    "new-drag-cone",
    "vanishing moiré",
    kind="new",
    follows=("new-drag-cold",),
    statement=r"For $u_0\to0$ the sum over bands, $\mathbf G$ and $\mathbf G'$ in the moiré zone "
    r"is graphene's drag. For a bare interaction the interference $\mathbf G\ne\mathbf G'$ "
    "vanishes if one layer has no moiré.",
    falsified_by="a folded sum that converges to another number than the integral of the cone, or "
    "bare interference with a sheet without a moiré",
)
def _cone() -> Evidence:
    coarse, fine = (float(without_moire(n).charge[0, 0, 0]) for n in (8, 12))
    limit = (12**2 * fine - 8**2 * coarse) / (12**2 - 8**2)
    expected = continuum(KT)
    every, diagonal, _ = without_moire(12).charge[:, 0, 0]
    mixed, mixed_diagonal, _ = one_moire()
    return Evidence(
        Discrepancy(
            "meshes of 8 and 12, extrapolated, against elliptic coordinates",
            relative(limit, expected),
            0.02,
            "the term beyond 1/N²",
            slack="order",
        ),
        controls=(
            Discrepancy(
                "interference between different G, of the whole",
                abs(every - diagonal) / every,
                1e-12,
                "plane waves of different G are orthogonal: round-off",
            ),
            Discrepancy(
                "the same between a moiré layer and a sheet without one",
                relative(mixed, mixed_diagonal),
                1e-12,
                "the matrix of one layer is diagonal: round-off",
            ),
            Discrepancy(
                "the coarser mesh alone",
                relative(coarse, expected),
                0.02,
                "so that the extrapolation is tested",
                at_least=True,
            ),
        ),
    )


@claim(
    "new-drag-neutral",
    "neutral cone",
    kind="new",
    follows=("new-drag-cone",),
    statement=r"At second order the charge drag vanishes if one layer is a cone at $\mu=0$, "
    "where the symmetry between electrons and holes is exact.",
    falsified_by="a charge drag of second order at the neutrality point of a cone",
)
def _neutral() -> Evidence:
    doped, neutral = without_moire(12).charge[0, :, 0]
    return Evidence(
        Discrepancy(
            "neutral against doped layer 1",
            abs(neutral / doped),
            1e-12,
            "round-off: bands of the cone are symmetric on any mesh",
        ),
    )


@claim(
    "new-drag-parabola",
    "two parabolic bands",
    kind="new",
    follows=("new-drag-cold",),
    statement=r"Two parabolic bands without a moiré give the textbook's $T^2$, "
    r"$\frac{1}{3\pi}\frac{\tau_1\tau_2}{\hbar^2}\frac{(k_BT)^2}{\hbar v_1\,\hbar v_2}"
    r"\int_0^{2\min k}q\,U^2[(1-q^2/4k_1^2)(1-q^2/4k_2^2)]^{-1/2}\,dq$, in $e^2/h$, for one "
    r"valley with spins summed and $k_1\ne k_2$; equal ones add a logarithm.",
    falsified_by="another coefficient of $T^2$ from the transitions of a parabolic band",
)
def _parabolic() -> Evidence:
    masses, fermi = (900.0, 700.0), (0.25, 0.2)
    bands = [TrigonalBand(b, 0.0, b * k**2) for b, k in zip(masses, fermi, strict=True)]
    longest = 0.3
    near = replace(POTENTIAL, distance=4.0, gate_distance=1.0)
    nodes, weights = np.polynomial.legendre.leggauss(12)
    q, share = longest * (nodes + 1) / 2, longest / 2 * weights
    velocities = (2 * masses[0] * fermi[0], 2 * masses[1] * fermi[1])

    def over_square(kT: float) -> float:
        omega = np.linspace(-12 * kT, 12 * kT, 97)
        total = 0.0
        for one, weight in zip(q.tolist(), share.tolist(), strict=True):
            first, second = (
                band.transitions(np.array([one, 0.0]), 0.4, 160)
                .gains(band.mu, kT, omega)[:, 0, 0, 0]
                .real
                for band in bands
            )
            squared = float(near(one)) ** 2
            total += weight * one / (2 * math.pi) * squared * float(first @ second) / 2
        return float(2 * math.pi**2 / kT**3 * (omega[1] - omega[0]) * total)

    def cut(momentum: Floats) -> Floats:
        return np.where(momentum < longest, near(momentum), 0.0)

    def closed(overlap: Callable[[Floats, float], Floats]) -> float:
        return cold_drag(1.0, velocities, fermi, cut, overlap, valleys=1)

    warm, cool = over_square(2.0), over_square(1.0)
    limit = (4 * cool - warm) / 3
    # Rather more q than on the mesh: these integrals cost little.
    many, part = np.polynomial.legendre.leggauss(16)
    q, share = longest * (many + 1) / 2, longest / 2 * part
    moved = [displaced_drag(kT, masses, fermi, near, q, share) / kT**2 for kT in (2.0, 1.0)]
    return Evidence(
        Discrepancy(
            "transitions on a mesh at 1 and 2 meV, extrapolated, against the closed form",
            relative(limit, closed(lambda p, _: np.ones_like(p))),
            0.03,
            "(k_BT/E_F)⁴ and the mesh; up to q = 0.3 nm⁻¹, where the smaller 2k_F is 0.4",
        ),
        controls=(
            Discrepancy(
                "a displaced Fermi sea, each collision met once, against the closed form",
                relative((4 * moved[1] - moved[0]) / 3, closed(lambda p, _: np.ones_like(p))),
                0.01,
                "(k_BT/E_F)⁴; nothing is linearised, and no collision taken with its reverse",
            ),
            Discrepancy(
                "far layers that screen, against 0.12 h/e² of the literature",
                relative(_far_apart(), 0.12),
                0.02,
                "the number is printed to two digits; πζ(3)/32 = 0.118",
            ),
            Discrepancy(
                "the same against the closed form without the Fermi circles",
                relative(limit, closed(lambda p, k: np.sqrt(1 - (p / (2 * k)) ** 2))),
                0.05,
                "the check sees the shape of the integrand",
                at_least=True,
            ),
        ),
    )


def _far_apart() -> float:
    """ρ₁₂ (κd)² (k_Fd)² (E_F/k_BT)² of equal layers with κd, k_Fd ≫ 1, in h/e².

    Levchenko and Kamenev, Phys. Rev. Lett. 100, 026805, print it as 0.12.
    """
    curvature, k, distance, kappa = 1.0, 1.0, 60.0, 1.0
    level = curvature * k**2
    # Of both spins: k²/2πE_F states per area and energy.
    states = k**2 / (2 * math.pi * level)

    def screened(q: Floats) -> Floats:
        return np.asarray(q / (2 * states * kappa * np.sinh(np.minimum(q * distance, 300.0))))

    velocity = 2 * curvature * k
    drag = cold_drag(
        1.0, (velocity, velocity), (k, k), screened, lambda p, _: np.ones_like(p), valleys=1
    )
    # σ = (e²/h) 2E_Fτ/ħ of one layer.
    return drag / (2 * level) ** 2 * level**2 * (kappa * distance) ** 2 * (k * distance) ** 2
