"""Claims of the chapter "broadening": Kundu et al., App. F."""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from scipy.integrate import quad

from moirelib._types import Floats
from moirelib.chapters.broadening.data import whole_response
from moirelib.drag.broadening import (
    PlaneFunction,
    broadened_sum,
    expanded_sum,
    gaussian_xi,
    laplacian_of,
    log10_peak_contrast,
    rigid_cell_xi,
)
from moirelib.drag.conductivity import drag_conductivity
from moirelib.drag.interlayer import Interlayer
from moirelib.drag.layer import DragLayer
from moirelib.drag.off_lattice import OffLatticeLayer, broadened_drag, drag_curvature
from moirelib.ledger.measure import order
from moirelib.ledger.registry import Discrepancy, Evidence, claim
from moirelib.models.graphene_hbn import GrapheneHBN

KT = 6.0
MU = np.array([-110.0, -40.0, 60.0, 120.0, 180.0, 190.0])
DECAY = 12.0  # nm², of the test function: a few shells matter, and each is curved

_xi, _xi_laplacian = gaussian_xi(DECAY)


@cache
def _layer() -> OffLatticeLayer:
    return OffLatticeLayer(GrapheneHBN(), mesh=24, bands=6, shells=2)


@cache
def _rigid_xi(index: int) -> PlaneFunction:
    """Ξ of the model at MU[index], continued as rigid cells about the origin."""
    layer = _layer()
    c = layer.susceptibility([0, 0], MU, KT)[index, 1:]
    return rigid_cell_xi(layer.lattice, layer.pairs[1:], c, c)


@claim(
    "kundu-50",
    "Eq. 50",
    kind="identity",
    statement=r"$\sum_{\mathbf G}\Xi(\mathbf G)=\int d^2g\,\Xi(\mathbf g)\sum_{\mathbf G}"
    r"\delta(\mathbf g-\mathbf G)$.",
    follows=("kundu-35",),
)
def _() -> Evidence:
    lattice, pairs = _layer().lattice, _layer().lattice.disc(4.0)
    discrete = float(_xi(lattice.vectors(pairs)).sum())
    narrow = broadened_sum(_xi, lattice, pairs, 1e-6)
    reference = DragLayer(GrapheneHBN(), mesh=24, bands=6, shells=2, solver="dense")
    sigma = np.array(
        [drag_conductivity(reference, reference, mu, mu, KT)[0, 0, 0, 0] for mu in MU.tolist()]
    )
    ours = np.diagonal(broadened_drag(_layer(), _layer(), MU, MU, KT, 0.0).sum(axis=0))
    return Evidence(
        Discrepancy(
            "Gaussians of width 10⁻⁶ nm⁻¹ in place of δ against the discrete sum",
            abs(narrow / discrete - 1),
            1e-9,
            "the first correction is of order aη²",
        ),
        controls=(
            Discrepancy(
                "discrete sum for the model against the drag conductivity",
                float(np.abs(ours / sigma - 1).max()),
                1e-6,
                "two codes on one mesh; they fold its boundary differently in a truncated basis",
            ),
        ),
    )


@claim(
    "kundu-51",
    "Eq. 51",
    kind="definition",
    implements="moirelib.drag.broadening.broadened_sum",
    statement=r"In $\tilde\sigma$ each $\delta$ becomes "
    r"$e^{-|\mathbf g-\mathbf G|^2/2\eta^2}/2\pi\eta^2$.",
    follows=("kundu-50",),
)
def _() -> Evidence:
    lattice, pairs = _layer().lattice, _layer().lattice.disc(4.0)
    squared = (lattice.vectors(pairs) ** 2).sum(axis=-1)
    worst = 0.0
    for eta in (0.02, 0.1, 0.2):
        wider = 1 + 2 * DECAY * eta**2
        exact = float((np.exp(-DECAY * squared / wider) / wider).sum())
        worst = max(worst, abs(broadened_sum(_xi, lattice, pairs, eta, nodes=40) / exact - 1))
    eta = 0.2
    far = lattice.vectors(lattice.disc(8.0))

    def density(g: Floats) -> float:
        gaussian = np.exp(-0.5 * ((g - far) ** 2).sum(axis=-1) / eta**2)
        return float(gaussian.sum() * lattice.zone_area / (2 * math.pi * eta**2))

    ripple = density(np.zeros(2)) - density(lattice.corners[0])
    return Evidence(
        Discrepancy(
            "quadrature against the closed form for a Gaussian Ξ",
            worst,
            1e-9,
            "forty Gauss–Hermite nodes along each axis",
        ),
        controls=(
            Discrepancy(
                "ripple of the broadened lattice against Poisson's formula",
                abs(ripple / (1.5 * 10 ** float(log10_peak_contrast(lattice, eta))) - 1),
                1e-3,
                "the next star of real-space vectors",
            ),
        ),
    )


