"""Kundu et al. as plainly as it can be written: dense loops over what the formulas sum over.

Nothing here comes from moirelib. There is no symmetry, no k·p, no shared mesh, and states are used
one at a time. Energies are in meV, lengths in nm, and a velocity is ∂ε/∂k. Where the printed form
does not close, the one that closes is written, and the difference is said.
"""

from __future__ import annotations

import cmath
import math
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Cell = tuple[int, int]
Vector = tuple[float, float]
Matrix = NDArray[np.complex128]

HBAR = 6.582119569509066e-13  # meV s
COULOMB = 1439.964547842567  # e²/4πε₀ in meV nm
OMEGA = cmath.exp(2j * math.pi / 3)


class Material(NamedTuple):
    """The parameters of App. A, and how Eq. 6 is read."""

    graphene: float = 0.246  # lattice constants, nm
    hbn: float = 0.2504
    fermi_velocity: float = 0.8e6  # m/s
    coupling: float = 152.0  # u₀, meV
    v_n: float = 3350.0  # meV, as printed
    v_b: float = -1400.0
    # The sign s of e^{isξG·r} in Eq. 6: +1 as printed; −1 goes with the sign of the Dirac term.
    exponent: int = -1
    # The third transfer: G₂ as printed; with G₁ + G₂ the three form an equilateral star.
    third: Cell = (1, 1)
    # Whether ω turns into ω* in K′, as time reversal wants it, or not, as printed.
    conjugated: bool = True

    @property
    def k_m(self) -> float:
        misfit = self.hbn / self.graphene - 1
        return 4 * math.pi * misfit / (3 * self.graphene * (1 + misfit))

    @property
    def velocity(self) -> float:
        """ħv_F in meV nm."""
        return HBAR * self.fermi_velocity * 1e9

    @property
    def cell_area(self) -> float:
        return (2 * math.pi) ** 2 / (1.5 * math.sqrt(3) * self.k_m**2)

    def reciprocal(self, cell: Sequence[float]) -> Vector:
        """nG₁ + mG₂ in 1/nm."""
        n, m = cell
        return self.k_m * 1.5 * n, self.k_m * math.sqrt(3) * (m - n / 2)

    def transfers(self, valley: int) -> list[tuple[Cell, list[list[complex]]]]:
        """The harmonics of U_ξ(r): which hBN wave a wave of graphene goes to, and the matrix."""
        w = OMEGA.conjugate() if valley == -1 and self.conjugated else OMEGA
        s = self.exponent * valley
        return [
            ((0, 0), [[1, 1], [1, 1]]),
            ((s, 0), [[1, w.conjugate()], [w, 1]]),
            ((s * self.third[0], s * self.third[1]), [[1, w], [w.conjugate(), 1]]),
        ]


class Basis(NamedTuple):
    """The plane waves of graphene and of hBN; each has two components."""

    graphene: list[Cell]
    hbn: list[Cell]

    @property
    def size(self) -> int:
        return 2 * len(self.graphene) + 2 * len(self.hbn)


def square(cutoff: int) -> Basis:
    """|n|, |m| ≤ cutoff, as App. A has them."""
    inside = range(-cutoff, cutoff + 1)
    cells = [(n, m) for n in inside for m in inside]
    return Basis(cells, cells)


def circle(material: Material, valley: int, cutoff: float) -> Basis:
    """|G| ≤ cutoff |G₁| for graphene, and every wave of hBN that couples to one of these."""
    longest = cutoff * math.hypot(*material.reciprocal((1, 0))) * (1 + 1e-9)
    cells = [
        cell
        for cell in square(2 * math.ceil(cutoff)).graphene
        if math.hypot(*material.reciprocal(cell)) <= longest
    ]
    reached = {(n + a, m + b) for n, m in cells for (a, b), _ in material.transfers(valley)}
    return Basis(cells, sorted(reached))


def hamiltonian(k: Vector, valley: int, basis: Basis, material: Material) -> Matrix:
    """Eq. 5: rows of graphene (A, B for each wave), then rows of hBN (N, B)."""
    matrix = np.zeros((basis.size, basis.size), dtype=complex)
    start = 2 * len(basis.graphene)
    for j in range(len(basis.hbn)):
        matrix[start + 2 * j, start + 2 * j] = material.v_n
        matrix[start + 2 * j + 1, start + 2 * j + 1] = material.v_b
    for i, (n, m) in enumerate(basis.graphene):
        g = material.reciprocal((n, m))
        x, y = k[0] + g[0], k[1] + g[1]
        matrix[2 * i, 2 * i + 1] = material.velocity * (valley * x - 1j * y)
        matrix[2 * i + 1, 2 * i] = material.velocity * (valley * x + 1j * y)
        for (a, b), block in material.transfers(valley):
            if (n + a, m + b) not in basis.hbn:
                continue
            row = start + 2 * basis.hbn.index((n + a, m + b))
            for r in (0, 1):
                for c in (0, 1):
                    element = material.coupling * block[r][c]
                    matrix[row + r, 2 * i + c] += element
                    matrix[2 * i + c, row + r] += element.conjugate()
    return matrix


