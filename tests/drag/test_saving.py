"""A layer that is loaded is the one that was saved, or is refused."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from moirelib import DragLayer, GrapheneHBN, archive, cache
from moirelib.archive import ArchiveError
from moirelib.drag import load_layer, save_layer

MODEL = GrapheneHBN(cutoff=1)
SMALL = {"mesh": 12, "shells": 1, "divisions": 2, "bands": 4}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "layer.npz"
    save_layer(DragLayer(MODEL, **SMALL), path)
    return path


@pytest.mark.parametrize("model", [MODEL, MODEL.eliminate_hbn()], ids=["named", "matrices"])
@pytest.mark.parametrize("symmetry", ["full", "none"])
def test_what_is_loaded_is_what_was_saved(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, model: GrapheneHBN, symmetry: str
) -> None:
    layer = DragLayer(model, symmetry=symmetry, shift=(0.5, -1.0), **SMALL)
    save_layer(layer, tmp_path / "one.npz")
    mu = [[-20.0, 10.0], [30.0, 30.0]]
    expected = layer.susceptibility(mu, 5.0)
    monkeypatch.setattr(DragLayer, "_solve_now", None)
    with cache.off():
        loaded = load_layer(tmp_path / "one.npz", model, mesh=12, shift=(0.5, -1.0))
        np.testing.assert_array_equal(loaded.susceptibility(mu, 5.0), expected)
    assert loaded == layer
    assert [p.name for p in tmp_path.iterdir()] == ["one.npz"]


def test_a_model_made_again_from_equal_matrices_is_the_same(tmp_path: Path) -> None:
    first, second = MODEL.eliminate_hbn(), MODEL.eliminate_hbn()
    assert first != second
    save_layer(DragLayer(first, **SMALL), tmp_path / "one.npz")
    load_layer(tmp_path / "one.npz", second)
    other = replace(second, h0=second.h0 * (1 + 1e-12))
    with pytest.raises(ArchiveError, match="is of another model"):
        load_layer(tmp_path / "one.npz", other)


def test_other_parameters_are_refused(file: Path) -> None:
    with pytest.raises(ArchiveError, match=r"another model: GrapheneHBN\(.*coupling=152"):
        load_layer(file, replace(MODEL, coupling=151.0))
    with pytest.raises(ArchiveError, match="has mesh=12, not 15"):
        load_layer(file, MODEL, mesh=15)
    with pytest.raises(TypeError, match="colour is no field that a file holds: mesh, bands"):
        load_layer(file, MODEL, colour=1)
    with pytest.raises(TypeError, match="layer must be a DragLayer"):
        save_layer(MODEL, file)  # type: ignore[arg-type]


def changed(path: Path, **arrays: np.ndarray) -> None:
    """Write the entries of a file again, some of them changed."""
    with np.load(path) as entries:
        np.savez(path, **dict(entries) | arrays)


def test_changed_contents_are_refused(file: Path) -> None:
    with np.load(file) as entries:
        energies, header = entries["energies+1"], json.loads(str(entries["header"]))
    before = file.read_bytes()
    nudged = energies.copy()
    nudged[3, 1] = np.nextafter(nudged[3, 1], np.inf)
    parameters = header["parameters"] | {"shells": 2}
    for change in (
        {"energies+1": nudged},
        {"energies+1": energies.astype(np.float32)},
        {"energies+1": energies.T},
        {"extra": energies},
        {"header": np.array(json.dumps(header | {"parameters": parameters}))},
    ):
        file.write_bytes(before)
        load_layer(file, MODEL)
        changed(file, **change)
        with pytest.raises(ArchiveError, match="do not match its hash"):
            load_layer(file, MODEL)


def test_other_formats_and_kinds_are_refused(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    archive.write(file.with_name("other.npz"), "map", {}, {"x": np.ones(2)})
    with pytest.raises(ArchiveError, match="holds a map, not a solved layer"):
        load_layer(file.with_name("other.npz"), MODEL)
    monkeypatch.setattr(archive, "FORMAT", archive.FORMAT + 1)
    with pytest.raises(ArchiveError, match="has format 1; this version reads format 2"):
        load_layer(file, MODEL)


def test_what_is_no_file_of_ours_is_refused(file: Path) -> None:
    whole = file.read_bytes()
    np.savez(file.with_name("foreign.npz"), x=np.ones(3))
    np.save(file.with_name("single.npy"), np.ones(3))
    np.savez(file.with_name("pickled.npz"), header=np.array([{}], dtype=object), allow_pickle=True)
    for name, content in (
        ("empty.npz", b""),
        ("cut.npz", whole[:-300]),
        ("zeroed.npz", whole[:2000] + bytes(400) + whole[2400:]),
        ("text.npz", b"not a zip file"),
    ):
        file.with_name(name).write_bytes(content)
    for other in file.parent.iterdir():
        if other != file:
            with pytest.raises(ArchiveError, match="is damaged"):
                load_layer(other, MODEL)
    with pytest.raises(FileNotFoundError):
        load_layer(file.with_name("missing.npz"), MODEL)


def test_objects_are_not_written(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="x must hold numbers, got dtype object"):
        archive.write(tmp_path / "a.npz", "map", {}, {"x": np.array([{}], dtype=object)})
    with pytest.raises(ValueError, match="not JSON compliant"):
        archive.write(tmp_path / "a.npz", "map", {"x": float("nan")}, {"x": np.ones(1)})
    assert list(tmp_path.iterdir()) == []
