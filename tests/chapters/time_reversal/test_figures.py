"""Figures on time reversal, as drawn."""

from __future__ import annotations

import numpy as np
import plain_drag as plain
import pytest
from drawn import assert_curves, by_title, drawn, levels, made, read_lines, tick_labels

from moirelib.chapters.time_reversal.data import (
    ChargeDrag,
    EmptiedValley,
    ValleyBands,
    valley_bands,
)
from moirelib.chapters.time_reversal.figures import (
    draw_charge_drag,
    draw_emptied_valley,
    draw_valley_bands,
)

LABELS = (r"K at $\mathbf{k}$", r"K′ at $-\mathbf{k}$")
TITLES = (r"$\omega^{\xi}$", r"$\omega$ in both valleys")


@pytest.mark.parametrize(("title", "conjugated"), [(TITLES[0], True), (TITLES[1], False)])
def test_bands_of_both_valleys_against_the_plain_hamiltonian(title: str, conjugated: bool) -> None:
    figure = drawn(draw_valley_bands, valley_bands(count=4))
    axes = by_title(figure)[title]
    material = plain.Material(conjugated=conjugated)
    ticks = tick_labels(axes)
    place = ticks["M"]
    half = [0.5 * np.array(material.reciprocal(cell)) for cell in ((0, 1), (1, 0), (1, 1))]
    for label, valley, sign in ((LABELS[0], 1, 1), (LABELS[1], -1, -1)):
        basis = plain.circle(material, valley, 2)
        found = [np.interp(place, x, y) for x, y in read_lines(axes, label, legend=figure.axes[1])]
        middle = len(basis.graphene) + len(basis.hbn)
        # M in one of its six directions.
        sets = [
            np.linalg.eigvalsh(plain.hamiltonian(tuple(sign * turn * m), valley, basis, material))[
                middle - len(found) // 2 : middle + len(found) // 2
            ]
            for m in half
            for turn in (1, -1)
        ]
        assert min(abs(np.sort(found) - one).max() for one in sets) < 1e-6
    assert axes.get_ylim() == pytest.approx((-220, 350))
    assert figure.axes[0].get_ylabel() == "energy (meV)"


def test_each_valley_has_its_line() -> None:
    data = made(
        ValleyBands,
        distance=(5,),
        ticks=np.array([0.0, 1.0]),
        labels=("Γ", "M"),
        of_k=(5, 3),
        conjugated=(5, 3),
        common=(5, 3),
    )
    figure = drawn(draw_valley_bands, data)
    for title, other in zip(TITLES, (data.conjugated, data.common), strict=True):
        axes = by_title(figure)[title]
        for label, bands in zip(LABELS, (data.of_k, other), strict=True):
            curves = read_lines(axes, label, legend=figure.axes[1])
            np.testing.assert_array_equal([y for _, y in curves], bands.T)


def test_charge_and_valley_drag_have_their_names() -> None:
    data = made(
        ChargeDrag, mu=(5,), valley=(5,), charge=(5,), valley_common=(5,), charge_common=(5,)
    )
    figure = drawn(draw_charge_drag, data)
    panels = by_title(figure)
    for title, valley, charge in zip(
        TITLES, (data.valley, data.valley_common), (data.charge, data.charge_common), strict=True
    ):
        assert_curves(
            panels[title],
            {"valley": (data.mu, valley), "charge": (data.mu, charge)},
            legend=figure.axes[0],
        )
        assert panels[title].get_xlabel() == r"$\mu_1=\mu_2$ (meV)"
    assert figure.axes[0].get_ylabel() == "$\\sigma^{xx}_{12}$ ($e^2/h$)\nsign of Kundu Eq. 1"


def test_the_emptied_valley() -> None:
    mu = np.linspace(-100, 44, 5)
    data = made(EmptiedValley, mu_k=20.0, mu_k_prime=mu, valley=(5,), charge=(5,))
    (axes,) = drawn(draw_emptied_valley, data).axes
    assert_curves(axes, {"valley": (mu, data.valley), "charge": (mu, data.charge)})
    assert levels(axes)[0] == [20.0]
    assert axes.get_xlim() == pytest.approx((-100, 44))
    assert axes.get_xlabel() == r"$\mu_{K'}$ (meV)"
