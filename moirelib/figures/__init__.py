"""The published figures: for each, a function that computes and a function that draws."""

from __future__ import annotations

from moirelib.figures.knob import Knob
from moirelib.figures.plots import plot_bands, plot_map
from moirelib.figures.publish import publish
from moirelib.figures.slider import FrameSlider, frame_grid, frames
from moirelib.figures.style import CYCLE, style

__all__ = [
    "CYCLE",
    "FrameSlider",
    "Knob",
    "frame_grid",
    "frames",
    "plot_bands",
    "plot_map",
    "publish",
    "style",
]
