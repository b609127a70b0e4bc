import matplotlib.pyplot as plt
import numpy as np
import pytest

from moirelib.chapters.boltzmann.data import (
    density_against_ratio,
    directions,
    distribution,
    pockets,
)
from moirelib.chapters.boltzmann.figures import (
    draw_density_against_ratio,
    draw_directions,
    draw_distribution,
    draw_pockets,
)
from moirelib.switching.fermi_pockets import FirstHarmonicRates


@pytest.mark.parametrize(
    ("compute", "draw", "arguments"),
    [
        (pockets, draw_pockets, {}),
        (density_against_ratio, draw_density_against_ratio, {"ratio": [0.1, 1, 10]}),
        (distribution, draw_distribution, {"ratio": 2.0}),
        (directions, draw_directions, {}),
    ],
)
def test_every_figure_draws(compute, draw, arguments):
    figure = draw(compute(**arguments))
    figure.canvas.draw()
    plt.close(figure)


def test_density_against_ratio_starts_at_zero_and_saturates():
    data = density_against_ratio(ratio=np.geomspace(1e-4, 1e5, 10))
    assert data.fixed_field[0] < 2e-4
    assert data.fixed_field[-1] == pytest.approx(1, abs=2e-5)
    assert (np.diff(data.fixed_field) > 0).all()
    np.testing.assert_allclose(data.fixed_field, data.closed_form, atol=1e-10)
    np.testing.assert_allclose(data.fixed_current, 1, atol=1e-10)


def test_rates_without_a_source_are_refused():
    with pytest.raises(ValueError, match=r"Eq\. 15 vanishes along x"):
        density_against_ratio(FirstHarmonicRates((0.0, 0.1), (0.0, 0.1)))
