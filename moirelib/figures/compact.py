"""Pictures that take little room, so that a page can hold one for each place of a slider."""

from __future__ import annotations

import io
from bisect import bisect_left
from collections.abc import Sequence

import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from PIL import Image

from moirelib.figures.provenance import data_uri, settle
from moirelib.figures.style import style

# Sharp on a dense screen, and still some ten kilobytes with a palette. Its colours are spread over
# all that occur: a few shades off at most, where the median cut neglects what is rare.
DPI = 150
_COLOURS = 256


def compact_png(figure: Figure) -> str:
    """Return a figure as the data URI of a PNG with a palette."""
    dpi, canvas = figure.dpi, FigureCanvasAgg(figure)
    with style():
        figure.dpi = DPI
        settle(figure)
        canvas.draw()
        figure.dpi = dpi
    return as_png(Image.fromarray(np.asarray(canvas.buffer_rgba())).convert("RGB"))


def as_png(picture: Image.Image) -> str:
    """Return a picture as the data URI of a PNG with a palette."""
    written = io.BytesIO()
    # The last level takes twice the time for one hundredth of the size.
    with_palette(picture).save(written, "PNG", compress_level=8)
    return data_uri("image/png", written.getvalue())


def with_palette(picture: Image.Image) -> Image.Image:
    """Return a picture in colours of its own palette."""
    return picture.quantize(_COLOURS, method=Image.Quantize.MAXCOVERAGE)


def share_lines(texts: Sequence[str]) -> tuple[list[str], list[list[int]]]:
    """Split texts into the lines of one table, and for each text the pieces of it.

    Parameters
    ----------
    texts : sequence of str
        Texts that have most of their lines in common.

    Returns
    -------
    table : list of str
        Lines: those of the first text, and behind them what the others add.
    pieces : list of list of int
        For each text starts and stops of slices of the table, one after the other: joined, they
        are the lines of the text.
    """
    table = texts[0].split("\n")
    places: dict[str, list[int]] = {}
    for at, line in enumerate(table):
        places.setdefault(line, []).append(at)
    first = len(table)
    pieces = [[0, first]]
    for text in texts[1:]:
        ends: list[int] = []
        reached = 0  # how far this text has come along the first one
        for line in text.split("\n"):
            if ends and ends[-1] < len(table) and table[ends[-1]] == line:
                at = ends[-1]
            elif line in places:
                known = places[line]
                ahead = bisect_left(known, reached)
                at = known[ahead] if ahead < len(known) else known[0]
            else:
                at = len(table)
                table.append(line)
                places[line] = [at]
            if ends and ends[-1] == at:
                ends[-1] += 1
            else:
                ends += [at, at + 1]
            if at < first:
                reached = at + 1
        pieces.append(ends)
    return table, pieces
