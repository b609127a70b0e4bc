"""Figures of Ying et al., Sec. III.1: two Fermi pockets and what a current does to them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from moirelib import _validate
from moirelib._repr import short_repr
from moirelib.switching.boltzmann import exact_density_difference, solve_boltzmann
from moirelib.switching.fermi_pockets import AngularRate, FermiPocket, FirstHarmonicRates

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

EXAMPLE = FirstHarmonicRates((0.2, 0.1), (0.2, 0.1))
"""Rates of the figures: clearly anisotropic, invariant under time reversal, nowhere negative."""


@short_repr
@dataclass(frozen=True)
class Pockets:
    """Two contours in units of k_F, and the rate at which a state leaves for the other valley.

    Parameters
    ----------
    angle : array (n,)
        Direction θ of k − K in valley +, and of K′ − k in valley −, in radians.
    contour_plus, contour_minus : array (n, 2)
        The contours, in units of k_F.
    out_rate_plus, out_rate_minus : array (n,)
        Rate at which a state at θ leaves for the other valley, in units of 1/τ′.
    """

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
    """Δn₀ in units of Ying Eq. 15 (magnitude, with σ from τ alone) against τ'/τ.

    Parameters
    ----------
    ratio : array (n,)
        τ′/τ.
    fixed_field, fixed_current : array (n,)
        Numerical solution at fixed field and at fixed current, in units of Ying Eq. 15.
    closed_form : array (n,)
        The closed form at fixed field, in the same units.
    first_order : array (n,)
        τ′/(τ + τ′), what one power of 1/τ′ would give, in the same units.
    """

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
    """x(θ) on both pockets in units of eE v_F τ, with the force along x.

    Parameters
    ----------
    ratio : float
        τ′/τ.
    angle : array (n,)
        θ in radians.
    x_plus, x_minus : array (n,)
        x(θ) in valleys + and −, in units of eE v_F τ.
    mean_plus, mean_minus : float
        Their means over θ, in the same units.
    """

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
    """Δn₀ at fixed current against the direction of the current, in units of j/(e v_F).

    Parameters
    ----------
    angle : array (n,)
        Direction of the current in radians.
    anisotropic, threefold, uniform_out_rate : array (n,)
        Δn₀ for three kinds of rate, in units of j/(e v_F).
    """

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


# ---- how far Eq. 15 is exact --------------------------------------------------------------


def spread_at_fixed_current(pockets: list[FermiPocket], rates: AngularRate | Array) -> float:
    """Relative spread of Δn₀ at fixed current over τ'/τ = 0.01, 1, 100."""
    found = [
        float(
            solve_boltzmann(
                {(1, 0): rates}, current=(0.6, 0.8), tau=1.0, tau_prime=ratio, pockets=pockets
            ).valley_density_difference
        )
        for ratio in (0.01, 1.0, 100.0)
    ]
    return float(np.ptp(found) / np.abs(found).max())


@dataclass(frozen=True)
class Scope:
    """Spread of Δn₀ at fixed current over τ'/τ.

    It vanishes where the out-rate is Γ₀ + g·v: for Eq. 9 on circles, for a rate on circles that
    differs from Eq. 9 but not in its out-rate, and for 1 + g·v + g·v' on ovals.
    """

    circles: float
    same_out_rate: float
    ovals_linear: float
    ovals: float
    second_harmonics: float


def scope(points: int = 200) -> Scope:
    """Measure for which pockets and rates Δn₀ at fixed current is the same at every τ'/τ."""
    t = 2 * np.pi * np.arange(points) / points
    circles = [FermiPocket.circle(s, points) for s in (1, -1)]
    ring = (1 + 0.3 * np.cos(t))[:, None] * np.stack([np.cos(t), np.sin(t)], axis=-1)
    ovals = [FermiPocket.from_polyline(s, s * ring, 40 + 15 * np.cos(t)) for s in (1, -1)]

    def second(a: Array, b: Array) -> Array:
        return np.asarray(EXAMPLE(a, b) + 0.3 * (np.cos(2 * a) + np.cos(2 * b)))

    def twisted(a: Array, b: Array) -> Array:
        return np.asarray(EXAMPLE(a, b) + 0.3 * np.cos(2 * (a - b)))

    v = ovals[0].velocities
    along = v @ np.array(EXAMPLE.a) / np.linalg.norm(v, axis=-1).max()
    return Scope(
        spread_at_fixed_current(circles, EXAMPLE),
        spread_at_fixed_current(circles, twisted),
        spread_at_fixed_current(ovals, 1 + along[:, None] + along),
        spread_at_fixed_current(ovals, EXAMPLE),
        spread_at_fixed_current(circles, second),
    )


# ---- Berry curvature ----------------------------------------------------------------------

VELOCITY, MASS, TILT, MU = 1.0, 0.4, np.array([0.25, 0.1]), 1.0  # of a cone, μ as the unit
SYMMETRIC = np.array([[1.0, 0.35 + 0.2j], [0.35 + 0.2j, -0.4 + 0.3j]])
"""Inter-valley potential on the sublattices; time reversal asks for a symmetric matrix."""


