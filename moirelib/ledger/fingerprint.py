"""Fingerprints of functions: whether what a claim runs has changed since it was looked at.

A function is named ``drag.layer:DragLayer.susceptibility``, and what stands in a module outside of
its functions ``drag.layer:``. Comments, docstrings and layout do not count, nor does the text that
a claim is registered with.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

LIBRARY = Path(__file__).resolve().parent.parent

_LENGTH = 12

Function = ast.FunctionDef | ast.AsyncFunctionDef


def fingerprints(library: Path = LIBRARY) -> dict[str, str]:
    """Return the fingerprint of every function and of the rest of every module, by name."""
    found: dict[str, str] = {}
    for path in sorted(library.rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        module = module_name(path, library)
        _drop_prose(tree)
        for name, node in functions_of(tree):
            key = f"{module}:{name}"
            # A second function of one name replaces the first, but its body may have run.
            found[key] = _hash(found.get(key, "") + _of_function(node))
        # What a module holds besides its functions.
        for holder in ast.walk(tree):
            if isinstance(holder, ast.ClassDef | ast.Module):
                holder.body = [n for n in holder.body if not isinstance(n, Function)]
        found[f"{module}:"] = _hash(ast.dump(tree))
    return found


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
    """Return one fingerprint for several functions and the rest of the modules they stand in."""
    wanted = set(names)
    wanted |= {f"{name.partition(':')[0]}:" for name in wanted}
    return _hash("\n".join(f"{name} {known.get(name, 'gone')}" for name in sorted(wanted)))


def _of_function(node: Function) -> str:
    return _hash("\n".join(map(ast.dump, (node.args, *node.decorator_list, *node.body))))


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
