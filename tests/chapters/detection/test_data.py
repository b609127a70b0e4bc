import matplotlib.pyplot as plt
import numpy as np
import pytest

from moirelib import GrapheneHBN, solve_bands
from moirelib.bands.brillouin import minus_fermi_derivative
from moirelib.chapters.detection.data.chain import (
    conductivities,
    curvature_map,
    matched_conductivities,
    resistance_against_mu,
)
from moirelib.chapters.detection.data.voltmeter import motion, seen
from moirelib.chapters.detection.figures import (
    draw_conductivities,
    draw_curvature_map,
    draw_resistance_against_mu,
    draw_seen,
)
from moirelib.drag.layer import DragLayer
from moirelib.hall.layer import HallLayer


@pytest.fixture(autouse=True)
def small_layers(monkeypatch):
    """Coarse layers: these tests are about shapes and signs, not about digits."""
    hall = HallLayer(GrapheneHBN(), divisions=2, refinement=1, bands=10)
    drag = DragLayer(GrapheneHBN(), mesh=24, bands=10, shells=1)
    for part in ("chain", "voltmeter"):
        where = f"moirelib.chapters.detection.data.{part}"
        monkeypatch.setattr(f"{where}.hall_layer", lambda: hall, raising=False)
        monkeypatch.setattr(f"{where}.drag_layer", lambda: drag, raising=False)


@pytest.mark.parametrize(
    ("compute", "draw", "arguments"),
    [
        (curvature_map, draw_curvature_map, {"points": 21}),
        (conductivities, draw_conductivities, {"points": 11}),
        (resistance_against_mu, draw_resistance_against_mu, {"points": 11}),
    ],
)
def test_every_figure_draws(compute, draw, arguments):
    figure = draw(compute(**arguments))
    figure.canvas.draw()
    plt.close(figure)


def test_curvature_of_the_two_bands_is_opposite_at_the_gap():
    data = curvature_map(points=21)
    assert data.valence[10, 10] < -100
    assert data.conduction[10, 10] > 100


def test_curvature_map_covers_the_zone_and_keeps_one_mirror():
    data = curvature_map(points=61)
    inside = np.isfinite(data.valence)
    # A hexagon of side k_m in a square of side 2 k_m.
    assert inside.mean() == pytest.approx(3 * np.sqrt(3) / 8, abs=0.03)
    np.testing.assert_array_equal(data.valence, data.valence[::-1])
    assert np.nanmax(np.abs(data.valence - data.valence[:, ::-1])) > 1


def test_conductivity_is_proportional_to_the_scattering_time():
    clean, dirty = (conductivities(points=5, broadening=b) for b in (1.0, 4.0))
    np.testing.assert_allclose(clean.drude, 4 * dirty.drude)


def test_resistance_grows_with_the_third_power_of_the_broadening():
    clean, dirty = (
        resistance_against_mu(temperature=[40.0], points=5, broadening=b) for b in (1.0, 2.0)
    )
    np.testing.assert_allclose(dirty.resistance, 8 * clean.resistance)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: resistance_against_mu(current=0.0), "current must be > 0 A"),
        (lambda: resistance_against_mu(noise=0.0), "noise must be > 0 V"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_nothing_is_seen_at_rest_and_all_near_the_collision_rate() -> None:
    found = seen([1e3, 2.418e11])
    assert abs(found.voltage[0]) < 1e-8
    assert abs(found.voltage[1]) == pytest.approx(2, rel=1e-3)
    assert found.decay[0] == pytest.approx(1)
    assert found.decay[1] < 0.4
    draw_seen(seen())
    assert plt.get_fignums()


def test_the_velocity_is_that_of_the_bands() -> None:
    mu, kT = np.array([-128.0, 20.0]), 6.0
    model = GrapheneHBN(cutoff=2)
    zone = model.lattice.mesh(24)
    bands = solve_bands(model, zone.points, 8)
    squared = (bands.velocities**2).sum(axis=-1)
    weight = zone.weights[:, None] * minus_fermi_derivative(bands.energies, mu[:, None, None], kT)
    direct = np.sqrt((weight * squared).sum(axis=(1, 2)) / weight.sum(axis=(1, 2)))
    moving = motion(mu, kT)
    np.testing.assert_allclose(moving.velocity, direct / model.hbar_v, rtol=0.02)
    np.testing.assert_allclose(moving.valley_time, 2 / moving.path**2)


def test_four_cones_in_their_gap_conduct_two_units() -> None:
    # 42.5 meV is the middle of the gap of 2.3 meV.
    data = conductivities(kT=[0.02], window=(42.5, 42.6), points=2)
    np.testing.assert_allclose(np.abs(data.dirac), 4 * 0.5, atol=1e-3)
    # The coarse layer has most of it, and the sign.
    assert (data.valley_hall / data.dirac > 0.5).all()


def test_each_filling_has_its_own_conductivities() -> None:
    mu = np.array([-128.0, -40.0, 110.0])
    together = np.array(matched_conductivities(mu, 6.0))
    alone = [matched_conductivities(mu[i : i + 1], 6.0) for i in range(3)]
    np.testing.assert_allclose(together, np.concatenate(alone, axis=1), rtol=1e-12)
    assert (together[0] < 0).all()
