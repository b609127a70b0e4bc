import numpy as np
import pytest

from moirelib import GrapheneHBN, solve_bands
from moirelib.bands.fermi_line import (
    FermiLineError,
    _line_element,
    fermi_lines,
    saddle_point,
)

EMPTY_LATTICE = GrapheneHBN(cutoff=2, coupling=0.0)
MOIRE = GrapheneHBN(cutoff=2)


def test_line_of_a_dirac_cone_is_a_circle():
    (line,) = fermi_lines(EMPTY_LATTICE, 60.0, 24, points=32)
    radius = 60.0 / EMPTY_LATTICE.hbar_v
    np.testing.assert_allclose(np.linalg.norm(line.bands.k, axis=1), radius, rtol=1e-9)
    np.testing.assert_allclose(line.length, 2 * np.pi * radius, rtol=1e-9)
    np.testing.assert_allclose(
        np.linalg.norm(line.velocities, axis=1), EMPTY_LATTICE.hbar_v, rtol=1e-9
    )


def test_hole_pockets_run_clockwise():
    def area(mu):
        (line,) = fermi_lines(EMPTY_LATTICE, mu, 24, points=32)
        x, y = line.bands.k.T
        return float(x @ line.line_element[:, 1] - y @ line.line_element[:, 0]) / 2

    expected = np.pi * (60.0 / EMPTY_LATTICE.hbar_v) ** 2
    assert area(60.0) == pytest.approx(expected, rel=1e-9)
    assert area(-60.0) == pytest.approx(-expected, rel=1e-9)


def test_speed_drops_out_of_the_integral():
    (line,) = fermi_lines(MOIRE, -20.0, 36, points=64)
    pairs = MOIRE.lattice.shells(2)[1]
    with_speed, without = line.integral(pairs), line.integral_without_velocity(pairs)
    assert np.abs(with_speed).max() > 1e-3
    np.testing.assert_allclose(with_speed, without, atol=1e-8)


def test_points_lie_on_the_line_and_their_number_hardly_matters():
    pairs = MOIRE.lattice.shells(2)[1]
    coarse, fine = (fermi_lines(MOIRE, 60.0, 36, points=n)[0] for n in (32, 64))
    assert np.abs(fine.bands.energies - 60.0).max() < 1e-8
    np.testing.assert_allclose(coarse.integral(pairs), fine.integral(pairs), atol=1e-10)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_sixth_of_the_points_tells_what_all_of_them_do(seed, monkeypatch):
    """Random fillings and G about Γ, κ and κ′, against points that know of no symmetry."""
    rng = np.random.default_rng(seed)
    mu = float(rng.choice([rng.uniform(-60, -20), rng.uniform(20, 90), -129.4]))
    pairs = MOIRE.lattice.disc(2.0)
    whole = fermi_lines(MOIRE, mu, 60, points=60)
    solved = []

    def counting(model, k, count):
        solved.append(len(k))
        return solve_bands(model, k, count)

    monkeypatch.setattr("moirelib.bands.stars.solve_bands", counting)
    lines = fermi_lines(MOIRE, mu, 60, points=60, symmetry="C3v")
    assert len(lines) == len(whole)
    # One in six, and two more where the line crosses the mirrors.
    assert solved[0] <= 12
    for line, other in zip(lines, whole, strict=True):
        k = MOIRE.lattice.fold(line.bands.k)[0]
        plain = solve_bands(MOIRE, k)
        band = np.abs(plain.energies - mu).argmin(axis=1)
        own = np.arange(len(k)), band
        np.testing.assert_allclose(plain.energies[own], mu, atol=2e-8)
        factors = np.stack([one[own] for one in plain.form_factors(pairs)])
        np.testing.assert_allclose(line.bands.form_factors(pairs)[..., 0], factors, atol=1e-9)
        # Where a line crosses the edge of the zone, this basis leaves a jump.
        atol = 2e-3 * np.abs(other.integral(pairs)).max()
        np.testing.assert_allclose(line.integral(pairs), other.integral(pairs), atol=atol)


def test_no_line_in_a_gap():
    assert fermi_lines(MOIRE, -80.0, 24) == []


def test_saddle_has_no_velocity_and_a_logarithm():
    start = np.array([0.40, 0.69]) * MOIRE.lattice.k_m
    saddle = saddle_point(MOIRE, start, band=1)
    low, high = np.linalg.eigvalsh(saddle.hessian)
    assert low < 0 < high
    expected = 1 / (2 * np.pi**2 * np.sqrt(-low * high))
    assert saddle.logarithm == pytest.approx(expected, rel=1e-12)


def test_minimum_has_no_logarithm():
    minimum = saddle_point(MOIRE, [0.01, 0.005], band=1)
    np.testing.assert_allclose(minimum.k, 0, atol=1e-6)
    assert minimum.logarithm == 0


@pytest.mark.parametrize(
    ("arguments", "error", "message"),
    [
        ({"mu": float("nan")}, ValueError, "mu must be finite"),
        ({"mu": "0"}, TypeError, "mu must be a real number"),
        ({"mu": 0.0, "points": 8}, ValueError, "points must be ≥ 16"),
        ({"mu": 0.0, "mesh": 0}, ValueError, "mesh must be ≥ 1"),
    ],
)
def test_bad_input_is_refused(arguments, error, message):
    with pytest.raises(error, match=message):
        fermi_lines(MOIRE, **arguments)


def test_points_that_do_not_settle_are_reported(monkeypatch):
    monkeypatch.setattr("moirelib.bands.fermi_line._NEWTON_STEPS", 1)
    with pytest.raises(FermiLineError, match=r"Fermi line of band 3 at mu = 60\.0 meV"):
        fermi_lines(MOIRE, 60.0, 24, points=16)
    with pytest.raises(FermiLineError, match="stationary point of band 1"):
        saddle_point(MOIRE, [0.1, 0.1], band=1)


def test_steps_of_an_open_orbit_add_up_to_the_vector_by_which_it_advances():
    turn = 2 * np.pi * np.arange(48) / 48
    closure = MOIRE.lattice.reciprocal_vectors[0]
    k = np.outer(turn / (2 * np.pi), closure) + 0.02 * np.stack([np.cos(turn), np.sin(turn)], -1)
    steps = 0.02 * np.stack([-np.sin(turn), np.cos(turn)], -1) * 2 * np.pi / 48 + closure / 48
    np.testing.assert_allclose(_line_element(k, closure), steps, atol=1e-12)
    np.testing.assert_allclose(_line_element(k, closure).sum(axis=0), closure, atol=1e-12)
