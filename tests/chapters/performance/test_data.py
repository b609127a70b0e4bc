from dataclasses import replace

import numpy as np

from moirelib.chapters.performance.data import (
    TO_THE_PEAK,
    Settings,
    conductivity_map,
    ladder,
    map_timing,
    scaling,
)
from moirelib.chapters.performance.figures import draw_ladder, draw_scaling

SMALL = Settings(cutoff=2, mesh=24, bands=8, shells=2, divisions=2)


def test_each_rung_is_timed_and_drawn() -> None:
    data = ladder(SMALL, paper_mesh=12, sample=4)
    assert len(data.rung) == len(data.seconds) == 7
    np.testing.assert_allclose(data.seconds, data.wavevectors * data.milliseconds / 1e3)
    assert data.wavevectors[0] == 2 * 12**2
    bars = draw_ladder(data).axes[0].patches
    np.testing.assert_allclose([bar.get_width() for bar in bars], data.seconds)


def test_scaling_is_measured_and_drawn() -> None:
    data = scaling(meshes=(12, 24), cutoffs=(1, 2))
    assert (data.mesh_seconds > 0).all()
    assert data.cutoff_rows[1] > data.cutoff_rows[0]
    assert len(draw_scaling(data).axes) == 2


def test_map_timing_reports_errors_and_a_share() -> None:
    reference = conductivity_map(TO_THE_PEAK.layer())
    timing = map_timing(replace(TO_THE_PEAK, mesh=60), reference)
    assert 1e-4 < timing.error_to_peak < 0.1
    assert timing.error_at_points > timing.error_to_peak
    assert 0 < timing.lapack_share < 1
    assert timing.second_map_seconds < timing.seconds
