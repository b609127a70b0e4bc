"""What a docstring owes: the errors, and the shapes of arrays that come in and go out.

Two sources say which errors there are. Public callables are given wrong arguments one by one, and
the code of every public function is read: what it raises itself, and by the checks that it calls.
A docstring names them under *Raises*, or refers to the function whose errors they are.
"""

from __future__ import annotations

import ast
import builtins
import inspect
import math
import re
import sys
import textwrap
from collections.abc import Callable, Iterator
from functools import cache, cached_property, partial
from importlib import import_module
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import pytest
from test_fuzz import CASES, REFUSALS, ROOMS

from moirelib import _validate
from moirelib._types import Floats

LIBRARY = Path(__file__).resolve().parent.parent / "moirelib"

MODULES = [
    ".".join(("moirelib", *path.relative_to(LIBRARY).with_suffix("").parts))
    for path in sorted(LIBRARY.rglob("*.py"))
    if not path.name.startswith("_") and "chapters" not in path.parts
]

# Nothing accepts all of these: another kind, another number, another shape.
WRONG: list[Any] = [None, object(), [[]], True, -1, math.nan]

# "Parameters and errors are those of :func:`x`", "errors as :func:`x`".
REFERENCE = re.compile(r"\berrors\b[^.:]*:\w+:`~?([\w.]+)`", re.IGNORECASE)


def sections(target: object) -> dict[str, str]:
    """The parts of a docstring by their titles; what comes before the first has none."""
    text = inspect.getdoc(target) or ""
    parts = re.split(r"^([A-Z][A-Za-z ]+)\n-{3,}$\n", text, flags=re.MULTILINE)
    return {"": parts[0], **dict(zip(parts[1::2], parts[2::2], strict=True))}


def documented(target: Any, passed: frozenset[object] = frozenset()) -> set[str]:
    """Names of the errors in a docstring, and in those that it refers to."""
    parts = sections(target)
    entries = re.split(r"^(?=\S)", parts.get("Raises", ""), flags=re.MULTILINE)
    named: set[str] = set()
    for heading, _, reason in (entry.partition("\n") for entry in entries if entry):
        assert reason.strip(), f"{target.__qualname__} does not say when it raises {heading}"
        named |= {name.rpartition(".")[2] for name in re.split(r",\s*", heading)}
        named |= set(re.findall(r":class:`~?(?:\w+\.)*(\w+Error)`", reason))
    for name in REFERENCE.findall(parts[""]):
        other = resolved(name, target)
        if other not in passed:
            named |= documented(other, passed | {target})
    return named


def resolved(name: str, target: Any) -> Any:
    """What a role of a docstring refers to: beside the function, in its module, or in full."""
    home = sys.modules[target.__module__]
    owner = target.__qualname__.rpartition(".")[0]
    for start in (f"{home.__name__}.{owner}.{name}", f"{home.__name__}.{name}", name):
        found = looked_up(start)
        if found is not None:
            return found
    raise AssertionError(f"{target.__qualname__} refers to {name}, which is not there")


def looked_up(path: str) -> Any:
    parts = [part for part in path.split(".") if part]
    value: Any = None
    for i, part in enumerate(parts):
        name = ".".join(parts[: i + 1])
        if isinstance(value, ModuleType) and not hasattr(value, part) and name not in sys.modules:
            return None
        value = sys.modules.get(name) or getattr(value, part, None)
        if value is None:
            return None
    return value


def targets(module: str) -> Iterator[tuple[Any, ast.AST]]:
    """The public functions and classes that a module defines, and methods, with their code."""
    home = import_module(module)
    for holder, node in defined(ast.parse(inspect.getsource(home)), home):
        value = vars(holder)[node.name]
        yield inspect.unwrap(getattr(value, "__func__", value)), node


def defined(tree: Any, holder: Any) -> Iterator[tuple[Any, Any]]:
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            if not isinstance(vars(holder)[node.name], property | cached_property):
                yield holder, node
            if isinstance(node, ast.ClassDef):
                yield from defined(node, vars(holder)[node.name])


def raised(node: ast.AST, home: ModuleType, passed: frozenset[object] = frozenset()) -> set[str]:
    """Names of the errors that code raises, or the checks and private helpers that it calls.

    Of a class, what making one raises.
    """
    if isinstance(node, ast.ClassDef):
        made = [one for one in node.body if getattr(one, "name", "") == "__post_init__"]
        return set().union(*(raised(one, home) for one in made))
    found: set[str] = set()
    for one in ast.walk(node):
        if isinstance(one, ast.Raise) and one.exc is not None:
            found |= error_name(one.exc.func if isinstance(one.exc, ast.Call) else one.exc, home)
        elif isinstance(one, ast.Call):
            helper = helper_called(one.func, home)
            if helper is not None and helper not in passed:
                there = sys.modules[helper.__module__]
                found |= raised(code_of(helper), there, passed | {helper})
    return found


def error_name(raised_as: ast.expr, home: ModuleType) -> set[str]:
    name = ast.unparse(raised_as).rpartition(".")[2]
    value = getattr(home, name, getattr(builtins, name, None))
    if isinstance(value, FunctionType):  # one that makes the error
        return {value.__annotations__["return"]}
    return {name} if isinstance(value, type) else set()


def helper_called(called: ast.expr, home: ModuleType) -> FunctionType | None:
    """The check, or the private function of the same module, that is called here."""
    value: Any = None
    if isinstance(called, ast.Attribute) and ast.unparse(called.value) == "_validate":
        value = getattr(_validate, called.attr)
    elif isinstance(called, ast.Name):
        value = getattr(home, called.id, None)
        checks = home is _validate or called.id in ("require_memory", "require_executor")
        if not (checks or called.id.startswith("_")):
            return None
    return inspect.unwrap(value) if isinstance(value, FunctionType) else None


