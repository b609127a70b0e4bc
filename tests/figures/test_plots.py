"""Helpers that draw bands and maps."""

from __future__ import annotations

import numpy as np
import pytest

from moirelib import GrapheneHBN, solve_bands
from moirelib.figures import plot_bands, plot_map
from moirelib.figures.style import smallest_letters

MODEL = GrapheneHBN(cutoff=1)


def test_bands_are_drawn_as_solved() -> None:
    points = MODEL.lattice.special_points
    path = MODEL.lattice.path([points["Γ"], points["M"]], ("Γ", "M"), count=5)
    bands = solve_bands(MODEL, path.points, 4)
    figure = plot_bands(bands, path, title="own path")
    (axes,) = figure.axes
    drawn = np.stack([line.get_ydata() for line in axes.lines], axis=-1)
    np.testing.assert_array_equal(drawn, bands.energies)
    assert [label.get_text() for label in axes.get_xticklabels()] == ["Γ", "M"]
    again = plot_bands(MODEL, path, count=4).axes[0].lines[2].get_ydata()
    np.testing.assert_array_equal(again, bands.energies[:, 2])
    with pytest.raises(ValueError, match="bands must be solved on the 6 points of the path"):
        plot_bands(solve_bands(MODEL, path.points[1:], 4), path)
    with pytest.raises(TypeError, match="path must be the Path"):
        plot_bands(bands)


def test_a_map_stands_the_right_way_round() -> None:
    x, y = np.array([0.0, 1.0]), np.array([0.0, 1.0, 2.0])
    values = np.array([[-4.0, 1.0, 2.0], [0.5, 0.0, 1.0]])
    figure = plot_map(x, y, values)
    axes, colours = figure.axes
    (mesh,) = axes.collections
    np.testing.assert_array_equal(mesh.get_array(), values.T)
    assert mesh.get_clim() == (-4.0, 4.0)
    assert mesh.get_cmap().name == "RdBu"
    assert colours.get_ylabel() == "σ₁₂ (e²/h)"
    positive = plot_map(x, y, values + 5).axes[0].collections[0]
    assert positive.get_clim() == (1.0, 7.0)
    assert positive.get_cmap().name == "cividis"
    rounded = plot_map(x, y, np.abs(values) - 1e-15).axes[0].collections[0]
    assert rounded.get_cmap().name == "cividis"


def test_what_does_not_fit_is_refused() -> None:
    with pytest.raises(ValueError, match=r"values must have shape \(2, 3\), got \(3, 2\)"):
        plot_map([0.0, 1.0], [0.0, 1.0, 2.0], np.ones((3, 2)))
    with pytest.raises(ValueError, match="second must hold at least two increasing numbers"):
        plot_map([0.0, 1.0], [1.0, 0.0], np.ones((2, 2)))


def test_a_square_map_is_not_turned_over() -> None:
    x, values = np.array([0.0, 1.0]), np.array([[1.0, 2.0], [3.0, 4.0]])
    (mesh,) = plot_map(x, x + 5, values).axes[0].collections
    # values[0, 1] belongs to x = 0 and y = 6: the second row from below, on the left.
    np.testing.assert_array_equal(mesh.get_array(), [[1.0, 3.0], [2.0, 4.0]])


def test_a_notebook_shows_vectors_with_letters_to_read() -> None:
    figure = plot_bands(MODEL, title="own")
    shown = figure._repr_svg_()
    assert shown == figure._repr_svg_()
    assert "<svg" in shown
    assert "<image" not in shown
    assert smallest_letters(figure) * figure.get_size_inches()[0] * 96 >= 11
