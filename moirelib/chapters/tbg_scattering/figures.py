"""Figures of Ying et al., Sec. III.2 and App. B.3: scattering rates and valley density."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle

from moirelib.chapters.tbg_scattering.data import (
    Array,
    Convergence,
    DensityAgainstStrain,
    DisorderModels,
    Processes,
    StrainedPockets,
    Transfers,
    Zones,
)

GREEN, RED = "#00785A", "#A34700"
"""Colours of processes within a layer and between the layers."""


def draw_processes(data: Processes) -> Figure:
    """Draw the pockets with their channels, and the out-rate of each."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.6, 3.4), width_ratios=(1.1, 1))
    spots = {"1K": (-1.0, 0.6), "2K": (-1.0, -0.6), "1K'": (1.0, 0.6), "2K'": (1.0, -0.6)}
    for name, spot in spots.items():
        left.add_patch(Circle(spot, 0.28, fill=False, lw=2))
        left.text(*spot, name, ha="center", va="center")
    for start, end, colour in (
        ("1K", "1K'", GREEN),
        ("2K", "2K'", GREEN),
        ("1K", "2K'", RED),
        ("2K", "1K'", RED),
    ):
        line = {"arrowstyle": "<|-|>", "color": colour, "lw": 1.6, "shrinkA": 24, "shrinkB": 24}
        left.annotate("", spots[end], spots[start], arrowprops=line)
    left.text(0, 0.68, r"$1/\tau'$", color=GREEN, ha="center", va="bottom")
    left.text(0.0, -0.14, r"$\sim t^2/\tau'$", color=RED, ha="center", va="top")
    left.set(xlim=(-1.45, 1.45), ylim=(-1.05, 1.15), aspect="equal")
    left.axis("off")
    degrees = np.degrees(np.append(data.angle, 2 * np.pi))
    for rate, colour, style, label in (
        (data.same_layer, GREEN, "-", "1K → 1K'"),
        (data.other_layer, RED, "-", "1K → 2K'"),
        (data.total, "black", "--", "sum"),
    ):
        right.plot(degrees, np.append(rate, rate[0]), color=colour, ls=style, label=label)
    right.set(
        xlabel=r"$\theta_k$ on 1K (degrees)",
        ylabel=r"(out-rate − mean) · $\tau'/t^2$",
        xlim=(0, 360),
        xticks=range(0, 361, 90),
    )
    right.legend(fontsize="small", loc="upper left", bbox_to_anchor=(0.0, 1.2), ncols=3)
    return figure


def draw_density_against_strain(data: DensityAgainstStrain) -> Figure:
    """Draw Δn₀/n_j: true contours, circles, and both lines, one panel per direction."""
    count = len(data.direction_degrees)
    figure, panels = plt.subplots(
        1, count, figsize=(2.1 * count + 0.6, 3.2), sharey=True, squeeze=False
    )
    for axes, degrees, number, circles, printed, closing in zip(
        panels[0],
        data.direction_degrees,
        data.numerical.T,
        data.circles.T,
        data.printed.T,
        data.closing.T,
        strict=True,
    ):
        axes.plot(data.strain_over_twist, 1e3 * number, "o", ms=3, label="lines of one energy")
        axes.plot(
            data.strain_over_twist,
            1e3 * circles,
            "o",
            color="C0",
            mfc="none",
            ms=5,
            label="circles",
        )
        axes.plot(data.strain_over_twist, 1e3 * closing, label="slope 3/2")
        axes.plot(data.strain_over_twist, 1e3 * printed, "--", label="slope 6, as printed")
        axes.axhline(0, color="0.5", lw=0.8)
        axes.set(title=rf"$\theta_j={degrees:g}$°", xlabel=r"$\epsilon/\theta_w$")
    top = 1e3 * max(data.numerical.max(), data.closing.max())
    bottom = 1e3 * min(data.numerical.min(), data.closing.min(), 0)
    panels[0, 0].set(ylabel=r"$-10^3\,\Delta n_0/n_j$", ylim=(1.4 * bottom - 0.3, 1.6 * top + 0.3))
    figure.legend(*panels[0, 0].get_legend_handles_labels(), loc="outside upper center", ncols=4)
    return figure


