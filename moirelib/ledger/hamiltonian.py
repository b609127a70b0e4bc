"""Claims of Kundu App. A on the Hamiltonian, Eqs. 5–8."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from numpy.typing import ArrayLike

from moirelib._types import Complex, Floats
from moirelib.bloch import solve_bands
from moirelib.graphene_hbn import GrapheneHBN
from moirelib.ledger.registry import Discrepancy, Evidence, claim
from moirelib.units import hbar_velocity

CHAPTER = "hamiltonian"
ROUND_OFF = "round-off of matrices with entries of a few thousand meV"
OMEGA = np.exp(2j * math.pi / 3)

# Kundu App. A, typed again from the paper: lengths in nm, energies in meV.
GRAPHENE, HBN, COUPLING = 0.246, 0.2504, 152.0
MISMATCH = HBN / GRAPHENE - 1
K_M = 4 * math.pi * MISMATCH / (3 * GRAPHENE * (1 + MISMATCH))
G_1 = K_M * np.array([1.5, -math.sqrt(3) / 2])
G_2 = K_M * np.array([0.0, math.sqrt(3)])


@cache
def random_wavevectors(count: int = 8) -> Floats:
    """Reproducible wavevectors of the zone of the default model, in 1/nm."""
    rng = np.random.default_rng(2603)
    folded, _ = GrapheneHBN().lattice.fold(rng.normal(size=(count, 2)))
    return folded


def residual(first: ArrayLike, second: ArrayLike) -> float:
    """Largest absolute difference."""
    return float(np.abs(np.asarray(first) - np.asarray(second)).max())


def symmetry_residuals(model: GrapheneHBN) -> dict[str, float]:
    """How far four bands miss C₃, the mirror and time reversal at random k, in meV."""
    k = random_wavevectors()
    turn = 2 * math.pi / 3
    rotation = np.array([[math.cos(turn), -math.sin(turn)], [math.sin(turn), math.cos(turn)]])

    def low(one: GrapheneHBN, points: Floats) -> Floats:
        return solve_bands(one, points, count=4).energies

    here = low(model, k)
    return {
        "C3": residual(low(model, k @ rotation.T), here),
        "mirror": residual(low(model, k * [1, -1]), here),
        "time reversal": residual(low(model.other_valley(), -k), here),
    }


def potential(position: Floats, valley: int = 1) -> Complex:
    """U_ξ(r) (..., 2, 2) in meV, in the form that closes, written out from Kundu Eq. 6."""
    w = OMEGA if valley == 1 else OMEGA.conjugate()
    first = np.array([[1, w.conjugate()], [w, 1]])
    second = np.array([[1, w], [w.conjugate(), 1]])
    phase_1 = np.exp(-1j * valley * position @ G_1)[..., None, None]
    phase_2 = np.exp(-1j * valley * position @ (G_1 + G_2))[..., None, None]
    value: Complex = COUPLING * (np.ones((2, 2)) + first * phase_1 + second * phase_2)
    return value


def cell_grid(model: GrapheneHBN, size: int) -> Floats:
    """Positions (size, size, 2) in nm that sample one moiré cell."""
    side = np.arange(size) / size
    fractions = np.stack(np.meshgrid(side, side, indexing="ij"), axis=-1)
    return fractions @ model.lattice.primitive_vectors


@claim(
    "kundu-5",
    "Eq. 5",
    kind="definition",
    chapter=CHAPTER,
    statement="Graphene and hBN are coupled by $U_\\xi(r)$: in plane waves the off-diagonal block "
    "is the Fourier transform of $U_\\xi(r)$, and the matrix is Hermitian.",
    implements="moirelib.GrapheneHBN.hamiltonian",
)
def _block_hamiltonian() -> Evidence:
    model = GrapheneHBN(cutoff=2)
    size = 12
    sampled = potential(cell_grid(model, size))
    harmonics = np.fft.fft2(sampled, axes=(0, 1)) / size**2
    h = model.hamiltonian(random_wavevectors()[0])
    waves, orbitals = model.plane_waves, model.orbitals
    worst = 0.0
    for bra in np.flatnonzero(orbitals >= 2):
        for ket in np.flatnonzero(orbitals < 2):
            n, m = waves[bra] - waves[ket]
            expected = harmonics[n % size, m % size, orbitals[bra] - 2, orbitals[ket]]
            worst = max(worst, abs(h[bra, ket] - expected))
    every = [GrapheneHBN(valley=-1), GrapheneHBN(cutoff_shape="box"), GrapheneHBN.as_printed()]
    matrices = [one.hamiltonian(random_wavevectors()) for one in every]
    circle = solve_bands(GrapheneHBN(), random_wavevectors(), count=4).energies
    box = solve_bands(GrapheneHBN(cutoff_shape="box"), random_wavevectors(), count=4).energies
    return Evidence(
        printed=Discrepancy(
            "coupling block against U(r) sampled on the cell and transformed",
            worst,
            1e-9,
            ROUND_OFF,
            "meV",
        ),
        controls=(
            Discrepancy(
                "H − H† at random k, other valley and readings",
                max(residual(h, h.conj().swapaxes(-1, -2)) for h in matrices),
                1e-12,
                "the matrix is filled symmetrically",
                "meV",
            ),
            Discrepancy(
                "four bands, circular against the paper's box of plane waves",
                residual(circle, box),
                0.02,
                "the box is not converged better at cut-off 3",
                "meV",
            ),
        ),
    )


@claim(
    "kundu-6",
    "Eq. 6",
    kind="definition",
    chapter=CHAPTER,
    statement="$U_\\xi(r)$ has three harmonics with the phases $1, \\omega, \\omega^*$. The "
    "lattices have a three-fold axis, and time reversal maps one valley onto the other.",
    implements="moirelib.GrapheneHBN.potential_harmonics",
    finding="As printed in our copy, the third exponent is $G_2$ and both valleys carry the same "
    "$\\omega$. The transfers $\\{0, G_1, G_2\\}$ do not form an equilateral star: $C_3$ breaks. "
    "The phases have to be conjugated in the other valley: otherwise time reversal breaks. "
    "$\\{0, G_1, G_1 + G_2\\}$ with $\\omega^\\xi$ closes.",
)
def _potential_symmetry() -> Evidence:
    printed = symmetry_residuals(GrapheneHBN.as_printed())
    closing = symmetry_residuals(GrapheneHBN(cutoff=5))
    star_alone = symmetry_residuals(GrapheneHBN(transfer_star="as_printed"))
    phase_alone = symmetry_residuals(GrapheneHBN(valley_phase="common"))
    reason = "both symmetries are exact in a circular cut-off"
    visible = "ten times the resolution of any figure"
    return Evidence(
        printed=Discrepancy(
            "four bands under C₃ and time reversal, the worse",
            max(printed.values()),
            1e-9,
            reason,
            "meV",
        ),
        corrected=Discrepancy(
            "four bands under C₃, mirror and time reversal, the worst",
            max(closing.values()),
            1e-9,
            reason,
            "meV",
        ),
        controls=(
            Discrepancy("printed star alone breaks C₃", star_alone["C3"], 5, visible, "meV", True),
            Discrepancy(
                "printed star alone keeps time reversal",
                star_alone["time reversal"],
                1e-9,
                reason,
                "meV",
            ),
            Discrepancy(
                "common ω alone breaks time reversal",
                phase_alone["time reversal"],
                5,
                visible,
                "meV",
                True,
            ),
            Discrepancy(
                "as printed, C₃ breaks by",
                printed["C3"],
                5,
                visible,
                "meV",
                True,
            ),
            Discrepancy(
                "as printed, time reversal breaks by",
                printed["time reversal"],
                5,
                visible,
                "meV",
                True,
            ),
        ),
    )


@claim(
    "kundu-7",
    "Eq. 7",
    kind="definition",
    chapter=CHAPTER,
    statement="Graphene is $\\hbar v_F(\\xi p_x\\sigma_x + p_y\\sigma_y)$, with $p$ a wavenumber: "
    "without the coupling the bands are the cones $\\pm\\hbar v_F\\vert k + G\\vert$.",
    implements="moirelib.GrapheneHBN.hbar_v",
)
def _dirac() -> Evidence:
    k = random_wavevectors()
    worst = 0.0
    for valley in (1, -1):
        model = GrapheneHBN(valley=valley, coupling=0.0)
        reach = np.linalg.norm(k[:, None] + model.lattice.vectors(model.lattice.disc(3)), axis=-1)
        cones = hbar_velocity(0.8e6) * np.sort(reach, axis=1)[:, :4]
        bands = solve_bands(model, k, count=8).energies
        worst = max(worst, residual(bands[:, 4:], cones), residual(bands[:, 3::-1], -cones))
    # Exponents of (kg, m, s).
    energy, hbar, speed = np.array([1, 2, -2]), np.array([1, 2, -1]), np.array([0, 1, -1])
    momentum = np.array([1, 1, -1])
    left_over = np.abs(hbar + speed + momentum - energy).sum()
    return Evidence(
        printed=Discrepancy(
            "eight bands at u₀ = 0 against the cones", worst, 1e-9, ROUND_OFF, "meV"
        ),
        controls=(
            Discrepancy(
                "powers of kg, m, s left over in ħvp if p is a momentum",
                float(left_over),
                1,
                "ħ would enter twice",
                "",
                True,
            ),
        ),
    )


@claim(
    "kundu-8",
    "Eq. 8",
    kind="definition",
    chapter=CHAPTER,
    statement="hBN enters through two on-site energies. Eliminating it at $E = 0$ leaves a uniform "
    "$V_0 = -3u_0^2(1/V_N + 1/V_B)$ times the unit matrix, and six first harmonics.",
    implements="moirelib.GrapheneHBN.effective_harmonics",
)
def _hbn() -> Evidence:
    model = GrapheneHBN()
    v_n, v_b = 3350.0, -1400.0
    bare = np.linalg.eigvalsh(GrapheneHBN(coupling=0.0).hamiltonian([0.1, 0.05]))
    levels = [np.sum(np.abs(bare - level) < 1e-9) for level in (v_n, v_b)]
    expected = sum(model.orbitals == 2), sum(model.orbitals == 3)
    harmonics = model.effective_harmonics()
    uniform = -3 * COUPLING**2 * (1 / v_n + 1 / v_b)
    # Columns of U†V⁻¹U between the uniform term and the one with ω, by hand.
    w = OMEGA
    first = -(COUPLING**2) * np.array(
        [
            [1 / v_n + w / v_b, w.conjugate() / v_n + 1 / v_b],
            [1 / v_n + w / v_b, w.conjugate() / v_n + 1 / v_b],
        ]
    )
    # Moon and Koshino, Phys. Rev. B 90, 155406: V₀ = 29 meV, V₁ = 21 meV, ψ = −0.29 rad.
    swapped = -(COUPLING**2) * (1 / v_b + w / v_n)
    dirac = solve_bands(model, [0.0, 0.0], count=2).energies.mean()
    slope = 3 * COUPLING**2 * (1 / v_n**2 + 1 / v_b**2)
    point = random_wavevectors()
    exact = solve_bands(model.eliminate_hbn(float(dirac)), [0.0, 0.0], count=2).energies
    full = solve_bands(model, [0.0, 0.0], count=2).energies
    band = solve_bands(model, point[:1], count=2).energies[0, 1]
    pinned = solve_bands(model.eliminate_hbn(float(band)), point[:1], count=2).energies[0, 1]
    return Evidence(
        printed=Discrepancy(
            "V₀ and the first harmonic G₁ against the formulae",
            max(
                residual(harmonics[0, 0], uniform * np.eye(2)),
                residual(harmonics[-1, 0], first),
            ),
            1e-9,
            ROUND_OFF,
            "meV",
        ),
        controls=(
            Discrepancy(
                "hBN levels missing from the spectrum at u₀ = 0",
                float(sum(abs(a - b) for a, b in zip(levels, expected, strict=True))),
                0,
                "a count",
                "levels",
            ),
            Discrepancy(
                "V₀, V₁ against the published 29 and 21 meV",
                max(abs(uniform - 29), abs(abs(swapped) - 21)),
                0.5,
                "printed to 1 meV",
                "meV",
            ),
            Discrepancy(
                "ψ against the published −0.29",
                abs(float(np.angle(swapped)) + 0.29),
                0.005,
                "printed to two digits",
                "rad",
            ),
            Discrepancy(
                "elimination at a band's own energy gives that band",
                abs(float(pinned - band)),
                1e-8,
                ROUND_OFF,
                "meV",
            ),
            Discrepancy(
                "elimination at the Dirac energy: the gap's edges there",
                residual(exact, full),
                1.5 * slope * float(np.ptp(full)) / 2,
                "the energy dependence left out, 3u₀²(1/V_N² + 1/V_B²), times half the gap",
                "meV",
            ),
        ),
    )


@claim(
    "kundu-8-inversion",
    "text below Eq. 8",
    kind="number",
    chapter=CHAPTER,
    statement="$V_N = 3.35$ eV and $V_B = -1.40$ eV.",
    finding="Moon and Koshino give the values in the other order. Exchanging them is an in-plane "
    "inversion, as on the other face of an hBN sheet: the bands stay, $\\lambda_G$ turns into "
    "$\\lambda_G^*$, and the Berry curvature changes sign.",
)
def _inversion() -> Evidence:
    k = random_wavevectors()
    model = GrapheneHBN()
    here, there = (solve_bands(one, k, count=4) for one in (model, model.inverted()))
    pairs = model.lattice.shells(2)[1]
    curvature = here.berry_curvature(), there.berry_curvature()
    symmetry = symmetry_residuals(model.inverted())
    return Evidence(
        printed=Discrepancy(
            "C₃, mirror, T with the printed order",
            max(symmetry_residuals(model).values()),
            1e-9,
            ROUND_OFF,
            "meV",
        ),
        alternative=Discrepancy(
            "C₃, mirror, T with the other order", max(symmetry.values()), 1e-9, ROUND_OFF, "meV"
        ),
        controls=(
            Discrepancy(
                "four bands, one order against the other",
                residual(here.energies, there.energies),
                1e-9,
                ROUND_OFF,
                "meV",
            ),
            Discrepancy(
                "form factors against the conjugates of the other order",
                residual(here.form_factors(pairs), there.form_factors(pairs).conj()),
                1e-10,
                "round-off, enlarged by the inverse gap",
            ),
            Discrepancy(
                "Berry curvature, sum over both orders, relative",
                float(np.abs(curvature[0] + curvature[1]).max() / np.abs(curvature[0]).max()),
                1e-8,
                "round-off, enlarged by the inverse gap squared",
            ),
        ),
    )
