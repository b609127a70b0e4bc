import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moirelib import solve_boltzmann
from moirelib.switching.boltzmann import exact_density_difference
from moirelib.switching.fermi_pockets import FermiPocket, FirstHarmonicRates

seeds = st.integers(0, 2**32 - 1)
ratios = st.floats(-3, 6).map(lambda p: 10**p)


def random_rates(rng, size=0.9):
    a, b = rng.normal(size=(2, 2))
    scale = size * rng.uniform() / (np.hypot(*a) + np.hypot(*b))
    return FirstHarmonicRates(tuple(scale * a), tuple(scale * b))


def trigonal_pocket(valley, points=90):
    """A contour with three-fold symmetry and no more, with speeds of the same symmetry."""
    t = 2 * np.pi * np.arange(points) / points
    radius = 0.1 * (1 + 0.2 * np.cos(3 * t))
    vertices = valley * np.stack([radius * np.cos(t), radius * np.sin(t)], axis=-1)
    return FermiPocket.from_polyline(valley, vertices, 50 + 10 * np.cos(3 * t))


@given(seeds, ratios)
def test_solver_agrees_with_the_closed_form(seed, ratio):
    rng = np.random.default_rng(seed)
    rates, force, tau = random_rates(rng), rng.normal(size=2), rng.uniform(0.1, 3)
    nu, speed = rng.uniform(0.1, 2, size=2)
    pockets = [FermiPocket.circle(s, 128, nu, speed) for s in (1, -1)]
    solution = solve_boltzmann(rates, force, tau, ratio * tau, pockets=pockets)
    exact = exact_density_difference(
        rates, force, tau, ratio * tau, density_of_states=nu, speed=speed
    )
    scale = nu * speed * tau * np.hypot(*force)
    assert abs(solution.valley_density_difference - exact) <= 1e-10 * scale


@given(seeds, ratios)
@settings(max_examples=40)
def test_conservation_and_entropy_for_any_rates(seed, ratio):
    rng = np.random.default_rng(seed)
    pockets = [trigonal_pocket(1), FermiPocket.circle(1, 30, 0.4, 3.0), trigonal_pocket(-1)]
    sizes = [len(p.weights) for p in pockets]
    total = sum(sizes)
    w = rng.uniform(0, 1, size=(total, total))
    solution = solve_boltzmann(w + w.T, rng.normal(size=2), 1.0, ratio, pockets=pockets)
    densities = solution.pocket_densities
    throughput = sum(p.weights @ np.abs(p.velocities).sum(-1) for p in pockets) * max(1, ratio)
    assert abs(densities.sum()) <= 1e-13 * throughput
    assert solution.dissipation >= 0
    assert solution.joule_heat == pytest.approx(float(solution.dissipation), rel=1e-9)
    np.testing.assert_allclose(solution.conductivity, solution.conductivity.T, rtol=1e-9)


@given(seeds)
@settings(max_examples=20)
def test_uniform_out_rates_give_no_valley_density(seed):
    """W = 1 + α cos(θ − θ') + … depends on angles, but every state leaves at the same rate."""
    rng = np.random.default_rng(seed)
    alpha, shift = rng.uniform(0, 1), rng.uniform(0, 2 * np.pi)
    intra = rng.uniform(0, 1, size=(64, 64))
    blocks = {
        (0, 0): intra + intra.T,
        (1, 1): intra + intra.T,
        (1, 0): lambda t, u: 1 + alpha * np.cos(t - u + shift),
    }
    pockets = [FermiPocket.circle(s, 64) for s in (1, -1)]
    solution = solve_boltzmann(blocks, rng.normal(size=2), 1.0, 2.0, pockets=pockets)
    assert abs(solution.valley_density_difference) < 1e-13


