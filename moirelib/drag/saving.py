"""A solved layer on disk: saved by one program, loaded by another, never by mistake."""

from __future__ import annotations

import hashlib
import os
from typing import Any

import numpy as np

from moirelib import _validate, archive
from moirelib.archive import ArchiveError, Arrays
from moirelib.bands.model import ValleyModel, require_valley_model
from moirelib.cache import is_foreign
from moirelib.drag.layer import DragLayer, _ValleyResponse

_KIND = "solved layer"


def save_layer(layer: DragLayer, path: str | os.PathLike[str]) -> None:
    """Solve a layer, unless that is done, and write it to an ``.npz`` file without pickles.

    Parameters
    ----------
    layer : DragLayer
        Of any model.
    path : path
        The file; one that exists is replaced. It is written whole or not at all.

    Raises
    ------
    TypeError
        If ``layer`` is no :class:`moirelib.DragLayer`.
    OSError
        If the file cannot be written.
    """
    _validate.instance("layer", layer, DragLayer, "a DragLayer")
    parameters = {"model": _description(layer.model)} | _settings(layer)
    arrays: Arrays = {}
    for valley, solved in layer._valley_responses.items():
        arrays[f"energies{valley:+d}"] = solved.energies
        arrays[f"products{valley:+d}"] = solved.products
    archive.write(path, _KIND, parameters, arrays)


def load_layer(path: str | os.PathLike[str], model: ValleyModel, **expected: Any) -> DragLayer:
    """Return the layer that :func:`save_layer` has written, without solving it again.

    Parameters
    ----------
    path : path
        The file.
    model : ValleyModel
        The model that the layer was solved for. The file does not hold it, but knows it.
    **expected
        Fields of :class:`moirelib.DragLayer` that the file must have, e.g. ``mesh=240``.

    Returns
    -------
    DragLayer
        With the fields of the one that was saved.

    Raises
    ------
    TypeError
        If ``model`` is no valley model.
    FileNotFoundError
        If there is no such file.
    moirelib.archive.ArchiveError
        A ``ValueError``: if the file is damaged, of another format, or of a layer with another
        model or other fields than expected.

    Examples
    --------
    >>> from pathlib import Path
    >>> from tempfile import TemporaryDirectory
    >>> from moirelib import DragLayer, GrapheneHBN
    >>> model = GrapheneHBN(cutoff=2)
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "layer.npz")
    ...     save_layer(DragLayer(model, mesh=12), file)
    ...     load_layer(file, model, mesh=12).bands
    8
    """
    require_valley_model(model)
    parameters, arrays = archive.read(path, _KIND)
    found = parameters.pop("model")
    if found != _description(model):
        raise ArchiveError(f"{path} is of another model: {found}, not {_description(model)}")
    for name, value in expected.items():
        if name not in parameters:
            raise TypeError(f"{name} is no field that a file holds: {', '.join(parameters)}")
        if not np.array_equal(parameters[name], value):
            raise ArchiveError(
                f"{path} has {name}={parameters[name]!r}, not {_validate.shown(value)}"
            )
    layer = DragLayer(model, **parameters | {"shift": tuple(parameters["shift"])})
    points = (len(layer.zone.points), layer.bands)
    solved = {}
    valleys = [model.valley] if layer.symmetry == "full" else [model.valley, -model.valley]
    for valley in valleys:
        energies, products = (arrays.get(f"{x}{valley:+d}") for x in ("energies", "products"))
        if energies is None or products is None or energies.shape != points:
            raise ArchiveError(f"{path} does not hold the arrays of such a layer")
        energies.flags.writeable = products.flags.writeable = False
        solved[valley] = _ValleyResponse(energies, products, layer.zone.weights)
    # Where the layer would keep what it solves.
    layer.__dict__["_valley_responses"] = solved
    return layer


def _settings(layer: DragLayer) -> dict[str, Any]:
    """The fields that decide the numbers, besides the model."""
    counts = {name: int(getattr(layer, name)) for name in ("mesh", "bands", "shells", "divisions")}
    shift = np.asarray(layer.shift, dtype=np.float64).tolist()
    return counts | {"symmetry": layer.symmetry, "solver": layer.solver, "shift": shift}


def _description(model: ValleyModel) -> str:
    """What tells a model from others: its parameters, or a hash of the matrices it was given as."""
    if not is_foreign(model):
        return repr(model)
    total = hashlib.sha256(f"{model.lattice} {model.valley} {model.occupied}".encode())
    total.update(" ".join(sorted(model.symmetries)).encode())
    for array, kind in (
        (model.plane_waves, np.int64),
        (model.orbitals, np.int64),
        (model.hamiltonian([0.0, 0.0]), np.complex128),
        (model.velocity_operators(), np.complex128),
    ):
        # Adding zero makes −0 and 0 one number.
        total.update((np.ascontiguousarray(array, dtype=kind) + 0).tobytes())
    return f"{type(model).__name__} with matrices {total.hexdigest()[:32]}"
