"""What a model must offer to be solved: a Hamiltonian in plane waves that is affine in k.

No material is named here. :class:`PlaneWaveModel` turns any such Hamiltonian, given as matrices,
into a model that the layers of :mod:`moirelib.drag` and ``moirelib.hall`` accept.
"""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, replace
from typing import Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike

from moirelib import _validate
from moirelib._types import Complex, Ints
from moirelib.bands.lattice import MoireLattice

SymmetryName = Literal["C3", "mirror", "time_reversal"]
"""C₃ and the antiunitary mirror k_y → −k_y act within a valley; time reversal swaps the valleys."""

ALL_SYMMETRIES: frozenset[SymmetryName] = frozenset({"C3", "mirror", "time_reversal"})


@runtime_checkable
class BlochModel(Protocol):
    """What a model must offer: plane waves and a Hamiltonian affine in k."""

    @property
    def lattice(self) -> MoireLattice:
        """The lattice that the plane waves belong to."""
        ...

    @property
    def plane_waves(self) -> Ints:
        """The reciprocal vector of each row, as integer pairs (n, 2)."""
        ...

    @property
    def orbitals(self) -> Ints:
        """The orbital of each row (n,)."""
        ...

    @property
    def occupied(self) -> int:
        """Number of bands below charge neutrality."""
        ...

    def hamiltonian(self, k: ArrayLike) -> Complex:
        """H(k) in meV, shape (..., n, n)."""
        ...

    def velocity_operators(self) -> Complex:
        """∂H/∂k in meV nm, shape (2, n, n)."""
        ...


@runtime_checkable
class ValleyModel(BlochModel, Protocol):
    """One of two valleys: what a layer needs to sum over both."""

    @property
    def valley(self) -> int:
        """ξ = ±1."""
        ...

    @property
    def hbar_v(self) -> float:
        """The largest ħv in meV nm: the scale on which energies vary with k."""
        ...

    @property
    def symmetries(self) -> Set[SymmetryName]:
        """The symmetries that the model has by construction."""
        ...

    def other_valley(self) -> ValleyModel:
        """Return the same material in the other valley."""
        ...

    def __hash__(self) -> int:
        """Models are keys of caches."""
        ...


# Compared by identity: its arrays have no hash.
@dataclass(frozen=True, eq=False)
class PlaneWaveModel:
    """A Bloch Hamiltonian in plane waves that is affine in k, given by its matrices.

    Parameters
    ----------
    lattice : MoireLattice
        The lattice that the plane waves belong to.
    h0 : ndarray, shape (n, n)
        H at k = 0, in meV.
    gradient : ndarray, shape (2, n, n)
        ∂H/∂k_x and ∂H/∂k_y, in meV nm.
    plane_waves : ndarray, shape (n, 2)
        The reciprocal vector of each row, as an integer pair.
    orbitals : ndarray, shape (n,)
        The orbital of each row.
    occupied : int
        Number of bands below charge neutrality.
    valley : {+1, -1}
        Which valley the matrices describe.
    symmetries : set of str
        Those of {"C3", "mirror", "time_reversal"} that the matrices have; none is assumed.
    """

    lattice: MoireLattice
    h0: Complex
    gradient: Complex
    plane_waves: Ints
    orbitals: Ints
    occupied: int
    valley: int = 1
    symmetries: frozenset[SymmetryName] = frozenset()

    @property
    def hbar_v(self) -> float:
        """The largest ħv in meV nm, the norm of ∂H/∂k_x."""
        return float(np.linalg.norm(self.gradient[0], 2))

    def hamiltonian(self, k: ArrayLike) -> Complex:
        """Return H(k) in meV, shape (..., n, n), for k of shape (..., 2) in 1/nm."""
        k = _validate.real_array("k", k, last=2)
        matrix: Complex = self.h0 + np.tensordot(k, self.gradient, axes=1)
        return matrix

    def velocity_operators(self) -> Complex:
        """Return ħ times the velocity operators, ∂H/∂k, in meV nm, shape (2, n, n)."""
        return self.gradient

    def other_valley(self) -> PlaneWaveModel:
        """Return the time-reversed model: H(−k)* with every plane wave G turned into −G.

        Raises
        ------
        ValueError
            If time reversal is not among ``symmetries``: the matrices of one valley then do not
            say what the other one is.
        """
        if "time_reversal" not in self.symmetries:
            raise ValueError(
                "other_valley needs a model with time_reversal among its symmetries, got "
                f"{sorted(self.symmetries)}: one valley does not determine the other without it"
            )
        return replace(
            self,
            h0=self.h0.conj(),
            gradient=-self.gradient.conj(),
            plane_waves=-self.plane_waves,
            valley=-self.valley,
        )


_OF_BLOCH_MODEL = (
    "lattice", "plane_waves", "orbitals", "occupied", "hamiltonian", "velocity_operators"
)  # fmt: skip
_OF_VALLEY_MODEL = ("valley", "hbar_v", "symmetries", "other_valley", "__hash__")


def require_valley_model(model: object) -> None:
    """Refuse what is not a model of one valley.

    Raises
    ------
    TypeError
        Naming what is missing.
    """
    if isinstance(model, type) or not isinstance(model, ValleyModel):
        lacking = [
            name
            for name in (*_OF_BLOCH_MODEL, *_OF_VALLEY_MODEL)
            if getattr(model, name, None) is None
        ]
        raise TypeError(
            f"model must be a valley model such as GrapheneHBN(), got {model!r}"
            + (f", which has no {', '.join(lacking)}" if lacking else "")
        )


def half_count(model: BlochModel, count: int) -> int:
    """Return how many of ``count`` bands lie on either side of charge neutrality.

    Raises
    ------
    TypeError
        If ``model`` has no Hamiltonian in plane waves, or ``count`` is no integer.
    ValueError
        If ``count`` is odd, less than two, or exceeds the model.
    """
    if isinstance(model, type) or not isinstance(model, BlochModel):
        raise TypeError(f"model must be a Bloch model such as GrapheneHBN(), got {model!r}")
    half, odd = divmod(_validate.integer("count", count, minimum=2), 2)
    most = min(model.occupied, len(model.plane_waves) - model.occupied)
    if odd or half > most:
        raise ValueError(
            f"count must be even and at most {2 * most} "
            f"(half below and half above charge neutrality), got {count}"
        )
    return half
