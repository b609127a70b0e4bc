"""The interaction between the layers, and the one place where it joins their responses.

Every drag conductivity of this package, whatever the temperature, the frequency or the width of
the lattice points, gets U₁₂ at the umklapp momenta from :func:`coupling`, which refuses layers
that do not match, and joins two susceptibilities by :func:`first_order_drag` (Kundu Eq. 1) or
:func:`xi` (Kundu Eq. 50).
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import ArrayLike

from moirelib import _validate
from moirelib._types import Complex, Floats, Ints
from moirelib.bands.lattice import MoireLattice
from moirelib.units import COULOMB_MEV_NM

Potential = Callable[[Floats], ArrayLike]
"""An :class:`Interlayer`, or a function of one's own, gives U₁₂ in meV nm² at q in 1/nm."""


@dataclass(frozen=True)
class Interlayer:
    """The gate-screened interlayer interaction (Kundu App. B, below Eq. 34).

    U₁₂(q) = e² e^{−qd} (1 − e^{−2q d_g})/(2ε₀ε q); at q = 0 its limit, e² d_g/(ε₀ε).

    Parameters
    ----------
    distance : float
        Layer separation d ≥ 0 in nm.
    gate_distance : float
        Distance d_g > 0 to the gate in nm; ``inf`` removes the gate.
    permittivity : float
        Relative permittivity ε > 0.

    Raises
    ------
    TypeError, ValueError
        For a wrong value of any parameter, naming it.

    Examples
    --------
    >>> round(float(Interlayer(distance=1.0)(0.5)), 1)  # meV nm²
    2195.0
    """

    distance: float = 1.0
    gate_distance: float = 10.0
    permittivity: float = 5.0

    def __post_init__(self) -> None:
        gate: object = self.gate_distance
        if isinstance(gate, float | np.floating) and gate == math.inf:
            gate = math.inf
        else:
            gate = _validate.between(
                "gate_distance", gate, 1e-6, 1e12, "nm, or inf", "1/q must be of another size"
            )
        _validate.keep(
            self,
            distance=_validate.non_negative("distance", self.distance, "nm"),
            gate_distance=gate,
            permittivity=_validate.between(
                "permittivity", self.permittivity, 1e-6, 1e12, "", "1 in vacuum"
            ),
        )

    def __call__(self, q: ArrayLike) -> Floats:
        """Return U₁₂ in meV nm² at wavenumbers q ≥ 0 in 1/nm, in their shape.

        Raises
        ------
        TypeError, ValueError
            If q is not real, finite and ≥ 0, or zero without a gate.
        """
        q = _validate.non_negative_array("q", q, "1/nm")
        if self.gate_distance == math.inf and (q == 0).any():
            raise ValueError("q must be > 0 1/nm without a gate: the bare interaction diverges")
        prefactor = 2 * math.pi * COULOMB_MEV_NM / self.permittivity
        with np.errstate(divide="ignore", invalid="ignore"):
            gated = np.where(q > 0, -np.expm1(-2 * q * self.gate_distance) / q, 0.0)
        # The smallest floats: there the quotient has overflowed, and the limit is exact.
        gated = np.where(np.isfinite(gated), gated, 2 * self.gate_distance)
        at_zero = 0.0 if self.gate_distance == math.inf else 2 * self.gate_distance
        potential: Floats = prefactor * np.exp(-q * self.distance) * np.where(q > 0, gated, at_zero)
        return potential


class Umklapp(Protocol):
    """A layer as the coupling sees it: a lattice and the reciprocal vectors kept."""

    @property
    def lattice(self) -> MoireLattice:
        """The layer's moiré lattice."""
        ...

    @property
    def pairs(self) -> Ints:
        """The reciprocal vectors kept, as integer pairs (nG, 2)."""
        ...


def coupling(
    layer1: Umklapp, layer2: Umklapp, interlayer: Potential, wavevectors: Floats | None = None
) -> Floats:
    """Return U₁₂ at the umklapp momenta that two layers share, in meV nm², shape (nG,).

    Parameters
    ----------
    layer1, layer2 : DragLayer or OffLatticeLayer
        The two layers.
    interlayer : callable
        U₁₂ in meV nm² of wavenumbers in 1/nm.
    wavevectors : ndarray, shape (nG, 2), optional
        Where to take U₁₂, in 1/nm; at the G kept if left out.

    Raises
    ------
    TypeError
        If a layer has no lattice or no G, or ``interlayer`` is not a function of q.
    ValueError
        If the layers differ in period or in the vectors kept, or U₁₂ is not finite and real.
    """
    _validate.function("interlayer", interlayer, "of q such as Interlayer()")
    for name, layer in (("layer1", layer1), ("layer2", layer2)):
        if not (hasattr(layer, "lattice") and hasattr(layer, "pairs")):
            raise TypeError(
                f"{name} must be a layer such as DragLayer(GrapheneHBN()), got "
                f"{_validate.shown(layer)}"
            )
    if not math.isclose(layer1.lattice.period, layer2.lattice.period, rel_tol=1e-12):
        raise ValueError(
            "layer1 and layer2 must share one moiré period, got "
            f"{layer1.lattice.period} and {layer2.lattice.period} nm: their umklapp momenta differ"
        )
    if not np.array_equal(layer1.pairs, layer2.pairs):
        raise ValueError(
            "layer1 and layer2 must keep the same shells, got "
            f"{len(layer1.pairs)} and {len(layer2.pairs)} reciprocal vectors"
        )
    vectors = layer1.lattice.vectors(layer1.pairs) if wavevectors is None else wavevectors
    length = np.linalg.norm(vectors, axis=-1)
    potential = _validate.real_array("interlayer(q)", interlayer(length))
    if potential.shape != length.shape:
        raise ValueError(
            f"interlayer(q) must have the shape {length.shape} of q, got {potential.shape}"
        )
    return potential


