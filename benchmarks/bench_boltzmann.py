"""One core: OPENBLAS_NUM_THREADS=1 pytest benchmarks/bench_boltzmann.py."""

import tracemalloc

import numpy as np

from moirelib import FirstHarmonicRates, solve_boltzmann
from moirelib.chapters.tbg_scattering.data import density_against_strain
from moirelib.switching.fermi_pockets import FermiPocket


def test_solve_four_pockets_of_256_angles(benchmark):
    rates = FirstHarmonicRates((0.3, 0.1), (0.2, -0.1))
    pockets = [FermiPocket.circle(s, 256) for s in (1, 1, -1, -1)]
    blocks = {(p, q): rates for p in (2, 3) for q in (0, 1)}
    solution = benchmark(solve_boltzmann, blocks, (1.0, 0.0), 1.0, 10.0, pockets=pockets)
    assert np.isfinite(solution.distribution).all()
    assert benchmark.stats["min"] < 0.2


def test_all_of_fig_7(benchmark):
    data = benchmark.pedantic(density_against_strain, rounds=3)
    assert np.isfinite(data.numerical).all()
    assert benchmark.stats["max"] < 10


def test_memory_of_a_solve_and_of_fig_7():
    rates = FirstHarmonicRates((0.3, 0.1), (0.2, -0.1))
    pockets = [FermiPocket.circle(s, 256) for s in (1, 1, -1, -1)]
    tracemalloc.start()
    try:
        solve_boltzmann({(2, 0): rates, (3, 1): rates}, (1.0, 0.0), pockets=pockets)
        density_against_strain()
        _current, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 500e6
