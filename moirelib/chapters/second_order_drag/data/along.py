"""Lines through the maps: for the sliders, and for a moiré layer beside a plain one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from moirelib._repr import short_repr
from moirelib._types import Floats
from moirelib.chapters.second_order_drag.data.maps import (
    BESIDE,
    DENSITIES,
    EXPERIMENT_KELVIN,
    EXPERIMENT_SPACER,
    MAP_KELVIN,
    PLAIN,
    density_map,
    experiment,
)
from moirelib.drag.interlayer import Interlayer
from moirelib.drag.layer import DragLayer
from moirelib.drag.scattering_layer import ScatteringLayer
from moirelib.drag.second_order import second_order_drag
from moirelib.models.graphene_hbn import GrapheneHBN
from moirelib.units import (
    RESISTANCE_QUANTUM_OHM,
    from_1e12_per_cm2,
    thermal_energy,
    to_1e12_per_cm2,
)

# Enough for what is filled at 200 K; the screening is completed by the cone.
_OF_CONE = 16


@short_repr
@dataclass(frozen=True)
class Cut:
    """One frame of the sliders: drag resistivity against the density of layer 1, in Ω.

    Parameters
    ----------
    density : ndarray, shape (n,)
        Of layer 1 in 10¹²/cm².
    resistance : ndarray, shape (3, n)
        Of the charge, in ohm: all G and G′; without interference, G = G′; and G = G′ = 0 alone.
    valley : ndarray, shape (n,)
        Of the valleys, in ohm, all G and G′.
    limits : ndarray, shape (2, 2)
        Of the axes, in ohm: the same for all frames.
    """

    density: Floats
    resistance: Floats
    valley: Floats
    limits: Floats


def cut(other: float = -3.0, kelvin: float = 90.0) -> Cut:
    """Read the map at a density of layer 2 in 10¹²/cm² and a temperature in K."""
    found = density_map(kelvin)
    j = DENSITIES.index(other)
    every = [density_map(one) for one in MAP_KELVIN]
    ends = [
        (1.05 * min(v.min() for v in values), 1.05 * max(v.max() for v in values))
        for values in ([m.resistance for m in every], [m.valley_resistance for m in every])
    ]
    return Cut(
        found.first, found.resistance[:, :, j], found.valley_resistance[:, j], np.array(ends)
    )


@short_repr
@dataclass(frozen=True)
class Beside:
    """Drag resistivity in Ω of a moiré layer and a plain one, 3 nm apart.

    Parameters
    ----------
    density : ndarray, shape (n,)
        Of the moiré layer in 10¹²/cm².
    kelvin : ndarray, shape (nT,)
        In K.
    resistance : ndarray, shape (nT, n)
        At one density of the plain layer.
    matched : ndarray, shape (m,)
        Carriers of each layer in 10¹²/cm²: of the plain one electrons.
    original, holes, beyond : ndarray, shape (nT, m)
        Moduli at equal numbers of carriers: electrons and holes of the moiré layer, and holes
        beyond its satellite Dirac point, four per cell.
    plain, satellite : float
        Density of the plain layer on the left, and of the satellite, in 10¹²/cm².
    """

    density: Floats
    kelvin: Floats
    resistance: Floats
    matched: Floats
    original: Floats
    holes: Floats
    beyond: Floats
    plain: float
    satellite: float

    def powers(self, row: Floats) -> tuple[Floats, Floats]:
        """Return α of n^−α at each temperature, (nT,), and the power of T at each n, (m,).

        Both between the ends: from the least to the most carriers, from 100 to 200 K.
        """
        n, ends = self.matched, slice(1, None, 2)
        density = -np.log(row[:, -1] / row[:, 0]) / np.log(n[-1] / n[0])
        low, high = self.kelvin[ends]
        return density, np.log(row[3] / row[1]) / np.log(high / low)


def beside(plain: float = 1.0) -> Beside:
    """Read the stored drag beside a plain layer of a density in 10¹²/cm²."""
    every = [experiment(kelvin) for kelvin in EXPERIMENT_KELVIN]
    density, matched = every[0].first, np.array(PLAIN)
    satellite = -4 * to_1e12_per_cm2(1 / GrapheneHBN().lattice.cell_area)

    def at(wanted: Floats) -> Floats:
        found = [
            [np.interp(n, density, one.resistance[0, :, j]) for j, n in enumerate(wanted)]
            for one in every
        ]
        return np.abs(found)

    j = PLAIN.index(plain)
    return Beside(
        density,
        np.array(EXPERIMENT_KELVIN),
        np.array([one.resistance[0, :, j] for one in every]),
        matched,
        at(matched),
        at(-matched),
        at(satellite - matched),
        plain,
        float(satellite),
    )


@cache
def cones(kelvin: float) -> Floats:
    """Drag resistivity in Ω of two sheets without a moiré, at the densities ``PLAIN`` of both."""
    mesh, _, reach = BESIDE
    cone = replace(GrapheneHBN(), coupling=0.0)
    layer = ScatteringLayer(
        cone, mesh=mesh, bands=_OF_CONE, reach=reach, origin=(0.31, 0.17), cone=cone
    )
    kT = thermal_energy(kelvin)
    filled = DragLayer(cone, mesh=48, bands=_OF_CONE, shells=1)
    mu = filled.chemical_potential(from_1e12_per_cm2(PLAIN), kT)
    potential = Interlayer(distance=EXPERIMENT_SPACER)
    found = second_order_drag(layer, layer, mu, mu, kT, potential, screened=True, matched=True)
    ohms: Floats = RESISTANCE_QUANTUM_OHM * found.charge[0] / layer.drude(mu, kT) ** 2
    return ohms
