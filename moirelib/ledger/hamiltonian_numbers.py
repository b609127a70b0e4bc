"""Claims on the numbers that Kundu et al. quote for the model, and Fig. 1(a)."""

from __future__ import annotations

import math
from typing import Literal

import numpy as np
from scipy.optimize import root

from moirelib._types import Floats
from moirelib.bloch import solve_bands
from moirelib.brillouin import counting_function, spectral_function
from moirelib.graphene_hbn import GrapheneHBN
from moirelib.ledger.hamiltonian import CHAPTER, G_1, GRAPHENE, HBN, K_M, residual
from moirelib.ledger.registry import Discrepancy, Evidence, claim


@claim(
    "kundu-text-mismatch",
    "text, numerical results",
    kind="number",
    chapter=CHAPTER,
    statement="The lattice mismatch of graphene and hBN is about 1.8 %.",
)
def _mismatch() -> Evidence:
    return Evidence(
        printed=Discrepancy(
            "ε in per cent − 1.8",
            abs(100 * GrapheneHBN().mismatch - 1.8),
            0.05,
            "printed to two digits",
            "%",
        ),
        controls=(
            Discrepancy(
                "ε against the ratio of the two lattices' reciprocal vectors − 1",
                abs(GrapheneHBN().mismatch - (HBN - GRAPHENE) / GRAPHENE),
                1e-14,
                "round-off",
            ),
        ),
    )


@claim(
    "kundu-text-period",
    "text, numerical results",
    kind="number",
    chapter=CHAPTER,
    statement="The moiré period is $L_M \\approx 14$ nm.",
)
def _period() -> Evidence:
    lattice = GrapheneHBN().lattice
    beat = 1 / (1 / GRAPHENE - 1 / HBN)
    return Evidence(
        printed=Discrepancy("L_M − 14 nm", abs(lattice.period - 14), 0.5, "two digits", "nm"),
        controls=(
            Discrepancy(
                "L_M against the beat of the two lattices, 1/(1/a − 1/a_hBN)",
                abs(lattice.period - beat),
                1e-10,
                "round-off",
                "nm",
            ),
            Discrepancy(
                "G₁ of the lattice against Kundu App. A, formula in ε and a",
                residual(lattice.vectors([1, 0]), G_1),
                1e-12,
                "round-off",
                "1/nm",
            ),
        ),
    )


@claim(
    "kundu-text-g1",
    "text, numerical results",
    kind="number",
    chapter=CHAPTER,
    statement="The shortest moiré reciprocal vector is $4\\pi/\\sqrt3 L_M \\approx 0.52$ nm⁻¹.",
)
def _first_vector() -> Evidence:
    lattice = GrapheneHBN().lattice
    length = float(np.linalg.norm(lattice.vectors([0, 1])))
    return Evidence(
        printed=Discrepancy("|G₁| − 0.52", abs(length - 0.52), 0.005, "two digits", "1/nm"),
        controls=(
            Discrepancy(
                "shortest of the vectors nG₁ + mG₂ against √3 k_m",
                abs(
                    min(
                        np.linalg.norm(lattice.vectors(lattice.box(3)), axis=1)[
                            (lattice.box(3) != 0).any(axis=1)
                        ]
                    )
                    - math.sqrt(3) * K_M
                ),
                1e-12,
                "round-off",
                "1/nm",
            ),
        ),
    )


@claim(
    "kundu-text-cutoff",
    "App. A, cut-off",
    kind="number",
    chapter=CHAPTER,
    statement="Beyond $\\vert n\\vert, \\vert m\\vert \\le 3$ the low-energy bands and Bloch "
    "states do not change significantly.",
)
def _cutoff() -> Evidence:
    lattice = GrapheneHBN().lattice
    every = lattice.mesh(4, symmetry="none").points
    wedge = lattice.mesh(12).points

    def change(points: Floats, shape: Literal["box", "circle"]) -> tuple[float, float]:
        coarse, fine = (
            solve_bands(GrapheneHBN(cutoff=cutoff, cutoff_shape=shape), points, count=4)
            for cutoff in (3, 5)
        )
        factors = [abs(bands.form_factors(lattice.shells(2)[1])) for bands in (coarse, fine)]
        return residual(coarse.energies, fine.energies), residual(*factors)

    box, circle = change(every, "box"), change(wedge, "circle")
    return Evidence(
        printed=Discrepancy(
            "four bands over the zone, box 3 against box 5",
            box[0],
            0.02,
            "far below any energy in the figures",
            "meV",
        ),
        controls=(
            Discrepancy(
                "the same in a circle of radius 3 and 5",
                circle[0],
                0.01,
                "a circle loses nothing against the box",
                "meV",
            ),
            Discrepancy(
                "first-shell form factors, box and circle",
                max(box[1], circle[1]),
                0.01,
                "the states as well as the bands",
            ),
        ),
    )


