"""Figures of Kundu et al., Fig. 1(c), and of what low temperature does: Apps. D and E."""

from __future__ import annotations

import math

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from moirelib.chapters.sommerfeld.data import (
    AtVanHove,
    ByParts,
    TemperatureDependence,
    ThermalProfile,
)
from moirelib.figures.style import drag_label


def draw_temperature_dependence(data: TemperatureDependence) -> Figure:
    """Draw σ(T)/σ(0) with its T² law, and how the two part."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(8.0, 3.8))
    # Between points of the grid.
    cold, warm = data.kT < 5.1, data.kT > 0.9
    for i, (mu1, mu2) in enumerate(zip(data.mu1, data.mu2, strict=True)):
        zero, coefficient = data.zero[i], data.coefficient[i]
        label = rf"${mu1:g}$, ${mu2:g}$: $\sigma(0)={zero:.2f}$"
        (line,) = left.plot(data.kT, data.conductivity[i] / zero, label=label)
        law = 1 + coefficient / zero * data.kT**2
        left.plot(data.kT[cold], law[cold], ":", color="black", zorder=3)
        change = data.conductivity[i] - zero
        right.plot(
            data.kT[warm], change[warm] / (coefficient * data.kT[warm] ** 2), color=line.get_color()
        )
    left.plot(
        data.kT,
        data.van_hove / data.van_hove[0],
        "--",
        color="black",
        label=rf"${data.van_hove_energy:.1f}$, twice: $\sigma(0)={data.van_hove[0]:.2f}$",
    )
    left.set(
        xlabel=r"$k_BT$ (meV)",
        ylabel=r"$\sigma^{xx}(T)\,/\,\sigma^{xx}(0)$",
        xlim=(0, data.kT.max()),
    )
    # Room below the curves.
    left.set_ylim(bottom=0.56)
    title = drag_label(r"$\mu_1$, $\mu_2$ (meV), $\sigma$")
    left.legend(title=title, loc="lower left", fontsize="small")
    right.axhline(1, color="black", lw=0.8)
    right.set(
        xlabel=r"$k_BT$ (meV)",
        ylabel=r"$[\sigma(T)-\sigma(0)]\,/\,A(k_BT)^2$",
        xlim=(0, data.kT.max()),
        ylim=(0, 2),
    )
    return figure


def draw_at_van_hove(data: AtVanHove) -> Figure:
    """Draw the response across the van Hove energy and its slope against the distance to it."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.6, 3.2))
    size = np.hypot(data.in_phase, data.in_quadrature)
    left.plot(data.mu, 1e3 * size, label=r"$|\mathcal{C}_G|$")
    left.plot(data.mu, 1e3 * data.in_phase, "--", label=r"in phase with $\partial_k\lambda$")
    left.axvline(data.energy, color="black", lw=0.8, ls=":")
    left.set(xlabel=r"$\mu$ (meV)", ylabel=r"$\mathcal{C}_{G}$ ($10^{-3}$ nm$^{-1}$)")
    # An opaque ground, because the dotted line runs behind it.
    left.legend(loc="center left", frameon=True, framealpha=1, edgecolor="none")
    right.semilogx(data.distance, 1e3 * data.slope, "o", label="contours")
    fine = np.geomspace(data.distance[0] / 1.5, data.distance[-1] * 1.5, 50)
    anchored = data.slope[0] - data.logarithm * np.log(fine / data.distance[0])
    right.semilogx(fine, 1e3 * anchored, label="logarithm of the saddle")
    right.set(
        xlabel=r"$\delta$ (meV)",
        ylabel=r"slope in phase ($10^{-3}$ nm$^{-1}$ meV$^{-1}$)",
    )
    right.minorticks_off()
    right.set_xticks(data.distance, [f"{d:g}" for d in data.distance])
    right.legend()
    return figure


def draw_by_parts(data: ByParts) -> Figure:
    """Draw what the truncated basis does to each form."""
    figure, axes = plt.subplots(figsize=(5.2, 3.4))
    axes.loglog(data.cutoff, data.velocity_form, "o-", label=r"$-f'\,\partial_k\varepsilon$ form")
    axes.loglog(
        data.cutoff, data.in_gap, "s-", label=r"$f\,\partial_k\lambda$ form, $\mu$ in a gap"
    )
    axes.loglog(
        data.cutoff,
        data.in_gap[-1] * data.cutoff[-1] / data.cutoff,
        "k:",
        label="one over the cut-off",
    )
    axes.loglog(data.cutoff, data.difference, "^-", label="difference less the gap value")
    axes.set(xlabel=r"cut-off ($|G_1|$)", ylabel=r"$|\mathcal{C}|$, first shell (nm$^{-1}$)")
    axes.set_xticks(data.cutoff, [f"{c:g}" for c in data.cutoff])
    axes.minorticks_off()
    axes.legend(fontsize="small")
    return figure


def draw_thermal_profile(data: ThermalProfile) -> Figure:
    """Draw σ(μ) at one temperature over the zero-temperature curve."""
    figure, axes = plt.subplots(figsize=(6.4, 3.2))
    axes.plot(data.mu, data.zero, color="0.6", lw=1.2, label=r"$T=0$")
    axes.plot(data.mu, data.conductivity, label=rf"$k_BT={data.kT:g}$ meV")
    lowest = math.floor(float(data.zero.min()))
    axes.set(
        xlabel=r"$\mu_1=\mu_2$ (meV)",
        ylabel=drag_label(r"$\sigma^{xx}_{12,v}$"),
        xlim=(data.mu[0], data.mu[-1]),
        ylim=(lowest, 0.5),
    )
    axes.legend(loc="lower right")
    return figure
