"""Pictures as vector graphics of figures that follow one another, as a slider is moved.

What stands still between two of them is drawn once, and is the same text in all.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import matplotlib as mpl
from matplotlib.artist import Artist
from matplotlib.backends.backend_mixed import MixedModeRenderer
from matplotlib.backends.backend_svg import FigureCanvasSVG, RendererSVG
from matplotlib.figure import Figure
from matplotlib.text import Text

from moirelib.figures.still import StillParts, still_parts
from moirelib.figures.style import fit_column, fit_width, style

# A path, and its numbers: a hundredth of a point is finer than any screen.
_PATH = re.compile(r'(?<= d=")[^"]*')
_LONG_NUMBER = re.compile(r"-?\d+\.\d{3,}")

# What Matplotlib calls the groups of a drawing, by their numbers in it; nothing refers to them.
_NAME = re.compile(r'(?<=<g) id="[a-zA-Z][\w.]*_\d+"')

# The number of points to an inch, and no word of when and by whom.
_POINTS = 72
_NOTHING = dict.fromkeys(("Creator", "Date", "Format", "Type"))


class VectorPictures:
    """Draws one figure after another, and keeps what does not change."""

    def __init__(self) -> None:
        self._parts = StillParts(self._keep)
        self._texts: list[str] = []

    def draw(self, figure: Figure) -> str:
        """Return a figure that is laid out as the text of an SVG; it is not to be used again."""
        with style():
            fit_width(figure)
            with _in_points(figure):
                new = self._parts.repeat(still_parts(figure))
            fit_column(figure)
            if not self._texts:  # of the first one only, so that equal figures give equal texts
                _svg(figure)
                self._parts.keep(new, figure)
                self._parts.repeat(new)
            text = _compact(_svg(figure))
        return _PLACE.sub(lambda found: self._texts[int(found[1])], text)

    def _keep(self, artist: Artist, figure: Figure) -> Callable[[], Artist]:
        """Draw an artist by itself, into a text that needs no other."""
        number = len(self._texts)
        self._texts.append(_compact(_NAME.sub("", _group(artist, figure, f"still-{number}"))))
        return partial(_Place, number)


# Where such a text goes.
_PLACE = re.compile(r'^ *<g id="still-(\d+)"/>$', re.MULTILINE)


class _Place(Artist):
    """Stands where a text is to go."""

    def __init__(self, number: int) -> None:
        super().__init__()
        self._name = f"still-{number}"

    def draw(self, renderer: Any) -> None:
        renderer.open_group("still", gid=self._name)
        renderer.close_group("still")


@contextmanager
def _in_points(figure: Figure) -> Iterator[float]:
    """Let a figure be as large as in a drawing of vectors; its own resolution."""
    dpi = figure.dpi
    figure.dpi = _POINTS
    try:
        yield dpi
    finally:
        figure.dpi = dpi


def _svg(figure: Figure) -> str:
    written = io.StringIO()
    dpi = figure.dpi
    FigureCanvasSVG(figure).print_svg(written, metadata=_NOTHING)
    figure.dpi = dpi
    return written.getvalue()


def _group(artist: Artist, figure: Figure, name: str) -> str:
    """An artist as a group of a drawing, with the paths by which it is cut."""
    written = io.StringIO()
    width, height = figure.get_size_inches()
    # Names of what is referred to are made of its number in the drawing, and of this word.
    with _in_points(figure) as dpi, mpl.rc_context({"svg.hashsalt": name}):
        size = _POINTS * width, _POINTS * height
        vectors = RendererSVG(*size, written, image_dpi=dpi, metadata=_NOTHING)
        renderer: Any = MixedModeRenderer(figure, width, height, dpi, vectors)
        renderer.open_group("still", gid=name)
        artist.draw(renderer)
        Text().draw(renderer)  # whatever is no pixels ends a part in pixels
        renderer.close_group("still")
        renderer.finalize()
    text = written.getvalue()
    return text[text.index(f'<g id="{name}"') : text.rindex("</svg>")].rstrip()


def _compact(text: str) -> str:
    """Write each path of a drawing into one line, rounded."""
    return _PATH.sub(lambda path: _rounded(" ".join(path[0].split())), text)


def _rounded(path: str) -> str:
    return _LONG_NUMBER.sub(lambda m: f"{float(m[0]):.2f}".rstrip("0").rstrip("."), path)
