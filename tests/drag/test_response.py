"""Response at finite wavevector and frequency: symmetries, limits, gauge invariance, bad input."""

from __future__ import annotations

from dataclasses import replace
from typing import Literal

import numpy as np
import pytest

from moirelib import DragLayer, GrapheneHBN, Interlayer, drag_conductivity, solve_bands
from moirelib.bands import stars
from moirelib.bands.bloch import overlap_current_factors, overlap_form_factors
from moirelib.drag.response import (
    current_density_response,
    density_current_response,
    interband_drag_conductivity,
    interband_susceptibility,
)

KT = 30.0
MU = np.array([-120.0, 20.0])
Q = np.array([0.04, -0.02])


@pytest.fixture(scope="module")
def layer() -> DragLayer:
    return DragLayer(
        GrapheneHBN(cutoff=2), mesh=3, bands=8, shells=1, symmetry="none", solver="dense"
    )


def test_current_and_density_responses_are_adjoint(layer: DragLayer) -> None:
    z = np.array([3.0 + 2.0j, 25.0j])
    forward = current_density_response(layer, Q, z, MU, KT, bands=8)
    backward = density_current_response(layer, Q, z.conj(), MU, KT, bands=8)
    np.testing.assert_allclose(backward, forward.conj(), rtol=1e-12, atol=1e-18)


def test_parts_add_up(layer: DragLayer) -> None:
    whole, intra, inter = (
        current_density_response(layer, Q, 5.0j, MU, KT, part=part, bands=8)
        for part in ("all", "intraband", "interband")
    )
    np.testing.assert_allclose(whole, intra + inter, rtol=1e-12, atol=1e-18)


def test_commensurate_q_reverses_with_frequency(layer: DragLayer) -> None:
    # k → k + q maps a mesh onto itself if q belongs to it; χ(−q, −G, z) = χ(q, G, −z*)*.
    q = layer.lattice.reciprocal_vectors[0] / layer.mesh
    plain = replace(layer, model=GrapheneHBN(cutoff=3))
    z = 4.0 + 6.0j
    index = {tuple(pair): i for i, pair in enumerate(plain.pairs.tolist())}
    opposite = [index[tuple(pair)] for pair in (-plain.pairs).tolist()]
    there = current_density_response(plain, -q, z, MU, KT, bands=6)
    here = current_density_response(plain, q, -np.conj(z), MU, KT, bands=6)
    scale = np.abs(here).max()
    assert np.abs(there[:, :, opposite] - here.conj()).max() < 1e-4 * scale


def test_time_reversal_links_the_valleys(layer: DragLayer) -> None:
    # χ of K′ at (q, G, z) is −χ of K at (q, G, −z): charge odd, valley even in z.
    plain = replace(layer, model=GrapheneHBN(cutoff=3))
    q = layer.lattice.reciprocal_vectors[1] / layer.mesh
    z = np.array([4.0 + 6.0j, -4.0 - 6.0j])
    valley = current_density_response(plain, q, z, MU, KT, bands=6)
    charge = current_density_response(plain, q, z, MU, KT, "charge", bands=6)
    scale = np.abs(valley).max()
    assert np.abs(valley[0] - valley[1]).max() < 1e-4 * scale
    assert np.abs(charge[0] + charge[1]).max() < 1e-4 * scale


def test_valleys_are_filled_separately(layer: DragLayer) -> None:
    both, first, second, none = (
        current_density_response(layer, Q, 5.0j, [levels], KT, bands=8)
        for levels in ([-120.0, -120.0], [-120.0, 20.0], [20.0, -120.0], [20.0, 20.0])
    )
    np.testing.assert_allclose(first + second, both + none, rtol=1e-10, atol=1e-16)
    assert np.abs(first - both).max() > 1e-3 * np.abs(both).max()


def test_shift_multiplies_by_phases(layer: DragLayer) -> None:
    moved = replace(layer, shift=(2.0, -3.0))
    phase = np.exp(1j * layer.lattice.vectors(layer.pairs) @ [2.0, -3.0])[:, None]
    for function, turn in (
        (current_density_response, phase),
        (density_current_response, phase.conj()),
    ):
        np.testing.assert_allclose(
            function(moved, Q, 5.0j, MU, KT, bands=8),
            turn * function(layer, Q, 5.0j, MU, KT, bands=8),
            atol=1e-16,
        )


