"""Kundu Fig. 1(a) and its neighbours, as drawn."""

from __future__ import annotations

import numpy as np
import plain_drag as plain
import pytest
from drawn import (
    arrows,
    assert_curves,
    by_title,
    curve_of,
    drawn,
    levels,
    made,
    read_line,
    read_lines,
    tick_labels,
)
from matplotlib.axes import Axes

from moirelib.chapters.hamiltonian.data.bands import (
    BandStructure,
    EliminationError,
    InversionTest,
    PathBands,
    RotationTest,
    TransferStars,
    band_structure,
    bands_on_path,
    transfer_stars,
)
from moirelib.chapters.hamiltonian.figures import (
    draw_band_structure,
    draw_bands_on_path,
    draw_elimination_error,
    draw_inversion_test,
    draw_rotation_test,
    draw_transfer_stars,
)

# The corners in units of k_m, from the caption of Fig. 1 (k₃ and k₂ of K′ in the order drawn).
HALF = np.sqrt(0.75)
CORNERS = {
    1: {"κ′": (0.5, HALF), "Γ": (0.0, 0.0), "κ": (1.0, 0.0)},
    -1: {"κ": (-0.5, HALF), "κ′": (-1.0, 0.0), "Γ": (0.0, 0.0)},
}


def plain_bands(k: np.ndarray, valley: int, material: plain.Material) -> np.ndarray:
    """The eight bands about neutrality, by dense diagonalisation of the plain Hamiltonian."""
    basis = plain.circle(material, valley, 3)
    energies = np.linalg.eigvalsh(plain.hamiltonian(tuple(k), valley, basis, material))
    middle = len(basis.graphene) + len(basis.hbn)
    return energies[middle - 4 : middle + 4]


def bands_at(axes: Axes, x: float) -> np.ndarray:
    curves = [curve_of(line) for line in axes.lines]
    return np.sort([np.interp(x, *curve) for curve in curves])


@pytest.mark.parametrize("sign", ["momentum_matched", "as_printed"])
def test_figure_1a_shows_the_bands_of_its_valleys(sign: str) -> None:
    material = plain.Material(exponent=1 if sign == "as_printed" else -1)
    figure = drawn(draw_band_structure, band_structure(sign, mesh_size=24))
    panels = by_title(figure)
    assert list(panels) == ["valley K", "valley K′", "density of states"]
    assert panels["valley K"].get_ylabel() == "energy (meV)"
    assert panels["valley K"].get_ylim() == pytest.approx((-250.0, 300.0))
    for name, valley in (("valley K", 1), ("valley K′", -1)):
        axes = panels[name]
        ticks = tick_labels(axes)
        assert list(ticks) == list(CORNERS[valley])
        places = np.array(list(ticks.values()))
        assert axes.get_xlim() == pytest.approx((places[0], places[-1]))
        corners = material.k_m * np.array(list(CORNERS[valley].values()))
        for piece, share in ((0, 0.0), (0, 0.4), (1, 0.25), (1, 0.9)):
            x = places[piece] + share * (places[piece + 1] - places[piece])
            k = corners[piece] + share * (corners[piece + 1] - corners[piece])
            # Expansions agree to 10⁻³ meV, and between their points curves are straight.
            np.testing.assert_allclose(
                bands_at(axes, x), plain_bands(k, valley, material), atol=0.02
            )
    density = panels["density of states"]
    assert density.get_xlabel() == "states per meV and cell"
    assert density.get_xlim()[0] == 0
    states, energies = curve_of(density.lines[0])
    # Between the gaps below the first valence band and at the Dirac point, or at it and above the
    # first conduction band: one band of each spin and valley. Steps of 0.5 meV do not resolve the
    # logarithm at a van Hove energy, but a spin or a valley too many or too few would be seen.
    below, above = (-80.0, 42.5) if sign == "momentum_matched" else (13.4, 140.0)
    inside = (energies > below) & (energies < above)
    assert states[inside].sum() * (energies[1] - energies[0]) == pytest.approx(4.0, rel=0.2)
    marks, at = curve_of(density.lines[1])
    np.testing.assert_allclose(marks, np.interp(at, energies, states))
    assert len(at) >= 4
    for energy in at:
        near = np.abs(energies - energy) < 10
        assert states[near].max() == pytest.approx(np.interp(energy, energies, states))
    assert [text.get_text() for text in density.texts] == [
        f"{energy:.1f}".replace("-", "−") for energy in at
    ]


def test_figure_1a_draws_each_array_in_its_panel() -> None:
    at = np.linspace(-250, 300, 9)
    data = made(
        BandStructure,
        distance_k=np.linspace(0, 2, 5),
        ticks_k=np.array([0.0, 0.9, 2.0]),
        bands_k=(5, 2),
        distance_k_prime=np.linspace(0, 3, 5),
        ticks_k_prime=np.array([0.0, 1.3, 3.0]),
        bands_k_prime=(5, 2),
        energies=at,
        density_of_states=(9,),
        van_hove=at[[2, 6]],
        exponent_sign="as_printed",
    )
    first, second, density = drawn(draw_band_structure, data).axes
    for axes, x, bands in (
        (first, data.distance_k, data.bands_k),
        (second, data.distance_k_prime, data.bands_k_prime),
    ):
        np.testing.assert_array_equal(axes.lines[0].get_xdata(), x)
        np.testing.assert_array_equal(np.stack([one.get_ydata() for one in axes.lines], 1), bands)
    np.testing.assert_array_equal(density.lines[0].get_xdata(), data.density_of_states)
    np.testing.assert_array_equal(density.lines[1].get_ydata(), data.van_hove)


