"""The density–density response of one layer: what screens the interaction between two."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from moirelib import _validate, cache
from moirelib._threads import one_blas_thread
from moirelib._types import Complex, Floats, Ints
from moirelib.bands.bloch import Bands, overlap_form_factors, solve_bands
from moirelib.bands.brillouin import fermi_quotient, minus_fermi_derivative
from moirelib.bands.model import ALL_SYMMETRIES, ValleyModel, require_valley_model
from moirelib.bands.symmetry import require_symmetry
from moirelib.drag.valleys import spins

# By time reversal K′ answers a potential as K does.
_VALLEYS = 2

# Temperature at which the undoped cone is compared with its closed form, far below ħv|G|.
_CONE_KT = 2.0

# Energies further than this from all chemical potentials, in k_BT, are full or empty to round-off.
_REACH_IN_KT = 40


@dataclass(frozen=True)
class DensityResponse:
    """The density–density response χ_{GG′} of one layer, over all bands of its basis or some.

    χ_{GG′} = (4/𝒱) Σ_{nmk} λ^{nm}_G λ^{nm}_{G′}* (f_n − f_m)/(ε_n − ε_m)

    with n and m in the valley K, and 4 for both spins and valleys. Its parameters are not those of
    a :class:`moirelib.DragLayer`: all states are kept, on a coarser mesh.

    Parameters
    ----------
    model : ValleyModel
        The layer's model.
    mesh : int
        Points along each reciprocal vector.
    shells : int
        Shells of G ≠ 0 kept.
    shift : tuple of float
        Lateral displacement s in nm: χ_{GG′} → e^{−i(G−G′)·s} χ_{GG′}.
    cone : ValleyModel, optional
        The same layer without its moiré: an undoped Dirac cone, whose χ = −|G|/4ħv is known in
        closed form. What the basis of plane waves lacks of it is added.
    bands : int, optional
        Bands kept, half below and half above charge neutrality; all if left out.

    Raises
    ------
    TypeError, ValueError
        If a parameter is of another kind or out of range, or a model lacks C₃, the mirror or time
        reversal.
    """

    model: ValleyModel
    mesh: int = 12
    shells: int = 2
    shift: tuple[float, float] = (0.0, 0.0)
    cone: ValleyModel | None = None
    bands: int | None = None

    def __post_init__(self) -> None:
        require_valley_model(self.model)
        mesh = _validate.integer("mesh", self.mesh, minimum=2)
        shells = _validate.integer("shells", self.shells, minimum=1)
        shift = _validate.real_array("shift", self.shift, last=2)
        if shift.ndim != 1:
            raise ValueError(
                f"shift must hold two lengths in nm, got {_validate.shown(self.shift)}"
            )
        bands = self.bands
        if bands is not None:
            bands = _validate.integer("bands", bands, minimum=2, even=True)
            if bands > 2 * self.model.occupied:
                raise ValueError(
                    f"bands must be ≤ {2 * self.model.occupied}, all of the model, got {bands}"
                )
        if self.cone is not None and (
            isinstance(self.cone, type) or not isinstance(self.cone, ValleyModel)
        ):
            raise TypeError(
                "cone must be a valley model such as GrapheneHBN() without its moiré, got "
                f"{_validate.shown(self.cone)}"
            )
        if not set(self.model.symmetries) >= ALL_SYMMETRIES:
            raise ValueError(
                f"model must have {', '.join(sorted(ALL_SYMMETRIES))} among its symmetries, got "
                f"{sorted(self.model.symmetries)}"
            )
        require_symmetry(self.model)
        kept = tuple(shift.tolist())
        _validate.keep(self, mesh=mesh, shells=shells, shift=kept, bands=bands)

    @cached_property
    def pairs(self) -> Ints:
        """The reciprocal vectors G ≠ 0 kept, as integer pairs (nG, 2), shell by shell."""
        return _validate.frozen(np.concatenate(self.model.lattice.shells(self.shells + 1)[1:]))

    @one_blas_thread
    def matrix(self, mu: ArrayLike, kT: float) -> Complex:
        """Return χ_{GG′} for potentials with the period of the moiré.

        Parameters
        ----------
        mu : array_like, shape (nmu,)
            Chemical potentials in meV.
        kT : float
            k_BT > 0 in meV.

        Returns
        -------
        ndarray, shape (2, nmu, nG, nG)
            In 1/(meV nm²): the part between bands and the part within bands. They add up to the
            static response.

        Raises
        ------
        TypeError, ValueError
            If ``mu`` is not real, finite and one-dimensional, or ``kT`` no number > 0.
        """
        levels = _validate.real_vector("mu", mu)
        _validate.positive("kT", kT, "meV")
        parts = _parts_once(self, tuple(levels.tolist()), float(kT))
        g = self.model.lattice.vectors(self.pairs) @ np.asarray(self.shift)
        turned: Complex = parts * np.exp(-1j * (g[:, None] - g))
        return turned

    @one_blas_thread
    def at_wavevector(self, offset: tuple[int, int], mu: ArrayLike, kT: float) -> Floats:
        """Return χ_00(q) at q = (i G₁ + j G₂)/mesh, from the full zone of both valleys.

        For small q it tends to −∂n/∂μ, the compressibility sum rule.

        Parameters
        ----------
        offset : tuple of int
            (i, j), not both 0.
        mu, kT
            As in :meth:`matrix`.

        Returns
        -------
        ndarray, shape (nmu,)
            In 1/(meV nm²).

        Raises
        ------
        TypeError, ValueError
            If ``offset`` is no pair of integers, or both are zero; as :meth:`matrix`.
        """
        levels = _validate.real_vector("mu", mu)
        kT = _validate.positive("kT", kT, "meV")
        pair = _validate.integer_pairs("offset", offset)
        if pair.ndim != 1 or not pair.any():
            raise ValueError(
                f"offset must be a pair of integers, not both 0, got {_validate.shown(offset)}"
            )
        lattice = self.model.lattice
        points = lattice.mesh(self.mesh, "none").points
        folded, umklapp = lattice.fold(points + lattice.vectors(pair) / self.mesh)
        total = np.zeros(len(levels))
        for model in (self.model, self.model.other_valley()):
            here, there = (solve_bands(model, k, self._count(model)) for k in (points, folded))
            overlap = np.abs(overlap_form_factors(here, there, [[0, 0]], umklapp)[0]) ** 2
            n, m = here.energies[:, :, None], there.energies[:, None, :]
            for i, level in enumerate(levels.tolist()):
                total[i] += (overlap * fermi_quotient(n, m, level, kT)).sum()
        scaled: Floats = spins(self.model) / (lattice.cell_area * len(points)) * total
        return scaled

    @one_blas_thread
    def compressibility(self, mu: ArrayLike, kT: float) -> Floats:
        """Return ∂n/∂μ in 1/(meV nm²), (nmu,), from the energies on the mesh alone.

        Parameters and errors are those of :meth:`matrix`.
        """
        levels = _validate.real_vector("mu", mu)
        zone = self.model.lattice.mesh(self.mesh, "C3v")
        energies = np.linalg.eigvalsh(self.model.hamiltonian(zone.points))
        derivative = minus_fermi_derivative(energies, levels[:, None, None], kT).sum(axis=2)
        density: Floats = derivative @ zone.weights
        return spins(self.model) * _VALLEYS / self.model.lattice.cell_area * density

    def _count(self, model: ValleyModel) -> int:
        return self.bands or 2 * model.occupied

    def _parts(self, mu: Floats, kT: float) -> Complex:
        """Both parts, completed but not displaced: (2, nmu, nG, nG)."""
        parts = self._in_basis(self.model, mu, kT)
        if self.cone is not None:
            parts[0] += np.diag(self._completion(self.cone))
        return parts

    def _completion(self, cone: ValleyModel) -> Floats:
        """What the vacuum has beyond the basis, (nG,): it knows neither the moiré nor μ."""
        found = DensityResponse(cone, self.mesh, self.shells, bands=self.bands)
        of_basis = found.matrix([0.0], _CONE_KT).sum(axis=0)[0].diagonal().real
        length = np.linalg.norm(self.model.lattice.vectors(self.pairs), axis=1)
        return np.asarray(-length / (4 * cone.hbar_v) - of_basis)

    def _in_basis(self, model: ValleyModel, mu: Floats, kT: float) -> Complex:
        zone = model.lattice.mesh(self.mesh, "C3v")
        parts = np.zeros((2, len(mu), len(self.pairs), len(self.pairs)), dtype=complex)
        for k, weight in zip(zone.points, zone.weights.tolist(), strict=True):
            bands = solve_bands(model, k, self._count(model))
            density = _whole_shells(bands, self.pairs)
            parts += weight * _of_point(density, self._opposite, bands.energies[0], mu, kT)
        parts *= spins(self.model) * _VALLEYS / model.lattice.cell_area
        return self._symmetrised(parts)

    @cached_property
    def _opposite(self) -> Ints:
        """Index (nG,) of −G."""
        pairs = self.pairs.tolist()
        return np.array([pairs.index([-n, -m]) for n, m in pairs])

    def _symmetrised(self, wedge: Complex) -> Complex:
        """The mean over C₃ᵥ: χ_{SG,SG′} = χ_{GG′}, or its conjugate for a mirror."""
        index = {tuple(pair): i for i, pair in enumerate(self.pairs.tolist())}
        operations = self.model.lattice.point_operations
        total = np.zeros_like(wedge)
        for op in operations:
            image = np.array([index[tuple(pair)] for pair in (self.pairs @ op.pairs.T).tolist()])
            total[..., image[:, None], image] += wedge.conj() if op.conjugates else wedge
        return np.asarray(total / len(operations), dtype=np.complex128)


@lru_cache(maxsize=32)
def _parts_once(response: DensityResponse, mu: tuple[float, ...], kT: float) -> Complex:
    """χ before it is displaced, solved once per process and kept where layers are."""
    one = response
    asked = ("density response", one.model, one.cone, one.mesh, one.shells, one.bands, mu, kT)
    return cache.kept(asked, lambda: {"parts": one._parts(np.array(mu), kT)})["parts"]


def _of_point(density: Complex, opposite: Ints, energies: Floats, mu: Floats, kT: float) -> Complex:
    """Σ_nm λ_G λ_G′* (f_n − f_m)/(ε_n − ε_m) at one k, between and within bands.

    From λ (nG, n, m) and the index of −G (nG,): (2, nmu, nG, nG). Only pairs that involve a band
    near a chemical potential are summed anew for each of them.
    """
    n, m = np.triu_indices(len(energies), 1)
    reach = _REACH_IN_KT * kT
    moves = (energies > mu.min() - reach) & (energies < mu.max() + reach)
    moving = moves[n] | moves[m]

    def sums(chosen: NDArray[np.bool_], levels: Floats) -> Iterator[Complex]:
        first, second = n[chosen], m[chosen]
        part = density[:, first, second]
        adjoint = part.conj().T
        pair = energies[first, None], energies[second, None]
        for quotient in fermi_quotient(*pair, levels, kT).T:
            half = (part * quotient) @ adjoint
            # λ_G of m and n is the conjugate of λ_{−G} of n and m.
            yield half + half[opposite[:, None], opposite].conj()

    (fixed,) = sums(~moving, mu[:1])
    diagonal = np.diagonal(density, axis1=1, axis2=2)
    weights = -minus_fermi_derivative(energies, mu[:, None], kT)
    return np.stack(
        [
            [fixed + between for between in sums(moving, mu)],
            [(diagonal * weight) @ diagonal.conj().T for weight in weights],
        ]
    )


def _whole_shells(bands: Bands, pairs: Ints) -> Complex:
    """λ_G (nG, n, m) at one wavevector; half of G is computed, λ_{−G} = λ_G†."""
    first = (pairs[:, 0] > 0) | ((pairs[:, 0] == 0) & (pairs[:, 1] > 0))
    half = bands.form_factor_matrix(pairs[first])[:, 0]
    index = {tuple(pair): i for i, pair in enumerate(pairs[first].tolist())}
    return np.stack(
        [
            half[index[n, m]] if (n, m) in index else half[index[-n, -m]].conj().T
            for n, m in pairs.tolist()
        ]
    )
