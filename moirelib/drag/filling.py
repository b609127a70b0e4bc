"""Carriers in a solved layer: density, filling, chemical potential and density of states.

Densities are counted from charge neutrality. So the filled bands that a layer leaves out do not
matter, and the kept ones suffice as long as the chemical potential lies between those left out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, Protocol

import numpy as np
from numpy.typing import ArrayLike

from moirelib import _validate
from moirelib._threads import one_blas_thread
from moirelib._types import Floats
from moirelib.bands.brillouin import (
    Levels,
    StateCount,
    fermi,
    smearing_nodes,
    spectral_function,
)
from moirelib.bands.lattice import Mesh, MoireLattice
from moirelib.bands.model import ValleyModel
from moirelib.drag.valleys import per_valley, spins
from moirelib.units import to_1e12_per_cm2

# A band so many k_BT beyond the chemical potential holds fewer than 5e-5 carriers per state.
_TAIL_IN_KT = 10.0

# States per cell and flavour below which a sum over the mesh is rounding.
_ROUNDING = 1e-12


class _Solved(Protocol):
    """What is needed of one solved valley."""

    @property
    def energies(self) -> Floats: ...


class _Layer(Protocol):
    """What is needed of a layer: its parameters, its zone and its solved valleys."""

    @property
    def model(self) -> ValleyModel: ...
    @property
    def lattice(self) -> MoireLattice: ...
    @property
    def bands(self) -> int: ...
    @property
    def symmetry(self) -> Literal["full", "none"]: ...
    @property
    def zone(self) -> Mesh: ...
    @property
    def complete_window(self) -> tuple[float, float]: ...
    @property
    def thermal_resolution(self) -> float: ...
    @property
    def _valley_responses(self) -> Mapping[int, _Solved]: ...


class Filling:
    """The part of :class:`moirelib.DragLayer` that counts its carriers."""

    @one_blas_thread
    def density(self: _Layer, mu: ArrayLike, kT: float) -> Floats:
        """Return the carrier density n(μ, T), counted from charge neutrality.

        n = (2/𝒱) Σ_{k,ξ} [Σ_{n>0} f(ε − μ) − Σ_{n≤0} (1 − f(ε − μ))], with the factor 2 for spin;
        electrons count positive, and bands n ≤ 0 are those filled at neutrality.

        Parameters
        ----------
        mu : array_like, shape (nmu,) or (nmu, 2)
            Chemical potentials in meV; two columns set K and K′ separately.
        kT : float
            k_BT ≥ 0 in meV; see :func:`moirelib.units.thermal_energy` for kelvin.

        Returns
        -------
        ndarray, shape (nmu,)
            In 1/nm², both spins and valleys; :func:`moirelib.units.to_1e12_per_cm2` converts.

        Raises
        ------
        TypeError, ValueError
            If ``mu`` or ``kT`` is not real and finite or of another shape, ``kT`` is negative, or a
            chemical potential, with ten k_BT on either side, leaves ``complete_window``.
        """
        kT = _validate.non_negative("kT", kT, "meV")
        of_valleys = per_valley(mu)
        _require_within(self, np.concatenate(of_valleys), kT)
        count = [one.carriers(at, kT) for one, at in zip(_counts(self), of_valleys, strict=True)]
        return spins(self.model) / self.lattice.cell_area * (count[0] + count[1])

    def filling(self: _Layer, mu: ArrayLike, kT: float) -> Floats:
        """Return the carriers per moiré cell, n 𝒱_cell; ±4 fills or empties a whole band.

        Parameters, shape and errors are those of :meth:`density`.
        """
        return Filling.density(self, mu, kT) * self.lattice.cell_area

    @one_blas_thread
    def chemical_potential(self: _Layer, density: ArrayLike, kT: float) -> Floats:
        """Return the chemical potential μ at which the layer holds a carrier density.

        Parameters
        ----------
        density : array_like, shape (n,)
            In 1/nm², counted from neutrality, electrons positive;
            :func:`moirelib.units.from_1e12_per_cm2` converts.
        kT : float
            k_BT ≥ 0 in meV.

        Returns
        -------
        ndarray, shape (n,)
            In meV, the same in both valleys. At k_BT = 0 a whole gap has one density: then the
            middle of the gap.

        Raises
        ------
        TypeError, ValueError
            If ``density`` or ``kT`` is not real and finite, ``kT`` is negative, or a density is out
            of reach of the bands that are kept.
        """
        kT = _validate.non_negative("kT", kT, "meV")
        wanted = _validate.real_vector("density", density)
        counts = _counts(self)
        per_area = spins(self.model) / self.lattice.cell_area

        def carriers(mu: Floats) -> Floats:
            if counts[0] is counts[1]:
                return 2 * counts[0].carriers(mu, kT)
            return counts[0].carriers(mu, kT) + counts[1].carriers(mu, kT)

        ends = _reachable(self, counts, kT)
        least, most = (per_area * carriers(np.array(ends))).tolist()
        slack = per_area * _ROUNDING
        outside = wanted[(wanted < least - slack) | (wanted > most + slack)]
        if len(outside):
            raise ValueError(
                f"density must lie between {least:.4g} and {most:.4g} 1/nm² "
                f"({to_1e12_per_cm2(least):.3g} and {to_1e12_per_cm2(most):.3g} in 10¹²/cm²), "
                f"which {self.bands} bands hold, got {outside[0]!r}; keep more bands to go further"
            )
        # Both ends of the interval on which the density is met, up to rounding.
        target = wanted / per_area
        edges = np.concatenate([target - 2 * _ROUNDING, target + 2 * _ROUNDING])
        roots = _inverse(carriers, edges, *ends)
        return np.asarray((roots[: len(target)] + roots[len(target) :]) / 2)

    @one_blas_thread
    def density_of_states(self: _Layer, energy: ArrayLike, kT: float = 0.0) -> Floats:
        """Return the density of states, or at k_BT > 0 the thermal one, ∂n/∂μ.

        ν(E) = (2/𝒱) Σ_{n,k,ξ} δ(E − ε), with the factor 2 for spin, by linear triangles.

        Parameters
        ----------
        energy : array_like, shape (ne,)
            In meV, within ``complete_window``.
        kT : float
            k_BT ≥ 0 in meV.

        Returns
        -------
        ndarray, shape (ne,)
            In 1/(meV nm²), both spins and valleys.

        Raises
        ------
        TypeError, ValueError
            If ``energy`` or ``kT`` is not real and finite, ``kT`` is negative, or an energy, with
            ten k_BT on either side, leaves ``complete_window``.
        """
        kT = _validate.non_negative("kT", kT, "meV")
        at = _validate.real_vector("energy", energy)
        _require_within(self, at, kT, "energy")
        total = np.sum([one.thermal(at, kT) for one in _counts(self)], axis=0)
        return np.asarray(spins(self.model) / self.lattice.cell_area * total)


@dataclass(frozen=True)
class _Count:
    """The bands (nk, nb) of one valley and spin, half below neutrality, as a counter of states."""

    zone: Mesh
    energies: Floats
    resolution: float

    @cached_property
    def _levels(self) -> Levels:
        return Levels.of_mesh(self.energies, self.zone.weights, np.ones_like(self.energies))

    @cached_property
    def _states(self) -> StateCount:
        return StateCount.of_mesh(self.zone, self.energies)

    @cached_property
    def _below(self) -> Floats:
        """States below each level, summed as whole points of the full mesh: without rounding."""
        points = self.zone.size**2
        return np.concatenate([[0.0], np.cumsum(np.rint(self._levels.values * points))]) / points

    def carriers(self, mu: Floats, kT: float) -> Floats:
        """Σ f − (filled at neutrality), per cell: (nmu,)."""
        filled = np.empty(len(mu))
        if kT < self.resolution:
            nodes, weights = smearing_nodes(mu, kT)
            filled[:] = self._states(nodes) @ weights
        else:
            # f is 1 or 0 to rounding outside the slice.
            levels = self._levels
            first, last = (np.searchsorted(levels.energies, mu + s * 37 * kT) for s in (-1, 1))
            for n, (one, i, j) in enumerate(zip(mu, first, last, strict=True)):
                share = fermi(levels.energies[i:j], one, kT)
                filled[n] = self._below[i] + levels.values[i:j] @ share
        return np.asarray(filled - self.energies.shape[1] // 2)

    def thermal(self, mu: Floats, kT: float) -> Floats:
        """Σ (−f′), per cell and meV: (nmu,)."""
        if kT >= self.resolution:
            return np.asarray(self._levels.thermal_sum(mu, kT))
        if kT == 0:
            return np.asarray(spectral_function(self.zone, self.energies, mu))
        # The slope of what ``carriers`` returns; the count is smoother than its derivative.
        nodes, weights = smearing_nodes(mu, kT)
        slopes = weights * -np.tanh((mu - nodes[:, None]) / (2 * kT)) / kT
        return np.asarray(self._states(nodes) @ slopes)


def _counts(layer: _Layer) -> tuple[_Count, _Count]:
    """The counters of K and K′; time reversal gives both valleys the same energies."""
    solved, valley = layer._valley_responses, layer.model.valley
    own = _Count(layer.zone, solved[valley].energies, layer.thermal_resolution)
    if layer.symmetry == "full":
        return own, own
    return own, _Count(layer.zone, solved[-valley].energies, layer.thermal_resolution)


def _require_within(layer: _Layer, mu: Floats, kT: float, name: str = "mu") -> None:
    lowest, highest = (end + s * _TAIL_IN_KT * kT for end, s in _ends(layer))
    outside = mu[(mu < lowest) | (mu > highest)]
    if len(outside):
        raise ValueError(
            f"{name} must lie between {lowest:.1f} and {highest:.1f} meV, where {layer.bands} "
            f"bands are complete at k_BT = {kT:g} meV, got {outside[0]!r}; "
            "keep more bands to go further"
        )


def _ends(layer: _Layer) -> tuple[tuple[float, int], tuple[float, int]]:
    """Ends of the complete window, and in which direction it lies."""
    lowest, highest = layer.complete_window
    return (lowest, 1), (highest, -1)


def _reachable(layer: _Layer, counts: tuple[_Count, _Count], kT: float) -> tuple[float, float]:
    """Chemical potentials between which a density is looked for: where all bands are complete."""
    lowest, highest = (end + s * _TAIL_IN_KT * kT for end, s in _ends(layer))
    if lowest > highest:
        raise ValueError(
            f"kT must be at most {(highest - lowest) / (2 * _TAIL_IN_KT) + kT:.3g} meV, up to "
            f"which {layer.bands} bands are complete, got {kT!r}; keep more bands"
        )
    # With all bands of a model kept the window is infinite, and the levels end by themselves.
    least = min(one.energies.min() for one in counts) - 40 * kT
    most = max(one.energies.max() for one in counts) + 40 * kT
    return max(lowest, float(least)), min(highest, float(most))


def _inverse(
    function: Callable[[Floats], Floats], values: Floats, low: float, high: float
) -> Floats:
    """Arguments in [low, high] at which a non-decreasing function takes ``values``.

    The Illinois form of the secant rule, all values at once, with a bisection every third step:
    across a gap the function is flat, and a secant says nothing.
    """
    left, right = np.full(len(values), low), np.full(len(values), high)
    f_left, f_right = function(left) - values, function(right) - values
    # Ends beyond reach stand for themselves.
    right, left = np.where(f_left >= 0, left, right), np.where(f_right <= 0, right, left)
    f_left, f_right = np.minimum(f_left, -_ROUNDING), np.maximum(f_right, _ROUNDING)
    before = np.zeros(len(values), dtype=np.int64)
    for step in range(200):
        if (right - left).max(initial=0.0) <= 1e-13 * (high - low):
            break
        share = 0.5 if step % 3 == 2 else f_left / (f_left - f_right)
        middle = left + np.clip(share, 0.0, 1.0) * (right - left)
        f_middle = function(middle) - values
        side = np.where(f_middle < 0, -1, 1)
        # An end that stays for the second time counts half.
        halved = np.where(side == before, 0.5, 1.0)
        f_left = np.where(side < 0, f_middle, halved * f_left)
        f_right = np.where(side < 0, halved * f_right, f_middle)
        met = np.abs(f_middle) <= 0.1 * _ROUNDING
        left = np.where(met | (side < 0), middle, left)
        right = np.where(met | (side > 0), middle, right)
        before = side
    return np.asarray((left + right) / 2)
