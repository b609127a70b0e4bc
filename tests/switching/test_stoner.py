import math

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

import moirelib
from moirelib import ValleyOrderParameter
from moirelib.bands.density_of_states import DensityOfStates

WIDTH = 3.0
PEAK = 1e-3


def band(energy):
    return PEAK * np.exp(-((np.asarray(energy) / WIDTH) ** 2) / 2)


def order(excess=0.1, kT=0.3, mu=0.0, fixed="chemical potential"):
    return ValleyOrderParameter(
        band, (1 + excess) / float(band(mu)), kT, mu, fixed, energies=(-24.0, 24.0)
    )


ENSEMBLES = ("chemical potential", "density")
CASES = {
    "excess": st.floats(0.02, 0.4),
    "ratio": st.floats(0.2, 0.98),
    "mu": st.floats(-1.5, 1.5),
    "fixed": st.sampled_from(ENSEMBLES),
}
examples = settings(max_examples=10)


def below_transition(excess, ratio, mu, fixed):
    critical = order(excess, 0.0, mu, fixed).critical_temperature
    return order(excess, ratio * critical, mu, fixed)


def test_exported():
    assert moirelib.ValleyOrderParameter is ValleyOrderParameter


@examples
@given(**CASES)
def test_three_states_below_the_transition(excess, ratio, mu, fixed):
    states = below_transition(excess, ratio, mu, fixed).equilibria()
    assert [s.stable for s in states] == [True, False, True]
    assert states[1].phi == pytest.approx(0, abs=1e-14)
    assert states[0].phi == pytest.approx(-states[2].phi, rel=1e-10)


@pytest.mark.parametrize("fixed", ENSEMBLES)
@pytest.mark.parametrize("mu", [0.0, 0.7, -1.3])
def test_one_state_at_the_transition(fixed, mu):
    critical = order(0.1, 0.0, mu, fixed).critical_temperature
    for kT in critical * (1 + np.array([-1e-14, 0.0, 1e-14])):
        (state,) = order(0.1, float(kT), mu, fixed).equilibria()
        assert state.phi == pytest.approx(0, abs=1e-14)


@examples
@given(**CASES)
def test_states_solve_the_map_written_out(excess, ratio, mu, fixed):
    o = below_transition(excess, ratio, mu, fixed)
    source = 0.3 * o.coercive_density
    kT, u = o.kT, o.interaction
    for state in o.equilibria(source):
        x = u * state.phi / 2
        # The chemical potential that goes with it, from the total density alone.
        shift = 0.0
        if fixed == "density":
            target = 2 * float(o.band.density(mu, 0.0))
            low, high = -20.0, 20.0
            for _ in range(100):
                shift = (low + high) / 2
                total = float(
                    o.band.density(mu + shift + x, kT) + o.band.density(mu + shift - x, kT)
                )
                low, high = (shift, high) if total < target else (low, shift)
        made = float(o.band.density(mu + shift + x, kT) - o.band.density(mu + shift - x, kT))
        assert state.phi == pytest.approx(source + made, abs=1e-12 * o.band.states)


@examples
@given(**CASES)
def test_loop_closes_is_odd_and_jumps_where_stability_is_lost(excess, ratio, mu, fixed):
    o = below_transition(excess, ratio, mu, fixed)
    limit = o.coercive_density
    sweep = 1.7 * limit * np.cos(2 * np.pi * np.arange(401) / 400)
    loop = o.hysteresis(sweep)
    assert loop.phi[0] == pytest.approx(loop.phi[-1], rel=1e-12)
    np.testing.assert_allclose(loop.phi[:201], -loop.phi[200:], rtol=1e-9, atol=1e-15)
    np.testing.assert_allclose(o.source(loop.phi), sweep, atol=1e-10 * limit)
    jump = int(np.argmin(np.diff(loop.phi[:201])))
    assert sweep[jump] >= -limit >= sweep[jump + 1]
    # It stays on stable branches: the source rises with the order parameter.
    slope = 1 - o.interaction / 2 * o.susceptibility(o.interaction * loop.phi / 2)
    assert (slope > -1e-9).all()


