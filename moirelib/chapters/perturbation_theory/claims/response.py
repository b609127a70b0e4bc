"""Claims of the chapter "perturbation-theory": Kundu Eqs. 30, 31, 33, 34 and 36."""

from __future__ import annotations

import math
from dataclasses import replace
from functools import cache

import numpy as np
from numpy.typing import ArrayLike

from moirelib._types import Complex, Floats, Ints
from moirelib.bands.bloch import solve_bands
from moirelib.bands.brillouin import minus_fermi_derivative, thermal_sum
from moirelib.bands.model import BlochModel, ValleyModel
from moirelib.chapters.perturbation_theory.data.rings import WARM
from moirelib.drag.layer import DragLayer
from moirelib.drag.response import (
    current_density_response,
    density_current_response,
    interband_susceptibility,
)
from moirelib.drag.valleys import SPIN_DEGENERACY, sum_valleys
from moirelib.ledger.measure import largest, order
from moirelib.ledger.registry import Discrepancy, Evidence, claim
from moirelib.models.graphene_hbn import GrapheneHBN

# Small bases and meshes: the claims below compare two routes on the same discrete model.
SMALL = DragLayer(GrapheneHBN(cutoff=1), mesh=2, bands=8, shells=1, symmetry="none", solver="dense")
MATSUBARA_KT = 60.0


@cache
def matsubara_sums() -> tuple[Complex, Complex, Complex, Complex]:
    """χ₁ and χ₂ from Green's functions and from Eqs. 30–31, each (nG, 2).

    χ = (2/𝒱) k_BT Σ_ν Σ_k Tr[A G_{k+q}(iν + iΩ) B G_k(iν)] with matrices throughout: no
    eigenvectors, no Fermi functions, no form factors.
    """
    layer, kT, mu = SMALL, MATSUBARA_KT, -40.0
    q, omega = np.array([0.031, 0.017]), 2 * math.pi * MATSUBARA_KT
    sizes = np.array([30, 42, 60, 85])
    totals = np.zeros((len(sizes), 2, len(layer.pairs), 2), dtype=complex)
    for sign, model in ((1, layer.model), (-1, layer.model.other_valley())):
        one = np.eye(len(model.plane_waves))
        for k in layer.lattice.mesh(layer.mesh, "none").points:
            folded, umklapp = layer.lattice.fold(k + q)
            # K′ is sampled where time reversal takes these wavevectors.
            ends = (k, folded) if sign == 1 else (-folded, -k)
            h, moved = (model.hamiltonian(end) for end in ends)
            # B raises plane waves by G + umklapp; A = B† or the velocity, with the umklapp.
            densities = [raising(model, pair + umklapp) for pair in layer.pairs]
            currents = [gamma @ raising(model, umklapp) for gamma in model.velocity_operators()]
            nu = math.pi * kT * (2 * np.arange(-sizes[-1], sizes[-1]) + 1)
            left = np.linalg.inv((1j * nu + mu)[:, None, None] * one - h)
            right = np.linalg.inv((1j * (nu + omega) + mu)[:, None, None] * one - moved)
            from_currents = [left @ current @ right for current in currents]
            from_densities = [left @ density @ right for density in densities]
            for g, a in np.ndindex(len(densities), len(currents)):
                first = np.einsum("vij,ij->v", from_currents[a], densities[g].conj())
                second = np.einsum("vij,ij->v", from_densities[g], currents[a].conj())
                for i, size in enumerate(sizes):
                    kept = slice(sizes[-1] - size, sizes[-1] + size)
                    totals[i, 0, g, a] += sign * first[kept].sum()
                    totals[i, 1, g, a] += sign * second[kept].sum()
    # What is cut off falls in powers of 1/size: four sizes remove three of them.
    powers = 1.0 / sizes[:, None] ** np.arange(4)
    limit = np.linalg.solve(powers, totals.reshape(len(sizes), -1))[0].reshape(totals.shape[1:])
    limit *= SPIN_DEGENERACY * kT / layer.lattice.cell_area / layer.mesh**2
    first, second = (
        response(layer, q, 1j * omega, [mu], kT)[0, 0]
        for response in (current_density_response, density_current_response)
    )
    return limit[0], limit[1], first, second


def raising(model: BlochModel, pair: Ints) -> Complex:
    """Matrix of δ(G' + pair, G'') in plane waves: u†(G') u(G' + pair) = u† S u."""
    label = np.column_stack([model.plane_waves, model.orbitals])
    target = label + np.append(pair, 0)
    matches = (target[:, None, :] == label[None, :, :]).all(axis=-1)
    return np.asarray(matches, dtype=np.complex128)


