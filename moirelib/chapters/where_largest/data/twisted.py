"""DC drag of second order over twist and filling: a stored sweep."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from random import Random

import numpy as np

from moirelib._repr import short_repr
from moirelib._types import Floats
from moirelib.bands.model import ALL_SYMMETRIES
from moirelib.chapters.second_order_drag.data.maps import density_map
from moirelib.chapters.second_order_drag.data.shown import limit
from moirelib.chapters.second_order_drag.data.sweep import OF_DRAG
from moirelib.drag.interlayer import Interlayer
from moirelib.drag.layer import DragLayer
from moirelib.drag.scattering_layer import ScatteringLayer
from moirelib.drag.second_order import second_order_drag
from moirelib.ledger.stored import Point, StoredSweep
from moirelib.models.graphene_hbn import GrapheneHBN
from moirelib.units import RESISTANCE_QUANTUM_OHM, from_1e12_per_cm2, thermal_energy

TWISTS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0)
DENSITIES = (*(n / 8 for n in range(-32, 1)), 0.25, 0.5, 1.0, 2.0, 3.0, 4.0)
"""Of both layers in 10¹²/cm²: dense for holes, where the satellites are."""

KELVIN = 90.0
DISTANCE = 1.0  # nm
REACH = 1.5  # 1/nm

MESHES = (8, 12)
"""Of aligned layers; those of twisted ones grow with |G|, so that a step of k is as long."""
_BANDS = 24


def size(twist: float, mesh: int) -> tuple[int, int]:
    """Return mesh and bands at a twist that leave steps of k and the window as they are at 0°."""
    longer = GrapheneHBN().lattice.period / GrapheneHBN(twist=twist).lattice.period
    return round(mesh * longer), max(8, 2 * round(_BANDS / longer**2 / 2))


def drag_of_twisted(point: Point, some: tuple[float, ...] = DENSITIES) -> Floats:
    """Return charge drag, its part with G = G′, valley drag and Drude² at densities: (4, nn).

    In e²/h at ħ/τ = 1 meV, and (e²/h)². hBN is eliminated at E = 0: then a twist breaks the mirror
    by no more than the basis does.
    """
    twist, mesh, bands = point
    full = GrapheneHBN(twist=twist, cutoff=4)
    model = replace(full.eliminate_hbn(), symmetries=ALL_SYMMETRIES)
    layer = ScatteringLayer(model, int(mesh), int(bands), REACH, cone=replace(full, coupling=0.0))
    kT = thermal_energy(KELVIN)
    filled = DragLayer(model, mesh=48, bands=int(bands), shells=1)
    mu = filled.chemical_potential(from_1e12_per_cm2(some), kT)
    potential = Interlayer(distance=DISTANCE)
    found = second_order_drag(layer, layer, mu, mu, kT, potential, screened=True, matched=True)
    return np.stack([*found.charge[:2], found.valley[0], layer.drude(mu, kT) ** 2])


def _one_density(point: Point, random: Random) -> tuple[tuple[slice, slice], Floats]:
    """Return the place of one density, and its values computed now."""
    j = random.randrange(len(DENSITIES))
    return (slice(None), slice(j, j + 1)), drag_of_twisted(point, DENSITIES[j : j + 1])


def points() -> tuple[Point, ...]:
    """Return the points, twist by twist, coarse and fine."""
    return tuple((twist, *size(twist, mesh)) for twist in TWISTS for mesh in MESHES)


SWEEP = StoredSweep(
    "second-order drag of twisted layers",
    drag_of_twisted,
    ("twist in degrees", "mesh", "bands"),
    points(),
    (*OF_DRAG, "chapters.where_largest.data.twisted:drag_of_twisted"),
    Path(__file__).with_name("twisted.npz"),
    lambda point: point[1] * point[2] < 200,
    part=_one_density,
)


@short_repr
@dataclass(frozen=True)
class TwistedDrag:
    """DC drag of second order of two equal layers in register, at 90 K and 1 nm, screened.

    Parameters
    ----------
    twist : ndarray, shape (nθ,)
        Graphene on hBN, in degrees.
    density : ndarray, shape (nn,)
        Of either layer in 10¹²/cm².
    charge, diagonal, valley : ndarray, shape (nθ, nn)
        Drag resistivities in ohm: of the charge; of the charge, without interference; of the
        valleys. Extrapolated in the mesh.
    conductivity : ndarray, shape (nθ, nn)
        Charge drag at ħ/τ = 1 meV, in e²/h. Likewise.
    moved : ndarray, shape (2, nθ, nn)
        By how much the extrapolation changes the resistivities of charge and valley that the finer
        mesh has: relative.
    """

    twist: Floats
    density: Floats
    charge: Floats
    diagonal: Floats
    valley: Floats
    conductivity: Floats
    moved: Floats

    @property
    def satellite(self) -> Floats:
        """Density of four holes per cell in 10¹²/cm², (nθ,)."""
        cells = [GrapheneHBN(twist=one).lattice.cell_area for one in self.twist.tolist()]
        return -4e2 / np.array(cells)


@cache
def twisted_drag() -> TwistedDrag:
    """Read the stored sweep, and extrapolate it in the mesh."""
    stored = SWEEP.values()
    every = np.array([[stored[twist, *size(twist, m)] for m in MESHES] for twist in TWISTS])
    sizes = np.array([[size(twist, m)[0] for m in MESHES] for twist in TWISTS])
    ohms = RESISTANCE_QUANTUM_OHM * every[:, :, :3] / every[:, :, 3:]
    limits = [limit(mesh, values) for mesh, values in zip(sizes, ohms, strict=True)]
    charge, diagonal, valley = np.moveaxis(np.array(limits), 1, 0)
    conducts = [limit(mesh, values) for mesh, values in zip(sizes, every[:, :, 0], strict=True)]
    return TwistedDrag(
        np.array(TWISTS),
        np.array(DENSITIES),
        charge,
        diagonal,
        valley,
        np.array(conducts),
        np.stack([charge / ohms[:, 1, 0], valley / ohms[:, 1, 2]]) - 1,
    )


def elimination_error(most: float = 3.0) -> float:
    """Return the largest relative change that eliminated hBN makes in aligned layers.

    Of the charge's drag resistivity at the densities that this sweep and the map of both densities
    have in common, neutrality left out, up to ``most`` in 10¹²/cm²; on the finer mesh, that of
    the map.
    """
    whole = density_map(KELVIN)
    found = SWEEP.values()[0.0, *size(0.0, MESHES[-1])]
    ohms = dict(zip(DENSITIES, RESISTANCE_QUANTUM_OHM * found[0] / found[3], strict=True))
    pairs = zip(whole.first.tolist(), whole.resistance[0].diagonal().tolist(), strict=True)
    changes = [abs(ohms[n] / kept - 1) for n, kept in pairs if n in ohms and 0.2 < abs(n) <= most]
    return float(max(changes))
