"""What the library keeps: own read-only arrays, Python numbers, and objects that can be copied."""

from __future__ import annotations

import copy
import dataclasses
import importlib
import inspect
import pickle
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from typing import Any

import numpy as np
import pytest

from moirelib import bands, drag, hall, models, switching
from moirelib.bands import MoireLattice, PlaneWaveModel, solve_bands
from moirelib.drag import DragLayer, Interlayer
from moirelib.models import GrapheneHBN, StrainedTBG
from tests.test_fuzz import ROOMS, things


def dataclasses_of_rooms() -> dict[str, type]:
    found = {}
    for room in ROOMS:
        for name in room.__all__:
            value = getattr(room, name)
            if inspect.isclass(value) and dataclasses.is_dataclass(value):
                found[name] = value
    return found


def objects() -> dict[str, Any]:
    """One of every public dataclass, made by the library."""
    t = things()
    valleys = switching.TriangularValleys(6)
    lattice, solved, layer = t["lattice"], t["solved"], t["layer"]
    every = [
        *t.values(),
        GrapheneHBN(cutoff=1),
        models.TwistedTMD(cutoff=1),
        Interlayer(),
        t["bilayer"].lattice,
        switching.valley_response(t["line"]),
        lattice.path([[0.0, 0.0], [0.1, 0.0]], ["Γ", "M"], 3),
        lattice.point_operations[0],
        bands.orbits(lattice, layer.pairs, "C3v")[0],
        bands.Tiling.of_zone(lattice, 2, "C3v"),
        bands.Levels.of_mesh(t["energies"], t["mesh"].weights, t["energies"]),
        bands.expand(solved.model, [0.1, 0.0], 4),
        bands.saddle_point(solved.model, [0.0, 0.0], 1, 4),
        *bands.fermi_contours(lattice, np.eye(4), 0.5)[:1],
        *bands.fermi_lines(solved.model, 20.0, 12, 4, 16, "C3v")[:1],
        t["tbg"].pocket_state(0.01, 8),
        t["strip"].solve(4.0, (8, 4)),
        switching.solve_boltzmann(t["rates"], field=(1.0, 0.0), points=8),
        switching.LandauExpansion(0.1, -0.1),
        switching.MeanFieldMap(np.ones(9), 5.0, 0.4, 0.1, energies=np.linspace(-1, 1, 9)),
        switching.Equilibrium(0.1, True),
        t["order"].hysteresis([0.0, 0.001]),
        bands.StateCount.of_mesh(t["mesh"], t["energies"]),
        small_basis(),
        drag.DensityResponse(GrapheneHBN(cutoff=1), mesh=3, shells=1),
        *second_order(t["scattering"]),
        drag.LayerSettings(24, 4, 2, "full", 2, 1e-4, 1e-5, 1e-6, 1e-7),
        t["four"].pockets[0],
        switching.pocket_contour(t["tbg"], switching.fermi_energy(t["tbg"], 0.015, 16), 16, 1),
        switching.DisorderedBand(np.cos(np.arange(4))[:, None] * np.ones(4), 0.2),
        valleys,
        switching.born_self_energy(valleys, 0.3 + 0.2j, 0.2, 0.1),
        switching.HeatedStrip(),
        switching.Droplet(20.0, 100.0, 5.0),
    ]
    return {type(one).__name__: one for one in every if dataclasses.is_dataclass(one)}


def second_order(layer: drag.ScatteringLayer) -> list[Any]:
    """Transitions of a layer and its drag on itself."""
    offset = np.array([1, 0])
    return [
        layer.transfers(offset, layer.pairs(layer.folded(offset))),
        drag.second_order_drag(layer, layer, [20.0], [20.0], 3.0),
    ]


def small_basis() -> bands.SmallBasis | None:
    """A basis of a tile so small that a gap keeps its bands apart."""
    model = GrapheneHBN(cutoff=1)
    corners = np.array([[0.1, 0.05], [0.101, 0.05], [0.1, 0.051]])
    expansion = bands.expand(model, corners.mean(axis=0), 4)
    return bands.SmallBasis.of(expansion, corners, np.array([[1, 0]]), 4)


