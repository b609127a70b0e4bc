"""Kundu et al., Fig. 2 and Eq. 4: the strips of the device and their nonlocal resistance."""

from __future__ import annotations

from dataclasses import dataclass

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from moirelib import _validate
from moirelib._types import Floats
from moirelib.figures.style import CYCLE
from moirelib.hall_strip import HallStrip, chain_resistance, strip_resistance
from moirelib.valley_hall import nonlocal_resistance


@dataclass(frozen=True)
class Device:
    """The strips of Kundu Fig. 2 with their fields, lengths in units of l_v.

    Parameters
    ----------
    x, y : ndarray, shape (nx,), (ny,)
        Nodes.
    active, passive : ndarray, shape (nx, ny)
        Valley potential ψ₁ of the driven strip, charge potential φ₂ of the other, each over its
        largest modulus.
    length : float
        Distance of the voltage probes.
    width : float
        W.
    """

    x: Floats
    y: Floats
    active: Floats
    passive: Floats
    length: float
    width: float


def device(length: float = 2.0, width: float = 1.0) -> Device:
    """Solve a pair of strips for the picture of Kundu Fig. 2.

    Parameters
    ----------
    length, width : float
        Probe distance and width in units of the valley diffusion length.
    """
    strip = HallStrip((1.0, 1.0), (0.1, 0.1), -0.1, width=_validate.positive("width", width))
    solution = strip.solve(reach=8.0, cells=(320, 20))
    shown = np.abs(solution.x) < _validate.positive("length", length) + 1.5
    psi1, phi2 = solution.potentials[1, shown], solution.potentials[2, shown]
    phi2 = phi2 - phi2.mean()
    return Device(
        solution.x[shown],
        solution.y,
        psi1 / np.abs(psi1).max(),
        phi2 / np.abs(phi2).max(),
        float(length),
        float(width),
    )


def draw_device(data: Device) -> Figure:
    """Draw the two strips, one above the other, with contacts and conversions."""
    figure, axes = plt.subplots(figsize=(7.0, 4.2))
    lift, w = 1.7, data.width
    first, last = float(data.x[0]), float(data.x[-1])

    def project(x: Floats, y: Floats, z: float) -> tuple[Floats, Floats]:
        return x + 0.45 * y, 0.75 * y + z

    def point(x: float, y: float, z: float) -> tuple[float, float]:
        return x + 0.45 * y, 0.75 * y + z

    grid_x, grid_y = np.meshgrid(data.x, data.y, indexing="ij")
    for field, z, edge in ((data.passive, 0.0, CYCLE[0]), (data.active, lift, CYCLE[1])):
        image = axes.pcolormesh(
            *project(grid_x, grid_y, z),
            np.cbrt(field),
            cmap="RdBu_r",
            vmin=-1,
            vmax=1,
            shading="gouraud",
            rasterized=True,
        )
        ends = np.array([data.x[0], data.x[-1], data.x[-1], data.x[0], data.x[0]])
        axes.plot(*project(ends, np.array([0, 0, w, w, 0]), z), color=edge, lw=2)
    figure.colorbar(
        image,
        ax=axes,
        shrink=0.7,
        label="cube root of the potential (scaled):\nvalley above, charge below",
    )
    _contacts(axes, point(0, 0, lift), point(0, w, lift), "$I^{(1)}$", CYCLE[1])
    x_probe = data.length
    _contacts(axes, point(x_probe, 0, 0), point(x_probe, w, 0), "$V^{(2)}$", CYCLE[0])
    arrow = {"arrowstyle": "-|>", "lw": 1.8, "color": "black"}
    middle = w / 2
    for start, end, z in ((0.25, 1.2, lift), (-0.25, -1.2, lift)):
        axes.annotate("", point(end, middle, z), point(start, middle, z), arrowprops=arrow)
    for x in (0.4, 0.8):
        axes.annotate(
            "",
            point(x, middle, 0.1),
            point(x, middle, lift - 0.25),
            arrowprops=arrow | {"color": CYCLE[2], "ls": "--"},
        )
    axes.text(*point(0.6, w, lift + 0.12), r"valley current $j_{1v}$")
    axes.text(*point(0.95, middle, 0.62 * lift), r"drag $\sigma_{12,v}$", color="#00694D", va="top")
    # The probes' distance, measured along the front edge below the contacts.
    axes.annotate("", (x_probe, -0.6), (0, -0.6), arrowprops={"arrowstyle": "<->", "lw": 1})
    axes.text(x_probe / 2, -0.55, "$L$", ha="center", va="bottom")
    near, far = point(last + 0.15, 0, 0), point(last + 0.15, w, 0)
    axes.annotate("", far, near, arrowprops={"arrowstyle": "<->", "lw": 1})
    axes.text((near[0] + far[0]) / 2 + 0.12, (near[1] + far[1]) / 2 - 0.1, "$W$", va="top")
    left = first - 0.15
    axes.annotate("", (left, lift), (left, 0), arrowprops={"arrowstyle": "<->", "lw": 1})
    axes.text(left - 0.1, lift / 2, "$d$", ha="right")
    axes.set(aspect="equal", xlim=(first - 0.5, last + 1.0), ylim=(-0.9, lift + 1.4))
    axes.axis("off")
    return figure


