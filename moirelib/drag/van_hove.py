"""What a saddle point of a band leaves in the susceptibility: gradients of form factors."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from moirelib import _validate
from moirelib._threads import one_blas_thread
from moirelib._types import Complex, Floats, Ints
from moirelib.bands.bloch import Bands, wavevectors
from moirelib.bands.fermi_line import Saddle, band_index
from moirelib.bands.model import BlochModel, half_count
from moirelib.drag.layer import DragLayer, require_layer
from moirelib.drag.valleys import spins


@one_blas_thread
def form_factor_gradient(
    model: BlochModel, k: ArrayLike, pairs: ArrayLike, band: int, bands: int = 6
) -> Complex:
    """Return ∂λ_G/∂k of one band at one wavevector, shape (nG, 2) in nm.

    By first-order perturbation theory in k, over all states of the model; ``k`` is (2,) in 1/nm,
    ``pairs`` (nG, 2), and ``band`` counts from 0 among the ``bands`` nearest to charge neutrality.

    Raises
    ------
    TypeError, ValueError
        If ``model`` is no Bloch model, ``k`` not one wavevector, ``band`` none of ``bands``, or
        ``pairs`` are no integers (nG, 2).
    """
    pairs = _validate.integer_pairs("pairs", pairs)
    if pairs.ndim != 2:
        raise ValueError(f"pairs must have shape (nG, 2), got {pairs.shape}")
    point = wavevectors(k)
    if len(point) != 1:
        raise ValueError(f"k must be one wavevector of shape (2,), got {point.shape}")
    half = half_count(model, bands, "bands")
    n = model.occupied - half + band_index(band, bands)
    energies, velocity, projected = eigenbasis(model, point[0], pairs)
    gap = energies[n] - energies
    gap[n] = np.inf
    forward = (projected[:, n, :] / gap) @ velocity[:, :, n].T
    backward = (projected[:, :, n] / gap) @ velocity[:, n, :].T
    return np.asarray(forward + backward, dtype=np.complex128)


@one_blas_thread
def van_hove_logarithm(layer: DragLayer, saddle: Saddle, band: int = 1) -> Complex:
    """Return the coefficient of −ln|μ − E_s| in ∂𝒞_G/∂μ at zero temperature.

    (2/𝒱) Σ ξ ∂_kλ δ(ε − μ), the derivative of Kundu Eq. 40, taken at the star of a saddle point
    in both valleys, with the logarithm of its density of states.

    Parameters
    ----------
    layer : DragLayer
        The layer, of a model with the symmetries that ``symmetry="full"`` needs.
    saddle : Saddle
        A saddle point on a mirror line of the valley K: its star has three members.
    band : int
        Its band, as in :func:`moirelib.bands.fermi_line.saddle_point`.

    Returns
    -------
    ndarray, shape (nG, 2)
        In 1/(nm meV).

    Raises
    ------
    TypeError, ValueError
        If ``layer`` is no layer, ``saddle`` no :class:`~moirelib.bands.fermi_line.Saddle`, or
        ``band`` is none of the six nearest to neutrality.
    """
    require_layer(layer)
    _validate.instance("saddle", saddle, Saddle, "a Saddle, as saddle_point returns it")
    rotations = layer.lattice.point_operations[::2]
    gradients = [
        form_factor_gradient(layer.model, one.cartesian @ saddle.k, layer.pairs, band)
        for one in rotations
    ]
    # Time reversal doubles the valley response.
    return np.asarray(
        2 * spins(layer.model) * saddle.logarithm * np.sum(gradients, axis=0), dtype=np.complex128
    )


def eigenbasis(model: BlochModel, k: ArrayLike, pairs: Ints) -> tuple[Floats, Complex, Complex]:
    """All energies (n,), ⟨m|∂H/∂k|n⟩ (2, n, n) and λ_G^{(m,n)} (nG, n, n) at one wavevector."""
    energies, states = np.linalg.eigh(model.hamiltonian(k))
    solved = Bands(model, np.atleast_2d(k), energies[None], states[None])
    projected: dict[tuple[int, int], Complex] = {}
    for n, m in pairs.tolist():
        # λ_{−G} = λ_G† costs no product of matrices.
        opposite = projected.get((-n, -m))
        projected[n, m] = (
            solved.form_factor_matrix([n, m])[0] if opposite is None else opposite.conj().T
        )
    return energies, solved.velocity_matrix()[:, 0], np.stack(list(projected.values()))
