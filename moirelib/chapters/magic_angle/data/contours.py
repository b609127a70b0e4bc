"""The Fermi contour of the strained flat bands, and what a current does on it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from moirelib._repr import short_repr
from moirelib._types import Floats
from moirelib.bands import Bands, KdotPExpansion, Tiling, ValleyModel, expand, solve_bands
from moirelib.chapters.magic_angle.data.enhancement import enhancement
from moirelib.chapters.magic_angle.data.points import Point
from moirelib.chapters.magic_angle.data.stored import MAGIC
from moirelib.switching import fermi_level, triangle_contour, valley_response


@short_repr
@dataclass(frozen=True)
class Contour:
    """The contour at T = 0, in units of q and of v_D, with the zone around it.

    ``starts`` and ``ends`` (n, 2) are the steps of the contour, ``speeds`` (n,) belongs to them.
    ``delta`` (2,) is δ_ε for constant rates; ``enhancement`` is ``|Δn₀|ev_D/(jε)``. They belong to
    ``twist_degrees``, ``strain``, the ``filling`` of the conduction band and ``mu`` in meV.
    ``zone`` are the corners of the zone.
    """

    twist_degrees: float
    strain: float
    filling: float
    mu: float
    zone: Floats
    starts: Floats
    ends: Floats
    speeds: Floats
    delta: Floats
    enhancement: float


def contour(
    filling: float = 0.75, strain: float = 3e-3, twist_degrees: float = MAGIC, mesh: int = 24
) -> Contour:
    """Return the contour on triangles, with speeds from expansions that all fillings share.

    Against a diagonalisation of each wavevector speeds err by 4·10⁻³ v_D at most and half of them
    by less than 10⁻⁴, ``enhancement`` by 10⁻³ of itself; the mesh leaves 3·10⁻³ of that.
    """
    point = Point(twist_degrees, strain, filling=filling, kT=0.0, mesh=mesh)
    model = point.model
    mu = fermi_level(model, filling, mesh=mesh)
    line = triangle_contour(model, mu, mesh, solve=_expanded)
    if line is None:
        raise ValueError(f"filling must leave a band partly filled, got {filling}")
    found = valley_response(line)
    size = model.geometry.moire_wavevector
    middle = model.lattice.fold(line.wavevectors)[0]
    return Contour(
        twist_degrees,
        strain,
        filling,
        mu,
        np.concatenate([model.lattice.corners, model.lattice.corners[:1]]) / size,
        (middle - line.elements / 2) / size,
        (middle + line.elements / 2) / size,
        line.speeds / model.hbar_v,
        found.delta,
        enhancement(point, found),
    )


def _expanded(model: ValleyModel, k: Floats, count: int) -> Bands:
    """The bands of :func:`solve_bands`, from expansions about the centres of tiles."""
    tile = _tiling(model).assign(k)
    energies = np.empty((len(k), count))
    states = np.empty((len(k), len(model.plane_waves), count), dtype=complex)
    for index in np.unique(tile).tolist():
        here = tile == index
        solved = _expansion(model, index).solve(k[here], count)
        energies[here], states[here] = solved.energies, solved.states
    return Bands(model, k, energies, states)


@lru_cache(maxsize=4)
def _tiling(model: ValleyModel) -> Tiling:
    return Tiling.of_zone(model.lattice, 4, "none")


@lru_cache(maxsize=96)
def _expansion(model: ValleyModel, index: int) -> KdotPExpansion:
    return expand(model, _tiling(model).centres[index], 8)


@short_repr
@dataclass(frozen=True)
class FlatBands:
    """Energies in meV along a path from the Dirac point of layer 1 through Γ_M and M, per strain.

    ``energies`` (3, nk, 4) of valley K at each of the ``strains``; ``distance`` (nk,) in 1/nm runs
    over the straight pieces, from one of the ``ticks`` with their ``labels`` to the next.
    """

    strains: Floats
    distance: Floats
    ticks: Floats
    labels: tuple[str, ...]
    energies: Floats


def flat_bands_along(strains: tuple[float, ...] = (0.0, 1e-3, 3e-3), count: int = 20) -> FlatBands:
    """Return the bands at the first magic angle."""
    rows = []
    for strain in strains:
        model = Point(MAGIC, strain).model
        corners = model.lattice.corners
        # The zone is centred on the Dirac point of layer 1. Its corners are in turn those of layer
        # 2 and the centre Γ of the moiré bands.
        dirac = -model.q_vectors[0]
        gamma = corners[np.argsort(np.linalg.norm(corners - dirac, axis=1))[1]]
        path = model.lattice.path(
            [np.zeros(2), gamma, dirac, dirac / 2, np.zeros(2)], ["K₁", "Γ", "K₂", "M", "K₁"], count
        )
        rows.append(solve_bands(model, path.points, 4).energies)
    unit = path.distance / path.distance[-1]
    return FlatBands(
        np.array(strains), unit, path.ticks / path.distance[-1], path.labels, np.array(rows)
    )
