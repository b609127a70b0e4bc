"""Claims of Kundu Eqs. 23–29, on two small layers solved exactly in Fock space."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy.integrate import solve_ivp
from scipy.linalg import expm

from moirelib._repr import short_repr
from moirelib._types import Complex, Floats
from moirelib.ledger.measure import order, relative, slope_at_zero
from moirelib.ledger.registry import Discrepancy, Evidence, claim

BETA = 0.8
ORBITALS = 3
ROUND_OFF = "round-off of 64 × 64 matrices"


@short_repr
@dataclass(frozen=True)
class TwoLayers:
    """Two layers of three orbitals with random one-body operators, in their Fock space.

    Parameters
    ----------
    one_body : list of ndarray
        For each layer h, j and ρ_g of two umklapp momenta, (4, 3, 3).
    h0, h12 : ndarray, shape (64, 64)
        H₁ + H₂ and Σ_g U_g ρ₁(−g) ρ₂(g).
    currents : ndarray, shape (2, 64, 64)
        Both currents, less their thermal means: none flows in equilibrium.
    interaction : ndarray, shape (2,)
        U_g.
    """

    one_body: list[Complex]
    h0: Complex
    h12: Complex
    currents: Complex
    interaction: Floats

    def correlation(self, strength: float, frequency: complex) -> complex:
        """Π₁₂ of Kundu Eq. 24 from the exact eigenstates of H₀ + λH₁₂ (Lehmann)."""
        energies, states = np.linalg.eigh(self.h0 + strength * self.h12)
        weight = np.exp(-BETA * (energies - energies[0]))
        first, second = (states.conj().T @ j @ states for j in self.currents)
        a, b = energies[:, None], energies[None, :]
        ratio = (weight[:, None] - weight[None, :]) / (frequency + a - b)
        return complex((ratio * first * second.T).sum() / weight.sum())

    def slope(self, frequency: complex) -> complex:
        """dΠ₁₂/dλ at λ = 0: central differences, extrapolated twice."""
        return slope_at_zero(lambda strength: self.correlation(strength, frequency))


@cache
def two_layers() -> TwoLayers:
    """Draw the layers; the seed is fixed."""
    rng = np.random.default_rng(29)
    lower = annihilators(2 * ORBITALS)
    one_body, many = [], []
    for layer in range(2):
        h, j, rho, other = rng.normal(size=(4, 3, 3)) + 1j * rng.normal(size=(4, 3, 3))
        matrices = np.stack([h + h.conj().T, j + j.conj().T, rho, other])
        one_body.append(matrices)
        own = lower[3 * layer : 3 * layer + 3]
        many.append(np.einsum("xab,aij,bjk->xik", matrices, own.conj().swapaxes(1, 2), own))
    h0 = many[0][0] + many[1][0]
    interaction = np.array([0.9, 0.4])
    h12 = np.zeros_like(h0)
    for u, first, second in zip(interaction, many[0][2:], many[1][2:], strict=True):
        # ρ(−g) = ρ(g)†; both signs of g are summed.
        h12 += u * (first.conj().T @ second + first @ second.conj().T)
    thermal = expm(-BETA * h0)
    thermal /= np.trace(thermal)
    one = np.eye(len(h0))
    currents = np.stack([m[1] - np.trace(thermal @ m[1]).real * one for m in many])
    return TwoLayers(one_body, h0, h12, currents, interaction)


def layer_response(layer: int, frequency: complex, current_first: bool) -> Complex:
    """χ of Kundu Eqs. 30–31 for one layer, with ρ(−g) or ρ(g) for ±g of each momentum: (4,)."""
    h, j, *densities = two_layers().one_body[layer]
    energies, states = np.linalg.eigh(h)
    occupation = 1 / (np.exp(BETA * energies) + 1)
    n, m = energies[:, None], energies[None, :]
    kernel = (occupation[:, None] - occupation[None, :]) / (frequency + n - m)
    current = states.conj().T @ j @ states
    signed = [d for one in densities for d in (one, one.conj().T)]
    if current_first:
        signed = [one.conj().T for one in signed]
    matrices = [states.conj().T @ one @ states for one in signed]
    pairs = [(current, one) if current_first else (one, current) for one in matrices]
    return np.array([(left * right.T * kernel).sum() for left, right in pairs])


def annihilators(modes: int) -> Complex:
    """Jordan–Wigner matrices c_i, (modes, 2^modes, 2^modes)."""
    lower, sign, one = np.array([[0, 1], [0, 0]]), np.diag([1, -1]), np.eye(2)
    result = []
    for mode in range(modes):
        matrix = np.eye(1)
        for site in range(modes):
            matrix = np.kron(matrix, sign if site < mode else lower if site == mode else one)
        result.append(matrix)
    return np.stack(result).astype(complex)


@claim(
    "kundu-23",
    "Eq. 23",
    kind="identity",
    statement=r"$\sigma_{12}=-\lim_{\Omega\to0}\frac1\Omega\,\mathrm{Im}\,\Pi_{12}(\Omega)$: for "
    r"$H-j_2A_2(t)$ with $E_2=-\partial_tA_2$, the current in phase with the field.",
    follows=("kundu-24",),
)
def _() -> Evidence:
    layers = two_layers()
    h = layers.h0 + 0.5 * layers.h12
    first, second = layers.currents
    thermal = expm(-BETA * h)
    thermal /= np.trace(thermal)
    frequency, growth = 0.7, 0.5

    def slope(t: float, flat: Complex) -> Complex:
        """First order of the von Neumann equation under A₂ = e^{ηt} e^{−iΩt}."""
        rho = flat.reshape(h.shape)
        drive = -np.exp((growth - 1j * frequency) * t) * (second @ thermal - thermal @ second)
        rate: Complex = -1j * (h @ rho - rho @ h + drive)
        return rate.ravel()

    start = np.zeros(h.size, dtype=complex)
    end = solve_ivp(slope, (-36.0, 0.0), start, method="DOP853", rtol=1e-7, atol=1e-10).y[:, -1]
    current = np.trace(end.reshape(h.shape) @ first)
    z = frequency + 1j * growth
    response = layers.correlation(0.5, z)
    # E = izA for A ∝ e^{−izt}; σ = j/E.
    return Evidence(
        Discrepancy(
            "real part of j₁/E₂ in real time against Re(iΠ/z), Ω = 0.7 + 0.5i",
            abs((current / (1j * z)).real / (1j * response / z).real - 1),
            1e-6,
            "tolerance of the time integration; the field starts at e⁻¹⁸",
        ),
        controls=(
            Discrepancy(
                "the other sign of Π",
                abs((current / (1j * z)).real / (-1j * response / z).real - 1),
                1.0,
                "the sign of Eq. 23 is tested",
                at_least=True,
            ),
        ),
    )


def _in_time(tau: float, strength: float) -> complex:
    """−⟨j₁(τ) j₂(0)⟩ with the full Hamiltonian (Eq. 24), 0 < τ < β."""
    layers = two_layers()
    h = layers.h0 + strength * layers.h12
    first, second = layers.currents
    weight = expm(-BETA * h)
    moved = expm(-(BETA - tau) * h) @ first @ expm(-tau * h) @ second
    return complex(-np.trace(moved) / np.trace(weight))


def _s_matrix(start: float, stop: float, strength: float, steps: int) -> Complex:
    """T exp(−∫ Ĥ₁₂ dτ) as an ordered product of midpoint steps (Eq. 26)."""
    layers = two_layers()
    width = (stop - start) / steps
    energies, states = np.linalg.eigh(layers.h0)
    bare = states.conj().T @ layers.h12 @ states
    gap = energies[:, None] - energies[None, :]
    result = np.eye(len(gap), dtype=complex)
    for i in range(steps):
        moved = np.exp((start + (i + 0.5) * width) * gap) * bare
        result = expm(-width * strength * moved) @ result
    return np.asarray(states @ result @ states.conj().T, dtype=np.complex128)


@cache
def _s_matrix_errors() -> tuple[float, float, float, float]:
    """Errors of Eq. 25 in 16 and 32 steps, extrapolated, and without its denominator."""
    layers, tau, strength = two_layers(), 0.3, 0.4
    exact = _in_time(tau, strength)
    weight = expm(-BETA * layers.h0)
    first, second = layers.currents
    moved = expm(tau * layers.h0) @ first @ expm(-tau * layers.h0)
    values, bare = [], 0.0 + 0.0j
    for steps in (8, 16):
        before = _s_matrix(0, tau, strength, steps)
        after = _s_matrix(tau, BETA, strength, steps)
        top = -np.trace(weight @ after @ moved @ before @ second)
        bottom = np.trace(weight @ after @ before)
        values.append(top / bottom)
        bare = top / np.trace(weight)
    values.append((4 * values[1] - values[0]) / 3)
    coarse, fine, extrapolated = (relative(value, exact) for value in values)
    return coarse, fine, extrapolated, relative(bare, exact)


@claim(
    "kundu-24",
    "Eq. 24",
    kind="definition",
    implements="moirelib.drag.response.current_density_response",
    statement=r"$\Pi_{12}(\tau)=-\langle T_\tau\,j_1(\tau)\,j_2(0)\rangle$.",
    follows=("kundu-17", "kundu-20"),
)
def _() -> Evidence:
    frequency = 2j * math.pi / BETA
    nodes, weights = np.polynomial.legendre.leggauss(24)
    times = BETA * (nodes + 1) / 2
    transform = sum(
        BETA / 2 * w * np.exp(frequency * t) * _in_time(float(t), 0.4)
        for t, w in zip(times, weights, strict=True)
    )
    layers = two_layers()
    h = layers.h0 + 0.4 * layers.h12
    first, second = layers.currents
    thermal = expm(-BETA * h)
    inner = first @ h - h @ first
    moment = np.trace(thermal @ (inner @ second - second @ inner)) / np.trace(thermal)
    high = 2j * math.pi * 4000 / BETA
    return Evidence(
        Discrepancy(
            "∫dτ e^{iΩτ} Π(τ) against the Lehmann sum over exact eigenstates",
            relative(complex(transform), two_layers().correlation(0.4, frequency)),
            1e-11,
            "24 nodes of Gauss and Legendre take a smooth integrand to round-off",
        ),
        controls=(
            Discrepancy(
                "z²Π(z) at high frequency against ⟨[[j₁, H], j₂]⟩, sign and order of the two",
                relative(layers.correlation(0.4, high) * high**2, complex(moment)),
                1e-2,
                "f-sum rule; the next moment over Ω",
            ),
        ),
    )


@claim(
    "kundu-26",
    "Eq. 26",
    kind="identity",
    statement=r"$S(\beta)=T_\tau\exp(-\int_0^\beta d\tau\,\hat H_{12}(\tau))$, here an ordered "
    "product of short steps.",
    follows=("kundu-20",),
)
@claim(
    "kundu-25",
    "Eq. 25",
    kind="identity",
    statement=r"In the interaction picture $\Pi_{12}=-\langle T_\tau S(\beta)\,\hat\jmath_1"
    r"\hat\jmath_2\rangle/\langle S(\beta)\rangle$.",
    follows=("kundu-24", "kundu-26"),
)
def _() -> Evidence:
    coarse, fine, extrapolated, bare = _s_matrix_errors()
    return Evidence(
        Discrepancy(
            "ordered products of 16 and 32 steps, extrapolated, against the full Hamiltonian",
            extrapolated,
            1e-4,
            "the next order of the midpoint rule",
        ),
        controls=(
            Discrepancy(
                "order in the width of the steps against 2",
                abs(order(coarse, fine) - 2),
                0.05,
                "midpoint rule",
            ),
            Discrepancy("without ⟨S⟩", bare, 1, "the denominator must matter", at_least=True),
        ),
    )


@claim(
    "kundu-27",
    "Eq. 27",
    kind="approximation",
    statement=r"$S(\beta)\approx1-\int_0^\beta d\tau\,\hat H_{12}(\tau)$.",
    follows=("kundu-26",),
)
def _() -> Evidence:
    layers = two_layers()
    energies, states = np.linalg.eigh(layers.h0)
    gap = energies[:, None] - energies[None, :]
    # ∫₀^β e^{τ gap} dτ
    safe = np.where(gap == 0, 1, gap)
    area = np.where(gap == 0, BETA, np.expm1(BETA * safe) / safe)
    first = states @ (area * (states.conj().T @ layers.h12 @ states)) @ states.conj().T
    errors = []
    for strength in (2e-3, 1e-3):
        exact = expm(BETA * layers.h0) @ expm(-BETA * (layers.h0 + strength * layers.h12))
        rest = exact - (np.eye(len(gap)) - strength * first)
        errors.append(float(np.linalg.norm(rest) / np.linalg.norm(strength * first)))
    return Evidence(
        Discrepancy(
            "order in U of what is left out against 2",
            abs(order(errors[0], errors[1]) - 1),
            0.05,
            "relative to the first order the remainder falls once",
        ),
    )


@claim(
    "kundu-28",
    "Eq. 28",
    kind="identity",
    statement=r"First order: $\Pi_{12}=\int_0^\beta d\tau_1\,\langle\hat\jmath_1\hat\rho_1"
    r"(\tau_1)\rangle\,U_{12}\,\langle\hat\rho_2(\tau_1)\hat\jmath_2\rangle$, time-ordered, for "
    "currents that vanish in equilibrium.",
    follows=("kundu-22", "kundu-25", "kundu-27"),
)
def _() -> Evidence:
    tau = 0.3
    exact = slope_at_zero(lambda strength: _in_time(tau, strength))
    layers = two_layers()
    nodes, weights = np.polynomial.legendre.leggauss(20)
    total = 0.0 + 0.0j
    for low, high in ((0.0, tau), (tau, BETA)):
        for node, weight in zip(nodes, weights, strict=True):
            t1 = low + (high - low) * (node + 1) / 2
            left = _pair(0, tau, t1)
            right = _pair(1, t1, 0.0)
            u = np.repeat(layers.interaction, 2)
            total += (high - low) / 2 * weight * (left * u * right).sum()
    return Evidence(
        Discrepancy(
            "dΠ(τ)/dU of the full Hamiltonian against the product of the layers",
            relative(total, exact),
            1e-8,
            "central differences, extrapolated twice",
            slack="noise",
        ),
    )


def _pair(layer: int, tau: float, other: float) -> Complex:
    """⟨T A(τ) B(τ′)⟩ of one layer for its four ρ: A = j, B = ρ(−g); or A = ρ(g), B = j."""
    h, j, *densities = two_layers().one_body[layer]
    energies, states = np.linalg.eigh(h)
    occupation = 1 / (np.exp(BETA * energies) + 1)
    current = states.conj().T @ j @ states
    gap = energies[:, None] - energies[None, :]
    ahead = tau > other
    delay = abs(tau - other)
    result = []
    for one in (d for rho in densities for d in (rho, rho.conj().T)):
        density = states.conj().T @ (one.conj().T if layer == 0 else one) @ states
        a, b = (current, density) if layer == 0 else (density, current)
        early, late = (b, a) if ahead else (a, b)
        # Wick: ⟨A(τ)B(0)⟩ = Σ A_nm B_mn e^{(ε_n − ε_m)τ} f_n (1 − f_m), as ⟨j⟩ = 0.
        weight = occupation[:, None] * (1 - occupation[None, :]) * np.exp(delay * gap)
        result.append((late * early.T * weight).sum())
    return np.array(result, dtype=np.complex128)


@claim(
    "kundu-29",
    "Eq. 29",
    kind="identity",
    statement=r"$\Pi_{12}(i\Omega_n)=\sum_{\mathbf G}\chi_1(-\mathbf G)\,U_{12}(\mathbf G)\,"
    r"\chi_2(\mathbf G)$ to first order.",
    follows=("kundu-28",),
)
def _() -> Evidence:
    layers, worst = two_layers(), 0.0
    u = np.repeat(layers.interaction, 2)
    for n in (1, 2, 5):
        frequency = 2j * math.pi * n / BETA
        product = layer_response(0, frequency, True) * u * layer_response(1, frequency, False)
        worst = max(worst, relative(complex(product.sum()), layers.slope(frequency)))
    return Evidence(
        Discrepancy(
            "χ₁Uχ₂ against dΠ/dU of the exact eigenstates, three Matsubara frequencies",
            worst,
            1e-8,
            "differences extrapolated to sixth order",
        ),
    )
