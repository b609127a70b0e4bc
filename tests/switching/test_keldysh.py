import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.linalg import expm

from moirelib.switching.keldysh import (
    Contour,
    diffusive_polarisation,
    fermi_matrix,
    ladder_bubble,
    ladder_polarisation,
    occupation_coefficients,
    occupation_derivative,
    response_kernel,
    retarded_green_function,
    trace_log_series,
)

SIGMA_Z = np.diag([1.0, -1.0])
examples = settings(max_examples=15)


def random_contour(seed, slices=5, step=0.4, interaction=0.9):
    rng = np.random.default_rng(seed)
    h = rng.normal(size=(4, 4)) + 1j * rng.normal(size=(4, 4))
    h = (h + h.conj().T) / 2
    vertices = [np.diag([1.0, 0, -1, 0]), np.diag([0, 1.0, 0, -1])]
    return Contour(h, fermi_matrix(h, 0.8), vertices, interaction, slices, step)


@examples
@given(seed=st.integers(0, 10_000))
def test_equal_fields_cancel(seed):
    c = random_contour(seed)
    classical = np.random.default_rng(seed + 1).normal(size=(4, 2))
    assert abs(c.effective_action(classical, 0 * classical)) < 1e-12


@examples
@given(seed=st.integers(0, 10_000))
def test_action_is_real_to_first_order_and_damped_to_second(seed):
    c = random_contour(seed)
    classical, quantum = np.random.default_rng(seed + 1).normal(size=(2, 4, 2))
    plus, minus = (c.effective_action(classical, s * 0.05 * quantum) for s in (1, -1))
    # Exchanging the branches conjugates Z, so F(−Φ_q) = −F(Φ_q)*.
    assert minus == pytest.approx(-np.conj(plus), abs=1e-12)
    assert plus.imag > 0


@examples
@given(seed=st.integers(0, 10_000))
def test_green_functions_of_a_driven_system(seed):
    c = random_contour(seed)
    classical = np.random.default_rng(seed + 1).normal(size=(4, 2))
    g = c.greens_functions(classical)
    evolved = [np.eye(4)]
    for field in classical:
        evolved.append(expm(-1j * c.step * c.driven(field)) @ evolved[-1])
    n = c.occupation
    for a in range(5):
        for b in range(5):
            between = evolved[a] @ evolved[b].conj().T
            theta = 1.0 if a > b else 0.5 if a == b else 0.0
            np.testing.assert_allclose(g.retarded[a, :, b], -1j * theta * between, atol=1e-12)
            keldysh = -1j * evolved[a] @ (np.eye(4) - 2 * n) @ evolved[b].conj().T
            np.testing.assert_allclose(g.keldysh[a, :, b], keldysh, atol=1e-12)
    assert abs(g.lower).max() < 1e-12


def test_response_kernel_is_the_commutator():
    c = random_contour(3)
    g = c.greens_functions()
    kernel = response_kernel(g.retarded, g.keldysh, g.advanced)
    later, earlier = 3, 1
    u = expm(1j * c.hamiltonian * c.step * (later - earlier))
    for x in range(4):
        for y in range(4):
            site_x, site_y = np.diag(np.eye(4)[x]), np.diag(np.eye(4)[y])
            moved = u @ site_x @ u.conj().T
            expected = 1j * np.trace(c.occupation @ (moved @ site_y - site_y @ moved))
            assert kernel[later, x, earlier, y] == pytest.approx(expected, abs=1e-12)
    assert abs(kernel[earlier, :, later]).max() < 1e-12


def test_trace_log_series_of_a_number():
    terms = trace_log_series(np.array([[0.5]]), np.array([[0.4]]), 60)
    assert terms.sum() == pytest.approx(math.log(1.2), abs=1e-14)
    assert terms[0] == pytest.approx(0.2)


def test_retarded_function_is_analytic_above_the_axis():
    h = random_contour(1).hamiltonian
    width = 0.3
    poles = np.linalg.eigvals(h - 1j * width * np.eye(4))
    assert (poles.imag < 0).all()
    omega = np.linspace(-4000, 4000, 400_001)
    spectral = -2 * retarded_green_function(np.array([[0.4]]), omega, width)[:, 0, 0].imag
    assert spectral.sum() * (omega[1] - omega[0]) / (2 * np.pi) == pytest.approx(1, abs=1e-4)


