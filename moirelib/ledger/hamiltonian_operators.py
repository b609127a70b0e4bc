"""Claims of Kundu App. A on density and current operators, Eqs. 13–19."""

from __future__ import annotations

import math
from functools import cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from moirelib._types import Complex, Ints
from moirelib.bloch import Bands, overlap_current_factors, overlap_form_factors, solve_bands
from moirelib.graphene_hbn import GrapheneHBN
from moirelib.ledger.hamiltonian import (
    CHAPTER,
    ENLARGED,
    ROUND_OFF,
    cell_grid,
    low_bands,
    random_wavevectors,
    residual,
    rotation,
)
from moirelib.ledger.hamiltonian_bands import wave_functions
from moirelib.ledger.registry import Discrepancy, Evidence, claim
from moirelib.units import hbar_velocity

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
    chapter=CHAPTER,
    statement="$\\lambda_G^{(n,n)}(k)$ is the Fourier transform of the charge density of a Bloch "
    "state.",
    implements="moirelib.Bands.form_factors",
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
            Discrepancy("λ_0 − 1", residual(factors[0], 1), 1e-10, "normalisation"),
            Discrepancy("λ_{−G} − λ_G*", residual(reverse, factors.conj()), 1e-10, "real density"),
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
    chapter=CHAPTER,
    statement="The density is a sum over $q + G$ of its Fourier components; the component at zero "
    "is the number of particles.",
    implements="moirelib.Bands.form_factor_matrix",
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
    chapter=CHAPTER,
    statement="$\\rho(q + G)$ has the matrix elements $\\lambda_G(k, q)$ between Bloch states at "
    "$k$ and $k + q$.",
    implements="moirelib.bloch.overlap_form_factors",
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
                "the density is real",
            ),
        ),
    )


