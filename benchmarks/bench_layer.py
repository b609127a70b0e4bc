"""A layer against the dense loop, in one run: processor times, and their ratio."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from moirelib import DragLayer, GrapheneHBN
from moirelib.chapters.performance.data import AT_EVERY_POINT, TO_THE_PEAK, notebook_loop

LAYERS: dict[str, Callable[[], DragLayer]] = {
    "default": lambda: DragLayer(GrapheneHBN()),
    "mesh 480": lambda: DragLayer(GrapheneHBN(), mesh=480),
    "to the peak": TO_THE_PEAK.layer,
    "at every point": AT_EVERY_POINT.layer,
}


@pytest.mark.parametrize("name", LAYERS)
def test_layer_against_the_dense_loop(benchmark: BenchmarkFixture, name: str) -> None:
    """The unit is the loop over 60 × 60 wavevectors and two valleys, extrapolated from a sample."""
    box = GrapheneHBN(cutoff_shape="box")
    pairs = np.concatenate(box.lattice.shells(AT_EVERY_POINT.shells + 1)[1:])
    sample = np.random.default_rng(7).uniform(-0.15, 0.15, (24, 2))
    start = time.process_time()
    notebook_loop(box, sample, pairs)
    loop = (time.process_time() - start) * 2 * 60**2 / len(sample)

    times = []

    def solve() -> None:
        start = time.process_time()
        LAYERS[name]().susceptibility([-130.0], 3.0)
        times.append(time.process_time() - start)

    benchmark.pedantic(solve, rounds=3)
    benchmark.extra_info["seconds"] = min(times)
    benchmark.extra_info["times the loop"] = loop / min(times)
