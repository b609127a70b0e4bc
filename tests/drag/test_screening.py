"""Screening: slope, sum rule, the response to a potential put into H, and bad input."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from moirelib import DragLayer, GrapheneHBN, Interlayer, cache, drag_conductivity
from moirelib.bands.brillouin import fermi
from moirelib.drag import (
    DensityResponse,
    coulomb_matrix,
    drag_response,
    first_order_drag,
    screened_drag_conductivity,
    screened_drag_response,
    screened_interaction,
)
from moirelib.drag.density_response import _parts_once

MODEL = GrapheneHBN(cutoff=2)
MU, KT = np.array([-128.0, 110.0]), 12.0


@pytest.fixture(scope="module")
def layer() -> DragLayer:
    return DragLayer(MODEL, mesh=18, shells=1)


@pytest.fixture(scope="module")
def response() -> DensityResponse:
    return DensityResponse(MODEL, mesh=6, shells=1)


def _raising(model: GrapheneHBN, pair: np.ndarray) -> np.ndarray:
    """⟨G′|e^{−iG·r}|G′ + G⟩ = 1."""
    rows = [tuple(row) for row in np.column_stack([model.plane_waves, model.orbitals]).tolist()]
    matrix = np.zeros((len(rows),) * 2)
    for i, (n, m, orbital) in enumerate(rows):
        target = (n + pair[0], m + pair[1], orbital)
        if target in rows:
            matrix[i, rows.index(target)] = 1
    return matrix


def test_it_is_the_answer_to_a_potential_in_the_hamiltonian() -> None:
    mesh, size, mu, kT = 3, 0.5, -128.0, 20.0
    response = DensityResponse(MODEL, mesh=mesh, shells=1)
    points = MODEL.lattice.mesh(mesh, "none").points
    scale = 2 / (MODEL.lattice.cell_area * len(points))

    def density(amplitude: complex) -> np.ndarray:
        total = np.zeros(len(response.pairs), dtype=complex)
        for model in (MODEL, MODEL.other_valley()):
            operators = [_raising(model, pair) for pair in response.pairs]
            potential = amplitude * operators[0].T
            potential = potential + potential.conj().T
            for k in points:
                energies, u = np.linalg.eigh(model.hamiltonian(k) + potential)
                occupied = (u * fermi(energies, mu, kT)) @ u.conj().T
                total += [(one * occupied.T).sum() for one in operators]
        return scale * total

    real, imaginary = ((density(z) - density(-z)) / (2 * size) for z in (size, 1j * size))
    # φ_G alone: what is linear, not antilinear, in its amplitude.
    column = (real - 1j * imaginary) / 2
    found = response.matrix([mu], kT).sum(axis=0)[0][:, 0]
    assert np.abs(column - found).max() < 2e-3 * np.abs(found).max()


def test_small_wavevectors_measure_the_compressibility() -> None:
    response = DensityResponse(MODEL, mesh=12, shells=1)
    found = response.at_wavevector((1, 0), MU, 25.0)
    np.testing.assert_allclose(found, -response.compressibility(MU, 25.0), rtol=1e-2)
    # Farther out it is something else.
    far = response.at_wavevector((4, 0), MU, 25.0)
    assert np.abs(far / found - 1).max() > 0.01


def test_hermitian_and_negative(response: DensityResponse) -> None:
    between, within = response.matrix(MU, KT)
    for part in (between, within):
        np.testing.assert_allclose(part, part.conj().swapaxes(1, 2), atol=1e-12)
        assert (np.linalg.eigvalsh(part) <= 1e-12).all()


def test_bands_far_from_all_levels_need_no_second_sum(response: DensityResponse) -> None:
    together = response.matrix(np.array([-128.0, -40.0, 110.0]), KT)
    np.testing.assert_allclose(together[:, [0, 2]], response.matrix(MU, KT), atol=1e-15)


def test_the_cone_completes_the_vacuum() -> None:
    cone = replace(MODEL, coupling=0.0)
    free = DensityResponse(cone, mesh=12, shells=1, cone=cone)
    chi = free.matrix([0.0], 2.0).sum(axis=0)[0]
    length = MODEL.lattice.reciprocal_length
    np.testing.assert_allclose(chi.diagonal(), -length / (4 * MODEL.hbar_v), rtol=1e-9)


def test_weak_interaction_gives_the_bare_drag_with_the_predicted_slope(
    layer: DragLayer, response: DensityResponse
) -> None:
    mu = [-128.0]
    chi = response.matrix(mu, KT).sum(axis=0)[0]
    c = layer.susceptibility(mu, KT)
    length = np.full(6, MODEL.lattice.reciprocal_length)
    v = coulomb_matrix(length)
    mixed = (v[:, 0, 0, None] * chi * v[:, 0, 1]) + (v[:, 0, 1, None] * chi * v[:, 1, 1])
    bare = drag_conductivity(layer, layer, mu, mu, KT)[0, 0, 0, 0]
    slope = first_order_drag(c, c, mixed[None, None], 1.0)[0, 0, 0, 0] / bare

    def ratio(g: float) -> float:
        weak = Interlayer(permittivity=5.0 / g)
        screened = screened_drag_conductivity(layer, layer, response, response, mu, mu, KT, weak)
        return float(screened[0, 0, 0, 0] / (g * bare))

    assert ratio(1e-6) == pytest.approx(1, abs=1e-4)
    measured = [(ratio(g) - 1) / g for g in (1e-2, 5e-3)]
    assert 2 * measured[1] - measured[0] == pytest.approx(slope, rel=1e-3)


def test_no_response_leaves_the_bare_interaction() -> None:
    w = screened_interaction(np.zeros((2, 2)), np.zeros((2, 2)), np.array([0.5, 0.9]))
    np.testing.assert_allclose(w, np.diag(Interlayer()(np.array([0.5, 0.9]))), rtol=1e-12)


def test_the_element_between_the_layers_is_the_printed_one() -> None:
    pair = coulomb_matrix(np.array([0.3, 0.0]), Interlayer(2.0, 7.0, 3.0))
    np.testing.assert_allclose(pair[:, 0, 1], Interlayer(2.0, 7.0, 3.0)([0.3, 0.0]))
    assert (np.linalg.det(pair) > 0).all()


def test_the_response_at_a_frequency_goes_from_relaxed_to_unrelaxed(
    layer: DragLayer, response: DensityResponse
) -> None:
    pair = (layer, layer, response, response, [-128.0], [-128.0], KT)
    unscreened = complex(drag_response(layer, layer, [-128.0], [-128.0], KT, 1.0)[0, 0, 0, 0])
    relaxed, free = (
        screened_drag_conductivity(*pair, relaxed=relaxed)[0, 0, 0, 0] for relaxed in (True, False)
    )
    slow, fast = (screened_drag_response(*pair, frequency=w)[0, 0, 0, 0] for w in (1e-6, 1e6))
    # Sτ (−ix) for slow and S i/Ω for fast fields.
    assert slow == pytest.approx(1j * relaxed * 1e-6, rel=1e-4)
    assert fast == pytest.approx(-1j * free * 1e-6, rel=1e-4)
    between = screened_drag_response(*pair, frequency=1.0)[0, 0, 0, 0]
    assert abs(between) < abs(unscreened)


def test_layers_and_responses_must_match(layer: DragLayer, response: DensityResponse) -> None:
    other = DensityResponse(MODEL, mesh=6, shells=2)
    with pytest.raises(ValueError, match="same shells"):
        screened_drag_conductivity(layer, layer, response, other, MU, MU, KT)
    moved = replace(response, shift=(1.0, 0.0))
    with pytest.raises(ValueError, match="shifted alike"):
        screened_drag_conductivity(layer, layer, response, moved, MU, MU, KT)
    with pytest.raises(TypeError, match="interlayer"):
        coulomb_matrix([0.5], lambda q: q)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="response2"):
        screened_interaction(np.zeros((2, 2)), np.zeros((3, 3)), np.array([0.5, 0.9]))


def test_a_displaced_layer_turns_its_response(response: DensityResponse) -> None:
    moved = replace(response, shift=(2.0, -1.0))
    g = MODEL.lattice.vectors(response.pairs) @ [2.0, -1.0]
    turned = response.matrix(MU, KT) * np.exp(-1j * (g[:, None] - g))
    np.testing.assert_allclose(moved.matrix(MU, KT), turned)


def test_it_is_kept_on_disk(tmp_path: Path) -> None:
    # One point more than the others have: nothing in memory.
    asked = DensityResponse(MODEL, mesh=4, shells=1)
    cache.use(tmp_path)
    try:
        first = asked.matrix(MU, KT)
        assert len(list(tmp_path.rglob("*.npz"))) == 1
    finally:
        cache.use(None)
    _parts_once.cache_clear()
    np.testing.assert_array_equal(first, asked.matrix(MU, KT))


def test_some_bands_screen_less(response: DensityResponse) -> None:
    few = replace(response, bands=16).matrix(MU, KT).sum(axis=0)[:, 0, 0].real
    every = response.matrix(MU, KT).sum(axis=0)[:, 0, 0].real
    assert (every < few).all()
    assert (few < 0).all()
    with pytest.raises(ValueError, match="bands"):
        replace(response, bands=5)
