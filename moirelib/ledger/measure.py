"""Distances that checks measure: relative and largest differences, orders, extrapolated slopes."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike


def relative(value: complex, reference: complex) -> float:
    """Return ``|value/reference − 1|``."""
    return abs(value / reference - 1)


def residual(first: ArrayLike, second: ArrayLike) -> float:
    """Return the largest absolute difference of two arrays."""
    return float(np.abs(np.asarray(first) - np.asarray(second)).max())


def largest(difference: ArrayLike, scale: ArrayLike) -> float:
    """Return the largest absolute entry of one array over that of another."""
    return float(np.abs(difference).max() / np.abs(scale).max())


def order(coarse: complex, fine: complex) -> float:
    """Return the power with which an error falls when its step is halved.

    >>> order(4e-3, 1e-3)
    2.0
    """
    return math.log2(abs(coarse / fine))


def slope_at_zero(function: Callable[[float], complex], step: float = 0.02) -> complex:
    """Return the derivative at 0 from three central differences, extrapolated twice (Richardson).

    >>> round(abs(slope_at_zero(lambda x: (1 + x) ** 7) - 7), 9)
    0.0
    """
    steps = [(function(h) - function(-h)) / (2 * h) for h in (step, step / 2, step / 4)]
    once = [(4 * fine - coarse) / 3 for coarse, fine in itertools.pairwise(steps)]
    return (16 * once[1] - once[0]) / 15
