"""Both devices, their moirés, two valleys, and the landscape of a switch."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from moirelib._types import Floats
from moirelib.chapters.devices.data import Cover, Devices, Moire, Moires, Switch, Valleys
from moirelib.figures.style import CYCLE

BLUE, RED, GREEN = CYCLE[:3]


def draw_devices(data: Devices) -> Figure:
    """Draw both devices from the side, with their lengths."""
    figure, axes = plt.subplots(1, 2, figsize=(8.4, 3.4))
    for axis in axes:
        axis.set(xlim=(0.5, 13.5), ylim=(-1.2, 6.2))
        axis.axis("off")
    _draw_drag_device(axes[0], data)
    _draw_switch(axes[1], data)
    return figure


def _draw_drag_device(axis: Axes, data: Devices) -> None:
    axis.set_title("valley drag")
    _sheet(axis, 4.2, "graphene 1", BLUE)
    _slab(axis, 3.1, 4.0, f"hBN, $d$ = {data.distance:g} nm")
    _sheet(axis, 2.9, "graphene 2", RED)
    _slab(axis, 0.6, 1.6, f"insulator, $d_g$ = {data.gate_distance:g} nm")
    axis.fill_between([1, 9], 0.0, 0.6, color="0.55")
    axis.text(5, 0.27, "gate", ha="center", va="center", color="white")
    _arrows(axis, 4.5, "current of K →, of K′ ←", BLUE)
    _arrows(axis, 1.75, "dragged", RED)
    axis.text(5, -0.75, f"one moiré for both sheets, {data.drag_period:.1f} nm", ha="center")


def _draw_switch(axis: Axes, data: Devices) -> None:
    axis.set_title("current switch")
    _slab(axis, 3.9, 4.7, "hBN, aligned")
    _sheet(axis, 3.6, "strained", BLUE)
    _sheet(axis, 2.9, f"turned by {data.twist_degrees:g}°", RED)
    _slab(axis, 1.9, 2.7, "hBN")
    _arrows(axis, 5.4, "current", "black", both=False)
    axis.text(5, 1.0, "sign of the Hall voltage: which valley is fuller", ha="center")
    axis.text(5, -0.75, f"moiré of {data.switch_period:.1f} nm", ha="center")


def _sheet(axis: Axes, height: float, name: str, colour: str) -> None:
    axis.plot([1, 9], [height, height], color=colour, linewidth=4)
    axis.text(9.2, height, name, color=colour, va="center")


def _slab(axis: Axes, low: float, high: float, name: str) -> None:
    axis.fill_between([1, 9], low, high, color="0.9")
    axis.text(5, (low + high) / 2, name, ha="center", va="center")


def _arrows(axis: Axes, height: float, name: str, colour: str, both: bool = True) -> None:
    arrow = {"arrowstyle": "<->" if both else "->", "color": colour, "linewidth": 1.8}
    axis.annotate("", (7.5, height + 0.15), xytext=(2.5, height + 0.15), arrowprops=arrow)
    axis.text(5, height + 0.4, name, ha="center", color=colour)


def draw_moires(data: Moires) -> Figure:
    """Draw both moirés: how far atoms are from the nearest of the other sheet, and the atoms."""
    figure, axes = plt.subplots(
        2, 2, figsize=(8.2, 5.6), height_ratios=(2.1, 1), sharex="row", sharey="row"
    )
    pairs = ((data.hbn, "graphene on hBN"), (data.twisted, "twisted bilayer"))
    for (wide, close), (one, name) in zip(axes.T, pairs, strict=True):
        dots = wide.scatter(*one.lower.T, c=1e3 * one.offset, s=2.5, linewidths=0, rasterized=True)
        wide.set(title=name, aspect="equal", xlim=(-18, 18), ylim=(-18, 18))
        for vector in one.vectors:
            wide.annotate(
                "",
                vector,
                xytext=(0, 0),
                arrowprops={"arrowstyle": "->", "color": "white", "lw": 2},
            )
        wide.grid(visible=False)
        _draw_atoms(close, one)
    figure.colorbar(dots, ax=axes[0], label="to the nearest atom (pm)", shrink=0.9)
    axes[0, 0].set_ylabel("y (nm)")
    axes[1, 0].set_ylabel("y (nm)")
    for axis in axes[1]:
        axis.set_xlabel("x (nm)")
    return figure


def _draw_atoms(axis: Axes, one: Moire) -> None:
    """Draw the atoms halfway to the next cell, where the sheets are out of step."""
    middle = one.vectors.sum(axis=0) / 3
    for atoms, colour, size in ((one.upper, RED, 5), (one.lower, BLUE, 3)):
        near = np.abs(atoms - middle).max(axis=1) < 1.6
        axis.plot(*(atoms[near] - middle).T, "o", color=colour, markersize=size, alpha=0.8)
    axis.set(aspect="equal", xlim=(-1.5, 1.5), ylim=(-0.75, 0.75))


def draw_valleys(data: Valleys) -> Figure:
    """Draw the six corners of graphene's zone, and the moiré bands of both valleys."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(8.2, 3.7), width_ratios=(1, 1.25))
    image = left.contourf(data.k, data.k, data.graphene, levels=np.linspace(0, 3, 13))
    left.plot(*_closed(data.corners).T, color="white", linewidth=1.2)
    for i, corner in enumerate(data.corners):
        left.text(*(1.16 * corner), ("K", "K′")[i % 2], color="white", ha="center", va="center")
    left.set(aspect="equal", xlabel="$k_x$ (1/nm)", ylabel="$k_y$ (1/nm)")
    left.grid(visible=False)
    figure.colorbar(image, ax=left, label="upper band / hopping", shrink=0.85)
    right.plot(data.moire_k, data.bands_k, color=BLUE)
    right.plot(data.moire_k, data.bands_k_prime, color=RED, linestyle="--")
    right.plot([], [], color=BLUE, label="valley K")
    right.plot([], [], color=RED, linestyle="--", label="valley K′")
    right.set(xlabel="$k_x/k_m$, from the centre of the valley", ylabel="energy (meV)")
    right.legend(loc="upper center", bbox_to_anchor=(0.5, 1.17), ncols=2)
    return figure


