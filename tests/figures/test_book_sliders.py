"""Sliders of the book show under a kernel what a complete drawing of the same values shows."""

from __future__ import annotations

import base64
import io

import numpy as np
import pytest
from book_sliders import made, sliders
from matplotlib.figure import Figure
from PIL import Image

from moirelib.figures import Knob
from moirelib.figures.compact import compact_png
from moirelib.figures.live import LivePictures
from moirelib.figures.style import fit_column, style


def opened(uri: str) -> np.ndarray:
    with Image.open(io.BytesIO(base64.b64decode(uri.split(",")[1]))) as picture:
        return np.asarray(picture.convert("RGB")).astype(int)


def completely(_: LivePictures, figure: Figure) -> str:
    """Draw a figure with nothing kept of another."""
    with style():
        fit_column(figure)
    return compact_png(figure)


def between(knob: Knob, share: float) -> float:
    """A value that no stored frame has, if the slider goes there."""
    first, *_, last = knob.steps
    return first + share * (last - first) if knob.between else first


@pytest.mark.parametrize(("setup", "cell"), list(sliders()))
def test_a_live_frame_is_a_complete_drawing(
    setup: str, cell: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    slider = made(setup, cell)
    shown = [slider.live(*(knob.steps[-1] for knob in slider.knobs))]
    for share in (0.53, 0.37):
        values = [between(knob, share) for knob in slider.knobs]
        shown.append(slider.live(*values))
    monkeypatch.setattr(LivePictures, "draw", completely)
    still = slider.live(*values)
    assert shown[-1].alt == still.alt
    live, complete = opened(shown[-1].picture), opened(still.picture)
    assert live.shape == complete.shape
    assert (np.abs(live - complete).max(axis=-1) > 60).mean() < 1e-3
    # The control: the frame moves.
    assert (opened(shown[0].picture) != live).any()


def test_there_are_seventeen() -> None:
    names = [one.id for one in sliders()]
    assert len(set(names)) == len(names) == 17
