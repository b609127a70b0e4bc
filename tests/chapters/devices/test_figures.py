"""Both devices, their moirés, valleys and the landscape, as drawn."""

from __future__ import annotations

import math

import numpy as np
import plain_drag as plain
import pytest
from drawn import (
    arrows,
    assert_curves,
    by_title,
    drawn,
    made,
    read_line,
    read_lines,
)

from moirelib.chapters.devices.data import (
    Devices,
    Moire,
    Moires,
    Switch,
    Valleys,
    cover,
    devices,
    moires,
    valleys,
)
from moirelib.chapters.devices.figures import (
    draw_cover,
    draw_devices,
    draw_moires,
    draw_switch,
    draw_valleys,
)


def test_the_devices_carry_their_lengths() -> None:
    data = made(
        Devices,
        distance=1.5,
        gate_distance=12.0,
        drag_period=14.25,
        switch_period=13.5,
        twist_degrees=1.07,
    )
    panels = by_title(drawn(draw_devices, data))
    drag, switch = (
        {text.get_text() for text in panels[title].texts}
        for title in ("valley drag", "current switch")
    )
    assert {"hBN, $d$ = 1.5 nm", "insulator, $d_g$ = 12 nm", "graphene 1", "graphene 2"} < drag
    assert "one moiré for both sheets, 14.2 nm" in drag
    assert {"turned by 1.07°", "moiré of 13.5 nm", "strained"} < switch
    # The sheet that is driven lies above the one that is dragged, the gate below both.
    height = {text.get_text(): text.get_position()[1] for text in panels["valley drag"].texts}
    assert height["graphene 1"] > height["graphene 2"] > height["gate"]


def test_the_lengths_of_the_devices_are_those_of_the_papers() -> None:
    panels = by_title(drawn(draw_devices, devices()))
    texts = " ".join(text.get_text() for axes in panels.values() for text in axes.texts)
    material = plain.Material()
    drag = 4 * math.pi / (math.sqrt(3) * math.hypot(*material.reciprocal((1, 0))))
    assert f"one moiré for both sheets, {drag:.1f} nm" in texts
    twist = 0.246 / (2 * math.sin(math.radians(1.03) / 2))
    assert f"moiré of {twist:.1f} nm" in texts


def test_the_moirés_have_their_vectors() -> None:
    figure = drawn(draw_moires, moires(size=8.0))
    panels = by_title(figure)
    periods = {"graphene on hBN": 14.0, "twisted bilayer": 13.68}
    for title, period in periods.items():
        axes = panels[title]
        ends = [np.array(end) for _, end in arrows(axes)]
        assert [float(np.hypot(*end)) for end in ends] == pytest.approx([period] * 2, rel=1e-3)
        cosine = abs(float(ends[0] @ ends[1])) / period**2
        assert cosine == pytest.approx(0.5, rel=1e-2)
        (dots,) = axes.collections
        # From atom on atom to the centre of a hexagon, in picometres: at most a bond of 142 pm.
        assert 0 <= dots.get_array().min() < dots.get_array().max() < 150
    (bar,) = [axes for axes in figure.axes if axes.get_ylabel() == "to the nearest atom (pm)"]
    assert bar._colorbar.mappable is panels["twisted bilayer"].collections[0]
    assert [axes.get_xlabel() for axes in figure.axes[2:4]] == ["x (nm)"] * 2


def test_each_moiré_stands_under_its_name() -> None:
    one, other = (
        made(Moire, lower=(20, 2), upper=(21, 2), offset=(20,), vectors=(2, 2)) for _ in range(2)
    )
    other = Moire(2 * other.lower, 2 * other.upper, 2 * other.offset, 2 * other.vectors)
    panels = by_title(drawn(draw_moires, Moires(one, other)))
    for title, moire in (("graphene on hBN", one), ("twisted bilayer", other)):
        (dots,) = panels[title].collections
        np.testing.assert_allclose(dots.get_array(), 1e3 * moire.offset)
        np.testing.assert_allclose(dots.get_offsets(), moire.lower)
        np.testing.assert_allclose([end for _, end in arrows(panels[title])], moire.vectors)


