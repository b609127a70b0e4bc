"""Figures of Ying et al., Sec. III.1: two Fermi pockets and what a current does to them."""

from __future__ import annotations

from dataclasses import dataclass

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from numpy.typing import ArrayLike, NDArray

from moirelib import _validate
from moirelib.boltzmann import exact_density_difference, solve_boltzmann
from moirelib.fermi_pockets import FirstHarmonicRates

Array = NDArray[np.float64]

EXAMPLE = FirstHarmonicRates((0.2, 0.1), (0.2, 0.1))
"""Rates of the figures: clearly anisotropic, invariant under time reversal, nowhere negative."""


@dataclass(frozen=True)
class Pockets:
    """Two contours in units of k_F, and the rate at which a state leaves for the other valley."""

    angle: Array
    contour_plus: Array
    contour_minus: Array
    out_rate_plus: Array
    out_rate_minus: Array


def pockets(rates: FirstHarmonicRates = EXAMPLE, points: int = 240) -> Pockets:
    """Return the pockets of Ying Fig. 4 with their inter-valley out-rates in units of 1/τ'."""
    angle = 2 * np.pi * np.arange(points) / points
    direction = np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    # W[i, j]: from θ_j in valley + to θ_i in valley −.
    w = rates(angle[:, None], angle[None, :])
    centre = np.array([2.0, 0.0])
    return Pockets(angle, direction - centre, centre - direction, w.mean(0), w.mean(1))


def draw_pockets(data: Pockets) -> Figure:
    """Draw the two pockets, coloured by their out-rates, and the two kinds of scattering."""
    figure, axes = plt.subplots(figsize=(6.4, 3.2))
    span = max(np.ptp(data.out_rate_plus), np.ptp(data.out_rate_minus)) / 2
    norm = Normalize(1 - span, 1 + span)
    for contour, rate, label, x in (
        (data.contour_plus, data.out_rate_plus, "valley +", -2.0),
        (data.contour_minus, data.out_rate_minus, "valley −", 2.0),
    ):
        closed = np.concatenate([contour, contour[:1]])
        lines = LineCollection(list(np.stack([closed[:-1], closed[1:]], axis=1)), norm=norm)
        lines.set_array(rate)
        lines.set_linewidth(5)
        axes.add_collection(lines)
        axes.text(x, -1.4, label, ha="center", va="top")
    arrow = {"arrowstyle": "-|>", "lw": 1.4, "shrinkA": 4, "shrinkB": 4}
    bend = "arc3,rad=-0.25"
    axes.annotate(
        "",
        (1.2, 0.6),
        (-1.2, 0.6),
        arrowprops=arrow | {"color": "#D55E00", "connectionstyle": bend},
    )
    axes.text(0, 1.0, r"inter-valley, $1/\tau'$", color="#A34700", ha="center", va="bottom")
    for x in (-2.0, 2.0):
        axes.annotate("", (x + 0.75, -0.55), (x - 0.9, 0.3), arrowprops=arrow)
        axes.text(x - 0.1, -0.45, r"$1/\tau$", ha="right")
    # The angle of valley − runs from the opposite direction: time reversal keeps the angle.
    for x, s in ((-2.0, 1), (2.0, -1)):
        axes.annotate(
            "", (x + 1.75 * s, 0), (x + 1.05 * s, 0), arrowprops=arrow | {"color": "#0072B2"}
        )
        axes.text(x + 1.4 * s, -0.1, r"$\theta=0$", color="#0072B2", ha="center", va="top")
    axes.set(xlim=(-3.6, 3.6), ylim=(-1.75, 1.5), aspect="equal")
    axes.axis("off")
    figure.colorbar(
        ScalarMappable(norm), ax=axes, label=r"out-rate to the other valley ($1/\tau'$)", shrink=0.8
    )
    return figure


@dataclass(frozen=True)
class DensityAgainstRatio:
    """Δn₀ in units of Ying Eq. 15 (magnitude, with σ from τ alone) against τ'/τ."""

    ratio: Array
    fixed_field: Array
    closed_form: Array
    fixed_current: Array
    first_order: Array


def density_against_ratio(
    rates: FirstHarmonicRates = EXAMPLE, ratio: ArrayLike | None = None, points: int = 64
) -> DensityAgainstRatio:
    """Return Ying Fig. 5: Δn₀ against τ'/τ at fixed field and at fixed current.

    Parameters
    ----------
    rates : FirstHarmonicRates
        The coefficients of Ying Eq. 9.
    ratio : array (n,), optional
        τ'/τ; 10⁻² to 10³ by default.
    points : int
        Angles per pocket.
    """
    x = np.geomspace(1e-2, 1e3, 51) if ratio is None else _validate.real_vector("ratio", ratio)
    direction = np.array([1.0, 0.0])
    source = 0.5 * (np.array(rates.a) + np.array(rates.a_prime)) @ direction
    if abs(source) < 1e-12:
        raise ValueError("rates must have a₁ + a₁' ≠ 0, or Eq. 15 vanishes along x")
    by_field, by_current, closed = [], [], []
    for value in x:
        # τ = ν = ħv_F = 1: the value of Eq. 14 is the source times the force, and j = 1 there.
        driven = solve_boltzmann(rates, direction, 1.0, value, points=points)
        by_field.append(driven.valley_density_difference)
        fixed = solve_boltzmann(rates, current=direction, tau=1.0, tau_prime=value, points=points)
        by_current.append(fixed.valley_density_difference)
        closed.append(exact_density_difference(rates, direction, 1.0, value))
    # Force +eE: Δn₀ is opposite to the printed Eq. 15.
    return DensityAgainstRatio(
        x,
        -np.array(by_field) / source,
        -np.array(closed) / source,
        -np.array(by_current) / source,
        x / (1 + x),
    )


