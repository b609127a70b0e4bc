import matplotlib.pyplot as plt
import numpy as np
import pytest

from moirelib import DragLayer, GrapheneHBN
from moirelib.chapters.sommerfeld.data import (
    _diagonal,
    at_van_hove,
    by_parts,
    temperature_dependence,
    thermal_profile,
)
from moirelib.chapters.sommerfeld.figures import (
    draw_at_van_hove,
    draw_by_parts,
    draw_temperature_dependence,
    draw_thermal_profile,
)


@pytest.fixture(scope="module")
def layer():
    return DragLayer(GrapheneHBN(cutoff=2), mesh=180, shells=1)


def test_temperature_dependence_starts_at_the_contours_and_follows_the_law(layer):
    data = temperature_dependence(layer, ((100.0, 100.0),), [0.0, 1.0, 1.4])
    assert data.conductivity[0, 0] == pytest.approx(data.zero[0], rel=5e-3)
    change = data.conductivity[0, 2] - data.conductivity[0, 1]
    assert change == pytest.approx(data.coefficient[0] * (1.4**2 - 1), rel=0.03)
    # A van Hove energy falls from the start.
    assert abs(data.van_hove[1]) < abs(data.van_hove[0])
    plt.close(draw_temperature_dependence(data))


@pytest.mark.parametrize(
    ("kT", "error", "message"),
    [([-1.0], ValueError, "kT must be ≥ 0"), ([np.nan], ValueError, "kT must be finite")],
)
def test_bad_temperatures_are_refused(layer, kT, error, message):
    with pytest.raises(error, match=message):
        temperature_dependence(layer, ((100.0, 100.0),), kT)


def test_slope_at_a_van_hove_energy_grows_as_the_saddle_predicts():
    data = at_van_hove(DragLayer(GrapheneHBN(cutoff=2), mesh=60, shells=1))
    growth = (data.slope[0] - data.slope[1]) / np.log(2)
    assert growth == pytest.approx(data.logarithm, rel=0.05)
    assert data.mu[0] < data.energy < data.mu[-1]
    # The singular slope is in quadrature to most of the response, whose size hardly changes.
    assert np.abs(data.in_phase).max() < 0.2 * np.abs(data.in_quadrature).max()
    plt.close(draw_at_van_hove(data))


def test_by_parts_leaves_a_constant_that_decays():
    data = by_parts((2, 3))
    assert data.in_gap[1] < data.in_gap[0]
    assert data.difference[1] < 0.05 * data.in_gap[1]
    plt.close(draw_by_parts(data))


def test_profile_is_smeared():
    warm, cold = (thermal_profile(kT, mesh=60) for kT in (8.0, 0.0))
    np.testing.assert_array_equal(cold.conductivity, cold.zero)
    assert abs(warm.conductivity).max() < abs(cold.zero).max()
    plt.close(draw_thermal_profile(warm))
    with pytest.raises(ValueError, match="kT must be ≥ 0 meV"):
        thermal_profile(-1.0)


def test_a_warm_frame_needs_no_fine_mesh():
    for kT in (2.0, 8.0):
        warm, fine = thermal_profile(kT, mesh=60), thermal_profile(kT, mesh=102)
        np.testing.assert_array_equal(warm.conductivity, fine.conductivity)
        exact = _diagonal(kT, 102)
        assert np.abs(warm.conductivity - exact).max() < 3e-4 * np.abs(exact).max()
