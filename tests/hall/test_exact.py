import math

import numpy as np
import pytest
from scipy.integrate import quad

from moirelib import GrapheneHBN, solve_bands
from moirelib.bands.brillouin import fermi, minus_fermi_derivative
from moirelib.bands.lattice import MoireLattice
from moirelib.bands.model import PlaneWaveModel
from moirelib.hall.exact import dirac_hall_conductivity, valley_chern_number
from moirelib.hall.strip import nonlocal_resistance
from moirelib.models.graphene_hbn import primary_mass
from moirelib.units import RESISTANCE_QUANTUM_OHM

MODEL = GrapheneHBN()


def massive_dirac(mass, hbar_v=500.0, valley=1):
    sigma = [np.array([[0, 1], [1, 0]]), np.array([[0, -1j], [1j, 0]]), np.diag([1, -1])]
    return PlaneWaveModel(
        lattice=MoireLattice(14.0),
        h0=mass * sigma[2].astype(complex),
        gradient=hbar_v * np.stack([valley * sigma[0].astype(complex), sigma[1]]),
        plane_waves=np.zeros((2, 2), dtype=np.int64),
        orbitals=np.array([0, 1]),
        occupied=1,
    )


@pytest.mark.parametrize("valley", [1, -1])
@pytest.mark.parametrize("mu", [0.0, 7.0, -12.0])
def test_berry_code_on_the_massive_dirac_cone(valley, mu):
    mass, hbar_v = 5.0, 500.0
    model = massive_dirac(mass, hbar_v, valley)

    def integrand(k):
        bands = solve_bands(model, [k, 0.0], 2)
        occupied = fermi(bands.energies, mu, 0.0) * bands.berry_curvature()
        return -k * float(occupied.sum())

    kinks = [math.sqrt(mu**2 - mass**2) / hbar_v] if abs(mu) > mass else None
    low = quad(integrand, 0, 0.2, points=kinks, limit=200, epsabs=1e-9)[0]
    high = quad(integrand, 0.2, 50, limit=200, epsabs=1e-9)[0]
    expected = dirac_hall_conductivity([mu], mass, valley=valley)[0]
    # Beyond the last k the lower band still holds m/2ħvk of the curvature.
    assert low + high == pytest.approx(expected, abs=1.1 * mass / (2 * hbar_v * 50))


def test_thermal_dirac_against_its_definition():
    mu, mass, kT = 3.0, 5.0, 2.0

    def integrand(energy):
        return minus_fermi_derivative(energy, mu, kT) * dirac_hall_conductivity([energy], mass)[0]

    exact = quad(integrand, mu - 70, mu + 70, points=[-mass, mass], limit=400)[0]
    assert dirac_hall_conductivity([mu], mass, kT)[0] == pytest.approx(exact, abs=1e-6)


def test_sign_by_pushing_a_state_in_time():
    """ħk̇ = F along y adds −k̇ × Ω to the velocity along x; charge −e and F = −eE give σ^{xy}."""
    model = massive_dirac(5.0)
    h = model.hamiltonian
    k, force, dt, steps = np.array([0.004, -0.01]), 1e-4, 0.002, 4000
    bands = solve_bands(model, k, 2)
    state = bands.states[0, :, 0]
    # Turn the force on slowly, so that the state follows, and average over the last periods.
    rate = force * np.clip(np.arange(steps) / (steps / 2), 0, 1)
    extra = []
    for f in rate:
        k = k + np.array([0.0, f * dt])
        energies, vectors = np.linalg.eigh(h(k))
        state = vectors @ (np.exp(-1j * energies * dt) * (vectors.conj().T @ state))
        velocity = (state.conj() @ model.gradient[0] @ state).real
        static = (vectors[:, 0].conj() @ model.gradient[0] @ vectors[:, 0]).real
        extra.append((velocity - static) / force)
    curvature = solve_bands(model, k, 2).berry_curvature()[0, 0]
    assert np.mean(extra[-1000:]) == pytest.approx(-curvature, rel=0.05)


@pytest.mark.parametrize(("first", "last", "expected"), [(-1, -1, -1), (0, 0, 1), (-2, -2, 0)])
def test_valley_chern_numbers(first, last, expected):
    assert valley_chern_number(MODEL, first, last, mesh=9) == pytest.approx(expected, abs=1e-9)


def test_chern_number_of_the_other_valley_is_opposite():
    assert valley_chern_number(MODEL.other_valley(), -1, -1, mesh=9) == pytest.approx(1, abs=1e-9)


def test_nonlocal_resistance_by_hand():
    value = nonlocal_resistance(0.5, 2.0, 4.0, 1.0, 3.0, length=2000, width=500, valley_length=1000)
    by_hand = RESISTANCE_QUANTUM_OHM * 4 * 0.5 / 8 * 0.5 * 0.75 * math.exp(-2)
    assert value == pytest.approx(by_hand, rel=1e-12)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: valley_chern_number(MODEL, 1, 0), "first must not exceed last"),
        (lambda: dirac_hall_conductivity([0.0], 0.0), "mass must not be 0"),
        (lambda: nonlocal_resistance(1, 0.0, 1, 1, 1), "conductivity1 must be > 0"),
        (lambda: nonlocal_resistance(1, 1.0, 1, 1, 1, length=-1.0), "length must be ≥ 0"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call()


def test_primary_mass_is_half_the_gap_and_changes_sign_on_the_other_face():
    middle, mass = primary_mass(MODEL)
    bands = solve_bands(MODEL, [0.0, 0.0], 2).energies[0]
    assert middle == pytest.approx(bands.mean())
    assert abs(mass) == pytest.approx(np.ptp(bands) / 2)
    assert primary_mass(MODEL.inverted())[1] == pytest.approx(-mass)
