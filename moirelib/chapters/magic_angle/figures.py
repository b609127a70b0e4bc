"""Figures of the chapter on strained bilayers at the magic angle."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

from moirelib.chapters.magic_angle.data import (
    RATES,
    STAGES,
    AgainstFilling,
    AgainstStrain,
    AgainstTwist,
    Contour,
    FlatBands,
    SwitchingDiagram,
)

STYLES = ("o-", "s--", "^:", "D-.")
_OF_RATES = {"constant": "constant", "smooth": "smooth potential", "point": "point impurities"}


def draw_bands(data: FlatBands) -> Figure:
    """Draw the four bands around neutrality, one panel per strain."""
    figure, panels = plt.subplots(1, len(data.strains), figsize=(8.4, 3.2), sharey=True)
    for axes, strain, energies in zip(panels, data.strains, data.energies, strict=True):
        axes.plot(data.distance, energies, color="#0072B2")
        axes.set(
            title=rf"$\epsilon={100 * strain:g}$ %", xlim=(0, 1), ylim=(-40, 40),
            xticks=data.ticks, xticklabels=data.labels,
        )  # fmt: skip
        for tick in data.ticks[1:-1]:
            axes.axvline(tick, color="0.8", lw=0.8, zorder=0)
    panels[0].set_ylabel("energy (meV)")
    return figure


def draw_enhancement(data: AgainstTwist) -> Figure:
    """Draw the enhancement against the twist: by strain, by stage with the rates, by factor."""
    figure, (left, middle, right) = plt.subplots(1, 3, figsize=(10.2, 3.8), sharey=True)
    for strain, row, line in zip(data.strains, data.by_strain, STYLES, strict=False):
        left.loglog(data.twist_degrees, row, line, ms=4, label=rf"$\epsilon={100 * strain:g}$ %")
    for stage, row, line in zip(STAGES, data.stages, STYLES, strict=True):
        label = stage if stage == STAGES[0] else f"+ {stage}"
        middle.loglog(data.staged, row, line, ms=4, label=label)
    for rates, row, line in zip(RATES[1:], data.rates[1:], ("v-", "x--"), strict=True):
        middle.loglog(data.twist_degrees, row, line, ms=4, label=_OF_RATES[rates])
    for label, row, line in (
        ("product", data.by_strain[-1], "o-"),
        (r"$1/\theta_w$", data.inverse_twist, "s--"),
        (r"$v_D/v_F$", data.velocity, "^:"),
        (r"$|\delta_\epsilon|\,\theta_w/\epsilon$", data.coefficient, "D-."),
    ):
        right.loglog(data.twist_degrees, row, line, ms=4, label=label)
    left.set_ylabel(r"$|\Delta n_0|\,ev_D/(j\epsilon)$")
    largest = f"{100 * data.strains[-1]:g} %"
    for axes, title in (
        (left, "all switched on"),
        (middle, rf"in turn, $\epsilon$ = {largest}"),
        (right, rf"factors, $\epsilon$ = {largest}"),
    ):
        axes.axhline(1e3, color="0.6", lw=0.8)
        _degrees(axes)
        axes.set(title=title, xlabel=r"$\theta_w$ (degrees)", ylim=(3e-4, 3e4))
        axes.legend(fontsize="x-small", loc="lower left")
    return figure


def _degrees(axes: Axes) -> None:
    places = (1.0, 1.2, 1.5, 2.0, 2.8)
    axes.set_xticks(places, [f"{place:g}" for place in places])
    axes.tick_params(axis="x", which="minor", labelbottom=False)


def draw_against_strain(data: AgainstStrain) -> Figure:
    """Draw enhancement and valley density against the strain."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(8.2, 3.6))
    percent = 100 * data.strain
    for rates, ratio, density, line in zip(
        RATES, data.enhancement, data.density, STYLES, strict=False
    ):
        left.loglog(percent, ratio, line, ms=4, label=_OF_RATES[rates])
        right.loglog(percent, density, line, ms=4, label=_OF_RATES[rates])
    right.axhline(1e11, color="0.4", lw=0.9, ls=(0, (1, 1)), label="quoted, $10^{11}$ m⁻²")
    left.axhline(1e3, color="0.6", lw=0.8)
    left.set(xlabel=r"$\epsilon$ (%)", ylabel=r"$|\Delta n_0|\,ev_D/(j\epsilon)$", ylim=(50, 1e4))
    right.set(
        xlabel=r"$\epsilon$ (%)", ylabel=r"$|\Delta n_0|$ (m⁻²) at $10^{-3}$ A/m", ylim=(1e9, 3e11)
    )
    for axes in (left, right):
        axes.set_xticks((0.01, 0.03, 0.1, 0.3), ["0.01", "0.03", "0.1", "0.3"])
        axes.tick_params(axis="x", which="minor", labelbottom=False)
        axes.legend(fontsize="small")
    return figure


