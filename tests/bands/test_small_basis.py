import numpy as np
import pytest
from random_models import drawn_parameters, with_noise

from moirelib import DragLayer, GrapheneHBN
from moirelib._types import Floats
from moirelib.bands import small_basis
from moirelib.bands.kdotp import expand
from moirelib.bands.model import BlochModel
from moirelib.bands.small_basis import SmallBasis
from moirelib.bands.tiling import Tiling
from moirelib.drag import blocks

MODEL = GrapheneHBN()
PAIRS = np.array([[1, 0], [1, 1], [2, 1]])


def random_model(rng: np.random.Generator) -> BlochModel:
    """Draw the parameters of GrapheneHBN; of every third, the matrices with some noise."""
    model = drawn_parameters(rng)
    if rng.random() < 2 / 3:
        return model
    return with_noise(model, rng)


def points_of_tile(corners: Floats, rng: np.random.Generator, count: int) -> Floats:
    return rng.dirichlet([1.0, 1.0, 1.0], count) @ corners


@pytest.mark.parametrize("seed", range(30))
def test_bands_are_those_of_the_expansion(seed: int) -> None:
    """Random models and tiles: 10⁻⁶ of the largest, for whatever the layers use."""
    rng = np.random.default_rng(seed)
    model = random_model(rng)
    tiling = Tiling.of_zone(model.lattice, 12, "none")
    tried = rng.choice(len(tiling.corners), 4, replace=False)
    for corners in tiling.corners[tried]:
        expansion = expand(model, corners.mean(axis=0), 6)
        basis = SmallBasis.of(expansion, corners, PAIRS, 6)
        if basis is not None:
            break
    assert basis is not None, "most tiles of this size have one"
    assert basis.hamiltonian.shape[-1] < expansion.hamiltonian.shape[-1]
    k = points_of_tile(corners, rng, 20)
    energies, velocities, form_factors = basis.solve(k)
    bands = expansion.solve(k, 6)
    # The products of both are what a response is made of.
    products = velocities[..., 0] * form_factors
    expected = bands.velocities[..., 0] * bands.form_factors(PAIRS)
    for found, reference in (
        (energies, bands.energies),
        (velocities, bands.velocities),
        (form_factors, bands.form_factors(PAIRS)),
        (products, expected),
    ):
        np.testing.assert_allclose(found, reference, rtol=0, atol=1e-6 * np.abs(reference).max())


def test_a_large_tile_has_no_basis() -> None:
    tiling = Tiling.of_zone(MODEL.lattice, 1, "none")
    expansion = expand(MODEL, tiling.centres[0], 6)
    assert SmallBasis.of(expansion, tiling.corners[0], PAIRS, 6) is None


@pytest.mark.parametrize("seed", range(30))
def test_all_retained_bands_do_on_any_tile(seed: int) -> None:
    """Random models and tiles of any size: the expansion itself, to rounding."""
    rng = np.random.default_rng(1000 + seed)
    model = random_model(rng)
    tiling = Tiling.of_zone(model.lattice, int(rng.integers(1, 8)), "none")
    corners = tiling.corners[rng.integers(len(tiling.corners))]
    expansion = expand(model, corners.mean(axis=0), 6)
    basis = SmallBasis.of_all_retained(expansion, corners, PAIRS, 6)
    k = points_of_tile(corners, rng, 20)
    bands = expansion.solve(k, 6)
    for found, reference in zip(
        basis.solve(k), (bands.energies, bands.velocities, bands.form_factors(PAIRS)), strict=True
    ):
        np.testing.assert_allclose(found, reference, rtol=0, atol=1e-9 * np.abs(reference).max())


def test_touching_bands_are_averaged_as_in_the_expansion() -> None:
    """Empty lattice: on the zone boundary k and k − G are degenerate, and their mean counts."""
    model = GrapheneHBN(cutoff=2, coupling=0.0)
    tiling = Tiling.of_zone(model.lattice, 24, "C3v")
    # The side of a tile on the boundary, next to the point M.
    edge = model.lattice.corners[:2].mean(axis=0)
    tile = int(np.argmin(np.linalg.norm(tiling.centres - edge, axis=1)))
    corners = tiling.corners[tile]
    outer = corners[np.argsort(corners @ edge)[1:]]
    expansion = expand(model, tiling.centres[tile], 4)
    basis = SmallBasis.of(expansion, corners, PAIRS, 4)
    assert basis is not None
    k = np.linspace(*outer, 7)
    bands = expansion.solve(k, 4)
    assert np.diff(bands.energies, axis=1).min() < 1e-6
    _, velocities, form_factors = basis.solve(k)
    np.testing.assert_allclose(velocities, bands.velocities, rtol=0, atol=1e-6 * 550)
    np.testing.assert_allclose(form_factors, bands.form_factors(PAIRS), rtol=0, atol=1e-6)


def test_layers_do_not_depend_on_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """The susceptibility of a layer with the small basis, and of one in plane waves."""
    used = []

    def solve(self: SmallBasis, k: Floats) -> object:
        used.append(len(k))
        return original(self, k)

    original = SmallBasis.solve
    monkeypatch.setattr(SmallBasis, "solve", solve)
    mu = np.linspace(-150.0, 200.0, 15)
    monkeypatch.setattr(blocks, "_FEW", 0.3)
    found = DragLayer(MODEL, mesh=60, shells=1).susceptibility(mu, 8.0)
    assert sum(used) > 300
    monkeypatch.setattr(blocks, "_FEW", 10**9)
    used.clear()
    expected = DragLayer(MODEL, mesh=60, shells=1).susceptibility(mu, 8.0)
    assert not used
    np.testing.assert_allclose(found, expected, rtol=0, atol=1e-6 * np.abs(expected).max())


def test_an_order_too_low_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """The control: with bands left out that are too near, the check of the energies refuses."""
    tiling = Tiling.of_zone(MODEL.lattice, 6, "C3v")
    monkeypatch.setattr(small_basis, "_GAPS", (0.5,))
    bases = [
        SmallBasis.of(expand(MODEL, centre, 6), corners, PAIRS, 6)
        for centre, corners in zip(tiling.centres[:6], tiling.corners[:6], strict=True)
    ]
    assert None in bases
