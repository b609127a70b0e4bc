"""Claims of the chapter "where-largest": what it finds."""

from __future__ import annotations

import numpy as np

from moirelib.bands.bloch import solve_bands
from moirelib.chapters.where_largest.data.device import (
    COUPLINGS,
    DENSITIES,
    KELVIN,
    TWISTS,
    device_map,
)
from moirelib.chapters.where_largest.data.materials import (
    FILLINGS,
    MATERIALS,
    Best,
    best,
    bilayer,
    filled,
    graphene_layer,
)
from moirelib.chapters.where_largest.data.meeting import (
    charge_response,
    mixed_hall,
    ordered_layer,
    slope_law,
    valley_order,
)
from moirelib.drag.conductivity import drag_conductivity
from moirelib.drag.layer import DragLayer
from moirelib.drag.registry import registry_pattern
from moirelib.drag.response import interband_drag_conductivity
from moirelib.hall.exact import valley_chern_number
from moirelib.ledger.measure import relative
from moirelib.ledger.registry import Discrepancy, Evidence, claim
from moirelib.models.graphene_hbn import GrapheneHBN
from moirelib.models.twisted_tmd import TwistedTMD
from moirelib.units import from_1e12_per_cm2, thermal_energy

_KELVIN = 5.0
_PAIRS = 40  # bands of the sum over pairs: 𝒞₁ is one there too, and converges slowly


@claim(
    "new-tmd-magic-angle",
    "magic angle of WSe₂",
    kind="new",
    statement="A massive Dirac cone in each layer, affine in $\\mathbf k$, has the published magic "
    "angle of twisted WSe₂, 1.43°, and Chern numbers ±1 of opposite sign.",
    falsified_by="the parabolic model with the same parameters and another flattest twist",
    follows=("kundu-11",),
)
def _magic_angle() -> Evidence:
    twist = np.array([1.36, 1.39, 1.42, 1.45, 1.48])
    width = np.array([_width(TwistedTMD(twist=t)) for t in twist.tolist()])
    curve = np.polynomial.Polynomial.fit(twist, width**2, 2)
    flattest = float(curve.deriv().roots()[0].real)
    chern = [valley_chern_number(TwistedTMD(twist=1.43), -n, -n, mesh=9) for n in (1, 2)]
    k = TwistedTMD().lattice.k_m * np.array([0.3, 0.2])
    top = [solve_bands(TwistedTMD(gap=g), k, 2).energies[0, 0] for g in (4e4, 8e4, 1.6e5)]
    return Evidence(
        Discrepancy(
            "flattest twist against 1.43°",
            abs(flattest - 1.43),
            0.05,
            "corrections E/Δ of some per cent, and the width has a kink",
            "°",
        ),
        controls=(
            Discrepancy(
                "Chern numbers of the two topmost bands against −1 and +1",
                float(np.abs(np.array(chern) - [-1, 1]).max()),
                1e-10,
                "integers, to rounding",
            ),
            Discrepancy(
                "error halves as the gap is doubled",
                relative((top[0] - top[1]) / (top[1] - top[2]), 2.0),
                0.005,
                "the next order in E/Δ",
            ),
        ),
    )


def _width(model: TwistedTMD) -> float:
    return float(np.ptp(solve_bands(model, model.lattice.mesh(12).points, 2).energies[:, 0]))


@claim(
    "new-tmd-response",
    "WSe₂ against graphene on hBN",
    kind="new",
    statement="Two WSe₂ bilayers at 2° respond, at 10 K, 1 nm and up to 7.5 holes per cell, with "
    "about a third of two aligned layers of graphene on hBN: the merits are equal, and one spin "
    "per valley costs a factor of four.",
    headline="Two bilayers of WSe₂ respond with about a third of graphene on hBN: their moiré is "
    "as good, and one spin per valley costs a factor of four.",
    falsified_by="a valley drag of WSe₂ as large as that of graphene on hBN, both unscreened",
    follows=("kundu-1", "new-tmd-magic-angle"),
)
def _tmd_response() -> Evidence:
    coarse, fine, flat = (_best_tmd(*one) for one in ((2.0, 24), (2.0, 36), (1.43, 36)))
    graphene = best(graphene_layer(), np.array([-127.5]))
    share = fine.response / graphene.response
    return Evidence(
        Discrepancy(
            "response over that of graphene on hBN, against a third",
            abs(share - 1 / 3),
            0.05,
            "about a third; the largest of the whole window",
        ),
        controls=(
            Discrepancy(
                "merit against that of graphene on hBN",
                relative(fine.merit, graphene.merit),
                0.05,
                "equal within the mesh and the steps of the filling",
            ),
            Discrepancy(
                "response at the magic angle over that at 2°",
                flat.response / fine.response,
                0.85,
                "the magic angle is not the best one",
            ),
            Discrepancy(
                "change with the mesh",
                relative(coarse.response, fine.response),
                0.02,
                "two per cent of a headline number",
            ),
        ),
    )


