"""A parameter of a figure that the reader moves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from moirelib import _validate
from moirelib._repr import short_repr


@short_repr
@dataclass(frozen=True)
class Knob:
    """A parameter on a slider.

    Parameters
    ----------
    parameter : str
        The keyword of ``compute`` that the slider moves.
    values : array_like, shape (n,)
        Its values, increasing; at least two.
    label : str
        Name and unit of the parameter, for the reader.
    initial : int
        Index of the value shown first.
    value_format : str
        Format of a value in the label and the alternative text.
    between : bool
        Whether the figure can be computed between the values; if not, the live slider too goes
        from one of them to the next.

    Raises
    ------
    TypeError, ValueError
        If ``values`` are not real and finite, do not increase or are fewer than two, or ``initial``
        is no index of them.
    """

    parameter: str
    values: ArrayLike
    label: str
    initial: int = 0
    value_format: str = "{:g}"
    between: bool = True

    def __post_init__(self) -> None:
        steps = _validate.real_vector("values", self.values)
        if steps.size < 2 or not (np.diff(steps) > 0).all():
            raise ValueError(
                f"values must hold at least two increasing numbers, got {self.values!r}"
            )
        _validate.choice("initial", self.initial, tuple(range(steps.size)))
        _validate.keep(self, values=steps, between=_validate.flag("between", self.between))

    @property
    def steps(self) -> tuple[float, ...]:
        """The values as numbers."""
        return tuple(np.asarray(self.values, float).tolist())

    def text(self, value: float) -> str:
        """Return a value as the reader sees it, with a minus sign for the hyphen."""
        return self.value_format.format(value).replace("-", "−")
