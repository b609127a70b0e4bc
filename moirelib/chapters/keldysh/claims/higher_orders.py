"""Claims on the cubic and the quartic term of the action: Ying Eqs. A44–A51."""

from __future__ import annotations

import itertools
import math
from functools import cache

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import expm

from moirelib.chapters.keldysh.claims.contour import contour, fields, quantum_slope
from moirelib.chapters.keldysh.claims.valleys import ROUNDING, Complex
from moirelib.ledger.registry import Discrepancy, Evidence, claim
from moirelib.models.two_valley import TwoValleyModel
from moirelib.switching.keldysh import (
    GAMMA_CL,
    GAMMA_Q,
    Contour,
    fermi_matrix,
    occupation_derivative,
)

Array = NDArray[np.float64]


@cache
def levels() -> tuple[Array, float]:
    """Levels of the upper band of one valley on a mesh, in meV, and the area that holds them."""
    model = TwoValleyModel()
    energies = np.linalg.eigvalsh(model.hamiltonian(model.mesh(24)))[..., 1].ravel()
    return np.asarray(energies - 3.1, dtype=np.float64), energies.size * model.cell_area


@cache
def _triangular_matrices() -> tuple[Complex, Complex, Complex, Complex, Complex]:
    """Random G^R, G^A, F diagonal in the valley, G^K = G^R F − F G^A, and σ_z."""
    rng = np.random.default_rng(17)

    def block() -> Complex:
        parts = [rng.normal(size=(3, 3)) + 1j * rng.normal(size=(3, 3)) for _ in range(2)]
        zero = np.zeros((3, 3))
        return np.block([[parts[0], zero], [zero, parts[1]]])

    retarded, f = block(), block()
    advanced, f = retarded.conj().T, f + f.conj().T
    sigma_z = np.diag([1.0, 1, 1, -1, -1, -1]).astype(complex)
    return retarded, advanced, f, retarded @ f - f @ advanced, sigma_z


def _full() -> tuple[Complex, Complex]:
    r, a, _, k, sigma_z = _triangular_matrices()
    return np.block([[r, k], [np.zeros_like(r), a]]), sigma_z


def _order(n: int) -> complex:
    """Coefficient of Φ_qΦ_cl^{n−1} in (−1)^{n−1}/n Tr[G ½Φ_ασ_zγ^α]ⁿ: all orders of vertices."""
    g, sigma_z = _full()
    vertices = [np.kron(gamma, sigma_z) / 2 for gamma in (GAMMA_CL, GAMMA_Q)]
    total = 0j
    for chosen in itertools.product((0, 1), repeat=n):
        if sum(chosen) == 1:
            product = np.eye(12, dtype=complex)
            for index in chosen:
                product = product @ g @ vertices[index]
            total += complex(np.trace(product))
    return (-1.0) ** (n - 1) / n * total


def _keldysh_trace(n: int) -> complex:
    """Tr⟨Gσ_zγ^q G…G⟩ with the remaining σ_z gathered, as A44 and A48 print it."""
    g, sigma_z = _full()
    power = np.linalg.matrix_power(g, n - 1)
    # σ_z commutes with G: n vertices leave σ_z for odd n and 1 for even n.
    vertex = np.kron(GAMMA_Q, sigma_z if n % 2 else np.eye(6))
    return complex(np.trace(g @ vertex @ power))


_U, _STEP = 2.0, 0.05
_VERTICES = (np.diag([1.0, 0, -1, 0]), np.diag([0, 1.0, 0, -1]))  # σ_z of two sites


@cache
def _two_occupations(slices: int, step: float) -> Contour:
    """Two sites, the valleys filled to different levels: stationary, and odd orders are there."""
    site = np.array([[0.2, 0.9], [0.9, -0.5]])
    up, down = (fermi_matrix(site - mu * np.eye(2), 0.6) for mu in (0.5, -0.4))
    zero = np.zeros((2, 2))
    occupied = np.block([[up, zero], [zero, down]])
    return Contour(np.kron(np.eye(2), site), occupied, _VERTICES, _U, slices, step)


