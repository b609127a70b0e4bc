import numpy as np
import pytest

from moirelib import StrainedTBG, intervalley_rates
from moirelib.switching.contours import fermi_energy, pocket_contour, remaining_share
from moirelib.switching.scattering import solve_four_pockets


def lines(model, ratio=0.05, points=48, valley=1):
    k_f = ratio * model.moire_wavevector
    mu = fermi_energy(model, k_f, points)
    return k_f, mu, [pocket_contour(model, mu, points, layer, valley) for layer in (1, 2)]


def delta(model, ratio=0.05, **options):
    constant = options.pop("isotropic_intralayer", False)
    rates = intervalley_rates(model, ratio * model.moire_wavevector, 48, **options)
    return solve_four_pockets(rates, isotropic_intralayer=constant).valley_density_difference


def test_samples_lie_on_one_energy_and_hold_the_electrons_of_the_circles():
    model = StrainedTBG.from_ratios(strain_over_twist=0.2, tunnelling_ratio=0.1)
    k_f, mu, pockets = lines(model)
    for line in pockets:
        np.testing.assert_allclose(line.state.energies, mu, rtol=1e-13)
    areas = [line.area for line in pockets]
    assert sum(areas) == pytest.approx(2 * np.pi * k_f**2, rel=1e-9)


def test_density_of_states_is_the_slope_of_the_area():
    model = StrainedTBG.from_ratios(strain_over_twist=0.2, tunnelling_ratio=0.1)
    _, mu, _ = lines(model)
    step = 1e-6 * mu
    above, below = (pocket_contour(model, mu + s, 48) for s in (step, -step))
    slope = (above.area - below.area) / (2 * step) / (4 * np.pi**2)
    assert pocket_contour(model, mu, 48).density_of_states == pytest.approx(slope, rel=1e-5)


def test_velocities_are_the_slope_of_the_energy():
    model = StrainedTBG.from_ratios(strain_over_twist=0.2, tunnelling_ratio=0.1)
    _, _, (line, _) = lines(model)
    step = 1e-4 * model.moire_wavevector
    for axis in np.eye(2):
        up, down = (
            np.linalg.eigvalsh(model.hamiltonian(line.state.wavevectors + s * step * axis))[:, 4]
            for s in (1, -1)
        )
        slope = (up - down) / (2 * step)
        assert np.abs(line.velocities @ axis - slope).max() < 1e-5 * np.abs(line.velocities).max()


def test_without_tunnelling_the_lines_are_circles_around_the_dirac_points():
    model = StrainedTBG.from_ratios(strain_over_twist=0.3, tunnelling_ratio=0.0)
    k_f, _, pockets = lines(model)
    for line in pockets:
        np.testing.assert_allclose(np.hypot(*line.state.wavevectors.T), k_f, rtol=1e-7)


def test_the_other_valley_is_the_time_reverse():
    model = StrainedTBG.from_ratios(strain_over_twist=0.2, tunnelling_ratio=0.1)
    _, mu, (line, _) = lines(model)
    other = pocket_contour(model, mu, 48, valley=-1)
    reverse = line.fermi_pocket().time_reversed()
    np.testing.assert_allclose(other.weights, reverse.weights, rtol=1e-9)
    size = np.abs(reverse.velocities).max()
    np.testing.assert_allclose(other.velocities, reverse.velocities, atol=1e-9 * size)
    np.testing.assert_allclose(other.state.wavevectors, -line.state.wavevectors, atol=1e-9)


def test_a_threefold_axis_leaves_nothing():
    model = StrainedTBG.from_ratios(tunnelling_ratio=0.3, velocity_q_over_mass=0.5)
    for constant in (True, False):
        assert np.abs(delta(model, isotropic_intralayer=constant)).max() < 1e-11


def test_circles_miss_terms_of_order_t_squared():
    misses = []
    for t in (2e-3, 1e-3):
        model = StrainedTBG.from_ratios(strain_over_twist=0.02, tunnelling_ratio=t)
        true = delta(model, isotropic_intralayer=True)
        circles = delta(model, contour="circles", isotropic_intralayer=True)
        misses.append(np.hypot(*(true - circles)) / np.hypot(*circles))
    assert misses[1] < 1e-4
    assert np.log2(misses[0] / misses[1]) == pytest.approx(2, abs=0.1)


@pytest.mark.parametrize("ratio", [0.1, 1.0, 4.0, 13.0])
def test_what_equal_impurities_leave(ratio: float):
    model = StrainedTBG.from_ratios(
        strain_over_twist=0.02,
        tunnelling_ratio=0.00125 / max(ratio, 1) ** 2,
        velocity_q_over_mass=ratio,
        twist_degrees=1e-3,
    )
    k_f = 0.02 / max(ratio, 1)
    full, paper = delta(model, k_f), delta(model, k_f, isotropic_intralayer=True)
    assert full @ paper / (paper @ paper) == pytest.approx(remaining_share(ratio), rel=0.01)
    assert remaining_share(1e-3) == pytest.approx(-1e-6 / 8, rel=1e-6)


def test_samples_converge_exponentially():
    model = StrainedTBG.from_ratios(strain_over_twist=0.3)
    k_f = 0.05 * model.moire_wavevector
    few, many = (
        solve_four_pockets(intervalley_rates(model, k_f, n)).valley_density_difference
        for n in (40, 80)
    )
    np.testing.assert_allclose(few, many, atol=1e-8 * np.abs(many).max() + 1e-14)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"energy": 1.0}, "energy must lie above the bottom of the pocket"),
        ({"energy": 1e4}, "is not closed around the pocket"),
        ({"points": 3}, "points must be ≥ 4"),
        ({"points": 5}, "points must resolve the line of layer 1, got 5"),
        ({"layer": 3}, "layer must be one of 1, 2"),
    ],
)
def test_bad_input_is_refused(change, message):
    model = StrainedTBG(strain=0.003)
    mu = fermi_energy(model, 0.05 * model.moire_wavevector)
    with pytest.raises(ValueError, match=message):
        pocket_contour(**({"model": model, "energy": mu} | change))
