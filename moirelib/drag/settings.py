"""What a layer needs for a tolerance: mesh, bands, shells and tiles, chosen with error estimates.

Errors are measured on the drag between two equal layers. Few tiles are compared with more, few
shells with more, and a mesh with every third of its points, which form a mesh of their own. For the
first two a coarse mesh does; the fine one is solved once, if its size is guessed well from k_BT.
"""

from __future__ import annotations

import math
from concurrent.futures import Executor
from dataclasses import dataclass, fields
from functools import cached_property
from typing import Literal, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from moirelib import _validate
from moirelib._threads import one_blas_thread
from moirelib._types import Floats, Ints
from moirelib.bands.model import ALL_SYMMETRIES, ValleyModel, require_valley_model
from moirelib.bands.window import TAIL, bands_needed
from moirelib.drag.conductivity import BARE, drag_conductivity_by_shell
from moirelib.drag.interlayer import Potential
from moirelib.drag.layer import DragLayer, PointSum, _ValleyResponse
from moirelib.sweep import require_executor

Layer = TypeVar("Layer", bound=DragLayer)

# The coarse mesh; its tiles along a side, few and more; shells enough for the U₁₂ at hand.
_MESH = 48
_FEW, _MORE = 2, 4
_SHELLS = 8

# Tiles along a side to choose from, besides the few.
_TILES = (4, 6, 8, 12, 16)

# Meshes are multiples of six: every second and every third of their points form meshes too.
_STEP = 6

# The slowest fall of the error of a mesh, at a touching of bands: as 1/N², by three where a mesh is
# √3 times as fine.
_SLOWEST = 3.0

# By how much more slowly than k_BT alone would have it errors fall, for the first guess of a mesh.
_SMALL_GAPS = 1.25

# Chemical potentials at which errors are measured: a prime number, no resonance with a mesh.
_PROBES = 97

