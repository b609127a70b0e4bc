"""Sweeps, pulses, the polarisation and its decay in time."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, partial
from types import MappingProxyType

import numpy as np
from numpy.typing import ArrayLike, NDArray

from moirelib import _validate
from moirelib._repr import short_repr
from moirelib.chapters.keldysh.data.band import moire_order
from moirelib.switching.keldysh import diffusive_polarisation, ladder_polarisation
from moirelib.switching.sampled_disorder import TriangularValleys, sampled_valley_decay
from moirelib.switching.stoner import ValleyOrderParameter

Array = NDArray[np.float64]


def _ordered(temperature_ratio: float, excess: float) -> tuple[ValleyOrderParameter, float, float]:
    """Two valleys at fixed chemical potential, their coercive density and spontaneous order."""
    hot = moire_order(excess, fixed="chemical potential").critical_temperature
    order = moire_order(excess, temperature_ratio * hot, fixed="chemical potential")
    return order, order.coercive_density, order.equilibria(0.0)[-1].phi


@short_repr
@dataclass(frozen=True)
class Sweeps:
    """Triangular sweeps of several periods; time in τ′, densities in units of n_c and Φ_s.

    Parameters
    ----------
    period : array (p,)
        Duration of a cycle in τ′.
    phase : array (n,)
        Time within a cycle over its duration.
    source : array (n,)
        Δn₀ over the coercive density n_c.
    phi : array (n, p)
        Φ over the spontaneous Φ_s, one column per period.
    static : array (n,)
        The same for a sweep without end.
    """

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
    """Φ(t)/Φ_s after pulses of one height and several lengths; time in τ′.

    Parameters
    ----------
    time : array (n,)
        In τ′, from the start of the pulse.
    length : array (p,)
        Of the pulses, in τ′.
    height : float
        Of the pulses, over the coercive density n_c.
    phi : array (n, p)
        Φ over the spontaneous Φ_s, one column per pulse.
    """

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


@short_repr
@dataclass(frozen=True)
class Polarisation:
    """Π/ν against ωτ for several ql: the sum of ladders and its diffusive limit.

    Parameters
    ----------
    omega : array (n,)
        ωτ, a number.
    ql : array (m,)
        Wavevector times mean free path, a number.
    ladder, diffusive : array (n, m)
        Π/ν, complex: the sum of ladders, and its diffusive limit.
    """

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


DECAY_VARIANCE, DECAY_WINDOW = 0.1, (0.0, 1.0)  # ⟨V₀²⟩ = ⟨V₁²⟩ in meV², band energies in meV


@cache
def kinetic_decay_rate() -> float:
    """2/τ′ in meV for the electrons of :func:`valley_decay`: golden rule with their mean ν."""
    band = TriangularValleys(600).band()
    low, high = DECAY_WINDOW
    nu = float(((band > low) & (band < high)).mean()) / (high - low)
    return 2 * 2 * math.pi * nu * DECAY_VARIANCE


@short_repr
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
