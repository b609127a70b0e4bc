"""Time reversal acts on everything that the library computes (Kundu App. C)."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from moirelib import DragLayer, GrapheneHBN, drag_conductivity, solve_bands

MODEL = GrapheneHBN(cutoff=2)
PAIRS = MODEL.lattice.shells(2)[1]
COORDINATE = st.floats(-0.5, 0.5)


@settings(max_examples=25)
@given(COORDINATE, COORDINATE, st.sampled_from([1, -1]), st.booleans())
def test_opposite_wavevectors_of_the_valleys_are_partners(x, y, valley, inverted):
    model = GrapheneHBN(cutoff=2, valley=valley)
    model = model.inverted() if inverted else model
    k = model.lattice.k_m * np.array([[x, y]])
    here, there = solve_bands(model, k), solve_bands(model.other_valley(), -k)
    np.testing.assert_allclose(here.energies, there.energies, atol=1e-8)
    if np.diff(here.energies).min() > 1e-2:  # else single-band quantities are not defined
        np.testing.assert_allclose(here.velocities, -there.velocities, atol=1e-5)
        np.testing.assert_allclose(
            here.form_factors(PAIRS), there.form_factors(-PAIRS).conj(), atol=1e-7
        )


@pytest.mark.parametrize("kT", [0.0, 5.0])
def test_charge_drag_vanishes_valley_by_valley(kT):
    layer = DragLayer(MODEL, mesh=18, shells=1, symmetry="none", solver="dense")
    charge, valley = (
        drag_conductivity(layer, layer, [0.0, 100.0], [0.0, 100.0], kT, flavor=flavor)
        for flavor in ("charge", "valley")
    )
    assert np.abs(charge).max() < 1e-5 * np.abs(valley).max()


def test_unequal_valleys_drag_charge():
    layer = DragLayer(MODEL, mesh=36, shells=1)
    unequal = [[0.0, 100.0]]
    charge = drag_conductivity(layer, layer, unequal, unequal, 5.0, flavor="charge")
    swapped = drag_conductivity(layer, layer, unequal, [[100.0, 0.0]], 5.0, flavor="charge")
    assert np.abs(charge).max() > 0.01
    np.testing.assert_allclose(charge, -swapped, atol=1e-12)


def test_literal_equation_is_refused_where_time_reversal_is_assumed():
    with pytest.raises(ValueError, match="time_reversal"):
        DragLayer(GrapheneHBN(cutoff=2, valley_phase="common"), mesh=12)
