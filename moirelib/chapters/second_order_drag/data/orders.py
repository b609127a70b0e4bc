"""The first order against the frequency, beside the DC drag of second order."""

from __future__ import annotations

import math
from dataclasses import dataclass
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


@short_repr
@dataclass(frozen=True)
class Orders:
    """Valley drag of first order against the frequency, and the DC drag of second order.

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
    """

    gigahertz: Floats
    kT: Floats
    modulus: Floats
    in_phase: Floats
    charge: Floats
    valley: Floats

    def crossing(self, second: Floats) -> Floats:
        """Return the frequency in GHz where the modulus reaches ``second`` (nT,), or NaN: (nT,)."""
        found = []
        for row, level in zip(self.modulus, second, strict=True):
            rising = slice(None, int(row.argmax()) + 1)
            x, y = np.log(row[rising]), np.log(self.gigahertz[rising])
            found.append(np.exp(np.interp(np.log(level), x, y, right=np.nan)))
        return np.array(found)


def first_order(kT: float, frequency: Floats) -> Complex:
    """Return σ₁₂ of the valleys at ħΩ in meV (nf,), screened at the same frequency."""
    layer, response = _strong_layer()
    mu = np.array([STRONG])
    found = screened_drag_response(
        layer, layer, response, response, mu, mu, kT, frequency, Interlayer(distance=1.0)
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
    )


@cache
def _strong_layer() -> tuple[DragLayer, DensityResponse]:
    model = GrapheneHBN()
    return (
        DragLayer(model, mesh=48, bands=10, shells=_SHELLS, divisions=4),
        DensityResponse(model, mesh=9, shells=_SHELLS, bands=40),
    )