def _closed(points: Floats) -> Floats:
    return np.concatenate([points, points[:1]])


def draw_switch(data: Switch) -> Figure:
    """Draw the landscape for three sources, and the loop that a sweep follows."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(8.2, 3.4))
    for source, landscape, colour in zip(data.sources, data.landscape, CYCLE, strict=False):
        left.plot(data.phi, 1e6 * landscape, color=colour, label=f"{source:g}")
    left.set(xlabel=r"order parameter $\Phi$ (1/nm²)", ylabel="landscape (10⁻⁶/nm⁴)")
    left.legend(title=r"$\Delta n_0/n_c$", loc="upper right")
    half = len(data.path) // 2
    right.plot(data.path[:half], data.state[:half], color=BLUE, label="up")
    right.plot(data.path[half:], data.state[half:], color=RED, linestyle="--", label="down")
    right.set(xlabel=r"source $\Delta n_0/n_c$", ylabel=r"$\Phi$ (1/nm²)")
    right.legend()
    return figure


def draw_cover(data: Cover, ground: str = "white") -> Figure:
    """Draw a moiré of atoms, and beside it the bands that electrons have in it, in both valleys.

    ``ground`` is the colour that it will lie on, white or black: its own colours follow.
    """
    figure, (atoms, bands) = plt.subplots(1, 2, figsize=(11, 3), width_ratios=(2.4, 1))
    high, wide = 8.0, 24.0  # nm, half of the strip that is shown
    shown = (np.abs(data.moire.lower) < [wide, high]).all(axis=1)
    colours = "cividis" if ground == "white" else "cividis_r"
    atoms.scatter(
        *data.moire.lower[shown].T, c=data.moire.offset[shown], s=2.2, linewidths=0, cmap=colours
    )
    atoms.set(aspect="equal", xlim=(-wide, wide), ylim=(-high, high))
    bands.plot(data.k, data.bands_k, color=BLUE if ground == "white" else "#56B4E9", linewidth=2)
    bands.plot(data.k, data.bands_k_prime, color=RED, linestyle="--", linewidth=2)
    bands.margins(0.0, 0.03)
    for axis in (atoms, bands):
        axis.axis("off")
    return figure
