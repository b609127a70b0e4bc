"""No check compares a thing with itself."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from moirelib import chapters
from moirelib.ledger import measure

DISTANCES = {"miss", *(name for name in vars(measure) if not name.startswith("_"))}
FILES = sorted(Path(chapters.__path__[0]).glob("*/claims/*.py"))


def with_itself(source: str) -> list[int]:
    """Return the lines on which a distance, a difference or a ratio has one thing on both sides."""
    found = []
    for node in ast.walk(ast.parse(source)):
        sides: list[ast.expr] = []
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            sides = node.args[:2] if node.func.id in DISTANCES else []
        elif isinstance(node, ast.BinOp) and isinstance(node.op, ast.Sub | ast.Div):
            sides = [node.left, node.right]
        if len(sides) == 2 and ast.dump(sides[0]) == ast.dump(sides[1]):
            found.append(node.lineno)
    return found


def test_there_are_claims_to_look_at() -> None:
    assert len(FILES) > 30


@pytest.mark.parametrize("path", FILES, ids=lambda p: f"{p.parent.parent.name}/{p.stem}")
def test_no_check_compares_a_thing_with_itself(path: Path) -> None:
    assert with_itself(path.read_text("utf-8")) == []


@pytest.mark.parametrize(
    "line", ["residual(block, block)", "abs(exact - exact)", "a[0] / a[0] - 1", "miss(x, x, 3)"]
)
def test_it_would_be_seen(line: str) -> None:
    assert with_itself(line) == [1]


@pytest.mark.parametrize("line", ["residual(a, b)", "drag(layer, layer)", "x * x", "a[0] / a[1]"])
def test_what_is_allowed(line: str) -> None:
    assert with_itself(line) == []
