"""Claims of the chapter "time-reversal": Kundu et al., App. C and what the main text draws from it.

Off-diagonal elements carry the phases of two states. They are compared through combinations
that do not: moduli, and closed products such as λ^{(n,m)} Λ^{(m,n)}.
"""

from __future__ import annotations

import numpy as np

from moirelib._types import Complex
from moirelib.bands.bloch import Bands, solve_bands
from moirelib.bands.brillouin import fermi
from moirelib.chapters.time_reversal.data import (
    COMMON_PHASE,
    MODEL,
    overlap_deficit,
    partners,
    reversed_rows,
)
from moirelib.ledger.registry import Discrepancy, Evidence, claim
from moirelib.models.graphene_hbn import GrapheneHBN

ROUND_OFF = "round-off; the relation is exact when the basis of K′ holds −G for each G of K"
FOLDED = (
    "on the zone boundary k and −k fold to points a reciprocal vector apart, which truncated plane "
    "waves tell apart; the rest is round-off"
)
WARM = 5.0
METALLIC = (-130.0, 20.0, 100.0)
GAP = -80.0


def interband_summand(bands: Bands, energy: float) -> Complex:
    """The summand of 𝒟_G(Ω) (Kundu Eq. 34) at each k, shape (2, nG, nk), in nm."""
    occupation = fermi(bands.energies, 20.0, WARM)
    gap = bands.energies[:, :, None] - bands.energies[:, None, :]
    share = (occupation[:, :, None] - occupation[:, None, :]) / (energy + gap)
    share[:, range(gap.shape[1]), range(gap.shape[1])] = 0
    form_factors = bands.form_factor_matrix(bands.model.lattice.shells(2)[1])
    return np.asarray(
        np.einsum("aknm,gkmn,knm->agk", bands.velocity_matrix(), form_factors, share), complex
    )


@claim(
    "kundu-C-hamiltonian",
    "App. C, text",
    kind="identity",
    statement=r"$\mathcal T H^{(\xi)}(\mathbf k)\mathcal T^{-1}=H^{(-\xi)}(-\mathbf k)$, "
    "for the Hamiltonian of Eqs. (5)–(8).",
    finding=r"The second valley must have $\omega\to\omega^{\xi}$. Complex conjugation exchanges "
    r"$\omega$ and $\omega^*$, which Eq. (6) carries in the same places for both valleys.",
    consequence="number",
    erratum="kundu-6",
    follows=("kundu-5",),
)
def _() -> Evidence:
    def splitting(model: GrapheneHBN) -> float:
        one, other = partners(model)
        return float(np.abs(one.energies - other.energies).max())

    return Evidence(
        Discrepancy(
            "energies of K at k against K′ at −k, ω in both valleys",
            splitting(COMMON_PHASE),
            1e-9,
            ROUND_OFF,
            "meV",
        ),
        corrected=Discrepancy("the same with ω^ξ", splitting(MODEL), 1e-9, ROUND_OFF, "meV"),
    )


@claim(
    "kundu-C-u",
    "App. C, plane-wave coefficients",
    kind="identity",
    statement=r"$u_{n,-\mathbf k,\xi}(\mathbf G)=u^*_{n,\mathbf k,\xi}(-\mathbf G)$ up to a phase.",
    finding=r"Time reversal leads to the other valley, as the line before it says: "
    r"$u_{n,-\mathbf k,-\xi}(\mathbf G)=u^*_{n,\mathbf k,\xi}(-\mathbf G)$. "
    "Within one valley the states at k and −k are not related: the bands are warped trigonally.",
    consequence="notation",
    figures="No figure changes: Fig. 1(a) draws both valleys, and {numref}`fig-kundu-1a` and "
    "{numref}`fig-valleys` solve each. Within one valley the printed relation would make the "
    r"energies at $\mathbf k$ and $-\mathbf k$ equal, which differ by {measured}`kundu-C-u: "
    "energies at k and −k`.",
    follows=("kundu-C-hamiltonian", "kundu-11"),
)
def _() -> Evidence:
    one, other = partners()
    same_valley = solve_bands(MODEL, -one.k)
    return Evidence(
        Discrepancy(
            "1 − |overlap| of the two sides, same ξ",
            overlap_deficit(one, same_valley),
            1e-9,
            ROUND_OFF,
        ),
        corrected=Discrepancy(
            "1 − |overlap| with ξ → −ξ", overlap_deficit(one, other), 1e-10, ROUND_OFF
        ),
        controls=(
            Discrepancy(
                "energies at k and −k of one valley",
                float(np.abs(one.energies - same_valley.energies).max()),
                1.0,
                "trigonal warping: no symmetry of one valley takes k to −k",
                "meV",
                at_least=True,
            ),
        ),
    )


@claim(
    "kundu-C-gamma",
    "App. C, velocity matrix",
    kind="identity",
    statement=r"$\mathcal T\Gamma^{(\xi)}_\alpha(\mathbf k)\mathcal T^{-1}"
    r"=-\Gamma^{(-\xi)}_\alpha(-\mathbf k)$.",
    follows=("kundu-C-hamiltonian", "kundu-19-gamma"),
)
def _() -> Evidence:
    flip = reversed_rows(MODEL, MODEL.other_valley())
    transformed = MODEL.velocity_operators().conj()[:, flip][:, :, flip]
    misses = np.abs(transformed + MODEL.other_valley().velocity_operators())
    one, other = partners()
    return Evidence(
        Discrepancy(
            "the two matrices",
            float(misses.max() / MODEL.hbar_v),
            1e-14,
            "exact but for round-off",
            "ħv_F",
        ),
        controls=(
            Discrepancy(
                "band velocities of K at k plus those of K′ at −k",
                float(np.abs(one.velocities + other.velocities).max() / MODEL.hbar_v),
                1e-9,
                ROUND_OFF,
                "ħv_F",
            ),
        ),
    )


