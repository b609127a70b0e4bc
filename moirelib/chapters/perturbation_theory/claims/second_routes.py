"""Numbers of the chapter by other routes than the library's: loops, contours, SI units."""

from __future__ import annotations

import math

import numpy as np
from scipy import constants as si
from scipy.interpolate import RectBivariateSpline

from moirelib._types import Complex, Floats
from moirelib.chapters.perturbation_theory.claims.response import raising
from moirelib.chapters.perturbation_theory.data.drag import solved_layer
from moirelib.chapters.perturbation_theory.data.response import GAP, PEAK
from moirelib.drag.interlayer import Interlayer
from moirelib.drag.layer import DragLayer
from moirelib.drag.response import interband_drag_conductivity, interband_susceptibility
from moirelib.drag.sommerfeld import sommerfeld_conductivity
from moirelib.ledger.measure import largest
from moirelib.models.graphene_hbn import GrapheneHBN
from moirelib.units import MEV, NM


def interband_miss() -> float:
    """Largest relative miss of the interband term, all components, K and K′ filled differently."""
    levels, kT, step = (-40.0, 60.0), 60.0, 1e-2
    model = GrapheneHBN(cutoff=1)
    every = 2 * model.occupied
    layer = DragLayer(model, mesh=2, bands=every, shells=1, symmetry="none", solver="dense")
    points = layer.lattice.mesh(layer.mesh, "none").points

    def response(frequency: float) -> Complex:
        """𝒟_G of Kundu Eq. 34 (nG, 2)."""
        total = np.zeros((len(layer.pairs), 2), dtype=complex)
        for one, mu in zip((model, model.other_valley()), levels, strict=True):
            shifts = [raising(one, pair) for pair in layer.pairs]
            for k in points:
                e, u = np.linalg.eigh(one.hamiltonian(k))
                f = 1 / (np.exp((e - mu) / kT) + 1)
                kernel = (f[:, None] - f) / (frequency + e[:, None] - e + np.eye(len(e)))
                current = u.conj().T @ one.velocity_operators() @ u
                density = np.array([u.conj().T @ shift @ u for shift in shifts])
                total += one.valley * np.einsum("anm,gmn,nm->ga", current, density, kernel)
        total *= 2 / (layer.lattice.cell_area * len(points))
        return total

    opposite = [np.flatnonzero((layer.pairs == -pair).all(axis=1))[0] for pair in layer.pairs]
    length = np.linalg.norm(layer.lattice.vectors(layer.pairs), axis=1)
    products = [
        np.einsum("ga,g,gb->ab", d[opposite], Interlayer()(length), d)
        for d in (response(step), response(-step))
    ]
    by_hand = -2 * math.pi * (products[0] - products[1]).imag / (2 * step)
    found = interband_drag_conductivity(layer, layer, [levels], [levels], kT, bands=every)[0, 0]
    return largest(found - by_hand, by_hand)


def rate_by_quotient(mu: tuple[float, ...], kT: float = 6.0) -> Floats:
    """Second term of Kundu Eq. 32 over the first at Ω = iδ, ħδ = 1 meV: −δ ∂_δ(𝒟U𝒟)/𝒞U𝒞, (nmu,).

    By a quotient of differences of the whole product.
    """
    layer, step = DragLayer(GrapheneHBN(), mesh=24, bands=8, shells=2, divisions=3), 0.1
    potential = Interlayer()(np.linalg.norm(layer.lattice.vectors(layer.pairs), axis=1))
    rates = np.array([0.0, 1 - step, 1 + step])
    between = interband_susceptibility(layer, 1j * rates, mu, kT, bands=20)
    # At rest it is 𝒞, and a constant that a truncated basis adds.
    whole = layer.susceptibility(mu, kT) + between - between[0]
    rest, below, above = np.einsum("zmga,g->zm", np.abs(whole) ** 2, potential)
    return np.asarray(-(above - below) / (2 * step) / rest)


def interband_from_weights() -> float:
    """Relative miss of the interband term of K alone, with 𝒞 from −f′ in place of 𝒟(0)."""
    kT, step = 20.0, 1e-2
    layer = DragLayer(GrapheneHBN(), mesh=5, bands=18, shells=1, solver="dense")
    levels = [[PEAK, GAP], [110.0, GAP], [GAP, GAP]]
    warm = layer.susceptibility(levels, kT)
    value = warm[:2] - warm[2]
    below, above = interband_susceptibility(layer, [-step, step], levels[:2], kT)
    slope = (above - below) / (2 * step)
    potential = Interlayer()(np.linalg.norm(layer.lattice.vectors(layer.pairs), axis=1))
    # 𝒟(−G, Ω) = 𝒟(G, −Ω)*.
    product = np.einsum("ga,g,gb->ab", value[0].conj(), potential, slope[1])
    product -= np.einsum("ga,g,gb->ab", slope[0].conj(), potential, value[1])
    by_hand = -2 * math.pi * product.imag
    found = interband_drag_conductivity(layer, layer, levels[:1], levels[1:2], kT, gap=GAP)[0, 0]
    return largest(found - by_hand, by_hand)


def on_map(mu: Floats, drawn: Floats, mu1: float, mu2: float) -> float:
    """A drawn map at a point between its own, by cubic splines."""
    return float(RectBivariateSpline(mu, mu, drawn)([mu1], [mu2])[0, 0])


def map_by_contours(mu1: float, mu2: float, model: GrapheneHBN) -> float:
    """σ^{xx} at k_BT = 1 meV from Fermi lines alone: no sum over a mesh."""
    layer = DragLayer(model, mesh=6, shells=2, solver="dense")
    zero, curvature = sommerfeld_conductivity(layer, layer, mu1, mu2, points=16)
    return float(zero[0, 0, 0, 0] + curvature[0, 0, 0, 0])


def peak_at(distance: float, mu: float = PEAK) -> float:
    """σ^{xx} in e²/h for equal layers so many nm apart, with the interaction in SI units."""
    layer = solved_layer()
    c = layer.susceptibility([mu], 1.0)[0, :, 0]
    g = np.linalg.norm(layer.lattice.vectors(layer.pairs), axis=1) / NM
    gate, permittivity = 10 * NM, 5.0
    coupling = (
        si.e**2
        / (2 * si.epsilon_0 * permittivity * g)
        * np.exp(-g * distance * NM)
        * (1 - np.exp(-2 * g * gate))
    ) / (MEV * NM**2)
    return float(-2 * math.pi * (np.abs(c) ** 2 @ coupling))
