"""Claims on the transition and the ordered state: Ying Eqs. 3 and 4 and the text around them."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy.optimize import brentq

from moirelib._types import Floats
from moirelib.chapters.keldysh.claims.gaussian import (
    gaussian_band,
    gaussian_derivatives,
    gaussian_order,
)
from moirelib.chapters.keldysh.data.band import moire_order
from moirelib.chapters.keldysh.data.statics import critical_temperatures
from moirelib.ledger.registry import Discrepancy, Evidence, claim
from moirelib.switching.stoner import ValleyOrderParameter


@claim(
    "ying-3",
    "Eq. 3",
    kind="approximation",
    statement=r"$\alpha_2\Phi_v+\alpha_4\Phi_v^3+\Delta n_0=0$, without the quadratic term.",
    follows=("ying-A4", "ying-A6", "ying-A52"),
)
def _cubic_equation() -> Evidence:
    order = moire_order(0.05, 0.3)
    law = order.landau()

    def remainder(phi: float) -> float:
        return abs(float(order.source(phi) - law.source(phi)))

    slope = math.log2(remainder(8e-4) / remainder(4e-4))
    symmetric = abs(float(order.source(5e-4) + order.source(-5e-4)))
    return Evidence(
        Discrepancy(
            "order in Φ of exact minus cubic equation of state, from 5",
            abs(slope - 5),
            0.2,
            "sampled moiré band at fixed density; the seventh order contributes",
        ),
        controls=(
            Discrepancy(
                "even part of Δn₀(Φ)", symmetric, 1e-15, "time reversal; round-off", "1/nm²"
            ),
        ),
    )


@claim(
    "ying-4",
    "Eq. 4",
    kind="approximation",
    statement=r"$(r-r_c)\Phi_v-\alpha_4\Phi_v^3=\Delta n_0$ near $T_c$.",
    follows=("ying-3", "ying-text-reduced"),
)
def _static_equation() -> Evidence:
    critical = moire_order(0.05).critical_temperature

    def miss(reduced: float) -> float:
        order = moire_order(0.05, critical * (1 - reduced))
        law = order.landau()
        phi = np.linspace(-1.5, 1.5, 61) * law.spontaneous
        return float(np.abs(order.source(phi) - law.source(phi)).max() / law.coercive_density)

    order_of_error = math.log2(miss(4e-3) / miss(2e-3))
    return Evidence(
        Discrepancy(
            "largest deviation from the exact curve for Φ up to 1.5 Φ_s at T = 0.999 T_c, in "
            "units of n_c",
            miss(1e-3),
            5e-3,
            "corrections of relative order 1 − T/T_c",
        ),
        controls=(
            Discrepancy(
                "order of the deviation in 1 − T/T_c, from 1",
                abs(order_of_error - 1),
                0.05,
                "leading correction Φ⁵",
            ),
        ),
    )


@claim(
    "ying-text-nc",
    "caption of Fig. 2",
    kind="approximation",
    statement=r"$n_c=-2\alpha_4\left(\frac{r-r_c}{3\alpha_4}\right)^{3/2}$.",
    follows=("ying-4",),
)
def _coercive() -> Evidence:
    critical = gaussian_order(0.05, 0.0, 0.8).critical_temperature
    reduced = np.array([4e-3, 2e-3, 1e-3])
    ratios = []
    for t in reduced:
        order = gaussian_order(0.05, critical * (1 - t), 0.8)
        ratios.append(order.coercive_density / order.landau().coercive_density)
    errors = np.abs(np.array(ratios) - 1)
    law = gaussian_order(0.05, 0.9 * critical, 0.8).landau()
    # The extremum of the cubic by brute force.
    phi = np.linspace(-law.spontaneous, 0, 2_000_001)
    cubic = float(law.source(phi).max() / law.coercive_density)
    return Evidence(
        Discrepancy(
            "exact coercive density over n_c at T = 0.999 T_c, from 1",
            float(errors[-1]),
            1e-3,
            "corrections of relative order 1 − T/T_c",
        ),
        controls=(
            Discrepancy(
                "order of the deviation in 1 − T/T_c, from 1",
                abs(math.log2(errors[1] / errors[2]) - 1),
                0.05,
                "leading correction",
            ),
            Discrepancy(
                "maximum of Eq. 4 on a grid over n_c, from 1",
                abs(cubic - 1),
                1e-11,
                "grid of 2·10⁶ points",
            ),
        ),
    )


@claim(
    "ying-text-spontaneous",
    "text after Eq. 4",
    kind="approximation",
    statement=r"Without a source $\Phi_v=\pm\sqrt{\vert(r-r_c)/\alpha_4\vert}$ below $T_c$.",
    follows=("ying-4",),
)
def _spontaneous() -> Evidence:
    critical = gaussian_order(0.05, 0.0, 0.8).critical_temperature

    def error(reduced: float) -> float:
        order = gaussian_order(0.05, critical * (1 - reduced), 0.8)
        return abs(order.equilibria(0.0)[-1].phi / order.landau().spontaneous - 1)

    return Evidence(
        Discrepancy(
            "exact order parameter at T = 0.999 T_c against the formula",
            error(1e-3),
            1e-3,
            "corrections of relative order 1 − T/T_c",
        ),
        controls=(
            Discrepancy(
                "order of the deviation, from 1",
                abs(math.log2(error(2e-3) / error(1e-3)) - 1),
                0.05,
                "leading correction",
            ),
        ),
    )


@claim(
    "ying-text-uc",
    "text after Eq. 2",
    kind="number",
    statement=r"Stoner's criterion, $U_c\sim\nu^{-1}$.",
    follows=("ying-2", "ying-A43"),
)
def _critical_interaction() -> Evidence:
    def order_at_zero(excess: float) -> float:
        turning = gaussian_order(excess, 0.0, 0.8).turning_points
        return 1.0 if turning.size else -1.0

    excess = brentq(order_at_zero, -0.2, 0.3, xtol=1e-6)
    return Evidence(
        Discrepancy(
            "U_cν(μ) at T = 0 from 1, where the exact map first has more than one state",
            abs(excess),
            1e-5,
            "continuous transition in a band with ν″ < 0",
        )
    )


@claim(
    "ying-text-reduced",
    "text after Eq. 4",
    kind="approximation",
    statement=r"$(r-r_c)=-\alpha_2(0,0)\sim T/T_c-1$.",
    follows=("ying-A4", "ying-text-tc"),
)
def _reduced_temperature() -> Evidence:
    excess = 1e-3
    critical = gaussian_order(excess, 0.0, 0.8).critical_temperature
    reduced = np.array([-0.02, -0.01, 0.01, 0.02])
    r = [-gaussian_order(excess, critical * (1 + t), 0.8).landau().alpha_2 for t in reduced]
    slope, curvature = np.polyfit(reduced, np.array(r) / reduced, 1)[::-1]
    # (Uν − 1)[(T/T_c)² − 1] = (Uν − 1)(2t + t²)
    return Evidence(
        Discrepancy(
            "slope of r − r_c in T/T_c − 1 over 2(Uν − 1), from 1",
            abs(slope / (2 * excess) - 1),
            5e-3,
            "higher powers of T_c over the bandwidth",
        ),
        controls=(
            Discrepancy(
                "coefficient of its square over Uν − 1, from 1",
                abs(curvature / excess - 1),
                2e-2,
                "fit of four points",
            ),
        ),
    )


@claim(
    "ying-text-tc",
    "text after Eq. A43",
    kind="approximation",
    statement=r"$T_c=\sqrt{\frac{U\nu-1}{U\pi^2\vert\nu''\vert/3}}$.",
    finding=r"$T_c=\sqrt{6(U\nu-1)/(\pi^2U\vert\nu''\vert)}$ closes as $U\to U_c^+$. The printed "
    r"formula inherits $\pi^2/3$ from A4 and is too low by $\sqrt2$. At fixed density "
    r"$\nu''$ becomes $\nu''-\nu'^2/\nu$.",
    consequence="number",
    erratum="ying-A42",
    aspect="the critical temperature",
    follows=("ying-A4",),
)
def _critical_temperature() -> Evidence:
    nu, slope, curvature = gaussian_derivatives(1.0)
    excess = 1e-3

    def formula(coefficient: float, second: float) -> float:
        u = (1 + excess) / nu
        return math.sqrt(excess / (u * coefficient * abs(second)))

    exact = gaussian_order(excess, 0.0, 1.0).critical_temperature
    gated = gaussian_order(excess, 0.0, 1.0, "density").critical_temperature
    closing = formula(math.pi**2 / 6, curvature - slope**2 / nu)
    reason = "corrections of relative order Uν − 1"
    return Evidence(
        Discrepancy(
            "printed formula against the exact T_c at Uν − 1 = 10⁻³",
            abs(formula(math.pi**2 / 3, curvature) / exact - 1),
            5e-3,
            reason,
        ),
        corrected=Discrepancy(
            "the same with π²/6", abs(formula(math.pi**2 / 6, curvature) / exact - 1), 5e-3, reason
        ),
        controls=(
            Discrepancy(
                "exact T_c over the printed formula, from √2",
                abs(exact / formula(math.pi**2 / 3, curvature) / math.sqrt(2) - 1),
                5e-3,
                reason,
            ),
            Discrepancy("fixed density, with ν″ − ν′²/ν", abs(closing / gated - 1), 5e-3, reason),
            Discrepancy(
                "drawn T_c of the moiré band over the formula with π²/6, from 1",
                abs(float(critical_temperatures([excess]).over_closing[0]) - 1),
                2e-2,
                reason,
            ),
        ),
    )


def _two_peaks(energy: ArrayLike) -> Floats:
    """A density of states with a valley between two peaks, in 1/(meV nm²)."""
    e = np.asarray(energy, dtype=np.float64)
    return gaussian_band(e - 4.0) + gaussian_band(e + 4.0)


@claim(
    "ying-text-boundedness",
    "text after Eq. 4 and notes to A6",
    kind="number",
    statement=r"$-\alpha_4\sim\vert\nu''\vert U^3>0$ for $\nu''<0$: a continuous transition into a "
    r"stable ordered state.",
    follows=("ying-A6", "ying-4"),
)
def _bounded() -> Evidence:
    order = gaussian_order(0.05, 0.0, 0.0)
    critical = order.critical_temperature
    below = gaussian_order(0.05, 0.95 * critical).equilibria(0.0)
    above = gaussian_order(0.05, 1.05 * critical).equilibria(0.0)
    wrong = [s.stable for s in below] != [True, False, True] or [s.stable for s in above] != [True]
    # A valley of ν at μ, ν″ > 0: order sets in at once, with two turning points on each side.
    double = ValleyOrderParameter(_two_peaks, 1200.0, 0.2, energies=(-28.0, 28.0))
    # ν(T) rises first: with U just above 1/max ν the order is there when warm only.
    energy, weights = np.polynomial.legendre.leggauss(400)
    states = 28 * weights * _two_peaks(28 * energy)

    def thermal(kT: float) -> float:
        return float((states / np.cosh(14 * energy / kT) ** 2).sum() / (4 * kT))

    grid = np.linspace(1.0, 2.0, 2001)
    most = max(map(thermal, grid.tolist()))
    top = float(grid[int(np.argmax([thermal(t) for t in grid.tolist()]))])
    warm = 1.0005 / most
    expected = brentq(lambda t: warm * thermal(t) - 1, top, 4.0, xtol=1e-12)
    found = ValleyOrderParameter(_two_peaks, warm, 0.1, energies=(-28.0, 28.0))
    # Little interaction: order that lives beside the unpolarised state, none at Δn₀ = 0.
    weak = ValleyOrderParameter(_two_peaks, 1000.0, 0.5, energies=(-28.0, 28.0))
    try:
        weak_limit = weak.coercive_density
    except ValueError:
        weak_limit = 0.0
    return Evidence(
        Discrepancy(
            "steady states of a band with ν″ < 0 that are not stable–unstable–stable below "
            "and single above T_c",
            float(wrong),
            0.0,
            "count",
        ),
        controls=(
            Discrepancy(
                "T_c of an order that is there when warm only, against ν(T) by quadrature, from 1",
                abs(found.critical_temperature / expected - 1),
                1e-10,
                "spline through samples",
            ),
            Discrepancy(
                "coercive density of an order that does not survive at Δn₀ = 0",
                weak_limit,
                0.0,
                "refused",
                "1/nm²",
            ),
            Discrepancy(
                "turning points there",
                float(weak.turning_points.size),
                4.0,
                "polarised states beside the unpolarised one",
                "",
                True,
            ),
            Discrepancy(
                "α₄ where ν″ > 0", double.landau().alpha_4, 100.0, "the other sign", "nm⁴", True
            ),
            Discrepancy(
                "turning points of that band",
                float(double.turning_points.size),
                4.0,
                "first-order transition",
                "",
                True,
            ),
        ),
    )
