import numpy as np
import pytest

from moirelib.switching.born import born_self_energy, ladder_polarisation_on_patch
from moirelib.switching.sampled_disorder import (
    TriangularValleys,
    averaged_propagator,
    sampled_polarisation,
    sampled_valley_decay,
)

MODEL = TriangularValleys(6)
Z = 0.5 + 0.4j


def test_the_clean_patch_has_the_levels_of_both_valleys():
    levels = np.linalg.eigvalsh(MODEL.hamiltonian())
    bands = np.concatenate([MODEL.band(s).ravel() for s in (1, -1)])
    np.testing.assert_allclose(levels, np.sort(bands), atol=1e-12)


def test_time_reversal_exchanges_the_valleys_with_any_disorder():
    h = MODEL.sample(np.random.default_rng(1), 0.3, 0.2)
    n = MODEL.size**2
    swapped = np.roll(np.roll(h, n, axis=0), n, axis=1)
    np.testing.assert_allclose(swapped, h.conj(), atol=1e-15)
    # One valley alone has a threefold axis and no inversion.
    assert np.abs(MODEL.band(1) - MODEL.band(-1)).max() > 1


def test_the_block_of_the_resolvent_is_that_of_the_whole_matrix():
    v0, v1 = MODEL.potentials(np.random.default_rng(2), 0.3, 0.2)
    n = MODEL.size**2
    whole = np.linalg.inv(Z * np.eye(2 * n) - MODEL.hamiltonian(v0, v1))
    np.testing.assert_allclose(MODEL.propagator(Z, v0, v1), whole[:n, :n], atol=1e-13)


def test_the_error_of_the_average_falls_with_the_root_of_the_number_of_samples():
    trace = averaged_propagator(MODEL, Z, 0.2, 0.1, 512, seed=3).mean((1, 2)).imag
    sizes = np.array([1, 4, 16])
    scatter = [trace.reshape(-1, n).mean(1).std() for n in sizes]
    assert np.polyfit(np.log(sizes), np.log(scatter), 1)[0] == pytest.approx(-0.5, abs=0.1)


def test_the_self_energy_is_that_of_weak_disorder_when_it_is_weak():
    first = born_self_energy(MODEL, Z, 2e-5, 1e-5).first
    clean = (1 / (Z - MODEL.band())).mean()
    assert first == pytest.approx(3e-5 * clean, rel=1e-3)


def test_the_crossed_diagram_is_of_second_order():
    size = [np.abs(born_self_energy(MODEL, Z, u, 0.5 * u).crossed).max() for u in (2e-4, 1e-4)]
    assert np.log2(size[0] / size[1]) == pytest.approx(2, abs=0.01)


def test_the_crossed_diagram_is_that_of_matrices_in_the_valleys():
    # At the flux π/3 the valleys are one band moved to either corner: G₊(x)³ = G₋(x)³.
    model, intra, inter = TriangularValleys(5, flux=0.8), 0.05, 0.02
    found = born_self_energy(model, Z, intra, inter)
    # The vertices of two crossed lines, A B A B, with a propagator between each two.
    plus, minus = (np.fft.ifft2(1 / (Z - model.band(s) - found.first)) for s in (1, -1))
    vertices = ((intra, np.eye(2)), (inter, np.array([[0.0, 1.0], [1.0, 0.0]])))
    n, lines = model.size, np.zeros((model.size, model.size), dtype=complex)
    for x in np.ndindex(n, n):
        there = np.diag([plus[x], minus[x]])
        back = np.diag([one[-x[0] % n, -x[1] % n] for one in (plus, minus)])
        for u, a in vertices:
            for v, b in vertices:
                lines[x] += u * v * (a @ there @ b @ back @ a @ there @ b)[0, 0]
    np.testing.assert_allclose(found.crossed, np.fft.fft2(lines), atol=1e-13)


def test_a_static_uniform_field_counts_the_states_at_the_level():
    mu, kT, intra, inter = 0.5, 0.2, 0.3, 0.2
    found = sampled_polarisation(MODEL, [(0, 0)], [0.0], mu, kT, intra, inter, 1, seed=4)
    energies = np.linalg.eigvalsh(MODEL.sample(np.random.default_rng(4), intra, inter))

    def filled(level):
        return (1 / (np.exp((energies - level) / kT) + 1)).mean()

    step = 1e-3
    slope = (filled(mu + step) - filled(mu - step)) / (2 * step)
    assert found[0, 0, 1, 0] == pytest.approx(slope, rel=1e-5)


def test_the_number_of_electrons_does_not_respond_to_a_uniform_field():
    found = sampled_polarisation(MODEL, [(0, 0)], [0.5], 0.5, 0.2, 0.3, 0.2, 3, seed=4)
    assert found.shape == (3, 1, 2, 1)
    assert np.abs(found[:, 0, 1]).max() < 1e-13
    assert found[:, 0, 0].min() > 1e-3
    alone = sampled_polarisation(MODEL, [(0, 0)], [0.5], 0.5, 0.2, 0.3, 0.0, 2, seed=4)
    assert np.abs(alone).max() < 1e-13


def test_a_clean_patch_responds_as_lindhard_says():
    omega, kT, mu = 2 * np.pi * 0.2, 0.2, 0.5
    found = sampled_polarisation(MODEL, [(1, 0)], [omega], mu, kT, 0.0, 0.0, 1, seed=0)[0, 0, 0, 0]
    band = MODEL.band()
    moved = np.roll(band, -1, axis=0)
    f, f_moved = (1 / (np.exp((e - mu) / kT) + 1) for e in (band, moved))
    gap = moved - band
    assert found == pytest.approx(((f - f_moved) * gap / (gap**2 + omega**2)).mean(), rel=1e-10)


def test_the_ladder_without_disorder_is_the_clean_response():
    kT = 0.2
    clean = sampled_polarisation(MODEL, [(1, 0)], [2 * np.pi * kT], 0.5, kT, 0.0, 0.0, 1, seed=0)
    ladder = ladder_polarisation_on_patch(MODEL, (1, 0), 1, 0.5, kT, 1e-7, 0.0)
    assert ladder == pytest.approx(clean[0, 0, 0, 0], rel=1e-4)


def test_only_the_potential_between_the_valleys_lets_their_difference_decay():
    still = sampled_valley_decay(MODEL, [0.0, 5.0], (-1.0, 2.0), 0.3, 0.0, 2, seed=5)
    np.testing.assert_allclose(still, 1.0, rtol=1e-12)
    moving = sampled_valley_decay(MODEL, [0.0, 0.01, 3.0], (-1.0, 2.0), 0.0, 0.3, 4, seed=5)
    np.testing.assert_allclose(moving[:, 0], 1.0, rtol=1e-12)
    # At first the loss is quadratic: 2⟨V₁²⟩t².
    assert 1 - moving[:, 1].mean() == pytest.approx(2 * 0.3 * 0.01**2, rel=0.2)
    assert moving[:, 2].max() < 0.7


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="window must hold a level of the patch"):
        sampled_valley_decay(MODEL, [1.0], (50.0, 60.0), 0.1, 0.1, 1, seed=0)
    with pytest.raises(ValueError, match="size must be ≥ 4"):
        TriangularValleys(3)
    with pytest.raises(ValueError, match="valley must be one of 1, -1"):
        MODEL.band(0)
    with pytest.raises(ValueError, match="intra must be ≥ 0"):
        MODEL.sample(np.random.default_rng(0), -0.1, 0.1)
