"""Bands of any model that is affine in k: lattice, Bloch states, integrals over the zone.

No material is named here.
"""

from __future__ import annotations

from moirelib.bands.bloch import (
    Bands,
    DegenerateBandsError,
    overlap_current_factors,
    overlap_form_factors,
    solve_bands,
    wavevectors,
)
from moirelib.bands.brillouin import (
    Levels,
    StateCount,
    counting_function,
    fermi,
    fermi_difference,
    fermi_quotient,
    minus_fermi_derivative,
    smearing_nodes,
    spectral_function,
    thermal_sum,
)
from moirelib.bands.density_of_states import DensityOfStates
from moirelib.bands.fermi_contours import FermiContour, fermi_contours
from moirelib.bands.fermi_line import (
    FermiLine,
    FermiLineError,
    Saddle,
    contours_on_mesh,
    fermi_lines,
    saddle_point,
)
from moirelib.bands.groups import DEGENERACY_MEV
from moirelib.bands.kdotp import KdotPExpansion, expand
from moirelib.bands.lattice import Mesh, MoireLattice, PointOperation, Symmetry
from moirelib.bands.model import (
    ALL_SYMMETRIES,
    BlochModel,
    PlaneWaveModel,
    SymmetryName,
    ValleyModel,
    half_count,
    require_bloch_model,
    require_valley_model,
)
from moirelib.bands.oblique import Matrix, ObliqueLattice
from moirelib.bands.path import Path
from moirelib.bands.plaquettes import resolved_flux
from moirelib.bands.small_basis import SmallBasis
from moirelib.bands.symmetry import Orbit, orbits, over_orbits, require_symmetry, star_mean
from moirelib.bands.tiling import Tiling, corner_mismatch, energies_on_mesh, expanded_energies
from moirelib.bands.window import complete_window, require_complete, thermal_reach

__all__ = [
    "ALL_SYMMETRIES",
    "DEGENERACY_MEV",
    "Bands",
    "BlochModel",
    "DegenerateBandsError",
    "DensityOfStates",
    "FermiContour",
    "FermiLine",
    "FermiLineError",
    "KdotPExpansion",
    "Levels",
    "Matrix",
    "Mesh",
    "MoireLattice",
    "ObliqueLattice",
    "Orbit",
    "Path",
    "PlaneWaveModel",
    "PointOperation",
    "Saddle",
    "SmallBasis",
    "StateCount",
    "Symmetry",
    "SymmetryName",
    "Tiling",
    "ValleyModel",
    "complete_window",
    "contours_on_mesh",
    "corner_mismatch",
    "counting_function",
    "energies_on_mesh",
    "expand",
    "expanded_energies",
    "fermi",
    "fermi_contours",
    "fermi_difference",
    "fermi_lines",
    "fermi_quotient",
    "half_count",
    "minus_fermi_derivative",
    "orbits",
    "over_orbits",
    "overlap_current_factors",
    "overlap_form_factors",
    "require_bloch_model",
    "require_complete",
    "require_symmetry",
    "require_valley_model",
    "resolved_flux",
    "saddle_point",
    "smearing_nodes",
    "solve_bands",
    "spectral_function",
    "star_mean",
    "thermal_reach",
    "thermal_sum",
    "wavevectors",
]
