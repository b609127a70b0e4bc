"""What the library says of its own errors, and what it refuses, against what is so."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from moirelib._types import Floats
from moirelib.archive import ArchiveError
from moirelib.bands.bloch import solve_bands
from moirelib.bands.tiling import expanded_energies
from moirelib.drag.conductivity import drag_conductivity
from moirelib.drag.layer import DragLayer
from moirelib.drag.saving import load_layer, save_layer
from moirelib.drag.settings import converged_layer
from moirelib.ledger.measure import largest, residual
from moirelib.ledger.registry import Discrepancy
from moirelib.models.graphene_hbn import GrapheneHBN

MODEL = GrapheneHBN(cutoff=2)
KT, TOLERANCE = 6.0, 3e-5


@dataclass(frozen=True)
class Chosen:
    """What is left out by the settings that the library chooses, over the largest drag.

    Parameters
    ----------
    allowed : float
        The error against a finer mesh, more shells and tiles, over the tolerance.
    said : float
        The sum of the errors that the library estimates, over the tolerance.
    estimated : float
        The error over that sum.
    of_tiles : float
        The error of the expansions alone, over their estimate.
    """

    allowed: float
    said: float
    estimated: float
    of_tiles: float


@cache
def chosen() -> Chosen:
    """Measure a layer of which 3·10⁻⁵ is asked at k_BT = 6 meV: few tiles do not do."""
    mu = np.linspace(-60.0, 20.0, 17)

    def drag(one: DragLayer) -> Floats:
        return drag_conductivity(one, one, mu, mu, KT)

    layer, settings = converged_layer(MODEL, mu[[0, -1]], KT, TOLERANCE)
    better = replace(layer, divisions=10)
    more = replace(better, mesh=settings.mesh * 3 // 2, shells=settings.shells + 2)
    found, same_mesh, finer = drag(layer), drag(better), drag(more)
    error = largest(found - finer, finer)
    return Chosen(
        error / TOLERANCE,
        settings.error / TOLERANCE,
        error / settings.error,
        largest(found - same_mesh, finer) / settings.tiles_error,
    )


def estimate_of_expansions() -> float:
    """|log₂| of estimated over measured error of the energies of a layer's expansions."""
    layer = DragLayer(MODEL, mesh=6, divisions=6)
    tiles = layer.lattice.corners[0] * np.linspace(0, 1, 7)[:, None]
    expanded = expanded_energies(MODEL, tiles, layer.bands, layer.divisions)
    measured = residual(expanded, solve_bands(MODEL, tiles, layer.bands).energies)
    return abs(float(np.log2(layer.solver_error[0] / measured)))


def answers_out_of_place() -> int:
    """How often a layer of four bands answers where one left out matters, or refuses elsewhere.

    The bands left out are looked up on a mesh, of both valleys: with ω in both they differ.
    """
    model = GrapheneHBN(cutoff=1, valley_phase="common")
    layer = DragLayer(model, mesh=6, bands=4, shells=1, symmetry="none", solver="dense")
    points = model.lattice.mesh(12, "none").points
    every = [solve_bands(one, points, 6).energies for one in (model, model.other_valley())]
    (low, lower), (high, higher) = (
        sorted(float(e) for e in ends)
        for ends in ([e[:, 0].max() for e in every], [e[:, -1].min() for e in every])
    )
    # Chemical potentials and k_BT in meV, and whether all bands that matter are kept: the inner of
    # two edges counts, at a distance of ten k_BT.
    cases = (
        ((low + lower) / 2, 0.0, False),
        ((high + higher) / 2, 0.0, False),
        (lower + 5.0, 0.0, True),
        (high - 5.0, 0.0, True),
        (lower + 5.0, 2.0, False),
        (high - 5.0, 2.0, False),
        (lower + 24.0, 2.0, True),
        (high - 24.0, 2.0, True),
    )
    return sum(_answers(layer, mu, kT) != complete for mu, kT, complete in cases)


def _answers(layer: DragLayer, mu: float, kT: float) -> bool:
    try:
        layer.susceptibility([mu], kT)
    except ValueError:
        return False
    return True


def kept_on_disk() -> tuple[float, int]:
    """What a layer has lost on disk, and how often it is taken for that of the opposite face."""
    model = GrapheneHBN(cutoff=1)
    layer = DragLayer(model, mesh=12, shells=1)
    taken = 0
    with TemporaryDirectory() as folder:
        path = Path(folder) / "layer.npz"
        save_layer(layer, path)
        loaded = load_layer(path, model)
        try:
            load_layer(path, model.inverted())
            taken += 1
        except ArchiveError:
            pass
    own, found = (one.susceptibility([-40.0], 20.0) for one in (layer, loaded))
    return largest(found - own, own), taken


def of_settings() -> tuple[Discrepancy, ...]:
    """All of it, as controls."""
    of_layer, (lost, taken) = chosen(), kept_on_disk()
    finer = "mesh × 3/2, two more shells, tiles of a tenth"
    return (
        Discrepancy(
            "3·10⁻⁵ asked of a small layer at 6 meV: its error against a finer one, over that",
            of_layer.allowed,
            1.0,
            finer,
        ),
        Discrepancy(
            "error that the library estimates, over what was asked",
            of_layer.said,
            1.0,
            "the mesh is refined until it is",
        ),
        Discrepancy(
            "error against the finer layer over that estimate",
            of_layer.estimated,
            1.0,
            "estimates are made from above",
        ),
        Discrepancy(
            "what larger tiles are off by, over its estimate",
            of_layer.of_tiles,
            1.0,
            "estimates are made from above",
        ),
        Discrepancy(
            "|log₂| of estimated over measured error of expansions, energies from Γ to κ",
            estimate_of_expansions(),
            0.05,
            "the larger of the errors of two neighbours",
        ),
        Discrepancy(
            "answers of a layer where bands left out are partly filled, and refusals elsewhere, of "
            "eight μ and k_BT",
            float(answers_out_of_place()),
            0,
            "a count",
            "cases",
        ),
        Discrepancy(
            "𝒞 of a layer kept on disk against itself", lost, 1e-15, "nothing is rounded; round-off"
        ),
        Discrepancy(
            "kept layers taken for the opposite face", float(taken), 0, "a count", "layers"
        ),
    )
