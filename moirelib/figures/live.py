"""Pictures for a slider that is moved: what stands still between two of them is drawn once.

Most of a drawing are texts and ticks. Axes, titles and legends that look as before are kept as
pixels and laid over the next figure, at their place in the order of drawing.
"""

from __future__ import annotations

import io
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.collections import Collection
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.text import Text
from matplotlib.ticker import FixedFormatter, FixedLocator
from numpy.typing import NDArray
from PIL import Image, ImageChops

from moirelib.figures.compact import DPI, with_palette
from moirelib.figures.provenance import data_uri
from moirelib.figures.style import fit_column, fit_width, style

# From how many shades of 255 on a colour is missing in a palette, and in what share of a picture it
# may be: at the edges of letters nobody sees it.
_SHADES, _MISSING = 24, 1e-3

# What is kept of one slider at most: legends and titles may hold a number that moves.
_MOST = 200

# What an artist looks like, and where it stands: equal for two that give the same pixels.
_Look = tuple[Any, ...]


class LivePictures:
    """Draws one figure after another, and keeps what does not change."""

    def __init__(self) -> None:
        self._kept: dict[_Look, _Pixels] = {}
        self._last: dict[tuple[int, str], _Look] = {}
        self._palette: Image.Image | None = None

    def draw(self, figure: Figure) -> str:
        """Return a figure that is laid out as the data URI of a PNG; it is not to be used again."""
        with style():
            figure.dpi = DPI
            fit_width(figure)
            canvas = FigureCanvasAgg(figure)
            new = [one for one in _still(figure) if not self._lay_over(one)]
            fit_column(figure)
            canvas.draw()
            for one in new:
                self._keep(one, figure)
        return self._encoded(Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB"))

    def _lay_over(self, one: _Still) -> bool:
        """Put the pixels of an artist in its place, if they are there."""
        if (pixels := self._kept.get(one.look)) is None:
            return False
        one.axes.add_artist(_Overlay(pixels, one.artist.get_zorder()))
        if isinstance(one.artist, Text):
            one.artist.set_text("")  # otherwise axes look where there is room for a title
        one.artist.set_visible(False)
        return True

    def _keep(self, one: _Still, figure: Figure) -> None:
        """Keep the pixels of an artist, unless it looks otherwise in every picture."""
        if self._last.get(one.place, one.look) == one.look:
            if len(self._kept) >= _MOST:
                self._kept.clear()
            width, height = figure.canvas.get_width_height()
            renderer = RendererAgg(width, height, figure.dpi)
            one.artist.draw(renderer)
            self._kept[one.look] = _Pixels.of(np.asarray(renderer.buffer_rgba()))
        self._last[one.place] = one.look

    def _encoded(self, picture: Image.Image) -> str:
        """With the palette of an earlier picture if it has all colours; quickly written."""
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


@dataclass(frozen=True)
class _Pixels:
    """Part of a picture: its left lower corner, and colours (height, width, 4) from below."""

    left: int
    bottom: int
    colours: NDArray[np.uint8]

    @classmethod
    def of(cls, picture: NDArray[np.uint8]) -> _Pixels:
        """What is not transparent of a picture, rows from above."""
        opaque = picture[::-1, :, 3] > 0
        rows, columns = (np.flatnonzero(opaque.any(axis=axis)) for axis in (1, 0))
        if not rows.size:
            return cls(0, 0, np.zeros((0, 0, 4), np.uint8))
        inside = (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))
        return cls(int(columns[0]), int(rows[0]), picture[::-1][inside].copy())


class _Overlay(Artist):
    """Draws pixels, at the place of the artist that they were drawn by."""

    def __init__(self, pixels: _Pixels, zorder: float) -> None:
        super().__init__()
        self._pixels = pixels
        self.set_zorder(zorder)

    def draw(self, renderer: Any) -> None:
        if self._pixels.colours.size:
            context = renderer.new_gc()
            renderer.draw_image(
                context, self._pixels.left, self._pixels.bottom, self._pixels.colours
            )
            context.restore()


@dataclass(frozen=True)
class _Still:
    """An artist that may stay as it is: its axes, which one it is, and its look."""

    axes: Axes
    artist: Artist
    place: tuple[int, str]
    look: _Look


def _still(figure: Figure) -> Iterator[_Still]:
    # Of axes, axis and legend the type stubs of Matplotlib leave out what is needed here.
    axes: Any
    for number, axes in enumerate(figure.axes):
        # With an equal aspect the drawing moves the edges, to where the limits say.
        shape = (axes.get_aspect(), axes.get_xlim(), axes.get_ylim())
        at = (number, *figure.get_size_inches(), *axes.bbox.bounds, *shape)
        parts = {
            "x": axes.xaxis,
            "y": axes.yaxis,
            "title": axes.title,
            "left title": axes._left_title,
            "right title": axes._right_title,
            "legend": axes.get_legend(),
        }
        for name, artist in parts.items():
            look = _look(artist) if artist is not None and artist.get_visible() else None
            if look is not None:
                yield _Still(axes, artist, (number, name), (*at, name, *look))


def _look(artist: Artist) -> _Look | None:
    """What an artist looks like; nothing, if that cannot be told or depends on the data."""
    if isinstance(artist, Text):
        return _look_of_text(artist) if artist.get_text() else None
    if isinstance(artist, Axis):
        return _look_of_axis(artist)
    return _look_of_legend(artist) if isinstance(artist, Legend) else None


def _look_of_text(text: Text) -> _Look:
    words = text.get_text(), text.get_fontsize(), text.get_fontweight(), text.get_color()
    return (*words, text.get_rotation(), text.get_alpha())


def _look_of_axis(axis: Any) -> _Look:
    parts: list[Any] = [axis.axis_name, axis.get_scale(), axis.get_inverted()]
    for locator in (axis.get_major_locator(), axis.get_minor_locator()):
        parts.append(type(locator))
        if isinstance(locator, FixedLocator):
            parts.append(tuple(np.asarray(vars(locator)["locs"]).tolist()))
    for formatter in (axis.get_major_formatter(), axis.get_minor_formatter()):
        parts.append(type(formatter))
        if isinstance(formatter, FixedFormatter):
            parts.append(tuple(str(one) for one in formatter.seq))
    for which in ("major", "minor"):
        given = axis.get_tick_params(which)
        parts.append(tuple(sorted((key, str(value)) for key, value in given.items())))
    return (*parts, axis.get_label_position(), *_look_of_text(axis.get_label()))


def _look_of_legend(legend: Any) -> _Look | None:
    if legend._loc == 0:  # wherever the data leave room
        return None
    texts = [_look_of_text(text)[:4] for text in (legend.get_title(), *legend.get_texts())]
    handles = [_look_of_handle(handle) for handle in legend.legend_handles]
    if any(handle is None for handle in handles):
        return None
    where = tuple(legend.get_bbox_to_anchor().bounds)
    return (legend._loc, where, legend._ncols, legend.get_frame_on(), *texts, *handles)


def _look_of_handle(handle: Artist | None) -> _Look | None:
    names = {
        Line2D: ("color", "linestyle", "linewidth", "marker", "markersize"),
        Patch: ("facecolor", "edgecolor", "linestyle", "linewidth", "hatch"),
        Collection: ("facecolor", "edgecolor", "linestyle", "linewidth"),
    }
    for kind, own in names.items():
        if handle is not None and isinstance(handle, kind):
            return (kind, handle.get_alpha(), *(str(plt.getp(handle, name)) for name in own))
    return None