def _best_tmd(twist: float, mesh: int) -> Best:
    layer = DragLayer(bilayer(MATERIALS[0], twist), mesh, 16, 2, solver="dense")
    return best(layer, filled(layer, FILLINGS[::2]))


@claim(
    "new-register-largest",
    "registry of like faces",
    kind="new",
    statement="Between equal layers on like faces no displacement of the moirés responds more than "
    "none: each term of $\\sum_G U_{12}|\\mathcal C_G|^2e^{-iG\\cdot s}$ is largest at $s=0$. "
    "For $U_{12}>0$ this is the triangle inequality, a theorem that the numbers confirm.",
    falsified_by="a displacement with a larger response of equal layers on like faces: $U_{12}$ "
    "is then not positive, or the sum wrong",
    follows=("kundu-1",),
)
def _register() -> Evidence:
    layer = DragLayer(GrapheneHBN(cutoff=2), mesh=24, bands=10, shells=3)
    rng = np.random.default_rng(3)
    shifts = rng.uniform(size=(400, 2)) @ layer.lattice.primitive_vectors
    ratios = []
    for mu in (-128.0, 90.0):
        traces = [
            np.trace(registry_pattern(layer, layer, mu, mu, 6.0, s), axis1=-2, axis2=-1)
            for s in (shifts, np.zeros((1, 2)))
        ]
        ratios.append(traces[0] / traces[1])
    return Evidence(
        Discrepancy(
            "largest response of 400 displacements over that in register",
            float(np.max(ratios)),
            1.0,
            "a sum of positive terms with phases",
        ),
        controls=(
            Discrepancy(
                "largest reversed response over that in register",
                float(-np.min(ratios)),
                0.2,
                "displacements do reverse the sign: the bound is no matter of course",
                at_least=True,
            ),
        ),
    )


@claim(
    "new-charge-hysteresis",
    "charge response of ordered layers",
    kind="new",
    statement="Valley order in both layers makes a first-order response of the charge, "
    "$\\propto\\Phi_1\\Phi_2$ with the slope $\\partial\\mathcal C/\\partial\\mu$; "
    "order in one layer makes none of order $\\tau^2$.",
    headline="If the valleys of **both layers order**, the charge responds at first order too, at "
    "a frequency, and its sign remembers the order.",
    falsified_by="with one unordered layer, aligned and in register, a longitudinal first-order "
    "response of the charge that is odd in $\\Phi_1$; or one that keeps its sign when the order of "
    "one layer is reversed",
    follows=("kundu-C-charge",),
)
def _charge_hysteresis() -> Evidence:
    phi = valley_order(_KELVIN).equilibria(0.0)[-1].phi
    small = 0.1 * phi
    full, expected = charge_response(phi, phi, _KELVIN), _from_valleys(-phi / 2, phi)
    hall = mixed_hall(_KELVIN, mesh=36)
    half = _half_of_second_term()
    # A layer of its own: both valleys solved, none from the other by time reversal. A share 1/N of
    # its k lies on the edge of the zone, where k and −k are not cut off alike: what that leaves
    # falls fiftyfold from a cut-off of 2 to one of 3, and with the mesh as 1/N only.
    layer = DragLayer(GrapheneHBN(cutoff=3), mesh=9, bands=10, shells=1, symmetry="none")
    levels = np.array([[-126.0, -130.0], [-128.0, -128.0]])
    apart = drag_conductivity(layer, layer, levels, levels, 8.0, flavor="charge")[:, :, 0, 0]
    return Evidence(
        Discrepancy(
            "response at a tenth of the order against the slope law",
            relative(charge_response(small, small, _KELVIN), slope_law(small, small, _KELVIN)),
            0.02,
            "terms of third order in UΦ/k_BT",
        ),
        controls=(
            Discrepancy(
                "order in layer 1 alone over order in both, K′ solved by itself",
                abs(apart[0, 1] / apart[0, 0]),
                2e-3,
                "time reversal, but for plane waves left out at the edge of the zone",
            ),
            Discrepancy(
                "Hall response of the charge, layer 1 alone ordered, over that along with both",
                abs(hall.real / full),
                0.05,
                "a lower power of τ",
            ),
            Discrepancy(
                "the same with 𝒟₂ at ħΩ + iħ/τ, against its slope at Ω = 0",
                abs(hall / mixed_hall(_KELVIN, mesh=36, at_rate=False) - 1),
                0.02,
                "the next order in ħΩ over the distance of the bands",
            ),
            Discrepancy(
                "that from the slope, against half of the second term of Kundu (32)",
                relative(mixed_hall(_KELVIN, mesh=36, at_rate=False).real, half),
                0.1,
                "𝒞₁ is a sum over pairs of bands there, cut off, and one over the Fermi line here",
            ),
            Discrepancy(
                "Φ₁ = −Φ₂/2 against the responses of the valleys at the four levels",
                relative(charge_response(-phi / 2, phi, _KELVIN), expected),
                1e-9,
                "the same states, summed before and after: round-off",
            ),
            Discrepancy(
                "minus the response with Φ₁ reversed against Φ₂, over that of both alike",
                -expected / full,
                0.1,
                "the response is odd in the order of one layer",
                at_least=True,
            ),
            Discrepancy(
                "miss of the slope law at full order",
                relative(full, slope_law(phi, phi, _KELVIN)),
                0.2,
                "the splitting is several k_BT: there the law does not hold",
                at_least=True,
            ),
        ),
    )


