"""The points of second-order drag that the page shows, stored: ``make sweeps`` computes them."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from moirelib._types import Floats
from moirelib.drag.interlayer import Interlayer
from moirelib.drag.scattering_layer import ScatteringLayer
from moirelib.drag.second_order import second_order_drag
from moirelib.ledger.stored import Point, StoredSweep
from moirelib.models.graphene_hbn import GrapheneHBN

COLUMNS = (
    "mesh",
    "bands",
    "reach in 1/nm",
    "mu1 in meV",
    "mu2 in meV",
    "kT in meV",
    "distance in nm",
    "screened",
    "shift in (L1 + L2)/3",
    "opposite faces",
    "divisions",
    "steps in kT",
)

MESH, BANDS, REACH, DIVISIONS, STEPS = 12, 24, 2.0, 8, 4
"""What the figures are computed with; the study of convergence varies each."""

FILLINGS = tuple(np.linspace(-165.0, 135.0, 11).tolist())
STRONG = -128.0
"""The filling in meV at which Part I has its strongest response."""
BESIDE = -105.0
"""A filling in meV where less of the drag is interference."""
MESHES = (8, 12, 16)
COOLING = (4.0, 8.0, 12.0)
SPACERS = (0.67, 1.0, 1.33, 2.0, 4.0)
"""Distances of the layers in nm. One layer of hBN makes 0.67 nm, two make 1.0 and three 1.33."""
KT = 8.0


@lru_cache(maxsize=8)
def layer(
    mesh: int,
    bands: int,
    reach: float,
    shift: float = 0.0,
    opposite: bool = False,
    divisions: int = DIVISIONS,
) -> ScatteringLayer:
    """Return a layer, its cone and its displacement along the long diagonal of the cell."""
    model = GrapheneHBN()
    diagonal = model.lattice.primitive_vectors.sum(axis=0) / 3
    return ScatteringLayer(
        model.inverted() if opposite else model,
        mesh=mesh,
        bands=bands,
        reach=reach,
        shift=tuple((shift * diagonal).tolist()),
        cone=replace(model, coupling=0.0),
        divisions=divisions,
    )


def drag_at(point: Point) -> Floats:
    """Return charge and valley drag by channel, and both Drude conductivities, in e²/h: (8,)."""
    mesh, bands, reach, mu1, mu2, kT, distance, screened, shift, opposite, divisions, steps = point
    size = int(mesh), int(bands), reach
    first = layer(*size, divisions=int(divisions))
    second = layer(*size, shift, bool(opposite), int(divisions))
    found = second_order_drag(
        first,
        second,
        [mu1],
        [mu2],
        kT,
        Interlayer(distance=distance),
        screened=bool(screened),
        steps=int(steps),
    )
    drude = [one.drude([mu], kT) for one, mu in ((first, mu1), (second, mu2))]
    return np.concatenate([found.charge.ravel(), found.valley.ravel(), *drude])


def at(
    mu: float,
    kT: float,
    *,
    other: float | None = None,
    mesh: int = MESH,
    bands: int = BANDS,
    reach: float = REACH,
    distance: float = 1.0,
    screened: bool = True,
    shift: float = 0.0,
    opposite: bool = False,
    divisions: int = DIVISIONS,
    steps: int = STEPS,
) -> Point:
    """Return a point of the sweep; both layers have the filling of the first if left out."""
    second = mu if other is None else other
    physics = (mu, second, kT, distance, float(screened), shift, float(opposite))
    return (mesh, bands, reach, *physics, divisions, steps)


def convergence_points() -> dict[str, tuple[Point, ...]]:
    """Return what is varied for the study of convergence, about the point that is used."""
    return {
        "mesh": tuple(at(STRONG, KT, mesh=mesh) for mesh in MESHES),
        "mesh at −105 meV": tuple(at(BESIDE, KT, mesh=mesh) for mesh in MESHES),
        "bands": tuple(at(STRONG, KT, bands=bands) for bands in (16, 24, 36)),
        "reach": tuple(at(STRONG, KT, reach=reach) for reach in (1.5, 2.0, 2.5)),
        "cell": tuple(at(STRONG, KT, divisions=n) for n in (4, 8, 12)),
        # Finer steps ask for more points in a cell.
        "steps": (at(STRONG, KT, steps=2), at(STRONG, KT), at(STRONG, KT, steps=8, divisions=16)),
    }


def points() -> tuple[Point, ...]:
    """Return all points, each once."""
    every = [
        *(at(mu, KT) for mu in FILLINGS),
        # Bands far away matter to the screening alone.
        *(at(mu, KT, bands=8, screened=False) for mu in (STRONG, *FILLINGS)),
        *(at(STRONG, kT) for kT in COOLING),
        *(at(STRONG, KT, distance=d) for d in SPACERS),
        *(at(STRONG, KT, shift=s) for s in (1.0, 2.0)),
        *(at(STRONG, KT, shift=s, opposite=True) for s in (0.0, 1.0, 2.0)),
        *(point for some in convergence_points().values() for point in some),
    ]
    return tuple(dict.fromkeys(every))


# The code that every stored drag of second order follows from.
OF_DRAG = (
    "drag.second_order:",
    "drag.scattering_layer:",
    "drag.transfers:",
    "drag.screening:",
    "drag.interlayer:",
    "models.graphene_hbn:",
)

SWEEP = StoredSweep(
    "second-order drag",
    drag_at,
    COLUMNS,
    points(),
    (
        *OF_DRAG,
        "chapters.second_order_drag.data.sweep:drag_at",
        "chapters.second_order_drag.data.sweep:layer",
    ),
    Path(__file__).with_name("second_order_drag.npz"),
    lambda point: point[0] * point[1] < 200,
)
