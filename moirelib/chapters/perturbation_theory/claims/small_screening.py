"""Second routes for what screens: a small layer, its displacements, causality, pure graphene."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from moirelib.chapters.perturbation_theory.claims.response import raising
from moirelib.chapters.perturbation_theory.data.screening import screening_response
from moirelib.chapters.perturbation_theory.data.time_domain import alternating
from moirelib.drag.conductivity import drag_conductivity
from moirelib.drag.density_response import DensityResponse
from moirelib.drag.interlayer import Interlayer
from moirelib.drag.layer import DragLayer
from moirelib.drag.screening import screened_drag_conductivity, screened_drag_response
from moirelib.drag.valleys import SPIN_DEGENERACY
from moirelib.ledger.measure import largest
from moirelib.models.graphene_hbn import GrapheneHBN

MODEL, KT = GrapheneHBN(cutoff=2), 12.0
LEVELS = (-128.0, 110.0)


@dataclass(frozen=True)
class SmallScreening:
    """Distances, each relative.

    Parameters
    ----------
    displaced : float
        Screened σ of two layers displaced alike, against layers in place.
    unstable : float
        Largest eigenvalue of either part of χ, over the largest modulus.
    alone : float
        χ at one filling against χ at two, at the second.
    early : float
        Current before the field, of the screened response.
    weak : float
        The response at Ωτ = 1 to a weak interaction, over minus Eq. 1, against two chains.
    """

    displaced: float
    unstable: float
    alone: float
    early: float
    weak: float


@cache
def small_screening() -> SmallScreening:
    """Measure all of it for one small layer, whose form factors of the first shell screen."""
    layer = DragLayer(MODEL, mesh=18, shells=1)
    response = DensityResponse(MODEL, mesh=6, shells=1)
    mu = [LEVELS[0]]
    rest = screened_drag_conductivity(layer, layer, response, response, mu, mu, KT)
    shift = (3.0, 2.0)
    layer_moved, response_moved = replace(layer, shift=shift), replace(response, shift=shift)
    moved = screened_drag_conductivity(
        layer_moved, layer_moved, response_moved, response_moved, mu, mu, KT
    )
    parts = response.matrix(LEVELS, KT)
    eigenvalues = np.linalg.eigvalsh(parts)
    alone = response.matrix(LEVELS[1:], KT)[:, 0]
    # Powers of w = (iτΩ + 1)/(iτΩ − 1), |w| < 1 above the real axis, where a response that follows
    # its field has no poles: it needs no negative ones.
    angle = 2 * math.pi * (np.arange(32) + 0.5) / 32
    pair = (layer, layer, response, response, mu, mu, KT)
    followed = screened_drag_response(*pair, -1 / np.tan(angle / 2))[:, 0, 0, 0, 0]
    powers = np.abs(np.fft.fft(followed))
    weak = Interlayer(permittivity=5e4)
    answer = screened_drag_response(*pair, 1.0, weak)[0, 0, 0, 0]
    printed = drag_conductivity(layer, layer, mu, mu, KT, weak)[0, 0, 0, 0]
    return SmallScreening(
        displaced=largest(moved - rest, rest),
        unstable=float((eigenvalues.max(axis=-1) / np.abs(eigenvalues).max(axis=-1)).max()),
        alone=largest(parts[:, 1] - alone, alone),
        early=float(powers[16:].max() / powers.max()),
        weak=float(abs(answer / -printed - alternating(1.0)[0])),
    )


def chi_by_pairs(mu: float = 110.0, size: int = 5) -> float:
    """Relative miss of χ_{GG′} against a sum over all n, m and k of both valleys."""
    model = GrapheneHBN(cutoff=1)
    response = DensityResponse(model, mesh=size, shells=1)
    points = model.lattice.mesh(size, "none").points
    total = np.zeros((len(response.pairs), len(response.pairs)), dtype=complex)
    for one in (model, model.other_valley()):
        shifts = [raising(one, pair) for pair in response.pairs]
        for k in points:
            energies, states = np.linalg.eigh(one.hamiltonian(k))
            filled = 1 / (np.exp((energies - mu) / KT) + 1)
            gap = energies[:, None] - energies
            apart = np.abs(gap) > 1e-9
            slope = -(filled * (1 - filled) / KT)[:, None]
            kernel = np.where(apart, (filled[:, None] - filled) / np.where(apart, gap, 1), slope)
            density = np.array([states.conj().T @ shift @ states for shift in shifts])
            total += np.einsum("gnm,hnm,nm->gh", density, density.conj(), kernel, optimize=True)
    total *= SPIN_DEGENERACY / (model.lattice.cell_area * len(points))
    return largest(response.matrix([mu], KT).sum(axis=0)[0] - total, total)


@cache
def completed_graphene() -> float:
    """−q/4ħv of graphene against what its bands have, and what completes those of the moiré."""
    completed, bands = (
        screening_response(mesh=6, shells=1, completed=more).matrix([LEVELS[0]], KT)[0, 0]
        for more in (True, False)
    )
    graphene = DensityResponse(GrapheneHBN(coupling=0.0), mesh=6, shells=1)
    found = graphene.matrix([0.0], 2.0).sum(axis=0)[0] + completed - bands
    vacuum = -graphene.model.lattice.reciprocal_length / (4 * GrapheneHBN().hbar_v)
    return largest(found.diagonal() - vacuum, vacuum)
