from dataclasses import replace

import numpy as np

from moirelib.figures import performance

SMALL = performance.Settings(cutoff=2, mesh=24, bands=8, shells=2, divisions=2)


def test_each_rung_is_timed_and_drawn() -> None:
    data = performance.ladder(SMALL, paper_mesh=12, sample=4)
    assert len(data.rung) == len(data.seconds) == 7
    np.testing.assert_allclose(data.seconds, data.wavevectors * data.milliseconds / 1e3)
    assert data.wavevectors[0] == 2 * 12**2
    bars = performance.draw_ladder(data).axes[0].patches
    np.testing.assert_allclose([bar.get_width() for bar in bars], data.seconds)


def test_scaling_is_measured_and_drawn() -> None:
    data = performance.scaling(meshes=(12, 24), cutoffs=(1, 2))
    assert (data.mesh_seconds > 0).all()
    assert data.cutoff_rows[1] > data.cutoff_rows[0]
    assert len(performance.draw_scaling(data).axes) == 2


def test_map_timing_reports_errors_and_a_share() -> None:
    reference = performance.conductivity_map(performance.TO_THE_PEAK.layer())
    timing = performance.map_timing(replace(performance.TO_THE_PEAK, mesh=60), reference)
    assert 1e-4 < timing.error_to_peak < 0.1
    assert timing.error_at_points > timing.error_to_peak
    assert 0 < timing.lapack_share < 1
    assert timing.second_map_seconds < timing.seconds
