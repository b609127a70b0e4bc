"""Claims on the drag conductivity: Kundu Eqs. 1, 32 and 35, and the dimensions of the chain."""

from __future__ import annotations

from functools import cache

import numpy as np
import sympy
from scipy import constants as si

from moirelib.chapters.perturbation_theory.data.rings import ring_weights, static_responses
from moirelib.drag.conductivity import drag_conductivity
from moirelib.drag.interlayer import Interlayer
from moirelib.drag.layer import DragLayer
from moirelib.ledger.measure import largest, relative
from moirelib.ledger.registry import Discrepancy, Evidence, claim
from moirelib.models.graphene_hbn import GrapheneHBN
from moirelib.units import MEV, NM


@claim(
    "kundu-32",
    "Eq. 32",
    kind="identity",
    statement=r"$\sigma_{12}=-\pi e^2\delta(\Omega)\sum_{\mathbf G}\mathcal C_1(-\mathbf G)U_{12}"
    r"\mathcal C_2(\mathbf G)-e^2\sum_{\mathbf G}U_{12}\,\mathrm{Im}\,\partial_\Omega[\mathcal D_1"
    r"(-\mathbf G)\mathcal D_2(\mathbf G)]$.",
    finding="The weight of δ(Ω) has the printed size and the opposite sign. The product of the "
    "two intraband parts gives the printed $-\\mathcal{CC}$, the products of an intraband with an "
    "interband part add $+2\\,\\mathcal{CD}(0)$, and gauge invariance makes $\\mathcal D(0)="
    "\\mathcal C$. The library keeps the printed sign. What Eqs. 1 and 35 make of the weight is "
    "judged there.",
    consequence="conclusion",
    follows=("kundu-23", "kundu-29", "kundu-33", "kundu-34"),
)
def _() -> Evidence:
    exact, shifted, between = ring_weights()
    intra, inter = static_responses()
    return Evidence(
        Discrepancy(
            "−Σ𝒞₁U𝒞₂ against the exact Drude weight ∂³E/∂A₁∂A₂∂U of two rings",
            relative(-shifted, exact),
            1e-6,
            "nested differences, extrapolated",
        ),
        Discrepancy(
            "+Σ𝒞₁U𝒞₂ against the same", relative(shifted, exact), 1e-6, "nested differences"
        ),
        controls=(
            Discrepancy(
                "+Σ𝒟₁(0)U𝒟₂(0) against the same",
                relative(between, exact),
                1e-6,
                "what Eq. 23 gives with q → 0 first",
            ),
            Discrepancy(
                "graphene/hBN: 𝒟(0) against 𝒞, between two fillings",
                largest((inter[0] - inter[1]) - (intra[0] - intra[1]), intra[0] - intra[1]),
                1e-3,
                "plane waves up to 3 |G₁|; no constant is left between two fillings",
            ),
        ),
    )


def _hbar_power(ratio: sympy.Expr) -> int:
    """The n of ratio = ħⁿ, in base units J and s; anything else raises."""
    joule, second = sympy.symbols("J s", positive=True)
    power = sympy.Poly(sympy.expand_log(sympy.log(ratio), force=True), sympy.log(joule)).nth(1)
    if sympy.simplify(ratio / (joule * second) ** power) != 1:
        raise ValueError(f"{ratio} is no power of ħ")
    return int(power)


@cache
def dimensions() -> dict[str, int]:
    """Powers of ħ by which the printed equations miss a dimensionless σ/(e²/h)."""
    joule, metre, second, ampere = sympy.symbols("J m s A", positive=True)
    siemens = ampere**2 * second / joule
    charge = ampere * second
    hbar = joule * second
    interaction = joule * metre**2
    per_area, slope = 1 / metre**2, 1 / joule
    velocity, gradient = metre / second, joule * metre
    by_velocity = per_area * velocity * slope  # Eqs. 33, 36, 37
    by_parts = per_area * metre / hbar  # Eqs. 2, 40
    fermi_line = (1 / metre) * velocity / velocity  # Eqs. 3, 42: ∮dℓ v/|v|
    by_gradient = per_area * gradient * slope

    def conductivity(c: sympy.Expr) -> sympy.Expr:
        return charge**2 / hbar / joule * c * interaction * c / siemens

    energy, frequency = 1 / joule, second  # of δ(Ω)
    return {
        "Eq. 1 with Eq. 33": _hbar_power(conductivity(by_velocity)),
        "Eq. 1 with Eq. 2": _hbar_power(conductivity(by_parts)),
        "Eq. 1 with Eq. 3": _hbar_power(conductivity(fermi_line)),
        "Eq. 1 with ∂_kε": _hbar_power(conductivity(by_gradient)),
        "Eq. 2 against Eq. 3": _hbar_power(by_parts / fermi_line),
        "Eq. 32 with v, e²/ħ": _hbar_power(
            charge**2 / hbar * energy * by_velocity**2 * interaction / siemens
        ),
        "Eq. 32 with v, e², δ of a frequency": _hbar_power(
            charge**2 * frequency * by_velocity**2 * interaction / siemens
        ),
        "Eq. 32 with ∂_kε, e²/ħ": _hbar_power(
            charge**2 / hbar * energy * by_gradient**2 * interaction / siemens
        ),
    }


