"""Kundu et al., Fig. 2 and Eq. 4: how valley drag could be detected, and how large it is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import SymLogNorm
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from moirelib import _validate
from moirelib._types import Floats
from moirelib.drag import drag_conductivity
from moirelib.figures.style import CYCLE
from moirelib.graphene_hbn import GrapheneHBN
from moirelib.hall_layer import HallLayer
from moirelib.hall_strip import HallStrip, chain_resistance, strip_resistance
from moirelib.layer import DragLayer
from moirelib.units import thermal_energy
from moirelib.valley_hall import (
    dirac_hall_conductivity,
    nonlocal_resistance,
    primary_mass,
)


@cache
def hall_layer() -> HallLayer:
    """Return the layer whose conductivities the figures share."""
    return HallLayer(GrapheneHBN())


@cache
def drag_layer() -> DragLayer:
    """Return the layer whose susceptibilities the figures share."""
    return DragLayer(GrapheneHBN())


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
    axes.text(*point(1.25, middle, lift + 0.12), r"valley current $j_{1v}$")
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
class CurvatureMap:
    """Berry curvature of the bands next to the primary gap, in nm², over the zone in 1/nm."""

    kx: Floats
    ky: Floats
    valence: Floats
    conduction: Floats
    corner_x: Floats
    corner_y: Floats


def curvature_map() -> CurvatureMap:
    """Return the samples of a sixth of the zone, carried to the rest by C₃ and the mirror."""
    layer = hall_layer()
    points, _, curvature = layer.berry_curvature()
    half = layer.bands // 2
    images = np.concatenate([points @ op.cartesian.T for op in layer.lattice.point_operations])
    corners = np.concatenate([layer.lattice.corners, layer.lattice.corners[:1]])
    six = (len(layer.lattice.point_operations), 1)
    return CurvatureMap(
        images[:, 0],
        images[:, 1],
        np.tile(curvature[:, half - 1], six).ravel(),
        np.tile(curvature[:, half], six).ravel(),
        corners[:, 0],
        corners[:, 1],
    )


def draw_curvature_map(data: CurvatureMap) -> Figure:
    """Draw the two maps side by side on a symmetric logarithmic scale."""
    figure, axes = plt.subplots(1, 2, figsize=(7.4, 3.4), sharey=True)
    norm = SymLogNorm(linthresh=10, vmin=-1e4, vmax=1e4)
    for axis, values, title in zip(
        axes,
        (data.valence, data.conduction),
        ("highest valence band", "lowest conduction band"),
        strict=True,
    ):
        points = axis.scatter(
            data.kx, data.ky, c=values, s=3, cmap="RdBu_r", norm=norm, rasterized=True, lw=0
        )
        axis.plot(data.corner_x, data.corner_y, color="black", lw=1)
        axis.set(aspect="equal", title=title, xlabel="$k_x$ (1/nm)")
        axis.grid(False)
    axes[0].set_ylabel("$k_y$ (1/nm)")
    figure.colorbar(points, ax=axes, label="Berry curvature (nm²)", shrink=0.9)
    return figure


@dataclass(frozen=True)
class Conductivities:
    """Valley Hall and longitudinal conductivity in e²/h against the chemical potential in meV.

    Parameters
    ----------
    mu : ndarray, shape (nmu,)
        Chemical potentials.
    kT : ndarray, shape (nT,)
        k_BT in meV.
    valley_hall, drude : ndarray, shape (nT, nmu)
        σ_v^{xy} and σ^{xx}.
    dirac : ndarray, shape (nT, nmu)
        Four massive Dirac cones with the model's gap at Γ.
    broadening : float
        ħδ in meV.
    """

    mu: Floats
    kT: Floats
    valley_hall: Floats
    drude: Floats
    dirac: Floats
    broadening: float


def conductivities(
    kT: ArrayLike = (0.5, 2.0, 6.0),
    window: tuple[float, float] = (-200.0, 240.0),
    points: int = 221,
    broadening: float = 1.0,
) -> Conductivities:
    """Return both conductivities of a layer against μ at several temperatures."""
    layer = hall_layer()
    temperatures = _validate.real_vector("kT", kT)
    mu = np.linspace(*window, points)
    centre, mass = primary_mass(layer.model)
    return Conductivities(
        mu,
        temperatures,
        np.stack([layer.valley_hall_conductivity(mu, t) for t in temperatures.tolist()]),
        np.stack([layer.conductivity(mu, t, broadening) for t in temperatures.tolist()]),
        np.stack(
            [4 * dirac_hall_conductivity(mu - centre, mass, t) for t in temperatures.tolist()]
        ),
        broadening,
    )


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


@dataclass(frozen=True)
class NonlocalResistance:
    """R_NL of Kundu Eq. 4 in ohm against the chemical potential of both layers in meV.

    Parameters
    ----------
    mu : ndarray, shape (nmu,)
        Chemical potentials.
    temperature : ndarray, shape (nT,)
        In kelvin.
    resistance, angle : ndarray, shape (nT, nmu)
        |R_NL| and the valley Hall angle |σ_v^{xy}|/σ^{xx}.
    smallest : float
        Resistance in ohm at which the voltage equals the noise.
    broadening : float
        ħδ in meV.
    """

    mu: Floats
    temperature: Floats
    resistance: Floats
    angle: Floats
    smallest: float
    broadening: float


def resistance_against_mu(
    temperature: ArrayLike = (10.0, 30.0, 80.0),
    window: tuple[float, float] = (-190.0, 230.0),
    points: int = 211,
    current: float = 100e-9,
    noise: float = 1e-9,
    broadening: float = 1.0,
) -> NonlocalResistance:
    """Return Eq. 4 with L = W = l_v = 1 µm for two equal layers at equal filling.

    Parameters
    ----------
    temperature : array_like, shape (nT,)
        In kelvin.
    window : tuple of float
        Range of μ in meV.
    points : int
        Number of chemical potentials.
    current, noise : float
        Drive current in ampere and the smallest voltage that can be told from zero, in volt.
    broadening : float
        ħδ in meV, in all three conductivities.
    """
    _validate.positive("current", current, "A")
    _validate.positive("noise", noise, "V")
    kelvin = _validate.real_vector("temperature", temperature)
    mu = np.linspace(*window, points)
    resistance, angle = [], []
    for t in kelvin.tolist():
        drag, drude, hall = matched_conductivities(mu, thermal_energy(t), broadening)
        resistance.append(np.abs(nonlocal_resistance(drag, drude, drude, hall, hall)))
        angle.append(np.abs(hall) / drude)
    return NonlocalResistance(
        mu, kelvin, np.array(resistance), np.array(angle), noise / current, broadening
    )


def matched_conductivities(
    mu: Floats, kT: float, broadening: float = 1.0
) -> tuple[Floats, Floats, Floats]:
    """Return σ₁₂^{xx}, σ^{xx} and σ_v^{xy} in e²/h for two equal layers at equal μ, (nmu,) each."""
    drag = np.array(
        [
            drag_conductivity(drag_layer(), drag_layer(), one, one, kT, broadening=broadening)[
                0, 0, 0, 0
            ]
            for one in mu.tolist()
        ]
    )
    layer = hall_layer()
    return (
        drag,
        layer.conductivity(mu, kT, broadening),
        layer.valley_hall_conductivity(mu, kT),
    )


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
    valley_length: float = 1000.0, width: float = 1000.0, longest: float = 8000.0
) -> ResistanceAgainstLength:
    """Return the profiles that Eq. 4 and its refinements give along the strip.

    Parameters
    ----------
    valley_length, width, longest : float
        l_v, W and the largest L in nm.
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
    """Draw the profiles."""
    figure, axes = plt.subplots(figsize=(6.2, 3.8))
    micron = data.length / 1000
    axes.plot(micron, data.printed, color="black", label="Eq. (4), $L/W$")
    axes.plot(micron, data.chain, "--", color=CYCLE[4], label="chain, no leakage")
    axes.plot(micron, data.current_total, color=CYCLE[2], label="drag by current, total")
    axes.plot(micron, data.field_total, color=CYCLE[3], label="drag by field, total")
    axes.plot(micron, data.field_own, color=CYCLE[0], label="conductivity matrix")
    axes.axhline(0, color="black", lw=0.8)
    axes.set(
        xlabel="$L$ (µm)",
        ylabel="$R_{NL}$ / chain at $L=0$",
        xlim=(0, micron[-1]),
        ylim=(-1.6, 2.2),
        title=rf"$l_v$ = {data.valley_length / 1000:g} µm, $W$ = {data.width / 1000:g} µm",
    )
    axes.legend(fontsize="small", ncols=2)
    return figure
