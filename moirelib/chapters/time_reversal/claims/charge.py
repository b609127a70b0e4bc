"""Claims of the chapter "time-reversal" on what the relations forbid: the charge drag."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from scipy.integrate import quad

from moirelib.chapters.time_reversal.claims.relations import (
    FOLDED,
    GAP,
    METALLIC,
    ROUND_OFF,
    WARM,
    interband_summand,
)
from moirelib.chapters.time_reversal.claims.transitions import (
    power_of_temperature,
    rate_by_transitions,
)
from moirelib.chapters.time_reversal.data import (
    COMMON_PHASE,
    MODEL,
    both_valleys,
    partners,
)
from moirelib.drag.conductivity import drag_conductivity
from moirelib.ledger.measure import largest
from moirelib.ledger.registry import Discrepancy, Evidence, claim
from moirelib.models.graphene_hbn import GrapheneHBN


def charge_over_valley(model: GrapheneHBN, mesh: int = 24) -> float:
    """Largest |σ_charge| over the largest |σ_valley|, both first order."""
    one = both_valleys(model, mesh)
    charge, valley = (
        drag_conductivity(one, one, METALLIC, METALLIC, WARM, flavor=flavor)
        for flavor in ("charge", "valley")
    )
    return float(np.abs(charge).max() / np.abs(valley).max())


@claim(
    "kundu-C-charge",
    "App. C and text, p. 2",
    kind="identity",
    statement=r"Time reversal makes the first-order charge drag vanish: with "
    r"$(\mathrm K,\mathbf k)\to(\mathrm K',-\mathbf k)$ each term changes sign.",
    follows=("kundu-32", "kundu-C-lambda", "kundu-C-current"),
)
def _() -> Evidence:
    one, other = partners()
    shell = MODEL.lattice.shells(2)[1]
    here, there = (
        bands.velocities[..., None] * np.moveaxis(bands.form_factors(shell), 0, -1)[:, :, None]
        for bands in (one, other)
    )
    return Evidence(
        Discrepancy(
            "∂_kε λ_G of K at k plus that of K′ at −k",
            float(np.abs(here + there).max() / MODEL.hbar_v),
            1e-9,
            ROUND_OFF,
            "ħv_F",
        ),
        controls=(
            Discrepancy(
                "charge drag over valley drag, both valleys solved on a mesh",
                charge_over_valley(MODEL),
                1e-6,
                FOLDED,
            ),
            Discrepancy(
                "the same with ω in both valleys, as Eq. (6) is printed",
                charge_over_valley(COMMON_PHASE, mesh=12),
                0.01,
                "without time reversal nothing cancels",
                at_least=True,
            ),
        ),
    )


@claim(
    "kundu-C-charge-interband",
    "App. C, interband part",
    kind="identity",
    statement=r"The interband term of the charge drag vanishes too: "
    r"$\partial_\Omega[\mathcal D_{1c}\mathcal D_{2c}]_{\Omega=0}=0$, because "
    r"$\mathcal D_{c}(\Omega)$ is odd and $\mathcal D_{v}(\Omega)$ even.",
    follows=("kundu-32", "kundu-C-lambda", "kundu-C-current"),
)
def _() -> Evidence:
    one, other = partners()
    (plus, plus_other), (minus, minus_other) = (
        (interband_summand(one, energy), interband_summand(other, energy)) for energy in (3.0, -3.0)
    )
    valley = float(np.abs(plus - plus_other).max())
    return Evidence(
        Discrepancy(
            "𝒟_c(Ω) + 𝒟_c(−Ω) over 𝒟_v(Ω), per (k, K) with (−k, K′), at ħΩ = 3 meV",
            float(np.abs(plus + plus_other + minus + minus_other).max()) / valley,
            1e-9,
            ROUND_OFF,
        ),
        controls=(
            Discrepancy(
                "𝒟_v(Ω) − 𝒟_v(−Ω) over 𝒟_v(Ω)",
                float(np.abs(plus - plus_other - minus + minus_other).max()) / valley,
                1e-10,
                ROUND_OFF,
            ),
            Discrepancy(
                "𝒟_c(Ω) over 𝒟_v(Ω)",
                float(np.abs(plus + plus_other).max()) / valley,
                1e-2,
                "at finite frequency the interband charge response is not zero; the relations as "
                "printed for λ and Λ would make it so",
                at_least=True,
            ),
        ),
    )


@claim(
    "kundu-text-valley-polarised",
    "App. B, text",
    kind="number",
    aspect="polarised valleys",
    statement="If the valleys are polarised, charge drag is finite at first order.",
    follows=("kundu-C-charge",),
)
def _() -> Evidence:
    one = both_valleys(MODEL)
    alone = [[20.0, GAP]]
    charge = drag_conductivity(one, one, alone, alone, 0.0, flavor="charge")[0, 0]
    valley = drag_conductivity(one, one, 20.0, 20.0, 0.0)[0, 0]
    unlike = [
        layer.susceptibility([[20.0, 100.0]], WARM, "charge")
        for layer in (one, replace(one, symmetry="full"))
    ]
    return Evidence(
        Discrepancy(
            "charge drag with K′ in the gap, against a quarter of the valley drag",
            float(np.abs(4 * charge - valley).max() / np.abs(valley).max()),
            1e-8,
            "one valley is half of each 𝒞; " + FOLDED,
        ),
        controls=(
            Discrepancy("valley drag", float(np.abs(valley).max()), 0.01, "finite", "e²/h", True),
            Discrepancy(
                "𝒞_c at 20 meV in K and 100 meV in K′: both solved against K and time reversal",
                largest(unlike[1] - unlike[0], unlike[0]),
                1e-6,
                FOLDED,
            ),
        ),
    )


@claim(
    "kundu-text-spin-polarised",
    "App. B, text",
    kind="number",
    aspect="polarised spins",
    statement="If the spins are polarised, charge drag can be finite at first order.",
    headline="Polarised spins do not make first-order charge drag; polarised valleys do.",
    finding="Without spin–orbit coupling, orbital time reversal acts within each spin: the valleys "
    "cancel for either spin, at whatever density. Valley polarisation is needed.",
    consequence="conclusion",
    figures="No figure of the paper has spin polarisation. In {numref}`fig-charge-drag` the "
    "charge drag is zero for the same reason, and it stays zero with the spins at 20 and 100 meV: "
    "{measured}`kundu-text-spin-polarised: |𝒞_c| over |𝒞_v|` of the response of the valleys. "
    "{numref}`fig-emptied` shows what a polarisation of the valleys makes.",
    follows=("kundu-C-charge",),
)
def _() -> Evidence:
    one = both_valleys(MODEL)
    charge, valley = (
        # A susceptibility of one spin is half of that with the spin factor.
        (one.susceptibility(20.0, WARM, flavor) + one.susceptibility(100.0, WARM, flavor)) / 2
        for flavor in ("charge", "valley")
    )
    share = float(np.abs(charge).max() / np.abs(valley).max())
    return Evidence(
        Discrepancy(
            "shortfall of |𝒞_c| below 1 % of |𝒞_v|, the spins at 20 and 100 meV",
            max(0.0, 0.01 - share),
            0.0,
            "finite means at least 1 % here",
        ),
        corrected=Discrepancy("|𝒞_c| over |𝒞_v|, the spins at 20 and 100 meV", share, 1e-6, FOLDED),
    )


def second_order_rate(kT: float) -> float:
    """Second-order drag between two equal electron gases, in arbitrary units.

    ∫dq q³ e^{−2qd} ∫dω [Im χ(q, ω)]²/sinh²(ω/2k_BT)/k_BT, with the Lindhard function of two
    dimensions at T = 0; ħ = 2m = k_F = 1 and d = 4/k_F, so that only q ≪ k_F counts.
    """
    distance = 4.0

    def imaginary(q: float, omega: float) -> float:
        """−Im χ: a difference of two square roots in ω/2q ± q/2."""
        nu = np.array([omega / (2 * q) - q / 2, omega / (2 * q) + q / 2])
        roots = np.sqrt(np.maximum(1 - nu**2, 0))
        return float(roots[0] - roots[1]) / q

    def over_frequency(q: float) -> float:
        value, _ = quad(lambda x: (imaginary(q, x * kT) / np.sinh(x / 2)) ** 2, 1e-6, 40, limit=200)
        return value  # ∫dω/k_BT = ∫dx

    value, _ = quad(
        lambda q: q**3 * np.exp(-2 * q * distance) * over_frequency(q), 0.02, 1.5, limit=100
    )
    return value


@claim(
    "kundu-text-charge-second-order",
    "text, p. 1",
    kind="number",
    statement="With time reversal, charge drag starts at second order in the interaction and "
    "vanishes there as $T^2$ (Jauho and Smith 1993).",
    follows=("kundu-C-charge", "kundu-C-charge-interband"),
)
def _() -> Evidence:
    low, high = second_order_rate(1e-3), second_order_rate(2e-3)
    # Im χ = ω/2q√(1 − q²/4) at low frequency, and ∫x²/sinh²(x/2) dx = 4π²/3.
    static, _ = quad(lambda q: q * np.exp(-8 * q) / (1 - q**2 / 4), 0.02, 1.5)
    closed = math.pi**2 / 3 * 1e-6 * static
    return Evidence(
        Discrepancy(
            "exponent of T between T_F/1000 and T_F/500, minus 2",
            abs(float(np.log2(high / low)) - 2),
            0.05,
            "corrections of relative order k_BT/(ħv_F/d)",
        ),
        controls=(
            Discrepancy(
                "the same at T_F/1000 over its closed form at low frequency, from 1",
                abs(low / closed - 1),
                0.01,
                "corrections of relative order k_BT/(ħv_F/d)",
            ),
            Discrepancy(
                "exponent between 1 and 2 meV from transitions of a parabola on a mesh, minus 2",
                abs(power_of_temperature() - 2),
                0.06,
                "the mesh, and k_BT/ħv_Fq",
            ),
        ),
    )


@claim(
    "kundu-text-third-order",
    "text, conclusion",
    kind="number",
    aspect="drag of third order",
    statement="In conventional materials drag has a part that is finite at zero temperature only "
    "at third order in the interaction (Levchenko and Kamenev 2008, cited and not computed): the "
    "second order freezes out.",
    follows=("kundu-text-charge-second-order",),
)
def _() -> Evidence:
    cold, warm = second_order_rate(1e-4), second_order_rate(1e-2)
    return Evidence(
        Discrepancy(
            "second order at T_F/10⁴ over that at T_F/100",
            cold / warm,
            2e-4,
            "T²: 10⁻⁴, and corrections of relative order k_BT/(ħv_F/d)",
        ),
        controls=(
            Discrepancy(
                "from transitions of a parabola on a mesh: at 1 meV over that at 4 meV",
                rate_by_transitions(1.0) / rate_by_transitions(4.0),
                0.1,
                "T²: 1/16, and k_BT/ħv_Fq",
            ),
        ),
    )
