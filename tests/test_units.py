"""Constants against relations that do not share their derivation."""

from __future__ import annotations

import math

import pytest
from scipy import constants as si

from moirelib import units


def test_fine_structure_constant() -> None:
    alpha = units.COULOMB_MEV_NM / units.hbar_velocity(si.c)
    assert alpha == pytest.approx(1 / 137.035999, rel=1e-8)


def test_rydberg_energy() -> None:
    # Half the Coulomb energy of two electrons one Bohr radius apart is 13.6057 eV.
    bohr = si.value("Bohr radius") / units.NM
    assert units.COULOMB_MEV_NM / (2 * bohr) == pytest.approx(13605.693, rel=1e-7)


def test_quantum_of_conductance() -> None:
    assert pytest.approx(1.0) == units.CONDUCTANCE_QUANTUM_S * units.RESISTANCE_QUANTUM_OHM
    # Two spins of it are the conductance quantum of the tables.
    assert pytest.approx(si.value("conductance quantum")) == 2 * units.CONDUCTANCE_QUANTUM_S


def test_boltzmann_constant_in_kelvin_per_electronvolt() -> None:
    assert pytest.approx(11604.518, rel=1e-7) == 1e3 / units.KB_MEV_PER_K
    assert units.thermal_energy(0.0) == 0.0


def test_velocities_return() -> None:
    assert units.velocity_si(units.hbar_velocity(8e5)) == pytest.approx(8e5)


def test_hbar() -> None:
    assert units.HBAR_MEV_S * 2 * math.pi == pytest.approx(4.135667696e-12, rel=1e-9)


def test_two_derivations_that_disagree_are_refused() -> None:
    with pytest.raises(AssertionError, match="two derivations of ħv disagree"):
        units._assert_consistent("ħv", 1.0, 1.0 + 1e-6)
