"""What each idea of the solver is worth: times measured side by side in one run."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any
from unittest import mock

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure

from moirelib._types import Floats
from moirelib.bloch import solve_bands
from moirelib.drag import drag_conductivity
from moirelib.elimination import solve_bands_eliminated
from moirelib.graphene_hbn import GrapheneHBN
from moirelib.lattice import MoireLattice
from moirelib.layer import DragLayer

# The chemical potentials of the map of Kundu Fig. 1(b), in meV.
MAP = np.linspace(-250.0, 300.0, 111)


@dataclass(frozen=True)
class Ladder:
    """The same map computed with one more idea at each rung.

    Parameters
    ----------
    rung : tuple of str
        What was done.
    rows : ndarray
        Size of the matrix that is diagonalised at each wavevector.
    wavevectors : ndarray
        How many wavevectors the mesh needs.
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
    """The converged map, start to finish, and what it costs.

    Parameters
    ----------
    seconds : float
        Time from the model to the map.
    error : float
        Largest deviation from the reference mesh, relative to the largest conductivity.
    lapack_share : float
        Share of the time inside LAPACK's eigensolver.
    second_map_seconds : float
        Time for another map with the same layer.
    """

    seconds: float
    error: float
    lapack_share: float
    second_map_seconds: float


def notebook_loop(model: GrapheneHBN, k: Floats, lattice: MoireLattice) -> None:
    """Solve as most notebooks do: one wavevector after another, every eigenvector."""
    pairs = np.concatenate(lattice.shells(4)[1:])
    label = {
        (*wave, orbital): i
        for i, (wave, orbital) in enumerate(
            zip(model.plane_waves.tolist(), model.orbitals.tolist(), strict=True)
        )
    }
    shifts = []
    for n, m in pairs.tolist():
        links = [(i, label.get((a + n, b + m, o), -1)) for (a, b, o), i in label.items()]
        shifts.append(np.array([link for link in links if link[1] >= 0]).T)
    middle = slice(model.occupied - 3, model.occupied + 3)
    for point in k:
        _, vectors = np.linalg.eigh(model.hamiltonian(point))
        u = vectors[:, middle]
        for operator in model.velocity_operators():
            np.einsum("an,ab,bn->n", u.conj(), operator, u, optimize=True)
        for bra, ket in shifts:
            np.einsum("an,an->n", u[bra].conj(), u[ket])


def ladder(mesh: int = 180, paper_mesh: int = 60, sample: int = 48) -> Ladder:
    """Time each rung on a sample of wavevectors; the last rung is timed whole.

    The first two rungs are the paper's 60 × 60 mesh in both valleys; the others solve the mesh
    that converges the map at k_BT = 1 meV.
    """
    box, disc = GrapheneHBN(cutoff_shape="box"), GrapheneHBN()
    lattice = disc.lattice
    k = np.random.default_rng(7).uniform(-0.15, 0.15, (sample, 2))
    full, wedge = mesh**2, len(lattice.mesh(mesh).points)

    def quantities(solve: Callable[..., Any]) -> Callable[[], None]:
        def run() -> None:
            bands = solve(disc, k)
            bands.form_factors(np.concatenate(lattice.shells(4)[1:]))
            _ = bands.velocities

        return run

    def by_expansion() -> None:
        DragLayer(disc, mesh=mesh).susceptibility(MAP, 1.0)

    rungs = [
        (
            f"dense loop, box, {paper_mesh}²",
            196,
            2 * paper_mesh**2,
            lambda: notebook_loop(box, k, lattice),
        ),
        (f"dense loop, box, {mesh}²", 196, 2 * full, lambda: notebook_loop(box, k, lattice)),
        ("+ disc of plane waves", 170, 2 * full, lambda: notebook_loop(disc, k, lattice)),
        ("+ six bands only", 170, 2 * full, quantities(solve_bands)),
        ("+ time reversal and C₃ᵥ", 170, wedge, quantities(solve_bands)),
        ("+ hBN eliminated", 74, wedge, quantities(solve_bands_eliminated)),
    ]
    rows, counts, each = [], [], []
    for _, size, count, run in rungs:
        rows.append(size)
        counts.append(count)
        each.append(_best(run) / sample * 1e3)
    rows.append(20)
    counts.append(wedge)
    each.append(_best(by_expansion) / wedge * 1e3)
    wavevectors, milliseconds = np.array(counts, float), np.array(each)
    return Ladder(
        rung=(*(name for name, *_ in rungs), "k·p expansions instead"),
        rows=np.array(rows, float),
        wavevectors=wavevectors,
        milliseconds=milliseconds,
        seconds=wavevectors * milliseconds / 1e3,
    )


