"""Which energies a number of bands covers, and whether thermal averages stay among them.

A sum over the bands kept is complete as long as no band left out is partly filled. Its share in a
thermal average at μ is at most the tail of −f′ beyond its edge, f(|edge − μ|), so μ has to stay
some k_BT away from the edges.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from moirelib import _validate
from moirelib._threads import one_blas_thread
from moirelib._types import Floats
from moirelib.bands.model import ALL_SYMMETRIES, ValleyModel

Window = tuple[float, float]
"""Lowest and highest energy in meV; infinite where no band is missing."""

TAIL = 1e-4
"""The share of −f′ that may lie beyond the window."""

# Where f has fallen to that share, in units of k_BT.
_REACH = math.log(1 / TAIL - 1)

# Points of the mesh on which edges of bands are looked for, along each side: a multiple of six
# holds Γ, κ, κ′ and M, where bands have their extrema.
_MESH = 6


def complete_window(model: ValleyModel, bands: int) -> Window:
    """Return the energies in meV between which no band is left out.

    Parameters
    ----------
    model : ValleyModel
        The model.
    bands : int
        Even number of bands kept around charge neutrality.
    """
    lowest, highest = _edges(model)
    below = model.occupied - bands // 2 - 1
    above = model.occupied + bands // 2
    return (
        float(highest[below]) if below >= 0 else -math.inf,
        float(lowest[above]) if above < len(lowest) else math.inf,
    )


def thermal_reach(kT: float) -> float:
    """Return how far in meV from μ bands must be complete: f falls to ``TAIL`` there.

    Raises
    ------
    TypeError, ValueError
        If ``kT`` is no finite number ≥ 0.
    """
    return _REACH * _validate.non_negative("kT", kT, "meV")


def require_complete(
    models: Sequence[ValleyModel],
    bands: int,
    mu: ArrayLike,
    kT: float = 0.0,
    *,
    name: str = "mu",
    window: Window | None = None,
) -> None:
    """Refuse chemical potentials at which bands that are left out would be partly filled.

    Parameters
    ----------
    models : sequence of ValleyModel
        The models, one for each valley that is solved.
    bands : int
        Even number of bands kept.
    mu : array_like, any shape
        Chemical potentials in meV.
    kT : float
        k_BT ≥ 0 in meV.
    name : str
        What the chemical potentials are called in the error.
    window : tuple of float, optional
        Energies in meV between which the bands are complete; of :func:`complete_window` if left
        out.

    Raises
    ------
    TypeError, ValueError
        If ``mu`` or ``kT`` is not real and finite, ``kT`` negative, or more than ``TAIL`` of −f′
        outside the window; the message says how many bands would do.
    """
    levels = _validate.real_array(name, mu)
    reach = thermal_reach(kT)
    low, high = float(levels.min()) - reach, float(levels.max()) + reach
    if window is None:
        windows = [complete_window(model, bands) for model in models]
        window = max(one[0] for one in windows), min(one[1] for one in windows)
    if window[0] <= low and high <= window[1]:
        return
    outside = levels.min() if low < window[0] else levels.max()
    needed = max(bands_needed(model, low, high) for model in models)
    # A window measured on a finer mesh may be narrower than the one that the count is based on.
    needed = max(needed, bands + 2)
    thermal = f", {reach:.1f} meV = {_REACH:.1f} k_BT inside the window" if kT else ""
    allowed = f"{window[0] + reach:.1f} and {window[1] - reach:.1f} meV"
    if window[0] + reach > window[1] - reach:
        allowed = "no energies at all"
    raise ValueError(
        f"{name} must lie between {allowed}, where {bands} bands are complete{thermal}, got "
        f"{float(outside):.6g}: keep bands={needed}, if the model has as many"
    )


def bands_needed(model: ValleyModel, low: float, high: float) -> int:
    """Return the smallest even number of bands that are complete between energies in meV.

    It may exceed what the model has.
    """
    lowest, highest = _edges(model)
    # The first bands that need not be kept.
    below = int(np.searchsorted(np.maximum.accumulate(highest), low, side="right")) - 1
    above = int(np.searchsorted(np.minimum.accumulate(lowest[::-1])[::-1], high, side="left"))
    return 2 * max(model.occupied - 1 - below, above - model.occupied, 1)


@lru_cache(maxsize=32)
@one_blas_thread
def _edges(model: ValleyModel) -> tuple[Floats, Floats]:
    """Lowest and highest energy (n,) of every band in meV."""
    symmetric = set(model.symmetries) >= ALL_SYMMETRIES
    points = model.lattice.mesh(_MESH, "C3v" if symmetric else "none").points
    energies = np.linalg.eigvalsh(model.hamiltonian(points))
    return _validate.frozen(energies.min(axis=0)), _validate.frozen(energies.max(axis=0))
