"""A moiré layer whose electrons are scattered by those of another: its transitions by each q."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import ArrayLike

from moirelib import _validate
from moirelib._memory import require_memory
from moirelib._repr import short_repr
from moirelib._threads import one_blas_thread
from moirelib._types import Complex, Floats, Ints
from moirelib.bands.bloch import Bands, overlap_form_factors, solve_bands
from moirelib.bands.lattice import PointOperation
from moirelib.bands.model import ALL_SYMMETRIES, ValleyModel, half_count, require_valley_model
from moirelib.bands.stars import Stars
from moirelib.bands.symmetry import require_symmetry
from moirelib.bands.window import require_complete
from moirelib.drag.transfers import Transfers
from moirelib.drag.valleys import SPIN_DEGENERACY

# By time reversal K′ answers a static potential as K does.
_VALLEYS = 2

# Temperature in meV at which the undoped cone is compared with its closed form.
_CONE_KT = 2.0


@dataclass(frozen=True)
class ScatteringLayer:
    """A layer whose electrons are scattered by those of another.

    Parameters
    ----------
    model : ValleyModel
        The layer's model in the valley K, with C₃ᵥ and time reversal.
    mesh : int
        Points along each reciprocal vector, for k and for q.
    bands : int
        Bands kept, half below and half above charge neutrality.
    reach : float
        Transferred momenta up to this, |q + G| in 1/nm.
    shift : tuple of float
        Lateral displacement s of the moiré in nm: λ_G → e^{−iG·s} λ_G.
    origin : tuple of float
        Where the mesh of k begins, in steps of the mesh. Off the symmetric points no k lies on a
        Bragg plane, where a band of a vanishing moiré has no velocity of its own.
    cone : ValleyModel, optional
        The same layer without its moiré, for the screening: its undoped response is known in
        closed form, and what the bands kept lack of it is added.
    divisions : int
        Points across a cell of the mesh, between which energies go on linearly. They must be dense
        against the steps of energy: two layers of one mesh would else show its points in common.

    Raises
    ------
    TypeError, ValueError
        If a parameter is of another kind or out of range, or the model lacks the symmetries.
    """

    model: ValleyModel
    mesh: int = 24
    bands: int = 8
    reach: float = 1.2
    shift: tuple[float, float] = (0.0, 0.0)
    origin: tuple[float, float] = (0.0, 0.0)
    cone: ValleyModel | None = None
    divisions: int = 8

    def __post_init__(self) -> None:
        require_valley_model(self.model)
        mesh = _validate.integer("mesh", self.mesh, minimum=2)
        bands = _validate.integer("bands", self.bands, minimum=2, even=True)
        divisions = _validate.integer("divisions", self.divisions, minimum=1)
        half_count(self.model, bands, "bands")
        shift = _validate.real_array("shift", self.shift, last=2)
        origin = _validate.real_array("origin", self.origin, last=2)
        for name, pair in (("shift", shift), ("origin", origin)):
            if pair.ndim != 1:
                raise ValueError(f"{name} must hold two numbers, got {pair.tolist()}")
        if not set(self.model.symmetries) >= ALL_SYMMETRIES:
            raise ValueError(
                f"model must have {', '.join(sorted(ALL_SYMMETRIES))} among its symmetries, got "
                f"{sorted(self.model.symmetries)}"
            )
        if self.cone is not None:
            require_valley_model(self.cone)
        require_symmetry(self.model)
        reach = _validate.positive("reach", self.reach, "1/nm")
        require_memory(f"mesh={mesh} with bands={bands}", 200 * mesh**2 * bands**2)
        _validate.keep(
            self,
            mesh=mesh,
            bands=bands,
            reach=reach,
            shift=tuple(shift.tolist()),
            origin=tuple(origin.tolist()),
            divisions=divisions,
        )

    def pairs(self, q: Floats) -> Ints:
        """Return the integer pairs (nG, 2) of the G with |q + G| within reach, for ``q`` (2,)."""
        lattice = self.model.lattice
        every = lattice.disc(self.reach + float(np.linalg.norm(q)) + lattice.k_m)
        near: Ints = every[np.linalg.norm(q + lattice.vectors(every), axis=1) <= self.reach]
        return near

    def transfers(self, offset: Ints, pairs: Ints) -> Transfers:
        """Return all transitions by q = (i G₁ + j G₂)/mesh, with λ_G for these G.

        Parameters
        ----------
        offset : ndarray of int, shape (2,)
            (i, j), each from 0 to mesh − 1.
        pairs : ndarray of int, shape (nG, 2)
            G, for the folded q.
        """
        found = self._transfers(self.model, self._states, offset, pairs)
        phases = np.exp(-1j * self.model.lattice.vectors(pairs) @ np.asarray(self.shift))
        return Transfers(
            found.energies,
            found.velocities,
            found.amplitudes * phases,
            found.density,
            found.cell,
            found.shares,
        )

    @one_blas_thread
    def density_response(self, found: Transfers, offset: Ints, pairs: Ints) -> StaticResponse:
        """Return what screens at this q, of both valleys, completed by the cone.

        ``found`` belongs to the ``offset`` (i, j), and its rows to the G in ``pairs`` (nG, 2).
        """
        i, j = offset.tolist()
        missing = np.zeros(len(pairs)) if self.cone is None else _missing(self, i, j)
        return StaticResponse(found, np.diag(missing))

    def drude(self, mu: ArrayLike, kT: float, rate: float = 1.0) -> Floats:
        """Return the conductivity (nmu,) in e²/h at ``mu`` (nmu,), k_BT and a rate ħ/τ in meV.

        Raises
        ------
        TypeError, ValueError
            If ``mu`` is not real and finite (nmu,), ``kT`` or ``rate`` no number > 0, or bands are
            missing at a chemical potential and temperature.
        """
        levels = _validate.real_vector("mu", mu)
        kT = _validate.positive("kT", kT, "meV")
        rate = _validate.positive("rate", rate, "meV")
        require_complete((self.model,), self.bands, levels, kT)
        states = self._states
        velocities = states.velocities
        cell, shares = self._cell
        spread = states.energies[..., None] + velocities @ cell.T
        square = (velocities**2).sum(axis=-1)[..., None] / 2 * shares
        found = []
        for level in levels.tolist():
            half = np.exp(-np.abs(spread - level) / kT)
            found.append((square * half / (1 + half) ** 2 / kT).sum())
        per_area = SPIN_DEGENERACY * _VALLEYS / self.model.lattice.cell_area / self.mesh**2
        return np.asarray(2 * math.pi / rate * per_area * np.array(found), dtype=np.float64)

    def _transfers(self, model: ValleyModel, states: Bands, offset: Ints, pairs: Ints) -> Transfers:
        lattice, mesh = model.lattice, self.mesh
        target = (self._grid + offset) % mesh
        there = target[:, 0] * mesh + target[:, 1]
        moved = Bands(model, states.k[there], states.energies[there], states.states[there])
        # λ_G belongs to e^{−i(q+G)r} with k + q as it is, for the folded q.
        umklapp = np.rint(
            (states.k + self.folded(offset) - moved.k) @ np.linalg.inv(lattice.reciprocal_vectors)
        ).astype(np.int64)
        overlaps = overlap_form_factors(states, moved, pairs, umklapp)
        count = self.bands
        shape = (len(states.k), count, count)
        velocities = states.velocities if model is self.model else np.zeros((*shape[:2], 2))
        energies = np.stack(
            [
                np.broadcast_to(states.energies[:, :, None], shape),
                np.broadcast_to(moved.energies[:, None, :], shape),
            ],
            axis=-1,
        )
        both = np.stack(
            [
                np.broadcast_to(velocities[:, :, None], (*shape, 2)),
                np.broadcast_to(velocities[there][:, None, :], (*shape, 2)),
            ],
            axis=-2,
        )
        return Transfers(
            energies.reshape(-1, 2),
            both.reshape(-1, 2, 2),
            np.moveaxis(overlaps, 0, -1).reshape(-1, len(pairs)),
            SPIN_DEGENERACY / (lattice.cell_area * mesh**2),
            *self._cell,
        )

    def folded(self, offset: Ints) -> Floats:
        """Return the q in 1/nm, (2,) in the first zone, of an ``offset`` (i, j)."""
        lattice = self.model.lattice
        return lattice.fold(np.asarray(offset) @ lattice.reciprocal_vectors / self.mesh)[0]

    @cached_property
    def _grid(self) -> Ints:
        side = np.arange(self.mesh)
        return np.stack(np.meshgrid(side, side, indexing="ij"), axis=-1).reshape(-1, 2)

    @cached_property
    def _cell(self) -> tuple[Floats, Floats]:
        """Points of the Wigner–Seitz cell of the mesh; those on its edge are shared."""
        lattice = self.model.lattice
        points = lattice.vectors(lattice.box(self.divisions)) / self.divisions
        images = points[:, None] - lattice.vectors(lattice.shells(2)[1])
        nearer = np.linalg.norm(images, axis=2) - np.linalg.norm(points, axis=1)[:, None]
        edge = 1e-9 * lattice.k_m
        inside = (nearer > -edge).all(axis=1)
        shares = 1 / (1 + (np.abs(nearer[inside]) < edge).sum(axis=1))
        return points[inside] / self.mesh, shares / self.divisions**2

    def _keeps(self, op: PointOperation, shift: tuple[float, float]) -> bool:
        """Whether e^{iG·s} goes with the operation: if it moves s by a lattice vector or none."""
        turned = np.asarray(shift) @ op.cartesian
        moved = turned + shift if op.conjugates else turned - shift
        turns = self.model.lattice.reciprocal_vectors @ moved / (2 * math.pi)
        return bool(np.abs(turns - np.rint(turns)).max() < 1e-9)

    @cached_property
    @one_blas_thread
    def _states(self) -> Bands:
        return self._solved(self.model)

    @cached_property
    @one_blas_thread
    def _cone_states(self) -> Bands:
        assert self.cone is not None
        return self._solved(self.cone)

    def _solved(self, model: ValleyModel) -> Bands:
        lattice = model.lattice
        places = (self._grid + np.asarray(self.origin)) / self.mesh
        points = lattice.fold(places @ lattice.reciprocal_vectors)[0]
        # A cone without its moiré has no phases of plane waves to turn.
        if any(self.origin) or model is not self.model:
            return solve_bands(model, points, self.bands)
        return Stars.of(model, points, self.bands).take(np.arange(len(points)))

    def offsets(self, *shifts: tuple[float, float]) -> tuple[Ints, Floats]:
        """Return one q of each star, as offsets (nq, 2), and its share of the zone.

        A star is that of q → −q and of what displacements in nm leave of C₃ᵥ.
        """
        images = [
            sign * self._grid @ op.pairs.T % self.mesh
            for op in self.model.lattice.point_operations
            for sign in (1, -1)
            if all(self._keeps(op, shift) for shift in shifts)
        ]
        label = np.min([one[:, 0] * self.mesh + one[:, 1] for one in images], axis=0)
        first, counts = np.unique(label, return_counts=True)
        return self._grid[first], counts / self.mesh**2


@lru_cache(maxsize=4096)
def _missing(layer: ScatteringLayer, i: int, j: int) -> Floats:
    """What the bands kept lack of the undoped cone's χ = −|q + G|/4ħv at one q: (nG,)."""
    assert layer.cone is not None
    offset = np.array([i, j])
    q = layer.folded(offset)
    pairs = layer.pairs(q)
    bare = layer._transfers(layer.cone, layer._cone_states, offset, pairs)
    kept = _VALLEYS * bare.density_response(0.0, _CONE_KT).diagonal().real
    length = np.linalg.norm(q + layer.model.lattice.vectors(pairs), axis=1)
    return _validate.frozen(-length / (4 * layer.model.hbar_v) - kept)


@short_repr
@dataclass(frozen=True, eq=False)
class StaticResponse:
    """χ_{GG′}(q) of one layer against μ and k_BT: of the bands kept, and what they lack."""

    found: Transfers
    missing: Floats

    def __call__(self, mu: float, kT: float) -> Complex:
        """Return χ in 1/(meV nm²), (nG, nG), at μ and k_BT in meV."""
        return _VALLEYS * self.found.density_response(mu, kT) + self.missing
