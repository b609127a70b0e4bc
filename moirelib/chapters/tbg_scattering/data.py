"""Figures of Ying et al., Sec. III.2 and App. B.3: scattering rates and valley density."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial import Voronoi

from moirelib import _validate
from moirelib._repr import short_repr
from moirelib.models.twisted_bilayer import StrainedTBG
from moirelib.switching.scattering import (
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
    """Out-rates of 1K by channel less their means, in units of the mean intra-layer rate × t²."""

    angle: Array
    same_layer: Array
    other_layer: Array
    total: Array


def processes(strain_over_twist: float = 0.3, tunnelling_ratio: float = 0.1) -> Processes:
    """Return the channels of Ying Fig. 6 for a state on the pocket 1K.

    The out-rates of a state on 1K into 1K' and into 2K', from the same impurities on all four
    sublattices, minus their means and divided by t². The first is what the paper takes as constant.
    """
    model = StrainedTBG.from_ratios(
        strain_over_twist=strain_over_twist, tunnelling_ratio=tunnelling_ratio
    )
    rates = intervalley_rates(model, FERMI_RATIO * model.moire_wavevector, 72)
    scale = rates.layer1.mean() * tunnelling_ratio**2
    same, other = rates.layer1.mean(0) / scale, rates.interlayer.mean(0) / scale
    total = same + other
    return Processes(rates.angles, same - same.mean(), other - other.mean(), total - total.mean())


@short_repr
@dataclass(frozen=True)
class DensityAgainstStrain:
    """Δn₀/n_j (times −1, for the force +eE) against ε/θ_w, one column per current direction."""

    direction_degrees: Array
    strain_over_twist: Array
    numerical: Array
    printed: Array
    closing: Array


def density_against_strain(
    strain_over_twist: ArrayLike | None = None,
    direction_degrees: ArrayLike = (-30.0, 0.0, 30.0, 55.6),
    tunnelling_ratio: float = 0.1,
    points: int = 48,
) -> DensityAgainstStrain:
    """Return Ying Fig. 7 with the parameters of its caption.

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
        Angles per pocket.
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
    reference = float(intervalley_rates(plain, k_f, points).interlayer.mean())
    ratio = 0.75 * tunnelling_ratio**2
    numerical, slopes = [], []
    for value in strains:
        model = replace(plain, strain=value * plain.twist)
        rates = intervalley_rates(model, k_f, points).blocks(
            ratio=ratio, reference=reference, isotropic_intralayer=True
        )
        density = solve_four_pockets(rates).valley_density_difference
        numerical.append(-density * (1 + ratio) / ratio)
        slopes.append(density_slope(model, k_f, 1.0))
    slope = np.array(slopes) @ direction
    return DensityAgainstStrain(
        degrees, strains, np.array(numerical) @ direction, 6 * slope, 1.5 * slope
    )


@short_repr
@dataclass(frozen=True)
class DisorderModels:
    """|δ_ε| over ε/θ_w against t, for four assumptions about the impurities."""

    tunnelling_ratio: Array
    isotropic_intralayer: Array
    equal_layers: Array
    half_on_layer_2: Array
    layer_1_only: Array


def disorder_models(
    tunnelling_ratio: ArrayLike | None = None, strain_over_twist: float = 0.02
) -> DisorderModels:
    """Return the size of Δn₀ e v_F/j for impurities that differ between the layers.

    "Isotropic intra-layer" is the paper's assumption with the inter-layer rates of equal disorder;
    the others take all rates from the same impurities.
    """
    ts = (
        np.geomspace(0.01, 0.2, 12)
        if tunnelling_ratio is None
        else _validate.real_vector("tunnelling_ratio", tunnelling_ratio)
    )
    columns: list[list[float]] = [[], [], [], []]
    for t in ts:
        model = StrainedTBG.from_ratios(strain_over_twist=strain_over_twist, tunnelling_ratio=t)
        k_f = FERMI_RATIO * model.moire_wavevector
        equal = intervalley_rates(model, k_f, 32)
        half = intervalley_rates(model, k_f, 32, disorder=((1, 1), (0.5, 0.5)))
        single = intervalley_rates(model, k_f, 32, disorder=((1, 1), (0, 0)))
        for column, blocks in zip(
            columns,
            (
                equal.blocks(isotropic_intralayer=True),
                equal.blocks(),
                half.blocks(),
                single.blocks(),
            ),
            strict=True,
        ):
            density = solve_four_pockets(blocks).valley_density_difference
            column.append(float(np.hypot(*density)) / strain_over_twist)
    return DisorderModels(ts, *(np.array(c) for c in columns))


