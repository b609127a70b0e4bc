"""Sliders without a kernel: in every page that has one, and in a page written here."""

from __future__ import annotations

from pathlib import Path

import matplotlib.pyplot as plt
import numpy as np
import pytest
from axe_core_python.selenium import Axe
from matplotlib.figure import Figure
from selenium.webdriver.common.keys import Keys
from site_browser import PAGES, Browser, group_of

from moirelib.figures import frames

WITH_SLIDER = [p for p in PAGES if 'class="frame-slider"' in p.read_text(encoding="utf-8")]


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
    """Two sliders on one page, so that each must keep to its own picture."""
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
    page = tmp_path_factory.mktemp("slider") / "page.html"
    page.write_text(
        "<!doctype html><html lang=en><meta charset=utf-8><title>Sliders</title>"
        f"<main><h1>Sliders</h1>{''.join(s.static() for s in sliders)}</main></html>",
        encoding="utf-8",
    )
    return page


STATE = """
return [...document.querySelectorAll('.frame-slider')].map(box => {
  const image = box.querySelector('img'), input = box.querySelector('input');
  return {src: image.src, alt: image.alt, shown: box.querySelector('output').textContent,
          spoken: input.getAttribute('aria-valuetext'), value: +input.value, max: +input.max,
          loaded: image.complete && image.naturalWidth > 0,
          labelled: input.labels.length === 1 && input.labels[0].textContent.trim() !== ''};
})
"""


def check_keyboard(browser: Browser, page: Path) -> None:
    """Move each slider of a page by its keys and see its picture, text and nothing else change."""
    browser.stay_on(page)
    inputs = browser.driver.find_elements("css selector", ".frame-slider input")
    assert inputs
    for index, control in enumerate(inputs):
        control.send_keys(Keys.HOME)
        before = browser.run(STATE)
        control.send_keys(Keys.ARROW_RIGHT)
        browser.wait("[...document.images].every(i => i.complete)")
        after = browser.run(STATE)
        assert isinstance(before, list)
        assert isinstance(after, list)
        assert (before[index]["value"], after[index]["value"]) == (0, 1)
        for key in ("src", "alt", "shown", "spoken"):
            assert before[index][key] != after[index][key], key
        assert after[index]["shown"] == after[index]["spoken"]
        assert after[index]["shown"] in after[index]["alt"]
        assert after[index]["loaded"]
        assert after[index]["labelled"]
        others = [i for i in range(len(inputs)) if i != index]
        assert [before[i] for i in others] == [after[i] for i in others]
        control.send_keys(Keys.END)
        last = browser.run(STATE)
        assert isinstance(last, list)
        assert last[index]["value"] == last[index]["max"]
    assert browser.messages() == []


def test_keyboard_moves_a_slider(fixture_page: Path, browser: Browser) -> None:
    check_keyboard(browser, fixture_page)


def test_a_slider_is_accessible(fixture_page: Path, browser: Browser) -> None:
    browser.open(fixture_page)
    assert [v["id"] for v in Axe().run(browser.driver)["violations"]] == []


@pytest.mark.parametrize(
    "built", [pytest.param(p, id=p.name, marks=group_of(p)) for p in WITH_SLIDER]
)
def test_keyboard_moves_the_sliders_of_the_book(built: Path, browser: Browser) -> None:
    check_keyboard(browser, built)
