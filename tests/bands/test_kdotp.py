import numpy as np
import pytest

from moirelib import GrapheneHBN, solve_bands
from moirelib.bands.brillouin import counting_function
from moirelib.bands.kdotp import expand
from moirelib.bands.lattice import MoireLattice
from moirelib.bands.tiling import Tiling, corner_mismatch, energies_on_mesh, expanded_energies

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


def test_the_decoupled_hamiltonian_is_hermitian() -> None:
    expansion = expand(MODEL, [0.11, 0.05], 6)
    matrices = expansion.matrices(expansion.centre + 0.03 * np.eye(2))
    skew = np.abs(matrices - matrices.conj().swapaxes(-1, -2)).max()
    # The third-order term alone, to which an asymmetry would belong.
    third = np.abs(expansion.hamiltonian[6:]).max() * 0.03**3
    assert skew < 1e-9 * third


def test_velocities_are_those_of_normalised_states() -> None:
    expansion = expand(MODEL, [0.11, 0.05], 6)
    k = expansion.centre + 0.1 * np.eye(2)
    _, _, velocities = expansion.velocity_matrices(k)
    diagonal = np.einsum("ckaa->kac", velocities).real[:, expansion.chosen(6)]
    expected = expansion.solve(k, 6).velocities
    np.testing.assert_allclose(diagonal, expected, atol=1e-9 * np.abs(expected).max())
    # Where this is checked, the expanded states have a norm that shows.
    _, vectors, chosen = expansion.eigenpairs(k, 6)
    norm = np.linalg.norm(expansion.basis(k) @ vectors[..., chosen], axis=1)
    assert np.abs(norm - 1).max() > 1e-6


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


@pytest.mark.parametrize("symmetry", ["C3v", "none"])
def test_rounding_does_not_choose_the_tile(symmetry: str) -> None:
    lattice = MoireLattice(14.0)
    tiling = Tiling.of_zone(lattice, 4, symmetry)  # type: ignore[arg-type]
    points = lattice.mesh(24, symmetry).points  # type: ignore[arg-type]
    distance = np.linalg.norm(points[:, None] - tiling.centres, axis=-1)
    distance.sort(axis=1)
    assert (distance[:, 1] - distance[:, 0] < 1e-9).any(), "points on the edges of tiles"
    noise = 1e-14 * np.random.default_rng(0).normal(size=points.shape)
    np.testing.assert_array_equal(tiling.assign(points + noise), tiling.assign(points))


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


@pytest.mark.parametrize("exponent_sign", ["momentum_matched", "as_printed"])
def test_energies_and_states_counted_are_those_of_diagonalisation(exponent_sign: str) -> None:
    """The error that the docstring of the figure states, also for points on the zone boundary."""
    model = GrapheneHBN(exponent_sign=exponent_sign, cutoff=2)  # type: ignore[arg-type]
    mesh = model.lattice.mesh(24)
    dense = solve_bands(model, mesh.points, count=10).energies
    expanded = expanded_energies(model, mesh.points, count=10)
    np.testing.assert_allclose(expanded, dense, atol=1e-3)
    np.testing.assert_allclose(
        expanded_energies(model, mesh.points, count=4, divisions=12), dense[:, 3:7], atol=1e-4
    )
    at = np.linspace(-250, 300, 111)
    of_expanded, of_dense = (counting_function(mesh, levels, at) for levels in (expanded, dense))
    np.testing.assert_allclose(of_expanded, of_dense, atol=2e-3)


def test_energies_on_a_mesh_are_kept_and_safe() -> None:
    mesh, energies = energies_on_mesh(MODEL, 12, count=4)
    np.testing.assert_array_equal(energies, expanded_energies(MODEL, mesh.points, 4))
    assert energies_on_mesh(MODEL, 12, count=4)[1] is energies
    with pytest.raises(ValueError, match="read-only"):
        energies[0] = 0.0


