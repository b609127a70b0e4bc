"""Figures of Ying et al., Sec. III.2 and App. B.3: scattering rates and valley density."""

from __future__ import annotations

from dataclasses import dataclass, replace

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Circle
from numpy.typing import ArrayLike, NDArray

from moirelib import _validate
from moirelib.scattering import (
    density_slope,
    intervalley_rates,
    solve_four_pockets,
)
from moirelib.twisted_bilayer import StrainedTBG

Array = NDArray[np.float64]

FERMI_RATIO = 0.05
"""k_F/q of Ying Fig. 7: v_D k_F/m = 0.005 at v_D q/m = 0.1."""

GREEN, RED = "#00785A", "#A34700"
"""Colours of processes within a layer and between the layers."""


@dataclass(frozen=True)
class Processes:
    """Out-rates of 1K by channel less their means, in units of the mean intra-layer rate × t²."""

    angle: Array
    same_layer: Array
    other_layer: Array
    total: Array


def processes(strain_over_twist: float = 0.3, tunnelling_ratio: float = 0.1) -> Processes:
    """Return the channels of Ying Fig. 6 for a state on the pocket 1K.

    The out-rates of a state on 1K into 1K' and into 2K', from the same impurities on all four
    sublattices, minus their means and divided by t². The first is what the paper takes as constant.
    """
    model = StrainedTBG.from_ratios(
        strain_over_twist=strain_over_twist, tunnelling_ratio=tunnelling_ratio
    )
    rates = intervalley_rates(model, FERMI_RATIO * model.moire_wavevector, 72)
    scale = rates.layer1.mean() * tunnelling_ratio**2
    same, other = rates.layer1.mean(0) / scale, rates.interlayer.mean(0) / scale
    total = same + other
    return Processes(rates.angles, same - same.mean(), other - other.mean(), total - total.mean())


