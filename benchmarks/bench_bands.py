"""Time the bands on a path, the density of states, and the triangle integration."""

import resource
import time

import numpy as np
import pytest

from moirelib import GrapheneHBN, solve_bands
from moirelib.bands.brillouin import spectral_function
from moirelib.chapters.hamiltonian.data.bands import published_path

MODEL = GrapheneHBN()


def density_of_states(size, energies):
    mesh = MODEL.lattice.mesh(size)
    return spectral_function(mesh, solve_bands(MODEL, mesh.points, count=4).energies, energies)


def test_bands_on_a_path(benchmark):
    points = published_path(MODEL.lattice, 1).points
    bands = benchmark(lambda: solve_bands(MODEL, points, count=8))
    assert bands.energies.shape == (len(points), 8)


def test_density_of_states(benchmark):
    energies = np.linspace(-250, 300, 1101)
    start = time.process_time()
    density = benchmark.pedantic(density_of_states, args=(120, energies), rounds=1)
    assert np.isfinite(density).all()
    assert time.process_time() - start < 10  # seconds of one core, whatever else runs
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss < 500 * 1024  # KiB


@pytest.mark.parametrize("count", [1, 101])
def test_triangles(benchmark, count):
    mesh = MODEL.lattice.mesh(60)
    levels = solve_bands(MODEL, mesh.points, count=4).energies
    energies = np.linspace(-100, 100, count)
    density = benchmark(spectral_function, mesh, levels, energies)
    assert density.shape == (count,)
