"""Mechanical mutations of the physics: a sign, a conjugate, a factor, indices, a comparison.

The general tools for Python (cosmic-ray, mutmut, mutatest) change operators and numbers; none
drops a conjugate, reverses the output of an ``einsum`` or takes the other axis, and each runs one
command for all mutants. What is needed of them is these few visitors.
"""

from __future__ import annotations

import ast
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from moirelib.ledger.fingerprint import functions_of
from mutations.mutation import LIBRARY, StaleMutationError, dotted, read

ROOMS = ("bands", "models", "drag", "hall", "switching")

# Change: kind, first and last character, replacement.
_Change = tuple[str, int, int, str]

_EXCHANGED = {
    "cos": "sin",
    "sin": "cos",
    "minimum": "maximum",
    "maximum": "minimum",
    "real": "imag",
    "imag": "real",
    "min": "max",
    "max": "min",
    "argmin": "argmax",
    "argmax": "argmin",
}


@dataclass(frozen=True)
class Mechanical:
    """The n-th change of one kind in one function."""

    module: str
    function: str
    kind: str
    number: int
    equivalent: str = ""

    @property
    def name(self) -> str:
        """Where and which."""
        return f"{dotted(self.module)}:{self.function}:{self.kind}-{self.number}"

    @property
    def mistake(self) -> str:
        """What is changed, as in a list of differences."""
        source = read(self.module)
        start, end, new = self.span(source)
        return f"{self.kind}: {source[start:end]!r} → {new!r}"

    def span(self, source: str) -> tuple[int, int, str]:
        """Where the source changes.

        Raises
        ------
        StaleMutationError
            If there is no such change any more.
        """
        found = [c for c in changes(source).get(self.function, ()) if c[0] == self.kind]
        if self.number >= len(found):
            raise StaleMutationError(f"{self.name}: there are {len(found)} of this kind")
        _, start, end, new = found[self.number]
        return start, end, new


def every() -> list[Mechanical]:
    """Return all mechanical changes of the rooms of the physics."""
    found = []
    for room in ROOMS:
        for path in sorted((LIBRARY / room).glob("*.py")):
            module = path.relative_to(LIBRARY).as_posix()
            for function, changed in changes(read(module)).items():
                counts: dict[str, int] = {}
                for kind, *_ in changed:
                    number = counts.setdefault(kind, 0)
                    found.append(Mechanical(module, function, kind, number))
                    counts[kind] += 1
    return found


def drawn(count: int, seed: str) -> list[Mechanical]:
    """Return as many changes of each module as of any other, drawn by a seed."""
    rng = random.Random(seed)
    by_module: dict[str, list[Mechanical]] = {}
    for one in every():
        by_module.setdefault(one.module, []).append(one)
    for group in by_module.values():
        rng.shuffle(group)
    found: list[Mechanical] = []
    while len(found) < count and any(by_module.values()):
        found += [group.pop() for group in by_module.values() if group]
    return found[:count]


@lru_cache(maxsize=256)
def changes(source: str) -> dict[str, list[_Change]]:
    """Return the changes of every function of a module, in the order of the text."""
    starts = _line_starts(source)

    def at(line: int, column: int) -> int:
        # Columns count bytes.
        start = starts[line - 1]
        text = source[start:].split("\n", 1)[0].encode()
        return start + len(text[:column].decode())

    def ends(node: ast.expr) -> tuple[int, int]:
        assert node.end_lineno is not None
        assert node.end_col_offset is not None
        return at(node.lineno, node.col_offset), at(node.end_lineno, node.end_col_offset)

    found = {}
    for name, function in functions_of(ast.parse(source)):
        nodes = [n for statement in function.body for n in _physics(statement)]
        changed = [c for node in nodes for c in _of_node(node, source, ends)]
        found[name] = sorted(set(changed), key=lambda c: (c[1], c[2], c[0], c[3]))
    return found


