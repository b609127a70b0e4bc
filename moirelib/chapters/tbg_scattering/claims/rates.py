"""Claims of the chapter "tbg-scattering": rates for weak tunnelling, Ying et al., B13 and B14."""

from __future__ import annotations

import itertools

import numpy as np

from moirelib.chapters.tbg_scattering.data import FERMI_RATIO, convergence
from moirelib.ledger.measure import largest, order
from moirelib.ledger.registry import Discrepancy, Evidence, claim
from moirelib.models.twisted_bilayer import StrainedTBG
from moirelib.switching.scattering import intervalley_rates


@claim(
    "ying-B13",
    "Eq. B13",
    kind="definition",
    implements="moirelib.models.twisted_bilayer.StrainedTBG.tunnelling_ratio",
    statement=r"$t=w/(v_D^2q^2/2m)$: each neighbour in the other layer holds the weight $t^2$.",
    follows=("ying-B1",),
)
def _() -> Evidence:
    errors = []
    for h in (1.0, 0.5):
        model = StrainedTBG.from_ratios(tunnelling_ratio=0.05 * h, velocity_q_over_mass=0.05 * h)
        state = model.pocket_state(0.01 * h * model.moire_wavevector, 8)
        weight = state.weights()[:, 1].sum(-1).mean()
        errors.append(abs(float(weight / (3 * model.tunnelling_ratio**2)) - 1))
    return Evidence(
        Discrepancy(
            "weight in the other layer over 3t², from 1, all small parameters halved",
            errors[1],
            0.01,
            "corrections of second order",
        ),
        controls=(
            Discrepancy(
                "order of the error against 2",
                abs(order(errors[0], errors[1]) - 2),
                0.2,
                "analytic in w",
            ),
        ),
    )


@claim(
    "ying-B14",
    "Eq. B14",
    kind="approximation",
    aspect="the anisotropies",
    statement="Anisotropy of the inter-layer rate to first order in the strain: coefficients "
    r"$\pm3,-3,\mp6,-\frac32$ for $\mathbf k$ (upper sign) and $\mathbf k'$.",
    follows=("ying-B12", "ying-B13"),
)
def _() -> Evidence:
    data = convergence()
    worst = max(
        float(np.abs(data.extrapolated_initial / data.expected_initial - 1).max()),
        float(np.abs(data.extrapolated_final / data.expected_final - 1).max()),
    )
    errors = np.abs(data.initial / data.expected_initial - 1)
    order = np.log2(errors[-2] / errors[-1])
    weak = StrainedTBG.from_ratios(
        strain_over_twist=0.05, tunnelling_ratio=1e-3, velocity_q_over_mass=0.01
    )
    k_f = FERMI_RATIO * weak.moire_wavevector
    both = intervalley_rates(weak, k_f, 16, contour="circles").first_harmonics()
    one_layer = intervalley_rates(weak, k_f, 16, disorder=((0, 0), (1, 0)), contour="circles")
    single = one_layer.first_harmonics()
    return Evidence(
        Discrepancy(
            "Richardson limits of all eight coefficients, relative",
            worst,
            1e-4,
            "limits over three halvings",
        ),
        controls=(
            Discrepancy(
                "orders of convergence against 2",
                float(np.abs(order - 2).max()),
                0.1,
                "errors are even in the small parameters",
            ),
            Discrepancy(
                "anisotropy in k for impurities on A of layer 2 alone, against twice that of B14",
                largest(single[0] - 2 * both[0], single[0]),
                1e-3,
                "impurities of one layer make only one of k, k' anisotropic; B14 is the mean",
            ),
            Discrepancy(
                "anisotropy in k' for them, over that in k",
                float(np.hypot(*single[1]) / np.hypot(*single[0])),
                1e-4,
                "of order t²",
            ),
        ),
    )


@claim(
    "ying-B14-prefactor",
    "Eq. B14",
    kind="approximation",
    aspect="the prefactor",
    statement=r"The mean inter-layer rate is $\frac34t^2$ of the intra-layer one.",
    finding=r"Equal impurities on all four sublattices give $6t^2$: a state of 1K has the weight "
    r"$3t^2$ on layer 2, and so has one of 2K' on layer 1. One quarter of the $3t^2$ of a single "
    r"sublattice is $\frac34t^2$. The factor scales $n_j$ and cancels in $\Delta n_0/n_j$.",
    consequence="number",
    figures="In Fig. 7 it is the unit of the axis: $n_j$ with the measured rate is larger than "
    "the printed one by {measured}`ying-B14-prefactor: over 3t²/4` times the printed one at small "
    r"$t$. Taken with the same rate in both, $\Delta n_0/n_j$ stays, and so does "
    "{numref}`fig-ying-7`; {numref}`fig-disorder` has no $n_j$.",
    follows=("ying-B12", "ying-B13"),
)
def _() -> Evidence:
    values = []
    for h in (1.0, 0.5, 0.25):
        model = StrainedTBG.from_ratios(
            tunnelling_ratio=0.04 * h, velocity_q_over_mass=0.05 * h, twist_degrees=1e-3
        )
        k_f = 0.02 * h * model.moire_wavevector
        rates = intervalley_rates(model, k_f, 16, contour="circles")
        values.append(rates.ratio / model.tunnelling_ratio**2)
    once = [(4 * b - a) / 3 for a, b in itertools.pairwise(values)]
    limit = (16 * once[1] - once[0]) / 15
    return Evidence(
        Discrepancy(
            "measured ratio over 3t²/4, from 1",
            abs(limit / 0.75 - 1),
            1e-5,
            "Richardson limit over three steps",
        ),
        Discrepancy(
            "measured ratio over 6t², from 1",
            abs(limit / 6 - 1),
            2e-6,
            "Richardson limit over three steps",
        ),
    )
