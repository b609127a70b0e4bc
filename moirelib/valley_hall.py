"""Valley Hall and longitudinal conductivity of one layer, and the nonlocal resistance of two.

The valley Hall conductivity comes from the Berry curvature, the longitudinal one from the Drude
weight over ħδ; together with the drag conductivity they give Kundu Eq. 4.

Signs: σ^{xy} is j^x/E^y, as Kundu writes the conversion. An electric force F moves a Bloch
state by ħk̇ = F and adds −k̇ × Ω to its velocity, so that one valley and spin contributes
σ^{xy} = −(e²/h)(1/2π) ∫d²k Σ_n f_n Ω_n.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from moirelib import _validate
from moirelib._types import Complex, Floats, Ints
from moirelib.bloch import DEGENERACY_MEV, BlochModel, overlap_form_factors, solve_bands
from moirelib.brillouin import fermi, minus_fermi_derivative
from moirelib.graphene_hbn import GrapheneHBN
from moirelib.kdotp import KdotPExpansion, Tiling, expand
from moirelib.lattice import MoireLattice
from moirelib.layer import SPIN_DEGENERACY
from moirelib.units import RESISTANCE_QUANTUM_OHM

VALLEYS = 2

# Each tile is cut into 4**_CUTS triangles; those where a gap is narrower than _GAP_PER_EDGE
# times ħv times the edge are cut again.
_CUTS = 3
_GAP_PER_EDGE = 3


@dataclass(frozen=True)
class HallLayer:
    """One layer, solved once, and its intrinsic valley Hall and Drude conductivities.

    Bands come from k·p expansions about the centres of tiles. Triangles on which two bands come
    closer than the Dirac velocity times their edge are cut again, so that Berry curvature is
    resolved at narrow gaps.

    Parameters
    ----------
    model : GrapheneHBN
        The layer's model in one valley; the other follows by time reversal.
    divisions : int
        Tiles along each side of a sixth of the zone.
    refinement : int
        How many times a triangle may be cut at a narrow gap.
    bands : int
        Bands whose occupation may vary, half below and half above charge neutrality.

    Raises
    ------
    ValueError
        If a parameter is out of range, or the model lacks C₃ or time reversal by construction.
    """

    model: GrapheneHBN
    divisions: int = 8
    refinement: int = 4
    bands: int = 6

    def __post_init__(self) -> None:
        _validate.integer("divisions", self.divisions, minimum=1)
        _validate.integer("refinement", self.refinement, minimum=0)
        if _validate.integer("bands", self.bands, minimum=2) % 2:
            raise ValueError(f"bands must be even, got {self.bands}")
        for name, needed in (
            ("transfer_star", "equilateral"),
            ("valley_phase", "conjugated"),
            ("cutoff_shape", "circle"),
        ):
            if getattr(self.model, name) != needed:
                raise ValueError(
                    f"model must have {name}={needed!r}, got {getattr(self.model, name)!r}: "
                    "the sum uses C₃, the mirror and time reversal"
                )

    @property
    def lattice(self) -> MoireLattice:
        """The layer's moiré lattice."""
        return self.model.lattice

    @cached_property
    def energy_range(self) -> tuple[float, float]:
        """Energies in meV between which every state belongs to the ``bands`` kept."""
        return self._samples.floor, self._samples.ceiling

    def valley_hall_conductivity(self, mu: ArrayLike, kT: float) -> Floats:
        """Return σ_v^{xy} = σ_K^{xy} − σ_{K′}^{xy}, both spins, in e²/h.

        Parameters
        ----------
        mu : array_like, shape (nmu,)
            Chemical potentials in meV, within ``energy_range``.
        kT : float
            k_BT ≥ 0 in meV.

        Returns
        -------
        ndarray, shape (nmu,)
        """
        samples = self._samples
        totals = []
        for one in self._within_range(mu):
            occupation = fermi(samples.energies, one, kT)
            filled = samples.sea + (occupation * samples.curvature).sum(axis=1)
            totals.append(samples.weights @ filled)
        per_flavour = -np.array(totals) * self.lattice.zone_area / (2 * math.pi)
        # The curvature of K′ at −k is opposite to that of K at k.
        valley_hall: Floats = SPIN_DEGENERACY * VALLEYS * self.model.valley * per_flavour
        return valley_hall

    def conductivity(self, mu: ArrayLike, kT: float, broadening: float = 1.0) -> Floats:
        """Return σ^{xx} from the Drude weight over ħδ, spins and valleys included, in e²/h.

        σ^{xx} = (e²/h)(2π/ħδ) (g/𝒱) Σ_{n,k} ½ |∂_kε|² (−f′), with g = 4 for spins and valleys.
        It is the conductivity of the charge and, with time reversal, of the valley.

        Parameters
        ----------
        mu : array_like, shape (nmu,)
            Chemical potentials in meV, within ``energy_range``.
        kT : float
            k_BT > 0 in meV.
        broadening : float
            ħδ > 0 in meV.

        Returns
        -------
        ndarray, shape (nmu,)
        """
        samples = self._samples
        sums = [
            samples.weights
            @ (samples.squared_speed * minus_fermi_derivative(samples.energies, one, kT)).sum(1)
            for one in self._within_range(mu)
        ]
        weight = SPIN_DEGENERACY * VALLEYS / self.lattice.cell_area * 0.5 * np.array(sums)
        drude: Floats = 2 * math.pi / _validate.positive("broadening", broadening, "meV") * weight
        return drude

    def _within_range(self, mu: ArrayLike) -> Floats:
        values = _validate.real_vector("mu", mu)
        low, high = self.energy_range
        if (values < low).any() or (values > high).any():
            raise ValueError(
                f"mu must lie between {low:.1f} and {high:.1f} meV, where the {self.bands} bands "
                f"kept hold all partly filled states, got {values.min():.6g} … {values.max():.6g}"
            )
        return values

    @cached_property
    def _samples(self) -> _Samples:
        tiling = Tiling.of_zone(self.lattice, self.divisions, "C3v")
        return _joined(
            [
                self._tile(centre, corners)
                for centre, corners in zip(tiling.centres, tiling.corners, strict=True)
            ]
        )

    def _tile(self, centre: Floats, corners: Floats) -> _Samples:
        expansion = expand(self.model, centre, self.bands + 2)
        response = _RemoteResponse.at(expansion)
        triangles = corners[None]
        for _ in range(_CUTS):
            triangles = _quartered(triangles)
        parts = []
        for level in range(self.refinement + 1):
            points = triangles.mean(axis=1)
            part, closest = _sample(expansion, response, points, self.bands)
            edge = float(np.linalg.norm(triangles[0, 1] - triangles[0, 0]))
            coarse = closest < _GAP_PER_EDGE * self.model.hbar_v * edge
            coarse &= level < self.refinement
            # A sixth of the zone is an equilateral triangle of side k_m.
            part.weights[:] = (edge / self.lattice.k_m) ** 2
            parts.append(part.subset(~coarse))
            if not coarse.any():
                break
            triangles = _quartered(triangles[coarse])
        return _joined(parts)


