"""Run a function over many parameter sets: serially, on a process pool or on a cluster.

Any :class:`concurrent.futures.Executor` will do: a process pool, ``mpi4py.futures``, or a
Dask cluster through ``Client.get_executor()``. With a folder to keep its results in, a sweep that
was broken off is taken up where it stopped.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future, as_completed
from pathlib import Path
from typing import TypeVar

from tqdm.auto import tqdm

from moirelib import _validate
from moirelib._allocation import reuse_memory
from moirelib._results import Results
from moirelib._threads import one_blas_thread

Parameters = TypeVar("Parameters")
Outcome = TypeVar("Outcome")

# Characters of the parameters in the message of a failure.
_LONGEST = 200


class SweepError(RuntimeError):
    """A call of a sweep failed; the message shows its parameters, the cause is chained."""


def sweep(
    function: Callable[[Parameters], Outcome],
    parameters: Sequence[Parameters],
    executor: Executor | None = None,
    progress: bool = False,
    folder: str | os.PathLike[str] | None = None,
) -> list[Outcome]:
    """Return ``[function(p) for p in parameters]``, in this order, however it is run.

    Parameters
    ----------
    function : callable
        Called with one parameter set. With a process pool it must be importable.
    parameters : sequence
        The parameter sets.
    executor : concurrent.futures.Executor, optional
        Where to run; in this process, one after another, if left out.
    progress : bool
        Whether to show a progress bar.
    folder : path, optional
        Where each result is kept as soon as it is there: a number, an array of numbers, or a
        dictionary of such. What is there already is not computed again, as long as parameters,
        source of the function and library are the same. This process alone writes: the workers of
        a cluster need not see the folder.

    Returns
    -------
    list
        The results, in the order of ``parameters``.

    Raises
    ------
    TypeError
        If ``executor`` is not an executor; with a folder, also for parameters whose ``repr`` may
        not say all, and for results of another kind.
    SweepError
        If a call raises. Calls that have not started are cancelled.

    Examples
    --------
    >>> sweep(abs, [-1, 2, -3])
    [1, 2, 3]
    """
    _validate.function("function", function, "of one parameter set")
    require_executor(executor)
    results = None if folder is None else Results(Path(folder), function)
    found: dict[int, Outcome] = {}
    if results is not None:
        for i, one in enumerate(parameters):
            known, value = results.read(one)
            if known:
                found[i] = value
    missing = [i for i in range(len(parameters)) if i not in found]
    bar = tqdm(total=len(parameters), initial=len(found), disable=not progress)

    def keep(i: int, outcome: Outcome) -> None:
        found[i] = outcome
        if results is not None:
            results.write(parameters[i], outcome)
        bar.update()

    with bar:
        if executor is None:
            _here(function, parameters, missing, keep)
        else:
            _on_executor(function, parameters, missing, executor, keep)
    return [found[i] for i in range(len(parameters))]


def require_executor(executor: object) -> None:
    """Refuse what is neither None nor an executor.

    Raises
    ------
    TypeError
        If it is of another class.
    """
    if executor is not None:
        _validate.instance("executor", executor, Executor, "a concurrent.futures.Executor")


def _here(
    function: Callable[[Parameters], Outcome],
    parameters: Sequence[Parameters],
    missing: list[int],
    keep: Callable[[int, Outcome], None],
) -> None:
    for i in missing:
        try:
            outcome = _call(function, parameters[i])
        except Exception as error:
            raise _failure(parameters[i], error) from error
        keep(i, outcome)


def _on_executor(
    function: Callable[[Parameters], Outcome],
    parameters: Sequence[Parameters],
    missing: list[int],
    executor: Executor,
    keep: Callable[[int, Outcome], None],
) -> None:
    waiting: dict[Future[Outcome], int] = {
        executor.submit(_call, function, parameters[i]): i for i in missing
    }
    try:
        for future in as_completed(list(waiting)):
            error = future.exception()
            if error is not None:
                raise _failure(parameters[waiting[future]], error) from error
            keep(waiting.pop(future), future.result())
    finally:
        # After an error or an interrupt nothing that is still waiting should start, and what has
        # been computed by then is not lost.
        for future in waiting:
            future.cancel()
        for future, i in waiting.items():
            if future.done() and not future.cancelled() and future.exception() is None:
                keep(i, future.result())


@one_blas_thread
def _call(function: Callable[[Parameters], Outcome], one: Parameters) -> Outcome:
    """Call the function where it runs: the limit of a parent does not reach its workers."""
    reuse_memory()
    return function(one)


def _failure(parameters: object, error: BaseException) -> SweepError:
    shown = _shortened(repr(parameters))
    return SweepError(f"failed for parameters {shown}: {type(error).__name__}: {error}")


def _shortened(text: str) -> str:
    """Leave out the middle of what is too long for a message, as reprlib does."""
    if len(text) <= _LONGEST:
        return text
    half = (_LONGEST - 5) // 2
    return f"{text[:half]} ... {text[-half:]}"
