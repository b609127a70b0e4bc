import numpy as np
import pytest

from moirelib import StrainedTBG, intervalley_rates
from moirelib.switching.fermi_pockets import FermiPocket, FirstHarmonicRates
from moirelib.switching.scattering import (
    IntervalleyRates,
    density_slope,
    four_pocket_balance,
    perturbative_rates,
    solve_four_pockets,
)


def model(**ratios):
    built = StrainedTBG.from_ratios(**ratios)
    return built, 0.05 * built.moire_wavevector


def test_average_over_the_cell_equals_the_random_phases_between_the_layers():
    bilayer, k_f = model(strain_over_twist=0.3)
    for disorder in (((1, 1), (1, 1)), ((0, 0), (1, 0)), ((0.2, 0.1), (0.5, 0.7))):
        cell = intervalley_rates(bilayer, k_f, 16, disorder=disorder)
        random = intervalley_rates(bilayer, k_f, 16, disorder=disorder, average="random phases")
        np.testing.assert_allclose(cell.interlayer, random.interlayer, rtol=1e-12)
    # Within a layer two tunnelled components can interfere: a difference of order t⁴.
    assert 0 < np.abs(cell.layer1 - random.layer1).max() < 20 * 0.1**4


def test_rates_agree_with_amplitudes_at_random_positions():
    """|ψ'†Vψ|² with explicit wave functions, averaged over positions by Monte Carlo."""
    bilayer, k_f = model(strain_over_twist=0.3)
    rng = np.random.default_rng(0)
    phases = 2 * np.pi * rng.uniform(size=(4000, 2))
    wave = np.exp(1j * np.column_stack([np.zeros(4000), phases]))
    initial = bilayer.pocket_state(k_f, 8, layer=1, valley=1).amplitudes[3]
    final = bilayer.pocket_state(k_f, 8, layer=2, valley=-1).amplitudes[6]
    share = [[0.1, 0.2], [0.3, 0.4]]
    rate = 0.0
    for sublattice in (0, 1):
        # Layer 1: main component of the initial, tunnelled ones of the final state, and vice versa.
        in_1 = np.conj(wave @ final[1:, sublattice]) * initial[0, sublattice]
        in_2 = np.conj(final[0, sublattice]) * (wave @ initial[1:, sublattice])
        rate += share[0][sublattice] * np.mean(np.abs(in_1) ** 2)
        rate += share[1][sublattice] * np.mean(np.abs(in_2) ** 2)
    circles = intervalley_rates(bilayer, k_f, 8, disorder=share, contour="circles")
    exact = circles.interlayer[6, 3]
    assert rate == pytest.approx(exact, rel=0.05)


def test_perturbative_coefficients_by_halving_every_small_parameter():
    for degrees in (0.0, 45.0, 17.2):
        errors = []
        for h in (1.0, 0.5):
            bilayer = StrainedTBG.from_ratios(
                strain_over_twist=2e-3 * h**2,
                tunnelling_ratio=0.01 * h,
                velocity_q_over_mass=0.1 * h,
                twist_degrees=1e-6,
                strain_degrees=degrees,
            )
            k_f = 2e-2 * h * bilayer.moire_wavevector
            circles = intervalley_rates(bilayer, k_f, 16, contour="circles")
            numerical = circles.first_harmonics()
            analytic = perturbative_rates(bilayer, k_f)
            size = 0.5 * np.hypot(*analytic.a) + 0.5 * np.hypot(*analytic.a_prime)
            errors.append(
                max(
                    np.abs(numerical[0] - analytic.a_prime).max(),
                    np.abs(numerical[1] - analytic.a).max(),
                )
                / size
            )
        assert errors[0] < 0.02
        assert errors[1] < 0.3 * errors[0]


def test_no_strain_no_valley_density():
    bilayer, k_f = model()
    rates = intervalley_rates(bilayer, k_f)
    for isotropic in (True, False):
        solution = solve_four_pockets(rates, isotropic_intralayer=isotropic)
        assert np.abs(solution.valley_density_difference).max() < 1e-12


def test_four_pocket_balance_is_exact_for_slow_scattering_and_to_first_order_for_any():
    t = 2 * np.pi * np.arange(48) / 48
    errors = []
    for size, tau_prime in ((1.0, 1e6), (1.0, 1.0), (0.5, 1.0)):
        rates = FirstHarmonicRates((0.4 * size, 0.1 * size), (-0.2 * size, 0.3 * size))
        w = 0.7 * rates(t[:, None], t[None, :])
        one = np.ones_like(w)
        pockets = tuple(FermiPocket.circle(valley, 48) for valley in (1, 1, -1, -1))
        given = IntervalleyRates(pockets, one, one, w)
        solved = solve_four_pockets(given, tau_prime=tau_prime).valley_density_difference
        expected = four_pocket_balance(rates, 0.7)
        errors.append(np.hypot(*(solved - expected)) / np.hypot(*expected))
    assert errors[0] < 1e-6
    assert np.log2(errors[1] / errors[2]) == pytest.approx(2, abs=0.05)


def test_slope_of_the_full_numerics_is_three_halves():
    bilayer = StrainedTBG.from_ratios(
        strain_over_twist=1e-4,
        tunnelling_ratio=1e-3,
        velocity_q_over_mass=0.02,
        twist_degrees=1e-5,
    )
    k_f = 1e-2 * bilayer.moire_wavevector
    rates = intervalley_rates(bilayer, k_f, 32)
    solved = solve_four_pockets(
        rates, ratio=0.1, isotropic_intralayer=True
    ).valley_density_difference
    np.testing.assert_allclose(-solved * 1.1 / 0.1, density_slope(bilayer, k_f, 1.5), rtol=2e-3)


def test_equal_disorder_everywhere_cancels_the_leading_effect_on_circles():
    """Every state leaves at a rate set by its sublattice weights alone: the layers drop out."""
    size = []
    for t in (0.04, 0.02):
        bilayer, k_f = model(strain_over_twist=0.1, tunnelling_ratio=t)
        rates = intervalley_rates(bilayer, k_f, contour="circles")
        r = rates.ratio
        full = solve_four_pockets(rates).valley_density_difference
        size.append(np.hypot(*full) * (1 + r) / r / np.hypot(*density_slope(bilayer, k_f)))
    assert size[0] < 2e-3
    assert np.log2(size[0] / size[1]) == pytest.approx(2, abs=0.15)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"disorder": [1, 1]}, "disorder must be four numbers ≥ 0"),
        ({"disorder": [[1, 1], [1, -1]]}, "disorder must be four numbers ≥ 0"),
        ({"disorder": np.zeros((2, 2))}, "not all zero"),
        ({"disorder": [[np.nan, 1], [1, 1]]}, "disorder must be finite"),
        ({"average": "none"}, "average must be one of 'cell', 'random phases'"),
        ({"contour": "ellipses"}, "contour must be one of 'true', 'circles'"),
        ({"points": 2}, "points must be ≥ 4"),
        ({"fermi_wavevector": 0.25}, "would merge"),
    ],
)
def test_bad_input_is_refused(change, message):
    with pytest.raises(ValueError, match=message):
        intervalley_rates(**({"model": StrainedTBG(), "fermi_wavevector": 0.01} | change))


def test_a_ratio_must_not_be_negative():
    rates = intervalley_rates(StrainedTBG(), 0.01, 16)
    with pytest.raises(ValueError, match="ratio must be ≥ 0"):
        rates.blocks(ratio=-0.1)
    with pytest.raises(ValueError, match="ratio must be ≥ 0"):
        four_pocket_balance(FirstHarmonicRates((0.1, 0), (0.1, 0)), -1.0)
