"""What pages draw or print of sizes that were chosen by hand, against other meshes and more shells.

Where the library chooses a layer it reports the error itself. The stored sweeps have their own
studies, on the pages. Sizes in claims are those of identities, which hold on any mesh.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from inspect import signature

import numpy as np
import pytest

from moirelib import DragLayer, GrapheneHBN, drag_conductivity
from moirelib.chapters.broadening.data import whole_response
from moirelib.chapters.detection.data import drag_layer
from moirelib.chapters.perturbation_theory.data.device import _coarse
from moirelib.chapters.perturbation_theory.data.drag import points_of_window
from moirelib.chapters.perturbation_theory.data.response import (
    interband,
    interband_at_rate,
)
from moirelib.chapters.perturbation_theory.data.screening import (
    FILLINGS,
    SCREENING_KT,
    screening_layer,
)
from moirelib.chapters.second_order_drag.data.orders import _strong_layer
from moirelib.chapters.time_reversal.data import COMMON_PHASE, both_valleys, cold_layer
from moirelib.chapters.where_largest.data.device import screened_share
from moirelib.chapters.where_largest.data.materials import FILLINGS as OF_TMD
from moirelib.chapters.where_largest.data.materials import best, bilayer, filled, merits
from moirelib.chapters.where_largest.data.meeting import mean_speed, mixed_hall
from moirelib.units import thermal_energy

Values = np.ndarray


def distance(found: Values, finer: Values) -> float:
    """Largest difference over the largest value."""
    return float(np.abs(found - finer).max() / np.abs(finer).max())


# Of the largest drag at equal fillings. At T = 0 triangles err as the square of the mesh, and more
# at saddles.
@pytest.mark.parametrize(
    ("layer", "mu", "kT", "bound"),
    [
        pytest.param(screening_layer, points_of_window(31), SCREENING_KT, 1e-2, id="screened"),
        pytest.param(lambda: _coarse(GrapheneHBN()), FILLINGS, 6.0, 1e-3, id="parameters"),
        pytest.param(
            drag_layer, np.linspace(-190, 230, 31), thermal_energy(10.0), 1e-3, id="detection"
        ),
        pytest.param(lambda: _strong_layer()[0], [-128.0], 4.0, 3e-3, id="first order"),
        pytest.param(cold_layer, np.linspace(-84, 60, 31), 0.0, 5e-3, id="emptied"),
    ],
)
def test_layers_that_figures_share(
    layer: Callable[[], DragLayer], mu: Values, kT: float, bound: float
) -> None:
    used = layer()
    # Few tiles are made more; many are right to 10⁻⁵.
    divisions = max(used.divisions, 4)
    better = replace(used, mesh=used.mesh * 3 // 2, shells=used.shells + 2, divisions=divisions)
    drags = [np.diag(drag_conductivity(one, one, mu, mu, kT)[..., 0, 0]) for one in (used, better)]
    assert distance(*drags) < bound


def of_charge(**size: int) -> Values:
    layer, mu = both_valleys(COMMON_PHASE, **size), np.linspace(-150, 150, 31)
    return np.diag(drag_conductivity(layer, layer, mu, mu, 5.0, flavor="charge")[..., 0, 0])


def of_interband(**size: int) -> Values:
    found = interband(count=3, **size)
    return np.stack([found.across_k, 1j * found.along_k.imag])


def of_tmd(mesh: int = signature(merits).parameters["mesh"].default) -> Values:
    layer = DragLayer(bilayer("MoTe₂", 3.5), mesh, bands=16, shells=2, solver="dense")
    return np.array([best(layer, filled(layer, OF_TMD)).response])


# A coarser mesh tells more than the error of the one that is used, and costs less.
@pytest.mark.parametrize(
    ("compute", "mesh", "bound"),
    [
        pytest.param(of_interband, 36, 2e-2, id="between bands"),
        pytest.param(lambda **size: interband_at_rate(**size)[0], 36, 3e-3, id="at a rate"),
        pytest.param(lambda **size: np.array([mixed_hall(5.0, **size)]), 72, 1e-2, id="Hall"),
        pytest.param(lambda **size: np.array([mean_speed(-128.5, **size)]), 108, 1e-3, id="speed"),
        pytest.param(of_charge, 18, 2e-2, id="charge"),
        pytest.param(of_tmd, 54, 1e-2, id="MoTe2"),
    ],
)
def test_numbers_of_one_mesh(compute: Callable[..., Values], mesh: int, bound: float) -> None:
    """Of the mesh that the page uses, against another."""
    assert distance(compute(), compute(mesh=mesh)) < bound


def test_what_screening_leaves_of_the_map() -> None:
    assert screened_share(0.0, -3.875) == pytest.approx(
        screened_share(0.0, -3.875, mesh=12, shells=2), rel=1e-2
    )


def test_continued_responses_have_the_digits_that_the_page_says() -> None:
    """A few nm² at three fillings, a tenth where bands nearly touch."""
    used, finer = whole_response(mesh=12), whole_response(mesh=12, cutoff=3)
    for name in ("within", "between", "mixed"):
        one, other = getattr(used, name), getattr(finer, name)
        np.testing.assert_allclose(one[:3], other[:3], atol=7.0)
        np.testing.assert_allclose(one[3], other[3], rtol=0.1)
