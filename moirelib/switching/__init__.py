"""Switching of the valley polarisation by a current (Ying Secs. II–III, Apps. A–B).

:mod:`moirelib.switching.wigner` is imported by its own name: it loads SymPy.
"""

from __future__ import annotations

from moirelib.switching.boltzmann import (
    BoltzmannSolution,
    exact_density_difference,
    solve_boltzmann,
)
from moirelib.switching.fermi_pockets import (
    AngularRate,
    FermiPocket,
    FirstHarmonicRates,
    Rates,
    rate_matrices,
)
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
from moirelib.switching.scattering import (
    AVERAGES,
    IntervalleyRates,
    density_slope,
    four_pocket_balance,
    intervalley_rates,
    perturbative_rates,
    solve_four_pockets,
)
from moirelib.switching.stoner import Equilibrium, Trajectory, ValleyOrderParameter

__all__ = [
    "AVERAGES",
    "CONJUGATE_ROTATION",
    "GAMMA_CL",
    "GAMMA_Q",
    "ROTATION",
    "AngularRate",
    "BoltzmannSolution",
    "Complex",
    "Contour",
    "Ensemble",
    "Equilibrium",
    "FermiPocket",
    "FirstHarmonicRates",
    "GreenFunctions",
    "Index",
    "IntervalleyRates",
    "LandauExpansion",
    "MeanFieldMap",
    "Rates",
    "Trajectory",
    "ValleyOrderParameter",
    "density_slope",
    "diffusive_polarisation",
    "exact_density_difference",
    "fermi_matrix",
    "four_pocket_balance",
    "increasing_root",
    "intervalley_rates",
    "ladder_bubble",
    "ladder_polarisation",
    "occupation_coefficients",
    "occupation_derivative",
    "perturbative_rates",
    "rate_matrices",
    "response_kernel",
    "retarded_green_function",
    "solve_boltzmann",
    "solve_four_pockets",
    "trace_log_series",
]
