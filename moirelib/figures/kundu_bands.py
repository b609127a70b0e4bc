"""Kundu et al., Fig. 1(a), and the pictures of the Hamiltonian chapter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle
from scipy.optimize import isotonic_regression

from moirelib._types import Floats
from moirelib.bloch import solve_bands
from moirelib.brillouin import spectral_function
from moirelib.elimination import solve_bands_eliminated
from moirelib.figures.style import CYCLE
from moirelib.graphene_hbn import GrapheneHBN
from moirelib.kdotp import energies_on_mesh, expanded_energies
from moirelib.lattice import MoireLattice, Path

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


def draw_band_structure(data: BandStructure) -> Figure:
    """Draw Kundu Fig. 1(a)."""
    figure, axes = plt.subplots(1, 3, figsize=(8.4, 4.2), sharey=True, width_ratios=(2.2, 2.2, 1.6))
    panels = (
        ("K", data.distance_k, data.bands_k, data.ticks_k, _PATHS[1][1], CYCLE[0]),
        ("K′", data.distance_k_prime, data.bands_k_prime, data.ticks_k_prime, _PATHS[-1][1],
         CYCLE[1]),
    )  # fmt: skip
    for axis, (valley, distance, bands, ticks, labels, colour) in zip(axes, panels, strict=False):
        axis.plot(distance, bands, color=colour)
        axis.set_xticks(ticks, labels)
        axis.set_xlim(distance[0], distance[-1])
        axis.set_title(f"valley {valley}")
    axes[0].set_ylabel("energy (meV)")
    axes[2].plot(data.density_of_states, data.energies, color="black", linewidth=1.2)
    axes[2].set_xlim(left=0)
    axes[2].set_xlabel("states per meV and cell")
    axes[2].set_title("density of states")
    axes[0].set_ylim(data.energies[0], data.energies[-1])
    _label_peaks(axes[2], data)
    return figure


def _label_peaks(axis: Axes, data: BandStructure) -> None:
    """Mark the peaks, with their energies in a column beside the axis."""
    heights = np.interp(data.van_hove, data.energies, data.density_of_states)
    axis.plot(heights, data.van_hove, "o", color=CYCLE[2], markersize=5)
    # The closest positions that keep the order and leave every label its line.
    steps = 0.05 * (data.energies[-1] - data.energies[0]) * np.arange(len(data.van_hove))
    positions = isotonic_regression(data.van_hove - steps).x + steps
    for energy, height, position in zip(data.van_hove, heights, positions, strict=True):
        axis.annotate(
            f"{energy:.1f}".replace("-", "−"),
            (height, energy),
            xytext=(1.05, position),
            textcoords=axis.get_yaxis_transform(),
            verticalalignment="center",
            color=CYCLE[2],
            arrowprops={"arrowstyle": "-", "color": CYCLE[2], "linewidth": 0.6},
        )


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


def draw_transfer_stars(data: TransferStars) -> Figure:
    """Draw both stars on the reciprocal lattice."""
    figure, axes = plt.subplots(1, 2, figsize=(8.0, 4.1), sharex=True, sharey=True)
    stars = (
        ("{0, G₁, G₁+G₂}: equilateral", data.equilateral),
        ("{0, G₁, G₂}: as printed", data.as_printed),
    )
    for axis, (title, star) in zip(axes, stars, strict=True):
        axis.plot(*data.zone.T, color="black", linewidth=1.0)
        for number in np.unique(data.shells[:, 2]):
            points = data.shells[data.shells[:, 2] == number]
            axis.plot(*points[:, :2].T, "o", color=CYCLE[int(number) % 6], markersize=5)
            radius = float(np.linalg.norm(points[0, :2]))
            axis.add_patch(Circle((0, 0), radius, fill=False, linewidth=0.4, alpha=0.5))
        axis.fill(*star.T, color=CYCLE[0], alpha=0.15)
        for end in star[1:]:
            axis.annotate(
                "", end, (0, 0), arrowprops={"arrowstyle": "-|>", "color": CYCLE[0], "lw": 2}
            )
        axis.plot(*star.T, "s", color=CYCLE[0], markersize=8, fillstyle="none")
        axis.set_aspect("equal")
        axis.set_title(title)
        axis.set_xlabel("$k_x/k_m$")
        axis.set(xlim=(-3.9, 3.9), ylim=(-3.9, 3.9))
    axes[0].set_ylabel("$k_y/k_m$")
    return figure


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


def draw_rotation_test(data: RotationTest) -> Figure:
    """Draw energies against the direction of k: three-fold, or not."""
    figure, axes = plt.subplots(1, 2, figsize=(8.0, 3.8), sharey=True)
    panels: tuple[tuple[Axes, str, Floats, Floats], ...] = (
        (axes[0], "transfers and phases that close", data.closing, data.closing_reversed),
        (axes[1], "Eq. 6 read literally", data.printed, data.printed_reversed),
    )
    for axis, title, here, there in panels:
        axis.plot(data.angles, here, color=CYCLE[0])
        axis.plot(data.angles, there, color=CYCLE[1], linestyle="--")
        axis.plot([], [], color=CYCLE[0], label="$\\varepsilon_K(k)$")
        axis.plot([], [], color=CYCLE[1], linestyle="--", label="$\\varepsilon_{K'}(-k)$")
        axis.set_title(title)
        axis.set_xlabel("direction of k (degrees)")
        axis.set_xticks(np.arange(0, 361, 60))
    axes[0].set_ylabel("energy (meV)")
    axes[1].legend(loc="center right")
    return figure


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


def draw_elimination_error(data: EliminationError) -> Figure:
    """Draw the error of the two-component model against energy."""
    figure, axis = plt.subplots(figsize=(6.4, 3.8))
    for error, label, marker, colour in (
        (data.at_zero, "eliminated at E = 0", "o", CYCLE[0]),
        (data.at_dirac, f"eliminated at E = {data.dirac_energy:.1f} meV", "^", CYCLE[1]),
    ):
        axis.plot(data.energies, error, marker, color=colour, label=label, markersize=3)
    axis.axhline(0, color="black", linewidth=0.6)
    axis.set_xlabel("energy of the full model (meV)")
    axis.set_ylabel("error of the 2×2 model (meV)")
    axis.legend()
    return figure


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


def draw_inversion_test(data: InversionTest) -> Figure:
    """Draw the Berry curvature of the two bands on both faces."""
    figure, axes = plt.subplots(1, 2, figsize=(8.0, 3.6), sharey=True)
    for band, (axis, title) in enumerate(
        zip(axes, ("first valence band", "first conduction band"), strict=True)
    ):
        axis.plot(data.distance, data.curvature[:, band], label="one face of hBN")
        axis.plot(data.distance, data.curvature_inverted[:, band], "--", label="the other")
        axis.set_yscale("symlog", linthresh=10.0)
        axis.set_xticks(data.ticks, _PATHS[1][1])
        axis.set_title(title)
    axes[0].set_ylabel("Berry curvature (nm²)")
    axes[1].legend()
    return figure


@dataclass(frozen=True)
class PathBands:
    """Bands of the valley K on κ′–Γ–κ: distances in 1/nm, energies in meV."""

    distance: Floats
    ticks: Floats
    bands: Floats


def bands_on_path(count: int = 25, **options: Any) -> PathBands:
    """Compute the bands on the path of Fig. 1(a) for any parameters of the model."""
    model = GrapheneHBN(**options)
    path = published_path(model.lattice, 1, count)
    bands = solve_bands_eliminated(model, path.points, count=8)
    return PathBands(path.distance, path.ticks, bands.energies)


def draw_bands_on_path(data: PathBands) -> Figure:
    """Draw them with axes that do not move."""
    figure, axis = plt.subplots(figsize=(5.2, 3.9), layout="none")
    figure.subplots_adjust(left=0.13, right=0.97, bottom=0.08, top=0.97)
    axis.plot(data.distance, data.bands, color=CYCLE[0])
    axis.set_xticks(data.ticks, _PATHS[1][1])
    axis.set(xlim=(data.distance[0], data.distance[-1]), ylim=(-260, 320))
    axis.set_ylabel("energy (meV)")
    return figure
