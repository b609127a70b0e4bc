"""Drag of second order, by counting the collisions of two electrons one after another.

An electron of layer 1 goes from k to k + q, one of layer 2 from p to p − q. Both valleys are
solved, every q of the mesh is summed, and the amplitude of a collision is squared after the sum
over G.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import plain_drag as plain

BIN_PER_KT, REACH_IN_KT, WITHIN = 4, 12, 4
SIZE = 2 * REACH_IN_KT * BIN_PER_KT + 1
# Pairs of states that are about to move less often than this are left out.
RARE = 1e-6


class Transition(NamedTuple):
    """One electron that takes up ±q: what it gains, and how often it is about to."""

    gained: list[float]
    amplitudes: list[complex]
    shares: np.ndarray[tuple[int], np.dtype[np.float64]]


class Layer(NamedTuple):
    """One layer on a mesh: its states by valley and point, and its chemical potential."""

    material: plain.Material
    states: dict[int, list[tuple[np.ndarray, np.ndarray, np.ndarray]]]  # type: ignore[type-arg]
    bases: dict[int, plain.Basis]
    divisions: int
    mu: float
    shift: tuple[float, float]


def solved(
    material: plain.Material,
    cutoff: float,
    divisions: int,
    mu: float,
    shift: tuple[float, float],
) -> Layer:
    bases = {valley: plain.circle(material, valley, cutoff) for valley in (1, -1)}
    states = {}
    for valley, basis in bases.items():
        operators = [plain.current(axis, valley, basis, material) for axis in (0, 1)]
        states[valley] = []
        for k in plain.mesh(divisions, material):
            energies, vectors = np.linalg.eigh(plain.hamiltonian(k, valley, basis, material))
            velocities = np.array([[np.vdot(u, o @ u).real for o in operators] for u in vectors.T])
            states[valley].append((energies, vectors, velocities))
    return Layer(material, states, bases, divisions, mu, shift)


def transitions(
    layer: Layer, valley: int, step: tuple[int, int], cells: list[plain.Cell], kT: float
) -> list[Transition]:
    """All transitions by q = step/N, with <k + q| e^{i(q+G)r} |k> for each G of the unfolded q."""
    material, n = layer.material, layer.divisions
    points = list(plain.mesh(n, material))
    small = cell_points(n, material)
    q = material.reciprocal((step[0] / n, step[1] / n))
    found = []
    for index, k in enumerate(points):
        i, j = divmod(index, n)
        target = ((i + step[0]) % n) * n + (j + step[1]) % n
        landed = points[target]
        left_over = (k[0] + q[0] - landed[0], k[1] + q[1] - landed[1])
        n1 = round(left_over[0] / (1.5 * material.k_m))
        n2 = round((left_over[1] / (math.sqrt(3) * material.k_m)) + n1 / 2)
        before, after = layer.states[valley][index], layer.states[valley][target]
        # Of two that are about to, neither is more often than half of the time.
        ready = [(a, e) for a, e in enumerate(before[0]) if root(e, layer.mu, kT) >= 2 * RARE]
        free = [(b, e) for b, e in enumerate(after[0]) if root(e, layer.mu, kT) >= 2 * RARE]
        for a, first in ready:
            for b, last in free:
                if roots(first, last, layer.mu, kT) < RARE:
                    continue
                amplitudes = []
                for g1, g2 in cells:
                    lower = plain.form_factor(
                        before[1][:, a], after[1][:, b], (g1 + n1, g2 + n2), layer.bases[valley]
                    )
                    g = material.reciprocal((g1, g2))
                    phase = g[0] * layer.shift[0] + g[1] * layer.shift[1]
                    amplitudes.append(lower.conjugate() * np.exp(1j * phase))
                shares = np.zeros(SIZE)
                for dx, dy, part in small:
                    one = first + before[2][a] @ [dx, dy]
                    two = last + after[2][b] @ [dx, dy]
                    place = ((two - one) / kT + REACH_IN_KT) * BIN_PER_KT
                    low = math.floor(place)
                    for at, share in ((low, 1 - (place - low)), (low + 1, place - low)):
                        if 0 <= at < len(shares):
                            shares[at] += part * share * roots(one, two, layer.mu, kT)
                gained = (after[2][b] - before[2][a]).tolist()
                found.append(Transition(gained, amplitudes, shares))
    return found


def cell_points(n: int, material: plain.Material) -> list[tuple[float, float, float]]:
    """Points (x, y) of the cell of one k, with weights: each of the zone, at all its places."""
    found = []
    for i in range(WITHIN):
        for j in range(WITHIN):
            images = [
                material.reciprocal((i / WITHIN - a, j / WITHIN - b))
                for a in (-1, 0, 1, 2)
                for b in (-1, 0, 1, 2)
            ]
            least = min(math.hypot(*one) for one in images)
            near = [one for one in images if math.hypot(*one) < least + 1e-9]
            found += [(x / n, y / n, 1 / (len(near) * WITHIN**2)) for x, y in near]
    return found


def roots(first: float, last: float, mu: float, kT: float) -> float:
    """√f(1−f) √f′(1−f′)."""
    return root(first, mu, kT) * root(last, mu, kT)


def root(energy: float, mu: float, kT: float) -> float:
    """√f(1−f), at most a half."""
    return 1 / (2 * math.cosh(min(abs(energy - mu) / (2 * kT), 350.0)))


def drag(first: Layer, second: Layer, kT: float, reach: float, distance: float) -> dict[str, float]:
    """Return the drag of charge and valley in e²/h at ħ/τ = 1 meV, mean of xx and yy."""
    material, n = first.material, first.divisions
    total = {"charge": 0.0, "valley": 0.0}
    inside = range(-4, 5)
    for step in [(i, j) for i in range(n) for j in range(n)]:
        q = material.reciprocal((step[0] / n, step[1] / n))
        cells, potential = [], []
        for cell in [(a, b) for a in inside for b in inside]:
            g = material.reciprocal(cell)
            length = math.hypot(q[0] + g[0], q[1] + g[1])
            if length <= reach:
                cells.append(cell)
                potential.append(plain.interlayer(max(length, 1e-9), distance, 10.0, 5.0))
        back = (-step[0], -step[1])
        opposite = [(-a, -b) for a, b in cells]
        moved = {valley: transitions(second, valley, back, opposite, kT) for valley in (1, -1)}
        for valley1 in (1, -1):
            ones = transitions(first, valley1, step, cells, kT)
            for valley2, twos in moved.items():
                weight = np.array([[t.gained[0], t.gained[1]] for t in twos]).reshape(-1, 2)
                # What one takes up the other gives: the energies are opposite.
                shares = np.array([t.shares[::-1] for t in twos]).reshape(-1, SIZE)
                others = np.array([t.amplitudes for t in twos]).reshape(-1, len(cells))
                for one in ones:
                    amplitude = others @ (np.array(potential) * one.amplitudes)
                    often = np.abs(amplitude) ** 2 * (shares @ one.shares)
                    along = weight @ one.gained / 2
                    collided = -float(often @ along)
                    total["charge"] += collided
                    total["valley"] += valley1 * valley2 * collided
    width = kT / BIN_PER_KT
    per_area = 2 / (material.cell_area * n**2)
    # Σ_q of the mesh is the area times ∫d²q/(2π)². The difference of the driven layer's shifts is
    # what a collision and its reverse have together: both are in the sum, and share it.
    scale = 2 * math.pi**2 / kT * per_area**2 / width / (material.cell_area * n**2)
    return {name: scale * value for name, value in total.items()}
