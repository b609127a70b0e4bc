"""Claims of the chapter "tbg-scattering": the bilayer, Ying et al., Eqs. B1 to B4."""

from __future__ import annotations

from functools import cache

import numpy as np

from moirelib.chapters.tbg_scattering.claims.strain import ROUND_OFF, rotation
from moirelib.chapters.tbg_scattering.data import Array
from moirelib.ledger.registry import Discrepancy, Evidence, claim
from moirelib.models.twisted_bilayer import ComplexArray, StrainedTBG

MODEL = StrainedTBG.from_ratios(strain_over_twist=0.2, tunnelling_ratio=0.3)


@cache
def _momenta() -> Array:
    return MODEL.moire_wavevector * np.random.default_rng(0).uniform(-1, 1, size=(40, 2))


def _threefold_residual(matrices: ComplexArray) -> float:
    """Largest change of an energy under a turn by 120°, over w, with the given T_b, T_tr, T_tl."""
    plain = StrainedTBG.from_ratios(tunnelling_ratio=0.3)
    spectra = []
    for k in (_momenta(), _momenta() @ rotation(2 * np.pi / 3).T):
        h = plain.hamiltonian(k)
        for j, t in enumerate(matrices):
            h[:, :2, 2 * j + 2 : 2 * j + 4] = t
            h[:, 2 * j + 2 : 2 * j + 4, :2] = t.conj().T
        spectra.append(np.linalg.eigvalsh(h))
    return float(np.abs(spectra[0] - spectra[1]).max()) / plain.tunnelling


@claim(
    "ying-B1",
    "Eq. B1",
    kind="definition",
    implements="moirelib.models.twisted_bilayer.StrainedTBG.hamiltonian",
    statement="Eight components: a Dirac point of layer 1 and its three neighbours in layer 2.",
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
            _threefold_residual(MODEL.tunnelling_matrices),
            1e-9,
            ROUND_OFF,
            "w",
        ),
        controls=(
            Discrepancy(
                "blocks shared with the Hamiltonian around the neighbouring point",
                float(overlap) / MODEL.tunnelling,
                1e-9,
                ROUND_OFF,
                "w",
            ),
            Discrepancy(
                "time reversal, E_K'(−k) = E_K(k)",
                float(reversed_) / MODEL.tunnelling,
                1e-9,
                ROUND_OFF,
                "w",
            ),
        ),
    )


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
)
def _() -> Evidence:
    k = _momenta()
    polar = np.hypot(*k.T) * np.exp(-1j * (np.arctan2(k[:, 1], k[:, 0]) - 0.5 * MODEL.twist))
    off = MODEL.hbar_v * polar
    printed = np.empty((len(k), 2, 2), dtype=np.complex128)
    printed[:, 0, 0], printed[:, 1, 1] = MODEL.mass, -MODEL.mass
    printed[:, 0, 1] = printed[:, 1, 0] = off
    ours = MODEL.dirac(k, 2)
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
                "upper corner of the code against the printed one",
                float(np.abs(ours[:, 0, 1] - off).max()) / scale,
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


@claim(
    "ying-B3",
    "Eq. B3",
    kind="definition",
    implements="moirelib.models.twisted_bilayer.StrainedTBG.tunnelling_matrices",
    statement=r"Tunnelling matrices $T_b,T_{tr},T_{tl}$, with upper corners $1$, $e^{2\pi i/3}$, "
    r"$e^{-4\pi i/3}$ and conjugate lower ones.",
    finding=r"As printed $T_{tl}$ equals $T_{tr}$, because $e^{-4\pi i/3}=e^{2\pi i/3}$, and the "
    r"threefold axis is lost. With $+\mathbf k\cdot\boldsymbol\sigma$ and the $\mathbf q_i$ of "
    r"(B4), $T_j=w\,[[1,e^{-i\varphi_j}],[e^{i\varphi_j},1]]$ with $\varphi=0,2\pi/3,4\pi/3$ "
    "keeps it.",
    consequence="number",
)
def _() -> Evidence:
    def matrices(phases: tuple[float, float, float]) -> ComplexArray:
        scaled = np.full((3, 2, 2), MODEL.tunnelling, dtype=np.complex128)
        scaled[:, 0, 1] *= np.exp(1j * np.array(phases))
        scaled[:, 1, 0] *= np.exp(-1j * np.array(phases))
        return scaled

    third = 2 * np.pi / 3
    return Evidence(
        Discrepancy(
            "energies under a turn by 120°, as printed",
            _threefold_residual(matrices((0, third, -2 * third))),
            1e-9,
            ROUND_OFF,
            "w",
        ),
        Discrepancy(
            "with upper corners 1, e^{−2πi/3}, e^{−4πi/3}",
            _threefold_residual(matrices((0, -third, -2 * third))),
            1e-9,
            ROUND_OFF,
            "w",
        ),
        controls=(
            Discrepancy(
                "with T_tr as printed and T_tl its conjugate",
                _threefold_residual(matrices((0, third, 2 * third))),
                1e-3,
                "the handedness of the phases matters too",
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
