"""Figures on time reversal: Kundu et al., App. C."""

from __future__ import annotations

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from moirelib.chapters.time_reversal.data import ChargeDrag, EmptiedValley, ValleyBands
from moirelib.figures.style import drag_label


def draw_valley_bands(data: ValleyBands) -> Figure:
    """Draw both valleys over each other, for ω^ξ and for ω in both."""
    figure, axes = plt.subplots(1, 2, figsize=(7.2, 3.4), sharey=True)
    for one, other, title in (
        (axes[0], data.conjugated, r"$\omega^{\xi}$"),
        (axes[1], data.common, r"$\omega$ in both valleys"),
    ):
        lines = one.plot(data.distance, data.of_k, color="#0072B2")
        dashes = one.plot(data.distance, other, "--", color="#D55E00")
        lines[0].set_label(r"K at $\mathbf{k}$")
        dashes[0].set_label(r"K′ at $-\mathbf{k}$")
        one.set(title=title, xlim=(0, data.distance[-1]), ylim=(-220, 350))
        one.set_xticks(data.ticks, data.labels)
    axes[0].set_ylabel("energy (meV)")
    axes[1].legend(loc="upper center", ncols=2, fontsize="small")
    return figure


def draw_charge_drag(data: ChargeDrag) -> Figure:
    """Draw the drag of charge and valley for both readings."""
    figure, axes = plt.subplots(1, 2, figsize=(7.2, 3.2), sharey=True)
    for one, valley, charge, title in (
        (axes[0], data.valley, data.charge, r"$\omega^{\xi}$"),
        (axes[1], data.valley_common, data.charge_common, r"$\omega$ in both valleys"),
    ):
        one.plot(data.mu, valley, label="valley")
        one.plot(data.mu, charge, "--", label="charge")
        one.set(xlabel=r"$\mu_1=\mu_2$ (meV)", title=title, xlim=(data.mu[0], data.mu[-1]))
    axes[0].set_ylabel(drag_label(r"$\sigma^{xx}_{12}$"))
    axes[0].legend(loc="lower right")
    return figure


def draw_emptied_valley(data: EmptiedValley) -> Figure:
    """Draw charge and valley drag against the filling of the other valley."""
    figure, axes = plt.subplots(figsize=(5.6, 3.4))
    axes.plot(data.mu_k_prime, data.valley, label="valley")
    axes.plot(data.mu_k_prime, data.charge, "--", label="charge")
    axes.axvline(data.mu_k, color="black", lw=0.8, ls=":")
    axes.set(
        xlabel=r"$\mu_{K'}$ (meV)",
        ylabel=drag_label(r"$\sigma^{xx}_{12}$"),
        xlim=(data.mu_k_prime[0], data.mu_k_prime[-1]),
    )
    axes.legend()
    return figure
