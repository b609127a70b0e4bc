"""The stored points are what the code computes."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from moirelib.cache import code_key
from moirelib.chapters.second_order_drag.data.sweep import SWEEP


def test_a_random_stored_point_is_computed_again() -> None:
    cheap = tuple(point for point in SWEEP.points if point[0] * point[1] < 200)
    assert len(cheap) > 5
    # Another point for every state of the code, and the same one on every machine of a version.
    (point, stored, computed), *_ = replace(SWEEP, points=cheap).sample(1, int(code_key()[:8], 16))
    np.testing.assert_allclose(computed, stored, rtol=1e-6, err_msg=str(point))


def test_the_file_has_every_point_once() -> None:
    values = SWEEP.values()
    assert len(set(SWEEP.points)) == len(SWEEP.points)
    assert set(SWEEP.points) <= set(values)
    assert all(np.isfinite(value).all() and value.shape == (8,) for value in values.values())


def test_points_are_found_whatever_the_rounding_of_a_grid() -> None:
    moved = tuple(tuple(x * (1 + 1e-14) for x in point) for point in SWEEP.points)
    found = replace(SWEEP, points=moved).values()
    assert set(found) == set(moved)
    assert not set(moved) & set(SWEEP.points)
