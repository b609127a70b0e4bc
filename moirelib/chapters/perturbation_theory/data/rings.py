"""Two rings of a few sites, solved exactly: what the drag conductivity is compared with."""

from __future__ import annotations

import itertools
import math
from functools import cache, partial

import numpy as np

from moirelib._types import Complex, Floats
from moirelib.drag.layer import DragLayer
from moirelib.drag.response import interband_susceptibility
from moirelib.ledger.measure import slope_at_zero
from moirelib.models.graphene_hbn import GrapheneHBN

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
    """𝒞 and 𝒟(0) of graphene/hBN, over all bands, at −128 and at 42 meV: each (2, nG, 2).

    On one mesh: either moves by hundredths on a finer one, and they agree as well.
    """
    layer = DragLayer(GrapheneHBN(), mesh=10, bands=10, shells=1, solver="dense")
    mu, kT = [-128.0, 42.0], WARM / 2
    return layer.susceptibility(mu, kT), interband_susceptibility(layer, 0.0, mu, kT)[0]


WARM = 30.0