PRINTED = (3.0, -3.0, -6.0, -1.5)


@short_repr
@dataclass(frozen=True)
class Convergence:
    """The four coefficients of Ying Eq. B14, for k and for k', as all small parameters shrink."""

    step: Array
    initial: Array
    final: Array
    extrapolated_initial: Array
    extrapolated_final: Array
    expected_initial: Array
    expected_final: Array


def convergence(steps: int = 4) -> Convergence:
    """Return the measured coefficients of Ying Eq. B14 and their Richardson limits.

    Step h has ε/θ_w = 0.02h², k_F/q = 0.05h, v_D q/m = 0.2h, t = 0.1h, at a twist so small that
    the relative rotation of the two Dirac Hamiltonians is left out.
    """
    steps = _validate.integer("steps", steps, minimum=2)
    h = np.asarray(0.5 ** np.arange(steps), dtype=np.float64)
    measured = np.array([_coefficients(value) for value in h])
    table = measured
    for order in range(1, steps):
        # The errors are even in h: a factor 4, 16, … per halving.
        table = (4**order * table[1:] - table[:-1]) / (4**order - 1)
    common = np.array([0, 1, 0, 1], dtype=bool)
    expected = np.array(PRINTED)
    return Convergence(
        h,
        measured[:, 0],
        measured[:, 1],
        table[0, 0],
        table[0, 1],
        expected,
        np.where(common, expected, -expected),
    )


def _coefficients(h: float) -> Array:
    """Coefficients of B14 at one step, shape (2, 4): initial and final state."""
    eta, small, strain = 0.2 * h, 0.05 * h, 0.02 * h**2
    columns = []
    for degrees, component in ((0.0, "difference"), (45.0, "shear")):
        harmonics = []
        for sign in (1, -1):
            model = StrainedTBG.from_ratios(
                strain_over_twist=sign * strain,
                tunnelling_ratio=0.1 * h,
                velocity_q_over_mass=eta,
                twist_degrees=1e-6,
                strain_degrees=degrees,
            )
            rates = intervalley_rates(model, small * model.moire_wavevector, 16)
            harmonics.append(np.array(rates.first_harmonics()))
        # The sign of the strain turns its first-order effect round: a central difference.
        size = -(1 + model.poisson_ratio) * (1.0 if component == "difference" else 0.5)
        columns.append((harmonics[0] - harmonics[1]) / (2 * strain * small * size))
    difference, shear = columns
    return np.stack(
        [difference[:, 0], shear[:, 0] / eta, shear[:, 1], difference[:, 1] / eta], axis=1
    )


@short_repr
@dataclass(frozen=True)
class Zones:
    """Brillouin zones of graphene (1/nm) and of the moiré (in units of q)."""

    strain: float
    strain_over_twist: float
    graphene: Array
    graphene_strained: Array
    dirac_points: Array
    dirac_points_strained: Array
    moire: Array
    moire_strained: Array
    q_vectors: Array
    q_vectors_strained: Array


