"""Fermi contours of moiré bands in one valley, with the states on them, by two routes.

All lines of one energy in all bands are one contour: closed pockets and open orbits alike. An open
orbit alone does not close, Σ w v ≠ 0, but the orbits of a band together do, because the band is
periodic.

Energies are in meV, lengths in nm, velocities are ħv in meV nm.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from moirelib import _validate
from moirelib._memory import require_memory
from moirelib._repr import short_repr
from moirelib._threads import one_blas_thread
from moirelib._types import Complex, Floats, Ints
from moirelib.bands.bloch import Bands, solve_bands
from moirelib.bands.brillouin import StateCount
from moirelib.bands.fermi_contours import fermi_contours
from moirelib.bands.fermi_line import fermi_lines
from moirelib.bands.lattice import Mesh
from moirelib.bands.model import ValleyModel, half_count
from moirelib.switching.fermi_pockets import FermiPocket


@short_repr
@dataclass(frozen=True, eq=False)
class ValleyContour:
    """The Fermi contour of one valley, sampled, with its Bloch states.

    Parameters
    ----------
    model : ValleyModel
        The bands.
    mu : float
        In meV.
    wavevectors : array (n, 2)
        In 1/nm.
    elements : array (n, 2)
        The step dk of each sample in 1/nm, occupied states on its left. They sum to zero.
    speeds : array (n,)
        ``|ħv|`` in meV nm.
    states : array (n, rows)
        Plane-wave coefficients.
    lines : array of int (n,)
        Which connected line each sample lies on.
    """

    model: ValleyModel
    mu: float
    wavevectors: Floats
    elements: Floats
    speeds: Floats
    states: Complex
    lines: Ints

    def __post_init__(self) -> None:
        _validate.keep(self)

    @cached_property
    def weights(self) -> Floats:
        """Density of states of each sample, dℓ/[(2π)²ħv], in 1/(meV nm²)."""
        length = np.linalg.norm(self.elements, axis=-1)
        return _validate.frozen(np.asarray(length / (4 * np.pi**2 * self.speeds)))

    @property
    def density_of_states(self) -> float:
        """∮dℓ/[(2π)²ħv] of the valley in 1/(meV nm²)."""
        return float(self.weights.sum())

    @property
    def mean_speed(self) -> float:
        """Mean of ``|ħv|`` over the states at μ, in meV nm."""
        return float(self.weights @ self.speeds) / self.density_of_states

    @property
    def filling(self) -> float:
        """Electrons per moiré cell inside the closed lines; holes count negative.

        Modulo one, and without open orbits, this is the filling of the bands that are cut.
        """
        x, y = self.wavevectors.T
        area = 0.5 * float((x * self.elements[:, 1] - y * self.elements[:, 0]).sum())
        return area / self.model.lattice.zone_area

    def pocket(self) -> FermiPocket:
        """Return the contour as the kinetic equation takes it; angles are those of the velocity."""
        outward = np.stack([self.elements[:, 1], -self.elements[:, 0]], axis=-1)
        velocities = self.speeds[:, None] * outward
        velocities /= np.linalg.norm(self.elements, axis=-1, keepdims=True)
        direction = self.model.valley * velocities
        return FermiPocket(
            self.model.valley,
            np.arctan2(direction[:, 1], direction[:, 0]),
            self.weights,
            velocities,
        )

    @one_blas_thread
    def site_densities(self) -> Floats:
        """Probability on each orbital across the moiré cell, (n, orbitals, points).

        The mean over the points is the weight on that orbital. They are so many that means of
        products of two densities are exact.
        """
        modes = self._modes()
        return np.asarray(np.abs(modes) ** 2)

    def _modes(self) -> Complex:
        """Amplitude of each sample on each orbital and point of the cell, (n, orbitals, points)."""
        waves, orbitals = self.model.plane_waves, self.model.orbitals
        # Products of two densities hold harmonics up to twice the largest difference of waves.
        size = 2 * int(np.ptp(waves, axis=0).max()) + 1
        count = int(orbitals.max()) + 1
        require_memory(f"{len(self.states)} samples", 6 * len(self.states) * count * size**2)
        steps = np.arange(size) / size
        cell = np.stack(np.meshgrid(steps, steps, indexing="ij"), axis=-1).reshape(-1, 2)
        phases = np.exp(2j * np.pi * waves @ cell.T)
        parts = [self.states[:, orbitals == one] @ phases[orbitals == one] for one in range(count)]
        return np.stack(parts, axis=1)


@one_blas_thread
def fermi_level(
    model: ValleyModel, filling: float, kT: float = 0.0, mesh: int = 48, bands: int = 4
) -> float:
    """Return μ in meV at which the bands hold ``filling`` electrons per cell beyond neutrality.

    Parameters
    ----------
    model : ValleyModel
        One valley.
    filling : float
        Electrons per moiré cell, valley and spin, counted from charge neutrality; 3/4 where three
        electrons per cell are shared by both valleys and spins.
    kT : float
        k_BT in meV.
    mesh : int
        Points along each reciprocal vector, in linear triangles.
    bands : int
        Bands kept.

    Raises
    ------
    TypeError, ValueError
        If ``model`` is no Bloch model, ``kT`` no number ≥ 0, ``mesh`` no positive integer,
        ``bands`` not even, or if no μ among the bands gives ``filling`` at ``kT``.
    """
    half = half_count(model, bands, "bands")
    kT = _validate.non_negative("kT", kT, "meV")
    wanted = _validate.between(
        "filling", filling, -half, half, "", f"{bands} bands around neutrality hold no more"
    )
    zone, energies = _on_mesh(model, mesh, 2 * half)
    count = StateCount.of_mesh(zone, energies)
    offsets, weights = thermal_nodes(kT, 200 if kT else 1)

    def excess(level: float) -> float:
        return float(weights @ count(level + offsets)) - half - wanted

    low, high = float(energies.min()) - 1.0, float(energies.max()) + 1.0
    if not excess(low) < 0 < excess(high):
        raise ValueError(
            f"filling must leave μ among {bands} bands at kT={kT:g} meV, from {low:.4g} to "
            f"{high:.4g} meV, got {filling:g}"
        )
    return float(brentq(excess, low, high, xtol=1e-10))


def thermal_nodes(kT: float, nodes: int) -> tuple[Floats, Floats]:
    """Return energies from μ in meV and weights with ∫g(ε)(−f′)dε = Σ w g, both (nodes,).

    Gauss's rule in the occupation f: it asks for most energies where −f′ is large.

    Raises
    ------
    TypeError, ValueError
        If ``kT`` is no number ≥ 0, or ``nodes`` no positive integer or too large for the memory.
    """
    kT = _validate.non_negative("kT", kT, "meV")
    count = _validate.integer("nodes", nodes, minimum=1)
    require_memory(f"nodes={count}", 10 * count**2)
    if kT == 0:
        return np.zeros(1), np.ones(1)
    x, weights = np.polynomial.legendre.leggauss(count)
    return np.asarray(kT * np.log((1 - x) / (1 + x))), np.asarray(weights / 2)


@one_blas_thread
def valley_contour(
    model: ValleyModel, mu: float, points: int = 96, mesh: int = 36, bands: int = 4
) -> ValleyContour:
    """Return the contour on smooth lines: Newton steps to E(k) = μ, converging exponentially.

    Parameters
    ----------
    model : ValleyModel
        One valley.
    mu : float
        In meV.
    points, mesh, bands : int
        As in :func:`moirelib.bands.fermi_lines`.

    Raises
    ------
    TypeError, ValueError
        If no line has that energy, or an argument is of another kind or out of range, as in
        :func:`moirelib.bands.fermi_line.fermi_lines`.
    FermiLineError
        Close to a van Hove energy.
    """
    lines = fermi_lines(model, mu, mesh, bands, points)
    if not lines:
        raise ValueError(f"mu must lie in a band, got {mu:.6g} meV in a gap")
    return ValleyContour(
        model,
        float(mu),
        np.concatenate([line.bands.k for line in lines]),
        np.concatenate([line.line_element for line in lines]),
        np.concatenate([np.linalg.norm(line.velocities, axis=1) for line in lines]),
        np.concatenate([line.bands.states[..., 0] for line in lines]),
        np.repeat(np.arange(len(lines)), [len(line.bands.k) for line in lines]),
    )


@one_blas_thread
def triangle_contour(
    model: ValleyModel,
    mu: float,
    mesh: int = 48,
    bands: int = 4,
    solve: Callable[[ValleyModel, Floats, int], Bands] = solve_bands,
) -> ValleyContour | None:
    """Return the contour on the edges of linear triangles, converging with the square of the mesh.

    Every energy of the mesh is diagonalised, nothing is expanded or iterated; a step crosses two
    triangles, its state and speed are those in its middle.

    Parameters
    ----------
    model : ValleyModel
        One valley.
    mu : float
        In meV.
    mesh : int
        Points along each reciprocal vector.
    bands : int
        Bands searched.
    solve : callable
        Gives the :class:`Bands` of a model at the middles of the steps (nk, 2), so many of them;
        by default a diagonalisation of each.

    Returns
    -------
    ValleyContour or None
        None in a gap.

    Raises
    ------
    TypeError, ValueError
        If ``model`` is no Bloch model, ``mu`` no finite number, ``mesh`` no positive integer, or
        ``bands`` not even or more than the model has.
    """
    mu = _validate.real_scalar("mu", mu)
    _validate.function("solve", solve, "of a model, wavevectors and a number of bands")
    zone, flat = _on_mesh(model, mesh, 2 * half_count(model, bands, "bands"))
    energies = zone.unfold(flat)
    parts: list[tuple[Floats, Floats, Bands, NDArray[np.float64]]] = []
    for band in range(energies.shape[-1]):
        for line in fermi_contours(model.lattice, energies[..., band], mu):
            # Steps over two triangles, from every second corner of the polygon to the next.
            ends = line.points[[*range(0, len(line.points) - 1, 2), len(line.points) - 1]]
            steps = np.diff(ends, axis=0)
            # A corner of the mesh right on the line leaves a step of no length.
            kept = np.linalg.norm(steps, axis=1) > 1e-12 * model.lattice.k_m
            middle = (ends[1:] + ends[:-1])[kept] / 2
            solved = solve(model, model.lattice.fold(middle)[0], bands)
            parts.append((middle, steps[kept], solved, np.full(kept.sum(), band)))
    if not parts:
        return None
    return ValleyContour(
        model,
        mu,
        np.concatenate([one[0] for one in parts]),
        np.concatenate([one[1] for one in parts]),
        np.concatenate(
            [np.linalg.norm(s.velocities[:, int(b[0])], axis=1) for _, _, s, b in parts]
        ),
        np.concatenate([s.states[..., int(b[0])] for _, _, s, b in parts]),
        np.repeat(np.arange(len(parts)), [len(one[0]) for one in parts]),
    )


def _on_mesh(model: ValleyModel, mesh: int, bands: int) -> tuple[Mesh, Floats]:
    """The full mesh and the energies (nk, bands) on it, all of them diagonalised."""
    size = _validate.integer("mesh", mesh, minimum=1)
    require_memory(f"mesh={size}", 60 * size**2)
    return _solved_mesh(model, size, bands)


@lru_cache(maxsize=8)
def _solved_mesh(model: ValleyModel, size: int, bands: int) -> tuple[Mesh, Floats]:
    zone = model.lattice.mesh(size, "none")
    return zone, _validate.frozen(solve_bands(model, zone.points, bands).energies.copy())
