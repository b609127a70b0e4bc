"""How a current unbalances the valleys of moiré bands: impurity rates and the kinetic equation.

A point impurity on one site of layer l and sublattice X scatters any state into any other with the
rate 2πρ_imp V² times the product of both probabilities on that site, within a valley as well as
between the valleys. The average over the moiré cell is

    W(k', k) = Σ_{lX} D_lX Σ_G λ̄_{lX}(k', G) λ_{lX}(k, G),

with λ_{lX}(k, G) = Σ_G' ū_{lX}(G') u_{lX}(G' + G), the form factor resolved by layer and
sublattice. A potential that is smooth on the scale of atoms, but short ranged on that of the moiré
cell, acts within a valley only: ``|Σ_{lX} ψ̄'ψ|²`` is averaged instead.

Valley K' follows by time reversal, which leaves densities alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from moirelib import _validate
from moirelib._repr import short_repr
from moirelib._threads import one_blas_thread
from moirelib._types import Complex, Floats
from moirelib.bands.groups import connected_rows
from moirelib.bands.model import ValleyModel
from moirelib.switching.boltzmann import solve_boltzmann
from moirelib.switching.moire_contours import ValleyContour, thermal_nodes, triangle_contour

INTRAVALLEY = ("constant", "pocket", "smooth", "point")
"""What relaxes a distribution within a valley."""


@one_blas_thread
def point_rates(contour: ValleyContour, disorder: ArrayLike = (1.0, 1.0, 1.0, 1.0)) -> Floats:
    """Return W between all samples of a contour, (n, n), in units of 2πρ_imp V².

    Parameters
    ----------
    contour : ValleyContour
        One valley; between the valleys the rates are the same, with k' of the other one reversed.
    disorder : array (orbitals,)
        Relative strength on each orbital, for :class:`~moirelib.models.ContinuumTBG` 1A, 1B, 2A,
        2B; divided by its sum.

    Raises
    ------
    TypeError, ValueError
        If ``contour`` is no :class:`~moirelib.switching.moire_contours.ValleyContour`, or
        ``disorder`` has another length, a negative entry, or only zeros.
    """
    _validate.instance("contour", contour, ValleyContour, "a ValleyContour")
    share = _validate.real_vector("disorder", disorder)
    densities = contour.site_densities()
    if len(share) != densities.shape[1] or (share < 0).any() or share.sum() == 0:
        raise ValueError(
            f"disorder must be {densities.shape[1]} numbers ≥ 0, not all zero, got {share.tolist()}"
        )
    scaled = densities * np.sqrt(share / share.sum())[:, None]
    flat = scaled.reshape(len(scaled), -1)
    return np.asarray(flat @ flat.T / densities.shape[-1])


@one_blas_thread
def smooth_rates(contour: ValleyContour) -> Floats:
    """Return Σ_G ``|Λ_G(k', k)|²`` between all samples of a contour, (n, n).

    Λ_G is the form factor between two states, summed over layers and sublattices. The units are
    those of a smooth potential, 2πρV².

    Raises
    ------
    TypeError
        If ``contour`` is no :class:`~moirelib.switching.moire_contours.ValleyContour`.
    """
    _validate.instance("contour", contour, ValleyContour, "a ValleyContour")
    amplitudes = np.moveaxis(contour._modes(), -1, 0)
    rates = np.zeros((len(contour.states), len(contour.states)))
    for one in amplitudes:  # one point of the cell: (n, orbitals)
        rates += np.abs(one.conj() @ one.T) ** 2
    return rates / len(amplitudes)


@one_blas_thread
def layer_form_factors(contour: ValleyContour, pairs: ArrayLike) -> Complex:
    """Return λ_{lX}(k, G) on the samples of a contour, (nG, orbitals, n).

    Parameters
    ----------
    contour : ValleyContour
        The states.
    pairs : array of int (nG, 2)
        G as integer pairs.

    Raises
    ------
    TypeError, ValueError
        If ``contour`` is no :class:`~moirelib.switching.moire_contours.ValleyContour`, or ``pairs``
        do not hold integers (..., 2).
    """
    _validate.instance("contour", contour, ValleyContour, "a ValleyContour")
    chosen = _validate.integer_pairs("pairs", pairs).reshape(-1, 2)
    orbitals = contour.model.orbitals
    every = np.arange(int(orbitals.max()) + 1)
    rows = []
    for pair in chosen:
        bra, ket = connected_rows(contour.model, pair)
        products = contour.states[:, bra].conj() * contour.states[:, ket]
        rows.append(np.stack([products[:, orbitals[bra] == one].sum(axis=1) for one in every]))
    return np.array(rows)


@short_repr
@dataclass(frozen=True, eq=False)
class ValleyResponse:
    """What a field does to the charge and to the balance of two valleys.

    Parameters
    ----------
    density : array (2,)
        Δn₀ for a unit force eE along x and y, in 1/(meV nm).
    current : array (2, 2)
        j/e along the first axis for a unit force along the second, in 1/ħ.
    density_of_states : float
        Of one valley at μ, in 1/(meV nm²).
    speed : float
        Mean ħv_F in meV nm.
    """

    density: Floats
    current: Floats
    density_of_states: float
    speed: float

    def __post_init__(self) -> None:
        _validate.keep(self)

    @property
    def per_current(self) -> Floats:
        """Δn₀ for a unit current j/e along x and along y, (2,), in ħ/(meV nm)."""
        return np.asarray(np.linalg.solve(self.current.T, self.density))

    @property
    def delta(self) -> Floats:
        """δ_ε of Ying Eq. 5, (2,): Δn₀ = j·δ_ε/(ev_F)."""
        return np.asarray(self.per_current * self.speed)


@one_blas_thread
def valley_response(
    contour: ValleyContour,
    *,
    intravalley: str = "constant",
    strength: float = 1e3,
    disorder: ArrayLike = (1.0, 1.0, 1.0, 1.0),
) -> ValleyResponse:
    """Solve the kinetic equation of both valleys for forces along x and y.

    Parameters
    ----------
    contour : ValleyContour
        One valley; the other one is its time reverse.
    intravalley : str
        ``"constant"``: one rate between all states of a valley. ``"pocket"``: within each closed
        line only, as Ying et al. have it. ``"smooth"``: a potential smooth on the scale of atoms.
        ``"point"``: the impurities that also scatter between the valleys.
    strength : float
        Of the rates within a valley over those between the valleys, for states that are spread
        evenly over the cell: τ'/τ, about.
    disorder : array (orbitals,)
        As in :func:`point_rates`.

    Raises
    ------
    TypeError, ValueError
        As :func:`point_rates`; also if ``intravalley`` is none of these, or ``strength`` no number
        > 0.
    """
    _validate.instance("contour", contour, ValleyContour, "a ValleyContour")
    intravalley = _validate.choice("intravalley", intravalley, INTRAVALLEY)
    ratio = _validate.positive("strength", strength)
    # A state that is spread evenly has this rate times 1/orbitals².
    between = len(np.unique(contour.model.orbitals)) ** 2 * point_rates(contour, disorder)
    if intravalley == "point":
        within = between
    elif intravalley == "smooth":
        within = smooth_rates(contour)
    elif intravalley == "pocket":
        within = (contour.lines[:, None] == contour.lines).astype(np.float64)
    else:
        within = np.ones_like(between)
    pocket = contour.pocket()
    nu = contour.density_of_states
    # Rates per state, so that times follow the density of states: W = 1 within for "constant".
    solution = solve_boltzmann(
        {(0, 0): within, (1, 1): within, (1, 0): between},
        field=np.eye(2),
        tau=1 / nu,
        tau_prime=ratio / nu,
        pockets=(pocket, pocket.time_reversed()),
    )
    return ValleyResponse(
        solution.valley_density_difference, solution.current.T, nu, contour.mean_speed
    )


@one_blas_thread
def thermal_valley_response(
    model: ValleyModel,
    mu: float,
    kT: float,
    *,
    nodes: int = 12,
    mesh: int = 36,
    bands: int = 4,
    intravalley: str = "constant",
    strength: float = 1e3,
    disorder: ArrayLike = (1.0, 1.0, 1.0, 1.0),
) -> ValleyResponse:
    """Return the response at a temperature, for elastic scattering: ∫(−f′) of that at one energy.

    Contours are those of :func:`triangle_contour`, which exist at every energy of a band; where
    there is no band nothing responds.

    Parameters
    ----------
    model : ValleyModel
        One valley.
    mu, kT : float
        In meV.
    nodes : int
        Energies.
    mesh, bands : int
        As in :func:`triangle_contour`.
    intravalley, strength, disorder
        As in :func:`valley_response`.

    Raises
    ------
    TypeError, ValueError
        As :func:`~moirelib.switching.moire_contours.triangle_contour`,
        :func:`~moirelib.switching.moire_contours.thermal_nodes` and :func:`valley_response`; also
        if ``mu`` lies in a gap, beyond the reach of all bands.
    """
    offsets, weights = thermal_nodes(kT, nodes)
    mu = _validate.real_scalar("mu", mu)
    density, current, states, flux = np.zeros(2), np.zeros((2, 2)), 0.0, 0.0
    for offset, weight in zip(offsets.tolist(), weights.tolist(), strict=True):
        contour = triangle_contour(model, mu + offset, mesh, bands)
        if contour is None:
            continue
        one = valley_response(
            contour, intravalley=intravalley, strength=strength, disorder=disorder
        )
        density += weight * one.density
        current += weight * one.current
        states += weight * one.density_of_states
        flux += weight * one.density_of_states * one.speed
    if states == 0:
        raise ValueError(f"mu must be within reach of a band, got {mu:.6g} meV in a gap")
    return ValleyResponse(density, current, states, flux / states)
