"""The susceptibility off the reciprocal lattice, and drag with broadened lattice points.

Kundu App. F integrates 𝒞_g over the plane, where 𝒞 is defined on the lattice. At g = G + q it is
continued here by minus the static response, Kundu Eq. 31, of the current at a small wavevector q
to a density at G + q, within each band. That is an assumption: in a perfect crystal the uniform
current of Kundu Eq. 35 does not respond to a density off the lattice at all.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from moirelib import _validate
from moirelib._memory import require_memory
from moirelib._threads import one_blas_thread
from moirelib._types import Complex, Floats, Ints
from moirelib.bands.bloch import Bands
from moirelib.bands.brillouin import fermi_quotient
from moirelib.bands.lattice import MoireLattice
from moirelib.bands.model import ValleyModel, half_count, require_valley_model
from moirelib.bands.stars import Stars
from moirelib.bands.symmetry import require_symmetry
from moirelib.bands.window import require_complete
from moirelib.drag.conductivity import BARE
from moirelib.drag.interlayer import Potential, coupling, drag_prefactor, xi
from moirelib.drag.valleys import spins

# Gaussian quadrature on the mesh: steps per width, and where it ends.
_STEPS_PER_WIDTH = 1.25
_REACH_IN_WIDTHS = 5.0

# States whose thermal weight is below this share of the largest are left out.
_NEGLIGIBLE = 1e-11


@dataclass(frozen=True)
class OffLatticeLayer:
    """One layer, solved once, and its intraband susceptibility 𝒞_g at g = G + q off the lattice.

    The continuation is minus the intraband part (n = m) of the static limit of Kundu Eq. 31:

    𝒞_{G+q} = (2/𝒱) Σ_{n,k,ξ} ξ λ_G(k, q) Λ_0(k + q, −q) [−(f_k − f_{k+q})/(ε_k − ε_{k+q})].

    It does not depend on the phases of the states, tends to Kundu Eq. 36 as q → 0, and keeps
    𝒞_{−g} = 𝒞_g*. With few plane waves C₃ is lost at q ≠ 0, as k + q is folded into the zone: for
    :class:`moirelib.GrapheneHBN` and q = G₁/24 by 0.2 of the largest 𝒞 at ``cutoff=1``, by 0.003 at
    2, by 10⁻⁵ at 3. :func:`drag_curvature` and :func:`broadened_drag` then do not agree either, for
    they take one q of each star.

    Parameters
    ----------
    model : ValleyModel
        The layer's model in one valley; the other follows by time reversal.
    mesh : int
        Points along each reciprocal vector. The offsets q lie on this mesh.
    bands : int
        Bands kept, half below and half above charge neutrality.
    shells : int
        Shells of G ≠ 0 kept, beside G = 0.

    Raises
    ------
    TypeError, ValueError
        If a parameter is of another kind or out of range, or the model lacks C₃, the mirror or
        time reversal by construction.
    """

    model: ValleyModel
    mesh: int = 48
    bands: int = 6
    shells: int = 2

    def __post_init__(self) -> None:
        require_valley_model(self.model)
        _validate.keep(
            self,
            mesh=_validate.integer("mesh", self.mesh, minimum=2),
            bands=_validate.integer("bands", self.bands, minimum=2, even=True),
            shells=_validate.integer("shells", self.shells, minimum=1),
        )
        half_count(self.model, self.bands, "bands")
        require_memory(
            f"mesh={self.mesh} with bands={self.bands}",
            # States on the mesh, turned from those solved, and what ∂H makes of them.
            5 * self.mesh**2 * self.bands * len(self.model.plane_waves),
            16,
        )
        require_symmetry(self.model)

    @property
    def lattice(self) -> MoireLattice:
        """The layer's moiré lattice."""
        return self.model.lattice

    @property
    def spacing(self) -> float:
        """Shortest offset |q| on the mesh, |G₁|/mesh, in 1/nm."""
        return self.lattice.reciprocal_length / self.mesh

    @cached_property
    def pairs(self) -> Ints:
        """The reciprocal vectors kept, G = 0 first, as integer pairs (nG, 2)."""
        return _validate.frozen(np.concatenate(self.lattice.shells(self.shells + 1)))

    @cached_property
    def shell_of_pair(self) -> Ints:
        """Index (nG,) of the shell of each G; G = 0 is shell 0."""
        sizes = [len(shell) for shell in self.lattice.shells(self.shells + 1)]
        return _validate.frozen(np.repeat(np.arange(self.shells + 1), sizes))

    def wavevectors(self, offset: ArrayLike) -> Floats:
        """Return g = G + q, (nG, 2) in 1/nm, with q = (i G₁ + j G₂)/mesh and ``offset`` (i, j)."""
        return self.lattice.vectors(self.pairs) + self.lattice.vectors(offset) / self.mesh

    @one_blas_thread
    def susceptibility(self, offset: ArrayLike, mu: ArrayLike, kT: float) -> Complex:
        """Return 𝒞_{G+q} of the valley current.

        Parameters
        ----------
        offset : array_like of int, shape (2,)
            (i, j) of q = (i G₁ + j G₂)/mesh.
        mu : array_like, shape (nmu,)
            Chemical potentials in meV.
        kT : float
            k_BT > 0 in meV.

        Returns
        -------
        ndarray, shape (nmu, nG, 2)
            In 1/nm, for the vectors in ``pairs``.

        Raises
        ------
        TypeError, ValueError
            If bands are missing at a chemical potential and temperature, as by
            :func:`moirelib.bands.window.require_complete`, or for another kind, shape or range.
        """
        shift = _validate.integer_pairs("offset", offset)
        if shift.shape != (2,):
            raise ValueError(f"offset must be one pair of integers, got shape {shift.shape}")
        mu = _validate.real_vector("mu", mu)
        kT = _validate.positive("kT", kT, "meV")
        require_complete([self.model], self.bands, mu, kT)
        partner, umklapp = self._displaced(shift)
        levels = self._bands.energies[..., None]
        weight = -fermi_quotient(levels, levels[partner], mu, kT)
        total = np.zeros((len(self.pairs), 2, len(mu)), dtype=complex)
        for wrap in np.unique(umklapp, axis=0):
            here = np.flatnonzero((umklapp == wrap).all(axis=1))
            for band in range(self.bands):
                largest = weight[here, band].max(axis=1)
                k = here[largest > _NEGLIGIBLE * weight.max()]
                if k.size:
                    total += self._products(k, partner[k], wrap, band) @ weight[k, band]
        # Time reversal makes the two valleys contribute alike to the valley current.
        per_area = 2 * spins(self.model) / (self.lattice.cell_area * self.mesh**2)
        return per_area * np.moveaxis(total, -1, 0).astype(np.complex128)

    @cached_property
    def _bands(self) -> Bands:
        """Bands on the mesh, of which one wavevector in each star of C₃ᵥ is solved."""
        k = self.lattice.fold(self.lattice.vectors(self._grid) / self.mesh)[0]
        return Stars.of(self.model, k, self.bands).take(np.arange(len(k)))

    @cached_property
    def _grid(self) -> Ints:
        side = np.arange(self.mesh)
        return np.stack(np.meshgrid(side, side, indexing="ij"), axis=-1).reshape(-1, 2)

    @cached_property
    def _folded(self) -> Ints:
        """Integer coordinates (nk, 2) of the folded points, in units of G/mesh."""
        inverse = np.linalg.inv(self.lattice.reciprocal_vectors)
        folded: Ints = np.rint(self._bands.k @ inverse * self.mesh).astype(np.int64)
        return folded

    @cached_property
    def _states(self) -> Complex:
        """States on a grid of plane waves, (count, orbitals, nx, ny, nk)."""
        return self._on_waves(self._rows)

    @cached_property
    def _accelerated(self) -> Complex:
        """(∂H/∂k_α) u of the orbitals with dispersion, (2, count, moving, nx, ny, nk)."""
        operators = self.model.velocity_operators()
        return np.stack([self._on_waves(one @ self._rows)[:, self._moving] for one in operators])

    @property
    def _rows(self) -> Complex:
        return self._bands.states.transpose(2, 1, 0)

    @cached_property
    def _moving(self) -> Ints:
        """Orbitals with dispersion: others, such as those of hBN, carry no current."""
        moving: Ints = np.unique(
            self.model.orbitals[self.model.velocity_operators().any(axis=(0, 2))]
        )
        return moving

    def _on_waves(self, rows: Complex) -> Complex:
        """Put rows (count, n, nk) where their plane waves lie: a translation by G is a slice."""
        places = self.model.plane_waves - self.model.plane_waves.min(axis=0)
        orbitals = self.model.orbitals
        size = (orbitals.max() + 1, *(places.max(axis=0) + 1))
        placed = np.zeros((len(rows), *size, rows.shape[-1]), dtype=complex)
        placed[:, orbitals, places[:, 0], places[:, 1]] = rows
        return placed

    def _displaced(self, shift: Ints) -> tuple[Ints, Ints]:
        """Index of the mesh point that k + q folds onto, and its umklapp (Kundu below Eq. 15)."""
        target = self._folded + shift
        on_grid = target % self.mesh
        partner = on_grid[:, 0] * self.mesh + on_grid[:, 1]
        return partner, (target - self._folded[partner]) // self.mesh

    def _products(self, k: Ints, partner: Ints, wrap: Ints, band: int) -> Complex:
        """λ_G(k, q) Λ_0(k + q, −q) of one band in meV nm, shape (nG, 2, nk)."""
        here, there = self._states[band][..., k].conj(), self._states[band][..., partner]
        current = np.stack(
            [
                _overlap(there[self._moving].conj(), one[band][..., k], -wrap)
                for one in self._accelerated
            ]
        )
        products = [_overlap(here, there, pair + wrap) * current for pair in self.pairs]
        return np.stack(products)


