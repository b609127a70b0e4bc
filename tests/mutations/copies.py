"""Copies of the project in which one file of the library is changed."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from mutations.mutation import LIBRARY, ROOT, Mutation, mutated

# What tests read besides the library. Links would lead them back to the original.
_BESIDES = ("README.md", "pyproject.toml", "_toc.yml", "_config.yml", "requirements.txt")


@contextmanager
def copy_with(one: Mutation | None, tests: bool = False) -> Iterator[Path]:
    """Make a folder with a copy of the library, with one mistake in it, and of its tests."""
    with tempfile.TemporaryDirectory(prefix="mutant-") as name:
        folder = Path(name).resolve()
        # With the compiled files: those that belong to what is changed below are out of date.
        shutil.copytree(LIBRARY, folder / "moirelib")
        if one is not None:
            path = folder / "moirelib" / one.module
            for compiled in path.parent.glob(f"__pycache__/{path.stem}.*.pyc"):
                compiled.unlink()
            path.write_text(mutated(one), encoding="utf-8")
        if tests:
            for part in ("tests", "book", "benchmarks", ".ci"):
                if (ROOT / part).exists():
                    shutil.copytree(ROOT / part, folder / part)
            for part in _BESIDES:
                shutil.copy2(ROOT / part, folder / part)
        yield folder
