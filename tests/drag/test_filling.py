"""Carrier density, chemical potential and density of states of a layer."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.special import spence

from moirelib import DragLayer, GrapheneHBN, drag_conductivity, solve_bands
from moirelib.bands.brillouin import fermi
from moirelib.bands.lattice import MoireLattice
from moirelib.bands.model import ALL_SYMMETRIES, PlaneWaveModel
from moirelib.units import from_1e12_per_cm2, thermal_energy, to_1e12_per_cm2

SIGMA_X, SIGMA_Y = np.array([[0, 1], [1, 0]]), np.array([[0, -1j], [1j, 0]])


@pytest.fixture(scope="module")
def layer() -> DragLayer:
    return DragLayer(GrapheneHBN(), mesh=60)


@pytest.fixture(scope="module")
def few_bands() -> DragLayer:
    """A model of which all bands are kept, gapped and without symmetry in use."""
    lattice = MoireLattice(14.0)
    waves = lattice.disc(1.0)
    gradient = 500.0 * np.stack([np.kron(np.eye(len(waves)), s) for s in (SIGMA_X, SIGMA_Y)])
    g = np.repeat(lattice.vectors(waves), 2, axis=0)
    h0 = gradient[0] * g[:, 0] + gradient[1] * g[:, 1] + 30.0 * np.kron(np.eye(7), np.diag([1, -1]))
    model = PlaneWaveModel(
        lattice=lattice,
        h0=h0,
        gradient=gradient,
        plane_waves=np.repeat(waves, 2, axis=0),
        orbitals=np.tile([0, 1], len(waves)),
        occupied=len(waves),
        symmetries=ALL_SYMMETRIES,
    )
    return DragLayer(model, mesh=24, bands=14, shells=1, symmetry="none", solver="dense")


def cone_density(mu: np.ndarray, kT: float, hbar_v: float) -> np.ndarray:
    """Two spins and two valleys of free Dirac electrons, by dilogarithms."""

    def integral(x: np.ndarray) -> np.ndarray:
        return -spence(1 + np.exp(x))  # ∫ u du/(e^{u − x} + 1) = −Li₂(−e^x)

    return 2 / math.pi * (kT / hbar_v) ** 2 * (integral(mu / kT) - integral(-mu / kT))


@pytest.mark.parametrize("kT", [1.0, 12.0])
def test_without_moire_it_is_the_density_of_a_cone(kT: float) -> None:
    # Both branches: sums over triangles below the resolution of the mesh, over points above it.
    cone = DragLayer(GrapheneHBN(coupling=0.0), mesh=60, bands=20, shells=1)
    assert 1.0 < cone.thermal_resolution < 12.0
    mu = np.array([-75.0, -31.0, 0.0, 52.0, 88.0])
    exact = cone_density(mu, kT, cone.model.hbar_v)
    error = np.abs(cone.density(mu, kT) - exact).max() / exact.max()
    assert error < (2e-3 if kT == 1.0 else 1e-3)
    assert exact[4] == pytest.approx((88.0 / cone.model.hbar_v) ** 2 / math.pi, rel=0.1)


def test_every_band_holds_four_carriers_per_cell(few_bands: DragLayer) -> None:
    top = few_bands._valley_responses[1].energies.max()
    assert few_bands.complete_window == (-math.inf, math.inf)
    np.testing.assert_allclose(
        few_bands.filling([-top - 1, 0.0, top + 1], 0.0), [-28.0, 0.0, 28.0], atol=1e-10
    )
    # So does the integral of the density of states over all energies.
    energy = np.linspace(-top - 60, top + 60, 4001)
    states = np.trapezoid(few_bands.density_of_states(energy, 3.0), energy)
    assert states * few_bands.lattice.cell_area == pytest.approx(56.0, rel=1e-4)


def test_valleys_are_filled_separately(few_bands: DragLayer) -> None:
    both, one, other = few_bands.density([[60.0, 60.0], [60.0, 0.0], [0.0, 60.0]], 2.0)
    assert one + other == pytest.approx(both, rel=1e-12)
    assert one == pytest.approx(both / 2, rel=1e-6)


def test_symmetry_changes_nothing() -> None:
    mu = [-130.0, -20.0, 55.0]
    full, none = (
        DragLayer(
            GrapheneHBN(cutoff=2), mesh=12, shells=1, symmetry=symmetry, solver="dense"
        ).density(mu, 8.0)
        for symmetry in ("full", "none")
    )
    np.testing.assert_allclose(full, none, rtol=1e-4)


@pytest.mark.parametrize("kT", [0.4, 6.0])
def test_the_thermal_density_of_states_is_the_slope_of_the_density(
    layer: DragLayer, kT: float
) -> None:
    mu = np.array([-152.3, -101.7, -40.1, 33.3, 121.9])
    step = 0.02 * kT
    # Fourth order in the step.
    far, near = (
        (layer.density(mu + h, kT) - layer.density(mu - h, kT)) / (2 * h) for h in (2 * step, step)
    )
    slope = (4 * near - far) / 3
    np.testing.assert_allclose(layer.density_of_states(mu, kT), slope, rtol=1e-5)


@pytest.mark.parametrize("kT", [0.0, 0.35, 6.0])
def test_the_chemical_potential_inverts_the_density(layer: DragLayer, kT: float) -> None:
    mu = np.array([-170.0, -128.0, -60.0, -3.0, 25.0, 90.0, 150.0])
    density = layer.density(mu, kT)
    np.testing.assert_allclose(layer.chemical_potential(density, kT), mu, atol=1e-6)
    assert (np.diff(density) > 0).all()


def test_half_filling_of_a_gap_is_its_middle(few_bands: DragLayer) -> None:
    # Mass 30 meV: the gap is from −30 to 30, in both valleys.
    assert few_bands.chemical_potential(0.0, 0.0)[0] == pytest.approx(0.0, abs=1e-4)
    assert few_bands.chemical_potential(0.0, 3.0)[0] == pytest.approx(0.0, abs=1e-4)
    np.testing.assert_allclose(few_bands.density([-29.0, 29.0], 0.0), 0.0, atol=1e-14)


def test_out_of_reach_is_refused(layer: DragLayer) -> None:
    lowest, highest = layer.complete_window
    for mu, kT in ((lowest - 1, 0.0), (highest + 1, 0.0), (lowest + 50, 6.0)):
        with pytest.raises(ValueError, match=r"mu must lie between .* keep more bands"):
            layer.density([0.0, mu], kT)
        with pytest.raises(ValueError, match=r"energy must lie between .* keep more bands"):
            layer.density_of_states([0.0, mu], kT)
    with pytest.raises(ValueError, match=r"density must lie between .* keep more bands"):
        layer.chemical_potential([0.0, 0.5], 1.0)
    with pytest.raises(ValueError, match="kT must be at most"):
        layer.chemical_potential(0.0, 1e3)
    for call in (layer.density, layer.chemical_potential, layer.density_of_states):
        with pytest.raises(ValueError, match="kT must be ≥ 0"):
            call(0.0, -1.0)
    with pytest.raises(TypeError, match="density must hold real numbers"):
        layer.chemical_potential("much", 1.0)


def test_the_drag_against_density_is_the_drag_at_those_levels(layer: DragLayer) -> None:
    kT = thermal_energy(60.0)
    density = from_1e12_per_cm2([-3.0, 0.5, 2.0])
    mu = layer.chemical_potential(density, kT)
    np.testing.assert_allclose(to_1e12_per_cm2(layer.density(mu, kT)), [-3.0, 0.5, 2.0], rtol=1e-9)
    sigma = drag_conductivity(layer, layer, mu, mu, kT)
    assert sigma.shape == (3, 3, 2, 2)
    assert np.isfinite(sigma).all()


def test_each_valley_is_filled_from_its_own_bands_without_time_reversal() -> None:
    model, kT = GrapheneHBN.as_printed(cutoff=1), 12.0
    layer = DragLayer(model, mesh=12, bands=14, shells=1, symmetry="none", solver="dense")
    assert layer.thermal_resolution < kT
    levels = (60.0, -40.0)
    filled = [
        (fermi(solve_bands(one, layer.zone.points, 14).energies, mu, kT) - 0.5).sum() / 144
        for one, mu in zip((model, model.other_valley()), levels, strict=True)
    ]
    there, back = layer.filling([levels, levels[::-1]], kT)
    assert there == pytest.approx(2 * sum(filled), rel=1e-9)
    # Eq. 6 read literally has other bands in K′.
    assert abs(there - back) > 1e-3
