"""Claim on the order of the two on-site energies of hBN: Kundu et al., text below Eq. 8."""

from __future__ import annotations

import numpy as np

from moirelib._types import Floats
from moirelib.bands.bloch import solve_bands
from moirelib.chapters.hamiltonian.claims.model import ENLARGED, ROUND_OFF
from moirelib.chapters.hamiltonian.data.bands import random_wavevectors
from moirelib.ledger.measure import residual
from moirelib.ledger.registry import Discrepancy, Evidence, claim
from moirelib.models.graphene_hbn import GrapheneHBN


def _curvature_around(model: GrapheneHBN, k: Floats, side: float = 3e-4) -> Floats:
    """Berry curvature (4,) in nm²: ∮A·dk = −arg Π⟨u|u′⟩ around a small square, anticlockwise."""
    corners = k + side / 2 * np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
    u = solve_bands(model, corners, count=4).states
    product = np.prod([(u[i].conj() * u[(i + 1) % 4]).sum(axis=0) for i in range(4)], axis=0)
    return np.asarray(-np.angle(product) / side**2, dtype=np.float64)


@claim(
    "kundu-8-inversion",
    "text below Eq. 8",
    kind="number",
    aspect="the order of the two energies",
    statement="$V_N = 3.35$ eV and $V_B = -1.40$ eV.",
    finding="Moon and Koshino give the values in the other order. Exchanging them is an in-plane "
    "inversion, as on the other face of an hBN sheet: the bands stay, $\\lambda_G$ turns into "
    "$\\lambda_G^*$, and the Berry curvature changes sign. Of their effective potential "
    "$V_0$ and $V_1$ fit both orders, $\\psi$ only theirs.",
    consequence="number",
    headline=r"Both orders of $V_N$ and $V_B$ give the same bands. $\lambda_{\mathbf G}$ and the "
    "Berry curvature tell them apart, and Moon and Koshino have the other one.",
    figures="Fig. 1(a) stays: the bands move by {measured}`kundu-8-inversion: four bands, one "
    "order`. Figs. 1(b) to (d) stay if both layers have the same order; exchanged in one, "
    r"$|\mathcal C_{\mathbf G}|^2$ becomes $\mathrm{Re}\,\mathcal C_{\mathbf G}^2$, and "
    "{numref}`fig-kundu-stacking` shows the sign change. The Berry curvature in "
    "{numref}`fig-hamiltonian-inversion` is reversed, to {measured}`kundu-8-inversion: sum over "
    "both orders`. In Fig. 2 an exchange in one layer turns both its valley Hall effect and the "
    "drag, and leaves {measured}`kundu-text-reverse-hall: one face of hBN, in %` of the voltage "
    "at the peak of the drag.",
    follows=("kundu-8",),
)
def _inversion() -> Evidence:
    k, model = random_wavevectors(), GrapheneHBN()
    here, there = (solve_bands(one, k, count=4) for one in (model, model.inverted()))
    pairs = model.lattice.shells(2)[1]
    curvature = here.berry_curvature(), there.berry_curvature()
    around = _curvature_around(model, k[0])
    harmonics = [one.effective_harmonics() for one in (model, model.inverted())]
    # Moon and Koshino, Phys. Rev. B 90, 155406: V₀ = 29 meV, V₁ = 21 meV, ψ = −0.29 rad.
    miss, other_miss = (
        max(abs(h[0, 0][0, 0] - 29), abs(abs(h[-1, 0][0, 0]) - 21)) for h in harmonics
    )
    psi, other_psi = (float(np.angle(h[-1, 0][0, 0])) for h in harmonics)
    return Evidence(
        printed=Discrepancy(
            "V₀, V₁ against the published 29 and 21 meV", miss, 0.5, "printed to 1 meV", "meV"
        ),
        alternative=Discrepancy(
            "the same with the other order", other_miss, 0.5, "printed to 1 meV", "meV"
        ),
        controls=(
            Discrepancy(
                "ψ in the other order against the published −0.29",
                abs(other_psi + 0.29),
                0.005,
                "printed to two digits",
                "rad",
            ),
            Discrepancy(
                "ψ in the printed order misses it",
                abs(psi + 0.29),
                0.05,
                "ten times that bound",
                "rad",
                True,
            ),
            Discrepancy(
                "four bands, one order against the other",
                residual(here.energies, there.energies),
                1e-9,
                ROUND_OFF,
                "meV",
            ),
            Discrepancy(
                "form factors against the conjugates of the other order",
                residual(here.form_factors(pairs), there.form_factors(pairs).conj()),
                1e-10,
                ENLARGED,
            ),
            Discrepancy(
                "Berry curvature against the phase around a square of 3·10⁻⁴ nm⁻¹, relative",
                float(np.abs(curvature[0][0] - around).max() / np.abs(around).max()),
                1e-3,
                "its sign has to be that of the states; second order in the side",
            ),
            Discrepancy(
                "Berry curvature, sum over both orders, relative",
                float(np.abs(curvature[0] + curvature[1]).max() / np.abs(curvature[0]).max()),
                1e-8,
                ENLARGED,
            ),
        ),
    )
