"""Ying Figs. 3, 6, 7 and 8 and their neighbours, as drawn."""

from __future__ import annotations

import math

import numpy as np
import plain_switching as plain
import pytest
from drawn import (
    arrows,
    assert_curves,
    by_title,
    curve_of,
    drawn,
    made,
    read_line,
)
from matplotlib.text import Annotation

from moirelib.chapters.tbg_scattering.data import (
    Convergence,
    DensityAgainstStrain,
    DisorderModels,
    Processes,
    Transfers,
    Zones,
    density_against_strain,
    processes,
    strained_pockets,
    transfers,
    zones,
)
from moirelib.chapters.tbg_scattering.figures import (
    COEFFICIENTS,
    draw_convergence,
    draw_density_against_strain,
    draw_disorder_models,
    draw_processes,
    draw_strained_pockets,
    draw_transfers,
    draw_zones,
)

# The caption of Fig. 7.
TWIST, DIRECTION, POISSON = math.radians(1.03), math.radians(17.2), 0.165
SMALL, FERMI = 0.1, 0.05
SIZE = 4 * math.pi / (3 * 0.246)  # |K| in 1/nm


def hexagon(corners: np.ndarray) -> set[tuple[float, ...]]:
    return {tuple(np.round(one, 6) + 0.0) for one in corners}


def test_figure_3_shows_the_zones_of_the_strain() -> None:
    figure = drawn(draw_zones, zones(strain=0.1, strain_over_twist=0.3))
    left, right = figure.axes
    assert left.get_title() == "graphene, ε = 0.1"
    assert right.get_title() == "moiré, ε/θ = 0.3"
    assert (left.get_xlabel(), left.get_ylabel()) == (r"$k_x$ (1/nm)", r"$k_y$ (1/nm)")
    assert (right.get_xlabel(), right.get_ylabel()) == (r"$k_x/q$", r"$k_y/q$")
    # Without strain the corners of graphene's zone are the Dirac points.
    points = [
        SIZE * np.array([math.cos(math.radians(a)), math.sin(math.radians(a))])
        for a in range(0, 360, 60)
    ]
    corners = np.transpose(curve_of(left.lines[0]))
    assert hexagon(corners) == hexagon(np.array(points))
    tensor = np.array(plain.strain(0.1, DIRECTION, POISSON))
    marks, moved = (np.transpose(curve_of(line)) for line in left.lines[2:4])
    assert hexagon(marks) == hexagon(np.array(points))
    assert hexagon(moved) == hexagon(np.array([k - tensor @ k for k in points]))
    plain_zone, bent_zone = (read_line(right, label) for label in ("no strain", "strained"))
    q = np.array(plain.strained_q(np.zeros((2, 2)), TWIST))
    bent = np.array(plain.strained_q(plain.strain(0.3 * TWIST, DIRECTION, POISSON), TWIST))
    ends = np.array([end for _, end in arrows(right)])
    np.testing.assert_allclose(ends, np.concatenate([q, bent]), atol=1e-9)
    for zone, vectors in ((plain_zone, q), (bent_zone, bent)):
        for corner in np.transpose(zone):
            steps = (vectors[1] - vectors[0], vectors[2] - vectors[0])
            # A corner is as far from 0 as from two reciprocal vectors, and from none nearer.
            away = [
                np.linalg.norm(corner - a * steps[0] - b * steps[1])
                for a in (-1, 0, 1)
                for b in (-1, 0, 1)
            ]
            here = np.linalg.norm(corner)
            assert min(away) == pytest.approx(here)
            assert sum(abs(one - here) < 1e-6 for one in away) >= 3


def test_figure_3_draws_each_array() -> None:
    data = made(
        Zones,
        strain=0.1,
        strain_over_twist=0.3,
        graphene=(6, 2),
        graphene_strained=(6, 2),
        dirac_points=(6, 2),
        dirac_points_strained=(6, 2),
        moire=(6, 2),
        moire_strained=(6, 2),
        q_vectors=(3, 2),
        q_vectors_strained=(3, 2),
    )
    left, right = drawn(draw_zones, data).axes
    for label, sheet, moire in (
        ("no strain", data.graphene, data.moire),
        ("strained", data.graphene_strained, data.moire_strained),
    ):
        np.testing.assert_array_equal(np.transpose(read_line(right, label))[:6], moire)
        np.testing.assert_array_equal(np.transpose(read_line(left, label, legend=right))[:6], sheet)


