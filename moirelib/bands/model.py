"""What a model must offer to be solved: a Hamiltonian in plane waves that is affine in k.

No material is named here. :class:`PlaneWaveModel` turns any such Hamiltonian, given as matrices,
into a model that the layers of ``moirelib.drag`` and ``moirelib.hall`` accept.
"""

from __future__ import annotations

import contextlib
import weakref
from collections.abc import Set
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import ArrayLike

from moirelib import _validate
from moirelib._repr import short_repr
from moirelib._types import Complex, Ints
from moirelib.bands.lattice import MoireLattice

SymmetryName = Literal["C3", "mirror", "time_reversal"]
"""C₃ and the antiunitary mirror k_y → −k_y act within a valley; time reversal swaps the valleys."""

# Share of the largest element by which matrices may miss what they have to obey.
_ROUND_OFF = 1e-9

ALL_SYMMETRIES: frozenset[SymmetryName] = frozenset({"C3", "mirror", "time_reversal"})
_NAMES = tuple(sorted(ALL_SYMMETRIES))


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
@short_repr
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
    spins : {1, 2}
        Spins of a valley: one where spin and valley are locked.

    Raises
    ------
    TypeError, ValueError
        If an argument is of another kind, shapes do not fit, a matrix is not Hermitian, or a
        symmetry is unknown.
    """

    lattice: MoireLattice
    h0: Complex
    gradient: Complex
    plane_waves: Ints
    orbitals: Ints
    occupied: int
    valley: int = 1
    symmetries: frozenset[SymmetryName] = frozenset()
    spins: int = 2

    def __post_init__(self) -> None:
        _validate.instance("lattice", self.lattice, MoireLattice, "a MoireLattice")
        given = self.symmetries
        if not isinstance(given, Set | tuple | list) or any(one not in _NAMES for one in given):
            raise ValueError(
                f"symmetries must be a set of names among {_NAMES}, got {_validate.shown(given)}"
            )
        h0 = _validate.square_matrix("h0", self.h0)
        gradient = _validate.complex_array("gradient", self.gradient)
        if gradient.shape != (2, *h0.shape):
            raise ValueError(
                f"gradient must have shape {(2, *h0.shape)}, as h0 has {h0.shape}, got "
                f"{gradient.shape}"
            )
        _validate.keep(
            self,
            h0=h0,
            gradient=gradient,
            plane_waves=_validate.integer_pairs("plane_waves", self.plane_waves),
            orbitals=_validate.integer_vector("orbitals", self.orbitals),
            occupied=_validate.integer("occupied", self.occupied, minimum=1),
            valley=_validate.choice("valley", self.valley, (1, -1)),
            symmetries=frozenset(given),
            spins=_validate.choice("spins", self.spins, (1, 2)),
        )
        require_bloch_model(self)

    @property
    def hbar_v(self) -> float:
        """The largest ħv in meV nm, the norm of ∂H/∂k_x."""
        return float(np.linalg.norm(self.gradient[0], 2))

    def hamiltonian(self, k: ArrayLike) -> Complex:
        """Return H(k) in meV, shape (..., n, n), for k of shape (..., 2) in 1/nm.

        Raises
        ------
        TypeError, ValueError
            If ``k`` is not real and finite, or its last axis is not of length 2.
        """
        k = _validate.real_array("k", k, last=2)
        matrix = np.empty((*k.shape[:-1], *self.h0.shape), dtype=np.complex128)
        matrix[...] = self.h0
        rows, columns, slopes = self._moving
        matrix[..., rows, columns] += k @ slopes
        return matrix

    @cached_property
    def _moving(self) -> tuple[Ints, Ints, Complex]:
        """Rows and columns of what depends on k, a handful in each row, and its slopes (2, ne)."""
        rows, columns = np.nonzero(self.gradient.any(axis=0))
        return rows, columns, self.gradient[:, rows, columns]

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
    ValueError
        If ``valley`` is neither 1 nor −1, or ``hbar_v`` not positive; as
        :func:`require_bloch_model`.
    """
    if isinstance(model, type) or not isinstance(model, ValleyModel):
        lacking = [
            name
            for name in (*_OF_BLOCH_MODEL, *_OF_VALLEY_MODEL)
            if getattr(model, name, None) is None
        ]
        raise TypeError(
            f"model must be a valley model such as GrapheneHBN(), got {_validate.shown(model)}"
            + (f", which has no {', '.join(lacking)}" if lacking else "")
        )
    require_bloch_model(model)
    _validate.choice("model.valley", model.valley, (1, -1))
    _validate.positive("model.hbar_v", model.hbar_v, "meV nm")


