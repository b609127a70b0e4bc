"""Claims of the chapter "boltzmann": the balance of the valleys, Ying et al., Eqs. 11 to 15."""

from __future__ import annotations

from functools import cache

import numpy as np
from numpy.typing import NDArray

from moirelib.chapters.boltzmann.claims.kinetic import (
    CLOSED,
    ROUND_OFF,
    random_intra,
    random_rates,
)
from moirelib.chapters.boltzmann.data import scope
from moirelib.ledger.registry import Discrepancy, Evidence, claim
from moirelib.switching.boltzmann import (
    BoltzmannSolution,
    exact_density_difference,
    solve_boltzmann,
)
from moirelib.switching.fermi_pockets import FermiPocket, FirstHarmonicRates

SIGN = (
    "Eqs. (6) and (11) push with the force $+e\\mathbf{E}$ and give the opposite sign. "
    "Read $e=|e|$ and the electron's charge as $-e$: then Eqs. (12), (14), (15) and (19) stand, "
    "and the field terms of Eqs. (6) and (11) change sign. One of the two groups has to."
)


def _reversible(seed: int) -> tuple[FirstHarmonicRates, NDArray[np.float64]]:
    """Rates that time reversal allows: a' = a."""
    rates, force = random_rates(seed)
    half = (0.5 * rates.a[0], 0.5 * rates.a[1])
    return FirstHarmonicRates(half, half), force


@cache
def _intra_only() -> BoltzmannSolution:
    """Solve with τ' → ∞, the limit of Ying Eqs. 11 and 12, at ν = v = τ = 1."""
    return solve_boltzmann(random_rates(3)[0], (0.6, 0.8), 1.0, 1e8)


@claim(
    "ying-11",
    "Eq. 11",
    kind="approximation",
    statement=r"For $\tau\ll\tau'$ the intra-valley collisions alone balance the field.",
    follows=("ying-6", "ying-9", "ying-10"),
)
def _() -> Evidence:
    def residual(ratio: float) -> float:
        solution = solve_boltzmann(random_rates(3)[0], (0.6, 0.8), 1.0, ratio)
        worst = 0.0
        for p, x in zip(solution.pockets, np.split(solution.distribution, 2), strict=True):
            drive = p.velocities @ solution.field
            worst = max(worst, float(np.abs(drive - (x.mean() - x)).max()))
        return worst

    small, smaller = residual(1e3), residual(1e4)
    return Evidence(
        Discrepancy(
            "largest term left out, at τ'/τ = 10⁴",
            smaller,
            3e-4,
            "the inter-valley terms are ≤ (1 + |a| + |a'|) τ/τ'",
            "eEv_F",
        ),
        controls=(
            Discrepancy(
                "its order in τ/τ' against 1",
                abs(np.log10(small / smaller) - 1),
                0.01,
                "a linear correction",
            ),
        ),
    )


@claim(
    "ying-12",
    "Eq. 12",
    kind="identity",
    statement=r"$x_1^{(s)}=s\,eE_xv_F\tau$, $y_1^{(s)}=s\,eE_yv_F\tau$, all higher ones zero.",
    finding=SIGN + r" With the force $+e\mathbf{E}$: $x_1^{(s)}=-s\,eE_xv_F\tau$.",
    consequence="number",
    figures="Fig. 5 is a ratio to Eq. (15) and stays, and so does {numref}`fig-ying-5`. In Fig. 7 "
    "the sign of the density difference is reversed and its size is not: with the opposite sign "
    r"Eq. (15) holds to {measured}`ying-15: opposite sign`. {numref}`fig-ying-7` draws $-\Delta "
    r"n_0$ for this reason, {numref}`fig-directions` the sign of the force $+e\mathbf E$.",
    follows=("ying-7", "ying-11"),
)
def _() -> Evidence:
    x = _intra_only().harmonics(4)
    printed = np.array([[0.6, 0.8], [-0.6, -0.8]])
    return Evidence(
        Discrepancy(
            "solved first harmonics against the printed ones",
            float(np.abs(x[:, 1] - printed).max()),
            1e-7,
            "corrections of order τ/τ'",
            "eEv_Fτ",
        ),
        Discrepancy(
            "against the opposite sign",
            float(np.abs(x[:, 1] + printed).max()),
            1e-7,
            "corrections of order τ/τ'",
            "eEv_Fτ",
        ),
        controls=(
            Discrepancy(
                "harmonics 2 to 4",
                float(np.abs(x[:, 2:]).max()),
                1e-7,
                "corrections of order τ/τ'",
                "eEv_Fτ",
            ),
        ),
    )


