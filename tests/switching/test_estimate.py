import numpy as np
import pytest
from scipy import constants as si

from moirelib import ValleyOrderParameter
from moirelib.switching.estimate import (
    HeatedStrip,
    critical_droplet,
    current_per_width,
    distance_to_transition,
    nanoampere,
    source_as_shift,
)


def order(kT):
    return ValleyOrderParameter(
        lambda e: 1e-3 * np.exp(-0.5 * (e / 3) ** 2),
        1100.0,
        kT,
        fixed="chemical potential",
        energies=(-24.0, 24.0),
    )


CRITICAL = order(0.0).critical_temperature


def test_units_of_the_current():
    # 10¹⁵ m⁻² of electrons at 10⁵ m/s with δ = 1.
    assert current_per_width(1e-3, 1e5, 1.0) == pytest.approx(1e15 * si.e * 1e5)
    assert current_per_width(1e-3, 1e5, 0.5) == pytest.approx(2e15 * si.e * 1e5)
    assert nanoampere(1e-3, 1.0) == pytest.approx(1.0)


def test_heating_current_warms_to_the_temperature_it_is_named_for():
    strip = HeatedStrip(length=3.0, resistivity=2e4)
    current = strip.heating_current(4.0, 9.0)
    assert strip.hottest(current, 4.0) == pytest.approx(9.0)
    assert strip.hottest(0.0, 4.0) == 4.0
    assert HeatedStrip(length=6.0, resistivity=2e4).heating_current(4.0, 9.0) < current


def test_distance_to_the_transition_inverts_the_coercive_density():
    wanted = order(0.99 * CRITICAL).coercive_density
    found = distance_to_transition(lambda t: order(t), wanted, CRITICAL)
    assert found == pytest.approx(0.01, rel=1e-4)


def test_a_source_that_shifts_potentials_needs_more_by_the_enhancement():
    one = order(0.8 * CRITICAL)
    factor = one.interaction * float(one.susceptibility(0.0)) / 2
    assert source_as_shift(one) / one.coercive_density == pytest.approx(factor, rel=1e-6)


def test_the_droplet_is_the_top_of_its_energy():
    u, a2, a4, source, xi = 2.0, 0.1, -0.4, 1e-3, 5.0
    drop = critical_droplet(u, a2, a4, source, xi)
    phi = np.sqrt(-a2 / a4)
    tension = u / 2 * (2 * np.sqrt(2) / 3) * np.sqrt(a2) * xi * phi**2
    radius = drop.radius * np.linspace(0.5, 1.5, 2001)
    energy = 2 * np.pi * radius * tension - np.pi * radius**2 * u * source * phi
    assert radius[energy.argmax()] == pytest.approx(drop.radius, rel=1e-3)
    assert energy.max() == pytest.approx(drop.barrier, rel=1e-6)
    assert critical_droplet(u, a2, a4, source / 2, xi).radius == pytest.approx(2 * drop.radius)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: current_per_width(1e-3, 1.0, 0.2), "fermi_velocity must be between"),
        (lambda: current_per_width(1e-3, 1e5, 0.0), "delta must be > 0"),
        (lambda: nanoampere(1e-3, -1.0), "width must be > 0"),
        (lambda: HeatedStrip(length=0.0), "length must be > 0"),
        (lambda: HeatedStrip(resistivity=-1.0), "resistivity must be > 0"),
    ],
)
def test_bad_input_is_refused(call, message):
    with pytest.raises(ValueError, match=message):
        call()
