"""Figures of Ying et al., Sec. II: Chern valleys, the transition, hysteresis."""

from __future__ import annotations

import math

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from moirelib.chapters.keldysh.data.dynamics import Polarisation, Pulses, Sweeps
from moirelib.chapters.keldysh.data.statics import (
    ChernValleys,
    CoerciveApproach,
    CriticalTemperatures,
    Ensembles,
    Hysteresis,
    Landscape,
)
from moirelib.figures.style import CYCLE

# ---- Fig. 1: two Chern insulators ---------------------------------------------------------


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
        axes[0].annotate(
            f"$C_+={plus:+.0f}$, $C_-={minus:+.0f}$",
            (data.ticks[2], height),
            xytext=(0, 3 if band else -3),
            textcoords="offset points",
            ha="center",
            va="bottom" if band else "top",
            fontsize="small",
        )
    axes[0].set_xticks(data.ticks, ["K", "Γ", "K′", "M", "Γ"])
    # Room for the numbers beyond the bands.
    axes[0].margins(y=0.16)
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
        title=f"{data.temperature_ratio:.2f} of the critical temperature",
    )
    # An opaque ground, because the dotted lines run behind it.
    ax.legend(loc="upper left", frameon=True, framealpha=1, edgecolor="none")
    return figure


def draw_hysteresis_frame(data: Hysteresis) -> Figure:
    """The same with fixed limits, for a slider."""
    figure = draw_hysteresis(data)
    figure.axes[0].set_ylim(-6.0, 6.0)
    return figure


def draw_landscape(data: Landscape) -> Figure:
    """Draw the map with the states at this source, and the potential that they sit in."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(8.0, 3.6))
    left.plot(data.source, data.phi, color=CYCLE[0])
    left.axvline(data.drive, color="0.4", linewidth=1.0)
    right.plot(data.phi, data.potential, color=CYCLE[0])
    for phi, height, stable in zip(data.state, data.height, data.stable, strict=True):
        ground = CYCLE[1] if stable else "white"
        left.plot(data.drive, phi, "o", color=CYCLE[1], mfc=ground, ms=7)
        right.plot(phi, height, "o", color=CYCLE[1], mfc=ground, ms=7)
    left.set(
        xlabel="$\\Delta n_0$ (10⁻³ nm⁻²)",
        ylabel="$\\Phi_v$ (10⁻³ nm⁻²)",
        xlim=(-0.3, 0.3),
        ylim=(-6, 6),
    )
    right.set(
        xlabel="$\\Phi_v$ (10⁻³ nm⁻²)", ylabel="potential (10⁻⁶ nm⁻⁴)", xlim=(-6, 6), ylim=(-2, 2)
    )
    for axes, title in ((left, "steady states"), (right, "what $\\Phi_v$ runs down in")):
        axes.set_title(title, fontsize="medium")
    return figure


# ---- approach to the transition -----------------------------------------------------------


def draw_critical_temperatures(data: CriticalTemperatures) -> Figure:
    """Draw both ratios against Uν − 1."""
    figure, ax = plt.subplots(figsize=(6.0, 3.6))
    ax.semilogx(data.excess, data.over_closing, "o-", ms=4, label="formula with $\\pi^2/6$")
    ax.semilogx(
        data.excess, data.over_printed, "s--", ms=4, label="formula with $\\pi^2/3$, printed"
    )
    ax.axhline(1, color="black", linewidth=0.8)
    ax.axhline(math.sqrt(2), color="black", linewidth=0.8, linestyle=":")
    # On the right, where no curve runs along the line.
    line = ax.get_yaxis_transform()
    ax.text(0.99, math.sqrt(2), r"$\sqrt{2}$", ha="right", va="bottom", transform=line)
    ax.set(xlabel=r"$U\nu-1$", ylabel="exact $T_c$ / formula", ylim=(0.9, None))
    ax.legend()
    return figure


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


def draw_sweeps(data: Sweeps) -> Figure:
    """Draw Φ against Δn₀ and against time within the period."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(9.0, 3.6), sharey=True)
    for column, period in zip(data.phi.T, data.period, strict=True):
        left.plot(data.source, column, label=f"period {period:g} τ′")
        right.plot(data.phase, column)
    for ax, x in ((left, data.source), (right, data.phase)):
        ax.plot(x, data.static, color="black", linestyle=":", label="quasi-static")
    (source,) = right.plot(
        data.phase,
        data.source / np.abs(data.source).max(),
        color="0.6",
        linewidth=1,
        label=r"$\Delta n_0$ (scaled)",
    )
    left.set(xlabel=r"$\Delta n_0/n_c$", ylabel=r"$\Phi_v/\Phi_s$")
    right.set(xlabel="time / period")
    handles = [*left.get_legend_handles_labels()[0], source]
    figure.legend(handles=handles, loc="outside upper center", ncols=5, fontsize="small")
    return figure


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
