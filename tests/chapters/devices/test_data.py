"""The lattices, valleys and landscape of the first chapter."""

from __future__ import annotations

import math

import numpy as np
import pytest

from moirelib import GrapheneHBN, StrainedTBG
from moirelib.chapters.devices import data


def test_the_moire_of_the_atoms_is_that_of_the_model() -> None:
    model = GrapheneHBN()
    stretch = model.hbn_lattice_constant / model.lattice_constant
    aligned = data.moire(model.lattice_constant, stretch, 0.0, size=2.0)
    assert np.hypot(*aligned.vectors.T) == pytest.approx(model.lattice.period, rel=1e-12)
    twisted = data.moire(0.246, 1.0, 1.03, size=2.0)
    reciprocal = StrainedTBG(twist_degrees=1.03, lattice_constant=0.246).reciprocal_vectors
    # Ying's model has K θ for the exact chord.
    assert np.hypot(*twisted.vectors.T) == pytest.approx(
        4 * math.pi / math.sqrt(3) / np.hypot(*reciprocal[0]), rel=1e-4
    )


def test_atoms_lie_on_atoms_at_the_moire_points() -> None:
    one = data.moire(0.246, 1.02, 0.0, size=30.0)
    spots = one.lower[one.offset < 3e-3]
    thirds = 3 * spots @ np.linalg.inv(one.vectors)
    assert len(spots) > 5
    assert np.abs(thirds - np.rint(thirds)).max() < 0.05
    # The farthest from all atoms is the middle of a hexagon.
    assert one.offset.max() == pytest.approx(1.02 * 0.246 / math.sqrt(3), rel=0.02)


def test_a_honeycomb_has_two_atoms_per_cell() -> None:
    one = data.moire(0.246, 1.0, 30.0, size=12.0)
    area = math.sqrt(3) / 2 * 0.246**2
    assert len(one.lower) == pytest.approx(2 * 12.0**2 / area, rel=0.02)
    bonds = np.sort(np.linalg.norm(one.lower[:, None] - one.lower[len(one.lower) // 3], axis=-1), 0)
    assert bonds[1] == pytest.approx(0.246 / math.sqrt(3))


def test_graphene_touches_at_the_corners_and_the_valleys_are_mirror_images() -> None:
    found = data.valleys(points=41, count=9)
    a = GrapheneHBN().lattice_constant
    for kx, ky in found.corners:
        hops = 1 + 2 * np.cos(kx * a / 2) * np.exp(1j * math.sqrt(3) * ky * a / 2)
        assert abs(hops) < 1e-12
    assert found.graphene.max() == pytest.approx(3.0)
    np.testing.assert_allclose(found.bands_k, found.bands_k_prime[::-1], atol=1e-8)
    assert np.abs(found.bands_k - found.bands_k[::-1]).max() > 5.0


def test_the_landscape_has_its_minima_at_the_equilibria() -> None:
    found, order = data.switch(), data.order_parameter()
    stable = [s.phi for s in order.equilibria(0.0) if s.stable]
    inner = found.landscape[0]
    minima = found.phi[1:-1][(inner[1:-1] < inner[:-2]) & (inner[1:-1] < inner[2:])]
    assert minima == pytest.approx(stable, abs=2 * (found.phi[1] - found.phi[0]))
    beyond = found.landscape[2]
    assert np.sum((beyond[1:-1] < beyond[:-2]) & (beyond[1:-1] < beyond[2:])) == 1
    jumps = found.path[np.flatnonzero(np.abs(np.diff(found.state)) > 0.02)]
    assert np.abs(jumps) == pytest.approx(1.0, abs=0.03)


def test_the_lengths_are_those_of_the_models() -> None:
    found = data.devices()
    assert (found.distance, found.gate_distance) == (1.0, 10.0)
    assert found.drag_period == GrapheneHBN().lattice.period
    assert found.switch_period == pytest.approx(0.246 / math.radians(1.03), rel=1e-4)
