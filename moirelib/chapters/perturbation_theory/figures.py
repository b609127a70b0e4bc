"""Pictures of the drag and of the response behind it."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.transforms import Affine2D

from moirelib._types import Floats
from moirelib.chapters.perturbation_theory.data.device import Parameters, Windows
from moirelib.chapters.perturbation_theory.data.drag import (
    SIGNS,
    WINDOW,
    DistanceLaw,
    DragAt,
    DragMap,
    EqualFillings,
    MapAtDistance,
    Stacking,
)
from moirelib.chapters.perturbation_theory.data.registries import Drift, Registry
from moirelib.chapters.perturbation_theory.data.response import (
    USED,
    Convergence,
    Interband,
    Relaxation,
)
from moirelib.chapters.perturbation_theory.data.screening import (
    FILLINGS,
    DensityMaps,
    ScreenedLine,
    ScreenedMap,
)
from moirelib.chapters.perturbation_theory.data.time_domain import WHO, RelaxedDrag, Transients
from moirelib.figures.style import CYCLE, drag_label


def draw_relaxation(data: Relaxation) -> Figure:
    """Draw both parts and their sum against the frequency."""
    figure, axis = plt.subplots(figsize=(6.2, 4.0))
    curves = (
        ("within bands", data.intraband, "-"),
        ("between bands", data.interband, "--"),
        ("sum", data.intraband + data.interband, "-."),
    )
    for i, (label, values, line) in enumerate(curves):
        axis.semilogx(data.frequency, values, line, color=CYCLE[i], label=label)
    axis.axvline(data.scale, color="grey", linestyle=":")
    axis.annotate("$\\hbar v_F|q|$", (data.scale, 0.3), xytext=(5, 0), textcoords="offset points")
    axis.set(xlabel="imaginary frequency ħω (meV)", ylabel="$\\chi_1/\\mathcal{C}$")
    axis.legend(loc="center left", bbox_to_anchor=(0.0, 0.62))
    return figure


def draw_interband(data: Interband) -> Figure:
    """Draw 𝒟 of each valley across and along G, and the interband drag of one valley."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(8.8, 4.0))
    curves = (
        ("across G, K", data.across_k.real, CYCLE[0], "-"),
        ("across G, K′", data.across_k_prime.real, CYCLE[4], "--"),
        ("along G, K", data.along_k.imag, CYCLE[1], "-"),
        ("along G, K′", data.along_k_prime.imag, CYCLE[2], "--"),
    )
    for label, values, colour, line in curves:
        left.plot(data.frequency, values, line, color=colour, label=label)
    left.set(xlabel="ħΩ (meV)", ylabel="$\\mathcal{D}(\\Omega)/\\mathcal{C}_v$")
    left.legend(fontsize=8)
    right.plot(data.mu2, data.hall_one_valley, color=CYCLE[0], label="between bands, $xy$")
    right.plot(
        data.mu2, data.longitudinal_one_valley, "--", color=CYCLE[1], label="between bands, $xx$"
    )
    right.plot(
        data.mu2,
        data.intraband_one_valley / 100,
        ":",
        color=CYCLE[2],
        label="within bands, $xx$ / 100",
    )
    right.set(xlabel="$\\mu_2$ of valley K (meV)", ylabel=drag_label("$\\sigma_{12}$ of K alone"))
    right.set_title(f"$\\mu_1$ = {data.mu:g} meV")
    right.legend(fontsize=8)
    return figure


def draw_convergence(data: Convergence) -> Figure:
    """Draw the changes against the filling, and the bound of 10⁻³."""
    figure, axis = plt.subplots(figsize=(7.6, 4.4))
    for i, (name, change) in enumerate(zip(data.names, data.change.T, strict=True)):
        line = "-" if name in USED else ":"
        axis.semilogy(data.mu, np.maximum(change, 1e-12), line, color=CYCLE[i], label=name)
    axis.axhline(1e-3, color="black", linestyle="--", linewidth=1.0)
    axis.set(xlabel="$\\mu_1=\\mu_2$ (meV)", ylabel="relative change of $\\sigma_{12,v}^{xx}$")
    axis.set_ylim(1e-10, 1e-1)
    axis.legend(fontsize=7, ncols=2)
    return figure


