"""The command line: its table, its JSON, and its exit status."""

from __future__ import annotations

import json

import pytest

from moirelib import ledger
from moirelib.__main__ import main
from moirelib.ledger import Discrepancy, Evidence

pytestmark = pytest.mark.usefixtures("empty_ledger")


def register(id: str, chapter: str, value: float) -> None:
    discrepancy = Discrepancy("left against right", value, 1e-9, "round-off")
    ledger.claim(id, "Eq.", kind="identity", chapter=chapter, statement="x = x")(
        lambda: Evidence(discrepancy)
    )


def test_status_0_when_every_claim_stands(capsys: pytest.CaptureFixture[str]) -> None:
    register("kundu-1", "good", 0.0)
    assert main(["verify"]) == 0
    assert "(holds as printed: 1); 0 fall short" in capsys.readouterr().out


def test_status_1_when_a_claim_falls_short(capsys: pytest.CaptureFixture[str]) -> None:
    register("kundu-1", "good", 0.0)
    register("kundu-2", "bad", float("nan"))
    assert main(["verify"]) == 1
    assert "1 fall short" in capsys.readouterr().out
    assert main(["verify", "--chapter", "good"]) == 0


def test_json(capsys: pytest.CaptureFixture[str]) -> None:
    register("kundu-2", "bad", 1.0)
    assert main(["verify", "--json"]) == 1
    (record,) = json.loads(capsys.readouterr().out)
    assert record["id"] == "kundu-2"
    assert not record["sound"]


def test_an_unknown_chapter_is_a_usage_error(capsys: pytest.CaptureFixture[str]) -> None:
    register("kundu-1", "good", 0.0)
    with pytest.raises(SystemExit) as stop:
        main(["verify", "--chapter", "goood"])
    assert stop.value.code == 2
    assert "chapter must be one of 'good', got 'goood'" in capsys.readouterr().err


def test_a_command_is_required() -> None:
    with pytest.raises(SystemExit):
        main([])
