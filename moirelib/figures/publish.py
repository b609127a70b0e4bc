"""Show a figure in a chapter together with where it comes from and what it was drawn from."""

from __future__ import annotations

import base64
import csv
import io
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, is_dataclass
from html import escape
from typing import Any, TypeVar

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from moirelib.figures.style import style

Data = TypeVar("Data")


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
        strings are offered for download.
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
    with style():
        figure = draw(data)
        drawn = time.perf_counter()
        display(figure)
        caption = _provenance(
            name, source, compute, draw, computed - start, drawn - computed, data, figure
        )
    display(HTML(caption))
    plt.close(figure)
    return data


def _provenance(
    name: str,
    source: str,
    compute: Callable[..., Any],
    draw: Callable[..., Any],
    seconds_computing: float,
    seconds_drawing: float,
    data: object,
    figure: Figure,
) -> str:
    downloads = [
        *_data_links(name, _fields(data)),
        _link(f"{name}.svg", "image/svg+xml", _rendered(figure, "svg"), "SVG"),
        _link(f"{name}.pdf", "application/pdf", _rendered(figure, "pdf"), "PDF"),
    ]
    return (
        '<p class="provenance">'
        f"Regenerates: {escape(source)}. "
        f"Computed by <code>{escape(_qualified(compute))}</code> in {seconds_computing:.2f} s, "
        f"drawn by <code>{escape(_qualified(draw))}</code> in {seconds_drawing:.2f} s. "
        f"Download: {' · '.join(downloads)}."
        "</p>"
    )


def _qualified(function: Callable[..., Any]) -> str:
    module = getattr(function, "__module__", "")
    name = getattr(function, "__qualname__", repr(function))
    return name if module == "__main__" else f"{module}.{name}"


def _fields(data: object) -> dict[str, Any]:
    if is_dataclass(data) and not isinstance(data, type):
        items: Mapping[str, Any] = asdict(data)
    elif isinstance(data, Mapping):
        items = data
    else:
        raise TypeError(f"a figure's data must be a dataclass or a mapping, got {type(data)}")
    return {
        key: np.asarray(value)
        for key, value in items.items()
        if np.asarray(value).dtype.kind in "biufcU"
    }


def _data_links(name: str, fields: dict[str, Any]) -> list[str]:
    lengths = {v.shape[0] for v in fields.values() if v.ndim}
    real = all(v.dtype.kind != "c" for v in fields.values())
    if real and len(lengths) == 1 and all(v.ndim <= 2 for v in fields.values()):
        return [_link(f"{name}.csv", "text/csv", _as_csv(fields), "CSV")]
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **fields)
    return [_link(f"{name}.npz", "application/octet-stream", buffer.getvalue(), "NPZ")]


def _as_csv(fields: dict[str, Any]) -> bytes:
    """One row per sample; a field of two dimensions becomes one column per entry."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    for key, value in fields.items():
        if value.ndim == 0:
            buffer.write(f"# {key} = {value}\n")
    header, columns = [], []
    for key, value in fields.items():
        if value.ndim == 1:
            header.append(key)
            columns.append(value)
        elif value.ndim == 2:
            for index, column in enumerate(value.T):
                header.append(f"{key}_{index}")
                columns.append(column)
    writer.writerow(header)
    writer.writerows(zip(*columns, strict=True))
    return buffer.getvalue().encode()


def _rendered(figure: Figure, kind: str) -> bytes:
    buffer = io.BytesIO()
    # No date: the same figure gives the same file.
    stamp = {"svg": "Date", "pdf": "CreationDate"}[kind]
    figure.savefig(buffer, format=kind, metadata={stamp: None})
    return buffer.getvalue()


def _link(filename: str, mime: str, content: bytes, label: str) -> str:
    # A data URI travels with the page: it works from the file system and from the cache.
    payload = base64.b64encode(content).decode()
    return f'<a download="{filename}" href="data:{mime};base64,{payload}">{label}</a>'