def _overlap(bra: Complex, ket: Complex, pair: Ints) -> Complex:
    """Σ bra(G′) ket(G′ + G) over orbitals and plane waves, (nk,), of arrays (orbitals, …, nk)."""
    of_bra, of_ket = [], []
    for step, size in zip(pair.tolist(), bra.shape[1:3], strict=True):
        of_bra.append(slice(max(-step, 0), max(size - step, 0)))
        of_ket.append(slice(max(step, 0), max(size + step, 0)))
    found: Complex = np.einsum("oxyk,oxyk->k", bra[:, *of_bra], ket[:, *of_ket])
    return found


@one_blas_thread
def broadened_drag(
    layer1: OffLatticeLayer,
    layer2: OffLatticeLayer,
    mu1: ArrayLike,
    mu2: ArrayLike,
    kT: float,
    width: ArrayLike,
    interlayer: Potential = BARE,
    broadening: float = 1.0,
) -> Floats:
    """Return σ̃^{xx} of Kundu Eq. 51, shell by shell.

    Each Gaussian is integrated by a sum over offsets on the mesh: for a smooth Ξ the error falls
    as exp(−2π²η²/step²), and the step is kept below η.

    Parameters
    ----------
    layer1, layer2 : OffLatticeLayer
        Two layers of one period, mesh and number of shells.
    mu1, mu2 : array_like, shape (n,)
        Chemical potentials of each layer in meV.
    kT : float
        k_BT > 0 in meV.
    width : float or array_like, shape (nw,)
        η in 1/nm; 0, or large enough for the mesh to resolve the Gaussian.
    interlayer : callable
        U₁₂ in meV nm² of wavenumbers in 1/nm.
    broadening : float
        ħδ > 0 in meV.

    Returns
    -------
    ndarray, shape (shells + 1, len(mu1), len(mu2)), with nw in front for an array of widths
        In e²/h, with the sign of Kundu Eq. 1. Shell 0 is the broadened point G = 0, whose
        unbroadened share vanishes; the sum over the shells is σ̃.

    Raises
    ------
    TypeError, ValueError
        If an argument is of another kind or range, the layers do not match, or the mesh is too
        coarse for ``width``.
    """
    _require_layers(layer1, layer2)
    widths = _validate.real_array("width", width)
    if widths.ndim > 1:
        raise ValueError(f"width must be a number or of shape (nw,), got {widths.shape}")
    finest = _STEPS_PER_WIDTH * layer1.spacing
    coarse = widths[(widths < finest) & (widths != 0)]
    if coarse.size:
        raise ValueError(
            f"width must be 0 or ≥ {finest:.3g} 1/nm on a mesh of {layer1.mesh}, got "
            f"{coarse[0]:.3g}: the sum over offsets would not resolve the Gaussian"
        )
    sums = [_gaussian_offsets(layer1, eta) for eta in np.atleast_1d(widths).tolist()]
    # Widths share offsets: each is evaluated once.
    summand = {
        offset: _xi_by_shell(layer1, layer2, np.array(offset), mu1, mu2, kT, interlayer)
        for offset in {tuple(one) for offsets, _ in sums for one in offsets.tolist()}
    }
    total = np.stack(
        [
            sum(w * summand[tuple(one)] for one, w in zip(offsets.tolist(), weights, strict=True))
            for offsets, weights in sums
        ]
    )
    drag: Floats = drag_prefactor(broadening) * total
    return drag if widths.ndim else drag[0]


