"""A band in closed form, and two valleys in it, which claims of the chapter "keldysh" share."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

from moirelib.switching.mean_field import Ensemble
from moirelib.switching.stoner import ValleyOrderParameter

Array = NDArray[np.float64]

WIDTH, PEAK = 3.0, 1e-3  # standard deviation in meV and height in 1/(meV nm²) of a Gaussian band


def gaussian_band(energy: ArrayLike) -> Array:
    """A smooth band whose derivatives are known in closed form."""
    return np.asarray(PEAK * np.exp(-((np.asarray(energy) / WIDTH) ** 2) / 2))


def gaussian_order(
    excess: float, kT: float, mu: float = 0.0, fixed: Ensemble = "chemical potential"
) -> ValleyOrderParameter:
    """Two valleys with Uν(μ) = 1 + ``excess`` in the Gaussian band."""
    interaction = (1 + excess) / float(gaussian_band(mu))
    return ValleyOrderParameter(
        gaussian_band,
        interaction,
        kT,
        mu,
        fixed,
        energies=(-24.0, 24.0),
    )


def gaussian_derivatives(mu: float) -> tuple[float, float, float]:
    """ν, ν′, ν″ of the Gaussian band."""
    nu = float(gaussian_band(mu))
    return nu, -nu * mu / WIDTH**2, nu * (mu**2 / WIDTH**2 - 1) / WIDTH**2
