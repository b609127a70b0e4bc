"""Kundu et al., Fig. 2 and Eq. 4: the strips of the device and their nonlocal resistance."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import AsinhNorm
from matplotlib.figure import Figure

from moirelib._types import Floats
from moirelib.chapters.detection.data.chain import (
    Conductivities,
    CurvatureMap,
    Device,
    NonlocalResistance,
    ResistanceAgainstLength,
)
from moirelib.chapters.detection.data.voltmeter import Seen
from moirelib.figures.style import CYCLE


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
    axes.legend(fontsize="small", loc="lower right")
    return figure


def draw_curvature_map(data: CurvatureMap) -> Figure:
    """Draw the two maps side by side on a scale that is logarithmic beyond ±10 nm²."""
    figure, axes = plt.subplots(1, 2, figsize=(7.4, 3.4), sharey=True)
    norm = AsinhNorm(linear_width=10, vmin=-1e4, vmax=1e4)
    low, high = data.k[0], data.k[-1]
    for axis, values, title in zip(
        axes,
        (data.valence, data.conduction),
        ("highest valence band", "lowest conduction band"),
        strict=True,
    ):
        image = axis.imshow(
            values, extent=(low, high, low, high), origin="lower", cmap="RdBu_r", norm=norm
        )
        axis.plot(*data.corners.T, color="black", lw=1)
        axis.set(title=title, xlabel="$k_x$ (1/nm)")
        axis.grid(False)
    axes[0].set_ylabel("$k_y$ (1/nm)")
    figure.colorbar(image, ax=axes, label="Berry curvature (nm²)", shrink=0.9)
    return figure


def draw_conductivities(data: Conductivities) -> Figure:
    """Draw σ_v^{xy} and σ^{xx} one above the other."""
    figure, (top, bottom) = plt.subplots(2, 1, figsize=(6.4, 5.0), sharex=True)
    for t, hall, drude, colour in zip(data.kT, data.valley_hall, data.drude, CYCLE, strict=False):
        top.plot(data.mu, hall, color=colour, label=f"$k_BT$ = {t:g} meV")
        bottom.semilogy(data.mu, drude, color=colour)
    top.plot(data.mu, data.dirac[0], ":", color="black", lw=1.2, label="Dirac cones, lowest $k_BT$")
    top.set_ylabel(r"$\sigma_v^{xy}$ ($e^2/h$)")
    top.legend(fontsize="small", ncols=4, loc="lower center", bbox_to_anchor=(0.5, 1.0))
    bottom.set(
        xlabel=r"$\mu$ (meV)",
        ylabel=rf"$\sigma^{{xx}}$ ($e^2/h$), $\hbar\delta$ = {data.broadening:g} meV",
        ylim=(1e-3, 1e3),
    )
    return figure


def draw_resistance_against_mu(data: NonlocalResistance) -> Figure:
    """Draw |R_NL| on a logarithmic scale, dotted where the valley Hall angle is not small."""
    figure, axes = plt.subplots(figsize=(6.4, 3.8))
    for t, resistance, angle, colour in zip(
        data.temperature, data.resistance, data.angle, CYCLE, strict=False
    ):
        axes.semilogy(data.mu, np.where(angle < 0.3, resistance, np.nan), color=colour)
        axes.semilogy(data.mu, resistance, ":", color=colour, lw=1)
        axes.plot([], [], color=colour, label=f"{t:g} K")
    axes.axhline(data.smallest, color="black", ls="--", lw=1)
    axes.text(data.mu[-1], data.smallest * 1.4, "voltmeter", ha="right")
    axes.set(
        xlabel=r"$\mu_1=\mu_2$ (meV)",
        ylabel=r"$|R_{NL}|$ of Eq. (4) (Ω)",
        ylim=(1e-12, 1e6),
    )
    axes.legend(ncols=3, fontsize="small", loc="upper right")
    return figure


def draw_seen(data: Seen) -> Figure:
    """Draw both quadratures against the frequency, over the printed value."""
    figure, axes = plt.subplots(figsize=(6.4, 3.8))
    axes.loglog(data.frequency, np.abs(data.voltage), color="black", label="modulus")
    axes.loglog(data.frequency, np.abs(data.voltage.real), "--", color=CYCLE[0], label="in phase")
    axes.loglog(
        data.frequency, np.abs(data.voltage.imag), ":", color=CYCLE[1], label="out of phase"
    )
    axes.axhline(1, color="grey", lw=0.8)
    axes.set(xlabel="frequency (Hz)", ylabel="voltage / Eq. (4)", ylim=(1e-18, 1e2))
    axes.legend(fontsize="small")
    return figure
