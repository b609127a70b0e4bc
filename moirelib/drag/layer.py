"""One moiré layer, solved on a mesh, and its current–density susceptibilities.

What remains of a solved layer are its band energies and the products of velocity and form
factor, symmetrised over the point group. Susceptibilities at any number of chemical potentials
and temperatures follow from these (Kundu Eqs. 33, 36, 42 and 44).
"""

from __future__ import annotations

import math
from concurrent.futures import Executor
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from moirelib import _validate, cache
from moirelib._memory import require_memory
from moirelib._threads import one_blas_thread
from moirelib._types import Complex, Floats, Ints
from moirelib.bands.brillouin import Levels, smearing_nodes
from moirelib.bands.lattice import Mesh, MoireLattice, Symmetry
from moirelib.bands.model import ValleyModel, half_count, require_valley_model
from moirelib.bands.symmetry import Orbit, orbits, over_orbits, require_symmetry
from moirelib.bands.tiling import Tiling, corner_mismatch
from moirelib.bands.triangles import LinearTriangles
from moirelib.bands.window import complete_window, require_complete
from moirelib.drag.blocks import Block, in_chunks, solve_block
from moirelib.drag.filling import Filling
from moirelib.drag.valleys import Flavor, flavor_signs, per_valley, spins, sum_valleys
from moirelib.sweep import require_executor, sweep


