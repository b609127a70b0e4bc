import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moirelib import GrapheneHBN, solve_bands
from moirelib.bands.brillouin import (
    Levels,
    counting_function,
    fermi,
    fermi_difference,
    minus_fermi_derivative,
    smearing_nodes,
    spectral_function,
    thermal_sum,
)
from moirelib.bands.fermi_contours import fermi_contours
from moirelib.bands.lattice import MoireLattice

LATTICE = MoireLattice(14.0)
MESH = LATTICE.mesh(60, "none")
small = settings(max_examples=25)


def on_full_mesh(function, size=60):
    mesh = LATTICE.mesh(size, "none")
    return function(mesh.points).reshape(size, size)


def parabola(k):
    return 1000.0 * (k**2).sum(axis=-1)


@given(energy=st.floats(-100, 100), mu=st.floats(-100, 100), kT=st.floats(0.01, 50))
@small
def test_fermi_function(energy, mu, kT):
    value = fermi(energy, mu, kT)
    assert value == pytest.approx(0.5 * (1 - math.tanh((energy - mu) / (2 * kT))), abs=1e-14)
    slope = minus_fermi_derivative(energy, mu, kT)
    expected = 1 / (4 * kT * math.cosh(min(abs(energy - mu) / (2 * kT), 300)) ** 2)
    assert slope == pytest.approx(expected, rel=1e-9, abs=1e-300)


def test_fermi_step_at_zero_temperature():
    np.testing.assert_array_equal(fermi([-1.0, 0.0, 1.0], 0.0, 0.0), [1.0, 0.5, 0.0])


def test_fermi_tails_do_not_overflow_or_cancel():
    assert fermi(1e4, 0.0, 1.0) == 0
    assert minus_fermi_derivative(-600.0, 0.0, 1.0) == pytest.approx(math.exp(-600), rel=1e-10)


@pytest.mark.parametrize("symmetry", ["none", "C3v"])
def test_parabolic_band_has_a_constant_density_of_states(symmetry):
    mesh = LATTICE.mesh(90, symmetry)
    levels = parabola(mesh.points)[:, None]
    at = np.linspace(8, 30, 12)
    expected = math.pi / 1000 / LATTICE.zone_area
    density = spectral_function(mesh, levels, at)
    np.testing.assert_allclose(density, expected, rtol=0.05)
    assert density.mean() == pytest.approx(expected, rel=5e-3)
    np.testing.assert_allclose(counting_function(mesh, levels, at), expected * at, rtol=5e-3)


def test_triangles_converge_quadratically():
    errors = []
    for size in (30, 60, 120):
        mesh = LATTICE.mesh(size)
        filled = counting_function(mesh, parabola(mesh.points)[:, None], [30.0])
        errors.append(abs(float(filled[0]) * LATTICE.zone_area * 1000 / math.pi - 30))
    assert errors[0] / errors[2] == pytest.approx(16, rel=0.5)


def test_massive_dirac_density_of_states():
    speed, mass = 200.0, 10.0
    mesh = LATTICE.mesh(120)
    distance = np.linalg.norm(mesh.points, axis=1)
    levels = np.sqrt(mass**2 + (speed * distance) ** 2)[:, None]
    at = np.linspace(20, 45, 6)
    expected = 2 * math.pi * at / speed**2 / LATTICE.zone_area
    np.testing.assert_allclose(spectral_function(mesh, levels, at), expected, rtol=0.03)
    assert spectral_function(mesh, levels, [5.0]) == 0
    counted = math.pi * (at**2 - mass**2) / speed**2 / LATTICE.zone_area
    np.testing.assert_allclose(counting_function(mesh, levels, at), counted, rtol=0.02)


def test_flat_triangles_are_counted_without_a_density():
    mesh = LATTICE.mesh(1, "none")
    levels = np.array([[3.0]])
    assert counting_function(mesh, levels, [2.9, 3.1]).tolist() == [0.0, 1.0]
    assert spectral_function(mesh, levels, [3.0]) == 0


def test_density_of_states_integrates_to_the_states_counted():
    model = GrapheneHBN()
    mesh = model.lattice.mesh(24)
    levels = solve_bands(model, mesh.points, count=4).energies
    window = np.linspace(-60, 130, 100001)  # triangles can be nearly flat
    density = spectral_function(mesh, levels, window)
    counted = np.diff(counting_function(mesh, levels, window[[0, -1]]))[0]
    assert np.trapezoid(density, window) == pytest.approx(counted, abs=1e-3)
    # And against the states of the mesh themselves, one by one.
    inside = (levels > window[0]) & (levels < window[-1])
    assert mesh.weights @ inside.sum(axis=1) == pytest.approx(counted, abs=0.02)