def test_figure_6_against_second_order_sums() -> None:
    strain, t = 0.3, 0.01
    figure = drawn(draw_processes, processes(strain, t))
    left, right = figure.axes
    colours = {"1K → 1K'": "within", "1K → 2K'": "between", "sum": "both"}
    curves = {label: read_line(right, label) for label in colours}
    degrees, found = curves["1K → 2K'"]
    q = plain.strained_q(plain.strain(strain * TWIST, DIRECTION, POISSON), TWIST)
    angles = [2 * math.pi * i / 12 for i in range(12)]
    out = np.array(
        [
            np.mean(
                [
                    plain.interlayer_rate(k, k_prime, FERMI, t * SMALL**2 / 2, SMALL, q, TWIST)
                    for k_prime in angles
                ]
            )
            for k in angles
        ]
    )
    expected = (out - out.mean()) / t**2
    at = np.interp(np.degrees(angles), degrees, found)
    # Second order in t on circles, and here all orders on the lines of one energy.
    np.testing.assert_allclose(at, expected, atol=0.05 * abs(expected).max())
    within, both = (np.interp(np.degrees(angles), *curves[x]) for x in ("1K → 1K'", "sum"))
    np.testing.assert_allclose(both, within + at, atol=1e-9)
    # The two cancel: unitarity of the states at this order.
    assert abs(both).max() < 0.2 * abs(at).max()
    assert right.get_xlabel() == r"$\theta_k$ on 1K (degrees)"
    assert right.get_ylabel() == r"(out-rate − mean) · $\tau'/t^2$"
    # The sketch: horizontal arrows stay in a layer, crossed ones do not, in the curves' colours.
    names = {one.get_text(): one.get_position() for one in left.texts if "K" in one.get_text()}
    same, crossed = right.lines[0].get_color(), right.lines[1].get_color()
    joined = [
        (one.xyann, one.xy, one.arrowprops["color"])
        for one in left.texts
        if isinstance(one, Annotation)
    ]
    assert len(joined) == 4
    for start, end, colour in joined:
        assert colour == (same if start[1] == end[1] else crossed)
    assert names["1K"][1] == names["1K'"][1] > names["2K"][1] == names["2K'"][1]


def test_figure_6_names_its_curves() -> None:
    angle = np.linspace(0, 2 * math.pi, 9)[:-1]
    data = made(Processes, angle=angle, same_layer=(8,), other_layer=(8,), total=(8,))
    right = drawn(draw_processes, data).axes[1]
    degrees = np.degrees(np.append(angle, 2 * math.pi))
    assert_curves(
        right,
        {
            label: (degrees, np.append(rate, rate[0]))
            for label, rate in (
                ("1K → 1K'", data.same_layer),
                ("1K → 2K'", data.other_layer),
                ("sum", data.total),
            )
        },
    )


