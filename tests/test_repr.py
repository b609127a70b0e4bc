"""What holds arrays says their shape and range, and nothing longer."""

from __future__ import annotations

import inspect
import re
from dataclasses import dataclass, fields, is_dataclass
from importlib import import_module
from pkgutil import walk_packages

import numpy as np
import pytest

import moirelib
from moirelib import DragLayer, GrapheneHBN, cache, solve_bands
from moirelib._repr import _text, describe, short_repr
from moirelib.bands.lattice import MoireLattice

ARRAY = re.compile(r"\b(Floats|Complex|Ints|NDArray|ArrayLike|Array)\b")


def public_dataclasses() -> list[type]:
    found = set()
    for module in walk_packages(moirelib.__path__, "moirelib."):
        if module.name.endswith("__main__"):
            continue
        for name, one in vars(import_module(module.name)).items():
            if inspect.isclass(one) and is_dataclass(one) and not name.startswith("_"):
                found.add(one)
    return sorted(found, key=lambda one: one.__qualname__)


def test_all_that_hold_arrays_are_short() -> None:
    holding = [
        one
        for one in public_dataclasses()
        if any(ARRAY.search(str(field.type)) for field in fields(one))
    ]
    assert len(holding) > 50
    assert [one.__name__ for one in holding if one.__repr__ is not _text] == []


def test_bands_of_one_wavevector() -> None:
    bands = solve_bands(GrapheneHBN(), [[0.0, 0.0]])
    shown = repr(bands)
    assert len(shown) <= 200
    assert shown.startswith("Bands(model=GrapheneHBN(")
    html = bands._repr_html_()
    assert len(html) < 1000
    low, high = bands.energies[0, [0, -1]]
    assert f"<th>energies</th><td>&lt;(1, 6) from {low:.4g} to {high:.4g}&gt;</td>" in html
    assert "<th>states</th><td>&lt;(1, 170, 6) modulus from " in html


@pytest.mark.parametrize(
    "thing",
    [
        MoireLattice(14.0).mesh(120),
        GrapheneHBN(cutoff=2).eliminate_hbn(),
        DragLayer(GrapheneHBN(cutoff=1).eliminate_hbn()),
    ],
    ids=lambda thing: type(thing).__name__,
)
def test_other_large_objects(thing: object) -> None:
    assert len(repr(thing)) <= 320
    assert repr(thing) == repr(thing)


def test_what_is_described() -> None:
    assert describe(np.array([[1.0, -2.0]])) == "<(1, 2) from -2 to 1>"
    assert describe(np.array([3.0 + 4.0j, 0.0])) == "<(2,) modulus from 0 to 5>"
    assert describe(np.array([True, False])) == "<(2,) from 0 to 1>"
    assert describe(np.empty((0, 2))) == "<(0, 2) float64>"
    assert describe(np.array(["a", "b"])) == "<(2,) <U1>"
    assert describe(np.array(2.5)) == "2.5"
    assert describe([np.ones(3), np.ones(2)]) == "<2 arrays>"
    assert describe("<b>") == "'<b>'"
    assert len(describe("x" * 1000)) <= 60


def test_markup_is_escaped_and_hidden_fields_stay_hidden() -> None:
    @short_repr
    @dataclass
    class Named:
        name: str
        values: np.ndarray

    assert "&#x27;&lt;b&gt;&#x27;" in Named("<b>", np.ones(2))._repr_html_()


def test_a_short_description_is_no_key() -> None:
    assert cache.is_foreign(MoireLattice(14.0).mesh(12))
    assert not cache.is_foreign(GrapheneHBN())
