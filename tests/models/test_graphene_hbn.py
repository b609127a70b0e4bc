import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moirelib import GrapheneHBN, solve_bands
from moirelib.bands.model import ALL_SYMMETRIES
from moirelib.bands.symmetry import symmetry_residual

small = settings(max_examples=12)
coordinates = st.floats(-0.5, 0.5, allow_nan=False)
models = st.builds(
    GrapheneHBN,
    valley=st.sampled_from([1, -1]),
    cutoff=st.sampled_from([1, 2, 3]),
    fermi_velocity=st.floats(0.5e6, 1.2e6),
    coupling=st.floats(0, 250),
    nitrogen_onsite=st.floats(500, 5000),
    boron_onsite=st.floats(-5000, -500),
    hbn_lattice_constant=st.floats(0.248, 0.26),
    exponent_sign=st.sampled_from(["momentum_matched", "as_printed"]),
)
readings = st.builds(
    GrapheneHBN,
    valley=st.sampled_from([1, -1]),
    cutoff=st.just(2),
    cutoff_shape=st.sampled_from(["circle", "box"]),
    transfer_star=st.sampled_from(["equilateral", "as_printed"]),
    valley_phase=st.sampled_from(["conjugated", "common"]),
    exponent_sign=st.sampled_from(["momentum_matched", "as_printed"]),
)


def low(model, k):
    return solve_bands(model, k, count=4).energies


@given(model=readings, x=coordinates, y=coordinates)
@small
def test_hermitian_in_every_reading(model, x, y):
    h = model.hamiltonian([x, y])
    assert np.array_equal(h, h.conj().T)


@given(model=models, x=coordinates, y=coordinates)
@small
def test_rotation_mirror_and_time_reversal(model, x, y):
    k = np.array([x, y])
    here = low(model, k)
    for operation in model.lattice.point_operations:
        np.testing.assert_allclose(low(model, operation.cartesian @ k), here, atol=1e-8)
    np.testing.assert_allclose(low(model.other_valley(), -k), here, atol=1e-9)


@given(model=models, x=coordinates, y=coordinates)
@small
def test_affine_in_k(model, x, y):
    k = np.array([x, y])
    expected = model.hamiltonian([0.0, 0.0]) + np.tensordot(k, model.velocity_operators(), axes=1)
    np.testing.assert_allclose(model.hamiltonian(k), expected, atol=1e-12)


def test_symmetries_at_cutoff_five():
    model = GrapheneHBN(cutoff=5)
    k = np.array([[0.11, 0.05], [-0.2, 0.13]])
    for operation in model.lattice.point_operations:
        np.testing.assert_allclose(low(model, k @ operation.cartesian.T), low(model, k), atol=1e-9)
    np.testing.assert_allclose(low(model.other_valley(), -k), low(model, k), atol=1e-9)


def test_the_literal_equation_breaks_rotation_and_time_reversal():
    model = GrapheneHBN.as_printed()
    k = np.array([[0.15, 0.0], [0.1, 0.1], [0.05, -0.2]])
    rotation = model.lattice.point_operations[2].cartesian
    assert np.abs(low(model, k @ rotation.T) - low(model, k)).max() > 5
    assert np.abs(low(model.other_valley(), -k) - low(model, k)).max() > 5


def test_the_literal_equation_is_the_printed_one():
    harmonics = {tuple(pair): u / 152 for pair, u in GrapheneHBN.as_printed().potential_harmonics}
    w = np.exp(2j * math.pi / 3)
    np.testing.assert_allclose(harmonics[0, 0], np.ones((2, 2)))
    np.testing.assert_allclose(harmonics[1, 0], [[1, w.conj()], [w, 1]])
    np.testing.assert_allclose(harmonics[0, 1], [[1, w], [w.conj(), 1]])


def test_the_four_low_bands_are_converged_at_cutoff_three():
    points = GrapheneHBN().lattice.mesh(12).points
    difference = low(GrapheneHBN(cutoff=3), points) - low(GrapheneHBN(cutoff=5), points)
    assert np.abs(difference).max() < 0.01


def test_bases_of_the_published_size():
    assert len(GrapheneHBN(cutoff_shape="box").plane_waves) == 196
    model = GrapheneHBN()
    assert len(model.plane_waves) == 2 * (37 + 48)
    assert model.occupied == 37 + 48


def test_numbers_of_the_text():
    model = GrapheneHBN()
    assert model.mismatch == pytest.approx(0.017886, abs=1e-6)
    assert model.lattice.period == pytest.approx(13.9996, abs=1e-4)
    assert model.lattice.reciprocal_length == pytest.approx(0.51824, abs=1e-5)
    assert model.hbar_v == pytest.approx(526.5696, abs=1e-4)


