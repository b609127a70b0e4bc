"""A slider shows the same figure with a kernel and without one."""

from __future__ import annotations

import base64
import io
import json
import re
from html.parser import HTMLParser
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image

from moirelib.figures import FrameSlider, frames

VALUES = [-1.0, 0.0, 0.5]
CALLS: list[float] = []


def line(mu: float, slope: float) -> dict[str, Any]:
    CALLS.append(mu)
    x = np.linspace(0, 1, 4)
    return {"x": x, "y": slope * x + mu}


def draw(data: dict[str, Any]) -> Figure:
    figure, axes = plt.subplots()
    axes.plot(data["x"], data["y"])
    axes.set_ylim(-3, 3)
    return figure


def make(**changes: Any) -> FrameSlider:
    given: dict[str, Any] = {
        "parameter": "mu",
        "values": VALUES,
        "label": "μ (meV) </script>",
        "alt": "a line at {value} meV </script>",
        "initial": 1,
        "slope": 2.0,
    }
    return frames("demo", "this book", line, draw, **(given | changes))


@pytest.fixture(scope="module")
def slider() -> FrameSlider:
    return make()


class Elements(HTMLParser):
    """The elements of a fragment with their attributes, and the content of its script."""

    def __init__(self, fragment: str) -> None:
        super().__init__()
        self.found: dict[str, dict[str, str | None]] = {}
        self.script = ""
        self.feed(fragment)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.setdefault(tag, dict(attrs))

    def handle_data(self, data: str) -> None:
        if self.lasttag == "script" and not self.script:
            self.script = data


def test_static_face_is_a_labelled_range_over_the_frames(slider: FrameSlider) -> None:
    page = Elements(slider.static())
    control = page.found["input"]
    assert control["type"] == "range"
    assert (control["min"], control["max"], control["value"]) == ("0", "2", "1")
    assert control["aria-valuetext"] == "0"
    assert page.found["label"]["for"] == control["id"] == page.found["output"]["for"]
    assert page.found["img"]["alt"] == "a line at 0 meV </script>"


def test_static_face_holds_every_frame(slider: FrameSlider) -> None:
    page = Elements(slider.static())
    stored = json.loads(page.script)
    assert [f["text"] for f in stored] == ["-1", "0", "0.5"]
    assert [f["alt"] for f in stored] == [
        f"a line at {v} meV </script>" for v in ("-1", "0", "0.5")
    ]
    assert stored[1]["src"] == page.found["img"]["src"]
    sizes = set()
    for frame in stored:
        header, content = frame["src"].split(",")
        assert header == "data:image/png;base64"
        with Image.open(io.BytesIO(base64.b64decode(content))) as picture:
            sizes.add(picture.size)
    assert len(sizes) == 1
    assert len({f["src"] for f in stored}) == 3


def test_static_face_names_no_other_host(slider: FrameSlider) -> None:
    assert not re.search(r"https?://", slider.static())


def test_provenance_offers_the_data_of_all_frames(slider: FrameSlider) -> None:
    assert "A figure of this book" in slider.provenance
    match = re.search(
        r'download="demo.csv" href="data:text/csv;base64,([^"]+)"',
        make(values=[0.0, 1.0, 2.0, 3.0]).provenance,
    )
    assert match
    header = base64.b64decode(match[1]).decode().splitlines()[0]
    assert header == "mu,x_0,y_0,x_1,y_1,x_2,y_2,x_3,y_3"
    assert 'download="demo.npz"' in slider.provenance
    assert "SVG (at 0)" in slider.provenance


def test_live_face_recomputes_between_the_frames(slider: FrameSlider) -> None:
    widget = slider.widget()
    control, picture, _ = widget.children
    before = picture.value
    CALLS.clear()
    control.value = 0.23
    assert pytest.approx(0.23) in CALLS
    assert picture.value != before
    assert "a line at 0.23 meV" in picture.value
    assert (control.min, control.max) == (-1.0, 0.5)
    assert plt.get_fignums() == []


def test_live_and_static_face_agree(slider: FrameSlider) -> None:
    assert slider.render(0.5) == slider.pictures[2]


def test_one_display_carries_both_faces(slider: FrameSlider) -> None:
    bundle, metadata = slider._repr_mimebundle_()
    assert bundle["text/html"] == slider.static()
    assert "model_id" in bundle["application/vnd.jupyter.widget-view+json"]
    assert metadata["text/html"]["moirelib"]["computing"] > 0


@pytest.mark.parametrize("values", [[1.0], [1.0, 0.0], [0.0, 0.0]])
def test_values_increase(values: list[float]) -> None:
    with pytest.raises(ValueError, match="values must hold at least two increasing numbers"):
        make(values=values)


def test_the_initial_index_exists() -> None:
    with pytest.raises(ValueError, match="initial must be one of 0, 1, 2, got 3"):
        make(initial=3)


def test_the_alternative_text_follows_the_value() -> None:
    with pytest.raises(ValueError, match=r"alt must say \{value\}"):
        make(alt="a line")


def shade(level: float) -> dict[str, Any]:
    return {"level": np.array([level])}


def painted(data: dict[str, Any]) -> Figure:
    figure, axes = plt.subplots()
    axes.axis("off")
    figure.patch.set_facecolor(str(float(data["level"][0])))
    return figure


def test_each_frame_shows_the_value_in_its_label() -> None:
    slider = frames(
        "shades",
        "this book",
        shade,
        painted,
        parameter="level",
        values=[0.1, 0.4, 0.9],
        label="level",
        alt="a shade of {value}",
        initial=1,
    )
    page = Elements(slider.static())
    stored = json.loads(page.script)
    for frame in (*stored, vars(slider.render(0.7))):
        with Image.open(io.BytesIO(base64.b64decode(frame["src"].split(",")[1]))) as picture:
            brightness = np.asarray(picture.convert("L")).mean() / 255
        assert brightness == pytest.approx(float(frame["text"]), abs=0.01)
        assert frame["alt"] == f"a shade of {frame['text']}"
    assert page.found["img"]["src"] == stored[1]["src"]
