"""A chain whose levels have a width: the bubble of current and density, with no relaxation term."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np
from scipy.special import expit

from moirelib._types import Complex, Floats

ORBITALS, MESH, SEED = 3, 64, 3

# In units of a hopping. The width is small against k_BT and the gaps; it makes 1/τ = 2Γ/ħ.
TEMPERATURE, WIDTH, LEVEL = 0.2, 0.01, 0.0

# Energies: a fine grid where poles lie, and a tail down to −∞. Above the grid no state is filled.
_REACH, _STEP, _TAIL = 8.0, WIDTH / 4, 24


class Bubble(NamedTuple):
    """χ = ⟨jρ⟩ of a density on each orbital, and 𝒞: arrays of shape (3,).

    ``static`` and ``at_one`` are at Ω = 0 and ħΩ = 2Γ. ``uneven`` is at Ω = 0 with a width that
    depends on k, and the same velocity.
    """

    static: Complex
    at_one: Complex
    uneven: Complex
    weight: Floats


def _chain() -> tuple[Complex, Complex]:
    """H(k) and ∂H/∂k, (MESH, 3, 3), with H(k + 2π) = H(k) and the positions of the cells in k."""
    rng = np.random.default_rng(SEED)
    size = (2, ORBITALS, ORBITALS)
    inside, across = 0.5 * (rng.normal(size=size) + 1j * rng.normal(size=size))
    turn = np.exp(1j * 2 * np.pi * np.arange(MESH) / MESH)[:, None, None]
    h = inside + across * turn
    slope = 1j * across * turn
    return h + h.conj().swapaxes(1, 2), slope + slope.conj().swapaxes(1, 2)


def _loops(energies: Floats, levels: Floats, frequency: float, width: float) -> Complex:
    """f(ε)[A_n(ε) Gᴬ_m(ε − Ω) + Gᴿ_n(ε + Ω) A_m(ε)] at energies ε, (energy, n, m)."""
    away = energies[:, None] - levels
    spectral = width / np.pi / (away**2 + width**2)
    advanced = 1 / (away - frequency - 1j * width)
    retarded = 1 / (away + frequency + 1j * width)
    filled = expit((LEVEL - energies) / TEMPERATURE)[:, None, None]
    first = spectral[:, :, None] * advanced[:, None]
    second = retarded[:, :, None] * spectral[:, None]
    loops: Complex = filled * (first + second)
    return loops


def _bubble(frequency: float, widths: Floats) -> Complex:
    """∫dε f(ε) Σ_k Tr [v A λ Gᴬ(ε − Ω) + v Gᴿ(ε + Ω) λ A], (3,), with a width for each k."""
    h, velocity = _chain()
    fine = np.linspace(-_REACH, _REACH, 2 * round(_REACH / _STEP) + 1)
    # In u = 1/ε the integrand of the tail is smooth, dε = du/u².
    nodes, weights = np.polynomial.legendre.leggauss(_TAIL)
    inverse = (nodes - 1) / (2 * _REACH)
    tail = weights / (2 * _REACH) / inverse**2
    total: Complex = np.zeros(ORBITALS, dtype=complex)
    for e, u, v, width in zip(*np.linalg.eigh(h), velocity, widths, strict=True):
        # Equally spaced points converge exponentially: the poles lie four steps off the axis.
        integral = np.trapezoid(_loops(fine, e, frequency, width), fine, axis=0)
        integral = integral + np.tensordot(tail, _loops(1 / inverse, e, frequency, width), 1)
        # The density takes m to n, the current n to m.
        total += np.einsum("nm,mn,an,am->a", integral, u.conj().T @ v @ u, u.conj(), u)
    response: Complex = total / MESH
    return response


@cache
def static_bubble() -> Bubble:
    """Return the bubble of a chain with Σ = ∓iΓ, no vertex correction and no relaxation term."""
    even = np.full(MESH, WIDTH)
    uneven = WIDTH * (1.5 + 0.5 * np.sin(2 * np.pi * np.arange(MESH) / MESH))
    h, velocity = _chain()
    e, u = np.linalg.eigh(h)
    speed = np.einsum("kan,kab,kbn->kn", u.conj(), velocity, u).real
    slope = 1 / (4 * TEMPERATURE * np.cosh((e - LEVEL) / 2 / TEMPERATURE) ** 2)  # −f′
    weight = np.einsum("kn,kan->a", speed * slope, np.abs(u) ** 2) / MESH
    return Bubble(_bubble(0.0, even), _bubble(2 * WIDTH, even), _bubble(0.0, uneven), weight)