@claim(
    "ying-13",
    "Eq. 13",
    kind="identity",
    statement=r"$0=x_0^{(+)}-x_0^{(-)}+\frac12(\mathbf{a}'\cdot\mathbf{x}_1^{(+)}"
    r"-\mathbf{a}\cdot\mathbf{x}_1^{(-)})$; we find it exact for every $\tau'/\tau$ and for any "
    "intra-valley rate.",
    follows=("ying-7", "ying-9"),
)
def _() -> Evidence:
    worst, flow = 0.0, 0.0
    for seed, ratio in enumerate((0.01, 1.0, 100.0)):
        rates, force = random_rates(seed)
        blocks = {**random_intra(seed, 64), (1, 0): rates}
        pockets = [FermiPocket.circle(s, 64) for s in (1, -1)]
        x = solve_boltzmann(blocks, force, 1.0, ratio, pockets=pockets).harmonics(1)
        source = 0.5 * (np.dot(rates.a_prime, x[0, 1]) - np.dot(rates.a, x[1, 1]))
        worst = max(worst, abs(float(x[0, 0, 0] - x[1, 0, 0] + source) / source))
        flow = max(flow, abs(float(source)))
    return Evidence(
        Discrepancy(
            "sum of the terms over the source, random rates, τ'/τ = 0.01, 1, 100",
            worst,
            1e-10,
            ROUND_OFF,
        ),
        controls=(
            Discrepancy(
                "the source itself", flow, 0.02, "not a balance of zeros", "eEv_Fτ", at_least=True
            ),
        ),
    )


@claim(
    "ying-14",
    "Eq. 14",
    kind="identity",
    aspect="the sign",
    statement=r"$\Delta n_0=\frac12\nu v_F\tau\,e\mathbf{E}\cdot(\mathbf{a}+\mathbf{a}')$ for "
    r"$\tau'\gg\tau$.",
    finding="The sign is opposite, as in Eq. (12). The magnitude closes, and for any size of the "
    "anisotropy.",
    consequence="number",
    erratum="ying-12",
    follows=("ying-8", "ying-12", "ying-13"),
)
def _() -> Evidence:
    rates = random_rates(3)[0]
    printed = 0.5 * np.dot([0.6, 0.8], np.array(rates.a) + rates.a_prime)
    solved = float(_intra_only().valley_density_difference)
    return Evidence(
        Discrepancy(
            "solved Δn₀ over the printed one, from 1",
            abs(solved / printed - 1),
            1e-7,
            "corrections of order τ/τ'",
        ),
        Discrepancy(
            "with the opposite sign", abs(-solved / printed - 1), 1e-7, "corrections of order τ/τ'"
        ),
    )


