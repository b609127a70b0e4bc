import matplotlib.pyplot as plt
import numpy as np
import pytest

from moirelib.chapters.time_reversal.data import charge_drag, emptied_valley, valley_bands
from moirelib.chapters.time_reversal.figures import (
    draw_charge_drag,
    draw_emptied_valley,
    draw_valley_bands,
)


def test_valleys_match_only_with_conjugated_phases():
    data = valley_bands(6)
    np.testing.assert_allclose(data.conjugated, data.of_k, atol=1e-9)
    assert np.abs(data.common - data.of_k).max() > 20
    plt.close(draw_valley_bands(data))


def test_charge_drag_needs_broken_time_reversal():
    data = charge_drag(count=5)
    assert np.abs(data.charge).max() < 1e-5 * np.abs(data.valley).max()
    assert np.abs(data.charge_common).max() > 0.1 * np.abs(data.valley_common).max()
    plt.close(draw_charge_drag(data))


def test_one_valley_alone_drags_charge_as_it_drags_valley():
    data = emptied_valley(count=145)
    assert data.charge[0] == pytest.approx(data.valley[0])
    assert data.charge[data.mu_k_prime == 20.0] == pytest.approx(0, abs=1e-12)
    assert data.charge[0] == pytest.approx(data.valley[data.mu_k_prime == 20.0] / 4)
    plt.close(draw_emptied_valley(data))
    with pytest.raises(ValueError, match="mu_k must be finite"):
        emptied_valley(float("nan"))
