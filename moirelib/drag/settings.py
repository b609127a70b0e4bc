"""What a layer needs for a tolerance: mesh, bands, shells and tiles, chosen with error estimates.

Errors are measured on the drag between two equal layers. Few tiles are compared with more, few
shells with more, and a mesh with its own parts: every second or third of its points form a mesh
too. For the first two a coarse mesh does; the fine one is found in a step or two, from how errors
fall on a first one, and on the same expansions.
"""

from __future__ import annotations

import math
from concurrent.futures import Executor
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Literal, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit

from moirelib import _validate
from moirelib._threads import one_blas_thread
from moirelib._types import Floats, Ints
from moirelib.bands.model import ALL_SYMMETRIES, ValleyModel, require_valley_model
from moirelib.bands.window import TAIL, bands_needed
from moirelib.drag.blocks import tiles_kept
from moirelib.drag.conductivity import BARE, drag_conductivity, drag_conductivity_by_shell
from moirelib.drag.interlayer import Potential
from moirelib.drag.layer import DragLayer, PointSum, _ValleyResponse
from moirelib.sweep import require_executor

Layer = TypeVar("Layer", bound=DragLayer)

# The coarse mesh; its tiles along a side, few and more; shells enough for the U₁₂ at hand.
_COARSE = 36
_FEW, _MORE = 2, 4
_SHELLS = 8

# Tiles along a side to choose from, besides the few: more of them are expanded already.
_TILES = (_MORE, 5, 6, 7, 8, 10, 12, 16)

# By how much few tiles may be further from the truth than from more of them, and by how much less
# errors of more tiles may cancel than those of the few.
_TO_NONE, _CANCEL = 1.5, 2.4

# Meshes are multiples of six: every second and every third of their points form meshes too. The
# first one is finer by a factor than k_BT alone would have it.
_STEP, _SMALLEST, _FIRST = 6, 48, 1.5

# How the error of a mesh falls where it is √3 times as fine: at a touching of bands by three, but
# for swings. Elsewhere ever more slowly, as the singularities nearest to real k take over: by no
# less than this power of the factor on meshes √3 times coarser, and no more is trusted than the
# fastest. The errors of a few random models are above what follows, of none twofold.
_SLOWEST, _LASTING, _FASTEST = 2.0, 0.6, 4.0

# What meshes are compared with: parts of them, so many times coarser.
_COARSER = (math.sqrt(3), 2.0, 3.0)

# By how much the rate at which errors have fallen is trusted, and the longest step that it is.
_TRUSTED = 0.8
_FURTHEST = 3.0

# Chemical potentials at which errors are measured: a prime number.
_PROBES = 97

# Shares of the tolerance; what is left of it is the mesh's.
_OF_SHELLS, _OF_TILES, _OF_BANDS = 0.1, 0.7, 0.05


class ToleranceError(ValueError):
    """No settings within the bounds reach the tolerance."""


@dataclass(frozen=True)
class LayerSettings:
    """Settings of a :class:`DragLayer`, and by estimate what they leave out.

    Errors are those of the drag conductivity between two such layers, relative to its size as
    :func:`converged_layer` says.

    Parameters
    ----------
    mesh, bands, shells, symmetry, divisions
        As in :class:`DragLayer`.
    mesh_error, bands_error, shells_error, tiles_error : float
        What a finer mesh, more bands, more shells and more tiles would change.
    """

    mesh: int
    bands: int
    shells: int
    symmetry: Literal["full", "none"]
    divisions: int
    mesh_error: float
    bands_error: float
    shells_error: float
    tiles_error: float

    @property
    def error(self) -> float:
        """The sum of the errors."""
        return self.mesh_error + self.bands_error + self.shells_error + self.tiles_error


