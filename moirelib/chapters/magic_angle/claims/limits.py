"""What the full model must give where the answer is known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from moirelib import StrainedTBG, intervalley_rates, solve_bands
from moirelib._types import Floats
from moirelib.hall import valley_chern_number
from moirelib.ledger.measure import largest, order, relative, residual
from moirelib.ledger.registry import Discrepancy, Evidence, claim
from moirelib.models import ContinuumTBG
from moirelib.models.strained_hopping import cone_stretch
from moirelib.switching import (
    ValleyContour,
    fermi_energy,
    fermi_level,
    layer_form_factors,
    point_rates,
    smooth_rates,
    solve_boltzmann,
    solve_four_pockets,
    thermal_nodes,
    triangle_contour,
    valley_contour,
    valley_response,
)


def _massless(alpha: float, same: float, **fields: float) -> ContinuumTBG:
    """w_AB = α ħv_D q, w_AA = ``same`` w_AB, no mass."""
    plain = ContinuumTBG(masses=(0.0, 0.0), **fields)  # type: ignore[arg-type]
    w = alpha * plain.hbar_v * plain.geometry.moire_wavevector
    return replace(plain, tunnelling=(same * w, w))


def _stretched() -> float:
    """Cone of the strained layer without tunnelling against that of a strained lattice."""
    model = ContinuumTBG(
        twist_degrees=0.2, strain=1e-4, strain_degrees=25.0, anisotropic_cones=True,
        tunnelling=(0.0, 0.0), masses=(0.0, 0.0), cutoff=0.6,
    )  # fmt: skip
    tensor, lattice = model.geometry.strain_tensor, model.lattice_constant
    up, down = (cone_stretch(s * tensor, model.hopping_slope, lattice) for s in (1, -1))
    step = 1e-5
    misses = []
    for angle in (0.2, 1.0, 2.4):
        u = np.array([np.cos(angle), np.sin(angle)])
        low, high = solve_bands(model, [step * u], 2).energies[0]
        found = float(high - low) / (2 * step * model.hbar_v) - 1
        expected = 0.5 * float(np.linalg.norm(up @ u) - np.linalg.norm(down @ u))
        misses.append(abs(found / expected - 1))
    return max(misses)


def _velocity(model: ContinuumTBG) -> float:
    """Of the cone of layer 1, in units of v_D."""
    step = 1e-5
    low, high = solve_bands(model, [[step, 0.0]], 2).energies[0]
    return float(high - low) / (2 * step * model.hbar_v)


@claim(
    "new-tbg-velocity",
    "known limits of the bilayer",
    kind="new",
    statement=r"With one shell of plane waves the Dirac velocity of the full model is "
    r"$v^*/v_D=(1-3\alpha^2)/(1+6\alpha^2)$, $\alpha=w/\hbar v_Dq$; with all of them it vanishes "
    r"at $\alpha=0.606$, and without $w_{AA}$ the whole band is flat at $\alpha=0.586$.",
    implements="moirelib.models.continuum_tbg.ContinuumTBG",
    falsified_by="A continuum model with the same parameters and another magic angle.",
    follows=("ying-B1", "ying-B3"),
)
def _known_limits() -> Evidence:
    alpha = 0.4
    expected = (1 - 3 * alpha**2) / (1 + 6 * alpha**2)
    coarse, fine = (
        relative(_velocity(_massless(alpha, 1.0, twist_degrees=t, cutoff=0.6)), expected)
        for t in (1.0, 0.5)
    )
    alphas = np.arange(0.594, 0.6191, 0.004)
    velocities = [_velocity(_massless(float(a), 1.0)) for a in alphas]
    chiral = _massless(0.5857, 0.0)
    flat = solve_bands(chiral, chiral.lattice.mesh(3, "none").points, 2).energies
    unit = chiral.hbar_v * chiral.geometry.moire_wavevector
    return Evidence(
        Discrepancy(
            "velocity of one shell at 0.5° against the formula",
            fine,
            1e-3,
            "the cones are turned by ±θ/2, of second order in the twist",
        ),
        controls=(
            Discrepancy(
                "power of the twist with which the rest falls, from 2",
                abs(order(coarse, fine) - 2),
                0.1,
                "the next order",
                slack="order",
            ),
            Discrepancy(
                "change of the cone by a strain of 0.01 %, three directions, against that of a "
                "strained lattice, from 1",
                _stretched(),
                0.02,
                "the layer is turned by half the twist of 0.2°, and second order in the strain",
            ),
            Discrepancy(
                "α of the slowest cone, from 0.606",
                abs(float(alphas[int(np.argmin(velocities))]) - 0.606),
                0.003,
                "the grid of α",
                slack="scale",
            ),
            Discrepancy(
                "half the width of the chiral band in ħv_Dq",
                float(np.abs(flat).max()) / unit,
                1e-3,
                "four digits of α, and waves left out",
            ),
        ),
    )


@claim(
    "new-tbg-chern",
    "Chern numbers",
    kind="new",
    statement="With masses of one sign in both layers the two flat bands of a valley have the "
    r"Chern numbers $\pm1$, and those of the other valley are the negative ones.",
    implements="moirelib.hall.exact.valley_chern_number",
    falsified_by="A mesh so fine that the sum over plaquettes is another integer.",
    follows=("new-tbg-velocity",),
)
def _chern_numbers() -> Evidence:
    model = ContinuumTBG(twist_degrees=1.2, masses=(30.0, 30.0), cutoff=2.0)
    numbers = [valley_chern_number(model, n, n, mesh=14) for n in (-1, 0)]
    other = valley_chern_number(model.other_valley(), 0, 0, mesh=14)
    opposite = replace(model, masses=(-30.0, -30.0))
    light = [valley_chern_number(opposite, n, n, mesh=14) for n in (-1, 0)]
    return Evidence(
        Discrepancy(
            "C of both bands against 1 and −1",
            residual(numbers, [1, -1]),
            1e-10,
            "two cones of m > 0, half a quantum each, negative in the upper band; round-off",
        ),
        controls=(
            Discrepancy(
                "with masses of the other sign against −1 and 1",
                residual(light, [-1, 1]),
                1e-10,
                "round-off of a sum of phases",
            ),
            Discrepancy(
                "sum over the valleys",
                abs(numbers[1] + other),
                1e-10,
                "round-off of a sum of phases",
            ),
        ),
    )


def _weak(t: float) -> tuple[StrainedTBG, float]:
    """Weak tunnelling, and k_F."""
    model = StrainedTBG.from_ratios(
        strain_over_twist=0.2, tunnelling_ratio=t, velocity_q_over_mass=0.3
    )
    return model, 0.1 * model.moire_wavevector


def _line(t: float) -> ValleyContour:
    weak, k_f = _weak(t)
    full = ContinuumTBG.of_weak_coupling(weak, cutoff=1.6)
    return valley_contour(full, fermi_energy(weak, k_f, 32), points=32, mesh=36)


@claim(
    "new-tbg-weak-tunnelling",
    "the limit of Part II",
    kind="new",
    statement=r"For weak tunnelling the full model has the $\boldsymbol\delta_\epsilon$ of the "
    r"eight-component one, up to a share of order $t^2$.",
    implements="moirelib.switching.moire_scattering.valley_response",
    falsified_by="A difference that does not fall as $t^2$.",
    follows=("ying-19", "ying-B9"),
)
def _weak_tunnelling() -> Evidence:
    misses = []
    for t in (0.025, 0.0125):
        weak, k_f = _weak(t)
        expected = solve_four_pockets(intervalley_rates(weak, k_f, 32)).valley_density_difference
        found = valley_response(_line(t), intravalley="pocket").delta
        misses.append(float(np.linalg.norm(found - expected) / np.linalg.norm(expected)))
    return Evidence(
        Discrepancy("δ at t = 0.0125", misses[1], 0.02, "terms of order t²"),
        controls=(
            Discrepancy(
                "power of t with which it falls, from 2",
                abs(order(*misses) - 2),
                0.2,
                "the next order of the expansion",
            ),
        ),
    )


@claim(
    "new-tbg-random-phases",
    "the average over the moiré cell",
    kind="new",
    statement=r"Point impurities scatter with $\sum_{lX}D_{lX}\sum_{\mathbf G}"
    r"\lambda^*_{lX}(\mathbf k',\mathbf G)\lambda_{lX}(\mathbf k,\mathbf G)$. Random phases keep "
    r"$\mathbf G=0$ alone; between the pockets of two layers the rest is of order $t^2$ of it.",
    implements="moirelib.switching.moire_scattering.point_rates",
    falsified_by="A rate between pockets of two layers that misses random phases at lower order.",
    follows=("ying-B12",),
)
def _random_phases() -> Evidence:
    misses = []
    for t in (0.04, 0.02):
        line = _line(t)
        weights = line.site_densities().mean(-1)
        across = np.ix_(line.lines == 0, line.lines == 1)
        random = weights @ weights.T / weights.shape[1]
        misses.append(float(np.abs(point_rates(line)[across] / random[across] - 1).max()))
    some = np.array([0, 5, len(line.states) - 3])
    smooth = smooth_rates(line)[np.ix_(some, some)]
    waves = line.model.plane_waves
    every = np.unique((waves[:, None] - waves).reshape(-1, 2), axis=0)
    factors = layer_form_factors(line, every)[:, :, some]
    by_factors = np.einsum("glk,glm->km", factors.conj(), factors).real / 4
    return Evidence(
        Discrepancy("share of G ≠ 0 at t = 0.02", misses[1], 2e-3, "terms of order t²"),
        controls=(
            Discrepancy("power of t, from 2", abs(order(*misses) - 2), 0.1, "the next order in t"),
            Discrepancy(
                "rates from densities across the cell against the sum over form factors",
                largest(point_rates(line)[np.ix_(some, some)] - by_factors, by_factors),
                1e-11,
                "the same average in two spaces: round-off",
            ),
            Discrepancy(
                "rates of a smooth potential against the sum over differences of plane waves",
                largest(smooth - _by_differences(line, some), smooth),
                1e-11,
                "the same average in two spaces: round-off",
            ),
        ),
    )


def _by_differences(line: ValleyContour, some: NDArray[np.intp]) -> Floats:
    """Σ_G |Λ_G|² between a few states, each pair of plane waves by itself."""
    waves, orbitals = line.model.plane_waves, line.model.orbitals
    bra, ket = np.nonzero(orbitals[:, None] == orbitals)
    _, transfer = np.unique(waves[ket] - waves[bra], axis=0, return_inverse=True)
    found = np.zeros((some.size, some.size))
    for i, one in enumerate(line.states[some]):
        for j, other in enumerate(line.states[some]):
            products = one[bra].conj() * other[ket]
            parts = [np.bincount(transfer.ravel(), part) for part in (products.real, products.imag)]
            found[i, j] = sum(float((part**2).sum()) for part in parts)
    return found


@claim(
    "new-tbg-threefold",
    "the threefold axis",
    kind="new",
    statement=r"$\Delta n_0$ vanishes in the full model wherever the threefold axis is left: "
    "without strain, and for a strain that is the same in all directions.",
    implements="moirelib.switching.moire_scattering.valley_response",
    falsified_by="A valley density in a bilayer with a threefold axis.",
    follows=("ying-text-c2z",),
)
def _threefold() -> Evidence:
    strained = ContinuumTBG(twist_degrees=1.4, strain=0.003, cutoff=2.7)
    sizes = []
    for model in (strained, replace(strained, strain=0.0), replace(strained, poisson_ratio=-1.0)):
        line = valley_contour(model, 12.0, points=48, mesh=24)
        sizes.append(float(np.linalg.norm(valley_response(line, intravalley="smooth").delta)))
    return Evidence(
        Discrepancy(
            "|δ| without strain, and squeezed from all sides",
            max(sizes[1:]),
            1e-5,
            "truncated plane waves leave jumps at the boundary of the zone",
        ),
        controls=(
            Discrepancy("|δ| at 0.3 %", sizes[0], 1e-2, "far above what is left", at_least=True),
        ),
    )


@claim(
    "new-tbg-contours",
    "two contour solvers, and the charge",
    kind="new",
    statement="Smooth lines found by Newton's method and the edges of linear triangles give one "
    r"$\Delta n_0$ per current. The collision matrix moves electrons between the valleys "
    "and makes none.",
    implements="moirelib.switching.moire_contours.triangle_contour",
    falsified_by="A difference of the two that does not fall with the mesh.",
    follows=("ying-6",),
)
def _contours() -> Evidence:
    model = ContinuumTBG(twist_degrees=1.2, strain=0.003, strain_degrees=20.0, cutoff=2.7)
    line = valley_contour(model, 9.0, points=64, mesh=24)
    smooth = valley_response(line).per_current
    misses = []
    for mesh in (12, 24):
        edges = triangle_contour(model, 9.0, mesh)
        assert edges is not None
        found = valley_response(edges).per_current
        misses.append(float(np.linalg.norm(found - smooth) / np.linalg.norm(smooth)))
    pocket, between = line.pocket(), point_rates(line)
    solved = solve_boltzmann(
        {(0, 0): between, (1, 1): between, (1, 0): between},
        field=np.eye(2),
        pockets=(pocket, pocket.time_reversed()),
    )
    densities = solved.pocket_densities
    energies = solve_bands(model, model.lattice.mesh(12, "none").points, 4).energies
    level = fermi_level(model, 0.3, 1.0, 12)
    filled = float((1 / (np.exp((energies - level) / 1.0) + 1)).sum(-1).mean()) - 2
    offsets, shares = thermal_nodes(1.0, 60)
    width = float(shares @ offsets**2) / (np.pi**2 / 3)
    return Evidence(
        Discrepancy(
            "Δn₀ per current, triangles against lines", misses[1], 0.05, "the spacing of the mesh"
        ),
        controls=(
            Discrepancy(
                "coarse over fine", misses[0] / misses[1], 2.0, "the error falls", at_least=True
            ),
            Discrepancy(
                "electrons per cell at the Fermi level for 0.3, from Fermi functions at 1 meV",
                abs(filled - 0.3),
                0.02,
                "a mesh of 12 against linear triangles on it",
            ),
            Discrepancy(
                "mean square of the thermal nodes over π²T²/3, from 1",
                abs(width - 1),
                0.01,
                "Gauss's rule with logarithms at its ends",
            ),
            Discrepancy(
                "electrons made, of those moved",
                float(np.abs(densities.sum(-1)).max() / np.abs(densities).max()),
                1e-11,
                "round-off of a linear system",
            ),
        ),
    )
