"""Figures of Ying et al., Sec. II: Chern valleys, the transition, hysteresis."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, partial
from itertools import pairwise
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from moirelib import _validate
from moirelib._repr import short_repr
from moirelib.bands.density_of_states import DensityOfStates
from moirelib.models.two_valley import TwoValleyModel, berry_curvature
from moirelib.switching.keldysh import diffusive_polarisation, ladder_polarisation
from moirelib.switching.mean_field import Ensemble
from moirelib.switching.sampled_disorder import TriangularValleys, sampled_valley_decay
from moirelib.switching.stoner import ValleyOrderParameter
from moirelib.units import KB_MEV_PER_K

Array = NDArray[np.float64]

CHEMICAL_POTENTIAL = 3.2  # meV: just above the peak of the upper band, where ν″ < 0


@cache
def moire_band() -> DensityOfStates:
    """Upper band of the two-valley moiré model, levels broadened by 0.5 meV."""
    return TwoValleyModel().density_of_states(broadening=0.5)


def moire_order(
    excess: float = 0.05,
    kT: float = 0.0,
    chemical_potential: float = CHEMICAL_POTENTIAL,
    fixed: Ensemble = "density",
) -> ValleyOrderParameter:
    """Two valleys of the moiré band with Uν(μ) = 1 + ``excess``; temperature in meV."""
    nu = float(moire_band().thermal(chemical_potential, 0.0))
    return ValleyOrderParameter(moire_band(), (1 + excess) / nu, kT, chemical_potential, fixed)


# ---- Fig. 1: two Chern insulators ---------------------------------------------------------


@short_repr
@dataclass(frozen=True)
class ChernValleys:
    """Bands of both valleys in meV along K–Γ–K′–M–Γ, and the curvature of the upper ones in nm²."""

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
    """Exact loop and the cubic law; densities in 10⁻³/nm²."""

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
    critical = moire_order(excess).critical_temperature
    order = moire_order(excess, ratio * critical)
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


# ---- approach to the transition -----------------------------------------------------------


@short_repr
@dataclass(frozen=True)
class CriticalTemperatures:
    """Exact T_c over its low-temperature formula with π²/6 and with π²/3."""

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
    """Exact coercive density and order parameter over the cubic law's, against 1 − T/T_c."""

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
    """24α₄/U³ in 1/(meV³ nm²) at T = 0 against μ: formulas, and points from the exact map."""

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


def _ordered(temperature_ratio: float, excess: float) -> tuple[ValleyOrderParameter, float, float]:
    """Two valleys at fixed chemical potential, their coercive density and spontaneous order."""
    hot = moire_order(excess, fixed="chemical potential").critical_temperature
    order = moire_order(excess, temperature_ratio * hot, fixed="chemical potential")
    return order, order.coercive_density, order.equilibria(0.0)[-1].phi


@short_repr
@dataclass(frozen=True)
class Sweeps:
    """Triangular sweeps of several periods; time in τ′, densities in units of n_c and Φ_s."""

    period: Array
    phase: Array
    source: Array
    phi: Array
    static: Array


def sweeps(
    temperature_ratio: float = 0.85,
    excess: float = 0.05,
    periods: ArrayLike = (200.0, 1000.0, 5000.0),
    amplitude: float = 3.0,
    points: int = 161,
) -> Sweeps:
    """Φ(t) under a triangular current sweep, second cycle, beside the quasi-static loop."""
    lengths = _validate.real_vector("periods", periods)
    order, unit, scale = _ordered(temperature_ratio, excess)
    phase = np.linspace(0.0, 2.0, 2 * points - 1)
    triangle = amplitude * (1 - 4 * np.abs((phase + 0.25) % 1.0 - 0.5)) * -1
    columns = [
        order.evolve(unit * triangle, phase * period, scale * 1.2).phi[points - 1 :]
        for period in lengths
    ]
    cycle = triangle[points - 1 :]
    static = order.hysteresis(unit * triangle).phi[points - 1 :]
    return Sweeps(
        lengths, phase[points - 1 :] - 1, cycle, np.array(columns).T / scale, static / scale
    )


