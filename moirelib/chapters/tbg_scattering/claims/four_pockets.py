"""Claims of the chapter "tbg-scattering": four pockets reversed in time, and B14 as a formula."""

from __future__ import annotations

import numpy as np

from moirelib.ledger.measure import largest, order
from moirelib.ledger.registry import Discrepancy, Evidence, claim
from moirelib.models.twisted_bilayer import StrainedTBG
from moirelib.switching.contours import fermi_energy, pocket_contour
from moirelib.switching.scattering import intervalley_rates, perturbative_rates, solve_four_pockets


@claim(
    "ying-9-reversal",
    "Eq. 9, four pockets",
    kind="identity",
    statement=r"Time reversal maps $1\mathrm K\to2\mathrm K'$ onto $2\mathrm K\to1\mathrm K'$: in "
    r"a current every pocket has as many electrons more as its partner has fewer.",
    follows=("ying-9", "ying-B12"),
)
def _reversal() -> Evidence:
    model = StrainedTBG.from_ratios(strain_over_twist=0.2, tunnelling_ratio=0.05)
    rates = intervalley_rates(model, 0.05 * model.moire_wavevector, 24)
    excess = solve_four_pockets(rates).pocket_densities
    here, there = excess[:, :2], excess[:, 2:]
    mu = fermi_energy(model, 0.05 * model.moire_wavevector, 24)
    apart = 0.0
    for layer in (1, 2):
        one, other = (pocket_contour(model, mu, 24, layer, valley) for valley in (1, -1))
        apart = max(
            apart,
            largest(one.velocities + other.velocities, one.velocities),
            largest(one.weights - other.weights, one.weights),
            largest(one.state.wavevectors + other.state.wavevectors, one.state.wavevectors),
        )
    return Evidence(
        Discrepancy(
            "excess of 1K and 2K against minus that of 1K' and 2K', all rates, 0.2 of strain",
            largest(here + there, here),
            1e-9,
            "round-off of the linear system, whose rates differ by t²",
        ),
        controls=(
            Discrepancy(
                "lines of 1K' and 2K', followed by themselves, against those of 1K and 2K reversed",
                apart,
                1e-9,
                "round-off of Newton's steps",
            ),
            Discrepancy(
                "asymmetry of the inter-layer rate under exchange of k and k'",
                largest(rates.interlayer - rates.interlayer.T, rates.interlayer),
                0.01,
                "a rate that is symmetric by itself would not tell",
                at_least=True,
            ),
        ),
    )


@claim(
    "ying-B14-formula",
    "Eq. B14, as a formula",
    kind="approximation",
    aspect="the printed formula for the anisotropies",
    statement="The first harmonics of the rate between the layers, for any direction of strain.",
    follows=("ying-B14",),
)
def _formula() -> Evidence:
    errors = []
    for h in (0.5, 0.25):
        model = StrainedTBG.from_ratios(
            strain_over_twist=0.02 * h**2,
            tunnelling_ratio=0.1 * h,
            velocity_q_over_mass=0.2 * h,
            twist_degrees=1e-6,
        )
        k_f = 0.05 * h * model.moire_wavevector
        # B14 is a statement about states on circles.
        measured = intervalley_rates(model, k_f, 16, contour="circles").first_harmonics()
        law = perturbative_rates(model, k_f)
        expected = np.array([law.a_prime, law.a])
        errors.append(largest(np.array(measured) - expected, expected))
    return Evidence(
        Discrepancy(
            "harmonics of the rate at a small step against the formula",
            errors[1],
            0.02,
            "corrections of second order in the step, 0.04 at twice the step",
        ),
        controls=(
            Discrepancy(
                "order of the error against 2",
                abs(order(errors[0], errors[1]) - 2),
                0.1,
                "errors are even in the small parameters",
            ),
        ),
    )
