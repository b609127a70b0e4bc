"""Where the papers meet: a drag of the charge between layers whose valleys have ordered."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from scipy.optimize import brentq

from moirelib._repr import short_repr
from moirelib._types import Floats
from moirelib.bands.tiling import Tiling
from moirelib.chapters.where_largest.data.device import BROADENING
from moirelib.drag.blocks import solvers
from moirelib.drag.conductivity import drag_conductivity
from moirelib.drag.interlayer import Interlayer
from moirelib.drag.layer import DragLayer
from moirelib.drag.response import interband_susceptibility
from moirelib.drag.settings import converged_layer
from moirelib.models.graphene_hbn import GrapheneHBN
from moirelib.switching.estimate import current_per_width
from moirelib.switching.stoner import ValleyOrderParameter
from moirelib.units import thermal_energy, velocity_si

_WINDOW = (-190.0, -90.0)  # meV: about the highest peak of the hole band
_NEAREST = 10  # bands about neutrality: more than are partly filled
_TILES = 3  # of the expansions: right to 10⁻⁴
_TOLERANCE = 3e-3  # of the largest response
_SMEARED = 1.0  # meV of smearing of the density of states: the broadening of levels by ħ/τ


@cache
def ordered_layer() -> DragLayer:
    """Return the layer: aligned graphene on hBN, right to a few per mille at 5 K."""
    return converged_layer(GrapheneHBN(), _WINDOW, thermal_energy(5.0), _TOLERANCE)[0]


@cache
def valley_order(kelvin: float, critical: float = 10.0) -> ValleyOrderParameter:
    """Return the order of a layer at the peak of its density of states.

    U is what makes the order set in at ``critical`` kelvin; nothing here says that it does.
    """
    return replace(_critical_order(critical), kT=thermal_energy(kelvin))


@cache
def _critical_order(critical: float) -> ValleyOrderParameter:
    """The order that sets in at this temperature, at zero temperature."""
    energies = np.linspace(*_WINDOW, 801)
    dos = ordered_layer().density_of_states(energies, _SMEARED) / 2
    inside = slice(100, -100)
    mu = float(energies[inside][dos[inside].argmax()])
    nu = float(dos[inside].max())

    def order(excess: float) -> ValleyOrderParameter:
        return ValleyOrderParameter(dos, (1 + excess) / nu, 0.0, mu, energies=energies)

    wanted = thermal_energy(critical)
    excess = brentq(lambda x: order(x).critical_temperature - wanted, 1e-4, 2.0, xtol=1e-7)
    return order(float(excess))


def charge_response(first: float, second: float, kelvin: float) -> float:
    """Re σ₁₂ of the charge at Ωτ = 1 in e²/h, layers with Φ in 1/nm² at one μ.

    The valleys are at μ ± UΦ/2 in either layer.
    """
    return float(charge_responses(np.array([first]), second, kelvin)[0])


def charge_responses(first: Floats, second: float, kelvin: float) -> Floats:
    """:func:`charge_response` for several Φ (n,) of layer 1."""
    order = valley_order(kelvin)
    layer, kT = ordered_layer(), thermal_energy(kelvin)
    mu1, mu2 = (_levels(order, phi) for phi in (first, np.array([second])))
    printed = drag_conductivity(layer, layer, mu1, mu2, kT, broadening=BROADENING, flavor="charge")
    responses: Floats = -printed[:, 0, 0, 0] / 2
    return responses


def _levels(order: ValleyOrderParameter, phi: Floats) -> Floats:
    """Chemical potentials of the valleys, (n, 2) in meV, with Φ (n,) in 1/nm²."""
    half = order.interaction * phi[:, None] / 2
    levels: Floats = order.chemical_potential + half * np.array([1.0, -1.0])
    return levels


def slope_law(first: float, second: float, kelvin: float, step: float = 0.25) -> float:
    """The same to first order in both Φ: 𝒞_charge = (UΦ/2) ∂𝒞_valley/∂μ."""
    order, layer, kT = valley_order(kelvin), ordered_layer(), thermal_energy(kelvin)
    mu = order.chemical_potential + step * np.array([1.0, -1.0])
    high_low = drag_conductivity(layer, layer, mu, mu, kT, broadening=BROADENING)[:, :, 0, 0]
    # (𝒞₊ − 𝒞₋)·U·(𝒞₊ − 𝒞₋) from the four products.
    signs = np.array([1.0, -1.0])
    slope = float(signs @ high_low @ signs) / (2 * step) ** 2
    return -slope / 2 * first * second * (order.interaction / 2) ** 2


@cache
def mixed_hall(kelvin: float, mesh: int = 84, bands: int = 20, at_rate: bool = True) -> complex:
    """σ^yx of the charge at Ωτ = 1 in e²/h if layer 1 alone is ordered: the mixed term 𝒞₁𝒟₂.

    A layer that relaxes to the equilibrium of the moment has χ(Ω) = 𝒟(z)(−ix)/(1 − ix) between
    bands, z = ħΩ + iħ/τ, if 𝒟(0) = 0: by time reversal that of the charge of layer 2 is. Layer 1
    has 𝒞(−ix)/(1 − ix), and σ₁₂ = (e²/h)(2π/−iħΩ) Σ_G χ₁(−G) U₁₂ χ₂(G).

    Parameters
    ----------
    kelvin : float
        Temperature.
    mesh, bands : int
        Of the sum over pairs of bands.
    at_rate : bool
        Whether 𝒟 is taken at z, or continued there from its slope at Ω = 0: then the real part is
        half of the second term of Kundu Eq. 32.
    """
    order, kT = valley_order(kelvin), thermal_energy(kelvin)
    layer = DragLayer(GrapheneHBN(), mesh, _NEAREST, shells=2, divisions=_TILES)
    phi = np.array([order.equilibria(0.0)[-1].phi, 0.0])
    ordered, level = _levels(order, phi)
    first = layer.susceptibility([ordered], kT, flavor="charge")[0]
    z = BROADENING * (1 + 1j)
    near = z if at_rate else 0.02 * BROADENING
    second = interband_susceptibility(layer, [near], [level], kT, flavor="charge", bands=bands)
    potential = Interlayer()(np.linalg.norm(layer.lattice.vectors(layer.pairs), axis=1))
    product = np.einsum("g,ga,gb->ab", potential, first.conj(), second[0, 0]) * z / near
    relaxing = -1j / (1 - 1j)
    return complex(2 * np.pi / (-1j * BROADENING) * relaxing**2 * product[1, 0])


@cache
def switching_current(kelvin: float, strain: float = 0.003) -> float:
    """J in A/m that reverses the order of a layer under strain: Δn₀ = εJ/ev is assumed.

    v is the mean speed at μ. Without strain a threefold axis forbids the source.
    """
    order = valley_order(kelvin)
    speed = velocity_si(mean_speed(order.chemical_potential))
    return float(current_per_width(order.coercive_density, speed, strain))


def mean_speed(mu: float, mesh: int = 72) -> float:
    """Mean |∂_kε| in meV nm of the states within about k_BT = 1 meV of μ."""
    model = GrapheneHBN()
    zone, tiling = model.lattice.mesh(mesh), Tiling.of_zone(model.lattice, _TILES, "C3v")
    total, states = 0.0, 0.0
    for part, solve in solvers(model, zone.points, _NEAREST, tiling):
        bands = solve(zone.points[part], _NEAREST)
        share = zone.weights[part, None] / np.cosh((bands.energies - mu) / 2) ** 2
        total += float((share * np.linalg.norm(bands.velocities, axis=-1)).sum())
        states += float(share.sum())
    return total / states


@short_repr
@dataclass(frozen=True)
class Loop:
    """A loop of the source in layer 1, layer 2 ordered and left alone.

    Parameters
    ----------
    source : ndarray, shape (n,)
        Δn₀ over the coercive density, along the path.
    phi : ndarray, shape (n,)
        Φ of layer 1 in 1/nm².
    response : ndarray, shape (n,)
        Re σ₁₂ of the charge at Ωτ = 1, in e²/h.
    valley : float
        Re σ₁₂ of the valleys there without order, in e²/h.
    kelvin : float
        Temperature.
    splitting : float
        UΦ of layer 2 in meV.
    """

    source: Floats
    phi: Floats
    response: Floats
    valley: float
    kelvin: float
    splitting: float


def loop(kelvin: float = 5.0, points: int = 21) -> Loop:
    """Sweep the source up and down, and read the charge response at Ωτ = 1."""
    order = valley_order(kelvin)
    # No point at the coercive density, where rounding would choose the branch.
    up = np.linspace(-2.1, 2.1, points)
    path = np.concatenate([up, up[::-1]])
    phi = order.hysteresis(path * order.coercive_density).phi
    rest = order.equilibria(0.0)[-1].phi
    layer, kT = ordered_layer(), thermal_energy(kelvin)
    mu = [order.chemical_potential]
    valley = drag_conductivity(layer, layer, mu, mu, kT, broadening=BROADENING)
    return Loop(
        path,
        phi,
        charge_responses(phi, rest, kelvin),
        float(-valley[0, 0, 0, 0] / 2),
        float(kelvin),
        float(order.interaction * rest),
    )
