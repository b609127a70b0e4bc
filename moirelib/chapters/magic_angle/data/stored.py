"""The sweep behind the chapter: too long for a build, so ``make sweeps`` keeps it in a file."""

from __future__ import annotations

from dataclasses import asdict, fields
from functools import cache
from pathlib import Path

from moirelib._types import Floats
from moirelib.chapters.magic_angle.data.points import STAGES, Point, as_response, responses
from moirelib.ledger.stored import StoredSweep
from moirelib.switching import ValleyResponse

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


COLUMNS = ("twist", "strain", "axis of strain", "filling", "stage", "kT", "mesh", "nodes", "cutoff")
"""Of a stored point: degrees, 1, degrees, electrons per cell, its place in ``STAGES``, meV, 1."""


def as_numbers(point: Point) -> tuple[float, ...]:
    """A point as it is stored."""
    named = asdict(point) | {"stage": STAGES.index(point.stage)}
    return tuple(float(named[one.name]) for one in fields(Point))


def responses_at(numbers: tuple[float, ...]) -> Floats:
    """The rows (3, 8) of a stored point."""
    twist, strain, axis, filling, stage, kT, mesh, nodes, cutoff = numbers
    whole = int(mesh), int(nodes)
    return responses(Point(twist, strain, axis, filling, STAGES[int(stage)], kT, *whole, cutoff))


SWEEP = StoredSweep(
    "strained bilayers",
    responses_at,
    COLUMNS,
    tuple(map(as_numbers, points())),
    (
        "models.continuum_tbg:",
        "models.strained_hopping:",
        "models.in_plane_waves:",
        "switching.moire_contours:",
        "switching.moire_scattering:",
        "chapters.magic_angle.data.points:",
    ),
    Path(__file__).with_name("sweep.npz"),
    # The finer ones take longer than a test may.
    lambda numbers: numbers[-3:] == (20, 10, 3.0),
)


@cache
def results() -> dict[Point, Floats]:
    """Each point with its rows (3, 8), from the file.

    Raises
    ------
    ArchiveError
        If the file is damaged.
    """
    stored = SWEEP.values()
    return {one: stored[as_numbers(one)] for one in points()}


def response(point: Point, rates: int = 0) -> ValleyResponse:
    """The stored response at a point, for one of ``RATES``."""
    return as_response(results()[point][rates])
