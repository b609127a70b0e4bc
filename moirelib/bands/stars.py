"""Bands at wavevectors that C₃ᵥ maps onto one another: one of each star is diagonalised.

An operation S of C₃ᵥ turns plane waves into plane waves, G → SG, with a phase for each row:
H(Sk) = D H(k) D†, of H(k)* for the antiunitary mirrors. The phases belong to the model's choice of
origin and orbitals, and are read off its matrices.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from scipy.sparse.csgraph import connected_components

from moirelib import _validate
from moirelib._repr import short_repr
from moirelib._types import Complex, Floats, Ints
from moirelib.bands.bloch import Bands, solve_bands
from moirelib.bands.lattice import PointOperation
from moirelib.bands.model import BlochModel, ValleyModel

# Share of the largest element by which H(Sk) may differ from D H(k) D†.
_ROUND_OFF = 1e-9

# Wavevectors that agree to this share of the zone are one. No mesh divides the zone by it, so
# that none has points between two of its multiples.
_UNIT = 1e-8 * np.pi


@short_repr
@dataclass(frozen=True, eq=False)
class PlaneWaveOperation:
    """An operation of C₃ᵥ on the states of a model: u_{Sk} from u_k.

    Parameters
    ----------
    cartesian : ndarray, shape (2, 2)
        S on wavevectors.
    rows : ndarray of int, shape (n,)
        For each row of the image, the row that it comes from.
    phases : ndarray, shape (n,)
        The factor of each row of the image.
    conjugates : bool
        Whether the operation is antiunitary.
    """

    cartesian: Floats
    rows: Ints
    phases: Complex
    conjugates: bool

    def __post_init__(self) -> None:
        _validate.keep(self)

    def __call__(self, states: Complex) -> Complex:
        """Return the images (nk, n, count) of states (nk, n, count)."""
        turned = states[:, self.rows]
        return self.phases[:, None] * (turned.conj() if self.conjugates else turned)


@lru_cache(maxsize=32)
def plane_wave_operations(model: ValleyModel) -> tuple[PlaneWaveOperation, ...]:
    """Return those operations of C₃ᵥ that the model's matrices have; the identity always.

    Parameters
    ----------
    model : ValleyModel
        The model; what it states about its symmetries is not used.
    """
    found = (_operation(model, op) for op in model.lattice.point_operations)
    return tuple(one for one in found if one is not None)


@short_repr
@dataclass(frozen=True, eq=False)
class Stars:
    """Bands at many wavevectors, of which one in each star is solved.

    Parameters
    ----------
    model : ValleyModel
        The model.
    k : ndarray, shape (nk, 2)
        The wavevectors in 1/nm; some may be equal.
    solved : Bands
        Bands at one wavevector of each star.
    star, operation : ndarray of int, shape (nk,)
        The star of each wavevector, and what carries its states there.
    """

    model: ValleyModel
    k: Floats
    solved: Bands
    star: Ints
    operation: Ints

    @classmethod
    def of(cls, model: ValleyModel, k: Floats, count: int) -> Stars:
        """Solve ``count`` bands; wavevectors are equal only if no reciprocal vector parts them."""
        operations = plane_wave_operations(model)
        # S⁻¹k for each S. Of all images of a star the one that sorts last is solved.
        images = np.stack([k @ one.cartesian for one in operations])
        places = np.rint(images / (_UNIT * model.lattice.k_m)).astype(np.int64)
        label = places @ np.array([2**32, 1])
        operation = np.argmax(label, axis=0)
        each = np.arange(len(k))
        _, first, star = np.unique(label[operation, each], return_index=True, return_inverse=True)
        solved = solve_bands(model, images[operation[first], first], count)
        return cls(model, k, solved, star, operation)

    def take(self, some: Ints) -> Bands:
        """Return the bands at some of the wavevectors, (nk,) positions in ``k``."""
        star, operation = self.star[some], self.operation[some]
        states = self.solved.states[star]
        operations = plane_wave_operations(self.model)
        for number in np.unique(operation).tolist():
            here = operation == number
            states[here] = operations[number](states[here])
        cut = np.flatnonzero(np.isin(star, self.solved.cut))
        return Bands(self.model, self.k[some], self.solved.energies[star], states, cut)


def _operation(model: BlochModel, op: PointOperation) -> PlaneWaveOperation | None:
    """One operation, or None if the model does not have it."""
    waves, orbitals = model.plane_waves, model.orbitals
    # An orbital's plane waves may be centred on another point than G = 0.
    sums = np.stack([np.bincount(orbitals, waves[:, i]) for i in (0, 1)], axis=-1)
    centres = (sums / np.bincount(orbitals).clip(min=1)[:, None])[orbitals]
    turned = np.rint((waves - centres) @ op.pairs.T + centres).astype(np.int64)
    label = {row: i for i, row in enumerate(zip(*waves.T.tolist(), orbitals.tolist(), strict=True))}
    rows_of = [label.get(row) for row in zip(*turned.T.tolist(), orbitals.tolist(), strict=True)]
    if len(set(rows_of) - {None}) < len(label):
        return None
    rows = np.argsort(np.array(rows_of, dtype=np.int64))
    # H is affine in k: three wavevectors say all about it.
    k = model.lattice.k_m * np.array([[0.31, 0.17], [0.0, 0.0], [-0.23, 0.41]])
    there = model.hamiltonian(k @ op.cartesian.T)
    here = model.hamiltonian(k)[:, rows[:, None], rows]
    here = here.conj() if op.conjugates else here
    tolerance = _ROUND_OFF * np.abs(here).max()
    # Element by element the phases of the quotient are those of D_i D_j*. Of a connected matrix
    # with such phases the highest eigenvector has the phases of D, and nowhere a zero.
    product = there[0] * here[0].conj()
    links = np.abs(product) > tolerance**2
    quotient = np.where(links, product, 0) / np.where(links, np.abs(product), 1)
    phases = np.empty(len(rows), dtype=np.complex128)
    component = connected_components(links, directed=False)[1]
    for one in range(component.max() + 1):
        within = np.flatnonzero(component == one)
        highest = np.linalg.eigh(quotient[np.ix_(within, within)])[1][:, -1]
        phases[within] = highest / np.where(highest == 0, 1, np.abs(highest))
    if np.abs(there - phases[:, None] * here * phases.conj()).max() > tolerance:
        return None
    return PlaneWaveOperation(op.cartesian, rows, phases, op.conjugates)
