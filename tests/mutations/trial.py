"""What happens in a process of its own: claims, one after another, on one copy of the library.

Nothing here imports the library before the copy is first on the path: the processes are forked
from a server that has loaded NumPy and its like, but not the library.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, nullcontext, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from importlib import import_module
from multiprocessing.connection import Connection
from pathlib import Path
from types import FrameType
from typing import Any

Address = tuple[str, str]
"""The module that registers a claim, and the claim's id."""

PRELOADED = [
    "matplotlib.pyplot",
    "numpy",
    "pytest",
    "scipy.integrate",
    "scipy.interpolate",
    "scipy.linalg",
    "scipy.optimize",
    "scipy.sparse.csgraph",
    "scipy.sparse.linalg",
    "scipy.special",
    "scipy.stats",
    "sympy",
    "threadpoolctl",
    "tqdm",
]


@dataclass(frozen=True)
class Outcome:
    """How one claim came out."""

    claim: str
    sound: bool
    problem: str
    seconds: float
    runs: tuple[str, ...] = ()
    """The functions that the check ran, if they were asked for."""


def server() -> Any:
    """Return the context that forks processes from one with the heavy imports done."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(PRELOADED)
    return context


def outcomes(
    copy: Path, claims: Sequence[Address], limit: float, traced: bool = False
) -> Iterator[Outcome]:
    """Run claims in a fresh process on the copy of the library beneath a folder.

    A check that takes longer than ``limit`` seconds is one that does not hold, and ends the trial.
    The caller may stop listening at any time.

    Raises
    ------
    LookupError
        If a module does not register its claim: the claim has moved since it was traced.
    RuntimeError
        If the library cannot be imported.
    """
    process, ours = _started(_serve, str(copy), traced)
    try:
        if ours.recv() != "ready":
            raise RuntimeError(f"the library beneath {copy} cannot be imported")
        for address in claims:
            try:
                ours.send(address)
                if not ours.poll(limit):
                    yield Outcome(address[1], False, f"no end within {limit:.0f} s", limit)
                    return
                answer = ours.recv()
                if isinstance(answer, LookupError):
                    raise answer
                yield answer
            except (EOFError, BrokenPipeError, ConnectionResetError):
                process.join()
                text = f"its process ended with code {process.exitcode}"
                yield Outcome(address[1], False, text, 0.0)
                return
    finally:
        process.kill()
        process.join()
        ours.close()


class NoSuchTestError(RuntimeError):
    """A test that is asked for by name is not there."""


def first_failure(
    copy: Path, chosen: Sequence[str], limit: float, without: Sequence[str] = ()
) -> str:
    """Run tests of a copy until one fails, and return its name; empty if none does.

    Those in ``without`` are left out.

    Raises
    ------
    NoSuchTestError
        If a test that is named is not there.
    RuntimeError
        If the tests cannot be run.
    """
    options = ["-x", *(f"--deselect={test}" for test in without)]
    found = _tested(copy, [*options, *chosen], limit, None)
    if found is None:
        return f"{chosen[0]}::(no end within {limit:.0f} s)"
    failed, code = found
    if not failed and code == _USAGE:
        raise NoSuchTestError(f"not all of {chosen} are there")
    if not failed and code not in _DONE:
        raise RuntimeError(f"pytest ended with {code} on {chosen}")
    return failed[0] if failed else ""


def failures(copy: Path, chosen: Sequence[str], limit: float) -> set[str] | None:
    """Run all of these tests, as far as they are there, and return the names of those that fail.

    None if there is no end of them, or their process dies.
    """
    files = sorted({test.partition("::")[0] for test in chosen})
    try:
        found = _tested(copy, files, limit, frozenset(chosen))
    except RuntimeError:
        found = None
    return None if found is None else set(found[0])


# Exit codes of pytest: of a test that is not there; and all passed, some failed, none collected.
_USAGE, _DONE = 4, (0, 1, 5)


def _tested(
    copy: Path, options: list[str], limit: float, only: frozenset[str] | None
) -> tuple[list[str], int] | None:
    """Return what failed, and the exit code of pytest; nothing if there was no end."""
    process, ours = _started(_test, str(copy), options, only)
    try:
        if not ours.poll(limit):
            return None
        found: tuple[list[str], int] = ours.recv()
        return found
    except EOFError:
        process.join()
        raise RuntimeError(f"pytest died with {process.exitcode} on {options}") from None
    finally:
        process.kill()
        process.join()
        ours.close()


def _started(target: Callable[..., None], *arguments: object) -> tuple[Any, Connection]:
    ours, theirs = server().Pipe()
    process = server().Process(target=target, args=(theirs, *arguments), daemon=False)
    process.start()
    theirs.close()
    return process, ours


def _enter(copy: str) -> None:
    """Let this process use the library of a copy, and make sure that it does."""
    for name in ("MOIRELIB_CACHE", "MOIRELIB_LEDGER"):
        os.environ.pop(name, None)
    # For this process and for those that a test starts.
    os.environ["PYTHONPATH"] = copy
    sys.path.insert(0, copy)
    library = import_module("moirelib")
    assert Path(str(library.__file__)).is_relative_to(copy), library.__file__


class _Failures:
    """A plugin that notes what fails, of certain tests if they are named."""

    def __init__(self, only: frozenset[str] | None) -> None:
        self.only = only
        self.found: list[str] = []

    def pytest_collection_modifyitems(self, items: list[Any]) -> None:
        if self.only is not None:
            items[:] = [item for item in items if item.nodeid in self.only]

    def pytest_runtest_logreport(self, report: Any) -> None:
        self.found += [report.nodeid] if report.failed else []

    def pytest_collectreport(self, report: Any) -> None:
        self.found += [report.nodeid] if report.failed else []


def _test(
    connection: Connection, copy: str, options: list[str], only: frozenset[str] | None
) -> None:
    os.chdir(copy)
    _enter(copy)
    noted = _Failures(only)
    always = ["-q", "-p", "no:cacheprovider", "-p", "no:xdist"]
    with open(os.devnull, "w") as nowhere, redirect_stdout(nowhere), redirect_stderr(nowhere):
        code = int(import_module("pytest").main([*always, *options], plugins=[noted]))
    connection.send((noted.found, code))


def _serve(connection: Connection, copy: str, traced: bool) -> None:
    try:
        _enter(copy)
        registry = import_module("moirelib.ledger.registry")
        judging = import_module("moirelib.ledger.judging")
    except Exception as error:
        connection.send(f"{type(error).__name__}: {error}")
        return
    connection.send("ready")
    while True:
        try:
            module, claim = connection.recv()
        except EOFError:
            return
        start, ran = time.process_time(), set[str]()
        try:
            # What a module computes when it is imported belongs to its claims.
            with _tracing(ran, copy) if traced else nullcontext():
                import_module(module)
                if claim not in {entry.id for entry in registry.claims()}:
                    connection.send(LookupError(f"{module} has no claim {claim!r} any more"))
                    return
                measured = judging.measure(registry.registered(claim))
            result = judging.judge(measured)
            sound, problem = result.sound, "; ".join(result.problems)[:300]
        except Exception as error:
            sound, problem = False, f"{type(error).__name__}: {error}"[:300]
        spent = time.process_time() - start
        connection.send(Outcome(claim, sound, problem, spent, tuple(sorted(ran))))


@contextmanager
def _tracing(ran: set[str], copy: str) -> Iterator[None]:
    """Note the functions of the library that are called meanwhile."""
    top = f"{copy}/moirelib/"

    def note(frame: FrameType, event: str, argument: object) -> None:
        code = frame.f_code
        if code.co_filename.startswith(top):
            inside = code.co_filename[len(top) :].removesuffix(".py").removesuffix("/__init__")
            # What a function defines inside belongs to it.
            name = code.co_qualname.partition(".<locals>")[0]
            if name == "_":
                name = f"_@{code.co_firstlineno}"
            ran.add(f"{inside.replace('/', '.')}:{'' if '<' in name else name}")

    sys.settrace(note)
    try:
        yield
    finally:
        sys.settrace(None)
