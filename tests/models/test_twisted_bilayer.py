import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moirelib import StrainedTBG

seeds = st.integers(0, 2**32 - 1)
C3 = np.array([[-0.5, -math.sqrt(3) / 2], [math.sqrt(3) / 2, -0.5]])


@given(seeds, st.sampled_from([1, 2]), st.sampled_from([1, -1]))
@settings(max_examples=20)
def test_threefold_symmetry_and_its_breaking_by_strain(seed, layer, valley):
    k = 0.2 * np.random.default_rng(seed).normal(size=2)
    plain = StrainedTBG.from_ratios(tunnelling_ratio=1.0)
    strained = StrainedTBG.from_ratios(tunnelling_ratio=1.0, strain_over_twist=0.2)
    shift = [
        np.abs(
            np.linalg.eigvalsh(m.hamiltonian(C3 @ k, layer, valley))
            - np.linalg.eigvalsh(m.hamiltonian(k, layer, valley))
        ).max()
        for m in (plain, strained)
    ]
    assert shift[0] < 1e-10 * plain.mass
    assert shift[1] > 1e-8 * plain.mass


@given(seeds)
@settings(max_examples=10)
def test_hermitian_affine_and_time_reversal(seed):
    rng = np.random.default_rng(seed)
    model = StrainedTBG.from_ratios(strain_over_twist=0.3, tunnelling_ratio=0.5)
    k, p = rng.normal(size=(2, 2))
    for layer in (1, 2):
        h = model.hamiltonian(k, layer)
        np.testing.assert_allclose(h, h.conj().T)
        middle = model.hamiltonian((k + p) / 2, layer)
        np.testing.assert_allclose(2 * middle, h + model.hamiltonian(p, layer))
        np.testing.assert_allclose(model.hamiltonian(-k, layer, -1), h.conj())


def test_the_two_layers_describe_the_same_bands():
    """Around K of layer 2 the b copy of layer 1 is the main component of the other Hamiltonian."""
    model = StrainedTBG.from_ratios(strain_over_twist=0.2, tunnelling_ratio=0.3)
    k = np.array([0.01, -0.02])
    first = model.hamiltonian(k, 1)
    second = model.hamiltonian(k + model.q_vectors[0], 2)
    np.testing.assert_allclose(second[2:4, 2:4], first[:2, :2], atol=1e-10)
    np.testing.assert_allclose(second[:2, :2], first[2:4, 2:4], atol=1e-10)
    np.testing.assert_allclose(second[2:4, :2], first[:2, 2:4], atol=1e-12)


def test_strain_tensor_compresses_along_its_direction():
    model = StrainedTBG(strain=0.01, strain_degrees=30.0)
    along = np.array([math.cos(math.pi / 6), math.sin(math.pi / 6)])
    across = np.array([-along[1], along[0]])
    np.testing.assert_allclose(model.strain_tensor @ along, -0.01 * along, atol=1e-15)
    np.testing.assert_allclose(model.strain_tensor @ across, 0.165 * 0.01 * across, atol=1e-15)


def test_q_vectors_follow_from_the_deformed_lattices():
    errors = []
    for size in (1e-2, 5e-3):
        model = StrainedTBG(twist_degrees=math.degrees(size), strain=0.3 * size)
        half = 0.5 * size
        turn = np.array([[math.cos(half), -math.sin(half)], [math.sin(half), math.cos(half)]])
        deform = np.linalg.inv(np.eye(2) + model.strain_tensor).T
        first = model.dirac_points @ (turn.T @ deform).T
        second = model.dirac_points @ turn.T
        errors.append(np.abs(first - second - model.q_vectors).max() / model.moire_wavevector)
    assert errors[0] < 2 * 1e-2
    assert math.log2(errors[0] / errors[1]) == pytest.approx(1, abs=0.05)


def test_pocket_states_are_normalised_and_time_reversal_keeps_weights():
    model = StrainedTBG.from_ratios(strain_over_twist=0.3)
    k_f = 0.05 * model.moire_wavevector
    for layer in (1, 2):
        state = model.pocket_state(k_f, 24, layer)
        partner = model.pocket_state(k_f, 24, layer, valley=-1)
        np.testing.assert_allclose((np.abs(state.amplitudes) ** 2).sum((1, 2)), 1)
        np.testing.assert_allclose(state.weights(), partner.weights(), atol=1e-12)
        np.testing.assert_allclose(state.wavevectors, -partner.wavevectors)
        np.testing.assert_allclose(state.local_density(3), partner.local_density(3), atol=1e-12)
        np.testing.assert_allclose(state.local_density(3).mean(-1), state.weights(), atol=1e-14)
        assert state.weights()[:, layer - 1].sum(-1).min() > 0.9


def test_tunnelled_weight_grows_with_the_square_of_t():
    weights = []
    for t in (0.02, 0.01):
        model = StrainedTBG.from_ratios(tunnelling_ratio=t, velocity_q_over_mass=0.01)
        state = model.pocket_state(1e-3 * model.moire_wavevector, 8)
        weights.append(state.weights()[:, 1].sum(-1).mean() / (3 * t**2))
    assert weights[1] == pytest.approx(1, abs=2e-3)
    assert abs(weights[0] - weights[1]) < 5e-3


def test_ratios_are_what_they_say():
    model = StrainedTBG.from_ratios(
        strain_over_twist=0.25, tunnelling_ratio=0.3, velocity_q_over_mass=0.2
    )
    assert model.strain / model.twist == pytest.approx(0.25)
    assert model.tunnelling_ratio == pytest.approx(0.3)
    assert model.hbar_v * model.moire_wavevector / model.mass == pytest.approx(0.2)
    assert StrainedTBG().tunnelling_ratio == pytest.approx(0.1, rel=1e-4)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda: StrainedTBG(twist_degrees=-1.0), "twist_degrees must be > 0"),
        (lambda: StrainedTBG(twist_degrees=30.0), "twist_degrees must be ≤ 10"),
        (lambda: StrainedTBG(strain=0.2), "strain must be within ±0.1, got 0.2"),
        (lambda: StrainedTBG(strain=math.nan), "strain must be finite"),
        (lambda: StrainedTBG(strain=0.0443, strain_degrees=67.9), "is beyond validity at a twist"),
        (lambda: StrainedTBG(poisson_ratio=2.0), "poisson_ratio must be between"),
        (lambda: StrainedTBG(mass=0.0), "mass must be > 0 meV"),
        (lambda: StrainedTBG(tunnelling=-1.0), "tunnelling must be ≥ 0 meV"),
        (lambda: StrainedTBG().hamiltonian([0.0, 0.0, 0.0]), "k must have a last axis of length 2"),
        (lambda: StrainedTBG().hamiltonian([0.0, 0.0], layer=3), "layer must be one of 1, 2"),
        (lambda: StrainedTBG().hamiltonian([0.0, 0.0], valley=0), "valley must be one of 1, -1"),
        (lambda: StrainedTBG().pocket_state(-0.1), "fermi_wavevector must be > 0"),
        (lambda: StrainedTBG().pocket_state(0.2), "the two pockets would merge"),
        (
            lambda: StrainedTBG.from_ratios(tunnelling_ratio=20.0).pocket_state(0.01),
            "mixes the layers too much",
        ),
    ],
)
def test_bad_input_is_refused(build, message):
    with pytest.raises(ValueError, match=message):
        build()


def test_unknown_fields_are_refused():
    with pytest.raises(TypeError, match="unexpected keyword"):
        StrainedTBG.from_ratios(twist=1.0)
