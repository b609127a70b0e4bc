"""A figure with one or two parameters on sliders, live under a kernel and precomputed without."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape
from itertools import product
from typing import Any

import ipywidgets
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from moirelib._threads import one_blas_thread
from moirelib.figures.compact import share_lines
from moirelib.figures.garbage import garbage_kept
from moirelib.figures.knob import Knob
from moirelib.figures.live import LivePictures, PixelPictures
from moirelib.figures.provenance import (
    Fields,
    data_link,
    data_uri,
    description,
    drawings,
    fields,
    figure_links,
    provenance,
    settle,
    timing,
)
from moirelib.figures.style import counts_lightness, smallest_letters, style
from moirelib.figures.vectors import VectorPictures

_Pictures = PixelPictures | VectorPictures

# The whole behaviour of the static sliders. It stands in the page, so that any number of them
# works from the file system, and it decodes the frames when a slider is first moved. The frames
# of two sliders stand row by row.
_ON_INPUT = (
    "const box=this.closest('.frame-slider'),"
    "all=box.frames??=JSON.parse(box.querySelector('script').textContent),"
    "knobs=[...box.querySelectorAll('input')],"
    "at=knobs.reduce((i,k)=>i*(+k.max+1)+ +k.value,0),"
    "image=box.querySelector('img'),texts=all.texts[knobs.indexOf(this)],"
    "text=texts[this.value],"
    "lines=p=>p.flatMap((a,i)=>i%2?all.lines.slice(p[i-1],a):[]).join('\\n');"
    "image.src=all.pictures?all.pictures[at]"
    ":'data:image/svg+xml,'+encodeURIComponent(lines(all.pieces[at]));"
    "image.alt=all.alts[at];"
    "this.setAttribute('aria-valuetext',text);"
    "this.parentElement.querySelector(`output[for=${CSS.escape(this.id)}]`).textContent=text"
)


@dataclass(frozen=True)
class Frame:
    """One picture, as a data URI or as the text of an SVG, and its alternative text."""

    picture: str
    alt: str

    @property
    def src(self) -> str:
        """The picture as a data URI."""
        drawn = not self.picture.startswith("data:")
        return data_uri("image/svg+xml", self.picture.encode()) if drawn else self.picture


@dataclass(frozen=True)
class FrameSlider:
    """A figure on one or two sliders; display it as the last line of a cell.

    See :func:`frames` and :func:`frame_grid`. The pictures stand row by row, the last knob moves
    fastest.
    """

    name: str
    knobs: tuple[Knob, ...]
    pictures: tuple[Frame, ...]
    provenance: str
    timing: dict[str, Any]
    inches: float
    render: Callable[..., Frame]
    live: Callable[..., Frame]

    @property
    def shown(self) -> Frame:
        """The picture that is shown first."""
        at = 0
        for knob in self.knobs:
            at = at * len(knob.steps) + knob.initial
        return self.pictures[at]

    def static(self) -> str:
        """Return the sliders over the precomputed frames as self-contained HTML."""
        group = escape(", ".join(knob.label for knob in self.knobs))
        controls = "".join(self._control(i) for i in range(len(self.knobs)))
        frames = json.dumps(self._frames(), ensure_ascii=False, separators=(",", ":"))
        return (
            f'<div class="frame-slider" role="group" aria-label="{group}">'
            f"{_image(self.shown)}{controls}"
            # "</" would end the script element wherever it stands.
            f'<script type="application/json">{frames.replace("</", "<" + chr(92) + "/")}</script>'
            f"</div>{self.provenance}"
        )

    def _control(self, index: int) -> str:
        knob = self.knobs[index]
        text = escape(knob.text(knob.steps[knob.initial]))
        several = len(self.knobs) > 1
        key = escape(f"slider-{self.name}-{index}" if several else f"slider-{self.name}")
        return (
            '<div class="frame-slider-control">'
            f'<label for="{key}">{escape(knob.label)}</label>'
            # No autocompletion: after a reload the slider must stand where the picture is.
            f'<input type="range" id="{key}" min="0" max="{len(knob.steps) - 1}" step="1" '
            f'value="{knob.initial}" aria-valuetext="{text}" autocomplete="off" '
            f'oninput="{escape(_ON_INPUT)}">'
            f'<output for="{key}">{text}</output>'
            "</div>"
        )

    def _frames(self) -> dict[str, Any]:
        """What the page needs to show any frame."""
        kept: dict[str, Any] = {
            "texts": [[knob.text(value) for value in knob.steps] for knob in self.knobs],
            "alts": [frame.alt for frame in self.pictures],
        }
        pictures = [frame.picture for frame in self.pictures]
        if pictures[0].startswith("data:"):
            return kept | {"pictures": pictures}
        lines, pieces = share_lines(pictures)
        return kept | {"lines": lines, "pieces": pieces}

    def widget(self) -> ipywidgets.VBox:
        """Return the live sliders, which compute the figure at any values in their ranges."""
        sliders = [_live_control(knob) for knob in self.knobs]
        # Pixels of the screen at whatever size, as wide as the page has them.
        style = f"width: {self.inches:.2f}in; max-width: 100%"
        picture = ipywidgets.HTML(_image(self.shown, style))

        def update(change: dict[str, Any]) -> None:
            values = (slider.value for slider in sliders)
            picture.value = _image(self.live(*values), style)

        for slider in sliders:
            slider.observe(update, names="value")
        return ipywidgets.VBox([*sliders, picture, ipywidgets.HTML(self.provenance)])

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
    between: bool = True,
    **parameters: Any,
) -> FrameSlider:
    """Put one parameter of a figure on a slider.

    Under a kernel the slider recomputes the figure at any value between the first and the last,
    unless ``between`` is false.
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
    parameter, values, label, initial, value_format, between
        As in :class:`Knob`; one frame for each value.
    alt : str
        Alternative text with ``{value}`` where the parameter goes.
    **parameters
        Handed to ``compute`` unchanged.

    Raises
    ------
    ValueError
        As :class:`Knob`, or if ``alt`` has no ``{value}``.
    """
    knob = Knob(parameter, values, label, initial, value_format, between)
    if "{value}" not in alt:
        raise ValueError(f"alt must say {{value}} where the parameter goes, got {alt!r}")

    def table(data: Sequence[Fields]) -> Fields:
        each = {f"{key}_{i}": array for i, one in enumerate(data) for key, array in one.items()}
        return {parameter: np.array(knob.steps)} | each

    def named(value: str) -> str:
        return alt.format(value=value)

    return _slider(
        name, source, compute, draw, (knob,), named, PixelPictures(), table, parameters=parameters
    )


def frame_grid(
    name: str,
    source: str,
    compute: Callable[..., Any],
    draw: Callable[[Any], Figure],
    *,
    knobs: tuple[Knob, Knob],
    alt: str,
    **parameters: Any,
) -> FrameSlider:
    """Put two parameters of a figure on sliders, with a frame for every pair of their values.

    The frames are vector graphics that share their common lines: let ``draw`` fix the limits of
    its axes, and rasterise a map. All are laid out like the first.

    Parameters
    ----------
    name, source, compute, draw
        As in :func:`frames`; ``compute`` takes both parameters as keywords, and the arrays that it
        returns have the same shapes in every frame.
    knobs : two of Knob
        The parameters.
    alt : str
        Alternative text with the name of each parameter in braces where its value goes.
    **parameters
        Handed to ``compute`` unchanged.

    Raises
    ------
    ValueError
        If ``alt`` lacks a parameter.
    """
    first, second = knobs
    for knob in (first, second):
        if f"{{{knob.parameter}}}" not in alt:
            raise ValueError(f"alt must say {{{knob.parameter}}} where its value goes, got {alt!r}")
    shape = (len(first.steps), len(second.steps))

    def table(data: Sequence[Fields]) -> Fields:
        given = {knob.parameter: np.array(knob.steps) for knob in knobs}
        for key in (key for key in data[0] if key not in given):
            arrays = np.stack([one[key] for one in data])
            constant = (arrays == arrays[0]).all()
            given[key] = arrays[0] if constant else arrays.reshape(shape + arrays.shape[1:])
        return given

    def named(*texts: str) -> str:
        return alt.format(**{k.parameter: text for k, text in zip(knobs, texts, strict=True)})

    return _slider(
        name,
        source,
        compute,
        draw,
        (first, second),
        named,
        VectorPictures(),
        table,
        parameters=parameters,
    )


@garbage_kept()
def _slider(
    name: str,
    source: str,
    compute: Callable[..., Any],
    draw: Callable[[Any], Figure],
    knobs: tuple[Knob, ...],
    named: Callable[..., str],
    drawn: _Pictures,
    table: Callable[[Sequence[Fields]], Fields],
    parameters: dict[str, Any],
) -> FrameSlider:
    """Compute all frames; ``table`` puts their data into one download."""
    seconds = {"computing": 0.0, "drawing": 0.0}
    places: list[Any] = []

    def lay_out(figure: Figure) -> None:
        """Take the layout of the first frame: it costs more than the drawing."""
        if not places:
            settle(figure)
            places.extend(axes.get_position() for axes in figure.axes)
        figure.set_layout_engine("none")
        for axes, place in zip(figure.axes, places, strict=True):
            axes.set_position(place)

    @one_blas_thread
    def figure_at(*values: float) -> tuple[Any, Figure]:
        start = time.perf_counter()
        given = {knob.parameter: value for knob, value in zip(knobs, values, strict=True)}
        data = compute(**given, **parameters)
        computed = time.perf_counter()
        with style():
            figure = draw(data)
            lay_out(figure)
        seconds["computing"] += computed - start
        seconds["drawing"] += time.perf_counter() - computed
        return data, figure

    def texts_of(values: Sequence[float]) -> list[str]:
        return [knob.text(value) for knob, value in zip(knobs, values, strict=True)]

    def frame_of(values: Sequence[float], figure: Figure, by: _Pictures) -> Frame:
        frame = Frame(by.draw(figure), named(*texts_of(values)))
        plt.close(figure)
        return frame

    def render(*values: float) -> Frame:
        _, figure = figure_at(*values)
        return frame_of(values, figure, drawn)

    moving = LivePictures()

    @garbage_kept()
    def live(*values: float) -> Frame:
        _, figure = figure_at(*values)
        return frame_of(values, figure, moving)

    at_first = tuple(knob.steps[knob.initial] for knob in knobs)
    pictures, computed_data, links, letters, white = [], [], [], 0.0, False
    for values in product(*(knob.steps for knob in knobs)):
        data, figure = figure_at(*values)
        computed_data.append(fields(data))
        if values == at_first:
            with style():
                settle(figure)
                links = figure_links(name, drawings(figure), f" (at {', '.join(texts_of(values))})")
            letters, white = smallest_letters(figure), counts_lightness(figure)
        pictures.append(frame_of(values, figure, drawn))
    inches = float(figure.get_size_inches()[0])
    about = description(data) + "".join(
        f"\n{k.parameter} : of the slider\n    {k.label}" for k in knobs
    )
    downloads = [data_link(name, table(computed_data), about), *links]
    line = provenance(source, compute, draw, downloads, letters, white)
    took = timing(name, **seconds)
    return FrameSlider(name, knobs, tuple(pictures), line, took, inches, render, live)


def _live_control(knob: Knob) -> ipywidgets.FloatSlider | ipywidgets.SelectionSlider:
    """A slider that goes anywhere in the range of a knob, or from one of its values to the next."""
    looks = {
        "value": knob.steps[knob.initial],
        "description": knob.label,
        "continuous_update": False,
        "style": {"description_width": "initial"},
        "layout": {"width": "32em"},
    }
    if not knob.between:
        return ipywidgets.SelectionSlider(
            options=[(knob.text(value), value) for value in knob.steps], **looks
        )
    first, last = knob.steps[0], knob.steps[-1]
    return ipywidgets.FloatSlider(min=first, max=last, step=(last - first) / 100, **looks)


def _image(frame: Frame, style: str = "") -> str:
    styled = f' style="{style}"' if style else ""
    return f'<img src="{frame.src}" alt="{escape(frame.alt)}"{styled}>'
