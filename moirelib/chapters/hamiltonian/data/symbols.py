"""Kundu Table 1: each symbol and the documented name that stands for it."""

from __future__ import annotations

# Kundu Table 1: symbol, meaning, and where the code has it.
TABLE_1 = (
    (r"\xi", "valley index, +1 for K, −1 for K′", "moirelib.GrapheneHBN.valley"),
    ("l", "layer index: one object per layer", "moirelib.drag.layer.DragLayer"),
    ("n, m", "band index: an axis of the arrays", "moirelib.bands.bloch.Bands.energies"),
    (
        r"\boldsymbol k, \boldsymbol q",
        "Bloch momenta in the zone",
        "moirelib.bands.lattice.MoireLattice.fold",
    ),
    (
        r"\boldsymbol G",
        "reciprocal vector, an integer pair",
        "moirelib.bands.lattice.MoireLattice.vectors",
    ),
    (r"u_{n,k,\xi}(\boldsymbol G)", "plane-wave coefficients", "moirelib.bands.bloch.Bands.states"),
    (r"\varepsilon_{n,k,\xi}", "Bloch band", "moirelib.bands.bloch.Bands.energies"),
    (r"\alpha, \beta", "directions: an axis of length 2", "moirelib.bands.bloch.Bands.velocities"),
    (
        "s = c, v",
        "charge or valley: the argument flavor",
        "moirelib.drag.layer.DragLayer.susceptibility",
    ),
    (r"j^\alpha_{ls}", "current operator", "moirelib.GrapheneHBN.velocity_operators"),
    (r"\Gamma^{(\xi)}_{l;\alpha}", "velocity matrix", "moirelib.GrapheneHBN.velocity_operators"),
    (
        r"\lambda_{\boldsymbol G}(\boldsymbol k, \boldsymbol q)",
        "density matrix element",
        "moirelib.bands.bloch.overlap_form_factors",
    ),
    (
        r"\Lambda_{\boldsymbol G}(\boldsymbol k, \boldsymbol q)",
        "current matrix element",
        "moirelib.bands.bloch.overlap_current_factors",
    ),
    (
        r"\Lambda(\boldsymbol k)",
        "current matrix element at q = 0",
        "moirelib.bands.bloch.Bands.velocity_matrix",
    ),
    (
        r"\lambda_{\boldsymbol G}(\boldsymbol k)",
        "density matrix element at q = 0",
        "moirelib.bands.bloch.Bands.form_factor_matrix",
    ),
    (
        r"v^{(n,\xi)}_{l,\alpha}(\boldsymbol k)",
        "band velocity",
        "moirelib.bands.bloch.Bands.velocities",
    ),
    (
        r"\mathcal C^\alpha_{ls,G}",
        "intraband response",
        "moirelib.drag.layer.DragLayer.susceptibility",
    ),
    (
        r"\mathcal D^\alpha_{ls,G}",
        "interband response",
        "moirelib.drag.response.interband_susceptibility",
    ),
    (r"H_{12}", "interlayer interaction", "moirelib.drag.interlayer.Interlayer"),
    (
        r"\sigma^{\alpha\beta}_{12,s}",
        "drag conductivity",
        "moirelib.drag.conductivity.drag_conductivity",
    ),
)
