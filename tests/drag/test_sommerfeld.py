import numpy as np
import pytest

from moirelib import DragLayer, GrapheneHBN, drag_conductivity
from moirelib.bands.bloch import solve_bands
from moirelib.drag.sommerfeld import (
    LifshitzError,
    _occupied_gradient,
    fermi_line_susceptibility,
    occupation_form_susceptibility,
    sommerfeld_coefficient,
    sommerfeld_conductivity,
    sommerfeld_susceptibility,
)
from moirelib.drag.van_hove import form_factor_gradient

MODEL = GrapheneHBN(cutoff=2)
LAYER = DragLayer(MODEL, mesh=180, shells=1)


def test_line_agrees_with_triangles():
    mu = [-150.0, 60.0]
    fine = DragLayer(MODEL, mesh=360, shells=1)
    line, triangles = fermi_line_susceptibility(LAYER, mu), fine.susceptibility(mu, 0.0)
    for one, other in zip(line, triangles, strict=True):
        assert np.linalg.norm(one - other) < 1e-3 * np.linalg.norm(one)


def test_line_has_the_symmetry_that_it_does_not_use():
    (c,) = fermi_line_susceptibility(LAYER, -150.0)
    index = {tuple(pair): i for i, pair in enumerate(LAYER.pairs.tolist())}
    rotation = LAYER.lattice.point_operations[2]
    for i, pair in enumerate(LAYER.pairs):
        image = index[tuple((rotation.pairs @ pair).tolist())]
        np.testing.assert_allclose(c[image], rotation.cartesian @ c[i], atol=1e-9)
        np.testing.assert_allclose(c[index[tuple((-pair).tolist())]], c[i].conj(), atol=1e-12)


def test_gap_gives_zeros():
    assert not fermi_line_susceptibility(LAYER, -80.0).any()
    assert not sommerfeld_coefficient(LAYER, -80.0).any()


def test_both_valleys_solved_agree_with_time_reversal():
    both = DragLayer(MODEL, mesh=60, shells=1, symmetry="none")
    for flavor in ("valley", "charge"):
        np.testing.assert_allclose(
            fermi_line_susceptibility(both, [20.0], flavor, points=64),
            fermi_line_susceptibility(LAYER, [20.0], flavor, points=64),
            atol=1e-9,
        )


def test_one_valley_alone_is_half_the_valley_response_and_all_of_the_charge():
    alone = [[20.0, -80.0]]
    valley, charge = (fermi_line_susceptibility(LAYER, alone, f) for f in ("valley", "charge"))
    np.testing.assert_allclose(valley, charge)
    np.testing.assert_allclose(valley, fermi_line_susceptibility(LAYER, 20.0) / 2)


def test_shift_is_a_phase():
    moved = DragLayer(MODEL, mesh=60, shells=1, shift=(1.0, 2.0))
    phase = np.exp(-1j * LAYER.lattice.vectors(LAYER.pairs) @ [1.0, 2.0])
    np.testing.assert_allclose(
        fermi_line_susceptibility(moved, 20.0),
        fermi_line_susceptibility(LAYER, 20.0) * phase[:, None],
    )


def test_occupation_form_differs_by_the_constant_it_has_in_a_gap():
    layer = DragLayer(MODEL, mesh=30, shells=1)
    *warm, in_gap = occupation_form_susceptibility(layer, [-150.0, 60.0, -80.0], [4.0, 4.0, 1.0])
    expected = layer.susceptibility([-150.0, 60.0], 4.0)
    np.testing.assert_allclose(np.array(warm) - in_gap, expected, atol=2e-4)
    assert np.abs(in_gap).max() > 1e-3