def _derivative(links: tuple[int, ...], sites: tuple[int, ...]) -> complex:
    """∂ⁿ(iF)/∂Φ_q∂Φ_cl… per stepⁿ by differences of the determinant; Φ_q on the first link."""
    c, size = _two_occupations(links[0] + 2, _STEP), 0.5
    total = 0j
    for signs in itertools.product((1, -1), repeat=len(links) - 1):
        classical = np.zeros((links[0] + 1, 2))
        classical[links[1:], sites[1:]] = size * np.array(signs)
        total += math.prod(signs) * quantum_slope(c, classical, links[0], sites[0])
    return complex(1j * total / (2 * size) ** (len(links) - 1) / _STEP ** len(links))


def _from_traces(links: tuple[int, ...], sites: tuple[int, ...]) -> complex:
    """The same from (−1)^{n−1}(U/2)ⁿ Tr[Gσ_zγ G…], all orders of the classical points."""
    n = len(links)
    g = _two_occupations(2 * links[0] + 3, _STEP / 2).greens_functions()

    def between(a: int, b: int) -> Complex:
        late, early = 2 * links[a] + 1, 2 * links[b] + 1  # the middles of the links
        r, k, lower, advanced = (block[late, :, early] for block in g)
        return np.block([[r, k], [lower, advanced]])

    vertex = [np.kron(GAMMA_Q, _VERTICES[sites[0]])]
    vertex += [np.kron(GAMMA_CL, _VERTICES[site]) for site in sites[1:]]
    total = 0j
    for rest in itertools.permutations(range(1, n)):
        chosen = (0, *rest)
        product = np.eye(8, dtype=complex)
        for here, there in zip(chosen, (*rest, 0), strict=True):
            product = product @ vertex[here] @ between(here, there)
        total += complex(np.trace(product))
    return complex((-1) ** (n - 1) * (_U / 2) ** n * total)


_LINKS = "middles of links against averages over them, and differences; step² and (UΦ step)²"


@claim(
    "ying-A44",
    "Eq. A44",
    kind="identity",
    statement=r"Cubic term $\frac13U^3\mathrm{Tr}[\ldots]^3=U^3\int\frac18\Phi_q\Phi_{cl}^2"
    r"\mathrm{Tr}\langle G\sigma_z\gamma^qGG\rangle$.",
    follows=("ying-A27",),
)
def _cubic_trace() -> Evidence:
    return Evidence(
        Discrepancy(
            "coefficient of Φ_qΦ_cl² against (1/8)Tr, random triangular G",
            abs(8 * _order(3) / _keldysh_trace(3) - 1),
            1e-12,
            ROUNDING,
        ),
        controls=(
            Discrepancy(
                "∂³F of the contour's determinant at three times against its Green's functions",
                abs(_derivative((7, 4, 1), (0, 1, 0)) / _from_traces((7, 4, 1), (0, 1, 0)) - 1),
                2e-2,
                _LINKS,
            ),
        ),
    )


@claim(
    "ying-A48",
    "Eq. A48",
    kind="identity",
    statement=r"Quartic term $-\frac14U^4\mathrm{Tr}[\ldots]^4=-U^4\int\frac1{16}\Phi_q\Phi_{cl}^3"
    r"\mathrm{Tr}\langle G\gamma^qGGG\rangle$.",
    follows=("ying-A27",),
)
def _quartic_trace() -> Evidence:
    return Evidence(
        Discrepancy(
            "coefficient of Φ_qΦ_cl³ against −(1/16)Tr, random triangular G",
            abs(-16 * _order(4) / _keldysh_trace(4) - 1),
            1e-12,
            ROUNDING,
        ),
        controls=(
            Discrepancy(
                "∂⁴F of the contour's determinant at four times against its Green's functions",
                abs(
                    _derivative((7, 5, 3, 1), (0, 1, 1, 0))
                    / _from_traces((7, 5, 3, 1), (0, 1, 1, 0))
                    - 1
                ),
                2e-2,
                _LINKS,
            ),
        ),
    )