def _half_of_second_term() -> float:
    """Half of the interband drag of Kundu (32), σ^yx of the charge, layer 1 alone ordered."""
    order = valley_order(_KELVIN)
    split = order.interaction * order.equilibria(0.0)[-1].phi / 2 * np.array([1.0, -1.0])
    layer = DragLayer(GrapheneHBN(), mesh=36, bands=10, shells=2)
    levels = [order.chemical_potential + split], [np.full(2, order.chemical_potential)]
    found = interband_drag_conductivity(
        layer, layer, *levels, thermal_energy(_KELVIN), flavor="charge", bands=_PAIRS
    )
    return float(found[0, 0, 1, 0]) / 2


def _from_valleys(first: float, second: float) -> float:
    """The charge response from that of the valleys: 𝒞_charge = ½[𝒞_valley(μ₊) − 𝒞_valley(μ₋)]."""
    order, layer = valley_order(_KELVIN), ordered_layer()
    half = order.interaction / 2 * np.array([first, second])
    mu1, mu2 = (order.chemical_potential + one * np.array([1.0, -1.0]) for one in half)
    found = drag_conductivity(layer, layer, mu1, mu2, thermal_energy(_KELVIN))[:, :, 0, 0]
    signs = np.array([1.0, -1.0])
    return float(-signs @ found @ signs / 8)


@claim(
    "new-where-largest",
    "largest response of graphene on hBN",
    kind="new",
    statement="Up to 2° and 4·10¹²/cm², at 50 K and 1 nm, layers twisted by at most half a degree "
    "respond most, at six holes per cell if aligned; from 1° on, about half as much is left, 0.3 "
    "to 0.6 over the coupling's uncertainty, u₀ = 125 to 175 meV.",
    headline="Within reach of a gate the first-order drag is **largest below half a degree of "
    "twist**, at about six holes per moiré cell if aligned; from 1° on about half of it is left.",
    falsified_by="a device beyond 1° of twist, within the same gates, with a larger response",
    follows=("kundu-1", "new-register-largest"),
)
def _where_largest() -> Evidence:
    stored = device_map()
    usual = COUPLINGS.index(152.0)
    near = slice(usual - 1, usual + 2)
    every = stored.response(1.0)
    largest = every[:, near].max(axis=2)
    beyond = largest[np.array(TWISTS) >= 1].max(axis=0) / largest.max(axis=0)
    response = every[:, usual]
    top = int(response.max(axis=1).argmax())
    at = int(response[top].argmax())
    return Evidence(
        Discrepancy(
            "largest response from 1° on over the largest, for the worst of three couplings",
            float(beyond.max()),
            0.65,
            "about half: the coupling is known to fifteen per cent",
        ),
        controls=(
            Discrepancy(
                "largest twist of the best of three couplings",
                max(TWISTS[i] for i in largest.argmax(axis=0).tolist()),
                0.5,
                "half a degree",
                "°",
                slack="scale",
            ),
            Discrepancy(
                "holes per cell at the best density of aligned layers, against six",
                abs(_holes(int(response[0].argmax())) - 6),
                0.5,
                "half a hole: the peak is as wide",
            ),
            Discrepancy(
                "first shell at the best density, stored against other meshes and tiles",
                relative(float(stored.weights[top, usual, at, 0]), _first_shell(TWISTS[top], at)),
                0.05,
                "five per cent of a headline number",
                slack="order",
            ),
        ),
    )


def _first_shell(twist: float, index: int, mesh: int = 36) -> float:
    """Σ ½|𝒞_G|² of the first shell at one density of the map, with nothing from the file."""
    layer = DragLayer(GrapheneHBN(twist=twist), mesh, 10, shells=1, symmetry="none", divisions=2)
    kT = thermal_energy(KELVIN)
    mu = layer.chemical_potential(from_1e12_per_cm2(DENSITIES[index : index + 1]), kT)
    return float(0.5 * (np.abs(layer.susceptibility(mu, kT)) ** 2).sum())


def _holes(index: int) -> float:
    return float(-from_1e12_per_cm2(DENSITIES[index]) * GrapheneHBN().lattice.cell_area)
