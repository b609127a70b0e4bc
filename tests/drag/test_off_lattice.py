import math

import numpy as np
import pytest

from moirelib import DragLayer, GrapheneHBN, Interlayer, drag_conductivity, solve_bands
from moirelib.bands.bloch import overlap_current_factors, overlap_form_factors
from moirelib.bands.brillouin import fermi, minus_fermi_derivative
from moirelib.drag.off_lattice import OffLatticeLayer, broadened_drag, drag_curvature
from moirelib.drag.response import density_current_response

MODEL = GrapheneHBN()
SMALL = GrapheneHBN(cutoff=2)
MU, KT = np.array([-60.0, 60.0, 180.0]), 8.0


@pytest.fixture(scope="module")
def layer():
    return OffLatticeLayer(MODEL, mesh=24)


def test_without_offset_it_is_the_susceptibility_of_the_layer(layer):
    reference = DragLayer(MODEL, mesh=24, bands=6, shells=2, solver="dense")
    order = [np.flatnonzero((layer.pairs == p).all(1))[0] for p in reference.pairs]
    on_lattice = layer.susceptibility([0, 0], MU, KT)
    expected = reference.susceptibility(MU, KT)
    # Which edge of the zone a point folds onto matters as far as the basis is truncated.
    atol = 2e-5 * np.abs(expected).max()
    np.testing.assert_allclose(on_lattice[:, order], expected, atol=atol)
    np.testing.assert_allclose(on_lattice[:, 0], 0, atol=atol)


@pytest.mark.parametrize("valley", [1, -1])
def test_against_overlaps_of_separately_solved_states(valley):
    """Eq. 31 term by term, each valley on its own, with states at k + q that are not folded."""
    layer = OffLatticeLayer(SMALL, mesh=12)
    model = SMALL if valley == 1 else SMALL.other_valley()
    offset, pair, mu = np.array([2, -1]), np.array([1, 1]), 60.0
    lattice = SMALL.lattice
    q = lattice.vectors(offset) / layer.mesh
    k = lattice.mesh(layer.mesh, "none").points
    folded, umklapp = lattice.fold(k + q)
    left, right = solve_bands(model, k), solve_bands(model, folded)
    density = overlap_form_factors(left, right, pair, umklapp)
    current = overlap_current_factors(left, right, [0, 0], umklapp).conj()
    weight = -(fermi(left.energies, mu, KT) - fermi(right.energies, mu, KT))
    weight /= left.energies - right.energies
    diagonal = np.einsum("knn,xknn,kn->x", density, current, weight)
    one_valley = 2 * valley * diagonal / (lattice.cell_area * layer.mesh**2)
    index = np.flatnonzero((layer.pairs == pair).all(1))[0]
    both = layer.susceptibility(offset, [mu], KT)[0, index]
    np.testing.assert_allclose(one_valley, both / 2, atol=1e-3 * np.abs(both).max())


def test_stars_and_slices_give_what_plain_states_give():
    """Random offsets, G and bands, against states solved one by one and rows that are looked up."""
    rng = np.random.default_rng(12)
    layer = OffLatticeLayer(SMALL, mesh=9, shells=3)
    k = layer._bands.k
    plain = solve_bands(SMALL, k)
    np.testing.assert_allclose(layer._bands.energies, plain.energies, atol=1e-9)
    for _ in range(4):
        partner, umklapp = layer._displaced(rng.integers(-9, 9, 2))
        wrap = umklapp[rng.integers(len(k))]
        here = np.flatnonzero((umklapp == wrap).all(axis=1))
        left, right = (solve_bands(SMALL, k[some]) for some in (here, partner[here]))
        wraps = np.broadcast_to(wrap, (len(here), 2))
        density = overlap_form_factors(left, right, layer.pairs, wraps)
        current = overlap_current_factors(left, right, [0, 0], wraps).conj()
        band = int(rng.integers(layer.bands))
        expected = density[:, None, :, band, band] * current[:, :, band, band]
        found = layer._products(here, partner[here], wrap, band)
        np.testing.assert_allclose(found, expected, atol=1e-9 * np.abs(expected).max())


