"""The first order against the frequency, beside the second."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from moirelib._repr import short_repr
from moirelib._types import Complex, Floats
from moirelib.chapters.second_order_drag.data.shown import strong
from moirelib.chapters.second_order_drag.data.sweep import COOLING, STRONG
from moirelib.drag.density_response import DensityResponse
from moirelib.drag.interlayer import Interlayer
from moirelib.drag.layer import DragLayer
from moirelib.drag.screening import screened_drag_response
from moirelib.models.graphene_hbn import GrapheneHBN
from moirelib.units import HBAR_MEV_S

GHZ = 1e-9 / (2 * math.pi * HBAR_MEV_S)
"""Frequency in GHz of ħΩ = 1 meV."""

_SHELLS = 2
_RATE = 1.0  # ħ/τ in meV, as of the stored points


@short_repr
@dataclass(frozen=True)
class Orders:
    """Valley drag of first order against the frequency, and drag of second order.

    Both screened, at ħ/τ = 1 meV, −128 meV, like faces in register, d = 1 nm; in e²/h.

    Parameters
    ----------
    gigahertz : ndarray, shape (nf,)
        Ω/2π.
    kT : ndarray, shape (nT,)
        In meV.
    modulus, in_phase : ndarray, shape (nT, nf)
        Modulus and real part of σ₁₂(Ω) of the valleys, of first order.
    charge, valley : ndarray, shape (nT,)
        Of second order, at DC.
    rate : float
        ħ/τ of both layers in meV.
    """

    gigahertz: Floats
    kT: Floats
    modulus: Floats
    in_phase: Floats
    charge: Floats
    valley: Floats
    rate: float

    def followed(self, second: Floats) -> Floats:
        """Return the modulus of the second order at Ω from that at DC, (nT,): (nT, nf).

        The shift of the driven layer and the current of the other carry τ/(1 − iΩτ) each, as long
        as ħΩ ≪ k_BT.
        """
        x = self.gigahertz / GHZ / self.rate
        return second[:, None] / (1 + x**2)

    def crossing(self, second: Floats) -> Floats:
        """Return the frequency in GHz where the first order passes ``second`` (nT,): (nT,)."""
        ratio = np.log(self.modulus / self.followed(second))
        at = [np.interp(0.0, row, np.log(self.gigahertz), right=np.nan) for row in ratio]
        return np.exp(np.array(at))


def first_order(kT: float, frequency: Floats) -> Complex:
    """Return σ₁₂ of the valleys at ħΩ in meV (nf,), screened at the same frequency."""
    layer, response = _strong_layer()
    mu = np.array([STRONG])
    found = screened_drag_response(
        layer,
        layer,
        response,
        response,
        mu,
        mu,
        kT,
        frequency,
        Interlayer(distance=1.0),
        broadening=_RATE,
    )
    return found[:, 0, 0, 0, 0]


def orders() -> Orders:
    """Compute the first order, and read the second."""
    frequency = np.geomspace(3e-3, 10, 50)
    first = np.array([first_order(kT, frequency) for kT in COOLING])
    second = np.array([strong(kT=kT) for kT in COOLING])
    return Orders(
        GHZ * frequency,
        np.array(COOLING),
        np.abs(first),
        first.real,
        second[:, 0],
        second[:, 3],
        _RATE,
    )


@cache
def _strong_layer() -> tuple[DragLayer, DensityResponse]:
    """Return a layer, and what screens: all bands and the vacuum's tail, as at second order.

    Finer meshes and more shells change a hundredth.
    """
    model = GrapheneHBN()
    cone = replace(model, coupling=0.0)
    return (
        DragLayer(model, mesh=48, bands=10, shells=_SHELLS, divisions=2),
        DensityResponse(model, mesh=9, shells=_SHELLS, cone=cone),
    )
