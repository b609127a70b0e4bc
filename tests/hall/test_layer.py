import math

import numpy as np
import pytest

from moirelib import GrapheneHBN
from moirelib.bands.brillouin import fermi, minus_fermi_derivative
from moirelib.hall.layer import HallLayer

MODEL = GrapheneHBN()
SMALL = GrapheneHBN(cutoff=2)


@pytest.fixture(scope="module")
def layer():
    return HallLayer(MODEL, divisions=6, refinement=3)


def test_layer_against_dense_sums():
    """Kubo's formula over all pairs of bands on a plain mesh, smooth at this temperature."""
    layer = HallLayer(SMALL, divisions=6, refinement=3)
    mesh = SMALL.lattice.mesh(24, "C3v")
    mu, kT = np.array([-60.0, 120.0]), 12.0
    hall, drude = np.zeros(2), np.zeros(2)
    for k, weight in zip(mesh.points, mesh.weights, strict=True):
        energies, states = np.linalg.eigh(SMALL.hamiltonian(k))
        v_x, v_y = (states.conj().T @ one @ states for one in SMALL.velocity_operators())
        gap = energies[:, None] - energies
        gap[np.abs(gap) < 1e-6] = np.inf
        pairs = np.imag(v_x * v_y.T) / gap**2
        square = np.diag(v_x).real ** 2 + np.diag(v_y).real ** 2
        for i, one in enumerate(mu):
            f = fermi(energies, one, kT)
            hall[i] += weight * ((f[:, None] - f) * pairs).sum()
            drude[i] += weight * square @ minus_fermi_derivative(energies, one, kT)
    hall *= 4 * SMALL.lattice.zone_area / (2 * math.pi)
    drude *= 4 * math.pi / SMALL.lattice.cell_area
    np.testing.assert_allclose(layer.valley_hall_conductivity(mu, kT), hall, atol=0.01)
    # The layer keeps six bands: at this temperature the next ones hold a thousandth.
    np.testing.assert_allclose(layer.conductivity(mu, kT), drude, rtol=3e-3)


def test_gaps_hold_half_a_quantum_per_flavour(layer):
    np.testing.assert_allclose(
        layer.valley_hall_conductivity([42.5, -78.0], 0.05), [2.0, -2.0], atol=0.01
    )


def test_inverted_face_reverses_the_valley_hall_effect():
    inverted = HallLayer(SMALL.inverted(), divisions=3, refinement=1)
    same = HallLayer(SMALL, divisions=3, refinement=1)
    mu = [-60.0, 60.0]
    np.testing.assert_allclose(
        inverted.valley_hall_conductivity(mu, 2.0),
        -same.valley_hall_conductivity(mu, 2.0),
        atol=1e-6,
    )
    np.testing.assert_allclose(
        inverted.conductivity(mu, 2.0), same.conductivity(mu, 2.0), rtol=1e-6
    )


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda a: a.valley_hall_conductivity([400.0], 1.0), "mu must lie between"),
        (lambda a: a.conductivity([0.0], 0.0), "kT must be > 0"),
        (lambda a: a.conductivity([0.0], 1.0, broadening=0.0), "broadening must be > 0 meV"),
        (lambda a: HallLayer(GrapheneHBN.as_printed()), "among its symmetries"),
        (lambda a: HallLayer(MODEL, bands=5), "bands must be even"),
    ],
)
def test_bad_input_is_named(layer, call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call(layer)
