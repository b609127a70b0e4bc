"""Claims of the chapter "boltzmann": the densities of states of sampled contours."""

from __future__ import annotations

import numpy as np

from moirelib.ledger.measure import order, relative
from moirelib.ledger.registry import Discrepancy, Evidence, claim
from moirelib.switching.fermi_pockets import FermiPocket


def _miss(points: int) -> float:
    """Density of states of a sampled ellipse of a parabolic band, m/2π whatever its shape."""
    heavy, light, mu = 0.02, 0.005, 30.0  # masses in 1/(meV nm²)
    t = 2 * np.pi * np.arange(points) / points
    k = np.stack([np.sqrt(2 * heavy * mu) * np.cos(t), np.sqrt(2 * light * mu) * np.sin(t)], -1)
    speeds = np.linalg.norm(k / np.array([heavy, light]), axis=-1)
    pocket = FermiPocket.from_polyline(1, k, speeds)
    return relative(pocket.density_of_states, np.sqrt(heavy * light) / (2 * np.pi))


@claim(
    "ying-8-contour",
    "Eq. 8, on a contour",
    kind="identity",
    statement=r"The densities that Eq. (8) adds up are $\nu=\oint d\ell/(2\pi)^2|v|$: of an "
    r"elliptic pocket $\sqrt{m_xm_y}/2\pi$, whatever its energy.",
    follows=("ying-8",),
)
def _contour() -> Evidence:
    coarse, fine = _miss(200), _miss(400)
    return Evidence(
        Discrepancy(
            "an ellipse of 400 points against √(m_x m_y)/2π",
            fine,
            1e-3,
            "chords for arcs, of second order in their length",
        ),
        controls=(
            Discrepancy(
                "order of the error against 2",
                abs(order(coarse, fine) - 2),
                5e-3,
                "chords for arcs",
            ),
        ),
    )