@cache
def code_of(function: FunctionType) -> ast.AST:
    return ast.parse(textwrap.dedent(inspect.getsource(function)))


def provoked(function: Callable[..., Any], good: dict[str, Any]) -> set[str]:
    """Names of the errors with which a callable refuses one wrong argument."""
    found = set()
    for name in good:
        for wrong in WRONG:
            try:
                function(**{**good, name: wrong})
            except REFUSALS as error:
                found.add(type(error).__name__)
    return found


def undocumented(target: Any, errors: set[str]) -> list[str]:
    return sorted(errors - documented(target))


@pytest.mark.parametrize("name", CASES)
def test_a_docstring_names_what_wrong_arguments_raise(name: str) -> None:
    function, good = CASES[name]
    target = function.func if isinstance(function, partial) else function
    assert not undocumented(target, provoked(function, good))


@pytest.mark.parametrize("module", MODULES)
def test_a_docstring_names_what_its_code_raises(module: str) -> None:
    home = import_module(module)
    lacking = {
        target.__qualname__: errors
        for target, node in targets(module)
        if (errors := undocumented(target, raised(node, home)))
    }
    assert not lacking


# Of a public name, an annotation that is an array, and words that say of which shape it is.
ARRAY = re.compile(r"\b(ArrayLike|NDArray|Floats|Ints|Complex|ComplexArray|Array)\b")
SHAPE = re.compile(r"\([^()]*(,|\.\.\.)[^()]*\)|\bshape\b|broadcast")
ELSEWHERE = re.compile(r"\b(parameters|arguments|errors|as|by)\b[^.:]*:\w+:`|of the class\.", re.I)


def shapeless(target: Any) -> list[str]:
    """Arguments and results of a public function that are arrays of a shape that is not stated."""
    code = code_of(inspect.unwrap(target)).body[0]  # type: ignore[attr-defined]
    parts = sections(target)
    if ELSEWHERE.search(parts[""]):
        return []
    found = [
        argument.arg
        for argument in [*code.args.args, *code.args.kwonlyargs]
        if is_array(argument.annotation) and not has_shape(argument.arg, parts)
    ]
    result = parts[""] + parts.get("Returns", "")
    return [*found, "return"] if is_array(code.returns) and not SHAPE.search(result) else found


def is_array(annotation: ast.expr | None) -> bool:
    kind = ast.unparse(annotation) if annotation else ""
    return bool(ARRAY.search(kind)) and "Callable" not in kind


def has_shape(name: str, parts: dict[str, str]) -> bool:
    """Whether the shape of an argument is stated, among the parameters or in the prose."""
    for entry in re.split(r"^(?=\S)", parts.get("Parameters", ""), flags=re.MULTILINE):
        names, typed, _ = entry.partition("\n")[0].partition(" : ")
        if name in re.split(r",\s*", names):
            # Without a type, an entry refers to another function.
            return not typed or bool(SHAPE.search(entry))
    return bool(re.search(rf"\b{name}\b", parts[""]) and SHAPE.search(parts[""]))


def public_functions() -> Iterator[Any]:
    """The functions and methods of the names that a room hands on."""
    for room in ROOMS:
        for one in (getattr(room, name) for name in room.__all__):
            for value in [one, *(vars(one).values() if inspect.isclass(one) else ())]:
                function = getattr(value, "__func__", value)
                if inspect.isfunction(function) and not function.__name__.startswith("_"):
                    yield function


def test_a_docstring_names_its_arrays_and_their_shapes() -> None:
    lacking = {one.__qualname__: found for one in public_functions() if (found := shapeless(one))}
    assert not lacking


def halved(value: float) -> float:
    """Return half of a number."""
    return _validate.positive("value", value) / 2


def quartered(value: float) -> float:
    """Return a quarter.

    Raises
    ------
    TypeError
        If ``value`` is no number.
    """
    return halved(value) / 2


def third(value: float) -> float:
    """Return a third; errors as :func:`quartered`."""
    return _validate.positive("value", value) / 3


def silent(value: float) -> float:
    """Return a number.

    Raises
    ------
    ValueError
    """
    return value


def lost(value: float) -> float:
    """Return a number; errors as :func:`nowhere`."""
    return value


def doubled(k: Floats) -> Floats:
    """Return twice as much as ``k``."""
    return 2 * k


def tripled(k: Floats) -> Floats:
    """Return three times as much.

    Parameters
    ----------
    k : ndarray
        Wavevectors in 1/nm.

    Returns
    -------
    ndarray, shape (nk, 2)
    """
    return 3 * k


def test_arrays_without_a_shape_are_seen() -> None:
    assert shapeless(doubled) == ["k", "return"]
    assert shapeless(tripled) == ["k"]


def test_what_a_docstring_leaves_out_is_seen() -> None:
    for function in (halved, quartered, third):
        assert provoked(function, {"value": 1.0}) == {"TypeError", "ValueError"}
    home = sys.modules[__name__]
    assert raised(code_of(halved), home) == raised(code_of(third), home)  # type: ignore[arg-type]
    assert raised(code_of(halved), home) == {"TypeError", "ValueError"}  # type: ignore[arg-type]
    assert undocumented(halved, {"TypeError", "ValueError"}) == ["TypeError", "ValueError"]
    assert undocumented(quartered, {"TypeError", "ValueError"}) == ["ValueError"]
    assert undocumented(third, {"TypeError", "ValueError"}) == ["ValueError"]
    with pytest.raises(AssertionError, match="silent does not say when it raises ValueError"):
        documented(silent)
    with pytest.raises(AssertionError, match="lost refers to nowhere, which is not there"):
        documented(lost)
