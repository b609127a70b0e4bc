"""The heavy functions of the library: time, growth with their size, and memory."""

from __future__ import annotations

import math
import time
import tracemalloc
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache as kept
from functools import partial

import numpy as np

from moirelib import cache
from moirelib._threads import one_blas_thread
from moirelib.bands.bloch import solve_bands
from moirelib.chapters.performance.data.solver import MAP, best_time
from moirelib.drag.conductivity import drag_conductivity
from moirelib.drag.density_response import DensityResponse
from moirelib.drag.layer import DragLayer
from moirelib.drag.response import current_density_response, interband_susceptibility
from moirelib.drag.scattering_layer import ScatteringLayer
from moirelib.drag.second_order import second_order_drag
from moirelib.models.graphene_hbn import GrapheneHBN
from moirelib.models.twisted_bilayer import StrainedTBG
from moirelib.switching.boltzmann import solve_boltzmann
from moirelib.switching.fermi_pockets import FirstHarmonicRates
from moirelib.switching.scattering import intervalley_rates

MODEL = GrapheneHBN()
Q = np.array([0.013, 0.021])


@dataclass(frozen=True)
class Function:
    """What one function costs.

    Parameters
    ----------
    name, size : str
        The function, and what is doubled.
    value : int
        The larger size.
    seconds : float
        Processor time at that size.
    power : float
        The power of the size with which the time grew from half of it.
    megabytes : float
        Peak of the memory that was asked for meanwhile.
    """

    name: str
    size: str
    value: int
    seconds: float
    power: float
    megabytes: float


@dataclass(frozen=True)
class TwoProcesses:
    """Wall times in s of one layer, in this process and on a pool of two."""

    one: float
    two: float


def _of_bands(size: int) -> object:
    return solve_bands(MODEL, np.random.default_rng(3).uniform(-0.15, 0.15, (size, 2)), 8)


def _of_layer(size: int) -> object:
    return DragLayer(MODEL, mesh=size).susceptibility([-130.0], 3.0)


def _of_map(size: int) -> object:
    layer = _solved(60)
    mu = np.linspace(MAP[0], MAP[-1], size)
    return drag_conductivity(layer, layer, mu, mu, 3.0)


def _of_response(size: int) -> object:
    return current_density_response(DragLayer(MODEL, mesh=size), Q, 3j, [-128.0], 3.0)


def _of_interband(size: int) -> object:
    return interband_susceptibility(DragLayer(MODEL, mesh=size, shells=2), 0.0, [-128.0], 12.0)


def _of_density(size: int) -> object:
    return DensityResponse(MODEL, mesh=size, shells=2).compressibility([-128.0], 12.0)


def _of_second_order(size: int) -> object:
    layer = ScatteringLayer(MODEL, mesh=size, bands=16, reach=1.2)
    return second_order_drag(layer, layer, [-128.0], [-128.0], 8.0, screened=True)


def _of_boltzmann(size: int) -> object:
    return solve_boltzmann(FirstHarmonicRates((0.1, 0.2), (0.1, 0.2)), [1.0, 0.0], points=size)


def _of_rates(size: int) -> object:
    return intervalley_rates(StrainedTBG(), 0.05, size)


_FUNCTIONS: tuple[tuple[str, str, int, Callable[[int], object]], ...] = (
    ("moirelib.bands.bloch.solve_bands", "wavevectors", 100, _of_bands),
    ("moirelib.drag.layer.DragLayer", "mesh", 480, _of_layer),
    ("moirelib.drag.conductivity.drag_conductivity", "chemical potentials", 182, _of_map),
    ("moirelib.drag.response.current_density_response", "mesh", 12, _of_response),
    ("moirelib.drag.response.interband_susceptibility", "mesh", 12, _of_interband),
    ("moirelib.drag.density_response.DensityResponse", "mesh", 24, _of_density),
    ("moirelib.drag.second_order.second_order_drag", "mesh", 8, _of_second_order),
    ("moirelib.switching.boltzmann.solve_boltzmann", "points on a circle", 256, _of_boltzmann),
    ("moirelib.switching.scattering.intervalley_rates", "points on a contour", 512, _of_rates),
)


@kept
def _solved(mesh: int) -> DragLayer:
    layer = DragLayer(MODEL, mesh=mesh)
    layer.susceptibility([0.0], 3.0)
    return layer


@one_blas_thread
def heavy_functions(halvings: int = 0) -> tuple[Function, ...]:
    """Time every function at two sizes, which ``halvings`` make smaller."""
    rows = []
    _solved(60)  # what the map is made from
    for name, size, largest, run in _FUNCTIONS:
        value = max(largest >> halvings, 4)
        half, whole = (best_time(partial(run, n)) for n in (value // 2, value))
        run(value)  # what is kept for later calls is no part of one
        tracemalloc.start()
        with cache.off():
            run(value)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        rows.append(Function(name, size, value, whole, math.log2(whole / half), peak / 2**20))
    return tuple(rows)


def two_processes(mesh: int = 240) -> TwoProcesses:
    """Solve a layer in this process and on two others, which are up before the clock starts."""
    with ProcessPoolExecutor(2) as pool:
        list(pool.map(abs, range(2)))
        times = []
        for executor in (None, pool):
            layer = DragLayer(MODEL, mesh=mesh, executor=executor)
            start = time.perf_counter()
            with cache.off():
                layer.susceptibility([-130.0], 3.0)
            times.append(time.perf_counter() - start)
    return TwoProcesses(*times)
