"""Which functions of the library each claim runs: what decides who can see a mistake."""

from __future__ import annotations

import ast
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from moirelib import ledger
from moirelib.ledger.fingerprint import first_line, functions_of, module_name
from mutations import trial
from mutations.copies import copy_with
from mutations.mutation import LIBRARY, Mutation, assigned, dotted, enclosing
from mutations.record import Record, Traced

# What only checks arguments, judges or counts decides no number: its code may change.
_ASIDE = re.compile(r"_|ledger\.(?!measure\b)")
# A check that hangs without any mistake in the library would hang the suite.
_LIMIT = 600.0


def trace(record: Record, jobs: int, say: Callable[[str], None]) -> None:
    """Trace the claims whose code has changed, each in a process of its own."""
    ledger.load()
    entries = {entry.id: entry.check.__module__ for entry in ledger.claims()}
    for gone in set(record.claims) - set(entries):
        del record.claims[gone]
    todo = [(module, one) for one, module in entries.items() if not record.holds(one)]
    if not todo:
        return
    say(f"tracing {len(todo)} of {len(entries)} claims")
    with copy_with(None) as folder, ThreadPoolExecutor(jobs) as pool:
        for address, outcome in zip(todo, pool.map(lambda a: _one(folder, a), todo), strict=True):
            if not outcome.sound:
                raise RuntimeError(f"{address[1]} falls short as it is: {outcome.problem}")
            runs = tuple(_named(name) for name in outcome.runs if not _ASIDE.match(name))
            traced = Traced(address[0], outcome.seconds, runs, record.key(runs))
            record.claims[address[1]] = traced
            record.save()


def _one(folder: Path, address: trial.Address) -> trial.Outcome:
    (outcome,) = trial.outcomes(folder, [address], _LIMIT, traced=True)
    return outcome


def _named(name: str) -> str:
    """Name a check without a name of its own by its claim: ``module:_@12``, ``module:_[id]``."""
    module, _, inside = name.partition(":")
    if not inside.startswith("_@"):
        return name
    line = int(inside.removeprefix("_@"))
    path = LIBRARY / f"{module.replace('.', '/')}.py"
    functions = functions_of(ast.parse(path.read_text(encoding="utf-8")))
    return next((f"{module}:{n}" for n, node in functions if first_line(node) == line), name)


def downstream(one: Mutation, record: Record) -> list[str]:
    """Return the claims that run what a mutation changes, the quickest first."""
    touched = touched_functions(one)
    found = [c for c, known in record.claims.items() if touched & set(known.runs)]
    return sorted(found, key=lambda c: (record.claims[c].seconds, c))


def touched_functions(one: Mutation) -> set[str]:
    """Return the function that a mutation changes, or those that use what it changes."""
    function = enclosing(one)
    if function:
        return {f"{dotted(one.module)}:{function}"}
    names = assigned(one)
    if not names:  # a call, such as one that registers a claim
        return {n for n in _texts() if n.startswith(f"{dotted(one.module)}:")}
    word = re.compile(rf"\b({'|'.join(map(re.escape, names))})\b")
    # What begins with an underscore is used in its own module only.
    within = f"{dotted(one.module)}:" if all(n.startswith("_") for n in names) else ""
    return {n for n, text in _texts().items() if n.startswith(within) and word.search(text)}


def _texts() -> dict[str, str]:
    """The source of every function of the library, by name."""
    if not _TEXTS:
        _TEXTS.update(_read_texts())
    return _TEXTS


_TEXTS: dict[str, str] = {}


def _read_texts() -> dict[str, str]:
    found = {}
    for path in LIBRARY.rglob("*.py"):
        source = path.read_text(encoding="utf-8")
        lines = source.splitlines()
        for name, node in functions_of(ast.parse(source)):
            text = "\n".join(lines[node.lineno - 1 : node.end_lineno])
            found[f"{module_name(path)}:{name}"] = text
    return found
