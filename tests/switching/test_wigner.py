import math

import numpy as np
import pytest
import sympy as sp

from moirelib.switching.wigner import (
    KX,
    KY,
    OMEGA,
    TIME,
    X,
    Y,
    born_collision,
    kinetic_left_side,
    star_product,
    weyl_kernel,
    wigner_transform,
)


@pytest.mark.parametrize(
    ("left", "right", "commutator"),
    [(X, KX, sp.I), (Y, KY, sp.I), (TIME, OMEGA, -sp.I), (X, KY, 0), (X, OMEGA, 0)],
)
def test_canonical_commutators(left, right, commutator):
    assert star_product(left, right) - star_product(right, left) == commutator


def test_star_product_is_associative_on_polynomials():
    a, b, c = X**2 + KX, X * KX, KX**2 - X
    pairs = ((X, KX, 1),)
    left = star_product(star_product(a, b, 6, pairs), c, 6, pairs)
    right = star_product(a, star_product(b, c, 6, pairs), 6, pairs)
    assert sp.expand(left - right) == 0


def test_star_product_of_operators_in_order():
    # x̂p̂ has the symbol xk + i/2, and p̂x̂ the symbol xk − i/2.
    assert star_product(X, KX) == X * KX + sp.I / 2
    assert star_product(KX, X) == X * KX - sp.I / 2


def test_wigner_function_of_an_oscillator_state():
    x = np.arange(-8, 8.05, 0.1)
    state = np.sqrt(2) * x * np.exp(-(x**2) / 2) / math.pi**0.25
    k = np.linspace(-3, 3, 13)
    r2 = x[:, None] ** 2 + k**2
    expected = 2 * (2 * r2 - 1) * np.exp(-r2)
    np.testing.assert_allclose(
        wigner_transform(np.outer(state, state), 0.1, k), expected, atol=1e-9
    )


def test_weyl_kernel_inverts_the_wigner_transform():
    x, k = np.arange(-8, 8.05, 0.1), np.arange(-8, 8.05, 0.2)

    def symbol(a, b):
        return np.exp(-((a - 0.4) ** 2) - (b + 0.7) ** 2 + 0.3 * a * b)

    kernel = weyl_kernel(symbol, x, k)
    momenta = np.array([-1.4, 0.0, 0.9])
    middle = slice(50, 111)
    found = wigner_transform(kernel, 0.1, momenta)[middle]
    np.testing.assert_allclose(found, symbol(x[middle, None], momenta), atol=1e-8)
    np.testing.assert_allclose(kernel, kernel.conj().T, atol=1e-12)


def test_kinetic_equation():
    first, expected = kinetic_left_side(1)
    assert sp.expand(first - expected) == 0


def test_collisions_conserve_and_relax():
    rng = np.random.default_rng(1)
    f, other = rng.normal(size=(2, 40))
    here, there = born_collision(f, other, 1.0, 3.0), born_collision(other, f, 1.0, 3.0)
    assert here.sum() + there.sum() == pytest.approx(0, abs=1e-12)
    assert f @ here + other @ there < 0
    assert here.mean() == pytest.approx((other.mean() - f.mean()) / 3.0)


def test_bad_arguments_are_refused():
    with pytest.raises(ValueError, match="momenta must stay below"):
        wigner_transform(np.eye(5), 0.5, [4.0])
    with pytest.raises(ValueError, match="order must be ≥ 0"):
        star_product(X, KX, -1)
    with pytest.raises(ValueError, match="tau must be > 0"):
        born_collision([1.0], [1.0], 0.0, 1.0)
