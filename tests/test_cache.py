"""Solved layers are shared through a folder, when one is named, and never by mistake."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from moirelib import DragLayer, GrapheneHBN, cache

MODEL = GrapheneHBN(cutoff=1)


@pytest.fixture(autouse=True)
def no_folder() -> Iterator[None]:
    with cache.off():
        yield


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """Every solution of a layer that is not read from disk."""
    seen: list[object] = []
    solve = DragLayer._solve_now

    def counted(self: DragLayer, model: GrapheneHBN) -> object:
        seen.append(model)
        return solve(self, model)

    monkeypatch.setattr(DragLayer, "_solve_now", counted)
    return seen


def layer(**options: object) -> DragLayer:
    settings = {"model": MODEL, "mesh": 12, "shells": 1, "divisions": 2, "bands": 6}
    return DragLayer(**(settings | options))


def respond(one: DragLayer) -> np.ndarray:
    return one.susceptibility([-20.0, 10.0], kT=20.0)


def test_nothing_is_kept_unless_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, calls: list[object]
) -> None:
    monkeypatch.chdir(tmp_path)
    respond(layer())
    respond(layer())
    assert len(calls) == 2
    assert list(tmp_path.iterdir()) == []


def test_a_layer_is_solved_once(tmp_path: Path, calls: list[object]) -> None:
    cache.use(tmp_path)
    first = respond(layer())
    np.testing.assert_array_equal(respond(layer()), first)
    assert len(calls) == 1
    with cache.off():
        respond(layer())
    assert len(calls) == 2


def test_a_build_names_the_folder_for_its_processes(tmp_path: Path) -> None:
    script = (
        "from moirelib import cache; import numpy as np; "
        "print(cache.kept(('one', 1.5), lambda: {'x': np.ones(2)})['x'].sum())"
    )
    for _ in range(2):
        run = subprocess.run(
            [sys.executable, "-c", script],
            env=os.environ | {cache.VARIABLE: str(tmp_path)},
            capture_output=True,
            check=True,
            text=True,
        )
        assert run.stdout.strip() == "2.0"
    assert len(list(tmp_path.rglob("*.npz"))) == 1


@pytest.mark.parametrize(
    "change",
    [
        {"model": GrapheneHBN(cutoff=1, coupling=9.0)},
        {"mesh": 15},
        {"bands": 8},
        {"shells": 2},
        {"symmetry": "none"},
        {"solver": "dense"},
        {"divisions": 1},
    ],
)
def test_every_parameter_counts(
    tmp_path: Path, calls: list[object], change: dict[str, object]
) -> None:
    cache.use(tmp_path)
    respond(layer())
    calls.clear()
    respond(layer(**change))
    assert calls


def test_a_model_with_code_of_its_own_is_not_kept(tmp_path: Path, calls: list[object]) -> None:
    class Mine(GrapheneHBN):
        pass

    cache.use(tmp_path)
    for _ in range(2):
        respond(layer(model=Mine(cutoff=1)))
    assert len(calls) == 2


@pytest.mark.parametrize("damage", [b"", b"PK", None])
def test_a_damaged_entry_is_computed_again(
    tmp_path: Path, calls: list[object], damage: bytes | None
) -> None:
    cache.use(tmp_path)
    first = respond(layer())
    (entry,) = tmp_path.rglob("*.npz")
    entry.write_bytes(entry.read_bytes()[:-300] if damage is None else damage)
    np.testing.assert_array_equal(respond(layer()), first)
    respond(layer())
    assert len(calls) == 2


def test_entries_of_another_state_of_the_code_are_dropped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, calls: list[object]
) -> None:
    cache.use(tmp_path)
    (tmp_path / "mine").mkdir()
    respond(layer())
    monkeypatch.setattr(cache, "code_key", lambda: "f" * 64)
    respond(layer())
    assert len(calls) == 2
    assert {p.name for p in tmp_path.iterdir()} == {"mine", "moirelib-" + "f" * 16}


def test_a_full_disk_costs_nothing_but_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, calls: list[object]
) -> None:
    def full(file: object, **_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(np, "savez", full)
    cache.use(tmp_path)
    respond(layer())
    respond(layer())
    assert len(calls) == 2
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == []


def test_the_key_follows_the_source(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.py").write_text("x = 1\n")
    monkeypatch.setattr(cache, "__file__", str(tmp_path / "cache.py"))
    first = cache.code_key.__wrapped__()
    assert cache.code_key.__wrapped__() == first
    (tmp_path / "a.py").write_text("x = 2\n")
    assert cache.code_key.__wrapped__() != first


def test_a_file_of_other_parameters_is_not_taken(tmp_path: Path) -> None:
    """Two results whose keys fall on one file: what it was made of is compared in full."""
    cache.use(tmp_path)
    cache.kept(("x", 1.0), lambda: {"a": np.array([1.0])})
    (file,) = tmp_path.rglob("*.npz")
    other = cache.kept(("x", 2.0), lambda: {"a": np.array([2.0])})["a"]
    (second,) = set(tmp_path.rglob("*.npz")) - {file}
    second.write_bytes(file.read_bytes())
    found = cache.kept(("x", 2.0), lambda: {"a": np.array([2.0])})["a"]
    np.testing.assert_array_equal(found, other)
