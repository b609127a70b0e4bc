"""Claims of the chapter "tbg-scattering": what reverses the valleys, and the walls between them."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy import constants as si
from scipy.integrate import solve_bvp

from moirelib.chapters.keldysh.data.band import moire_order
from moirelib.chapters.tbg_scattering.data import (
    MEASURED_NANOAMPERE,
    QUOTED,
    SPEEDS,
    excess,
    nucleation,
    source_at,
    switching_currents,
)
from moirelib.ledger.registry import Discrepancy, Evidence, claim
from moirelib.switching.estimate import (
    HeatedStrip,
    critical_droplet,
    nanoampere,
    source_as_shift,
)
from moirelib.units import thermal_energy


@claim(
    "ying-text-switching",
    "text below Eq. 20 and Sec. IV",
    kind="number",
    aspect="the current that reverses the valleys",
    statement=r"$\Delta n_0$ at $10^{-3}$ A/m is large enough to reverse the valleys.",
    headline="Uniform reversal at $0.7\\,T_c$ needs three to four decades more than the quoted "
    "$10^{-3}$ A/m, which suffices only within some 10 mK of $T_c$.",
    finding=r"Uniform reversal at $0.7\,T_c$ needs 1 to 11 A/m for $T_c=5$ K and 3 to 27 A/m for "
    r"9 K, three to four decades more; $10^{-3}$ A/m suffices within about 10 mK of $T_c$. In a "
    r"strip 1 µm wide that is 1 to 27 µA, against the 1 nA of Serlin et al. A strip 5 µm long with "
    r"10 kΩ would pass $T_c$ by Joule heat at 40 nA if only electrons carry it. And the critical "
    r"droplet at $10^{-3}$ A/m is larger than a sample: if this mechanism is at work, existing "
    r"walls would have to move. A larger $\boldsymbol\delta_\epsilon$, a narrower current path or "
    "another mechanism are not excluded.",
    consequence="conclusion",
    figures="No figure of the paper has a current density on an axis. The loop of Fig. 2 and "
    r"{numref}`fig-ying-2` stays; the smallest current that runs through it at $0.7\,T_c$ is "
    "{measured}`ying-text-switching: smallest current of uniform reversal` decades above the "
    "quoted one. {numref}`fig-magic-switching` draws the currents beside the heating and the "
    "measured 1 nA.",
    follows=("ying-text-estimate", "ying-text-nc"),
)
def _() -> Evidence:
    data = switching_currents((5.0, 9.0))
    smallest = float(data.current.min())
    # Second route: a slow sweep in time of the same model, reversed where dΦ/dt runs away.
    order = moire_order(excess(5.0), 0.7 * thermal_energy(5.0))
    limit = order.coercive_density
    times = np.linspace(0.0, 2e3, 401)
    path = order.evolve(lambda t: limit * (0.99 + 1e-5 * t), times, -order.equilibria()[-1].phi)
    turned = float(path.delta_n[int(np.argmax(path.phi > 0))])
    reduced = float(data.distance[0, 0]) / 5
    # n_c of the cubic law, ∝ (1 − T/T_c)^{3/2} from its value at 0.999 T_c.
    near = moire_order(excess(5.0), 0.999 * thermal_energy(5.0)).landau().coercive_density
    by_law = 1e-3 * (source_at(QUOTED, SPEEDS[0]) / near) ** (2 / 3)
    strip = HeatedStrip()
    heat = strip.heating_current(6.3, 9.0)
    middle = _hottest(heat, strip.length * 1e-6, strip.resistivity, 6.3)
    drops = nucleation()
    return Evidence(
        Discrepancy(
            "decades between the smallest current of uniform reversal at 0.7 T_c and 10⁻³ A/m",
            abs(math.log10(smallest / QUOTED)),
            1.0,
            "an order of magnitude",
        ),
        Discrepancy(
            "distance from T_c at which 10⁻³ A/m suffices, T_c = 5 K, v_F = 10⁴ m/s, over 15 mK",
            reduced * 5 / 15e-3,
            1.0,
            "'about 10 mK'; 13 mK from the exact loop",
        ),
        controls=(
            Discrepancy(
                "Δn₀ at which a slow sweep in time reverses over n_c, from 1",
                abs(turned / limit - 1),
                0.03,
                "10⁻⁵ n_c per inter-valley time; delay near the turning point",
            ),
            Discrepancy(
                "that distance over the one of the cubic law, from 1",
                abs(reduced / by_law - 1),
                0.01,
                "corrections of relative order 1 − T/T_c",
            ),
            Discrepancy(
                "decades between uniform reversal in a strip 1 µm wide and the measured 1 nA",
                math.log10(float(nanoampere(smallest, 1.0)) / MEASURED_NANOAMPERE),
                2.5,
                "the mechanism without domains is far off",
                at_least=True,
            ),
            Discrepancy(
                "current that heats the strip to T_c over the smallest that reverses it",
                heat / smallest,
                0.1,
                "uniform reversal would not be reached below T_c",
            ),
            Discrepancy(
                "temperature in the middle of the strip at that current from the equation of heat "
                "against 9 K and against the closed form, the larger",
                max(abs(middle / 9.0 - 1), abs(middle / strip.hottest(heat, 6.3) - 1)),
                1e-10,
                "boundary-value solver",
                slack="noise",
            ),
            Discrepancy(
                "temperature beside the barrier of the droplet, over T_c = 5 K, from 0.7",
                abs(drops.thermal / thermal_energy(5.0) - 0.7),
                1e-12,
                "that of the order parameter; round-off",
            ),
            Discrepancy(
                "radius of the critical droplet at 10⁻³ A/m over 5 µm",
                float(drops.radius.min()) / 5,
                1.0,
                "no droplet of the size of a sample grows at this current",
                at_least=True,
            ),
        ),
    )


def _hottest(current: float, length: float, resistivity: float, bath: float) -> float:
    """T in K in the middle of a strip: −∂_x(κ∂_xT) = j²ρ with κ = (π²/3)(k_B/e)²T/ρ."""
    lorenz = math.pi**2 / 3 * (si.k / si.e) ** 2
    heat = (current * resistivity * length) ** 2 / lorenz  # x in units of the length

    def slope(_: object, y: NDArray[np.float64]) -> NDArray[np.float64]:
        # y = (T, T ∂_xT)
        return np.array([y[1] / y[0], np.full_like(y[0], -heat)])

    start = np.array([np.full(51, bath), np.zeros(51)])
    solution = solve_bvp(
        slope,
        lambda left, right: np.array([left[0] - bath, right[0] - bath]),
        np.linspace(0, 1, 51),
        start,
        tol=1e-8,
        max_nodes=20_000,
    )
    return float(solution.sol(0.5)[0])


@claim(
    "ying-text-wall",
    "this book",
    kind="number",
    statement=r"The wall between the two orders costs $\frac U2\frac{2\sqrt2}3\sqrt{\alpha_2}\,"
    r"\xi_0\Phi_s^2$ per length.",
    follows=("ying-4", "ying-A42"),
)
def _() -> Evidence:
    """The closed form against the profile solved as a boundary-value problem."""
    alpha_2, xi = 0.1, 5.0  # Φ in units of Φ_s, so that α₄ = −α₂
    x = np.linspace(0, 12 * xi * math.sqrt(2 / alpha_2), 400)

    def slope(_: object, y: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.array([y[1], -alpha_2 * (y[0] - y[0] ** 3) / xi**2])

    solution = solve_bvp(
        slope,
        lambda left, right: np.array([left[0], right[0] - 1]),
        x,
        np.array([np.tanh(x / x[-1] * 10), np.full(x.size, 0.01)]),
        tol=1e-8,
        max_nodes=20_000,
    )
    fine = np.linspace(0, x[-1], 20_001)
    phi, dphi = solution.sol(fine)
    density = alpha_2 * (1 - phi**2) ** 2 / 4 + xi**2 * dphi**2 / 2
    cost = 2 * float(np.trapezoid(density, fine))
    drop = critical_droplet(2.0, alpha_2, -alpha_2, 1.0, xi)
    # radius = tension/(UΔn₀Φ_s) with U = 2, Δn₀ = Φ_s = 1.
    radii = np.linspace(0.5, 1.5, 2001) * cost / 2
    top = float((2 * math.pi * radii * cost - 2 * math.pi * radii**2).max())
    return Evidence(
        Discrepancy(
            "energy of the solved profile over the closed form, from 1",
            abs(cost / (2 * drop.radius) - 1),
            1e-8,
            "boundary-value solver",
        ),
        controls=(
            Discrepancy(
                "barrier against the largest energy of a disc with this wall, from 1",
                abs(drop.barrier / top - 1),
                1e-6,
                "grid of radii about a flat maximum",
                slack="order",
            ),
        ),
    )


@claim(
    "ying-text-alpha3",
    "text above Eq. 4",
    kind="approximation",
    statement=r"The quadratic term $\alpha_3\Phi^2$ can be ignored.",
    follows=("ying-A5", "ying-3", "ying-text-estimate"),
)
def _() -> Evidence:
    """A current that shifts two chemical potentials by ±Δn₀/2ν changes n_c by the factor Uν(T)."""
    near = moire_order(0.05, fixed="chemical potential").critical_temperature
    ratios, predictions = [], []
    for share in (0.7, 0.98):
        order = moire_order(0.05, share * near, fixed="chemical potential")
        ratios.append(source_as_shift(order) / order.coercive_density)
        law = order.landau()
        # α₃ = 3α₄Δn₀/Uν for a shift; Φ² = Φ_s²/3 at the turning point: n_c(1 + α₂) to first order.
        predictions.append(1 + law.alpha_2)
    return Evidence(
        Discrepancy(
            "change of n_c by α₃ and what follows it, at 0.98 T_c and Uν − 1 = 0.05",
            abs(ratios[1] - 1),
            0.01,
            "of order 1 − T/T_c",
        ),
        controls=(
            Discrepancy(
                "n_c with the source as a shift over Uν(T) times that without, from 1",
                float(np.abs(np.array(ratios) / predictions - 1).max()),
                1e-6,
                "an exact property of the map, found on a grid",
            ),
            Discrepancy(
                "the change at 0.7 T_c",
                ratios[0] - 1,
                0.01,
                "not small further down",
                at_least=True,
            ),
        ),
    )
