"""Claim on the Berry curvature (Ying, below Eq. A36): what a field does through it.

Three effects are of first order in the field: the anomalous velocity −eE × Ω, which moves electrons
but makes none; the shift δr of the position in a collision, which changes the energy balance by
eE·δr and so is a *source* of electrons in a valley, in each single process; and the Hall current,
which enters at fixed current. The second needs time reversal to vanish.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from moirelib.ledger.registry import Discrepancy, Evidence, claim

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

VELOCITY, MASS, TILT, MU = 1.0, 0.4, np.array([0.25, 0.1]), 1.0
SYMMETRIC = np.array([[1.0, 0.35 + 0.2j], [0.35 + 0.2j, -0.4 + 0.3j]])
"""Inter-valley potential on the sublattices; time reversal asks for a symmetric matrix."""


def hamiltonian(k: Array, valley: int) -> Complex:
    """Tilted gapped cone, (..., 2, 2); valley − is H(−k)* of valley +."""
    p = valley * k
    h = np.zeros((*k.shape[:-1], 2, 2), dtype=np.complex128)
    shift = p @ TILT
    h[..., 0, 0], h[..., 1, 1] = shift + MASS, shift - MASS
    h[..., 0, 1] = VELOCITY * (p[..., 0] - 1j * p[..., 1])
    h[..., 1, 0] = h[..., 0, 1].conj()
    return h if valley == 1 else h.conj()


def contour(valley: int, points: int) -> tuple[Array, Array]:
    """Wavevectors and densities of states on the line E = MU, by Newton's steps on each ray."""
    angle = 2 * np.pi * np.arange(points) / points
    ray = valley * np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    tilt = valley * ray @ TILT
    radius = np.full(points, MU)
    for _ in range(40):
        cone = np.sqrt((VELOCITY * radius) ** 2 + MASS**2)
        slope = VELOCITY**2 * radius / cone + tilt
        radius = radius - (cone + tilt * radius - MU) / slope
    cone = np.sqrt((VELOCITY * radius) ** 2 + MASS**2)
    weight = radius / (4 * np.pi**2 * (VELOCITY**2 * radius / cone + tilt))
    return radius[:, None] * ray, weight * 2 * np.pi / points


def upper(k: Array, valley: int) -> Complex:
    """States of the upper band."""
    return np.asarray(np.linalg.eigh(hamiltonian(k, valley))[1][..., 1])


def shifts(potential: Complex, points: int) -> tuple[Array, Array, Array, Array]:
    """W(k', k) and δr(k', k), (n, n, 2), from k in valley + to k' in valley −, and both weights.

    δr = A(k') − A(k) − (∂_k + ∂_k') arg V, as the phase of a closed chain of four overlaps.
    """
    (k, w), (k_prime, w_prime) = contour(1, points), contour(-1, points)
    step = 1e-4
    here, there = upper(k, 1), upper(k_prime, -1)

    def element(final: Complex, initial: Complex) -> Complex:
        return np.asarray(final.conj() @ potential @ initial.T)

    out = np.empty((points, points, 2))
    for axis in range(2):
        phases = []
        for sign in (1, -1):
            d = np.zeros(2)
            d[axis] = sign * step
            moved, moved_there = upper(k + d, 1), upper(k_prime + d, -1)
            chain = (
                element(there, here).conj()
                * np.einsum("ni,ni->n", there.conj(), moved_there)[:, None]
                * element(moved_there, moved)
                * np.einsum("ni,ni->n", moved.conj(), here)[None, :]
            )
            phases.append(np.angle(chain))
        out[..., axis] = -(phases[0] - phases[1]) / (2 * step)
    return np.abs(element(there, here)) ** 2, out, w, w_prime


def source(potential: Complex, points: int = 48) -> tuple[float, float, float]:
    """|Σ w w' W δr|, Σ w w' W |δr| and Σ w w' W: electrons that a unit force moves."""
    rate, shift, w, w_prime = shifts(potential, points)
    flow = w_prime[:, None] * rate * w
    net = np.einsum("ij,ija->a", flow, shift)
    sizes = np.linalg.norm(shift, axis=-1)
    return float(np.hypot(*net)), float((flow * sizes).sum()), float(flow.sum())


def hall(valley: int, size: int = 300) -> float:
    """2π∫fΩ/(2π)² of the upper band up to MU, in e²/h: its Hall conductivity, by plaquettes."""
    half = 2.2
    axis = np.linspace(-half, half, size)
    k = np.stack(np.meshgrid(axis, axis, indexing="ij"), axis=-1)
    energies, states = np.linalg.eigh(hamiltonian(k, valley))
    u = states[..., 1]

    def link(a: Complex, b: Complex) -> Complex:
        return np.asarray(np.einsum("xyi,xyi->xy", a.conj(), b))

    corners = u[:-1, :-1], u[1:, :-1], u[1:, 1:], u[:-1, 1:]
    loop = np.ones(corners[0].shape[:2], dtype=np.complex128)
    for first, second in zip(corners, (*corners[1:], corners[0]), strict=True):
        loop = loop * link(first, second)
    centre = (
        energies[:-1, :-1, 1] + energies[1:, :-1, 1] + energies[1:, 1:, 1] + energies[:-1, 1:, 1]
    )
    return float(-(np.angle(loop) * (centre / 4 < MU)).sum() / (2 * math.pi))


@claim(
    "ying-text-berry",
    "below Eq. A36",
    kind="identity",
    statement="The Berry curvature does not contribute to the valley polarisation in linear "
    "response.",
)
def _() -> Evidence:
    net, total, flow = source(SYMMETRIC)
    broken = np.array(SYMMETRIC)
    broken[0, 1] += 0.3j
    net_broken, total_broken, _ = source(broken)
    plus, minus = hall(1), hall(-1)
    return Evidence(
        Discrepancy(
            "electrons moved between the valleys by the shifts in collisions, over the sum of "
            "their sizes, tilted gapped cones without any rotation",
            net / total,
            1e-7,
            "difference quotients; the processes k → k′ and −k′ → −k cancel by time reversal",
        ),
        controls=(
            Discrepancy(
                "mean |δr| in units of ħv/μ",
                total / flow,
                0.05,
                "single processes do shift",
                at_least=True,
            ),
            Discrepancy(
                "the same with a potential that breaks time reversal",
                net_broken / total_broken,
                1e-2,
                "the curvature contributes once time reversal is lost, as below T_c",
                at_least=True,
            ),
            Discrepancy(
                "Hall conductivities of the two valleys, sum over the larger",
                abs(plus + minus) / abs(plus),
                1e-10,
                "no Hall field at fixed current",
            ),
            Discrepancy(
                "Hall conductivity of one valley, e²/h",
                abs(plus),
                0.1,
                "the bands do have curvature",
                at_least=True,
            ),
        ),
    )
