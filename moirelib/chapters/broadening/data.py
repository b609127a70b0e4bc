"""Kundu et al., App. F: what becomes of the drag when reciprocal-lattice points are broadened."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike

from moirelib import _validate
from moirelib._repr import short_repr
from moirelib._types import Complex, Floats, Ints
from moirelib.bands.bloch import (
    Bands,
    overlap_current_factors,
    overlap_form_factors,
    solve_bands,
)
from moirelib.bands.brillouin import fermi_quotient
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
from moirelib.drag.interlayer import Interlayer, xi
from moirelib.drag.layer import DragLayer
from moirelib.drag.off_lattice import OffLatticeLayer, broadened_drag, drag_curvature
from moirelib.models.graphene_hbn import GrapheneHBN

# Sums over the lattice are right to 10⁻³ of the largest at 3 meV. Second differences in q, on the
# same mesh, are right to a few per cent, but where a gap is narrower than a step of q.
_MESH = 36
_FAR_SHELLS = 6


@cache
def off_lattice_layer() -> OffLatticeLayer:
    """Return the layer that the figures share."""
    return OffLatticeLayer(GrapheneHBN(), mesh=_MESH, shells=2)


def threefold_centres(lattice: MoireLattice) -> Floats:
    """Return the three threefold axes of the cell, (3, 2) in nm."""
    first, second = lattice.primitive_vectors
    # L₁ and L₂ are 60° apart: a third of their sum is the centre of a triangle.
    third = (first + second) / 3
    return np.stack([np.zeros(2), third, -third])


@short_repr
@dataclass(frozen=True)
class BroadenedPeaks:
    """Σ_G of normalised Gaussians over its mean, on the plane in 1/nm.

    Parameters
    ----------
    kx, ky : ndarray, shape (n,)
        Wavevectors in 1/nm.
    density : ndarray, shape (n, n)
        The sum over its mean, rows along k_y.
    width : float
        η in 1/nm.
    log10_contrast : float
        Decimal logarithm of the modulation that is left, relative to the mean.
    """

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
    """What expansions leave of a broadened sum, over the sum at η = 0, for Ξ = e^{−ag²}.

    Parameters
    ----------
    width : ndarray, shape (n,)
        η in 1/nm.
    with_half, without_half : ndarray, shape (n,)
        What is left after η²/2 and after η² times the Laplacian, over the sum at η = 0.
    """

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
    window: tuple[float, float] = (-130.0, 200.0),
    points: int = 34,
    kT: float = 3.0,
    layer: OffLatticeLayer | None = None,
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
    layer : OffLatticeLayer, optional
        Both layers; that of the figures if left out.
    """
    mu = np.linspace(*window, points)
    if layer is None:
        # Rigid cells weigh far shells as |G|²: a layer on the lattice has them at no cost.
        layer = off_lattice_layer()
        sharp = DragLayer(layer.model, layer.mesh, layer.bands, _FAR_SHELLS, divisions=2)
        pairs, on_lattice = sharp.pairs, sharp.susceptibility(mu, kT)
    else:
        pairs, on_lattice = layer.pairs[1:], layer.susceptibility([0, 0], mu, kT)[:, 1:]
    sigma = _equal(broadened_drag(layer, layer, mu, mu, kT, 0.0))[1:].sum(axis=0)
    response = _equal(drag_curvature(layer, layer, mu, mu, kT))[1:].sum(axis=0) / sigma
    g = layer.lattice.vectors(pairs)
    rigid = [
        [
            float(0.5 * laplacian_of(one, 5e-3)(g).sum() / one(g).sum())
            for one in (
                rigid_cell_xi(layer.lattice, pairs, c, c, centre=centre) for c in on_lattice
            )
        ]
        for centre in threefold_centres(layer.lattice)
    ]
    return RelativeCurvature(mu, response, np.array(rigid))


@short_repr
@dataclass(frozen=True)
class WholeResponse:
    """δσ/(ση²) in nm², G ≠ 0, of three continuations that take both parts of the response along.

    Parameters
    ----------
    mu : ndarray, shape (nmu,)
        Chemical potential of both layers in meV.
    within, between, mixed : ndarray, shape (nmu,)
        From 𝒞𝒞, from 𝒟𝒟, and from 2𝒞𝒟 − 𝒞𝒞, the weight of δ(Ω) with its mixed products.
    agreement : ndarray, shape (nmu,)
        𝒟/𝒞 on the lattice.
    """

    mu: Floats
    within: Floats
    between: Floats
    mixed: Floats
    agreement: Floats


