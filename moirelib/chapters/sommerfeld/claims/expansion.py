"""Claims of the chapter "sommerfeld": Kundu et al., App. E."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from scipy.integrate import quad

from moirelib._types import Complex
from moirelib.bands.bloch import solve_bands
from moirelib.bands.brillouin import (
    fermi,
    minus_fermi_derivative,
    smearing_nodes,
    spectral_function,
)
from moirelib.chapters.sommerfeld.claims.fermi_line import (
    POINTS,
    SMOOTH,
    at_zero,
    coefficients,
    layer,
    miss,
)
from moirelib.drag.conductivity import drag_conductivity
from moirelib.drag.sommerfeld import (
    fermi_line_susceptibility,
    sommerfeld_conductivity,
)
from moirelib.ledger.measure import largest, residual
from moirelib.ledger.registry import Discrepancy, Evidence, claim
from moirelib.models.graphene_hbn import GrapheneHBN


@claim(
    "kundu-43",
    "Eq. 43",
    kind="definition",
    implements="moirelib.bands.brillouin.spectral_function",
    statement=r"$\mathcal F(\varepsilon)=\frac1{\mathcal V}\sum\xi v_\alpha\lambda\,"
    r"\delta(\varepsilon-\varepsilon_{n\mathbf k\xi})$.",
    follows=("kundu-9", "kundu-18", "kundu-formfactor"),
)
def _() -> Evidence:
    size, steps = 60, 40
    model = GrapheneHBN(cutoff=1)
    zone = model.lattice.mesh(size, "none")
    bands = solve_bands(model, zone.points, 2)
    products = bands.velocities[..., 0] * bands.form_factors([0, 1]).imag
    edges = np.linspace(50.0, 130.0, 5)
    histogram = np.histogram(bands.energies, edges, weights=zone.weights[:, None] * products)[0]
    width = edges[1] - edges[0]
    # The middles of the steps within each bin, by number: no step is lost or won at an end.
    centres = edges[:-1, None] + width * (np.arange(steps) + 0.5) / steps
    triangles = spectral_function(zone, bands.energies, centres.ravel(), products)
    summed = width / steps * triangles.reshape(len(histogram), steps).sum(axis=1)
    along = spectral_function(zone, bands.energies, edges, np.moveaxis(bands.velocities, -1, 0))
    speed = np.linalg.norm(bands.velocities, axis=-1)
    return Evidence(
        Discrepancy(
            "counts of a histogram of the mesh against triangles, bins of 20 meV",
            float(np.linalg.norm(histogram - summed) / np.linalg.norm(summed)),
            0.03,
            "3600 wavevectors: points enter a bin one star at a time",
        ),
        controls=(
            Discrepancy(
                "Σ v δ(ε − ε_nk) of one valley, over Σ|v|δ",
                largest(along, spectral_function(zone, bands.energies, edges, speed)),
                1e-12,
                "C₃ maps the triangles onto one another; round-off",
            ),
        ),
    )


@claim(
    "kundu-44",
    "Eq. 44",
    kind="identity",
    statement=r"$\mathcal C(T)=-2\int d\varepsilon\,\mathcal F(\varepsilon)f'(\varepsilon-\mu)$.",
    follows=("kundu-37", "kundu-43"),
)
def _() -> Evidence:
    mu, kT, spacing = 60.0, 1.5, 0.05
    energies = np.arange(mu - 35 * kT, mu + 35 * kT, spacing)
    twice_spectral = layer().susceptibility(energies, 0.0)
    weight = spacing * minus_fermi_derivative(energies, mu, kT)
    convolved: Complex = np.asarray(np.tensordot(weight, twice_spectral, axes=1))
    nodes, weights = smearing_nodes(np.array([mu]), kT)
    window = ((nodes - mu) / kT) ** np.array([[0], [2], [4]])
    share, moments = weights[:, 0], np.array([1, math.pi**2 / 3, 7 * math.pi**4 / 15])
    return Evidence(
        Discrepancy(
            "convolution of 2ℱ by triangles against the sum over the mesh, at 1.5 meV",
            miss(convolved[None], layer().susceptibility([mu], kT)),
            2e-4,
            "linear triangles on a mesh of 180",
        ),
        controls=(
            Discrepancy(
                "zeroth, second and fourth moment of −f′ by the nodes of the library against 1, "
                "π²/3 and 7π⁴/15",
                float(np.abs(window @ share / moments - 1).max()),
                1e-7,
                "beyond 30 k_BT lies 30⁴e^{−30}; the trapezoidal rule converges exponentially",
            ),
        ),
    )


@claim(
    "kundu-45",
    "Eq. 45",
    kind="identity",
    statement=r"$\mathcal C(T=0)=2\mathcal F(\mu)$.",
    follows=("kundu-41", "kundu-44"),
)
def _() -> Evidence:
    # The integral of 2ℱ over a window, by Gauss–Legendre on contours and by counting: ∫2ℱ dε
    # is the thermal-free sum of v λ over the states in the window.
    nodes, weights = np.polynomial.legendre.leggauss(5)
    low, high = 55.0, 65.0
    energies = (low + high) / 2 + (high - low) / 2 * nodes
    contours = fermi_line_susceptibility(layer(), energies, points=POINTS)
    by_contours: Complex = np.asarray(np.tensordot(weights * (high - low) / 2, contours, axes=1))
    fine = np.linspace(low, high, 801)
    triangles = layer().susceptibility(fine, 0.0)
    by_triangles: Complex = np.asarray(np.trapezoid(triangles, fine, axis=0))
    return Evidence(
        Discrepancy(
            "∫𝒞(0) dμ over 10 meV by contours against ∫2ℱ dε by triangles",
            miss(by_contours[None], by_triangles[None]),
            2e-4,
            "linear triangles on a mesh of 180",
        ),
        controls=(
            Discrepancy(
                "𝒞 at k_BT = 0.02 meV, which no sum over points resolves, against T = 0",
                miss(layer().susceptibility(SMOOTH, 0.02), layer().susceptibility(SMOOTH, 0.0)),
                1e-3,
                "the T² term, and lines of constant energy 0.02 meV apart within one triangle",
            ),
        ),
    )


def _cosine(frequency: float, kT: float) -> float:
    """∫cos(ωε)(−f′(ε))dε = πωk_BT/sinh(πωk_BT)."""
    x = math.pi * frequency * kT
    return x / math.sinh(x)


@claim(
    "kundu-46",
    "Eq. 46",
    kind="approximation",
    statement=r"$\int g f'd\varepsilon=-g(\mu)-\frac{\pi^2}{6}(k_BT)^2g''(\mu)+O(T^4)$.",
)
def _() -> Evidence:
    frequency, low, high = 0.7, 0.05, 0.1
    remainder = {
        kT: _cosine(frequency, kT) - (1 - math.pi**2 / 6 * (frequency * kT) ** 2)
        for kT in (low, high)
    }
    exponent = math.log(remainder[high] / remainder[low]) / math.log(high / low)
    next_term = 7 * math.pi**4 / 360 * (frequency * low) ** 4
    kT, mu = 0.3, 0.4

    def smeared(g: float, power: int) -> float:
        value, _ = quad(
            lambda e: e**power * math.exp(-g * e * e) * minus_fermi_derivative(e, mu, kT), -12, 12
        )
        return value

    levels = np.array([mu - 1.0, mu, mu + 1.0])
    halves = [fermi(levels, mu, t) + fermi(levels[::-1], mu, t) for t in (0.0, kT)]
    quadratic = smeared(0.0, 2) - (mu**2 + math.pi**2 / 3 * kT**2)
    width = 0.02
    curvature = (4 * width**2 * mu**2 - 2 * width) * math.exp(-width * mu**2)
    fourth = (12 * width**2) * 7 * math.pi**4 / 360 * kT**4
    gaussian = smeared(width, 0) - (math.exp(-width * mu**2) + math.pi**2 / 6 * kT**2 * curvature)
    return Evidence(
        Discrepancy(
            "order of the remainder for g = cos(0.7 ε), whose integral is closed, minus 4",
            abs(exponent - 4),
            0.05,
            "the T⁶ term at k_BT = 0.1",
        ),
        controls=(
            Discrepancy(
                "that remainder against 7π⁴/360 (k_BT)⁴ g⁗",
                abs(remainder[low] / next_term - 1),
                0.02,
                "the T⁶ term",
            ),
            Discrepancy(
                "f(μ + ε) + f(μ − ε) against 1, at T = 0 too, and at μ itself",
                residual(halves, 1),
                1e-14,
                "electrons and holes; round-off",
            ),
            Discrepancy(
                "g = ε², where it is exact", abs(quadratic), 1e-11, "quadrature to round-off"
            ),
            Discrepancy(
                "remainder of a wide Gaussian against the T⁴ term",
                abs(gaussian / fourth - 1),
                0.1,
                "g⁗ at μ = 0.4 instead of 0, and the T⁶ term",
            ),
        ),
    )


def _measured_coefficient(values: Complex, kTs: tuple[float, float, float]) -> Complex:
    """Coefficient of T² from three temperatures, eliminating the constant and T⁴."""
    powers = np.array([[1, kT**2, kT**4] for kT in kTs])
    return np.asarray(np.tensordot(np.linalg.inv(powers)[1], values, axes=1))


COLD = (0.9, 1.2, 1.6)


@cache
def measured() -> Complex:
    """Curvature of the thermal sums at SMOOTH."""
    return _measured_coefficient(layer().susceptibility(SMOOTH, COLD), COLD)


@claim(
    "kundu-47",
    "Eq. 47",
    kind="approximation",
    statement=r"$\mathcal C=2\mathcal F(\mu)+\frac{\pi^2}{3}(k_BT)^2\mathcal F''(\mu)+O(T^4)$.",
    follows=("kundu-44", "kundu-46"),
)
def _() -> Evidence:
    # ℱ″ by Chebyshev interpolation of contours: another derivative than the library's.
    half, mu = 4.0, SMOOTH[1]
    nodes = np.cos(np.pi * (np.arange(9) + 0.5) / 9)
    twice_spectral = fermi_line_susceptibility(layer(), mu + half * nodes, points=POINTS)
    series = np.polynomial.chebyshev.chebfit(nodes, twice_spectral.reshape(9, -1), 8)
    second = np.polynomial.chebyshev.chebval(0.0, np.polynomial.chebyshev.chebder(series, 2))
    factor = math.pi**2 / 6 / half**2
    predicted: Complex = np.asarray(factor * second, complex).reshape(twice_spectral.shape[1:])
    return Evidence(
        Discrepancy(
            "(π²/3)ℱ″ from contours against the curvature in T of the sum over the mesh",
            miss(predicted[None], measured()[1:2]),
            0.02,
            "three temperatures up to 1.6 meV; nothing is fitted",
        ),
        controls=(
            Discrepancy(
                "Chebyshev derivative against five-point differences",
                miss(predicted[None], coefficients()[1:2]),
                2e-5,
                "steps of 1 meV",
            ),
        ),
    )


@cache
def _expansion_evidence() -> Evidence:
    low, high = COLD[1:]
    zero, coefficient = at_zero()[0], coefficients()[0]
    remainder = [
        float(np.linalg.norm(layer().susceptibility(SMOOTH[0], t)[0] - zero - coefficient * t**2))
        for t in (low, high)
    ]
    order = math.log(remainder[1] / remainder[0]) / math.log(high / low)
    return Evidence(
        Discrepancy(
            "(π²/6)∂²𝒞(0)/∂μ² against the curvature in T of the sum over the mesh",
            miss(coefficients(), measured()),
            0.02,
            "three temperatures up to 1.6 meV; nothing is fitted",
        ),
        controls=(
            Discrepancy(
                f"order of the remainder at μ = {SMOOTH[0]:g} meV, minus 4",
                abs(order - 4),
                0.3,
                "the T⁶ term between 1.2 and 1.6 meV",
            ),
        ),
    )


for _id, _number, _follows in (
    ("kundu-sommerfeld", "text, after Eq. 3", ("kundu-48",)),
    ("kundu-48", "Eq. 48", ("kundu-45", "kundu-47")),
):
    claim(
        _id,
        _number,
        kind="approximation",
        statement=r"$\mathcal C(T)=\mathcal C(0)+\frac{\pi^2}{6}(k_BT)^2\,"
        r"\partial^2\mathcal C(0)/\partial\mu^2+O(T^4)$.",
        follows=_follows,
    )(_expansion_evidence)


@claim(
    "kundu-49",
    "Eq. 49",
    kind="approximation",
    statement=r"$\sigma(T)=\sigma(0)+AT^2+O(T^4)$, $A$ from $\mathcal C(0)$ and "
    r"$\partial^2\mathcal C(0)/\partial\mu^2$ of both layers.",
    follows=("kundu-1", "kundu-48"),
)
def _() -> Evidence:
    one, (mu1, mu2) = layer(), (0.0, 100.0)
    (zero,), (predicted,) = (
        x[0] for x in sommerfeld_conductivity(one, one, mu1, mu2, points=POINTS)
    )
    values = drag_conductivity(one, one, mu1, mu2, COLD)[:, 0, 0]
    curvature = np.tensordot(
        np.linalg.inv(np.array([[1, t**2, t**4] for t in COLD]))[1], values, axes=1
    )
    return Evidence(
        Discrepancy(
            "A against the curvature of σ(T), μ₁ = 0 and μ₂ = 100 meV",
            float(abs(predicted[0, 0] / curvature[0, 0] - 1)),
            0.02,
            "three temperatures up to 1.6 meV; nothing is fitted",
        ),
        controls=(
            Discrepancy(
                "σ(0) from contours against triangles",
                float(abs(zero[0, 0] / drag_conductivity(one, one, mu1, mu2, 0.0)[0, 0, 0, 0] - 1)),
                2e-3,
                "linear triangles, twice",
            ),
        ),
    )
