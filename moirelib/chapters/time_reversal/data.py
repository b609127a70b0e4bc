"""Figures on time reversal: Kundu et al., App. C."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np

from moirelib import _validate
from moirelib._repr import short_repr
from moirelib._types import Floats, Ints
from moirelib.bands.bloch import Bands, solve_bands
from moirelib.bands.model import BlochModel
from moirelib.drag.conductivity import drag_conductivity
from moirelib.drag.layer import DragLayer
from moirelib.drag.transfers import Transfers
from moirelib.models.graphene_hbn import GrapheneHBN

_SPIN = 2

# Points across a cell of the square mesh of a band without a moiré.
_WITHIN = 3

COMMON_PHASE = GrapheneHBN(cutoff=2, valley_phase="common")
"""Eq. 6 with ω in the same places for both valleys, and everything else as it closes."""


@cache
def both_valleys(model: GrapheneHBN, mesh: int = 24) -> DragLayer:
    """A layer whose valleys are solved one by one, so that nothing is assumed of time reversal.

    At 5 meV its drag is right to a hundredth of the largest, and few plane waves leave as much.
    """
    return DragLayer(model, mesh=mesh, shells=2, symmetry="none", solver="dense")


@short_repr
@dataclass(frozen=True)
class ValleyBands:
    """Four bands in meV of K at k, and of K′ at −k for two readings of Eq. 6, along a path.

    Parameters
    ----------
    distance, ticks : ndarray, shape (nk,), (nt,)
        Length along the path, and at its corners, in 1/nm.
    labels : tuple of str
        Names of the corners.
    of_k : ndarray, shape (nk, 4)
        Energies of K in meV.
    conjugated, common : ndarray, shape (nk, 4)
        Energies of K′ at −k in meV: matrices conjugated in K′, and the same in both valleys.
    """

    distance: Floats
    ticks: Floats
    labels: tuple[str, ...]
    of_k: Floats
    conjugated: Floats
    common: Floats


def valley_bands(count: int = 40) -> ValleyBands:
    """Return the bands of the two valleys at opposite wavevectors along κ–Γ–M–κ′.

    Parameters
    ----------
    count : int
        Points on each piece of the path.
    """
    model = GrapheneHBN(cutoff=2)
    special = model.lattice.special_points
    names = ("κ", "Γ", "M", "κ′")
    path = model.lattice.path([special[n] for n in names], names, count)
    return ValleyBands(
        path.distance,
        path.ticks,
        path.labels,
        solve_bands(model, path.points, 4).energies,
        solve_bands(model.other_valley(), -path.points, 4).energies,
        solve_bands(COMMON_PHASE.other_valley(), -path.points, 4).energies,
    )


@short_repr
@dataclass(frozen=True)
class ChargeDrag:
    """First-order σ^{xx} in e²/h of equal layers against μ in meV, for two readings of Eq. 6.

    Parameters
    ----------
    mu : ndarray, shape (nmu,)
        In meV.
    valley, charge : ndarray, shape (nmu,)
        Drag of valley and of charge in e²/h, with the matrices conjugated in K′.
    valley_common, charge_common : ndarray, shape (nmu,)
        The same with the matrices of K in K′.
    """

    mu: Floats
    valley: Floats
    charge: Floats
    valley_common: Floats
    charge_common: Floats


def charge_drag(kT: float = 5.0, count: int = 80) -> ChargeDrag:
    """Return first-order charge and valley drag with and without time reversal.

    Parameters
    ----------
    kT : float
        k_BT in meV.
    count : int
        Chemical potentials between −150 and 150 meV.
    """
    mu = np.linspace(-150, 150, count)
    curves = []
    for model in (GrapheneHBN(cutoff=2), COMMON_PHASE):
        layer = both_valleys(model)
        for flavor in ("valley", "charge"):
            drag = drag_conductivity(layer, layer, mu, mu, kT, flavor=flavor)
            curves.append(np.diagonal(drag[..., 0, 0]).copy())
    return ChargeDrag(mu, *curves)


@cache
def cold_layer() -> DragLayer:
    """A layer for T = 0, where triangles leave 5·10⁻³ of the largest drag."""
    return DragLayer(GrapheneHBN(), mesh=144, shells=2, divisions=3)


@short_repr
@dataclass(frozen=True)
class EmptiedValley:
    """First-order σ^{xx} in e²/h against the chemical potential of K′ in meV, K held fixed.

    Parameters
    ----------
    mu_k, mu_k_prime : float, ndarray of shape (nmu,)
        Chemical potentials of the two valleys in meV.
    valley, charge : ndarray, shape (nmu,)
        Drag of valley and of charge in e²/h.
    """

    mu_k: float
    mu_k_prime: Floats
    valley: Floats
    charge: Floats


def emptied_valley(mu_k: float = 20.0, count: int = 145) -> EmptiedValley:
    """Return the drag at T = 0 of two equal layers while K′ is emptied down to a gap.

    Parameters
    ----------
    mu_k : float
        Chemical potential of K in meV.
    count : int
        Values for K′ between −84 meV, in the gap, and 60 meV.
    """
    mu_k = _validate.real_scalar("mu_k", mu_k)
    layer = cold_layer()
    other = np.linspace(-84, 60, count)
    levels = np.stack([np.full(count, mu_k), other], axis=-1)
    valley, charge = (
        np.diagonal(
            drag_conductivity(layer, layer, levels, levels, 0.0, flavor=flavor)[..., 0, 0]
        ).copy()
        for flavor in ("valley", "charge")
    )
    return EmptiedValley(mu_k, other, valley, charge)


MODEL = GrapheneHBN(cutoff=2)


def wavevectors(count: int = 12, seed: int = 1) -> Floats:
    """Random wavevectors inside the zone, away from its symmetric points."""
    rng = np.random.default_rng(seed)
    return MODEL.lattice.k_m * rng.uniform(-0.55, 0.55, size=(count, 2))


@cache
def partners(model: GrapheneHBN = MODEL) -> tuple[Bands, Bands]:
    """The valley of the model at random k, and the other valley at −k."""
    k = wavevectors()
    return solve_bands(model, k), solve_bands(model.other_valley(), -k)


def reversed_rows(model: BlochModel, target: BlochModel) -> Ints:
    """For each row of ``target``, the row of ``model`` with −G and the same orbital, or −1."""
    label = np.column_stack([model.plane_waves, model.orbitals]).tolist()
    row = {tuple(one): i for i, one in enumerate(label)}
    wanted = np.column_stack([-target.plane_waves, target.orbitals]).tolist()
    return np.array([row.get(tuple(one), -1) for one in wanted])


def overlap_deficit(one: Bands, other: Bands) -> float:
    """Largest 1 − |⟨u(other)|T u(one)⟩| over wavevectors and bands; T conjugates and flips G."""
    rows = reversed_rows(one.model, other.model)
    transformed = np.where((rows >= 0)[:, None], one.states[:, rows].conj(), 0)
    overlap = np.einsum("kan,kan->kn", other.states.conj(), transformed)
    return float((1 - np.abs(overlap)).max())


@dataclass(frozen=True)
class TrigonalBand:
    """ε = b k² + c k³ cos 3θ at a chemical potential.

    Parameters
    ----------
    curvature : float
        b in meV nm².
    warping : float
        c in meV nm³.
    mu : float
        In meV.
    """

    curvature: float
    warping: float
    mu: float

    def energy(self, k: Floats) -> Floats:
        """Return ε in meV of k (..., 2) in 1/nm."""
        x, y = k[..., 0], k[..., 1]
        found: Floats = self.curvature * (x**2 + y**2) + self.warping * (x**3 - 3 * x * y**2)
        return found

    def velocity(self, k: Floats) -> Floats:
        """Return ∂_kε in meV nm of k (..., 2)."""
        x, y = k[..., 0], k[..., 1]
        warped = 3 * self.warping * np.stack([x**2 - y**2, -2 * x * y], axis=-1)
        return np.asarray(2 * self.curvature * k + warped)

    def transitions(
        self, q: Floats, longest: float, size: int, window: float = math.inf
    ) -> Transfers:
        """Return transitions by q (2,) on a square mesh, of states within a window of μ in meV.

        The mesh has ``size`` points along each side, up to ``longest`` in 1/nm from the centre.
        """
        spacing = 2 * longest / size
        side = (np.arange(size) + 0.5) * spacing - longest
        k = np.stack(np.meshgrid(side, side, indexing="ij"), axis=-1).reshape(-1, 2)
        before, after = (np.abs(self.energy(one) - self.mu) < window for one in (k, k + q))
        k = k[before & after]
        fine = (np.arange(_WITHIN) - (_WITHIN - 1) / 2) / _WITHIN * spacing
        cell = np.stack(np.meshgrid(fine, fine, indexing="ij"), axis=-1).reshape(-1, 2)
        return Transfers(
            np.stack([self.energy(k), self.energy(k + q)], axis=1),
            np.stack([self.velocity(k), self.velocity(k + q)], axis=1),
            np.ones((len(k), 1), dtype=complex),
            _SPIN * (spacing / (2 * math.pi)) ** 2,
            cell,
            np.full(_WITHIN**2, _WITHIN**-2),
        )
