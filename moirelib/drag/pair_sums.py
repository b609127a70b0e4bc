"""Sums over pairs of bands at k and k + q: states, kernels, and the order of summation.

What Kundu Eqs. 30–31 and 34 have in common is Σ_{k,n,m} Λ^{(n,m)} λ_G^{(n,m)} times the kernel
(f_n − f_m)/(z + ε_n − ε_m), for many G and for few or many frequencies and chemical potentials.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from moirelib import _validate
from moirelib._repr import short_repr
from moirelib._types import Complex, Floats, Ints
from moirelib.bands.bloch import Bands, overlap_form_factors
from moirelib.bands.brillouin import fermi
from moirelib.bands.groups import connected_rows
from moirelib.bands.model import ValleyModel
from moirelib.bands.stars import Stars

Part = Literal["all", "intraband", "interband"]

Kernel = Callable[[Floats, Floats, slice, slice], Complex]
"""Of energies (nk, n) and (nk, m) in meV, which are those bands: (size, nk, n, m)."""

# Numbers held at a time, of matrix elements and of states: bounds the memory.
_ELEMENTS = 2_000_000
_COEFFICIENTS = 32_000_000


def pair_sums(
    model: ValleyModel,
    k: Floats,
    moved: Floats,
    umklapp: Ints,
    outer: Ints,
    pairs: Ints,
    kernel: Kernel,
    size: int,
    *,
    bands: int | None,
    partly_filled: tuple[float, float],
) -> Complex:
    """Return the mesh sum of Kundu Eq. 30, Σ_{k,n,m} Λ^{(n,m)} [λ_G^{(n,m)}]* kernel^{(n,m)}.

    One wavevector of each star of C₃ᵥ is diagonalised, if the model has the symmetry: also among
    the k + q, and if these fall on the k, as they do on a mesh that q belongs to.

    Parameters
    ----------
    model : ValleyModel
        The valley.
    k : ndarray, shape (nk, 2)
        Wavevectors in 1/nm.
    moved : ndarray, shape (nk, 2)
        k + q, less the reciprocal vectors in ``umklapp``.
    umklapp : ndarray of int, shape (nk, 2)
        As integer pairs.
    outer : ndarray, shape (2,)
        G of the current.
    pairs : ndarray, shape (nG, 2)
        G of the density.
    kernel : callable
        Of energies (nk, n) and (nk, m), and of which bands these are; returns (size, nk, n, m).
    size : int
        Pairs of a frequency and a chemical potential.
    bands : int, optional
        Even number around neutrality; all if left out.
    partly_filled : tuple of float
        Energies in meV below which states are full and above which they are empty: the kernel
        vanishes between two full or two empty ones.

    Returns
    -------
    ndarray, shape (size, nG, 2)
        In the units of velocity times kernel.
    """
    rows = len(model.plane_waves)
    count = bands or 2 * model.occupied
    # Multiplications of either order, per wavevector and pair of bands.
    states_first = len(pairs) * (rows + 2 * size)
    kernel_first = 2 * size * rows * (rows + count) // count
    contract = _kernel_first if kernel_first < states_first else _states_first
    held = 2 + size + (len(pairs) if contract is _states_first else 2)
    total = np.zeros((size, len(pairs), 2), dtype=complex)
    step = max(1, _COEFFICIENTS // (4 * count * rows))
    for start in range(0, len(k), step):
        here = slice(start, start + step)
        solved = Stars.of(model, np.concatenate([k[here], moved[here]]), count)
        middle = len(solved.k) // 2
        for shift in np.unique(umklapp[here], axis=0):
            current = _Current.of(model, outer + shift)
            same = np.flatnonzero((umklapp[here] == shift).all(axis=1))
            for some in chunks(same, count, held):
                left, right = solved.take(some), solved.take(middle + some)
                blocks = [
                    _Block(n, m, kernel(left.energies[:, n], right.energies[:, m], n, m))
                    for n, m in _rectangles(left.energies, right.energies, partly_filled)
                ]
                total += contract(left, right, current, blocks, pairs, shift)
    # The parts (V_x ± iV_y)/2 make up V_x and V_y.
    plus, minus = np.moveaxis(total, -1, 0)
    return np.stack([plus + minus, (plus - minus) / 1j], axis=-1)


@short_repr
@dataclass(frozen=True, eq=False)
class _Block:
    """Bands n at k and m at k + q, and the kernel between them, (size, nk, n, m)."""

    n: slice
    m: slice
    kernel: Complex


def _rectangles(
    left: Floats, right: Floats, partly_filled: tuple[float, float]
) -> list[tuple[slice, slice]]:
    """Bands n and m between which all pairs lie but those of two full or of two empty bands."""
    low, high = partly_filled
    count = left.shape[1]
    # In ascending order: the first ones are full at every wavevector, the last ones empty.
    full = min(int((one < low).all(axis=0).sum()) for one in (left, right))
    filled = count - min(int((one > high).all(axis=0).sum()) for one in (left, right))
    rectangles = [
        (slice(0, full), slice(full, count)),
        (slice(full, filled), slice(0, count)),
        (slice(filled, count), slice(0, filled)),
    ]
    return [(n, m) for n, m in rectangles if n.start < n.stop and m.start < m.stop]


@short_repr
@dataclass(frozen=True, eq=False)
class _Current:
    """The operators (V_x ± iV_y)/2, on the rows that they link to those of the bra.

    Of a Dirac Hamiltonian each links one orbital with one, a quarter of what σ_x does.
    """

    bras: list[Ints]
    operators: list[Complex]
    kets: list[Ints]

    @classmethod
    def of(cls, model: ValleyModel, pair: Ints) -> _Current:
        """Of u†(G′) V u(G′ + G), for one G."""
        v_x, v_y = model.velocity_operators()
        bra, row = connected_rows(model, pair)
        bras, operators, kets = [], [], []
        for one in ((v_x + 1j * v_y) / 2, (v_x - 1j * v_y) / 2):
            linked = one[row].any(axis=1)
            kets.append(np.flatnonzero(one[row].any(axis=0)))
            bras.append(bra[linked])
            operators.append(one[np.ix_(row[linked], kets[-1])])
        return cls(bras, operators, kets)

    def between(self, left: Complex, right: Complex) -> Complex:
        """Elements (2, nk, n, m) between states (nk, rows, n) and (nk, rows, m)."""
        return np.stack(
            [
                left[:, bra].conj().swapaxes(1, 2) @ (operator @ right[:, ket])
                for bra, operator, ket in zip(self.bras, self.operators, self.kets, strict=True)
            ]
        )


def _states_first(
    left: Bands, right: Bands, current: _Current, blocks: list[_Block], pairs: Ints, shift: Ints
) -> Complex:
    """Matrix elements for all G, then the kernels: for many of the latter."""
    umklapp = np.broadcast_to(shift, (len(left.k), 2))
    total = np.zeros((len(blocks[0].kernel), len(pairs), 2), dtype=complex)
    for block in blocks:
        bras, kets = (
            replace(one, energies=one.energies[:, some], states=one.states[..., some])
            for one, some in ((left, block.n), (right, block.m))
        )
        density = overlap_form_factors(bras, kets, pairs, umklapp).conj()
        total += contracted(current.between(bras.states, kets.states), density, block.kernel)
    return total


def _kernel_first(
    left: Bands, right: Bands, current: _Current, blocks: list[_Block], pairs: Ints, shift: Ints
) -> Complex:
    """Σ_{k,n,m} u_n(G′) X_nm u_m*(G″) with X = Λ kernel, of which each G picks its elements.

    A handful of products for each kernel, however many G there are.
    """
    model, size = left.model, len(blocks[0].kernel)
    elements = [connected_rows(model, pair + shift) for pair in pairs]
    # G leaves the orbital as it is.
    orbitals = [np.flatnonzero(model.orbitals == one) for one in np.unique(model.orbitals)]
    # Wavevector and band in one index: a single product sums over both.
    adjoints = [_rows_first(right.states, rows).conj().T for rows in orbitals]
    bras = [left.states[..., block.n] for block in blocks]
    currents = [
        current.between(bra, right.states[..., block.m])
        for bra, block in zip(bras, blocks, strict=True)
    ]
    total = np.empty((size, len(pairs), 2), dtype=complex)
    kets = np.empty_like(right.states)
    summed = np.empty((kets.shape[1], kets.shape[1]), dtype=complex)
    for i, j in np.ndindex(size, 2):
        kets[:] = 0
        for bra, block, elements_of_block in zip(bras, blocks, currents, strict=True):
            kets[..., block.m] += bra @ (elements_of_block[j] * block.kernel[i])
        for rows, adjoint in zip(orbitals, adjoints, strict=True):
            summed[np.ix_(rows, rows)] = _rows_first(kets, rows) @ adjoint
        total[i, :, j] = [summed[bra, ket].sum() for bra, ket in elements]
    return total


def _rows_first(states: Complex, rows: Ints) -> Complex:
    """Some rows of states (nk, n, count), as (rows, nk · count)."""
    return states.swapaxes(0, 1)[rows].reshape(len(rows), -1)


def contracted(current: Complex, density: Complex, kernel: Complex) -> Complex:
    """Return Σ_{k,n,m} current (2, ...) · density (nG, ...) · kernel (nz, ...): (nz, nG, 2)."""
    flat = kernel.reshape(len(kernel), -1)
    columns = [flat @ (one * density).reshape(len(density), -1).T for one in current]
    return np.stack(columns, axis=-1)


def pair_kernel(
    left: Floats,
    right: Floats,
    z: Complex,
    mu: Floats,
    kT: float,
    part: Part,
    order: int = 0,
    first: tuple[int, int] = (0, 0),
) -> Complex:
    """Return (f_n − f_m)/(z + ε_n − ε_m) or its derivative in z, shape (nz · nmu, nk, n, m).

    ``first`` are the numbers of the first bands n and m.

    Raises
    ------
    TypeError, ValueError
        If k_BT is no number > 0, or a frequency z ≠ 0 is the energy of a transition.
    """
    _validate.positive("kT", kT, "meV")
    difference = left[:, :, None] - right[:, None, :]
    n, m = (
        start + np.arange(one.shape[1]) for start, one in zip(first, (left, right), strict=True)
    )
    same = n[:, None] == m
    left_out = {"all": np.zeros_like(same), "intraband": ~same, "interband": same}[part]
    out = np.empty((len(z), len(mu), *difference.shape), dtype=complex)
    # f(a) − f(b) = f(a)(1 − f(b)) (1 − e^x) with x = (a − b)/k_BT ≤ 0 loses no digits.
    step = -np.expm1(-np.abs(difference) / kT)
    step[difference > 0] *= -1
    for j, level in enumerate(mu):
        weight = _larger(left, right, level, kT) * _larger(-left, -right, -level, kT)
        weight[:, left_out] = 0
        for i, one in enumerate(z):
            denominator = one + difference
            # Equal energies at z = 0: the derivative of the Fermi function.
            resonant = denominator == 0
            hit = resonant.any()
            if hit:
                resonant[:, left_out] = False
                if one != 0 and resonant.any():
                    raise ValueError(
                        f"frequency {one:g} meV is a transition of the mesh: add an imaginary part"
                    )
                denominator[denominator == 0] = 1
            np.divide(step * weight, denominator, out=out[i, j])
            if hit:
                out[i, j][resonant] = (-weight / kT)[resonant]
            if order == 1:
                out[i, j] /= -denominator
    return out.reshape(-1, *difference.shape)


def _larger(left: Floats, right: Floats, level: float, kT: float) -> Floats:
    """The Fermi function at the lower one of every two energies: (nk, n, m)."""
    f_left, f_right = fermi(left, level, kT), fermi(right, level, kT)
    return np.maximum(f_left[:, :, None], f_right[:, None, :])


def chunks(points: NDArray[np.int64], count: int, matrices: int) -> list[NDArray[np.int64]]:
    """Pieces of the points for which so many matrices of all bands fit into bounded memory."""
    step = max(1, _ELEMENTS // (count**2 * matrices))
    return np.split(points, range(step, len(points), step))
