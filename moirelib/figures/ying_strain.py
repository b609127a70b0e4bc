"""Figures of Ying et al., Sec. III.2 and App. B.2: zones under strain, momentum transfers."""

from __future__ import annotations

import math
from dataclasses import dataclass

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy.spatial import Voronoi

from moirelib.figures.ying_scattering import GREEN, RED
from moirelib.twisted_bilayer import StrainedTBG

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Zones:
    """Brillouin zones of graphene (1/nm) and of the moiré (in units of q)."""

    strain: float
    strain_over_twist: float
    graphene: Array
    graphene_strained: Array
    dirac_points: Array
    dirac_points_strained: Array
    moire: Array
    moire_strained: Array
    q_vectors: Array
    q_vectors_strained: Array


def zones(strain: float = 0.1, strain_over_twist: float = 0.3) -> Zones:
    """Return Ying Fig. 3 from the strain tensor.

    Parameters
    ----------
    strain : float
        For graphene, large enough to be seen.
    strain_over_twist : float
        ε/θ_w of the moiré zone, which already shows a hundredth of that strain.
    """
    # The twist only has to be large enough for the model to accept the strain.
    sheet = StrainedTBG(twist_degrees=9.0, strain=strain)
    plain, strained = sheet.dirac_points, sheet.dirac_points @ (np.eye(2) - sheet.strain_tensor)
    flat = StrainedTBG.from_ratios()
    bent = StrainedTBG.from_ratios(strain_over_twist=strain_over_twist)
    q = flat.moire_wavevector
    return Zones(
        strain,
        strain_over_twist,
        _wigner_seitz(plain[1:] - plain[0]),
        _wigner_seitz(strained[1:] - strained[0]),
        np.concatenate([plain, -plain]),
        np.concatenate([strained, -strained]),
        _wigner_seitz(flat.reciprocal_vectors / q),
        _wigner_seitz(bent.reciprocal_vectors / q),
        flat.q_vectors / q,
        bent.q_vectors / q,
    )


def _wigner_seitz(basis: Array) -> Array:
    """Corners of the cell closer to 0 than to any other lattice point, anticlockwise."""
    steps = np.stack(np.meshgrid([-1, 0, 1], [-1, 0, 1], indexing="ij"), -1).reshape(-1, 2)
    diagram = Voronoi(steps @ basis)
    corners = diagram.vertices[diagram.regions[diagram.point_region[len(steps) // 2]]]
    order = np.argsort(np.arctan2(corners[:, 1], corners[:, 0]))
    sorted_corners: Array = corners[order]
    return sorted_corners


def draw_zones(data: Zones) -> Figure:
    """Draw the zones with and without strain."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.4, 3.7))
    for axes, plain, strained, title in (
        (left, data.graphene, data.graphene_strained, f"graphene, ε = {data.strain:g}"),
        (right, data.moire, data.moire_strained, f"moiré, ε/θ = {data.strain_over_twist:g}"),
    ):
        _closed(axes, plain, color="0.55", ls="--", label="no strain")
        _closed(axes, strained, color="#0072B2", label="strained")
        axes.set(aspect="equal", title=title)
    left.plot(*data.dirac_points.T, "o", color="0.55", mfc="white")
    left.plot(*data.dirac_points_strained.T, "o", color="#D55E00")
    left.set(xlabel=r"$k_x$ (1/nm)", ylabel=r"$k_y$ (1/nm)")
    for vectors, colour in ((data.q_vectors, "0.55"), (data.q_vectors_strained, "#D55E00")):
        for end in vectors:
            right.annotate("", end, (0, 0), arrowprops={"arrowstyle": "-|>", "color": colour})
    right.set(xlabel=r"$k_x/q$", ylabel=r"$k_y/q$")
    right.legend(loc="upper right", fontsize="small")
    limit = 1.5 * max(np.abs(data.moire).max(), np.abs(data.moire_strained).max())
    right.set(xlim=(-limit, limit), ylim=(-limit, limit))
    return figure


def _closed(axes: Axes, corners: Array, **style: object) -> None:
    axes.plot(*np.concatenate([corners, corners[:1]]).T, **style)  # type: ignore[arg-type]


@dataclass(frozen=True)
class Transfers:
    """Momentum transfers from K of layer 1 to K' of layer 2, in units of |K|."""

    start: Array
    end: Array
    transfers: Array
    reciprocal: Array
    zone: Array


def transfers() -> Transfers:
    """Return Ying Fig. 8: three momentum transfers that differ by reciprocal vectors of layer 1."""
    # A twist that can be seen; the transfers are those of the unstrained bilayer.
    model = StrainedTBG(twist_degrees=8.0)
    size = float(np.hypot(*model.dirac_points[0]))
    half = 0.5 * model.twist
    turn = np.array([[math.cos(half), math.sin(half)], [-math.sin(half), math.cos(half)]])
    # Rows are vectors: @ turn rotates anticlockwise, @ turn.T clockwise.
    first, second = model.dirac_points @ turn.T / size, model.dirac_points @ turn / size
    end = -second[0]
    return Transfers(
        first, end, end - first, first[0] - first[1:], _wigner_seitz(first[1:] - first[0])
    )


def draw_transfers(data: Transfers) -> Figure:
    """Draw the three momentum transfers and the reciprocal vectors that join them."""
    figure, axes = plt.subplots(figsize=(4.4, 4.2))
    _closed(axes, data.zone, color="0.6", ls="--")

    def arrow(
        start: Array, end: Array, label: str, colour: str, shift: tuple[float, float]
    ) -> None:
        axes.annotate(
            "",
            (end[0], end[1]),
            (start[0], start[1]),
            arrowprops={"arrowstyle": "-|>", "color": colour, "lw": 1.5},
        )
        middle = 0.5 * (start + end)
        axes.text(middle[0] + shift[0], middle[1] + shift[1], label, color=colour)

    shifts = ((-0.05, 0.07), (-0.27, 0.06), (-0.27, -0.12))
    for index, (start, shift) in enumerate(zip(data.start, shifts, strict=True)):
        arrow(start, data.end, rf"$\Delta\mathbf{{k}}_{index + 1}$", RED, shift)
    for index, start in enumerate(data.start[1:]):
        shift = (0.05, 0.06) if index == 0 else (0.0, -0.16)
        arrow(start, data.start[0], rf"$\mathcal{{G}}({index + 2})$", GREEN, shift)
    axes.plot(*data.start.T, "o", color="#0072B2", label="K of layer 1")
    axes.plot(*data.end, "s", color="#D55E00", label="K' of layer 2")
    axes.set(
        aspect="equal",
        xlabel=r"$k_x/|K|$",
        ylabel=r"$k_y/|K|$",
        xlim=(-1.4, 1.4),
        ylim=(-1.25, 1.5),
    )
    axes.legend(fontsize="small", loc="upper right")
    return figure
