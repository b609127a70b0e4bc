"""Ying Figs. 1 and 2 and their neighbours, as drawn."""

from __future__ import annotations

import math

import numpy as np
import plain_switching as plain
import pytest
from drawn import (
    arrows,
    assert_curves,
    colour_label,
    curve_of,
    drawn,
    legend_of,
    levels,
    look,
    made,
    read_line,
    read_lines,
    read_map,
    tick_labels,
)

from moirelib.chapters.keldysh.data.band import CHEMICAL_POTENTIAL, moire_order
from moirelib.chapters.keldysh.data.dynamics import Polarisation, Pulses, Sweeps, polarisation
from moirelib.chapters.keldysh.data.statics import (
    ChernValleys,
    CoerciveApproach,
    CriticalTemperatures,
    Ensembles,
    Hysteresis,
    chern_valleys,
    hysteresis,
    landscape,
)
from moirelib.chapters.keldysh.figures import (
    draw_chern_valleys,
    draw_coercive_approach,
    draw_critical_temperatures,
    draw_ensembles,
    draw_hysteresis,
    draw_hysteresis_frame,
    draw_landscape,
    draw_polarisation,
    draw_pulses,
    draw_sweeps,
)
from moirelib.models.two_valley import TwoValleyModel


def phase_around_square(valley: int, k: np.ndarray, side: float) -> float:
    """Ω of the upper band in nm² from the phase of its states around a small square."""
    model = TwoValleyModel()
    # Positions of the sites belong to the phases of Bloch states: ``embedded``.
    states = [
        np.linalg.eigh(model.hamiltonian(k + side / 2 * np.array(corner), valley, embedded=True))[
            1
        ][:, 1]
        for corner in ((-1, -1), (1, -1), (1, 1), (-1, 1))
    ]
    loop = np.prod([np.vdot(states[i], states[(i + 1) % 4]) for i in range(4)])
    return float(-np.angle(loop) / side**2)


def test_figure_1_shows_opposite_valleys() -> None:
    figure = drawn(draw_chern_valleys, chern_valleys(points=12))
    bands, plus, minus = figure.axes[:3]
    assert (plus.get_title(), minus.get_title()) == ("valley +", "valley −")
    for axes, valley in ((plus, 1), (minus, -1)):
        shown = read_map(axes)
        # The reader's usual colours: positive curvature is red.
        assert shown.positive_is_red
        assert colour_label(figure, axes) == "Berry curvature (nm²)"
        for row, column in ((12, 20), (20, 8), (5, 12)):
            k = np.array([shown.x[column], shown.y[row]])
            expected = phase_around_square(valley, k, 1e-4)
            assert shown.values[row, column] == pytest.approx(expected, rel=1e-4, abs=1e-3)
        assert axes.get_xlabel() == "$k_x$ (1/nm)"
        # The integral has the sign of the Chern number that is written beside the band.
        name = "C_+" if valley == 1 else "C_-"
        (text,) = [one.get_text() for one in bands.texts if one.get_position()[1] > 0]
        chern = int(text.split(f"{name}=")[1][:2])
        assert np.sign(shown.values.sum()) == np.sign(chern)
    np.testing.assert_allclose(
        read_map(minus).values, -read_map(plus).values[::-1, ::-1], atol=1e-6
    )
    model = TwoValleyModel()
    ticks = tick_labels(bands)
    names = [one.get_text() for one in bands.get_xticklabels()]
    assert names == ["K", "Γ", "K′", "M", "Γ"]
    b1, b2 = model.reciprocal_vectors
    for label, k in (("K", (2 * b1 + b2) / 3), ("K′", (b1 + 2 * b2) / 3), ("M", (b1 + b2) / 2)):
        for valley, name in ((1, "valley +"), (-1, "valley −")):
            found = [np.interp(ticks[label], *curve) for curve in read_lines(bands, name)]
            expected = np.linalg.eigvalsh(model.hamiltonian(k, valley))
            np.testing.assert_allclose(np.sort(found), expected, atol=1e-9)
    assert bands.get_ylabel() == "energy (meV)"


