"""Claims of the chapter "broadening" on what Kundu et al. quote from App. F."""

from __future__ import annotations

import math

import numpy as np

from moirelib.chapters.broadening.claims.gaussians import KT, MU, rigid_xi, sampled_layer
from moirelib.chapters.broadening.data import (
    relative_curvature,
    threefold_centres,
    whole_response,
)
from moirelib.chapters.hamiltonian.data.bands import rotation
from moirelib.drag.broadening import (
    broadened_sum,
    laplacian_of,
    log10_peak_contrast,
    rigid_cell_xi,
)
from moirelib.drag.interlayer import Interlayer
from moirelib.drag.off_lattice import OffLatticeLayer, broadened_drag, drag_curvature
from moirelib.ledger.measure import largest, order
from moirelib.ledger.registry import Discrepancy, Evidence, claim
from moirelib.models.graphene_hbn import GrapheneHBN


def _xi(offset: tuple[int, int]) -> float:
    """−(2π/ħδ) ΣΞ^{xx}(G + q) over G ≠ 0 at the first filling, q so many steps of the mesh."""
    layer = sampled_layer()
    c = layer.susceptibility(offset, MU[:1], KT)[0, 1:, 0]
    q = np.array(offset) @ layer.lattice.reciprocal_vectors / layer.mesh
    length = np.linalg.norm(layer.lattice.vectors(layer.pairs[1:]) + q, axis=1)
    return float(-2 * math.pi * (np.abs(c) ** 2 @ Interlayer()(length)))


def _by_hand(eta: float) -> tuple[float, float]:
    """½∇²σ from six neighbours, and σ̃(η) − σ(0) from a sum over all offsets within 4η."""
    layer = sampled_layer()
    side = range(-7, 8)
    offsets = np.stack(np.meshgrid(side, side), axis=-1).reshape(-1, 2)
    length = np.linalg.norm(offsets @ layer.lattice.reciprocal_vectors / layer.mesh, axis=1)
    kept = length < 4 * eta
    weight = np.exp(-0.5 * (length[kept] / eta) ** 2)
    # Half of the plane: Σ|𝒞_{G + q}|² over all G is even in q, as 𝒞_{−g} = 𝒞_g*.
    half = {tuple(one): _xi(one) for one in offsets[kept].tolist() if tuple(one) >= (0, 0)}
    values = np.array([half[max(tuple(one), tuple(-one))] for one in offsets[kept]])
    rest = values[length[kept] == 0][0]
    ring = values[np.isclose(length[kept], layer.spacing)]
    return float(2 * (ring.mean() - rest) / layer.spacing**2), float(
        (weight @ values) / weight.sum() - rest
    )


def _by_the_library() -> float:
    """Largest relative miss of the curvature within bands, drawn in this chapter, by fillings."""
    drawn = whole_response()
    layer = OffLatticeLayer(GrapheneHBN(cutoff=2), mesh=24, bands=20, shells=2)
    curvature, sigma = (
        np.diagonal(found, axis1=-2, axis2=-1)[1:].sum(axis=0)
        for found in (
            drag_curvature(layer, layer, drawn.mu, drawn.mu, KT),
            broadened_drag(layer, layer, drawn.mu, drawn.mu, KT, 0.0),
        )
    )
    return largest(drawn.within - curvature / sigma, curvature / sigma)


def _about_threefold_axes() -> tuple[float, float]:
    """What rigid cells miss C₃ by, relative; and the drawn δσ/ση² against a width of 0.003 nm⁻¹.

    At two fillings, and cells about each of the three axes.
    """
    layer, eta, q = sampled_layer(), 3e-3, np.array([0.13, 0.21])
    lattice, pairs = layer.lattice, layer.pairs[1:]
    drawn = relative_curvature((60.0, 120.0), 2, KT, layer)
    c = layer.susceptibility([0, 0], drawn.mu, KT)[:, 1:]
    turned, changed = 0.0, 0.0
    for centre, row in zip(threefold_centres(lattice), drawn.rigid, strict=True):
        for one, coefficient in zip(c, row.tolist(), strict=True):
            xi = rigid_cell_xi(lattice, pairs, one, one, centre=centre)
            turned = max(turned, abs(float(xi(rotation() @ q) / xi(q)) - 1))
            rest, wide = (broadened_sum(xi, lattice, pairs, width) for width in (0.0, eta))
            changed = max(changed, abs((wide / rest - 1) / eta**2 / coefficient - 1))
    return turned, changed


