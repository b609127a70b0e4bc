"""The library against Kundu et al. written plainly, at random parameters.

Both sides have the same basis and the same mesh, so that they agree to rounding; where they
cannot have, the bound says what is left.
"""

from __future__ import annotations

import numpy as np
import plain_drag as plain
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from plain_drag import Material

from moirelib import DragLayer, GrapheneHBN, HallLayer, Interlayer, drag_conductivity, solve_bands
from moirelib.drag.sommerfeld import fermi_line_susceptibility

AS_PRINTED = {"exponent": 1, "third": (0, 1), "conjugated": False}

# Shrinking a failure would take minutes.
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)

materials = st.builds(
    Material,
    graphene=st.floats(0.24, 0.25),
    hbn=st.floats(0.2502, 0.26),
    fermi_velocity=st.floats(0.6e6, 1.2e6),
    coupling=st.floats(50.0, 200.0),
    v_n=st.floats(1000.0, 4000.0),
    v_b=st.floats(-4000.0, -1000.0),
    exponent=st.sampled_from([1, -1]),
    third=st.sampled_from([(1, 1), (0, 1)]),
    conjugated=st.booleans(),
)


def library_model(material: Material, cutoff: int, shape: str = "box") -> GrapheneHBN:
    """The same model in the library, by the names of its options."""
    return GrapheneHBN(
        cutoff=cutoff,
        cutoff_shape=shape,
        lattice_constant=material.graphene,
        hbn_lattice_constant=material.hbn,
        fermi_velocity=material.fermi_velocity,
        coupling=material.coupling,
        nitrogen_onsite=material.v_n,
        boron_onsite=material.v_b,
        exponent_sign="as_printed" if material.exponent == 1 else "momentum_matched",
        transfer_star="as_printed" if material.third == (0, 1) else "equilateral",
        valley_phase="conjugated" if material.conjugated else "common",
    )


@settings(max_examples=12, phases=PHASES)
@given(material=materials, x=st.floats(-0.4, 0.4), y=st.floats(-0.4, 0.4), seed=st.integers(0, 99))
def test_bands_velocities_and_form_factors(
    material: Material, x: float, y: float, seed: int
) -> None:
    basis = plain.square(1)
    shifts = [(1, 0), (1, 1), (-2, 1), (0, 0)]
    band = int(np.random.default_rng(seed).integers(basis.size))
    for valley in (1, -1):
        model = library_model(material, 1)
        model = model if valley == 1 else model.other_valley()
        solved = solve_bands(model, [[x, y]], count=basis.size)
        energies, states = np.linalg.eigh(plain.hamiltonian((x, y), valley, basis, material))
        np.testing.assert_allclose(solved.energies[0], energies, atol=1e-9 * abs(energies).max())
        # Next to a degeneracy rounding chooses the states.
        if np.delete(abs(energies - energies[band]), band).min() < 1e-3:
            continue
        u = states[:, band]
        for axis in (0, 1):
            expected = np.vdot(u, plain.current(axis, valley, basis, material) @ u).real
            assert solved.velocities[0, band, axis] == pytest.approx(expected, abs=1e-6)
        density = [plain.form_factor(u, u, shift, basis) for shift in shifts]
        np.testing.assert_allclose(solved.form_factors(shifts)[:, 0, band], density, atol=1e-9)


@settings(max_examples=2, phases=PHASES)
@given(
    material=materials,
    mu=st.floats(-200.0, 200.0),
    hotter=st.floats(1.01, 2.0),
    flavor=st.sampled_from(["valley", "charge"]),
)
def test_the_susceptibility_of_any_reading_of_the_model(
    material: Material, mu: float, hotter: float, flavor: str
) -> None:
    basis = plain.square(1)
    layer = DragLayer(
        library_model(material, 1),
        mesh=3,
        bands=basis.size,
        shells=2,
        symmetry="none",
        solver="dense",
    )
    # Colder, the library sums over triangles instead of points.
    kT = hotter * layer.thermal_resolution
    shifts = [(n, m) for n, m in layer.pairs.tolist()]
    found = layer.susceptibility([mu], kT, flavor)[0]
    expected = plain.susceptibility(
        mu, kT, shifts, {1: basis, -1: basis}, 3, material, flavor=flavor
    )
    np.testing.assert_allclose(
        found, list(expected.values()), atol=1e-11 * abs(found).max() + 1e-15
    )


@pytest.mark.parametrize("readings", [{}, AS_PRINTED], ids=["closing", "as printed"])
def test_charge_drag_needs_a_reading_that_breaks_time_reversal(readings: dict[str, object]) -> None:
    material = Material(**readings)
    basis = plain.square(1)
    sizes = {
        flavor: np.abs(
            list(
                plain.susceptibility(
                    -120.0, 30.0, [(1, 0)], {1: basis, -1: basis}, 3, material, flavor=flavor
                ).values()
            )
        ).max()
        for flavor in ("valley", "charge")
    }
    share = sizes["charge"] / sizes["valley"]
    # The mesh holds −k beside k, but on the edge of the zone only up to a reciprocal vector.
    assert share > 0.3 if readings else share < 0.1


