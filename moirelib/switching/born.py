"""The self-consistent Born approximation and its ladder on the patches of sampled disorder."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from moirelib import _validate
from moirelib._memory import require_memory
from moirelib._repr import short_repr
from moirelib._types import Floats
from moirelib.switching.sampled_disorder import (
    Complex,
    TriangularValleys,
    _require_patch,
    _upper,
    _variances,
)


@short_repr
@dataclass(frozen=True, eq=False)
class BornSelfEnergy:
    """Σ(z) of valley +, from lines that do not cross and from the first pair that does.

    Parameters
    ----------
    first : complex
        u g + u₁ g', self-consistent, in meV.
    crossed : (N, N) array
        The diagram of two crossed lines for each k, in meV.
    """

    first: complex
    crossed: Complex

    def __post_init__(self) -> None:
        _validate.keep(self)


def born_self_energy(
    model: TriangularValleys, z: complex, intra: float, inter: float
) -> BornSelfEnergy:
    """Return Σ(z) for white noise of variances ``intra`` and ``inter``, on the same patch.

    With 1/τ and 1/τ' of Ying Eq. A12 it is −(i/2)(1/τ + 1/τ') for weak disorder. White noise makes
    each line of disorder a point: lines that do not cross give Σ = (u + u₁) G(x, x), two crossed
    lines G(x)G(−x)G(x), with the valleys as V₀ and V₁ set them.

    Raises
    ------
    TypeError, ValueError
        If ``model`` is no patch, ``z`` not one number with Im z > 0, or a variance no number ≥ 0.
    """
    _require_patch(model)
    z = _upper(z)
    intra, inter = _variances(intra, inter)
    band = model.band()
    u = intra + inter
    sigma = -0.5j * math.sqrt(u)
    for _ in range(4000):
        value = u * (1 / (z - band - sigma)).mean()
        if abs(value - sigma) < 1e-14:
            break
        sigma = 0.5 * (sigma + value)
    plus = np.fft.ifft2(1 / (z - band - sigma))  # G(x) = (1/N²)Σ e^{ikx} G(k)
    minus = np.fft.ifft2(1 / (z - model.band(-1) - sigma))

    def back(g: Complex) -> Complex:
        return np.asarray(np.roll(g[::-1, ::-1], (1, 1), axis=(0, 1)))

    lines = (
        intra**2 * plus * back(plus) * plus
        + intra * inter * (plus * back(minus) * minus + minus * back(minus) * plus)
        + inter**2 * minus * back(plus) * minus
    )
    return BornSelfEnergy(complex(sigma), np.fft.fft2(lines))


def ladder_polarisation_on_patch(
    model: TriangularValleys,
    q: Sequence[int],
    order: int,
    mu: float,
    kT: float,
    intra: float,
    inter: float,
    *,
    odd: bool = True,
    count: int = 200,
) -> float:
    """Return Π(q, iΩ) at Ω = 2πk_BT · ``order`` from the sum over ladders, on the same patch.

    Π = −k_BT Σ_m χ/(1 − uχ), the sum over Matsubara frequencies of Ying Eq. A40 after the average,
    with Σ from lines that do not cross and u = u₀ ∓ u₁ in the ladder of the difference and of the
    sum. In 1/meV per site.

    Parameters
    ----------
    model : TriangularValleys
        The clean patch.
    q : pair of int
        Momentum in steps of the patch.
    order : int
        ≥ 1.
    mu, kT : float
        In meV.
    intra, inter : float
        Variances of V₀ and V₁ per site in meV².
    odd : bool
        The difference of the valleys; their sum otherwise.
    count : int
        Frequencies on each side; what lies beyond is of order 1/``count``³.

    Raises
    ------
    TypeError, ValueError
        If ``model`` is no patch, ``q`` not one pair of integers, an argument of another kind or out
        of range, or if the matrices would not fit into memory.
    """
    _require_patch(model)
    n = _validate.integer("order", order, minimum=1)
    count = _validate.integer("count", count, minimum=1)
    size = model.size**2
    require_memory(f"order={n} and count={count}", 8.0 * (n + count) * size, 16)
    moves = _validate.integer_pairs("q", q)
    if moves.shape != (2,):
        raise ValueError(f"q must be one pair (2,), got shape {moves.shape}")
    mu = _validate.real_scalar("mu", mu)
    kT = _validate.positive("kT", kT, "meV")
    intra, inter = _variances(intra, inter)
    odd = _validate.flag("odd", odd)
    band = model.band()
    moved = np.roll(band, (-int(moves[0]), -int(moves[1])), axis=(0, 1))
    frequencies = math.pi * kT * np.arange(1.0 - 2 * (count + n), 2 * (count + n), 2.0)
    total = intra + inter
    at = 1j * frequencies + mu - _self_energies(band, mu, frequencies, total)
    u = intra - inter if odd else total
    chi = (1 / (at[n:, None] - moved.ravel()) / (at[:-n, None] - band.ravel())).mean(axis=1)
    # One level at zero has the same tail and sums to zero.
    atom = -1 / (frequencies[:-n] * frequencies[n:])
    summed = (chi / (1 - u * chi) - atom).real.sum()
    return float(-kT * summed)


def _self_energies(band: Floats, mu: float, frequencies: Floats, total: float) -> Complex:
    """Σ from lines that do not cross, at imaginary frequencies (nf,) that are even about zero."""
    above = frequencies[frequencies > 0]
    sigma: Complex = np.full(len(above), -1j * math.sqrt(total))
    for _ in range(2000):
        at = 1j * above + mu - sigma
        new = total * (1 / (at[:, None] - band.ravel())).mean(axis=1)
        if np.abs(new - sigma).max() < 1e-13:
            break
        sigma = 0.5 * (sigma + new)
    # G(z*) = G(z)*.
    return np.concatenate([sigma[::-1].conj(), sigma])
