"""Figures on time reversal: Kundu et al., App. C."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from moirelib import _validate
from moirelib._types import Floats
from moirelib.bloch import solve_bands
from moirelib.drag import drag_conductivity
from moirelib.graphene_hbn import GrapheneHBN
from moirelib.layer import DragLayer

COMMON_PHASE = GrapheneHBN(cutoff=2, valley_phase="common")
"""Eq. 6 with ω in the same places for both valleys, and everything else as it closes."""


@cache
def both_valleys(model: GrapheneHBN, mesh: int = 24) -> DragLayer:
    """A layer whose valleys are solved one by one, so that nothing is assumed of time reversal."""
    return DragLayer(model, mesh=mesh, shells=2, symmetry="none", solver="dense")


@dataclass(frozen=True)
class ValleyBands:
    """Four bands in meV of K at k, and of K′ at −k for two readings of Eq. 6, along a path."""

    distance: Floats
    ticks: Floats
    labels: tuple[str, ...]
    of_k: Floats
    conjugated: Floats
    common: Floats


def valley_bands(count: int = 40) -> ValleyBands:
    """Return the bands of the two valleys at opposite wavevectors along κ–Γ–M–κ′.

    Parameters
    ----------
    count : int
        Points on each piece of the path.
    """
    model = GrapheneHBN(cutoff=2)
    special = model.lattice.special_points
    names = ("κ", "Γ", "M", "κ′")
    path = model.lattice.path([special[n] for n in names], names, count)
    return ValleyBands(
        path.distance,
        path.ticks,
        path.labels,
        solve_bands(model, path.points, 4).energies,
        solve_bands(model.other_valley(), -path.points, 4).energies,
        solve_bands(COMMON_PHASE.other_valley(), -path.points, 4).energies,
    )


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


@dataclass(frozen=True)
class ChargeDrag:
    """First-order σ^{xx} in e²/h of equal layers against μ in meV, for two readings of Eq. 6."""

    mu: Floats
    valley: Floats
    charge: Floats
    valley_common: Floats
    charge_common: Floats


def charge_drag(kT: float = 5.0, count: int = 80) -> ChargeDrag:
    """Return first-order charge and valley drag with and without time reversal.

    Parameters
    ----------
    kT : float
        k_BT in meV.
    count : int
        Chemical potentials between −150 and 150 meV.
    """
    mu = np.linspace(-150, 150, count)
    curves = []
    for model in (GrapheneHBN(cutoff=2), COMMON_PHASE):
        layer = both_valleys(model)
        for flavor in ("valley", "charge"):
            drag = drag_conductivity(layer, layer, mu, mu, kT, flavor=flavor)
            curves.append(np.diagonal(drag[..., 0, 0]).copy())
    return ChargeDrag(mu, *curves)


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
    axes[0].set_ylabel(r"$\sigma^{xx}_{12}$ ($e^2/h$)")
    axes[0].legend(loc="lower right")
    return figure


@dataclass(frozen=True)
class EmptiedValley:
    """First-order σ^{xx} in e²/h against the chemical potential of K′ in meV, K held fixed."""

    mu_k: float
    mu_k_prime: Floats
    valley: Floats
    charge: Floats


def emptied_valley(mu_k: float = 20.0, count: int = 145) -> EmptiedValley:
    """Return the drag at T = 0 of two equal layers while K′ is emptied down to a gap.

    Parameters
    ----------
    mu_k : float
        Chemical potential of K in meV.
    count : int
        Values for K′ between −84 meV, in the gap, and 60 meV.
    """
    mu_k = _validate.real_scalar("mu_k", mu_k)
    layer = DragLayer(GrapheneHBN(), mesh=144, shells=2)
    other = np.linspace(-84, 60, count)
    levels = np.stack([np.full(count, mu_k), other], axis=-1)
    valley, charge = (
        np.diagonal(
            drag_conductivity(layer, layer, levels, levels, 0.0, flavor=flavor)[..., 0, 0]
        ).copy()
        for flavor in ("valley", "charge")
    )
    return EmptiedValley(mu_k, other, valley, charge)


def draw_emptied_valley(data: EmptiedValley) -> Figure:
    """Draw charge and valley drag against the filling of the other valley."""
    figure, axes = plt.subplots(figsize=(5.6, 3.4))
    axes.plot(data.mu_k_prime, data.valley, label="valley")
    axes.plot(data.mu_k_prime, data.charge, "--", label="charge")
    axes.axvline(data.mu_k, color="black", lw=0.8, ls=":")
    axes.set(
        xlabel=r"$\mu_{K'}$ (meV)",
        ylabel=r"$\sigma^{xx}_{12}$ ($e^2/h$)",
        xlim=(data.mu_k_prime[0], data.mu_k_prime[-1]),
    )
    axes.legend()
    return figure
