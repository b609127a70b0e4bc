"""Graphene/hBN bands from a matrix of half the size: hBN eliminated, then restored.

The hBN rows of Kundu Eq. 5 do not depend on k, so they can be eliminated exactly at the price of
an energy dependence, T(E) = H_g(k) + U†(E − V)⁻¹U − E. Linearised about one energy E₀ this is an
ordinary eigenproblem, affine in k. What the linearisation leaves out, (E − E₀)² U†R₀²R(E)U, is
restored band by band: exactly among neighbouring bands, by perturbation theory in all others.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike
from scipy.linalg import cholesky, solve_triangular

from moirelib import _validate
from moirelib._memory import require_memory
from moirelib._threads import one_blas_thread
from moirelib._types import Complex, Floats
from moirelib.bands.bloch import Bands, wavevectors
from moirelib.bands.groups import cut_groups
from moirelib.models.graphene_hbn import GrapheneHBN

# Bands on each side of those asked for that are mixed exactly, and rounds of self-consistency.
_NEIGHBOURS = 6
_ROUNDS = 3


@dataclass(frozen=True, eq=False)
class _LinearizedModel:
    """Everything that is the same at all k.

    Parameters
    ----------
    reference : float
        E₀ in meV.
    h0, gradient : ndarray, shapes (n, n) and (2, n, n)
        The linearised problem, relative to E₀, in the basis where its metric is 1.
    remainder : ndarray, shape (2, n, n)
        U†P_sR₀²U in that basis, P_s the projector on one hBN orbital.
    to_graphene, to_hbn : ndarray
        From that basis to graphene, and from graphene to hBN through U.
    onsite : ndarray, shape (2,)
        The two hBN levels in meV.
    """

    reference: float
    h0: Complex
    gradient: Complex
    remainder: Complex
    to_graphene: Complex
    to_hbn: Complex
    onsite: Floats


@one_blas_thread
def solve_bands_eliminated(
    model: GrapheneHBN, k: ArrayLike, count: int = 6, reference: float | None = None
) -> Bands:
    """Solve like :func:`moirelib.solve_bands`, through the elimination of hBN.

    Parameters
    ----------
    model : GrapheneHBN
        The model.
    k : array_like, shape (nk, 2) or (2,)
        Wavevectors in 1/nm.
    count : int
        Number of bands, even, half below and half above charge neutrality.
    reference : float, optional
        Energy E₀ of the linearisation in meV; the mean potential that hBN exerts if left out,
        which lies near the Dirac point.

    Returns
    -------
    Bands
        With states on all rows of the model, hBN included. Within 200 meV of ``reference``
        energies differ from the dense ones by less than 10⁻³ meV.

    Raises
    ------
    TypeError
        If ``model`` is not a :class:`moirelib.GrapheneHBN`.
    ValueError
        As :func:`moirelib.solve_bands`; also for more bands than graphene has on either side.
    """
    _validate.instance("model", model, GrapheneHBN, "a GrapheneHBN")
    k = wavevectors(k)
    half, odd = divmod(_validate.integer("count", count, minimum=2), 2)
    if reference is None:
        reference = float(np.trace(model.effective_harmonics()[0, 0]).real / 2)
    linear = _linearize(model, _validate.real_scalar("reference", reference))
    size = len(linear.h0)
    if odd or half + _NEIGHBOURS > size // 2:
        raise ValueError(
            f"count must be even and at most {size - 2 * _NEIGHBOURS} for this cut-off, got "
            f"{_validate.shown(count)}"
        )
    count = 2 * half
    require_memory(f"{len(k)} wavevectors", 4 * len(k) * size**2, 16)
    energies, vectors = np.linalg.eigh(linear.h0 + np.tensordot(k, linear.gradient, axes=1))
    first = size // 2 - half
    nearby = vectors[..., first - _NEIGHBOURS : size - first + _NEIGHBOURS]
    # ⟨m|W_s|n⟩ for all m and the nearby n, (2, nk, n, near).
    mixing = vectors.conj().swapaxes(-1, -2) @ (linear.remainder[:, None] @ nearby)
    restored = []
    for i in range(count):
        window = slice(first + i - _NEIGHBOURS, first + i + _NEIGHBOURS + 1)
        columns = mixing[..., i : i + 2 * _NEIGHBOURS + 1]
        restored.append(_restore(linear, energies, vectors, columns, window))
    return Bands(
        model,
        k,
        np.stack([energy for energy, _ in restored], axis=-1),
        np.stack([state for _, state in restored], axis=-1),
        cut_groups(energies, slice(first, first + count)),
    )


def _restore(
    linear: _LinearizedModel,
    energies: Floats,
    vectors: Complex,
    mixing: Complex,
    window: slice,
) -> tuple[Floats, Complex]:
    """Energy (nk,) and state (nk, rows) of the band in the middle of the window."""
    far = np.ones(energies.shape[1], dtype=bool)
    far[window] = False
    e_near, e_far = energies[:, window], energies[:, far]
    mixing_near, mixing_far = mixing[:, :, window], mixing[:, :, far]
    diagonal = np.arange(e_near.shape[1])
    e = e_near[:, _NEIGHBOURS]
    for _ in range(_ROUNDS):
        weight = (e**2 / (e + linear.reference - linear.onsite[:, None]))[..., None, None]
        gamma_far = weight[0] * mixing_far[0] + weight[1] * mixing_far[1]
        admixture = gamma_far / (e[:, None] - e_far)[..., None]
        effective = weight[0] * mixing_near[0] + weight[1] * mixing_near[1]
        effective += gamma_far.conj().swapaxes(-1, -2) @ admixture
        effective[:, diagonal, diagonal] += e_near
        levels, mixed = np.linalg.eigh(effective)
        e, coefficients = levels[:, _NEIGHBOURS], mixed[..., _NEIGHBOURS, None]
    everywhere = np.empty((*energies.shape, 1), dtype=complex)
    everywhere[:, window] = coefficients
    everywhere[:, far] = admixture @ coefficients
    graphene = linear.to_graphene @ (vectors @ everywhere)
    resolvent = 1 / (e + linear.reference - linear.onsite[:, None])
    hbn = (linear.to_hbn @ graphene)[..., 0] * np.tile(resolvent, (len(linear.to_hbn) // 2, 1)).T
    state = np.concatenate([graphene[..., 0], hbn], axis=1)
    return e + linear.reference, state / np.linalg.norm(state, axis=1, keepdims=True)


@lru_cache(maxsize=16)
def _linearize(model: GrapheneHBN, reference: float) -> _LinearizedModel:
    full = model.plane_wave_model
    graphene = full.orbitals < 2
    coupling = full.h0[np.ix_(~graphene, graphene)]
    onsite = np.array([model.nitrogen_onsite, model.boron_onsite])
    if np.isclose(onsite, reference).any():
        raise ValueError(f"reference must differ from the hBN levels {onsite}, got {reference!r}")
    resolvent = np.tile(1 / (reference - onsite), len(coupling) // 2)[:, None]
    adjoint = coupling.conj().T
    effective = full.h0[np.ix_(graphene, graphene)] + adjoint @ (resolvent * coupling)
    metric = np.eye(len(effective)) + adjoint @ (resolvent**2 * coupling)
    inverse = solve_triangular(cholesky(metric, lower=True), np.eye(len(metric)), lower=True)

    def transformed(matrix: Complex) -> Complex:
        result: Complex = inverse @ matrix @ inverse.conj().T
        return result

    remainder = []
    for orbital in range(2):
        projected = np.where(np.arange(len(coupling)) % 2 == orbital, 1.0, 0.0)[:, None]
        remainder.append(transformed(adjoint @ (projected * resolvent**2 * coupling)))
    return _LinearizedModel(
        reference=reference,
        h0=transformed(effective - reference * np.eye(len(effective))),
        gradient=np.stack([transformed(g[np.ix_(graphene, graphene)]) for g in full.gradient]),
        remainder=np.stack(remainder),
        to_graphene=inverse.conj().T,
        to_hbn=coupling,
        onsite=onsite,
    )