def test_external_reciprocal_vector_is_a_longer_q(layer: DragLayer) -> None:
    # χ(q + G₁, −q − G₁ − G), written with q + G₁ for q or with G₁ apart.
    index = {tuple(pair): i for i, pair in enumerate(layer.pairs.tolist())}
    longer = Q + layer.lattice.vectors([1, 0])
    together = current_density_response(layer, longer, 9.0j, MU, KT, bands=8)
    apart = current_density_response(layer, Q, 9.0j, MU, KT, external=(1, 0), bands=8)
    shared = [(i, index[n + 1, m]) for (n, m), i in index.items() if (n + 1, m) in index]
    assert shared
    for without, including in shared:
        np.testing.assert_allclose(
            together[:, :, without], apart[:, :, including], rtol=1e-10, atol=1e-16
        )


@pytest.fixture(scope="module")
def summed() -> dict[str, np.ndarray]:
    """What :func:`plain_loop` found, by place."""
    return {}


def plain_loop(
    layer: DragLayer, q: np.ndarray, z: complex, mu: float, kT: float, bands: int
) -> np.ndarray:
    """Kundu Eq. 30 as it stands: wavevector by wavevector, G by G, all pairs of bands."""
    total = np.zeros((len(layer.pairs), 2), dtype=complex)
    mesh = layer.lattice.mesh(layer.mesh, "none")
    for model, sign in ((layer.model, 1), (layer.model.other_valley(), -1)):
        for k in mesh.points:
            moved, umklapp = layer.lattice.fold(k + q)
            # K′ is summed over the reversed wavevectors: −k − q goes to −k.
            ends = (k, moved) if sign == 1 else (-moved, -k)
            left, right = (solve_bands(model, end, bands) for end in ends)
            energy_n, energy_m = left.energies[0][:, None], right.energies[0]
            f_n, f_m = (1 / (np.exp((e - mu) / kT) + 1) for e in (energy_n, energy_m))
            kernel = (f_n - f_m) / (z + energy_n - energy_m)
            current = overlap_current_factors(left, right, [0, 0], umklapp[None])[:, 0]
            for i, pair in enumerate(layer.pairs):
                density = overlap_form_factors(left, right, pair, umklapp[None])[0]
                total[i] += sign * (current * density.conj() * kernel).sum(axis=(1, 2))
    return 2 / layer.lattice.cell_area / mesh.size**2 * total


def test_time_reversal_is_exact_on_any_mesh_at_any_q(layer: DragLayer) -> None:
    # Valley currents are even in z, charge currents odd, however few wavevectors are summed.
    z = np.array([4.0 + 6.0j, -4.0 - 6.0j])
    for symmetry in ("full", "none"):
        both = replace(layer, symmetry=symmetry, divisions=2)
        valley = current_density_response(both, Q, z, MU, KT, bands=6)
        charge = current_density_response(both, Q, z, MU, KT, "charge", bands=6)
        scale = np.abs(valley).max()
        assert np.abs(valley[0] - valley[1]).max() < 1e-10 * scale
        assert np.abs(charge[0] + charge[1]).max() < 1e-10 * scale


@pytest.mark.parametrize("symmetry", ["full", "none"])
@pytest.mark.parametrize("place", ["on the mesh", "off the mesh", "zero"])
def test_the_order_of_summation_does_not_matter(
    symmetry: str, place: str, summed: dict[str, np.ndarray]
) -> None:
    # With symmetry a star is solved once and K′ not at all; on the mesh k + q are known too; many
    # G ask for the kernel first, many frequencies for the states first.
    layer = DragLayer(
        GrapheneHBN(cutoff=2), mesh=4, bands=8, shells=3, symmetry=symmetry, divisions=2
    )
    vectors = layer.lattice.reciprocal_vectors
    q = {"on the mesh": vectors[0] / 4 - vectors[1] / 2, "off the mesh": Q, "zero": 0 * Q}[place]
    z = 6.0 + 3.0j
    if place not in summed:  # it knows no symmetry
        summed[place] = plain_loop(layer, q, z, -120.0, KT, bands=20)
    expected = summed[place]
    scale = np.abs(expected).max()
    few = current_density_response(layer, q, z, [-120.0], KT, bands=20)[0, 0]
    assert np.abs(few - expected).max() < 1e-10 * scale
    many = current_density_response(layer, q, [z, *5j * np.arange(1, 40)], [-120.0], KT, bands=20)
    assert np.abs(many[0, 0] - expected).max() < 1e-10 * scale


