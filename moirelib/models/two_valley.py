"""Two time-reversed Chern insulators, with disorder (Ying Eq. 1 and A7–A12).

Each valley is a honeycomb lattice with complex hopping between second neighbours (Haldane's
model): two bands with Chern numbers ±1. The other valley is its time reverse.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from moirelib import _validate
from moirelib._memory import require_memory
from moirelib._threads import one_blas_thread
from moirelib.bands.bloch import DegenerateBandsError
from moirelib.bands.density_of_states import DensityOfStates
from moirelib.bands.groups import DEGENERACY_MEV
from moirelib.bands.plaquettes import resolved_flux

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

# Lattice vectors in units of the period, and the cells of the three B neighbours of an A site.
_LATTICE = np.array([[1.0, 0.0], [0.5, math.sqrt(3) / 2]])
_NEAREST = np.array([[0, 0], [-1, 0], [0, -1]])
# Second neighbours reached by turning left at the site between, from an A site.
_SECOND = np.array([[1, 0], [-1, 1], [0, -1]])


@dataclass(frozen=True)
class TwoValleyModel:
    """A pair of Chern insulators on a moiré honeycomb lattice.

    H^{(s)}(k) = t₂-terms + [t₁γ(k)σ₊ + h.c.] + mσ_z with flux sφ in the second-neighbour hopping.

    Parameters
    ----------
    hopping, second_hopping, mass : float
        t₁ > 0, t₂ and m in meV.
    flux : float
        Phase φ of the second-neighbour hopping of valley +, in radians.
    period : float
        Moiré period in nm, > 0.

    Raises
    ------
    TypeError, ValueError
        If a parameter is no finite number, or out of range: ``hopping`` and ``period`` are
        positive.

    Examples
    --------
    >>> model = TwoValleyModel()
    >>> [round(model.chern_number(valley, band=1), 9) for valley in (+1, -1)]
    [1.0, -1.0]
    """

    hopping: float = 2.0
    second_hopping: float = 0.6
    mass: float = 0.4
    flux: float = math.pi / 2
    period: float = 13.4

    def __post_init__(self) -> None:
        _validate.keep(
            self,
            hopping=_validate.between("hopping", self.hopping, 1e-9, 1e9, "meV", "an energy scale"),
            period=_validate.between("period", self.period, 1e-3, 1e6, "nm", "a lattice of atoms"),
            flux=_validate.between("flux", self.flux, -100.0, 100.0, "", "a phase in radians"),
            **{
                name: _validate.between(name, getattr(self, name), -1e9, 1e9, "meV", "an energy")
                for name in ("second_hopping", "mass")
            },
        )

    @cached_property
    def cell_area(self) -> float:
        """Area of the moiré cell in nm²."""
        return math.sqrt(3) / 2 * self.period**2

    @cached_property
    def reciprocal_vectors(self) -> Array:
        """(2, 2) rows b₁, b₂ in 1/nm."""
        inverse = np.linalg.inv(_LATTICE * self.period)
        return _validate.frozen(np.asarray(2 * math.pi * inverse.T, dtype=np.float64))

    def hamiltonian(self, k: ArrayLike, valley: int = 1, embedded: bool = False) -> Complex:
        """H^{(s)}(k) in meV, (..., 2, 2), for k (..., 2) in 1/nm.

        Periodic in k; with ``embedded`` the phases follow the positions of the sites instead, and
        the Berry curvature has the symmetry of the lattice. Bands and Chern numbers are the same.

        Raises
        ------
        TypeError, ValueError
            If ``k`` is not real and finite (..., 2), ``valley`` neither 1 nor −1, or ``embedded``
            no bool.
        """
        wavevector = _validate.real_array("k", k, last=2)
        valley = _validate.choice("valley", valley, (1, -1))
        embedded = _validate.flag("embedded", embedded)
        turns = wavevector @ (_LATTICE.T * self.period)
        near = self.hopping * np.exp(1j * turns @ _NEAREST.T).sum(-1)
        if embedded:
            near = near * np.exp(1j * turns.sum(-1) / 3)  # B sits at (a₁ + a₂)/3 from A
        angles = turns @ _SECOND.T
        phase = valley * self.flux
        h = np.zeros((*wavevector.shape[:-1], 2, 2), dtype=np.complex128)
        h[..., 0, 0] = 2 * self.second_hopping * np.cos(angles + phase).sum(-1) + self.mass
        h[..., 1, 1] = 2 * self.second_hopping * np.cos(angles - phase).sum(-1) - self.mass
        h[..., 0, 1], h[..., 1, 0] = near, near.conj()
        return h

    def mesh(self, size: int) -> Array:
        """(size, size, 2) wavevectors that cover the Brillouin zone, in 1/nm.

        Raises
        ------
        TypeError, ValueError
            If ``size`` is no integer ≥ 2, or too large for the memory.
        """
        size = _validate.integer("size", size, minimum=2)
        require_memory(f"size={size}", 20 * size**2, 16)
        steps = np.arange(size) / size
        grid = np.stack(np.meshgrid(steps, steps, indexing="ij"), axis=-1)
        points: Array = grid @ self.reciprocal_vectors
        return points

    @one_blas_thread
    def chern_number(self, valley: int = 1, band: int = 1, size: int = 24) -> float:
        """Chern number of one band by the plaquette method, see :func:`chern_number`.

        Raises
        ------
        TypeError, ValueError
            If there is no such ``valley`` or ``band``, ``size`` is no integer ≥ 2, or the two bands
            touch: neither has a Chern number; as :func:`chern_number`.
        """
        band = _validate.choice("band", band, (0, 1))
        energies, states = np.linalg.eigh(self.hamiltonian(self.mesh(size), valley))
        narrowest = float((energies[..., 1] - energies[..., 0]).min())
        if narrowest < 1e-9 * np.abs(energies).max():
            raise ValueError(
                f"band {band} has no Chern number: the two bands touch, with a gap of "
                f"{narrowest:.3g} meV on a mesh of {size}"
            )
        return chern_number(states[..., band])

    @one_blas_thread
    def density_of_states(
        self, broadening: float, size: int = 240, points: int = 401, valley: int = 1
    ) -> DensityOfStates:
        """Density of states of the upper band of one valley, levels broadened by a Gaussian.

        Parameters
        ----------
        broadening : float
            Standard deviation in meV, > 0; larger than the level spacing of the mesh.
        size, points : int
            Mesh points along each direction; sampled energies.

        Raises
        ------
        TypeError, ValueError
            If ``broadening`` is not positive, an integer is too small, in particular ``points`` for
            the broadening, or ``valley`` is neither 1 nor −1.
        """
        width = _validate.positive("broadening", broadening, "meV")
        points = _validate.integer("points", points, minimum=16)
        require_memory(f"points={points}", 80 * points**2)
        levels = np.linalg.eigvalsh(self.hamiltonian(self.mesh(size), valley))[..., 1].ravel()
        grid = np.linspace(levels.min() - 8 * width, levels.max() + 8 * width, points)
        if grid[1] - grid[0] > width:
            raise ValueError(
                f"points must be ≥ {math.ceil((grid[-1] - grid[0]) / width) + 1} to resolve a "
                f"broadening of {width:g} meV, got {points}"
            )
        # Levels in fine bins first: the sum over bins replaces one over all levels.
        edges = np.linspace(grid[0], grid[-1], 40 * points)
        counts = np.histogram(levels, edges)[0]
        centres = (edges[:-1] + edges[1:]) / 2
        bells = np.exp(-0.5 * ((grid[:, None] - centres) / width) ** 2)
        values = bells @ counts / (levels.size * self.cell_area * width * math.sqrt(2 * math.pi))
        return DensityOfStates(grid, values, degree=5)

    @one_blas_thread
    def lattice_hamiltonian(
        self, cells: int, intra: ArrayLike, inter: ArrayLike, bias: ArrayLike = 0.0
    ) -> Complex:
        """Both valleys on a periodic patch with disorder, in real space (Ying A7, A8, A10).

        Parameters
        ----------
        cells : int
            Cells along each direction, N.
        intra, inter, bias : array_like
            V₀, V₁ and V_bias in meV, scalars or (N, N, 2) over cells and sublattices; real.

        Returns
        -------
        (4N², 4N²) array
            [[H⁺ + V_bias + V₀, V₁], [V₁, H⁻ + V_bias + V₀]] in meV.

        Raises
        ------
        TypeError, ValueError
            If ``cells`` is no integer ≥ 3, a potential is not real or of another shape, or the
            matrix would not fit into memory.
        """
        n = _validate.integer("cells", cells, minimum=3)
        require_memory(f"cells={n}", 3 * (4 * n**2) ** 2, 16)
        fields = {"intra": intra, "inter": inter, "bias": bias}
        given = {name: _validate.real_array(name, value) for name, value in fields.items()}
        for name, value in given.items():
            if _validate.broadcast(**{name: value, "cells": np.empty((n, n, 2))}) != (n, n, 2):
                raise ValueError(f"{name} must be a number or ({n}, {n}, 2), got {value.shape}")
        v0, v1, vb = (np.broadcast_to(value, (n, n, 2)).ravel() for value in given.values())
        clean = self._valley_lattice(n)
        diagonal = np.diag(v0 + vb)
        return np.block([[clean + diagonal, np.diag(v1)], [np.diag(v1), clean.conj() + diagonal]])

    def _valley_lattice(self, n: int) -> Complex:
        site = np.arange(2 * n * n).reshape(n, n, 2)
        h = np.zeros((2 * n * n, 2 * n * n), dtype=np.complex128)

        def hop(step: NDArray[np.int64], source: int, target: int, amplitude: complex) -> None:
            # ⟨A, R| H |B, R + d⟩ = t gives t e^{ik·d} in reciprocal space.
            moved = np.roll(site, (-int(step[0]), -int(step[1])), axis=(0, 1))
            np.add.at(h, (site[..., source], moved[..., target]), amplitude)
            np.add.at(h, (moved[..., target], site[..., source]), np.conj(amplitude))

        for step in _NEAREST:
            hop(step, 0, 1, self.hopping)
        for step in _SECOND:
            hop(step, 0, 0, self.second_hopping * np.exp(1j * self.flux))
            hop(step, 1, 1, self.second_hopping * np.exp(-1j * self.flux))
        h += np.diag(np.tile([self.mass, -self.mass], n * n))
        return h


@one_blas_thread
def chern_number(states: Complex) -> float:
    """Chern number of a band on a periodic mesh, by plaquettes (Fukui, Hatsugai, Suzuki).

    The phase of the product of the four overlaps around each plaquette does not depend on the
    phases of the states, and the phases of all plaquettes add up to 2π times an integer.

    Parameters
    ----------
    states : (N, M, d) array
        Normalised states, periodic in k, on a mesh that covers the zone along b₁ and b₂.

    Returns
    -------
    float
        (1/2π)∫Ω d²k with Ω = ∂_x A_y − ∂_y A_x and A = i⟨u|∂u⟩.

    Raises
    ------
    TypeError, ValueError
        If ``states`` are not numbers (N, M, d), normalised; as
        :func:`moirelib.bands.plaquettes.resolved_flux`: the mesh is too coarse, or bands touch.
    """
    vectors = _validate.complex_array("states", states)
    if vectors.ndim != 3:
        raise ValueError(f"states must have shape (N, M, d), got {vectors.shape}")
    norm = np.linalg.norm(vectors, axis=-1)
    if not np.allclose(norm, 1.0):
        raise ValueError(
            f"states must be normalised, got norms from {norm.min():.3g} to {norm.max():.3g}"
        )

    def link(a: Complex, b: Complex) -> Complex:
        overlap: Complex = np.einsum("nmd,nmd->nm", a.conj(), b)
        return overlap

    right, up = np.roll(vectors, -1, axis=0), np.roll(vectors, -1, axis=1)
    corner = np.roll(right, -1, axis=1)
    links = link(vectors, right), link(right, corner), link(corner, up), link(up, vectors)
    return float(-resolved_flux(*links).sum() / (2 * math.pi))


def white_noise_potential(
    rng: np.random.Generator,
    shape: tuple[int, ...],
    site_area: float,
    density_of_states: float,
    scattering_time: float,
) -> Array:
    """Sample a potential with ⟨V(x)V(x′)⟩ = δ(x − x′)/(2πντ) on sites (Ying A11, A12).

    Parameters
    ----------
    rng : numpy.random.Generator
        Source of randomness.
    shape : tuple of int
        Shape of the array of sites.
    site_area : float
        Area per site in nm², > 0.
    density_of_states : float
        ν in 1/(meV nm²), > 0.
    scattering_time : float
        τ/ħ in 1/meV, > 0.

    Raises
    ------
    TypeError, ValueError
        If ``rng`` is no generator, ``shape`` does not hold positive integers, or a number is not
        positive.
    """
    area = _validate.positive("site_area", site_area, "nm²")
    nu = _validate.positive("density_of_states", density_of_states, "1/(meV nm²)")
    tau = _validate.positive("scattering_time", scattering_time, "1/meV")
    _validate.instance("rng", rng, np.random.Generator, "a numpy.random.Generator")
    lengths = shape if isinstance(shape, tuple | list) else (shape,)
    shape = tuple(_validate.integer("shape", one, minimum=1) for one in lengths)
    require_memory(f"shape={shape}", math.prod(shape))
    return rng.normal(scale=1 / math.sqrt(2 * math.pi * nu * tau * area), size=shape)


@one_blas_thread
def berry_curvature(
    hamiltonian: Callable[[Array], Complex], k: ArrayLike, band: int, step: float = 1e-4
) -> Array:
    """Berry curvature Ω of one band of a two-band model in nm², from the Kubo sum over bands.

    Parameters
    ----------
    hamiltonian : callable
        H(k) in meV, (..., 2, 2) for k (..., 2).
    k : (..., 2) array
        In 1/nm.
    band : int
        0 or 1.
    step : float
        Step of the central difference for ∂H/∂k, in 1/nm.

    Returns
    -------
    (...) array

    Raises
    ------
    TypeError, ValueError
        If ``hamiltonian`` is no function or its matrices are no (..., 2, 2), ``k`` is not (..., 2),
        ``band`` neither 0 nor 1, ``step`` not between 10⁻⁸ and 1, or the bands touch
        (:class:`~moirelib.bands.bloch.DegenerateBandsError`).
    """
    _validate.function("hamiltonian", hamiltonian, "of wavevectors (..., 2)")
    points = _validate.real_array("k", k, last=2)
    band = _validate.choice("band", band, (0, 1))
    step = _validate.between("step", step, 1e-8, 1.0, "1/nm", "noise below, no derivative above")
    matrices = _validate.complex_array("hamiltonian(k)", hamiltonian(points))
    if matrices.shape != (*points.shape[:-1], 2, 2):
        raise ValueError(f"hamiltonian(k) must have shape (..., 2, 2), got {matrices.shape}")
    energies, states = np.linalg.eigh(matrices)
    slopes = [
        (hamiltonian(points + shift) - hamiltonian(points - shift)) / (2 * step)
        for shift in step * np.eye(2)
    ]
    here, other = states[..., band], states[..., 1 - band]
    vx, vy = (np.einsum("...i,...ij,...j->...", here.conj(), s, other) for s in slopes)
    gap = energies[..., band] - energies[..., 1 - band]
    if (np.abs(gap) < DEGENERACY_MEV).any():
        raise DegenerateBandsError(
            f"berry_curvature needs isolated bands, but the two are within {DEGENERACY_MEV} meV"
        )
    # Ω = i Σ [⟨n|∂_xH|m⟩⟨m|∂_yH|n⟩ − c.c.]/(ε_n − ε_m)²
    return np.asarray(-2 * np.imag(vx * vy.conj()) / gap**2)