@settings(max_examples=30)
@given(
    q=st.floats(0.0, 3.0),
    omega=st.floats(1e-3, 3.0),
    tau=st.floats(0.1, 5.0),
    ratio=st.floats(1.0, 100.0),
)
def test_ladder_against_the_kinetic_equation(q, omega, tau, ratio):
    """Two valleys on 512 directions each, driven oppositely: relaxation between them included."""
    n, v, tau_prime = 512, 1.0, tau * ratio
    angle = 2 * np.pi * (np.arange(n) + 0.5) / n
    flow = 1j * v * q * np.cos(angle)
    rate = 1 / tau + 1 / tau_prime
    matrix = np.diag(flow - 1j * omega + rate)
    # The other valley carries minus the deviation of this one.
    matrix = matrix - (1 / tau - 1 / tau_prime) / n
    # In the moving frame of the local equilibrium ν δU only −iω drives: δf = ν δU + g.
    moved = np.linalg.solve(matrix, np.full(n, 1j * omega, complex)).mean()
    expected = 1 + moved
    found = ladder_polarisation(q, omega, 1.0, v, tau, tau_prime)
    assert complex(found) == pytest.approx(complex(expected), abs=1e-8)


def test_ladder_limits():
    assert complex(ladder_polarisation(0.5, 0.0, 2.0, 1.0, 1.0)) == pytest.approx(2.0)
    assert abs(complex(ladder_polarisation(0.0, 0.5, 2.0, 1.0, 1.0))) < 1e-14
    gamma = 2 / 30.0
    relaxing = complex(ladder_polarisation(0.0, 0.5, 2.0, 1.0, 1.0, 30.0))
    assert relaxing == pytest.approx(2.0 * gamma / (gamma - 0.5j), abs=1e-12)
    small = complex(ladder_polarisation(1e-3, 1e-6, 1.0, 10.0, 1.0))
    assert small == pytest.approx(complex(diffusive_polarisation(1e-3, 1e-6, 1.0, 50.0)), abs=1e-4)
    assert complex(ladder_bubble(0.0, 0.0, 1.0, 0.5)) == pytest.approx(2.0)


@given(energy=st.floats(-5, 5), kt=st.floats(0.2, 3.0))
def test_occupation_derivatives(energy, kt):
    step = 1e-3 * kt
    for order in (0, 1, 2):
        ahead, behind, far, back = (
            float(occupation_derivative(energy + s * step, kt, order)) for s in (1, -1, 2, -2)
        )
        slope = (8 * (ahead - behind) - far + back) / (12 * step)
        found = float(occupation_derivative(energy, kt, order + 1))
        assert found == pytest.approx(slope, abs=1e-8 / kt ** (order + 1))


def test_coefficients_of_one_level_pair():
    alpha = occupation_coefficients(([0.4], [0.4]), (0.1, -0.2), (0.5, 0.6), 2.0, 3.0)

    def made(phi):
        up = occupation_derivative(0.4 - 0.1 - 1.5 * phi, 0.5, 0)
        down = occupation_derivative(0.4 + 0.2 + 1.5 * phi, 0.6, 0)
        return float(up - down) / 2.0 - phi

    phi = 1e-2 * np.array([-2, -1, 0, 1, 2])
    fit = np.polynomial.polynomial.polyfit(phi, [made(p) for p in phi], 4)
    np.testing.assert_allclose(fit[:4], alpha, rtol=2e-3)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"interaction": -1.0}, "interaction must be > 0"),
        ({"slices": 1}, "slices must be ≥ 2"),
        ({"step": 0.0}, "step must be > 0"),
        ({"hamiltonian": np.array([[0, 1], [0, 0]])}, "hamiltonian must be Hermitian"),
        ({"hamiltonian": np.eye(3)}, "must be alike in shape"),
        ({"occupation": np.diag([0.5, 1.0])}, "between 0 and 1"),
        ({"vertices": SIGMA_Z}, "vertices must have shape"),
    ],
)
def test_bad_contours_are_refused(changes, message):
    good = {
        "hamiltonian": np.eye(2),
        "occupation": np.eye(2) / 2,
        "vertices": [SIGMA_Z],
        "interaction": 1.0,
        "slices": 4,
        "step": 0.1,
    }
    with pytest.raises(ValueError, match=message):
        Contour(**(good | changes))


def test_bad_arguments_are_refused():
    c = random_contour(1)
    with pytest.raises(ValueError, match=r"a field must have shape \(4, 2\)"):
        c.effective_action(np.zeros((3, 2)), np.zeros((4, 2)))
    level = Contour([[0.0]], [[0.9]], [[[1.0]]], interaction=1.0, slices=2, step=1.0)
    with pytest.raises(ValueError, match="fields are too strong"):
        level.effective_action([[0.0]], [[3.1]])
    with pytest.raises(ValueError, match="kT must be > 0"):
        fermi_matrix(np.eye(2), 0.0)
    with pytest.raises(ValueError, match="must not both be zero"):
        diffusive_polarisation(0.0, 0.0, 1.0, 1.0)
    with pytest.raises(ValueError, match="tau_prime must be > 0"):
        ladder_polarisation(0.1, 0.1, 1.0, 1.0, 1.0, -2.0)
    with pytest.raises(ValueError, match="order must be one of"):
        occupation_derivative(0.0, 1.0, 4)
