"""A figure with one parameter on a slider, live under a kernel and precomputed without one."""

from __future__ import annotations

import io
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from html import escape
from typing import Any

import ipywidgets
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import ArrayLike
from PIL import Image

from moirelib import _validate
from moirelib._threads import one_blas_thread
from moirelib.figures.provenance import (
    data_link,
    data_uri,
    fields,
    figure_links,
    provenance,
    settle,
    timing,
)
from moirelib.figures.style import style

# Sharp on a dense screen, and still some ten kilobytes with a palette.
_DPI = 150
_COLOURS = 128

# The whole behaviour of the static slider. It stands in the page, so that any number of sliders
# work from the file system, and it decodes the frames when the slider is first moved.
_ON_INPUT = (
    "const box=this.closest('.frame-slider'),"
    "all=box.frames??=JSON.parse(box.querySelector('script').textContent),"
    "frame=all[this.value],image=box.querySelector('img');"
    "image.src=frame.src;image.alt=frame.alt;"
    "this.setAttribute('aria-valuetext',frame.text);"
    "box.querySelector('output').textContent=frame.text"
)


@dataclass(frozen=True)
class Frame:
    """One precomputed picture: its data URI, its alt text, and the parameter as text."""

    src: str
    alt: str
    text: str


@dataclass(frozen=True)
class FrameSlider:
    """A figure on a slider; display it as the last line of a cell. See :func:`frames`."""

    name: str
    label: str
    values: tuple[float, ...]
    pictures: tuple[Frame, ...]
    initial: int
    provenance: str
    timing: dict[str, Any]
    render: Callable[[float], Frame]

    def static(self) -> str:
        """Return the slider over the precomputed frames as self-contained HTML."""
        shown = self.pictures[self.initial]
        frames = json.dumps([vars(f) for f in self.pictures], ensure_ascii=False)
        control = escape(f"slider-{self.name}")
        return (
            f'<div class="frame-slider" role="group" aria-label="{escape(self.label)}">'
            f"{_image(shown)}"
            '<div class="frame-slider-control">'
            f'<label for="{control}">{escape(self.label)}</label>'
            # No autocompletion: after a reload the slider must stand where the picture is.
            f'<input type="range" id="{control}" min="0" max="{len(self.pictures) - 1}" step="1" '
            f'value="{self.initial}" aria-valuetext="{escape(shown.text)}" autocomplete="off" '
            f'oninput="{escape(_ON_INPUT)}">'
            f'<output for="{control}">{escape(shown.text)}</output>'
            "</div>"
            # "</" would end the script element wherever it stands.
            f'<script type="application/json">{frames.replace("</", "<" + chr(92) + "/")}</script>'
            f"</div>{self.provenance}"
        )

    def widget(self) -> ipywidgets.VBox:
        """Return the live slider, which computes the figure at any value in the range."""
        low, high = self.values[0], self.values[-1]
        slider = ipywidgets.FloatSlider(
            value=self.values[self.initial],
            min=low,
            max=high,
            step=(high - low) / 100,
            description=self.label,
            continuous_update=False,
            style={"description_width": "initial"},
            layout={"width": "32em"},
        )
        picture = ipywidgets.HTML(_image(self.pictures[self.initial]))

        def update(change: dict[str, Any]) -> None:
            picture.value = _image(self.render(change["new"]))

        slider.observe(update, names="value")
        return ipywidgets.VBox([slider, picture, ipywidgets.HTML(self.provenance)])

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        bundle = {**self.widget()._repr_mimebundle_(), "text/html": self.static()}
        return bundle, {"text/html": self.timing}


def frames(
    name: str,
    source: str,
    compute: Callable[..., Any],
    draw: Callable[[Any], Figure],
    *,
    parameter: str,
    values: ArrayLike,
    label: str,
    alt: str,
    initial: int = 0,
    value_format: str = "{:g}",
    **parameters: Any,
) -> FrameSlider:
    """Put one parameter of a figure on a slider.

    Under a kernel the slider recomputes the figure at any value between the first and the last.
    In a page without a kernel it moves over the frames that are computed here, by keyboard too.
    Let ``draw`` fix the limits of its axes, so that only the physics moves.

    Parameters
    ----------
    name : str
        Stem of the downloaded files and of the slider's id; once on a page.
    source : str
        What is regenerated, as in :func:`~moirelib.figures.publish`.
    compute, draw : callable
        As in :func:`~moirelib.figures.publish`; ``compute`` takes ``parameter`` as a keyword.
    parameter : str
        The keyword that the slider moves.
    values : array_like, shape (n,)
        Its values, increasing; one frame each, at least two.
    label : str
        Name and unit of the parameter, for the reader.
    alt : str
        Alternative text with ``{value}`` where the parameter goes.
    initial : int
        Index of the value shown first.
    value_format : str
        Format of a value in the label and the alternative text.
    **parameters
        Handed to ``compute`` unchanged.

    Raises
    ------
    ValueError
        If ``values`` does not increase or holds fewer than two, if ``initial`` is no index of
        it, or if ``alt`` has no ``{value}``.
    """
    steps = _validate.real_vector("values", values)
    if steps.size < 2 or not (np.diff(steps) > 0).all():
        raise ValueError(f"values must hold at least two increasing numbers, got {values!r}")
    _validate.choice("initial", initial, tuple(range(steps.size)))
    if "{value}" not in alt:
        raise ValueError(f"alt must say {{value}} where the parameter goes, got {alt!r}")

    seconds = {"computing": 0.0, "drawing": 0.0}

    @one_blas_thread
    def figure_at(value: float) -> tuple[Any, Figure]:
        start = time.perf_counter()
        data = compute(**{parameter: value}, **parameters)
        computed = time.perf_counter()
        with style():
            figure = draw(data)
        seconds["computing"] += computed - start
        seconds["drawing"] += time.perf_counter() - computed
        return data, figure

    def frame_of(value: float, figure: Figure) -> Frame:
        text = value_format.format(value)
        return Frame(data_uri("image/png", _compact_png(figure)), alt.format(value=text), text)

    def render(value: float) -> Frame:
        _, figure = figure_at(value)
        frame = frame_of(value, figure)
        plt.close(figure)
        return frame

    pictures, table, links = [], {parameter: steps}, []
    for index, value in enumerate(steps.tolist()):
        data, figure = figure_at(value)
        pictures.append(frame_of(value, figure))
        table |= {f"{key}_{index}": array for key, array in fields(data).items()}
        if index == initial:
            with style():
                links = figure_links(name, figure, f" (at {pictures[-1].text})")
        plt.close(figure)
    line = provenance(
        source,
        compute,
        draw,
        [data_link(name, table), *links],
    )
    took = timing(name, **seconds)
    return FrameSlider(
        name, label, tuple(steps.tolist()), tuple(pictures), initial, line, took, render
    )


def _image(frame: Frame) -> str:
    return f'<img src="{frame.src}" alt="{escape(frame.alt)}">'


def _compact_png(figure: Figure) -> bytes:
    compact = io.BytesIO()
    dpi, canvas = figure.dpi, FigureCanvasAgg(figure)
    with style():
        figure.dpi = _DPI
        settle(figure)
        canvas.draw()
        figure.dpi = dpi
    drawn = Image.fromarray(np.asarray(canvas.buffer_rgba()))
    drawn.convert("RGB").quantize(_COLOURS).save(compact, "PNG", optimize=True)
    return compact.getvalue()
