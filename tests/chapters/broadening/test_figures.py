"""Kundu App. F, as drawn."""

from __future__ import annotations

import math

import numpy as np
import plain_drag as plain
import pytest
from drawn import (
    assert_curves,
    by_title,
    colour_label,
    curve_of,
    drawn,
    legend_of,
    levels,
    look,
    made,
    read_line,
    read_map,
)

from moirelib.chapters.broadening.data import (
    BroadenedPeaks,
    DragAgainstWidth,
    RelativeCurvature,
    Remainder,
    broadened_peaks,
)
from moirelib.chapters.broadening.figures import (
    CENTRES,
    draw_broadened_peaks,
    draw_drag_against_width,
    draw_relative_curvature,
    draw_remainder,
)


@pytest.mark.parametrize("width", [0.05, 0.2])
def test_a_frame_of_the_peaks_shows_that_width(width: float) -> None:
    figure = drawn(draw_broadened_peaks, broadened_peaks(width, points=31))
    axes = figure.axes[0]
    assert list(by_title(figure)) == [rf"$\eta$ = {width:.3g} 1/nm"]
    assert axes.get_xlabel() == "$g_x$ (1/nm)"
    shown = read_map(axes)
    assert shown.limits == (-2.0, 2.0)
    assert colour_label(figure, axes) == "log₁₀ of the density over its mean"
    material = plain.Material()
    cells = [(n, m) for n in range(-9, 10) for m in range(-9, 10)]
    zone = (2 * math.pi) ** 2 / material.cell_area
    for row, column in ((15, 15), (3, 20), (25, 11)):
        density = 0.0
        for cell in cells:
            g = material.reciprocal(cell)
            away = (shown.x[column] - g[0]) ** 2 + (shown.y[row] - g[1]) ** 2
            density += math.exp(-away / (2 * width**2)) / (2 * math.pi * width**2) * zone
        expected = math.log10(max(density, 1e-12))
        assert shown.values[row, column] == pytest.approx(expected, abs=1e-6)


def test_the_peaks_are_not_transposed() -> None:
    k = np.linspace(-1, 1, 5)
    data = made(BroadenedPeaks, kx=k, ky=k, density=(5, 5), width=0.1, log10_contrast=1.0)
    shown = read_map(drawn(draw_broadened_peaks, data).axes[0])
    np.testing.assert_allclose(shown.values, np.log10(data.density))


def test_the_remainders() -> None:
    data = made(Remainder, width=np.geomspace(0.003, 0.1, 6), with_half=(6,), without_half=(6,))
    (axes,) = drawn(draw_remainder, data).axes
    assert_curves(
        axes,
        {
            r"$\frac{1}{2}\eta^2\nabla^2\Xi$": (data.width, data.with_half),
            r"$\eta^2\nabla^2\Xi$": (data.width, data.without_half),
        },
    )
    guides = [curve_of(line) for line in axes.lines if line.get_linestyle() == ":"]
    for (x, y), values, power in zip(
        guides, (data.with_half, data.without_half), (4, 2), strict=True
    ):
        np.testing.assert_allclose(y, values[0] * (x / x[0]) ** power)
    assert axes.get_xscale() == axes.get_yscale() == "log"


def test_the_drag_against_the_width() -> None:
    data = made(
        DragAgainstWidth,
        width=np.linspace(0, 0.1, 5),
        mu=np.array([-110.0, 100.0]),
        umklapp=-np.random.default_rng(0).uniform(1, 2, (5, 2)),
        zeroth=-np.random.default_rng(1).uniform(1, 2, (5, 2)),
        coefficient=np.array([30.0, -20.0]),
    )
    figure = drawn(draw_drag_against_width, data)
    panels = by_title(figure)
    for i, mu in enumerate(data.mu):
        axes = panels[rf"$\mu={mu:g}$ meV"]
        for label, values in ((r"$G\neq0$", data.umklapp), ("$G=0$", data.zeroth)):
            np.testing.assert_array_equal(
                read_line(axes, label, legend=figure.axes[0]), (data.width, values[:, i])
            )
        x, y = read_line(axes, "Eq. (53)", legend=figure.axes[0])
        np.testing.assert_allclose(y, data.umklapp[0, i] + data.coefficient[i] * x**2)
        assert axes.get_xlabel() == r"$\eta$ (1/nm)"
        assert axes.get_ylim()[1] == 0.0
    label = "$\\tilde\\sigma^{xx}_{12,v}$ ($e^2/h$)\nsign of Kundu Eq. 1"
    assert figure.axes[0].get_ylabel() == label


def test_the_relative_curvature() -> None:
    data = made(RelativeCurvature, mu=(5,), response=(5,), rigid=(3, 5))
    (axes,) = drawn(draw_relative_curvature, data).axes
    assert_curves(
        axes,
        {"response at finite $q$": (data.mu, data.response)}
        | {
            f"rigid cell about {centre}": (data.mu, row)
            for centre, row in zip(CENTRES, data.rigid, strict=True)
        },
    )
    assert look(legend_of(axes)["response at finite $q$"])[1] == "-"
    assert levels(axes)[1] == [0]
    assert axes.get_yscale() == "symlog"
    assert axes.get_ylabel() == r"$\delta\sigma/(\sigma\eta^2)$ (nm²)"
