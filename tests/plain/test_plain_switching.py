"""The library against Ying et al. written plainly, at random parameters."""

from __future__ import annotations

import math

import numpy as np
import plain_switching as plain
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from moirelib import FirstHarmonicRates, StrainedTBG, ValleyOrderParameter, solve_boltzmann
from moirelib.switching.boltzmann import exact_density_difference
from moirelib.switching.fermi_pockets import FermiPocket
from moirelib.switching.keldysh import Contour, ladder_polarisation
from moirelib.switching.mean_field import LandauExpansion
from moirelib.switching.scattering import intervalley_rates, perturbative_rates

# Shrinking a failure would take minutes.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)


class Hump:
    """A density of states ν(ε) that is symmetric or not, in 1/(meV nm²)."""

    def __init__(self, height: float, width: float, skew: float) -> None:
        self.height, self.width, self.skew = height, width, skew

    def __call__(self, energy: float) -> float:
        return (
            self.height
            * math.exp(-((energy / self.width) ** 2) / 2)
            * (1 + self.skew * math.tanh(energy / self.width))
        )


def order_parameter(
    hump: Hump, interaction: float, kT: float, level: float
) -> ValleyOrderParameter:
    reach = 6 * hump.width
    return ValleyOrderParameter(
        np.vectorize(hump),
        interaction=interaction,
        kT=kT,
        chemical_potential=level,
        energies=(-reach, reach),
    )


humps = st.builds(
    Hump,
    height=st.floats(0.005, 0.05),
    width=st.floats(1.0, 4.0),
    skew=st.floats(-0.3, 0.3),
)


@settings(max_examples=3, phases=PHASES)
@given(hump=humps, excess=st.floats(0.05, 0.4), level=st.floats(-0.3, 0.3))
def test_the_critical_temperature(hump: Hump, excess: float, level: float) -> None:
    mu = level * hump.width
    interaction = (1 + excess) / hump(mu)
    reach = 6 * hump.width
    found = order_parameter(hump, interaction, 0.1, mu).critical_temperature
    expected = plain.critical_temperature(interaction, mu, hump, -reach, reach, 3 * hump.width)
    # The library takes a function at samples of the band, by a spline.
    assert found == pytest.approx(expected, rel=1e-6)


@settings(max_examples=3, phases=PHASES)
@given(
    hump=humps,
    excess=st.floats(0.1, 0.4),
    level=st.floats(-0.3, 0.3),
    cold=st.floats(0.1, 0.4),
    share=st.floats(-0.9, 0.9),
)
def test_steady_states_sustain_themselves(
    hump: Hump, excess: float, level: float, cold: float, share: float
) -> None:
    mu, kT = level * hump.width, cold * hump.width
    reach = 6 * hump.width
    order = order_parameter(hump, (1 + excess) / hump(mu), kT, mu)
    source = share * 0.01 * hump.height * hump.width
    states = order.equilibria(source)
    scale = hump.height * hump.width
    step = 1e-4 * scale
    for state in states:
        residual = [
            plain.mean_field_residual(
                state.phi + shift, source, order.interaction, mu, kT, hump, -reach, reach
            )
            for shift in (-step, 0.0, step)
        ]
        assert abs(residual[1]) < 1e-6 * scale
        # dΦ/dt has the sign of the residual: it must push a stable state back.
        assert state.stable == (residual[0] > residual[2])
    assert len(states) in (1, 3)


@settings(max_examples=5, phases=PHASES)
@given(
    excess=st.floats(0.001, 0.02),
    share=st.floats(0.2, 0.9),
    width=st.floats(1.0, 4.0),
)
def test_the_cubic_law(excess: float, share: float, width: float) -> None:
    """Below T_c the law of Eq. 4 and what follows from it, on a Gaussian band."""
    hump = Hump(0.01, width, 0.0)
    nu, curvature = hump.height, -hump.height / width**2
    interaction = (1 + excess) / nu
    critical = math.sqrt(6 * excess / (math.pi**2 * interaction * abs(curvature)))
    kT = share * critical
    distance, alpha_4 = plain.landau(nu, curvature, interaction, kT)
    assert distance == pytest.approx(excess * (share**2 - 1), rel=1e-9)
    law = order_parameter(hump, interaction, kT, 0.0).landau("low temperature")
    assert law.alpha_2 == pytest.approx(-distance, rel=1e-4)
    assert law.alpha_4 == pytest.approx(alpha_4, rel=1e-4)
    exact = LandauExpansion(-distance, alpha_4)
    # A scan of 20 000 values misses the top of a parabola by less than 10⁻⁸.
    assert exact.coercive_density == pytest.approx(plain.coercive(distance, alpha_4), rel=1e-7)


