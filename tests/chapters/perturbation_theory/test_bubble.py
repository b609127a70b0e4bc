"""The bubble on the real axis against a sum over imaginary frequencies."""

from __future__ import annotations

import numpy as np

from moirelib.chapters.perturbation_theory.data import bubble


def test_static_bubble_with_uneven_widths_is_the_matsubara_sum() -> None:
    h, velocity = bubble._chain()
    widths = bubble.WIDTH * (1.5 + 0.5 * np.sin(2 * np.pi * np.arange(bubble.MESH) / bubble.MESH))
    expected = np.zeros(bubble.ORBITALS)
    for index in range(2000):
        nu = (2 * index + 1) * np.pi * bubble.TEMPERATURE
        z = 1j * (nu + widths) + bubble.LEVEL
        green = np.linalg.inv(z[:, None, None] * np.eye(bubble.ORBITALS) - h)
        loop = green @ velocity @ green
        expected += 2 * bubble.TEMPERATURE * np.einsum("kaa->a", loop).real / bubble.MESH
    found = bubble.static_bubble()
    scale = np.abs(found.weight).max()
    assert np.abs(expected).max() > 1e-3 * scale
    np.testing.assert_allclose(found.uneven, expected, rtol=0, atol=1e-6 * scale)


def test_at_twice_the_width_the_response_is_that_of_relaxation() -> None:
    found = bubble.static_bubble()
    strong = np.abs(found.weight) > 0.3 * np.abs(found.weight).max()
    np.testing.assert_allclose((found.at_one / found.weight)[strong], 0.5 - 0.5j, atol=0.03)