def answer_to_a_potential(kT: float) -> tuple[Complex, Complex]:
    """Eq. 30 at Ω = 0, (nG, 2): from the current that a weak potential drives, and as it stands.

    The potential links k with k + q in one Hermitian matrix, whose density matrix is f of it.
    """
    layer, mu, q, strength = SMALL, -40.0, np.array([0.031, 0.017]), 1e-2 * kT
    total = np.zeros((len(layer.pairs), 2), dtype=complex)
    for sign, model in ((1, layer.model), (-1, layer.model.other_valley())):
        count = len(model.plane_waves)
        for k in layer.lattice.mesh(layer.mesh, "none").points:
            folded, umklapp = layer.lattice.fold(k + q)
            ends = (k, folded) if sign == 1 else (-folded, -k)
            both = np.zeros((2 * count, 2 * count), dtype=complex)
            both[:count, :count], both[count:, count:] = (model.hamiltonian(end) for end in ends)
            currents = model.velocity_operators() @ raising(model, umklapp)
            for g, pair in enumerate(layer.pairs):
                blocks = []
                for weak in (strength, -strength):
                    both[:count, count:] = weak * raising(model, pair + umklapp)
                    both[count:, :count] = both[:count, count:].conj().T
                    energies, states = np.linalg.eigh(both)
                    occupied = states * (0.5 - 0.5 * np.tanh((energies - mu) / (2 * kT)))
                    blocks.append(occupied[:count] @ states[count:].conj().T)
                answer = (blocks[0] - blocks[1]) / (2 * strength)
                total[g] += sign * np.einsum("aij,ij->a", currents, answer.conj())
    total *= SPIN_DEGENERACY / (layer.lattice.cell_area * layer.mesh**2)
    return total, current_density_response(layer, q, 0.0, [mu], kT)[0, 0]


MATSUBARA_REASON = "Matsubara sums of up to 170 terms, extrapolated three times"


@claim(
    "kundu-30",
    "Eq. 30",
    kind="identity",
    statement=r"$\chi_1(\mathbf q+\mathbf G_1,-\mathbf q-\mathbf G,i\Omega_n)$: Lindhard form of "
    "current against density.",
    follows=("kundu-9", "kundu-14", "kundu-17"),
)
def _() -> Evidence:
    summed, _, formula, _ = matsubara_sums()
    answer, cold = answer_to_a_potential(2.0)
    return Evidence(
        Discrepancy(
            "Eq. 30 against a Matsubara sum over resolvents of the Hamiltonian",
            largest(formula - summed, summed),
            1e-5,
            MATSUBARA_REASON,
        ),
        controls=(
            Discrepancy(
                "at Ω = 0, k_BT = 2 meV against the current that a weak potential drives",
                largest(cold - answer, answer),
                1e-4,
                "the potential squared, (k_BT/100)²; full, empty and partly filled bands",
                slack="order",
            ),
        ),
    )


@claim(
    "kundu-31",
    "Eq. 31",
    kind="identity",
    statement=r"$\chi_2(\mathbf q+\mathbf G,-\mathbf q-\mathbf G_2,i\Omega_n)$: density against "
    "current.",
    follows=("kundu-9", "kundu-14", "kundu-17"),
)
def _() -> Evidence:
    _, summed, _, formula = matsubara_sums()
    layer, q, z = replace(SMALL, shift=(3.0, 2.0)), np.array([0.031, 0.017]), 40.0 + 15.0j
    forward = current_density_response(layer, q, z, [-40.0], 20.0)[0, 0]
    backward = density_current_response(layer, q, np.conj(z), [-40.0], 20.0)[0, 0]
    return Evidence(
        Discrepancy(
            "Eq. 31 against a Matsubara sum over resolvents of the Hamiltonian",
            largest(formula - summed, summed),
            1e-5,
            MATSUBARA_REASON,
        ),
        controls=(
            Discrepancy(
                "χ₂(G, z) against χ₁(G, z*)*, the moiré displaced",
                largest(backward - forward.conj(), forward),
                1e-12,
                "density and current are hermitian; round-off",
            ),
        ),
    )


