"""Figures of the perturbation-theory chapter: shapes, physics, and that each one draws."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.figure import Figure

from moirelib.chapters.perturbation_theory.data.drag import (
    distance_law,
    drag_map,
    equal_fillings,
    map_at_distance,
    points_of_window,
    stacking,
)
from moirelib.chapters.perturbation_theory.data.response import (
    convergence,
    interband,
    relaxation,
)
from moirelib.chapters.perturbation_theory.figures import (
    draw_convergence,
    draw_distance_law,
    draw_drag_map,
    draw_equal_fillings,
    draw_interband,
    draw_map_at_distance,
    draw_relaxation,
    draw_shells,
    draw_stacking,
)
from moirelib.figures import style

COARSE: dict[str, Any] = {"cutoff": 2, "mesh": 48, "bands": 8, "shells": 3}


@pytest.fixture(autouse=True)
def _coarse(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Solve small layers: what is tested here does not need the converged ones."""
    monkeypatch.setattr("moirelib.chapters.perturbation_theory.data.drag.CONVERGED", COARSE)
    monkeypatch.setattr("moirelib.chapters.perturbation_theory.data.drag.COARSE", {})
    for cached in (drag_map, equal_fillings, convergence):
        cached.cache_clear()
    yield
    for cached in (drag_map, equal_fillings, convergence):
        cached.cache_clear()


def drawn(draw: Any, data: Any) -> Figure:
    with style():
        figure: Figure = draw(data)
        figure.canvas.draw()
    plt.close(figure)
    return figure


def test_map_is_symmetric_and_negative_along_its_diagonal() -> None:
    data = drag_map(count=19, kT=4.0, mesh=24)
    for sigma in (data.momentum_matched, data.as_printed):
        np.testing.assert_allclose(sigma, sigma.T, atol=1e-12)
        assert (np.diag(sigma) < 0).all()
    change = np.abs(data.momentum_matched_mesh - data.momentum_matched).max()
    assert change < 0.05 * np.abs(data.momentum_matched).max()
    assert len(drawn(draw_drag_map, data).axes) == 6


def test_the_two_signs_mirror_electrons_and_holes() -> None:
    data = equal_fillings(count=91, kT=4.0)
    matched, printed = (
        data.mu[np.abs(one.sum(axis=1)).argmax()]
        for one in (data.momentum_matched, data.as_printed)
    )
    assert matched < 0 < printed
    assert len(data.van_hove("momentum_matched")) > 0
    drawn(draw_equal_fillings, data)
    drawn(draw_shells, data)


def test_first_shell_decays_with_its_reciprocal_vector() -> None:
    data = distance_law(distance=[1.0, 2.0, 3.0], mu=(-120.0,), kT=4.0)
    rate = -np.diff(np.log(-data.first_shell[:, 0]))
    np.testing.assert_allclose(rate, data.reciprocal_length, rtol=1e-10)
    assert data.decay[0] == pytest.approx(data.reciprocal_length, rel=0.02)
    drawn(draw_distance_law, data)


def test_slider_frame() -> None:
    near, far = (map_at_distance(d, count=7, kT=4.0) for d in (1.0, 4.0))
    assert np.abs(far.conductivity).max() < np.abs(near.conductivity).max()
    drawn(draw_map_at_distance, near)


def test_opposite_faces_turn_the_sign_in_register() -> None:
    data = stacking(count=46, kT=4.0)
    peak = np.abs(data.same).argmax()
    assert data.same[peak] < 0 < data.inverted[peak]
    drawn(draw_stacking, data)


def test_relaxed_response_vanishes() -> None:
    data = relaxation(count=3)
    assert data.intraband[0] == pytest.approx(-1, abs=0.05)
    assert data.interband[0] == pytest.approx(1, abs=0.05)
    assert abs(data.intraband[-1]) < 0.02
    drawn(draw_relaxation, data)


def test_interband_response_has_the_parities_of_the_mirror() -> None:
    data = interband(kT=5.0, mesh=6, count=5)
    np.testing.assert_allclose(data.across_k, data.across_k[::-1], rtol=1e-8)
    np.testing.assert_allclose(data.across_k, data.across_k_prime, rtol=1e-8)
    np.testing.assert_allclose(data.along_k, -data.along_k[::-1], rtol=1e-8, atol=1e-12)
    np.testing.assert_allclose(data.along_k, -data.along_k_prime, rtol=1e-8, atol=1e-12)
    assert data.both_valleys.max() < 1e-12 < 1e-6 < np.abs(data.hall_one_valley).max()
    drawn(draw_interband, data)


def test_convergence_study() -> None:
    names = ("shells 5 → 6", "bands 8 → 10")
    data = convergence(count=7, kT=4.0, names=names)
    assert data.change.shape == (7, 2)
    assert (data.change.max(axis=0) <= data.worst).all()
    drawn(draw_convergence, data)


def test_window_refuses_a_single_point() -> None:
    with pytest.raises(ValueError, match="count must be ≥ 2"):
        points_of_window(1)
