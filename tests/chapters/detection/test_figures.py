"""Kundu Fig. 2 and the resistance of Eq. 4, as drawn."""

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
from matplotlib.axes import Axes
from matplotlib.collections import QuadMesh

from moirelib import GrapheneHBN, HallLayer
from moirelib.chapters.detection.data.chain import (
    Conductivities,
    CurvatureMap,
    Device,
    NonlocalResistance,
    ResistanceAgainstLength,
    curvature_map,
    device,
    resistance_against_length,
)
from moirelib.chapters.detection.data.voltmeter import Seen, seen
from moirelib.chapters.detection.figures import (
    draw_conductivities,
    draw_curvature_map,
    draw_device,
    draw_resistance_against_length,
    draw_resistance_against_mu,
    draw_seen,
)


def strips(axes: Axes) -> tuple[QuadMesh, QuadMesh]:
    """The lower and the upper strip of the device."""
    meshes = [one for one in axes.collections if isinstance(one, QuadMesh)]
    lower, upper = sorted(meshes, key=lambda one: one.get_coordinates()[..., 1].min())
    return lower, upper


def test_figure_2_drives_above_and_measures_below() -> None:
    figure = drawn(draw_device, device(2.0, 1.0))
    axes, bar = figure.axes
    assert bar.get_ylabel() == "cube root of the potential (scaled):\nvalley above, charge below"
    lower, upper = strips(axes)
    for mesh in (lower, upper):
        assert mesh.get_clim() == (-1.0, 1.0)
        red, _, blue, _ = mesh.to_rgba(1.0)
        assert red > blue
    # Slanted by 0.45 of y: the lower edge of each strip has its x.
    x = upper.get_coordinates()[:, 0, 0]
    potential = np.asarray(upper.get_array())[:, 0] ** 3
    centred = np.interp([-2.0, -1.0, 1.0, 2.0, 3.0], x, potential)
    # A valley current leaves to both sides and dies out over l_v, which is the unit of length.
    assert centred[0] == pytest.approx(-centred[3], rel=1e-6)
    assert centred[1] == pytest.approx(-centred[2], rel=1e-6)
    assert centred[4] / centred[3] == pytest.approx(math.exp(-1.0), rel=0.05)
    below = np.asarray(lower.get_array()) ** 3
    # The two edges below, where the contacts are, differ by a voltage of one sign at the probes.
    probe = np.argmin(np.abs(lower.get_coordinates()[:, 0, 0] - 2.0))
    assert below[probe, 0] == pytest.approx(-below[probe, -1], rel=1e-6)
    marks = [curve_of(line) for line in axes.lines if line.get_marker() == "s"]
    assert {tuple(np.round([a[0], b[0]], 6)) for a, b in marks} == {
        (0.0, 1.7),
        (0.45, 2.45),
        (2.0, 0.0),
        (2.45, 0.75),
    }
    texts = {one.get_text(): one.get_position() for one in axes.texts if one.get_text()}
    assert texts["$I^{(1)}$"][1] > texts["$V^{(2)}$"][1]
    assert texts["$L$"][0] == 1.0
    assert {"$W$", "$d$", r"valley current $j_{1v}$", r"drag $\sigma_{12,v}$"} < set(texts)


def test_figure_2_draws_each_strip() -> None:
    data = made(
        Device,
        x=np.linspace(-1, 3, 5),
        y=np.linspace(0, 1, 3),
        active=(5, 3),
        passive=(5, 3),
        length=2.0,
        width=1.0,
    )
    lower, upper = strips(drawn(draw_device, data).axes[0])
    np.testing.assert_allclose(np.asarray(lower.get_array()) ** 3, data.passive)
    np.testing.assert_allclose(np.asarray(upper.get_array()) ** 3, data.active)


def test_the_curvature_map_against_plaquettes(monkeypatch: pytest.MonkeyPatch) -> None:
    model = GrapheneHBN(cutoff=1)
    layer = HallLayer(model, divisions=3, refinement=2)
    monkeypatch.setattr("moirelib.chapters.detection.data.chain.hall_layer", lambda: layer)
    figure = drawn(draw_curvature_map, curvature_map(points=41))
    panels = by_title(figure)
    material = plain.Material()
    basis = plain.circle(material, 1, 1)
    middle = len(basis.graphene) + len(basis.hbn)
    for title, band in (("highest valence band", middle - 1), ("lowest conduction band", middle)):
        axes = panels[title]
        shown = read_map(axes)
        assert shown.positive_is_red
        assert shown.limits == (-1e4, 1e4)
        assert colour_label(figure, axes) == "Berry curvature (nm²)"
        assert axes.get_xlabel() == "$k_x$ (1/nm)"
        for row, column in ((20, 25), (24, 20)):
            k = (float(shown.x[column]), float(shown.y[row]))
            expected = plain.berry_curvature(k, 1, basis, material, band, 1e-3)
            # The map takes the nearest sample of the layer.
            assert shown.values[row, column] == pytest.approx(expected, rel=0.5)
    assert figure.axes[0].get_ylabel() == "$k_y$ (1/nm)"


def test_the_curvature_map_has_each_band_in_its_panel() -> None:
    data = made(
        CurvatureMap,
        k=np.linspace(-0.3, 0.3, 5),
        valence=(5, 5),
        conduction=(5, 5),
        corners=(7, 2),
    )
    panels = by_title(drawn(draw_curvature_map, data))
    for title, values in (
        ("highest valence band", data.valence),
        ("lowest conduction band", data.conduction),
    ):
        shown = read_map(panels[title])
        np.testing.assert_array_equal(shown.values, values)
        np.testing.assert_allclose(shown.x, data.k)


