"""Kundu et al., Eq. 4: the conductivities that a nonlocal signal takes, and how large it is."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.colors import AsinhNorm
from matplotlib.figure import Figure
from numpy.typing import ArrayLike
from scipy.spatial import cKDTree

from moirelib import _validate
from moirelib._types import Floats
from moirelib.drag import drag_conductivity
from moirelib.figures.style import CYCLE
from moirelib.graphene_hbn import GrapheneHBN
from moirelib.hall_layer import HallLayer
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
class CurvatureMap:
    """Berry curvature of the bands next to the primary gap on a grid, in one valley.

    Parameters
    ----------
    k : ndarray, shape (n,)
        k_x and k_y in 1/nm.
    valence, conduction : ndarray, shape (n, n)
        In nm², rows along k_y; NaN outside the zone.
    corners : ndarray, shape (7, 2)
        Corners of the zone in 1/nm, the first repeated.
    """

    k: Floats
    valence: Floats
    conduction: Floats
    corners: Floats


def curvature_map(points: int = 241) -> CurvatureMap:
    """Return the curvature at the nearest sample of a layer, carried over the zone by C₃ᵥ.

    Parameters
    ----------
    points : int
        Points along each side of the grid.
    """
    layer = hall_layer()
    lattice, half = layer.lattice, layer.bands // 2
    samples, _, curvature = layer.berry_curvature()
    images = np.concatenate([samples @ op.cartesian.T for op in lattice.point_operations])
    k = np.linspace(-lattice.k_m, lattice.k_m, points)
    grid = np.stack(np.meshgrid(k, k), axis=-1)
    inside = (lattice.fold(grid)[1] == 0).all(axis=-1)
    nearest = cKDTree(images).query(grid[inside])[1] % len(samples)
    maps = np.full((2, points, points), np.nan)
    maps[:, inside] = curvature[nearest, half - 1 : half + 1].T
    corners = np.concatenate([lattice.corners, lattice.corners[:1]])
    return CurvatureMap(k, maps[0], maps[1], corners)


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
    drag = drag_conductivity(drag_layer(), drag_layer(), mu, mu, kT, broadening=broadening)
    layer = hall_layer()
    return (
        drag[:, :, 0, 0].diagonal(),
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
