"""Zero and low temperature: Fermi-line integrals, Kundu's by-parts form, the Sommerfeld expansion.

Three routes to the susceptibility of :class:`moirelib.DragLayer` that share with it the model
and nothing else: a line integral along points that are diagonalised on the Fermi line itself
(Kundu Eqs. 3, 42), the sum over occupied states of ∂_kλ (Kundu Eqs. 2, 40), and the expansion
in k_BT whose coefficient is a second derivative with respect to μ (Kundu Eqs. 47–49).
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike

from moirelib import _validate, cache
from moirelib._threads import one_blas_thread
from moirelib._types import Complex, Floats
from moirelib.bands.brillouin import fermi, minus_fermi_derivative
from moirelib.bands.fermi_line import contours_on_mesh, fermi_lines
from moirelib.bands.lattice import Symmetry
from moirelib.bands.model import ValleyModel
from moirelib.bands.symmetry import star_mean
from moirelib.drag.conductivity import BARE
from moirelib.drag.interlayer import Potential, coupling, first_order_drag
from moirelib.drag.layer import DragLayer, require_layer, require_layers
from moirelib.drag.valleys import Flavor, per_valley, spins, sum_valleys
from moirelib.drag.van_hove import eigenbasis

# Pairs of states closer than this take the limit f′ of (f_n − f_m)/(ε_n − ε_m).
_SAME_ENERGY_MEV = 1e-6

# Mesh on which Fermi lines are looked for: a pocket narrower than 0.009 1/nm is overlooked.
_SEARCH_MESH = 60

# Spacings between which a difference of Fermi-line integrals is a derivative.
_STEPS_MEV = (0.4, 20.0)


class LifshitzError(ValueError):
    """The Fermi line changes its topology where a derivative with respect to μ was asked for."""


@one_blas_thread
def fermi_line_susceptibility(
    layer: DragLayer, mu: ArrayLike, flavor: Flavor = "valley", points: int = 96
) -> Complex:
    """Return 𝒞_G at zero temperature as an integral along the Fermi line (Kundu Eqs. 3, 42).

    𝒞^α_G(T=0) = 2/(2π)² Σ_{n,ξ} s_ξ ∮ dℓ λ_G v_α/|v|, with s_ξ = ξ for the valley and 1 for the
    charge.

    Parameters
    ----------
    layer : DragLayer
        The layer; only its model, symmetry, bands and reciprocal vectors are used.
    mu : array_like, shape (nmu,) or (nmu, 2)
        Chemical potentials in meV, as in :meth:`moirelib.DragLayer.susceptibility`.
    flavor : {"valley", "charge"}
        Which current.
    points : int
        Points on each line.

    Returns
    -------
    ndarray, shape (nmu, nG, 2)
        In 1/nm; zero where no band crosses μ.

    Raises
    ------
    TypeError, ValueError
        If ``mu`` lies outside ``layer.complete_window``, or an argument is of another kind or out
        of range.
    FermiLineError
        If a point cannot be brought onto the line, as it may happen at a van Hove energy.
    """
    require_layer(layer)
    points = _validate.integer("points", points, minimum=16)
    layer.require_complete(np.concatenate(per_valley(mu)))
    shells, bands, symmetry = layer.shells, layer.bands, layer.zone.symmetry

    def of_valley(model: ValleyModel, levels: Floats) -> Complex:
        rows = [
            _line_integral(model, one, shells, bands, points, symmetry) for one in levels.tolist()
        ]
        return np.stack(rows)

    return sum_valleys(layer, mu, flavor, of_valley) * spins(layer.model) / (2 * math.pi) ** 2


@one_blas_thread
def occupation_form_susceptibility(
    layer: DragLayer, mu: ArrayLike, kT: ArrayLike, flavor: Flavor = "valley"
) -> Complex:
    """Return 𝒞_G from occupied states and ∂_kλ_G (Kundu Eqs. 2, 40), over all bands.

    With ∂_kλ by perturbation theory the sum over bands is the static interband response,
    Σ_{n≠m} λ_G^{(n,m)} ⟨m|∂_kH|n⟩ (f_n − f_m)/(ε_n − ε_m), which is how it is evaluated. The
    result equals :meth:`moirelib.DragLayer.susceptibility` when the bands are periodic in k; a
    truncated plane-wave basis leaves a constant, independent of μ and T.

    Parameters
    ----------
    layer : DragLayer
        The layer: its model, mesh and vectors. Every state of the model is computed.
    mu : array_like, shape (nmu,) or (nmu, 2)
        Chemical potentials in meV.
    kT : float or array_like, shape (nmu,)
        k_BT ≥ 0 in meV; at 0 the sum converges slowly with the mesh, except in a gap.
    flavor : {"valley", "charge"}
        Which current.

    Returns
    -------
    ndarray, shape (nmu, nG, 2)
        In 1/nm.

    Raises
    ------
    TypeError, ValueError
        If an argument is of another kind, ``kT`` is negative, or neither a number nor one for each
        wavevector.
    """
    require_layer(layer)
    given = _validate.non_negative_array("kT", kT, "meV")
    levels_of_k = per_valley(mu)[0]
    if given.shape not in ((), (1,), levels_of_k.shape):
        raise ValueError(f"kT must be a number or of shape {levels_of_k.shape}, got {given.shape}")
    # No band is missing: the sum is over all of the model.
    temperatures = np.broadcast_to(given, levels_of_k.shape)

    def occupied(model: ValleyModel, levels: Floats) -> Complex:
        total = np.zeros((len(levels), len(layer.pairs), 2), dtype=np.complex128)
        for k, weight in zip(layer.zone.points, layer.zone.weights, strict=True):
            basis = eigenbasis(model, k, layer.pairs)
            for i, (level, one) in enumerate(
                zip(levels.tolist(), temperatures.tolist(), strict=True)
            ):
                total[i] += weight * _occupied_gradient(basis, level, one)
        if layer.symmetry == "full":
            total = star_mean(model.lattice, layer.pairs, total)
        return total

    def of_valley(model: ValleyModel, levels: Floats) -> Complex:
        state = (levels.tolist(), temperatures.tolist(), layer.mesh, layer.shells, layer.symmetry)
        key = ("occupation form", model, *state)
        total = cache.kept(key, lambda: {"total": occupied(model, levels)})["total"]
        return _validate.frozen(total)

    return sum_valleys(layer, mu, flavor, of_valley) * spins(layer.model) / layer.lattice.cell_area


@one_blas_thread
def sommerfeld_coefficient(
    layer: DragLayer,
    mu: ArrayLike,
    flavor: Flavor = "valley",
    step: float = 1.0,
    points: int = 96,
) -> Complex:
    """Return (π²/6) ∂²𝒞_G(0)/∂μ², the coefficient of (k_BT)² in Kundu Eq. 48.

    The derivative is a five-point difference of :func:`fermi_line_susceptibility`.

    Parameters
    ----------
    layer, flavor, points
        As in :func:`fermi_line_susceptibility`.
    mu : array_like, shape (nmu,)
        Chemical potentials in meV, of both valleys.
    step : float
        Spacing of the five points in meV, 0.4 to 20. The integrals are good to some 10⁻⁷ where
        a line crosses the zone boundary; a second difference divides that by the step squared,
        which leaves one to two digits at the shortest.

    Returns
    -------
    ndarray, shape (nmu, nG, 2)
        In 1/(nm meV²).

    Raises
    ------
    TypeError, ValueError
        If bands are missing at the five points, or an argument is of another kind or out of range.
    LifshitzError
        If the Fermi line changes its topology between the five points: 𝒞 has no second
        derivative at a van Hove energy or band edge.
    """
    return _value_and_coefficient(layer, mu, flavor, step, points)[1]


@one_blas_thread
def sommerfeld_susceptibility(
    layer: DragLayer,
    mu: ArrayLike,
    kT: float,
    flavor: Flavor = "valley",
    step: float = 1.0,
    points: int = 96,
) -> Complex:
    """Return 𝒞_G(T) to order T² (Kundu Eq. 48): its value at T = 0 plus the coefficient × (k_BT)².

    Parameters, errors and shape as in :func:`sommerfeld_coefficient`; ``kT`` is k_BT ≥ 0 in meV.

    Raises
    ------
    TypeError, ValueError
        If ``mu`` lies beyond the bands that the layer has, or ``kT`` is negative or reaches beyond
        them, or an argument is of another kind.
    LifshitzError
        As :func:`sommerfeld_coefficient`.
    """
    require_layer(layer)
    kT = _validate.non_negative("kT", kT, "meV")
    layer.require_complete(_validate.real_vector("mu", mu), kT)
    value, coefficient = _value_and_coefficient(layer, mu, flavor, step, points)
    return value + coefficient * kT**2


@one_blas_thread
def sommerfeld_conductivity(
    layer1: DragLayer,
    layer2: DragLayer,
    mu1: ArrayLike,
    mu2: ArrayLike,
    interlayer: Potential = BARE,
    broadening: float = 1.0,
    step: float = 1.0,
    points: int = 96,
) -> tuple[Floats, Floats]:
    """Return σ(0) and A of σ(T) = σ(0) + A (k_BT)² (Kundu Eq. 49), with no fit.

    A collects the two terms of first order in the coefficients of the layers,
    𝒞₁(0) a₂ + a₁ 𝒞₂(0), in the bilinear form of Kundu Eq. 1.

    Parameters
    ----------
    layer1, layer2 : DragLayer
        The layers, of one moiré period.
    mu1, mu2 : array_like, shape (n,)
        Chemical potentials of each layer in meV.
    interlayer, broadening
        As in :func:`moirelib.drag_conductivity`.
    step, points
        As in :func:`sommerfeld_coefficient`.

    Returns
    -------
    zero : ndarray, shape (len(mu1), len(mu2), 2, 2)
        σ(0) in e²/h.
    coefficient : ndarray, shape (len(mu1), len(mu2), 2, 2)
        A in e²/h per meV².

    Raises
    ------
    TypeError, ValueError
        If the layers do not match; as :func:`sommerfeld_coefficient`.
    LifshitzError
        As :func:`sommerfeld_coefficient`.
    """
    require_layers(layer1, layer2)
    potential = coupling(layer1, layer2, interlayer)
    c1, a1 = _value_and_coefficient(layer1, mu1, "valley", step, points)
    if layer1 is layer2 and np.array_equal(mu1, mu2):
        c2, a2 = c1, a1
    else:
        c2, a2 = _value_and_coefficient(layer2, mu2, "valley", step, points)

    def drag(left: Complex, right: Complex) -> Floats:
        return first_order_drag(left, right, potential, broadening)

    return drag(c1, c2), drag(c1, a2) + drag(a1, c2)


def _value_and_coefficient(
    layer: DragLayer, mu: ArrayLike, flavor: Flavor, step: float, points: int
) -> tuple[Complex, Complex]:
    """𝒞(0) and (π²/6) ∂²𝒞(0)/∂μ², each (nmu, nG, 2), from five points."""
    require_layer(layer)
    mu = _validate.real_vector("mu", mu)
    step = _validate.between(
        "step", step, *_STEPS_MEV, "meV", "noise below, other Fermi lines above"
    )
    offsets = step * np.arange(-2.0, 3.0)
    layer.require_complete(mu[:, None] + offsets)
    for one in mu.tolist():
        _require_one_topology(layer, one, offsets)
    values = fermi_line_susceptibility(layer, (mu[:, None] + offsets).ravel(), flavor, points)
    values = values.reshape(len(mu), 5, *values.shape[1:])
    second = np.tensordot([-1 / 12, 4 / 3, -5 / 2, 4 / 3, -1 / 12], values, axes=(0, 1)) / step**2
    return values[:, 2], np.asarray(math.pi**2 / 6 * second, dtype=np.complex128)


@lru_cache(maxsize=1024)
def _line_integral(
    model: ValleyModel, mu: float, shells: int, bands: int, points: int, symmetry: Symmetry
) -> Complex:
    """Σ ∮ dℓ λ_G v/|v| over the Fermi lines of one valley, (nG, 2) in 1/nm."""

    def integrate() -> dict[str, Complex]:
        pairs = np.concatenate(model.lattice.shells(shells + 1)[1:])
        lines = fermi_lines(model, mu, _SEARCH_MESH, bands, points, symmetry)
        total = np.zeros((len(pairs), 2), dtype=np.complex128)
        for line in lines:
            total += line.integral(pairs)
        return {"total": total}

    key = ("line integral", model, mu, shells, bands, points, symmetry)
    return _validate.frozen(cache.kept(key, integrate)["total"])


def _occupied_gradient(basis: tuple[Floats, Complex, Complex], mu: float, kT: float) -> Complex:
    """Σ_n f_n ∂_kλ_G^{(n,n)} at one wavevector, (nG, 2) in nm."""
    energies, velocity, projected = basis
    occupation = fermi(energies, mu, kT)
    gap = energies[:, None] - energies
    same = np.abs(gap) < _SAME_ENERGY_MEV
    share = (occupation[:, None] - occupation) / np.where(same, np.inf, gap)
    np.fill_diagonal(same, False)
    if kT > 0 and same.any():
        slope = -minus_fermi_derivative(energies, mu, kT)
        share = np.where(same, slope, share)
    weighted = (share * velocity.swapaxes(-1, -2)).reshape(2, -1)
    return np.asarray(projected.reshape(len(projected), -1) @ weighted.T, dtype=np.complex128)


def _require_one_topology(layer: DragLayer, mu: float, offsets: Floats) -> None:
    models = [layer.model]
    if layer.symmetry == "none":
        models.append(layer.model.other_valley())
    for model in models:
        kinds = [
            sorted((band, contour.is_pocket) for band, contour in found)
            for found in (
                contours_on_mesh(model, mu + offset, _SEARCH_MESH, layer.bands, layer.zone.symmetry)
                for offset in offsets.tolist()
            )
        ]
        if any(kind != kinds[0] for kind in kinds):
            raise LifshitzError(
                f"the Fermi line changes its topology within {offsets[-1]} meV of mu = {mu} meV: "
                "no Sommerfeld expansion exists across a van Hove energy or band edge"
            )
