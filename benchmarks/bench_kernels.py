"""Times of the calls that chapters spend their time in: ``make bench``."""

from __future__ import annotations

import numpy as np
from pytest_benchmark.fixture import BenchmarkFixture

from moirelib import (
    DragLayer,
    FirstHarmonicRates,
    GrapheneHBN,
    drag_conductivity,
    solve_bands,
    solve_boltzmann,
)

MODEL = GrapheneHBN()


def test_solve_bands(benchmark: BenchmarkFixture) -> None:
    k = MODEL.lattice.mesh(12, symmetry="none").points
    bands = benchmark(solve_bands, MODEL, k)
    assert bands.energies.shape == (144, 6)


def test_drag_layer(benchmark: BenchmarkFixture) -> None:
    """A layer solved from nothing; the cache of an earlier layer must not serve this one."""
    values = benchmark(lambda: DragLayer(MODEL, mesh=24).susceptibility([-30.0], kT=3.0))
    assert np.isfinite(values).all()


def test_drag_map(benchmark: BenchmarkFixture) -> None:
    """The conductivity over both chemical potentials, with the layer already solved."""
    layer = DragLayer(MODEL, mesh=24)
    mu = np.linspace(-60.0, 60.0, 61)
    drag_conductivity(layer, layer, mu, mu, kT=3.0)
    sigma = benchmark(drag_conductivity, layer, layer, mu, mu, kT=3.0)
    assert sigma.shape == (61, 61, 2, 2)


def test_solve_boltzmann(benchmark: BenchmarkFixture) -> None:
    rates = FirstHarmonicRates((0.1, 0.2), (0.1, 0.2))
    solution = benchmark(solve_boltzmann, rates, field=[1.0, 0.0])
    assert np.isfinite(solution.valley_density_difference).all()
