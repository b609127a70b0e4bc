"""Claims on the coefficients of the equation of motion: Ying Eqs. A1, A5, A6 and A52."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray
from scipy.integrate import solve_ivp

from moirelib.chapters.keldysh.claims.gaussian import gaussian_derivatives, gaussian_order
from moirelib.chapters.keldysh.claims.higher_orders import levels
from moirelib.chapters.keldysh.data.statics import ensembles
from moirelib.ledger.measure import relative
from moirelib.ledger.registry import Discrepancy, Evidence, claim
from moirelib.switching.keldysh import occupation_coefficients, occupation_derivative
from moirelib.switching.stoner import ValleyOrderParameter

Array = NDArray[np.float64]

_VALLEYS = ((0.3, 0.5), (-0.2, 0.7))  # (μ, k_BT) of two different occupations, meV
_U = 400.0


def _shift_map(valleys: tuple[tuple[float, float], ...]) -> NDArray[np.complex128]:
    """Taylor coefficients in Φ, orders 0–4, of n₁ − n₂ when UΦ shifts the levels apart.

    The Fermi function is analytic up to |x| = πT: the coefficients follow from a circle.
    """
    energies, area = levels()
    circle = 0.8 * np.exp(2j * math.pi * np.arange(64) / 64)
    values = np.zeros(64, complex)
    for (mu, kT), sign in zip(valleys, (1, -1), strict=True):
        shifted = energies[:, None] - mu - sign * circle
        values += sign * ((1 - np.tanh(shifted / (2 * kT))) / 2).sum(0) / area
    taylor = np.fft.fft(values)[:5] / 64 / 0.8 ** np.arange(5)
    return np.asarray(taylor * (_U / 2) ** np.arange(5))


def _coefficients(valleys: tuple[tuple[float, float], ...]) -> tuple[float, float, float, float]:
    energies, area = levels()
    return occupation_coefficients(
        (energies, energies), [v[0] for v in valleys], [v[1] for v in valleys], area, _U
    )


_CIRCLE = (
    "coefficients of the shifted Fermi functions from a circle in the complex plane, to round-off"
)


def _density_in_time(u: float, phi: float, energy: Array, kt: float) -> Array:
    """n₊ and n₋ of two levels coupled to their reservoirs, run in time at a fixed field Φ.

    dn/dt = γ[f(ε ∓ UΦ/2) − n] for each valley: rate equations, no action and no determinant.
    """
    shifted = energy - u * phi / 2 * np.array([1.0, -1.0])
    target = (1 - np.tanh(shifted / (2 * kt))) / 2
    late = solve_ivp(lambda _, n: target - n, (0, 60), [0.5, 0.5], rtol=1e-11, atol=1e-13)
    return np.asarray(late.y[:, -1])


@claim(
    "ying-A1",
    "Eq. A1",
    kind="definition",
    statement=r"$\mathcal F=U\int\Phi_q[\alpha_1+\alpha_2\Phi_{cl}+\alpha_3\Phi_{cl}^2+\alpha_4"
    r"\Phi_{cl}^3]$ for a slow, uniform field: names for the coefficients of $\Phi_q$.",
    implements="moirelib.switching.keldysh.occupation_coefficients",
    follows=("ying-A27",),
)
def _action() -> Evidence:
    """The coefficients against a fit to occupations that rate equations in time arrive at."""
    energy, kt, u = np.array([0.6, -0.1]), 0.5, 1.5
    alpha = occupation_coefficients((energy[:1], energy[1:]), (0, 0), (kt, kt), 1.0, u)
    nodes = 0.3 * np.cos(math.pi * (np.arange(8) + 0.5) / 8)
    values = [np.subtract(*_density_in_time(u, p, energy, kt)) - p for p in nodes]
    fit = np.polynomial.polynomial.polyfit(nodes, values, 7)[:4]
    return Evidence(
        Discrepancy(
            "α₁ to α₄ against a polynomial through the steady states of rate equations",
            float(np.abs(fit - alpha).max()),
            1e-6,
            "interpolation of degree 7 on ±0.3",
        ),
        controls=(
            Discrepancy(
                "smallest of the four, the levels of the valleys apart",
                float(np.abs(alpha).min()),
                1e-2,
                "not a zero",
                "",
                at_least=True,
            ),
        ),
    )


@claim(
    "ying-A5",
    "Eq. A5",
    kind="approximation",
    also=("ying-A47",),
    statement=r"$\alpha_3=-\frac18U^2\int\partial_\epsilon^2[f^{(1)}-f^{(2)}]$.",
    finding=r"The sign is $+\frac18$: shifting the levels of the two valleys by $\mp U\Phi/2$ "
    "under fixed occupations gives it, and so does A46 (see A47). The term vanishes in "
    "equilibrium, so no result of the paper depends on it.",
    consequence="notation",
    erratum="ying-A47",
    follows=("ying-A1", "ying-A47"),
)
def _alpha_3() -> Evidence:
    found = _coefficients(_VALLEYS)[2]
    equal = abs(_shift_map(((0.1, 0.5), (0.1, 0.5)))[2] / found)
    exact = _shift_map(_VALLEYS)[2]
    return Evidence(
        Discrepancy(
            "−⅛ against the second Taylor coefficient of the map",
            relative(-found, exact),
            1e-11,
            _CIRCLE,
        ),
        corrected=Discrepancy("+⅛", relative(found, exact), 1e-11, _CIRCLE),
        controls=(
            Discrepancy(
                "second coefficient for equal occupations",
                float(equal),
                1e-10,
                "time reversal; round-off",
            ),
        ),
    )


@claim(
    "ying-A6",
    "Eq. A6",
    kind="approximation",
    statement=r"$\alpha_4=\frac1{48}U^3\int\partial_\epsilon^3[f^{(1)}+f^{(2)}]=\frac1{24}U^3\nu''$.",
    finding=r"The last form closes. The middle one needs $-\frac1{48}$, as A51 has it: since "
    r"$\int\partial_\epsilon^3f=-\nu''$, the two have opposite signs as printed in our copy.",
    consequence="notation",
    figures="No figure changes. {numref}`fig-ying-ensembles` and {numref}`fig-ying-2` use the "
    "last form, which is right to {measured}`ying-A6: U³ν″/24`. With the sign of the middle one "
    "Fig. 2 would have no loop.",
    follows=("ying-A1", "ying-A51"),
)
def _alpha_4() -> Evidence:
    valleys = ((0.0, 0.5), (0.0, 0.5))
    found, exact = _coefficients(valleys)[3], _shift_map(valleys)[3]
    curvature = gaussian_derivatives(0.8)[2]
    order = gaussian_order(0.05, 0.0, 0.8)
    last = relative(order.interaction**3 * curvature / 24, order.landau().alpha_4)
    return Evidence(
        Discrepancy(
            "+(1/48)∂³ against the third Taylor coefficient of the map",
            relative(-found, exact),
            1e-11,
            _CIRCLE,
        ),
        corrected=Discrepancy("−(1/48)∂³", relative(found, exact), 1e-11, _CIRCLE),
        controls=(
            Discrepancy(
                "U³ν″/24 of the closed form against the map at T = 0",
                last,
                2e-9,
                "spline through 2001 samples",
            ),
        ),
    )


def _cubic_coefficient(order: ValleyOrderParameter) -> float:
    """Third Taylor coefficient of M(UΦ/2) in Φ, from its values."""
    nu = float(order.susceptibility(0.0)) / 2

    def estimate(x: float) -> float:
        return (float(order.polarisation(x)) / (2 * x) - nu) / x**2

    # Richardson's extrapolation removes the fifth order.
    value = (4 * estimate(0.1) - estimate(0.2)) / 3
    return value * 2 * (order.interaction / 2) ** 3


@claim(
    "ying-A6-density",
    "Eq. A6",
    kind="approximation",
    aspect="a fixed total density",
    statement=r"$\alpha_4=\frac1{24}U^3\nu''$ if the total density is fixed, as assumed after A20.",
    finding=r"$\frac1{24}U^3\nu''$ holds at fixed chemical potential. If the density is fixed, the "
    r"chemical potential follows the order parameter by $-\nu'(U\Phi/2)^2/2\nu$, and "
    r"$\nu''\to\nu''-3\nu'^2/\nu$. The two agree only where $\nu'=0$.",
    consequence="number",
    figures=r"In Fig. 2 it changes the size of the loop: at a given $r-r_c$, $n_c$ and $\Phi_v$ go "
    r"as $|\alpha_4|^{-1/2}$, and the printed $\alpha_4$ misses that at fixed density by "
    "{measured}`ying-A6-density: map at fixed density, in %`. {numref}`fig-ying-ensembles` draws "
    "both coefficients, {numref}`fig-ying-2` holds the density and uses the one that closes.",
    follows=("ying-A6",),
)
def _alpha_4_fixed_density() -> Evidence:
    nu, slope, curvature = gaussian_derivatives(1.2)
    order = gaussian_order(0.05, 0.0, 1.2, "density")
    exact = _cubic_coefficient(order)
    factor = order.interaction**3 / 24
    open_order = gaussian_order(0.05, 0.0, 1.2)
    drawn = ensembles(15, 7)
    apart = np.abs(drawn.exact_fixed_density - drawn.fixed_density[::7])
    reason = "Richardson's extrapolation of the exact map at T = 0"
    return Evidence(
        Discrepancy(
            "U³ν″/24 against the map at fixed density",
            relative(factor * curvature, exact),
            1e-6,
            reason,
        ),
        corrected=Discrepancy(
            "ν″ − 3ν′²/ν in place of ν″",
            relative(factor * (curvature - 3 * slope**2 / nu), exact),
            1e-6,
            reason,
        ),
        controls=(
            Discrepancy(
                "U³ν″/24 at fixed chemical potential",
                relative(factor * curvature, _cubic_coefficient(open_order)),
                1e-6,
                reason,
            ),
            Discrepancy(
                "drawn formula at fixed density against the drawn points of the exact map",
                float(apart.max() / np.abs(drawn.fixed_density).max()),
                1e-4,
                "the same extrapolation in the moiré band, a spline",
            ),
        ),
    )


@claim(
    "ying-A52",
    "Eq. A52",
    kind="approximation",
    statement=r"$\Delta n_0+[U\Pi-1]\Phi_{cl}+\alpha_3\Phi_{cl}^2+\frac1{24}U^3\nu''"
    r"\Phi_{cl}^3=0$.",
    follows=("ying-A2", "ying-A3", "ying-A5", "ying-A6", "ying-A43"),
)
def _assembled() -> Evidence:
    """Static, with different occupations, so that all four terms are there."""
    energies, area = levels()
    alpha = _coefficients(_VALLEYS)

    def remainder(phi: float) -> float:
        exact = sum(
            sign * occupation_derivative(energies - mu - sign * _U * phi / 2, kT, 0).sum() / area
            for (mu, kT), sign in zip(_VALLEYS, (1, -1), strict=True)
        )
        return abs(float(exact) - phi - sum(a * phi**n for n, a in enumerate(alpha)))

    # α₄ is the thermal average of U³ν″/24 over the two occupations.
    order = math.log2(remainder(4e-4) / remainder(2e-4))
    return Evidence(
        Discrepancy(
            "order in Φ of the exact map minus the four terms, from 4",
            abs(order - 4),
            0.1,
            "the fifth order contributes",
        )
    )
