"""Short descriptions of what holds arrays: shape and range in place of the numbers."""

from __future__ import annotations

from dataclasses import fields
from html import escape
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

Class = TypeVar("Class", bound=type)

# Characters of a whole description, and of what stands for one field.
_LONGEST = 200
_OF_FIELD = 60


def short_repr(cls: Class) -> Class:
    """Decorate a dataclass: ``repr`` and HTML give shapes and ranges of its arrays.

    >>> from dataclasses import dataclass
    >>> @short_repr
    ... @dataclass(frozen=True)
    ... class Curve:
    ...     name: str
    ...     values: np.ndarray
    >>> Curve("energy", np.linspace(-1.5, 2.0, 1000))
    Curve(name='energy', values=<(1000,) from -1.5 to 2>)
    """
    cls.__repr__ = _text  # type: ignore[method-assign, assignment]
    cls._repr_html_ = _html  # type: ignore[attr-defined]
    # It says less than the object is: no key of a cache.
    cls._repr_leaves_out = True  # type: ignore[attr-defined]
    return cls


def describe(value: Any) -> str:
    """Return a value as text; of an array the shape and the range."""
    if isinstance(value, np.ndarray):
        return _array(value)
    if isinstance(value, list | tuple) and any(isinstance(one, np.ndarray) for one in value):
        return f"<{len(value)} arrays>"
    return _cut(repr(value), _OF_FIELD)


def _array(array: NDArray[Any]) -> str:
    if array.size == 0 or array.dtype.kind not in "biufc":
        return f"<{array.shape} {array.dtype}>"
    if array.size == 1:
        return _cut(repr(array.item()), _OF_FIELD)
    size = np.abs(array) if array.dtype.kind == "c" else array
    kind = "modulus " if array.dtype.kind == "c" else ""
    return f"<{array.shape} {kind}from {size.min():.4g} to {size.max():.4g}>"


def _text(self: Any) -> str:
    shown = ((field.name, getattr(self, field.name)) for field in fields(self) if field.repr)
    inner = ", ".join(f"{name}={describe(value)}" for name, value in shown)
    name = type(self).__qualname__
    return f"{name}({_cut(inner, _LONGEST - len(name) - 2)})"


def _html(self: Any) -> str:
    shown = ((field.name, getattr(self, field.name)) for field in fields(self) if field.repr)
    rows = "".join(
        f"<tr><th>{escape(name)}</th><td>{escape(describe(value))}</td></tr>"
        for name, value in shown
    )
    return f"<table><caption>{escape(type(self).__qualname__)}</caption>{rows}</table>"


def _cut(text: str, longest: int) -> str:
    """Leave out the middle of what is too long."""
    if len(text) <= longest:
        return text
    half = (longest - 3) // 2
    return f"{text[:half]}...{text[len(text) - half :]}"
