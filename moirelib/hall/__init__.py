"""Valley Hall conductivity and the nonlocal resistance that detects it (Kundu Eq. 4)."""

from __future__ import annotations

from moirelib.hall.exact import dirac_hall_conductivity, valley_chern_number
from moirelib.hall.layer import VALLEYS, HallLayer
from moirelib.hall.strip import (
    DragForce,
    HallSource,
    HallStrip,
    StripSolution,
    chain_resistance,
    nonlocal_resistance,
    strip_resistance,
)

__all__ = [
    "VALLEYS",
    "DragForce",
    "HallLayer",
    "HallSource",
    "HallStrip",
    "StripSolution",
    "chain_resistance",
    "dirac_hall_conductivity",
    "nonlocal_resistance",
    "strip_resistance",
    "valley_chern_number",
]