def map_timing(mesh: int = 180, reference: int = 480) -> MapTiming:
    """Compute the map of Kundu Fig. 1(b) at k_BT = 1 meV from nothing, and compare it."""
    model = GrapheneHBN()

    def sigma(layer: DragLayer) -> Floats:
        return drag_conductivity(layer, layer, MAP, MAP, 1.0)[..., 0, 0]

    exact = sigma(DragLayer(model, mesh=reference))
    seconds = _best(lambda: sigma(DragLayer(model, mesh=mesh)))
    layer = DragLayer(model, mesh=mesh)
    start = time.process_time()
    with mock.patch("numpy.linalg.eigh", _Stopwatch(np.linalg.eigh)) as eigh:
        value = sigma(layer)
    elapsed = time.process_time() - start
    return MapTiming(
        seconds=seconds,
        error=float(np.abs(value - exact).max() / np.abs(exact).max()),
        lapack_share=eigh.seconds / elapsed,
        second_map_seconds=_best(lambda: sigma(layer)),
    )


def scaling(
    meshes: tuple[int, ...] = (60, 120, 180, 240, 360), cutoffs: tuple[int, ...] = (2, 3, 4, 5)
) -> Scaling:
    """Time a layer against its mesh, and one diagonalisation against the cut-off."""
    model = GrapheneHBN()
    k = np.array([[0.05, 0.08], [0.1, 0.02]])
    models = [replace(model, cutoff=cutoff) for cutoff in cutoffs]
    return Scaling(
        mesh=np.array(meshes, float),
        mesh_seconds=np.array([_best(partial(_solve_layer, model, n)) for n in meshes]),
        cutoff=np.array(cutoffs, float),
        cutoff_rows=np.array([len(m.plane_waves) for m in models], float),
        cutoff_milliseconds=np.array(
            [_best(partial(solve_bands, m, k)) / len(k) * 1e3 for m in models]
        ),
    )


def draw_ladder(data: Ladder) -> Figure:
    """Draw the time for the map, rung by rung, on a logarithmic axis."""
    figure, axis = plt.subplots(figsize=(7.0, 3.4))
    position = np.arange(len(data.rung))[::-1]
    axis.barh(position, data.seconds, color="#0072B2", height=0.65)
    axis.set_xscale("log")
    axis.set_yticks(position, data.rung)
    for y, seconds in zip(position, data.seconds, strict=True):
        axis.annotate(
            f"{seconds:.3g} s", (seconds, y), xytext=(4, 0), textcoords="offset points", va="center"
        )
    axis.set_xlim(data.seconds.min() / 3, data.seconds.max() * 4)
    axis.set_xlabel("time to solve one layer on one core (s)")
    axis.grid(visible=False, axis="y")
    return figure


def draw_scaling(data: Scaling) -> Figure:
    """Draw both scalings on logarithmic axes with the slopes that theory gives."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(7.4, 3.2))
    left.loglog(data.mesh, data.mesh_seconds, "o-", label="measured")
    left.loglog(
        data.mesh, data.mesh_seconds[-1] * (data.mesh / data.mesh[-1]) ** 2, "k:", label="slope 2"
    )
    left.set_xlabel("mesh N")
    left.set_ylabel("layer by expansions (s)")
    left.legend()
    right.loglog(
        data.cutoff_rows, data.cutoff_milliseconds, "s-", color="#D55E00", label="measured"
    )
    right.loglog(
        data.cutoff_rows,
        data.cutoff_milliseconds[-1] * (data.cutoff_rows / data.cutoff_rows[-1]) ** 3,
        "k:",
        label="slope 3",
    )
    right.set_xlabel("rows of the matrix")
    right.set_ylabel("one dense wavevector (ms)")
    right.legend()
    return figure


def _solve_layer(model: GrapheneHBN, mesh: int) -> None:
    DragLayer(model, mesh=mesh).susceptibility(MAP[:1], 3.0)


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


def _best(run: Callable[[], object], repeats: int = 3) -> float:
    """Processor time of the shortest of a few runs: what else the machine does only adds."""
    times = []
    for _ in range(repeats):
        start = time.process_time()
        run()
        times.append(time.process_time() - start)
    return min(times)