@claim(
    "kundu-C-lambda",
    "App. C, form factors",
    kind="identity",
    statement=r"$\lambda^{(n,m,\xi)}_{\mathbf G}(\mathbf k)"
    r"=[\lambda^{(m,n,-\xi)}_{-\mathbf G}(-\mathbf k)]^*$.",
    finding=r"What holds is $\lambda^{(n,m,\xi)}_{\mathbf G}(\mathbf "
    r"k)=[\lambda^{(n,m,-\xi)}_{-\mathbf G}(-\mathbf k)]^*=\lambda^{(m,n,-\xi)}_{\mathbf "
    r"G}(-\mathbf k)$. The printed right-hand side exchanges the bands *and* conjugates "
    r"*and* reverses $\mathbf G$; hermiticity, $[\lambda^{(m,n)}_{-\mathbf "
    r"G}]^*=\lambda^{(n,m)}_{\mathbf G}$, undoes all three. For $n=m$, all that the "
    "valley drag uses, the printed form is right.",
    consequence="notation",
    figures="Figs. 1(b) to (d) do not change: they use $n=m$, where the printed form holds to "
    "{measured}`kundu-C-lambda: printed form for n = m`. The valley Hall effect of Fig. 2 and "
    r"{numref}`fig-berry` need $n\ne m$; they are computed from the states, and the curvatures of "
    "the two valleys are opposite to {measured}`kundu-C-current: Berry curvature of K`.",
    follows=("kundu-C-u", "kundu-15"),
)
def _() -> Evidence:
    one, other = partners()
    shell = MODEL.lattice.shells(2)[1]
    here, there, there_minus = (
        one.form_factor_matrix(shell),
        other.form_factor_matrix(shell),
        other.form_factor_matrix(-shell),
    )
    printed = there_minus.conj().swapaxes(-1, -2)
    corrected = there_minus.conj()

    def closed(matrix: Complex) -> Complex:
        """λ_G^{(n,m)} λ_{G'}^{(m,n)} for neighbouring G, G' of the shell."""
        return matrix * np.roll(matrix, 1, axis=0).swapaxes(-1, -2)

    diagonal = np.arange(here.shape[-1])
    return Evidence(
        Discrepancy(
            "|λ^{(n,m)}| of the two sides",
            float(np.abs(np.abs(here) - np.abs(printed)).max()),
            1e-9,
            ROUND_OFF,
        ),
        corrected=Discrepancy(
            "|λ^{(n,m)}| and products λ^{(n,m)}_G λ^{(m,n)}_G′ with [λ^{(n,m,−ξ)}_{−G}(−k)]*",
            max(
                float(np.abs(np.abs(here) - np.abs(corrected)).max()),
                float(np.abs(closed(here) - closed(corrected)).max()),
            ),
            1e-9,
            ROUND_OFF,
        ),
        controls=(
            Discrepancy(
                "the printed form for n = m",
                float(np.abs(here - printed)[..., diagonal, diagonal].max()),
                1e-9,
                ROUND_OFF,
            ),
            Discrepancy(
                "hermiticity, [λ^{(m,n)}_{−G}]* against λ^{(n,m)}_G",
                float(np.abs(printed - there).max()),
                1e-12,
                "round-off",
            ),
        ),
    )


@claim(
    "kundu-C-current",
    "App. C, current elements",
    kind="identity",
    statement=r"$\Lambda^{(n,m,\xi)}_{c,\alpha}(\mathbf k)"
    r"=-[\Lambda^{(m,n,-\xi)}_{c,\alpha}(-\mathbf k)]^*$.",
    finding=r"As for $\lambda$: the exchange of bands has to go, "
    r"$\Lambda^{(n,m,\xi)}=-[\Lambda^{(n,m,-\xi)}(-\mathbf k)]^*=-\Lambda^{(m,n,-\xi)}"
    r"(-\mathbf k)$. The printed form would make the Berry curvature *even* under time reversal, "
    "and the valley Hall effect of the proposed experiment would vanish.",
    consequence="notation",
    erratum="kundu-C-lambda",
    follows=("kundu-C-u", "kundu-C-gamma", "kundu-18"),
)
def _() -> Evidence:
    one, other = partners()
    (x, y), (x_other, y_other) = one.velocity_matrix(), other.velocity_matrix()
    scale = MODEL.hbar_v**2

    def misses(transformed: tuple[Complex, Complex]) -> float:
        product = transformed[0] * transformed[1].swapaxes(-1, -2)
        return float(np.abs(x * y.swapaxes(-1, -2) - product).max() / scale)

    printed = (-x_other.conj().swapaxes(-1, -2), -y_other.conj().swapaxes(-1, -2))
    corrected = (-x_other.conj(), -y_other.conj())
    curvature, curvature_other = one.berry_curvature(), other.berry_curvature()
    largest = float(np.abs(curvature).max())
    return Evidence(
        Discrepancy(
            "Λ_x^{(n,m)} Λ_y^{(m,n)} of the two sides", misses(printed), 1e-9, ROUND_OFF, "(ħv_F)²"
        ),
        corrected=Discrepancy(
            "the same without the exchange of bands", misses(corrected), 1e-9, ROUND_OFF, "(ħv_F)²"
        ),
        controls=(
            Discrepancy(
                "Berry curvature of K at k plus that of K′ at −k, over its largest value",
                float(np.abs(curvature + curvature_other).max()) / largest,
                1e-8,
                "round-off, enlarged where bands come close",
            ),
        ),
    )
