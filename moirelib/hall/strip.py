"""Two strips with valley Hall effect, valley diffusion and drag: what Kundu Eq. 4 sums up.

Each layer l carries a charge and a valley current, driven by E = −∇φ and ε = −∇ψ, where ψ is half
the difference of the electrochemical potentials of the valleys over e:

j_c = σ_l E + h_l R ε,  j_v = σ_l ε + h_l R E + σ₁₂ ε_other,  R(a_x, a_y) = (a_y, −a_x),

with h = σ_v^{xy}. Charge is conserved; the valley current decays, ∇·j_v = −σ_l ψ/l_v². No current
leaves through the edges. The local law is the one that a conductivity matrix means; the paper's
chain of three steps says that the force of the drag is j_v/σ₁ and lets the whole valley current
of the passive layer turn into a voltage. :func:`strip_resistance` has all four combinations.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import scipy.sparse as sp
from numpy.typing import ArrayLike
from scipy.sparse.linalg import splu

from moirelib import _validate
from moirelib._memory import require_memory
from moirelib._repr import short_repr
from moirelib._threads import one_blas_thread
from moirelib._types import Floats
from moirelib.units import RESISTANCE_QUANTUM_OHM

DragForce = Literal["field", "current"]
HallSource = Literal["own", "total"]

# R_NL in units of the undepleted chain is ½ (L/l_v + c).
_CLOSURES = {
    ("field", "own"): -3,
    ("field", "total"): -1,
    ("current", "own"): -1,
    ("current", "total"): 1,
}


@dataclass(frozen=True)
class HallStrip:
    """Two strips on top of each other, all conductivities in e²/h.

    Parameters
    ----------
    conductivity : tuple of float
        σ₁, σ₂ > 0.
    valley_hall : tuple of float
        h₁, h₂: σ_v^{xy} of each layer.
    drag : float
        σ₁₂, with σ₁₂² < σ₁σ₂, or the strips would produce energy.
    width, valley_length : float
        W and l_v in units of one's choice.

    Raises
    ------
    TypeError, ValueError
        If an argument is not real and finite or of another shape, a length or a conductivity is not
        positive, or σ₁₂² ≥ σ₁σ₂: a valley current could then gain energy.
    """

    conductivity: tuple[float, float]
    valley_hall: tuple[float, float]
    drag: float
    width: float = 1.0
    valley_length: float = 1.0

    def __post_init__(self) -> None:
        pairs = {}
        for name in ("conductivity", "valley_hall"):
            pair = _validate.real_array(name, getattr(self, name), last=2)
            if pair.ndim != 1:
                raise ValueError(f"{name} must hold two numbers, got shape {pair.shape}")
            pairs[name] = tuple(pair.tolist())
        for value in pairs["conductivity"]:
            _validate.between("conductivity", value, 1e-12, 1e12, "e²/h", "no layer has such a one")
        _validate.keep(
            self,
            **pairs,
            drag=_validate.real_scalar("drag", self.drag),
            width=_validate.between("width", self.width, 1e-9, 1e9, "", "choose another unit"),
            valley_length=_validate.between(
                "valley_length", self.valley_length, 1e-9, 1e9, "", "choose another unit"
            ),
        )
        if self.drag**2 >= self.conductivity[0] * self.conductivity[1]:
            raise ValueError(
                f"drag must satisfy σ₁₂² < σ₁σ₂, got {self.drag!r} with {self.conductivity!r}: "
                "a valley current could then gain energy"
            )

    @one_blas_thread
    def solve(
        self, reach: float = 10.0, cells: tuple[int, int] = (240, 16), current: float = 1.0
    ) -> StripSolution:
        """Drive a current across layer 1 at x = 0, from edge to edge, and solve for all fields.

        Bilinear finite elements; insulating edges and the Hall currents along them are natural
        boundary conditions of the weak form.

        Parameters
        ----------
        reach : float
            The strip extends over |x| ≤ ``reach`` · l_v.
        cells : tuple of int
            Elements along and across the strip, the first even.
        current : float
            I, positive from y = 0 to y = W.

        Raises
        ------
        TypeError, ValueError
            If ``reach`` is no number > 0, ``current`` no number, or ``cells`` are not two integers
            ≥ 4 and ≥ 2; if the number of cells along the strip is odd, as no node would lie at
            x = 0, or if the system would not fit into memory.
        """
        along, across = _validate.pair("cells", cells)
        along = _validate.integer("cells[0]", along, minimum=4)
        across = _validate.integer("cells[1]", across, minimum=2)
        # Two triangular factors whose band is as wide as the shorter side, four unknowns a node.
        require_memory(f"cells={(along, across)}", 64 * along * across * min(along, across))
        if along % 2:
            raise ValueError(f"cells[0] must be even, got {along}: a node must lie at x = 0")
        length = _validate.positive("reach", reach) * self.valley_length
        x, y = np.linspace(-length, length, along + 1), np.linspace(0, self.width, across + 1)
        (m_x, s_x, c_x), (m_y, s_y, c_y) = _one_dimensional(x), _one_dimensional(y)
        stiffness = sp.kron(s_x, m_y) + sp.kron(m_x, s_y)
        hall = sp.kron(c_x, c_y.T) - sp.kron(c_x.T, c_y)
        mass = sp.kron(m_x, m_y) / self.valley_length**2
        (sigma1, sigma2), (h1, h2) = self.conductivity, self.valley_hall
        # Unknowns φ₁, ψ₁, φ₂, ψ₂.
        system: Any = sp.bmat(
            [
                [sigma1 * stiffness, h1 * hall, None, None],
                [h1 * hall, sigma1 * (stiffness + mass), None, self.drag * stiffness],
                [None, None, sigma2 * stiffness, h2 * hall],
                [None, self.drag * stiffness, h2 * hall, sigma2 * (stiffness + mass)],
            ],
            format="csr",
        )
        nodes = (along + 1) * (across + 1)
        source = np.zeros(4 * nodes)
        middle = (along // 2) * (across + 1)
        current = _validate.real_scalar("current", current)
        source[middle] = current
        source[middle + across] = -current
        # A potential is free up to a constant: φ₁ and φ₂ vanish at their first node.
        free = np.delete(np.arange(4 * nodes), [0, 2 * nodes])
        fields = np.zeros(4 * nodes)
        fields[free] = splu(system[free][:, free].tocsc()).solve(source[free])
        return StripSolution(x, y, fields.reshape(4, along + 1, across + 1))


@short_repr
@dataclass(frozen=True, eq=False)
class StripSolution:
    """Potentials in units of the current times h/e²: for unit current they are resistances.

    Parameters
    ----------
    x, y : ndarray, shape (nx,), (ny,)
        Nodes along and across the strip.
    potentials : ndarray, shape (4, nx, ny)
        φ₁, ψ₁, φ₂, ψ₂.
    """

    x: Floats
    y: Floats
    potentials: Floats

    def __post_init__(self) -> None:
        _validate.keep(self)

    def resistance(self, layer: int) -> Floats:
        """Return ∫E_y dy across the strip at each x, for unit current in ohm, shape (nx,).

        Raises
        ------
        ValueError
            If ``layer`` is neither 1 nor 2.
        """
        layer = _validate.choice("layer", layer, (1, 2))
        phi = self.potentials[2 * (layer - 1)]
        drop: Floats = RESISTANCE_QUANTUM_OHM * (phi[:, 0] - phi[:, -1])
        return drop


@one_blas_thread
def strip_resistance(
    strip: HallStrip,
    length: ArrayLike,
    force: DragForce = "field",
    hall_source: HallSource = "own",
) -> Floats:
    """Return R_NL of a narrow strip, W ≪ l_v, in closed form, to lowest order in h₁, h₂, σ₁₂.

    A current across layer 1 at x = 0 makes j_{1v} = (h₁/σ₁) I e^{−x/l_v}/2l_v. In layer 2 drag
    pushes and valley relaxation lets the valley charge that piles up leak back:

    R_NL = (W/2l_v) σ₁₂h₁h₂/(σ₁σ₂)² · ½ (L/l_v + c) e^{−L/l_v}.

    Parameters
    ----------
    strip : HallStrip
        The strip.
    length : array_like, any shape
        L > 0, in the unit of W and l_v.
    force : {"field", "current"}
        Whether layer 1 drags by its valley field, −∇ψ₁, or by its valley current, j_{1v}/σ₁.
        They differ where the current is injected.
    hall_source : {"own", "total"}
        Whether the valley Hall effect of layer 2 acts on the current that its own field drives
        or on its whole valley current, as the paper's third step has it.

    Returns
    -------
    ndarray, shape of length
        In ohm. c = −3 for (field, own), the conductivity matrix; −1 for (field, total) and
        (current, own); +1 for (current, total).

    Raises
    ------
    TypeError, ValueError
        If ``strip`` is no :class:`HallStrip`, ``length`` is not real or not positive, as at the
        injection point the profile has a kink, or ``force`` or ``hall_source`` is neither.
    """
    _validate.instance("strip", strip, HallStrip, "a HallStrip")
    force = _validate.choice("force", force, ("field", "current"))
    hall_source = _validate.choice("hall_source", hall_source, ("own", "total"))
    ratio = _validate.real_array("length", length) / strip.valley_length
    if (ratio <= 0).any():
        raise ValueError("length must be > 0: at the injection point the profile has a kink")
    shape = 0.5 * (ratio + _CLOSURES[force, hall_source])
    resistance: Floats = shape * chain_resistance(strip, length)
    return resistance


def chain_resistance(strip: HallStrip, length: ArrayLike) -> Floats:
    """Return what the three steps give if nothing leaks back, in ohm.

    (W/2l_v) σ₁₂h₁h₂/(σ₁σ₂)² e^{−L/l_v}: the product of conversions of Kundu Eq. 4 with the
    geometry of a narrow strip in place of L/W. Parameters and errors as in
    :func:`strip_resistance`, with L ≥ 0.
    """
    _validate.instance("strip", strip, HallStrip, "a HallStrip")
    ratio = _validate.non_negative_array("length", length) / strip.valley_length
    (sigma1, sigma2), (h1, h2) = strip.conductivity, strip.valley_hall
    steps = strip.drag * h1 * h2 / (sigma1 * sigma2) ** 2
    geometry = strip.width / (2 * strip.valley_length) * np.exp(-ratio)
    resistance: Floats = RESISTANCE_QUANTUM_OHM * geometry * steps
    return resistance


def _one_dimensional(x: Floats) -> tuple[Any, Any, Any]:
    """∫NN, ∫N′N′ and ∫N′N of linear elements on the nodes x."""
    n = len(x)
    step = np.diff(x)
    mass = np.zeros((3, n))
    stiffness = np.zeros((3, n))
    for values, diagonal, side in ((mass, step / 3, step / 6), (stiffness, 1 / step, -1 / step)):
        values[1, :-1] += diagonal
        values[1, 1:] += diagonal
        values[0, 1:] = side
        values[2, :-1] = side
    mixed = np.zeros((3, n))
    mixed[1, 0], mixed[1, -1] = -0.5, 0.5
    mixed[0, 1:], mixed[2, :-1] = -0.5, 0.5
    offsets = [1, 0, -1]
    built = [sp.dia_matrix((values, offsets), shape=(n, n)) for values in (mass, stiffness, mixed)]
    return built[0], built[1], built[2]


def nonlocal_resistance(
    drag: ArrayLike,
    conductivity1: ArrayLike,
    conductivity2: ArrayLike,
    valley_hall1: ArrayLike,
    valley_hall2: ArrayLike,
    length: ArrayLike = 1000.0,
    width: ArrayLike = 1000.0,
    valley_length: float = 1000.0,
) -> Floats:
    """Return R_NL = V⁽²⁾/I⁽¹⁾ of Kundu Eq. 4, taken as an equality, in ohm.

    (L/W) [σ₁₂/(σ₁σ₂)] (σ^{xy}₁/σ₁)(σ^{xy}₂/σ₂) e^{−L/l_v}.

    Parameters
    ----------
    drag, conductivity1, conductivity2, valley_hall1, valley_hall2 : array_like
        σ₁₂, σ₁, σ₂ > 0, σ^{xy}_{1,v}, σ^{xy}_{2,v} in e²/h; they broadcast.
    length, width : array_like
        Probe separation L ≥ 0 and width W > 0 in nm; they broadcast too.
    valley_length : float
        l_v > 0 in nm.

    Returns
    -------
    ndarray
        In ohm, of the broadcast shape.

    Raises
    ------
    TypeError, ValueError
        If an argument is not real and finite, out of its range above, or the shapes do not
        broadcast.
    """
    values = [
        _validate.real_array(name, value)
        for name, value in (
            ("drag", drag),
            ("conductivity1", conductivity1),
            ("conductivity2", conductivity2),
            ("valley_hall1", valley_hall1),
            ("valley_hall2", valley_hall2),
        )
    ]
    sigma12, sigma1, sigma2, hall1, hall2 = values
    for name, value in (("conductivity1", sigma1), ("conductivity2", sigma2)):
        _validate.positive_array(name, value, "e²/h")
    length = _validate.non_negative_array("length", length, "nm")
    width = _validate.positive_array("width", width, "nm")
    valley_length = _validate.positive("valley_length", valley_length, "nm")
    names = ("drag", "conductivity1", "conductivity2", "valley_hall1", "valley_hall2")
    given = dict(zip(names, values, strict=True))
    _validate.broadcast(**given, length=length, width=width)
    resistance = sigma12 / (sigma1 * sigma2) * (hall1 / sigma1) * (hall2 / sigma2)
    geometry = length / width * np.exp(-length / valley_length)
    total: Floats = RESISTANCE_QUANTUM_OHM * geometry * resistance
    return total