def require_bloch_model(model: object) -> None:
    """Refuse what is no Hamiltonian in plane waves that is affine in k: checked once per model.

    Raises
    ------
    TypeError
        If methods are missing, or what they give does not hold numbers.
    ValueError
        If shapes do not fit, or H is not finite, not Hermitian, or not H(0) + k·∂H at one generic
        wavevector.
    """
    if isinstance(model, type) or not isinstance(model, BlochModel):
        raise TypeError(
            f"model must be a Bloch model such as GrapheneHBN(), got {_validate.shown(model)}"
        )
    if model not in _CHECKED:
        _check_matrices(model)
        _CHECKED.add(model)


class _Checked:
    """The models that have passed: the same objects, for as long as they live."""

    def __init__(self) -> None:
        self._known: dict[int, weakref.ref[object]] = {}

    def __contains__(self, model: object) -> bool:
        known = self._known.get(id(model))
        return known is not None and known() is model

    def add(self, model: object) -> None:
        key = id(model)
        # Without weak references, as with slots, a model is checked each time.
        with contextlib.suppress(TypeError):
            self._known[key] = weakref.ref(model, lambda _: self._known.pop(key, None))


_CHECKED = _Checked()


def _check_matrices(model: BlochModel) -> None:
    """H at one generic k and at 0, and ∂H: finite, Hermitian, affine."""
    waves = _validate.integer_pairs("model.plane_waves", model.plane_waves)
    n = len(waves)
    orbitals = _validate.integer_vector("model.orbitals", model.orbitals)
    if waves.shape != (n, 2) or orbitals.shape != (n,):
        raise ValueError(
            "model.plane_waves and model.orbitals must have shapes (n, 2) and (n,), got "
            f"{waves.shape} and {orbitals.shape}"
        )
    if _validate.integer("model.occupied", model.occupied, minimum=1) >= n:
        raise ValueError(f"model.occupied must be < {n}, the number of rows, got {model.occupied}")
    k = model.lattice.k_m * np.array([0.31, 0.17])
    at_k, at_zero = (
        _validate.complex_array("model.hamiltonian(k)", model.hamiltonian(one))
        for one in (k, np.zeros(2))
    )
    slope = _validate.complex_array("model.velocity_operators()", model.velocity_operators())
    for name, shape, expected in (
        ("hamiltonian(k)", at_k.shape, (n, n)),
        ("velocity_operators()", slope.shape, (2, n, n)),
    ):
        if shape != expected:
            raise ValueError(f"model.{name} must have shape {expected}, got {shape}")
    for name, matrix in (("hamiltonian(k)", at_k), ("velocity_operators()", slope)):
        excess = np.abs(matrix - matrix.conj().swapaxes(-1, -2)).max()
        if excess > _ROUND_OFF * np.abs(matrix).max():
            raise ValueError(
                f"model.{name} must be Hermitian, got a matrix that differs from its adjoint by "
                f"{excess:.3g}"
            )
    excess = np.abs(at_k - at_zero - np.tensordot(k, slope, axes=1)).max()
    if excess > _ROUND_OFF * (np.abs(at_k).max() + np.abs(at_zero).max()):
        raise ValueError(
            "model.hamiltonian(k) must be affine in k, H(0) + k·∂H with ∂H the "
            f"velocity_operators(), got a difference of {excess:.3g} meV at k = {k} 1/nm"
        )


def half_count(model: BlochModel, count: int, name: str = "count") -> int:
    """Return how many of ``count`` bands lie on either side of charge neutrality.

    Raises
    ------
    TypeError
        If ``model`` has no Hamiltonian in plane waves, or ``count`` is no integer.
    ValueError
        If ``count`` is odd, less than two, or exceeds the model; as :func:`require_bloch_model`.
    """
    require_bloch_model(model)
    half, odd = divmod(_validate.integer(name, count, minimum=2), 2)
    most = min(model.occupied, len(model.plane_waves) - model.occupied)
    if odd or half > most:
        raise ValueError(
            f"{name} must be even and at most {2 * most} "
            f"(half below and half above charge neutrality), got "
            f"{_validate.shown(count)}"
        )
    return half
