import matplotlib.pyplot as plt
import numpy as np
import pytest

from moirelib.chapters.detection.data.chain import device, resistance_against_length
from moirelib.chapters.detection.figures import draw_device, draw_resistance_against_length


@pytest.mark.parametrize(
    ("compute", "draw"),
    [
        (device, draw_device),
        (resistance_against_length, draw_resistance_against_length),
    ],
)
def test_every_figure_draws(compute, draw):
    figure = draw(compute())
    figure.canvas.draw()
    plt.close(figure)


def test_printed_profile_peaks_at_the_valley_length():
    data = resistance_against_length(valley_length=1500.0)
    assert data.length[data.printed.argmax()] == pytest.approx(1500, abs=25)
    crossing = data.length[np.flatnonzero(np.diff(np.sign(data.field_own)))]
    np.testing.assert_allclose(crossing, 4500, atol=25)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: device(length=-1.0), "length must be > 0"),
        (lambda: resistance_against_length(valley_length=0.0), "valley_length must be > 0 nm"),
    ],
)
def test_bad_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
