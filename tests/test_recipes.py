"""The recipes of the page on using the library run as they stand there."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

PAGE = Path(__file__).parent.parent / "book" / "reference" / "using-the-library.md"
TEXT = PAGE.read_text("utf-8")
CELLS = re.findall(r"^```\{code-cell\} ipython3\n(?:---\n.*?\n---\n)?(.*?)^```", TEXT, re.S | re.M)
POOL, DASK = re.findall(r"^```python\n(.*?)^```", TEXT, re.S | re.M)


def test_the_cells_run_and_say_what_the_page_says() -> None:
    found: dict[str, object] = {"__name__": "recipes"}
    for cell in CELLS:
        exec(compile(cell, PAGE.name, "exec"), found)
    # No gate screens at reciprocal vectors.
    single, dual = found["single"], found["dual"]
    assert np.abs(dual - single).max() < 0.01 * np.abs(single).max()  # type: ignore[operator]
    drag = found["drag"]
    # −Σ |𝒞|² U between equal layers at equal densities.
    assert (np.diagonal(drag) < 0).all()  # type: ignore[call-overload]
    # Strongest where the first band is nearly full or empty, as the page says.
    strongest = np.unravel_index(np.abs(drag).argmax(), drag.shape)  # type: ignore[arg-type, attr-defined]
    assert (np.abs(found["density"][list(strongest)]) > 2.2).all()  # type: ignore[index]
    np.testing.assert_array_equal(found["again"], drag)
    assert "is of another model" in str(found["refusal"])
    order, sampled = found["order"], found["sampled"]
    assert [one.stable for one in order.equilibria(0.0)] == [True, False, True]  # type: ignore[attr-defined]
    assert sampled.critical_temperature == pytest.approx(  # type: ignore[attr-defined]
        order.critical_temperature,  # type: ignore[attr-defined]
        rel=1e-3,
    )


def test_the_six_recipes_are_there() -> None:
    assert len(re.findall(r"^## ", TEXT, re.M)) == 6


def run(folder: Path, script: str, seconds: float = 120) -> subprocess.CompletedProcess[str]:
    (folder / "couplings.py").write_text(script, "utf-8")
    return subprocess.run(
        [sys.executable, "couplings.py"],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=seconds,
        check=True,
    )


def test_the_sweep_on_a_process_pool_and_on_dask(tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    small = POOL.replace("mesh=60", "mesh=18, divisions=2")
    on_pool = run(tmp_path, small)
    lines = on_pool.stdout.splitlines()
    assert len(lines) == 6
    assert re.fullmatch(r"100 meV: \d+\.\d\d e²/h", lines[0])
    assert "6/6" in on_pool.stderr, "the progress bar"
    # The lines of the page in the place of the pool's.
    start, end = small.index("    with ProcessPool"), small.index("    for coupling, value")
    imports, body = DASK.split('if __name__ == "__main__":\n')
    on_dask = run(tmp_path, imports + small[:start] + body + small[end:])
    assert on_dask.stdout == on_pool.stdout
    assert "6/6" in on_dask.stderr


@pytest.mark.skipif(os.name != "posix", reason="sends the signal of Ctrl-C to a process group")
def test_ctrl_c_ends_the_sweep(tmp_path: Path) -> None:
    slow = POOL.replace("def peak(coupling):\n", "def peak(coupling):\n    mark(coupling)\n")
    slow = "import time\nfrom pathlib import Path\n" + slow.replace(
        "def peak",
        "def mark(coupling):\n    Path(str(coupling)).touch()\n    time.sleep(1)\n\n\ndef peak",
    ).replace("np.linspace(100.0, 200.0, 6)", "np.linspace(100.0, 200.0, 60)")
    (tmp_path / "couplings.py").write_text(slow, "utf-8")
    process = subprocess.Popen(
        [sys.executable, "couplings.py"],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    deadline = time.monotonic() + 60
    while len(list(tmp_path.iterdir())) < 2:
        assert time.monotonic() < deadline, "no job has started within a minute"
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode != 0
    assert "KeyboardInterrupt" in errors
    assert len(list(tmp_path.iterdir())) < 20, "most of the sixty never start"