def saddle_energies(model: GrapheneHBN, band: int, seeds: int = 6) -> Floats:
    """Energies in meV at which ∂ε/∂k = 0 with a Hessian of negative determinant.

    ``band`` counts from the first conduction band, 0; the first valence band is −1.
    """

    def velocity(k: Floats) -> Floats:
        slope: Floats = solve_bands(model, k, count=4).velocities[0, band + 2]
        return slope

    start = model.lattice.mesh(seeds).points
    found = []
    for k in start[np.linalg.norm(start, axis=1) > 0.3 * model.lattice.k_m]:
        solution = root(velocity, k, tol=1e-10)
        if not solution.success or np.abs(velocity(solution.x)).max() > 1e-6:
            continue
        step = 1e-4
        hessian = [
            (velocity(solution.x + step * d) - velocity(solution.x - step * d)) / (2 * step)
            for d in np.eye(2)
        ]
        if np.linalg.det(hessian) < 0:
            found.append(solve_bands(model, solution.x, count=4).energies[0, band + 2])
    return np.unique(np.round(found, 6))


@claim(
    "kundu-fig1a",
    "Fig. 1(a)",
    kind="figure",
    chapter=CHAPTER,
    statement="The bands keep a Dirac cone and have saddle points that make van Hove peaks in the "
    "density of states.",
    finding="Both signs of the exponents of Eq. 6 give such a figure, with electrons and holes in "
    "exchanged roles: the strongest peak and the satellite gap lie below the Dirac point with the "
    "sign that conserves momentum, above it with the printed one. The text does not tell which "
    "one was drawn.",
)
def _figure() -> Evidence:
    peaks, controls = {}, []
    signs: tuple[tuple[Literal["momentum_matched", "as_printed"], int], ...] = (
        ("momentum_matched", -1),
        ("as_printed", 0),
    )
    for sign, band in signs:
        model = GrapheneHBN(exponent_sign=sign)
        mesh = model.lattice.mesh(36)
        levels = solve_bands(model, mesh.points, count=4).energies
        low, high = levels[:, band + 2].min(), levels[:, band + 2].max()
        energies = np.linspace(low - 2, high + 2, 24001)
        density = spectral_function(mesh, levels, energies)
        strongest = energies[np.argmax(density)]
        peaks[sign] = float(np.abs(saddle_energies(model, band) - strongest).min())
        counted = counting_function(mesh, levels, energies[[0, -1]])
        # Nothing but this band lies in the window: the gaps on both sides are wider.
        controls += [
            Discrepancy(
                f"∫ density of states over one isolated band − 1, {sign}",
                abs(float(np.trapezoid(density, energies)) - 1),
                1e-3,
                "trapezoidal rule across the peaks",
                "",
            ),
            Discrepancy(
                f"states counted over one isolated band − 1, {sign}",
                abs(float(np.ptp(counted)) - 1),
                1e-12,
                "linear triangles conserve states",
                "",
            ),
        ]
    reason = "twice the spacing of the energies, and the mesh"
    return Evidence(
        printed=Discrepancy(
            "strongest peak against a saddle point, printed sign",
            peaks["as_printed"],
            1.0,
            reason,
            "meV",
        ),
        alternative=Discrepancy(
            "strongest peak against a saddle point, momentum-conserving sign",
            peaks["momentum_matched"],
            1.0,
            reason,
            "meV",
        ),
        controls=(*controls, _dirac_cone()),
    )


def _dirac_cone() -> Discrepancy:
    """Density of states against the massive Dirac form, with the model's own gap and velocity.

    On graphene alone, hBN eliminated at the Dirac energy: a small matrix allows a fine mesh.
    """
    full = GrapheneHBN()
    centre = float(solve_bands(full, [0.0, 0.0], count=2).energies.mean())
    model = full.eliminate_hbn(centre)
    at_centre = solve_bands(model, [0.0, 0.0], count=2)
    speed = float(abs(at_centre.velocity_matrix()[0, 0, 0, 1]))
    mesh = model.lattice.mesh(96)
    levels = solve_bands(model, mesh.points, count=2).energies
    distance = np.linspace(6, 12, 13)
    middle = float(at_centre.energies.mean())
    density = spectral_function(mesh, levels, middle + distance)
    density = density + spectral_function(mesh, levels, middle - distance)
    expected = 2 * model.lattice.cell_area * distance / (2 * math.pi * speed**2)
    return Discrepancy(
        "density of states 6 to 12 meV from the Dirac point against A_uc|E|/2π(ħv)²",
        abs(float(np.mean(density / expected)) - 1),
        0.02,
        "curvature of the cone, even part, and the mesh",
    )
