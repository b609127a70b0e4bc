"""Pictures of the linear response behind the drag: relaxation, interband terms, convergence."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from moirelib._types import Complex, Floats
from moirelib.drag import drag_conductivity
from moirelib.figures.kundu_drag import COARSE, MESH, Sign, points_of_window, solved_layer
from moirelib.figures.style import CYCLE
from moirelib.graphene_hbn import GrapheneHBN
from moirelib.layer import DragLayer
from moirelib.response import (
    Part,
    current_density_response,
    interband_drag_conductivity,
    interband_susceptibility,
)

# In the gap below the first valence band of the default model.
GAP = -78.5


@dataclass(frozen=True)
class Relaxation:
    """Kundu Eq. 30 at small q on the imaginary axis, relative to 𝒞.

    What the response at ``mu`` has more than that at ``mu_reference``, divided by what 𝒞 has more:
    the constant that a truncated basis adds between bands drops out.

    Parameters
    ----------
    frequency : ndarray, shape (nz,)
        ħω in meV, on the imaginary axis.
    intraband, interband : ndarray, shape (nz,)
        The two parts of the response.
    scale : float
        ħv_F|q| in meV.
    mu, mu_reference, kT : float
        In meV.
    """

    frequency: Floats
    intraband: Floats
    interband: Floats
    scale: float
    mu: float
    mu_reference: float
    kT: float


def relaxation(
    q: float = 0.003,
    mu: float = -128.0,
    mu_reference: float = 42.0,
    kT: float = 20.0,
    mesh: int = 6,
    count: int = 25,
) -> Relaxation:
    """Compute Eq. 30 at one small q from the static to the uniform limit."""
    layer = DragLayer(GrapheneHBN(), mesh=mesh, bands=8, shells=1, symmetry="none", solver="dense")
    frequency = np.geomspace(1e-4, 30.0, count)
    levels = np.array([mu, mu_reference])
    vector = np.array([0.0, q])
    static = layer.susceptibility(levels, kT)
    # Eq. 30 holds λ_{−G}: its limit is 𝒞 at −G, the conjugate.
    reference = (static[0] - static[1]).conj()
    index = int(np.argmax(np.abs(reference[:, 0])))
    parts = []
    chosen: tuple[tuple[Part, int], ...] = (("intraband", 8), ("interband", 40))
    for part, bands in chosen:
        response = current_density_response(
            layer, vector, 1j * frequency, levels, kT, part=part, bands=bands
        )
        difference = (response[:, 0] - response[:, 1])[:, index, 0]
        parts.append((difference / reference[index, 0]).real)
    scale = layer.model.hbar_v * q
    return Relaxation(frequency, parts[0], parts[1], scale, mu, mu_reference, kT)


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
    axis.legend()
    return figure


@dataclass(frozen=True)
class Interband:
    """𝒟 of Kundu Eq. 34 per valley at G = (0, √3 k_m), and the interband term of Eq. 32.

    Parameters
    ----------
    frequency : ndarray, shape (nz,)
        ħΩ in meV.
    across_k, across_k_prime, along_k, along_k_prime : ndarray, shape (nz,)
        What each valley gives of 𝒟_v across and along G, relative to 𝒞_v across; complex.
    mu : float
        At which the above is taken, and μ₁ of the below, in meV.
    mu2 : ndarray, shape (nmu,)
        In meV.
    hall_one_valley, longitudinal_one_valley : ndarray, shape (nmu,)
        Interband σ^{xy} and σ^{xx} in e²/h if only K is filled away from the gap.
    both_valleys : ndarray, shape (nmu,)
        Largest interband element of both valleys.
    intraband_one_valley : ndarray, shape (nmu,)
        Intraband σ^{xx} in e²/h of K alone.
    """

    frequency: Floats
    across_k: Complex
    across_k_prime: Complex
    along_k: Complex
    along_k_prime: Complex
    mu: float
    mu2: Floats
    hall_one_valley: Floats
    longitudinal_one_valley: Floats
    both_valleys: Floats
    intraband_one_valley: Floats


def interband(mu: float = -128.0, kT: float = 6.0, mesh: int = 18, count: int = 25) -> Interband:
    """Compute the interband response, from the gap at both valleys as the reference."""
    layer = DragLayer(GrapheneHBN(), mesh=mesh, bands=8, shells=2)
    index = layer.pairs.tolist().index([0, 1])
    frequency = np.linspace(-15.0, 15.0, count)
    levels = np.array([[mu, GAP], [GAP, mu], [GAP, GAP]])
    response = interband_susceptibility(layer, frequency, levels, kT, bands=24)[:, :, index]
    static = layer.susceptibility([mu, GAP], kT)[:, index, 0]
    own = (response[:, :2] - response[:, 2:]) / (static[0] - static[1])
    filled = points_of_window(46)
    one = np.column_stack([filled, np.full(len(filled), GAP)])
    both = np.column_stack([filled, filled])
    drag = interband_drag_conductivity(
        layer, layer, [[mu, GAP], [mu, mu]], np.vstack([one, both]), kT, gap=GAP, bands=24
    )
    alone, together = drag[0, : len(filled)], drag[1, len(filled) :]
    return Interband(
        frequency=frequency,
        across_k=own[:, 0, 0],
        across_k_prime=own[:, 1, 0],
        along_k=own[:, 0, 1],
        along_k_prime=own[:, 1, 1],
        mu=mu,
        mu2=filled,
        hall_one_valley=alone[:, 0, 1],
        longitudinal_one_valley=alone[:, 0, 0],
        both_valleys=np.abs(together).max(axis=(1, 2)),
        intraband_one_valley=drag_conductivity(layer, layer, [[mu, GAP]], one, kT)[0, :, 0, 0],
    )


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
    right.set(xlabel="$\\mu_2$ of valley K (meV)", ylabel="$\\sigma_{12}$ of K alone ($e^2/h$)")
    right.set_title(f"$\\mu_1$ = {data.mu:g} meV")
    right.legend(fontsize=8)
    return figure


@dataclass(frozen=True)
class Convergence:
    """How much each parameter of the numerics changes Fig. 1(b).

    Parameters
    ----------
    mu : ndarray, shape (nmu,)
        Chemical potentials in meV.
    change : ndarray, shape (nmu, nk)
        |Δσ|/|σ| at μ₁ = μ₂ when one parameter is refined.
    worst : ndarray, shape (nk,)
        Largest |Δσ₁₂|/√(σ₁₁σ₂₂) over the whole map, which bounds the above.
    names : ndarray of str, shape (nk,)
        What was refined.
    """

    mu: Floats
    change: Floats
    worst: Floats
    names: Any


USED = ("mesh × 5/4", "cut-off 4 → 5", "bands 8 → 10", "shells 5 → 6", "tiles 4 → 6")


def _refinements(sign: Sign) -> dict[str, tuple[dict[str, Any], dict[str, Any]]]:
    """Pairs of settings, coarser and finer; those of ``USED`` start from what is used.

    What does not depend on the mesh, or on the cut-off, is studied with less of these, where both
    members of a pair share the same error.
    """
    few_tiles = {"mesh": 96, "divisions": 2}
    return {
        "mesh × 5/4": ({}, {"mesh": MESH[sign] * 5 // 4}),
        "cut-off 4 → 5": (few_tiles, few_tiles | {"cutoff": 5}),
        "bands 8 → 10": (COARSE, COARSE | {"bands": 10}),
        "shells 5 → 6": (COARSE, COARSE | {"shells": 6}),
        "tiles 4 → 6": (COARSE, COARSE | {"divisions": 6}),
        "cut-off 3 → 4": (few_tiles | {"cutoff": 3}, few_tiles),
    }


@cache
def convergence(
    sign: Sign = "momentum_matched",
    count: int = 91,
    kT: float = 1.0,
    names: tuple[str, ...] = (*USED, "cut-off 3 → 4"),
) -> Convergence:
    """Refine one parameter after the other and compare the whole map."""
    mu, pairs = points_of_window(count), _refinements(sign)
    change, worst = [], []
    for used, refined in (pairs[name] for name in names):
        before, after = (
            drag_conductivity(layer, layer, mu, mu, kT)[..., 0, 0]
            for layer in (solved_layer(sign, **used), solved_layer(sign, **refined))
        )
        scale = np.sqrt(np.abs(np.diag(after)))
        relative = np.abs(after - before) / np.outer(scale, scale)
        change.append(np.diag(relative))
        worst.append(relative.max())
    return Convergence(mu, np.stack(change, axis=1), np.array(worst), np.array(names))


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