def draw_against_filling(data: AgainstFilling) -> Figure:
    """Draw the enhancement against filling and against the axis of the strain."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(8.2, 3.4), sharey=True)
    for rates, filled, turned, line in zip(
        RATES, data.by_filling, data.by_direction, STYLES, strict=False
    ):
        left.semilogy(data.filling, filled, line, ms=4, label=_OF_RATES[rates])
        # δ_ε turns by −120° and keeps its size when the strain turns by 60°.
        degrees = np.append(data.strain_degrees, 60.0)
        right.semilogy(degrees, np.append(turned, turned[0]), line, ms=4, label=_OF_RATES[rates])
    left.set(
        xlabel="filling of the conduction band", ylabel=r"$|\Delta n_0|\,ev_D/(j\epsilon)$",
        xlim=(0, 1), ylim=(50, 4e3),
    )  # fmt: skip
    right.set(xlabel=r"axis of the strain, $\phi$ (degrees)", xlim=(0, 60), xticks=range(0, 61, 15))
    for axes in (left, right):
        axes.legend(fontsize="small")
    return figure


def draw_contour(data: Contour) -> Figure:
    """Draw the contour of valley K, coloured by speed, and δ_ε over ε/θ."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.6, 3.7), width_ratios=(1.25, 1))
    lines = LineCollection(
        list(np.stack([data.starts, data.ends], axis=1)), array=data.speeds, cmap="viridis", lw=2.5
    )
    lines.set_clim(0, 0.2)
    left.add_collection(lines)
    left.plot(*data.zone.T, color="0.6", lw=1)
    left.set(xlim=(-1.4, 1.4), ylim=(-1.4, 1.4), aspect="equal", xlabel="$k_x/q$", ylabel="$k_y/q$")
    figure.colorbar(lines, ax=left, label="$v/v_D$")
    ratio = data.strain / np.radians(data.twist_degrees)
    x, y = data.delta / ratio
    right.annotate(
        "", (x, y), (0, 0), arrowprops={"arrowstyle": "-|>", "color": "#D55E00", "lw": 2}
    )
    turn = np.linspace(0, 2 * np.pi, 73)
    right.plot(np.cos(turn), np.sin(turn), ":", color="0.5", lw=1)
    right.set(
        xlim=(-1.6, 1.6), ylim=(-1.6, 1.6), aspect="equal",
        xlabel=r"$\delta_{\epsilon,x}\,\theta_w/\epsilon$",
        ylabel=r"$\delta_{\epsilon,y}\,\theta_w/\epsilon$",
        title=r"$|\Delta n_0|\,ev_D/(j\epsilon)$",
    )  # fmt: skip
    right.text(0.04, 0.96, f"= {data.enhancement:.0f}", va="top", transform=right.transAxes)
    return figure


def draw_switching(data: SwitchingDiagram) -> Figure:
    """Draw the currents that reverse and that heat, and the measured one."""
    figure, axes = plt.subplots(figsize=(6.4, 4.0))
    for rates, row, line in zip(RATES, data.reversal, STYLES, strict=False):
        axes.semilogy(data.kelvin, row, line, ms=4, label=f"reversal, {_OF_RATES[rates]}")
    axes.semilogy(data.kelvin, data.heating, color="0.3", ls=(0, (5, 1)), label="heats to $T_c$")
    axes.axhline(data.measured, color="0.4", ls=":", label="measured, 1 nA")
    axes.set(
        xlabel="$T$ (K)", ylabel="$j$ (A/m)", xlim=(4, 9.2), ylim=(3e-4, 30),
        title=rf"$\epsilon={100 * data.strain:g}$ %",
    )  # fmt: skip
    nano = axes.twinx()
    nano.set(yscale="log", ylim=[1e3 * j for j in axes.get_ylim()], ylabel="nA in 1 µm")
    axes.legend(fontsize="small", loc="center left", bbox_to_anchor=(0.0, 0.6))
    return figure