@claim(
    "kundu-52",
    "Eq. 52",
    kind="identity",
    statement=r"Taylor expansion of $\Xi$ about $\mathbf G$ to second order.",
    follows=("kundu-50",),
)
def _() -> Evidence:
    lattice = _layer().lattice
    centre = lattice.vectors([1, 1])
    xi, h = _rigid_xi(1), 1e-3
    unit = np.eye(2)
    gradient = np.array([float(xi(centre + h * e) - xi(centre - h * e)) / (2 * h) for e in unit])
    hessian = np.array(
        [
            [
                float(
                    xi(centre + h * (a + b))
                    - xi(centre + h * (a - b))
                    - xi(centre - h * (a - b))
                    + xi(centre - h * (a + b))
                )
                / (4 * h**2)
                for b in unit
            ]
            for a in unit
        ]
    )

    def missing(q: Floats) -> float:
        return float(xi(centre + q) - xi(centre)) - float(gradient @ q + q @ hessian @ q / 2)

    q = 0.04 * np.array([math.cos(0.3), math.sin(0.3)])
    laplacian = float(laplacian_of(xi, 5e-3)(centre))
    return Evidence(
        Discrepancy(
            "order of the remainder on the model's Ξ, against 3",
            abs(order(missing(q), missing(q / 2)) - 3),
            0.25,
            "q is halved from 0.04 nm⁻¹; the next order contributes q L_M/4",
        ),
        controls=(
            Discrepancy(
                "trace of the Hessian against ∇²Ξ from rings",
                abs(float(np.trace(hessian)) / laplacian - 1),
                1e-4,
                "differences of second and of fourth order in the step",
            ),
        ),
    )


@claim(
    "kundu-53",
    "Eq. 53",
    kind="approximation",
    statement=r"$\tilde\sigma=\sigma-\frac{\eta^2}2\frac{e^2}h\frac{2\pi}{\hbar\delta}$ "
    r"$\times\sum_{\mathbf G}\nabla^2\Xi(\mathbf G)+O(\eta^4)$.",
    follows=("kundu-51", "kundu-52"),
)
def _() -> Evidence:
    lattice, pairs = _layer().lattice, _layer().lattice.disc(4.0)
    left = [
        broadened_sum(_xi, lattice, pairs, eta)
        - expanded_sum(_xi, _xi_laplacian, lattice, pairs, eta)
        for eta in (0.02, 0.01)
    ]
    umklapp = _layer().pairs[1:]
    xi = _rigid_xi(0)
    laplacian = laplacian_of(xi, 2e-3)
    model = [
        broadened_sum(xi, lattice, umklapp, eta)
        - expanded_sum(xi, laplacian, lattice, umklapp, eta)
        for eta in (0.02, 0.01)
    ]
    return Evidence(
        Discrepancy(
            "order of the remainder for a Gaussian Ξ, against 4",
            abs(order(left[0], left[1]) - 4),
            0.05,
            "halved from 0.02 nm⁻¹, where the next order is 1 % of it",
        ),
        controls=(
            Discrepancy(
                "the same for the model's Ξ, rigid cells, G ≠ 0",
                abs(order(model[0], model[1]) - 4),
                0.1,
                "next order in η",
            ),
        ),
    )


@claim(
    "kundu-53-half",
    "text above Eq. 53",
    kind="approximation",
    statement=r"The quadratic term of the expansion yields $\eta^2\,\mathrm{Tr}\,\mathcal H$.",
    finding=r"The mean of $\frac12\mathbf q^T\mathcal H\mathbf q$ over a Gaussian with "
    r"$\langle q_\alpha q_\beta\rangle=\eta^2\delta_{\alpha\beta}$ is "
    r"$\frac12\eta^2\mathrm{Tr}\,\mathcal H$. Eq. (53) has the ½; the sentence above it, as "
    "printed in our copy, has not.",
    consequence="notation",
    follows=("kundu-51", "kundu-52"),
)
def _() -> Evidence:
    lattice, pairs = _layer().lattice, _layer().lattice.disc(4.0)
    eta = 3e-3
    change = broadened_sum(_xi, lattice, pairs, eta) - broadened_sum(_xi, lattice, pairs, 0.0)
    trace = float(_xi_laplacian(lattice.vectors(pairs)).sum())
    share = change / (eta**2 * trace)
    return Evidence(
        Discrepancy("change over η² Tr H, against 1", abs(share - 1), 1e-2, "terms of order aη²"),
        Discrepancy("change over η² Tr H, against ½", abs(share - 0.5), 1e-2, "terms of order aη²"),
    )


