"""The sweep behind the chapter: too long for a build, so its results are kept in a file.

``python -m moirelib.chapters.magic_angle.data.stored`` computes it again and writes the file with
its parameters, the version and a hash; ``--jobs N`` uses N processes, ``--folder DIR`` takes up a
sweep that was broken off. A test computes a seeded sample of the points once more.
"""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from concurrent.futures import Executor, ProcessPoolExecutor
from dataclasses import asdict
from functools import cache
from pathlib import Path

import numpy as np

from moirelib import archive
from moirelib._types import Floats
from moirelib.chapters.magic_angle.data.points import STAGES, Point, as_response, responses
from moirelib.sweep import sweep
from moirelib.switching import ValleyResponse

FILE = Path(__file__).with_name("sweep.npz")
_KIND = "sweep of strained bilayers"

TWISTS = (0.95, 1.0, 1.05, 1.1, 1.2, 1.35, 1.6, 2.0, 2.8)
STAGED = TWISTS[::2]
STRAINS = (1e-4, 1e-3, 3e-3)
FILLINGS = (0.15, 0.35, 0.55, 0.75, 0.9)
DIRECTIONS = (0.0, 15.0, 30.0, 45.0)
STRENGTHS = (1e-4, 3e-4, 1e-3, 2e-3, 3e-3, 5e-3)
MAGIC = 1.05
CHECKED = (*((MAGIC, e) for e in STRAINS), (1.1, STRAINS[0]))
"""Twist and strain of the points that are computed in other ways as well."""


def points() -> list[Point]:
    """All points of the sweep, each once."""
    every = [
        *(Point(t, e) for e in STRAINS[::-1] for t in TWISTS),
        *(Point(MAGIC, e) for e in STRENGTHS),
        *(Point(t, STRAINS[-1], stage=s) for s in STAGES[:-1] for t in STAGED),
        *(Point(MAGIC, STRAINS[1], stage=s) for s in STAGES[:-1]),
        *checks(),
        *(Point(MAGIC, e, filling=f) for e in STRAINS[:0:-1] for f in FILLINGS),
        *(Point(MAGIC, e, strain_degrees=d) for e in STRAINS[:0:-1] for d in DIRECTIONS),
    ]
    return list(dict.fromkeys(every))


def checks() -> list[Point]:
    """The points of ``CHECKED``, each with a finer mesh, with more energies, and colder."""
    changes: tuple[dict[str, float], ...] = ({}, {"mesh": 32}, {"nodes": 20}, {"kT": 0.3})
    return [Point(t, e, **one) for t, e in CHECKED for one in changes]  # type: ignore[arg-type]


def compute(executor: Executor | None = None, folder: str | None = None) -> None:
    """Compute all points and write the file."""
    every = points()
    found = sweep(responses, every, executor, progress=True, folder=folder)
    archive.write(
        FILE, _KIND, {"points": [asdict(one) for one in every]}, {"rows": np.array(found)}
    )


@cache
def results() -> dict[Point, Floats]:
    """Each point with its rows (3, 8), from the file.

    Raises
    ------
    ArchiveError
        If the file is damaged.
    """
    said, arrays = archive.read(FILE, _KIND)
    return dict(zip((Point(**one) for one in said["points"]), arrays["rows"], strict=True))


def response(point: Point, rates: int = 0) -> ValleyResponse:
    """The stored response at a point, for one of ``RATES``."""
    return as_response(results()[point][rates])


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=1, help="processes")
    parser.add_argument("--folder", help="where results are kept until all are there")
    given = parser.parse_args(arguments)
    if given.jobs == 1:
        compute(folder=given.folder)
        return
    with ProcessPoolExecutor(given.jobs) as executor:
        compute(executor, given.folder)


if __name__ == "__main__":
    main()
