"""Intrinsic valley Hall and Drude conductivity of one layer, from bands and Berry curvature.

Signs: σ^{xy} is j^x/E^y, as Kundu writes the conversion above Eq. 4. A force F moves a Bloch
state by ħk̇ = F and adds −k̇ × Ω to its velocity (Xiao, Chang and Niu 2010), so that one valley and
spin contributes σ^{xy} = −(e²/h)(1/2π) ∫d²k Σ_n f_n Ω_n, whatever the sign of the charge.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from moirelib import _validate
from moirelib._memory import require_memory
from moirelib._threads import one_blas_thread
from moirelib._types import Complex, Floats
from moirelib.bands.brillouin import Levels
from moirelib.bands.groups import DEGENERACY_MEV
from moirelib.bands.kdotp import KdotPExpansion, expand
from moirelib.bands.lattice import MoireLattice
from moirelib.bands.model import ValleyModel, half_count, require_valley_model
from moirelib.bands.symmetry import require_symmetry
from moirelib.bands.tiling import Tiling
from moirelib.bands.window import require_complete
from moirelib.drag.valleys import spins

VALLEYS = 2

# Each tile is cut into 4**_CUTS triangles; those where a gap is narrower than _GAP_PER_EDGE
# times ħv times the edge are cut again.
_CUTS = 3
_GAP_PER_EDGE = 3


@dataclass(frozen=True)
class HallLayer:
    """One layer, solved once, and its intrinsic valley Hall and Drude conductivities.

    Bands come from k·p expansions about the centres of tiles. Triangles on which two bands come
    closer than the Dirac velocity times their edge are cut again, so that Berry curvature is
    resolved at narrow gaps.

    Parameters
    ----------
    model : ValleyModel
        The layer's model in one valley; the other follows by time reversal.
    divisions : int
        Tiles along each side of a sixth of the zone.
    refinement : int
        How many times a triangle may be cut at a narrow gap.
    bands : int
        Bands whose occupation may vary, half below and half above charge neutrality.

    Raises
    ------
    TypeError, ValueError
        If a parameter is of another kind or out of range, or the model lacks C₃, the mirror or time
        reversal by construction.
    """

    model: ValleyModel
    divisions: int = 8
    refinement: int = 4
    bands: int = 6

    def __post_init__(self) -> None:
        require_valley_model(self.model)
        _validate.keep(
            self,
            divisions=_validate.integer("divisions", self.divisions, minimum=1),
            refinement=_validate.integer("refinement", self.refinement, minimum=0),
            bands=_validate.integer("bands", self.bands, minimum=2, even=True),
        )
        # One band more on either side shows where those kept end.
        half_count(self.model, self.bands + 2, "bands + 2")
        require_memory(
            f"divisions={self.divisions} with bands={self.bands}",
            self.divisions**2 * 4**_CUTS * (3 * self.bands + 6),
        )
        require_symmetry(self.model)

    @property
    def lattice(self) -> MoireLattice:
        """The layer's moiré lattice."""
        return self.model.lattice

    @cached_property
    @one_blas_thread
    def energy_range(self) -> tuple[float, float]:
        """Energies in meV between which every state belongs to the ``bands`` kept."""
        return self._samples.floor, self._samples.ceiling

    @one_blas_thread
    def valley_hall_conductivity(self, mu: ArrayLike, kT: float) -> Floats:
        """Return σ_v^{xy} = σ_K^{xy} − σ_{K′}^{xy}, both spins, in e²/h.

        Parameters
        ----------
        mu : array_like, shape (nmu,)
            Chemical potentials in meV, within ``energy_range``.
        kT : float
            k_BT ≥ 0 in meV.

        Returns
        -------
        ndarray, shape (nmu,)

        Raises
        ------
        TypeError, ValueError
            If ``mu`` is not real and finite (nmu,) or leaves ``energy_range`` with its thermal
            surroundings, or ``kT`` is no number ≥ 0.
        """
        levels = self._within_range(mu, _validate.non_negative("kT", kT, "meV"))
        samples = self._samples
        filled = samples.weights @ samples.sea + self._curvature.filled_sum(levels, kT)
        per_flavour = -filled * self.lattice.zone_area / (2 * math.pi)
        # The curvature of K′ at −k is opposite to that of K at k.
        valley_hall: Floats = spins(self.model) * VALLEYS * self.model.valley * per_flavour
        return valley_hall

    @one_blas_thread
    def conductivity(self, mu: ArrayLike, kT: float, broadening: float = 1.0) -> Floats:
        """Return σ^{xx} from the Drude weight over ħδ, spins and valleys included, in e²/h.

        σ^{xx} = (e²/h)(2π/ħδ) (g/𝒱) Σ_{n,k} ½ |∂_kε|² (−f′), with g = 4 for spins and valleys.
        It is the conductivity of the charge and, with time reversal, of the valley.

        Parameters
        ----------
        mu : array_like, shape (nmu,)
            Chemical potentials in meV, within ``energy_range``.
        kT : float
            k_BT > 0 in meV.
        broadening : float
            ħδ > 0 in meV.

        Returns
        -------
        ndarray, shape (nmu,)

        Raises
        ------
        TypeError, ValueError
            As :meth:`valley_hall_conductivity`; also if ``kT`` or ``broadening`` is no number > 0.
        """
        levels = self._within_range(mu, _validate.positive("kT", kT, "meV"))
        sums = self._squared_speed.thermal_sum(levels, kT)
        weight = spins(self.model) * VALLEYS / self.lattice.cell_area * 0.5 * sums
        drude: Floats = 2 * math.pi / _validate.positive("broadening", broadening, "meV") * weight
        return drude

    @one_blas_thread
    def berry_curvature(self) -> tuple[Floats, Floats, Floats]:
        """Return the samples of the Berry curvature in a sixth of the zone.

        Returns
        -------
        points : ndarray, shape (np, 2)
            Wavevectors in 1/nm, denser where gaps are narrow; C₃ and the mirror carry the
            curvature to the rest of the zone.
        weights : ndarray, shape (np,)
            Share of the zone that each stands for.
        curvature : ndarray, shape (np, bands)
            In nm².
        """
        return self._samples.points, self._samples.weights, self._samples.curvature

    def _within_range(self, mu: ArrayLike, kT: float) -> Floats:
        values = _validate.real_vector("mu", mu)
        require_complete([self.model], self.bands, values, kT, window=self.energy_range)
        return values

    @cached_property
    def _samples(self) -> _Samples:
        tiling = Tiling.of_zone(self.lattice, self.divisions, "C3v")
        samples = _joined(
            [
                self._tile(centre, corners)
                for centre, corners in zip(tiling.centres, tiling.corners, strict=True)
            ]
        )
        _validate.keep(samples)
        return samples

    @cached_property
    def _curvature(self) -> Levels:
        """The Berry curvature, level by level."""
        samples = self._samples
        return Levels.of_mesh(samples.energies, samples.weights, samples.curvature)

    @cached_property
    def _squared_speed(self) -> Levels:
        """|∂_kε|², level by level."""
        samples = self._samples
        return Levels.of_mesh(samples.energies, samples.weights, samples.squared_speed)

    def _tile(self, centre: Floats, corners: Floats) -> _Samples:
        expansion = expand(self.model, centre, self.bands + 2)
        response = _RemoteResponse.at(expansion)
        triangles = corners[None]
        for _ in range(_CUTS):
            triangles = _quartered(triangles)
        parts = []
        for level in range(self.refinement + 1):
            points = triangles.mean(axis=1)
            part, closest = _sample(expansion, response, points, self.bands)
            edge = float(np.linalg.norm(triangles[0, 1] - triangles[0, 0]))
            coarse = closest < _GAP_PER_EDGE * self.model.hbar_v * edge
            coarse &= level < self.refinement
            # A sixth of the zone is an equilateral triangle of side k_m.
            part.weights[:] = (edge / self.lattice.k_m) ** 2
            parts.append(part.subset(~coarse))
            if not coarse.any():
                break
            triangles = _quartered(triangles[coarse])
        return _joined(parts)