@given(shift=st.floats(-20, 20), scale=st.floats(0.1, 5))
@small
def test_moments_of_the_spectral_function(shift, scale):
    """∫F dE = mean of a, ∫E F dE = mean of aε on each triangle: exact sum rules."""
    mesh = LATTICE.mesh(6, "none")
    star = LATTICE.primitive_vectors
    levels = (shift + scale * np.cos(mesh.points @ star[0]))[:, None]
    values = (1 + 0.5 * np.sin(mesh.points @ star[1]))[:, None]
    at = np.linspace(shift - 1.1 * scale, shift + 1.1 * scale, 20001)
    spectrum = spectral_function(mesh, levels, at, values)
    corner_e, corner_a = levels[mesh.triangles, 0], values[mesh.triangles, 0]
    flat = np.ptp(corner_e, axis=1) < 1e-12  # all of their weight sits at one energy
    weights = np.where(flat, 0, mesh.triangle_weights)
    assert np.trapezoid(spectrum, at) == pytest.approx(weights @ corner_a.mean(axis=1), abs=2e-3)


def test_constant_values_factor_out_and_complex_values_pass():
    levels = parabola(MESH.points)[:, None]
    at = np.array([25.0, 10.0, 17.0])
    plain = spectral_function(MESH, levels, at)
    weighted = spectral_function(MESH, levels, at, np.full((2, 1, *levels.shape), 2 - 3j))
    assert weighted.shape == (2, 1, 3)
    np.testing.assert_allclose(weighted, np.broadcast_to((2 - 3j) * plain, (2, 1, 3)))


def test_a_value_that_is_the_energy_comes_out_as_the_energy():
    levels = parabola(MESH.points)[:, None]
    at = np.linspace(5, 30, 7)
    plain = spectral_function(MESH, levels, at)
    np.testing.assert_allclose(spectral_function(MESH, levels, at, levels), at * plain)


def test_reduced_and_full_mesh_agree_on_a_model():
    model = GrapheneHBN(cutoff=2)
    results = []
    for symmetry in ("C3v", "none"):
        mesh = model.lattice.mesh(9, symmetry)
        levels = solve_bands(model, mesh.points, count=4).energies
        at = np.linspace(-150, 150, 41)
        results.append(
            (
                spectral_function(mesh, levels, at),
                counting_function(mesh, levels, at),
                thermal_sum(levels, mesh.weights, np.ones_like(levels), at, 5.0),
            )
        )
    for reduced, full in zip(*results, strict=True):
        np.testing.assert_allclose(reduced, full, atol=1e-11)


def test_no_energy_and_no_chemical_potential_give_no_values():
    levels = parabola(MESH.points)[:, None]
    assert spectral_function(MESH, levels, []).shape == (0,)
    assert thermal_sum(levels, MESH.weights, np.ones((2, *levels.shape)), [], 1.0).shape == (2, 0)


def test_thermal_sum_against_the_smeared_density_of_states():
    levels = parabola(MESH.points)[:, None]
    mu, kT = np.array([15.0, 20.0]), 1.0
    direct = thermal_sum(levels, MESH.weights, np.ones_like(levels), mu, kT)
    at = np.linspace(0, 60, 6001)
    density = spectral_function(MESH, levels, at)
    smeared = [np.trapezoid(density * minus_fermi_derivative(at, one, kT), at) for one in mu]
    np.testing.assert_allclose(direct, smeared, rtol=0.01)


def signed_area(points):
    x, y = points.T
    return 0.5 * np.sum(x[:-1] * y[1:] - x[1:] * y[:-1])


@pytest.mark.parametrize("sign", [1, -1])
def test_contour_of_a_parabola_is_an_oriented_circle(sign):
    contours = fermi_contours(LATTICE, sign * on_full_mesh(parabola), sign * 20.0)
    assert len(contours) == 1
    contour = contours[0]
    assert contour.is_pocket
    radius = math.sqrt(0.02)
    np.testing.assert_allclose(np.linalg.norm(contour.points, axis=1), radius, rtol=2e-3)
    length = np.linalg.norm(np.diff(contour.points, axis=0), axis=1).sum()
    assert length == pytest.approx(2 * math.pi * radius, rel=1e-3)
    # Energies below the level on the left: electrons anticlockwise, holes clockwise.
    assert signed_area(contour.points) == pytest.approx(sign * math.pi * 0.02, rel=2e-3)


