"""Compute the stored points of the chapter, as ``make sweeps`` does."""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor

from moirelib.chapters.second_order_drag.data.sweep import SWEEP


def main() -> None:
    """Compute what is missing, on all processors."""
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        SWEEP.compute(pool, progress=True)


if __name__ == "__main__":
    main()
