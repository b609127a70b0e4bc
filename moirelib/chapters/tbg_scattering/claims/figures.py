"""Claims of the chapter "tbg-scattering": the figures."""

from __future__ import annotations

import numpy as np

from moirelib.chapters.tbg_scattering.claims.strain import ROUND_OFF
from moirelib.chapters.tbg_scattering.data import (
    FERMI_RATIO,
    Array,
    density_against_strain,
    processes,
    zones,
)
from moirelib.ledger.measure import largest
from moirelib.ledger.registry import Discrepancy, Evidence, claim
from moirelib.models.twisted_bilayer import StrainedTBG
from moirelib.switching.contours import fermi_energy, pocket_contour
from moirelib.switching.scattering import intervalley_rates, solve_four_pockets


@claim(
    "ying-fig3",
    "Fig. 3",
    kind="figure",
    statement="Strain distorts the Brillouin zone of graphene a little and the moiré zone much.",
    follows=("ying-17",),
)
def _() -> Evidence:
    data = zones()

    def distortion(corners: Array) -> float:
        """Departure from three-fold symmetry: spread of the distances between corners."""
        sides = np.linalg.norm(corners - np.roll(corners, 2, axis=0), axis=-1)
        return float(np.ptp(sides) / sides.mean())

    tensor = StrainedTBG(
        twist_degrees=9.0, strain=data.strain
    ).strain_tensor  # the twist does not matter
    # A lattice deformed by 1 + 𝓔 has K(1 + 𝓔)⁻¹: what is left is of second order.
    moved = data.dirac_points_strained @ (np.eye(2) + tensor) - data.dirac_points
    bent = StrainedTBG.from_ratios(strain_over_twist=data.strain_over_twist)
    deformed = bent.dirac_points @ np.linalg.inv(np.eye(2) + bent.strain_tensor)
    shift = (deformed - bent.dirac_points) / bent.moire_wavevector
    amplified = (distortion(data.moire_strained) / data.strain_over_twist) / (
        distortion(data.graphene_strained) / data.strain
    )
    return Evidence(
        Discrepancy(
            "symmetry of the zones without strain",
            distortion(data.moire) + distortion(data.graphene),
            1e-10,
            ROUND_OFF,
        ),
        controls=(
            Discrepancy(
                "moiré distortion per ε/θ_w over graphene's per ε, in octaves from 1",
                abs(float(np.log2(amplified))),
                1.0,
                "the same shift on a zone that is 1/θ_w smaller",
            ),
            Discrepancy(
                "area of the moiré zone against that of its reciprocal lattice",
                abs(
                    _area(data.moire_strained)
                    / abs(np.linalg.det(data.q_vectors_strained[1:] - data.q_vectors_strained[0]))
                    - 1
                ),
                1e-10,
                ROUND_OFF,
            ),
            Discrepancy(
                "drawn Dirac points against those of a lattice deformed by 1 + 𝓔, over |K|ε",
                float(np.abs(moved).max() / np.abs(data.dirac_points).max() / data.strain),
                2 * data.strain,
                "second order in the strain",
            ),
            Discrepancy(
                "drawn shift of the q vectors against that of the deformed lattice, over ε/θ_w",
                float(
                    np.abs(data.q_vectors_strained - data.q_vectors - shift).max()
                    / data.strain_over_twist
                ),
                0.02,
                "second order in the strain",
            ),
        ),
    )


def _area(corners: Array) -> float:
    x, y = corners.T
    return float(0.5 * np.sum(x * np.roll(y, -1) - y * np.roll(x, -1)))


