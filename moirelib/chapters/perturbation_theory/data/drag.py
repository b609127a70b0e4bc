"""Kundu et al., Figs. 1(b) and 1(d), and what changes the drag: sign, stacking, shells."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from moirelib import _validate
from moirelib._repr import short_repr
from moirelib._types import Floats
from moirelib.chapters.hamiltonian.data.bands import van_hove_energies
from moirelib.drag.conductivity import drag_conductivity, drag_conductivity_by_shell
from moirelib.drag.interlayer import Interlayer
from moirelib.drag.layer import DragLayer, PointSum
from moirelib.models.graphene_hbn import GrapheneHBN

Sign = Literal["momentum_matched", "as_printed"]

# What the study of convergence asks for at k_BT = 1 meV. The mesh resolves the gap at the Dirac
# point, where the drag is smallest.
CONVERGED: dict[str, Any] = {"cutoff": 4, "bands": 8, "shells": 5, "divisions": 4}
MESH: dict[Sign, int] = {"momentum_matched": 192, "as_printed": 216}
# Enough for 10⁻³ of the largest drag.
COARSE: dict[str, Any] = {"mesh": 96, "cutoff": 3}
WINDOW = (-200.0, 250.0)
SIGNS: tuple[Sign, Sign] = ("momentum_matched", "as_printed")


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


@short_repr
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


@short_repr
@dataclass(frozen=True)
class MapAtDistance:
    """One frame of the slider: σ^{xx} in e²/h for layers ``distance`` nm apart.

    Parameters
    ----------
    mu : ndarray, shape (nmu,)
        Chemical potentials of both layers in meV.
    conductivity : ndarray, shape (nmu, nmu)
        σ^{xx} in e²/h, rows μ₁, columns μ₂.
    distance : float
        d in nm.
    """

    mu: Floats
    conductivity: Floats
    distance: float


def map_at_distance(distance: float, count: int = 61, kT: float = 1.0) -> MapAtDistance:
    """Compute the map of Fig. 1(b) at another separation of the layers."""
    mu, layer = points_of_window(count), solved_layer()
    conductivity = drag_conductivity(layer, layer, mu, mu, kT, Interlayer(distance))[..., 0, 0]
    return MapAtDistance(mu, conductivity, distance)


@short_repr
@dataclass(frozen=True)
class DragAt:
    """One frame of the slider over both fillings: the map, and its two cuts through one point.

    Parameters
    ----------
    mu : ndarray, shape (nmu,)
        Chemical potentials of the map and the cuts in meV.
    conductivity : ndarray, shape (nmu, nmu)
        σ^{xx} in e²/h against μ₁ (rows) and μ₂ (columns).
    against_1, against_2 : ndarray, shape (nmu,)
        σ^{xx} against μ₁ at the chosen μ₂, and against μ₂ at the chosen μ₁.
    mu1, mu2, value : float
        The chosen point in meV, and σ^{xx} there.
    """

    mu: Floats
    conductivity: Floats
    against_1: Floats
    against_2: Floats
    mu1: float
    mu2: float
    value: float


def drag_at(mu1: float, mu2: float, count: int = 91, kT: float = 3.0) -> DragAt:
    """Compute the drag of two equal layers at one pair of fillings, and along both cuts."""
    mu, layer, total = _coarse_map(_validate.integer("count", count, minimum=2), kT)
    one, other = _validate.real_scalar("mu1", mu1), _validate.real_scalar("mu2", mu2)
    cuts = drag_conductivity(layer, layer, [one, other], np.append(mu, other), kT)[..., 0, 0]
    # Equal layers: the map is symmetric, and a column of it is a row.
    return DragAt(mu, total, cuts[1, :-1], cuts[0, :-1], one, other, float(cuts[0, -1]))


@cache
def _coarse_map(count: int, kT: float) -> tuple[Floats, DragLayer, Floats]:
    mu, layer = points_of_window(count), solved_layer(**COARSE)
    return mu, layer, drag_conductivity(layer, layer, mu, mu, kT)[..., 0, 0]


@short_repr
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
        density.append(layer.lattice.cell_area * layer.density_of_states(mu))
    return EqualFillings(mu, *drag, *density)


@short_repr
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
        1 − e^{−2|G₁|d_g}, a number.
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
                    layer, layer, levels, levels, kT, Interlayer(float(d), gate_distance)
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


@short_repr
@dataclass(frozen=True)
class Stacking:
    """Drag between layers on like and on opposite faces of hBN, in register.

    Parameters
    ----------
    mu : ndarray, shape (nmu,)
        μ₁ = μ₂ in meV.
    same, inverted : ndarray, shape (nmu,)
        σ^{xx} in e²/h for equal layers, and with one layer inverted.
    """

    mu: Floats
    same: Floats
    inverted: Floats


def stacking(count: int = 226, kT: float = 1.0) -> Stacking:
    """Compute the drag at equal fillings with and without one layer inverted."""
    mu = points_of_window(count)
    layer, other = solved_layer(**COARSE), solved_layer(inverted=True, **COARSE)
    same, inverted = (
        np.diagonal(drag_conductivity(layer, one, mu, mu, kT)[..., 0, 0]) for one in (layer, other)
    )
    return Stacking(mu, same, inverted)
