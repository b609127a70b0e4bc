"""The sliders of the book: each cell that makes one is taken from its page and run."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from moirelib.figures import FrameSlider, Knob, frame_grid, frames

BOOK = Path(__file__).parents[2] / "book"
CELL = re.compile(r"```\{code-cell\}[^\n]*\n(?:---\n.*?---\n|(?::[^\n]*\n)*)(.*?)```", re.DOTALL)
CALL = re.compile(r"^(?:frames|frame_grid)\(\n    \"([^\"]+)\"", re.MULTILINE)


def sliders() -> Iterator[Any]:
    """The name of each slider, with the setup of its page and the cell that makes it."""
    for page in sorted(BOOK.glob("part?/*.md")):
        setup, *cells = CELL.findall(page.read_text("utf-8")) or [""]
        for cell in cells:
            if found := CALL.search(cell):
                yield pytest.param(setup, cell, id=found[1])


def ends(knob: Knob) -> Knob:
    """The knob with its first, its shown and its last value: the frames between are not needed."""
    kept = sorted({0, knob.initial, len(knob.steps) - 1})
    steps = [knob.steps[i] for i in kept]
    initial = kept.index(knob.initial)
    return Knob(knob.parameter, steps, knob.label, initial, knob.value_format, knob.between)


def made(setup: str, cell: str) -> FrameSlider:
    """The slider of a cell, with few frames."""
    found: list[FrameSlider] = []

    def one(*given: Any, values: Any, initial: int = 0, **options: Any) -> None:
        knob = ends(Knob("x", values, "x", initial))
        found.append(frames(*given, values=knob.values, initial=knob.initial, **options))

    def two(*given: Any, knobs: tuple[Knob, Knob], **options: Any) -> None:
        found.append(frame_grid(*given, knobs=(ends(knobs[0]), ends(knobs[1])), **options))

    names: dict[str, Any] = {}
    exec(setup, names)
    exec(cell, names | {"frames": one, "frame_grid": two})
    return found[0]
