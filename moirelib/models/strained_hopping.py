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
    """
    e = _validate.real_array("strain", strain)
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
        K = (4π/3a, 0) by default.
    """
    a = _validate.positive("lattice_constant", lattice_constant, "nm")
    deformed, hopping = _bonds(strain, slope, a)
    k = np.array([4 * math.pi / (3 * a), 0.0] if corner is None else corner, dtype=np.float64)
    for _ in range(50):
        terms = hopping * np.exp(1j * deformed @ k)
        slope_k = 1j * terms @ deformed
        jacobian = np.array([slope_k.real, slope_k.imag])
        value = terms.sum()
        step = np.linalg.solve(jacobian, [value.real, value.imag])
        k = k - step
        if np.abs(step).max() < 1e-14 * np.abs(k).max():
            break
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
    """
    a = _validate.positive("lattice_constant", lattice_constant, "nm")
    deformed, hopping = _bonds(strain, slope, a)
    terms = hopping * np.exp(1j * deformed @ strained_dirac_point(strain, slope, a))
    gradient = 1j * terms @ deformed  # unstrained: (√3a/2)(x̂ ± iŷ) up to a phase
    values, vectors = np.linalg.eigh(np.outer(gradient, gradient.conj()).real)
    stretch: Array = (vectors * np.sqrt(values)) @ vectors.T / (math.sqrt(3) * a / 2)
    return stretch


def _bonds(strain: ArrayLike, slope: float, a: float) -> tuple[Array, Array]:
    """Three bonds deformed by 1 + 𝓔, (3, 2) in nm, and their hopping exp[−β(d/d₀ − 1)]."""
    e = _validate.real_array("strain", strain)
    beta = _validate.real_scalar("slope", slope)
    turns = np.pi / 2 + 2 * np.pi / 3 * np.arange(3)
    bonds = a / math.sqrt(3) * np.stack([np.cos(turns), np.sin(turns)], axis=-1)
    deformed = bonds @ (np.eye(2) + e).T
    stretch = np.linalg.norm(deformed, axis=-1) / (a / math.sqrt(3))
    return deformed, np.exp(-beta * (stretch - 1))
