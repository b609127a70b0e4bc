"""Claims of the chapter "keldysh": where the order parameter goes when its branch ends."""

from __future__ import annotations

import numpy as np

from moirelib._types import Floats
from moirelib.bands.density_of_states import DensityOfStates
from moirelib.ledger.registry import Discrepancy, Evidence, claim
from moirelib.switching.stoner import ValleyOrderParameter


def _ridged(energy: Floats) -> Floats:
    """A density of states with two peaks on either side: two ways to be polarised."""
    away = np.abs(energy)
    peaks: Floats = np.exp(-0.5 * ((away - 2.0) / 0.4) ** 2)
    peaks = peaks + 0.75 * np.exp(-0.5 * ((away - 5.0) / 0.4) ** 2)
    return 0.5 + 1.5 * peaks


@claim(
    "ying-fig2-branches",
    "Fig. 2, several branches",
    kind="identity",
    statement=r"Where $\Delta n_0(\Phi)$ turns more than once, $\Phi$ jumps to the steady state to "
    r"which the equation of motion runs, also if it lies between two others.",
    follows=("ying-fig2", "ying-3"),
)
def _branches() -> Evidence:
    band = DensityOfStates.from_function(_ridged, -10.0, 10.0)
    order = ValleyOrderParameter(band, interaction=1.0, kT=0.0)
    # No point of the grid lies on a turning point: there rounding would decide.
    up = np.linspace(0.0, 1.23 * float(order.source(order.turning_points).max()), 61)
    loop = np.concatenate([up, up[::-1], -up, -up[::-1]])
    phi = order.hysteresis(loop, initial=0.0).phi
    jumps = np.flatnonzero(np.abs(np.diff(phi)) > 1.0).tolist()
    ends = [order.evolve(np.full(2, loop[j + 1]), [0.0, 400.0], phi[j]).phi[-1] for j in jumps]
    landed = phi[np.array(jumps) + 1]
    largest = float(np.abs(landed).max())
    return Evidence(
        Discrepancy(
            "Φ after each jump of a quasi-static loop against the equation of motion at rest",
            float(np.abs(landed - ends).max()) / largest,
            1e-10,
            "tolerance of the integration in time",
            slack="noise",
        ),
        controls=(
            Discrepancy(
                "jumps that end between two branches, in both directions",
                float((np.abs(landed) < 0.9 * largest).sum()),
                4,
                "there is something to skip",
                at_least=True,
            ),
        ),
    )