def draw_disorder_models(data: DisorderModels) -> Figure:
    """Draw |δ_ε| against t on logarithmic axes."""
    figure, axes = plt.subplots(figsize=(5.6, 3.8))
    for size, style, label in (
        (data.layer_1_only, "o-", "impurities in layer 1 only"),
        (data.half_on_layer_2, "s-", "half as many in layer 2"),
        (data.isotropic_intralayer, "^-", "constant intra-layer rate (paper)"),
        (data.equal_layers, "v-", "equal in both layers"),
        (data.equal_layers_circles, "v:", "the same on circles"),
    ):
        axes.loglog(data.tunnelling_ratio, size, style, ms=4, label=label)
    axes.set(xlabel=r"$t$", ylabel=r"$|\Delta n_0|\,ev_F/j$ per $\epsilon/\theta_w$")
    places = (0.002, 0.005, 0.01, 0.02, 0.05)
    axes.set_xticks(places, [f"{place:g}" for place in places])
    axes.tick_params(axis="x", which="minor", labelbottom=False)
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, fontsize="small")
    return figure


COEFFICIENTS = (
    r"$(\epsilon_{xx}-\epsilon_{yy})\,k_F/q$ in $\cos\theta_k$",
    r"$\epsilon_{xy}\,v_Dk_F/m$ in $\cos\theta_k$",
    r"$\epsilon_{xy}\,k_F/q$ in $\sin\theta_k$",
    r"$(\epsilon_{xx}-\epsilon_{yy})\,v_Dk_F/m$ in $\sin\theta_k$",
)


