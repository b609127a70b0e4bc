import math

import numpy as np
import pytest

from moirelib import DragLayer, GrapheneHBN
from moirelib.chapters.perturbation_theory.data.device import Parameters
from moirelib.units import hbar_velocity

KT = 12.0


@pytest.mark.parametrize("mu", [-90.0, 0.0, 60.0])
def test_without_a_moire_the_density_is_that_of_graphene(mu: float) -> None:
    """Four cones, electrons less holes, from their Fermi integrals."""
    model = GrapheneHBN(coupling=0.0)
    layer = DragLayer(model, mesh=12, shells=1, bands=16)
    hbar_v = hbar_velocity(model.fermi_velocity)
    x = np.linspace(0, 60, 200001)

    def electrons(eta: float) -> float:
        """∫ x dx/[e^{x − η} + 1] over a cone."""
        return float(np.trapezoid(x / (1 + np.exp(np.clip(x - eta, -700, 700))), x))

    expected = 2 / (math.pi * hbar_v**2) * KT**2 * (electrons(mu / KT) - electrons(-mu / KT))
    found = float(layer.density([mu], KT)[0])
    assert found == pytest.approx(expected, rel=2e-3, abs=1e-7)


def test_a_power_law_has_its_power() -> None:
    size = np.array([10.0, 20.0, 50.0])
    law = np.stack([3 * size**4, 0.2 * size**2])
    none = np.zeros(0)
    found = Parameters(size, law, none, none, none, none, none, none).powers
    np.testing.assert_allclose(found, [[4, 4], [2, 2]], rtol=1e-12)
