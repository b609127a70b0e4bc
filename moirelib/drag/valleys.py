"""The sum over the two valleys: flavours, spin, time reversal and the phase of a shift, once."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike

from moirelib import _validate
from moirelib._types import Complex, Floats
from moirelib.bands.model import BlochModel, ValleyModel

Flavor = Literal["valley", "charge"]

SPIN_DEGENERACY = 2
"""Spins of a valley, of models that do not say."""

OfValley = Callable[[Any, Floats], Complex]
"""𝒞 of one valley, (..., nmu, nG, 2), from its model and its chemical potentials (nmu,)."""


def spins(model: BlochModel) -> int:
    """Return the spins that a valley holds: ``model.spins`` where a model has it, else two.

    Where spin and valley are locked, as for holes of transition-metal dichalcogenides, it is one.

    Raises
    ------
    ValueError
        If ``model.spins`` is neither 1 nor 2.
    """
    return _validate.choice("model.spins", getattr(model, "spins", SPIN_DEGENERACY), (1, 2))


def flavor_signs(flavor: Flavor) -> tuple[int, int]:
    """Return s_ξ of K and K′: ξ for the valley current, 1 for the charge current.

    Raises
    ------
    ValueError
        For any other flavour.
    """
    chosen = _validate.choice("flavor", flavor, ("valley", "charge"))
    return (1, -1) if chosen == "valley" else (1, 1)


def per_valley(mu: ArrayLike) -> tuple[Floats, Floats]:
    """Split chemical potentials ``mu``, (nmu,) or (nmu, 2), into those of K and of K′.

    Raises
    ------
    TypeError, ValueError
        If ``mu`` is not real and finite, or of another shape.
    """
    values = _validate.real_array("mu", mu)
    if values.ndim < 2:
        same = np.atleast_1d(values)
        return same, same
    if values.ndim != 2 or values.shape[1] != 2:
        raise ValueError(f"mu must have shape (nmu,) or (nmu, 2), got {values.shape}")
    return values[:, 0], values[:, 1]


def sum_valleys(
    layer: Any,
    mu: ArrayLike,
    flavor: Flavor,
    of_valley: OfValley,
    reversed_in_time: OfValley | None = None,
) -> Complex:
    """Return Σ_ξ s_ξ X_ξ e^{−iG·s}: both valleys with the signs of the current, displaced by s.

    Parameters
    ----------
    layer : DragLayer
        Its model, whether it uses time reversal, its vectors and its shift.
    mu : array_like, shape (nmu,) or (nmu, 2)
        Chemical potentials in meV; two columns set K and K′ separately.
    flavor : {"valley", "charge"}
        Which current.
    of_valley : callable
        X of one valley, (..., nmu, nG, 2), from its model and its chemical potentials.
    reversed_in_time : callable, optional
        X of K′ from the model of K, for layers that use time reversal; −X if left out, as holds
        for 𝒞. (𝒟 changes the sign of the frequency too.)

    Returns
    -------
    ndarray, shape (..., nmu, nG, 2)
    """
    sign_k, sign_k_prime = flavor_signs(flavor)
    mu_k, mu_k_prime = per_valley(mu)
    if layer.symmetry == "none":
        of_k = of_valley(layer.model, mu_k)
        of_k_prime = of_valley(layer.model.other_valley(), mu_k_prime)
    elif reversed_in_time is not None:
        of_k, of_k_prime = of_valley(layer.model, mu_k), reversed_in_time(layer.model, mu_k_prime)
    elif mu_k is mu_k_prime:
        of_k = of_valley(layer.model, mu_k)
        of_k_prime = -of_k
    else:
        of_both = of_valley(layer.model, np.concatenate([mu_k, mu_k_prime]))
        of_k, of_k_prime = np.split(of_both, 2, axis=-3)
        of_k_prime = -of_k_prime
    total: Complex = (sign_k * of_k + sign_k_prime * of_k_prime) * shift_phase(layer)[:, None]
    return total


def each_valley(
    model: ValleyModel, mu: ArrayLike, flavor: Flavor
) -> list[tuple[ValleyModel, Floats, int]]:
    """Return model, ``mu`` as :func:`per_valley` and s_ξ of either valley, with none derived."""
    signs = flavor_signs(flavor)
    return list(zip((model, model.other_valley()), per_valley(mu), signs, strict=True))


def shift_phase(layer: Any) -> Complex:
    """Return e^{−iG·s}, (nG,): a moiré displaced by s carries its density components along."""
    phase: Complex = np.exp(-1j * layer.lattice.vectors(layer.pairs) @ np.asarray(layer.shift))
    return phase
