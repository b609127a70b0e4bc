"""Where things are in a checkout, and what the book is made of.

Only the standard library, so that a build with nothing to do ends at once.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

HERE = Path(__file__).parent

# What the outputs of a chapter depend on besides its cells, and what the pages depend on: they name
# the tests of each equation, and what sees a planted mistake.
LIBRARY = ("moirelib", "requirements.txt")
INPUTS = (*LIBRARY, "book", "tests", "_config.yml", "_toc.yml", "pyproject.toml")
RUNNERS = tuple(HERE / name for name in ("environment.py", "execution.py", "store.py"))


@dataclass(frozen=True)
class Checkout:
    """A folder with ``_config.yml``, ``_toc.yml`` and chapters; all that is made is below _build.

    The folder is a parameter, so that a book of two chapters can be built in a test.
    """

    root: Path
    solutions: bool = True
    """Whether the pages show the solutions of exercises; those without go to a folder beside."""

    @property
    def build(self) -> Path:
        """Where everything goes that is made."""
        return self.root / "_build"

    @property
    def html(self) -> Path:
        """The finished pages."""
        return self.build / f"html{self._variant}"

    @property
    def fresh(self) -> Path:
        """Where pages are written, until they are whole."""
        return self.html.with_suffix(".new")

    @property
    def run(self) -> Path:
        """Scratch of one build: its home folder, and the folders in which chapters run."""
        return self.build / "run"

    @property
    def stamp(self) -> Path:
        """Names the inputs of the finished pages."""
        return self.build / f"built-from{self._variant}"

    @property
    def _variant(self) -> str:
        return "" if self.solutions else "-no-solutions"

    @property
    def times(self) -> Path:
        """How long chapters and figures took, for the one page that says so."""
        return self.build / "times.json"

    @property
    def ledger(self) -> Path:
        """What the checks of the ledger measured, for the cards and pages that show it."""
        return self.build / "ledger.json"

    @property
    def arrays(self) -> Path:
        """Solved layers that claims and chapters share."""
        return self.build / "arrays"

    @cached_property
    def library_key(self) -> str:
        """Hash of what every chapter depends on."""
        return digest(self.root, (*map(self.root.joinpath, LIBRARY), *RUNNERS))

    @cached_property
    def inputs_key(self) -> str:
        """Hash of everything that the pages depend on."""
        return digest(self.root, (*map(self.root.joinpath, INPUTS), *RUNNERS), self.date)

    @cached_property
    def date(self) -> str:
        """Seconds since 1970 at the last change of the book: its commit, or the newest file.

        A date of the build would make two builds of one commit different.
        """
        git = ["git", "log", "-1", "--format=%ct", "--", *INPUTS]
        try:
            found = subprocess.run(git, cwd=self.root, capture_output=True, text=True, check=False)
            if found.returncode == 0 and found.stdout.strip():
                return found.stdout.strip()
        except FileNotFoundError:
            pass
        tops = [self.root / name for name in INPUTS]
        return str(int(max(p.stat().st_mtime for p in _all_files(tops))))

    def swap(self) -> None:
        """Put the fresh pages in the place of the old ones."""
        old = self.html.with_suffix(".old")
        shutil.rmtree(old, ignore_errors=True)
        if self.html.exists():
            self.html.rename(old)
        self.fresh.rename(self.html)
        shutil.rmtree(old, ignore_errors=True)

    def undo_half_a_swap(self) -> None:
        """Bring back the old pages if a build was killed between the two renames."""
        old = self.html.with_suffix(".old")
        if old.exists() and not self.html.exists():
            old.rename(self.html)


def digest(root: Path, tops: Iterable[Path], *more: str) -> str:
    """Hash the content of files and folders, and the version of Python that reads them."""
    total = hashlib.sha256("\0".join((sys.version, *more)).encode())
    for path in _all_files(tops):
        total.update(os.path.relpath(path, root if path.is_relative_to(root) else HERE).encode())
        total.update(b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def _all_files(tops: Iterable[Path]) -> Iterator[Path]:
    for top in tops:
        for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
            if path.is_file() and "__pycache__" not in path.parts:
                yield path
