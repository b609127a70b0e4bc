import math
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moirelib.bands.lattice import MoireLattice

LATTICE = MoireLattice(14.0)
numbers = st.floats(-20, 20, allow_nan=False)
small = settings(max_examples=50)


def test_reciprocal_and_primitive_vectors_are_dual():
    product = LATTICE.reciprocal_vectors @ LATTICE.primitive_vectors.T
    np.testing.assert_allclose(product, 2 * math.pi * np.eye(2), atol=1e-12)


def test_lengths_and_areas():
    lengths = np.linalg.norm(LATTICE.reciprocal_vectors, axis=1)
    np.testing.assert_allclose(lengths, LATTICE.reciprocal_length)
    np.testing.assert_allclose(np.linalg.norm(LATTICE.primitive_vectors, axis=1), LATTICE.period)
    assert LATTICE.zone_area == pytest.approx(abs(np.linalg.det(LATTICE.reciprocal_vectors)))
    # The hexagon with these corners has the area of the zone.
    x, y = LATTICE.corners.T
    area = 0.5 * np.sum(x * np.roll(y, -1) - np.roll(x, -1) * y)
    assert area == pytest.approx(LATTICE.zone_area)


def test_the_printed_vectors_are_120_degrees_apart():
    first, second = LATTICE.reciprocal_vectors
    assert first @ second / LATTICE.reciprocal_length**2 == pytest.approx(-0.5)


def test_corners_alternate_between_kappa_and_kappa_prime():
    for i, corner in enumerate(LATTICE.corners):
        difference = (corner - LATTICE.corners[i % 2]) @ np.linalg.inv(LATTICE.reciprocal_vectors)
        np.testing.assert_allclose(difference, np.round(difference), atol=1e-12)


def test_shells_are_orbits_of_equal_length():
    shells = LATTICE.shells(8)
    assert [len(s) for s in shells] == [1, 6, 6, 6, 12, 6, 6, 12]
    lengths = [np.linalg.norm(LATTICE.vectors(s), axis=1) for s in shells]
    assert all(np.ptp(one) < 1e-12 for one in lengths)
    assert all(np.diff([one[0] for one in lengths]) > 0)


@given(radius=st.floats(0.5, 5))
@small
def test_disc_holds_exactly_the_vectors_within(radius):
    inside = {tuple(p) for p in LATTICE.disc(radius).tolist()}
    for pair in LATTICE.box(8).tolist():
        length = np.linalg.norm(LATTICE.vectors(pair)) / LATTICE.reciprocal_length
        assert (tuple(pair) in inside) == (length <= radius + 1e-9)


def test_disc_is_closed_under_the_point_group():
    disc = LATTICE.disc(3)
    own = {tuple(p) for p in disc.tolist()}
    for operation in LATTICE.point_operations:
        assert {tuple(p) for p in (disc @ operation.pairs.T).tolist()} == own


def test_point_operations_act_alike_on_pairs_and_wavevectors():
    pairs = LATTICE.disc(2)
    for operation in LATTICE.point_operations:
        np.testing.assert_allclose(
            LATTICE.vectors(pairs @ operation.pairs.T),
            LATTICE.vectors(pairs) @ operation.cartesian.T,
            atol=1e-12,
        )
        np.testing.assert_allclose(
            operation.cartesian @ operation.cartesian.T, np.eye(2), atol=1e-12
        )
        assert np.linalg.det(operation.cartesian) == pytest.approx(
            -1 if operation.conjugates else 1
        )


@given(x=numbers, y=numbers)
@small
def test_fold_splits_exactly_and_gives_the_shortest(x, y):
    folded, pair = LATTICE.fold([x, y])
    np.testing.assert_allclose(folded + LATTICE.vectors(pair), [x, y], atol=1e-12)
    others = np.linalg.norm(folded - LATTICE.vectors(LATTICE.box(2)), axis=1)
    assert np.linalg.norm(folded) <= others.min() + 1e-9


@given(x=numbers, y=numbers, n=st.integers(-3, 3), m=st.integers(-3, 3))
@small
def test_fold_forgets_reciprocal_vectors_inside_the_zone(x, y, n, m):
    inside = LATTICE.fold([x, y])[0] * 0.99
    folded, pair = LATTICE.fold(inside + LATTICE.vectors([n, m]))
    np.testing.assert_allclose(folded, inside, atol=1e-12)
    assert pair.tolist() == [n, m]


def test_fold_resolves_ties_on_the_boundary_without_regard_to_round_off():
    corner = LATTICE.corners[0]
    noise = 1e-15 * np.random.default_rng(0).normal(size=(20, 2))
    assert len(np.unique(LATTICE.fold(corner + noise)[1], axis=0)) == 1


def test_fold_broadcasts():
    folded, pairs = LATTICE.fold(np.ones((3, 4, 2)))
    assert folded.shape == pairs.shape == (3, 4, 2)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 12])
