"""The stored sweep as the figures need it: how much a current unbalances the valleys."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from moirelib._repr import short_repr
from moirelib._types import Floats
from moirelib.chapters.magic_angle.data.points import RATES, STAGES, Point
from moirelib.chapters.magic_angle.data.stored import (
    CHECKED,
    DIRECTIONS,
    FILLINGS,
    MAGIC,
    STAGED,
    STRAINS,
    STRENGTHS,
    TWISTS,
    checks,
    response,
)
from moirelib.switching import ValleyResponse, current_per_width
from moirelib.units import velocity_si

QUOTED = 1e-3
"""The current of the paper's estimate in A/m."""


def enhancement(point: Point, found: ValleyResponse) -> float:
    """``|Δn₀|e v_D/(jε)``: how often the estimate ε of one strained sheet of speed v_D."""
    size = float(np.linalg.norm(found.per_current))
    return size * point.model.hbar_v / point.strain


def coefficient(point: Point, found: ValleyResponse) -> float:
    """``|δ_ε|θ_w/ε``: the number that the paper takes as of order one."""
    return float(np.linalg.norm(found.delta)) * math.radians(point.twist_degrees) / point.strain


def density_at(found: ValleyResponse, current: float = QUOTED) -> float:
    """``|Δn₀|`` in 1/m² for a current in A/m along the most effective direction."""
    for_unit = float(current_per_width(1e-18, velocity_si(found.speed), _size(found)))
    return current / for_unit


def current_for(found: ValleyResponse, density: Floats) -> Floats:
    """The current in A/m that makes ``|Δn₀|`` in 1/nm², along the most effective direction."""
    return current_per_width(density, velocity_si(found.speed), _size(found))


def _size(found: ValleyResponse) -> float:
    return float(np.linalg.norm(found.delta))


@short_repr
@dataclass(frozen=True)
class AgainstTwist:
    """Enhancement ``|Δn₀|ev_D/(jε)`` against the twist in degrees, at 3/4 filling and 7 K.

    ``by_strain`` (3, n) at ``twist_degrees`` and ``strains``: all switched on, constant rates
    within a valley. The rest at the largest of the strains: ``stages`` (4, m), one thing switched
    on after the other, at ``staged``; ``rates`` (3, n); and the factors 1/θ, v_D/v_F and |δ|θ/ε,
    whose product is the enhancement: ``inverse_twist``, ``velocity`` and ``coefficient``.
    ``coefficients`` (3, n) are |δ|θ/ε at all strains.
    """

    twist_degrees: Floats
    staged: Floats
    strains: Floats
    by_strain: Floats
    stages: Floats
    rates: Floats
    inverse_twist: Floats
    velocity: Floats
    coefficient: Floats
    coefficients: Floats


def against_twist() -> AgainstTwist:
    """Return what the sweep holds against the twist."""
    full = [Point(t, STRAINS[-1]) for t in TWISTS]
    found = [response(p) for p in full]
    staged = [[Point(t, STRAINS[-1], stage=s) for t in STAGED] for s in STAGES]
    return AgainstTwist(
        np.array(TWISTS),
        np.array(STAGED),
        np.array(STRAINS),
        np.array([[_of(Point(t, e)) for t in TWISTS] for e in STRAINS]),
        np.array([[_of(p) for p in row] for row in staged]),
        np.array([[_of(p, i) for p in full] for i in range(len(RATES))]),
        1 / np.radians(TWISTS),
        np.array([p.model.hbar_v / r.speed for p, r in zip(full, found, strict=True)]),
        np.array([coefficient(p, r) for p, r in zip(full, found, strict=True)]),
        np.array([[_coefficient(Point(t, e)) for t in TWISTS] for e in STRAINS]),
    )


@short_repr
@dataclass(frozen=True)
class InTurn:
    """At 1.05°, 3/4 filling and 7 K, one thing of ``STAGES`` switched on after the other.

    Enhancement, v_D/v_F and |δ|θ/ε, each (4,).
    """

    strain: float
    enhancement: Floats
    velocity: Floats
    coefficient: Floats


def in_turn(strain: float = STRAINS[1]) -> InTurn:
    """Return what the sweep holds at 0.1 % or 0.3 %."""
    stages = [Point(MAGIC, strain, stage=s) for s in STAGES]
    return InTurn(
        strain,
        np.array([_of(p) for p in stages]),
        np.array([p.model.hbar_v / response(p).speed for p in stages]),
        np.array([_coefficient(p) for p in stages]),
    )


def _coefficient(point: Point) -> float:
    """The stored coefficient, for constant rates within a valley."""
    return coefficient(point, response(point))


def _of(point: Point, rates: int = 0) -> float:
    """The stored enhancement."""
    return enhancement(point, response(point, rates))


@short_repr
@dataclass(frozen=True)
class AgainstStrain:
    """At 1.05°, 3/4 filling and 7 K against the strain, rows by the rates within a valley.

    ``enhancement`` (3, n), ``density`` |Δn₀| in 1/m² for 10⁻³ A/m (3, n), and ``speed`` v_F in m/s
    (n,), at each ``strain``.
    """

    strain: Floats
    enhancement: Floats
    density: Floats
    speed: Floats


def against_strain() -> AgainstStrain:
    """Return what the sweep holds at 3/4 filling and 7 K."""
    every = [Point(MAGIC, e) for e in STRENGTHS]
    return AgainstStrain(
        np.array(STRENGTHS),
        np.array([[_of(p, i) for p in every] for i in range(len(RATES))]),
        np.array([[density_at(response(p, i)) for p in every] for i in range(len(RATES))]),
        np.array([velocity_si(response(p).speed) for p in every]),
    )


@short_repr
@dataclass(frozen=True)
class AgainstFilling:
    """At 1.05° and 7 K, one strain: enhancement (3, n) by the rates within a valley.

    ``by_filling`` against the ``filling`` of the conduction band, and ``by_direction`` against the
    axis of the ``strain``, ``strain_degrees``.
    """

    strain: float
    filling: Floats
    by_filling: Floats
    strain_degrees: Floats
    by_direction: Floats


def against_filling(strain: float = STRAINS[1]) -> AgainstFilling:
    """Return what the sweep holds at 0.1 % or 0.3 %; a turn by 60° turns δ_ε by −120°."""
    kinds = range(len(RATES))
    filled = [Point(MAGIC, strain, filling=f) for f in FILLINGS]
    turned = [Point(MAGIC, strain, strain_degrees=d) for d in DIRECTIONS]
    return AgainstFilling(
        strain,
        np.array(FILLINGS),
        np.array([[_of(p, i) for p in filled] for i in kinds]),
        np.array(DIRECTIONS),
        np.array([[_of(p, i) for p in turned] for i in kinds]),
    )


@short_repr
@dataclass(frozen=True)
class Convergence:
    """Relative change (n, m) of the enhancement when one thing is changed, at m points.

    A finer mesh, more energies; then another temperature.
    """

    names: tuple[str, ...]
    twist_degrees: Floats
    strains: Floats
    change: Floats


def convergence() -> Convergence:
    """Return what the sweep holds, for constant rates within a valley."""
    values = np.array([_of(p) for p in checks()]).reshape(len(CHECKED), -1)
    twists, strains = np.transpose(CHECKED)
    names = ("mesh 32 for 20", "20 energies for 10", "3.5 K for 7 K")
    return Convergence(names, twists, strains, (values[:, 1:] / values[:, :1] - 1).T)