@dataclass(frozen=True)
class DragLayer(Filling):
    """One moiré layer, solved once on a mesh, and its current–density susceptibilities.

    Parameters
    ----------
    model : ValleyModel
        The layer's model in the valley K; K′ follows by time reversal, unless ``symmetry`` is
        ``"none"``: then the model of the other valley is solved too.
    mesh : int
        Points along each reciprocal vector.
    bands : int
        Bands kept, half below and half above charge neutrality. The hotter, the more are needed:
        of :class:`moirelib.GrapheneHBN` at 300 K, eight for −10 < μ < 60 meV only.
    shells : int
        Shells of reciprocal vectors G ≠ 0 kept.
    symmetry : {"full", "none"}
        Use C₃ᵥ and time reversal (a twelfth of the work), or neither.
    shift : tuple of float
        Lateral displacement s of the moiré pattern in nm: 𝒞_G → e^{−iG·s} 𝒞_G.
    solver : {"expansion", "dense"}
        k·p expansions about the centres of tiles, whose error ``solver_error`` measures, or one
        full diagonalisation for each wavevector.
    divisions : int
        Tiles along each side of a sixth of the zone, for the expansions. With six, single form
        factors are right to 10⁻³ at worst, and sums over the zone to 10⁻⁵ of the largest.
    executor : concurrent.futures.Executor, optional
        Where to solve the blocks of the mesh, e.g. a process pool; the result is the same. It is
        no part of the layer: copies and pickles are without it.
    progress : bool
        Whether to show a progress bar while solving.

    Raises
    ------
    TypeError, ValueError
        If ``symmetry="full"`` is asked for and the model does not have these symmetries, or a
        parameter is of another kind or out of range.
    """

    model: ValleyModel
    mesh: int = 240
    bands: int = 8
    shells: int = 5
    symmetry: Literal["full", "none"] = "full"
    shift: tuple[float, float] = (0.0, 0.0)
    solver: Literal["expansion", "dense"] = "expansion"
    divisions: int = 6
    executor: Executor | None = field(default=None, compare=False, repr=False)
    progress: bool = field(default=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        require_valley_model(self.model)
        shift = _validate.real_array("shift", self.shift, last=2)
        if shift.ndim != 1:
            raise ValueError(
                f"shift must hold two lengths in nm, got {_validate.shown(self.shift)}"
            )
        _validate.keep(
            self,
            mesh=_validate.integer("mesh", self.mesh, minimum=2),
            bands=_validate.integer("bands", self.bands, minimum=2, even=True),
            shells=_validate.integer("shells", self.shells, minimum=1),
            symmetry=_validate.choice("symmetry", self.symmetry, ("full", "none")),
            shift=tuple(shift.tolist()),
            solver=_validate.choice("solver", self.solver, ("expansion", "dense")),
            divisions=_validate.integer("divisions", self.divisions, minimum=1),
            progress=_validate.flag("progress", self.progress),
        )
        require_executor(self.executor)
        half_count(self.model, self.bands, "bands")
        points = self.mesh**2 // (6 if self.symmetry == "full" else 1)
        # What is kept for each orbit of G: a shell with the point group, and pairs ±G without.
        sets = self.shells if self.symmetry == "full" else 3 * self.shells
        require_memory(
            f"mesh={self.mesh} with bands={self.bands} and shells={self.shells}",
            40 * self.mesh**2 + points * self.bands * (1 + 8 * sets),
        )
        if self.symmetry == "full":
            require_symmetry(self.model)

    def __getstate__(self) -> dict[str, Any]:
        """A process pool can be neither pickled nor copied, and does not change a result."""
        return self.__dict__ | {"executor": None}

    @property
    def lattice(self) -> MoireLattice:
        """The layer's moiré lattice."""
        return self.model.lattice

    @cached_property
    def pairs(self) -> Ints:
        """The reciprocal vectors G ≠ 0 kept, as integer pairs (nG, 2), shell by shell."""
        return _validate.frozen(np.concatenate(self.lattice.shells(self.shells + 1)[1:]))

    @cached_property
    def shell_of_pair(self) -> Ints:
        """Index (nG,) of the shell of each G, counted from 1."""
        sizes = [len(shell) for shell in self.lattice.shells(self.shells + 1)[1:]]
        return _validate.frozen(np.repeat(np.arange(1, self.shells + 1), sizes))

    @cached_property
    def zone(self) -> Mesh:
        """The mesh of the Brillouin zone."""
        return self.lattice.mesh(self.mesh, self._point_group)

    @cached_property
    def models(self) -> tuple[ValleyModel, ...]:
        """The models that are solved: of one valley, if the other is its reversal, or of both."""
        both = self.symmetry == "none"
        return (self.model, self.model.other_valley()) if both else (self.model,)

    @property
    def complete_window(self) -> tuple[float, float]:
        """The energies in meV between which no band is left out; infinite if all are kept.

        From the bands next to those kept, on a mesh that holds the symmetric points.
        """
        windows = [complete_window(model, self.bands) for model in self.models]
        return max(low for low, _ in windows), min(high for _, high in windows)

    def require_complete(self, mu: ArrayLike, kT: float = 0.0) -> None:
        """Refuse μ and k_BT in meV, as :func:`moirelib.bands.window.require_complete` does.

        Raises
        ------
        TypeError, ValueError
            If ``mu`` lies beyond :attr:`complete_window`, ``kT`` is negative or reaches beyond it,
            or one of them is not real and finite.
        """
        require_complete(self.models, self.bands, mu, kT)

    @property
    def thermal_resolution(self) -> float:
        """The k_BT in meV from which sums over the mesh converge: below it, triangles are used.

        The error of a sum over a periodic mesh falls as exp(−2π² k_BT/(ħv Δk)); here it is 10⁻³
        at the Dirac velocity.
        """
        spacing = self.lattice.reciprocal_length / self.mesh
        return self.model.hbar_v * spacing * math.log(1e3) / (2 * math.pi**2)

    @one_blas_thread
    def susceptibility(self, mu: ArrayLike, kT: ArrayLike, flavor: Flavor = "valley") -> Complex:
        """Return the intraband current–density susceptibility 𝒞_G (Kundu Eqs. 33, 36 and 42).

        𝒞^α_G = (2/𝒱) Σ_{n,k,ξ} s_ξ ∂_αε λ_G (−f′), with s_ξ = ξ for the valley and 1 for the
        charge, the factor 2 for spin, and ∂_αε in meV nm.

        Parameters
        ----------
        mu : array_like, shape (nmu,) or (nmu, 2)
            Chemical potentials in meV; two columns set K and K′ separately and so break time
            reversal.
        kT : float or array_like, shape (nT,)
            k_BT ≥ 0 in meV; at 0 the Fermi-line integral is done by linear triangles.
        flavor : {"valley", "charge"}
            Which current.

        Returns
        -------
        ndarray, shape (nmu, nG, 2), or (nT, nmu, nG, 2) for an array of temperatures
            In 1/nm, for the vectors in ``pairs``.

        Raises
        ------
        TypeError, ValueError
            If bands are missing at a chemical potential and temperature, as by
            :meth:`require_complete`, or an argument is of another kind, shape or range.
        """
        flavor_signs(flavor)
        temperatures = _validate.non_negative_array("kT", kT, "meV")
        if temperatures.ndim > 1:
            raise ValueError(f"kT must be a number or of shape (nT,), got {temperatures.shape}")
        self.require_complete(np.concatenate(per_valley(mu)), float(temperatures.max()))
        each = [
            sum_valleys(self, mu, flavor, partial(self._thermal, t))
            for t in np.atleast_1d(temperatures).tolist()
        ]
        return np.stack(each) if temperatures.ndim else each[0]

    def _thermal(self, kT: float, model: ValleyModel, mu: Floats) -> Complex:
        """𝒞 of one valley: (nmu, nG, 2)."""
        response = self._valley_responses[model.valley]
        if kT >= self.thermal_resolution:
            summed = response.levels.thermal_sum(mu, kT)
        else:
            nodes, weights = smearing_nodes(mu, kT)
            triangles = self._triangles[model.valley]
            summed = triangles.spectral(nodes, response.products) @ weights
        per_area = spins(self.model) / self.lattice.cell_area
        return over_orbits(per_area * summed, self._orbits)

    @cached_property
    @one_blas_thread
    def solver_error(self) -> tuple[float, float]:
        """Largest disagreement of neighbouring k·p expansions, where they meet farthest out.

        Energies in meV and form factors of the first shell; zeros for the dense solver. Where no
        other tile meets one, the disagreement with a full diagonalisation.
        """
        if self.solver == "dense":
            return 0.0, 0.0
        return corner_mismatch(self.model, self._tiling, self.bands, self.pairs[:3])

    @cached_property
    def _valley_responses(self) -> dict[int, _ValleyResponse]:
        """The solved valleys, by ξ; the one of the model alone if the other is its reversal."""
        return {model.valley: self._solve(model) for model in self.models}

    @cached_property
    def _triangles(self) -> dict[int, LinearTriangles]:
        """The triangles of the solved valleys, sorted once for all chemical potentials."""
        return {
            valley: LinearTriangles.of_mesh(self.zone, response.energies)
            for valley, response in self._valley_responses.items()
        }

    @property
    def _point_group(self) -> Symmetry:
        return "C3v" if self.symmetry == "full" else "none"

    @cached_property
    def _orbits(self) -> list[Orbit]:
        return orbits(self.lattice, self.pairs, self._point_group)

    @cached_property
    def _tiling(self) -> Tiling:
        return Tiling.of_zone(self.lattice, self.divisions, self._point_group)

    def _solve(self, model: ValleyModel) -> _ValleyResponse:
        settings = (self.mesh, self.bands, self.shells, self.symmetry, self.solver, self.divisions)
        solved = cache.kept(("layer", model, *settings), lambda: self._solve_now(model))
        return _ValleyResponse(**solved, weights=self.zone.weights)

    def _solve_now(self, model: ValleyModel) -> dict[str, NDArray[Any]]:
        points = self.zone.points
        energies = np.empty((len(points), self.bands))
        # Those of one wavevector side by side, as they are made.
        stored = np.empty((*energies.shape, len(self._orbits), 2), dtype=complex)
        products = np.moveaxis(stored, (0, 1), (-2, -1))
        blocks = self._blocks(model)
        solved = sweep(solve_block, blocks, self.executor, self.progress)
        for block, (of_block, products_of_block) in zip(blocks, solved, strict=True):
            energies[block.indices] = of_block
            products[:, :, block.indices] = products_of_block
        return {"energies": energies, "products": products}

    def _blocks(self, model: ValleyModel) -> list[Block]:
        """Cut the mesh into pieces of work: the tiles, or chunks of bounded memory."""
        points = self.zone.points
        if self.solver == "expansion":
            tile = self._tiling.assign(points)
            corners: list[Floats | None] = list(self._tiling.corners)
            pieces = [np.flatnonzero(tile == i) for i in range(len(corners))]
        else:
            pieces = in_chunks(np.arange(len(points)))
            corners = [None] * len(pieces)
        return [
            Block(model, piece, points[piece], tile_corners, self.bands, self.pairs, self._orbits)
            for piece, tile_corners in zip(pieces, corners, strict=True)
            if len(piece)
        ]


@dataclass(frozen=True)
class PointSum(DragLayer):
    """A layer that sums over the points of its mesh at every k_BT > 0, resolved or not."""

    @property
    def thermal_resolution(self) -> float:
        """Zero: linear triangles never take over."""
        return 0.0


@dataclass(frozen=True, eq=False)
class _ValleyResponse:
    """One valley on the mesh: energies (nk, nb), ∂_αε λ_G (n_orbits, 2, nk, nb) in meV nm."""

    energies: Floats
    products: Complex
    weights: Floats

    @cached_property
    def levels(self) -> Levels:
        """The same, sorted once for all chemical potentials and temperatures."""
        return Levels.of_mesh(self.energies, self.weights, self.products)


def require_layer(layer: DragLayer, name: str = "layer") -> None:
    """Refuse what is no :class:`DragLayer`.

    Raises
    ------
    TypeError
        If ``layer`` is of another kind.
    """
    _validate.instance(name, layer, DragLayer, "a layer such as DragLayer(GrapheneHBN())")


def require_layers(layer1: DragLayer, layer2: DragLayer) -> None:
    """Refuse two layers of which one is no :class:`DragLayer`, as :func:`require_layer` does."""
    require_layer(layer1, "layer1")
    require_layer(layer2, "layer2")
