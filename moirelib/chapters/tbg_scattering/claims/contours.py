"""Claims of the chapter "tbg-scattering": what equal impurities do on true Fermi contours."""

from __future__ import annotations

from functools import cache

import numpy as np
from scipy.special import expit

from moirelib.chapters.tbg_scattering.claims.strain import ROUND_OFF
from moirelib.chapters.tbg_scattering.data import (
    FERMI_RATIO,
    Array,
    contour_effect,
    pocket_sizes,
    remaining,
    response,
)
from moirelib.ledger.measure import largest
from moirelib.ledger.registry import Discrepancy, Evidence, claim
from moirelib.models.twisted_bilayer import StrainedTBG
from moirelib.switching.contours import fermi_energy, remaining_share
from moirelib.switching.scattering import density_slope, intervalley_rates, solve_four_pockets

# v_Dq/m from the edge of the limit of App. B to about that of bilayers with gaps of 30 meV.
RATIOS = np.array([1.0, 4.0, 13.0])


def _small(h: float) -> tuple[StrainedTBG, float]:
    """All small parameters at once; corrections are even in h."""
    model = StrainedTBG.from_ratios(
        strain_over_twist=0.02,
        tunnelling_ratio=0.02 * h**2,
        velocity_q_over_mass=0.4 * h,
        twist_degrees=1e-3,
    )
    return model, 0.08 * h * model.moire_wavevector


def momentum_sum_share(model: StrainedTBG, k_f: float, warmth: float, size: int = 72) -> float:
    """The same from sums over a square mesh of momenta at k_BT = ``warmth`` E_F: no contour.

    For τ ≪ τ' the distribution of a pocket is x = d − λ·v, and Ying B7–B12 is a sum of products,
    W = Σ_a D_a P_a(k')P_a(k) over layer and sublattice (up to t⁴ within a layer). Only
    N_a = ∫(−f')P_a and V_a = −∫P_a∇f are then needed. ∇f is a discrete Fourier derivative of the
    occupations, so no velocity is used either.
    """
    mu = fermi_energy(model, k_f)
    kt = warmth * (model.hbar_v * k_f) ** 2 / (2 * model.mass)
    half = k_f * np.sqrt(1 + 34 * warmth) * 1.1
    axis = half * (2 * np.arange(size) / size - 1)
    k = np.stack(np.meshgrid(axis, axis, indexing="ij"), axis=-1)
    cell = (axis[1] - axis[0]) ** 2 / (4 * np.pi**2)
    turns = 2j * np.pi * np.fft.fftfreq(size, axis[1] - axis[0])
    number, flow = [], []
    for layer in (1, 2):
        energies, vectors = np.linalg.eigh(model.hamiltonian(k, layer))
        split = np.abs(vectors[..., 4].reshape(size, size, 4, 2)) ** 2
        parts = (split[..., 0, :], split[..., 1:, :].sum(-2))
        p = np.concatenate(parts if layer == 1 else parts[::-1], axis=-1)
        f = expit((mu - energies[..., 4]) / kt)
        wave = np.fft.fft2(f)
        gradient = np.stack(
            [np.fft.ifft2(wave * turns[:, None]).real, np.fft.ifft2(wave * turns).real], axis=-1
        )
        number.append(cell * np.einsum("xy,xya->a", f * (1 - f) / kt, p))
        flow.append(-cell * np.einsum("xyi,xya->ai", gradient, p))
    n, v = np.array(number), np.array(flow)  # (pocket, site), (pocket, site, axis); D = 1/4
    nu = n.sum(-1)
    between = n @ n.T / 4
    same = 0.5 * (between[0, 0] / nu[0] ** 2 + between[1, 1] / nu[1] ** 2)

    def response(constant: bool) -> Array:
        # Balance of pocket p: Σ_q Σ_a [n_pa X_qa + n_qa X_pa] = 0 with X_pa = d_p n_pa − λ·v_pa.
        matrix, source = np.zeros((2, 2)), np.zeros((2, 2))
        for p in (0, 1):
            for q in (0, 1):
                flat = constant and p == q
                rate = same * nu[p] ** 2 if flat else between[p, q]
                matrix[p, q] += rate
                matrix[p, p] += rate
                if not flat:
                    source[p] += (n[p] @ v[q] + n[q] @ v[p]) / 4
        return np.asarray(nu @ np.linalg.solve(matrix, source))

    full, paper = response(False), response(True)
    return float(full @ paper / (paper @ paper))


@cache
def _limits() -> tuple[float, float, float]:
    """Share over −(1/8)(v_Dq/m)² by contours, its order, and by momentum sums; h → 0."""
    contours, sums = [], []
    for h in (1.0, 0.5, 0.25):
        model, k_f = _small(h)
        law = remaining_share(model.hbar_v * model.moire_wavevector / model.mass)
        contours.append(remaining(intervalley_rates(model, k_f, 32)) / law)
        sums.append(momentum_sum_share(model, k_f, 0.04) / law)
    order = float(np.log2(abs(contours[1] - contours[0]) / abs(contours[2] - contours[1])))
    limits = []
    for values in (contours, sums):
        once = (4 * values[1] - values[0]) / 3, (4 * values[2] - values[1]) / 3
        limits.append((16 * once[1] - once[0]) / 15)
    return limits[0], order, limits[1]


