"""Switching of the valley polarisation by a current (Ying Secs. II–III, Apps. A–B).

:mod:`moirelib.switching.wigner` is imported by its own name: it loads SymPy.
"""

from __future__ import annotations

from moirelib.switching.boltzmann import (
    BoltzmannSolution,
    exact_density_difference,
    solve_boltzmann,
)
from moirelib.switching.born import BornSelfEnergy, born_self_energy, ladder_polarisation_on_patch
from moirelib.switching.contours import (
    PocketContour,
    fermi_energy,
    pocket_contour,
    remaining_share,
)
from moirelib.switching.estimate import (
    Droplet,
    HeatedStrip,
    critical_droplet,
    current_per_width,
    distance_to_transition,
    nanoampere,
    source_as_shift,
)
from moirelib.switching.fermi_pockets import (
    AngularRate,
    FermiPocket,
    FirstHarmonicRates,
    Rates,
    rate_matrices,
)
from moirelib.switching.finite_temperature_ladder import DisorderedBand
from moirelib.switching.keldysh import (
    CONJUGATE_ROTATION,
    GAMMA_CL,
    GAMMA_Q,
    ROTATION,
    Complex,
    Contour,
    GreenFunctions,
    diffusive_polarisation,
    fermi_matrix,
    ladder_bubble,
    ladder_polarisation,
    occupation_coefficients,
    occupation_derivative,
    response_kernel,
    retarded_green_function,
    trace_log_series,
)
from moirelib.switching.mean_field import (
    Ensemble,
    Index,
    LandauExpansion,
    MeanFieldMap,
    increasing_root,
)
from moirelib.switching.sampled_disorder import (
    TriangularValleys,
    averaged_propagator,
    sampled_polarisation,
    sampled_valley_decay,
)
from moirelib.switching.scattering import (
    AVERAGES,
    CONTOURS,
    IntervalleyRates,
    density_slope,
    four_pocket_balance,
    intervalley_rates,
    perturbative_rates,
    slope_prefactor,
    solve_four_pockets,
)
from moirelib.switching.stoner import Equilibrium, Trajectory, ValleyOrderParameter

__all__ = [
    "AVERAGES",
    "CONJUGATE_ROTATION",
    "CONTOURS",
    "GAMMA_CL",
    "GAMMA_Q",
    "ROTATION",
    "AngularRate",
    "BoltzmannSolution",
    "BornSelfEnergy",
    "Complex",
    "Contour",
    "DisorderedBand",
    "Droplet",
    "Ensemble",
    "Equilibrium",
    "FermiPocket",
    "FirstHarmonicRates",
    "GreenFunctions",
    "HeatedStrip",
    "Index",
    "IntervalleyRates",
    "LandauExpansion",
    "MeanFieldMap",
    "PocketContour",
    "Rates",
    "Trajectory",
    "TriangularValleys",
    "ValleyOrderParameter",
    "averaged_propagator",
    "born_self_energy",
    "critical_droplet",
    "current_per_width",
    "density_slope",
    "diffusive_polarisation",
    "distance_to_transition",
    "exact_density_difference",
    "fermi_energy",
    "fermi_matrix",
    "four_pocket_balance",
    "increasing_root",
    "intervalley_rates",
    "ladder_bubble",
    "ladder_polarisation",
    "ladder_polarisation_on_patch",
    "nanoampere",
    "occupation_coefficients",
    "occupation_derivative",
    "perturbative_rates",
    "pocket_contour",
    "rate_matrices",
    "remaining_share",
    "response_kernel",
    "retarded_green_function",
    "sampled_polarisation",
    "sampled_valley_decay",
    "slope_prefactor",
    "solve_boltzmann",
    "solve_four_pockets",
    "source_as_shift",
    "trace_log_series",
]
