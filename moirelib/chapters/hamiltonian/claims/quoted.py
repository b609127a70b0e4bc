"""Claims on the numbers that Kundu et al. quote for the model, on Fig. 1(a) and on Table 1."""

from __future__ import annotations

import inspect
import math
from importlib import import_module
from typing import Literal

import numpy as np
from scipy.optimize import root

from moirelib._types import Floats
from moirelib.bands.bloch import solve_bands
from moirelib.bands.brillouin import counting_function, spectral_function
from moirelib.bands.lattice import Mesh
from moirelib.bands.tiling import energies_on_mesh
from moirelib.chapters.hamiltonian.claims.expansions import turned_graphene
from moirelib.chapters.hamiltonian.claims.model import G_1
from moirelib.chapters.hamiltonian.claims.written_out import WRITTEN_AT, bands_written_out
from moirelib.chapters.hamiltonian.data.bands import (
    GRAPHENE,
    HBN,
    band_structure,
    low_bands,
    random_wavevectors,
)
from moirelib.chapters.hamiltonian.data.symbols import TABLE_1
from moirelib.ledger.measure import residual
from moirelib.ledger.registry import Discrepancy, Evidence, claim
from moirelib.models.graphene_hbn import GrapheneHBN


def is_documented(dotted: str) -> bool:
    """Whether a dotted public name exists and has a docstring, or its class documents it."""
    parts = dotted.split(".")
    cut = next(i for i, part in enumerate(parts) if part[0].isupper() or i == len(parts) - 1)
    try:
        owner: object = import_module(".".join(parts[:cut]))
    except ModuleNotFoundError:
        return False
    for name in parts[cut:]:
        known = getattr(owner, name, None)
        if known is None or not inspect.getdoc(known) or isinstance(known, (int, float, str)):
            return f"{name} : " in (inspect.getdoc(owner) or "")
        owner = known
    return True


@claim(
    "kundu-text-mismatch",
    "text, numerical results",
    kind="number",
    statement="The lattice mismatch of graphene and hBN is about 1.8 %.",
)
def _mismatch() -> Evidence:
    miss = abs(100 * GrapheneHBN().mismatch - 1.8)
    return Evidence(Discrepancy("ε in per cent − 1.8", miss, 0.05, "printed to two digits", "%"))


@claim(
    "kundu-text-period",
    "text, numerical results",
    kind="number",
    statement="The moiré period is $L_M \\approx 14$ nm.",
    follows=("kundu-text-mismatch",),
)
def _period() -> Evidence:
    lattice = GrapheneHBN().lattice
    beat = 1 / (1 / GRAPHENE - 1 / HBN)
    of_period, of_bands = turned_graphene()
    return Evidence(
        printed=Discrepancy(
            "L_M − 14 nm", abs(lattice.period - 14), 0.5, "two digits", "nm", slack="scale"
        ),
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
            Discrepancy(
                "graphene turned by 1°: L_M against the difference of the reciprocal vectors",
                of_period,
                1e-12,
                "round-off",
            ),
            Discrepancy(
                "four of its bands against straight graphene with the turn in the phases of U(r)",
                of_bands,
                1e-9,
                "round-off of matrices with entries of a few thousand meV",
                "meV",
            ),
        ),
    )


