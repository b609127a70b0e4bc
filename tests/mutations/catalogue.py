"""All mutations by name."""

from __future__ import annotations

from importlib import import_module
from pkgutil import iter_modules

from mutations import tables
from mutations.mutation import Planted


def by_hand() -> dict[str, Planted]:
    """Return the list written by hand.

    Raises
    ------
    ValueError
        If two mutations have one name.
    """
    found: dict[str, Planted] = {}
    for table in iter_modules(tables.__path__):
        for one in import_module(f"{tables.__name__}.{table.name}").MUTATIONS:
            if one.name in found:
                raise ValueError(f"two mutations are called {one.name}")
            found[one.name] = one
    return found
