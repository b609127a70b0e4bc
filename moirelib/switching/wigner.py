"""Wigner transform, star product and the kinetic equation (Ying A33–A36), exact where possible."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence
from functools import cache

import numpy as np
import sympy as sp
from numpy.typing import ArrayLike, NDArray

from moirelib import _validate
from moirelib._threads import one_blas_thread

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

X, Y, KX, KY, TIME, OMEGA = sp.symbols("x y k_x k_y t omega", real=True)
"""Phase-space coordinates."""

PAIRS = ((X, KX, 1), (Y, KY, 1), (TIME, OMEGA, -1))
"""Conjugate pairs and the sign of their Poisson bracket in Ying A35."""


def star_product(
    left: sp.Expr,
    right: sp.Expr,
    order: int = 2,
    pairs: Sequence[tuple[sp.Symbol, sp.Symbol, int]] = PAIRS,
) -> sp.Expr:
    """A ⋆ B to a given order in gradients (Ying A35).

    ⋆ = exp{(i/2)[∂⃖_x·∂⃗_k − ∂⃖_k·∂⃗_x − ∂⃖_t∂⃗_ω + ∂⃖_ω∂⃗_t]}, the Wigner transform of the
    convolution of two kernels.

    Parameters
    ----------
    left, right : sympy.Expr
        Symbols of the coordinates in ``pairs``.
    order : int
        Highest power of the exponent, ≥ 0.
    pairs : sequence of (coordinate, momentum, sign)
        The conjugate variables.

    Raises
    ------
    TypeError, ValueError
        If ``order`` is no integer ≥ 0.

    Examples
    --------
    >>> star_product(X, KX) - star_product(KX, X), star_product(TIME, OMEGA) - TIME * OMEGA
    (I, -I/2)
    """
    terms = [
        term
        for position, momentum, sign in pairs
        for term in ((sign, position, momentum), (-sign, momentum, position))
    ]
    result = sp.Integer(0)
    for n in range(_validate.integer("order", order, minimum=0) + 1):
        for chosen in itertools.product(terms, repeat=n):
            a, b, weight = left, right, (sp.I / 2) ** n / math.factorial(n)
            for sign, on_left, on_right in chosen:
                a, b, weight = sp.diff(a, on_left), sp.diff(b, on_right), weight * sign
            result += weight * a * b
    # Exponentials stay whole: taking their sums apart costs more than the derivatives.
    return sp.expand(result, power_exp=False)


@one_blas_thread
def wigner_transform(kernel: ArrayLike, spacing: float, momenta: ArrayLike) -> Complex:
    """Σ_Δ e^{−ikΔ} K(x + Δ/2, x − Δ/2) of a kernel on an even grid (Ying A33).

    Parameters
    ----------
    kernel : (N, N) array
        K(x, x′) on a grid of the given spacing, negligible at its ends.
    spacing : float
        Grid spacing, > 0.
    momenta : (M,) array
        |k| < π/(2 spacing).

    Returns
    -------
    (N, M) array

    Raises
    ------
    TypeError, ValueError
        If ``kernel`` is no square matrix, ``spacing`` no number > 0, or a momentum not real or
        beyond π/2 over the spacing.
    """
    k = _validate.real_vector("momenta", momenta)
    values = _validate.square_matrix("kernel", kernel)
    dx = _validate.positive("spacing", spacing)
    if np.abs(k).max() >= math.pi / (2 * dx):
        raise ValueError(f"momenta must stay below π/(2 spacing) = {math.pi / (2 * dx):.4g}")
    n = values.shape[0]
    out = np.zeros((n, k.size), dtype=np.complex128)
    for i in range(n):
        reach = min(i, n - 1 - i)
        m = np.arange(-reach, reach + 1)
        # The two ends of K move by dx each, so the relative coordinate moves by 2 dx.
        out[i] = 2 * dx * values[i + m, i - m] @ np.exp(-2j * dx * np.outer(m, k))
    return out


@one_blas_thread
def weyl_kernel(
    symbol: Callable[[Array, Array], ArrayLike], positions: ArrayLike, momenta: ArrayLike
) -> Complex:
    """K(x, x′) = ∫dk/2π e^{ik(x−x′)} A((x + x′)/2, k), the inverse of the Wigner transform.

    Parameters
    ----------
    symbol : callable
        A(x, k), negligible at the ends of ``momenta``.
    positions, momenta : (n,) and (m,) array
        Even grids.

    Raises
    ------
    TypeError, ValueError
        If ``symbol`` is no function, ``positions`` or ``momenta`` no even, increasing grid, or the
        symbol returns another shape than that of its arguments.
    """
    _validate.function("symbol", symbol, "of positions and momenta")
    x, k = _even_grid("positions", positions), _even_grid("momenta", momenta)
    n = x.size
    # Only 2N − 1 centres and as many separations occur: one matrix product gives them all.
    centres = np.linspace(x[0], x[-1], 2 * n - 1)
    separations = (x[1] - x[0]) * np.arange(-(n - 1), n)
    values = _validate.complex_array("symbol(x, k)", symbol(centres[:, None], k))
    if _validate.broadcast(**{"symbol(x, k)": values, "k": k}) != (2 * n - 1, k.size):
        raise ValueError(
            f"symbol(x, k) must have the shape {(2 * n - 1, k.size)} of its arguments, got "
            f"{values.shape}"
        )
    values = np.broadcast_to(values, (2 * n - 1, k.size))
    table = values @ np.exp(1j * np.outer(k, separations)) * (k[1] - k[0]) / (2 * math.pi)
    i = np.arange(n)
    return np.asarray(table[i[:, None] + i, i[:, None] - i + n - 1])


def _even_grid(name: str, value: ArrayLike) -> Array:
    grid = _validate.real_vector(name, value)
    if grid.size < 2 or not np.allclose(np.diff(grid), grid[1] - grid[0]) or grid[1] <= grid[0]:
        raise ValueError(f"{name} must be an even, increasing grid of at least two points")
    return grid


@cache
def kinetic_left_side(order: int = 1) -> tuple[sp.Expr, sp.Expr]:
    """Both sides of the gradient expansion of −[ω − H₀ ⋆, F] (Ying A36).

    H₀ = ε(k) + V(x), a band in a bias potential.

    Returns
    -------
    tuple of sympy.Expr
        i times the commutator to the given order, and the left side of the Boltzmann equation,
        ∂_tF + v·∂_xF − ∂_xV·∂_kF with v = ∂_kε, which is Ying Eq. 6 for −∂_xV = eE.
    """
    band, bias = sp.Function("epsilon")(KX, KY), sp.Function("V")(X, Y)
    f = sp.Function("F")(X, Y, TIME, KX, KY, OMEGA)
    free = OMEGA - band - bias
    commutator = star_product(free, f, order) - star_product(f, free, order)
    transport = sp.diff(f, TIME)
    for position, momentum in ((X, KX), (Y, KY)):
        transport += sp.diff(band, momentum) * sp.diff(f, position)
        transport -= sp.diff(bias, position) * sp.diff(f, momentum)
    return sp.expand(-sp.I * commutator), sp.expand(transport)


def born_collision(
    distribution: ArrayLike, other: ArrayLike, tau: float, tau_prime: float
) -> Array:
    """i[Σ^K − (Σ^R F − F Σ^A)] of Ying A36 with the self-energies of the disorder of A12.

    White noise gives Σ(x) = ⟨V²⟩G(x, x): Σ^R = −(i/2)(1/τ + 1/τ′) and
    Σ^K = −i(⟨F⟩/τ + ⟨F′⟩/τ′), with averages over the Fermi line of the same and the other valley.

    Parameters
    ----------
    distribution, other : (N,) array
        F on the Fermi lines of this and of the other valley, at even angles.
    tau, tau_prime : float
        Scattering times, > 0.

    Returns
    -------
    (N,) array
        The right side of the kinetic equation for F, per unit time.

    Raises
    ------
    TypeError, ValueError
        If ``distribution`` or ``other`` is not real and one-dimensional, or a time no number > 0.
    """
    f = _validate.real_vector("distribution", distribution)
    f_other = _validate.real_vector("other", other)
    inside = 1 / _validate.positive("tau", tau)
    across = 1 / _validate.positive("tau_prime", tau_prime)
    retarded = -0.5j * (inside + across)
    keldysh = -1j * (f.mean() * inside + f_other.mean() * across)
    return np.real(1j * (keldysh - (retarded * f - f * np.conj(retarded))))
