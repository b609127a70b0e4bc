"""The drag against registry: no mean, and opposite faces from the phase of 𝒞²."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from moirelib import DragLayer, GrapheneHBN, drag_conductivity
from moirelib.drag import drifting_registry, registry_cell, registry_pattern

MU, KT = -128.0, 12.0


@pytest.fixture(scope="module")
def like() -> DragLayer:
    return DragLayer(GrapheneHBN(), mesh=18, shells=3)


@pytest.fixture(scope="module")
def opposite() -> DragLayer:
    return DragLayer(GrapheneHBN().inverted(), mesh=18, shells=3)


def test_the_mean_over_registry_vanishes(like: DragLayer, opposite: DragLayer) -> None:
    cell = registry_cell(like.lattice, 7)
    for other in (like, opposite):
        pattern = registry_pattern(like, other, MU, MU, KT, cell)
        assert np.abs(pattern.mean(axis=(0, 1))).max() < 1e-13 * np.abs(pattern).max()


def test_a_shift_is_that_of_the_layer(like: DragLayer) -> None:
    s = (3.0, -2.0)
    moved = replace(like, shift=s)
    np.testing.assert_allclose(
        registry_pattern(like, like, MU, MU, KT, s),
        drag_conductivity(like, moved, [MU], [MU], KT)[0, 0],
        atol=1e-10,
    )


def test_like_faces_have_ratio_minus_two_at_the_symmetric_registries() -> None:
    one = DragLayer(GrapheneHBN(), mesh=12, shells=1)
    third = one.lattice.primitive_vectors.sum(axis=0) / 3
    for mu in (-128.0, 110.0):
        at = registry_pattern(one, one, mu, mu, KT, [0 * third, third, -third])[:, 0, 0]
        np.testing.assert_allclose(at / at[0], [1, -0.5, -0.5], atol=1e-10)


def test_opposite_faces_follow_from_the_phase_of_the_square(
    like: DragLayer, opposite: DragLayer
) -> None:
    cell = registry_cell(like.lattice, 6).reshape(-1, 2)
    c = like.susceptibility([MU], KT)[0]
    size, square = (c.conj() * c).sum(axis=1), (c.conj() ** 2).sum(axis=1)
    g = like.lattice.vectors(like.pairs)
    # Fourier components of the trace on like faces, from a grid fine enough for all shells.
    grid = registry_cell(like.lattice, 12).reshape(-1, 2)
    trace = np.trace(registry_pattern(like, like, MU, MU, KT, grid), axis1=1, axis2=2)
    harmonics = (trace[:, None] * np.exp(1j * grid @ g.T)).mean(axis=0)
    predicted = (np.exp(-1j * cell @ g.T) @ (harmonics * square / size)).real
    found = np.trace(registry_pattern(like, opposite, MU, MU, KT, cell), axis1=1, axis2=2)
    np.testing.assert_allclose(found, predicted, atol=1e-10 * np.abs(found).max())


def test_a_drift_averages_the_pattern(like: DragLayer) -> None:
    misfit, radius = 0.01, 700.0
    rng = np.random.default_rng(3)
    r, angle = radius * np.sqrt(rng.uniform(size=40_000)), rng.uniform(0, 2 * np.pi, 40_000)
    shifts = misfit * np.stack([r * np.cos(angle), r * np.sin(angle)], axis=-1)
    drawn = registry_pattern(like, like, MU, MU, KT, shifts)[:, 0, 0].mean()
    at_rest, averaged = drifting_registry(like, like, MU, MU, KT, misfit, [0.0, radius])[:, 0, 0]
    assert at_rest == pytest.approx(drag_conductivity(like, like, [MU], [MU], KT)[0, 0, 0, 0])
    assert abs(averaged - drawn) < 0.02 * abs(at_rest)


def test_a_negative_misfit_is_refused(like: DragLayer) -> None:
    with pytest.raises(ValueError, match="misfit"):
        drifting_registry(like, like, MU, MU, KT, -0.1, [1.0])
