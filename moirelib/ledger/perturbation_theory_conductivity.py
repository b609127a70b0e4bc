"""Claims on the drag conductivity: Kundu Eqs. 1, 32 and 35, and the dimensions of the chain."""

from __future__ import annotations

import itertools
import math
from functools import cache, partial

import numpy as np
import sympy
from scipy import constants as si

from moirelib._types import Complex, Floats
from moirelib.drag import drag_conductivity
from moirelib.graphene_hbn import GrapheneHBN
from moirelib.layer import DragLayer
from moirelib.ledger.perturbation_theory import WARM, largest
from moirelib.ledger.perturbation_theory_many_body import perturbation, relative, slope_at_zero
from moirelib.ledger.registry import Discrepancy, Evidence
from moirelib.response import interband_susceptibility
from moirelib.units import MEV, NM

# A ring of cells of three sites; its complex hopping makes it one "valley" without time reversal.
CELL, CELLS = 3, 2
LENGTH = CELL * CELLS


def _hopping(seed: int) -> tuple[Floats, Complex]:
    """On-site energies of the cell and hoppings over 1 and 2 sites from each of its sites."""
    rng = np.random.default_rng(seed)
    return rng.normal(size=CELL), rng.normal(size=(2, CELL)) + 1j * rng.normal(size=(2, CELL))


def bloch_hamiltonian(seed: int, k: float) -> Complex:
    """h(k) of the ring's cell (3, 3), with the positions of the sites in the phases."""
    onsite, hopping = _hopping(seed)
    h = np.diag(onsite).astype(complex)
    for reach in (1, 2):
        for site in range(CELL):
            term = hopping[reach - 1, site] * np.exp(1j * k * reach)
            h[(site + reach) % CELL, site] += term.conjugate()
            h[site, (site + reach) % CELL] += term
    return h


def ring_hamiltonian(seed: int, flux: float) -> Complex:
    """One-body matrix of the ring (6, 6); ``flux`` adds to every k."""
    onsite, hopping = _hopping(seed)
    h = np.diag(np.tile(onsite, CELLS)).astype(complex)
    for reach in (1, 2):
        for site in range(LENGTH):
            term = hopping[reach - 1, site % CELL] * np.exp(1j * flux * reach)
            h[(site + reach) % LENGTH, site] += term.conjugate()
            h[site, (site + reach) % LENGTH] += term
    return h


def _many_body(h: Complex, electrons: int) -> tuple[Complex, Floats]:
    """H on the states of so many electrons, and the densities (states, 6) of these states."""
    states = list(itertools.combinations(range(LENGTH), electrons))
    index = {state: i for i, state in enumerate(states)}
    matrix = np.zeros((len(states), len(states)), dtype=complex)
    for column, state in enumerate(states):
        for place, old in enumerate(state):
            rest = state[:place] + state[place + 1 :]
            for new in set(range(LENGTH)) - set(rest):
                target = tuple(sorted((*rest, new)))
                sign = (-1) ** (place + target.index(new))
                matrix[index[target], column] += sign * h[new, old]
    density = np.array([[site in state for site in range(LENGTH)] for state in states], dtype=float)
    return matrix, density


ELECTRONS = (2, 1)
# Interaction between sites at a distance x around the ring: even.
INTERACTION = np.array([1.3, 0.7, -0.2, 0.4, -0.2, 0.7])


def ground_energy(flux1: float, flux2: float, strength: float) -> float:
    """Exact ground-state energy of two rings with fluxes, interacting by density–density."""
    matrices, densities = zip(
        *(
            _many_body(ring_hamiltonian(seed, flux), count)
            for seed, flux, count in ((1, flux1, ELECTRONS[0]), (2, flux2, ELECTRONS[1]))
        ),
        strict=True,
    )
    table = INTERACTION[(np.arange(LENGTH)[:, None] - np.arange(LENGTH)) % LENGTH]
    coupling = (densities[0] @ table @ densities[1].T).ravel()
    h = np.kron(matrices[0], np.eye(len(matrices[1]))) + np.kron(
        np.eye(len(matrices[0])), matrices[1]
    )
    return float(np.linalg.eigvalsh(h + strength * np.diag(coupling))[0])


