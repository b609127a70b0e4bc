"""Claims of the chapter "time-reversal": Kundu et al., App. C and what the main text draws from it.

Off-diagonal elements carry the phases of two states. They are compared through combinations
that do not: moduli, and closed products such as λ^{(n,m)} Λ^{(m,n)}.
"""

from __future__ import annotations

from functools import cache, partial

import numpy as np
from scipy.integrate import quad

from moirelib._types import Complex, Floats, Ints
from moirelib.bloch import Bands, BlochModel, solve_bands
from moirelib.brillouin import fermi
from moirelib.drag import drag_conductivity
from moirelib.figures.kundu_time_reversal import COMMON_PHASE, both_valleys
from moirelib.graphene_hbn import GrapheneHBN
from moirelib.ledger.registry import Discrepancy, Evidence, claim

time_reversal = partial(claim, chapter="time-reversal")

MODEL = GrapheneHBN(cutoff=2)
ROUND_OFF = "round-off; the relation is exact when the basis of K′ holds −G for each G of K"
FOLDED = (
    "on the zone boundary k and −k fold to points a reciprocal vector apart, which truncated plane "
    "waves tell apart; the rest is round-off"
)
WARM = 5.0
METALLIC = (-130.0, 20.0, 100.0)
GAP = -80.0


def wavevectors(count: int = 12, seed: int = 1) -> Floats:
    """Random wavevectors inside the zone, away from its symmetric points."""
    rng = np.random.default_rng(seed)
    return MODEL.lattice.k_m * rng.uniform(-0.55, 0.55, size=(count, 2))


@cache
def partners(model: GrapheneHBN = MODEL) -> tuple[Bands, Bands]:
    """The valley of the model at random k, and the other valley at −k."""
    k = wavevectors()
    return solve_bands(model, k), solve_bands(model.other_valley(), -k)


def reversed_rows(model: BlochModel, target: BlochModel) -> Ints:
    """For each row of ``target``, the row of ``model`` with −G and the same orbital, or −1."""
    label = np.column_stack([model.plane_waves, model.orbitals]).tolist()
    row = {tuple(one): i for i, one in enumerate(label)}
    wanted = np.column_stack([-target.plane_waves, target.orbitals]).tolist()
    return np.array([row.get(tuple(one), -1) for one in wanted])


def overlap_deficit(one: Bands, other: Bands) -> float:
    """Largest 1 − |⟨u(other)|T u(one)⟩| over wavevectors and bands; T conjugates and flips G."""
    rows = reversed_rows(one.model, other.model)
    transformed = np.where((rows >= 0)[:, None], one.states[:, rows].conj(), 0)
    overlap = np.einsum("kan,kan->kn", other.states.conj(), transformed)
    return float((1 - np.abs(overlap)).max())


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


