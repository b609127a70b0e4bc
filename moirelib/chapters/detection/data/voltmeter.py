"""What a voltmeter sees: the motion of the carriers, and voltages against frequency."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import ArrayLike

from moirelib import _validate
from moirelib._repr import short_repr
from moirelib._types import Complex, Floats
from moirelib.bands.brillouin import minus_fermi_derivative
from moirelib.bands.tiling import expanded_energies
from moirelib.drag.layer import DragLayer
from moirelib.hall.layer import HallLayer
from moirelib.models.graphene_hbn import GrapheneHBN
from moirelib.units import HBAR_MEV_S


@cache
def hall_layer() -> HallLayer:
    """Return the layer whose conductivities the figures share."""
    return HallLayer(GrapheneHBN(), bands=10)


@cache
def drag_layer() -> DragLayer:
    """Return the layer whose susceptibilities the figures share: right to 10⁻³ at 10 K."""
    return DragLayer(GrapheneHBN(), mesh=120, bands=10, divisions=3)


@short_repr
@dataclass(frozen=True)
class Motion:
    """How electrons move between collisions, (nmu,) each.

    Parameters
    ----------
    mu : ndarray
        In meV.
    velocity : ndarray
        √⟨v²⟩ of the states at the Fermi energy, in units of v_F of graphene.
    path : ndarray
        √⟨v²⟩ τ in µm.
    valley_time : ndarray
        Valley lifetime over τ that l_v = 1 µm needs, 2 (l_v/path)².
    """

    mu: Floats
    velocity: Floats
    path: Floats
    valley_time: Floats


def motion(
    mu: ArrayLike, kT: float, broadening: float = 1.0, layer: HallLayer | None = None
) -> Motion:
    """Return the velocity of the band's own electrons, from its Drude weight over ∂n/∂μ.

    The weight is that of a layer of graphene on hBN; of :func:`hall_layer` if none is given.
    """
    levels = _validate.real_vector("mu", mu)
    energies, weights = _fine_energies()
    cell = drag_layer().lattice.cell_area
    derivative = minus_fermi_derivative(energies, levels[:, None, None], kT).sum(axis=2) @ weights
    drude = (layer or hall_layer()).conductivity(levels, kT, 1.0)
    velocity = np.sqrt(drude / (np.pi * 4 / cell * derivative))
    path = velocity / _validate.positive("broadening", broadening, "meV") / 1000
    return Motion(levels, velocity / GrapheneHBN().hbar_v, path, 2 / path**2)


def distance_to_edge(mu: float) -> float:
    """Return the distance of μ in meV to the nearest edge of a band next to the primary gap."""
    energies, _ = _fine_energies()
    inner = energies[:, 1:-1]
    return float(np.abs(np.concatenate([inner.min(axis=0), inner.max(axis=0)]) - mu).min())


@cache
def _fine_energies() -> tuple[Floats, Floats]:
    layer = drag_layer()
    zone = layer.lattice.mesh(120)
    return expanded_energies(layer.model, zone.points, 6, 4), zone.weights


@short_repr
@dataclass(frozen=True)
class Seen:
    """What remains of Kundu Eq. 4 at a frequency, over its value as printed.

    Parameters
    ----------
    frequency : ndarray, shape (nf,)
        In Hz.
    scaled : ndarray, shape (nf,)
        x = Ωτ.
    voltage : ndarray, shape (nf,)
        Complex: −(−ix)(1 − ix)².
    decay : ndarray, shape (nf,)
        Decay length over l_v.
    """

    frequency: Floats
    scaled: Floats
    voltage: Complex
    decay: Floats


def seen(
    frequency: ArrayLike | None = None,
    broadening: float = 1.0,
    valley_time: float = 42.0,
) -> Seen:
    """Return the voltage of relaxing layers against frequency, with σ = σ(0)/(1 − ix) in each.

    Parameters
    ----------
    frequency : array_like, shape (nf,)
        In Hz; from 100 Hz to 1 THz if left out.
    broadening : float
        ħ/τ in meV.
    valley_time : float
        Valley lifetime over τ.
    """
    asked = np.geomspace(1e2, 1e12, 101) if frequency is None else frequency
    hertz = _validate.real_vector("frequency", asked)
    scaled = 2 * np.pi * hertz * HBAR_MEV_S / _validate.positive("broadening", broadening, "meV")
    # S τ (−ix)/(1 − ix)² over minus Eq. 1, and four powers of 1/σ.
    voltage = 1j * scaled * (1 - 1j * scaled) ** 2
    squared = (1 - 1j * scaled) * (1 - 1j * scaled * valley_time)
    return Seen(hertz, scaled, voltage, 1 / np.sqrt(squared).real)