def _occupied(seed: int, electrons: int) -> list[tuple[float, int]]:
    levels = [
        (energy, k, band)
        for k in 2 * math.pi * np.arange(CELLS) / LENGTH
        for band, energy in enumerate(np.linalg.eigvalsh(bloch_hamiltonian(seed, k)))
    ]
    return [(k, band) for _, k, band in sorted(levels)[:electrons]]


def _density(seed: int, k: float, band: int, g: int) -> complex:
    """λ_G^{(n,n)}(k) for G = 2πg/3."""
    _, states = np.linalg.eigh(bloch_hamiltonian(seed, k))
    return complex(
        np.abs(states[:, band]) ** 2 @ np.exp(-2j * math.pi * g * np.arange(CELL) / CELL)
    )


def shifted_density(seed: int, electrons: int) -> Complex:
    """Σ f ∂_kλ_G of the ring (Kundu Eq. 40) for g = 0, 1, 2."""
    occupied = _occupied(seed, electrons)

    def total(g: int, shift: float) -> complex:
        return sum((_density(seed, k + shift, n, g) for k, n in occupied), 0j)

    return np.array([slope_at_zero(partial(total, g)) for g in range(CELL)])


def _velocity(seed: int, k: float) -> Complex:
    """∂h/∂k of the cell, entry by entry."""

    def entry(row: int, column: int, shift: float) -> complex:
        return complex(bloch_hamiltonian(seed, k + shift)[row, column])

    sites = range(CELL)
    return np.array([[slope_at_zero(partial(entry, i, j)) for j in sites] for i in sites])


def interband_sum(seed: int, electrons: int) -> Complex:
    """𝒟_G(0) of the ring (Kundu Eq. 34) for g = 0, 1, 2."""
    occupied = _occupied(seed, electrons)
    total = np.zeros(CELL, dtype=complex)
    for k in sorted({k for k, _ in occupied}):
        energies, states = np.linalg.eigh(bloch_hamiltonian(seed, k))
        current = states.conj().T @ _velocity(seed, k) @ states
        filled = np.array([float((k, band) in occupied) for band in range(CELL)])
        difference = energies[:, None] - energies + np.eye(CELL)
        kernel = (filled[:, None] - filled) / difference
        for g in range(CELL):
            phase = np.exp(-2j * math.pi * g * np.arange(CELL) / CELL)
            density = states.conj().T @ (phase[:, None] * states)
            total[g] += (current * density.T * kernel).sum()
    return total


@cache
def ring_weights() -> tuple[float, complex, complex]:
    """∂³E/∂A₁∂A₂∂U exactly; Σ_G 𝒞₁(−G)U𝒞₂(G)/𝒱 from Eq. 40; the same from 𝒟(0)."""
    exact = slope_at_zero(
        lambda a: slope_at_zero(
            lambda b: slope_at_zero(lambda u: ground_energy(a, b, u), 0.1), 0.1
        ),
        0.1,
    ).real
    momenta = 2 * math.pi * np.arange(CELL) / CELL
    transform = np.exp(-1j * np.outer(momenta, np.arange(LENGTH))) @ INTERACTION
    products = []
    for response in (shifted_density, interband_sum):
        first, second = (response(seed, n) for seed, n in zip((1, 2), ELECTRONS, strict=True))
        products.append(complex((first.conj() * transform * second).sum() / LENGTH))
    return exact, products[0], products[1]


@cache
def static_responses() -> tuple[Complex, Complex]:
    """𝒞 and 𝒟(0) of graphene/hBN, over all bands, at −128 and at 42 meV: each (2, nG, 2)."""
    layer = DragLayer(GrapheneHBN(), mesh=10, shells=1, solver="dense")
    mu, kT = [-128.0, 42.0], WARM / 2
    return layer.susceptibility(mu, kT), interband_susceptibility(layer, 0.0, mu, kT)[0]


