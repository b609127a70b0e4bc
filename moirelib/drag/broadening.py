"""Broadened reciprocal-lattice points: Kundu App. F.

For any function Ξ(g) on the plane, :func:`broadened_sum` is Kundu Eq. 51 and
:func:`expanded_sum` its expansion, Eq. 53. The theory gives Ξ on the lattice only. Two ways to
continue it are here and in :mod:`moirelib.drag.off_lattice`: :func:`rigid_cell_xi` takes the cells
as rigid, the other module takes the response at a finite wavevector.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from moirelib import _validate
from moirelib._types import Complex, Floats
from moirelib.bands.lattice import MoireLattice
from moirelib.drag.conductivity import BARE
from moirelib.drag.interlayer import Potential, xi

PlaneFunction = Callable[[Floats], Floats]

# Gauss–Hermite nodes along each axis that double precision can tell apart.
_MOST_NODES = 180


def broadened_sum(
    function: PlaneFunction,
    lattice: MoireLattice,
    pairs: ArrayLike,
    width: float,
    nodes: int = 24,
) -> float:
    """Return Σ_G ∫ d²g Ξ(g) N(g − G; η) with normalised Gaussians N (Kundu Eq. 51).

    Parameters
    ----------
    function : callable
        Ξ: takes wavevectors (..., 2) in 1/nm, returns real numbers (...,).
    lattice : MoireLattice
        The lattice whose points are broadened.
    pairs : array_like of int, shape (nG, 2)
        The vectors G in the sum, as integer pairs.
    width : float
        η ≥ 0 in 1/nm; zero gives the discrete sum, Kundu Eq. 50.
    nodes : int
        Gauss–Hermite nodes along each axis: exact if Ξ is a polynomial of degree 2 nodes − 1.

    Returns
    -------
    float
        In units of Ξ.

    Raises
    ------
    TypeError, ValueError
        If ``function`` is no function, ``lattice`` no lattice, ``pairs`` no integers (..., 2),
        ``width`` no number ≥ 0, or ``nodes`` no positive integer or so many that their weights
        underflow.

    Examples
    --------
    >>> lattice = MoireLattice(14.0)
    >>> square = lambda g: (g**2).sum(axis=-1)
    >>> print(round(broadened_sum(square, lattice, [[0, 0]], width=0.1), 6))
    0.02
    """
    _validate.function("function", function, "of wavevectors (..., 2)")
    _validate.instance("lattice", lattice, MoireLattice, "a MoireLattice")
    eta = _validate.non_negative("width", width, "1/nm")
    count = _validate.integer("nodes", nodes, minimum=1)
    if count > _MOST_NODES:
        raise ValueError(f"nodes must be ≤ {_MOST_NODES}, got {count}: their weights underflow")
    x, w = np.polynomial.hermite_e.hermegauss(count)
    offsets = eta * np.stack(np.meshgrid(x, x, indexing="ij"), axis=-1)
    weights = np.outer(w, w) / (2 * math.pi)
    total = 0.0
    for g in lattice.vectors(pairs).reshape(-1, 2):
        total += float((weights * function(g + offsets)).sum())
    return total


def expanded_sum(
    function: PlaneFunction,
    laplacian: PlaneFunction,
    lattice: MoireLattice,
    pairs: ArrayLike,
    width: float,
) -> float:
    """Return Σ_G [Ξ(G) + ½ η² ∇²Ξ(G)], the expansion of :func:`broadened_sum` (Kundu Eq. 53).

    Parameters
    ----------
    function, laplacian : callable
        Ξ and ∇²Ξ: take wavevectors (..., 2) in 1/nm, return real numbers (...,).
    lattice, pairs, width
        As in :func:`broadened_sum`.

    Raises
    ------
    TypeError, ValueError
        As :func:`broadened_sum`, also of ``laplacian``.
    """
    for name, one in (("function", function), ("laplacian", laplacian)):
        _validate.function(name, one, "of wavevectors (..., 2)")
    _validate.instance("lattice", lattice, MoireLattice, "a MoireLattice")
    eta = _validate.non_negative("width", width, "1/nm")
    g = lattice.vectors(pairs).reshape(-1, 2)
    return float((function(g) + 0.5 * eta**2 * laplacian(g)).sum())


def gaussian_xi(decay: float) -> tuple[PlaneFunction, PlaneFunction]:
    """Return Ξ = e^{−ag²} and ∇²Ξ, a test function: its broadened sum is closed form.

    Parameters
    ----------
    decay : float
        a > 0 in nm².

    Raises
    ------
    TypeError, ValueError
        If ``decay`` is no number > 0.
    """
    a = _validate.positive("decay", decay, "nm²")

    def gaussian(g: Floats) -> Floats:
        value: Floats = np.exp(-a * (g**2).sum(axis=-1))
        return value

    def laplacian(g: Floats) -> Floats:
        value: Floats = 4 * a * (a * (g**2).sum(axis=-1) - 1) * gaussian(g)
        return value

    return gaussian, laplacian


def log10_peak_contrast(lattice: MoireLattice, width: ArrayLike) -> Floats:
    """Return log₁₀ of the relative modulation that is left of the broadened lattice points.

    By Poisson's formula Σ_G N(g − G; η) = (1/A_BZ) Σ_R e^{−η²R²/2} e^{iR·g}. What remains of the
    lattice is the first star of R, six vectors of length L_M: its amplitude relative to the
    constant is 6 e^{−η²L_M²/2}. The logarithm is returned because the number itself underflows.

    Parameters
    ----------
    lattice : MoireLattice
        The lattice.
    width : array_like, any shape
        η ≥ 0 in 1/nm.

    Returns
    -------
    ndarray, shape of width

    Raises
    ------
    TypeError, ValueError
        If ``lattice`` is no lattice, or ``width`` not real, finite and ≥ 0.
    """
    _validate.instance("lattice", lattice, MoireLattice, "a MoireLattice")
    eta = _validate.non_negative_array("width", width, "1/nm")
    contrast: Floats = math.log10(6) - 0.5 * (eta * lattice.period) ** 2 / math.log(10)
    return contrast


def cell_transform(lattice: MoireLattice, g: ArrayLike) -> Complex:
    """Return (1/A) ∫ d²r e^{−ig·r} over the hexagonal cell centred on r = 0.

    It is 1 at g = 0 and vanishes at every other lattice point: the interpolating function of
    quantities known there.

    Parameters
    ----------
    lattice : MoireLattice
        The lattice.
    g : array_like, shape (..., 2)
        Wavevectors in 1/nm.

    Returns
    -------
    ndarray, shape (...,)
        Dimensionless.

    Raises
    ------
    TypeError, ValueError
        If ``lattice`` is no lattice, or ``g`` not real and finite (..., 2).
    """
    _validate.instance("lattice", lattice, MoireLattice, "a MoireLattice")
    g = _validate.real_array("g", g, last=2)
    # Vertices of the cell lie at right angles to the zone corners, L_M/√3 from the centre.
    turned = lattice.corners @ np.array([[0.0, 1.0], [-1.0, 0.0]])
    vertices = turned * lattice.period / (math.sqrt(3) * lattice.k_m)
    squared = (g**2).sum(axis=-1)
    near = squared < (1e-7 * lattice.k_m) ** 2
    total = np.zeros(g.shape[:-1], dtype=complex)
    for start, end in zip(vertices, np.roll(vertices, -1, axis=0), strict=True):
        edge, middle = end - start, (start + end) / 2
        across = g[..., 0] * edge[1] - g[..., 1] * edge[0]
        total += across * np.exp(-1j * g @ middle) * np.sinc(g @ edge / (2 * math.pi))
    transform: Complex = np.where(
        near, 1.0, 1j * total / (np.where(near, 1.0, squared) * lattice.cell_area)
    )
    return transform


def rigid_cell_xi(
    lattice: MoireLattice,
    pairs: ArrayLike,
    susceptibility1: ArrayLike,
    susceptibility2: ArrayLike,
    centre: ArrayLike = (0.0, 0.0),
    interlayer: Potential = BARE,
) -> PlaneFunction:
    """Return Ξ(g) with 𝒞_g = Σ_G 𝒞_G s(g − G), as if the cells were cut out and moved rigidly.

    s is :func:`cell_transform`. The result agrees with Ξ(G) on the lattice for every choice of
    the cell's centre, and differs between them elsewhere.

    Parameters
    ----------
    lattice : MoireLattice
        The lattice.
    pairs : array_like of int, shape (nG, 2)
        The vectors G ≠ 0 on which 𝒞 is given.
    susceptibility1, susceptibility2 : array_like, shape (nG, 2)
        𝒞_G of the two layers in 1/nm.
    centre : array_like, shape (2,)
        Where in the moiré pattern the cell is centred, in nm.
    interlayer : callable
        U₁₂ in meV nm² of wavenumbers in 1/nm.

    Returns
    -------
    callable
        Takes wavevectors (..., 2) in 1/nm, returns ½ Σ_α Ξ^{αα} in meV, (...,).

    Raises
    ------
    TypeError, ValueError
        If ``lattice`` is no lattice, ``interlayer`` no function, ``centre`` not one wavevector, or
        the shapes of pairs and susceptibilities do not fit.
    """
    _validate.instance("lattice", lattice, MoireLattice, "a MoireLattice")
    _validate.function("interlayer", interlayer, "of q such as Interlayer()")
    vectors = lattice.vectors(pairs)
    shift = _validate.real_array("centre", centre, last=2)
    if shift.ndim != 1:
        raise ValueError(f"centre must have shape (2,), got {shift.shape}")
    given = [
        _validate.complex_array(f"susceptibility{i}", c)
        for i, c in enumerate((susceptibility1, susceptibility2), 1)
    ]
    if vectors.ndim != 2 or any(c.shape != vectors.shape for c in given):
        raise ValueError(
            f"pairs and both susceptibilities must have one shape (nG, 2), got {vectors.shape}, "
            f"{given[0].shape} and {given[1].shape}"
        )
    phase = np.exp(1j * vectors @ shift)[:, None]
    first, second = (c * phase for c in given)

    def of_rigid_cells(g: Floats) -> Floats:
        weights = cell_transform(lattice, g[..., None, :] - vectors)
        return xi(weights @ first, weights @ second, interlayer(np.linalg.norm(g, axis=-1)))

    return of_rigid_cells


def laplacian_of(function: PlaneFunction, step: float) -> PlaneFunction:
    """Return ∇² of a function by differences on a hexagon, isotropic to order step⁴.

    Parameters
    ----------
    function : callable
        Takes wavevectors (..., 2), returns real numbers (...,).
    step : float
        Radius of the hexagon, > 0, in 1/nm.

    Raises
    ------
    TypeError, ValueError
        If ``function`` is no function, or ``step`` no number > 0.
    """
    _validate.function("function", function, "of wavevectors (..., 2)")
    step = _validate.positive("step", step, "1/nm")
    angle = np.arange(6) * math.pi / 3
    ring = step * np.stack([np.cos(angle), np.sin(angle)], axis=-1)

    def laplacian(g: Floats) -> Floats:
        centre = function(g)
        # Mean over the ring: 1 + step²∇²/4 + step⁴∇⁴/64; two radii remove the second term.
        near, far = (function(g[..., None, :] + s * ring).mean(axis=-1) - centre for s in (1, 2))
        value: Floats = (16 * near - far) / (3 * step**2)
        return value

    return laplacian
