"""The figure of the drag of second order, as drawn."""

from __future__ import annotations

import numpy as np
from drawn import drawn, legend_of, read_line

from moirelib.chapters.second_order_drag.data.shown import DragByFilling
from moirelib.chapters.second_order_drag.figures import draw_drag_by_filling
from moirelib.units import RESISTANCE_QUANTUM_OHM


def test_resistances_by_channel_and_both_flavours() -> None:
    mu = np.array([-100.0, 0.0, 50.0])
    charge = np.array([[4.0, 2.0, 1.0], [3.0, 1.5, 0.5], [2.0, 1.0, -0.5]])
    data = DragByFilling(mu, charge, 0.1 * charge, np.array([10.0, 20.0, 5.0]))
    left, right = drawn(draw_drag_by_filling, data).axes
    for label, row in zip(legend_of(left), charge, strict=True):
        at, ohms = read_line(left, label)
        np.testing.assert_allclose(at, mu)
        np.testing.assert_allclose(ohms, RESISTANCE_QUANTUM_OHM * row / [100.0, 400.0, 25.0])
    assert "Omega" in left.get_ylabel()
    for label, factor in (("charge", 1.0), ("valley", 0.1)):
        np.testing.assert_allclose(read_line(right, label)[1], factor * charge[0])
