"""Claims of the chapter "tbg-scattering" without an equation number: figures and text."""

from __future__ import annotations

import numpy as np
from scipy import constants as si

from moirelib.chapters.tbg_scattering.claims.strain import ROUND_OFF
from moirelib.chapters.tbg_scattering.data import (
    FERMI_RATIO,
    Array,
    density_against_strain,
    processes,
    response,
    zones,
)
from moirelib.ledger.registry import Discrepancy, Evidence, claim
from moirelib.models.twisted_bilayer import StrainedTBG
from moirelib.switching.scattering import density_slope, intervalley_rates, solve_four_pockets

TWIST = np.radians(1.03)


@claim(
    "ying-fig3",
    "Fig. 3",
    kind="figure",
    statement="Strain distorts the Brillouin zone of graphene a little and the moiré zone much.",
)
def _() -> Evidence:
    data = zones()

    def distortion(corners: Array) -> float:
        """Departure from three-fold symmetry: spread of the distances between corners."""
        sides = np.linalg.norm(corners - np.roll(corners, 2, axis=0), axis=-1)
        return float(np.ptp(sides) / sides.mean())

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
)
def _() -> Evidence:
    ratios = []
    for t in (0.02, 0.01):
        model = StrainedTBG.from_ratios(strain_over_twist=0.1, tunnelling_ratio=t)
        rates = intervalley_rates(model, FERMI_RATIO * model.moire_wavevector, 16)
        ratios.append(rates.ratio)
    data = processes(strain_over_twist=0.3, tunnelling_ratio=0.1)
    model = StrainedTBG.from_ratios(strain_over_twist=0.3, tunnelling_ratio=0.1)
    k_f = FERMI_RATIO * model.moire_wavevector
    first, second = (model.pocket_state(k_f, data.angle.size, n).weights() for n in (1, 2))
    expected = np.einsum("ilx,lx->i", first, second.mean(0))
    expected /= intervalley_rates(model, k_f, data.angle.size).layer1.mean() * 4 * 0.1**2
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
                "exact: the average over the cell equals independent phases",
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
)
def _() -> Evidence:
    small = density_against_strain([-1e-3, 1e-3], tunnelling_ratio=0.005)
    slope = small.numerical[1] - small.numerical[0]
    printed = float(np.abs(slope / (small.printed[1] - small.printed[0]) - 1).max())
    closing = float(np.abs(slope / (small.closing[1] - small.closing[0]) - 1).max())
    data = density_against_strain(np.linspace(0, 0.5, 11))
    signs = data.numerical[-1] / data.closing[-1]
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
        ),
    )


@claim(
    "ying-text-unstrained",
    "text below Fig. 7",
    kind="number",
    statement=r"Without strain $C_3$ holds and $\Delta n_0=0$.",
)
def _() -> Evidence:
    model = StrainedTBG.from_ratios(tunnelling_ratio=0.3)
    rates = intervalley_rates(model, FERMI_RATIO * model.moire_wavevector, 48)
    densities = [
        solve_four_pockets(rates.blocks(isotropic_intralayer=flag)).valley_density_difference
        for flag in (True, False)
    ]
    return Evidence(
        Discrepancy(
            "largest |Δn₀|, with constant and with computed intra-layer rates",
            float(np.abs(densities).max()),
            1e-12,
            ROUND_OFF,
            "j/ev_F",
        ),
    )


@claim(
    "ying-text-linear",
    "text above Eq. 19",
    kind="approximation",
    statement=r"At small strain $\Delta n_0$ is linear in the strain.",
)
def _() -> Evidence:
    sizes = []
    for strain in (2e-3, 1e-3):
        model = StrainedTBG.from_ratios(strain_over_twist=strain)
        sizes.append(response(model, FERMI_RATIO * model.moire_wavevector, 0.01))
    return Evidence(
        Discrepancy(
            "Δn₀ at ε/θ_w = 0.002 over that at 0.001, from 2",
            float(np.abs(sizes[0] / sizes[1] - 2).max()),
            0.02,
            "quadratic terms, a few times ε/θ_w",
        ),
    )


def _out_rates(t: float) -> Array:
    """First harmonics at ε/θ_w = 0.02, equal impurities everywhere, (3, 2) in units of t².

    Rows: from 1K within the layer, from 1K to the other layer, from 2K in all.
    """
    model = StrainedTBG.from_ratios(strain_over_twist=0.02, tunnelling_ratio=t)
    rates = intervalley_rates(model, FERMI_RATIO * model.moire_wavevector, 32)
    u = np.stack([np.cos(rates.angles), np.sin(rates.angles)], axis=-1)
    leaving = [
        rates.layer1.mean(0),
        rates.interlayer.mean(0),
        rates.layer2.mean(0) + rates.interlayer.mean(1),
    ]
    return np.asarray(np.array(leaving) @ u / (rates.layer1.mean() * t**2))


