"""Claims of the chapter "tbg-scattering": small strain, circles, and the rates within a layer."""

from __future__ import annotations

import numpy as np

from moirelib.chapters.tbg_scattering.claims.strain import ROUND_OFF
from moirelib.chapters.tbg_scattering.data import (
    FERMI_RATIO,
    contour_effect,
    pocket_sizes,
    response,
)
from moirelib.ledger.registry import Discrepancy, Evidence, claim
from moirelib.models.twisted_bilayer import StrainedTBG
from moirelib.switching.scattering import density_slope, intervalley_rates, solve_four_pockets


@claim(
    "ying-text-unstrained",
    "text below Fig. 7",
    kind="number",
    statement=r"Without strain $C_3$ holds on the true contours and $\Delta n_0=0$.",
    follows=("ying-text-linear", "ying-text-rotation"),
)
def _() -> Evidence:
    plain = StrainedTBG.from_ratios(tunnelling_ratio=0.3, velocity_q_over_mass=0.5)
    strained = StrainedTBG.from_ratios(
        strain_over_twist=0.02, tunnelling_ratio=0.3, velocity_q_over_mass=0.5
    )
    found = []
    for model in (plain, strained):
        rates = intervalley_rates(model, FERMI_RATIO * model.moire_wavevector, 48)
        found.append(
            [
                np.abs(
                    solve_four_pockets(rates, isotropic_intralayer=flag).valley_density_difference
                ).max()
                for flag in (True, False)
            ]
        )
    return Evidence(
        Discrepancy(
            "largest |Δn₀| without strain, with constant and with computed intra-layer rates",
            float(max(found[0])),
            1e-11,
            ROUND_OFF,
            "j/ev_F",
        ),
        controls=(
            Discrepancy(
                "the same with ε/θ_w = 0.02, smaller of the two",
                float(min(found[1])),
                1e-6,
                "the zero is the symmetry's",
                "j/ev_F",
                at_least=True,
            ),
        ),
    )


@claim(
    "ying-text-linear",
    "text above Eq. 19",
    kind="approximation",
    statement=r"At small strain $\Delta n_0$ is linear in the strain.",
    follows=("ying-8", "ying-B12"),
)
def _() -> Evidence:
    sizes = []
    for strain in (2e-3, 1e-3):
        # At t = 0.1 the unequal sizes of the pockets make the quadratic terms several times larger.
        model = StrainedTBG.from_ratios(strain_over_twist=strain, tunnelling_ratio=0.01)
        sizes.append(response(model, FERMI_RATIO * model.moire_wavevector, 0.01))
    return Evidence(
        Discrepancy(
            "Δn₀ at ε/θ_w = 0.002 over that at 0.001, from 2",
            float(np.abs(sizes[0] / sizes[1] - 2).max()),
            0.02,
            "quadratic terms, a few times ε/θ_w",
        ),
    )


@claim(
    "ying-text-circles",
    "text below Eq. B12",
    kind="approximation",
    statement=r"For $v_Dk_F\ll v_Dq\ll m$ the Fermi surfaces are circles.",
    follows=("ying-B1",),
)
def _() -> Evidence:
    """The named approximation: with the paper's rates circles miss terms of order t² only."""
    misses = []
    for t in (2e-3, 1e-3):
        model = StrainedTBG.from_ratios(strain_over_twist=0.02, tunnelling_ratio=t)
        k_f = FERMI_RATIO * model.moire_wavevector
        true, flat = (
            solve_four_pockets(
                intervalley_rates(model, k_f, 32, contour=contour), isotropic_intralayer=True
            ).valley_density_difference
            for contour in ("true", "circles")
        )
        misses.append(float(np.hypot(*(true - flat)) / np.hypot(*flat)))
    sizes = pocket_sizes()
    traceless = contour_effect([0.1], [0.1], poisson_ratio=1.0).difference[0, 0]
    return Evidence(
        Discrepancy(
            "relative difference of Δn₀ on circles and on true contours, constant intra-layer "
            "rate, at t = 0.001",
            misses[1],
            1e-3,
            "without tunnelling the pockets are circles; shift and size change at order t²",
        ),
        controls=(
            Discrepancy(
                "areas of 1K and 2K over πk_F² less 1, over ±(3/2)(1 − ν_ε)t²(ε/θ_w)(v_Dq/m)"
                "(q/k_F)², t = ε/θ_w = 0.1, from 1",
                float(np.abs(sizes.excess / (sizes.law * np.array([1, -1])) - 1).max()),
                0.01,
                "corrections of order ε/θ_w squared, t² and v_Dq/m squared",
            ),
            Discrepancy(
                "what circles miss at t = ε/θ_w = 0.1 over the same for a strain without trace",
                float(contour_effect([0.1], [0.1]).difference[0, 0] / traceless),
                5.0,
                "without trace the pockets keep their size",
                at_least=True,
            ),
            Discrepancy(
                "its order in t from 2",
                abs(float(np.log2(misses[0] / misses[1])) - 2),
                0.1,
                "leading correction; at the smaller t 10⁻⁵ is missed, which rounds to a percent",
                slack="noise",
            ),
        ),
    )


