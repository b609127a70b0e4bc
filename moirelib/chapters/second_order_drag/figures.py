"""Figures of the drag of second order."""

from __future__ import annotations

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from moirelib.chapters.second_order_drag.data.shown import DragByFilling

CHANNELS = (
    r"all $\mathbf{G}$, $\mathbf{G}'$",
    r"$\mathbf{G}=\mathbf{G}'$",
    r"$\mathbf{G}=\mathbf{G}'=0$",
)


def draw_drag_by_filling(data: DragByFilling) -> Figure:
    """Draw the drag resistivity by channel, and the valley drag beside the charge drag."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(8.0, 3.6))
    for label, resistance, style in zip(CHANNELS, data.resistance, ("-", "--", ":"), strict=True):
        left.plot(data.mu, resistance, style, marker="o", ms=3, label=label)
    left.axhline(0, color="black", lw=0.8)
    left.set(xlabel=r"$\mu_1=\mu_2$ (meV)", ylabel=r"$\sigma_{12}/\sigma^2$ ($\Omega$)")
    left.legend()
    right.plot(data.mu, data.charge[0], marker="o", ms=3, label="charge")
    right.plot(data.mu, data.valley[0], "--", marker="s", ms=3, label="valley")
    right.axhline(0, color="black", lw=0.8)
    right.set(xlabel=r"$\mu_1=\mu_2$ (meV)", ylabel=r"$\sigma_{12}$ ($e^2/h$)")
    right.legend()
    return figure