@claim(
    "kundu-text-g1",
    "text, numerical results",
    kind="number",
    statement="The shortest moiré reciprocal vector is $4\\pi/\\sqrt3 L_M \\approx 0.52$ nm⁻¹.",
    follows=("kundu-text-period",),
)
def _first_vector() -> Evidence:
    lattice = GrapheneHBN().lattice
    pairs = lattice.box(3)
    lengths = np.linalg.norm(lattice.vectors(pairs[pairs.any(axis=1)]), axis=1)
    return Evidence(
        printed=Discrepancy("|G₁| − 0.52", abs(lengths.min() - 0.52), 0.005, "two digits", "1/nm"),
        controls=(
            Discrepancy(
                "shortest of the vectors nG₁ + mG₂ against 4π/√3L_M",
                abs(lengths.min() - 4 * math.pi / (math.sqrt(3) * lattice.period)),
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
    statement="Beyond $\\vert n\\vert, \\vert m\\vert \\le 3$ the low-energy bands and Bloch "
    "states do not change significantly.",
    follows=("kundu-9",),
)
def _cutoff() -> Evidence:
    lattice = GrapheneHBN().lattice
    # The corners and edges of the zone are farthest from the middle of the plane waves.
    edge = [lattice.special_points[name] for name in ("κ", "κ′", "M")]
    k = np.concatenate([random_wavevectors(), edge])
    models = GrapheneHBN(cutoff_shape="box"), GrapheneHBN(), GrapheneHBN(cutoff=4)
    every = [solve_bands(model, k, count=4) for model in models]
    box, circle, reference = (bands.energies for bands in every)
    factors = [bands.form_factors(lattice.shells(2)[1]) for bands in every]
    return Evidence(
        printed=Discrepancy(
            "four bands, box 3 against a circle of radius 4",
            residual(box, reference),
            0.02,
            "far below any energy in the figures",
            "meV",
        ),
        controls=(
            Discrepancy(
                "the same in a circle of radius 3",
                residual(circle, reference),
                0.01,
                "a circle loses nothing against the box",
                "meV",
            ),
            Discrepancy(
                "first-shell form factors, box and circle",
                max(residual(one, factors[2]) for one in factors[:2]),
                0.01,
                "the states as well as the bands",
            ),
        ),
    )


def saddle_energies(model: GrapheneHBN, band: int, seeds: int = 2) -> Floats:
    """Energies in meV at which ∂ε/∂k = 0 with a Hessian of negative determinant.

    ``band`` counts from the first conduction band, 0; the first valence band is −1. Newton's
    method starts from the slowest points of a mesh.
    """

    def velocity(k: Floats) -> Floats:
        slope: Floats = solve_bands(model, k, count=4).velocities[..., band + 2, :]
        return slope.squeeze()

    points = model.lattice.mesh(8).points
    speed = np.linalg.norm(velocity(points), axis=1)
    slowest = np.argsort(speed)
    # At rest already: the extrema that symmetry pins to Γ, κ and κ′.
    slowest = slowest[speed[slowest] > 1e-6][:seeds]
    found = []
    for k in points[slowest]:
        solution = root(velocity, k, tol=1e-10)
        if not solution.success or np.abs(velocity(solution.x)).max() > 1e-6:
            continue
        steps = 1e-4 * np.eye(2)
        hessian = [(velocity(solution.x + d) - velocity(solution.x - d)) / 2e-4 for d in steps]
        if np.linalg.det(hessian) < 0:
            found.append(low_bands(model, solution.x)[0, band + 2])
    return np.unique(np.round(found, 6))


@claim(
    "kundu-fig1a",
    "Fig. 1(a)",
    kind="figure",
    statement="The bands keep a Dirac cone and have saddle points that make van Hove peaks in the "
    "density of states.",
    finding="Both signs of the exponents of Eq. 6 give such a figure, with electrons and holes in "
    "exchanged roles: the strongest peak and the satellite gap lie below the Dirac point with the "
    "sign that conserves momentum, above it with the printed one. The text does not tell which "
    "one was drawn.",
    consequence="conclusion",
    headline="Both signs of the exponents of Eq. 6 give such a figure, with electrons and holes "
    "in exchanged roles.",
    erratum="kundu-6-exponent",
    follows=("kundu-9", "kundu-6-exponent", "kundu-text-cutoff"),
)
def _figure() -> Evidence:
    drawn = low_bands(GrapheneHBN(), WRITTEN_AT)
    peaks = {}
    controls = [
        Discrepancy(
            "four bands at κ and at a k of no symmetry against App. A, u₀ = 152 meV, by hand",
            residual(drawn, bands_written_out()),
            1e-8,
            "round-off of matrices with entries of a few thousand meV",
            "meV",
        )
    ]
    controls += _drawn_panels()
    signs: tuple[tuple[Literal["momentum_matched", "as_printed"], int], ...] = (
        ("momentum_matched", -1),
        ("as_printed", 0),
    )
    for sign, band in signs:
        model = GrapheneHBN(exponent_sign=sign)
        mesh, ten = energies_on_mesh(model, 120, count=10)
        levels = ten[:, 3:7]
        low, high = levels[:, band + 2].min(), levels[:, band + 2].max()
        energies = np.linspace(low - 2, high + 2, 6001)
        density = spectral_function(mesh, levels, energies)
        strongest = energies[np.argmax(density)]
        peaks[sign] = float(np.abs(saddle_energies(model, band) - strongest).min())
        counted = counting_function(mesh, levels, energies[::300])
        summed = [np.trapezoid(density[:n], energies[:n]) for n in range(1, 6002, 300)]
        # Nothing but this band lies in the window: the gaps on both sides are wider.
        controls += [
            Discrepancy(
                f"∫ density of states over one isolated band − 1, {sign}",
                abs(float(np.trapezoid(density, energies)) - 1),
                1e-3,
                "trapezoidal rule across the peaks",
            ),
            Discrepancy(
                f"states counted against that integral, 21 energies, {sign}",
                residual(counted - counted[0], summed),
                1e-3,
                "trapezoidal rule across the peaks",
            ),
            Discrepancy(
                f"states counted over one isolated band − 1, {sign}",
                abs(float(np.ptp(counted)) - 1),
                1e-10,
                "linear triangles conserve states; round-off of a sum over them",
            ),
            _dirac_cone(model, mesh, levels),
        ]
    what, reason = (
        "strongest peak against a saddle point",
        "the curvature of the bands times the square of the mesh spacing",
    )
    return Evidence(
        printed=Discrepancy(f"{what}, printed sign", peaks["as_printed"], 0.1, reason, "meV"),
        alternative=Discrepancy(
            f"{what}, momentum-conserving sign", peaks["momentum_matched"], 0.1, reason, "meV"
        ),
        controls=tuple(controls),
    )


def _drawn_panels() -> list[Discrepancy]:
    """What the figure draws, on a coarse mesh: corners of both panels, and lengths.

    κ of the panel of K′ is −κ′ of the panel of K, turned by 120° at most.
    """
    # The first valence band lies alone between these energies.
    data = band_structure(mesh_size=24, window=(-80.0, 42.6))
    middle, last = len(data.distance_k) // 2, len(data.distance_k) - 1
    of_k, of_k_prime = (bands[[0, middle, last]] for bands in (data.bands_k, data.bands_k_prime))
    k_m = GrapheneHBN().lattice.k_m
    return [
        Discrepancy(
            "bands at κ, κ′ and Γ in the panel of K′ against κ′, κ and Γ in that of K",
            residual(of_k_prime, of_k[[0, 2, 1]]),
            1e-8,
            "time reversal and C₃; round-off of matrices with entries of a few thousand meV",
            "meV",
        ),
        Discrepancy(
            "corners of the path of K against 0, k_m and 2 k_m",
            residual(data.ticks_k / k_m, [0, 1, 2]),
            1e-12,
            "round-off",
        ),
        Discrepancy(
            "∫ drawn density of states over the first valence band against four per cell",
            abs(float(np.trapezoid(data.density_of_states, data.energies)) - 4),
            0.1,
            "two spins and two valleys; trapezoidal rule across the peaks of a coarse mesh",
        ),
    ]


def _dirac_cone(model: GrapheneHBN, mesh: Mesh, levels: Floats) -> Discrepancy:
    """Density of states against the massive Dirac form, with the model's own gap and velocity."""
    at_centre = solve_bands(model, [0.0, 0.0], count=2)
    speed = float(abs(at_centre.velocity_matrix()[0, 0, 0, 1]))
    distance = np.linspace(6, 12, 13)
    middle = float(at_centre.energies.mean())
    above, below = (spectral_function(mesh, levels, middle + s * distance) for s in (1, -1))
    expected = model.lattice.cell_area * distance / (2 * math.pi * speed**2)
    return Discrepancy(
        f"density of states 6 to 12 meV from the Dirac point against A_uc|E|/2π(ħv)², "
        f"{model.exponent_sign}",
        abs(float(np.mean((above + below) / 2 / expected)) - 1),
        0.02,
        "curvature of the cone, even part, and the mesh",
    )


@claim(
    "kundu-table1",
    "Table 1",
    kind="definition",
    statement="Each symbol of Table 1 has a documented name in the library. A list of names: there "
    "is nothing in it to compute.",
    implements="moirelib.bands.bloch.Bands",
    follows=("kundu-15", "kundu-18", "kundu-33", "kundu-34"),
)
def _table() -> Evidence:
    missing = [dotted for _, _, dotted in TABLE_1 if not is_documented(dotted)]
    return Evidence(
        printed=Discrepancy(
            "symbols without a documented name" + (f" ({', '.join(missing)})" if missing else ""),
            float(len(missing)),
            0,
            "a count",
            "symbols",
        ),
        controls=(
            Discrepancy(
                "made-up names that pass for documented",
                float(
                    is_documented("moirelib.bands.bloch.Bands.colour")
                    + is_documented("moirelib.no.name")
                ),
                0,
                "the test has to fail",
                "names",
            ),
        ),
    )