@cache
def small_q(length: float) -> tuple[Complex, Complex, Complex, Complex]:
    """Eq. 31 near q = 0, at z = 0 less 𝒟(0) and at z = 30i meV; 𝒞 and 𝒟: each (nG, 2)."""
    # So many plane waves that k on the edge of the zone and its image have the same bands.
    model = GrapheneHBN(cutoff=4)
    layer = DragLayer(model, mesh=4, bands=6, shells=1, symmetry="none", solver="dense")
    mu, z = [-120.0], np.array([0.0, 30.0j])
    q = length * np.array([0.6, 0.8])
    # What is linear in q cancels between ±q. The six bands touch no others on this mesh.
    static, dynamic = np.mean(
        [density_current_response(layer, s * q, z, mu, WARM, bands=6)[:, 0] for s in (1, -1)],
        axis=0,
    )
    at_rest, between = interband_susceptibility(layer, z, mu, WARM, bands=6)[:, 0]
    return static - at_rest, dynamic, _six_bands(layer, mu, WARM)[0], between


@cache
def at_no_wavevector() -> tuple[Complex, Complex]:
    """Part of Eq. 31 within bands at q = 0, z = 0, and −𝒞 of the same bands, each (nG, 2).

    Of K alone: the points at which K′ is sampled are others, and so is their truncated basis.
    """
    layer = DragLayer(
        GrapheneHBN(cutoff=2), mesh=5, bands=6, shells=1, symmetry="none", solver="dense"
    )
    empty = -100 * WARM
    rest = density_current_response(
        layer, [0.0, 0.0], 0.0, [[-120.0, empty]], WARM, part="intraband", bands=6
    )
    return rest[0, 0], -_six_bands(layer, [[-120.0, empty]], WARM)[0]


def _six_bands(layer: DragLayer, mu: ArrayLike, kT: float) -> Complex:
    """Kundu Eq. 33 for the bands kept: it holds band by band, whatever else is partly filled."""

    def of_valley(model: ValleyModel, levels: Floats) -> Complex:
        zone, solved = layer.zone, solve_bands(model, layer.zone.points, layer.bands)
        form_factors = solved.form_factors(layer.pairs)[:, None]
        products = np.moveaxis(solved.velocities, -1, 0) * form_factors
        summed = thermal_sum(solved.energies, zone.weights, products, levels, kT)
        return np.asarray(np.moveaxis(summed, -1, 0), dtype=np.complex128)

    per_area = SPIN_DEGENERACY / layer.lattice.cell_area
    return per_area * sum_valleys(layer, mu, "valley", of_valley)


@claim(
    "kundu-33",
    "Eq. 33",
    kind="identity",
    aspect="the limit of Eq. 31",
    statement=r"$\mathcal C_{\mathbf G}=-\frac2{\mathcal V}\sum\Lambda\lambda_{\mathbf G}f'$, with "
    r"$\Lambda$ from $\partial_k\varepsilon$, is minus the intraband part of Eq. 31 for "
    r"$\mathbf q\to0$ at $\Omega=0$.",
    follows=("kundu-30", "kundu-31", "kundu-formfactor"),
)
def _() -> Evidence:
    errors = [largest(one[0] + one[2], one[2]) for one in (small_q(1e-3), small_q(5e-4))]
    rest, limit = at_no_wavevector()
    return Evidence(
        Discrepancy(
            "χ₂ at |q| = 0.0005 nm⁻¹, Ω = 0, less 𝒟(0), against −𝒞",
            errors[1],
            1e-3,
            "quadratic in q after averaging ±q",
        ),
        controls=(
            Discrepancy(
                "order in q against 2", abs(order(errors[0], errors[1]) - 2), 0.1, "as said"
            ),
            Discrepancy(
                "χ₂ of K within bands at q = 0, where f′ takes the place of a quotient, against −𝒞",
                largest(rest - limit, limit),
                1e-10,
                "the same sum over states; round-off",
            ),
        ),
    )


