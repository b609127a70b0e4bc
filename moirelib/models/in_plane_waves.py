"""What models that are given by parameters have in common: matrices that are built once."""

from __future__ import annotations

from abc import ABC, abstractmethod
from functools import lru_cache

from numpy.typing import ArrayLike

from moirelib._types import Complex, Ints
from moirelib.bands.model import PlaneWaveModel


class InPlaneWaves(ABC):
    """A frozen dataclass of parameters with a Hamiltonian in plane waves that is affine in k."""

    @abstractmethod
    def _build(self) -> PlaneWaveModel:
        """The matrices, from the parameters."""

    @property
    def plane_wave_model(self) -> PlaneWaveModel:
        """The Hamiltonian as matrices, shared between equal models."""
        return _plane_wave_model(self)

    @property
    def plane_waves(self) -> Ints:
        """The reciprocal vector of each row, as integer pairs (n, 2)."""
        return self.plane_wave_model.plane_waves

    @property
    def orbitals(self) -> Ints:
        """The orbital of each row (n,)."""
        return self.plane_wave_model.orbitals

    @property
    def occupied(self) -> int:
        """Number of bands below charge neutrality."""
        return self.plane_wave_model.occupied

    def hamiltonian(self, k: ArrayLike) -> Complex:
        """Return H(k) in meV, shape (..., n, n), for k of shape (..., 2) in 1/nm.

        Raises
        ------
        TypeError, ValueError
            If ``k`` is not real and finite, or its last axis is not of length 2.
        """
        return self.plane_wave_model.hamiltonian(k)

    def velocity_operators(self) -> Complex:
        """Return ħ times the velocity operators, ∂H/∂k, in meV nm, shape (2, n, n)."""
        return self.plane_wave_model.velocity_operators()


# Also shared by the copies that reach a worker process.
@lru_cache(maxsize=64)
def _plane_wave_model(model: InPlaneWaves) -> PlaneWaveModel:
    return model._build()
