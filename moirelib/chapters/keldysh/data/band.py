"""The moiré band of the chapter and its order parameter."""

from __future__ import annotations

from functools import cache

import numpy as np
from scipy.special import expit

from moirelib._types import Floats
from moirelib.bands.density_of_states import DensityOfStates
from moirelib.models.two_valley import TwoValleyModel
from moirelib.switching.mean_field import Ensemble
from moirelib.switching.stoner import ValleyOrderParameter

CHEMICAL_POTENTIAL = 3.2  # meV: just above the peak of the upper band, where ν″ < 0


@cache
def moire_band() -> DensityOfStates:
    """Upper band of the two-valley moiré model, levels broadened by 0.5 meV."""
    return TwoValleyModel().density_of_states(broadening=0.5)


def moire_order(
    excess: float = 0.05,
    kT: float = 0.0,
    chemical_potential: float = CHEMICAL_POTENTIAL,
    fixed: Ensemble = "density",
) -> ValleyOrderParameter:
    """Two valleys of the moiré band with Uν(μ) = 1 + ``excess``; temperature in meV."""
    nu = float(moire_band().thermal(chemical_potential, 0.0))
    return ValleyOrderParameter(moire_band(), (1 + excess) / nu, kT, chemical_potential, fixed)


def thermal_sums(mu: float, kT: float) -> tuple[float, float]:
    """Density and ∂n/∂μ of one valley, in 1/nm² and 1/(meV nm²), from levels on a mesh.

    Each level is spread by the 0.5 meV of the band that the chapter draws.
    """
    model = TwoValleyModel()
    nodes, weights = np.polynomial.hermite_e.hermegauss(16)
    weights = weights / weights.sum()
    levels = _upper_levels()
    x = (levels[:, None] + 0.5 * nodes - mu) / kT
    filled = expit(-x)
    number = float((filled @ weights).mean() / model.cell_area)
    return number, float(((filled * (1 - filled)) @ weights).mean() / kT / model.cell_area)


@cache
def _upper_levels() -> Floats:
    model = TwoValleyModel()
    return np.asarray(np.linalg.eigvalsh(model.hamiltonian(model.mesh(120)))[..., 1].ravel())
