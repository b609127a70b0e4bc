"""Figures of the drag of second order."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from moirelib.chapters.second_order_drag.data.along import Beside, Cut
from moirelib.chapters.second_order_drag.data.maps import DensityMap
from moirelib.chapters.second_order_drag.data.orders import Orders
from moirelib.chapters.second_order_drag.data.shown import DragByFilling

CHANNELS = (
    r"all $\mathbf{G}$, $\mathbf{G}'$",
    r"$\mathbf{G}=\mathbf{G}'$",
    r"$\mathbf{G}=\mathbf{G}'=0$",
)
STYLES = ("-", "--", ":")
DENSITY = "$n_1$ (10¹²/cm²)"


def draw_drag_by_filling(data: DragByFilling) -> Figure:
    """Draw the drag resistivity by channel, and the valley drag beside the charge drag."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(8.0, 3.8))
    for label, resistance, style in zip(CHANNELS, data.resistance, STYLES, strict=True):
        left.plot(data.mu, resistance, style, marker="o", ms=3, label=label)
    left.axhline(0, color="black", lw=0.8)
    left.set(xlabel=r"$\mu_1=\mu_2$ (meV)", ylabel=r"$\sigma_{12}/\sigma^2$ ($\Omega$)")
    right.plot(data.mu, data.charge[0], marker="o", ms=3, label="charge")
    right.plot(data.mu, data.valley[0], "--", marker="s", ms=3, label="valley")
    right.axhline(0, color="black", lw=0.8)
    right.set(xlabel=r"$\mu_1=\mu_2$ (meV)", ylabel=r"$\sigma_{12}$ ($e^2/h$)")
    # Above the curves, which fill the panels from side to side.
    for axes in (left, right):
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3)
    return figure


def draw_map(data: DensityMap) -> Figure:
    """Draw charge and valley drag resistivity against both densities."""
    figure, axes = plt.subplots(1, 2, figsize=(8.4, 3.8), sharey=True)
    for one, title, values in zip(
        axes, ("charge", "valley"), (data.resistance[0], data.valley_resistance), strict=True
    ):
        largest = float(np.abs(values).max())
        image = one.pcolormesh(
            data.first,
            data.second,
            values.T,
            shading="nearest",
            cmap="RdBu",
            vmin=-largest,
            vmax=largest,
            rasterized=True,
        )
        figure.colorbar(image, ax=one, label=r"$\sigma_{12}/\sigma_1\sigma_2$ ($\Omega$)")
        one.set(title=title, xlabel=DENSITY)
        one.grid(False)
    axes[0].set_ylabel("$n_2$ (10¹²/cm²)")
    return figure


def draw_cut(data: Cut) -> Figure:
    """Draw the drag resistivity by channel and that of the valleys along a line of the map."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(8.0, 3.8))
    for label, resistance, style in zip(CHANNELS, data.resistance, STYLES, strict=True):
        left.plot(data.density, resistance, style, marker="o", ms=3, label=label)
    right.plot(data.density, data.valley, "--", marker="s", ms=3, color="C3", label="valley")
    for axes, limits in ((left, data.limits[0]), (right, data.limits[1])):
        axes.axhline(0, color="black", lw=0.8)
        axes.set(xlabel=DENSITY, ylim=limits)
        axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3)
    left.set_ylabel(r"$\sigma_{12}/\sigma_1\sigma_2$ ($\Omega$)")
    return figure


def draw_orders(data: Orders) -> Figure:
    """Draw both orders against the frequency, and the largest of the first beside the second."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(8.0, 3.8))
    middle = len(data.kT) // 2
    left.loglog(data.gigahertz, data.modulus[middle], label=r"first order, $|\sigma_{12}|$")
    left.loglog(data.gigahertz, data.in_phase[middle], "-.", label="first order, in phase")
    for name, values, style, colour in (
        ("valley", data.valley, "--", "C2"),
        ("charge", data.charge, ":", "C3"),
    ):
        row = data.followed(values)[middle]
        left.loglog(data.gigahertz, row, style, color=colour, label=f"second order, {name}")
    left.set(
        title=f"$k_BT$ = {data.kT[middle]:g} meV",
        xlabel=r"$\Omega/2\pi$ (GHz)",
        ylabel=r"$\sigma_{12}$ ($e^2/h$)",
        ylim=(1e-4, 3e3),
    )
    left.legend(loc="upper left")
    right.semilogy(data.kT, data.modulus.max(axis=1), marker="o", label="first order, largest")
    right.semilogy(data.kT, data.valley, "--", marker="s", color="C2", label="second, DC, valley")
    right.semilogy(data.kT, data.charge, ":", marker="^", color="C3", label="second, DC, charge")
    right.set(
        title=r"$\hbar/\tau$ = 1 meV",
        xlabel=r"$k_BT$ (meV)",
        ylabel=r"$\sigma_{12}$ ($e^2/h$)",
        ylim=(0.5 * data.valley.min(), 8 * data.charge.max()),
    )
    right.legend(loc="upper left")
    return figure


def draw_beside(data: Beside) -> Figure:
    """Draw drag beside a plain layer: against the moiré layer's density, and at equal carriers."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(8.4, 3.8))
    for kelvin, row, style in zip(
        data.kelvin, data.resistance, ("-", "--", "-.", ":"), strict=True
    ):
        left.plot(data.density, row, style, label=f"{kelvin:g} K")
    left.axhline(0, color="black", lw=0.8)
    for at in (0.0, data.satellite):
        left.axvline(at, color="grey", ls=":", lw=1)
    left.set(
        title=rf"$n_2$ = {data.plain:g} · 10¹²/cm²",
        xlabel=DENSITY,
        ylabel=r"$\sigma_{12}/\sigma_1\sigma_2$ ($\Omega$)",
    )
    left.legend()
    for label, row, marker in (
        ("electrons, original", data.original, "o"),
        ("holes, original", data.holes, "^"),
        ("holes, satellite", data.beyond, "s"),
    ):
        right.loglog(data.matched, row[-1], marker=marker, ms=4, label=label)
    right.set(
        title=f"equal carriers, {data.kelvin[-1]:g} K",
        xlabel="carriers of each layer (10¹²/cm²)",
        ylabel=r"$|\sigma_{12}/\sigma_1\sigma_2|$ ($\Omega$)",
    )
    right.set_xticks(data.matched, [f"{one:g}" for one in data.matched])
    right.set_xticks([], minor=True)
    # Room for the legend above the curves.
    right.set_ylim(top=3 * right.get_ylim()[1])
    right.legend(loc="upper right")
    return figure
