"""The bands of one tile from matrices of a dozen rows: no plane waves for each wavevector.

An expansion about the centre of a tile retains some twenty bands. Of these, the few that a gap
separates from the others throughout the tile span a space that turns smoothly with k. In a basis
that turns along, the Hamiltonian, the velocity operators and the translations by G are smooth
small matrices: their values at the points of a triangular grid determine polynomials, which hold
on the whole tile. Where no gap helps, all retained bands make up the basis. It is a polynomial of k
itself, and the operators are without further approximation.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from moirelib import _validate
from moirelib._repr import short_repr
from moirelib._threads import one_blas_thread
from moirelib._types import Complex, Floats, Ints
from moirelib.bands.groups import connected_rows, velocity_rows
from moirelib.bands.kdotp import KdotPExpansion
from moirelib.bands.model import BlochModel
from moirelib.bands.monomials import monomials

# The order of the polynomials. How far the bands left out must stay away, first and second try, and
# how exact the energies must then be: in units of the energy by which bands may move between the
# centre and a corner. Velocities and form factors are then right to 10⁻⁶ of the largest, far
# better than the expansions are.
_ORDER = 7
_GAPS = (1.5, 2.0)
_TOLERANCE = 3e-7

# The order of operators between all retained bands.
_LOWER_ORDER = 4

# Bands closer than this, in meV, are taken from the expansion: an error of the Hamiltonian would
# mix them.
_CLOSE = 1e-2

# Wavevectors taken at a time: their matrices stay in the cache of the processor.
_AT_A_TIME = 32


@short_repr
@dataclass(frozen=True, eq=False)
class SmallBasis:
    """Operators on one tile, as polynomials of k in a small basis that turns with k.

    Parameters
    ----------
    expansion : KdotPExpansion
        The expansion about the centre of the tile, or of the one that it is a part of.
    corners : ndarray, shape (3, 2)
        The corners of the tile in 1/nm.
    pairs : ndarray of int, shape (nG, 2)
        The G of the form factors, as integer pairs.
    count : int
        Number of bands wanted, even.
    first : int
        Position of the first of these among the m bands of the basis.
    hamiltonian : ndarray, shape (nc, m, m)
        Coefficients of the monomials, in meV; nc is 36, or 15 if all retained bands are kept.
    forms : ndarray, shape (nc, 3 + 2 nG, m(m + 1))
        Likewise of the operators 1, ∂_xH, ∂_yH and, twice for each G, of the real and the imaginary
        part of λ_G, in the form of ``_quadratic_forms``.
    """

    expansion: KdotPExpansion
    corners: Floats
    pairs: Ints
    count: int
    first: int
    hamiltonian: Complex
    forms: Floats

    def __post_init__(self) -> None:
        _validate.keep(self)

    @classmethod
    @one_blas_thread
    def of(
        cls, expansion: KdotPExpansion, corners: Floats, pairs: Ints, count: int
    ) -> SmallBasis | None:
        """Choose the bands of the basis, and determine the polynomials.

        Parameters are those of the class.
        """
        centre, edges = corners.mean(axis=0), corners[1:] - corners[0]
        # ∂H between the retained states at the centre: the terms of first order.
        speed = np.linalg.norm(expansion.hamiltonian[1:3], 2, axis=(1, 2)).max()
        motion = speed * np.linalg.norm(corners - centre, axis=1).max()
        most = 2 * expansion.hamiltonian.shape[-1] // 3
        # A few points tell at little cost that there is no gap.
        tried, _, wanted = expansion.eigenpairs(centre + _BETWEEN @ edges, count)
        if _size(_separated(tried, wanted, _GAPS[0] * motion)) > most:
            return None
        points = centre + _NODES @ edges
        energies, vectors, _ = expansion.eigenpairs(points, count)
        _, (of_centre,), _ = expansion.eigenpairs(centre[None], count)
        for gap in _GAPS:
            kept = _separated(energies, wanted, gap * motion)
            if _size(kept) > most:
                return None
            # The basis nearest to the states at the centre, by a polar decomposition, turns with k
            # no more than it must.
            left, _, right = np.linalg.svd(of_centre[:, kept].conj().T @ vectors[..., kept])
            rotation = (left @ right).conj().swapaxes(1, 2)
            turned = rotation.conj().swapaxes(1, 2) @ (energies[:, kept, None] * rotation)
            hamiltonian = np.tensordot(_FROM_NODES, turned, axes=1)
            first = wanted.start - kept.start
            found = np.linalg.eigvalsh(
                np.tensordot(monomials(_BETWEEN, _ORDER), hamiltonian, axes=1)
            )
            if (
                np.abs(found[:, first : first + count] - tried[:, wanted]).max()
                < _TOLERANCE * motion
            ):
                break
        else:
            return None
        kets = expansion.basis(points) @ (vectors[..., kept] @ rotation)
        forms = np.tensordot(_FROM_NODES, _operators(expansion.model, pairs, kets), axes=1)
        return cls(expansion, corners, pairs, count, first, hamiltonian, forms)

    @classmethod
    @one_blas_thread
    def of_all_retained(
        cls, expansion: KdotPExpansion, corners: Floats, pairs: Ints, count: int
    ) -> SmallBasis:
        """Take all bands of the expansion: more rows, on tiles of any size.

        Parameters are those of the class. The Hamiltonian is a polynomial of third order in k, and
        the states are of second order, so that operators between them are of fourth.
        """
        points = corners.mean(axis=0) + _FEWER_NODES @ (corners[1:] - corners[0])
        operators = _operators(expansion.model, pairs, expansion.basis(points))
        return cls(
            expansion=expansion,
            corners=corners,
            pairs=pairs,
            count=count,
            first=expansion.chosen(count).start,
            hamiltonian=np.tensordot(_FROM_FEWER, expansion.matrices(points), axes=1),
            forms=np.tensordot(_FROM_FEWER, operators, axes=1),
        )

    @one_blas_thread
    def solve(self, k: Floats) -> tuple[Floats, Floats, Complex]:
        """Return energies, velocities and diagonal form factors.

        They are those of :meth:`KdotPExpansion.solve`, to 10⁻⁶ of the largest.

        Parameters
        ----------
        k : ndarray, shape (nk, 2)
            Wavevectors in 1/nm, within the tile.

        Returns
        -------
        energies : ndarray, shape (nk, count)
            In meV.
        velocities : ndarray, shape (nk, count, 2)
            ∂ε/∂k in meV nm.
        form_factors : ndarray, shape (nG, nk, count)
            λ_G, Kundu Eq. 15 at q = 0. In a degenerate group, the mean of the whole group, as for
            the velocities.
        """
        of_k = self._monomials(k)
        all_energies, vectors = np.linalg.eigh(self._matrices(of_k))
        chosen = slice(self.first, self.first + self.count)
        energies = all_energies[:, chosen]
        diagonal = self._expectations(of_k, vectors[..., chosen])
        diagonal[1:] /= diagonal[0]
        velocities = np.moveaxis(diagonal[1:3], 0, -1).copy()
        form_factors = diagonal[3::2] + 1j * diagonal[4::2]

        neighbours = all_energies[:, max(chosen.start - 1, 0) : chosen.stop + 1]
        close = np.flatnonzero((np.diff(neighbours, axis=1) < _CLOSE).any(axis=1))
        if close.size:
            bands = self.expansion.solve(k[close], self.count)
            energies[close] = bands.energies
            velocities[close] = bands.velocities
            form_factors[:, close] = bands.form_factors(self.pairs)
        return energies, velocities, form_factors

    def matrices(self, k: Floats) -> Complex:
        """Return the Hamiltonian (nk, m, m) in meV in the basis at k (nk, 2)."""
        return self._matrices(self._monomials(k))

    def _matrices(self, of_k: Floats) -> Complex:
        terms, size, _ = self.hamiltonian.shape
        flat = of_k @ self.hamiltonian.reshape(terms, -1).view(np.float64)
        return flat.view(np.complex128).reshape(-1, size, size)

    def _monomials(self, k: Floats) -> Floats:
        edges = self.corners[1:] - self.corners[0]
        order = _ORDER if len(self.hamiltonian) == len(_NODES) else _LOWER_ORDER
        return monomials((k - self.corners.mean(axis=0)) @ np.linalg.inv(edges), order)

    def _expectations(self, of_k: Floats, vectors: Complex) -> Floats:
        """c†Oc for each operator and column: (n_operators, nk, count) from (nk, m, count)."""
        terms, operators, elements = self.forms.shape
        coefficients = self.forms.reshape(terms, -1)
        result = np.empty((operators, len(vectors), vectors.shape[-1]))
        for start in range(0, len(vectors), _AT_A_TIME):
            here = slice(start, start + _AT_A_TIME)
            forms = (of_k[here] @ coefficients).reshape(-1, operators, elements)
            result[:, here] = (forms @ _density(vectors[here])).swapaxes(0, 1)
        return result


def _operators(model: BlochModel, pairs: Ints, kets: Complex) -> Floats:
    """The forms of 1, ∂H and λ_G between states (nk, rows, m): (nk, 3 + 2 nG, m(m + 1))."""
    # Rows first: what an operator connects is then copied by whole rows.
    first = np.ascontiguousarray(kets.swapaxes(0, 1))
    bras = first.conj().transpose(1, 2, 0)
    rows, applied = velocity_rows(model)
    images = applied(first[rows].reshape(len(rows), -1)).reshape(2, len(rows), *kets.shape[::2])
    operators = [bras @ kets, *(bras[..., rows] @ one.swapaxes(0, 1) for one in images)]
    for pair in pairs:
        bra, ket = connected_rows(model, pair)
        operators.append(bras[..., bra] @ first[ket].swapaxes(0, 1))
    forms = _quadratic_forms(np.stack(operators, axis=1))
    parts = np.r_[0, 2, 4, 6 : forms.shape[1]]  # no imaginary part of a Hermitian operator
    return np.asarray(forms[:, parts], dtype=np.float64)


def _separated(energies: Floats, wanted: slice, gap: float) -> slice:
    """The fewest bands about those wanted that a gap separates from all others everywhere."""
    wide = np.diff(energies, axis=1).min(axis=0) > gap
    below = np.flatnonzero(wide[: wanted.start])
    above = np.flatnonzero(wide[wanted.stop - 1 :])
    return slice(
        int(below[-1]) + 1 if below.size else 0,
        wanted.stop + int(above[0]) if above.size else energies.shape[1],
    )


def _size(kept: slice) -> int:
    return int(kept.stop - kept.start)


def _quadratic_forms(matrices: Complex) -> Floats:
    """Re c†Oc and Im c†Oc as inner products: (..., 2n, M(M + 1)) from O (..., n, M, M).

    c†Oc = Σ_{i≤j} (O_ij + O_ji) Re c_i*c_j + i (O_ij − O_ji) Im c_i*c_j, the diagonal halved. The
    coefficients go with the products of :func:`_density`, Re before Im for each operator.
    """
    *lead, count, size, _ = matrices.shape
    i, j = _upper(size)
    flat = matrices.reshape(*lead, count, size**2)
    upper, lower = flat[..., i * size + j], flat[..., j * size + i]
    forms = np.empty((*lead, count, 2, 2, len(i)))
    symmetric = (upper + lower) * np.where(i == j, 0.5, 1.0)
    antisymmetric = 1j * (upper - lower)
    for part, of_part in enumerate((np.real, np.imag)):
        forms[..., part, 0, :] = of_part(symmetric)
        forms[..., part, 1, :] = of_part(antisymmetric)
    return forms.reshape(*lead, 2 * count, -1)


def _density(vectors: Complex) -> Floats:
    """Re and Im of c_i*c_j for i ≤ j, of each column: (nk, M(M + 1), n) from (nk, M, n)."""
    nk, size, count = vectors.shape
    i, j = _upper(size)
    # Components first, so that whole rows are copied.
    rows = np.ascontiguousarray(vectors.swapaxes(0, 1)).reshape(size, -1)
    products = rows.conj()[i] * rows[j]
    density = np.concatenate([products.real, products.imag])
    return density.reshape(len(density), nk, count).swapaxes(0, 1)


@lru_cache(maxsize=64)
def _upper(size: int) -> tuple[Ints, Ints]:
    """Rows and columns of the upper triangle of a matrix."""
    return np.triu_indices(size)


def _grid(order: int) -> Floats:
    """A triangular grid on a tile: fractions of the edges from the first corner, less a third."""
    steps = [(i, j) for i in range(order + 1) for j in range(order + 1 - i)]
    grid: Floats = np.array(steps, dtype=np.float64) / order - 1 / 3
    return grid


_NODES, _FEWER_NODES = _grid(_ORDER), _grid(_LOWER_ORDER)
_FROM_NODES = np.linalg.inv(monomials(_NODES, _ORDER))
_FROM_FEWER = np.linalg.inv(monomials(_FEWER_NODES, _LOWER_ORDER))
# Where the polynomials are tried: between grid points next to the corners, where they err most.
_BETWEEN = (1 - 1 / _ORDER) * (np.array([[0, 0], [1, 0], [0, 1]]) - 1 / 3)

# How many points it takes to determine the polynomials.
NODES, FEWER_NODES = len(_NODES), len(_FEWER_NODES)
