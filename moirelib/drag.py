"""Interlayer valley drag to first order in the interlayer interaction (Kundu App. B)."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from moirelib import _validate
from moirelib._threads import one_blas_thread
from moirelib._types import Floats
from moirelib.layer import DragLayer, Flavor
from moirelib.units import COULOMB_MEV_NM

__all__ = ["DragLayer", "drag_conductivity", "drag_conductivity_by_shell", "interlayer_coulomb"]


def interlayer_coulomb(
    q: ArrayLike, distance: float = 1.0, gate_distance: float = 10.0, permittivity: float = 5.0
) -> Floats:
    """Return the gate-screened interlayer interaction U₁₂ (Kundu App. B, below Eq. 34).

    U₁₂(q) = e² e^{−qd} (1 − e^{−2q d_g})/(2ε₀ε q); at q = 0 its limit, e² d_g/(ε₀ε).

    Parameters
    ----------
    q : array_like
        Wavenumbers |q| ≥ 0 in 1/nm.
    distance, gate_distance : float
        Layer separation d ≥ 0 and gate distance d_g > 0 in nm; ``inf`` removes the gate.
    permittivity : float
        Relative permittivity ε > 0.

    Returns
    -------
    ndarray, shape of q
        In meV nm².
    """
    q = _validate.real_array("q", q)
    if (q < 0).any():
        raise ValueError(f"q must be ≥ 0 1/nm, got {q.min()!r}")
    _validate.non_negative("distance", distance, "nm")
    if gate_distance != math.inf:
        _validate.positive("gate_distance", gate_distance, "nm")
    elif (q == 0).any():
        raise ValueError("q must be > 0 1/nm without a gate: the bare interaction diverges")
    _validate.positive("permittivity", permittivity)
    prefactor = 2 * math.pi * COULOMB_MEV_NM / permittivity
    with np.errstate(divide="ignore", invalid="ignore"):
        screened = np.where(q > 0, -np.expm1(-2 * q * gate_distance) / q, 2 * gate_distance)
    interaction: Floats = prefactor * np.exp(-q * distance) * screened
    return interaction


@one_blas_thread
def drag_conductivity(
    layer1: DragLayer,
    layer2: DragLayer,
    mu1: ArrayLike,
    mu2: ArrayLike,
    kT: ArrayLike,
    distance: float = 1.0,
    gate_distance: float = 10.0,
    permittivity: float = 5.0,
    broadening: float = 1.0,
    flavor: Flavor = "valley",
) -> Floats:
    """Return the intraband drag conductivity, with the sign of Kundu Eq. 1.

    σ₁₂ = −(e²/h)(2π/ħδ) Σ_G 𝒞₁(−G) U₁₂(G) 𝒞₂(G).

    Parameters
    ----------
    layer1, layer2 : DragLayer
        The two layers, of one moiré period.
    mu1, mu2 : array_like, shape (n,) or (n, 2)
        Chemical potentials of each layer in meV; two columns for K and K′ separately.
    kT : float or array_like, shape (nT,)
        k_BT ≥ 0 in meV.
    distance, gate_distance, permittivity : float
        As in :func:`interlayer_coulomb`.
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
    ValueError
        If the layers differ in period or in the shells kept, or a parameter is out of range.
    """
    total: Floats = drag_conductivity_by_shell(
        layer1, layer2, mu1, mu2, kT, distance, gate_distance, permittivity, broadening, flavor
    ).sum(axis=0)
    return total


@one_blas_thread
def drag_conductivity_by_shell(
    layer1: DragLayer,
    layer2: DragLayer,
    mu1: ArrayLike,
    mu2: ArrayLike,
    kT: ArrayLike,
    distance: float = 1.0,
    gate_distance: float = 10.0,
    permittivity: float = 5.0,
    broadening: float = 1.0,
    flavor: Flavor = "valley",
) -> Floats:
    """Return :func:`drag_conductivity` split into shells of G.

    Returns
    -------
    ndarray, shape (shells, len(mu1), len(mu2), 2, 2)
        In e²/h; the sum over the first axis is the conductivity.
    """
    _validate.positive("broadening", broadening, "meV")
    require_matched(layer1, layer2)
    length = np.linalg.norm(layer1.lattice.vectors(layer1.pairs), axis=1)
    interaction = interlayer_coulomb(length, distance, gate_distance, permittivity)
    first = layer1.susceptibility(mu1, kT, flavor)
    same = layer1 is layer2 and mu1 is mu2
    second = first if same else layer2.susceptibility(mu2, kT, flavor)
    # 𝒞(−G) = 𝒞(G)*, since the charge density is real.
    left, right = first.conj(), second * interaction[:, None]
    shells = [
        np.einsum("...xga,...ygb->...xyab", left[..., own, :], right[..., own, :]).real
        for own in (layer1.shell_of_pair == shell for shell in range(1, layer1.shells + 1))
    ]
    return -2 * math.pi / broadening * np.stack(shells)


def require_matched(layer1: DragLayer, layer2: DragLayer) -> None:
    """Refuse two layers whose umklapp momenta differ."""
    if not math.isclose(layer1.lattice.period, layer2.lattice.period, rel_tol=1e-12):
        raise ValueError(
            "layer1 and layer2 must share one moiré period, got "
            f"{layer1.lattice.period} and {layer2.lattice.period} nm: their umklapp momenta differ"
        )
    if layer1.shells != layer2.shells:
        raise ValueError(
            f"layer1 and layer2 must keep the same shells, got {layer1.shells} and {layer2.shells}"
        )
