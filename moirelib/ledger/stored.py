"""Heavy sweeps that a page reads from a file, each point of which can be computed again.

A sweep is a function of one tuple of numbers and a list of such tuples. ``make sweeps`` runs it;
its values are stored with its parameters, the version and a fingerprint of the code, and read by
pages. A test computes some of its points anew, and more of them if the code has changed since.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any

import numpy as np

from moirelib import archive
from moirelib._repr import short_repr
from moirelib._types import Floats
from moirelib.ledger.fingerprint import combined, fingerprints
from moirelib.sweep import sweep

Point = tuple[float, ...]

_KIND = "sweep"

# What two evaluations may differ by, of the largest number of a point: rounding.
_SAME = 1e-9


@short_repr
@dataclass(frozen=True)
class StoredSweep:
    """A function over many points, with its values in a file.

    Parameters
    ----------
    name : str
        What is computed.
    function : callable
        Of one point; returns an array, of one shape for all points. Importable, for a process pool.
    columns : tuple of str
        What the numbers of a point are, in order.
    points : tuple of tuple of float
        The points.
    sources : tuple of str
        The modules that the values follow from, without ``moirelib.``: a fingerprint of their
        functions is stored.
    path : Path
        Where the values are.
    cheap : callable, optional
        Of one point: whether a test has the time to compute it again.
    part : callable, optional
        Of one point and a random number generator: an index into its value, and what is there,
        computed now. For values that no test has the time to compute as a whole.
    """

    name: str
    function: Callable[[Point], Floats]
    columns: tuple[str, ...]
    points: tuple[Point, ...]
    sources: tuple[str, ...]
    path: Path
    cheap: Callable[[Point], bool] = lambda _: True
    part: Callable[[Point, Random], tuple[Any, Floats]] | None = None

    def compute(
        self,
        executor: Executor | None = None,
        progress: bool = False,
        folder: str | os.PathLike[str] | None = None,
    ) -> int:
        """Compute what the file has not from the same code, and write it, whole or not at all.

        Parameters
        ----------
        executor : concurrent.futures.Executor, optional
            Where to run.
        progress : bool
            Whether to show a progress bar.
        folder : path, optional
            Where each new value is kept until all are there: what was broken off goes on.

        Returns
        -------
        int
            How many points were computed.
        """
        # Of the code before it runs: an edit meanwhile is another state.
        code = self.code
        stored = self._stored() if self.current else {}
        new = [point for point in self.points if _key(point) not in stored]
        if not new:
            return 0
        found = sweep(self.function, new, executor, progress, folder)
        # What was kept by a sample stays said.
        said = archive.read(self.path, _KIND)[0] if stored else {}
        more = {name: said[name] for name in ("computed_by", "checked") if name in said}
        self._write(stored | dict(zip(map(_key, new), found, strict=True)), code, **more)
        return len(new)

    def renew(self, count: int, seed: int = 0) -> bool:
        """Keep the values under the fingerprint of the code as it is, if a sample stands up to it.

        For code that was changed and computes the same. The file says how many points were
        computed again, and which code had computed all of them.

        Returns
        -------
        bool
            Whether the file is now of this code.
        """
        if self.current or not self.path.exists():
            return self.current
        said, code = archive.read(self.path, _KIND)[0], self.code
        for _, kept, found in self.sample(count, seed):
            if np.abs(found - kept).max() > _SAME * np.abs(kept).max():
                return False
        self._write(self._stored(), code, computed_by=said["code"], checked=count)
        return True

    def _write(self, values: Mapping[Point, Floats], code: str, **more: str | int) -> None:
        archive.write(
            self.path,
            _KIND,
            {"name": self.name, "columns": list(self.columns), "code": code} | more,
            {
                "points": np.array(self.points, dtype=np.float64),
                "values": np.array([values[_key(point)] for point in self.points]),
            },
        )

    @property
    def code(self) -> str:
        """The fingerprint of the functions that the values follow from."""
        known = fingerprints()
        return combined((name for name in known if name.startswith(self.sources)), known)

    @property
    def current(self) -> bool:
        """Whether the stored values come from the code as it is."""
        if not self.path.exists():
            return False
        return bool(archive.read(self.path, _KIND)[0]["code"] == self.code)

    def values(self) -> dict[Point, Floats]:
        """Return the stored value of each point.

        Raises
        ------
        moirelib.archive.ArchiveError
            If the file is damaged, of another sweep, or lacks a point.
        """
        stored = self._stored()
        if lacking := [point for point in self.points if _key(point) not in stored]:
            raise archive.ArchiveError(
                f"{self.path} lacks {len(lacking)} of {len(self.points)} points: run the sweep"
            )
        return {point: stored[_key(point)] for point in self.points}

    def sample(self, count: int, seed: int) -> list[tuple[Point, Floats, Floats]]:
        """Return some of the cheap points, each with what is stored and what is computed now."""
        stored, random = self.values(), Random(seed)
        found = []
        for point in random.sample([point for point in self.points if self.cheap(point)], count):
            where, now = self.part(point, random) if self.part else (..., self.function(point))
            found.append((point, stored[point][where], now))
        return found

    def _stored(self) -> dict[Point, Floats]:
        said, arrays = archive.read(self.path, _KIND)
        if (said["name"], tuple(said["columns"])) != (self.name, self.columns):
            raise archive.ArchiveError(f"{self.path} holds {said['name']!r}, not {self.name!r}")
        rows: Sequence[list[float]] = arrays["points"].tolist()
        return {_key(row): value for row, value in zip(rows, arrays["values"], strict=True)}


def _key(point: Sequence[float]) -> Point:
    """Return the point to ten digits: a grid that is rounded otherwise has the same points."""
    return tuple(float(f"{round(number, 12):.10g}") for number in point)
