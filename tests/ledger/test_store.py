"""A stored run is read by the code that made it, and by no other."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path

import pytest

from moirelib import ledger
from moirelib.ledger import Discrepancy, Evidence, store
from moirelib.ledger.verification import STORE_VARIABLE

CALLS: list[str] = []


@pytest.fixture(autouse=True)
def two_claims(empty_ledger: None) -> None:
    CALLS.clear()
    register("kundu-2", 1 / 3)
    register("kundu-1", 0.1, chapter="first")


def register(id: str, value: float, chapter: str = "second", bound: float = 1.0) -> None:
    def check() -> Evidence:
        CALLS.append(id)
        this = Discrepancy("this against that", value, bound, "one digit", "meV", slack="noise")
        control = Discrepancy("anything", 0.2, math.inf, "may be", slack="scale")
        return Evidence(this, controls=(control,))

    check.__module__ = f"moirelib.chapters.{chapter}.claims"
    ledger.claim(id, "Eq.", kind="identity", statement="x = x")(check)


def test_a_stored_run_is_not_run_again(tmp_path: Path) -> None:
    path = tmp_path / "new" / "ledger.json"
    ran = list(ledger.stored_or_run(path))
    assert CALLS == ["kundu-1", "kundu-2"]
    assert list(ledger.stored_or_run(path)) == ran == ledger.read(path)
    assert CALLS == ["kundu-1", "kundu-2"]
    assert os.listdir(path.parent) == ["ledger.json"]


def test_pages_read_the_store_that_the_build_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "ledger.json"
    ledger.write(path, ledger.verify())
    CALLS.clear()
    monkeypatch.setenv(STORE_VARIABLE, str(path))
    assert [r.claim.id for r in ledger.results()] == ["kundu-1", "kundu-2"]
    assert [r.claim.id for r in ledger.results("second")] == ["kundu-2"]
    assert "<code>kundu-1</code>" in ledger.card("first").data
    assert CALLS == []
    monkeypatch.setattr(store, "code_key", lambda: "another")
    with pytest.raises(ledger.StaleLedgerError, match="of another state of the code: run"):
        ledger.card("first")
    monkeypatch.delenv(STORE_VARIABLE)
    ledger.card("first")
    assert CALLS == ["kundu-1"]


def test_a_store_without_a_claim_is_stale(tmp_path: Path) -> None:
    path = tmp_path / "ledger.json"
    ledger.write(path, ledger.verify())
    register("kundu-3", 0.0)
    with pytest.raises(ledger.StaleLedgerError):
        ledger.read(path)


@pytest.mark.parametrize("damage", [lambda text: "", lambda text: text[:-40], lambda text: "[]"])
def test_a_damaged_store_is_run_again(tmp_path: Path, damage) -> None:
    path = tmp_path / "ledger.json"
    ledger.write(path, ledger.verify())
    CALLS.clear()
    path.write_text(damage(path.read_text(encoding="utf-8")), encoding="utf-8")
    with pytest.raises(ledger.StaleLedgerError, match="no ledger can be read"):
        ledger.read(path)
    assert len(list(ledger.stored_or_run(path))) == len(CALLS) == 2
    assert len(ledger.read(path)) == 2


def test_verdicts_are_computed_again_on_reading(tmp_path: Path) -> None:
    path = tmp_path / "ledger.json"
    ledger.write(path, ledger.verify())
    content = json.loads(path.read_text(encoding="utf-8"))
    content["measured"][0]["evidence"]["printed"]["value"] = 2.0
    path.write_text(json.dumps(content), encoding="utf-8")
    assert [r.sound for r in ledger.read(path)] == [False, True]


def test_a_run_that_falls_short_is_not_stored(tmp_path: Path) -> None:
    register("kundu-3", 2.0)
    path = tmp_path / "ledger.json"
    assert [r.sound for r in ledger.stored_or_run(path)] == [True, True, False]
    assert not path.exists()
    with pytest.raises(ValueError, match=r"falling short: \['kundu-3'\]"):
        ledger.write(path, ledger.verify())
    with pytest.raises(ValueError, match=r"missing: \['kundu-2', 'kundu-3'\]"):
        ledger.write(path, ledger.verify("first"))


def test_a_failed_write_leaves_the_old_store(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "ledger.json"
    ledger.write(path, ledger.verify())
    before = path.read_bytes()

    def full(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(OSError, match="no space left"):
        ledger.write(path, ledger.verify())
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["ledger.json"]


def test_a_run_that_contradicts_itself_is_not_stored(tmp_path: Path) -> None:
    corrected = Evidence(
        Discrepancy("printed", 1.0, 0.1, "no"), Discrepancy("closing", 0.1, 0.1, "yes")
    )
    ledger.claim("kundu-2-sign", "Eq.", kind="identity", statement="x = x", finding="not so")(
        lambda: corrected
    )
    with pytest.raises(ValueError, match="without contradictions can be stored: kundu-2 has more"):
        ledger.write(tmp_path / "ledger.json", ledger.verify())