def current(axis: int, valley: int, basis: Basis, material: Material) -> Matrix:
    """Γ_x or Γ_y without e: graphene alone, for hBN enters without k (below Eq. 19)."""
    matrix = np.zeros((basis.size, basis.size), dtype=complex)
    for i in range(len(basis.graphene)):
        matrix[2 * i, 2 * i + 1] = material.velocity * (valley, -1j)[axis]
        matrix[2 * i + 1, 2 * i] = material.velocity * (valley, 1j)[axis]
    return matrix


def form_factor(bra: Matrix, ket: Matrix, shift: Cell, basis: Basis) -> complex:
    """λ_G of Eq. 15 at q = 0: Σ_G′ u†(G′) u(G′ + G)."""
    here, there = pairs_of_rows(shift, tuple(basis.graphene), tuple(basis.hbn))
    return complex(np.vdot(bra[here], ket[there]))


@lru_cache
def pairs_of_rows(
    shift: Cell, graphene: tuple[Cell, ...], hbn: tuple[Cell, ...]
) -> tuple[list[int], list[int]]:
    """The rows of each plane wave and of that which lies higher by G, on the same orbital."""
    here, there = [], []
    start = 0
    for waves in (graphene, hbn):
        for i, (n, m) in enumerate(waves):
            target = (n + shift[0], m + shift[1])
            if target in waves:
                for a in (0, 1):
                    here.append(start + 2 * i + a)
                    there.append(start + 2 * waves.index(target) + a)
        start += 2 * len(waves)
    return here, there


def fermi(energy: float, kT: float) -> float:
    return 1 / (math.exp(min(energy / kT, 700.0)) + 1)


def minus_fermi_slope(energy: float, kT: float) -> float:
    return 1 / (4 * kT * math.cosh(min(abs(energy) / (2 * kT), 350.0)) ** 2)


def mesh(divisions: int, material: Material) -> Iterator[Vector]:
    """The points (iG₁ + jG₂)/N, each the shortest of its equivalents."""
    for i in range(divisions):
        for j in range(divisions):
            yield min(
                (
                    material.reciprocal((i / divisions - n, j / divisions - m))
                    for n in (0, 1)
                    for m in (0, 1)
                ),
                key=lambda k: round(math.hypot(*k), 9),
            )


def susceptibility(
    mu: float,
    kT: float,
    shifts: Sequence[Cell],
    bases: dict[int, Basis],
    divisions: int,
    material: Material,
    *,
    flavor: str = "valley",
    reach: float = math.inf,
) -> dict[Cell, list[complex]]:
    """𝒞_G of Eq. 36 for each axis in 1/nm, with v = ∂ε/∂k; the charge without the ξ.

    Bands further than ``reach`` from μ are left out.
    """
    found = {shift: [0j, 0j] for shift in shifts}
    for valley in (1, -1):
        basis = bases[valley]
        operators = [current(axis, valley, basis, material) for axis in (0, 1)]
        sign = valley if flavor == "valley" else 1
        for k in mesh(divisions, material):
            energies, states = np.linalg.eigh(hamiltonian(k, valley, basis, material))
            for band, energy in enumerate(energies):
                if abs(energy - mu) > reach:
                    continue
                u = states[:, band]
                thermal = minus_fermi_slope(energy - mu, kT)
                weight = 2 * sign * thermal / (divisions**2 * material.cell_area)
                velocity = [np.vdot(u, operator @ u).real for operator in operators]
                for shift in shifts:
                    density = form_factor(u, u, shift, basis)
                    for axis in (0, 1):
                        found[shift][axis] += weight * velocity[axis] * density
    return found


def interlayer(q: float, distance: float, gate: float, permittivity: float) -> float:
    """U₁₂ of App. B in meV nm²; e²/2ε₀ is 2π × e²/4πε₀."""
    screened = math.exp(-q * distance) * (1 - math.exp(-2 * q * gate))
    return 2 * math.pi * COULOMB * screened / (permittivity * q)


