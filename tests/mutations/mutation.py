"""One planted mistake: a change of the source that is wrong as physics or as a check."""

from __future__ import annotations

import ast
import hashlib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Protocol

ROOT = Path(__file__).resolve().parents[2]
LIBRARY = ROOT / "moirelib"


class StaleMutationError(ValueError):
    """The fragment that a mutation replaces is not there exactly once."""


class Mutation(Protocol):
    """A named change of one module."""

    @property
    def name(self) -> str:
        """A name of its own, which begins with that of the module."""
        ...

    @property
    def module(self) -> str:
        """The file, relative to the library."""
        ...

    @property
    def mistake(self) -> str:
        """What is wrong, in words."""
        ...

    @property
    def equivalent(self) -> str:
        """Why nothing can see it, if that is proved; otherwise empty."""
        ...

    def span(self, source: str) -> tuple[int, int, str]:
        """Where the source changes, from and to which character, and what stands there then."""
        ...


@dataclass(frozen=True)
class Planted:
    """A mistake written by hand.

    Parameters
    ----------
    module : str
        The file, relative to the library.
    label : str
        A name within the module.
    old, new : str
        The fragment replaced, which must occur exactly once, and what replaces it.
    mistake : str
        What physical mistake, or which failing of a check, it is.
    equivalent : str
        A proof that no result can differ, for a change that cannot be seen.
    """

    module: str
    label: str
    old: str
    new: str
    mistake: str
    equivalent: str = ""

    @property
    def name(self) -> str:
        """The dotted module and the label."""
        return f"{dotted(self.module)}:{self.label}"

    def span(self, source: str) -> tuple[int, int, str]:
        """Where the source changes.

        Raises
        ------
        StaleMutationError
            If the fragment is not there exactly once.
        """
        count = source.count(self.old)
        if count != 1:
            raise StaleMutationError(
                f"{self.name}: {self.old!r} must occur once in {self.module}, got {count}"
            )
        start = source.index(self.old)
        return start, start + len(self.old), self.new


def within(module: str, *changes: tuple[str, ...]) -> tuple[Planted, ...]:
    """Return mistakes of one module: (label, old, new, mistake) each, and a proof if equivalent."""
    return tuple(Planted(module, *change) for change in changes)


def dotted(module: str) -> str:
    """Return the name of a file of the library as imports have it.

    >>> dotted("drag/layer.py"), dotted("drag/__init__.py")
    ('drag.layer', 'drag')
    """
    return module.removesuffix(".py").removesuffix("/__init__").replace("/", ".")


@lru_cache(maxsize=256)
def read(module: str) -> str:
    """Return the source of a file of the library as it is."""
    return (LIBRARY / module).read_text(encoding="utf-8")


def mutated(one: Mutation) -> str:
    """Return the source of the module with the mistake in it."""
    source = read(one.module)
    start, end, new = one.span(source)
    return source[:start] + new + source[end:]


def digest(one: Mutation) -> str:
    """Return a key of the mistake itself: where it is and what it changes."""
    source = read(one.module)
    start, end, new = one.span(source)
    parts = (one.module, enclosing(one), source[start:end], new)
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:12]


def enclosing(one: Mutation) -> str:
    """Return the function or method that holds the change; empty if none does."""
    source = read(one.module)
    start, _, _ = one.span(source)
    line = source.count("\n", 0, start) + 1
    return _function_at(one.module, line)


def assigned(one: Mutation) -> set[str]:
    """Return the names that the statement of a change outside of functions assigns."""
    source = read(one.module)
    start, _, _ = one.span(source)
    line = source.count("\n", 0, start) + 1
    found: set[str] = set()
    for node in ast.walk(_tree(one.module)):
        if isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign) and (
            node.lineno <= line <= (node.end_lineno or node.lineno)
        ):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            names = [n for target in targets for n in ast.walk(target)]
            found |= {n.id for n in names if isinstance(n, ast.Name)}
    return found


@lru_cache(maxsize=256)
def _tree(module: str) -> ast.Module:
    return ast.parse(read(module))


def _function_at(module: str, line: int) -> str:
    def search(node: ast.AST, prefix: str) -> str:
        for child in ast.iter_child_nodes(node):
            if not isinstance(child, ast.FunctionDef | ast.ClassDef):
                continue
            first = min([child.lineno, *(d.lineno for d in child.decorator_list)])
            if first <= line <= (child.end_lineno or first):
                name = f"{prefix}{child.name}"
                return search(child, f"{name}.") if isinstance(child, ast.ClassDef) else name
        return ""

    return search(_tree(module), "")
