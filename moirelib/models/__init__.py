"""The materials: graphene on hBN, twisted bilayers of graphene and TMDs, and a lattice model."""

from __future__ import annotations

from moirelib.models.continuum_tbg import ContinuumTBG
from moirelib.models.elimination import solve_bands_eliminated
from moirelib.models.graphene_hbn import GrapheneHBN, primary_mass
from moirelib.models.strained_hopping import (
    GRAPHENE_SLOPE,
    cone_stretch,
    gauge_shift,
    strained_dirac_point,
)
from moirelib.models.twisted_bilayer import GRAPHENE_LATTICE_CONSTANT, PocketState, StrainedTBG
from moirelib.models.twisted_tmd import TwistedTMD
from moirelib.models.two_valley import (
    Complex,
    TwoValleyModel,
    berry_curvature,
    chern_number,
    white_noise_potential,
)

__all__ = [
    "GRAPHENE_LATTICE_CONSTANT",
    "GRAPHENE_SLOPE",
    "Complex",
    "ContinuumTBG",
    "GrapheneHBN",
    "PocketState",
    "StrainedTBG",
    "TwistedTMD",
    "TwoValleyModel",
    "berry_curvature",
    "chern_number",
    "cone_stretch",
    "gauge_shift",
    "primary_mass",
    "solve_bands_eliminated",
    "strained_dirac_point",
    "white_noise_potential",
]
