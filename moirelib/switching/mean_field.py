"""The mean-field map of two valleys with a Stoner interaction, and its cubic law.

The interaction U n₊n₋ = (U/4)(n² − Φ²) shifts the valleys against each other by UΦ, where
Φ = n₊ − n₋ is the order parameter. With Δn₀ the density difference that an external cause, such
as a current, would maintain without interaction, the self-consistent steady state obeys

    Φ = Δn₀ + M(UΦ/2),    M(x) = n(μ + x) − n(μ − x),

which needs no expansion in Φ. Ying Eqs. 3 and 4 are that expansion, :class:`LandauExpansion`.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq

from moirelib import _validate
from moirelib._repr import short_repr
from moirelib.bands.density_of_states import DensityOfStates

Array = NDArray[np.float64]
Index = NDArray[np.intp]
Ensemble = Literal["chemical potential", "density"]

# The transition is bracketed among temperatures this close, from the hottest down, by the block.
_PER_DECADE = 450
_BLOCK = 64
_TABLE = 256  # entries of a table for first guesses

_HUGE = 1e6  # times the states or the width of a band: a mistake

_SIGNS = np.array([1.0, -1.0])  # of the splitting in the two valleys


@dataclass(frozen=True)
class LandauExpansion:
    """Static Landau coefficients of the valley order parameter.

    Parameters
    ----------
    alpha_2 : float
        UΠ − 1 = −(r − r_c), dimensionless; positive below the transition (Ying A4).
    alpha_4 : float
        U³ν″/24 in nm⁴; negative for a bounded free energy (Ying A6).

    Raises
    ------
    TypeError, ValueError
        If a coefficient is no finite number.

    Examples
    --------
    >>> law = LandauExpansion(alpha_2=0.03, alpha_4=-0.01)
    >>> round(law.spontaneous, 6), round(law.coercive_density, 6)
    (1.732051, 0.02)
    """

    alpha_2: float
    alpha_4: float

    def __post_init__(self) -> None:
        _validate.keep(
            self,
            alpha_2=_validate.real_scalar("alpha_2", self.alpha_2),
            alpha_4=_validate.real_scalar("alpha_4", self.alpha_4),
        )

    def source(self, phi: ArrayLike) -> Array:
        """Δn₀ = (r − r_c)Φ − α₄Φ³ in 1/nm² (Ying Eq. 4). Errors as :class:`LandauExpansion`."""
        order = _validate.real_array("phi", phi)
        return np.asarray(-order * (self.alpha_2 + self.alpha_4 * order**2))

    @property
    def spontaneous(self) -> float:
        """√|(r − r_c)/α₄|: the order parameter at Δn₀ = 0, in 1/nm²."""
        self._require_order()
        return math.sqrt(-self.alpha_2 / self.alpha_4)

    @property
    def turning_point(self) -> float:
        """√[(r − r_c)/3α₄]: |Φ| where a branch loses its stability, in 1/nm²."""
        return self.spontaneous / math.sqrt(3)

    @property
    def coercive_density(self) -> float:
        """n_c = −2α₄[(r − r_c)/3α₄]^{3/2} in 1/nm² (caption of Ying Fig. 2)."""
        return -2 * self.alpha_4 * self.turning_point**3

    def _require_order(self) -> None:
        if not (self.alpha_2 > 0 and self.alpha_4 < 0):
            raise ValueError(
                "order needs alpha_2 > 0 (below the transition) and alpha_4 < 0 (a bounded free "
                f"energy), got {self.alpha_2:g} and {self.alpha_4:g}"
            )


@short_repr
@dataclass(frozen=True, eq=False)
class MeanFieldMap:
    """The map Φ → Δn₀(Φ) of two valleys, and what follows from it at the unpolarised state.

    The parameters are those of :class:`moirelib.ValleyOrderParameter`, which adds the
    steady states, the hysteresis and the dynamics.

    Raises
    ------
    TypeError, ValueError
        As :class:`moirelib.ValleyOrderParameter`; if U, T or what a method is given is not finite,
        or far beyond what the band can tell apart.
    """

    density_of_states: DensityOfStates | Callable[[Array], ArrayLike] | ArrayLike
    interaction: float
    kT: float
    chemical_potential: float = 0.0
    fixed: Ensemble = "chemical potential"
    energies: ArrayLike | None = None

    def __post_init__(self) -> None:
        given = self.density_of_states
        if not (isinstance(given, DensityOfStates) or callable(given)):
            given = _validate.real_vector("density_of_states", given)
        ends = self.energies
        _validate.keep(
            self,
            density_of_states=given,
            energies=None if ends is None else _validate.real_vector("energies", ends),
            interaction=_validate.positive("interaction", self.interaction, "meV nm²"),
            kT=_validate.non_negative("kT", self.kT, "meV"),
            fixed=_validate.choice("fixed", self.fixed, ("chemical potential", "density")),
            chemical_potential=_validate.real_scalar("chemical_potential", self.chemical_potential),
        )
        width = self.band.upper - self.band.lower
        for name, value, most in (
            ("interaction", self.interaction, _HUGE * width / self.band.states),
            ("kT", self.kT, _HUGE * width),
        ):
            if not value <= most:
                raise ValueError(
                    f"{name} must be ≤ {most:.3g}, far beyond what this band of {width:.3g} meV "
                    f"and {self.band.states:.3g} states per nm² can tell apart, got {value:.3g}"
                )
        mu = self.chemical_potential
        if not self.band.lower < mu < self.band.upper:
            raise ValueError(
                f"chemical_potential must lie in the band, between {self.band.lower:g} and "
                f"{self.band.upper:g} meV, got {mu:g}"
            )

    @cached_property
    def band(self) -> DensityOfStates:
        """The density of states of one valley."""
        if isinstance(self.density_of_states, DensityOfStates):
            if self.energies is not None:
                raise ValueError("energies belongs to a function or samples, not DensityOfStates")
            return self.density_of_states
        if self.energies is None:
            raise ValueError("energies must give the band's ends or the sampling points, got None")
        energies = _validate.real_vector("energies", self.energies)
        if callable(self.density_of_states):
            if energies.size < 2:
                raise ValueError(f"energies must hold the band's two ends, got {energies.size}")
            return DensityOfStates.from_function(
                self.density_of_states, float(energies[0]), float(energies[-1])
            )
        return DensityOfStates(energies, self.density_of_states)

    @cached_property
    def _filled(self) -> Callable[[Array], tuple[Array, Array]]:
        """Density of a valley and its slope at this temperature, as a function of μ."""
        return self.band.at_temperature(self.kT)

    @cached_property
    def _electrons(self) -> float:
        """Density in 1/nm² of a valley of the unpolarised state, at zero temperature."""
        return float(self.band.density(self.chemical_potential, 0.0))

    def polarisation(self, splitting: ArrayLike) -> Array:
        """M(x) = n(μ + x) − n(μ − x) in 1/nm², x in meV; increasing. Errors as :meth:`source`."""
        return self._response(self._limited("splitting", splitting, self._largest_splitting))[0]

    def susceptibility(self, splitting: ArrayLike) -> Array:
        """dM/dx in 1/(meV nm²), ν₊ + ν₋ or at fixed n 4ν₊ν₋/(ν₊ + ν₋). Errors as :meth:`source`."""
        return self._response(self._limited("splitting", splitting, self._largest_splitting))[1]

    def source(self, phi: ArrayLike) -> Array:
        """Δn₀(Φ) = Φ − M(UΦ/2) in 1/nm²: steady state ``phi``. Errors as :class:`MeanFieldMap`."""
        return self._source(self._limited("phi", phi, self.largest_order))[0]

    @property
    def largest_order(self) -> float:
        """The largest |Φ| and |Δn₀| in 1/nm² that are taken: a million times all states."""
        return _HUGE * self.band.states

    @property
    def _largest_splitting(self) -> float:
        width = self.band.upper - self.band.lower
        return max(self.interaction * self.largest_order, _HUGE * width)

    def _limited(self, name: str, value: ArrayLike, largest: float) -> Array:
        """A finite array, no entry far beyond what the band can hold."""
        array = _validate.real_array(name, value)
        size = float(np.abs(array).max())
        if size > largest:
            raise ValueError(
                f"{name} must lie within ±{largest:.3g}, a million times what this band can hold, "
                f"got {size:.3g}"
            )
        return array

    def _source(self, phi: Array) -> tuple[Array, Array]:
        """Δn₀(Φ) and its slope."""
        u = self.interaction
        polarisation, susceptibility = self._response(u * phi / 2)
        return np.asarray(phi - polarisation), np.asarray(1 - u / 2 * susceptibility)

    def _response(self, x: Array) -> tuple[Array, Array]:
        """M(x) and dM/dx."""
        mu = self._valley_chemical_potential(x)
        (n_up, n_down), (up, down) = self._filled(mu + np.multiply.outer(_SIGNS, x))
        difference, total = n_up - n_down, up + down
        if self.fixed == "chemical potential":
            return np.asarray(difference), np.asarray(total)
        # μ follows the splitting: dμ/dx = −(ν₊ − ν₋)/(ν₊ + ν₋).
        safe = np.where(total > 0, total, 1.0)
        return np.asarray(difference), np.asarray(4 * up * down / safe)

    def _valley_chemical_potential(self, x: Array) -> Array:
        """μ in meV at which two valleys split by ±x hold what is held fixed."""
        if self.fixed == "chemical potential":
            return np.full(x.shape, float(self.chemical_potential))
        return self._solved(x, np.interp(np.abs(x), *self._table))

    @cached_property
    def _table(self) -> tuple[Array, Array]:
        """Splittings, and the μ there: a first guess at all others, of either sign."""
        width = self.band.upper - self.band.lower
        splittings = np.linspace(0.0, width + 10 * self.kT, _TABLE)
        return splittings, self._solved(splittings, self.chemical_potential)

    def _solved(self, x: Array, guess: ArrayLike) -> Array:
        target = 2 * self._electrons

        def excess(m: Array, at: Index) -> tuple[Array, Array]:
            levels = m + np.multiply.outer(_SIGNS, x.flat[at])
            n, nu = self._filled(levels)
            return np.asarray(n.sum(0) - target), np.asarray(nu.sum(0))

        # Beyond these bounds both valleys are full, or empty, to one part in e^40.
        reach = np.abs(x) + 40 * self.kT
        return increasing_root(excess, self.band.lower - reach, self.band.upper + reach, guess)

    @cached_property
    def critical_temperature(self) -> float:
        """k_BT_c in meV: the highest temperature at which the unpolarised state turns unstable.

        There Uν(μ, T) = 1 with the exact thermal density of states; where the transition is
        continuous it is the Curie temperature.

        Raises
        ------
        ValueError
            If the unpolarised state is stable at every temperature: U is below its critical value.
        """
        # −f′ ≤ 1/4T bounds ν(T) by a quarter of the states over T: nothing is unstable above this,
        # with a margin for the quadrature.
        stable = 1.01 * self.interaction * self.band.states / 4
        lowest = min(1e-4 * (self.band.upper - self.band.lower), stable / 10)
        count = math.ceil(_PER_DECADE * math.log10(stable / lowest))
        grid = np.append(np.geomspace(stable, lowest, count), 0.0)
        largest = -math.inf
        for start in range(0, grid.size, _BLOCK):
            excess = self._stoner_excess(grid[start : start + _BLOCK])
            unstable = np.flatnonzero(excess > 0)
            if unstable.size:
                # The hottest point is stable, so there is a hotter neighbour.
                first = start + int(unstable[0])
                return float(
                    brentq(
                        lambda t: float(self._stoner_excess(np.array([t]))[0]),
                        grid[first],
                        grid[first - 1],
                        xtol=1e-14,
                        rtol=1e-13,
                    )
                )
            largest = max(largest, float(excess.max()))
        raise ValueError(
            f"interaction must exceed the critical value {self.interaction / (1 + largest):.6g} "
            f"meV nm² for the valleys to order, got {self.interaction:g}"
        )

    def _stoner_excess(self, kT: Array) -> Array:
        """Uν(μ(T), T) − 1 of the unpolarised state."""
        mu = self._unpolarised_chemical_potential(kT)
        return np.asarray(self.interaction * self.band.thermal(mu, kT) - 1)

    def _unpolarised_chemical_potential(self, kT: Array) -> Array:
        mu = np.full(kT.shape, float(self.chemical_potential))
        if self.fixed == "chemical potential":
            return mu
        target = self._electrons

        def excess(m: Array, at: Index) -> tuple[Array, Array]:
            t = kT.flat[at]
            return np.asarray(self.band.density(m, t) - target), self.band.thermal(m, t)

        reach = 40 * kT
        return increasing_root(excess, self.band.lower - reach, self.band.upper + reach, mu)

    def landau(self, form: str = "exact") -> LandauExpansion:
        """Coefficients of Δn₀ + α₂Φ + α₄Φ³ = 0 (Ying Eqs. 3 and A4–A6, static).

        Parameters
        ----------
        form : str
            ``"exact"``: the Taylor coefficients of the map at this temperature and for what is
            held fixed. ``"low temperature"``: α₂ to order T² and α₄ at T = 0, for what is held
            fixed. ``"as printed"``: Ying A4 and A6, with π²/3, at fixed chemical potential.

        Raises
        ------
        ValueError
            If ``form`` is none of these.
        """
        form = _validate.choice("form", form, ("exact", "low temperature", "as printed"))
        u, kT = self.interaction, self.kT
        if form == "exact":
            mu = float(self._unpolarised_chemical_potential(np.array(kT)))
            nu, slope, curvature = self._band_derivatives(mu, kT)
            fixed_density = self.fixed == "density"
            cubic = curvature - (3 * slope**2 / nu if fixed_density else 0.0)
            return LandauExpansion(u * nu - 1, u**3 * cubic / 24)
        nu, slope, curvature = self._band_derivatives(self.chemical_potential, 0.0)
        thermal, cubic, coefficient = curvature, curvature, math.pi**2 / 6
        if form == "as printed":
            coefficient = math.pi**2 / 3
        elif self.fixed == "density":
            # μ moves by −(π²/6)T²ν′/ν with the temperature, by −(UΦ/2)²ν′/2ν with the order.
            thermal, cubic = curvature - slope**2 / nu, curvature - 3 * slope**2 / nu
        return LandauExpansion(u * (nu + coefficient * thermal * kT**2) - 1, u**3 * cubic / 24)

    def _band_derivatives(self, mu: float, kT: float) -> tuple[float, float, float]:
        nu, slope, curvature = (float(self.band.thermal(mu, kT, d)) for d in (0, 1, 2))
        return nu, slope, curvature


def increasing_root(
    function: Callable[[Array, Index], tuple[Array, Array]],
    low: ArrayLike,
    high: ArrayLike,
    guess: ArrayLike,
) -> Array:
    """Roots of increasing functions, one for each entry, from their values and slopes.

    Newton steps; bisection where they leave the bracket. The roots have the broadcast shape.

    Parameters
    ----------
    function : callable
        Called with the entries that have not converged and their flat indices; returns the values
        and the slopes there.
    low, high, guess : array_like
        Bracket and first guess; they broadcast to the shape of the result.

    Raises
    ------
    TypeError, ValueError
        If ``function`` is no function, or the others are not real and finite or do not broadcast.
    """
    _validate.function("function", function, "of entries and their indices")
    ends = {
        name: _validate.real_array(name, value)
        for name, value in (("low", low), ("high", high), ("guess", guess))
    }
    _validate.broadcast(**ends)
    brackets = np.broadcast_arrays(*ends.values())
    left, right, x = (np.array(a, dtype=np.float64).ravel() for a in brackets)
    # Rounding in the function, not the iteration, limits the root below this.
    enough = 1e-14 * np.maximum(np.abs(left), np.abs(right))
    at = np.arange(x.size)
    for _ in range(100):
        here = x[at]
        value, slope = function(here, at)
        right[at] = np.where(value >= 0, here, right[at])
        left[at] = np.where(value <= 0, here, left[at])
        step = here - value / np.where(slope > 0, slope, 1.0)
        newton = (slope > 0) & (step >= left[at]) & (step <= right[at])
        x[at] = np.where(newton, step, (left[at] + right[at]) / 2)
        at = at[np.abs(x[at] - here) > enough[at]]
        if not at.size:
            break
    return x.reshape(brackets[0].shape)
