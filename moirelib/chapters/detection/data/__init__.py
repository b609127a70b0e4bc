"""What the page detection computes."""

from __future__ import annotations

from moirelib.chapters.detection.data.chain import (
    Conductivities,
    CurvatureMap,
    Device,
    NonlocalResistance,
    ResistanceAgainstLength,
    conductivities,
    curvature_map,
    device,
    matched_conductivities,
    resistance_against_length,
    resistance_against_mu,
)
from moirelib.chapters.detection.data.voltmeter import (
    Motion,
    Seen,
    distance_to_edge,
    drag_layer,
    hall_layer,
    motion,
    seen,
)

__all__ = [
    "Conductivities",
    "CurvatureMap",
    "Device",
    "Motion",
    "NonlocalResistance",
    "ResistanceAgainstLength",
    "Seen",
    "conductivities",
    "curvature_map",
    "device",
    "distance_to_edge",
    "drag_layer",
    "hall_layer",
    "matched_conductivities",
    "motion",
    "resistance_against_length",
    "resistance_against_mu",
    "seen",
]
