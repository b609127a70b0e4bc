"""The drag conductivity: symmetries without building them in, units, stacking, bad input."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moirelib import DragLayer, GrapheneHBN, Interlayer, drag_conductivity, solve_bands
from moirelib.bands.brillouin import minus_fermi_derivative
from moirelib.chapters.perturbation_theory.claims.conductivity import si_conductivity
from moirelib.drag.conductivity import drag_conductivity_by_shell
from moirelib.drag.layer import PointSum

KT = 12.0
MU = np.array([-130.0, -40.0, 110.0])


@pytest.fixture(scope="module")
def plain() -> DragLayer:
    """Solve both valleys on the full zone, with no symmetry used anywhere."""
    return DragLayer(GrapheneHBN(), mesh=12, bands=8, shells=2, symmetry="none", solver="dense")


@pytest.fixture(scope="module")
def reduced(plain: DragLayer) -> DragLayer:
    return replace(plain, symmetry="full")


def test_tensor_is_isotropic_without_symmetry(plain: DragLayer) -> None:
    sigma = drag_conductivity(plain, plain, MU, MU, KT)
    scale = np.abs(sigma).max()
    # What is left is the truncation of the plane waves at the edge of the zone.
    assert np.abs(sigma[..., 0, 0] - sigma[..., 1, 1]).max() < 1e-4 * scale
    assert np.abs(sigma[..., 0, 1]).max() < 1e-4 * scale


def test_anisotropy_falls_with_the_cutoff() -> None:
    residual = []
    for cutoff in (1, 3):
        layer = DragLayer(GrapheneHBN(cutoff=cutoff), 6, 14, 1, symmetry="none", solver="dense")
        sigma = drag_conductivity(layer, layer, MU, MU, 20.0)
        residual.append(np.abs(sigma[..., 0, 0] - sigma[..., 1, 1]).max() / np.abs(sigma).max())
    assert residual[1] < 1e-2 * residual[0]


def test_isotropic_to_round_off_on_the_symmetric_mesh(reduced: DragLayer) -> None:
    sigma = drag_conductivity(reduced, reduced, MU, MU, KT)
    scale = np.abs(sigma).max()
    assert np.abs(sigma[..., 0, 0] - sigma[..., 1, 1]).max() < 1e-14 * scale
    assert np.abs(sigma[..., 0, 1]).max() < 1e-14 * scale


def test_susceptibility_rotates_with_the_reciprocal_vector(plain: DragLayer) -> None:
    response = plain.susceptibility(MU, KT)
    index = {tuple(pair): i for i, pair in enumerate(plain.pairs.tolist())}
    for operation in plain.lattice.point_operations:
        image = [index[tuple(pair)] for pair in (plain.pairs @ operation.pairs.T).tolist()]
        expected = response @ operation.cartesian.T
        if operation.conjugates:
            expected = expected.conj()
        assert np.abs(response[:, image] - expected).max() < 1e-4 * np.abs(response).max()


def test_opposite_reciprocal_vectors_are_conjugate(plain: DragLayer) -> None:
    response = plain.susceptibility(MU, KT)
    index = {tuple(pair): i for i, pair in enumerate(plain.pairs.tolist())}
    opposite = [index[tuple(pair)] for pair in (-plain.pairs).tolist()]
    np.testing.assert_array_equal(response[:, opposite], response.conj())


def test_first_shell_is_transverse(plain: DragLayer) -> None:
    response = plain.susceptibility(MU, KT)[:, :6]
    along = np.einsum("ga,mga->mg", plain.lattice.vectors(plain.pairs[:6]), response)
    assert np.abs(along).max() < 1e-4 * np.abs(response).max()


def test_reduced_zone_gives_the_same(plain: DragLayer, reduced: DragLayer) -> None:
    full = drag_conductivity(plain, plain, MU, MU, KT)
    wedge = drag_conductivity(reduced, reduced, MU, MU, KT)
    assert np.abs(full - wedge).max() < 1e-4 * np.abs(full).max()


def test_layer_exchange() -> None:
    plain = DragLayer(GrapheneHBN(cutoff=2), mesh=6, bands=8, shells=2, symmetry="none")
    other = replace(plain, model=GrapheneHBN(cutoff=2, coupling=120.0))
    forward = drag_conductivity(plain, other, MU, MU[:2], KT)
    backward = drag_conductivity(other, plain, MU[:2], MU, KT)
    np.testing.assert_allclose(forward, backward.transpose(1, 0, 3, 2), rtol=1e-12, atol=1e-15)


def test_diagonal_is_negative(reduced: DragLayer) -> None:
    sigma = drag_conductivity(reduced, reduced, MU, MU, KT)[..., 0, 0]
    assert (np.diag(sigma) < 0).all()


def test_point_sum_is_a_plain_sum_where_triangles_would_take_over() -> None:
    model, kT = GrapheneHBN(cutoff=4), 1.0
    layer = PointSum(model, mesh=7, shells=1, solver="dense")
    bands = solve_bands(model, model.lattice.mesh(7, "none").points, 8)
    slope = minus_fermi_derivative(bands.energies, MU[:, None, None], kT)
    summed = np.einsum(
        "mkn,kna,gkn->mga", slope, bands.velocities, bands.form_factors(layer.pairs), optimize=True
    )
    # Spin, and time reversal for the other valley.
    expected = 4 / (model.lattice.cell_area * len(bands.k)) * summed
    found = layer.susceptibility(MU, kT)
    # Representatives of points on the rim of the zone differ by what the basis lacks.
    assert np.abs(found - expected).max() < 1e-7 * np.abs(expected).max()


def test_expansion_agrees_with_the_dense_solver() -> None:
    dense = DragLayer(GrapheneHBN(), mesh=24, bands=8, shells=1, solver="dense")
    fast = replace(dense, solver="expansion")
    a, b = (drag_conductivity(one, one, MU, MU, KT)[..., 0, 0] for one in (dense, fast))
    assert np.abs(a - b).max() < 1e-4 * np.abs(a).max()


def test_inverting_both_layers_changes_nothing_and_one_conjugates(reduced: DragLayer) -> None:
    other = replace(reduced, model=reduced.model.inverted())
    same = drag_conductivity(reduced, reduced, MU, MU, KT)
    both = drag_conductivity(other, other, MU, MU, KT)
    np.testing.assert_allclose(both, same, rtol=1e-7, atol=1e-9)
    np.testing.assert_allclose(
        other.susceptibility(MU, KT), reduced.susceptibility(MU, KT).conj(), rtol=1e-6, atol=1e-9
    )


def test_drag_changes_sign_between_opposite_faces(reduced: DragLayer) -> None:
    other = replace(reduced, model=reduced.model.inverted())
    like = drag_conductivity(reduced, reduced, [-130.0], [-130.0], KT)[0, 0, 0, 0]
    opposite = drag_conductivity(reduced, other, [-130.0], [-130.0], KT)[0, 0, 0, 0]
    assert like < 0 < opposite
    assert opposite < -like


def test_shift_by_a_lattice_vector_changes_nothing(reduced: DragLayer) -> None:
    vector = reduced.lattice.primitive_vectors
    moved = replace(reduced, shift=tuple((2 * vector[0] - vector[1]).tolist()))
    np.testing.assert_allclose(
        moved.susceptibility(MU, KT), reduced.susceptibility(MU, KT), rtol=1e-9, atol=1e-14
    )


@settings(max_examples=20)
@given(x=st.floats(-20, 20), y=st.floats(-20, 20))
def test_shift_multiplies_each_term_by_its_phase(x: float, y: float) -> None:
    layer = _small()
    moved = replace(layer, shift=(x, y))
    phase = np.exp(-1j * layer.lattice.vectors(layer.pairs) @ [x, y])[:, None]
    np.testing.assert_allclose(
        moved.susceptibility(MU, 30.0), phase * layer.susceptibility(MU, 30.0), atol=1e-15
    )


def _small() -> DragLayer:
    return DragLayer(GrapheneHBN(cutoff=1), mesh=4, bands=14, shells=1, solver="dense")


def test_half_a_period_turns_the_sign_across_the_shift() -> None:
    layer = _small()
    half = layer.lattice.primitive_vectors[0] / 2
    moved = replace(layer, shift=(float(half[0]), float(half[1])))
    still = drag_conductivity(layer, layer, [-120.0], [-120.0], 30.0)[0, 0]
    turned = drag_conductivity(layer, moved, [-120.0], [-120.0], 30.0)[0, 0]
    # Transverse first shell along x: across the shift Σ cos²θ cos(G·s) goes from 3 to −3.
    assert turned[1, 1] / still[1, 1] == pytest.approx(-1, abs=1e-6)
    assert turned[0, 0] / still[0, 0] == pytest.approx(1 / 3, abs=1e-6)


def test_si_units() -> None:
    in_si, library = si_conductivity()
    np.testing.assert_allclose(in_si, library, rtol=1e-10, atol=1e-10 * np.abs(library).max())


def test_shells_add_up(reduced: DragLayer) -> None:
    shells = drag_conductivity_by_shell(reduced, reduced, MU, MU, KT)
    assert shells.shape == (2, 3, 3, 2, 2)
    total = drag_conductivity(reduced, reduced, MU, MU, KT)
    np.testing.assert_allclose(shells.sum(axis=0), total, atol=1e-14 * np.abs(total).max())


def test_first_shell_follows_the_interaction(reduced: DragLayer) -> None:
    near, far = (
        drag_conductivity_by_shell(reduced, reduced, MU, MU, KT, Interlayer(d))[0, ..., 0, 0]
        for d in (1.0, 3.0)
    )
    factor = math.exp(-2.0 * reduced.lattice.reciprocal_length)
    np.testing.assert_allclose(far, factor * near, rtol=1e-12)


def test_conductivity_scales_inversely_with_broadening_and_permittivity(
    reduced: DragLayer,
) -> None:
    base = drag_conductivity(reduced, reduced, MU, MU, KT)
    scaled = drag_conductivity(
        reduced, reduced, MU, MU, KT, Interlayer(permittivity=15.0), broadening=2.0
    )
    np.testing.assert_allclose((6 * scaled)[..., 0, 0], base[..., 0, 0], rtol=1e-12)


@given(
    q=st.floats(1e-6, 5),
    distance=st.floats(0, 10),
    gate=st.floats(0.1, 100),
    permittivity=st.floats(1, 20),
)
def test_coulomb_is_positive_below_bare_and_decreasing(
    q: float, distance: float, gate: float, permittivity: float
) -> None:
    here, further = Interlayer(distance, gate, permittivity)([q, 1.1 * q])
    bare = Interlayer(distance, math.inf, permittivity)(q)
    assert 0 < further <= here <= bare * (1 + 1e-12)


@pytest.mark.parametrize(
    ("q", "arguments", "message"),
    [
        (-0.1, {}, "q must be ≥ 0"),
        (np.nan, {}, "q must be finite"),
        (0.5j, {}, "q must hold real numbers"),
        (0.5, {"distance": -1.0}, "distance must be ≥ 0 nm"),
        (0.5, {"gate_distance": 0.0}, "gate_distance must be > 0 nm"),
        (0.0, {"gate_distance": math.inf}, "without a gate"),
        (0.5, {"permittivity": 0.0}, "permittivity must be > 0"),
    ],
)
def test_interlayer_refuses(q: complex, arguments: dict[str, float], message: str) -> None:
    with pytest.raises((ValueError, TypeError), match=message):
        Interlayer(**arguments)(q)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"mu1": [np.nan]}, "mu must be finite"),
        ({"mu1": np.zeros((2, 3))}, "mu must have shape"),
        ({"kT": -1.0}, "kT must be ≥ 0 meV"),
        ({"broadening": 0.0}, "broadening must be > 0 meV"),
        ({"interlayer": 1.0}, "interlayer must be a function of q"),
        ({"interlayer": lambda q: q[0]}, "must have the shape"),
        ({"interlayer": lambda q: q * np.nan}, "must be finite"),
        ({"layer1": GrapheneHBN()}, "layer1 must be a layer"),
        ({"flavor": "spin"}, "flavor must be one of"),
        ({"layer2": DragLayer(GrapheneHBN(cutoff=1), 4, 4, 2, solver="dense")}, "same shells"),
        (
            {
                "layer2": DragLayer(
                    GrapheneHBN(cutoff=1, hbn_lattice_constant=0.252), 4, 4, 1, solver="dense"
                )
            },
            "one moiré period",
        ),
    ],
)
def test_conductivity_refuses(changes: dict[str, object], message: str) -> None:
    layer = _small()
    arguments: dict[str, object] = {
        "layer1": layer, "layer2": layer, "mu1": [0.0], "mu2": [0.0], "kT": 30.0
    }  # fmt: skip
    with pytest.raises((ValueError, TypeError), match=message):
        drag_conductivity(**(arguments | changes))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"mesh": 1}, "mesh must be ≥ 2"),
        ({"mesh": 12.0}, "mesh must be an integer"),
        ({"bands": 5}, "bands must be even"),
        ({"bands": 0}, "bands must be ≥ 2"),
        ({"shells": 0}, "shells must be ≥ 1"),
        ({"symmetry": "C6"}, "symmetry must be one of"),
        ({"solver": "magic"}, "solver must be one of"),
        ({"divisions": 0}, "divisions must be ≥ 1"),
        ({"shift": (1.0,)}, "shift must have a last axis of length 2"),
        ({"shift": ((1.0, 2.0),)}, "shift must hold two lengths"),
        ({"model": GrapheneHBN.as_printed()}, 'use symmetry="none"'),
    ],
)
def test_layer_refuses(changes: dict[str, object], message: str) -> None:
    with pytest.raises((ValueError, TypeError), match=message):
        DragLayer(**({"model": GrapheneHBN()} | changes))  # type: ignore[arg-type]


def test_the_solver_says_how_far_its_expansions_are_off():
    layer = DragLayer(GrapheneHBN(cutoff=2), mesh=12, shells=1, divisions=2)
    dense = replace(layer, solver="dense")
    energy, form_factor = layer.solver_error
    found, exact = (one._valley_responses[1].energies for one in (layer, dense))
    # Neighbours disagree by about as much as either is off.
    assert energy / 5 < np.abs(found - exact).max() < 5 * energy
    assert form_factor > 0
    assert replace(layer, divisions=6).solver_error[0] < energy
    assert dense.solver_error == (0.0, 0.0)
