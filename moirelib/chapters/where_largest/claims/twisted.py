"""Claims of the chapter "where-largest": DC drag of second order over the twist."""

from __future__ import annotations

from moirelib.chapters.where_largest.data.twisted import (
    MESHES,
    drag_of_twisted,
    size,
    twisted_drag,
)
from moirelib.ledger.measure import relative
from moirelib.ledger.registry import Discrepancy, Evidence, claim
from moirelib.units import RESISTANCE_QUANTUM_OHM


@claim(
    "new-drag-twisted",
    "DC drag over the twist",
    kind="new",
    statement="Within 4·10¹²/cm², at 90 K and 1 nm, in register: the DC valley drag resistivity is "
    "largest at the satellite of layers twisted by at most 0.75°; from 1° on less than a tenth of "
    "it is left, and at 2° the charge drag is alike for electrons and holes, as without a moiré.",
    headline="The **DC valley drag** of second order lives at the satellite, and dies with the "
    "twist that moves this out of reach of a gate.",
    falsified_by="a device beyond 1° of twist, within the same gates, with more than a tenth of "
    "the valley drag resistivity of an aligned one",
    follows=("new-drag-valley", "new-register-largest"),
)
def _twisted() -> Evidence:
    found = twisted_drag()
    valley = found.valley.max(axis=1)
    far = found.twist >= 1
    near, beyond = (_valley(twist, n) for twist, n in ((0.5, -3.0), (1.0, -4.0)))
    flat = found.charge[-1]
    pairs = [(found.density == sign).argmax() for sign in (-1.0, 1.0)]
    holes, electrons = flat[pairs].tolist()
    at = int(found.valley.max(axis=1).argmax())
    best = float(found.density[found.valley[at].argmax()])
    return Evidence(
        Discrepancy(
            "largest valley drag resistivity from 1° on, over the largest",
            float(valley[far].max() / valley.max()),
            0.1,
            "a tenth is what the statement allows",
        ),
        controls=(
            Discrepancy(
                "valley drag resistivity at 1° and −4, over that at 0.5° and −3, coarse, anew",
                beyond / near,
                0.1,
                "a tenth is what the statement allows",
            ),
            Discrepancy(
                "density of the largest valley drag against four holes per cell",
                abs(best - float(found.satellite[at])),
                0.25,
                "two steps of the grid",
                "10¹²/cm²",
                slack="scale",
            ),
            Discrepancy(
                "charge drag resistivity at 2° of 10¹² holes against as many electrons",
                relative(holes, electrons),
                0.03,
                "a cone has the same for both",
            ),
            Discrepancy(
                "the same in aligned layers",
                relative(*found.charge[0][pairs].tolist()),
                0.3,
                "so that the moiré is seen to matter there",
                at_least=True,
            ),
        ),
    )


def _valley(twist: float, density: float) -> float:
    """Valley drag resistivity in ohm on the coarse mesh, at a density in 10¹²/cm²."""
    point = (twist, *size(twist, MESHES[0]))
    _, _, valley, drude = drag_of_twisted(point, (density,))[:, 0].tolist()
    return float(RESISTANCE_QUANTUM_OHM * valley / drude)