def _power(what: str) -> Discrepancy:
    return Discrepancy(
        f"power of ħ left over: {what}", float(abs(dimensions()[what])), 0.0, "an integer"
    )


@claim(
    "kundu-33-dimensions",
    "Eqs. 2, 33, 36, 37, 40",
    kind="identity",
    statement=r"$\mathcal C$ with $v=\partial_k\varepsilon/\hbar$, or with $1/\hbar$ in front.",
    finding=r"Eq. 1 is a number times $e^2/h$ only if $\mathcal C$ is built from $\partial_k"
    r"\varepsilon$, without the $1/\hbar$, as Eqs. 3 and 42 are. The library does that.",
    consequence="notation",
    erratum="kundu-2",
    follows=("kundu-2", "kundu-33", "kundu-36", "kundu-37", "kundu-40"),
)
def _() -> Evidence:
    return Evidence(
        _power("Eq. 1 with Eq. 33"),
        _power("Eq. 1 with ∂_kε"),
        controls=(_power("Eq. 1 with Eq. 3"),),
    )


@claim(
    "kundu-32-dimensions",
    "Eq. 32",
    kind="identity",
    statement=r"Prefactors $e^2/\hbar$ together with $v=\partial_k\varepsilon/\hbar$.",
    finding=r"$e^2/\hbar$ goes with $\partial_k\varepsilon$ and energies for $\Omega$; with "
    r"velocities and a frequency the prefactor is $e^2$.",
    consequence="notation",
    erratum="kundu-2",
    follows=("kundu-32", "kundu-33-dimensions"),
)
def _() -> Evidence:
    return Evidence(
        _power("Eq. 32 with v, e²/ħ"),
        _power("Eq. 32 with ∂_kε, e²/ħ"),
        controls=(_power("Eq. 32 with v, e², δ of a frequency"),),
    )


@cache
def si_conductivity() -> tuple[float, float]:
    """σ^{xx} in e²/h from SI quantities throughout, and from the library."""
    distance, gate, permittivity, kT, mu, broadening = 1.3, 8.0, 4.0, 20.0, -120.0, 2.5
    layer = DragLayer(
        GrapheneHBN(cutoff=2), mesh=6, bands=14, shells=2, symmetry="none", solver="dense"
    )
    half = layer.bands // 2
    points = layer.lattice.mesh(6, "none").points
    thermal, level = kT * MEV, mu * MEV
    area = layer.lattice.cell_area * NM**2 * len(points)
    vectors = layer.lattice.vectors(layer.pairs) / NM
    response = np.zeros(len(vectors), dtype=complex)
    for valley in (1, -1):
        model = GrapheneHBN(valley=valley, cutoff=2)
        velocity = model.velocity_operators()[0] * MEV * NM / si.hbar  # m/s
        label = np.column_stack([model.plane_waves, model.orbitals])
        targets = label + np.column_stack([layer.pairs, np.zeros(len(vectors))])[:, None]
        raised = (targets[:, :, None] == label).all(axis=-1)
        for k in points:
            energies, states = np.linalg.eigh(model.hamiltonian(k) * MEV)
            window = slice(model.occupied - half, model.occupied + half)
            energies, states = energies[window], states[:, window]
            x = (energies - level) / thermal
            weight = 1 / (4 * thermal * np.cosh(x / 2) ** 2)
            speed = np.einsum("in,ij,jn->n", states.conj(), velocity, states).real
            form_factors = (states.conj() * (raised @ states)).sum(axis=1)
            response += valley * 2 / area * form_factors @ (speed * weight)
    length = np.linalg.norm(vectors, axis=1)
    interaction = (
        si.e**2
        * np.exp(-length * distance * NM)
        * (1 - np.exp(-2 * length * gate * NM))
        / (2 * si.epsilon_0 * permittivity * length)
    )  # J m²
    rate = broadening * MEV / si.hbar  # 1/s
    # Eq. 32 with velocities: −πe²δ(Ω) → −e²/δ.
    siemens = -(si.e**2) / rate * (response.conj() * interaction * response).sum().real
    library = drag_conductivity(
        layer, layer, [mu], [mu], kT, Interlayer(distance, gate, permittivity), broadening
    )
    return float(siemens / (si.e**2 / si.h)), float(library[0, 0, 0, 0])
