import matplotlib.pyplot as plt
import numpy as np
import pytest

from moirelib.chapters.boltzmann.data import (
    SYMMETRIC,
    density_against_ratio,
    directions,
    distribution,
    hall_conductivity,
    pockets,
    scope,
    shift_source,
    tilted_cone,
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


def test_fixed_current_needs_an_out_rate_linear_in_the_velocity():
    found = scope(100)
    assert max(found.circles, found.same_out_rate, found.ovals_linear) < 1e-10
    assert found.ovals > 1e-3
    assert found.second_harmonics > 1e-2


def test_shifts_in_collisions_cancel_by_time_reversal_only():
    kept = shift_source(SYMMETRIC, 24)
    assert kept.net < 1e-7 * kept.total
    broken = shift_source(SYMMETRIC + np.array([[0.0, 0.3j], [0.0, 0.0]]), 24)
    assert broken.net > 0.01 * broken.total
    assert abs(hall_conductivity(1, 120) + hall_conductivity(-1, 120)) < 1e-10


def test_valleys_of_the_tilted_cone_are_time_reverses():
    k = np.random.default_rng(0).normal(size=(20, 2))
    np.testing.assert_allclose(tilted_cone(-k, -1), tilted_cone(k, 1).conj())
    # No inversion within a valley: the cone is tilted.
    energies = [np.linalg.eigvalsh(tilted_cone(s * k, 1))[:, 1] for s in (1, -1)]
    assert np.abs(energies[0] - energies[1]).max() > 0.1


def test_states_leave_at_the_rates_of_their_own_angle() -> None:
    # Ying Eq. 9: θ is the angle in valley −, θ′ that in valley +; the other one averages out.
    data = pockets(FirstHarmonicRates((0.3, -0.2), (0.1, 0.25)), points=24)
    plus = 1 + 0.1 * np.cos(data.angle) + 0.25 * np.sin(data.angle)
    minus = 1 + 0.3 * np.cos(data.angle) - 0.2 * np.sin(data.angle)
    np.testing.assert_allclose(data.out_rate_plus, plus)
    np.testing.assert_allclose(data.out_rate_minus, minus)
