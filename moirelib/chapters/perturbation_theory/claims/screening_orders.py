"""Screening to second order by hand: image charges, and χ that lags behind within bands."""

from __future__ import annotations

import numpy as np
from scipy import constants as si

from moirelib._types import Complex, Floats
from moirelib.chapters.perturbation_theory.data.screening import (
    FILLINGS,
    SCREENING_KT,
    screening_layer,
    screening_response,
)
from moirelib.drag.frequency import drag_response
from moirelib.drag.interlayer import Interlayer
from moirelib.drag.screening import coulomb_matrix, screened_drag_response
from moirelib.ledger.measure import largest, relative
from moirelib.ledger.registry import Discrepancy


def images(q: Floats) -> Floats:
    """V in meV nm², (nq, 2, 2), of two layers at d_g and d_g + d above a metal, by image charges.

    Each charge sees the others and the opposite ones behind the metal, e²/2ε₀εq · e^{−q|z|} each.
    """
    bare = Interlayer()
    heights = np.array([bare.gate_distance, bare.gate_distance + bare.distance])
    apart = np.abs(heights[:, None] - heights), heights[:, None] + heights
    size = 1e12 * si.e / (2 * si.epsilon_0 * bare.permittivity * q)
    waves = [np.exp(-q[:, None, None] * one) for one in apart]
    return np.asarray(size[:, None, None] * (waves[0] - waves[1]))


def _summed(first: Complex, potential: Complex) -> complex:
    """Σ_{GG′} 𝒞_G* W_{GG′} 𝒞_G′ along x."""
    return complex(first[:, 0].conj() @ potential @ first[:, 0])


def _slopes() -> tuple[complex, complex]:
    """(σ_RPA/gσ − 1)/g at g → 0 and Ωτ = 1, every interaction times g: by hand, and measured."""
    layer, response, kT = screening_layer(), screening_response(), SCREENING_KT
    mu = np.array(FILLINGS)
    own = layer.susceptibility(mu, kT)[0]
    v = images(np.linalg.norm(layer.lattice.vectors(layer.pairs), axis=1))
    between, within = response.matrix(mu, kT)[:, 0]
    # A field e^{−iΩt}: what relaxes at the rate 1/τ follows as 1/(1 − iΩτ).
    chi = between + within / (1 - 1j)
    once = v[:, 0, 0, None] * chi * v[:, 0, 1] + v[:, 0, 1, None] * chi * v[:, 1, 1]
    predicted = _summed(own, once) / _summed(own, np.diag(v[:, 0, 1]).astype(complex))
    bare = drag_response(layer, layer, mu, mu, kT, 1.0)[0, 0, 0, 0]

    def slope(g: float) -> complex:
        weak = Interlayer(permittivity=Interlayer().permittivity / g)
        found = screened_drag_response(layer, layer, response, response, mu, mu, kT, 1.0, weak)
        return complex((found[0, 0, 0, 0] / (g * bare) - 1) / g)

    return predicted, 2 * slope(1e-3) - slope(2e-3)


def controls() -> tuple[Discrepancy, ...]:
    """What the screening at a frequency is held to."""
    q = np.array([0.05, 0.3, 0.9])
    predicted, measured = _slopes()
    return (
        Discrepancy(
            "interaction of both layers above a metal against image charges",
            largest(coulomb_matrix(q) - images(q), images(q)),
            1e-11,
            "closed forms: round-off",
        ),
        Discrepancy(
            "slope of σ_RPA/σ at Ωτ = 1 and vanishing interaction against its second-order term",
            relative(measured, predicted),
            5e-4,
            "extrapolated from 1/500 and 1/1000 of the interaction",
        ),
        Discrepancy(
            "imaginary part of that slope over its size",
            abs(predicted.imag / predicted),
            0.02,
            "so that a lag of the other sign would show",
            at_least=True,
        ),
    )
