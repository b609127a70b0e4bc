"""Kundu Fig. 1(c) and its neighbours, as drawn."""

from __future__ import annotations

import math

import numpy as np
import plain_drag as plain
import pytest
from drawn import (
    assert_curves,
    by_title,
    curve_of,
    drawn,
    legend_of,
    levels,
    look,
    made,
    read_line,
)

from moirelib import DragLayer, GrapheneHBN
from moirelib.chapters.sommerfeld.data import (
    AtVanHove,
    ByParts,
    TemperatureDependence,
    ThermalProfile,
    temperature_dependence,
)
from moirelib.chapters.sommerfeld.figures import (
    draw_at_van_hove,
    draw_by_parts,
    draw_temperature_dependence,
    draw_thermal_profile,
)


def test_figure_1c_against_the_plain_sum() -> None:
    divisions, temperatures = 12, [9.0, 12.0]
    layer = DragLayer(GrapheneHBN(cutoff=1), mesh=divisions, bands=12, shells=1)
    assert temperatures[0] > layer.thermal_resolution
    pair = (-20.0, 100.0)
    figure = drawn(draw_temperature_dependence, temperature_dependence(layer, [pair], temperatures))
    left, _ = figure.axes
    label, _ = legend_of(left)
    assert label.startswith("$-20$, $100$: $\\sigma(0)=")
    kT, relative = read_line(left, label)
    np.testing.assert_allclose(kT, temperatures)
    material = plain.Material()
    bases = {valley: plain.circle(material, valley, 1) for valley in (1, -1)}
    shell = [(1, 0), (0, 1), (-1, -1), (-1, 0), (0, -1), (1, 1)]
    potential = {
        cell: plain.interlayer(np.hypot(*material.reciprocal(cell)), 1.0, 10.0, 5.0)
        for cell in shell
    }
    expected = []
    for t in temperatures:
        sides = [
            plain.susceptibility(mu, t, shell, bases, divisions, material, reach=40 * t)
            for mu in pair
        ]
        expected.append(plain.drag(*sides, potential, broadening=1.0)[0][0])
    # σ(0) stands in the legend with two digits after the point.
    zero = float(label.split("=")[1].strip("$"))
    np.testing.assert_allclose(relative * zero, expected, rtol=0.006 / abs(zero) + 2e-3)
    assert relative[1] / relative[0] == pytest.approx(expected[1] / expected[0], rel=2e-3)


def test_figure_1c_draws_each_curve_with_its_law() -> None:
    # None at the ends, 1 and 5 meV, of what is drawn.
    kT = np.linspace(0, 7.6, 9)
    data = made(
        TemperatureDependence,
        mu1=np.array([-20.0, 0.0, 100.0]),
        mu2=np.array([-20.0, 50.0, 100.0]),
        kT=kT,
        conductivity=(3, 9),
        zero=np.array([-1.25, -2.5, -5.0]),
        coefficient=np.array([0.01, -0.02, 0.04]),
        van_hove_energy=-128.04,
        van_hove=(9,),
    )
    left, right = drawn(draw_temperature_dependence, data).axes
    labels = [
        "$-20$, $-20$: $\\sigma(0)=-1.25$",
        "$0$, $50$: $\\sigma(0)=-2.50$",
        "$100$, $100$: $\\sigma(0)=-5.00$",
    ]
    at_saddle = f"$-128.0$, twice: $\\sigma(0)={data.van_hove[0]:.2f}$"
    assert_curves(
        left,
        {
            label: (kT, one / zero)
            for label, one, zero in zip(labels, data.conductivity, data.zero, strict=True)
        }
        | {at_saddle: (kT, data.van_hove / data.van_hove[0])},
    )
    laws = [curve_of(line) for line in left.lines if line.get_linestyle() == ":"]
    for (x, y), zero, coefficient in zip(laws, data.zero, data.coefficient, strict=True):
        np.testing.assert_allclose(y, 1 + coefficient / zero * x**2)
        np.testing.assert_array_equal(x, kT[kT < 5.1])
    for label, one, zero, coefficient in zip(
        labels, data.conductivity, data.zero, data.coefficient, strict=True
    ):
        colour = look(legend_of(left)[label])[0]
        ((x, y),) = [curve_of(line) for line in right.lines if look(line)[0] == colour]
        np.testing.assert_allclose(x, kT[kT > 0.9])
        np.testing.assert_allclose(y, (one - zero)[kT > 0.9] / (coefficient * kT[kT > 0.9] ** 2))
    assert levels(right)[1] == [1]
    for axes in (left, right):
        assert axes.get_xlabel() == "$k_BT$ (meV)"
        assert axes.get_xlim() == pytest.approx((0, 7.6))
    assert left.get_ylabel() == r"$\sigma^{xx}(T)\,/\,\sigma^{xx}(0)$"
    assert right.get_ylabel() == r"$[\sigma(T)-\sigma(0)]\,/\,A(k_BT)^2$"
    assert left.get_legend().get_title().get_text() == (
        "$\\mu_1$, $\\mu_2$ (meV), $\\sigma$ ($e^2/h$)\nsign of Kundu Eq. 1"
    )


