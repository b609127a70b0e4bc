"""Graphene aligned with hexagonal boron nitride: the continuum model of Kundu App. A.

The Hamiltonian is affine in k, H(k) = H₀ + k_x H_x + k_y H_y, so that velocity operators are
constant matrices. Wavevectors are measured from the graphene valley centre.

Where the printed Eq. 6 admits more than one reading, the reading is a named option. The
defaults are the ones that respect the symmetries of the lattice; ``GrapheneHBN.as_printed()``
gives the literal equation.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np

from moirelib import _validate
from moirelib._memory import require_memory
from moirelib._threads import one_blas_thread
from moirelib._types import Complex, Ints
from moirelib._validate import frozen
from moirelib.bands.bloch import solve_bands
from moirelib.bands.lattice import MoireLattice
from moirelib.bands.model import BlochModel, PlaneWaveModel, SymmetryName
from moirelib.models.in_plane_waves import InPlaneWaves
from moirelib.units import hbar_velocity

_OMEGA = np.exp(2j * math.pi / 3)
_SIGMA_X = np.array([[0, 1], [1, 0]], dtype=complex)
_SIGMA_Y = np.array([[0, -1j], [1j, 0]])


@dataclass(frozen=True)
class GrapheneHBN(InPlaneWaves):
    """The graphene/hBN moiré model of Kundu Eqs. 5–8 in one valley.

    Parameters
    ----------
    valley : {+1, -1}
        ξ: K or K′.
    cutoff : int
        Plane waves with |G| ≤ ``cutoff`` |G₁| (circle) or |n|, |m| ≤ ``cutoff`` (box).
    cutoff_shape : {"circle", "box"}
        The circle keeps the point group exactly; the box is the paper's.
    lattice_constant, hbn_lattice_constant : float
        Lattice constants of graphene and hBN in nm.
    fermi_velocity : float
        v_F in m/s.
    coupling : float
        u₀ in meV.
    twist : float
        Angle θ by which graphene is turned against hBN, in degrees. It shortens the moiré period
        and turns the moiré lattice; wavevectors are in the frame of the latter. Without relaxation
        of the lattices.
    nitrogen_onsite, boron_onsite : float
        On-site energies V_N and V_B of the two hBN sublattices, in the order in which Eq. 8
        prints them, in meV. One must be negative (filled) and one positive (empty).
    transfer_star : {"equilateral", "as_printed"}
        Momentum transfers of Eq. 6: {0, G₁, G₁+G₂}, which C₃ permutes, or {0, G₁, G₂}.
    valley_phase : {"conjugated", "common"}
        Whether ω turns into ω* in the other valley, as time reversal asks, or not.
    exponent_sign : {"momentum_matched", "as_printed"}
        e^{−iξG·r}, which conserves crystal momentum together with the Dirac term of Eq. 7, or
        e^{+iξG·r}. Both respect all symmetries; they mirror the moiré asymmetry of electrons
        and holes.

    Raises
    ------
    TypeError, ValueError
        For a wrong value of any parameter, naming it.

    Examples
    --------
    >>> model = GrapheneHBN(valley=-1)
    >>> round(model.lattice.period, 4), model.hamiltonian([0.0, 0.0]).shape
    (13.9996, (170, 170))
    """

    valley: int = 1
    cutoff: int = 3
    cutoff_shape: Literal["circle", "box"] = "circle"
    lattice_constant: float = 0.246
    hbn_lattice_constant: float = 0.2504
    fermi_velocity: float = 0.8e6
    coupling: float = 152.0
    twist: float = 0.0
    nitrogen_onsite: float = 3350.0
    boron_onsite: float = -1400.0
    transfer_star: Literal["equilateral", "as_printed"] = "equilateral"
    valley_phase: Literal["conjugated", "common"] = "conjugated"
    exponent_sign: Literal["momentum_matched", "as_printed"] = "momentum_matched"

    def __post_init__(self) -> None:
        atoms = (0.01, 10.0, "nm", "no lattice of atoms has such a constant")
        levels = (-1e6, 1e6, "meV", "no such level exists in a solid")
        conventions = {
            "cutoff_shape": ("circle", "box"),
            "transfer_star": ("equilateral", "as_printed"),
            "valley_phase": ("conjugated", "common"),
            "exponent_sign": ("momentum_matched", "as_printed"),
        }
        _validate.keep(
            self,
            valley=_validate.choice(
                "valley", _validate.integer("valley", self.valley, minimum=-1), (1, -1)
            ),
            cutoff=_validate.integer("cutoff", self.cutoff, minimum=1),
            fermi_velocity=_validate.fermi_velocity(self.fermi_velocity),
            coupling=_validate.between("coupling", self.coupling, 0.0, *levels[1:]),
            twist=_validate.between("twist", self.twist, -10.0, 10.0, "°", "a long moiré period"),
            **{
                name: _validate.between(name, getattr(self, name), *atoms)
                for name in ("lattice_constant", "hbn_lattice_constant")
            },
            **{
                name: _validate.between(name, getattr(self, name), *levels)
                for name in ("nitrogen_onsite", "boron_onsite")
            },
            **{
                name: _validate.choice(name, getattr(self, name), allowed)
                for name, allowed in conventions.items()
            },
        )
        if self.hbn_lattice_constant <= self.lattice_constant:
            raise ValueError(
                "hbn_lattice_constant must exceed lattice_constant, got "
                f"{self.hbn_lattice_constant!r} and {self.lattice_constant!r}: "
                "without mismatch there is no moiré"
            )
        # 2.4 (2c + 1)² graphene waves of a circle, and those of hBN: two components each.
        rows = 4 * (2 * self.cutoff + 1) ** 2
        require_memory(f"cutoff={self.cutoff}", 4 * rows**2, 16)
        if self.nitrogen_onsite * self.boron_onsite >= 0:
            raise ValueError(
                "nitrogen_onsite and boron_onsite must have opposite signs (one hBN band filled, "
                f"one empty), got {self.nitrogen_onsite!r} and {self.boron_onsite!r}"
            )

    @classmethod
    def as_printed(cls, **changes: Any) -> GrapheneHBN:
        """Return the model with Eq. 6 read literally, in the paper's box of plane waves."""
        literal: dict[str, Any] = {
            "cutoff_shape": "box",
            "transfer_star": "as_printed",
            "valley_phase": "common",
            "exponent_sign": "as_printed",
        }
        return cls(**(literal | changes))

    def inverted(self) -> GrapheneHBN:
        """Return the model on the opposite face of hBN: boron and nitrogen exchanged."""
        return replace(self, nitrogen_onsite=self.boron_onsite, boron_onsite=self.nitrogen_onsite)

    def other_valley(self) -> GrapheneHBN:
        """Return the same model in the other valley."""
        return replace(self, valley=-self.valley)

    @property
    def mismatch(self) -> float:
        """Lattice mismatch ε = a_hBN/a − 1."""
        return self.hbn_lattice_constant / self.lattice_constant - 1

    @property
    def hbar_v(self) -> float:
        """ħv_F in meV nm."""
        return hbar_velocity(self.fermi_velocity)

    @cached_property
    def lattice(self) -> MoireLattice:
        """The moiré lattice, of period a(1 + ε)/√(ε² + 4(1 + ε) sin²θ/2)."""
        half = math.sin(math.radians(self.twist) / 2)
        apart = math.hypot(self.mismatch, 2 * math.sqrt(1 + self.mismatch) * half)
        return MoireLattice(self.lattice_constant * (1 + self.mismatch) / apart)

    @property
    def lattice_angle(self) -> float:
        """The angle from graphene to the moiré lattice in radian, tan φ = sin θ/(1 + ε − cos θ)."""
        theta = math.radians(self.twist)
        return math.atan2(math.sin(theta), self.mismatch + 2 * math.sin(theta / 2) ** 2)

    @property
    def symmetries(self) -> frozenset[SymmetryName]:
        """What the options leave of C₃, the mirror and time reversal."""
        kept: set[SymmetryName] = set()
        if self.valley_phase == "conjugated":
            kept.add("time_reversal")
        # A box of plane waves is cut off differently along equivalent directions.
        if self.transfer_star == "equilateral" and self.cutoff_shape == "circle":
            if self.twist == 0:
                kept.add("mirror")
            # C₃ of the other valley needs the other phases.
            if self.valley_phase == "conjugated" or self.valley == 1:
                kept.add("C3")
        return frozenset(kept)

    @cached_property
    def potential_harmonics(self) -> tuple[tuple[Ints, Complex], ...]:
        """U_ξ(r) of Kundu Eq. 6 as pairs (n, m) and 2×2 matrices: Σ U_j e^{iG_j·r}, in meV."""
        third = (1, 1) if self.transfer_star == "equilateral" else (0, 1)
        omega = _OMEGA if self.valley == 1 or self.valley_phase == "common" else _OMEGA.conj()
        sign = self.valley if self.exponent_sign == "as_printed" else -self.valley
        terms = (((0, 0), 1 + 0j), ((1, 0), omega), (third, omega.conjugate()))
        return tuple(
            (
                frozen(sign * np.array(pair, dtype=np.int64)),
                frozen(self.coupling * np.array([[1, w.conjugate()], [w, 1]], dtype=np.complex128)),
            )
            for pair, w in terms
        )

    def _build(self) -> PlaneWaveModel:
        """Kundu Eq. 5; orbitals 0, 1 are graphene A, B and 2, 3 hBN N, B."""
        graphene = self._graphene_waves
        hbn = self._hbn_waves
        n_graphene = 2 * len(graphene)
        n = n_graphene + 2 * len(hbn)
        h0 = np.zeros((n, n), dtype=complex)
        h0[:n_graphene, :n_graphene] = self._dirac(graphene)
        coupling = self._coupling_matrix
        h0[n_graphene:, :n_graphene] = coupling
        h0[:n_graphene, n_graphene:] = coupling.conj().T
        onsite = np.tile([self.nitrogen_onsite, self.boron_onsite], len(hbn))
        h0[range(n_graphene, n), range(n_graphene, n)] = onsite
        gradient = np.zeros((2, n, n), dtype=complex)
        gradient[:, :n_graphene, :n_graphene] = self._dirac_gradient(len(graphene))
        return PlaneWaveModel(
            lattice=self.lattice,
            h0=h0,
            gradient=gradient,
            plane_waves=np.repeat(np.concatenate([graphene, hbn]), 2, axis=0),
            orbitals=np.concatenate([np.tile([0, 1], len(graphene)), np.tile([2, 3], len(hbn))]),
            # Half of the graphene states and the filled hBN orbital lie below neutrality.
            occupied=len(graphene) + len(hbn),
            valley=self.valley,
            symmetries=self.symmetries,
        )

    def effective_harmonics(self, energy: float = 0.0) -> dict[tuple[int, int], Complex]:
        """Return the 2×2 potential on graphene after eliminating hBN at a fixed energy.

        U†(r) (E − H_hBN)⁻¹ U(r) = Σ_G V_G e^{iG·r}; the first-order term in 1/V of the
        expansion of Kundu Eq. 5, and Moon and Koshino's effective potential at E = 0.

        Parameters
        ----------
        energy : float
            E in meV.

        Returns
        -------
        dict
            V_G in meV, shape (2, 2), keyed by integer pairs.

        Raises
        ------
        TypeError, ValueError
            If ``energy`` is not a finite number, or is one of the hBN levels.
        """
        resolvent = self._hbn_resolvent(energy)
        harmonics: dict[tuple[int, int], Complex] = {}
        for left, u_left in self.potential_harmonics:
            for right, u_right in self.potential_harmonics:
                n, m = (right - left).tolist()
                term = u_left.conj().T @ resolvent @ u_right
                harmonics[n, m] = harmonics.get((n, m), np.zeros((2, 2), complex)) + term
        return harmonics

    @one_blas_thread
    def eliminate_hbn(self, energy: float = 0.0) -> PlaneWaveModel:
        """Return the two-component model on graphene alone, with hBN eliminated at ``energy``.

        Exact at that energy; elsewhere in error by the energy dependence that it leaves out, of
        relative size u₀²/V².

        Parameters
        ----------
        energy : float
            E in meV.

        Raises
        ------
        TypeError, ValueError
            If ``energy`` is not a finite number, or is one of the hBN levels.
        """
        graphene = self._graphene_waves
        coupling = self._coupling_matrix
        resolvent = np.kron(np.eye(len(self._hbn_waves)), self._hbn_resolvent(energy))
        return PlaneWaveModel(
            lattice=self.lattice,
            h0=self._dirac(graphene) + coupling.conj().T @ resolvent @ coupling,
            gradient=self._dirac_gradient(len(graphene)),
            plane_waves=np.repeat(graphene, 2, axis=0),
            orbitals=np.tile([0, 1], len(graphene)),
            occupied=len(graphene),
            valley=self.valley,
            symmetries=self.symmetries,
        )

    @cached_property
    def _graphene_waves(self) -> Ints:
        if self.cutoff_shape == "circle":
            return frozen(self.lattice.disc(self.cutoff))
        return frozen(self.lattice.box(self.cutoff))

    @cached_property
    def _hbn_waves(self) -> Ints:
        if self.cutoff_shape == "box":
            return self._graphene_waves
        # Every hBN wave that couples to a graphene wave is kept. The set is then as symmetric as
        # the disc, although hBN momenta are centred on another point of the zone.
        reached = [self._graphene_waves + pair for pair, _ in self.potential_harmonics]
        return frozen(np.unique(np.concatenate(reached), axis=0))

    @cached_property
    def _coupling_matrix(self) -> Complex:
        """U from graphene (columns) to hBN (rows) in plane waves."""
        column = {tuple(pair): i for i, pair in enumerate(self._graphene_waves.tolist())}
        matrix = np.zeros((len(self._hbn_waves), 2, len(column), 2), dtype=np.complex128)
        for row, wave in enumerate(self._hbn_waves):
            for pair, u in self.potential_harmonics:
                start = column.get(tuple((wave - pair).tolist()))
                if start is not None:
                    matrix[row, :, start, :] += u
        return frozen(matrix.reshape(2 * len(self._hbn_waves), 2 * len(column)))

    def _dirac(self, waves: Ints) -> Complex:
        """Kundu Eq. 7 at k = G for each wave, block-diagonal."""
        gradient = self._dirac_gradient(len(waves))
        g = np.repeat(self.lattice.vectors(waves), 2, axis=0)
        block: Complex = gradient[0] * g[:, 0] + gradient[1] * g[:, 1]
        return block

    def _dirac_gradient(self, count: int) -> Complex:
        cosine, sine = math.cos(self.lattice_angle), math.sin(self.lattice_angle)
        # k of the moiré frame, turned into that of graphene.
        turn = np.array([[cosine, sine], [-sine, cosine]])
        one = self.hbar_v * np.tensordot(turn, [self.valley * _SIGMA_X, _SIGMA_Y], axes=1)
        return np.stack([np.kron(np.eye(count), matrix) for matrix in one])

    def _hbn_resolvent(self, energy: float) -> Complex:
        energy = _validate.real_scalar("energy", energy)
        onsite = np.array([self.nitrogen_onsite, self.boron_onsite])
        if np.isclose(onsite, energy).any():
            raise ValueError(f"energy must differ from the hBN levels {onsite} meV, got {energy}")
        return np.diag(1 / (energy - onsite)).astype(complex)


@one_blas_thread
def primary_mass(model: BlochModel) -> tuple[float, float]:
    """Return the middle of the primary gap at k = 0 and the mass m of its cone, both in meV.

    m is half the gap, positive if the upper state at k = 0 sits on sublattice A; orbitals 0 and 1
    of the model are A and B.

    Raises
    ------
    TypeError
        If ``model`` is no Bloch model.
    """
    bands = solve_bands(model, [0.0, 0.0], 2)
    low, high = bands.energies[0].tolist()
    weight = np.abs(bands.states[0, :, 1]) ** 2
    on_a, on_b = (weight[model.orbitals == orbital].sum() for orbital in (0, 1))
    return (low + high) / 2, float(np.sign(on_a - on_b)) * (high - low) / 2
