"""The line below a figure: what it regenerates, which functions made it, and its downloads."""

from __future__ import annotations

import base64
import csv
import inspect
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, is_dataclass
from html import escape
from typing import Any

import numpy as np
from matplotlib.backends.backend_pdf import FigureCanvasPdf
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from numpy.typing import NDArray

from moirelib.figures.style import fit_column

Fields = dict[str, NDArray[Any]]

# The resolution of vector graphics.
_POINTS = 72.0


def provenance(
    source: str,
    compute: Callable[..., Any],
    draw: Callable[..., Any],
    downloads: Sequence[str],
    letters: float,
    white: bool = False,
) -> str:
    """Return the provenance of a figure as an HTML paragraph.

    ``letters`` is the size of its smallest letters as a share of its width: a page can tell how
    large they are on a screen. ``white`` says that it keeps its white ground on a dark page.
    """
    origin = "A figure of" if source.startswith("this book") else "Regenerates:"
    ground = ' data-ground="white"' if white else ""
    return (
        f'<p class="provenance" data-letters="{letters:.5f}"{ground}>'
        f"{origin} {escape(source)}. "
        f"Computed by <code>{escape(_qualified(compute))}</code>, "
        f"drawn by <code>{escape(_qualified(draw))}</code>. "
        f"Download: {' · '.join(downloads)}."
        "</p>"
    )


def timing(name: str, computing: float, drawing: float) -> dict[str, Any]:
    """Return how long a figure took, in s, as metadata of its output.

    Not on the page: the same figure gives the same page. The book shows all times in one place.
    """
    return {"moirelib": {"figure": name, "computing": computing, "drawing": drawing}}


def fields(data: object) -> Fields:
    """Return the arrays, numbers and strings of a dataclass or a mapping by name.

    Those of a dataclass within are named after both. What ``about`` says is no field, but the
    description.

    Raises
    ------
    TypeError
        If ``data`` is neither.
    """
    if is_dataclass(data) and not isinstance(data, type):
        items: Mapping[str, Any] = asdict(data)
    elif isinstance(data, Mapping):
        items = data
    else:
        raise TypeError(f"a figure's data must be a dataclass or a mapping, got {type(data)}")
    arrays = {key: np.asarray(value) for key, value in _flat(items).items() if key != "about"}
    return {key: array for key, array in arrays.items() if array.dtype.kind in "biufcU"}


def _flat(items: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in items.items():
        if isinstance(value, Mapping):
            found |= {f"{key}_{inner}": one for inner, one in _flat(value).items()}
        else:
            found[key] = value
    return found


def description(data: object) -> str:
    """Return what the fields of a figure's data are, with their units.

    The class of the data says so, or the entry ``about`` of a mapping.
    """
    if isinstance(data, Mapping):
        return str(data.get("about", ""))
    about = inspect.getdoc(type(data)) or "" if is_dataclass(data) else ""
    # Without a docstring, `dataclass` writes the signature in its place.
    return "" if about.startswith(f"{type(data).__name__}(") else about


def data_link(name: str, data: Fields, about: str = "") -> str:
    """Return a download of the data: CSV if it is one table of real numbers, NPZ if not.

    ``about`` says what the fields are. It is the head of the table, or the field ``about``.
    """
    lengths = {v.shape[0] for v in data.values() if v.ndim}
    real = all(v.dtype.kind != "c" for v in data.values())
    if real and len(lengths) == 1 and all(v.ndim <= 2 for v in data.values()):
        return _link(f"{name}.csv", "text/csv", _as_csv(data, about), "CSV")
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **{"about": np.asarray(about)}, **data)
    return _link(f"{name}.npz", "application/octet-stream", buffer.getvalue(), "NPZ")


def figure_links(name: str, files: Mapping[str, bytes], suffix: str = "") -> list[str]:
    """Return downloads of a figure from :func:`drawings`; ``suffix`` completes their labels."""
    mimes = {"svg": "image/svg+xml", "pdf": "application/pdf"}
    return [
        _link(f"{name}.{kind}", mimes[kind], content, f"{kind.upper()}{suffix}")
        for kind, content in files.items()
    ]


def drawings(figure: Figure) -> dict[str, bytes]:
    """Return a figure as SVG and as PDF."""
    return {kind: _rendered(figure, kind) for kind in ("svg", "pdf")}


def settle(figure: Figure) -> None:
    """Lay a figure out for good, to fit the column of a page.

    The layout is the same in every format, and costs a drawing. Texts are measured as SVG has
    them: their formulas are then typeset once for the layout and for the file.
    """
    layout = figure.get_layout_engine()
    if layout is not None:
        fit_column(figure)
        with _canvas_kept(figure):
            FigureCanvasSVG(figure)
            figure.dpi = _POINTS
            layout.execute(figure)
        figure.set_layout_engine("none")


def data_uri(mime: str, content: bytes) -> str:
    """Return content as a data URI: it travels with the page, from the file system and cache."""
    return f"data:{mime};base64,{base64.b64encode(content).decode()}"


def _qualified(function: Callable[..., Any]) -> str:
    module = getattr(function, "__module__", "")
    name = getattr(function, "__qualname__", repr(function))
    return name if module == "__main__" else f"{module}.{name}"


def _as_csv(data: Fields, about: str) -> bytes:
    """One row per sample; a field of two dimensions becomes one column per entry."""
    buffer = io.StringIO()
    buffer.writelines(f"# {line}".rstrip() + "\n" for line in about.splitlines())
    writer = csv.writer(buffer, lineterminator="\n")
    header, columns = [], []
    for key, value in data.items():
        if value.ndim == 0:
            buffer.write(f"# {key} = {value}\n")
        elif value.ndim == 1:
            header.append(key)
            columns.append(value)
        else:
            for index, column in enumerate(value.T):
                header.append(f"{key}_{index}")
                columns.append(column)
    writer.writerow(header)
    writer.writerows(zip(*columns, strict=True))
    return buffer.getvalue().encode()


def _rendered(figure: Figure, kind: str) -> bytes:
    """The file that ``savefig`` writes, without the rehearsal that it draws first."""
    buffer = io.BytesIO()
    with _canvas_kept(figure):
        # No date: the same figure gives the same file.
        if kind == "svg":
            FigureCanvasSVG(figure).print_svg(buffer, metadata={"Date": None})
        else:
            FigureCanvasPdf(figure).print_pdf(buffer, metadata={"CreationDate": None})
    return buffer.getvalue()


@contextmanager
def _canvas_kept(figure: Figure) -> Iterator[None]:
    """Give a figure back the canvas and the resolution that it has now."""
    dpi, canvas = figure.dpi, figure.canvas
    try:
        yield
    finally:
        figure.dpi = dpi
        figure.set_canvas(canvas)


def _link(filename: str, mime: str, content: bytes, label: str) -> str:
    href = data_uri(mime, content)
    return f'<a download="{escape(filename)}" href="{href}">{escape(label)}</a>'
