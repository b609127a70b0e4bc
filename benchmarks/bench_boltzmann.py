"""One core: OPENBLAS_NUM_THREADS=1 pytest benchmarks/bench_boltzmann.py."""

import numpy as np

from moirelib import FermiPocket, FirstHarmonicRates, solve_boltzmann


def test_solve_four_pockets_of_256_angles(benchmark):
    rates = FirstHarmonicRates((0.3, 0.1), (0.2, -0.1))
    pockets = [FermiPocket.circle(s, 256) for s in (1, 1, -1, -1)]
    blocks = {(p, q): rates for p in (2, 3) for q in (0, 1)}
    solution = benchmark(solve_boltzmann, blocks, (1.0, 0.0), 1.0, 10.0, pockets=pockets)
    assert np.isfinite(solution.distribution).all()
    assert benchmark.stats["min"] < 0.2
