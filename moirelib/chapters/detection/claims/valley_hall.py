"""Claim of the chapter "detection" on the valley Hall effect, and the layer of its claims."""

from __future__ import annotations

import math
from functools import cache

import numpy as np

from moirelib.chapters.detection.data.chain import conductivities
from moirelib.hall.exact import valley_chern_number
from moirelib.hall.layer import HallLayer
from moirelib.ledger.measure import residual
from moirelib.ledger.registry import Discrepancy, Evidence, claim
from moirelib.models.graphene_hbn import GrapheneHBN, primary_mass
from moirelib.models.two_valley import TwoValleyModel


@cache
def coarse_hall_layer() -> HallLayer:
    """Return a layer that is good for per cents, which the claims of the chapter share."""
    return HallLayer(GrapheneHBN(), divisions=4, refinement=3)


@claim(
    "kundu-text-valley-hall",
    "text, detection",
    kind="number",
    aspect="the valley Hall effect",
    statement=r"Broken inversion makes $\sigma^{xy}_v$ nonzero in G/hBN.",
    follows=("kundu-9", "kundu-11"),
)
def _() -> Evidence:
    layer, model = coarse_hall_layer(), GrapheneHBN()
    gap = layer.valley_hall_conductivity([42.5, -78.0], 0.05)
    # Four massive cones at the primary gap; from there down to the satellite all four flavours lose
    # a band of the Chern number −1.
    middle, mass = primary_mass(model)
    quantised = np.array([-2 * math.copysign(1, mass), 0])
    quantised[1] = quantised[0] - 4
    faces = [
        HallLayer(one, divisions=2, refinement=2).valley_hall_conductivity([-50.0, 60.0], 3.0)
        for one in (model, model.inverted(), model.other_valley())
    ]
    chern = [valley_chern_number(model, band, band, mesh=9) for band in (-1, 0)]
    # Near the primary gap the rest of the zone gives a smooth background.
    drawn = conductivities([0.3], (middle - 3.0, middle + 3.0), points=5, layer=layer)
    return Evidence(
        Discrepancy(
            "σ_v^{xy} in the primary gap against 4 × ½ e²/h with the sign of −m, and in the gap of "
            "the satellite against this less 4 e²/h",
            residual(gap, quantised),
            2e-2,
            "k·p tiles four to a side, and 2 % of the primary gap",
            "e²/h",
        ),
        controls=(
            Discrepancy(
                "σ_v^{xy} on the two faces of hBN, sum",
                float(np.abs(faces[0] + faces[1]).max()),
                1e-9,
                "in-plane inversion maps one model on the other; round-off",
                "e²/h",
            ),
            Discrepancy(
                "σ_v^{xy} from the bands of K′ against that from K",
                float(np.abs(faces[2] - faces[0]).max()),
                1e-9,
                "time reversal: it is that of K less that of K′ from either; round-off",
                "e²/h",
            ),
            Discrepancy(
                "Chern numbers of the bands at the gap against −1 and 1",
                float(np.abs(np.array(chern) - [-1, 1]).max()),
                1e-10,
                "plaquettes give integers; round-off",
            ),
            Discrepancy(
                "meshes of 12 and 25 next to a transition of two cones: answers that are no number "
                "of the band",
                float(_unresolved()),
                0,
                "one plaquette of the finer mesh holds the flux of a cone: refused",
                "meshes",
            ),
            Discrepancy(
                "drawn σ_v^{xy} within 3 meV of the gap's middle against four Dirac cones",
                float(np.abs(drawn.valley_hall - drawn.dirac).max()),
                0.02,
                "the background of the other states",
                "e²/h",
            ),
        ),
    )


def _unresolved() -> int:
    """How many meshes give another Chern number than 1 where the mass is 10⁻³ off its change."""
    nearly, wrong = TwoValleyModel(mass=3 * math.sqrt(3) * 0.6 - 1e-3), 0
    for size in (12, 25):
        try:
            wrong += abs(nearly.chern_number(size=size) - 1) > 0.5
        except ValueError:
            continue
    return wrong
