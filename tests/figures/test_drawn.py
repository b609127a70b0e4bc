"""Every figure of a chapter is read back by a test of that chapter."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CHAPTERS = sorted(path.parent for path in ROOT.glob("moirelib/chapters/*/figures.py"))


def drawing(path: Path) -> set[str]:
    """The functions that a module defines to draw a figure."""
    tree = ast.parse(path.read_text("utf-8"))
    found = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    return {name for name in found if name.startswith("draw_")}


def drawn_in(path: Path) -> set[str]:
    """The names that a test module hands to ``drawn``."""
    return {
        call.args[0].id
        for call in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Name)
        and call.func.id == "drawn"
        and isinstance(call.args[0], ast.Name)
    }


@pytest.mark.parametrize("chapter", CHAPTERS, ids=lambda one: one.name)
def test_every_figure_is_read_back(chapter: Path) -> None:
    tests = ROOT / "tests" / "chapters" / chapter.name / "test_figures.py"
    unread = drawing(chapter / "figures.py") - drawn_in(tests)
    assert not unread, f"{tests.relative_to(ROOT)} must read these figures back, as drawn"
