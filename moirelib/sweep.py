"""Run a function over many parameter sets: serially, on a process pool or on a cluster.

Any :class:`concurrent.futures.Executor` will do: a process pool, ``mpi4py.futures``, or a
Dask cluster through ``Client.get_executor()``.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future, as_completed
from typing import Any, TypeVar

from tqdm.auto import tqdm

from moirelib import _validate
from moirelib._allocation import reuse_memory
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

    Returns
    -------
    list
        The results, in the order of ``parameters``.

    Raises
    ------
    TypeError
        If ``executor`` is not an executor.
    SweepError
        If a call raises. Calls that have not started are cancelled.

    Examples
    --------
    >>> sweep(abs, [-1, 2, -3])
    [1, 2, 3]
    """
    _validate.function("function", function, "of one parameter set")
    require_executor(executor)
    bar = tqdm(total=len(parameters), disable=not progress)
    with bar:
        if executor is None:
            outcomes = []
            for one in parameters:
                try:
                    outcomes.append(_call(function, one))
                except Exception as error:
                    raise _failure(one, error) from error
                bar.update()
            return outcomes
        return _on_executor(function, parameters, executor, bar)


def require_executor(executor: object) -> None:
    """Refuse what is neither None nor an executor, with a TypeError."""
    if executor is not None:
        _validate.instance("executor", executor, Executor, "a concurrent.futures.Executor")


def _on_executor(
    function: Callable[[Parameters], Outcome],
    parameters: Sequence[Parameters],
    executor: Executor,
    bar: Any,
) -> list[Outcome]:
    futures: list[Future[Outcome]] = [executor.submit(_call, function, one) for one in parameters]
    position = {future: i for i, future in enumerate(futures)}
    try:
        for future in as_completed(futures):
            error = future.exception()
            if error is not None:
                raise _failure(parameters[position[future]], error) from error
            bar.update()
    finally:
        # After an error or an interrupt nothing that is still waiting should start.
        for future in futures:
            future.cancel()
    return [future.result() for future in futures]


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