@dataclass(frozen=True, eq=False)
class _Samples:
    """Points (np, 2) with weights, and what the integrals need: (np,) or (np, bands)."""

    points: Floats
    weights: Floats
    energies: Floats
    curvature: Floats
    squared_speed: Floats
    sea: Floats  # curvature of all bands below those kept
    floor: float
    ceiling: float

    def subset(self, chosen: NDArray[np.bool_]) -> _Samples:
        return _Samples(
            self.points[chosen],
            self.weights[chosen],
            self.energies[chosen],
            self.curvature[chosen],
            self.squared_speed[chosen],
            self.sea[chosen],
            self.floor,
            self.ceiling,
        )


def _joined(parts: list[_Samples]) -> _Samples:
    return _Samples(
        np.concatenate([part.points for part in parts]),
        np.concatenate([part.weights for part in parts]),
        np.concatenate([part.energies for part in parts]),
        np.concatenate([part.curvature for part in parts]),
        np.concatenate([part.squared_speed for part in parts]),
        np.concatenate([part.sea for part in parts]),
        max(part.floor for part in parts),
        min(part.ceiling for part in parts),
    )


@dataclass(frozen=True, eq=False)
class _RemoteResponse:
    """What bands outside an expansion add to the curvature inside it, at its centre."""

    curvature: Complex  # −2 Im X_x†X_y as a Hermitian matrix (M, M), in nm²
    sea: float  # curvature of all remote bands below

    @classmethod
    def at(cls, expansion: KdotPExpansion) -> _RemoteResponse:
        model = expansion.model
        # The states' terms of first order in q are the admixtures of the remote bands.
        x, y = expansion.states[1:3]
        product = x.conj().T @ y
        # −2 Im of the expectation value is that of i(P − P†).
        matrix = 1j * (product - product.conj().T)
        energies, vectors = expansion.centre_energies, expansion.centre_states
        first = model.occupied - expansion.below
        below, above = vectors[:, :first], vectors[:, first:].conj().T
        gap = energies[:first] - energies[first:][:, None]
        a, b = (above @ (one @ below) / gap for one in model.velocity_operators())
        return cls(matrix, float(-2 * np.imag(a.conj() * b).sum()))


