"""Figures of Ying et al., Sec. III.1: two Fermi pockets and what a current does to them."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from matplotlib.colors import Normalize
from matplotlib.figure import Figure

from moirelib.chapters.boltzmann.data import DensityAgainstRatio, Directions, Distribution, Pockets


def draw_pockets(data: Pockets) -> Figure:
    """Draw the two pockets, coloured by their out-rates, and the two kinds of scattering."""
    figure, axes = plt.subplots(figsize=(6.4, 3.2))
    span = max(np.ptp(data.out_rate_plus), np.ptp(data.out_rate_minus)) / 2
    norm = Normalize(1 - span, 1 + span)
    for contour, rate, label, x in (
        (data.contour_plus, data.out_rate_plus, "valley +", -2.0),
        (data.contour_minus, data.out_rate_minus, "valley −", 2.0),
    ):
        closed = np.concatenate([contour, contour[:1]])
        lines = LineCollection(list(np.stack([closed[:-1], closed[1:]], axis=1)), norm=norm)
        lines.set_array(rate)
        lines.set_linewidth(5)
        axes.add_collection(lines)
        axes.text(x, -1.4, label, ha="center", va="top")
    arrow = {"arrowstyle": "-|>", "lw": 1.4, "shrinkA": 4, "shrinkB": 4}
    bend = "arc3,rad=-0.25"
    axes.annotate(
        "",
        (1.2, 0.6),
        (-1.2, 0.6),
        arrowprops=arrow | {"color": "#D55E00", "connectionstyle": bend},
    )
    axes.text(0, 1.0, r"inter-valley, $1/\tau'$", color="#A34700", ha="center", va="bottom")
    for x in (-2.0, 2.0):
        axes.annotate("", (x + 0.75, -0.55), (x - 0.9, 0.3), arrowprops=arrow)
        axes.text(x - 0.1, -0.45, r"$1/\tau$", ha="right")
    # The angle of valley − runs from the opposite direction: time reversal keeps the angle.
    for x, s in ((-2.0, 1), (2.0, -1)):
        axes.annotate(
            "", (x + 1.75 * s, 0), (x + 1.05 * s, 0), arrowprops=arrow | {"color": "#0072B2"}
        )
        axes.text(x + 1.4 * s, -0.1, r"$\theta=0$", color="#0072B2", ha="center", va="top")
    axes.set(xlim=(-3.6, 3.6), ylim=(-1.75, 1.5), aspect="equal")
    axes.axis("off")
    figure.colorbar(
        ScalarMappable(norm), ax=axes, label=r"out-rate to the other valley ($1/\tau'$)", shrink=0.8
    )
    return figure


def draw_density_against_ratio(data: DensityAgainstRatio) -> Figure:
    """Draw Δn₀ against τ'/τ."""
    figure, axes = plt.subplots(figsize=(5.4, 3.6))
    axes.semilogx(data.ratio, data.closed_form, label="fixed field, closed form")
    axes.semilogx(
        data.ratio[::3], data.fixed_field[::3], "o", ms=4, label="fixed field, solved numerically"
    )
    axes.semilogx(data.ratio, data.fixed_current, "--", label="fixed current, solved numerically")
    axes.semilogx(data.ratio, data.first_order, ":", color="black", label=r"$\rho/(1+\rho)$")
    axes.set(xlabel=r"$\rho=\tau'/\tau$", ylabel=r"$|\Delta n_0|$ / Eq. (15)", ylim=(0, 1.12))
    axes.legend(loc="lower right")
    return figure


def draw_distribution(data: Distribution) -> Figure:
    """Draw the excess −x(θ) of both valleys and its mean."""
    figure, axes = plt.subplots(figsize=(5.4, 3.4))
    degrees = np.degrees(np.append(data.angle, 2 * np.pi))
    for x, mean, colour, label in (
        (data.x_plus, data.mean_plus, "#0072B2", "valley +"),
        (data.x_minus, data.mean_minus, "#D55E00", "valley −"),
    ):
        axes.plot(degrees, -np.append(x, x[0]), color=colour, label=label)
        axes.axhline(-mean, color=colour, ls="--", lw=1.2)
    axes.text(360, -data.mean_plus, "mean ", color="#0072B2", ha="right", va="top")
    axes.set(
        xlabel=r"$\theta$ (degrees)",
        ylabel=r"electron excess $-x/(eEv_F\tau)$",
        xlim=(0, 360),
        ylim=(-1.25, 1.25),
        xticks=range(0, 361, 60),
        title=rf"$\tau'/\tau$ = {data.ratio:.3g}",
    )
    axes.legend(loc="upper center", ncols=2)
    return figure


def draw_directions(data: Directions) -> Figure:
    """Draw Δn₀ against the direction of the current."""
    figure, axes = plt.subplots(figsize=(5.4, 3.2))
    degrees = np.degrees(data.angle)
    axes.plot(degrees, data.anisotropic, label="first harmonics, Eq. (9)")
    axes.plot(degrees, data.threefold, "--", label="threefold symmetric")
    axes.plot(degrees[::3], data.uniform_out_rate[::3], "o", ms=4, label="uniform out-rate")
    axes.set(
        xlabel="direction of the current (degrees)",
        ylabel=r"$\Delta n_0\,e v_F/j$",
        xlim=(0, 360),
        xticks=range(0, 361, 60),
    )
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, fontsize="small")
    return figure
