"""Claims of the chapter "boltzmann": Ying et al., Eqs. 5 to 10."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.integrate import solve_ivp
from scipy.interpolate import CubicSpline
from scipy.special import expit

from moirelib.ledger.measure import residual
from moirelib.ledger.registry import Discrepancy, Evidence, claim
from moirelib.switching.boltzmann import solve_boltzmann
from moirelib.switching.fermi_pockets import (
    AngularRate,
    FermiPocket,
    FirstHarmonicRates,
    rate_matrices,
)

ROUND_OFF = "round-off of a linear solve in double precision"
CLOSED = "the two routes share no step; the circle converges exponentially, to round-off"


def random_rates(seed: int, size: float = 0.8) -> tuple[FirstHarmonicRates, NDArray[np.float64]]:
    """Random rates of Ying Eq. 9 with |a| + |a'| = ``size``, and a random direction."""
    rng = np.random.default_rng(seed)
    a, b, force = rng.normal(size=(3, 2))
    scale = size / (np.hypot(*a) + np.hypot(*b))
    return FirstHarmonicRates(tuple(scale * a), tuple(scale * b)), force / np.hypot(*force)


def random_intra(seed: int, points: int) -> dict[tuple[int, int], AngularRate | ArrayLike]:
    """Intra-valley rates without any structure, the same in both valleys by time reversal."""
    block = np.random.default_rng(seed).uniform(0, 1, size=(points, points))
    block = block + block.T
    return {(0, 0): block, (1, 1): block}


@claim(
    "ying-5",
    "Eq. 5",
    kind="number",
    statement=r"A current makes $\Delta n_0\simeq\mathbf{j}\cdot\boldsymbol\delta_\epsilon/(ev_F)$ "
    r"with $\boldsymbol\delta_\epsilon$ a number set by the broken rotation symmetry alone.",
    follows=("ying-6", "ying-8", "ying-9"),
)
def _() -> Evidence:
    rates, direction = random_rates(1)
    reference = solve_boltzmann(rates, current=direction, tau=1.0, tau_prime=7.0)
    speed, nu, slower = 3.7, 0.21, 5.3
    pockets = [FermiPocket.circle(s, 256, nu, speed) for s in (1, -1)]
    scaled = solve_boltzmann(
        rates, current=direction, tau=slower, tau_prime=7.0 * slower, pockets=pockets
    )
    delta = float(reference.valley_density_difference)
    return Evidence(
        Discrepancy(
            "δ_ε at other ν, v_F and times of the same ratio",
            abs(float(scaled.valley_density_difference) * speed / delta - 1),
            1e-10,
            ROUND_OFF,
        ),
        controls=(
            Discrepancy(
                "δ_ε itself, for rates of relative anisotropy 0.8",
                abs(delta),
                0.05,
                "it must not vanish for the scaling to mean anything",
                at_least=True,
            ),
        ),
    )


@claim(
    "ying-6",
    "Eq. 6",
    kind="definition",
    implements="moirelib.switching.boltzmann.solve_boltzmann",
    statement="The Boltzmann equation with intra- and inter-valley collisions; its steady state "
    "conserves electrons and produces entropy.",
    follows=("ying-A36",),
)
def _() -> Evidence:
    n, tau_prime = 12, 2.0
    rates, force = random_rates(2)
    solution = solve_boltzmann(rates, force, 1.0, tau_prime, points=n)
    angle = 2 * np.pi * np.arange(n) / n
    u = np.stack([np.cos(angle), np.sin(angle)])

    def slope(_: float, x: NDArray[np.float64]) -> NDArray[np.float64]:
        """∂x/∂t from Eq. 6, written as its integrals are, valley by valley."""
        plus, minus = x[:n], x[n:]
        w = rates(angle[:, None], angle[None, :])
        from_minus = np.array([np.mean(w[:, i] * (minus - plus[i])) for i in range(n)])
        from_plus = np.array([np.mean(w[i, :] * (plus - minus[i])) for i in range(n)])
        drive = force @ u
        return np.concatenate(
            [
                plus.mean() - plus + from_minus / tau_prime - drive,
                minus.mean() - minus + from_plus / tau_prime + drive,
            ]
        )

    # Rates 1 + ½cos(θ − θ') one way and without it the other way would heap up electrons.
    one_way = 1 + 0.5 * np.cos(angle[:, None] - angle - 1.0)
    try:
        solve_boltzmann({(1, 0): one_way, (0, 1): one_way}, force, 1.0, tau_prime, points=n)
        refused = 0.0
    except ValueError:
        refused = 1.0
    both_ways = {(1, 0): one_way, (0, 1): one_way.T}
    given = solve_boltzmann(both_ways, force, 1.0, tau_prime, points=n).distribution
    once = solve_boltzmann({(1, 0): one_way}, force, 1.0, tau_prime, points=n).distribution
    late = solve_ivp(slope, (0, 60), np.zeros(2 * n), method="LSODA", rtol=1e-11, atol=1e-13)
    return Evidence(
        Discrepancy(
            "steady state against Eq. 6 run in time for 60 τ from equilibrium",
            float(np.abs(late.y[:, -1] - solution.distribution).max()),
            1e-10,
            "tolerance of the time integration; transients have decayed to 1e-20",
            slack="noise",
        ),
        controls=(
            Discrepancy(
                "electrons created",
                abs(float(solution.pocket_densities.sum())),
                1e-14,
                "round-off",
                "ν eEv_Fτ",
            ),
            Discrepancy(
                "rates refused that differ from their reverse, of one",
                refused,
                1.0,
                "their collisions would not conserve electrons",
                at_least=True,
            ),
            Discrepancy(
                "the same rates with their true reverse, against one direction alone",
                residual(given, once),
                1e-12,
                "not refused, and one set of rates; round-off",
                "eEv_Fτ",
            ),
            Discrepancy(
                "Joule heat against T × entropy production",
                abs(float(solution.joule_heat / solution.dissipation) - 1),
                1e-12,
                "two sums that agree only in a steady state; round-off",
            ),
            Discrepancy(
                "entropy production",
                float(solution.dissipation),
                0.1,
                "second law",
                "meV²/(ħ nm²)",
                at_least=True,
            ),
        ),
    )


