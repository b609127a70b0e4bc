"""Claims of the chapter "hamiltonian" on the current operators: Kundu et al., Eqs. 16–19."""

from __future__ import annotations

import math
from functools import cache

import numpy as np

from moirelib._types import Complex, Ints
from moirelib.bands.bloch import (
    Bands,
    overlap_current_factors,
    overlap_form_factors,
    solve_bands,
)
from moirelib.chapters.hamiltonian.claims.expansions import velocities_on_a_tile
from moirelib.chapters.hamiltonian.claims.model import ROUND_OFF
from moirelib.chapters.hamiltonian.claims.operators import (
    PAIRS,
    WRONG_SIGN,
    Q,
    matrix_elements,
    solved,
    some,
)
from moirelib.chapters.hamiltonian.data.bands import low_bands, rotation
from moirelib.ledger.measure import residual
from moirelib.ledger.registry import Discrepancy, Evidence, claim
from moirelib.models.graphene_hbn import GrapheneHBN
from moirelib.units import hbar_velocity


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
    statement="The current is a sum over $q + G$ of its Fourier components, as the density is.",
    implements="moirelib.bands.bloch.overlap_current_factors",
    follows=("kundu-12",),
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
    statement="$j(q + G)$ has the matrix elements $\\Lambda_G(k, q)$. Charge is conserved: "
    "$(\\varepsilon_m(k+q) - \\varepsilon_n(k))\\,\\lambda_G = (q+G)\\cdot\\Lambda_G$.",
    implements="moirelib.bands.bloch.overlap_current_factors",
    follows=("kundu-14", "kundu-16", "kundu-18", "kundu-19"),
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
            "exact, because H is affine in k; round-off",
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
                50,
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
    statement="The charge current factor is the matrix element of $\\Gamma = \\partial H/\\partial "
    "k$; at $q = 0$ its diagonal is the band velocity.",
    implements="moirelib.bands.bloch.Bands.velocities",
    follows=("kundu-11", "kundu-19-gamma"),
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
            Discrepancy(
                "Λ_c between all bands of an expansion against its states in plane waves, at the "
                "corners of a tile",
                velocities_on_a_tile(),
                1e-13,
                "products of polynomials; round-off",
                "ħv_F",
            ),
        ),
    )


@claim(
    "kundu-19",
    "Eq. 19",
    kind="definition",
    aspect="the form factor",
    statement="The valley current factor is $\\xi\\Lambda_c$: time-reversed states carry the same "
    "valley current and opposite charge currents.",
    implements="moirelib.bands.bloch.overlap_current_factors",
    follows=("kundu-18",),
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
    aspect="the velocity matrices",
    statement="$\\Gamma_x = ev_F\\xi\\sigma_x \\oplus 0$ and $\\Gamma_y = v_F\\sigma_y \\oplus 0$.",
    finding=r"$\Gamma_x = v_F\xi\sigma_x \oplus 0$, which is $\partial H/\partial k_x$. As "
    r"printed in our copy it carries a factor $e$ that $\Gamma_y$ and Eq. 32 (which has "
    "$e^2$ in front) do not have. A rotation by 120° mixes the two components, so both "
    "carry it or neither.",
    consequence="notation",
    figures=r"No figure changes. With $e$ in $\Gamma_x$ alone the two components would miss the "
    "turn of a vector by {measured}`kundu-19-gamma: with e in`, and Figs. 1(b) to (d) would "
    r"depend on the direction. They are drawn here with $\partial H/\partial\mathbf k$ for both.",
    follows=("kundu-5",),
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
        printed=Discrepancy(
            "Γ/v_F against ∂H/∂k, e in coulomb", miss(e_si), 1e-10, "round-off in differences of H"
        ),
        corrected=Discrepancy(
            "Γ/v_F against ∂H/∂k", miss(1.0), 1e-10, "round-off in differences of H"
        ),
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