def first_order_drag(
    first: Complex, second: Complex, potential: Floats | Complex, broadening: float
) -> Floats:
    """Return σ₁₂ from the susceptibilities of two layers (Kundu Eq. 1).

    σ₁₂ = −(e²/h)(2π/ħδ) Σ_G 𝒞₁(−G) U₁₂(G) 𝒞₂(G), with 𝒞(−G) = 𝒞(G)*, since the charge density
    is real. A screened interaction is a matrix W₁₂(G, G′) instead, for each pair of fillings.

    Parameters
    ----------
    first, second : ndarray, shape (..., n1, nG, 2) and (..., n2, nG, 2)
        𝒞_G of the layers in 1/nm, for each chemical potential.
    potential : ndarray, shape (nG,) or (..., n1, n2, nG, nG)
        U₁₂ in meV nm² from :func:`coupling`, or W₁₂ from
        :func:`moirelib.drag.screening.screened_interaction`.
    broadening : float
        ħδ > 0 in meV.

    Returns
    -------
    ndarray, shape (..., n1, n2, 2, 2)
        In e²/h.

    Raises
    ------
    TypeError, ValueError
        If an array does not hold finite numbers, the shapes of the susceptibilities do not fit that
        of the potential, or ``broadening`` is no number > 0.
    """
    first, second = (
        _validate.complex_array(name, value)
        for name, value in (("first", first), ("second", second))
    )
    potential = _validate.number_array("potential", potential)
    count = potential.shape[-1] if potential.ndim else 0
    for name, value in (("first", first), ("second", second)):
        if value.ndim < 3 or value.shape[-2:] != (count, 2):
            raise ValueError(
                f"{name} must have shape (..., n, {count}, 2) for a potential of shape "
                f"{potential.shape}, got {value.shape}"
            )
    if potential.ndim != 1:
        n1, n2 = first.shape[-3], second.shape[-3]
        if potential.shape[-4:] != (n1, n2, count, count):
            raise ValueError(
                f"potential must have shape ({count},) or (..., {n1}, {n2}, {count}, {count}), got "
                f"{potential.shape}"
            )
    _validate.broadcast(
        first=first[..., 0, 0, 0],
        second=second[..., 0, 0, 0],
        potential=potential[..., 0, 0, 0, 0] if potential.ndim > 1 else potential[0],
    )
    return drag_prefactor(broadening) * contracted(first, second, potential).real


def contracted(first: Complex, second: Complex, potential: Floats | Complex) -> Complex:
    """Return Σ 𝒞₁(−G) U₁₂ 𝒞₂ in meV, (..., n1, n2, 2, 2), of arguments as above.

    It is real for every interaction that does not lag behind.
    """
    opposite = first.conj().swapaxes(-1, -2)  # 𝒞(−G), G last
    if potential.ndim == 1:
        # One product of matrices (n1·2, nG) and (nG, n2·2).
        acted = np.moveaxis(second * potential[:, None], -2, -3)
        left = opposite.reshape(*opposite.shape[:-3], -1, len(potential))
        right = acted.reshape(*acted.shape[:-2], -1)
        product = left @ right
        n1, n2 = first.shape[-3], second.shape[-3]
        summed = product.reshape(*product.shape[:-2], n1, 2, n2, 2).swapaxes(-3, -2)
    else:
        acted = potential @ second[..., None, :, :, :]
        summed = opposite[..., None, :, :] @ acted
    return np.asarray(summed, dtype=np.complex128)


def drag_prefactor(broadening: float) -> float:
    """Return −2π/ħδ in 1/meV, the prefactor of Kundu Eqs. 1, 50 and 51 in units of e²/h.

    ``broadening`` is ħδ > 0 in meV.

    Raises
    ------
    TypeError, ValueError
        If ``broadening`` is no number > 0.
    """
    return -2 * math.pi / _validate.positive("broadening", broadening, "meV")


def xi(first: Complex, second: Complex, potential: ArrayLike) -> Floats:
    """Return Ξ = ½ Σ_α Re 𝒞₁^α(g)* U₁₂(g) 𝒞₂^α(g), the summand of Kundu Eqs. 50–53.

    Parameters
    ----------
    first, second : ndarray, shape (..., 2)
        𝒞_g of the layers in 1/nm; leading axes broadcast.
    potential : array_like, shape (...)
        U₁₂ at the same g in meV nm²; it broadcasts too.

    Returns
    -------
    ndarray, shape (...)
        In meV, without the last axis.

    Raises
    ------
    TypeError, ValueError
        If an array does not hold finite numbers, or ``potential`` is complex, if the last axis of
        the responses is not of length 2, or shapes do not fit.
    """
    first, second = (
        _validate.complex_array(name, value)
        for name, value in (("first", first), ("second", second))
    )
    potential = _validate.real_array("potential", potential)
    shape = _validate.broadcast(first=first, second=second)
    if not shape or shape[-1] != 2:
        raise ValueError(f"first and second must have a last axis of length 2, got shape {shape}")
    product = (first.conj() * second).sum(axis=-1).real
    _validate.broadcast(potential=potential, product=product)
    return np.asarray(0.5 * potential * product, dtype=np.float64)
