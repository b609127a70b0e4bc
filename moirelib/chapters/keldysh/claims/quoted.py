"""Claims on the figures and the quoted results of Ying Sec. II and App. A."""

from __future__ import annotations

import math
from functools import partial

import numpy as np
from scipy.optimize import brentq

from moirelib.chapters.keldysh.claims.gaussian import gaussian_order
from moirelib.chapters.keldysh.data.band import CHEMICAL_POTENTIAL, moire_order, thermal_sums
from moirelib.chapters.keldysh.data.dynamics import pulses
from moirelib.chapters.keldysh.data.statics import coercive_approach
from moirelib.ledger.measure import order, residual
from moirelib.ledger.registry import Discrepancy, Evidence, claim
from moirelib.models.two_valley import TwoValleyModel, berry_curvature
from moirelib.switching.keldysh import ladder_polarisation
from moirelib.switching.stoner import ValleyOrderParameter
from moirelib.units import thermal_energy


@claim(
    "ying-fig1",
    "Fig. 1",
    kind="figure",
    statement="Two time-reversed valleys with opposite Chern numbers and a Stoner interaction.",
    follows=("ying-1", "ying-2"),
)
def _figure_1() -> Evidence:
    model = TwoValleyModel()
    chern = np.array([[model.chern_number(s, b) for b in (0, 1)] for s in (1, -1)])
    k = model.mesh(48)
    area = abs(np.linalg.det(model.reciprocal_vectors)) / 48**2
    flux = [
        berry_curvature(partial(model.hamiltonian, valley=s), k, 1).sum() * area / (2 * math.pi)
        for s in (1, -1)
    ]
    return Evidence(
        Discrepancy(
            "Chern numbers from ∓1, ±1",
            float(abs(chern - [[-1, 1], [1, -1]]).max()),
            1e-10,
            "integers by construction; round-off",
        ),
        controls=(
            Discrepancy(
                "sum of the two valleys",
                float(abs(chern.sum(0)).max()),
                1e-10,
                "time reversal; round-off",
            ),
            Discrepancy(
                "Berry curvature summed by Kubo's formula, from ±1",
                max(abs(flux[0] - 1), abs(flux[1] + 1)),
                1e-5,
                "difference quotients; exponential in the mesh",
            ),
        ),
    )


def _loop(order: ValleyOrderParameter, points: int = 400) -> tuple[float, float, float]:
    """Mismatch of loop ends, both jumps against the turning points, residual of the map."""
    limit = order.coercive_density
    sweep = 1.5 * limit * np.cos(2 * math.pi * np.arange(points + 1) / points)
    loop = order.hysteresis(sweep)
    steps = np.diff(loop.phi)
    jumps = np.array([np.argmin(steps), np.argmax(steps)])
    # Down at −n_c and up at +n_c.
    before, after = (np.array([-1, 1]) * sweep[jumps + late] for late in (0, 1))
    outside = float(np.maximum(before - limit, limit - after).clip(0).max() / limit)
    return (
        abs(loop.phi[-1] - loop.phi[0]),
        outside,
        residual(order.source(loop.phi), sweep) / limit,
    )


@claim(
    "ying-fig2",
    "Fig. 2",
    kind="figure",
    statement=r"Hysteresis of $\Phi_v$ against $\Delta n_0$ at $T<T_c$, coercive density $n_c$.",
    follows=("ying-text-nc",),
)
def _figure_2() -> Evidence:
    critical = moire_order(0.05).critical_temperature
    near = moire_order(0.05, 0.999 * critical)
    closing, outside, unsteady = _loop(moire_order(0.05, 0.8 * critical))
    ratio = near.coercive_density / near.landau().coercive_density
    drawn = np.abs(coercive_approach(0.05, [2e-3, 1e-3]).coercive - 1)
    return Evidence(
        Discrepancy(
            "coercive density of the exact loop against n_c at T = 0.999 T_c",
            abs(ratio - 1),
            1e-3,
            "corrections of relative order 1 − T/T_c",
        ),
        controls=(
            Discrepancy(
                "order in 1 − T/T_c of what the drawn n_c misses, from 1",
                abs(order(float(drawn[0]), float(drawn[1])) - 1),
                0.05,
                "leading correction",
            ),
            Discrepancy(
                "mismatch of Φ after one loop",
                closing,
                1e-12,
                "the loop closes; round-off",
                "1/nm²",
            ),
            Discrepancy(
                "distance of the jumps from −n_c, downwards, and from n_c, upwards, in n_c",
                outside,
                1e-12,
                "the branch is left in the step in which it ends; round-off",
            ),
            Discrepancy(
                "residual of the mean-field map along the loop, in n_c",
                unsteady,
                1e-10,
                "every point is a steady state; round-off of the root finder",
            ),
        ),
    )