def _contacts(
    axes: Axes,
    near: tuple[float, float],
    far: tuple[float, float],
    label: str,
    colour: str,
) -> None:
    """Two contacts on opposite edges with leads and one label."""
    for (x, y), sign in ((near, -1), (far, 1)):
        axes.plot([x, x], [y, y + 0.45 * sign], color=colour, lw=2)
        axes.plot([x], [y], "s", color=colour, ms=6)
    axes.text(near[0] + 0.1, near[1] - 0.38, label, color=colour, va="center", fontsize=12)


@dataclass(frozen=True)
class ResistanceAgainstLength:
    """R_NL of a narrow strip against the probe distance, in units of the chain at L = 0.

    Parameters
    ----------
    length : ndarray, shape (nL,)
        L in nm.
    printed, chain : ndarray, shape (nL,)
        Eq. 4 with its L/W, and the three steps with the geometry of a strip.
    field_own, field_total, current_total : ndarray, shape (nL,)
        With leakage in the passive layer, for three readings of the drag.
    valley_length, width : float
        l_v and W in nm.
    """

    length: Floats
    printed: Floats
    chain: Floats
    field_own: Floats
    field_total: Floats
    current_total: Floats
    valley_length: float
    width: float


def resistance_against_length(
    valley_length: float = 1000.0, width: float = 200.0, longest: float = 8000.0
) -> ResistanceAgainstLength:
    """Return the profiles that Eq. 4 and its refinements give along the strip.

    Parameters
    ----------
    valley_length, width, longest : float
        l_v, W ≪ l_v and the largest L in nm.
    """
    _validate.positive("valley_length", valley_length, "nm")
    length = np.linspace(20.0, longest, 400)
    # All profiles share the product of conversions; its size drops out of the picture.
    strip = HallStrip((1.0, 1.0), (0.1, 0.1), 0.1, width=width, valley_length=valley_length)
    unit = float(chain_resistance(strip, 0.0))
    printed = nonlocal_resistance(0.1, 1.0, 1.0, 0.1, 0.1, length, width, valley_length)
    return ResistanceAgainstLength(
        length,
        printed / unit,
        chain_resistance(strip, length) / unit,
        strip_resistance(strip, length, "field", "own") / unit,
        strip_resistance(strip, length, "field", "total") / unit,
        strip_resistance(strip, length, "current", "total") / unit,
        float(valley_length),
        float(width),
    )


def draw_resistance_against_length(data: ResistanceAgainstLength) -> Figure:
    """Draw the profiles on a scale that is linear about zero and logarithmic beyond."""
    figure, axes = plt.subplots(figsize=(6.4, 4.0))
    micron = data.length / 1000
    axes.plot(micron, data.printed, color="black", label="Eq. (4), $L/W$")
    axes.plot(micron, data.chain, "--", color=CYCLE[4], label="chain, no leakage")
    axes.plot(micron, data.current_total, color=CYCLE[2], label="$c=+1$")
    axes.plot(micron, data.field_total, color=CYCLE[3], label="$c=-1$")
    axes.plot(micron, data.field_own, color=CYCLE[0], label="$c=-3$, conductivity matrix")
    axes.axhline(0, color="black", lw=0.8)
    axes.set_yscale("symlog", linthresh=1e-4)
    axes.yaxis.set_major_formatter("{x:g}")
    axes.set(
        xlabel="$L$ (µm)",
        ylabel="$R_{NL}$ / chain at $L=0$",
        xlim=(0, micron[-1]),
        ylim=(-3, 500),
        yticks=[-1, -0.1, -0.01, -0.001, 0, 0.001, 0.01, 0.1, 1, 10, 100],
        title=rf"$l_v$ = {data.valley_length / 1000:g} µm, $W$ = {data.width / 1000:g} µm",
    )
    axes.legend(fontsize="small", ncols=2, loc="lower right")
    return figure
