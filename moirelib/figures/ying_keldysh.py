"""Figures of Ying et al., Sec. II: Chern valleys, the transition, hysteresis."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache, partial
from itertools import pairwise

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from moirelib import _validate
from moirelib.density_of_states import DensityOfStates
from moirelib.mean_field import Ensemble
from moirelib.stoner import ValleyOrderParameter
from moirelib.two_valley import TwoValleyModel, berry_curvature
from moirelib.units import KB_MEV_PER_K

Array = NDArray[np.float64]

CHEMICAL_POTENTIAL = 3.2  # meV: just above the peak of the upper band, where ν″ < 0


@cache
def moire_band() -> DensityOfStates:
    """Upper band of the two-valley moiré model, levels broadened by 0.5 meV."""
    return TwoValleyModel().density_of_states(broadening=0.5)


def moire_order(
    excess: float = 0.05,
    temperature: float = 0.0,
    chemical_potential: float = CHEMICAL_POTENTIAL,
    fixed: Ensemble = "density",
) -> ValleyOrderParameter:
    """Two valleys of the moiré band with Uν(μ) = 1 + ``excess``; temperature in meV."""
    nu = float(moire_band().thermal(chemical_potential, 0.0))
    return ValleyOrderParameter(
        moire_band(), (1 + excess) / nu, temperature, chemical_potential, fixed
    )


# ---- Fig. 1: two Chern insulators ---------------------------------------------------------


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


def draw_chern_valleys(data: ChernValleys) -> Figure:
    """Draw the bands with their Chern numbers and the curvature of the upper bands."""
    figure, axes = plt.subplots(1, 3, figsize=(9.4, 3.2), width_ratios=(1.4, 1, 1))
    for bands, dash, colour, label in (
        (data.bands_plus, "-", "C0", "valley +"),
        (data.bands_minus, "--", "C1", "valley −"),
    ):
        axes[0].plot(data.distance, bands[:, 0], dash, color=colour, label=label)
        axes[0].plot(data.distance, bands[:, 1], dash, color=colour)
    for band, height in ((0, data.bands_plus[:, 0].min()), (1, data.bands_plus[:, 1].max())):
        plus, minus = data.chern[:, band]
        axes[0].text(
            data.ticks[2],
            height,
            f"$C_+={plus:+.0f}$, $C_-={minus:+.0f}$",
            ha="center",
            va="top" if band else "bottom",
            fontsize="small",
        )
    axes[0].set_xticks(data.ticks, ["K", "Γ", "K′", "M", "Γ"])
    axes[0].set(ylabel="energy (meV)", xlim=(0, data.distance[-1]))
    axes[0].legend(loc="center", ncols=2, fontsize="small")
    limit = np.abs(data.curvature_plus).max()
    for ax, curvature, title in (
        (axes[1], data.curvature_plus, "valley +"),
        (axes[2], data.curvature_minus, "valley −"),
    ):
        image = ax.imshow(
            curvature,
            cmap="RdBu_r",
            vmin=-limit,
            vmax=limit,
            extent=(data.kx[0, 0], data.kx[0, -1], data.ky[0, 0], data.ky[-1, 0]),
            origin="lower",
            interpolation="bilinear",
        )
        corner = data.kx.max() / 1.05
        turn = np.arange(7) * math.pi / 3
        ax.plot(corner * np.cos(turn), corner * np.sin(turn), color="black", linewidth=0.8)
        ax.set(aspect="equal", title=title, xlabel="$k_x$ (1/nm)")
        ax.grid(False)
    axes[1].set_ylabel("$k_y$ (1/nm)")
    axes[2].tick_params(labelleft=False)
    figure.colorbar(image, ax=axes[1:], label="Berry curvature (nm²)")
    return figure


# ---- Fig. 2: hysteresis -------------------------------------------------------------------


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


def draw_hysteresis(data: Hysteresis) -> Figure:
    """Draw the exact loop over the cubic law, with the coercive densities."""
    figure, ax = plt.subplots(figsize=(6.0, 4.0))
    ax.plot(data.cubic_source, data.cubic_phi, "--", color="C1", label="cubic law, Eq. 4")
    half = data.source.size // 2
    for part, label in ((slice(0, half), "exact mean field"), (slice(half, None), None)):
        x, y = data.source[part], data.exact[part]
        ax.plot(x, y, color="C0", label=label)
        middle = half // 8
        ax.annotate(
            "",
            (x[middle + 4], y[middle + 4]),
            (x[middle], y[middle]),
            arrowprops={"arrowstyle": "->", "color": "C0", "lw": 1.6},
        )
    if data.coercive_cubic > 0:
        for sign in (1, -1):
            ax.axvline(sign * data.coercive_cubic, color="C1", linewidth=0.8, linestyle=":")
            ax.plot(sign * data.coercive_exact, -sign * data.turning_point, "o", color="C0")
        ax.text(data.coercive_cubic, ax.get_ylim()[0], " $n_c$", color="C1", va="bottom")
    reach = np.abs(data.source).max()
    ax.set(
        xlabel="valley density difference $\\Delta n_0$ (10⁻³ nm⁻²)",
        ylabel="order parameter $\\Phi_v$ (10⁻³ nm⁻²)",
        xlim=(-reach, reach),
        title=f"$T = {data.temperature_ratio:.2f}\\,T_c$",
    )
    # An opaque ground, because the dotted lines run behind it.
    ax.legend(loc="upper left", frameon=True, framealpha=1, edgecolor="none")
    return figure


def draw_hysteresis_frame(data: Hysteresis) -> Figure:
    """The same with fixed limits, for a slider."""
    figure = draw_hysteresis(data)
    figure.axes[0].set_ylim(-6.0, 6.0)
    return figure


# ---- approach to the transition -----------------------------------------------------------


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


def draw_critical_temperatures(data: CriticalTemperatures) -> Figure:
    """Draw both ratios against Uν − 1."""
    figure, ax = plt.subplots(figsize=(6.0, 3.6))
    ax.semilogx(data.excess, data.over_closing, "o-", ms=4, label="formula with $\\pi^2/6$")
    ax.semilogx(
        data.excess, data.over_printed, "s--", ms=4, label="formula with $\\pi^2/3$, printed"
    )
    ax.axhline(1, color="black", linewidth=0.8)
    ax.axhline(math.sqrt(2), color="black", linewidth=0.8, linestyle=":")
    ax.text(data.excess[0], math.sqrt(2), r" $\sqrt{2}$", va="bottom")
    ax.set(xlabel=r"$U\nu-1$", ylabel="exact $T_c$ / formula", ylim=(0.9, None))
    ax.legend()
    return figure


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


def draw_coercive_approach(data: CoerciveApproach) -> Figure:
    """Draw both ratios against the reduced temperature."""
    figure, ax = plt.subplots(figsize=(6.0, 3.4))
    ax.semilogx(data.reduced, data.coercive, "o-", ms=4, label="coercive density / $n_c$")
    ax.semilogx(
        data.reduced,
        data.spontaneous,
        "s-",
        ms=4,
        label=r"$\Phi_v(\Delta n_0=0)\,/\,\sqrt{|(r-r_c)/\alpha_4|}$",
    )
    ax.axhline(1, color="black", linewidth=0.8)
    ax.set(xlabel="$1-T/T_c$", ylabel="exact / cubic law")
    ax.legend()
    return figure


# ---- what is held fixed -------------------------------------------------------------------


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


def draw_ensembles(data: Ensembles) -> Figure:
    """Draw the density of states, and both cubic coefficients below it."""
    figure, (top, bottom) = plt.subplots(
        2, 1, figsize=(6.0, 4.8), sharex=True, height_ratios=(1, 1.8)
    )
    top.plot(data.chemical_potential, data.density_of_states * 1e3, color="C6")
    top.set(ylabel="ν (10⁻³ meV⁻¹ nm⁻²)", ylim=(0, None))
    for line, exact, colour, marker, label in (
        (data.fixed_potential, data.exact_fixed_potential, "C0", "o", "fixed chemical potential"),
        (data.fixed_density, data.exact_fixed_density, "C1", "s", "fixed density"),
    ):
        bottom.plot(data.chemical_potential, line * 1e3, color=colour, label=label)
        bottom.plot(data.point_potential, exact * 1e3, marker, color=colour, ms=4)
    bottom.axhline(0, color="black", linewidth=0.8)
    bottom.set(xlabel="chemical potential (meV)", ylabel="$24\\,\\alpha_4/U^3$ (10⁻³ meV⁻³ nm⁻²)")
    bottom.legend()
    return figure