def test_figure_7_against_four_plain_pockets() -> None:
    strains, t = (0.1, 0.3), 0.01
    directions = (0.0, 30.0)
    figure = drawn(
        draw_density_against_strain,
        density_against_strain(strains, directions, tunnelling_ratio=t, points=16),
    )
    panels = by_title(figure)
    w = t * SMALL**2 / 2

    def mean(q: list[tuple[float, float]]) -> float:
        angles = [math.pi * i / 2 for i in range(4)]
        rates = [
            plain.interlayer_rate(k, k_prime, FERMI, w, SMALL, q, TWIST)
            for k in angles
            for k_prime in angles
        ]
        return sum(rates) / len(rates)

    unstrained = mean(plain.strained_q(np.zeros((2, 2)), TWIST))
    ratio = 0.75 * t**2
    for degrees in directions:
        axes = panels[rf"$\theta_j={degrees:g}$°"]
        assert axes.get_xlabel() == r"$\epsilon/\theta_w$"
        x, circles = read_line(axes, "circles", legend=figure)
        np.testing.assert_allclose(x, strains)
        theta = math.radians(degrees)
        expected = []
        for strain in strains:
            q = plain.strained_q(plain.strain(strain * TWIST, DIRECTION, POISSON), TWIST)
            pockets, g = plain.four_pockets(
                FERMI,
                w,
                SMALL,
                q,
                (math.cos(theta), math.sin(theta)),
                ratio=ratio * mean(q) / unstrained,
                tau=(1.0, 1.0),
                tau_inter=1e3,
                turn=TWIST,
            )
            j = math.hypot(*plain.charge_current(pockets, g, 1.0, 1.0))
            n_j = ratio / (1 + ratio) * j
            # The axis shows −10³ Δn₀/n_j, the sign of the printed Eq. 14.
            expected.append(-1e3 * plain.valley_density(pockets, g, 1.0) / n_j)
        np.testing.assert_allclose(circles, expected, rtol=0.01, atol=0.01)
        _, true = read_line(axes, "lines of one energy", legend=figure)
        np.testing.assert_allclose(true, expected, rtol=0.1, atol=0.05)
        slope = 1e3 * (1 + POISSON) * SMALL * FERMI * math.sin(2 * DIRECTION + theta)
        for label, prefactor in (("slope 3/2", 1.5), ("slope 6, as printed", 6.0)):
            _, line = read_line(axes, label, legend=figure)
            np.testing.assert_allclose(line, prefactor * slope * np.array(strains), rtol=1e-9)
    assert figure.axes[0].get_ylabel() == r"$-10^3\,\Delta n_0/n_j$"


def test_figure_7_names_its_curves() -> None:
    data = made(
        DensityAgainstStrain,
        direction_degrees=np.array([0.0, 30.0]),
        strain_over_twist=(4,),
        tunnelling_ratio=0.01,
        numerical=(4, 2),
        circles=(4, 2),
        printed=(4, 2),
        closing=(4, 2),
    )
    figure = drawn(draw_density_against_strain, data)
    for column, axes in enumerate(figure.axes):
        for label, values in (
            ("lines of one energy", data.numerical),
            ("circles", data.circles),
            ("slope 3/2", data.closing),
            ("slope 6, as printed", data.printed),
        ):
            np.testing.assert_allclose(
                read_line(axes, label, legend=figure),
                (data.strain_over_twist, 1e3 * values[:, column]),
            )


def test_a_frame_of_the_strain_shows_vectors_pockets_and_both_laws() -> None:
    strain, degrees = 0.2, 40.0
    figure = drawn(draw_strained_pockets, strained_pockets(strain, degrees))
    stars, pockets, density = figure.axes
    # q' − q = −𝓔K, with 𝓔 = −ε along φ and ν_ε ε across; |K| = q/θ.
    along = np.array([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))])
    across = np.array([-along[1], along[0]])
    tensor = strain * (0.165 * np.outer(across, across) - np.outer(along, along))
    turn = np.radians([0, 120, 240])
    corners = np.stack([np.cos(turn), np.sin(turn)], axis=-1)
    points = [curve_of(line) for line in stars.lines if line.get_marker() == "o"]
    plain_ends, strained = (np.stack(curve, axis=-1) for curve in points)
    assert strained - plain_ends == pytest.approx(-corners @ tensor, abs=1e-9)

    def area(label: str) -> float:
        x, y = read_line(pockets, label)
        return float(0.5 * abs(np.sum(x[:-1] * y[1:] - x[1:] * y[:-1])))

    # A polygon of 32 corners lies within its circle by 0.6 %.
    assert area("1K") + area("2K") == pytest.approx(2 * np.pi, rel=0.01)
    assert area("1K") > np.pi > area("2K")
    angles, law = read_line(density, "(19), 3/2")
    expected = 1.5 * 1.165 * 0.005 * strain * np.sin(np.radians(2 * degrees + angles))
    assert law == pytest.approx(1e3 * expected, abs=1e-9)
    # The figure against strain takes the direction of the paper's caption.
    density = drawn(draw_strained_pockets, strained_pockets(strain, 17.2)).axes[2]
    angles, states = read_line(density, "states")
    other = density_against_strain([strain], [-30.0, 90.0], 0.05)
    found = np.interp([-30.0, 90.0], angles, states)
    assert found == pytest.approx(1e3 * other.numerical[0], rel=2e-3)


