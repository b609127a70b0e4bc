"""Kundu et al., Figs. 1(b) and 1(d), and what changes the drag: sign, stacking, shift, shells."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from moirelib import _validate
from moirelib._types import Floats
from moirelib.brillouin import spectral_function
from moirelib.drag import (
    drag_conductivity,
    drag_conductivity_by_shell,
    interlayer_coulomb,
)
from moirelib.figures.kundu_bands import van_hove_energies
from moirelib.figures.style import CYCLE
from moirelib.graphene_hbn import GrapheneHBN
from moirelib.kdotp import expanded_energies
from moirelib.layer import DragLayer

Sign = Literal["momentum_matched", "as_printed"]

# What the study of convergence asks for at k_BT = 1 meV. The mesh resolves the gap at the Dirac
# point, where the drag is smallest.
CONVERGED: dict[str, Any] = {"cutoff": 4, "bands": 8, "shells": 5, "divisions": 4}
MESH: dict[Sign, int] = {"momentum_matched": 192, "as_printed": 216}
# Enough for 10⁻³ of the largest drag.
COARSE: dict[str, Any] = {"mesh": 96, "cutoff": 3}
WINDOW = (-200.0, 250.0)
SIGMA = "$\\sigma_{12,v}^{xx}$ ($e^2/h$)"
SIGNS: tuple[Sign, Sign] = ("momentum_matched", "as_printed")
LABELS = {"momentum_matched": "momentum-matched sign", "as_printed": "printed sign"}


def solved_layer(
    sign: Sign = "momentum_matched", inverted: bool = False, **options: Any
) -> DragLayer:
    """Return a layer that is solved once and kept; options replace the converged settings."""
    settings = {"mesh": MESH[sign]} | CONVERGED | options
    return _kept(sign, inverted, tuple(sorted(settings.items())))


@cache
def _kept(sign: Sign, inverted: bool, options: tuple[tuple[str, Any], ...]) -> DragLayer:
    chosen = dict(options)
    model = GrapheneHBN(cutoff=chosen.pop("cutoff"), exponent_sign=sign)
    return DragLayer(model.inverted() if inverted else model, **chosen)


def points_of_window(count: int) -> Floats:
    """Return ``count`` chemical potentials in meV that span the window of the maps."""
    return np.linspace(*WINDOW, _validate.integer("count", count, minimum=2))


@dataclass(frozen=True)
class PointSum(DragLayer):
    """A layer that sums over the points of its mesh at every k_BT > 0, resolved or not."""

    @property
    def thermal_resolution(self) -> float:
        """Zero: linear triangles never take over."""
        return 0.0


@dataclass(frozen=True)
class DragMap:
    """Data of Kundu Fig. 1(b): σ^{xx} in e²/h against μ₁ (rows) and μ₂ (columns) in meV.

    Parameters
    ----------
    mu : ndarray, shape (nmu,)
        Chemical potentials.
    momentum_matched, as_printed : ndarray, shape (nmu, nmu)
        Converged, for both signs of the exponents of Eq. 6.
    momentum_matched_mesh, as_printed_mesh : ndarray, shape (nmu, nmu)
        Summed over the points of the paper's mesh.
    """

    mu: Floats
    momentum_matched: Floats
    as_printed: Floats
    momentum_matched_mesh: Floats
    as_printed_mesh: Floats


@cache
def drag_map(count: int = 91, kT: float = 1.0, mesh: int = 60) -> DragMap:
    """Compute the valley drag of two equal layers, converged and on the paper's mesh."""
    mu = points_of_window(count)
    converged: list[Floats] = []
    on_mesh: list[Floats] = []
    for sign in SIGNS:
        layer = solved_layer(sign)
        points = PointSum(GrapheneHBN(exponent_sign=sign), mesh=mesh, divisions=4)
        for one, maps in ((layer, converged), (points, on_mesh)):
            maps.append(drag_conductivity(one, one, mu, mu, kT)[..., 0, 0])
    return DragMap(mu, *converged, *on_mesh)