def draw_processes(data: Processes) -> Figure:
    """Draw the pockets with their channels, and the out-rate of each."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.6, 3.4), width_ratios=(1.1, 1))
    spots = {"1K": (-1.0, 0.6), "2K": (-1.0, -0.6), "1K'": (1.0, 0.6), "2K'": (1.0, -0.6)}
    for name, spot in spots.items():
        left.add_patch(Circle(spot, 0.28, fill=False, lw=2))
        left.text(*spot, name, ha="center", va="center")
    for start, end, colour in (
        ("1K", "1K'", GREEN),
        ("2K", "2K'", GREEN),
        ("1K", "2K'", RED),
        ("2K", "1K'", RED),
    ):
        line = {"arrowstyle": "<|-|>", "color": colour, "lw": 1.6, "shrinkA": 24, "shrinkB": 24}
        left.annotate("", spots[end], spots[start], arrowprops=line)
    left.text(0, 0.68, r"$1/\tau'$", color=GREEN, ha="center", va="bottom")
    left.text(0.0, -0.14, r"$\sim t^2/\tau'$", color=RED, ha="center", va="top")
    left.set(xlim=(-1.45, 1.45), ylim=(-1.05, 1.15), aspect="equal")
    left.axis("off")
    degrees = np.degrees(np.append(data.angle, 2 * np.pi))
    for rate, colour, style, label in (
        (data.same_layer, GREEN, "-", "1K → 1K'"),
        (data.other_layer, RED, "-", "1K → 2K'"),
        (data.total, "black", "--", "sum"),
    ):
        right.plot(degrees, np.append(rate, rate[0]), color=colour, ls=style, label=label)
    right.set(
        xlabel=r"$\theta_k$ on 1K (degrees)",
        ylabel=r"(out-rate − mean) · $\tau'/t^2$",
        xlim=(0, 360),
        xticks=range(0, 361, 90),
    )
    right.legend(fontsize="small", loc="upper left", bbox_to_anchor=(0.0, 1.2), ncols=3)
    return figure


@dataclass(frozen=True)
class DensityAgainstStrain:
    """Δn₀/n_j (times −1, for the force +eE) against ε/θ_w, one column per current direction."""

    direction_degrees: Array
    strain_over_twist: Array
    numerical: Array
    printed: Array
    closing: Array


def density_against_strain(
    strain_over_twist: ArrayLike | None = None,
    direction_degrees: ArrayLike = (-30.0, 0.0, 30.0, 55.6),
    tunnelling_ratio: float = 0.1,
    points: int = 48,
) -> DensityAgainstStrain:
    """Return Ying Fig. 7 with the parameters of its caption.

    As in the paper, the intra-layer rates are constant and the mean inter-layer rate without strain
    is 3t²/4 of them. n_j = [3t²/4/(1 + 3t²/4)] j/(ev_F).

    Parameters
    ----------
    strain_over_twist : array (n,), optional
        ε/θ_w; 0 to 0.5 by default.
    direction_degrees : array (m,)
        θ_j of the current.
    tunnelling_ratio : float
        t; the caption does not give it.
    points : int
        Angles per pocket.
    """
    strains = (
        np.linspace(0, 0.5, 26)
        if strain_over_twist is None
        else _validate.real_vector("strain_over_twist", strain_over_twist)
    )
    degrees = _validate.real_vector("direction_degrees", direction_degrees)
    direction = np.stack([np.cos(np.radians(degrees)), np.sin(np.radians(degrees))])
    plain = StrainedTBG.from_ratios(tunnelling_ratio=tunnelling_ratio)
    k_f = FERMI_RATIO * plain.moire_wavevector
    reference = float(intervalley_rates(plain, k_f, points).interlayer.mean())
    ratio = 0.75 * tunnelling_ratio**2
    numerical, slopes = [], []
    for value in strains:
        model = replace(plain, strain=value * plain.twist)
        rates = intervalley_rates(model, k_f, points).blocks(
            ratio=ratio, reference=reference, isotropic_intralayer=True
        )
        density = solve_four_pockets(rates).valley_density_difference
        numerical.append(-density * (1 + ratio) / ratio)
        slopes.append(density_slope(model, k_f, 1.0))
    slope = np.array(slopes) @ direction
    return DensityAgainstStrain(
        degrees, strains, np.array(numerical) @ direction, 6 * slope, 1.5 * slope
    )


def draw_density_against_strain(data: DensityAgainstStrain) -> Figure:
    """Draw Δn₀/n_j: numerics, the printed line and the closing line, one panel per direction."""
    count = len(data.direction_degrees)
    figure, panels = plt.subplots(
        1, count, figsize=(2.1 * count + 0.6, 3.2), sharey=True, squeeze=False
    )
    for axes, degrees, number, printed, closing in zip(
        panels[0],
        data.direction_degrees,
        data.numerical.T,
        data.printed.T,
        data.closing.T,
        strict=True,
    ):
        axes.plot(data.strain_over_twist, 1e3 * number, "o", ms=3, label="numerical")
        axes.plot(data.strain_over_twist, 1e3 * closing, label="slope 3/2")
        axes.plot(data.strain_over_twist, 1e3 * printed, "--", label="slope 6, as printed")
        axes.axhline(0, color="0.5", lw=0.8)
        axes.set(title=rf"$\theta_j={degrees:g}$°", xlabel=r"$\epsilon/\theta_w$")
    top = 1e3 * max(data.numerical.max(), data.closing.max())
    bottom = 1e3 * min(data.numerical.min(), data.closing.min(), 0)
    panels[0, 0].set(ylabel=r"$-10^3\,\Delta n_0/n_j$", ylim=(1.4 * bottom - 0.3, 1.6 * top + 0.3))
    figure.legend(*panels[0, 0].get_legend_handles_labels(), loc="outside upper center", ncols=3)
    return figure


@dataclass(frozen=True)
class DisorderModels:
    """|δ_ε| over ε/θ_w against t, for four assumptions about the impurities."""

    tunnelling_ratio: Array
    isotropic_intralayer: Array
    equal_layers: Array
    half_on_layer_2: Array
    layer_1_only: Array


def disorder_models(
    tunnelling_ratio: ArrayLike | None = None, strain_over_twist: float = 0.02
) -> DisorderModels:
    """Return the size of Δn₀ e v_F/j for impurities that differ between the layers.

    "Isotropic intra-layer" is the paper's assumption with the inter-layer rates of equal disorder;
    the others take all rates from the same impurities.
    """
    ts = (
        np.geomspace(0.01, 0.2, 12)
        if tunnelling_ratio is None
        else _validate.real_vector("tunnelling_ratio", tunnelling_ratio)
    )
    columns: list[list[float]] = [[], [], [], []]
    for t in ts:
        model = StrainedTBG.from_ratios(strain_over_twist=strain_over_twist, tunnelling_ratio=t)
        k_f = FERMI_RATIO * model.moire_wavevector
        equal = intervalley_rates(model, k_f, 32)
        half = intervalley_rates(model, k_f, 32, disorder=((1, 1), (0.5, 0.5)))
        single = intervalley_rates(model, k_f, 32, disorder=((1, 1), (0, 0)))
        for column, blocks in zip(
            columns,
            (
                equal.blocks(isotropic_intralayer=True),
                equal.blocks(),
                half.blocks(),
                single.blocks(),
            ),
            strict=True,
        ):
            density = solve_four_pockets(blocks).valley_density_difference
            column.append(float(np.hypot(*density)) / strain_over_twist)
    return DisorderModels(ts, *(np.array(c) for c in columns))


def draw_disorder_models(data: DisorderModels) -> Figure:
    """Draw |δ_ε| against t on logarithmic axes."""
    figure, axes = plt.subplots(figsize=(5.6, 3.8))
    for size, style, label in (
        (data.layer_1_only, "o-", "impurities in layer 1 only"),
        (data.half_on_layer_2, "s-", "half as many in layer 2"),
        (data.isotropic_intralayer, "^-", "constant intra-layer rate (paper)"),
        (data.equal_layers, "v-", "equal in both layers"),
    ):
        axes.loglog(data.tunnelling_ratio, size, style, ms=4, label=label)
    axes.set(xlabel=r"$t$", ylabel=r"$|\Delta n_0|\,ev_F/j$ per $\epsilon/\theta_w$")
    axes.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, fontsize="small")
    return figure


COEFFICIENTS = (
    r"$(\epsilon_{xx}-\epsilon_{yy})\,k_F/q$ in $\cos\theta_k$",
    r"$\epsilon_{xy}\,v_Dk_F/m$ in $\cos\theta_k$",
    r"$\epsilon_{xy}\,k_F/q$ in $\sin\theta_k$",
    r"$(\epsilon_{xx}-\epsilon_{yy})\,v_Dk_F/m$ in $\sin\theta_k$",
)
PRINTED = (3.0, -3.0, -6.0, -1.5)


@dataclass(frozen=True)
class Convergence:
    """The four coefficients of Ying Eq. B14, for k and for k', as all small parameters shrink."""

    step: Array
    initial: Array
    final: Array
    extrapolated_initial: Array
    extrapolated_final: Array
    expected_initial: Array
    expected_final: Array


