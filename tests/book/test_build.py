"""What the real build command does with a book of two chapters when something is wrong."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from building.checkout import Checkout
from building.environment import only_one_build
from toy import FIGURE, ROOT, Toy, cell

GOOD = (
    FIGURE
    + r"""
\begin{equation}
a = b
\end{equation}

"""
    + cell(
        """import sys, time
print(3, end=" ", flush=True)
time.sleep(0.3)
print("atoms")
print(time.tzname, sys.flags.hash_randomization, sys.warnoptions)"""
    )
)
PUBLISHED = cell(
    """import matplotlib.pyplot as plt
import numpy as np
from moirelib.figures import publish

def compute():
    return {"z": np.exp(1j * np.arange(3)), "n": np.arange(2)}

def draw(data):
    figure, axes = plt.subplots(figsize=(2, 2))
    axes.plot(data["z"].real)
    return figure

data = publish("toy", "this book", compute, draw)"""
)


def files(folder: Path) -> dict[str, bytes]:
    return {
        p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()
    }


def hostile(home: Path) -> dict[str, str]:
    """Make a home folder full of settings, and return the variables that go with it."""
    dark = "figure.facecolor: black\naxes.facecolor: black\n"
    spec = '{"argv": ["false"], "display_name": "Python 3", "language": "python"}'
    for name, content in {
        ".config/matplotlib/matplotlibrc": dark,
        ".ipython/profile_default/startup/00.py": "print('startup')",
        ".ipython/profile_default/ipython_config.py": "c.InlineBackend.figure_formats = {'svg'}",
        ".local/share/jupyter/kernels/python3/kernel.json": spec,
        "startup.py": "print('startup')",
        "rc": dark,
        "user-site/sitecustomize.py": "print('sitecustomize')",
    }.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(content)
    return os.environ | {
        "HOME": str(home),
        "MPLBACKEND": "Agg",
        "MATPLOTLIBRC": str(home / "rc"),
        "PYTHONSTARTUP": str(home / "startup.py"),
        "PYTHONPATH": str(home / "user-site"),
        "PYTHONWARNINGS": "ignore",
        "PYTHONHASHSEED": "7",
        "JUPYTER_PATH": str(home / ".local/share/jupyter"),
        "IPYTHONDIR": str(home / ".ipython"),
        "NO_COLOR": "1",
        "FORCE_COLOR": "1",
        "COLUMNS": "20",
        "TZ": "Pacific/Auckland",
        "LC_ALL": "C",
    }


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> Toy:
    """Return a finished book, not to be changed."""
    toy = Toy.at(tmp_path_factory.mktemp("built") / "checkout", GOOD, PUBLISHED)
    toy.build()
    return toy


@pytest.fixture
def copy(built: Toy, tmp_path: Path) -> Toy:
    """Return a finished book of one's own."""
    return Toy(Path(shutil.copytree(built.root, tmp_path / "copy", symlinks=True)))


def test_settings_of_the_user_and_the_place_change_no_byte(built: Toy, tmp_path: Path) -> None:
    other = Toy.at(tmp_path / "a" / "longer path", GOOD, PUBLISHED)
    variables = hostile(tmp_path / "home")
    for folder in (other.root, other.root / "book"):
        shutil.copy(tmp_path / "home" / "rc", folder / "matplotlibrc")
        (folder / "ipython_config.py").write_text("c.InlineBackend.figure_formats = {'svg'}")
        for path in folder.iterdir():
            os.utime(path, (1.7e9, 1.7e9))
    other.build(env=variables, cwd=other.root)
    first, second = (files(toy.root / "_build" / "html") for toy in (built, other))
    assert set(first) == set(second)
    assert [name for name in first if first[name] != second[name]] == []
    assert 'src="../_images/' in other.page("one")
    assert "('UTC', 'UTC')" in other.outputs("one")
    # In Auckland the next day had begun.
    assert "Nov 14, 2023" in other.page("one")


def test_a_stream_in_two_pieces_is_one_line(built: Toy) -> None:
    assert "3 atoms\n" in built.outputs("one")


def test_an_equation_without_label_is_named_after_its_page(built: Toy) -> None:
    assert 'id="equation-book-one-0"' in built.page("one")


def test_times_of_figures_stand_beside_the_pages(built: Toy) -> None:
    times = (built.root / "_build" / "times.json").read_text()
    assert '"figure": "toy"' in times
    assert '"chapter": "two"' in times


def test_a_figure_as_text_and_a_line_on_stderr_fail(tmp_path: Path) -> None:
    bare = cell("import matplotlib.pyplot as plt\nplt.switch_backend('agg')\nplt.figure()")
    noisy = cell("x = 1") + cell("import sys\nprint('beware', file=sys.stderr)")
    toy = Toy.at(tmp_path / "toy", bare, noisy)
    printed = toy.build(fails=True)
    assert "one:\ncode cell 1 (line 14) shows a figure as text" in printed
    assert "two:\ncode cell 2 (line 17) wrote to stderr: beware" in printed
    assert "2 chapter(s) failed: one, two" in printed
    # Nothing of it is kept, so that it fails the next time too.
    assert list(toy.root.glob("_build/executed/*")) == []
    assert not (toy.root / "_build" / "html").exists()


