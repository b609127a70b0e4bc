"""Claims of the chapter "second-order-drag": what the moiré does to the drag of charge."""

from __future__ import annotations

from functools import cache

from moirelib._types import Floats
from moirelib.chapters.second_order_drag.data.shown import strong
from moirelib.chapters.second_order_drag.data.split import Split, split
from moirelib.chapters.second_order_drag.data.sweep import KT, STRONG, at, drag_at, layer
from moirelib.drag.interlayer import Interlayer
from moirelib.ledger.measure import relative
from moirelib.ledger.registry import Discrepancy, Evidence, claim


@cache
def coarse(bands: int = 12, shift: float = 0.0) -> Floats:
    """Return the strong filling on a coarse mesh, computed now: (8,), in e²/h."""
    return drag_at(at(STRONG, KT, mesh=8, bands=bands, reach=1.5, shift=shift))


@cache
def taken_apart() -> Split:
    """Return the strong filling on the coarse mesh, with R or W₁₂ diagonal."""
    return split(layer(8, 12, 1.5, 0.0), STRONG, KT, Interlayer(distance=1.0))


@claim(
    "new-drag-umklapp",
    "interference of umklapp",
    kind="new",
    follows=("new-drag-cone", "kundu-text-screening"),
    statement=r"Equal layers of graphene on hBN, like faces, in register, $d=1$ nm, "
    r"$\varepsilon=5$, static random-phase screening: at $\mu=-128$ meV, $k_BT=8$ meV more than "
    r"three quarters of the DC charge drag is interference between different $\mathbf G$.",
    headline="At −128 meV, where its ordinary part changes sign, most of the **DC charge drag** of "
    "equal layers in register is interference of umklapp; where the drag resistivity is largest, a "
    "tenth.",
    falsified_by="a converged sum in which the terms with G = G′ make a quarter or more",
)
def _umklapp() -> Evidence:
    every, diagonal = coarse()[:2]
    parts, fine = taken_apart(), strong(mesh=16)
    return Evidence(
        Discrepancy(
            "terms with G = G′, of the whole, mesh of 8",
            float(diagonal / every),
            0.25,
            "a quarter is what the statement allows",
        ),
        controls=(
            Discrepancy(
                "the same on a mesh of 16 with 24 bands, stored",
                float(fine[1] / fine[0]),
                0.25,
                "a quarter is what the statement allows",
            ),
            Discrepancy(
                "R whole and W₁₂ diagonal, of the whole",
                parts.transitions / parts.whole,
                0.75,
                "the interference is that of the transitions",
                at_least=True,
            ),
            Discrepancy(
                "R diagonal and W₁₂ whole, of the whole",
                parts.fields / parts.whole,
                0.25,
                "local fields in the screening alone do not make it",
            ),
            Discrepancy(
                "the whole of what is taken apart, against the library's sum",
                relative(parts.whole, every),
                1e-12,
                "the same sum, written again: round-off",
            ),
        ),
    )


@claim(
    "new-drag-registry",
    "registry",
    kind="new",
    follows=("new-drag-umklapp", "kundu-text-registry"),
    statement=r"Displacing one moiré by a third of the long diagonal of its cell leaves less than "
    r"a fifth of the DC charge drag between these layers at $\mu=-128$ meV, $k_BT=8$ meV. Its sign "
    r"is not settled.",
    headline="At −128 meV the **registry of the moirés** switches most of the DC charge drag on and"
    " off.",
    falsified_by="a displaced drag of a fifth or more of that in register, of either sign",
)
def _registry() -> Evidence:
    here, there = float(coarse()[0]), float(coarse(shift=1.0)[0])
    return Evidence(
        Discrepancy(
            "drag displaced over drag in register, mesh of 8",
            abs(there / here),
            0.2,
            "a fifth is what the statement allows; the sign is not settled",
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
    headline="A **DC valley drag** exists at second order, where the first order gives none.",
    falsified_by="a valley drag below a tenth of the charge drag on a converged mesh",
)
def _valley() -> Evidence:
    charge, valley = float(coarse()[0]), float(coarse()[3])
    fine = strong(mesh=16)
    return Evidence(
        Discrepancy(
            "valley drag over charge drag, mesh of 8",
            valley / charge,
            0.1,
            "a tenth is what the statement says",
            at_least=True,
        ),
        controls=(
            Discrepancy(
                "the same on a mesh of 16 with 24 bands, stored",
                float(fine[3] / fine[0]),
                0.1,
                "a tenth is what the statement says",
                at_least=True,
            ),
        ),
    )
