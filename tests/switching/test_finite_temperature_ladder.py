import numpy as np
import pytest

from moirelib.switching.finite_temperature_ladder import DisorderedBand

MU = -1.0


def square(size=16, **fields):
    angle = 2 * np.pi * np.arange(size) / size
    return DisorderedBand(
        -2 * (np.cos(angle)[:, None] + np.cos(angle)), **({"intra": 1.0} | fields)
    )


@pytest.fixture(scope="module")
def band():
    return square(nodes=800)


@pytest.mark.parametrize("kT", [0.10, 0.12, 0.14])
def test_a_conserved_density_does_not_respond_and_its_static_limit_is_the_density_of_states(
    band, kT
):
    energy = np.arange(*band.ends, kT / 8)
    nu = band.thermal_average(band.density_of_states(energy), energy, MU, kT)
    assert abs(band.polarisation((0, 0), 0.3, MU, kT)) < 1e-12 * nu
    assert band.polarisation((0, 0), 0.0, MU, kT).real == pytest.approx(nu, rel=1e-7)


def test_the_bubble_alone_does_not_conserve(band):
    nu = float(band.density_of_states(np.array([MU]))[0])
    assert abs(band.polarisation((0, 0), 0.3, MU, 0.12, corrections=False)) > 0.5 * nu


@pytest.mark.parametrize("inter", [0.0, 0.4])
def test_the_band_holds_one_electron_per_site(inter):
    band = square(inter=inter, nodes=100)
    energy = np.linspace(*band.ends, 4001)
    assert np.trapezoid(band.density_of_states(energy), energy) == pytest.approx(1, rel=1e-3)


def test_exchange_between_the_valleys_relaxes_the_difference_only():
    leaking = square(intra=0.7, inter=0.3, nodes=800)
    nu = float(leaking.density_of_states(np.array([MU]))[0])
    even = leaking.polarisation((0, 0), 0.3, MU, 0.14, odd=False)
    difference = leaking.polarisation((0, 0), 0.3, MU, 0.14)
    assert abs(even) < 1e-12 * nu
    assert abs(difference) > 0.3 * nu


def test_the_self_energy_is_retarded_and_self_consistent():
    band = square(nodes=100)
    z = np.array([0.3, -2.0, 1.0 + 0.5j])
    sigma = band.self_energy(z)
    assert (sigma.imag < 0).all()
    mesh = np.asarray(band.band).ravel()
    np.testing.assert_allclose(sigma, (1 / (z[:, None] - mesh - sigma[:, None])).mean(1), rtol=1e-9)


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="band must be a square mesh"):
        DisorderedBand(np.zeros((3, 4)), 1.0)
    with pytest.raises(ValueError, match="intra must be > 0"):
        square(intra=0.0)
    with pytest.raises(ValueError, match="omega must be ≥ 0"):
        square().polarisation((0, 0), -0.1, MU, 0.1)