@given(seeds)
@settings(max_examples=20)
def test_threefold_symmetry_forbids_a_valley_density(seed):
    rng = np.random.default_rng(seed)
    pockets = [trigonal_pocket(1), trigonal_pocket(-1)]
    n = len(pockets[0].weights)
    w = rng.uniform(0, 1, size=(2 * n, 2 * n))
    w = w + w.T
    turned = np.concatenate([np.roll(np.arange(n), n // 3), n + np.roll(np.arange(n), n // 3)])
    symmetric = w + w[np.ix_(turned, turned)]
    symmetric += w[np.ix_(turned[turned], turned[turned])]
    force = rng.normal(size=2)
    broken = solve_boltzmann(w, force, 1.0, 5.0, pockets=pockets)
    kept = solve_boltzmann(symmetric / 3, force, 1.0, 5.0, pockets=pockets)
    assert abs(broken.valley_density_difference) > 1e-6
    assert abs(kept.valley_density_difference) < 1e-12 * abs(broken.valley_density_difference) * n
    np.testing.assert_allclose(
        kept.conductivity, kept.conductivity[0, 0] * np.eye(2), atol=1e-9 * kept.conductivity[0, 0]
    )


def test_leading_order_has_the_sign_of_the_force():
    rates = FirstHarmonicRates((0.0, 0.0), (0.0, 0.0))
    solution = solve_boltzmann(rates, (0.3, -0.2), 2.0, 1e9)
    x = solution.harmonics(3)
    for pocket, s in ((0, 1), (1, -1)):
        np.testing.assert_allclose(x[pocket, 1], -s * 2.0 * np.array([0.3, -0.2]), rtol=1e-8)
    np.testing.assert_allclose(x[:, [0, 2, 3]], 0, atol=1e-12)
    np.testing.assert_allclose(solution.conductivity, 2 * np.pi * 2.0 * np.eye(2), atol=1e-7)


def test_current_control_returns_the_field_that_drives_it():
    rates = FirstHarmonicRates((0.3, -0.1), (0.2, 0.2))
    by_field = solve_boltzmann(rates, (0.7, 0.4), 1.0, 3.0)
    by_current = solve_boltzmann(rates, current=by_field.current, tau=1.0, tau_prime=3.0)
    np.testing.assert_allclose(by_current.field, (0.7, 0.4), rtol=1e-12)
    np.testing.assert_allclose(
        by_current.valley_density_difference, by_field.valley_density_difference, rtol=1e-12
    )


def test_leading_axes_broadcast_and_the_response_is_linear():
    rates = FirstHarmonicRates((0.3, -0.1), (0.2, 0.2))
    forces = np.random.default_rng(0).normal(size=(3, 4, 2))
    many = solve_boltzmann(rates, forces, 1.0, 3.0, points=32)
    assert many.distribution.shape == (3, 4, 64)
    assert many.harmonics(2).shape == (3, 4, 2, 3, 2)
    one = solve_boltzmann(rates, forces[1, 2], 1.0, 3.0, points=32)
    assert many.valley_density_difference[1, 2] == pytest.approx(one.valley_density_difference)


def test_four_equal_pockets_reduce_to_two():
    rates = FirstHarmonicRates((0.3, -0.1), (0.2, 0.2))
    pockets = [FermiPocket.circle(s, 64, 0.5) for s in (1, 1, -1, -1)]
    # Each of the two pockets of a valley sees both of the other valley: twice the partners, each
    # of half the weight, so that every out-rate stays what it is for two pockets.
    blocks = {(p, q): rates for p in (2, 3) for q in (0, 1)}
    four = solve_boltzmann(blocks, (1.0, 0.5), 1.0, 6.0, pockets=pockets)
    two = solve_boltzmann(rates, (1.0, 0.5), 1.0, 3.0, points=64)
    assert four.valley_density_difference == pytest.approx(float(two.valley_density_difference))


def test_polyline_converges_to_the_circle_with_the_square_of_the_spacing():
    rates = FirstHarmonicRates((0.3, -0.1), (0.2, 0.2))
    nu, speed, radius = 1.0, 2.0, 2 * np.pi * 2.0
    exact = exact_density_difference(rates, (1.0, 0.5), 1.0, 3.0, density_of_states=nu, speed=speed)
    errors = []
    for n in (32, 64):
        t = 2 * np.pi * np.arange(n) / n
        ring = radius * np.stack([np.cos(t), np.sin(t)], axis=-1)
        pockets = [FermiPocket.from_polyline(s, s * ring, np.full(n, speed)) for s in (1, -1)]
        solution = solve_boltzmann(rates, (1.0, 0.5), 1.0, 3.0, pockets=pockets)
        errors.append(abs(solution.valley_density_difference - exact))
    assert math.log2(errors[0] / errors[1]) == pytest.approx(2, abs=0.05)


def test_unconnected_valleys_keep_their_densities():
    blocks = {(1, 0): np.zeros((16, 16))}
    pockets = [FermiPocket.circle(s, 16) for s in (1, -1)]
    solution = solve_boltzmann(blocks, (1.0, 0.0), 1.0, 1.0, pockets=pockets)
    np.testing.assert_allclose(solution.pocket_densities, 0, atol=1e-14)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"tau": -1.0}, "tau must be > 0 1/meV, got -1.0"),
        ({"tau_prime": 0.0}, "tau_prime must be > 0"),
        ({"tau_prime": math.nan}, "tau_prime must be finite"),
        ({"field": (math.nan, 0.0)}, "field must be finite"),
        ({"field": (1.0, 0.0, 0.0)}, "field must have a last axis of length 2"),
        ({"current": (1.0, 0.0)}, "either field or current"),
        ({"field": None}, "either field or current"),
        ({"rates": np.ones((3, 5))}, "must have shape"),
        ({"rates": {(0, 5): np.ones((4, 4))}}, r"no pair of pockets \(0, 5\)"),
        ({"rates": lambda t, u: np.cos(t) + 0 * u}, "must be ≥ 0, got -1 at θ = 180.0°"),
        ({"rates": lambda t, u: t + np.nan * u}, "must be finite"),
        (
            {"pockets": [FermiPocket.circle(s, 8) for s in (1, 1, -1)]},
            "rates for 3 pockets must be a mapping",
        ),
    ],
)
def test_bad_input_is_refused(change, message):
    arguments = {
        "rates": FirstHarmonicRates((0.1, 0.0), (0.1, 0.0)),
        "field": (1.0, 0.0),
        "tau": 1.0,
        "tau_prime": 1.0,
    } | change
    with pytest.raises(ValueError, match=message):
        solve_boltzmann(**arguments)


