"""Claims of the chapter "tbg-scattering": Ying et al., Eqs. 16 to 21."""

from __future__ import annotations

import numpy as np
from scipy import constants as si

from moirelib.chapters.tbg_scattering.data import Array, response, slope_prefactor
from moirelib.ledger.measure import order
from moirelib.ledger.registry import Discrepancy, Evidence, claim
from moirelib.models.twisted_bilayer import StrainedTBG
from moirelib.switching.scattering import (
    density_slope,
    four_pocket_balance,
    perturbative_rates,
)

ROUND_OFF = "round-off in double precision"


def rotation(angle: float) -> Array:
    """Return the matrix that turns a column vector anticlockwise."""
    return np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])


@claim(
    "ying-16",
    "Eq. 16",
    kind="definition",
    implements="moirelib.models.twisted_bilayer.StrainedTBG.strain_tensor",
    statement=r"Uniaxial strain tensor: $-\epsilon$ along $\phi$ and $\nu_\epsilon\epsilon$ "
    "across; only its traceless part counts.",
)
def _() -> Evidence:
    model = StrainedTBG(strain=0.004, strain_degrees=37.0)
    turned = StrainedTBG(strain=0.004, strain_degrees=37.0 + 25.0)
    r = rotation(np.radians(25.0))
    along = rotation(np.radians(37.0)) @ np.array([1.0, 0.0])
    stretch = model.strain_tensor @ along + model.strain * along
    covariance = turned.strain_tensor - r @ model.strain_tensor @ r.T
    isotropic = StrainedTBG.from_ratios(strain_over_twist=0.2, poisson_ratio=-1.0)
    k_f = 0.05 * isotropic.moire_wavevector
    return Evidence(
        Discrepancy(
            "strain along φ against −ε, and covariance under rotation",
            float(max(np.abs(stretch).max(), np.abs(covariance).max()) / model.strain),
            1e-12,
            ROUND_OFF,
            "ε",
        ),
        controls=(
            Discrepancy(
                "eigenvalues against −ε and ν_ε ε",
                float(
                    np.abs(
                        np.linalg.eigvalsh(model.strain_tensor) / model.strain - [-1, 0.165]
                    ).max()
                ),
                1e-12,
                ROUND_OFF,
            ),
            Discrepancy(
                "Δn₀/n_j for an isotropic strain of the same size (ν_ε = −1)",
                float(np.abs(response(isotropic, k_f, 0.01)).max() * 101),
                1e-10,
                "no direction is preferred",
            ),
        ),
    )


@claim(
    "ying-17",
    "Eq. 17",
    kind="approximation",
    statement=r"$\mathbf q_i\to\mathbf q_i-\mathcal E\cdot\mathbf K_i$, "
    r"$\mathbf q_i=\theta_w\mathbf K_i\times\hat z$, to first order in twist and strain.",
)
def _() -> Evidence:
    errors = []
    for size in (1e-2, 5e-3):
        model = StrainedTBG(twist_degrees=float(np.degrees(size)), strain=0.3 * size)
        # A lattice deformed by 1 + 𝓔 and turned has reciprocal vectors R (1 + 𝓔)⁻¹ G.
        deformed = model.dirac_points @ np.linalg.inv(np.eye(2) + model.strain_tensor)
        first = deformed @ rotation(-size / 2).T
        second = model.dirac_points @ rotation(size / 2).T
        errors.append(float(np.abs(first - second - model.q_vectors).max()))
    return Evidence(
        Discrepancy(
            "against deformed and twisted lattices at θ_w = 0.01, ε = 0.003, over q",
            errors[0] / StrainedTBG(twist_degrees=float(np.degrees(1e-2))).moire_wavevector,
            5e-3,
            "corrections of relative order ε and θ_w",
        ),
        controls=(
            Discrepancy(
                "order of the error in twist and strain against 2",
                abs(order(errors[0], errors[1]) - 2),
                0.02,
                "the first order is complete",
            ),
        ),
    )


@claim(
    "ying-18",
    "Eq. 18",
    kind="approximation",
    statement=r"$|\delta\mathbf K_\epsilon|/|\mathbf q_i|\sim\epsilon/\theta_w$.",
)
def _() -> Evidence:
    sizes = []
    for degrees in range(0, 180, 5):
        model = StrainedTBG.from_ratios(strain_over_twist=0.1, strain_degrees=float(degrees))
        shift = np.linalg.norm(model.dirac_points @ model.strain_tensor, axis=-1)
        sizes.append(shift / model.moire_wavevector / 0.1)
    return Evidence(
        Discrepancy(
            "largest |δK|/q over ε/θ_w, all directions and points, from 1",
            abs(float(np.max(sizes)) - 1),
            1e-10,
            "the largest eigenvalue of the strain is ε",
        ),
        controls=(
            Discrepancy(
                "smallest |δK|/q over ε/θ_w, from ν_ε",
                abs(float(np.min(sizes)) - 0.165),
                1e-10,
                "the smaller eigenvalue is ν_ε ε",
            ),
        ),
    )


