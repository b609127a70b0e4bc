"""A published figure carries its origin and everything needed to draw it again."""

from __future__ import annotations

import base64
import csv
import io
import re
from dataclasses import dataclass
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from IPython.core.display import HTML
from matplotlib.figure import Figure

from moirelib.figures import publish
from moirelib.figures.provenance import _rendered, drawings, fields, provenance, settle
from moirelib.figures.style import COLUMN, SMALLEST, counts_lightness, smallest_letters, style


@dataclass(frozen=True)
class Curve:
    """y against x, both in nm."""

    x: np.ndarray
    y: np.ndarray
    width: float


def parabola(width: float = 1.0) -> Curve:
    x = np.linspace(-1, 1, 5)
    return Curve(x, np.stack([x**2, width * x**2], axis=-1), width)


def phase() -> dict[str, Any]:
    return {"z": np.exp(1j * np.arange(3)), "grid": np.zeros((2, 2)), "note": "<unit circle>"}


def draw(data: object) -> Figure:
    figure, axes = plt.subplots()
    axes.plot([0, 1])
    return figure


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Collect what a notebook would show."""
    objects: list[Any] = []
    monkeypatch.setattr("IPython.display.display", lambda it, **options: objects.append(it))
    return objects


def downloads(html: str) -> dict[str, bytes]:
    found = re.findall(r'<a download="([^"]+)" href="data:[^;]+;base64,([^"]+)">', html)
    return {name: base64.b64decode(content) for name, content in found}


def line(shown: list[Any]) -> str:
    figure, html = shown
    assert figure["image/svg+xml"].encode() == downloads(html.data)["demo.svg"]
    assert isinstance(html, HTML)
    return str(html.data)


def test_returns_the_data_and_hands_on_parameters(shown: list[Any]) -> None:
    data = publish("demo", "Fig. 1", parabola, draw, width=3.0)
    assert data.width == 3.0
    assert plt.get_fignums() == []


def test_provenance_names_source_and_functions(shown: list[Any]) -> None:
    publish("demo", "Ying et al., Fig. 1 <a>", parabola, draw)
    text = line(shown)
    assert text.startswith('<p class="provenance" data-letters="0.0')
    assert "Ying et al., Fig. 1 &lt;a&gt;" in text
    assert "test_publish.parabola</code>" in text
    assert "test_publish.draw</code>" in text


def test_times_travel_beside_the_page_and_not_on_it(shown: list[Any]) -> None:
    publish("demo", "Fig. 1", parabola, draw)
    first = line(shown)
    took = shown[1].metadata["moirelib"]
    assert took["figure"] == "demo"
    assert took["computing"] > 0
    assert took["drawing"] > 0
    shown.clear()
    publish("demo", "Fig. 1", parabola, draw)
    assert line(shown) == first


def test_a_table_is_offered_as_csv(shown: list[Any]) -> None:
    publish("demo", "Fig. 1", parabola, draw, width=2.0)
    files = downloads(line(shown))
    assert set(files) == {"demo.csv", "demo.svg", "demo.pdf"}
    about, comment, *rows = files["demo.csv"].decode().splitlines()
    assert about == "# y against x, both in nm."
    assert comment == "# width = 2.0"
    table = list(csv.DictReader(rows))
    assert list(table[0]) == ["x", "y_0", "y_1"]
    np.testing.assert_array_equal([float(r["x"]) for r in table], np.linspace(-1, 1, 5))
    np.testing.assert_array_equal([float(r["y_1"]) for r in table], 2 * np.linspace(-1, 1, 5) ** 2)


def test_complex_or_unequal_arrays_are_offered_as_npz(shown: list[Any]) -> None:
    publish("demo", "Fig. 1", phase, draw)
    archive = np.load(io.BytesIO(downloads(line(shown))["demo.npz"]))
    np.testing.assert_array_equal(archive["z"], phase()["z"])
    assert archive["grid"].shape == (2, 2)
    assert str(archive["note"]) == "<unit circle>"


def test_data_within_data_are_named_after_both() -> None:
    outer = {"one": {"x": np.arange(2), "in": {"y": 1.0}}, "about": "x in nm"}
    assert set(fields(outer)) == {"one_x", "one_in_y"}


def test_a_mapping_may_say_what_its_fields_are(shown: list[Any]) -> None:
    publish("demo", "Fig. 1", lambda: {"about": "x in nm", "x": np.arange(2)}, draw)
    files = downloads(line(shown))
    assert files["demo.csv"].decode().splitlines() == ["# x in nm", "x", "0", "1"]


def test_the_figure_is_offered_as_svg_and_pdf(shown: list[Any]) -> None:
    publish("demo", "Fig. 1", parabola, draw)
    files = downloads(line(shown))
    assert b"<svg" in files["demo.svg"]
    assert files["demo.pdf"].startswith(b"%PDF")


def test_the_same_figure_gives_the_same_files(shown: list[Any]) -> None:
    publish("demo", "Fig. 1", parabola, draw)
    first = downloads(line(shown))
    shown.clear()
    publish("demo", "Fig. 1", parabola, draw)
    assert downloads(line(shown)) == first


def test_data_without_names_is_refused(shown: list[Any]) -> None:
    with pytest.raises(TypeError, match="must be a dataclass or a mapping, got"):
        publish("demo", "Fig. 1", lambda: np.zeros(3), draw)
    assert plt.get_fignums() == []


@pytest.mark.parametrize(("kind", "stamp"), [("svg", "Date"), ("pdf", "CreationDate")])
def test_a_download_is_what_savefig_writes(kind: str, stamp: str) -> None:
    saved = io.BytesIO()
    with style():
        figure, axes = plt.subplots()
        axes.plot([0.0, 1.0], label="$\\sigma_{12}$")
        axes.pcolormesh([[0.0, 1.0]], rasterized=True)
        axes.legend()
        settle(figure)
        figure.savefig(saved, format=kind, metadata={stamp: None})
        dpi, canvas = figure.dpi, figure.canvas
        assert _rendered(figure, kind) == saved.getvalue()
    assert (figure.dpi, figure.canvas) == (dpi, canvas)


def test_a_wide_figure_with_small_letters_fits_the_column() -> None:
    with style():
        figure, axes = plt.subplots(1, 2, figsize=(9.0, 4.0))
        axes[0].plot([0.0, 1.0], label="a curve")
        axes[0].legend(fontsize=5)
        axes[0].tick_params(labelsize=4)
        axes[1].set_xlabel("length (nm)", fontsize=14)
        axes[1].set_title("-4.5 to 3-4, $10^{-2}$")
        settle(figure)
        assert axes[1].get_title() == "−4.5 to 3-4, $10^{-2}$"
        assert tuple(figure.get_size_inches()) == (COLUMN, 4.0)
        assert axes[1].xaxis.label.get_fontsize() == 14
        drawn = [*axes[0].get_legend().get_texts(), *axes[0].get_xticklabels()]
        assert {text.get_fontsize() for text in drawn} == {SMALLEST}
        # Some columns are 670 pixels wide.
        assert smallest_letters(figure) * 670 > 11.0


def test_a_wide_figure_of_maps_keeps_its_shape() -> None:
    with style():
        figure, axes = plt.subplots(1, 2, figsize=(9.0, 4.5))
        axes[0].set_aspect("equal")
        settle(figure)
        assert tuple(figure.get_size_inches()) == pytest.approx((COLUMN, COLUMN / 2))


def test_the_negative_of_a_figure_misleads_where_lightness_counts() -> None:
    rising = np.arange(4.0).reshape(2, 2)
    with style():
        for drawn, expected in (
            (lambda axes: axes.plot(rising), False),
            (lambda axes: axes.pcolormesh(rising, cmap="RdBu"), False),
            (lambda axes: axes.pcolormesh(rising), True),
            (lambda axes: axes.contourf(rising, levels=3), True),
            (lambda axes: axes.contour(rising, levels=[1.5], colors="black"), False),
            (lambda axes: axes.scatter([0, 1], [0, 1], c=[0, 1]), True),
            (lambda axes: axes.scatter([0, 1], [0, 1]), False),
        ):
            figure, axes = plt.subplots()
            drawn(axes)
            assert counts_lightness(figure) is expected
            plt.close(figure)


def test_a_figure_says_that_it_keeps_its_white_ground() -> None:
    for white, ground in ((False, ""), (True, ' data-ground="white"')):
        line = provenance("this book", publish, drawings, ["CSV"], 0.01, white)
        assert line.startswith(f'<p class="provenance" data-letters="0.01000"{ground}>')
