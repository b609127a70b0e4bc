"""How band quantities on the irreducible wedge stand for the whole zone.

Under an operation S of C₃ᵥ, ∂ε(Sk) = S ∂ε(k) and λ_G(Sk) = λ_{S⁻¹G}(k), complex-conjugated for
the antiunitary mirrors. Averages over the star of k, and vectors 𝒞_G on all G of an orbit,
follow from these.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from moirelib._types import Complex, Floats, Ints
from moirelib.bloch import solve_bands
from moirelib.graphene_hbn import GrapheneHBN
from moirelib.lattice import MoireLattice, Symmetry


@dataclass(frozen=True)
class Orbit:
    """The reciprocal vectors that C₃ᵥ and inversion map onto one another.

    Parameters
    ----------
    star : list of (index, matrix, conjugate)
        For each operation S: the index of S⁻¹G, G the representative, and how S acts.
    members : list of (index, matrix, conjugate)
        For each vector of the orbit: its index, and what carries 𝒞_G there.
    """

    star: list[tuple[int, Floats, bool]]
    members: list[tuple[int, Floats, bool]]

    def average(self, velocities: Floats, form_factors: Complex) -> Complex:
        """Return the mean of ∂ε(Sk) λ_G(Sk) over the star, shape (2, nk, nb).

        From velocities (nk, nb, 2) and form factors (nG, nk, nb) at k.
        """
        terms = [
            np.moveaxis(velocities @ matrix.T, -1, 0)
            * (form_factors[index].conj() if conjugate else form_factors[index])
            for index, matrix, conjugate in self.star
        ]
        mean: Complex = np.mean(terms, axis=0)
        return mean


def orbits(lattice: MoireLattice, pairs: Ints, symmetry: Symmetry) -> list[Orbit]:
    """Sort reciprocal vectors (nG, 2), whole shells without 0, into orbits.

    With ``symmetry="none"`` the orbits are {G, −G}.

    Raises
    ------
    ValueError
        If an image of one of the vectors is missing.
    """
    index = {tuple(pair): i for i, pair in enumerate(pairs.tolist())}
    operations = lattice.point_operations if symmetry == "C3v" else lattice.point_operations[:1]
    result: list[Orbit] = []
    found: set[int] = set()

    def position(pair: Ints) -> int:
        try:
            return index[tuple(pair.tolist())]
        except KeyError:
            raise ValueError(f"pairs must hold whole shells, but {pair} is missing") from None

    for representative, pair in enumerate(pairs):
        if representative in found:
            continue
        star, members = [], dict[int, tuple[int, Floats, bool]]()
        for op in operations:
            inverse = np.rint(np.linalg.inv(op.pairs)).astype(np.int64)
            star.append((position(inverse @ pair), op.cartesian, op.conjugates))
            for sign in (1, -1):
                image = position(sign * op.pairs @ pair)
                # 𝒞(SG) = S 𝒞(G), conjugated for a mirror; 𝒞(−G) = 𝒞(G)*.
                members.setdefault(image, (image, op.cartesian, op.conjugates != (sign < 0)))
        found.update(members)
        result.append(Orbit(star, list(members.values())))
    return result


def over_orbits(values: NDArray[Any], every: list[Orbit]) -> Complex:
    """Carry 𝒞 from the representatives (n_orbits, 2, nmu) to all G: (nmu, nG, 2).

    By 𝒞(SG) = S 𝒞(G), conjugated for the mirrors, and 𝒞(−G) = 𝒞(G)*.
    """
    count = sum(len(orbit.members) for orbit in every)
    out = np.empty((values.shape[-1], count, 2), dtype=complex)
    for value, orbit in zip(values, every, strict=True):
        for index, matrix, conjugate in orbit.members:
            rotated = (matrix @ value).T
            out[:, index] = rotated.conj() if conjugate else rotated
    return out


def require_symmetry(model: GrapheneHBN, tolerance: float = 0.1) -> None:
    """Refuse a model whose bands at one generic wavevector break C₃, the mirror or time reversal.

    The tolerance, in meV, admits a box of plane waves, which breaks C₃ at its rim.
    """
    k = model.lattice.k_m * np.array([0.31, 0.17])
    reference = solve_bands(model, k).energies
    rotation, mirror = (model.lattice.point_operations[i].cartesian for i in (2, 1))
    images = {
        "C₃": (model, rotation @ k),
        "the mirror k_y → −k_y": (model, mirror @ k),
        "time reversal": (model.other_valley(), -k),
    }
    for name, (image, point) in images.items():
        residual = float(np.abs(solve_bands(image, point).energies - reference).max())
        if residual > tolerance:
            raise ValueError(
                f'symmetry="full" needs a model with {name}, but its bands break it by '
                f'{residual:.3g} meV; use symmetry="none"'
            )


def require_exact_symmetry(model: GrapheneHBN) -> None:
    """Refuse a model that does not have C₃, the mirror and time reversal by construction."""
    for name, needed in (
        ("transfer_star", "equilateral"),
        ("valley_phase", "conjugated"),
        ("cutoff_shape", "circle"),
    ):
        if getattr(model, name) != needed:
            raise ValueError(
                f"model must have {name}={needed!r}, got {getattr(model, name)!r}: "
                "the sum uses C₃, the mirror and time reversal"
            )
