"""The drag of relaxing layers against frequency and time, by formula and by simulation."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np

from moirelib import _validate
from moirelib import cache as disk
from moirelib._repr import short_repr
from moirelib._types import Complex, Floats
from moirelib.chapters.perturbation_theory.data.ring_dynamics import (
    Ring,
    dragged_in_rings,
    ring_coupling,
)
from moirelib.chapters.perturbation_theory.data.two_lattices import (
    Chain,
    cell_interaction,
    dragged_current,
    lagging,
    screened_weight,
    soft_step,
)
from moirelib.drag.frequency import (
    pulse_after_current_step,
    pulse_after_field_step,
    relaxed_line_shape,
)
from moirelib.units import HBAR_MEV_S

# Lifetime of the simulations, in units of the inverse hopping. Gaps are of the order of 1, so that
# what the formula leaves out, (1/τ gap)², is below 10⁻².
LIFETIME = 20.0
# Where the field is switched on and how softly: no transitions between bands are excited.
MIDDLE, RISE = 12.0, 4.0
# Which layers relax in the runs of the mean field: (passive, active).
WHO = ("neither", "active only", "passive only", "both")
_NEVER = math.inf
_LIFETIMES = np.array(
    [[_NEVER, _NEVER], [_NEVER, LIFETIME], [LIFETIME, _NEVER], [LIFETIME, LIFETIME]]
)
# Steps in time of the mean field, in units of the inverse hopping: their error is below 10⁻³.
_STEP = 0.8
# Points of the prediction for each step of a simulation.
_FINER = 20


@short_repr
@dataclass(frozen=True)
class RelaxedDrag:
    """One frame of the slider: frequency and time, for two rates of relaxation.

    Parameters
    ----------
    frequency : ndarray, shape (nw,)
        ħΩ in meV.
    response : ndarray, shape (nw,)
        σ₁₂(Ω)/ħS in 1/meV.
    time : ndarray, shape (nt,)
        In ps.
    after_field, after_current : ndarray, shape (nt,)
        Dragged current after a step of the field and of the current of layer 2, over ħS E₂.
    passive, active : float
        ħ/τ₁ and ħ/τ₂ in meV.
    """

    frequency: Floats
    response: Complex
    time: Floats
    after_field: Floats
    after_current: Floats
    passive: float
    active: float


def relaxed_drag(passive: float = 1.0, active: float = 1.0) -> RelaxedDrag:
    """Return line shape and pulses for ħ/τ of the passive and of the active layer in meV."""
    frequency = np.linspace(-5.0, 5.0, 401)
    time = np.linspace(-0.5, 6.0, 400)
    rates = [passive, active]
    return RelaxedDrag(
        frequency,
        relaxed_line_shape(frequency, rates),
        time,
        pulse_after_field_step(time, rates),
        pulse_after_current_step(time, rates),
        passive,
        active,
    )


@short_repr
@dataclass(frozen=True)
class Transients:
    """The dragged current after a soft step of the field, simulated and predicted, over S E τ.

    Parameters
    ----------
    time : ndarray, shape (nt,)
        In units of τ, from the middle of the step.
    simulated, predicted : ndarray, shape (nt, 4)
        Two chains in mean field, for the four cases of ``WHO``.
    ring_time : ndarray, shape (nr,)
        In units of τ.
    rings, rings_predicted : ndarray, shape (nr,)
        Two rings solved exactly, each with collisions of its own.
    shared : ndarray, shape (nr,)
        The same rings thrown into equilibrium at the same instants.
    """

    time: Floats
    simulated: Floats
    predicted: Floats
    ring_time: Floats
    rings: Floats
    rings_predicted: Floats
    shared: Floats

    @property
    def slope(self) -> float:
        """Slope of the current without relaxation over S E, from the second half of the run."""
        late = slice(len(self.time) // 2, None)
        return float(np.polyfit(self.time[late], self.simulated[late, 0], 1)[0])


def chains(size: int = 16, kT: float = 0.5) -> tuple[Chain, Chain]:
    """Return the two chains of the simulations: the passive and the active one."""
    return Chain(9, size, 1.3, kT), Chain(25, size, 0.8, kT)


RINGS = (Ring(38), Ring(54))
RING_KT = 6.0
RING_LIFETIME = 12.0


@cache
def transients() -> Transients:
    """Integrate both pairs of layers in time, and filter the field as the formula does."""
    return Transients(
        **disk.kept(("drag in mean field", LIFETIME), _in_mean_field),
        **disk.kept(("drag of rings", RING_LIFETIME), _in_rings),
    )


def _in_mean_field(force: float = 2e-5, strength: float = 0.05) -> dict[str, Floats]:
    pair = chains()
    interaction = cell_interaction(*pair)
    weight = float(pair[0].susceptibility() @ interaction @ pair[1].susceptibility())
    step = _STEP
    time: Floats = np.arange(0, MIDDLE + 7 * LIFETIME, step)
    signs = np.repeat([1.0, -1.0], len(_LIFETIMES))
    runs = dragged_current(
        pair,
        strength * signs[:, None, None] * interaction,
        lambda t: force * float(soft_step(np.array(t), MIDDLE, RISE)),
        time,
        np.concatenate([_LIFETIMES, _LIFETIMES]),
    )
    half = len(_LIFETIMES)
    current = (runs[:, :half] - runs[:, half:]) / (2 * strength * force)
    fine = _finer(len(time), step)
    signal = soft_step(fine, MIDDLE, RISE)
    predicted = []
    for lifetimes in _LIFETIMES.tolist():
        high = signal
        for lifetime in lifetimes:
            high = high - lagging(high, step / _FINER, lifetime)
        predicted.append(high[::_FINER])
    scale = weight * LIFETIME
    return {
        "time": (time - MIDDLE) / LIFETIME,
        "simulated": current / scale,
        "predicted": np.stack(predicted, axis=1) / LIFETIME,
    }


def _in_rings(force: float = 1e-4) -> dict[str, Floats]:
    table = ring_coupling(*RINGS)
    (own1, rest1), (own2, rest2) = (ring.response(RING_KT) for ring in RINGS)
    # Two valleys in each ring, all four pairs alike.
    weights = [4 * float(a @ table @ b) for a in (own1, rest1) for b in (own2, rest2)]
    step = 0.35
    time = np.arange(0, MIDDLE + 6.5 * RING_LIFETIME, step)

    def potential(t: float) -> float:
        return force * float(soft_step(np.array(t), MIDDLE, RISE))

    own, shared = (
        one / force
        for one in dragged_in_rings(RINGS, RING_KT, potential, time, (RING_LIFETIME, RING_LIFETIME))
    )
    # χ = [𝒞 (−ix) + rest]/(1 − ix) in each ring; the rest are its persistent currents.
    signal = soft_step(_finer(len(time), step), MIDDLE, RISE)
    spacing = step / _FINER
    low = lagging(signal, spacing, RING_LIFETIME)
    twice_low = lagging(low, spacing, RING_LIFETIME)
    parts = [signal - 2 * low + twice_low, low - twice_low, low - twice_low, twice_low]
    predicted = sum(w * part[::_FINER] for w, part in zip(weights, parts, strict=True))
    scale = weights[0] * RING_LIFETIME
    return {
        "ring_time": (time - MIDDLE) / RING_LIFETIME,
        "rings": own / scale,
        "rings_predicted": np.asarray(predicted / scale),
        "shared": shared / scale,
    }


def _finer(count: int, step: float) -> Floats:
    fine: Floats = np.arange((count - 1) * _FINER + 1) * np.float64(step / _FINER)
    return fine


@cache
def alternating(x: float, interaction: float = 0.0) -> tuple[complex, complex]:
    """σ₁₂/Sτ of two chains in mean field at Ωτ = x: simulated, and by the formula.

    With ``interaction`` > 0 both layers also screen, to all orders: then W(x) stands for U, with
    the same strength between and, half as much again, within the layers. Otherwise to first order.
    """
    pair = chains()
    table = cell_interaction(*pair)
    bare = float(pair[0].susceptibility() @ table @ pair[1].susceptibility())
    frequency = _validate.positive("x", x) / LIFETIME
    # Layers that screen strongly follow each other within a step.
    steps = math.ceil(2 * math.pi / frequency / (0.5 * _STEP if interaction else _STEP))
    step = 2 * math.pi / frequency / steps
    cycles = math.ceil(8 * LIFETIME * frequency / (2 * math.pi)) + 1
    time: Floats = np.arange(cycles * steps + 1) * np.float64(step)
    force = 2e-5
    strengths = np.array([interaction] if interaction else [0.05, -0.05])
    within = None
    formula = 1.0 + 0j
    if interaction:
        first, second = (1.5 * interaction * cell_interaction(one, one) for one in pair)
        within = (first, second)
        formula = screened_weight(pair, interaction * table, within, x) / (interaction * bare)
    runs = dragged_current(
        pair,
        strengths[:, None, None] * table,
        lambda t: force * math.sin(frequency * t) / frequency,
        time,
        np.full((len(strengths), 2), LIFETIME),
        within,
    )
    current = (runs / strengths).mean(axis=1) / force
    last = slice(-steps, None)
    found = 2 * np.mean(current[last] * np.exp(1j * frequency * time[last]))
    formula *= complex(relaxed_line_shape(x))
    return complex(found / (bare * LIFETIME)), formula


def picoseconds(broadening: float) -> float:
    """Return τ = ħ/ħδ in ps for ħδ in meV."""
    return HBAR_MEV_S * 1e12 / _validate.positive("broadening", broadening, "meV")
