import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from moirelib.models.two_valley import (
    TwoValleyModel,
    berry_curvature,
    chern_number,
    white_noise_potential,
)


@settings(max_examples=25)
@given(
    mass=st.floats(-6, 6),
    second=st.floats(0.2, 1.0),
    flux=st.floats(-math.pi, math.pi),
    valley=st.sampled_from([1, -1]),
)
def test_chern_number_follows_the_gap_at_the_corners(mass, second, flux, valley):
    boundary = 3 * math.sqrt(3) * second * math.sin(flux)
    assume(abs(abs(mass) - abs(boundary)) > 0.6)
    model = TwoValleyModel(second_hopping=second, mass=mass, flux=flux)
    expected = valley * np.sign(boundary) if abs(mass) < abs(boundary) else 0
    assert model.chern_number(valley, band=1, size=36) == pytest.approx(expected, abs=1e-6)


def test_time_reversal_and_embedding():
    model = TwoValleyModel()
    k = np.random.default_rng(1).normal(size=(20, 2))
    for embedded in (False, True):
        plus = model.hamiltonian(k, 1, embedded)
        np.testing.assert_allclose(model.hamiltonian(-k, -1, embedded), plus.conj(), atol=1e-12)
        np.testing.assert_allclose(
            np.linalg.eigvalsh(plus), np.linalg.eigvalsh(model.hamiltonian(k, 1)), atol=1e-12
        )


def test_embedded_curvature_has_threefold_symmetry():
    model = TwoValleyModel()
    k = np.random.default_rng(2).normal(scale=0.2, size=(10, 2))
    c, s = math.cos(2 * math.pi / 3), math.sin(2 * math.pi / 3)
    turned = k @ np.array([[c, s], [-s, c]])

    def curvature(points, embedded):
        return berry_curvature(lambda q: model.hamiltonian(q, 1, embedded), points, 1)

    np.testing.assert_allclose(curvature(turned, True), curvature(k, True), rtol=1e-5)
    assert np.abs(curvature(turned, False) / curvature(k, False) - 1).max() > 0.1


def test_bands_are_periodic():
    model = TwoValleyModel()
    k = np.array([0.1, -0.05])
    for b in model.reciprocal_vectors:
        np.testing.assert_allclose(model.hamiltonian(k + b), model.hamiltonian(k), atol=1e-12)


def test_density_of_states_holds_one_state_per_cell():
    model = TwoValleyModel()
    for valley in (1, -1):
        band = model.density_of_states(0.3, size=60, valley=valley)
        assert band.states * model.cell_area == pytest.approx(1, abs=1e-8)


def test_lattice_and_bloch_levels_agree():
    model = TwoValleyModel(mass=0.7, flux=0.9)
    patch = np.linalg.eigvalsh(model.lattice_hamiltonian(4, 0.0, 0.0))
    mesh = model.mesh(4)
    bloch = [np.linalg.eigvalsh(model.hamiltonian(mesh, s)).ravel() for s in (1, -1)]
    np.testing.assert_allclose(patch, np.sort(np.concatenate(bloch)), atol=1e-11)


def test_white_noise():
    v = white_noise_potential(np.random.default_rng(3), (200_000,), 20.0, 1e-3, 2.0)
    assert v.var() == pytest.approx(1 / (2 * math.pi * 1e-3 * 2.0 * 20.0), rel=0.02)
    assert np.mean(v[1:] * v[:-1]) == pytest.approx(0, abs=0.02 * v.var())


def test_chern_number_of_a_random_gauge():
    model = TwoValleyModel()
    states = np.linalg.eigh(model.hamiltonian(model.mesh(30)))[1][..., 1]
    phases = np.exp(2j * np.pi * np.random.default_rng(4).random((30, 30, 1)))
    assert chern_number(states * phases) == pytest.approx(chern_number(states), abs=1e-12)


def test_bad_arguments_are_refused():
    with pytest.raises(ValueError, match="hopping must be > 0 meV"):
        TwoValleyModel(hopping=0.0)
    with pytest.raises(ValueError, match="flux must be finite"):
        TwoValleyModel(flux=math.nan)
    with pytest.raises(ValueError, match="valley must be one of 1, -1"):
        TwoValleyModel().hamiltonian([0.0, 0.0], valley=2)
    with pytest.raises(ValueError, match="last axis of length 2"):
        TwoValleyModel().hamiltonian([0.0, 0.0, 1.0])
    with pytest.raises(ValueError, match="states must have shape"):
        chern_number(np.ones((3, 2)))
    states = np.zeros((2, 2, 2), complex)
    states[0, :, 0], states[1, :, 1] = 1, 1
    with pytest.raises(ValueError, match="refine the mesh"):
        chern_number(states)
    with pytest.raises(ValueError, match="scattering_time must be > 0"):
        white_noise_potential(np.random.default_rng(1), (3,), 1.0, 1.0, -1.0)
    with pytest.raises(ValueError, match="broadening must be > 0"):
        TwoValleyModel().density_of_states(0.0)
