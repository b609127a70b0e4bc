"""Claims of Kundu App. A on the Bloch states, and the numbers and the figure that follow."""

from __future__ import annotations

import math
from functools import cache

import numpy as np

from moirelib._types import Complex, Floats
from moirelib.bloch import Bands, solve_bands
from moirelib.graphene_hbn import GrapheneHBN
from moirelib.ledger.hamiltonian import (
    CHAPTER,
    cell_grid,
    potential,
    random_wavevectors,
    residual,
)
from moirelib.ledger.registry import Discrepancy, Evidence, claim
from moirelib.units import hbar_velocity


def wave_function(bands: Bands, point: int, band: int, position: Floats) -> Complex:
    """The four components (..., 4) in 1/nm of Kundu Eq. 11 at positions (..., 2)."""
    model = bands.model
    waves = bands.k[point] + model.lattice.vectors(model.plane_waves)
    terms = np.exp(1j * (position @ waves.T)) * bands.states[point, :, band]
    spinor = np.stack([terms[..., model.orbitals == o].sum(axis=-1) for o in range(4)], axis=-1)
    return np.asarray(spinor / math.sqrt(model.lattice.cell_area), dtype=np.complex128)


@cache
def all_bands() -> Bands:
    """Every band of the default model at three random wavevectors."""
    model = GrapheneHBN()
    return solve_bands(model, random_wavevectors()[:3], count=2 * model.occupied)


@claim(
    "kundu-9",
    "Eq. 9",
    kind="definition",
    chapter=CHAPTER,
    statement="In its eigenbasis $H$ is diagonal: the energies have the moments of the matrix.",
    implements="moirelib.solve_bands",
)
def _band_form() -> Evidence:
    bands = all_bands()
    h = bands.model.hamiltonian(bands.k)
    power, worst = np.eye(h.shape[-1], dtype=complex), 0.0
    for order in (1, 2, 3, 4):
        power = power @ h
        moment = np.trace(power, axis1=-2, axis2=-1).real
        summed = (bands.energies**order).sum(axis=1)
        scale = (np.abs(bands.energies) ** order).sum(axis=1)
        worst = max(worst, residual(summed / scale, moment / scale))
    return Evidence(
        printed=Discrepancy(
            "first four moments, relative to the sum of moduli", worst, 1e-12, "round-off"
        ),
        controls=(
            Discrepancy(
                "moments are not all zero by symmetry: |Tr H| per row",
                float(np.abs(np.trace(h, axis1=-2, axis2=-1)).min() / h.shape[-1]),
                1.0,
                "hBN shifts the mean",
                "meV",
                True,
            ),
        ),
    )


@claim(
    "kundu-10",
    "Eq. 10",
    kind="definition",
    chapter=CHAPTER,
    statement="Bloch states: a translation by a moiré vector $L$ multiplies them by "
    "$e^{ik\\cdot L}$.",
    implements="moirelib.Bands.states",
)
def _bloch_states() -> Evidence:
    model = GrapheneHBN()
    bands = solve_bands(model, random_wavevectors()[:3], count=4)
    position = 7 * np.random.default_rng(10).normal(size=(6, 2))
    worst = 0.0
    for point in range(3):
        for translation in model.lattice.primitive_vectors:
            here = wave_function(bands, point, 1, position)
            there = wave_function(bands, point, 1, position + translation)
            worst = max(worst, residual(there, np.exp(1j * bands.k[point] @ translation) * here))
    scale = 1 / math.sqrt(model.lattice.cell_area)
    return Evidence(
        printed=Discrepancy(
            "ψ(r + L) − e^{ik·L}ψ(r) at random r, in units of 1/√A_uc",
            worst / scale,
            1e-10,
            "round-off of the exponentials",
        ),
    )


