"""Two lattices in mean field, integrated in time: the drag with and without relaxation.

Each layer is a chain with a few sites in its cell and two valleys that time reversal exchanges.
Its state is a density matrix for each wavevector and valley. The layers feel each other's density,
cell by cell alike, and each relaxes to the equilibrium in the potential of the moment:

ρ̇ = −i[H, ρ] − (ρ − f(H))/τ,  H = h(k + ξA(t)) + φ(t),  φ₁ = U (n₂ − n₂⁰),  ħ = 1.

Nothing here comes from the code of the drag.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from scipy.linalg import solve_banded
from scipy.special import erf

from moirelib._types import Complex, Floats


@dataclass(frozen=True)
class Chain:
    """A chain with random hoppings over up to one cell, in units of the hopping.

    Parameters
    ----------
    seed : int
        Of the random on-site energies, positions and hoppings.
    size : int
        Wavevectors.
    filling : float
        Electrons per cell and valley.
    kT : float
        Temperature.
    sites : int
        Sites of the cell, whose length is 1.
    """

    seed: int
    size: int
    filling: float
    kT: float
    sites: int = 3

    @cached_property
    def positions(self) -> Floats:
        """Sites in the cell, (sites,)."""
        return np.random.default_rng(self.seed).uniform(size=self.sites)

    @cached_property
    def _hoppings(self) -> tuple[Floats, Complex]:
        """Lengths of the hops (3, sites, sites) to the cells −1, 0, 1, and their matrices."""
        rng = np.random.default_rng(self.seed + 1000)
        cells = np.arange(-1.0, 2.0)
        shape = (len(cells), self.sites, self.sites)
        matrices = rng.normal(size=shape) + 1j * rng.normal(size=shape)
        matrices *= np.exp(-np.abs(cells))[:, None, None]
        # h(R)_{ab} = h(−R)_{ba}*; the list of cells is odd about its middle.
        hermitian = 0.5 * (matrices + matrices[::-1].conj().swapaxes(1, 2))
        hops = cells[:, None, None] + self.positions[:, None] - self.positions
        return hops, np.asarray(hermitian, dtype=np.complex128)

    def bloch(self, potential: float) -> tuple[Complex, Complex]:
        """H(k + ξA) and its derivative in A for ξ = ±1, each (2, nk, sites, sites)."""
        hops, matrices = self._hoppings
        mesh = 2 * math.pi * np.arange(self.size) / self.size
        found = []
        for valley in (1, -1):
            # The other valley is h(−k)*; of its A the derivative is the current of the valley.
            k = valley * mesh + potential
            phases = np.exp(1j * k[:, None, None, None] * hops)
            pair = np.stack([(phases * matrices).sum(1), (1j * hops * phases * matrices).sum(1)])
            found.append(pair if valley == 1 else pair.conj())
        h, gradient = np.stack(found, axis=1)
        return h, gradient

    def occupations(self, energies: Floats, start: Floats) -> tuple[Floats, Floats]:
        """Return occupations (..., 2, nk, sites) at the filling of the chain, and μ (...)."""
        mu = start
        for _ in range(60):
            x = (energies - mu[..., None, None, None]) / self.kT
            f = 1 / (np.exp(np.clip(x, -500, 500)) + 1)
            missing = 2 * self.filling - f.sum(axis=(-1, -2, -3)) / self.size
            slope = (f * (1 - f)).sum(axis=(-1, -2, -3)) / self.kT / self.size
            if (np.abs(missing) < 1e-13).all():
                break
            mu = mu + np.clip(missing / slope, -1, 1)
        return f, mu

    @cached_property
    def equilibrium(self) -> tuple[Complex, Floats]:
        """ρ of the unperturbed chain, (2, nk, sites, sites), and μ."""
        energies, states = np.linalg.eigh(self.bloch(0.0)[0])
        f, mu = self.occupations(energies, np.asarray(np.median(energies)))
        return (states * f[..., None, :]) @ states.conj().swapaxes(-1, -2), mu

    def density(self, rho: Complex) -> Floats:
        """Electrons on each site of the cell, (..., sites)."""
        diagonal = np.diagonal(rho, axis1=-2, axis2=-1).real
        summed: Floats = diagonal.sum(axis=(-3, -2)) / self.size
        return summed

    def susceptibility(self) -> Floats:
        """𝒞 of each site, Σ ξ ∂_kε |u|² (−f′), (sites,)."""
        h, gradient = self.bloch(0.0)
        energies, states = np.linalg.eigh(h)
        f, _ = self.occupations(energies, self.equilibrium[1])
        velocity = np.einsum("xkan,xkab,xkbn->xkn", states.conj(), gradient, states).real
        weight = velocity * f * (1 - f) / self.kT
        summed: Floats = np.einsum("xkan,xkn->a", np.abs(states) ** 2, weight) / self.size
        return summed

    def density_response(self) -> tuple[Floats, Floats]:
        """Static ∂n/∂φ between bands, and within bands at fixed filling: (sites, sites) each."""
        energies, states = np.linalg.eigh(self.bloch(0.0)[0])
        f, _ = self.occupations(energies, self.equilibrium[1])
        gap = energies[..., :, None] - energies[..., None, :] + np.eye(self.sites)
        kernel = (f[..., :, None] - f[..., None, :]) / gap
        pairs = states.conj()[..., :, None] * states[..., None, :]
        between = np.einsum("xkanm,xknm,xkbnm->ab", pairs, kernel, pairs.conj()).real
        weight, pattern = f * (1 - f) / self.kT, np.abs(states) ** 2
        within = -np.einsum("xkan,xkn,xkbn->ab", pattern, weight, pattern)
        of_mu = np.einsum("xkan,xkn->a", pattern, weight)
        within += np.outer(of_mu, of_mu) / weight.sum()
        return between / self.size, within / self.size


def cell_interaction(first: Chain, second: Chain, decay: float = 0.3) -> Floats:
    """U between sites, Σ_{G≠0} U(G) e^{iG(r₁ − r₂)} with U(G) = e^{−decay |G|}/|G|."""
    g = 2 * math.pi * np.concatenate([np.arange(-4, 0), np.arange(1, 5)])
    apart = first.positions[:, None] - second.positions
    strength = np.exp(-decay * np.abs(g)) / np.abs(g)
    summed: Floats = np.einsum("g,gab->ab", strength, np.cos(g[:, None, None] * apart))
    return summed


def screened_weight(
    chains: tuple[Chain, Chain], interaction: Floats, within: tuple[Floats, Floats], x: float
) -> complex:
    """𝒞₁ W(x) 𝒞₂ with χ(x) = χ_between + χ_within/(1 − ix) in both layers, x = Ωτ."""
    v = np.block([[within[0], interaction], [interaction.T, within[1]]]).astype(complex)
    chi = np.zeros_like(v)
    edge = chains[0].sites
    for chain, block in zip(chains, (slice(0, edge), slice(edge, None)), strict=True):
        between, inside = chain.density_response()
        chi[block, block] = between + inside / (1 - 1j * x)
    w = np.linalg.solve(np.eye(len(v)) - v @ chi, v)[:edge, edge:]
    return complex(chains[0].susceptibility() @ w @ chains[1].susceptibility())


def dragged_current(
    chains: tuple[Chain, Chain],
    interaction: Floats,
    vector_potential: Callable[[float], float],
    times: Floats,
    lifetimes: Floats,
    within: tuple[Floats, Floats] | None = None,
) -> Floats:
    """Valley current (nt, runs) of layer 1 while A(t) acts on the valleys of layer 2.

    Each step is exact for a Hamiltonian that stands still; that of the middle of the step is
    used, with the mean of the potentials before and after it.

    Parameters
    ----------
    chains : tuple of Chain
        Layer 1 is dragged.
    interaction : ndarray, shape (runs, sites, sites)
        U of each run.
    vector_potential : callable
        A₂(t): the valleys of layer 2 are at k ± A₂.
    times : ndarray, shape (nt,)
        Evenly spaced, from 0.
    lifetimes : ndarray, shape (runs, 2)
        τ of both layers; ``inf`` for none.
    within : tuple of ndarray, optional
        Interactions within each layer, (sites, sites).
    """
    step = float(times[1] - times[0])
    survival = np.exp(-step / lifetimes)
    rho = [np.repeat(chain.equilibrium[0][None], len(survival), axis=0) for chain in chains]
    levels = [np.repeat(chain.equilibrium[1], len(survival)) for chain in chains]
    rest = [chain.density(one) for chain, one in zip(chains, rho, strict=True)]
    still, velocity = chains[0].bloch(0.0)

    def felt(state: list[Complex]) -> list[Floats]:
        change = [c.density(one) - n for c, one, n in zip(chains, state, rest, strict=True)]
        potentials = [
            np.einsum("rab,rb->ra", interaction, change[1]),
            np.einsum("rba,rb->ra", interaction, change[0]),
        ]
        if within is not None:
            potentials = [p + n @ v for p, v, n in zip(potentials, within, change, strict=True)]
        return potentials

    potentials = felt(rho)
    currents = np.zeros((len(times), len(survival)))
    for i, t in enumerate(times[:-1].tolist()):
        moved = chains[1].bloch(vector_potential(t + step / 2))[0]
        # Predict with the potentials of now, then repeat with the mean of now and then.
        middle, after, final, reached = potentials, rho, potentials, levels
        for _ in range(2):
            ahead = [
                _propagated(chains[j], h, middle[j], rho[j], step, survival[:, j], levels[j])
                for j, h in enumerate((still, moved))
            ]
            after, reached = [one for one, _ in ahead], [level for _, level in ahead]
            final = felt(after)
            middle = [(a + b) / 2 for a, b in zip(potentials, final, strict=True)]
        rho, potentials, levels = after, final, reached
        flow = np.einsum("xkab,rxkba->r", velocity, rho[0])
        currents[i + 1] = flow.real / chains[0].size
    return currents


def _propagated(
    chain: Chain,
    h: Complex,
    potential: Floats,
    rho: Complex,
    step: float,
    survival: Floats,
    level: Floats,
) -> tuple[Complex, Floats]:
    """One step of every run: (runs, 2, nk, sites, sites), and the chemical potentials."""
    local = potential[:, None, None, :, None] * np.eye(chain.sites)
    energies, states = np.linalg.eigh(h + local)
    adjoint = states.conj().swapaxes(-1, -2)
    inside = adjoint @ rho @ states
    turn = np.exp(-1j * step * (energies[..., :, None] - energies[..., None, :]))
    inside *= survival[:, None, None, None, None] * turn
    f, level = chain.occupations(energies, level)
    diagonal = np.arange(chain.sites)
    inside[..., diagonal, diagonal] += (1 - survival)[:, None, None, None] * f
    return states @ inside @ adjoint, level


def soft_step(times: Floats, middle: float, rise: float) -> Floats:
    """∫E dt of a field E = ½[1 + erf((t − middle)/rise)], from −∞."""
    x = (np.asarray(times) - middle) / rise
    integral: Floats = 0.5 * rise * (x * (1 + erf(x)) + np.exp(-(x**2)) / math.sqrt(math.pi))
    return integral


def lagging(signal: Floats, spacing: float, lifetime: float) -> Floats:
    """What follows a signal after a time τ: 1/(1 − iΩτ) on an even grid, from rest."""
    if lifetime == math.inf:
        return np.zeros_like(signal)
    kept = math.exp(-spacing / lifetime)
    # Each value is what is kept of the one before, and the mean of the signal over the step.
    mean = signal + np.concatenate([[0.0], signal[:-1]])
    recursion = np.array([[1.0], [-kept]]) * np.ones(len(signal))
    followed: Floats = solve_banded((1, 0), recursion, (1 - kept) / 2 * mean)
    return followed
