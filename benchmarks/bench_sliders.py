"""What a slider costs under a live kernel: one frame, computed, drawn and encoded.

The sliders are those of the book: each cell that makes one is taken from its page and run. The aim
is a frame in ``AIM`` ms of processor time; which sliders reach it is printed.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from moirelib.figures import FrameSlider, Knob, frame_grid, frames

AIM = 50.0

BOOK = Path(__file__).parents[1] / "book"
CELL = re.compile(r"```\{code-cell\}[^\n]*\n(?:---\n.*?---\n|(?::[^\n]*\n)*)(.*?)```", re.DOTALL)
CALL = re.compile(r"^(?:frames|frame_grid)\(\n    \"([^\"]+)\"", re.MULTILINE)

measured: dict[str, float] = {}


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


@pytest.mark.parametrize(("setup", "cell"), list(sliders()))
def test_frame(benchmark: BenchmarkFixture, setup: str, cell: str) -> None:
    """Move the slider as a reader does; processor time in ms, at values not met before."""
    slider = made(setup, cell)
    controls = slider.widget().children[: len(slider.knobs)]
    rng = np.random.default_rng(1)
    times: list[float] = []

    def move() -> None:
        for control, knob in zip(controls, slider.knobs, strict=True):
            start = time.process_time()
            if knob.between:
                control.value = round(float(rng.uniform(control.min, control.max)), 6)
            else:
                steps = knob.steps
                control.value = steps[(steps.index(control.value) + 1) % len(steps)]
            times.append(1e3 * (time.process_time() - start))

    move()  # what a chapter has solved, and what stays as it is
    benchmark.pedantic(move, rounds=6)
    measured[slider.name] = float(np.median(times[len(controls) :]))
    benchmark.extra_info["ms"] = round(measured[slider.name], 1)
    assert slider.pictures


def test_all(capsys: pytest.CaptureFixture[str]) -> None:
    """Print which sliders take longer than they should."""
    if not measured:
        pytest.skip("no slider moved")
    slow = {name: ms for name, ms in measured.items() if ms > AIM}
    with capsys.disabled():
        print(f"\n{len(measured) - len(slow)} of {len(measured)} sliders within {AIM:g} ms")
        for name, ms in sorted(slow.items(), key=lambda one: -one[1]):
            print(f"{ms:6.0f} ms  {name}")
