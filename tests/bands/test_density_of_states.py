from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.integrate import quad

from moirelib.bands.density_of_states import DensityOfStates


def gaussian(e):
    return np.exp(-(np.asarray(e) ** 2) / 18)


BELL = DensityOfStates.from_function(gaussian, -20.0, 20.0)
SLOPE = DensityOfStates.from_function(lambda e: 1 + 0.3 * e, -2.0, 3.0)


@settings(max_examples=40)
@given(mu=st.floats(-4, 4), kt=st.floats(0.02, 8.0), smooth=st.booleans())
def test_density_against_adaptive_quadrature(mu, kt, smooth):
    band, nu = (BELL, gaussian) if smooth else (SLOPE, lambda e: 1 + 0.3 * e)
    cuts = sorted(
        {
            band.lower,
            *np.clip(mu + np.array([-30, -5, 0, 5, 30]) * kt, band.lower, band.upper),
            band.upper,
        }
    )
    exact = sum(
        quad(lambda e: nu(e) * 0.5 * (1 - np.tanh((e - mu) / (2 * kt))), a, b, epsabs=1e-12)[0]
        for a, b in pairwise(cuts)
    )
    # Near an end of the band, when cold, the kink left by the slope costs (T/2)²/50.
    tolerance = 1e-9 if smooth or kt > 0.05 else 2e-5
    assert float(band.density(mu, kt)) == pytest.approx(exact, abs=tolerance)
    # Steps of a quarter leave a sixteenth of that.
    tabulated, _ = band.at_temperature(kt)(np.array(mu))
    assert float(tabulated) == pytest.approx(exact, abs=max(tolerance / 16, 1e-9))


@settings(max_examples=40)
@given(mu=st.floats(-4, 4), kt=st.floats(0.1, 8.0), order=st.integers(0, 2))
def test_derivatives_belong_to_each_other(mu, kt, order):
    step = 1e-3

    def below(m):
        return float(BELL.density(m, kt) if order == 0 else BELL.thermal(m, kt, order - 1))

    slope = (
        8 * (below(mu + step) - below(mu - step)) - below(mu + 2 * step) + below(mu - 2 * step)
    ) / (12 * step)
    assert float(BELL.thermal(mu, kt, order)) == pytest.approx(slope, abs=1e-9)


def test_the_two_quadratures_meet():
    edge = 0.01 * (BELL.upper - BELL.lower)
    cold, warm = (BELL.density(1.3, edge * (1 + s * 1e-9)) for s in (-1, 1))
    assert float(cold) == pytest.approx(float(warm), rel=1e-9)


@pytest.mark.parametrize("share", [0.0, 1e-4, 2e-3, 9.9e-3, 0.011, 0.05, 0.3, 20.0])
def test_a_table_of_one_temperature_is_what_it_tabulates(share):
    kt = share * 40
    mu = np.concatenate([np.linspace(-20, 20, 203), [-20 - 200 * kt, -1e3, 20 + 30 * kt, 1e3]])
    density, thermal = BELL.at_temperature(kt)(mu)
    assert np.abs(density - BELL.density(mu, kt)).max() < 1e-12 * BELL.states
    exact = BELL.thermal(mu, kt)
    assert np.abs(thermal - exact).max() < 1e-11 * exact.max()


def test_a_table_needs_a_temperature():
    with pytest.raises(ValueError, match="kT must be ≥ 0 meV"):
        BELL.at_temperature(-1.0)


def test_a_feature_narrower_than_the_temperature_is_resolved():
    line = DensityOfStates.from_function(
        lambda e: np.exp(-0.5 * (e / 0.05) ** 2) / (0.05 * np.sqrt(2 * np.pi)), -0.5, 0.5
    )
    assert float(line.density(0.7, 0.5)) == pytest.approx(1 / (np.exp(-1.4) + 1), abs=2e-3)
    assert line.states == pytest.approx(1, abs=1e-10)


@pytest.mark.parametrize("width", [0.05, 0.02])
@pytest.mark.parametrize("share", [0.0249, 0.0099, 0.0049, 0.0013, 0.0012, 0.0006])
def test_a_peak_of_a_thousandth_of_the_band_at_any_temperature(width, share):
    peak = DensityOfStates.from_function(
        lambda e: np.exp(-0.5 * (e / width) ** 2) / width, -10.0, 10.0, points=8001
    )
    kt = share * 20
    mu = np.linspace(-2, 2, 9) * max(kt, 2 * width)
    cuts = width * np.array([-9, -4, -2, -1, 0, 1, 2, 4, 9])

    def exact(m):
        def smeared(e):
            return (
                np.exp(-0.5 * (e / width) ** 2) / width / (4 * kt * np.cosh((e - m) / 2 / kt) ** 2)
            )

        return sum(quad(smeared, a, b, epsabs=1e-13)[0] for a, b in pairwise(cuts))

    expected = np.array([exact(m) for m in mu])
    np.testing.assert_allclose(peak.thermal(mu, kt), expected, atol=2e-6 * expected.max())


def test_full_and_empty_band():
    assert float(SLOPE.density(100.0, 0.5)) == pytest.approx(SLOPE.states, rel=1e-12)
    assert float(SLOPE.density(-100.0, 0.5)) == pytest.approx(0, abs=1e-12)
    assert SLOPE.states == pytest.approx(5 + 0.15 * 5, rel=1e-12)


def test_zero_temperature_is_the_limit():
    np.testing.assert_allclose(
        BELL.density([0.5, 2.0], 0.0), BELL.density([0.5, 2.0], 1e-4), atol=1e-8
    )
    assert float(SLOPE.thermal(5.0, 0.0)) == 0.0


def test_samples_and_function_agree():
    grid = np.linspace(-20, 20, 161)
    sampled = DensityOfStates(grid, gaussian(grid))
    np.testing.assert_allclose(
        sampled.density([0.3, 2.0], 0.4), BELL.density([0.3, 2.0], 0.4), rtol=1e-5
    )


@pytest.mark.parametrize(
    ("energies", "values", "message"),
    [
        ([0, 1, 2, 3, 3], [1.0] * 5, "increase strictly"),
        ([0, 1, 2, 3, 4], [1.0] * 4, "one entry for each of the 5"),
        ([0, 1, 2], [1.0] * 3, "more than 3"),
        ([0, 1, 2, 3, 4], [1, 1, -1, 1, 1], "≥ 0"),
        ([0, 1, 2, 3, 4], [1, 1, np.nan, 1, 1], "finite"),
        ([0, 1, 2, 3, 4, 5], [0, 0, 9, 0, 0, 0], "sample it more finely"),
    ],
)
def test_bad_samples_are_refused(energies, values, message):
    with pytest.raises(ValueError, match=message):
        DensityOfStates(np.array(energies, float), np.array(values, float))


def test_bad_arguments_are_refused():
    with pytest.raises(ValueError, match=r"kT must be ≥ 0 meV, got -1\.0"):
        BELL.density(0.0, -1.0)
    with pytest.raises(ValueError, match="derivative"):
        BELL.thermal(0.0, 1.0, 3)
    with pytest.raises(ValueError, match="degree"):
        DensityOfStates(np.arange(9.0), np.ones(9), degree=2)
    with pytest.raises(ValueError, match="upper must be > lower"):
        DensityOfStates.from_function(gaussian, 1.0, 1.0)
