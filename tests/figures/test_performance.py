import numpy as np

from moirelib.figures import performance


def test_each_rung_is_timed_and_drawn() -> None:
    data = performance.ladder(mesh=24, paper_mesh=12, sample=4)
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


def test_map_timing_reports_an_error_and_a_share() -> None:
    timing = performance.map_timing(mesh=90, reference=120)
    assert 0 < timing.error < 0.05
    assert 0 < timing.lapack_share < 1
