"""Twisted homobilayers of transition-metal dichalcogenides: holes of the valley K in two layers.

The continuum model of Wu et al., Phys. Rev. Lett. 122, 086402 (2019), with the parameters of
Devakul et al., Nature Communications 12, 6730 (2021), for WSe₂:

H = −ħ²(k − κ_l)²/2m + 2V Σ_j cos(G_j·r ± φ) in layer l, and tunnelling w(1 + e^{…} + e^{…}).

It is quadratic in k. Where it comes from, it is not: the valence band of a layer belongs to a
massive Dirac cone, H_l = ħv (k − κ_l)·σ + diag(Δ, 0) with (ħv)²/Δ = ħ²/2m, which is affine in k.
The conduction band adds −(ħv)²p²/Δ, the parabola, and corrections of the order of E/Δ.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from scipy import constants as _si

from moirelib import _validate
from moirelib._memory import require_memory
from moirelib._types import Floats, Ints
from moirelib.bands.lattice import MoireLattice
from moirelib.bands.model import ALL_SYMMETRIES, PlaneWaveModel, SymmetryName
from moirelib.models.in_plane_waves import InPlaneWaves
from moirelib.units import MEV, NM

# σ_x and σ_y.
_CONE = np.array([[[0, 1], [1, 0]], [[0, -1j], [1j, 0]]], dtype=np.complex128)

# Of the layers with their holes at κ and at κ′: the sign of φ, as a shift of G by +1, −1.
_LAYERS = (1, -1)

# Holes of layer κ at k + G tunnel to holes of layer κ′ at k + G′ with G′ − G out of these: then
# their momenta, counted from κ and κ′, differ by κ′ − κ or one of its two rotations by 120°.
_TRANSFERS = ((0, 0), (0, 1), (-1, 0))

# Three reciprocal vectors 120° apart.
_STAR = ((1, 0), (0, 1), (-1, -1))


@dataclass(frozen=True)
class TwistedTMD(InPlaneWaves):
    """A twisted TMD homobilayer in one valley, with holes of one spin.

    Parameters
    ----------
    twist : float
        Twist in degrees.
    valley : {+1, -1}
        ξ: K or K′. Spin and valley are locked: each has one spin.
    potential, phase : float
        V in meV and φ in degrees, of the moiré potential in a layer.
    tunnelling : float
        w in meV.
    mass : float
        Effective mass m over that of the free electron.
    lattice_constant : float
        Of one layer, in nm.
    gap : float
        Δ in meV, between the bands of a layer without spin–orbit splitting. As Δ → ∞ at fixed
        mass the parabolic model is reached.
    cutoff : int
        Plane waves with |G − κ_l| ≤ ``cutoff`` |G₁| in layer l.

    Raises
    ------
    TypeError, ValueError
        For a wrong value of any parameter, naming it.

    Examples
    --------
    >>> round(TwistedTMD().lattice.period, 2)  # nm
    9.5
    """

    twist: float = 2.0
    valley: int = 1
    potential: float = 9.0
    phase: float = 128.0
    tunnelling: float = 18.0
    mass: float = 0.43
    lattice_constant: float = 0.3317
    gap: float = 1600.0
    cutoff: int = 3

    def __post_init__(self) -> None:
        valley = _validate.integer("valley", self.valley, minimum=-1)
        _validate.keep(
            self,
            twist=_validate.between("twist", self.twist, 0.1, 10.0, "°", "a moiré of many atoms"),
            valley=_validate.choice("valley", valley, (1, -1)),
            potential=_validate.real_scalar("potential", self.potential),
            phase=_validate.real_scalar("phase", self.phase),
            tunnelling=_validate.real_scalar("tunnelling", self.tunnelling),
            mass=_validate.between("mass", self.mass, 0.01, 10.0, "m_e", "a mass in a solid"),
            lattice_constant=_validate.between(
                "lattice_constant", self.lattice_constant, 0.01, 10.0, "nm", "a lattice of atoms"
            ),
            gap=_validate.positive("gap", self.gap, "meV"),
            cutoff=_validate.integer("cutoff", self.cutoff, minimum=1),
        )
        require_memory(f"cutoff={self.cutoff}", 4 * (15 * (self.cutoff + 1) ** 2) ** 2, 16)

    @classmethod
    def mote2(cls, twist: float = 2.0) -> TwistedTMD:
        """Return MoTe₂ with the parameters of Wu et al. (2019). Errors as :class:`TwistedTMD`."""
        return cls(
            twist=twist,
            potential=8.0,
            phase=-89.6,
            tunnelling=-8.5,
            mass=0.62,
            lattice_constant=0.3472,
            gap=1100.0,
        )

    def other_valley(self) -> TwistedTMD:
        """Return the same bilayer in the other valley, by time reversal."""
        return replace(self, valley=-self.valley)

    @property
    def spins(self) -> int:
        """One: of holes in a valley."""
        return 1

    @property
    def symmetries(self) -> frozenset[SymmetryName]:
        """All three: the mirror is a rotation about an axis in the plane, with time reversal."""
        return ALL_SYMMETRIES

    @cached_property
    def lattice(self) -> MoireLattice:
        """The moiré lattice, of period a/(2 sin θ/2)."""
        half = math.radians(self.twist) / 2
        return MoireLattice(self.lattice_constant / (2 * math.sin(half)))

    @property
    def hbar_v(self) -> float:
        """ħv = √(Δ ħ²/2m) in meV nm."""
        return math.sqrt(self.gap * self.parabola)

    @property
    def parabola(self) -> float:
        """ħ²/2m in meV nm²."""
        return _si.hbar**2 / (2 * self.mass * _si.m_e) / (MEV * NM**2)

    @property
    def valleys_of_layers(self) -> Floats:
        """κ_l of both layers (2, 2) in 1/nm: the corners κ and κ′ of the zone."""
        return self.lattice.corners[:2]

    def potential_terms(self, layer: int) -> tuple[tuple[tuple[int, int], complex], ...]:
        """Return V e^{±iφ} and pairs G of Σ V_G e^{iG·r} in layer 0 or 1, in the valley K.

        Raises
        ------
        ValueError
            If ``layer`` is neither 0 nor 1.
        """
        sign = _LAYERS[_validate.choice("layer", layer, (0, 1))]
        value = self.potential * complex(np.exp(1j * sign * math.radians(self.phase)))
        terms = [(pair, value) for pair in _STAR]
        return (*terms, *(((-n, -m), value.conjugate()) for (n, m), _ in terms))

    def _build(self) -> PlaneWaveModel:
        """Orbitals 0, 1 are the conduction and valence band of layer κ, 2, 3 those of layer κ′."""
        if self.valley == -1:
            return self.other_valley().plane_wave_model.other_valley()
        waves = [self._waves(corner) for corner in self.valleys_of_layers]
        counts = [len(one) for one in waves]
        h0 = np.zeros((sum(counts), 2, sum(counts), 2), dtype=complex)
        # Rows: waves of layer κ, then of layer κ′, each with conduction (0) and valence band (1).
        starts = (0, counts[0])
        for layer, corner in enumerate(self.valleys_of_layers):
            here = starts[layer] + np.arange(counts[layer])
            momenta = self.lattice.vectors(waves[layer]) - corner
            h0[here, :, here, :] = self.hbar_v * np.tensordot(momenta, _CONE, axes=1)
            h0[here, 0, here, 0] += self.gap
            for pair, value in self.potential_terms(layer):
                rows, columns = _steps(waves[layer], waves[layer], pair)
                h0[starts[layer] + rows, 1, starts[layer] + columns, 1] += value
        for pair in _TRANSFERS:
            rows, columns = _steps(waves[1], waves[0], pair)
            h0[starts[1] + rows, 1, columns, 1] += self.tunnelling
            h0[columns, 1, starts[1] + rows, 1] += self.tunnelling
        size = 2 * sum(counts)
        return PlaneWaveModel(
            lattice=self.lattice,
            h0=h0.reshape(size, size),
            gradient=np.stack([np.kron(np.eye(sum(counts)), one) for one in self.hbar_v * _CONE]),
            plane_waves=np.repeat(np.concatenate(waves), 2, axis=0),
            orbitals=np.concatenate([np.tile([0, 1], counts[0]), np.tile([2, 3], counts[1])]),
            occupied=sum(counts),
            symmetries=self.symmetries,
            spins=self.spins,
        )

    def _waves(self, corner: Floats) -> Ints:
        """The pairs G nearest to a corner: a set that rotations about the corner map to itself."""
        pairs = self.lattice.disc(self.cutoff + 1)
        length = np.linalg.norm(self.lattice.vectors(pairs) - corner, axis=1)
        near: Ints = pairs[length <= (self.cutoff + 1e-9) * self.lattice.reciprocal_length]
        return near


def _steps(to: Ints, of: Ints, pair: tuple[int, int]) -> tuple[Ints, Ints]:
    """Return the rows and columns of e^{iG·r}: to[row] = of[column] + G."""
    index = {tuple(wave): i for i, wave in enumerate(to.tolist())}
    found = [
        (row, column)
        for column, (n, m) in enumerate(of.tolist())
        if (row := index.get((n + pair[0], m + pair[1]))) is not None
    ]
    rows, columns = np.array(found, dtype=np.int64).reshape(-1, 2).T
    return rows, columns
