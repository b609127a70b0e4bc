"""Claim on the Berry curvature (Ying, below Eq. A36): what a field does through it."""

from __future__ import annotations

import numpy as np

from moirelib.chapters.boltzmann.data import (
    MASS,
    MU,
    SYMMETRIC,
    TILT,
    hall_conductivity,
    shift_source,
)
from moirelib.ledger.measure import relative
from moirelib.ledger.registry import Discrepancy, Evidence, claim


def _hall_of_the_line() -> float:
    """−½⟨1 − m/E₀⟩ over the directions, E₀ = μ − k·w on the Fermi line of a cone with tilt w."""
    angle = 2 * np.pi * np.arange(360) / 360
    tilt = np.stack([np.cos(angle), np.sin(angle)], axis=-1) @ TILT
    discriminant = (MU * tilt) ** 2 + (1 - tilt**2) * (MU**2 - MASS**2)
    radius = (np.sqrt(discriminant) - MU * tilt) / (1 - tilt**2)
    return float(-0.5 * (1 - MASS / (MU - radius * tilt)).mean())


@claim(
    "ying-text-berry",
    "below Eq. A36",
    kind="identity",
    statement="The Berry curvature does not contribute to the valley polarisation in linear "
    "response (tested in the Born approximation).",
    follows=("ying-8", "ying-A36"),
)
def _() -> Evidence:
    symmetric = shift_source(SYMMETRIC)
    broken = np.array(SYMMETRIC)
    broken[0, 1] += 0.3j
    lost = shift_source(broken)
    plus, minus = hall_conductivity(1), hall_conductivity(-1)
    return Evidence(
        Discrepancy(
            "electrons moved between the valleys by the shifts in collisions, over the sum of "
            "their sizes, tilted gapped cones without any rotation",
            symmetric.net / symmetric.total,
            1e-9,
            "difference quotients; the processes k → k′ and −k′ → −k cancel by time reversal",
            slack="noise",
        ),
        controls=(
            Discrepancy(
                "mean |δr| in units of ħv/μ",
                symmetric.total / symmetric.flow,
                0.05,
                "single processes do shift",
                at_least=True,
            ),
            Discrepancy(
                "the same with a potential that breaks time reversal",
                lost.net / lost.total,
                1e-2,
                "the curvature contributes once time reversal is lost, as below T_c",
                at_least=True,
            ),
            Discrepancy(
                "Hall conductivities of the two valleys, sum over the larger",
                abs(plus + minus) / abs(plus),
                1e-10,
                "no Hall field at fixed current; round-off",
            ),
            Discrepancy(
                "Hall conductivity of one valley, e²/h",
                abs(plus),
                0.1,
                "the bands do have curvature",
                at_least=True,
            ),
            Discrepancy(
                "the same against −½⟨1 − m/E₀⟩ over the Fermi line",
                relative(plus, _hall_of_the_line()),
                5e-3,
                "plaquettes counted whole or not at all at the line: their side times its length",
            ),
        ),
    )
