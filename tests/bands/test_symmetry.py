"""Relations between one wavevector and its images, against bands solved at every image."""

from typing import Any

import numpy as np
import pytest

from moirelib import GrapheneHBN, solve_bands
from moirelib.bands.lattice import Symmetry
from moirelib.bands.symmetry import orbits, over_orbits, require_symmetry, star_averages

MODEL = GrapheneHBN()
PAIRS = np.concatenate(MODEL.lattice.shells(6)[1:])


def test_the_average_over_a_star_is_the_mean_over_its_members() -> None:
    k = np.array([[0.11, 0.06], [0.2, 0.03]])
    here = solve_bands(MODEL, k, count=4)
    images = [
        solve_bands(MODEL, k @ op.cartesian.T, count=4) for op in MODEL.lattice.point_operations
    ]
    every = orbits(MODEL.lattice, PAIRS, "C3v")
    averages = star_averages(every, here.velocities, here.form_factors(PAIRS))
    for orbit, average in zip(every, averages, strict=True):
        pair = PAIRS[orbit.star[0][0]]
        products = [np.moveaxis(b.velocities, -1, 0) * b.form_factors(pair) for b in images]
        np.testing.assert_allclose(average, np.mean(products, axis=0), atol=1e-8)


@pytest.mark.parametrize("symmetry", ["C3v", "none"])
def test_vectors_carried_over_an_orbit_are_sums_over_the_whole_zone(symmetry: Symmetry) -> None:
    """Any weight that depends on the energy alone will do."""
    lattice = MODEL.lattice

    def weight(energies: np.ndarray) -> np.ndarray:
        return np.exp(-(((energies - 30.0) / 40.0) ** 2))

    # A shift keeps every point off the boundary, where the truncated basis prefers one image.
    grid = np.stack(np.meshgrid(*2 * [np.arange(5) / 5], indexing="ij"), axis=-1).reshape(-1, 2)
    shifted, _ = lattice.fold((grid + np.array([0.031, 0.017])) @ lattice.reciprocal_vectors)
    zone = np.concatenate([shifted @ op.cartesian.T for op in lattice.point_operations])
    full, few = (solve_bands(MODEL, k, count=4) for k in (zone, shifted))
    every = orbits(lattice, PAIRS, symmetry)
    if symmetry == "C3v":
        products = star_averages(every, few.velocities, few.form_factors(PAIRS))
        sums = np.array([(p * weight(few.energies)).mean(axis=1).sum(axis=-1) for p in products])
    else:
        representatives = PAIRS[[o.star[0][0] for o in every]]
        sums = _summed(full.velocities, full.form_factors(representatives), weight(full.energies))
    expected = _summed(full.velocities, full.form_factors(PAIRS), weight(full.energies))
    carried = over_orbits(sums[..., None], every)[0]
    np.testing.assert_allclose(carried, expected, atol=1e-8)
    assert np.abs(expected).max() > 1


def _summed(velocities: np.ndarray, factors: np.ndarray, weights: np.ndarray) -> np.ndarray:
    return np.einsum("kna,gkn,kn->ga", velocities, factors, weights) / len(velocities)


def test_orbits_partition_whole_shells() -> None:
    for symmetry, sizes in (("C3v", {6, 12}), ("none", {2})):
        every = orbits(MODEL.lattice, PAIRS, symmetry)  # type: ignore[arg-type]
        members = [index for orbit in every for index, *_ in orbit.members]
        assert sorted(members) == list(range(len(PAIRS)))
        assert {len(orbit.members) for orbit in every} == sizes


def test_broken_shells_are_refused() -> None:
    with pytest.raises(ValueError, match="pairs must hold whole shells"):
        orbits(MODEL.lattice, PAIRS[:4], "C3v")


class Tilted(GrapheneHBN):
    """States the symmetries of the untilted model, and adds TILT k_x to every energy."""

    TILT = 1e-4

    def hamiltonian(self, k: Any) -> Any:
        tilt = self.TILT * np.asarray(k)[..., 0, None, None]
        return super().hamiltonian(k) + tilt * np.eye(len(self.plane_waves))

    def velocity_operators(self) -> Any:
        return super().velocity_operators() + self.TILT * np.eye(2)[0, :, None, None] * np.eye(
            len(self.plane_waves)
        )


def test_a_symmetry_broken_a_little_is_seen() -> None:
    """By far less than what the sums would show, and by more than rounding."""
    require_symmetry(GrapheneHBN(cutoff=2))
    with pytest.raises(ValueError, match="states the symmetry"):
        require_symmetry(Tilted(cutoff=2))