def test_figure_8_shows_transfers_that_differ_by_reciprocal_vectors() -> None:
    (axes,) = drawn(draw_transfers, transfers()).axes
    half = math.radians(8.0) / 2

    def corner(degrees: float) -> np.ndarray:
        return np.array([math.cos(math.radians(degrees)), math.sin(math.radians(degrees))])

    # Layer 1 is turned by −θ/2, layer 2 by +θ/2; K′ is opposite to K.
    starts = np.array([corner(a - math.degrees(half)) for a in (0, 120, 240)])
    end = -corner(math.degrees(half))
    first = np.transpose(read_line(axes, "K of layer 1"))
    np.testing.assert_allclose(first, starts, atol=1e-12)
    np.testing.assert_allclose(np.transpose(read_line(axes, "K' of layer 2")), [end], atol=1e-12)
    drawn_arrows = arrows(axes)
    for i in range(3):
        np.testing.assert_allclose(drawn_arrows[i], (starts[i], end), atol=1e-12)
    for i in (1, 2):
        np.testing.assert_allclose(drawn_arrows[2 + i], (starts[i], starts[0]), atol=1e-12)
    texts = [one.get_text() for one in axes.texts if one.get_text()]
    assert texts == [
        *(rf"$\Delta\mathbf{{k}}_{i}$" for i in (1, 2, 3)),
        *(rf"$\mathcal{{G}}({i})$" for i in (2, 3)),
    ]
    assert axes.get_xlabel() == r"$k_x/|K|$"


def test_figure_8_draws_each_array() -> None:
    data = made(Transfers, start=(3, 2), end=(2,), transfers=(3, 2), reciprocal=(2, 2), zone=(6, 2))
    (axes,) = drawn(draw_transfers, data).axes
    np.testing.assert_array_equal(np.transpose(read_line(axes, "K of layer 1")), data.start)
    np.testing.assert_array_equal(np.ravel(read_line(axes, "K' of layer 2")), data.end)


def test_the_disorder_models() -> None:
    data = made(
        DisorderModels,
        tunnelling_ratio=(4,),
        isotropic_intralayer=(4,),
        equal_layers=(4,),
        equal_layers_circles=(4,),
        half_on_layer_2=(4,),
        layer_1_only=(4,),
    )
    (axes,) = drawn(draw_disorder_models, data).axes
    t = data.tunnelling_ratio
    assert_curves(
        axes,
        {
            "impurities in layer 1 only": (t, data.layer_1_only),
            "half as many in layer 2": (t, data.half_on_layer_2),
            "constant intra-layer rate (paper)": (t, data.isotropic_intralayer),
            "equal in both layers": (t, data.equal_layers),
            "the same on circles": (t, data.equal_layers_circles),
        },
    )
    assert axes.get_xscale() == axes.get_yscale() == "log"
    assert axes.get_ylabel() == r"$|\Delta n_0|\,ev_F/j$ per $\epsilon/\theta_w$"


def test_the_convergence_of_each_coefficient() -> None:
    data = made(
        Convergence,
        step=np.array([1.0, 0.5, 0.25]),
        initial=(3, 4),
        final=(3, 4),
        extrapolated_initial=(4,),
        extrapolated_final=(4,),
        expected_initial=(4,),
        expected_final=(4,),
    )
    (axes,) = drawn(draw_convergence, data).axes
    errors = np.abs(data.initial / data.expected_initial - 1)
    assert_curves(
        axes,
        {label: (data.step, errors[:, i]) for i, label in enumerate(COEFFICIENTS)}
        | {"$h^2$": (data.step, 0.3 * data.step**2)},
    )
