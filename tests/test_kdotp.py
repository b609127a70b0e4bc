import numpy as np
import pytest

from moirelib import GrapheneHBN, solve_bands
from moirelib.kdotp import Tiling, corner_mismatch, expand
from moirelib.lattice import MoireLattice

MODEL = GrapheneHBN()


def test_expansion_is_exact_at_its_centre() -> None:
    centre = np.array([0.07, 0.11])
    bands = expand(MODEL, centre, 6).solve(centre[None], 6)
    dense = solve_bands(MODEL, centre)
    np.testing.assert_allclose(bands.energies, dense.energies, atol=1e-9)
    np.testing.assert_allclose(bands.form_factors([1, 0]), dense.form_factors([1, 0]), atol=1e-9)
    np.testing.assert_allclose(bands.velocities, dense.velocities, atol=1e-7)


@pytest.mark.parametrize(("quantity", "order"), [("energies", 4), ("form_factors", 3)])
def test_order_of_the_truncation(quantity: str, order: int) -> None:
    """Energies are right to third order and states to second: the errors are the next orders."""
    centre, direction = np.array([0.11, 0.05]), np.array([0.6, 0.8])
    expansion = expand(MODEL, centre, 6)
    errors = []
    for q in (0.02, 0.01):
        k = (centre + q * direction)[None]
        bands, dense = expansion.solve(k, 6), solve_bands(MODEL, k)
        if quantity == "energies":
            error = np.abs(bands.energies - dense.energies)
        else:
            error = np.abs(bands.form_factors([1, 0]) - dense.form_factors([1, 0]))
        errors.append(error[0, 1:5].max())
    assert np.log2(errors[0] / errors[1]) > order - 0.5


def test_tiles_cover_the_wedge_and_the_zone() -> None:
    lattice = MoireLattice(14.0)
    for symmetry, share in (("C3v", 1 / 6), ("none", 1.0)):
        tiling = Tiling.of_zone(lattice, 5, symmetry)  # type: ignore[arg-type]
        a, b, c = np.moveaxis(tiling.corners, 1, 0)
        (abx, aby), (acx, acy) = (b - a).T, (c - a).T
        area = np.abs(abx * acy - aby * acx).sum() / 2
        assert area == pytest.approx(share * lattice.zone_area, rel=1e-12)
        mesh = lattice.mesh(30, symmetry)  # type: ignore[arg-type]
        centres = tiling.centres[tiling.assign(mesh.points)]
        farthest = np.linalg.norm(mesh.points - centres, axis=1).max()
        assert farthest <= lattice.k_m / 5 / np.sqrt(3) * (1 + 1e-9)


def test_the_mismatch_bounds_the_error_on_a_mesh() -> None:
    tiling = Tiling.of_zone(MODEL.lattice, 5, "C3v")
    pairs = MODEL.lattice.shells(2)[1][:3]
    energy, form_factor = corner_mismatch(MODEL, tiling, 6, pairs)
    points = MODEL.lattice.mesh(24).points
    dense = solve_bands(MODEL, points)
    tile = tiling.assign(points)
    for index in range(len(tiling.centres)):
        here = tile == index
        bands = expand(MODEL, tiling.centres[index], 6).solve(points[here], 6)
        off = np.abs(bands.form_factors(pairs) - dense.form_factors(pairs)[:, here])
        assert np.abs(bands.energies - dense.energies[here]).max() <= energy
        assert off.max() <= form_factor
    assert energy < 5e-3
    assert form_factor < 2e-3
