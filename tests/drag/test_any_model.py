"""The layers take any model of one valley: a lattice of scatterers, another substrate."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from moirelib import DragLayer, GrapheneHBN, HallLayer, drag_conductivity
from moirelib.bands.lattice import MoireLattice
from moirelib.bands.model import ALL_SYMMETRIES, PlaneWaveModel
from moirelib.drag.off_lattice import OffLatticeLayer, broadened_drag

# Points on the edge of the zone stand for their images only in a basis large enough for H(k) and
# H(k + G) to agree: at the cut-off 2 they differ by 1e-6, at 5 by rounding.
CUTOFF = 5

IDENTITY, SIGMA_X = np.eye(2), np.array([[0, 1], [1, 0]])
SIGMA_Y, SIGMA_Z = np.array([[0, -1j], [1j, 0]]), np.diag([1, -1])


def dirac_in_a_lattice(
    harmonics: dict[tuple[int, int], np.ndarray], hbar_v: float = 500.0, mass: float = 0.0
) -> PlaneWaveModel:
    """A Dirac cone of one valley in a potential Σ V_G e^{iG·r} with 2×2 matrices V_G, in meV."""
    lattice = MoireLattice(12.0)
    waves = lattice.disc(CUTOFF)
    position = {tuple(pair): i for i, pair in enumerate(waves.tolist())}
    gradient = hbar_v * np.stack([np.kron(np.eye(len(waves)), s) for s in (SIGMA_X, SIGMA_Y)])
    g = np.repeat(lattice.vectors(waves), 2, axis=0)
    h0 = gradient[0] * g[:, 0] + gradient[1] * g[:, 1]
    h0 += mass * np.kron(np.eye(len(waves)), SIGMA_Z)
    for (n, m), matrix in harmonics.items():
        for i, wave in enumerate(waves.tolist()):
            j = position.get((wave[0] + n, wave[1] + m))
            if j is not None:
                h0[2 * j : 2 * j + 2, 2 * i : 2 * i + 2] += matrix
    return PlaneWaveModel(
        lattice=lattice,
        h0=h0,
        gradient=gradient.astype(complex),
        plane_waves=np.repeat(waves, 2, axis=0),
        orbitals=np.tile([0, 1], len(waves)),
        occupied=len(waves),
        symmetries=ALL_SYMMETRIES,
    )


def two_bands() -> PlaneWaveModel:
    """A massive cone and a scalar potential with three minima of unequal depth."""
    phase = 12.0 * np.exp(0.4j) * IDENTITY
    star = {(1, 0): phase, (0, 1): phase, (-1, -1): phase}
    return dirac_in_a_lattice(
        star | {(-n, -m): v.conj().T for (n, m), v in star.items()}, mass=25.0
    )


def other_substrate() -> PlaneWaveModel:
    """Graphene on a hexagonal substrate: the couplings of Wallbank et al. (2013)."""
    lattice, u = MoireLattice(12.0), (9.0, -12.0, 7.0)
    harmonics = {}
    for i, pair in enumerate([(1, 0), (1, 1), (0, 1), (-1, 0), (-1, -1), (0, -1)]):
        odd = 1j * (-1) ** i
        x, y = lattice.vectors(pair) / lattice.reciprocal_length
        # u₀ f₁ + u₃ σ_z f₂ + u₁ (ẑ × G)·σ f₂, with f₁ even and f₂ odd in r.
        harmonics[pair] = (
            u[0] * IDENTITY + u[2] * odd * SIGMA_Z + u[1] * 1j * odd * (x * SIGMA_Y - y * SIGMA_X)
        )
    return dirac_in_a_lattice(harmonics, mass=10.0)


MODELS = {
    "two bands": two_bands(),
    "other substrate": other_substrate(),
    "eliminated hBN": GrapheneHBN(cutoff=CUTOFF).eliminate_hbn(),
}


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_drag_with_and_without_symmetry(model: PlaneWaveModel) -> None:
    plain = DragLayer(model, mesh=9, bands=8, shells=2, symmetry="none", solver="dense")
    mu, kT = np.array([-60.0, 15.0, 40.0]), 20.0
    every = drag_conductivity(plain, plain, mu, mu, kT)
    reduced = replace(plain, symmetry="full")
    few = drag_conductivity(reduced, reduced, mu, mu, kT)
    assert np.abs(every).max() > 0
    np.testing.assert_allclose(few, every, rtol=1e-9, atol=1e-10 * np.abs(every).max())
    charge = drag_conductivity(plain, plain, mu, mu, kT, flavor="charge")
    assert np.abs(charge).max() < 1e-20 * np.abs(every).max() + 1e-20


@pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)
def test_other_layers_take_the_same_models(model: PlaneWaveModel) -> None:
    off = OffLatticeLayer(model, mesh=12, bands=8, shells=1)
    on = DragLayer(model, mesh=12, bands=8, shells=1, solver="dense")
    sharp = broadened_drag(off, off, [10.0], [10.0], 20.0, 0.0)[:, 0, 0].sum()
    assert sharp == pytest.approx(drag_conductivity(on, on, 10.0, 10.0, 20.0)[0, 0, 0, 0], rel=1e-6)
    hall = HallLayer(model, divisions=3, bands=2)
    assert math.isfinite(hall.conductivity([5.0], 5.0)[0])


def test_a_statement_that_does_not_hold_is_found() -> None:
    lopsided = dirac_in_a_lattice({(1, 0): 9.0 * IDENTITY, (-1, 0): 9.0 * IDENTITY})
    with pytest.raises(ValueError, match="states the symmetry C3, but its bands break it"):
        DragLayer(lopsided)
    modest = replace(lopsided, symmetries=frozenset({"time_reversal"}))
    with pytest.raises(ValueError, match=r"with C3, mirror among its symmetries"):
        DragLayer(modest)
    assert DragLayer(modest, symmetry="none").model is modest


def test_time_reversal_is_needed_for_the_other_valley() -> None:
    with pytest.raises(ValueError, match="other_valley needs a model with time_reversal"):
        replace(two_bands(), symmetries=frozenset({"C3"})).other_valley()


@pytest.mark.parametrize("model", [MoireLattice(14.0), GrapheneHBN, object()])
def test_what_is_no_model_is_named(model: object) -> None:
    with pytest.raises(TypeError, match="model must be a valley model such as GrapheneHBN"):
        DragLayer(model)  # type: ignore[arg-type]
