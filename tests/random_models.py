"""Models with parameters that are drawn."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from moirelib import GrapheneHBN
from moirelib.bands.model import PlaneWaveModel, SymmetryName


def drawn_parameters(rng: np.random.Generator) -> GrapheneHBN:
    """GrapheneHBN with few plane waves, in either valley."""
    return GrapheneHBN(
        hbn_lattice_constant=rng.uniform(0.2500, 0.2512),
        coupling=rng.uniform(60.0, 180.0),
        fermi_velocity=rng.uniform(0.7e6, 1.0e6),
        cutoff=2,
        valley=int(rng.choice([-1, 1])),
    )


def with_noise(
    model: GrapheneHBN, rng: np.random.Generator, symmetries: Iterable[SymmetryName] = ()
) -> PlaneWaveModel:
    """The matrices of a model with some noise, and what symmetries they are said to have."""
    matrices = model.plane_wave_model
    noise = rng.normal(size=matrices.h0.shape) + 1j * rng.normal(size=matrices.h0.shape)
    h0 = matrices.h0 + (noise + noise.conj().T)
    return replace(matrices, h0=h0, symmetries=frozenset(symmetries))