@claim(
    "ying-text-conservation",
    "Sec. I and IV",
    kind="approximation",
    statement="The order parameter is conserved but for inter-valley scattering, which therefore "
    r"sets its rate of change, $2/\tau'$ times $U\nu-1$ near the unpolarised state.",
    follows=("ying-A36-sampled", "ying-A52"),
)
def _conservation() -> Evidence:
    tau, tau_prime, omega = 2.0, 60.0, 0.01
    nu = 1.0
    conserved = abs(ladder_polarisation(0.0, omega, nu, 10.0, tau))
    leaking = complex(ladder_polarisation(0.0, omega, nu, 10.0, tau, tau_prime))
    rate = 2 / tau_prime
    # Growth of a small Φ by time integration of the equation of motion.
    order = gaussian_order(0.05, 0.2)
    times = np.linspace(0.0, 20 * tau_prime, 101)
    start = 1e-6 * order.band.states
    grown = order.evolve(lambda t: 0.0, times, start, tau_prime).phi
    growth = math.log(grown[20] / grown[0]) / times[20]
    expected = rate * order.landau().alpha_2
    # A short pulse on a state at rest: its area over τ′ and then the decay are known.
    hot = gaussian_order(0.05, 2.0)
    decay = -2 * hot.landau().alpha_2
    size = 1e-6 * hot.band.states
    late = np.linspace(0.0, 80.0, 321)
    kicked = hot.evolve(lambda t: size if 60 <= t < 60.5 else 0.0, late, 0.0).phi[-1]
    drawn = pulses(lengths=(20.0, 200.0), points=61)
    left = 2 * size / decay * (1 - math.exp(-0.5 * decay)) * math.exp(-19.5 * decay)
    return Evidence(
        Discrepancy(
            "growth rate of a small Φ against (2/τ′)α₂",
            abs(growth / expected - 1),
            1e-4,
            "the cubic term is 10⁻⁶ of the linear one",
        ),
        controls=(
            Discrepancy(
                "Φ/Φ_s long after a drawn pulse of 20 and of 200 τ′ from −1 and 1",
                residual(drawn.phi[-1], [-1, 1]),
                1e-7,
                "the short pulse leaves the order, the long one reverses it; tolerance of the "
                "integration",
                slack="noise",
            ),
            Discrepancy(
                "what a pulse of τ′/2 after 60 τ′ of rest leaves, over the linear law, from 1",
                abs(float(kicked) / left - 1),
                0.05,
                "steps of the integration at the edges of the pulse",
            ),
            Discrepancy(
                "Π(0, ω) without inter-valley scattering",
                float(conserved),
                1e-12,
                "conservation; round-off",
            ),
            Discrepancy(
                "Π(0, ω) with it against ν(2/τ′)/(2/τ′ − iω)",
                abs(leaking - nu * rate / (rate - 1j * omega)),
                1e-12,
                "ladder; round-off",
            ),
        ),
    )


@claim(
    "ying-text-curie",
    "Sec. I",
    kind="number",
    aspect="the Curie temperature",
    statement="Curie temperature of 5–8 K: a measured number, quoted from Serlin et al. (2020) and "
    "Sharpe et al. (2019). In the model it fixes how far the interaction is above critical.",
    follows=("ying-text-tc",),
)
def _curie() -> Evidence:
    model = TwoValleyModel()
    upper = np.linalg.eigvalsh(model.hamiltonian(model.mesh(60)))[..., 1]
    excess = brentq(
        lambda x: moire_order(x).critical_temperature - thermal_energy(9.0), 1e-3, 2.0, xtol=1e-6
    )
    order, kT = moire_order(excess), thermal_energy(9.0)
    density = thermal_sums(CHEMICAL_POTENTIAL, 1e-3)[0]
    level = brentq(lambda mu: thermal_sums(mu, kT)[0] - density, 0.0, 6.0, xtol=1e-9)
    return Evidence(
        Discrepancy(
            "Uν − 1 at which the two-valley band orders at 9 K, the upper of the measured numbers",
            excess,
            1.0,
            "within reach of an interaction of twice the critical one",
        ),
        controls=(
            Discrepancy(
                "Uν(T) at 9 K and fixed density from 1, ν(T) summed over levels on a mesh",
                abs(order.interaction * thermal_sums(level, kT)[1] - 1),
                5e-3,
                "a mesh of 120 × 120 against a spline through broadened levels",
            ),
            Discrepancy(
                "k_BT_c at 9 K over the width of the band",
                thermal_energy(9.0) / float(np.ptp(upper)),
                0.25,
                "T_c must stay small beside the band for its expansions to mean anything",
            ),
        ),
    )
