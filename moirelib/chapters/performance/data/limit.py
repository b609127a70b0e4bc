"""What the solver cannot do without, at the rates that this machine has."""

from __future__ import annotations

import os
import platform
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from moirelib._repr import short_repr
from moirelib._threads import one_blas_thread
from moirelib._types import Floats
from moirelib.bands.kdotp import expand
from moirelib.bands.small_basis import SmallBasis
from moirelib.bands.tiling import Tiling
from moirelib.chapters.performance.data.solver import Settings, best_time

# Rows of the square matrices with which the rate of products is measured.
_LARGE = 600


@short_repr
@dataclass(frozen=True)
class Limit:
    """Processor time of the operations that a layer cannot avoid, in s.

    Parameters
    ----------
    tiles, tile_rows : int
        Dense eigenproblems, one for each tile, and their rows.
    wavevectors : int
        Small eigenproblems, one for each irreducible wavevector.
    wavevector_rows : ndarray
        Their rows on each tile.
    tiles_seconds, wavevectors_seconds : float
        Of the eigensolver alone, on the very matrices.
    products_seconds : float
        Of the multiplications that take form factors from polynomials, at ``rate``.
    rate : float
        Real multiplications in 10⁹ per second in products of large matrices.
    """

    tiles: int
    tile_rows: int
    wavevectors: int
    wavevector_rows: Floats
    tiles_seconds: float
    wavevectors_seconds: float
    products_seconds: float
    rate: float

    @property
    def seconds(self) -> float:
        """The sum."""
        return self.tiles_seconds + self.wavevectors_seconds + self.products_seconds


@one_blas_thread
def solver_limit(settings: Settings) -> Limit:
    """Count and time what :class:`moirelib.DragLayer` cannot avoid with these settings."""
    layer, model = settings.layer(), settings.model
    half = layer.pairs[[tuple(pair) > (0, 0) for pair in layer.pairs.tolist()]]
    tiling = Tiling.of_zone(model.lattice, settings.divisions, "C3v")
    tile = tiling.assign(layer.zone.points)
    rows, small, multiplications = [], 0.0, 0.0
    for number, (centre, corners) in enumerate(zip(tiling.centres, tiling.corners, strict=True)):
        points = layer.zone.points[tile == number]
        given = (expand(model, centre, settings.bands), corners, half, settings.bands)
        basis = SmallBasis.of(*given) or SmallBasis.of_all_retained(*given)
        matrices = basis.matrices(points)
        rows.append(matrices.shape[-1])
        small += best_time(partial(np.linalg.eigh, matrices))
        terms, operators, elements = basis.forms.shape
        multiplications += len(points) * operators * elements * (terms + settings.bands)
    dense = model.hamiltonian(tiling.centres)
    square = np.random.default_rng(1).normal(size=(_LARGE, _LARGE))
    rate = _LARGE**3 / best_time(partial(np.matmul, square, square))
    return Limit(
        tiles=len(tiling.centres),
        tile_rows=dense.shape[-1],
        wavevectors=len(layer.zone.points),
        wavevector_rows=np.array(rows, dtype=float),
        tiles_seconds=best_time(partial(np.linalg.eigh, dense)),
        wavevectors_seconds=small,
        products_seconds=multiplications / rate,
        rate=rate / 1e9,
    )


def machine() -> str:
    """Return the processor, its cores and the versions that the times belong to."""
    name = platform.processor() or platform.machine()
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    name = next((one.split(":")[1].strip() for one in lines if "model name" in one), name)
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    return (
        f"{name}, {os.cpu_count()} cores, Python {platform.python_version()}, NumPy "
        f"{np.__version__}, {blas['name']} {blas['version']}"
    )
