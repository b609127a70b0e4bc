"""Garbage left where it is while figures are drawn.

A figure is thousands of objects that refer to each other. Python would look through them, and
through all that the session holds, dozens of times for each figure: a third of all drawing.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def garbage_kept() -> Iterator[None]:
    """Look for no garbage within this block: a figure that is done with keeps about a megabyte."""
    looked = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if looked:
            gc.enable()
