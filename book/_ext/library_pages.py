"""What the pages of the library say beyond the docstrings: how a name leads to its use.

A room opens with the names that it hands on. Below the description of a function or class stand its
source, its tests and the chapters that use it; an equation that a docstring names is a link.
"""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Iterator
from functools import cache
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

from building.chapters import Chapter, chapters_of
from chapter_graph import title
from docutils import nodes
from sphinx import addnodes
from sphinx.application import Sphinx

from moirelib.ledger.fingerprint import functions_of
from moirelib.ledger.papers import PAPERS
from moirelib.ledger.where import tagged_equations, tests

ROOT = Path(__file__).parents[2]
LIBRARY = "book/reference/library"
CHAPTERS = f"{LIBRARY}/chapters"

printed = cache(tagged_equations)
# What is code, or leads somewhere already.
VERBATIM = (nodes.literal, nodes.FixedTextElement, nodes.reference, addnodes.pending_xref)
# A value that is longer is for the machine.
LONGEST_VALUE = 60

_NUMBER = r"[AB]?\d+"
CITED = re.compile(
    rf"\b({'|'.join(key.title() for key in PAPERS)})\s+Eqs?\.\s+"
    rf"{_NUMBER}(?:(?:\s*(?:,|–|-)\s*|,?\s+and\s+){_NUMBER})*"
)


def names_of(module: ModuleType) -> str:
    """Return the names that a package hands on as a table of MyST, each with its first line."""
    rows = ["{.names}", "| name | what it is |", "|---|---|"]
    for name in module.__all__:
        target = getattr(module, name)
        # Constants and aliases have no summary of their own.
        if inspect.isclass(target) or inspect.isfunction(target):
            dotted = f"{target.__module__}.{target.__qualname__}"
            rows.append(f"| {{py:obj}}`{name} <{dotted}>` | {_summary(target)} |")
    return "\n".join(rows)


def _summary(target: object) -> str:
    first = re.split(r"\n\n|(?<=[.:])\n", inspect.getdoc(target) or "")[0]
    plain = re.sub(r":[\w:]+:`[~.]?([^`<]*?)`", r"`\1`", " ".join(first.split()))
    # Emphasis stays, other stars and bars are signs of the text.
    return re.sub(r"(?<!\S)\*\w+\*(?!\S)|([|*])", lambda m: f"\\{m[1]}" if m[1] else m[0], plain)


@cache
def users() -> dict[str, dict[str, list[str]]]:
    """Return for each name of the library the pages that use it and those whose claims check it.

    In the order of the book. A page uses what its cells import, or the code of its chapter.
    """
    found: dict[str, dict[str, list[str]]] = {}
    for page in chapters_of(ROOT):
        for way, code in _code_of(page):
            for name in _imported(code):
                pages = found.setdefault(name, {}).setdefault(way, [])
                if f"book/{page.title}" not in pages:
                    pages.append(f"book/{page.title}")
    return found


def _code_of(page: Chapter) -> Iterator[tuple[str, str]]:
    """Yield the code of a page and of its chapter, each with what it does to what it imports."""
    yield from (("Used in", one.source) for one in page.read().cells if one.cell_type == "code")
    folder = ROOT / "moirelib" / "chapters" / page.path.stem.replace("-", "_")
    for path in sorted(folder.rglob("*.py")):
        way = "Checked in" if "claims" in (path.stem, path.parent.name) else "Used in"
        yield way, path.read_text(encoding="utf-8")


@cache
def makers() -> dict[str, list[str]]:
    """Return for the name of a class the public functions and methods that return it."""
    found: dict[str, list[str]] = {}
    for path in sorted((ROOT / "moirelib").rglob("[!_]*.py")):
        if "chapters" in path.parts:
            continue
        module = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        for name, node in functions_of(ast.parse(path.read_text(encoding="utf-8"))):
            if node.returns and not any(part.startswith("_") for part in name.split(".")):
                found.setdefault(ast.unparse(node.returns), []).append(f"{module}.{name}")
    return found


def _imported(code: str) -> Iterator[str]:
    """Yield where the library defines what a piece of code imports, or asks a module of it for."""
    tree = ast.parse(code)
    modules: dict[str, Any] = {}
    targets = []
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("moirelib"):
            for alias in node.names:
                target = getattr(import_module(str(node.module)), alias.name, None)
                targets.append(target)
                if inspect.ismodule(target):
                    modules[alias.asname or alias.name] = target
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            targets.append(getattr(modules.get(node.value.id), node.attr, None))
    for target in targets:
        if inspect.isclass(target) or inspect.isfunction(target):
            yield f"{target.__module__}.{target.__qualname__}"


