"""Claim of the chapter "tbg-scattering": which symmetries forbid Δn₀."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from moirelib.chapters.tbg_scattering.claims.strain import ROUND_OFF
from moirelib.chapters.tbg_scattering.data import FERMI_RATIO
from moirelib.ledger.registry import Discrepancy, Evidence, claim
from moirelib.models.twisted_bilayer import StrainedTBG
from moirelib.switching.contours import fermi_energy, pocket_contour
from moirelib.switching.scattering import intervalley_rates, solve_four_pockets


@claim(
    "ying-text-c2z",
    "Sec. III.2",
    kind="identity",
    statement=r"To induce $\Delta n_0$ the lattice rotations need to be fully broken, to $C_{1z}$.",
    headline="Of the rotations only $C_{3z}$ has to be broken. $C_{2z}$ exchanges the valleys and "
    "allows the effect.",
    finding=r"Only rotations that leave the valleys in place forbid $\Delta n_0$, so $C_{3z}$ has "
    r"to go. $C_{2z}$ exchanges the valleys: $\Delta n_0$ and $\mathbf j$ both change sign under "
    "it, and their relation is allowed. The mass that breaks it makes the Chern numbers, not "
    r"$\Delta n_0$.",
    consequence="conclusion",
    figures="No figure of the paper is drawn with $C_{2z}$, and none changes: Fig. 7 and "
    "{numref}`fig-ying-7` have a mass. With strain and without a mass there would be a density "
    r"difference too, {measured}`ying-text-c2z: keeps C₂z` at $\epsilon/\theta_w=0.05$ in the "
    "check.",
    aspect="the rotation by 180°",
    follows=("ying-text-rotation",),
)
def _() -> Evidence:
    # Two-fold symmetric bilayer: no mass. t has no meaning there; w is a tenth of v_D q.
    vq = StrainedTBG().hbar_v * StrainedTBG().moire_wavevector
    base = StrainedTBG(mass=1e-6 * vq, tunnelling=0.1 * vq)
    strained = replace(base, strain=0.05 * base.twist)
    found: list[float] = []
    equal: list[float] = []
    for model in (base, strained):
        k_f = FERMI_RATIO * model.moire_wavevector
        rates = intervalley_rates(model, k_f, 48)
        for sizes, constant in ((found, True), (equal, False)):
            solved = solve_four_pockets(rates, isotropic_intralayer=constant)
            sizes.append(float(np.hypot(*solved.valley_density_difference)))
    line = pocket_contour(strained, fermi_energy(strained, k_f, 48), 48)
    weights = line.state.weights()
    return Evidence(
        Discrepancy(
            "|δ_ε| of a strained bilayer that keeps C₂z, ε/θ_w = 0.05",
            found[1],
            1e-6,
            "what 'fully broken' would need",
            "j/ev_F",
        ),
        Discrepancy("|δ_ε| with C₃z and C₂z, no strain", found[0], 1e-10, ROUND_OFF, "j/ev_F"),
        controls=(
            Discrepancy(
                "probability on A minus that on B, all states and layers",
                float(np.abs(weights[..., 0] - weights[..., 1]).max()),
                1e-4,
                "C₂z with time reversal, up to the mass of 10⁻⁶ v_Dq that the model needs",
            ),
            Discrepancy(
                "|δ_ε| of the strained one with all rates from equal impurities",
                equal[1],
                1e-6,
                "no assumption about the rates within a layer",
                "j/ev_F",
                at_least=True,
            ),
            Discrepancy("the same without strain", equal[0], 1e-10, ROUND_OFF, "j/ev_F"),
        ),
    )
