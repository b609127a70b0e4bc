"""A headless browser that cannot reach any host, and the pages of the built book."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from pathlib import Path
from shutil import which
from typing import Any

from axe_core_python.selenium import Axe
from selenium import webdriver
from selenium.webdriver.chrome.service import Service

HTML = Path(__file__).parents[2] / "_build" / "html"
# The search page and the indices are opened too; what a package keeps in _static is no page.
PAGES = sorted(p for p in HTML.rglob("*.html") if "_static" not in p.relative_to(HTML).parts)


NARROW, WIDE = (500, 1000), (1300, 1000)

# Sphinx marks every formula; MathJax replaces what stands inside the mark.
RAW_FORMULAE = """
return [...document.querySelectorAll('.math, .amsmath')]
  .filter(e => !e.querySelector('mjx-container') || e.querySelector('mjx-merror'))
  .map(e => e.textContent)
"""
TEXT = """
const article = document.querySelector('article')?.cloneNode(true);
article?.querySelectorAll('pre, code, script, mjx-container').forEach(e => e.remove());
return article?.textContent ?? ''
"""
BAD_IMAGES = """
return [...document.querySelectorAll('article img')]
  .filter(i => i.naturalWidth === 0 || !i.alt.trim() || /^(\\.\\.\\/)*_images/.test(i.alt))
  .map(i => `${i.alt}: ${i.src.slice(0, 80)}`)
"""


@dataclass(frozen=True)
class Visit:
    """What one visit to a page found; every test judges its own part."""

    requests: list[str]
    messages: list[str]
    excess: int
    """Width of the page beyond a narrow window, in pixels."""
    formulae: list[str]
    """Formulae that were not typeset."""
    text: str
    """The article without code and mathematics."""
    images: list[str]
    """Images that did not load or say nothing."""
    violations: dict[str, list[dict[str, Any]]]
    """What axe finds, by theme."""


class Browser:
    """A Chromium whose every network request is recorded."""

    def __init__(self, profile: Path) -> None:
        options = webdriver.ChromeOptions()
        options.binary_location = which("chromium") or which("chromium-browser") or ""
        for flag in (
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-dev-shm-usage",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--host-resolver-rules=MAP * ~NOTFOUND",
            f"--window-size={WIDE[0]},{WIDE[1]}",
            f"--user-data-dir={profile}",
        ):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        self.driver = webdriver.Chrome(options, Service(which("chromedriver")))
        self.driver.set_script_timeout(120)

    def open(self, page: Path, theme: str = "light") -> None:
        """Open a page from the file system, forget earlier logs, wait until it is typeset."""
        self.driver.get("about:blank")
        self.requests(), self.messages()
        self.driver.get(page.as_uri())
        self.show(theme)
        self.wait("document.readyState === 'complete'")
        self.driver.execute_async_script(
            "const done = arguments[arguments.length - 1];"
            "const typeset = window.MathJax?.startup?.promise ?? Promise.resolve();"
            "typeset.then(() => document.fonts.ready).then(() => done())"
        )

    def show(self, theme: str) -> None:
        """Switch the page to a theme, as its button does."""
        self.run("localStorage.setItem('mode', arguments[0])", theme)
        self.run(
            "document.documentElement.dataset.mode = document.documentElement.dataset.theme"
            " = arguments[0]",
            theme,
        )

    def visit(self, page: Path) -> Visit:
        """Load a page on a narrow screen, then look at it on a wide one in both themes.

        Loading and typesetting are most of the work, so that one visit serves all tests.
        """
        self.driver.set_window_size(*NARROW)
        try:
            self.open(page)
            excess = self.run("return document.documentElement.scrollWidth - window.innerWidth")
        finally:
            self.driver.set_window_size(*WIDE)
        # An image below the fold loads when it is scrolled to: ask for it now.
        self.run("document.querySelectorAll('img').forEach(i => i.loading = 'eager')")
        self.wait("[...document.images].every(i => i.complete)")
        formulae, text, images = map(self.run, (RAW_FORMULAE, TEXT, BAD_IMAGES))
        # Before axe comes into the page: it reads the style sheets itself.
        requests, messages = self.requests(), self.messages()
        violations = {theme: self.violations(theme) for theme in ("light", "dark")}
        return Visit(requests, messages, excess, formulae, text, images, violations)

    def violations(self, theme: str) -> list[dict[str, Any]]:
        """Return what axe finds on the open page in a theme."""
        self.show(theme)
        # Colours fade from one theme to the other; contrast is judged when they have arrived.
        self.run("document.getAnimations().forEach(a => a.finish())")
        # Details of what passed would take half of the time.
        found = Axe().run(self.driver, options={"resultTypes": ["violations"]})
        return list(found["violations"])

    def wait(self, condition: str, seconds: float = 30.0) -> None:
        """Wait until a JavaScript expression is true."""
        deadline = time.monotonic() + seconds
        while not self.run(f"return Boolean({condition})"):
            if time.monotonic() > deadline:
                raise AssertionError(f"not true after {seconds} s: {condition}")
            time.sleep(0.05)

    def run(self, script: str, *arguments: object) -> Any:
        """Run JavaScript in the page and return its value."""
        return self.driver.execute_script(script, *arguments)

    def requests(self) -> list[str]:
        """Return the addresses requested since the last call."""
        events = [json.loads(e["message"])["message"] for e in self.driver.get_log("performance")]
        return [
            e["params"]["request"]["url"]
            for e in events
            if e["method"] == "Network.requestWillBeSent"
        ]

    def messages(self) -> list[str]:
        """Return the errors and warnings of the console since the last call."""
        return [
            e["message"]
            for e in self.driver.get_log("browser")
            if e["level"] in ("SEVERE", "WARNING")
        ]
