"""Arrays in one file, together with what they belong to, checked when they are read.

A file is an ``.npz`` without pickled objects. Its header says in JSON what was computed, from
which parameters and by which version, and holds a hash of all of it: a damaged file is refused.
The hash finds accidents; it is no signature.
"""

from __future__ import annotations

import hashlib
import json
import os
import zipfile
from collections.abc import Callable, Mapping
from importlib.metadata import version
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.typing import NDArray

FORMAT = 1
"""Raised whenever the meaning of a file changes; other formats are refused."""

Arrays = dict[str, NDArray[Any]]

_HEADER = "header"


class ArchiveError(ValueError):
    """A file is damaged, or is not what it was taken for."""


def write(
    path: str | os.PathLike[str], kind: str, parameters: Mapping[str, Any], arrays: Arrays
) -> None:
    """Write arrays with the parameters that they belong to, whole or not at all.

    Parameters
    ----------
    path : path
        The file; one that exists is replaced.
    kind : str
        What the arrays are, e.g. ``"layer"``.
    parameters : mapping
        Numbers, text, and lists of these.
    arrays : dict
        Named arrays of numbers.

    Raises
    ------
    OSError
        If the file cannot be written.
    TypeError, ValueError
        If the parameters are no JSON, or an array holds Python objects.
    """
    said = {
        "format": FORMAT,
        "kind": kind,
        "version": version("moirelib"),
        "parameters": dict(parameters),
    }
    text = json.dumps(said | {"sha256": _digest(said, arrays)}, allow_nan=False)
    contents: dict[str, Any] = {_HEADER: np.array(text)} | arrays
    for name, array in arrays.items():
        if array.dtype.hasobject:
            raise ValueError(f"{name} must hold numbers, got dtype {array.dtype}")
    write_whole(Path(path), lambda file: np.savez(file, **contents))


def read(path: str | os.PathLike[str], kind: str) -> tuple[dict[str, Any], Arrays]:
    """Return the parameters and the arrays of a file that :func:`write` has written.

    Raises
    ------
    FileNotFoundError
        If there is no such file.
    ArchiveError
        If the file is damaged or changed, of another kind, or of another format.
    """
    try:
        with Path(path).open("rb") as file, np.load(file, allow_pickle=False) as entries:
            arrays = dict(entries)
        header = json.loads(str(arrays.pop(_HEADER)))
        found, digest = header["format"], header.pop("sha256")
    except (ValueError, TypeError, KeyError, AttributeError, EOFError, zipfile.BadZipFile) as error:
        raise ArchiveError(f"{path} is damaged, or no file of moirelib: {error}") from error
    if found != FORMAT:
        raise ArchiveError(f"{path} has format {found!r}; this version reads format {FORMAT}")
    if digest != _digest(header, arrays):
        raise ArchiveError(f"{path} is damaged or was changed: its contents do not match its hash")
    if header["kind"] != kind:
        raise ArchiveError(f"{path} holds a {header['kind']}, not a {kind}")
    return header["parameters"], arrays


def write_whole(path: Path, write_to: Callable[[BinaryIO], object]) -> None:
    """Write a file whole or not at all, whoever else writes it and whatever goes wrong."""
    aside = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with aside.open("wb") as file:
            write_to(file)
        os.replace(aside, path)
    finally:
        aside.unlink(missing_ok=True)


def _digest(header: Mapping[str, Any], arrays: Arrays) -> str:
    """Hash of a header and of names, types, shapes and bytes of the arrays."""
    total = hashlib.sha256(json.dumps(header, sort_keys=True).encode())
    for name, array in sorted(arrays.items()):
        total.update(f"{name} {array.dtype.str} {array.shape}".encode() + b"\0")
        total.update(np.ascontiguousarray(array).data)
    return total.hexdigest()
