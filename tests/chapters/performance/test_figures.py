"""Times as drawn."""

from __future__ import annotations

import numpy as np
from drawn import assert_curves, drawn, made

from moirelib.chapters.performance.data import Ladder, Scaling
from moirelib.chapters.performance.figures import draw_ladder, draw_scaling


def test_each_rung_has_its_bar() -> None:
    names = ("dense", "symmetry", "expansions")
    data = made(
        Ladder,
        rung=names,
        rows=(3,),
        wavevectors=(3,),
        milliseconds=(3,),
        seconds=np.array([120.0, 20.0, 0.5]),
    )
    (axes,) = drawn(draw_ladder, data).axes
    places = dict(
        zip([one.get_text() for one in axes.get_yticklabels()], axes.get_yticks(), strict=True)
    )
    bars = {round(bar.get_y() + bar.get_height() / 2): bar.get_width() for bar in axes.patches}
    for name, seconds in zip(names, data.seconds, strict=True):
        assert bars[round(places[name])] == seconds
    texts = {round(float(one.xy[1])): one.get_text() for one in axes.texts}
    assert texts[round(places["symmetry"])] == "20 s"
    assert axes.get_xscale() == "log"
    assert axes.get_xlabel() == "time to solve one layer on one core (s)"


def test_the_scalings() -> None:
    data = made(
        Scaling,
        mesh=np.array([60.0, 120.0, 240.0]),
        mesh_seconds=(3,),
        cutoff=np.array([2.0, 3.0, 4.0]),
        cutoff_rows=np.array([90.0, 170.0, 280.0]),
        cutoff_milliseconds=(3,),
    )
    left, right = drawn(draw_scaling, data).axes
    assert_curves(
        left,
        {
            "measured": (data.mesh, data.mesh_seconds),
            "slope 2": (data.mesh, data.mesh_seconds[-1] * (data.mesh / 240) ** 2),
        },
    )
    assert_curves(
        right,
        {
            "measured": (data.cutoff_rows, data.cutoff_milliseconds),
            "slope 3": (
                data.cutoff_rows,
                data.cutoff_milliseconds[-1] * (data.cutoff_rows / 280) ** 3,
            ),
        },
    )
    assert left.get_ylabel() == "layer by expansions (s)"
    assert right.get_ylabel() == "one dense wavevector (ms)"
