"""Kundu et al., Fig. 1(a), and the pictures of the Hamiltonian chapter."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Circle
from scipy.optimize import isotonic_regression

from moirelib._types import Floats
from moirelib.chapters.hamiltonian.data.bands import (
    _PATHS,
    BandStructure,
    EliminationError,
    InversionTest,
    PathBands,
    RotationTest,
    TransferStars,
)
from moirelib.figures.style import CYCLE


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
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=2)
    return figure


def draw_bands_on_path(data: PathBands) -> Figure:
    """Draw them with axes that do not move."""
    figure, axis = plt.subplots(figsize=(5.2, 3.9), layout="none")
    figure.subplots_adjust(left=0.13, right=0.97, bottom=0.08, top=0.97)
    axis.plot(data.distance, data.bands, color=CYCLE[0])
    axis.set_xticks(data.ticks, _PATHS[1][1])
    axis.set(xlim=(data.distance[0], data.distance[-1]), ylim=(-260, 320))
    axis.set_ylabel("energy (meV)")
    return figure
