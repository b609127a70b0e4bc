"""Drag of second order against the densities of both layers: two stored sweeps of maps."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache, partial
from pathlib import Path
from random import Random

import numpy as np

from moirelib._repr import short_repr
from moirelib._types import Floats
from moirelib.chapters.second_order_drag.data.sweep import SWEEP, layer
from moirelib.drag.interlayer import Interlayer
from moirelib.drag.layer import DragLayer
from moirelib.drag.scattering_layer import ScatteringLayer
from moirelib.drag.second_order import second_order_drag
from moirelib.ledger.stored import Point, StoredSweep
from moirelib.models.graphene_hbn import GrapheneHBN
from moirelib.units import RESISTANCE_QUANTUM_OHM, from_1e12_per_cm2, thermal_energy

DENSITIES = (
    *(-4.0, -3.5, -3.0, -2.75, -2.5, -2.4, -2.3, -2.2, -2.0, -1.5, -1.0, -0.5, -0.1),
    *(0.0, 0.1, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0),
)
"""Of both moiré layers, in 10¹²/cm²: dense at neutrality, and at the satellite near −2.36."""

MAP_KELVIN = (50.0, 90.0, 140.0)

ALONG = tuple(n / 2 for n in range(-9, 6))
"""Densities of the moiré layer beside a plain one, in 10¹²/cm²."""

PLAIN = (0.5, 1.0, 1.5, 2.0)
"""Densities of the plain layer."""

EXPERIMENT_KELVIN = (50.0, 100.0, 150.0, 200.0)
EXPERIMENT_SPACER = 3.0
"""In nm: an assumption."""

SIZE = (12, 24, 1.5)
"""Mesh, bands and reach in 1/nm of the maps."""

BESIDE = (12, 24, 1.2)
"""Likewise of a moiré layer beside a plain one, where the spacer is thicker."""

COLUMNS = ("mesh", "bands", "reach in 1/nm", "temperature in K", "distance in nm")

Grids = tuple[tuple[float, ...], tuple[float, ...]]


@short_repr
@dataclass(frozen=True)
class DensityMap:
    """Drag of second order at ħ/τ = 1 meV, screened, in e²/h, against both densities.

    Parameters
    ----------
    first, second : ndarray, shape (n1,) and (n2,)
        Densities in 10¹²/cm².
    charge, valley : ndarray, shape (3, n1, n2)
        All G and G′; without interference, G = G′; and G = G′ = 0 alone.
    drude : ndarray, shape (n1, n2)
        Product of the conductivities of both layers at the same rate, in (e²/h)².
    """

    first: Floats
    second: Floats
    charge: Floats
    valley: Floats
    drude: Floats

    @property
    def resistance(self) -> Floats:
        """Charge drag resistivity σ₁₂/σ₁σ₂ in Ω by channel, (3, n1, n2): independent of τ."""
        found: Floats = RESISTANCE_QUANTUM_OHM * self.charge / self.drude
        return found

    @property
    def valley_resistance(self) -> Floats:
        """The same of the valleys, with all G and G′, (n1, n2)."""
        found: Floats = RESISTANCE_QUANTUM_OHM * self.valley[0] / self.drude
        return found


def between_moires(point: Point, some: Grids = (DENSITIES, DENSITIES)) -> Floats:
    """Return the drag between two moiré layers as it is stored: by flavour and channel, (7, n, n).

    The seventh is the product of the Drude conductivities.
    """
    mesh, bands, reach, kelvin, distance = point
    one = layer(int(mesh), int(bands), reach)
    return _drag((one, one), some, kelvin, distance)


def beside_plain(point: Point, some: Grids = (ALONG, PLAIN)) -> Floats:
    """Return the drag of a moiré layer and a plain one as it is stored, likewise."""
    mesh, bands, reach, kelvin, distance = point
    moire = layer(int(mesh), int(bands), reach)
    assert moire.cone is not None
    plain = replace(moire, model=moire.cone, origin=(0.31, 0.17))
    return _drag((moire, plain), some, kelvin, distance)


def _drag(
    layers: tuple[ScatteringLayer, ScatteringLayer],
    densities: Grids,
    kelvin: float,
    distance: float,
) -> Floats:
    kT = thermal_energy(kelvin)
    mu = [
        _filling(one.model, one.bands).chemical_potential(from_1e12_per_cm2(some), kT)
        for one, some in zip(layers, densities, strict=True)
    ]
    potential = Interlayer(distance=distance)
    found = second_order_drag(*layers, mu[0], mu[1], kT, potential, screened=True)
    drude = (one.drude(levels, kT) for one, levels in zip(layers, mu, strict=True))
    return np.concatenate([found.charge, found.valley, [np.multiply.outer(*drude)]])


@cache
def _filling(model: GrapheneHBN, bands: int) -> DragLayer:
    return DragLayer(model, mesh=48, bands=bands, shells=1)


def _one_pair(
    function: Callable[[Point, Grids], Floats], grids: Grids, point: Point, random: Random
) -> tuple[tuple[slice, int, int], Floats]:
    """Return the place of one pair of densities in a map, and its values computed now."""
    i, j = (random.randrange(len(some)) for some in grids)
    return (slice(None), i, j), function(point, ((grids[0][i],), (grids[1][j],)))[:, 0, 0]


_OF_MAPS = tuple(f"chapters.second_order_drag.data.maps:{name}" for name in ("_drag", "_filling"))

MAPS = StoredSweep(
    "second-order drag between moiré layers",
    between_moires,
    COLUMNS,
    tuple((*SIZE, kelvin, 1.0) for kelvin in MAP_KELVIN),
    (*SWEEP.sources, *_OF_MAPS),
    Path(__file__).with_name("maps.npz"),
    part=partial(_one_pair, between_moires, (DENSITIES, DENSITIES)),
)

EXPERIMENT = StoredSweep(
    "second-order drag of a moiré layer and a plain one",
    beside_plain,
    COLUMNS,
    tuple((*BESIDE, kelvin, EXPERIMENT_SPACER) for kelvin in EXPERIMENT_KELVIN),
    (*SWEEP.sources, *_OF_MAPS),
    Path(__file__).with_name("beside_plain.npz"),
    part=partial(_one_pair, beside_plain, (ALONG, PLAIN)),
)


@cache
def density_map(kelvin: float = 90.0) -> DensityMap:
    """Return the stored map at a temperature in K."""
    found = MAPS.values()[*SIZE, kelvin, 1.0]
    axis = np.array(DENSITIES)
    return DensityMap(axis, axis, found[:3], found[3:6], found[6])


@cache
def experiment(kelvin: float) -> DensityMap:
    """Return the stored drag of a moiré layer, the first, and a plain one at 3 nm."""
    found = EXPERIMENT.values()[*BESIDE, kelvin, EXPERIMENT_SPACER]
    return DensityMap(np.array(ALONG), np.array(PLAIN), found[:3], found[3:6], found[6])
