"""The drag against the registry of the two moiré patterns.

Displacing the pattern of layer 2 by s turns each term of Kundu Eq. 35 by e^{−iG·s}. There is no
term G = 0, so that to first order the mean over all registries is zero.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import j1

from moirelib import _validate
from moirelib._types import Complex, Floats
from moirelib.bands.lattice import MoireLattice
from moirelib.drag.conductivity import BARE
from moirelib.drag.interlayer import Potential, contracted, coupling, drag_prefactor
from moirelib.drag.layer import DragLayer


def registry_pattern(
    layer1: DragLayer,
    layer2: DragLayer,
    mu1: float,
    mu2: float,
    kT: float,
    shifts: ArrayLike,
    interlayer: Potential = BARE,
    broadening: float = 1.0,
) -> Floats:
    """Return the valley drag σ^{αβ}(s) for displacements s of the pattern of layer 2.

    Parameters
    ----------
    layer1, layer2 : DragLayer
        The two layers; on opposite faces of hBN one of them is inverted.
    mu1, mu2 : float
        Chemical potentials in meV.
    kT : float
        k_BT ≥ 0 in meV.
    shifts : array_like, shape (..., 2)
        s in nm, besides the ``shift`` of the layers.
    interlayer, broadening
        As in :func:`moirelib.drag_conductivity`.

    Returns
    -------
    ndarray, shape (..., 2, 2)
        In e²/h, with the sign of Kundu Eq. 1.

    Raises
    ------
    TypeError, ValueError
        As :func:`moirelib.drag_conductivity`; also if ``mu1`` or ``mu2`` is no number, or
        ``shifts`` not real and finite (..., 2).
    """
    s = _validate.real_array("shifts", shifts, last=2)
    coupling(layer1, layer2, interlayer)
    phases = np.exp(-1j * (s.reshape(-1, 2) @ layer1.lattice.vectors(layer1.pairs).T))
    pattern = _turned(layer1, layer2, mu1, mu2, kT, phases, interlayer, broadening)
    return np.asarray(pattern.reshape(*s.shape[:-1], 2, 2), dtype=np.float64)


def drifting_registry(
    layer1: DragLayer,
    layer2: DragLayer,
    mu1: float,
    mu2: float,
    kT: float,
    misfit: float,
    radius: ArrayLike,
    interlayer: Potential = BARE,
    broadening: float = 1.0,
) -> Floats:
    """Return σ^{αβ} averaged over a disc on which a misfit of the moirés lets the registry drift.

    With relative misfit p (of length or angle) the registry is s(r) = p r from the middle of the
    disc: its phases turn by ΔG·r with |ΔG| = p|G|. Averaged over a disc of radius R each term
    keeps 2J₁(x)/x, x = p|G|R.

    Parameters
    ----------
    layer1, layer2, mu1, mu2, kT, interlayer, broadening
        As in :func:`registry_pattern`.
    misfit : float
        p ≥ 0, the relative difference of the moiré vectors, or their angle in radian.
    radius : array_like, shape (nR,)
        R ≥ 0 in nm.

    Returns
    -------
    ndarray, shape (nR, 2, 2)
        In e²/h. It holds where the current answers locally: the drift over a mean free path
        must be small against the moiré period.

    Raises
    ------
    TypeError, ValueError
        As :func:`registry_pattern`; also if ``misfit`` or ``radius`` is not real, finite and ≥ 0.
    """
    p = _validate.non_negative("misfit", misfit)
    reach = _validate.real_vector("radius", _validate.non_negative_array("radius", radius, "nm"))
    coupling(layer1, layer2, interlayer)
    length = np.linalg.norm(layer1.lattice.vectors(layer1.pairs), axis=1)
    x = p * length * reach[:, None]
    kept = np.where(x > 0, 2 * j1(x) / np.where(x > 0, x, 1.0), 1.0)
    return _turned(layer1, layer2, mu1, mu2, kT, kept, interlayer, broadening)


def registry_cell(lattice: MoireLattice, size: int) -> Floats:
    """Return displacements that fill the moiré cell evenly, (size, size, 2) in nm.

    Raises
    ------
    TypeError, ValueError
        If ``lattice`` is no lattice, or ``size`` no positive integer.
    """
    _validate.instance("lattice", lattice, MoireLattice, "a MoireLattice, such as model.lattice")
    count = _validate.integer("size", size, minimum=1)
    side = np.arange(count) / count
    steps = np.stack(np.meshgrid(side, side, indexing="ij"), axis=-1)
    return np.asarray(steps @ lattice.primitive_vectors, dtype=np.float64)


def _turned(
    layer1: DragLayer,
    layer2: DragLayer,
    mu1: float,
    mu2: float,
    kT: float,
    factors: Complex | Floats,
    interlayer: Potential,
    broadening: float,
) -> Floats:
    """Kundu Eq. 35 with its terms multiplied by factors (n, nG): (n, 2, 2)."""
    potential = coupling(layer1, layer2, interlayer)
    mu1, mu2 = _validate.real_scalar("mu1", mu1), _validate.real_scalar("mu2", mu2)
    kT = _validate.non_negative("kT", kT, "meV")
    first, second = (
        one.susceptibility([mu], kT)[0, :, None, None] for one, mu in ((layer1, mu1), (layer2, mu2))
    )
    # The terms once, (nG, 1, 1, 2, 2), and one product of matrices for all displacements.
    terms = contracted(first, second, potential[:, None, None, None, None])
    pattern: Floats = drag_prefactor(broadening) * (factors @ terms.reshape(-1, 4)).real
    return pattern.reshape(-1, 2, 2)