def draw_convergence(data: Convergence) -> Figure:
    """Draw the relative error of each coefficient of B14 against the step."""
    figure, axes = plt.subplots(figsize=(5.4, 3.7))
    # The errors coincide in pairs: the later one of a pair is an open marker and a dashed line.
    for index, (label, line) in enumerate(
        zip(COEFFICIENTS, ("o-", "^-", "s--", "D--"), strict=True)
    ):
        error = np.abs(data.initial[:, index] / data.expected_initial[index] - 1)
        face = None if index < 2 else "none"
        axes.loglog(data.step, error, line, ms=4 + 2 * (index // 2), mfc=face, label=label)
    axes.loglog(data.step, 0.3 * data.step**2, ":", color="black", label="$h^2$")
    axes.set(xlabel="step $h$", ylabel="relative error of the coefficient")
    axes.set_xticks(data.step, [f"{h:g}" for h in data.step])
    axes.minorticks_off()
    axes.legend(fontsize="small")
    return figure


def draw_zones(data: Zones) -> Figure:
    """Draw the zones with and without strain."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.4, 3.7))
    for axes, plain, strained, title in (
        (left, data.graphene, data.graphene_strained, f"graphene, ε = {data.strain:g}"),
        (right, data.moire, data.moire_strained, f"moiré, ε/θ = {data.strain_over_twist:g}"),
    ):
        _closed(axes, plain, color="0.55", ls="--", label="no strain")
        _closed(axes, strained, color="#0072B2", label="strained")
        axes.set(aspect="equal", title=title)
    left.plot(*data.dirac_points.T, "o", color="0.55", mfc="white")
    left.plot(*data.dirac_points_strained.T, "o", color="#D55E00")
    left.set(xlabel=r"$k_x$ (1/nm)", ylabel=r"$k_y$ (1/nm)")
    for vectors, colour in ((data.q_vectors, "0.55"), (data.q_vectors_strained, "#D55E00")):
        for end in vectors:
            right.annotate("", end, (0, 0), arrowprops={"arrowstyle": "-|>", "color": colour})
    right.set(xlabel=r"$k_x/q$", ylabel=r"$k_y/q$")
    right.legend(loc="upper right", fontsize="small")
    limit = 1.5 * max(np.abs(data.moire).max(), np.abs(data.moire_strained).max())
    right.set(xlim=(-limit, limit), ylim=(-limit, limit))
    return figure


def draw_strained_pockets(data: StrainedPockets) -> Figure:
    """Draw the moiré vectors, the pockets 1K and 2K, and Δn₀ against the direction of j."""
    figure, (stars, pockets, density) = plt.subplots(
        1, 3, figsize=(9.2, 3.3), width_ratios=(1, 1, 1.35)
    )
    for vectors, colour, label in (
        (data.q_plain, "0.6", "no strain"),
        (data.q_strained, "#D55E00", "strained"),
    ):
        ends = np.stack([np.zeros_like(vectors), vectors], axis=1)
        for index, end in enumerate(ends):
            stars.plot(*end.T, color=colour, lw=2, label=None if index else label)
        stars.plot(*vectors.T, "o", color=colour, ms=4)
    angle = np.radians(data.strain_degrees)
    axis = 1.75 * np.array([np.cos(angle), np.sin(angle)])
    stars.plot(*np.stack([-axis, axis]).T, ":", color="black", lw=1, label="axis of the strain")
    stars.set(xlim=(-1.8, 1.8), ylim=(-1.8, 1.8), xlabel="$k_x/q$", ylabel="$k_y/q$")
    turn = np.linspace(0, 2 * np.pi, 73)
    pockets.plot(np.cos(turn), np.sin(turn), ":", color="0.5", lw=1)
    pockets.plot(*data.layer_1.T, color="#0072B2", label="1K")
    pockets.plot(*data.layer_2.T, color="#009E73", label="2K")
    pockets.set(xlim=(-1.8, 1.8), ylim=(-1.8, 1.8), xlabel="$k_x/k_F$", ylabel="$k_y/k_F$")
    density.plot(data.direction_degrees, 1e3 * data.numerical, color="#0072B2", label="states")
    density.plot(
        data.direction_degrees, 1e3 * data.closing, "--", color="#D55E00", label="(19), 3/2"
    )
    density.axhline(0, color="0.5", lw=0.8)
    density.set(
        xlabel=r"direction $\theta_j$ of the current (°)",
        ylabel=r"$-10^3\,\Delta n_0/n_j$",
        xlim=(-180, 180),
        xticks=range(-180, 181, 90),
        ylim=(-6.5, 8.5),
    )
    for axes in (stars, pockets):
        axes.set_aspect("equal")
    # Above the two square panels, which are lower than the third.
    for axes, columns in ((stars, 1), (pockets, 2)):
        axes.legend(
            fontsize="x-small", loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=columns
        )
    density.legend(fontsize="x-small", loc="upper center", ncols=2)
    return figure


def _closed(axes: Axes, corners: Array, **style: object) -> None:
    axes.plot(*np.concatenate([corners, corners[:1]]).T, **style)  # type: ignore[arg-type]


def draw_transfers(data: Transfers) -> Figure:
    """Draw the three momentum transfers and the reciprocal vectors that join them."""
    figure, axes = plt.subplots(figsize=(4.4, 4.2))
    _closed(axes, data.zone, color="0.6", ls="--")

    def arrow(
        start: Array, end: Array, label: str, colour: str, shift: tuple[float, float]
    ) -> None:
        axes.annotate(
            "",
            (end[0], end[1]),
            (start[0], start[1]),
            arrowprops={"arrowstyle": "-|>", "color": colour, "lw": 1.5},
        )
        middle = 0.5 * (start + end)
        axes.text(middle[0] + shift[0], middle[1] + shift[1], label, color=colour)

    shifts = ((-0.05, 0.07), (-0.27, 0.06), (-0.27, -0.12))
    for index, (start, shift) in enumerate(zip(data.start, shifts, strict=True)):
        arrow(start, data.end, rf"$\Delta\mathbf{{k}}_{index + 1}$", RED, shift)
    for index, start in enumerate(data.start[1:]):
        shift = (0.05, 0.06) if index == 0 else (0.0, -0.16)
        arrow(start, data.start[0], rf"$\mathcal{{G}}({index + 2})$", GREEN, shift)
    axes.plot(*data.start.T, "o", color="#0072B2", label="K of layer 1")
    axes.plot(*data.end, "s", color="#D55E00", label="K' of layer 2")
    axes.set(
        aspect="equal",
        xlabel=r"$k_x/|K|$",
        ylabel=r"$k_y/|K|$",
        xlim=(-1.4, 1.4),
        ylim=(-1.25, 1.5),
    )
    axes.legend(fontsize="small", loc="upper right")
    return figure
