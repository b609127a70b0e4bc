"""Response at finite wavevector and frequency (Kundu Eqs. 30–31) and between bands (Eqs. 32, 34).

The layer is the :class:`moirelib.DragLayer` of the drag conductivity: its model, mesh, shells
and symmetry are used, but all bands are summed over unless told otherwise. "Frequency" is the
energy ħΩ, real or anywhere in the complex plane: iħΩ_n for a Matsubara frequency.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial

import numpy as np
from numpy.typing import ArrayLike

from moirelib import _validate
from moirelib._threads import one_blas_thread
from moirelib._types import Complex, Floats
from moirelib.bands.model import ValleyModel, half_count
from moirelib.bands.symmetry import star_mean
from moirelib.drag.blocks import solvers
from moirelib.drag.conductivity import BARE
from moirelib.drag.interlayer import Potential, coupling
from moirelib.drag.layer import DragLayer, require_layer, require_layers
from moirelib.drag.pair_sums import Part, chunks, contracted, pair_kernel, pair_sums
from moirelib.drag.valleys import (
    Flavor,
    each_valley,
    per_valley,
    shift_phase,
    spins,
    sum_valleys,
)

# Bands farther than this from all chemical potentials are full or empty, to 10⁻¹⁷.
_REACH_IN_KT = 40


@one_blas_thread
def current_density_response(
    layer: DragLayer,
    q: ArrayLike,
    frequency: ArrayLike,
    mu: ArrayLike,
    kT: float,
    flavor: Flavor = "valley",
    *,
    external: tuple[int, int] = (0, 0),
    part: Part = "all",
    bands: int | None = None,
) -> Complex:
    """Return χ₁^α(q + G₁, −q − G, z): current against density, Kundu Eq. 30.

    Parameters
    ----------
    layer : DragLayer
        The layer; its full mesh is used in both valleys, since q breaks the point group. K
        is summed over its points k, and K′ over what time reversal makes of these, −k − q.
    q : array_like, shape (2,)
        Wavevector in 1/nm, of any length.
    frequency : array_like, complex, shape (nz,)
        z in meV: iħΩ_n, or ħΩ + i0⁺ with a finite imaginary part.
    mu : array_like, shape (nmu,) or (nmu, 2)
        Chemical potentials in meV; two columns set K and K′ separately.
    kT : float
        k_BT > 0 in meV.
    flavor : {"valley", "charge"}
        Which current.
    external : tuple of int
        G₁ as an integer pair; (0, 0) is the uniform current of Kundu Eq. 23.
    part : {"all", "intraband", "interband"}
        Which pairs of bands n, m are summed: all, n = m, or n ≠ m.
    bands : int, optional
        Even number of bands around charge neutrality; all if left out. A number asks for a part
        of the sum: no check is made that the rest is small.

    Returns
    -------
    ndarray, shape (nz, nmu, nG, 2)
        In 1/nm, for the G in ``layer.pairs``.

    Raises
    ------
    TypeError, ValueError
        If an argument is of another kind, shape or range, or a real frequency hits a transition of
        the mesh.

    Notes
    -----
    For q → 0 at z = 0 the intraband part tends to −𝒞_{−G} of Kundu Eq. 33, and for q → 0 at
    z ≠ 0 to zero; the interband part tends to 𝒟_{−G}(z) of Kundu Eq. 34 in both.
    """
    return _response(layer, q, frequency, mu, kT, flavor, external, part, bands, True)


@one_blas_thread
def density_current_response(
    layer: DragLayer,
    q: ArrayLike,
    frequency: ArrayLike,
    mu: ArrayLike,
    kT: float,
    flavor: Flavor = "valley",
    *,
    external: tuple[int, int] = (0, 0),
    part: Part = "all",
    bands: int | None = None,
) -> Complex:
    """Return χ₂^β(q + G, −q − G₂, z): density against current, Kundu Eq. 31.

    Parameters, errors and the returned shape are those of :func:`current_density_response`,
    with G₂ for ``external``; the limits are −𝒞_G and 𝒟_G(z).
    """
    return _response(layer, q, frequency, mu, kT, flavor, external, part, bands, False)


@one_blas_thread
def interband_susceptibility(
    layer: DragLayer,
    frequency: ArrayLike,
    mu: ArrayLike,
    kT: float,
    flavor: Flavor = "valley",
    *,
    bands: int | None = None,
) -> Complex:
    """Return the interband susceptibility 𝒟_G(z) of Kundu Eq. 34.

    Parameters
    ----------
    layer : DragLayer
        The layer; with ``symmetry="full"`` a twelfth of the two valleys is computed. A fine mesh
        and few bands are solved by the expansions of its tiles.
    frequency, mu, kT, flavor, bands
        As in :func:`current_density_response`.

    Returns
    -------
    ndarray, shape (nz, nmu, nG, 2)
        In 1/nm, for the G in ``layer.pairs``. In a truncated basis of plane waves the filled
        bands far from neutrality leave a constant, independent of μ, that decays with the
        cut-off: the value in a gap, where an insulator must give zero at z = 0.

    Raises
    ------
    TypeError, ValueError
        As :func:`current_density_response`.
    """
    z = _validate.complex_vector("frequency", frequency)
    response: Complex = _interband(layer, z, mu, kT, flavor, bands, orders=(0,))[0]
    return response


@one_blas_thread
def interband_drag_conductivity(
    layer1: DragLayer,
    layer2: DragLayer,
    mu1: ArrayLike,
    mu2: ArrayLike,
    kT: float,
    interlayer: Potential = BARE,
    flavor: Flavor = "valley",
    *,
    gap: float | None = None,
    bands: int | None = None,
) -> Floats:
    """Return the interband term of the drag conductivity, the second of Kundu Eq. 32.

    σ₁₂ = −(e²/ħ) Σ_G U₁₂(G) Im ∂_ε[𝒟₁(−G, ε) 𝒟₂(G, ε)] at ε = ħΩ = 0, with 𝒟 built from ∂_kε.

    Parameters
    ----------
    layer1, layer2, mu1, mu2, interlayer, flavor
        As in :func:`moirelib.drag_conductivity`.
    kT : float
        k_BT > 0 in meV.
    gap : float, optional
        A chemical potential in a gap, in meV. 𝒟 at Ω = 0 must vanish there; what a truncated
        basis gives instead is subtracted. Left out, nothing is subtracted.
    bands : int, optional
        As in :func:`current_density_response`; with ``gap`` some twenty suffice.

    Returns
    -------
    ndarray, shape (len(mu1), len(mu2), 2, 2)
        In e²/h. With time reversal it vanishes for the sum of the valleys: 𝒟_v is even in Ω.

    Raises
    ------
    TypeError, ValueError
        As :func:`moirelib.drag_conductivity` and :func:`interband_susceptibility`; also if ``gap``
        is no finite number.
    """
    require_layers(layer1, layer2)
    potential = coupling(layer1, layer2, interlayer)[:, None]
    levels1, levels2 = (np.stack(per_valley(mu), axis=-1) for mu in (mu1, mu2))
    if layer1 is layer2:
        # The states, which take the time, are solved once for both lists.
        both, where = np.unique(np.concatenate([levels1, levels2]), axis=0, return_inverse=True)
        value, slope = _static(layer1, both, kT, flavor, gap, bands)
        # NumPy 2.0.0 returns a column here.
        first, second = np.split(where.ravel(), [len(levels1)])
        value1, slope1, value2, slope2 = value[first], slope[first], value[second], slope[second]
    else:
        value1, slope1 = _static(layer1, levels1, kT, flavor, gap, bands)
        value2, slope2 = _static(layer2, levels2, kT, flavor, gap, bands)
    # 𝒟(−G, ε) = 𝒟(G, −ε)*: the slope of the first factor changes sign.
    product = np.einsum("xga,ygb->xyab", value1.conj(), slope2 * potential)
    product -= np.einsum("xga,ygb->xyab", slope1.conj(), value2 * potential)
    conductivity: Floats = -2 * math.pi * product.imag
    return conductivity


def _static(
    layer: DragLayer,
    levels: Floats,
    kT: float,
    flavor: Flavor,
    gap: float | None,
    bands: int | None,
) -> tuple[Complex, Complex]:
    """𝒟_G and its slope at Ω = 0 for levels (nmu, 2) of the valleys, each (nmu, nG, 2)."""
    if gap is not None:
        levels = np.vstack([levels, np.full(2, _validate.real_scalar("gap", gap))])
    at_rest = np.zeros(1, dtype=complex)
    value, slope = _interband(layer, at_rest, levels, kT, flavor, bands, orders=(0, 1))[:, 0]
    return (value, slope) if gap is None else (value[:-1] - value[-1], slope[:-1])


def _response(
    layer: DragLayer,
    q: ArrayLike,
    frequency: ArrayLike,
    mu: ArrayLike,
    kT: float,
    flavor: Flavor,
    external: tuple[int, int],
    part: Part,
    bands: int | None,
    current_first: bool,
) -> Complex:
    z = _validate.complex_vector("frequency", frequency)
    vector = _validate.real_array("q", q, last=2)
    if vector.ndim != 1:
        raise ValueError(f"q must be one wavevector of two components, got shape {vector.shape}")
    outer = _validate.integer_pairs("external", external)
    if outer.ndim != 1:
        raise ValueError(f"external must be one integer pair, got shape {outer.shape}")
    part = _validate.choice("part", part, ("all", "intraband", "interband"))
    bands = _checked(layer, bands)
    kT = _validate.positive("kT", kT, "meV")
    mesh = layer.lattice.mesh(layer.mesh, "none")
    k, moved, umklapp = mesh.points, mesh.points, np.zeros((len(mesh.points), 2), dtype=np.int64)
    if vector.any():
        folded, crossed = layer.lattice.fold(k + vector)
        moved, umklapp = folded, crossed.astype(np.int64)
    (one, mu1, sign1), (other, mu2, sign2) = each_valley(layer.model, mu, flavor)
    levels = np.concatenate([mu1, mu2])
    summed = partial(
        pair_sums,
        umklapp=umklapp,
        outer=outer,
        pairs=layer.pairs,
        size=len(z) * len(mu1),
        bands=bands,
        partly_filled=(levels.min() - _REACH_IN_KT * kT, levels.max() + _REACH_IN_KT * kT),
    )
    # With Λ* λ in place of Λ λ*, the conjugate of the sum over the conjugate kernel.
    kernel = partial(_kernel, z=z if current_first else z.conj(), kT=kT, part=part)
    # K′ is sampled where time reversal takes the pairs of K: from −k − q to −k.
    if layer.symmetry == "full":
        # Then Λ and λ change places with the bands, Λ its sign too, and z is −z.
        total = summed(
            one, k, moved, kernel=partial(kernel, of_k=(mu1, sign1), of_k_prime=(mu2, -sign2))
        )
    else:
        total = summed(one, k, moved, kernel=partial(kernel, of_k=(mu1, sign1)))
        total += summed(other, -moved, -k, kernel=partial(kernel, of_k=(mu2, sign2)))
    total = total.reshape(len(z), len(mu1), len(layer.pairs), 2)
    total = total if current_first else total.conj()
    phase = shift_phase(layer)[:, None]
    turned = phase.conj() if current_first else phase
    response: Complex = _per_area(layer) / mesh.size**2 * total * turned
    return response


def _kernel(
    left: Floats,
    right: Floats,
    n: slice,
    m: slice,
    *,
    z: Complex,
    kT: float,
    part: Part,
    of_k: tuple[Floats, int],
    of_k_prime: tuple[Floats, int] | None = None,
) -> Complex:
    """The kernels at z, and those at −z for the other valley, each from μ and with a sign."""
    kernel = partial(pair_kernel, left, right, kT=kT, part=part, first=(n.start, m.start))
    mu, sign = of_k
    if of_k_prime is None:
        return sign * kernel(z, mu)
    mu_prime, sign_prime = of_k_prime
    if mu is mu_prime:  # one set of Fermi functions
        here, there = np.split(kernel(np.concatenate([z, -z]), mu), 2)
    else:
        here, there = kernel(z, mu), kernel(-z, mu_prime)
    both: Complex = sign * here + sign_prime * there
    return both


def _interband(
    layer: DragLayer,
    z: Complex,
    mu: ArrayLike,
    kT: float,
    flavor: Flavor,
    bands: int | None,
    orders: Sequence[int],
) -> Complex:
    """𝒟_G(z) and, for order 1, its derivative: (orders, nz, nmu, nG, 2)."""
    bands = _checked(layer, bands)
    mesh_sum = partial(_on_mesh, layer, kT=kT, bands=bands, orders=orders)
    if layer.symmetry == "none":
        return sum_valleys(layer, mu, flavor, lambda model, levels: mesh_sum(model, z, levels))
    levels = np.unique(np.concatenate(per_valley(mu)))
    both = np.unique(np.concatenate([z, -z, z.conj(), -z.conj()]))
    wedge = mesh_sum(layer.model, both, levels)
    # A mirror turns 𝒟_G(z) into 𝒟_{SG}(z*)*.
    mirrored = wedge[:, np.searchsorted(both, both.conj())].conj()
    solved = star_mean(layer.lattice, layer.pairs, wedge, mirrored)
    # Time reversal: 𝒟_G(z) of K′ is −𝒟_G(−z) of K; the slope turns once more.
    parity = np.array([-1 if order == 0 else 1 for order in orders])[:, None, None, None, None]

    def at(frequency: Complex, some: Floats) -> Complex:
        found: Complex = solved[:, np.searchsorted(both, frequency)]
        return found[:, :, np.searchsorted(levels, some)]

    return sum_valleys(
        layer,
        mu,
        flavor,
        lambda _, some: at(z, some),
        lambda _, some: parity * at(-z, some),
    )


def _checked(layer: DragLayer, bands: int | None) -> int | None:
    """The number of bands to sum, None for all."""
    require_layer(layer)
    return None if bands is None else 2 * half_count(layer.model, bands, "bands")


def _on_mesh(
    layer: DragLayer,
    model: ValleyModel,
    z: Complex,
    mu: Floats,
    kT: float,
    bands: int | None,
    orders: Sequence[int],
) -> Complex:
    """Σ over the points of the layer's mesh with their weights: (orders, nz, nmu, nG, 2)."""
    zone = layer.zone
    total = np.zeros((len(orders), len(z), len(mu), len(layer.pairs), 2), dtype=complex)
    count = bands or 2 * model.occupied
    width = len(layer.pairs) + len(z) * len(mu)
    tiling = None if layer.solver == "dense" else layer._tiling
    for part, solve in solvers(model, zone.points, count, tiling):
        for piece in chunks(part, count, width):
            solved = solve(zone.points[piece], count)
            current = solved.velocity_matrix()
            # λ^{(m,n)}_G stands where the kernel is indexed (n, m).
            density = solved.form_factor_matrix(layer.pairs).swapaxes(-1, -2)
            energies, weights = solved.energies, zone.weights[piece, None, None]
            for i, order in enumerate(orders):
                kernel = pair_kernel(energies, energies, z, mu, kT, "interband", order) * weights
                total[i] += contracted(current, density, kernel).reshape(total[i].shape)
    total *= _per_area(layer)
    return total


def _per_area(layer: DragLayer) -> float:
    return spins(layer.model) / layer.lattice.cell_area
