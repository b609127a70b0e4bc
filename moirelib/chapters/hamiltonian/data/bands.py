"""Kundu et al., Fig. 1(a), and the pictures of the Hamiltonian chapter."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from moirelib._repr import short_repr
from moirelib._types import Floats
from moirelib.bands.bloch import solve_bands
from moirelib.bands.brillouin import spectral_function
from moirelib.bands.fermi_line import Saddle, saddle_point
from moirelib.bands.kdotp import expand
from moirelib.bands.lattice import MoireLattice
from moirelib.bands.model import BlochModel
from moirelib.bands.path import Path
from moirelib.bands.tiling import energies_on_mesh, expanded_energies
from moirelib.ledger.measure import residual
from moirelib.models.elimination import solve_bands_eliminated
from moirelib.models.graphene_hbn import GrapheneHBN

# The corners of the paths of Fig. 1(a), in units of k_m.
_HALF = np.sqrt(3) / 2
_PATHS = {
    1: (((0.5, _HALF), (0.0, 0.0), (1.0, 0.0)), ("κ′", "Γ", "κ")),
    -1: (((-0.5, _HALF), (-1.0, 0.0), (0.0, 0.0)), ("κ", "κ′", "Γ")),
}


def published_path(lattice: MoireLattice, valley: int, count: int = 60) -> Path:
    """Return the path of Kundu Fig. 1(a) for a valley, ``count`` points on each straight piece."""
    corners, labels = _PATHS[valley]
    return lattice.path(lattice.k_m * np.array(corners), labels, count)


@short_repr
@dataclass(frozen=True)
class BandStructure:
    """Data of Kundu Fig. 1(a): energies in meV, distances in 1/nm, states per meV and cell.

    Parameters
    ----------
    distance_k, distance_k_prime : ndarray, shape (nk,)
        Length along the path in either valley.
    ticks_k, ticks_k_prime : ndarray, shape (3,)
        Lengths at its corners.
    bands_k, bands_k_prime : ndarray, shape (nk, count)
        Energies in either valley.
    energies, density_of_states : ndarray, shape (ne,)
        Density of states per moiré cell, with spin and valley.
    van_hove : ndarray, shape (nv,)
        Energies of its peaks.
    exponent_sign : str
        The option of :class:`moirelib.GrapheneHBN` that was used.
    """

    distance_k: Floats
    ticks_k: Floats
    bands_k: Floats
    distance_k_prime: Floats
    ticks_k_prime: Floats
    bands_k_prime: Floats
    energies: Floats
    density_of_states: Floats
    van_hove: Floats
    exponent_sign: str


def band_structure(
    exponent_sign: Literal["momentum_matched", "as_printed"] = "momentum_matched",
    mesh_size: int = 120,
    window: tuple[float, float] = (-250.0, 300.0),
    **options: Any,
) -> BandStructure:
    """Compute the bands on the paths of Kundu Fig. 1(a) and the density of states.

    By k·p expansions, which agree with diagonalisation to 10⁻³ meV.

    Parameters
    ----------
    exponent_sign : {"momentum_matched", "as_printed"}
        Sign of the exponents of Eq. 6 against the Dirac term.
    mesh_size : int
        Points of the mesh along each reciprocal vector.
    window : tuple of float
        Range of energies in meV.
    **options
        Further parameters of :class:`moirelib.GrapheneHBN`.
    """
    model = GrapheneHBN(exponent_sign=exponent_sign, **options)
    along = {valley: published_path(model.lattice, valley) for valley in (1, -1)}
    bands = {
        1: expanded_energies(model, along[1].points, count=8),
        -1: expanded_energies(model.other_valley(), along[-1].points, count=8),
    }
    mesh, levels = energies_on_mesh(model, mesh_size, count=10)
    energies = np.linspace(*window, 1101)
    # Time reversal makes both valleys alike; spin doubles each.
    density = 4 * spectral_function(mesh, levels, energies)
    return BandStructure(
        distance_k=along[1].distance,
        ticks_k=along[1].ticks,
        bands_k=bands[1],
        distance_k_prime=along[-1].distance,
        ticks_k_prime=along[-1].ticks,
        bands_k_prime=bands[-1],
        energies=energies,
        density_of_states=density,
        van_hove=van_hove_energies(energies, density),
        exponent_sign=exponent_sign,
    )


def van_hove_energies(energies: Floats, density: Floats) -> Floats:
    """Return the energies of the peaks of a density of states sampled at equal steps.

    A peak is the highest sample within 10 meV on either side, and stands out there by an eighth
    of the largest value of all.
    """
    reach = max(1, round(10.0 / (energies[1] - energies[0])))
    # At the ends of the range the neighbours are not known.
    padded = np.pad(density, reach, constant_values=np.inf)
    around = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1)
    highest, lowest = around.max(axis=1), around.min(axis=1)
    peaks: Floats = energies[(density == highest) & (highest - lowest > density.max() / 8)]
    return peaks


@short_repr
@dataclass(frozen=True)
class TransferStars:
    """Reciprocal lattice, zone and the momentum transfers of Eq. 6, in units of k_m.

    Parameters
    ----------
    zone : ndarray, shape (7, 2)
        The corners of the Brillouin zone, closed.
    shells : ndarray, shape (n, 3)
        Reciprocal vectors and the number of their shell.
    equilateral, as_printed : ndarray, shape (3, 2)
        The transfers −ξG in the valley K, by either reading.
    """

    zone: Floats
    shells: Floats
    equilateral: Floats
    as_printed: Floats


def transfer_stars(shells: int = 5) -> TransferStars:
    """Collect what a graphene state at k couples to, for both readings of Eq. 6."""
    lattice = GrapheneHBN().lattice
    layers = [
        np.column_stack([lattice.vectors(pairs) / lattice.k_m, np.full(len(pairs), number)])
        for number, pairs in enumerate(lattice.shells(shells))
    ]
    stars = {
        star: np.array(
            [
                lattice.vectors(pair) / lattice.k_m
                for pair, _ in GrapheneHBN(transfer_star=star).potential_harmonics
            ]
        )
        for star in ("equilateral", "as_printed")
    }
    corners = lattice.corners / lattice.k_m
    return TransferStars(np.vstack([corners, corners[:1]]), np.concatenate(layers), **stars)


@short_repr
@dataclass(frozen=True)
class RotationTest:
    """The two bands at charge neutrality on a circle, meV against degrees.

    Parameters
    ----------
    angles : ndarray, shape (na,)
        Direction of k in degrees.
    closing, closing_reversed : ndarray, shape (na, 2)
        ε_K(k) and ε_K′(−k) of the default model.
    printed, printed_reversed : ndarray, shape (na, 2)
        The same with Eq. 6 read literally.
    """

    angles: Floats
    closing: Floats
    closing_reversed: Floats
    printed: Floats
    printed_reversed: Floats


def rotation_test(radius: float = 0.8, count: int = 73) -> RotationTest:
    """Compute the two bands nearest to neutrality at |k| = ``radius`` k_m in both valleys."""
    angles = np.linspace(0.0, 360.0, count)
    turn = np.radians(angles)
    k = np.stack([np.cos(turn), np.sin(turn)], axis=-1)
    energies = []
    for model in (GrapheneHBN(), GrapheneHBN.as_printed()):
        reach = radius * model.lattice.k_m
        energies.append(solve_bands_eliminated(model, reach * k, count=2).energies)
        other = model.other_valley()
        energies.append(solve_bands_eliminated(other, -reach * k, count=2).energies)
    return RotationTest(angles, *energies)


@short_repr
@dataclass(frozen=True)
class EliminationError:
    """How far the two-component model is from the full one, in meV.

    Parameters
    ----------
    energies : ndarray, shape (n,)
        Energies of the full model on a mesh, ascending.
    at_zero, at_dirac : ndarray, shape (n,)
        Energy of the two-component model minus that of the full one, with hBN eliminated at
        E = 0 and at the Dirac energy.
    dirac_energy : float
        The latter.
    """

    energies: Floats
    at_zero: Floats
    at_dirac: Floats
    dirac_energy: float


def elimination_error(mesh_size: int = 12) -> EliminationError:
    """Compare eight bands of the full model with those after eliminating hBN."""
    model = GrapheneHBN()
    dirac_energy = float(solve_bands(model, [0.0, 0.0], count=2).energies.mean())
    points = model.lattice.mesh(mesh_size).points
    full = solve_bands(model, points, count=8).energies.ravel()
    error = [
        solve_bands(model.eliminate_hbn(energy), points, count=8).energies.ravel() - full
        for energy in (0.0, dirac_energy)
    ]
    order = np.argsort(full)
    return EliminationError(full[order], error[0][order], error[1][order], dirac_energy)


@short_repr
@dataclass(frozen=True)
class InversionTest:
    """Berry curvature on the two faces of hBN.

    Parameters
    ----------
    distance, ticks : ndarray
        The path κ′–Γ–κ, in 1/nm.
    curvature, curvature_inverted : ndarray, shape (nk, 2)
        Berry curvature in nm² of the two bands at neutrality, on one face and on the other.
    energy_difference : float
        Largest difference of their energies, in meV.
    """

    distance: Floats
    ticks: Floats
    curvature: Floats
    curvature_inverted: Floats
    energy_difference: float


def inversion_test(count: int = 20) -> InversionTest:
    """Compute the Berry curvature with boron and nitrogen in either order.

    ``count`` points lie on either side of Γ, denser where it peaks: there and at the corners.
    """
    model = GrapheneHBN()
    path = published_path(model.lattice, 1, 1)
    share = np.sin(np.pi / 2 * np.arange(count + 1) / count)[:, None] ** 2
    kappa_prime, _, kappa = path.points
    points = np.concatenate([share[:0:-1] * kappa_prime, share * kappa])
    faces = [solve_bands(one, points, count=2) for one in (model, model.inverted())]
    return InversionTest(
        path.ticks[1] + np.linalg.norm(points, axis=1) * np.repeat([-1, 1], [count, count + 1]),
        path.ticks,
        curvature=faces[0].berry_curvature(),
        curvature_inverted=faces[1].berry_curvature(),
        energy_difference=float(np.abs(faces[0].energies - faces[1].energies).max()),
    )


@short_repr
@dataclass(frozen=True)
class PathBands:
    """Bands of the valley K on κ′–Γ–κ: distances in 1/nm, energies in meV.

    Parameters
    ----------
    distance : ndarray, shape (nk,)
        Length along the path in 1/nm.
    ticks : ndarray, shape (3,)
        Lengths at its corners in 1/nm.
    bands : ndarray, shape (nk, count)
        Energies in meV.
    """

    distance: Floats
    ticks: Floats
    bands: Floats


def bands_on_path(count: int = 25, **options: Any) -> PathBands:
    """Compute the bands on the path of Fig. 1(a) for any parameters of the model, to 10⁻² meV."""
    model = GrapheneHBN(**options)
    path = published_path(model.lattice, 1, count)
    # Γ, in the middle of the path, is the origin.
    centres = np.concatenate([path.points[[0, -1]] * share / 4 for share in (1, 3)])
    nearest = np.linalg.norm(path.points[:, None] - centres, axis=-1).argmin(axis=1)
    energies = np.empty((len(path.points), 8))
    for i, centre in enumerate(centres):
        here = nearest == i
        # Eight bands more keep what is left out far away, at strong coupling too.
        energies[here] = expand(model, centre, 16).energies(path.points[here], 8)
    return PathBands(path.distance, path.ticks, energies)


@cache
def valence_saddle(model: GrapheneHBN) -> Saddle:
    """The saddle point of the second valence band, near κ′ (Kundu's strongest van Hove peak)."""
    return saddle_point(model, 0.8 * model.lattice.special_points["κ′"], band=1)


# Kundu App. A, typed again from the paper: lengths in nm, energies in meV.
GRAPHENE, HBN = 0.246, 0.2504


@cache
def random_wavevectors(count: int = 8) -> Floats:
    """Reproducible wavevectors of the zone of the default model, in 1/nm."""
    rng = np.random.default_rng(2603)
    folded, _ = GrapheneHBN().lattice.fold(rng.normal(size=(count, 2)))
    return folded


def rotation(turns: int = 1) -> Floats:
    """The matrix of a turn by ``turns`` times 120°."""
    angle = 2 * math.pi / 3 * turns
    return np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])