def test_gap_and_satellite_of_both_signs():
    centre, gap, satellite = {}, {}, {}
    for sign in ("momentum_matched", "as_printed"):
        model = GrapheneHBN(exponent_sign=sign)
        energies = solve_bands(model, model.lattice.mesh(18).points, count=4).energies
        dirac = low(model, [0.0, 0.0])[0, 1:3]
        centre[sign], gap[sign] = dirac.mean(), np.ptp(dirac)
        low_side = energies[:, 1].min() - energies[:, 0].max()
        high_side = energies[:, 3].min() - energies[:, 2].max()
        satellite[sign] = low_side, high_side
    assert centre["momentum_matched"] == pytest.approx(42.5, abs=0.1)
    assert gap["momentum_matched"] == pytest.approx(2.3, abs=0.05)
    assert satellite["momentum_matched"][0] == pytest.approx(15.6, abs=0.5)
    assert satellite["momentum_matched"][1] < 0
    assert centre["as_printed"] == pytest.approx(13.4, abs=0.1)
    assert gap["as_printed"] == pytest.approx(2.4, abs=0.05)
    assert satellite["as_printed"][1] == pytest.approx(32.8, abs=0.5)


@given(model=models, x=coordinates, y=coordinates)
@small
def test_exchanging_boron_and_nitrogen_is_an_inversion(model, x, y):
    other = model.inverted()
    assert other.inverted() == model
    np.testing.assert_allclose(low(other, [x, y]), low(model, [x, y]), atol=1e-9)


def test_without_coupling_the_bands_are_cones_and_flat_levels():
    model = GrapheneHBN(coupling=0.0, cutoff=2)
    k = np.array([0.07, -0.03])
    reach = np.linalg.norm(k + model.lattice.vectors(model.lattice.disc(2)), axis=1)
    expected = np.concatenate(
        [model.hbar_v * reach, -model.hbar_v * reach]
        + [np.full(np.sum(model.orbitals == o), v) for o, v in ((2, 3350.0), (3, -1400.0))]
    )
    np.testing.assert_allclose(
        np.linalg.eigvalsh(model.hamiltonian(k)), np.sort(expected), atol=1e-9
    )


@given(model=models)
@small
def test_uniform_part_of_the_effective_potential(model):
    inverse = 1 / model.nitrogen_onsite + 1 / model.boron_onsite
    uniform = -3 * model.coupling**2 * inverse
    harmonics = model.effective_harmonics()
    np.testing.assert_allclose(harmonics[0, 0], uniform * np.eye(2), atol=1e-9)
    # Uniform and three pairs of opposite first-shell harmonics; the potential is Hermitian.
    assert len(harmonics) == 7
    for (n, m), matrix in harmonics.items():
        np.testing.assert_allclose(matrix, harmonics[-n, -m].conj().T, atol=1e-12)


def test_elimination_is_exact_at_its_own_energy():
    model, k = GrapheneHBN(), np.array([0.12, 0.04])
    for band in range(4):
        energy = float(low(model, k)[0, band])
        reduced = low(model.eliminate_hbn(energy), k)
        assert reduced[0, band] == pytest.approx(energy, abs=1e-8)


def test_elimination_uses_the_effective_harmonics():
    model = GrapheneHBN(cutoff=2)
    two = model.eliminate_hbn(30.0)
    difference = two.h0 - GrapheneHBN(cutoff=2, coupling=0.0).eliminate_hbn(30.0).h0
    column = {tuple(p): i for i, p in enumerate(two.plane_waves[::2].tolist())}
    start = 2 * column[0, 0]
    for (n, m), matrix in model.effective_harmonics(30.0).items():
        row = 2 * column[n, m]
        np.testing.assert_allclose(difference[row : row + 2, start : start + 2], matrix, atol=1e-9)


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"cutoff": 0}, ValueError, "cutoff must be ≥ 1, got 0"),
        ({"cutoff": 2.0}, TypeError, "cutoff must be an integer, got 2.0"),
        ({"valley": True}, TypeError, "valley must be an integer, got True"),
        ({"valley": 0}, ValueError, "valley must be one of 1, -1, got 0"),
        ({"valley": 2}, ValueError, "valley must be one of 1, -1, got 2"),
        ({"lattice_constant": -0.246}, ValueError, "lattice_constant must be > 0 nm, got -0.246"),
        ({"hbn_lattice_constant": 0.2}, ValueError, "must exceed lattice_constant.*no moiré"),
        ({"fermi_velocity": math.nan}, ValueError, "fermi_velocity must be finite, got nan"),
        ({"coupling": -1}, ValueError, "coupling must be ≥ 0 meV, got -1"),
        ({"coupling": 1j}, TypeError, "coupling must be a real number"),
        ({"boron_onsite": 1400}, ValueError, "opposite signs"),
        ({"cutoff_shape": "square"}, ValueError, "cutoff_shape must be one of 'circle', 'box'"),
        ({"transfer_star": "literal"}, ValueError, "transfer_star must be one of"),
        ({"valley_phase": "none"}, ValueError, "valley_phase must be one of"),
        ({"exponent_sign": 1}, ValueError, "exponent_sign must be one of"),
        ({"hopping": 3}, TypeError, "hopping"),
    ],
)
def test_bad_parameters_are_named(changes, error, message):
    with pytest.raises(error, match=message):
        GrapheneHBN(**changes)


