"""All figures of Part I from a cold start on one core: nothing solved, nothing kept on disk.

Each page runs in a process of its own, as a kernel would, without its cards of claims. The aim is
``AIM`` seconds of processor time for all figures together; what is reached is printed.
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

AIM = 15.0

PAGES = sorted((Path(__file__).parents[1] / "book" / "part1").glob("*.md"))
CELL = re.compile(r"```\{code-cell\}[^\n]*\n(?:---\n.*?---\n|(?::[^\n]*\n)*)(.*?)```", re.DOTALL)
FIGURE = re.compile(r"^(?:\w+ = )?(?:publish|frames|frame_grid)\(\s*\"([^\"]+)\"", re.MULTILINE)
CARD = re.compile(r"^ledger\.", re.MULTILINE)

# What is no figure.
ELSE = ("imports", "other cells")

measured: dict[str, float] = {}


def run(page: Path) -> dict[str, float]:
    """Run a page; processor seconds of each figure, of all else, and of the imports."""
    from IPython.core.interactiveshell import InteractiveShell

    shell = InteractiveShell.instance()
    times = dict.fromkeys(ELSE, 0.0)
    for number, cell in enumerate(CELL.findall(page.read_text("utf-8"))):
        if CARD.search(cell):
            continue
        found = FIGURE.search(cell)
        name = found[1] if found else ELSE[number > 0]
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
    measured.update({name: seconds for name, seconds in times.items() if name not in ELSE})
    assert times["imports"] > 0


def test_all(capsys: pytest.CaptureFixture[str]) -> None:
    """Print the total of the pages that ran, and the figures that take most of it."""
    total = sum(measured.values())
    if not total:
        pytest.skip("no page ran")
    with capsys.disabled():
        print(f"\n{len(measured)} figures: {total:.1f} s, the aim is {AIM:g} s for all of Part I")
        for name, seconds in sorted(measured.items(), key=lambda one: -one[1])[:10]:
            print(f"{seconds:6.2f} s  {100 * seconds / total:3.0f} %  {name}")


if __name__ == "__main__":
    print(json.dumps(run(Path(sys.argv[1]))))
