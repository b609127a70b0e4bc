import math

import numpy as np
import pytest

from moirelib import StrainedTBG
from moirelib.bands import FermiLineError, solve_bands
from moirelib.models import ContinuumTBG
from moirelib.switching import (
    fermi_energy,
    fermi_level,
    pocket_contour,
    thermal_nodes,
    triangle_contour,
    valley_contour,
)

FREE = ContinuumTBG(tunnelling=(0.0, 0.0), masses=(20.0, 200.0), cutoff=1.2, hopping_slope=0.0)
FLAT = ContinuumTBG(twist_degrees=1.4, strain=0.003, strain_degrees=20.0, cutoff=2.0)


def test_a_free_cone_is_a_circle():
    """k = √(μ² − m²)/ħv, ν = μ/2π(ħv)², v = (ħv)²k/μ."""
    mu = 60.0
    radius = math.sqrt(mu**2 - 20.0**2) / FREE.hbar_v
    line = valley_contour(FREE, mu, points=48, mesh=24)
    np.testing.assert_allclose(np.linalg.norm(line.wavevectors, axis=1), radius, rtol=1e-9)
    assert line.density_of_states == pytest.approx(mu / (2 * math.pi * FREE.hbar_v**2))
    assert line.mean_speed == pytest.approx(FREE.hbar_v**2 * radius / mu)
    assert line.filling == pytest.approx(math.pi * radius**2 / FREE.lattice.zone_area)


def test_triangles_converge_to_the_lines_with_the_square_of_the_mesh():
    exact = 60.0 / (2 * math.pi * FREE.hbar_v**2)
    errors = []
    for mesh in (18, 36):
        edges = triangle_contour(FREE, 60.0, mesh)
        assert edges is not None
        errors.append(abs(edges.density_of_states / exact - 1))
    assert errors[1] < 0.02
    assert errors[0] / errors[1] == pytest.approx(4, rel=0.3)


def test_lines_hold_the_weakly_coupled_pockets_found_ray_by_ray():
    weak = StrainedTBG.from_ratios(
        strain_over_twist=0.2, tunnelling_ratio=0.01, velocity_q_over_mass=0.3
    )
    mu = fermi_energy(weak, 0.1 * weak.moire_wavevector, 48)
    rays = [pocket_contour(weak, mu, 48, layer) for layer in (1, 2)]
    full = ContinuumTBG.of_weak_coupling(weak, cutoff=1.2)
    line = valley_contour(full, mu, points=48, mesh=36)
    found = sorted(line.weights[line.lines == one].sum() for one in (0, 1))
    np.testing.assert_allclose(found, sorted(r.density_of_states for r in rays), rtol=1e-4)
    area = sum(r.area for r in rays) / full.lattice.zone_area
    assert line.filling == pytest.approx(area, rel=1e-4)


def test_open_orbits_close_together():
    model = ContinuumTBG(strain=0.003, cutoff=2.0)
    line = valley_contour(model, 8.0, points=64, mesh=24)
    steps = [line.elements[line.lines == one].sum(0) for one in range(line.lines.max() + 1)]
    assert max(np.linalg.norm(s) for s in steps) > 0.1
    assert np.linalg.norm(line.elements.sum(0)) < 1e-12
    assert np.abs(line.weights @ line.pocket().velocities).max() < 1e-12


def test_the_area_within_the_lines_is_the_filling():
    model = ContinuumTBG(twist_degrees=1.4, cutoff=2.0)
    mu = fermi_level(model, 0.2, mesh=36)
    assert valley_contour(model, mu, mesh=24).filling == pytest.approx(0.2, abs=2e-3)


def test_densities_do_not_depend_on_the_valley():
    here = valley_contour(FLAT, 12.0, points=32, mesh=24)
    there = valley_contour(FLAT.other_valley(), 12.0, points=32, mesh=24)
    k = here.wavevectors[5]
    j = int(np.argmin(np.linalg.norm(there.wavevectors + k, axis=1)))
    mine, other = (
        type(here)(
            m, 10.0, sign * k[None], here.elements[:1], here.speeds[:1],
            solve_bands(m, sign * k[None], 2).states[..., 1], np.zeros(1, dtype=np.int64),
        ).site_densities()
        for m, sign in ((FLAT, 1), (FLAT.other_valley(), -1))
    )  # fmt: skip
    np.testing.assert_allclose(mine, other, atol=1e-10)
    assert mine.sum(axis=1).mean() == pytest.approx(1)
    assert np.linalg.norm(there.wavevectors[j] + k) < 0.05


def test_nodes_average_as_the_fermi_function_does():
    """⟨ε²⟩ = π²(k_BT)²/3 and ⟨cos(ε/k_BT)⟩ = π/sinh π."""
    offsets, weights = thermal_nodes(0.5, 60)
    assert weights.sum() == pytest.approx(1)
    assert weights @ offsets**2 == pytest.approx(math.pi**2 * 0.25 / 3, rel=5e-3)
    assert weights @ np.cos(offsets / 0.5) == pytest.approx(math.pi / math.sinh(math.pi), abs=1e-3)
    np.testing.assert_array_equal(thermal_nodes(0.0, 9), ([0.0], [1.0]))


def test_the_level_of_a_warm_band_keeps_its_electrons():
    cold, warm = (fermi_level(FLAT, 0.3, kT, mesh=18) for kT in (0.0, 0.8))
    assert cold != pytest.approx(warm, abs=1e-3)
    assert fermi_level(FLAT, 0.0, mesh=18) < cold < fermi_level(FLAT, 0.8, mesh=18)


def test_refusals():
    with pytest.raises(ValueError, match="filling"):
        fermi_level(FLAT, 3.0)
    for filling, kT in ((2.0, 0.0), (-2.0, 1.0), (1.9, 100.0)):
        with pytest.raises(ValueError, match=f"filling must leave μ among 4 bands at kT={kT:g} "):
            fermi_level(FLAT, filling, kT, mesh=12)
    gap = ContinuumTBG(masses=(30.0, 30.0), twist_degrees=1.3, cutoff=2.0)
    level = fermi_level(gap, 0.0, mesh=12)
    assert triangle_contour(gap, level, 12) is None
    with pytest.raises((ValueError, FermiLineError), match="mu"):
        valley_contour(gap, level, mesh=12)
