"""Figures of Kundu et al., Fig. 1(c), and of what low temperature does: Apps. D and E."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike
from scipy import constants as si

from moirelib import _validate
from moirelib._repr import short_repr
from moirelib._types import Complex, Floats
from moirelib.chapters.hamiltonian.data.bands import valence_saddle
from moirelib.drag.conductivity import BARE, drag_conductivity
from moirelib.drag.interlayer import Interlayer, coupling, first_order_drag
from moirelib.drag.layer import DragLayer
from moirelib.drag.sommerfeld import (
    fermi_line_susceptibility,
    occupation_form_susceptibility,
    sommerfeld_conductivity,
)
from moirelib.drag.van_hove import van_hove_logarithm
from moirelib.models.graphene_hbn import GrapheneHBN

PAIRS = ((-20.0, -20.0), (0.0, 0.0), (-20.0, 100.0), (100.0, 100.0))
"""Chemical potentials (μ₁, μ₂) in meV of the curves with a T² law."""

GAP = -80.0
"""A chemical potential in meV in the gap below the first valence band."""

_PROFILE = np.linspace(-165, 150, 211)

# A mesh on which sums are right to 10⁻³ of the largest from this k_BT in meV on. Hot frames of a
# slider have more levels to sum, and would be the slowest on the fine mesh.
_WARM_MESH, _WARM = 60, 2.0


def standard_layer(mesh: int = 180, bands: int = 8) -> DragLayer:
    """The default model on a mesh; solved once for all figures of a chapter."""
    return _solved(mesh, bands)


@cache
def _solved(mesh: int, bands: int) -> DragLayer:
    return DragLayer(GrapheneHBN(), mesh=mesh, bands=bands, divisions=8)


@cache
def small_layer() -> DragLayer:
    """A smaller basis for what holds at any cut-off; on a mesh that resolves k_BT = 0.6 meV."""
    return DragLayer(GrapheneHBN(cutoff=2), mesh=180, shells=2, divisions=8)


@short_repr
@dataclass(frozen=True)
class TemperatureDependence:
    """σ^{xx} in e²/h against k_BT in meV: thermal sums, σ(0) by contours and the coefficient A.

    Parameters
    ----------
    mu1, mu2 : ndarray, shape (n,)
        Chemical potentials in meV.
    kT : ndarray, shape (nT,)
        k_BT in meV.
    conductivity : ndarray, shape (n, nT)
        σ^{xx} in e²/h.
    zero : ndarray, shape (n,)
        σ^{xx}(0) in e²/h.
    coefficient : ndarray, shape (n,)
        A of (k_BT)² in e²/h per meV².
    van_hove_energy : float
        The energy of a saddle in meV.
    van_hove : ndarray, shape (nT,)
        σ^{xx} in e²/h with both layers at that energy, where no coefficient exists.
    """

    mu1: Floats
    mu2: Floats
    kT: Floats
    conductivity: Floats
    zero: Floats
    coefficient: Floats
    van_hove_energy: float
    van_hove: Floats


def temperature_dependence(
    layer: DragLayer | None = None,
    pairs: Sequence[tuple[float, float]] = PAIRS,
    kT: ArrayLike | None = None,
    points: int = 24,
) -> TemperatureDependence:
    """Return Kundu Fig. 1(c): the drag of two equal layers against temperature.

    Parameters
    ----------
    layer : DragLayer, optional
        Both layers.
    pairs : sequence of (float, float)
        (μ₁, μ₂) in meV, away from van Hove energies.
    kT : array_like, shape (nT,), optional
        k_BT ≥ 0 in meV.
    points : int
        Points on each Fermi line, for σ(0) and A.
    """
    layer = standard_layer() if layer is None else layer
    kT = np.linspace(0, 8, 25) if kT is None else _validate.real_vector("kT", kT)
    mu1, mu2 = np.array(pairs, dtype=float).T
    saddle = valence_saddle(layer.model).energy
    *curves, van_hove = (
        drag_conductivity(layer, layer, a, b, kT)[:, 0, 0, 0, 0]
        for a, b in (*pairs, (saddle, saddle))
    )
    low = [sommerfeld_conductivity(layer, layer, a, b, points=points) for a, b in pairs]
    return TemperatureDependence(
        mu1,
        mu2,
        kT,
        np.array(curves),
        np.array([zero[0, 0, 0, 0] for zero, _ in low]),
        np.array([coefficient[0, 0, 0, 0] for _, coefficient in low]),
        saddle,
        van_hove,
    )


@short_repr
@dataclass(frozen=True)
class AtVanHove:
    """𝒞 of one reciprocal vector near a saddle energy, transverse to G.

    Parameters
    ----------
    mu : ndarray, shape (nmu,)
        Chemical potentials in meV.
    energy : float
        The saddle energy in meV.
    in_phase, in_quadrature : ndarray, shape (nmu,)
        𝒞 in 1/nm as a complex number: its part along the phase of ∂_kλ at the saddle, and across.
    distance : ndarray, shape (nd,)
        δ in meV.
    slope, across : ndarray, shape (nd,)
        [𝒞(E + δ) − 𝒞(E − δ)]/2δ in phase and in quadrature, in 1/(nm meV).
    logarithm : float
        The coefficient of −ln δ in it that the saddle predicts, in 1/(nm meV).
    """

    mu: Floats
    energy: float
    in_phase: Floats
    in_quadrature: Floats
    distance: Floats
    slope: Floats
    across: Floats
    logarithm: float


@cache
def at_van_hove(layer: DragLayer | None = None, points: int = 192) -> AtVanHove:
    """Return the response across the van Hove energy of the second valence band at T = 0.

    Parameters
    ----------
    layer : DragLayer, optional
        The layer.
    points : int
        Points on each Fermi line for the slopes.
    """
    layer = small_layer() if layer is None else layer
    saddle = valence_saddle(layer.model)
    # 𝒞_G is transverse: its component along ẑ × G, for the G along y, is −x times a phase.
    index = int(np.flatnonzero((layer.pairs == [0, 1]).all(axis=1))[0])
    mu = np.linspace(saddle.energy - 12, saddle.energy + 12, 121)
    complex_response = layer.susceptibility(mu, 0.0)[:, index, 0]
    predicted = van_hove_logarithm(layer, saddle)[index, 0]
    direction = predicted / abs(predicted)
    distance = np.array([0.2, 0.4, 0.8])
    levels = saddle.energy + np.concatenate([-distance, distance])
    below, above = np.split(fermi_line_susceptibility(layer, levels, points=points)[:, index, 0], 2)
    slope = (above - below) / (2 * distance) * direction.conj()
    response = complex_response * direction.conj()
    return AtVanHove(
        mu,
        saddle.energy,
        response.real,
        response.imag,
        distance,
        slope.real,
        slope.imag,
        float(abs(predicted)),
    )


@short_repr
@dataclass(frozen=True)
class ByParts:
    """First-shell norms in 1/nm against the plane-wave cut-off.

    Parameters
    ----------
    cutoff : ndarray, shape (n,)
        In units of |G₁|.
    velocity_form, occupation_form : ndarray, shape (n,)
        Kundu Eq. 37 and Eq. 40, in 1/nm.
    in_gap : ndarray, shape (n,)
        Eq. 40 with μ in a gap, where it must vanish, in 1/nm.
    difference : ndarray, shape (n,)
        Eq. 40 less its value in the gap and less Eq. 37, in 1/nm.
    """

    cutoff: Floats
    velocity_form: Floats
    occupation_form: Floats
    in_gap: Floats
    difference: Floats


@cache
def both_forms(
    cutoff: int, mu: float = 0.0, kT: float = 8.0, mesh: int = 17
) -> tuple[Complex, Complex, Complex]:
    """Return Kundu Eqs. 37 and 40, and Eq. 40 in a gap at zero temperature, each (6, 2) in 1/nm.

    The mesh has an odd size and no factor 3: none of its points is M, κ or κ′, where the basis
    cuts the bands.
    """
    layer = DragLayer(GrapheneHBN(cutoff=cutoff), mesh=mesh, shells=1, solver="dense")
    occupation, in_gap = occupation_form_susceptibility(layer, [mu, GAP], [kT, 0.0])
    return layer.susceptibility(mu, kT)[0], occupation, in_gap


def by_parts(cutoffs: Sequence[int] = (2, 3, 4)) -> ByParts:
    """Return the two sides of the integration by parts against the cut-off in units of |G₁|."""
    rows = []
    for cutoff in cutoffs:
        velocity, occupation, in_gap = both_forms(cutoff)
        parts = (velocity, occupation, in_gap, occupation - in_gap - velocity)
        rows.append([np.linalg.norm(part) for part in parts])
    return ByParts(np.array(cutoffs, dtype=float), *np.array(rows).T)


@short_repr
@dataclass(frozen=True)
class ThermalProfile:
    """σ^{xx} at μ₁ = μ₂ = μ in e²/h against μ in meV, at one k_BT in meV and at zero.

    Parameters
    ----------
    mu : ndarray, shape (nmu,)
        μ₁ = μ₂ in meV.
    kT : float
        In meV.
    conductivity, zero : ndarray, shape (nmu,)
        σ^{xx} in e²/h at that k_BT, and at zero temperature.
    """

    mu: Floats
    kT: float
    conductivity: Floats
    zero: Floats


def thermal_profile(kT: float, mesh: int = 180) -> ThermalProfile:
    """Return the drag of equally filled layers against μ, smeared by temperature."""
    kT = _validate.non_negative("kT", kT, "meV")
    smeared = _diagonal(kT, min(mesh, _WARM_MESH) if kT >= _WARM else mesh)
    return ThermalProfile(_PROFILE, kT, smeared, _diagonal(0.0, mesh))


@cache
def _diagonal(kT: float, mesh: int) -> Floats:
    # At 12 meV the tail of the Fermi function reaches bands that cold layers do without.
    layer = standard_layer(mesh, bands=16 if kT >= _WARM else 8)
    response = layer.susceptibility(_PROFILE, kT)[:, None]
    potential = coupling(layer, layer, BARE)
    return first_order_drag(response, response, potential, 1.0)[:, 0, 0, 0, 0]


def conductivity_in(
    energy: float, length: float, time: float, *, hbar_below: int, velocity_over_hbar: bool
) -> float:
    """Kundu Eq. 1 with Eq. 37, in e²/h, computed in chosen units.

    A two-band toy: a ring of Fermi points of given ∂_kε and λ, in units of ``energy`` J,
    ``length`` m and ``time`` s.

    Parameters
    ----------
    energy, length, time : float
        The units.
    hbar_below : int
        Powers of 1/ħ written in front of the sum (Kundu Eqs. 2, 38–40).
    velocity_over_hbar : bool
        Whether v = ∂_kε/ħ (Kundu below Eq. 37) or ∂_kε (below Eq. 3).
    """
    mev, nm = si.e * 1e-3 / energy, si.nano / length
    hbar = si.hbar / (energy * time)
    slope, form_factor = 300 * mev * nm, 0.1
    minus_slope_of_f, states = 0.25 / mev, 0.01 / nm**2
    velocity = slope / hbar if velocity_over_hbar else slope
    c = 2 * states * velocity * form_factor * minus_slope_of_f / hbar**hbar_below
    u = float(Interlayer()(0.5)) * mev * nm**2
    return -2 * math.pi / mev * c**2 * u


def unit_dependence(**form: int | bool) -> float:
    """|ln| of the ratio of Eq. 1 in SI units to Eq. 1 in (meV, nm, ps)."""
    in_si = conductivity_in(1.0, 1.0, 1.0, **form)  # type: ignore[arg-type]
    in_mev = conductivity_in(si.e * 1e-3, si.nano, si.pico, **form)  # type: ignore[arg-type]
    return abs(math.log(in_si / in_mev))
