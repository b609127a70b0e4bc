"""Claims of the chapter "second-order-drag": exchange of the layers, and the valleys when cold."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache

import numpy as np

from moirelib._types import Floats
from moirelib.chapters.second_order_drag.data.collisions import BothWays, both_ways
from moirelib.chapters.second_order_drag.data.maps import density_map
from moirelib.chapters.second_order_drag.data.trigonal import cold_valley_drag, crossings
from moirelib.chapters.time_reversal.data import TrigonalBand
from moirelib.drag.interlayer import Interlayer
from moirelib.drag.scattering_layer import ScatteringLayer
from moirelib.drag.second_order import SecondOrderDrag, second_order_drag
from moirelib.ledger.measure import relative
from moirelib.ledger.registry import Discrepancy, Evidence, claim
from moirelib.models.graphene_hbn import GrapheneHBN

_STEPS = 8
_MU, _KT = (-128.0, -100.0), 8.0


@cache
def _counted() -> tuple[BothWays, SecondOrderDrag]:
    """Return the drag of two unlike layers from collisions either way, and the library's."""
    model = GrapheneHBN(cutoff=2)
    first = ScatteringLayer(model, mesh=5, bands=8, reach=0.8)
    second = replace(first, model=model.inverted(), shift=(3.1, -1.7))
    potential = Interlayer(distance=1.0)
    counted = both_ways((first, second), _MU, _KT, potential, _STEPS)
    found = second_order_drag(first, second, [_MU[0]], [_MU[1]], _KT, potential, steps=_STEPS)
    return counted, found


@claim(
    "new-drag-onsager",
    "exchange of the layers",
    kind="new",
    follows=("new-drag-umklapp",),
    statement=r"Onsager: $j_2/E_1=j_1/E_2$ at second order, for unlike faces, registries and "
    "fillings. Exchange of the two densities is another matter: the gate lies nearer to one layer, "
    "and the map of equal layers is symmetric to a per cent of its largest value only.",
    falsified_by="collisions counted both ways, with one layer driven and then the other, that "
    "give two drags; a measured drag of the linear regime that is not reciprocal is not of this "
    "order",
)
def _onsager() -> Evidence:
    counted, found = _counted()
    stored = density_map().charge[0]
    return Evidence(
        Discrepancy(
            "charge drag with layer 1 driven against that with layer 2 driven",
            relative(*counted.charge.tolist()),
            0.03,
            "energy is conserved to an eighth of k_BT, to the square of which they differ",
        ),
        controls=(
            Discrepancy(
                "the same of the valley drag",
                relative(*counted.valley.tolist()),
                0.03,
                "energy is conserved to an eighth of k_BT",
            ),
            Discrepancy(
                "mean of both ways against the golden rule, charge",
                relative(float(counted.charge.mean()), float(found.charge[0, 0, 0])),
                0.03,
                "energy is conserved to an eighth of k_BT",
            ),
            Discrepancy(
                "mean of both ways against the golden rule, valley",
                relative(float(counted.valley.mean()), float(found.valley[0, 0, 0])),
                0.03,
                "energy is conserved to an eighth of k_BT",
            ),
            Discrepancy(
                "largest change of the stored map on exchange of the densities, of its largest",
                float(np.abs(stored - stored.T).max() / np.abs(stored).max()),
                0.02,
                "a per cent, by the gate at ten spacers",
            ),
        ),
    )


# The ring 0.1 < q < 0.3 in 1/nm, over a twelfth of which the mirrors and q → −q carry.
_RING = (0.1, 0.3)
_BANDS = (
    TrigonalBand(900.0, 1000.0, 56.25),
    TrigonalBand(700.0, 800.0, 28.0),
)
_WINDOW = 60.0  # meV about μ


def _ring() -> tuple[Floats, Floats]:
    """Points q (nq, 2) of the ring and weights of ∫d²q."""
    nodes, weights = np.polynomial.legendre.leggauss(4)
    low, high = _RING
    radius, along = low + (high - low) * (nodes + 1) / 2, (high - low) / 2 * weights
    turns, around = np.polynomial.legendre.leggauss(3)
    angle, share = math.pi / 12 * (turns + 1), math.pi * around
    q = radius[:, None, None] * np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    return q.reshape(-1, 2), np.outer(along * radius, share).ravel()


@cache
def _on_mesh(kT: float, warped: bool = True) -> tuple[float, float]:
    """Return charge drag over T² and valley drag over T⁴, of transitions on a mesh."""
    potential = Interlayer(distance=4.0, gate_distance=1.0)
    omega = np.linspace(-12 * kT, 12 * kT, 97)
    total = np.zeros(2)
    bands = _BANDS if warped else tuple(replace(one, warping=0.0) for one in _BANDS)
    for q, weight in zip(*_ring(), strict=True):
        first, second = (
            band.transitions(q, 0.42, 160, _WINDOW).gains(band.mu, kT, omega)[:, 0, 0].real
            for band in bands
        )
        squared = float(potential(float(np.linalg.norm(q)))) ** 2
        for i, sign in enumerate((1, -1)):
            one, two = first + sign * first[::-1], second + sign * second[::-1]
            total[i] += weight * squared * float((one * two).sum()) / 2
    charge, valley = (omega[1] - omega[0]) / (2 * kT) * total
    return float(charge) / kT**2, float(valley) / kT**4


@claim(
    "new-drag-valley-cold",
    "valley drag when cold",
    kind="new",
    follows=("new-drag-parabola", "new-drag-valley"),
    statement=r"Trigonal bands $bk^2+ck^3\cos3\theta$ of different filling: at low $T$ what is "
    r"exchanged in a ring of $q$ drags valleys as $T^4$, with a coefficient that crossings of "
    r"Fermi lines give. Small $q$ adds $T^4\ln(1/T)$.",
    falsified_by="a valley drag from such a ring with another power of $T$ or another coefficient",
)
def _valley_cold() -> Evidence:
    warm, cool = (_on_mesh(kT)[1] for kT in (2.0, 1.0))
    limit = (4 * cool - warm) / 3
    potential = Interlayer(distance=4.0, gate_distance=1.0)
    expected = cold_valley_drag(_BANDS, potential, *_ring())
    # q (∂g/∂ω) of one line, in a direction that no mirror holds.
    far, near = (q * _slope(q) for q in (0.02, 0.01))
    return Evidence(
        Discrepancy(
            "transitions on a mesh at 1 and 2 meV, extrapolated, against crossings of lines",
            relative(limit, expected),
            0.015,
            "(k_BT/E_F)⁴ and the mesh",
        ),
        controls=(
            Discrepancy(
                "valley drag over T⁴ at 2 meV, against that at 1 meV",
                relative(warm, cool),
                0.2,
                "a power of 4 to a fifth: a power of 3 or 5 would double or halve it",
            ),
            Discrepancy(
                "round bands: valley drag over that of trigonal ones",
                abs(_on_mesh(2.0, warped=False)[1] / warm),
                1e-3,
                "R(ω) = R(−ω) without a trigonal term, up to the mesh",
            ),
            Discrepancy(
                "q ∂g/∂ω at 0.01 against 0.02 nm⁻¹: a logarithm from small q",
                relative(near, far),
                2e-3,
                "the next order in q/k_F",
            ),
        ),
    )


def _slope(q: float) -> float:
    vector = q * np.array([math.cos(math.pi / 6), math.sin(math.pi / 6)])
    omega = 0.2 * q * _BANDS[0].curvature * 0.5
    above, below = (crossings(_BANDS[0], vector, sign * omega) for sign in (1, -1))
    return float(np.linalg.norm(above - below)) / (2 * omega)
