"""Claims of the chapter "boltzmann": the densities of states of sampled contours."""

from __future__ import annotations

import numpy as np

from moirelib.chapters.boltzmann.data import EXAMPLE
from moirelib.ledger.measure import largest, order, relative
from moirelib.ledger.registry import Discrepancy, Evidence, claim
from moirelib.switching.boltzmann import solve_boltzmann
from moirelib.switching.fermi_pockets import FermiPocket

# In 1/(meV nm²): of a parabolic band, heavy along x.
_MASSES = np.array([0.02, 0.005])


def _ellipse(points: int, valley: int = 1) -> tuple[FermiPocket, float]:
    """A sampled ellipse at 30 meV, and how far its velocities miss k/m, relative."""
    t = 2 * np.pi * np.arange(points) / points
    k = np.sqrt(2 * _MASSES * 30.0) * np.stack([np.cos(t), np.sin(t)], axis=-1)
    exact = k / _MASSES
    pocket = FermiPocket.from_polyline(valley, valley * k, np.linalg.norm(exact, axis=-1))
    return pocket, largest(pocket.velocities - valley * exact, exact)


@claim(
    "ying-8-contour",
    "Eq. 8, on a contour",
    kind="identity",
    statement=r"The densities that Eq. (8) adds up are $\nu=\oint d\ell/(2\pi)^2|v|$: of an "
    r"elliptic pocket $\sqrt{m_xm_y}/2\pi$, whatever its energy.",
    follows=("ying-8",),
)
def _contour() -> Evidence:
    exact = float(np.sqrt(_MASSES.prod()) / (2 * np.pi))
    coarse, fine = (relative(_ellipse(n)[0].density_of_states, exact) for n in (200, 400))
    pockets = [_ellipse(100, valley)[0] for valley in (1, -1)]
    solved = solve_boltzmann(EXAMPLE, (1.0, 0.5), 1.0, 3.0, pockets=pockets)
    densities = -np.array([p.density_of_states for p in pockets]) * solved.harmonics(0)[:, 0, 0]
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
            Discrepancy(
                "its velocities against k/m",
                _ellipse(400)[1],
                1e-12,
                "round-off: chords of an ellipse run along its tangents",
            ),
            Discrepancy(
                "−νx₀ of two ellipses, x₀ the mean over states, against their densities",
                largest(densities - solved.pocket_densities, densities),
                1e-12,
                "round-off of one sum over the same samples; a plain mean over angles would not do",
            ),
        ),
    )
