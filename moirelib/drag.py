"""Interlayer valley drag to first order in the interlayer interaction (Kundu Apps. B, D, E).

A layer is solved once on a mesh; what remains of it are the band energies and the products of
velocity and form factor, symmetrised over the point group. Susceptibilities at any number of
chemical potentials and temperatures follow from these, and drag conductivities from two layers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from moirelib import _validate
from moirelib._types import Complex, Floats, Ints
from moirelib.bloch import solve_bands
from moirelib.brillouin import spectral_function, thermal_sum
from moirelib.graphene_hbn import GrapheneHBN
from moirelib.lattice import Mesh, MoireLattice, Symmetry
from moirelib.units import COULOMB_MEV_NM

Flavor = Literal["valley", "charge"]

SPIN_DEGENERACY = 2

# Nodes per k_BT of the trapezoidal rule with which spectral functions are smeared, and where it
# ends: −f′ is below 1e-13 of its peak there.
_NODES_PER_KT = 5
_REACH_IN_KT = 32

# Points solved at a time: bounds the memory that eigenvectors take.
_CHUNK = 256


@dataclass(frozen=True)
class DragLayer:
    """One moiré layer, solved once on a mesh, and its current–density susceptibilities.

    Parameters
    ----------
    model : GrapheneHBN
        The layer's model in the valley K; K′ follows by time reversal, unless ``symmetry`` is
        ``"none"``: then the model of the other valley is solved too.
    mesh : int
        Points along each reciprocal vector.
    bands : int
        Bands kept, half below and half above charge neutrality.
    shells : int
        Shells of reciprocal vectors G ≠ 0 kept.
    symmetry : {"full", "none"}
        Use C₃ᵥ and time reversal (a twelfth of the work), or neither.
    shift : tuple of float
        Lateral displacement s of the moiré pattern in nm: 𝒞_G → e^{−iG·s} 𝒞_G.

    Raises
    ------
    ValueError
        If ``symmetry="full"`` is asked for and the model does not have these symmetries, or a
        parameter is out of range.
    """

    model: GrapheneHBN
    mesh: int = 120
    bands: int = 6
    shells: int = 3
    symmetry: Literal["full", "none"] = "full"
    shift: tuple[float, float] = (0.0, 0.0)

    def __post_init__(self) -> None:
        _validate.integer("mesh", self.mesh, minimum=2)
        _validate.integer("shells", self.shells, minimum=1)
        _validate.choice("symmetry", self.symmetry, ("full", "none"))
        if _validate.real_array("shift", self.shift, last=2).ndim != 1:
            raise ValueError(f"shift must hold two lengths in nm, got {self.shift!r}")
        if self.symmetry == "full":
            _require_symmetry(self.model)

    @property
    def lattice(self) -> MoireLattice:
        """The layer's moiré lattice."""
        return self.model.lattice

    @cached_property
    def pairs(self) -> Ints:
        """The reciprocal vectors G ≠ 0 kept, as integer pairs (nG, 2), shell by shell."""
        return np.concatenate(self.lattice.shells(self.shells + 1)[1:])

    @cached_property
    def shell_of_pair(self) -> Ints:
        """Index (nG,) of the shell of each G, counted from 1."""
        sizes = [len(shell) for shell in self.lattice.shells(self.shells + 1)[1:]]
        return np.repeat(np.arange(1, self.shells + 1), sizes)

    @cached_property
    def zone(self) -> Mesh:
        """The mesh of the Brillouin zone."""
        reduction: Symmetry = "C3v" if self.symmetry == "full" else "none"
        return self.lattice.mesh(self.mesh, reduction)

    @property
    def thermal_resolution(self) -> float:
        """The k_BT in meV from which sums over the mesh converge: below it, triangles are used.

        The error of a sum over a periodic mesh falls as exp(−2π² k_BT/(ħv Δk)); here it is 10⁻⁴
        at the Dirac velocity.
        """
        spacing = self.lattice.reciprocal_length / self.mesh
        return self.model.hbar_v * spacing * math.log(1e4) / (2 * math.pi**2)

    def susceptibility(self, mu: ArrayLike, kT: float, flavor: Flavor = "valley") -> Complex:
        """Return the intraband current–density susceptibility 𝒞_G (Kundu Eqs. 33, 36 and 42).

        𝒞^α_G = (2/𝒱) Σ_{n,k,ξ} s_ξ ∂_αε λ_G (−f′), with s_ξ = ξ for the valley and 1 for the
        charge, the factor 2 for spin, and ∂_αε in meV nm.

        Parameters
        ----------
        mu : array_like, shape (nmu,) or (nmu, 2)
            Chemical potentials in meV; two columns set K and K′ separately and so break time
            reversal.
        kT : float
            k_BT ≥ 0 in meV; at 0 the Fermi-line integral is done by linear triangles.
        flavor : {"valley", "charge"}
            Which current.

        Returns
        -------
        ndarray, shape (nmu, nG, 2)
            In 1/nm, for the vectors in ``pairs``.
        """
        _validate.choice("flavor", flavor, ("valley", "charge"))
        mu_k, mu_k_prime = _per_valley(mu)
        same_valley, other_valley = self._valley_responses
        of_k = self._thermal(same_valley, mu_k, kT)
        of_k_prime = (
            # Time reversal turns 𝒞 of one valley into −𝒞 of the other at the same μ.
            -(of_k if mu_k is mu_k_prime else self._thermal(same_valley, mu_k_prime, kT))
            if other_valley is None
            else self._thermal(other_valley, mu_k_prime, kT)
        )
        total = of_k - of_k_prime if flavor == "valley" else of_k + of_k_prime
        phase = np.exp(-1j * self.lattice.vectors(self.pairs) @ np.asarray(self.shift))
        susceptibility: Complex = total * phase[:, None]
        return susceptibility

    def _thermal(self, response: _ValleyResponse, mu: Floats, kT: float) -> Complex:
        if _validate.non_negative("kT", kT, "meV") >= self.thermal_resolution:
            summed = thermal_sum(response.energies, self.zone.weights, response.products, mu, kT)
        else:
            # x = (ε − μ)/k_BT; the nodes at k_BT = 0 shrink to the chemical potential itself.
            reach = _REACH_IN_KT * _NODES_PER_KT if kT > 0 else 0
            x = np.arange(-reach, reach + 1) / _NODES_PER_KT
            weight = 0.25 / np.cosh(x / 2) ** 2
            nodes = (mu[:, None] + kT * x).ravel()
            spectral = spectral_function(self.zone, response.energies, nodes, response.products)
            summed = spectral.reshape(*spectral.shape[:-1], len(mu), len(x)) @ (
                weight / weight.sum()
            )
        per_area = SPIN_DEGENERACY / self.lattice.cell_area
        return _over_orbits(per_area * summed, self._orbits)

    @cached_property
    def _valley_responses(self) -> tuple[_ValleyResponse, _ValleyResponse | None]:
        """The solved valley K and, without time reversal, the solved valley K′."""
        if self.symmetry == "full":
            return self._solve(self.model), None
        return self._solve(self.model), self._solve(self.model.other_valley())

    @cached_property
    def _orbits(self) -> list[_Orbit]:
        return _orbits(self.lattice, self.pairs, self.symmetry)

    def _solve(self, model: GrapheneHBN) -> _ValleyResponse:
        points = self.zone.points
        energies = np.empty((len(points), self.bands))
        products = np.empty((len(self._orbits), 2, *energies.shape), dtype=complex)
        for start in range(0, len(points), _CHUNK):
            chunk = slice(start, start + _CHUNK)
            bands = solve_bands(model, points[chunk], self.bands)
            energies[chunk] = bands.energies
            form_factors = bands.form_factors(self.pairs)
            for i, orbit in enumerate(self._orbits):
                products[i, :, chunk] = orbit.average(bands.velocities, form_factors)
        return _ValleyResponse(energies, products)


