"""A headless browser that cannot reach any host, and the pages of the built book."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from export.chromium import chromium

HTML = Path(__file__).parents[2] / "_build" / "html"
# The search page and the indices are opened too; what a package keeps in _static is no page.
PAGES = sorted(p for p in HTML.rglob("*.html") if "_static" not in p.relative_to(HTML).parts)

WIDE = 1300


class Browser:
    """A Chromium whose every network request is recorded."""

    def __init__(self, profile: Path) -> None:
        logs = {"goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"}}
        self.driver = chromium(profile, WIDE, capabilities=logs)
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

    def stay_on(self, page: Path) -> None:
        """Open a page unless it is open, perhaps after a visit: then formulae are plain text."""
        if self.driver.current_url.partition("#")[0] != page.as_uri():
            self.open(page)

    def show(self, theme: str) -> None:
        """Switch the page to a theme, as its button does."""
        self.run("localStorage.setItem('mode', arguments[0])", theme)
        self.run(
            "document.documentElement.dataset.mode = document.documentElement.dataset.theme"
            " = arguments[0]",
            theme,
        )

    @contextmanager
    def as_wide_as(self, pixels: int) -> Iterator[None]:
        """Show the open page on a screen of another width; nothing is loaded or typeset again."""
        # A headless window is not narrower than 500 pixels; its page can be.
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": pixels, "height": 1000, "deviceScaleFactor": 1, "mobile": False},
        )
        try:
            yield
        finally:
            self.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})

    def settle(self) -> None:
        """Wait until the page has answered to a new size: two frames later."""
        self.driver.execute_async_script(
            "const done = arguments[arguments.length - 1];"
            "requestAnimationFrame(() => requestAnimationFrame(() => done()))"
        )

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
