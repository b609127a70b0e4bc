"""The figure of the drag of second order, as drawn."""

from __future__ import annotations

import numpy as np
from drawn import (
    assert_curves,
    by_title,
    colour_label,
    drawn,
    legend_of,
    levels,
    made,
    read_line,
    read_map,
)

from moirelib.chapters.second_order_drag.data.along import Beside, Cut
from moirelib.chapters.second_order_drag.data.maps import DensityMap
from moirelib.chapters.second_order_drag.data.orders import Orders
from moirelib.chapters.second_order_drag.data.shown import DragByFilling
from moirelib.chapters.second_order_drag.figures import (
    draw_beside,
    draw_cut,
    draw_drag_by_filling,
    draw_map,
    draw_orders,
)
from moirelib.units import HBAR_MEV_S, RESISTANCE_QUANTUM_OHM


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


def test_the_legend_lies_above_the_curves() -> None:
    mu = np.array([-100.0, 0.0, 50.0])
    data = DragByFilling(mu, np.ones((3, 3)), np.ones((3, 3)), np.ones(3))
    figure = drawn(draw_drag_by_filling, data)
    figure.draw_without_rendering()
    for axes in figure.axes:
        assert axes.get_legend().get_window_extent().y0 >= axes.get_window_extent().y1


def test_the_map_of_both_flavours() -> None:
    """Positive drag is blue, and n₁ runs to the right."""
    first, second = np.array([-1.0, 0.0, 1.0]), np.array([-2.0, 2.0])
    charge = np.arange(18.0).reshape(3, 3, 2) - 2
    data = DensityMap(first, second, charge, -0.1 * charge, np.full((3, 2), 4.0))
    figure = drawn(draw_map, data)
    panels = by_title(figure)
    for name, factor in (("charge", 1.0), ("valley", -0.1)):
        shown = read_map(panels[name])
        expected = factor * RESISTANCE_QUANTUM_OHM * charge[0] / 4
        np.testing.assert_allclose(shown.values, expected.T)
        np.testing.assert_allclose((shown.x[0], shown.y[-1]), (-1.0, 2.0))
        assert not shown.positive_is_red
        assert "Omega" in colour_label(figure, panels[name])
        assert panels[name].get_xlabel() == "$n_1$ (10¹²/cm²)"


def test_a_cut_has_the_axes_of_all_frames() -> None:
    limits = np.array([[-3.0, 30.0], [-1.0, 2.0]])
    data = made(Cut, density=np.linspace(-1, 1, 5), resistance=(3, 5), valley=(5,), limits=limits)
    left, right = drawn(draw_cut, data).axes
    for label, row in zip(legend_of(left), data.resistance, strict=True):
        np.testing.assert_allclose(read_line(left, label), (data.density, row))
    np.testing.assert_allclose(read_line(right, "valley")[1], data.valley)
    np.testing.assert_allclose([left.get_ylim(), right.get_ylim()], limits)


def test_both_orders() -> None:
    gigahertz, kT = np.geomspace(1, 100, 5), np.array([4.0, 8.0, 12.0])
    data = made(
        Orders,
        gigahertz=gigahertz,
        kT=kT,
        modulus=(3, 5),
        in_phase=(3, 5),
        charge=(3,),
        valley=(3,),
        rate=0.1,
    )
    left, right = drawn(draw_orders, data).axes
    np.testing.assert_allclose(
        read_line(left, r"first order, $|\sigma_{12}|$"), (gigahertz, data.modulus[1])
    )
    np.testing.assert_allclose(read_line(left, "first order, in phase")[1], data.in_phase[1])
    x = gigahertz * 2 * np.pi * HBAR_MEV_S * 1e9 / 0.1
    for name, value in (("valley", data.valley[1]), ("charge", data.charge[1])):
        np.testing.assert_allclose(
            read_line(left, f"second order, {name}")[1], value / (1 + x**2), rtol=1e-12
        )
    assert left.get_title() == "$k_BT$ = 8 meV"
    assert_curves(
        right,
        {
            "first order, largest": (kT, data.modulus.max(axis=1)),
            "second, DC, valley": (kT, data.valley),
            "second, DC, charge": (kT, data.charge),
        },
    )


def test_beside_a_plain_layer() -> None:
    density, matched = np.linspace(-4, 3, 8), np.array([0.5, 1.0, 2.0])
    kelvin = np.array([50.0, 100.0, 150.0, 200.0])
    data = made(
        Beside,
        density=density,
        kelvin=kelvin,
        resistance=(4, 8),
        matched=matched,
        original=(4, 3),
        holes=(4, 3),
        beyond=(4, 3),
        plain=1.0,
        satellite=-2.35,
    )
    left, right = drawn(draw_beside, data).axes
    for one, row in zip(kelvin, data.resistance, strict=True):
        np.testing.assert_allclose(read_line(left, f"{one:g} K"), (density, row))
    np.testing.assert_allclose(sorted(levels(left)[0]), [-2.35, 0.0])
    assert_curves(
        right,
        {
            "electrons, original": (matched, data.original[-1]),
            "holes, original": (matched, data.holes[-1]),
            "holes, satellite": (matched, data.beyond[-1]),
        },
    )
    assert right.get_title() == "equal carriers, 200 K"