def arrays_of(owner: Any) -> Iterator[tuple[str, np.ndarray]]:
    """Every array that a public field, property or cached property of an object holds."""
    cls = type(owner)
    names = {f.name for f in dataclasses.fields(owner)}
    names |= {n for n, v in inspect.getmembers(cls) if isinstance(v, cached_property)}
    for name in sorted(names):
        if not name.startswith("_"):
            value = getattr(owner, name)
            for part in value if isinstance(value, tuple | list) else [value]:
                parts = part if isinstance(part, tuple) else [part]
                yield from ((name, one) for one in parts if isinstance(one, np.ndarray))


def test_there_is_one_of_every_dataclass() -> None:
    assert set(objects()) == set(dataclasses_of_rooms())


@pytest.mark.parametrize("name", dataclasses_of_rooms())
def test_kept_arrays_are_read_only(name: str) -> None:
    if name == "ValleyOrderParameter":
        things()["order"].turning_points  # noqa: B018
    for field, array in arrays_of(objects()[name]):
        assert not array.flags.writeable, field


@pytest.mark.parametrize("name", dataclasses_of_rooms())
def test_objects_are_compared_hashed_copied_and_pickled(name: str) -> None:
    one = objects()[name]
    assert one == one
    assert isinstance(hash(one), int)
    assert type(copy.deepcopy(one)) is type(one)
    by_identity = type(one).__eq__ is object.__eq__
    held = [getattr(one, f.name) for f in dataclasses.fields(one)]
    assert by_identity or not any(isinstance(value, np.ndarray) for value in held)
    if not by_identity:
        assert copy.deepcopy(one) == one
        assert hash(copy.deepcopy(one)) == hash(one)
        assert pickle.loads(pickle.dumps(one)) == one


def test_a_layer_is_copied_without_its_executor() -> None:
    with ThreadPoolExecutor(1) as pool:
        layer = DragLayer(GrapheneHBN(cutoff=1), mesh=6, bands=4, executor=pool)
        for other in (pickle.loads(pickle.dumps(layer)), copy.deepcopy(layer)):
            assert other == layer
            assert other.executor is None
        assert layer.executor is pool


def test_no_caller_can_change_what_models_share() -> None:
    velocity = GrapheneHBN(cutoff=2).velocity_operators()
    with pytest.raises(ValueError, match="read-only"):
        velocity *= 0
    for constant in ("GAMMA_CL", "GAMMA_Q", "ROTATION", "CONJUGATE_ROTATION"):
        assert not getattr(switching, constant).flags.writeable
    samples = things()["hall"].berry_curvature()
    assert not any(array.flags.writeable for array in samples)