def _almost_untwisted(ratio: float) -> StrainedTBG:
    """A model of v_Dq/m, with neither a turn of its cones nor a second order in t or strain."""
    return StrainedTBG.from_ratios(
        strain_over_twist=0.001,
        tunnelling_ratio=1e-4,
        velocity_q_over_mass=ratio,
        twist_degrees=1e-3,
    )


def _at_any_mass(ratio: float) -> tuple[float, float, float, float]:
    """What equal impurities leave at v_Dq/m along that of a constant rate, across it, on circles.

    In units of it; then that itself, in units of its value in the limit of App. B.
    """
    constant, left = [], []
    # The second in the limit of App. B: Δn₀ m/v_Dk_F depends on t and strain alone there.
    for x in (ratio, 0.1):
        model = _almost_untwisted(x)
        k_f = 0.01 / max(x, 1) * model.moire_wavevector
        rates, circles = (
            intervalley_rates(model, k_f, 32, contour=contour) for contour in ("true", "circles")
        )
        paper = solve_four_pockets(rates, isotropic_intralayer=True).valley_density_difference
        full = solve_four_pockets(rates).valley_density_difference
        across = float(paper[0] * full[1] - paper[1] * full[0]) / float(paper @ paper)
        left.append((remaining(rates), across, remaining(circles)))
        constant.append(paper * model.mass / k_f)
    grown, limit = constant
    return *left[0], float(grown @ limit / (limit @ limit))


@claim(
    "ying-text-contours",
    "text below Eq. 18",
    kind="approximation",
    aspect="equal impurities",
    statement=r"For isotropic cones and exactly equal point impurities in both layers, circles "
    r"around the Dirac points leave no $\Delta n_0$ at order $t^2$. Lines of one energy leave "
    r"$-3x^2/(24+x^2)$ of the value with a constant intra-layer rate, $x=v_Dq/m$ and "
    r"$v_Dk_F\ll m$, $w\ll v_Dq$: for $x\ll1$ the small share $-\frac18x^2$, for $x\gg1$ three "
    "times that value, with the other sign. Both layers have the mass.",
    follows=("ying-8", "ying-B12"),
)
def _() -> Evidence:
    limit, order, by_sums = _limits()
    along, across, circles, constant = np.array([_at_any_mass(x) for x in RATIOS.tolist()]).T
    law = np.array([remaining_share(x) for x in RATIOS.tolist()])
    light = _almost_untwisted(float(RATIOS[-1]))
    summed = momentum_sum_share(light, 1e-3 * light.moire_wavevector, 0.04)
    return Evidence(
        Discrepancy(
            "what is left over −(1/8)(v_Dq/m)², all small parameters to zero, from 1",
            abs(limit - 1),
            2e-3,
            "Richardson limit over two halvings",
        ),
        controls=(
            Discrepancy("order of convergence from 2", abs(order - 2), 0.3, "even in h"),
            Discrepancy(
                "the same limit from sums over momenta at k_BT = 0.04 E_F, from 1",
                abs(by_sums - 1),
                1e-2,
                "no contour, no velocity; thermal corrections of order (k_BT/E_F)²",
            ),
            Discrepancy(
                "share at v_Dq/m = 1, 4 and 13 over −3x²/(24 + x²), from 1",
                largest(along / law - 1, 1.0),
                5e-3,
                "k_F of a hundredth of q or m/v_D",
            ),
            Discrepancy(
                "the same across the value of a constant rate, and on circles, from 0",
                largest(np.stack([across, circles]), 1.0),
                3e-3,
                "second order in the strain, and the turn of the cones at 0.001°",
            ),
            Discrepancy(
                "the share at v_Dq/m = 13 from sums over momenta at k_BT = 0.04 E_F, over the "
                "same, from 1",
                abs(summed / remaining_share(RATIOS[-1]) - 1),
                1e-2,
                "no contour, no velocity; thermal corrections of order (k_BT/E_F)²",
            ),
            Discrepancy(
                "Δn₀ m/k_F of a constant intra-layer rate at v_Dq/m = 1, 4 and 13 over its value "
                "at 0.1, against 1 + x²/24",
                largest(constant / (1 + RATIOS**2 / 24) - 1, 1.0),
                5e-3,
                "k_F of a hundredth of q or m/v_D",
            ),
        ),
    )


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
    "about a thousandth for its parameters. With half as many in layer 2 they would rise to "
    "{measured}`ying-text-intralayer: half as many impurities` times the line at $t=0.003$. "
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
    half = float(np.hypot(*solve_four_pockets(less).valley_density_difference))
    half *= (1 + less.ratio) / less.ratio / float(np.hypot(*density_slope(model, k_f)))
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
                "Δn₀ with half as many impurities in layer 2 over the line with 3/2, at t = 0.003",
                half,
                5.0,
                "without equal layers nothing cancels",
                at_least=True,
            ),
        ),
    )