def test_every_wavevector_is_solved_once(monkeypatch: pytest.MonkeyPatch) -> None:
    counts = []

    def counted(model: object, k: np.ndarray, count: int) -> object:
        counts.append(len(k))
        return solve_bands(model, k, count)

    monkeypatch.setattr(stars, "solve_bands", counted)
    model = GrapheneHBN(cutoff=2)
    layer = DragLayer(model, mesh=6, bands=8, shells=1, divisions=2)
    on_mesh = layer.lattice.reciprocal_vectors[1] / 6
    current_density_response(layer, on_mesh, 5.0j, MU, KT, bands=8)
    # 36 points in ten stars, and the images of those on the edge of the zone.
    assert sum(counts) < 15
    counts.clear()
    current_density_response(layer, Q, 5.0j, MU, KT, bands=8)
    assert sum(counts) == 10 + 36
    counts.clear()
    current_density_response(replace(layer, symmetry="none"), Q, 5.0j, MU, KT, bands=8)
    assert sum(counts) == 2 * (10 + 36)


@pytest.mark.parametrize("flavor", ["valley", "charge"])
def test_interband_wedge_is_the_full_zone(flavor: str) -> None:
    plain = DragLayer(
        GrapheneHBN(cutoff=4), mesh=4, bands=8, shells=2, symmetry="none", solver="dense"
    )
    wedge = replace(plain, symmetry="full")
    levels = np.array([[-120.0, -100.0], [20.0, -78.5]])
    z = np.array([0.0, 7.0 + 2.0j])
    full = interband_susceptibility(plain, z, levels, KT, flavor, bands=6)
    part = interband_susceptibility(wedge, z, levels, KT, flavor, bands=6)
    assert np.abs(full - part).max() < 1e-4 * np.abs(full).max()


@pytest.mark.parametrize("symmetry", ["full", "none"])
def test_sums_over_pairs_by_expansions(symmetry: Literal["full", "none"]) -> None:
    layer = DragLayer(
        GrapheneHBN(cutoff=2), mesh=15, bands=8, shells=2, symmetry=symmetry, divisions=3
    )
    levels, z = np.array([[-128.0, 30.0], [110.0, -78.5]]), np.array([0.0, 3.0 + 2.0j])
    assert len(layer.zone.points) >= 3 * len(layer._tiling.centres)
    found, plain = (
        interband_susceptibility(one, z, levels, KT, bands=16)
        for one in (layer, replace(layer, solver="dense"))
    )
    error = np.abs(found - plain).max()
    assert 0 < error < 1e-4 * np.abs(plain).max()


def test_gauge_invariance_between_fillings() -> None:
    layer = DragLayer(GrapheneHBN(), mesh=12, bands=10, shells=1, solver="dense")
    intra = layer.susceptibility(MU, 15.0)
    inter = interband_susceptibility(layer, 0.0, MU, 15.0)[0]
    difference = (inter[0] - inter[1]) - (intra[0] - intra[1])
    assert np.abs(difference).max() < 2e-3 * np.abs(intra[0] - intra[1]).max()


