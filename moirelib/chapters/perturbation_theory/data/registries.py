"""The drag against the registry of the two moirés, and where a misfit lets the registry drift."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from moirelib import _validate
from moirelib._repr import short_repr
from moirelib._types import Floats
from moirelib.chapters.perturbation_theory.data.drag import COARSE, solved_layer
from moirelib.drag.layer import DragLayer
from moirelib.drag.registry import drifting_registry, registry_pattern

REGISTRY_KT = 6.0


@short_repr
@dataclass(frozen=True)
class Registry:
    """One frame of the slider: ½ Tr σ^{αβ}(s) in e²/h over the moiré cell, for both stackings.

    Parameters
    ----------
    shifts : ndarray, shape (n, n, 2)
        s in nm; the last row and column repeat the first.
    like, opposite : ndarray, shape (n, n)
        On like and on opposite faces of hBN.
    symmetric : ndarray, shape (3, 2)
        The registries with a threefold axis: 0 and ±(L₁ + L₂)/3, in nm.
    at_symmetric : ndarray, shape (2, 3)
        The drag there, for like and opposite faces.
    mu : float
        μ₁ = μ₂ in meV.
    """

    shifts: Floats
    like: Floats
    opposite: Floats
    symmetric: Floats
    at_symmetric: Floats
    mu: float

    @property
    def negative(self) -> tuple[float, float]:
        """Share of the cell with negative drag, for like and opposite faces."""
        like, opposite = (float((one[:-1, :-1] < 0).mean()) for one in (self.like, self.opposite))
        return like, opposite

    @property
    def mean(self) -> float:
        """Largest mean of the two patterns over the cell, relative to its largest value."""
        return max(
            abs(float(one[:-1, :-1].mean())) / float(np.abs(one).max())
            for one in (self.like, self.opposite)
        )


def registry(mu: float = -128.0, size: int = 48) -> Registry:
    """Compute the pattern of the drag over the moiré cell at k_BT = 6 meV."""
    layer, other = solved_layer(**COARSE), solved_layer(inverted=True, **COARSE)
    steps = np.linspace(0, 1, _validate.integer("size", size, minimum=2) + 1)
    grid = np.stack(np.meshgrid(steps, steps, indexing="ij"), axis=-1)
    shifts = grid @ layer.lattice.primitive_vectors
    third = layer.lattice.primitive_vectors.sum(axis=0) / 3
    symmetric = np.stack([0 * third, third, -third])

    where = np.concatenate([shifts.reshape(-1, 2), symmetric])

    def half_trace(second: DragLayer) -> tuple[Floats, Floats]:
        """Over the cell, and at the registries with a threefold axis."""
        found = registry_pattern(layer, second, mu, mu, REGISTRY_KT, where)
        values = np.asarray(np.trace(found, axis1=-2, axis2=-1) / 2)
        return values[:-3].reshape(shifts.shape[:-1]), values[-3:]

    like, at_like = half_trace(layer)
    opposite, at_opposite = half_trace(other)
    return Registry(shifts, like, opposite, symmetric, np.stack([at_like, at_opposite]), mu)


def bond_path(mu: float = -128.0, count: int = 61) -> tuple[Floats, Floats]:
    """Return shifts of one sheet along a bond, in bond lengths, and σ^{xx} in e²/h on like faces.

    A sheet displaced by u on its hBN moves its moiré by s = u L_M/a: a bond, a/√3, by L_M/√3, the
    length of (L₁ + L₂)/3.
    """
    layer = solved_layer(**COARSE)
    bonds = np.linspace(0, 3, _validate.integer("count", count, minimum=2))
    third = layer.lattice.primitive_vectors.sum(axis=0) / 3
    found = registry_pattern(layer, layer, mu, mu, REGISTRY_KT, bonds[:, None] * third)
    return bonds, found[:, 0, 0]


@short_repr
@dataclass(frozen=True)
class Drift:
    """Drag averaged over a disc, for several misfits of the moirés.

    Parameters
    ----------
    radius : ndarray, shape (nR,)
        In nm.
    misfit : ndarray, shape (np,)
        Relative difference of the moiré vectors.
    average : ndarray, shape (np, nR)
        σ^{xx} in e²/h, in register in the middle of the disc.
    bonds, along_bond : ndarray, shape (nb,)
        Shift of a sheet along a bond, in bond lengths, and σ^{xx} after it.
    mu : float
        In meV.
    """

    radius: Floats
    misfit: Floats
    average: Floats
    bonds: Floats
    along_bond: Floats
    mu: float


def drift(mu: float = -128.0) -> Drift:
    """Compute what is left of the drag where the registry drifts, and after a shift by a bond."""
    layer = solved_layer(**COARSE)
    radius = np.linspace(0.0, 2500.0, 126)
    misfit = np.array([0.003, 0.01, 0.03])
    average = [
        drifting_registry(layer, layer, mu, mu, REGISTRY_KT, p, radius)[:, 0, 0]
        for p in misfit.tolist()
    ]
    return Drift(radius, misfit, np.stack(average), *bond_path(mu), mu)
