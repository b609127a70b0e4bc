"""Figures of Kundu et al., Fig. 1(c), and of what low temperature does: Apps. D and E."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from moirelib import _validate
from moirelib._types import Complex, Floats
from moirelib.drag import drag_conductivity
from moirelib.fermi_line import Saddle, saddle_point
from moirelib.graphene_hbn import GrapheneHBN
from moirelib.layer import DragLayer
from moirelib.sommerfeld import (
    fermi_line_susceptibility,
    occupation_form_susceptibility,
    sommerfeld_conductivity,
    van_hove_logarithm,
)

PAIRS = ((-20.0, -20.0), (0.0, 0.0), (-20.0, 100.0), (100.0, 100.0))
"""Chemical potentials (μ₁, μ₂) in meV of the curves with a T² law."""

GAP = -80.0
"""A chemical potential in meV in the gap below the first valence band."""

_PROFILE = np.linspace(-165, 150, 211)


@cache
def standard_layer(mesh: int = 180) -> DragLayer:
    """The default model on a mesh; solved once for all figures of a chapter."""
    return DragLayer(GrapheneHBN(), mesh=mesh, divisions=8)


@cache
def small_layer() -> DragLayer:
    """A smaller basis for what holds at any cut-off; on a mesh that resolves k_BT = 0.6 meV."""
    return DragLayer(GrapheneHBN(cutoff=2), mesh=180, shells=2, divisions=8)


@cache
def valence_saddle(model: GrapheneHBN) -> Saddle:
    """The saddle point of the second valence band, near κ′ (Kundu's strongest van Hove peak)."""
    return saddle_point(model, 0.8 * model.lattice.special_points["κ′"], band=1)


@dataclass(frozen=True)
class TemperatureDependence:
    """σ^{xx} in e²/h against k_BT in meV: thermal sums, σ(0) by contours and the coefficient A.

    ``van_hove`` is σ^{xx} with both layers at the energy ``van_hove_energy`` of a saddle, where
    no coefficient exists.
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
        np.array([zero[0, 0] for zero, _ in low]),
        np.array([coefficient[0, 0] for _, coefficient in low]),
        saddle,
        van_hove,
    )


def draw_temperature_dependence(data: TemperatureDependence) -> Figure:
    """Draw σ(T)/σ(0) with its T² law, and how the two part."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(8.0, 3.8))
    cold, warm = data.kT <= 5, data.kT >= 1
    for i, (mu1, mu2) in enumerate(zip(data.mu1, data.mu2, strict=True)):
        zero, coefficient = data.zero[i], data.coefficient[i]
        label = rf"${mu1:g}$, ${mu2:g}$: $\sigma(0)={zero:.2f}$"
        (line,) = left.plot(data.kT, data.conductivity[i] / zero, label=label)
        law = 1 + coefficient / zero * data.kT**2
        left.plot(data.kT[cold], law[cold], ":", color="black", zorder=3)
        change = data.conductivity[i] - zero
        right.plot(
            data.kT[warm], change[warm] / (coefficient * data.kT[warm] ** 2), color=line.get_color()
        )
    left.plot(
        data.kT,
        data.van_hove / data.van_hove[0],
        "--",
        color="black",
        label=rf"${data.van_hove_energy:.1f}$, twice: $\sigma(0)={data.van_hove[0]:.2f}$",
    )
    left.set(
        xlabel=r"$k_BT$ (meV)",
        ylabel=r"$\sigma^{xx}(T)\,/\,\sigma^{xx}(0)$",
        xlim=(0, data.kT.max()),
    )
    left.legend(title=r"$\mu_1$, $\mu_2$ (meV), $\sigma$ ($e^2/h$)", fontsize="small")
    right.axhline(1, color="black", lw=0.8)
    right.set(
        xlabel=r"$k_BT$ (meV)",
        ylabel=r"$[\sigma(T)-\sigma(0)]\,/\,A(k_BT)^2$",
        xlim=(0, data.kT.max()),
        ylim=(0, 2),
    )
    return figure


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
    slope : ndarray, shape (nd,)
        [𝒞(E + δ) − 𝒞(E − δ)]/2δ in phase, in 1/(nm meV).
    logarithm : float
        The coefficient of −ln δ in it that the saddle predicts, in 1/(nm meV).
    """

    mu: Floats
    energy: float
    in_phase: Floats
    in_quadrature: Floats
    distance: Floats
    slope: Floats
    logarithm: float


@cache
def at_van_hove(layer: DragLayer | None = None, points: int = 96) -> AtVanHove:
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
    slope = ((above - below) / (2 * distance) * direction.conj()).real
    response = complex_response * direction.conj()
    return AtVanHove(
        mu, saddle.energy, response.real, response.imag, distance, slope, float(abs(predicted))
    )


def draw_at_van_hove(data: AtVanHove) -> Figure:
    """Draw the response across the van Hove energy and its slope against the distance to it."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.6, 3.2))
    size = np.hypot(data.in_phase, data.in_quadrature)
    left.plot(data.mu, 1e3 * size, label=r"$|\mathcal{C}_G|$")
    left.plot(data.mu, 1e3 * data.in_phase, "--", label=r"in phase with $\partial_k\lambda$")
    left.axvline(data.energy, color="black", lw=0.8, ls=":")
    left.set(xlabel=r"$\mu$ (meV)", ylabel=r"$\mathcal{C}_{G}$ ($10^{-3}$ nm$^{-1}$)")
    left.legend(loc="center left")
    right.semilogx(data.distance, 1e3 * data.slope, "o", label="contours")
    fine = np.geomspace(data.distance[0] / 1.5, data.distance[-1] * 1.5, 50)
    anchored = data.slope[0] - data.logarithm * np.log(fine / data.distance[0])
    right.semilogx(fine, 1e3 * anchored, label="logarithm of the saddle")
    right.set(
        xlabel=r"$\delta$ (meV)",
        ylabel=r"slope in phase ($10^{-3}$ nm$^{-1}$ meV$^{-1}$)",
    )
    right.minorticks_off()
    right.set_xticks(data.distance, [f"{d:g}" for d in data.distance])
    right.legend()
    return figure


@dataclass(frozen=True)
class ByParts:
    """First-shell norms in 1/nm against the plane-wave cut-off.

    ``velocity_form`` is Kundu Eq. 37, ``occupation_form`` Eq. 40, ``in_gap`` Eq. 40 with μ in a
    gap, where it must vanish.
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


def draw_by_parts(data: ByParts) -> Figure:
    """Draw what the truncated basis does to each form."""
    figure, axes = plt.subplots(figsize=(5.2, 3.4))
    axes.loglog(data.cutoff, data.velocity_form, "o-", label=r"$-f'\,\partial_k\varepsilon$ form")
    axes.loglog(
        data.cutoff, data.in_gap, "s-", label=r"$f\,\partial_k\lambda$ form, $\mu$ in a gap"
    )
    axes.loglog(
        data.cutoff,
        data.in_gap[-1] * data.cutoff[-1] / data.cutoff,
        "k:",
        label="one over the cut-off",
    )
    axes.loglog(data.cutoff, data.difference, "^-", label="difference less the gap value")
    axes.set(xlabel=r"cut-off ($|G_1|$)", ylabel=r"$|\mathcal{C}|$, first shell (nm$^{-1}$)")
    axes.set_xticks(data.cutoff, [f"{c:g}" for c in data.cutoff])
    axes.minorticks_off()
    axes.legend(fontsize="small")
    return figure


@dataclass(frozen=True)
class ThermalProfile:
    """σ^{xx} at μ₁ = μ₂ = μ in e²/h against μ in meV, at one k_BT in meV and at zero."""

    mu: Floats
    kT: float
    conductivity: Floats
    zero: Floats


def thermal_profile(kT: float, mesh: int = 180) -> ThermalProfile:
    """Return the drag of equally filled layers against μ, smeared by temperature."""
    kT = _validate.non_negative("kT", kT, "meV")
    return ThermalProfile(_PROFILE, kT, _diagonal(kT, mesh), _diagonal(0.0, mesh))


@cache
def _diagonal(kT: float, mesh: int) -> Floats:
    layer = standard_layer(mesh)
    conductivity = drag_conductivity(layer, layer, _PROFILE, _PROFILE, kT)[..., 0, 0]
    diagonal: Floats = np.diagonal(conductivity).copy()
    return diagonal


def draw_thermal_profile(data: ThermalProfile) -> Figure:
    """Draw σ(μ) at one temperature over the zero-temperature curve."""
    figure, axes = plt.subplots(figsize=(6.4, 3.2))
    axes.plot(data.mu, data.zero, color="0.6", lw=1.2, label=r"$T=0$")
    axes.plot(data.mu, data.conductivity, label=rf"$k_BT={data.kT:g}$ meV")
    lowest = math.floor(float(data.zero.min()))
    axes.set(
        xlabel=r"$\mu_1=\mu_2$ (meV)",
        ylabel=r"$\sigma^{xx}_{12,v}$ ($e^2/h$)",
        xlim=(data.mu[0], data.mu[-1]),
        ylim=(lowest, 0.5),
    )
    axes.legend(loc="lower right")
    return figure
