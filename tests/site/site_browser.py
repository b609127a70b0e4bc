"""A headless browser that cannot reach any host, and the pages of the built book."""

from __future__ import annotations

import json
import time
from pathlib import Path
from shutil import which

from selenium import webdriver
from selenium.webdriver.chrome.service import Service

HTML = Path(__file__).parents[2] / "_build" / "html"
# The search page and the indices are opened too; what a package keeps in _static is no page.
PAGES = sorted(p for p in HTML.rglob("*.html") if "_static" not in p.relative_to(HTML).parts)


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
            "--window-size=1300,1000",
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
        self.driver.execute_script("localStorage.setItem('mode', arguments[0])", theme)
        self.driver.execute_script(
            "document.documentElement.dataset.mode = document.documentElement.dataset.theme"
            " = arguments[0]",
            theme,
        )
        self.wait("document.readyState === 'complete'")
        self.driver.execute_async_script(
            "const done = arguments[arguments.length - 1];"
            "const typeset = window.MathJax?.startup?.promise ?? Promise.resolve();"
            "typeset.then(() => document.fonts.ready).then(() => done())"
        )

    def wait(self, condition: str, seconds: float = 30.0) -> None:
        """Wait until a JavaScript expression is true."""
        deadline = time.monotonic() + seconds
        while not self.run(f"return Boolean({condition})"):
            if time.monotonic() > deadline:
                raise AssertionError(f"not true after {seconds} s: {condition}")
            time.sleep(0.05)

    def run(self, script: str, *arguments: object) -> object:
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
