"""Claims of Kundu App. A on the Bloch states, Eqs. 9–12."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from scipy.linalg import ldl

from moirelib._types import Complex, Floats
from moirelib.bands.bloch import Bands, solve_bands
from moirelib.bands.model import BlochModel
from moirelib.chapters.hamiltonian.claims.expansions import (
    energies_on_tiles,
    order_of_an_expansion,
)
from moirelib.chapters.hamiltonian.claims.model import V_B, V_N, cell_grid, potential
from moirelib.chapters.hamiltonian.data.bands import random_wavevectors
from moirelib.ledger.measure import residual
from moirelib.ledger.registry import Discrepancy, Evidence, claim
from moirelib.models.graphene_hbn import GrapheneHBN
from moirelib.units import hbar_velocity


@cache
def all_bands() -> Bands:
    """Every band of the default model at three random wavevectors."""
    model = GrapheneHBN()
    return solve_bands(model, random_wavevectors()[:3], count=2 * model.occupied)


def wave_functions(bands: Bands, point: int, position: Floats) -> Complex:
    """All bands (..., count, 4) in 1/nm of Kundu Eq. 11 at positions (..., 2), four orbitals."""
    model = bands.model
    waves = bands.k[point] + model.lattice.vectors(model.plane_waves)
    terms = np.exp(1j * (position @ waves.T)) / math.sqrt(model.lattice.cell_area)
    rows = [model.orbitals == orbital for orbital in range(4)]
    return np.stack([terms[..., row] @ bands.states[point, row] for row in rows], axis=-1)


@claim(
    "kundu-9",
    "Eq. 9",
    kind="definition",
    statement="In its eigenbasis $H$ is diagonal: the energies have the moments of the matrix.",
    implements="moirelib.solve_bands",
    follows=("kundu-11",),
)
def _band_form() -> Evidence:
    bands = all_bands()
    h = bands.model.hamiltonian(bands.k)
    power, worst = np.eye(h.shape[-1], dtype=complex), 0.0
    for order in (1, 2, 3, 4):
        power = power @ h
        moment = np.trace(power, axis1=-2, axis2=-1).real
        scale = (np.abs(bands.energies) ** order).sum(axis=1)
        worst = max(worst, residual((bands.energies**order).sum(axis=1) / scale, moment / scale))
    few = solve_bands(bands.model, bands.k, count=2).energies
    below = [
        _levels_below(bands.model, k, e) for k, e in zip(bands.k, few.mean(axis=1), strict=True)
    ]
    orbitals = GrapheneHBN().orbitals
    exponent, skew = order_of_an_expansion()
    filled = int((orbitals == 0).sum() + (orbitals == 3).sum())
    return Evidence(
        printed=Discrepancy(
            "first four moments, relative to the sum of moduli", worst, 1e-12, "round-off"
        ),
        controls=(
            Discrepancy(
                "moments are not all zero by symmetry: |Tr H| per row",
                float(np.abs(np.trace(h, axis1=-2, axis2=-1)).min() / h.shape[-1]),
                100,
                "hBN shifts the mean",
                "meV",
                True,
            ),
            Discrepancy(
                "levels below the middle of the two bands kept at charge neutrality, by inertia, "
                "against one of carbon and one of boron per plane wave",
                float(max(abs(count - filled) for count in below)),
                0,
                "a count",
                "levels",
            ),
            Discrepancy(
                "order in q of what expansions leave of six bands, from 4",
                abs(exponent - 4),
                0.2,
                "Löwdin's transformation to third order; the fifth at q = 0.01 and 0.02 nm⁻¹",
            ),
            Discrepancy("H − H† of the expansion, over H", skew, 1e-14, "round-off"),
            Discrepancy(
                "six bands of matrices of a dozen rows against the expansions they are made of",
                energies_on_tiles(),
                1e-6,
                "polynomials of seventh order, by choice 3·10⁻⁷ of what a band moves on a tile",
                "meV",
            ),
        ),
    )


def _levels_below(model: BlochModel, k: Floats, energy: float) -> int:
    """How many levels lie below an energy: the signs of LDLᵀ of H − E (Sylvester), no levels."""
    h = model.hamiltonian(k) - energy * np.eye(len(model.plane_waves))
    # As a real matrix of twice the size, which has each level twice.
    blocks = ldl(np.block([[h.real, -h.imag], [h.imag, h.real]]))[1]
    return int((np.linalg.eigvalsh(blocks) < 0).sum()) // 2


@cache
def _shifted_zone() -> float:
    """1 − |∫φ*φ| for four bands at k and at k + G₁, which are one state, with cut-off 6."""
    model = GrapheneHBN(cutoff=6)
    k = random_wavevectors()[0] - model.lattice.vectors([1, 0]) / 2
    grid = cell_grid(24).reshape(-1, 2)
    here, there = (
        wave_functions(solve_bands(model, point, count=4), 0, grid)
        for point in (k, k + model.lattice.vectors([1, 0]))
    )
    overlap = np.einsum("xno,xno->n", here.conj(), there) * model.lattice.cell_area / len(grid)
    return float((1 - np.abs(overlap)).max())


@claim(
    "kundu-10",
    "Eq. 10",
    kind="definition",
    statement="Bloch states: a translation by a moiré vector $L$ multiplies them by "
    "$e^{ik\\cdot L}$.",
    implements="moirelib.bands.bloch.Bands.states",
    follows=("kundu-5",),
)
def _bloch_states() -> Evidence:
    bands, worst, half = all_bands(), 0.0, math.inf
    position = 7 * np.random.default_rng(10).normal(size=(6, 2))
    scale = math.sqrt(bands.model.lattice.cell_area)
    for translation in bands.model.lattice.primitive_vectors:
        for point, k in enumerate(bands.k):
            here = wave_functions(bands, point, position)
            misses = [
                residual(
                    wave_functions(bands, point, position + share * translation),
                    np.exp(1j * share * k @ translation) * here,
                )
                for share in (1, 0.5)
            ]
            worst, half = max(worst, misses[0]), min(half, misses[1])
    return Evidence(
        printed=Discrepancy(
            "ψ(r + L) − e^{ik·L}ψ(r) at random r, in units of 1/√A_uc",
            worst * scale,
            1e-10,
            "round-off of the exponentials",
        ),
        controls=(
            Discrepancy(
                "1 − |∫φ*φ| between the states found at k and at k + G₁, cut-off 6",
                _shifted_zone(),
                1e-11,
                "k is known up to a reciprocal vector; round-off is left at this cut-off",
            ),
            Discrepancy(
                "the same with L/2", half * scale, 0.1, "only moiré vectors may do", "", True
            ),
        ),
    )


@claim(
    "kundu-11",
    "Eq. 11",
    kind="definition",
    statement="The plane-wave sum solves $H\\psi = \\varepsilon\\psi$ in real space and is "
    "normalised on one cell. (The text swaps the letters of the spin and valley spinors.)",
    implements="moirelib.solve_bands",
    follows=("kundu-10",),
)
def _plane_waves() -> Evidence:
    coarse, fine = (_schroedinger_residual(cutoff) for cutoff in (4, 6))
    bands, grid = all_bands(), cell_grid(16).reshape(-1, 2)
    middle = bands.model.occupied + np.arange(-2, 2)
    psi = wave_functions(bands, 0, grid)[:, middle].swapaxes(0, 1).reshape(4, -1)
    overlap = psi.conj() @ psi.T * bands.model.lattice.cell_area / len(grid)
    return Evidence(
        printed=Discrepancy(
            "Hψ − εψ at random r, ∇ by differences, cut-off 6, in meV/√A_uc",
            fine,
            1e-3,
            "what the cut-off leaves out, and the fourth-order difference",
            "meV",
        ),
        controls=(
            Discrepancy(
                "cut-off 4 against cut-off 6",
                coarse / fine,
                10,
                "the residual falls exponentially with the cut-off",
                "",
                True,
            ),
            Discrepancy("∫ψ*ψ over a cell − 1", residual(overlap, np.eye(4)), 1e-12, "round-off"),
        ),
    )


def _schroedinger_residual(cutoff: int) -> float:
    """Largest |Hψ − εψ| of four bands in real space, in meV/√A_uc."""
    model = GrapheneHBN(cutoff=cutoff)
    bands = solve_bands(model, random_wavevectors()[:1], count=4)
    position = 7 * np.random.default_rng(11).normal(size=(6, 2))
    psi, step = wave_functions(bands, 0, position), 1e-2
    slopes = []
    for direction in step * np.eye(2):
        before, after = (
            [wave_functions(bands, 0, position + sign * n * direction) for n in (1, 2)]
            for sign in (-1, 1)
        )
        slopes.append((8 * (after[0] - before[0]) - (after[1] - before[1])) / (12 * step))
    p_x, p_y = (-1j * slope[..., :2] for slope in slopes)
    u = potential(position)[:, None]
    dirac = np.stack([p_x[..., 1] - 1j * p_y[..., 1], p_x[..., 0] + 1j * p_y[..., 0]], axis=-1)
    carbon = hbar_velocity(0.8e6) * dirac + np.einsum("xnba,xnb->xna", u.conj(), psi[..., 2:])
    hbn = np.einsum("xnab,xnb->xna", u, psi[..., :2]) + psi[..., 2:] * [V_N, V_B]
    h_psi = np.concatenate([carbon, hbn], axis=-1)
    miss = residual(h_psi, bands.energies[0, :, None] * psi)
    return miss * math.sqrt(model.lattice.cell_area)


def _sample_overlap() -> float:
    """Distance of the overlaps of twelve states of a 3 × 3 sample from the unit matrix."""
    model, cells = GrapheneHBN(cutoff=2), 3
    k = np.array([[1, 0], [1, 1], [-1, 1]]) @ model.lattice.reciprocal_vectors / cells
    bands = solve_bands(model, k, count=4)
    grid = cells * cell_grid(cells * 12).reshape(-1, 2)
    states = [
        wave_functions(bands, point, grid).swapaxes(0, 1).reshape(4, -1) for point in range(3)
    ]
    psi = np.concatenate(states) * math.sqrt(model.lattice.cell_area / len(grid))
    return residual(psi.conj() @ psi.T, np.eye(len(psi)))


@claim(
    "kundu-12",
    "Eq. 12",
    kind="definition",
    statement="The field operator expands in Bloch states because they are complete, "
    "$\\sum_n u_n u_n^\\dagger = 1$, and with $1/\\sqrt N$ they are "
    "orthonormal on all of the sample.",
    implements="moirelib.bands.bloch.Bands.states",
    follows=("kundu-11",),
)
def _completeness() -> Evidence:
    states = all_bands().states
    unit = np.eye(states.shape[1])
    every, ten = (part @ part.conj().swapaxes(-1, -2) for part in (states, states[..., 80:90]))
    return Evidence(
        printed=Discrepancy("Σ u u† − 1 over all bands", residual(every, unit), 1e-12, "round-off"),
        controls=(
            Discrepancy(
                "∫φ*_{nk}φ_{mk′}/N over a sample of N = 3 × 3 cells, three k, from the unit matrix",
                _sample_overlap(),
                1e-10,
                "k of one sample; round-off",
            ),
            Discrepancy(
                "the same over ten bands",
                residual(ten, unit),
                0.1,
                "an incomplete set has to show",
                "",
                True,
            ),
        ),
    )