def valley_chern_number(model: BlochModel, first: int, last: int, mesh: int = 24) -> float:
    """Return the Chern number of bands ``first`` … ``last`` of one valley, by plaquettes.

    The phases of overlaps around each plaquette of the mesh add up to 2π times an integer as
    long as the group of bands is isolated and no plaquette holds more than half a flux quantum
    (Fukui, Hatsugai and Suzuki 2005). The zone is closed by relabelling plane waves.

    Parameters
    ----------
    model : BlochModel
        The model of one valley.
    first, last : int
        Bands counted from charge neutrality: −1 is the highest valence band, 0 the lowest
        conduction band. Both ends belong to the group.
    mesh : int
        Plaquettes along each reciprocal vector.

    Returns
    -------
    float
        (1/2π) ∫ Ω d²k, an integer up to round-off.

    Raises
    ------
    ValueError
        If ``first`` > ``last``.
    """
    if first > last:
        raise ValueError(f"first must not exceed last, got {first} and {last}")
    _validate.integer("mesh", mesh, minimum=2)
    half = max(-first, last + 1, 1)
    chosen = slice(half + first, half + last + 1)
    side = np.arange(mesh)
    grid = np.stack(np.meshgrid(side, side, indexing="ij"), axis=-1).reshape(-1, 2)
    lattice = model.lattice
    bands = solve_bands(model, lattice.vectors(grid) / mesh, 2 * half)

    def links(step: Ints) -> Floats:
        target = grid + step
        partner = (target % mesh) @ np.array([mesh, 1])
        moved = type(bands)(model, bands.k[partner], bands.energies[partner], bands.states[partner])
        overlap = overlap_form_factors(bands, moved, [0, 0], target // mesh)
        phases: Floats = np.angle(np.linalg.det(overlap[:, chosen, chosen]))
        return phases.reshape(mesh, mesh)

    along, across = links(np.array([1, 0])), links(np.array([0, 1]))
    around = along + np.roll(across, -1, axis=0) - np.roll(along, -1, axis=1) - across
    flux = np.angle(np.exp(1j * around))
    # A overlap ⟨k|k + δ⟩ has the phase −A·δ, and G₁, G₂ are a right-handed pair.
    return float(-flux.sum() / (2 * math.pi))


def dirac_hall_conductivity(mu: ArrayLike, mass: float, kT: float = 0.0, valley: int = 1) -> Floats:
    """Return σ^{xy} of one massive Dirac cone, one valley and spin, in e²/h.

    H = ħv(ξk_xσ_x + k_yσ_y) + mσ_z: −ξ m/2|m| in the gap, times |m/μ| outside; at k_BT > 0
    the thermal mean of that over energies.

    Parameters
    ----------
    mu : array_like, shape (nmu,)
        Chemical potentials in meV from the middle of the gap.
    mass : float
        m in meV, not 0.
    kT : float
        k_BT ≥ 0 in meV.
    valley : {+1, -1}
        ξ.

    Examples
    --------
    >>> print(dirac_hall_conductivity([0.0, 10.0], mass=2.0))
    [-0.5 -0.1]
    """
    mu = _validate.real_vector("mu", mu)
    if _validate.real_scalar("mass", mass) == 0:
        raise ValueError("mass must not be 0 meV: the sign of the Hall conductivity is then open")
    _validate.choice("valley", valley, (1, -1))
    energies = mu[:, None]
    weights = np.ones(1)
    if _validate.non_negative("kT", kT, "meV") > 0:
        # σ(μ, T) = ∫ dE (−f′) σ(E, 0), in the variable tanh(x/2): a finite interval.
        t, w = np.polynomial.legendre.leggauss(2000)
        energies, weights = energies + 2 * kT * np.arctanh(t), w / 2
    share = abs(mass) / np.maximum(np.abs(energies), abs(mass))
    hall: Floats = -0.5 * valley * math.copysign(1.0, mass) * (share @ weights)
    return hall


def nonlocal_resistance(
    drag: ArrayLike,
    conductivity1: ArrayLike,
    conductivity2: ArrayLike,
    valley_hall1: ArrayLike,
    valley_hall2: ArrayLike,
    length: ArrayLike = 1000.0,
    width: ArrayLike = 1000.0,
    valley_length: float = 1000.0,
) -> Floats:
    """Return R_NL = V⁽²⁾/I⁽¹⁾ of Kundu Eq. 4, taken as an equality, in ohm.

    (L/W) [σ₁₂/(σ₁σ₂)] (σ^{xy}₁/σ₁)(σ^{xy}₂/σ₂) e^{−L/l_v}.

    Parameters
    ----------
    drag, conductivity1, conductivity2, valley_hall1, valley_hall2 : array_like
        σ₁₂, σ₁, σ₂ > 0, σ^{xy}_{1,v}, σ^{xy}_{2,v} in e²/h; they broadcast.
    length, width : array_like
        Probe separation L ≥ 0 and width W > 0 in nm.
    valley_length : float
        l_v > 0 in nm.
    """
    values = [
        _validate.real_array(name, value)
        for name, value in (
            ("drag", drag),
            ("conductivity1", conductivity1),
            ("conductivity2", conductivity2),
            ("valley_hall1", valley_hall1),
            ("valley_hall2", valley_hall2),
        )
    ]
    sigma12, sigma1, sigma2, hall1, hall2 = values
    for name, value in (("conductivity1", sigma1), ("conductivity2", sigma2)):
        if (value <= 0).any():
            raise ValueError(f"{name} must be > 0 e²/h, got {value.min()!r}")
    length = _validate.real_array("length", length)
    width = _validate.real_array("width", width)
    if (length < 0).any() or (width <= 0).any():
        raise ValueError("length must be ≥ 0 nm and width > 0 nm")
    _validate.positive("valley_length", valley_length, "nm")
    resistance = sigma12 / (sigma1 * sigma2) * (hall1 / sigma1) * (hall2 / sigma2)
    geometry = length / width * np.exp(-length / valley_length)
    total: Floats = RESISTANCE_QUANTUM_OHM * geometry * resistance
    return total


@dataclass(frozen=True)
class _Samples:
    """Points with weights, and what the integrals need: (np,) or (np, bands)."""

    weights: Floats
    energies: Floats
    curvature: Floats
    squared_speed: Floats
    sea: Floats  # curvature of all bands below those kept
    floor: float
    ceiling: float

    def subset(self, chosen: NDArray[np.bool_]) -> _Samples:
        return _Samples(
            self.weights[chosen],
            self.energies[chosen],
            self.curvature[chosen],
            self.squared_speed[chosen],
            self.sea[chosen],
            self.floor,
            self.ceiling,
        )


def _joined(parts: list[_Samples]) -> _Samples:
    return _Samples(
        np.concatenate([part.weights for part in parts]),
        np.concatenate([part.energies for part in parts]),
        np.concatenate([part.curvature for part in parts]),
        np.concatenate([part.squared_speed for part in parts]),
        np.concatenate([part.sea for part in parts]),
        max(part.floor for part in parts),
        min(part.ceiling for part in parts),
    )


@dataclass(frozen=True)
class _RemoteResponse:
    """What bands outside an expansion add to the curvature inside it, at its centre."""

    curvature: Complex  # −2 Im X_x†X_y as a Hermitian matrix (M, M), in nm²
    sea: float  # curvature of all remote bands below

    @classmethod
    def at(cls, expansion: KdotPExpansion) -> _RemoteResponse:
        model = expansion.model
        energies, vectors = np.linalg.eigh(model.hamiltonian(expansion.centre))
        size = expansion.hamiltonian.shape[-1]
        first = model.occupied - expansion.below
        kept = slice(first, first + size)
        remote = np.r_[0:first, first + size : len(energies)]
        v = model.velocity_operators()
        x, y = (
            vectors[:, remote].conj().T
            @ (one @ vectors[:, kept])
            / (energies[kept] - energies[remote][:, None])
            for one in v
        )
        product = x.conj().T @ y
        # −2 Im of the expectation value is that of i(P − P†).
        matrix = 1j * (product - product.conj().T)
        below = vectors[:, :first]
        gap = energies[:first] - energies[first:][:, None]
        a, b = (vectors[:, first:].conj().T @ (one @ below) / gap for one in v)
        return cls(matrix, float(-2 * np.imag(a.conj() * b).sum()))


def _sample(
    expansion: KdotPExpansion, response: _RemoteResponse, points: Floats, count: int
) -> tuple[_Samples, Floats]:
    """Samples at points (np, 2), and the smallest gap between neighbouring bands there (np,)."""
    energies, vectors, states = expansion.eigenstates(points)
    v_x, v_y = (_matrix_elements(one, states) for one in expansion.model.velocity_operators())
    gap = energies[:, :, None] - energies[:, None, :]
    gap[np.abs(gap) < DEGENERACY_MEV] = np.inf  # equally filled: such pairs cancel
    curvature = -2 * np.imag(v_x * v_y.swapaxes(-1, -2) / gap**2).sum(axis=-1)
    curvature += np.einsum("kan,ab,kbn->kn", vectors.conj(), response.curvature, vectors).real
    speed = [np.einsum("knn->kn", v).real for v in (v_x, v_y)]
    first = expansion.below - count // 2
    chosen = slice(first, first + count)
    samples = _Samples(
        np.empty(len(points)),
        energies[:, chosen],
        curvature[:, chosen],
        speed[0][:, chosen] ** 2 + speed[1][:, chosen] ** 2,
        response.sea + curvature[:, :first].sum(axis=1),
        float(energies[:, first - 1].max()),
        float(energies[:, first + count].min()),
    )
    return samples, np.diff(energies[:, chosen], axis=1).min(axis=1)


def _matrix_elements(operator: Complex, states: Complex) -> Complex:
    """⟨a|O|b⟩ for states (np, n, M) and an operator with few elements per row: (np, M, M)."""
    bra, ket = np.nonzero(operator)
    left = states[:, bra].conj() * operator[bra, ket][:, None]
    elements: Complex = left.swapaxes(-1, -2) @ states[:, ket]
    return elements


def _quartered(triangles: Floats) -> Floats:
    """Cut triangles (nt, 3, 2) into four similar ones each."""
    a, b, c = np.moveaxis(triangles, 1, 0)
    ab, bc, ca = (a + b) / 2, (b + c) / 2, (c + a) / 2
    pieces = [(a, ab, ca), (ab, b, bc), (ca, bc, c), (bc, ca, ab)]
    return np.concatenate([np.stack(piece, axis=1) for piece in pieces])
