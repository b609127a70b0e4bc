"""Two small rings, solved exactly in their joint space, each relaxed by a bath of its own.

The state is the density matrix of both rings together. Between collisions it obeys the von
Neumann equation with the full interaction; a collision in one ring, at the rate 1/τ, throws that
ring into its equilibrium in the mean density of the other, and leaves the other as it is:

ρ̇ = −i[H, ρ] + (R₁[ρ] − ρ)/τ₁ + (R₂[ρ] − ρ)/τ₂,  R₁[ρ] = e^{−(h₁ + U⟨n₂⟩)/T}/Z ⊗ tr₁ρ,  ħ = 1.

Correlations between the rings are kept. Shared collisions, which throw both rings into their
common equilibrium at once, are there for comparison. No code of the drag is used.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from moirelib._types import Complex, Floats


@dataclass(frozen=True)
class Ring:
    """``cells`` cells of three sites around a ring with one electron, of one "valley".

    Complex hoppings break time reversal as a single valley does; a vector potential A turns the
    hoppings by e^{iA} for each site they pass. In units of the hopping.

    Parameters
    ----------
    seed : int
        Of the random on-site energies and hoppings over one and two sites.
    cells : int
        How many.
    valley : {+1, -1}
        −1 is the time-reversed ring. A and the current are those of the valley: they push and
        count the two valleys in opposite directions.
    """

    seed: int
    cells: int = 2
    valley: int = 1

    @property
    def sites(self) -> int:
        """Sites of the ring, and states of its electron."""
        return 3 * self.cells

    def hamiltonian(self, potential: float, order: int = 0) -> Complex:
        """h(A), or ∂h/∂A for ``order`` 1, (sites, sites)."""
        rng = np.random.default_rng(self.seed)
        onsite = 2 * rng.normal(size=3)
        hopping = rng.normal(size=(2, 3)) + 1j * rng.normal(size=(2, 3))
        h = np.diag(np.tile(onsite, self.cells)).astype(complex) * (order == 0)
        for reach, site in itertools.product((1, 2), range(self.sites)):
            term = hopping[reach - 1, site % 3] / reach * (1j * reach) ** order
            term *= np.exp(1j * reach * potential)
            other = (site + reach) % self.sites
            h[site, other] += term
            h[other, site] += term.conjugate()
        # h(A) of the other valley is h(−A)*, and A acts on it as −A.
        return h if self.valley == 1 else h.conj()

    def response(self, kT: float) -> tuple[Floats, Floats]:
        """∂n/∂A at fixed occupations of the levels and at fixed temperature, (sites,) each.

        The first is 𝒞 of the ring, the second what a finite ring keeps: persistent currents.
        """
        step = 1e-4
        energies = np.linalg.eigvalsh(self.hamiltonian(0.0))
        fixed = _boltzmann(energies, kT)
        patterns, thermal = [], []
        for shift in (step, -step):
            energies, states = np.linalg.eigh(self.hamiltonian(shift))
            density = np.abs(states) ** 2
            patterns.append(density @ fixed)
            thermal.append(density @ _boltzmann(energies, kT))
        first, second = patterns
        warm, warmer = thermal
        return (first - second) / (2 * step), (warm - warmer) / (2 * step)


def ring_coupling(ring1: Ring, ring2: Ring) -> Floats:
    """U between sites, an even function of their distance without a uniform part."""
    table = np.cos(2 * math.pi * np.arange(3) / 3)
    apart = (np.arange(ring1.sites)[:, None] - np.arange(ring2.sites)) % 3
    interaction: Floats = table[apart]
    return interaction


def dragged_in_rings(
    rings: tuple[Ring, Ring],
    kT: float,
    vector_potential: Callable[[float], float],
    times: Floats,
    lifetimes: tuple[float, float],
    strength: float = 0.002,
) -> tuple[Floats, Floats]:
    """dj₁/dU (nt,) of the driven rings, odd in A₂ too, summed over the valleys of both.

    With collisions of each ring on its own, and with shared ones at the rate of the first: the
    motion between collisions is the same. ``strength`` times the duration must be small:
    correlations come in at its square.
    """
    signs = np.array(list(itertools.product((1, -1), repeat=4)))
    system = _Rings(rings, kT, signs, strength)
    step = float(times[1] - times[0])
    half = [math.exp(-0.5 * step / lifetime) for lifetime in lifetimes]
    survival = half[0] ** 2
    # The fixed point of the collisions: each ring at rest in the mean density of the other.
    mixed: Complex = np.eye(system.size, dtype=np.complex128) / system.size
    own = np.repeat(mixed[None], len(signs), axis=0)
    for _ in range(6):
        own = system.collide(own, vector_potential(0.0), [0.0, 0.0])
    shared = system.gibbs(*system.levels(vector_potential(0.0)))
    currents = np.empty((2, len(times), len(signs)))
    for i, t in enumerate(times.tolist()):
        currents[:, i] = system.current(own), system.current(shared)
        middle = vector_potential(t + step / 2)
        energies, states = system.levels(middle)
        motion = (states * np.exp(-1j * step * energies)[:, None]) @ _adjoint(states)
        own = system.collide(own, middle, half)
        own = motion @ own @ _adjoint(motion)
        own = system.collide(own, middle, half)
        # The common equilibrium stands still while the rings move.
        moved = motion @ shared @ _adjoint(motion)
        shared = survival * moved + (1 - survival) * system.gibbs(energies, states)
    slopes: Floats = currents @ (signs[:, 0] * signs[:, 1]) / (4 * strength)
    return slopes[0], slopes[1]


@dataclass(frozen=True, eq=False)
class _Rings:
    """All combinations of the signs of A and U and of both valleys at once, one for each row.

    Those of the valleys come last: (1, 1), (1, −1), (−1, 1), (−1, −1).
    """

    rings: tuple[Ring, Ring]
    kT: float
    signs: Floats
    strength: float

    @property
    def shape(self) -> tuple[int, int]:
        return self.rings[0].sites, self.rings[1].sites

    @property
    def size(self) -> int:
        return self.shape[0] * self.shape[1]

    @cached_property
    def _table(self) -> Floats:
        table: Floats = self.strength * self.signs[:, 1, None, None] * ring_coupling(*self.rings)
        return table

    @cached_property
    def _first(self) -> Complex:
        return self._of_valley(0, [0.0] * len(self.signs))

    @cached_property
    def _velocity(self) -> Complex:
        return self._of_valley(0, [0.0] * len(self.signs), order=1)

    def _second(self, potential: float) -> Complex:
        return self._of_valley(1, (potential * self.signs[:, 0]).tolist())

    def _of_valley(self, ring: int, potentials: list[float], order: int = 0) -> Complex:
        valleys = self.signs[:, 2 + ring].tolist()
        one = self.rings[ring]
        known = {
            pair: replace(one, valley=pair[0]).hamiltonian(pair[1], order)
            for pair in set(zip(valleys, potentials, strict=True))
        }
        return np.stack([known[pair] for pair in zip(valleys, potentials, strict=True)])

    def joint(self, potential: float) -> Complex:
        """H with A₂ = ± ``potential``, (runs, n, n)."""
        n1, n2 = self.shape
        h = np.einsum("rac,bd->rabcd", self._first, np.eye(n2))
        h = h + np.einsum("ac,rbd->rabcd", np.eye(n1), self._second(potential))
        joint: Complex = h.reshape(-1, self.size, self.size)
        diagonal = np.arange(self.size)
        joint[:, diagonal, diagonal] += self._table.reshape(-1, self.size)
        return joint

    def levels(self, potential: float) -> tuple[Floats, Complex]:
        """Eigenvalues (runs, n) and eigenvectors (runs, n, n) of :meth:`joint`.

        With both valleys reversed H is the conjugate: the first two of each four rows say all.
        """
        h = self.joint(potential).reshape(-1, 4, self.size, self.size)[:, :2]
        energies, states = np.linalg.eigh(h)
        energies = np.concatenate([energies, energies[:, ::-1]], axis=1)
        states = np.concatenate([states, states[:, ::-1].conj()], axis=1)
        return energies.reshape(-1, self.size), states.reshape(-1, self.size, self.size)

    def current(self, rho: Complex) -> Floats:
        """⟨j₁⟩ of each row."""
        reduced = np.einsum("rabcb->rac", rho.reshape(-1, *self.shape, *self.shape))
        return np.asarray(np.einsum("rab,rba->r", self._velocity, reduced).real)

    def collide(self, rho: Complex, potential: float, kept: list[float]) -> Complex:
        """Let either ring keep a part of its state and come to rest with the other part."""
        for ring, keep in enumerate(kept):
            if keep == 1:
                continue
            blocks = rho.reshape(-1, *self.shape, *self.shape)
            first, second = np.einsum("rabcb->rac", blocks), np.einsum("rabad->rbd", blocks)
            if ring == 0:
                density = np.diagonal(second, axis1=1, axis2=2).real
                felt = np.einsum("rab,rb->ra", self._table, density)
                first = self.gibbs(
                    *np.linalg.eigh(self._first + felt[:, :, None] * np.eye(self.shape[0]))
                )
            else:
                density = np.diagonal(first, axis1=1, axis2=2).real
                felt = np.einsum("rab,ra->rb", self._table, density)
                local = felt[:, :, None] * np.eye(self.shape[1])
                second = self.gibbs(*np.linalg.eigh(self._second(potential) + local))
            reset = np.einsum("rac,rbd->rabcd", first, second).reshape(rho.shape)
            rho = keep * rho + (1 - keep) * reset
        return rho

    def gibbs(self, energies: Floats, states: Complex) -> Complex:
        """e^{−h/T}/Z from the eigenvectors of h."""
        weights = _boltzmann(energies, self.kT)
        gibbs: Complex = (states * weights[:, None]) @ _adjoint(states)
        return gibbs


def _adjoint(matrices: Complex) -> Complex:
    return matrices.conj().swapaxes(1, 2)


def _boltzmann(energies: NDArray[np.floating[Any]], kT: float) -> Floats:
    weights = np.exp(-(energies - energies[..., :1]) / kT)
    normalised: Floats = weights / weights.sum(axis=-1, keepdims=True)
    return normalised
