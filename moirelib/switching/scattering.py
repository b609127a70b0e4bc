"""Inter-valley impurity scattering in strained twisted bilayer graphene (Ying App. B.2 and B.3).

An impurity on one site of layer l and sublattice X scatters a Bloch state into another one with
the rate 2πρ_imp V² times the product of the two probabilities on that site. Averaging over the
sites of the moiré cell gives

    W(k', k) = Σ_{lX} D_lX ⟨|ψ'_lX(R)|² |ψ_lX(R)|²⟩_R ,

in units of 2πρ_imp V², where D_lX is the share of the disorder on that sublattice. The states lie
on the lines of one energy, :mod:`moirelib.switching.contours`, or, as an approximation, on circles
around the Dirac points. Valley K' follows by time reversal, which leaves probabilities and, in our
convention, angles alone.

Pockets are numbered 0: 1K, 1: 2K, 2: 1K', 3: 2K'.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from moirelib import _validate
from moirelib._memory import require_memory
from moirelib._repr import short_repr
from moirelib._threads import one_blas_thread
from moirelib.models.twisted_bilayer import PocketState, StrainedTBG
from moirelib.switching.boltzmann import BoltzmannSolution, solve_boltzmann
from moirelib.switching.contours import fermi_energy, pocket_contour
from moirelib.switching.fermi_pockets import FermiPocket, FirstHarmonicRates

Array = NDArray[np.float64]

AVERAGES = ("cell", "random phases")
CONTOURS = ("true", "circles")

# Densities hold the harmonics 0, ±1 of each moiré vector, their products ±2: four points per
# direction sample the average without error.
_MESH = 4


@short_repr
@dataclass(frozen=True, eq=False)
class IntervalleyRates:
    """Inter-valley rates between the four pockets, in units of 2πρ_imp V².

    Parameters
    ----------
    pockets : tuple of FermiPocket
        1K, 2K, 1K', 2K', n samples each. On circles ν and ħv_F are 1.
    layer1, layer2 : array (n, n)
        1K → 1K' and 2K → 2K', rows the final state.
    interlayer : array (n, n)
        1K → 2K', rows the final state; 2K → 1K' is its transpose by time reversal.
    """

    pockets: tuple[FermiPocket, FermiPocket, FermiPocket, FermiPocket]
    layer1: Array
    layer2: Array
    interlayer: Array

    def __post_init__(self) -> None:
        _validate.keep(self)

    @property
    def angles(self) -> Array:
        """Angles of the samples of every pocket, seen from its bottom (n,)."""
        return self.pockets[0].angles

    @property
    def shares(self) -> Array:
        """Share of each sample in the density of states of its pocket, 1K and 2K, (2, n)."""
        return np.array([p.weights / p.density_of_states for p in self.pockets[:2]])

    @property
    def intralayer_mean(self) -> float:
        """Mean rate within a layer, of both layers, over states of one energy."""
        first, second = self.shares
        return float(0.5 * (first @ self.layer1 @ first + second @ self.layer2 @ second))

    @property
    def interlayer_mean(self) -> float:
        """Mean rate between the layers over states of one energy."""
        first, second = self.shares
        return float(second @ self.interlayer @ first)

    @property
    def ratio(self) -> float:
        """Mean inter-layer over mean intra-layer rate."""
        return self.interlayer_mean / self.intralayer_mean

    @property
    def speed(self) -> float:
        """Mean ħv_F of the pocket 1K in meV nm."""
        return float(self.shares[0] @ np.linalg.norm(self.pockets[0].velocities, axis=-1))

    def out_rates(self) -> tuple[Array, Array, Array, Array]:
        """Rates at which states leave, averaged over the final states, each (n,).

        Within the layer and to the other layer from 1K, the same from 2K.
        """
        first, second = self.shares
        return (
            first @ self.layer1,
            second @ self.interlayer,
            second @ self.layer2,
            self.interlayer @ first,
        )

    def first_harmonics(self) -> tuple[Array, Array]:
        """Anisotropy of the inter-layer rate, ((k), (k')): (cos, sin) over the mean, as Eq. B14.

        The first vector belongs to the angle of k on 1K, the second to that of k' on 2K'. Without
        tunnelling there is no such rate, and both are zero.
        """
        if not self.interlayer.any():
            return np.zeros(2), np.zeros(2)
        u = np.stack([np.cos(self.angles), np.sin(self.angles)], axis=-1)
        scale = 2 / (len(self.angles) * self.interlayer_mean)
        _, leaving, _, arriving = self.out_rates()
        return scale * leaving @ u, scale * arriving @ u

    def blocks(
        self,
        *,
        ratio: float | None = None,
        reference: float | None = None,
        isotropic_intralayer: bool = False,
    ) -> Mapping[tuple[int, int], Array]:
        """Return the rates as :func:`~moirelib.switching.boltzmann.solve_boltzmann` takes them.

        Parameters
        ----------
        ratio : float, optional
            Mean of the inter-layer rate in units of 1/(ντ'), e.g. 3t²/4 (Ying Eq. B14); its
            measured value by default.
        reference : float, optional
            Mean inter-layer rate that counts as ``ratio``, e.g. that without strain; its own mean
            by default.
        isotropic_intralayer : bool
            Take the intra-layer rates as 1/(ντ'), as the paper does, instead of the computed ones.

        Raises
        ------
        TypeError, ValueError
            If ``ratio`` is no number ≥ 0, or given without an inter-layer rate or a ``reference`` >
            0 to scale.
        """
        isotropic_intralayer = _validate.flag("isotropic_intralayer", isotropic_intralayer)
        scale = self.intralayer_mean
        if ratio is None:
            between = self.interlayer / scale
        else:
            ratio = _validate.non_negative("ratio", ratio)
            if reference is None:
                mean = self.interlayer_mean
                if mean == 0:
                    raise ValueError(
                        "ratio needs an inter-layer rate, or a reference, but without tunnelling "
                        f"there is none, got ratio={ratio}"
                    )
            else:
                mean = _validate.positive("reference", reference)
                # Rates of a model lie within some orders of magnitude of those without strain.
                largest = float(self.interlayer.max())
                if not 1e-9 * largest <= mean:
                    raise ValueError(
                        f"reference must be a mean inter-layer rate such as {largest:.3g}, "
                        f"got {mean:.3g}"
                    )
            between = ratio * self.interlayer / mean
        ones = np.ones_like(between)
        return {
            (2, 0): ones if isotropic_intralayer else self.layer1 / scale,
            (3, 1): ones if isotropic_intralayer else self.layer2 / scale,
            (3, 0): between,
            (2, 1): between.T,
        }


@one_blas_thread
def intervalley_rates(
    model: StrainedTBG,
    fermi_wavevector: float,
    points: int = 64,
    *,
    disorder: ArrayLike = ((1.0, 1.0), (1.0, 1.0)),
    average: str = "cell",
    contour: str = "true",
) -> IntervalleyRates:
    """Return the impurity rates between pockets of opposite valleys (Ying Eqs. B7 to B12).

    Parameters
    ----------
    model : StrainedTBG
        The bilayer.
    fermi_wavevector : float
        k_F in 1/nm: the four pockets together hold as many electrons as four such circles.
    points : int
        Samples of each pocket.
    disorder : array (2, 2)
        Relative strength on [layer − 1, sublattice A, B]; divided by its sum.
    average : str
        ``"cell"``: the average over all positions in the moiré cell. ``"random phases"``: every
        pair of plane waves on its own, as if their phases were independent (Ying, below B12).
    contour : str
        ``"true"``: states on the lines of one common energy. ``"circles"``: on circles of radius
        k_F around the Dirac points (Ying, below B12), which misses their shift, of order t².

    Raises
    ------
    TypeError, ValueError
        For an argument of another kind, disorder that is negative or absent, or a pocket that
        merges with its neighbours.
    """
    _validate.instance("model", model, StrainedTBG, "a StrainedTBG")
    average = _validate.choice("average", average, AVERAGES)
    contour = _validate.choice("contour", contour, CONTOURS)
    points = _validate.integer("points", points, minimum=4)
    require_memory(f"points={points}", 20 * points**2)
    share = _validate.real_array("disorder", disorder)
    if share.shape != (2, 2) or (share < 0).any() or share.sum() == 0:
        raise ValueError(
            "disorder must be four numbers ≥ 0, [layer 1, 2][A, B], not all zero, got "
            f"{share.tolist()}"
        )
    share = share / share.sum()
    if contour == "true":
        mu = fermi_energy(model, fermi_wavevector, points)
        lines = [pocket_contour(model, mu, points, layer) for layer in (1, 2)]
        states = [line.state for line in lines]
        first, second = (line.fermi_pocket() for line in lines)
    else:
        states = [model.pocket_state(fermi_wavevector, points, layer) for layer in (1, 2)]
        first = second = FermiPocket.circle(1, points)
    rate = _cell_average if average == "cell" else _random_phases
    return IntervalleyRates(
        (first, second, first.time_reversed(), second.time_reversed()),
        rate(states[0], states[0], share),
        rate(states[1], states[1], share),
        rate(states[1], states[0], share),
    )


def _cell_average(final: PocketState, initial: PocketState, share: Array) -> Array:
    after, before = final.local_density(_MESH), initial.local_density(_MESH)
    rate: Array = np.einsum("lx,ilxr,jlxr->ij", share, after, before, optimize=True) / _MESH**2
    return rate


def _random_phases(final: PocketState, initial: PocketState, share: Array) -> Array:
    rate: Array = np.einsum("lx,ilx,jlx->ij", share, final.weights(), initial.weights())
    return rate


def perturbative_rates(model: StrainedTBG, fermi_wavevector: float) -> FirstHarmonicRates:
    """Return the inter-layer rate for weak tunnelling over its mean (Ying Eq. B14).

    ``a`` belongs to the final state k' on 2K', ``a_prime`` to the initial k on 1K, the order of
    Ying Eq. 9. Valid for v_D k_F ≪ v_D q ≪ m, ε ≪ θ_w and t ≪ 1.

    Parameters
    ----------
    model : StrainedTBG
        Its tunnelling does not matter.
    fermi_wavevector : float
        k_F in 1/nm.

    Raises
    ------
    TypeError, ValueError
        If ``model`` is no bilayer, ``fermi_wavevector`` no number > 0, or too large for first
        order: the rate would turn negative.
    """
    _validate.instance("model", model, StrainedTBG, "a StrainedTBG")
    k_f = _validate.positive("fermi_wavevector", fermi_wavevector, "1/nm")
    # The printed ε_xx are components over ε: this is 𝓔/θ_w.
    tensor = model.strain_tensor / model.twist
    difference, shear = tensor[0, 0] - tensor[1, 1], tensor[0, 1]
    small = k_f / model.moire_wavevector
    smaller = model.hbar_v * k_f / model.mass
    common = np.array([-3 * shear * smaller, -1.5 * difference * smaller])
    opposite = np.array([3 * difference * small, -6 * shear * small])
    initial, final = common + opposite, common - opposite
    size = float(np.linalg.norm(initial) + np.linalg.norm(final))
    if size > 1:
        raise ValueError(
            f"fermi_wavevector must be small enough for first order, got {k_f:.3g} 1/nm: the "
            f"harmonics add up to {size:.3g} of the mean rate, at most 1"
        )
    return FirstHarmonicRates(
        (float(final[0]), float(final[1])), (float(initial[0]), float(initial[1]))
    )


def four_pocket_balance(rates: FirstHarmonicRates, ratio: float) -> Array:
    """Return δ_ε of Ying Eq. 5 for isotropic intra-layer rates and the given inter-layer rate.

    Δn₀ = −[r/(1 + r)] (a + a')·j/(2ev_F), with r the mean inter-layer over the intra-layer rate and
    the force +eE: the balance of the four pockets at fixed current. It is exact for τ ≪ τ', where
    both layers carry the same first harmonic, and to first order in a and a' for any τ'/τ.

    Returns
    -------
    array (2,)
        Δn₀ in units of j/(ev_F) for a current along x and along y.

    Raises
    ------
    TypeError, ValueError
        If ``rates`` is of another class, or ``ratio`` no number ≥ 0.
    """
    _validate.instance("rates", rates, FirstHarmonicRates, "FirstHarmonicRates")
    r = _validate.non_negative("ratio", ratio)
    response: Array = -0.5 * r / (1 + r) * (np.array(rates.a) + np.array(rates.a_prime))
    return response


@one_blas_thread
def solve_four_pockets(
    rates: IntervalleyRates,
    *,
    ratio: float | None = None,
    reference: float | None = None,
    isotropic_intralayer: bool = False,
    tau: float = 1.0,
    tau_prime: float = 1e3,
) -> BoltzmannSolution:
    """Solve the Boltzmann equation for unit currents j/(ev_F) along x and y.

    Errors as :meth:`IntervalleyRates.blocks` and, for the times, :func:`solve_boltzmann`.

    Parameters
    ----------
    rates : IntervalleyRates
        On true contours or on circles; v_F is their mean speed.
    ratio, reference, isotropic_intralayer
        As in :meth:`IntervalleyRates.blocks`.
    tau, tau_prime : float
        Time within a pocket and intra-layer time between valleys.

    Returns
    -------
    BoltzmannSolution
        Its ``valley_density_difference`` (2,) is δ_ε of Ying Eq. 5.
    """
    _validate.instance("rates", rates, IntervalleyRates, "IntervalleyRates")
    blocks = rates.blocks(
        ratio=ratio, reference=reference, isotropic_intralayer=isotropic_intralayer
    )
    return solve_boltzmann(
        blocks,
        current=rates.speed * np.eye(2),
        tau=tau,
        tau_prime=tau_prime,
        pockets=rates.pockets,
    )


def slope_prefactor(hopping_slope: float = 0.0) -> float:
    """Return C of Ying Eq. 19 from the balance of the pockets, (3/2)(1 + √3β/4π).

    ``hopping_slope`` is β, which the paper leaves out; a finite number, with errors as
    :class:`~moirelib.models.twisted_bilayer.StrainedTBG`.
    """
    return 1.5 * (
        1 + math.sqrt(3) * _validate.real_scalar("hopping_slope", hopping_slope) / (4 * math.pi)
    )


@one_blas_thread
def density_slope(
    model: StrainedTBG, fermi_wavevector: float, prefactor: float | None = None
) -> Array:
    """Return Δn₀/n_j of Ying Eq. 19 for a current along x and along y, without its overall sign.

    Δn₀/n_j = C (1 + ν_ε)(v_D k_F/m)(ε/θ_w) sin(2φ + θ_j). The balance of the pockets gives C = 3/2
    where the hopping does not follow the strain; the printed value is 6. With the force +eE the
    sign is the opposite one. Errors as :func:`perturbative_rates`.

    Parameters
    ----------
    model : StrainedTBG
        The bilayer.
    fermi_wavevector : float
        k_F in 1/nm.
    prefactor : float, optional
        C; by default :func:`slope_prefactor` of the model.
    """
    _validate.instance("model", model, StrainedTBG, "a StrainedTBG")
    k_f = _validate.positive("fermi_wavevector", fermi_wavevector, "1/nm")
    if prefactor is None:
        prefactor = slope_prefactor(model.hopping_slope)
    c = _validate.real_scalar("prefactor", prefactor)
    double = 2 * math.radians(model.strain_degrees)
    size = c * (1 + model.poisson_ratio) * model.hbar_v * k_f / model.mass
    return size * model.strain / model.twist * np.array([math.sin(double), math.cos(double)])
