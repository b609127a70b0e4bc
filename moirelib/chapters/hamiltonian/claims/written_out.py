"""The bands of Kundu App. A from the printed numbers, without the library."""

from __future__ import annotations

import math

import numpy as np

from moirelib._types import Floats
from moirelib.chapters.hamiltonian.claims.model import G_1, K_M, V_B, V_N, cell_grid, potential
from moirelib.units import hbar_velocity

WRITTEN_AT = np.array([[K_M, 0.0], [0.1, 0.05]])
"""κ and a wavevector of no symmetry, in 1/nm."""


def bands_written_out() -> Floats:
    """Four bands (2, 4) in meV at WRITTEN_AT: Eqs. 5–8 in plane waves, from the printed numbers.

    U(r) is sampled on a cell and transformed; nothing of the library enters.
    """
    side, size = np.arange(-6, 7), 12
    pairs = np.stack(np.meshgrid(side, side, indexing="ij"), axis=-1).reshape(-1, 2)
    basis = np.array([G_1, K_M * np.array([0.0, math.sqrt(3)])])
    pairs = pairs[np.linalg.norm(pairs @ basis, axis=1) < 3.0001 * np.linalg.norm(G_1)]
    harmonics = np.fft.fft2(potential(cell_grid(size)), axes=(0, 1)) / size**2
    # Of hBN whatever the carbon waves reach by U(r).
    reached = pairs[:, None] - [[0, 0], [1, 0], [1, 1]]
    hbn = np.unique(reached.reshape(-1, 2), axis=0)
    n, m = np.moveaxis(hbn[:, None] - pairs, -1, 0) % size
    coupling = harmonics[n, m].transpose(0, 2, 1, 3).reshape(2 * len(hbn), -1)
    site, filled = np.tile([V_N, V_B], len(hbn)), len(pairs) + len(hbn)
    levels = []
    for k in WRITTEN_AT:
        x, y = hbar_velocity(0.8e6) * (k + pairs @ basis).T
        dirac = np.zeros((2 * len(pairs), 2 * len(pairs)), dtype=complex)
        up, down = 2 * np.arange(len(pairs)), 2 * np.arange(len(pairs)) + 1
        dirac[up, down], dirac[down, up] = x - 1j * y, x + 1j * y
        h = np.block([[dirac, coupling.conj().T], [coupling, np.diag(site)]])
        levels.append(np.linalg.eigvalsh(h)[filled - 2 : filled + 2])
    return np.array(levels)
