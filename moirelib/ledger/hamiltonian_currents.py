"""Claims of Kundu App. A on the current form factors, Eqs. 18 and 19."""

from __future__ import annotations

import math

import numpy as np

from moirelib._types import Complex
from moirelib.bloch import overlap_current_factors, solve_bands
from moirelib.graphene_hbn import GrapheneHBN
from moirelib.ledger.hamiltonian import CHAPTER, ROUND_OFF, random_wavevectors, residual
from moirelib.ledger.hamiltonian_operators import solved, velocity_on_site
from moirelib.ledger.registry import Discrepancy, Evidence, claim


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
    left, *_ = solved()
    step = 1e-5
    slopes = []
    for direction in np.eye(2):
        up, down = (
            solve_bands(left.model, left.k + s * step * direction, count=4).energies
            for s in (1, -1)
        )
        slopes.append((up - down) / (2 * step))
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
    k = random_wavevectors()
    currents = []
    for valley in (1, -1):
        bands = solve_bands(GrapheneHBN(valley=valley), valley * k, count=4)
        currents.append(np.einsum("aknn->akn", overlap_current_factors(bands, bands, [0, 0])))
    return Evidence(
        printed=Discrepancy(
            "ξΛ_c^{(n,n)}: (K, k) against (K′, −k)",
            residual(currents[0], -currents[1]),
            1e-9,
            ROUND_OFF,
            "meV nm",
        ),
        controls=(
            Discrepancy(
                "largest |Λ_c|",
                float(np.abs(currents[0]).max()),
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
    speed = GrapheneHBN().hbar_v
    x: Complex = np.zeros((4, 4), dtype=complex)
    y = np.zeros((4, 4), dtype=complex)
    x[:2, :2], y[:2, :2] = [[0, 1], [1, 0]], [[0, -1j], [1j, 0]]
    own = velocity_on_site(1) / speed, velocity_on_site(-1) / speed

    def miss(charge: float) -> float:
        return max(
            residual(slopes, [charge * valley * x, y])
            for slopes, valley in zip(own, (1, -1), strict=True)
        )

    def rotation_miss(first: Complex, second: Complex) -> float:
        # A turn by 120° about z in sublattice space must turn (Γ_x, Γ_y) as a vector.
        turn = 2 * math.pi / 3
        spin = np.diag(np.exp(1j * turn / 2 * np.array([1, -1, 0, 0])))
        turned = math.cos(turn) * first + math.sin(turn) * second
        return residual(spin.conj().T @ first @ spin, turned)

    return Evidence(
        printed=Discrepancy("Γ/v_F against ∂H/∂k, e in coulomb", miss(e_si), 1e-9, "round-off"),
        corrected=Discrepancy("Γ/v_F against ∂H/∂k", miss(1.0), 1e-9, "differences of H"),
        controls=(
            Discrepancy("(Γ_x, Γ_y) turns as a vector", rotation_miss(x, y), 1e-12, "round-off"),
            Discrepancy(
                "with e in Γ_x alone it does not",
                rotation_miss(np.asarray(e_si * x), y),
                0.1,
                "the stray factor has to show",
                "",
                True,
            ),
        ),
    )
