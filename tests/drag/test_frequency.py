"""The drag of relaxing layers: area, zero, peak, and the pulses as Fourier transforms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import quad

from moirelib import DragLayer, GrapheneHBN, drag_conductivity
from moirelib.drag import (
    drag_response,
    pulse_after_current_step,
    pulse_after_field_step,
    relaxed_line_shape,
)
from moirelib.units import HBAR_MEV_S

HBAR = HBAR_MEV_S * 1e12  # meV ps
RATES = st.floats(0.1, 10.0)


@given(RATES, RATES)
def test_the_area_is_that_of_the_delta_function(first: float, second: float) -> None:
    area, _ = quad(lambda w: float(relaxed_line_shape(w, [first, second]).real), 0, np.inf)
    assert 2 * area == pytest.approx(np.pi, rel=1e-6)


@given(RATES, RATES)
def test_zero_at_rest_and_largest_at_the_mean_rate(first: float, second: float) -> None:
    rates = [first, second]
    top = np.sqrt(first * second)
    assert relaxed_line_shape(0.0, rates) == 0
    at_top = complex(relaxed_line_shape(top, rates))
    assert at_top.real == pytest.approx(1 / (first + second))
    assert abs(at_top.imag) < 1e-12 * at_top.real
    around = relaxed_line_shape(top * np.array([0.9, 1.1]), rates).real
    assert (around < at_top.real).all()


def test_fast_fields_accelerate_freely() -> None:
    assert relaxed_line_shape(1e5, [1.0, 3.0]) == pytest.approx(1j / 1e5, rel=1e-4)


@pytest.mark.parametrize("rates", [1.0, [1.0, 1.0 + 1e-7], [0.5, 3.0]])
@pytest.mark.parametrize("frequency", [0.0, 0.4, 2.0])
def test_the_pulse_is_the_transform_of_the_line_shape(rates: object, frequency: float) -> None:
    # ∫ j e^{iΩt} dt with E = step, whose transform is i/Ω.
    time = np.arange(0, 60, 1e-3) * HBAR
    phase = np.exp(1j * frequency * time / HBAR)
    found = np.trapezoid(pulse_after_field_step(time, rates) * phase, time / HBAR)
    w = frequency if frequency else 1e-9
    assert found == pytest.approx(complex(relaxed_line_shape(w, rates) * 1j / w), rel=1e-4)


def test_the_current_step_starts_at_the_printed_number() -> None:
    layer = DragLayer(GrapheneHBN(), mesh=12, bands=20, shells=1)
    printed = drag_conductivity(layer, layer, [-128.0], [-128.0], 20.0, broadening=2.0)
    weight = -drag_conductivity(layer, layer, [-128.0], [-128.0], 20.0)
    start = pulse_after_current_step(0.0, [0.7, 2.0]) * weight
    np.testing.assert_allclose(start, -printed, rtol=1e-12)
    assert pulse_after_current_step(-1.0) == 0
    late = pulse_after_current_step(30 * HBAR, [0.7, 2.0])
    assert late == pytest.approx(np.exp(-0.7 * 30) / 2)


def test_the_response_is_line_shape_times_weight() -> None:
    layer = DragLayer(GrapheneHBN(), mesh=12, bands=20, shells=1)
    mu = np.array([-128.0, 110.0])
    found = drag_response(layer, layer, mu, mu, 20.0, [0.0, 1.0, 3.0], broadening=1.5)
    assert found.shape == (3, 2, 2, 2, 2)
    printed = drag_conductivity(layer, layer, mu, mu, 20.0, broadening=1.5)
    assert (found[0] == 0).all()
    np.testing.assert_allclose(drag_response(layer, layer, mu, mu, 20.0, 1.5, broadening=1.5).real,
                               -printed / 2, atol=1e-12)  # fmt: skip


@pytest.mark.parametrize("bad", [0.0, [1.0, -2.0], [1.0, 1.0, 1.0], [[1.0]]])
def test_bad_rates_are_named(bad: object) -> None:
    with pytest.raises(ValueError, match="broadening"):
        relaxed_line_shape(1.0, bad)
