"""Screening of the interlayer interaction in the random-phase approximation.

A potential φ_{G′} in a layer moves charge, δρ_G = χ_{GG′} φ_{G′}, and this charge acts on both
layers. As matrices in layer ⊗ G, with V the Coulomb interaction above a metal gate,

W = V + Vχ W = (1 − Vχ)⁻¹ V,

and W₁₂(G, G′) takes the place of U₁₂ in Kundu Eq. 35. χ holds all bands, both valleys and spins.
The part within bands follows a potential only after the time τ: χ(x) = χ_inter + χ_intra/(1 − ix).
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import ArrayLike

from moirelib import _validate
from moirelib._threads import one_blas_thread
from moirelib._types import Complex, Floats
from moirelib.drag.conductivity import BARE
from moirelib.drag.density_response import DensityResponse
from moirelib.drag.frequency import relaxation_rates, relaxed_line_shape
from moirelib.drag.interlayer import (
    Interlayer,
    contracted,
    coupling,
    drag_prefactor,
    first_order_drag,
)
from moirelib.drag.layer import DragLayer


def coulomb_matrix(q: ArrayLike, interlayer: Interlayer = BARE) -> Floats:
    """Return V_{ll′}(q) of two layers above a metal gate, of which Kundu's U₁₂ is one element.

    Image charges: V_{ll′} = (e²/2ε₀εq)[e^{−q|z_l − z_l′|} − e^{−q(z_l + z_l′)}] with layer 1 at
    z = d_g and layer 2 at d_g + d.

    Parameters
    ----------
    q : array_like, shape (...)
        |q| ≥ 0 in 1/nm.
    interlayer : Interlayer
        U₁₂, whose distance d, gate distance d_g and permittivity give the interaction within the
        layers too.

    Returns
    -------
    ndarray, shape (..., 2, 2)
        In meV nm².

    Raises
    ------
    TypeError
        If ``interlayer`` is no :class:`Interlayer`: a function of U₁₂ alone does not give the
        interaction within a layer; or ``q`` is not real.
    ValueError
        If ``q`` is negative or not finite, or zero without a gate.
    """
    if not isinstance(interlayer, Interlayer):
        raise TypeError(
            "interlayer must be an Interlayer: a function of U₁₂ alone does not give the "
            f"interaction within a layer, got {_validate.shown(interlayer)}"
        )
    near = replace(interlayer, distance=0.0)
    far = replace(near, gate_distance=interlayer.gate_distance + interlayer.distance)
    across, nearer, farther = interlayer(q), near(q), far(q)
    matrix: Floats = np.stack([nearer, across, across, farther], axis=-1)
    return matrix.reshape(*nearer.shape, 2, 2)


def screened_interaction(
    response1: ArrayLike, response2: ArrayLike, length: ArrayLike, interlayer: Interlayer = BARE
) -> Complex:
    """Return W₁₂(G, G′) = [(1 − Vχ)⁻¹ V]₁₂.

    Parameters
    ----------
    response1, response2 : array_like, shape (..., nG, nG)
        χ of each layer in 1/(meV nm²); zeros leave the bare interaction.
    length : array_like, shape (nG,)
        |G| in 1/nm.
    interlayer : Interlayer
        The bare interaction.

    Returns
    -------
    ndarray, shape (..., nG, nG)
        In meV nm².

    Raises
    ------
    TypeError, ValueError
        If the responses and the lengths do not hold the same number of G, or not finite numbers, or
        if the layers would be unstable; as :func:`coulomb_matrix`.
    """
    chi1 = _validate.complex_array("response1", response1)
    chi2 = _validate.complex_array("response2", response2)
    g = _validate.real_vector("length", _validate.non_negative_array("length", length, "1/nm"))
    v = coulomb_matrix(g, interlayer)
    count = len(v)
    for name, chi in (("response1", chi1), ("response2", chi2)):
        if chi.shape[-2:] != (count, count):
            raise ValueError(f"{name} must end in the shape {(count, count)}, got {chi.shape}")
    shape = _validate.broadcast(response1=chi1[..., 0, 0], response2=chi2[..., 0, 0])
    bare = np.einsum("gij,gh->igjh", v, np.eye(count)).reshape(2 * count, 2 * count)
    both = np.zeros((*shape, 2 * count, 2 * count), dtype=complex)
    both[..., :count, :count], both[..., count:, count:] = chi1, chi2
    try:
        screened: Complex = np.linalg.solve(np.eye(2 * count) - bare @ both, bare.astype(complex))
    except np.linalg.LinAlgError:
        raise ValueError(
            "response1 and response2 must not make 1 − Vχ singular: the layers would be unstable"
        ) from None
    return screened[..., :count, count:]


@one_blas_thread
def screened_drag_conductivity(
    layer1: DragLayer,
    layer2: DragLayer,
    response1: DensityResponse,
    response2: DensityResponse,
    mu1: ArrayLike,
    mu2: ArrayLike,
    kT: float,
    interlayer: Interlayer = BARE,
    broadening: float = 1.0,
    relaxed: bool = True,
) -> Floats:
    """Return :func:`moirelib.drag_conductivity` of the valleys with W₁₂ in place of U₁₂.

    Parameters
    ----------
    layer1, layer2, broadening
        As in :func:`moirelib.drag_conductivity`.
    response1, response2 : DensityResponse
        What screens, of the same models and shifts.
    mu1, mu2 : array_like, shape (n,)
        Chemical potentials in meV.
    kT : float
        k_BT > 0 in meV.
    interlayer : Interlayer
        The bare interaction.
    relaxed : bool
        Whether the screening charge has come to rest, as in the static RPA. If not, only the part
        between bands screens: this is what the Drude weight is made of.

    Returns
    -------
    ndarray, shape (len(mu1), len(mu2), 2, 2)
        In e²/h, with the sign of Kundu Eq. 1.

    Raises
    ------
    TypeError, ValueError
        If a layer, response or interaction is of another class or does not match, ``mu1`` or
        ``mu2`` is not real and finite, ``kT`` or ``broadening`` no number > 0, ``relaxed`` no bool,
        or bands are missing at a chemical potential and temperature.
    """
    relaxed = _validate.flag("relaxed", relaxed)
    layers, responses, mu = (layer1, layer2), (response1, response2), (mu1, mu2)
    parts = _density_parts(layers, responses, mu, kT, interlayer)
    lag = 1.0 if relaxed else 0.0
    w = _lagging_interaction(parts, (lag, lag), layer1, interlayer)
    return first_order_drag(
        layer1.susceptibility(mu1, kT), layer2.susceptibility(mu2, kT), w, broadening
    )


@one_blas_thread
def screened_drag_response(
    layer1: DragLayer,
    layer2: DragLayer,
    response1: DensityResponse,
    response2: DensityResponse,
    mu1: ArrayLike,
    mu2: ArrayLike,
    kT: float,
    frequency: ArrayLike,
    interlayer: Interlayer = BARE,
    broadening: ArrayLike = 1.0,
) -> Complex:
    """Return :func:`~moirelib.drag.frequency.drag_response` with screening at the same frequency.

    Parameters
    ----------
    layer1, layer2, response1, response2, mu1, mu2, kT, interlayer
        As in :func:`screened_drag_conductivity`.
    frequency : array_like, any shape
        ħΩ in meV, real.
    broadening : float or array_like, shape (2,)
        ħ/τ > 0 in meV, of both layers or of each.

    Returns
    -------
    ndarray, shape of frequency + (len(mu1), len(mu2), 2, 2)
        In e²/h, with the sign that follows from the equations of motion.

    Raises
    ------
    TypeError, ValueError
        As :func:`screened_drag_conductivity`; ``frequency`` and ``broadening`` as in
        :func:`~moirelib.drag.frequency.drag_response`.
    """
    omega = _validate.real_array("frequency", frequency)
    rate1, rate2 = relaxation_rates(broadening)
    layers, responses, mu = (layer1, layer2), (response1, response2), (mu1, mu2)
    parts = _density_parts(layers, responses, mu, kT, interlayer)
    first, second = layer1.susceptibility(mu1, kT), layer2.susceptibility(mu2, kT)
    found = []
    for one in omega.ravel().tolist():
        lags = (1 / (1 - 1j * one / rate1), 1 / (1 - 1j * one / rate2))
        w = _lagging_interaction(parts, lags, layer1, interlayer)
        shape = complex(relaxed_line_shape(one, broadening))
        found.append(-drag_prefactor(1.0) * shape * contracted(first, second, w))
    response: Complex = np.stack(found).reshape(*omega.shape, *found[0].shape)
    return response


def _density_parts(
    layers: tuple[DragLayer, DragLayer],
    responses: tuple[DensityResponse, DensityResponse],
    mu: tuple[ArrayLike, ArrayLike],
    kT: float,
    interlayer: Interlayer,
) -> tuple[Complex, Complex]:
    """χ of both layers, (2, nmu, nG, nG) between and within bands, if the layers match."""
    for i, (layer, response) in enumerate(zip(layers, responses, strict=True), start=1):
        _validate.instance(f"layer{i}", layer, DragLayer, "a DragLayer")
        _validate.instance(f"response{i}", response, DensityResponse, "a DensityResponse")
    _validate.instance("interlayer", interlayer, Interlayer, "an Interlayer")
    coupling(*layers, interlayer)
    for layer, response in zip(layers, responses, strict=True):
        if not np.array_equal(layer.pairs, response.pairs):
            raise ValueError(
                "layers and responses must keep the same shells of G, got "
                f"{layer.shells} and {response.shells}"
            )
        if tuple(layer.shift) != tuple(response.shift):
            raise ValueError(
                f"a layer and its response must be shifted alike, got {layer.shift} and "
                f"{response.shift} nm"
            )
    first = responses[0].matrix(mu[0], kT)
    same = responses[0] is responses[1] and mu[0] is mu[1]
    return first, first if same else responses[1].matrix(mu[1], kT)


def _lagging_interaction(
    parts: tuple[Complex, Complex],
    lags: tuple[complex, complex],
    layer: DragLayer,
    interlayer: Interlayer,
) -> Complex:
    """W₁₂ for all pairs of fillings, with χ within bands multiplied by a factor for each layer."""
    chi1, chi2 = (
        between + lag * within for (between, within), lag in zip(parts, lags, strict=True)
    )
    length = np.linalg.norm(layer.lattice.vectors(layer.pairs), axis=1)
    return screened_interaction(chi1[:, None], chi2[None], length, interlayer)
