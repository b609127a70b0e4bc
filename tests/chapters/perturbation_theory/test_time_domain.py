"""Two simulations of relaxing layers against the formula, and what the new figures hold."""

from __future__ import annotations

import math

import matplotlib.pyplot as plt
import numpy as np
import pytest

from moirelib.chapters.perturbation_theory import data, figures
from moirelib.chapters.perturbation_theory.data.screening import DensityMaps
from moirelib.chapters.perturbation_theory.figures import draw_density_maps


def test_two_chains_follow_the_formula_at_every_time() -> None:
    run = data.transients()
    scale = np.abs(run.predicted).max(axis=0)
    assert (np.abs(run.simulated - run.predicted).max(axis=0) < 0.005 * scale).all()
    assert run.slope == pytest.approx(1, abs=0.002)
    # One relaxes, or both.
    np.testing.assert_allclose(run.simulated[-1, 1:3], 1, atol=0.01)
    assert abs(run.simulated[-1, 3]) < 0.01
    assert run.simulated[:, 3].max() == pytest.approx(math.exp(-1), abs=0.01)
    figures.draw_transients(run)
    assert plt.get_fignums()


def test_exact_rings_forget_unless_they_collide_together() -> None:
    run = data.transients()
    assert run.rings.max() == pytest.approx(run.rings_predicted.max(), rel=0.01)
    assert abs(run.rings[-1]) < 0.02
    assert run.shared[-1] == pytest.approx(1, abs=0.01)


@pytest.mark.parametrize("x", [0.3, 1.0, 2.0])
def test_alternating_fields(x: float) -> None:
    found, formula = data.alternating(x)
    assert formula == pytest.approx(-1j * x / (1 - 1j * x) ** 2)
    assert abs(found - formula) < 2e-3


def test_screening_lags_too() -> None:
    found, formula = data.alternating(1.0, 20.0)
    assert abs(found / formula - 1) < 0.01
    assert abs(formula) < 0.4 * abs(data.alternating(1.0)[1])


def test_sliders_and_maps_can_be_drawn() -> None:
    figures.draw_relaxed_drag(data.relaxed_drag(0.3))
    drawn = data.screened_map(count=7)
    assert ((drawn.ratio > 0) & (drawn.ratio < 0.5)).all()
    figures.draw_screened_map(drawn)
    line = data.screened_line(count=5)
    assert (line.screened[1:] < line.bare[1:, None]).all()
    figures.draw_screened_line(line)
    pattern = data.registry(size=6)
    assert pattern.mean < 1e-12
    figures.draw_registry(pattern)
    figures.draw_drift(data.drift())
    assert len(plt.get_fignums()) == 5


def test_the_window_is_counted_in_electrons() -> None:
    wide = data.windows(kT=6.0, step=8.0)
    assert (np.diff(wide.density) > 0).all()
    at_gap = np.interp(42.5, wide.mu, wide.filling)
    assert at_gap == pytest.approx(0, abs=0.1)
    assert abs(wide.conductivity[wide.peaks[0]]) > 20
    figures.draw_windows(wide)
    assert plt.get_fignums()


def test_weak_moires_set_on_with_the_fourth_power() -> None:
    weak = data.against_coupling((5.0, 10.0))
    np.testing.assert_allclose(weak[:, 1] / weak[:, 0], 16, rtol=0.01)


def test_the_interband_term_grows_with_the_square_of_the_rate() -> None:
    ratio = data.interband_at_rate()
    assert (ratio < 0).all()
    np.testing.assert_allclose(ratio[1] / ratio[0], 4, rtol=0.01)


def test_maps_against_density_show_fillings_above() -> None:
    density = np.array([[-6.0, -1.0, -1.0, 4.0]] * 3)  # twice the same: a gap
    conductivity = np.arange(48.0).reshape(3, 4, 4) - 20
    figure = draw_density_maps(DensityMaps(density, conductivity, 0.5))
    figure.canvas.draw()
    panels = [axis for axis in figure.axes if axis.get_title()]
    assert len(panels) == 3
    for panel in panels:
        (above,) = panel.child_axes
        np.testing.assert_allclose(above.get_xlim(), np.array(panel.get_xlim()) / 0.5)
