"""Claims of the chapter "boltzmann" that have no equation number: figures and text."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import expm

from moirelib.chapters.boltzmann.claims.kinetic import (
    ROUND_OFF,
    random_intra,
)
from moirelib.chapters.boltzmann.data import EXAMPLE, density_against_ratio, directions, pockets
from moirelib.ledger.measure import residual
from moirelib.ledger.registry import Discrepancy, Evidence, claim
from moirelib.switching.boltzmann import solve_boltzmann
from moirelib.switching.fermi_pockets import FermiPocket, FirstHarmonicRates

Array = NDArray[np.float64]


@claim(
    "ying-text-conductivity",
    "text below Eq. 15",
    kind="approximation",
    statement=r"$\sigma=2\frac{e^2}{h}\,h\nu D$ with $D=\frac12v_F^2\tau$, for $\tau'\gg\tau$.",
    follows=("ying-12",),
)
def _() -> Evidence:
    nu, speed, tau = 0.3, 2.0, 1.4
    # ħv and τ/ħ: hνD = 2π ν (ħv)² (τ/ħ) / 2.
    printed = 2 * 2 * np.pi * nu * 0.5 * speed**2 * tau
    pockets = [FermiPocket.circle(s, 64, nu, speed) for s in (1, -1)]
    constant = FirstHarmonicRates((0.0, 0.0), (0.0, 0.0))

    def solved(ratio: float) -> Array:
        solution = solve_boltzmann(constant, (1.0, 0.0), tau, ratio * tau, pockets=pockets)
        return solution.conductivity

    return Evidence(
        Discrepancy(
            "solved conductivity tensor over the printed one at τ'/τ = 10⁶, from the unit matrix",
            residual(solved(1e6) / printed, np.eye(2)),
            2e-6,
            "Matthiessen: a correction τ/τ'",
        ),
        controls=(
            Discrepancy(
                "twice the solved one at τ' = τ over the printed one, from the unit matrix",
                residual(2 * solved(1.0) / printed, np.eye(2)),
                1e-10,
                "both rates relax the current: 1/τ + 1/τ'; round-off",
            ),
        ),
    )


@claim(
    "ying-fig4",
    "Fig. 4",
    kind="figure",
    statement="Two circular pockets, angles related by time reversal, and the rates between them.",
    follows=("ying-7", "ying-9", "ying-10"),
)
def _() -> Evidence:
    data = pockets()
    u = np.stack([np.cos(data.angle), np.sin(data.angle)])
    harmonic = 2 * u @ data.out_rate_plus / data.angle.size
    skewed = FirstHarmonicRates((0.1, -0.2), (0.3, 0.25))
    from_plus = 2 * u @ pockets(skewed).out_rate_plus / data.angle.size
    return Evidence(
        Discrepancy(
            "first harmonic of the drawn out-rate against (a₁', b₁')",
            float(np.abs(harmonic - EXAMPLE.a_prime).max()),
            1e-12,
            "round-off",
        ),
        controls=(
            Discrepancy(
                "the same for rates with a ≠ a'",
                float(np.abs(from_plus - skewed.a_prime).max()),
                1e-12,
                "round-off",
            ),
            Discrepancy(
                "contours related by k → −k",
                float(np.abs(data.contour_plus + data.contour_minus).max()),
                1e-12,
                "round-off",
            ),
        ),
    )


def _in_time(rates: FirstHarmonicRates, ratio: float) -> float:
    """Δn₀ after a long time at a unit force, Eq. 6 integrated from equilibrium on 16 directions."""
    n = 16
    angle = 2 * np.pi * np.arange(n) / n
    w = rates(angle[:, None], angle[None, :]) / ratio
    drive = np.cos(angle)

    def slope(x: Array) -> Array:
        plus, minus = x[:n], x[n:]
        gain_plus = (w.T * (minus[None, :] - plus[:, None])).mean(1)
        gain_minus = (w * (plus[None, :] - minus[:, None])).mean(1)
        return np.concatenate(
            [plus.mean() - plus + gain_plus - drive, minus.mean() - minus + gain_minus + drive]
        )

    # Linear in the distribution: e^{Mt} with the source in a last column is exact in time.
    source = slope(np.zeros(2 * n))
    matrix = np.stack([slope(one) - source for one in np.eye(2 * n)], axis=1)
    whole = np.block([[matrix, source[:, None]], [np.zeros((1, 2 * n + 1))]])
    late = expm(40 * max(1.0, ratio) * whole)[:-1, -1]
    return float(late[n:].mean() - late[:n].mean())


@claim(
    "ying-fig5",
    "Fig. 5",
    kind="figure",
    statement=r"$\Delta n_0$ in units of Eq. (15), with $\sigma$ from $\tau$ alone, against "
    r"$\tau'/\tau$: it rises from 0 and saturates at 1.",
    follows=("ying-14-exact", "ying-15"),
)
def _() -> Evidence:
    ratios = [0.1, 1.0, 10.0]
    curve = density_against_ratio(ratio=ratios)
    rates = EXAMPLE
    unit = -0.5 * (rates.a[0] + rates.a_prime[0])
    in_time = np.array([_in_time(rates, r) for r in ratios]) / unit
    turned = density_against_ratio(ratio=np.geomspace(1e-2, 1e3, 16))
    return Evidence(
        Discrepancy(
            "drawn curve at τ'/τ = 0.1, 1, 10 against Eq. 6 run in time",
            float(np.abs(curve.fixed_field - in_time).max()),
            1e-9,
            "16 directions; tolerance of the integration",
            slack="noise",
        ),
        controls=(
            Discrepancy(
                "smallest rise between neighbouring points",
                float(np.diff(turned.fixed_field).min()),
                1e-4,
                "monotonic",
                at_least=True,
            ),
            Discrepancy(
                "distance from 1 at fixed current, everywhere",
                float(np.abs(turned.fixed_current - 1).max()),
                1e-10,
                "at fixed current Eq. (15) is exact on circles with the rate (9); round-off",
            ),
        ),
    )


@claim(
    "ying-text-saturation",
    "text below Eq. 15",
    kind="number",
    statement=r"At fixed field $\Delta n_0$ saturates at Eq. (15) for $\tau'\gg\tau$.",
    follows=("ying-14-exact", "ying-15"),
)
def _() -> Evidence:
    data = density_against_ratio(ratio=[1e3, 1e4])
    miss = np.abs(data.fixed_field - 1)
    return Evidence(
        Discrepancy("distance from 1 at τ'/τ = 10⁴", float(miss[1]), 1.1e-4, "a correction τ/τ'"),
        controls=(
            Discrepancy(
                "its order in τ/τ' against 1",
                abs(float(np.log10(miss[0] / miss[1])) - 1),
                0.01,
                "a linear correction",
            ),
        ),
    )


@claim(
    "ying-text-vanishing",
    "text below Eq. 15",
    kind="number",
    statement=r"At fixed field $\Delta n_0\to0$ as $\tau'\to0$.",
    follows=("ying-14-exact",),
)
def _() -> Evidence:
    data = density_against_ratio(ratio=[1e-5, 1e-4])
    return Evidence(
        Discrepancy(
            "value at τ'/τ = 10⁻⁵",
            float(data.fixed_field[0]),
            2e-5,
            "proportional to τ'/τ, with a factor 1 + O(a²)",
        ),
        controls=(
            Discrepancy(
                "its order in τ'/τ against 1",
                abs(float(np.log10(data.fixed_field[1] / data.fixed_field[0])) - 1),
                2e-3,
                "a linear law",
            ),
        ),
    )


@claim(
    "ying-text-constant",
    "text above Eq. 9",
    kind="identity",
    aspect="a constant rate",
    statement="A constant inter-valley rate gives no valley density; more generally, none is made "
    "when every state leaves for the other valley at the same rate, whatever the contours and the "
    "intra-valley rates are.",
    follows=("ying-8", "ying-10"),
)
def _() -> Evidence:
    n = 60
    t = 2 * np.pi * np.arange(n) / n
    ring = (0.1 + 0.04 * np.cos(t - 1))[:, None] * np.stack([np.cos(t), np.sin(t)], axis=-1)
    pockets = [FermiPocket.from_polyline(s, s * ring, 40 + 15 * np.sin(t)) for s in (1, -1)]
    intra = random_intra(8, n)
    constant = solve_boltzmann({**intra, (1, 0): np.ones((n, n))}, (0.6, 0.8), pockets=pockets)
    circles = [FermiPocket.circle(s, n) for s in (1, -1)]
    correlated = solve_boltzmann(
        {**intra, (1, 0): lambda a, b: 1 + np.cos(a - b - 0.4)}, (0.6, 0.8), pockets=circles
    )
    lopsided = solve_boltzmann(
        {**intra, (1, 0): lambda a, b: 1 + np.cos(a) + 0 * b}, (0.6, 0.8), pockets=circles
    )
    scale = float(np.abs(constant.distribution).max()) * pockets[0].density_of_states
    return Evidence(
        Discrepancy(
            "|Δn₀| for a constant rate, lopsided contours, random intra-valley rates",
            abs(float(constant.valley_density_difference)) / scale,
            1e-12,
            ROUND_OFF,
            "ν max|x|",
        ),
        controls=(
            Discrepancy(
                "|Δn₀| for 1 + cos(θ − θ' − 0.4)",
                abs(float(correlated.valley_density_difference)),
                1e-12,
                ROUND_OFF,
                "νeEv_Fτ",
            ),
            Discrepancy(
                "|Δn₀| for 1 + cos θ, whose out-rate varies",
                abs(float(lopsided.valley_density_difference)),
                1e-2,
                "the theorem must not hold for every rate",
                "νeEv_Fτ",
                at_least=True,
            ),
        ),
    )


@claim(
    "ying-text-rotation",
    "text above Eq. 5",
    kind="identity",
    aspect="the threefold rotation",
    statement=r"A valley density difference needs broken rotation symmetry: with $C_3$ it "
    "vanishes.",
    follows=("ying-8",),
)
def _() -> Evidence:
    data = directions()
    return Evidence(
        Discrepancy(
            "largest |Δn₀| over all directions, rates averaged over rotations by 120°",
            float(np.abs(data.threefold).max()),
            1e-12,
            ROUND_OFF,
            "j/ev_F",
        ),
        controls=(
            Discrepancy(
                "the same before averaging, with the half turn that exchanges the valleys kept",
                float(np.abs(data.anisotropic).max()),
                0.1,
                "the average must remove something; that half turn reverses both Δn₀ and j",
                "j/ev_F",
                at_least=True,
            ),
        ),
    )
