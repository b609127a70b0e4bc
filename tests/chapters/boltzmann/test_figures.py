"""Ying Figs. 4 and 5 and their neighbours, as drawn."""

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
    legend_of,
    look,
    made,
    read_line,
    tick_labels,
)
from matplotlib.collections import LineCollection

from moirelib.chapters.boltzmann.data import (
    DensityAgainstRatio,
    Directions,
    Distribution,
    Pockets,
    density_against_ratio,
    directions,
    distribution,
    pockets,
)
from moirelib.chapters.boltzmann.figures import (
    draw_density_against_ratio,
    draw_directions,
    draw_distribution,
    draw_pockets,
)

A = (0.2, 0.1)
"""Coefficients of Eq. 9 in the figures, both for k and for k'."""


def plain_state(ratio: float, points: int = 24) -> np.ndarray:
    """g of valleys + and −, with a unit force along x and τ = 1."""
    rates = plain.first_harmonic_rates(1.0, ratio, A, A)
    return plain.balance([1, -1], rates, (1.0, 0.0), 1.0, points)


def test_figure_4_colours_each_pocket_by_its_own_out_rate() -> None:
    figure = drawn(draw_pockets, pockets(points=40))
    axes, bar = figure.axes
    plus, minus = (one for one in axes.collections if isinstance(one, LineCollection))
    names = {text.get_text(): text.get_position()[0] for text in axes.texts if text.get_text()}
    for lines, s, label in ((plus, 1, "valley +"), (minus, -1, "valley −")):
        starts = np.array([segment[0] for segment in lines.get_segments()])
        centre = starts.mean(axis=0)
        assert names[label] == pytest.approx(centre[0])
        # θ counts from k in valley +, from −k in valley −.
        around = s * (starts - centre)
        np.testing.assert_allclose(np.hypot(*around.T), 1.0)
        angle = np.arctan2(around[:, 1], around[:, 0])
        expected = 1 + A[0] * np.cos(angle) + A[1] * np.sin(angle)
        np.testing.assert_allclose(lines.get_array(), expected)
        assert lines.get_cmap().name == "cividis"
    assert bar.get_ylabel() == r"out-rate to the other valley ($1/\tau'$)"
    assert bar._colorbar.mappable.norm is plus.norm is minus.norm
    # The arrows along θ = 0 point to the right of valley + and to the left of valley −.
    along = [(start, end) for start, end in arrows(axes) if start[1] == end[1] == 0]
    assert {np.sign(end[0] - start[0]) for start, end in along} == {1.0, -1.0}
    assert all((end[0] - start[0]) * (start[0] + 0.0) < 0 for start, end in along)


def test_figure_4_takes_each_array_where_it_belongs() -> None:
    data = made(
        Pockets,
        angle=(6,),
        contour_plus=(6, 2),
        contour_minus=(6, 2),
        out_rate_plus=(6,),
        out_rate_minus=(6,),
    )
    plus, minus = drawn(draw_pockets, data).axes[0].collections
    np.testing.assert_array_equal(plus.get_array(), data.out_rate_plus)
    np.testing.assert_array_equal(minus.get_array(), data.out_rate_minus)
    np.testing.assert_allclose([one[0] for one in plus.get_segments()], data.contour_plus)


def test_figure_5_against_the_plain_balance() -> None:
    ratio = np.geomspace(0.1, 100.0, 4)
    (axes,) = drawn(draw_density_against_ratio, density_against_ratio(ratio=ratio)).axes
    assert axes.get_xscale() == "log"
    assert axes.get_yscale() == "linear"
    assert axes.get_xlabel() == r"$\rho=\tau'/\tau$"
    assert axes.get_ylabel() == r"$|\Delta n_0|$ / Eq. (15)"
    by_field, by_current = [], []
    for value in ratio:
        g = plain_state(value)
        # Eq. 15 at j/ev_F = 1 is (a₁ + a₁′)/2; with the force eE the sign is the other one. The
        # unit of the fixed field is that of σ from τ alone, so that j = 1 there.
        unit = -0.5 * (A[0] + A[0])
        by_field.append(plain.valley_density([1, -1], g, 1.0) / unit)
        # The current has a part across the field; the field that makes it (1, 0) is turned.
        rates = plain.first_harmonic_rates(1.0, value, A, A)
        columns = [plain.balance([1, -1], rates, e, 1.0, 24) for e in ((1.0, 0.0), (0.0, 1.0))]
        mobility = np.transpose([plain.charge_current([1, -1], c, 1.0, 1.0) for c in columns])
        field = np.linalg.solve(mobility, [1.0, 0.0])
        turned = plain.balance([1, -1], rates, tuple(field), 1.0, 24)
        by_current.append(plain.valley_density([1, -1], turned, 1.0) / unit)
    for label, x, expected in (
        ("fixed field, closed form", ratio, by_field),
        ("fixed field, solved numerically", ratio[::3], by_field[::3]),
        ("fixed current, solved numerically", ratio, by_current),
        (r"$\rho/(1+\rho)$", ratio, ratio / (1 + ratio)),
    ):
        here = read_line(axes, label)
        np.testing.assert_allclose(here[0], x)
        np.testing.assert_allclose(here[1], expected, rtol=1e-8)


