"""A figure is enlarged and put back by mouse and by keyboard."""

from __future__ import annotations

from selenium.webdriver.common.keys import Keys
from site_axe import run_axe
from site_browser import HTML, Browser

PAGE = HTML / "book" / "part1" / "time-reversal.html"

# Some of its figures have colours from dark to light.
DEVICES = HTML / "book" / "start" / "devices.html"
FILTERS = """
return [...document.querySelectorAll('article .enlargeable img')]
  .map(it => [getComputedStyle(it).filter, it.dataset.ground ?? ''])
"""

OPEN = "document.querySelector('dialog.enlarged').open"


def test_a_figure_is_enlarged_by_keyboard_and_the_focus_returns(browser: Browser) -> None:
    browser.stay_on(PAGE)
    button = browser.driver.find_element("css selector", "button.enlarge")
    assert button.accessible_name == "Enlarge " + browser.run(
        "return document.querySelector('figure .caption-number').textContent.trim()"
    )
    browser.run("arguments[0].focus()", button)
    button.send_keys(Keys.ENTER)
    browser.wait(OPEN)
    small, large = browser.run(
        "return ['.enlargeable img', 'dialog.enlarged img'].map(name => {"
        "  const image = document.querySelector(name);"
        "  return [image.alt, image.src, image.getBoundingClientRect().width]; })"
    )
    assert small[:2] == large[:2]
    assert large[2] > 1.3 * small[2]
    assert run_axe(browser, {}, "dialog.enlarged") == []
    browser.driver.switch_to.active_element.send_keys(Keys.ESCAPE)
    browser.wait(f"!{OPEN}")
    assert browser.driver.switch_to.active_element == button


def test_a_figure_is_enlarged_by_a_click_and_closed_by_another(browser: Browser) -> None:
    browser.stay_on(PAGE)
    browser.run("document.querySelector('.enlargeable img').scrollIntoView({block: 'center'})")
    browser.driver.find_element("css selector", ".enlargeable img").click()
    browser.wait(OPEN)
    browser.driver.find_element("css selector", "dialog.enlarged button").click()
    browser.wait(f"!{OPEN}")


def test_figures_do_not_glare_on_a_dark_page(browser: Browser) -> None:
    """The negative, or dimmed where the lightness of its colours counts; enlarged likewise."""
    browser.open(DEVICES, "dark")
    shown = browser.run(FILTERS)
    assert {ground for _, ground in shown} == {"", "white"}
    for number, (drawn, ground) in enumerate(shown):
        assert drawn.startswith("brightness" if ground else "invert")
        browser.run("document.querySelectorAll('button.enlarge')[arguments[0]].click()", number)
        browser.wait(OPEN)
        large = "return getComputedStyle(document.querySelector('dialog img')).filter"
        assert browser.run(large) == drawn
        browser.run("document.querySelector('dialog.enlarged').close()")
    browser.show("light")
    assert {drawn for drawn, _ in browser.run(FILTERS)} == {"none"}
