"""Claims of the chapter "tbg-scattering": the bilayer, Ying et al., Eqs. B1 to B4."""

from __future__ import annotations

from functools import cache

import numpy as np

from moirelib.chapters.tbg_scattering.claims.strain import ROUND_OFF, rotation
from moirelib.chapters.tbg_scattering.data import Array
from moirelib.ledger.measure import residual
from moirelib.ledger.registry import Discrepancy, Evidence, claim
from moirelib.models.twisted_bilayer import ComplexArray, StrainedTBG

MODEL = StrainedTBG.from_ratios(strain_over_twist=0.2, tunnelling_ratio=0.3)


@cache
def _momenta() -> Array:
    return MODEL.moire_wavevector * np.random.default_rng(0).uniform(-1, 1, size=(40, 2))


def threefold_residual(matrices: ComplexArray, conjugate_cone: bool = False) -> float:
    """Largest change of an energy under a turn by 120°, over w, with k·σ or k·σ* in the cones."""
    plain = StrainedTBG.from_ratios(tunnelling_ratio=0.3)
    momenta = plain.moire_wavevector * np.random.default_rng(0).uniform(-1, 1, size=(40, 2))
    spectra = []
    for k in (momenta, momenta @ rotation(2 * np.pi / 3).T):
        h = plain.hamiltonian(k)
        if conjugate_cone:
            for i in range(4):
                part = slice(2 * i, 2 * i + 2)
                h[:, part, part] = h[:, part, part].conj()
        for j, t in enumerate(matrices):
            h[:, :2, 2 * j + 2 : 2 * j + 4] = t
            h[:, 2 * j + 2 : 2 * j + 4, :2] = t.conj().T
        spectra.append(np.linalg.eigvalsh(h))
    return float(np.abs(spectra[0] - spectra[1]).max()) / plain.tunnelling


def _turns(valley: int) -> float:
    """How often the phase between A and B turns around a Dirac point."""
    angle = 2 * np.pi * np.arange(13) / 12
    circle = 0.05 * MODEL.moire_wavevector * np.stack([np.cos(angle), np.sin(angle)], axis=-1)
    phase = np.unwrap(np.angle(MODEL.hamiltonian(circle, valley=valley)[:, 1, 0]))
    return float(phase[-1] - phase[0]) / (2 * np.pi)


@claim(
    "ying-B1",
    "Eq. B1",
    kind="definition",
    implements="moirelib.models.twisted_bilayer.StrainedTBG.hamiltonian",
    statement="Eight components: a Dirac point of layer 1 and its three neighbours in layer 2.",
    follows=("ying-B2", "ying-B3", "ying-B4"),
)
def _() -> Evidence:
    k = _momenta()
    h = MODEL.hamiltonian(k)
    # The same Dirac points met again in the Hamiltonian around a neighbour in layer 2.
    again = MODEL.hamiltonian(k + MODEL.q_vectors[0], layer=2)
    overlap = np.abs(again[:, 2:4, :2] - h[:, :2, 2:4]).max()
    overlap += np.abs(again[:, :2, :2] - h[:, 2:4, 2:4]).max()
    reversed_ = np.abs(
        np.linalg.eigvalsh(MODEL.hamiltonian(-k, valley=-1)) - np.linalg.eigvalsh(h)
    ).max()
    return Evidence(
        Discrepancy(
            "energies under a turn by 120°, without strain",
            threefold_residual(MODEL.tunnelling_matrices),
            1e-9,
            ROUND_OFF,
            "w",
        ),
        controls=(
            Discrepancy(
                "blocks shared with the Hamiltonian around the neighbouring point",
                float(overlap) / MODEL.tunnelling,
                1e-10,
                ROUND_OFF,
                "w",
            ),
            Discrepancy(
                "time reversal, E_K'(−k) = E_K(k)",
                float(reversed_) / MODEL.tunnelling,
                1e-10,
                ROUND_OFF,
                "w",
            ),
            Discrepancy(
                "turns of the phase of H_BA around the Dirac point, from 1 in K and −1 in K'",
                max(abs(_turns(valley) - valley) for valley in (1, -1)),
                1e-12,
                "an integer; round-off",
            ),
        ),
    )