@claim(
    "kundu-15",
    "Eq. 15",
    kind="definition",
    chapter=CHAPTER,
    statement="The form factor at finite $q$ folds $k + q$ into the zone and adds the umklapp "
    "$G_{k+q}$ to $G$; folding changes nothing.",
    implements="moirelib.bloch.overlap_form_factors",
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
            1e-7,
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


@cache
def velocity_on_site(valley: int) -> Complex:
    """∂H/∂k (2, 4, 4) in meV nm between the four orbitals, by differences of H(k)."""
    model, step = GrapheneHBN(valley=valley, cutoff=1), 1e-3
    here = (model.plane_waves == 0).all(axis=1)
    slopes = [
        (model.hamiltonian(step * d) - model.hamiltonian(-step * d)) / (2 * step) for d in np.eye(2)
    ]
    return np.array([slope[np.ix_(here, here)] for slope in slopes])


@claim(
    "kundu-16",
    "Eq. 16",
    kind="definition",
    chapter=CHAPTER,
    statement="The current is a sum over $q + G$ of its Fourier components, as the density is.",
    implements="moirelib.bloch.overlap_current_factors",
)
def _current() -> Evidence:
    left, right = some(solved()[0]), some(solved()[2])
    own = overlap_current_factors(left, right, PAIRS)
    sampled = [matrix_elements(left, right, PAIRS, gamma) for gamma in velocity_on_site(1)]
    return Evidence(
        printed=Discrepancy(
            "Λ_G(k, q) against ∫ φ*_k Γ e^{−i(q+G)x} φ_{k+q} sampled on one cell",
            residual(own, sampled),
            1e-9,
            ROUND_OFF,
            "meV nm",
        ),
        controls=(
            Discrepancy(
                "the same with the components exchanged",
                residual(own[::-1], sampled),
                100,
                "directions have to show",
                "meV nm",
                True,
            ),
        ),
    )


def ward_residual(left: Bands, right: Bands, pairs: Ints, umklapp: Ints | None) -> float:
    """Largest |(ε_m(k+q) − ε_n(k)) λ_G − (q + G)·Λ_G| in meV."""
    density = overlap_form_factors(left, right, pairs, umklapp)
    current = overlap_current_factors(left, right, pairs, umklapp)
    transfer = Q + left.model.lattice.vectors(pairs)
    difference = right.energies[:, None, :] - left.energies[:, :, None]
    return residual(difference * density, np.einsum("ga,agknm->gknm", transfer, current))


@claim(
    "kundu-17",
    "Eq. 17",
    kind="definition",
    chapter=CHAPTER,
    statement="$j(q + G)$ has the matrix elements $\\Lambda_G(k, q)$. Charge is conserved: "
    "$(\\varepsilon_m(k+q) - \\varepsilon_n(k))\\,\\lambda_G = (q+G)\\cdot\\Lambda_G$.",
    implements="moirelib.bloch.overlap_current_factors",
)
def _continuity() -> Evidence:
    left, _, unfolded, _ = solved()
    exact = ward_residual(left, unfolded, PAIRS[:1], None)
    left, right, _, umklapp = solved(5, leaving=True)
    return Evidence(
        printed=Discrepancy(
            "continuity at G = 0, any cut-off",
            exact,
            1e-9,
            "exact, because H is affine in k",
            "meV",
        ),
        controls=(
            Discrepancy(
                "continuity at G ≠ 0 with folding, cut-off 5",
                ward_residual(left, right, PAIRS, umklapp),
                1e-5,
                "what the cut-off leaves out",
                "meV",
            ),
            Discrepancy(
                "with −G_{k+q} instead",
                ward_residual(left, right, PAIRS, -umklapp),
                1,
                WRONG_SIGN,
                "meV",
                True,
            ),
        ),
    )


@claim(
    "kundu-18",
    "Eq. 18",
    kind="definition",
    chapter=CHAPTER,
    statement="The charge current factor is the matrix element of $\\Gamma = \\partial H/\\partial "
    "k$; at $q = 0$ its diagonal is the band velocity.",
    implements="moirelib.Bands.velocities",
)
def _charge_current() -> Evidence:
    left, step = solved()[0], 1e-5
    slopes = [
        (low_bands(left.model, left.k + d) - low_bands(left.model, left.k - d)) / (2 * step)
        for d in step * np.eye(2)
    ]
    diagonal = np.einsum("aknn->akn", overlap_current_factors(left, left, [0, 0]))
    return Evidence(
        printed=Discrepancy(
            "Λ_c^{(n,n)} against differences of ε_n(k)",
            residual(diagonal, slopes),
            1e-3,
            "second-order difference; ħv_F is 527",
            "meV nm",
        ),
        controls=(
            Discrepancy(
                "Λ_c^{(n,n)} against Bands.velocities",
                residual(np.moveaxis(diagonal, 0, -1), left.velocities),
                1e-9,
                ROUND_OFF,
                "meV nm",
            ),
        ),
    )


@claim(
    "kundu-19",
    "Eq. 19",
    kind="definition",
    chapter=CHAPTER,
    statement="The valley current factor is $\\xi\\Lambda_c$: time-reversed states carry the same "
    "valley current and opposite charge currents.",
    implements="moirelib.bloch.overlap_current_factors",
)
def _valley_current() -> Evidence:
    here = solved()[0]
    there = solve_bands(GrapheneHBN(valley=-1), -here.k, count=4)
    charge, reversed_charge = (
        np.einsum("aknn->akn", overlap_current_factors(bands, bands, [0, 0]))
        for bands in (here, there)
    )
    return Evidence(
        printed=Discrepancy(
            "ξΛ_c^{(n,n)}: (K, k) against (K′, −k)",
            residual(charge, -reversed_charge),
            1e-9,
            ROUND_OFF,
            "meV nm",
        ),
        controls=(
            Discrepancy(
                "largest |Λ_c|",
                float(np.abs(charge).max()),
                100,
                "there is something to compare",
                "meV nm",
                True,
            ),
        ),
    )


@claim(
    "kundu-19-gamma",
    "text below Eq. 19",
    kind="identity",
    chapter=CHAPTER,
    statement="$\\Gamma_x = ev_F\\xi\\sigma_x \\oplus 0$ and $\\Gamma_y = v_F\\sigma_y \\oplus 0$.",
    finding="As printed in our copy $\\Gamma_x$ carries a factor $e$ that $\\Gamma_y$ and Eq. 32 "
    "(which has $e^2$ in front) do not have. A rotation by 120° mixes the two components, so "
    "both carry it or neither. Without it they are $\\partial H/\\partial k$.",
)
def _gamma() -> Evidence:
    e_si = 1.602176634e-19
    x: Complex = np.zeros((4, 4), dtype=complex)
    y = np.zeros((4, 4), dtype=complex)
    x[:2, :2], y[:2, :2] = [[0, 1], [1, 0]], [[0, -1j], [1j, 0]]

    def miss(charge: float) -> float:
        return max(
            residual(velocity_on_site(valley) / hbar_velocity(0.8e6), [charge * valley * x, y])
            for valley in (1, -1)
        )

    def rotation_miss(gamma: Complex) -> float:
        # A turn by 120° about z in sublattice space must turn (Γ_x, Γ_y) as a vector.
        spin = np.diag(np.exp(1j * math.pi / 3 * np.array([1, -1, 0, 0])))
        return residual(spin.conj().T @ gamma @ spin, np.tensordot(rotation().T, gamma, axes=1))

    return Evidence(
        printed=Discrepancy("Γ/v_F against ∂H/∂k, e in coulomb", miss(e_si), 1e-9, "round-off"),
        corrected=Discrepancy("Γ/v_F against ∂H/∂k", miss(1.0), 1e-9, "differences of H"),
        controls=(
            Discrepancy(
                "(Γ_x, Γ_y) turns as a vector", rotation_miss(np.array([x, y])), 1e-12, "round-off"
            ),
            Discrepancy(
                "with e in Γ_x alone it does not",
                rotation_miss(np.array([e_si * x, y])),
                0.1,
                "the stray factor has to show",
                "",
                True,
            ),
        ),
    )
