"""What current reverses the valleys of the moiré band: Ying Eqs. 20 and 21 in amperes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import constants as si
from scipy.optimize import brentq

from moirelib import _validate
from moirelib._repr import short_repr
from moirelib.chapters.keldysh.data.band import CHEMICAL_POTENTIAL, moire_band, moire_order
from moirelib.switching.estimate import (
    critical_droplet,
    current_per_width,
    distance_to_transition,
)
from moirelib.units import KB_MEV_PER_K, MEV, thermal_energy

Array = NDArray[np.float64]

TWIST = math.radians(1.03)
DELTA = 0.003 / TWIST
"""|δ_ε| = ε/θ_w for a strain of 0.3 %."""

QUOTED = 1e-3
"""The current of the paper's estimate in A/m."""

MEASURED_NANOAMPERE = 1.0
"""Current that reverses the sample of Serlin et al. (2020), in nA."""

SPEEDS = (1e4, 1e5)
"""Range of v_F in Ying Sec. I, in m/s."""


@cache
def excess(critical: float) -> float:
    """Uν − 1 at which the two-valley band orders at ``critical`` K, at fixed density."""
    return float(
        brentq(
            lambda x: moire_order(x).critical_temperature - thermal_energy(critical),
            1e-3,
            2.0,
            xtol=1e-8,
        )
    )


def zeeman_density(tesla: float, kT: float = 0.5) -> float:
    """νμ_BB in 1/nm² of the two-valley band at ``kT`` meV (Ying, below Eq. 20)."""
    shift = si.value("Bohr magneton") * tesla / MEV
    band = moire_band()
    above, below = (float(band.density(CHEMICAL_POTENTIAL + s, kT)) for s in (shift, -shift))
    return (above - below) / 2


def source_at(current: float, speed: float) -> float:
    """Δn₀ in 1/nm² of a current in A/m (Ying Eq. 21)."""
    return current * DELTA / (si.e * speed) * 1e-18


@short_repr
@dataclass(frozen=True)
class SwitchingCurrents:
    """Uniform reversal at one share of T_c; one row per T_c, one column per v_F."""

    critical: Array
    speed: Array
    excess: Array
    coercive: Array
    current: Array
    distance: Array


def switching_currents(
    critical: ArrayLike = (5.0, 8.0, 9.0), share: float = 0.7
) -> SwitchingCurrents:
    """Return n_c in 1/nm², the current for it in A/m, and how near T_c 10⁻³ A/m suffice, in K.

    Parameters
    ----------
    critical : array (n,)
        T_c in K.
    share : float
        T/T_c.
    """
    kelvins = _validate.real_vector("critical", critical)
    above = np.array([excess(float(k)) for k in kelvins])
    coercive = np.array(
        [
            moire_order(x, share * thermal_energy(float(k))).coercive_density
            for x, k in zip(above, kelvins, strict=True)
        ]
    )
    current = np.stack([current_per_width(coercive, v, DELTA) for v in SPEEDS], axis=-1)
    distance = np.array(
        [
            [
                k
                * distance_to_transition(
                    lambda t, x=x: moire_order(x, KB_MEV_PER_K * t),  # type: ignore[misc]
                    source_at(QUOTED, v),
                    float(k),
                )
                for v in SPEEDS
            ]
            for x, k in zip(above, kelvins, strict=True)
        ]
    )
    return SwitchingCurrents(kelvins, np.array(SPEEDS), above, coercive, current, distance)


@short_repr
@dataclass(frozen=True)
class Nucleation:
    """Critical droplet at 10⁻³ A/m: radius in µm, barrier and k_BT in meV, one entry per v_F."""

    speed: Array
    radius: Array
    barrier: Array
    thermal: float


def nucleation(
    critical: float = 5.0, bare_length: float = 5.0, speed: ArrayLike = (1e4, 3e4)
) -> Nucleation:
    """Return the critical droplet at 0.7 T_c, with ξ₀ = ``bare_length`` nm."""
    order = moire_order(excess(critical), 0.7 * thermal_energy(critical))
    law = order.landau()
    speeds = _validate.real_vector("speed", speed)
    drops = [
        critical_droplet(
            order.interaction, law.alpha_2, law.alpha_4, source_at(QUOTED, float(v)), bare_length
        )
        for v in speeds
    ]
    return Nucleation(
        speeds,
        np.array([d.radius for d in drops]) / 1e3,
        np.array([d.barrier for d in drops]),
        0.7 * thermal_energy(critical),
    )
