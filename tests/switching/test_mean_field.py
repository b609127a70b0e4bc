import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moirelib import ValleyOrderParameter
from moirelib.switching.mean_field import LandauExpansion, increasing_root


@given(alpha_2=st.floats(1e-6, 1.0), alpha_4=st.floats(-1e6, -1e-6))
def test_properties_of_the_cubic(alpha_2, alpha_4):
    law = LandauExpansion(alpha_2, alpha_4)
    scale = law.coercive_density
    assert float(law.source(law.spontaneous)) == pytest.approx(0, abs=1e-12 * scale)
    # At the turning point the slope −α₂ − 3α₄Φ² vanishes and the source is −n_c.
    assert -alpha_2 - 3 * alpha_4 * law.turning_point**2 == pytest.approx(0, abs=1e-12 * alpha_2)
    assert float(law.source(law.turning_point)) == pytest.approx(-scale, rel=1e-12)
    printed = -2 * alpha_4 * ((-alpha_2) / (3 * alpha_4)) ** 1.5
    assert scale == pytest.approx(printed, rel=1e-12)


@pytest.mark.parametrize("alpha", [(-0.1, -1.0), (0.1, 1.0), (0.0, -1.0)])
def test_no_order_is_said_clearly(alpha):
    law = LandauExpansion(*alpha)
    for name in ("spontaneous", "turning_point", "coercive_density"):
        with pytest.raises(ValueError, match="order needs alpha_2 > 0"):
            getattr(law, name)


def test_nan_is_refused():
    with pytest.raises(ValueError, match="alpha_4 must be finite"):
        LandauExpansion(0.1, math.nan)
    with pytest.raises(ValueError, match="phi must be finite"):
        LandauExpansion(0.1, -1.0).source(np.array([np.nan]))


def test_critical_temperature_of_a_band_much_narrower_than_it():
    """All levels at μ: Uν(T) = U·states/4T, the bound from which the search starts."""
    narrow = ValleyOrderParameter(
        lambda e: np.full(np.shape(e), 0.05), 1e6, 0.0, energies=(-0.01, 0.01)
    )
    expected = 1e6 * narrow.band.states / 4
    assert narrow.critical_temperature == pytest.approx(expected, rel=1e-9)


def test_critical_temperature_is_the_highest_of_several():
    """A sharp peak beside μ on a broad band: stable when cold, unstable when warm."""

    def peaked(e):
        return 1e-3 * np.exp(-((e / 3) ** 2) / 2) + 4e-3 * np.exp(-(((e - 1.0) / 0.1) ** 2) / 2)

    order = ValleyOrderParameter(peaked, 900.0, 0.0, energies=(-24.0, 24.0))
    kt = np.linspace(1e-3, 3.0, 3000)
    excess = order.interaction * order.band.thermal(0.0, kt) - 1
    crossings = np.flatnonzero(np.diff(np.sign(excess)) != 0)
    assert len(crossings) == 2
    assert kt[crossings[-1]] < order.critical_temperature < kt[crossings[-1] + 1]


@pytest.mark.parametrize("peak", [0.7, 0.8, 1.0, 1.3, 1.7, 2.2])
def test_a_narrow_range_of_unstable_temperatures_is_found(peak):
    """Cold and hot it is stable; in between the excess is a thousandth at most."""

    def peaked(e):
        return 1e-3 * np.exp(-((e / 3) ** 2) / 2) + 2e-3 * np.exp(-(((e - peak) / 0.3) ** 2) / 2)

    kt = np.geomspace(0.05, 3.0, 4000)
    fixed = "chemical potential"
    some = ValleyOrderParameter(peaked, 900.0, 0.0, 0.0, fixed, energies=(-24.0, 24.0))
    warm = some.band.thermal(0.0, kt)
    order = replace(some, interaction=1.001 / warm.max())
    unstable = kt[order.interaction * warm > 1]
    assert unstable[-1] / unstable[0] < 1.25
    assert order.critical_temperature == pytest.approx(unstable[-1], rel=1e-3)


def test_increasing_root():
    target = np.array([[-3.0, 0.0], [0.5, 7.0]])

    def function(x, at):
        return x**3 + x - target.flat[at], 3 * x**2 + 1

    root = increasing_root(function, -10.0, 10.0, np.full((2, 2), 9.0))
    np.testing.assert_allclose(root**3 + root, target, atol=1e-13)
