"""Degenerate groups of bands, and which rows of plane waves operators connect."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from itertools import pairwise
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array

from moirelib import _validate
from moirelib._types import Complex, Floats, Ints
from moirelib.bands.model import BlochModel

Number = TypeVar("Number", np.float64, np.complex128)


# Bands closer than this share their diagonal elements: the basis within them is arbitrary.
DEGENERACY_MEV = 1e-6


def cut_groups(energies: Floats, chosen: slice) -> Ints:
    """Return the rows of ``energies`` (nk, nb) where a chosen band touches one left out."""
    touching = np.diff(energies, axis=1) < DEGENERACY_MEV
    # Column i compares the bands i and i + 1.
    edges = [i for i in (chosen.start - 1, chosen.stop - 1) if 0 <= i < touching.shape[1]]
    return np.flatnonzero(touching[:, edges].any(axis=1))


def average_degenerate(energies: Floats, diagonal: NDArray[Number]) -> NDArray[Number]:
    """Replace diagonal elements (..., nk, count) in degenerate groups by their mean, in place."""
    touching = np.diff(energies, axis=1) < DEGENERACY_MEV
    for row in np.flatnonzero(touching.any(axis=1)).tolist():
        cuts: list[int] = (np.flatnonzero(~touching[row]) + 1).tolist()
        for start, stop in pairwise([0, *cuts, energies.shape[1]]):
            group = diagonal[..., row, start:stop]
            group[...] = group.mean(axis=-1, keepdims=True)
    return diagonal


def connected_rows(model: BlochModel, pair: Ints) -> tuple[Ints, Ints]:
    """Return the rows (bra, ket) of equal orbital with ket wave = bra wave + pair, read-only."""
    n, m = (int(one) for one in pair)
    return _connected_rows(model, n, m)  # type: ignore[arg-type]  # models are keys of caches


@lru_cache(maxsize=512)
def _connected_rows(model: BlochModel, n: int, m: int) -> tuple[Ints, Ints]:
    waves, orbitals = model.plane_waves, model.orbitals
    pair = np.array([n, m])
    # One integer per label: waves and their sums with a pair stay within the stride.
    stride = 4 * (int(np.abs(waves).max()) + int(np.abs(pair).max())) + 2
    weights = np.array([stride, 1]) * (int(orbitals.max()) + 1)
    labels = waves @ weights + orbitals
    order = np.argsort(labels)
    wanted = (waves + pair) @ weights + orbitals
    found = np.searchsorted(labels, wanted, sorter=order).clip(max=len(labels) - 1)
    ket = order[found]
    bra = np.flatnonzero(labels[ket] == wanted)
    return _validate.frozen(bra), _validate.frozen(ket[bra])


def velocity_rows(model: BlochModel) -> tuple[Ints, Callable[[Complex], Complex]]:
    """Return the rows with dispersion, and what applies ∂H/∂k to columns (n_rows, m) there.

    Other rows, such as those of hBN, need not be multiplied. The result is (2, n_rows, m).
    """
    return _velocity_rows(model)  # type: ignore[arg-type]  # models are keys of caches


@lru_cache(maxsize=64)
def _velocity_rows(model: BlochModel) -> tuple[Ints, Callable[[Complex], Complex]]:
    operators = model.velocity_operators()
    rows = np.flatnonzero(operators.any(axis=(0, 1)))
    # A handful of elements in each row: a sparse product takes a fraction of the time of a dense.
    among = csr_array(operators[:, rows[:, None], rows].reshape(-1, len(rows)))

    def applied(columns: Complex) -> Complex:
        return np.asarray(among @ columns).reshape(2, len(rows), -1)

    return _validate.frozen(rows), applied
