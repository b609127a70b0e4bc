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

from moirelib.figures import FrameSlider, Knob, frame_grid, frames

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
    assert stored["texts"] == [["−1", "0", "0.5"]]
    assert stored["alts"] == [f"a line at {v} meV </script>" for v in ("−1", "0", "0.5")]
    assert stored["pictures"][1] == page.found["img"]["src"]
    sizes = set()
    for picture_uri in stored["pictures"]:
        header, content = picture_uri.split(",")
        assert header == "data:image/png;base64"
        with Image.open(io.BytesIO(base64.b64decode(content))) as picture:
            sizes.add(picture.size)
    assert len(sizes) == 1
    assert len(set(stored["pictures"])) == 3


def test_static_face_names_no_other_host(slider: FrameSlider) -> None:
    assert not re.search(r"https?://", slider.static())


def test_provenance_offers_the_data_of_all_frames(slider: FrameSlider) -> None:
    assert "A figure of this book" in slider.provenance
    match = re.search(
        r'download="demo.csv" href="data:text/csv;base64,([^"]+)"',
        make(values=[0.0, 1.0, 2.0, 3.0]).provenance,
    )
    assert match
    table = base64.b64decode(match[1]).decode().splitlines()
    header = next(line for line in table if not line.startswith("#"))
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
    pictures = []
    for frame in (slider.live(0.5), slider.live(0.5), slider.pictures[2]):
        with Image.open(io.BytesIO(base64.b64decode(frame.picture.split(",")[1]))) as picture:
            pictures.append(np.asarray(picture.convert("RGB")).astype(int))
        assert frame.alt == slider.pictures[2].alt
    for live in pictures[:2]:
        assert (np.abs(live - pictures[2]).max(axis=-1) > 60).mean() < 1e-3


def test_a_slider_of_stored_values_goes_from_one_to_the_next() -> None:
    stored = make(between=False)
    control, picture, _ = stored.widget().children
    assert [value for _, value in control.options] == VALUES
    assert [text for text, _ in control.options] == ["−1", "0", "0.5"]
    control.value = 0.5
    assert "a line at 0.5 meV" in picture.value


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
    between = slider.render(0.7)
    texts = [*stored["texts"][0], "0.7"]
    pictures, alts = [*stored["pictures"], between.src], [*stored["alts"], between.alt]
    for text, src, alt in zip(texts, pictures, alts, strict=True):
        with Image.open(io.BytesIO(base64.b64decode(src.split(",")[1]))) as picture:
            brightness = np.asarray(picture.convert("L")).mean() / 255
        assert brightness == pytest.approx(float(text), abs=0.01)
        assert alt == f"a shade of {text}"
    assert page.found["img"]["src"] == stored["pictures"][1]


# ---- two sliders --------------------------------------------------------------------------


def tilted(mu: float, slope: float, offset: float) -> dict[str, Any]:
    x = np.linspace(0, 1, 4)
    return {"x": x, "y": slope * x + mu + offset}


def draw_tilted(data: dict[str, Any]) -> Figure:
    figure, (left, right) = plt.subplots(1, 2)
    left.plot(data["x"], data["y"])
    # Wide labels in some frames only: the layout must not follow them.
    left.set(ylim=(-9, 9), yticks=[-5, round(float(data["y"][-1]), 3)])
    right.plot(data["x"], data["x"])
    return figure


def make_grid(**changes: Any) -> FrameSlider:
    given: dict[str, Any] = {
        "knobs": (
            Knob("mu", [-1.0, 0.0, 0.5], "μ (meV)", initial=1),
            Knob("slope", [1.0, 2.0], "slope </script>", initial=1, value_format="{:.1f}"),
        ),
        "alt": "at {mu} meV and {slope} </script>",
        "offset": 0.25,
    }
    return frame_grid("two", "this book", tilted, draw_tilted, **(given | changes))


@pytest.fixture(scope="module")
def grid() -> FrameSlider:
    return make_grid()


def unpacked(stored: dict[str, Any], at: int) -> str:
    """Do what the script in the page does."""
    pieces = stored["pieces"][at]
    slices = zip(pieces[::2], pieces[1::2], strict=True)
    return "\n".join(line for a, b in slices for line in stored["lines"][a:b])


def test_a_grid_has_a_labelled_range_for_each_parameter(grid: FrameSlider) -> None:
    found = re.findall(r'<input type="range" id="([^"]+)" min="0" max="(\d)"', grid.static())
    assert found == [("slider-two-0", "2"), ("slider-two-1", "1")]
    for key, text in (("slider-two-0", "0"), ("slider-two-1", "2.0")):
        assert f'<label for="{key}">' in grid.static()
        assert f'<output for="{key}">{text}</output>' in grid.static()


def test_frames_of_a_grid_are_those_of_their_two_values(grid: FrameSlider) -> None:
    stored = json.loads(Elements(grid.static()).script)
    assert stored["texts"] == [["−1", "0", "0.5"], ["1.0", "2.0"]]
    for row, mu in enumerate(("−1", "0", "0.5")):
        for column, slope in enumerate((1.0, 2.0)):
            at = 2 * row + column
            assert stored["alts"][at] == f"at {mu} meV and {slope:.1f} </script>"
            drawn = grid.render((-1.0, 0.0, 0.5)[row], slope)
            assert drawn == grid.pictures[at]
            assert unpacked(stored, at) == drawn.picture
            assert drawn.picture.lstrip().startswith("<?xml")
    assert grid.shown == grid.pictures[3]
    assert len(set(grid.pictures)) == 6


def test_frames_of_a_grid_share_what_they_have_in_common(grid: FrameSlider) -> None:
    stored = json.loads(Elements(grid.static()).script)
    apart = sum(len(frame.picture) for frame in grid.pictures)
    kept = len(json.dumps([stored["lines"], stored["pieces"]], separators=(",", ":")))
    assert kept < apart / 3


def test_all_frames_of_a_grid_are_laid_out_alike(grid: FrameSlider) -> None:
    edges = {
        re.findall(r'id="patch_2">\s*<path d="M ([\d.]+) ', f.picture)[0] for f in grid.pictures
    }
    assert len(edges) == 1


def test_a_grid_offers_its_data_by_both_values(grid: FrameSlider) -> None:
    match = re.search(r'download="two.npz" href="data:[^,]+,([^"]+)"', grid.provenance)
    assert match
    with np.load(io.BytesIO(base64.b64decode(match[1]))) as data:
        assert data["x"].shape == (4,)  # the same in all frames
        assert data["y"].shape == (3, 2, 4)
        assert data["y"][2, 1] == pytest.approx(2.0 * data["x"] + 0.75)
        assert data["mu"].tolist() == [-1.0, 0.0, 0.5]
    assert "SVG (at 0, 2.0)" in grid.provenance


def test_live_face_of_a_grid_follows_both_sliders(grid: FrameSlider) -> None:
    first, second, picture, _ = grid.widget().children
    first.value, second.value = 0.2, 1.37
    assert "at 0.2 meV and 1.4" in picture.value
    first.value = -0.4
    assert "at −0.4 meV and 1.4" in picture.value
    assert plt.get_fignums() == []


def test_the_alternative_text_of_a_grid_follows_both_values() -> None:
    with pytest.raises(ValueError, match=r"alt must say \{slope\} where its value goes"):
        make_grid(alt="at {mu} meV")
