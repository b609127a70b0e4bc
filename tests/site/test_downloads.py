"""What a reader downloads says what its fields are, with units."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from site_browser import HTML

DATA = sorted(p for p in (HTML / "_figures").rglob("*") if p.suffix in (".csv", ".npz"))
# The frame of a slider, or the column of a matrix.
NUMBER = re.compile(r"(_\d+)+$")
UNIT = re.compile(
    r"meV|nm|e²/h|[Kk]elvin|Hz|ps\b|ohm|radian|degree|10¹²|1/|[Tt]ime|share"
    r"|units?\b|relative|\bover\b|dimensionless|[Nn]umber|logarithm|ratio|[Nn]ames?\b|str\b|\S/\S"
)


def test_there_are_downloads() -> None:
    assert len(DATA) > 50


@pytest.mark.parametrize("path", DATA, ids=lambda p: p.name)
def test_each_field_is_described_with_its_unit(path: Path) -> None:
    about, fields = head(path)
    assert fields
    for field in fields:
        assert UNIT.search(said_of({field, NUMBER.sub("", field)}, about)), field


def said_of(names: set[str], about: str) -> str:
    """Return what is said of a field: on the whole, and in its own entry if there are entries."""
    summary, listed, entries = about.partition("Parameters\n----------\n")
    named = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, names))})(?!\w)")
    if not listed:
        assert named.search(summary), names
        return summary
    every = re.split(r"\n(?=\S)", entries)
    # A name in the head of an entry, or else in what another says.
    own = sorted((one for one in every if named.search(one)), key=lambda one: not heads(named, one))
    assert own, names
    return f"{summary} {own[0]}"


def heads(named: re.Pattern[str], entry: str) -> bool:
    return bool(named.search(entry.partition(" : ")[0]))


def head(path: Path) -> tuple[str, list[str]]:
    """Return what a file says of its fields, and their names."""
    if path.suffix == ".npz":
        with np.load(path) as data:
            return str(data["about"]), [name for name in data.files if name != "about"]
    lines = path.read_text(encoding="utf-8").splitlines()
    notes = [line.removeprefix("#").removeprefix(" ") for line in lines if line.startswith("#")]
    values = [line for line in notes if re.fullmatch(r"\w+ = \S+", line)]
    columns = next(line for line in lines if not line.startswith("#")).split(",")
    about = "\n".join(line for line in notes if line not in values)
    return about, [*columns, *(line.split(" = ")[0] for line in values)]
