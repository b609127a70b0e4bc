"""The drag against frequency and time, with both layers relaxing.

Each layer obeys the von Neumann equation with a relaxation term −(ρ − ρ_eq)/τ, where ρ_eq is the
equilibrium in the potential of the moment. Between bands the states follow at once; within a band
they come to rest after τ. Hence χ(Ω) = 𝒟(0) − 𝒞/(1 − ix) = 𝒞 (−ix)/(1 − ix) with x = Ωτ, by
𝒟(0) = 𝒞. Two such factors and E = −∂_tA make the conductivity

σ₁₂(Ω) = S τ₂ (−ix₁)/[(1 − ix₁)(1 − ix₂)],  S = (e²/h) 2π Σ_G 𝒞₁(−G) U₁₂(G) 𝒞₂(G)/ħ.

It vanishes at Ω = 0. Sτ is minus the printed Kundu Eq. 35 at ħδ = ħ/τ.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from moirelib import _validate
from moirelib._types import Complex, Floats
from moirelib.drag.conductivity import BARE, drag_conductivity
from moirelib.drag.interlayer import Potential
from moirelib.drag.layer import DragLayer
from moirelib.drag.valleys import Flavor
from moirelib.units import HBAR_MEV_S

_HBAR_MEV_PS = HBAR_MEV_S * 1e12

# Rates closer than this share one closed form: the difference quotient has lost its digits.
_EQUAL_RATES = 1e-5


def drag_response(
    layer1: DragLayer,
    layer2: DragLayer,
    mu1: ArrayLike,
    mu2: ArrayLike,
    kT: ArrayLike,
    frequency: ArrayLike,
    interlayer: Potential = BARE,
    broadening: ArrayLike = 1.0,
    flavor: Flavor = "valley",
) -> Complex:
    """Return the complex drag conductivity σ₁₂(Ω) = j₁/E₂ of two layers that relax.

    Parameters
    ----------
    layer1, layer2, mu1, mu2, kT, interlayer, flavor
        As in :func:`moirelib.drag_conductivity`.
    frequency : array_like, any shape
        ħΩ in meV, real; fields go as e^{−iΩt}.
    broadening : float or array_like, shape (2,)
        ħ/τ > 0 in meV, of both layers or of each.

    Returns
    -------
    ndarray, shape of frequency + shape of ``drag_conductivity``
        In e²/h, with the sign that follows from the equations of motion: opposite to Kundu Eq. 1.

    Raises
    ------
    TypeError, ValueError
        As :func:`moirelib.drag_conductivity`, and for a frequency that is not real or finite.
    """
    shape = np.asarray(relaxed_line_shape(frequency, broadening))
    weight = -drag_conductivity(layer1, layer2, mu1, mu2, kT, interlayer, 1.0, flavor)
    response: Complex = np.multiply.outer(shape, weight)
    return response


def relaxed_line_shape(frequency: ArrayLike, broadening: ArrayLike = 1.0) -> Complex:
    """Return σ₁₂(Ω)/(ħS) = −iħΩ/[(γ₁ − iħΩ)(γ₂ − iħΩ)] with γ = ħ/τ.

    Its real part has the area π over all Ω and vanishes at Ω = 0. It is largest, 1/(γ₁ + γ₂), at
    ħΩ = √(γ₁γ₂). It is the drag below the band gaps only; transitions between bands carry −π.

    Parameters
    ----------
    frequency : array_like, any shape
        ħΩ in meV.
    broadening : float or array_like, shape (2,)
        γ > 0 in meV, of both layers or of each.

    Returns
    -------
    ndarray, shape of frequency
        In 1/meV.

    Raises
    ------
    TypeError, ValueError
        If ``frequency`` is not real and finite, or ``broadening`` not one or two numbers > 0.

    Examples
    --------
    >>> print(relaxed_line_shape([0.0, 1.0]).real)
    [0.  0.5]
    """
    omega = _validate.real_array("frequency", frequency)
    rate1, rate2 = relaxation_rates(broadening)
    shape: Complex = -1j * omega / ((rate1 - 1j * omega) * (rate2 - 1j * omega))
    return shape


def pulse_after_field_step(time: ArrayLike, broadening: ArrayLike = 1.0) -> Floats:
    """Return the dragged current after a field is switched on in layer 2, over ħS E₂.

    (e^{−t/τ₁} − e^{−t/τ₂})/(γ₂ − γ₁); for equal rates t e^{−t/τ}/ħ. It rises with the
    collisionless slope, peaks near τ and dies; its area is ħ/(γ₁γ₂).

    Parameters
    ----------
    time : array_like, any shape
        t in ps after the step; before it the current is 0.
    broadening : float or array_like, shape (2,)
        γ = ħ/τ > 0 in meV, of both layers or of each.

    Returns
    -------
    ndarray, shape of time
        In 1/meV: times minus the printed Kundu Eq. 35 at ħδ = 1 meV it is σ = j₁/E₂ in e²/h.

    Raises
    ------
    TypeError, ValueError
        If ``time`` is not real and finite, or ``broadening`` not one or two numbers > 0.
    """
    rate1, rate2 = relaxation_rates(broadening)
    phase = np.maximum(_validate.real_array("time", time), 0) / _HBAR_MEV_PS
    mean, half = (rate1 + rate2) / 2, (rate2 - rate1) / 2
    if abs(half) < _EQUAL_RATES * mean:
        pulse: Floats = phase * np.exp(-mean * phase)
    else:
        pulse = (np.exp(-rate1 * phase) - np.exp(-rate2 * phase)) / (2 * half)
    return pulse


def pulse_after_current_step(time: ArrayLike, broadening: ArrayLike = 1.0) -> Floats:
    """Return the dragged current after the *current* of layer 2 has been switched on.

    e^{−t/τ₁}/γ₂ for t ≥ 0, over ħS E₂ with E₂ the field that keeps the current in the end. A
    source of current supplies the kick that sets it off. At t = 0⁺ this is minus the printed
    Kundu Eq. 35; within the time τ₁ of the passive layer it is gone.

    Parameters
    ----------
    time : array_like, any shape
        t in ps after the step; before it the current is 0.
    broadening : float or array_like, shape (2,)
        γ = ħ/τ > 0 in meV, of both layers or of each.

    Returns
    -------
    ndarray, shape of time
        In 1/meV.

    Raises
    ------
    TypeError, ValueError
        As :func:`pulse_after_field_step`.
    """
    rate1, rate2 = relaxation_rates(broadening)
    elapsed = _validate.real_array("time", time)
    phase = np.maximum(elapsed, 0) / _HBAR_MEV_PS
    pulse: Floats = np.where(elapsed >= 0, np.exp(-rate1 * phase), 0.0) / rate2
    return pulse


def relaxation_rates(broadening: ArrayLike) -> tuple[float, float]:
    """Return ħ/τ of both layers in meV, from one positive number or two.

    Raises
    ------
    TypeError, ValueError
        If ``broadening`` is not one or two positive energies.
    """
    values = _validate.positive_array("broadening", broadening, "meV")
    if values.ndim > 1 or values.size not in (1, 2):
        raise ValueError(
            f"broadening must be one or two energies in meV, got {_validate.shown(broadening)}"
        )
    first, second = np.broadcast_to(values, 2).tolist()
    return first, second