@claim(
    "ying-text-intralayer",
    "text below Eq. 18",
    kind="approximation",
    statement=r"On-site disorder scatters between the valleys of one layer without breaking "
    r"$C_3$: these rates can be taken as constant.",
    finding=r"True at order $t^0$. At order $t^2$, the order of the inter-layer rates, a state "
    "loses to the other layer the weight that its intra-layer scattering misses. With equal point "
    "impurities in both layers the two anisotropies of the out-rate cancel, and $\\Delta n_0$ with "
    r"them: it is of order $t^4$. Eq. (19) needs intra-layer scattering that does not feel the "
    "tunnelled weight. Impurities that differ between the layers give more than Eq. (19).",
    consequence="conclusion",
)
def _() -> Evidence:
    same, other, whole_2 = _out_rates(0.005)
    whole_1 = same + other
    sizes, half = [], 0.0
    for t in (0.02, 0.01):
        model = StrainedTBG.from_ratios(strain_over_twist=0.02, tunnelling_ratio=t)
        k_f = FERMI_RATIO * model.moire_wavevector
        line = float(np.hypot(*density_slope(model, k_f)))
        rates = intervalley_rates(model, k_f, 32)
        less = intervalley_rates(model, k_f, 32, disorder=((1, 1), (0.5, 0.5)))
        full, reduced = (
            float(np.hypot(*solve_four_pockets(r.blocks()).valley_density_difference))
            for r in (rates, less)
        )
        sizes.append(full * (1 + rates.ratio) / rates.ratio / line)
        half = reduced * (1 + rates.ratio) / rates.ratio / line
    return Evidence(
        Discrepancy(
            "first harmonic of the intra-layer out-rate of 1K over the inter-layer one, t = 0.005",
            float(np.hypot(*same) / np.hypot(*other)),
            0.0025,
            "what may be neglected: the sublattice polarisation, of order (v_D q/2m)²",
        ),
        Discrepancy(
            "first harmonic of the whole out-rate of 1K over the inter-layer one",
            float(np.hypot(*whole_1) / np.hypot(*other)),
            0.0025,
            "the sublattice polarisation, of order (v_D q/2m)²",
        ),
        controls=(
            Discrepancy(
                "sum of the first harmonics of the whole out-rates of 1K and 2K over that of 1K",
                float(np.hypot(*(whole_1 + whole_2)) / np.hypot(*whole_1)),
                0.01,
                "what is left has opposite signs on the two layers, up to order t²",
            ),
            Discrepancy(
                "Δn₀ from all rates over the line with 3/2, at t = 0.01",
                sizes[1],
                1e-3,
                "of order t²",
            ),
            Discrepancy(
                "order of that ratio in t against 2",
                abs(float(np.log2(sizes[0] / sizes[1])) - 2),
                0.1,
                "Δn₀ of order t⁴",
            ),
            Discrepancy(
                "Δn₀ with half as many impurities in layer 2 over the line with 3/2, at t = 0.01",
                half,
                2.0,
                "without equal layers nothing cancels",
                at_least=True,
            ),
        ),
    )


@claim(
    "ying-text-anisotropy",
    "text below Eq. 17",
    kind="approximation",
    statement=r"The anisotropy of the Dirac spectrum is smaller than the shift of the Dirac point "
    r"by $|\mathbf k|/|\mathbf K|$.",
)
def _() -> Evidence:
    model = StrainedTBG.from_ratios(strain_over_twist=0.2)
    angles = np.linspace(0, 2 * np.pi, 73)
    u = np.stack([np.cos(angles), np.sin(angles)])
    k_f = FERMI_RATIO * model.moire_wavevector
    tensor = model.strain_tensor
    stretched = np.linalg.norm((np.eye(2) + tensor) @ u, axis=0) - 1
    anisotropy = np.ptp(stretched) / 2 * k_f
    shift = np.linalg.norm(model.dirac_points @ tensor, axis=-1).max()
    expected = k_f / np.hypot(*model.dirac_points[0])
    return Evidence(
        Discrepancy(
            "ratio of the two energies over k_F/|K|, in octaves from 1",
            abs(float(np.log2(anisotropy / shift / expected))),
            1.0,
            "a factor of order one that depends on direction",
        ),
    )


@claim(
    "ying-text-enhancement",
    "Introduction",
    kind="number",
    statement=r"Against single-layer graphene the effect is enhanced by about $10^3$: "
    r"$1/\theta_w$ times $v_D/v_F$ with $v_F=10^4$ to $10^5$ m/s.",
)
def _() -> Evidence:
    low, high = (1e6 / v / TWIST for v in (1e5, 1e4))
    middle = float(np.sqrt(low * high))
    return Evidence(
        Discrepancy(
            f"decades between 10³ and the middle of the range {low:.0f} to {high:.0f}",
            abs(float(np.log10(middle)) - 3),
            0.5,
            "an order of magnitude is quoted",
        ),
    )


@claim(
    "ying-text-estimate",
    "text below Eq. 20",
    kind="number",
    statement=r"A current of $10^{-3}$ A/m gives $\Delta n_0\sim10^{11}\,\mathrm m^{-2}$.",
)
def _() -> Evidence:
    densities = [1e-3 / (si.e * v) for v in (1e4, 1e5)]
    ratio = 0.003 / TWIST
    middle = float(np.sqrt(densities[0] * densities[1]))
    return Evidence(
        Discrepancy(
            "decades between j/(ev_F), middle of v_F = 10⁴ to 10⁵ m/s, and 10¹¹ m⁻²",
            abs(float(np.log10(middle)) - 11),
            0.5,
            "an order of magnitude is quoted",
        ),
        controls=(
            Discrepancy(
                "decades between it and 10¹¹ m⁻² with a strain of 0.3 %, ε/θ_w included",
                abs(float(np.log10(middle * ratio)) - 11),
                1.0,
                "strains of this size are usual",
            ),
        ),
    )


@claim(
    "ying-text-field",
    "text below Eq. 20",
    kind="number",
    statement=r"This is comparable with $\nu\mu_BB$ at $B\sim10$ mT.",
)
def _() -> Evidence:
    area = np.sqrt(3) / 2 * (0.246 / TWIST) ** 2 * 1e-18
    bandwidth = 10e-3 * si.e
    density = 1 / (area * bandwidth) * si.value("Bohr magneton") * 10e-3
    return Evidence(
        Discrepancy(
            "decades between νμ_BB, one electron per moiré cell over 10 meV, and 10¹¹ m⁻²",
            abs(float(np.log10(density)) - 11),
            1.0,
            "the bandwidth is known within a factor of a few",
        ),
    )