@claim(
    "ying-fig6",
    "Fig. 6",
    kind="figure",
    statement="Four pockets: intra-layer processes of order 1, inter-layer ones of order $t^2$.",
    follows=("ying-B12", "ying-B13"),
)
def _() -> Evidence:
    ratios = []
    for t in (0.02, 0.01):
        model = StrainedTBG.from_ratios(strain_over_twist=0.1, tunnelling_ratio=t)
        rates = intervalley_rates(model, FERMI_RATIO * model.moire_wavevector, 16)
        ratios.append(rates.ratio)
    data = processes(strain_over_twist=0.3, tunnelling_ratio=0.01)
    model = StrainedTBG.from_ratios(strain_over_twist=0.3, tunnelling_ratio=0.01)
    k_f = FERMI_RATIO * model.moire_wavevector
    size = data.angle.size
    mu = fermi_energy(model, k_f, size)
    first, second = (pocket_contour(model, mu, size, layer) for layer in (1, 2))
    mean = second.weights @ second.state.weights().reshape(size, 4) / second.density_of_states
    expected = first.state.weights().reshape(size, 4) @ mean
    expected /= intervalley_rates(model, k_f, size).intralayer_mean * 4 * 0.01**2
    return Evidence(
        Discrepancy(
            "order in t of inter-layer over intra-layer rate, from 2",
            abs(float(np.log2(ratios[0] / ratios[1])) - 2),
            0.02,
            "corrections of order t²",
        ),
        controls=(
            Discrepancy(
                "drawn out-rate to the other layer against the weights of the states",
                float(np.abs(data.other_layer - (expected - expected.mean())).max()),
                1e-10,
                "exact: the average over the cell equals independent phases; round-off",
            ),
        ),
    )


@claim(
    "ying-fig7",
    "Fig. 7",
    kind="figure",
    statement="Valley density difference against strain: the numerical points leave the origin "
    "along Eq. (19).",
    finding=r"They leave it along the slope with $\frac32$, a quarter of the printed one (at "
    r"$t\to0$). They bend off it early: with the parameters of the caption they change sign for "
    r"some directions of the current before $\epsilon/\theta_w=0.5$.",
    consequence="number",
    erratum="ying-19",
    follows=("ying-19",),
)
def _() -> Evidence:
    small = density_against_strain([-1e-3, 1e-3], tunnelling_ratio=0.005)
    slope = small.numerical[1] - small.numerical[0]
    printed = float(np.abs(slope / (small.printed[1] - small.printed[0]) - 1).max())
    closing = float(np.abs(slope / (small.closing[1] - small.closing[0]) - 1).max())
    data = density_against_strain(np.linspace(0, 0.5, 11))
    signs = data.numerical[-1] / data.closing[-1]
    bent = StrainedTBG.from_ratios(strain_over_twist=0.5, tunnelling_ratio=0.01)
    k_f = FERMI_RATIO * bent.moire_wavevector
    rates, straight = (
        intervalley_rates(one, k_f, 48, contour="circles")
        for one in (bent, StrainedTBG.from_ratios(tunnelling_ratio=0.01))
    )
    solved = solve_four_pockets(rates, isotropic_intralayer=True).valley_density_difference
    turn = np.radians(data.direction_degrees)
    # Over n_j, of the mean rate without strain, which the strain has changed meanwhile.
    unit = rates.ratio / (1 + rates.ratio) * straight.interlayer_mean / rates.interlayer_mean
    on_circles = -solved @ np.stack([np.cos(turn), np.sin(turn)]) / unit
    return Evidence(
        Discrepancy(
            "initial slope of the numerics against the printed one, worst direction",
            printed,
            0.03,
            "relative corrections of order v_D q/m squared and θ_w",
        ),
        Discrepancy(
            "against the slope with 3/2",
            closing,
            0.03,
            "relative corrections of order v_D q/m squared and θ_w",
        ),
        controls=(
            Discrepancy(
                "no strain, no density difference",
                float(np.abs(data.numerical[0]).max()),
                1e-10,
                ROUND_OFF,
            ),
            Discrepancy(
                "directions of four that change sign before ε/θ_w = 0.5",
                float((signs < 0).sum()),
                1.0,
                "the sign on the line is fixed",
                at_least=True,
            ),
            Discrepancy(
                "drawn values on circles at ε/θ_w = 0.5 against four pockets with their own rates, "
                "over n_j, four directions",
                largest(data.circles[-1] - on_circles, on_circles),
                1e-4,
                "t², by which a rate of 3t²/4 is not that of the states",
            ),
        ),
    )