def test_open_orbits_close_in_the_repeated_zone():
    def stripes(k):
        return np.cos(k @ LATTICE.primitive_vectors[0])

    contours = fermi_contours(LATTICE, on_full_mesh(stripes), 0.1)
    assert len(contours) == 2
    for contour in contours:
        assert not contour.is_pocket
        assert np.linalg.norm(contour.closure) == pytest.approx(LATTICE.reciprocal_length)
    np.testing.assert_allclose(contours[0].closure, -contours[1].closure, atol=1e-12)


def test_pockets_around_a_corner_are_whole():
    """Around κ the zone boundary cuts the pocket in three; the contour does not notice."""

    def well(k):
        first, second = LATTICE.primitive_vectors
        phases = np.stack([k @ first, k @ (second - first), -k @ second])
        return np.sin(phases).sum(axis=0)

    energies = on_full_mesh(well, 72)
    extreme = [well(corner) for corner in LATTICE.corners[:2]]
    assert abs(extreme[0]) == pytest.approx(1.5 * math.sqrt(3))
    for corner, value in zip(LATTICE.corners[:2], extreme, strict=True):
        contours = fermi_contours(LATTICE, energies, 0.9 * value)
        assert len(contours) == 1
        assert contours[0].is_pocket
        centre = contours[0].points[:-1].mean(axis=0)
        offset = LATTICE.fold(centre - corner)[0]
        np.testing.assert_allclose(offset, 0, atol=1e-3)
        assert math.copysign(1, signed_area(contours[0].points)) == -math.copysign(1, value)


@given(level=st.floats(-1.4, 2.9))
@small
def test_contours_enclose_the_states_counted(level):
    """Area by contours against area by triangles, on either side of the saddle points."""

    def band(k):
        first, second = LATTICE.primitive_vectors
        return np.cos(k @ first) + np.cos(k @ second) + np.cos(k @ (second - first))

    energies = on_full_mesh(band, 24)
    mesh = LATTICE.mesh(24, "none")
    contours = fermi_contours(LATTICE, energies, level)
    crossed = (energies.min() < level) & (energies.max() > level)
    assert bool(contours) == bool(crossed)
    if all(c.is_pocket for c in contours):
        area = sum(signed_area(c.points) for c in contours) / LATTICE.zone_area
        filled = counting_function(mesh, energies.reshape(-1, 1), [level])[0]
        # Electron pockets count what they hold, hole pockets what they lack.
        assert (area - filled) == pytest.approx(round(area - filled), abs=1e-9)


def test_a_level_on_a_mesh_point_is_crossed_once():
    energies = on_full_mesh(parabola, 24)
    level = float(np.unique(np.round(energies, 9))[3])
    exact = energies.ravel()[np.argmin(np.abs(energies - level))]
    contours = fermi_contours(LATTICE, energies, float(exact))
    assert all(np.isfinite(c.points).all() for c in contours)
    assert sum(c.is_pocket for c in contours) == len(contours) == 1