def test_the_response_across_a_van_hove_energy() -> None:
    data = made(
        AtVanHove,
        mu=np.linspace(-140, -116, 5),
        energy=-128.0,
        in_phase=(5,),
        in_quadrature=(5,),
        distance=np.array([0.2, 0.4, 0.8]),
        slope=(3,),
        across=(3,),
        logarithm=0.05,
    )
    left, right = drawn(draw_at_van_hove, data).axes
    assert_curves(
        left,
        {
            r"$|\mathcal{C}_G|$": (
                data.mu,
                1e3 * np.sqrt(data.in_phase**2 + data.in_quadrature**2),
            ),
            r"in phase with $\partial_k\lambda$": (data.mu, 1e3 * data.in_phase),
        },
    )
    assert left.get_ylabel() == r"$\mathcal{C}_{G}$ ($10^{-3}$ nm$^{-1}$)"
    assert levels(left)[0] == [-128.0]
    x, y = read_line(right, "contours")
    np.testing.assert_array_equal((x, y), (data.distance, 1e3 * data.slope))
    x, y = read_line(right, "logarithm of the saddle")
    np.testing.assert_allclose(y, 1e3 * (data.slope[0] - 0.05 * np.log(x / 0.2)), rtol=1e-12)
    assert right.get_xscale() == "log"
    assert right.get_ylabel() == r"slope in phase ($10^{-3}$ nm$^{-1}$ meV$^{-1}$)"


def test_both_sides_of_the_integration_by_parts() -> None:
    data = made(
        ByParts,
        cutoff=np.array([2.0, 3.0, 4.0]),
        velocity_form=(3,),
        occupation_form=(3,),
        in_gap=(3,),
        difference=(3,),
    )
    (axes,) = drawn(draw_by_parts, data).axes
    assert_curves(
        axes,
        {
            r"$-f'\,\partial_k\varepsilon$ form": (data.cutoff, data.velocity_form),
            r"$f\,\partial_k\lambda$ form, $\mu$ in a gap": (data.cutoff, data.in_gap),
            "one over the cut-off": (data.cutoff, data.in_gap[-1] * 4 / data.cutoff),
            "difference less the gap value": (data.cutoff, data.difference),
        },
    )
    assert axes.get_xscale() == axes.get_yscale() == "log"
    assert axes.get_xlabel() == "cut-off ($|G_1|$)"


def test_a_frame_of_the_thermal_profile() -> None:
    data = made(ThermalProfile, mu=np.linspace(-165, 150, 5), kT=3.5, conductivity=(5,), zero=(5,))
    figure = drawn(draw_thermal_profile, data)
    (axes,) = figure.axes
    assert by_title(figure) == {}
    assert_curves(
        axes,
        {
            "$T=0$": (data.mu, data.zero),
            "$k_BT=3.5$ meV": (data.mu, data.conductivity),
        },
    )
    assert axes.get_xlim() == pytest.approx((-165, 150))
    assert axes.get_ylim()[0] == math.floor(data.zero.min())
    assert axes.get_ylabel() == "$\\sigma^{xx}_{12,v}$ ($e^2/h$)\nsign of Kundu Eq. 1"
