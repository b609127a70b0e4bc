"""One point of the sweep: a bilayer at a filling and a temperature, and how it responds."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from moirelib import _validate
from moirelib._types import Floats
from moirelib.models import ContinuumTBG
from moirelib.switching import (
    ValleyResponse,
    fermi_level,
    thermal_valley_response,
)

STAGES = ("geometry", "corrugation", "gauge field", "stretched cones")
"""What is switched on, one after the other: the deformed moiré lattice alone, w_AA ≠ w_AB, the
gauge field of the strained hopping, the stretched cones."""

RATES = ("constant", "smooth", "point")
"""What relaxes a distribution within a valley."""

WARM_MEV = 0.6
"""k_BT of the sweep: 7 K, below the transition of the samples."""

THREE_QUARTERS = 0.75
"""Filling of the conduction band where three electrons per cell are added."""


@dataclass(frozen=True)
class Point:
    """What is computed at one point of the sweep.

    Parameters
    ----------
    twist_degrees, strain, strain_degrees : float
        θ_w, ε, φ.
    filling : float
        Electrons per cell, valley and spin beyond neutrality.
    stage : str
        One of ``STAGES``.
    mesh, nodes, cutoff : number
        Of triangles, of energies, of plane waves.
    """

    twist_degrees: float
    strain: float
    strain_degrees: float = 0.0
    filling: float = THREE_QUARTERS
    stage: str = STAGES[-1]
    kT: float = WARM_MEV
    mesh: int = 20
    nodes: int = 10
    cutoff: float = 3.0

    @property
    def model(self) -> ContinuumTBG:
        """The bilayer."""
        return bilayer(
            self.twist_degrees, self.strain, self.strain_degrees, self.stage, self.cutoff
        )


@lru_cache(maxsize=256)
def bilayer(
    twist_degrees: float,
    strain: float,
    strain_degrees: float = 0.0,
    stage: str = STAGES[-1],
    cutoff: float = 3.0,
) -> ContinuumTBG:
    """The continuum model with all that is switched on up to ``stage``."""
    on = STAGES.index(_validate.choice("stage", stage, STAGES))
    full = ContinuumTBG(
        twist_degrees=twist_degrees,
        strain=strain,
        strain_degrees=strain_degrees,
        anisotropic_cones=on >= 3,
        cutoff=cutoff,
    )
    if on < 2:
        full = replace(full, hopping_slope=0.0)
    return replace(full, tunnelling=(full.tunnelling[1],) * 2) if on < 1 else full


def responses(point: Point) -> Floats:
    """The response for each of ``RATES``, (3, 8): density (2), current (4), ν, speed."""
    model = point.model
    mu = fermi_level(model, point.filling, point.kT, point.mesh)
    rows = []
    for rates in RATES:
        one = thermal_valley_response(
            model, mu, point.kT, nodes=point.nodes, mesh=point.mesh, intravalley=rates
        )
        rows.append([*one.density, *one.current.ravel(), one.density_of_states, one.speed])
    return np.array(rows)


def as_response(row: Floats) -> ValleyResponse:
    """The response that :func:`responses` has written into a row (8,)."""
    return ValleyResponse(row[:2], row[2:6].reshape(2, 2), float(row[6]), float(row[7]))
