"""Valley drag to first order in the interaction, of any valley model (Kundu Apps. B–F)."""

from __future__ import annotations

from moirelib.drag.broadening import (
    PlaneFunction,
    broadened_sum,
    cell_transform,
    expanded_sum,
    gaussian_xi,
    laplacian_of,
    log10_peak_contrast,
    rigid_cell_xi,
)
from moirelib.drag.conductivity import BARE, drag_conductivity, drag_conductivity_by_shell
from moirelib.drag.density_response import DensityResponse
from moirelib.drag.frequency import (
    drag_response,
    pulse_after_current_step,
    pulse_after_field_step,
    relaxed_line_shape,
)
from moirelib.drag.interlayer import (
    Interlayer,
    Potential,
    Umklapp,
    coupling,
    drag_prefactor,
    first_order_drag,
    xi,
)
from moirelib.drag.layer import DragLayer
from moirelib.drag.off_lattice import OffLatticeLayer, broadened_drag, drag_curvature
from moirelib.drag.pair_sums import Part
from moirelib.drag.registry import drifting_registry, registry_cell, registry_pattern
from moirelib.drag.response import (
    current_density_response,
    density_current_response,
    interband_drag_conductivity,
    interband_susceptibility,
)
from moirelib.drag.saving import load_layer, save_layer
from moirelib.drag.scattering_layer import ScatteringLayer
from moirelib.drag.screening import (
    coulomb_matrix,
    screened_drag_conductivity,
    screened_drag_response,
    screened_interaction,
)
from moirelib.drag.second_order import CHANNELS, SecondOrderDrag, second_order_drag
from moirelib.drag.settings import LayerSettings, ToleranceError, converged_layer
from moirelib.drag.sommerfeld import (
    LifshitzError,
    fermi_line_susceptibility,
    occupation_form_susceptibility,
    sommerfeld_coefficient,
    sommerfeld_conductivity,
    sommerfeld_susceptibility,
)
from moirelib.drag.transfers import Transfers
from moirelib.drag.valleys import (
    SPIN_DEGENERACY,
    Flavor,
    OfValley,
    each_valley,
    flavor_signs,
    per_valley,
    shift_phase,
    sum_valleys,
)
from moirelib.drag.van_hove import form_factor_gradient, van_hove_logarithm

__all__ = [
    "BARE",
    "CHANNELS",
    "SPIN_DEGENERACY",
    "DensityResponse",
    "DragLayer",
    "Flavor",
    "Interlayer",
    "LayerSettings",
    "LifshitzError",
    "OfValley",
    "OffLatticeLayer",
    "Part",
    "PlaneFunction",
    "Potential",
    "ScatteringLayer",
    "SecondOrderDrag",
    "ToleranceError",
    "Transfers",
    "Umklapp",
    "broadened_drag",
    "broadened_sum",
    "cell_transform",
    "converged_layer",
    "coulomb_matrix",
    "coupling",
    "current_density_response",
    "density_current_response",
    "drag_conductivity",
    "drag_conductivity_by_shell",
    "drag_curvature",
    "drag_prefactor",
    "drag_response",
    "drifting_registry",
    "each_valley",
    "expanded_sum",
    "fermi_line_susceptibility",
    "first_order_drag",
    "flavor_signs",
    "form_factor_gradient",
    "gaussian_xi",
    "interband_drag_conductivity",
    "interband_susceptibility",
    "laplacian_of",
    "load_layer",
    "log10_peak_contrast",
    "occupation_form_susceptibility",
    "per_valley",
    "pulse_after_current_step",
    "pulse_after_field_step",
    "registry_cell",
    "registry_pattern",
    "relaxed_line_shape",
    "rigid_cell_xi",
    "save_layer",
    "screened_drag_conductivity",
    "screened_drag_response",
    "screened_interaction",
    "second_order_drag",
    "shift_phase",
    "sommerfeld_coefficient",
    "sommerfeld_conductivity",
    "sommerfeld_susceptibility",
    "sum_valleys",
    "van_hove_logarithm",
    "xi",
]
