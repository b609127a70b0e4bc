"""The harness itself: grids move, and a bound that rounding endangers is named."""

from __future__ import annotations

import numpy as np
import pytest
from displace import displaced
from portable import Configuration, Margin

from moirelib.chapters.perturbation_theory.data import points_of_window


def test_grids_of_tests_and_figures_move_and_come_back() -> None:
    with displaced(0.5):
        np.testing.assert_allclose(np.linspace(0, 2, 3), [0.0, 1.5, 3.0])
        np.testing.assert_allclose(np.arange(3.0), [0.0, 1.5, 3.0])
        np.testing.assert_allclose(np.geomspace(1, 100, 3), [1.5, 15.0, 150.0])
        np.testing.assert_allclose(points_of_window(2), [-300.0, 375.0])
    np.testing.assert_allclose(np.linspace(0, 2, 3), [0.0, 1.0, 2.0])


def test_integers_move_when_they_become_a_grid() -> None:
    with displaced(0.5):
        steps = np.arange(3)
        np.testing.assert_array_equal(np.array([5, 6, 7])[steps], [5, 6, 7])
        np.testing.assert_array_equal(steps + 1, [1, 2, 3])
        np.testing.assert_allclose((steps + 1) / 2, [0.75, 1.5, 2.25])


def test_grids_elsewhere_stay() -> None:
    with displaced(0.5):
        edges = np.histogram_bin_edges([0.0, 1.0], 2)
    np.testing.assert_allclose(edges, [0.0, 0.5, 1.0])


@pytest.mark.parametrize(
    ("values", "at_least", "unsafe"),
    [
        ((0.9, 0.9), False, False),  # close, but steady
        ((0.90, 0.95), False, True),  # half of what is left
        ((1e-3, 4e-3), False, False),
        ((0.999, 1.001), False, True),  # over the bound
        ((3.0, 3.1), True, False),
        ((1.10, 1.15), True, True),
        ((2.0, 2.0), False, False),  # a printed form that misses, steadily
    ],
)
def test_a_bound_is_unsafe_if_rounding_moves_the_value_near_it(
    values: tuple[float, ...], at_least: bool, unsafe: bool
) -> None:
    assert Margin("kundu-1", "printed", "", values, 1.0, at_least).unsafe is unsafe


def test_the_margin_is_that_of_the_closest_run() -> None:
    assert Margin("kundu-1", "printed", "", (0.5, 0.8), 1.0, False).used == 0.8
    assert Margin("kundu-1", "printed", "", (4.0, 2.0), 1.0, True).used == 0.5


def test_a_kernel_is_asked_for_by_its_name_only_if_one_is_chosen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Haswell")
    assert "OPENBLAS_CORETYPE" not in Configuration().environment
    assert Configuration("Nehalem").environment["OPENBLAS_CORETYPE"] == "Nehalem"
