"""Argument checks. An error names the argument, the value and what was expected."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray


def real_scalar(name: str, value: Any) -> float:
    """Return ``value`` as a float; refuse NaN, infinities, complex numbers and arrays."""
    if isinstance(value, bool) or not isinstance(value, (int, float, np.integer, np.floating)):
        raise TypeError(f"{name} must be a real number, got {value!r}")
    if not math.isfinite(value):
        raise ValueError(f"{name} must be finite, got {value!r}")
    return float(value)


def positive(name: str, value: Any, unit: str = "") -> float:
    """Return ``value`` as a float > 0."""
    number = real_scalar(name, value)
    if number <= 0:
        raise ValueError(f"{name} must be > 0{_space(unit)}, got {value!r}")
    return number


def non_negative(name: str, value: Any, unit: str = "") -> float:
    """Return ``value`` as a float ≥ 0."""
    number = real_scalar(name, value)
    if number < 0:
        raise ValueError(f"{name} must be ≥ 0{_space(unit)}, got {value!r}")
    return number


def fermi_velocity(value: Any) -> float:
    """Return a velocity in m/s; refuse what must be ħv in meV nm, or faster than light."""
    number = positive("fermi_velocity", value, "m/s")
    if not 1e3 <= number < 3e8:
        raise ValueError(
            f"fermi_velocity must be between 1e3 and 3e8 m/s, got {value!r}: it is in m/s, not "
            "ħv in meV nm"
        )
    return number


def integer(name: str, value: Any, *, minimum: int) -> int:
    """Return ``value`` as an int ≥ ``minimum``."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise TypeError(f"{name} must be an integer, got {value!r}")
    if value < minimum:
        raise ValueError(f"{name} must be ≥ {minimum}, got {value!r}")
    return int(value)


def choice(name: str, value: Any, allowed: tuple[Any, ...]) -> None:
    """Refuse a ``value`` that is not one of ``allowed``."""
    if value not in allowed:
        raise ValueError(f"{name} must be one of {', '.join(map(repr, allowed))}, got {value!r}")


def real_array(name: str, value: ArrayLike, *, last: int | None = None) -> NDArray[np.float64]:
    """Return ``value`` as a finite real array whose last axis has length ``last``, if given."""
    try:
        array = np.asarray(value)
    except ValueError as error:  # rows of different lengths
        raise ValueError(f"{name} must be a rectangular array: {error}") from None
    if array.dtype.kind not in "iuf":
        raise TypeError(f"{name} must hold real numbers, got dtype {array.dtype}")
    array = array.astype(np.float64, copy=False)
    if last is not None and (array.ndim == 0 or array.shape[-1] != last):
        raise ValueError(f"{name} must have a last axis of length {last}, got shape {array.shape}")
    if not np.isfinite(array).all():
        raise ValueError(
            f"{name} must be finite, got {np.count_nonzero(~np.isfinite(array))} "
            "entries that are NaN or infinite"
        )
    return array


def real_vector(name: str, value: ArrayLike) -> NDArray[np.float64]:
    """Return ``value`` as a finite real array of one dimension; a scalar becomes one entry."""
    array = np.atleast_1d(real_array(name, value))
    if array.ndim != 1:
        raise ValueError(
            f"{name} must be a number or a one-dimensional array, got shape {array.shape}"
        )
    return array


def complex_vector(name: str, value: ArrayLike) -> NDArray[np.complex128]:
    """Return ``value`` as a finite complex array of one dimension; a scalar becomes one entry."""
    array = np.atleast_1d(np.asarray(value))
    if array.dtype.kind not in "iufc":
        raise TypeError(f"{name} must hold numbers, got dtype {array.dtype}")
    if array.ndim != 1:
        raise ValueError(
            f"{name} must be a number or a one-dimensional array, got shape {array.shape}"
        )
    if not np.isfinite(array).all():
        raise ValueError(f"{name} must be finite, got {value!r}")
    return array.astype(np.complex128)


def integer_pairs(name: str, value: ArrayLike) -> NDArray[np.int64]:
    """Return ``value`` as an integer array (..., 2)."""
    array = np.asarray(value)
    if array.dtype.kind not in "iu":
        raise TypeError(f"{name} must hold integers, got dtype {array.dtype}")
    if array.ndim == 0 or array.shape[-1] != 2:
        raise ValueError(f"{name} must have a last axis of length 2, got shape {array.shape}")
    return array.astype(np.int64, copy=False)


def _space(unit: str) -> str:
    return f" {unit}" if unit else ""
