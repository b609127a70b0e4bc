"""Pictures in pixels of figures that follow one another, as a slider is moved.

What stands still between two of them is drawn once.
"""

from __future__ import annotations

import io
from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image, ImageChops

from moirelib.figures.compact import DPI, as_png, with_palette
from moirelib.figures.provenance import data_uri
from moirelib.figures.still import StillParts, still_parts
from moirelib.figures.style import fit_column, fit_width, style

# From how many shades of 255 on a colour is missing in a palette, and in what share of a picture it
# may be: at the edges of letters nobody sees it.
_SHADES, _MISSING = 24, 1e-3


class PixelPictures:
    """Draws one figure after another, and keeps what does not change."""

    def __init__(self) -> None:
        self._parts = StillParts(_pixels_of)

    def draw(self, figure: Figure) -> str:
        """Return a figure that is laid out as the data URI of a PNG; it is not to be used again."""
        return as_png(self._drawn(figure))

    def _drawn(self, figure: Figure) -> Image.Image:
        with style():
            figure.dpi = DPI
            fit_width(figure)
            canvas = FigureCanvasAgg(figure)
            new = self._parts.repeat(still_parts(figure))
            fit_column(figure)
            canvas.draw()
            self._parts.keep(new, figure)
        return Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB")


class LivePictures(PixelPictures):
    """The same for a slider that waits for them: written quickly, and larger."""

    def __init__(self) -> None:
        super().__init__()
        self._palette: Image.Image | None = None

    def draw(self, figure: Figure) -> str:
        """Return a figure as :class:`PixelPictures` does.

        With the palette of an earlier picture, if it has all colours.
        """
        picture = self._drawn(figure)
        chosen = None if self._palette is None else _in_colours_of(self._palette, picture)
        if chosen is None:
            chosen = self._palette = with_palette(picture)
        written = io.BytesIO()
        chosen.save(written, "PNG", compress_level=1)
        return data_uri("image/png", written.getvalue())


def _in_colours_of(palette: Image.Image, picture: Image.Image) -> Image.Image | None:
    """The picture in the colours of another one, unless some are missing."""
    chosen = picture.quantize(palette=palette, dither=Image.Dither.NONE)
    # Colours are looked up roughly, but the ground must be the white of the page.
    white = palette.palette.colors.get((255, 255, 255)) if palette.palette else None
    if white is not None:
        chosen.paste(white, mask=picture.convert("L").point([0] * 255 + [255]))
    red, green, blue = ImageChops.difference(picture, chosen.convert("RGB")).split()
    differences = ImageChops.lighter(ImageChops.lighter(red, green), blue).histogram()
    missing = sum(differences[_SHADES:])
    return None if missing > _MISSING * sum(differences) else chosen


def _pixels_of(artist: Artist, figure: Figure) -> Callable[[], Artist]:
    """Draw an artist by itself, on a transparent ground."""
    width, height = figure.canvas.get_width_height()
    renderer = RendererAgg(width, height, figure.dpi)
    artist.draw(renderer)
    picture = np.asarray(renderer.buffer_rgba())[::-1]
    opaque = picture[..., 3] > 0
    rows, columns = (np.flatnonzero(opaque.any(axis=axis)) for axis in (1, 0))
    if not rows.size:
        return partial(_Pixels, 0, 0, picture[:0])
    inside = picture[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    return partial(_Pixels, int(columns[0]), int(rows[0]), inside.copy())


class _Pixels(Artist):
    """Part of a picture: its left lower corner, and colours (height, width, 4) from below."""

    def __init__(self, left: int, bottom: int, colours: NDArray[np.uint8]) -> None:
        super().__init__()
        self._corner = left, bottom
        self._colours = colours

    def draw(self, renderer: Any) -> None:
        if self._colours.size:
            context = renderer.new_gc()
            renderer.draw_image(context, *self._corner, self._colours)
            context.restore()
