"""What the page tbg-scattering computes."""

from __future__ import annotations

from moirelib.chapters.tbg_scattering.data.estimate import (
    DELTA,
    MEASURED_NANOAMPERE,
    QUOTED,
    SPEEDS,
    TWIST,
    Nucleation,
    SwitchingCurrents,
    excess,
    nucleation,
    source_at,
    switching_currents,
    zeeman_density,
)
from moirelib.chapters.tbg_scattering.data.geometry import (
    Transfers,
    Zones,
    transfers,
    zones,
)
from moirelib.chapters.tbg_scattering.data.strain import (
    FERMI_RATIO,
    Array,
    ContourEffect,
    DensityAgainstStrain,
    DisorderModels,
    Processes,
    contour_effect,
    density_against_strain,
    disorder_models,
    processes,
    remaining,
)
from moirelib.chapters.tbg_scattering.data.weak_tunnelling import (
    Convergence,
    Prefactor,
    convergence,
    measured_prefactor,
    response,
)

__all__ = [
    "DELTA",
    "FERMI_RATIO",
    "MEASURED_NANOAMPERE",
    "QUOTED",
    "SPEEDS",
    "TWIST",
    "Array",
    "ContourEffect",
    "Convergence",
    "DensityAgainstStrain",
    "DisorderModels",
    "Nucleation",
    "Prefactor",
    "Processes",
    "SwitchingCurrents",
    "Transfers",
    "Zones",
    "contour_effect",
    "convergence",
    "density_against_strain",
    "disorder_models",
    "excess",
    "measured_prefactor",
    "nucleation",
    "processes",
    "remaining",
    "response",
    "source_at",
    "switching_currents",
    "transfers",
    "zeeman_density",
    "zones",
]