@short_repr
@dataclass(frozen=True)
class Pulses:
    """Φ(t)/Φ_s after pulses of one height and several lengths; time in τ′."""

    time: Array
    length: Array
    height: float
    phi: Array


def pulses(
    temperature_ratio: float = 0.85,
    excess: float = 0.05,
    height: float = 1.5,
    lengths: ArrayLike = (50.0, 100.0, 150.0, 200.0, 300.0),
    points: int = 301,
) -> Pulses:
    """Pulses of ``height`` coercive densities against the spontaneous polarisation."""
    durations = _validate.real_vector("lengths", lengths)
    order, unit, scale = _ordered(temperature_ratio, excess)
    time = np.linspace(0.0, 3 * durations.max(), points)
    columns = [
        order.evolve(partial(_pulse, height * unit, float(d)), time, -scale).phi / scale
        for d in durations
    ]
    return Pulses(time, durations, height, np.array(columns).T)


def _pulse(height: float, length: float, t: float) -> float:
    return height if t < length else 0.0


# ---- the diffusive polarisation -----------------------------------------------------------


@short_repr
@dataclass(frozen=True)
class Polarisation:
    """Π/ν against ωτ for several ql: the sum of ladders and its diffusive limit."""

    omega: Array
    ql: Array
    ladder: NDArray[np.complex128]
    diffusive: NDArray[np.complex128]


def polarisation(ql: ArrayLike = (0.1, 0.3, 1.0), points: int = 121) -> Polarisation:
    """Compare Ying A42 with the ladder it comes from; v = τ = 1."""
    lengths = _validate.real_vector("ql", ql)
    omega = np.geomspace(1e-4, 3.0, points)
    ladder = ladder_polarisation(lengths, omega[:, None], 1.0, 1.0, 1.0)
    return Polarisation(
        omega, lengths, ladder, diffusive_polarisation(lengths, omega[:, None], 1.0, 0.5)
    )


# ---- sampled disorder ---------------------------------------------------------------------

DECAY_VARIANCE, DECAY_WINDOW = 0.1, (0.0, 1.0)  # ⟨V₀²⟩ = ⟨V₁²⟩ in meV², band energies in meV


@cache
def kinetic_decay_rate() -> float:
    """2/τ′ in meV for the electrons of :func:`valley_decay`: golden rule with their mean ν."""
    band = TriangularValleys(600).band()
    low, high = DECAY_WINDOW
    nu = float(((band > low) & (band < high)).mean()) / (high - low)
    return 2 * 2 * math.pi * nu * DECAY_VARIANCE


@dataclass(frozen=True)
class ValleyDecay:
    """−ln P/t of the valley polarisation over 2/τ′, and its error: (patches, times)."""

    size: tuple[int, ...]
    time: Array
    rate: Array
    error: Array


def valley_decay(
    samples: Mapping[int, int] = MappingProxyType({12: 16, 16: 12, 20: 6}),
    times: ArrayLike = (4.0, 12.0),
    seed: int = 51,
) -> ValleyDecay:
    """Run electrons of one valley through sampled disorder on patches of several sizes.

    Parameters
    ----------
    samples : mapping
        Sites along a side of the patch → number of potentials.
    times : array (T,)
        In ħ/meV.
    seed : int
        Of the generator of the potentials.
    """
    late = _validate.real_vector("times", times)
    rates, errors = [], []
    for size, count in samples.items():
        runs = sampled_valley_decay(
            TriangularValleys(size),
            late,
            DECAY_WINDOW,
            DECAY_VARIANCE,
            DECAY_VARIANCE,
            count,
            seed,
        )
        mean = runs.mean(0)
        rates.append(-np.log(mean) / late / kinetic_decay_rate())
        errors.append(runs.std(0) / math.sqrt(count) / mean / late / kinetic_decay_rate())
    return ValleyDecay(tuple(samples), late, np.array(rates), np.array(errors))
