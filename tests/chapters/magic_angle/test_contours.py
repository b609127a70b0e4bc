"""The contour on the slider, from expansions, and from a diagonalisation of each wavevector."""

from __future__ import annotations

import numpy as np
import pytest

from moirelib.bands import solve_bands
from moirelib.chapters.magic_angle.data import contour, contours


@pytest.mark.parametrize("filling", [0.31, 0.75])
def test_expansions_give_what_every_wavevector_solved_gives(
    filling: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    expanded = contour(filling)
    monkeypatch.setattr(contours, "_expanded", solve_bands)
    solved = contour(filling)
    for name in ("mu", "starts", "ends", "zone"):
        np.testing.assert_array_equal(getattr(expanded, name), getattr(solved, name))
    errors = np.abs(expanded.speeds - solved.speeds)
    assert errors.max() < 4e-3
    assert np.median(errors) < 1e-4
    assert expanded.enhancement == pytest.approx(solved.enhancement, rel=1e-3)
    assert np.abs(expanded.delta - solved.delta).max() < 1e-3
    # The control: contours of other fillings differ by far more.
    assert contour(filling + 0.05).enhancement != pytest.approx(solved.enhancement, rel=1e-2)