def convergence(steps: int = 4) -> Convergence:
    """Return the measured coefficients of Ying Eq. B14 and their Richardson limits.

    Step h has ε/θ_w = 0.02h², k_F/q = 0.05h, v_D q/m = 0.2h, t = 0.1h, at a twist so small that
    the relative rotation of the two Dirac Hamiltonians is left out.
    """
    steps = _validate.integer("steps", steps, minimum=2)
    h = np.asarray(0.5 ** np.arange(steps), dtype=np.float64)
    measured = np.array([_coefficients(value) for value in h])
    table = measured
    for order in range(1, steps):
        # The errors are even in h: a factor 4, 16, … per halving.
        table = (4**order * table[1:] - table[:-1]) / (4**order - 1)
    common = np.array([0, 1, 0, 1], dtype=bool)
    expected = np.array(PRINTED)
    return Convergence(
        h,
        measured[:, 0],
        measured[:, 1],
        table[0, 0],
        table[0, 1],
        expected,
        np.where(common, expected, -expected),
    )


def _coefficients(h: float) -> Array:
    """Coefficients of B14 at one step, shape (2, 4): initial and final state."""
    eta, small, strain = 0.2 * h, 0.05 * h, 0.02 * h**2
    columns = []
    for degrees, component in ((0.0, "difference"), (45.0, "shear")):
        harmonics = []
        for sign in (1, -1):
            model = StrainedTBG.from_ratios(
                strain_over_twist=sign * strain,
                tunnelling_ratio=0.1 * h,
                velocity_q_over_mass=eta,
                twist_degrees=1e-6,
                strain_degrees=degrees,
            )
            rates = intervalley_rates(model, small * model.moire_wavevector, 16)
            harmonics.append(np.array(rates.first_harmonics()))
        # The sign of the strain turns its first-order effect round: a central difference.
        size = -(1 + model.poisson_ratio) * (1.0 if component == "difference" else 0.5)
        columns.append((harmonics[0] - harmonics[1]) / (2 * strain * small * size))
    difference, shear = columns
    return np.stack(
        [difference[:, 0], shear[:, 0] / eta, shear[:, 1], difference[:, 1] / eta], axis=1
    )


def draw_convergence(data: Convergence) -> Figure:
    """Draw the relative error of each coefficient of B14 against the step."""
    figure, axes = plt.subplots(figsize=(5.4, 3.7))
    # The errors coincide in pairs: the later one of a pair is an open marker and a dashed line.
    for index, (label, line) in enumerate(
        zip(COEFFICIENTS, ("o-", "^-", "s--", "D--"), strict=True)
    ):
        error = np.abs(data.initial[:, index] / data.expected_initial[index] - 1)
        face = None if index < 2 else "none"
        axes.loglog(data.step, error, line, ms=4 + 2 * (index // 2), mfc=face, label=label)
    axes.loglog(data.step, 0.3 * data.step**2, ":", color="black", label="$h^2$")
    axes.set(xlabel="step $h$", ylabel="relative error of the coefficient")
    axes.set_xticks(data.step, [f"{h:g}" for h in data.step])
    axes.minorticks_off()
    axes.legend(fontsize="small")
    return figure