def interlayer_coulomb(
    q: ArrayLike, distance: float = 1.0, gate_distance: float = 10.0, permittivity: float = 5.0
) -> Floats:
    """Return the gate-screened interlayer interaction U₁₂ (Kundu App. B, below Eq. 34).

    U₁₂(q) = e² e^{−qd} (1 − e^{−2q d_g})/(2ε₀ε q); at q = 0 its limit, e² d_g/(ε₀ε).

    Parameters
    ----------
    q : array_like
        Wavenumbers |q| ≥ 0 in 1/nm.
    distance, gate_distance : float
        Layer separation d ≥ 0 and gate distance d_g > 0 in nm; ``inf`` removes the gate.
    permittivity : float
        Relative permittivity ε > 0.

    Returns
    -------
    ndarray, shape of q
        In meV nm².
    """
    q = _validate.real_array("q", q)
    if (q < 0).any():
        raise ValueError(f"q must be ≥ 0 1/nm, got {q.min()!r}")
    _validate.non_negative("distance", distance, "nm")
    if gate_distance != math.inf:
        _validate.positive("gate_distance", gate_distance, "nm")
    elif (q == 0).any():
        raise ValueError("q must be > 0 1/nm without a gate: the bare interaction diverges")
    _validate.positive("permittivity", permittivity)
    prefactor = 2 * math.pi * COULOMB_MEV_NM / permittivity
    with np.errstate(divide="ignore", invalid="ignore"):
        screened = np.where(q > 0, -np.expm1(-2 * q * gate_distance) / q, 2 * gate_distance)
    interaction: Floats = prefactor * np.exp(-q * distance) * screened
    return interaction


