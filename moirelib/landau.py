"""The cubic equation of state Δn₀ + α₂Φ + α₄Φ³ = 0 near the transition (Ying Eqs. 3 and 4)."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from moirelib import _validate


@dataclass(frozen=True)
class LandauExpansion:
    """Static Landau coefficients of the valley order parameter.

    Parameters
    ----------
    alpha_2 : float
        UΠ − 1 = −(r − r_c), dimensionless; positive below the transition (Ying A4).
    alpha_4 : float
        U³ν″/24 in nm⁴; negative for a bounded free energy (Ying A6).

    Examples
    --------
    >>> law = LandauExpansion(alpha_2=0.03, alpha_4=-0.01)
    >>> round(law.spontaneous, 6), round(law.coercive_density, 6)
    (1.732051, 0.02)
    """

    alpha_2: float
    alpha_4: float

    def __post_init__(self) -> None:
        _validate.real_scalar("alpha_2", self.alpha_2)
        _validate.real_scalar("alpha_4", self.alpha_4)

    def source(self, phi: ArrayLike) -> NDArray[np.float64]:
        """Δn₀ = (r − r_c)Φ − α₄Φ³ in 1/nm² (Ying Eq. 4)."""
        order = _validate.real_array("phi", phi)
        return np.asarray(-self.alpha_2 * order - self.alpha_4 * order**3)

    @property
    def spontaneous(self) -> float:
        """√|(r − r_c)/α₄|: the order parameter at Δn₀ = 0, in 1/nm²."""
        self._require_order()
        return math.sqrt(-self.alpha_2 / self.alpha_4)

    @property
    def turning_point(self) -> float:
        """√[(r − r_c)/3α₄]: |Φ| where a branch loses its stability, in 1/nm²."""
        return self.spontaneous / math.sqrt(3)

    @property
    def coercive_density(self) -> float:
        """n_c = −2α₄[(r − r_c)/3α₄]^{3/2} in 1/nm² (caption of Ying Fig. 2)."""
        return -2 * self.alpha_4 * self.turning_point**3

    def _require_order(self) -> None:
        if not (self.alpha_2 > 0 and self.alpha_4 < 0):
            raise ValueError(
                "order needs alpha_2 > 0 (below the transition) and alpha_4 < 0 (a bounded free "
                f"energy), got {self.alpha_2:g} and {self.alpha_4:g}"
            )
