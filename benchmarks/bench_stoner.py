"""Time of the exact hysteresis loop; run with ``pytest benchmarks``."""

import numpy as np
import pytest

from moirelib import ValleyOrderParameter
from moirelib.chapters.keldysh.data.band import moire_band


@pytest.mark.parametrize("fixed", ["chemical potential", "density"])
def test_exact_hysteresis_loop_of_400_points(benchmark, fixed):
    band = moire_band()

    def loop():
        # A new object each time: nothing is left over from the round before.
        order = ValleyOrderParameter(band, 560.0, 0.25, 3.2, fixed)
        limit = 2 * order.coercive_density
        return order.hysteresis(limit * np.cos(2 * np.pi * np.arange(400) / 400))

    result = benchmark(loop)
    assert result.phi.max() > 0 > result.phi.min()
    assert benchmark.stats.stats.min < 1.0
