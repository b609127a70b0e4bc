"""The response of two equal layers over twist, coupling, filling and spacer: a stored sweep."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
from scipy.special import j1

from moirelib._repr import short_repr
from moirelib._types import Floats
from moirelib.bands.lattice import MoireLattice
from moirelib.bands.model import ALL_SYMMETRIES
from moirelib.drag.density_response import DensityResponse
from moirelib.drag.frequency import drag_response
from moirelib.drag.interlayer import Interlayer
from moirelib.drag.layer import DragLayer
from moirelib.drag.screening import screened_drag_response
from moirelib.ledger.stored import Point, StoredSweep
from moirelib.models.graphene_hbn import GrapheneHBN
from moirelib.units import from_1e12_per_cm2, thermal_energy

KELVIN = 50.0
BROADENING = 1.0  # ħ/τ in meV
SHELLS = 4

TWISTS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0)
COUPLINGS = (100.0, 125.0, 152.0, 175.0, 200.0)
DENSITIES = tuple(n / 8 for n in range(-32, 33))  # 10¹²/cm²: what gates reach


def weights(point: Point) -> Floats:
    """Return μ in meV, and Σ ½|𝒞_G|² of each shell in 1/nm², at the densities: (nn, 1 + ns).

    A point is a twist in degrees, u₀ in meV, and the points of the mesh along each reciprocal
    vector. The interaction depends on |G| alone: from the sums over shells follows the response for
    every spacer, permittivity and gate.
    """
    twist, coupling, mesh = point
    model = GrapheneHBN(twist=twist, coupling=coupling)
    layer = DragLayer(
        model,
        mesh=int(mesh),
        bands=10,
        shells=SHELLS,
        symmetry="full" if "mirror" in model.symmetries else "none",
        divisions=4,
    )
    kT = thermal_energy(KELVIN)
    mu = layer.chemical_potential(from_1e12_per_cm2(DENSITIES), kT)
    squared = 0.5 * (np.abs(layer.susceptibility(mu, kT)) ** 2).sum(axis=2)
    by_shell = [squared[:, layer.shell_of_pair == s].sum(axis=1) for s in range(1, SHELLS + 1)]
    return np.column_stack([mu, *by_shell])


def points(mesh: int = 48) -> list[Point]:
    """Return the points of the map, twist by twist."""
    return [(twist, coupling, mesh) for twist in TWISTS for coupling in COUPLINGS]


SWEEP = StoredSweep(
    "map of graphene on hBN",
    weights,
    ("twist in degrees", "coupling in meV", "mesh"),
    tuple(points()),
    (
        "drag.layer:",
        "drag.filling:",
        "drag.pair_sums:",
        "models.graphene_hbn:",
        "chapters.where_largest.data.device:weights",
    ),
    Path(__file__).with_name("device.npz"),
)


@short_repr
@dataclass(frozen=True)
class DeviceMap:
    """The response of two equal layers in register, with |𝒞|² summed over shells of G.

    Parameters
    ----------
    twist : ndarray, shape (nθ,)
        Graphene on hBN, in degrees.
    coupling : ndarray, shape (nu,)
        u₀ in meV.
    density : ndarray, shape (nn,)
        In 10¹²/cm², of either layer.
    mu : ndarray, shape (nθ, nu, nn)
        In meV.
    weights : ndarray, shape (nθ, nu, nn, ns)
        Σ ½|𝒞_G|² of each shell in 1/nm².
    """

    twist: Floats
    coupling: Floats
    density: Floats
    mu: Floats
    weights: Floats

    def lengths(self) -> Floats:
        """|G| of each shell in 1/nm, (nθ, ns)."""
        return np.stack([shell_lengths(twist) for twist in self.twist.tolist()])

    def response(self, distance: float = 1.0, misfit: float = 0.0, radius: float = 0.0) -> Floats:
        """Re σ₁₂ at Ωτ = 1 in e²/h, (nθ, nu, nn): (π/γ) Σ U₁₂(G) Σ ½|𝒞_G|².

        With a misfit of the moirés, averaged over a disc about a point in register.
        """
        g = self.lengths()
        factor = Interlayer(distance=distance)(g) * drifted(g * misfit * radius)
        return np.asarray(np.pi / BROADENING * np.einsum("tund,td->tun", self.weights, factor))


def drifted(x: Floats) -> Floats:
    """2J₁(x)/x: what a disc keeps of a term whose phase has turned by x at its edge."""
    safe = np.where(x > 0, x, 1.0)
    return np.asarray(np.where(x > 0, 2 * j1(safe) / safe, 1.0))


def shell_lengths(twist: float) -> Floats:
    """|G| of the shells in 1/nm, (ns,)."""
    lattice = GrapheneHBN(twist=twist).lattice
    return _lengths(lattice)


def _lengths(lattice: MoireLattice) -> Floats:
    first = [shell[0] for shell in lattice.shells(SHELLS + 1)[1:]]
    return np.asarray(np.linalg.norm(lattice.vectors(first), axis=1))


@short_repr
@dataclass(frozen=True)
class Optimum:
    """One frame of the slider: the response of two equal layers in register, at 50 K.

    Parameters
    ----------
    density : ndarray, shape (nn,)
        In 10¹²/cm², of either layer.
    twist : ndarray, shape (nθ,)
        In degrees.
    coupling : ndarray, shape (nu,)
        u₀ in meV.
    response : ndarray, shape (nθ, nn)
        Re σ₁₂ at Ωτ = 1 in e²/h, for u₀ = 152 meV.
    best : ndarray, shape (nθ, nu)
        The largest over densities.
    distance : float
        d in nm.
    """

    density: Floats
    twist: Floats
    coupling: Floats
    response: Floats
    best: Floats
    distance: float


def optimum(distance: float = 1.0) -> Optimum:
    """Read the stored map at one spacer."""
    stored = device_map()
    response = stored.response(distance)
    usual = COUPLINGS.index(152.0)
    return Optimum(
        stored.density,
        stored.twist,
        stored.coupling,
        response[:, usual],
        response.max(axis=2),
        float(distance),
    )


@cache
def screened_share(twist: float, density: float, mesh: int = 9, shells: int = 1) -> float:
    """Return what screening leaves of the first shell's response at Ωτ = 1, at u₀ = 152 meV.

    All bands screen, and the vacuum's tail; finer meshes and a second shell change a hundredth.
    hBN is eliminated at E = 0: then a twist breaks the mirror by no more than the basis does.

    Parameters
    ----------
    twist : float
        In degrees.
    density : float
        In 10¹²/cm².
    mesh, shells : int
        Of what screens.
    """
    full = GrapheneHBN(twist=twist, cutoff=4)
    model, cone = (
        replace(one.eliminate_hbn(), symmetries=ALL_SYMMETRIES)
        for one in (full, replace(full, coupling=0.0))
    )
    layer = DragLayer(model, mesh=48, bands=10, shells=shells, divisions=4)
    response = DensityResponse(model, mesh=mesh, shells=shells, cone=cone)
    kT = thermal_energy(KELVIN)
    mu = layer.chemical_potential(np.array([from_1e12_per_cm2(density)]), kT)
    bare = drag_response(layer, layer, mu, mu, kT, BROADENING, broadening=BROADENING)
    screened = screened_drag_response(
        layer, layer, response, response, mu, mu, kT, BROADENING, broadening=BROADENING
    )
    return float(screened[0, 0, 0, 0].real / bare[0, 0, 0, 0].real)


def best_twist(best: Floats) -> tuple[float, float]:
    """Return the twist in degrees with the largest response, and the response there.

    By the parabola through the largest point and its neighbours; at an end of the map, the end.
    """
    i = int(best.argmax())
    if i in (0, len(best) - 1):
        return TWISTS[i], float(best[i])
    around = slice(i - 1, i + 2)
    curve = np.polynomial.Polynomial.fit(np.array(TWISTS[around]), best[around], 2)
    top = float(curve.deriv().roots()[0].real)
    return top, float(curve(top))


@cache
def device_map() -> DeviceMap:
    """Return the stored map.

    Raises
    ------
    ArchiveError
        If the file is damaged or lacks a point.
    """
    stored = SWEEP.values()
    found = np.stack([stored[point] for point in points()])
    found = found.reshape(len(TWISTS), len(COUPLINGS), len(DENSITIES), 1 + SHELLS)
    twist, coupling, density = (np.array(one) for one in (TWISTS, COUPLINGS, DENSITIES))
    return DeviceMap(twist, coupling, density, found[..., 0], found[..., 1:])
