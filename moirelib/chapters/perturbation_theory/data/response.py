"""Pictures of the linear response behind the drag: relaxation, interband terms, convergence."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

from moirelib._repr import short_repr
from moirelib._types import Complex, Floats
from moirelib.bands.brillouin import spectral_function
from moirelib.bands.tiling import expanded_energies
from moirelib.chapters.hamiltonian.data.bands import valence_saddle
from moirelib.chapters.perturbation_theory.data.drag import (
    COARSE,
    MESH,
    Sign,
    points_of_window,
    solved_layer,
)
from moirelib.drag.blocks import tiles_kept
from moirelib.drag.conductivity import drag_conductivity
from moirelib.drag.interlayer import Interlayer, coupling
from moirelib.drag.layer import DragLayer
from moirelib.drag.pair_sums import Part
from moirelib.drag.response import (
    current_density_response,
    interband_drag_conductivity,
    interband_susceptibility,
)
from moirelib.models.graphene_hbn import GrapheneHBN

# In the gap below the first valence band of the default model.
GAP = -78.5

# For sums over pairs of bands, right to 10⁻⁵ with so few tiles.
_FEW_TILES = 3


@short_repr
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
    mesh: int = 9,
    count: int = 25,
) -> Relaxation:
    """Compute Eq. 30 at one small q from the static to the uniform limit.

    A finer mesh would change two hundredths of 𝒞.
    """
    layer = DragLayer(GrapheneHBN(), mesh=mesh, bands=14, shells=1, solver="dense")
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


@short_repr
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


def interband(mu: float = -128.0, kT: float = 6.0, mesh: int = 48, count: int = 25) -> Interband:
    """Compute the interband response, from the gap at both valleys as the reference.

    The mesh leaves out a hundredth of 𝒟 where transitions are nearest, at 15 meV, and a twentieth
    of the drag between bands.
    """
    layer = DragLayer(GrapheneHBN(), mesh=mesh, bands=10, shells=2, divisions=_FEW_TILES)
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


@short_repr
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
@tiles_kept()
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


PEAK = -128.0


LEVELS = np.array([-180.0, PEAK, -40.0, 20.0, 110.0, 150.0, 230.0])


@cache
def interband_terms() -> tuple[float, float, float, float]:
    """Largest interband term: both valleys, one valley xx, one valley xy; intraband of one.

    Both valleys are solved on the full mesh: nothing is assumed of time reversal or the mirror.
    What is zero by these is zero on any mesh.
    """
    layer = DragLayer(GrapheneHBN(), mesh=5, bands=18, shells=1, symmetry="none", solver="dense")
    kT, gap = 20.0, GAP
    alone = np.column_stack([LEVELS, np.full(len(LEVELS), gap)])
    levels = np.vstack([np.column_stack([LEVELS, LEVELS]), alone])
    drag = interband_drag_conductivity(layer, layer, levels, levels, kT, gap=gap, bands=24)
    count = len(LEVELS)
    both, one = drag[:count, :count], drag[count:, count:]
    intra = drag_conductivity(layer, layer, alone, alone, kT)[..., 0, 0]
    along, hall = np.abs(one[..., 0, 0]).max(), np.abs(one[..., 0, 1]).max()
    return float(np.abs(both).max()), float(along), float(hall), float(np.abs(intra).max())


@cache
def interband_at_rate(
    rates: tuple[float, ...] = (1.0, 2.0, 5.0),
    mu: tuple[float, ...] = (PEAK, -110.0, -40.0, 110.0),
    kT: float = 6.0,
    mesh: int = 24,
) -> Floats:
    """Second term of Kundu Eq. 32 over the first at Ω = iδ, (rates, nmu), for ħδ in meV.

    With δ(Ω) → 1/πδ the first is ∝ 𝒞𝒞/δ, the second ∝ ∂_δ(𝒟𝒟) at iδ. 𝒟_v is even in Ω:
    𝒟(iδ) = 𝒞 + Δ with Δ ∝ δ², so that the ratio is −4 𝒞UΔ/𝒞U𝒞 to this order.
    """
    layer = DragLayer(GrapheneHBN(), mesh=mesh, bands=8, shells=2, divisions=_FEW_TILES)
    at = 1j * np.array([0.0, *rates])
    response = interband_susceptibility(layer, at, mu, kT, bands=20)
    own = layer.susceptibility(mu, kT)
    potential = coupling(layer, layer, Interlayer())[:, None]
    change = response[1:] - response[0]
    weight = (own.conj() * potential * own).real.sum(axis=(1, 2))
    product = (own.conj() * potential * change).real.sum(axis=(2, 3))
    ratio: Floats = -4 * product / weight
    return ratio


def van_hove_growth() -> tuple[float, float]:
    """How much the density of states and |𝒞| grow at T = 0 from 3 to 0.2 meV off a saddle energy.

    Both sides averaged.
    """
    layer = solved_layer()
    energy = valence_saddle(GrapheneHBN()).energy
    levels = energy + np.array([-3.0, 3.0, -0.2, 0.2])
    zone = layer.lattice.mesh(120)
    states = spectral_function(zone, expanded_energies(layer.model, zone.points, 6, 4), levels)
    response = np.linalg.norm(layer.susceptibility(levels, 0.0), axis=(1, 2))
    far, near = np.split(np.stack([states, response], axis=-1), 2)
    density, drag_response = near.mean(axis=0) / far.mean(axis=0) - 1
    return float(density), float(drag_response)