def test_the_bands_of_both_valleys_against_the_plain_hamiltonian() -> None:
    figure = drawn(draw_valleys, valleys(points=5, count=9))
    left, right = figure.axes[:2]
    material = plain.Material()
    for label, valley in (("valley K", 1), ("valley K′", -1)):
        basis = plain.circle(material, valley, 3)
        middle = len(basis.graphene) + len(basis.hbn)
        curves = read_lines(right, label)
        for i in (1, 5):
            k = (material.k_m * curves[0][0][i], 0.0)
            energies = np.linalg.eigvalsh(plain.hamiltonian(k, valley, basis, material))
            found = sorted(y[i] for _, y in curves)
            np.testing.assert_allclose(found, energies[middle - 2 : middle + 2], atol=1e-6)
    assert right.get_ylabel() == "energy (meV)"
    assert right.get_xlabel() == "$k_x/k_m$, from the centre of the valley"
    corners = {
        text.get_text(): text.get_position() for text in left.texts if text.get_position()[1] == 0
    }
    # K lies on k_x (Kundu App. A), K′ opposite to it.
    assert corners["K"][0] > 0
    assert {text.get_text() for text in left.texts} == {"K", "K′"}
    assert (left.get_xlabel(), left.get_ylabel()) == ("$k_x$ (1/nm)", "$k_y$ (1/nm)")


def test_each_valley_has_its_bands() -> None:
    data = made(
        Valleys,
        k=np.linspace(-1, 1, 5),
        graphene=(5, 5),
        corners=(6, 2),
        moire_k=(4,),
        bands_k=(4, 3),
        bands_k_prime=(4, 3),
    )
    right = drawn(draw_valleys, data).axes[1]
    for label, bands in (("valley K", data.bands_k), ("valley K′", data.bands_k_prime)):
        np.testing.assert_array_equal([y for _, y in read_lines(right, label)], bands.T)


def test_the_landscape_and_its_loop() -> None:
    data = made(
        Switch,
        phi=(5,),
        sources=np.array([0.0, 0.5, 1.2]),
        landscape=(3, 5),
        path=(8,),
        state=(8,),
    )
    left, right = drawn(draw_switch, data).axes
    for label, values in zip(("0", "0.5", "1.2"), data.landscape, strict=True):
        x, y = read_line(left, label)
        np.testing.assert_allclose((x, y), (data.phi, 1e6 * values))
    assert left.get_legend().get_title().get_text() == r"$\Delta n_0/n_c$"
    assert left.get_ylabel() == "landscape (10⁻⁶/nm⁴)"
    assert_curves(
        right,
        {"up": (data.path[:4], data.state[:4]), "down": (data.path[4:], data.state[4:])},
    )


def test_the_cover_shows_the_moire_and_the_bands_of_both_valleys() -> None:
    data = cover()
    atoms, bands = drawn(draw_cover, data).axes
    spots = atoms.collections[0]
    shown = np.asarray(spots.get_offsets())
    inside = (np.abs(data.moire.lower) < [24.0, 8.0]).all(axis=1)
    np.testing.assert_array_equal(shown, data.moire.lower[inside])
    np.testing.assert_array_equal(spots.get_array(), data.moire.offset[inside])
    lines = bands.get_lines()
    solid, dashed = lines[:4], lines[4:]
    for line, energies in zip(solid, data.bands_k.T, strict=True):
        np.testing.assert_array_equal(line.get_ydata(), energies)
    for line, energies in zip(dashed, data.bands_k_prime.T, strict=True):
        np.testing.assert_array_equal(line.get_ydata(), energies)
    # What time reversal demands, and what tells the valleys apart.
    np.testing.assert_allclose(data.bands_k, data.bands_k_prime[::-1], atol=1e-8)
    assert np.abs(data.bands_k - data.bands_k_prime).max() > 1
