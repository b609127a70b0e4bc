"""Inter-valley impurity scattering in strained twisted bilayer graphene (Ying App. B.2 and B.3).

An impurity on one site of layer l and sublattice X scatters a Bloch state into another one with
the rate 2πρ_imp V² times the product of the two probabilities on that site. Averaging over the
sites of the moiré cell gives

    W(k', k) = Σ_{lX} D_lX ⟨|ψ'_lX(R)|² |ψ_lX(R)|²⟩_R ,

in units of 2πρ_imp V², where D_lX is the share of the disorder on that sublattice. Valley K'
follows by time reversal, which leaves probabilities and, in our convention, angles alone.

Pockets are numbered 0: 1K, 1: 2K, 2: 1K', 3: 2K'.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from moirelib import _validate
from moirelib._repr import short_repr
from moirelib._threads import one_blas_thread
from moirelib.models.twisted_bilayer import PocketState, StrainedTBG
from moirelib.switching.boltzmann import BoltzmannSolution, solve_boltzmann
from moirelib.switching.fermi_pockets import FermiPocket, FirstHarmonicRates

Array = NDArray[np.float64]

AVERAGES = ("cell", "random phases")

# Densities hold the harmonics 0, ±1 of each moiré vector, their products ±2: four points per
# direction sample the average without error.
_MESH = 4


@short_repr
@dataclass(frozen=True, eq=False)
class IntervalleyRates:
    """Inter-valley rates between the four pockets, in units of 2πρ_imp V².

    Parameters
    ----------
    angles : array (n,)
        Angles on every pocket.
    layer1, layer2 : array (n, n)
        1K → 1K' and 2K → 2K', rows the final state.
    interlayer : array (n, n)
        1K → 2K', rows the final state; 2K → 1K' is its transpose by time reversal.
    """

    angles: Array
    layer1: Array
    layer2: Array
    interlayer: Array

    @property
    def ratio(self) -> float:
        """Mean inter-layer over mean intra-layer rate."""
        return float(2 * self.interlayer.mean() / (self.layer1.mean() + self.layer2.mean()))

    def first_harmonics(self) -> tuple[Array, Array]:
        """Anisotropy of the inter-layer rate, ((k), (k')): (cos, sin) over the mean, as Eq. B14.

        The first vector belongs to the angle of k on 1K, the second to that of k' on 2K'.
        """
        u = np.stack([np.cos(self.angles), np.sin(self.angles)], axis=-1)
        scale = 2 / (len(self.angles) * self.interlayer.mean())
        return scale * self.interlayer.mean(0) @ u, scale * self.interlayer.mean(1) @ u

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
        """
        scale = 0.5 * (self.layer1.mean() + self.layer2.mean())
        if ratio is None:
            between = self.interlayer / scale
        else:
            mean = self.interlayer.mean() if reference is None else reference
            between = _validate.non_negative("ratio", ratio) * self.interlayer / mean
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
) -> IntervalleyRates:
    """Return the impurity rates between pockets of opposite valleys (Ying Eqs. B7 to B12).

    Parameters
    ----------
    model : StrainedTBG
        The bilayer.
    fermi_wavevector : float
        k_F in 1/nm.
    points : int
        Angles on each pocket.
    disorder : array (2, 2)
        Relative strength on [layer − 1, sublattice A, B]; divided by its sum.
    average : str
        ``"cell"``: the average over all positions in the moiré cell. ``"random phases"``: every
        pair of plane waves on its own, as if their phases were independent (Ying, below B12).

    Raises
    ------
    ValueError
        For disorder that is negative or absent, or a pocket that merges with its neighbours.
    """
    _validate.choice("average", average, AVERAGES)
    share = _validate.real_array("disorder", disorder)
    if share.shape != (2, 2) or (share < 0).any() or share.sum() == 0:
        raise ValueError(
            "disorder must be four numbers ≥ 0, [layer 1, 2][A, B], not all zero, got "
            f"{share.tolist()}"
        )
    share = share / share.sum()
    states = [model.pocket_state(fermi_wavevector, points, layer) for layer in (1, 2)]
    rate = _cell_average if average == "cell" else _random_phases
    return IntervalleyRates(
        states[0].angles,
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
    """
    k_f = _validate.positive("fermi_wavevector", fermi_wavevector, "1/nm")
    # The printed ε_xx are components over ε: this is 𝓔/θ_w.
    tensor = model.strain_tensor / model.twist
    difference, shear = tensor[0, 0] - tensor[1, 1], tensor[0, 1]
    small = k_f / model.moire_wavevector
    smaller = model.hbar_v * k_f / model.mass
    common = np.array([-3 * shear * smaller, -1.5 * difference * smaller])
    opposite = np.array([3 * difference * small, -6 * shear * small])
    initial, final = common + opposite, common - opposite
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
    """
    r = _validate.non_negative("ratio", ratio)
    response: Array = -0.5 * r / (1 + r) * (np.array(rates.a) + np.array(rates.a_prime))
    return response


@one_blas_thread
def solve_four_pockets(
    rates: Mapping[tuple[int, int], Array], tau: float = 1.0, tau_prime: float = 1e3
) -> BoltzmannSolution:
    """Solve the Boltzmann equation for unit currents j/(ev_F) along x and y.

    Parameters
    ----------
    rates : mapping
        From :meth:`IntervalleyRates.blocks`.
    tau, tau_prime : float
        Time within a pocket and intra-layer time between valleys.

    Returns
    -------
    BoltzmannSolution
        Its ``valley_density_difference`` (2,) is δ_ε of Ying Eq. 5.
    """
    points = len(rates[2, 0])
    pockets = [FermiPocket.circle(valley, points) for valley in (1, 1, -1, -1)]
    return solve_boltzmann(rates, current=np.eye(2), tau=tau, tau_prime=tau_prime, pockets=pockets)


@one_blas_thread
def density_slope(model: StrainedTBG, fermi_wavevector: float, prefactor: float = 1.5) -> Array:
    """Return Δn₀/n_j of Ying Eq. 19 for a current along x and along y, without its overall sign.

    Δn₀/n_j = C (1 + ν_ε)(v_D k_F/m)(ε/θ_w) sin(2φ + θ_j). The balance of the pockets gives
    C = 3/2; the printed value is 6. With the force +eE the sign is the opposite one.

    Parameters
    ----------
    model : StrainedTBG
        The bilayer.
    fermi_wavevector : float
        k_F in 1/nm.
    prefactor : float
        C.
    """
    k_f = _validate.positive("fermi_wavevector", fermi_wavevector, "1/nm")
    c = _validate.real_scalar("prefactor", prefactor)
    double = 2 * math.radians(model.strain_degrees)
    size = c * (1 + model.poisson_ratio) * model.hbar_v * k_f / model.mass
    return size * model.strain / model.twist * np.array([math.sin(double), math.cos(double)])
