"""What the page hamiltonian computes."""

from __future__ import annotations

from moirelib.chapters.hamiltonian.data.bands import (
    BandStructure,
    EliminationError,
    InversionTest,
    PathBands,
    RotationTest,
    TransferStars,
    band_structure,
    bands_on_path,
    elimination_error,
    inversion_test,
    low_bands,
    published_path,
    random_wavevectors,
    rotation,
    rotation_test,
    symmetry_residuals,
    transfer_stars,
    tunnelling_distance,
    valence_saddle,
    van_hove_energies,
)
from moirelib.chapters.hamiltonian.data.symbols import TABLE_1

__all__ = [
    "TABLE_1",
    "BandStructure",
    "EliminationError",
    "InversionTest",
    "PathBands",
    "RotationTest",
    "TransferStars",
    "band_structure",
    "bands_on_path",
    "elimination_error",
    "inversion_test",
    "low_bands",
    "published_path",
    "random_wavevectors",
    "rotation",
    "rotation_test",
    "symmetry_residuals",
    "transfer_stars",
    "tunnelling_distance",
    "valence_saddle",
    "van_hove_energies",
]