def complete_pages(app: Sphinx, doctree: nodes.document) -> None:
    """Complete the descriptions on a page of the library."""
    if not app.env.docname.startswith(LIBRARY):
        return
    for text in [one for one in doctree.findall(nodes.Text) if CITED.search(one)]:
        if not isinstance(text.parent, VERBATIM):
            text.parent.replace(text, list(_with_links(text.astext())))
    for description in list(doctree.findall(addnodes.desc)):
        if description["domain"] == "py":
            _complete(app, description)


def _complete(app: Sphinx, description: addnodes.desc) -> None:
    signature, content = description[0], description[-1]
    for value in list(signature.findall(addnodes.desc_annotation)):
        if value.astext().startswith(" = ") and len(value.astext()) > LONGEST_VALUE:
            value.parent.remove(value)
    for alias in [one for one in content if one.astext().startswith("alias of ")]:
        content.remove(alias)
    target: Any = import_module(signature["module"])
    for part in signature["fullname"].split("."):
        target = getattr(target, part, None)
    if getattr(target, "_is_protocol", False):
        # Of what it is made is for who implements it.
        for given in list(signature.findall(addnodes.desc_parameterlist)):
            given.parent.remove(given)
    top = "." not in signature["fullname"] and app.env.docname != CHAPTERS
    if top and (inspect.isclass(target) or inspect.isfunction(target)):
        content += _line(target)


def _line(target: Any) -> nodes.paragraph:
    """Return where a function or class is defined, tested and used."""
    target = inspect.unwrap(target)
    path = Path(inspect.getfile(target)).relative_to(ROOT).as_posix()
    dotted = f"{target.__module__}.{target.__qualname__}"
    line = nodes.paragraph("", "Source: ", classes=["used"])
    line += [nodes.literal("", path), nodes.Text(f", line {inspect.getsourcelines(target)[1]}")]
    tested = list(dict.fromkeys(one.path for one in tests(dotted)))[:1]
    if tested:
        line += [nodes.Text(". Tests: "), nodes.literal("", tested[0])]
    if inspect.isclass(target):
        for number, name in enumerate(makers().get(target.__name__, ())[:3]):
            line += nodes.Text(", " if number else ". Made by ")
            line += _link("obj", name, name.removeprefix(f"{target.__module__}."), "py")
    ways = users().get(dotted, {})
    used = ways.get("Used in", [])
    checked = [page for page in ways.get("Checked in", ()) if page not in used]
    for way, pages in (("Used in", used), ("Checked in", checked)):
        for number, page in enumerate(pages):
            line += nodes.Text(", " if number else f". {way} ")
            line += _link("doc", f"/{page}", title(ROOT, page))
    line += nodes.Text(".")
    return line


def _with_links(text: str) -> Iterator[nodes.Node]:
    """Yield a text in which the numbers of equations that the book prints are links."""
    end = 0
    for cited in CITED.finditer(text):
        paper, begin = cited[1], cited.start()
        for number in re.finditer(_NUMBER, cited[0]):
            equation = f"{paper.lower()}-{number[0]}"
            stop = cited.start() + number.end()
            # The first number takes the name of the paper with it.
            start = begin if begin == cited.start() else cited.start() + number.start()
            if equation in printed():
                yield from [nodes.Text(text[end:start])] if start > end else []
                yield _link("ref", f"eq-{equation}".lower(), text[start:stop])
                end = stop
            begin = stop
    yield nodes.Text(text[end:])


def _link(kind: str, target: str, words: str, domain: str = "std") -> addnodes.pending_xref:
    return addnodes.pending_xref(
        "",
        nodes.literal("", words) if domain == "py" else nodes.inline("", words),
        refdomain=domain,
        reftype=kind,
        reftarget=target,
        refexplicit=True,
        refwarn=True,
    )


def keep_chapters_out_of_the_index(app: Sphinx, env: Any) -> list[str]:
    """Leave the insides of the chapters out of the general index: it is for the library."""
    env.get_domain("index").entries.pop(CHAPTERS, None)
    return []


def setup(app: Sphinx) -> None:
    """Connect the pieces."""
    app.connect("doctree-read", complete_pages)
    app.connect("env-updated", keep_chapters_out_of_the_index)
