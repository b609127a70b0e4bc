"""The other effect of strain: hopping that changes with the bond length (Ying, below Eq. 17).

With t(d) = t₀ exp[−β(d/d₀ − 1)] a strained honeycomb lattice has its Dirac point at
K − 𝓔K + A with

    A = (√3β/2a)(𝓔_xx − 𝓔_yy, −2𝓔_xy),   valley K = (4π/3a, 0),

to first order; in valley K' the sign of all terms is the opposite one. A is the same vector for the
three equivalent corners, because equivalent Dirac points differ by reciprocal vectors of the
strained crystal.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

from moirelib import _validate

Array = NDArray[np.float64]

GRAPHENE_SLOPE = 3.14
"""β = −∂ln t/∂ln d of graphene."""

_LARGEST_EXPONENT = 20.0
_FARTHEST = 1e6  # a step of Newton's method times a that leads nowhere


def gauge_shift(strain: ArrayLike, slope: float, lattice_constant: float) -> Array:
    """Return A in 1/nm: how far modified hopping moves the Dirac point K = (4π/3a, 0).

    Parameters
    ----------
    strain : array (2, 2)
        𝓔, with a zigzag direction along x.
    slope : float
        β.
    lattice_constant : float
        a in nm.

    Raises
    ------
    TypeError, ValueError
        If ``strain`` is no finite matrix (2, 2), ``slope`` not a finite number, or
        ``lattice_constant`` not positive.
    """
    e = _tensor(strain)
    beta = _validate.real_scalar("slope", slope)
    a = _validate.positive("lattice_constant", lattice_constant, "nm")
    size = math.sqrt(3) * beta / (2 * a)
    return size * np.array([e[0, 0] - e[1, 1], -2 * e[0, 1]])


def strained_dirac_point(
    strain: ArrayLike,
    slope: float,
    lattice_constant: float,
    corner: ArrayLike | None = None,
) -> Array:
    """Return the zero of Σ_n t_n e^{ik·d_n} of a strained honeycomb lattice near a corner, in 1/nm.

    Nothing is expanded: three bonds deformed by 1 + 𝓔, hopping exp[−β(d/d₀ − 1)], Newton steps.

    Parameters
    ----------
    strain : array (2, 2)
        𝓔.
    slope : float
        β.
    lattice_constant : float
        a in nm.
    corner : array (2,), optional
        K = (4π/3a, 0) by default, in 1/nm.

    Returns
    -------
    array (2,)

    Raises
    ------
    TypeError, ValueError
        As :func:`gauge_shift`; if ``corner`` is not one wavevector, or no zero is found: too much
        strain for a Dirac point, or ``corner`` is far from one.
    """
    a = _validate.positive("lattice_constant", lattice_constant, "nm")
    deformed, hopping = _bonds(strain, slope, a)
    start = [4 * math.pi / (3 * a), 0.0] if corner is None else corner
    k = _validate.real_array("corner", start, last=2)
    if k.shape != (2,):
        raise ValueError(f"corner must be one wavevector (2,), got shape {k.shape}")
    _validate.require_phase("corner", float(np.abs(k).max()) * a)
    for _ in range(50):
        terms = hopping * np.exp(1j * deformed @ k)
        slope_k = 1j * terms @ deformed
        jacobian = np.array([slope_k.real, slope_k.imag])
        value = terms.sum()
        try:
            step = np.linalg.solve(jacobian, [value.real, value.imag])
        except np.linalg.LinAlgError:
            break
        if not np.abs(step).max() * a < _FARTHEST:
            break
        k = k - step
        if np.abs(step).max() < 1e-14 * np.abs(k).max():
            break
    missed = abs((hopping * np.exp(1j * deformed @ k)).sum())
    if not missed < 1e-9 * hopping.sum():
        raise ValueError(
            f"strain, slope and corner must leave a Dirac point near the corner, got strain "
            f"{np.asarray(strain).tolist()} and slope {slope:.3g}: none was found"
        )
    return k


def cone_stretch(strain: ArrayLike, slope: float, lattice_constant: float) -> Array:
    """Return S, (2, 2): the cone at the strained Dirac point is E = ħv_D ``|S k|``.

    To first order S = 1 + (1 − β)𝓔. Nothing is expanded here.

    Parameters
    ----------
    strain : array (2, 2)
        𝓔.
    slope : float
        β.
    lattice_constant : float
        a in nm.

    Raises
    ------
    TypeError, ValueError
        As :func:`strained_dirac_point`.
    """
    a = _validate.positive("lattice_constant", lattice_constant, "nm")
    deformed, hopping = _bonds(strain, slope, a)
    terms = hopping * np.exp(1j * deformed @ strained_dirac_point(strain, slope, a))
    gradient = 1j * terms @ deformed  # unstrained: (√3a/2)(x̂ ± iŷ) up to a phase
    values, vectors = np.linalg.eigh(np.outer(gradient, gradient.conj()).real)
    stretch: Array = (
        (vectors * np.sqrt(np.maximum(values, 0.0))) @ vectors.T / (math.sqrt(3) * a / 2)
    )
    return stretch


def _bonds(strain: ArrayLike, slope: float, a: float) -> tuple[Array, Array]:
    """Three bonds deformed by 1 + 𝓔, (3, 2) in nm, and their hopping exp[−β(d/d₀ − 1)]."""
    e = _tensor(strain)
    beta = _validate.real_scalar("slope", slope)
    turns = np.pi / 2 + 2 * np.pi / 3 * np.arange(3)
    bonds = a / math.sqrt(3) * np.stack([np.cos(turns), np.sin(turns)], axis=-1)
    deformed = bonds @ (np.eye(2) + e).T
    stretch = np.linalg.norm(deformed, axis=-1) / (a / math.sqrt(3))
    exponent = -beta * (stretch - 1)
    if np.abs(exponent).max() > _LARGEST_EXPONENT:
        raise ValueError(
            f"strain and slope must change the hopping by less than e^{_LARGEST_EXPONENT:g}, got "
            f"strain {e.tolist()} and slope {beta:.3g}"
        )
    return deformed, np.exp(exponent)


def _tensor(strain: ArrayLike) -> Array:
    e = _validate.real_array("strain", strain)
    if e.shape != (2, 2):
        raise ValueError(f"strain must be a matrix (2, 2), got shape {e.shape}")
    if np.abs(e).max() >= 1:
        raise ValueError(f"strain must be small, every entry below 1, got {e.tolist()}")
    return e
