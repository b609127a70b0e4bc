"""The plain implementations share nothing with the library that they check."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ADMITTED = {"__future__", "cmath", "collections.abc", "functools", "math", "numpy", "typing"}
ADMITTED |= {path.stem for path in HERE.glob("plain_*.py")}


@pytest.mark.parametrize("path", sorted(HERE.glob("plain_*.py")), ids=lambda p: p.stem)
def test_a_plain_module_imports_numpy_at_most(path: Path) -> None:
    found = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found.add(str(node.module).removesuffix(".typing"))
    assert found <= ADMITTED