def drag(
    first: dict[Cell, list[complex]],
    second: dict[Cell, list[complex]],
    potential: dict[Cell, float],
    broadening: float,
) -> list[list[float]]:
    """σ^{αβ} of Eq. 1 in e²/h, over the G for which 𝒞 is given."""
    sigma = [[0j, 0j], [0j, 0j]]
    for (n, m), right in second.items():
        left = first[(-n, -m)]
        for a in (0, 1):
            for b in (0, 1):
                term = left[a] * potential[n, m] * right[b]
                sigma[a][b] -= 2 * math.pi / broadening * term
    return [[element.real for element in row] for row in sigma]


def pocket_line(
    mu: float,
    shift: Cell,
    bases: dict[int, Basis],
    material: Material,
    *,
    band: dict[int, int],
    rays: int,
    reach: float,
) -> list[complex]:
    """𝒞_G of Eq. 42 for one pocket around k = 0, by its radius along each ray.

    With k = k_F(θ)(cos θ, sin θ), dℓ/|v| is k_F dθ/|v·k̂|. The integrand is periodic in θ: equal
    steps converge exponentially. ``band[valley]`` counts from the lowest.
    """
    total = [0j, 0j]
    for valley in (1, -1):
        basis = bases[valley]
        operators = [current(axis, valley, basis, material) for axis in (0, 1)]
        for ray in range(rays):
            angle = 2 * math.pi * ray / rays
            along = (math.cos(angle), math.sin(angle))
            inner, outer = 0.0, reach
            below_at_centre = None
            for _ in range(40):
                middle = (inner + outer) / 2
                k = (middle * along[0], middle * along[1])
                energies = np.linalg.eigvalsh(hamiltonian(k, valley, basis, material))
                if below_at_centre is None:
                    centre = np.linalg.eigvalsh(hamiltonian((0.0, 0.0), valley, basis, material))
                    below_at_centre = centre[band[valley]] < mu
                if (energies[band[valley]] < mu) == below_at_centre:
                    inner = middle
                else:
                    outer = middle
            k = (inner * along[0], inner * along[1])
            u = np.linalg.eigh(hamiltonian(k, valley, basis, material))[1][:, band[valley]]
            velocity = [np.vdot(u, operator @ u).real for operator in operators]
            slope = abs(velocity[0] * along[0] + velocity[1] * along[1])
            line = 2 * math.pi / rays * inner / slope
            density = form_factor(u, u, shift, basis)
            for axis in (0, 1):
                total[axis] += 2 / (2 * math.pi) ** 2 * valley * line * velocity[axis] * density
    return total


def berry_curvature(
    k: Vector, valley: int, basis: Basis, material: Material, band: int, side: float
) -> float:
    """Ω = (∇ × A)_z with A = i⟨u|∇u⟩, in nm², from the phase around a square of this side.

    Twice the side has four times the error of its square: one step of Richardson's removes it.
    """
    found = []
    for size in (side, 2 * side):
        states = [
            np.linalg.eigh(
                hamiltonian((k[0] + a * size / 2, k[1] + b * size / 2), valley, basis, material)
            )[1][:, band]
            for a, b in ((-1, -1), (1, -1), (1, 1), (-1, 1))
        ]
        loop = 1 + 0j
        for i in range(4):
            loop *= complex(np.vdot(states[i], states[(i + 1) % 4]))
        found.append(-cmath.phase(loop) / size**2)
    return (4 * found[0] - found[1]) / 3


def valley_hall(mu: float, kT: float, basis: Basis, material: Material, divisions: int) -> float:
    """σ_v^{xy} in e²/h: twice two spins, −(1/2π)∫ f Ω of valley K, by sums over all pairs of bands.

    Valley K′ has the opposite curvature at −k.
    """
    operators = [current(axis, 1, basis, material) for axis in (0, 1)]
    total = 0.0
    for k in mesh(divisions, material):
        energies, states = np.linalg.eigh(hamiltonian(k, 1, basis, material))
        along = [states.conj().T @ operator @ states for operator in operators]
        for n in range(basis.size):
            occupied = fermi(energies[n] - mu, kT)
            for m in range(basis.size):
                if m != n and occupied > 0:
                    product = (along[0][n, m] * along[1][m, n]).imag
                    total += -2 * occupied * product / (energies[n] - energies[m]) ** 2
    zone = (2 * math.pi) ** 2 / material.cell_area
    return 4 * -total / divisions**2 * zone / (2 * math.pi)
