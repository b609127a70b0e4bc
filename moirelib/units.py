"""Units: energies in meV, lengths in nm, conductivities in e²/h.

Every constant comes from :mod:`scipy.constants`. The two that enter every result, the Dirac
velocity and the Coulomb prefactor, are derived along two routes and compared on import, so that
a wrong power of ten cannot survive.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike
from scipy import constants as _si

from moirelib._types import Floats

MEV = _si.e * 1e-3
"""One meV in joule."""

NM = 1e-9
"""One nm in metre."""

HBAR_MEV_S = _si.hbar / MEV
"""Reduced Planck constant in meV s."""

KB_MEV_PER_K = _si.k / MEV
"""Boltzmann constant in meV/K."""

COULOMB_MEV_NM = _si.e**2 / (4 * math.pi * _si.epsilon_0) / (MEV * NM)
"""e²/(4πε₀) in meV nm; the potential energy of two electrons 1 nm apart in vacuum."""

CONDUCTANCE_QUANTUM_S = _si.e**2 / _si.h
"""e²/h in siemens."""

RESISTANCE_QUANTUM_OHM = _si.h / _si.e**2
"""h/e² in ohm."""

_1E12_PER_CM2_IN_1_PER_NM2 = (_si.centi / NM) ** 2 / 1e12


def hbar_velocity(velocity_m_per_s: float) -> float:
    """Return ħv in meV nm for a velocity in m/s.

    In this library a "velocity" is always ħv = ∂ε/∂k, in meV nm.

    >>> round(hbar_velocity(0.8e6), 4)
    526.5696
    """
    return _si.hbar * velocity_m_per_s / (MEV * NM)


def velocity_si(hbar_velocity_mev_nm: float) -> float:
    """Return the velocity in m/s that belongs to ħv in meV nm."""
    return hbar_velocity_mev_nm * MEV * NM / _si.hbar


def thermal_energy(temperature_kelvin: float) -> float:
    """Return k_B T in meV for a temperature in kelvin.

    >>> round(thermal_energy(300.0), 2)
    25.85
    """
    return KB_MEV_PER_K * temperature_kelvin


def temperature(thermal_energy_mev: float) -> float:
    """Return the temperature in kelvin that belongs to k_B T in meV.

    >>> round(temperature(1.0), 2)
    11.6
    """
    return thermal_energy_mev / KB_MEV_PER_K


def to_1e12_per_cm2(density: ArrayLike) -> Floats:
    """Return a density in 10¹²/cm², the unit of experiments, from one in 1/nm².

    >>> print(to_1e12_per_cm2(0.02))
    2.0
    """
    return np.asarray(density, dtype=np.float64) * _1E12_PER_CM2_IN_1_PER_NM2


def from_1e12_per_cm2(density: ArrayLike) -> Floats:
    """Return a density in 1/nm² from one in 10¹²/cm².

    >>> print(from_1e12_per_cm2([2.0, -1.0]))
    [ 0.02 -0.01]
    """
    return np.asarray(density, dtype=np.float64) / _1E12_PER_CM2_IN_1_PER_NM2


def _assert_consistent(name: str, first: float, second: float) -> None:
    # The constants are CODATA values rounded to ten digits; 1e-8 leaves room for nothing else.
    if not math.isclose(first, second, rel_tol=1e-8):
        raise AssertionError(f"units: two derivations of {name} disagree: {first} and {second}")


# ħc = 197.327 eV nm is independent of the SI value of e in joule; α ħc is e²/(4πε₀).
_HBAR_C_MEV_NM = _si.physical_constants["reduced Planck constant times c in MeV fm"][0] * 1e3
_assert_consistent("e²/(4πε₀)", COULOMB_MEV_NM, _si.alpha * _HBAR_C_MEV_NM)
_assert_consistent("ħv", hbar_velocity(_si.c), _HBAR_C_MEV_NM)
_assert_consistent("h/e²", RESISTANCE_QUANTUM_OHM, _si.value("von Klitzing constant"))
