"""What current reverses the valleys: the numbers behind Ying Eq. 20, in A/m and in nA.

Uniform reversal needs |Δn₀| = n_c, the coercive density of the mean-field loop; with Ying Eq. 21
that is j_c = n_c e v_F/|δ_ε|. It is an upper bound: heating lowers n_c, domains avoid it.
Densities in 1/nm², energies in meV, currents per width in A/m, widths in µm.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import constants as si
from scipy.optimize import brentq

from moirelib import _validate
from moirelib.switching.stoner import ValleyOrderParameter

Array = NDArray[np.float64]


def current_per_width(density: ArrayLike, fermi_velocity: float, delta: float) -> Array:
    """Return J = Δn₀ e v_F/|δ_ε| in A/m (Ying Eq. 21).

    Parameters
    ----------
    density : array_like, any shape
        Δn₀ in 1/nm².
    fermi_velocity : float
        v_F in m/s.
    delta : float
        |δ_ε|, e.g. ε/θ_w, > 0.

    Returns
    -------
    array, shape of density

    Raises
    ------
    TypeError, ValueError
        If ``density`` is not real and finite, ``fermi_velocity`` not between 10³ m/s and that of
        light, or ``delta`` no number > 0.
    """
    v = _validate.fermi_velocity(fermi_velocity)
    share = _validate.positive("delta", delta)
    return np.asarray(_validate.real_array("density", density) * 1e18 * si.e * v / share)


def nanoampere(current_density: ArrayLike, width: float) -> Array:
    """Return the current in nA through ``width`` µm that carry ``current_density`` A/m, any shape.

    Raises
    ------
    TypeError, ValueError
        If ``current_density`` is not real and finite, or ``width`` no number > 0.
    """
    w = _validate.positive("width", width, "µm")
    return np.asarray(_validate.real_array("current_density", current_density) * w * 1e3)


@dataclass(frozen=True)
class HeatedStrip:
    """A strip between two contacts that a current warms.

    Parameters
    ----------
    length : float
        Between the contacts, in µm.
    resistivity : float
        ρ_xx in ohm.

    Raises
    ------
    TypeError, ValueError
        If an argument is no number > 0.
    """

    length: float = 5.0
    resistivity: float = 1e4

    def __post_init__(self) -> None:
        _validate.keep(
            self,
            length=_validate.positive("length", self.length, "µm"),
            resistivity=_validate.positive("resistivity", self.resistivity, "ohm"),
        )

    def hottest(self, current_density: float, bath: float) -> float:
        """Return the electron temperature in K in the middle, for contacts at ``bath`` K.

        T² = T_bath² + (3/4π²)(eV/k_B)² with V = jρL: heat leaves through the electrons alone, by
        the law of Wiedemann and Franz. Phonons cool further, so this is an upper bound.

        Raises
        ------
        TypeError, ValueError
            If ``current_density`` is not real and finite, or ``bath`` no number ≥ 0.
        """
        bath = _validate.non_negative("bath", bath, "K")
        current_density = _validate.real_scalar("current_density", current_density)
        voltage = current_density * self.resistivity * self.length * 1e-6
        rise = math.sqrt(3) / (2 * math.pi) * si.e * voltage / si.k
        return math.hypot(bath, rise)

    def heating_current(self, bath: float, critical: float) -> float:
        """Return J in A/m that warms the middle of the strip from ``bath`` to ``critical`` K.

        Raises
        ------
        TypeError, ValueError
            If ``bath`` is no number ≥ 0, or ``critical`` no number above it.
        """
        bath = _validate.non_negative("bath", bath, "K")
        critical = _validate.positive("critical", critical, "K")
        if critical < bath:
            raise ValueError(f"critical must be ≥ bath, {bath:.6g} K, got {critical:.6g}")
        rise = math.sqrt(critical**2 - bath**2)
        voltage = rise * si.k / si.e * 2 * math.pi / math.sqrt(3)
        return voltage / (self.resistivity * self.length * 1e-6)


def distance_to_transition(
    order_at: Callable[[float], ValleyOrderParameter],
    density: float,
    critical: float,
    reach: float = 0.5,
) -> float:
    """Return 1 − T/T_c at which n_c equals ``density``.

    Parameters
    ----------
    order_at : callable
        Temperature in K → the ordered valleys.
    density : float
        In 1/nm².
    critical : float
        T_c in K.
    reach : float
        Largest 1 − T/T_c looked at.

    Raises
    ------
    TypeError, ValueError
        If ``order_at`` is no function, another argument no number > 0, if the valleys are not
        ordered right below T_c, or n_c is never ``density``.
    """
    _validate.function("order_at", order_at, "of the temperature in K")
    density = _validate.positive("density", density, "1/nm²")
    critical = _validate.positive("critical", critical, "K")
    reach = _validate.between("reach", reach, 1e-5, 0.99, "", "n_c is looked for below T_c")

    def coercive(log_reduced: float) -> float:
        order = _validate.instance(
            "order_at",
            order_at(critical * (1 - math.exp(log_reduced))),
            ValleyOrderParameter,
            "a function that returns a ValleyOrderParameter",
        )
        try:
            return order.coercive_density
        except ValueError as error:
            raise ValueError(
                f"critical must be a temperature below which the valleys order, got "
                f"{critical:.6g} K: {error}"
            ) from None

    def excess(log_reduced: float) -> float:
        return math.log(coercive(log_reduced) / density)

    least, most = coercive(math.log(1e-6)), coercive(math.log(reach))
    if not least <= density <= most:
        raise ValueError(
            f"density must be a coercive density between T_c and 1 − T/T_c = {reach:g}, "
            f"{least:.3g} to {most:.3g} 1/nm², got {density:.3g}"
        )

    # n_c is nearly a power of 1 − T/T_c: in logarithms the root is that of nearly a line.
    return math.exp(float(brentq(excess, math.log(1e-6), math.log(reach), xtol=1e-6)))


def source_as_shift(order: ValleyOrderParameter) -> float:
    """Return the coercive Δn₀ in 1/nm² of a source that shifts chemical potentials.

    The current moves those of the two valleys by ±Δn₀/2ν(T): this keeps α₃ and all higher orders in
    Δn₀. With y = UΦ/2 + δμ the steady state is δμ = y − UM(y)/2, with the same turning point as
    without, and n_c → Uν(T) n_c exactly, at fixed chemical potential.

    Raises
    ------
    TypeError, ValueError
        If ``order`` is no :class:`moirelib.ValleyOrderParameter`, or has no polarised state without
        a source.
    """
    _validate.instance("order", order, ValleyOrderParameter, "a ValleyOrderParameter")
    if not order.turning_points.size:
        raise ValueError("order must have a polarised state at Δn₀ = 0: U is too small, or T high")
    nu = float(order.susceptibility(0.0)) / 2
    y = np.linspace(0.0, 1.2 * order.interaction * order.turning_points[-1] / 2, 4_001)
    shift = y - order.interaction * order.polarisation(y) / 2
    return float(-2 * nu * shift.min())


@dataclass(frozen=True)
class Droplet:
    """A reversed disc in an ordered state (thin wall).

    Parameters
    ----------
    radius : float
        Critical radius in nm.
    barrier : float
        Its energy in meV.
    wall : float
        Width of the wall in nm.

    Raises
    ------
    TypeError, ValueError
        If an argument is no number > 0.
    """

    radius: float
    barrier: float
    wall: float

    def __post_init__(self) -> None:
        _validate.keep(
            self,
            radius=_validate.positive("radius", self.radius, "nm"),
            barrier=_validate.positive("barrier", self.barrier, "meV"),
            wall=_validate.positive("wall", self.wall, "nm"),
        )


def critical_droplet(
    interaction: float, alpha_2: float, alpha_4: float, source: float, bare_length: float
) -> Droplet:
    """Return the disc from which on growth lowers the energy.

    E = (U/2)∫[−Δn₀Φ − α₂Φ²/2 − α₄Φ⁴/4 + ξ₀²(∇Φ)²/2].

    The wall between ±Φ_s costs (U/2)(2√2/3)√α₂ ξ₀Φ_s² per length, reversing a unit of area gains
    UΔn₀Φ_s.

    Parameters
    ----------
    interaction : float
        U in meV nm².
    alpha_2, alpha_4 : float
        Landau coefficients; > 0 and < 0 (nm⁴).
    source : float
        Δn₀ in 1/nm², > 0, small beside n_c.
    bare_length : float
        ξ₀ in nm: UΠ(q) ≃ UΠ(0) − ξ₀²q².

    Raises
    ------
    TypeError, ValueError
        If an argument is no finite number, ``alpha_4`` is not negative, or another value is not
        positive.
    """
    interaction = _validate.positive("interaction", interaction, "meV nm²")
    alpha_2 = _validate.positive("alpha_2", alpha_2)
    alpha_4 = _validate.real_scalar("alpha_4", alpha_4)
    source = _validate.positive("source", source, "1/nm²")
    bare_length = _validate.positive("bare_length", bare_length, "nm")
    if alpha_4 >= 0:
        raise ValueError(f"alpha_4 must be < 0 nm⁴, got {alpha_4:.6g}")
    _validate.positive("the size of alpha_4", -alpha_4, "nm⁴")
    phi = math.sqrt(-alpha_2 / alpha_4)
    tension = interaction / 2 * (2 * math.sqrt(2) / 3) * math.sqrt(alpha_2) * bare_length * phi**2
    drive = interaction * source * phi
    return Droplet(
        tension / drive,
        math.pi * tension**2 / drive,
        bare_length * math.sqrt(2 / alpha_2),
    )
