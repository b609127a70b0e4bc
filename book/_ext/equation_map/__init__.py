"""The map of the equations: what follows from what, laid out and drawn for the book."""

from __future__ import annotations

from equation_map.drawing import as_map, as_svg

__all__ = ["as_map", "as_svg"]
