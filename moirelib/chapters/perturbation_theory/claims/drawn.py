"""What the figures of the chapter draw, at points where it follows otherwise."""

from __future__ import annotations

import math

import numpy as np
from scipy import constants as si

from moirelib._types import Complex
from moirelib.bands.bloch import solve_bands
from moirelib.bands.brillouin import fermi
from moirelib.chapters.perturbation_theory.claims.second_routes import peak_at
from moirelib.chapters.perturbation_theory.data.device import windows
from moirelib.chapters.perturbation_theory.data.drag import (
    COARSE,
    map_at_distance,
    solved_layer,
    stacking,
)
from moirelib.chapters.perturbation_theory.data.registries import REGISTRY_KT, registry
from moirelib.chapters.perturbation_theory.data.response import relaxation
from moirelib.chapters.perturbation_theory.data.screening import screened_map
from moirelib.drag.conductivity import drag_conductivity
from moirelib.drag.interlayer import Interlayer
from moirelib.drag.layer import DragLayer
from moirelib.ledger.measure import largest, residual
from moirelib.ledger.registry import Discrepancy
from moirelib.models.graphene_hbn import GrapheneHBN
from moirelib.units import from_1e12_per_cm2


def of_registry() -> tuple[Discrepancy, ...]:
    """The drawn patterns over the cell, and both stackings against filling."""
    data, layer = registry(size=24), solved_layer(**COARSE)
    rest = drag_conductivity(layer, layer, data.mu, data.mu, REGISTRY_KT)[0, 0, 0, 0]
    like = data.at_symmetric[0]
    side = 2 * math.pi * (np.arange(180) + 0.5) / 180
    a, b = np.meshgrid(side, side)
    share = float((np.cos(a) + np.cos(b) + np.cos(a + b) > 0).mean())
    faces = stacking(count=7)
    c = layer.susceptibility(faces.mu, 1.0)[..., 0]
    same, inverted = -2 * math.pi * np.stack([np.abs(c) ** 2, (c**2).real]) @ _coupling(layer)
    return (
        Discrepancy(
            "drawn at rest, ½ Tr σ, against σ^{xx}",
            abs(like[0] / rest - 1),
            1e-10,
            "C₃ makes both components alike; round-off",
        ),
        Discrepancy(
            "drawn at the other threefold registries over that in register, plus ½",
            residual(like[1:] / like[0], -0.5),
            0.01,
            "the first shell alone gives −½",
        ),
        Discrepancy(
            "drawn share of the cell with the sign of the registry at rest, against three cosines",
            abs(data.negative[0] - share),
            0.03,
            "a grid of 24 × 24, and the second shell",
        ),
        Discrepancy(
            "drawn for like and opposite faces against Σ|𝒞|²U₁₂ and ΣRe𝒞²U₁₂, seven fillings",
            max(largest(faces.same - same, same), largest(faces.inverted - inverted, inverted)),
            1e-10,
            "round-off",
        ),
    )


def _coupling(layer: DragLayer) -> Complex:
    return Interlayer()(np.linalg.norm(layer.lattice.vectors(layer.pairs), axis=1)).astype(complex)


def at_another_distance() -> float:
    """Largest relative miss of the map drawn for layers 3 nm apart, at equal fillings."""
    data = map_at_distance(3.0, count=4)
    written = np.array([peak_at(3.0, mu) for mu in data.mu.tolist()])
    return float(np.abs(np.diag(data.conductivity) / written - 1).max())


def at_rest() -> float:
    """How far the drawn response at rest is from −1 within bands and 1 between them, over 𝒞."""
    data = relaxation(count=2)
    return max(abs(float(data.intraband[0]) + 1), abs(float(data.interband[0]) - 1))


def largest_screened_share() -> float:
    """The largest of the drawn ratios of screened over bare drag, at two fillings."""
    return float(np.abs(screened_map(count=2).ratio).max())


def unlike_valleys() -> float:
    """Relative miss of the carriers of a layer with ω in both valleys against its occupations."""
    model = GrapheneHBN(cutoff=1, valley_phase="common")
    layer = DragLayer(model, mesh=6, bands=8, shells=1, symmetry="none", solver="dense")
    points, mu, kT = model.lattice.mesh(6, "none").points, -40.0, 20.0
    filled = sum(
        float(fermi(solve_bands(one, points, 8).energies, mu, kT).sum(axis=1).mean()) - 4
        for one in (model, model.other_valley())
    )
    return abs(float(layer.density([mu], kT)[0]) / (2 * filled / model.lattice.cell_area) - 1)


def densities() -> float:
    """Largest miss of the densities drawn over all bands, in 10¹²/cm², against SI units.

    And of the way back to 1/nm². From states counted in triangles or points by the layer, where
    the figure sums occupations.
    """
    data = windows(3.0, 90.0)
    layer = DragLayer(GrapheneHBN(), mesh=36, bands=20, shells=1)
    inside = slice(1, -1)
    counted = layer.density(data.mu[inside], data.kT)
    in_si = counted / si.nano**2 * si.centi**2 / 1e12
    back = from_1e12_per_cm2(data.density[inside])
    return max(largest(data.density[inside] - in_si, in_si), largest(back - counted, counted))
