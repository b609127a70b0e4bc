"""Sliders without a kernel: in every page that has one, and in a page written here."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import unquote

import matplotlib.pyplot as plt
import numpy as np
import pytest
from axe_core_python.selenium import Axe
from matplotlib.figure import Figure
from selenium.webdriver.common.keys import Keys
from site_browser import HTML, PAGES, Browser

from moirelib.figures import Knob, frame_grid, frames, style
from moirelib.figures.provenance import settle
from moirelib.figures.vectors import VectorPictures

# A page of slides shows one picture of each.
WITH_SLIDER = [p for p in PAGES if 'type="range"' in p.read_text(encoding="utf-8")]


def wave(mu: float, phase: float) -> dict[str, np.ndarray]:
    x = np.linspace(0, 1, 50)
    return {"x": x, "y": np.sin(mu * x + phase)}


def draw(data: dict[str, np.ndarray]) -> Figure:
    figure, axes = plt.subplots()
    axes.plot(data["x"], data["y"])
    axes.set_ylim(-1.1, 1.1)
    return figure


@pytest.fixture(scope="module")
def fixture_page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three figures on one page, so that each must keep to its own picture."""
    sliders = [
        frames(
            name,
            "this test",
            wave,
            draw,
            parameter="mu",
            values=[1.0, 2.5, 4.0],
            initial=1,
            label=f"{name}: μ (meV)",
            alt=f"{name} at μ = {{value}} meV",
            phase=phase,
        )
        for name, phase in (("first", 0.0), ("second", 1.5))
    ]
    both = frame_grid(
        "both",
        "this test",
        wave,
        draw,
        knobs=(
            Knob("mu", [1.0, 2.5, 4.0], "both: μ (meV)", 1),
            Knob("phase", [0.0, 0.7], "both: phase"),
        ),
        alt="both at μ = {mu} meV and phase {phase}",
    )
    page = tmp_path_factory.mktemp("slider") / "page.html"
    page.write_text(
        "<!doctype html><html lang=en><meta charset=utf-8><title>Sliders</title>"
        f"<main><h1>Sliders</h1>{''.join(s.static() for s in [*sliders, both])}</main></html>",
        encoding="utf-8",
    )
    return page


STATE = """
return [...document.querySelectorAll('.frame-slider')].map(box => {
  const image = box.querySelector('img'), inputs = [...box.querySelectorAll('input')];
  return {src: image.src, alt: image.alt, loaded: image.complete && image.naturalWidth > 0,
          knobs: inputs.map(input => ({
            shown: box.querySelector(`output[for="${input.id}"]`).textContent,
            spoken: input.getAttribute('aria-valuetext'), value: +input.value, max: +input.max,
            labelled: input.labels.length === 1 && input.labels[0].textContent.trim() !== ''}))};
})
"""
PLACES = """
return [...document.querySelectorAll('.frame-slider')].map(
  box => box.querySelectorAll('input').length)
"""


def states(browser: Browser) -> list[dict[str, Any]]:
    browser.wait("[...document.images].every(i => i.complete)")
    found: list[dict[str, Any]] = browser.run(STATE)
    return found


def check_keyboard(browser: Browser, page: Path) -> None:
    """Move each slider of a page by its keys and see its picture, text and nothing else change."""
    browser.stay_on(page)
    controls = browser.driver.find_elements("css selector", ".frame-slider input")
    places = [(box, n) for box, count in enumerate(browser.run(PLACES)) for n in range(count)]
    assert len(controls) == len(places) > 0
    for control, (box, n) in zip(controls, places, strict=True):
        control.send_keys(Keys.HOME)
        before = states(browser)
        control.send_keys(Keys.ARROW_RIGHT)
        after = states(browser)
        old, new = before[box], after[box]
        assert (old["knobs"][n]["value"], new["knobs"][n]["value"]) == (0, 1)
        assert old["src"] != new["src"]
        assert old["alt"] != new["alt"]
        for key in ("shown", "spoken"):
            assert old["knobs"][n][key] != new["knobs"][n][key], key
        for knob in new["knobs"]:
            assert knob["shown"] == knob["spoken"]
            assert knob["shown"] in new["alt"]
            assert knob["labelled"]
        assert new["loaded"]
        # Nothing else moves: neither other figures nor the other slider of this one.
        del before[box], after[box], old["knobs"][n], new["knobs"][n]
        assert (before, old["knobs"]) == (after, new["knobs"])
        control.send_keys(Keys.END)
        last = states(browser)[box]["knobs"][n]
        assert last["value"] == last["max"]
    assert browser.messages() == []


def test_keyboard_moves_a_slider(fixture_page: Path, browser: Browser) -> None:
    check_keyboard(browser, fixture_page)


def test_two_sliders_show_the_frame_of_both_values(fixture_page: Path, browser: Browser) -> None:
    browser.open(fixture_page)
    first, second = browser.driver.find_elements("css selector", "#slider-both-0, #slider-both-1")
    first.send_keys(Keys.END)
    second.send_keys(Keys.ARROW_RIGHT)
    shown = states(browser)[-1]
    assert shown["alt"] == "both at μ = 4 meV and phase 0.7"
    with style():
        figure = draw(wave(4.0, 0.7))
        settle(figure)
    expected = VectorPictures().draw(figure)
    plt.close(figure)
    drawn = unquote(shown["src"].removeprefix("data:image/svg+xml,"))
    # The layout is that of the first frame, here the same.
    assert [line.split() for line in drawn.split("\n")] == [
        line.split() for line in expected.split("\n")
    ]


def test_a_slider_is_accessible(fixture_page: Path, browser: Browser) -> None:
    browser.open(fixture_page)
    assert [v["id"] for v in Axe().run(browser.driver)["violations"]] == []


@pytest.mark.parametrize(
    "built", [pytest.param(p, id=p.relative_to(HTML).as_posix()) for p in WITH_SLIDER]
)
def test_keyboard_moves_the_sliders_of_the_book(built: Path, browser: Browser) -> None:
    check_keyboard(browser, built)
