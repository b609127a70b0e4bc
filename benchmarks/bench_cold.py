"""All figures of Part I from a cold start on one core: nothing solved, nothing kept on disk.

Each page runs in a process of its own, as a kernel would, without its cards of claims.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

PAGES = sorted((Path(__file__).parents[1] / "book" / "part1").glob("*.md"))
CELL = re.compile(r"```\{code-cell\}[^\n]*\n(?:---\n.*?---\n|(?::[^\n]*\n)*)(.*?)```", re.DOTALL)
FIGURE = re.compile(r"^(?:\w+ = )?(?:publish|frames|frame_grid)\(\s*\"([^\"]+)\"", re.MULTILINE)
CARD = re.compile(r"^ledger\.", re.MULTILINE)


def run(page: Path) -> dict[str, float]:
    """Run a page; processor seconds of each figure, of all else, and of the imports."""
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    times = {"imports": 0.0, "other cells": 0.0}
    for number, cell in enumerate(CELL.findall(page.read_text("utf-8"))):
        if CARD.search(cell):
            continue
        found = FIGURE.search(cell)
        name = found[1] if found else ("imports" if number == 0 else "other cells")
        start = time.process_time()
        shell.run_cell(cell, silent=True).raise_error()
        times[name] = times.get(name, 0.0) + time.process_time() - start
    return times


@pytest.mark.parametrize("page", PAGES, ids=[page.stem for page in PAGES])
def test_page(benchmark: BenchmarkFixture, page: Path) -> None:
    """Seconds of its figures in ``extra_info``."""
    environment = {k: v for k, v in os.environ.items() if k != "MOIRELIB_CACHE"}
    environment |= {"OPENBLAS_NUM_THREADS": "1", "MPLBACKEND": "agg"}

    def cold() -> str:
        command = [sys.executable, __file__, str(page)]
        return subprocess.run(
            command, check=True, capture_output=True, text=True, env=environment, cwd=page.parent
        ).stdout

    times = json.loads(benchmark.pedantic(cold, rounds=1).splitlines()[-1])
    benchmark.extra_info.update({name: round(seconds, 2) for name, seconds in times.items()})
    assert times["imports"] > 0


if __name__ == "__main__":
    print(json.dumps(run(Path(sys.argv[1]))))
