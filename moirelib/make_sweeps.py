"""Compute what the stored sweeps of the pages lack, or have from other code: ``make sweeps``."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from moirelib.chapters.magic_angle.data.stored import SWEEP as STRAINED_BILAYERS
from moirelib.chapters.second_order_drag.data.maps import EXPERIMENT, MAPS
from moirelib.chapters.second_order_drag.data.sweep import SWEEP as SECOND_ORDER_DRAG
from moirelib.chapters.where_largest.data.device import SWEEP as DEVICES
from moirelib.chapters.where_largest.data.twisted import SWEEP as TWISTED
from moirelib.ledger.stored import StoredSweep

SWEEPS: tuple[StoredSweep, ...] = (
    SECOND_ORDER_DRAG,
    MAPS,
    EXPERIMENT,
    STRAINED_BILAYERS,
    DEVICES,
    TWISTED,
)


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--jobs", type=int, default=2, help="processes")
    parser.add_argument(
        "--folder", default="_build/sweeps", help="where a broken-off sweep goes on"
    )
    parser.add_argument(
        "--renew",
        type=int,
        default=0,
        metavar="N",
        help="keep the values of a sweep if N of its points come out of the changed code the same",
    )
    given = parser.parse_args(arguments)
    with ProcessPoolExecutor(given.jobs) as pool:
        for one in SWEEPS:
            if given.renew and one.renew(given.renew):
                print(f"{one.name}: kept")
                continue
            folder = Path(given.folder) / one.path.stem
            count = one.compute(pool, progress=True, folder=folder)
            print(f"{one.name}: {count} of {len(one.points)} points computed")


if __name__ == "__main__":
    main()
