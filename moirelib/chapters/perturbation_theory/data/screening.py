"""Fig. 1(b) with both layers screening, and what the screened number depends on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import ArrayLike

from moirelib import _validate
from moirelib._repr import short_repr
from moirelib._types import Floats
from moirelib.chapters.perturbation_theory.data.drag import (
    SIGNS,
    drag_map,
    points_of_window,
    solved_layer,
)
from moirelib.drag.conductivity import drag_conductivity
from moirelib.drag.density_response import DensityResponse
from moirelib.drag.frequency import relaxed_line_shape
from moirelib.drag.interlayer import Interlayer
from moirelib.drag.layer import DragLayer
from moirelib.drag.screening import screened_drag_conductivity, screened_drag_response
from moirelib.models.graphene_hbn import GrapheneHBN
from moirelib.units import to_1e12_per_cm2

# The strong fillings of the chapter, in meV.
FILLINGS = (-128.0, -40.0, 110.0)
SCREENING_KT = 6.0


@cache
def screening_layer(shells: int = 2) -> DragLayer:
    """Return the layer whose currents the screened figures share."""
    return DragLayer(GrapheneHBN(), mesh=60, bands=10, shells=shells)


@cache
def screening_response(
    mesh: int = 12, shells: int = 2, bands: int | None = None, completed: bool = True
) -> DensityResponse:
    """Return what screens: all bands and the vacuum's tail, or some bands alone."""
    model = GrapheneHBN()
    cone = replace(model, coupling=0.0) if completed else None
    return DensityResponse(model, mesh=mesh, shells=shells, bands=bands, cone=cone)


@short_repr
@dataclass(frozen=True)
class ScreenedMap:
    """σ^{xx} in e²/h against μ₁ (rows) and μ₂ (columns) in meV, bare and screened.

    Parameters
    ----------
    mu : ndarray, shape (nmu,)
        Chemical potentials.
    bare, screened : ndarray, shape (nmu, nmu)
        With U₁₂ and with the static W₁₂.
    kT : float
        In meV.
    """

    mu: Floats
    bare: Floats
    screened: Floats
    kT: float

    @property
    def ratio(self) -> Floats:
        """Screened over bare along the diagonal, (nmu,)."""
        ratio: Floats = np.diag(self.screened) / np.diag(self.bare)
        return ratio


@cache
def screened_map(count: int = 46, kT: float = SCREENING_KT) -> ScreenedMap:
    """Compute Fig. 1(b) with the bare and with the statically screened interaction."""
    mu, layer, response = points_of_window(count), screening_layer(), screening_response()
    bare = drag_conductivity(layer, layer, mu, mu, kT)[..., 0, 0]
    screened = screened_drag_conductivity(layer, layer, response, response, mu, mu, kT)
    return ScreenedMap(mu, bare, screened[..., 0, 0], kT)


@short_repr
@dataclass(frozen=True)
class DensityMaps:
    """The maps of Fig. 1(b) against the densities of both layers, as an experiment sets them.

    Parameters
    ----------
    density : ndarray, shape (3, nmu)
        Carriers from neutrality in 10¹²/cm²: for both signs of the exponents at k_BT = 1 meV, and
        for the screened map at 6 meV.
    conductivity : ndarray, shape (3, nmu, nmu)
        σ^{xx} in e²/h against n₁ (rows) and n₂ (columns).
    per_filling : float
        Density of one carrier per moiré cell, in 10¹²/cm².
    """

    density: Floats
    conductivity: Floats
    per_filling: float


@cache
def density_maps() -> DensityMaps:
    """Take the computed maps over from chemical potentials to densities."""
    bare, screened = drag_map(), screened_map()
    layers = [*((solved_layer(sign), 1.0) for sign in SIGNS), (screening_layer(), screened.kT)]
    density = [to_1e12_per_cm2(layer.density(screened.mu, kT)) for layer, kT in layers]
    every_second = np.s_[::2, ::2]
    maps = (bare.momentum_matched[every_second], bare.as_printed[every_second], screened.screened)
    per_filling = float(to_1e12_per_cm2(1 / screening_layer().lattice.cell_area))
    return DensityMaps(np.stack(density), np.stack(maps), per_filling)


@short_repr
@dataclass(frozen=True)
class ScreenedLine:
    """Re σ₁₂ against frequency with the screening of the same frequency.

    Parameters
    ----------
    x : ndarray, shape (nx,)
        Ωτ, a number.
    bare : ndarray, shape (nx,)
        Re σ₁₂/Sτ without screening, the same at all fillings.
    screened : ndarray, shape (nx, nmu)
        Re σ₁₂ over the same bare Sτ.
    mu : ndarray, shape (nmu,)
        In meV.
    """

    x: Floats
    bare: Floats
    screened: Floats
    mu: Floats


def screened_line(
    mu: ArrayLike = FILLINGS, kT: float = SCREENING_KT, count: int = 61
) -> ScreenedLine:
    """Compute the screened line shape at equal fillings, at ħ/τ = 1 meV."""
    levels = _validate.real_vector("mu", mu)
    x = np.linspace(0.0, 4.0, count)
    layer, response = screening_layer(), screening_response()
    printed = np.diag(drag_conductivity(layer, layer, levels, levels, kT)[..., 0, 0])
    found = screened_drag_response(layer, layer, response, response, levels, levels, kT, x)
    own = np.diagonal(found[..., 0, 0], axis1=1, axis2=2).real
    return ScreenedLine(x, relaxed_line_shape(x).real, own / -printed, levels)


@short_repr
@dataclass(frozen=True)
class ScreeningAt:
    """Screening at the fillings of ``FILLINGS``, (nmu,) each.

    Parameters
    ----------
    strength : ndarray
        |χ_GG| V of the first shell, V the interaction within the nearer layer.
    static, between : ndarray
        Screened over bare σ, statically and with the part between bands alone.
    """

    strength: Floats
    static: Floats
    between: Floats


@cache
def screening_at(
    mesh: int = 12,
    shells: int = 2,
    bands: int | None = None,
    completed: bool = True,
    kT: float = SCREENING_KT,
) -> ScreeningAt:
    """Compute the screened share of the drag for other meshes, shells, bands or temperatures."""
    layer, response = screening_layer(shells), screening_response(mesh, shells, bands, completed)
    mu = np.array(FILLINGS)
    bare = np.diag(drag_conductivity(layer, layer, mu, mu, kT)[..., 0, 0])
    static, between = (
        np.diag(
            screened_drag_conductivity(
                layer, layer, response, response, mu, mu, kT, relaxed=relaxed
            )[..., 0, 0]
        )
        / bare
        for relaxed in (True, False)
    )
    chi = np.abs(response.matrix(mu, kT).sum(axis=0)[:, 0, 0])
    within = float(Interlayer(0.0)(layer.lattice.reciprocal_length))
    return ScreeningAt(chi * within, static, between)
