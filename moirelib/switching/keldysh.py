"""Keldysh contour and its action for the valley order parameter, as finite matrices (Ying App. A).

A contour of N instants is a pair of branches with slices 1…N forward and N…1 backward. Its
fermionic action is a matrix M = −iG⁻¹, so that the path integral is det M and the Green's function
−iM⁻¹. The links between neighbouring slices are exact exponentials: with equal fields on both
branches the evolution cancels, and Z = 1 to rounding.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.linalg import expm

from moirelib import _validate
from moirelib._memory import require_memory
from moirelib._repr import short_repr
from moirelib._threads import one_blas_thread

Array = NDArray[np.float64]
Complex = NDArray[np.complex128]

GAMMA_CL: Array = _validate.frozen(np.eye(2))
"""γ^cl, the vertex of the classical field (Ying A21)."""

GAMMA_Q: Array = _validate.frozen(np.array([[0.0, 1.0], [1.0, 0.0]]))
"""γ^q, the vertex of the quantum field (Ying A21)."""

ROTATION: Array = _validate.frozen(np.array([[1.0, 1.0], [1.0, -1.0]]) / np.sqrt(2))
"""(ψ₁, ψ₂) from (ψ₊, ψ₋), the fields on the two branches (Ying A19)."""

CONJUGATE_ROTATION: Array = _validate.frozen(np.array([[1.0, -1.0], [1.0, 1.0]]) / np.sqrt(2))
"""(ψ̄₁, ψ̄₂) from (ψ̄₊, ψ̄₋) (Ying A19)."""


class GreenFunctions(NamedTuple):
    """The four blocks after the Keldysh rotation (Ying A32); ``lower`` vanishes by causality."""

    retarded: Complex
    keldysh: Complex
    lower: Complex
    advanced: Complex


@short_repr
@dataclass(frozen=True, eq=False)
class Contour:
    """A closed contour for fermions without interaction, driven by a field on each branch.

    Parameters
    ----------
    hamiltonian, occupation : (d, d) array
        Single-particle Hamiltonian in meV; one-body density matrix of the initial state,
        eigenvalues in (0, 1). Hermitian.
    vertices : (v, d, d) array
        Density operators to which the order parameter couples, e.g. σ_z of each site.
    interaction : float
        U, > 0; the field enters as H − (U/2)Σ_v Φ_v ``vertex_v`` (Ying A17).
    slices, step : int and float
        Instants per branch, ≥ 2, and the time between them in ħ/meV, > 0.

    Raises
    ------
    TypeError, ValueError
        If a matrix is not finite, square, of one shape or Hermitian, a value out of its range.
    """

    hamiltonian: ArrayLike
    occupation: ArrayLike
    vertices: ArrayLike
    interaction: float
    slices: int
    step: float

    def __post_init__(self) -> None:
        h = _validate.hermitian("hamiltonian", self.hamiltonian)
        n = _validate.hermitian("occupation", self.occupation)
        v = _validate.complex_array("vertices", self.vertices)
        _validate.same_shape(hamiltonian=h, occupation=n)
        if v.ndim != 3 or v.shape[1:] != h.shape:
            raise ValueError(f"vertices must have shape (v, {h.shape[0]}, ...), got {v.shape}")
        fillings = np.linalg.eigvalsh(n)
        if fillings[0] <= 0 or fillings[-1] >= 1:
            raise ValueError(
                f"occupation must have eigenvalues between 0 and 1, got {fillings[0]:g} to "
                f"{fillings[-1]:g}"
            )
        slices = _validate.integer("slices", self.slices, minimum=2)
        require_memory(f"slices={slices} with {len(h)} states", 4 * (2 * slices * len(h)) ** 2, 16)
        step = _validate.positive("step", self.step)
        _validate.require_phase("hamiltonian", step * float(np.linalg.norm(h, 2)))
        u = _validate.positive("interaction", self.interaction)
        arrays = {"hamiltonian": h, "occupation": n, "vertices": v}
        _validate.keep(self, **arrays, interaction=u, slices=slices, step=step)

    @property
    def size(self) -> int:
        """Number of single-particle states d."""
        return int(np.asarray(self.hamiltonian).shape[0])

    def driven(self, field: ArrayLike) -> Complex:
        """H − (U/2)Σ_v Φ_v ``vertex_v`` in meV of a field (v,). Errors as :meth:`matrix`."""
        strength, vertices = _validate.complex_array("field", field), np.asarray(self.vertices)
        if strength.shape != vertices.shape[:1]:
            raise ValueError(f"field must have shape {vertices.shape[:1]}, got {strength.shape}")
        shift = np.tensordot(strength, vertices, axes=1)
        return np.asarray(np.asarray(self.hamiltonian) - self.interaction / 2 * shift)

    @one_blas_thread
    def matrix(self, classical: ArrayLike, quantum: ArrayLike) -> Complex:
        """M[Φ_cl, Φ_q], (2Nd, 2Nd), for fields (N − 1, v) on the links between instants.

        Branch ± carries Φ_cl ± Φ_q (Ying A19). Complex fields are allowed: the determinant is
        analytic in them. Errors as :meth:`effective_action`.
        """
        cl, q = self._fields("classical", classical), self._fields("quantum", quantum)
        forward = [expm(-1j * self.step * self.driven(f)) for f in cl + q]
        backward = [expm(1j * self.step * self.driven(f)) for f in (cl - q)[::-1]]
        d = self.size
        links = [*forward, np.eye(d), *backward]
        m = np.eye(2 * self.slices * d, dtype=np.complex128)
        for j, link in enumerate(links):
            m[(j + 1) * d : (j + 2) * d, j * d : (j + 1) * d] = -link
        n = np.asarray(self.occupation)
        m[:d, -d:] = np.linalg.solve(np.eye(d) - n, n)
        return m

    @one_blas_thread
    def effective_action(self, classical: ArrayLike, quantum: ArrayLike) -> complex:
        """−i ln of the integrand of Ying A22, of fields as in :meth:`matrix`:
        −UΣΦ_clΦ_q step − i[Tr ln M(Φ) − Tr ln M(0)].

        Raises
        ------
        TypeError, ValueError
            If a field is not (N − 1, v), or is so strong that the phase winds and is ambiguous.
        """
        cl, q = self._fields("classical", classical), self._fields("quantum", quantum)
        sign, size = np.linalg.slogdet(self.matrix(cl, q))
        start_sign, start_size = np.linalg.slogdet(self._free_matrix)
        phase = np.angle(sign / start_sign)
        if abs(phase) > 3:
            raise ValueError(f"the fields are too strong: the phase {phase:.2f} is near ±π")
        log = size - start_size + 1j * phase
        return complex(-self.interaction * self.step * np.sum(cl * q) - 1j * log)

    @one_blas_thread
    def greens_functions(self, classical: ArrayLike | None = None) -> GreenFunctions:
        """Retarded, Keldysh and advanced Green's functions, each (N, d, N, d).

        Between equal times they are the mean of both orders. Errors as :meth:`effective_action`.
        """
        zero = np.zeros((self.slices - 1, np.asarray(self.vertices).shape[0]))
        cl = zero if classical is None else self._fields("classical", classical)
        g = -1j * np.linalg.inv(self.matrix(cl, zero))
        n, d = self.slices, self.size
        g = g.reshape(2 * n, d, 2 * n, d)
        plus, minus = slice(0, n), slice(2 * n - 1, n - 1, -1)
        branch = np.empty((2, 2, n, d, n, d), dtype=np.complex128)
        for a, first in enumerate((plus, minus)):
            for b, second in enumerate((plus, minus)):
                branch[a, b] = g[first][:, :, second]
        equal = np.arange(n)
        mean = (branch[0, 1][equal, :, equal] + branch[1, 0][equal, :, equal]) / 2
        for a in (0, 1):
            branch[a, a][equal, :, equal] = mean
        rotated = np.einsum("ia,jb,ab...->ij...", ROTATION, CONJUGATE_ROTATION, branch)
        return GreenFunctions(rotated[0, 0], rotated[0, 1], rotated[1, 0], rotated[1, 1])

    def _fields(self, name: str, value: ArrayLike) -> Complex:
        shape = (self.slices - 1, np.asarray(self.vertices).shape[0])
        field = _validate.complex_array(name, value)
        if field.shape != shape:
            raise ValueError(f"{name}: a field must have shape {shape}, got {field.shape}")
        _validate.require_phase(name, self.step * self.interaction / 2 * float(np.abs(field).max()))
        return field

    @cached_property
    def _free_matrix(self) -> Complex:
        zero = np.zeros((self.slices - 1, np.asarray(self.vertices).shape[0]))
        return _validate.frozen(self.matrix(zero, zero))


@one_blas_thread
def fermi_matrix(hamiltonian: ArrayLike, kT: float) -> Complex:
    """Equilibrium density matrix 1/(e^{H/T} + 1), H from μ in meV. Errors as :class:`Contour`."""
    kT = _validate.positive("kT", kT, "meV")
    energies, states = np.linalg.eigh(_validate.hermitian("hamiltonian", hamiltonian))
    weights = (1 - np.tanh(energies / (2 * kT))) / 2
    matrix: Complex = (states * weights) @ states.conj().T
    return matrix


@one_blas_thread
def retarded_green_function(hamiltonian: ArrayLike, omega: ArrayLike, width: float) -> Complex:
    """G^R(ω) = 1/(ω − H + i width), (..., d, d) in 1/meV (Ying A34); G^A is its adjoint.

    ``width`` > 0 in meV is δ, or ħ/2τ after the disorder average. Errors as :class:`Contour`.
    """
    h = _validate.hermitian("hamiltonian", hamiltonian)
    frequency = _validate.real_array("omega", omega)
    shift = (frequency + 1j * _validate.positive("width", width, "meV"))[..., None, None]
    return np.asarray(np.linalg.inv(shift * np.eye(h.shape[0]) - h))


@one_blas_thread
def trace_log_series(inverse: ArrayLike, perturbation: ArrayLike, orders: int) -> Complex:
    """Terms (−1)^{n−1}/n Tr[(M⁻¹X)^n] of Tr ln(M + X) − Tr ln M, n = 1…orders (Ying A24).

    M⁻¹ and X are ``inverse`` and ``perturbation``, (n, n).

    Raises
    ------
    TypeError, ValueError
        If a matrix is not finite or square, shapes differ, or ``orders`` is no positive integer.
    """
    left = _validate.square_matrix("inverse", inverse)
    right = _validate.square_matrix("perturbation", perturbation)
    _validate.same_shape(inverse=left, perturbation=right)
    product = left @ right
    power = np.eye(product.shape[0], dtype=np.complex128)
    terms = []
    for n in range(1, _validate.integer("orders", orders, minimum=1) + 1):
        power = power @ product
        terms.append((-1) ** (n - 1) / n * np.trace(power))
    return np.array(terms)


def response_kernel(retarded: Complex, keldysh: Complex, advanced: Complex) -> Complex:
    """(i/2)[G^R(2,1)G^K(1,2) + G^K(2,1)G^A(1,2)], the polarisation in time (Ying A37–A39).

    Of ``retarded``, ``keldysh`` and ``advanced``, (N, d, N, d), of sites: Π(t₂, x₂; t₁, x₁), the
    change of the density at 2 per unit of attractive potential at 1, of the same shape.

    Raises
    ------
    TypeError, ValueError
        If the propagators are not finite, or do not have one shape (N, d, N, d).
    """
    retarded = _validate.complex_array("retarded", retarded)
    keldysh = _validate.complex_array("keldysh", keldysh)
    advanced = _validate.complex_array("advanced", advanced)
    _validate.same_shape(retarded=retarded, keldysh=keldysh, advanced=advanced)
    if retarded.ndim != 4 or retarded.shape[:2] != retarded.shape[2:]:
        raise ValueError(f"retarded must have shape (N, d, N, d), got {retarded.shape}")
    swap = (2, 3, 0, 1)
    kernel: Complex = 0.5j * (
        retarded * keldysh.transpose(swap) + keldysh * advanced.transpose(swap)
    )
    return kernel


def ladder_bubble(q: ArrayLike, omega: ArrayLike, velocity: float, rate: float) -> Complex:
    """B(q, ω) = ⟨1/(rate − iω + iv·q)⟩ over directions: one rung of the ladder.

    Parameters
    ----------
    q, omega : array_like
        In 1/nm and meV; they broadcast.
    velocity, rate : float
        ħv_F in meV nm and the total scattering rate ħ/τ in meV, > 0.

    Raises
    ------
    TypeError, ValueError
        If an argument is not real and finite, out of its range, or shapes do not broadcast.
    """
    wavevector = _validate.real_array("q", q)
    frequency = _validate.real_array("omega", omega)
    v = _validate.positive("velocity", velocity, "meV nm")
    gamma = _validate.positive("rate", rate, "meV")
    _validate.broadcast(q=wavevector, omega=frequency)
    return np.asarray(1 / np.sqrt((gamma - 1j * frequency) ** 2 + (v * wavevector) ** 2))


def ladder_polarisation(
    q: ArrayLike,
    omega: ArrayLike,
    density_of_states: float,
    velocity: float,
    tau: float,
    tau_prime: float | None = None,
) -> Complex:
    """Polarisation of the difference of two valleys from the sum over ladders.

    Π = ν[1 + iωB/(1 − (1/τ − 1/τ′)B)]: scattering into the other valley enters the odd channel
    with the opposite sign. For 1/τ′ = 0, q ≪ 1/l and ω ≪ 1/τ this is Ying A42 at T = 0. Errors as
    :func:`ladder_bubble`.

    Parameters
    ----------
    q, omega, velocity
        As in :func:`ladder_bubble`.
    density_of_states : float
        ν of one valley in 1/(meV nm²), > 0.
    tau, tau_prime : float
        τ/ħ and τ′/ħ in 1/meV; without ``tau_prime`` each valley conserves its electrons.
    """
    nu = _validate.positive("density_of_states", density_of_states, "1/(meV nm²)")
    inside = 1 / _validate.positive("tau", tau, "1/meV")
    across = 0.0 if tau_prime is None else 1 / _validate.positive("tau_prime", tau_prime, "1/meV")
    frequency = _validate.real_array("omega", omega)
    b = ladder_bubble(q, omega, velocity, inside + across)
    return np.asarray(nu * (1 + 1j * frequency * b / (1 - (inside - across) * b)))


def diffusive_polarisation(
    q: ArrayLike, omega: ArrayLike, density_of_states: float, diffusion: float
) -> Complex:
    """Π = ν + ν iω/(Dq² − iω), Ying A42 without its thermal term; errors as :func:`ladder_bubble`.

    Parameters
    ----------
    q, omega : array_like
        In 1/nm and meV; they broadcast, not both zero.
    density_of_states, diffusion : float
        ν in 1/(meV nm²) and ħD in meV nm², > 0; D = v²τ/2.
    """
    nu = _validate.positive("density_of_states", density_of_states, "1/(meV nm²)")
    d = _validate.positive("diffusion", diffusion, "meV nm²")
    frequency, wavevector = _validate.real_array("omega", omega), _validate.real_array("q", q)
    _validate.broadcast(q=wavevector, omega=frequency)
    decay = d * wavevector**2 - 1j * frequency
    if (decay == 0).any():
        raise ValueError("q and omega must not both be zero: the two limits do not commute")
    return np.asarray(nu * (1 + 1j * frequency / decay))


def occupation_derivative(energy: ArrayLike, kT: float, order: int) -> Array:
    """∂ⁿf/∂εⁿ of the Fermi function, n = 0…3; ``energy`` of any shape, in meV from μ.

    Raises
    ------
    TypeError, ValueError
        If ``energy`` is not real and finite, ``kT`` no number > 0, or ``order`` none of these.
    """
    kT = _validate.positive("kT", kT, "meV")
    order = _validate.choice("order", order, (0, 1, 2, 3))
    t = np.tanh(_validate.real_array("energy", energy) / (2 * kT))
    slope = -(1 - t**2) / (4 * kT)
    terms = ((1 - t) / 2, slope, -slope * t / kT, slope * (3 * t**2 - 1) / (2 * kT**2))
    return np.asarray(terms[order])


def occupation_coefficients(
    energies: Sequence[ArrayLike],
    chemical_potentials: Sequence[float],
    temperatures: Sequence[float],
    area: float,
    interaction: float,
) -> tuple[float, float, float, float]:
    """Coefficients of Δn₀ + α₂Φ + α₃Φ² + α₄Φ³ for two valleys with their own occupations.

    The shift of the levels by ∓UΦ/2 under fixed occupations f⁽¹⁾, f⁽²⁾ of energy gives
    α₃ = +(U²/8)Σ∂²(f⁽¹⁾ − f⁽²⁾) and α₄ = −(U³/48)Σ∂³(f⁽¹⁾ + f⁽²⁾) per area. Errors as
    :func:`occupation_derivative`.

    Parameters
    ----------
    energies : pair of (N,) arrays
        Levels of the two valleys in meV.
    chemical_potentials, temperatures : pair of float
        Of the two occupations, in meV.
    area, interaction : float
        Area in nm² that carries these levels, and U in meV nm², > 0.

    Returns
    -------
    (α₁, α₂, α₃, α₄)
        In 1/nm², 1, nm², nm⁴.
    """
    u = _validate.positive("interaction", interaction, "meV nm²")
    size = _validate.positive("area", area, "nm²")
    kts = [
        _validate.positive("temperatures", t) for t in _validate.pair("temperatures", temperatures)
    ]
    levels = [_validate.real_vector("energies", e) for e in _validate.pair("energies", energies)]
    given = _validate.pair("chemical_potentials", chemical_potentials)
    mus = [_validate.real_scalar("chemical_potentials", mu) for mu in given]
    sums = np.array(
        [
            [
                occupation_derivative(e - mu, kt, order).sum() / size
                for e, mu, kt in zip(levels, mus, kts, strict=True)
            ]
            for order in range(4)
        ]
    )
    difference, total = sums[:, 0] - sums[:, 1], sums.sum(axis=1)
    return (
        float(difference[0]),
        float(-u / 2 * total[1] - 1),
        float(u**2 / 8 * difference[2]),
        float(-(u**3) / 48 * total[3]),
    )