@claim(
    "ying-text-intralayer",
    "text below Eq. 18",
    kind="approximation",
    aspect="the intra-layer rates",
    statement=r"On-site disorder scatters between the valleys of one layer without breaking "
    r"$C_3$: these rates can be taken as constant.",
    headline="With equal point impurities in both layers a small rest of Eq. 19 is left, for gaps "
    "as large as the paper assumes. For small gaps more is left, with the other sign.",
    finding=r"True at order $t^0$. At order $t^2$, the order of the inter-layer rates, a state "
    "loses to the other layer the weight that its intra-layer scattering misses. With equal point "
    "impurities in both layers the two anisotropies of the out-rate cancel up to the sublattice "
    r"polarisation, and for isotropic cones of $\Delta n_0$ the share $-\frac18(v_Dq/m)^2$ is left "
    r"where $v_Dq\ll m$, as the paper assumes (`ying-text-contours`). For $v_Dq\gg m$ in both "
    r"layers, still with $v_Dk_F\ll m$ and $w\ll v_Dq$, it is up to three times the value of a "
    "constant rate, with the opposite sign. Eq. (19) needs intra-layer scattering that does not "
    r"feel the tunnelled weight. For $v_Dq\ll m$ half as many impurities in one layer give more.",
    consequence="conclusion",
    figures="The points of Fig. 7 assume the constant intra-layer rate. With equal point "
    r"impurities in both layers they would fall to the share $-\frac18(v_Dq/m)^2$ of the line, "
    "about a thousandth for its parameters. With half as many in layer 2 $\\Delta n_0$ would have "
    "{measured}`ying-text-intralayer: half as many impurities` times the size of the line at "
    "$t=0.003$, and a direction across it. "
    "{numref}`fig-disorder` draws these cases. {numref}`fig-ying-7` keeps the paper's assumption.",
    follows=("ying-text-contours",),
)
def _() -> Evidence:
    model = StrainedTBG.from_ratios(strain_over_twist=0.02, tunnelling_ratio=0.005)
    rates = intervalley_rates(model, FERMI_RATIO * model.moire_wavevector, 32)
    u = np.stack([np.cos(rates.angles), np.sin(rates.angles)], axis=-1)
    same, other = (rate @ u for rate in rates.out_rates()[:2])
    sizes: dict[str, list[float]] = {"true": [], "circles": []}
    for t in (0.006, 0.003):
        model = StrainedTBG.from_ratios(strain_over_twist=0.02, tunnelling_ratio=t)
        k_f = FERMI_RATIO * model.moire_wavevector
        for contour, found in sizes.items():
            solved = solve_four_pockets(intervalley_rates(model, k_f, 32, contour=contour))
            found.append(float(np.hypot(*solved.valley_density_difference)))
    less = intervalley_rates(model, k_f, 32, disorder=((1, 1), (0.5, 0.5)))
    unequal = solve_four_pockets(less).valley_density_difference * (1 + less.ratio) / less.ratio
    line = density_slope(model, k_f)
    half = float(np.hypot(*unequal) / np.hypot(*line))
    # What equal layers cancel in k + k': in k alone, from the impurities of layer 2.
    alone = intervalley_rates(model, k_f, 32, disorder=((0, 0), (1, 1))).first_harmonics()[0]
    cosine = float(unequal @ alone / (np.hypot(*unequal) * np.hypot(*alone)))
    across = abs(float(unequal @ line / (np.hypot(*unequal) * np.hypot(*line))))
    order = {name: float(np.log2(a / b)) for name, (a, b) in sizes.items()}
    return Evidence(
        Discrepancy(
            "first harmonic of the intra-layer out-rate of 1K over the inter-layer one, t = 0.005",
            float(np.hypot(*same) / np.hypot(*other)),
            0.0025,
            "what may be neglected: the sublattice polarisation, of order (v_D q/2m)²",
        ),
        Discrepancy(
            "first harmonic of the whole out-rate of 1K over the inter-layer one",
            float(np.hypot(*(same + other)) / np.hypot(*other)),
            0.0025,
            "the sublattice polarisation, of order (v_D q/2m)²",
        ),
        controls=(
            Discrepancy(
                "order in t of Δn₀ from all rates on true contours, from 2",
                abs(order["true"] - 2),
                0.1,
                "the shift of the pockets is of order t²",
            ),
            Discrepancy(
                "the same on circles, from 4",
                abs(order["circles"] - 4),
                0.1,
                "circles do not shift",
            ),
            Discrepancy(
                "|Δn₀| with half as many impurities in layer 2 over that of the line with 3/2, at "
                "t = 0.003",
                half,
                5.0,
                "without equal layers nothing cancels",
                at_least=True,
            ),
            Discrepancy(
                "1 less the cosine between it and the anisotropy in k that layer 2 alone makes",
                1 - cosine,
                0.01,
                "what equal layers have too: some degrees",
            ),
            Discrepancy(
                "cosine between it and the line",
                across,
                0.1,
                "another direction: it lies across the line",
            ),
        ),
    )