def draw_drag_map(data: DragMap) -> Figure:
    """Draw Kundu Fig. 1(b) for both signs, and below each what the paper's mesh changes."""
    figure, axes = plt.subplots(2, 2, figsize=(8.4, 7.2), sharex=True, sharey=True)
    pairs = (
        (data.momentum_matched, data.momentum_matched_mesh),
        (data.as_printed, data.as_printed_mesh),
    )
    reach = max(float(np.abs(converged).max()) for converged, _ in pairs)
    for column, (sign, (converged, mesh)) in enumerate(zip(SIGNS, pairs, strict=True)):
        image = _map(axes[0, column], data.mu, converged, reach)
        axes[0, column].set_title(LABELS[sign])
        change = 100 * (mesh - converged) / np.abs(converged).max()
        below = _map(axes[1, column], data.mu, change, 1.0)
        axes[1, column].set_xlabel("$\\mu_2$ (meV)")
    figure.colorbar(image, ax=axes[0], label=SIGMA)
    figure.colorbar(below, ax=axes[1], label="60 × 60 points: change (% of largest)")
    for axis in axes[:, 0]:
        axis.set_ylabel("$\\mu_1$ (meV)")
    return figure


def _map(axis: Axes, mu: Floats, values: Floats, reach: float) -> Any:
    axis.grid(False)
    axis.set_aspect("equal")
    return axis.pcolormesh(
        mu, mu, values, cmap="RdBu", vmin=-reach, vmax=reach, shading="nearest", rasterized=True
    )


@dataclass(frozen=True)
class MapAtDistance:
    """One frame of the slider: σ^{xx} in e²/h for layers ``distance`` nm apart."""

    mu: Floats
    conductivity: Floats
    distance: float


def map_at_distance(distance: float, count: int = 61, kT: float = 1.0) -> MapAtDistance:
    """Compute the map of Fig. 1(b) at another separation of the layers."""
    mu, layer = points_of_window(count), solved_layer()
    conductivity = drag_conductivity(layer, layer, mu, mu, kT, distance)[..., 0, 0]
    return MapAtDistance(mu, conductivity, distance)


def draw_map_at_distance(data: MapAtDistance) -> Figure:
    """Draw a frame; the scale is fixed, so that the colours fade with the distance."""
    figure, axis = plt.subplots(figsize=(5.2, 4.2))
    image = _map(axis, data.mu, data.conductivity, 12.0)
    figure.colorbar(image, ax=axis, label=SIGMA)
    axis.set(xlabel="$\\mu_2$ (meV)", ylabel="$\\mu_1$ (meV)", title=f"d = {data.distance:g} nm")
    return figure


@dataclass(frozen=True)
class EqualFillings:
    """Along the diagonal μ₁ = μ₂ of Fig. 1(b).

    Parameters
    ----------
    mu : ndarray, shape (nmu,)
        In meV.
    momentum_matched, as_printed : ndarray, shape (nmu, shells)
        σ^{xx} in e²/h by shell of G.
    density_matched, density_printed : ndarray, shape (nmu,)
        States per meV and moiré cell.
    """

    mu: Floats
    momentum_matched: Floats
    as_printed: Floats
    density_matched: Floats
    density_printed: Floats

    def van_hove(self, sign: Sign) -> Floats:
        """Return the energies in meV of the peaks of the density of states."""
        density = self.density_matched if sign == "momentum_matched" else self.density_printed
        return van_hove_energies(self.mu, density)


@cache
def equal_fillings(count: int = 226, kT: float = 1.0) -> EqualFillings:
    """Compute the drag at equal fillings by shell, and the density of states."""
    mu = points_of_window(count)
    drag, density = [], []
    for sign in SIGNS:
        layer = solved_layer(sign)
        shells = drag_conductivity_by_shell(layer, layer, mu, mu, kT)[..., 0, 0]
        drag.append(np.diagonal(shells, axis1=1, axis2=2).T)
        model = GrapheneHBN(exponent_sign=sign)
        zone = model.lattice.mesh(60)
        levels = expanded_energies(model, zone.points, count=8, divisions=4)
        density.append(4 * spectral_function(zone, levels, mu))
    return EqualFillings(mu, *drag, *density)