def drag_conductivity(
    layer1: DragLayer,
    layer2: DragLayer,
    mu1: ArrayLike,
    mu2: ArrayLike,
    kT: float,
    distance: float = 1.0,
    gate_distance: float = 10.0,
    permittivity: float = 5.0,
    broadening: float = 1.0,
    flavor: Flavor = "valley",
) -> Floats:
    """Return the intraband drag conductivity, with the sign of Kundu Eq. 1.

    σ₁₂ = −(e²/h)(2π/ħδ) Σ_G 𝒞₁(−G) U₁₂(G) 𝒞₂(G).

    Parameters
    ----------
    layer1, layer2 : DragLayer
        The two layers, of one moiré period.
    mu1, mu2 : array_like, shape (n,) or (n, 2)
        Chemical potentials of each layer in meV; two columns for K and K′ separately.
    kT : float
        k_BT ≥ 0 in meV.
    distance, gate_distance, permittivity : float
        As in :func:`interlayer_coulomb`.
    broadening : float
        ħδ > 0 in meV.
    flavor : {"valley", "charge"}
        Which current.

    Returns
    -------
    ndarray, shape (len(mu1), len(mu2), 2, 2)
        σ^{αβ} in e²/h.

    Raises
    ------
    ValueError
        If the layers differ in period or in the shells kept, or a parameter is out of range.
    """
    total: Floats = drag_conductivity_by_shell(
        layer1, layer2, mu1, mu2, kT, distance, gate_distance, permittivity, broadening, flavor
    ).sum(axis=0)
    return total


def drag_conductivity_by_shell(
    layer1: DragLayer,
    layer2: DragLayer,
    mu1: ArrayLike,
    mu2: ArrayLike,
    kT: float,
    distance: float = 1.0,
    gate_distance: float = 10.0,
    permittivity: float = 5.0,
    broadening: float = 1.0,
    flavor: Flavor = "valley",
) -> Floats:
    """Return :func:`drag_conductivity` split into shells of G.

    Returns
    -------
    ndarray, shape (shells, len(mu1), len(mu2), 2, 2)
        In e²/h; the sum over the first axis is the conductivity.
    """
    _validate.positive("broadening", broadening, "meV")
    if not math.isclose(layer1.lattice.period, layer2.lattice.period, rel_tol=1e-12):
        raise ValueError(
            "layer1 and layer2 must share one moiré period, got "
            f"{layer1.lattice.period} and {layer2.lattice.period} nm: their umklapp momenta differ"
        )
    if layer1.shells != layer2.shells:
        raise ValueError(
            f"layer1 and layer2 must keep the same shells, got {layer1.shells} and {layer2.shells}"
        )
    length = np.linalg.norm(layer1.lattice.vectors(layer1.pairs), axis=1)
    interaction = interlayer_coulomb(length, distance, gate_distance, permittivity)
    # 𝒞(−G) = 𝒞(G)*, since the charge density is real.
    left = layer1.susceptibility(mu1, kT, flavor).conj()
    right = layer2.susceptibility(mu2, kT, flavor) * interaction[:, None]
    shells = [
        np.einsum("xga,ygb->xyab", left[:, own], right[:, own]).real
        for own in (layer1.shell_of_pair == shell for shell in range(1, layer1.shells + 1))
    ]
    return -2 * math.pi / broadening * np.stack(shells)