@claim(
    "ying-19",
    "Eq. 19",
    kind="approximation",
    statement=r"$\Delta n_0/n_j=6(1+\nu_\epsilon)\frac{v_Dk_F}{m}\frac{\epsilon}{\theta_w}"
    r"\sin(2\phi+\theta_j)$ with $n_j=\frac{3t^2/4}{1+3t^2/4}\frac{j}{ev_F}$.",
    finding=r"The prefactor is $\frac32$, not 6: so give the eight-component states of all four "
    r"pockets in the limit of small parameters, and so gives the printed (B14) put into (15). "
    r"The sign is that of (15): opposite for the force $+e\mathbf E$ of (6). Both need the "
    "paper's assumption of a constant intra-layer rate; see `ying-text-intralayer`.",
    consequence="number",
)
def _() -> Evidence:
    measured, order, residual = slope_prefactor()
    model = StrainedTBG.from_ratios(strain_over_twist=1e-3)
    k_f = 0.05 * model.moire_wavevector
    by_hand = -four_pocket_balance(perturbative_rates(model, k_f), 0.1) * 11
    return Evidence(
        Discrepancy(
            "measured prefactor over 6, from 1",
            abs(measured / 6 - 1),
            1e-4,
            "Richardson limit over four halvings",
        ),
        Discrepancy(
            "measured prefactor over 3/2, from 1",
            abs(measured / 1.5 - 1),
            1e-4,
            "Richardson limit over four halvings",
        ),
        controls=(
            Discrepancy(
                "order of convergence against 2",
                abs(order - 2),
                0.15,
                "errors are even in every small parameter",
            ),
            Discrepancy(
                "departure from sin(2φ + θ_j) at the last step",
                residual,
                1e-4,
                "corrections at the smallest step that turn the direction",
            ),
            Discrepancy(
                "(B14) in the balance of four pockets against 3/2",
                float(np.abs(by_hand / density_slope(model, k_f, 1.5) - 1).max()),
                1e-10,
                "an identity between two formulas; the k_F/q terms cancel",
            ),
        ),
    )


@claim(
    "ying-20",
    "Eq. 20",
    kind="number",
    statement=r"For real samples $\Delta n_0\propto\frac{\epsilon}{\theta_w}\frac{1}{hv_F}"
    r"\frac{h}{e^2}ej$ with a coefficient of order one.",
)
def _() -> Evidence:
    # Eq. 19 at t² = 1 and v_D k_F/m = 1, where its derivation no longer holds but its size is read.
    ratio = 0.75
    coefficient = 1.5 * 1.165 * ratio / (1 + ratio)
    j, v = 1e-3, 1e5
    return Evidence(
        Discrepancy(
            "decades between the coefficient and 1",
            abs(float(np.log10(coefficient))),
            0.5,
            "'of order one' within a factor of three",
        ),
        controls=(
            Discrepancy(
                "(1/hv_F)(h/e²)ej against j/(ev_F) in SI units",
                abs(si.h / si.e**2 * si.e * j / (si.h * v) / (j / (si.e * v)) - 1),
                1e-12,
                "an identity",
            ),
        ),
    )


@claim(
    "ying-21",
    "Eq. 21",
    kind="number",
    statement=r"$\Delta n_0\simeq\mathbf j\cdot\boldsymbol\delta_\epsilon/(ev_F)$ with "
    r"$|\boldsymbol\delta_\epsilon|\sim\epsilon/\theta_w$: twist and strain enter through their "
    "ratio.",
)
def _() -> Evidence:
    deltas = []
    for degrees, strain in ((0.2, 0.02), (0.1, 0.02), (0.2, 0.01)):
        model = StrainedTBG.from_ratios(strain_over_twist=strain, twist_degrees=degrees)
        deltas.append(response(model, 0.05 * model.moire_wavevector, 0.01))
    scale = float(np.hypot(*deltas[0]))
    return Evidence(
        Discrepancy(
            "change of δ_ε when twist and strain are halved together",
            float(np.hypot(*(deltas[1] - deltas[0]))) / scale,
            1e-3,
            "what is left is the relative rotation of the Dirac cones",
        ),
        controls=(
            Discrepancy(
                "order of |δ_ε| in ε/θ_w, from 1",
                abs(float(np.log2(scale / np.hypot(*deltas[2]))) - 1),
                0.1,
                "linear response to the strain",
            ),
        ),
    )
