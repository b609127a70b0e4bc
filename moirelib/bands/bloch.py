"""Bloch states of any model that is affine in k: energies, velocities, form factors, curvature.

Everything returned is independent of the phases of the eigenvectors, except the off-diagonal
elements, whose moduli and closed products are.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import eigh

from moirelib import _validate
from moirelib._memory import require_memory
from moirelib._repr import short_repr
from moirelib._threads import one_blas_thread
from moirelib._types import Complex, Floats, Ints
from moirelib.bands.groups import (
    DEGENERACY_MEV,
    average_degenerate,
    connected_rows,
    cut_groups,
    velocity_rows,
)
from moirelib.bands.model import BlochModel, half_count

# States multiplied at a time: the products of a block stay in the cache of the processor.
_COLUMNS = 256

# Matrices diagonalised in one call, where all bands are wanted.
_MATRICES = 16


class DegenerateBandsError(ValueError):
    """A quantity of a single band was asked for where that band is degenerate."""


# Compared by identity: its arrays have no hash.
@short_repr
@dataclass(frozen=True, eq=False)
class Bands:
    """Bands on a set of wavevectors, made by :func:`solve_bands`.

    Parameters
    ----------
    model : BlochModel
        The model that was solved.
    k : ndarray, shape (nk, 2)
        Wavevectors in 1/nm.
    energies : ndarray, shape (nk, count)
        Band energies in meV, ascending; the first half lies below charge neutrality.
    states : ndarray, shape (nk, n, count)
        Plane-wave coefficients u_{n,k}(G), normalised, of arbitrary phase.
    cut : ndarray of int, shape (ncut,)
        Positions in ``k`` where a degenerate group lies across an edge of the window of bands.
        The mean over such a group is taken with the bands that were left out.
    """

    model: BlochModel
    k: Floats
    energies: Floats
    states: Complex
    cut: Ints = field(default_factory=lambda: np.empty(0, dtype=np.int64))

    def __post_init__(self) -> None:
        _validate.keep(self)

    @cached_property
    @one_blas_thread
    def velocities(self) -> Floats:
        """Hellmann–Feynman velocities ∂ε/∂k in meV nm, shape (nk, count, 2).

        Kundu Λ^{(n,n)} of Eq. 18 at q = 0. In a degenerate group, the mean of the whole group.
        """
        diagonal = []
        for operator in self.model.velocity_operators():
            # A handful of elements per row: summing them beats a dense product.
            bra, ket = np.nonzero(operator)
            elements = self._summed_products(bra, ket, operator[bra, ket])
            diagonal.append(elements.real)
        velocities = np.moveaxis(average_degenerate(self.energies, np.stack(diagonal)), 0, -1)
        if self.cut.size:
            velocities[self.cut] = self._uncut.velocities[:, self._window]
        return _validate.frozen(velocities)

    @one_blas_thread
    def velocity_matrix(self) -> Complex:
        """Return ⟨m|∂H/∂k|n⟩ in meV nm, shape (2, nk, count, count): Kundu Eq. 18 at q = 0."""
        rows, images = _velocity_images(self)
        return self.states[:, rows].conj().swapaxes(-1, -2) @ images

    @one_blas_thread
    def form_factors(self, pairs: ArrayLike) -> Complex:
        """Return the diagonal form factors λ_G = Σ_G' u†(G') u(G' + G) (Kundu Eq. 15, q = 0).

        Parameters
        ----------
        pairs : array_like of int, shape (..., 2)
            G as integer pairs.

        Returns
        -------
        ndarray, shape (..., nk, count)
            In a degenerate group, the mean of the whole group.

        Raises
        ------
        TypeError, ValueError
            If ``pairs`` does not hold integers, or its last axis is not of length 2.
        """
        pairs = _validate.integer_pairs("pairs", pairs)
        flat = [
            self._summed_products(*connected_rows(self.model, pair))
            for pair in pairs.reshape(-1, 2)
        ]
        diagonal = np.array(flat, dtype=complex).reshape(-1, *self.energies.shape)
        factors = average_degenerate(self.energies, diagonal).reshape(
            *pairs.shape[:-1], *self.energies.shape
        )
        if self.cut.size:
            factors[..., self.cut, :] = self._uncut.form_factors(pairs)[..., self._window]
        return factors

    def form_factor_matrix(self, pairs: ArrayLike) -> Complex:
        """Return λ_G^{(m,n)} = Σ_G' u_m†(G') u_n(G' + G) (Kundu Eq. 15, q = 0).

        Parameters
        ----------
        pairs : array_like of int, shape (..., 2)
            G as integer pairs.

        Returns
        -------
        ndarray, shape (..., nk, count, count)

        Raises
        ------
        TypeError, ValueError
            If ``pairs`` does not hold integers, or its last axis is not of length 2.
        """
        return overlap_form_factors(self, self, pairs)

    @one_blas_thread
    def berry_curvature(self) -> Floats:
        """Return the Berry curvature in nm², shape (nk, count).

        Ω_n = −2 Im Σ_{m≠n} ⟨n|∂_xH|m⟩⟨m|∂_yH|n⟩/(ε_n − ε_m)², over all bands m of the model
        (Xiao, Chang and Niu 2010, Eq. 1.13).

        Raises
        ------
        DegenerateBandsError
            Where one of the bands touches a neighbour, so that its curvature is not defined.
        """
        curvature = np.empty_like(self.energies)
        chosen = self._window
        for i, k in enumerate(self.k):
            energies, states = np.linalg.eigh(self.model.hamiltonian(k))
            v_x, v_y = (
                states.conj().T @ (operator @ states[:, chosen])
                for operator in self.model.velocity_operators()
            )
            gap = energies[chosen] - energies[:, None]
            own = np.arange(len(energies))[:, None] == np.arange(len(energies))[chosen]
            touching = np.argwhere((np.abs(gap) < DEGENERACY_MEV) & ~own)
            if len(touching):
                m, n = touching[0].tolist()
                raise DegenerateBandsError(
                    f"berry_curvature needs isolated bands, but bands {n + chosen.start} and {m} "
                    f"(counted from the lowest) are within {DEGENERACY_MEV} meV at k = {k} 1/nm"
                )
            gap[own] = np.inf
            curvature[i] = -2 * np.imag(v_x.conj() * v_y / gap**2).sum(axis=0)
        return curvature

    @property
    def _window(self) -> slice:
        """The bands kept, among all."""
        first = self.model.occupied - self.energies.shape[1] // 2
        return slice(first, first + self.energies.shape[1])

    @cached_property
    def _uncut(self) -> Bands:
        """All bands of the model at the wavevectors ``cut``."""
        k = self.k[self.cut]
        return Bands(self.model, k, *np.linalg.eigh(self.model.hamiltonian(k)))

    @cached_property
    def _rows(self) -> Complex:
        """The states with plane waves first, (n, nk · count): rows are then contiguous."""
        return np.ascontiguousarray(np.moveaxis(self.states, 1, 0)).reshape(
            self.states.shape[1], -1
        )

    def _summed_products(self, bra: Ints, ket: Ints, factors: Complex | None = None) -> Complex:
        """Σ_i c_i u*(bra_i) u(ket_i) for each k and band, (nk, count)."""
        weights = np.ones(len(bra)) if factors is None else factors
        summed = np.empty(self._rows.shape[1], dtype=complex)
        for start in range(0, len(summed), _COLUMNS):
            block = slice(start, start + _COLUMNS)
            products = self._rows[bra, block].conj()
            products *= self._rows[ket, block]
            summed[block] = weights @ products
        return summed.reshape(self.energies.shape)


def wavevectors(k: ArrayLike) -> Floats:
    """Return finite wavevectors (nk, 2) from ``k``, an array (nk, 2) or (2,), in 1/nm.

    Raises
    ------
    TypeError, ValueError
        If ``k`` is not real and finite, or of another shape.
    """
    k = np.atleast_2d(_validate.real_array("k", k, last=2, empty=True))
    if k.ndim != 2:
        raise ValueError(f"k must have shape (nk, 2), got {k.shape}")
    return k


@one_blas_thread
def solve_bands(model: BlochModel, k: ArrayLike, count: int = 6) -> Bands:
    """Diagonalise a model and keep the bands nearest to charge neutrality.

    Parameters
    ----------
    model : BlochModel
        Any model that is affine in k, such as :class:`moirelib.GrapheneHBN`.
    k : array_like, shape (nk, 2) or (2,)
        Wavevectors in 1/nm, measured from the valley centre.
    count : int
        Number of bands, even: half below and half above charge neutrality.

    Returns
    -------
    Bands
        Energies (nk, count) in meV as the Hamiltonian gives them, velocities, form factors.

    Raises
    ------
    TypeError
        If ``model`` is not a Bloch model, or ``k`` is not real.
    ValueError
        If ``k`` is not finite or not of shape (nk, 2), or ``count`` is odd or exceeds the model.

    Examples
    --------
    >>> from moirelib import GrapheneHBN
    >>> bands = solve_bands(GrapheneHBN(), [[0.0, 0.0]], count=2)
    >>> print((bands.energies[0, 1] - bands.energies[0, 0]).round(2), "meV")
    2.29 meV
    """
    half = half_count(model, count)
    k = wavevectors(k)
    count = 2 * half
    size = len(model.plane_waves)
    require_memory(f"{len(k)} wavevectors with count={count}", len(k) * size * count, 16)
    # The next band on either side tells whether the window cuts a degenerate group.
    first, last = max(model.occupied - half - 1, 0), min(model.occupied + half, size - 1)
    chosen = slice(model.occupied - half - first, model.occupied + half - first)
    energies = np.empty((len(k), last - first + 1))
    states = np.empty((len(k), size, count), dtype=complex)
    if first == 0 and last == size - 1:
        # All bands at once come sooner by divide and conquer.
        for start in range(0, len(k), _MATRICES):
            some = slice(start, start + _MATRICES)
            energies[some], vectors = np.linalg.eigh(model.hamiltonian(k[some]))
            states[some] = vectors[..., chosen]
    else:
        for i, point in enumerate(k):
            energies[i], vectors = eigh(
                # A copy, which LAPACK may overwrite; the model may return an array that it keeps.
                np.array(model.hamiltonian(point), dtype=np.complex128, order="F"),
                subset_by_index=(first, last),
                driver="evr",
                overwrite_a=True,
                check_finite=False,
            )
            states[i] = vectors[:, chosen]
    return Bands(
        model, k, energies[:, chosen], _validate.frozen(states), cut_groups(energies, chosen)
    )


@one_blas_thread
def overlap_form_factors(
    left: Bands, right: Bands, pairs: ArrayLike, umklapp: ArrayLike | None = None
) -> Complex:
    """Return λ_G^{(n,m)}(k, q) = Σ_G' u†_{n,k}(G') u_{m,MBZ(k+q)}(G' + G + G_{k+q}), Kundu Eq. 15.

    Parameters
    ----------
    left : Bands
        Bands at the wavevectors k.
    right : Bands
        Bands of the same model at MBZ(k + q), in the order of k; MBZ is
        :meth:`MoireLattice.fold`. Unfolded wavevectors do as well, with zero umklapp;
        the two differ by what the truncated basis lacks.
    pairs : array_like of int, shape (..., 2)
        G as integer pairs.
    umklapp : array_like of int, shape (nk, 2), optional
        G_{k+q} of each k as an integer pair, the second result of the folding; zero if left out.

    Returns
    -------
    ndarray, shape (..., nk, count of left, count of right)
        Dimensionless. The modulus and closed products do not depend on the phases of the states.

    Raises
    ------
    TypeError, ValueError
        If ``left`` or ``right`` are no bands or differ in length or basis, if ``pairs`` or
        ``umklapp`` do not hold integers, or for a wrong shape.

    Examples
    --------
    >>> from moirelib import GrapheneHBN
    >>> model = GrapheneHBN()
    >>> k, q = np.array([[0.1, 0.0]]), np.array([0.3, 0.0])
    >>> folded, umklapp = model.lattice.fold(k + q)
    >>> left, right = solve_bands(model, k), solve_bands(model, folded)
    >>> overlap_form_factors(left, right, [[0, 0], [1, 0]], umklapp).shape
    (2, 1, 6, 6)
    """
    _validate.instance("right", right, Bands, "Bands, as solve_bands returns them")
    rows = np.arange(right.states.shape[1])
    return _overlaps(left, right.states, rows, right, pairs, umklapp)


@one_blas_thread
def overlap_current_factors(
    left: Bands, right: Bands, pairs: ArrayLike, umklapp: ArrayLike | None = None
) -> Complex:
    """Return Λ_{c;α,G}^{(n,m)}(k, q), Kundu Eq. 18 with ħΓ_α = ∂H/∂k_α, in meV nm.

    The valley current factor of Kundu Eq. 19 is ξ times this. Parameters and errors are those
    of :func:`overlap_form_factors`.

    Returns
    -------
    ndarray, shape (2, ..., nk, count of left, count of right)
    """
    _validate.instance("right", right, Bands, "Bands, as solve_bands returns them")
    rows, images = _velocity_images(right)
    return np.stack([_overlaps(left, one, rows, right, pairs, umklapp) for one in images])


def _velocity_images(bands: Bands) -> tuple[Ints, Complex]:
    """The rows with dispersion, and ∂H/∂k on the states there: (2, nk, n_rows, count)."""
    rows, applied = velocity_rows(bands.model)
    some = bands.states[:, rows]
    images = applied(some.swapaxes(0, 1).reshape(len(rows), -1))
    return rows, images.reshape(2, len(rows), *some.shape[::2]).swapaxes(1, 2)


def _overlaps(
    left: Bands,
    kets: Complex,
    rows: Ints,
    right: Bands,
    pairs: ArrayLike,
    umklapp: ArrayLike | None,
) -> Complex:
    """Σ_G' u†_n(G') x_m(G' + G + umklapp) for each k and G; x are the kets (nk, rows, count)."""
    pairs = _validate.integer_pairs("pairs", pairs)
    for name, one in (("left", left), ("right", right)):
        _validate.instance(name, one, Bands, "Bands, as solve_bands returns them")
    nk = len(left.k)
    if len(right.k) != nk:
        raise ValueError(f"left and right must hold as many wavevectors, got {nk}, {len(right.k)}")
    bases = [(one.model.plane_waves, one.model.orbitals) for one in (left, right)]
    if not all(np.array_equal(a, b) for a, b in zip(*bases, strict=True)):
        raise ValueError("left and right must be bands in the same plane-wave basis")
    shifts = np.zeros((nk, 2), dtype=np.int64)
    if umklapp is not None:
        shifts = _validate.integer_pairs("umklapp", umklapp)
    if shifts.shape != (nk, 2):
        raise ValueError(f"umklapp must have shape ({nk}, 2), got {shifts.shape}")
    flat = pairs.reshape(-1, 2)
    result = np.empty((len(flat), nk, left.states.shape[-1], kets.shape[-1]), dtype=complex)
    for shift in np.unique(shifts, axis=0):
        here = np.flatnonzero((shifts == shift).all(axis=1))
        bras, some = left.states[here].conj().swapaxes(-1, -2), kets[here]
        for i, pair in enumerate(flat):
            bra, ket = connected_rows(left.model, pair + shift)
            kept = np.isin(ket, rows)
            where = np.searchsorted(rows, ket[kept])
            result[i, here] = bras[..., bra[kept]] @ some[:, where]
    return result.reshape(*pairs.shape[:-1], *result.shape[1:])
