"""Results of a sweep on disk, one file each, for the sweep to be taken up where it was broken off.

A result belongs to its parameters, to the source of the function, and to the state of the library
and of what it computes with. Results of another state are computed again.
"""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from moirelib import _validate, archive, cache

_KIND = "result of a sweep"


class Results:
    """The results of one function in a folder, which is made if it is missing."""

    def __init__(self, folder: Path, function: Callable[..., object]) -> None:
        self._folder = folder
        try:
            source = inspect.getsource(function)
        except (OSError, TypeError):
            source = ""
        name = getattr(function, "__qualname__", type(function).__qualname__)
        told = f"{name}\n{source}\n{cache.code_key()}"
        self._state = hashlib.sha256(told.encode()).hexdigest()
        folder.mkdir(parents=True, exist_ok=True)

    def read(self, parameters: object) -> tuple[bool, Any]:
        """Return whether a result is there, and the result; a damaged file is as good as none."""
        path, said = self._entry(parameters)
        try:
            found, arrays = archive.read(path, _KIND)
        except (OSError, archive.ArchiveError):
            return False, None
        if found != said:
            return False, None
        values = {name: one.item() if one.ndim == 0 else one for name, one in arrays.items()}
        return True, values.get("", values)

    def write(self, parameters: object, outcome: object) -> None:
        """Keep a result, whole or not at all."""
        path, said = self._entry(parameters)
        named = outcome if isinstance(outcome, dict) else {"": outcome}
        arrays = {name: np.asarray(one) for name, one in named.items()}
        if not arrays or any(one.dtype.kind not in "biufc" for one in arrays.values()):
            raise TypeError(
                "a result that is kept must be a number, an array of numbers, or a dictionary of "
                f"such, got {_validate.shown(outcome)}"
            )
        archive.write(path, _KIND, said, arrays)

    def _entry(self, parameters: object) -> tuple[Path, dict[str, str]]:
        if cache.is_foreign(parameters):
            raise TypeError(
                "parameters of results that are kept must be numbers, text, lists or tuples of "
                f"these, or dataclasses of moirelib, got {_validate.shown(parameters)}"
            )
        said = {"parameters": repr(parameters), "state": self._state}
        key = hashlib.sha256(f"{self._state} {said['parameters']}".encode()).hexdigest()
        return self._folder / f"{key[:32]}.npz", said
