"""A build sees its checkout and its interpreter, and nothing of the user's settings.

Only the standard library is imported here: this runs before the environment is clean.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from building.checkout import Checkout

# What it takes to start a program, and where temporary files may go.
KEPT = ("PATH", "LD_LIBRARY_PATH", "TMPDIR")

# Set by `enter` to the number of the process, which stays the same: no setting can imitate it.
MARK = "MOIRELIB_BUILD"


def clean(run: Path) -> dict[str, str]:
    """Return the environment of everything that a build starts; ``run`` is its scratch folder."""
    home = run / "home"
    return {name: os.environ[name] for name in KEPT if name in os.environ} | {
        "HOME": str(home),
        "IPYTHONDIR": str(home / "ipython"),
        "JUPYTER_CONFIG_DIR": str(home / "jupyter-config"),
        "JUPYTER_DATA_DIR": str(home / "jupyter-data"),
        "JUPYTER_RUNTIME_DIR": str(home / "jupyter-runtime"),
        "JUPYTER_PREFER_ENV_PATH": "1",  # the kernel of this interpreter before any other
        "LC_ALL": "C.UTF-8",
        "MPLCONFIGDIR": str(home / "matplotlib"),
        "PYTHONHASHSEED": "0",
        "PYTHONNOUSERSITE": "1",
        "TZ": "UTC",
        # Two chapters run at once; threads inside each would only compete.
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "MKL_NUM_THREADS": "1",
    }


def for_chapters(checkout: Checkout) -> dict[str, str]:
    """Return the environment of chapters and ledger: the clean one, and where they meet.

    The date in it never changes.
    """
    return clean(checkout.run) | {
        "SOURCE_DATE_EPOCH": "0",
        "MOIRELIB_CACHE": str(checkout.arrays),
        "MOIRELIB_LEDGER": str(checkout.ledger),
    }


def enter(run: Path) -> None:
    """Start this program again in a clean environment, unless it is in one."""
    process = str(os.getpid())
    if os.environ.get(MARK) != process:
        # Without the interpreter's own options: a -W or -X belongs to the user's settings too.
        os.execve(sys.executable, [sys.executable, *sys.argv], clean(run) | {MARK: process})


def require_library_of(root: Path) -> None:
    """End the program unless the chapters would import the library of this checkout.

    A copied or moved checkout brings an environment along that still points to the original.
    """
    spec = find_spec("moirelib")
    advice = f"Run `make book` in {root}: it installs an environment for this folder."
    if spec is None or spec.origin is None:
        sys.exit(f"{sys.executable} has no moirelib. {advice}")
    found = Path(spec.origin).resolve().parent
    if found != (root / "moirelib").resolve():
        sys.exit(f"{sys.executable} runs the library of another checkout, {found}. {advice}")


@contextmanager
def only_one_build(build: Path) -> Iterator[None]:
    """Let a second build of the same checkout wait for the first, and say so."""
    build.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(build / "lock-file", os.O_RDWR | os.O_CREAT, 0o644)
    with os.fdopen(descriptor, "r+", encoding="utf-8") as handle:
        try:
            # A record lock belongs to one process: no child can inherit it and hold it on.
            fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            holder = handle.read() or "just started"
            print(f"Another build is running ({holder}): waiting for it to end.", flush=True)
            fcntl.lockf(handle, fcntl.LOCK_EX)
        handle.seek(0)
        handle.truncate()
        handle.write(f"process {os.getpid()}, since {datetime.now(UTC):%H:%M:%S} UTC")
        handle.flush()
        yield


@contextmanager
def scratch(run: Path) -> Iterator[None]:
    """Provide the scratch folder, empty; a killed build may have left one."""
    shutil.rmtree(run, ignore_errors=True)
    (run / "home").mkdir(parents=True)
    try:
        yield
    finally:
        shutil.rmtree(run, ignore_errors=True)