def test_against_the_dynamic_response_at_zero_frequency():
    """Eq. 31 at a frequency next to zero, computed elsewhere for both valleys."""
    ours, other = OffLatticeLayer(SMALL, mesh=12), DragLayer(SMALL, mesh=12, shells=2)
    offset = np.array([2, -1])
    q = SMALL.lattice.vectors(offset) / 12
    response = density_current_response(
        other, q, np.array([1e-7j]), MU[:2], KT, part="intraband", bands=6
    )
    order = [np.flatnonzero((ours.pairs == p).all(1))[0] for p in other.pairs]
    susceptibility = ours.susceptibility(offset, MU[:2], KT)[:, order]
    # The two place states on the edge of the zone on different sides of a truncated basis.
    atol = 1e-3 * np.abs(susceptibility).max()
    np.testing.assert_allclose(susceptibility, -response[0], atol=atol)


def test_hermiticity_and_point_group(layer):
    offset = np.array([3, 1])
    here = layer.susceptibility(offset, MU, KT)
    opposite = layer.susceptibility(-offset, MU, KT)
    minus = [np.flatnonzero((layer.pairs == -p).all(1))[0] for p in layer.pairs]
    np.testing.assert_allclose(opposite[:, minus], here.conj(), atol=1e-12)
    for op in MODEL.lattice.point_operations:
        image = [np.flatnonzero((layer.pairs == op.pairs @ p).all(1))[0] for p in layer.pairs]
        there = layer.susceptibility(op.pairs @ offset, MU, KT)[:, image]
        expected = here @ op.cartesian.T
        expected = expected.conj() if op.conjugates else expected
        np.testing.assert_allclose(there, expected, atol=2e-5 * np.abs(here).max())


def test_at_g_zero_the_response_is_the_current_of_orbital_moments(layer):
    """𝒞_q → i c ẑ × q, c from the moments Σ_m Im[v_x v_y]/(ε_n − ε_m) on the Fermi line."""
    # Away from the primary gap, whose moments sit on fewer wavevectors than a mesh resolves.
    away = np.array([-110.0, -40.0])
    mesh = MODEL.lattice.mesh(20, "C3v")
    moments = np.zeros(len(away))
    for k, weight in zip(mesh.points, mesh.weights, strict=True):
        energies, states = np.linalg.eigh(MODEL.hamiltonian(k))
        v_x, v_y = (states.conj().T @ one @ states for one in MODEL.velocity_operators())
        gap = energies[:, None] - energies
        gap[np.abs(gap) < 1e-6] = np.inf
        moment = (np.imag(v_x * v_y.T) / gap).sum(axis=1)
        moments += [weight * moment @ minus_fermi_derivative(energies, mu, KT) for mu in away]
    offset = np.array([1, 0])
    q = MODEL.lattice.vectors(offset) / layer.mesh
    current = layer.susceptibility(offset, away, KT)[:, 0]
    along, across = current @ q, current @ np.array([-q[1], q[0]]) / (q @ q)
    np.testing.assert_allclose(along, 0, atol=1e-6 * np.abs(current).max())
    # Terms of even order in q are real.
    np.testing.assert_allclose(across.imag, 4 / MODEL.lattice.cell_area * moments, rtol=0.02)


def equal(of_fillings):
    """Take the entries of equal fillings."""
    return np.diagonal(of_fillings, axis1=-2, axis2=-1)


def test_zero_width_is_the_drag_conductivity(layer):
    reference = DragLayer(MODEL, mesh=24, bands=6, shells=2, solver="dense")
    full = drag_conductivity(reference, reference, MU, MU, KT)
    expected = full[range(3), range(3), 0, 0]
    by_shell = equal(broadened_drag(layer, layer, MU, MU, KT, 0.0))
    np.testing.assert_allclose(by_shell.sum(0), expected, rtol=1e-4)


