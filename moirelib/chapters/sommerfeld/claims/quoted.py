"""Claims of the chapter "sommerfeld": Fig. 1(c), and what the text says of low temperatures."""

from __future__ import annotations

import math

import numpy as np

from moirelib._types import Floats
from moirelib.chapters.perturbation_theory.data.time_domain import transients
from moirelib.chapters.sommerfeld.claims.fermi_line import (
    POINTS,
    SMOOTH,
    at_zero,
    coefficients,
    layer,
)
from moirelib.chapters.sommerfeld.data import GAP, at_van_hove, temperature_dependence
from moirelib.drag.conductivity import drag_conductivity
from moirelib.drag.interlayer import Interlayer
from moirelib.drag.sommerfeld import (
    LifshitzError,
    fermi_line_susceptibility,
    sommerfeld_coefficient,
)
from moirelib.ledger.registry import Discrepancy, Evidence, claim


@claim(
    "kundu-text-vanhove-derivative",
    "text, p. 3",
    kind="number",
    aspect="the expansion at a van Hove energy",
    statement="At a van Hove energy the derivative in the expansion does not exist.",
    follows=("kundu-48",),
)
def _() -> Evidence:
    near = at_van_hove()
    growth = near.slope[0] - near.slope[1]
    blocked = 0.0
    try:
        sommerfeld_coefficient(layer(), near.energy, points=POINTS)
    except LifshitzError:
        blocked = 1.0
    return Evidence(
        Discrepancy(
            "growth of ∂𝒞/∂μ when the distance to the saddle is halved, against "
            "4 ∂_kλ ln 2/(2π²√|det ∂²ε/∂k²|) summed over the saddles",
            abs(float(growth / (near.logarithm * math.log(2))) - 1),
            0.05,
            "corrections of the order of the distance, 0.2 to 0.4 meV, times its logarithm",
        ),
        controls=(
            Discrepancy(
                "the part of that growth across the phase of ∂_kλ at the saddle, over the same",
                abs(float(near.across[0] - near.across[1])) / (near.logarithm * math.log(2)),
                0.05,
                "corrections of the same order",
            ),
            Discrepancy(
                "the coefficient of the logarithm over 𝒞",
                near.logarithm / float(np.hypot(near.in_phase, near.in_quadrature).max()),
                1e-3,
                "it must not vanish",
                "1/meV",
                at_least=True,
            ),
            Discrepancy(
                "refusals of the library to expand there",
                blocked,
                1.0,
                "one was asked for",
                "",
                True,
            ),
        ),
    )


def _from_contours(kT: float) -> Floats:
    """σ^{xx} (3,) in e²/h at equal fillings SMOOTH: no sum over a mesh and no library of drags."""
    zero, curved = at_zero()[..., 0], kT**2 * coefficients()[..., 0]
    coupling = Interlayer()(np.linalg.norm(layer().lattice.vectors(layer().pairs), axis=1))
    squared = np.abs(zero) ** 2 + 2 * (zero.conj() * curved).real
    return np.asarray(-2 * math.pi * squared @ coupling, dtype=np.float64)


@claim(
    "kundu-text-finite-T0",
    "abstract and text, p. 2",
    kind="number",
    statement=r"First-order valley drag stays finite as $T\to0$ away from van Hove energies.",
    headline="What stays finite as $T\\to0$ is the Drude weight, seen in a pulse and at "
    "$\\Omega\\tau\\sim1$, and not the steady drag.",
    finding="What stays finite is 𝒞, and with it the Drude weight, the pulse after a step of the "
    "field and the response at Ωτ ~ 1. The drag at rest between layers that relax, each by its own "
    "collisions, is zero at every temperature, if these can take up the valley momentum.",
    consequence="conclusion",
    erratum="kundu-1",
    aspect="the limit T → 0",
    follows=("kundu-1", "kundu-3"),
)
def _() -> Evidence:
    one = layer()
    zero = np.array([drag_conductivity(one, one, mu, mu, 0.0)[0, 0, 0, 0] for mu in SMOOTH])
    cold = np.array([drag_conductivity(one, one, mu, mu, 0.8)[0, 0, 0, 0] for mu in SMOOTH])
    gap = drag_conductivity(one, one, GAP, GAP, 0.6)[0, 0, 0, 0]
    at_rest = float(transients().simulated[-1, 3])
    return Evidence(
        Discrepancy(
            "steady current of two chains that relax, over that of Eq. 1: distance from 1",
            abs(at_rest - 1),
            0.01,
            "mean field, integrated in time",
        ),
        Discrepancy(
            "Drude weight: σ(0.8 meV) of Eq. 1 against σ(0), relative",
            float(np.abs(cold / zero - 1).max()),
            0.01,
            "the T² term at 0.8 meV is below one per cent",
        ),
        controls=(
            Discrepancy(
                "σ(0.8 meV) against contours at T = 0 and their T² term",
                float(np.abs(cold / _from_contours(0.8) - 1).max()),
                2e-4,
                "the T⁴ term and contours of 32 points",
            ),
            Discrepancy(
                "the smallest |σ(0)|", float(np.abs(zero).min()), 0.01, "finite", "e²/h", True
            ),
            Discrepancy(
                "|σ| in a gap, where no Fermi line exists",
                float(abs(gap)),
                1e-10,
                "thermal activation",
                "e²/h",
            ),
        ),
    )


@claim(
    "kundu-fig1c",
    "Fig. 1(c)",
    kind="figure",
    implements="moirelib.chapters.sommerfeld.data.temperature_dependence",
    statement="σ against temperature saturates; away from van Hove energies it starts as $T^2$.",
    follows=("kundu-49",),
)
def _() -> Evidence:
    data = temperature_dependence(
        layer(), pairs=((0.0, 0.0), (100.0, 100.0)), kT=np.array([0.0, 0.8, 1.1, 1.6])
    )
    change = data.conductivity[:, 1:] - data.zero[:, None]
    measured = change[:, 0] / 0.8**2
    exponent = np.log(change[:, 2] / change[:, 0]) / np.log(2.0)
    return Evidence(
        Discrepancy(
            "exponent of σ(T) − σ(0) between 0.8 and 1.6 meV, minus 2",
            float(np.abs(exponent - 2).max()),
            0.05,
            "the T⁴ term",
        ),
        controls=(
            Discrepancy(
                "A of each curve against [σ(0.8 meV) − σ(0)]/(0.8 meV)²",
                float(np.abs(data.coefficient / measured - 1).max()),
                0.05,
                "the T⁴ term, and triangles against contours",
            ),
            Discrepancy(
                "σ(0) at the van Hove energy against contours 0.3 meV on either side of the peak "
                "of the density of states",
                float(abs(data.van_hove[0] / _beside_the_peak() - 1)),
                0.01,
                "triangles, and 0.3 meV of curves with a logarithmic slope",
            ),
        ),
    )


def _beside_the_peak() -> float:
    """σ^{xx} at T = 0, mean of both sides of the largest density of states of the valence bands."""
    energies = np.linspace(-160.0, -100.0, 601)
    peak = energies[np.argmax(layer().density_of_states(energies))]
    beside = fermi_line_susceptibility(layer(), [peak - 0.3, peak + 0.3], points=POINTS)[..., 0]
    coupling = Interlayer()(np.linalg.norm(layer().lattice.vectors(layer().pairs), axis=1))
    return float((-2 * math.pi * np.abs(beside) ** 2 @ coupling).mean())
