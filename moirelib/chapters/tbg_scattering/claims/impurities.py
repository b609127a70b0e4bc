"""Claims of the chapter "tbg-scattering": from impurities to rates, Ying et al., Eqs. B5 to B10."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple

import numpy as np

from moirelib.chapters.tbg_scattering.claims.bilayer import MODEL
from moirelib.chapters.tbg_scattering.claims.strain import ROUND_OFF, rotation
from moirelib.chapters.tbg_scattering.data import FERMI_RATIO, Array, transfers
from moirelib.ledger.measure import largest, residual
from moirelib.ledger.registry import Discrepancy, Evidence, claim
from moirelib.models.twisted_bilayer import ComplexArray
from moirelib.switching.scattering import intervalley_rates

K_F = FERMI_RATIO * MODEL.moire_wavevector
BASIS = MODEL.lattice_constant * np.array([[1.0, 0.0], [0.5, np.sqrt(3) / 2]])


class Pair(NamedTuple):
    """One transition 1K → 2K' by impurities on A of layer 2."""

    start: ComplexArray  # eight components of the initial and of the final state
    end: ComplexArray
    waves: Array  # (3, 2) momenta of the initial state in layer 2, in 1/nm
    final: Array  # (2,) momentum of the final state in its main layer
    rate: float  # that of the code


@cache
def _pair() -> Pair:
    start = MODEL.pocket_state(K_F, 12, layer=1)
    end = MODEL.pocket_state(K_F, 12, layer=2, valley=-1)
    i, f = 4, 9
    # Momenta of layer 2 with its own Dirac points exact; the waves of the initial state sit at
    # K_j + q'_j + k, the main wave of the final one at −K_b + k'.
    second = MODEL.dirac_points @ rotation(MODEL.twist / 2).T
    rates = intervalley_rates(MODEL, K_F, 12, disorder=((0, 0), (1, 0)), contour="circles")
    return Pair(
        start.amplitudes[i].ravel(),
        end.amplitudes[f].ravel(),
        second + MODEL.q_vectors + start.wavevectors[i],
        -second[0] + end.wavevectors[f],
        float(rates.interlayer[f, i]),
    )


@claim(
    "ying-B5",
    "Eq. B5",
    kind="definition",
    implements="moirelib.switching.scattering.intervalley_rates",
    statement=r"Point impurities $V\delta(\mathbf r-\mathbf R)$: all momentum transfers scatter "
    "alike.",
)
def _() -> Evidence:
    pair = _pair()
    transfers = np.hypot(*(pair.waves - pair.final).T)

    def miss(width: float) -> float:
        """Rate of a Gaussian bump of unit weight, integrated on a mesh, against the code's."""
        x = np.linspace(-8 * width, 8 * width, 401)
        bump = np.exp(-0.5 * (x / width) ** 2)
        factors = np.abs(np.exp(1j * np.outer(transfers, x)) @ bump / bump.sum())
        mixed = np.sum(np.abs(factors * pair.start[2::2]) ** 2)
        return abs(float(mixed * np.abs(pair.end[0]) ** 2 / pair.rate) - 1)

    wide, narrow = miss(2e-3), miss(1e-3)
    return Evidence(
        Discrepancy(
            "rate by a Gaussian bump of 1 pm over the rate of the code, from 1",
            narrow,
            float(transfers.max() * 1e-3) ** 2,
            "the form factor of the largest transfer, (|Δk|σ)²",
        ),
        controls=(
            Discrepancy(
                "its order in the width of the bump against 2",
                abs(float(np.log2(wide / narrow)) - 2),
                0.01,
                "the point limit",
            ),
            Discrepancy(
                "largest momentum transfer over the smallest, from 2",
                abs(float(transfers.max() / transfers.min()) - 2),
                0.1,
                "across the zone and along its side: transfers of different size",
            ),
        ),
    )


def _positions() -> Array:
    """4 × 4 points of the moiré cell, (16, 2) in nm: a mean of products of densities is exact."""
    steps = np.stack(np.meshgrid(np.arange(4), np.arange(4)), axis=-1).reshape(-1, 2) / 4
    cell = 2 * np.pi * np.linalg.inv(MODEL.reciprocal_vectors).T
    return np.asarray(steps @ cell, dtype=np.float64)


