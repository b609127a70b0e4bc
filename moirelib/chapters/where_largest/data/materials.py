"""Another material, and what makes one moiré better than another."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from moirelib._repr import short_repr
from moirelib._types import Floats
from moirelib.bands.bloch import solve_bands
from moirelib.bands.model import ValleyModel
from moirelib.chapters.where_largest.data.device import BROADENING
from moirelib.drag.conductivity import drag_conductivity_by_shell
from moirelib.drag.layer import DragLayer
from moirelib.drag.settings import converged_layer
from moirelib.drag.valleys import spins
from moirelib.hall.exact import valley_chern_number
from moirelib.models.graphene_hbn import GrapheneHBN
from moirelib.models.twisted_tmd import TwistedTMD
from moirelib.units import thermal_energy

MATERIALS = ("WSe₂", "MoTe₂")
_KELVIN = 10.0
_MAGIC = 1.43  # degrees: WSe₂
# A hole band of one spin and two valleys holds two carriers per cell: almost four bands.
FILLINGS = np.linspace(-7.5, -0.05, 150)
_WINDOW = (-170.0, 200.0)  # meV: of graphene on hBN
_TOLERANCE = 1e-3  # of the largest response
_GATES = 4.0  # 10¹²/cm²: what gates reach


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
    """Compute the widths, and the bands at the magic angle.

    Chern numbers are integers on any mesh that resolves the curvature.
    """
    twist = _MAGIC + 0.09 * np.arange(-5.0, 18.0)
    found = [[_width(bilayer(one, t)) for t in twist.tolist()] for one in MATERIALS]
    model = bilayer(MATERIALS[0], _MAGIC)
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
    density : float
        Of the layer in 10¹²/cm², negative for holes.
    gated : float
        The largest response within 4·10¹²/cm².
    """

    mu: float
    response: float
    first_shell: float
    merit: float
    density: float
    gated: float


def best(layer: DragLayer, mu: Floats, kelvin: float = _KELVIN) -> Best:
    """Search a list of chemical potentials for the largest response of two equal layers."""
    kT = thermal_energy(kelvin)
    of_shells = drag_conductivity_by_shell(layer, layer, mu, mu, kT, broadening=BROADENING)
    by_shell = -of_shells[..., 0, 0].diagonal(axis1=1, axis2=2) / 2
    response = by_shell.sum(axis=0)
    i = int(np.abs(response).argmax())
    density = 100 * layer.density(mu, kT)
    length = np.linalg.norm(layer.susceptibility(mu[i : i + 1], kT)[0, 0])
    period, number = layer.lattice.period, spins(layer.model)
    return Best(
        float(mu[i]),
        float(response[i]),
        float(by_shell[0, i] / response[i]),
        float(length * period / number),
        float(density[i]),
        float(response[np.abs(density) <= _GATES].max(initial=0.0)),
    )


def filled(layer: DragLayer, fillings: Floats) -> Floats:
    """Chemical potentials in meV at carriers per moiré cell, at 10 K."""
    return layer.chemical_potential(fillings / layer.lattice.cell_area, thermal_energy(_KELVIN))


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
    density, gated : ndarray, shape (2, nθ)
        Density of the best filling in 10¹²/cm², and the largest response within 4·10¹²/cm².
    graphene : Best
        Aligned graphene on hBN: graphene_mu in meV, graphene_response and graphene_gated in e²/h,
        graphene_density in 10¹²/cm², graphene_merit, and graphene_first_shell, a share.
    """

    twist: Floats
    period: Floats
    response: Floats
    merit: Floats
    first_shell: Floats
    density: Floats
    gated: Floats
    graphene: Best


@cache
def graphene_layer() -> DragLayer:
    """Return the layer of graphene on hBN that materials are compared with."""
    return converged_layer(GrapheneHBN(), _WINDOW, thermal_energy(_KELVIN), _TOLERANCE)[0]


@cache
def merits(mesh: int = 36) -> Merits:
    """Compute the best filling of each bilayer, up to 7.5 holes per cell.

    Finer meshes and more shells change responses by a hundredth.
    """
    twist = np.array([_MAGIC, 1.7, 2.0, 2.6, 3.5, 5.0])
    found, period = [], []
    for material in MATERIALS:
        for angle in twist.tolist():
            layer = DragLayer(bilayer(material, angle), mesh, bands=16, shells=2, solver="dense")
            period.append(layer.lattice.period)
            found.append(best(layer, filled(layer, FILLINGS)))
    shape = (len(MATERIALS), len(twist))
    return Merits(
        twist=twist,
        period=np.reshape(period, shape),
        response=np.reshape([one.response for one in found], shape),
        merit=np.reshape([one.merit for one in found], shape),
        first_shell=np.reshape([one.first_shell for one in found], shape),
        density=np.reshape([one.density for one in found], shape),
        gated=np.reshape([one.gated for one in found], shape),
        graphene=best(graphene_layer(), np.linspace(*_WINDOW, 149)),
    )


def spacer_factor(period: Floats, distance: float) -> Floats:
    """e^{−|G|d}/L in 1/nm, |G| = 4π/√3L: largest at L = 4πd/√3."""
    return np.asarray(np.exp(-4 * np.pi * distance / (np.sqrt(3) * period)) / period)
