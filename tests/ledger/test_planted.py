"""An error in the code of an equation turns red claims of that equation and below it, no others."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import planted
import pytest

from moirelib import ledger
from moirelib.ledger.lineage import Lineage
from moirelib.ledger.where import implementations


@pytest.fixture(scope="module")
def found() -> dict[str, list[str]]:
    """The claims that each error turns red."""
    command = [sys.executable, str(Path(planted.__file__))]
    run = subprocess.run(command, capture_output=True, check=True, text=True)
    red: dict[str, list[str]] = json.loads(run.stdout)
    return red


@pytest.mark.parametrize("name", planted.PLANTED, ids=lambda name: name.rpartition(".")[2])
def test_errors_run_down_the_map(name: str, found: dict[str, list[str]]) -> None:
    ledger.load()
    claims = ledger.claims()
    own = {c.id for c in claims if name in {place.name for place in implementations(c)}}
    lineage = Lineage.of(claims)
    below = set().union(*(lineage.downstream(one) for one in own))
    assert found[name]
    assert set(found[name]) <= own | below


def test_without_an_error_nothing_is_red() -> None:
    ledger.load()
    cheap = [c for c in ledger.claims() if c.check.__module__.endswith("keldysh.claims.contour")]
    assert cheap
    assert all(ledger.run(c).sound for c in cheap)
