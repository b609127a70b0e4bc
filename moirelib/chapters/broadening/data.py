"""Kundu et al., App. F: what becomes of the drag when reciprocal-lattice points are broadened."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike

from moirelib import _validate
from moirelib._repr import short_repr
from moirelib._types import Floats
from moirelib.bands.lattice import MoireLattice
from moirelib.drag.broadening import (
    PlaneFunction,
    broadened_sum,
    expanded_sum,
    gaussian_xi,
    laplacian_of,
    log10_peak_contrast,
    rigid_cell_xi,
)
from moirelib.drag.off_lattice import OffLatticeLayer, broadened_drag, drag_curvature
from moirelib.models.graphene_hbn import GrapheneHBN


@cache
def off_lattice_layer() -> OffLatticeLayer:
    """Return the layer that the figures share."""
    return OffLatticeLayer(GrapheneHBN(), mesh=36, shells=2)


def threefold_centres(lattice: MoireLattice) -> Floats:
    """Return the three threefold axes of the cell, (3, 2) in nm."""
    first, second = lattice.primitive_vectors
    # L₁ and L₂ are 60° apart: a third of their sum is the centre of a triangle.
    third = (first + second) / 3
    return np.stack([np.zeros(2), third, -third])


@short_repr
@dataclass(frozen=True)
class BroadenedPeaks:
    """Σ_G of normalised Gaussians over its mean, on the plane in 1/nm."""

    kx: Floats
    ky: Floats
    density: Floats
    width: float
    log10_contrast: float


def broadened_peaks(width: float, extent: float = 0.9, points: int = 121) -> BroadenedPeaks:
    """Return the broadened reciprocal lattice of Kundu Eq. 51.

    Parameters
    ----------
    width : float
        η > 0 in 1/nm.
    extent : float
        Half the side of the square shown, in 1/nm.
    points : int
        Points along each side.
    """
    eta = _validate.positive("width", width, "1/nm")
    lattice = GrapheneHBN().lattice
    k = np.linspace(-extent, extent, points)
    g = lattice.vectors(lattice.disc((1.5 * extent + 6 * eta) / lattice.reciprocal_length))
    # A Gaussian factorises: one matrix product instead of a sum over the plane.
    along, across = (np.exp(-0.5 * ((k[:, None] - g[:, i]) / eta) ** 2) for i in (0, 1))
    density = across @ along.T * lattice.zone_area / (2 * np.pi * eta**2)
    contrast = float(log10_peak_contrast(lattice, eta))
    return BroadenedPeaks(k, k, density, eta, contrast)


@short_repr
@dataclass(frozen=True)
class Remainder:
    """What expansions leave of a broadened sum, over the sum at η = 0, for Ξ = e^{−ag²}."""

    width: Floats
    with_half: Floats
    without_half: Floats


def remainder(decay: float = 12.0, width: ArrayLike | None = None) -> Remainder:
    """Compare Eq. 51 with its expansion, with and without the ½ of the quadratic term.

    Parameters
    ----------
    decay : float
        a in nm².
    width : array_like, optional
        η in 1/nm.
    """
    xi, laplacian = gaussian_xi(decay)
    eta = np.geomspace(0.003, 0.1, 14) if width is None else _validate.real_vector("width", width)
    lattice = GrapheneHBN().lattice
    pairs = lattice.disc(4.0)
    discrete = broadened_sum(xi, lattice, pairs, 0.0)
    exact = np.array([broadened_sum(xi, lattice, pairs, e) for e in eta.tolist()])
    half, whole = (
        np.array([expanded_sum(xi, laplacian, lattice, pairs, c * e) for e in eta.tolist()])
        for c in (1.0, np.sqrt(2.0))
    )
    return Remainder(eta, np.abs(exact - half) / discrete, np.abs(exact - whole) / discrete)


def _equal(map_of_fillings: Floats) -> Floats:
    """Take the entries of equal fillings, the diagonal of the last two axes."""
    return np.diagonal(map_of_fillings, axis1=-2, axis2=-1)


@short_repr
@dataclass(frozen=True)
class DragAgainstWidth:
    """σ̃^{xx} in e²/h against η in 1/nm, for both layers at the same chemical potential.

    Parameters
    ----------
    width : ndarray, shape (nw,)
        η; the first is 0.
    mu : ndarray, shape (nmu,)
        Chemical potentials in meV.
    umklapp : ndarray, shape (nw, nmu)
        Broadened points G ≠ 0.
    zeroth : ndarray, shape (nw, nmu)
        The broadened point G = 0.
    coefficient : ndarray, shape (nmu,)
        Of η² in Eq. 53, G ≠ 0, in e²/h nm².
    """

    width: Floats
    mu: Floats
    umklapp: Floats
    zeroth: Floats
    coefficient: Floats


def drag_against_width(
    mu: ArrayLike = (-110.0, -40.0, 100.0),
    kT: float = 3.0,
    steps: tuple[int, ...] = (1, 2, 3, 4, 5),
) -> DragAgainstWidth:
    """Return Eq. 51 for the model, continued off the lattice by the finite-q response.

    Parameters
    ----------
    mu : array_like, shape (nmu,)
        Chemical potentials in meV.
    kT : float
        k_BT in meV.
    steps : tuple of int
        Widths, in units of the smallest that the mesh resolves.
    """
    layer = off_lattice_layer()
    mu = _validate.real_vector("mu", mu)
    width = 1.25 * layer.spacing * np.array([0, *steps], dtype=float)
    by_shell = _equal(broadened_drag(layer, layer, mu, mu, kT, width))
    coefficient = _equal(drag_curvature(layer, layer, mu, mu, kT))[1:].sum(axis=0)
    return DragAgainstWidth(width, mu, by_shell[:, 1:].sum(axis=1), by_shell[:, 0], coefficient)


@short_repr
@dataclass(frozen=True)
class RelativeCurvature:
    """δσ/(ση²) in nm², G ≠ 0, against μ in meV: four continuations of the same lattice values.

    Parameters
    ----------
    mu : ndarray, shape (nmu,)
        Chemical potential of both layers.
    response : ndarray, shape (nmu,)
        From the response at finite wavevector.
    rigid : ndarray, shape (3, nmu)
        From rigid cells about each threefold axis.
    """

    mu: Floats
    response: Floats
    rigid: Floats


def relative_curvature(
    window: tuple[float, float] = (-130.0, 200.0), points: int = 34, kT: float = 3.0
) -> RelativeCurvature:
    """Return the relative coefficient of η², positive where broadening strengthens the drag.

    Parameters
    ----------
    window : tuple of float
        Range of μ in meV.
    points : int
        Number of chemical potentials.
    kT : float
        k_BT in meV.
    """
    layer = off_lattice_layer()
    mu = np.linspace(*window, points)
    sigma = _equal(broadened_drag(layer, layer, mu, mu, kT, 0.0))[1:].sum(axis=0)
    response = _equal(drag_curvature(layer, layer, mu, mu, kT))[1:].sum(axis=0) / sigma
    on_lattice = layer.susceptibility([0, 0], mu, kT)[:, 1:]
    g = layer.lattice.vectors(layer.pairs[1:])
    rigid = [
        [
            float(0.5 * laplacian_of(xi, 5e-3)(g).sum() / xi(g).sum())
            for xi in (rigid_xi(c, centre) for c in on_lattice)
        ]
        for centre in threefold_centres(layer.lattice)
    ]
    return RelativeCurvature(mu, response, np.array(rigid))


def rigid_xi(susceptibility: ArrayLike, centre: ArrayLike) -> PlaneFunction:
    """Return Ξ of two equal layers as rigid cells, from 𝒞_G (nG, 2) at the points G ≠ 0."""
    layer = off_lattice_layer()
    return rigid_cell_xi(
        layer.lattice, layer.pairs[1:], susceptibility, susceptibility, centre=centre
    )
