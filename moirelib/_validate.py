"""Argument checks, and how checked values are kept.

An error names the argument, the value and what was expected. What is kept is a number of Python
itself, or an array of one's own that nobody can write to: small integer types overflow in later
products, and a caller may change an array after it was checked.
"""

from __future__ import annotations

import dataclasses
import math
import reprlib
from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

Array = TypeVar("Array", bound=NDArray[Any])
One = TypeVar("One")

# A reciprocal vector farther out is a mistake; products of such integers stay exact.
_LARGEST_PAIR = 2**20

# No quantity in meV and nm is larger, or smaller without being zero. Products of six of them, and
# their inverses, stay within double precision.
_LARGEST = 1e50
_SMALLEST = 1e-50

_MOST_TURNS = 1e8

_short = reprlib.Repr()
_short.maxstring = _short.maxother = _short.maxlong = 80


def shown(value: object) -> str:
    """Return a ``repr`` that fits into a message, whatever the value is."""
    try:
        return _short.repr(value)
    except ValueError:  # an int of more digits than Python prints
        return f"a {type(value).__name__} too long to print"


def real_scalar(name: str, value: Any) -> float:
    """Return ``value`` as a float; refuse NaN, infinities, complex numbers and arrays."""
    if isinstance(value, bool) or not isinstance(value, (int, float, np.integer, np.floating)):
        raise TypeError(f"{name} must be a real number, got {shown(value)}")
    try:
        number = float(value)
    except OverflowError:  # an int beyond 1e308
        number = math.inf
    if not math.isfinite(number):
        raise ValueError(f"{name} must be finite, got {shown(value)}")
    if abs(number) > _LARGEST:
        raise ValueError(f"{name} must be within ±{_LARGEST:g}, got {shown(value)}")
    return number


def positive(name: str, value: Any, unit: str = "") -> float:
    """Return ``value`` as a float > 0."""
    number = real_scalar(name, value)
    if number <= 0:
        raise ValueError(f"{name} must be > 0{_space(unit)}, got {shown(value)}")
    _require_not_tiny(name, number)
    return number


def non_negative(name: str, value: Any, unit: str = "") -> float:
    """Return ``value`` as a float ≥ 0; what is smaller than any quantity is zero."""
    number = real_scalar(name, value)
    if number < 0:
        raise ValueError(f"{name} must be ≥ 0{_space(unit)}, got {shown(value)}")
    return number if number >= _SMALLEST else 0.0


def between(name: str, value: Any, low: float, high: float, unit: str, why: str) -> float:
    """Return ``value`` as a float in [low, high]; ``why`` says what fails outside."""
    if low > 0:
        number = positive(name, value, unit)
    else:
        number = non_negative(name, value, unit) if low == 0 else real_scalar(name, value)
    if not low <= number <= high:
        raise ValueError(
            f"{name} must be between {low:g} and {high:g}{_space(unit)}, got {shown(value)}: {why}"
        )
    return number


def fermi_velocity(value: Any) -> float:
    """Return a velocity in m/s; refuse what must be ħv in meV nm, or faster than light."""
    number = positive("fermi_velocity", value, "m/s")
    if not 1e3 <= number < 3e8:
        raise ValueError(
            f"fermi_velocity must be between 1e3 and 3e8 m/s, got {shown(value)}: it is in m/s, "
            "not ħv in meV nm"
        )
    return number