def test_form_factor_gradient_is_the_derivative():
    k, step = np.array([0.1, 0.05]), 1e-4
    pairs = MODEL.lattice.shells(2)[1]
    around = k + step * np.array([[1, 0], [-1, 0], [0, 1], [0, -1]])
    lam = solve_bands(MODEL, around).form_factors(pairs)[..., 2]
    difference = np.stack([lam[:, 0] - lam[:, 1], lam[:, 2] - lam[:, 3]], axis=-1) / (2 * step)
    gradient = form_factor_gradient(MODEL, k, pairs, band=2)
    np.testing.assert_allclose(gradient, difference, rtol=1e-5, atol=1e-5)


def test_coefficient_predicts_the_thermal_response():
    mu = 60.0
    (predicted,) = sommerfeld_coefficient(LAYER, mu)
    warm = [LAYER.susceptibility(mu, kT)[0] for kT in (1.0, 1.4)]
    measured = (warm[1] - warm[0]) / (1.4**2 - 1.0**2)
    assert np.linalg.norm(measured - predicted) < 0.02 * np.linalg.norm(predicted)
    (expanded,) = sommerfeld_susceptibility(LAYER, mu, 1.0)
    np.testing.assert_allclose(
        expanded, fermi_line_susceptibility(LAYER, mu)[0] + predicted, atol=1e-12
    )


def test_conductivity_is_bilinear():
    (zero,), (coefficient,) = (one[0] for one in sommerfeld_conductivity(LAYER, LAYER, 60.0, 100.0))
    cold, warm = (drag_conductivity(LAYER, LAYER, 60.0, 100.0, kT)[0, 0] for kT in (1.0, 1.4))
    scale = np.abs(coefficient).max()
    np.testing.assert_allclose((warm - cold) / 0.96, coefficient, atol=0.03 * scale)
    np.testing.assert_allclose(cold - coefficient, zero, atol=1e-3 * np.abs(zero).max())


def test_van_hove_energy_has_no_coefficient():
    with pytest.raises(LifshitzError, match="topology"):
        sommerfeld_coefficient(LAYER, -129.0)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: fermi_line_susceptibility(LAYER, float("nan")), ValueError, "mu must be finite"),
        (lambda: fermi_line_susceptibility(LAYER, 0.0, "spin"), ValueError, "flavor must be one"),
        (lambda: fermi_line_susceptibility(LAYER, [[[0.0]]]), ValueError, "mu must have shape"),
        (
            lambda: occupation_form_susceptibility(LAYER, 0.0, -1.0),
            ValueError,
            "kT must be ≥ 0 meV, got -1.0",
        ),
        (lambda: sommerfeld_coefficient(LAYER, 0.0, step=0.0), ValueError, "step must be > 0"),
        (lambda: sommerfeld_coefficient(LAYER, [[0.0, 1.0]]), ValueError, "mu must be a number"),
        (lambda: sommerfeld_susceptibility(LAYER, 0.0, -0.1), ValueError, "kT must be ≥ 0"),
        (
            lambda: sommerfeld_conductivity(LAYER, LAYER, 0.0, 0.0, broadening=0.0),
            ValueError,
            "broadening must be > 0",
        ),
    ],
)
def test_bad_input_is_refused(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_equal_energies_are_the_limit_of_close_ones():
    rng = np.random.default_rng(3)
    velocity = rng.normal(size=(2, 3, 3)) + 1j * rng.normal(size=(2, 3, 3))
    projected = rng.normal(size=(4, 3, 3)) + 1j * rng.normal(size=(4, 3, 3))
    mu, kT = 10.0, 6.0
    equal, close = (
        _occupied_gradient((np.array([7.0, 7.0 + gap, 30.0]), velocity, projected), mu, kT)
        for gap in (0.0, 1e-4)
    )
    np.testing.assert_allclose(equal, close, rtol=1e-4, atol=1e-5 * np.abs(close).max())
    # What the pair itself adds is not small.
    apart = _occupied_gradient((np.array([7.0, 1e9, 30.0]), velocity, projected), mu, kT)
    assert np.abs(apart - equal).max() > 0.01 * np.abs(equal).max()
