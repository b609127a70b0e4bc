"""Triangles that are sorted once give the integrals over lines of constant energy."""

from __future__ import annotations

import numpy as np
import pytest

from moirelib.bands import MoireLattice, spectral_function
from moirelib.bands.triangles import LinearTriangles

MESH = MoireLattice(14.0).mesh(9, "none")
ENERGIES = np.random.default_rng(5).normal(size=(len(MESH.points), 3))
AT = np.linspace(-3.0, 3.0, 41)


def test_the_energy_itself_is_what_lines_are_drawn_at() -> None:
    triangles = LinearTriangles.of_mesh(MESH, ENERGIES)
    density = triangles.density(AT)
    values = np.stack([np.ones_like(ENERGIES), ENERGIES, 2j * ENERGIES])
    found = triangles.spectral(AT, values)
    np.testing.assert_allclose(found, [density, AT * density, 2j * AT * density], atol=1e-12)


@pytest.mark.parametrize("shape", [(), (2,), (2, 3)])
def test_one_set_of_triangles_serves_any_values(shape: tuple[int, ...]) -> None:
    triangles = LinearTriangles.of_mesh(MESH, ENERGIES)
    values = np.random.default_rng(6).normal(size=(*shape, *ENERGIES.shape))
    found = triangles.spectral(AT, values)
    assert found.shape == (*shape, len(AT))
    np.testing.assert_array_equal(found, spectral_function(MESH, ENERGIES, AT, values))
    one_by_one = [triangles.spectral(AT[i : i + 1], values) for i in range(len(AT))]
    np.testing.assert_allclose(np.concatenate(one_by_one, axis=-1), found, atol=1e-12)