@one_blas_thread
def converged_layer(
    model: ValleyModel,
    mu: ArrayLike,
    kT: float,
    tolerance: float = 1e-3,
    *,
    floor: float = 1.0,
    interlayer: Potential = BARE,
    largest: int = 960,
    executor: Executor | None = None,
) -> tuple[DragLayer, LayerSettings]:
    """Choose mesh, bands, shells and tiles for the drag between two layers of a model.

    Parameters
    ----------
    model : ValleyModel
        The model of either layer. The symmetries that it states are made use of.
    mu : array_like, any shape
        The chemical potentials of interest, or the ends of their range, in meV: all between the
        lowest and the highest are covered.
    kT : float
        The lowest k_BT of interest, > 0 in meV. What is warmer converges sooner, but may need more
        bands: the layer refuses it then.
    tolerance : float
        Largest admitted error of the tensor σ₁₂, relative to its size at the same chemical
        potentials.
    floor : float
        The smallest size that errors are compared with, as a share of the largest σ₁₂: 1 compares
        all errors with the largest σ₁₂, 0.01 each with its own σ₁₂ down to a hundredth of that.
    interlayer : callable
        U₁₂ between the layers, as in :func:`moirelib.drag_conductivity`.
    largest : int
        The largest mesh to try.
    executor : concurrent.futures.Executor, optional
        Where to solve the layers, as in :class:`DragLayer`.

    Returns
    -------
    layer : DragLayer
        A solved layer.
    settings : LayerSettings
        What was chosen, and an upper estimate of each error.

    Raises
    ------
    ToleranceError
        A ValueError: if it takes a larger mesh, or more bands, shells or tiles than there are.
    TypeError, ValueError
        If an argument is out of range.

    Notes
    -----
    Sums over a periodic mesh converge exponentially, at a rate that k_BT sets or the smallest gap,
    whichever is narrower: the rate is measured, not assumed.

    Examples
    --------
    >>> from moirelib import GrapheneHBN
    >>> layer, settings = converged_layer(GrapheneHBN(cutoff=1), [-60.0, 20.0], kT=8.0)
    >>> layer.bands, settings.error < 1e-3
    (4, True)
    """
    require_valley_model(model)
    require_executor(executor)
    largest = _validate.integer("largest", largest, minimum=_SMALLEST)
    asked = _Asked(
        model=model,
        mu=_probes(_validate.real_vector("mu", np.ravel(mu))),
        kT=_validate.positive("kT", kT, "meV"),
        tolerance=_validate.between("tolerance", tolerance, 1e-6, 0.1, "", "see its reason"),
        floor=_validate.between("floor", floor, 1e-4, 1.0, "", "a share of the largest drag"),
        interlayer=interlayer,
        executor=executor,
    )
    with tiles_kept():
        layer, settings = asked.chosen(largest)
    return _solved_as(DragLayer, layer), settings


