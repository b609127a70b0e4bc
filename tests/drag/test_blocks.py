"""The pieces of a mesh: parts of a tile are solved as the tile is, and what is kept is the same."""

from __future__ import annotations

import numpy as np
import pytest

from moirelib import DragLayer, GrapheneHBN
from moirelib.bands.tiling import Tiling
from moirelib.drag import blocks

SMALL = GrapheneHBN(cutoff=1)


def solved(**settings: int) -> tuple[np.ndarray, np.ndarray]:
    response = DragLayer(SMALL, bands=6, shells=2, **settings)._valley_responses[1]
    return response.energies, response.products


def test_parts_of_a_tile_are_solved_as_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[bool] = []
    original = blocks.SmallBasis.of

    def of(*arguments: object) -> blocks.SmallBasis | None:
        basis = original(*arguments)  # type: ignore[arg-type]
        made.append(basis is not None)
        return basis

    of.__name__ = "of"
    monkeypatch.setattr(blocks.SmallBasis, "of", of)
    energies, products = solved(mesh=150, divisions=2)
    # More tiles were tried than there are, and gaps were found on parts.
    assert len(made) > 4
    assert any(made[4:])
    monkeypatch.setattr(blocks, "_FEW", 10**6)
    exact_energies, exact_products = solved(mesh=150, divisions=2)
    assert np.abs(energies - exact_energies).max() < 1e-5
    assert np.abs(products - exact_products).max() < 2e-6 * np.abs(exact_products).max()


def test_a_point_lies_in_one_quarter() -> None:
    corners = Tiling.of_zone(SMALL.lattice, 2, "C3v").corners[1]
    quarters = blocks._quarters(corners)
    shares = np.random.default_rng(2).dirichlet(np.ones(3), 200)
    points = shares @ corners
    for point, number in zip(points, blocks._quarter(points, corners), strict=True):
        inside = np.linalg.solve(np.vstack([quarters[number].T, np.ones(3)]), [*point, 1])
        assert inside.min() > -1e-7
    np.testing.assert_array_equal(blocks._quarter(quarters.mean(axis=1), corners), range(4))


def test_what_is_kept_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("an expansion was made again")

    fresh = solved(mesh=60, divisions=2)
    with blocks.tiles_kept():
        solved(mesh=48, divisions=2)
        monkeypatch.setattr(blocks, "expand", refuse)
        kept = solved(mesh=60, divisions=2)
    for one, other in zip(fresh, kept, strict=True):
        np.testing.assert_array_equal(one, other)