def test_energies_are_those_of_the_bands() -> None:
    expansion = expand(MODEL, [0.07, 0.11], 6)
    k = np.array([[0.08, 0.1], [0.05, 0.12]])
    np.testing.assert_array_equal(expansion.energies(k, 4), expansion.solve(k, 4).energies)
    assert expanded_energies(MODEL, np.zeros((0, 2)), 4).shape == (0, 4)


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda: expand(MODEL, [np.nan, 0.0], 6), ValueError, "centre must be finite"),
        (lambda: expand(MODEL, [[0.0, 0.0]], 6), ValueError, r"centre must have shape \(2,\)"),
        (lambda: expand(MODEL, [0.0, 0.0], 5), ValueError, "count must be even and at most 170"),
        (lambda: expand(None, [0.0, 0.0], 6), TypeError, "model must be a Bloch model"),  # type: ignore[arg-type]
        (
            lambda: expand(MODEL, [0.0, 0.0], 6).solve([0.0, 0.1], 60),
            ValueError,
            "count must be even and at most .* here, got 60",
        ),
        (
            lambda: expand(MODEL, [0.0, 0.0], 6).energies([0.0, 0.1, 0.2], 6),
            ValueError,
            "k must have a last axis of length 2",
        ),
        (
            lambda: expanded_energies(MODEL, [0.5, 0.0]),
            ValueError,
            "k must lie within the Brillouin zone; MoireLattice.fold",
        ),
        (
            lambda: Tiling.of_zone(MODEL.lattice, 0, "C3v"),
            ValueError,
            "divisions must be ≥ 1, got 0",
        ),
        (
            lambda: Tiling.of_zone(MODEL.lattice, 3, "c3v"),  # type: ignore[arg-type]
            ValueError,
            "symmetry must be one of 'none', 'C3v'",
        ),
    ],
)
def test_bad_input_is_named(call, error, message) -> None:  # type: ignore[no-untyped-def]
    with pytest.raises(error, match=message):
        call()


def test_velocity_matrices_against_those_of_the_states() -> None:
    centre = np.array([0.08, 0.03])
    expansion = expand(MODEL, centre, 6)
    k = centre + np.array([[0.01, -0.005], [0.0, 0.012]])
    energies, _, velocities = expansion.velocity_matrices(k)
    bands = expansion.solve(k, 6)
    chosen = slice(expansion.below - 3, expansion.below + 3)
    np.testing.assert_allclose(energies[:, chosen], bands.energies)
    reference = bands.velocity_matrix()
    # Phases of the states are free: compare moduli, and the diagonal with its sign.
    np.testing.assert_allclose(
        np.abs(velocities[..., chosen, chosen]), np.abs(reference), atol=1e-8
    )
    diagonal = np.einsum("xkaa->xka", velocities[..., chosen, chosen])
    np.testing.assert_allclose(diagonal, np.einsum("xkaa->xka", reference), atol=1e-8)


@pytest.mark.parametrize("case", range(4))
@pytest.mark.parametrize("divisions", [2, 5])
def test_the_mismatch_bounds_the_error(case: int, divisions: int) -> None:
    rng = np.random.default_rng(case)
    model = GrapheneHBN(cutoff=2, coupling=float(rng.uniform(80, 200)))
    tiling = Tiling.of_zone(model.lattice, divisions, "C3v")
    pairs = model.lattice.shells(2)[1][:3]
    estimated = corner_mismatch(model, tiling, 8, pairs)
    # At the corners, which are farthest from the centres, and within.
    shares = np.vstack([np.eye(3), rng.dirichlet(np.ones(3), 4)])
    errors = []
    for corners in tiling.corners:
        found = expand(model, corners.mean(axis=0), 8).solve(shares @ corners, 8)
        exact = solve_bands(model, shares @ corners, 8)
        factors = found.form_factors(pairs) - exact.form_factors(pairs)
        errors.append((np.abs(found.energies - exact.energies).max(), np.abs(factors).max()))
    for estimate, error in zip(estimated, np.max(errors, axis=0), strict=True):
        # Neighbours that err alike hide half of it at most.
        assert estimate / 2 <= error <= 2 * estimate