def draw_equal_fillings(data: EqualFillings) -> Figure:
    """Draw the drag and the density of states, with van Hove energies marked."""
    figure, axes = plt.subplots(2, 2, figsize=(8.4, 5.4), sharex=True, sharey="row")
    columns = (
        (data.momentum_matched, data.density_matched),
        (data.as_printed, data.density_printed),
    )
    for column, (sign, (drag, density)) in enumerate(zip(SIGNS, columns, strict=True)):
        upper, lower = axes[:, column]
        upper.plot(data.mu, drag.sum(axis=1), color=CYCLE[0])
        lower.plot(data.mu, density, color=CYCLE[1])
        for energy in data.van_hove(sign):
            for axis in (upper, lower):
                axis.axvline(energy, color=CYCLE[2], linestyle=":", linewidth=1.2)
        upper.set_title(LABELS[sign])
        lower.set_xlabel("$\\mu_1=\\mu_2$ (meV)")
    axes[0, 0].set_ylabel(SIGMA)
    axes[1, 0].set_ylabel("states per meV and cell")
    return figure


def draw_shells(data: EqualFillings) -> Figure:
    """Draw the share of each shell of G in the drag at equal fillings."""
    figure, axes = plt.subplots(1, 2, figsize=(8.4, 3.9), sharey=True)
    for axis, sign, drag in zip(axes, SIGNS, (data.momentum_matched, data.as_printed), strict=True):
        share = drag / drag.sum(axis=1, keepdims=True)
        for shell, one in enumerate(share.T):
            axis.semilogy(data.mu, one, color=CYCLE[shell], label=f"shell {shell + 1}")
        axis.set(title=LABELS[sign], xlabel="$\\mu_1=\\mu_2$ (meV)", ylim=(1e-7, 2))
        axis.axhline(1e-3, color="black", linestyle="--", linewidth=0.8)
    axes[0].set_ylabel("share of $\\sigma_{12,v}^{xx}$")
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=5)
    return figure


@dataclass(frozen=True)
class DistanceLaw:
    """Data of Kundu Fig. 1(d).

    Parameters
    ----------
    distance : ndarray, shape (nd,)
        d in nm.
    mu : ndarray, shape (nmu,)
        μ₁ = μ₂ in meV.
    conductivity : ndarray, shape (nd, nmu)
        σ^{xx} in e²/h.
    first_shell : ndarray, shape (nd, nmu)
        What the first shell gives of it.
    decay : ndarray, shape (nmu,)
        −d ln|σ|/dd in 1/nm, fitted over all distances.
    reciprocal_length : float
        |G₁| in 1/nm.
    gate_factor : float
        1 − e^{−2|G₁|d_g}.
    """

    distance: Floats
    mu: Floats
    conductivity: Floats
    first_shell: Floats
    decay: Floats
    reciprocal_length: float
    gate_factor: float


def distance_law(
    distance: ArrayLike | None = None,
    mu: ArrayLike = (-128.0, -40.0, 110.0, 150.0),
    kT: float = 1.0,
    gate_distance: float = 10.0,
) -> DistanceLaw:
    """Compute the drag against the separation of the layers and fit its decay."""
    apart = (
        np.linspace(0.5, 6.0, 23)
        if distance is None
        else _validate.real_vector("distance", distance)
    )
    levels = _validate.real_vector("mu", mu)
    layer = solved_layer()
    shells = np.stack(
        [
            np.diagonal(
                drag_conductivity_by_shell(
                    layer, layer, levels, levels, kT, float(d), gate_distance
                )[..., 0, 0],
                axis1=1,
                axis2=2,
            )
            for d in apart
        ]
    )
    total = shells.sum(axis=1)
    slope, _ = np.polyfit(apart, np.log(np.abs(total)), 1)
    g = layer.lattice.reciprocal_length
    return DistanceLaw(
        apart, levels, total, shells[:, 0], -slope, g, -math.expm1(-2 * g * gate_distance)
    )


