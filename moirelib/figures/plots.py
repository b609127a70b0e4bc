"""Bands along a path and maps over two axes, drawn in the style of the book for one's own work."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from numpy.typing import ArrayLike

from moirelib import _validate
from moirelib.bands.bloch import Bands, solve_bands
from moirelib.bands.model import BlochModel
from moirelib.bands.path import Path
from moirelib.figures.provenance import drawings, settle
from moirelib.figures.style import style


class _Drawing(Figure):
    """A figure that a notebook shows as vectors, fitted to the column of a page."""

    def _repr_svg_(self) -> str:
        with style():
            settle(self)
            return drawings(self)["svg"].decode()


def plot_bands(
    bands: Bands | BlochModel, path: Path | None = None, *, count: int = 6, title: str = ""
) -> Figure:
    """Draw bands along a path.

    Parameters
    ----------
    bands : Bands or BlochModel
        Bands on the points of ``path``, or a model that is solved there.
    path : Path, optional
        From :meth:`MoireLattice.path`; for a model κ–Γ–M–κ′ if left out.
    count : int
        Number of bands of a model, half below and half above neutrality.
    title : str
        Of the figure.

    Returns
    -------
    matplotlib.figure.Figure
        With the energies in meV on its only axes.

    Raises
    ------
    TypeError, ValueError
        If bands come without their path, or were not solved on its points.

    Examples
    --------
    >>> from moirelib import GrapheneHBN
    >>> figure = plot_bands(GrapheneHBN(cutoff=2))
    >>> [label.get_text() for label in figure.axes[0].get_xticklabels()]
    ['κ', 'Γ', 'M', 'κ′']
    """
    if isinstance(bands, Bands):
        if not isinstance(path, Path):
            raise TypeError(f"path must be the Path that the bands were solved on, got {path!r}")
    else:
        if path is None:
            points = bands.lattice.special_points
            names = ("κ", "Γ", "M", "κ′")
            path = bands.lattice.path([points[name] for name in names], names, count=40)
        bands = solve_bands(bands, path.points, count)
    if not np.array_equal(bands.k, path.points):
        raise ValueError(
            f"bands must be solved on the {len(path.points)} points of the path, got "
            f"{len(bands.k)} wavevectors"
        )
    with style():
        figure, axes = plt.subplots(figsize=(4.4, 4.0), FigureClass=_Drawing)
        axes.plot(path.distance, bands.energies, color="C0")
        axes.set_xticks(path.ticks, list(path.labels))
        axes.set_xlim(path.distance[0], path.distance[-1])
        axes.set_ylabel("energy (meV)")
        axes.set_title(title)
    # No longer one of pyplot's: shown once, where it is the value of a cell.
    plt.close(figure)
    return figure


def plot_map(
    first: ArrayLike,
    second: ArrayLike,
    values: ArrayLike,
    *,
    labels: tuple[str, str] = ("μ₁ (meV)", "μ₂ (meV)"),
    colour_label: str = "σ₁₂ (e²/h)",
    title: str = "",
) -> Figure:
    """Draw a map over two axes; one that reaches below zero gets colours that part at zero.

    Parameters
    ----------
    first, second : array_like, shape (n1,) and (n2,)
        Values on the horizontal and on the vertical axis, increasing: chemical potentials,
        densities.
    values : array_like, shape (n1, n2)
        What is shown, e.g. ``drag_conductivity(...)[:, :, 0, 0]``.
    labels, colour_label, title : str
        Of the axes, the colours and the figure.

    Returns
    -------
    matplotlib.figure.Figure

    Raises
    ------
    TypeError, ValueError
        If an axis does not increase, or the shapes do not fit.

    Examples
    --------
    >>> figure = plot_map([0.0, 1.0], [0.0, 1.0, 2.0], [[1, 2, 3], [-1, 0, 1]])
    >>> figure.axes[0].get_xlabel()
    'μ₁ (meV)'
    """
    x, y = _validate.real_vector("first", first), _validate.real_vector("second", second)
    shown = _validate.real_array("values", values)
    for name, axis in (("first", x), ("second", y)):
        if len(axis) < 2 or (np.diff(axis) <= 0).any():
            raise ValueError(f"{name} must hold at least two increasing numbers, got {axis}")
    if shown.shape != (len(x), len(y)):
        raise ValueError(f"values must have shape ({len(x)}, {len(y)}), got {shown.shape}")
    largest = float(np.abs(shown).max())
    # Rounding about zero is no sign.
    signed = bool(shown.min() < -1e-3 * largest)
    limits = (-largest, largest) if signed else (float(shown.min()), float(shown.max()))
    with style():
        figure, axes = plt.subplots(figsize=(4.8, 4.0), FigureClass=_Drawing)
        image = axes.pcolormesh(
            x,
            y,
            shown.T,
            shading="nearest",
            cmap="RdBu" if signed else None,
            vmin=limits[0],
            vmax=limits[1],
            rasterized=True,
        )
        figure.colorbar(image, ax=axes, label=colour_label)
        axes.set_xlabel(labels[0])
        axes.set_ylabel(labels[1])
        axes.set_title(title)
        axes.grid(False)
    # No longer one of pyplot's: shown once, where it is the value of a cell.
    plt.close(figure)
    return figure
