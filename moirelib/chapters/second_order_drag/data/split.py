"""Where interference comes from: the transitions, or local fields in the screening."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from moirelib._types import Complex
from moirelib.drag.interlayer import Interlayer
from moirelib.drag.scattering_layer import ScatteringLayer
from moirelib.drag.screening import screened_interaction


@dataclass(frozen=True)
class Split:
    """Screened charge drag at ħ/τ = 1 meV with R and W₁₂ whole or diagonal in G, in e²/h.

    Parameters
    ----------
    whole : float
        R and W₁₂ as they are.
    transitions : float
        W₁₂ diagonal: interference from R alone.
    fields : float
        R diagonal: what local fields in W₁₂ mix.
    """

    whole: float
    transitions: float
    fields: float


def split(layer: ScatteringLayer, mu: float, kT: float, interlayer: Interlayer) -> Split:
    """Return the drag between two equal layers in register, taken apart.

    Parameters
    ----------
    layer : ScatteringLayer
        Both layers.
    mu, kT : float
        In meV.
    interlayer : Interlayer
        The interaction that the layers screen.
    """
    lattice = layer.model.lattice
    omega = np.linspace(-12 * kT, 12 * kT, 97)
    total = np.zeros(3)
    for offset, share in zip(*layer.offsets(layer.shift), strict=True):
        q = layer.folded(offset)
        pairs = layer.pairs(q)
        length = np.linalg.norm(q + lattice.vectors(pairs), axis=1)
        found = layer.transfers(offset, pairs)
        response = layer.density_response(found, offset, pairs)(mu, kT)
        potential = screened_interaction(response, response, length, interlayer)
        gains = found.gains(mu, kT, omega)
        charge = gains + gains[::-1]
        same = np.eye(len(pairs))
        parts = (
            (charge, potential),
            (charge, potential * same),
            (charge * same[:, :, None], potential),
        )
        total += share * np.array([_joined(*part) for part in parts])
    scale = 2 * math.pi**2 / kT / lattice.cell_area * (omega[1] - omega[0])
    return Split(*(scale * total).tolist())


def _joined(charge: Complex, potential: Complex) -> float:
    """½ Σ_ω Σ_α Σ_{GG′} (W† R W)_{GG′} R_{GG′}*."""
    acted = np.einsum("gh,wgka,kl->whla", potential.conj(), charge, potential, optimize=True)
    return float(np.vdot(charge, acted).real) / 2
