"""The figures of the chapter, read back."""

from __future__ import annotations

import numpy as np
from drawn import arrows, assert_curves, by_title, drawn, levels, made, read_line
from matplotlib.collections import LineCollection

from moirelib.chapters.magic_angle.data import (
    RATES,
    AgainstFilling,
    AgainstStrain,
    AgainstTwist,
    Contour,
    FlatBands,
    SwitchingDiagram,
)
from moirelib.chapters.magic_angle.figures import (
    draw_against_filling,
    draw_against_strain,
    draw_bands,
    draw_contour,
    draw_enhancement,
    draw_switching,
)

STRAINS = np.array([1e-4, 1e-3, 3e-3])
OF_RATES = ("constant", "smooth potential", "point impurities")


def test_the_bands_have_a_panel_for_each_strain() -> None:
    data = made(
        FlatBands,
        strains=STRAINS,
        distance=np.linspace(0, 1, 9),
        ticks=np.array([0, 0.5, 1]),
        labels=("K₁", "Γ", "K₁"),
        energies=(3, 9, 4),
    )
    figure = drawn(draw_bands, data)
    for axes, strain, energies in zip(figure.axes, STRAINS, data.energies, strict=True):
        assert axes.get_title() == rf"$\epsilon={100 * strain:g}$ %"
        assert [t.get_text() for t in axes.get_xticklabels()] == list(data.labels)
        shown = [line.get_ydata() for line in axes.lines if len(line.get_ydata()) == 9]
        np.testing.assert_allclose(np.transpose(shown), energies)
    assert figure.axes[0].get_ylabel() == "energy (meV)"


def test_the_enhancement_by_strain_by_stage_and_by_factor() -> None:
    twist, staged = np.linspace(0.9, 2.9, 5), np.array([0.9, 1.9, 2.9])
    data = made(
        AgainstTwist,
        twist_degrees=twist,
        staged=staged,
        strains=STRAINS,
        by_strain=(3, 5),
        stages=(4, 3),
        rates=(3, 5),
        inverse_twist=(5,),
        velocity=(5,),
        coefficient=(5,),
        coefficients=(3, 5),
    )
    figure = drawn(draw_enhancement, data)
    left, middle, right = figure.axes
    assert list(by_title(figure)) == [
        "all switched on", r"in turn, $\epsilon$ = 0.3 %", r"factors, $\epsilon$ = 0.3 %",
    ]  # fmt: skip
    assert_curves(
        left,
        {
            rf"$\epsilon={100 * e:g}$ %": (twist, row)
            for e, row in zip(STRAINS, data.by_strain, strict=True)
        },
    )
    names = ("geometry", "+ corrugation", "+ gauge field", "+ stretched cones")
    assert_curves(
        middle,
        {name: (staged, row) for name, row in zip(names, data.stages, strict=True)}
        | {name: (twist, row) for name, row in zip(OF_RATES[1:], data.rates[1:], strict=True)},
    )
    assert_curves(
        right,
        {
            "product": (twist, data.by_strain[-1]),
            r"$1/\theta_w$": (twist, data.inverse_twist),
            r"$v_D/v_F$": (twist, data.velocity),
            r"$|\delta_\epsilon|\,\theta_w/\epsilon$": (twist, data.coefficient),
        },
    )
    assert all(levels(axes)[1] == [1e3] for axes in figure.axes)
    assert left.get_ylabel() == r"$|\Delta n_0|\,ev_D/(j\epsilon)$"


def test_enhancement_and_density_against_the_strain() -> None:
    data = made(AgainstStrain, strain=STRAINS, enhancement=(3, 3), density=(3, 3), speed=(3,))
    left, right = drawn(draw_against_strain, data).axes
    rows = dict(zip(OF_RATES, data.enhancement, strict=True))
    assert_curves(left, {name: (100 * STRAINS, row) for name, row in rows.items()})
    for name, row in zip(OF_RATES, data.density, strict=True):
        np.testing.assert_allclose(read_line(right, name)[1], row)
    assert levels(right)[1] == [1e11]
    assert right.get_ylabel() == r"$|\Delta n_0|$ (m⁻²) at $10^{-3}$ A/m"


def test_a_turn_of_the_strain_by_60_degrees_closes_the_curve() -> None:
    data = made(
        AgainstFilling,
        strain=3e-3,
        filling=np.array([0.2, 0.5, 0.8]),
        by_filling=(3, 3),
        strain_degrees=np.array([0.0, 30.0]),
        by_direction=(3, 2),
    )
    left, right = drawn(draw_against_filling, data).axes
    for name, filled, turned in zip(OF_RATES, data.by_filling, data.by_direction, strict=True):
        np.testing.assert_allclose(read_line(left, name), (data.filling, filled))
        np.testing.assert_allclose(read_line(right, name), ([0, 30, 60], [*turned, turned[0]]))


def test_the_contour_and_the_vector() -> None:
    data = made(
        Contour,
        twist_degrees=1.05,
        strain=3e-3,
        filling=0.75,
        mu=10.0,
        zone=(7, 2),
        starts=(5, 2),
        ends=(5, 2),
        speeds=(5,),
        delta=np.array([0.05, -0.1]),
        enhancement=283.2,
    )
    left, right = drawn(draw_contour, data).axes[:2]
    (lines,) = (one for one in left.collections if isinstance(one, LineCollection))
    np.testing.assert_allclose(
        np.array(lines.get_segments()), np.stack([data.starts, data.ends], axis=1)
    )
    np.testing.assert_allclose(lines.get_array(), data.speeds)
    ((start, end),) = arrows(right)
    np.testing.assert_allclose(start, 0)
    np.testing.assert_allclose(end, data.delta / (3e-3 / np.radians(1.05)))
    assert right.get_title() == r"$|\Delta n_0|\,ev_D/(j\epsilon)$"
    assert [text.get_text() for text in right.texts if text.get_text()] == ["= 283"]


def test_the_currents_in_amperes_per_metre_and_in_nanoampere() -> None:
    kelvin = np.array([5.0, 7.0, 8.5])
    data = made(
        SwitchingDiagram,
        strain=3e-3,
        kelvin=kelvin,
        reversal=(3, 3),
        heating=(3,),
        coercive=(3,),
        order=(3,),
        measured=1e-3,
    )
    axes, nano = drawn(draw_switching, data).axes
    for name, row in zip(OF_RATES, data.reversal, strict=True):
        np.testing.assert_allclose(read_line(axes, f"reversal, {name}"), (kelvin, row))
    np.testing.assert_allclose(read_line(axes, "heats to $T_c$")[1], data.heating)
    assert levels(axes)[1] == [1e-3]
    np.testing.assert_allclose(nano.get_ylim(), 1e3 * np.array(axes.get_ylim()))
    assert len(RATES) == len(OF_RATES)
