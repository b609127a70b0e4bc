"""Heavy sweeps that a page reads from a file, each point of which can be computed again.

A sweep is a function of one tuple of numbers and a list of such tuples. It is run by a command,
stored with its parameters, the version and a fingerprint of the code, and read by pages. A test
computes some of its points anew.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from pathlib import Path
from random import Random

import numpy as np

from moirelib import archive
from moirelib._repr import short_repr
from moirelib._types import Floats
from moirelib.ledger.fingerprint import combined, fingerprints
from moirelib.sweep import sweep

Point = tuple[float, ...]

_KIND = "sweep"


@short_repr
@dataclass(frozen=True)
class StoredSweep:
    """A function over many points, with its values in a file.

    Parameters
    ----------
    name : str
        What is computed.
    function : callable
        Of one point; returns an array of one dimension. Importable, for a process pool.
    columns : tuple of str
        What the numbers of a point are, in order.
    points : tuple of tuple of float
        The points.
    sources : tuple of str
        The modules that the values follow from, without ``moirelib.``: a fingerprint of their
        functions is stored.
    path : Path
        Where the values are.
    """

    name: str
    function: Callable[[Point], Floats]
    columns: tuple[str, ...]
    points: tuple[Point, ...]
    sources: tuple[str, ...]
    path: Path

    def compute(
        self, executor: Executor | None = None, progress: bool = False, known: bool = True
    ) -> None:
        """Compute the points and write the file, whole or not at all.

        Parameters
        ----------
        executor : concurrent.futures.Executor, optional
            Where to run.
        progress : bool
            Whether to show a progress bar.
        known : bool
            Keep the values of points that the file has from the same code.
        """
        stored = self._stored() if known and self.current else {}
        new = [point for point in self.points if _key(point) not in stored]
        found = sweep(self.function, new, executor, progress)
        stored |= dict(zip(map(_key, new), found, strict=True))
        archive.write(
            self.path,
            _KIND,
            {"name": self.name, "columns": list(self.columns), "code": self.code},
            {
                "points": np.array(self.points, dtype=np.float64),
                "values": np.array([stored[_key(point)] for point in self.points]),
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
        """Return some points, each with what is stored and with what is computed now."""
        stored = self.values()
        chosen = Random(seed).sample(self.points, count)
        return [(point, stored[point], self.function(point)) for point in chosen]

    def _stored(self) -> dict[Point, Floats]:
        said, arrays = archive.read(self.path, _KIND)
        if (said["name"], tuple(said["columns"])) != (self.name, self.columns):
            raise archive.ArchiveError(f"{self.path} holds {said['name']!r}, not {self.name!r}")
        rows: Sequence[list[float]] = arrays["points"].tolist()
        return {_key(row): value for row, value in zip(rows, arrays["values"], strict=True)}


def _key(point: Sequence[float]) -> Point:
    """Return the point to ten digits: a grid that is rounded otherwise has the same points."""
    return tuple(float(f"{round(number, 12):.10g}") for number in point)