def test_no_contour_outside_the_band():
    assert fermi_contours(LATTICE, on_full_mesh(parabola), -1.0) == []


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: fermi(0.0, 0.0, -1.0), ValueError, "kT must be ≥ 0 meV, got -1.0"),
        (lambda: fermi(math.nan, 0.0, 1.0), ValueError, "energy must be finite"),
        (lambda: minus_fermi_derivative(0.0, 0.0, 0.0), ValueError, "kT must be > 0 meV, got 0.0"),
        (lambda: minus_fermi_derivative(0.0, 0.0, -1), ValueError, "kT must be > 0 meV, got -1"),
        (
            lambda: spectral_function(MESH, np.zeros(5), [0.0]),
            ValueError,
            r"energies must have shape \(3600, nb\) on this mesh",
        ),
        (
            lambda: counting_function(MESH, np.full((3600, 1), math.nan), [0.0]),
            ValueError,
            "energies must be finite",
        ),
        (
            lambda: spectral_function(MESH, np.zeros((3600, 1)), [0.0], np.ones(3)),
            ValueError,
            r"values must have shape \(..., 3600, 1\), got \(3,\)",
        ),
        (
            lambda: spectral_function(MESH, np.zeros((3600, 1)), [0.0], np.full((3600, 1), 1e999)),
            ValueError,
            "values must be finite",
        ),
        (
            lambda: spectral_function(MESH, np.zeros((3600, 1)), [0.0], np.full((3600, 1), "a")),
            TypeError,
            "values must hold numbers",
        ),
        (
            lambda: counting_function(LATTICE, np.zeros((3600, 1)), [0.0]),
            TypeError,
            "mesh must be a Mesh, .* got a MoireLattice",
        ),
        (
            lambda: thermal_sum(np.full((2, 1), math.nan), np.ones(2), np.ones((2, 1)), [0.0], 1.0),
            ValueError,
            "energies must be finite",
        ),
        (
            lambda: thermal_sum(np.zeros(2), np.ones(2), np.ones((2, 1)), [0.0], 1.0),
            ValueError,
            r"energies must have shape \(nk, nb\), got \(2,\)",
        ),
        (
            lambda: thermal_sum(np.zeros((2, 1)), np.ones(3), np.ones((2, 1)), [0.0], 1.0),
            ValueError,
            r"weights must have shape \(2,\), got \(3,\)",
        ),
        (
            lambda: thermal_sum(np.zeros((2, 1)), np.ones(2), np.ones((3, 1)), [0.0], 1.0),
            ValueError,
            r"values must have shape \(..., 2, 1\), got \(3, 1\)",
        ),
        (
            lambda: fermi_contours(MESH, np.zeros((3, 3)), 0.0),
            TypeError,
            "lattice must be a MoireLattice, got a Mesh",
        ),
        (
            lambda: spectral_function(MESH, np.zeros((3600, 1)), [[0.0]]),
            ValueError,
            "at must be a number or a one-dimensional array",
        ),
        (
            lambda: fermi_contours(LATTICE, np.zeros((3, 4)), 0.0),
            ValueError,
            r"energies must have shape \(N, N\), got \(3, 4\)",
        ),
        (
            lambda: fermi_contours(LATTICE, np.zeros((3, 3)), math.nan),
            ValueError,
            "level must be finite",
        ),
    ],
)
def test_bad_input_is_named(call, error, message):
    with pytest.raises(error, match=message):
        call()


def test_a_difference_of_fermi_functions_keeps_its_digits() -> None:
    a, b = np.array([-900.0, 3.0, 5.0, 300.0]), np.array([-905.0, 8.0, 5.0, 300.1])
    found = fermi_difference(a, b, 0.0, 5.0)
    plain = fermi(a, 0.0, 5.0) - fermi(b, 0.0, 5.0)
    np.testing.assert_allclose(found[1:3], plain[1:3], rtol=1e-12)
    # e^{−60} (1 − e^{−0.02}), where the plain difference of full bands is lost.
    assert found[3] == pytest.approx(-np.exp(-60) * np.expm1(-0.02), rel=1e-12)
    assert found[0] == pytest.approx(-np.exp(-180) * -np.expm1(-1), rel=1e-12)


@given(st.lists(st.floats(-300.0, 300.0), min_size=1, max_size=4), st.floats(0.1, 30.0))
@small
def test_the_thermal_average_has_the_moments_of_the_fermi_window(mu, kT):
    nodes, weights = smearing_nodes(np.array(mu), kT)
    away = (nodes[:, None] - mu) / kT
    for order, moment in enumerate([1, 0, math.pi**2 / 3, 0, 7 * math.pi**4 / 15]):
        np.testing.assert_allclose((away**order * weights).sum(axis=0), moment, atol=1e-6)
    # Smooth functions of the width k_BT are averaged to round-off: the nodes are close enough.
    wave = (np.cos(4 * away) * weights).sum(axis=0)
    np.testing.assert_allclose(wave, 4 * math.pi / math.sinh(4 * math.pi), atol=1e-10)


@pytest.mark.parametrize("kT", [0.0, 0.3, 40.0])
def test_filled_levels_are_summed_as_one_by_one(kT: float) -> None:
    rng = np.random.default_rng(5)
    energies = rng.uniform(-10, 10, (40, 3))
    weights, values = rng.uniform(size=40), rng.normal(size=(2, 40, 3))
    mu = np.array([-50.0, -3.0, energies[7, 1], 4.0, 60.0])  # one of them on a level
    found = Levels.of_mesh(energies, weights, values).filled_sum(mu, kT)
    expected = [
        [(weights[:, None] * fermi(energies, one, kT) * of).sum() for one in mu.tolist()]
        for of in values
    ]
    assert found == pytest.approx(np.array(expected), rel=1e-12, abs=1e-12)