SIGMA = drag_label("$\\sigma_{12,v}^{xx}$")
LABELS = {"momentum_matched": "momentum-matched sign", "as_printed": "printed sign"}


def draw_drag_map(data: DragMap) -> Figure:
    """Draw Kundu Fig. 1(b) for both signs, and below each what the paper's mesh changes."""
    figure, axes = plt.subplots(2, 2, figsize=(8.4, 7.2), sharex=True, sharey=True)
    pairs = (
        (data.momentum_matched, data.momentum_matched_mesh),
        (data.as_printed, data.as_printed_mesh),
    )
    reach = max(float(np.abs(converged).max()) for converged, _ in pairs)
    for column, (sign, (converged, mesh)) in enumerate(zip(SIGNS, pairs, strict=True)):
        image = _map(axes[0, column], data.mu, converged, reach)
        axes[0, column].set_title(LABELS[sign])
        change = 100 * (mesh - converged) / np.abs(converged).max()
        below = _map(axes[1, column], data.mu, change, 1.0)
        axes[1, column].set_xlabel("$\\mu_2$ (meV)")
    figure.colorbar(image, ax=axes[0], label=SIGMA)
    figure.colorbar(below, ax=axes[1], label="60 × 60 points: change (% of largest)")
    for axis in axes[:, 0]:
        axis.set_ylabel("$\\mu_1$ (meV)")
    return figure


def _map(axis: Axes, mu: Floats, values: Floats, reach: float) -> Any:
    axis.grid(False)
    axis.set_aspect("equal")
    return axis.pcolormesh(
        mu, mu, values, cmap="RdBu", vmin=-reach, vmax=reach, shading="nearest", rasterized=True
    )


def draw_map_at_distance(data: MapAtDistance) -> Figure:
    """Draw a frame; the scale is fixed, so that the colours fade with the distance."""
    figure, axis = plt.subplots(figsize=(5.2, 4.2))
    image = _map(axis, data.mu, data.conductivity, 12.0)
    figure.colorbar(image, ax=axis, label=SIGMA)
    axis.set(xlabel="$\\mu_2$ (meV)", ylabel="$\\mu_1$ (meV)", title=f"d = {data.distance:g} nm")
    return figure


