"""Twisted bilayer graphene with one strained layer, near the Dirac points (Ying App. B.1).

Layer 1 is strained and turned by −θ_w/2, layer 2 is turned by +θ_w/2. A pocket around the K point
of one layer couples to the three nearest K points of the other: eight components, ordered
(main; b, tr, tl) × (A, B). The main layer is 1 or 2; valley K' follows by time reversal.

Energies are in meV, lengths in nm. Phases that only say where the two lattices stand with respect
to each other (d and τ in Ying Eq. B3) are left out: they shift the moiré pattern and drop out of
energies and of averages over the moiré cell.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from moirelib import _validate, units
from moirelib._memory import require_memory
from moirelib._repr import short_repr
from moirelib._threads import one_blas_thread
from moirelib.models.strained_hopping import gauge_shift

Array = NDArray[np.float64]
ComplexArray = NDArray[np.complex128]

GRAPHENE_LATTICE_CONSTANT = 0.246
"""Lattice constant of graphene in nm."""

_DIRECTIONS = 2 * np.pi / 3 * np.arange(3)


@dataclass(frozen=True)
class StrainedTBG:
    """Two gapped Dirac cones per valley, coupled by tunnelling, one layer strained.

    The defaults are those of Ying Fig. 7, with t = 0.1.

    Parameters
    ----------
    twist_degrees : float
        Twist angle θ_w.
    strain : float
        Strength ε of the uniaxial strain of layer 1 (Ying Eq. 16): −ε along, +ν_ε ε across.
    strain_degrees : float
        Its direction φ.
    poisson_ratio : float
        ν_ε.
    fermi_velocity : float
        v_D in m/s.
    mass : float
        m in meV; the gap is 2m.
    tunnelling : float
        w in meV.
    lattice_constant : float
        a in nm; ``|K| = 4π/3a``.
    hopping_slope : float
        β = −∂ln t/∂ln d of the hopping in the strained layer; 0 leaves it out, as the paper does.

    Raises
    ------
    TypeError, ValueError
        For a value of another kind or out of its range, or a strain so large that two Dirac points
        meet.
    """

    twist_degrees: float = 1.03
    strain: float = 0.0
    strain_degrees: float = 17.20
    poisson_ratio: float = 0.165
    fermi_velocity: float = 1e6
    mass: float = 2014.81
    tunnelling: float = 1.0074
    lattice_constant: float = GRAPHENE_LATTICE_CONSTANT
    hopping_slope: float = 0.0

    def __post_init__(self) -> None:
        angle = _validate.positive("twist_degrees", self.twist_degrees)
        if angle > 10:
            raise ValueError(
                f"twist_degrees must be ≤ 10, got {angle:g}: the model is linear in the twist"
            )
        if angle < 1e-9:
            raise ValueError(f"twist_degrees must be ≥ 1e-9, got {angle:g}: no moiré is left")
        strain = _validate.real_scalar("strain", self.strain)
        if abs(strain) > 0.1:
            raise ValueError(
                f"strain must be within ±0.1, got {strain:g}: linear elasticity ends there"
            )
        ratio = _validate.real_scalar("poisson_ratio", self.poisson_ratio)
        if not -1 <= ratio <= 1:
            raise ValueError(f"poisson_ratio must be between -1 and 1, got {ratio:g}")
        _validate.keep(
            self,
            twist_degrees=angle,
            strain=strain,
            strain_degrees=_validate.between(
                "strain_degrees", self.strain_degrees, -360, 360, "", "it is an angle in degrees"
            ),
            poisson_ratio=ratio,
            fermi_velocity=_validate.fermi_velocity(self.fermi_velocity),
            mass=_validate.between("mass", self.mass, 1e-6, 1e9, "meV", "it is half a gap"),
            tunnelling=_validate.between(
                "tunnelling", self.tunnelling, 0.0, 1e6, "meV", "it couples levels of a solid"
            ),
            lattice_constant=_validate.between(
                "lattice_constant",
                self.lattice_constant,
                *(0.01, 10.0, "nm", "no lattice of atoms has such a constant"),
            ),
            hopping_slope=_validate.real_scalar("hopping_slope", self.hopping_slope),
        )
        shortest = float(np.linalg.norm(self.q_vectors, axis=-1).min())
        if shortest < 0.1 * self.moire_wavevector:
            raise ValueError(
                f"strain {strain:g} is beyond validity at a twist of {angle:g}°: it brings two "
                f"Dirac points to {shortest / self.moire_wavevector:.3f} q of each other "
                "(at least 0.1 q is needed), so that they no longer are separate pockets"
            )

    @classmethod
    def from_ratios(
        cls,
        *,
        strain_over_twist: float = 0.0,
        tunnelling_ratio: float = 0.1,
        velocity_q_over_mass: float = 0.1,
        **fields: Any,
    ) -> StrainedTBG:
        """Return the model of the paper's dimensionless ratios. Errors as :class:`StrainedTBG`.

        Parameters
        ----------
        strain_over_twist : float
            ε/θ_w, with θ_w in radians.
        tunnelling_ratio : float
            t = w/(v_D²q²/2m) (Ying Eq. B13).
        velocity_q_over_mass : float
            v_D q/m.
        **fields
            Other fields of the model.
        """
        ratio = _validate.real_scalar("strain_over_twist", strain_over_twist)
        t = _validate.non_negative("tunnelling_ratio", tunnelling_ratio)
        small = _validate.positive("velocity_q_over_mass", velocity_q_over_mass)
        plain = cls(**fields)
        vq = plain.hbar_v * plain.moire_wavevector
        return replace(
            plain,
            strain=ratio * math.radians(plain.twist_degrees),
            mass=vq / small,
            tunnelling=t * 0.5 * vq * small,
        )

    @property
    def hbar_v(self) -> float:
        """ħv_D in meV nm."""
        return units.hbar_velocity(self.fermi_velocity)

    @property
    def twist(self) -> float:
        """θ_w in radians."""
        return math.radians(self.twist_degrees)

    @property
    def dirac_points(self) -> Array:
        """K_b, K_tr, K_tl of the unstrained, untwisted layer in 1/nm, shape (3, 2)."""
        size = 4 * np.pi / (3 * self.lattice_constant)
        return size * np.stack([np.cos(_DIRECTIONS), np.sin(_DIRECTIONS)], axis=-1)

    @property
    def moire_wavevector(self) -> float:
        """Size of the moiré zone, q = ``|K|`` θ_w, in 1/nm."""
        return 4 * np.pi / (3 * self.lattice_constant) * self.twist

    @property
    def tunnelling_ratio(self) -> float:
        """Strength of the tunnelling, t = w/(v_D²q²/2m) (Ying Eq. B13)."""
        return self.tunnelling * 2 * self.mass / (self.hbar_v * self.moire_wavevector) ** 2

    @property
    def strain_tensor(self) -> Array:
        """Strain tensor of layer 1, shape (2, 2) (Ying Eq. 16)."""
        double = 2 * math.radians(self.strain_degrees)
        shear = np.array(
            [[math.cos(double), math.sin(double)], [math.sin(double), -math.cos(double)]]
        )
        tensor: Array = (
            0.5
            * self.strain
            * ((self.poisson_ratio - 1) * np.eye(2) - (1 + self.poisson_ratio) * shear)
        )
        return tensor

    @property
    def q_vectors(self) -> Array:
        """q'_b, q'_tr, q'_tl in 1/nm, shape (3, 2) (Ying Eqs. 17 and B4).

        q'_j = θ_w K_j × ẑ − 𝓔·K_j + A: from a Dirac point of layer 2 to that of layer 1. A is the
        shift by strained hopping, zero for ``hopping_slope`` = 0.
        """
        k = self.dirac_points
        q = self.twist * np.stack([k[:, 1], -k[:, 0]], axis=-1)
        tensor = self.strain_tensor
        shift = gauge_shift(tensor, self.hopping_slope, self.lattice_constant)
        strained: Array = q - k @ tensor + shift
        return strained

    @property
    def reciprocal_vectors(self) -> Array:
        """Moiré reciprocal vectors q'_tr − q'_b and q'_tl − q'_b in 1/nm, shape (2, 2)."""
        q = self.q_vectors
        vectors: Array = q[1:] - q[0]
        return vectors

    @property
    def tunnelling_matrices(self) -> ComplexArray:
        """T_b, T_tr, T_tl in meV, shape (3, 2, 2), rows in layer 1.

        T_j = w [[1, e^{−iφ_j}], [e^{iφ_j}, 1]] with φ = 0, 2π/3, 4π/3: the set that is threefold
        symmetric together with +k·σ and the q vectors of Ying Eq. B4.
        """
        matrices = np.full((3, 2, 2), self.tunnelling, dtype=np.complex128)
        matrices[:, 1, 0] *= np.exp(1j * _DIRECTIONS)
        matrices[:, 0, 1] *= np.exp(-1j * _DIRECTIONS)
        return matrices

    def dirac(self, k: ArrayLike, layer: int) -> ComplexArray:
        """Return the Dirac Hamiltonian of one layer, (..., 2) to (..., 2, 2) (Ying Eq. B2).

        Layer 1 is turned by −θ_w/2, layer 2 by +θ_w/2; k counts from its own Dirac point. Errors as
        :meth:`hamiltonian`.
        """
        k = _validate.real_array("k", k, last=2)
        layer = _validate.choice("layer", layer, (1, 2))
        turn = np.exp(1j * (0.5 if layer == 2 else -0.5) * self.twist)
        off = self.hbar_v * (k[..., 0] - 1j * k[..., 1]) * turn
        h = np.empty((*k.shape[:-1], 2, 2), dtype=np.complex128)
        h[..., 0, 0], h[..., 1, 1] = self.mass, -self.mass
        h[..., 0, 1], h[..., 1, 0] = off, off.conj()
        return h

    def hamiltonian(self, k: ArrayLike, layer: int = 1, valley: int = 1) -> ComplexArray:
        """Return the eight-component Hamiltonian around one Dirac point (Ying Eq. B1).

        Parameters
        ----------
        k : array (..., 2)
            Wavevector from the Dirac point, in 1/nm.
        layer : int
            The main layer, 1 (Ying Eq. B1) or 2.
        valley : int
            +1 for K, −1 for K', where H(k) = H_K(−k)*.

        Returns
        -------
        array (..., 8, 8)
            In meV.

        Raises
        ------
        TypeError, ValueError
            If ``k`` is not real and finite (..., 2), or there is no such ``layer`` or ``valley``.
        """
        k = _validate.real_array("k", k, last=2)
        layer = _validate.choice("layer", layer, (1, 2))
        valley = _validate.choice("valley", valley, (1, -1))
        k = valley * k
        h = np.zeros((*k.shape[:-1], 8, 8), dtype=np.complex128)
        h[..., :2, :2] = self.dirac(k, layer)
        sign = 1 if layer == 1 else -1
        for j, (q, t) in enumerate(zip(self.q_vectors, self.tunnelling_matrices, strict=True)):
            part = slice(2 * j + 2, 2 * j + 4)
            block = t if layer == 1 else t.conj().T
            h[..., part, part] = self.dirac(k + sign * q, 3 - layer)
            h[..., :2, part] = block
            h[..., part, :2] = block.conj().T
        return h if valley == 1 else h.conj()

    @one_blas_thread
    def pocket_state(
        self, fermi_wavevector: float, points: int = 128, layer: int = 1, valley: int = 1
    ) -> PocketState:
        """Return the conduction-band states on a circle around a Dirac point.

        Parameters
        ----------
        fermi_wavevector : float
            k_F in 1/nm.
        points : int
            Number of equidistant angles, counted in valley −1 from the opposite direction, so
            that time reversal keeps the angle.
        layer, valley : int
            As in :meth:`hamiltonian`.

        Raises
        ------
        TypeError, ValueError
            If ``fermi_wavevector`` is not positive, ``points`` no integer ≥ 4, the pocket reaches
            its neighbours (k_F > ``|q'_j|``/2 for some j), or its states lie mostly in the other
            layer.
        """
        k_f = _validate.positive("fermi_wavevector", fermi_wavevector, "1/nm")
        points = _validate.integer("points", points, minimum=4)
        layer = _validate.choice("layer", layer, (1, 2))
        valley = _validate.choice("valley", valley, (1, -1))
        require_memory(f"points={points}", 200 * points, 16)
        shortest = float(np.linalg.norm(self.q_vectors, axis=-1).min())
        if k_f > 0.5 * shortest:
            raise ValueError(
                f"fermi_wavevector must be ≤ {0.5 * shortest:.6g} 1/nm, got {k_f:.6g}: at a strain "
                f"of {self.strain:g} the nearest Dirac point of the other layer is "
                f"{shortest:.6g} 1/nm away and the two pockets would merge"
            )
        angles = 2 * np.pi * np.arange(points) / points
        k = valley * k_f * np.stack([np.cos(angles), np.sin(angles)], axis=-1)
        energies, vectors = np.linalg.eigh(self.hamiltonian(k, layer, valley))
        # Four valence states lie below the gap; the pocket is the bottom of the conduction band.
        amplitudes = vectors[..., 4].reshape(points, 4, 2)
        main = (np.abs(amplitudes[:, 0]) ** 2).sum(-1).min()
        if main < 0.5:
            raise ValueError(
                f"the pocket of layer {layer} has only {main:.3f} of its weight in that layer: "
                f"t = {self.tunnelling_ratio:.3g} or a strain of {self.strain:g} mixes the layers "
                "too much for separate pockets"
            )
        return PocketState(layer, valley, angles, k, energies[:, 4], amplitudes)


@short_repr
@dataclass(frozen=True, eq=False)
class PocketState:
    """Bloch states on the Fermi pocket around one Dirac point.

    Parameters
    ----------
    layer, valley : int
        Main layer and valley.
    angles : array (n,)
        Angles, in valley −1 counted from the opposite direction.
    wavevectors : array (n, 2)
        From the Dirac point, in 1/nm.
    energies : array (n,)
        In meV.
    amplitudes : array (n, 4, 2)
        Main layer, then the other layer at q'_b, q'_tr, q'_tl; sublattice A, B. Normalised.
    """

    layer: int
    valley: int
    angles: Array
    wavevectors: Array
    energies: Array
    amplitudes: ComplexArray

    def __post_init__(self) -> None:
        _validate.keep(self)

    def weights(self) -> Array:
        """Probability on each layer and sublattice, shape (n, 2, 2): [layer − 1, sublattice]."""
        probability = np.abs(self.amplitudes) ** 2
        split = np.stack([probability[:, 0], probability[:, 1:].sum(1)], axis=1)
        ordered: Array = split if self.layer == 1 else split[:, ::-1]
        return ordered

    @one_blas_thread
    def local_density(self, mesh: int) -> Array:
        """Probability on each layer and sublattice across the moiré cell.

        Parameters
        ----------
        mesh : int
            The cell is sampled on mesh × mesh equidistant points.

        Returns
        -------
        array (n, 2, 2, mesh²)
            [state, layer − 1, sublattice, point]; the mean over points is :meth:`weights`.

        Raises
        ------
        TypeError, ValueError
            If ``mesh`` is no positive integer, or too large for the memory.
        """
        mesh = _validate.integer("mesh", mesh, minimum=1)
        require_memory(f"mesh={mesh}", 10 * len(self.angles) * mesh**2)
        steps = np.arange(mesh) / mesh
        first, second = (s.ravel() for s in np.meshgrid(steps, steps, indexing="ij"))
        # The three components of the other layer differ by 0, G_2, G_3; r is counted in cells.
        sign = -1 if (self.layer == 2) != (self.valley == -1) else 1
        waves = np.exp(2j * np.pi * sign * np.stack([0 * first, first, second]))
        other = np.abs(np.einsum("njx,jr->nxr", self.amplitudes[:, 1:], waves)) ** 2
        main = np.broadcast_to(
            np.abs(self.amplitudes[:, 0, :, None]) ** 2, (*other.shape[:2], mesh**2)
        )
        ordered = (main, other) if self.layer == 1 else (other, main)
        return np.stack(ordered, axis=1)
