"""Drag to second order in the interaction: what flows at DC, with umklapp.

Two electrons, one of each layer, scatter off each other. The crystal momentum q that they exchange
is defined up to a reciprocal vector of the moiré, and the amplitudes U(q + G) λ¹_G λ²_G* of all G
add up before they are squared. The golden rule, linearised about equilibrium with a rate 1/τ for
each layer, gives

σ₁₂ = (e²/h) (2π² τ₁τ₂/ħ²k_BT) ∫d²q/(2π)² ∫dω ½ Σ_{GG′α} U_G U_{G′} Re R¹_{GG′} R²_{GG′}*

with R(q, ω) of :mod:`moirelib.drag.transfers` and q in the first zone. The last ½ is the mean of xx
and yy. A collision counts with the shift of its two occupations only together with its reverse, and
both are in the integral: 2π², not 4π². By time reversal K′ has
R(q, −ω): the charge current of a layer goes with R(ω) + R(−ω), the valley current with the
difference.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from moirelib import _validate
from moirelib._repr import short_repr
from moirelib._threads import one_blas_thread
from moirelib._types import Complex, Floats, Ints
from moirelib.bands.window import require_complete
from moirelib.drag.conductivity import BARE
from moirelib.drag.interlayer import Interlayer, Potential
from moirelib.drag.scattering_layer import ScatteringLayer
from moirelib.drag.screening import screened_interaction

Channel = Literal["all", "diagonal", "normal"]
CHANNELS: tuple[Channel, ...] = ("all", "diagonal", "normal")
"""All G and G′; without interference, G = G′, which is the usual formula in the extended zone; and
G = G′ = 0 alone, q in the first zone: a part that depends on the choice of the zone."""

# Energies are exchanged up to so many k_BT: beyond, (x/2 sinh x/2)² < 10⁻³.
_REACH = 12


@short_repr
@dataclass(frozen=True, eq=False)
class SecondOrderDrag:
    """Drag conductivities of second order, for each pair of fillings.

    Parameters
    ----------
    charge, valley : ndarray, shape (3, n1, n2), or (3, n) if matched
        In e²/h, the mean of xx and yy; the channels are those of ``CHANNELS``.
    """

    charge: Floats
    valley: Floats

    def __post_init__(self) -> None:
        _validate.keep(self)


@one_blas_thread
def second_order_drag(
    layer1: ScatteringLayer,
    layer2: ScatteringLayer,
    mu1: ArrayLike,
    mu2: ArrayLike,
    kT: float,
    interlayer: Potential = BARE,
    rates: tuple[float, float] = (1.0, 1.0),
    screened: bool = False,
    steps: int = 4,
    matched: bool = False,
) -> SecondOrderDrag:
    """Return the DC drag conductivities of second order, of charge and of valley.

    Parameters
    ----------
    layer1, layer2 : ScatteringLayer
        Of one lattice, mesh and reach.
    mu1, mu2 : array_like, shape (n,)
        Chemical potentials in meV.
    kT : float
        k_BT > 0 in meV.
    interlayer : callable
        U₁₂ in meV nm² of wavenumbers in 1/nm; an :class:`moirelib.Interlayer` if ``screened``.
    rates : tuple of float
        ħ/τ of each layer in meV.
    screened : bool
        Whether both layers screen, by the static RPA with W₁₂(q + G, q + G′) as a matrix.
    steps : int
        Steps of the exchanged energy in k_BT. A finer one asks for a finer mesh of the layers, or
        for more points in its cells.
    matched : bool
        Whether each filling of layer 1 meets that of layer 2 at its own place only, not all.

    Returns
    -------
    SecondOrderDrag
        A positive charge drag is a current along that of the other layer.

    Raises
    ------
    TypeError, ValueError
        If the layers do not match, bands are missing at a chemical potential and temperature, or an
        argument is of another kind or out of range.
    """
    levels1, levels2 = _validate.real_vector("mu1", mu1), _validate.real_vector("mu2", mu2)
    kT = _validate.positive("kT", kT, "meV")
    both = _validate.positive_array("rates", rates, "meV")
    if both.shape != (2,):
        raise ValueError(f"rates must be two energies in meV, got {_validate.shown(rates)}")
    screened = _validate.flag("screened", screened)
    met = np.ones((len(levels1), len(levels2)), dtype=bool)
    if _validate.flag("matched", matched):
        if len(levels1) != len(levels2):
            raise ValueError(
                f"mu2 must have as many levels as mu1 if matched, got {len(levels2)} and "
                f"{len(levels1)}"
            )
        met = np.eye(len(levels1), dtype=bool)
    require_alike(layer1, layer2)
    for layer, levels in ((layer1, levels1), (layer2, levels2)):
        require_complete((layer.model,), layer.bands, levels, kT)
    if screened:
        _validate.instance("interlayer", interlayer, Interlayer, "an Interlayer")
    most = _REACH * _validate.integer("steps", steps, minimum=1)
    omega = np.linspace(-_REACH * kT, _REACH * kT, 2 * most + 1)
    total = np.zeros((2, len(CHANNELS), len(levels1), len(levels2)))
    for offset, share in zip(*layer1.offsets(layer1.shift, layer2.shift), strict=True):
        q = layer1.folded(offset)
        pairs = layer1.pairs(q)
        length = np.linalg.norm(q + layer1.model.lattice.vectors(pairs), axis=1)
        same = layer1 == layer2 and np.array_equal(levels1, levels2)
        first = _Side.of(layer1, offset, pairs, levels1, kT, omega, screened)
        second = first if same else _Side.of(layer2, offset, pairs, levels2, kT, omega, screened)
        for i, j in np.argwhere(met).tolist():
            potential = _potential(first, second, i, j, length, interlayer, screened)
            total[:, :, i, j] += share * _joined(first.gains[i], second.gains[j], potential, pairs)
    scale = 2 * math.pi**2 / kT / layer1.model.lattice.cell_area * (omega[1] - omega[0])
    total = total[..., met] if matched else total
    charge, valley = scale / float(both.prod()) * total
    return SecondOrderDrag(charge, valley)


def require_alike(layer1: ScatteringLayer, layer2: ScatteringLayer) -> None:
    """Refuse two layers between which no wavevector of the mesh is exchanged.

    Raises
    ------
    TypeError, ValueError
        If one of the layers is no :class:`ScatteringLayer`, or if lattice, mesh or reach differ.
    """
    for name, layer in (("layer1", layer1), ("layer2", layer2)):
        _validate.instance(name, layer, ScatteringLayer, "a ScatteringLayer")
    first, second = ((one.model.lattice, one.mesh, one.reach) for one in (layer1, layer2))
    if first != second:
        raise ValueError(
            f"layer2 must have the lattice, mesh and reach of layer1, got {second} and {first}"
        )


@dataclass(frozen=True, eq=False)
class _Side:
    """One layer at one q: R and χ at each filling."""

    gains: list[Complex]
    responses: list[Complex]

    @classmethod
    def of(
        cls,
        layer: ScatteringLayer,
        offset: Ints,
        pairs: Ints,
        mu: Floats,
        kT: float,
        omega: Floats,
        screened: bool,
    ) -> _Side:
        found = layer.transfers(offset, pairs)
        gains = [found.gains(level, kT, omega) for level in mu.tolist()]
        responses = []
        if screened:
            screens = layer.density_response(found, offset, pairs)
            responses = [screens(level, kT) for level in mu.tolist()]
        return cls(gains, responses)


def _potential(
    first: _Side,
    second: _Side,
    i: int,
    j: int,
    length: Floats,
    interlayer: Potential,
    screened: bool,
) -> Complex:
    """The interaction as a matrix in G, for one pair of fillings."""
    if screened:
        assert isinstance(interlayer, Interlayer)
        return screened_interaction(first.responses[i], second.responses[j], length, interlayer)
    return np.diag(np.asarray(interlayer(length), dtype=complex))


def _joined(gains1: Complex, gains2: Complex, potential: Complex, pairs: Ints) -> Floats:
    """½ Σ_ω Σ_α Σ_{GG′} (U† R¹ U)_{GG′} R²_{GG′}*, of both flavours and each channel: (2, 3)."""
    # What layer 1 does through the potential, in the vectors of layer 2.
    acted = np.einsum("gh,wgka,kl->whla", potential.conj(), gains1, potential, optimize=True)
    weights = np.diag(potential)
    squares = np.abs(weights) ** 2
    diagonal1 = squares[:, None] * np.einsum("wgga->wga", gains1)
    diagonal2 = np.einsum("wgga->wga", gains2)
    zero = np.flatnonzero((pairs == 0).all(axis=1))
    found = np.empty((2, len(CHANNELS)))
    for f, sign in enumerate((1, -1)):
        parts = (
            (acted, gains2),
            (diagonal1, diagonal2),
            (diagonal1[:, zero], diagonal2[:, zero]),
        )
        for c, (one, two) in enumerate(parts):
            one, two = one + sign * one[::-1], two + sign * two[::-1]
            found[f, c] = 0.5 * np.vdot(two, one).real
    return found
