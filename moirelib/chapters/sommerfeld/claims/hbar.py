"""Claim on the powers of ħ between Kundu Eq. 1 and the forms of 𝒞 that go with it."""

from __future__ import annotations

from functools import cache

import sympy

from moirelib.chapters.sommerfeld.data import unit_dependence
from moirelib.ledger.registry import Discrepancy, Evidence, claim


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


PRINTED = ("Eq. 1 with Eq. 33", "Eq. 1 with Eq. 2", "Eq. 32 with v, e²/ħ")
CLOSING = ("Eq. 1 with ∂_kε", "Eq. 32 with ∂_kε, e²/ħ")
BESIDE = ("Eq. 1 with Eq. 3", "Eq. 32 with v, e², δ of a frequency")


def _left_over(what: str, *forms: str) -> Discrepancy:
    powers = [float(abs(dimensions()[form])) for form in forms]
    return Discrepancy(f"powers of ħ left over in σ/(e²/h): {what}", max(powers), 0.0, "an integer")


def _by_machine(what: str, bound: float, reason: str, **form: int | bool) -> Discrepancy:
    """Whether Eq. 1 is a pure number when 𝒞 is written in this form."""
    return Discrepancy(
        f"Eq. 1 in SI against (meV, nm, ps), |ln ratio|, {what}",
        unit_dependence(**form),
        bound,
        reason,
        at_least=bound > 1,
    )


SEEN = "a power of ħ in SI is 34 powers of ten"


@claim(
    "kundu-2",
    "Eqs. 2, 32, 33, 36, 37, 38, 39, 40, 41",
    kind="identity",
    statement=r"$\mathcal C$ with $v=\partial_{\mathbf k}\varepsilon/\hbar$ (Eqs. 33, 36, 37, 41) "
    r"or with $1/\hbar$ in front (Eqs. 2, 38, 39, 40), and $e^2/\hbar$ before Eq. 32.",
    finding="One convention in nine places. Eq. (1) is a number times $e^2/h$ only if "
    r"$\mathcal C$ is built from $\partial_{\mathbf k}\varepsilon$ without $1/\hbar$, as Eqs. (3) "
    r"and (42) are. Read $v=\partial_{\mathbf k}\varepsilon$ throughout and drop the $1/\hbar$ in "
    r"front; $e^2/\hbar$ in Eq. (32) then goes with energies for $\Omega$. With velocities and a "
    r"frequency it is $e^2$. What else each of these equations says is judged by its own claim.",
    consequence="notation",
    figures="No figure changes. With the printed factors, {measured}`kundu-2: with v, with 1/ħ` "
    r"powers of ħ would be left in $\sigma/(e^2/h)$, and it would not be a number, as the axes of "
    "Figs. 1(b) to (d) have it. {numref}`fig-kundu-1b`, {numref}`fig-kundu-1c` and "
    r"{numref}`fig-kundu-1d` use $\partial_{\mathbf k}\varepsilon$.",
    follows=("kundu-40",),
    also=tuple(f"kundu-{n}" for n in (32, 33, 36, 37, 38, 39, 40, 41)),
    aspect="powers of ħ",
)
def _() -> Evidence:
    return Evidence(
        _left_over("with v, with 1/ħ, Eq. 32 with v and e²/ħ", *PRINTED),
        _left_over("with ∂_kε and no 1/ħ, both prefactors", *CLOSING),
        controls=(
            _left_over("Eqs. 3 and 42, and Eq. 32 with v, a frequency and e²", *BESIDE),
            _by_machine(
                "v = ∂_kε and no 1/ħ",
                1e-12,
                "round-off: a pure number does not depend on the units it is computed in",
                hbar_below=0,
                velocity_over_hbar=False,
            ),
            _by_machine("1/ħ in front of ∂_kε", 50, SEEN, hbar_below=1, velocity_over_hbar=False),
            _by_machine("v = ∂_kε/ħ", 50, SEEN, hbar_below=0, velocity_over_hbar=True),
        ),
    )