def test_broadened_sum_converges_and_meets_its_expansion():
    """A denser mesh of offsets changes little; the parabola is met as η → 0."""
    coarse, fine = (OffLatticeLayer(SMALL, mesh=mesh, bands=4) for mesh in (20, 40))
    mu = MU[:2]
    eta = 1.25 * coarse.spacing
    wide = [equal(broadened_drag(one, one, mu, mu, KT, eta)) for one in (coarse, fine)]
    np.testing.assert_allclose(wide[0][1:].sum(0), wide[1][1:].sum(0), rtol=1e-2)
    # At 60 meV the point G = 0 is next to nothing, from moments at the narrow primary gap.
    np.testing.assert_allclose(wide[0][0], wide[1][0], atol=0.06)
    assert wide[0][0, 0] == pytest.approx(wide[1][0, 0], rel=1e-2)
    slope = equal(drag_curvature(fine, fine, mu, mu, KT))[1:].sum(0)
    eta = 1.25 * fine.spacing
    narrow, sharp = equal(broadened_drag(fine, fine, mu, mu, KT, [eta, 0.0]))[:, 1:].sum(1)
    np.testing.assert_allclose(narrow - sharp, slope * eta**2, rtol=0.3)


def test_few_plane_waves_break_the_threefold_axis_at_finite_q():
    """𝒞 at C₃q is C₃𝒞 to what the cut-off leaves out, more so at the longer q."""

    def missing(cutoff, mesh):
        layer = OffLatticeLayer(GrapheneHBN(cutoff=cutoff), mesh=mesh, bands=4, shells=1)
        pairs = [tuple(pair) for pair in layer.pairs.tolist()]
        base = layer.susceptibility([1, 0], MU[:2], KT)
        found = []
        for turn in layer.lattice.point_operations:
            if np.linalg.det(turn.cartesian) > 0:
                image = layer.susceptibility(turn.pairs[:, 0], MU[:2], KT)
                order = [pairs.index(tuple(pair)) for pair in (layer.pairs @ turn.pairs.T).tolist()]
                found.append(np.abs(image[:, order] - base @ turn.cartesian.T).max())
        return max(found) / np.abs(base).max()

    coarse, fine = missing(1, 12), missing(1, 24)
    assert 0.1 < fine < 0.3
    assert coarse == pytest.approx(2 * fine, rel=0.3)
    assert 0.001 < missing(2, 24) < 0.005


def test_curvature_of_the_zeroth_point_has_no_discrete_share(layer):
    at_zero = layer.susceptibility([1, 0], MU, KT)[:, 0]
    laplacian = 4 * Interlayer()(0.0) * 0.5 * (np.abs(at_zero) ** 2).sum(-1)
    expected = -math.pi * laplacian / layer.spacing**2
    # The offset is not infinitesimal: what is left is of order q².
    np.testing.assert_allclose(
        equal(drag_curvature(layer, layer, MU, MU, KT))[0], expected, rtol=0.2
    )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda a: OffLatticeLayer(GrapheneHBN.as_printed()), "among its symmetries"),
        (lambda a: OffLatticeLayer(MODEL, mesh=1), "mesh must be ≥ 2"),
        (lambda a: a.susceptibility([0.5, 0], MU, KT), "offset must hold integers"),
        (lambda a: a.susceptibility([[0, 1]], MU, KT), "offset must be one pair"),
        (lambda a: a.susceptibility([0, 0], MU, 0.0), "kT must be > 0"),
        (lambda a: broadened_drag(a, a, MU, MU, KT, 1e-3), "would not resolve the Gaussian"),
        (lambda a: broadened_drag(a, a, MU, MU, KT, [0.0, -0.1]), "width must be 0 or ≥"),
        (
            lambda a: broadened_drag(a, OffLatticeLayer(MODEL, mesh=12), MU, MU, KT, 0.0),
            "must share the mesh",
        ),
        (
            lambda a: broadened_drag(a, a, MU, MU, KT, 0.0, broadening=-1.0),
            "broadening must be > 0 meV",
        ),
    ],
)
def test_bad_input_is_named(layer, call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call(layer)
