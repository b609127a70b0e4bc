import math
from dataclasses import replace

import numpy as np
import pytest

from moirelib.hall.strip import HallStrip, chain_resistance, strip_resistance
from moirelib.units import RESISTANCE_QUANTUM_OHM

STRIP = HallStrip((1.0, 1.3), (0.02, 0.03), 0.01, width=0.2)


@pytest.fixture(scope="module")
def solved():
    return STRIP.solve(cells=(400, 8))


def profile(strip, cells):
    solution = strip.solve(cells=cells)
    return solution.x, solution.resistance(2)


def at(solution, layer, length):
    return np.interp(length, solution.x, solution.resistance(layer))


def test_one_layer_is_the_known_nonlocal_resistance(solved):
    lengths = np.array([2.0, 4.0])  # further than the current spreads
    known = RESISTANCE_QUANTUM_OHM * STRIP.width / 2 * 0.02**2 * np.exp(-lengths)
    np.testing.assert_allclose(at(solved, 1, lengths), known, rtol=1e-2)


def test_strip_follows_the_closed_form_with_its_change_of_sign(solved):
    lengths = np.array([0.5, 1.0, 2.0, 4.0, 6.0])
    expected = strip_resistance(STRIP, lengths)
    np.testing.assert_allclose(at(solved, 2, lengths), expected, rtol=3e-2)
    assert expected[0] < 0 < expected[-1]


@pytest.mark.parametrize(
    ("change", "power"),
    [
        ({"drag": 0.02}, 1),
        ({"valley_hall": (0.04, 0.03)}, 1),
        ({"valley_hall": (0.02, 0.06)}, 1),
        ({"conductivity": (2.0, 1.3)}, -2),
        ({"conductivity": (1.0, 2.6)}, -2),
    ],
)
def test_powers_of_the_conductivities(solved, change, power):
    doubled = replace(STRIP, **change).solve(cells=(400, 8))
    ratio = at(doubled, 2, 5.0) / at(solved, 2, 5.0)
    assert math.log2(ratio) == pytest.approx(power, abs=5e-3)


def test_reversed_valley_hall_effect_reverses_the_voltage(solved):
    for hall in ((-0.02, 0.03), (0.02, -0.03)):
        other = replace(STRIP, valley_hall=hall).solve(cells=(400, 8))
        np.testing.assert_allclose(other.resistance(2), -solved.resistance(2), atol=1e-9)


def test_no_charge_flows_along_the_passive_strip(solved):
    """The potential of the open layer is flat far away on both sides."""
    phi = solved.potentials[2]
    assert np.ptp(phi[-1]) < 1e-3 * np.ptp(phi)


def test_closed_forms_by_quadrature():
    """All four closures from the diffusion equation of layer 2 on a fine line."""
    x = np.linspace(-30, 30, 60001)
    step = x[1] - x[0]
    jump = np.where(np.abs(x) < step / 2, 1 / step, 0)
    smooth = 0.5 * np.exp(-np.abs(x))
    green = 0.5 * np.exp(-np.abs(x))
    probe = np.array([0.5, 1.0, 3.0, 6.0])
    drag = 0.01
    strip = HallStrip((1.0, 1.0), (1.0, 1.0), drag)
    for force, push in (("field", smooth - jump), ("current", smooth)):
        # ψ₂″ − ψ₂ = ∂_x(drag · push); j = −ψ₂′ + drag · push.
        response = -np.convolve(push, green, mode="same") * step
        psi2 = drag * np.gradient(response, step)
        own = -np.gradient(psi2, step)
        for source, current in (("own", own), ("total", own + drag * push)):
            ratio = strip_resistance(strip, probe, force, source) / chain_resistance(strip, probe)
            expected = np.interp(probe, x, current) / (drag * np.interp(probe, x, smooth))
            np.testing.assert_allclose(ratio, expected, atol=2e-3)


def fourier_resistance(strip, x):
    """R_NL of layer 2 at any width: Fourier modes along the strip, exponentials across it.

    In the bulk φ_l is harmonic and ψ a sum of two screened modes; Hall and drag terms couple
    them at the edges only, where j_c carries the contact and j_v vanishes.
    """
    (s1, s2), (h1, h2) = strip.conductivity, strip.valley_hall
    local = np.array([[s1, strip.drag], [strip.drag, s2]])
    screening, modes = np.linalg.eig(np.linalg.solve(local, np.diag([s1, s2])))
    step, last = 0.02, 80.0
    k = np.arange(step / 2, last, step)
    drops = np.empty(len(k), dtype=complex)
    for i, one in enumerate(k):
        rates = np.array([one, one, *np.sqrt(one**2 + screening / strip.valley_length**2)])
        shapes = np.zeros((4, 4))  # φ₁, φ₂, ψ₁, ψ₂ of each mode
        shapes[:2, :2], shapes[2:, 2:] = np.eye(2), modes
        rows = []
        for y in (0.0, strip.width):
            left, right = np.exp(-rates * y), np.exp(-rates * (strip.width - y))
            value = np.hstack([shapes * left, shapes * right])
            slope = np.hstack([-shapes * rates * left, shapes * rates * right])
            hall = 1j * one * np.array([h1, h2])[:, None]
            rows.append(-np.array([s1, s2])[:, None] * slope[:2] + hall * value[2:])
            rows.append(-local @ slope[2:] + hall * value[:2])
        solution = np.linalg.solve(np.vstack(rows), np.array([1, 0, 0, 0, 1, 0, 0, 0]))
        drop = 1 - np.exp(-one * strip.width)
        drops[i] = (solution[1] - solution[5]) * drop
    # A smooth end of the spectrum: a contact a little wider than a point.
    drops *= np.exp(-((5 * k / last) ** 2))
    return RESISTANCE_QUANTUM_OHM * (np.exp(1j * np.outer(x, k)) @ drops).real * step / np.pi


@pytest.mark.parametrize("width", [0.2, 1.0])
def test_finite_elements_against_fourier_modes(width):
    strip = replace(STRIP, width=width)
    lengths = np.array([1.0, 2.0, 4.0, 6.0])
    elements = np.interp(lengths, *profile(strip, cells=(640, 16)))
    np.testing.assert_allclose(elements, fourier_resistance(strip, lengths), rtol=3e-2)


def test_sign_changes_at_three_valley_lengths_and_later_in_a_wide_strip():
    for width, zero in ((0.02, 3.0), (1.0, 3.38)):
        strip = replace(STRIP, width=width)
        x = np.linspace(2.5, 4.0, 151)
        exact = fourier_resistance(strip, x)
        assert np.interp(0, exact, x) == pytest.approx(zero, abs=0.01)
        elements = np.interp(x, *profile(strip, cells=(640, 16)))
        assert np.interp(0, elements, x) == pytest.approx(zero, abs=0.05)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: HallStrip((1.0, -1.0), (0.0, 0.0), 0.0), "conductivity must be > 0 e²/h"),
        (lambda: HallStrip((1.0, 1.0), (0.0, 0.0), 1.0), "σ₁₂² < σ₁σ₂"),
        (lambda: replace(STRIP, width=0.0), "width must be > 0"),
        (lambda: STRIP.solve(cells=(5, 4)), r"cells\[0\] must be even"),
        (lambda: strip_resistance(STRIP, 0.0), "length must be > 0"),
        (lambda: strip_resistance(STRIP, 1.0, force="momentum"), "force must be one of"),
        (lambda: strip_resistance(STRIP, 1.0, hall_source="none"), "hall_source must be one of"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call()
