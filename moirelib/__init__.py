"""moirelib: the code behind an executable companion to two papers on valley physics.

Energies are in meV, lengths in nm, wavevectors in 1/nm, conductivities in e²/h.
"""

from __future__ import annotations

from moirelib.bloch import Bands, solve_bands
from moirelib.boltzmann import BoltzmannSolution, solve_boltzmann
from moirelib.broadening import broadened_sum, expanded_sum
from moirelib.density_of_states import DensityOfStates
from moirelib.drag import (
    DragLayer,
    drag_conductivity,
    drag_conductivity_by_shell,
    interlayer_coulomb,
)
from moirelib.fermi_pockets import FermiPocket, FirstHarmonicRates
from moirelib.graphene_hbn import GrapheneHBN
from moirelib.hall_layer import HallLayer
from moirelib.hall_strip import HallStrip, chain_resistance, strip_resistance
from moirelib.lattice import MoireLattice
from moirelib.ledger import verify
from moirelib.off_lattice import OffLatticeLayer, broadened_drag, drag_curvature
from moirelib.response import (
    current_density_response,
    density_current_response,
    interband_drag_conductivity,
    interband_susceptibility,
)
from moirelib.scattering import IntervalleyRates, intervalley_rates
from moirelib.sommerfeld import (
    fermi_line_susceptibility,
    occupation_form_susceptibility,
    sommerfeld_coefficient,
    sommerfeld_conductivity,
    sommerfeld_susceptibility,
)
from moirelib.stoner import ValleyOrderParameter
from moirelib.twisted_bilayer import PocketState, StrainedTBG
from moirelib.valley_hall import (
    dirac_hall_conductivity,
    nonlocal_resistance,
    valley_chern_number,
)

__version__ = "0.1.0"

__all__ = [
    "Bands",
    "BoltzmannSolution",
    "DensityOfStates",
    "DragLayer",
    "FermiPocket",
    "FirstHarmonicRates",
    "GrapheneHBN",
    "HallLayer",
    "HallStrip",
    "IntervalleyRates",
    "MoireLattice",
    "OffLatticeLayer",
    "PocketState",
    "StrainedTBG",
    "ValleyOrderParameter",
    "__version__",
    "broadened_drag",
    "broadened_sum",
    "chain_resistance",
    "current_density_response",
    "density_current_response",
    "dirac_hall_conductivity",
    "drag_conductivity",
    "drag_conductivity_by_shell",
    "drag_curvature",
    "expanded_sum",
    "fermi_line_susceptibility",
    "interband_drag_conductivity",
    "interband_susceptibility",
    "interlayer_coulomb",
    "intervalley_rates",
    "nonlocal_resistance",
    "occupation_form_susceptibility",
    "solve_bands",
    "solve_boltzmann",
    "sommerfeld_coefficient",
    "sommerfeld_conductivity",
    "sommerfeld_susceptibility",
    "strip_resistance",
    "valley_chern_number",
    "verify",
]
