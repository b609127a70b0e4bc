"""The cells of the pages: linted, narrow, and all of them shown: what runs can be read."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
from building.chapters import Chapter, chapters_of

PAGES = chapters_of(Path(__file__).parents[1])
# Pages of physics read from top to bottom; on a page of recipes each stands alone.
CHAPTERS = [page for page in PAGES if not page.title.startswith("reference/")]
# Of a cell in the column of a laptop's screen.
COLUMNS = 76
MACHINERY = re.compile(r"\b(publish|frames|frame_grid|glue|show|ledger\.card)\(")

PAGE = """---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3
  language: python
  name: python3
---

# A page

```{{code-cell}} ipython3
{code}
```
"""


@pytest.mark.parametrize(("code", "status"), [("import math", 1), ("1 + 1", 0)])
def test_a_fault_in_a_cell_is_found(tmp_path: Path, code: str, status: int) -> None:
    (tmp_path / "page.md").write_text(PAGE.format(code=code), "utf-8")
    command = [sys.executable, "-m", "nbqa", "ruff check --select F --isolated", "page.md"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == status, done.stdout + done.stderr
    assert "No notebooks" not in done.stderr


@cache
def cells(page: Chapter) -> list[Any]:
    return [cell for cell in page.read().cells if cell.cell_type == "code"]


def tags(cell: Any) -> set[str]:
    return set(cell.metadata.get("tags", []))


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.title)
def test_every_cell_is_shown_and_fits_its_column(page: Chapter) -> None:
    for cell in cells(page):
        assert not tags(cell) & {"remove-cell", "remove-input"}, cell.source
        assert [line for line in cell.source.splitlines() if len(line) > COLUMNS] == []


@pytest.mark.parametrize("page", CHAPTERS, ids=lambda p: p.title)
def test_a_folded_setup_on_top_holds_all_imports(page: Chapter) -> None:
    setup, *others = cells(page)
    assert "hide-input" in tags(setup)
    assert setup.metadata["mystnb"]["code_prompt_show"] == "Setup"
    assert setup.source.startswith(("import ", "from "))
    below = chain.from_iterable(ast.walk(ast.parse(cell.source)) for cell in others)
    assert [ast.unparse(n) for n in below if isinstance(n, ast.Import | ast.ImportFrom)] == []


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.title)
def test_every_figure_has_an_alternative_in_words(page: Chapter) -> None:
    mute = []
    for cell in cells(page):
        about = cell.metadata.get("mystnb", {})
        # A slider takes the alternative of its frames as an argument.
        called = [n for n in ast.walk(ast.parse(cell.source)) if isinstance(n, ast.Call)]
        given = {k.arg for call in called for k in call.keywords}
        if "figure" in about and not about.get("image", {}).get("alt") and "alt" not in given:
            mute.append(about["figure"].get("name"))
    assert mute == []


@pytest.mark.parametrize("page", CHAPTERS, ids=lambda p: p.title)
def test_every_slider_has_a_number_and_a_caption(page: Chapter) -> None:
    sliders = [cell for cell in cells(page) if re.search(r"\b(frames|frame_grid)\(", cell.source)]
    for cell in sliders:
        figure = cell.metadata.get("mystnb", {}).get("figure", {})
        assert figure.get("name", "").startswith("fig-"), cell.source
        assert figure.get("caption"), cell.source


@pytest.mark.parametrize("page", CHAPTERS, ids=lambda p: p.title)
def test_what_is_no_physics_is_folded(page: Chapter) -> None:
    for cell in cells(page):
        if MACHINERY.search(cell.source):
            assert "hide-input" in tags(cell), cell.source
