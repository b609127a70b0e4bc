"""What the page keldysh computes."""

from __future__ import annotations

from moirelib.chapters.keldysh.data.band import CHEMICAL_POTENTIAL, moire_band, moire_order
from moirelib.chapters.keldysh.data.dynamics import (
    Polarisation,
    Pulses,
    Sweeps,
    ValleyDecay,
    kinetic_decay_rate,
    polarisation,
    pulses,
    sweeps,
    valley_decay,
)
from moirelib.chapters.keldysh.data.statics import (
    ChernValleys,
    CoerciveApproach,
    CriticalTemperatures,
    Ensembles,
    Hysteresis,
    Landscape,
    chern_valleys,
    coercive_approach,
    critical_temperatures,
    ensembles,
    hysteresis,
    landscape,
)

__all__ = [
    "CHEMICAL_POTENTIAL",
    "ChernValleys",
    "CoerciveApproach",
    "CriticalTemperatures",
    "Ensembles",
    "Hysteresis",
    "Landscape",
    "Polarisation",
    "Pulses",
    "Sweeps",
    "ValleyDecay",
    "chern_valleys",
    "coercive_approach",
    "critical_temperatures",
    "ensembles",
    "hysteresis",
    "kinetic_decay_rate",
    "landscape",
    "moire_band",
    "moire_order",
    "polarisation",
    "pulses",
    "sweeps",
    "valley_decay",
]