def test_small_integers_do_not_overflow() -> None:
    small, plain = MoireLattice(14.0).mesh(np.int8(100)), MoireLattice(14.0).mesh(100)
    assert small.weights.sum() == pytest.approx(1)
    np.testing.assert_array_equal(small.points, plain.points)
    model = GrapheneHBN(cutoff=1)
    layers = [DragLayer(model, mesh=mesh, shells=1) for mesh in (np.int16(240), 240)]
    assert layers[0] == layers[1]
    one, other = (layer.susceptibility([10.0], 5.0) for layer in layers)
    np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize(
    "made",
    [
        MoireLattice(np.float32(14.0)),
        GrapheneHBN(
            valley=np.int8(1), cutoff=np.int8(2), fermi_velocity=np.float32(8e5),
            coupling=np.float16(152.0),
        ),
        StrainedTBG(twist_degrees=np.float32(1.0), mass=np.int16(2000)),
        models.ContinuumTBG(twist_degrees=np.float32(1.1), masses=np.array([15.0, 0.0]), cutoff=2),
        models.TwoValleyModel(hopping=np.float16(2.0)),
        Interlayer(distance=np.float16(1.0), gate_distance=np.float64(np.inf)),
        hall.HallStrip(np.array([1.0, 2.0]), [0.5, 0.4], np.float16(0.1)),
        DragLayer(GrapheneHBN(cutoff=1), mesh=np.int16(12), shift=np.array([1.0, 2.0])),
        drag.OffLatticeLayer(GrapheneHBN(cutoff=1), mesh=np.uint8(6), bands=np.int8(4)),
        hall.HallLayer(GrapheneHBN(cutoff=1), divisions=np.int8(2), bands=np.int16(4)),
        switching.FirstHarmonicRates(np.array([0.1, 0.0]), [0.1, 0.0]),
        switching.LandauExpansion(np.float16(0.1), np.float16(-0.1)),
    ],
    ids=lambda one: type(one).__name__,
)  # fmt: skip
def test_numbers_are_kept_as_python_has_them(made: Any) -> None:
    for field in dataclasses.fields(made):
        value = getattr(made, field.name)
        for part in value if isinstance(value, tuple) else [value]:
            assert not isinstance(part, np.generic | np.ndarray), field.name
    assert isinstance(hash(made), int)


def test_a_rough_number_does_not_stand_for_a_fine_one() -> None:
    # 152.1 rounds to 152.125 in half precision: equal models are built once.
    rough, fine = (
        GrapheneHBN(cutoff=1, coupling=np.float16(152.1)),
        GrapheneHBN(cutoff=1, coupling=152.125),
    )
    assert rough == fine
    assert type(rough.coupling) is float
    assert rough.plane_wave_model is fine.plane_wave_model
    assert fine.plane_wave_model.h0.dtype == np.complex128


class Fortran(PlaneWaveModel):
    """Returns one array, in the order that LAPACK would overwrite."""

    def hamiltonian(self, k: Any) -> Any:
        if np.ndim(k) == 1 and not np.any(k):
            if "own" not in self.__dict__:
                self.__dict__["own"] = np.asfortranarray(super().hamiltonian(k))
            return self.__dict__["own"]
        return super().hamiltonian(k)


def test_what_a_model_returns_is_not_overwritten() -> None:
    plain = GrapheneHBN(cutoff=1).plane_wave_model
    model = Fortran(**{f.name: getattr(plain, f.name) for f in dataclasses.fields(plain)})
    before = model.hamiltonian(np.zeros(2)).copy()
    first, second = (solve_bands(model, [0.0, 0.0], 4).energies for _ in range(2))
    np.testing.assert_array_equal(model.hamiltonian(np.zeros(2)), before)
    np.testing.assert_array_equal(first, second)


def test_results_do_not_follow_the_arrays_of_the_caller() -> None:
    k = np.array([[0.1, 0.05]])
    solved = solve_bands(GrapheneHBN(cutoff=1), k, 4)
    curvature = solved.berry_curvature()
    k[:] = 0
    np.testing.assert_array_equal(solved.k, [[0.1, 0.05]])
    np.testing.assert_array_equal(solved.berry_curvature(), curvature)
    given = np.linspace(-1.0, 1.0, 9), np.ones(9)
    highest = given[0][-1]
    dos = bands.DensityOfStates(*given)
    order = switching.MeanFieldMap(given[1], 5.0, 0.4, 0.1, energies=given[0])
    pocket = things()["circle"]
    weights = pocket.weights.copy()
    copied = switching.FermiPocket(1, pocket.angles, weights, pocket.velocities)
    for array in (*given, weights):
        array[:] = 7.0
    assert dos.upper == highest
    assert order.band.states == pytest.approx(2.0)
    np.testing.assert_array_equal(copied.weights, pocket.weights)


def test_modules_of_the_rooms_keep_no_writable_array() -> None:
    for room in ROOMS:
        for name in room.__all__:
            module = importlib.import_module(room.__name__)
            value = getattr(module, name)
            assert not (isinstance(value, np.ndarray) and value.flags.writeable), name
