"""Time the drag: one layer, a map of it, and the response between bands."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from moirelib import DragLayer, GrapheneHBN, drag_conductivity
from moirelib.drag import ScatteringLayer, second_order_drag
from moirelib.drag.response import current_density_response, interband_susceptibility

MU = np.linspace(-200, 250, 91)


def test_converged_map(benchmark: Callable[..., object]) -> None:
    """Time Fig. 1(b) to 10⁻³, from nothing."""

    def compute() -> object:
        layer = DragLayer(GrapheneHBN(cutoff=4), mesh=240, bands=8, shells=5)
        return drag_conductivity(layer, layer, MU, MU, 1.0)

    benchmark(compute)


def test_map_of_a_solved_layer(benchmark: Callable[..., object]) -> None:
    """Time Fig. 1(b) at another temperature."""
    layer = DragLayer(GrapheneHBN(cutoff=4), mesh=120, bands=8, shells=5)
    layer.susceptibility([0.0], 3.0)
    benchmark(drag_conductivity, layer, layer, MU, MU, 3.0)


def test_interband_response_of_all_bands(benchmark: Callable[..., object]) -> None:
    """Time 𝒟 over all bands on a small mesh."""
    layer = DragLayer(GrapheneHBN(), mesh=12, shells=1)
    benchmark(interband_susceptibility, layer, 0.0, [-128.0, 42.0], 12.0)


@pytest.mark.parametrize("q", [(0.0, 1 / 12), (0.041, 0.029)], ids=["on the mesh", "off the mesh"])
def test_response_of_all_bands(benchmark: Callable[..., object], q: tuple[float, float]) -> None:
    """Time the current against the density at one frequency, q in reciprocal vectors."""
    layer = DragLayer(GrapheneHBN(), mesh=12)
    vector = np.array(q) @ layer.lattice.reciprocal_vectors
    benchmark(current_density_response, layer, vector, 3j, [-128.0], 3.0)


@pytest.mark.parametrize("fillings", [1, 6])
def test_second_order_drag(benchmark: Callable[..., object], fillings: int) -> None:
    """Time a point of the stored maps, and six by six: transitions are found once for each q."""
    layer = ScatteringLayer(GrapheneHBN(), mesh=12, bands=24, reach=1.5)
    mu = np.linspace(-140, -80, fillings)
    layer.drude([0.0], 8.0)
    benchmark(second_order_drag, layer, layer, mu, mu, 8.0, screened=True)