@one_blas_thread
def drag_curvature(
    layer1: OffLatticeLayer,
    layer2: OffLatticeLayer,
    mu1: ArrayLike,
    mu2: ArrayLike,
    kT: float,
    interlayer: Potential = BARE,
    broadening: float = 1.0,
) -> Floats:
    """Return the coefficient of η² in Kundu Eq. 53, −½ (2π/ħδ) Σ_G ∇²Ξ(G), shell by shell.

    Summed over a shell, Ξ(G + q) is isotropic in q to second order, so that one direction gives
    the Laplacian; two lengths of q and Richardson's rule remove the error of order q².

    Parameters and errors are those of :func:`broadened_drag`.

    Returns
    -------
    ndarray, shape (shells + 1, len(mu1), len(mu2))
        In e²/h nm².
    """
    _require_layers(layer1, layer2)
    at_zero, near, far = (
        _xi_by_shell(layer1, layer2, np.array([i, 0]), mu1, mu2, kT, interlayer) for i in range(3)
    )
    q = layer1.spacing
    # U₁₂ has a cusp at g = 0, but 𝒞 vanishes there: only U₁₂(0) enters the second derivative.
    u = np.asarray(interlayer(np.array([0.0, q, 2 * q])))
    near[0] *= u[0] / u[1]
    far[0] *= u[0] / u[2]
    single, double = 4 * (near - at_zero) / q**2, (far - at_zero) / q**2
    laplacian: Floats = (4 * single - double) / 3
    return 0.5 * drag_prefactor(broadening) * laplacian


