"""Kundu et al., Fig. 2 and Eq. 4: the strips of the device and their nonlocal resistance."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike
from scipy.spatial import cKDTree

from moirelib import _validate
from moirelib._repr import short_repr
from moirelib._types import Floats
from moirelib.chapters.detection.data.voltmeter import drag_layer, hall_layer
from moirelib.drag.conductivity import drag_conductivity
from moirelib.drag.layer import DragLayer
from moirelib.hall.exact import dirac_hall_conductivity
from moirelib.hall.layer import HallLayer
from moirelib.hall.strip import HallStrip, chain_resistance, nonlocal_resistance, strip_resistance
from moirelib.models.graphene_hbn import primary_mass
from moirelib.units import thermal_energy


@short_repr
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


@short_repr
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


@short_repr
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


@short_repr
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
    layer: HallLayer | None = None,
) -> Conductivities:
    """Return both conductivities of a layer against μ at several temperatures.

    Of the layer that the figures share, if none is given.
    """
    layer = hall_layer() if layer is None else layer
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


@short_repr
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
    mu: Floats,
    kT: float,
    broadening: float = 1.0,
    solved: DragLayer | None = None,
    hall: HallLayer | None = None,
) -> tuple[Floats, Floats, Floats]:
    """Return σ₁₂^{xx}, σ^{xx} and σ_v^{xy} in e²/h for two equal layers at equal μ, (nmu,) each.

    The drag and the rest are those of the layers that the figures share, if none is given.
    """
    one, layer = solved or drag_layer(), hall or hall_layer()
    drag = drag_conductivity(one, one, mu, mu, kT, broadening=broadening)
    return (
        drag[:, :, 0, 0].diagonal(),
        layer.conductivity(mu, kT, broadening),
        layer.valley_hall_conductivity(mu, kT),
    )
