"""Lines of constant energy, point by point on the line, and the saddle points where they meet."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike
from scipy.interpolate import CubicSpline

from moirelib import _validate
from moirelib._repr import short_repr
from moirelib._threads import one_blas_thread
from moirelib._types import Complex, Floats
from moirelib.bands.bloch import Bands, solve_bands
from moirelib.bands.fermi_contours import FermiContour, fermi_contours
from moirelib.bands.lattice import MoireLattice, Symmetry
from moirelib.bands.model import ValleyModel, half_count, require_valley_model
from moirelib.bands.stars import Stars
from moirelib.bands.tiling import energies_on_mesh
from moirelib.bands.window import require_complete

# A point belongs to the Fermi line when its energy misses μ by less than this.
_ON_LINE_MEV = 1e-8
_NEWTON_STEPS = 25

# A point is stationary when its velocity is below this share of the Dirac velocity.
_FLAT = 1e-7

# A curve that misses a symmetric one by this share of its radius starts as one.
_ASYMMETRIC = 0.05

# Tiles along each side of a sixth of the zone, for the search of the lines.
_TILES = 4


class FermiLineError(RuntimeError):
    """A point could not be brought onto the Fermi line: a van Hove point or band edge is near."""


@short_repr
@dataclass(frozen=True, eq=False)
class FermiLine:
    """One closed line ε_n(k) = μ of one valley, on points that parametrise it smoothly.

    Parameters
    ----------
    bands : Bands
        States of the single band, re-diagonalised on the points (n,).
    line_element : ndarray, shape (n, 2)
        dk of each point in 1/nm; occupied states lie on its left.
    closure : ndarray, shape (2,)
        The reciprocal vector in 1/nm by which an open orbit advances; zero for a pocket.
    """

    bands: Bands
    line_element: Floats
    closure: Floats

    def __post_init__(self) -> None:
        _validate.keep(self)

    @property
    def length(self) -> float:
        """Length of the line in 1/nm."""
        return float(np.linalg.norm(self.line_element, axis=1).sum())

    @cached_property
    @one_blas_thread
    def velocities(self) -> Floats:
        """∂ε/∂k on the points, (n, 2) in meV nm."""
        return self.bands.velocities[:, 0]

    @one_blas_thread
    def integral(self, pairs: ArrayLike) -> Complex:
        """Return ∮ dℓ λ_G v/|v| (Kundu Eq. 42), shape (nG, 2) in 1/nm.

        The G are integer ``pairs`` (nG, 2). Errors as
        :meth:`~moirelib.bands.bloch.Bands.form_factors`.
        """
        speed = np.linalg.norm(self.velocities, axis=1)
        weight = np.linalg.norm(self.line_element, axis=1) / speed
        form_factors = self.bands.form_factors(pairs)[..., 0]
        return np.asarray((form_factors * weight) @ self.velocities, dtype=np.complex128)

    @one_blas_thread
    def integral_without_velocity(self, pairs: ArrayLike) -> Complex:
        """Return ∮ λ_G (dk_y, −dk_x), shape (nG, 2) in 1/nm.

        Equal to :meth:`integral`, since v/|v| is the outward normal of the line. ``pairs`` and
        errors as there: :meth:`integral`.
        """
        outward = np.stack([self.line_element[:, 1], -self.line_element[:, 0]], axis=-1)
        form_factors = self.bands.form_factors(pairs)[..., 0]
        return np.asarray(form_factors @ outward, dtype=np.complex128)


@one_blas_thread
def fermi_lines(
    model: ValleyModel,
    mu: float,
    mesh: int = 60,
    bands: int = 6,
    points: int = 96,
    symmetry: Symmetry = "none",
) -> list[FermiLine]:
    """Return the Fermi lines of one valley.

    The lines are found on a mesh, turned into smooth curves by a truncated Fourier series, and
    every point is moved onto ε(k) = μ by Newton steps along the gradient with the model solved
    again. The integrand is then smooth and periodic in the parameter: the error of a sum over
    the points falls exponentially with their number. States belong to the folded k: where a
    line crosses the zone boundary, truncated plane waves leave a jump and an error of 10⁻⁶.

    Parameters
    ----------
    model : ValleyModel
        The model of the valley.
    mu : float
        Chemical potential in meV.
    mesh : int
        Points along each reciprocal vector of the mesh on which the lines are looked for; a
        pocket smaller than its spacing is overlooked.
    bands : int
        Bands searched.
    points : int
        Points on each line, at least 16.
    symmetry : {"none", "C3v"}
        Symmetry of the model to use, on the mesh and along lines about a threefold axis: of their
        points a sixth is solved if ``points`` is a multiple of six.

    Returns
    -------
    list of FermiLine
        Empty if μ lies in a gap.

    Raises
    ------
    TypeError, ValueError
        If ``model`` is no valley model, ``mu`` not a finite number or where ``bands`` are not
        complete, or an integer is too small.
    FermiLineError
        If Newton's method fails, as it may at a van Hove energy.

    Examples
    --------
    >>> from moirelib import GrapheneHBN
    >>> lines = fermi_lines(GrapheneHBN(), 0.0, mesh=24, points=48, symmetry="C3v")
    >>> [round(line.length, 2) for line in lines]
    [0.61]
    """
    require_valley_model(model)
    mu = _validate.real_scalar("mu", mu)
    require_complete([model], 2 * half_count(model, bands, "bands"), mu)
    points = _validate.integer("points", points, minimum=16)
    lines = []
    for band, contour in contours_on_mesh(model, mu, mesh, bands, symmetry):
        start = _smooth_start(contour, points)
        if symmetry == "C3v" and contour.is_pocket:
            start = _symmetric(model.lattice, start)
        solved = _onto_line(model, start, mu, band, bands, symmetry)
        element = _line_element(solved.k, contour.closure)
        lines.append(FermiLine(solved, element, contour.closure))
    return lines


@short_repr
@dataclass(frozen=True, eq=False)
class Saddle:
    """A stationary point of a band: wavevector in 1/nm, energy in meV, ∂²ε/∂k² in meV nm²."""

    k: Floats
    energy: float
    hessian: Floats

    def __post_init__(self) -> None:
        _validate.keep(self)

    @property
    def logarithm(self) -> float:
        """Coefficient of −ln|E − E_s| in the density of states, in 1/(meV nm²), of one flavour.

        1/(2π² √|det ∂²ε/∂k²|) for a saddle; 0 for an extremum.
        """
        determinant = float(np.linalg.det(self.hessian))
        return 0.0 if determinant >= 0 else 1 / (2 * math.pi**2 * math.sqrt(-determinant))


@one_blas_thread
def saddle_point(model: ValleyModel, k: ArrayLike, band: int, bands: int = 6) -> Saddle:
    """Return the stationary point of a band that Newton's method reaches from ``k``.

    Parameters
    ----------
    model : ValleyModel
        The model of one valley.
    k : array_like, shape (2,)
        Where to start, in 1/nm.
    band : int
        Index among the ``bands`` nearest to charge neutrality.
    bands : int
        Bands solved.

    Raises
    ------
    TypeError, ValueError
        If ``model`` is no valley model, ``k`` not one finite wavevector, or ``band`` none of
        ``bands``.
    FermiLineError
        If the search does not converge.
    """
    require_valley_model(model)
    k = _validate.real_array("k", k, last=2)
    if k.ndim != 1:
        raise ValueError(f"k must be one wavevector of shape (2,), got {k.shape}")
    half_count(model, bands, "bands")
    band = band_index(band, bands)
    spread, longest = 1e-3 * model.lattice.k_m, 0.05 * model.lattice.k_m
    around = spread * np.array([[0, 0], [1, 0], [-1, 0], [0, 1], [0, -1]])
    for _ in range(_NEWTON_STEPS):
        solved = solve_bands(model, k + around, bands)
        v = solved.velocities[:, band]
        hessian = np.stack([v[1] - v[2], v[3] - v[4]]) / (2 * spread)
        hessian = (hessian + hessian.T) / 2
        if np.linalg.norm(v[0]) < _FLAT * model.hbar_v:
            return Saddle(k, float(solved.energies[0, band]), hessian)
        step = -np.linalg.solve(hessian, v[0])
        k, _ = model.lattice.fold(k + step * min(1.0, longest / float(np.linalg.norm(step))))
    raise FermiLineError(f"no stationary point of band {band} was reached")


def band_index(band: int, bands: int) -> int:
    """Return the index of one of ``bands`` bands, counted from 0 at the lowest.

    Raises
    ------
    TypeError, ValueError
        If ``band`` is no integer, or there is no such band.
    """
    index = _validate.integer("band", band, minimum=0)
    if index >= bands:
        raise ValueError(f"band must be < {bands}, the number of bands, got {index}")
    return index


@one_blas_thread
def contours_on_mesh(
    model: ValleyModel, mu: float, mesh: int, bands: int, symmetry: Symmetry = "none"
) -> list[tuple[int, FermiContour]]:
    """Return the Fermi lines of one valley as polygons on a mesh, each with its band.

    Errors as :func:`~moirelib.bands.tiling.energies_on_mesh`.
    """
    mesh = _validate.integer("mesh", mesh, minimum=1)
    # Expansions are enough to find the lines: the points are moved onto them with the model.
    zone, wedge = energies_on_mesh(model, mesh, bands, _TILES, symmetry)
    energies = zone.unfold(wedge)
    return [
        (band, contour)
        for band in range(bands)
        for contour in fermi_contours(model.lattice, energies[..., band], mu)
    ]


def _smooth_start(contour: FermiContour, points: int) -> Floats:
    """A smooth closed curve (points, 2) close to a polygon: its lowest Fourier modes."""
    chords = np.linalg.norm(np.diff(contour.points, axis=0), axis=1)
    arc = np.concatenate([[0.0], np.cumsum(chords)])
    arc /= arc[-1]
    # What is left after the drift of an open orbit is periodic.
    periodic = contour.points - arc[:, None] * contour.closure
    periodic[-1] = periodic[0]
    s = np.arange(points) / points
    modes = np.fft.rfft(CubicSpline(arc, periodic, bc_type="periodic")(s), axis=0)
    modes[points // 4 :] = 0
    smooth: Floats = np.fft.irfft(modes, points, axis=0) + s[:, None] * contour.closure
    return smooth


def _symmetric(lattice: MoireLattice, k: Floats) -> Floats:
    """A closed curve (points, 2) that C₃ᵥ maps onto itself, point by point, if one is close.

    About a threefold axis, in the complex plane, such a curve has only every third mode, and with
    its first point on the mirror line k_y = 0 these are real. All three axes lie on such a line.
    """
    axes = np.concatenate([np.zeros((1, 2)), lattice.corners])
    axis = axes[np.argmin(np.linalg.norm(axes - k.mean(axis=0), axis=1))]
    modes = np.fft.fft((k - axis) @ np.array([1, 1j]))
    order = np.rint(np.fft.fftfreq(len(k), 1 / len(k)))
    turn = 1 if abs(modes[1]) > abs(modes[-1]) else -1
    modes *= np.exp(-1j * order * turn * np.angle(modes[turn]))
    symmetric = np.where((order - turn) % 3 == 0, modes.real, 0)
    if np.abs(modes - symmetric).sum() > _ASYMMETRIC * abs(modes[turn]):
        return k
    curve = np.fft.ifft(symmetric)
    found: Floats = axis + np.stack([curve.real, curve.imag], axis=-1)
    return found


def _line_element(k: Floats, closure: Floats) -> Floats:
    """The step dk of each point of a smooth closed curve, by differentiating its Fourier series."""
    count = len(k)
    periodic = k - np.arange(count)[:, None] / count * closure
    modes = np.fft.rfft(periodic, axis=0)
    wave = 2j * math.pi * np.arange(len(modes))
    if count % 2 == 0:
        wave[-1] = 0  # the highest mode of an even count has no derivative on the points
    element: Floats = (np.fft.irfft(wave[:, None] * modes, count, axis=0) + closure) / count
    return element


def _onto_line(
    model: ValleyModel, k: Floats, mu: float, band: int, bands: int, symmetry: Symmetry
) -> Bands:
    """Move points along the gradient until ε = μ; the states of that band there."""
    k = k.copy()
    energies = np.full(len(k), np.inf)
    states = np.empty((len(k), len(model.plane_waves)), dtype=np.complex128)
    todo = np.arange(len(k))
    longest = 0.05 * model.lattice.k_m
    for _ in range(_NEWTON_STEPS):
        folded = model.lattice.fold(k[todo])[0]
        if symmetry == "C3v":
            solved = Stars.of(model, folded, bands).take(np.arange(len(folded)))
        else:
            solved = solve_bands(model, folded, bands)
        energies[todo], states[todo] = solved.energies[:, band], solved.states[..., band]
        excess, v = solved.energies[:, band] - mu, solved.velocities[:, band]
        off = np.abs(excess) > _ON_LINE_MEV
        if not off.any():
            return Bands(model, k, energies[:, None], states[..., None])
        step = -(excess / np.maximum((v**2).sum(axis=1), 1e-12))[:, None] * v
        length = np.linalg.norm(step, axis=1, keepdims=True)
        step *= np.minimum(1, longest / np.maximum(length, 1e-300))
        k[todo[off]] += step[off]
        todo = todo[off]
    raise FermiLineError(
        f"{len(todo)} points do not settle on the Fermi line of band {band} at mu = {mu} meV: "
        "a van Hove energy or band edge is too close; move mu or use linear triangles"
    )
