"""Claims of the chapter "tbg-scattering": Ying et al., App. B."""

from __future__ import annotations

import itertools
from functools import cache

import numpy as np
from numpy.typing import NDArray

from moirelib.figures import ying_scattering as figures
from moirelib.ledger.registry import Discrepancy, Evidence
from moirelib.ledger.tbg_scattering import ROUND_OFF, rotation, tbg
from moirelib.scattering import intervalley_rates
from moirelib.twisted_bilayer import StrainedTBG

Array = NDArray[np.float64]
ComplexArray = NDArray[np.complex128]

MODEL = StrainedTBG.from_ratios(strain_over_twist=0.2, tunnelling_ratio=0.3)
K_F = figures.FERMI_RATIO * MODEL.moire_wavevector
A = MODEL.lattice_constant


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


@tbg(
    "ying-B1",
    "Eq. B1",
    kind="definition",
    implements="moirelib.twisted_bilayer.StrainedTBG.hamiltonian",
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


@tbg(
    "ying-B2",
    "Eq. B2",
    kind="definition",
    implements="moirelib.twisted_bilayer.StrainedTBG.dirac",
    statement=r"Dirac Hamiltonian with mass, off-diagonal elements "
    r"$v_Dke^{-i(\theta_k-\theta)}$ in both corners.",
    finding="The two corners have to be complex conjugates: the lower one carries "
    r"$e^{+i(\theta_k-\theta)}$. As printed the matrix is not Hermitian.",
)
def _() -> Evidence:
    k = _momenta()
    polar = np.hypot(*k.T) * np.exp(-1j * (np.arctan2(k[:, 1], k[:, 0]) - 0.5 * MODEL.twist))
    off = MODEL.velocity * polar
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


@tbg(
    "ying-B3",
    "Eq. B3",
    kind="definition",
    implements="moirelib.twisted_bilayer.StrainedTBG.tunnelling_matrices",
    statement=r"Tunnelling matrices $T_b,T_{tr},T_{tl}$, with upper corners $1$, $e^{2\pi i/3}$, "
    r"$e^{-4\pi i/3}$ and conjugate lower ones.",
    finding=r"As printed $T_{tl}$ equals $T_{tr}$, because $e^{-4\pi i/3}=e^{2\pi i/3}$, and the "
    r"threefold axis is lost. With $+\mathbf k\cdot\boldsymbol\sigma$ and the $\mathbf q_i$ of "
    r"(B4), $T_j=w\,[[1,e^{-i\varphi_j}],[e^{i\varphi_j},1]]$ with $\varphi=0,2\pi/3,4\pi/3$ "
    "keeps it.",
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


@tbg(
    "ying-B4",
    "Eq. B4",
    kind="definition",
    implements="moirelib.twisted_bilayer.StrainedTBG.q_vectors",
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


@tbg(
    "ying-B5",
    "Eq. B5",
    kind="definition",
    implements="moirelib.scattering.intervalley_rates",
    statement=r"Point impurities $V\delta(\mathbf r-\mathbf R)$: all momentum transfers scatter "
    "alike.",
)
def _() -> Evidence:
    # A Gaussian bump of unit weight, integrated on a mesh; large and small momentum transfer.
    k = 4 * np.pi / (3 * A)

    def bump(width: float) -> float:
        x = np.linspace(-8 * width, 8 * width, 401)
        weight = np.exp(-0.5 * (x / width) ** 2)
        weight /= weight.sum()
        one = np.abs(np.sum(weight * np.exp(1j * k * x)))
        two = np.abs(np.sum(weight * np.exp(2j * k * x)))
        return float(1 - two / one)

    wide, narrow = bump(0.004), bump(0.002)
    return Evidence(
        Discrepancy(
            "amplitude at 2|K| against that at |K| for a bump of 2 pm, from 1",
            narrow,
            2e-3,
            "(|K|σ)² times 3/2",
        ),
        controls=(
            Discrepancy(
                "its order in the width against 2",
                abs(float(np.log2(wide / narrow)) - 2),
                0.01,
                "the point limit",
            ),
        ),
    )


@tbg(
    "ying-B6",
    "Eq. B6",
    kind="identity",
    statement=r"Plane waves scatter with $V e^{i\Delta\mathbf k\cdot\mathbf R}$, where "
    r"$\Delta\mathbf k$ is initial minus final momentum.",
)
def _() -> Evidence:
    n, site = 24, (5, 17)
    potential = np.zeros((n, n))
    potential[site] = 1.0
    # fft2 is Σ_r e^{−iq·r} V(r): the final state enters with e^{−ik'·r}.
    measured = np.fft.fft2(potential)
    steps = 2 * np.pi * np.arange(n) / n
    transfer = -steps  # k − k' for q = k' − k
    formula = np.exp(1j * (transfer[:, None] * site[0] + transfer[None, :] * site[1]))
    return Evidence(
        Discrepancy(
            "Fourier sum over a lattice with one impurity against the formula",
            float(np.abs(measured - formula).max()),
            1e-12,
            ROUND_OFF,
            "V",
        ),
    )


@cache
def _amplitudes() -> tuple[Array, Array, Array]:
    """|amplitude|² of 1K → 2K' at sites A of layer 2: in real space, by B8, and averaged."""
    rng = np.random.default_rng(3)
    basis = A * np.array([[1.0, 0.0], [0.5, np.sqrt(3) / 2]])
    sites = rng.integers(-4000, 4000, size=(20000, 2)) @ basis @ rotation(MODEL.twist / 2).T
    start = MODEL.pocket_state(K_F, 12, layer=1)
    end = MODEL.pocket_state(K_F, 12, layer=2, valley=-1)
    i, f = 4, 9
    # Momenta of layer 2 with its own Dirac points exact; the waves of the initial state sit at
    # K_j + q'_j + k, the main wave of the final one at −K_b + k'.
    second = MODEL.dirac_points @ rotation(MODEL.twist / 2).T
    waves = second + MODEL.q_vectors + start.wavevectors[i]
    final = -second[0] + end.wavevectors[f]
    before = np.exp(1j * sites @ waves.T) @ start.amplitudes[i, 1:, 0]
    after = np.exp(1j * sites @ final) * end.amplitudes[f, 0, 0]
    in_space = np.abs(after.conj() * before) ** 2

    transfers = waves - final
    matrix = np.zeros((len(sites), 8, 8), dtype=complex)
    for j in range(3):
        # Row: A of layer 2, the main layer of the final state.
        matrix[:, 0, 2 + 2 * j] = np.exp(1j * sites @ transfers[j])
    by_matrix = (
        np.abs(
            np.einsum(
                "a,nab,b->n", end.amplitudes[f].ravel().conj(), matrix, start.amplitudes[i].ravel()
            )
        )
        ** 2
    )
    rates = intervalley_rates(MODEL, K_F, 12, disorder=((0, 0), (1, 0)))
    return in_space, by_matrix, np.array([rates.interlayer[f, i]])


@tbg(
    "ying-B7",
    "Eq. B7",
    kind="definition",
    implements="moirelib.scattering.intervalley_rates",
    statement=r"Amplitude $\psi^{(2K')\dagger}_{\mathbf k'}\hat V^{(2A)}\psi^{(1K)}_{\mathbf k}$.",
)
@tbg(
    "ying-B8",
    "Eq. B8",
    kind="definition",
    implements="moirelib.scattering.intervalley_rates",
    statement=r"$\hat V^{(2A)}$ joins A of layer 2 in the final state to A in the three copies of "
    r"the initial one, with phases $e^{i\Delta\mathbf k_j\cdot\mathbf R}$.",
)
def _() -> Evidence:
    in_space, by_matrix, _rate = _amplitudes()
    return Evidence(
        Discrepancy(
            "matrix element against the two wave functions at 20000 lattice sites",
            float(np.abs(in_space - by_matrix).max() / in_space.max()),
            1e-8,
            "phases of order 10⁵ in double precision",
        ),
        controls=(
            Discrepancy(
                "spread of the rate over the sites",
                float(in_space.std() / in_space.mean()),
                0.5,
                "the phases must matter before the average",
                at_least=True,
            ),
        ),
    )


@tbg(
    "ying-B9",
    "Eq. B9",
    kind="definition",
    implements="moirelib.scattering.intervalley_rates",
    statement=r"$W=2\pi\rho_{\rm imp}|V_{\mathbf k'\mathbf k}|^2$.",
)
def _() -> Evidence:
    in_space, _matrix, rate = _amplitudes()
    error = in_space.std() / in_space.mean() / np.sqrt(len(in_space))
    return Evidence(
        Discrepancy(
            "mean |amplitude|² over 20000 lattice sites against the rate of the code, "
            "in standard errors",
            float(abs(in_space.mean() / rate[0] - 1) / error),
            3.0,
            "three standard errors of the sample",
        ),
    )


@tbg(
    "ying-B10",
    "Eq. B10",
    kind="identity",
    statement=r"$\Delta\mathbf k_{2,3}-\Delta\mathbf k_1=\mathcal G(2,3)$, reciprocal vectors of "
    "layer 1.",
)
def _() -> Evidence:
    data = figures.transfers()
    size = float(np.hypot(*MODEL.dirac_points[0]))
    differences = (data.transfers[1:] - data.transfers[0]) * size
    basis = A * np.array([[1.0, 0.0], [0.5, np.sqrt(3) / 2]])
    # Ends that touch: the lattice of layer 1 of that figure, turned by −4°.
    lattice = basis @ rotation(np.radians(-4.0)).T
    turns = differences @ lattice.T / (2 * np.pi)
    return Evidence(
        Discrepancy(
            "G·a/2π from an integer, for both lattice vectors of layer 1",
            float(np.abs(turns - np.round(turns)).max()),
            1e-10,
            ROUND_OFF,
        ),
        controls=(
            Discrepancy(
                "their length against 4π/√3a",
                float(np.abs(np.hypot(*differences.T) * np.sqrt(3) * A / 4 / np.pi - 1).max()),
                1e-10,
                ROUND_OFF,
            ),
        ),
    )


@cache
def _commensurate_sites(m: int) -> tuple[NDArray[np.floating], ...]:
    """Sites A of layer 2 in the commensurate cell (m, m + 1), its vectors, and G of the layers."""
    basis = A * np.array([[1.0, 0.0], [0.5, np.sqrt(3) / 2]])
    first = np.array([[m, m + 1], [-(m + 1), 2 * m + 1]]) @ basis
    angle = 2 * (np.arctan2(first[0, 1], first[0, 0]) - np.pi / 6)
    # Layer 2 is the mirror image: its (m + 1, m) vector lies where the (m, m + 1) of layer 1 does.
    other = basis @ rotation(angle).T
    span = np.arange(-3 * m, 3 * m + 3)
    n = np.stack(np.meshgrid(span, span, indexing="ij"), -1).reshape(-1, 2)
    sites = n @ other
    fractions = sites @ np.linalg.inv(first)
    inside = ((fractions > -1e-9) & (fractions < 1 - 1e-9)).all(-1)
    reciprocal = 2 * np.pi * np.linalg.inv(basis).T
    return sites[inside], first, reciprocal, reciprocal @ rotation(angle).T


@tbg(
    "ying-B11",
    "Eq. B11",
    kind="identity",
    statement=r"On sites of layer 2 the relative phases are those of moiré reciprocal vectors: "
    r"$e^{i\mathcal G\cdot\mathbf R}=e^{i(\mathcal G-\mathcal G')\cdot\mathbf R}$.",
)
def _() -> Evidence:
    sites, cell, g, g_prime = _commensurate_sites(31)
    left = np.exp(1j * sites @ g.T)
    right = np.exp(1j * sites @ (g - g_prime).T)
    turns = cell @ (g - g_prime).T / (2 * np.pi)
    return Evidence(
        Discrepancy(
            "the two phases at every site of a commensurate cell at 1.05°",
            float(np.abs(left - right).max()),
            1e-9,
            ROUND_OFF,
        ),
        controls=(
            Discrepancy(
                "G − G' against the reciprocal lattice of the cell",
                float(np.abs(turns - np.round(turns)).max()),
                1e-9,
                ROUND_OFF,
            ),
        ),
    )


@tbg(
    "ying-B12",
    "Eq. B12",
    kind="approximation",
    statement="Averaged over impurity positions, the plane waves of the tunnelled components "
    "scatter independently.",
)
def _() -> Evidence:
    cell = intervalley_rates(MODEL, K_F, 16)
    random = intervalley_rates(MODEL, K_F, 16, average="random phases")
    sites, _cell, g, g_prime = _commensurate_sites(31)
    vectors = np.array(
        [g[0] - g_prime[0], g[1] - g_prime[1], (g[0] - g_prime[0]) - (g[1] - g_prime[1])]
    )
    mean = np.abs(np.exp(1j * sites @ vectors.T).mean(0)).max()
    between = np.abs(cell.interlayer / random.interlayer - 1).max()
    within = np.abs(cell.layer1 - random.layer1).max() / MODEL.tunnelling_ratio**4
    return Evidence(
        Discrepancy(
            "average over the cell against independent phases, 1K → 2K'",
            float(between),
            1e-12,
            "exact: the final state has one wave in layer 2",
        ),
        controls=(
            Discrepancy(
                f"mean phase over the {len(sites)} sites of a commensurate cell at 1.05°",
                float(mean),
                1e-10,
                "moiré vectors average to zero",
            ),
            Discrepancy(
                "sites found against 3m² + 3m + 1, m = 31",
                abs(len(sites) - (3 * 31**2 + 3 * 31 + 1)),
                0.0,
                "a complete cell",
            ),
            Discrepancy(
                "the same comparison within a layer, 1K → 1K', over t⁴",
                float(within),
                0.01,
                "there two tunnelled waves meet: equal only to order t²",
                at_least=True,
            ),
        ),
    )


@tbg(
    "ying-B13",
    "Eq. B13",
    kind="definition",
    implements="moirelib.twisted_bilayer.StrainedTBG.tunnelling_ratio",
    statement=r"$t=w/(v_D^2q^2/2m)$: each neighbour in the other layer holds the weight $t^2$.",
)
def _() -> Evidence:
    errors = []
    for h in (1.0, 0.5):
        model = StrainedTBG.from_ratios(tunnelling_ratio=0.05 * h, velocity_q_over_mass=0.05 * h)
        state = model.pocket_state(0.01 * h * model.moire_wavevector, 8)
        weight = state.weights()[:, 1].sum(-1).mean()
        errors.append(abs(float(weight / (3 * model.tunnelling_ratio**2)) - 1))
    return Evidence(
        Discrepancy(
            "weight in the other layer over 3t², from 1, all small parameters halved",
            errors[1],
            0.01,
            "corrections of second order",
        ),
        controls=(
            Discrepancy(
                "order of the error against 2",
                abs(float(np.log2(errors[0] / errors[1])) - 2),
                0.2,
                "analytic in w",
            ),
        ),
    )


@tbg(
    "ying-B14",
    "Eq. B14",
    kind="approximation",
    statement="Anisotropy of the inter-layer rate to first order in the strain: coefficients "
    r"$\pm3,-3,\mp6,-\frac32$ for $\mathbf k$ (upper sign) and $\mathbf k'$.",
)
def _() -> Evidence:
    data = figures.convergence()
    worst = max(
        float(np.abs(data.extrapolated_initial / data.expected_initial - 1).max()),
        float(np.abs(data.extrapolated_final / data.expected_final - 1).max()),
    )
    errors = np.abs(data.initial / data.expected_initial - 1)
    order = np.log2(errors[-2] / errors[-1])
    weak = StrainedTBG.from_ratios(
        strain_over_twist=0.05, tunnelling_ratio=1e-3, velocity_q_over_mass=0.01
    )
    k_f = figures.FERMI_RATIO * weak.moire_wavevector
    both = intervalley_rates(weak, k_f, 16).first_harmonics()
    single = intervalley_rates(weak, k_f, 16, disorder=((0, 0), (1, 0))).first_harmonics()
    return Evidence(
        Discrepancy(
            "Richardson limits of all eight coefficients, relative",
            worst,
            1e-3,
            "the bound asked for; the limit is taken over three halvings",
        ),
        controls=(
            Discrepancy(
                "orders of convergence against 2",
                float(np.abs(order - 2).max()),
                0.1,
                "errors are even in the small parameters",
            ),
            Discrepancy(
                "anisotropy in k for impurities on A of layer 2 alone, over B14, from 2",
                abs(float(np.hypot(*single[0]) / np.hypot(*both[0])) - 2),
                1e-3,
                "impurities of one layer make only one of k, k' anisotropic; B14 is the mean",
            ),
            Discrepancy(
                "anisotropy in k' for them, over that in k",
                float(np.hypot(*single[1]) / np.hypot(*single[0])),
                1e-4,
                "of order t²",
            ),
        ),
    )


@tbg(
    "ying-B14-prefactor",
    "Eq. B14",
    kind="approximation",
    statement=r"The mean inter-layer rate is $\frac34t^2$ of the intra-layer one.",
    finding=r"Equal impurities on all four sublattices give $6t^2$: a state of 1K has the weight "
    r"$3t^2$ on layer 2, and so has one of 2K' on layer 1. One quarter of the $3t^2$ of a single "
    r"sublattice is $\frac34t^2$. The factor scales $n_j$ and cancels in $\Delta n_0/n_j$.",
)
def _() -> Evidence:
    values = []
    for h in (1.0, 0.5, 0.25):
        model = StrainedTBG.from_ratios(
            tunnelling_ratio=0.04 * h, velocity_q_over_mass=0.05 * h, twist_degrees=1e-3
        )
        rates = intervalley_rates(model, 0.02 * h * model.moire_wavevector, 16)
        values.append(rates.ratio / model.tunnelling_ratio**2)
    once = [(4 * b - a) / 3 for a, b in itertools.pairwise(values)]
    limit = (16 * once[1] - once[0]) / 15
    return Evidence(
        Discrepancy(
            "measured ratio over 3t²/4, from 1",
            abs(limit / 0.75 - 1),
            1e-3,
            "Richardson limit over three steps",
        ),
        Discrepancy(
            "measured ratio over 6t², from 1",
            abs(limit / 6 - 1),
            1e-3,
            "Richardson limit over three steps",
        ),
    )