def _within_a_layer() -> float:
    """Rate 1K → 1K' in layer 2 from all pairs of plane waves, over that of the code, − 1."""
    start = MODEL.pocket_state(K_F, 12, layer=1)
    end = MODEL.pocket_state(K_F, 12, layer=1, valley=-1)
    i, f = 4, 9
    # On sites of layer 2 the phases of K_j are whole turns; K' has the opposite q.
    transfer = MODEL.q_vectors[:, None] + MODEL.q_vectors[None, :]
    transfer = transfer + start.wavevectors[i] - end.wavevectors[f]
    pairs = start.amplitudes[i, 1:, None] * end.amplitudes[f, None, 1:].conj()
    phases = np.exp(1j * np.einsum("rx,jlx->rjl", _positions(), transfer))
    mean = float((np.abs(np.einsum("rjl,jls->rs", phases, pairs)) ** 2).mean())
    rates = intervalley_rates(MODEL, K_F, 12, disorder=((0, 0), (1, 1)), contour="circles")
    return abs(mean / float(rates.layer1[f, i]) - 1)


@claim(
    "ying-B6",
    "Eq. B6",
    kind="identity",
    statement=r"Plane waves scatter with $V e^{i\Delta\mathbf k\cdot\mathbf R}$, where "
    r"$\Delta\mathbf k$ is initial minus final momentum.",
    follows=("ying-B5",),
)
def _() -> Evidence:
    n, site = 24, (5, 17)
    potential = np.zeros((n, n))
    potential[site] = 1.0
    # fft2 is Σ_r e^{−iq·r} V(r): the final state enters with e^{−ik'·r}.
    measured = np.fft.fft2(potential)
    transfer = -np.arange(n)  # k − k' for q = k' − k, in steps of 2π/n
    # Whole turns are taken out as integers: large phases would multiply their rounding.
    phase = (transfer[:, None] * site[0] + transfer[None, :] * site[1]) % n
    formula = np.exp(2j * np.pi * phase / n)
    return Evidence(
        Discrepancy(
            "Fourier sum over a lattice with one impurity against the formula",
            float(np.abs(measured - formula).max()),
            1e-12,
            ROUND_OFF,
            "V",
        ),
        controls=(
            Discrepancy(
                "rate 1K → 1K' of the code against nine pairs of plane waves that interfere with "
                "these phases, averaged over the moiré cell, from 1",
                _within_a_layer(),
                1e-11,
                ROUND_OFF,
            ),
        ),
    )


@cache
def _amplitudes() -> tuple[Array, Array]:
    """|amplitude|² at sites A of layer 2: from wave functions in real space, and by B8."""
    rng = np.random.default_rng(3)
    sites = rng.integers(-4000, 4000, size=(20000, 2)) @ BASIS @ rotation(MODEL.twist / 2).T
    pair = _pair()
    before = np.exp(1j * sites @ pair.waves.T) @ pair.start[2::2]
    after = np.exp(1j * sites @ pair.final) * pair.end[0]
    matrix = np.zeros((len(sites), 8, 8), dtype=complex)
    # Row: A of layer 2, the main layer of the final state; columns: A in the three copies.
    matrix[:, 0, 2::2] = np.exp(1j * sites @ (pair.waves - pair.final).T)
    by_matrix = np.einsum("a,nab,b->n", pair.end.conj(), matrix, pair.start)
    return np.abs(after.conj() * before) ** 2, np.abs(by_matrix) ** 2


@claim(
    "ying-B8",
    "Eq. B8",
    kind="definition",
    implements="moirelib.switching.scattering.intervalley_rates",
    statement=r"$\hat V^{(2A)}$ joins A of layer 2 in the final state to A in the three copies of "
    r"the initial one, with phases $e^{i\Delta\mathbf k_j\cdot\mathbf R}$.",
    follows=("ying-B6", "ying-B10"),
)
@claim(
    "ying-B7",
    "Eq. B7",
    kind="definition",
    implements="moirelib.switching.scattering.intervalley_rates",
    statement=r"Amplitude $\psi^{(2K')\dagger}_{\mathbf k'}\hat V^{(2A)}\psi^{(1K)}_{\mathbf k}$.",
    follows=("ying-B1", "ying-B8"),
)
def _() -> Evidence:
    in_space, by_matrix = _amplitudes()
    pair = _pair()
    points = _positions()
    matrix = np.zeros((len(points), 8, 8), dtype=complex)
    matrix[:, 0, 2::2] = np.exp(1j * points @ MODEL.q_vectors.T)
    in_cell = np.abs(np.einsum("a,nab,b->n", pair.end.conj(), matrix, pair.start)) ** 2
    return Evidence(
        Discrepancy(
            "matrix element against the two wave functions at 20000 lattice sites",
            float(np.abs(in_space - by_matrix).max() / in_space.max()),
            1e-8,
            "phases of order 10⁵ in double precision: round-off",
        ),
        controls=(
            Discrepancy(
                "spread of the rate over the sites",
                float(in_space.std() / in_space.mean()),
                0.5,
                "the phases must matter before the average",
                at_least=True,
            ),
            Discrepancy(
                "matrix element squared, averaged over the moiré cell, against the rate of the "
                "code, from 1",
                abs(float(in_cell.mean()) / pair.rate - 1),
                1e-11,
                ROUND_OFF,
            ),
        ),
    )


