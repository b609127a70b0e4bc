import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moirelib.bands import MoireLattice, ObliqueLattice

VECTORS = np.array([[0.52, -0.1], [-0.31, 0.44]])
LATTICE = ObliqueLattice.spanned_by(VECTORS)


def test_it_is_spanned_by_its_vectors():
    np.testing.assert_allclose(LATTICE.reciprocal_vectors, VECTORS, atol=1e-15)
    np.testing.assert_allclose(
        LATTICE.primitive_vectors @ VECTORS.T, 2 * math.pi * np.eye(2), atol=1e-12
    )
    assert LATTICE.zone_area == pytest.approx(np.linalg.det(VECTORS))
    assert LATTICE.cell_area == pytest.approx(np.linalg.det(LATTICE.primitive_vectors))


def test_a_turned_triangular_lattice_keeps_its_symmetry():
    turn = np.array([[math.cos(0.3), math.sin(0.3)], [-math.sin(0.3), math.cos(0.3)]])
    plain = MoireLattice(12.0)
    turned = ObliqueLattice.spanned_by(plain.reciprocal_vectors @ turn)
    assert turned.period == pytest.approx(12.0)
    assert len(turned.point_operations) == 6
    for op in turned.point_operations:
        np.testing.assert_allclose(
            turned.vectors(np.array([[1, 0], [0, 1]]) @ op.pairs.T),
            turned.reciprocal_vectors @ op.cartesian.T,
            atol=1e-12,
        )
    k = np.random.default_rng(1).normal(size=(20, 2))
    np.testing.assert_allclose(turned.fold(k @ turn)[0], plain.fold(k)[0] @ turn, atol=1e-12)
    assert len(turned.mesh(6, "C3v").points) == len(plain.mesh(6, "C3v").points)


def test_strain_leaves_the_identity_only():
    assert len(LATTICE.point_operations) == 1
    with pytest.raises(ValueError, match="symmetry must be"):
        LATTICE.mesh(6, "C3v")


@given(st.integers(0, 2**32 - 1))
@settings(max_examples=30)
def test_folding_splits_off_a_reciprocal_vector(seed):
    k = 3 * np.random.default_rng(seed).normal(size=(7, 2))
    folded, pairs = LATTICE.fold(k)
    np.testing.assert_allclose(folded + LATTICE.vectors(pairs), k, atol=1e-12)
    again, none = LATTICE.fold(folded)
    np.testing.assert_allclose(again, folded, atol=1e-12)
    assert not none.any()


def test_the_corners_enclose_one_zone():
    x, y = LATTICE.corners.T
    area = 0.5 * (x * np.roll(y, -1) - y * np.roll(x, -1)).sum()
    assert area == pytest.approx(LATTICE.zone_area)


@pytest.mark.parametrize(
    "vectors", [[[1.0, 0.0], [2.0, 0.0]], [[0.0, 1.0], [1.0, 0.0]], [[1.0, 0.0]]]
)
def test_vectors_that_span_nothing_are_refused(vectors):
    with pytest.raises(ValueError, match="vectors must"):
        ObliqueLattice.spanned_by(vectors)


def test_a_deformation_keeps_the_area():
    with pytest.raises(ValueError, match="determinant 1"):
        ObliqueLattice(10.0, ((2.0, 0.0), (0.0, 1.0)))
