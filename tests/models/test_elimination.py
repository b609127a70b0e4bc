import numpy as np
import pytest

from moirelib import GrapheneHBN, solve_bands
from moirelib.models.elimination import solve_bands_eliminated

DIRAC = {"momentum_matched": 42.5, "as_printed": 13.4}


@pytest.mark.parametrize("exponent_sign", ["momentum_matched", "as_printed"])
@pytest.mark.parametrize("inverted", [False, True])
def test_agrees_with_the_dense_solution_around_the_dirac_point(
    exponent_sign: str, inverted: bool
) -> None:
    model = GrapheneHBN(exponent_sign=exponent_sign)  # type: ignore[arg-type]
    model = model.inverted() if inverted else model
    points = model.lattice.mesh(15).points
    pairs = np.concatenate(model.lattice.shells(3)[1:])
    dense, half = solve_bands(model, points), solve_bands_eliminated(model, points)
    near = np.abs(dense.energies - DIRAC[exponent_sign]) < 200
    assert np.abs(half.energies - dense.energies)[near].max() < 1e-3
    off = np.abs(half.form_factors(pairs) - dense.form_factors(pairs))
    assert off[:, near].max() < 1e-5


def test_states_solve_the_full_problem() -> None:
    model = GrapheneHBN()
    k = np.array([[0.05, 0.1], [0.2, 0.02]])
    bands = solve_bands_eliminated(model, k, count=2)
    residual = model.hamiltonian(k) @ bands.states - bands.states * bands.energies[:, None]
    assert np.linalg.norm(residual, axis=1).max() < 1e-3
    np.testing.assert_allclose(np.linalg.norm(bands.states, axis=1), 1, rtol=1e-12)


def test_exact_where_the_potential_is_linear() -> None:
    """Without coupling nothing is left out."""
    model = GrapheneHBN(coupling=0.0)
    k = np.array([[0.03, 0.02]])
    dense, half = solve_bands(model, k, 2), solve_bands_eliminated(model, k, 2, reference=10.0)
    np.testing.assert_allclose(half.energies, dense.energies, atol=1e-9)


def test_bad_input() -> None:
    model = GrapheneHBN()
    with pytest.raises(ValueError, match="count must be even"):
        solve_bands_eliminated(model, [0.0, 0.0], count=3)
    with pytest.raises(ValueError, match="at most"):
        solve_bands_eliminated(GrapheneHBN(cutoff=1), [0.0, 0.0], count=6)
    with pytest.raises(ValueError, match="hBN levels"):
        solve_bands_eliminated(model, [0.0, 0.0], reference=-1400.0)
    with pytest.raises(ValueError, match=r"k must have shape \(nk, 2\)"):
        solve_bands_eliminated(model, np.zeros((2, 2, 2)))
    with pytest.raises(TypeError, match="model must be a GrapheneHBN"):
        solve_bands_eliminated(model.plane_wave_model, [0.0, 0.0])  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="k must be finite"):
        solve_bands_eliminated(model, [np.nan, 0.0])