@perturbation(
    "kundu-32",
    "Eq. 32",
    kind="identity",
    statement=r"$\sigma_{12}=-\pi e^2\delta(\Omega)\sum_{\mathbf G}\mathcal C_1(-\mathbf G)U_{12}"
    r"\mathcal C_2(\mathbf G)-e^2\sum_{\mathbf G}U_{12}\,\mathrm{Im}\,\partial_\Omega[\mathcal D_1"
    r"(-\mathbf G)\mathcal D_2(\mathbf G)]$.",
    finding="The weight of δ(Ω) has the printed size and the opposite sign. The product of the "
    "two intraband parts gives the printed $-\\mathcal{CC}$, the products of an intraband with an "
    "interband part add $+2\\,\\mathcal{CD}(0)$, and gauge invariance makes $\\mathcal D(0)="
    "\\mathcal C$. The library keeps the printed sign.",
)
def _() -> Evidence:
    exact, shifted, between = ring_weights()
    intra, inter = static_responses()
    return Evidence(
        Discrepancy(
            "−Σ𝒞₁U𝒞₂ against the exact Drude weight ∂³E/∂A₁∂A₂∂U of two rings",
            relative(-shifted, exact),
            1e-6,
            "nested differences, extrapolated",
        ),
        Discrepancy(
            "+Σ𝒞₁U𝒞₂ against the same", relative(shifted, exact), 1e-6, "nested differences"
        ),
        controls=(
            Discrepancy(
                "+Σ𝒟₁(0)U𝒟₂(0) against the same",
                relative(between, exact),
                1e-6,
                "what Eq. 23 gives with q → 0 first",
            ),
            Discrepancy(
                "graphene/hBN: 𝒟(0) against 𝒞, between two fillings",
                largest((inter[0] - inter[1]) - (intra[0] - intra[1]), intra[0] - intra[1]),
                1e-3,
                "plane waves up to 3 |G₁|; no constant is left between two fillings",
            ),
        ),
    )


def _hbar_power(ratio: sympy.Expr) -> int:
    """The n of ratio = ħⁿ, in base units J and s; anything else raises."""
    joule, second = sympy.symbols("J s", positive=True)
    power = sympy.Poly(sympy.expand_log(sympy.log(ratio), force=True), sympy.log(joule)).nth(1)
    if sympy.simplify(ratio / (joule * second) ** power) != 1:
        raise ValueError(f"{ratio} is no power of ħ")
    return int(power)


@cache
def dimensions() -> dict[str, int]:
    """Powers of ħ by which the printed equations miss a dimensionless σ/(e²/h)."""
    joule, metre, second, ampere = sympy.symbols("J m s A", positive=True)
    siemens = ampere**2 * second / joule
    charge = ampere * second
    hbar = joule * second
    interaction = joule * metre**2
    per_area, slope = 1 / metre**2, 1 / joule
    velocity, gradient = metre / second, joule * metre
    by_velocity = per_area * velocity * slope  # Eqs. 33, 36, 37
    by_parts = per_area * metre / hbar  # Eqs. 2, 40
    fermi_line = (1 / metre) * velocity / velocity  # Eqs. 3, 42: ∮dℓ v/|v|
    by_gradient = per_area * gradient * slope

    def conductivity(c: sympy.Expr) -> sympy.Expr:
        return charge**2 / hbar / joule * c * interaction * c / siemens

    energy, frequency = 1 / joule, second  # of δ(Ω)
    return {
        "Eq. 1 with Eq. 33": _hbar_power(conductivity(by_velocity)),
        "Eq. 1 with Eq. 2": _hbar_power(conductivity(by_parts)),
        "Eq. 1 with Eq. 3": _hbar_power(conductivity(fermi_line)),
        "Eq. 1 with ∂_kε": _hbar_power(conductivity(by_gradient)),
        "Eq. 2 against Eq. 3": _hbar_power(by_parts / fermi_line),
        "Eq. 32 with v, e²/ħ": _hbar_power(
            charge**2 / hbar * energy * by_velocity**2 * interaction / siemens
        ),
        "Eq. 32 with v, e², δ of a frequency": _hbar_power(
            charge**2 * frequency * by_velocity**2 * interaction / siemens
        ),
        "Eq. 32 with ∂_kε, e²/ħ": _hbar_power(
            charge**2 / hbar * energy * by_gradient**2 * interaction / siemens
        ),
    }


def _power(what: str) -> Discrepancy:
    return Discrepancy(
        f"power of ħ left over: {what}", float(abs(dimensions()[what])), 0.0, "an integer"
    )


