import matplotlib.pyplot as plt
import numpy as np
import pytest
from scipy import constants as si

from moirelib.chapters.tbg_scattering.data import (
    contour_effect,
    convergence,
    density_against_strain,
    disorder_models,
    measured_prefactor,
    nucleation,
    pocket_sizes,
    processes,
    switching_currents,
)
from moirelib.chapters.tbg_scattering.figures import (
    draw_convergence,
    draw_density_against_strain,
    draw_disorder_models,
    draw_processes,
)


@pytest.mark.parametrize(
    ("compute", "draw", "arguments"),
    [
        (processes, draw_processes, {}),
        (
            density_against_strain,
            draw_density_against_strain,
            {"strain_over_twist": [0.0, 0.2, 0.4]},
        ),
        (disorder_models, draw_disorder_models, {"tunnelling_ratio": [0.005, 0.02]}),
        (convergence, draw_convergence, {}),
    ],
)
def test_every_figure_draws(compute, draw, arguments):
    figure = draw(compute(**arguments))
    figure.canvas.draw()
    plt.close(figure)


def test_richardson_limits_of_all_eight_coefficients():
    data = convergence()
    np.testing.assert_allclose(data.extrapolated_initial, data.expected_initial, rtol=1e-3)
    np.testing.assert_allclose(data.extrapolated_final, data.expected_final, rtol=1e-3)
    errors = np.abs(data.initial / data.expected_initial - 1)
    np.testing.assert_allclose(np.log2(errors[-2] / errors[-1]), 2, atol=0.1)


def test_numerics_leave_the_origin_along_three_halves_and_some_turn_round():
    data = density_against_strain([0.0, 1e-3, 0.5], tunnelling_ratio=0.005)
    np.testing.assert_allclose(data.numerical[0], 0, atol=1e-10)
    np.testing.assert_allclose(data.numerical[1, 1:], data.closing[1, 1:], rtol=0.02)
    np.testing.assert_allclose(data.printed, 4 * data.closing)
    assert (data.numerical[2] / data.closing[2]).min() < 0


def test_powers_of_t_of_the_disorder_models():
    data = disorder_models([0.003, 0.006])

    def order(size):
        return np.log2(size[1] / size[0])

    assert order(data.isotropic_intralayer) == pytest.approx(2, abs=0.05)
    assert order(data.equal_layers) == pytest.approx(2, abs=0.05)
    assert order(data.equal_layers_circles) == pytest.approx(4, abs=0.05)
    assert order(data.half_on_layer_2) == pytest.approx(2, abs=0.05)
    assert order(data.layer_1_only) == pytest.approx(0, abs=0.05)


def test_wrong_shapes_are_refused():
    with pytest.raises(ValueError, match="strain_over_twist must be a number or"):
        density_against_strain(np.zeros((2, 2)))
    with pytest.raises(ValueError, match="steps must be ≥ 2"):
        convergence(1)


def test_circles_and_true_lines_agree_for_weak_tunnelling_and_not_at_a_tenth():
    data = contour_effect([0.001, 0.01, 0.1], [0.02])
    small, middle, large = data.difference[:, 0]
    assert small < 1e-4
    assert np.log10(middle / small) == pytest.approx(2, abs=0.05)
    assert large > 0.1
    assert contour_effect([0.1], [0.02], poisson_ratio=1.0).difference[0, 0] < 0.5 * large
    np.testing.assert_allclose(data.over_true[0], data.difference[0], rtol=1e-3)


def test_the_trace_of_the_strain_makes_one_pocket_larger():
    found = pocket_sizes()
    np.testing.assert_allclose(found.excess, found.law * np.array([1, -1]), rtol=0.01)
    assert found.speed[0] > found.speed[1]


def test_the_prefactor_with_and_without_the_printed_units():
    assert measured_prefactor().limit == pytest.approx(1.5, rel=1e-4)
    assert measured_prefactor(printed_units=True).limit == pytest.approx(12, rel=1e-3)


def test_switching_currents_lie_far_above_the_estimate():
    data = switching_currents((5.0, 9.0))
    np.testing.assert_allclose(data.current[:, 1] / data.current[:, 0], 10)
    assert data.current.min() > 1
    assert (data.distance < 0.02).all()
    drops = nucleation(5.0)
    assert (drops.radius > 10).all()
    assert (drops.barrier > 100 * drops.thermal).all()
    # 0.7 of 5 K, against which the barrier is to be held.
    assert drops.thermal == pytest.approx(si.k * 3.5 / si.e * 1e3)
