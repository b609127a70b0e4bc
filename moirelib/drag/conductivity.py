"""Interlayer valley drag to first order in the interlayer interaction (Kundu App. B)."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from moirelib._threads import one_blas_thread
from moirelib._types import Complex, Floats
from moirelib.drag.interlayer import (
    Interlayer,
    Potential,
    coupling,
    drag_prefactor,
    first_order_drag,
)
from moirelib.drag.layer import DragLayer, require_layers
from moirelib.drag.valleys import Flavor

BARE = Interlayer()


@one_blas_thread
def drag_conductivity(
    layer1: DragLayer,
    layer2: DragLayer,
    mu1: ArrayLike,
    mu2: ArrayLike,
    kT: ArrayLike,
    interlayer: Potential = BARE,
    broadening: float = 1.0,
    flavor: Flavor = "valley",
) -> Floats:
    """Return the intraband drag conductivity, with the sign of Kundu Eq. 1.

    σ₁₂ = −(e²/h)(2π/ħδ) Σ_G 𝒞₁(−G) U₁₂(G) 𝒞₂(G) (also Kundu Eq. 35).

    Parameters
    ----------
    layer1, layer2 : DragLayer
        The two layers, of one moiré period.
    mu1, mu2 : array_like, shape (n,) or (n, 2)
        Chemical potentials of each layer in meV; two columns for K and K′ separately.
    kT : float or array_like, shape (nT,)
        k_BT ≥ 0 in meV.
    interlayer : callable
        U₁₂ in meV nm² of wavenumbers in 1/nm: an :class:`moirelib.Interlayer` or a function.
    broadening : float
        ħδ > 0 in meV.
    flavor : {"valley", "charge"}
        Which current.

    Returns
    -------
    ndarray, shape (len(mu1), len(mu2), 2, 2)
        σ^{αβ} in e²/h; with a leading axis for an array of temperatures.

    Raises
    ------
    TypeError, ValueError
        If the layers differ in period or in the shells kept, or a parameter is out of range.
    """
    first, second, potential = _factors(
        layer1, layer2, mu1, mu2, kT, interlayer, broadening, flavor
    )
    return first_order_drag(first, second, potential, broadening)


@one_blas_thread
def drag_conductivity_by_shell(
    layer1: DragLayer,
    layer2: DragLayer,
    mu1: ArrayLike,
    mu2: ArrayLike,
    kT: ArrayLike,
    interlayer: Potential = BARE,
    broadening: float = 1.0,
    flavor: Flavor = "valley",
) -> Floats:
    """Return :func:`drag_conductivity` split into shells of G.

    Parameters and errors are those of :func:`drag_conductivity`.

    Returns
    -------
    ndarray, shape (shells, len(mu1), len(mu2), 2, 2)
        In e²/h; the sum over the first axis is the conductivity.
    """
    first, second, potential = _factors(
        layer1, layer2, mu1, mu2, kT, interlayer, broadening, flavor
    )
    of_shells = (layer1.shell_of_pair == shell for shell in range(1, layer1.shells + 1))
    return np.stack(
        [
            first_order_drag(first[..., own, :], second[..., own, :], potential[own], broadening)
            for own in of_shells
        ]
    )


def _factors(
    layer1: DragLayer,
    layer2: DragLayer,
    mu1: ArrayLike,
    mu2: ArrayLike,
    kT: ArrayLike,
    interlayer: Potential,
    broadening: float,
    flavor: Flavor,
) -> tuple[Complex, Complex, Floats]:
    """𝒞 of either layer, (..., nmu, nG, 2), and U₁₂ at the G kept; cheap checks first."""
    require_layers(layer1, layer2)
    drag_prefactor(broadening)
    potential = coupling(layer1, layer2, interlayer)
    first = layer1.susceptibility(mu1, kT, flavor)
    same = layer1 is layer2 and mu1 is mu2
    second = first if same else layer2.susceptibility(mu2, kT, flavor)
    return first, second, potential
