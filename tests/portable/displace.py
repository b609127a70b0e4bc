"""Move every grid that a test, a claim or a figure makes by a relative amount.

A result that hangs on where a grid point falls, exactly at a jump or at the end of a band, then
changes. Grids inside the library stay: they are its own business, and move with their ends.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

ROOT = Path(__file__).parents[2]
INPUTS = tuple(str(ROOT / part) for part in ("tests", "moirelib/ledger", "moirelib/chapters"))


class Steps(np.ndarray):
    """Integers that give a displaced grid as soon as a spacing turns them into numbers."""

    relative = 0.0

    def __array_finalize__(self, source: Any) -> None:
        self.relative = getattr(source, "relative", 0.0)

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *inputs: Any, **options: Any) -> Any:
        plain = [np.asarray(x) if isinstance(x, Steps) else x for x in inputs]
        result = getattr(ufunc, method)(*plain, **options)
        if method != "__call__" or not isinstance(result, np.ndarray) or options.get("out"):
            return result
        if result.dtype.kind in "iu":
            result = result.view(Steps)
            result.relative = self.relative
        elif result.dtype.kind in "fc":
            result *= 1 + self.relative
        return result


def _moved(make: Callable[..., np.ndarray], relative: float) -> Callable[..., np.ndarray]:
    def grid(*arguments: Any, **options: Any) -> Any:
        made = make(*arguments, **options)
        if not sys._getframe(1).f_code.co_filename.startswith(INPUTS):
            return made
        if not isinstance(made, np.ndarray):  # linspace(retstep=True)
            return made[0] * (1 + relative), made[1] * (1 + relative)
        if made.dtype.kind in "fc":
            return made * (1 + relative)
        steps = made.view(Steps)
        steps.relative = relative
        return steps

    return grid


@contextmanager
def displaced(relative: float) -> Iterator[None]:
    """Displace what NumPy's makers of grids return to tests, claims and figures."""
    with ExitStack() as stack:
        if relative:
            for name in ("linspace", "geomspace", "logspace", "arange"):
                stack.enter_context(
                    mock.patch.object(np, name, _moved(getattr(np, name), relative))
                )
        yield
