"""Solved layers on disk, for processes that would otherwise solve the same ones again.

Nothing is kept unless a folder is named: by :func:`use`, or for a whole build by the environment
variable ``MOIRELIB_CACHE``. An entry belongs to one state of the library's source and to the
versions of what it computes with; entries of another state are deleted, not read.
"""

from __future__ import annotations

import hashlib
import os
import platform
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import is_dataclass
from functools import cache
from importlib.metadata import version
from pathlib import Path

from moirelib import archive
from moirelib.archive import Arrays

VARIABLE = "MOIRELIB_CACHE"

# What a build has named holds wherever nothing else is said.
_BY_BUILD = os.environ.get(VARIABLE) or ""

_named: ContextVar[str] = ContextVar("_named", default=_BY_BUILD)


def use(folder: str | os.PathLike[str] | None) -> None:
    """Keep solved layers in a folder from now on; with None, in none."""
    _named.set("" if folder is None else os.fspath(folder))


@contextmanager
def off() -> Iterator[None]:
    """Neither read nor write within this block: for measuring times."""
    token = _named.set("")
    try:
        yield
    finally:
        _named.reset(token)


@cache
def code_key() -> str:
    """Return a hash of the library's source and of what else decides the numbers."""
    top = Path(__file__).parent
    total = hashlib.sha256(f"{platform.python_version()} {platform.machine()}".encode())
    for package in ("numpy", "scipy", "sympy"):
        total.update(f" {package} {version(package)}".encode())
    for path in sorted(top.rglob("*.py")):
        total.update(path.relative_to(top).as_posix().encode() + b"\0")
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def kept(parameters: tuple[object, ...], compute: Callable[[], Arrays]) -> Arrays:
    """Return ``compute()``, from the folder in use if it is there already.

    Parameters
    ----------
    parameters : tuple
        What decides the result, besides the library: numbers, text, lists of these, and the
        library's own dataclasses of such. Of anything else the ``repr`` may not say all: then
        nothing is kept.
    compute : callable
        Returns named arrays.
    """
    folder = _folder()
    if folder is None or any(map(is_foreign, parameters)):
        return compute()
    said = {"repr": repr(parameters)}
    path = folder / f"{hashlib.sha256(said['repr'].encode()).hexdigest()}.npz"
    known = _read(path, said)
    if known is None:
        known = compute()
        _write(path, said, known)
    return known


def is_foreign(parameter: object) -> bool:
    """Return whether the ``repr`` of a parameter may say less than the parameter is."""
    if isinstance(parameter, list | tuple):
        return any(map(is_foreign, parameter))
    if is_dataclass(parameter):
        # Compared by identity: it holds what has no value of its own.
        by_identity = type(parameter).__eq__ is object.__eq__
        shortened = hasattr(parameter, "_repr_leaves_out")
        return by_identity or shortened or not type(parameter).__module__.startswith("moirelib.")
    return not isinstance(parameter, int | float | complex | str | type(None))


def _folder() -> Path | None:
    """The folder of this state of the code, within the one in use."""
    named = _named.get()
    return Path(named) / f"moirelib-{code_key()[:16]}" if named else None


def _read(path: Path, parameters: dict[str, str]) -> Arrays | None:
    """What a file holds; a file that is missing or damaged is as good as none."""
    try:
        found, arrays = archive.read(path, "cached result")
    except (OSError, archive.ArchiveError):
        return None
    return arrays if found == parameters else None


def _write(path: Path, parameters: dict[str, str], arrays: Arrays) -> None:
    """Keep an entry; a full disk costs time later, and nothing else."""
    try:
        if not path.parent.exists():
            path.parent.mkdir(parents=True)
            for other in path.parent.parent.glob("moirelib-*"):
                if other != path.parent:
                    shutil.rmtree(other, ignore_errors=True)
        archive.write(path, "cached result", parameters, arrays)
    except OSError:
        return
