"""Execute the chapters and build the book into ``_build/html``.

Every chapter runs once for each state of its code cells, of ``moirelib`` and of the lock; the
outputs are kept in a cache that is dropped as soon as the library or the lock changes. The pages
are then always written from nothing, with warnings as errors: an incremental build would hide the
warnings of the one before. With no input changed since the last success, nothing is done.
"""

from __future__ import annotations

import argparse
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn
from myst_nb.core.read import is_myst_markdown_notebook, read_myst_markdown_notebook
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

ROOT = Path(__file__).resolve().parent.parent
BUILD = ROOT / "_build"
HTML = BUILD / "html"
CACHE = BUILD / ".jupyter_cache"
CACHE_KEY = CACHE / "moirelib-key"
LEDGER = BUILD / "ledger.json"
STAMP = BUILD / "built-from"

# The memory of two kernels and the two cores of a small machine; more threads inside a chapter
# would only compete.
PROCESSES = 2
THREADS = {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
CELL_TIMEOUT = 600

LIBRARY = ("moirelib", "requirements.txt")
INPUTS = (*LIBRARY, "book", "_config.yml", "_toc.yml", "pyproject.toml")


@dataclass(frozen=True)
class Execution:
    """What became of one chapter."""

    chapter: Path
    seconds: float
    notebook: Any = None
    error: str = ""


def digest(names: Iterable[str]) -> str:
    """Hash the content of files and folders, and the version of Python that reads them."""
    total = hashlib.sha256(sys.version.encode())
    for name in names:
        top = ROOT / name
        for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
            if path.is_file() and "__pycache__" not in path.parts:
                total.update(path.relative_to(ROOT).as_posix().encode() + b"\0")
                total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def chapters() -> list[Path]:
    """Return the pages of the table of contents that hold code."""

    def names(entry: Any) -> Iterator[str]:
        if isinstance(entry, list):
            for item in entry:
                yield from names(item)
        elif isinstance(entry, dict):
            for key, value in entry.items():
                if key in ("root", "file"):
                    yield value
                else:
                    yield from names(value)

    toc = yaml.safe_load((ROOT / "_toc.yml").read_text(encoding="utf-8"))
    pages = [ROOT / f"{name}.md" for name in names(toc)]
    return [p for p in pages if is_myst_markdown_notebook(p.read_text(encoding="utf-8"))]


def read(chapter: Path) -> Any:
    """Read a chapter exactly as MyST-NB will, so that its cache key is the same."""
    text = chapter.read_text(encoding="utf-8")
    return read_myst_markdown_notebook(text, add_source_map=True, path=chapter)


def execute(chapter: Path) -> Execution:
    """Run one chapter in its own folder and kernel."""
    notebook = read(chapter)
    client = NotebookClient(
        notebook,
        timeout=CELL_TIMEOUT,
        kernel_name="python3",
        resources={"metadata": {"path": str(chapter.parent)}},
        # The page has no kernel: the state of its widgets would be dead weight.
        store_widget_state=False,
        # Times in the metadata would change the key under which MyST-NB looks for the outputs.
        record_timing=False,
        extra_arguments=["--log-level=ERROR"],
    )
    start = time.perf_counter()
    try:
        client.execute()
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as error:
        return Execution(chapter, time.perf_counter() - start, error=str(error))
    return Execution(chapter, time.perf_counter() - start, notebook)


def run_ledger() -> None:
    """Run every claim once and name the store to the chapters; one of this code is kept."""
    print("The ledger:", flush=True)
    # Layers that claims and chapters share are solved once.
    os.environ["MOIRELIB_CACHE"] = str(BUILD / "arrays")
    command = [sys.executable, "-m", "moirelib", "verify", "--quiet", "--store", str(LEDGER)]
    if subprocess.run(command, cwd=ROOT, check=False).returncode:
        sys.exit("The book was not built: a claim does not stand, see above.")
    os.environ["MOIRELIB_LEDGER"] = str(LEDGER)


def execute_all() -> list[Execution]:
    """Execute every chapter that the cache does not know; return those that ran."""
    if not CACHE_KEY.exists() or CACHE_KEY.read_text() != digest(LIBRARY):
        shutil.rmtree(CACHE, ignore_errors=True)
    CACHE.mkdir(parents=True, exist_ok=True)
    cache = get_cache(CACHE)
    CACHE_KEY.write_text(digest(LIBRARY))

    def is_known(chapter: Path) -> bool:
        try:
            cache.match_cache_notebook(read(chapter))
        except KeyError:
            return False
        return True

    done = []
    todo = [c for c in chapters() if not is_known(c)]
    if todo:
        run_ledger()
        print(f"Executing {len(todo)} of {len(chapters())} chapters", flush=True)
    with ProcessPoolExecutor(max_workers=PROCESSES) as pool:
        for future in as_completed([pool.submit(execute, chapter) for chapter in todo]):
            result = future.result()
            done.append(result)
            state = "FAILED after" if result.error else "ran in"
            print(f"  {title(result.chapter)} {state} {result.seconds:.1f} s", flush=True)
            if not result.error:
                cache.cache_notebook_bundle(
                    CacheBundleIn(
                        result.notebook,
                        str(result.chapter),
                        data={"execution_seconds": result.seconds},
                    ),
                    check_validity=False,
                    overwrite=True,
                )
    return done


def write_pages() -> None:
    """Write every page from nothing; a warning or a dangling reference is an error."""
    shutil.rmtree(HTML, ignore_errors=True)
    command = ["jupyter-book", "build", ".", "--all", "-W", "--keep-going", "-n", "-q"]
    command[0] = str(Path(sys.executable).with_name(command[0]))
    if subprocess.run(command, cwd=ROOT, check=False).returncode:
        sys.exit("The book was not built: see the warnings above.")


def title(chapter: Path) -> str:
    """Name a chapter in messages."""
    return chapter.relative_to(ROOT / "book").with_suffix("").as_posix()


def report_times() -> None:
    """Print how long each chapter took when it last ran."""
    cache = get_cache(CACHE)
    seconds = {
        title(c): cache.match_cache_notebook(read(c)).data["execution_seconds"] for c in chapters()
    }
    width = max(map(len, seconds), default=0)
    print("Execution time of each chapter:")
    for name, value in seconds.items():
        print(f"  {name:<{width}} {value:6.1f} s")
    print(f"  {'total':<{width}} {sum(seconds.values()):6.1f} s")


@contextmanager
def only_one_build() -> Iterator[None]:
    """Let a second build of the same checkout wait for the first."""
    BUILD.mkdir(exist_ok=True)
    with (BUILD / "lock-file").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def build(force: bool) -> None:
    """Build the book unless it is up to date."""
    inputs = digest(INPUTS)
    index = HTML / "index.html"
    if not force and index.exists() and STAMP.exists() and STAMP.read_text() == inputs:
        print(f"Nothing changed: the book is at {index}")
        return
    STAMP.unlink(missing_ok=True)
    failed = [e for e in execute_all() if e.error]
    for execution in failed:
        print(f"\n{title(execution.chapter)} raised:\n{execution.error}", file=sys.stderr)
    if failed:
        sys.exit(f"{len(failed)} chapter(s) failed: {', '.join(title(e.chapter) for e in failed)}")
    write_pages()
    STAMP.write_text(inputs)
    report_times()
    print(f"The book is at {index}")


def main() -> None:
    """Run the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--force", action="store_true", help="write the pages even if up to date")
    os.environ.update(THREADS)
    with only_one_build():
        build(parser.parse_args().force)


if __name__ == "__main__":
    main()