@perturbation(
    "kundu-33-dimensions",
    "Eqs. 2, 33, 36, 37, 40",
    kind="identity",
    statement=r"$\mathcal C$ with $v=\partial_k\varepsilon/\hbar$, or with $1/\hbar$ in front.",
    finding=r"Eq. 1 is a number times $e^2/h$ only if $\mathcal C$ is built from $\partial_k"
    r"\varepsilon$, without the $1/\hbar$, as Eqs. 3 and 42 are. The library does that.",
)
def _() -> Evidence:
    return Evidence(
        _power("Eq. 1 with Eq. 33"),
        _power("Eq. 1 with ∂_kε"),
        controls=(_power("Eq. 1 with Eq. 3"),),
    )


@perturbation(
    "kundu-32-dimensions",
    "Eq. 32",
    kind="identity",
    statement=r"Prefactors $e^2/\hbar$ together with $v=\partial_k\varepsilon/\hbar$.",
    finding=r"$e^2/\hbar$ goes with $\partial_k\varepsilon$ and energies for $\Omega$; with "
    r"velocities and a frequency the prefactor is $e^2$.",
)
def _() -> Evidence:
    return Evidence(
        _power("Eq. 32 with v, e²/ħ"),
        _power("Eq. 32 with ∂_kε, e²/ħ"),
        controls=(_power("Eq. 32 with v, e², δ of a frequency"),),
    )


@cache
def si_conductivity() -> tuple[float, float]:
    """σ^{xx} in e²/h from SI quantities throughout, and from the library."""
    distance, gate, permittivity, kT, mu, broadening = 1.3, 8.0, 4.0, 20.0, -120.0, 2.5
    layer = DragLayer(
        GrapheneHBN(cutoff=2), mesh=6, bands=8, shells=2, symmetry="none", solver="dense"
    )
    points = layer.lattice.mesh(6, "none").points
    thermal, level = kT * MEV, mu * MEV
    area = layer.lattice.cell_area * NM**2 * len(points)
    vectors = layer.lattice.vectors(layer.pairs) / NM
    response = np.zeros(len(vectors), dtype=complex)
    for valley in (1, -1):
        model = GrapheneHBN(valley=valley, cutoff=2)
        velocity = model.velocity_operators()[0] * MEV * NM / si.hbar  # m/s
        label = np.column_stack([model.plane_waves, model.orbitals])
        targets = label + np.column_stack([layer.pairs, np.zeros(len(vectors))])[:, None]
        raised = (targets[:, :, None] == label).all(axis=-1)
        for k in points:
            energies, states = np.linalg.eigh(model.hamiltonian(k) * MEV)
            window = slice(model.occupied - 4, model.occupied + 4)
            energies, states = energies[window], states[:, window]
            x = (energies - level) / thermal
            weight = 1 / (4 * thermal * np.cosh(x / 2) ** 2)
            speed = np.einsum("in,ij,jn->n", states.conj(), velocity, states).real
            form_factors = (states.conj() * (raised @ states)).sum(axis=1)
            response += valley * 2 / area * form_factors @ (speed * weight)
    length = np.linalg.norm(vectors, axis=1)
    interaction = (
        si.e**2
        * np.exp(-length * distance * NM)
        * (1 - np.exp(-2 * length * gate * NM))
        / (2 * si.epsilon_0 * permittivity * length)
    )  # J m²
    rate = broadening * MEV / si.hbar  # 1/s
    # Eq. 32 with velocities: −πe²δ(Ω) → −e²/δ.
    siemens = -(si.e**2) / rate * (response.conj() * interaction * response).sum().real
    library = drag_conductivity(
        layer, layer, [mu], [mu], kT, distance, gate, permittivity, broadening
    )
    return float(siemens / (si.e**2 / si.h)), float(library[0, 0, 0, 0])


@perturbation(
    "kundu-1",
    "Eq. 1",
    kind="approximation",
    statement=r"$\sigma_{12,v}=-\frac{e^2}h\frac{2\pi}{\hbar\delta}\sum_{\mathbf G}\mathcal C_1"
    r"(-\mathbf G)U_{12}\mathcal C_2(\mathbf G)$: Eq. 32 with $\delta(\Omega)\to1/\pi\delta$ and "
    "its sign.",
)
def _() -> Evidence:
    in_si, library = si_conductivity()
    return Evidence(
        Discrepancy(
            "conductivity in siemens from velocities in m/s and energies in J",
            abs(in_si / library - 1),
            1e-10,
            "round-off; constants of CODATA in both",
        ),
    )
