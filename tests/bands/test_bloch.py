import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moirelib import GrapheneHBN, solve_bands
from moirelib.bands.bloch import (
    Bands,
    DegenerateBandsError,
    overlap_current_factors,
    overlap_form_factors,
)
from moirelib.bands.groups import cut_groups
from moirelib.bands.kdotp import expand
from moirelib.bands.lattice import MoireLattice
from moirelib.bands.model import PlaneWaveModel

small = settings(max_examples=10)
coordinates = st.floats(-0.5, 0.5, allow_nan=False)
MODEL = GrapheneHBN()
FIRST_SHELL = MODEL.lattice.shells(2)[1]


def massive_dirac(mass, speed=500.0, valley=1):
    """H = ħv(ξk_xσ_x + k_yσ_y) + mσ_z: one plane wave on a lattice that plays no part."""
    x = np.array([[0, 1], [1, 0]], dtype=complex)
    y = np.array([[0, -1j], [1j, 0]])
    return PlaneWaveModel(
        lattice=MoireLattice(14.0),
        h0=mass * np.diag([1.0, -1.0]).astype(complex),
        gradient=speed * np.stack([valley * x, y]),
        plane_waves=np.zeros((2, 2), dtype=np.int64),
        orbitals=np.arange(2),
        occupied=1,
    )


@given(x=coordinates, y=coordinates, mass=st.floats(1, 50), sign=st.sampled_from([1, -1]))
@small
def test_massive_dirac_energies_velocities_and_curvature(x, y, mass, sign):
    k, speed = np.array([x, y]), 500.0
    bands = solve_bands(massive_dirac(sign * mass, speed), k, count=2)
    energy = math.hypot(speed * math.hypot(x, y), mass)
    np.testing.assert_allclose(bands.energies[0], [-energy, energy], rtol=1e-12)
    expected = speed**2 * k / energy
    np.testing.assert_allclose(bands.velocities[0], [-expected, expected], atol=1e-9)
    # Xiao, Chang and Niu (2010): −mv²/2ε³ in the conduction band of the valley ξ = +1.
    curvature = -sign * mass * speed**2 / (2 * energy**3)
    np.testing.assert_allclose(bands.berry_curvature()[0], [-curvature, curvature], rtol=1e-8)


def test_massive_dirac_curvature_is_opposite_in_the_other_valley():
    k = np.array([0.02, 0.01])
    one, other = (
        solve_bands(massive_dirac(10.0, valley=v), v * k, count=2).berry_curvature()
        for v in (1, -1)
    )
    np.testing.assert_allclose(one, -other, rtol=1e-10)


def test_massive_dirac_curvature_integrates_to_half_a_quantum():
    mass, speed = 10.0, 500.0
    radius = mass / speed * np.sinh(np.linspace(0, 8, 801))
    k = np.stack([radius, np.zeros_like(radius)], axis=-1)
    curvature = solve_bands(massive_dirac(mass, speed), k, count=2).berry_curvature()
    flux = np.trapezoid(2 * math.pi * radius * curvature[:, 1], radius)
    share = 1 - mass / math.hypot(mass, speed * radius[-1])
    assert flux == pytest.approx(-math.pi * share, rel=1e-3)


def test_curvature_from_plaquettes():
    """Gauge-invariant overlaps around a small square against the Kubo formula."""
    centre, step = np.array([0.13, -0.07]), 1e-3
    square = centre + step / 2 * np.array([[-1, -1], [1, -1], [1, 1], [-1, 1]])
    states = solve_bands(MODEL, square, count=4).states
    links = np.einsum("kan,kan->kn", states.conj(), np.roll(states, -1, axis=0))
    # γ = ∮ i⟨u|∂u⟩ dk: each link is e^{−iγ}.
    flux = -np.angle(np.prod(links, axis=0)) / step**2
    curvature = solve_bands(MODEL, centre, count=4).berry_curvature()[0]
    np.testing.assert_allclose(flux, curvature, rtol=1e-3, atol=0.05)


def test_degenerate_bands_have_no_curvature():
    with pytest.raises(DegenerateBandsError, match="isolated bands"):
        solve_bands(massive_dirac(0.0), [0.0, 0.0], count=2).berry_curvature()


def test_degenerate_groups_share_their_diagonal():
    bands = solve_bands(massive_dirac(0.0), [0.0, 0.0], count=2)
    np.testing.assert_allclose(bands.velocities, 0, atol=1e-10)
    np.testing.assert_allclose(bands.form_factors([0, 0]), 1)