@pytest.mark.parametrize("symmetry", ["none", "C3v"])
def test_weights_sum_to_the_zone(size, symmetry):
    mesh = LATTICE.mesh(size, symmetry)
    assert mesh.weights.sum() == pytest.approx(1, abs=1e-13)
    assert mesh.triangle_weights.sum() == pytest.approx(1, abs=1e-13)
    np.testing.assert_allclose(LATTICE.fold(mesh.points)[0], mesh.points, atol=1e-12)


def test_the_reduced_mesh_is_a_sixth():
    for size in (24, 60):
        reduced, full = LATTICE.mesh(size), LATTICE.mesh(size, "none")
        assert len(full.points) == size**2
        assert len(reduced.points) < size**2 / 6 + size
        angle = np.degrees(np.arctan2(*reduced.points[:, ::-1].T))
        nonzero = np.linalg.norm(reduced.points, axis=1) > 1e-9
        assert (angle[nonzero] > -1e-6).all()
        assert (angle[nonzero] < 60 + 1e-6).all()


def test_reduced_and_full_mesh_give_equal_sums():
    def invariant(k):
        images = [k @ op.cartesian.T for op in LATTICE.point_operations]
        return sum(np.exp(np.sin(one @ LATTICE.primitive_vectors[0])) for one in images)

    reduced, full = LATTICE.mesh(18), LATTICE.mesh(18, "none")
    assert reduced.weights @ invariant(reduced.points) == pytest.approx(
        full.weights @ invariant(full.points), abs=1e-12
    )
    unfolded = reduced.unfold(invariant(reduced.points)).ravel()
    np.testing.assert_allclose(unfolded, invariant(full.points), atol=1e-12)
    # The function is not invariant under inversion, which the reduced mesh must not use.
    assert np.abs(invariant(full.points) - invariant(-full.points)).max() > 0.1


def test_path_measures_length_and_passes_its_corners():
    points = LATTICE.special_points
    path = LATTICE.path([points["κ′"], points["Γ"], points["κ"]], ["κ′", "Γ", "κ"], count=10)
    assert path.points.shape == (21, 2)
    np.testing.assert_allclose(path.ticks, [0, LATTICE.k_m, 2 * LATTICE.k_m])
    np.testing.assert_allclose(path.points[10], 0, atol=1e-15)
    np.testing.assert_allclose(path.points[-1], points["κ"])
    assert path.labels == ("κ′", "Γ", "κ")


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: MoireLattice(-14.0), ValueError, "period must be > 0 nm, got -14.0"),
        (lambda: MoireLattice(math.nan), ValueError, "period must be finite"),
        (lambda: MoireLattice("14"), TypeError, "period must be a real number, got '14'"),
        (lambda: LATTICE.fold([math.nan, 0]), ValueError, "k must be finite, got 1 entries"),
        (lambda: LATTICE.fold([1.0, 2.0, 3.0]), ValueError, "k must have a last axis of length 2"),
        (lambda: LATTICE.fold([1j, 0]), TypeError, "k must hold real numbers"),
        (lambda: LATTICE.mesh(0), ValueError, "size must be ≥ 1, got 0"),
        (lambda: LATTICE.mesh(2.5), TypeError, "size must be an integer, got 2.5"),
        (lambda: LATTICE.mesh(4, "C6"), ValueError, "symmetry must be one of 'none', 'C3v'"),
        (lambda: LATTICE.vectors([0.5, 1]), TypeError, "pairs must hold integers"),
        (lambda: LATTICE.vectors([]), TypeError, "pairs must hold integers"),
        (lambda: LATTICE.box(-1), ValueError, "cutoff must be ≥ 0, got -1"),
        (lambda: LATTICE.box(2.5), TypeError, "cutoff must be an integer, got 2.5"),
        (lambda: LATTICE.disc(-1.0), ValueError, "radius must be ≥ 0"),
        (lambda: LATTICE.disc(math.nan), ValueError, "radius must be finite"),
        (lambda: LATTICE.fold([1e30, 0]), ValueError, "k must be short enough to be folded"),
        (lambda: LATTICE.fold([[1.0, 2.0], [3.0]]), ValueError, "k must be a rectangular array"),
        (
            lambda: LATTICE.mesh(6).unfold(np.zeros(3)),
            ValueError,
            "values must have shape (10, ...), got (3,)",
        ),
        (lambda: LATTICE.shells(0), ValueError, "count must be ≥ 1"),
        (lambda: LATTICE.path([[0, 0]], ["Γ"]), ValueError, "nv ≥ 2"),
        (lambda: LATTICE.path([[0, 0], [1, 0]], ["Γ"]), ValueError, "one label each"),
    ],
)
def test_bad_input_is_named(call, error, message):
    with pytest.raises(error, match=re.escape(message)):
        call()
