"""The map of Kundu Fig. 1(b): the plain loop, complete, against the solver of this library."""

from __future__ import annotations

import resource
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from moirelib import DragLayer, GrapheneHBN, solve_bands
from moirelib.chapters.performance.data import (
    AT_EVERY_POINT,
    REFERENCE,
    TO_THE_PEAK,
    Settings,
    conductivity_map,
    map_timing,
    notebook_loop,
)
from moirelib.models.elimination import solve_bands_eliminated

MODEL = GrapheneHBN()


def test_map_by_the_plain_loop(benchmark: BenchmarkFixture) -> None:
    """60 × 60, both valleys, a box of plane waves, every wavevector: not converged."""
    box = GrapheneHBN(cutoff_shape="box")
    points = box.lattice.mesh(60, "none").points
    pairs = np.concatenate(box.lattice.shells(AT_EVERY_POINT.shells + 1)[1:])

    def both_valleys() -> None:
        for model in (box, box.other_valley()):
            notebook_loop(model, points, pairs)

    benchmark.pedantic(both_valleys, rounds=1)


@pytest.mark.parametrize("settings", [TO_THE_PEAK, AT_EVERY_POINT], ids=["peak", "points"])
def test_map_by_expansions(benchmark: BenchmarkFixture, settings: Settings) -> None:
    """Within 10⁻³ of the converged map: of its largest value, or at every point."""
    benchmark(lambda: conductivity_map(settings.layer()))
    timing = map_timing(settings, conductivity_map(REFERENCE.layer()))
    error = timing.error_to_peak if settings is TO_THE_PEAK else timing.error_at_points
    assert error < 1e-3


@pytest.mark.parametrize(
    "without", [{"solver": "dense"}, {"symmetry": "none"}], ids=["expansions", "symmetry"]
)
def test_map_without(benchmark: BenchmarkFixture, without: dict[str, Any]) -> None:
    """The strict map with one idea left out."""
    layer = replace(AT_EVERY_POINT.layer(), **without)
    benchmark.pedantic(lambda: conductivity_map(replace(layer)), rounds=1)


@pytest.mark.parametrize("processes", [1, 2])
def test_large_mesh(benchmark: BenchmarkFixture, processes: int) -> None:
    """480 × 480, on one process and on two; the peak of resident memory is recorded."""
    with ProcessPoolExecutor(processes) as pool:
        list(pool.map(abs, range(processes)))  # the workers are up before the clock starts
        chosen = pool if processes > 1 else None
        benchmark(
            lambda: DragLayer(MODEL, mesh=480, executor=chosen).susceptibility([-130.0], kT=1.0)
        )
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    benchmark.extra_info["peak_MB"] = peak
    assert peak < 500


@pytest.mark.parametrize("solve", [solve_bands, solve_bands_eliminated])
def test_hundred_wavevectors(benchmark: BenchmarkFixture, solve: Callable[..., object]) -> None:
    k = np.random.default_rng(3).uniform(-0.15, 0.15, (100, 2))
    benchmark(solve, MODEL, k)
