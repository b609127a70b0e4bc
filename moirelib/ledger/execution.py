"""Run claims in this process or in several, and hand over each result as soon as it is there."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Generator, Iterator, Sequence
from importlib import import_module
from multiprocessing.connection import Connection, wait

from moirelib import _validate
from moirelib.ledger.judging import Measurement, Result, judge, measure
from moirelib.ledger.registry import Claim, registered

# The module that registers a claim, and the claim's id: what another process needs to find it.
_Address = tuple[str, str]


def default_processes() -> int:
    """Return how many processes run the ledger unless told otherwise: two, if there are two."""
    return min(2, os.cpu_count() or 1)


def execute(entries: Sequence[Claim], processes: int = 1) -> Generator[Result, None, None]:
    """Run claims and yield each result as it comes, in any order.

    Claims of a chapter share what they have computed, so a process goes on with the chapter that
    it has begun. Only when every chapter is begun does it take a module of another's.

    Parameters
    ----------
    entries : sequence of Claim
        The claims to run.
    processes : int
        How many processes to use; with 1, this one.

    Raises
    ------
    TypeError, ValueError
        If ``processes`` is no integer ≥ 1.
    RuntimeError
        If another process ends before its work does, e.g. for want of memory.
    """
    if _validate.integer("processes", processes, minimum=1) == 1:
        yield from (judge(measure(entry)) for entry in entries)
    else:
        yield from map(judge, _distributed(_Waiting(entries), processes))


class _Waiting:
    """The claims that no process has begun, by chapter and module."""

    def __init__(self, entries: Sequence[Claim]) -> None:
        self._left: dict[str, dict[str, list[_Address]]] = {}
        self._begun: set[str] = set()
        for entry in entries:
            modules, module = self._left.setdefault(entry.chapter, {}), entry.check.__module__
            modules.setdefault(module, []).append((module, entry.id))

    def take(self, chapter: str = "") -> tuple[str, list[_Address]]:
        """Return a chapter and a module's claims: of this one, of a new one, or of the longest.

        Without claims if nothing is left.
        """
        if not self._left:
            return chapter, []
        if chapter not in self._left:
            new = [one for one in self._left if one not in self._begun]
            chapter = new[0] if new else max(self._left, key=lambda one: len(self._left[one]))
        self._begun.add(chapter)
        modules = self._left[chapter]
        claims = modules.pop(next(iter(modules)))
        if not modules:
            del self._left[chapter]
        return chapter, claims


def _distributed(waiting: _Waiting, processes: int) -> Iterator[Measurement]:
    # Started afresh on every platform: a fork would copy the threads' locks of a notebook.
    context = multiprocessing.get_context("spawn")
    workers, chapters = {}, {}
    try:
        for _ in range(processes):
            chapter, claims = waiting.take()
            if not claims:
                break
            ours, theirs = context.Pipe()
            worker = context.Process(target=_serve, args=(theirs,), daemon=True)
            worker.start()
            theirs.close()
            ours.send(claims)
            workers[ours], chapters[ours] = worker, chapter
        while workers:
            for ready in wait(list(workers)):
                assert isinstance(ready, Connection)
                try:
                    message = ready.recv()
                except EOFError:
                    workers[ready].join()
                    code = workers[ready].exitcode
                    raise RuntimeError(f"a process of the ledger ended with code {code}") from None
                if message is not None:
                    yield message
                    continue
                chapters[ready], claims = waiting.take(chapters[ready])
                if claims:
                    ready.send(claims)
                else:
                    ready.close()
                    workers.pop(ready).join()
    finally:
        for worker in workers.values():
            worker.terminate()
        for connection, worker in workers.items():
            worker.join()
            connection.close()


def _serve(connection: Connection) -> None:
    """Measure one group of claims after another until the other end closes."""
    # Ctrl-C reaches every process of the terminal; the first one ends the others.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        while True:
            for module, claim_id in connection.recv():
                import_module(module)
                connection.send(measure(registered(claim_id)))
            connection.send(None)
    except (EOFError, BrokenPipeError):
        return
