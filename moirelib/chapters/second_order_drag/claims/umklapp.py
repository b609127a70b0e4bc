"""Claims of the chapter "second-order-drag": what the moiré does to the drag of charge."""

from __future__ import annotations

from functools import cache

from moirelib._types import Floats
from moirelib.chapters.second_order_drag.data.sweep import KT, STRONG, at, drag_at
from moirelib.ledger.registry import Discrepancy, Evidence, claim


@cache
def coarse(bands: int = 12, shift: float = 0.0) -> Floats:
    """Return the strong filling on a coarse mesh, computed now: (8,), in e²/h."""
    return drag_at(at(STRONG, KT, mesh=8, bands=bands, reach=1.5, shift=shift))


@claim(
    "new-drag-umklapp",
    "interference of umklapp",
    kind="new",
    follows=("new-drag-cone", "kundu-text-screening"),
    statement=r"In graphene on hBN at $\mu=-128$ meV, $k_BT=8$ meV, screened, more than three "
    r"quarters of the DC charge drag is interference between different $\mathbf G$.",
    headline="On the strong hole side most of the **DC charge drag** is interference of umklapp",
    falsified_by="a converged sum in which the terms with G = G′ make a quarter or more",
)
def _umklapp() -> Evidence:
    every, diagonal, normal = coarse()[:3]
    return Evidence(
        Discrepancy(
            "terms with G = G′, of the whole, mesh of 8",
            float(diagonal / every),
            0.25,
            "a quarter is what the statement allows; finer meshes have less",
        ),
        controls=(
            Discrepancy(
                "the usual formula, G = G′ = 0, of the whole",
                float(normal / every),
                0.25,
                "it is part of the terms with G = G′",
            ),
        ),
    )


@claim(
    "new-drag-registry",
    "registry",
    kind="new",
    follows=("new-drag-umklapp", "kundu-text-registry"),
    statement=r"Displacing one moiré by a third of the long diagonal of its cell takes away more "
    r"than four fifths of the DC charge drag at $\mu=-128$ meV, $k_BT=8$ meV.",
    headline="The **registry of the moirés** switches most of the DC charge drag on and off",
    falsified_by="a charge drag that depends on the registry by less than its half",
)
def _registry() -> Evidence:
    here, there = float(coarse()[0]), float(coarse(shift=1.0)[0])
    return Evidence(
        Discrepancy(
            "drag displaced over drag in register, mesh of 8",
            abs(there / here),
            0.2,
            "a fifth is what the statement allows",
        ),
        controls=(
            Discrepancy(
                "terms with G = G′, which no displacement changes",
                abs(float(coarse(shift=1.0)[1] / coarse()[1]) - 1),
                0.03,
                "the screened interaction is a matrix in G, and changes a little",
            ),
        ),
    )


@claim(
    "new-drag-valley",
    "valley drag at DC",
    kind="new",
    follows=("new-drag-umklapp", "kundu-1"),
    statement=r"A DC valley current drags a DC valley current at second order: at $\mu=-128$ meV, "
    r"$k_BT=8$ meV more than a tenth of the charge drag.",
    headline="A **DC valley drag** exists at second order, where the first order gives none",
    falsified_by="a valley drag below a tenth of the charge drag on a converged mesh",
)
def _valley() -> Evidence:
    charge, valley = float(coarse()[0]), float(coarse()[3])
    return Evidence(
        Discrepancy(
            "valley drag over charge drag, mesh of 8",
            valley / charge,
            0.1,
            "a tenth is what the statement says",
            at_least=True,
        ),
    )
