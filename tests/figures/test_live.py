"""Live pictures show what a complete drawing shows, whatever was kept of the one before."""

from __future__ import annotations

import base64
import io
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from moirelib.figures import live
from moirelib.figures.compact import compact_png
from moirelib.figures.live import LivePictures
from moirelib.figures.provenance import settle
from moirelib.figures.still import Still, StillParts
from moirelib.figures.style import style


def opened(uri: str) -> np.ndarray:
    with Image.open(io.BytesIO(base64.b64decode(uri.split(",")[1]))) as picture:
        return np.asarray(picture.convert("RGB")).astype(int)


def figure_with(height: float, **changes: Any) -> Figure:
    """A curve, a map with a colour bar, a legend and titles, all wider than the column."""
    with style():
        figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.5))
        x = np.linspace(0, 2, 50)
        left.plot(x, height * np.sin(3 * x), label=changes.get("name", "sine"))
        left.bar([0.5], [height], width=0.2, color="0.8", zorder=0.5)
        left.set(ylim=(-2, changes.get("top", 2)), xlabel="$x$ (nm)", ylabel="y -1 (meV)")
        left.set_xticks(changes.get("ticks", [0, 1, 2]))
        left.legend(loc="upper right", fontsize=7)
        left.set_title(changes.get("title", "a curve"))
        image = right.imshow(np.outer(x, x) * height, vmin=-4, vmax=4)
        figure.colorbar(image, label="height")
        right.set_title("a map", loc="left")
        settle(figure)
    return figure


def share_of_other_pixels(one: np.ndarray, other: np.ndarray) -> float:
    assert one.shape == other.shape
    return float((np.abs(one - other).max(axis=-1) > 60).mean())


@pytest.fixture
def misses(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, str]]:
    """What could not be laid over, in order."""
    found: list[tuple[int, str]] = []
    keep = StillParts.keep

    def noted(self: StillParts, parts: list[Still], figure: Figure) -> None:
        found.extend(one.place for one in parts)
        keep(self, parts, figure)

    monkeypatch.setattr(StillParts, "keep", noted)
    return found


def test_what_is_kept_looks_as_if_drawn(misses: list[tuple[int, str]]) -> None:
    pictures = LivePictures()
    pictures.draw(figure_with(0.5))
    misses.clear()
    second = opened(pictures.draw(figure_with(1.2)))
    assert misses == []
    full = opened(compact_png(figure_with(1.2)))
    assert share_of_other_pixels(second, full) < 1e-3
    # The control: the first picture is another one.
    assert share_of_other_pixels(opened(compact_png(figure_with(0.5))), full) > 1e-2
    plt.close("all")


@pytest.mark.parametrize(
    ("changes", "drawn"),
    [
        ({"top": 3.0}, {"x", "y", "title", "legend"}),
        ({"ticks": [0, 0.5, 2]}, {"x"}),
        ({"title": "a curse"}, {"title"}),
        ({"name": "other"}, {"legend"}),
    ],
)
def test_what_looks_otherwise_is_drawn_again(
    changes: dict[str, Any], drawn: set[str], misses: list[tuple[int, str]]
) -> None:
    pictures = LivePictures()
    for _ in range(2):
        pictures.draw(figure_with(0.5))
    misses.clear()
    changed = opened(pictures.draw(figure_with(0.5, **changes)))
    assert {name for number, name in misses if number == 0} == drawn
    assert {number for number, _ in misses} == {0}
    assert share_of_other_pixels(changed, opened(compact_png(figure_with(0.5, **changes)))) < 1e-3
    plt.close("all")


def test_a_title_with_a_number_that_moves_is_not_kept_each_time() -> None:
    pictures = LivePictures()
    for height in (0.5, 0.6, 0.7, 0.8):
        pictures.draw(figure_with(height, title=f"height {height}"))
    assert sum("title" in look and "left title" not in look for look in pictures._parts._kept) == 1
    plt.close("all")


def test_the_ground_stays_white_and_new_colours_come_out_right(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = []
    with_palette = live.with_palette
    monkeypatch.setattr(
        live, "with_palette", lambda picture: made.append(1) or with_palette(picture)
    )
    pictures = LivePictures()
    first, second = (opened(pictures.draw(figure_with(height))) for height in (0.5, 0.9))
    for picture in (first, second):
        assert picture[0, 0].tolist() == [255, 255, 255]
    assert len(made) == 1
    figure = figure_with(0.5)
    figure.axes[0].set_facecolor("tomato")
    red = opened(pictures.draw(figure))
    assert len(made) == 2
    target = np.array([255, 99, 71])
    assert (np.abs(red - target).max(axis=-1) < 12).mean() > 0.1
    plt.close("all")