def test_broken_detailed_balance_is_located():
    pockets = [FermiPocket.circle(s, 8) for s in (1, -1)]
    forward = np.ones((8, 8))
    forward[2, 3] = 1.25
    blocks = {(1, 0): forward, (0, 1): np.ones((8, 8))}
    with pytest.raises(ValueError, match=r"differ by 0.25 at θ = 90.0°, θ' = 135.0°"):
        solve_boltzmann(blocks, (1.0, 0.0), 1.0, 1.0, pockets=pockets)
    with pytest.raises(ValueError, match="break detailed balance between pockets 0 and 0"):
        solve_boltzmann({(0, 0): forward}, (1.0, 0.0), 1.0, 1.0, pockets=pockets)


def test_the_zeroth_harmonic_is_the_density_over_the_density_of_states():
    angle = 2 * np.pi * np.arange(80) / 80
    ring = (1 + 0.3 * np.cos(angle))[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    ovals = [FermiPocket.from_polyline(s, s * ring, 40 + 15 * np.cos(angle)) for s in (1, -1)]
    rates = FirstHarmonicRates((0.2, 0.1), (0.2, 0.1))
    solved = solve_boltzmann({(1, 0): rates}, (0.6, 0.8), 1.0, 2.0, pockets=ovals)
    shift = solved.harmonics(0)[:, 0, 0]
    # x counts what is missing at the unshifted level.
    densities = [-p.density_of_states * x for p, x in zip(ovals, shift, strict=True)]
    np.testing.assert_allclose(densities, solved.pocket_densities, rtol=1e-12)
    assert abs(solved.pocket_densities[0]) > 1e-6
