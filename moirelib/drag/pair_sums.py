"""Sums over pairs of bands at k and k + q: states, kernels, and the order of summation.

What Kundu Eqs. 30–31 and 34 have in common is Σ_{k,n,m} Λ^{(n,m)} λ_G^{(n,m)} times the kernel
(f_n − f_m)/(z + ε_n − ε_m), for many G and for few or many frequencies and chemical potentials.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from moirelib import _validate
from moirelib._types import Complex, Floats, Ints
from moirelib.bands.bloch import Bands, overlap_current_factors, overlap_form_factors, solve_bands
from moirelib.bands.brillouin import fermi
from moirelib.bands.groups import connected_rows
from moirelib.bands.model import ValleyModel

Part = Literal["all", "intraband", "interband"]

Kernel = Callable[[Floats, Floats], Complex]
"""Of energies (nk, n) and (nk, m) in meV: (size, nk, n, m)."""

# Numbers held at a time, of matrix elements and of states: bounds the memory.
_ELEMENTS = 2_000_000
_COEFFICIENTS = 32_000_000


def pair_sums(
    models: tuple[ValleyModel, ValleyModel],
    k: Floats,
    q: Floats,
    outer: Ints,
    pairs: Ints,
    kernels: tuple[Kernel, Kernel],
    size: int,
    *,
    bands: int | None,
    time_reversal: bool,
) -> Complex:
    """Return the mesh sum of Kundu Eq. 30, Σ_{k,n,m} Λ^{(n,m)} [λ_G^{(n,m)}]* kernel^{(n,m)}.

    Every wavevector is diagonalised once: also if k + q falls on the k, as it does on a mesh that
    q belongs to.

    Parameters
    ----------
    models : pair of ValleyModel
        One valley and the other.
    k : ndarray, shape (nk, 2)
        Wavevectors in 1/nm.
    q : ndarray, shape (2,)
        In 1/nm.
    outer : ndarray, shape (2,)
        G of the current.
    pairs : ndarray, shape (nG, 2)
        G of the density.
    kernels : pair of callable
        Of energies (nk, n) and (nk, m); return (size, nk, n, m).
    size : int
        Pairs of a frequency and a chemical potential.
    bands : int, optional
        Even number around neutrality; all if left out.
    time_reversal : bool
        Whether H(k) of the other valley is H(−k)* of the one: then only one is solved.

    Returns
    -------
    ndarray, shape (2, size, nG, 2)
        Of each valley, in the units of velocity times kernel.
    """
    model, rows = models[0], len(models[0].plane_waves)
    count = bands or 2 * model.occupied
    # Multiplications of either order, per wavevector and pair of bands.
    states_first = len(pairs) * (rows + 2 * size)
    kernel_first = 2 * size * rows * (rows + count) // count
    contract = _kernel_first if kernel_first < states_first else _states_first
    held = 2 + size + (len(pairs) if contract is _states_first else 0)
    total = np.zeros((2, size, len(pairs), 2), dtype=complex)
    step = max(1, _COEFFICIENTS // (4 * count * rows))
    for start in range(0, len(k), step):
        here = k[start : start + step]
        there, umklapp = model.lattice.fold(here + q) if q.any() else (here, np.zeros_like(here))
        umklapp = umklapp.astype(np.int64)
        valleys = _solved_once(models, np.concatenate([here, there]), count, time_reversal)
        for shift in np.unique(umklapp, axis=0):
            same = np.flatnonzero((umklapp == shift).all(axis=1))
            for some in chunks(same, count, held):
                for valley, (take, kernel) in enumerate(zip(valleys, kernels, strict=True)):
                    left, right = take(some), take(len(here) + some)
                    current = overlap_current_factors(left, right, outer, umklapp[some])
                    factors = kernel(left.energies, right.energies)
                    total[valley] += contract(left, right, current, factors, pairs, shift)
    return total


def _states_first(
    left: Bands, right: Bands, current: Complex, kernel: Complex, pairs: Ints, shift: Ints
) -> Complex:
    """Matrix elements for all G, then the kernels: for many of the latter."""
    umklapp = np.broadcast_to(shift, (len(left.k), 2))
    return contracted(current, overlap_form_factors(left, right, pairs, umklapp).conj(), kernel)


def _kernel_first(
    left: Bands, right: Bands, current: Complex, kernel: Complex, pairs: Ints, shift: Ints
) -> Complex:
    """Σ_{k,n,m} u_n(G′) X_nm u_m*(G″) with X = Λ kernel, of which each G picks its elements.

    A handful of products for each kernel, however many G there are.
    """
    rows = left.states.shape[1]
    elements = [connected_rows(left.model, pair + shift) for pair in pairs]
    # Wavevector and band in one index: a single product sums over both.
    adjoint = np.moveaxis(right.states, 1, 2).conj().reshape(-1, rows)
    total = np.empty((len(kernel), len(pairs), 2), dtype=complex)
    for i, factors in enumerate(kernel):
        for j, component in enumerate(current):
            kets = np.moveaxis(left.states @ (component * factors), 0, 1).reshape(rows, -1)
            summed = kets @ adjoint
            total[i, :, j] = [summed[bra, ket].sum() for bra, ket in elements]
    return total


def contracted(current: Complex, density: Complex, kernel: Complex) -> Complex:
    """Return Σ_{k,n,m} current (2, ...) · density (nG, ...) · kernel (nz, ...): (nz, nG, 2)."""
    flat = kernel.reshape(len(kernel), -1)
    columns = [flat @ (one * density).reshape(len(density), -1).T for one in current]
    return np.stack(columns, axis=-1)


def pair_kernel(
    left: Floats, right: Floats, z: Complex, mu: Floats, kT: float, part: Part, order: int = 0
) -> Complex:
    """Return (f_n − f_m)/(z + ε_n − ε_m) or its derivative in z, shape (nz · nmu, nk, n, m).

    Raises
    ------
    ValueError
        If k_BT is not positive, or a frequency z ≠ 0 is the energy of a transition.
    """
    _validate.positive("kT", kT, "meV")
    difference = left[:, :, None] - right[:, None, :]
    same = np.arange(left.shape[1])[:, None] == np.arange(right.shape[1])
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


def _solved_once(
    models: tuple[ValleyModel, ValleyModel], k: Floats, count: int, time_reversal: bool
) -> list[Callable[[Ints], Bands]]:
    """For each valley the bands at some of the k, all solved once though some k are equal.

    What is taken is copied in small pieces: those stay in the cache of the processor.
    """

    def take(
        solved: Bands, index: Ints, model: ValleyModel, order: Ints | None, some: Ints
    ) -> Bands:
        states = solved.states[index[some]]
        if order is not None:
            states = states[:, order].conj()
        return Bands(model, k[some], solved.energies[index[some]], states)

    if not time_reversal:
        return [partial(take, *_unique(one, k, count), one, None) for one in models]
    # The bands of the other valley at k are those of the one at −k: conjugated, G turned to −G.
    solved, index = _unique(models[0], np.concatenate([k, -k]), count)
    own, other = (np.column_stack([m.plane_waves, m.orbitals]).tolist() for m in models)
    row = {tuple(one): i for i, one in enumerate(own)}
    order = np.array([row[-n, -m, orbital] for n, m, orbital in other])
    return [
        partial(take, solved, index[: len(k)], models[0], None),
        partial(take, solved, index[len(k) :], models[1], order),
    ]


def _unique(model: ValleyModel, k: Floats, count: int) -> tuple[Bands, Ints]:
    """Bands at the different ones of the wavevectors, and where each is among them."""
    digits = np.round(k / model.lattice.k_m, 12)
    _, first, index = np.unique(digits, axis=0, return_index=True, return_inverse=True)
    # NumPy 2.0.0 returns a column here.
    return solve_bands(model, k[first], count), index.ravel()
