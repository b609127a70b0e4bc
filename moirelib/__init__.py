"""moirelib: the code behind an executable companion to two papers on valley physics.

The rooms, in the order of imports: :mod:`moirelib.bands` solves any model that is affine in k,
:mod:`moirelib.models` holds the materials, :mod:`moirelib.drag` and :mod:`moirelib.hall` the
responses of Kundu et al., :mod:`moirelib.switching` the physics of Ying et al.;
:mod:`moirelib.ledger` judges the claims that :mod:`moirelib.chapters` makes, one folder for each
page, and :mod:`moirelib.figures` shows their figures. The names below open the front door;
everything else is imported from its room.

Energies are in meV, lengths in nm, wavevectors in 1/nm, conductivities in e²/h.
"""

from __future__ import annotations

from moirelib.bands import solve_bands
from moirelib.drag import DragLayer, Interlayer, drag_conductivity
from moirelib.hall import HallLayer
from moirelib.ledger import verify
from moirelib.models import GrapheneHBN, StrainedTBG
from moirelib.switching import (
    FirstHarmonicRates,
    ValleyOrderParameter,
    intervalley_rates,
    solve_boltzmann,
)

__version__ = "0.1.0"

__all__ = [
    "DragLayer",
    "FirstHarmonicRates",
    "GrapheneHBN",
    "HallLayer",
    "Interlayer",
    "StrainedTBG",
    "ValleyOrderParameter",
    "__version__",
    "drag_conductivity",
    "intervalley_rates",
    "solve_bands",
    "solve_boltzmann",
    "verify",
]
