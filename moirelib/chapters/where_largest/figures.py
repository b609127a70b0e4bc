"""Drawings of the page where-largest."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from moirelib.chapters.where_largest.data.device import Optimum
from moirelib.chapters.where_largest.data.materials import MATERIALS, Merits, Widths
from moirelib.chapters.where_largest.data.meeting import Loop
from moirelib.chapters.where_largest.data.twisted import TwistedDrag
from moirelib.figures.style import CYCLE, label_decade

_MARKERS = ("o", "s")


def draw_widths(data: Widths) -> Figure:
    """Draw bands at the magic angle, and the width of the topmost band against the twist."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.0, 3.4))
    left.plot(data.path, data.bands, color=CYCLE[0])
    left.set(title="WSe₂ at 1.43°", xlabel="along κ–Γ–M–κ′ (1/nm)", ylabel="energy (meV)")
    for name, width, colour, marker in zip(MATERIALS, data.width, CYCLE, _MARKERS, strict=False):
        right.semilogy(data.twist, width, color=colour, marker=marker, ms=3, label=name)
    right.axvline(1.43, color="grey", ls=":", lw=1)
    right.set(title="topmost band", xlabel="twist (degrees)", ylabel="width (meV)")
    right.legend()
    return figure


def draw_merits(data: Merits) -> Figure:
    """Draw merit and response of both bilayers against the twist, with graphene as a line."""
    figure, axes = plt.subplots(1, 2, figsize=(7.0, 3.4))
    both = (
        ("merit", r"$|\mathcal{C}|\,L$ / spins", data.merit, data.graphene.merit),
        ("response at Ωτ = 1", "Re σ₁₂ (e²/h)", data.response, data.graphene.response),
    )
    for one, (title, label, values, graphene) in zip(axes, both, strict=True):
        for name, row, colour, marker in zip(MATERIALS, values, CYCLE, _MARKERS, strict=False):
            one.plot(data.twist, row, color=colour, marker=marker, ms=3, label=name)
        one.axhline(graphene, color=CYCLE[2], ls="--", label="graphene on hBN")
        one.set(title=title, xlabel="twist (degrees)", ylabel=label, yscale="log")
        label_decade(one.yaxis)
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=3)
    return figure


def draw_optimum(data: Optimum) -> Figure:
    """Draw the response against the density for some twists, and the largest against the twist."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.0, 3.6))
    for i, style in zip((0, 2, 4, 7), ("-", "--", "-.", ":"), strict=True):
        label = f"{data.twist[i]:g}°"
        left.semilogy(data.density, data.response[i], ls=style, label=label)
    left.set(
        title="u₀ = 152 meV",
        xlabel="density (10¹²/cm²)",
        ylabel="Re σ₁₂ at Ωτ = 1 (e²/h)",
        ylim=(1e-5, 30.0),
    )
    left.legend(title="twist", loc="lower left")
    for j, coupling in enumerate(data.coupling.tolist()):
        right.semilogy(data.twist, data.best[:, j], marker="o", ms=3, label=f"{coupling:g} meV")
    right.set(
        title=f"best density, d = {data.distance:g} nm",
        xlabel="twist (degrees)",
        ylabel="Re σ₁₂ (e²/h)",
        ylim=(5e-4, 10.0),
    )
    right.legend(title="u₀", loc="lower left")
    return figure


def draw_twisted(data: TwistedDrag) -> Figure:
    """Draw the DC drag resistivity against the density, and the largest against the twist."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.0, 3.6))
    for i, style in zip((0, 2, 4, 6), ("-", "--", "-.", ":"), strict=True):
        left.plot(data.density, data.charge[i], ls=style, label=f"{data.twist[i]:g}°")
    left.set(
        title="charge",
        xlabel="density (10¹²/cm²)",
        ylabel=r"$\sigma_{12}/\sigma^2$ ($\Omega$)",
        xlim=(-4.0, 1.0),
    )
    left.legend(title="twist")
    for name, values, marker, style in (
        ("charge", data.charge, "o", "-"),
        ("interference", data.charge - data.diagonal, "s", "--"),
        ("valley", data.valley, "^", ":"),
    ):
        right.semilogy(data.twist, values.max(axis=1), ls=style, marker=marker, ms=4, label=name)
    right.set(
        title="at the best density",
        xlabel="twist (degrees)",
        ylabel=r"$\sigma_{12}/\sigma^2$ ($\Omega$)",
    )
    right.legend()
    return figure


def draw_loop(data: Loop) -> Figure:
    """Draw order and charge response of a loop of the source."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.0, 3.4), sharex=True)
    half = len(data.source) // 2
    for part, style, label in (
        (slice(None, half), "-", "source up"),
        (slice(half, None), "--", "source down"),
    ):
        left.plot(data.source[part], 1e3 * data.phi[part], style, label=label)
        right.plot(data.source[part], 1e3 * data.response[part], style, label=label)
    left.set(
        title=f"valley order at {data.kelvin:g} K",
        xlabel="source Δn₀ / coercive density",
        ylabel="Φ of layer 1 (10⁻³/nm²)",
        ylim=1.1 * np.array([-1, 1]) * 3.0,
    )
    right.set(
        title="charge response at Ωτ = 1",
        xlabel="source Δn₀ / coercive density",
        ylabel="Re σ₁₂ (10⁻³ e²/h)",
        ylim=1.1 * np.array([-1, 1]) * 25.0,
    )
    left.legend(loc="upper left")
    return figure
