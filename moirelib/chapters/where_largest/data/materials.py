"""Another material, and what makes one moiré better than another."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from moirelib._repr import short_repr
from moirelib._types import Floats
from moirelib.bands.bloch import solve_bands
from moirelib.bands.model import ValleyModel
from moirelib.chapters.where_largest.data.device import BROADENING
from moirelib.drag.conductivity import drag_conductivity
from moirelib.drag.layer import DragLayer
from moirelib.drag.valleys import spins
from moirelib.hall.exact import valley_chern_number
from moirelib.models.graphene_hbn import GrapheneHBN
from moirelib.models.twisted_tmd import TwistedTMD
from moirelib.units import thermal_energy

MATERIALS = ("WSe₂", "MoTe₂")
_KELVIN = 10.0


def bilayer(material: str, twist: float) -> TwistedTMD:
    """Return the model of one of ``MATERIALS``."""
    return TwistedTMD(twist=twist) if material == MATERIALS[0] else TwistedTMD.mote2(twist)


@short_repr
@dataclass(frozen=True)
class Widths:
    """Width of the topmost moiré band against the twist.

    Parameters
    ----------
    twist : ndarray, shape (nθ,)
        In degrees.
    width : ndarray, shape (2, nθ)
        In meV, for WSe₂ and MoTe₂.
    path : ndarray, shape (np,)
        Distance along κ–Γ–M–κ′ in 1/nm.
    bands : ndarray, shape (np, 4)
        The topmost bands of WSe₂ at 1.43° in meV.
    chern : ndarray, shape (2,)
        Chern numbers of the two topmost ones.
    """

    twist: Floats
    width: Floats
    path: Floats
    bands: Floats
    chern: Floats


def widths() -> Widths:
    """Compute the widths, and the bands at the magic angle."""
    twist = np.arange(1.0, 3.01, 0.09)
    found = [[_width(bilayer(one, t)) for t in twist.tolist()] for one in MATERIALS]
    model = bilayer(MATERIALS[0], 1.43)
    points = model.lattice.special_points
    path = model.lattice.path([points[name] for name in ("κ", "Γ", "M", "κ′")], "κΓMκ", 40)
    chern = [valley_chern_number(model, -n, -n, mesh=9) for n in (1, 2)]
    return Widths(
        twist,
        np.array(found),
        path.distance,
        solve_bands(model, path.points, 8).energies[:, :4],
        np.array(chern),
    )


def _width(model: ValleyModel) -> float:
    return float(np.ptp(solve_bands(model, model.lattice.mesh(12).points, 2).energies[:, 0]))


@dataclass(frozen=True)
class Best:
    """The filling of a layer at which two of its kind respond most.

    Parameters
    ----------
    mu : float
        In meV.
    response : float
        Re σ₁₂ at Ωτ = 1 in e²/h, at 1 nm.
    first_shell : float
        Share of the first shell.
    merit : float
        |𝒞_G| L/s on the first shell: without unit, for one spin.
    """

    mu: float
    response: float
    first_shell: float
    merit: float


def best(layer: DragLayer, mu: Floats, kelvin: float = _KELVIN) -> Best:
    """Search a list of chemical potentials for the largest response of two equal layers."""
    kT = thermal_energy(kelvin)
    printed = drag_conductivity(layer, layer, mu, mu, kT, broadening=BROADENING)[:, :, 0, 0]
    response = -printed.diagonal() / 2
    i = int(np.abs(response).argmax())
    single = replace(layer, shells=1)
    alone = drag_conductivity(single, single, mu[i : i + 1], mu[i : i + 1], kT)[0, 0, 0, 0]
    length = np.linalg.norm(single.susceptibility(mu[i : i + 1], kT)[0, 0])
    period, number = layer.lattice.period, spins(layer.model)
    return Best(
        float(mu[i]),
        float(response[i]),
        float(-alone / 2 / response[i]),
        float(length * period / number),
    )


@short_repr
@dataclass(frozen=True)
class Merits:
    """Response and merit of TMD bilayers against the twist, at 10 K and 1 nm.

    Parameters
    ----------
    twist : ndarray, shape (nθ,)
        In degrees.
    period : ndarray, shape (2, nθ)
        In nm, for WSe₂ and MoTe₂.
    response, merit, first_shell : ndarray, shape (2, nθ)
        Re σ₁₂ at Ωτ = 1 in e²/h, |𝒞|L/s, and the share of the first shell.
    graphene : Best
        Aligned graphene on hBN.
    """

    twist: Floats
    period: Floats
    response: Floats
    merit: Floats
    first_shell: Floats
    graphene: Best


@cache
def merits(mesh: int = 36) -> Merits:
    """Compute the best filling of each bilayer within its four topmost bands."""
    twist = np.array([1.43, 2.0, 2.6, 3.5, 5.0])
    kT = thermal_energy(_KELVIN)
    found, period = [], []
    for material in MATERIALS:
        for angle in twist.tolist():
            layer = DragLayer(bilayer(material, angle), mesh, bands=12, shells=2, solver="dense")
            period.append(layer.lattice.period)
            # A hole band of one spin and two valleys holds two carriers per cell.
            ends = np.array([-3.9, -0.05]) / layer.lattice.cell_area
            low, high = layer.chemical_potential(ends, kT).tolist()
            found.append(best(layer, np.linspace(low, high, 81)))
    graphene = DragLayer(GrapheneHBN(), mesh=120, bands=10, shells=2)
    shape = (len(MATERIALS), len(twist))
    return Merits(
        twist=twist,
        period=np.reshape(period, shape),
        response=np.reshape([one.response for one in found], shape),
        merit=np.reshape([one.merit for one in found], shape),
        first_shell=np.reshape([one.first_shell for one in found], shape),
        graphene=best(graphene, np.linspace(-170.0, 200.0, 149)),
    )


def spacer_factor(period: Floats, distance: float) -> Floats:
    """e^{−|G|d}/L in 1/nm, |G| = 4π/√3L: largest at L = 4πd/√3."""
    return np.asarray(np.exp(-4 * np.pi * distance / (np.sqrt(3) * period)) / period)
