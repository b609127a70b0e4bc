"""Claims of the chapter "tbg-scattering": the average over positions, Ying et al., B11 and B12."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from moirelib.chapters.tbg_scattering.claims.bilayer import MODEL
from moirelib.chapters.tbg_scattering.claims.impurities import BASIS, K_F
from moirelib.chapters.tbg_scattering.claims.strain import ROUND_OFF, rotation
from moirelib.ledger.registry import Discrepancy, Evidence, claim
from moirelib.models.twisted_bilayer import StrainedTBG
from moirelib.switching.scattering import intervalley_rates


def _commensurate_sites(m: int) -> tuple[NDArray[np.floating], ...]:
    """Sites A of layer 2 in the commensurate cell (m, m + 1), its vectors, and G of the layers."""
    first = np.array([[m, m + 1], [-(m + 1), 2 * m + 1]]) @ BASIS
    angle = 2 * (np.arctan2(first[0, 1], first[0, 0]) - np.pi / 6)
    # Layer 2 is the mirror image: its (m + 1, m) vector lies where the (m, m + 1) of layer 1 does.
    other = BASIS @ rotation(angle).T
    span = np.arange(-3 * m, 3 * m + 3)
    n = np.stack(np.meshgrid(span, span, indexing="ij"), -1).reshape(-1, 2)
    sites = n @ other
    fractions = sites @ np.linalg.inv(first)
    inside = ((fractions > -1e-9) & (fractions < 1 - 1e-9)).all(-1)
    reciprocal = 2 * np.pi * np.linalg.inv(BASIS).T
    return sites[inside], first, reciprocal, reciprocal @ rotation(angle).T


@claim(
    "ying-B11",
    "Eq. B11",
    kind="identity",
    statement=r"On sites of layer 2 the relative phases are those of moiré reciprocal vectors: "
    r"$e^{i\mathcal G\cdot\mathbf R}=e^{i(\mathcal G-\mathcal G')\cdot\mathbf R}$.",
    follows=("ying-B10",),
)
def _() -> Evidence:
    sites, cell, g, g_prime = _commensurate_sites(31)
    angle = float(np.arccos(g[0] @ g_prime[0] / (g[0] @ g[0])))
    # Reciprocal vectors of the model's moiré, of the same star as those of the layers.
    q = StrainedTBG(twist_degrees=float(np.degrees(angle))).q_vectors
    star = np.concatenate([q - np.roll(q, 1, axis=0), np.roll(q, 1, axis=0) - q])
    nearest = np.linalg.norm((g - g_prime)[:, None] - star, axis=-1).min(axis=1)
    left = np.exp(1j * sites @ g.T)
    right = np.exp(1j * sites @ (g - g_prime).T)
    turns = cell @ (g - g_prime).T / (2 * np.pi)
    return Evidence(
        Discrepancy(
            "the two phases at every site of a commensurate cell at 1.05°",
            float(np.abs(left - right).max()),
            1e-9,
            ROUND_OFF,
        ),
        controls=(
            Discrepancy(
                "G − G' against the reciprocal lattice of the cell",
                float(np.abs(turns - np.round(turns)).max()),
                1e-9,
                ROUND_OFF,
            ),
            Discrepancy(
                "G − G' against the moiré vectors of the model, over their length",
                float(nearest.max() / np.linalg.norm(star[0])),
                2e-2,
                "first order in the twist, and layers turned by 0 and θ in place of ±θ/2",
            ),
        ),
    )


@claim(
    "ying-B12",
    "Eq. B12",
    kind="approximation",
    statement="Averaged over impurity positions, the plane waves of the tunnelled components "
    "scatter independently.",
    follows=("ying-B9", "ying-B11"),
)
def _() -> Evidence:
    cell = intervalley_rates(MODEL, K_F, 32)
    random = intervalley_rates(MODEL, K_F, 32, average="random phases")
    sites, _cell, g, g_prime = _commensurate_sites(31)
    vectors = np.array(
        [g[0] - g_prime[0], g[1] - g_prime[1], (g[0] - g_prime[0]) - (g[1] - g_prime[1])]
    )
    mean = np.abs(np.exp(1j * sites @ vectors.T).mean(0)).max()
    between = np.abs(cell.interlayer / random.interlayer - 1).max()
    within = np.abs(cell.layer1 - random.layer1).max() / MODEL.tunnelling_ratio**4
    return Evidence(
        Discrepancy(
            "average over the cell against independent phases, 1K → 2K'",
            float(between),
            1e-12,
            "exact: the final state has one wave in layer 2; round-off",
        ),
        controls=(
            Discrepancy(
                f"mean phase over the {len(sites)} sites of a commensurate cell at 1.05°",
                float(mean),
                1e-10,
                "moiré vectors average to zero; round-off",
            ),
            Discrepancy(
                "sites found against 3m² + 3m + 1, m = 31",
                abs(len(sites) - (3 * 31**2 + 3 * 31 + 1)),
                0.0,
                "a complete cell",
            ),
            Discrepancy(
                "the same comparison within a layer, 1K → 1K', over t⁴",
                float(within),
                0.01,
                "there two tunnelled waves meet: equal only to order t²",
                at_least=True,
            ),
        ),
    )
