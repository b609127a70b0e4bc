from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from moirelib import DragLayer, GrapheneHBN
from moirelib.chapters.performance.data import (
    TO_THE_PEAK,
    Chosen,
    Settings,
    conductivity_map,
    functions,
    heavy_functions,
    ladder,
    map_timing,
    scaling,
    solver,
    solver_limit,
    two_processes,
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


def test_a_map_whose_settings_are_chosen_is_timed_with_the_choice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(solver, "GrapheneHBN", partial(GrapheneHBN, cutoff=1))
    reference = conductivity_map(DragLayer(GrapheneHBN(cutoff=1), mesh=180, divisions=6))
    timing = map_timing(Chosen(1.0), reference)
    assert timing.error_to_peak < 1e-3
    assert timing.second_map_seconds < timing.seconds / 3


def test_the_limit_is_what_a_layer_takes_at_least() -> None:
    limit = solver_limit(SMALL)
    timing = map_timing(SMALL, conductivity_map(SMALL.layer()))
    assert limit.tiles == SMALL.divisions**2
    assert limit.wavevectors == len(SMALL.layer().zone.points)
    assert limit.wavevector_rows.max() < limit.tile_rows
    assert 0 < limit.seconds < timing.seconds


def test_heavy_functions_are_timed_at_two_sizes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(functions, "MODEL", GrapheneHBN(cutoff=2))
    for row in heavy_functions(halvings=3):
        assert row.seconds > 0
        assert row.megabytes > 0
        assert np.isfinite(row.power)


def test_a_layer_is_timed_on_one_and_two_processes() -> None:
    times = two_processes(mesh=12)
    assert times.one > 0
    assert times.two > 0