SLEEPER = """import os, subprocess, time
child = subprocess.Popen(["sleep", "300"])
with open({path!r}, "w") as file:
    file.write(f"{{os.getpid()}} {{child.pid}}")
time.sleep(300)"""


def is_running(process: int) -> bool:
    try:
        state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"


def wait_until(done: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not done():
        assert time.monotonic() < end
        time.sleep(0.05)


def started(toy: Toy, pids: Path, awaited: str) -> tuple[subprocess.Popen[str], int, int]:
    """Start a build; when it has printed a line, return it, the kernel of ``one`` and its child."""
    pids.unlink(missing_ok=True)
    process = toy.start()
    assert process.stdout is not None
    for line in process.stdout:
        if awaited in line:
            break
    wait_until(lambda: pids.exists() and len(pids.read_text().split()) == 2, 60)
    kernel, child = map(int, pids.read_text().split())
    return process, kernel, child


def test_a_build_that_is_stopped_ends_everything_and_one_that_is_killed_blocks_no_other(
    tmp_path: Path,
) -> None:
    pids = tmp_path / "pids"
    toy = Toy.at(tmp_path / "toy", cell(SLEEPER.format(path=str(pids))))
    # What was done when the first was stopped is not done again.
    for number, awaited in (
        (signal.SIGINT, "two ran in"),
        (signal.SIGTERM, "Executing 1 of 2 chapters"),
    ):
        process, kernel, child = started(toy, pids, awaited)
        start = time.monotonic()
        process.send_signal(number)
        printed, _ = process.communicate(timeout=30)
        assert time.monotonic() - start < 10
        assert process.returncode == 128 + number
        assert "The chapters that were done are kept" in printed
        assert not is_running(kernel)
        assert not is_running(child)
        assert [p.name[:4] for p in (toy.root / "_build" / "executed").iterdir()] == ["two-"]

    process, kernel, child = started(toy, pids, "Executing 1 of 2 chapters")
    process.kill()
    # Nobody is left to end what the kernel started; the kernel sees that its parent is gone.
    wait_until(lambda: not is_running(kernel), 20)
    toy.write("one", cell("print(1)"))
    printed = toy.build()
    assert is_running(child)
    os.kill(child, signal.SIGKILL)
    process.communicate(timeout=30)
    assert "Another build" not in printed
    assert "Executing 1 of 2 chapters" in printed


def test_a_build_that_waits_says_for_whom(built: Toy) -> None:
    with only_one_build(built.root / "_build"):
        process = built.start()
        assert process.stdout is not None
        line = process.stdout.readline()
        assert f"Another build is running (process {os.getpid()}, since " in line
        assert process.poll() is None
    printed, _ = process.communicate(timeout=60)
    assert "Nothing changed" in printed


def test_damaged_outputs_are_made_again(copy: Toy) -> None:
    build = copy.root / "_build"
    (stored,) = build.glob("executed/one-*.json")
    stored.write_bytes(stored.read_bytes()[:-40])
    (build / ".jupyter_cache" / "global.db").write_bytes(b"no database")
    shutil.rmtree(build / ".jupyter_cache" / "executed")
    before = files(build / "html")
    assert "Executing 1 of 2 chapters" in copy.build("--force")
    assert files(build / "html") == before


def test_pages_depend_on_what_sees_planted_mistakes_and_chapters_do_not(tmp_path: Path) -> None:
    record = tmp_path / "tests" / "mutations" / "record.json"
    record.parent.mkdir(parents=True)
    keys = []
    for text in ("unseen", "seen"):
        record.write_text(text)
        os.utime(record, (0, 0))  # the date of the book is that of its newest file
        checkout = Checkout(tmp_path)
        keys.append((checkout.inputs_key, checkout.library_key))
    (pages, chapters), (new_pages, new_chapters) = keys
    assert pages != new_pages
    assert chapters == new_chapters


def test_the_old_book_survives_a_build_that_fails(copy: Toy) -> None:
    before = files(copy.root / "_build" / "html")
    copy.write("two", PUBLISHED + "\n[nowhere](missing.md)\n")
    assert "missing.md" in copy.build(fails=True)
    assert files(copy.root / "_build" / "html") == before


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no device that is always full")
def test_a_full_disk_is_named_and_the_old_book_survives(copy: Toy) -> None:
    build = copy.root / "_build"
    before = files(build / "html")
    (build / "times.part").symlink_to("/dev/full")
    printed = copy.build("--force", fails=True)
    assert printed.splitlines()[-1].startswith("No space is left on the disk of ")
    assert "Traceback" not in printed
    assert files(build / "html") == before


def test_a_swap_that_was_cut_short_is_undone(copy: Toy) -> None:
    html = copy.root / "_build" / "html"
    html.rename(html.with_suffix(".old"))
    assert "Nothing changed" in copy.build()
    assert (html / "index.html").exists()


def test_a_copied_command_refuses_the_library_of_the_original(tmp_path: Path) -> None:
    shutil.copytree(ROOT / "book" / "building", tmp_path / "book" / "building")
    shutil.copy(ROOT / "book" / "build.py", tmp_path / "book")
    (tmp_path / "moirelib").mkdir()
    command = [sys.executable, "book/build.py"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert f"the library of another checkout, {ROOT / 'moirelib'}" in done.stderr
    assert f"`make book` in {tmp_path}" in done.stderr
