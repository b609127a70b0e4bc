"""One look for all figures: colour-blind-safe, legible in print and on a dark page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import matplotlib as mpl
from cycler import cycler
from matplotlib.artist import Artist
from matplotlib.axis import Axis
from matplotlib.cm import ScalarMappable
from matplotlib.figure import Figure
from matplotlib.text import Text
from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

from moirelib.figures.formulas import typeset_once

# Width in inches of the column on a laptop, at 96 pixels per inch, and a size in points of eleven
# pixels even where the column is a little narrower: a figure that keeps to both is legible there.
COLUMN = 7.2
SMALLEST = 8.6

# Shares of red, green and blue in how bright a colour is.
LUMINANCE = (0.2126, 0.7152, 0.0722)

# Python's minus: a hyphen before a number and behind neither a word nor another number.
_HYPHEN = re.compile(r"(?<![\w.)\]}^{])-(?=\d)")

# Okabe and Ito's palette without its yellow, which fades on white.
CYCLE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")


@contextmanager
def style() -> Iterator[None]:
    """Let Matplotlib draw in the style of the book within this block."""
    settings: dict[Any, Any] = {
        "axes.grid": True,
        "axes.prop_cycle": cycler(color=CYCLE),
        "axes.spines.right": False,
        "axes.spines.top": False,
        "figure.constrained_layout.use": True,
        "figure.dpi": 110,
        # A page in the dark theme shows the negative; see `counts_lightness`.
        "figure.facecolor": "white",
        "font.size": 10.0,
        "grid.alpha": 0.3,
        "image.cmap": "cividis",
        "legend.frameon": False,
        "lines.linewidth": 1.6,
        "savefig.dpi": 110,
        "svg.fonttype": "path",
        "svg.hashsalt": "moirelib",
    }
    with mpl.rc_context(settings), typeset_once():
        yield


def fit_column(figure: Figure) -> None:
    """Make a figure no wider than the column of a page, and its letters no smaller than 11 pixels.

    The figure keeps its height, unless its panels have a shape of their own: panels get narrower,
    letters do not. Hyphens before digits become minus signs.
    """
    fit_width(figure)
    for text in _texts(figure):
        text.set_fontsize(max(float(text.get_fontsize()), SMALLEST))
        words = text.get_text()
        if (typeset := _HYPHEN.sub("−", words)) != words:
            text.set_text(typeset)


def fit_width(figure: Figure) -> None:
    """Make a figure no wider than the column of a page, as :func:`fit_column` does."""
    width, height = figure.get_size_inches()
    if width > COLUMN:
        shaped = any(axes.get_aspect() != "auto" for axes in figure.axes)
        figure.set_size_inches(COLUMN, height * COLUMN / width if shaped else height)


def drag_label(quantity: str, unit: str = " ($e^2/h$)") -> str:
    """Return the label of a drag conductivity whose sign is that of Kundu Eq. 1.

    Layers that relax carry a current of the other sign, so that a figure must say which it shows.
    """
    return f"{quantity}{unit}\nsign of Kundu Eq. 1"


def label_decade(axis: Axis) -> None:
    """Label a logarithmic axis of a decade or two at 1, 2 and 5, by decimals.

    Matplotlib labels every tick of so short an axis, each by a product with a power of ten.
    """
    axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axis.set_major_formatter(StrMethodFormatter("{x:g}"))
    axis.set_minor_formatter(NullFormatter())


def counts_lightness(figure: Figure) -> bool:
    """Whether a colour map goes from dark to light, so that the negative of a figure misleads.

    One that parts at zero is as dark at either end: its negative keeps hues, and swaps white for
    black.
    """
    maps = [
        artist.get_cmap()
        for artist in figure.findobj()
        if isinstance(artist, ScalarMappable) and artist.get_array() is not None
    ]
    ends = (colours([0.0, 1.0])[:, :3] @ LUMINANCE for colours in maps)
    return any(abs(float(dark - light)) > 0.3 for dark, light in ends)


def smallest_letters(figure: Figure) -> float:
    """Return the size of the smallest letters as a share of the width of the figure."""
    sizes = [float(text.get_fontsize()) for text in _texts(figure) if text.get_text().strip()]
    return min(sizes, default=float("inf")) / 72 / float(figure.get_size_inches()[0])


def _texts(artist: Artist) -> Iterator[Text]:
    """All visible texts within visible artists."""
    if not artist.get_visible():
        return
    if isinstance(artist, Text):
        yield artist
    if isinstance(artist, Axis):
        # The labels of all ticks exist once those of the larger ones have been asked for.
        artist.get_majorticklabels()
    for child in artist.get_children():
        yield from _texts(child)
