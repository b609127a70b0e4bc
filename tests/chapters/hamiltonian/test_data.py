from itertools import pairwise

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.pyplot import close
from matplotlib.text import Text

from moirelib import GrapheneHBN, solve_bands
from moirelib.bands.brillouin import spectral_function
from moirelib.chapters.hamiltonian.claims.quoted import saddle_energies
from moirelib.chapters.hamiltonian.data.bands import (
    band_structure,
    bands_on_path,
    elimination_error,
    inversion_test,
    published_path,
    rotation_test,
    transfer_stars,
    van_hove_energies,
)
from moirelib.chapters.hamiltonian.figures import (
    draw_band_structure,
    draw_bands_on_path,
    draw_elimination_error,
    draw_inversion_test,
    draw_rotation_test,
    draw_transfer_stars,
)
from moirelib.figures.style import style


@pytest.fixture(scope="module")
def bands():
    return band_structure(mesh_size=36)


def test_the_published_paths():
    lattice = GrapheneHBN().lattice
    first = published_path(lattice, 1, count=5).points / lattice.k_m
    np.testing.assert_allclose(
        first[[0, 5, 10]], [[0.5, np.sqrt(0.75)], [0, 0], [1, 0]], atol=1e-12
    )
    second = published_path(lattice, -1, count=5).points / lattice.k_m
    np.testing.assert_allclose(
        second[[0, 5, 10]], [[-0.5, np.sqrt(0.75)], [-1, 0], [0, 0]], atol=1e-12
    )


def test_the_two_valleys_meet_at_the_centre(bands):
    middle = len(bands.distance_k) // 2
    np.testing.assert_allclose(bands.bands_k[middle], bands.bands_k_prime[-1], atol=1e-9)


def test_peaks_of_the_density_of_states_are_saddle_points(bands):
    saddle = saddle_energies(GrapheneHBN(), -1)[0]
    assert np.abs(bands.van_hove - saddle).min() < 1.0


def test_peaks_are_found_where_they_are():
    at = np.arange(0.0, 100.0, 0.5)
    density = np.exp(-((at - 30) ** 2) / 8) + 0.5 * np.exp(-((at - 70) ** 2) / 8)
    # Neither a shoulder within 10 meV, nor a ripple, nor the rise towards the end is a peak.
    density += 0.4 * np.exp(-((at - 36) ** 2) / 2) + 0.02 * np.sin(at) + np.exp((at - 100) / 3)
    np.testing.assert_allclose(van_hove_energies(at, density), [30, 70], atol=0.5)


@pytest.mark.parametrize("exponent_sign", ["momentum_matched", "as_printed"])
def test_the_density_of_states_is_that_of_diagonalisation(exponent_sign):
    data = band_structure(exponent_sign, mesh_size=24, cutoff=2)
    model = GrapheneHBN(exponent_sign=exponent_sign, cutoff=2)
    mesh = model.lattice.mesh(24)
    levels = solve_bands(model, mesh.points, count=10).energies
    density = 4 * spectral_function(mesh, levels, data.energies)
    difference = np.abs(data.density_of_states - density)
    assert difference.max() < 1e-3 * density.max()
    assert difference.mean() < 1e-5 * density.mean()
    for valley, path_bands in ((1, data.bands_k), (-1, data.bands_k_prime)):
        one = GrapheneHBN(valley=valley, exponent_sign=exponent_sign, cutoff=2)
        dense = solve_bands(one, published_path(one.lattice, valley).points, count=8).energies
        np.testing.assert_allclose(path_bands, dense, atol=1e-3)


@pytest.mark.parametrize("exponent_sign", ["momentum_matched", "as_printed"])
def test_labels_of_the_peaks_do_not_overlap(exponent_sign):
    with style():
        figure = draw_band_structure(band_structure(exponent_sign))
        figure.canvas.draw()
        axis = figure.axes[2]
        # The box of an annotation takes in its line: that of the text is wanted.
        boxes = [Text.get_window_extent(label) for label in axis.texts]
    close(figure)
    assert len(boxes) >= 5
    boxes.sort(key=lambda box: box.y0)
    assert all(upper.y0 > lower.y1 for lower, upper in pairwise(boxes))
    assert all(figure.bbox.x0 < box.x0 and box.x1 < figure.bbox.x1 for box in boxes)


def test_literal_equation_is_not_three_fold():
    data = rotation_test(count=7)
    third = np.isclose(data.angles, 120.0)
    first = np.isclose(data.angles, 0.0)
    assert np.abs(data.closing[third] - data.closing[first]).max() < 1e-9
    assert np.abs(data.closing - data.closing_reversed).max() < 1e-9
    assert np.abs(data.printed - data.printed_reversed).max() > 5
    assert np.abs(data.printed[third] - data.printed[first]).max() > 1


def test_inversion_flips_the_curvature():
    data = inversion_test(count=3)
    assert data.energy_difference < 1e-9
    scale = np.abs(data.curvature).max()
    np.testing.assert_allclose(data.curvature, -data.curvature_inverted, atol=1e-8 * scale)


def test_stars_are_equilateral_or_not():
    data = transfer_stars()
    for star, equilateral in ((data.equilateral, True), (data.as_printed, False)):
        sides = np.linalg.norm(star - np.roll(star, 1, axis=0), axis=1)
        assert (np.ptp(sides) < 1e-12) == equilateral


def test_elimination_error_vanishes_at_its_energy():
    data = elimination_error(mesh_size=6)
    near = np.argmin(np.abs(data.energies - data.dirac_energy))
    assert abs(data.at_dirac[near]) < 0.1
    assert np.abs(data.at_zero).max() < 25


@pytest.mark.parametrize(
    ("compute", "draw", "options"),
    [
        (band_structure, draw_band_structure, {"mesh_size": 12, "cutoff": 2}),
        (transfer_stars, draw_transfer_stars, {}),
        (rotation_test, draw_rotation_test, {"count": 7}),
        (elimination_error, draw_elimination_error, {"mesh_size": 4}),
        (inversion_test, draw_inversion_test, {"count": 3}),
        (bands_on_path, draw_bands_on_path, {"count": 3, "coupling": 50.0}),
    ],
)
def test_every_figure_draws(compute, draw, options):
    figure = draw(compute(**options))
    assert isinstance(figure, Figure)
    close(figure)


@pytest.mark.parametrize("coupling", [0.0, 45.0, 120.0, 152.0, 190.0])
def test_bands_on_the_path_are_right_to_a_hundredth_of_a_mev(coupling):
    model = GrapheneHBN(coupling=coupling)
    path = published_path(model.lattice, 1, 6)
    exact = solve_bands(model, path.points, 8).energies
    assert np.abs(bands_on_path(count=6, coupling=coupling).bands - exact).max() < 1e-2
