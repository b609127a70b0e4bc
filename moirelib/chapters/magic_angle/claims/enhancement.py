"""How much of the enhancement of 10³ is there, and what it is worth in amperes."""

from __future__ import annotations

from functools import cache

import numpy as np

from moirelib.chapters.magic_angle.data import (
    MAGIC,
    MEASURED,
    QUOTED,
    STAGES,
    STRAINS,
    Point,
    against_strain,
    against_twist,
    as_response,
    coefficient,
    convergence,
    critical_distance,
    density_at,
    enhancement,
    response,
    results,
    switching_diagram,
)
from moirelib.ledger.measure import relative
from moirelib.ledger.registry import Discrepancy, Evidence, claim
from moirelib.switching import ValleyResponse, fermi_level, valley_contour, valley_response


@cache
def _cold(strain: float) -> tuple[Point, ValleyResponse]:
    """At 1.05°, T = 0, on smooth lines: another contour solver than that of the sweep."""
    point = Point(MAGIC, strain, kT=0.0)
    mu = fermi_level(point.model, point.filling, mesh=point.mesh)
    return point, valley_response(valley_contour(point.model, mu, points=64, mesh=point.mesh))


def _decades(value: float, reference: float = 1e3) -> float:
    return abs(float(np.log10(value / reference)))


@claim(
    "new-tbg-enhancement",
    "the enhancement at the magic angle",
    kind="new",
    statement=r"At 1.05° and 3/4 filling a current unbalances the valleys "
    r"$F=|\Delta n_0|ev_D/j\epsilon$ times more than the estimate for a single sheet. "
    r"$F$ is of order $10^3$ for $\epsilon\le0.1$ %, and a few hundred at 0.3 %.",
    implements="moirelib.switching.moire_scattering.thermal_valley_response",
    falsified_by="Another continuum calculation, on its own contours, with F below 300 at 0.1 % or "
    "above 1000 at 0.3 %.",
    follows=("new-tbg-contours", "new-tbg-weak-tunnelling", "ying-20"),
    headline=r"The enhancement by $10^3$ is there at the magic angle, for strains up to 0.1 %; at "
    "0.3 % a few hundred are left.",
)
def _enhancement() -> Evidence:
    stored = {e: enhancement(Point(MAGIC, e), response(Point(MAGIC, e))) for e in STRAINS}
    cold = {e: enhancement(*_cold(e)) for e in STRAINS[1:]}
    changes = np.abs(convergence().change[:2])
    return Evidence(
        Discrepancy(
            "decades between 10³ and F at 0.01 % and 0.1 %",
            max(_decades(stored[e]) for e in STRAINS[:2]),
            0.55,
            "an order of magnitude is within a factor of three and a half",
        ),
        controls=(
            Discrepancy(
                "decades between 300 and F at 0.3 %",
                _decades(stored[STRAINS[-1]], 300.0),
                0.3,
                "a few hundred: a factor of two",
                slack="scale",
            ),
            Discrepancy(
                "smooth lines at T = 0 against triangles at 7 K, 0.1 % and 0.3 %",
                max(relative(cold[e], stored[e]) for e in cold),
                0.25,
                "the response changes within k_BT, a tenth of the width of the bands",
            ),
            Discrepancy(
                "finer mesh, more energies",
                float(changes.max()),
                0.08,
                "the square of the mesh",
            ),
        ),
    )


@claim(
    "new-tbg-saturation",
    "strain defeats itself",
    kind="new",
    statement=r"At 1.05° the valley density per current is largest for a strain near "
    r"0.1 % and never reaches a third of the quoted $10^{11}$ m⁻² at $10^{-3}$ A/m: "
    "the strain raises the speed of the electrons.",
    falsified_by="Bands at 1.05° that a strain of 0.3 % does not widen, or a larger density.",
    follows=("new-tbg-enhancement", "ying-text-estimate"),
    headline="Strain makes flat bands faster, so that the valley density saturates "
    "well below the quoted one, and falls beyond 0.1 %.",
)
def _saturation() -> Evidence:
    found = against_strain()
    density = found.density[0]
    most = int(np.argmax(density))
    live = [density_at(_cold(e)[1], QUOTED) for e in STRAINS[1:]]
    return Evidence(
        Discrepancy(
            "largest density of the whole sweep over the quoted one",
            max(density_at(as_response(r)) for rows in results().values() for r in rows) / 1e11,
            1 / 3,
            "below it by more than half a decade",
        ),
        controls=(
            Discrepancy(
                "strain of the largest density in %, from 0.1",
                abs(100 * found.strain[most] - 0.1),
                0.1,
                "the strains of the sweep",
                slack="scale",
            ),
            Discrepancy(
                "density at 0.3 % over that of a linear law from 0.01 %",
                float(density[found.strain == 3e-3][0] / (30 * density[0])),
                0.3,
                "far from linear",
            ),
            Discrepancy(
                "the same from smooth lines at T = 0, 0.3 % over three times 0.1 %",
                live[1] / (3 * live[0]),
                0.5,
                "far from linear",
            ),
            Discrepancy(
                "speed at 0.3 % over that at 0.01 %",
                float(found.speed[found.strain == 3e-3][0] / found.speed[0]),
                2.0,
                "faster by more than a factor of two",
                at_least=True,
            ),
        ),
    )


