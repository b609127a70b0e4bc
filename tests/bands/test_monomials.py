"""Tests of moirelib.bands.monomials."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from moirelib.bands.monomials import monomials, products

COORDINATES = st.lists(st.floats(-2, 2), min_size=2, max_size=2)


def test_the_order_is_by_total_power_then_by_y() -> None:
    x, y = 3.0, 5.0
    expected = [1, x, y, x * x, x * y, y * y, x**3, x * x * y, x * y * y, y**3]
    np.testing.assert_array_equal(monomials(np.array([[x, y]]), 3), [expected])


@given(q=COORDINATES, order=st.integers(0, 4))
def test_products_of_monomials_are_monomials(q: list[float], order: int) -> None:
    point = np.array([q])
    few, many = monomials(point, order)[0], monomials(point, 2 * order)[0]
    np.testing.assert_allclose(many[products(order)], np.outer(few, few), rtol=1e-13, atol=1e-300)