def draw_distance_law(data: DistanceLaw) -> Figure:
    """Draw Kundu Fig. 1(d) on a logarithmic scale, with e^{−|G₁|d} beside it."""
    figure, axis = plt.subplots(figsize=(6.0, 4.2))
    for i, (mu, rate) in enumerate(zip(data.mu, data.decay, strict=True)):
        values = np.abs(data.conductivity[:, i])
        label = f"μ = {mu:g} meV: {rate / data.reciprocal_length:.3f} $|G_1|$"
        axis.semilogy(data.distance, values, "o", markersize=4, color=CYCLE[i], label=label)
        law = np.exp(-data.reciprocal_length * (data.distance - data.distance[-1]))
        axis.semilogy(data.distance, values[-1] * law, color=CYCLE[i], linewidth=1.0)
    axis.plot([], [], color="grey", linewidth=1.0, label="$e^{-|G_1|d}$")
    axis.set(xlabel="distance d (nm)", ylabel="$|\\sigma_{12,v}^{xx}|$ ($e^2/h$)")
    axis.legend(fontsize=8)
    return figure


@dataclass(frozen=True)
class Stacking:
    """Drag between layers on like and on opposite faces of hBN, and between shifted layers.

    Parameters
    ----------
    mu : ndarray, shape (nmu,)
        μ₁ = μ₂ in meV.
    same, inverted : ndarray, shape (nmu,)
        σ^{xx} in e²/h for equal layers, and with one layer inverted.
    shift : ndarray, shape (ns,)
        Displacement along the moiré vector L₁, in units of L_M.
    same_shifted, inverted_shifted : ndarray, shape (ns, 2)
        σ^{xx} (along the shift) and σ^{yy} (across it) in e²/h at ``mu_shifted``.
    mu_shifted : float
        In meV.
    """

    mu: Floats
    same: Floats
    inverted: Floats
    shift: Floats
    same_shifted: Floats
    inverted_shifted: Floats
    mu_shifted: float


def stacking(count: int = 226, kT: float = 1.0, mu_shifted: float = -128.0) -> Stacking:
    """Compute the drag with one layer inverted, and with one moiré displaced along L₁."""
    mu = points_of_window(count)
    layer, other = solved_layer(**COARSE), solved_layer(inverted=True, **COARSE)
    at = np.array([mu_shifted])
    length = np.linalg.norm(layer.lattice.vectors(layer.pairs), axis=1)
    weight = -2 * math.pi * interlayer_coulomb(length)
    shift = np.linspace(0, 1, 61)
    # A shift multiplies each term by its phase; a new layer would be solved for each otherwise.
    phase = np.exp(
        -1j
        * shift[:, None]
        * (layer.lattice.vectors(layer.pairs) @ layer.lattice.primitive_vectors[0])
    )
    first = weight[:, None] * layer.susceptibility(at, kT)[0].conj()
    along = [(phase @ (first * one.susceptibility(at, kT)[0])).real for one in (layer, other)]
    same, inverted = (
        np.diagonal(drag_conductivity(layer, one, mu, mu, kT)[..., 0, 0]) for one in (layer, other)
    )
    return Stacking(mu, same, inverted, shift, along[0], along[1], mu_shifted)


def draw_stacking(data: Stacking) -> Figure:
    """Draw the drag against filling and against the shift, for both stackings."""
    figure, axes = plt.subplots(1, 2, figsize=(8.4, 3.9), sharey=True)
    pairs = ((data.same, data.same_shifted), (data.inverted, data.inverted_shifted))
    for i, (own, moved) in enumerate(pairs):
        axes[0].plot(data.mu, own, color=CYCLE[i], label=("like faces", "opposite faces")[i])
        axes[1].plot(data.shift, moved[:, 0], color=CYCLE[i])
        axes[1].plot(data.shift, moved[:, 1], color=CYCLE[i], linestyle="--")
    axes[0].set(xlabel="$\\mu_1=\\mu_2$ (meV)", ylabel="$\\sigma_{12,v}$ ($e^2/h$)")
    axes[0].legend()
    axes[1].plot([], [], color="black", label="along the shift")
    axes[1].plot([], [], color="black", linestyle="--", label="across it")
    axes[1].legend(loc="center", fontsize=8, frameon=True, framealpha=1.0, edgecolor="white")
    axes[1].set(xlabel="shift of one moiré along $L_1$ ($L_M$)")
    axes[1].set_title(f"at μ = {data.mu_shifted:g} meV")
    for axis in axes:
        axis.axhline(0, color="black", linewidth=0.6)
    return figure
