"""What each idea of the solver is worth: times measured side by side in one run."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from moirelib.chapters.performance.data import Ladder, Scaling
from moirelib.figures.style import label_decade


def draw_ladder(data: Ladder) -> Figure:
    """Draw the time for the map, rung by rung, on a logarithmic axis."""
    figure, axis = plt.subplots(figsize=(7.0, 3.4))
    position = np.arange(len(data.rung))[::-1]
    axis.barh(position, data.seconds, color="#0072B2", height=0.65)
    axis.set_xscale("log")
    axis.set_yticks(position, data.rung)
    for y, seconds in zip(position, data.seconds, strict=True):
        axis.annotate(
            f"{seconds:.3g} s", (seconds, y), xytext=(4, 0), textcoords="offset points", va="center"
        )
    axis.set_xlim(data.seconds.min() / 3, data.seconds.max() * 4)
    axis.set_xlabel("time to solve one layer on one core (s)")
    axis.grid(visible=False, axis="y")
    return figure


def draw_scaling(data: Scaling) -> Figure:
    """Draw both scalings on logarithmic axes with the slopes that theory gives."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.4, 3.2))
    left.loglog(data.mesh, data.mesh_seconds, "o-", label="measured")
    left.loglog(
        data.mesh, data.mesh_seconds[-1] * (data.mesh / data.mesh[-1]) ** 2, "k:", label="slope 2"
    )
    left.set_xlabel("mesh N")
    left.set_ylabel("layer by expansions (s)")
    left.legend()
    right.loglog(
        data.cutoff_rows, data.cutoff_milliseconds, "s-", color="#D55E00", label="measured"
    )
    right.loglog(
        data.cutoff_rows,
        data.cutoff_milliseconds[-1] * (data.cutoff_rows / data.cutoff_rows[-1]) ** 3,
        "k:",
        label="slope 3",
    )
    right.set_xlabel("rows of the matrix")
    right.set_ylabel("one dense wavevector (ms)")
    right.legend()
    for axes, sizes in ((left, data.mesh), (right, data.cutoff_rows)):
        label_decade(axes.yaxis)
        axes.minorticks_off()
        axes.set_xticks(sizes, [f"{size:g}" for size in sizes])
    return figure
