"""How band quantities on the irreducible wedge stand for the whole zone.

Under an operation S of C₃ᵥ, ∂ε(Sk) = S ∂ε(k) and λ_G(Sk) = λ_{S⁻¹G}(k), complex-conjugated for
the antiunitary mirrors. Averages over the star of k, and vectors 𝒞_G on all G of an orbit,
follow from these.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from moirelib import _validate
from moirelib._repr import short_repr
from moirelib._types import Complex, Floats, Ints
from moirelib.bands.bloch import solve_bands
from moirelib.bands.lattice import MoireLattice, Symmetry
from moirelib.bands.model import ALL_SYMMETRIES, SymmetryName, ValleyModel, require_valley_model


@short_repr
@dataclass(frozen=True, eq=False)
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


def star_averages(every: list[Orbit], velocities: Floats, form_factors: Complex) -> Complex:
    """Return the means of ∂ε(Sk) λ_G(Sk) over the star, shape (n_orbits, 2, nk, nb).

    From velocities (nk, nb, 2) and form factors (nG, nk, nb) at k; G are the representatives.
    """
    components = np.ascontiguousarray(np.moveaxis(velocities, -1, 0))
    means = np.zeros((len(every), *components.shape), dtype=complex)
    # All orbits have the same operations.
    for number, (_, matrix, conjugate) in enumerate(every[0].star):
        turned = np.tensordot(matrix, components, axes=1)
        factors = form_factors.conj() if conjugate else form_factors
        for mean, orbit in zip(means, every, strict=True):
            mean += turned * factors[orbit.star[number][0]]
    means /= len(every[0].star)
    return means


def orbits(lattice: MoireLattice, pairs: Ints, symmetry: Symmetry) -> list[Orbit]:
    """Sort integer ``pairs`` (nG, 2), whole shells without 0, into orbits.

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
    """Carry ``values`` of 𝒞 on the representatives, (n_orbits, 2, nmu), to all G: (nmu, nG, 2).

    By 𝒞(SG) = S 𝒞(G), conjugated for the mirrors, and 𝒞(−G) = 𝒞(G)*.
    """
    count = sum(len(orbit.members) for orbit in every)
    out = np.empty((values.shape[-1], count, 2), dtype=complex)
    for value, orbit in zip(values, every, strict=True):
        for index, matrix, conjugate in orbit.members:
            rotated = (matrix @ value).T
            out[:, index] = rotated.conj() if conjugate else rotated
    return out


def star_mean(
    lattice: MoireLattice, pairs: Ints, values: Complex, conjugated: Complex | None = None
) -> Complex:
    """Return the mean over C₃ᵥ of a vector that depends on G: X(SG) = S X(G), or S X*(G).

    Parameters
    ----------
    lattice : MoireLattice
        The lattice.
    pairs : ndarray of int, shape (nG, 2)
        Whole shells of G.
    values : ndarray, shape (..., nG, 2)
        X from the irreducible wedge alone.
    conjugated : ndarray, shape (..., nG, 2), optional
        What the antiunitary mirrors turn X into; its complex conjugate if left out. (A response
        at the complex frequency z becomes the conjugate of that at z*.)

    Returns
    -------
    ndarray, shape (..., nG, 2)
        In the unit of X.
    """
    index = {tuple(pair): i for i, pair in enumerate(pairs.tolist())}
    mirrored = values.conj() if conjugated is None else conjugated
    total: Complex = np.zeros_like(values)
    for op in lattice.point_operations:
        image = [index[tuple(pair)] for pair in (pairs @ op.pairs.T).tolist()]
        total[..., image, :] += (mirrored if op.conjugates else values) @ op.cartesian.T
    return np.asarray(total / len(lattice.point_operations), dtype=np.complex128)


def require_symmetry(model: ValleyModel, tolerance: float = 1e-6) -> None:
    """Refuse a model that does not state C₃, the mirror and time reversal, or does not have them.

    What the model states is confirmed at one generic wavevector: energies, and the products of
    velocity and form factor that the sums carry from the wedge to the zone.

    Parameters
    ----------
    model : ValleyModel
        The model.
    tolerance : float
        Largest admitted disagreement: of energies in meV, of form factors as they are.

    Raises
    ------
    TypeError, ValueError
        Naming what the model does not state, or does not keep; if ``model`` is no valley model, or
        ``tolerance`` no number > 0.
    """
    require_valley_model(model)
    _confirm_symmetry(model, _validate.positive("tolerance", tolerance))


# A model is confirmed once, not for each layer that is made of it.
@lru_cache(maxsize=32)
def _confirm_symmetry(model: ValleyModel, tolerance: float) -> None:
    missing = sorted(ALL_SYMMETRIES - set(model.symmetries))
    if missing:
        raise ValueError(
            f'symmetry="full" needs a model with {", ".join(missing)} among its symmetries, got '
            f'{sorted(model.symmetries)}; use symmetry="none"'
        )
    for name in sorted(ALL_SYMMETRIES):
        residual = symmetry_residual(model, name)
        if not residual <= tolerance:
            raise ValueError(
                f"model states the symmetry {name}, but its bands break it by {residual:.3g} "
                '(meV, or form factors); use symmetry="none" or correct its symmetries'
            )


def symmetry_residual(model: ValleyModel, name: SymmetryName) -> float:
    """Return by how much a model breaks a symmetry at one generic wavevector.

    The larger of two distances: of energies in meV, and of form factors on the first shell, with
    λ_{SG}(Sk) = λ_G(k), conjugated for the antiunitary mirror and for time reversal, which maps
    G to −G.
    """
    lattice = model.lattice
    k = lattice.k_m * np.array([0.31, 0.17])
    shell = lattice.shells(2)[1]
    count = 2 * min(3, model.occupied, len(model.plane_waves) - model.occupied)
    if name == "time_reversal":
        image, at, pairs = model.other_valley(), -k, -shell
    else:
        operation = lattice.point_operations[2 if name == "C3" else 1]
        image, at, pairs = model, operation.cartesian @ k, shell @ operation.pairs.T
    here, there = solve_bands(model, k, count), solve_bands(image, at, count)
    expected = here.form_factors(shell)
    found = there.form_factors(pairs)
    return max(
        float(np.abs(there.energies - here.energies).max()),
        float(np.abs(found - (expected if name == "C3" else expected.conj())).max()),
    )
