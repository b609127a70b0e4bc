"""Fermi contours and the scattering rates between them.

A contour is a set of samples with a density of states, a velocity and an angle each; a rate is a
symmetric matrix over all samples. Both conserve electrons exactly: the field term sums to zero
over a closed contour, and a symmetric rate moves as many electrons out of a sample as into others.

Units: energies in meV, lengths in nm, ``velocity`` means ħv = ∂ε/∂k in meV nm, times are τ/ħ in
1/meV.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from moirelib import _validate
from moirelib._memory import require_memory
from moirelib._repr import short_repr
from moirelib._threads import one_blas_thread

Array = NDArray[np.float64]
AngularRate = Callable[[Array, Array], ArrayLike]
Rates = AngularRate | ArrayLike | Mapping[tuple[int, int], AngularRate | ArrayLike]

# Rates come from quotients and exponentials: their last digits are round-off, not physics.
_ROUND_OFF = 1e-10


@short_repr
@dataclass(frozen=True, eq=False)
class FermiPocket:
    """A closed Fermi contour, sampled.

    Use :meth:`circle` or :meth:`from_polyline`; both make the field term sum to zero exactly.

    Parameters
    ----------
    valley : int
        +1 or −1.
    angles : array (n,)
        Angle of each sample in radians, defined for each valley as in Ying Fig. 4: in valley −1
        it is the direction of −k, so that time reversal leaves the angle alone.
    weights : array (n,)
        Density of states of each sample in 1/(meV nm²); the sum is that of the pocket.
    velocities : array (n, 2)
        ħv in meV nm.

    Raises
    ------
    TypeError, ValueError
        If arrays are not real and finite, shapes disagree, ``valley`` is neither 1 nor −1, a weight
        is not positive, or the contour is not closed (Σ w v ≠ 0).
    """

    valley: int
    angles: Array
    weights: Array
    velocities: Array

    def __post_init__(self) -> None:
        valley = _validate.choice("valley", self.valley, (1, -1))
        angles = _validate.real_vector("angles", self.angles)
        weights = _validate.real_vector("weights", self.weights)
        velocities = _validate.real_array("velocities", self.velocities, last=2)
        if not len(angles) == len(weights) == len(velocities) or velocities.ndim != 2:
            raise ValueError(
                "angles, weights and velocities must have shapes (n,), (n,) and (n, 2), got "
                f"{angles.shape}, {weights.shape}, {velocities.shape}"
            )
        if (weights <= 0).any():
            raise ValueError(f"weights must be > 0 1/(meV nm²), got {weights.min():.6g}")
        flux = np.abs(weights @ velocities).max()
        if flux > 1e-9 * (weights @ np.abs(velocities)).max():
            raise ValueError(
                "the contour must be closed: Σ w v must vanish, or a uniform field would create "
                f"electrons; got {flux:.3g} 1/nm"
            )
        _validate.keep(self, valley=valley, angles=angles, weights=weights, velocities=velocities)

    @property
    def density_of_states(self) -> float:
        """Density of states of the pocket in 1/(meV nm²)."""
        return float(self.weights.sum())

    def time_reversed(self) -> FermiPocket:
        """Return the pocket of the other valley: k → −k with the angles unchanged."""
        return FermiPocket(-self.valley, self.angles, self.weights, -self.velocities)

    @classmethod
    def circle(
        cls, valley: int, points: int = 256, density_of_states: float = 1.0, speed: float = 1.0
    ) -> FermiPocket:
        """Return a circular electron pocket, v = s v_F (cos θ, sin θ), as in Ying Fig. 4.

        Parameters
        ----------
        valley : int
            s = +1 or −1.
        points : int
            Number of equidistant angles, at least 4. Smooth rates converge exponentially.
        density_of_states : float
            ν of the pocket in 1/(meV nm²).
        speed : float
            ħv_F in meV nm.

        Raises
        ------
        TypeError, ValueError
            If ``valley`` is neither 1 nor −1, ``points`` no integer ≥ 4, or another argument no
            number > 0.
        """
        valley = _validate.choice("valley", valley, (1, -1))
        points = _validate.integer("points", points, minimum=4)
        require_memory(f"points={points}", 10 * points)
        nu = _validate.positive("density_of_states", density_of_states, "1/(meV nm²)")
        speed = _validate.positive("speed", speed, "meV nm")
        angles = 2 * np.pi * np.arange(points) / points
        directions = np.stack([np.cos(angles), np.sin(angles)], axis=-1)
        return cls(valley, angles, np.full(points, nu / points), valley * speed * directions)

    @classmethod
    def from_polyline(cls, valley: int, vertices: ArrayLike, speeds: ArrayLike) -> FermiPocket:
        """Return the electron pocket inside a closed polyline.

        Parameters
        ----------
        valley : int
            +1 or −1.
        vertices : array (n, 2)
            Wavevectors in 1/nm, anticlockwise, each once (the last joins the first).
        speeds : array (n,)
            ``|ħv|`` at the vertices in meV nm; the direction is the outward normal.

        Raises
        ------
        TypeError, ValueError
            If arrays are not real and finite, there are fewer than four vertices, they run
            clockwise or fold back on themselves, or a speed is not positive.

        Notes
        -----
        Each vertex carries half of its two edges. The normals then add up to zero exactly, and
        results converge with the square of the spacing.
        """
        valley = _validate.choice("valley", valley, (1, -1))
        k = _validate.real_array("vertices", vertices, last=2)
        v = _validate.real_vector("speeds", speeds)
        if k.ndim != 2 or len(k) < 4 or len(k) != len(v):
            raise ValueError(
                "vertices and speeds must have shapes (n, 2) and (n,) with n ≥ 4, got "
                f"{k.shape} and {v.shape}"
            )
        if (v <= 0).any():
            raise ValueError(f"speeds must be > 0 meV nm, got {v.min():.6g}")
        nxt = np.roll(k, -1, axis=0)
        area = 0.5 * float((k[:, 0] * nxt[:, 1] - k[:, 1] * nxt[:, 0]).sum())
        if area <= 0:
            raise ValueError(
                f"vertices must run anticlockwise round a finite area, got the area {area:.3g} "
                "1/nm²; clockwise order would turn every velocity inwards"
            )
        tangent = 0.5 * (nxt - np.roll(k, 1, axis=0))
        length = np.linalg.norm(tangent, axis=-1)
        if (length == 0).any():
            raise ValueError(f"vertices fold back on themselves at index {int(length.argmin())}")
        normal = np.stack([tangent[:, 1], -tangent[:, 0]], axis=-1) / length[:, None]
        offset = valley * (k - (length[:, None] * k).sum(0) / length.sum())
        angles = np.arctan2(offset[:, 1], offset[:, 0])
        return cls(valley, angles, length / (4 * np.pi**2 * v), v[:, None] * normal)


@dataclass(frozen=True)
class FirstHarmonicRates:
    """Inter-valley rate with first harmonics, in units of 1/(ντ') (Ying Eq. 9).

    W^{(−+)}(θ, θ') = 1 + a·u(θ) + a'·u(θ'), with u = (cos, sin), θ in valley −1, θ' in valley +1.

    Parameters
    ----------
    a : tuple of float
        (a₁, b₁).
    a_prime : tuple of float
        (a₁', b₁'). Time reversal asks for a' = a.

    Raises
    ------
    TypeError, ValueError
        If ``a`` or ``a_prime`` is not real and finite (2,), or ``|a| + |a'| > 1``: the rate would
        be negative at some pair of angles.
    """

    a: tuple[float, float]
    a_prime: tuple[float, float]

    def __post_init__(self) -> None:
        for name in ("a", "a_prime"):
            vector = _validate.real_array(name, getattr(self, name), last=2)
            if vector.shape != (2,):
                raise ValueError(f"{name} must have shape (2,), got {vector.shape}")
            _validate.keep(self, **{name: (float(vector[0]), float(vector[1]))})
        size = math.hypot(*self.a) + math.hypot(*self.a_prime)
        if size > 1 + _ROUND_OFF:
            worst = math.degrees(math.atan2(-self.a[1], -self.a[0])) % 360
            worst_prime = math.degrees(math.atan2(-self.a_prime[1], -self.a_prime[0])) % 360
            raise ValueError(
                f"|a| + |a_prime| must be ≤ 1, got {size:.6g}: the rate falls to {1 - size:.3g} at "
                f"θ = {worst:.1f}°, θ' = {worst_prime:.1f}°"
            )

    def __call__(self, theta: Array, theta_prime: Array) -> Array:
        """Return the rate at θ (valley −1) and θ' (valley +1); the arguments broadcast."""
        rate: Array = (
            1
            + self.a[0] * np.cos(theta)
            + self.a[1] * np.sin(theta)
            + self.a_prime[0] * np.cos(theta_prime)
            + self.a_prime[1] * np.sin(theta_prime)
        )
        return rate


@one_blas_thread
def rate_matrices(
    rates: Rates, pockets: tuple[FermiPocket, ...], tau: float, tau_prime: float
) -> tuple[Array, Array]:
    """Return the intra- and the inter-pocket rates over all samples.

    Parameters
    ----------
    rates : callable, array or mapping
        As in :func:`moirelib.solve_boltzmann`.
    pockets : tuple of FermiPocket
        The contours; N is the number of their samples.
    tau, tau_prime : float
        τ/ħ and τ'/ħ in 1/meV.

    Returns
    -------
    intra, inter : array (N, N)
        W in meV² nm², symmetric.

    Raises
    ------
    TypeError, ValueError
        For an argument of another kind or shape, NaN, a negative rate, or rates that break detailed
        balance.
    """
    tau = _validate.positive("tau", tau, "1/meV")
    tau_prime = _validate.positive("tau_prime", tau_prime, "1/meV")
    pockets = tuple(pockets) if isinstance(pockets, Sequence) else (pockets,)
    for pocket in pockets:
        _validate.instance("pockets", pocket, FermiPocket, "a sequence of FermiPocket")
    if not pockets:
        raise ValueError("pockets must hold at least one FermiPocket, got none")
    sizes = [len(p.weights) for p in pockets]
    edges = np.concatenate([[0], np.cumsum(sizes)])
    total = int(edges[-1])
    require_memory(f"{total} samples", 12 * total**2)
    spans = [slice(int(i), int(j)) for i, j in itertools.pairwise(edges)]
    shapes = np.zeros((total, total))
    for span in spans:
        shapes[span, span] = 1.0

    if isinstance(rates, Mapping):
        given: dict[tuple[int, int], AngularRate | ArrayLike] = dict(rates)
    elif not callable(rates) and _shape(rates) == (total, total):
        whole = _validate.real_array("rates", rates)
        given = {
            (p, q): whole[spans[p], spans[q]] for p in range(len(spans)) for q in range(len(spans))
        }
    elif len(pockets) == 2:
        given = {(1, 0): rates}
    else:
        raise ValueError(
            f"rates for {len(pockets)} pockets must be a mapping of pairs or an array "
            f"({total}, {total}), got {'a callable' if callable(rates) else _shape(rates)}"
        )

    for key, rate in given.items():
        if not (
            isinstance(key, tuple)
            and len(key) == 2
            and all(isinstance(one, int | np.integer) for one in key)
        ):
            raise TypeError(f"rates must have pairs of indices as keys, got {_validate.shown(key)}")
        p, q = key
        if not (0 <= p < len(pockets) and 0 <= q < len(pockets)):
            raise ValueError(f"rates: there is no pair of pockets ({p}, {q})")
        shapes[spans[p], spans[q]] = _block(rate, p, q, pockets)
    for p, q in given:
        reverse = shapes[spans[q], spans[p]]
        if (q, p) in given:
            _check_detailed_balance(shapes[spans[p], spans[q]], reverse, p, q, pockets)
        shapes[spans[q], spans[p]] = shapes[spans[p], spans[q]].T

    mean = sum(p.density_of_states for p in pockets) / len(pockets)
    intra = np.zeros_like(shapes)
    for span, pocket in zip(spans, pockets, strict=True):
        intra[span, span] = shapes[span, span] / (pocket.density_of_states * tau)
        shapes[span, span] = 0.0
    return intra, shapes / (mean * tau_prime)


def _shape(rates: object) -> tuple[int, ...]:
    """The shape of rates given as an array."""
    return _validate.real_array("rates", rates).shape  # type: ignore[arg-type]


def _block(
    rate: AngularRate | ArrayLike, p: int, q: int, pockets: tuple[FermiPocket, ...]
) -> Array:
    theta, theta_prime = pockets[p].angles, pockets[q].angles
    shape = (len(theta), len(theta_prime))
    value = rate(theta[:, None], theta_prime[None, :]) if callable(rate) else rate
    block = _validate.real_array(f"rates between pockets {p} and {q}", value)
    if callable(rate) and _broadcasts(block.shape, shape):
        block = np.broadcast_to(block, shape)
    if block.shape != shape:
        raise ValueError(
            f"rates between pockets {p} and {q} must have shape {shape}, got {block.shape}"
        )
    if block.min() < -_ROUND_OFF * np.abs(block).max():
        i, j = np.unravel_index(int(block.argmin()), shape)
        raise ValueError(
            f"rates between pockets {p} and {q} must be ≥ 0, got {block.min():.6g} at "
            f"{_angles(theta[i], theta_prime[j])}"
        )
    return block


def _broadcasts(shape: tuple[int, ...], target: tuple[int, ...]) -> bool:
    sides = zip(shape[::-1], target[::-1], strict=False)
    return len(shape) <= len(target) and all(one in (1, other) for one, other in sides)


def _check_detailed_balance(
    block: Array, reverse: Array, p: int, q: int, pockets: tuple[FermiPocket, ...]
) -> None:
    excess = np.abs(block - reverse.T)
    if excess.max() > _ROUND_OFF * max(np.abs(block).max(), np.abs(reverse).max()):
        i, j = np.unravel_index(int(excess.argmax()), excess.shape)
        raise ValueError(
            f"rates break detailed balance between pockets {p} and {q}: W = {block[i, j]:.6g} and "
            f"its reverse {reverse[j, i]:.6g} differ by {excess[i, j]:.3g} at "
            f"{_angles(pockets[p].angles[i], pockets[q].angles[j])}; electron number would drift"
        )


def _angles(theta: float, theta_prime: float) -> str:
    return f"θ = {math.degrees(theta) % 360:.1f}°, θ' = {math.degrees(theta_prime) % 360:.1f}°"
