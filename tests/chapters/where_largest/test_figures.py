"""The figures of the page, read back as a reader does."""

from __future__ import annotations

import numpy as np

from moirelib.chapters.where_largest import data
from moirelib.chapters.where_largest.figures import (
    draw_loop,
    draw_merits,
    draw_optimum,
    draw_twisted,
    draw_widths,
)
from tests.figures.drawn import by_title, drawn, read_line


def test_the_map_at_a_spacer() -> None:
    found = data.optimum(2.0)
    axes = by_title(drawn(draw_optimum, found))
    left, right = axes["u₀ = 152 meV"], axes["best density, d = 2 nm"]
    x, y = read_line(left, "0.5°")
    np.testing.assert_array_equal(x, found.density)
    np.testing.assert_array_equal(y, found.response[2])
    assert left.get_yscale() == "log"
    x, y = read_line(right, "152 meV")
    np.testing.assert_array_equal(x, found.twist)
    np.testing.assert_array_equal(y, found.response.max(axis=1))


def test_a_loop_has_two_branches() -> None:
    found = data.Loop(
        np.array([-2.0, 2.0, 2.0, -2.0]),
        np.array([-1.0, 1.0, 1.1, -1.1]) * 1e-3,
        np.array([-4.0, 4.0, 4.1, -4.1]) * 1e-3,
        4.0,
        5.0,
        4.2,
    )
    axes = by_title(drawn(draw_loop, found))
    order, charge = axes["valley order at 5 K"], axes["charge response at Ωτ = 1"]
    np.testing.assert_allclose(read_line(order, "source up")[1], [-1.0, 1.0])
    np.testing.assert_allclose(read_line(charge, "source down", order)[1], [4.1, -4.1])


def test_widths_and_merits() -> None:
    twist = np.array([1.0, 2.0])
    widths = data.Widths(
        twist, np.array([[1.0, 4.0], [2.0, 3.0]]), np.arange(3.0), np.ones((3, 4)), np.array([1])
    )
    axes = by_title(drawn(draw_widths, widths))
    np.testing.assert_array_equal(read_line(axes["topmost band"], "MoTe₂")[1], [2.0, 3.0])
    two = np.array([[0.1, 0.2], [0.3, 0.4]])
    merits = data.Merits(
        twist, 10 * two, two, 2 * two, two, -two, two, data.Best(-127.0, 4.0, 1.0, 0.1, -3.6, 4.0)
    )
    figure = drawn(draw_merits, merits)
    axes = by_title(figure)
    np.testing.assert_array_equal(read_line(axes["merit"], "WSe₂", figure)[1], [0.2, 0.4])


def test_the_drag_at_dc_over_the_twist() -> None:
    found = data.twisted_drag()
    axes = by_title(drawn(draw_twisted, found))
    left, right = axes["charge"], axes["at the best density"]
    x, y = read_line(left, "0.5°")
    np.testing.assert_array_equal(x, found.density)
    np.testing.assert_array_equal(y, found.charge[2])
    for name, values in (
        ("charge", found.charge),
        ("interference", found.charge - found.diagonal),
        ("valley", found.valley),
    ):
        x, y = read_line(right, name)
        np.testing.assert_array_equal(x, found.twist)
        np.testing.assert_array_equal(y, values.max(axis=1))
    assert right.get_yscale() == "log"
    assert all("Omega" in one.get_ylabel() for one in axes.values())
