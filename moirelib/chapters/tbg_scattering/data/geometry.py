"""Ying Figs. 3 and 8: zones of graphene and of the moiré, and momentum transfers."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import Voronoi

from moirelib._repr import short_repr
from moirelib.models.twisted_bilayer import StrainedTBG

Array = NDArray[np.float64]


@short_repr
@dataclass(frozen=True)
class Zones:
    """Brillouin zones of graphene (1/nm) and of the moiré (in units of q).

    Parameters
    ----------
    strain : float
        ε of graphene's zones, a number.
    strain_over_twist : float
        ε/θ_w of the moiré's zones.
    graphene, graphene_strained : array (6, 2)
        Corners of graphene's zone without and with strain, in 1/nm.
    dirac_points, dirac_points_strained : array (6, 2)
        Three points K and their opposites K′, in 1/nm.
    moire, moire_strained : array (6, 2)
        Corners of the moiré's zone, in units of q.
    q_vectors, q_vectors_strained : array (3, 2)
        Between neighbouring Dirac points, in units of q.
    """

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


@short_repr
@dataclass(frozen=True)
class Transfers:
    """Momentum transfers from K of layer 1 to K' of layer 2, in units of |K|.

    Parameters
    ----------
    start : array (3, 2)
        The equivalent K of layer 1.
    end : array (2,)
        K' of layer 2.
    transfers : array (3, 2)
        From each of the former to the latter.
    reciprocal : array (2, 2)
        Reciprocal vectors of layer 1.
    zone : array (6, 2)
        Corners of its Brillouin zone.
    """

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
