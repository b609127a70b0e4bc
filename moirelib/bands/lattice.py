"""The triangular moiré lattice: reciprocal vectors, Brillouin zone, folding, meshes and paths.

A reciprocal vector is named by its integer pair (n, m), meaning n G₁ + m G₂, with the vectors of
Kundu App. A: G₁ = k_m(3/2, −√3/2) and G₂ = √3 k_m(0, 1), 120° apart.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from moirelib import _validate
from moirelib._memory import require_memory
from moirelib._repr import short_repr
from moirelib._types import Floats, Ints
from moirelib.bands.path import Path

Symmetry = Literal["none", "C3v"]

# Numbers that making a mesh holds at a time, for each of its points.
_ARRAYS_OF_MESH = 40

_ROTATION = np.array([[0, -1], [1, -1]])
_MIRROR = np.array([[1, 0], [1, -1]])


# What holds arrays is compared by identity: they have no hash, and no single "equal".
@short_repr
@dataclass(frozen=True, eq=False)
class PointOperation:
    """An element of C₃ᵥ acting on one valley.

    The three rotations are unitary. The three mirrors, k_y → −k_y and its rotated copies, are
    the product of a mirror that swaps the valleys and time reversal: they complex-conjugate.

    Parameters
    ----------
    pairs : ndarray, shape (2, 2)
        Integer matrix acting on pairs (n, m).
    cartesian : ndarray, shape (2, 2)
        The same operation on Cartesian wavevectors.
    conjugates : bool
        Whether the operation is antiunitary.
    """

    pairs: Ints
    cartesian: Floats
    conjugates: bool

    def __post_init__(self) -> None:
        _validate.keep(self)


@short_repr
@dataclass(frozen=True, eq=False)
class Mesh:
    """A mesh of the Brillouin zone with weights and triangles.

    Parameters
    ----------
    size : int
        Points along each reciprocal vector; the full mesh has ``size**2`` points.
    symmetry : str
        ``"none"`` for the full mesh, ``"C3v"`` for its irreducible sixth.
    points : ndarray, shape (nk, 2)
        Wavevectors in 1/nm, folded into the zone (and into the wedge 0 ≤ angle ≤ 60°).
    weights : ndarray, shape (nk,)
        Share of the zone that each point stands for; they sum to 1.
    representative : ndarray, shape (size, size)
        For each point (i, j) of the full mesh, the index of the point that stands for it.
    """

    size: int
    symmetry: Symmetry
    points: Floats
    weights: Floats
    representative: Ints

    def __post_init__(self) -> None:
        _validate.keep(self)

    @property
    def triangles(self) -> Ints:
        """Point indices (nt, 3) of the corners of the triangles that tile the zone."""
        return self._tiling[0]

    @property
    def triangle_weights(self) -> Floats:
        """Share (nt,) of the zone that each triangle stands for; they sum to 1."""
        return self._tiling[1] / (2 * self.size**2)

    @cached_property
    def _tiling(self) -> tuple[Ints, Ints]:
        triangles, multiplicity = _triangles(self.representative)
        return _validate.frozen(triangles), _validate.frozen(multiplicity)

    def unfold(self, values: Floats) -> Floats:
        """Return invariant ``values``, on the points (nk, ...), on the full mesh (N, N, ...).

        Entry (i, j) belongs to the wavevector (i G₁ + j G₂)/N.

        Raises
        ------
        TypeError, ValueError
            If ``values`` is not real and finite, or does not have one row for each point.
        """
        values = _validate.real_array("values", values)
        if values.shape[:1] != (len(self.points),):
            raise ValueError(
                f"values must have shape ({len(self.points)}, ...), got {values.shape}"
            )
        return values[self.representative]


@dataclass(frozen=True)
class MoireLattice:
    """A triangular moiré lattice.

    Parameters
    ----------
    period : float
        Moiré period L_M in nm.

    Raises
    ------
    TypeError, ValueError
        If ``period`` is no number between 10⁻³ and 10⁶ nm.

    Examples
    --------
    >>> lattice = MoireLattice(period=14.0)
    >>> [len(shell) for shell in lattice.shells(4)]
    [1, 6, 6, 6]
    """

    period: float

    def __post_init__(self) -> None:
        period = _validate.between("period", self.period, 1e-3, 1e6, "nm", "a lattice of atoms")
        _validate.keep(self, period=period)

    @property
    def k_m(self) -> float:
        """Distance of a zone corner from the centre, 4π/(3 L_M), in 1/nm."""
        return 4 * math.pi / (3 * self.period)

    @property
    def reciprocal_length(self) -> float:
        """Length of the shortest reciprocal vector, 4π/(√3 L_M), in 1/nm."""
        return 4 * math.pi / (math.sqrt(3) * self.period)

    @property
    def cell_area(self) -> float:
        """Area of the moiré cell, √3 L_M²/2, in nm²."""
        return math.sqrt(3) / 2 * self.period**2

    @property
    def zone_area(self) -> float:
        """Area of the Brillouin zone, (2π)² over the cell area, in 1/nm²."""
        return (2 * math.pi) ** 2 / self.cell_area

    @cached_property
    def reciprocal_vectors(self) -> Floats:
        """G₁ and G₂ as rows (2, 2), in 1/nm."""
        return _validate.frozen(self.k_m * np.array([[1.5, -math.sqrt(0.75)], [0, math.sqrt(3)]]))

    @cached_property
    def primitive_vectors(self) -> Floats:
        """L₁ and L₂ as rows (2, 2), in nm, with G_i · L_j = 2π δ_ij."""
        inverse = np.asarray(np.linalg.inv(self.reciprocal_vectors), dtype=np.float64)
        return _validate.frozen(2 * math.pi * inverse.T)

    @cached_property
    def corners(self) -> Floats:
        """The six zone corners (6, 2) in 1/nm, anticlockwise from κ = k_m(1, 0)."""
        angles = np.arange(6) * math.pi / 3
        return _validate.frozen(self.k_m * np.stack([np.cos(angles), np.sin(angles)], axis=-1))

    @property
    def special_points(self) -> dict[str, Floats]:
        """Γ, κ, κ′ and the edge centre M of the zone, in 1/nm."""
        kappa, kappa_prime = self.corners[:2]
        return {
            "Γ": _validate.frozen(np.zeros(2)),
            "κ": kappa,
            "κ′": kappa_prime,
            "M": _validate.frozen((kappa + kappa_prime) / 2),
        }

    @cached_property
    def point_operations(self) -> tuple[PointOperation, ...]:
        """The six operations of C₃ᵥ that leave the bands of one valley unchanged."""
        operations = []
        for turns in range(3):
            rotation = np.linalg.matrix_power(_ROTATION, turns)
            for mirrored in (False, True):
                pairs = rotation @ _MIRROR if mirrored else rotation
                to_cartesian = self.reciprocal_vectors.T
                cartesian = to_cartesian @ pairs @ np.linalg.inv(to_cartesian)
                operations.append(PointOperation(pairs, cartesian, mirrored))
        return tuple(operations)

    def vectors(self, pairs: ArrayLike) -> Floats:
        """Return n G₁ + m G₂ in 1/nm, shape (..., 2), for integer pairs (..., 2).

        Raises
        ------
        TypeError, ValueError
            If ``pairs`` does not hold integers, or its last axis is not of length 2.
        """
        return _validate.integer_pairs("pairs", pairs) @ self.reciprocal_vectors

    def box(self, cutoff: int) -> Ints:
        """Return the pairs with |n|, |m| ≤ ``cutoff``, shape ((2 cutoff + 1)², 2).

        Raises
        ------
        TypeError, ValueError
            If ``cutoff`` is no integer ≥ 0, or the pairs would not fit into memory.
        """
        cutoff = _validate.integer("cutoff", cutoff, minimum=0)
        require_memory(f"cutoff={cutoff}", 4 * (2 * cutoff + 1) ** 2)
        side = np.arange(-cutoff, cutoff + 1)
        return np.stack(np.meshgrid(side, side, indexing="ij"), axis=-1).reshape(-1, 2)

    def disc(self, radius: float) -> Ints:
        """Return the pairs with |G| ≤ ``radius`` · |G₁|, sorted by length, then by angle.

        ``radius`` is any number ≥ 0; other errors as :meth:`box`.
        """
        radius = _validate.non_negative("radius", radius, "|G₁|")
        # For vectors 120° apart |n|, |m| ≤ (2/√3) |G|/|G₁|.
        pairs = self.box(math.ceil(2 / math.sqrt(3) * radius + 1e-9))
        squared = _squared_length(pairs)
        pairs = pairs[squared <= radius**2 + 1e-9]
        vectors = self.vectors(pairs)
        # Rounded first: a hair below the x axis is not a whole turn.
        angle = np.round(np.arctan2(vectors[:, 1], vectors[:, 0]), 9) % (2 * math.pi)
        return pairs[np.lexsort((angle, _squared_length(pairs)))]

    def shells(self, count: int) -> list[Ints]:
        """Return the first ``count`` shells of equal |G| as arrays of pairs; shell 0 is {0}.

        ``count`` is ≥ 1; other errors as :meth:`box`.
        """
        radius = float(_validate.integer("count", count, minimum=1))
        pairs = self.disc(radius)
        squared = _squared_length(pairs)
        lengths = np.unique(squared)[:count]
        return [pairs[squared == length] for length in lengths]

    def fold(self, k: ArrayLike) -> tuple[Floats, Ints]:
        """Split wavevectors into a part in the Wigner–Seitz zone and a reciprocal vector.

        Parameters
        ----------
        k : array_like, shape (..., 2)
            Wavevectors in 1/nm.

        Returns
        -------
        folded : ndarray, shape (..., 2)
            The shortest equivalent wavevector, in 1/nm.
        pairs : ndarray, shape (..., 2)
            Integer pairs with k = folded + n G₁ + m G₂ (Kundu below Eq. 15).

        Raises
        ------
        TypeError, ValueError
            If ``k`` is not real and finite, of another shape, or so long that no digit of the
            folded wavevector would be left.
        """
        k = _validate.real_array("k", k, last=2, empty=True)
        longest = np.abs(k).max(initial=0.0)
        if longest * np.finfo(float).eps > self.k_m:
            raise ValueError(f"k must be short enough to be folded, got {longest:.3g} 1/nm")
        nearest = np.floor(k @ np.linalg.inv(self.reciprocal_vectors)).astype(np.int64)
        # The closest lattice point is a corner of the parallelogram that holds k.
        candidates = nearest[..., None, :] + np.array([[0, 0], [0, 1], [1, 0], [1, 1]])
        remainders = k[..., None, :] - candidates @ self.reciprocal_vectors
        # Rounding makes ties on the zone boundary independent of round-off.
        distance = np.round(np.linalg.norm(remainders, axis=-1) / self.k_m, 9)
        best = np.argmin(distance, axis=-1)[..., None, None]
        pairs = np.take_along_axis(candidates, best, axis=-2)[..., 0, :]
        folded = np.take_along_axis(remainders, best, axis=-2)[..., 0, :]
        return folded, pairs

    def mesh(self, size: int, symmetry: Symmetry = "C3v") -> Mesh:
        """Return the Γ-centred ``size`` × ``size`` mesh, full or reduced by symmetry.

        The reduced mesh gives the same sums as the full one, to round-off, for every quantity
        that is invariant under C₃ᵥ. With time reversal, which yields the other valley, the
        irreducible part is one twelfth of the two valleys.

        Parameters
        ----------
        size : int
            Points along each reciprocal vector.
        symmetry : {"C3v", "none"}
            The symmetry to use.

        Raises
        ------
        TypeError, ValueError
            If ``size`` is no positive integer or too large for the memory, or ``symmetry`` is
            neither.
        """
        size = _validate.integer("size", size, minimum=1)
        symmetry = _validate.choice("symmetry", symmetry, ("none", "C3v"))
        require_memory(f"size={size}", _ARRAYS_OF_MESH * size**2)
        side = np.arange(size)
        grid = np.stack(np.meshgrid(side, side, indexing="ij"), axis=-1).reshape(-1, 2)
        points = self.fold(grid @ self.reciprocal_vectors / size)[0]
        if symmetry == "none":
            chosen = np.arange(size**2)
            index = chosen
        else:
            images = np.stack([grid @ op.pairs.T % size for op in self.point_operations])
            lowest = (images[..., 0] * size + images[..., 1]).min(axis=0)
            chosen, index = np.unique(lowest, return_inverse=True)
            points = self._into_wedge(points[chosen])
        weights = np.bincount(index) / size**2
        return Mesh(
            size=size,
            symmetry=symmetry,
            points=points,
            weights=weights,
            representative=index.reshape(size, size),
        )

    def path(self, corners: ArrayLike, labels: Sequence[str], count: int = 60) -> Path:
        """Return a path along straight lines.

        Parameters
        ----------
        corners : array_like, shape (nv, 2)
            Wavevectors in 1/nm.
        labels : sequence of str
            One name for each corner.
        count : int
            Points on each straight piece, its end excluded.

        Raises
        ------
        TypeError, ValueError
            If ``corners`` are not real and finite (nv, 2), fewer than two or without one label
            each, or ``count`` is no positive integer.
        """
        corners = _validate.real_array("corners", corners, last=2)
        count = _validate.integer("count", count, minimum=1)
        named = isinstance(labels, Sequence) and len(labels) == len(corners)
        if corners.ndim != 2 or len(corners) < 2 or not named:
            raise ValueError(
                "corners must have shape (nv, 2) with nv ≥ 2 and one label each, "
                f"got shape {corners.shape} and labels {_validate.shown(labels)}"
            )
        steps = np.arange(count)[:, None] / count
        pieces = (start + steps * (end - start) for start, end in pairwise(corners))
        points = np.concatenate([*pieces, corners[-1:]])
        lengths = np.linalg.norm(np.diff(points, axis=0), axis=1)
        distance = np.concatenate([[0.0], np.cumsum(lengths)])
        return Path(points, distance, distance[::count], tuple(map(str, labels)))

    def _into_wedge(self, points: Floats) -> Floats:
        """Rotate or reflect each point into 0 ≤ angle ≤ 60°."""
        images = np.stack([points @ op.cartesian.T for op in self.point_operations])
        angle = np.arctan2(images[..., 1], images[..., 0])
        outside = np.abs(angle - math.pi / 6)  # smallest at the middle of the wedge
        best = np.argmin(np.round(outside, 9), axis=0)
        wedge: Floats = np.take_along_axis(images, best[None, :, None], axis=0)[0]
        return wedge


def _squared_length(pairs: Ints) -> Ints:
    """|n G₁ + m G₂|² in units of |G₁|²: exact integers."""
    n, m = pairs[..., 0], pairs[..., 1]
    squared: Ints = n * n - n * m + m * m
    return squared


def _triangles(representative: Ints) -> tuple[Ints, Ints]:
    """Corners of the 2 N² triangles in terms of representatives, and how often each occurs."""

    def corner(di: int, dj: int) -> Ints:
        return np.roll(representative, (-di, -dj), axis=(0, 1)).ravel()

    # G₁ and G₂ are 120° apart: the short diagonal of the parallelogram runs along G₁ + G₂.
    one = np.stack([corner(0, 0), corner(1, 0), corner(1, 1)], axis=-1)
    two = np.stack([corner(0, 0), corner(0, 1), corner(1, 1)], axis=-1)
    every = np.sort(np.concatenate([one, two]), axis=1)
    triangles, multiplicity = np.unique(every, axis=0, return_counts=True)
    return triangles, multiplicity