@examples
@given(**CASES)
def test_polarisation_is_odd_and_increasing(excess, ratio, mu, fixed):
    o = below_transition(excess, ratio, mu, fixed)
    x = np.linspace(-6, 6, 41)
    m = o.polarisation(x)
    np.testing.assert_allclose(m, -m[::-1], atol=1e-13)
    assert (np.diff(m) > 0).all()
    step = 1e-4
    slope = (o.polarisation(x + step) - o.polarisation(x - step)) / (2 * step)
    np.testing.assert_allclose(o.susceptibility(x), slope, rtol=1e-5, atol=1e-10)


@pytest.mark.parametrize("fixed", ENSEMBLES)
@pytest.mark.parametrize("mu", [0.0, 1.0])
def test_critical_temperature_tends_to_the_closing_formula_only(fixed, mu):
    nu, slope = float(band(mu)), -float(band(mu)) * mu / WIDTH**2
    curvature = float(band(mu)) * (mu**2 / WIDTH**2 - 1) / WIDTH**2
    if fixed == "density":
        curvature -= slope**2 / nu
    errors = []
    for excess in (4e-3, 2e-3, 1e-3):
        u = (1 + excess) / nu
        formula = math.sqrt(6 * excess / (math.pi**2 * u * -curvature))
        errors.append(order(excess, 0.0, mu, fixed).critical_temperature / formula - 1)
    assert errors[2] < 2e-3
    assert errors[1] / errors[2] == pytest.approx(2, rel=0.02)
    printed = formula / math.sqrt(2)
    assert order(1e-3, 0.0, mu, fixed).critical_temperature / printed == pytest.approx(
        math.sqrt(2), rel=2e-3
    )


@pytest.mark.parametrize("fixed", ENSEMBLES)
def test_coercive_density_tends_to_the_cubic_law(fixed):
    critical = order(0.1, 0.0, 0.7, fixed).critical_temperature
    errors = []
    for reduced in (4e-3, 2e-3, 1e-3):
        o = order(0.1, critical * (1 - reduced), 0.7, fixed)
        errors.append(abs(o.coercive_density / o.landau().coercive_density - 1))
    assert errors[2] < 1e-3
    assert errors[1] / errors[2] == pytest.approx(2, rel=0.05)


@examples
@given(**CASES)
def test_landau_coefficients_are_taylor_coefficients(excess, ratio, mu, fixed):
    o = below_transition(excess, ratio, mu, fixed)
    law = o.landau()
    phi = 0.02 * o.equilibria()[-1].phi
    assume(abs(law.alpha_4) * phi**2 > 1e-9)
    terms = [float(o.source(p)) / p for p in (phi, 2 * phi)]
    assert terms[0] == pytest.approx(-law.alpha_2 - law.alpha_4 * phi**2, abs=1e-6)
    cubic = (terms[1] - terms[0]) / (3 * phi**2)
    assert cubic == pytest.approx(-law.alpha_4, rel=0.02)


def test_low_temperature_forms():
    o = order(0.1, 0.05, 1.2, "density")
    nu, slope = float(band(1.2)), -float(band(1.2)) * 1.2 / WIDTH**2
    curvature = nu * (1.44 / WIDTH**2 - 1) / WIDTH**2
    u = o.interaction
    low, printed, exact = (o.landau(f) for f in ("low temperature", "as printed", "exact"))
    assert printed.alpha_4 == pytest.approx(u**3 * curvature / 24, rel=1e-6)
    assert printed.alpha_2 == pytest.approx(
        u * (nu + math.pi**2 / 3 * curvature * 0.05**2) - 1, rel=1e-7
    )
    assert low.alpha_4 == pytest.approx(u**3 * (curvature - 3 * slope**2 / nu) / 24, rel=1e-6)
    assert exact.alpha_2 == pytest.approx(low.alpha_2, abs=2e-6)
    assert exact.alpha_4 == pytest.approx(low.alpha_4, rel=1e-2)


