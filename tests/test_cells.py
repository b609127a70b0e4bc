"""The linter that ``make lint`` runs over the cells of the chapters does read them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

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
