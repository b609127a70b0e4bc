"""Strained twisted bilayer graphene: the full continuum model, both layers in plane waves.

Bistritzer and MacDonald (2011), with heterostrain as Bi, Yuan and Fu (2019). Layer 1 is strained
and turned by −θ_w/2, layer 2 is turned by +θ_w/2, as in :class:`~moirelib.models.StrainedTBG`,
which keeps the first four plane waves of this model. Wavevectors of valley K count from the Dirac
point of layer 1:

    H = Σ_G h₁(k + G) + Σ_G' h₂(k + q_b + G') + Σ_{G,j} |G⟩ T_j ⟨G + q_j − q_b| + h.c.

Valley K' is H(−k)* with every G turned into −G.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from moirelib import _validate
from moirelib._memory import require_memory
from moirelib._types import Complex, Floats, Ints
from moirelib.bands.model import PlaneWaveModel, SymmetryName
from moirelib.bands.oblique import ObliqueLattice
from moirelib.models.in_plane_waves import InPlaneWaves
from moirelib.models.strained_hopping import GRAPHENE_SLOPE
from moirelib.models.twisted_bilayer import GRAPHENE_LATTICE_CONSTANT, StrainedTBG

# q_j − q_b as integer pairs of G₁ = q_tr − q_b and G₂ = q_tl − q_tr, which are 120° apart.
_TRANSFERS = np.array([[0, 0], [1, 0], [1, 1]])
# −q_b in these pairs, where nothing is strained: a third of the sum of the transfers.
_CENTRE = _TRANSFERS.sum(0) / 3


@dataclass(frozen=True)
class ContinuumTBG(InPlaneWaves):
    """Twisted bilayer graphene with one strained layer in one valley.

    The defaults are those of Koshino et al., Phys. Rev. X 8, 031087 (2018), with the gap that hBN
    opens in one layer.

    Parameters
    ----------
    valley : {+1, -1}
        K or K'.
    twist_degrees : float
        Twist angle θ_w.
    strain, strain_degrees, poisson_ratio : float
        Uniaxial strain ε of layer 1 along φ: −ε along, +ν_ε ε across (Ying Eq. 16).
    fermi_velocity : float
        v_D of a single layer in m/s.
    tunnelling : pair of float
        w_AA and w_AB in meV.
    masses : pair of float
        m of layer 1 and of layer 2 in meV: half the gap that a substrate opens.
    hopping_slope : float
        β = −∂ln t/∂ln d: strength of the gauge field of the strain.
    deformation_potential : float
        Energy per area change of layer 1, D tr 𝓔, in meV.
    anisotropic_cones : bool
        Whether the strain also stretches the cone of layer 1, by 1 + (1 − β)𝓔.
    cutoff : float
        Plane waves up to ``cutoff`` · |G₁| from the Dirac point of layer 1, in both layers.
    lattice_constant : float
        a of graphene in nm.

    Raises
    ------
    TypeError, ValueError
        For a wrong value of any parameter, naming it.

    Examples
    --------
    >>> model = ContinuumTBG(twist_degrees=1.05, strain=0.003)
    >>> len(model.plane_waves), model.occupied
    (134, 67)
    """

    valley: int = 1
    twist_degrees: float = 1.05
    strain: float = 0.0
    strain_degrees: float = 0.0
    poisson_ratio: float = 0.165
    fermi_velocity: float = 0.798e6
    tunnelling: tuple[float, float] = (79.7, 97.5)
    masses: tuple[float, float] = (15.0, 0.0)
    hopping_slope: float = GRAPHENE_SLOPE
    deformation_potential: float = 0.0
    anisotropic_cones: bool = False
    cutoff: float = 3.0
    lattice_constant: float = GRAPHENE_LATTICE_CONSTANT

    def __post_init__(self) -> None:
        levels = (-1e6, 1e6, "meV", "no such level exists in a solid")
        cutoff = _validate.between("cutoff", self.cutoff, 0.6, 1e3, "|G₁|", "both layers need one")
        # Two layers, two sublattices, discs of 3.63 cutoff² waves.
        require_memory(f"cutoff={cutoff:g}", 4 * (15 * cutoff**2 + 8) ** 2, 16)
        _validate.keep(
            self,
            valley=_validate.choice(
                "valley", _validate.integer("valley", self.valley, minimum=-1), (1, -1)
            ),
            **{
                name: tuple(
                    _validate.between(name, one, *levels)
                    for one in _validate.pair(name, getattr(self, name))
                )
                for name in ("tunnelling", "masses")
            },
            deformation_potential=_validate.between(
                "deformation_potential", self.deformation_potential, *levels
            ),
            anisotropic_cones=_validate.flag("anisotropic_cones", self.anisotropic_cones),
            cutoff=cutoff,
        )
        geometry = self.geometry  # checks what it is made of
        _validate.keep(self, **{name: getattr(geometry, name) for name in _GEOMETRY})

    @cached_property
    def geometry(self) -> StrainedTBG:
        """The same two lattices without tunnelling: q vectors, strain tensor, cones."""
        return StrainedTBG(
            mass=1.0, tunnelling=0.0, **{name: getattr(self, name) for name in _GEOMETRY}
        )

    @classmethod
    def of_weak_coupling(cls, model: StrainedTBG, cutoff: float = 3.0) -> ContinuumTBG:
        """Return the full model of a :class:`StrainedTBG`: equal masses, w_AA = w_AB.

        Raises
        ------
        TypeError, ValueError
            If ``model`` is no :class:`StrainedTBG`; as :class:`ContinuumTBG`.
        """
        _validate.instance("model", model, StrainedTBG, "a StrainedTBG")
        return cls(
            tunnelling=(model.tunnelling, model.tunnelling),
            masses=(model.mass, model.mass),
            cutoff=cutoff,
            **{name: getattr(model, name) for name in _GEOMETRY},
        )

    def other_valley(self) -> ContinuumTBG:
        """Return the same bilayer in the other valley."""
        return replace(self, valley=-self.valley)

    @property
    def hbar_v(self) -> float:
        """ħv_D of a single layer in meV nm."""
        return self.geometry.hbar_v

    @property
    def alpha(self) -> float:
        """w_AB/(ħv_D |K|θ_w): the coupling that sets the magic angles."""
        return self.tunnelling[1] / (self.hbar_v * self.geometry.moire_wavevector)

    @property
    def q_vectors(self) -> Floats:
        """q_b, q_tr, q_tl of the strained bilayer in 1/nm, (3, 2), of valley K."""
        return self.geometry.q_vectors

    @cached_property
    def lattice(self) -> ObliqueLattice:
        """The moiré lattice with G₁ = q_tr − q_b and G₂ = q_tl − q_tr."""
        return ObliqueLattice.spanned_by(np.diff(self.q_vectors, axis=0))

    @property
    def symmetries(self) -> frozenset[SymmetryName]:
        """Time reversal between the valleys; C₃ without a strain that has a direction."""
        isotropic = self.strain == 0 or self.poisson_ratio == -1
        kept: set[SymmetryName] = {"time_reversal"}
        return frozenset(kept | {"C3"} if isotropic else kept)

    def _build(self) -> PlaneWaveModel:
        """Orbitals 0, 1 are A, B of layer 1, and 2, 3 of layer 2."""
        if self.valley == -1:
            return self.other_valley().plane_wave_model.other_valley()
        near = self.lattice.box(math.ceil(2 / math.sqrt(3) * (self.cutoff + 1)))
        first, second = (
            near[_length(near - centre) <= self.cutoff + 1e-9] for centre in (0 * _CENTRE, _CENTRE)
        )
        waves = np.concatenate([first, second])
        count, n = len(first), 2 * len(waves)
        layer = np.repeat([1, 2], [count, len(second)])
        gradient = np.zeros((2, n, n), dtype=np.complex128)
        h0 = np.zeros((n, n), dtype=np.complex128)
        momenta = waves @ self.lattice.reciprocal_vectors
        momenta[count:] += self.q_vectors[0]
        for i, p in enumerate(momenta):
            cone = self._cone(int(layer[i]))
            rows = slice(2 * i, 2 * i + 2)
            gradient[:, rows, rows] = cone
            h0[rows, rows] = np.tensordot(p, cone, axes=1) + self._onsite(int(layer[i]))
        column = {tuple(pair): count + i for i, pair in enumerate(second.tolist())}
        for i, pair in enumerate(first):
            for transfer, block in zip(_TRANSFERS, self._tunnelling_matrices, strict=True):
                j = column.get(tuple((pair + transfer).tolist()))
                if j is not None:
                    rows, columns = slice(2 * i, 2 * i + 2), slice(2 * j, 2 * j + 2)
                    h0[rows, columns], h0[columns, rows] = block, block.conj().T
        return PlaneWaveModel(
            lattice=self.lattice,
            h0=h0,
            gradient=gradient,
            plane_waves=np.repeat(waves, 2, axis=0),
            orbitals=np.concatenate([np.tile([0, 1], count), np.tile([2, 3], len(second))]),
            occupied=len(waves),
            symmetries=self.symmetries,
        )

    def _cone(self, layer: int) -> Complex:
        """∂h/∂k of one layer in meV nm, (2, 2, 2)."""
        h = self.geometry.dirac(np.concatenate([np.eye(2), np.zeros((1, 2))]), layer)
        cone: Complex = h[:2] - h[2]
        if layer == 1 and self.anisotropic_cones:
            stretch = np.eye(2) + (1 - self.hopping_slope) * self.geometry.strain_tensor
            cone = np.tensordot(stretch, cone, axes=1)
        return cone

    def _onsite(self, layer: int) -> Complex:
        """The matrix of one layer that does not depend on k, (2, 2) in meV."""
        onsite: Complex = np.diag(self.masses[layer - 1] * np.array([1.0 + 0j, -1.0]))
        if layer == 1:
            dilation = float(np.trace(self.geometry.strain_tensor))
            onsite = onsite + self.deformation_potential * dilation * np.eye(2)
        return onsite

    @property
    def _tunnelling_matrices(self) -> Complex:
        """T_b, T_tr, T_tl in meV, (3, 2, 2), rows in layer 1."""
        unit = replace(self.geometry, tunnelling=1.0).tunnelling_matrices
        same, other = self.tunnelling
        return np.asarray(unit * np.array([[same, other], [other, same]]), dtype=np.complex128)


_GEOMETRY = (
    "twist_degrees", "strain", "strain_degrees", "poisson_ratio", "fermi_velocity",
    "hopping_slope", "lattice_constant",
)  # fmt: skip


def _length(pairs: Floats | Ints) -> Floats:
    """|n G₁ + m G₂|/|G₁| of the triangular lattice: the same waves at any strain."""
    n, m = pairs[..., 0], pairs[..., 1]
    return np.asarray(np.sqrt(n * n - n * m + m * m))
