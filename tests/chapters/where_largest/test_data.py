"""The data of the page: stored points computed again, limits, and independent sums."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.integrate import quad

from moirelib import DragLayer, GrapheneHBN, Interlayer, drag_conductivity
from moirelib.chapters.second_order_drag.data import shown
from moirelib.chapters.where_largest import data
from moirelib.chapters.where_largest.data import device, twisted
from moirelib.units import from_1e12_per_cm2, thermal_energy


def test_the_map_has_its_points_in_order() -> None:
    found, numbers = data.device_map(), (0.5, 175.0, 48)
    column = np.column_stack([found.mu[2, 3], found.weights[2, 3]])
    np.testing.assert_array_equal(column, device.SWEEP.values()[numbers])


def test_the_response_is_half_of_the_printed_drag_with_the_other_sign() -> None:
    """From stored sums over shells, against the drag of a layer."""
    stored = data.device_map()
    kT, u = thermal_energy(device.KELVIN), stored.coupling.tolist().index(152.0)
    layer = DragLayer(GrapheneHBN(), mesh=48, bands=10, shells=device.SHELLS, divisions=4)
    mu = layer.chemical_potential(from_1e12_per_cm2([-3.0, 2.0]), kT)
    printed = drag_conductivity(layer, layer, mu, mu, kT, Interlayer(distance=2.0))
    at = [stored.density.tolist().index(n) for n in (-3.0, 2.0)]
    expected = -np.diagonal(printed[:, :, 0, 0]) / 2
    np.testing.assert_allclose(stored.response(2.0)[0, u, at], expected, rtol=1e-6)


def test_a_disc_on_which_the_registry_drifts() -> None:
    """2J₁(x)/x against the mean of a plane wave over a disc."""
    for x in (0.0, 0.7, 3.0):
        mean = quad(lambda r, x=x: 2 * r * _bessel(x * r), 0, 1)[0]
        assert float(device.drifted(np.array(x))) == pytest.approx(mean, rel=1e-9)


def _bessel(x: float) -> float:
    return quad(lambda t: math.cos(x * math.sin(t)), 0, math.pi)[0] / math.pi


def test_the_best_twist_is_the_top_of_a_parabola() -> None:
    best = 3.0 - (np.array(device.TWISTS) - 0.6) ** 2
    assert data.best_twist(best) == pytest.approx((0.6, 3.0))
    assert data.best_twist(-np.array(device.TWISTS))[0] == 0.0


def test_one_term_says_what_the_merit_is() -> None:
    """Re σ₁₂ of the first shell = (π/γ) 3 U(G₁) (s c/L)²."""
    layer = DragLayer(data.bilayer("WSe₂", 2.0), mesh=18, bands=12, shells=1, solver="dense")
    found = data.materials.best(layer, np.array([11.0, 12.0]))
    potential = float(Interlayer()(layer.lattice.reciprocal_length))
    amplitude = found.merit / layer.lattice.period
    assert found.response == pytest.approx(math.pi * 3 * potential * amplitude**2, rel=1e-9)
    assert found.first_shell == pytest.approx(1.0)


def test_the_charge_responds_to_the_product_of_both_orders() -> None:
    order = data.valley_order(5.0)
    assert order.critical_temperature == pytest.approx(thermal_energy(10.0), rel=1e-4)
    small = 0.02 * order.equilibria(0.0)[-1].phi
    both = data.charge_response(small, small, 5.0)
    assert data.charge_response(small, -2 * small, 5.0) == pytest.approx(-2 * both, rel=0.01)
    assert data.charge_response(small, 0.0, 5.0) == pytest.approx(0.0, abs=1e-9 * abs(both))
    assert data.slope_law(small, small, 5.0) == pytest.approx(both, rel=0.02)


def test_values_that_fall_as_the_square_of_the_step_have_their_limit() -> None:
    meshes = np.array([9, 13])
    assert shown.limit(meshes, 2.0 - 5.0 / meshes**2) == pytest.approx(2.0, rel=1e-12)


def test_steps_of_k_are_as_long_at_every_twist() -> None:
    for twist in twisted.TWISTS:
        mesh, bands = twisted.size(twist, 12)
        step = GrapheneHBN(twist=twist).lattice.reciprocal_length / mesh
        assert step == pytest.approx(GrapheneHBN().lattice.reciprocal_length / 12, rel=0.04)
        assert bands % 2 == 0


def test_an_eliminated_layer_drags_as_the_whole_one() -> None:
    """hBN eliminated or kept: its weight in the states, which velocities lack, is small."""
    assert 0.01 < twisted.elimination_error() < 0.12