@claim(
    "kundu-53-remainder",
    "Eq. 53, order of the remainder",
    kind="approximation",
    statement=r"With $\mathbf G=0$ in the sum, what is left is $O(\eta^4)$.",
    finding=r"$U_{12}$ has a cusp at $g=0$: $U_{12}\propto1-(d+d_g)g+\dots$, while "
    r"$|\mathcal C_g|^2\propto g^2$. The point $\mathbf G=0$ leaves "
    r"$-\frac34\sqrt{\pi/2}\,(d+d_g)\,\nabla^2\Xi(0)\,\eta^3$, and Eq. (53) holds there only for "
    r"$\eta\ll1/(d+d_g)\approx0.09$ nm⁻¹. For $\mathbf G\ne0$ the remainder is $O(\eta^4)$.",
    consequence="number",
    follows=("kundu-53",),
)
def _() -> Evidence:
    distance, gate = 1.0, 10.0

    def broadened(eta: float) -> float:
        """⟨q² U(q)⟩ over a Gaussian, in units of U(0): Ξ near G = 0 up to its prefactor."""

        def integrand(x: float) -> float:
            u = float(Interlayer(distance, gate)(eta * x) / Interlayer()(0.0))
            return x**3 * math.exp(-0.5 * x * x) * u

        return float(eta**2 * quad(integrand, 0, 12, epsabs=1e-14, epsrel=1e-12)[0])

    eta = 5e-4
    missing = [broadened(e) - 2 * e**2 for e in (2 * eta, eta)]
    predicted = -3 * math.sqrt(math.pi / 2) * (distance + gate) * eta**3
    power = order(missing[0], missing[1])
    layer = _layer()
    near, far = (layer.susceptibility([i, 0], MU[:2], KT)[:, 0] for i in (1, 2))
    growth = np.log2(np.linalg.norm(far, axis=-1) / np.linalg.norm(near, axis=-1))
    return Evidence(
        Discrepancy("order of the remainder of G = 0, against 4", abs(power - 4), 0.1, "halved η"),
        Discrepancy("order of the remainder of G = 0, against 3", abs(power - 3), 0.1, "halved η"),
        controls=(
            Discrepancy(
                "remainder against −3√(π/2)(d + d_g)η³",
                abs(missing[1] / predicted - 1),
                2e-2,
                "next order, (d + d_g)η",
            ),
            Discrepancy(
                "exponent of |𝒞_q| in q about G = 0, against 1",
                float(np.abs(growth - 1).max()),
                0.05,
                "q = 0.02 and 0.04 nm⁻¹, against pockets of some 0.1 nm⁻¹",
            ),
        ),
    )


@claim(
    "kundu-text-eta-squared",
    "text, discussion",
    kind="approximation",
    statement=r"$\delta\sigma^{xx}_{12,v}\sim-\eta^2$.",
    finding=r"The power closes. The sign is not fixed by the theory on the lattice: it is that of "
    r"$\sum\nabla^2\Xi$, which depends on how $\mathcal C$ is continued between the lattice "
    r"points. The response at finite wavevector makes $\delta\sigma$ negative, and $|\sigma|$ "
    "larger, at most fillings up to 200 meV, if only its part within bands is taken; with the part "
    "between bands, which is equal on the lattice, the sign turns at the strong fillings. Rigid "
    "cells give either sign, depending on where the cell is centred.",
    consequence="conclusion",
    follows=("kundu-53",),
)
def _() -> Evidence:
    layer = _layer()
    response = np.diagonal(drag_curvature(layer, layer, MU, MU, KT)[1:].sum(axis=0))
    g = layer.lattice.vectors(layer.pairs[1:])
    rigid = [-float(laplacian_of(_rigid_xi(i), 5e-3)(g).sum()) for i in range(len(MU))]
    positive = np.concatenate([response, rigid]) > 0
    whole = whole_response()
    xi = _rigid_xi(0)
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
    follows=("kundu-51",),
)
def _() -> Evidence:
    lattice = _layer().lattice
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