@dataclass(frozen=True)
class _ValleyResponse:
    """One valley on the mesh: energies (nk, nb), ∂_αε λ_G (n_orbits, 2, nk, nb) in meV nm."""

    energies: Floats
    products: Complex


@dataclass(frozen=True)
class _Orbit:
    """The vectors G that symmetry maps onto one another.

    ``average`` sums ∂ε(Sk) λ_G(Sk) over the point group for the representative G, using
    λ_G(Sk) = λ_{S⁻¹G}(k), conjugated for the antiunitary mirrors. ``members`` lists, for the
    index of each vector of the orbit, the matrix and conjugation that carry 𝒞 there.
    """

    star: list[tuple[int, Floats, bool]]
    members: list[tuple[int, Floats, bool]]

    def average(self, velocities: Floats, form_factors: Complex) -> Complex:
        """Mean over the star, (2, nk, nb), from (nk, nb, 2) and (nG, nk, nb)."""
        terms = [
            np.moveaxis(velocities @ matrix.T, -1, 0)
            * (form_factors[index].conj() if conjugate else form_factors[index])
            for index, matrix, conjugate in self.star
        ]
        mean: Complex = np.mean(terms, axis=0)
        return mean


def _orbits(lattice: MoireLattice, pairs: Ints, symmetry: Literal["full", "none"]) -> list[_Orbit]:
    index = {tuple(pair): i for i, pair in enumerate(pairs.tolist())}
    operations = lattice.point_operations if symmetry == "full" else lattice.point_operations[:1]
    orbits: list[_Orbit] = []
    found: set[int] = set()
    for representative, pair in enumerate(pairs):
        if representative in found:
            continue
        star, members = [], dict[int, tuple[int, Floats, bool]]()
        for op in operations:
            inverse = np.rint(np.linalg.inv(op.pairs)).astype(np.int64)
            star.append((index[tuple((inverse @ pair).tolist())], op.cartesian, op.conjugates))
            for sign in (1, -1):
                image = index[tuple((sign * op.pairs @ pair).tolist())]
                # 𝒞(SG) = S 𝒞(G), conjugated for a mirror; 𝒞(−G) = 𝒞(G)*.
                members.setdefault(image, (image, op.cartesian, op.conjugates != (sign < 0)))
        found.update(members)
        orbits.append(_Orbit(star, list(members.values())))
    return orbits


def _over_orbits(values: NDArray[Any], orbits: list[_Orbit]) -> Complex:
    """Carry 𝒞 from the representatives (n_orbits, 2, nmu) to all G: (nmu, nG, 2)."""
    count = sum(len(orbit.members) for orbit in orbits)
    out = np.empty((values.shape[-1], count, 2), dtype=complex)
    for value, orbit in zip(values, orbits, strict=True):
        for index, matrix, conjugate in orbit.members:
            rotated = (matrix @ value).T
            out[:, index] = rotated.conj() if conjugate else rotated
    return out


def _per_valley(mu: ArrayLike) -> tuple[Floats, Floats]:
    values = _validate.real_array("mu", mu)
    if values.ndim < 2:
        same = np.atleast_1d(values)
        return same, same
    if values.ndim != 2 or values.shape[1] != 2:
        raise ValueError(f"mu must have shape (nmu,) or (nmu, 2), got {values.shape}")
    return values[:, 0], values[:, 1]


def _require_symmetry(model: GrapheneHBN, tolerance: float = 0.1) -> None:
    """Refuse a model whose bands at one generic wavevector break C₃, the mirror or time reversal.

    The tolerance, in meV, admits a box of plane waves, which breaks C₃ at its rim.
    """
    k = model.lattice.k_m * np.array([0.31, 0.17])
    reference = solve_bands(model, k).energies
    rotation, mirror = (model.lattice.point_operations[i].cartesian for i in (2, 1))
    images = {
        "C₃": (model, rotation @ k),
        "the mirror k_y → −k_y": (model, mirror @ k),
        "time reversal": (model.other_valley(), -k),
    }
    for name, (image, point) in images.items():
        residual = float(np.abs(solve_bands(image, point).energies - reference).max())
        if residual > tolerance:
            raise ValueError(
                f'symmetry="full" needs a model with {name}, but its bands break it by '
                f'{residual:.3g} meV; use symmetry="none"'
            )
