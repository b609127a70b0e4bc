import matplotlib.pyplot as plt
import numpy as np
import pytest

from moirelib import GrapheneHBN
from moirelib.chapters.broadening import data as data_module
from moirelib.chapters.broadening.data import (
    broadened_peaks,
    drag_against_width,
    relative_curvature,
    remainder,
    rigid_xi,
    threefold_centres,
    whole_response,
)
from moirelib.chapters.broadening.figures import (
    draw_broadened_peaks,
    draw_drag_against_width,
    draw_relative_curvature,
    draw_remainder,
)
from moirelib.drag.broadening import broadened_sum
from moirelib.drag.off_lattice import OffLatticeLayer, broadened_drag, drag_curvature


@pytest.fixture(autouse=True)
def small_layer(monkeypatch):
    layer = OffLatticeLayer(GrapheneHBN(cutoff=2), mesh=12, bands=12, shells=1)
    monkeypatch.setattr("moirelib.chapters.broadening.data.off_lattice_layer", lambda: layer)


@pytest.mark.parametrize(
    ("compute", "draw", "arguments"),
    [
        (broadened_peaks, draw_broadened_peaks, {"width": 0.1, "points": 31}),
        (remainder, draw_remainder, {"width": [0.01, 0.02]}),
        (drag_against_width, draw_drag_against_width, {"kT": 12.0, "steps": (1,)}),
        (relative_curvature, draw_relative_curvature, {"points": 3, "kT": 12.0}),
    ],
)
def test_every_figure_draws(compute, draw, arguments):
    figure = draw(compute(**arguments))
    figure.canvas.draw()
    plt.close(figure)


def test_peaks_keep_their_weight_and_lose_their_contrast():
    lattice = GrapheneHBN().lattice
    for width in (0.1, 0.3):
        data = broadened_peaks(width, points=201)
        inside = data.density[np.hypot(*np.meshgrid(data.kx, data.ky)) < lattice.reciprocal_length]
        assert inside.mean() == pytest.approx(1, abs=0.2)
    assert data.density.max() - data.density.min() < 2 * 10**data.log10_contrast


def test_remainders_have_orders_four_and_two():
    data = remainder(width=[0.005, 0.01])
    assert np.log2(data.with_half[1] / data.with_half[0]) == pytest.approx(4, abs=0.05)
    assert np.log2(data.without_half[1] / data.without_half[0]) == pytest.approx(2, abs=0.05)


def test_zero_width_has_no_share_of_the_zeroth_point():
    data = drag_against_width(kT=12.0, steps=(1,))
    np.testing.assert_allclose(data.zeroth[0], 0, atol=1e-4 * np.abs(data.zeroth[1]).max())
    assert (np.abs(data.zeroth[1]) > np.abs(data.zeroth[0])).all()


def test_width_must_be_positive():
    with pytest.raises(ValueError, match="width must be > 0 1/nm"):
        broadened_peaks(0.0)


def test_the_sign_depends_on_the_part_that_is_continued() -> None:
    whole = whole_response()
    np.testing.assert_allclose(whole.agreement, 1, atol=0.01)
    assert (whole.within > 0).all()
    assert (whole.between < 0).all()
    assert (whole.mixed < 0).all()


def test_cells_turn_about_threefold_axes() -> None:
    lattice = GrapheneHBN().lattice
    centres = threefold_centres(lattice)
    turn = np.array([[-1.0, -np.sqrt(3)], [np.sqrt(3), -1.0]]) / 2
    moved = (centres @ turn.T - centres) @ np.linalg.inv(lattice.primitive_vectors)
    np.testing.assert_allclose(moved, np.rint(moved), atol=1e-12)
    # They are three axes, not one.
    apart = (centres - centres[0]) @ np.linalg.inv(lattice.primitive_vectors)
    assert (np.abs(apart[1:] - np.rint(apart[1:])).max(axis=1) > 0.3).all()


def test_relative_curvature_is_what_narrow_gaussians_add() -> None:
    kT, eta = 12.0, 0.003
    layer = data_module.off_lattice_layer()
    data = relative_curvature((-110.0, 100.0), points=2, kT=kT, layer=layer)
    on_lattice = layer.susceptibility([0, 0], data.mu, kT)[:, 1:]
    pairs = layer.pairs[1:]
    for row, centre in zip(data.rigid, threefold_centres(layer.lattice), strict=True):
        for found, c in zip(row, on_lattice, strict=True):
            xi = rigid_xi(c, centre)
            wide, sharp = (broadened_sum(xi, layer.lattice, pairs, w) for w in (eta, 0.0))
            assert found == pytest.approx((wide / sharp - 1) / eta**2, rel=0.02)


def test_the_whole_response_bends_as_that_of_the_layer_within_bands() -> None:
    # Of the same bands on the same mesh, by other matrix elements and another second difference.
    whole = whole_response()
    layer = OffLatticeLayer(GrapheneHBN(cutoff=2), mesh=24, bands=20, shells=2)
    sigma = broadened_drag(layer, layer, whole.mu, whole.mu, 6.0, 0.0)[1:].sum(axis=0)
    curvature = drag_curvature(layer, layer, whole.mu, whole.mu, 6.0)[1:].sum(axis=0)
    expected = np.diagonal(curvature) / np.diagonal(sigma)
    np.testing.assert_allclose(whole.within, expected, rtol=0.01)
