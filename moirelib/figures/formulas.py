"""Formulas in the texts of figures, typeset once for all drawings that hold them.

Matplotlib keeps what it has typeset for one drawing only. A figure is drawn to lay it out and once
for each format, sliders draw it dozens of times, and the formulas on their axes are the same. As
vectors they are typeset at one size, and scaled.
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

# The size in points at which SVG asks for formulas; those of PDF are the same, made smaller.
_LARGE = 100.0


def _scaled(typeset: Any, scale: float) -> Any:
    """A formula as vectors, at another size."""
    if scale == 1:
        return typeset
    width, height, depth = (scale * one for one in typeset[:3])
    glyphs = [
        (font, scale * size, *codes, scale * x, scale * y)
        for font, size, *codes, x, y in typeset.glyphs
    ]
    rects = [tuple(scale * one for one in rect) for rect in typeset.rects]
    return type(typeset)(width, height, depth, glyphs, rects)


@contextmanager
def typeset_once() -> Iterator[None]:
    """Typeset no formula twice in drawings within this block."""
    before = vars(MathTextParser)["_parse_cached"]

    def shared(parser: Any, words: str, dpi: float, letters: Any, *given: Any) -> Any:
        first = _of_kind.setdefault(parser._output_type, parser)
        if parser._output_type != "vector" or letters is None:
            return _kept(first, words, dpi, letters, *given)
        at_large = letters.copy()
        at_large.set_size(_LARGE)
        typeset = _kept(first, words, dpi, at_large, *given)
        return _scaled(typeset, letters.get_size_in_points() / _LARGE)

    setattr(MathTextParser, "_parse_cached", shared)  # noqa: B010
    try:
        yield
    finally:
        setattr(MathTextParser, "_parse_cached", before)  # noqa: B010