def draw_density_against_ratio(data: DensityAgainstRatio) -> Figure:
    """Draw Δn₀ against τ'/τ."""
    figure, axes = plt.subplots(figsize=(5.4, 3.6))
    axes.semilogx(data.ratio, data.closed_form, label="fixed field, closed form")
    axes.semilogx(
        data.ratio[::3], data.fixed_field[::3], "o", ms=4, label="fixed field, solved numerically"
    )
    axes.semilogx(data.ratio, data.fixed_current, "--", label="fixed current, solved numerically")
    axes.semilogx(data.ratio, data.first_order, ":", color="black", label=r"$\rho/(1+\rho)$")
    axes.set(xlabel=r"$\rho=\tau'/\tau$", ylabel=r"$|\Delta n_0|$ / Eq. (15)", ylim=(0, 1.12))
    axes.legend(loc="lower right")
    return figure


@dataclass(frozen=True)
class Distribution:
    """x(θ) on both pockets in units of eE v_F τ, with the force along x."""

    ratio: float
    angle: Array
    x_plus: Array
    x_minus: Array
    mean_plus: float
    mean_minus: float


def distribution(
    ratio: float, rates: FirstHarmonicRates = EXAMPLE, points: int = 120
) -> Distribution:
    """Return the stationary distribution at one τ'/τ."""
    solution = solve_boltzmann(rates, (1.0, 0.0), 1.0, ratio, points=points)
    angle = solution.pockets[0].angles
    plus, minus = np.split(solution.distribution, 2)
    mean = solution.harmonics(0)[:, 0, 0]
    return Distribution(float(ratio), angle, plus, minus, float(mean[0]), float(mean[1]))


def draw_distribution(data: Distribution) -> Figure:
    """Draw the excess −x(θ) of both valleys and its mean."""
    figure, axes = plt.subplots(figsize=(5.4, 3.4))
    degrees = np.degrees(np.append(data.angle, 2 * np.pi))
    for x, mean, colour, label in (
        (data.x_plus, data.mean_plus, "#0072B2", "valley +"),
        (data.x_minus, data.mean_minus, "#D55E00", "valley −"),
    ):
        axes.plot(degrees, -np.append(x, x[0]), color=colour, label=label)
        axes.axhline(-mean, color=colour, ls="--", lw=1.2)
    axes.text(360, -data.mean_plus, "mean ", color="#0072B2", ha="right", va="top")
    axes.set(
        xlabel=r"$\theta$ (degrees)",
        ylabel=r"electron excess $-x/(eEv_F\tau)$",
        xlim=(0, 360),
        ylim=(-1.25, 1.25),
        xticks=range(0, 361, 60),
        title=rf"$\tau'/\tau$ = {data.ratio:.3g}",
    )
    axes.legend(loc="upper center", ncols=2)
    return figure


@dataclass(frozen=True)
class Directions:
    """Δn₀ at fixed current against the direction of the current, in units of j/(e v_F)."""

    angle: Array
    anisotropic: Array
    threefold: Array
    uniform_out_rate: Array


def directions(ratio: float = 10.0, points: int = 60) -> Directions:
    """Return what three kinds of rate make of a current in any direction.

    Anisotropic: first harmonics, as Eq. 9. Threefold: the same averaged over rotations of both
    angles by 120°, with third harmonics on top. Uniform out-rate: cos(θ − θ'), which depends on
    both angles but lets every state leave at the same rate.
    """
    angle = np.linspace(0, 2 * np.pi, 73)
    current = np.stack([np.cos(angle), np.sin(angle)], axis=-1)

    def turned(t: Array, u: Array) -> Array:
        turns = 2 * np.pi / 3 * np.arange(3)
        mean: Array = np.mean([EXAMPLE(t + s, u + s) for s in turns], axis=0)
        return mean + 0.3 * np.cos(3 * t) + 0.2 * np.sin(3 * u) + 0.4 * np.cos(t - u)

    def solved(rates: object) -> Array:
        return solve_boltzmann(
            rates,  # type: ignore[arg-type]
            current=current,
            tau=1.0,
            tau_prime=ratio,
            points=points,
        ).valley_density_difference

    return Directions(
        angle, solved(EXAMPLE), solved(turned), solved(lambda t, u: 1 + 0.8 * np.cos(t - u))
    )


def draw_directions(data: Directions) -> Figure:
    """Draw Δn₀ against the direction of the current."""
    figure, axes = plt.subplots(figsize=(5.4, 3.2))
    degrees = np.degrees(data.angle)
    axes.plot(degrees, data.anisotropic, label="first harmonics, Eq. (9)")
    axes.plot(degrees, data.threefold, "--", label="threefold symmetric")
    axes.plot(degrees[::3], data.uniform_out_rate[::3], "o", ms=4, label="uniform out-rate")
    axes.set(
        xlabel="direction of the current (degrees)",
        ylabel=r"$\Delta n_0\,e v_F/j$",
        xlim=(0, 360),
        xticks=range(0, 361, 60),
    )
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, fontsize="small")
    return figure