def integer(name: str, value: Any, *, minimum: int, even: bool = False) -> int:
    """Return ``value`` as an int ≥ ``minimum``."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise TypeError(f"{name} must be an integer, got {shown(value)}")
    number = int(value)
    if number < minimum:
        raise ValueError(f"{name} must be ≥ {minimum}, got {shown(value)}")
    # Beyond this no array can have as many entries, and C code no such integer.
    if number > 2**31:
        raise ValueError(f"{name} must be ≤ {2**31}, got {shown(value)}")
    if even and number % 2:
        raise ValueError(f"{name} must be even, got {shown(value)}")
    return number


def choice(name: str, value: Any, allowed: tuple[One, ...]) -> One:
    """Return the one of ``allowed`` that equals ``value``; refuse anything else."""
    if isinstance(value, str | int | float | np.integer | np.floating):
        for one in allowed:
            # 1 == True, but True is no valley.
            if isinstance(value, bool) == isinstance(one, bool) and value == one:
                return one
    expected = ", ".join(map(repr, allowed))
    raise ValueError(f"{name} must be one of {expected}, got {shown(value)}")


def flag(name: str, value: Any) -> bool:
    """Return ``value`` as a bool; refuse numbers and text."""
    if not isinstance(value, bool | np.bool_):
        raise TypeError(f"{name} must be True or False, got {shown(value)}")
    return bool(value)


def instance(name: str, value: Any, expected: type[One], example: str) -> One:
    """Return ``value`` if it is of the expected class; ``example`` shows how to make one."""
    if not isinstance(value, expected):
        plain = value is None or isinstance(value, str | int | float | complex | type)
        got = shown(value) if plain else f"a {type(value).__name__}"
        raise TypeError(f"{name} must be {example}, got {got}")
    return value


def pair(name: str, value: Any) -> tuple[Any, Any]:
    """Return the two entries of a sequence, e.g. one for each valley or layer."""
    if not isinstance(value, list | tuple | np.ndarray) or len(value) != 2:
        raise ValueError(f"{name} must hold two entries, got {shown(value)}")
    return value[0], value[1]


def function(name: str, value: Any, what: str) -> None:
    """Refuse a ``value`` that cannot be called; ``what`` says of what it should be a function."""
    if not callable(value):
        raise TypeError(f"{name} must be a function {what}, got {shown(value)}")


def real_array(
    name: str, value: ArrayLike, *, last: int | None = None, empty: bool = False
) -> NDArray[np.float64]:
    """Return ``value`` as a finite real array whose last axis has length ``last``, if given."""
    array = plain_array(name, value, empty)
    if array.dtype.kind not in "iuf":
        raise TypeError(f"{name} must hold real numbers, got dtype {array.dtype}")
    with np.errstate(over="ignore"):  # a long double beyond 1e308 is refused below
        array = array.astype(np.float64, copy=False)
    if last is not None:
        _require_last(name, array, last)
    _require_finite(name, array)
    return array


def real_vector(name: str, value: ArrayLike, *, empty: bool = False) -> NDArray[np.float64]:
    """Return ``value`` as a finite real array of one dimension; a scalar becomes one entry."""
    return _one_dimensional(name, np.atleast_1d(real_array(name, value, empty=empty)))


def positive_array(name: str, value: ArrayLike, unit: str = "") -> NDArray[np.float64]:
    """Return ``value`` as a finite real array, every entry above zero."""
    array = real_array(name, value)
    if (array <= 0).any():
        raise ValueError(f"{name} must be > 0{_space(unit)}, got {array.min()}")
    _require_not_tiny(name, float(array.min()))
    return array


def number_array(name: str, value: ArrayLike) -> NDArray[Any]:
    """Return ``value`` as a finite array, real or complex as it is."""
    real = plain_array(name, value).dtype.kind in "iuf"
    return real_array(name, value) if real else complex_array(name, value)


def integer_vector(name: str, value: ArrayLike) -> NDArray[np.int64]:
    """Return ``value`` as an integer array of one dimension."""
    array = plain_array(name, value)
    if array.dtype.kind not in "iu":
        raise TypeError(f"{name} must hold integers, got dtype {array.dtype}")
    return _one_dimensional(name, array.astype(np.int64))


def non_negative_array(name: str, value: ArrayLike, unit: str = "") -> NDArray[np.float64]:
    """Return ``value`` as a finite real array, no entry below zero."""
    array = real_array(name, value)
    if (array < 0).any():
        raise ValueError(f"{name} must be ≥ 0{_space(unit)}, got {array.min()}")
    return np.where(array >= _SMALLEST, array, 0.0)


def complex_array(name: str, value: ArrayLike) -> NDArray[np.complex128]:
    """Return ``value`` as a finite complex array."""
    array = plain_array(name, value, empty=False)
    if array.dtype.kind not in "iufc":
        raise TypeError(f"{name} must hold numbers, got dtype {array.dtype}")
    with np.errstate(over="ignore"):
        array = array.astype(np.complex128, copy=False)
    _require_finite(name, array)
    return array


def complex_vector(name: str, value: ArrayLike) -> NDArray[np.complex128]:
    """Return ``value`` as a finite complex array of one dimension; a scalar becomes one entry."""
    return _one_dimensional(name, np.atleast_1d(complex_array(name, value)))


def broadcast(**arrays: NDArray[Any]) -> tuple[int, ...]:
    """Return the common shape of arrays; refuse those that do not broadcast."""
    try:
        return tuple(np.broadcast_shapes(*(array.shape for array in arrays.values())))
    except ValueError:
        shapes = ", ".join(f"{name} {array.shape}" for name, array in arrays.items())
        raise ValueError(f"the shapes of these must broadcast, got {shapes}") from None


def square_matrix(name: str, value: ArrayLike) -> NDArray[np.complex128]:
    """Return ``value`` as a finite complex array (n, n)."""
    array = complex_array(name, value)
    if array.ndim != 2 or array.shape[0] != array.shape[1]:
        raise ValueError(f"{name} must be a square matrix, got shape {array.shape}")
    return array


def hermitian(name: str, value: ArrayLike) -> NDArray[np.complex128]:
    """Return ``value`` as a finite Hermitian matrix (n, n)."""
    matrix = square_matrix(name, value)
    if not np.allclose(matrix, matrix.conj().T, atol=1e-10):
        raise ValueError(f"{name} must be Hermitian")
    return matrix


def require_phase(name: str, turns: float) -> None:
    """Refuse what turns a phase so often that double precision keeps less than half the digits."""
    if not turns <= _MOST_TURNS:
        raise ValueError(
            f"{name} must turn a phase by at most {_MOST_TURNS:g} within a step, got {turns:.3g}"
        )


def same_shape(**arrays: NDArray[Any]) -> None:
    """Refuse arrays of different shapes."""
    shapes = [array.shape for array in arrays.values()]
    if len(set(shapes)) > 1:
        raise ValueError(
            f"{', '.join(arrays)} must be alike in shape, got {', '.join(map(str, shapes))}"
        )


def integer_pairs(name: str, value: ArrayLike) -> NDArray[np.int64]:
    """Return ``value`` as an integer array (..., 2); there may be no pair at all."""
    array = plain_array(name, value, empty=True)
    if array.dtype.kind not in "iu":
        raise TypeError(f"{name} must hold integers, got dtype {array.dtype}")
    _require_last(name, array, 2)
    if array.size and (array.max() > _LARGEST_PAIR or array.min() < -_LARGEST_PAIR):
        raise ValueError(
            f"{name} must lie within ±{_LARGEST_PAIR}, got {array.min()} to {array.max()}"
        )
    return array.astype(np.int64, copy=False)


def frozen(array: Array) -> Array:
    """Make an array that was just made read-only, and return it: for what is kept and shared."""
    array.setflags(write=False)
    return array


def own_array(array: Array) -> Array:
    """Return a read-only array that nobody else can write to: a copy, unless it is one already."""
    base = array
    while isinstance(base, np.ndarray) and not base.flags.writeable:
        base = base.base  # type: ignore[assignment]
    return array if base is None else frozen(array.copy())


def keep(owner: object, **values: object) -> None:
    """Store checked values in a frozen dataclass, and make every array in it its own."""
    for name, value in values.items():
        object.__setattr__(owner, name, value)
    for field in dataclasses.fields(owner):  # type: ignore[arg-type]
        value = getattr(owner, field.name)
        if isinstance(value, np.ndarray):
            object.__setattr__(owner, field.name, own_array(value))


def plain_array(name: str, value: ArrayLike, empty: bool = False) -> NDArray[Any]:
    """Return ``value`` as an array, without a mask, and not empty unless that is admitted."""
    parts = value if isinstance(value, list | tuple) else [value]
    if any(isinstance(part, np.ma.MaskedArray) for part in parts):
        raise TypeError(f"{name} must not be a masked array: select its entries first")
    try:
        array = np.asarray(value)
    except ValueError as error:  # rows of different lengths
        raise ValueError(f"{name} must be a rectangular array: {error}") from None
    if not (array.size or empty):
        raise ValueError(f"{name} must not be empty, got shape {array.shape}")
    return array


def _one_dimensional(name: str, array: Array) -> Array:
    if array.ndim != 1:
        raise ValueError(
            f"{name} must be a number or a one-dimensional array, got shape {array.shape}"
        )
    return array


def _require_last(name: str, array: NDArray[Any], last: int) -> None:
    if array.ndim == 0 or array.shape[-1] != last:
        raise ValueError(f"{name} must have a last axis of length {last}, got shape {array.shape}")


def _require_finite(name: str, array: NDArray[Any]) -> None:
    wrong = np.count_nonzero(~np.isfinite(array))
    if wrong:
        raise ValueError(f"{name} must be finite, got {wrong} entries that are NaN or infinite")
    largest = np.abs(array).max(initial=0)
    if largest > _LARGEST:
        raise ValueError(f"{name} must be within ±{_LARGEST:g}, got an entry of size {largest:.3g}")


def _require_not_tiny(name: str, number: float) -> None:
    if 0 < number < _SMALLEST:
        raise ValueError(f"{name} must be ≥ {_SMALLEST:g}, got {number:.3g}")


def _space(unit: str) -> str:
    return f" {unit}" if unit else ""