def _parametrisation() -> Evidence:
    """For free particles F is carried by the evolution: known without solving for it."""
    c, (classical, _) = contour(), fields()
    g = c.greens_functions(classical)
    n, d = c.slices, c.size
    rho = [np.asarray(c.occupation)]
    for j in range(n - 1):
        u = expm(-1j * c.step * c.driven(classical[j]))
        rho.append(u @ rho[-1] @ u.conj().T)
    f = [np.eye(d) - 2 * r for r in rho]
    miss = 0.0
    for late in range(n):
        for early in range(late):
            # G^K(t, t′) = G^R(t, t′)(1 − 2n(t′)): F acts at the earlier time.
            expected = g.retarded[late, :, early] @ f[early]
            miss = max(miss, float(np.abs(g.keldysh[late, :, early] - expected).max()))
    frozen = max(
        float(np.abs(g.keldysh[t, :, 0] - g.retarded[t, :, 0] @ f[t]).max()) for t in range(1, n)
    )
    return Evidence(
        Discrepancy(
            "G^K(t, t′) against G^R(t, t′)F(t′) with F from the propagated density matrix",
            miss,
            1e-12,
            "two constructions; round-off",
        ),
        controls=(
            Discrepancy("with F taken at t instead", frozen, 1e-2, "F moves", at_least=True),
        ),
    )


def _telescoped(n: int) -> complex:
    """Tr σ_z^n [F (G^R)ⁿ − F (G^A)ⁿ]."""
    r, a, f, _, sigma_z = _triangular_matrices()
    vertex = sigma_z if n % 2 else np.eye(6)
    power = np.linalg.matrix_power
    return complex(np.trace(vertex @ f @ (power(r, n) - power(a, n))))


for _id, _number in (("ying-A45", "Eq. A45"), ("ying-A49", "Eq. A49")):
    claim(
        _id,
        _number,
        kind="definition",
        statement=r"$G^K=G^R\circ F-F\circ G^A$ defines a distribution $F$, $1-2n$ at equal times.",
        implements="moirelib.switching.keldysh.Contour.greens_functions",
        follows=("ying-A32",),
    )(_parametrisation)


@claim(
    "ying-A46",
    "Eq. A46",
    kind="identity",
    statement=r"The three Keldysh positions of the cubic term add up to $\mathrm{Tr}\,\sigma_z[F"
    r"G^RG^RG^R-FG^AG^AG^A]$.",
    follows=("ying-A44", "ying-A45"),
)
def _cubic_telescope() -> Evidence:
    return Evidence(
        Discrepancy(
            "sum over positions against the telescoped form",
            abs(_telescoped(3) / _keldysh_trace(3) - 1),
            1e-12,
            ROUNDING,
        )
    )


@claim(
    "ying-A50",
    "Eq. A50",
    kind="identity",
    statement=r"Quartic term $-\frac18U^4\int\Phi_q\Phi_{cl}^3\langle FG^RG^RG^RG^R-FG^AG^AG^AG^A"
    r"\rangle$, the trace over two valleys done.",
    follows=("ying-A48", "ying-A49"),
)
def _quartic_telescope() -> Evidence:
    per_valley = _telescoped(4) / 2
    return Evidence(
        Discrepancy(
            "1/8 of the mean over valleys against the quartic coefficient",
            abs(-per_valley / 8 / _order(4) - 1),
            1e-12,
            ROUNDING,
        )
    )


_OCCUPATIONS = ((0.3, 0.5), (-0.2, 0.7))  # (μ, k_BT) of the two valleys in meV


def loop_integral(n: int, energies: Array, mu: float, kT: float) -> complex:
    """Σ∫dω/2π F(ω)[(G^R)ⁿ − (G^A)ⁿ], each half-way to the first pole of F on its own side."""
    shift = 1j * math.pi * kT / 2
    omega = np.arange(-400.0, 400.0, 0.1)
    above = (
        np.tanh((omega + shift - mu) / (2 * kT))[:, None]
        / (np.subtract.outer(omega, energies) + shift) ** n
    )
    # The integrand on the other side is the complex conjugate.
    return complex(2j * above.sum().imag * 0.1 / (2 * math.pi))


