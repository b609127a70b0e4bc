"""A moiré lattice that strain has deformed: the affine image of a triangular one.

Reciprocal vectors keep their integer pairs. The zone is the image of the hexagon, so that folding,
meshes and tiles are those of the triangular lattice, and change smoothly with the strain.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from moirelib import _validate
from moirelib._types import Floats, Ints
from moirelib.bands.lattice import Mesh, MoireLattice, PointOperation, Symmetry

Matrix = tuple[tuple[float, float], tuple[float, float]]

_UNIT: Matrix = ((1.0, 0.0), (0.0, 1.0))

# How far a matrix may miss what it is taken for.
_ROUND_OFF = 1e-9


@dataclass(frozen=True)
class ObliqueLattice(MoireLattice):
    """A lattice with any two reciprocal vectors.

    Parameters
    ----------
    period : float
        Period in nm of the triangular lattice with a cell of the same area.
    deformation : pair of pairs of float
        D, of determinant 1: the reciprocal vectors are D G₁ and D G₂ of that lattice.

    Raises
    ------
    TypeError, ValueError
        If D is no real matrix (2, 2) of determinant 1; ``period`` as :class:`MoireLattice`.

    Examples
    --------
    >>> lattice = ObliqueLattice.spanned_by([[0.5, 0.0], [-0.2, 0.4]])
    >>> lattice.reciprocal_vectors.round(12).tolist()
    [[0.5, 0.0], [-0.2, 0.4]]
    >>> round(lattice.zone_area, 12)
    0.2
    """

    deformation: Matrix = _UNIT

    def __post_init__(self) -> None:
        super().__post_init__()
        matrix = _validate.real_array("deformation", self.deformation, last=2)
        if matrix.shape != (2, 2) or abs(np.linalg.det(matrix) - 1) > _ROUND_OFF:
            raise ValueError(
                "deformation must be a matrix (2, 2) of determinant 1, since the period sets the "
                f"area, got {_validate.shown(self.deformation)}"
            )
        rows = tuple((float(a), float(b)) for a, b in matrix)
        _validate.keep(self, deformation=rows)

    @classmethod
    def spanned_by(cls, vectors: ArrayLike) -> ObliqueLattice:
        """Return the lattice with the reciprocal vectors (2, 2), rows in 1/nm.

        Raises
        ------
        TypeError, ValueError
            If ``vectors`` is not real and finite (2, 2), or the second is not to the left of the
            first.
        """
        rows = _validate.real_array("vectors", vectors, last=2)
        if rows.shape != (2, 2):
            raise ValueError(f"vectors must have shape (2, 2), got {rows.shape}")
        area = float(np.linalg.det(rows))
        if not area > 1e-6 * float((rows**2).sum()):
            raise ValueError(
                "vectors must span a cell, the second to the left of the first, got the area "
                f"{area:.3g} 1/nm²"
            )
        period = 2 * math.pi * math.sqrt(2 / math.sqrt(3) / area)
        triangular = MoireLattice(period).reciprocal_vectors
        matrix = np.linalg.solve(triangular, rows).T
        return cls(period, ((matrix[0, 0], matrix[0, 1]), (matrix[1, 0], matrix[1, 1])))

    @property
    def triangular(self) -> MoireLattice:
        """The lattice of which this one is the image."""
        return MoireLattice(self.period)

    @cached_property
    def reciprocal_vectors(self) -> Floats:
        """D G₁ and D G₂ as rows (2, 2), in 1/nm."""
        return _validate.frozen(self.triangular.reciprocal_vectors @ self._matrix.T)

    @cached_property
    def corners(self) -> Floats:
        """The images of the six corners of the hexagon, (6, 2) in 1/nm."""
        return _validate.frozen(self.triangular.corners @ self._matrix.T)

    @cached_property
    def point_operations(self) -> tuple[PointOperation, ...]:
        """Those operations of C₃ᵥ that still leave lengths unchanged: all six, or the identity."""
        every = super().point_operations
        turns = [
            op
            for op in every
            if np.abs(op.cartesian @ op.cartesian.T - np.eye(2)).max() < _ROUND_OFF
        ]
        return tuple(turns)

    def fold(self, k: ArrayLike) -> tuple[Floats, Ints]:
        """Split wavevectors into a part in the image of the hexagon and a reciprocal vector.

        As :meth:`MoireLattice.fold`; the part is the shortest one before the deformation. Errors as
        :meth:`MoireLattice.fold`.
        """
        k = _validate.real_array("k", k, last=2, empty=True)
        folded, pairs = self.triangular.fold(k @ np.linalg.inv(self._matrix).T)
        return folded @ self._matrix.T, pairs

    def mesh(self, size: int, symmetry: Symmetry = "none") -> Mesh:
        """Return the mesh of :meth:`MoireLattice.mesh`; reduced only where C₃ᵥ is left.

        Raises
        ------
        TypeError, ValueError
            For ``symmetry="C3v"`` on a lattice that is not triangular; as
            :meth:`MoireLattice.mesh`.
        """
        symmetry = _validate.choice("symmetry", symmetry, ("none", "C3v"))
        if symmetry == "C3v" and len(self.point_operations) < 6:
            raise ValueError(
                'symmetry must be "none" for a lattice that is not triangular, got "C3v"'
            )
        return super().mesh(size, symmetry)

    @cached_property
    def _matrix(self) -> Floats:
        return _validate.frozen(np.array(self.deformation, dtype=np.float64))