def test_above_the_transition_there_is_one_state_and_no_loop():
    critical = order(0.1, 0.0).critical_temperature
    o = order(0.1, 1.01 * critical)
    assert [s.stable for s in o.equilibria()] == [True]
    with pytest.raises(ValueError, match="no valley order at Δn₀ = 0"):
        o.coercive_density  # noqa: B018
    loop = o.hysteresis(
        np.concatenate([np.linspace(-1e-4, 1e-4, 50), np.linspace(1e-4, -1e-4, 50)])
    )
    np.testing.assert_allclose(loop.phi[:50], loop.phi[:49:-1], atol=1e-15)


def test_zero_temperature():
    o = order(0.1, 0.0)
    assert len(o.equilibria()) == 3
    assert o.coercive_density > 0


def test_full_polarisation_under_a_strong_interaction():
    o = ValleyOrderParameter(band, 50_000.0, 0.1, 0.0, "density", energies=(-12.0, 12.0))
    assert o.equilibria()[-1].phi == pytest.approx(o.band.states, rel=1e-6)


def test_a_double_peak_has_a_first_order_transition():
    o = ValleyOrderParameter(
        lambda e: band(e - 4) + band(e + 4), 1200.0, 0.2, energies=(-28.0, 28.0)
    )
    states = o.equilibria()
    assert [s.stable for s in states] == [True, False, True, False, True]
    # Two loops: the middle state is left at ±, and the outer ones at the coercive density.
    limit = 1.3 * float(np.abs(o.source(o.turning_points)).max())
    loop = o.hysteresis(np.array([0.0, limit, 0.0, -limit, 0.0]), initial=0.0)
    assert loop.phi[0] == pytest.approx(0, abs=1e-12)
    assert loop.phi[2] == pytest.approx(states[-1].phi, rel=1e-9)
    assert loop.phi[4] == pytest.approx(states[0].phi, rel=1e-9)


def test_order_that_needs_a_source_has_no_coercive_density():
    o = ValleyOrderParameter(
        lambda e: band(e - 4) + band(e + 4), 1000.0, 0.2, energies=(-28.0, 28.0)
    )
    # A polarised state exists, but only under a source of its own sign.
    assert o.turning_points.size == 4
    assert o.source(o.turning_points[-1]) > 0
    assert len(o.equilibria()) == 1
    with pytest.raises(ValueError, match="no valley order at Δn₀ = 0"):
        _ = o.coercive_density


def test_initial_state_on_the_falling_branch_runs_off():
    o = order()
    spontaneous = o.equilibria()[-1].phi
    assert o.hysteresis([0.0], initial=0.2 * spontaneous).phi[0] == pytest.approx(spontaneous)
    assert o.hysteresis([0.0], initial=-0.2 * spontaneous).phi[0] == pytest.approx(-spontaneous)


def test_default_initial_state_follows_the_first_source():
    o = order()
    assert o.hysteresis([-1e-9]).phi[0] < 0 < o.hysteresis([0.0]).phi[0]


def test_slow_sweep_is_quasi_static_away_from_the_jumps():
    o = order(0.1, 0.5)
    limit = o.coercive_density
    times = np.linspace(0.0, 40_000.0, 401)
    drive = 2 * limit * np.cos(2 * np.pi * times / times[-1])
    moving = o.evolve(drive, times, o.equilibria(2 * limit)[-1].phi)
    still = o.hysteresis(drive)
    calm = np.abs(np.abs(drive) / limit - 1) > 0.4
    np.testing.assert_allclose(moving.phi[calm], still.phi[calm], rtol=0.02)


def test_relaxation_rate():
    o = order(0.1, 0.5)
    state = o.equilibria()[-1].phi
    slope = 1 - o.interaction / 2 * float(o.susceptibility(o.interaction * state / 2))
    times = np.linspace(0.0, 50.0, 51)
    run = o.evolve(lambda t: 0.0, times, state * (1 + 1e-4), intervalley_time=7.0)
    decay = -np.polyfit(times, np.log(run.phi - state), 1)[0]
    assert decay == pytest.approx(2 / 7.0 * slope, rel=1e-3)


