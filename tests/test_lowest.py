"""The lowest versions are those that pyproject.toml states, each once."""

from __future__ import annotations

import runpy
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def test_pins_are_the_bounds_of_the_project() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lowest = runpy.run_path(str(ROOT / ".ci" / "lowest.py"))["lowest"]
    tools = ["hypothesis", "pytest", "pytest-xdist"]
    pins = lowest(tools)
    assert len(pins) == len(project["dependencies"]) + len(tools)
    stated = [*project["dependencies"], *project["optional-dependencies"]["test"]]
    assert {pin.replace("==", ">=") for pin in pins} <= set(stated)
    with pytest.raises(KeyError):
        lowest(["numpy-without-bound"])