def _written(k: Array, turn: float) -> ComplexArray:
    """The Dirac Hamiltonian of a layer turned by θ, with the conjugate in the lower corner."""
    corner = MODEL.hbar_v * np.hypot(*k.T) * np.exp(-1j * (np.arctan2(k[:, 1], k[:, 0]) - turn))
    mass = np.full(len(k), MODEL.mass)
    return np.moveaxis(np.array([[mass, corner], [corner.conj(), -mass]]), -1, 0)


@claim(
    "ying-B2",
    "Eq. B2",
    kind="definition",
    implements="moirelib.models.twisted_bilayer.StrainedTBG.dirac",
    statement=r"Dirac Hamiltonian with mass, off-diagonal elements "
    r"$v_Dke^{-i(\theta_k-\theta)}$ in both corners.",
    finding="The two corners have to be complex conjugates: the lower one carries "
    r"$e^{+i(\theta_k-\theta)}$. As printed the matrix is not Hermitian.",
    consequence="notation",
    figures="No figure changes: no energies belong to the printed matrix, which misses its "
    "adjoint by {measured}`ying-B2: departure from hermiticity`. The states behind Figs. 7 and 8, "
    "in {numref}`fig-ying-7` and {numref}`fig-ying-8`, have the conjugate corner.",
)
def _() -> Evidence:
    k = _momenta()
    polar = np.hypot(*k.T) * np.exp(-1j * (np.arctan2(k[:, 1], k[:, 0]) - 0.5 * MODEL.twist))
    off = MODEL.hbar_v * polar
    printed = np.empty((len(k), 2, 2), dtype=np.complex128)
    printed[:, 0, 0], printed[:, 1, 1] = MODEL.mass, -MODEL.mass
    printed[:, 0, 1] = printed[:, 1, 0] = off
    ours = MODEL.dirac(k, 2)
    missed = [
        residual(MODEL.dirac(k, layer), _written(k, turn * MODEL.twist))
        for layer, turn in ((1, -0.5), (2, 0.5))
    ]
    scale = float(np.abs(off).max())

    def skew(h: ComplexArray) -> float:
        return float(np.abs(h - np.swapaxes(h.conj(), -1, -2)).max()) / scale

    energy = np.sqrt(MODEL.mass**2 + np.abs(off) ** 2)
    return Evidence(
        Discrepancy(
            "departure from hermiticity as printed", skew(printed), 1e-12, ROUND_OFF, "v_D k"
        ),
        Discrepancy(
            "with the conjugate in the lower corner", skew(ours), 1e-12, ROUND_OFF, "v_D k"
        ),
        controls=(
            Discrepancy(
                "the code against m, −m and v_Dke^{∓i(θ_k−θ)}, both layers, all four elements",
                max(missed) / scale,
                1e-12,
                ROUND_OFF,
                "v_D k",
            ),
            Discrepancy(
                "energies against ±√(m² + v²k²)",
                float(np.abs(np.linalg.eigvalsh(ours)[:, 1] / energy - 1).max()),
                1e-12,
                ROUND_OFF,
            ),
        ),
    )


def corners(*upper: float) -> ComplexArray:
    """T_b, T_tr, T_tl with the phases of their upper corners; the lower ones conjugate."""
    size = StrainedTBG.from_ratios(tunnelling_ratio=0.3).tunnelling
    phases = [[[1, np.exp(1j * p)], [np.exp(-1j * p), 1]] for p in upper]
    return size * np.array(phases, dtype=np.complex128)


