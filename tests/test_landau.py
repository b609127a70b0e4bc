import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moirelib.landau import LandauExpansion


@settings(deadline=None, derandomize=True)
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
