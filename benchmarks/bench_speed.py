"""The map of Kundu Fig. 1(b): the plain loop, complete, against the solver of this library."""

from __future__ import annotations

import resource
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from moirelib import DragLayer, GrapheneHBN, drag_conductivity, solve_bands
from moirelib.elimination import solve_bands_eliminated
from moirelib.figures.performance import MAP, notebook_loop

MODEL = GrapheneHBN()


def _map(layer: DragLayer) -> np.ndarray:
    return drag_conductivity(layer, layer, MAP, MAP, 1.0)[..., 0, 0]


def test_map_by_the_plain_loop(benchmark: BenchmarkFixture) -> None:
    """60 × 60, both valleys, a box of plane waves, every wavevector: not converged."""
    box = GrapheneHBN(cutoff_shape="box")
    points = box.lattice.mesh(60, "none").points

    def both_valleys() -> None:
        for model in (box, box.other_valley()):
            notebook_loop(model, points, box.lattice)

    benchmark.pedantic(both_valleys, rounds=1)


def test_map_by_expansions(benchmark: BenchmarkFixture) -> None:
    """180 × 180: every point within 10⁻³ of the largest value of the converged map."""
    sigma = benchmark(lambda: _map(DragLayer(MODEL, mesh=180)))
    reference = _map(DragLayer(MODEL, mesh=480))
    assert np.abs(sigma - reference).max() < 1e-3 * np.abs(reference).max()


@pytest.mark.parametrize(
    "without",
    [{"solver": "dense"}, {"symmetry": "none"}, {"divisions": 12}],
    ids=["expansions", "symmetry", "few centres"],
)
def test_map_without(benchmark: BenchmarkFixture, without: dict[str, object]) -> None:
    """The same mesh with one idea left out."""
    benchmark.pedantic(
        lambda: _map(DragLayer(MODEL, mesh=180, **without)),  # type: ignore[arg-type]
        rounds=1,
    )


def test_map_on_two_processes(benchmark: BenchmarkFixture) -> None:
    with ProcessPoolExecutor(2) as pool:
        list(pool.map(abs, range(2)))
        benchmark(lambda: _map(DragLayer(MODEL, mesh=480, executor=pool)))


def test_map_on_one_process(benchmark: BenchmarkFixture) -> None:
    """480 × 480; the peak of resident memory is printed in megabytes."""
    benchmark(lambda: _map(DragLayer(MODEL, mesh=480)))
    benchmark.extra_info["peak_MB"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


@pytest.mark.parametrize("solve", [solve_bands, solve_bands_eliminated])
def test_hundred_wavevectors(benchmark: BenchmarkFixture, solve: object) -> None:
    k = np.random.default_rng(3).uniform(-0.15, 0.15, (100, 2))
    benchmark(solve, MODEL, k)  # type: ignore[operator]
