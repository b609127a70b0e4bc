"""Odd arguments to every public callable: a clear error or a finite result, and nothing else.

Each callable is called with good arguments of which one or two are exchanged for odd ones. It
may refuse them by a TypeError or a ValueError that names an argument, or accept them and return
finite numbers. It may not warn (warnings are errors here), fail in another way, or change what it
was given. The examples are those of the profile in conftest.py.
"""

from __future__ import annotations

import atexit
import copy
import dataclasses
import inspect
import math
import re
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from functools import cache, partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from moirelib import bands, drag, hall, models, switching
from moirelib.bands import MoireLattice, ObliqueLattice, PlaneWaveModel, solve_bands
from moirelib.drag import (
    DensityResponse,
    DragLayer,
    Interlayer,
    OffLatticeLayer,
    ScatteringLayer,
)
from moirelib.hall import HallLayer, HallStrip
from moirelib.models import (
    ContinuumTBG,
    GrapheneHBN,
    StrainedTBG,
    TwistedTMD,
    TwoValleyModel,
)
from moirelib.sweep import SweepError
from moirelib.switching import Contour, FermiPocket, FirstHarmonicRates, ValleyOrderParameter

ROOMS = (bands, drag, hall, models, switching)

# What functions return. Their arrays become read-only copies, which test_kept.py checks; what they
# hold is checked by those that take them.
RECORDS = {
    "Bands", "BoltzmannSolution", "BornSelfEnergy", "Equilibrium", "FermiContour", "FermiLine",
    "GreenFunctions", "IntervalleyRates", "KdotPExpansion", "LayerSettings", "Levels", "Mesh",
    "Orbit", "Path", "PocketContour", "PocketState", "PointOperation", "Saddle", "SecondOrderDrag",
    "SmallBasis", "StateCount", "StripSolution", "Tiling", "Trajectory", "Transfers",
    "ValleyContour", "ValleyResponse",
}  # fmt: skip

# Protocols, and steps between functions of the library whose arguments it has checked already.
INTERNAL = {
    "BlochModel", "Umklapp", "ValleyModel", "complete_window", "corner_mismatch", "each_valley",
    "orbits", "over_orbits", "resolved_flux", "require_complete", "shift_phase", "star_mean",
    "sum_valleys", "coupling", "contours_on_mesh",
}  # fmt: skip

# Arguments that may be functions of the caller's own, which fail in their own way.
FUNCTIONS = {
    "function", "laplacian", "interlayer", "hamiltonian", "density_of_states", "rates", "drive",
    "order_at",
}  # fmt: skip

REFUSALS = (TypeError, ValueError, SweepError, bands.FermiLineError)


def odd_values() -> list[object]:
    """Values that an argument may be given by mistake; made anew, as a callable may change them."""
    return [
        None, True, "a", "", 0, -1, 1, 2, 3, 10**400, math.nan, math.inf, -math.inf, 1e200, 1e-300,
        -0.5, 0.5, 30.0, 1j, [], [[]], [1.0, math.nan], np.array([0.5, 1.5]), np.array([[1, 0]]),
        np.array(["full"]), np.ma.masked_array([1.0, 2.0], [False, True]), np.int8(3),
        np.float16(0.5), np.uint8(20), object(), GrapheneHBN(cutoff=1), float, {}, [1, [2, 3]],
        np.array([1 + 1j]), np.array([1e200, 1.0]), np.zeros((2, 2)), np.ones((3, 3)),
        (1, 2), [[0.1, 0.2], [0.3, 0.4]], lambda x: x,
    ]  # fmt: skip


MODEL = GrapheneHBN(cutoff=1)

# Pockets that few points resolve.
TBG = StrainedTBG.from_ratios(
    strain_over_twist=0.05, tunnelling_ratio=0.01, velocity_q_over_mass=0.3
)

BILAYER = ContinuumTBG(strain=0.003, twist_degrees=1.5, cutoff=0.6)


@cache
def things() -> dict[str, Any]:
    """Small objects to call and to call with, solved once."""
    layer = DragLayer(MODEL, mesh=6, bands=6, shells=1, divisions=2)
    dense = DragLayer(MODEL, mesh=2, bands=6, shells=1, symmetry="none", solver="dense")
    file = Path(tempfile.mkdtemp(), "layer.npz")
    atexit.register(shutil.rmtree, file.parent, ignore_errors=True)
    drag.save_layer(layer, file)
    lattice = MoireLattice(14.0)
    solved = solve_bands(MODEL, [[0.1, 0.0], [0.0, 0.2]], 4)
    mesh = lattice.mesh(4)
    half = np.array([[0.5, 0.1], [0.1, 0.4]])
    vertices = np.array([np.diag([1.0, -1.0])])
    rates = FirstHarmonicRates((0.1, 0.0), (0.1, 0.05))
    order = ValleyOrderParameter(
        lambda e: 0.01 * np.exp(-((e / 3) ** 2) / 2), interaction=105.0, kT=0.4, energies=(-15, 15)
    )
    return {
        "layer": layer,
        "dense": dense,
        "response": DensityResponse(MODEL, mesh=3, shells=1),
        "scattering": ScatteringLayer(MODEL, mesh=3, bands=6, reach=0.5, divisions=2),
        "file": file,
        "off": OffLatticeLayer(MODEL, mesh=4, bands=6, shells=1),
        "hall": HallLayer(MODEL, divisions=1, refinement=0, bands=6),
        "lattice": lattice,
        "solved": solved,
        "mesh": mesh,
        "energies": np.linspace(-1.0, 1.0, 2 * len(mesh.points)).reshape(-1, 2),
        "plane": MODEL.plane_wave_model,
        "tbg": TBG,
        "rates": rates,
        "four": switching.intervalley_rates(TBG, 0.015, 16),
        "strip": HallStrip((1.0, 2.0), (0.5, 0.4), 0.1),
        "order": order,
        "contour": Contour(np.diag([1.0, -1.0]), half, vertices, 0.8, slices=3, step=0.1),
        "circle": FermiPocket.circle(1, 8),
        "dos": bands.DensityOfStates(np.linspace(-1, 1, 20), np.ones(20)),
        "two": TwoValleyModel(),
        "bilayer": BILAYER,
        "line": switching.valley_contour(BILAYER, 40.0, points=16, mesh=8),
        "valleys": switching.TriangularValleys(4),
        "green": np.zeros((2, 1, 2, 1), complex) + 0.1,
    }


