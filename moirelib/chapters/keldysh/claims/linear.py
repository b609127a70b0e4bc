"""Claims on the source of the equation of motion and its linear term: Ying Eqs. A3 and A4."""

from __future__ import annotations

import math

import numpy as np

from moirelib.bands.density_of_states import DensityOfStates
from moirelib.chapters.keldysh.claims.gaussian import (
    gaussian_band,
    gaussian_derivatives,
    gaussian_order,
)
from moirelib.chapters.keldysh.claims.polarisation import thermal_coefficient
from moirelib.ledger.measure import largest, relative
from moirelib.ledger.registry import Discrepancy, Evidence, claim
from moirelib.switching.keldysh import occupation_coefficients


@claim(
    "ying-A3",
    "Eq. A3",
    kind="definition",
    statement=r"$\alpha_1=n^{(1)}-n^{(2)}=\Delta n_0$, densities per area.",
    implements="moirelib.switching.keldysh.occupation_coefficients",
    follows=("ying-A1", "ying-A31"),
)
def _alpha_1() -> Evidence:
    """Densities from the grand potential, −∂Ω/∂μ, instead of from occupations."""
    energies, area, step = np.random.default_rng(3).uniform(-2, 2, 40), 55.0, 1e-4
    occupations = ((0.3, 0.5), (-0.2, 0.7))

    def density(mu: float, kt: float) -> float:
        pressure = [kt * np.logaddexp(0, (m - energies) / kt).sum() for m in (mu + step, mu - step)]
        return float(pressure[0] - pressure[1]) / (2 * step * area)

    found = occupation_coefficients(
        (energies, energies), [o[0] for o in occupations], [o[1] for o in occupations], area, 400.0
    )[0]
    expected = density(*occupations[0]) - density(*occupations[1])
    return Evidence(
        Discrepancy(
            "α₁ against −∂Ω/∂μ of the two valleys",
            abs(found / expected - 1),
            1e-8,
            "differences",
            slack="noise",
        )
    )


def _of_a_flat_band() -> float:
    """Largest miss of ν(T) = ν[f(lower) − f(upper)] and of ∂ν(T)/∂μ, each over its largest."""
    band, worst = DensityOfStates(np.linspace(-5.0, 5.0, 9), np.full(9, 0.3)), 0.0
    mu = np.array([-6.0, -4.9, 0.3, 4.95, 5.2])
    for kT in (0.02, 1.0):
        lower, upper = (1 / (1 + np.exp((edge - mu) / kT)) for edge in (-5.0, 5.0))
        exact = 0.3 * (lower - upper), 0.3 * (lower * (1 - lower) - upper * (1 - upper)) / kT
        for order, one in enumerate(exact):
            worst = max(worst, largest(band.thermal(mu, kT, order) - one, one))
    return worst


def _of_a_bell() -> float:
    """Largest miss of n, ν(T) and its slope of a Gaussian band against sums, over the largest."""
    band, worst = DensityOfStates.from_function(gaussian_band, -24.0, 24.0), 0.0
    mu = np.array([-4.0, -0.7, 0.0, 2.5])
    for kT in (0.1, 1.0, 30.0):
        # Even grids: the sums converge exponentially.
        energy = np.arange(-24.0, 24.0, 0.02)
        t = np.tanh((energy - mu[:, None]) / (2 * kT))
        states = 0.02 * gaussian_band(energy)
        exact = (1 - t) / 2 @ states, (1 - t**2) @ states / (4 * kT)
        slope = t * (1 - t**2) @ states / (4 * kT**2)
        found = band.density(mu, kT), band.thermal(mu, kT, 0), band.thermal(mu, kT, 1)
        for one, other in zip(found, (*exact, slope), strict=True):
            worst = max(worst, largest(one - other, other))
    return worst


@claim(
    "ying-A4",
    "Eq. A4",
    kind="approximation",
    also=("ying-A42",),
    aspect="the static coefficient",
    statement=r"$\alpha_2=U(\nu+\frac{\pi^2}3\nu''T^2+\ldots)-1$ in the static limit.",
    finding=r"The thermal term has $\frac{\pi^2}6$, the Sommerfeld coefficient: so says the "
    "exact map (see A42).",
    consequence="number",
    erratum="ying-A42",
    follows=("ying-A1", "ying-A42", "ying-A43"),
)
def _alpha_2() -> Evidence:
    nu, _, curvature = gaussian_derivatives(0.8)
    order = gaussian_order(0.05, 0.03, 0.8)
    thermal = (order.landau().alpha_2 + 1) / order.interaction - nu
    cold = (order.landau("low temperature").alpha_2 + 1) / order.interaction - nu
    reason = "the next term is of relative order (T/width)²"
    return Evidence(
        Discrepancy(
            "π²/3 against the slope of the exact map",
            relative(math.pi**2 / 3 * curvature * 0.03**2, thermal),
            1e-3,
            reason,
        ),
        corrected=Discrepancy(
            "π²/6", relative(math.pi**2 / 6 * curvature * 0.03**2, thermal), 1e-3, reason
        ),
        controls=(
            Discrepancy(
                "π²/6 against quadrature over a cosine band",
                abs(math.pi**2 / 6 / thermal_coefficient(1e-2) - 1),
                1e-3,
                reason,
            ),
            Discrepancy(
                "a flat band with edges: ν(T) and its slope against differences of f and of f′, "
                "T = 0.02 and 1 meV",
                _of_a_flat_band(),
                1e-10,
                "closed forms; round-off of the edges over k_BT",
            ),
            Discrepancy(
                "a Gaussian band: n, ν(T) and its slope against sums over an even grid, T = 0.1, "
                "1 and 30 meV",
                _of_a_bell(),
                1e-12,
                "smooth down to its ends: both sums converge to round-off",
            ),
            Discrepancy(
                "thermal term of the library's low-temperature form against the exact map",
                relative(cold, thermal),
                1e-3,
                reason,
            ),
        ),
    )
