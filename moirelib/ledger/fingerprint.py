"""Fingerprints of functions: whether what a claim runs has changed since it was looked at.

A function is named ``drag.layer:DragLayer.susceptibility``. To its fingerprint belongs what its
module binds to the names that it uses: constants, imports, and of classes all but their methods.
What a module does besides, as registering claims in a loop, is named ``drag.layer:``. Comments,
docstrings and layout do not count, nor does the text that a claim is registered with.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from copy import copy
from functools import cache
from pathlib import Path

LIBRARY = Path(__file__).resolve().parent.parent

_LENGTH = 12

Function = ast.FunctionDef | ast.AsyncFunctionDef


def fingerprints(library: Path = LIBRARY) -> dict[str, str]:
    """Return the fingerprint of every function, and of what else a module does, by name."""
    found: dict[str, str] = {}
    for path in sorted(library.rglob("*.py")):
        found |= _of_module(module_name(path, library), path.read_text(encoding="utf-8"))
    return found


@cache
def _of_module(module: str, source: str) -> dict[str, str]:
    """The same for one module: read again each time, but parsed only if it has changed."""
    found: dict[str, str] = {}
    tree = ast.parse(source)
    _drop_prose(tree)
    functions = list(functions_of(tree))
    for holder in ast.walk(tree):
        if isinstance(holder, ast.ClassDef | ast.Module):
            holder.body = [n for n in holder.body if not isinstance(n, Function)]
    bound, unbound = _bindings(tree)
    for name, node in functions:
        key = f"{module}:{name}"
        around = [name.rpartition(".")[0], *_names(node)]
        text = "\n".join([_text(node), *_closure(around, bound)])
        # A second function of one name replaces the first, but its body may have run.
        found[key] = _hash(found.get(key, "") + text)
    names = [name for node in unbound for name in _names(node)]
    found[f"{module}:"] = _hash("\n".join([*map(ast.dump, unbound), *_closure(names, bound)]))
    return found


def _bindings(tree: ast.Module) -> tuple[dict[str, list[ast.AST]], list[ast.stmt]]:
    """What a module binds to each name, and its statements that bind nothing."""
    bound: dict[str, list[ast.AST]] = {}
    unbound = []
    for node in tree.body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            for alias in node.names:
                # One name of a list of imports is one binding.
                of_one = copy(node)
                of_one.names = [alias]
                bound.setdefault((alias.asname or alias.name).partition(".")[0], []).append(of_one)
        elif isinstance(node, ast.ClassDef):
            bound.setdefault(node.name, []).append(node)
        elif isinstance(node, ast.Assign | ast.AnnAssign | ast.AugAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            for name in {n for target in targets for n in _names(target)}:
                bound.setdefault(name, []).append(node)
        else:
            unbound.append(node)
    return bound, unbound


def _closure(names: Iterable[str], bound: Mapping[str, list[ast.AST]]) -> list[str]:
    """The bindings of some names, of the names that these use, and so on, as text."""
    known: set[str] = set()
    todo = {name.partition(".")[0] for name in names}
    while todo:
        name = todo.pop()
        if name in known or name not in bound:
            continue
        known.add(name)
        todo |= {inner for node in bound[name] for inner in _names(node)}
    return [ast.dump(node) for name in sorted(known) for node in bound[name]]


def _names(node: ast.AST) -> set[str]:
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}


def module_name(path: Path, library: Path = LIBRARY) -> str:
    """Return the dotted name of a file of the library, without that of the library.

    >>> module_name(LIBRARY / "drag" / "layer.py"), module_name(LIBRARY / "drag" / "__init__.py")
    ('drag.layer', 'drag')
    """
    parts = path.relative_to(library).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def functions_of(tree: ast.AST, prefix: str = "") -> Iterator[tuple[str, Function]]:
    """Yield the functions and methods of a module; what they define inside belongs to them.

    The check of a claim that has no name of its own, ``_``, is called by its claim: ``_[kundu-3]``.
    """
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, Function):
            yield f"{prefix}{node.name}{_claimed(node) if node.name == '_' else ''}", node
        elif isinstance(node, ast.ClassDef):
            yield from functions_of(node, f"{prefix}{node.name}.")


def first_line(node: Function) -> int:
    """Return the line that a function's code object begins on: that of its first decorator."""
    return min([node.lineno, *(one.lineno for one in node.decorator_list)])


def _claimed(node: Function) -> str:
    calls = [one for one in node.decorator_list if _is_claim(one)]
    first = calls[0].args[0] if calls and isinstance(calls[0], ast.Call) else None
    return f"[{first.value!s}]" if isinstance(first, ast.Constant) else ""


def combined(names: Iterable[str], known: Mapping[str, str]) -> str:
    """Return one fingerprint for several functions and for what else their modules do."""
    wanted = set(names)
    wanted |= {f"{name.partition(':')[0]}:" for name in wanted}
    return _hash("\n".join(f"{name} {known.get(name, 'gone')}" for name in sorted(wanted)))


def _text(node: Function) -> str:
    return "\n".join(map(ast.dump, (node.args, *node.decorator_list, *node.body)))


def _is_claim(node: ast.AST) -> bool:
    return (
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "claim"
    )


def _drop_prose(tree: ast.AST) -> None:
    """Leave out docstrings, and of the registration of a claim all but its id."""
    for node in ast.walk(tree):
        if isinstance(node, Function | ast.ClassDef | ast.Module) and ast.get_docstring(node):
            node.body = node.body[1:]
        if isinstance(node, ast.Call) and _is_claim(node):
            node.args, node.keywords = node.args[:1], []


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:_LENGTH]
