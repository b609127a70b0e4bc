"""The library's sums over q, G and ω against collisions counted one after another."""

from __future__ import annotations

from dataclasses import replace

import plain_drag as plain
import plain_second_order as counted
import pytest

from moirelib import GrapheneHBN, Interlayer
from moirelib.drag import second_order
from moirelib.drag.scattering_layer import ScatteringLayer
from moirelib.drag.second_order import second_order_drag


def test_collisions_counted_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    # Displaced, so that the library takes no stars: in so small a basis they are not quite alike.
    shift = (3.1, -1.7)
    kT, reach, divisions, mu = 5.0, 0.7, 5, (-60.0, 45.0)
    # So small a basis has not all bands that the window wants.
    monkeypatch.setattr(second_order, "require_complete", lambda *_: None)
    model = GrapheneHBN(cutoff=2)
    first = ScatteringLayer(model, mesh=divisions, bands=8, reach=reach, divisions=counted.WITHIN)
    second = replace(first, shift=shift)
    found = second_order_drag(
        first, second, [mu[0]], [mu[1]], kT, Interlayer(distance=0.6, gate_distance=10.0)
    )
    material = plain.Material()
    layers = (
        counted.solved(material, 2, divisions, mu[0], (0.0, 0.0)),
        counted.solved(material, 2, divisions, mu[1], shift),
    )
    expected = counted.drag(*layers, kT, reach, 0.6)
    assert found.charge[0, 0, 0] == pytest.approx(expected["charge"], rel=2e-3)
    assert found.valley[0, 0, 0] == pytest.approx(expected["valley"], rel=2e-3)
