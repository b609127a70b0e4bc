"""Claims of the chapter "tbg-scattering": Ying Eqs. 20, 21 in amperes, beside what is measured."""

from __future__ import annotations

import math

import numpy as np
from scipy import constants as si

from moirelib import solve_bands
from moirelib.chapters.keldysh.data.band import CHEMICAL_POTENTIAL, thermal_sums
from moirelib.chapters.tbg_scattering.data import (
    DELTA,
    QUOTED,
    SPEEDS,
    TWIST,
    zeeman_density,
)
from moirelib.ledger.registry import Discrepancy, Evidence, claim
from moirelib.models import ContinuumTBG
from moirelib.models.twisted_bilayer import StrainedTBG
from moirelib.switching.estimate import (
    current_per_width,
)
from moirelib.units import MEV, velocity_si


@claim(
    "ying-text-estimate",
    "text below Eq. 20",
    kind="number",
    aspect="the density at the quoted current",
    statement=r"A current of $10^{-3}$ A/m gives $\Delta n_0\sim10^{11}\,\mathrm m^{-2}$, with "
    r"$\epsilon/\theta_w$ for a strain of 0.3 %.",
    follows=("ying-20",),
)
def _() -> Evidence:
    """Twice: j/(ev_F), and current over conductance with the density of states of a cone."""
    densities = [QUOTED * DELTA / (si.e * v) for v in SPEEDS]
    middle = math.sqrt(densities[0] * densities[1])
    # Ying Eq. 20 as printed: (ε/θ_w)(1/hv_F)(h/e²)ej, in SI units.
    as_printed = DELTA / (si.h * SPEEDS[0]) * (si.h / si.e**2) * si.e * QUOTED
    # Strain along a Dirac point moves it by ε|K|: ε/θ_w of the moiré wavevector.
    flat, bent = (StrainedTBG(1.03, strain=e, strain_degrees=0.0) for e in (0.0, 0.003))
    shift = np.linalg.norm(bent.q_vectors - flat.q_vectors, axis=-1).max() / flat.moire_wavevector
    return Evidence(
        Discrepancy(
            "decades between Δn₀ of Eq. 20, middle of v_F = 10⁴ to 10⁵ m/s, and 10¹¹ m⁻²",
            abs(math.log10(middle / 1e11)),
            1.0,
            "an order of magnitude is quoted, and δ_ε is known to that",
        ),
        controls=(
            Discrepancy(
                "current_per_width of the density against Eq. 20 as printed, relative",
                abs(float(current_per_width(as_printed * 1e-18, SPEEDS[0], DELTA)) / QUOTED - 1),
                1e-12,
                "units; round-off",
            ),
            Discrepancy(
                "ε/θ_w against the largest shift of a Dirac point over q, 0.3 % at 1.03°, from 1",
                abs(float(shift) / DELTA - 1),
                1e-12,
                "linear in the strain; round-off",
            ),
            Discrepancy(
                "decades if ε/θ_w is left out",
                abs(math.log10(middle / DELTA / 1e11)),
                0.5,
                "the quoted number has δ_ε ~ 1",
            ),
        ),
    )


@claim(
    "ying-text-field",
    "text below Eq. 20",
    kind="number",
    aspect="the magnetic field of the same effect",
    statement=r"This is comparable with $\nu\mu_BB$ at $B\sim10$ mT.",
    finding=r"$\nu\mu_BB$ at 10 mT is $4\cdot10^{11}$ m⁻² for one electron per moiré cell over "
    r"10 meV and $10^{12}$ m⁻² at the peak of the two-valley band, which is 4 meV wide; 1 mT is "
    r"nearer to the quoted $10^{11}$ m⁻² there.",
    consequence="number",
    figures="No figure of the paper depends on it. {numref}`fig-magic-strain` marks the quoted "
    "$10^{11}$ m⁻² by a line. In the two-valley band 10 mT makes a density above it, in decades "
    "by {measured}`ying-text-field: decades between νμ_BB`.",
    follows=("ying-text-estimate",),
)
def _() -> Evidence:
    """From the band of the two-valley model, and from one electron per cell over 10 meV."""
    density = zeeman_density(10e-3) * 1e18
    area = math.sqrt(3) / 2 * (0.246e-9 / TWIST) ** 2
    shift = si.value("Bohr magneton") * 10e-3 / MEV
    rough = si.value("Bohr magneton") * 10e-3 / (area * 10 * MEV)
    return Evidence(
        Discrepancy(
            "decades between νμ_BB of the two-valley band and 10¹¹ m⁻²",
            abs(math.log10(density / 1e11)),
            0.5,
            "the order of magnitude is quoted",
        ),
        Discrepancy(
            "the same at 1 mT",
            abs(math.log10(density / 10 / 1e11)),
            0.5,
            "the width of the band is known within a factor of a few",
        ),
        controls=(
            Discrepancy(
                "νμ_BB of the band against the sum over its levels on a mesh",
                abs(density * 1e-18 / (thermal_sums(CHEMICAL_POTENTIAL, 0.5)[1] * shift) - 1),
                5e-6,
                "a mesh of 120 × 120 against a spline through broadened levels",
                slack="noise",
            ),
            Discrepancy(
                "decades to one electron per moiré cell over 10 meV",
                abs(math.log10(density / rough)),
                0.7,
                "a band of 4 meV",
            ),
        ),
    )


@claim(
    "ying-text-velocity",
    "Secs. I and II",
    kind="number",
    aspect="the Fermi velocity",
    statement=r"The slow electrons of the flat band increase $\Delta n_0$ by $10^2$ to $10^3$ "
    r"(Sec. II); $v_F$ falls from $10^6$ to $10^4$–$10^5$ m/s (Sec. I).",
    finding=r"$10^6/10^5$ to $10^6/10^4$ is 10 to $10^2$. Only with $1/\theta_w$ = 56 the product "
    r"reaches $6\cdot10^2$ to $6\cdot10^3$, the $10^3$ of the introduction. The two statements "
    "on the velocity differ by a factor of ten.",
    consequence="number",
    figures="No figure depends on it: Fig. 7 is in units without a velocity. The two statements "
    "lie a decade apart, {measured}`ying-text-velocity: decades between the velocity ratio`.",
    follows=("ying-20",),
)
def _() -> Evidence:
    gain = [1e6 / v for v in reversed(SPEEDS)]
    flat = ContinuumTBG(twist_degrees=1.03)
    velocities = solve_bands(flat, flat.lattice.mesh(6, "none").points, 2).velocities
    speed = velocity_si(float(np.sqrt((velocities**2).sum(-1).mean())))
    return Evidence(
        Discrepancy(
            "decades between the velocity ratio of Sec. I and the 10²–10³ of Sec. II",
            abs(math.log10(math.sqrt(gain[0] * gain[1])) - 2.5),
            0.3,
            "both are ranges of one decade",
        ),
        Discrepancy(
            "decades between that ratio and 10–10²",
            abs(math.log10(math.sqrt(gain[0] * gain[1])) - 1.5),
            0.3,
            "both are ranges of one decade",
            slack="scale",
        ),
        controls=(
            Discrepancy(
                "decades between the mean speed in the two flat bands of the full model at 1.03° "
                "and the middle of 10⁴ to 10⁵ m/s",
                abs(math.log10(speed / math.sqrt(SPEEDS[0] * SPEEDS[1]))),
                0.5,
                "within that range",
            ),
        ),
    )
