"""Wrong results that once came without a word, and what is said or returned now."""

from __future__ import annotations

import math
import re
import warnings
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from moirelib import _memory
from moirelib.bands import MoireLattice, PlaneWaveModel, complete_window, solve_bands, thermal_reach
from moirelib.drag import (
    DragLayer,
    OffLatticeLayer,
    broadened_drag,
    drag_conductivity,
    drag_curvature,
    fermi_line_susceptibility,
    interband_susceptibility,
    sommerfeld_coefficient,
    sommerfeld_conductivity,
    sommerfeld_susceptibility,
)
from moirelib.hall import HallLayer, HallStrip, chain_resistance, valley_chern_number
from moirelib.models import GrapheneHBN, StrainedTBG, TwoValleyModel
from moirelib.switching import (
    ValleyOrderParameter,
    intervalley_rates,
    solve_boltzmann,
    solve_four_pockets,
)

MODEL = GrapheneHBN()
SMALL = GrapheneHBN(cutoff=1)
ROOM = 25.85

# Pockets that few points resolve.
TBG = StrainedTBG.from_ratios(
    strain_over_twist=0.05, tunnelling_ratio=0.01, velocity_q_over_mass=0.3
)


def test_a_hot_layer_asks_for_more_bands_and_is_right_with_them() -> None:
    layer = DragLayer(MODEL, mesh=60)
    with pytest.raises(ValueError, match=r"8 bands are complete, 238\.1 meV = 9\.2 k_BT") as error:
        drag_conductivity(layer, layer, [-200.0], [-200.0], ROOM)
    needed = int(re.search(r"keep bands=(\d+)", str(error.value)).group(1))  # type: ignore[union-attr]
    enough, more = (DragLayer(MODEL, mesh=60, bands=b) for b in (needed, needed + 6))
    found, better = (
        drag_conductivity(one, one, [-200.0], [-200.0], ROOM)[0, 0, 0, 0] for one in (enough, more)
    )
    assert found == pytest.approx(better, rel=1e-3)
    assert found == pytest.approx(-2.40, abs=0.01)


def test_the_window_knows_the_temperature() -> None:
    layer = DragLayer(MODEL, mesh=12, shells=1)
    low, high = layer.complete_window
    assert complete_window(MODEL, 8) == (low, high)
    for kT in (0.0, 3.0):
        inside = low + thermal_reach(kT) + 1e-6
        layer.require_complete([inside, high - thermal_reach(kT) - 1e-6], kT)
        with pytest.raises(ValueError, match="mu must lie between"):
            layer.require_complete(inside - 1e-3, kT)


LAYER = DragLayer(MODEL, mesh=12, shells=1)
OFF = OffLatticeLayer(MODEL, mesh=6, shells=1)


@pytest.mark.parametrize(
    "call",
    [
        lambda: LAYER.susceptibility([-400.0], 0.0),
        lambda: fermi_line_susceptibility(LAYER, [-400.0]),
        lambda: sommerfeld_coefficient(LAYER, [-400.0]),
        lambda: sommerfeld_coefficient(LAYER, [-247.0]),  # two steps beyond the window
        lambda: sommerfeld_susceptibility(LAYER, [0.0], 40.0),
        lambda: sommerfeld_conductivity(LAYER, LAYER, [-400.0], [0.0]),
        lambda: OFF.susceptibility((0, 0), [-400.0], 1.0),
        lambda: OFF.susceptibility((0, 0), [0.0], ROOM),
        lambda: broadened_drag(OFF, OFF, [0.0], [0.0], ROOM, 0.0),
        lambda: drag_curvature(OFF, OFF, [0.0], [0.0], ROOM),
        lambda: HallLayer(MODEL, 2, 0).valley_hall_conductivity([0.0], ROOM),
        lambda: HallLayer(MODEL, 2, 0).conductivity([0.0], ROOM),
    ],
)
def test_every_sum_over_bands_has_the_guard(call: Callable[[], object]) -> None:
    with pytest.raises(ValueError, match=r"mu must lie between .* keep bands="):
        call()


def test_models_are_checked() -> None:
    plain = SMALL.plane_wave_model
    h0 = plain.h0.copy()
    h0[0, 0] = math.nan
    with pytest.raises(ValueError, match="h0 must be finite"):
        replace(plain, h0=h0)
    h0[0, 0], h0[0, 1] = 0.0, 500.0
    with pytest.raises(ValueError, match="must be Hermitian"):
        replace(plain, h0=h0)


class Curved(PlaneWaveModel):
    """Quadratic in k, with the velocity operators of a model that is not."""

    def hamiltonian(self, k: Any) -> Any:
        return super().hamiltonian(k) + 50 * np.sum(np.square(k)) * np.eye(len(self.h0))


def test_a_model_that_is_not_affine_is_refused() -> None:
    plain = SMALL.plane_wave_model
    fields = {name: getattr(plain, name) for name in plain.__dataclass_fields__}
    with pytest.raises(ValueError, match="must be affine in k"):
        solve_bands(Curved(**fields), [0.1, 0.0], 4)


@pytest.mark.parametrize("step", [1e-9, 0.1, 50.0])
def test_steps_that_give_no_derivative_are_refused(step: float) -> None:
    with pytest.raises(ValueError, match=r"step must be between 0\.4 and 20 meV"):
        sommerfeld_coefficient(LAYER, [-100.0], step=step)


