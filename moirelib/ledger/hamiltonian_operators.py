"""Claims of Kundu App. A on density and current operators, Eqs. 13–17."""

from __future__ import annotations

from functools import cache

import numpy as np

from moirelib._types import Complex, Ints
from moirelib.bloch import Bands, overlap_current_factors, overlap_form_factors, solve_bands
from moirelib.graphene_hbn import GrapheneHBN
from moirelib.ledger.hamiltonian import (
    CHAPTER,
    ROUND_OFF,
    cell_grid,
    random_wavevectors,
    residual,
)
from moirelib.ledger.hamiltonian_bands import wave_function
from moirelib.ledger.registry import Discrepancy, Evidence, claim

Q = np.array([0.13, 0.21])
"""A wavevector transfer in 1/nm, large enough to leave the zone from some k."""

PAIRS = np.array([[0, 0], [1, 0], [0, 1], [1, 1], [-1, 0]])


@cache
def solved(
    cutoff: int = 3, valley: int = 1, q: tuple[float, float] = (0.13, 0.21)
) -> tuple[Bands, Bands, Bands, Ints]:
    """Bands at k, at the folded k + q and at k + q itself, and the umklapp of the folding."""
    model = GrapheneHBN(cutoff=cutoff, valley=valley)
    k = random_wavevectors()
    folded, umklapp = model.lattice.fold(k + np.array(q))
    left, right, unfolded = (
        solve_bands(model, points, count=4) for points in (k, folded, k + np.array(q))
    )
    return left, right, unfolded, umklapp


def transition_density(
    left: Bands, right: Bands, point: int, bra: int, ket: int, operator: Complex | None = None
) -> Complex:
    """Fourier components over (q + G) of φ*_bra O φ_ket on one cell, for a 4×4 operator O.

    Sampled in real space and transformed: entry (n, m) belongs to G = n G₁ + m G₂.
    """
    model, size = left.model, 24
    grid = cell_grid(model, size)  # type: ignore[arg-type]
    before = wave_function(left, point, bra, grid)
    after = wave_function(right, point, ket, grid)
    if operator is not None:
        after = after @ operator.T
    unwound = np.exp(1j * grid @ (left.k[point] - right.k[point]))
    density = (before.conj() * after).sum(axis=-1) * unwound
    # right holds e^{i(k + q)r}, so what is left is periodic; its G-th component meets e^{−iGr}.
    transformed: Complex = np.fft.ifft2(density) * model.lattice.cell_area
    return transformed


def _against_real_space(operator: Complex | None, factors: Complex) -> float:
    left, _, unfolded, _ = solved()
    worst = 0.0
    for point in range(3):
        for bra in range(4):
            for ket in range(4):
                sampled = transition_density(left, unfolded, point, bra, ket, operator)
                # λ_G pairs u†(G′) with u(G′ + G): the −G component of φ*φ in this transform.
                own = [sampled[-n, -m] for n, m in PAIRS]
                worst = max(worst, residual(own, factors[:, point, bra, ket]))
    return worst


@claim(
    "kundu-formfactor",
    "text below Eq. 2",
    kind="definition",
    chapter=CHAPTER,
    statement="$\\lambda_G^{(n,n)}(k)$ is the Fourier transform of the charge density of a Bloch "
    "state.",
    implements="moirelib.Bands.form_factors",
)
def _form_factor() -> Evidence:
    left, *_ = solved()
    pairs = left.model.lattice.disc(2)
    factors = left.form_factors(pairs)
    worst, peak = 0.0, 0.0
    for point in range(3):
        for band in range(4):
            density = transition_density(left, left, point, band, band)
            own = [density[-n, -m] for n, m in pairs]
            worst = max(worst, residual(own, factors[:, point, band]))
    reverse = left.form_factors(-pairs)
    peak = float(np.abs(factors[1:]).max())
    other = solve_bands(GrapheneHBN(valley=-1), -left.k, count=4).form_factors(-pairs)
    return Evidence(
        printed=Discrepancy(
            "λ_G against the transform of |ψ(r)|² on one cell, 19 G, 4 bands",
            worst,
            1e-12,
            "round-off",
        ),
        controls=(
            Discrepancy("λ_0 − 1", residual(factors[0], 1), 1e-10, "normalisation"),
            Discrepancy("λ_{−G} − λ_G*", residual(reverse, factors.conj()), 1e-10, "real density"),
            Discrepancy(
                "λ_G(K, k) − [λ_{−G}(K′, −k)]*",
                residual(other.conj(), factors),
                1e-10,
                "time reversal; round-off, enlarged by the inverse gap",
            ),
            Discrepancy("largest |λ_G|, G ≠ 0", peak, 0.1, "there is something to test", "", True),
        ),
    )


