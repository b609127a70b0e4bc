"""Whole layers of thirty random models: expansions and polynomials against one dense solution for
each wavevector."""

from __future__ import annotations

import numpy as np
import pytest
from random_models import drawn_parameters, with_noise

from moirelib import DragLayer
from moirelib._types import Complex, Floats
from moirelib.bands.model import ValleyModel
from moirelib.drag import blocks


def drawn(seed: int) -> tuple[ValleyModel, Floats, float]:
    """A model, some chemical potentials and a temperature; every fifth has time reversal alone."""
    rng = np.random.default_rng([13, seed])
    model = drawn_parameters(rng)
    mu, kT = rng.uniform(-80.0, 80.0, 3), rng.uniform(5.0, 8.0)
    if seed % 5:
        return model, mu, kT
    return with_noise(model, rng, ["time_reversal"]), mu, kT


def layer_of(model: ValleyModel, **settings: object) -> DragLayer:
    symmetry = "full" if "C3" in model.symmetries else "none"
    return DragLayer(model, bands=8, shells=2, symmetry=symmetry, **settings)  # type: ignore[arg-type]


def distance(found: Complex, reference: Complex) -> float:
    return float(np.abs(found - reference).max() / np.abs(reference).max())


@pytest.mark.parametrize("seed", [n for n in range(30) if n % 5])
def test_expansions_against_one_diagonalisation_for_each_wavevector(seed: int) -> None:
    model, mu, kT = drawn(seed)
    dense = layer_of(model, mesh=12, solver="dense")
    fine = layer_of(model, mesh=12, divisions=16)
    assert distance(fine.susceptibility(mu, kT), dense.susceptibility(mu, kT)) < 1e-6
    found, reference = (one._valley_responses[model.valley] for one in (fine, dense))
    np.testing.assert_allclose(found.energies, reference.energies, rtol=0, atol=2e-4)
    # Velocity times form factor of each level. Between levels that nearly touch an error of the
    # Hamiltonian turns the states: few are off by more than 10⁻⁵ of the largest.
    apart = np.abs(found.products - reference.products) / np.abs(reference.products).max()
    assert apart.mean() < 1e-6
    assert apart.max() < 1e-4


@pytest.mark.parametrize("seed", range(0, 30, 10))
def test_without_a_point_group_the_error_is_the_one_that_is_reported(seed: int) -> None:
    """No average over a star takes the odd orders away: the error falls with the tiles."""
    model, mu, kT = drawn(seed)
    dense = layer_of(model, mesh=8, solver="dense").susceptibility(mu, kT)
    coarse, fine = (layer_of(model, mesh=8, divisions=n) for n in (4, 16))
    errors = [distance(one.susceptibility(mu, kT), dense) for one in (coarse, fine)]
    assert 1e-6 < errors[0] < coarse.solver_error[1]
    assert errors[1] < errors[0] / 4


@pytest.mark.parametrize("seed", range(30))
def test_polynomials_give_the_susceptibility_of_the_expansions(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    model, mu, kT = drawn(seed)
    size = {"mesh": 84, "divisions": 3} if seed % 5 else {"mesh": 30, "divisions": 1}
    polynomials = layer_of(model, **size).susceptibility(mu, kT)
    monkeypatch.setattr(blocks, "_FEW", 10**9)  # plane waves for each wavevector instead
    expansions = layer_of(model, **size).susceptibility(mu, kT)
    assert distance(polynomials, expansions) < 1e-7


def test_the_comparison_can_fail() -> None:
    model, mu, kT = drawn(1)
    dense = layer_of(model, mesh=12, solver="dense").susceptibility(mu, kT)
    assert distance(layer_of(model, mesh=12, divisions=2).susceptibility(mu, kT), dense) > 1e-5