def gauss(g: np.ndarray) -> np.ndarray:
    return np.exp(-(g**2).sum(axis=-1))


def line(x: np.ndarray, at: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    return x - 0.3, np.ones_like(x)


def parabola(k: np.ndarray) -> np.ndarray:
    return TwoValleyModel().hamiltonian(k)


def bell(energy: np.ndarray) -> np.ndarray:
    return 0.01 * np.exp(-(energy**2))


def ordered(temperature: float) -> ValleyOrderParameter:
    return ValleyOrderParameter(
        lambda e: 1e-3 * np.exp(-0.5 * (e / 3) ** 2),
        1100.0,
        temperature,
        fixed="chemical potential",
        energies=(-24.0, 24.0),
    )


def cases() -> Iterator[tuple[str, Callable[..., Any], dict[str, Any]]]:
    """Name, callable and good arguments: all that can be exchanged."""
    t = things()
    layer, off, lattice, strip = t["layer"], t["off"], t["lattice"], t["strip"]
    mu, pairs, k = [0.0, 10.0], [[1, 0], [0, 1]], [0.1, 0.05]
    both = {"layer1": layer, "layer2": layer, "mu1": mu, "mu2": mu}
    apart = {"layer1": off, "layer2": off, "mu1": [0.0], "mu2": [0.0], "kT": 5.0}
    joined = {"interlayer": Interlayer(), "broadening": 1.0}
    registry = {**both, "mu1": 0.0, "mu2": 10.0, "kT": 5.0, **joined}
    respond = {
        "layer": t["dense"], "q": [0.01, 0.02], "frequency": [5j], "mu": [0.0], "kT": 5.0,
        "flavor": "valley", "external": (0, 0), "part": "all", "bands": 6,
    }  # fmt: skip
    circle, plane = t["circle"], t["plane"]
    quotient = {"first": [0.1, 0.2], "second": [0.3, 0.2], "mu": 0.1, "kT": 0.5}
    response, scattering = t["response"], t["scattering"]
    screened = {
        **both, "response1": response, "response2": response, "kT": 5.0, "broadening": 1.0,
        "interlayer": Interlayer(),
    }  # fmt: skip
    band = {"energies": np.linspace(-1, 1, 12), "values": np.ones(12), "degree": 3}
    field = {"density_of_states": bell, "interaction": 5.0, "kT": 0.4, "chemical_potential": 0.1}
    matrix, hermitian = np.diag([0.5, -0.5]), np.array([[1.0, 0.5j], [-0.5j, -1.0]])
    polarisation = {"q": [0.1, 0.2], "omega": [0.3, 0.4], "density_of_states": 0.1}
    solver = {"tau": 1.0, "tau_prime": 10.0}
    noise = {"intra": 0.2, "inter": 0.1}
    sampled = {"model": t["valleys"], **noise, "samples": 2, "seed": 1}
    strain = {
        "strain": [[0.01, 0.002], [0.002, -0.01]], "slope": 3.0, "lattice_constant": 0.246,
    }  # fmt: skip
    noisy = switching.DisorderedBand(t["valleys"].band(), **noise, nodes=20)
    heated, critical = switching.HeatedStrip(), ordered(0.0).critical_temperature
    yield from {
        # bands
        "DensityOfStates": (bands.DensityOfStates, band),
        "DensityOfStates.from_function": (
            bands.DensityOfStates.from_function,
            {"function": bell, "lower": -2.0, "upper": 2.0, "points": 50},
        ),
        "DensityOfStates.density": (
            t["dos"].density, {"chemical_potential": [0.1, 0.2], "kT": 0.1}),
        "DensityOfStates.thermal": (
            t["dos"].thermal, {"chemical_potential": [0.1, 0.2], "kT": 0.1, "derivative": 1}),
        "MoireLattice": (MoireLattice, {"period": 14.0}),
        "MoireLattice.vectors": (lattice.vectors, {"pairs": pairs}),
        "MoireLattice.box": (lattice.box, {"cutoff": 2}),
        "MoireLattice.disc": (lattice.disc, {"radius": 2.0}),
        "MoireLattice.shells": (lattice.shells, {"count": 2}),
        "MoireLattice.fold": (lattice.fold, {"k": [k, k]}),
        "MoireLattice.mesh": (lattice.mesh, {"size": 5, "symmetry": "C3v"}),
        "MoireLattice.path": (
            lattice.path, {"corners": [[0.0, 0.0], [0.1, 0.0]], "labels": ["Γ", "M"], "count": 3}),
        "ObliqueLattice": (
            ObliqueLattice, {"period": 14.0, "deformation": ((2.0, 0.0), (0.3, 0.5))}),
        "ObliqueLattice.fold": (BILAYER.lattice.fold, {"k": [k, k]}),
        "ObliqueLattice.mesh": (BILAYER.lattice.mesh, {"size": 5, "symmetry": "none"}),
        "ObliqueLattice.spanned_by": (
            ObliqueLattice.spanned_by, {"vectors": [[0.5, 0.0], [-0.2, 0.4]]}),
        "PlaneWaveModel": (
            PlaneWaveModel,
            {f.name: getattr(plane, f.name) for f in dataclasses.fields(plane)},
        ),
        "PlaneWaveModel.hamiltonian": (plane.hamiltonian, {"k": k}),
        "Bands.form_factors": (t["solved"].form_factors, {"pairs": pairs}),
        "counting_function": (
            bands.counting_function, {"mesh": t["mesh"], "energies": t["energies"], "at": [0.2]}),
        "spectral_function": (
            bands.spectral_function,
            {"mesh": t["mesh"], "energies": t["energies"], "at": [0.2], "values": t["energies"]},
        ),
        "expand": (bands.expand, {"model": MODEL, "centre": k, "count": 4}),
        "expanded_energies": (
            bands.expanded_energies, {"model": MODEL, "k": [k], "count": 4, "divisions": 2}),
        "energies_on_mesh": (
            bands.tiling.energies_on_mesh,
            {"model": MODEL, "size": 4, "count": 4, "divisions": 2, "symmetry": "C3v"},
        ),
        "fermi": (bands.fermi, {"energy": [0.1, 0.2], "mu": 0.1, "kT": 0.5}),
        "fermi_difference": (bands.fermi_difference, quotient),
        "fermi_quotient": (bands.fermi_quotient, quotient),
        "minus_fermi_derivative": (
            bands.minus_fermi_derivative, {"energy": [0.1, 0.2], "mu": 0.1, "kT": 0.5}),
        "fermi_contours": (
            bands.fermi_contours,
            {"lattice": lattice, "energies": np.eye(4), "level": 0.5},
        ),
        "fermi_lines": (
            bands.fermi_lines,
            {"model": MODEL, "mu": 20.0, "mesh": 12, "bands": 4, "points": 16, "symmetry": "C3v"},
        ),
        "half_count": (bands.half_count, {"model": MODEL, "count": 4}),
        "overlap_form_factors": (
            bands.overlap_form_factors,
            {"left": t["solved"], "right": t["solved"], "pairs": pairs, "umklapp": [[0, 0]] * 2},
        ),
        "overlap_current_factors": (
            bands.overlap_current_factors,
            {"left": t["solved"], "right": t["solved"], "pairs": pairs, "umklapp": [[0, 0]] * 2},
        ),
        "require_bloch_model": (bands.require_bloch_model, {"model": MODEL}),
        "require_valley_model": (bands.require_valley_model, {"model": MODEL}),
        "require_symmetry": (bands.require_symmetry, {"model": MODEL, "tolerance": 1e-6}),
        "saddle_point": (
            bands.saddle_point,
            {"model": MODEL, "k": [0.0, 0.0], "band": 1, "bands": 4},
        ),
        "smearing_nodes": (bands.smearing_nodes, {"mu": mu, "kT": 1.0}),
        "solve_bands": (bands.solve_bands, {"model": MODEL, "k": [k], "count": 4}),
        "thermal_reach": (bands.thermal_reach, {"kT": 1.0}),
        "thermal_sum": (
            bands.thermal_sum,
            {
                "energies": np.eye(3), "weights": np.ones(3), "values": np.eye(3), "mu": mu,
                "kT": 1.0,
            },
        ),
        "wavevectors": (bands.wavevectors, {"k": [k]}),
        # models
        "GrapheneHBN": (
            GrapheneHBN,
            {f.name: getattr(MODEL, f.name) for f in dataclasses.fields(MODEL)},
        ),
        "GrapheneHBN.effective_harmonics": (MODEL.effective_harmonics, {"energy": 1.0}),
        "GrapheneHBN.eliminate_hbn": (MODEL.eliminate_hbn, {"energy": 1.0}),
        "ContinuumTBG": (
            ContinuumTBG,
            {f.name: getattr(BILAYER, f.name) for f in dataclasses.fields(BILAYER)},
        ),
        "ContinuumTBG.hamiltonian": (BILAYER.hamiltonian, {"k": k}),
        "ContinuumTBG.of_weak_coupling": (
            ContinuumTBG.of_weak_coupling, {"model": t["tbg"], "cutoff": 0.6}),
        "StrainedTBG": (
            StrainedTBG,
            {f.name: getattr(t["tbg"], f.name) for f in dataclasses.fields(t["tbg"])},
        ),
        "StrainedTBG.from_ratios": (
            StrainedTBG.from_ratios,
            {"strain_over_twist": 0.01, "tunnelling_ratio": 0.1, "velocity_q_over_mass": 0.1},
        ),
        "StrainedTBG.hamiltonian": (
            t["tbg"].hamiltonian, {"k": [0.001, 0.0], "layer": 1, "valley": 1}),
        "StrainedTBG.pocket_state": (
            t["tbg"].pocket_state,
            {"fermi_wavevector": 0.01, "points": 8, "layer": 1, "valley": 1},
        ),
        "TwistedTMD": (TwistedTMD, {"twist": 2.0, "phase": 128.0, "mass": 0.43, "cutoff": 1}),
        "TwistedTMD.mote2": (TwistedTMD.mote2, {"twist": 2.0}),
        "TwistedTMD.potential_terms": (TwistedTMD(cutoff=1).potential_terms, {"layer": 1}),
        "TwistedTMD.hamiltonian": (TwistedTMD(cutoff=1).hamiltonian, {"k": k}),
        "TwoValleyModel": (
            TwoValleyModel,
            {f.name: getattr(t["two"], f.name) for f in dataclasses.fields(t["two"])},
        ),
        "TwoValleyModel.hamiltonian": (
            t["two"].hamiltonian, {"k": k, "valley": 1, "embedded": False}),
        "TwoValleyModel.chern_number": (
            t["two"].chern_number, {"valley": 1, "band": 1, "size": 12}),
        "TwoValleyModel.density_of_states": (
            t["two"].density_of_states,
            {"broadening": 0.2, "size": 12, "points": 40, "valley": 1},
        ),
        "TwoValleyModel.lattice_hamiltonian": (
            t["two"].lattice_hamiltonian,
            {"cells": 3, "intra": 0.1, "inter": 0.1, "bias": 0.0},
        ),
        "berry_curvature": (
            models.berry_curvature, {"hamiltonian": parabola, "k": [k], "band": 1, "step": 1e-4}),
        "cone_stretch": (models.cone_stretch, strain),
        "gauge_shift": (models.gauge_shift, strain),
        "strained_dirac_point": (
            models.strained_dirac_point, {**strain, "corner": [17.03, 0.0]}),
        "chern_number": (models.chern_number, {"states": np.ones((3, 3, 1))}),
        "primary_mass": (models.primary_mass, {"model": MODEL}),
        "solve_bands_eliminated": (
            models.solve_bands_eliminated,
            {"model": GrapheneHBN(cutoff=2), "k": [k], "count": 4, "reference": 1.0},
        ),
        "white_noise_potential": (
            models.white_noise_potential,
            {
                "rng": np.random.default_rng(1), "shape": (3,), "site_area": 1.0,
                "density_of_states": 0.1, "scattering_time": 2.0,
            },
        ),
        # drag
        "DragLayer": (
            DragLayer,
            {f.name: getattr(layer, f.name) for f in dataclasses.fields(layer)},
        ),
        "DragLayer.susceptibility": (
            layer.susceptibility, {"mu": mu, "kT": [0.0, 5.0], "flavor": "valley"}),
        "DragLayer.require_complete": (layer.require_complete, {"mu": mu, "kT": 1.0}),
        "OffLatticeLayer": (
            OffLatticeLayer,
            {f.name: getattr(off, f.name) for f in dataclasses.fields(off)},
        ),
        "OffLatticeLayer.susceptibility": (
            off.susceptibility, {"offset": (1, 0), "mu": [0.0], "kT": 5.0}),
        "DensityResponse": (
            DensityResponse,
            {f.name: getattr(response, f.name) for f in dataclasses.fields(response)},
        ),
        "DensityResponse.matrix": (response.matrix, {"mu": mu, "kT": 5.0}),
        "DensityResponse.at_wavevector": (
            response.at_wavevector, {"offset": (1, 0), "mu": mu, "kT": 5.0}),
        "DensityResponse.compressibility": (response.compressibility, {"mu": mu, "kT": 5.0}),
        "coulomb_matrix": (drag.coulomb_matrix, {"q": [0.1, 0.2], "interlayer": Interlayer()}),
        "drag_response": (
            drag.drag_response,
            {**both, "kT": 5.0, "frequency": [0.5], **joined, "flavor": "valley"},
        ),
        "drifting_registry": (
            drag.drifting_registry,
            {**registry, "misfit": 0.01, "radius": [0.0, 100.0]},
        ),
        "pulse_after_current_step": (
            drag.pulse_after_current_step, {"time": [-1.0, 0.0, 1.0], "broadening": (1.0, 2.0)}),
        "pulse_after_field_step": (
            drag.pulse_after_field_step, {"time": [-1.0, 0.0, 1.0], "broadening": (1.0, 2.0)}),
        # The path stays: odd ones would write files elsewhere.
        "load_layer": (partial(drag.load_layer, t["file"]), {"model": MODEL, "mesh": 6}),
        "save_layer": (partial(drag.save_layer, path=t["file"]), {"layer": layer}),
        "registry_cell": (drag.registry_cell, {"lattice": lattice, "size": 3}),
        "registry_pattern": (drag.registry_pattern, {**registry, "shifts": [[1.0, 2.0]]}),
        "relaxed_line_shape": (
            drag.relaxed_line_shape, {"frequency": [0.0, 1.0], "broadening": (1.0, 2.0)}),
        "ScatteringLayer": (
            ScatteringLayer,
            {f.name: getattr(scattering, f.name) for f in dataclasses.fields(scattering)},
        ),
        "ScatteringLayer.drude": (scattering.drude, {"mu": mu, "kT": 5.0, "rate": 1.0}),
        "second_order_drag": (
            drag.second_order_drag,
            {
                "layer1": scattering, "layer2": scattering, "mu1": [-20.0], "mu2": [20.0],
                "kT": 3.0, "interlayer": Interlayer(), "rates": (1.0, 2.0), "screened": True,
                "steps": 2,
            },
        ),
        "screened_drag_conductivity": (
            drag.screened_drag_conductivity, {**screened, "relaxed": True}),
        "screened_drag_response": (
            drag.screened_drag_response, {**screened, "frequency": [0.5]}),
        "screened_interaction": (
            drag.screened_interaction,
            {
                "response1": -np.eye(2), "response2": -np.eye(2), "length": [0.1, 0.2],
                "interlayer": Interlayer(),
            },
        ),
        "Interlayer": (Interlayer, {"distance": 1.0, "gate_distance": 10.0, "permittivity": 5.0}),
        "Interlayer.__call__": (Interlayer(), {"q": [0.1, 0.2]}),
        "broadened_drag": (drag.broadened_drag, {**apart, "width": 0.0, **joined}),
        "broadened_sum": (
            drag.broadened_sum,
            {"function": gauss, "lattice": lattice, "pairs": pairs, "width": 0.1, "nodes": 4},
        ),
        "cell_transform": (drag.cell_transform, {"lattice": lattice, "g": [k, k]}),
        "converged_layer": (
            drag.converged_layer,
            {
                "model": MODEL, "mu": [-60.0], "kT": 9.0, "tolerance": 0.1, "floor": 1.0,
                "interlayer": Interlayer(), "largest": 72,
            },
        ),
        "current_density_response": (drag.current_density_response, respond),
        "density_current_response": (drag.density_current_response, respond),
        "drag_conductivity": (
            drag.drag_conductivity, {**both, "kT": 5.0, **joined, "flavor": "valley"}),
        "drag_conductivity_by_shell": (
            drag.drag_conductivity_by_shell, {**both, "kT": 5.0, **joined, "flavor": "charge"}),
        "drag_curvature": (drag.drag_curvature, {**apart, **joined}),
        "drag_prefactor": (drag.drag_prefactor, {"broadening": 1.0}),
        "expanded_sum": (
            drag.expanded_sum,
            {
                "function": gauss, "laplacian": gauss, "lattice": lattice, "pairs": pairs,
                "width": 0.1,
            },
        ),
        "fermi_line_susceptibility": (
            drag.fermi_line_susceptibility,
            {"layer": layer, "mu": [20.0], "flavor": "valley", "points": 16},
        ),
        "first_order_drag": (
            drag.first_order_drag,
            {
                "first": np.ones((1, 2, 2)), "second": np.ones((1, 2, 2)), "potential": [1.0, 2.0],
                "broadening": 1.0,
            },
        ),
        "flavor_signs": (drag.flavor_signs, {"flavor": "valley"}),
        "form_factor_gradient": (
            drag.form_factor_gradient,
            {"model": MODEL, "k": k, "pairs": pairs, "band": 1, "bands": 4},
        ),
        "gaussian_xi": (drag.gaussian_xi, {"decay": 1.0}),
        "interband_drag_conductivity": (
            drag.interband_drag_conductivity,
            {
                "layer1": t["dense"], "layer2": t["dense"], "mu1": [0.0], "mu2": [0.0], "kT": 5.0,
                "interlayer": Interlayer(), "flavor": "valley", "gap": -78.0, "bands": 6,
            },
        ),
        "interband_susceptibility": (
            drag.interband_susceptibility,
            {"layer": t["dense"], "frequency": [1j], "mu": [0.0], "kT": 5.0, "bands": 6},
        ),
        "laplacian_of": (drag.laplacian_of, {"function": gauss, "step": 0.1}),
        "log10_peak_contrast": (drag.log10_peak_contrast, {"lattice": lattice, "width": [0.1]}),
        "occupation_form_susceptibility": (
            drag.occupation_form_susceptibility,
            {"layer": t["dense"], "mu": [0.0], "kT": 5.0, "flavor": "valley"},
        ),
        "per_valley": (drag.per_valley, {"mu": mu}),
        "rigid_cell_xi": (
            drag.rigid_cell_xi,
            {
                "lattice": lattice, "pairs": pairs, "susceptibility1": np.ones((2, 2)),
                "susceptibility2": np.ones((2, 2)), "centre": (0.0, 0.0),
                "interlayer": Interlayer(),
            },
        ),
        "sommerfeld_coefficient": (
            drag.sommerfeld_coefficient,
            {"layer": layer, "mu": [20.0], "flavor": "valley", "step": 1.0, "points": 16},
        ),
        "sommerfeld_conductivity": (
            drag.sommerfeld_conductivity,
            {**both, "mu1": [20.0], "mu2": [20.0], **joined, "step": 1.0, "points": 16},
        ),
        "sommerfeld_susceptibility": (
            drag.sommerfeld_susceptibility,
            {"layer": layer, "mu": [20.0], "kT": 1.0, "step": 1.0, "points": 16},
        ),
        "van_hove_logarithm": (
            drag.van_hove_logarithm,
            {
                "layer": layer, "band": 1,
                "saddle": bands.Saddle(np.array([0.1, 0.0]), 1.0, np.diag([1.0, -1.0])),
            },
        ),
        "xi": (
            drag.xi,
            {"first": np.ones((3, 2)), "second": np.ones((3, 2)), "potential": np.ones(3)},
        ),
        # hall
        "HallLayer": (
            HallLayer,
            {f.name: getattr(t["hall"], f.name) for f in dataclasses.fields(t["hall"])},
        ),
        "HallLayer.valley_hall_conductivity": (
            t["hall"].valley_hall_conductivity, {"mu": mu, "kT": 1.0}),
        "HallLayer.conductivity": (
            t["hall"].conductivity, {"mu": mu, "kT": 1.0, "broadening": 1.0}),
        "HallStrip": (
            HallStrip,
            {f.name: getattr(strip, f.name) for f in dataclasses.fields(strip)},
        ),
        "HallStrip.solve": (strip.solve, {"reach": 4.0, "cells": (8, 4), "current": 1.0}),
        "chain_resistance": (hall.chain_resistance, {"strip": strip, "length": [1.0, 2.0]}),
        "dirac_hall_conductivity": (
            hall.dirac_hall_conductivity, {"mu": mu, "mass": 2.0, "kT": 1.0, "valley": 1}),
        "nonlocal_resistance": (
            hall.nonlocal_resistance,
            {
                "drag": [0.1, 0.2], "conductivity1": 1.0, "conductivity2": 2.0,
                "valley_hall1": 0.5, "valley_hall2": 0.4, "length": 100.0, "width": 50.0,
                "valley_length": 100.0,
            },
        ),
        "strip_resistance": (
            hall.strip_resistance,
            {"strip": strip, "length": [1.0], "force": "field", "hall_source": "own"},
        ),
        "valley_chern_number": (
            hall.valley_chern_number, {"model": MODEL, "first": -1, "last": -1, "mesh": 8}),
        # switching
        "Contour": (
            Contour,
            {
                "hamiltonian": hermitian, "occupation": np.eye(2) / 2,
                "vertices": np.array([matrix]), "interaction": 0.8, "slices": 3, "step": 0.1,
            },
        ),
        "Contour.driven": (t["contour"].driven, {"field": [0.1]}),
        "Contour.matrix": (
            t["contour"].matrix, {"classical": [[0.1]] * 2, "quantum": [[0.1]] * 2}),
        "Contour.effective_action": (
            t["contour"].effective_action, {"classical": [[0.1]] * 2, "quantum": [[0.1]] * 2}),
        "FermiPocket": (
            FermiPocket,
            {
                "valley": 1, "angles": circle.angles, "weights": circle.weights,
                "velocities": circle.velocities,
            },
        ),
        "FermiPocket.circle": (
            FermiPocket.circle,
            {"valley": 1, "points": 8, "density_of_states": 1.0, "speed": 1.0},
        ),
        "FermiPocket.from_polyline": (
            FermiPocket.from_polyline,
            {"valley": 1, "vertices": circle.velocities, "speeds": np.ones(8)},
        ),
        "FirstHarmonicRates": (FirstHarmonicRates, {"a": (0.1, 0.2), "a_prime": (0.1, 0.0)}),
        "IntervalleyRates.blocks": (
            t["four"].blocks,
            {"ratio": 0.1, "reference": 0.01, "isotropic_intralayer": False},
        ),
        "DisorderedBand": (
            switching.DisorderedBand,
            {"band": t["valleys"].band(), **noise, "site_area": 1.0, "nodes": 20},
        ),
        "DisorderedBand.density_of_states": (noisy.density_of_states, {"energy": [0.5]}),
        "DisorderedBand.diffusion": (noisy.diffusion, {"energy": [0.5]}),
        "DisorderedBand.polarisation": (
            noisy.polarisation,
            {
                "q": (1, 0), "omega": 0.3, "mu": 0.5, "kT": 0.3, "odd": True, "corrections": True,
            },
        ),
        "DisorderedBand.rung": (
            noisy.rung,
            {
                "q": (1, 0), "first": [0.3 + 0.1j], "second": [0.3 + 0.1j], "advanced": True,
                "odd": True,
            },
        ),
        "DisorderedBand.self_energy": (noisy.self_energy, {"z": [0.5 + 0.1j]}),
        "DisorderedBand.thermal_average": (
            noisy.thermal_average,
            {"function": [1.0, 2.0], "energy": [0.4, 0.6], "mu": 0.5, "kT": 0.3},
        ),
        "Droplet": (switching.Droplet, {"radius": 10.0, "barrier": 5.0, "wall": 2.0}),
        "HeatedStrip": (switching.HeatedStrip, {"length": 5.0, "resistivity": 1e4}),
        "HeatedStrip.hottest": (heated.hottest, {"current_density": 0.1, "bath": 4.0}),
        "HeatedStrip.heating_current": (heated.heating_current, {"bath": 4.0, "critical": 9.0}),
        "TriangularValleys": (
            switching.TriangularValleys, {"size": 4, "hopping": 1.0, "flux": 1.0}),
        "TriangularValleys.band": (t["valleys"].band, {"valley": 1}),
        "TriangularValleys.hamiltonian": (t["valleys"].hamiltonian, noise),
        "TriangularValleys.propagator": (t["valleys"].propagator, {"z": 0.5 + 0.4j, **noise}),
        "averaged_propagator": (
            switching.averaged_propagator, {**sampled, "z": 0.5 + 0.4j}),
        "born_self_energy": (
            switching.born_self_energy, {"model": t["valleys"], "z": 0.5 + 0.4j, **noise}),
        "critical_droplet": (
            switching.critical_droplet,
            {
                "interaction": 100.0, "alpha_2": 0.1, "alpha_4": -10.0, "source": 1e-3,
                "bare_length": 5.0,
            },
        ),
        "current_per_width": (
            switching.current_per_width,
            {"density": [1e-3], "fermi_velocity": 1e5, "delta": 0.5},
        ),
        "distance_to_transition": (
            switching.distance_to_transition,
            {
                "order_at": ordered, "density": ordered(0.9 * critical).coercive_density,
                "critical": critical, "reach": 0.5,
            },
        ),
        "fermi_energy": (
            switching.fermi_energy,
            {"model": t["tbg"], "fermi_wavevector": 0.015, "points": 16},
        ),
        "ladder_polarisation_on_patch": (
            switching.ladder_polarisation_on_patch,
            {
                "model": t["valleys"], "q": (1, 0), "order": 1, "mu": 0.5, "kT": 0.3, **noise,
                "odd": True, "count": 4,
            },
        ),
        "nanoampere": (switching.nanoampere, {"current_density": [0.1], "width": 2.0}),
        "pocket_contour": (
            switching.pocket_contour,
            {
                "model": t["tbg"], "energy": switching.fermi_energy(t["tbg"], 0.015, 16),
                "points": 16, "layer": 1, "valley": 1,
            },
        ),
        "remaining_share": (switching.remaining_share, {"velocity_q_over_mass": 0.3}),
        "sampled_polarisation": (
            switching.sampled_polarisation,
            {**sampled, "q": [(1, 0)], "frequencies": [0.0, 0.5], "mu": 0.5, "kT": 0.2},
        ),
        "sampled_valley_decay": (
            switching.sampled_valley_decay,
            {**sampled, "times": [0.0, 1.0], "window": (-1.0, 2.0)},
        ),
        "slope_prefactor": (switching.slope_prefactor, {"hopping_slope": 3.0}),
        "LandauExpansion": (switching.LandauExpansion, {"alpha_2": 0.1, "alpha_4": -0.1}),
        "MeanFieldMap": (
            switching.MeanFieldMap, {**field, "fixed": "density", "energies": (-4.0, 4.0)}),
        "ValleyOrderParameter": (
            ValleyOrderParameter,
            {**field, "fixed": "chemical potential", "energies": (-4.0, 4.0)},
        ),
        "ValleyOrderParameter.polarisation": (t["order"].polarisation, {"splitting": [0.1]}),
        "ValleyOrderParameter.source": (t["order"].source, {"phi": [0.01]}),
        "ValleyOrderParameter.equilibria": (t["order"].equilibria, {"delta_n": 0.001}),
        "ValleyOrderParameter.hysteresis": (
            t["order"].hysteresis, {"path": [0.0, 0.001], "initial": 0.01}),
        "ValleyOrderParameter.evolve": (
            t["order"].evolve,
            {
                "drive": [0.001, 0.002], "times": [0.0, 0.5], "initial": 0.01,
                "intervalley_time": 1.0,
            },
        ),
        "ValleyOrderParameter.landau": (t["order"].landau, {"form": "exact"}),
        "density_slope": (
            switching.density_slope,
            {"model": t["tbg"], "fermi_wavevector": 0.01, "prefactor": 1.5},
        ),
        "diffusive_polarisation": (
            switching.diffusive_polarisation, {**polarisation, "diffusion": 2.0}),
        "fermi_level": (
            switching.fermi_level,
            {"model": BILAYER, "filling": 0.5, "kT": 1.0, "mesh": 6, "bands": 4},
        ),
        "layer_form_factors": (
            switching.layer_form_factors, {"contour": t["line"], "pairs": [[0, 0], [1, 0]]}),
        "point_rates": (
            switching.point_rates, {"contour": t["line"], "disorder": (1.0, 1.0, 0.5, 0.0)}),
        "smooth_rates": (switching.smooth_rates, {"contour": t["line"]}),
        "thermal_nodes": (switching.thermal_nodes, {"kT": 0.5, "nodes": 8}),
        "thermal_valley_response": (
            switching.thermal_valley_response,
            {
                "model": BILAYER, "mu": 40.0, "kT": 0.5, "nodes": 2, "mesh": 6, "bands": 4,
                "intravalley": "smooth", "strength": 100.0, "disorder": (1.0, 1.0, 1.0, 1.0),
            },
        ),
        "triangle_contour": (
            switching.triangle_contour, {"model": BILAYER, "mu": 40.0, "mesh": 6, "bands": 4}),
        "valley_contour": (
            switching.valley_contour,
            {"model": BILAYER, "mu": 40.0, "points": 16, "mesh": 8, "bands": 4},
        ),
        "valley_response": (
            switching.valley_response,
            {
                "contour": t["line"], "intravalley": "constant", "strength": 100.0,
                "disorder": (1.0, 1.0, 1.0, 1.0),
            },
        ),
        "exact_density_difference": (
            switching.exact_density_difference,
            {"rates": t["rates"], "field": (1.0, 0.0), **solver, "speed": 1.0},
        ),
        "fermi_matrix": (switching.fermi_matrix, {"hamiltonian": hermitian, "kT": 0.5}),
        "four_pocket_balance": (
            switching.four_pocket_balance, {"rates": t["rates"], "ratio": 0.1}),
        "increasing_root": (
            switching.increasing_root,
            {"function": line, "low": [0.0], "high": [1.0], "guess": [0.5]},
        ),
        "intervalley_rates": (
            switching.intervalley_rates,
            {
                "model": t["tbg"], "fermi_wavevector": 0.015, "points": 16,
                "disorder": ((1.0, 1.0), (1.0, 0.5)), "average": "cell",
            },
        ),
        "ladder_bubble": (
            switching.ladder_bubble, {"q": [0.1], "omega": [0.2], "velocity": 1.0, "rate": 0.5}),
        "ladder_polarisation": (
            switching.ladder_polarisation, {**polarisation, "velocity": 1.0, **solver}),
        "occupation_coefficients": (
            switching.occupation_coefficients,
            {
                "energies": ([0.1, 0.2], [0.3]), "chemical_potentials": (0.1, 0.2),
                "temperatures": (0.5, 0.6), "area": 10.0, "interaction": 2.0,
            },
        ),
        "occupation_derivative": (
            switching.occupation_derivative, {"energy": [0.1], "kT": 0.5, "order": 2}),
        "perturbative_rates": (
            switching.perturbative_rates, {"model": t["tbg"], "fermi_wavevector": 0.001}),
        "rate_matrices": (
            switching.rate_matrices,
            {"rates": t["rates"], "pockets": (circle, FermiPocket.circle(-1, 8)), **solver},
        ),
        "response_kernel": (
            switching.response_kernel,
            {"retarded": t["green"], "keldysh": t["green"], "advanced": t["green"]},
        ),
        "retarded_green_function": (
            switching.retarded_green_function,
            {"hamiltonian": hermitian, "omega": [0.1], "width": 0.5},
        ),
        "solve_boltzmann": (
            switching.solve_boltzmann,
            {"rates": t["rates"], "field": (1.0, 0.0), **solver, "points": 8},
        ),
        "solve_four_pockets": (
            switching.solve_four_pockets,
            {
                "rates": t["four"], "ratio": 0.1, "reference": 0.01, "isotropic_intralayer": False,
                **solver,
            },
        ),
        "source_as_shift": (switching.source_as_shift, {"order": ordered(0.95 * critical)}),
        "trace_log_series": (
            switching.trace_log_series,
            {"inverse": matrix, "perturbation": matrix, "orders": 3},
        ),
    }.items()  # fmt: skip


CASES = dict(cases())


def test_every_public_callable_is_called() -> None:
    for room in ROOMS:
        for name in room.__all__:
            value = getattr(room, name)
            if inspect.isfunction(value) or (
                inspect.isclass(value) and not issubclass(value, Exception)
            ):
                assert (name in CASES) + (name in RECORDS) + (name in INTERNAL) == 1, name


@pytest.mark.parametrize("name", CASES)
def test_good_arguments_give_finite_numbers(name: str) -> None:
    function, good = CASES[name]
    assert_finite(function(**good), name)


@settings(max_examples=12, suppress_health_check=list(HealthCheck))
@given(data=st.data())
@pytest.mark.parametrize("name", CASES)
def test_odd_arguments_are_refused_or_harmless(name: str, data: st.DataObject) -> None:
    function, good = CASES[name]
    odd = odd_values()
    arguments = dict(good)
    for argument in data.draw(st.sets(st.sampled_from(sorted(good)), min_size=1, max_size=2)):
        arguments[argument] = odd[data.draw(st.integers(0, len(odd) - 1))]
    check_call(name, function, good, arguments)


def check_call(
    name: str, function: Callable[..., Any], good: dict[str, Any], arguments: dict[str, Any]
) -> None:
    """Call, and see that the outcome is a clear refusal or finite, and the arguments are whole."""
    before = {key: copied(value) for key, value in arguments.items()}
    refusal, result = None, None
    try:
        result = function(**arguments)
    except REFUSALS as error:
        refusal = error
    if refusal is None:
        assert_finite(result, name)
    else:
        assert not isinstance(refusal, np.linalg.LinAlgError), refusal
        exchanged = {key for key in good if arguments[key] is not good[key]}
        # A function of the caller's own fails in its own way.
        if not any(callable(arguments[key]) for key in FUNCTIONS & exchanged):
            assert_clear(str(refusal), function, before)
    for key, value in before.items():
        assert same(arguments[key], value), f"{key} was changed"


def assert_clear(message: str, function: Callable[..., Any], names: Iterable[str]) -> None:
    """A message names an argument, or the field that it became, and can be read."""
    known = [*names, *(name.rstrip("12") for name in names), *fields_of(function)]
    named = any(re.search(rf"\b{re.escape(name)}\b", message) for name in known)
    assert named, f"no argument is named: {message}"
    assert len(message) < 700, "too long to read"


def fields_of(function: Any) -> list[str]:
    owner = getattr(function, "__self__", function)
    return [f.name for f in dataclasses.fields(owner)] if dataclasses.is_dataclass(owner) else []


def copied(value: Any) -> Any:
    return copy.deepcopy(value) if isinstance(value, np.ndarray | list | dict) else value


def same(one: Any, other: Any) -> bool:
    if isinstance(one, np.ndarray):
        return np.array_equal(np.asarray(one), np.asarray(other), equal_nan=one.dtype.kind in "fc")
    return repr(one) == repr(other) if isinstance(one, list | dict) else one is other


def assert_finite(result: Any, name: str) -> None:
    for number in numbers(result):
        assert np.isfinite(number).all(), f"{name} returned {number}"


def numbers(result: Any) -> Iterator[Any]:
    if isinstance(result, np.ndarray):
        if result.dtype.kind in "iufc":
            yield result
    elif isinstance(result, float | complex | np.number):
        yield result
    elif isinstance(result, list | tuple):
        for part in result:
            yield from numbers(part)
    elif isinstance(result, dict):
        yield from numbers(list(result.values()))
    elif dataclasses.is_dataclass(result) and not isinstance(result, Interlayer):
        yield from numbers([getattr(result, f.name) for f in dataclasses.fields(result)])
