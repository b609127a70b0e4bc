"""Distances are the largest there are, each over the largest of its scale."""

import numpy as np

from moirelib.ledger.measure import largest, relative, residual


def test_one_large_miss_is_not_averaged_away() -> None:
    difference = np.array([[0.0, -3.0], [1e-3, 0.0]])
    assert largest(difference, [2.0, -6.0]) == 0.5
    assert residual(difference, 0 * difference) == 3.0
    assert relative(1 + 1j, 1) == 1.0