@claim(
    "ying-7",
    "Eq. 7",
    kind="definition",
    implements="moirelib.switching.boltzmann.BoltzmannSolution.harmonics",
    statement=r"$f=f_0+\partial_\epsilon f_0\,[x_0+\sum_n(x_n\cos n\theta+y_n\sin n\theta)]$.",
    follows=("ying-6",),
)
def _() -> Evidence:
    rates, force = random_rates(4)
    solution = solve_boltzmann(rates, force, 1.0, 0.2, points=128)
    order = 40
    coefficients = solution.harmonics(order)
    phase = np.outer(np.arange(order + 1), solution.pockets[0].angles)
    resummed = coefficients[..., 0] @ np.cos(phase) + coefficients[..., 1] @ np.sin(phase)
    return Evidence(
        Discrepancy(
            "series of 40 harmonics against the distribution",
            float(np.abs(resummed.ravel() - solution.distribution).max()),
            1e-12,
            "the harmonics fall geometrically; the rest is round-off",
            "eEv_Fτ",
        ),
        controls=(
            Discrepancy(
                "second harmonic",
                float(np.abs(coefficients[:, 2]).max()),
                1e-3,
                "the series must hold more than its first term",
                "eEv_Fτ",
                at_least=True,
            ),
        ),
    )


@claim(
    "ying-8",
    "Eq. 8",
    kind="identity",
    statement=r"$\Delta n_0=-\nu\,(x_0^{(+)}-x_0^{(-)})$ on circular pockets.",
    follows=("ying-7",),
)
def _() -> Evidence:
    rates, force = random_rates(5)
    solution = solve_boltzmann(rates, force, 1.0, 3.0)
    # Fermi functions summed over a square mesh of momenta: parabolic band, k_BT = 1, μ = 25.
    k = np.linspace(-9, 9, 361)
    energy = 0.5 * (k[:, None] ** 2 + k**2)
    direction = np.arctan2(k, k[:, None]) % (2 * np.pi)
    angle = np.append(solution.pockets[0].angles, 2 * np.pi)
    strength, cell, nu = 1e-3, (k[1] - k[0]) ** 2, 2 * np.pi
    number = []
    for x in np.split(solution.distribution, 2):
        shift = strength * CubicSpline(angle, np.append(x, x[0]), bc_type="periodic")(direction)
        more, fewer = expit(25 - energy - shift), expit(25 - energy + shift)
        number.append(cell * float((more - fewer).sum()) / (2 * strength * nu))
    summed = number[0] - number[1]
    x0 = solution.harmonics(0)[:, 0, 0]
    t = 2 * np.pi * np.arange(200) / 200
    shape = 0.1 * (1 + 0.3 * np.cos(t))
    ring = shape[:, None] * np.stack([np.cos(t), np.sin(t)], axis=-1)
    oval = [FermiPocket.from_polyline(s, s * ring, 40 + 15 * np.cos(t)) for s in (1, -1)]
    skewed = solve_boltzmann(rates, force, 1.0, 3.0, pockets=oval)
    true = float(skewed.valley_density_difference)
    plain = [x.mean() for x in np.split(skewed.distribution, 2)]
    first = skewed.harmonics(0)[:, 0, 0]
    weighted = -oval[0].density_of_states * float(first[0] - first[1])
    naive = -oval[0].density_of_states * (plain[0] - plain[1])
    return Evidence(
        Discrepancy(
            "−ν(x₀⁺ − x₀⁻) against the momentum sum of f at k_BT ≪ μ",
            abs(-(x0[0] - x0[1]) / summed - 1),
            1e-6,
            "spline through 256 angles, and terms of second order in the strength 10⁻³",
        ),
        controls=(
            Discrepancy(
                "−ν(x₀⁺ − x₀⁻) with the density of states as weight on an oval pocket, the same",
                abs(weighted / true - 1),
                1e-12,
                ROUND_OFF,
            ),
            Discrepancy(
                "plain angular mean on an oval pocket against the momentum sum",
                abs(naive / true - 1),
                0.05,
                "off the circle x₀ needs the density of states as weight",
                at_least=True,
            ),
        ),
    )


