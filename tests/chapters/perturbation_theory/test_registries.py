"""The registry of the moirés: half traces, shares and threefold registries by other routes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from moirelib import DragLayer, GrapheneHBN, drag_conductivity
from moirelib.chapters.perturbation_theory.data import registries
from moirelib.chapters.perturbation_theory.data.registries import REGISTRY_KT, registry

# One shell: on like faces σ(s) is then a sum of three cosines.
SETTINGS: dict[str, Any] = {"mesh": 24, "bands": 8, "shells": 1}
MODEL = GrapheneHBN(cutoff=1)
FACES = [DragLayer(one, **SETTINGS) for one in (MODEL, MODEL.inverted())]


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registries, "solved_layer", lambda inverted=False, **_: FACES[inverted])


def test_a_registry_is_that_of_a_displaced_layer() -> None:
    data = registry(size=5)
    for found, second in zip((data.like, data.opposite), FACES, strict=True):
        for i, j in ((0, 0), (1, 3), (4, 2)):
            moved = replace(second, shift=tuple(data.shifts[i, j].tolist()))
            sigma = drag_conductivity(FACES[0], moved, data.mu, data.mu, REGISTRY_KT)[0, 0]
            assert found[i, j] == pytest.approx((sigma[0, 0] + sigma[1, 1]) / 2, rel=1e-9)


def test_one_shell_is_a_sum_of_cosines() -> None:
    size = 41
    data = registry(size=size)
    a, b = 2 * np.pi * np.mgrid[:size, :size] / size
    pattern = (np.cos(a) + np.cos(b) + np.cos(a + b)) / 3
    np.testing.assert_allclose(data.like[:-1, :-1] / data.like[0, 0], pattern, atol=1e-9)
    assert data.like[0, 0] < 0
    # The cosines are positive on two fifths of the cell; zeros of the grid may fall on either side.
    share = float(np.mean(pattern > 0))
    assert data.negative[0] == pytest.approx(share, abs=3 / size**2)
    assert share < 0.45


def test_threefold_registries_have_minus_half_of_the_first_shell() -> None:
    data = registry(size=3)
    np.testing.assert_allclose(data.at_symmetric[0] / data.at_symmetric[0, 0], [1, -0.5, -0.5])
    turn = np.array([[-1.0, -np.sqrt(3)], [np.sqrt(3), -1.0]]) / 2
    moved = (data.symmetric @ turn.T - data.symmetric) @ np.linalg.inv(
        FACES[0].lattice.primitive_vectors
    )
    # A third of a turn takes each to one that differs by whole vectors of the moiré.
    np.testing.assert_allclose(moved, np.rint(moved), atol=1e-12)
