"""Claims of the chapter "tbg-scattering": what equal impurities do on true Fermi contours."""

from __future__ import annotations

from functools import cache

import numpy as np
from scipy.special import expit

from moirelib.chapters.tbg_scattering.data import Array, remaining
from moirelib.ledger.measure import largest
from moirelib.ledger.registry import Discrepancy, Evidence, claim
from moirelib.models.twisted_bilayer import StrainedTBG
from moirelib.switching.contours import fermi_energy, remaining_share
from moirelib.switching.scattering import intervalley_rates, solve_four_pockets

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


def _at_any_mass(ratio: float) -> tuple[float, float, float, float, float]:
    """What equal impurities leave at v_Dq/m along that of a constant rate, across it, on circles.

    In units of it; then that itself, along and across its value in the limit of App. B, in units of
    this.
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
        left.append((remaining(rates), _across(full, paper), remaining(circles)))
        constant.append(paper * model.mass / k_f)
    grown, limit = constant
    return *left[0], float(grown @ limit / (limit @ limit)), _across(grown, limit)


def _across(vector: Array, reference: Array) -> float:
    """The component of a vector across another one, over the size of this."""
    turned = reference[0] * vector[1] - reference[1] * vector[0]
    return float(turned / (reference @ reference))


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
    along, across, circles, constant, turned = np.array(
        [_at_any_mass(x) for x in RATIOS.tolist()]
    ).T
    law = np.array([remaining_share(x) for x in RATIOS.tolist()])
    grown = 1 + RATIOS**2 / 24
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
                largest(constant / grown - 1, 1.0),
                5e-3,
                "k_F of a hundredth of q or m/v_D",
            ),
            Discrepancy(
                "the part of it across its value at 0.1, over 1 + x²/24",
                largest(turned / grown, 1.0),
                1e-2,
                "second order in the strain, and pockets so small that μ is known to some digits",
            ),
        ),
    )