@settings(max_examples=3, phases=PHASES)
@given(middle=st.floats(0.9, 1.1), sides=st.floats(0.97, 1.03))
def test_a_loop_that_stops_on_a_branch_between(middle: float, sides: float) -> None:
    """Peaks on both sides of a low density of states leave the unpolarised state stable."""
    peaks = [(0.003 * middle, 0.0, 1.0), (0.012 * sides, 4.0, 0.6), (0.012 * sides, -4.0, 0.6)]
    interaction = 270.0

    def dos(energy: float) -> float:
        return sum(h * math.exp(-(((energy - at) / w) ** 2) / 2) for h, at, w in peaks)

    def filled(level: float) -> float:
        root = math.sqrt(math.pi / 2)
        return sum(
            h * w * root * (1 + math.erf((level - at) / (w * math.sqrt(2)))) for h, at, w in peaks
        )

    def polarisation(phi: float) -> float:
        half = interaction * phi / 2
        return filled(half) - filled(-half)

    order = ValleyOrderParameter(
        np.vectorize(dos), interaction=interaction, kT=0.0, energies=(-10.0, 10.0)
    )
    assert [state.stable for state in order.equilibria(0.0)] == [True, False, True, False, True]
    # Beyond the end of the branch between, so that each of the three is left once.
    reach = 1.2 * abs(order.source(order.turning_points)).max()
    path = [reach * math.sin(2 * math.pi * i / 60) for i in range(75)]
    found = order.hysteresis(path, initial=0.0).phi
    expected = plain.follow(path, 0.0, polarisation, 1e-4 * filled(10.0))
    states = 2 * filled(10.0)
    np.testing.assert_allclose(found, expected, atol=1e-6 * states)


def test_the_density_of_states_of_a_polyline() -> None:
    """k_F/2πv of a circle, from a polygon with its error of second order."""
    angles = 2 * math.pi * np.arange(400) / 400
    ring = 0.3 * np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    pocket = FermiPocket.from_polyline(1, ring, np.full(400, 50.0))
    assert pocket.density_of_states == pytest.approx(0.3 / (2 * math.pi * 50.0), rel=1e-4)


rates = st.tuples(st.floats(-0.4, 0.4), st.floats(-0.25, 0.25))


@settings(max_examples=15, phases=PHASES)
@given(
    a=rates,
    a_prime=rates,
    tau=st.floats(0.1, 10.0),
    ratio=st.floats(0.05, 50.0),
    angle=st.floats(0.0, 6.3),
    nu=st.floats(0.01, 3.0),
    speed=st.floats(0.2, 5.0),
)
def test_boltzmann_on_circles(
    a: tuple[float, float],
    a_prime: tuple[float, float],
    tau: float,
    ratio: float,
    angle: float,
    nu: float,
    speed: float,
) -> None:
    pockets, field, tau_prime = [1, -1], (math.cos(angle), math.sin(angle)), ratio * tau
    g = plain.balance(
        pockets, plain.first_harmonic_rates(tau, tau_prime, a, a_prime), field, speed, 24
    )
    harmonics = FirstHarmonicRates(a, a_prime)
    solved = solve_boltzmann(
        harmonics,
        field,
        tau,
        tau_prime,
        pockets=[FermiPocket.circle(s, 24, nu, speed) for s in pockets],
    )
    scale = nu * speed * tau
    expected = plain.valley_density(pockets, g, nu)
    assert float(solved.valley_density_difference) == pytest.approx(expected, abs=1e-10 * scale)
    exact = exact_density_difference(
        harmonics, field, tau, tau_prime, density_of_states=nu, speed=speed
    )
    assert float(exact) == pytest.approx(expected, abs=1e-10 * scale)
    current = plain.charge_current(pockets, g, nu, speed)
    np.testing.assert_allclose(solved.current, current, atol=1e-10 * scale * speed)


