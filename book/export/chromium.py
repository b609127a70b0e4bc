"""A headless Chromium that reaches no host, for printing pages and for looking at them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from shutil import which
from typing import Any

from selenium import webdriver
from selenium.webdriver.chrome.service import Service


def chromium(
    profile: Path, width: int, *flags: str, capabilities: Mapping[str, Any] | None = None
) -> webdriver.Chrome:
    """Start a browser with a window of so many pixels, and further flags and capabilities."""
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
        f"--window-size={width},1000",
        f"--user-data-dir={profile}",
        *flags,
    ):
        options.add_argument(flag)
    for name, value in (capabilities or {}).items():
        options.set_capability(name, value)
    return webdriver.Chrome(options, Service(which("chromedriver")))
