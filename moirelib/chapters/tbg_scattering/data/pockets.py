"""What a strain of any size and direction does: moiré vectors, pockets, and Δn₀."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from moirelib import _validate
from moirelib._repr import short_repr
from moirelib.chapters.tbg_scattering.data.strain import FERMI_RATIO, Array
from moirelib.models.twisted_bilayer import StrainedTBG
from moirelib.switching.contours import fermi_energy, pocket_contour
from moirelib.switching.scattering import density_slope, intervalley_rates, solve_four_pockets


@short_repr
@dataclass(frozen=True)
class StrainedPockets:
    """One frame of the slider over size and direction of the strain.

    Parameters
    ----------
    q_plain, q_strained : array (3, 2)
        The vectors between neighbouring Dirac points without and with strain, in units of q.
    layer_1, layer_2 : array (n, 2)
        The closed lines of one energy of 1K and 2K about their Dirac points, in units of k_F.
    direction_degrees : array (m,)
        θ_j of the current.
    numerical, closing : array (m,)
        −Δn₀/n_j from eight-component states on those lines, and from Ying Eq. 19 with 3/2.
    strain_over_twist, strain_degrees : float
        ε/θ_w and φ.
    """

    q_plain: Array
    q_strained: Array
    layer_1: Array
    layer_2: Array
    direction_degrees: Array
    numerical: Array
    closing: Array
    strain_over_twist: float
    strain_degrees: float


def strained_pockets(
    strain_over_twist: float,
    strain_degrees: float,
    tunnelling_ratio: float = 0.05,
    points: int = 32,
) -> StrainedPockets:
    """Compute the pockets and Δn₀ under a strain, with the rates that Ying Fig. 7 assumes.

    Parameters
    ----------
    strain_over_twist, strain_degrees : float
        ε/θ_w and φ.
    tunnelling_ratio : float
        t.
    points : int
        Samples per pocket.
    """
    plain, reference = _unstrained(tunnelling_ratio, points)
    strain = _validate.real_scalar("strain_over_twist", strain_over_twist) * plain.twist
    model = replace(plain, strain=strain, strain_degrees=strain_degrees)
    k_f = FERMI_RATIO * plain.moire_wavevector
    rates = intervalley_rates(model, k_f, points)
    ratio = 0.75 * tunnelling_ratio**2
    solved = solve_four_pockets(rates, ratio=ratio, reference=reference, isotropic_intralayer=True)
    degrees = np.arange(-180.0, 181.0, 5.0)
    current = np.stack([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))])
    mu = fermi_energy(model, k_f, points)

    def closed(layer: int) -> Array:
        line = pocket_contour(model, mu, points, layer=layer).state.wavevectors / k_f
        return np.concatenate([line, line[:1]])

    return StrainedPockets(
        plain.q_vectors / plain.moire_wavevector,
        model.q_vectors / plain.moire_wavevector,
        closed(1),
        closed(2),
        degrees,
        -solved.valley_density_difference @ current * (1 + ratio) / ratio,
        1.5 * density_slope(model, k_f, 1.0) @ current,
        float(strain_over_twist),
        float(strain_degrees),
    )


@cache
def _unstrained(tunnelling_ratio: float, points: int) -> tuple[StrainedTBG, float]:
    """The model without strain, and its mean rate between the layers."""
    plain = StrainedTBG.from_ratios(tunnelling_ratio=tunnelling_ratio)
    rates = intervalley_rates(plain, FERMI_RATIO * plain.moire_wavevector, points)
    return plain, rates.interlayer_mean
