"""What a slider costs under a live kernel: one frame, computed and drawn."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import matplotlib.pyplot as plt
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from moirelib.chapters.boltzmann.data import distribution
from moirelib.chapters.boltzmann.figures import draw_distribution
from moirelib.chapters.broadening.data import broadened_peaks
from moirelib.chapters.broadening.figures import draw_broadened_peaks
from moirelib.chapters.detection.data.chain import resistance_against_length
from moirelib.chapters.detection.figures import draw_resistance_against_length
from moirelib.chapters.hamiltonian.data.bands import bands_on_path
from moirelib.chapters.hamiltonian.figures import draw_bands_on_path
from moirelib.chapters.keldysh.data.statics import hysteresis, landscape
from moirelib.chapters.keldysh.figures import draw_hysteresis_frame, draw_landscape
from moirelib.chapters.perturbation_theory.data.drag import drag_at, map_at_distance
from moirelib.chapters.perturbation_theory.figures import draw_drag_at, draw_map_at_distance
from moirelib.chapters.sommerfeld.data import thermal_profile
from moirelib.chapters.sommerfeld.figures import draw_thermal_profile
from moirelib.chapters.tbg_scattering.data.pockets import strained_pockets
from moirelib.chapters.tbg_scattering.figures import draw_strained_pockets
from moirelib.figures import style

SLIDERS: dict[str, tuple[Callable[..., Any], Callable[..., Any], dict[str, float]]] = {
    "broadening": (
        broadened_peaks,
        draw_broadened_peaks,
        {"width": 0.12},
    ),
    "perturbation-theory": (
        map_at_distance,
        draw_map_at_distance,
        {"distance": 1.2},
    ),
    "hamiltonian": (bands_on_path, draw_bands_on_path, {"coupling": 100.0}),
    "sommerfeld": (
        thermal_profile,
        draw_thermal_profile,
        {"kT": 2.5},
    ),
    "detection": (
        resistance_against_length,
        draw_resistance_against_length,
        {"valley_length": 1200.0},
    ),
    "boltzmann": (distribution, draw_distribution, {"ratio": 3.0}),
    "keldysh": (
        hysteresis,
        draw_hysteresis_frame,
        {"temperature_ratio": 0.75},
    ),
    "both fillings": (drag_at, draw_drag_at, {"mu1": -120.0, "mu2": 33.0}),
    "temperature and source": (
        landscape,
        draw_landscape,
        {"temperature_ratio": 0.75, "drive": 0.05},
    ),
    "size and direction of strain": (
        strained_pockets,
        draw_strained_pockets,
        {"strain_over_twist": 0.23, "strain_degrees": 35.0},
    ),
}


@pytest.mark.parametrize("chapter", SLIDERS)
def test_frame(benchmark: BenchmarkFixture, chapter: str) -> None:
    compute, draw, values = SLIDERS[chapter]

    def frame() -> None:
        with style():
            figure = draw(compute(**values))
            figure.canvas.draw()
        plt.close(figure)

    frame()  # what a chapter has solved before the slider is moved
    benchmark.pedantic(frame, rounds=3)
