"""Twisted TMD bilayers against the parabolic model, written once more, and published numbers."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy import constants as si

from moirelib import DragLayer, HallLayer, drag_conductivity, solve_bands
from moirelib.bands.symmetry import symmetry_residual
from moirelib.drag.valleys import spins
from moirelib.hall.exact import valley_chern_number
from moirelib.models import GrapheneHBN, TwistedTMD


def hole_levels(k, degrees, v, phi, w, mass, a, size=5):
    """Levels of holes in meV, ascending: parabolas in both layers, in units of ångström and eV.

    Corners and reciprocal vectors as Devakul et al. have them, from angles; no code of the library.
    """
    theta, phi = math.radians(degrees), math.radians(phi)
    g = 4 * math.pi / (math.sqrt(3) * a) * 2 * math.sin(theta / 2)
    b = [g * np.array([math.cos(t), math.sin(t)]) for t in np.arange(6) * math.pi / 3 + math.pi / 2]
    corners = [(b[0] + b[5]) / 3, (b[0] + b[1]) / 3]  # of the layers with −φ and +φ
    parabola = si.hbar**2 / (2 * mass * si.m_e) / si.e * 1e20
    cells = [(n, m) for n in range(-size, size + 1) for m in range(-size, size + 1)]
    h = np.zeros((2 * len(cells), 2 * len(cells)), dtype=complex)
    for i, (n, m) in enumerate(cells):
        for layer in (0, 1):
            p = k + n * b[0] + m * b[1] - corners[layer]
            h[2 * i + layer, 2 * i + layer] = parabola * (p @ p)
        for j, (n2, m2) in enumerate(cells):
            step = (n2 - n, m2 - m)
            # b₀, b₂ = b₁ − b₀ and b₄ = −b₁ are 120° apart.
            if step in ((1, 0), (-1, 1), (0, -1)):
                for layer, sign in ((0, 1), (1, -1)):
                    term = -v * np.exp(1j * sign * phi)
                    h[2 * i + layer, 2 * j + layer] += term
                    h[2 * j + layer, 2 * i + layer] += np.conj(term)
            if step in ((0, 0), (0, 1), (-1, 1)):
                h[2 * i, 2 * j + 1] += w
                h[2 * j + 1, 2 * i] += w
    return 1e3 * np.linalg.eigvalsh(h)


@pytest.mark.parametrize("twist", [1.43, 3.0])
def test_a_wide_gap_leaves_the_parabolic_model(twist):
    """The error of the massive cone falls as 1/Δ, to the levels of another implementation."""
    # The frame of the other model, turned onto that of the library.
    k = TwistedTMD(twist=twist).lattice.k_m * np.array([0.23, 0.31])
    expected = -hole_levels(0.1 * k, twist, 9e-3, 128.0, 18e-3, 0.43, 3.317)[:4][::-1]
    miss = []
    for gap in (4e4, 8e4):
        model = TwistedTMD(twist=twist, gap=gap, cutoff=4)
        miss.append(solve_bands(model, k, 8).energies[0, :4] - expected)
    assert np.abs(miss[0]).max() < 0.1
    np.testing.assert_allclose(miss[0], 2 * miss[1], atol=2e-3)


def test_the_magic_angle_of_wse2():
    """Devakul et al. find the flattest band at 1.43°, with Chern numbers ±1 of opposite sign."""
    width = {}
    for twist in (1.33, 1.43, 1.53):
        model = TwistedTMD(twist=twist, cutoff=4)
        width[twist] = np.ptp(solve_bands(model, model.lattice.mesh(12).points, 2).energies[:, 0])
    assert min(width, key=width.get) == 1.43
    assert width[1.43] < 0.15
    chern = [round(valley_chern_number(TwistedTMD(twist=1.43), -n, -n, mesh=9)) for n in (1, 2)]
    assert abs(chern[0]) == 1
    assert chern[1] == -chern[0]


def test_the_top_band_of_mote2_is_topological():
    """Wu et al.: Chern numbers ±1 of the two topmost bands at 1.2°."""
    model = TwistedTMD.mote2(1.2)
    chern = [round(valley_chern_number(model, -n, -n, mesh=9)) for n in (1, 2)]
    assert sorted(chern) == [-1, 1]


@pytest.mark.parametrize("make", [TwistedTMD, TwistedTMD.mote2])
def test_symmetries(make):
    model = make(twist=1.7)
    for name in model.symmetries:
        assert symmetry_residual(model, name) < 1e-9
    # The lowest harmonics have one more: layers exchanged, k → −k within a valley.
    k = model.lattice.k_m * np.array([0.31, 0.17])
    here, there = solve_bands(model, [k, -k], 6).energies
    np.testing.assert_allclose(here, there, atol=1e-9)


def test_the_conjugate_phase_is_another_material():
    k = TwistedTMD().lattice.k_m * np.array([[0.3, 0.2], [0.6, -0.1]])
    first, second = (solve_bands(TwistedTMD(phase=p), k, 4).energies for p in (128.0, 60.0))
    assert np.abs(first - second).max() > 1


def test_drag_with_and_without_symmetry():
    plain = DragLayer(TwistedTMD(), mesh=9, bands=8, shells=2, symmetry="none", solver="dense")
    reduced = replace(plain, symmetry="full")
    mu = np.array([5.0, 15.0])
    every = drag_conductivity(plain, plain, mu, mu, 2.0)
    few = drag_conductivity(reduced, reduced, mu, mu, 2.0)
    # Points on the edge of the zone stand for their images in a basis that is cut off.
    np.testing.assert_allclose(few, every, atol=1e-6 * np.abs(every).max())
    charge = drag_conductivity(plain, plain, mu, mu, 2.0, flavor="charge")
    assert np.abs(charge).max() < 1e-6 * np.abs(every).max()


def test_one_spin_per_valley_everywhere():
    """Two spins make the susceptibility, the density and the Hall conductivity twice as large."""
    one = TwistedTMD(cutoff=2).plane_wave_model
    two = replace(one, spins=2)
    assert (spins(one), spins(two), spins(GrapheneHBN())) == (1, 2, 2)
    few, many = (
        DragLayer(model, mesh=9, bands=8, shells=1, solver="dense") for model in (one, two)
    )
    mu, kT = [10.0], 3.0
    np.testing.assert_allclose(2 * few.susceptibility(mu, kT), many.susceptibility(mu, kT))
    np.testing.assert_allclose(2 * few.density(mu, kT), many.density(mu, kT))
    np.testing.assert_allclose(2 * few.density_of_states(mu, kT), many.density_of_states(mu, kT))
    low, high = (HallLayer(model, divisions=2, refinement=1, bands=8) for model in (one, two))
    np.testing.assert_allclose(2 * low.conductivity(mu, kT), high.conductivity(mu, kT))
    # A full band of one spin and two valleys holds two carriers per cell.
    gap = solve_bands(one, one.lattice.mesh(6).points, 4).energies
    between = (gap[:, 1].min() + gap[:, 0].max()) / 2
    assert few.filling([between], 0.2)[0] == pytest.approx(-2, abs=1e-3)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"twist": 0.0}, "twist must be > 0"),
        ({"mass": -1.0}, "mass must be > 0"),
        ({"gap": 0.0}, "gap must be > 0 meV"),
        ({"valley": 2}, "valley must be"),
        ({"cutoff": 0}, "cutoff must be"),
    ],
)
def test_wrong_values_are_refused(changes, message):
    with pytest.raises(ValueError, match=message):
        TwistedTMD(**changes)


def test_models_say_one_or_two_spins():
    with pytest.raises(ValueError, match="spins must be"):
        replace(TwistedTMD(cutoff=1).plane_wave_model, spins=3)
