"""Settings that the library chooses: errors are estimated from above, and what fails is refused."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from moirelib import DragLayer, GrapheneHBN, Interlayer, drag_conductivity
from moirelib.bands.window import TAIL
from moirelib.drag import ToleranceError, converged_layer
from moirelib.drag.blocks import tiles_kept
from moirelib.drag.conductivity import BARE
from moirelib.drag.settings import LayerSettings, _Asked, _estimated, _next_mesh, _probes

SMALL = GrapheneHBN(cutoff=1)
LOPSIDED = replace(SMALL.plane_wave_model, occupied=3)


def deviation(
    layer: DragLayer, reference: DragLayer, mu: np.ndarray, kT: float, floor: float
) -> float:
    """Largest error of the tensor, against its size or a share of the largest."""
    found, exact = (drag_conductivity(one, one, mu, mu, kT) for one in (layer, reference))
    size = np.linalg.norm(exact, axis=(-2, -1))
    error = np.linalg.norm(found - exact, axis=(-2, -1))
    return float((error / np.maximum(size, floor * size.max())).max())


def finer(layer: DragLayer, settings: LayerSettings) -> DragLayer:
    """More of everything."""
    return replace(
        layer,
        mesh=settings.mesh * 3 // 2,
        bands=settings.bands + 2,
        shells=settings.shells + 2,
        divisions=settings.divisions + 3,
    )


@pytest.mark.parametrize("case", range(6))
def test_the_error_is_estimated_from_above(case: int) -> None:
    rng = np.random.default_rng(100 + case)
    model = GrapheneHBN(cutoff=1, coupling=float(rng.uniform(80, 200)))
    window = np.sort(rng.uniform(-150, 150, 2))
    kT, floor = float(rng.uniform(3, 8)), (1.0, 0.1, 0.03)[case % 3]
    tolerance = (3e-3, 1e-2)[case % 2]
    layer, settings = converged_layer(model, window, kT, tolerance, floor=floor)
    assert settings.error <= tolerance
    mu = np.linspace(*window, 41)
    true = deviation(layer, finer(layer, settings), mu, kT, floor)
    assert settings.error / 30 <= true <= settings.error


def test_the_error_of_a_mesh_is_estimated_from_above() -> None:
    rng = np.random.default_rng(47)
    shares = []
    for _ in range(6):
        model = GrapheneHBN(cutoff=1, coupling=float(rng.uniform(60, 220)))
        mu, kT = _probes(np.sort(rng.uniform(-150, 150, 2))), float(rng.uniform(1.5, 6))
        asked = [_Asked(model, mu, kT, 1e-3, floor, BARE, None) for floor in (1.0, 0.1, 0.01)]
        bands = asked[0].bands(TAIL)
        with tiles_kept():
            exact = asked[0].drag(asked[0].layer(360, bands, 3, 4))
            for mesh in (84, 120, 156):
                layer = asked[0].layer(mesh, bands, 3, 4)
                found = asked[0].drag(layer)
                for one in asked:
                    coarser = one.errors_of_parts(layer)
                    if 1e-4 < coarser[1] < 0.3:  # they fall, and are no rounding
                        shares.append(one.distance(found, exact) / _estimated(*coarser))
    assert len(shares) > 30
    assert max(shares) < 2
    assert np.mean(np.array(shares) > 1) < 0.05
    assert np.median(shares) > 0.1


def test_what_is_returned_is_solved_and_is_said() -> None:
    layer, settings = converged_layer(SMALL, [-60.0, 20.0], 6.0, 1e-2)
    assert type(layer) is DragLayer
    for name in ("mesh", "bands", "shells", "symmetry", "divisions"):
        assert getattr(layer, name) == getattr(settings, name)
    again = DragLayer(SMALL, mesh=layer.mesh, bands=layer.bands, shells=layer.shells,
                      divisions=layer.divisions)  # fmt: skip
    np.testing.assert_array_equal(
        layer.susceptibility([-30.0], 6.0), again.susceptibility([-30.0], 6.0)
    )
    assert layer.thermal_resolution <= 6.0


@pytest.fixture(scope="module")
def exacting() -> tuple[DragLayer, LayerSettings]:
    """A tolerance that few tiles do not reach."""
    return converged_layer(GrapheneHBN(cutoff=2), [-60.0, 20.0], 6.0, 3e-5)


def test_what_is_asked_decides(exacting: tuple[DragLayer, LayerSettings]) -> None:
    window = [-60.0, 20.0]
    base = converged_layer(SMALL, window, 6.0, 1e-2)[1]
    assert converged_layer(SMALL, window, 1.0, 1e-2)[1].mesh > base.mesh
    assert converged_layer(SMALL, [-200.0, 200.0], 6.0, 1e-2)[1].bands > base.bands
    far = Interlayer(distance=6.0)
    assert converged_layer(SMALL, window, 6.0, 1e-2, interlayer=far)[1].shells < base.shells
    assert exacting[1].divisions > base.divisions


def test_a_model_without_symmetries_is_solved_in_full() -> None:
    plain = replace(SMALL.plane_wave_model, symmetries=frozenset({"time_reversal"}))
    found = converged_layer(plain, [-40.0], 8.0, 3e-2)[1]
    assert found.symmetry == "none"


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"kT": 0.0}, "kT must be > 0 meV"),
        ({"kT": 0.01}, "above largest"),
        ({"mu": [np.nan]}, "mu must be finite"),
        ({"model": LOPSIDED, "mu": [-60.0, 1e4]}, "the model has"),
        ({"tolerance": 0.0}, "tolerance must be > 0"),
        ({"tolerance": 0.5}, "tolerance must be between"),
        ({"floor": 2.0}, "floor must be between"),
        ({"largest": 10}, "largest must be"),
        ({"model": GrapheneHBN(), "interlayer": lambda q: np.exp(9 * q**2)}, "falls so slowly"),
    ],
)
def test_refusals(changes: dict[str, object], message: str) -> None:
    arguments: dict[str, object] = {
        "model": SMALL, "mu": [-60.0, 20.0], "kT": 6.0, "tolerance": 1e-2
    }  # fmt: skip
    with pytest.raises(ValueError, match=message):
        converged_layer(**(arguments | changes))  # type: ignore[arg-type]


def test_a_tolerance_that_is_out_of_reach_has_an_error_of_its_own() -> None:
    with pytest.raises(ToleranceError, match="takes a mesh of"):
        converged_layer(SMALL, [-60.0, 20.0], 0.5, largest=72)


def test_a_mesh_is_refined_until_it_is_fine_enough(monkeypatch: pytest.MonkeyPatch) -> None:
    tried: list[int] = []

    def crawl(mesh: int, coarser: tuple[float, float, float], tolerance: float) -> int:
        tried.append(mesh)
        return mesh + 6

    monkeypatch.setattr("moirelib.drag.settings._FIRST", 1.0)
    monkeypatch.setattr("moirelib.drag.settings._next_mesh", crawl)
    found = converged_layer(SMALL, [-60.0, 20.0], 4.0, 2e-4)[1]
    # It had to go on, and stopped where the errors add up to less than was asked for.
    assert len(tried) > 1
    assert found.mesh == tried[-1]
    assert found.error <= 2e-4
    assert found.mesh_error > 2e-5


def test_the_next_mesh_is_that_on_which_errors_would_do() -> None:
    # Errors that fall by e³ in the stretch between two of the parts.
    mesh, rate = 120, 0.1
    coarser = tuple(math.exp(-rate * mesh / by) for by in (math.sqrt(3), 2.0, 3.0))
    found = [_next_mesh(mesh, coarser, tolerance) for tolerance in (1e-3, 1e-5, 1e-30)]
    assert found == sorted(found)
    assert mesh < found[0] < found[1] < found[2] == 3 * mesh
    for tolerance, finer in zip((1e-3, 1e-5), found, strict=False):
        reached = _estimated(*(math.exp(-rate * finer / by) for by in (math.sqrt(3), 2.0, 3.0)))
        assert reached <= tolerance


def test_tiles_are_as_good_as_they_say(exacting: tuple[DragLayer, LayerSettings]) -> None:
    layer, settings = exacting
    assert settings.divisions > 2
    true = deviation(
        layer, replace(layer, divisions=settings.divisions + 8), np.array([-60.0, 20.0]), 6.0, 1.0
    )
    assert settings.tiles_error / 30 < true < settings.tiles_error
