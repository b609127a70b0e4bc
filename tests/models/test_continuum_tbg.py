import dataclasses
import math

import numpy as np
import pytest

from moirelib import StrainedTBG, solve_bands
from moirelib.bands.stars import plane_wave_operations
from moirelib.hall import valley_chern_number
from moirelib.models import ContinuumTBG, gauge_shift

C3 = np.array([[-0.5, -math.sqrt(0.75)], [math.sqrt(0.75), -0.5]])
K = np.array([0.07, -0.04])


def of_alpha(alpha, same=1.0, **fields):
    """Massless bilayer with w_AB = α ħv_D q and w_AA = ``same`` w_AB."""
    plain = ContinuumTBG()
    w = alpha * plain.hbar_v * plain.geometry.moire_wavevector
    return ContinuumTBG(tunnelling=(same * w, w), masses=(0.0, 0.0), **fields)


def dirac_velocity(model, step=1e-5):
    """Slope of the cone at the Dirac point of layer 1, of ħv_D."""
    energies = solve_bands(model, [[step, 0.0]], 2).energies[0]
    return (energies[1] - energies[0]) / (2 * step * model.hbar_v)


@pytest.mark.parametrize("alpha", [0.05, 0.3, 0.5])
def test_one_shell_has_the_velocity_of_bistritzer_and_macdonald(alpha):
    """Up to the turn of the cones by ±θ/2, which is of second order in the twist."""
    misses = []
    for twist in (0.5, 1.0):
        plain = ContinuumTBG(twist_degrees=twist)
        w = alpha * plain.hbar_v * plain.geometry.moire_wavevector
        shell = dataclasses.replace(plain, tunnelling=(w, w), masses=(0.0, 0.0), cutoff=0.6)
        assert len(shell.plane_waves) == 8
        misses.append(abs(dirac_velocity(shell) - (1 - 3 * alpha**2) / (1 + 6 * alpha**2)))
    assert misses[1] < 1e-3
    assert misses[0] < 0.3 * misses[1]


def test_the_first_magic_angle():
    alphas = np.linspace(0.58, 0.63, 26)
    velocities = [dirac_velocity(of_alpha(a, cutoff=3.0)) for a in alphas]
    assert alphas[int(np.argmin(velocities))] == pytest.approx(0.606, abs=0.003)
    assert min(velocities) < 2e-3


@pytest.mark.parametrize(("alpha", "cutoff"), [(0.5857, 4.0), (2.2212, 6.0)])
def test_chiral_bands_are_flat_at_the_magic_angles(alpha, cutoff):
    """Tarnopolsky, Kruchkov and Vishwanath (2019): the whole band lies at zero."""
    width = []
    for share in (1.0, 1.05):
        model = of_alpha(share * alpha, same=0.0, cutoff=cutoff)
        energies = solve_bands(model, model.lattice.mesh(3, "none").points, 2).energies
        width.append(np.abs(energies).max() / (model.hbar_v * model.geometry.moire_wavevector))
    assert width[0] < 1e-4
    assert width[1] > 20 * width[0]


def test_hermitian_affine_and_time_reversal():
    model = ContinuumTBG(strain=0.004, strain_degrees=25.0, cutoff=1.5)
    h = model.hamiltonian(K)
    np.testing.assert_allclose(h, h.conj().T)
    other = model.other_valley()
    np.testing.assert_allclose(other.hamiltonian(-K), h.conj())
    np.testing.assert_array_equal(other.plane_waves, -model.plane_waves)
    assert other.other_valley() == model


def test_threefold_axis_without_strain_only():
    plain = ContinuumTBG(cutoff=2.0)
    assert len(plane_wave_operations(plain)) == 3
    strained = dataclasses.replace(plain, strain=0.002)
    moved = [
        np.abs(np.diff(solve_bands(m, [K, C3 @ K], 4).energies, axis=0)).max()
        for m in (plain, strained)
    ]
    assert moved[0] < 1e-9 < 1e-2 < moved[1]
    assert "C3" in plain.symmetries
    assert "C3" not in strained.symmetries
    assert "C3" in dataclasses.replace(strained, poisson_ratio=-1.0).symmetries


def test_the_strain_enters_where_it_should():
    fields = {"strain": 0.003, "strain_degrees": 20.0, "cutoff": 0.6}
    bare = ContinuumTBG(hopping_slope=0.0, **fields)
    shifted = ContinuumTBG(hopping_slope=3.0, **fields)
    np.testing.assert_allclose(
        shifted.q_vectors - bare.q_vectors,
        np.tile(gauge_shift(bare.geometry.strain_tensor, 3.0, 0.246), (3, 1)),
    )
    np.testing.assert_allclose(
        shifted.lattice.reciprocal_vectors, bare.lattice.reciprocal_vectors, atol=1e-12
    )
    lifted = dataclasses.replace(bare, deformation_potential=1000.0)
    difference = lifted.hamiltonian(K) - bare.hamiltonian(K)
    expected = 1000.0 * np.trace(bare.geometry.strain_tensor) * (bare.orbitals < 2)
    np.testing.assert_allclose(difference, np.diag(expected), atol=1e-10)


def test_stretched_cones():
    """Without tunnelling a state of layer 1 has the energy ħv|(1 + (1 − β)𝓔)k|."""
    model = ContinuumTBG(
        tunnelling=(0.0, 0.0), masses=(0.0, 0.0), strain=0.01, strain_degrees=15.0,
        anisotropic_cones=True,
    )  # fmt: skip
    stretch = np.eye(2) + (1 - model.hopping_slope) * model.geometry.strain_tensor
    k = np.array([0.01, 0.004])
    assert np.linalg.eigvalsh(model.hamiltonian(k))[model.occupied] == pytest.approx(
        model.hbar_v * np.linalg.norm(stretch @ k), rel=1e-12
    )


def test_it_holds_the_first_waves_of_the_weakly_coupled_model():
    weak = StrainedTBG.from_ratios(strain_over_twist=0.3, tunnelling_ratio=0.4, hopping_slope=2.0)
    full = ContinuumTBG.of_weak_coupling(weak, cutoff=0.6)
    k = np.array([0.02, 0.01])
    np.testing.assert_allclose(
        np.linalg.eigvalsh(full.hamiltonian(k)), np.linalg.eigvalsh(weak.hamiltonian(k)), rtol=1e-12
    )


def test_chern_numbers_of_the_gapped_bands():
    gapped = ContinuumTBG(cutoff=2.0, masses=(30.0, 30.0), twist_degrees=1.2)
    numbers = [valley_chern_number(gapped, n, n, mesh=18) for n in (-1, 0)]
    np.testing.assert_allclose(np.abs(numbers), 1, atol=1e-9)
    assert sum(numbers) == pytest.approx(0, abs=1e-9)
    other = valley_chern_number(gapped.other_valley(), 0, 0, mesh=18)
    assert other == pytest.approx(-numbers[1], abs=1e-9)


def test_waves_do_not_change_with_strain():
    plain, strained = (ContinuumTBG(strain=e, cutoff=3.0) for e in (0.0, 0.01))
    np.testing.assert_array_equal(plain.plane_waves, strained.plane_waves)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("valley", 0),
        ("tunnelling", (1.0,)),
        ("tunnelling", (1.0, math.nan)),
        ("masses", 15.0),
        ("cutoff", 0.3),
        ("strain", 0.2),
        ("twist_degrees", -1.0),
        ("anisotropic_cones", 1),
    ],
)
def test_refusals(field, value):
    with pytest.raises((TypeError, ValueError), match=field):
        ContinuumTBG(**{field: value})
