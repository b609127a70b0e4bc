"""Plant errors in the library, one at a time, and print which claims each turns red.

Each in a process of its own, so that nothing computed with the error is kept by another test: it
is forked, where that is possible, from one that has loaded the claims.
"""

from __future__ import annotations

import json
import multiprocessing
import sys
from collections.abc import Callable
from functools import cached_property
from importlib import import_module
from typing import Any

from moirelib import ledger

# Checks of many kinds that take little time.
CHECKED = (
    "boltzmann.claims.kinetic",
    "hamiltonian.claims.bands",
    "hamiltonian.claims.currents",
    "hamiltonian.claims.model",
    "keldysh.claims.contour",
    "keldysh.claims.lattice_disorder",
    "keldysh.claims.quadratic",
    "keldysh.claims.valleys",
    "tbg_scattering.claims.bilayer",
    "tbg_scattering.claims.impurities",
    "tbg_scattering.claims.rates",
    "time_reversal.claims.relations",
)

PLANTED: dict[str, Callable[[Any], Any]] = {
    "moirelib.models.graphene_hbn.GrapheneHBN.potential_harmonics": lambda terms: (
        *terms[:2],
        (terms[2][0], terms[1][1]),
    ),
    "moirelib.models.twisted_bilayer.StrainedTBG.tunnelling_matrices": lambda t: t.conj(),
    "moirelib.models.twisted_bilayer.StrainedTBG.dirac": lambda h: h.conj(),
    "moirelib.models.two_valley.white_noise_potential": lambda v: 1.1 * v,
    "moirelib.bands.bloch.overlap_current_factors": lambda factors: 1.01 * factors,
}
"""For some functions and properties of the library, what to do to what they return."""


def plant(dotted: str, spoil: Callable[[Any], Any]) -> None:
    """Put a function or property that spoils its result in the place of the right one."""
    parts = dotted.split(".")
    split = next(i for i, part in enumerate(parts) if part[0].isupper() or i == len(parts) - 1)
    owner = import_module(".".join(parts[:split]))
    for part in parts[split:-1]:
        owner = getattr(owner, part)
    right = vars(owner)[parts[-1]]
    if isinstance(right, property | cached_property):
        get = right.fget if isinstance(right, property) else right.func
        setattr(owner, parts[-1], property(lambda self: spoil(get(self))))
        return

    def wrong(*arguments: Any, **named: Any) -> Any:
        return spoil(right(*arguments, **named))

    for module in [owner, *sys.modules.values()]:
        if vars(module).get(parts[-1]) is right:
            setattr(module, parts[-1], wrong)


def red(name: str) -> list[str]:
    """Return the claims that do not stand with the error in place, which stays in this process."""
    ledger.load()
    plant(name, PLANTED[name])
    asked = [c for c in ledger.claims() if c.check.__module__.partition("chapters.")[2] in CHECKED]
    return [entry.id for entry in asked if not ledger.run(entry).sound]


def main() -> None:
    """Print a list of red claims for each error."""
    ledger.load()
    forks = "fork" in multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("fork" if forks else "spawn")
    with context.Pool(1, maxtasksperchild=1) as pool:
        print(json.dumps(dict(zip(PLANTED, pool.map(red, PLANTED, chunksize=1), strict=True))))


if __name__ == "__main__":
    main()