def _sample(
    expansion: KdotPExpansion, response: _RemoteResponse, points: Floats, count: int
) -> tuple[_Samples, Floats]:
    """Samples at points (np, 2), and the smallest gap between neighbouring bands there (np,)."""
    energies, vectors, (v_x, v_y) = expansion.velocity_matrices(points)
    gap = energies[:, :, None] - energies[:, None, :]
    gap[np.abs(gap) < DEGENERACY_MEV] = np.inf  # equally filled: such pairs cancel
    curvature = -2 * np.imag(v_x * v_y.swapaxes(-1, -2) / gap**2).sum(axis=-1)
    curvature += (vectors.conj() * (response.curvature @ vectors)).sum(axis=1).real
    speed = [np.einsum("knn->kn", v).real for v in (v_x, v_y)]
    first = expansion.below - count // 2
    chosen = slice(first, first + count)
    samples = _Samples(
        points,
        np.empty(len(points)),
        energies[:, chosen],
        curvature[:, chosen],
        speed[0][:, chosen] ** 2 + speed[1][:, chosen] ** 2,
        response.sea + curvature[:, :first].sum(axis=1),
        float(energies[:, first - 1].max()),
        float(energies[:, first + count].min()),
    )
    return samples, np.diff(energies[:, chosen], axis=1).min(axis=1)


def _quartered(triangles: Floats) -> Floats:
    """Cut triangles (nt, 3, 2) into four similar ones each."""
    a, b, c = np.moveaxis(triangles, 1, 0)
    ab, bc, ca = (a + b) / 2, (b + c) / 2, (c + a) / 2
    pieces = [(a, ab, ca), (ab, b, bc), (ca, bc, c), (bc, ca, ab)]
    return np.concatenate([np.stack(piece, axis=1) for piece in pieces])