def draw_drag_at(data: DragAt) -> Figure:
    """Draw the map with the chosen point, and the two cuts through it; scales are fixed."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(8.4, 3.8), width_ratios=(1, 1.15))
    image = _map(left, data.mu, data.conductivity, 8.0)
    image.set_rasterized(True)
    figure.colorbar(image, ax=left, label=SIGMA)
    left.axvline(data.mu2, color=CYCLE[2], linewidth=1.2)
    left.axhline(data.mu1, color="black", linewidth=1.2)
    left.plot(data.mu2, data.mu1, "o", color="black", mfc="white", ms=6)
    left.set(xlabel="$\\mu_2$ (meV)", ylabel="$\\mu_1$ (meV)")
    right.plot(data.mu, data.against_2, color="black", label="against $\\mu_2$ at this $\\mu_1$")
    right.plot(data.mu, data.against_1, color=CYCLE[2], label="against $\\mu_1$ at this $\\mu_2$")
    right.plot(data.mu2, data.value, "o", color="black", mfc="white", ms=6)
    right.plot(data.mu1, data.value, "o", color=CYCLE[2], mfc="white", ms=6)
    right.axhline(0, color="0.5", linewidth=0.8)
    right.set(xlabel="chemical potential (meV)", ylabel=SIGMA, ylim=(-8, 8))
    right.set_title(f"{data.value:+.2f} $e^2/h$", fontsize="medium")
    right.legend(loc="lower right", fontsize="small")
    return figure


def draw_equal_fillings(data: EqualFillings) -> Figure:
    """Draw the drag and the density of states, with van Hove energies marked."""
    figure, axes = plt.subplots(2, 2, figsize=(8.4, 5.4), sharex=True, sharey="row")
    columns = (
        (data.momentum_matched, data.density_matched),
        (data.as_printed, data.density_printed),
    )
    for column, (sign, (drag, density)) in enumerate(zip(SIGNS, columns, strict=True)):
        upper, lower = axes[:, column]
        upper.plot(data.mu, drag.sum(axis=1), color=CYCLE[0])
        lower.plot(data.mu, density, color=CYCLE[1])
        for energy in data.van_hove(sign):
            for axis in (upper, lower):
                axis.axvline(energy, color=CYCLE[2], linestyle=":", linewidth=1.2)
        upper.set_title(LABELS[sign])
        lower.set_xlabel("$\\mu_1=\\mu_2$ (meV)")
    axes[0, 0].set_ylabel(SIGMA)
    axes[1, 0].set_ylabel("states per meV and cell")
    return figure


def draw_shells(data: EqualFillings) -> Figure:
    """Draw the share of each shell of G in the drag at equal fillings."""
    figure, axes = plt.subplots(1, 2, figsize=(8.4, 3.9), sharey=True)
    for axis, sign, drag in zip(axes, SIGNS, (data.momentum_matched, data.as_printed), strict=True):
        share = drag / drag.sum(axis=1, keepdims=True)
        for shell, one in enumerate(share.T):
            axis.semilogy(data.mu, one, color=CYCLE[shell], label=f"shell {shell + 1}")
        axis.set(title=LABELS[sign], xlabel="$\\mu_1=\\mu_2$ (meV)", ylim=(1e-7, 2))
        axis.axhline(1e-3, color="black", linestyle="--", linewidth=0.8)
    axes[0].set_ylabel("share of $\\sigma_{12,v}^{xx}$")
    figure.legend(*axes[0].get_legend_handles_labels(), loc="outside upper center", ncols=5)
    return figure


def draw_distance_law(data: DistanceLaw) -> Figure:
    """Draw Kundu Fig. 1(d) on a logarithmic scale, with e^{−|G₁|d} beside it."""
    figure, axis = plt.subplots(figsize=(6.0, 4.2))
    for i, (mu, rate) in enumerate(zip(data.mu, data.decay, strict=True)):
        values = np.abs(data.conductivity[:, i])
        label = f"μ = {mu:g} meV: {rate / data.reciprocal_length:.3f} $|G_1|$"
        axis.semilogy(data.distance, values, "o", markersize=4, color=CYCLE[i], label=label)
        law = np.exp(-data.reciprocal_length * (data.distance - data.distance[-1]))
        axis.semilogy(data.distance, values[-1] * law, color=CYCLE[i], linewidth=1.0)
    axis.plot([], [], color="grey", linewidth=1.0, label="$e^{-|G_1|d}$")
    axis.set(xlabel="distance d (nm)", ylabel="$|\\sigma_{12,v}^{xx}|$ ($e^2/h$)")
    axis.legend(fontsize=8)
    return figure


def draw_stacking(data: Stacking) -> Figure:
    """Draw the drag against filling in register, for both stackings."""
    figure, axis = plt.subplots(figsize=(6.0, 3.9))
    for i, (own, label) in enumerate(
        ((data.same, "like faces"), (data.inverted, "opposite faces"))
    ):
        axis.plot(data.mu, own, color=CYCLE[i], label=label)
    axis.set(xlabel="$\\mu_1=\\mu_2$ (meV)", ylabel=SIGMA)
    axis.axhline(0, color="black", linewidth=0.6)
    axis.legend()
    return figure


def draw_relaxed_drag(data: RelaxedDrag) -> Figure:
    """Draw a frame: the line shape on the left, the two pulses on the right."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(8.8, 3.9))
    left.plot(data.frequency, data.response.real, color=CYCLE[0], label="real part")
    left.plot(data.frequency, data.response.imag, "--", color=CYCLE[1], label="imaginary part")
    lorentzian = -data.active / (data.frequency**2 + data.active**2)
    left.plot(data.frequency, lorentzian, ":", color="grey", label="Lorentzian behind Eq. 1")
    left.set(xlabel="$\\hbar\\Omega$ (meV)", ylabel="$\\sigma_{12}/\\hbar S$ (1/meV)")
    left.set_ylim(-2.2, 2.2)
    left.legend(fontsize=8, loc="upper right")
    right.plot(data.time, data.after_field, color=CYCLE[2], label="after a step of the field")
    right.plot(
        data.time, data.after_current, "--", color=CYCLE[3], label="after a step of the current"
    )
    right.set(xlabel="time (ps)", ylabel="$j_1/\\hbar SE_2$ (1/meV)", ylim=(-0.05, 2.2))
    right.legend(fontsize=8, loc="upper right")
    figure.suptitle(
        f"passive layer {data.passive:g} meV, active layer {data.active:g} meV", fontsize=11
    )
    return figure