@claim(
    "new-tbg-twist",
    "the coefficient of order one",
    kind="new",
    statement=r"$|\boldsymbol\delta_\epsilon|\theta_w/\epsilon$ is of order one only near the "
    r"magic angle. At 2.8° it is smaller by more than a decade, so that the effect falls much "
    r"faster than $1/\theta_wv_F$.",
    falsified_by="A coefficient at 2.8° and 3/4 filling above a tenth of that at 1.05°.",
    follows=("new-tbg-enhancement", "ying-20"),
    headline=r"The coefficient of $\epsilon/\theta_w$ is of order one at the magic angle only.",
)
def _coefficient_falls() -> Evidence:
    found = against_twist()
    near = found.coefficient[found.twist_degrees == MAGIC][0]
    return Evidence(
        Discrepancy(
            "coefficient at 2.8° over that at 1.05°",
            float(found.coefficient[-1] / near),
            0.1,
            "more than a decade",
        ),
        controls=(
            Discrepancy(
                "decades between 1 and the coefficient at 1.05°",
                _decades(float(near), 1.0),
                0.5,
                "of order one",
            ),
            Discrepancy(
                "product of the factors against the enhancement",
                float(
                    np.abs(
                        found.inverse_twist
                        * found.velocity
                        * found.coefficient
                        / found.by_strain[-1]
                        - 1
                    ).max()
                ),
                1e-10,
                "round-off",
            ),
        ),
    )


@claim(
    "new-tbg-gauge",
    "what sets the coefficient",
    kind="new",
    statement=r"At 1.05° and 0.3 % the deformed moiré lattice alone has "
    r"$|\boldsymbol\delta_\epsilon|\theta_w/\epsilon$ near a tenth or below. The gauge "
    "field of the strained hopping makes it several times larger and the electrons faster.",
    falsified_by="A coefficient of order one at 1.05° without the gauge field.",
    follows=("new-tbg-enhancement", "ying-text-hopping"),
    headline="The deformed lattice, the ingredient of the estimate, brings a coefficient near a "
    "tenth; the gauge field of the hopping brings the rest.",
)
def _gauge_field() -> Evidence:
    found = against_twist()
    at = int(np.argmin(np.abs(found.staged - MAGIC)))
    size = found.staged_coefficient[:, at]
    bare = Point(MAGIC, STRAINS[-1], stage=STAGES[1], kT=0.0)
    line = valley_contour(
        bare.model, fermi_level(bare.model, bare.filling, mesh=bare.mesh), 64, bare.mesh
    )
    return Evidence(
        Discrepancy(
            "coefficient of the lattice alone, with and without w_AA ≠ w_AB",
            float(size[:2].max()),
            0.2,
            "far below one",
        ),
        controls=(
            Discrepancy(
                "coefficient with the gauge field over that without",
                float(size[2] / size[1]),
                2.0,
                "several times",
                at_least=True,
            ),
            Discrepancy(
                "speed with the gauge field over that without",
                float(found.staged_velocity[1, at] / found.staged_velocity[2, at]),
                1.5,
                "faster electrons",
                at_least=True,
            ),
            Discrepancy(
                "without it, from smooth lines at T = 0",
                coefficient(bare, valley_response(line)),
                0.3,
                "far below one, at the speed of one energy",
            ),
        ),
    )


@claim(
    "new-tbg-switching",
    "the switching current",
    kind="new",
    statement="With the flat bands at 1.05°, ordering at 9 K, uniform reversal at 0.7 $T_c$ needs "
    "more than a thousand times the measured 1 nA in 1 µm; that current reverses the valleys only "
    "within half a per cent of $T_c$.",
    falsified_by="A uniformly polarised sample, far from its transition, that 1 nA reverses.",
    follows=("new-tbg-saturation", "ying-text-switching"),
    headline="Uniform reversal needs more than a thousand times the measured current, slow "
    "electrons included.",
)
def _switching() -> Evidence:
    least = np.inf
    heating = 0.0
    for strain in STRAINS[1:]:
        diagram = switching_diagram(strain, count=5)
        cold = diagram.kelvin < 6.4
        least = min(least, float(diagram.reversal[:, cold].min()))
        heating = max(heating, float(diagram.heating[cold].max()))
    return Evidence(
        Discrepancy(
            "smallest current of uniform reversal over the measured one",
            least / MEASURED,
            1000.0,
            "three decades",
            at_least=True,
            slack="order",
        ),
        controls=(
            Discrepancy(
                "current that heats to T_c over the smallest of uniform reversal",
                heating / least,
                1.0,
                "the sample is heated through the transition first",
                slack="order",
            ),
            Discrepancy(
                "1 − T/T_c within which the measured current suffices",
                max(critical_distance(e) for e in STRAINS[1:]) / 9.0,
                0.005,
                "half a per cent",
            ),
        ),
    )
