import math
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest

from moirelib.chapters.keldysh.data.band import moire_order
from moirelib.chapters.keldysh.data.dynamics import (
    kinetic_decay_rate,
    polarisation,
    pulses,
    sweeps,
    valley_decay,
)
from moirelib.chapters.keldysh.data.statics import (
    chern_valleys,
    coercive_approach,
    critical_temperatures,
    ensembles,
    hysteresis,
)
from moirelib.chapters.keldysh.figures import (
    draw_chern_valleys,
    draw_coercive_approach,
    draw_critical_temperatures,
    draw_ensembles,
    draw_hysteresis,
    draw_hysteresis_frame,
    draw_polarisation,
    draw_pulses,
    draw_sweeps,
)


@pytest.mark.parametrize(
    ("compute", "draw", "arguments"),
    [
        (chern_valleys, draw_chern_valleys, {"points": 8}),
        (hysteresis, draw_hysteresis, {"points": 40}),
        (hysteresis, draw_hysteresis_frame, {"temperature_ratio": 1.1, "reach": 0.4}),
        (critical_temperatures, draw_critical_temperatures, {"excess": [1e-3, 0.1]}),
        (coercive_approach, draw_coercive_approach, {"reduced": [0.01, 0.3]}),
        (ensembles, draw_ensembles, {"points": 21}),
        (sweeps, draw_sweeps, {"periods": [100.0], "points": 21}),
        (pulses, draw_pulses, {"lengths": [50.0, 200.0], "points": 61}),
        (polarisation, draw_polarisation, {"points": 11}),
    ],
)
def test_every_figure_draws(compute, draw, arguments):
    figure = draw(compute(**arguments))
    figure.canvas.draw()
    plt.close(figure)


def test_chern_numbers_are_integers():
    assert np.abs(chern_valleys(points=8).chern - [[-1, 1], [1, -1]]).max() < 1e-6


def test_curvature_of_the_valleys_is_opposite():
    data = chern_valleys(points=8)
    np.testing.assert_allclose(data.curvature_plus, -data.curvature_minus[::-1, ::-1], atol=1e-5)


def test_loop_closes_and_encloses_the_coercive_density():
    # 101 sources up to 2.2 times the coercive density fall beside it: with 100 one falls on it.
    data = hysteresis(points=202)
    assert data.exact[0] == pytest.approx(data.exact[-1], rel=1e-12)
    up = data.source[:101][data.exact[:101] > 0].min()
    step = data.source[1] - data.source[0]
    assert data.coercive_exact + 0.1 * step < up < data.coercive_exact + 0.9 * step


def test_only_one_coefficient_converges():
    data = critical_temperatures([1e-4])
    assert data.over_closing[0] == pytest.approx(1, abs=1e-3)
    assert data.over_printed[0] == pytest.approx(math.sqrt(2), abs=2e-3)


def test_cubic_coefficient_of_both_ensembles():
    data = ensembles(points=21, exact_every=1)
    scale = np.abs(data.fixed_density).max()
    np.testing.assert_allclose(data.exact_fixed_potential, data.fixed_potential, atol=1e-3 * scale)
    np.testing.assert_allclose(data.exact_fixed_density, data.fixed_density, atol=1e-3 * scale)


def test_temperature_must_be_positive():
    with pytest.raises(ValueError, match="temperature_ratio must be > 0"):
        hysteresis(temperature_ratio=0.0)


def test_sampled_valleys_exchange_electrons_at_the_kinetic_rate_at_first():
    data = valley_decay({12: 16}, (3.0,))
    assert abs(data.rate[0, 0] - 1) < 4 * data.error[0, 0]
    assert data.error[0, 0] < 0.1
    assert kinetic_decay_rate() == pytest.approx(0.119, rel=0.01)


def test_after_a_pulse_the_order_is_one_of_the_two_undriven_ones() -> None:
    data = pulses(lengths=[50.0, 300.0], points=61)
    np.testing.assert_allclose(data.phi[-1], [-1, 1], atol=2e-3)
    # While it lasts it is beyond.
    assert data.phi[:, 1].max() > 1.05


def test_the_cubic_law_overtakes_the_exact_loop_as_scanned() -> None:
    data = coercive_approach(reduced=[0.003, 0.3])
    critical = moire_order(0.25).critical_temperature
    phi = np.linspace(0.0, 8e-3, 4001)
    for reduced, found in zip(data.reduced, data.coercive, strict=True):
        order = moire_order(0.25, critical * (1 - reduced))
        exact, law = (_largest_source(one, phi) for one in (order, order.landau()))
        assert found == pytest.approx(exact / law, rel=1e-3)
    assert abs(data.coercive[0] - 1) < 1e-3 < 1e-2 < abs(data.coercive[1] - 1)


def _largest_source(law: Any, phi: np.ndarray) -> float:
    """The largest |Δn₀| at which Φ, from zero up to the spontaneous one, is held against it."""
    source = law.source(phi[1:])
    within = np.cumprod(np.sign(source) == np.sign(source[0])).astype(bool)
    return float(np.abs(source[within]).max())
