"""Collisions in two rings: neither of the two is the first by nature."""

from __future__ import annotations

import itertools

import numpy as np

from moirelib.chapters.perturbation_theory.data.ring_dynamics import Ring, _Rings

RINGS = (Ring(38), Ring(54, cells=1))


def test_a_ring_comes_to_rest_as_it_would_with_the_rings_exchanged() -> None:
    rng = np.random.default_rng(7)
    n1, n2 = (one.sites for one in RINGS)
    root = rng.normal(size=(n1 * n2, n1 * n2)) + 1j * rng.normal(size=(n1 * n2, n1 * n2))
    rho = root @ root.conj().T
    rho /= np.trace(rho)
    exchanged = rho.reshape(n1, n2, n1, n2).transpose(1, 0, 3, 2).reshape(rho.shape)
    here = _Rings(RINGS, 0.7, np.array([[1, 1, 1, -1]]), strength=2.0)
    there = _Rings(RINGS[::-1], 0.7, np.array([[1, 1, -1, 1]]), strength=2.0)
    for keep in ([0.3, 1.0], [1.0, 0.3], [0.3, 0.6]):
        found = here.collide(rho[None], 0.0, keep)[0]
        # Both rings in turn: the order of the two shows unless only one of them collides.
        if 1.0 in keep:
            other = there.collide(exchanged[None], 0.0, keep[::-1])[0]
            back = other.reshape(n2, n1, n2, n1).transpose(1, 0, 3, 2).reshape(rho.shape)
            np.testing.assert_allclose(found, back, atol=1e-13)
        assert abs(np.trace(found) - 1) < 1e-12
        np.testing.assert_allclose(found, found.conj().T, atol=1e-13)


def test_reversed_valleys_share_the_levels() -> None:
    signs = np.array(list(itertools.product((1, -1), repeat=4)))
    rng = np.random.default_rng(4)
    for first, second in rng.integers(0, 1000, (3, 2)).tolist():
        system = _Rings((Ring(first), Ring(second)), 6.0, signs, 0.1)
        potential = float(rng.uniform(-1, 1))
        energies, states = system.levels(potential)
        plain = np.linalg.eigvalsh(system.joint(potential))
        np.testing.assert_allclose(energies, plain, atol=1e-12)
        residual = system.joint(potential) @ states - states * energies[:, None]
        assert np.abs(residual).max() < 1e-12