@settings(max_examples=30, phases=PHASES)
@given(
    q=st.floats(1e-3, 20.0),
    distance=st.floats(0.0, 5.0),
    gate=st.floats(1.0, 100.0),
    permittivity=st.floats(1.0, 20.0),
)
def test_the_interaction(q: float, distance: float, gate: float, permittivity: float) -> None:
    expected = plain.interlayer(q, distance, gate, permittivity)
    found = float(Interlayer(distance, gate, permittivity)(q))
    assert found == pytest.approx(expected, rel=1e-9)


@pytest.fixture(scope="module")
def symmetric() -> tuple[Material, dict[int, plain.Basis], GrapheneHBN]:
    """The default reading in a circle of plane waves, where the library uses C₃ᵥ and reversal."""
    material = Material()
    bases = {valley: plain.circle(material, valley, 2) for valley in (1, -1)}
    return material, bases, library_model(material, 2, "circle")


def test_the_drag_conductivity_of_a_reduced_mesh(
    symmetric: tuple[Material, dict[int, plain.Basis], GrapheneHBN],
) -> None:
    material, bases, model = symmetric
    mu, kT, divisions = (-128.0, 10.0), 16.0, 6
    layer = DragLayer(model, mesh=divisions, bands=18, shells=1)
    assert kT > layer.thermal_resolution
    found = drag_conductivity(
        layer, layer, [mu[0]], [mu[1]], kT, Interlayer(1.4, 20.0, 4.0), broadening=2.5
    )[0, 0]
    shifts = [(n, m) for n, m in layer.pairs.tolist()]
    sides = [
        plain.susceptibility(one, kT, shifts, bases, divisions, material, reach=40 * kT)
        for one in mu
    ]
    potential = {
        shift: plain.interlayer(np.hypot(*material.reciprocal(shift)), 1.4, 20.0, 4.0)
        for shift in shifts
    }
    expected = plain.drag(sides[0], sides[1], potential, broadening=2.5)
    # States on the edge of the zone differ from their equivalents by what 19 plane waves leave
    # out, and the reduced mesh takes others of these points; and k·p is cut at third order.
    np.testing.assert_allclose(found, expected, atol=1e-5 * abs(found).max())


def test_the_fermi_line(
    symmetric: tuple[Material, dict[int, plain.Basis], GrapheneHBN],
) -> None:
    material, bases, model = symmetric
    layer = DragLayer(model, mesh=6, bands=8, shells=1)
    pairs = [(n, m) for n, m in layer.pairs.tolist()]
    # Twelve meV above the Dirac point a single small pocket surrounds k = 0.
    mu = 55.0
    found = fermi_line_susceptibility(layer, [mu], points=48)[0]
    band = {valley: len(basis.graphene) + len(basis.hbn) for valley, basis in bases.items()}
    expected = plain.pocket_line(mu, pairs[0], bases, material, band=band, rays=9, reach=0.1)
    np.testing.assert_allclose(found[0], expected, atol=1e-6 * abs(found).max())


@settings(max_examples=6, phases=PHASES)
@given(material=materials, x=st.floats(-0.2, 0.2), y=st.floats(-0.2, 0.2), seed=st.integers(0, 99))
def test_the_berry_curvature(material: Material, x: float, y: float, seed: int) -> None:
    basis = plain.square(1)
    band = int(np.random.default_rng(seed).integers(basis.size))
    for valley in (1, -1):
        model = library_model(material, 1)
        model = model if valley == 1 else model.other_valley()
        energies = np.linalg.eigvalsh(plain.hamiltonian((x, y), valley, basis, material))
        gap = np.delete(abs(energies - energies[band]), band).min()
        if gap < 5.0:
            continue
        # Small against the gap, where the curvature varies.
        side = 0.01 * gap / material.velocity
        expected = plain.berry_curvature((x, y), valley, basis, material, band, side)
        found = solve_bands(model, [[x, y]], count=basis.size).berry_curvature()[0, band]
        scale = max(abs(expected), (material.velocity / gap) ** 2 * 1e-2)
        assert found == pytest.approx(expected, abs=1e-4 * scale)


def test_the_valley_hall_conductivity() -> None:
    # A wide gap at the Dirac point, so that a coarse mesh resolves the curvature there.
    material = Material(coupling=250.0, v_n=900.0, v_b=-400.0)
    mu, kT = 20.0, 20.0
    layer = HallLayer(library_model(material, 1, "circle"), divisions=4, refinement=2, bands=10)
    found = layer.valley_hall_conductivity([mu], kT)[0]
    expected = plain.valley_hall(mu, kT, plain.circle(material, 1, 1), material, 10)
    # Seven plane waves leave a jump at the edge of the zone, which a mesh counts on one side only.
    assert found == pytest.approx(expected, rel=2e-3)


def test_the_mesh_of_the_library_is_that_of_the_sum() -> None:
    material = Material()
    zone = library_model(material, 1).lattice.mesh(5, "none")
    there = {tuple(np.round(k, 9) + 0.0) for k in zone.points}
    here = {tuple(np.round(k, 9) + 0.0) for k in plain.mesh(5, material)}
    assert len(there) == 25
    assert there == here
    assert set(zone.weights.tolist()) == {1 / 25}