@pytest.mark.parametrize(
    ("k", "error", "message"),
    [
        ([math.nan, 0], ValueError, "k must be finite"),
        ([0.1, 0.2, 0.3], ValueError, "k must have a last axis of length 2"),
        (0.1, ValueError, "k must have a last axis of length 2"),
        ([1j, 0], TypeError, "k must hold real numbers"),
    ],
)
def test_bad_wavevectors_are_named(k, error, message):
    with pytest.raises(error, match=message):
        GrapheneHBN(cutoff=1).hamiltonian(k)


def test_elimination_at_an_hbn_level_is_refused():
    with pytest.raises(ValueError, match="energy must differ from the hBN levels"):
        GrapheneHBN().eliminate_hbn(-1400.0)


def test_frozen_and_replaceable():
    model = GrapheneHBN()
    with pytest.raises(AttributeError):
        model.cutoff = 4
    assert replace(model, cutoff=4).cutoff == 4


@pytest.mark.parametrize("valley", [1, -1])
@pytest.mark.parametrize("shape", ["circle", "box"])
@pytest.mark.parametrize("phase", ["conjugated", "common"])
@pytest.mark.parametrize("star", ["equilateral", "as_printed"])
def test_stated_symmetries_are_those_measured(
    star: Any, phase: Any, shape: Any, valley: int
) -> None:
    model = GrapheneHBN(
        valley, cutoff=2, cutoff_shape=shape, transfer_star=star, valley_phase=phase
    )
    assert {name for name in ALL_SYMMETRIES if symmetry_residual(model, name) < 1e-6} == set(
        model.symmetries
    )


def test_twist_shortens_the_period():
    """Against the reciprocal vectors of two lattices, one of them turned."""
    degrees = 0.8
    model = GrapheneHBN(twist=degrees)
    theta = np.deg2rad(degrees)
    b = 4 * np.pi / np.sqrt(3) / model.lattice_constant * np.array([1.0, 0.0])
    turn = np.array([[np.cos(theta), -np.sin(theta)], [np.sin(theta), np.cos(theta)]])
    moire = b - turn @ b / (1 + model.mismatch)
    assert np.linalg.norm(moire) == pytest.approx(model.lattice.reciprocal_length, rel=1e-12)
    # The moiré vector turns the other way than hBN.
    assert np.arctan2(moire[1], moire[0]) == pytest.approx(-model.lattice_angle, rel=1e-12)


def test_the_turn_of_graphene_only_matters_for_its_gauge_field():
    """The part of the potential's vector field that is a gradient is no field: mirrors survive.

    Exactly so without the energy dependence of hBN, in a complete basis.
    """
    residual = [
        symmetry_residual(GrapheneHBN(twist=0.5, cutoff=c).eliminate_hbn(), "mirror")
        for c in (2, 3, 4)
    ]
    assert residual[0] > 20 * residual[1] > 400 * residual[2]
    assert residual[2] < 1e-6
    full = symmetry_residual(GrapheneHBN(twist=0.5, cutoff=4), "mirror")
    assert 1e-3 < full < 0.1  # meV: what the energy dependence leaves


def test_opposite_twists_are_mirror_images():
    k = np.array([[0.11, 0.07], [-0.05, 0.2]])
    left, right = (GrapheneHBN(twist=t) for t in (0.7, -0.7))
    here = solve_bands(left, k, 6).energies
    np.testing.assert_allclose(solve_bands(right, k * [1, -1], 6).energies, here, atol=1e-9)
    assert left.symmetries == {"C3", "time_reversal"}