@claim(
    "kundu-11",
    "Eq. 11",
    kind="definition",
    chapter=CHAPTER,
    statement="The plane-wave sum solves $H\\psi = \\varepsilon\\psi$ in real space and is "
    "normalised on one cell. (The text swaps the letters of the spin and valley spinors.)",
    implements="moirelib.solve_bands",
)
def _plane_waves() -> Evidence:
    position = 7 * np.random.default_rng(11).normal(size=(6, 2))
    misses = {cutoff: _schroedinger_residual(cutoff, position) for cutoff in (4, 6)}
    model = GrapheneHBN()
    bands = solve_bands(model, random_wavevectors()[:1], count=4)
    grid = cell_grid(model, 16)
    states = [wave_function(bands, 0, n, grid) for n in range(4)]
    overlap = (
        np.array([[np.vdot(a, b) / grid[..., 0].size for b in states] for a in states])
        * model.lattice.cell_area
    )
    return Evidence(
        printed=Discrepancy(
            "Hψ − εψ at random r, ∇ by differences, cut-off 6, in meV/√A_uc",
            misses[6],
            1e-3,
            "what the cut-off leaves out, and the fourth-order difference",
            "meV",
        ),
        controls=(
            Discrepancy(
                "cut-off 4 against cut-off 6",
                misses[4] / misses[6],
                10,
                "the residual falls exponentially with the cut-off",
                "",
                True,
            ),
            Discrepancy("∫ψ*ψ over a cell − 1", residual(overlap, np.eye(4)), 1e-12, "round-off"),
        ),
    )


def _schroedinger_residual(cutoff: int, position: Floats) -> float:
    """Largest |Hψ − εψ| in real space, in meV/√A_uc."""
    model = GrapheneHBN(cutoff=cutoff)
    bands = solve_bands(model, random_wavevectors()[:2], count=4)
    step = 1e-2
    weights = {-2: 1 / 12, -1: -8 / 12, 1: 8 / 12, 2: -1 / 12}
    worst = 0.0
    for point in range(2):
        for band in range(4):
            psi = wave_function(bands, point, band, position)
            gradient = []
            for direction in np.eye(2):
                slope = np.zeros_like(psi)
                for steps, weight in weights.items():
                    shifted = position + steps * step * direction
                    slope += weight / step * wave_function(bands, point, band, shifted)
                gradient.append(slope)
            p_x, p_y = (-1j * g[:, :2] for g in gradient)
            u = potential(position)
            h_psi = np.empty_like(psi)
            dirac = np.stack([p_x[:, 1] - 1j * p_y[:, 1], p_x[:, 0] + 1j * p_y[:, 0]], axis=-1)
            h_psi[:, :2] = hbar_velocity(0.8e6) * dirac
            h_psi[:, :2] += np.einsum("rba,rb->ra", u.conj(), psi[:, 2:])
            h_psi[:, 2:] = np.einsum("rab,rb->ra", u, psi[:, :2]) + psi[:, 2:] * [3350.0, -1400.0]
            worst = max(worst, residual(h_psi, bands.energies[point, band] * psi))
    return worst * math.sqrt(model.lattice.cell_area)


@claim(
    "kundu-12",
    "Eq. 12",
    kind="definition",
    chapter=CHAPTER,
    statement="The field operator expands in Bloch states because they are complete: "
    "$\\sum_n u_n u_n^\\dagger = 1$.",
    implements="moirelib.Bands.states",
)
def _completeness() -> Evidence:
    states = all_bands().states
    projector = states @ states.conj().swapaxes(-1, -2)
    some = states[..., 80:90]
    truncated = some @ some.conj().swapaxes(-1, -2)
    return Evidence(
        printed=Discrepancy(
            "Σ u u† − 1 over all bands",
            residual(projector, np.eye(states.shape[1])),
            1e-12,
            "round-off",
        ),
        controls=(
            Discrepancy(
                "the same over ten bands",
                residual(truncated, np.eye(states.shape[1])),
                0.1,
                "an incomplete set has to show",
                "",
                True,
            ),
        ),
    )