@claim(
    "kundu-13",
    "Eq. 13",
    kind="definition",
    chapter=CHAPTER,
    statement="The density is a sum over $q + G$ of its Fourier components; the component at zero "
    "is the number of particles.",
    implements="moirelib.Bands.form_factor_matrix",
)
def _density() -> Evidence:
    left, *_ = solved()
    lattice = left.model.lattice
    every = lattice.disc(8)  # all differences of the plane waves of the model
    factors = left.form_factor_matrix(every)
    position = 7 * np.random.default_rng(13).normal(size=(5, 2))
    # ⟨ρ(x)⟩ = (1/A) Σ_G e^{iG·x} λ_{G} for one filled state; λ_G here belongs to u†(G′) u(G′+G).
    series = np.exp(1j * position @ lattice.vectors(every).T) / lattice.cell_area
    summed = series @ factors[:, 0, 1, 1]
    direct = (np.abs(wave_function(left, 0, 1, position)) ** 2).sum(axis=-1)
    number = left.form_factor_matrix([0, 0])
    return Evidence(
        printed=Discrepancy(
            "Fourier series of the density against |ψ(x)|² at random x, times A_uc",
            residual(summed, direct) * lattice.cell_area,
            1e-11,
            "round-off",
        ),
        controls=(
            Discrepancy("∫ρ − number: λ_0 − 1", residual(number, np.eye(4)), 1e-10, "round-off"),
        ),
    )


@claim(
    "kundu-14",
    "Eq. 14",
    kind="definition",
    chapter=CHAPTER,
    statement="$\\rho(q + G)$ has the matrix elements $\\lambda_G(k, q)$ between Bloch states at "
    "$k$ and $k + q$.",
    implements="moirelib.bloch.overlap_form_factors",
)
def _density_operator() -> Evidence:
    left, right, unfolded, umklapp = solved()
    factors = overlap_form_factors(left, unfolded, PAIRS)
    forward = overlap_form_factors(left, right, PAIRS, umklapp)
    backward = overlap_form_factors(right, left, -PAIRS, -umklapp)
    return Evidence(
        printed=Discrepancy(
            "λ_G(k, q) against ∫ φ*_k e^{−i(q+G)x} φ_{k+q} sampled on one cell",
            _against_real_space(None, factors),
            1e-12,
            "round-off",
        ),
        controls=(
            Discrepancy(
                "ρ(−Q) − ρ(Q)†, with folding",
                residual(backward, forward.conj().swapaxes(-1, -2)),
                1e-13,
                "the density is real",
            ),
        ),
    )


@claim(
    "kundu-15",
    "Eq. 15",
    kind="definition",
    chapter=CHAPTER,
    statement="The form factor at finite $q$ folds $k + q$ into the zone and adds the umklapp "
    "$G_{k+q}$ to $G$; folding changes nothing.",
    implements="moirelib.bloch.overlap_form_factors",
)
def _folding() -> Evidence:
    def consistency(cutoff: int, sign: int) -> float:
        left, right, unfolded, umklapp = solved(cutoff)
        folded = overlap_form_factors(left, right, PAIRS, sign * umklapp)
        return residual(np.abs(folded), np.abs(overlap_form_factors(left, unfolded, PAIRS)))

    misses = {cutoff: consistency(cutoff, 1) for cutoff in (3, 5)}
    return Evidence(
        printed=Discrepancy(
            "|λ_G(k, q)|, folded against unfolded, cut-off 5",
            misses[5],
            1e-7,
            "a truncated basis is periodic up to what it leaves out",
        ),
        controls=(
            Discrepancy(
                "cut-off 3 against cut-off 5",
                misses[3] / misses[5],
                1e3,
                "the miss falls exponentially with the cut-off",
                "",
                True,
            ),
            Discrepancy(
                "k whose k + q leaves the zone",
                float(solved()[3].any(axis=1).sum()),
                1,
                "there is something to fold",
                "",
                True,
            ),
            Discrepancy(
                "with −G_{k+q} instead",
                consistency(5, -1),
                0.1,
                "the wrong sign has to show",
                "",
                True,
            ),
        ),
    )