def test_figure_1_draws_each_array_in_its_panel() -> None:
    k = np.linspace(-1, 1, 5)
    kx, ky = np.meshgrid(k, k)
    data = made(
        ChernValleys,
        distance=(5,),
        ticks=np.linspace(0, 1, 5),
        bands_plus=(5, 2),
        bands_minus=(5, 2),
        kx=kx,
        ky=ky,
        curvature_plus=(5, 5),
        curvature_minus=(5, 5),
        chern=np.array([[-1.0, 1.0], [1.0, -1.0]]),
    )
    bands, plus, minus = drawn(draw_chern_valleys, data).axes[:3]
    np.testing.assert_array_equal(read_map(plus).values, data.curvature_plus)
    np.testing.assert_array_equal(read_map(minus).values, data.curvature_minus)
    assert read_map(minus).limits == read_map(plus).limits
    for name, values in (("valley +", data.bands_plus), ("valley −", data.bands_minus)):
        np.testing.assert_array_equal([y for _, y in read_lines(bands, name)], values.T)
    low, high = (text.get_text() for text in bands.texts)
    assert (low, high) == ("$C_+=-1$, $C_-=+1$", "$C_+=+1$, $C_-=-1$")


def test_figure_2_shows_states_that_sustain_themselves() -> None:
    ratio = 0.7
    figure = drawn(draw_hysteresis, hysteresis(ratio, points=60))
    (axes,) = figure.axes
    assert axes.get_title() == f"{ratio:.2f} of the critical temperature"
    assert axes.get_xlabel() == "valley density difference $\\Delta n_0$ (10⁻³ nm⁻²)"
    assert axes.get_ylabel() == "order parameter $\\Phi_v$ (10⁻³ nm⁻²)"
    up, down = read_lines(axes, "exact mean field")[:2]
    order = moire_order(0.25)
    order = moire_order(0.25, ratio * order.critical_temperature)
    band = order.band

    # At the 4000 midpoints that the plain filling takes.
    width = (band.upper - band.lower) / 4000
    table = band.thermal(band.lower + width * (np.arange(4000) + 0.5), 0.0).tolist()

    def dos(energy: float) -> float:
        return table[int((energy - band.lower) / width)]

    for source, phi in (up, down):
        for i in (3, 17, 26):
            shift = order.interaction * phi[i] * 1e-3 / 2

            # The density is held: μ is found for each Φ by bisection.
            def total(mu: float, shift: float = shift) -> float:
                return sum(
                    plain.filling(mu + s * shift, order.kT, dos, band.lower, band.upper)
                    for s in (1, -1)
                )

            wanted = 2 * plain.filling(CHEMICAL_POTENTIAL, 1e-3, dos, band.lower, band.upper)
            low, high = CHEMICAL_POTENTIAL - 2, CHEMICAL_POTENTIAL + 2
            for _ in range(16):
                middle = (low + high) / 2
                low, high = (middle, high) if total(middle) < wanted else (low, middle)
            difference = sum(
                s * plain.filling(low + s * shift, order.kT, dos, band.lower, band.upper)
                for s in (1, -1)
            )
            expected = source[i] * 1e-3 + difference
            assert phi[i] * 1e-3 == pytest.approx(expected, rel=5e-3, abs=1e-6)
    # It comes up on the lower branch and goes down on the upper one.
    middle = len(up[0]) // 2
    assert up[1][middle] < 0 < down[1][middle]
    starts = [(start, end) for start, end in arrows(axes)]
    assert [np.sign(end[0] - start[0]) for start, end in starts] == [1.0, -1.0]


def test_figure_2_draws_each_part() -> None:
    source = np.concatenate([np.linspace(-4, 4, 40), np.linspace(4, -4, 40)])
    data = made(
        Hysteresis,
        source=source,
        exact=(80,),
        cubic_source=(9,),
        cubic_phi=(9,),
        coercive_exact=1.5,
        coercive_cubic=2.5,
        turning_point=0.7,
        temperature_ratio=0.7,
    )
    (axes,) = drawn(draw_hysteresis, data).axes
    x, y = read_line(axes, "cubic law, Eq. 4")
    np.testing.assert_array_equal((x, y), (data.cubic_source, data.cubic_phi))
    first, second = read_lines(axes, "exact mean field")
    np.testing.assert_array_equal(first, (source[:40], data.exact[:40]))
    np.testing.assert_array_equal(second, (source[40:], data.exact[40:]))
    assert sorted(levels(axes)[0]) == [-2.5, 2.5]
    ends = {
        (float(line.get_xdata()[0]), float(line.get_ydata()[0]))
        for line in axes.lines
        if line.get_marker() == "o"
    }
    # The loop turns on the way up while Φ is still negative.
    assert ends == {(1.5, -0.7), (-1.5, 0.7)}
    (label,) = [text for text in axes.texts if text.get_text() == " $n_c$"]
    assert label.get_position()[0] == 2.5
    frame = drawn(draw_hysteresis_frame, data).axes[0]
    assert frame.get_ylim() == pytest.approx((-6, 6))
    assert frame.get_title() == "0.70 of the critical temperature"