def draw_transients(data: Transients) -> Figure:
    """Draw the simulated currents as points on the lines of the formula."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(8.8, 3.9), sharey=True)
    for i, name in enumerate(WHO):
        # Whichever one relaxes, the current is the same: the second lies on the first.
        style, face = ("--", "none") if name == "passive only" else ("-", CYCLE[i])
        left.plot(data.time, data.predicted[:, i], style, color=CYCLE[i], label=name)
        left.plot(
            data.time[::12], data.simulated[::12, i], "o", color=CYCLE[i], mfc=face, markersize=3.5
        )
    left.set(xlabel="$t/\\tau$", ylabel="$j_1/SE\\tau$", ylim=(-0.1, 1.4))
    left.set_title("two chains in mean field; who relaxes")
    left.legend(fontsize=8)
    right.plot(data.ring_time, data.rings_predicted, color=CYCLE[3], label="own collisions")
    right.plot(data.ring_time[::8], data.rings[::8], "o", color=CYCLE[3], markersize=3.5)
    right.plot(
        data.ring_time[::8], data.shared[::8], "s", color=CYCLE[4], markersize=3.5,
        label="the same collisions",
    )  # fmt: skip
    right.set(xlabel="$t/\\tau$", title="two rings, solved exactly")
    right.legend(fontsize=8)
    for axis in (left, right):
        axis.axhline(0, color="black", linewidth=0.6)
        axis.axhline(1, color="grey", linestyle=":")
    return figure


def draw_density_maps(data: DensityMaps) -> Figure:
    """Draw the maps against both densities; carriers per moiré cell stand above."""
    figure, axes = plt.subplots(1, 3, figsize=(11.4, 6.4), layout="constrained")
    titles = (*(LABELS[sign] for sign in SIGNS), "screened, 6 meV")
    for axis, title, density, values in zip(
        axes, titles, data.density, data.conductivity, strict=True
    ):
        reach = float(np.abs(values).max())
        # In a gap the density stands still: cells of no width.
        image = _map(axis, density, values, reach)
        axis.set(title=title, xlabel="$n_2$ ($10^{12}$ cm$^{-2}$)")
        above = axis.secondary_xaxis(
            "top", functions=(lambda n: n / data.per_filling, lambda f: f * data.per_filling)
        )
        above.set_xlabel("carriers per moiré cell")
        figure.colorbar(image, ax=axis, label=SIGMA, location="bottom", shrink=0.9)
    axes[0].set_ylabel("$n_1$ ($10^{12}$ cm$^{-2}$)")
    return figure


def draw_screened_map(data: ScreenedMap) -> Figure:
    """Draw Fig. 1(b) bare and screened, each on a scale of its own."""
    figure, axes = plt.subplots(1, 2, figsize=(8.8, 3.8), sharey=True)
    for axis, values, title in zip(
        axes, (data.bare, data.screened), ("bare", "screened"), strict=True
    ):
        image = _map(axis, data.mu, values, float(np.abs(values).max()))
        figure.colorbar(image, ax=axis, label=SIGMA, shrink=0.9)
        axis.set(title=title, xlabel="$\\mu_2$ (meV)")
    axes[0].set_ylabel("$\\mu_1$ (meV)")
    return figure


def draw_screened_line(data: ScreenedLine) -> Figure:
    """Draw the line shape bare and screened."""
    figure, axis = plt.subplots(figsize=(6.0, 3.9))
    axis.plot(data.x, data.bare, color="black", linestyle="--", label="bare")
    for i, (mu, values) in enumerate(zip(data.mu, data.screened.T, strict=True)):
        axis.plot(data.x, values, color=CYCLE[i], label=f"screened, {mu:g} meV")
    axis.set(xlabel="$\\Omega\\tau$", ylabel="$\\mathrm{Re}\\,\\sigma_{12}/S\\tau$")
    axis.legend(fontsize=8)
    return figure


def draw_registry(data: Registry) -> Figure:
    """Draw a frame: the drag over the moiré cell for both stackings, of its largest value."""
    figure, axes = plt.subplots(1, 2, figsize=(8.8, 3.8), sharey=True)
    largest = float(max(np.abs(data.like).max(), np.abs(data.opposite).max()))
    (x, y), (rows, columns) = data.shifts.T, np.subtract(data.like.shape, 1)
    # Pixels of an image go to the points of the cell.
    right, up = (data.shifts[i] - data.shifts[0, 0] for i in ((0, -1), (-1, 0)))
    cell = Affine2D.from_values(*right / columns, *up / rows, *data.shifts[0, 0])
    for axis, values, title in zip(
        axes, (data.like, data.opposite), ("like faces", "opposite faces"), strict=True
    ):
        axis.grid(False)
        image = axis.imshow(
            values / largest, cmap="RdBu", vmin=-1, vmax=1, origin="lower", interpolation="bilinear"
        )
        image.set_transform(cell + axis.transData)
        axis.contour(x.T, y.T, values, levels=[0.0], colors="black", linewidths=0.8)
        # Displacements by a moiré vector are none: draw −(L₁ + L₂)/3 where the cell is.
        moved = data.symmetric.copy()
        moved[2] += data.shifts[-1, -1]
        axis.plot(*moved.T, "ko", markersize=4)
        axis.set(title=title, xlabel="$s_x$ (nm)", aspect="equal")
        axis.set(xlim=(x.min(), x.max()), ylim=(y.min(), y.max()))
    axes[0].set_ylabel("$s_y$ (nm)")
    label = drag_label("½ Tr $\\sigma_{12,v}$ over its largest value", unit="")
    figure.colorbar(image, ax=axes, label=label)
    figure.suptitle(f"μ = {data.mu:g} meV, at most {largest:.3g} e²/h", fontsize=11)
    return figure


def draw_drift(data: Drift) -> Figure:
    """Draw the drag against a shift along a bond, and its average over a disc."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(8.8, 3.7), sharey=True)
    left.plot(data.bonds, data.along_bond, color=CYCLE[0])
    left.set(xlabel="shift of one sheet (bond lengths)", ylabel=SIGMA)
    for i, (misfit, average) in enumerate(zip(data.misfit, data.average, strict=True)):
        label = f"misfit {100 * misfit:g} %"
        right.plot(data.radius / 1000, average, color=CYCLE[i], label=label)
    right.set(xlabel="radius of the disc (µm)")
    right.legend(fontsize=8)
    for axis in (left, right):
        axis.axhline(0, color="black", linewidth=0.6)
    return figure


