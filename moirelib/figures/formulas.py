"""Formulas in the texts of figures, typeset once for all drawings that hold them.

Matplotlib keeps what it has typeset for one drawing only. A figure is drawn to lay it out and once
for each format, sliders draw it dozens of times, and the formulas on their axes are the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Any

from matplotlib.mathtext import MathTextParser

# What Matplotlib keeps for each parser, and parsers it makes for each drawing.
_typeset: Any = vars(MathTextParser)["_parse_cached"]

# The formulas of a chapter, at each size and resolution.
_kept = lru_cache(2000)(_typeset.__wrapped__)

# The first parser of each kind, for pixels and for paths, stands for all.
_of_kind: dict[str, Any] = {}


@contextmanager
def typeset_once() -> Iterator[None]:
    """Typeset no formula twice in drawings within this block."""
    before = vars(MathTextParser)["_parse_cached"]

    def shared(parser: Any, *given: Any) -> Any:
        return _kept(_of_kind.setdefault(parser._output_type, parser), *given)

    setattr(MathTextParser, "_parse_cached", shared)  # noqa: B010
    try:
        yield
    finally:
        setattr(MathTextParser, "_parse_cached", before)  # noqa: B010
