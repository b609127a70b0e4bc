"""Operations of C₃ᵥ on plane waves, and bands that are solved once in each star."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from moirelib import GrapheneHBN, solve_bands
from moirelib.bands.stars import Stars, plane_wave_operations


@pytest.mark.parametrize("valley", [1, -1])
@pytest.mark.parametrize("cutoff", [1, 2])
def test_images_of_states_are_states(valley: int, cutoff: int) -> None:
    model = GrapheneHBN(valley=valley, cutoff=cutoff)
    k = np.random.default_rng(5).uniform(-0.3, 0.3, (3, 2))
    solved = solve_bands(model, k, 6)
    operations = plane_wave_operations(model)
    assert len(operations) == 6
    for operation in operations:
        images = operation(solved.states)
        hamiltonian = model.hamiltonian(k @ operation.cartesian.T)
        residual = hamiltonian @ images - images * solved.energies[:, None]
        assert np.abs(residual).max() < 1e-9


def test_a_model_without_the_symmetry_has_the_identity() -> None:
    # The literal Eq. 6 breaks C₃ and the mirror, and a box of plane waves C₃.
    assert len(plane_wave_operations(GrapheneHBN.as_printed())) == 1
    assert len(plane_wave_operations(GrapheneHBN(cutoff=2, cutoff_shape="box"))) < 6
    model = GrapheneHBN(cutoff=1).plane_wave_model
    pushed = model.h0.copy()
    pushed[3, 3] += 1e-3
    assert len(plane_wave_operations(replace(model, h0=pushed))) == 1


def test_each_star_is_solved_once() -> None:
    model = GrapheneHBN(cutoff=2)
    k = model.lattice.mesh(6, "none").points
    stars = Stars.of(model, np.concatenate([k, k[:4]]), 6)
    # Γ; three on the lines to M; … as many as the irreducible mesh has, and images on the edge.
    assert len(model.lattice.mesh(6).points) <= len(stars.solved.k) < 15
    taken = stars.take(np.arange(len(k)))
    direct = solve_bands(model, k, 6)
    np.testing.assert_allclose(taken.energies, direct.energies, atol=1e-9)
    residual = model.hamiltonian(k) @ taken.states - taken.states * taken.energies[:, None]
    assert np.abs(residual).max() < 1e-9


def test_images_know_where_the_window_cuts_a_degenerate_group() -> None:
    # Without coupling, bands of the folded cone cross in pairs, also at the edge of the window.
    model = GrapheneHBN(cutoff=2, coupling=0.0)
    k = model.lattice.mesh(6, "none").points
    stars, direct = Stars.of(model, k, 4), solve_bands(model, k, 4)
    taken = stars.take(np.arange(len(k)))
    assert len(direct.cut) > 0
    assert set(taken.cut.tolist()) == set(direct.cut.tolist())
    np.testing.assert_allclose(taken.velocities, direct.velocities, atol=1e-6)