def ward_residual(left: Bands, right: Bands, pairs: Ints, umklapp: Ints | None) -> float:
    """Largest |(ε_m(k+q) − ε_n(k)) λ_G − (q + G)·Λ_G| in meV."""
    density = overlap_form_factors(left, right, pairs, umklapp)
    current = overlap_current_factors(left, right, pairs, umklapp)
    transfer = Q + left.model.lattice.vectors(pairs)
    continuity = np.einsum("ga,agknm->gknm", transfer, current)
    difference = right.energies[:, None, :] - left.energies[:, :, None]
    return residual(difference * density, continuity)


def velocity_on_site(valley: int) -> Complex:
    """∂H/∂k (2, 4, 4) in meV nm between the four orbitals, by differences of H(k)."""
    model, step = GrapheneHBN(valley=valley, cutoff=1), 1e-3
    here = (model.plane_waves == 0).all(axis=1)
    slopes = [
        (model.hamiltonian(step * d) - model.hamiltonian(-step * d)) / (2 * step) for d in np.eye(2)
    ]
    return np.array([slope[np.ix_(here, here)] for slope in slopes])


@claim(
    "kundu-16",
    "Eq. 16",
    kind="definition",
    chapter=CHAPTER,
    statement="The current is a sum over $q + G$ of its Fourier components, as the density is.",
    implements="moirelib.bloch.overlap_current_factors",
)
def _current() -> Evidence:
    left, _, unfolded, _ = solved()
    factors = overlap_current_factors(left, unfolded, PAIRS)
    worst = max(
        _against_real_space(operator, factors[axis])
        for axis, operator in enumerate(velocity_on_site(1))
    )
    return Evidence(
        printed=Discrepancy(
            "Λ_G(k, q) against ∫ φ*_k Γ e^{−i(q+G)x} φ_{k+q} sampled on one cell",
            worst,
            1e-9,
            ROUND_OFF,
            "meV nm",
        ),
    )


@claim(
    "kundu-17",
    "Eq. 17",
    kind="definition",
    chapter=CHAPTER,
    statement="$j(q + G)$ has the matrix elements $\\Lambda_G(k, q)$. Charge is conserved: "
    "$(\\varepsilon_m(k+q) - \\varepsilon_n(k))\\,\\lambda_G = (q+G)\\cdot\\Lambda_G$.",
    implements="moirelib.bloch.overlap_current_factors",
)
def _continuity() -> Evidence:
    left, _, unfolded, _ = solved()
    exact = ward_residual(left, unfolded, PAIRS[:1], None)
    left, right, unfolded, umklapp = solved(5)
    folded = ward_residual(left, right, PAIRS, umklapp)
    wrong = ward_residual(left, right, PAIRS, -umklapp)
    return Evidence(
        printed=Discrepancy(
            "continuity at G = 0, any cut-off",
            exact,
            1e-9,
            "exact, because H is affine in k",
            "meV",
        ),
        controls=(
            Discrepancy(
                "continuity at G ≠ 0 with folding, cut-off 5",
                folded,
                1e-5,
                "what the cut-off leaves out",
                "meV",
            ),
            Discrepancy(
                "with −G_{k+q} instead", wrong, 1, "the wrong sign has to show", "meV", True
            ),
        ),
    )