def test_interband_slope_is_the_derivative() -> None:
    layer = DragLayer(GrapheneHBN(cutoff=1), mesh=6, bands=8, shells=1, solver="dense")
    one_valley = np.array([[-120.0, 300.0], [20.0, 300.0]])
    step = 1e-2
    plus, minus, at = (
        interband_susceptibility(layer, z, one_valley, KT, bands=8)[0] for z in (step, -step, 0.0)
    )
    slope = (plus - minus) / (2 * step)
    length = np.linalg.norm(layer.lattice.vectors(layer.pairs), axis=1)
    u = Interlayer()(length)[:, None]
    expected = np.einsum("xga,ygb->xyab", at.conj(), slope * u)
    expected -= np.einsum("xga,ygb->xyab", slope.conj(), at * u)
    drag = interband_drag_conductivity(layer, layer, one_valley, one_valley, KT, bands=8)
    np.testing.assert_allclose(drag, -2 * np.pi * expected.imag, rtol=1e-4, atol=1e-9)


def test_interband_term_vanishes_with_time_reversal_and_is_hall_like_without() -> None:
    plain = DragLayer(GrapheneHBN(), mesh=6, bands=14, shells=1, symmetry="none", solver="dense")
    intra = np.abs(drag_conductivity(plain, plain, MU, MU, 20.0)).max()
    both = interband_drag_conductivity(plain, plain, MU, MU, 20.0, gap=-78.5, bands=6)
    assert np.abs(both).max() < 1e-5 * intra
    alone = np.column_stack([MU, [-78.5, -78.5]])
    one = interband_drag_conductivity(plain, plain, alone, alone, 20.0, gap=-78.5, bands=6)
    assert np.abs(one[..., 0, 0]).max() < 1e-5 * intra
    assert np.abs(one[..., 0, 1]).max() > 1e-4 * intra
    np.testing.assert_allclose(one[..., 0, 1], -one[..., 1, 0], atol=1e-5 * intra)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"q": [0.1, 0.2, 0.3]}, "q must have a last axis of length 2"),
        ({"q": [[0.1, 0.2]]}, "q must be one wavevector"),
        ({"q": [np.inf, 0.0]}, "q must be finite"),
        ({"frequency": np.nan}, "frequency must be finite"),
        ({"frequency": [[1.0]]}, "frequency must be a number or a one-dimensional array"),
        ({"frequency": "1"}, "frequency must hold numbers"),
        ({"mu": np.zeros((1, 3))}, "mu must have shape"),
        ({"kT": 0.0}, "kT must be > 0 meV"),
        ({"flavor": "spin"}, "flavor must be one of"),
        ({"part": "both"}, "part must be one of"),
        ({"external": (0.5, 0)}, "external must hold integers"),
        ({"external": [(0, 0), (1, 0)]}, "external must be one integer pair"),
        ({"bands": 7}, "must be even"),
    ],
)
@pytest.mark.parametrize("function", [current_density_response, density_current_response])
def test_response_refuses(
    layer: DragLayer, function: object, changes: dict[str, object], message: str
) -> None:
    arguments: dict[str, object] = {"q": Q, "frequency": 1.0j, "mu": MU, "kT": KT, "bands": 8}
    with pytest.raises((ValueError, TypeError), match=message):
        function(layer, **(arguments | changes))  # type: ignore[operator]


def test_resonant_frequency_is_refused(layer: DragLayer) -> None:
    points = layer.lattice.mesh(layer.mesh, "none").points
    energies = solve_bands(layer.model, points, 8).energies[0]
    with pytest.raises(ValueError, match="add an imaginary part"):
        interband_susceptibility(layer, energies[5] - energies[4], MU, KT, bands=8)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"kT": -1.0}, "kT must be > 0 meV"),
        ({"gap": np.nan}, "gap must be finite"),
        ({"flavor": "spin"}, "flavor must be one of"),
        ({"interlayer": "bare"}, "interlayer must be a function of q"),
        ({"bands": 3}, "must be even"),
    ],
)
def test_interband_drag_refuses(layer: DragLayer, changes: dict[str, object], message: str) -> None:
    arguments: dict[str, object] = {"kT": KT, "bands": 8}
    with pytest.raises((TypeError, ValueError), match=message):
        interband_drag_conductivity(layer, layer, MU, MU, **(arguments | changes))  # type: ignore[arg-type]


def test_unmatched_layers_are_refused(layer: DragLayer) -> None:
    with pytest.raises(ValueError, match="same shells"):
        interband_drag_conductivity(layer, replace(layer, shells=2), MU, MU, KT)
