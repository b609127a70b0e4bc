"""Ying Figs. 6 and 7, and how Δn₀ depends on the impurities and on the Fermi contours."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike, NDArray

from moirelib import _validate
from moirelib._repr import short_repr
from moirelib.models.twisted_bilayer import StrainedTBG
from moirelib.switching.contours import fermi_energy, pocket_contour
from moirelib.switching.scattering import (
    IntervalleyRates,
    density_slope,
    intervalley_rates,
    solve_four_pockets,
)

Array = NDArray[np.float64]

FERMI_RATIO = 0.05
"""k_F/q of Ying Fig. 7: v_D k_F/m = 0.005 at v_D q/m = 0.1."""


@short_repr
@dataclass(frozen=True)
class Processes:
    """Out-rates of 1K by channel less their means, in units of the mean intra-layer rate × t².

    Parameters
    ----------
    angle : array (n,)
        Direction of the state on the pocket, in radians.
    same_layer, other_layer, total : array (n,)
        Into 1K', into 2K', and their sum, in that unit.
    """

    angle: Array
    same_layer: Array
    other_layer: Array
    total: Array


def processes(strain_over_twist: float = 0.3, tunnelling_ratio: float = 0.01) -> Processes:
    """Return the channels of Ying Fig. 6 for a state on the pocket 1K.

    The out-rates of a state on 1K into 1K' and into 2K', from the same impurities on all four
    sublattices, minus their means and divided by t². The first is what the paper takes as constant.
    """
    model = StrainedTBG.from_ratios(
        strain_over_twist=strain_over_twist, tunnelling_ratio=tunnelling_ratio
    )
    rates = intervalley_rates(model, FERMI_RATIO * model.moire_wavevector, 72)
    scale = rates.intralayer_mean * tunnelling_ratio**2
    same, other = (rate / scale for rate in rates.out_rates()[:2])
    total = same + other
    return Processes(rates.angles, same - same.mean(), other - other.mean(), total - total.mean())


@short_repr
@dataclass(frozen=True)
class DensityAgainstStrain:
    """Δn₀/n_j (times −1, for the force +eE) against ε/θ_w, one column per current direction.

    Parameters
    ----------
    direction_degrees : array (m,)
        θ_j of the current in degrees.
    strain_over_twist : array (n,)
        ε/θ_w.
    tunnelling_ratio : float
        t, a number.
    numerical, circles : array (n, m)
        From eight-component states on true contours and on circles, over n_j.
    printed, closing : array (n, m)
        Ying Eq. 19 with 6 as printed and with 3/2, over n_j.
    """

    direction_degrees: Array
    strain_over_twist: Array
    tunnelling_ratio: float
    numerical: Array
    circles: Array
    printed: Array
    closing: Array


def density_against_strain(
    strain_over_twist: ArrayLike | None = None,
    direction_degrees: ArrayLike = (-30.0, 0.0, 30.0, 55.6),
    tunnelling_ratio: float = 0.01,
    points: int = 48,
) -> DensityAgainstStrain:
    """Return Ying Fig. 7 with the parameters of its caption, on true contours and on circles.

    As in the paper, the intra-layer rates are constant and the mean inter-layer rate without strain
    is 3t²/4 of them. n_j = [3t²/4/(1 + 3t²/4)] j/(ev_F).

    Parameters
    ----------
    strain_over_twist : array (n,), optional
        ε/θ_w; 0 to 0.5 by default.
    direction_degrees : array (m,)
        θ_j of the current.
    tunnelling_ratio : float
        t; the caption does not give it.
    points : int
        Samples per pocket.
    """
    strains = (
        np.linspace(0, 0.5, 26)
        if strain_over_twist is None
        else _validate.real_vector("strain_over_twist", strain_over_twist)
    )
    degrees = _validate.real_vector("direction_degrees", direction_degrees)
    direction = np.stack([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))])
    plain = StrainedTBG.from_ratios(tunnelling_ratio=tunnelling_ratio)
    k_f = FERMI_RATIO * plain.moire_wavevector
    ratio = 0.75 * tunnelling_ratio**2
    models = [replace(plain, strain=value * plain.twist) for value in strains]

    def curve(contour: str) -> Array:
        reference = intervalley_rates(plain, k_f, points, contour=contour).interlayer_mean
        densities = [
            solve_four_pockets(
                intervalley_rates(model, k_f, points, contour=contour),
                ratio=ratio,
                reference=reference,
                isotropic_intralayer=True,
            ).valley_density_difference
            for model in models
        ]
        found: Array = -np.array(densities) @ direction * (1 + ratio) / ratio
        return found

    slope = np.array([density_slope(model, k_f, 1.0) for model in models]) @ direction
    return DensityAgainstStrain(
        degrees, strains, tunnelling_ratio, curve("true"), curve("circles"), 6 * slope, 1.5 * slope
    )


@short_repr
@dataclass(frozen=True)
class ContourEffect:
    """Difference of δ_ε on true contours and on circles, rows t, columns ε/θ_w.

    ``difference`` is over the value on circles, ``over_true`` over that on true contours.
    """

    tunnelling_ratio: Array
    strain_over_twist: Array
    difference: Array
    over_true: Array


def contour_effect(
    tunnelling_ratio: ArrayLike = (0.01, 0.02, 0.05, 0.1),
    strain_over_twist: ArrayLike = (0.02, 0.1, 0.3),
    poisson_ratio: float = 0.165,
) -> ContourEffect:
    """Return how far circles miss Δn₀ where the intra-layer rates are constant.

    With the caption of Ying Fig. 7: v_D q/m = 0.1, k_F = 0.05 q. A Poisson ratio of 1 makes a
    strain without trace, under which both pockets keep their size.
    """
    ts = _validate.real_vector("tunnelling_ratio", tunnelling_ratio)
    strains = _validate.real_vector("strain_over_twist", strain_over_twist)
    rows = []
    for t in ts:
        for strain in strains:
            model = StrainedTBG.from_ratios(
                tunnelling_ratio=t, strain_over_twist=strain, poisson_ratio=poisson_ratio
            )
            k_f = FERMI_RATIO * model.moire_wavevector
            true, circles = (
                solve_four_pockets(
                    intervalley_rates(model, k_f, 48, contour=contour), isotropic_intralayer=True
                ).valley_density_difference
                for contour in ("true", "circles")
            )
            miss = np.hypot(*(true - circles))
            rows.append((miss / np.hypot(*circles), miss / np.hypot(*true)))
    table = np.reshape(rows, (len(ts), len(strains), 2))
    return ContourEffect(ts, strains, table[..., 0], table[..., 1])


@short_repr
@dataclass(frozen=True)
class PocketSizes:
    """Pockets 1K and 2K at equal μ: area over πk_F² less 1, its law, mean ħv_F in meV nm.

    ``law`` is that of layer 1; layer 2 has its negative.
    """

    excess: Array
    law: float
    speed: Array


def pocket_sizes(model: StrainedTBG | None = None, ratio: float = FERMI_RATIO) -> PocketSizes:
    """Return by how much the pockets of the two layers differ in size.

    To second order in the tunnelling the terms of the energy that mix both parts of T_j (Ying
    Eq. B3) have the constant 3w² tr𝓔/(v_Dθ_w q) in layer 1 and its negative in layer 2. The areas
    then differ from πk_F² by ∓(3/2) t² (tr𝓔/θ_w)(v_D q/m)(q/k_F)².

    Parameters
    ----------
    model : StrainedTBG, optional
        t = 0.1 and ε/θ_w = 0.1 with v_D q/m = 0.1 by default.
    ratio : float
        k_F/q.
    """
    if model is None:
        model = StrainedTBG.from_ratios(strain_over_twist=0.1)
    q = model.moire_wavevector
    k_f = _validate.positive("ratio", ratio) * q
    mu = fermi_energy(model, k_f)
    lines = [pocket_contour(model, mu, layer=layer) for layer in (1, 2)]
    small = model.hbar_v * q / model.mass
    trace = float(np.trace(model.strain_tensor)) / model.twist
    return PocketSizes(
        np.array([line.area for line in lines]) / (np.pi * k_f**2) - 1,
        -1.5 * model.tunnelling_ratio**2 * trace * small / ratio**2,
        np.array(
            [
                line.weights @ np.linalg.norm(line.velocities, axis=-1) / line.density_of_states
                for line in lines
            ]
        ),
    )


def remaining(rates: IntervalleyRates) -> float:
    """Δn₀ of all rates from one kind of impurity over that with a constant intra-layer rate.

    The projection of the one on the other.
    """
    full, paper = (
        solve_four_pockets(rates, isotropic_intralayer=flag).valley_density_difference
        for flag in (False, True)
    )
    return float(full @ paper / (paper @ paper))


@short_repr
@dataclass(frozen=True)
class DisorderModels:
    """|δ_ε| over ε/θ_w against t, for assumptions about the impurities and the contours.

    Parameters
    ----------
    tunnelling_ratio : array (n,)
        t, a number.
    isotropic_intralayer : array (n,)
        |δ_ε| over ε/θ_w with a constant intra-layer rate, as in the paper.
    equal_layers, equal_layers_circles : array (n,)
        With all rates from equal impurities in both layers, on true contours and on circles.
    half_on_layer_2, layer_1_only : array (n,)
        With half as many impurities in layer 2, and with none.
    """

    tunnelling_ratio: Array
    isotropic_intralayer: Array
    equal_layers: Array
    equal_layers_circles: Array
    half_on_layer_2: Array
    layer_1_only: Array


def disorder_models(
    tunnelling_ratio: ArrayLike | None = None, strain_over_twist: float = 0.02
) -> DisorderModels:
    """Return the size of Δn₀ e v_F/j for impurities that differ between the layers.

    "Isotropic intra-layer" is the paper's assumption with the inter-layer rates of equal disorder;
    the others take all rates from the same impurities. All but one are on true contours.
    """
    ts = (
        np.geomspace(0.002, 0.05, 10)
        if tunnelling_ratio is None
        else _validate.real_vector("tunnelling_ratio", tunnelling_ratio)
    )
    rows = []
    for t in ts:
        model = StrainedTBG.from_ratios(strain_over_twist=strain_over_twist, tunnelling_ratio=t)
        k_f = FERMI_RATIO * model.moire_wavevector
        equal = intervalley_rates(model, k_f, 32)
        cases = (
            (equal, True),
            (equal, False),
            (intervalley_rates(model, k_f, 32, contour="circles"), False),
            (intervalley_rates(model, k_f, 32, disorder=((1, 1), (0.5, 0.5))), False),
            (intervalley_rates(model, k_f, 32, disorder=((1, 1), (0, 0))), False),
        )
        rows.append(
            [
                np.hypot(
                    *solve_four_pockets(
                        rates, isotropic_intralayer=constant
                    ).valley_density_difference
                )
                / strain_over_twist
                for rates, constant in cases
            ]
        )
    return DisorderModels(ts, *np.array(rows).T)
