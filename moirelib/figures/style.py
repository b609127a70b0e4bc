"""One look for all figures: colour-blind-safe, legible in print and on a dark page."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

import matplotlib as mpl
from cycler import cycler

# Okabe and Ito's palette without its yellow, which fades on white.
CYCLE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")


def style() -> AbstractContextManager[None]:
    """Return a context in which Matplotlib draws in the style of the book."""
    settings: dict[Any, Any] = {
        "axes.grid": True,
        "axes.prop_cycle": cycler(color=CYCLE),
        "axes.spines.right": False,
        "axes.spines.top": False,
        "figure.constrained_layout.use": True,
        "figure.dpi": 110,
        # A white ground keeps the palette's contrast on a dark page as well.
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
    context: AbstractContextManager[None] = mpl.rc_context(settings)
    return context