def occupation_sums(order: int, sign: int) -> tuple[complex, float]:
    """Loop integrals of order ``order`` + 1, and Σ∂ⁿ(f⁽¹⁾ ± f⁽²⁾), over a few levels."""
    energies = levels()[0][::29]
    loops = [loop_integral(order + 1, energies, mu, kT) for mu, kT in _OCCUPATIONS]
    sums = [occupation_derivative(energies - mu, kT, order).sum() for mu, kT in _OCCUPATIONS]
    return loops[0] + sign * loops[1], float(sums[0] + sign * sums[1])


@claim(
    "ying-A47",
    "Eq. A47",
    kind="identity",
    statement=r"Cubic term $\frac{-i}8U^3\Phi_q\Phi_{cl}^2\int\partial_\epsilon^2"
    r"[f^{(1)}-f^{(2)}]$.",
    finding=r"The sign is $+i/8$: A46 with $F=1-2f$ and $(G^R)^3-(G^A)^3=-i\pi\,\delta''$ gives "
    r"it, without the $2\pi$ of the step between. The exact map has the same sign (see "
    "A5).",
    consequence="notation",
    figures="No figure changes: for equal occupations the term is zero, to {measured}`ying-A5: "
    "equal occupations`, and Fig. 2 and {numref}`fig-ying-2` are drawn for them.",
    follows=("ying-A34", "ying-A46"),
)
def _cubic_value() -> Evidence:
    loop, derivative = occupation_sums(2, -1)
    return Evidence(
        Discrepancy(
            "(1/8)∫F[(G^R)³ − (G^A)³] against −(i/8)∂²(f₁ − f₂)",
            abs(loop / (-1j * derivative) - 1),
            1e-6,
            "trapezoidal frequency integral",
        ),
        corrected=Discrepancy(
            "against +(i/8)∂²(f₁ − f₂)",
            abs(loop / (1j * derivative) - 1),
            1e-8,
            "trapezoidal frequency integral",
        ),
    )


@claim(
    "ying-A51",
    "Eq. A51",
    kind="identity",
    statement=r"Quartic term $-\frac i{48}U^4\Phi_q\Phi_{cl}^3\int\partial_\epsilon^3"
    r"[f^{(1)}+f^{(2)}]=i\frac1{24}U^4\nu''\Phi_q\Phi_{cl}^3$.",
    follows=("ying-A34", "ying-A50"),
)
def _quartic_value() -> Evidence:
    loop, derivative = occupation_sums(3, 1)
    # Second form: ν″ smeared by −f′, from the density of states instead of from the levels.
    model = TwoValleyModel()
    band = model.density_of_states(0.3, size=120)
    kT, mu = 0.4, 3.1
    mesh = np.linalg.eigvalsh(model.hamiltonian(model.mesh(120)))[..., 1].ravel()
    smear = 0.3 * np.polynomial.hermite_e.hermegauss(24)[0]
    weights = np.polynomial.hermite_e.hermegauss(24)[1] / math.sqrt(2 * math.pi)
    third = (
        sum(
            w * occupation_derivative(mesh + s - mu, kT, 3).mean()
            for s, w in zip(smear, weights, strict=True)
        )
        / model.cell_area
    )
    curvature = float(band.thermal(mu, kT, 2))
    return Evidence(
        Discrepancy(
            "−(1/16)∫F[(G^R)⁴ − (G^A)⁴] against −(i/48)∂³(f₁ + f₂)",
            abs(loop / 16 / (1j / 48 * derivative) - 1),
            2e-8,
            "trapezoidal frequency integral",
        ),
        controls=(
            Discrepancy(
                "−(1/48)∫∂³(2f) against ν″/24 from the density of states",
                abs(-2 * third / 48 / (curvature / 24) - 1),
                1e-4,
                "binned levels and spline",
            ),
        ),
    )
