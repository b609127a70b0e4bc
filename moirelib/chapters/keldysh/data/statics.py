"""Figures of Ying et al., Sec. II: Chern valleys, the transition, hysteresis."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache, partial
from itertools import pairwise

import numpy as np
from numpy.typing import ArrayLike
from scipy.integrate import cumulative_trapezoid

from moirelib import _validate
from moirelib._repr import short_repr
from moirelib.chapters.keldysh.data.band import CHEMICAL_POTENTIAL, moire_band, moire_order
from moirelib.chapters.keldysh.data.dynamics import Array
from moirelib.models.two_valley import TwoValleyModel, berry_curvature
from moirelib.switching.mean_field import Ensemble
from moirelib.switching.stoner import ValleyOrderParameter
from moirelib.units import KB_MEV_PER_K

# ---- Fig. 1: two Chern insulators ---------------------------------------------------------


@short_repr
@dataclass(frozen=True)
class ChernValleys:
    """Bands of both valleys in meV along K–Γ–K′–M–Γ, and the curvature of the upper ones in nm².

    Parameters
    ----------
    distance, ticks : array (n,), (5,)
        Length along the path, and at its corners, in 1/nm.
    bands_plus, bands_minus : array (n, 2)
        Energies of both valleys in meV.
    kx, ky : array (m,)
        Wavevectors of the maps in 1/nm.
    curvature_plus, curvature_minus : array (m, m)
        Berry curvature of the upper bands in nm².
    chern : array (2,)
        Chern numbers of the upper bands.
    """

    distance: Array
    ticks: Array
    bands_plus: Array
    bands_minus: Array
    kx: Array
    ky: Array
    curvature_plus: Array
    curvature_minus: Array
    chern: Array


def chern_valleys(model: TwoValleyModel | None = None, points: int = 60) -> ChernValleys:
    """Compute the two valleys of Ying Fig. 1."""
    pair = TwoValleyModel() if model is None else model
    b1, b2 = pair.reciprocal_vectors
    corner, other, edge = (2 * b1 + b2) / 3, (b1 + 2 * b2) / 3, (b1 + b2) / 2
    stops = [corner, 0 * b1, other, edge, 0 * b1]
    steps = np.arange(points) / points
    pieces = [a + steps[:, None] * (b - a) for a, b in pairwise(stops)]
    path = np.concatenate([*pieces, stops[-1][None]])
    distance = np.concatenate([[0.0], np.linalg.norm(np.diff(path, axis=0), axis=1).cumsum()])
    span = 1.05 * np.linalg.norm(corner) * np.linspace(-1, 1, 2 * points + 1)
    kx, ky = np.meshgrid(span, span)
    grid = np.stack([kx, ky], axis=-1)
    curvature = [
        berry_curvature(partial(pair.hamiltonian, valley=s, embedded=True), grid, band=1)
        for s in (1, -1)
    ]
    bands = [np.asarray(np.linalg.eigvalsh(pair.hamiltonian(path, s)), float) for s in (1, -1)]
    return ChernValleys(
        distance,
        distance[::points],
        bands[0],
        bands[1],
        kx,
        ky,
        curvature[0],
        curvature[1],
        np.array([[pair.chern_number(s, band) for band in (0, 1)] for s in (1, -1)]),
    )


# ---- Fig. 2: hysteresis -------------------------------------------------------------------


@short_repr
@dataclass(frozen=True)
class Hysteresis:
    """Exact loop and the cubic law; densities in 10⁻³/nm².

    Parameters
    ----------
    source, exact : array (n,)
        Δn₀ swept up and down, and the Φ that follows it, in 10⁻³/nm².
    cubic_source, cubic_phi : array (m,)
        The steady states of the cubic law, in 10⁻³/nm².
    coercive_exact, coercive_cubic : float
        n_c of both, in 10⁻³/nm².
    turning_point : float
        Φ where the exact loop jumps, in 10⁻³/nm².
    temperature_ratio : float
        T/T_c.
    """

    source: Array
    exact: Array
    cubic_source: Array
    cubic_phi: Array
    coercive_exact: float
    coercive_cubic: float
    turning_point: float
    temperature_ratio: float


def hysteresis(
    temperature_ratio: float = 0.7,
    excess: float = 0.25,
    points: int = 400,
    reach: float | None = None,
) -> Hysteresis:
    """Sweep Δn₀ up and down through the exact loop at T/T_c; ``reach`` in 10⁻³/nm²."""
    ratio = _validate.positive("temperature_ratio", temperature_ratio)
    order = moire_order(excess, ratio * _critical_temperature(excess))
    ordered = order.turning_points.size > 0
    exact = order.coercive_density if ordered else 0.0
    law = order.landau()
    limit = 2.2 * exact if reach is None else reach * 1e-3
    half = points // 2
    up = np.linspace(-limit, limit, half)
    sources = np.concatenate([up, up[::-1]])
    loop = order.hysteresis(sources)
    span = np.linspace(-1.0, 1.0, 401) * np.abs(loop.phi).max() * 1.05
    return Hysteresis(
        sources * 1e3,
        loop.phi * 1e3,
        law.source(span) * 1e3,
        span * 1e3,
        exact * 1e3,
        (law.coercive_density if ordered else 0.0) * 1e3,
        float(order.turning_points[-1] if ordered else 0.0) * 1e3,
        ratio,
    )


@short_repr
@dataclass(frozen=True)
class Landscape:
    """Steady states at one temperature and source; densities in 10⁻³/nm².

    Parameters
    ----------
    phi, source : array (n,)
        Φ, and the Δn₀ whose steady state it is.
    potential : array (n,)
        ∫(Φ − M(UΦ/2) − Δn₀)dΦ in 10⁻⁶/nm⁴, zero at Φ = 0: Φ runs downhill in it.
    state, height : array (3,)
        Steady states by increasing Φ, and the potential there; NaN where there is only one.
    stable : array (3,)
        1 where a deviation decays.
    temperature_ratio, drive : float
        T/T_c, and Δn₀ in 10⁻³/nm².
    """

    phi: Array
    source: Array
    potential: Array
    state: Array
    height: Array
    stable: Array
    temperature_ratio: float
    drive: float


LARGEST_ORDER = 6.0e-3  # 1/nm²: beyond the steady states that the sliders reach


def landscape(temperature_ratio: float, drive: float, excess: float = 0.25) -> Landscape:
    """Find the steady states at T/T_c and Δn₀ = ``drive`` (10⁻³/nm²), and what Φ runs down in."""
    ratio = _validate.positive("temperature_ratio", temperature_ratio)
    order, phi, source, level = _undriven(ratio, excess)
    delta = _validate.real_scalar("drive", drive) * 1e-3
    states = order.equilibria(delta)
    state = np.full(3, np.nan)
    state[: len(states)] = [s.phi for s in states]
    stable = np.zeros(3)
    stable[: len(states)] = [s.stable for s in states]
    height = np.interp(state, phi, level) - delta * state
    return Landscape(
        phi * 1e3,
        source * 1e3,
        (level - delta * phi) * 1e6,
        state * 1e3,
        height * 1e6,
        stable,
        ratio,
        delta * 1e3,
    )


@cache
def _undriven(ratio: float, excess: float) -> tuple[ValleyOrderParameter, Array, Array, Array]:
    """The order parameter at T/T_c, Φ, the source Δn₀(Φ), and its integral from zero."""
    order = moire_order(excess, ratio * _critical_temperature(excess))
    phi = np.linspace(-LARGEST_ORDER, LARGEST_ORDER, 161)
    source = order.source(phi)
    level = cumulative_trapezoid(source, phi, initial=0)
    return order, phi, source, level - level[phi.size // 2]


@cache
def _critical_temperature(excess: float) -> float:
    return moire_order(excess).critical_temperature


# ---- approach to the transition -----------------------------------------------------------


@short_repr
@dataclass(frozen=True)
class CriticalTemperatures:
    """Exact T_c over its low-temperature formula with π²/6 and with π²/3.

    Parameters
    ----------
    excess : array (n,)
        U/U_c − 1.
    exact_kelvin : array (n,)
        T_c in kelvin.
    over_closing, over_printed : array (n,)
        T_c over the formula with π²/6 and with π²/3.
    """

    excess: Array
    exact_kelvin: Array
    over_closing: Array
    over_printed: Array


def critical_temperatures(excess: ArrayLike | None = None) -> CriticalTemperatures:
    """Compare T_c with both coefficients as U → U_c⁺, at fixed chemical potential."""
    values = (
        np.geomspace(1e-4, 0.2, 23) if excess is None else _validate.real_vector("excess", excess)
    )
    exact, closing = [], []
    for value in values:
        order = moire_order(float(value), fixed="chemical potential")
        curvature = float(order.band.thermal(CHEMICAL_POTENTIAL, 0.0, 2))
        exact.append(order.critical_temperature)
        closing.append(math.sqrt(6 * value / (math.pi**2 * order.interaction * -curvature)))
    ratio = np.array(exact) / closing
    return CriticalTemperatures(values, np.array(exact) / KB_MEV_PER_K, ratio, ratio * math.sqrt(2))


@short_repr
@dataclass(frozen=True)
class CoerciveApproach:
    """Exact coercive density and order parameter over the cubic law's, against 1 − T/T_c.

    Parameters
    ----------
    reduced : array (n,)
        1 − T/T_c.
    coercive, spontaneous : array (n,)
        n_c and Φ_s over those of the cubic law.
    """

    reduced: Array
    coercive: Array
    spontaneous: Array


def coercive_approach(excess: float = 0.25, reduced: ArrayLike | None = None) -> CoerciveApproach:
    """Compare the exact loop with Eq. 4 as T → T_c⁻."""
    values = (
        np.geomspace(5e-4, 0.5, 16)
        if reduced is None
        else _validate.real_vector("reduced", reduced)
    )
    critical = moire_order(excess).critical_temperature
    rows = []
    for value in values:
        order = moire_order(excess, critical * (1 - float(value)))
        law = order.landau()
        rows.append(
            (
                order.coercive_density / law.coercive_density,
                order.equilibria(0.0)[-1].phi / law.spontaneous,
            )
        )
    ratios = np.array(rows)
    return CoerciveApproach(values, ratios[:, 0], ratios[:, 1])


# ---- what is held fixed -------------------------------------------------------------------


@short_repr
@dataclass(frozen=True)
class Ensembles:
    """24α₄/U³ in 1/(meV³ nm²) at T = 0 against μ: formulas, and points from the exact map.

    Parameters
    ----------
    chemical_potential : array (n,)
        μ in meV.
    density_of_states : array (n,)
        Of one valley, in 1/(meV nm²).
    fixed_potential, fixed_density : array (n,)
        ν″ and ν″ − 3ν′²/ν, in 1/(meV³ nm²).
    point_potential : array (m,)
        μ of the points, in meV.
    exact_fixed_potential, exact_fixed_density : array (m,)
        The points, in 1/(meV³ nm²).
    """

    chemical_potential: Array
    density_of_states: Array
    fixed_potential: Array
    fixed_density: Array
    point_potential: Array
    exact_fixed_potential: Array
    exact_fixed_density: Array


def ensembles(points: int = 141, exact_every: int = 10) -> Ensembles:
    """Cubic coefficient at fixed chemical potential and at fixed density."""
    band = moire_band()
    mu = np.linspace(1.6, 6.0, points)
    nu, slope, curvature = (band.thermal(mu, 0.0, d) for d in (0, 1, 2))
    x = 0.02

    def exact(m: float, fixed: Ensemble) -> float:
        order = moire_order(0.05, 0.0, m, fixed)
        half = order.polarisation(np.array([x, 2 * x])) / (2 * np.array([x, 2 * x]))
        terms = 6 * (half - float(band.thermal(m, 0.0))) / np.array([x, 2 * x]) ** 2
        return float((4 * terms[0] - terms[1]) / 3)

    at = mu[::exact_every]
    return Ensembles(
        mu,
        nu,
        curvature,
        curvature - 3 * slope**2 / nu,
        at,
        np.array([exact(float(m), "chemical potential") for m in at]),
        np.array([exact(float(m), "density") for m in at]),
    )


# ---- the diffusive polarisation -----------------------------------------------------------


# ---- sampled disorder ---------------------------------------------------------------------
