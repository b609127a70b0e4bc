"""What the page performance measures."""

from __future__ import annotations

from moirelib.chapters.performance.data.functions import (
    Function,
    TwoProcesses,
    heavy_functions,
    two_processes,
)
from moirelib.chapters.performance.data.limit import Limit, machine, solver_limit
from moirelib.chapters.performance.data.solver import (
    AT_EVERY_POINT,
    REFERENCE,
    TO_THE_PEAK,
    Chosen,
    Ladder,
    MapTiming,
    Scaling,
    Settings,
    conductivity_map,
    ladder,
    largest_error,
    map_timing,
    notebook_loop,
    scaling,
)

__all__ = [
    "AT_EVERY_POINT",
    "REFERENCE",
    "TO_THE_PEAK",
    "Chosen",
    "Function",
    "Ladder",
    "Limit",
    "MapTiming",
    "Scaling",
    "Settings",
    "TwoProcesses",
    "conductivity_map",
    "heavy_functions",
    "ladder",
    "largest_error",
    "machine",
    "map_timing",
    "notebook_loop",
    "scaling",
    "solver_limit",
    "two_processes",
]