def tilted_cone(k: Array, valley: int) -> Complex:
    """Tilted gapped cone, (..., 2, 2); valley − is H(−k)* of valley +."""
    p = valley * k
    h = np.zeros((*k.shape[:-1], 2, 2), dtype=np.complex128)
    shift = p @ TILT
    h[..., 0, 0], h[..., 1, 1] = shift + MASS, shift - MASS
    h[..., 0, 1] = VELOCITY * (p[..., 0] - 1j * p[..., 1])
    h[..., 1, 0] = h[..., 0, 1].conj()
    return h if valley == 1 else h.conj()


def _contour(valley: int, points: int) -> tuple[Array, Array]:
    """Wavevectors and densities of states on the line E = MU, by Newton's steps on each ray."""
    angle = 2 * np.pi * np.arange(points) / points
    ray = valley * np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    tilt = valley * ray @ TILT
    radius = np.full(points, MU)
    for _ in range(40):
        cone = np.sqrt((VELOCITY * radius) ** 2 + MASS**2)
        slope = VELOCITY**2 * radius / cone + tilt
        radius = radius - (cone + tilt * radius - MU) / slope
    cone = np.sqrt((VELOCITY * radius) ** 2 + MASS**2)
    weight = radius / (4 * np.pi**2 * (VELOCITY**2 * radius / cone + tilt))
    return radius[:, None] * ray, weight * 2 * np.pi / points


def _upper(k: Array, valley: int) -> Complex:
    """States of the upper band."""
    return np.asarray(np.linalg.eigh(tilted_cone(k, valley))[1][..., 1])


def _shifts(potential: Complex, points: int) -> tuple[Array, Array, Array, Array]:
    """W(k', k) and δr(k', k), (n, n, 2), from k in valley + to k' in valley −, and both weights.

    δr = A(k') − A(k) − (∂_k + ∂_k') arg V, as the phase of a closed chain of four overlaps.
    """
    (k, w), (k_prime, w_prime) = _contour(1, points), _contour(-1, points)
    step = 1e-4
    here, there = _upper(k, 1), _upper(k_prime, -1)

    def element(final: Complex, initial: Complex) -> Complex:
        return np.asarray(final.conj() @ potential @ initial.T)

    out = np.empty((points, points, 2))
    for axis in range(2):
        phases = []
        for sign in (1, -1):
            d = np.zeros(2)
            d[axis] = sign * step
            moved, moved_there = _upper(k + d, 1), _upper(k_prime + d, -1)
            chain = (
                element(there, here).conj()
                * np.einsum("ni,ni->n", there.conj(), moved_there)[:, None]
                * element(moved_there, moved)
                * np.einsum("ni,ni->n", moved.conj(), here)[None, :]
            )
            phases.append(np.angle(chain))
        out[..., axis] = -(phases[0] - phases[1]) / (2 * step)
    return np.abs(element(there, here)) ** 2, out, w, w_prime


@dataclass(frozen=True)
class ShiftSource:
    """Electrons that a unit force moves to the other valley by shifts in collisions.

    ``net`` is |Σ w w' W δr|, ``total`` Σ w w' W |δr| and ``flow`` Σ w w' W.
    """

    net: float
    total: float
    flow: float


def shift_source(potential: Complex = SYMMETRIC, points: int = 48) -> ShiftSource:
    """Sum the shifts of all collisions between the two valleys for one impurity potential.

    A collision that moves an electron by δr changes its energy balance by eE·δr: each single
    process is a source of electrons in a valley.
    """
    rate, shift, w, w_prime = _shifts(potential, points)
    flow = w_prime[:, None] * rate * w
    net = np.einsum("ij,ija->a", flow, shift)
    sizes = np.linalg.norm(shift, axis=-1)
    return ShiftSource(float(np.hypot(*net)), float((flow * sizes).sum()), float(flow.sum()))


def hall_conductivity(valley: int, size: int = 300) -> float:
    """2π∫fΩ/(2π)² of the upper band up to MU, in e²/h: its Hall conductivity, by plaquettes."""
    half = 2.2
    axis = np.linspace(-half, half, size)
    k = np.stack(np.meshgrid(axis, axis, indexing="ij"), axis=-1)
    energies, states = np.linalg.eigh(tilted_cone(k, valley))
    u = states[..., 1]

    def link(a: Complex, b: Complex) -> Complex:
        return np.asarray(np.einsum("xyi,xyi->xy", a.conj(), b))

    corners = u[:-1, :-1], u[1:, :-1], u[1:, 1:], u[:-1, 1:]
    loop = np.ones(corners[0].shape[:2], dtype=np.complex128)
    for first, second in zip(corners, (*corners[1:], corners[0]), strict=True):
        loop = loop * link(first, second)
    centre = (
        energies[:-1, :-1, 1] + energies[1:, :-1, 1] + energies[1:, 1:, 1] + energies[:-1, 1:, 1]
    )
    return float(-(np.angle(loop) * (centre / 4 < MU)).sum() / (2 * math.pi))
