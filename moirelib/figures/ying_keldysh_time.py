"""Figures of Ying et al., Sec. II, in time: current sweeps, pulses, diffusion."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from moirelib import _validate
from moirelib.figures.ying_keldysh import moire_order
from moirelib.keldysh import diffusive_polarisation, ladder_polarisation
from moirelib.stoner import ValleyOrderParameter

Array = NDArray[np.float64]


def _ordered(temperature_ratio: float, excess: float) -> tuple[ValleyOrderParameter, float, float]:
    """Two valleys at fixed chemical potential, their coercive density and spontaneous order."""
    hot = moire_order(excess, fixed="chemical potential").critical_temperature
    order = moire_order(excess, temperature_ratio * hot, fixed="chemical potential")
    return order, order.coercive_density, order.equilibria(0.0)[-1].phi


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


def draw_sweeps(data: Sweeps) -> Figure:
    """Draw Φ against Δn₀ and against time within the period."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(9.0, 3.6), sharey=True)
    for column, period in zip(data.phi.T, data.period, strict=True):
        left.plot(data.source, column, label=f"{period:g} τ′")
        right.plot(data.phase, column)
    for ax, x in ((left, data.source), (right, data.phase)):
        ax.plot(x, data.static, color="black", linestyle=":", label="quasi-static")
    right.plot(
        data.phase,
        data.source / np.abs(data.source).max(),
        color="0.6",
        linewidth=1,
        label=r"$\Delta n_0$ (scaled)",
    )
    left.set(xlabel=r"$\Delta n_0/n_c$", ylabel=r"$\Phi_v/\Phi_s$")
    right.set(xlabel="time / period")
    left.legend(title="period", fontsize="small")
    right.legend(loc="upper center", bbox_to_anchor=(0.38, 1.0), fontsize="small")
    return figure


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


def draw_pulses(data: Pulses) -> Figure:
    """Draw Φ(t) for each length, with the end of the pulse marked."""
    figure, ax = plt.subplots(figsize=(6.0, 3.6))
    for column, length in zip(data.phi.T, data.length, strict=True):
        (line,) = ax.plot(data.time, column, label=f"{length:g} τ′")
        end = np.interp(length, data.time, column)
        ax.plot(length, end, "o", color=line.get_color(), ms=5)
    ax.axhline(0, color="black", linewidth=0.8)
    ax.set(
        xlabel="time (τ′)",
        ylabel=r"$\Phi_v/\Phi_s$",
        title=f"pulses of {data.height:g} coercive densities",
    )
    ax.legend(title="length", fontsize="small")
    return figure


# ---- the diffusive polarisation -----------------------------------------------------------


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


def draw_polarisation(data: Polarisation) -> Figure:
    """Draw the real and the imaginary part."""
    figure, axes = plt.subplots(1, 2, figsize=(9.0, 3.4), sharex=True)
    for i, ql in enumerate(data.ql):
        for ax, part in zip(axes, (np.real, np.imag), strict=True):
            ax.semilogx(data.omega, part(data.ladder[:, i]), color=f"C{i}", label=f"{ql:g}")
            ax.semilogx(data.omega, part(data.diffusive[:, i]), "--", color=f"C{i}")
    axes[0].set(xlabel=r"$\omega\tau$", ylabel=r"Re $\Pi/\nu$")
    axes[1].set(xlabel=r"$\omega\tau$", ylabel=r"Im $\Pi/\nu$")
    axes[0].legend(title=r"$ql$")
    return figure