@time_reversal(
    "kundu-C-hamiltonian",
    "App. C, text",
    kind="identity",
    statement=r"$\mathcal T H^{(\xi)}(\mathbf k)\mathcal T^{-1}=H^{(-\xi)}(-\mathbf k)$, "
    "for the Hamiltonian of Eqs. (5)–(8).",
    finding=r"Eq. (6) carries $\omega$ and $\omega^*$ in the same places for both valleys. Complex "
    r"conjugation exchanges them, so the second valley must have $\omega\to\omega^{\xi}$.",
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


@time_reversal(
    "kundu-C-u",
    "App. C, plane-wave coefficients",
    kind="identity",
    statement=r"$u_{n,-\mathbf k,\xi}(\mathbf G)=u^*_{n,\mathbf k,\xi}(-\mathbf G)$ up to a phase.",
    finding=r"Time reversal leads to the other valley, as the line before it says: "
    r"$u_{n,-\mathbf k,-\xi}(\mathbf G)=u^*_{n,\mathbf k,\xi}(-\mathbf G)$. "
    "Within one valley the states at k and −k are not related: the bands are warped trigonally.",
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
            "1 − |overlap| with ξ → −ξ", overlap_deficit(one, other), 1e-9, ROUND_OFF
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


@time_reversal(
    "kundu-C-gamma",
    "App. C, velocity matrix",
    kind="identity",
    statement=r"$\mathcal T\Gamma^{(\xi)}_\alpha(\mathbf k)\mathcal T^{-1}"
    r"=-\Gamma^{(-\xi)}_\alpha(-\mathbf k)$.",
)
def _() -> Evidence:
    flip = reversed_rows(MODEL, MODEL.other_valley())
    transformed = MODEL.velocity_operators().conj()[:, flip][:, :, flip]
    misses = np.abs(transformed + MODEL.other_valley().velocity_operators())
    one, other = partners()
    return Evidence(
        Discrepancy("the two matrices", float(misses.max() / MODEL.hbar_v), 1e-14, "exact", "ħv_F"),
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


@time_reversal(
    "kundu-C-lambda",
    "App. C, form factors",
    kind="identity",
    statement=r"$\lambda^{(n,m,\xi)}_{\mathbf G}(\mathbf k)"
    r"=[\lambda^{(m,n,-\xi)}_{-\mathbf G}(-\mathbf k)]^*$.",
    finding=r"The right-hand side exchanges the bands *and* conjugates *and* reverses $\mathbf G$; "
    r"hermiticity, $[\lambda^{(m,n)}_{-\mathbf G}]^*=\lambda^{(n,m)}_{\mathbf G}$, undoes all "
    r"three. What holds is $\lambda^{(n,m,\xi)}_{\mathbf G}(\mathbf k)"
    r"=[\lambda^{(n,m,-\xi)}_{-\mathbf G}(-\mathbf k)]^*=\lambda^{(m,n,-\xi)}_{\mathbf G}"
    r"(-\mathbf k)$. For $n=m$, all that the valley drag uses, the printed form is right.",
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


@time_reversal(
    "kundu-C-Lambda",
    "App. C, current elements",
    kind="identity",
    statement=r"$\Lambda^{(n,m,\xi)}_{c,\alpha}(\mathbf k)"
    r"=-[\Lambda^{(m,n,-\xi)}_{c,\alpha}(-\mathbf k)]^*$.",
    finding=r"As for $\lambda$: the exchange of bands has to go, "
    r"$\Lambda^{(n,m,\xi)}=-[\Lambda^{(n,m,-\xi)}(-\mathbf k)]^*=-\Lambda^{(m,n,-\xi)}"
    r"(-\mathbf k)$. The printed form would make the Berry curvature *even* under time reversal, "
    "and the valley Hall effect of the proposed experiment would vanish.",
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
                1e-6,
                "round-off, enlarged where bands come close",
            ),
        ),
    )


def charge_over_valley(model: GrapheneHBN) -> float:
    """Largest |σ_charge| over the largest |σ_valley|, both first order."""
    one = both_valleys(model)
    charge, valley = (
        drag_conductivity(one, one, METALLIC, METALLIC, WARM, flavor=flavor)
        for flavor in ("charge", "valley")
    )
    return float(np.abs(charge).max() / np.abs(valley).max())


@time_reversal(
    "kundu-C-charge",
    "App. C and text, p. 2",
    kind="identity",
    statement=r"Time reversal makes the first-order charge drag vanish: with "
    r"$(\mathrm K,\mathbf k)\to(\mathrm K',-\mathbf k)$ each term changes sign.",
)
def _() -> Evidence:
    one, other = partners()
    shell = MODEL.lattice.shells(2)[1]
    here, there = (
        bands.velocities[..., None] * np.moveaxis(bands.form_factors(shell), 0, -1)[:, :, None]
        for bands in (one, other)
    )
    return Evidence(
        Discrepancy(
            "∂_kε λ_G of K at k plus that of K′ at −k",
            float(np.abs(here + there).max() / MODEL.hbar_v),
            1e-9,
            ROUND_OFF,
            "ħv_F",
        ),
        controls=(
            Discrepancy(
                "charge drag over valley drag, both valleys solved on a mesh",
                charge_over_valley(MODEL),
                1e-6,
                FOLDED,
            ),
            Discrepancy(
                "the same with ω in both valleys, as Eq. (6) is printed",
                charge_over_valley(COMMON_PHASE),
                0.01,
                "without time reversal nothing cancels",
                at_least=True,
            ),
        ),
    )


@time_reversal(
    "kundu-C-charge-interband",
    "App. C, interband part",
    kind="identity",
    statement=r"The interband term of the charge drag vanishes too: "
    r"$\partial_\Omega[\mathcal D_{1c}\mathcal D_{2c}]_{\Omega=0}=0$, because "
    r"$\mathcal D_{c}(\Omega)$ is odd and $\mathcal D_{v}(\Omega)$ even.",
)
def _() -> Evidence:
    one, other = partners()
    (plus, plus_other), (minus, minus_other) = (
        (interband_summand(one, energy), interband_summand(other, energy)) for energy in (3.0, -3.0)
    )
    valley = float(np.abs(plus - plus_other).max())
    return Evidence(
        Discrepancy(
            "𝒟_c(Ω) + 𝒟_c(−Ω) over 𝒟_v(Ω), per (k, K) with (−k, K′), at ħΩ = 3 meV",
            float(np.abs(plus + plus_other + minus + minus_other).max()) / valley,
            1e-9,
            ROUND_OFF,
        ),
        controls=(
            Discrepancy(
                "𝒟_v(Ω) − 𝒟_v(−Ω) over 𝒟_v(Ω)",
                float(np.abs(plus - plus_other - minus + minus_other).max()) / valley,
                1e-9,
                ROUND_OFF,
            ),
            Discrepancy(
                "𝒟_c(Ω) over 𝒟_v(Ω)",
                float(np.abs(plus + plus_other).max()) / valley,
                1e-2,
                "at finite frequency the interband charge response is not zero; the relations as "
                "printed for λ and Λ would make it so",
                at_least=True,
            ),
        ),
    )


@time_reversal(
    "kundu-text-valley-polarised",
    "App. B, text",
    kind="number",
    statement="If the valleys are polarised, charge drag is finite at first order.",
)
def _() -> Evidence:
    one = both_valleys(MODEL)
    alone = [[20.0, GAP]]
    charge = drag_conductivity(one, one, alone, alone, 0.0, flavor="charge")[0, 0]
    valley = drag_conductivity(one, one, 20.0, 20.0, 0.0)[0, 0]
    return Evidence(
        Discrepancy(
            "charge drag with K′ in the gap, against a quarter of the valley drag",
            float(np.abs(4 * charge - valley).max() / np.abs(valley).max()),
            1e-5,
            "one valley is half of each 𝒞; " + FOLDED,
        ),
        controls=(
            Discrepancy("valley drag", float(np.abs(valley).max()), 0.01, "finite", "e²/h", True),
        ),
    )


@time_reversal(
    "kundu-text-spin-polarised",
    "App. B, text",
    kind="number",
    statement="If the spins are polarised, charge drag can be finite at first order.",
    finding="Without spin–orbit coupling, orbital time reversal acts within each spin: the valleys "
    "cancel for either spin, at whatever density. Valley polarisation is needed.",
)
def _() -> Evidence:
    one = both_valleys(MODEL)
    charge, valley = (
        # A susceptibility of one spin is half of that with the spin factor.
        (one.susceptibility(20.0, WARM, flavor) + one.susceptibility(100.0, WARM, flavor)) / 2
        for flavor in ("charge", "valley")
    )
    share = float(np.abs(charge).max() / np.abs(valley).max())
    return Evidence(
        Discrepancy(
            "shortfall of |𝒞_c| below 1 % of |𝒞_v|, the spins at 20 and 100 meV",
            max(0.0, 0.01 - share),
            0.0,
            "finite means at least 1 % here",
        ),
        corrected=Discrepancy("|𝒞_c| over |𝒞_v|, the spins at 20 and 100 meV", share, 1e-6, FOLDED),
    )


def second_order_rate(kT: float) -> float:
    """Second-order drag between two equal electron gases, in arbitrary units.

    ∫dq q³ e^{−2qd} ∫dω [Im χ(q, ω)]²/sinh²(ω/2k_BT)/k_BT, with the Lindhard function of two
    dimensions at T = 0; ħ = 2m = k_F = 1 and d = 4/k_F, so that only q ≪ k_F counts.
    """
    distance = 4.0

    def imaginary(q: float, omega: float) -> float:
        """−Im χ: a difference of two square roots in ω/2q ± q/2."""
        nu = np.array([omega / (2 * q) - q / 2, omega / (2 * q) + q / 2])
        roots = np.sqrt(np.maximum(1 - nu**2, 0))
        return float(roots[0] - roots[1]) / q

    def over_frequency(q: float) -> float:
        value, _ = quad(lambda x: (imaginary(q, x * kT) / np.sinh(x / 2)) ** 2, 1e-6, 40, limit=200)
        return value  # ∫dω/k_BT = ∫dx

    value, _ = quad(
        lambda q: q**3 * np.exp(-2 * q * distance) * over_frequency(q), 0.02, 1.5, limit=100
    )
    return value


@time_reversal(
    "kundu-text-charge-second-order",
    "text, p. 1",
    kind="number",
    statement="With time reversal, charge drag starts at second order in the interaction and "
    "vanishes there as $T^2$ (Jauho and Smith 1993).",
)
def _() -> Evidence:
    low, high = second_order_rate(1e-3), second_order_rate(2e-3)
    return Evidence(
        Discrepancy(
            "exponent of T between T_F/1000 and T_F/500, minus 2",
            abs(float(np.log2(high / low)) - 2),
            0.05,
            "corrections of relative order k_BT/(ħv_F/d)",
        )
    )