@claim(
    "ying-9",
    "Eq. 9",
    kind="definition",
    implements="moirelib.switching.fermi_pockets.FirstHarmonicRates",
    statement=r"Inter-valley rate $W^{(-+)}=(1+a_1\cos\theta+b_1\sin\theta+a_1'\cos\theta'"
    r"+b_1'\sin\theta')/\nu\tau'$.",
    follows=("ying-6", "ying-A9"),
)
def _() -> Evidence:
    rates, _force = random_rates(6)
    angle = 2 * np.pi * np.arange(720) / 720
    lowest = float(rates(angle[:, None], angle[None, :]).min())
    floor = 1 - np.hypot(*rates.a) - np.hypot(*rates.a_prime)
    # a cos θ + b sin θ is ½(a − ib) e^{iθ} and its conjugate; of either angle alone.
    few = angle[::90]
    waves = np.fft.fft2(rates(few[:, None], few[None, :])) / few.size**2
    written = np.zeros_like(waves)
    written[0, 0] = 1
    written[1, 0], written[0, 1] = (complex(*v).conjugate() / 2 for v in (rates.a, rates.a_prime))
    written[-1, 0], written[0, -1] = written[1, 0].conj(), written[0, 1].conj()
    # An impurity of three atoms without symmetry: a real potential, so that time reversal holds.
    atoms = np.array([[0.0, 0.0], [0.31, 0.05], [0.12, 0.22]])
    strength = np.array([1.0, 0.6, -0.4])
    t = angle[::20]
    u = np.stack([np.cos(t), np.sin(t)], axis=-1)
    k_f, centre = 0.9, np.array([8.0, 0.0])
    transfer = -(centre + k_f * u)[:, None] - (centre + k_f * u)[None, :]
    w = np.abs(np.exp(-1j * transfer @ atoms.T) @ strength) ** 2
    first = np.exp(1j * t)
    a = 2 * (w * first[:, None]).mean() / w.mean()
    a_prime = 2 * (w * first[None, :]).mean() / w.mean()
    return Evidence(
        Discrepancy(
            "minimum over all angles against 1 − |a| − |a'|",
            abs(lowest - floor),
            1e-4,
            "half a degree between samples",
        ),
        controls=(
            Discrepancy(
                "Fourier coefficients in θ, θ' against 1, ½(a₁ − ib₁), ½(a₁' − ib₁') and none",
                residual(waves, written),
                1e-12,
                "eight angles each; round-off",
            ),
            Discrepancy(
                "|a − a'| for Born rates of a real potential",
                abs(a - a_prime),
                1e-12,
                "time reversal with hermiticity: W⁽⁻⁺⁾(θ,θ') = W⁽⁻⁺⁾(θ',θ); round-off",
            ),
            Discrepancy(
                "|a| for the same potential",
                abs(a),
                0.1,
                "a lopsided impurity is anisotropic",
                at_least=True,
            ),
        ),
    )


@claim(
    "ying-10",
    "Eq. 10",
    kind="definition",
    implements="moirelib.switching.boltzmann.solve_boltzmann",
    statement=r"Constant intra-valley rate $1/\nu\tau$: every harmonic but the zeroth decays "
    r"with $1/\tau$.",
    follows=("ying-6", "ying-A9"),
)
def _() -> Evidence:
    pockets = tuple(FermiPocket.circle(s, 40, 0.3) for s in (1, -1))
    intra, _inter = rate_matrices(random_rates(1)[0], pockets, 1.7, 1.0)
    flow = intra * np.concatenate([p.weights for p in pockets])
    decay = np.sort(np.linalg.eigvals(np.diag(flow.sum(1)) - flow).real)
    return Evidence(
        Discrepancy(
            "decay rates of the collision integral: 0 twice, then 1/τ",
            float(np.abs(decay - np.r_[0, 0, np.full(78, 1 / 1.7)]).max()),
            1e-12,
            "round-off of an eigenvalue solve",
            "meV",
        ),
    )
