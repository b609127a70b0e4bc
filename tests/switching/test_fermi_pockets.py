import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moirelib.switching.fermi_pockets import FermiPocket, FirstHarmonicRates


@given(st.integers(0, 2**32 - 1), st.sampled_from([1, -1]))
@settings(max_examples=30)
def test_any_closed_polyline_has_no_net_flux(seed, valley):
    rng = np.random.default_rng(seed)
    t = np.sort(rng.uniform(0, 2 * np.pi, 40))
    r = rng.uniform(0.5, 1.0, 40)
    vertices = np.stack([r * np.cos(t), r * np.sin(t)], axis=-1) + rng.normal(size=2)
    pocket = FermiPocket.from_polyline(valley, vertices, rng.uniform(1, 2, 40))
    flux = pocket.weights @ pocket.velocities
    assert np.abs(flux).max() <= 1e-14


def test_circle_and_polyline_agree_on_density_of_states_angles_and_velocities():
    n, k, v = 400, 0.2, 30.0
    t = 2 * np.pi * np.arange(n) / n
    ring = k * np.stack([np.cos(t), np.sin(t)], axis=-1)
    for valley in (1, -1):
        line = FermiPocket.from_polyline(valley, valley * ring, np.full(n, v))
        circle = FermiPocket.circle(valley, n, k / (2 * np.pi * v), v)
        assert line.density_of_states == pytest.approx(circle.density_of_states, rel=1e-4)
        np.testing.assert_allclose(np.cos(line.angles - circle.angles), 1, atol=1e-12)
        np.testing.assert_allclose(line.velocities, circle.velocities, atol=1e-10 * v)


def test_time_reversal_leaves_the_angle_and_turns_the_velocity():
    k, kprime = FermiPocket.circle(1, 12), FermiPocket.circle(-1, 12)
    np.testing.assert_array_equal(k.angles, kprime.angles)
    np.testing.assert_allclose(k.velocities, -kprime.velocities)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: FermiPocket.circle(0), "valley must be one of 1, -1"),
        (lambda: FermiPocket.circle(1, 3), "points must be ≥ 4"),
        (lambda: FermiPocket.circle(1, speed=-1.0), "speed must be > 0"),
        (lambda: FermiPocket.circle(1, density_of_states=0.0), "density_of_states must be > 0"),
        (
            lambda: FermiPocket(1, np.zeros(4), np.ones(4), np.ones((4, 2))),
            "the contour must be closed",
        ),
        (lambda: FermiPocket(1, np.zeros(3), np.ones(4), np.ones((4, 2))), "must have shapes"),
        (
            lambda: FermiPocket(1, np.zeros(4), -np.ones(4), np.zeros((4, 2))),
            "weights must be > 0",
        ),
        (
            lambda: FermiPocket.from_polyline(1, [[0, 0], [0, 1], [1, 1], [1, 0]], np.ones(4)),
            "must run anticlockwise",
        ),
        (
            lambda: FermiPocket.from_polyline(1, [[0, 0], [1, 0], [1, 1], [0, 1]], -np.ones(4)),
            "speeds must be > 0",
        ),
        (lambda: FermiPocket.from_polyline(1, np.zeros((4, 2)), np.ones(3)), "must have shapes"),
        (lambda: FirstHarmonicRates((0.6, 0.0), (0.0, 0.6)), r"falls to -0.2 at θ = 180.0°"),
        (lambda: FirstHarmonicRates((0.6, 0.0, 0.1), (0.0, 0.6)), "a must have a last axis"),
        (lambda: FirstHarmonicRates((np.nan, 0.0), (0.0, 0.6)), "a must be finite"),
    ],
)
def test_bad_input_is_refused(build, message):
    with pytest.raises(ValueError, match=message):
        build()