@pytest.mark.parametrize(
    ("ratio", "drive", "count"), [(0.6, 0.1, 3), (0.6, 0.28, 1), (1.1, 0.1, 1)]
)
def test_a_frame_of_the_landscape_shows_states_in_their_minima(
    ratio: float, drive: float, count: int
) -> None:
    left, right = drawn(draw_landscape, landscape(ratio, drive)).axes
    assert (left.get_title(), left.get_ylabel()) == ("steady states", right.get_xlabel())
    assert levels(left) == ([drive], [])
    curve, potential = (curve_of(axes.lines[0]) for axes in (left, right))
    dots = [line for line in left.lines if line.get_marker() == "o"]
    phi = np.array([float(line.get_ydata()[0]) for line in dots])
    assert np.isfinite(phi).sum() == count
    # On the left the dots are crossings, on the right they sit where the potential is level.
    assert np.interp(phi[:count], curve[1], curve[0]) == pytest.approx(drive, abs=2e-4)
    slope = np.gradient(potential[1], potential[0])
    bend = np.gradient(slope, potential[0])
    assert np.interp(phi[:count], potential[0], slope) == pytest.approx(0, abs=2e-3)
    filled = [line.get_markerfacecolor() != "white" for line in dots[:count]]
    assert filled == [bool(np.interp(p, potential[0], bend) > 0) for p in phi[:count]]
    # d(potential)/dΦ is the source that Φ needs less the one it gets.
    assert slope[1:-1] == pytest.approx(curve[0][1:-1] - drive, abs=2e-3)


def test_the_critical_temperatures() -> None:
    data = made(
        CriticalTemperatures, excess=(4,), exact_kelvin=(4,), over_closing=(4,), over_printed=(4,)
    )
    (axes,) = drawn(draw_critical_temperatures, data).axes
    assert_curves(
        axes,
        {
            "formula with $\\pi^2/6$": (data.excess, data.over_closing),
            "formula with $\\pi^2/3$, printed": (data.excess, data.over_printed),
        },
    )
    assert levels(axes)[1] == [1, math.sqrt(2)]
    assert axes.get_xlabel() == r"$U\nu-1$"


def test_the_approach_to_the_transition() -> None:
    data = made(CoerciveApproach, reduced=(4,), coercive=(4,), spontaneous=(4,))
    (axes,) = drawn(draw_coercive_approach, data).axes
    assert_curves(
        axes,
        {
            "coercive density / $n_c$": (data.reduced, data.coercive),
            r"$\Phi_v(\Delta n_0=0)\,/\,\sqrt{|(r-r_c)/\alpha_4|}$": (
                data.reduced,
                data.spontaneous,
            ),
        },
    )
    assert axes.get_xscale() == "log"
    assert axes.get_xlabel() == "$1-T/T_c$"


def test_the_ensembles() -> None:
    data = made(
        Ensembles,
        chemical_potential=(5,),
        density_of_states=(5,),
        fixed_potential=(5,),
        fixed_density=(5,),
        point_potential=(3,),
        exact_fixed_potential=(3,),
        exact_fixed_density=(3,),
    )
    top, bottom = drawn(draw_ensembles, data).axes
    np.testing.assert_allclose(
        curve_of(top.lines[0]), (data.chemical_potential, 1e3 * data.density_of_states)
    )
    assert top.get_ylabel() == "ν (10⁻³ meV⁻¹ nm⁻²)"
    assert bottom.get_ylabel() == "$24\\,\\alpha_4/U^3$ (10⁻³ meV⁻³ nm⁻²)"
    for label, line, points in (
        ("fixed chemical potential", data.fixed_potential, data.exact_fixed_potential),
        ("fixed density", data.fixed_density, data.exact_fixed_density),
    ):
        np.testing.assert_allclose(read_line(bottom, label), (data.chemical_potential, 1e3 * line))
        colour = look(legend_of(bottom)[label])[0]
        (marks,) = [
            curve_of(one)
            for one in bottom.lines
            if look(one)[0] == colour and one.get_marker() in ("o", "s")
        ]
        np.testing.assert_allclose(marks, (data.point_potential, 1e3 * points))


