"""Kundu et al., App. F: what becomes of the drag when reciprocal-lattice points are broadened."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from moirelib.chapters.broadening.data import (
    BroadenedPeaks,
    DragAgainstWidth,
    RelativeCurvature,
    Remainder,
)
from moirelib.figures.style import CYCLE, drag_label

CENTRES = ("0", "(L₁+L₂)/3", "−(L₁+L₂)/3")
"""The three points of the moiré cell with a threefold axis, where a rigid cell may be centred."""


def draw_broadened_peaks(data: BroadenedPeaks) -> Figure:
    """Draw the density on a logarithmic scale."""
    figure, axes = plt.subplots(figsize=(4.6, 3.8))
    image = axes.imshow(
        np.log10(np.maximum(data.density, 1e-12)),
        extent=(data.kx[0], data.kx[-1], data.ky[0], data.ky[-1]),
        origin="lower",
        interpolation="bilinear",
        vmin=-2,
        vmax=2,
    )
    figure.colorbar(image, label="log₁₀ of the density over its mean")
    axes.set(
        xlabel="$g_x$ (1/nm)",
        ylabel="$g_y$ (1/nm)",
        title=rf"$\eta$ = {data.width:.3g} 1/nm",
    )
    axes.grid(False)
    return figure


def draw_remainder(data: Remainder) -> Figure:
    """Draw both on logarithmic axes with guides to the eye."""
    figure, axes = plt.subplots(figsize=(5.2, 3.6))
    axes.loglog(data.width, data.with_half, "o-", ms=4, label=r"$\frac{1}{2}\eta^2\nabla^2\Xi$")
    axes.loglog(data.width, data.without_half, "s-", ms=4, label=r"$\eta^2\nabla^2\Xi$")
    for values, power in ((data.with_half, 4), (data.without_half, 2)):
        guide = values[0] * (data.width / data.width[0]) ** power
        axes.loglog(data.width, guide, ":", color="black", lw=1)
        middle = len(guide) // 2
        axes.text(1.1 * data.width[middle], 0.4 * guide[middle], rf"$\eta^{power}$", va="top")
    axes.set(xlabel=r"$\eta$ (1/nm)", ylabel="what the expansion leaves / sum")
    axes.legend(title="quadratic term")
    return figure


def draw_drag_against_width(data: DragAgainstWidth) -> Figure:
    """Draw σ̃ against η with its parabola, one panel for each chemical potential."""
    figure, panels = plt.subplots(1, len(data.mu), figsize=(7.6, 3.0), squeeze=False)
    fine = np.linspace(0, data.width[-1], 100)
    for i, axes in enumerate(panels[0]):
        axes.plot(data.width, data.umklapp[:, i], "o-", ms=4, label=r"$G\neq0$")
        axes.plot(data.width, data.zeroth[:, i], "s-", ms=4, label="$G=0$")
        parabola = data.umklapp[0, i] + data.coefficient[i] * fine**2
        axes.plot(fine, parabola, ":", color="black", label="Eq. (53)")
        lowest = min(data.umklapp[:, i].min(), data.zeroth[:, i].min())
        axes.set(
            title=rf"$\mu={data.mu[i]:g}$ meV", xlabel=r"$\eta$ (1/nm)", ylim=(1.3 * lowest, 0.0)
        )
    panels[0, 0].set_ylabel(drag_label(r"$\tilde\sigma^{xx}_{12,v}$"))
    panels[0, 0].legend(fontsize="small")
    return figure


def draw_relative_curvature(data: RelativeCurvature) -> Figure:
    """Draw the four curves on a symmetric logarithmic scale."""
    figure, axes = plt.subplots(figsize=(6.4, 3.8))
    axes.plot(data.mu, data.response, color=CYCLE[0], label="response at finite $q$")
    for row, centre, colour in zip(data.rigid, CENTRES, CYCLE[1:], strict=False):
        axes.plot(data.mu, row, "--", color=colour, label=f"rigid cell about {centre}")
    axes.axhline(0, color="black", lw=0.8)
    axes.set_yscale("symlog", linthresh=10)
    axes.set(
        xlabel=r"$\mu_1=\mu_2$ (meV)",
        ylabel=r"$\delta\sigma/(\sigma\eta^2)$ (nm²)",
        ylim=(-2e3, 2e4),
    )
    axes.legend(fontsize="small", ncols=2, loc="lower center", bbox_to_anchor=(0.5, 1.0))
    return figure
