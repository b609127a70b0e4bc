"""Weak tunnelling: the coefficients of Ying Eq. B14 and the prefactor of Eq. 19, measured."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import NDArray

from moirelib import _validate
from moirelib._repr import short_repr
from moirelib.models.twisted_bilayer import StrainedTBG
from moirelib.switching.scattering import density_slope, intervalley_rates, solve_four_pockets

Array = NDArray[np.float64]

PRINTED = (3.0, -3.0, -6.0, -1.5)


@short_repr
@dataclass(frozen=True)
class Convergence:
    """The four coefficients of Ying Eq. B14, for k and for k', as all small parameters shrink.

    Parameters
    ----------
    step : array (n,)
        h, to which all small parameters are scaled; a number.
    initial, final : array (n, 4)
        The coefficients measured at k and at k', over the mean rate.
    extrapolated_initial, extrapolated_final : array (4,)
        Their limits at h = 0, in that unit.
    expected_initial, expected_final : array (4,)
        As printed, with the sign of the closing form for k', in that unit.
    """

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
            # B14 is a statement about states on circles.
            rates = intervalley_rates(model, small * model.moire_wavevector, 16, contour="circles")
            harmonics.append(np.array(rates.first_harmonics()))
        # The sign of the strain turns its first-order effect round: a central difference.
        size = -(1 + model.poisson_ratio) * (1.0 if component == "difference" else 0.5)
        columns.append((harmonics[0] - harmonics[1]) / (2 * strain * small * size))
    difference, shear = columns
    return np.stack(
        [difference[:, 0], shear[:, 0] / eta, shear[:, 1], difference[:, 1] / eta], axis=1
    )


@dataclass(frozen=True)
class Prefactor:
    """C of Ying Eq. 19: its limit, the order of convergence, and what turns its direction."""

    limit: float
    order: float
    residual: float


@cache
def measured_prefactor(hopping_slope: float = 0.0, printed_units: bool = False) -> Prefactor:
    """Measure C of Ying Eq. 19 on true contours as all small parameters shrink together.

    Step h has ε/θ_w = 0.02h², k_F/q = 0.05h, v_D q/m = 0.2h and t = 0.01h²: what the tunnelling
    itself changes is of relative order 50t²/(v_D q/m) and falls faster than the rest. The limit is
    taken by Richardson extrapolation over three halvings, or two in printed units: rates of order
    t² beside rates of order one lose digits.

    Parameters
    ----------
    hopping_slope : float
        β of the strained layer.
    printed_units : bool
        Keep the measured mean rate between the layers, and divide by n_j with the printed 3t²/4.
        Otherwise both have the same mean rate.
    """
    values, residual = [], 0.0
    for h in 0.5 ** np.arange(3 if printed_units else 4):
        parts = []
        for sign in (1, -1):
            model = StrainedTBG.from_ratios(
                strain_over_twist=float(sign * 0.02 * h**2),
                tunnelling_ratio=float(0.01 * h**2),
                velocity_q_over_mass=0.2 * h,
                twist_degrees=1e-6,
                hopping_slope=hopping_slope,
            )
            k_f = 0.05 * h * model.moire_wavevector
            ratio = 0.75 * model.tunnelling_ratio**2 if printed_units else 0.1
            found = response(model, k_f, None if printed_units else ratio)
            parts.append(sign * found * (1 + ratio) / ratio)
        unit = density_slope(replace(model, strain=-model.strain), k_f, 1.0)
        measured = 0.5 * (parts[0] + parts[1])
        values.append(float(measured @ unit / (unit @ unit)))
        residual = float(np.abs(measured / values[-1] - unit).max() / np.hypot(*unit))
    table = np.array(values)
    order = np.log2(abs(table[-2] - table[-3]) / abs(table[-1] - table[-2]))
    for power in range(1, len(values)):
        table = (4**power * table[1:] - table[:-1]) / (4**power - 1)
    return Prefactor(float(table[0]), float(order), residual)


def response(model: StrainedTBG, k_f: float, ratio: float | None = None) -> Array:
    """Return −δ_ε of the four pockets with constant intra-layer rates, along x and y."""
    rates = intervalley_rates(model, k_f, 32)
    solved = solve_four_pockets(rates, ratio=ratio, isotropic_intralayer=True)
    return -solved.valley_density_difference
