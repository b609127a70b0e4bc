"""Bands on a fine set of wavevectors from k·p expansions about a few centres.

H is affine in k, so about a centre k₀ the only perturbation is q·∂H with q = k − k₀. The bands
near charge neutrality are decoupled from all others by Löwdin's transformation, to second order
in the states and third order in the energies; what remains per wavevector is a small matrix.
Crossings within the retained bands are exact. The truncation is measured where two expansions
meet: there they must agree.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from moirelib import _validate
from moirelib._repr import short_repr
from moirelib._threads import one_blas_thread
from moirelib._types import Complex, Floats
from moirelib.bands.bloch import Bands, wavevectors
from moirelib.bands.groups import DEGENERACY_MEV, cut_groups, velocity_rows
from moirelib.bands.model import BlochModel, half_count
from moirelib.bands.monomials import monomials, products

# Bands kept besides those asked for, on each side; the cut is put at the widest gap in between.
_SPARE = (5, 8)

# The orders in q of the decoupled Hamiltonian and of the states.
_OF_ENERGIES, _OF_STATES = 3, 2


@short_repr
@dataclass(frozen=True, eq=False)
class KdotPExpansion:
    """The expansion of a model about one wavevector.

    Parameters
    ----------
    model : BlochModel
        The model expanded.
    centre : ndarray, shape (2,)
        k₀ in 1/nm.
    below : int
        Retained bands below charge neutrality.
    hamiltonian : ndarray, shape (10, M, M)
        Coefficients of the monomials of q up to third order of the decoupled Hamiltonian.
    states : ndarray, shape (6, n, M)
        Coefficients of the monomials up to second order of the retained states.
    centre_energies : ndarray, shape (n,)
        All energies at k₀ in meV.
    centre_states : ndarray, shape (n, n)
        All states at k₀, as columns.
    """

    model: BlochModel
    centre: Floats
    below: int
    hamiltonian: Complex
    states: Complex
    centre_energies: Floats
    centre_states: Complex

    def __post_init__(self) -> None:
        _validate.keep(self)

    @one_blas_thread
    def solve(self, k: ArrayLike, count: int) -> Bands:
        """Return the ``count`` bands nearest to charge neutrality at k.

        Parameters
        ----------
        k : array_like, shape (nk, 2) or (2,)
            Wavevectors in 1/nm; the error grows with their distance from the centre.
        count : int
            Number of bands, even, at most the number that the expansion was made for.

        Raises
        ------
        TypeError, ValueError
            If ``k`` is not real and finite or of another shape; ``count`` as :meth:`chosen`.
        """
        k = wavevectors(k)
        energies, vectors, chosen = self.eigenpairs(k, count)
        states = self.basis(k) @ vectors[..., chosen]
        states /= np.linalg.norm(states, axis=1, keepdims=True)
        return Bands(self.model, k, energies[:, chosen], states, cut_groups(energies, chosen))

    @one_blas_thread
    def energies(self, k: ArrayLike, count: int) -> Floats:
        """Return the energies (nk, count) of :meth:`solve` in meV, without the states.

        Errors as :meth:`solve`.
        """
        energies, _, chosen = self.eigenpairs(wavevectors(k), count)
        return energies[:, chosen]

    def eigenpairs(self, k: Floats, count: int) -> tuple[Floats, Complex, slice]:
        """Return energies (nk, M) and eigenvectors (nk, M, M) of the decoupled Hamiltonian.

        The third result says which are the ``count`` bands nearest to charge neutrality. Errors as
        :meth:`chosen`.
        """
        chosen = self.chosen(count)
        return *np.linalg.eigh(self.matrices(k)), chosen

    def basis(self, k: Floats) -> Complex:
        """Return the retained states (nk, n, M) at ``k`` (nk, 2), orthonormal to second order."""
        # Products of real with complex numbers, as real ones.
        states = self.states.reshape(len(self.states), -1).view(np.float64)
        flat = monomials(k - self.centre, _OF_STATES) @ states
        return flat.view(np.complex128).reshape(len(k), *self.states.shape[1:])

    @one_blas_thread
    def velocity_matrices(self, k: Floats) -> tuple[Floats, Complex, Complex]:
        """Return all retained bands at k (nk, 2) and the velocity between them.

        Returns
        -------
        energies : ndarray, shape (nk, M)
            In meV.
        vectors : ndarray, shape (nk, M, M)
            Eigenvectors in the decoupled basis.
        velocities : ndarray, shape (2, nk, M, M)
            ⟨a|∂H/∂k|b⟩ in meV nm between the normalised states.
        """
        energies, vectors = np.linalg.eigh(self.matrices(k))
        of_k = monomials(k - self.centre, 2 * _OF_STATES)
        adjoint = _adjoint(vectors)
        overlap, *velocities = (
            adjoint @ (of_k @ operator).view(np.complex128).reshape(vectors.shape) @ vectors
            for operator in self._products_of_states
        )
        norm = np.sqrt(np.einsum("kaa->ka", overlap).real)
        return energies, vectors, np.stack(velocities) / (norm[:, :, None] * norm[:, None, :])

    @cached_property
    def _products_of_states(self) -> list[Floats]:
        """Σ S_i†OS_j of the coefficients S of the states, for O = 1, ∂_xH and ∂_yH.

        Sums over the pairs that give one monomial, as real numbers: (15, 2M²).
        """
        terms, n, size = self.states.shape
        columns = self.states.swapaxes(0, 1).reshape(n, -1)
        rows, applied = velocity_rows(self.model)
        of_rows = columns[rows]
        pairs = [(columns, columns), *((of_rows, image) for image in applied(of_rows))]
        found = []
        for bras, kets in pairs:
            elements = (bras.conj().T @ kets).reshape(terms, size, terms, size)
            by_monomial = np.zeros((products(_OF_STATES).max() + 1, size, size), dtype=complex)
            np.add.at(by_monomial, products(_OF_STATES), elements.swapaxes(1, 2))
            found.append(by_monomial.reshape(len(by_monomial), -1).view(np.float64))
        return found

    def chosen(self, count: int) -> slice:
        """Return which of the retained bands are the ``count`` nearest to charge neutrality.

        Raises
        ------
        TypeError, ValueError
            If ``count`` is no even integer ≥ 2, or half of it more than are retained on either side
            of neutrality.
        """
        half, odd = divmod(_validate.integer("count", count, minimum=2), 2)
        below, above = self.below, self.hamiltonian.shape[-1] - self.below
        # Where bands are left out, one must stand between them and those chosen: it shows whether
        # a degenerate group is cut.
        below -= below < self.model.occupied
        above -= above < len(self.model.plane_waves) - self.model.occupied
        most = min(below, above)
        if odd or half > most:
            raise ValueError(f"count must be even and at most {2 * most} here, got {count}")
        return slice(self.below - half, self.below + half)

    def matrices(self, k: Floats) -> Complex:
        """Return the decoupled Hamiltonian (nk, M, M) in meV at ``k`` (nk, 2) in 1/nm."""
        size = self.hamiltonian.shape[-1]
        terms = self.hamiltonian.reshape(len(self.hamiltonian), -1)
        flat: Complex = monomials(k - self.centre, _OF_ENERGIES) @ terms
        return flat.reshape(-1, size, size)


@one_blas_thread
def expand(model: BlochModel, centre: ArrayLike, count: int) -> KdotPExpansion:
    """Expand a model about one wavevector for the bands nearest to charge neutrality.

    Parameters
    ----------
    model : BlochModel
        Any model that is affine in k.
    centre : array_like, shape (2,)
        k₀ in 1/nm.
    count : int
        Number of bands wanted, even, half below and half above charge neutrality; a few more
        are retained on either side, up to a wide gap.

    Raises
    ------
    TypeError, ValueError
        If ``model`` is no Bloch model, ``centre`` not one finite wavevector, or ``count`` not even
        or more than the model has.
    """
    centre = _validate.real_array("centre", centre, last=2)
    if centre.ndim != 1:
        raise ValueError(f"centre must have shape (2,), got {centre.shape}")
    half = half_count(model, count)
    energies, vectors = np.linalg.eigh(model.hamiltonian(centre))
    first = model.occupied - _widest_gap(energies[model.occupied - 1 :: -1], half)
    last = model.occupied + _widest_gap(energies[model.occupied :], half)
    kept = np.arange(first, last)
    remote = np.delete(np.arange(len(energies)), kept)
    p, q = vectors[:, kept], vectors[:, remote]
    e_p, e_q = energies[kept], energies[remote]
    gap = e_p - e_q[:, None]
    rows, applied = velocity_rows(model)

    v_p = applied(p[rows])
    v_pp, v_qp = p[rows].conj().T @ v_p, q[rows].conj().T @ v_p
    x = v_qp / gap  # first-order admixture of the remote bands, (2, nq, M)
    qx = q @ x
    v_qx = np.stack([applied(one) for one in qx[:, rows]], axis=1)  # V_a Q X_b, (2, 2, rows, M)
    overlap = _adjoint(x)[:, None] @ x  # X_a† X_b, (2, 2, M, M)

    # Second order of the states, a matrix for each monomial: (V_QQ X − X V_PP)/gap in Q, −X†X/2
    # in P.
    in_q = q[rows].conj().T @ _by_monomial(v_qx) - _by_monomial(x @ v_pp[:, None])
    second = q @ (in_q / gap) - p @ _by_monomial(overlap) / 2
    # Energies from the orthonormalised first-order states: right to third order.
    h_2 = _adjoint(v_qp)[:, None] @ x
    h_2 = h_2 + _adjoint(h_2).swapaxes(0, 1) + (_adjoint(x) * e_q)[:, None] @ x
    h_2 = h_2 - (overlap * e_p + e_p[:, None] * overlap) / 2
    h_3 = _adjoint(qx[:, rows])[:, None, None] @ v_qx
    h_3 = h_3 - (overlap[:, :, None] @ v_pp + v_pp[:, None, None] @ overlap) / 2
    return KdotPExpansion(
        model=model,
        centre=centre,
        below=model.occupied - first,
        hamiltonian=np.concatenate(
            [np.diag(e_p)[None].astype(complex), v_pp, _by_monomial(h_2), _by_monomial(h_3)]
        ),
        states=np.concatenate([p[None], qx, second]),
        centre_energies=energies,
        centre_states=vectors,
    )


def _widest_gap(away: Floats, count: int) -> int:
    """How many bands to keep on one side, energies given outwards from neutrality."""
    fewest, most = (min(count + spare, len(away)) for spare in _SPARE)
    # The step beyond each number of bands; beyond all there is nothing to be decoupled from.
    steps = np.append(np.abs(np.diff(away)), np.inf)[fewest - 1 :]
    widest = int(np.argmax(steps[: most - fewest + 1]))
    if steps[widest] < DEGENERACY_MEV:  # all within one degenerate group: keep it whole
        widest = int(np.argmax(steps >= DEGENERACY_MEV))
    return fewest + widest


def _adjoint(matrices: Complex) -> Complex:
    return matrices.conj().swapaxes(-1, -2)


def _by_monomial(tensor: Complex) -> Complex:
    """Sum a tensor (2, …, 2, rows, columns) over index orders: one matrix per monomial."""
    order = tensor.ndim - 2
    flat = tensor.reshape(2**order, *tensor.shape[-2:])
    ys = np.array([bin(i).count("1") for i in range(2**order)])
    return np.stack([flat[ys == y].sum(axis=0) for y in range(order + 1)])
