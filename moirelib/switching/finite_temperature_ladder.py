"""Ladder of a disordered band at finite temperature: Ying Eqs. A36–A43 without expansion.

One orbital per site of a lattice band carries white noise of variance u = ⟨V²⟩ per site. Without
crossed lines the self-energy is local and self-consistent,

    Σ(z) = u g(z),    g(z) = (1/N) Σ_k 1/(z − ε_k − Σ(z)),

and the ladder with the *same* u conserves electrons: with the bubble
χ^{XY}(q; ε, ω) = (1/N) Σ_k G^X(k + q, ε + ω) G^Y(k, ε) each pair becomes χ/(1 − uχ), and

    Π(q, ω) = (i/4π) ∫dε {F(ε) [RR] − F(ε + ω) [AA] + [F(ε + ω) − F(ε)] [RA]},

which is Ying Eq. A41 in the form that closes. Disorder V₁ between the valleys enters Σ with u + u₁,
and the ladder of the valley difference with u − u₁.

The RR and AA terms are integrated along an arc in their own half plane, between the axis and the
first pole of F. Energies in meV, q in steps of the mesh, densities per ``site_area``.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from moirelib import _validate
from moirelib._repr import short_repr

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

_BLOCK = 64  # energies at a time: the arrays over pairs of levels stay in the cache


@short_repr
@dataclass(frozen=True, eq=False)
class DisorderedBand:
    """A lattice band with white noise, in the self-consistent Born approximation.

    Parameters
    ----------
    band : (N, N) array
        ε_k in meV on an even mesh that covers the zone.
    intra, inter : float
        Variances u and u₁ of V₀ and V₁ per site in meV², u > 0, u₁ ≥ 0.
    site_area : float
        Area per site in nm².
    nodes : int
        Points of each energy integral.

    Raises
    ------
    TypeError, ValueError
        If ``band`` is not real or not a square mesh, ``nodes`` no integer ≥ 16, or a number out of
        range: ``inter`` is ≥ 0, the others are > 0.
    """

    band: ArrayLike
    intra: float
    inter: float = 0.0
    site_area: float = 1.0
    nodes: int = 400

    def __post_init__(self) -> None:
        mesh = _validate.real_array("band", self.band)
        if mesh.ndim != 2 or mesh.shape[0] != mesh.shape[1]:
            raise ValueError(f"band must be a square mesh (N, N), got {mesh.shape}")
        _validate.keep(
            self,
            band=mesh,
            intra=_validate.positive("intra", self.intra, "meV²"),
            inter=_validate.non_negative("inter", self.inter, "meV²"),
            site_area=_validate.positive("site_area", self.site_area, "nm²"),
            nodes=_validate.integer("nodes", self.nodes, minimum=16),
        )

    @cached_property
    def _levels(self) -> tuple[Array, Array]:
        """Distinct band energies and their shares: by symmetry many levels of a mesh are equal."""
        levels, counts = np.unique(np.round(np.asarray(self.band).ravel(), 12), return_counts=True)
        return levels, counts / counts.sum()

    @cached_property
    def ends(self) -> tuple[float, float]:
        """Energies in meV outside which there are no states: the band and 2√(u + u₁) more."""
        reach = 2.0 * math.sqrt(self.intra + self.inter)
        mesh = np.asarray(self.band)
        return float(mesh.min() - reach), float(mesh.max() + reach)

    def self_energy(self, z: ArrayLike) -> Complex:
        """Σ(z) in meV for ``z`` of any shape in meV, Im z ≥ 0; on the axis the retarded one.

        Raises
        ------
        TypeError, ValueError
            If ``z`` does not hold finite numbers, or one lies in the lower half plane.
        RuntimeError
            If the iteration does not converge: there is then too little disorder.
        """
        point = _upper("z", z)
        out = np.empty(point.size, dtype=np.complex128)
        levels, shares = self._levels
        u = self.intra + self.inter
        for start in range(0, point.size, _BLOCK):
            here = point.ravel()[start : start + _BLOCK]
            sigma = np.full(here.shape, -1j * math.sqrt(u))
            # The map Σ → u g(Σ) contracts the lower half plane; Newton's steps then finish.
            for _ in range(60):
                mapped = u * ((1 / (here[:, None] - levels - sigma[:, None])) @ shares)
                moved = np.abs(mapped - sigma).max(initial=0.0)
                sigma = 0.5 * (sigma + mapped)
                if moved < 1e-3 * math.sqrt(u):
                    break
            for _ in range(12):
                inverse = 1 / (here[:, None] - levels - sigma[:, None])
                excess = sigma - u * (inverse @ shares)
                sigma = sigma - excess / (1 - u * (inverse**2 @ shares))
                if np.abs(excess).max(initial=0.0) < 1e-13 * math.sqrt(u):
                    break
            if np.abs(excess).max() > 1e-11 * math.sqrt(u) or sigma.imag.max() > 1e-9:
                raise RuntimeError("the self-energy did not converge: use more disorder")
            out[start : start + here.size] = sigma
        return out.reshape(point.shape)

    def density_of_states(self, energy: ArrayLike) -> Array:
        """ν(ε) of one valley in 1/(meV nm²), for ``energy`` of any shape in meV.

        Raises
        ------
        TypeError, ValueError
            If ``energy`` is not real and finite.
        RuntimeError
            As :meth:`self_energy`.
        """
        sigma = self.self_energy(_validate.real_array("energy", energy))
        return np.asarray(-sigma.imag / (math.pi * (self.intra + self.inter) * self.site_area))

    def rung(
        self, q: Sequence[int], first: ArrayLike, second: ArrayLike, advanced: bool, odd: bool
    ) -> Complex:
        """χ/(1 − uχ), (M,), for G^R at ``first`` and G^R, or G^A, at ``second``.

        Parameters
        ----------
        q : pair of int
            Momentum in steps of the mesh.
        first, second : (M,) array
            Energies in meV, in the upper half plane; of the advanced function the conjugate one.
        advanced : bool
            Take G^A at the conjugate of ``second``.
        odd : bool
            The difference of the valleys; their sum otherwise.

        Raises
        ------
        TypeError, ValueError
            If ``q`` is not one pair of integers, the two levels have different shapes, or
            ``advanced`` or ``odd`` is no bool.
        """
        moves = _validate.integer_pairs("q", q)
        if moves.shape != (2,):
            raise ValueError(f"q must be one pair (2,), got shape {moves.shape}")
        advanced, odd = _validate.flag("advanced", advanced), _validate.flag("odd", odd)
        mesh = np.asarray(self.band)
        moved = np.roll(mesh, (-int(moves[0]), -int(moves[1])), axis=(0, 1)).ravel()
        pairs, counts = np.unique(
            np.round(np.stack([mesh.ravel(), moved]), 12), axis=1, return_counts=True
        )
        shares = counts / counts.sum()
        a, b = _upper("first", first), _upper("second", second)
        _validate.same_shape(first=a, second=b)
        if a.ndim != 1:
            raise ValueError(f"first and second must be vectors (M,), got shape {a.shape}")
        left, right = a - self.self_energy(a), b - self.self_energy(b)
        if advanced:
            right = right.conj()
        chi = np.empty(a.size, dtype=np.complex128)
        for start in range(0, a.size, _BLOCK):
            part = slice(start, start + _BLOCK)
            chi[part] = (
                1 / ((left[part, None] - pairs[1]) * (right[part, None] - pairs[0]))
            ) @ shares
        u = self.intra - self.inter if odd else self.intra + self.inter
        return np.asarray(chi / (1 - u * chi))

    def polarisation(
        self,
        q: Sequence[int],
        omega: float,
        mu: float,
        kT: float,
        *,
        odd: bool = True,
        corrections: bool = True,
    ) -> complex:
        """Return Π(q, ω) of one valley in 1/(meV nm²), what Ying Eq. A42 stands for.

        Parameters
        ----------
        q : pair of int
            Momentum in steps of the mesh.
        omega : float
            ω in meV, ≥ 0.
        mu, kT : float
            In meV. Accurate as long as f at the ends of the band is 0 and 1.
        odd : bool
            The difference of the valleys; their sum otherwise.
        corrections : bool
            Without them the bare bubble, which does not conserve electrons.

        Raises
        ------
        TypeError, ValueError
            If ``q`` is not one pair of integers, ``omega`` no number ≥ 0, ``mu`` no finite number,
            ``kT`` no number > 0, or ``odd`` or ``corrections`` no bool.
        """
        frequency = _validate.non_negative("omega", omega, "meV")
        temperature = _validate.positive("kT", kT, "meV")
        mu = _validate.real_scalar("mu", mu)
        odd = _validate.flag("odd", odd)
        corrections = _validate.flag("corrections", corrections)
        nodes, weights = np.polynomial.legendre.leggauss(self.nodes)
        low, high = self.ends
        low -= frequency

        def occupied(z: Complex) -> Complex:
            return np.asarray(np.tanh((z - mu) / (2 * temperature)))

        def ladder(first: Complex, second: Complex, advanced: bool) -> Complex:
            value = self.rung(q, first, second, advanced, odd)
            if corrections:
                return value
            u = self.intra - self.inter if odd else self.intra + self.inter
            return np.asarray(value / (1 + u * value))

        # An arc from below the band to above it, up to half the way to the pole of F.
        half = (high - low) / 2
        arc = np.asarray(
            low + half * (1 + nodes) + 0.5j * math.pi * temperature * (1 - nodes**2),
            dtype=np.complex128,
        )
        line = half * weights * (1 - 1j * math.pi * temperature * nodes / half)
        rr = ladder(arc + frequency, arc, False)
        total = line @ (occupied(arc) * rr) - np.conj(line @ (occupied(arc + frequency) * rr))
        if frequency:
            ends = max(low, mu - frequency - 36 * temperature), min(high, mu + 36 * temperature)
            energy = (ends[0] + (ends[1] - ends[0]) / 2 * (1 + nodes)).astype(np.complex128)
            ra = ladder(energy + frequency, energy, True)
            change = occupied(energy + frequency) - occupied(energy)
            total += (ends[1] - ends[0]) / 2 * (weights * change) @ ra
        return complex(1j * total / (4 * math.pi * self.site_area))

    def diffusion(self, energy: ArrayLike) -> Array:
        """D(ε), (n,), in meV a² along the first axis of the mesh, at ``energy`` (n,) in meV.

        Kubo and Greenwood: νD = (1/π)(1/N) Σ_k v_x² [Im G^R(k, ε)]². White noise adds nothing to
        the current vertex.

        Raises
        ------
        TypeError, ValueError
            If ``energy`` is not real and finite, or there are no states at one.
        """
        points = _validate.real_vector("energy", energy)
        mesh = np.asarray(self.band)
        n = mesh.shape[0]
        steps = np.fft.fftfreq(n, 1 / n)[:, None]
        velocity = np.fft.ifft(1j * steps * np.fft.fft(mesh, axis=0), axis=0).real
        sigma = self.self_energy(points)
        kubo = np.array(
            [
                (velocity**2 * (1 / (e - s - mesh)).imag ** 2).mean() / math.pi
                for e, s in zip(points, sigma, strict=True)
            ]
        )
        density = self.density_of_states(points)
        if (density <= 0).any():
            raise ValueError(
                f"energy must lie where there are states, got {points[density <= 0][0]:.6g} meV"
            )
        return np.asarray(kubo / self.site_area / density)

    def thermal_average(
        self, function: ArrayLike, energy: ArrayLike, mu: float, kT: float
    ) -> float:
        """∫(−f′) ``function`` dε by the trapezoidal rule on an even grid of energies.

        Both ``function`` and ``energy``, in meV, are (n,).

        Raises
        ------
        TypeError, ValueError
            If there are fewer than two energies, shapes do not fit, an argument is not real and
            finite, or ``kT`` not positive.
        """
        e = _validate.real_vector("energy", energy)
        values = _validate.real_vector("function", function)
        _validate.same_shape(energy=e, function=values)
        if e.size < 2:
            raise ValueError(f"energy must hold two energies or more, got {e.size}")
        mu = _validate.real_scalar("mu", mu)
        kT = _validate.positive("kT", kT, "meV")
        # Where cosh² is beyond double precision, the derivative is zero.
        slope = 1 / (4 * kT * np.cosh(np.clip((e - mu) / (2 * kT), -300.0, 300.0)) ** 2)
        return float((e[1] - e[0]) * (slope @ values))


def _upper(name: str, value: ArrayLike) -> Complex:
    """Return complex energies; refuse those in the lower half plane."""
    z = _validate.complex_array(name, value)
    if (z.imag < 0).any():
        raise ValueError(f"{name} must have imaginary parts ≥ 0 meV, got {z.imag.min():.3g}")
    return z