def _physics(node: ast.AST) -> Iterator[ast.AST]:
    """Walk through code, past errors, messages, checks of arguments and sizes of memory."""
    if isinstance(node, ast.Raise | ast.JoinedStr | ast.AnnAssign) and not (
        isinstance(node, ast.AnnAssign) and node.value is not None
    ):
        return
    if isinstance(node, ast.If) and any(isinstance(n, ast.Raise) for n in node.body):
        return
    if isinstance(node, ast.Call):
        called = ast.unparse(node.func)
        if called.startswith(("_validate.", "require_", "self.require_")):
            return
    yield node
    if isinstance(node, ast.AnnAssign) and node.value is not None:
        yield from _physics(node.value)
        return
    for child in ast.iter_child_nodes(node):
        yield from _physics(child)


def _of_node(node: ast.AST, source: str, ends) -> Iterator[_Change]:  # type: ignore[no-untyped-def]
    if isinstance(node, ast.BinOp):
        gap = (ends(node.left)[1], ends(node.right)[0])
        between = source[slice(*gap)]
        if isinstance(node.op, ast.Add | ast.Sub) and not _is_text(node):
            old, new = ("+", "-") if isinstance(node.op, ast.Add) else ("-", "+")
            place = gap[0] + between.index(old)
            yield "sign", place, place + 1, new
        if isinstance(node.op, ast.Mult | ast.Div):
            for side in (node.left, node.right):
                if isinstance(side, ast.Constant) and isinstance(side.value, int | float):
                    yield "factor", *ends(side), repr(2 * side.value)
        if isinstance(node.op, ast.Pow) and isinstance(node.right, ast.Constant):
            yield "power", *ends(node.right), repr(node.right.value + 1)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        start = ends(node)[0]
        if not isinstance(node.operand, ast.Constant) or isinstance(node.operand.value, float):
            yield "sign", start, start + 1, ""
    if isinstance(node, ast.Compare) and len(node.ops) == 1:
        gap = (ends(node.left)[1], ends(node.comparators[0])[0])
        match = re.search(r"[<>]", source[slice(*gap)])
        if match:
            place = gap[0] + match.start()
            yield "comparison", place, place + 1, {"<": ">", ">": "<"}[match[0]]
    if isinstance(node, ast.Call):
        yield from _of_call(node, source, ends)
    if isinstance(node, ast.Attribute) and node.attr in ("T", "real", "imag"):
        end = ends(node)[1]
        new = "" if node.attr == "T" else f".{_EXCHANGED[node.attr]}"
        kind = "indices" if node.attr == "T" else "exchange"
        yield kind, end - len(node.attr) - 1, end, new


def _of_call(node: ast.Call, source: str, ends) -> Iterator[_Change]:  # type: ignore[no-untyped-def]
    if not isinstance(node.func, ast.Attribute):
        return
    name, end = node.func.attr, ends(node)[1]
    # Past parentheses, if there are some around what the method is of.
    after = source.index(".", ends(node.func.value)[1])
    if name in ("conj", "conjugate") and not node.args:
        yield "conjugate", after, end, ""
    elif name == "swapaxes":
        yield "indices", after, end, ""
    elif name in _EXCHANGED and name not in ("real", "imag"):
        place = ends(node.func)[1]
        yield "exchange", place - len(name), place, _EXCHANGED[name]
    elif name == "einsum" and node.args and isinstance(node.args[0], ast.Constant):
        start, stop = ends(node.args[0])
        inputs, _, output = str(node.args[0].value).partition("->")
        letters = output.removeprefix("...")
        if len(letters) > 1:
            kept = output[: len(output) - len(letters)]
            yield "indices", start, stop, f'"{inputs}->{kept}{letters[:-2]}{letters[:-3:-1]}"'


def _is_text(node: ast.BinOp) -> bool:
    sides = (node.left, node.right)
    return any(isinstance(s, ast.Constant) and isinstance(s.value, str) for s in sides)


def _line_starts(source: str) -> list[int]:
    starts = [0]
    for line in source.split("\n"):
        starts.append(starts[-1] + len(line) + 1)
    return starts
