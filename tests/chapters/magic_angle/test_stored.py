"""What the pages and figures read of the stored sweep."""

from __future__ import annotations

import math

import numpy as np
import pytest

from moirelib.chapters.magic_angle import data
from moirelib.chapters.magic_angle.data import stored


def test_the_file_holds_the_points_of_the_sweep() -> None:
    assert list(data.results()) == data.points()
    assert len(set(data.points())) == len(data.points())
    rows = np.array(list(data.results().values()))
    assert rows.shape == (len(data.points()), len(data.RATES), 8)
    assert np.isfinite(rows).all()
    # ν and the speed do not depend on the rates, and are positive.
    np.testing.assert_allclose(rows[:, :, 6:], rows[:, :1, 6:].repeat(3, axis=1))
    assert rows[:, :, 6:].min() > 0


@pytest.mark.parametrize("rates", range(3))
def test_conductivities_are_symmetric_and_positive(rates: int) -> None:
    for row in data.results().values():
        current = data.as_response(row[rates]).current
        np.testing.assert_allclose(current, current.T, rtol=1e-6, atol=1e-9 * current.max())
        assert np.linalg.eigvalsh(current).min() > 0


def test_a_stored_point_is_the_numbers_of_a_point() -> None:
    small = data.Point(2.0, 0.003, 15.0, 0.5, data.STAGES[1], mesh=4, nodes=2, cutoff=1.0)
    assert stored.as_numbers(small) == (2.0, 0.003, 15.0, 0.5, 1.0, 0.6, 4.0, 2.0, 1.0)
    np.testing.assert_array_equal(
        stored.responses_at(stored.as_numbers(small)), data.responses(small)
    )


def test_stages_switch_on_one_thing_after_the_other() -> None:
    models = [data.bilayer(1.05, 0.003, stage=stage) for stage in data.STAGES]
    assert [m.tunnelling[0] == m.tunnelling[1] for m in models] == [True, False, False, False]
    assert [m.hopping_slope > 0 for m in models] == [False, False, True, True]
    assert [m.anisotropic_cones for m in models] == [False, False, False, True]


def test_the_factors_make_the_enhancement() -> None:
    found = data.against_twist()
    product = found.inverse_twist * found.velocity * found.coefficient
    np.testing.assert_allclose(found.by_strain[-1], product, rtol=1e-9)
    np.testing.assert_allclose(found.rates[0], found.by_strain[-1])
    np.testing.assert_allclose(
        found.stages[-1], found.by_strain[-1][np.isin(found.twist_degrees, found.staged)]
    )
    np.testing.assert_allclose(found.coefficients[-1], found.coefficient)
    for strain, row in zip(found.strains[1:], found.by_strain[1:], strict=True):
        turn = data.in_turn(strain)
        factors = turn.velocity * turn.coefficient / math.radians(data.MAGIC)
        np.testing.assert_allclose(turn.enhancement, factors, rtol=1e-9)
        assert turn.enhancement[-1] == row[found.twist_degrees == data.MAGIC]


def test_density_and_current_are_inverse() -> None:
    """Δn₀ = F ε j/(e v_D), from constants written out."""
    point = data.Point(data.MAGIC, 3e-3)
    found = data.response(point)
    expected = data.enhancement(point, found) * 3e-3 * 1e-3 / (1.602176634e-19 * 0.798e6)
    assert data.density_at(found) == pytest.approx(expected, rel=1e-9)
    back = data.current_for(found, np.array(expected * 1e-18))
    assert float(back) == pytest.approx(1e-3)
    assert data.coefficient(point, found) == pytest.approx(
        math.hypot(*found.delta) * math.radians(1.05) / 3e-3
    )


def test_electrons_drift_at_j_over_ne() -> None:
    """Three electrons in a cell of (√3/2)(a/2 sin(θ/2))², from constants written out."""
    period = 0.246e-9 / (2 * math.sin(math.radians(1.05) / 2))
    density = 3 / (math.sqrt(3) / 2 * period**2)
    assert data.drift_speed(62.0, 0.0) == pytest.approx(62 / (1.602176634e-19 * density), rel=1e-2)


def test_the_flat_bands_hold_two_bands_of_both_spins() -> None:
    band = data.flat_bands(3e-3)
    cell = data.bilayer(data.MAGIC, 3e-3).lattice.cell_area
    assert band.states * cell == pytest.approx(4, rel=1e-6)
    order = data.order_at(3e-3, 0.5)
    assert order.critical_temperature == pytest.approx(9.0 * 0.0861733, rel=1e-4)
    assert float(band.density(order.chemical_potential, 0.0)) * cell == pytest.approx(3.5)


def test_reversal_follows_the_coercive_density() -> None:
    found = data.switching_diagram(3e-3, count=3)
    for i, row in enumerate(found.reversal):
        per_current = data.density_at(data.response(data.Point(data.MAGIC, 3e-3), i), 1.0)
        np.testing.assert_allclose(row, found.coercive / per_current)
    assert (np.diff(found.reversal, axis=1) < 0).all()
    near = data.critical_distance(3e-3)
    assert 0 < near < 0.5