@dataclass(frozen=True)
class _Asked:
    """What the settings are for, and how errors are measured."""

    model: ValleyModel
    mu: Floats
    kT: float
    tolerance: float
    floor: float
    interlayer: Potential
    executor: Executor | None

    @cached_property
    def symmetry(self) -> Literal["full", "none"]:
        return "full" if set(self.model.symmetries) >= ALL_SYMMETRIES else "none"

    def chosen(self, largest: int) -> tuple[PointSum, LayerSettings]:
        """The layer with the fewest points, and its settings."""
        layer, bands_error = self.coarse()
        bands = layer.bands
        shells, shells_error, drag = self.shells(layer)
        divisions, tiles_error = self.divisions(layer, shells, drag)
        of_mesh = self.tolerance - bands_error - shells_error - tiles_error
        mesh, mesh_error = self.first_mesh(layer), math.inf
        while mesh_error > of_mesh:
            if mesh > largest:
                raise ToleranceError(
                    f"tolerance must be larger, or kT: {self.tolerance:g} at {self.kT:g} meV takes "
                    f"a mesh of {mesh} at least, above largest={largest}"
                    + (f"; {layer.mesh} is off by {mesh_error:.2g}" if mesh_error < 1 else "")
                )
            layer = self.layer(mesh, bands, shells, divisions)
            coarser = self.errors_of_parts(layer)
            mesh_error = _estimated(*coarser)
            mesh = _next_mesh(mesh, coarser, of_mesh)
        return layer, LayerSettings(
            mesh=layer.mesh,
            bands=bands,
            shells=shells,
            symmetry=self.symmetry,
            divisions=divisions,
            mesh_error=mesh_error,
            bands_error=bands_error,
            shells_error=shells_error,
            tiles_error=tiles_error,
        )

    def layer(self, mesh: int, bands: int, shells: int, divisions: int) -> PointSum:
        return PointSum(
            self.model,
            mesh=mesh,
            bands=bands,
            shells=shells,
            symmetry=self.symmetry,
            divisions=divisions,
            executor=self.executor,
        )

    def drag(self, layer: DragLayer) -> Floats:
        """σ₁₂, (nmu, nmu, 2, 2)."""
        return drag_conductivity(layer, layer, self.mu, self.mu, self.kT, self.interlayer)

    def distance(self, found: Floats, reference: Floats) -> float:
        """The largest error of tensors (nmu, nmu, 2, 2), with what they are to be compared with."""
        error = np.linalg.norm(found - reference, axis=(-2, -1))
        return self.compared(error, np.linalg.norm(reference, axis=(-2, -1)))

    def compared(self, error: Floats, size: Floats) -> float:
        """The largest of errors (nmu, nmu), with the size that they are to be compared with."""
        scale = np.maximum(size, self.floor * size.max())
        return float((error / np.where(scale > 0, scale, 1)).max())

    def coarse(self) -> tuple[PointSum, float]:
        """A coarse layer of few tiles, with its bands and their error.

        The fewest that a layer admits, or as many as the smallest drag of interest may take.
        """
        allowed = _OF_BANDS * self.tolerance
        few = self.bands(TAIL)
        layer = self.layer(_COARSE, few, _SHELLS, _FEW)
        error = self.beyond(layer)
        if error <= allowed:
            return layer, error
        more = self.bands(allowed * self.floor)
        return (layer if more == few else self.layer(_COARSE, more, _SHELLS, _FEW)), allowed

    def bands(self, tail: float) -> int:
        """How many bands leave that share of −f′ beyond them at most."""
        reach = self.kT * math.log(1 / tail - 1)
        low, high = float(self.mu.min()) - reach, float(self.mu.max()) + reach
        models = [self.model]
        if self.symmetry == "none":
            models.append(self.model.other_valley())
        needed = max(bands_needed(one, low, high) for one in models)
        most = 2 * min(self.model.occupied, len(self.model.plane_waves) - self.model.occupied)
        if needed > most:
            raise ToleranceError(
                f"mu and kT must leave −f′ within the bands of the model: from {low:.4g} to "
                f"{high:.4g} meV there are {needed}, and the model has {most} about neutrality"
            )
        return needed

    def beyond(self, layer: PointSum) -> float:
        """What bands left out add, if no more for each share of −f′ than the largest 𝒞 kept."""
        low, high = layer.complete_window
        share = expit((low - self.mu) / self.kT) + expit((self.mu - high) / self.kT)
        size = np.linalg.norm(self.drag(layer), axis=(-2, -1))
        missing = np.outer(share, size.max(axis=0)) + np.outer(size.max(axis=1), share)
        return self.compared(missing, size)

    def shells(self, layer: DragLayer) -> tuple[int, float, Floats]:
        """The fewest shells that do, and the drag with these."""
        drag = drag_conductivity_by_shell(layer, layer, self.mu, self.mu, self.kT, self.interlayer)
        partial = np.cumsum(drag, axis=0)
        for count, found in enumerate(partial[:-1], start=1):
            error = self.distance(found, partial[-1])
            if error <= _OF_SHELLS * self.tolerance:
                return count, error, found
        raise ToleranceError(
            f"tolerance must be larger: U₁₂ falls so slowly with G that {len(drag) - 1} shells "
            f"are off by {error:.2g}"
        )

    def divisions(self, layer: PointSum, shells: int, drag: Floats) -> tuple[int, float]:
        """The fewest tiles that do; ``drag`` is that of a layer of few tiles with as many shells.

        States of expansions are right to second order: errors fall with the cube of the tiles.
        """
        more = self.layer(layer.mesh, layer.bands, shells, _MORE)
        error = _TO_NONE * self.distance(drag, self.drag(more))
        if error <= _OF_TILES * self.tolerance:
            return _FEW, error
        for divisions in _TILES:
            left = _CANCEL * error * (_FEW / divisions) ** 3
            if left <= _OF_TILES * self.tolerance:
                return divisions, left
        raise ToleranceError(
            f"tolerance must be larger: expansions in {_TILES[-1]}² tiles are off by {left:.2g}"
        )

    def errors_of_parts(self, layer: PointSum) -> tuple[float, float, float]:
        """The errors of meshes that are coarser by ``_COARSER``, all parts of this one."""
        drag = self.drag(layer)
        i, j = np.ogrid[: layer.mesh, : layer.mesh]
        third, quarter, ninth = (
            self.distance(self.drag(_on_part(layer, part)), drag)
            for part in ((i + j) % 3 == 0, (i % 2 == 0) & (j % 2 == 0), (i % 3 == 0) & (j % 3 == 0))
        )
        return third, quarter, ninth

    def first_mesh(self, layer: PointSum) -> int:
        """A mesh finer than the one from which points are summed at all."""
        resolved = layer.mesh * super(PointSum, layer).thermal_resolution / self.kT
        return max(_SMALLEST, _multiple(_FIRST * resolved))


