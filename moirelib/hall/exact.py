"""The nonlocal resistance of Kundu Eq. 4, and what is known exactly about valley Hall effects.

The conductivities that enter come from :class:`moirelib.HallLayer` and
:func:`moirelib.drag_conductivity`. Signs of σ^{xy} are those of :mod:`moirelib.hall.layer`.
"""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import ArrayLike

from moirelib import _validate
from moirelib._threads import one_blas_thread
from moirelib._types import Complex, Floats, Ints
from moirelib.bands.bloch import overlap_form_factors, solve_bands
from moirelib.bands.groups import DEGENERACY_MEV
from moirelib.bands.model import BlochModel, require_bloch_model
from moirelib.bands.plaquettes import resolved_flux

_THERMAL_NODES = 2000


@one_blas_thread
def valley_chern_number(model: BlochModel, first: int, last: int, mesh: int = 24) -> float:
    """Return the Chern number of bands ``first`` … ``last`` of one valley, by plaquettes.

    The phases of overlaps around each plaquette of the mesh add up to 2π times an integer as
    long as the group of bands is isolated and no plaquette holds more than half a flux quantum
    (Fukui, Hatsugai and Suzuki 2005). The zone is closed by relabelling plane waves.

    Parameters
    ----------
    model : BlochModel
        The model of one valley.
    first, last : int
        Bands counted from charge neutrality: −1 is the highest valence band, 0 the lowest
        conduction band. Both ends belong to the group.
    mesh : int
        Plaquettes along each reciprocal vector.

    Returns
    -------
    float
        (1/2π) ∫ Ω d²k, an integer up to round-off.

    Raises
    ------
    TypeError, ValueError
        If ``model`` is no Bloch model, ``mesh`` no integer ≥ 2, ``first`` > ``last``, or no such
        bands exist, the group of bands touches others, or the mesh does not resolve the curvature
        (:func:`moirelib.bands.plaquettes.resolved_flux`).
    """
    require_bloch_model(model)
    first, last = (
        _validate.integer(name, value, minimum=-model.occupied)
        for name, value in (("first", first), ("last", last))
    )
    if first > last:
        raise ValueError(f"first must not exceed last, got {first} and {last}")
    mesh = _validate.integer("mesh", mesh, minimum=2)
    half = max(-first, last + 1, 1)
    # One band more on either side, if there is one: the group must not touch it.
    half = min(half + 1, model.occupied, len(model.plane_waves) - model.occupied)
    chosen = slice(half + first, half + last + 1)
    side = np.arange(mesh)
    grid = np.stack(np.meshgrid(side, side, indexing="ij"), axis=-1).reshape(-1, 2)
    lattice = model.lattice
    bands = solve_bands(model, lattice.vectors(grid) / mesh, 2 * half)

    gaps = np.diff(bands.energies, axis=1)
    edges = [i for i in (chosen.start - 1, chosen.stop - 1) if 0 <= i < gaps.shape[1]]
    narrowest = min((float(gaps[:, i].min()) for i in edges), default=math.inf)
    if narrowest < DEGENERACY_MEV:
        raise ValueError(
            f"bands {first} to {last} have no Chern number: they touch others, with a gap of "
            f"{narrowest:.3g} meV on a mesh of {mesh}"
        )

    def links(step: Ints) -> Complex:
        target = grid + step
        partner = (target % mesh) @ np.array([mesh, 1])
        moved = type(bands)(model, bands.k[partner], bands.energies[partner], bands.states[partner])
        overlap = overlap_form_factors(bands, moved, [0, 0], target // mesh)
        determinants = np.linalg.det(overlap[:, chosen, chosen])
        return np.asarray(determinants, dtype=np.complex128).reshape(mesh, mesh)

    along, across = links(np.array([1, 0])), links(np.array([0, 1]))
    back, down = np.roll(along, -1, axis=1).conj(), across.conj()
    flux = resolved_flux(along, np.roll(across, -1, axis=0), back, down)
    # A overlap ⟨k|k + δ⟩ has the phase −A·δ, and G₁, G₂ are a right-handed pair.
    return float(-flux.sum() / (2 * math.pi))


@one_blas_thread
def dirac_hall_conductivity(mu: ArrayLike, mass: float, kT: float = 0.0, valley: int = 1) -> Floats:
    """Return σ^{xy} of one massive Dirac cone, one valley and spin, in e²/h.

    H = ħv(ξk_xσ_x + k_yσ_y) + mσ_z: −ξ m/2|m| in the gap, times |m/μ| outside; at k_BT > 0
    the thermal mean of that over energies.

    Parameters
    ----------
    mu : array_like, shape (nmu,)
        Chemical potentials in meV from the middle of the gap.
    mass : float
        m in meV, not 0.
    kT : float
        k_BT ≥ 0 in meV.
    valley : {+1, -1}
        ξ.

    Returns
    -------
    ndarray, shape (nmu,)

    Raises
    ------
    TypeError, ValueError
        If an argument is not real and finite, ``mass`` is zero, which leaves the sign open, ``kT``
        is negative, or ``valley`` neither 1 nor −1.

    Examples
    --------
    >>> print(dirac_hall_conductivity([0.0, 10.0], mass=2.0))
    [-0.5 -0.1]
    """
    mu = _validate.real_vector("mu", mu)
    mass = _validate.real_scalar("mass", mass)
    if mass == 0:
        raise ValueError("mass must not be 0 meV: the sign of the Hall conductivity is then open")
    valley = _validate.choice("valley", valley, (1, -1))
    kT = _validate.non_negative("kT", kT, "meV")
    energies = mu[:, None]
    weights = np.ones(1)
    if kT > 0:
        # σ(μ, T) = ∫ dE (−f′) σ(E, 0) with E = μ + 2k_BT artanh(cos θ): an interval without
        # singular ends. Midpoints, as the kinks at ±m would spoil a rule of higher order.
        theta = (np.arange(_THERMAL_NODES) + 0.5) * math.pi / _THERMAL_NODES
        energies = energies + 2 * kT * np.arctanh(np.cos(theta))
        weights = np.sin(theta) / np.sin(theta).sum()
    share = abs(mass) / np.maximum(np.abs(energies), abs(mass))
    hall: Floats = -0.5 * valley * math.copysign(1.0, mass) * (share @ weights)
    return hall
