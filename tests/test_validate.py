"""Each error names the argument, the value, and what was expected."""

from __future__ import annotations

import math

import numpy as np
import pytest

from moirelib import _validate


@pytest.mark.parametrize("value", [1, 1.0, np.float64(1), np.int32(1), np.float32(1)])
def test_real_scalars(value: object) -> None:
    number = _validate.real_scalar("x", value)
    assert type(number) is float
    assert number == 1.0


@pytest.mark.parametrize("value", [True, 1j, "1", None, [1.0], np.ones(1)])
def test_other_types_are_no_real_scalars(value: object) -> None:
    with pytest.raises(TypeError, match="x must be a real number, got"):
        _validate.real_scalar("x", value)


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_scalars_are_finite(value: float) -> None:
    with pytest.raises(ValueError, match="x must be finite, got"):
        _validate.real_scalar("x", value)


def test_signs() -> None:
    assert _validate.positive("x", 2) == 2.0
    assert _validate.non_negative("x", 0) == 0.0
    with pytest.raises(ValueError, match=r"distance must be > 0 nm, got 0"):
        _validate.positive("distance", 0, "nm")
    with pytest.raises(ValueError, match=r"kT must be ≥ 0 meV, got -1\.0"):
        _validate.non_negative("kT", -1.0, "meV")


def test_integers() -> None:
    assert type(_validate.integer("n", np.int64(3), minimum=1)) is int
    with pytest.raises(ValueError, match="n must be ≥ 1, got 0"):
        _validate.integer("n", 0, minimum=1)
    for value in (True, 2.0, "2"):
        with pytest.raises(TypeError, match="n must be an integer, got"):
            _validate.integer("n", value, minimum=1)


def test_choices() -> None:
    _validate.choice("valley", -1, (1, -1))
    with pytest.raises(ValueError, match="valley must be one of 1, -1, got 0"):
        _validate.choice("valley", 0, (1, -1))


def test_real_arrays() -> None:
    array = _validate.real_array("k", [[1, 2], [3, 4]], last=2)
    assert array.dtype == np.float64
    with pytest.raises(TypeError, match="k must hold real numbers, got dtype complex128"):
        _validate.real_array("k", [1j, 0])
    with pytest.raises(ValueError, match="k must be finite, got 2 entries"):
        _validate.real_array("k", [math.nan, 1.0, math.inf])
    for wrong in (1.0, [1.0, 2.0, 3.0]):
        with pytest.raises(ValueError, match="k must"):
            _validate.real_array("k", wrong, last=2)


def test_real_vectors() -> None:
    assert _validate.real_vector("mu", 1.5).tolist() == [1.5]
    with pytest.raises(ValueError, match=r"mu must be .* got shape \(1, 2\)"):
        _validate.real_vector("mu", [[1.0, 2.0]])


def test_integer_pairs() -> None:
    assert _validate.integer_pairs("G", [[0, 1], [1, 0]]).dtype == np.int64
    with pytest.raises(TypeError, match="G must hold integers, got dtype float64"):
        _validate.integer_pairs("G", [[0.0, 1.0]])
    with pytest.raises(ValueError, match=r"G must have a last axis of length 2, got shape \(3,\)"):
        _validate.integer_pairs("G", [1, 2, 3])
