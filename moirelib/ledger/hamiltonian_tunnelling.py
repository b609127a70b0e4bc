"""The sign of the exponents in Kundu Eq. 6, from tunnelling between the two atomic lattices."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np

from moirelib._types import Complex, Floats
from moirelib.bloch import solve_bands
from moirelib.graphene_hbn import GrapheneHBN
from moirelib.ledger.hamiltonian import (
    CHAPTER,
    GRAPHENE,
    MISMATCH,
    ROUND_OFF,
    cell_grid,
    random_wavevectors,
    residual,
    symmetry_residuals,
)
from moirelib.ledger.registry import Discrepancy, Evidence, claim


def atomic_geometry(valley: int) -> tuple[Floats, Floats, list[Floats]]:
    """K_ξ, the bond from A to B, and the reciprocal vectors G with |K_ξ + G| = |K_ξ| (1/nm, nm).

    With K_ξ on the x axis a primitive vector of graphene lies along x and a bond along y. The
    bond A → B along +y, with the hopping −t < 0 of carbon, gives the Dirac term of Eq. 7.
    """
    corner = 4 * math.pi / (3 * GRAPHENE) * np.array([valley, 0.0])
    bond = GRAPHENE / math.sqrt(3) * np.array([0.0, 1.0])
    turns = 2 * math.pi / 3 * np.arange(3) * valley
    images = [
        np.array([[math.cos(t), -math.sin(t)], [math.sin(t), math.cos(t)]]) @ corner for t in turns
    ]
    return corner, bond, [image - corner for image in images]


def dirac_slopes(valley: int) -> Complex:
    """∂H/∂k (2, 2, 2) of nearest-neighbour graphene at K_ξ, in units of √3 a t/2."""
    corner, bond, _ = atomic_geometry(valley)
    turn = 2 * math.pi / 3
    rotation = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])
    bonds = [np.linalg.matrix_power(rotation, j) @ bond for j in range(3)]

    def hopping(k: Floats) -> complex:
        # ⟨A|H|B⟩ between Bloch sums with the phase of each atom's own position.
        return complex(-sum(np.exp(1j * k @ one) for one in bonds))

    step = 1e-4 / GRAPHENE
    slopes = []
    for direction in np.eye(2):
        slope = (hopping(corner + step * direction) - hopping(corner - step * direction)) / 2 / step
        slope /= math.sqrt(3) / 2 * GRAPHENE
        slopes.append([[0, slope], [np.conj(slope), 0]])
    return np.array(slopes)


def two_centre_harmonics(valley: int) -> list[tuple[Floats, Complex]]:
    """Momentum transfers (1/nm) and matrices (units of u₀) of tunnelling between the lattices.

    ⟨k̃, X̃|H|k, X⟩ ∝ Σ t(k + G) e^{−iG·τ_X + iG̃·τ̃_X̃} for k + G = k̃ + G̃. Near K_ξ three G
    matter, those that keep |K_ξ + G|; the hBN lattice is graphene's, magnified by 1 + ε, and
    the two are in registry at the origin.
    """
    _, bond, reciprocal = atomic_geometry(valley)
    atoms = (np.zeros(2), bond)
    harmonics = []
    for g in reciprocal:
        g_hbn = g / (1 + MISMATCH)
        graphene = np.array([np.exp(-1j * g @ atom) for atom in atoms])
        hbn = np.array([np.exp(1j * g_hbn @ ((1 + MISMATCH) * atom)) for atom in atoms])
        harmonics.append((g - g_hbn, np.outer(hbn, graphene)))
    return harmonics


def harmonics_distance(model: GrapheneHBN) -> float:
    """Largest difference between U(r) of a model and the two-centre one, in units of u₀."""
    grid = cell_grid(model, 9).reshape(-1, 2)

    def summed(harmonics: list[tuple[Any, Complex]]) -> Complex:
        return np.asarray(sum(np.exp(1j * grid @ q)[:, None, None] * u for q, u in harmonics))

    own = [
        (model.lattice.vectors(pair), u / model.coupling) for pair, u in model.potential_harmonics
    ]
    return residual(summed(own), summed(two_centre_harmonics(model.valley)))


@claim(
    "kundu-6-exponent",
    "Eq. 6, sign of the exponents",
    kind="identity",
    chapter=CHAPTER,
    statement="With $+\\hbar v(\\xi k_x\\sigma_x + k_y\\sigma_y)$ in Eq. 7 the matrices of Eq. 6 "
    "multiply $e^{+i\\xi G\\cdot r}$.",
    finding="Tunnelling between the two atomic lattices conserves crystal momentum. With "
    "$K_\\xi = \\xi(4\\pi/3a, 0)$ and the printed Dirac term it gives the printed matrices, but "
    "with $e^{-i\\xi G\\cdot r}$. Both signs pass every symmetry; they turn the asymmetry of "
    "electrons and holes upside down.",
)
def _exponent_sign() -> Evidence:
    closing = max(harmonics_distance(GrapheneHBN(valley=v)) for v in (1, -1))
    printed = max(
        harmonics_distance(GrapheneHBN(valley=v, exponent_sign="as_printed")) for v in (1, -1)
    )
    symmetric = symmetry_residuals(GrapheneHBN(exponent_sign="as_printed"))
    # r → −r maps −ħv with e^{+iξG·r} onto +ħv with e^{−iξG·r}.
    k = random_wavevectors()
    both = GrapheneHBN(exponent_sign="as_printed").plane_wave_model
    graphene = both.orbitals < 2
    kinetic = np.outer(graphene, graphene)
    reversed_sign = replace(both, h0=np.where(kinetic, -both.h0, both.h0), gradient=-both.gradient)
    same = residual(
        solve_bands(reversed_sign, -k, count=4).energies,
        solve_bands(GrapheneHBN(), k, count=4).energies,
    )
    reason = "three exponentials"
    return Evidence(
        printed=Discrepancy("U(r) against two-centre tunnelling", printed, 1e-9, reason, "u₀"),
        corrected=Discrepancy("U(r) against two-centre tunnelling", closing, 1e-9, reason, "u₀"),
        controls=(
            Discrepancy(
                "Dirac term of the same two lattices against Eq. 7",
                max(
                    residual(dirac_slopes(v), np.array([[[0, v], [v, 0]], [[0, -1j], [1j, 0]]]))
                    for v in (1, -1)
                ),
                1e-7,
                "second-order difference with a step of 10⁻⁴/a",
            ),
            Discrepancy(
                "the printed sign passes C₃, mirror and time reversal too",
                max(symmetric.values()),
                1e-9,
                ROUND_OFF,
                "meV",
            ),
            Discrepancy(
                "−ħv with the printed sign has the same bands at −k",
                same,
                1e-9,
                ROUND_OFF,
                "meV",
            ),
        ),
    )
