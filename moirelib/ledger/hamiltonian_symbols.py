"""The claim on Kundu Table 1: the paper's symbols and the names that the library has for them."""

from __future__ import annotations

import inspect
from importlib import import_module

from moirelib.ledger.hamiltonian import CHAPTER
from moirelib.ledger.registry import Discrepancy, Evidence, claim

# Kundu Table 1: symbol, meaning, and where the code has it.
TABLE_1 = (
    (r"\xi", "valley index, +1 for K, −1 for K′", "moirelib.GrapheneHBN.valley"),
    ("l", "layer index: one object per layer", "moirelib.drag.DragLayer"),
    ("n, m", "band index: an axis of the arrays", "moirelib.Bands.energies"),
    (r"\boldsymbol k, \boldsymbol q", "Bloch momenta in the zone", "moirelib.MoireLattice.fold"),
    (r"\boldsymbol G", "reciprocal vector, an integer pair", "moirelib.MoireLattice.vectors"),
    (r"u_{n,k,\xi}(\boldsymbol G)", "plane-wave coefficients", "moirelib.Bands.states"),
    (r"\varepsilon_{n,k,\xi}", "Bloch band", "moirelib.Bands.energies"),
    (r"\alpha, \beta", "directions: an axis of length 2", "moirelib.Bands.velocities"),
    ("s = c, v", "charge or valley: the argument flavor", "moirelib.drag.DragLayer.susceptibility"),
    (r"j^\alpha_{ls}", "current operator", "moirelib.GrapheneHBN.velocity_operators"),
    (r"\Gamma^{(\xi)}_{l;\alpha}", "velocity matrix", "moirelib.GrapheneHBN.velocity_operators"),
    (r"\lambda_{\boldsymbol G}(\boldsymbol k, \boldsymbol q)", "density matrix element",
     "moirelib.bloch.overlap_form_factors"),
    (r"\Lambda_{\boldsymbol G}(\boldsymbol k, \boldsymbol q)", "current matrix element",
     "moirelib.bloch.overlap_current_factors"),
    (r"\Lambda(\boldsymbol k)", "current matrix element at q = 0",
     "moirelib.Bands.velocity_matrix"),
    (r"\lambda_{\boldsymbol G}(\boldsymbol k)", "density matrix element at q = 0",
     "moirelib.Bands.form_factor_matrix"),
    (r"v^{(n,\xi)}_{l,\alpha}(\boldsymbol k)", "band velocity", "moirelib.Bands.velocities"),
    (r"\mathcal C^\alpha_{ls,G}", "intraband response", "moirelib.drag.DragLayer.susceptibility"),
    (r"\mathcal D^\alpha_{ls,G}", "interband response",
     "moirelib.response.interband_susceptibility"),
    (r"H_{12}", "interlayer interaction", "moirelib.drag.interlayer_coulomb"),
    (r"\sigma^{\alpha\beta}_{12,s}", "drag conductivity", "moirelib.drag.drag_conductivity"),
)  # fmt: skip


def is_documented(dotted: str) -> bool:
    """Whether a dotted public name exists and has a docstring, or its class documents it."""
    parts = dotted.split(".")
    cut = next(i for i, part in enumerate(parts) if part[0].isupper() or i == len(parts) - 1)
    try:
        owner: object = import_module(".".join(parts[:cut]))
    except ModuleNotFoundError:
        return False
    for name in parts[cut:]:
        known = getattr(owner, name, None)
        if known is None or not inspect.getdoc(known) or isinstance(known, (int, float, str)):
            return f"{name} : " in (inspect.getdoc(owner) or "")
        owner = known
    return True


@claim(
    "kundu-table1",
    "Table 1",
    kind="definition",
    chapter=CHAPTER,
    statement="Each symbol of Table 1 has a documented name in the library.",
    implements="moirelib.Bands",
)
def _table() -> Evidence:
    missing = [dotted for _, _, dotted in TABLE_1 if not is_documented(dotted)]
    return Evidence(
        printed=Discrepancy(
            "symbols without a documented name" + (f" ({', '.join(missing)})" if missing else ""),
            float(len(missing)),
            0,
            "a count",
            "symbols",
        ),
        controls=(
            Discrepancy(
                "made-up names that pass for documented",
                float(is_documented("moirelib.Bands.colour") + is_documented("moirelib.no.name")),
                0,
                "the test has to fail",
                "names",
            ),
        ),
    )
