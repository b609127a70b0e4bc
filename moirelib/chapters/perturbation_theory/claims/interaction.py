"""Claims on the interlayer interaction: Kundu Eqs. 20–22 and the text below Eq. 34."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from functools import cache

import numpy as np
from scipy.integrate import quad
from scipy.special import j0, jn_zeros

from moirelib._types import Floats
from moirelib.chapters.perturbation_theory.claims.many_body import (
    ORBITALS,
    ROUND_OFF,
    annihilators,
    two_layers,
)
from moirelib.drag.conductivity import drag_conductivity
from moirelib.drag.interlayer import Interlayer
from moirelib.drag.layer import DragLayer
from moirelib.drag.screening import coulomb_matrix
from moirelib.ledger.measure import largest, relative
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
    forward, backward, doubled = _exchanged()
    return Evidence(
        Discrepancy("[H, N₁] and [H, N₂]", leak, 1e-12, ROUND_OFF),
        controls=(
            Discrepancy("[H, H₁]", exchange, 5, "the layers must exchange energy", at_least=True),
            Discrepancy(
                "H − H†",
                float(np.abs(h - h.conj().T).max()),
                1e-12,
                "U is even in G, ρ(−G) = ρ(G)†; round-off",
            ),
            Discrepancy(
                "library: σ₁₂ of unlike layers against σ₂₁ transposed, relative",
                largest(forward - backward.swapaxes(-1, -2), forward),
                1e-12,
                "layers 1 and 2 are names; round-off",
            ),
            Discrepancy(
                "library: σ₁₂ for U₁₂ against twice that for U₁₂/2, relative",
                largest(forward - 2 * doubled, forward),
                1e-12,
                "each layer enters alone, the interaction once; round-off",
            ),
        ),
    )


@cache
def _exchanged() -> tuple[Floats, Floats, Floats]:
    """σ₁₂ and σ₂₁ (2, 2) of two layers of unlike faces, fillings and registry; σ₁₂ for U/2."""
    model = GrapheneHBN(cutoff=1)
    one = DragLayer(model, mesh=5, bands=14, shells=1, symmetry="none", solver="dense")
    other = replace(one, model=model.inverted(), shift=(3.0, 2.0))
    weak = Interlayer(permittivity=2 * Interlayer().permittivity)
    forward = drag_conductivity(one, other, -120.0, 60.0, 25.0)
    backward = drag_conductivity(other, one, 60.0, -120.0, 25.0)
    halved = drag_conductivity(one, other, -120.0, 60.0, 25.0, weak)
    return forward[0, 0], backward[0, 0], halved[0, 0]


def _periodic_potential(separation: Floats, sides: Floats, d: float, gate: float) -> Floats:
    """Charge and image, summed over the copies of the sample within 40 of its periods."""
    copies = np.stack(np.meshgrid(range(-40, 41), range(-40, 41)), axis=-1).reshape(-1, 2)
    offsets = copies @ sides
    cut = 40 * math.sqrt(3) / 2 * np.linalg.norm(sides[0])
    offsets = offsets[np.linalg.norm(offsets, axis=1) < cut]
    square = ((separation[:, None] + offsets) ** 2).sum(axis=-1)
    near = (1 / np.sqrt(square + d**2) - 1 / np.sqrt(square + (d + 2 * gate) ** 2)).sum(axis=-1)
    # The rest as a uniform charge beyond the area of the copies that were summed.
    area = abs(float(np.linalg.det(sides)))
    inside = len(offsets) * area / math.pi
    far = 2 * math.pi / area * (math.sqrt(inside + (d + 2 * gate) ** 2) - math.sqrt(inside + d**2))
    return np.asarray(COULOMB_MEV_NM / 5 * (near + far), dtype=np.float64)


@cache
def _charge_energies() -> tuple[float, float, float]:
    """H₁₂ of two charges: by Eq. 21 in space, by Eq. 22 in (q, G), and this without 1/𝒱.

    In space U₁₂ is that of a charge and its image in the gate; in momenta it is the library's.
    """
    lattice = GrapheneHBN().lattice
    cells, grid, d, gate = 2, 12, 4.0, 6.0
    n = cells * grid
    spot = np.stack(np.meshgrid(range(n), range(n), indexing="ij"), axis=-1).reshape(-1, 2)
    position = spot @ lattice.primitive_vectors / grid
    side = np.arange(n) - n // 2
    pairs = np.stack(np.meshgrid(side, side, indexing="ij"), axis=-1).reshape(-1, 2)
    momenta = pairs @ lattice.reciprocal_vectors / cells
    area = cells**2 * lattice.cell_area
    patch = area / n**2
    rho = np.random.default_rng(21).normal(size=(2, n * n))
    sides = cells * lattice.primitive_vectors
    real_space = _periodic_potential(position, sides, d, gate).reshape(n, n)
    apart = (spot[:, None] - spot[None, :]) % n
    in_space = patch**2 * rho[0] @ real_space[apart[..., 0], apart[..., 1]] @ rho[1]
    # Eq. 22 sums q over the zone and G separately, with the folding of Eq. 15.
    folded, umklapp = lattice.fold(momenta)
    waves = np.exp(-1j * position @ (folded + lattice.vectors(umklapp)).T)
    back, forward = patch * rho[0] @ waves.conj(), patch * rho[1] @ waves
    coupling = Interlayer(d, gate)(np.linalg.norm(folded + lattice.vectors(umklapp), axis=1))
    total = float((coupling * back * forward).sum().real)
    return float(in_space), total / area, total


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
            "charges and images in space against the sum over q and G, 2 × 2 cells of 144 points",
            relative(in_momenta, in_space),
            1e-4,
            "copies of the sample beyond 40 periods, and e^{−qd} at the end of the momenta",
        ),
        controls=(
            Discrepancy(
                "the same without 1/𝒱",
                relative(without_area, in_space),
                100,
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
    # −φ″ + q²φ = 4πe² δ(z − z′)/ε with φ = 0 in the gate: sinh qz₁ e^{−qz₂}/q for z₁ < z₂.
    heights = np.array([gate, gate + d])
    lower, upper = np.minimum(*np.ix_(heights, heights)), np.maximum(*np.ix_(heights, heights))
    poisson = 4 * math.pi * COULOMB_MEV_NM / permittivity * np.sinh(0.5 * lower)
    poisson *= np.exp(-0.5 * upper) / 0.5
    pair = coulomb_matrix(0.5, Interlayer(d, gate, permittivity))
    return Evidence(
        Discrepancy(
            "Hankel transform of 1/r with its image charge",
            worst,
            1e-11,
            "adaptive quadrature between the zeros of J₀",
            slack="noise",
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
            Discrepancy(
                "within and between the layers against Poisson's equation with an earthed gate",
                largest(pair - poisson, poisson),
                1e-13,
                "at 0.5 nm⁻¹; round-off",
            ),
        ),
    )