def draw_windows(data: Windows) -> Figure:
    """Draw the drag at equal fillings against μ, density and filling of the moiré cell."""
    figure, axes = plt.subplots(1, 3, figsize=(9.6, 3.6), sharey=True)
    against = (
        (data.mu, "$\\mu$ (meV)"),
        (data.density, "density ($10^{12}$ cm$^{-2}$)"),
        (data.filling, "electrons per moiré cell"),
    )
    for axis, (values, label) in zip(axes, against, strict=True):
        axis.plot(values, data.conductivity, color=CYCLE[0])
        axis.set_xlabel(label)
    axes[0].axvspan(*WINDOW, color="grey", alpha=0.15)
    axes[0].set_ylabel(SIGMA)
    return figure


def draw_parameters(data: Parameters) -> Figure:
    """Draw the drag against u₀, d, d_g and ε on logarithmic scales."""
    figure, axes = plt.subplots(2, 2, figsize=(8.4, 6.2), sharey="row")
    panels = (
        (axes[0, 0], data.coupling, data.of_coupling, "$u_0$ (meV)", "o-"),
        (axes[0, 1], data.permittivity, data.of_permittivity, "$\\varepsilon$", "-"),
        (axes[1, 0], data.distance, data.of_distance, "$d$ (nm)", "-"),
        (axes[1, 1], data.gate, data.of_gate, "$d_g$ (nm)", "-"),
    )
    for axis, values, drag, label, line in panels:
        for i, (mu, one) in enumerate(zip(FILLINGS, drag, strict=True)):
            axis.loglog(values, one, line, markersize=4, color=CYCLE[i], label=f"{mu:g} meV")
        axis.set_xlabel(label)
    axes[1, 0].set_xscale("linear")
    axes[0, 0].legend(fontsize=8)
    for axis in axes[:, 0]:
        axis.set_ylabel("$|\\sigma_{12,v}^{xx}|$ ($e^2/h$)")
    return figure
