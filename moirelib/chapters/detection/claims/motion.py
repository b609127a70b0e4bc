"""Claim of the chapter "detection" on the valley diffusion length, and on what moves along it."""

from __future__ import annotations

import math

import numpy as np

from moirelib.bands.bloch import solve_bands
from moirelib.bands.brillouin import minus_fermi_derivative
from moirelib.chapters.detection.claims.valley_hall import coarse_hall_layer
from moirelib.chapters.detection.data.chain import matched_conductivities
from moirelib.chapters.detection.data.voltmeter import motion
from moirelib.drag.conductivity import drag_conductivity
from moirelib.drag.layer import DragLayer
from moirelib.ledger.registry import Discrepancy, Evidence, claim
from moirelib.models.graphene_hbn import GrapheneHBN
from moirelib.units import thermal_energy


@claim(
    "kundu-text-lv",
    "text, detection",
    kind="number",
    aspect="the valley diffusion length",
    statement=r"$l_v\approx1$ µm: a measured number, from an experiment on one graphene/hBN layer. "
    "It is the one that this chapter computes with.",
)
def _() -> Evidence:
    # The band's own velocity at the peak of the drag, at 10 K and ħδ = 1 meV.
    mu, kT = -128.0, thermal_energy(10.0)
    moving = motion([mu], kT, layer=coarse_hall_layer())
    hbar_v = GrapheneHBN().hbar_v
    path = float(moving.velocity[0]) * hbar_v / 1.0  # ħ⟨v²⟩^½/ħδ in nm
    used = path * math.sqrt(float(moving.valley_time[0]) / 2) / 1000
    mean_square = _mean_square_velocity(mu, kT)
    small, levels = DragLayer(GrapheneHBN(cutoff=2), mesh=24, shells=1), np.array([mu, -40.0])
    along = matched_conductivities(levels, 6.0, solved=small, hall=coarse_hall_layer())[0]
    one_by_one = [drag_conductivity(small, small, m, m, 6.0)[0, 0, 0, 0] for m in levels.tolist()]
    return Evidence(
        Discrepancy(
            "l_v = √(Dτ_v) of the lifetime and the velocity that the chapter uses, against 1 µm",
            abs(used - 1),
            1e-10,
            "a measured number, taken over; round-off",
        ),
        controls=(
            Discrepancy(
                "momentum time over the valley time that it asks for, at ħδ = 1 meV",
                1 / float(moving.valley_time[0]),
                1.0,
                "a valley must live longer than a direction, or nothing diffuses",
            ),
            Discrepancy(
                "mean free path over l_v",
                float(moving.path[0]),
                1.0,
                "diffusion needs many collisions within l_v; here there are five",
            ),
            Discrepancy(
                "velocity from the Drude weight over the mean of |∂_kε| on a mesh of 90 × 90",
                abs(float(moving.velocity[0]) * hbar_v / math.sqrt(mean_square) - 1),
                0.05,
                "a coarse mesh at 10 K",
            ),
            Discrepancy(
                "drawn drag at equal fillings against one filling at a time, −128 and −40 meV",
                float(np.abs(along / one_by_one - 1).max()),
                1e-12,
                "round-off",
            ),
            Discrepancy(
                "velocity of the electrons at −128 meV over v_F of graphene",
                float(moving.velocity[0]),
                1.0,
                "the moiré slows them down",
            ),
        ),
    )


def _mean_square_velocity(mu: float, kT: float) -> float:
    """Mean of |∂_kε|² in (meV nm)² over the states at μ, from solved states of both directions."""
    zone = GrapheneHBN(cutoff=2).lattice.mesh(90)
    bands = solve_bands(GrapheneHBN(cutoff=2), zone.points, count=6)
    states = minus_fermi_derivative(bands.energies, mu, kT) * zone.weights[:, None]
    return float((states * (bands.velocities**2).sum(axis=-1)).sum() / states.sum())