def _probes(mu: Floats) -> Floats:
    """Chemical potentials from the lowest to the highest."""
    low, high = float(mu.min()), float(mu.max())
    return np.linspace(low, high, _PROBES) if low < high else np.array([low])


def _multiple(mesh: float) -> int:
    """The next mesh that has every second and every third of its points as meshes."""
    return _STEP * math.ceil(mesh / _STEP)


def _estimated(third: float, quarter: float, ninth: float) -> float:
    """The error of a mesh from those of its parts, meshes coarser by ``_COARSER``.

    Two parts tell it, with errors that swing about their fall: the geometric mean is taken.
    """
    if third == 0:
        return 0.0
    # By `factor` from the third of the points to all: they differ by (factor − 1) times the error.
    factor = min(max((ninth / third) ** _LASTING, _SLOWEST), _FASTEST)
    by_two = factor ** (math.log(_COARSER[1]) / math.log(_COARSER[0]))
    return math.sqrt(third / (factor - 1) * quarter / (by_two - 1))


def _next_mesh(mesh: int, coarser: tuple[float, float, float], tolerance: float) -> int:
    """The mesh whose error would be estimated within the tolerance, if errors fell on as they did.

    ``coarser`` are those of the parts of this mesh.
    """
    third, _, ninth = coarser
    points = mesh * (1 / _COARSER[0] - 1 / _COARSER[2])
    rate = _TRUSTED * math.log(ninth / third) / points if 0 < third < ninth else 0.0
    furthest = _multiple(_FURTHEST * mesh)
    for finer in range(mesh + _STEP, furthest, _STEP):
        beyond = (finer / by - mesh / _COARSER[0] for by in _COARSER)
        if _estimated(*(third * math.exp(-rate * points) for points in beyond)) <= tolerance:
            return finer
    return furthest


def _on_part(layer: PointSum, part: NDArray[np.bool_]) -> PointSum:
    """The same layer with the sums restricted to part of the full mesh, given as a mask (N, N)."""
    chosen: Ints = layer.zone.representative[part]
    weights = np.bincount(chosen, minlength=len(layer.zone.points)) / len(chosen)
    used = np.flatnonzero(weights)
    solved = {
        valley: _ValleyResponse(one.energies[used], one.products[:, :, used], weights[used])
        for valley, one in layer._valley_responses.items()
    }
    return _solved_as(PointSum, layer, solved)


def _solved_as(
    kind: type[Layer], layer: DragLayer, solved: dict[int, _ValleyResponse] | None = None
) -> Layer:
    """A layer of this kind and these parameters that is solved already."""
    copy = kind(**{one.name: getattr(layer, one.name) for one in fields(layer)})
    # Where a layer keeps what it solves.
    copy.__dict__["_valley_responses"] = layer._valley_responses if solved is None else solved
    return copy