def _require_layers(layer1: OffLatticeLayer, layer2: OffLatticeLayer) -> None:
    for name, layer in (("layer1", layer1), ("layer2", layer2)):
        example = "a layer such as OffLatticeLayer(GrapheneHBN())"
        _validate.instance(name, layer, OffLatticeLayer, example)


def _xi_by_shell(
    layer1: OffLatticeLayer,
    layer2: OffLatticeLayer,
    offset: Ints,
    mu1: ArrayLike,
    mu2: ArrayLike,
    kT: float,
    interlayer: Potential,
) -> Floats:
    """Ξ(G + q) summed over each shell, for all pairs of μ: (shells + 1, n1, n2)."""
    if layer1.mesh != layer2.mesh:
        raise ValueError(
            f"layer1 and layer2 must share the mesh, got {layer1.mesh} and {layer2.mesh}"
        )
    potential = coupling(layer1, layer2, interlayer, layer1.wavevectors(offset))
    left = layer1.susceptibility(offset, mu1, kT)
    alike = layer1 is layer2 and np.array_equal(mu1, mu2)
    right = left if alike else layer2.susceptibility(offset, mu2, kT)
    summand = xi(left[:, None], right, potential)
    own = [layer1.shell_of_pair == shell for shell in range(layer1.shells + 1)]
    return np.stack([summand[..., one].sum(axis=-1) for one in own])


def _gaussian_offsets(layer: OffLatticeLayer, eta: float) -> tuple[Ints, Floats]:
    """Offsets that stand for their images under C₆ᵥ, and Gaussian weights that sum to 1."""
    if eta == 0:
        return np.zeros((1, 2), dtype=np.int64), np.ones(1)
    step = math.floor(eta / (_STEPS_PER_WIDTH * layer.spacing) + 1e-9)
    cells = _REACH_IN_WIDTHS * eta / (step * layer.lattice.reciprocal_length)
    pairs = layer.lattice.disc(cells * layer.mesh)
    # Summed over G, Ξ is invariant under the point group and under q → −q.
    turns = layer.lattice.point_operations
    images = np.stack([sign * pairs @ turn.pairs.T for turn in turns for sign in (1, -1)])
    reach = int(np.abs(images).max()) + 1
    code = (images[..., 0] * 2 * reach + images[..., 1]).min(axis=0)
    _, first, inverse = np.unique(code, return_index=True, return_inverse=True)
    length = np.linalg.norm(layer.lattice.vectors(pairs), axis=1) * step / layer.mesh
    gaussian = np.exp(-0.5 * (length / eta) ** 2)
    weights = np.bincount(inverse, gaussian) / gaussian.sum()
    return step * pairs[first], weights