@claim(
    "kundu-text-eta-squared",
    "text, discussion",
    kind="approximation",
    statement=r"$\delta\sigma^{xx}_{12,v}\sim-\eta^2$.",
    headline=r"Broadening changes the drag as $\eta^2$; whether it grows or falls depends on how "
    r"$\mathcal C$ is continued between the points of the lattice.",
    finding=r"The power closes. The sign is not fixed by the theory on the lattice: it is that of "
    r"$\sum\nabla^2\Xi$, which depends on how $\mathcal C$ is continued between the lattice "
    r"points. The response at finite wavevector makes $\delta\sigma$ negative, and $|\sigma|$ "
    "larger, at most fillings up to 200 meV, if only its part within bands is taken; with the part "
    "between bands, which is equal on the lattice, the sign turns at the strong fillings. Rigid "
    "cells give either sign, depending on where the cell is centred.",
    consequence="conclusion",
    figures=r"No figure of the paper shows $\delta\sigma$, and Figs. 1(b) to (d), at $\eta=0$, "
    "stay. In {numref}`fig-drag-width` the sign is that of the response at finite wavevector; the "
    "four continuations in {numref}`fig-relative-curvature` disagree about it. Over the fillings "
    r"and continuations that the check takes, $\delta\sigma>0$ in "
    "{measured}`kundu-text-eta-squared: at which δσ > 0, in %`.",
    aspect="the sign of the term in η²",
    follows=("kundu-53",),
)
def _() -> Evidence:
    layer = sampled_layer()
    response = np.diagonal(drag_curvature(layer, layer, MU, MU, KT)[1:].sum(axis=0))
    g = layer.lattice.vectors(layer.pairs[1:])
    rigid = [-float(laplacian_of(rigid_xi(i), 5e-3)(g).sum()) for i in range(len(MU))]
    positive = np.concatenate([response, rigid]) > 0
    first = MU[:1]
    widened = broadened_drag(layer, layer, first, first, KT, [0.0, 0.03])[:, 1:, 0, 0].sum(axis=1)
    curvature, change = _by_hand(0.03)
    whole = whole_response()
    turned, changed = _about_threefold_axes()
    xi = rigid_xi(0)
    pairs = layer.pairs[1:]
    changes = [
        broadened_sum(xi, layer.lattice, pairs, eta) - broadened_sum(xi, layer.lattice, pairs, 0.0)
        for eta in (0.01, 0.005)
    ]
    return Evidence(
        Discrepancy(
            "share of fillings and continuations at which δσ > 0",
            float(positive.mean()),
            0.0,
            "a definite sign admits none",
        ),
        Discrepancy(
            "order of δσ in η, against 2",
            abs(order(changes[0], changes[1]) - 2),
            0.05,
            "halved from 0.01 nm⁻¹",
        ),
        controls=(
            Discrepancy(
                "curvature of the library against a ring of six neighbours, first filling",
                abs(float(response[0]) / curvature - 1),
                0.3,
                "one step of the mesh against Richardson's rule over two",
            ),
            Discrepancy(
                "δσ of the library at η = 0.03 nm⁻¹ against weights e^{−q²/2η²} on the mesh",
                abs(float(widened[1] - widened[0]) / change - 1),
                0.05,
                "the Gaussian is cut at four of its widths",
            ),
            Discrepancy(
                "drawn curvature within bands against the library, four strong fillings",
                _by_the_library(),
                1e-8,
                "two codes on one mesh, one of which leaves out states of 10⁻¹¹ in weight",
                slack="noise",
            ),
            Discrepancy(
                "Ξ of rigid cells about three axes, turned by 120°, against itself",
                turned,
                1e-7,
                "C₃, to what the truncated basis breaks",
            ),
            Discrepancy(
                "drawn δσ/ση² of these cells against a width of 0.003 nm⁻¹, two fillings",
                changed,
                0.05,
                "fourth order in the width",
            ),
            Discrepancy(
                "𝒟 against 𝒞 on the lattice, four strong fillings",
                float(np.abs(whole.agreement - 1).max()),
                0.01,
                "gauge invariance, cut-off 2",
            ),
            Discrepancy(
                "share of these fillings at which continuing 𝒟 turns the sign of 𝒞",
                float((whole.within * whole.between < 0).mean()),
                1.0,
                "all of them",
                at_least=True,
            ),
            Discrepancy(
                "share at which δσ < 0",
                float((~positive).mean()),
                0.1,
                "both signs occur",
                at_least=True,
            ),
        ),
    )


@claim(
    "kundu-text-eta",
    "text, discussion",
    kind="number",
    statement=r"The width of the peaks is $\eta\approx5$–$6$ nm⁻¹ in twisted trilayer graphene.",
    finding=r"As a Gaussian width it is ten times $|\mathbf G_1|$ of the structure studied: of the "
    r"lattice a ripple of $10^{-1000}$ would be left, and Eq. (53), an expansion in "
    r"$\eta/|\mathbf G_1|$, would not apply. Another unit or another quantity is probably meant; "
    "our copy does not let us tell which.",
    consequence="number",
    headline=r"As a Gaussian width $\eta\approx5$–$6$ nm⁻¹ is ten times $\vert\mathbf G_1\vert$. "
    "Another unit or another quantity is probably meant.",
    figures="No figure of the paper has a width. The slider of {numref}`fig-broadened-peaks` ends "
    "far below the quoted one, at which {measured}`kundu-text-eta: powers of ten` powers of ten "
    "of the lattice's ripple would be gone. Figs. 1(b) to (d) stay.",
    aspect="the size of η",
    follows=("kundu-51",),
)
def _() -> Evidence:
    lattice = sampled_layer().lattice
    return Evidence(
        Discrepancy(
            "η = 5 nm⁻¹ over |G₁|",
            5.0 / lattice.reciprocal_length,
            0.5,
            "beyond half the distance of the points their peaks merge",
        ),
        controls=(
            Discrepancy(
                "powers of ten by which the lattice is washed out at η = 5 nm⁻¹",
                -float(log10_peak_contrast(lattice, 5.0)),
                1000.0,
                "Poisson's formula",
                at_least=True,
            ),
            Discrepancy(
                "ripple over mean at a hundredth of that",
                10 ** float(log10_peak_contrast(lattice, 0.05)),
                1.0,
                "at 0.05 nm⁻¹ the peaks stand out",
                at_least=True,
            ),
        ),
    )
