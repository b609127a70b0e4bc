"""Linearised kinetic equation on Fermi pockets: how a current unbalances two valleys.

The distribution on the Fermi contours is written f = f₀ + x ∂f₀/∂ε (Ying Eq. 7), where x is an
energy in meV for each sample of each contour, so that an electron excess counts as −x. A steady
state obeys

    eE·v_i = Σ_j w_j W_ij (x_j − x_i),

with w_j = dℓ/[(2π)² ħv] the density of states of a sample. The field term sums to zero over a
closed contour and a symmetric W conserves the number of electrons, both exactly, also after
discretisation. Contours and rates come from :mod:`moirelib.switching.fermi_pockets`.

Sign convention: the force on a carrier is +eE, as in Ying Eq. 6, and its charge is that same e.
For electrons e is negative.

Units: energies in meV, lengths in nm, ``velocity`` means ħv = ∂ε/∂k in meV nm, times are τ/ħ in
1/meV, the field is the force eE in meV/nm and the current is j/e in units of meV/(ħ nm).
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import block_diag, cho_factor, cho_solve
from scipy.sparse.csgraph import connected_components

from moirelib import _validate
from moirelib._repr import short_repr
from moirelib._threads import one_blas_thread
from moirelib.switching.fermi_pockets import (
    FermiPocket,
    FirstHarmonicRates,
    Rates,
    rate_matrices,
)

Array = NDArray[np.float64]

# Squares of larger shifts overflow; they are far beyond linear response anyway.
_LARGEST_SHIFT_MEV = 1e100


@short_repr
@dataclass(frozen=True, eq=False)
class BoltzmannSolution:
    """Steady state of the linearised kinetic equation.

    Leading axes of ``field`` lead every array.

    Parameters
    ----------
    pockets : tuple of FermiPocket
        The contours.
    field : array (..., 2)
        Force eE in meV/nm.
    current : array (..., 2)
        j/e in meV/(ħ nm).
    distribution : array (..., N)
        x of Ying Eq. 7 at the samples of all pockets, one after the other, in meV.
    conductivity : array (2, 2)
        σ in e²/h.
    dissipation : array (...)
        ½ΣΣ w_i w_j W_ij (x_i − x_j)² in meV²/(ħ nm²): temperature times the entropy production.
    """

    pockets: tuple[FermiPocket, ...]
    field: Array
    current: Array
    distribution: Array
    conductivity: Array
    dissipation: Array

    def __post_init__(self) -> None:
        _validate.keep(self)

    @property
    def pocket_densities(self) -> Array:
        """Excess density of each pocket in 1/nm², shape (..., P)."""
        stops = np.cumsum([len(p.weights) for p in self.pockets])[:-1]
        parts = np.split(self.distribution, stops, axis=-1)
        return -np.stack([x @ p.weights for x, p in zip(parts, self.pockets, strict=True)], -1)

    @property
    def valley_density_difference(self) -> Array:
        """Δn₀ = n⁽⁺⁾ − n⁽⁻⁾ in 1/nm², shape (...) (Ying Eq. 8)."""
        valleys = np.array([float(p.valley) for p in self.pockets])
        difference: Array = self.pocket_densities @ valleys
        return difference

    @property
    def joule_heat(self) -> Array:
        """Power j·E in meV²/(ħ nm²), shape (...)."""
        power: Array = (self.current * self.field).sum(-1)
        return power

    @one_blas_thread
    def harmonics(self, order: int = 3) -> Array:
        """Return x_n and y_n of Ying Eq. 7, shape (..., P, order + 1, 2), in meV.

        The projection is weighted with the density of states, so that x₀ is the shift of the
        pocket's chemical potential on a contour of any shape.

        Raises
        ------
        TypeError, ValueError
            If ``order`` is no integer ≥ 0.
        """
        order = _validate.integer("order", order, minimum=0)
        n = np.arange(order + 1)
        twice = np.where(n == 0, 1.0, 2.0)
        rows = []
        start = 0
        for p in self.pockets:
            x = self.distribution[..., start : start + len(p.weights)]
            start += len(p.weights)
            phase = np.outer(p.angles, n)
            weight = p.weights[:, None] / p.density_of_states * twice
            rows.append(np.stack([x @ (weight * np.cos(phase)), x @ (weight * np.sin(phase))], -1))
        return np.stack(rows, axis=-3)


@one_blas_thread
def solve_boltzmann(
    rates: Rates,
    field: ArrayLike | None = None,
    tau: float = 1.0,
    tau_prime: float = 1.0,
    *,
    current: ArrayLike | None = None,
    pockets: Sequence[FermiPocket] | None = None,
    points: int = 256,
) -> BoltzmannSolution:
    """Solve the linearised Boltzmann equation for a static uniform field (Ying Eq. 6).

    Parameters
    ----------
    rates : callable, array or mapping
        Dimensionless rates. For two pockets, W^{(−+)} in units of 1/(ντ'): a callable of (θ, θ')
        such as :class:`FirstHarmonicRates`, or an array (n₋, n₊); θ and the rows belong to
        ``pockets[1]``. The reverse process follows from detailed balance. For any number of
        pockets, a mapping from pairs of indices (p, q) to such a callable or array, or one array
        (N, N) over all samples. An entry (p, p) is the intra-pocket rate in units of 1/(ν_p τ),
        1 where a mapping has none. Between different pockets ν is the mean over the pockets.
    field : array (..., 2)
        Force eE in meV/nm; give this or ``current``.
    tau, tau_prime : float
        Intra- and inter-valley times τ/ħ and τ'/ħ in 1/meV.
    current : array (..., 2)
        j/e in meV/(ħ nm); the field that drives it is found from the solved conductivity.
    pockets : sequence of FermiPocket, optional
        Two unit circles, valley +1 then −1, by default.
    points : int
        Samples of those default circles; an array of rates brings its own number.

    Returns
    -------
    BoltzmannSolution
        Distribution, current, valley density difference, harmonics.

    Raises
    ------
    TypeError, ValueError
        For an argument of another kind or shape, a time that is not positive, NaN, a negative rate,
        or rates that break detailed balance; the message says by how much and at which angles.

    Notes
    -----
    The densities of the pockets are solved for separately, from the inter-pocket rates alone, so
    that no digits are lost when τ' ≫ τ. A set of pockets that nothing connects to the others
    keeps its equilibrium density.

    Examples
    --------
    >>> rates = FirstHarmonicRates((0.1, 0.0), (0.1, 0.0))
    >>> solution = solve_boltzmann(rates, field=(1.0, 0.0), tau=1.0, tau_prime=1e6)
    >>> round(float(solution.valley_density_difference), 5)
    -0.1
    """
    if (field is None) == (current is None):
        raise ValueError("give either field or current, not both or neither")
    if field is not None:
        control = _validate.real_array("field", field, last=2)
    else:
        control = _validate.real_array("current", np.asarray(current), last=2)
    tau = _validate.positive("tau", tau, "1/meV")
    tau_prime = _validate.positive("tau_prime", tau_prime, "1/meV")
    if pockets is None:
        shaped = not (callable(rates) or isinstance(rates, Mapping))
        shape = _validate.real_array("rates", rates).shape if shaped else ()  # type: ignore[arg-type]
        points = shape[0] if len(shape) == 2 and shape[0] == shape[1] else points
        pockets = (FermiPocket.circle(1, points), FermiPocket.circle(-1, points))
    if not isinstance(pockets, Sequence):
        raise TypeError(
            f"pockets must be a sequence of FermiPocket, got {_validate.shown(pockets)}"
        )
    pockets = tuple(pockets)
    intra, inter = rate_matrices(rates, pockets, tau, tau_prime)
    response = _unit_field_response(pockets, intra, inter)

    w = np.concatenate([p.weights for p in pockets])
    v = np.concatenate([p.velocities for p in pockets])
    mobility = -(w[:, None] * v).T @ response
    if current is not None:
        control = np.linalg.solve(mobility, control[..., None])[..., 0]
    largest = float(np.abs(control).max()) * float(np.abs(response).max())
    if not largest < _LARGEST_SHIFT_MEV:
        name = "field" if current is None else "current"
        raise ValueError(
            f"{name} must be weak enough for a linear response, got one that shifts levels by "
            f"{largest:.3g} meV (at most {_LARGEST_SHIFT_MEV:.0e} meV)"
        )
    x = control @ response.T
    laplacian = _laplacian(intra + inter, w)
    return BoltzmannSolution(
        pockets,
        control,
        control @ mobility.T,
        x,
        2 * np.pi * mobility,
        np.einsum("...i,...i->...", x, x @ laplacian),
    )


def exact_density_difference(
    rates: FirstHarmonicRates,
    field: ArrayLike,
    tau: float,
    tau_prime: float,
    *,
    density_of_states: float = 1.0,
    speed: float = 1.0,
) -> Array:
    """Return Δn₀ for Ying Eqs. 9 and 10 on two circles, exact in the rates and in τ'/τ.

    With ρ = τ'/τ, c = 1 + ρ, S = √(c² − |a|²), S' = √(c² − |a'|²):

        Δn₀ = −ν v_F τ' [a·eE/(c + S) + a'·eE/(c + S')] / (S + S' − ρ − c).

    Parameters
    ----------
    rates : FirstHarmonicRates
        Coefficients of Ying Eq. 9.
    field : array (..., 2)
        Force eE in meV/nm.
    tau, tau_prime : float
        τ/ħ and τ'/ħ in 1/meV.
    density_of_states : float
        ν per valley in 1/(meV nm²).
    speed : float
        ħv_F in meV nm.

    Returns
    -------
    array (...)
        Δn₀ in 1/nm².

    Raises
    ------
    TypeError, ValueError
        If ``rates`` are no :class:`~moirelib.switching.fermi_pockets.FirstHarmonicRates`, ``field``
        is not real and finite (..., 2), or another argument no number > 0.
    """
    _validate.instance("rates", rates, FirstHarmonicRates, "FirstHarmonicRates")
    force = _validate.real_array("field", field, last=2)
    tau = _validate.positive("tau", tau, "1/meV")
    tau_prime = _validate.positive("tau_prime", tau_prime, "1/meV")
    nu = _validate.positive("density_of_states", density_of_states, "1/(meV nm²)")
    speed = _validate.positive("speed", speed, "meV nm")
    a, b = np.array(rates.a), np.array(rates.a_prime)
    c = 1 + tau_prime / tau
    s, s_prime = math.sqrt(c**2 - a @ a), math.sqrt(c**2 - b @ b)
    # S − c = −|a|²/(c + S): the plain difference loses all digits when τ' ≫ τ.
    denominator = 1 - (a @ a) / (c + s) - (b @ b) / (c + s_prime)
    source: Array = force @ (a / (c + s) + b / (c + s_prime))
    difference: Array = -nu * speed * tau_prime * source / denominator
    return difference


def _unit_field_response(pockets: tuple[FermiPocket, ...], intra: Array, inter: Array) -> Array:
    """Return x for unit forces along x and y, shape (N, 2)."""
    w = np.concatenate([p.weights for p in pockets])
    force = -w[:, None] * np.concatenate([p.velocities for p in pockets])
    ones = block_diag(*[np.ones((len(p.weights), 1)) for p in pockets])
    density = w[:, None] * ones
    between = _laplacian(inter, w)
    full = _laplacian(intra, w) + between

    # x = ones·m + y, with m the pocket means and y without mean. Fixing the means by a penalty
    # leaves a definite matrix; y then follows from m, and m from the balance of the pockets, in
    # which the intra-pocket rates cancel identically and are left out.
    scale = np.trace(full) / np.sum(density**2)
    _require_connected(pockets, full)
    factor = cho_factor(full + scale * density @ density.T, lower=True)
    drag = between @ ones
    y = cho_solve(factor, np.hstack([force, drag, density]))
    y_force, y_drag, y_mean = np.split(y, [2, 2 + len(pockets)], axis=1)
    overlap = density.T @ y_mean
    y_force = y_force - y_mean @ np.linalg.solve(overlap, density.T @ y_force)
    y_drag = y_drag - y_mean @ np.linalg.solve(overlap, density.T @ y_drag)

    exchange = ones.T @ drag - drag.T @ y_drag
    source = -drag.T @ y_force
    count, label = connected_components(np.abs(ones.T @ drag) > 0, directed=False)
    share = (label[:, None] == np.arange(count)) * density.sum(0)[:, None]
    size = np.abs(exchange).max() or 1.0
    means = np.linalg.solve(exchange + size * share @ share.T / np.sum(share**2), source)
    response: Array = ones @ means + y_force - y_drag @ means
    return response


def _require_connected(pockets: tuple[FermiPocket, ...], full: Array) -> None:
    """Refuse rates that leave a part of a pocket alone: a field would accelerate it for ever."""
    label = connected_components(full != 0, directed=False)[1]
    pocket = np.repeat(np.arange(len(pockets)), [len(p.weights) for p in pockets])
    for i in range(len(pockets)):
        parts = len(np.unique(label[pocket == i]))
        if parts > 1:
            raise ValueError(
                f"rates must connect the samples of each pocket, but pocket {i} falls into {parts} "
                "parts without scattering between them: it has no steady state in a field"
            )


def _laplacian(rates: Array, w: Array) -> Array:
    """Return the symmetric matrix whose rows sum to zero: out-rates minus in-rates, weighted."""
    flow = w[:, None] * rates * w
    matrix: Array = np.diag(flow.sum(1)) - flow
    return matrix