def test_the_conductivities() -> None:
    data = made(
        Conductivities,
        mu=(5,),
        kT=np.array([0.5, 2.0]),
        valley_hall=(2, 5),
        drude=(2, 5),
        dirac=(2, 5),
        broadening=1.5,
    )
    top, bottom = drawn(draw_conductivities, data).axes
    assert_curves(
        top,
        {
            "$k_BT$ = 0.5 meV": (data.mu, data.valley_hall[0]),
            "$k_BT$ = 2 meV": (data.mu, data.valley_hall[1]),
            "Dirac cones, lowest $k_BT$": (data.mu, data.dirac[0]),
        },
    )
    for i, label in enumerate(("$k_BT$ = 0.5 meV", "$k_BT$ = 2 meV")):
        np.testing.assert_array_equal(curve_of(bottom.lines[i]), (data.mu, data.drude[i]))
        assert look(bottom.lines[i])[0] == look(legend_of(top)[label])[0]
    assert top.get_ylabel() == r"$\sigma_v^{xy}$ ($e^2/h$)"
    assert bottom.get_ylabel() == r"$\sigma^{xx}$ ($e^2/h$), $\hbar\delta$ = 1.5 meV"
    assert bottom.get_yscale() == "log"


def test_the_resistance_against_filling() -> None:
    data = made(
        NonlocalResistance,
        mu=np.linspace(-100, 100, 5),
        temperature=np.array([10.0, 30.0]),
        resistance=(2, 5),
        angle=np.array([[0.1, 0.5, 0.1, 0.1, 0.1], [0.1, 0.1, 0.1, 0.1, 0.9]]),
        smallest=0.01,
        broadening=1.0,
    )
    (axes,) = drawn(draw_resistance_against_mu, data).axes
    for i, label in enumerate(("10 K", "30 K")):
        colour = look(legend_of(axes)[label])[0]
        own = [line for line in axes.lines if look(line)[0] == colour and len(line.get_xdata())]
        dotted = [line for line in own if line.get_linestyle() == ":"]
        full = [line for line in own if line.get_linestyle() == "-"]
        np.testing.assert_array_equal(dotted[0].get_ydata(), data.resistance[i])
        shown = np.where(data.angle[i] < 0.3, data.resistance[i], np.nan)
        np.testing.assert_array_equal(full[0].get_ydata(), shown)
    assert levels(axes)[1] == [0.01]
    assert axes.get_yscale() == "log"
    assert axes.get_ylabel() == r"$|R_{NL}|$ of Eq. (4) (Ω)"


@pytest.mark.parametrize("valley_length", [500.0, 2000.0])
def test_a_frame_of_the_length_shows_that_length(valley_length: float) -> None:
    data = resistance_against_length(valley_length)
    (axes,) = drawn(draw_resistance_against_length, data).axes
    assert axes.get_title() == rf"$l_v$ = {valley_length / 1000:g} µm, $W$ = 0.2 µm"
    assert axes.get_xlabel() == "$L$ (µm)"
    assert axes.get_ylabel() == "$R_{NL}$ / chain at $L=0$"
    assert axes.get_yscale() == "symlog"
    micron, chain = read_line(axes, "chain, no leakage")
    assert (micron[0], micron[-1]) == pytest.approx((0.02, 8.0))
    # Each step of a narrow strip decays as e^{−L/l_v}, apart from a factor linear in L (Eq. 4).
    _, printed = read_line(axes, "Eq. (4), $L/W$")
    length = valley_length / 1000
    expected = micron * np.exp(-micron / length)
    np.testing.assert_allclose(printed / printed[9], expected / expected[9], rtol=1e-9)
    assert abs(chain[0]) <= 1.0


def test_the_profiles_have_their_names() -> None:
    data = made(
        ResistanceAgainstLength,
        length=np.linspace(20, 8000, 5),
        printed=(5,),
        chain=(5,),
        field_own=(5,),
        field_total=(5,),
        current_total=(5,),
        valley_length=1000.0,
        width=200.0,
    )
    (axes,) = drawn(draw_resistance_against_length, data).axes
    micron = data.length / 1000
    assert_curves(
        axes,
        {
            "Eq. (4), $L/W$": (micron, data.printed),
            "chain, no leakage": (micron, data.chain),
            "$c=+1$": (micron, data.current_total),
            "$c=-1$": (micron, data.field_total),
            "$c=-3$, conductivity matrix": (micron, data.field_own),
        },
    )


def test_what_is_seen_at_a_frequency() -> None:
    frequency = np.geomspace(1e3, 1e12, 7)
    (axes,) = drawn(draw_seen, seen(frequency)).axes
    # −(−ix)(1 − ix)² with x = Ωτ and ħ/τ = 1 meV.
    x = 2 * math.pi * frequency * plain.HBAR
    voltage = 1j * x * (1 - 1j * x) ** 2
    for label, part in (
        ("modulus", voltage),
        ("in phase", voltage.real),
        ("out of phase", voltage.imag),
    ):
        hertz, found = read_line(axes, label)
        np.testing.assert_array_equal(hertz, frequency)
        np.testing.assert_allclose(found, np.abs(part), rtol=1e-9)
    assert axes.get_xscale() == axes.get_yscale() == "log"
    assert axes.get_xlabel() == "frequency (Hz)"


def test_the_quadratures_have_their_names() -> None:
    data = made(
        Seen,
        frequency=(4,),
        scaled=(4,),
        voltage=np.array([3 + 4j, 1 - 2j, 2j, -5 + 0.5j]),
        decay=(4,),
    )
    (axes,) = drawn(draw_seen, data).axes
    np.testing.assert_allclose(read_line(axes, "in phase")[1], [3, 1, 0, 5])
    np.testing.assert_allclose(read_line(axes, "out of phase")[1], [4, 2, 2, 0.5])