def test_chern_numbers_need_isolated_bands_and_a_fine_mesh() -> None:
    touching = GrapheneHBN(cutoff=1, coupling=0.0)
    with pytest.raises(ValueError, match="no Chern number: they touch others"):
        valley_chern_number(touching, -1, -1, mesh=6)
    critical = TwoValleyModel(mass=3 * math.sqrt(3) * 0.6)  # one of the two cones is massless
    for size in (9, 10):  # on the mesh, and within a plaquette
        with pytest.raises(ValueError, match="touch"):
            critical.chern_number(size=size)
    # Next to the transition a coarse mesh sees the other side of it.
    nearly = TwoValleyModel(mass=3 * math.sqrt(3) * 0.6 - 1e-3)
    assert nearly.chern_number(size=12) == pytest.approx(1)
    with pytest.raises(ValueError, match="refine the mesh"):
        nearly.chern_number(size=25)
    assert TwoValleyModel().chern_number(size=12) == pytest.approx(1)


def test_masked_arrays_and_no_bands_are_refused() -> None:
    masked = np.ma.masked_array([0.0, 1.0], [False, True])
    with pytest.raises(TypeError, match="mu must not be a masked array"):
        LAYER.susceptibility(masked, 5.0)
    with pytest.raises(ValueError, match="bands must be ≥ 2, got 0"):
        interband_susceptibility(LAYER, 0.0, [0.0], 5.0, bands=0)


def test_lengths_and_references_have_bounds() -> None:
    with pytest.raises(ValueError, match="length must be ≥ 0"):
        chain_resistance(HallStrip((1.0, 2.0), (0.5, 0.5), 0.1), -5.0)
    rates = intervalley_rates(TBG, 0.015, 16)
    for reference in (0.0, -1.0, math.nan):
        with pytest.raises(ValueError, match="reference must be"):
            rates.blocks(ratio=0.1, reference=reference)


def test_no_tunnelling_means_no_rate_between_the_layers() -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        rates = intervalley_rates(replace(TBG, tunnelling=0.0), 0.015, 16)
        assert rates.ratio == 0
        assert not np.any(rates.first_harmonics())
        difference = solve_four_pockets(rates).valley_density_difference
        np.testing.assert_allclose(difference, 0, atol=1e-12)
    with pytest.raises(ValueError, match="ratio needs an inter-layer rate"):
        rates.blocks(ratio=0.1)


def test_wrong_objects_are_named() -> None:
    with pytest.raises(TypeError, match="layer1 must be a layer such as DragLayer"):
        drag_conductivity(MODEL, MODEL, [0.0], [0.0], 1.0)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="symmetry must be one of"):
        DragLayer(MODEL, symmetry=np.array(["full", "none"]))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="mesh must be ≤"):
        DragLayer(MODEL, mesh=10**400)
    with pytest.raises(ValueError, match="bands must be even and at most 170"):
        DragLayer(MODEL, bands=1000)


def test_rates_that_connect_nothing_are_refused() -> None:
    nothing = dict.fromkeys([(0, 0), (1, 1), (1, 0)], np.zeros((8, 8)))
    with pytest.raises(ValueError, match="rates must connect the samples of each pocket"):
        solve_boltzmann(nothing, field=(1.0, 0.0), points=8)


def test_zero_coupling_gives_no_drag() -> None:
    bare = GrapheneHBN(cutoff=2, coupling=0.0)
    for solver in ("expansion", "dense"):
        layer = DragLayer(bare, mesh=12, solver=solver)  # type: ignore[arg-type]
        assert np.abs(layer.susceptibility([10.0], 5.0)).max() < 1e-15


def test_huge_drives_are_refused_at_once() -> None:
    order = ValleyOrderParameter(
        lambda e: 0.01 * np.exp(-((e / 3) ** 2) / 2), interaction=105.0, kT=0.4, energies=(-15, 15)
    )
    for call in (
        lambda: order.equilibria(1e20),
        lambda: order.hysteresis([1e20, 0.0]),
        lambda: order.evolve(lambda t: 1e20, [0.0, 1.0], 0.0),
        lambda: order.evolve([1e20, 0.0], [0.0, 1.0], 0.0),
    ):
        with pytest.raises(ValueError, match=r"must lie within ±7\.52e"):
            call()


@pytest.mark.parametrize(
    "call",
    [
        lambda: DragLayer(MODEL, mesh=10**6),
        lambda: OffLatticeLayer(MODEL, mesh=10**5),
        lambda: GrapheneHBN(cutoff=1000),
        lambda: HallLayer(MODEL, divisions=10**6),
        lambda: MoireLattice(14.0).mesh(10**6),
        lambda: TwoValleyModel().lattice_hamiltonian(1000, 0.0, 0.0),
        lambda: intervalley_rates(StrainedTBG(), 0.01, 10**6),
    ],
)
def test_what_does_not_fit_is_refused_before_it_is_made(call: Callable[[], object]) -> None:
    if _memory._available() is None:
        pytest.skip("this system does not say how much memory there is")
    with pytest.raises(ValueError, match=r"GiB of memory would be needed, and [\d.e+]+ GiB are"):
        call()
