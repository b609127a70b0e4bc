"""Claims of Kundu App. A on density and current operators, Eqs. 13–19."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from moirelib._types import Complex, Ints
from moirelib.bands.bloch import (
    Bands,
    overlap_form_factors,
    solve_bands,
)
from moirelib.chapters.hamiltonian.claims.bands import wave_functions
from moirelib.chapters.hamiltonian.claims.expansions import norms_on_a_tile
from moirelib.chapters.hamiltonian.claims.model import ENLARGED, cell_grid
from moirelib.chapters.hamiltonian.data.bands import random_wavevectors
from moirelib.ledger.measure import residual
from moirelib.ledger.registry import Discrepancy, Evidence, claim
from moirelib.models.graphene_hbn import GrapheneHBN

# A transfer in 1/nm, large enough to leave the zone from some k, and reciprocal vectors.
Q = np.array([0.13, 0.21])
PAIRS = np.array([[0, 0], [1, 0], [0, 1], [1, 1], [-1, 0]])

WRONG_SIGN = "the wrong sign has to show"


@cache
def solved(cutoff: int = 3, leaving: bool = False) -> tuple[Bands, Bands, Bands, Ints]:
    """Four bands at k, at the folded k + q and at k + q itself, and the umklapp of the folding.

    At random k, or at two of them whose k + q leaves the zone.
    """
    model, k = GrapheneHBN(cutoff=cutoff), random_wavevectors()
    if leaving:
        k = k[model.lattice.fold(k + Q)[1].any(axis=1)][:2]
    folded, umklapp = model.lattice.fold(k + Q)
    left, right, unfolded = (solve_bands(model, points, 4) for points in (k, folded, k + Q))
    return left, right, unfolded, umklapp


def matrix_elements(left: Bands, right: Bands, pairs: Ints, operator: NDArray[Any]) -> Complex:
    """∫ φ*_k O e^{−i(q+G)x} φ_{k+q} over one cell, sampled: (nG, nk, bands, bands), O a 4×4 matrix.

    q is the difference of the wavevectors of ``right`` and ``left``.
    """
    grid = cell_grid(24).reshape(-1, 2)
    elements = []
    for point, q in enumerate(right.k - left.k):
        phase = np.exp(-1j * (q + left.model.lattice.vectors(pairs)) @ grid.T)
        bras, kets = (wave_functions(bands, point, grid) for bands in (left, right))
        bras = bras.conj() * left.model.lattice.cell_area / len(grid)
        density = np.einsum("xno,xmo->xnm", bras, kets @ operator.T)
        elements.append(np.tensordot(phase, density, axes=1))
    return np.stack(elements, axis=1)


def some(bands: Bands, count: int = 3) -> Bands:
    """The bands at the first few wavevectors."""
    return Bands(bands.model, bands.k[:count], bands.energies[:count], bands.states[:count])


@claim(
    "kundu-formfactor",
    "text below Eq. 2",
    kind="definition",
    statement="$\\lambda_G^{(n,n)}(k)$ is the Fourier transform of the charge density of a Bloch "
    "state.",
    implements="moirelib.bands.bloch.Bands.form_factors",
    follows=("kundu-15",),
)
def _form_factor() -> Evidence:
    left = some(solved()[0])
    pairs = left.model.lattice.disc(2)
    factors = left.form_factors(pairs)
    sampled = np.einsum("gknn->gkn", matrix_elements(left, left, pairs, np.eye(4)))
    reverse = left.form_factors(-pairs)
    other = solve_bands(GrapheneHBN(valley=-1), -left.k, count=4).form_factors(-pairs)
    return Evidence(
        printed=Discrepancy(
            "λ_G against the transform of |ψ(r)|² on one cell, 19 G, 4 bands",
            residual(factors, sampled),
            1e-12,
            "round-off",
        ),
        controls=(
            Discrepancy("λ_0 − 1", residual(factors[0], 1), 1e-10, "normalisation; round-off"),
            Discrepancy(
                "the same of expansions at the corners of a tile, half a side of the zone long",
                norms_on_a_tile(),
                1e-12,
                "normalisation, whatever the order of the expansion; round-off",
            ),
            Discrepancy(
                "λ_{−G} − λ_G*", residual(reverse, factors.conj()), 1e-10, "real density; round-off"
            ),
            Discrepancy(
                "λ_G(K, k) − [λ_{−G}(K′, −k)]*",
                residual(other.conj(), factors),
                1e-10,
                ENLARGED,
            ),
            Discrepancy(
                "largest |λ_G|, G ≠ 0",
                float(np.abs(factors[1:]).max()),
                0.1,
                "there is something to test",
                "",
                True,
            ),
        ),
    )


@claim(
    "kundu-13",
    "Eq. 13",
    kind="definition",
    statement="The density is a sum over $q + G$ of its Fourier components; the component at zero "
    "is the number of particles.",
    implements="moirelib.bands.bloch.Bands.form_factor_matrix",
    follows=("kundu-12",),
)
def _density() -> Evidence:
    left = some(solved()[0], 1)
    lattice = left.model.lattice
    every = lattice.disc(8)  # all differences of the plane waves of the model
    factors = left.form_factor_matrix(every)[:, 0]
    position = 7 * np.random.default_rng(13).normal(size=(5, 2))
    series = np.tensordot(np.exp(1j * position @ lattice.vectors(every).T), factors, axes=1)
    psi = wave_functions(left, 0, position) * math.sqrt(lattice.cell_area)
    direct = np.einsum("xno,xmo->xnm", psi.conj(), psi)
    return Evidence(
        printed=Discrepancy(
            "Fourier series of ψ_n*ψ_m against the product at random x, times A_uc",
            residual(series, direct),
            1e-11,
            "round-off",
        ),
        controls=(
            Discrepancy(
                "∫ρ − number: λ_0 − 1", residual(factors[0], np.eye(4)), 1e-10, "round-off"
            ),
        ),
    )


@claim(
    "kundu-14",
    "Eq. 14",
    kind="definition",
    statement="$\\rho(q + G)$ has the matrix elements $\\lambda_G(k, q)$ between Bloch states at "
    "$k$ and $k + q$.",
    implements="moirelib.bands.bloch.overlap_form_factors",
    follows=("kundu-13", "kundu-15"),
)
def _density_operator() -> Evidence:
    left, right, unfolded, umklapp = solved()
    here, there = some(left), some(unfolded)
    forward = overlap_form_factors(left, right, PAIRS, umklapp)
    backward = overlap_form_factors(right, left, -PAIRS, -umklapp)
    return Evidence(
        printed=Discrepancy(
            "λ_G(k, q) against ∫ φ*_k e^{−i(q+G)x} φ_{k+q} sampled on one cell",
            residual(
                overlap_form_factors(here, there, PAIRS),
                matrix_elements(here, there, PAIRS, np.eye(4)),
            ),
            1e-12,
            "round-off",
        ),
        controls=(
            Discrepancy(
                "ρ(−Q) − ρ(Q)†, with folding",
                residual(backward, forward.conj().swapaxes(-1, -2)),
                1e-13,
                "the density is real; round-off",
            ),
        ),
    )


@claim(
    "kundu-15",
    "Eq. 15",
    kind="definition",
    statement="The form factor at finite $q$ folds $k + q$ into the zone and adds the umklapp "
    "$G_{k+q}$ to $G$; folding changes nothing.",
    implements="moirelib.bands.bloch.overlap_form_factors",
    follows=("kundu-11",),
)
def _folding() -> Evidence:
    def consistency(cutoff: int, sign: int) -> float:
        left, right, unfolded, umklapp = solved(cutoff, leaving=True)
        folded = overlap_form_factors(left, right, PAIRS, sign * umklapp)
        direct = overlap_form_factors(left, unfolded, PAIRS)
        # The phases of the two sets of states at k + q drop out of products with the first G.
        return residual(folded * folded[0].conj(), direct * direct[0].conj())

    coarse, fine = consistency(3, 1), consistency(5, 1)
    return Evidence(
        printed=Discrepancy(
            "λ_G(k, q)λ_0(k, q)*, folded against unfolded, cut-off 5",
            fine,
            1e-8,
            "a truncated basis is periodic up to what it leaves out",
        ),
        controls=(
            Discrepancy(
                "cut-off 3 against cut-off 5",
                coarse / fine,
                1e3,
                "the miss falls exponentially with the cut-off",
                "",
                True,
            ),
            Discrepancy(
                "k whose k + q leaves the zone",
                float(len(solved(leaving=True)[3])),
                1,
                "there is something to fold",
                "",
                True,
            ),
            Discrepancy("with −G_{k+q} instead", consistency(5, -1), 0.1, WRONG_SIGN, "", True),
        ),
    )