EMPTY = GrapheneHBN(cutoff=2, coupling=0.0)  # free waves: groups of up to 38 bands
KAPPA, KAPPA_PRIME = EMPTY.lattice.corners[:2]
SYMMETRIC = {
    "Gamma": 0 * KAPPA,
    "kappa": KAPPA,
    "kappa-prime": KAPPA_PRIME,
    "M": (KAPPA + KAPPA_PRIME) / 2,
}
COUNTS = range(2, 2 * EMPTY.occupied + 1, 2)


def group_means(k, pairs):
    """Energies, velocities and form factors of all bands at k: means over whole groups."""
    energies, states = np.linalg.eigh(EMPTY.hamiltonian(k))
    waves, orbitals = EMPTY.plane_waves, EMPTY.orbitals
    shifts = [
        (waves[:, None] + pair == waves).all(axis=-1) & (orbitals[:, None] == orbitals)
        for pair in pairs
    ]
    operators = [*EMPTY.velocity_operators(), *shifts]
    diagonals = np.array([np.diag(states.conj().T @ one @ states) for one in operators])
    for group in np.split(np.arange(len(energies)), np.flatnonzero(np.diff(energies) > 1e-3) + 1):
        diagonals[:, group] = diagonals[:, group].mean(axis=1, keepdims=True)
    return energies, diagonals[:2].T.real, diagonals[2:]


