"""Kundu Figs. 1(b) and 1(d) and what the chapter adds, as drawn."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any

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

from moirelib.chapters.perturbation_theory.data.device import Parameters, Windows
from moirelib.chapters.perturbation_theory.data.drag import (
    DistanceLaw,
    DragAt,
    DragMap,
    EqualFillings,
    MapAtDistance,
    Stacking,
    _coarse_map,
    distance_law,
    drag_at,
    drag_map,
    map_at_distance,
)
from moirelib.chapters.perturbation_theory.data.registries import Drift, Registry
from moirelib.chapters.perturbation_theory.data.response import Convergence, Interband, Relaxation
from moirelib.chapters.perturbation_theory.data.screening import (
    FILLINGS,
    DensityMaps,
    ScreenedLine,
    ScreenedMap,
)
from moirelib.chapters.perturbation_theory.data.time_domain import (
    WHO,
    RelaxedDrag,
    Transients,
    relaxed_drag,
)
from moirelib.chapters.perturbation_theory.figures import (
    draw_convergence,
    draw_density_maps,
    draw_distance_law,
    draw_drag_at,
    draw_drag_map,
    draw_drift,
    draw_equal_fillings,
    draw_interband,
    draw_map_at_distance,
    draw_parameters,
    draw_registry,
    draw_relaxation,
    draw_relaxed_drag,
    draw_screened_line,
    draw_screened_map,
    draw_shells,
    draw_stacking,
    draw_transients,
    draw_windows,
)

SIGMA = "$\\sigma_{12,v}^{xx}$ ($e^2/h$)\nsign of Kundu Eq. 1"
MU_1, MU_2 = "$\\mu_1$ (meV)", "$\\mu_2$ (meV)"
SIGN_TITLES = {"momentum_matched": "momentum-matched sign", "as_printed": "printed sign"}

# A small basis and one shell, on a mesh that resolves this temperature: the plain sum has them too.
SMALL: dict[str, Any] = {"cutoff": 1, "mesh": 24, "bands": 8, "shells": 1}
KT = 4.0


@pytest.fixture
def _small(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("moirelib.chapters.perturbation_theory.data.drag.CONVERGED", SMALL)
    drag_map.cache_clear()
    yield
    drag_map.cache_clear()


@cache
def plain_response(sign: str, mu: float) -> dict[plain.Cell, list[complex]]:
    material = plain.Material(exponent=1 if sign == "as_printed" else -1)
    bases = {valley: plain.circle(material, valley, SMALL["cutoff"]) for valley in (1, -1)}
    shell = [(1, 0), (0, 1), (-1, -1), (-1, 0), (0, -1), (1, 1)]
    return plain.susceptibility(mu, KT, shell, bases, SMALL["mesh"], material, reach=40 * KT)


def plain_drag(sign: str, mu_1: float, mu_2: float, distance: float = 1.0) -> float:
    """σ^{xx} with the parameters of App. B."""
    material = plain.Material()
    left, right = plain_response(sign, mu_1), plain_response(sign, mu_2)
    potential = {
        cell: plain.interlayer(np.hypot(*material.reciprocal(cell)), distance, 10.0, 5.0)
        for cell in right
    }
    return plain.drag(left, right, potential, broadening=1.0)[0][0]


def plain_on_mesh(mu: float, divisions: int) -> float:
    """σ^{xx} at equal fillings with the mesh of the lower panels, resolved or not."""
    material = plain.Material()
    bases = {valley: plain.circle(material, valley, 3) for valley in (1, -1)}
    length = {cell: np.hypot(*material.reciprocal(cell)) for cell in plain.square(4).graphene}
    inside = 3.01 * length[1, 0]
    shells = [cell for cell, one in length.items() if 0 < one < inside]
    response = plain.susceptibility(mu, KT, shells, bases, divisions, material, reach=40 * KT)
    potential = {cell: plain.interlayer(length[cell], 1.0, 10.0, 5.0) for cell in shells}
    return plain.drag(response, response, potential, broadening=1.0)[0][0]


@pytest.mark.usefixtures("_small")
def test_figure_1b_against_the_plain_sum() -> None:
    # Ten chemical potentials from −200 to 250 meV; fifty meV apart.
    figure = drawn(draw_drag_map, drag_map(count=10, kT=KT, mesh=6))
    panels = by_title(figure)
    assert list(panels) == list(SIGN_TITLES.values())
    largest = 0.0
    for sign, title in SIGN_TITLES.items():
        axes = panels[title]
        shown = read_map(axes)
        assert (shown.x[0], shown.x[-1]) == pytest.approx((-200.0, 250.0))
        # Negative drag, as all equal fillings have it, is red.
        assert not shown.positive_is_red
        assert shown.at(-150, -150) < 0
        assert colour_label(figure, axes) == SIGMA
        largest = max(largest, abs(shown.values).max())
        assert shown.limits[1] >= abs(shown.values).max()
        levels_of_sign = {
            "momentum_matched": ((-100.0, -100.0), (-100.0, 100.0), (100.0, -100.0)),
            "as_printed": ((100.0, 100.0),),
        }
        for mu_1, mu_2 in levels_of_sign[sign]:
            expected = plain_drag(sign, mu_1, mu_2)
            found = shown.at(mu_2, mu_1)
            # The tail of the Fermi function beyond 9 k_BT, and k·p at third order.
            assert found == pytest.approx(expected, abs=2e-3 * abs(expected) + 1e-4)
    assert shown.limits[1] == pytest.approx(largest)
    below = figure.axes[2:4]
    for axes in below:
        assert axes.get_xlabel() == MU_2
        assert read_map(axes).limits == (-1.0, 1.0)
        assert colour_label(figure, axes) == "60 × 60 points: change (% of largest)"
    assert {figure.axes[0].get_ylabel(), figure.axes[2].get_ylabel()} == {MU_1}
    # What the paper's mesh changes: here six points a side, three |G₁| of plane waves, five shells.
    above, change = read_map(figure.axes[0]), read_map(below[0]).at(-100, -100)
    found = above.at(-100, -100) + change * abs(above.values).max() / 100
    assert found == pytest.approx(plain_on_mesh(-100.0, 6), rel=1e-3)


def test_figure_1b_is_not_transposed_and_its_panels_not_exchanged() -> None:
    mu = np.linspace(-200, 250, 4)
    data = made(
        DragMap,
        mu=mu,
        momentum_matched=(4, 4),
        as_printed=(4, 4),
        momentum_matched_mesh=(4, 4),
        as_printed_mesh=(4, 4),
    )
    axes = drawn(draw_drag_map, data).axes
    for column, (converged, mesh) in enumerate(
        (
            (data.momentum_matched, data.momentum_matched_mesh),
            (data.as_printed, data.as_printed_mesh),
        )
    ):
        above, below = read_map(axes[column]), read_map(axes[2 + column])
        np.testing.assert_array_equal(above.values, converged)
        # Rows are μ₁, columns μ₂.
        assert above.at(mu[2], mu[1]) == converged[1, 2]
        np.testing.assert_allclose(below.values, 100 * (mesh - converged) / converged.max())
        # One scale for both signs, as wide as the largest drag; percents run to one.
        largest = max(data.momentum_matched.max(), data.as_printed.max())
        assert (above.limits, below.limits) == ((-largest, largest), (-1.0, 1.0))
        np.testing.assert_allclose(above.x, mu)
        np.testing.assert_allclose(above.y, mu)


@pytest.mark.usefixtures("_small")
@pytest.mark.parametrize("distance", [0.7, 2.0])
def test_a_frame_of_the_distance_shows_that_distance(distance: float) -> None:
    figure = drawn(draw_map_at_distance, map_at_distance(distance, count=10, kT=KT))
    (axes,) = by_title(figure).values()
    assert axes.get_title() == f"d = {distance:g} nm"
    assert (axes.get_xlabel(), axes.get_ylabel()) == (MU_2, MU_1)
    shown = read_map(axes)
    assert shown.limits == (-12.0, 12.0)
    assert not shown.positive_is_red
    assert colour_label(figure, axes) == SIGMA
    expected = plain_drag("momentum_matched", -100.0, 100.0, distance)
    assert shown.at(100.0, -100.0) == pytest.approx(expected, rel=2e-3, abs=1e-4)


def test_a_frame_of_the_distance_is_not_transposed() -> None:
    data = made(MapAtDistance, mu=np.linspace(0, 3, 4), conductivity=(4, 4), distance=1.5)
    shown = read_map(drawn(draw_map_at_distance, data).axes[0])
    assert shown.at(2.0, 1.0) == data.conductivity[1, 2]


def test_a_frame_of_both_fillings_against_the_plain_sum(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("CONVERGED", "COARSE"):
        monkeypatch.setattr(f"moirelib.chapters.perturbation_theory.data.drag.{name}", SMALL)
    _coarse_map.cache_clear()
    figure = drawn(draw_drag_at, drag_at(-100.0, 130.0, count=10, kT=KT))
    _coarse_map.cache_clear()
    left, right, _ = figure.axes
    shown = read_map(left)
    assert not shown.positive_is_red
    assert colour_label(figure, left) == right.get_ylabel() == SIGMA
    assert (left.get_xlabel(), left.get_ylabel()) == (MU_2, MU_1)
    assert levels(left) == ([130.0], [-100.0])
    expected = plain_drag("momentum_matched", -100.0, 130.0)
    for line in (left.lines[-1], *right.lines):
        if line.get_marker() == "o" and line.axes is right:
            assert line.get_ydata()[0] == pytest.approx(expected, rel=2e-3, abs=1e-4)
    assert right.get_title() == f"{expected:+.2f} $e^2/h$"
    x, y = read_line(right, "against $\\mu_2$ at this $\\mu_1$")
    assert y[-1] == pytest.approx(plain_drag("momentum_matched", -100.0, 250.0), rel=2e-3, abs=1e-4)
    x, y = read_line(right, "against $\\mu_1$ at this $\\mu_2$")
    assert (x[0], x[-1]) == (-200.0, 250.0)
    assert y[1] == pytest.approx(plain_drag("momentum_matched", x[1], 130.0), rel=2e-3, abs=1e-4)


def test_a_frame_of_both_fillings_draws_each_array() -> None:
    mu = np.linspace(0, 3, 4)
    data = made(
        DragAt,
        mu=mu,
        conductivity=(4, 4),
        against_1=(4,),
        against_2=(4,),
        mu1=1.0,
        mu2=2.0,
        value=0.6,
    )
    left, right, _ = drawn(draw_drag_at, data).axes
    assert read_map(left).at(2.0, 1.0) == data.conductivity[1, 2]
    assert_curves(
        right,
        {
            "against $\\mu_2$ at this $\\mu_1$": (mu, data.against_2),
            "against $\\mu_1$ at this $\\mu_2$": (mu, data.against_1),
        },
    )
    places = [curve_of(line) for line in right.lines if line.get_marker() == "o"]
    assert sorted((float(x[0]), float(y[0])) for x, y in places) == [(1.0, 0.6), (2.0, 0.6)]
    assert tuple(v[0] for v in curve_of(left.lines[-1])) == (2.0, 1.0)


@pytest.mark.usefixtures("_small")
def test_figure_1d_against_the_plain_sum() -> None:
    mus, distances = (-100.0, 100.0), [0.5, 1.0, 3.0]
    figure = drawn(draw_distance_law, distance_law(distances, mus, KT))
    (axes,) = figure.axes
    assert axes.get_yscale() == "log"
    assert axes.get_xscale() == "linear"
    assert axes.get_xlabel() == "distance d (nm)"
    assert axes.get_ylabel() == "$|\\sigma_{12,v}^{xx}|$ ($e^2/h$)"
    g = np.hypot(*plain.Material().reciprocal((1, 0)))
    labels = list(legend_of(axes))
    assert labels[-1] == "$e^{-|G_1|d}$"
    for mu, label in zip(mus, labels, strict=False):
        x, y = read_line(axes, label)
        expected = [abs(plain_drag("momentum_matched", mu, mu, d)) for d in distances]
        np.testing.assert_allclose(x, distances)
        np.testing.assert_allclose(y, expected, rtol=2e-3)
        # One shell, so that the fitted decay is |G₁| itself.
        assert label == f"μ = {mu:g} meV: 1.000 $|G_1|$"
        # The line of the same colour is the law, through the last point.
        colour = look(legend_of(axes)[label])[0]
        (law,) = [
            curve_of(line)
            for line in axes.lines
            if look(line)[0] == colour and line.get_linestyle() == "-" and len(line.get_xdata())
        ]
        np.testing.assert_allclose(law[1], expected[-1] * np.exp(-g * (x - 3.0)), rtol=2e-3)


def test_figure_1d_draws_each_filling() -> None:
    data = made(
        DistanceLaw,
        distance=np.linspace(0.5, 6, 4),
        mu=np.array([-128.0, 110.0]),
        conductivity=(4, 2),
        first_shell=(4, 2),
        decay=np.array([0.6, 0.4]),
        reciprocal_length=0.5,
        gate_factor=1.0,
    )
    (axes,) = drawn(draw_distance_law, data).axes
    labels = ["μ = -128 meV: 1.200 $|G_1|$", "μ = 110 meV: 0.800 $|G_1|$"]
    for label, values in zip(labels, data.conductivity.T, strict=True):
        np.testing.assert_allclose(read_line(axes, label)[1], values)
        colour = look(legend_of(axes)[label])[0]
        (law,) = [
            curve_of(line)
            for line in axes.lines
            if look(line)[0] == colour and line.get_linestyle() == "-" and len(line.get_xdata())
        ]
        np.testing.assert_allclose(law[1], values[-1] * np.exp(-0.5 * (data.distance - 6)))


def test_equal_fillings() -> None:
    mu = np.linspace(-200, 250, 91)
    peaks = {"matched": -100.0, "printed": 150.0}
    data = made(
        EqualFillings,
        mu=mu,
        momentum_matched=(91, 3),
        as_printed=(91, 3),
        density_matched=np.exp(-(((mu - peaks["matched"]) / 10) ** 2)),
        density_printed=np.exp(-(((mu - peaks["printed"]) / 10) ** 2)),
    )
    figure = drawn(draw_equal_fillings, data)
    panels = by_title(figure)
    for column, (title, drag, density, peak) in enumerate(
        (
            ("momentum-matched sign", data.momentum_matched, data.density_matched, -100.0),
            ("printed sign", data.as_printed, data.density_printed, 150.0),
        )
    ):
        upper, lower = panels[title], figure.axes[2 + column]
        np.testing.assert_allclose(curve_of(upper.lines[0])[1], drag.sum(axis=1))
        np.testing.assert_allclose(curve_of(lower.lines[0])[1], density)
        np.testing.assert_array_equal(curve_of(lower.lines[0])[0], mu)
        for axes in (upper, lower):
            assert levels(axes)[0] == pytest.approx([peak])
        assert lower.get_xlabel() == "$\\mu_1=\\mu_2$ (meV)"
    assert figure.axes[0].get_ylabel() == SIGMA
    assert figure.axes[2].get_ylabel() == "states per meV and cell"


def test_shares_of_the_shells() -> None:
    data = made(
        EqualFillings,
        mu=np.linspace(0, 1, 4),
        momentum_matched=(4, 3),
        as_printed=(4, 3),
        density_matched=(4,),
        density_printed=(4,),
    )
    figure = drawn(draw_shells, data)
    panels = by_title(figure)
    for title, drag in (
        ("momentum-matched sign", data.momentum_matched),
        ("printed sign", data.as_printed),
    ):
        for shell in range(3):
            x, y = read_line(panels[title], f"shell {shell + 1}", legend=figure)
            np.testing.assert_allclose(y, drag[:, shell] / drag.sum(axis=1))
            np.testing.assert_array_equal(x, data.mu)
        assert panels[title].get_yscale() == "log"
        assert levels(panels[title])[1] == [1e-3]
    assert figure.axes[0].get_ylabel() == "share of $\\sigma_{12,v}^{xx}$"


def test_stackings() -> None:
    data = made(Stacking, mu=(5,), same=(5,), inverted=(5,))
    (axes,) = drawn(draw_stacking, data).axes
    assert_curves(
        axes, {"like faces": (data.mu, data.same), "opposite faces": (data.mu, data.inverted)}
    )
    assert axes.get_ylabel() == SIGMA


def test_the_relaxation() -> None:
    data = made(
        Relaxation,
        frequency=(5,),
        intraband=(5,),
        interband=(5,),
        scale=1.6,
        mu=-128.0,
        mu_reference=42.0,
        kT=6.0,
    )
    (axes,) = drawn(draw_relaxation, data).axes
    assert_curves(
        axes,
        {
            "within bands": (data.frequency, data.intraband),
            "between bands": (data.frequency, data.interband),
            "sum": (data.frequency, data.intraband + data.interband),
        },
    )
    assert levels(axes)[0] == [1.6]
    assert axes.get_xscale() == "log"
    assert axes.get_xlabel() == "imaginary frequency ħω (meV)"


def test_the_interband_terms() -> None:
    def complex_array() -> np.ndarray:
        rng = np.random.default_rng(next(seeds))
        return rng.uniform(size=4) + 1j * rng.uniform(size=4)

    seeds = iter(range(9))
    data = made(
        Interband,
        frequency=(4,),
        across_k=complex_array(),
        across_k_prime=complex_array(),
        along_k=complex_array(),
        along_k_prime=complex_array(),
        mu=-128.0,
        mu2=(4,),
        hall_one_valley=(4,),
        longitudinal_one_valley=(4,),
        both_valleys=(4,),
        intraband_one_valley=(4,),
    )
    left, right = drawn(draw_interband, data).axes
    assert_curves(
        left,
        {
            "across G, K": (data.frequency, data.across_k.real),
            "across G, K′": (data.frequency, data.across_k_prime.real),
            "along G, K": (data.frequency, data.along_k.imag),
            "along G, K′": (data.frequency, data.along_k_prime.imag),
        },
    )
    assert_curves(
        right,
        {
            "between bands, $xy$": (data.mu2, data.hall_one_valley),
            "between bands, $xx$": (data.mu2, data.longitudinal_one_valley),
            "within bands, $xx$ / 100": (data.mu2, data.intraband_one_valley / 100),
        },
    )
    assert right.get_title() == "$\\mu_1$ = -128 meV"


def test_the_convergence_study() -> None:
    names = ("mesh", "bands", "cut-off 3 → 4")
    data = made(Convergence, mu=(4,), change=(4, 3), worst=(3,), names=np.array(names))
    (axes,) = drawn(draw_convergence, data).axes
    assert_curves(
        axes,
        {name: (data.mu, one) for name, one in zip(names, data.change.T, strict=True)},
    )
    assert levels(axes)[1] == [1e-3]
    assert axes.get_yscale() == "log"


def test_the_relaxed_drag() -> None:
    data = made(
        RelaxedDrag,
        frequency=(4,),
        response=np.array([1 + 2j, 3 - 1j, 0.5j, 2]),
        time=(4,),
        after_field=(4,),
        after_current=(4,),
        passive=0.3,
        active=1.0,
    )
    figure = drawn(draw_relaxed_drag, data)
    left, right = figure.axes
    assert_curves(
        left,
        {
            "real part": (data.frequency, data.response.real),
            "imaginary part": (data.frequency, data.response.imag),
            "Lorentzian behind Eq. 1": (data.frequency, -1 / (data.frequency**2 + 1)),
        },
    )
    assert_curves(
        right,
        {
            "after a step of the field": (data.time, data.after_field),
            "after a step of the current": (data.time, data.after_current),
        },
    )
    assert left.get_xlabel() == "$\\hbar\\Omega$ (meV)"
    assert right.get_xlabel() == "time (ps)"
    assert figure.get_suptitle() == "passive layer 0.3 meV, active layer 1 meV"


@pytest.mark.parametrize("passive", [0.3, 1.0])
def test_a_frame_of_the_relaxed_drag_shows_that_layer(passive: float) -> None:
    """χ = 𝒞(−ix)/(1 − ix) for each layer, and so σ ∝ χ₁χ₂/Ω: no current at Ω = 0."""
    figure = drawn(draw_relaxed_drag, relaxed_drag(passive))
    assert figure.get_suptitle().startswith(f"passive layer {passive:g} meV")
    left, right = figure.axes
    frequency, real = read_line(left, "real part")
    _, imaginary = read_line(left, "imaginary part")
    x, y = frequency / passive, frequency / 1.0
    shape = -1j * frequency / (passive * (1 - 1j * x)) / (1 - 1j * y)
    found = real + 1j * imaginary
    where = np.abs(frequency) > 0.2
    ratio = found[where] / shape[where]
    np.testing.assert_allclose(ratio, ratio[0], rtol=1e-6)
    assert abs(np.interp(0.0, frequency, real)) < 1e-3 * np.abs(real).max()
    # The current after a step is (e^{−γt} − e^{−γ′t})/(γ′ − γ), with γ/ħ of each layer.
    time, pulse = read_line(right, "after a step of the field")
    picoseconds = 1e12 * plain.HBAR
    passed = time[time > 0] / picoseconds
    if passive == 1.0:
        expected = passed * np.exp(-passed)
    else:
        expected = (np.exp(-passive * passed) - np.exp(-passed)) / (1.0 - passive)
    np.testing.assert_allclose(pulse[time > 0], expected, atol=1e-6)


def test_the_transients() -> None:
    data = made(
        Transients,
        time=(37,),
        simulated=(37, len(WHO)),
        predicted=(37, len(WHO)),
        ring_time=(25,),
        rings=(25,),
        rings_predicted=(25,),
        shared=(25,),
    )
    left, right = drawn(draw_transients, data).axes
    for i, name in enumerate(WHO):
        x, y = read_line(left, name)
        np.testing.assert_array_equal(y, data.predicted[:, i])
        colour = look(legend_of(left)[name])[0]
        (points,) = [
            curve_of(line)
            for line in left.lines
            if look(line)[0] == colour and line.get_marker() == "o"
        ]
        np.testing.assert_array_equal(points[1], data.simulated[::12, i])
        np.testing.assert_array_equal(points[0], data.time[::12])
        np.testing.assert_array_equal(x, data.time)
    assert_curves(
        right,
        {
            "own collisions": (data.ring_time, data.rings_predicted),
            "the same collisions": (data.ring_time[::8], data.shared[::8]),
        },
    )
    (points,) = [line for line in right.lines if line.get_marker() == "o"]
    np.testing.assert_array_equal(points.get_ydata(), data.rings[::8])


def test_the_maps_against_densities() -> None:
    data = made(
        DensityMaps,
        density=np.sort(np.random.default_rng(3).uniform(-6, 6, (3, 5)), axis=1),
        conductivity=(3, 5, 5),
        per_filling=2.4,
    )
    figure = drawn(draw_density_maps, data)
    # The axis above follows the one below when it is laid out.
    figure.draw_without_rendering()
    panels = by_title(figure)
    assert list(panels) == ["momentum-matched sign", "printed sign", "screened, 6 meV"]
    for axes, density, values in zip(panels.values(), data.density, data.conductivity, strict=True):
        shown = read_map(axes)
        np.testing.assert_array_equal(shown.values, values)
        assert not shown.positive_is_red
        assert shown.limits[1] == values.max()
        assert colour_label(figure, axes) == SIGMA
        assert axes.get_xlabel() == "$n_2$ ($10^{12}$ cm$^{-2}$)"
        assert axes.get_xlim()[0] < density[0] < density[-1] < axes.get_xlim()[1]
        (above,) = axes.child_axes
        assert above.get_xlabel() == "carriers per moiré cell"
        assert above.get_xlim()[1] == pytest.approx(axes.get_xlim()[1] / 2.4)
    assert figure.axes[0].get_ylabel() == "$n_1$ ($10^{12}$ cm$^{-2}$)"


def test_the_screened_map() -> None:
    data = made(ScreenedMap, mu=np.linspace(0, 3, 4), bare=(4, 4), screened=(4, 4), kT=6.0)
    figure = drawn(draw_screened_map, data)
    panels = by_title(figure)
    for title, values in (("bare", data.bare), ("screened", data.screened)):
        shown = read_map(panels[title])
        np.testing.assert_array_equal(shown.values, values)
        assert shown.at(2.0, 1.0) == values[1, 2]
        assert not shown.positive_is_red
        assert shown.limits[1] == values.max()
        assert colour_label(figure, panels[title]) == SIGMA
        assert panels[title].get_xlabel() == MU_2
    assert figure.axes[0].get_ylabel() == MU_1


def test_the_screened_line() -> None:
    data = made(ScreenedLine, x=(4,), bare=(4,), screened=(4, 2), mu=np.array([-128.0, 110.0]))
    (axes,) = drawn(draw_screened_line, data).axes
    assert_curves(
        axes,
        {
            "bare": (data.x, data.bare),
            "screened, -128 meV": (data.x, data.screened[:, 0]),
            "screened, 110 meV": (data.x, data.screened[:, 1]),
        },
    )
    assert axes.get_xlabel() == "$\\Omega\\tau$"


def test_a_frame_of_the_registry() -> None:
    grid = np.stack(np.meshgrid(np.linspace(0, 3, 4), np.linspace(0, 2, 4)), axis=-1)
    rng = np.random.default_rng(0)
    data = made(
        Registry,
        shifts=grid,
        like=rng.uniform(-1, 1, (4, 4)),
        opposite=rng.uniform(-1, 1, (4, 4)),
        symmetric=np.array([[0.0, 0.0], [1.0, 1.0], [-1.0, -1.0]]),
        at_symmetric=(2, 3),
        mu=-128.0,
    )
    figure = drawn(draw_registry, data)
    panels = by_title(figure)
    largest = max(abs(data.like).max(), abs(data.opposite).max())
    for title, values in (("like faces", data.like), ("opposite faces", data.opposite)):
        shown = read_map(panels[title])
        np.testing.assert_array_equal(shown.values, values / largest)
        assert not shown.positive_is_red
        assert shown.limits == (-1, 1)
        label = "½ Tr $\\sigma_{12,v}$ over its largest value\nsign of Kundu Eq. 1"
        assert colour_label(figure, panels[title]) == label
        assert panels[title].get_xlabel() == "$s_x$ (nm)"
        (image,) = panels[title].images
        in_panel = image.get_transform() - panels[title].transData
        pixels = np.stack(np.meshgrid(np.arange(4), np.arange(4)), axis=-1).reshape(-1, 2)
        np.testing.assert_allclose(in_panel.transform(pixels), grid.reshape(-1, 2), atol=1e-12)
        assert panels[title].get_xlim() == (0.0, 3.0)
        assert panels[title].get_ylim() == (0.0, 2.0)
        marks = curve_of(panels[title].lines[-1])
        np.testing.assert_array_equal(np.transpose(marks)[:2], data.symmetric[:2])
        np.testing.assert_array_equal(np.transpose(marks)[2], data.symmetric[2] + grid[-1, -1])
    assert figure.axes[0].get_ylabel() == "$s_y$ (nm)"
    assert figure.get_suptitle() == f"μ = -128 meV, at most {largest:.3g} e²/h"


def test_the_drift() -> None:
    data = made(
        Drift,
        radius=(4,),
        misfit=np.array([0.001, 0.01]),
        average=(2, 4),
        bonds=(4,),
        along_bond=(4,),
        mu=-128.0,
    )
    left, right = drawn(draw_drift, data).axes
    np.testing.assert_array_equal(curve_of(left.lines[0]), (data.bonds, data.along_bond))
    assert_curves(
        right,
        {
            "misfit 0.1 %": (data.radius / 1000, data.average[0]),
            "misfit 1 %": (data.radius / 1000, data.average[1]),
        },
    )
    assert right.get_xlabel() == "radius of the disc (µm)"
    assert left.get_xlabel() == "shift of one sheet (bond lengths)"
    assert left.get_ylabel() == SIGMA


def test_the_windows() -> None:
    data = made(
        Windows,
        mu=np.linspace(-280, 250, 4),
        conductivity=(4,),
        density=(4,),
        cell_area=170.0,
        kT=3.0,
        error=0.02,
    )
    figure = drawn(draw_windows, data)
    for axes, label, values in zip(
        figure.axes,
        ("$\\mu$ (meV)", "density ($10^{12}$ cm$^{-2}$)", "electrons per moiré cell"),
        # One carrier per 170 nm² is 100/170 of 10¹²/cm².
        (data.mu, data.density, data.density * 170.0 / 100),
        strict=True,
    ):
        assert axes.get_xlabel() == label
        np.testing.assert_allclose(curve_of(axes.lines[0]), (values, data.conductivity))
    assert figure.axes[0].get_ylabel() == SIGMA


def test_the_parameters() -> None:
    fields = ("coupling", "distance", "gate", "permittivity")
    data = made(
        Parameters,
        **{
            name: np.sort(np.random.default_rng(i).uniform(1, 9, 4))
            for i, name in enumerate(fields)
        },
        **{
            f"of_{name}": np.random.default_rng(10 + i).uniform(1, 9, (len(FILLINGS), 4))
            for i, name in enumerate(fields)
        },
    )
    figure = drawn(draw_parameters, data)
    labels = dict(
        zip(fields, ("$u_0$ (meV)", "$d$ (nm)", "$d_g$ (nm)", "$\\varepsilon$"), strict=True)
    )
    panels = {axes.get_xlabel(): axes for axes in figure.axes}
    for name, label in labels.items():
        for mu, drag in zip(FILLINGS, getattr(data, f"of_{name}"), strict=True):
            wanted = look(legend_of(figure.axes[0])[f"{mu:g} meV"])[0]
            ((x, y),) = [curve_of(one) for one in panels[label].lines if look(one)[0] == wanted]
            np.testing.assert_array_equal(x, getattr(data, name))
            np.testing.assert_array_equal(y, drag)
        assert panels[label].get_yscale() == "log"
        assert panels[label].get_xscale() == ("linear" if name == "distance" else "log")