def zones(strain: float = 0.1, strain_over_twist: float = 0.3) -> Zones:
    """Return Ying Fig. 3 from the strain tensor.

    Parameters
    ----------
    strain : float
        For graphene, large enough to be seen.
    strain_over_twist : float
        ε/θ_w of the moiré zone, which already shows a hundredth of that strain.
    """
    # The twist only has to be large enough for the model to accept the strain.
    sheet = StrainedTBG(twist_degrees=9.0, strain=strain)
    plain, strained = sheet.dirac_points, sheet.dirac_points @ (np.eye(2) - sheet.strain_tensor)
    flat = StrainedTBG.from_ratios()
    bent = StrainedTBG.from_ratios(strain_over_twist=strain_over_twist)
    q = flat.moire_wavevector
    return Zones(
        strain,
        strain_over_twist,
        _wigner_seitz(plain[1:] - plain[0]),
        _wigner_seitz(strained[1:] - strained[0]),
        np.concatenate([plain, -plain]),
        np.concatenate([strained, -strained]),
        _wigner_seitz(flat.reciprocal_vectors / q),
        _wigner_seitz(bent.reciprocal_vectors / q),
        flat.q_vectors / q,
        bent.q_vectors / q,
    )


def _wigner_seitz(basis: Array) -> Array:
    """Corners of the cell closer to 0 than to any other lattice point, anticlockwise."""
    steps = np.stack(np.meshgrid([-1, 0, 1], [-1, 0, 1], indexing="ij"), -1).reshape(-1, 2)
    diagram = Voronoi(steps @ basis)
    corners = diagram.vertices[diagram.regions[diagram.point_region[len(steps) // 2]]]
    order = np.argsort(np.arctan2(corners[:, 1], corners[:, 0]))
    sorted_corners: Array = corners[order]
    return sorted_corners


@short_repr
@dataclass(frozen=True)
class Transfers:
    """Momentum transfers from K of layer 1 to K' of layer 2, in units of |K|."""

    start: Array
    end: Array
    transfers: Array
    reciprocal: Array
    zone: Array


def transfers() -> Transfers:
    """Return Ying Fig. 8: three momentum transfers that differ by reciprocal vectors of layer 1."""
    # A twist that can be seen; the transfers are those of the unstrained bilayer.
    model = StrainedTBG(twist_degrees=8.0)
    size = float(np.hypot(*model.dirac_points[0]))
    half = 0.5 * model.twist
    turn = np.array([[math.cos(half), math.sin(half)], [-math.sin(half), math.cos(half)]])
    # Rows are vectors: @ turn rotates anticlockwise, @ turn.T clockwise.
    first, second = model.dirac_points @ turn.T / size, model.dirac_points @ turn / size
    end = -second[0]
    return Transfers(
        first, end, end - first, first[0] - first[1:], _wigner_seitz(first[1:] - first[0])
    )


def response(model: StrainedTBG, k_f: float, ratio: float | None = None) -> Array:
    """Return −δ_ε of the four pockets with constant intra-layer rates, along x and y."""
    rates = intervalley_rates(model, k_f, 32)
    blocks = rates.blocks(ratio=ratio, isotropic_intralayer=True)
    return -solve_four_pockets(blocks).valley_density_difference


@cache
def slope_prefactor() -> tuple[float, float, float]:
    """Return C of Eq. 19 from the four-pocket numerics, its order, and the angular residual.

    All small parameters shrink together; the limit is taken by Richardson extrapolation.
    """
    ratio, values, residual = 0.1, [], 0.0
    for h in (1.0, 0.5, 0.25, 0.125):
        parts = []
        for sign in (1, -1):
            model = StrainedTBG.from_ratios(
                strain_over_twist=sign * 0.02 * h**2,
                tunnelling_ratio=0.1 * h,
                velocity_q_over_mass=0.2 * h,
                twist_degrees=1e-6,
            )
            k_f = 0.05 * h * model.moire_wavevector
            parts.append(sign * response(model, k_f, ratio) * (1 + ratio) / ratio)
        unit = density_slope(replace(model, strain=-model.strain), k_f, 1.0)
        measured = 0.5 * (parts[0] + parts[1])
        values.append(float(measured @ unit / (unit @ unit)))
        residual = float(np.abs(measured / values[-1] - unit).max() / np.hypot(*unit))
    table = np.array(values)
    order = np.log2(abs(table[2] - table[1]) / abs(table[3] - table[2]))
    for power in range(1, 4):
        table = (4**power * table[1:] - table[:-1]) / (4**power - 1)
    return float(table[0]), float(order), residual
