"""True Fermi contours of strained bilayer graphene (Ying App. B, and δ(ε − ε') of Ying Eq. 6).

Elastic scattering joins states of one **energy**. A contour is the closed line E(k) = μ around one
Dirac point, found ray by ray. With k(θ) = R(θ)u(θ) a sample of width dθ carries the density of
states

    w = dℓ/[(2π)² |v|] = R dθ/[(2π)² v·u],

because dℓ = R|v| dθ/(v·u) on the line. Circles of radius k_F around the Dirac points are the
approximation for pockets whose shape and centre do not matter; to order t² they do (see
:func:`remaining_share`).

Energies are in meV, lengths in nm, velocities are ħv in meV nm.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from moirelib import _validate
from moirelib._memory import require_memory
from moirelib._repr import short_repr
from moirelib._threads import one_blas_thread
from moirelib.models.twisted_bilayer import PocketState, StrainedTBG
from moirelib.switching.fermi_pockets import FermiPocket

Array = NDArray[np.float64]

_NEWTON_STEPS = 30
_RESOLUTION = 64 * float(np.finfo(float).eps)  # of an energy that an eigenvalue solver returns
_CLOSED = 1e-9  # what FermiPocket takes for a closed contour
_CONDUCTION = 4  # four valence states lie below the gap


@short_repr
@dataclass(frozen=True, eq=False)
class PocketContour:
    """One pocket on its line of constant energy.

    Parameters
    ----------
    state : PocketState
        Bloch states on the line; ``state.angles`` are directions seen from the bottom of the
        pocket, ``state.wavevectors`` count from the Dirac point.
    velocities : array (n, 2)
        ∂E/∂k in meV nm.
    weights : array (n,)
        Density of states of each sample in 1/(meV nm²).
    radius : array (n,)
        Distance from the bottom of the pocket in 1/nm.
    """

    state: PocketState
    velocities: Array
    weights: Array
    radius: Array

    def __post_init__(self) -> None:
        _validate.keep(self)

    @property
    def area(self) -> float:
        """Area inside the line in 1/nm²."""
        return float(np.pi * (self.radius**2).mean())

    @property
    def density_of_states(self) -> float:
        """∮dℓ/[(2π)²|v|] in 1/(meV nm²)."""
        return float(self.weights.sum())

    def fermi_pocket(self) -> FermiPocket:
        """Return the contour as the kinetic equation takes it."""
        return FermiPocket(self.state.valley, self.state.angles, self.weights, self.velocities)


@one_blas_thread
def pocket_contour(
    model: StrainedTBG, energy: float, points: int = 64, layer: int = 1, valley: int = 1
) -> PocketContour:
    """Return the line E(k) = ``energy`` of the conduction band around one Dirac point.

    Parameters
    ----------
    model : StrainedTBG
        The bilayer.
    energy : float
        In meV.
    points : int
        Rays; sums over them converge exponentially.
    layer, valley : int
        As in :meth:`StrainedTBG.hamiltonian`.

    Raises
    ------
    TypeError, ValueError
        If ``model`` is no :class:`~moirelib.models.twisted_bilayer.StrainedTBG`, there is no such
        ``layer`` or ``valley``, the energy lies below the pocket, its line is not closed around the
        bottom of it, or ``points`` are too few for its shape.
    """
    _validate.instance("model", model, StrainedTBG, "a StrainedTBG")
    mu = _validate.real_scalar("energy", energy)
    points = _validate.integer("points", points, minimum=4)
    layer = _validate.choice("layer", layer, (1, 2))
    valley = _validate.choice("valley", valley, (1, -1))
    require_memory(f"points={points}", 200 * points, 16)
    return _line(model, mu, points, layer, valley)


# Rates and figures ask for the same lines.
@lru_cache(maxsize=16)
def _line(model: StrainedTBG, mu: float, points: int, layer: int, valley: int) -> PocketContour:
    angles = 2 * np.pi * np.arange(points) / points
    # In valley −1 angles count from the opposite direction: time reversal leaves them alone.
    rays = valley * np.stack([np.cos(angles), np.sin(angles)], axis=-1)
    terms, centre, bottom, mass = _pocket(model, layer, valley)
    if mu <= bottom:
        raise ValueError(
            f"energy must lie above the bottom of the pocket, {bottom:.6g} meV, got {mu:.6g}"
        )
    limit = 0.5 * float(np.linalg.norm(model.q_vectors, axis=-1).min())
    # Newton's start: a cone with the gap and the mean curvature of the bottom.
    radius = np.full(points, math.sqrt((mu - bottom) * (mu + bottom) * mass / bottom))
    for _ in range(_NEWTON_STEPS):
        energies, vectors, v = _band(terms, centre + radius[:, None] * rays)
        slope = np.einsum("ni,ni->n", v, rays)
        step = (energies - mu) / slope
        radius = radius - step
        if not (np.isfinite(radius).all() and (radius > 0).all() and (radius < limit).all()):
            raise ValueError(
                f"the line E = {mu:.6g} meV is not closed around the pocket of layer {layer} "
                f"within {limit:.4g} 1/nm, half the way to its neighbours"
            )
        if np.abs(energies - mu).max() < _RESOLUTION * np.abs(energies).max():
            break
    else:
        raise ValueError(f"the line E = {mu:.6g} meV of layer {layer} could not be followed")
    k = centre + radius[:, None] * rays
    energies, vectors, v = _band(terms, k)
    slope = np.einsum("ni,ni->n", v, rays)
    weights = radius / (4 * np.pi**2 * slope) * (2 * np.pi / points)
    flux = float(np.abs(weights @ v).max() / (weights @ np.abs(v)).max())
    if flux > _CLOSED:
        raise ValueError(
            f"points must resolve the line of layer {layer}, got {points}: Σ w v should vanish and "
            f"is {flux:.1e} of Σ w |v|. More points do not help where rounding does this: μ is "
            f"{(mu - bottom) / mu:.1e} of itself above the bottom"
        )
    state = PocketState(layer, valley, angles, k, energies, vectors.reshape(points, 4, 2))
    return PocketContour(state, v, weights, radius)


@lru_cache(maxsize=16)
def _pocket(
    model: StrainedTBG, layer: int, valley: int
) -> tuple[NDArray[np.complex128], Array, float, float]:
    """H, affine in k, around one Dirac point, and the bottom of its pocket."""
    terms = _affine(model, layer, valley)
    return terms, *_bottom(model, terms)


def _bottom(model: StrainedTBG, terms: NDArray[np.complex128]) -> tuple[Array, float, float]:
    """Wavevector and energy of the bottom of a pocket, and its mean mass 1/E″ in 1/(meV nm²).

    A pocket without a gap has no curvature there: then the Dirac point itself is returned.
    """
    step = 1e-3 * model.moire_wavevector
    stencil = step * np.concatenate([np.zeros((1, 2)), np.eye(2), -np.eye(2)])
    centre = np.zeros(2)
    energy = float(_band(terms, centre[None])[0][0])
    mass = energy / model.hbar_v**2
    for _ in range(_NEWTON_STEPS):
        energies, _vectors, v = _band(terms, centre + stencil)
        hessian = (v[1:3] - v[3:5]) / (2 * step)
        curvature = np.linalg.eigvalsh(0.5 * (hessian + hessian.T))
        if curvature[0] <= 0 or model.mass < model.hbar_v * step:
            break
        energy, mass = float(energies[0]), 1 / float(curvature.mean())
        move = np.linalg.solve(hessian, v[0])
        centre = centre - move
        if np.abs(move).max() < 1e-6 * model.moire_wavevector:
            break
    return centre, energy, mass


def _affine(model: StrainedTBG, layer: int, valley: int) -> NDArray[np.complex128]:
    """H₀, ∂H/∂k_x and ∂H/∂k_y: H is affine in k, so differences of unit length are exact."""
    origin = model.hamiltonian(np.zeros(2), layer, valley)
    slopes = (model.hamiltonian(axis, layer, valley) - origin for axis in np.eye(2))
    return np.stack([origin, *slopes])


def _band(terms: NDArray[np.complex128], k: Array) -> tuple[Array, NDArray[np.complex128], Array]:
    energies, vectors = np.linalg.eigh(terms[0] + np.tensordot(k, terms[1:], axes=1))
    band = vectors[..., _CONDUCTION]
    v = np.einsum("ni,aij,nj->na", band.conj(), terms[1:], band).real
    return energies[:, _CONDUCTION], band, v


@one_blas_thread
def fermi_energy(model: StrainedTBG, fermi_wavevector: float, points: int = 64) -> float:
    """Return the common μ in meV at which the pockets of both layers hold 2πk_F² together.

    Parameters
    ----------
    model : StrainedTBG
        The bilayer.
    fermi_wavevector : float
        k_F in 1/nm.
    points : int
        Rays of each contour.

    Raises
    ------
    TypeError, ValueError
        If ``model`` is no :class:`~moirelib.models.twisted_bilayer.StrainedTBG`,
        ``fermi_wavevector`` no number > 0, ``points`` no integer ≥ 4, if circles of this size would
        reach their neighbours, or a contour is not closed.
    """
    _validate.instance("model", model, StrainedTBG, "a StrainedTBG")
    points = _validate.integer("points", points, minimum=4)
    k_f = _validate.positive("fermi_wavevector", fermi_wavevector, "1/nm")
    return _common_level(model, k_f, points)


@lru_cache(maxsize=16)
def _common_level(model: StrainedTBG, k_f: float, points: int) -> float:
    mu = max(float(model.pocket_state(k_f, 16, layer).energies.mean()) for layer in (1, 2))
    for _ in range(_NEWTON_STEPS):
        lines = [pocket_contour(model, mu, points, layer) for layer in (1, 2)]
        excess = sum(line.area for line in lines) - 2 * np.pi * k_f**2
        step = excess / (4 * np.pi**2 * sum(line.density_of_states for line in lines))
        mu -= step
        if abs(step) < _RESOLUTION * model.mass:
            break
    return mu


def remaining_share(velocity_q_over_mass: float) -> float:
    """Return −3x²/(24 + x²) of x = v_Dq/m: the share of Δn₀ that equal impurities leave.

    Of the value with a constant intra-layer rate, at order t² and for v_Dk_F ≪ m, v_Dq. For
    v_Dq ≪ m, the limit of Ying App. B, it is −x²/8. It comes from the shift of the pockets, which
    circles around the Dirac points do not have.

    Raises
    ------
    TypeError, ValueError
        If ``velocity_q_over_mass`` is no number > 0.
    """
    squared = _validate.positive("velocity_q_over_mass", velocity_q_over_mass) ** 2
    return -3 * squared / (24 + squared)
