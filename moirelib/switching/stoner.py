"""Valley order of two time-reversed valleys: steady states, hysteresis, dynamics (Ying Sec. II).

The mean-field map is solved for the source, Δn₀(Φ) = Φ − M(UΦ/2), which is single-valued:
hysteresis is its inverse function, stability is its slope, and no step needs the expansion in Φ.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.integrate import solve_ivp
from scipy.optimize import brentq

from moirelib import _validate
from moirelib._repr import short_repr
from moirelib.switching.mean_field import Array, Index, MeanFieldMap, increasing_root

_SCAN = 800  # splittings among which the turning points are bracketed
_TABLE = 32  # entries of a table of a branch for first guesses
_ROUNDING = 1e-12  # of a slope, relative to its terms


@dataclass(frozen=True)
class Equilibrium:
    """A steady state: its order parameter in 1/nm² and whether a small deviation decays."""

    phi: float
    stable: bool


@short_repr
@dataclass(frozen=True, eq=False)
class Trajectory:
    """Order parameter along a path; all arrays (N,), densities in 1/nm².

    ``times`` is in the unit of the inter-valley time, or the index of the step along a
    quasi-static path.
    """

    times: Array
    delta_n: Array
    phi: Array

    def __post_init__(self) -> None:
        _validate.keep(self)


@dataclass(frozen=True, eq=False)
class _Branches:
    """Intervals between ``edges`` of Φ on which Δn₀(Φ) is monotone, and the ``sources`` there.

    Rising and falling ones alternate.
    """

    edges: Array
    sources: Array

    @property
    def rising(self) -> NDArray[np.bool_]:
        """Whether Δn₀ rises on each branch, as it does where states are stable."""
        return np.diff(self.sources) > 0

    def holding(self, source: float) -> Index:
        """Return the branches that reach a source."""
        beyond = self.sources - source
        return np.flatnonzero(beyond[:-1] * beyond[1:] <= 0)


@short_repr
@dataclass(frozen=True, eq=False)
class ValleyOrderParameter(MeanFieldMap):
    """Valley polarisation in mean-field theory, for any density of states.

    Parameters
    ----------
    density_of_states : DensityOfStates, callable or array
        Density of states of one valley in 1/(meV nm²); a function of the energy or samples need
        ``energies``.
    interaction : float
        U in meV nm², > 0 (Ying Eq. 2).
    kT : float
        k_BT in meV, ≥ 0.
    chemical_potential : float
        Chemical potential in meV of the unpolarised state at zero temperature, measured from
        the density of states with the Hartree shift Un/2 included.
    fixed : str
        What the polarisation leaves unchanged: ``"chemical potential"``, as in the expansion
        that Ying et al. use, or ``"density"``, as in a gated sample.
    energies : array_like, optional
        In meV: the two ends of the band for a function, the sampling points for samples.

    Raises
    ------
    TypeError, ValueError
        If an argument is of another kind or not finite, U ≤ 0, k_BT < 0, ``energies`` do not go
        with ``density_of_states``, or the chemical potential lies outside the band.

    Examples
    --------
    >>> import numpy as np
    >>> band = lambda e: 0.01 * np.exp(-((e / 3) ** 2) / 2)
    >>> order = ValleyOrderParameter(band, interaction=105.0, kT=0.4, energies=(-15, 15))
    >>> print(f"{order.critical_temperature:.3f} meV")
    0.537 meV
    >>> [s.stable for s in order.equilibria(0.0)]
    [True, False, True]
    """

    def equilibria(self, delta_n: float = 0.0) -> list[Equilibrium]:
        """All steady states at the source Δn₀ (1/nm²), by increasing Φ, with their stability.

        A state is stable where Δn₀(Φ) rises: then a deviation decays under :meth:`evolve`.

        Raises
        ------
        TypeError, ValueError
            If ``delta_n`` is no number within ``largest_order``.
        """
        source = self._drive("delta_n", delta_n)
        branches = self._branches(abs(source))
        held = branches.holding(source)
        states = self._on_branches(branches, held, np.full(held.size, source))
        return [
            Equilibrium(float(phi), bool(stable))
            for phi, stable in zip(states, branches.rising[held], strict=True)
        ]

    @cached_property
    def coercive_density(self) -> float:
        """Δn₀ in 1/nm² at which the oppositely polarised state loses its stability; > 0.

        Raises
        ------
        ValueError
            If no polarised state survives at Δn₀ = 0: U too small, or too hot.
        """
        turning = self.turning_points
        limit = -float(self.source(turning[-1])) if turning.size else -math.inf
        if limit <= 0:
            raise ValueError(
                f"no valley order at Δn₀ = 0 for interaction = {self.interaction:g} meV nm² and "
                f"kT = {self.kT:g} meV, so there is no coercive density"
            )
        return limit

    @cached_property
    def turning_points(self) -> Array:
        """Values of Φ (1/nm²) where a branch gains or loses stability, dΔn₀/dΦ = 0."""

        def slope(x: Array) -> Array:
            return np.asarray(2 / self.interaction - self.susceptibility(x))

        # Further apart than the width of the band nothing is left to polarise.
        span = self.band.upper - self.band.lower + 10 * self.kT
        grid = np.linspace(0.0, span, _SCAN)
        values = slope(grid)
        # Where only rounding is left, as at Φ = 0 and T = T_c, there is no sign to bracket with.
        clear = np.abs(values) > _ROUNDING * 2 / self.interaction
        grid, values = grid[clear], values[clear]
        cells = np.flatnonzero(values[:-1] * values[1:] < 0)
        roots = [
            brentq(lambda x: float(slope(np.array(x))), grid[i], grid[i + 1], xtol=1e-13 * span)
            for i in cells
        ]
        positive = 2 / self.interaction * np.array(roots, dtype=np.float64)
        return _validate.frozen(np.concatenate([-positive[::-1], positive]))

    def hysteresis(self, path: ArrayLike, initial: float | None = None) -> Trajectory:
        """Follow Φ quasi-statically along a path of sources.

        The state stays on its branch until that ends, then runs to the next steady state in the
        direction in which the equation of motion drives it.

        Parameters
        ----------
        path : (N,) array
            Δn₀ in 1/nm², in the order in which it is applied.
        initial : float, optional
            Φ in 1/nm² before the first source; by default fully along that source, or up if
            the source is zero.

        Raises
        ------
        TypeError, ValueError
            If ``path`` or ``initial`` is not real, or beyond ``largest_order``.
        """
        sources = _validate.real_vector("path", path)
        self._limited("path", sources, self.largest_order)
        branches = self._branches(float(np.abs(sources).max(initial=0.0)))
        rising = branches.rising
        last = len(rising) - 1
        if initial is None:
            here = last if sources.size and sources[0] >= 0 else 0
        else:
            phi = self._drive("initial", initial)
            here = int(np.clip(np.searchsorted(branches.edges[:-1], phi) - 1, 0, last))
            if not rising[here]:  # released on a falling branch: it runs off to one side
                here += 1 if sources.size and sources[0] > float(self.source(phi)) else -1
        index = np.empty(sources.size, dtype=np.int64)
        for step, source in enumerate(sources):
            while source > branches.sources[here + 1]:
                here += 2
            while source < branches.sources[here]:
                here -= 2
            index[step] = here
        phi_path = self._on_branches(branches, index, sources)
        return Trajectory(np.arange(sources.size, dtype=np.float64), sources, phi_path)

    def _drive(self, name: str, value: float) -> float:
        """A number within what the band can hold, in 1/nm²."""
        return float(self._limited(name, _validate.real_scalar(name, value), self.largest_order))

    def _branches(self, largest_source: float) -> _Branches:
        # |M| cannot exceed the states of a band, so no steady state lies further out.
        outer = 1.01 * (largest_source + 2 * self.band.states)
        edges = np.concatenate([[-outer], self.turning_points, [outer]])
        return _Branches(edges, self.source(edges))

    def _on_branches(self, branches: _Branches, index: Index, sources: Array) -> Array:
        """Φ at each source, on the branch of this index."""
        sign = np.where(branches.rising, 1.0, -1.0)[index]

        def excess(phi: Array, at: Index) -> tuple[Array, Array]:
            source, slope = self._source(phi)
            return sign[at] * (source - sources[at]), sign[at] * slope

        # A table of each branch gives the first guess.
        used = np.unique(index)
        tables = np.linspace(branches.edges[used], branches.edges[used + 1], _TABLE, axis=1)
        guess = np.empty(sources.size)
        for one, table, values in zip(used, tables, self.source(tables), strict=True):
            on = index == one
            rising = sign[on][0]
            guess[on] = np.interp(rising * sources[on], rising * values, table)
        return increasing_root(excess, branches.edges[index], branches.edges[index + 1], guess)

    def evolve(
        self,
        drive: Callable[[float], float] | ArrayLike,
        times: ArrayLike,
        initial: float,
        intervalley_time: float = 1.0,
    ) -> Trajectory:
        """Integrate dΦ/dt = (2/τ′)[Δn₀(t) + M(UΦ/2) − Φ], uniform Ying Eq. 3 in time.

        Only scattering between the valleys changes Φ. Each event moves one electron, so the
        difference of two densities relaxes at the rate 2/τ′ towards the value that equal chemical
        potentials of the two shifted valleys would give.

        Parameters
        ----------
        drive : callable or (N,) array
            Δn₀ in 1/nm² as a function of time, or at ``times`` with straight lines between.
        times : (N,) array
            Increasing times, ≥ 0, in the unit of ``intervalley_time``.
        initial : float
            Φ in 1/nm² at the first time.
        intervalley_time : float
            τ′, > 0; the rate of Ying Eqs. 6 and 9.

        Raises
        ------
        TypeError, ValueError
            If times do not increase from zero or more, the drive has another length or is not real,
            ``initial`` is no number, a value lies beyond ``largest_order``, or ``intervalley_time``
            is no number > 0.
        RuntimeError
            If the equation of motion cannot be integrated.
        """
        grid = _validate.real_vector("times", times)
        if grid.size < 2 or grid[0] < 0 or not (np.diff(grid) > 0).all():
            raise ValueError(
                f"times must be ≥ 0 and increase over at least two entries, got {grid}"
            )
        start = self._drive("initial", initial)
        rate = 2 / _validate.positive("intervalley_time", intervalley_time)
        if callable(drive):
            given = drive

            def driven(t: float) -> float:
                return self._drive("drive(t)", given(t))

        else:
            samples = _validate.real_vector("drive", drive)
            self._limited("drive", samples, self.largest_order)
            if samples.shape != grid.shape:
                raise ValueError(
                    f"drive must have one entry for each of the {grid.size} times, "
                    f"got {samples.size}"
                )

            def driven(t: float) -> float:
                return float(np.interp(t, grid, samples))

        def velocity(t: float, phi: Array) -> Array:
            return np.asarray(rate * (driven(t) - self._source(phi)[0]))

        def jacobian(t: float, phi: Array) -> Array:
            return (-rate * self._source(phi)[1]).reshape(1, 1)

        solution = solve_ivp(
            velocity,
            (grid[0], grid[-1]),
            [start],
            method="LSODA",
            t_eval=grid,
            jac=jacobian,
            rtol=1e-8,
            atol=1e-11 * max(self.band.states, abs(start)),
            # A longer step could pass over a pulse that the sampling resolves.
            max_step=float(np.diff(grid).max()),
        )
        if not solution.success:
            raise RuntimeError(
                f"the equation of motion could not be integrated: {solution.message}"
            )
        sampled = np.array([float(driven(float(t))) for t in grid])
        return Trajectory(grid, sampled, solution.y[0])
