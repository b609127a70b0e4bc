"""What the page shows of the stored points."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from moirelib._repr import short_repr
from moirelib._types import Floats
from moirelib.chapters.second_order_drag.data.sweep import (
    COOLING,
    FILLINGS,
    KT,
    SPACERS,
    STRONG,
    SWEEP,
    at,
    convergence_points,
)
from moirelib.units import RESISTANCE_QUANTUM_OHM


@short_repr
@dataclass(frozen=True)
class DragByFilling:
    """Drag of second order between equal layers at ħ/τ = 1 meV, screened, in e²/h.

    Parameters
    ----------
    mu : ndarray, shape (n,)
        Chemical potential of both layers in meV.
    charge, valley : ndarray, shape (3, n)
        All G and G′; without interference, G = G′; and G = G′ = 0 alone.
    drude : ndarray, shape (n,)
        Conductivity of one layer at the same rate.
    """

    mu: Floats
    charge: Floats
    valley: Floats
    drude: Floats

    @property
    def resistance(self) -> Floats:
        """Charge drag resistivity σ₁₂/σ² in Ω by channel, (3, n): it does not depend on τ."""
        found: Floats = RESISTANCE_QUANTUM_OHM * self.charge / self.drude**2
        return found


def drag_by_filling(screened: bool = True) -> DragByFilling:
    """Return the stored drag against the filling of both layers."""
    stored = SWEEP.values()
    points = [at(mu, KT) if screened else at(mu, KT, bands=8, screened=False) for mu in FILLINGS]
    rows = np.array([stored[point] for point in points]).T
    return DragByFilling(np.array(FILLINGS), rows[:3], rows[3:6], rows[6])


def strong(**changes: float) -> Floats:
    """Return the stored point at the strong filling, with something changed: (8,), in e²/h."""
    return SWEEP.values()[at(STRONG, **({"kT": KT} | changes))]  # type: ignore[arg-type]


def cooled() -> tuple[Floats, Floats, Floats]:
    """Return k_BT in meV, charge and valley drag of the strong filling in e²/h."""
    rows = np.array([strong(kT=kT) for kT in COOLING])
    return np.array(COOLING), rows[:, 0], rows[:, 3]


def convergence() -> dict[str, Floats]:
    """Return charge and valley drag, (3, 2) from coarse to fine, for each thing varied."""
    stored = SWEEP.values()
    return {
        name: np.array([stored[point][[0, 3]] for point in some])
        for name, some in convergence_points().items()
    }


def limit(meshes: Floats, values: Floats) -> Floats:
    """Extrapolate values at two meshes, along the first axis, in 1/N²: as small q converge."""
    (low, high), (coarse, fine) = meshes**2, values
    found: Floats = (high * fine - low * coarse) / (high - low)
    return found


def spacers() -> tuple[Floats, Floats]:
    """Return distances in nm, and rows (nd, 8) of the strong filling on like faces in register."""
    return np.array(SPACERS), np.array([strong(distance=one) for one in SPACERS])


def opposite_faces() -> Floats:
    """Return rows (3, 8) of the strong filling on opposite faces, at the threefold registries."""
    return np.array([strong(shift=shift, opposite=True) for shift in (0.0, 1.0, 2.0)])