@claim(
    "ying-14-exact",
    "Eq. 14, any τ'/τ",
    kind="identity",
    aspect="any τ′/τ, which this chapter derives",
    statement=r"The exact solution behind Fig. 5, derived in this chapter: with $\rho=\tau'/\tau$, "
    r"$c=1+\rho$, $S=\sqrt{c^2-a^2}$, $S'=\sqrt{c^2-a'^2}$, "
    r"$\Delta n_0=-\nu v_F\tau'\,e\mathbf{E}\cdot[\mathbf{a}/(c+S)+\mathbf{a}'/(c+S')]"
    r"/(S+S'-\rho-c)$.",
    follows=("ying-8", "ying-9", "ying-10"),
)
def _() -> Evidence:
    worst = 0.0
    for seed in range(12):
        rates, force = random_rates(seed, size=0.95)
        ratio = 10.0 ** (seed / 2 - 2)
        solved = solve_boltzmann(rates, force, 1.0, ratio)
        exact = exact_density_difference(rates, force, 1.0, ratio)
        worst = max(worst, abs(float(solved.valley_density_difference - exact)))
    return Evidence(
        Discrepancy(
            "closed form against the solver, 12 random rates, τ'/τ from 10⁻² to 3·10³",
            worst,
            1e-10,
            CLOSED,
            "νeEv_Fτ",
        ),
    )


@claim(
    "ying-15",
    "Eq. 15",
    kind="identity",
    aspect="the sign",
    statement=r"$\Delta n_0=\frac{1}{2hv_F}\frac{h}{e^2}\,e\mathbf{j}\cdot(\mathbf{a}+\mathbf{a}')"
    r"=\mathbf{j}\cdot(\mathbf{a}+\mathbf{a}')/2ev_F$.",
    finding=r"The sign is opposite, as in Eq. (12). The magnitude is exact: with rates that "
    r"respect time reversal ($\mathbf{a}'=\mathbf{a}$) it holds at fixed current for every "
    r"$\tau'/\tau$ and for any "
    "intra-valley rate.",
    consequence="number",
    erratum="ying-12",
    follows=("ying-14", "ying-text-conductivity"),
)
def _() -> Evidence:
    worst = {1: 0.0, -1: 0.0}
    for seed, ratio in enumerate((0.01, 1.0, 100.0)):
        rates, current = _reversible(seed)
        blocks = {**random_intra(seed, 64), (1, 0): rates}
        pockets = [FermiPocket.circle(s, 64) for s in (1, -1)]
        solved = solve_boltzmann(
            blocks, current=current, tau=1.0, tau_prime=ratio, pockets=pockets
        ).valley_density_difference
        printed = 0.5 * np.dot(current, np.array(rates.a) + rates.a_prime)
        for sign in worst:
            worst[sign] = max(worst[sign], abs(float(sign * solved / printed) - 1))
    return Evidence(
        Discrepancy("solved Δn₀ over the printed one, from 1", worst[1], 1e-10, ROUND_OFF),
        Discrepancy(
            "with the opposite sign, random intra-valley rates, τ'/τ = 0.01, 1, 100",
            worst[-1],
            1e-10,
            ROUND_OFF,
        ),
    )


@claim(
    "ying-15-scope",
    "Eq. 15, fixed current",
    kind="identity",
    aspect="where the magnitude holds",
    statement=r"At fixed current $\Delta n_0$ does not depend on $\tau'/\tau$ where the out-rate "
    r"is $\Gamma_0+\mathbf g\cdot\mathbf v$, on any contour. On circles the rate (9) is one, on "
    "ovals it is not.",
    follows=("ying-15",),
)
def _() -> Evidence:
    found = scope()
    return Evidence(
        Discrepancy(
            "spread of Δn₀ over τ'/τ from 0.01 to 100, circles and the rate (9)",
            found.circles,
            1e-10,
            "round-off of a linear solve",
        ),
        controls=(
            Discrepancy(
                "circles and (9) + 0.3 cos 2(θ − θ'), which has the same out-rate",
                found.same_out_rate,
                1e-10,
                "round-off of a linear solve",
            ),
            Discrepancy(
                "oval pockets and the rate 1 + g·v + g·v'",
                found.ovals_linear,
                1e-10,
                "round-off of a linear solve",
            ),
            Discrepancy(
                "oval pockets and the rate (9)",
                found.ovals,
                1e-3,
                "seven orders above what circles leave",
                at_least=True,
            ),
            Discrepancy(
                "on circles with second harmonics in the rate",
                found.second_harmonics,
                1e-2,
                "eight orders above what the form (9) leaves",
                at_least=True,
            ),
        ),
    )
