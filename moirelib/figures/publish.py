"""Show a figure in a chapter together with where it comes from and what it was drawn from."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

import matplotlib.pyplot as plt
from matplotlib.figure import Figure

from moirelib._threads import one_blas_thread
from moirelib.figures.garbage import garbage_kept
from moirelib.figures.provenance import (
    data_link,
    description,
    drawings,
    fields,
    figure_links,
    provenance,
    settle,
    timing,
)
from moirelib.figures.style import counts_lightness, smallest_letters, style

Data = TypeVar("Data")


@one_blas_thread
def publish(
    name: str,
    source: str,
    compute: Callable[..., Data],
    draw: Callable[[Data], Figure],
    **parameters: Any,
) -> Data:
    """Compute, draw and show a figure, with its provenance and downloads below it.

    Parameters
    ----------
    name : str
        Stem of the downloaded files, e.g. ``"kundu-fig1a"``.
    source : str
        The published figure that is regenerated, e.g. ``"Kundu et al., Fig. 1(a)"``, or
        ``"this book"`` for one of our own.
    compute : callable
        Returns the data of the figure: a dataclass or a mapping, whose arrays, numbers and
        strings are offered for download. The docstring of the class, or the entry ``about`` of the
        mapping, heads the download: it says what the fields are, with units.
    draw : callable
        Draws that data and returns the Matplotlib figure.
    **parameters
        Handed to ``compute``.

    Returns
    -------
    object
        What ``compute`` returned, for use further down the page.
    """
    from IPython.display import HTML, display

    start = time.perf_counter()
    data = compute(**parameters)
    computed = time.perf_counter()
    with garbage_kept(), style():
        figure = draw(data)
        drawn = time.perf_counter()
        try:
            settle(figure)
            about = description(data)
            files = drawings(figure)
            downloads = [data_link(name, fields(data), about), *figure_links(name, files)]
            letters, white = smallest_letters(figure), counts_lightness(figure)
            # Sharp at any size, and smaller than pixels would be.
            shown = {"image/svg+xml": files["svg"].decode(), "text/plain": repr(figure)}
            display(shown, raw=True)
        finally:
            plt.close(figure)
    took = timing(name, computed - start, drawn - computed)
    line = provenance(source, compute, draw, downloads, letters, white)
    display(HTML(line, metadata=took))
    return data