def test_a_short_pulse_is_not_stepped_over():
    o = order(0.1, 0.5)
    times = np.linspace(0.0, 400.0, 401)
    kick = 20 * o.coercive_density
    run = o.evolve(lambda t: kick if 300 < t < 301 else 0.0, times, -o.equilibria()[-1].phi)
    assert run.phi[301] > run.phi[299] + 0.5 * kick


def test_samples_function_and_object_give_the_same():
    grid = np.linspace(-24, 24, 401)
    u = 1.1 / PEAK
    a = ValleyOrderParameter(band, u, 0.3, energies=(-24, 24))
    b = ValleyOrderParameter(band(grid), u, 0.3, energies=grid)
    c = ValleyOrderParameter(DensityOfStates(grid, band(grid)), u, 0.3)
    assert b.coercive_density == pytest.approx(a.coercive_density, rel=1e-3)
    assert b.coercive_density == c.coercive_density


@pytest.mark.parametrize(
    ("changes", "error", "message"),
    [
        ({"interaction": 0.0}, ValueError, "interaction must be > 0 meV nm²"),
        ({"interaction": -3.0}, ValueError, "interaction must be > 0"),
        ({"interaction": math.nan}, ValueError, "interaction must be finite"),
        ({"interaction": 1j}, TypeError, "interaction must be a real number"),
        ({"kT": -0.1}, ValueError, r"kT must be ≥ 0 meV, got -0\.1"),
        ({"kT": math.nan}, ValueError, "kT must be finite"),
        ({"chemical_potential": 30.0}, ValueError, "must lie in the band"),
        ({"fixed": "entropy"}, ValueError, "fixed must be one of"),
        ({"energies": None}, ValueError, "energies must give"),
        ({"energies": (1.0,)}, ValueError, "two ends"),
    ],
)
def test_bad_parameters_are_refused(changes, error, message):
    good = {
        "density_of_states": band,
        "interaction": 1100.0,
        "kT": 0.3,
        "energies": (-24.0, 24.0),
    }
    with pytest.raises(error, match=message):
        ValleyOrderParameter(**(good | changes))


def test_unknown_keyword_is_refused():
    with pytest.raises(TypeError, match="unexpected keyword"):
        ValleyOrderParameter(band, 1100.0, 0.3, energies=(-24, 24), colour="red")


def test_object_with_energies_is_refused():
    with pytest.raises(ValueError, match="energies belongs to"):
        ValleyOrderParameter(order().band, 1100.0, 0.3, energies=(-24.0, 24.0))


def test_interaction_below_critical_has_no_transition():
    with pytest.raises(ValueError, match=r"must exceed the critical value 1000 meV nm²"):
        order(-0.1).critical_temperature  # noqa: B018


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((0.0, [-1.0, 1.0], 0.0), "times must be ≥ 0"),
        ((0.0, [0.0, 0.0], 0.0), "increase"),
        ((0.0, [0.0], 0.0), "two entries"),
        (([0.0, 1.0, 2.0], [0.0, 1.0], 0.0), "one entry for each of the 2"),
        (([0.0, math.nan], [0.0, 1.0], 0.0), "drive must be finite"),
        (([0.0, 0.0], [0.0, 1.0], math.nan), "initial must be finite"),
        (([0.0, 0.0], [0.0, 1.0], 0.0, -2.0), "intervalley_time must be > 0"),
    ],
)
def test_bad_time_integration_is_refused(arguments, message):
    with pytest.raises(ValueError, match=message):
        order().evolve(*arguments)


def test_nan_sources_are_refused():
    with pytest.raises(ValueError, match="path must be finite"):
        order().hysteresis([0.0, math.nan])
    with pytest.raises(ValueError, match="delta_n must be finite"):
        order().equilibria(math.nan)
    with pytest.raises(ValueError, match="form must be one of"):
        order().landau("exactly")