@cache
def whole_response(mesh: int = 24, cutoff: int = 2, bands: int = 20) -> WholeResponse:
    """Continue 𝒟 off the lattice as well as 𝒞, at k_BT = 6 meV and the strong fillings.

    On the lattice 𝒟(0) = 𝒞, between two fillings: the constant of a truncated basis is taken off
    at a filling in the gap below the first valence band. The Laplacian is extrapolated from two
    wavevectors of the mesh.
    """
    mu = np.array([-128.0, -110.0, -40.0, 110.0])
    model = GrapheneHBN(cutoff=cutoff)
    lattice = model.lattice
    pairs = np.concatenate(lattice.shells(3)[1:])
    side = np.arange(mesh)
    grid = np.stack(np.meshgrid(side, side, indexing="ij"), axis=-1).reshape(-1, 2)
    solved = solve_bands(model, lattice.fold(lattice.vectors(grid) / mesh)[0], bands)
    folded = np.rint(solved.k @ np.linalg.inv(lattice.reciprocal_vectors) * mesh).astype(int)
    half = bands // 2
    gap = (solved.energies[:, half - 2].max() + solved.energies[:, half - 1].min()) / 2
    levels = [(level, 6.0) for level in mu.tolist()] + [(float(gap), 0.3)]
    sums = []
    for offset in (0, 1, 2):
        shifted = folded + np.array([offset, 0])
        wrapped = shifted % mesh
        partner = wrapped[:, 0] * mesh + wrapped[:, 1]
        own, other = _parts_at(solved, partner, (shifted - folded[partner]) // mesh, pairs, levels)
        # Less what a filling in the gap has: only the part between bands has a constant there.
        c, d = -own[:-1], other[:-1] - other[-1]
        length = np.linalg.norm(
            lattice.vectors(pairs) + lattice.vectors(np.array([offset, 0])) / mesh, axis=1
        )
        weight = Interlayer()(length)
        sums.append([xi(a, b, weight).sum(axis=1) for a, b in ((c, c), (d, d), (c, d))])
    squared = (lattice.reciprocal_length / mesh) ** 2
    rest, near, far = (
        np.stack([cc, dd, 2 * cd - cc]) for cc, dd, cd in (np.stack(one) for one in sums)
    )
    laplacian = (16 * (near - rest) - (far - rest)) / (3 * squared)
    within, between, mixed = 0.5 * laplacian / rest
    # 2𝒞𝒟/𝒞𝒞 − 1 stands in the last row: the sign of 𝒟 against 𝒞 shows.
    return WholeResponse(mu, within, between, mixed, (rest[2] / rest[0] + 1) / 2)


def _parts_at(
    solved: Bands,
    partner: Ints,
    umklapp: Ints,
    pairs: Ints,
    levels: list[tuple[float, float]],
) -> tuple[Complex, Complex]:
    """Static response of the valley current to density, within and between bands: (nmu, nG, 2)."""
    parts = np.zeros((2, len(levels), len(pairs), 2), dtype=complex)
    count = solved.energies.shape[1]
    same = np.eye(count, dtype=bool)
    for chosen in np.array_split(np.arange(len(partner)), max(1, len(partner) // 150)):
        there = partner[chosen]
        left = Bands(solved.model, solved.k[chosen], solved.energies[chosen], solved.states[chosen])
        right = Bands(solved.model, solved.k[there], solved.energies[there], solved.states[there])
        density = overlap_form_factors(left, right, pairs, umklapp[chosen])
        current = overlap_current_factors(left, right, np.array([0, 0]), umklapp[chosen])
        for i, (level, kT) in enumerate(levels):
            kernel = fermi_quotient(
                left.energies[:, :, None], right.energies[:, None, :], level, kT
            )
            for part, kept in zip(parts, (same, ~same), strict=True):
                weighted = (density * (kernel * kept)).reshape(len(pairs), -1)
                part[i] += weighted @ current.reshape(2, -1).conj().T
    # Two spins, and the valleys alike.
    parts *= 4 / (solved.model.lattice.cell_area * len(partner))
    return parts[0], parts[1]


def rigid_xi(susceptibility: ArrayLike, centre: ArrayLike) -> PlaneFunction:
    """Return Ξ of two equal layers as rigid cells, from 𝒞_G (nG, 2) at the points G ≠ 0."""
    layer = off_lattice_layer()
    return rigid_cell_xi(
        layer.lattice, layer.pairs[1:], susceptibility, susceptibility, centre=centre
    )
