"""Pictures as vectors show what a complete drawing shows, whatever was kept of the first one."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from moirelib.figures import vectors
from moirelib.figures.provenance import settle
from moirelib.figures.style import style
from moirelib.figures.vectors import VectorPictures

SVG, LINK = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xlink}href"


def figure_with(height: float, title: str = "a curve") -> Figure:
    """A curve with points, a legend, a logarithmic axis and a map with its colour bar."""
    with style():
        figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.5))
        x = np.linspace(0.1, 2, 20)
        left.semilogy(x, height * x, "o-", label="$h x$")
        left.set(ylim=(1e-2, 1e2), xlabel="$x$ (nm)", title=title)
        left.legend(loc="upper left", fontsize=7)
        image = right.pcolormesh(x, x, np.outer(x, x), vmin=0, vmax=4, rasterized=True)
        right.plot(height, height, "s")
        figure.colorbar(image, label="$x^2$")
        settle(figure)
    return figure


def shown(text: str) -> list[tuple[Any, ...]]:
    """All that an SVG draws, in order: shapes, where, how, and by what they are cut."""
    root = ET.fromstring(text)
    named = {one.get("id"): one for one in root.iter() if one.get("id")}
    found: list[tuple[Any, ...]] = []

    def cut(one: ET.Element) -> Any:
        given = re.fullmatch(r"url\(#(.+)\)", one.get("clip-path", ""))
        return given and [sorted(shape.items()) for shape in named[given[1]]]

    def walk(one: ET.Element, inherited: tuple[Any, ...]) -> None:
        if one.tag == SVG + "defs":
            return
        own = (*inherited, one.get("transform"), one.get("style"), cut(one))
        if one.tag == SVG + "use":
            shape = named[one.get(LINK, "")[1:]]
            found.append((shape.get("d"), one.get("x"), one.get("y"), *own))
        elif one.tag in (SVG + "path", SVG + "image"):
            place = [one.get(key) for key in ("d", LINK, "x", "y", "width", "height")]
            found.append((*place, *own))
        for child in one:
            walk(child, tuple(part for part in own if part))

    walk(root, ())
    return [tuple(part for part in one if part) for one in found]


def whole(figure: Figure) -> list[tuple[Any, ...]]:
    with style():
        return shown(vectors._compact(vectors._svg(figure)))


def test_kept_parts_are_drawn_in_their_place() -> None:
    pictures = VectorPictures()
    assert shown(pictures.draw(figure_with(0.5))) == whole(figure_with(0.5))
    second = shown(pictures.draw(figure_with(1.2)))
    assert second == whole(figure_with(1.2))
    # The control: the first picture is another one.
    assert second != whole(figure_with(0.5))
    plt.close("all")


def test_what_looks_otherwise_is_drawn_again() -> None:
    pictures = VectorPictures()
    pictures.draw(figure_with(0.5))
    named = shown(pictures.draw(figure_with(0.5, "another one")))
    assert named == whole(figure_with(0.5, "another one"))
    plt.close("all")


def test_equal_figures_give_equal_texts() -> None:
    pictures = VectorPictures()
    first = pictures.draw(figure_with(0.5))
    pictures.draw(figure_with(1.2, "another one"))
    assert pictures.draw(figure_with(0.5)) == first
    plt.close("all")