# Shares of the tolerance.
_OF_MESH, _OF_SHELLS, _OF_TILES, _OF_BANDS = 0.5, 0.1, 0.35, 0.05


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
    mu : array_like
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
    largest = _validate.integer("largest", largest, minimum=_MESH)
    asked = _Asked(
        model=model,
        mu=_probes(_validate.real_vector("mu", np.ravel(mu))),
        kT=_validate.positive("kT", kT, "meV"),
        tolerance=_validate.between(
            "tolerance",
            tolerance,
            1e-6,
            0.1,
            "",
            "see its reason",
        ),
        floor=_validate.between("floor", floor, 1e-4, 1.0, "", "a share of the largest drag"),
        interlayer=interlayer,
        executor=executor,
    )
    bands, bands_error = asked.bands()
    layer = asked.layer(_MESH, bands, _SHELLS, _MORE)
    drag = asked.drag(layer)
    shells, shells_error = asked.shells(drag)
    divisions, tiles_error = asked.divisions(layer)
    mesh = asked.first_mesh(layer)
    while True:
        if mesh > largest:
            mesh_error, _ = asked.mesh_error(layer, asked.drag(layer))
            raise ToleranceError(
                f"tolerance must be larger, or kT: {tolerance:g} at {kT:g} meV takes a mesh of "
                f"{mesh} at least, above largest={largest}; {layer.mesh} is off by {mesh_error:.2g}"
            )
        layer = asked.layer(mesh, bands, shells, divisions)
        mesh_error, rate = asked.mesh_error(layer, asked.drag(layer))
        if mesh_error <= asked.of_mesh:
            break
        mesh = _next_mesh(mesh, mesh_error, rate, asked.of_mesh)
    settings = LayerSettings(
        mesh=mesh,
        bands=bands,
        shells=shells,
        symmetry=asked.symmetry,
        divisions=divisions,
        mesh_error=mesh_error,
        bands_error=bands_error,
        shells_error=shells_error,
        tiles_error=tiles_error,
    )
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

    @property
    def of_mesh(self) -> float:
        """The share of the tolerance that the mesh may take."""
        return _OF_MESH * self.tolerance

    @cached_property
    def symmetry(self) -> Literal["full", "none"]:
        return "full" if set(self.model.symmetries) >= ALL_SYMMETRIES else "none"

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
        """σ₁₂ by shells, (shells, nmu, nmu, 2, 2)."""
        return drag_conductivity_by_shell(layer, layer, self.mu, self.mu, self.kT, self.interlayer)

    def distance(self, found: Floats, reference: Floats) -> float:
        """The largest error of tensors (nmu, nmu, 2, 2), with what they are to be compared with."""
        size = np.linalg.norm(reference, axis=(-2, -1))
        scale = np.maximum(size, self.floor * size.max())
        error = np.linalg.norm(found - reference, axis=(-2, -1))
        return float((error / np.where(scale > 0, scale, 1)).max())

    def bands(self) -> tuple[int, float]:
        """How many bands, and the share of −f′ beyond them where it is largest."""
        tail = min(TAIL, _OF_BANDS * self.tolerance * self.floor)
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
        return needed, tail / self.floor

    def shells(self, drag: Floats) -> tuple[int, float]:
        """The fewest shells that do."""
        partial = np.cumsum(drag, axis=0)
        for count, found in enumerate(partial[:-1], start=1):
            error = self.distance(found, partial[-1])
            if error <= _OF_SHELLS * self.tolerance:
                return count, error
        raise ToleranceError(
            f"tolerance must be larger: U₁₂ falls so slowly with G that {len(drag) - 1} shells "
            f"are off by {error:.2g}"
        )

    def divisions(self, layer: PointSum) -> tuple[int, float]:
        """The fewest tiles that do.

        The states of an expansion are right to second order, so that errors fall with the cube of
        the size of the tiles, and another 1/2 is for those of the few tiles that cancel.
        """
        few = self.drag(self.layer(layer.mesh // 2, layer.bands, layer.shells, _FEW))
        i, j = np.ogrid[: layer.mesh, : layer.mesh]
        more = self.drag(_on_part(layer, (i % 2 == 0) & (j % 2 == 0)))
        error = 1.2 * self.distance(few.sum(axis=0), more.sum(axis=0))
        if error <= _OF_TILES * self.tolerance:
            return _FEW, error
        for divisions in _TILES:
            left = 2 * error * (_FEW / divisions) ** 3
            if left <= _OF_TILES * self.tolerance:
                return divisions, left
        raise ToleranceError(
            f"tolerance must be larger: expansions in {_TILES[-1]}² tiles are off by {left:.2g}"
        )

    def mesh_error(self, layer: PointSum, drag: Floats) -> tuple[float, float]:
        """The error of a mesh, and the rate per point of a side at which it falls."""
        i, j = np.ogrid[: layer.mesh, : layer.mesh]
        # Meshes √3, 2 and 3 times coarser than this one.
        third, half, ninth = (
            self.distance(self.drag(_on_part(layer, part)).sum(axis=0), drag.sum(axis=0))
            for part in ((i + j) % 3 == 0, (i % 2 == 0) & (j % 2 == 0), (i % 3 == 0) & (j % 3 == 0))
        )
        points = layer.mesh * (1 / math.sqrt(3) - 1 / 3)
        rate = math.log(ninth / third) / points if 0 < third < ninth else 0.0
        # Errors fall by a factor from each mesh to one √3 times as fine, by more on the finer ones:
        # what `ninth` and `third` differ by is (factor² − 1) and (factor − 1) times the error.
        factor = max(ninth / third - 1, _SLOWEST) if third > 0 else _SLOWEST
        by_two = factor ** (math.log(2) / math.log(math.sqrt(3)))
        return max(third / (factor - 1), half / (by_two - 1)), rate

    def first_mesh(self, layer: PointSum) -> int:
        """The mesh that k_BT asks for, at least the one from which points are summed at all."""
        # The error of a sum over N × N points falls as e^{−rN}: at this rate for the Dirac
        # velocity, more slowly where gaps are small.
        resolved = layer.mesh * super(PointSum, layer).thermal_resolution / self.kT
        rate = math.log(1e3) / resolved / _SMALL_GAPS
        # By this power of it the error is estimated from coarser meshes.
        estimated = rate * (2 / math.sqrt(3) - 1 / 3)
        wanted = math.log(1 / (self.of_mesh * self.floor)) / estimated
        return max(_MESH, _multiple(resolved), _multiple(wanted))


def _probes(mu: Floats) -> Floats:
    """Chemical potentials from the lowest to the highest."""
    low, high = float(mu.min()), float(mu.max())
    return np.linspace(low, high, _PROBES) if low < high else np.array([low])


def _multiple(mesh: float) -> int:
    """The next mesh that has every second and every third of its points as meshes."""
    return _STEP * math.ceil(mesh / _STEP)


def _next_mesh(mesh: int, error: float, rate: float, tolerance: float) -> int:
    """The mesh on which an error that falls at this rate is within the tolerance, with some room.

    The rate is that of coarser meshes: not too large a step at a time.
    """
    if error <= tolerance:
        return mesh
    # The estimate belongs to a mesh √3 coarser.
    more = math.sqrt(3) * math.log(error / tolerance) / rate if rate > 0 else math.inf
    return _multiple(min(max(mesh + 1.15 * more, 1.12 * mesh), 1.7 * mesh))


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
