"""Figures of Ying et al., Sec. III.1: two Fermi pockets and what a current does to them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from moirelib import _validate
from moirelib._repr import short_repr
from moirelib.switching.boltzmann import exact_density_difference, solve_boltzmann
from moirelib.switching.fermi_pockets import FirstHarmonicRates

Array = NDArray[np.float64]

EXAMPLE = FirstHarmonicRates((0.2, 0.1), (0.2, 0.1))
"""Rates of the figures: clearly anisotropic, invariant under time reversal, nowhere negative."""


@short_repr
@dataclass(frozen=True)
class Pockets:
    """Two contours in units of k_F, and the rate at which a state leaves for the other valley."""

    angle: Array
    contour_plus: Array
    contour_minus: Array
    out_rate_plus: Array
    out_rate_minus: Array


def pockets(rates: FirstHarmonicRates = EXAMPLE, points: int = 240) -> Pockets:
    """Return the pockets of Ying Fig. 4 with their inter-valley out-rates in units of 1/τ'."""
    angle = 2 * np.pi * np.arange(points) / points
    direction = np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    # W[i, j]: from θ_j in valley + to θ_i in valley −.
    w = rates(angle[:, None], angle[None, :])
    centre = np.array([2.0, 0.0])
    return Pockets(angle, direction - centre, centre - direction, w.mean(0), w.mean(1))


@short_repr
@dataclass(frozen=True)
class DensityAgainstRatio:
    """Δn₀ in units of Ying Eq. 15 (magnitude, with σ from τ alone) against τ'/τ."""

    ratio: Array
    fixed_field: Array
    closed_form: Array
    fixed_current: Array
    first_order: Array


def density_against_ratio(
    rates: FirstHarmonicRates = EXAMPLE, ratio: ArrayLike | None = None, points: int = 64
) -> DensityAgainstRatio:
    """Return Ying Fig. 5: Δn₀ against τ'/τ at fixed field and at fixed current.

    Parameters
    ----------
    rates : FirstHarmonicRates
        The coefficients of Ying Eq. 9.
    ratio : array (n,), optional
        τ'/τ; 10⁻² to 10³ by default.
    points : int
        Angles per pocket.
    """
    x = np.geomspace(1e-2, 1e3, 51) if ratio is None else _validate.real_vector("ratio", ratio)
    direction = np.array([1.0, 0.0])
    source = 0.5 * (np.array(rates.a) + np.array(rates.a_prime)) @ direction
    if abs(source) < 1e-12:
        raise ValueError("rates must have a₁ + a₁' ≠ 0, or Eq. 15 vanishes along x")
    by_field, by_current, closed = [], [], []
    for value in x:
        # τ = ν = ħv_F = 1: the value of Eq. 14 is the source times the force, and j = 1 there.
        driven = solve_boltzmann(rates, direction, 1.0, value, points=points)
        by_field.append(driven.valley_density_difference)
        fixed = solve_boltzmann(rates, current=direction, tau=1.0, tau_prime=value, points=points)
        by_current.append(fixed.valley_density_difference)
        closed.append(exact_density_difference(rates, direction, 1.0, value))
    # Force +eE: Δn₀ is opposite to the printed Eq. 15.
    return DensityAgainstRatio(
        x,
        -np.array(by_field) / source,
        -np.array(closed) / source,
        -np.array(by_current) / source,
        x / (1 + x),
    )


@short_repr
@dataclass(frozen=True)
class Distribution:
    """x(θ) on both pockets in units of eE v_F τ, with the force along x."""

    ratio: float
    angle: Array
    x_plus: Array
    x_minus: Array
    mean_plus: float
    mean_minus: float


def distribution(
    ratio: float, rates: FirstHarmonicRates = EXAMPLE, points: int = 120
) -> Distribution:
    """Return the stationary distribution at one τ'/τ."""
    solution = solve_boltzmann(rates, (1.0, 0.0), 1.0, ratio, points=points)
    angle = solution.pockets[0].angles
    plus, minus = np.split(solution.distribution, 2)
    mean = solution.harmonics(0)[:, 0, 0]
    return Distribution(float(ratio), angle, plus, minus, float(mean[0]), float(mean[1]))


@short_repr
@dataclass(frozen=True)
class Directions:
    """Δn₀ at fixed current against the direction of the current, in units of j/(e v_F)."""

    angle: Array
    anisotropic: Array
    threefold: Array
    uniform_out_rate: Array


def directions(ratio: float = 10.0, points: int = 60) -> Directions:
    """Return what three kinds of rate make of a current in any direction.

    Anisotropic: first harmonics, as Eq. 9. Threefold: the same averaged over rotations of both
    angles by 120°, with third harmonics on top. Uniform out-rate: cos(θ − θ'), which depends on
    both angles but lets every state leave at the same rate.
    """
    angle = np.linspace(0, 2 * np.pi, 73)
    current = np.stack([np.cos(angle), np.sin(angle)], axis=-1)

    def turned(t: Array, u: Array) -> Array:
        turns = 2 * np.pi / 3 * np.arange(3)
        mean: Array = np.mean([EXAMPLE(t + s, u + s) for s in turns], axis=0)
        return mean + 0.3 * np.cos(3 * t) + 0.2 * np.sin(3 * u) + 0.4 * np.cos(t - u)

    def solved(rates: object) -> Array:
        return solve_boltzmann(
            rates,  # type: ignore[arg-type]
            current=current,
            tau=1.0,
            tau_prime=ratio,
            points=points,
        ).valley_density_difference

    return Directions(
        angle, solved(EXAMPLE), solved(turned), solved(lambda t, u: 1 + 0.8 * np.cos(t - u))
    )