def low_bands(model: BlochModel, k: ArrayLike) -> Floats:
    """The four bands nearest to charge neutrality, in meV."""
    return solve_bands(model, k, count=4).energies


@cache
def symmetry_residuals(model: GrapheneHBN) -> dict[str, float]:
    """How far four bands miss C₃, the mirror and time reversal at random k, in meV."""
    k = random_wavevectors()
    here = low_bands(model, k)
    return {
        "C3": residual(low_bands(model, k @ rotation().T), here),
        "mirror": residual(low_bands(model, k * [1, -1]), here),
        "time reversal": residual(low_bands(model.other_valley(), -k), here),
    }


def tunnelling_distance(model: GrapheneHBN) -> float:
    """Largest difference, in units of u₀, between U(r) and hopping between the two lattices.

    Every atom of graphene sends its amplitude to atoms of hBN. The atoms A lie at the lattice
    points and B one bond along +y from them, in both crystals; the hopping is a Gaussian of the
    distance, so wide that the corners of the first zone outweigh all equivalent momenta.
    """
    width = 0.24
    corner = 4 * math.pi / (3 * GRAPHENE) * np.array([model.valley, 0.0])
    strength = 2 * math.pi * width**2 * math.exp(-((corner[0] * width) ** 2) / 2)
    strength /= math.sqrt(3) / 2 * GRAPHENE**2
    cells = np.stack(np.meshgrid(*2 * [np.arange(-10, 11)]), axis=-1).reshape(-1, 2)
    atoms = [_atoms(GRAPHENE, cells, b) for b in (0, 1)]
    worst = 0.0
    for cell in np.random.default_rng(6).integers(-90, 90, size=(8, 2)):
        for row in (0, 1):
            target = _atoms(HBN, cell, row)
            near = np.rint(np.linalg.solve(_atoms(GRAPHENE, np.eye(2), 0).T, target))
            sources = [sublattice + _atoms(GRAPHENE, near, 0) - target for sublattice in atoms]
            arriving = [
                np.exp(1j * d @ corner - (d**2).sum(axis=-1) / (2 * width**2)).sum() / strength
                for d in sources
            ]
            own = sum(
                np.exp(1j * target @ model.lattice.vectors(pair)) * u[row] / model.coupling
                for pair, u in model.potential_harmonics
            )
            worst = max(worst, residual(arriving, own))
    return worst


def _atoms(constant: float, cells: ArrayLike, sublattice: int) -> Floats:
    """Positions (..., 2) in nm of one sublattice, a bond along y, in the given cells (..., 2)."""
    primitive = constant * np.array([[1.0, 0.0], [0.5, math.sqrt(3) / 2]])
    return np.asarray(cells) @ primitive + [0.0, sublattice * constant / math.sqrt(3)]
