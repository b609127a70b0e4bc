import dataclasses

import numpy as np
import pytest

from moirelib import StrainedTBG
from moirelib.models import ContinuumTBG
from moirelib.switching import (
    INTRAVALLEY,
    fermi_energy,
    fermi_level,
    intervalley_rates,
    layer_form_factors,
    point_rates,
    smooth_rates,
    solve_four_pockets,
    thermal_valley_response,
    triangle_contour,
    valley_contour,
    valley_response,
)

MODEL = ContinuumTBG(twist_degrees=1.4, strain=0.003, strain_degrees=20.0, cutoff=2.7)


@pytest.fixture(scope="module")
def contour():
    return valley_contour(MODEL, fermi_level(MODEL, 0.75, mesh=18), points=48, mesh=18)


def every_pair(model):
    reach = int(np.ptp(model.plane_waves, axis=0).max())
    side = np.arange(-reach, reach + 1)
    return np.stack(np.meshgrid(side, side, indexing="ij"), axis=-1).reshape(-1, 2)


def test_rates_from_densities_are_those_from_form_factors(contour):
    share = np.array([0.1, 0.2, 0.3, 0.4])
    factors = layer_form_factors(contour, every_pair(MODEL))
    summed = np.einsum("o,gon,gom->nm", share, factors.conj(), factors, optimize=True)
    assert np.abs(summed.imag).max() < 1e-12
    np.testing.assert_allclose(point_rates(contour, share), summed.real, atol=1e-12)


def test_form_factors_at_zero_are_weights(contour):
    weights = layer_form_factors(contour, [[0, 0]])[0]
    np.testing.assert_allclose(weights.T, contour.site_densities().mean(-1), atol=1e-12)
    np.testing.assert_allclose(weights.sum(axis=0), 1, atol=1e-12)


def test_rates_are_symmetric_and_positive(contour):
    for rates in (point_rates(contour), smooth_rates(contour)):
        np.testing.assert_allclose(rates, rates.T, atol=1e-12)
        assert rates.min() >= 0
    # The diagonal of Λ is at least its share at G = 0, which is 1.
    assert np.diag(smooth_rates(contour)).min() >= 1 - 1e-12


@pytest.mark.parametrize("intravalley", INTRAVALLEY)
def test_charge_is_conserved_to_round_off(contour, intravalley):
    """A field moves electrons from one valley to the other, and makes none."""
    from moirelib import solve_boltzmann

    pocket = contour.pocket()
    between = point_rates(contour)
    solved = solve_boltzmann(
        {(0, 0): smooth_rates(contour), (1, 1): smooth_rates(contour), (1, 0): between},
        field=np.eye(2),
        pockets=(pocket, pocket.time_reversed()),
    )
    densities = solved.pocket_densities
    assert np.abs(densities.sum(-1)).max() < 1e-12 * np.abs(densities).max()
    response = valley_response(contour, intravalley=intravalley)
    np.testing.assert_allclose(response.current, response.current.T, rtol=1e-9, atol=1e-12)
    assert np.linalg.eigvalsh(response.current).min() > 0


def test_rates_at_random_phases_are_left_at_weak_tunnelling():
    """Ying below B12: the harmonics G ≠ 0 of the product are smaller by t²."""
    missed = []
    for t in (0.04, 0.02):
        weak = StrainedTBG.from_ratios(
            strain_over_twist=0.2, tunnelling_ratio=t, velocity_q_over_mass=0.3
        )
        mu = fermi_energy(weak, 0.1 * weak.moire_wavevector, 24)
        full = ContinuumTBG.of_weak_coupling(weak, cutoff=1.2)
        line = valley_contour(full, mu, points=24, mesh=36)
        weights = line.site_densities().mean(-1)
        random = weights @ weights.T / 4
        across = np.ix_(line.lines == 0, line.lines == 1)
        missed.append(np.abs(point_rates(line)[across] / random[across] - 1).max())
    assert missed[0] < 0.01
    assert missed[0] / missed[1] == pytest.approx(4, rel=0.05)


def test_part_two_is_the_limit_of_weak_tunnelling():
    misses = []
    for t in (0.025, 0.0125):
        weak = StrainedTBG.from_ratios(
            strain_over_twist=0.2, tunnelling_ratio=t, velocity_q_over_mass=0.3
        )
        k_f = 0.1 * weak.moire_wavevector
        expected = solve_four_pockets(intervalley_rates(weak, k_f, 32)).valley_density_difference
        full = ContinuumTBG.of_weak_coupling(weak, cutoff=1.6)
        line = valley_contour(full, fermi_energy(weak, k_f, 32), points=32, mesh=36)
        found = valley_response(line, intravalley="pocket").delta
        misses.append(np.linalg.norm(found - expected) / np.linalg.norm(expected))
    assert misses[1] < 0.02
    assert misses[0] / misses[1] == pytest.approx(4, rel=0.2)


@pytest.fixture(scope="module")
def strained():
    return valley_response(valley_contour(MODEL, 12.0, points=48, mesh=24), intravalley="smooth")


@pytest.mark.parametrize(
    "change",
    [{"strain": 0.0}, {"poisson_ratio": -1.0}],
    ids=str,
)
def test_a_threefold_axis_forbids_it(change, strained):
    model = dataclasses.replace(MODEL, **change)
    response = valley_response(
        valley_contour(model, 12.0, points=48, mesh=24), intravalley="smooth"
    )
    # Truncated plane waves leave jumps where a line crosses the boundary of the zone.
    assert np.abs(response.delta).max() < 1e-5
    assert np.linalg.norm(strained.delta) > 1e-2


def test_turning_strain_and_current_by_120_degrees_changes_nothing():
    turned = dataclasses.replace(MODEL, strain_degrees=140.0)
    deltas = []
    for model in (MODEL, turned):
        line = valley_contour(model, 25.0, points=48, mesh=18)
        deltas.append(valley_response(line).delta)
    angle = 2 * np.pi / 3
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    np.testing.assert_allclose(deltas[1], turn @ deltas[0], atol=2e-3 * np.linalg.norm(deltas[0]))


def test_both_contours_give_one_answer(contour):
    edges = triangle_contour(MODEL, contour.mu, 24)
    assert edges is not None
    for intravalley in ("constant", "smooth", "point"):
        one, other = (
            valley_response(line, intravalley=intravalley).per_current for line in (contour, edges)
        )
        assert np.linalg.norm(one - other) < 0.03 * np.linalg.norm(one)


def test_the_mean_over_temperature_starts_at_the_contour():
    mu = fermi_level(MODEL, 0.75, mesh=12)
    cold = thermal_valley_response(MODEL, mu, 0.0, mesh=12)
    edges = triangle_contour(MODEL, mu, 12)
    assert edges is not None
    np.testing.assert_allclose(cold.per_current, valley_response(edges).per_current)
    warm = thermal_valley_response(MODEL, mu, 0.05, nodes=4, mesh=12)
    np.testing.assert_allclose(warm.per_current, cold.per_current, rtol=0.1, atol=1e-4)


def test_refusals(contour):
    with pytest.raises(ValueError, match="disorder"):
        point_rates(contour, [1.0, 1.0])
    with pytest.raises(ValueError, match="intravalley"):
        valley_response(contour, intravalley="phonons")
    with pytest.raises(ValueError, match="strength"):
        valley_response(contour, strength=0.0)
    with pytest.raises(ValueError, match="gap"):
        thermal_valley_response(
            ContinuumTBG(masses=(60.0, 60.0), cutoff=1.0, twist_degrees=2.0), 0.0, 0.0, mesh=6
        )