@claim(
    "ying-B9",
    "Eq. B9",
    kind="definition",
    implements="moirelib.switching.scattering.intervalley_rates",
    statement=r"$W=2\pi\rho_{\rm imp}|V_{\mathbf k'\mathbf k}|^2$.",
    follows=("ying-B7",),
)
def _() -> Evidence:
    in_space, _matrix = _amplitudes()
    # 2K → 1K' by the same impurities: the final state has the three waves now.
    start = MODEL.pocket_state(K_F, 12, layer=2).amplitudes.reshape(12, -1)
    end = MODEL.pocket_state(K_F, 12, layer=1, valley=-1).amplitudes.reshape(12, -1)
    backward = np.outer((np.abs(end[:, 2::2]) ** 2).sum(axis=1), np.abs(start[:, 0]) ** 2)
    rates = intervalley_rates(MODEL, K_F, 12, disorder=((0, 0), (1, 0)), contour="circles")
    block = rates.blocks()[2, 1] * rates.intralayer_mean
    error = in_space.std() / in_space.mean() / np.sqrt(len(in_space))
    return Evidence(
        Discrepancy(
            "mean |amplitude|² over 20000 lattice sites against the rate of the code, "
            "in standard errors",
            float(abs(in_space.mean() / _pair().rate - 1) / error),
            3.0,
            "three standard errors of the sample",
        ),
        controls=(
            Discrepancy(
                "2K → 1K' of the code against the weights of its own states",
                largest(block - backward, backward),
                1e-10,
                ROUND_OFF,
            ),
            Discrepancy(
                "spread of these rates over final states",
                float(np.ptp(backward.mean(axis=1)) / backward.mean()),
                1e-3,
                "with rows and columns exchanged they must differ",
                at_least=True,
            ),
        ),
    )


@claim(
    "ying-fig8",
    "Fig. 8",
    kind="figure",
    statement="Three momentum transfers from K of layer 1 to K' of layer 2, joined by reciprocal "
    "vectors of layer 1.",
    follows=("ying-B10",),
)
@claim(
    "ying-B10",
    "Eq. B10",
    kind="identity",
    statement=r"$\Delta\mathbf k_{2,3}-\Delta\mathbf k_1=\mathcal G(2,3)$, reciprocal vectors of "
    "layer 1.",
    follows=("ying-B4", "ying-B6"),
)
def _() -> Evidence:
    data = transfers()
    size = float(np.hypot(*MODEL.dirac_points[0]))
    differences = (data.transfers[1:] - data.transfers[0]) * size
    # Ends that touch: the lattice of layer 1 of that figure, turned by −4°.
    lattice = BASIS @ rotation(np.radians(-4.0)).T
    turns = differences @ lattice.T / (2 * np.pi)
    # e^{iK·a} along both lattice vectors; at K' the conjugates. Layer 2 is turned by 4°.
    other = BASIS @ rotation(np.radians(4.0)).T
    third = np.exp(2j * np.pi / 3 * np.array([2, 1]))
    ends = data.start, data.start + data.transfers
    starting, arriving = (
        np.exp(1j * size * k @ sites.T) for k, sites in zip(ends, (lattice, other), strict=True)
    )
    return Evidence(
        Discrepancy(
            "G·a/2π from an integer, for both lattice vectors of layer 1",
            float(np.abs(turns - np.round(turns)).max()),
            1e-10,
            ROUND_OFF,
        ),
        controls=(
            Discrepancy(
                "phases from site to site where the transfers start, K of layer 1, and where they "
                "arrive, K' of layer 2",
                max(residual(starting, third), residual(arriving, third.conj())),
                1e-10,
                ROUND_OFF,
            ),
            Discrepancy(
                "their length against √3 |K|",
                float(np.abs(np.hypot(*differences.T) / (np.sqrt(3) * size) - 1).max()),
                1e-10,
                ROUND_OFF,
            ),
            Discrepancy(
                "the drawn 𝒢 against the differences of the drawn transfers",
                float(np.abs(data.reciprocal * size - differences).max()),
                1e-10,
                ROUND_OFF,
                "1/nm",
            ),
        ),
    )
