import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from moirelib import Interlayer
from moirelib.bands.lattice import MoireLattice
from moirelib.drag.broadening import (
    broadened_sum,
    cell_transform,
    expanded_sum,
    gaussian_xi,
    laplacian_of,
    log10_peak_contrast,
    rigid_cell_xi,
)

LATTICE = MoireLattice(14.0)
PAIRS = np.concatenate(LATTICE.shells(3))
XI, _ = gaussian_xi(1.0)


@given(st.floats(0.1, 20), st.floats(0, 0.3))
def test_broadened_gaussian_is_closed_form(a, eta):
    g2 = (LATTICE.vectors(PAIRS) ** 2).sum(-1)
    wider = 1 + 2 * a * eta**2
    exact = (np.exp(-a * g2 / wider) / wider).sum()
    assert broadened_sum(gaussian_xi(a)[0], LATTICE, PAIRS, eta, nodes=48) == pytest.approx(
        exact, 1e-9
    )


def test_remainder_of_the_expansion_is_of_fourth_order():
    eta = np.array([0.02, 0.01])
    xi, laplacian = gaussian_xi(3.0)
    miss = [
        broadened_sum(xi, LATTICE, PAIRS, e) - expanded_sum(xi, laplacian, LATTICE, PAIRS, e)
        for e in eta
    ]
    assert math.log2(miss[0] / miss[1]) == pytest.approx(4, abs=0.01)


def test_zero_width_is_the_discrete_sum():
    xi, _ = gaussian_xi(2.0)
    plain = xi(LATTICE.vectors(PAIRS)).sum()
    assert broadened_sum(xi, LATTICE, PAIRS, 0.0) == pytest.approx(plain, rel=1e-13)


def test_laplacian_of_the_test_function_against_differences():
    xi, laplacian = gaussian_xi(5.0)
    g = LATTICE.vectors(PAIRS)
    np.testing.assert_allclose(laplacian_of(xi, 5e-3)(g), laplacian(g), atol=1e-6)


def test_peak_contrast_against_a_direct_sum():
    eta = 0.2  # the next star of R is smaller by exp(−η²L²)
    pairs = LATTICE.disc(6.0)

    def ripple(g):
        squared = ((g - LATTICE.vectors(pairs)) ** 2).sum(-1)
        return np.exp(-0.5 * squared / eta**2).sum() / (2 * math.pi * eta**2)

    # Peak at G = 0, minimum at a corner: the first star gives 6 there and −3 here.
    top, bottom = ripple(np.zeros(2)), ripple(LATTICE.corners[0])
    mean = 1 / LATTICE.zone_area
    assert (top - bottom) / mean == pytest.approx(
        1.5 * 10 ** log10_peak_contrast(LATTICE, eta), 1e-3
    )
    with pytest.raises(ValueError, match="width must be ≥ 0"):
        log10_peak_contrast(LATTICE, -1.0)


def test_cell_transform_interpolates():
    on_lattice = cell_transform(LATTICE, LATTICE.vectors(PAIRS))
    np.testing.assert_allclose(on_lattice, np.eye(len(PAIRS))[0], atol=1e-12)
    # Second moment of a hexagon: ⟨r²⟩ = 5 L²/36.
    curvature = laplacian_of(lambda g: cell_transform(LATTICE, g).real, 1e-2)(np.zeros(2))
    assert curvature == pytest.approx(-5 * LATTICE.period**2 / 36, rel=1e-6)


def test_cell_transform_against_a_sum_over_points():
    rng = np.random.default_rng(0)
    g = rng.normal(size=(3, 2))
    primitive = LATTICE.primitive_vectors
    fraction = (np.arange(200) + 0.5) / 200
    points = np.stack(np.meshgrid(fraction, fraction), -1).reshape(-1, 2) @ primitive
    images = points[:, None] - np.array([[0, 0], [0, 1], [1, 0], [1, 1]]) @ primitive
    nearest = images[np.arange(len(points)), (images**2).sum(-1).argmin(1)]
    summed = np.exp(-1j * nearest @ g.T).mean(0)
    np.testing.assert_allclose(cell_transform(LATTICE, g), summed, atol=2e-3)


def test_rigid_cell_xi_agrees_on_the_lattice_only():
    rng = np.random.default_rng(1)
    pairs = PAIRS[1:]
    c = rng.normal(size=(len(pairs), 2)) + 1j * rng.normal(size=(len(pairs), 2))
    here, moved = (rigid_cell_xi(LATTICE, pairs, c, c, centre) for centre in ((0, 0), (3.0, 1.0)))
    g = LATTICE.vectors(pairs)
    expected = 0.5 * (np.abs(c) ** 2).sum(-1) * Interlayer()(np.linalg.norm(g, axis=-1))
    np.testing.assert_allclose(here(g), expected, rtol=1e-10)
    np.testing.assert_allclose(moved(g), expected, rtol=1e-10)
    assert np.abs(here(g + 0.1) / moved(g + 0.1) - 1).max() > 0.1


def test_laplacian_of_a_polynomial():
    rng = np.random.default_rng(2)
    g = rng.normal(size=(4, 2))

    def quartic(k):
        return k[..., 0] ** 4 + 3 * k[..., 0] * k[..., 1] ** 2

    expected = 12 * g[:, 0] ** 2 + 6 * g[:, 0]
    np.testing.assert_allclose(laplacian_of(quartic, 0.1)(g), expected, rtol=1e-9)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (
            lambda: broadened_sum(XI, LATTICE, PAIRS, -0.1),
            "width must be ≥ 0 1/nm",
        ),
        (
            lambda: broadened_sum(XI, LATTICE, [[0.5, 0]], 0.1),
            "pairs must hold integers",
        ),
        (
            lambda: broadened_sum(XI, LATTICE, PAIRS, 0.1, nodes=0),
            "nodes must be ≥ 1",
        ),
        (lambda: gaussian_xi(-1.0), "decay must be > 0 nm²"),
        (lambda: laplacian_of(XI, 0.0), "step must be > 0"),
        (lambda: cell_transform(LATTICE, [1.0, 2.0, 3.0]), "g must have a last axis of length 2"),
        (
            lambda: rigid_cell_xi(LATTICE, PAIRS, np.zeros((2, 2)), np.zeros((2, 2))),
            r"must have one shape \(nG, 2\)",
        ),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call()
