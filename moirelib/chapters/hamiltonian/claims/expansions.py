"""Second routes for the bands: images of symmetry, cones that cross, expansions on a tile."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from moirelib.bands.bloch import solve_bands
from moirelib.bands.kdotp import expand
from moirelib.bands.model import ALL_SYMMETRIES
from moirelib.bands.small_basis import SmallBasis
from moirelib.bands.stars import Stars
from moirelib.bands.symmetry import require_symmetry
from moirelib.bands.tiling import Tiling
from moirelib.chapters.hamiltonian.data.bands import (
    GRAPHENE,
    HBN,
    low_bands,
    random_wavevectors,
    rotation,
    rotation_test,
)
from moirelib.ledger.measure import largest, order, residual
from moirelib.models.graphene_hbn import GrapheneHBN

MODEL = GrapheneHBN(cutoff=2)


def carried(model: GrapheneHBN) -> float:
    """Largest miss in meV of four bands at images of two k under C₃ and the mirror."""
    k = random_wavevectors()[:2]
    images = np.concatenate([k, k @ rotation().T, k * [1, -1]])
    stars = Stars.of(model, images, 4)
    return residual(stars.take(np.arange(len(images))).energies, low_bands(model, images))


def taken_at_its_word() -> int:
    """Whether matrices with the printed star, said to have all symmetries, are believed: 0 or 1."""
    matrices = GrapheneHBN(cutoff=1, transfer_star="as_printed").plane_wave_model
    try:
        require_symmetry(replace(matrices, symmetries=frozenset(ALL_SYMMETRIES)))
    except ValueError:
        return 0
    return 1


def on_the_drawn_circle() -> float:
    """Largest miss in meV of the bands drawn on a circle, of both valleys and both readings."""
    data = rotation_test(count=4)
    turn, worst = np.radians(data.angles), 0.0
    for model, here, there in (
        (GrapheneHBN(), data.closing, data.closing_reversed),
        (GrapheneHBN.as_printed(), data.printed, data.printed_reversed),
    ):
        k = 0.8 * model.lattice.k_m * np.stack([np.cos(turn), np.sin(turn)], axis=-1)
        solved = solve_bands(model, k, 2), solve_bands(model.other_valley(), -k, 2)
        worst = max(worst, residual([one.energies for one in solved], [here, there]))
    return worst


def crossing_cones() -> tuple[float, float]:
    """Largest misses of ∂ε, over ħv, and of λ_G where two cones cross on the edge of the zone.

    A coupling of 10⁻³ meV mixes k with k − G, and splits their energies by no more than 10⁻⁹ meV.
    What does not depend on the mixing is the mean over both: the velocity along the edge, and no
    form factor. One band of the two is left out, then both are kept by an expansion, and by the
    polynomials made of it. At κ, where the mean is at rest, the uppermost of three is left out.
    """
    model = GrapheneHBN(cutoff=2, coupling=1e-3)
    ends, pairs = model.lattice.corners[:2], model.lattice.shells(2)[1]
    middle = ends.mean(axis=0)
    tiling = Tiling.of_zone(model.lattice, 24, "C3v")
    tile = int(np.argmin(np.linalg.norm(tiling.centres - middle, axis=1)))
    corners = tiling.corners[tile]
    start, end = corners[np.argsort(corners @ middle)[1:]]
    k = start + np.linspace(0, 1, 4)[:, None] * (end - start)
    expansion = expand(model, tiling.centres[tile], 4)
    small = SmallBasis.of(expansion, corners, pairs, 4)
    if small is None:
        raise RuntimeError("the tile has no small basis")
    half, expanded = solve_bands(model, k, 2), expansion.solve(k, 4)
    mean = model.hbar_v * (k - middle) / np.linalg.norm(k, axis=1, keepdims=True)
    signs = np.array([-1, -1, 1, 1])[:, None]
    # Three cones meet at κ: of the filled ones the lowest two, so that the cut is above them.
    lower = replace(model.plane_wave_model, occupied=model.occupied - 2)
    at_corner = solve_bands(lower, ends[:1], 2)
    velocity = residual(at_corner.velocities, 0) / model.hbar_v
    form_factor = float(np.abs(at_corner.form_factors(pairs)).max())
    for velocities, factors, kept in (
        (half.velocities, half.form_factors(pairs), slice(1, 3)),
        (expanded.velocities, expanded.form_factors(pairs), slice(0, 4)),
        (*small.solve(k)[1:], slice(0, 4)),
    ):
        expected = signs[kept] * mean[:, None]
        velocity = max(velocity, residual(velocities, expected) / model.hbar_v)
        form_factor = max(form_factor, float(np.abs(factors).max()))
    return velocity, form_factor


def norms_on_a_tile() -> float:
    """Largest |λ₀ − 1| of six bands at the corners of a large tile: expansion, and polynomials."""
    tiling = Tiling.of_zone(MODEL.lattice, 2, "C3v")
    corners, none = tiling.corners[0], np.zeros((1, 2), dtype=np.int64)
    expansion = expand(MODEL, tiling.centres[0], 6)
    every = SmallBasis.of_all_retained(expansion, corners, none, 6)
    found = expansion.solve(corners, 6).form_factors(none), every.solve(corners)[2]
    return max(residual(one, 1) for one in found)


def velocities_on_a_tile() -> float:
    """Largest miss, over ħv, of the velocities between bands of an expansion, at its corners.

    Against the operators between its states in plane waves, normalised one by one.
    """
    tiling = Tiling.of_zone(MODEL.lattice, 2, "C3v")
    corners = tiling.corners[0]
    expansion = expand(MODEL, tiling.centres[0], 6)
    _, vectors, found = expansion.velocity_matrices(corners)
    states = expansion.basis(corners) @ vectors
    states /= np.linalg.norm(states, axis=1, keepdims=True)
    operators = MODEL.velocity_operators()[:, None]
    return residual(found, states.conj().swapaxes(1, 2) @ operators @ states) / MODEL.hbar_v


def energies_on_tiles() -> float:
    """Largest miss in meV of energies from small bases, on three tiles, against the expansions."""
    tiling = Tiling.of_zone(MODEL.lattice, 8, "C3v")
    inside = np.array([[0.8, 0.1, 0.1], [0.1, 0.8, 0.1], [0.1, 0.1, 0.8], [0.4, 0.4, 0.2]])
    worst = 0.0
    # One with gaps too narrow for the first choice of bands, and two of the others.
    for tile in (18, 45, 19):
        corners = tiling.corners[tile]
        expansion = expand(MODEL, tiling.centres[tile], 6)
        small = SmallBasis.of(expansion, corners, np.array([[1, 0]]), 6)
        if small is None:
            raise RuntimeError(f"tile {tile} has no small basis")
        k = inside @ corners
        worst = max(worst, residual(small.solve(k)[0], expansion.energies(k, 6)))
    return worst


def order_of_an_expansion() -> tuple[float, float]:
    """The power of q with which the energies of an expansion miss, from 0.02 and 0.01 nm⁻¹.

    And |H − H†| of its matrices, over the largest element.
    """
    centre = np.array([0.06, 0.03])
    expansion = expand(MODEL, centre, 6)
    turn = np.array([0.3, 1.2, 2.0])
    directions = np.stack([np.cos(turn), np.sin(turn)], axis=-1)

    def miss(q: float) -> float:
        k = centre + q * directions
        return residual(expansion.energies(k, 6), solve_bands(MODEL, k, 6).energies)

    matrices = expansion.matrices(centre + 0.02 * directions)
    skew = matrices - matrices.conj().swapaxes(1, 2)
    return order(miss(0.02), miss(0.01)), largest(skew, matrices)


def turned_graphene() -> tuple[float, float]:
    """Misses of graphene turned by 1°: of the period, relative, and of four bands in meV.

    The moiré follows from the reciprocal vectors of both crystals. In its frame the Dirac term is
    turned by φ; a phase e^{iφ} of the orbital B turns it back, and enters U(r) instead.
    """
    model = GrapheneHBN(cutoff=1, twist=1.0)
    turn = np.radians(-1.0)  # of hBN, seen from graphene
    vector = 4 * np.pi / np.sqrt(3) * np.array([0.0, 1.0])
    turned = np.array([-np.sin(turn), np.cos(turn)]) * np.linalg.norm(vector)
    moire = vector / GRAPHENE - turned / HBN
    period = 4 * np.pi / (np.sqrt(3) * np.linalg.norm(moire))
    angle = np.angle(complex(*moire)) - np.pi / 2
    known = model.plane_wave_model
    back = np.diag(np.where(known.orbitals == 1, np.exp(1j * angle), 1))
    carbon = np.diag((known.orbitals < 2).astype(float))
    straight = replace(model, twist=0.0).plane_wave_model.gradient
    wave = model.lattice.vectors(known.plane_waves)
    kinetic = sum(straight[a] * wave[:, a] for a in (0, 1))
    coupled = known.h0 - carbon @ known.h0 @ carbon
    other = replace(known, h0=kinetic + back.conj() @ coupled @ back, gradient=straight)
    k = random_wavevectors()[:2]
    return (
        abs(float(model.lattice.period / period) - 1),
        residual(low_bands(other, k), low_bands(model, k)),
    )