@pytest.mark.parametrize("k", SYMMETRIC.values(), ids=SYMMETRIC)
def test_groups_cut_by_the_window_are_averaged_whole(k):
    pairs = FIRST_SHELL[:2]
    energies, velocities, factors = group_means(k, pairs)
    was_cut = 0
    for count in COUNTS:
        window = slice(EMPTY.occupied - count // 2, EMPTY.occupied + count // 2)
        edges = [e for e in (window.start, window.stop) if 0 < e < len(energies)]
        # A second wavevector, where nothing is degenerate, must stay as it is.
        generic = np.array([0.031, 0.017])
        cut = any(energies[e] - energies[e - 1] < 1e-3 for e in edges)
        expansion = expand(EMPTY, k, count)
        for bands in (
            solve_bands(EMPTY, [generic, k], count),
            expansion.solve([k + 1e-3 * generic, k], count),
        ):
            assert (1 in bands.cut) == cut
            was_cut += cut
            np.testing.assert_allclose(bands.velocities[1], velocities[window], atol=1e-8)
            np.testing.assert_allclose(
                bands.form_factors(pairs)[:, 1], factors[:, window], atol=1e-9
            )
            alone = Bands(EMPTY, bands.k[:1], bands.energies[:1], bands.states[:1])
            if 0 not in bands.cut:
                np.testing.assert_allclose(bands.velocities[:1], alone.velocities, atol=1e-9)
        # Between the bands of an expansion and those decoupled there is a gap.
        first = EMPTY.occupied - expansion.below
        for edge in (first, first + expansion.hamiltonian.shape[-1]):
            if 0 < edge < len(energies):
                assert energies[edge] - energies[edge - 1] > 1e-3
    assert was_cut > 5


@pytest.mark.parametrize("k", SYMMETRIC.values(), ids=SYMMETRIC)
def test_curvature_is_refused_where_a_group_is_cut(k):
    refused = 0
    for count in COUNTS[::5]:
        bands = solve_bands(EMPTY, k, count)
        if bands.cut.size:
            refused += 1
            with pytest.raises(DegenerateBandsError, match=r"bands \d+ and \d+ .* at k = \["):
                bands.berry_curvature()
    assert refused


@given(x=coordinates, y=coordinates, valley=st.sampled_from([1, -1]))
@small
def test_velocities_are_slopes(x, y, valley):
    model, k, step = GrapheneHBN(valley=valley), np.array([x, y]), 1e-5
    bands = solve_bands(model, k, count=4)
    if np.diff(bands.energies).min() < 0.5:
        return  # the second-order difference needs the gap to exceed its step
    for axis, direction in enumerate(np.eye(2)):
        up, down = (solve_bands(model, k + s * step * direction, 4).energies for s in (1, -1))
        np.testing.assert_allclose(bands.velocities[..., axis], (up - down) / (2 * step), atol=1e-2)


@given(x=coordinates, y=coordinates)
@small
def test_form_factor_relations(x, y):
    k = np.array([[x, y]])
    bands = solve_bands(MODEL, k, count=4)
    if np.diff(bands.energies).min() < 1e-2:
        return  # the states themselves are then sensitive to round-off
    factors = bands.form_factors(FIRST_SHELL)
    np.testing.assert_allclose(bands.form_factors([0, 0]), 1, atol=1e-10)
    np.testing.assert_allclose(bands.form_factors(-FIRST_SHELL), factors.conj(), atol=1e-10)
    mirrored = solve_bands(MODEL.other_valley(), -k, count=4).form_factors(-FIRST_SHELL)
    np.testing.assert_allclose(mirrored.conj(), factors, atol=1e-10)
    inverted = solve_bands(MODEL.inverted(), k, count=4).form_factors(FIRST_SHELL)
    np.testing.assert_allclose(inverted.conj(), factors, atol=1e-10)


def test_form_factors_rotate_with_the_point_group():
    k = np.array([[0.11, 0.06]])
    factors = solve_bands(MODEL, k, count=4).form_factors(FIRST_SHELL)
    for operation in MODEL.lattice.point_operations:
        image = solve_bands(MODEL, k @ operation.cartesian.T, count=4)
        turned = image.form_factors(FIRST_SHELL @ operation.pairs.T)
        # The antiunitary ones act on r as the mirror x → −x, hence on G as minus that on k.
        if operation.conjugates:
            turned = turned.conj()
        np.testing.assert_allclose(turned, factors, atol=1e-10)


def test_diagonals_of_the_matrices():
    bands = solve_bands(MODEL, [[0.1, 0.2], [0.0, 0.3]], count=6)
    matrix = bands.form_factor_matrix(FIRST_SHELL)
    np.testing.assert_allclose(
        np.einsum("gknn->gkn", matrix), bands.form_factors(FIRST_SHELL), atol=1e-13
    )
    velocity = bands.velocity_matrix()
    np.testing.assert_allclose(velocity, velocity.conj().swapaxes(-1, -2), atol=1e-10)
    np.testing.assert_allclose(np.einsum("aknn->kna", velocity).real, bands.velocities, atol=1e-10)


@given(x=coordinates, y=coordinates, qx=coordinates, qy=coordinates)
@small
def test_overlaps_at_finite_q(x, y, qx, qy):
    model = GrapheneHBN(cutoff=5)
    k, q = np.array([[x, y]]), np.array([qx, qy])
    folded, umklapp = model.lattice.fold(k + q)
    left, right = solve_bands(model, k, count=4), solve_bands(model, folded, count=4)
    density = overlap_form_factors(left, right, FIRST_SHELL, umklapp)
    current = overlap_current_factors(left, right, FIRST_SHELL, umklapp)
    # Continuity; k itself may lie half a reciprocal vector out, where the cut-off shows.
    transfer = q + model.lattice.vectors(FIRST_SHELL)
    difference = right.energies[:, None, :] - left.energies[:, :, None]
    continuity = np.einsum("ga,agknm->gknm", transfer, current)
    np.testing.assert_allclose(difference * density, continuity, atol=1e-3)
    backward = overlap_form_factors(right, left, -FIRST_SHELL, -umklapp)
    np.testing.assert_allclose(backward, density.conj().swapaxes(-1, -2), atol=1e-13)


def test_overlaps_without_transfer_are_the_matrices():
    bands = solve_bands(MODEL, [[0.1, 0.2], [0.0, 0.3]], count=4)
    pairs = FIRST_SHELL.reshape(2, 3, 2)
    diagonal = np.einsum("abknn->abkn", overlap_form_factors(bands, bands, pairs))
    np.testing.assert_allclose(diagonal, bands.form_factors(pairs), atol=1e-13)
    current = overlap_current_factors(bands, bands, [0, 0])
    np.testing.assert_allclose(current, bands.velocity_matrix(), atol=1e-11)


def test_overlaps_take_different_numbers_of_bands():
    few, many = (solve_bands(MODEL, [[0.1, 0.2]], count=c) for c in (2, 6))
    assert overlap_form_factors(few, many, [1, 0]).shape == (1, 2, 6)
    assert overlap_current_factors(few, many, [[1, 0]]).shape == (2, 1, 1, 2, 6)


def test_bad_overlaps_are_refused():
    one = solve_bands(MODEL, [0.1, 0.2], count=2)
    two = solve_bands(MODEL, [[0.1, 0.2], [0.0, 0.0]], count=2)
    other = solve_bands(GrapheneHBN(cutoff=2), [0.1, 0.2], count=2)
    with pytest.raises(ValueError, match="as many wavevectors, got 1, 2"):
        overlap_form_factors(one, two, [1, 0])
    with pytest.raises(ValueError, match="same plane-wave basis"):
        overlap_form_factors(one, other, [1, 0])
    with pytest.raises(ValueError, match=r"umklapp must have shape \(1, 2\)"):
        overlap_form_factors(one, one, [1, 0], [[0, 0], [1, 0]])
    with pytest.raises(TypeError, match="umklapp must hold integers"):
        overlap_form_factors(one, one, [1, 0], [[0.5, 0]])


def test_shapes():
    bands = solve_bands(MODEL, np.zeros((3, 2)) + 0.1, count=6)
    assert bands.energies.shape == (3, 6)
    assert bands.velocities.shape == (3, 6, 2)
    assert bands.form_factors(np.zeros((2, 5, 2), dtype=int)).shape == (2, 5, 3, 6)
    assert bands.form_factors(np.zeros((0, 2), dtype=int)).shape == (0, 3, 6)
    assert bands.berry_curvature().shape == (3, 6)
    assert np.all(np.diff(bands.energies) >= 0)


@pytest.mark.parametrize(
    ("k", "count", "error", "message"),
    [
        ([0.1, math.nan], 4, ValueError, "k must be finite"),
        (np.zeros((2, 2, 2)), 4, ValueError, r"k must have shape \(nk, 2\)"),
        ([0.1, 0.2, 0.3], 4, ValueError, "k must have a last axis of length 2"),
        ([0.1j, 0.2], 4, TypeError, "k must hold real numbers"),
        ([0.1, 0.2], 3, ValueError, "count must be even"),
        ([0.1, 0.2], 0, ValueError, "count must be ≥ 2"),
        ([0.1, 0.2], 1000, ValueError, "count must be even and at most 170"),
    ],
)
def test_bad_input_is_named(k, count, error, message):
    with pytest.raises(error, match=message):
        solve_bands(MODEL, k, count)


@pytest.mark.parametrize("model", [None, "GrapheneHBN", GrapheneHBN])
def test_what_is_not_a_model_is_refused(model):
    with pytest.raises(TypeError, match=r"model must be a Bloch model such as GrapheneHBN\(\)"):
        solve_bands(model, [0.0, 0.0])


def test_bad_pairs_are_refused():
    bands = solve_bands(MODEL, [0.1, 0.2], count=2)
    with pytest.raises(TypeError, match="pairs must hold integers"):
        bands.form_factors([0.5, 0.0])
    with pytest.raises(ValueError, match="pairs must have a last axis of length 2"):
        bands.form_factors([1, 0, 0])


@pytest.mark.parametrize(("energies", "cut"), [([0, 1, 2, 2], [0]), ([0, 0, 1, 2], [0]),
                                               ([0, 1, 1, 2], [])])  # fmt: skip
def test_a_group_is_cut_at_either_edge_of_the_window(energies, cut):
    chosen = slice(1, 3)
    np.testing.assert_array_equal(cut_groups(np.array([energies], dtype=float), chosen), cut)


def test_form_factors_of_a_cut_group_do_not_follow_its_basis():
    """The degenerate states are mixed at random: the mean over the whole group stays."""
    rng = np.random.default_rng(5)
    energies, states = np.linalg.eigh(EMPTY.hamiltonian(KAPPA))
    for group in np.split(np.arange(len(energies)), np.flatnonzero(np.diff(energies) > 1e-3) + 1):
        shape = (len(group), len(group))
        mixing = np.linalg.qr(rng.normal(size=shape) + 1j * rng.normal(size=shape))[0]
        states[:, group] = states[:, group] @ mixing
    count = next(n for n in COUNTS if solve_bands(EMPTY, KAPPA, n).cut.size)
    window = slice(EMPTY.occupied - count // 2, EMPTY.occupied + count // 2)
    mixed = Bands(
        EMPTY, KAPPA[None], energies[None, window], states[None, :, window], np.array([0])
    )
    _, _, factors = group_means(KAPPA, FIRST_SHELL)
    np.testing.assert_allclose(mixed.form_factors(FIRST_SHELL)[:, 0], factors[:, window], atol=1e-9)
    whole = Bands(EMPTY, KAPPA[None], energies[None, window], states[None, :, window])
    assert np.abs(whole.form_factors(FIRST_SHELL)[:, 0] - factors[:, window]).max() > 1e-2


@pytest.mark.parametrize("shape", [(), (3,), (2, 3)])
def test_only_what_moves_is_added_to_h_at_zero(shape: tuple[int, ...]) -> None:
    """H₀ + k·∂H, of a sparse ∂H as of one that is full."""
    rng = np.random.default_rng(6)
    model = GrapheneHBN(cutoff=1).plane_wave_model
    size = len(model.h0)
    turn = np.linalg.qr(rng.normal(size=(size, size)) + 1j * rng.normal(size=(size, size)))[0]
    h0, gradient = (turn.conj().T @ one @ turn for one in (model.h0, model.gradient))
    hermitian = ((one + one.conj().swapaxes(-1, -2)) / 2 for one in (h0, gradient))
    turned = replace(model, **dict(zip(("h0", "gradient"), hermitian, strict=True)))
    k = rng.uniform(-1, 1, (*shape, 2))
    for one in (model, turned):
        expected = one.h0 + np.tensordot(k, one.gradient, axes=1)
        np.testing.assert_allclose(one.hamiltonian(k), expected, atol=1e-10)
        np.testing.assert_array_equal(
            one.hamiltonian(0 * k), np.broadcast_to(one.h0, expected.shape)
        )
