"""Claims on the interlayer interaction: Kundu Eqs. 20–22 and the text below Eq. 34."""

from __future__ import annotations

import itertools
import math

import numpy as np
from scipy.integrate import quad
from scipy.special import j0, jn_zeros

from moirelib.chapters.perturbation_theory.claims.many_body import (
    ORBITALS,
    ROUND_OFF,
    annihilators,
    two_layers,
)
from moirelib.drag.interlayer import Interlayer
from moirelib.ledger.measure import relative
from moirelib.ledger.registry import Discrepancy, Evidence, claim
from moirelib.models.graphene_hbn import GrapheneHBN
from moirelib.units import COULOMB_MEV_NM


@claim(
    "kundu-20",
    "Eq. 20",
    kind="definition",
    implements="moirelib.drag_conductivity",
    statement=r"$H=H_1+H_2+H_{12}$: two layers that exchange momentum and energy, no electrons.",
    follows=("kundu-5", "kundu-21"),
)
def _() -> Evidence:
    layers = two_layers()
    lower = annihilators(2 * ORBITALS)
    number = [np.einsum("aij,aik->jk", c.conj(), c) for c in (lower[:3], lower[3:])]
    h = layers.h0 + layers.h12
    leak = max(float(np.abs(h @ n - n @ h).max()) for n in number)
    alone = layers.one_body[0][0]
    h1 = np.einsum("ab,aij,bjk->ik", alone, lower[:3].conj().swapaxes(1, 2), lower[:3])
    exchange = float(np.abs(h @ h1 - h1 @ h).max())
    return Evidence(
        Discrepancy("[H, N₁] and [H, N₂]", leak, 1e-12, ROUND_OFF),
        controls=(
            Discrepancy("[H, H₁]", exchange, 0.1, "the layers must exchange energy", at_least=True),
            Discrepancy(
                "H − H†",
                float(np.abs(h - h.conj().T).max()),
                1e-12,
                "U is even in G, ρ(−G) = ρ(G)†",
            ),
        ),
    )


def _charge_energies() -> tuple[float, float, float]:
    """H₁₂ of two random densities: by Eq. 21 in space, by Eq. 22 in (q, G), and its 1/𝒱."""
    lattice = GrapheneHBN().lattice
    cells, grid = 3, 4
    n = cells * grid
    spot = np.stack(np.meshgrid(range(n), range(n), indexing="ij"), axis=-1).reshape(-1, 2)
    position = spot @ lattice.primitive_vectors / grid
    side = np.arange(n) - n // 2
    pairs = np.stack(np.meshgrid(side, side, indexing="ij"), axis=-1).reshape(-1, 2)
    momenta = pairs @ lattice.reciprocal_vectors / cells
    potential = Interlayer()(np.linalg.norm(momenta, axis=1))
    area = cells**2 * lattice.cell_area
    patch = area / n**2
    rng = np.random.default_rng(21)
    rho = rng.normal(size=(2, len(position)))
    separation = position[:, None] - position[None, :]
    # U₁₂(r), periodic in the sample, from its Fourier series.
    real_space = np.tensordot(potential, np.exp(1j * separation @ momenta.T), axes=(0, 2)).real
    in_space = patch**2 * rho[0] @ (real_space / area) @ rho[1]
    # Eq. 22 sums q over the zone and G separately, with the folding of Eq. 15.
    folded, umklapp = lattice.fold(momenta)
    total = 0.0 + 0.0j
    for q, g in zip(folded, lattice.vectors(umklapp), strict=True):
        wave = np.exp(-1j * position @ (q + g))
        transform = patch * rho @ wave
        back = patch * rho[0] @ wave.conj()
        total += Interlayer()(np.linalg.norm(q + g)) * back * transform[1]
    return float(in_space), float((total / area).real), float(total.real)


@claim(
    "kundu-22",
    "Eq. 22",
    kind="identity",
    statement=r"$H_{12}=\frac1{\mathcal V}\sum_{\mathbf q\in\mathrm{MBZ}}\sum_{\mathbf G}"
    r"U_{12}(\mathbf q+\mathbf G)\,\rho_1(-\mathbf q-\mathbf G)\,\rho_2(\mathbf q+\mathbf G)$.",
    follows=("kundu-14", "kundu-21"),
)
@claim(
    "kundu-21",
    "Eq. 21",
    kind="definition",
    implements="moirelib.drag.interlayer.Interlayer",
    statement=r"$H_{12}=\int d\mathbf r\,d\mathbf r'\,\rho_1(\mathbf r)\,U_{12}(\mathbf r-"
    r"\mathbf r')\,\rho_2(\mathbf r')$.",
    follows=("kundu-13", "kundu-interaction"),
)
def _() -> Evidence:
    in_space, in_momenta, without_area = _charge_energies()
    return Evidence(
        Discrepancy(
            "double sum in space against the sum over q and G, 3 × 3 cells of 16 points",
            relative(in_momenta, in_space),
            1e-12,
            "round-off of 20736 terms",
        ),
        controls=(
            Discrepancy(
                "the same without 1/𝒱",
                relative(without_area, in_space),
                1.0,
                "the normalisation must matter",
                at_least=True,
            ),
        ),
    )


@claim(
    "kundu-interaction",
    "text below Eq. 34",
    kind="definition",
    implements="moirelib.drag.interlayer.Interlayer",
    statement=r"$U_{12}(q)=\frac{e^2}{2\epsilon_0\epsilon q}e^{-qd}(1-e^{-2qd_g})$: the charge "
    r"and its image in the gate, which lies $d_g$ beyond the nearer layer.",
)
def _() -> Evidence:
    d, gate, permittivity = 1.3, 4.0, 5.0

    def potential(r: float) -> float:
        return math.hypot(r, d) ** -1 - math.hypot(r, d + 2 * gate) ** -1

    worst = 0.0
    for q in (0.2, 0.518, 1.7):
        ends = np.concatenate([[0.0], jn_zeros(0, 40)]) / q
        pieces = [
            quad(lambda r, q=q: r * potential(r) * j0(q * r), a, b, epsabs=1e-13)[0]
            for a, b in itertools.pairwise(ends)
        ]
        # Terms of alternating sign: repeated means of the partial sums (Euler).
        partial_sums = np.cumsum(pieces)
        while len(partial_sums) > 1:
            partial_sums = (partial_sums[1:] + partial_sums[:-1]) / 2
        transform = 2 * math.pi * COULOMB_MEV_NM / permittivity * partial_sums[0]
        worst = max(worst, relative(transform, float(Interlayer(d, gate)(q))))
    bare = 2 * math.pi * COULOMB_MEV_NM / (5 * 0.5) * math.exp(-0.5 * d)
    static = 4 * math.pi * COULOMB_MEV_NM * gate / permittivity
    return Evidence(
        Discrepancy(
            "Hankel transform of 1/r with its image charge",
            worst,
            1e-9,
            "adaptive quadrature between the zeros of J₀",
        ),
        controls=(
            Discrepancy(
                "d_g → ∞ against the bare interaction",
                relative(float(Interlayer(d, math.inf)(0.5)), bare),
                1e-14,
                "round-off",
            ),
            Discrepancy(
                "q → 0 against the capacitor, e²d_g/ε₀ε",
                relative(float(Interlayer(d, gate)(1e-9)), static),
                1e-7,
                "first correction q(d + d_g)",
            ),
        ),
    )