@settings(max_examples=4, phases=PHASES)
@given(
    strain=st.floats(0.0, 0.4),
    direction=st.floats(-90.0, 90.0),
    twist=st.floats(0.5, 2.0),
    small=st.floats(0.02, 0.15),
    fermi=st.floats(0.01, 0.08),
    layers=st.booleans(),
)
def test_rates_of_weak_tunnelling(
    strain: float, direction: float, twist: float, small: float, fermi: float, layers: bool
) -> None:
    """Second-order sums against the eight-component states, whose error is of order t."""
    t = 1e-5
    model = StrainedTBG.from_ratios(
        strain_over_twist=strain,
        tunnelling_ratio=t,
        velocity_q_over_mass=small,
        strain_degrees=direction,
        twist_degrees=twist,
    )
    radians = math.radians(twist)
    q = plain.strained_q(plain.strain(strain * radians, math.radians(direction), 0.165), radians)
    unit = model.moire_wavevector
    np.testing.assert_allclose(model.q_vectors / unit, q, atol=1e-12)
    k_fermi = fermi * unit
    found = intervalley_rates(model, k_fermi, 6, average="random phases", contour="circles")
    w = t * small**2 / 2
    expected = np.array(
        [
            [
                plain.interlayer_rate(k, k_prime, fermi, w, small, q, turn=radians)
                for k in found.angles
            ]
            for k_prime in found.angles
        ]
    )
    # Four times the mean: the library divides the disorder by its sum over four sites.
    np.testing.assert_allclose(4 * found.interlayer, expected, rtol=1e-4)


@settings(max_examples=4, phases=PHASES)
@given(direction=st.floats(-90.0, 90.0), twist=st.floats(0.5, 2.0), poisson=st.floats(0.0, 0.4))
def test_the_anisotropy_of_b14(direction: float, twist: float, poisson: float) -> None:
    """Each harmonic of B14 from second-order sums, in the limit that it is stated for."""
    strain, small, fermi, t = 1e-3, 0.01, 0.01, 1e-5
    model = StrainedTBG.from_ratios(
        strain_over_twist=strain,
        tunnelling_ratio=t,
        velocity_q_over_mass=small,
        strain_degrees=direction,
        twist_degrees=twist,
        poisson_ratio=poisson,
    )
    limit = perturbative_rates(model, fermi * model.moire_wavevector)
    radians = math.radians(twist)
    tensor = plain.strain(strain * radians, math.radians(direction), poisson)
    q = plain.strained_q(tensor, radians)
    harmonics = np.zeros((2, 2))
    mean = 0.0
    angles = [2 * math.pi * i / 8 for i in range(8)]
    for k in angles:
        for k_prime in angles:
            rate = plain.interlayer_rate(k, k_prime, fermi, t * small**2 / 2, small, q) / 64
            mean += rate
            harmonics[0] += 2 * rate * np.array([math.cos(k_prime), math.sin(k_prime)])
            harmonics[1] += 2 * rate * np.array([math.cos(k), math.sin(k)])
    # Six times t², where Eq. B14 prints three quarters of it.
    assert mean / t**2 == pytest.approx(6.0, rel=0.01)
    expected, found = harmonics / mean, np.array([limit.a, limit.a_prime])
    # The sum of both vectors, which drives Δn₀, is a hundred times smaller than the difference.
    for sign in (1, -1):
        scale = np.linalg.norm(found[0] + sign * found[1])
        error = (expected[0] + sign * expected[1]) - (found[0] + sign * found[1])
        assert np.linalg.norm(error) < 0.03 * scale


