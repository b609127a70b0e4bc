"""What the page where-largest computes."""

from __future__ import annotations

from moirelib.chapters.where_largest.data.device import (
    DENSITIES,
    TWISTS,
    DeviceMap,
    Optimum,
    best_twist,
    device_map,
    optimum,
    screened_share,
    weights,
)
from moirelib.chapters.where_largest.data.materials import (
    MATERIALS,
    Best,
    Merits,
    Widths,
    best,
    bilayer,
    filled,
    merits,
    spacer_factor,
    widths,
)
from moirelib.chapters.where_largest.data.meeting import (
    Loop,
    charge_response,
    loop,
    mixed_hall,
    ordered_layer,
    slope_law,
    switching_current,
    valley_order,
)
from moirelib.chapters.where_largest.data.twisted import (
    TwistedDrag,
    elimination_error,
    twisted_drag,
)

__all__ = [
    "DENSITIES",
    "MATERIALS",
    "TWISTS",
    "Best",
    "DeviceMap",
    "Loop",
    "Merits",
    "Optimum",
    "TwistedDrag",
    "Widths",
    "best",
    "best_twist",
    "bilayer",
    "charge_response",
    "device_map",
    "elimination_error",
    "filled",
    "loop",
    "merits",
    "mixed_hall",
    "optimum",
    "ordered_layer",
    "screened_share",
    "slope_law",
    "spacer_factor",
    "switching_current",
    "twisted_drag",
    "valley_order",
    "weights",
    "widths",
]
