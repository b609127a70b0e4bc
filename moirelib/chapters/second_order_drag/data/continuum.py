"""What is known without a moiré: an isotropic band, and the cone of graphene in closed form.

Nothing here knows a lattice, a mesh of k, or the library's sum over transitions.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np

from moirelib._types import Floats

Potential = Callable[[Floats], Floats]

# Spin, and both valleys for the charge.
_SPIN, _VALLEYS = 2, 2


def cold_drag(
    kT: float,
    velocities: tuple[float, float],
    wavenumbers: tuple[float, float],
    potential: Potential,
    overlap: Callable[[Floats, float], Floats],
    valleys: int = _VALLEYS,
) -> float:
    """Return the leading power at low T of the drag of two isotropic bands.

    σ₁₂ = (e²/h) n_v² (1/3π) (τ₁τ₂/ħ²) (k_BT)²/(v₁v₂) ∫₀^{2k} q dq U² F₁F₂/(s₁s₂), with
    s² = 1 − (q/2k_F)², and the integral up to the smaller 2k_F; ħ/τ = 1 meV.

    Parameters
    ----------
    kT : float
        In meV.
    velocities : tuple of float
        ħv of each band in meV nm.
    wavenumbers : tuple of float
        k_F of each band in 1/nm.
    potential : callable
        U(q) in meV nm².
    overlap : callable
        F(q, k_F) = |λ|² between states of the Fermi circle that q parts.
    valleys : int
        n_v, of each layer.

    Returns
    -------
    float
        In e²/h.
    """
    nodes, weights = np.polynomial.legendre.leggauss(200)
    # q = 2k sin a: the roots at the end of the range vanish into the angle.
    smaller = min(wavenumbers)
    angle, share = math.pi / 4 * (nodes + 1), math.pi / 4 * weights
    q = 2 * smaller * np.sin(angle)
    measure = share * 2 * smaller * np.cos(angle)
    value = potential(q) ** 2 * q
    for k in wavenumbers:
        value = value * overlap(q, k) / np.sqrt(1 - (q / (2 * k)) ** 2)
    integral = float(value @ measure)
    v1, v2 = velocities
    return valleys**2 / (3 * math.pi) * kT**2 / (v1 * v2) * integral


def displaced_drag(
    kT: float,
    curvatures: tuple[float, float],
    wavenumbers: tuple[float, float],
    potential: Potential,
    q: Floats,
    weights: Floats,
) -> float:
    """Return the drag of two bands b k² of one valley, where the Fermi sea of layer 1 is displaced.

    Each collision is met once, and nothing is linearised: layer 1 has f(k − κ) after its field, and
    the velocity that layer 2 gains in a second is differentiated by κ in number.

    Parameters
    ----------
    kT : float
        In meV.
    curvatures : tuple of float
        b of each band in meV nm².
    wavenumbers : tuple of float
        k_F of each band in 1/nm.
    potential : callable
        U(q) in meV nm².
    q, weights : ndarray, shape (nq,)
        Nodes in 1/nm and weights of ∫dq.

    Returns
    -------
    float
        In e²/h at ħ/τ = 1 meV.
    """
    omega = np.linspace(-20 * kT, 20 * kT, 241)
    mu = [b * k**2 for b, k in zip(curvatures, wavenumbers, strict=True)]
    first, second = curvatures
    total = 0.0
    for one, weight, u in zip(q.tolist(), weights.tolist(), potential(q).tolist(), strict=True):
        # A sea that moves along q sees every energy exchanged shifted by 2bqκ.
        small = 0.05 * kT
        taken = [_structure(one, omega + sign * small, first, mu[0], kT) for sign in (-1, 1)]
        slope = 2 * first * one * (taken[0] - taken[1]) / (2 * small)
        given = slope @ _structure(one, -omega, second, mu[1], kT) * (omega[1] - omega[0])
        # Layer 2 loses q; the mean of the squared cosine between q and the field is a half.
        total += weight * one / (2 * math.pi) * u**2 * -2 * second * one * float(given) / 2
    return 4 * math.pi**2 * total


def _structure(q: float, omega: Floats, curvature: float, mu: float, kT: float) -> Floats:
    """Σ f(1 − f′) δ(ε′ − ε − ω) per area of a band b k² with spin, (nω,): 1/(meV nm²)."""
    along = (omega / curvature - q**2) / (2 * q)
    across = np.linspace(0, 1.2 * math.sqrt(mu / curvature) + 0.1, 1600)
    energies = curvature * (along[:, None] ** 2 + across**2) - mu
    before, after = (
        0.5 * (1 - np.tanh(e / (2 * kT))) for e in (energies, energies + omega[:, None])
    )
    per_area = _SPIN / (2 * math.pi) ** 2 / (2 * curvature * q)
    return np.asarray(per_area * 2 * np.trapezoid(before * (1 - after), across, axis=1))


def cone_overlap(q: Floats, k: float) -> Floats:
    """Return cos²(θ/2) between states of a Dirac cone that q parts on the circle of radius k."""
    return np.asarray(1 - (q / (2 * k)) ** 2, dtype=np.float64)


def cone_drag(
    mu: tuple[float, float],
    kT: float,
    velocity: float,
    potential: Potential,
    q: Floats,
    weights: Floats,
) -> float:
    """Return the drag of second order between two sheets of graphene, at any temperature.

    Parameters
    ----------
    mu : tuple of float
        In meV.
    kT : float
        In meV.
    velocity : float
        ħv in meV nm.
    potential : callable
        U(q) in meV nm².
    q, weights : ndarray, shape (nq,)
        Nodes in 1/nm and weights of ∫dq.

    Returns
    -------
    float
        In e²/h at ħ/τ = 1 meV.
    """
    total = 0.0
    for one, weight, u in zip(q.tolist(), weights.tolist(), potential(q).tolist(), strict=True):
        omega, steps = _frequencies(velocity * one, kT)
        first, second = (_cone_gain(one, omega, level, kT, velocity) for level in mu)
        both = _VALLEYS**2 * first * second
        total += weight * one / (2 * math.pi) * u**2 * float(both @ steps) / 2
    return 2 * math.pi**2 / kT * total


def _frequencies(edge: float, kT: float) -> tuple[Floats, Floats]:
    """Nodes and weights of ∫dω over both signs, dense at ω = ±ħvq, where R has a root."""
    nodes, weights = np.polynomial.legendre.leggauss(48)
    angle, share = math.pi / 2 * nodes, math.pi / 2 * weights
    inside = edge * np.sin(angle), share * edge * np.cos(angle)
    far = edge + 20 * kT
    grow = (nodes + 1) / 2
    outside = edge + (far - edge) * grow**2, weights * grow * (far - edge)
    return (
        np.concatenate([inside[0], outside[0], -outside[0]]),
        np.concatenate([inside[1], outside[1], outside[1]]),
    )


def _cone_gain(q: float, omega: Floats, mu: float, kT: float, velocity: float) -> Floats:
    """R along q of one valley, by k = (q/2)(cosh u + cos v), |k + q| = (q/2)(cosh u − cos v)."""
    nodes, weights = np.polynomial.legendre.leggauss(120)
    x = omega[:, None] / (velocity * q)
    inside = np.abs(x) < 1
    # Within a band ω fixes v, between the bands u; what is left is integrated.
    longest = math.acosh(1 + 2 * (abs(mu) + 25 * kT) / (velocity * q))
    free_u = longest * (nodes + 1) / 2
    free_v = math.pi / 2 * (nodes + 1)
    total = np.zeros(len(omega))
    for before, after in ((1, 1), (-1, -1), (-1, 1), (1, -1)):
        if before == after:
            cos = np.where(inside, -before * x, 0.0)
            cosh = np.cosh(free_u)[None]
            counts = inside / np.sqrt(1 - cos**2) * longest / 2 * weights
        else:
            cosh = np.where(inside, 2.0, after * x)
            cos = np.cos(free_v)[None]
            right = ~inside & (after * x > 1)
            cosh = np.where(right, cosh, 2.0)
            counts = right / np.sqrt(cosh**2 - 1) * math.pi / 2 * weights
        k, moved = q / 2 * (cosh + cos), q / 2 * (cosh - cos)
        along = (moved**2 - k**2 - q**2) / (2 * q)
        overlap = (1 + before * after * (k**2 + moved**2 - q**2) / (2 * k * moved)) / 2
        gained = velocity * (after * (along + q) / moved - before * along / k)
        thermal = _root(before * velocity * k, mu, kT) * _root(after * velocity * moved, mu, kT)
        area = q**2 / 4 * (cosh**2 - cos**2)
        total += (counts * area * overlap * gained * thermal).sum(axis=1)
    # Both signs of v, and dω = ħvq sin v dv or ħvq sinh u du.
    return np.asarray(_SPIN / (2 * math.pi) ** 2 * 2 * total / (velocity * q))


def _root(energy: Floats, mu: float, kT: float) -> Floats:
    return np.asarray(1 / (2 * np.cosh(np.clip((energy - mu) / (2 * kT), -300, 300))))