def test_the_stars_stand_under_their_names() -> None:
    figure = drawn(draw_transfer_stars, transfer_stars())
    panels = by_title(figure)
    for title, third in (
        ("{0, G₁, G₁+G₂}: equilateral", (1, 1)),
        ("{0, G₁, G₂}: as printed", (0, 1)),
    ):
        axes = panels[title]
        material = plain.Material(third=third)
        ends = [
            np.array(material.reciprocal(cell)) / material.k_m
            for cell, _ in material.transfers(1)[1:]
        ]
        np.testing.assert_allclose([end for _, end in arrows(axes)], ends, atol=1e-12)
        assert axes.get_xlabel() == "$k_x/k_m$"
        assert axes.get_aspect() == 1.0
    assert figure.axes[0].get_ylabel() == "$k_y/k_m$"


def test_each_star_is_that_of_the_data() -> None:
    data = made(
        TransferStars,
        zone=(7, 2),
        shells=np.array([[1.0, 0, 1], [0, 1, 1]]),
        equilateral=(3, 2),
        as_printed=(3, 2),
    )
    for axes, star in zip(
        drawn(draw_transfer_stars, data).axes, (data.equilateral, data.as_printed), strict=True
    ):
        np.testing.assert_allclose([end for _, end in arrows(axes)], star[1:])
        np.testing.assert_array_equal(axes.lines[0].get_xdata(), data.zone[:, 0])


def test_the_rotation_test_has_its_reading_above_each_panel() -> None:
    data = made(
        RotationTest,
        angles=np.linspace(0, 360, 4),
        closing=(4, 2),
        closing_reversed=(4, 2),
        printed=(4, 2),
        printed_reversed=(4, 2),
    )
    figure = drawn(draw_rotation_test, data)
    panels = by_title(figure)
    for title, here, there in (
        ("transfers and phases that close", data.closing, data.closing_reversed),
        ("Eq. 6 read literally", data.printed, data.printed_reversed),
    ):
        axes = panels[title]
        assert axes.get_xlabel() == "direction of k (degrees)"
        for label, bands in (("$\\varepsilon_K(k)$", here), ("$\\varepsilon_{K'}(-k)$", there)):
            curves = read_lines(axes, label, legend=figure.axes[1])
            np.testing.assert_array_equal([y for _, y in curves], bands.T)
            np.testing.assert_array_equal(curves[0][0], data.angles)
    assert figure.axes[0].get_ylabel() == "energy (meV)"


def test_the_elimination_error() -> None:
    data = made(EliminationError, energies=(6,), at_zero=(6,), at_dirac=(6,), dirac_energy=42.5)
    (axes,) = drawn(draw_elimination_error, data).axes
    assert_curves(
        axes,
        {
            "eliminated at E = 0": (data.energies, data.at_zero),
            "eliminated at E = 42.5 meV": (data.energies, data.at_dirac),
        },
    )
    assert axes.get_xlabel() == "energy of the full model (meV)"
    assert axes.get_ylabel() == "error of the 2×2 model (meV)"


def test_the_curvature_of_both_faces() -> None:
    data = made(
        InversionTest,
        distance=np.linspace(0, 1, 5),
        ticks=np.array([0.0, 0.5, 1.0]),
        curvature=(5, 2),
        curvature_inverted=(5, 2),
        energy_difference=0.0,
    )
    figure = drawn(draw_inversion_test, data)
    panels = by_title(figure)
    for band, title in enumerate(("first valence band", "first conduction band")):
        for label, values in (
            ("one face of hBN", data.curvature),
            ("the other", data.curvature_inverted),
        ):
            x, y = read_line(panels[title], label, legend=figure)
            np.testing.assert_array_equal(y, values[:, band])
            np.testing.assert_array_equal(x, data.distance)
    assert figure.axes[0].get_ylabel() == "Berry curvature (nm²)"
    assert {axes.get_yscale() for axes in figure.axes} == {"symlog"}


@pytest.mark.parametrize("coupling", [60.0, 152.0])
def test_a_frame_of_the_coupling_shows_that_coupling(coupling: float) -> None:
    (axes,) = drawn(draw_bands_on_path, bands_on_path(count=4, coupling=coupling)).axes
    material = plain.Material(coupling=coupling)
    ticks = tick_labels(axes)
    assert list(ticks) == list(CORNERS[1])
    assert levels(axes) == ([], [])
    for name, x in ticks.items():
        found = bands_at(axes, x)
        k = material.k_m * np.array(CORNERS[1][name])
        middle = plain_bands(k, 1, material)
        inside = slice(4 - len(found) // 2, 4 + len(found) // 2)
        np.testing.assert_allclose(found, middle[inside], atol=2e-3)
    assert axes.get_ylabel() == "energy (meV)"
    assert axes.get_ylim() == pytest.approx((-260, 320))


def test_bands_on_the_path_are_drawn_as_they_are() -> None:
    data = made(PathBands, distance=(4,), ticks=np.array([0.0, 0.4, 0.9]), bands=(4, 3))
    (axes,) = drawn(draw_bands_on_path, data).axes
    np.testing.assert_array_equal(np.stack([x.get_ydata() for x in axes.lines], 1), data.bands)
