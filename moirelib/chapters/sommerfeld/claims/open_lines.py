"""Fermi lines that do not close within a zone: they occur where C₃ is broken."""

from __future__ import annotations

from functools import cache

import numpy as np

from moirelib._types import Complex
from moirelib.bands.bloch import solve_bands
from moirelib.bands.brillouin import spectral_function
from moirelib.bands.fermi_line import contours_on_mesh, fermi_lines
from moirelib.ledger.measure import largest
from moirelib.ledger.registry import Discrepancy
from moirelib.models.graphene_hbn import GrapheneHBN

# The printed star of Eq. 6; between its saddles two lines run through all zones.
MODEL, LEVEL = GrapheneHBN(cutoff=2, transfer_star="as_printed"), -124.0
MESH, BANDS = 30, 4


@cache
def _open_against_triangles() -> float:
    """Relative miss of Σ∮dℓ λ_G v/|v| over both lines against linear triangles."""
    pairs = MODEL.lattice.shells(2)[1]
    lines = fermi_lines(MODEL, LEVEL, MESH, BANDS, 48)
    by_lines: Complex = np.sum([line.integral(pairs) for line in lines], axis=0)
    zone = MODEL.lattice.mesh(MESH, "none")
    solved = solve_bands(MODEL, zone.points, BANDS)
    products = np.moveaxis(solved.velocities, -1, 0)[:, None] * solved.form_factors(pairs)
    found = spectral_function(zone, solved.energies, [LEVEL], products)[..., 0]
    by_triangles = found.T * MODEL.lattice.zone_area
    return largest(by_lines - by_triangles, by_lines)


def _called_pockets(model: GrapheneHBN, level: float) -> int:
    return sum(one.is_pocket for _, one in contours_on_mesh(model, level, MESH, BANDS))


def of_open_lines() -> tuple[Discrepancy, ...]:
    """Both as controls."""
    wrong = _called_pockets(MODEL, LEVEL) + abs(_called_pockets(GrapheneHBN(cutoff=2), 0.0) - 1)
    return (
        Discrepancy(
            "two open lines, C₃ broken by the printed star: line integral against triangles",
            _open_against_triangles(),
            0.05,
            "a mesh of 30; truncated plane waves are not periodic where the lines leave the zone",
        ),
        Discrepancy(
            "open lines called pockets, and pockets at the Dirac point called open",
            float(wrong),
            0,
            "a count",
            "lines",
        ),
    )
