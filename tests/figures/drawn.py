"""Read figures back as a reader does: by legend, title, axis and colour bar."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import QuadMesh
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.text import Annotation

from moirelib.figures.style import style

Curve = tuple[np.ndarray, np.ndarray]


def made(cls: type, **fields: Any) -> Any:
    """A data object whose arrays of a given shape hold distinct random numbers in (0.1, 1)."""
    rng = np.random.default_rng(len(fields))
    filled = {
        name: rng.uniform(0.1, 1.0, shape) if is_shape(shape) else shape
        for name, shape in fields.items()
    }
    return cls(**filled)


def is_shape(value: object) -> bool:
    return isinstance(value, tuple) and all(isinstance(one, int) for one in value)


def drawn(draw: Callable[[Any], Figure], data: Any) -> Figure:
    """The figure in the style of the book; what it shows is in its objects, not in its pixels."""
    with style():
        figure = draw(data)
    plt.close(figure)
    return figure


def by_title(figure: Figure) -> dict[str, Axes]:
    """The panels by their titles, which must differ."""
    titled = [(axes.get_title(), axes) for axes in figure.axes if axes.get_title()]
    assert len(dict(titled)) == len(titled)
    return dict(titled)


def look(line: Line2D) -> tuple[object, ...]:
    """What tells one line from another."""
    face = line.get_markerfacecolor()
    return (
        to_hex(line.get_color()),
        line.get_linestyle(),
        line.get_marker(),
        face if face == "none" else to_hex(face),
    )


def legend_of(where: Axes | Figure) -> dict[str, Line2D]:
    """The lines that the legend shows, by their text; each of another look."""
    legend: Legend | None = (
        where.get_legend() if isinstance(where, Axes) else next(iter(where.legends), None)
    )
    assert legend is not None
    handles = {
        text.get_text(): handle
        for text, handle in zip(legend.get_texts(), legend.legend_handles, strict=True)
    }
    looks = [look(handle) for handle in handles.values()]
    assert len(set(looks)) == len(looks) == len(legend.get_texts())
    return handles


def read_lines(axes: Axes, label: str, legend: Axes | Figure | None = None) -> list[Curve]:
    """All curves with data that look like this entry of the legend."""
    wanted = look(legend_of(axes if legend is None else legend)[label])
    return [
        (np.asarray(line.get_xdata(), float), np.asarray(line.get_ydata(), float))
        for line in axes.lines
        if look(line) == wanted and len(line.get_xdata()) and guide(line) is None
    ]


def read_line(axes: Axes, label: str, legend: Axes | Figure | None = None) -> Curve:
    """The one curve that looks like this entry of the legend."""
    (curve,) = read_lines(axes, label, legend)
    return curve


def assert_curves(
    axes: Axes, expected: dict[str, Curve], legend: Axes | Figure | None = None
) -> None:
    """The legend names these curves and no others, and each holds its data."""
    assert list(legend_of(axes if legend is None else legend)) == list(expected)
    for label, (x, y) in expected.items():
        here = read_line(axes, label, legend)
        np.testing.assert_allclose(here[0], x, rtol=1e-12, err_msg=label)
        np.testing.assert_allclose(here[1], y, rtol=1e-12, err_msg=label)


def curve_of(line: Line2D) -> Curve:
    return np.asarray(line.get_xdata(), float), np.asarray(line.get_ydata(), float)


def guide(line: Line2D) -> tuple[str, float] | None:
    """The axis that a straight line across the whole panel belongs to, and where it stands."""
    x, y = (list(map(float, values)) for values in line.get_data())
    if y == [0.0, 1.0] and len(x) == 2 and x[0] == x[1]:
        return "x", x[0]
    if x == [0.0, 1.0] and len(y) == 2 and y[0] == y[1]:
        return "y", y[0]
    return None


def levels(axes: Axes) -> tuple[list[float], list[float]]:
    """Where straight lines cross the whole panel: upright ones and level ones."""
    found = [guide(line) for line in axes.lines]
    return tuple([one[1] for one in found if one and one[0] == axis] for axis in "xy")


@dataclass(frozen=True)
class Map:
    """A map as it is drawn: values with rows along y, and its scale of colours."""

    x: np.ndarray
    y: np.ndarray
    values: np.ndarray
    limits: tuple[float, float]
    mappable: ScalarMappable

    def at(self, x: float, y: float) -> float:
        """The value of the cell that holds this point."""
        column = int(np.argmin(np.abs(self.x - x)))
        return float(self.values[int(np.argmin(np.abs(self.y - y))), column])

    def is_red(self, value: float) -> bool:
        """Whether a value is drawn redder than it is blue."""
        red, _, blue, _ = self.mappable.to_rgba(value)
        return bool(red > blue)

    @property
    def positive_is_red(self) -> bool:
        """The convention, from both ends of a scale that must be symmetric about white."""
        low, high = self.limits
        assert low == -high < 0
        assert min(self.mappable.to_rgba(0.0)) > 0.95
        assert self.is_red(low) != self.is_red(high)
        return self.is_red(high)


def read_map(axes: Axes) -> Map:
    """The only map of a panel, from cells or from an image."""
    meshes = [one for one in axes.collections if isinstance(one, QuadMesh)]
    images = [one for one in axes.images if isinstance(one, AxesImage)]
    (mappable,) = meshes + images
    values = np.asarray(mappable.get_array(), dtype=float)
    if isinstance(mappable, QuadMesh):
        grid = mappable.get_coordinates()
        if values.shape == grid.shape[:2]:
            x, y = grid[0, :, 0], grid[:, 0, 1]
        else:
            x, y = ((edges[1:] + edges[:-1]) / 2 for edges in (grid[0, :, 0], grid[:, 0, 1]))
    else:
        left, right, bottom, top = mappable.get_extent()
        assert mappable.origin == "lower"
        x, y = np.linspace(left, right, values.shape[1]), np.linspace(bottom, top, values.shape[0])
    return Map(x, y, values, mappable.get_clim(), mappable)


def colour_label(figure: Figure, axes: Axes) -> str:
    """The label of the colour bar whose scale is that of the map in this panel."""
    shown = read_map(axes)
    found = []
    for bar in figure.axes:
        drawn_bar = getattr(bar, "_colorbar", None)
        if drawn_bar is None:
            continue
        other = drawn_bar.mappable
        own = other is shown.mappable
        shared = other.get_clim() == shown.limits and other.get_cmap() == shown.mappable.get_cmap()
        if own or shared:
            found.append((own, bar.get_xlabel() or bar.get_ylabel()))
    return str(max(found)[1])


def tick_labels(axes: Axes) -> dict[str, float]:
    """Positions of the ticks of x by their text."""
    return {
        label.get_text(): float(place)
        for place, label in zip(axes.get_xticks(), axes.get_xticklabels(), strict=True)
    }


def arrows(axes: Axes) -> list[tuple[tuple[float, ...], tuple[float, ...]]]:
    """Start and end of every arrow without a text."""
    return [
        (tuple(map(float, one.xyann)), tuple(map(float, one.xy)))
        for one in axes.texts
        if isinstance(one, Annotation) and one.arrow_patch is not None and not one.get_text()
    ]
