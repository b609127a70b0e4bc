"""Claims on conservation at finite temperature: Ying Eqs. A4 and A42, the whole equation."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from numpy.typing import NDArray

from moirelib.ledger.registry import Discrepancy, Evidence, claim
from moirelib.switching.finite_temperature_ladder import DisorderedBand

Array = NDArray[np.float64]

MU = -1.0  # of a square lattice with hopping 1, in meV
TEMPERATURES = (0.10, 0.12, 0.14)


@cache
def square_band(size: int, nodes: int) -> DisorderedBand:
    """Square lattice with hopping 1 meV and strong white noise: a mean free path of two sites."""
    angle = 2 * math.pi * np.arange(size) / size
    return DisorderedBand(-2 * (np.cos(angle)[:, None] + np.cos(angle)), 1.0, nodes=nodes)


def _occupied_energies(size: int, kt: float) -> tuple[Array, Array]:
    """Even grid of energies around μ inside the band, and ν there."""
    band = square_band(size, 400)
    energy = np.arange(max(MU - 36 * kt, band.ends[0]), min(MU + 36 * kt, band.ends[1]), kt / 8)
    nu = band.density_of_states(energy)
    return energy[nu > 1e-6], nu[nu > 1e-6]


@cache
def thermal_density_of_states(size: int, kt: float) -> float:
    """ν(T) of the broadened band."""
    energy, nu = _occupied_energies(size, kt)
    return square_band(size, 400).thermal_average(nu, energy, MU, kt)


def averaged_pole(size: int, kt: float, q: float, omega: float) -> complex:
    """∫(−f′) νDq²/(Dq² − iω) dε with D(ε) from Kubo and Greenwood."""
    energy, nu = _occupied_energies(size, kt)
    band = square_band(size, 400)
    pole = band.diffusion(energy) * q**2
    share = nu * pole / (pole - 1j * omega)
    return band.thermal_average(share.real, energy, MU, kt) + 1j * band.thermal_average(
        share.imag, energy, MU, kt
    )


def _cold_derivatives(size: int) -> tuple[float, float]:
    """ν(μ) and ν″(μ) by differences of the density of states."""
    step = 0.05
    nu = square_band(size, 400).density_of_states(MU + step * np.arange(-2, 3))
    return float(nu[2]), float(-nu[0] + 16 * nu[1] - 30 * nu[2] + 16 * nu[3] - nu[4]) / (
        12 * step**2
    )


def _conserved() -> tuple[float, float, float, float]:
    """Π(0, ω) of the ladder, of the bubble, of the printed form, and Π(0, 0) against ν(T)."""
    band = square_band(16, 800)
    nu, curvature = _cold_derivatives(16)
    ladder, bubble, printed, static = [], [], [], []
    for kt in TEMPERATURES:
        total = thermal_density_of_states(16, kt)
        ladder.append(abs(band.polarisation((0, 0), 0.3, MU, kt)) / total)
        printed.append(abs(math.pi**2 / 3 * curvature * kt**2) / total)
        static.append(abs(band.polarisation((0, 0), 0.0, MU, kt) / total - 1))
    bubble.append(abs(band.polarisation((0, 0), 0.3, MU, TEMPERATURES[0], corrections=False)))
    return max(ladder), min(bubble) / nu, max(printed), max(static)


def _between_valleys() -> tuple[float, float]:
    """Largest miss of Π(0, ω) of the difference against ∫(−f′)νΓ/(Γ − iω)dε, Γ = 4πνu₁, over ν(T).

    And of ν against that of a band with the same disorder within a valley alone. The ladder of G^R
    and G^A is exact here for any disorder: 1/χ − u + u₁ = 2u₁ + ω/(2πiν).
    """
    kt, inter = 0.12, 0.02
    band = DisorderedBand(square_band(16, 400).band, 1.0 - inter, inter, nodes=400)
    energy, nu = _occupied_energies(16, kt)
    misses = []
    for omega in (0.05, 0.2):
        rate = 4 * math.pi * nu * inter
        share = nu * rate / (rate - 1j * omega)
        mean = band.thermal_average(share.real, energy, MU, kt) + 1j * band.thermal_average(
            share.imag, energy, MU, kt
        )
        misses.append(abs(band.polarisation((0, 0), omega, MU, kt) - mean))
    apart = np.abs(band.density_of_states(energy) - nu).max() / nu.max()
    return max(misses) / thermal_density_of_states(16, kt), float(apart)


def _diffusive(kt: float) -> tuple[float, float, float]:
    """What A42 as printed, ν(T) with D(μ), and the thermal mean miss of the ladder, over ν(T).

    q → 0 at fixed ω/q²: Richardson's extrapolation over three meshes, errors of order q² and q⁴.
    """
    ratios, forms = [], []
    for size in (16, 32, 64):
        band, q = square_band(size, 240), 2 * math.pi / size
        total = thermal_density_of_states(size, kt)
        omega = 3.0 * q**2
        local = float(band.diffusion(np.array([MU]))[0])
        nu, curvature = _cold_derivatives(size)
        thermal = math.pi**2 / 3 * curvature * kt**2
        ratios.append(band.polarisation((1, 0), omega, MU, kt) / total)
        forms.append(
            np.array(
                [
                    (nu + thermal + nu * 1j * omega / (local * q**2 - 1j * omega)) / total,
                    local * q**2 / (local * q**2 - 1j * omega),
                    averaged_pole(size, kt, q, omega) / total,
                ]
            )
        )
    once = (4 * ratios[1] - ratios[0]) / 3, (4 * ratios[2] - ratios[1]) / 3
    miss = np.abs(forms[-1] - (16 * once[1] - once[0]) / 15)
    return float(miss[0]), float(miss[1]), float(miss[2])


@claim(
    "ying-A42-conservation",
    "Eqs. A4 and A42",
    kind="approximation",
    aspect="conservation at finite temperature",
    statement=r"$\Pi(q,\omega)=\nu+\frac{\pi^2}3\nu''T^2+\nu\frac{i\omega}{Dq^2-i\omega}$, the "
    "whole equation at finite temperature.",
    finding=r"The dynamic term needs $\nu(T)$ too: $\Pi=\nu(T)\,Dq^2/(Dq^2-i\omega)$. A "
    "conserved density does not respond to a uniform field, but at $q=0$ the printed "
    r"form leaves $\frac{\pi^2}3\nu''T^2$ (or $\frac{\pi^2}6\nu''T^2$ with the "
    "coefficient of Sommerfeld).",
    consequence="number",
    erratum="ying-A42",
    follows=("ying-A42", "ying-A42-ladder"),
)
def _() -> Evidence:
    ladder, bubble, printed, static = _conserved()
    across, apart = _between_valleys()
    return Evidence(
        Discrepancy(
            "Π(0, ω) of the printed form over ν(T), three temperatures",
            printed,
            1e-12,
            "conservation",
        ),
        Discrepancy(
            "Π(0, ω) of the ladder of Green's functions over ν(T), which the corrected form has as "
            "zero, k_BT = 0.10, 0.12, 0.14 meV",
            ladder,
            1e-12,
            "quadrature in the complex plane, exponential in its nodes",
        ),
        controls=(
            Discrepancy(
                "Π(0, ω) of the difference with scattering between the valleys against "
                "ν4πνu₁/(4πνu₁ − iω), over ν(T)",
                across,
                0.05,
                "corrections of order ω over the width of the band, and of u₁",
            ),
            Discrepancy(
                "its ν against that of the same disorder within a valley alone",
                apart,
                1e-11,
                "Σ = (u + u₁)g knows the sum; round-off",
            ),
            Discrepancy(
                "static limit of the ladder over ν(T) from the density of states, from 1",
                static,
                1e-10,
                "two quadratures; round-off is left",
            ),
            Discrepancy(
                "Π(0, ω) of the bubble alone over ν",
                bubble,
                0.1,
                "the ladder is needed",
                at_least=True,
            ),
        ),
    )


@claim(
    "ying-A42-diffusion",
    "Eq. A42",
    kind="approximation",
    aspect="one diffusion constant for all energies",
    statement=r"For $q\ll1/l$ and $\omega\ll1/\tau$ the ladder at finite temperature is "
    r"$\nu(T)Dq^2/(Dq^2-i\omega)$ with one $D$.",
    finding=r"With $D$ at the chemical potential it misses at order $T^2$, the order of the term "
    r"$\nu''T^2$ itself, because $D$ depends on energy too. The thermal mean "
    r"$\int(-f')\,\nu Dq^2/(Dq^2-i\omega)\,d\epsilon$ closes; for constant $D$ it is the same.",
    consequence="number",
    erratum="ying-A42",
    follows=("ying-A42-ladder",),
)
def _() -> Evidence:
    printed, local, mean = _diffusive(0.2)
    colder = _diffusive(0.1)[1]
    return Evidence(
        Discrepancy("ν(T) and D(μ) against the ladder, q → 0, over ν(T)", local, 1e-3, "order T²"),
        Discrepancy("the thermal mean", mean, 1e-3, "order q⁶ of the extrapolation"),
        controls=(
            Discrepancy(
                "what A42 as printed misses over what the thermal mean misses",
                printed / mean,
                10.0,
                "the extrapolation resolves the difference",
                at_least=True,
            ),
            Discrepancy(
                "order in T of what D(μ) misses, from 2",
                abs(math.log2(local / colder) - 2),
                0.5,
                "from 0.1 and 0.2 meV; the next order counts at the larger one",
            ),
        ),
    )