@claim(
    "ying-B3",
    "Eq. B3",
    kind="definition",
    implements="moirelib.models.twisted_bilayer.StrainedTBG.tunnelling_matrices",
    statement=r"Tunnelling matrices $T_b,T_{tr},T_{tl}$, with upper corners $1$, $e^{2\pi i/3}$, "
    r"$e^{-4\pi i/3}$ and conjugate lower ones.",
    finding="One sign repairs it; the upper corner of (B2) decides which. With "
    r"$v_Dke^{-i\theta_k}$ there ($+\mathbf k\cdot\boldsymbol\sigma$, as in this book) "
    r"$T_{tl}$ stands as printed and $T_{tr}$ needs $e^{-2\pi i/3}$. With "
    r"$v_Dke^{+i\theta_k}$, the corner of Bistritzer and MacDonald, $T_{tr}$ stands and "
    r"$T_{tl}$ needs $e^{+4\pi i/3}$. As printed $T_{tl}$ equals $T_{tr}$, because "
    r"$e^{-4\pi i/3}=e^{2\pi i/3}$, and the threefold axis is lost.",
    consequence="number",
    figures="Figs. 3 and 8 show momenta and stay. The points of Fig. 7 come from these matrices. "
    "As printed, the threefold axis is lost already without strain, by {measured}`ying-B3: better "
    "of the two readings` in the energies, so that nothing makes the curves start at zero. "
    "{numref}`fig-ying-7` and {numref}`fig-b14` use the matrices that close.",
    follows=("ying-B2",),
)
def _() -> Evidence:
    third = 2 * np.pi / 3
    printed = corners(0, third, -2 * third)
    with_upper, with_lower = corners(0, -third, -2 * third), corners(0, third, 2 * third)
    return Evidence(
        Discrepancy(
            "energies under a turn by 120°, as printed, better of the two readings of (B2)",
            min(threefold_residual(printed, flag) for flag in (False, True)),
            1e-9,
            ROUND_OFF,
            "w",
        ),
        Discrepancy(
            "each reading with its one matrix changed, worse of the two",
            max(threefold_residual(with_upper), threefold_residual(with_lower, True)),
            1e-9,
            ROUND_OFF,
            "w",
        ),
        controls=(
            Discrepancy(
                "matrices of the library against the set of the first reading",
                residual(MODEL.tunnelling_matrices, with_upper) / MODEL.tunnelling,
                1e-12,
                ROUND_OFF,
                "w",
            ),
            Discrepancy(
                "each set with the cones of the other reading, better of the two",
                min(threefold_residual(with_upper, True), threefold_residual(with_lower)),
                0.02,
                "the readings exclude each other",
                "w",
                at_least=True,
            ),
        ),
    )


@claim(
    "ying-B4",
    "Eq. B4",
    kind="definition",
    implements="moirelib.models.twisted_bilayer.StrainedTBG.q_vectors",
    statement=r"$\mathbf q'_i=\mathbf q_i-\mathcal E\cdot\mathbf K_i$ with $\mathbf q_i$ of length "
    r"$|K|\theta_w$ along $(0,-1)$, $(\frac{\sqrt3}2,\frac12)$, $(-\frac{\sqrt3}2,\frac12)$.",
    follows=("ying-17",),
)
def _() -> Evidence:
    plain = StrainedTBG.from_ratios()
    listed = np.array([[0, -1], [np.sqrt(3) / 2, 0.5], [-np.sqrt(3) / 2, 0.5]])
    k = plain.dirac_points
    turned = k @ (rotation(-plain.twist / 2) - rotation(plain.twist / 2)).T
    shift = MODEL.q_vectors - StrainedTBG.from_ratios().q_vectors
    expected = -(MODEL.strain_tensor @ k.T).T
    q = plain.moire_wavevector
    return Evidence(
        Discrepancy(
            "listed directions against differences of turned Dirac points, over q",
            float(np.abs(listed - turned / q).max()),
            1e-4,
            "terms of order θ_w²",
        ),
        controls=(
            Discrepancy(
                "listed directions against the code, over q",
                float(np.abs(listed - plain.q_vectors / q).max()),
                1e-12,
                ROUND_OFF,
            ),
            Discrepancy(
                "strain shift against −𝓔·K, over q",
                float(np.abs(shift - expected).max()) / q,
                1e-12,
                ROUND_OFF,
            ),
        ),
    )
