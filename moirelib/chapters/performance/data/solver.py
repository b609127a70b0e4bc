"""What each idea of the solver is worth: times measured side by side in one run."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from unittest import mock

import numpy as np

from moirelib import cache
from moirelib._repr import short_repr
from moirelib._threads import one_blas_thread
from moirelib._types import Floats, Ints
from moirelib.bands.bloch import Bands, solve_bands
from moirelib.bands.kdotp import expand
from moirelib.drag.conductivity import drag_conductivity
from moirelib.drag.layer import DragLayer
from moirelib.drag.settings import converged_layer
from moirelib.models.elimination import solve_bands_eliminated
from moirelib.models.graphene_hbn import GrapheneHBN

# In seconds.
_LONG = 0.3

# The chemical potentials of the map of Kundu Fig. 1(b), in meV.
MAP = np.linspace(-200.0, 250.0, 91)


@dataclass(frozen=True)
class Settings:
    """A layer that converges the map at k_BT = 1 meV, to a stated sense of 10⁻³."""

    cutoff: int
    mesh: int
    bands: int
    shells: int
    divisions: int

    @property
    def model(self) -> GrapheneHBN:
        """The model with this cut-off."""
        return GrapheneHBN(cutoff=self.cutoff)

    def layer(self) -> DragLayer:
        """Return an unsolved layer with these settings."""
        return DragLayer(
            self.model,
            mesh=self.mesh,
            bands=self.bands,
            shells=self.shells,
            divisions=self.divisions,
        )


@dataclass(frozen=True)
class Chosen:
    """A layer for the same map whose settings the library chooses.

    Parameters
    ----------
    floor : float
        As in :func:`moirelib.drag.converged_layer`.
    """

    floor: float

    def layer(self) -> DragLayer:
        """Return the layer, solved."""
        return converged_layer(GrapheneHBN(), MAP[[0, -1]], 1.0, 1e-3, floor=self.floor)[0]


# All at the paper's cut-off; what that leaves out is the same for every solver.
TO_THE_PEAK = Settings(cutoff=3, mesh=96, bands=6, shells=3, divisions=2)
AT_EVERY_POINT = Settings(cutoff=3, mesh=165, bands=6, shells=4, divisions=4)
REFERENCE = Settings(cutoff=3, mesh=270, bands=10, shells=6, divisions=6)


@short_repr
@dataclass(frozen=True)
class Ladder:
    """The same map computed with one more idea at each rung.

    Parameters
    ----------
    rung : tuple of str
        What was done.
    rows : ndarray
        Number of rows of the matrix that is diagonalised at each wavevector.
    wavevectors : ndarray
        Number of wavevectors that the mesh needs.
    milliseconds : ndarray
        Time for one wavevector, measured on a sample.
    seconds : ndarray
        Their product: the time for the map of one layer.
    """

    rung: tuple[str, ...]
    rows: Floats
    wavevectors: Floats
    milliseconds: Floats
    seconds: Floats


@short_repr
@dataclass(frozen=True)
class Scaling:
    """Times against the mesh and against the cut-off.

    Parameters
    ----------
    mesh : ndarray
        Points along each reciprocal vector.
    mesh_seconds : ndarray
        Time to solve a layer by expansions on that mesh.
    cutoff : ndarray
        Cut-off of the plane waves.
    cutoff_rows : ndarray
        Rows of the matrix at that cut-off.
    cutoff_milliseconds : ndarray
        Time of one dense diagonalisation.
    """

    mesh: Floats
    mesh_seconds: Floats
    cutoff: Floats
    cutoff_rows: Floats
    cutoff_milliseconds: Floats


@dataclass(frozen=True)
class MapTiming:
    """A map, start to finish: what it costs and how good it is.

    Parameters
    ----------
    seconds : float
        Time from the model to the map.
    second_map_seconds : float
        Time for another map with the same layer.
    lapack_share : float
        Share of the time inside LAPACK's eigensolver.
    error_to_peak : float
        Largest deviation from the reference, relative to the largest conductivity.
    error_at_points : float
        Largest relative deviation among conductivities above a hundredth of the largest.
    """

    seconds: float
    second_map_seconds: float
    lapack_share: float
    error_to_peak: float
    error_at_points: float


@one_blas_thread
def notebook_loop(model: GrapheneHBN, k: Floats, pairs: Ints) -> None:
    """Solve as most notebooks do: one wavevector after another, every eigenvector."""
    label = np.column_stack([model.plane_waves, model.orbitals]).tolist()
    row = {tuple(one): i for i, one in enumerate(label)}
    shifts = []
    for n, m in pairs.tolist():
        links = [(i, row.get((a + n, b + m, o), -1)) for (a, b, o), i in row.items()]
        shifts.append(np.array([link for link in links if link[1] >= 0]).T)
    middle = slice(model.occupied - 3, model.occupied + 3)
    for point in k:
        _, vectors = np.linalg.eigh(model.hamiltonian(point))
        u = vectors[:, middle]
        for operator in model.velocity_operators():
            np.einsum("an,an->n", u.conj(), operator @ u)
        for bra, ket in shifts:
            np.einsum("an,an->n", u[bra].conj(), u[ket])


@one_blas_thread
def ladder(settings: Settings = AT_EVERY_POINT, paper_mesh: int = 60, sample: int = 12) -> Ladder:
    """Time each rung on a sample of wavevectors; the last rung is timed whole.

    The first rung is the paper's mesh in both valleys; the others solve what ``settings`` ask for.
    """
    disc = settings.model
    box = replace(disc, cutoff_shape="box")
    lattice = disc.lattice
    pairs = np.concatenate(lattice.shells(settings.shells + 1)[1:])
    k = np.random.default_rng(7).uniform(-0.15, 0.15, (sample, 2))
    full, wedge = settings.mesh**2, len(lattice.mesh(settings.mesh).points)

    def quantities(solve: Callable[..., Bands]) -> None:
        bands = solve(disc, k, settings.bands)
        bands.form_factors(pairs)
        _ = bands.velocities

    loop = partial(notebook_loop, k=k, pairs=pairs)
    rungs: list[tuple[str, GrapheneHBN, int, Callable[[], None]]] = [
        (f"plain loop, {paper_mesh}²", box, 2 * paper_mesh**2, partial(loop, box)),
        (f"plain loop, {settings.mesh}²", box, 2 * full, partial(loop, box)),
        ("+ disc of plane waves", disc, 2 * full, partial(loop, disc)),
        ("+ wanted bands only", disc, 2 * full, partial(quantities, solve_bands)),
        ("+ time reversal and C₃ᵥ", disc, wedge, partial(quantities, solve_bands)),
        ("+ hBN eliminated", disc, wedge, partial(quantities, solve_bands_eliminated)),
    ]
    # The first two differ in the number of wavevectors only.
    loop_over_box, *others = [best_time(run) / sample * 1e3 for *_, run in rungs[1:]]
    each = [loop_over_box, loop_over_box, *others]
    each.append(best_time(partial(_solve_layer, settings)) / wedge * 1e3)
    rows = [len(model.plane_waves) for _, model, *_ in rungs]
    rows[-1] = int((disc.orbitals < 2).sum())
    expansion = expand(disc, np.array([0.1, 0.05]), settings.bands)
    rows.append(expansion.hamiltonian.shape[-1])
    wavevectors = np.array([*(count for _, _, count, _ in rungs), wedge], dtype=float)
    milliseconds = np.array(each)
    return Ladder(
        rung=(*(name for name, *_ in rungs), "k·p expansions instead"),
        rows=np.array(rows, dtype=float),
        wavevectors=wavevectors,
        milliseconds=milliseconds,
        seconds=wavevectors * milliseconds / 1e3,
    )


def conductivity_map(layer: DragLayer) -> Floats:
    """Return σ^{xx} of two equal layers on the map, at k_BT = 1 meV, in e²/h."""
    return drag_conductivity(layer, layer, MAP, MAP, 1.0)[..., 0, 0]


def largest_error(
    layer: DragLayer, reference: DragLayer, window: tuple[float, float], kT: float
) -> float:
    """Return the largest error of the tensor σ₁₂ of two equal layers, in units of the largest."""
    mu = np.linspace(*window, 61)
    found, exact = (drag_conductivity(one, one, mu, mu, kT) for one in (layer, reference))
    error, size = (np.linalg.norm(one, axis=(-2, -1)) for one in (found - exact, exact))
    return float(error.max() / size.max())


@one_blas_thread
def map_timing(settings: Settings | Chosen, reference: Floats) -> MapTiming:
    """Compute the map of Kundu Fig. 1(b) from nothing, and compare it with ``reference``."""
    start = time.process_time()
    with cache.off(), mock.patch("numpy.linalg.eigh", _Stopwatch(np.linalg.eigh)) as eigh:
        layer = settings.layer()
        value = conductivity_map(layer)
    elapsed = time.process_time() - start
    error, peak = np.abs(value - reference), np.abs(reference).max()
    large = np.abs(reference) > peak / 100
    return MapTiming(
        seconds=elapsed,
        second_map_seconds=best_time(lambda: conductivity_map(layer)),
        lapack_share=eigh.seconds / elapsed,
        error_to_peak=float(error.max() / peak),
        error_at_points=float((error / np.abs(reference))[large].max()),
    )


@one_blas_thread
def scaling(
    meshes: tuple[int, ...] = (60, 120, 240), cutoffs: tuple[int, ...] = (2, 3, 4)
) -> Scaling:
    """Time a layer against its mesh, and one diagonalisation against the cut-off."""
    model = GrapheneHBN()
    k = np.array([[0.05, 0.08], [0.1, 0.02]])
    models = [replace(model, cutoff=cutoff) for cutoff in cutoffs]
    return Scaling(
        mesh=np.array(meshes, float),
        mesh_seconds=np.array(
            [best_time(partial(_solve_layer, replace(TO_THE_PEAK, mesh=mesh))) for mesh in meshes]
        ),
        cutoff=np.array(cutoffs, float),
        cutoff_rows=np.array([len(m.plane_waves) for m in models], float),
        cutoff_milliseconds=np.array(
            [best_time(partial(solve_bands, m, k)) / len(k) * 1e3 for m in models]
        ),
    )


def _solve_layer(settings: Settings) -> None:
    settings.layer().susceptibility(MAP[:1], 1.0)


class _Stopwatch:
    """Adds up the time spent in a function."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.seconds = 0.0

    def __call__(self, *arguments: Any) -> Any:
        start = time.process_time()
        result = self.function(*arguments)
        self.seconds += time.process_time() - start
        return result


def best_time(run: Callable[[], object]) -> float:
    """Return the processor time in s of the shortest of a few runs: what else runs only adds.

    A run that takes longer than ``_LONG`` stands alone: a short disturbance matters little to it.
    """
    times: list[float] = []
    with cache.off():
        while len(times) < 3 and sum(times) < _LONG:
            start = time.process_time()
            run()
            times.append(time.process_time() - start)
    return min(times)
