"""What stands still from one figure of a slider to the next: known by its look, and drawn once.

Most of a drawing are texts and ticks. Axes, titles, legends and maps that look as before are kept
as they were drawn, and laid over the next figure at their place in the order of drawing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.collections import Collection, QuadMesh
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.text import Text
from matplotlib.ticker import FixedFormatter, FixedLocator

from moirelib.figures.style import SMALLEST

# What is kept of one slider at most: legends and titles may hold a number that moves.
_MOST = 200

# What an artist looks like, and where it stands: equal for two that give the same drawing.
_Look = tuple[Any, ...]


@dataclass(frozen=True)
class Still:
    """An artist that may stay as it is: its axes, which one it is, and its look."""

    axes: Axes
    artist: Artist
    place: tuple[int, str]
    look: _Look


class StillParts:
    """Parts of figures as they have been drawn.

    Parameters
    ----------
    draw : callable
        Draws an artist of a figure by itself, and returns what makes an artist that repeats it.
    """

    def __init__(self, draw: Callable[[Artist, Figure], Callable[[], Artist]]) -> None:
        self._draw = draw
        self._kept: dict[_Look, Callable[[], Artist]] = {}
        self._last: dict[tuple[int, str], _Look] = {}

    def repeat(self, parts: Iterable[Still]) -> list[Still]:
        """Put what is kept in the place of these parts, and return the others."""
        return [one for one in parts if not self._repeated(one)]

    def keep(self, parts: Iterable[Still], figure: Figure) -> None:
        """Draw parts of a figure for the next one, unless they look otherwise in every figure."""
        for one in parts:
            if self._last.get(one.place, one.look) == one.look:
                if len(self._kept) >= _MOST:
                    self._kept.clear()
                self._kept[one.look] = self._draw(one.artist, figure)
            self._last[one.place] = one.look

    def _repeated(self, one: Still) -> bool:
        if (kept := self._kept.get(one.look)) is None:
            return False
        again = kept()
        again.set_zorder(one.artist.get_zorder())
        one.axes.add_artist(again)
        if isinstance(one.artist, Text):
            one.artist.set_text("")  # otherwise axes look where there is room for a title
        one.artist.set_visible(False)
        return True


def still_parts(figure: Figure) -> Iterator[Still]:
    """Yield what may stand still in a figure that is laid out."""
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
        meshes = (one for one in axes.collections if isinstance(one, QuadMesh))
        parts |= {f"map {i}": mesh for i, mesh in enumerate(meshes)}
        for name, artist in parts.items():
            look = _look(artist) if artist is not None and artist.get_visible() else None
            if look is not None:
                yield Still(axes, artist, (number, name), (*at, name, *look))


def _look(artist: Artist) -> _Look | None:
    """What an artist looks like; nothing, if that cannot be told or depends on the data."""
    if isinstance(artist, Text):
        return _look_of_text(artist) if artist.get_text() else None
    if isinstance(artist, Axis):
        return _look_of_axis(artist)
    if isinstance(artist, QuadMesh):
        return _look_of_map(artist)
    return _look_of_legend(artist) if isinstance(artist, Legend) else None


def _look_of_map(mesh: Any) -> _Look:
    shown = hashlib.sha256(np.asarray(mesh.get_coordinates()).tobytes())
    shown.update(np.asarray(mesh.to_rgba(mesh.get_array())).tobytes())
    return shown.hexdigest(), mesh.get_rasterized(), mesh.get_alpha()


def _look_of_text(text: Text) -> _Look:
    size = max(float(text.get_fontsize()), SMALLEST)
    words = text.get_text(), size, text.get_fontweight(), text.get_color()
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