@pytest.mark.parametrize(("tau_prime", "second"), [(1e5, 1.0), (0.7, 0.25)])
def test_the_four_pockets_of_figure_7(tau_prime: float, second: float) -> None:
    """In equal layers; and with a shorter τ in layer 2, which tells the angles of both apart."""
    strain, small, fermi, direction, ratio = 0.2, 0.1, 0.05, 0.7, 0.4
    along = (math.cos(direction), math.sin(direction))
    model = StrainedTBG.from_ratios(
        strain_over_twist=strain, tunnelling_ratio=1e-5, velocity_q_over_mass=small
    )
    k_fermi = fermi * model.moire_wavevector
    rates = intervalley_rates(model, k_fermi, 8, average="random phases", contour="circles")
    blocks = dict(rates.blocks(ratio=ratio, isotropic_intralayer=True))
    faster = np.full((8, 8), 1 / second)
    solved = solve_boltzmann(
        blocks | {(1, 1): faster, (3, 3): faster},
        along,
        1.0,
        tau_prime,
        pockets=[FermiPocket.circle(valley, 8) for valley in (1, 1, -1, -1)],
    )
    q = plain.strained_q(plain.strain(strain * model.twist, math.radians(17.2), 0.165), model.twist)
    pockets, g = plain.four_pockets(
        fermi,
        1e-5 * small**2 / 2,
        small,
        q,
        along,
        ratio=ratio,
        tau=(1.0, second),
        tau_inter=tau_prime,
        turn=model.twist,
    )
    # The library counts 1K, 2K, 1K′, 2K′.
    expected = -g.mean(axis=1)[[0, 2, 1, 3]]
    np.testing.assert_allclose(solved.pocket_densities, expected, atol=1e-4 * abs(expected).max())
    if tau_prime == 1e5:
        # Eq. 19 with 3/2 for the printed 6, and the sign of the printed Eq. 14, is its limit.
        j = math.hypot(*plain.charge_current(pockets, g, 1.0, 1.0))
        found = -plain.valley_density(pockets, g, 1.0) / (ratio / (1 + ratio) * j)
        angle = 2 * math.radians(17.2) + direction
        line = 1.5 * 1.165 * small * fermi * strain * math.sin(angle)
        assert found == pytest.approx(line, rel=0.2)


@settings(max_examples=20, phases=PHASES)
@given(
    q=st.floats(0.0, 3.0),
    omega=st.floats(-2.0, 2.0).filter(lambda w: abs(w) > 1e-3),
    tau=st.floats(0.2, 3.0),
    speed=st.floats(0.3, 3.0),
    nu=st.floats(0.1, 2.0),
)
def test_the_ladder(q: float, omega: float, tau: float, speed: float, nu: float) -> None:
    found = complex(ladder_polarisation(q, omega, nu, speed, tau))
    expected = nu * plain.ladder(q, omega, tau, speed)
    # The mean over 720 directions converges like (1 − 1/qvτ)^720, here below 10⁻¹⁰.
    assert found == pytest.approx(expected, rel=1e-7, abs=1e-9 * nu)


def test_the_contour_gives_the_density_of_the_driven_valleys() -> None:
    """The part of the action linear in Φ_q is U(⟨vertex⟩ − Φ_cl), whatever drives the density."""
    rng = np.random.default_rng(5)
    raw = rng.normal(size=(4, 4)) + 1j * rng.normal(size=(4, 4))
    hamiltonian = 0.4 * (raw + raw.conj().T)
    sigma = np.diag([1.0, 1.0, -1.0, -1.0])
    energies, states = np.linalg.eigh(hamiltonian)
    initial = (states / (1 + np.exp((energies - 0.1) / 0.7))) @ states.conj().T
    field, step, interaction = [0.3, -0.5, 0.8, 0.1], 0.6, 1.3
    contour = Contour(hamiltonian, initial, sigma[None], interaction, len(field) + 1, step)
    classical = np.array(field)[:, None]
    expected = plain.driven_densities(hamiltonian, initial, sigma, interaction, field, step)
    for link, density in enumerate(expected):
        kick = np.zeros_like(classical)
        kick[link] = 1e-4
        up, down = (contour.effective_action(classical, sign * kick) for sign in (1, -1))
        found = (up - down) / (2e-4 * interaction * step)
        assert found.real == pytest.approx(density - field[link], abs=1e-6)
        assert abs(found.imag) < 1e-6
