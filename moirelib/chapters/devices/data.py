"""The lattices behind the moiré, the bands of two valleys, and the landscape of a switch."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from scipy.integrate import cumulative_simpson
from scipy.spatial import cKDTree

from moirelib._repr import short_repr
from moirelib._types import Floats
from moirelib.bands.bloch import solve_bands
from moirelib.drag.interlayer import Interlayer
from moirelib.models.graphene_hbn import GrapheneHBN
from moirelib.models.twisted_bilayer import StrainedTBG
from moirelib.switching.stoner import ValleyOrderParameter


@short_repr
@dataclass(frozen=True)
class Devices:
    """Lengths of the two devices in nm, as the models have them.

    Parameters
    ----------
    distance, gate_distance : float
        Between the graphene sheets of the drag device, and from the nearer one to the gate.
    drag_period, switch_period : float
        Periods of the two moirés.
    twist_degrees : float
        Twist of the switch.
    """

    distance: float
    gate_distance: float
    drag_period: float
    switch_period: float
    twist_degrees: float


def devices() -> Devices:
    """Return the lengths of both devices from the defaults of the library."""
    between, sheet = Interlayer(), StrainedTBG()
    return Devices(
        between.distance,
        between.gate_distance,
        GrapheneHBN().lattice.period,
        period_of_twist(sheet.lattice_constant, sheet.twist_degrees),
        sheet.twist_degrees,
    )


def period_of_twist(lattice_constant: float, twist_degrees: float) -> float:
    """Return the moiré period a/(2 sin(θ/2)) of two equal lattices, in nm."""
    return lattice_constant / (2 * math.sin(math.radians(twist_degrees) / 2))


@short_repr
@dataclass(frozen=True)
class Moire:
    """Two honeycomb lattices on top of each other.

    Parameters
    ----------
    lower, upper : ndarray, shape (n, 2)
        Atoms of both sheets in nm.
    offset : ndarray, shape (n,)
        For each atom of the lower sheet the distance in the plane to the nearest of the upper, nm.
    vectors : ndarray, shape (2, 2)
        Primitive vectors of the moiré in nm, from the difference of the reciprocal lattices.
    """

    lower: Floats
    upper: Floats
    offset: Floats
    vectors: Floats


@short_repr
@dataclass(frozen=True)
class Moires:
    """The moirés of both devices: that of graphene on hBN, and that of the twisted bilayer.

    Parameters
    ----------
    hbn, twisted : Moire
        In a download ``hbn_lower``, ``hbn_upper``, ``twisted_lower`` and ``twisted_upper`` are the
        atoms, ``hbn_offset`` and ``twisted_offset`` how far those of the lower sheet are from the
        nearest of the upper, and ``hbn_vectors`` and ``twisted_vectors`` the moiré's primitive
        vectors, all in nm.
    """

    hbn: Moire
    twisted: Moire


def moires(size: float = 36.0) -> Moires:
    """Return both moirés on squares of a size in nm, from the atoms of the sheets."""
    aligned, sheet = GrapheneHBN(), StrainedTBG()
    a = aligned.lattice_constant
    stretch = aligned.hbn_lattice_constant / a
    return Moires(
        moire(a, stretch, 0.0, size), moire(sheet.lattice_constant, 1.0, sheet.twist_degrees, size)
    )


def moire(lattice_constant: float, stretch: float, twist_degrees: float, size: float) -> Moire:
    """Lay one honeycomb lattice on another that is stretched and turned.

    Parameters
    ----------
    lattice_constant : float
        Of the lower sheet, in nm.
    stretch : float
        Lattice constant of the upper sheet over that of the lower one.
    twist_degrees : float
        Angle by which the upper sheet is turned.
    size : float
        Side of the square that is covered, in nm; at its middle two hexagons lie on each other.
    """
    angle = math.radians(twist_degrees)
    turn = np.array([[math.cos(angle), math.sin(angle)], [-math.sin(angle), math.cos(angle)]])
    cell = lattice_constant * np.array([[1.0, 0.0], [0.5, math.sqrt(3) / 2]])
    other = stretch * cell @ turn
    lower, upper = _honeycomb(cell, size), _honeycomb(other, size + 2.0)
    offset, _ = cKDTree(upper).query(lower)
    # Rows b with a·b = δ, without 2π: the moiré has the differences of both sheets.
    difference = np.linalg.inv(cell).T - np.linalg.inv(other).T
    return Moire(lower, upper, np.asarray(offset), np.linalg.inv(difference).T)


def _honeycomb(cell: Floats, size: float) -> Floats:
    """Atoms of a honeycomb lattice in a square about the centre of a hexagon."""
    reach = math.ceil(1.5 * size / float(np.hypot(*cell[0])))
    n = np.arange(-reach, reach + 1)
    corners = np.stack(np.meshgrid(n, n, indexing="ij"), axis=-1).reshape(-1, 2) @ cell
    thirds = (cell[0] + cell[1]) / 3
    atoms = np.concatenate([corners + thirds, corners + 2 * thirds])
    found: Floats = atoms[np.abs(atoms).max(axis=1) <= size / 2]
    return found


@short_repr
@dataclass(frozen=True)
class Cover:
    """What the cover of the book shows.

    Parameters
    ----------
    moire : Moire
        Graphene on hBN.
    k : ndarray, shape (n,)
        Wavevector from a valley's centre along k_x, over k_m.
    bands_k, bands_k_prime : ndarray, shape (n, 4)
        The four bands next to neutrality in both valleys, meV.
    """

    moire: Moire
    k: Floats
    bands_k: Floats
    bands_k_prime: Floats


def cover() -> Cover:
    """Return the moiré of graphene on hBN and its bands."""
    bands = valleys()
    return Cover(moires(50.0).hbn, bands.moire_k, bands.bands_k, bands.bands_k_prime)


@short_repr
@dataclass(frozen=True)
class Valleys:
    """Two valleys, of graphene and of the moiré.

    Parameters
    ----------
    k : ndarray, shape (nk,)
        Both components of the wavevector in graphene's zone, 1/nm.
    graphene : ndarray, shape (nk, nk)
        Upper band of graphene over its hopping, [k_y, k_x].
    corners : ndarray, shape (6, 2)
        K and K′ in turn, 1/nm.
    moire_k : ndarray, shape (n,)
        Wavevector from a valley's centre along k_x, over k_m.
    bands_k, bands_k_prime : ndarray, shape (n, 4)
        The four bands next to neutrality of graphene on hBN in both valleys, meV.
    """

    k: Floats
    graphene: Floats
    corners: Floats
    moire_k: Floats
    bands_k: Floats
    bands_k_prime: Floats


def valleys(points: int = 161, count: int = 61) -> Valleys:
    """Return the upper band of graphene, and the moiré bands of both valleys along one line."""
    model = GrapheneHBN()
    a = model.lattice_constant
    size = 4 * math.pi / (3 * a)
    angles = np.arange(6) * math.pi / 3
    k = np.linspace(-1.25 * size, 1.25 * size, points)
    kx, ky = np.meshgrid(k, k)
    # Kundu's axes: K lies on k_x.
    hops = 2 * np.cos(kx * a / 2) * np.exp(1j * math.sqrt(3) * ky * a / 2)
    along = np.linspace(-2.0, 2.0, count)
    line = model.lattice.k_m * along[:, None] * [1.0, 0.0]
    return Valleys(
        k,
        np.abs(1 + hops),
        size * np.stack([np.cos(angles), np.sin(angles)], axis=-1),
        along,
        *(solve_bands(one, line, 4).energies for one in (model, GrapheneHBN(valley=-1))),
    )


@short_repr
@dataclass(frozen=True)
class Switch:
    """The landscape of an order parameter that a source tilts.

    Parameters
    ----------
    phi : ndarray, shape (n,)
        Order parameter, 1/nm².
    sources : ndarray, shape (3,)
        Δn₀ over the coercive density.
    landscape : ndarray, shape (3, n)
        ∫(Δn₀(Φ′) − Δn₀)dΦ′, whose minima are the stable states, 1/nm⁴.
    path, state : ndarray, shape (m,)
        Δn₀ over the coercive density, swept there and back, and the Φ that follows it.
    """

    phi: Floats
    sources: Floats
    landscape: Floats
    path: Floats
    state: Floats


def order_parameter(excess: float = 0.05) -> ValleyOrderParameter:
    """Return a bell-shaped band with Uν(0) = 1 + ``excess``, at zero temperature."""

    def band(energy: Floats) -> Floats:
        return 0.01 * np.exp(-0.5 * (energy / 3.0) ** 2)

    return ValleyOrderParameter(band, 100.0 * (1 + excess), 0.0, energies=(-15.0, 15.0))


def switch() -> Switch:
    """Return the landscape below, at and beyond the coercive density, and the loop."""
    order = order_parameter()
    coercive = order.coercive_density
    largest = 1.6 * max(state.phi for state in order.equilibria(0.0))
    phi = np.linspace(-largest, largest, 201)
    sources = np.array([0.0, 0.5, 1.2])
    flat = cumulative_simpson(order.source(phi), x=phi, initial=0.0)
    tilted = flat - sources[:, None] * coercive * (phi - phi[0])
    sweep = np.linspace(-1.6, 1.6, 161)
    path = np.concatenate([sweep, sweep[::-1]])
    return Switch(
        phi,
        sources,
        tilted - tilted[:, [100]],
        path,
        order.hysteresis(path * coercive, initial=-largest).phi,
    )