def test_figure_5_names_its_curves() -> None:
    data = made(
        DensityAgainstRatio,
        ratio=(7,),
        fixed_field=(7,),
        closed_form=(7,),
        fixed_current=(7,),
        first_order=(7,),
    )
    (axes,) = drawn(draw_density_against_ratio, data).axes
    assert_curves(
        axes,
        {
            "fixed field, closed form": (data.ratio, data.closed_form),
            "fixed field, solved numerically": (data.ratio[::3], data.fixed_field[::3]),
            "fixed current, solved numerically": (data.ratio, data.fixed_current),
            r"$\rho/(1+\rho)$": (data.ratio, data.first_order),
        },
    )


@pytest.mark.parametrize("ratio", [0.5, 20.0])
def test_a_frame_of_the_distribution_shows_that_ratio(ratio: float) -> None:
    figure = drawn(draw_distribution, distribution(ratio, points=24))
    ((title, axes),) = by_title(figure).items()
    assert title == rf"$\tau'/\tau$ = {ratio:.3g}"
    assert axes.get_xlabel() == r"$\theta$ (degrees)"
    assert axes.get_ylabel() == r"electron excess $-x/(eEv_F\tau)$"
    g = plain_state(ratio)
    for label, x in (("valley +", g[0]), ("valley −", g[1])):
        degrees, excess = read_line(axes, label)
        np.testing.assert_allclose(degrees, np.linspace(0, 360, 25), atol=1e-12)
        # f = f₀ + x ∂f₀/∂ε, and ∂f₀/∂ε < 0: an excess of electrons is −x.
        np.testing.assert_allclose(excess, -np.append(x, x[0]), atol=1e-10)
        colour = look(legend_of(axes)[label])[0]
        ((_, mean),) = [
            curve_of(line)
            for line in axes.lines
            if look(line)[0] == colour and line.get_linestyle() == "--"
        ]
        np.testing.assert_allclose(mean, -x.mean(), atol=1e-10)
    # A force along x holds more electrons of valley + at θ = 0, whose velocity is along it.
    degrees, excess = read_line(axes, "valley +")
    assert excess[0] > excess[12]


def test_the_distribution_of_each_valley_has_its_name() -> None:
    data = made(
        Distribution,
        ratio=2.0,
        angle=np.arange(8) * math.pi / 4,
        x_plus=(8,),
        x_minus=(8,),
        mean_plus=0.3,
        mean_minus=0.6,
    )
    (axes,) = drawn(draw_distribution, data).axes
    for label, x, mean in (
        ("valley +", data.x_plus, 0.3),
        ("valley −", data.x_minus, 0.6),
    ):
        np.testing.assert_array_equal(read_line(axes, label)[1], -np.append(x, x[0]))
        colour = look(legend_of(axes)[label])[0]
        assert any(
            look(line)[0] == colour and set(line.get_ydata()) == {-mean} for line in axes.lines
        )


def test_the_directions_against_the_plain_balance() -> None:
    (axes,) = drawn(draw_directions, directions(ratio=10.0, points=24)).axes
    degrees, found = read_line(axes, "first harmonics, Eq. (9)")
    np.testing.assert_allclose(degrees, np.linspace(0, 360, 73))
    expected = -(A[0] * np.cos(np.radians(degrees)) + A[1] * np.sin(np.radians(degrees)))
    # Eq. 15 with the force eE, at fixed current: exact to first order in the rates.
    np.testing.assert_allclose(found, expected, atol=0.05 * abs(expected).max())
    for label in ("threefold symmetric", "uniform out-rate"):
        assert abs(read_line(axes, label)[1]).max() < 1e-10
    assert axes.get_xlabel() == "direction of the current (degrees)"
    assert axes.get_ylabel() == r"$\Delta n_0\,e v_F/j$"
    assert list(tick_labels(axes).values()) == list(range(0, 361, 60))


def test_the_directions_have_their_names() -> None:
    data = made(Directions, angle=(7,), anisotropic=(7,), threefold=(7,), uniform_out_rate=(7,))
    (axes,) = drawn(draw_directions, data).axes
    degrees = np.degrees(data.angle)
    assert_curves(
        axes,
        {
            "first harmonics, Eq. (9)": (degrees, data.anisotropic),
            "threefold symmetric": (degrees, data.threefold),
            "uniform out-rate": (degrees[::3], data.uniform_out_rate[::3]),
        },
    )
