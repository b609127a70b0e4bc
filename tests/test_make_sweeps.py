"""The stored sweeps of all pages: whole, and computed again where a seeded die falls."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from moirelib import archive, make_sweeps
from moirelib.cache import code_key
from moirelib.ledger.stored import StoredSweep

EACH = pytest.mark.parametrize("stored", make_sweeps.SWEEPS, ids=lambda one: one.name)


@EACH
def test_a_random_sample_is_computed_again(stored: StoredSweep) -> None:
    # Other points for every state of the code, and the same ones on every machine of a version;
    # more of them if the code is no longer the one that the file was computed with.
    sample = stored.sample(1 if stored.current else 3, seed=int(code_key()[:8], 16))
    for point, kept, found in sample:
        scale = np.abs(kept).max()
        np.testing.assert_allclose(found, kept, rtol=1e-5, atol=1e-6 * scale, err_msg=str(point))


@EACH
def test_a_file_has_every_point_once(stored: StoredSweep) -> None:
    values = stored.values()
    assert len(set(stored.points)) == len(stored.points)
    assert set(values) == set(stored.points)
    assert np.isfinite(np.array(list(values.values()))).all()
    assert sum(map(stored.cheap, stored.points)) >= 3


@EACH
def test_points_are_found_whatever_the_rounding_of_a_grid(stored: StoredSweep) -> None:
    moved = tuple(tuple(x * (1 + 1e-14) for x in point) for point in stored.points)
    assert set(replace(stored, points=moved).values()) == set(moved)


def powers(point: tuple[float, ...]) -> np.ndarray:
    return point[0] ** np.arange(3.0)


@pytest.fixture
def small(tmp_path) -> StoredSweep:
    sources = ("ledger.stored:",)
    return StoredSweep("powers", powers, ("x",), ((1.0,), (2.0,)), sources, tmp_path / "powers.npz")


def test_only_what_is_missing_or_of_other_code_is_computed(small, monkeypatch) -> None:
    assert small.compute() == 2
    assert small.current
    assert small.compute() == 0
    longer = replace(small, points=(*small.points, (3.0,)))
    with pytest.raises(archive.ArchiveError, match="lacks 1 of 3 points"):
        longer.values()
    assert longer.compute() == 1
    np.testing.assert_array_equal(longer.values()[3.0,], [1, 3, 9])
    monkeypatch.setattr(StoredSweep, "code", "of another day")
    assert not longer.current
    assert longer.compute() == 3


def test_values_are_kept_if_changed_code_computes_the_same(small, monkeypatch) -> None:
    small.compute()
    before = archive.read(small.path, "sweep")[0]
    monkeypatch.setattr(StoredSweep, "code", "of another day")
    assert not replace(small, function=lambda point: powers(point) + 1e-6).renew(2)
    assert not small.current
    assert small.renew(2)
    assert small.current
    said = archive.read(small.path, "sweep")[0]
    assert (said["computed_by"], said["checked"]) == (before["code"], 2)
    np.testing.assert_array_equal(small.values()[2.0,], [1, 2, 4])


def test_a_sweep_that_was_broken_off_goes_on(small, tmp_path) -> None:
    calls = []

    def breaks(point):
        calls.append(point)
        if len(calls) == 2:
            raise RuntimeError("power cut")
        return powers(point)

    broken = replace(small, function=breaks)
    with pytest.raises(RuntimeError, match="power cut"):
        broken.compute(folder=tmp_path)
    assert not broken.current
    assert broken.compute(folder=tmp_path) == 2
    assert calls == [(1.0,), (2.0,), (2.0,)]


def test_a_file_of_another_sweep_is_refused(small) -> None:
    small.compute()
    with pytest.raises(archive.ArchiveError, match="holds 'powers', not 'roots'"):
        replace(small, name="roots").values()


def test_the_command_says_what_it_computed(small, tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.setattr(make_sweeps, "SWEEPS", (small,))
    for count in (2, 0):
        make_sweeps.main(["--jobs", "1", "--folder", str(tmp_path / "parts")])
        assert f"powers: {count} of 2 points computed" in capsys.readouterr().out
    make_sweeps.main(["--jobs", "1", "--folder", str(tmp_path / "parts"), "--renew", "1"])
    assert "powers: kept" in capsys.readouterr().out