def test_the_sweeps() -> None:
    data = made(
        Sweeps,
        period=np.array([200.0, 1000.0]),
        phase=(6,),
        source=np.linspace(-3, 3, 6),
        phi=(6, 2),
        static=(6,),
    )
    figure = drawn(draw_sweeps, data)
    left, right = figure.axes
    for i, label in enumerate(("period 200 τ′", "period 1000 τ′")):
        x, y = read_line(left, label, legend=figure)
        np.testing.assert_array_equal((x, y), (data.source, data.phi[:, i]))
        np.testing.assert_array_equal(curve_of(right.lines[i]), (data.phase, data.phi[:, i]))
        assert look(right.lines[i])[0] == look(left.lines[i])[0]
    for axes, x in ((left, data.source), (right, data.phase)):
        curve = read_line(axes, "quasi-static", legend=figure)
        np.testing.assert_array_equal(curve, (x, data.static))
    scaled = read_line(right, r"$\Delta n_0$ (scaled)", legend=figure)
    np.testing.assert_allclose(scaled, (data.phase, data.source / 3))
    assert left.get_xlabel() == r"$\Delta n_0/n_c$"
    assert right.get_xlabel() == "time / period"


def test_the_pulses() -> None:
    data = made(
        Pulses, time=np.linspace(0, 10, 6), length=np.array([2.0, 7.0]), height=1.5, phi=(6, 2)
    )
    (axes,) = drawn(draw_pulses, data).axes
    assert axes.get_title() == "pulses of 1.5 coercive densities"
    for i, label in enumerate(("2 τ′", "7 τ′")):
        np.testing.assert_array_equal(read_line(axes, label), (data.time, data.phi[:, i]))
        colour = look(legend_of(axes)[label])[0]
        (end,) = [
            curve_of(one)
            for one in axes.lines
            if look(one)[0] == colour and one.get_marker() == "o"
        ]
        assert float(end[0][0]) == data.length[i]
        assert float(end[1][0]) == pytest.approx(
            np.interp(data.length[i], data.time, data.phi[:, i])
        )


def test_the_polarisation_against_the_plain_ladder() -> None:
    data = polarisation(points=4)
    left, right = drawn(draw_polarisation, data).axes
    assert left.get_ylabel() == r"Re $\Pi/\nu$"
    assert right.get_ylabel() == r"Im $\Pi/\nu$"
    for axes, part in ((left, np.real), (right, np.imag)):
        assert axes.get_xlabel() == r"$\omega\tau$"
        assert axes.get_xscale() == "log"
        for label in ("0.1", "0.3", "1"):
            q = float(label)
            wanted = look(legend_of(left)[label])[0]
            full, dashed = [curve_of(one) for one in axes.lines if look(one)[0] == wanted]
            ladder = [part(plain.ladder(q, w, 1.0, 1.0)) for w in full[0]]
            np.testing.assert_allclose(full[1], ladder, atol=1e-6)
            # D = v²τ/2, in two dimensions.
            diffusive = [part(1 + 1j * w / (0.5 * q**2 - 1j * w)) for w in full[0]]
            np.testing.assert_allclose(dashed[1], diffusive, atol=1e-12)


def test_the_parts_of_the_polarisation_are_not_exchanged() -> None:
    rng = np.random.default_rng(1)
    complex_table = rng.uniform(size=(4, 2)) + 1j * rng.uniform(2, 3, size=(4, 2))
    data = made(
        Polarisation,
        omega=np.geomspace(0.1, 1, 4),
        ql=np.array([0.1, 1.0]),
        ladder=complex_table,
        diffusive=2 * complex_table,
    )
    left, right = drawn(draw_polarisation, data).axes
    np.testing.assert_array_equal(left.lines[0].get_ydata(), complex_table[:, 0].real)
    np.testing.assert_array_equal(right.lines[0].get_ydata(), complex_table[:, 0].imag)
    np.testing.assert_array_equal(right.lines[3].get_ydata(), 2 * complex_table[:, 1].imag)
