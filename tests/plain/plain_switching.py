"""Ying et al. as plainly as it can be written: loops, linear systems and quadrature.

Nothing here comes from moirelib. Where the printed form does not close, the one that closes is
written, and the difference is said. The field gives the force eE on every carrier, so that a
pocket is displaced along it: x₁ = −s eE v_F τ, where Eq. 12 prints +s eE v_F τ.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

DensityOfStates = Callable[[float], float]
Rate = Callable[[float, float], float]
Vector = tuple[float, float]
Matrix = NDArray[np.float64]


# Mean field (Sec. II, App. A) ----------------------------------------------------------------


def filling(level: float, kT: float, dos: DensityOfStates, bottom: float, top: float) -> float:
    """Electrons per area of one valley with its Fermi level here, by 4000 midpoints."""
    steps = 4000
    width = (top - bottom) / steps
    total = 0.0
    for i in range(steps):
        energy = bottom + (i + 0.5) * width
        total += width * dos(energy) / (1 + math.exp(min((energy - level) / kT, 700.0)))
    return total


def thermal(level: float, kT: float, dos: DensityOfStates, bottom: float, top: float) -> float:
    """ν(T) = ∫ ν(ε) (−f′), by 4000 midpoints."""
    steps = 4000
    width = (top - bottom) / steps
    total = 0.0
    for i in range(steps):
        energy = bottom + (i + 0.5) * width
        half = min(abs(energy - level) / (2 * kT), 350.0)
        total += width * dos(energy) / (4 * kT * math.cosh(half) ** 2)
    return total


def critical_temperature(
    interaction: float,
    level: float,
    dos: DensityOfStates,
    bottom: float,
    top: float,
    hottest: float,
) -> float:
    """Where Uν(T) = 1, by bisection between a hundredth of the hottest temperature and it."""
    cold, hot = hottest / 100, hottest
    for _ in range(40):
        middle = (cold + hot) / 2
        if interaction * thermal(level, middle, dos, bottom, top) > 1:
            cold = middle
        else:
            hot = middle
    return (cold + hot) / 2


def mean_field_residual(
    phi: float,
    extra: float,
    interaction: float,
    level: float,
    kT: float,
    dos: DensityOfStates,
    bottom: float,
    top: float,
) -> float:
    """n(μ + UΦ/2) − n(μ − UΦ/2) + Δn₀ − Φ: zero where Φ sustains itself (Eqs. A17, A18)."""
    up = filling(level + interaction * phi / 2, kT, dos, bottom, top)
    down = filling(level - interaction * phi / 2, kT, dos, bottom, top)
    return up - down + extra - phi


def landau(nu: float, curvature: float, interaction: float, kT: float) -> tuple[float, float]:
    """r − r_c and α₄ at fixed μ (Eqs. 4, A4, A6), with the Sommerfeld coefficient π²/6.

    The paper prints π²/3, which is the coefficient of the energy and not of the density.
    """
    distance = 1 - interaction * (nu + math.pi**2 / 6 * curvature * kT**2)
    return distance, interaction**3 * curvature / 24


def coercive(distance: float, alpha_4: float) -> float:
    """The Δn₀ at which Eq. 4, (r − r_c)Φ − α₄Φ³ = Δn₀, loses its second minimum, by scanning Φ."""
    saturated = math.sqrt(distance / alpha_4)
    steps = 20000
    return max(
        abs(distance * phi - alpha_4 * phi**3)
        for phi in (saturated * i / steps for i in range(steps + 1))
    )


def follow(
    sources: Sequence[float], start: float, polarisation: Callable[[float], float], step: float
) -> list[float]:
    """Φ along slowly changing sources: it drifts with Δn₀ + M(Φ) − Φ to the next zero of that.

    ``polarisation`` is M as a function of Φ. The drift is followed in equal steps, so that no
    steady state on the way is passed over, and the last step is halved.
    """
    found = []
    phi = start
    for source in sources:

        def drift(at: float, source: float = source) -> float:
            return source + polarisation(at) - at

        forward = drift(phi) > 0
        towards = step if forward else -step
        while (drift(phi + towards) > 0) == forward:
            phi += towards
        near, far = phi, phi + towards
        for _ in range(45):
            middle = (near + far) / 2
            if (drift(middle) > 0) == forward:
                near = middle
            else:
                far = middle
        phi = (near + far) / 2
        found.append(phi)
    return found


# Boltzmann (Sec. III.1) ----------------------------------------------------------------------


def balance(
    pockets: Sequence[int],
    rates: Sequence[Sequence[Rate]],
    field: Vector,
    speed: float,
    points: int,
) -> np.ndarray:
    """The static solution of Eq. 6 on circles, as g of f = f₀ + g ∂f₀/∂ε, shape (pockets, points).

    ``pockets`` gives the valley s of each, with velocity s v_F (cos θ, sin θ). ``rates[p][p′]``
    is νW(θ, θ′) from pocket p′ at θ′ into p at θ. Equal angles converge exponentially.
    The one free constant is fixed by Σ g = 0: the total density does not change.
    ``field`` is eE.
    """
    angles = [2 * math.pi * i / points for i in range(points)]
    size = len(pockets) * points
    matrix = np.zeros((size, size))
    force = np.zeros(size)
    for p, s in enumerate(pockets):
        for i, angle in enumerate(angles):
            row = p * points + i
            along = field[0] * math.cos(angle) + field[1] * math.sin(angle)
            force[row] = s * speed * along
            for q in range(len(pockets)):
                for j, other in enumerate(angles):
                    rate = rates[p][q](angle, other) / points
                    matrix[row, q * points + j] += rate
                    matrix[row, row] -= rate
    # Every column sums to zero by conservation: one equation is free to hold the density.
    matrix[0, :] = 1.0
    force[0] = 0.0
    return np.linalg.solve(matrix, force).reshape(len(pockets), points)


def first_harmonic_rates(
    tau: float, tau_inter: float, a: Vector, a_prime: Vector
) -> list[list[Rate]]:
    """Eqs. 9 and 10 for the pockets (+, −): a belongs to θ of valley −, a′ to θ of valley +."""

    def intra(_: float, __: float) -> float:
        return 1 / tau

    def inter(minus: float, plus: float) -> float:
        anisotropy = a[0] * math.cos(minus) + a[1] * math.sin(minus)
        anisotropy += a_prime[0] * math.cos(plus) + a_prime[1] * math.sin(plus)
        return (1 + anisotropy) / tau_inter

    return [[intra, lambda plus, minus: inter(minus, plus)], [inter, intra]]


def valley_density(pockets: Sequence[int], g: np.ndarray, nu: float) -> float:
    """Δn₀ of Eq. 8, with ν of one pocket."""
    return sum(-nu * s * float(np.mean(g[p])) for p, s in enumerate(pockets))


def charge_current(pockets: Sequence[int], g: np.ndarray, nu: float, speed: float) -> Vector:
    """j/e of all pockets."""
    points = g.shape[1]
    total = [0.0, 0.0]
    for p, s in enumerate(pockets):
        for i in range(points):
            angle = 2 * math.pi * i / points
            total[0] -= nu * s * speed * math.cos(angle) * g[p, i] / points
            total[1] -= nu * s * speed * math.sin(angle) * g[p, i] / points
    return total[0], total[1]


# Strained twisted bilayer (Sec. III.2, App. B) ----------------------------------------------
# Units: the mass m for energies, q = |K|θ_w for wavevectors.


def strain(size: float, direction: float, poisson: float) -> list[list[float]]:
    """Eq. 16."""
    shear, isotropic = -(1 + poisson) * size / 2, (poisson - 1) * size / 2
    cosine, sine = math.cos(2 * direction), math.sin(2 * direction)
    return [
        [shear * cosine + isotropic, shear * sine],
        [shear * sine, -shear * cosine + isotropic],
    ]


def strained_q(tensor: Sequence[Sequence[float]], twist: float) -> list[Vector]:
    """q′_j of Eq. B4 in units of |K|θ_w, where q_j = θ_w K_j × ẑ."""
    found = []
    for degrees in (0, 120, 240):
        x, y = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
        found.append(
            (
                y - (tensor[0][0] * x + tensor[0][1] * y) / twist,
                -x - (tensor[1][0] * x + tensor[1][1] * y) / twist,
            )
        )
    return found


def dirac(k: Vector, speed: float, turn: float) -> np.ndarray:
    """Eq. B2, made Hermitian: ±1 on A and B, and v|k|e^{−i(θ_k − turn)} between them."""
    along = speed * complex(k[0], -k[1]) * cmath.exp(1j * turn)
    return np.array([[1.0, along], [along.conjugate(), -1.0]])


def tunnelling(j: int, w: float) -> np.ndarray:
    """T_j of Eq. B3 with conjugate phases in T_tr and T_tl, without which C₃ is lost."""
    phase = cmath.exp(2j * math.pi * j / 3)
    return w * np.array([[1, phase.conjugate()], [phase, 1]])


def pocket_state(
    k: Vector, layer: int, w: float, speed: float, q: Sequence[Vector], turn: float
) -> tuple[np.ndarray, list[np.ndarray]]:
    """A conduction state near K of this layer: itself, and its part at three points of the other.

    First order in the tunnelling: −(h(k ± q′_j) − E)⁻¹ T u. ``turn`` is the twist in radians,
    −half of it for layer 1 and +half for layer 2.
    """
    sign = 1 if layer == 1 else -1
    energies, states = np.linalg.eigh(dirac(k, speed, -sign * turn / 2))
    energy, u = energies[1], states[:, 1]
    parts = []
    for j in range(3):
        hop = tunnelling(j, w)
        if layer == 1:
            hop = hop.conj().T
        reached = (k[0] + sign * q[j][0], k[1] + sign * q[j][1])
        there = dirac(reached, speed, sign * turn / 2)
        parts.append(-np.linalg.inv(there - energy * np.eye(2)) @ hop @ u)
    return u, parts


def interlayer_rate(
    angle: float,
    other: float,
    k_fermi: float,
    w: float,
    speed: float,
    q: Sequence[Vector],
    turn: float = 0.0,
) -> float:
    """The rate 1K, θ → 2K′, θ′ in units of 1K → 1K′ at k = 0, from equal disorder on four sites.

    The state of 2K′ is the complex conjugate of that of 2K at the opposite wavevector, and θ′ is
    the angle there (time-reversed, as in Eq. 9). The phases e^{iΔk·R} average out (App. B.2):
    moduli add.
    """
    here, parts = pocket_state(
        (k_fermi * math.cos(angle), k_fermi * math.sin(angle)), 1, w, speed, q, turn
    )
    there, other_parts = pocket_state(
        (k_fermi * math.cos(other), k_fermi * math.sin(other)), 2, w, speed, q, turn
    )
    total = 0.0
    for site in (0, 1):
        for j in range(3):
            total += abs(here[site]) ** 2 * abs(other_parts[j][site]) ** 2
            total += abs(there[site]) ** 2 * abs(parts[j][site]) ** 2
    return total


def four_pockets(
    k_fermi: float,
    w: float,
    speed: float,
    q: Sequence[Vector],
    field: Vector,
    *,
    ratio: float,
    tau: Vector,
    tau_inter: float,
    turn: float = 0.0,
    points: int = 8,
) -> tuple[list[int], Matrix]:
    """The valleys of 1K, 1K′, 2K, 2K′ and their g under a force (Sec. III.2, Fig. 6).

    Scattering within a pocket has the rate 1/τ of its layer, that between the valleys of one layer
    1/τ′, and that between both layers the mean ``ratio``/τ′ with the dependence on both angles of
    :func:`interlayer_rate`.
    """
    angles = [2 * math.pi * i / points for i in range(points)]
    table = {
        (k, k_prime): interlayer_rate(k, k_prime, k_fermi, w, speed, q, turn)
        for k in angles
        for k_prime in angles
    }
    unit = ratio / tau_inter * points**2 / sum(table.values())

    def first(_: float, __: float) -> float:
        return 1 / tau[0]

    def second(_: float, __: float) -> float:
        return 1 / tau[1]

    def same_layer(_: float, __: float) -> float:
        return 1 / tau_inter

    def none(_: float, __: float) -> float:
        return 0.0

    def one_two(one: float, two: float) -> float:
        return unit * table[one, two]

    def two_one(two: float, one: float) -> float:
        return unit * table[one, two]

    # Time reversal takes 1K, θ → 2K′, θ′ to 2K, θ′ → 1K′, θ.
    rates: list[list[Rate]] = [
        [first, same_layer, none, one_two],
        [same_layer, first, one_two, none],
        [none, two_one, second, same_layer],
        [two_one, none, same_layer, second],
    ]
    pockets = [1, -1, 1, -1]
    return pockets, balance(pockets, rates, field, 1.0, points)


# Diffusion (App. A.6) ------------------------------------------------------------------------


def ladder(q: float, omega: float, tau: float, speed: float) -> complex:
    """Π/ν = 1 + iωB/(1 − B/τ), with B the mean of 1/(1/τ − iω + i v·q) over 720 directions."""
    mean = 0j
    for i in range(720):
        angle = 2 * math.pi * (i + 0.5) / 720
        mean += 1 / (1 / tau - 1j * omega + 1j * speed * q * math.cos(angle)) / 720
    return 1 + 1j * omega * mean / (1 - mean / tau)


# Keldysh contour (App. A.2 to A.5) -----------------------------------------------------------


def driven_densities(
    hamiltonian: np.ndarray,
    occupation: np.ndarray,
    vertex: np.ndarray,
    interaction: float,
    field: Sequence[float],
    step: float,
) -> list[float]:
    """⟨vertex⟩ averaged over each time step, while H − (U/2)Φ vertex drives the one-body matrix.

    ρ(t + dt) = ρ − i[H, ρ] dt − …, by 200 fourth-order steps of Runge and Kutta per step; the
    state at the start is ⟨c†_b c_a⟩ = ``occupation``[a, b].
    """
    rho = occupation.astype(complex)
    found = []
    pieces = 200
    dt = step / pieces
    for phi in field:
        h = hamiltonian - interaction / 2 * phi * vertex

        def slope(r: np.ndarray, h: np.ndarray = h) -> np.ndarray:
            return -1j * (h @ r - r @ h)

        total = np.trace(vertex @ rho).real / 2
        for _ in range(pieces):
            first = slope(rho)
            second = slope(rho + dt / 2 * first)
            third = slope(rho + dt / 2 * second)
            fourth = slope(rho + dt * third)
            rho = rho + dt / 6 * (first + 2 * second + 2 * third + fourth)
            total += np.trace(vertex @ rho).real
        total -= np.trace(vertex @ rho).real / 2
        found.append(total / pieces)
    return found
