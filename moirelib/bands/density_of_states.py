"""Thermal averages over a density of states given as a function or as samples.

Everything that mean-field theory needs of a band is its density of states ν(ε): the density
n(μ, T) = ∫ν f dε and its derivatives with respect to μ. The density of states becomes a spline
between its first and last energy and is zero outside.

Two quadratures cover all temperatures. Where it is cold, the averages
∫ du ν(μ + Tu)/(4 cosh²(u/2)) are trapezoidal sums, which converge exponentially for a smooth
integrand, with the steps of ν at the ends of the band in closed form. Where it is warm, and the
Fermi function is the smooth factor, they are Gauss sums over panels of the band. The panels are
as narrow as the structure of ν asks for, and it is warm from half the width of a panel: then the
steps of the trapezoidal sums never exceed a quarter of it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.interpolate import PPoly, make_interp_spline
from scipy.special import expit

from moirelib import _validate
from moirelib._memory import require_memory
from moirelib._repr import short_repr
from moirelib._threads import one_blas_thread

Array = NDArray[np.float64]

# A step of 1/2 leaves an error exp(-4π²) for an analytic integrand; the weight at |u| = 36 is
# below the rounding error.
_NODES = np.arange(-36.0, 36.25, 0.5)
_WEIGHTS = expit(_NODES) * expit(-_NODES)
_WEIGHTS = _WEIGHTS / _WEIGHTS.sum()

# A function of μ is tabulated at so many points per k_BT, beyond the band as far as the nodes
# reach, and up to so many in all: it is analytic within ±iπk_BT of real μ. Where it is cold, sums
# over these points share the values of ν, and their steps are a quarter of those above.
_POINTS_PER_KT, _MOST_POINTS = 8, 8000
_BEYOND = 36 * _POINTS_PER_KT
_DEGREE = 7
_FINER = expit(np.arange(-_BEYOND, _BEYOND + 1) / _POINTS_PER_KT)
_FINER_WEIGHTS = _FINER * _FINER[::-1]
_FINER_WEIGHTS = _FINER_WEIGHTS / _FINER_WEIGHTS.sum()

# Levels whose fillings of the band are summed at a time: they stay in the cache of the processor.
_AT_A_TIME = 32

# Numbers of panels to choose from, and the nodes of each. At a temperature of half their width the
# sums over a smooth ν are exact to rounding. The states of all panels must come out right to this
# share.
_PANELS = (50, 100, 200, 400, 800)
_ORDER = 10
_OF_STATES = 1e-8


@short_repr
@dataclass(frozen=True, eq=False)
class DensityOfStates:
    """Density of states of one valley.

    Parameters
    ----------
    energies : (N,) array
        Strictly increasing energies in meV; the band ends at the first and the last.
    values : (N,) array
        Density of states at these energies in 1/(meV nm²), non-negative.
    degree : int
        Degree of the interpolating spline, 3 or 5. The second derivative of a sampled density of
        states is as good as the samples.

    Raises
    ------
    TypeError, ValueError
        If ``energies`` and ``values`` are not real and finite, of one length above ``degree``, if
        the energies do not increase, if a value or the spline between the values is negative, or if
        ``degree`` is neither 3 nor 5.

    Examples
    --------
    >>> flat = DensityOfStates([-5.0, -2.0, 1.0, 5.0], [2.0, 2.0, 2.0, 2.0])
    >>> print(f"{flat.density(0.0, 0.0):.6f} {flat.states:.6f}")
    10.000000 20.000000
    """

    energies: ArrayLike
    values: ArrayLike
    degree: int = 3

    def __post_init__(self) -> None:
        energies = _validate.real_vector("energies", self.energies)
        values = _validate.real_vector("values", self.values)
        degree = _validate.choice("degree", self.degree, (3, 5))
        if energies.shape != values.shape:
            raise ValueError(
                f"values must have one entry for each of the {energies.size} energies, "
                f"got {values.size}"
            )
        if energies.size <= degree:
            raise ValueError(
                f"energies must hold more than {degree} samples for a spline of degree "
                f"{degree}, got {energies.size}"
            )
        if not (np.diff(energies) > 0).all():
            raise ValueError("energies must increase strictly")
        if (values < 0).any():
            raise ValueError(f"values must be ≥ 0 1/(meV nm²), got {values.min()}")
        _validate.keep(self, energies=energies, values=values, degree=degree)
        between = self._splines[1](np.linspace(energies[0], energies[-1], 8 * energies.size))
        if between.min() < -1e-3 * values.max():
            raise ValueError(
                f"values: the spline through them falls to {between.min():.3g} 1/(meV nm²) between "
                "the samples; a density of states must be ≥ 0, so sample it more finely"
            )

    @classmethod
    def from_function(
        cls,
        function: Callable[[Array], ArrayLike],
        lower: float,
        upper: float,
        points: int = 2001,
    ) -> DensityOfStates:
        """Sample ``function`` (energies in meV → 1/(meV nm²)) on ``[lower, upper]``.

        >>> import numpy as np
        >>> band = DensityOfStates.from_function(lambda e: np.exp(-(e**2)), -6.0, 6.0)
        >>> print(f"{band.states / np.sqrt(np.pi):.10f}")
        1.0000000000

        Raises
        ------
        TypeError, ValueError
            If ``function`` is no function or returns another shape, ``lower`` and ``upper`` are not
            finite numbers in this order, or ``points`` is no integer ≥ 16; as
            :class:`DensityOfStates`.
        """
        low, high = _validate.real_scalar("lower", lower), _validate.real_scalar("upper", upper)
        if high <= low:
            raise ValueError(f"upper must be > lower = {low} meV, got {high}")
        _validate.function("function", function, "of energies in meV")
        grid = np.linspace(low, high, _validate.integer("points", points, minimum=16))
        values = _validate.real_array("function(energies)", function(grid))
        _validate.broadcast(**{"function(energies)": values, "energies": grid})
        return cls(grid, np.broadcast_to(values, grid.shape), degree=5)

    @property
    def lower(self) -> float:
        """Lower end of the band in meV."""
        return float(np.asarray(self.energies)[0])

    @property
    def upper(self) -> float:
        """Upper end of the band in meV."""
        return float(np.asarray(self.energies)[-1])

    @cached_property
    def states(self) -> float:
        """States of the full band of one valley, in 1/nm²."""
        return float(self._splines[0](self.upper))

    @one_blas_thread
    def density(self, chemical_potential: ArrayLike, kT: ArrayLike) -> Array:
        """Electron density n(μ, T) = ∫ν(ε) f(ε) dε of one valley.

        Parameters
        ----------
        chemical_potential, kT : array_like
            In meV, kT ≥ 0; they broadcast against each other.

        Returns
        -------
        array
            Densities in 1/nm², of the broadcast shape.

        Raises
        ------
        TypeError, ValueError
            If an argument is not real and finite, ``kT`` is negative, or the shapes do not
            broadcast.
        """
        mu, kT = self._arguments(chemical_potential, kT)
        return self._by_temperature(self._cold_density, lambda s, t: s, mu, kT)

    @one_blas_thread
    def thermal(self, chemical_potential: ArrayLike, kT: ArrayLike, derivative: int = 0) -> Array:
        """Thermal density of states ∂n/∂μ = ∫ν (−f′) dε, or its derivative with respect to μ.

        Parameters
        ----------
        chemical_potential, kT : array_like
            In meV, kT ≥ 0; they broadcast. At kT = 0 this is ν(μ) and its derivatives.
        derivative : int
            0, 1 or 2: ν, ∂ν/∂μ or ∂²ν/∂μ².

        Returns
        -------
        array
            In meV^(−1−derivative)/nm², of the broadcast shape.

        Raises
        ------
        TypeError, ValueError
            As :meth:`density`; also if ``derivative`` is none of 0, 1 and 2.
        """
        derivative = _validate.choice("derivative", derivative, (0, 1, 2))
        mu, kT = self._arguments(chemical_potential, kT)

        def cold(m: Array, t: Array) -> Array:
            return self._cold_thermal(m, t, derivative)

        return self._by_temperature(cold, _FERMI_SLOPES[derivative], mu, kT)

    @one_blas_thread
    def at_temperature(self, kT: float) -> Callable[[Array], tuple[Array, Array]]:
        """Return the density n and ∂n/∂μ at one temperature, as a function of μ in meV.

        It is tabulated, so that any number of μ cost little. To what :meth:`density` and
        :meth:`thermal` give, the table adds at most 10⁻¹² of all states and 10⁻¹¹ of the largest
        ∂n/∂μ; where it is cold, it errs less than they do at the ends of the band.

        Raises
        ------
        TypeError, ValueError
            If ``kT`` is no finite number ≥ 0.
        """
        kT = _validate.non_negative("kT", kT, "meV")
        width = self.upper - self.lower
        if kT == 0 or width / kT * _POINTS_PER_KT + 2 * _BEYOND > _MOST_POINTS:
            return partial(self._cold, kT=kT)
        step = kT / _POINTS_PER_KT
        inside = int(width / step) + 2

        def grid(beyond: int) -> Array:
            return np.asarray(self.lower + step * np.arange(-beyond, inside + beyond), np.float64)

        levels = grid(_BEYOND)
        if kT <= self._warm:
            wide = self._continuous(grid(2 * _BEYOND), 0)
            smooth = np.convolve(wide, _FINER_WEIGHTS, "valid")
            values = self._with_steps(smooth, levels, np.asarray(kT), 0)
        else:
            values = self.thermal(levels, kT)
        fit = make_interp_spline(levels, values, _DEGREE)
        thermal = PPoly.from_spline((fit.t, fit.c, fit.k))
        return _Table(float(levels[0]), float(levels[-1]), thermal.antiderivative(), thermal)

    def _cold(self, mu: Array, kT: float) -> tuple[Array, Array]:
        """The density and ∂n/∂μ where it is cold."""
        cold = np.full(mu.shape, kT)
        return self._cold_density(mu, cold), self._cold_thermal(mu, cold, 0)

    def _by_temperature(
        self,
        cold: Callable[[Array, Array], Array],
        weight: Callable[[Array, Array], Array],
        mu: Array,
        kT: Array,
    ) -> Array:
        """Low temperatures by ``cold``, others by ∫ν weight(f, T) dε over the band."""
        warm = kT > self._warm
        result = np.empty(mu.shape)
        result[~warm] = cold(mu[~warm], kT[~warm])
        energies, weights = self._band_quadrature
        levels, hot = mu[warm][:, None], kT[warm][:, None]
        summed = np.empty(len(levels))
        for start in range(0, len(levels), _AT_A_TIME):
            here = slice(start, start + _AT_A_TIME)
            filling = expit((levels[here] - energies) / hot[here])
            summed[here] = weight(filling, hot[here]) @ weights
        result[warm] = summed
        return result

    @property
    def _warm(self) -> float:
        """The k_BT in meV above which the band is integrated in energy."""
        energies, _ = self._band_quadrature
        return (self.upper - self.lower) / (2 * energies.size / _ORDER)

    @cached_property
    def _band_quadrature(self) -> tuple[Array, Array]:
        """Nodes in meV and ν times the Gauss weights, over the band."""
        nodes, weights = np.polynomial.legendre.leggauss(_ORDER)
        for panels in _PANELS:
            edges = np.linspace(self.lower, self.upper, panels + 1)
            half = (edges[1] - edges[0]) / 2
            energies = (edges[:-1] + half)[:, None] + half * nodes
            states = half * weights * self._splines[1](energies)
            missed = states.sum(axis=1) - np.diff(self._splines[0](edges))
            if np.abs(missed).sum() <= _OF_STATES * self.states:
                break
        return energies.ravel(), states.ravel()

    def _cold_density(self, mu: Array, kT: Array) -> Array:
        edges = self._edge_values[0]
        smooth = self._average(self._integrated, mu, kT)
        lower = edges[0] * _softplus(mu - self.lower, kT)
        return np.asarray(smooth + lower - edges[1] * _softplus(mu - self.upper, kT))

    def _cold_thermal(self, mu: Array, kT: Array, derivative: int) -> Array:
        smooth = self._average(lambda energy: self._continuous(energy, derivative), mu, kT)
        return self._with_steps(smooth, mu, kT, derivative)

    def _continuous(self, energy: Array, derivative: int) -> Array:
        """The continuous part of ν or a derivative: zero below the band, constant above it."""
        shifted: Array = self._splines[derivative + 1](np.clip(energy, self.lower, self.upper))
        return shifted - self._edge_values[derivative][0]

    def _with_steps(self, smooth: Array, mu: Array, kT: Array, derivative: int) -> Array:
        """A thermal average of the continuous part, and what the ends of the band add to it."""
        total = smooth
        # ν = (continuous part) + ν(lower) θ(ε − lower) − ν(upper) θ(ε − upper); every further
        # derivative leaves a new step and differentiates the steps of the ones before.
        for order in range(derivative + 1):
            edges = self._edge_values[derivative - order]
            total = total + edges[0] * _step(mu - self.lower, kT, order)
            total = total - edges[1] * _step(mu - self.upper, kT, order)
        return np.asarray(total)

    @cached_property
    def _splines(self) -> tuple[PPoly, ...]:
        """∫ν, ν, ν′, ν″ as piecewise polynomials."""
        fit = make_interp_spline(np.asarray(self.energies), np.asarray(self.values), self.degree)
        spline = PPoly.from_spline((fit.t, fit.c, fit.k))
        return (spline.antiderivative(), spline, spline.derivative(), spline.derivative(2))

    @cached_property
    def _edge_values(self) -> tuple[tuple[float, float], ...]:
        ends = (self.lower, self.upper)
        return tuple((float(s(ends[0])), float(s(ends[1]))) for s in self._splines[1:])

    def _integrated(self, energy: Array) -> Array:
        # ∫ of the continuous part of ν: that part is zero below the band, constant above it.
        low, high = self._edge_values[0]
        inside = np.clip(energy, self.lower, self.upper)
        area: Array = self._splines[0](inside)
        return (
            area - low * (inside - self.lower) + (high - low) * np.maximum(energy - self.upper, 0)
        )

    @staticmethod
    def _average(function: Callable[[Array], Array], mu: Array, kT: Array) -> Array:
        if not kT.any():
            return function(mu)
        require_memory(f"{mu.size} energies", mu.size * _NODES.size)
        return np.asarray(function(mu[..., None] + kT[..., None] * _NODES) @ _WEIGHTS)

    @staticmethod
    def _arguments(mu: ArrayLike, kT: ArrayLike) -> tuple[Array, Array]:
        energies = _validate.real_array("chemical_potential", mu)
        temperatures = _validate.real_array("kT", kT)
        if (temperatures < 0).any():
            raise ValueError(f"kT must be ≥ 0 meV, got {temperatures.min()}")
        _validate.broadcast(chemical_potential=energies, kT=temperatures)
        first, second = np.broadcast_arrays(energies, temperatures)
        return first, second


@dataclass(frozen=True, eq=False)
class _Table:
    """n and ∂n/∂μ between two levels in meV, beyond which the band is empty or full."""

    first: float
    last: float
    density: PPoly
    thermal: PPoly

    def __call__(self, mu: Array) -> tuple[Array, Array]:
        inside = np.clip(mu, self.first, self.last)
        return self.density(inside), self.thermal(inside)


def _softplus(y: Array, kT: Array) -> Array:
    """T ln(1 + e^{y/T}), the density of a unit step in ν."""
    safe = np.where(kT > 0, kT, 1.0)
    return np.where(kT > 0, safe * np.logaddexp(0.0, y / safe), np.maximum(y, 0.0))


def _step(y: Array, kT: Array, order: int) -> Array:
    """1/(1 + e^{−y/T}) and its first two derivatives; at T = 0 a step without its delta."""
    safe = np.where(kT > 0, kT, 1.0)
    s = expit(y / safe)
    if order == 0:
        return np.where(kT > 0, s, np.heaviside(y, 0.5))
    slope = s * (1 - s) / safe if order == 1 else s * (1 - s) * (1 - 2 * s) / safe**2
    return np.where(kT > 0, slope, 0.0)


# ∂f/∂μ and its first two derivatives with respect to μ, from f and T.
_FERMI_SLOPES: tuple[Callable[[Array, Array], Array], ...] = (
    lambda f, t: f * (1 - f) / t,
    lambda f, t: f * (1 - f) * (1 - 2 * f) / t**2,
    lambda f, t: f * (1 - f) * (1 - 6 * f + 6 * f**2) / t**3,
)
