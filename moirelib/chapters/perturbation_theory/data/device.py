"""The drag over all complete bands, against density, and against what the device can change."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import ArrayLike

from moirelib._repr import short_repr
from moirelib._types import Floats
from moirelib.bands.window import complete_window
from moirelib.chapters.perturbation_theory.data.screening import FILLINGS
from moirelib.drag.conductivity import drag_conductivity
from moirelib.drag.interlayer import Interlayer
from moirelib.drag.layer import DragLayer
from moirelib.drag.settings import converged_layer
from moirelib.models.graphene_hbn import GrapheneHBN

# Bands of the wide window.
_BANDS = 20

# Largest error of the drag there, of the largest: remote bands touch, and meshes converge slowly.
_TOLERANCE = 0.02

# Of 1/nm² in 10¹² cm⁻².
PER_AREA = 100.0


@short_repr
@dataclass(frozen=True)
class Windows:
    """The drag at equal fillings over all bands that are complete.

    Parameters
    ----------
    mu : ndarray, shape (nmu,)
        In meV.
    conductivity : ndarray, shape (nmu,)
        σ^{xx} in e²/h.
    density : ndarray, shape (nmu,)
        Of electrons in each layer, from neutrality, in 10¹² cm⁻².
    cell_area : float
        Of the moiré in nm².
    kT : float
        In meV.
    error : float
        Of σ^{xx}, of its largest value: an upper estimate.
    """

    mu: Floats
    conductivity: Floats
    density: Floats
    cell_area: float
    kT: float
    error: float

    @property
    def filling(self) -> Floats:
        """Electrons for each moiré cell, (nmu,); four fill a band."""
        return self.density / PER_AREA * self.cell_area

    @property
    def peaks(self) -> list[int]:
        """Indices of the local maxima of |σ|, the largest first."""
        size = np.abs(self.conductivity)
        inner = np.flatnonzero((size[1:-1] > size[:-2]) & (size[1:-1] > size[2:])) + 1
        return [int(i) for i in inner[np.argsort(-size[inner])]]


@cache
def windows(kT: float = 3.0, step: float = 2.0) -> Windows:
    """Compute the drag wherever so many bands are complete at k_BT."""
    model = GrapheneHBN()
    lowest, highest = complete_window(model, _BANDS)
    # So far from other bands, densities are complete as well.
    reach = 10 * kT
    mu = np.arange(np.ceil(lowest + reach), highest - reach, step)
    layer, settings = converged_layer(model, mu[[0, -1]], kT, _TOLERANCE)
    drag = np.diag(drag_conductivity(layer, layer, mu, mu, kT)[..., 0, 0])
    density = PER_AREA * layer.density(mu, kT)
    return Windows(mu, drag, density, layer.lattice.cell_area, kT, settings.error)


@short_repr
@dataclass(frozen=True)
class Parameters:
    """The drag against what a device can change, at k_BT = 6 meV.

    Parameters
    ----------
    coupling : ndarray, shape (nu,)
        u₀ of the model in meV.
    of_coupling : ndarray, shape (nmu, nu)
        |σ^{xx}| in e²/h at the density that each filling has for the real coupling.
    distance, of_distance : ndarray, shape (nd,), (nmu, nd)
        d in nm.
    gate, of_gate : ndarray, shape (ng,), (nmu, ng)
        d_g in nm.
    permittivity, of_permittivity : ndarray, shape (ne,), (nmu, ne)
        ε.
    """

    coupling: Floats
    of_coupling: Floats
    distance: Floats
    of_distance: Floats
    gate: Floats
    of_gate: Floats
    permittivity: Floats
    of_permittivity: Floats

    @property
    def powers(self) -> Floats:
        """Local powers d ln|σ|/d ln u₀ between neighbouring couplings, (nmu, nu − 1)."""
        return local_powers(self.coupling, self.of_coupling)


def local_powers(coupling: ArrayLike, conductivity: Floats) -> Floats:
    """Return d ln|σ|/d ln u₀ between neighbours, (nmu, nu − 1), from |σ| (nmu, nu) at u₀ (nu,)."""
    powers: Floats = np.diff(np.log(conductivity)) / np.diff(np.log(coupling))
    return powers


@cache
def against_coupling(
    coupling: tuple[float, ...] = (10.0, 20.0, 40.0, 80.0, 152.0, 200.0), kT: float = 6.0
) -> Floats:
    """|σ^{xx}| (nmu, nu) in e²/h at fixed density, from weak to strong moiré."""
    model = GrapheneHBN()
    wanted = _coarse(model).density(FILLINGS, kT)
    columns = []
    for strength in coupling:
        layer = _coarse(replace(model, coupling=strength))
        levels = layer.chemical_potential(wanted, kT)
        drag = drag_conductivity(layer, layer, levels, levels, kT)[..., 0, 0]
        columns.append(np.abs(np.diag(drag)))
    return np.stack(columns, axis=1)


def _coarse(model: GrapheneHBN) -> DragLayer:
    """A layer for 10⁻³ of the largest drag at 6 meV, and two digits of its power of u₀."""
    return DragLayer(model, mesh=48, bands=16, shells=3, divisions=2)


@cache
def parameters(kT: float = 6.0) -> Parameters:
    """Compute the drag at the strong fillings against u₀, d, d_g and ε."""
    coupling = (10.0, 20.0, 40.0, 80.0, 152.0, 200.0)
    layer, mu = _coarse(GrapheneHBN()), np.array(FILLINGS)

    def with_each(devices: list[Interlayer]) -> Floats:
        drag = [drag_conductivity(layer, layer, mu, mu, kT, one)[..., 0, 0] for one in devices]
        return np.abs(np.stack([np.diag(one) for one in drag], axis=1))

    distance, gate = np.linspace(0.33, 5.0, 30), np.geomspace(0.3, 50.0, 30)
    permittivity = np.geomspace(1.0, 12.0, 20)
    return Parameters(
        np.array(coupling),
        against_coupling(coupling, kT),
        distance,
        with_each([Interlayer(d) for d in distance.tolist()]),
        gate,
        with_each([Interlayer(gate_distance=g) for g in gate.tolist()]),
        permittivity,
        with_each([Interlayer(permittivity=e) for e in permittivity.tolist()]),
    )
