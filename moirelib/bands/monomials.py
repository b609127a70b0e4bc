"""Monomials x^a y^b of two variables, by order and then by the power of y."""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from moirelib import _validate
from moirelib._types import Floats, Ints


def monomials(q: Floats, order: int) -> Floats:
    """Return all monomials up to an order at points: 1; x, y; x², xy, y²; x³, ….

    Parameters
    ----------
    q : ndarray, shape (nk, 2)
        The points.
    order : int
        The highest order.

    Returns
    -------
    ndarray, shape (nk, (order + 1)(order + 2)/2)
    """
    powers = np.ones((order + 1, *q.T.shape))
    for n in range(order):
        powers[n + 1] = powers[n] * q.T
    of_x, of_y = exponents(order).T
    return np.ascontiguousarray((powers[of_x, 0] * powers[of_y, 1]).T)


@lru_cache(maxsize=16)
def exponents(order: int) -> Ints:
    """Return the powers (a, b) of x and y in each of the monomials, read-only."""
    return _validate.frozen(np.array([(n - b, b) for n in range(order + 1) for b in range(n + 1)]))


@lru_cache(maxsize=16)
def products(order: int) -> Ints:
    """Return which monomial the product of each two up to an order is, a read-only square."""
    of_x, of_y = np.moveaxis(exponents(order)[:, None] + exponents(order), -1, 0)
    total = of_x + of_y
    return _validate.frozen(total * (total + 1) // 2 + of_y)
