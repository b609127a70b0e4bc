import numpy as np
import pytest

from moirelib import StrainedTBG
from moirelib.models.strained_hopping import (
    GRAPHENE_SLOPE,
    cone_stretch,
    gauge_shift,
    strained_dirac_point,
)
from moirelib.switching.scattering import density_slope, slope_prefactor

A = 0.246
STRAIN = np.array([[1.0, 0.4], [0.4, -0.3]]) * 1e-4
CORNER = np.array([4 * np.pi / (3 * A), 0.0])


def test_without_strain_the_dirac_point_is_the_corner():
    np.testing.assert_allclose(
        strained_dirac_point(np.zeros((2, 2)), GRAPHENE_SLOPE, A), CORNER, atol=1e-12
    )


def test_an_equal_stretch_in_all_directions_shifts_nothing_but_the_scale():
    stretch = 1e-3 * np.eye(2)
    np.testing.assert_allclose(gauge_shift(stretch, GRAPHENE_SLOPE, A), 0, atol=1e-15)
    found = strained_dirac_point(stretch, GRAPHENE_SLOPE, A)
    np.testing.assert_allclose(found, CORNER / 1.001, atol=1e-12)


@pytest.mark.parametrize("turn", [0.0, 2 * np.pi / 3, 4 * np.pi / 3])
def test_all_equivalent_corners_move_by_the_same_shift(turn):
    corner = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]) @ CORNER
    up, down = (strained_dirac_point(s * STRAIN, GRAPHENE_SLOPE, A, corner) for s in (1, -1))
    shift = gauge_shift(STRAIN, GRAPHENE_SLOPE, A)
    np.testing.assert_allclose(
        (up - down) / 2, shift - STRAIN @ corner, atol=1e-5 * np.hypot(*shift)
    )


@pytest.mark.parametrize("slope", [0.0, GRAPHENE_SLOPE])
def test_the_cone_is_stretched_by_the_bonds_and_by_the_hopping(slope):
    np.testing.assert_allclose(cone_stretch(np.zeros((2, 2)), slope, A), np.eye(2), atol=1e-12)
    up, down = (cone_stretch(s * STRAIN, slope, A) for s in (1, -1))
    np.testing.assert_allclose((up - down) / 2, (1 - slope) * STRAIN, atol=1e-9)


def test_the_bilayer_adds_the_shift_to_all_three_vectors():
    plain = StrainedTBG(strain=0.003)
    with_hopping = StrainedTBG(strain=0.003, hopping_slope=GRAPHENE_SLOPE)
    shift = gauge_shift(plain.strain_tensor, GRAPHENE_SLOPE, plain.lattice_constant)
    np.testing.assert_allclose(with_hopping.q_vectors - plain.q_vectors, np.tile(shift, (3, 1)))
    np.testing.assert_allclose(with_hopping.reciprocal_vectors, plain.reciprocal_vectors)
    unstrained = StrainedTBG(hopping_slope=GRAPHENE_SLOPE)
    np.testing.assert_array_equal(unstrained.q_vectors, StrainedTBG().q_vectors)


def test_the_line_of_eq_19_knows_the_slope_of_the_hopping():
    assert slope_prefactor() == 1.5
    model = StrainedTBG(strain=0.003, hopping_slope=GRAPHENE_SLOPE)
    plain = StrainedTBG(strain=0.003)
    ratio = density_slope(model, 0.01) / density_slope(plain, 0.01)
    np.testing.assert_allclose(ratio, 1 + np.sqrt(3) * GRAPHENE_SLOPE / (4 * np.pi))


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="lattice_constant must be > 0"):
        gauge_shift(STRAIN, GRAPHENE_SLOPE, 0.0)
    with pytest.raises(ValueError, match="hopping_slope must be finite"):
        StrainedTBG(hopping_slope=float("nan"))
