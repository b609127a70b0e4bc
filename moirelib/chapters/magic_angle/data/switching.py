"""Which current reverses the valleys of the strained flat bands, against the temperature."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache

import numpy as np
from scipy import constants as si
from scipy.optimize import brentq

from moirelib._repr import short_repr
from moirelib._types import Floats
from moirelib.bands import DensityOfStates, StateCount, energies_on_mesh
from moirelib.chapters.magic_angle.data.enhancement import QUOTED, current_for, density_at
from moirelib.chapters.magic_angle.data.points import THREE_QUARTERS, Point, bilayer
from moirelib.chapters.magic_angle.data.stored import MAGIC, response
from moirelib.switching import HeatedStrip, ValleyOrderParameter, distance_to_transition
from moirelib.units import thermal_energy

CRITICAL_KELVIN = 9.0
"""T_c of the sample of Serlin et al. (2020), near 9 K in its preprint, arXiv:1907.00261."""

MEASURED = 1e-3
"""1 nA, which reverses that sample, in a strip that is assumed to be 1 µm wide: A/m."""

_BROADENING = 0.4  # meV
_MESH, _TILES = 72, 3
_SPINS = 2


@cache
def flat_bands(strain: float) -> DensityOfStates:
    """The two flat bands of one valley at 1.05°, both spins, levels broadened by 0.4 meV."""
    model = bilayer(MAGIC, strain)
    zone, energies = energies_on_mesh(model, _MESH, 2, _TILES, symmetry="none")
    count = StateCount.of_mesh(zone, energies)
    reach = 6 * _BROADENING
    edges = np.linspace(energies.min() - reach, energies.max() + reach, 4001)
    states = np.diff(count(edges))
    centres = (edges[1:] + edges[:-1]) / 2
    grid = np.linspace(edges[0], edges[-1], 301)
    bells = np.exp(-0.5 * ((grid[:, None] - centres) / _BROADENING) ** 2)
    bells /= _BROADENING * math.sqrt(2 * math.pi)
    return DensityOfStates(grid, _SPINS * bells @ states / model.lattice.cell_area, degree=5)


@cache
def order_at(strain: float, kT: float) -> ValleyOrderParameter:
    """The valleys at 3/4 filling and k_BT in meV, with U such that they order at 9 K."""
    band = flat_bands(strain)
    electrons = (1 + THREE_QUARTERS) / 2 * band.states
    mu = float(
        brentq(
            lambda level: float(band.density(level, 0.0)) - electrons,
            band.lower + 1e-6,
            band.upper - 1e-6,
            xtol=1e-10,
        )
    )
    hot = ValleyOrderParameter(band, 1.0, thermal_energy(CRITICAL_KELVIN), mu, "density")
    interaction = 2 / float(hot.susceptibility(0.0))
    return ValleyOrderParameter(band, interaction, kT, mu, "density")


@short_repr
@dataclass(frozen=True)
class SwitchingDiagram:
    """Currents in A/m against the temperature ``kelvin``, at one ``strain``.

    ``reversal`` (3, n): reversal as a whole, for each kind of rates within a valley. ``heating``:
    what warms the middle of a strip to T_c. ``coercive``: n_c in 1/m². ``order``: Φ in 1/m².
    ``measured`` is the current at which the valleys of a sample switched.
    """

    strain: float
    kelvin: Floats
    reversal: Floats
    heating: Floats
    coercive: Floats
    order: Floats
    measured: float = MEASURED


def switching_diagram(strain: float = 3e-3, count: int = 9) -> SwitchingDiagram:
    """Return the diagram at 1.05° and 3/4 filling, from 0.5 T_c to 0.99 T_c."""
    kelvin = CRITICAL_KELVIN * (1 - np.geomspace(0.5, 0.01, count))
    orders = [order_at(strain, thermal_energy(float(t))) for t in kelvin]
    coercive = np.array([one.coercive_density for one in orders])
    strip = HeatedStrip()
    return SwitchingDiagram(
        strain,
        kelvin,
        np.array([current_for(response(Point(MAGIC, strain), i), coercive) for i in range(3)]),
        np.array([strip.heating_current(float(t), CRITICAL_KELVIN) for t in kelvin]),
        coercive * 1e18,
        np.array([one.equilibria()[-1].phi for one in orders]) * 1e18,
    )


def critical_distance(strain: float) -> float:
    """How near T_c in K 10⁻³ A/m reverse the valleys at 1.05°, with the rates that do most."""
    source = max(density_at(response(Point(MAGIC, strain), i), QUOTED) for i in range(3)) * 1e-18
    share = distance_to_transition(
        lambda kelvin: order_at(strain, thermal_energy(kelvin)), source, CRITICAL_KELVIN
    )
    return CRITICAL_KELVIN * share


def drift_speed(current: float, strain: float) -> float:
    """Speed in m/s with which the three electrons per cell must drift for a current in A/m."""
    per_cell = 2 * _SPINS * THREE_QUARTERS
    area = bilayer(MAGIC, strain).lattice.cell_area * 1e-18
    return current * area / (per_cell * si.e)
