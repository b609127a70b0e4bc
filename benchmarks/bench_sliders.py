"""What a slider costs under a live kernel: one frame, computed and drawn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import matplotlib.pyplot as plt
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from moirelib.figures import (
    kundu_bands,
    kundu_broadening,
    kundu_drag,
    kundu_strip,
    kundu_temperature,
    style,
    ying_boltzmann,
    ying_keldysh,
)

SLIDERS: dict[str, tuple[Callable[..., Any], Callable[..., Any], str, float]] = {
    "broadening": (
        kundu_broadening.broadened_peaks,
        kundu_broadening.draw_broadened_peaks,
        "width",
        0.12,
    ),
    "perturbation-theory": (
        kundu_drag.map_at_distance,
        kundu_drag.draw_map_at_distance,
        "distance",
        1.2,
    ),
    "hamiltonian": (kundu_bands.bands_on_path, kundu_bands.draw_bands_on_path, "coupling", 100.0),
    "sommerfeld": (
        kundu_temperature.thermal_profile,
        kundu_temperature.draw_thermal_profile,
        "kT",
        2.5,
    ),
    "detection": (
        kundu_strip.resistance_against_length,
        kundu_strip.draw_resistance_against_length,
        "valley_length",
        1200.0,
    ),
    "boltzmann": (ying_boltzmann.distribution, ying_boltzmann.draw_distribution, "ratio", 3.0),
    "keldysh": (
        ying_keldysh.hysteresis,
        ying_keldysh.draw_hysteresis_frame,
        "temperature_ratio",
        0.75,
    ),
}


@pytest.mark.parametrize("chapter", SLIDERS)
def test_frame(benchmark: BenchmarkFixture, chapter: str) -> None:
    compute, draw, parameter, value = SLIDERS[chapter]

    def frame() -> None:
        with style():
            figure = draw(compute(**{parameter: value}))
            figure.canvas.draw()
        plt.close(figure)

    frame()  # what a chapter has solved before the slider is moved
    benchmark.pedantic(frame, rounds=3)
