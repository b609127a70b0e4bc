"""Berry flux through the plaquettes of a mesh, or a refusal where the mesh does not resolve it.

The product of the overlaps around a plaquette has the flux as its phase, modulo 2π (Fukui,
Hatsugai and Suzuki 2005). The phases add up to an integer on any mesh; it is the Chern number only
if no plaquette holds half a flux quantum or more.
"""

from __future__ import annotations

import math

import numpy as np

from moirelib._types import Complex, Floats

# Neighbours closer to orthogonal than this belong to different states.
_SMALLEST_OVERLAP = 0.1

# A massless cone carries π, most of it in one plaquette and the rest in its neighbours: from half
# of it on, the phase may have turned over.
_LARGEST_FLUX = 0.5 * math.pi


def resolved_flux(right: Complex, up: Complex, left: Complex, down: Complex) -> Floats:
    """Return the phase around each plaquette, in (−π, π).

    Parameters
    ----------
    right, up, left, down : ndarray, shape (N, M)
        Overlaps ⟨u|u′⟩ of neighbouring states, or their determinants for a group of bands, along
        the four sides in the order in which they are passed.

    Raises
    ------
    ValueError
        If neighbouring states are nearly orthogonal, or a phase is near ±π: the bands touch
        others, or the mesh is too coarse.
    """
    smallest = min(float(np.abs(side).min()) for side in (right, up, left, down))
    if smallest < _SMALLEST_OVERLAP:
        raise ValueError(
            f"mesh must resolve the bands, but neighbouring states overlap by {smallest:.2g} "
            f"(at least {_SMALLEST_OVERLAP}): bands touch, or refine the mesh, its size"
        )
    flux: Floats = np.angle(right * up * left * down)
    largest = float(np.abs(flux).max())
    if largest > _LARGEST_FLUX:
        raise ValueError(
            f"mesh must resolve the Berry curvature, but one plaquette holds {largest:.3g} "
            f"(at most {_LARGEST_FLUX:.3g}): bands touch, or refine the mesh, its size"
        )
    return flux
