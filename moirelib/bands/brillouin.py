"""Integrals over the Brillouin zone: thermal sums and linear triangles.

On a triangle with linear energies and values every integral over the line ε(k) = E is closed
form (Lehmann and Taut 1972, in two dimensions), so densities of states and spectral functions
come at any energy, without broadening.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from moirelib import _validate
from moirelib._repr import short_repr
from moirelib._threads import one_blas_thread
from moirelib._types import Floats
from moirelib.bands.lattice import Mesh
from moirelib.bands.triangles import LinearTriangles, binned, crossings, on_points

# Nodes per k_BT of the trapezoidal rule with which spectral functions are smeared, and where it
# ends: −f′ is below 1e-13 of its peak there.
_NODES_PER_KT = 4
_REACH_IN_KT = 30

# Where sums over levels end: −f′ is below 1e-16 of its peak there.
_REACH_OF_SUMS = 37.0


def fermi(energy: ArrayLike, mu: ArrayLike, kT: float) -> Floats:
    """Return the Fermi function 1/(exp((ε − μ)/k_BT) + 1); a step at k_BT = 0.

    Parameters
    ----------
    energy, mu : array_like
        ε and μ in meV; they broadcast against each other.
    kT : float
        k_BT ≥ 0 in meV.

    Returns
    -------
    ndarray
        Dimensionless, of the broadcast shape.

    Raises
    ------
    TypeError, ValueError
        If an argument is not real and finite, shapes do not broadcast, or ``kT`` is negative.
    """
    x = _difference(energy, mu)
    kT = _validate.non_negative("kT", kT, "meV")
    if kT == 0:
        return np.heaviside(-x, 0.5)
    occupation: Floats = expit(-x / kT)
    return occupation


def minus_fermi_derivative(energy: ArrayLike, mu: ArrayLike, kT: float) -> Floats:
    """Return −f′ = f(1 − f)/k_BT in 1/meV.

    Parameters
    ----------
    energy, mu : array_like
        ε and μ in meV; they broadcast against each other.
    kT : float
        k_BT > 0 in meV.

    Returns
    -------
    ndarray
        Of the broadcast shape.

    Raises
    ------
    TypeError, ValueError
        If an argument is not real and finite, shapes do not broadcast, or ``kT`` is not positive.
    """
    kT = _validate.positive("kT", kT, "meV")
    x = _difference(energy, mu)
    return _bell(x, kT)


def _bell(x: Floats, kT: float) -> Floats:
    """−f′ at ε − μ = x."""
    # f(1 − f) = 1/(4 cosh²(x/2)), without cancellation; the clip keeps cosh finite.
    derivative: Floats = 0.25 / kT / np.cosh(np.clip(x / (2 * kT), -300, 300)) ** 2
    return derivative


def fermi_difference(first: ArrayLike, second: ArrayLike, mu: ArrayLike, kT: float) -> Floats:
    """Return f(a) − f(b) for energies a and b that broadcast, without cancellation; k_BT > 0.

    f(a) − f(b) = f(a)(1 − f(b)) (1 − e^x) with x = (a − b)/k_BT ≤ 0.

    Parameters
    ----------
    first, second, mu : array_like
        a, b and μ in meV; they broadcast against each other.
    kT : float
        k_BT > 0 in meV.

    Raises
    ------
    TypeError, ValueError
        As :func:`minus_fermi_derivative`.
    """
    kT = _validate.positive("kT", kT, "meV")
    a, b, level = _pair_and_level(first, second, mu)
    low, high = np.minimum(a, b), np.maximum(a, b)
    weight = fermi(low, level, kT) * fermi(-high, -level, kT)
    step: Floats = np.where(a <= b, -1, 1) * weight * np.expm1((low - high) / kT)
    return step


def fermi_quotient(first: ArrayLike, second: ArrayLike, mu: ArrayLike, kT: float) -> Floats:
    """Return (f(a) − f(b))/(a − b) in 1/meV for energies that broadcast, f′ where they agree.

    Parameters and errors are those of :func:`fermi_difference`.
    """
    a, b, level = _pair_and_level(first, second, mu)
    difference = a - b
    equal = difference == 0
    quotient: Floats = fermi_difference(a, b, level, kT) / np.where(equal, 1.0, difference)
    if equal.any():
        return np.where(equal, -minus_fermi_derivative(a, level, kT), quotient)
    return quotient


def _pair_and_level(
    first: ArrayLike, second: ArrayLike, mu: ArrayLike
) -> tuple[Floats, Floats, Floats]:
    """Two energies and μ, finite arrays that broadcast."""
    a = _validate.real_array("first", first, empty=True)
    b = _validate.real_array("second", second, empty=True)
    level = _validate.real_array("mu", mu, empty=True)
    _validate.broadcast(first=a, second=b, mu=level)
    return a, b, level


def _difference(energy: ArrayLike, mu: ArrayLike) -> Floats:
    """ε − μ, of finite arrays that broadcast."""
    first = _validate.real_array("energy", energy, empty=True)
    second = _validate.real_array("mu", mu, empty=True)
    _validate.broadcast(energy=first, mu=second)
    return first - second


@short_repr
@dataclass(frozen=True, eq=False)
class Levels:
    """Energy levels in ascending order, each with a weighted value: sums over them are slices.

    Parameters
    ----------
    energies : ndarray, shape (n,)
        Levels in meV, ascending.
    values : ndarray, shape (..., n)
        What is summed, weights included.
    """

    energies: Floats
    values: NDArray[Any]

    def __post_init__(self) -> None:
        _validate.keep(self)

    @classmethod
    def of_mesh(cls, energies: Floats, weights: Floats, values: NDArray[Any]) -> Levels:
        """Sort ``energies`` (nk, nb), with ``weights`` (nk,) and ``values`` (..., nk, nb)."""
        order = np.argsort(energies, axis=None)
        # All values of a level side by side: they move together.
        rows = np.moveaxis(values, (-2, -1), (0, 1)).reshape(energies.size, -1)[order]
        rows = rows.astype(np.result_type(rows, float), copy=False)
        rows *= weights[order // energies.shape[1], None]
        sorted_values = _validate.frozen(rows).T.reshape(*values.shape[:-2], -1)
        return cls(_validate.frozen(energies.ravel()[order]), sorted_values)

    @one_blas_thread
    def thermal_sum(self, mu: Floats, kT: float) -> NDArray[Any]:
        """Return Σ (−f′(ε − μ)) a over all levels, (..., nmu); ``mu`` (nmu,), k_BT > 0 in meV."""
        return self._summed(mu, kT, lambda x: _bell(x, kT))

    @one_blas_thread
    def filled_sum(self, mu: Floats, kT: float) -> NDArray[Any]:
        """Return Σ f(ε − μ) a over all levels, (..., nmu); ``mu`` (nmu,), k_BT ≥ 0 in meV."""
        return self._summed(mu, kT, lambda x: fermi(x, 0.0, kT), below=True)

    def _summed(
        self, mu: Floats, kT: float, weight: Callable[[Floats], Floats], below: bool = False
    ) -> NDArray[Any]:
        """Σ w(ε − μ) a over the levels within reach, and with weight 1 over those below."""
        # The values of a level side by side, real parts and imaginary ones: a real matrix.
        rows = np.ascontiguousarray(self.values.reshape(-1, len(self.energies)).T)
        rows = rows.astype(np.result_type(rows, float), copy=False)
        parts = rows.view(np.float64)
        start = np.searchsorted(self.energies, mu - _REACH_OF_SUMS * kT)
        stop = np.searchsorted(self.energies, mu + _REACH_OF_SUMS * kT, side="right")
        summed = np.zeros((len(mu), parts.shape[1]))
        for n, (one, i, j) in enumerate(zip(mu, start, stop, strict=True)):
            if i < j:
                summed[n] = weight(self.energies[i:j] - one) @ parts[i:j]
        if below:
            summed += np.pad(np.cumsum(parts, axis=0), ((1, 0), (0, 0)))[start]
        return summed.view(rows.dtype).T.reshape(*self.values.shape[:-1], len(mu))


@one_blas_thread
def thermal_sum(
    energies: Floats, weights: Floats, values: NDArray[Any], mu: ArrayLike, kT: float
) -> NDArray[Any]:
    """Return Σ_k w_k Σ_n (−f′(ε_kn − μ)) a_kn, the mesh form of Kundu Eq. 33.

    Parameters
    ----------
    energies : ndarray, shape (nk, nb)
        Band energies in meV.
    weights : ndarray, shape (nk,)
        Weights of the points.
    values : ndarray, shape (..., nk, nb)
        What is summed.
    mu : array_like, shape (nmu,)
        Chemical potentials in meV.
    kT : float
        k_BT > 0 in meV.

    Returns
    -------
    ndarray, shape (..., nmu)
        In units of a per meV.

    Raises
    ------
    TypeError, ValueError
        If an argument is not finite, shapes do not match, or ``kT`` is not positive.
    """
    mu = _validate.real_vector("mu", mu, empty=True)
    kT = _validate.positive("kT", kT, "meV")
    energies = _validate.real_array("energies", energies)
    if energies.ndim != 2:
        raise ValueError(f"energies must have shape (nk, nb), got {energies.shape}")
    weights = _validate.real_array("weights", weights)
    if weights.shape != energies.shape[:1]:
        raise ValueError(f"weights must have shape {energies.shape[:1]}, got {weights.shape}")
    values = on_points("values", values, energies)
    return Levels.of_mesh(energies, weights, values).thermal_sum(mu, kT)


@one_blas_thread
def spectral_function(
    mesh: Mesh,
    energies: Floats,
    at: ArrayLike,
    values: NDArray[Any] | None = None,
) -> NDArray[Any]:
    """Return F(E) = Σ_n ∫ d²k/A_BZ a_n(k) δ(E − ε_n(k)) by linear triangles (Kundu Eq. 43).

    Parameters
    ----------
    mesh : Mesh
        Mesh with its triangles.
    energies : ndarray, shape (nk, nb)
        Band energies on its points, in meV.
    at : array_like, shape (ne,)
        Energies E in meV, in any order.
    values : ndarray, shape (..., nk, nb), optional
        a_n(k); 1 if left out, which gives the density of states per cell and flavour.

    Returns
    -------
    ndarray, shape (..., ne)
        F in units of a per meV.

    Raises
    ------
    TypeError, ValueError
        If an argument is not finite, or its shape does not fit the mesh.
    """
    triangles = LinearTriangles.of_mesh(mesh, energies)
    if values is None:
        return triangles.density(at)
    return triangles.spectral(at, on_points("values", values, energies))


def smearing_nodes(mu: Floats, kT: float) -> tuple[Floats, Floats]:
    """Return nodes (n,) and weights (n, nmu) with ∫F(ε)(−f′(ε − μ))dε = F(nodes) @ weights.

    The thermal average of Kundu Eq. 44. A trapezoidal rule on one grid for all μ: it converges
    exponentially, wherever μ lies on it.

    ``mu`` (nmu,) and ``kT`` ≥ 0 are in meV; errors as :func:`fermi`.
    """
    mu = _validate.real_vector("mu", mu)
    kT = _validate.non_negative("kT", kT, "meV")
    if kT == 0:
        return mu, np.eye(len(mu))
    reach = np.arange(-_REACH_IN_KT * _NODES_PER_KT, _REACH_IN_KT * _NODES_PER_KT + 1)
    step = kT / _NODES_PER_KT
    nodes = np.unique(np.rint(mu / step)[:, None] + reach) * step
    weights = minus_fermi_derivative(nodes[:, None], mu, kT)
    normalised: Floats = weights / weights.sum(axis=0)
    return np.asarray(nodes, dtype=np.float64), normalised


def counting_function(mesh: Mesh, energies: Floats, at: ArrayLike) -> Floats:
    """Return the number of states per cell and flavour below E, by linear triangles.

    Parameters and errors are those of :func:`spectral_function`, its derivative with a = 1.

    Returns
    -------
    ndarray, shape (ne,)
        Between 0 and the number of bands.
    """
    return StateCount.of_mesh(mesh, energies)(at)


@short_repr
@dataclass(frozen=True, eq=False)
class StateCount:
    """:func:`counting_function` of one mesh, whose triangles are sorted once for many energies.

    Parameters
    ----------
    corners : ndarray, shape (n, 3)
        Energies in meV at the corners of every triangle and band, ascending in each.
    weights : ndarray, shape (n,)
        Share of the zone of each.
    tops, below : ndarray, shape (n,) and (n + 1,)
        The highest corners, ascending, and the states of the triangles that end below each.
    """

    corners: Floats
    weights: Floats
    tops: Floats
    below: Floats

    def __post_init__(self) -> None:
        _validate.keep(self)

    @classmethod
    def of_mesh(cls, mesh: Mesh, energies: Floats) -> StateCount:
        """Sort bands (nk, nb) on the points of a mesh; errors as :func:`spectral_function`."""
        triangles = LinearTriangles.of_mesh(mesh, energies)
        corners, weights = triangles.corners, triangles.weights
        # Ascending, so that the triangles at one energy lie side by side in memory.
        order = np.argsort(corners[:, 2])
        corners, weights = corners[order], weights[order]
        # Whole numbers of triangles of the full mesh: their sums do not round.
        whole = 2 * mesh.size**2
        below = np.concatenate([[0.0], np.cumsum(np.rint(weights * whole))]) / whole
        return cls(corners, weights, np.ascontiguousarray(corners[:, 2]), below)

    @one_blas_thread
    def __call__(self, at: ArrayLike) -> Floats:
        """Return the states below energies (ne,) in meV; errors as :func:`spectral_function`."""
        at = _validate.real_vector("at", at, empty=True)
        triangle, where, energy = crossings(self.corners, at)
        low, middle, high = self.corners[triangle].T
        upper = energy >= middle
        apex = np.where(upper, high - energy, energy - low) ** 2
        apex /= (high - low) * np.where(upper, high - middle, middle - low)
        share = np.where(upper, 1 - apex, apex)
        partial = binned(where, self.weights[triangle] * share, len(at))
        # Besides, the triangles that lie below E as a whole.
        filled: Floats = self.below[np.searchsorted(self.tops, at, side="right")]
        return partial + filled