@claim(
    "kundu-34",
    "Eq. 34",
    kind="definition",
    implements="moirelib.drag.response.interband_susceptibility",
    statement=r"$\mathcal D_{\mathbf G}(\Omega)$, all of Eq. 31 that is left for "
    r"$\mathbf q\to0$ at $\Omega\ne0$.",
    follows=("kundu-30", "kundu-31"),
)
def _() -> Evidence:
    errors = [largest(one[1] - one[3], one[3]) for one in (small_q(1e-3), small_q(5e-4))]
    plain = DragLayer(GrapheneHBN(cutoff=4), mesh=4, shells=1, symmetry="none", solver="dense")
    reduced = replace(plain, symmetry="full")
    z, mu = np.array([7.0 + 2.0j, -7.0 - 2.0j]), [-120.0]
    solved = interband_susceptibility(plain, z, mu, WARM, bands=16)
    wedge = interband_susceptibility(reduced, z, mu, WARM, bands=16)
    charge = interband_susceptibility(plain, z, mu, WARM, "charge", bands=16)
    return Evidence(
        Discrepancy(
            "χ₂ at |q| = 0.0005 nm⁻¹, ħΩ = 30i meV, against 𝒟",
            errors[1],
            1e-3,
            "quadratic in q after averaging ±q",
        ),
        controls=(
            Discrepancy(
                "order in q against 2", abs(order(errors[0], errors[1]) - 2), 0.1, "as said"
            ),
            Discrepancy(
                "𝒟_v(Ω) against 𝒟_v(−Ω), both valleys solved",
                largest(solved[0] - solved[1], solved),
                1e-5,
                "time reversal, to what the truncated basis breaks at the zone edge",
            ),
            Discrepancy(
                "𝒟_c(Ω) against −𝒟_c(−Ω), both valleys solved",
                largest(charge[0] + charge[1], solved),
                1e-4,
                "time reversal, as above",
            ),
            Discrepancy(
                "twelfth of the zone against both valleys of all of it",
                largest(wedge - solved, solved),
                1e-5,
                "C₃ᵥ and time reversal, as above",
            ),
        ),
    )


@claim(
    "kundu-36",
    "Eq. 36",
    kind="identity",
    aspect="the velocity of a state",
    statement=r"$\Lambda_v^{(n,n,\xi)}=\xi\,\partial_k\varepsilon_n$: the valley current of a "
    "Bloch state is its velocity.",
    follows=("kundu-19", "kundu-33"),
)
def _() -> Evidence:
    step = 5e-5
    k = np.random.default_rng(36).normal(scale=0.1, size=(6, 2))
    worst, scale = 0.0, 0.0
    for valley in (1, -1):
        model = GrapheneHBN(valley=valley, cutoff=2)
        exact = solve_bands(model, k).velocities
        for axis, direction in enumerate(np.eye(2)):
            rows = [solve_bands(model, k + h * step * direction).energies for h in (-2, -1, 1, 2)]
            slope = (rows[0] - 8 * rows[1] + 8 * rows[2] - rows[3]) / (12 * step)
            worst = max(worst, float(np.abs(slope - exact[..., axis]).max()))
            scale = max(scale, float(np.abs(exact).max()))
    return Evidence(
        Discrepancy(
            "current factor at q = 0 against differences of the energies",
            worst / scale,
            1e-7,
            "fourth-order differences at steps of 5·10⁻⁵ nm⁻¹",
        ),
    )


@claim(
    "kundu-text-no-umklapp",
    "text, p. 2 and below Eq. 34",
    kind="number",
    aspect="nothing without umklapp",
    statement=r"$\lambda_{\mathbf 0}=1$, so that $\mathcal C_{\mathbf 0}=0$; "
    r"$\lambda_{\mathbf 0}^{(n,m)}=\delta_{nm}$, so that $\mathcal D_{\mathbf 0}=0$: without "
    "umklapp there is no drag.",
    follows=("kundu-15", "kundu-33", "kundu-34"),
)
def _() -> Evidence:
    model = GrapheneHBN()
    zone = model.lattice.mesh(24)
    errors = []
    for valley in (1, -1):
        solved = solve_bands(replace(model, valley=valley), valley * zone.points[::30], 170)
        unit = solved.form_factor_matrix([0, 0])
        errors.append(float(np.abs(unit - np.eye(170)).max()))
    points = solve_bands(model, model.lattice.mesh(7, "none").points, 6)
    weight = minus_fermi_derivative(points.energies, -120.0, 12.0)
    velocity_sum = np.einsum("kna,kn->a", points.velocities, weight) / len(points.k)
    scale = float((np.abs(points.velocities).max(axis=-1) * weight).sum() / len(points.k))
    return Evidence(
        Discrepancy(
            "λ₀ of all bands against the unit matrix",
            max(errors),
            1e-12,
            "orthonormal states; round-off",
        ),
        controls=(
            Discrepancy(
                "Σ ∂ε f′ of one valley on the full mesh, relative to Σ |∂ε| |f′|",
                float(np.abs(velocity_sum).max()) / scale,
                1e-6,
                "C₃, to what the truncated basis breaks at the zone edge",
            ),
        ),
    )
