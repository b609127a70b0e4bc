"""What the book needs from Sphinx beyond its configuration file."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from graphlib import TopologicalSorter
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules, walk_packages
from typing import Any

import bibliography
import book_search
import chapter_graph
import claim_links
import exercise_links
import front_page
import gallery
import library_pages
import myst_nb.sphinx_
import numbering
import page_files
import previews
import questions
import teaching
import typeset
from docutils import nodes
from myst_nb.core.render import create_figure_context
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.config import Config
from sphinx.environment import BuildEnvironment
from sphinx.pycode.ast import _UnparseVisitor as UnparseVisitor
from sphinx.search.en import SearchEnglish

import moirelib

STATIC = Path(__file__).parent.parent / "_static"

LIBRARY = "book/reference/library"
# The one page that is allowed to differ between two builds.
TIMES = "book/reference/performance"
# The page of what lies beside the rooms; every room has a page of its own name.
GROUND = "ground"


def rooms() -> list[str]:
    """Names of the rooms of the library; imports run along this list."""
    found = [m.name for m in iter_modules(moirelib.__path__) if m.ispkg]
    return in_order_of_imports([f"moirelib.{name}" for name in found])


def modules_of(room: str) -> list[str]:
    """Dotted names of the modules that a page documents: none stands before one it imports."""
    if room == GROUND:
        inside = iter_modules(moirelib.__path__, "moirelib.")
        names = [m.name for m in inside if not m.ispkg]
    else:
        package = import_module(f"moirelib.{room}")
        inside = walk_packages(package.__path__, f"{package.__name__}.")
        names = [m.name for m in inside if not m.ispkg and ".claims" not in m.name]
    names = [name for name in names if not name.rpartition(".")[2].startswith("_")]
    # Chapters are looked up by name, rooms are read in order.
    return names if room == "chapters" else in_order_of_imports(names)


def in_order_of_imports(names: list[str]) -> list[str]:
    """Sort modules or packages so that each stands behind those that it imports."""
    needs = {
        name: {other for other in names if other != name and imports(name, other)} for name in names
    }
    return list(TopologicalSorter(needs).static_order())


def imports(name: str, other: str) -> bool:
    """Whether the source of a module, or of any in a package, imports another."""
    origin = Path(str(import_module(name).__file__))
    sources = origin.parent.rglob("*.py") if origin.stem == "__init__" else [origin]
    pattern = re.compile(rf"^ *from {re.escape(other)}[. ]", re.MULTILINE)
    return any(pattern.search(source.read_text(encoding="utf-8")) for source in sources)


def insert_library(app: Sphinx, docname: str, source: list[str]) -> None:
    """Fill ``<!-- modules -->``: a table on the library's first page, the modules on the others."""
    if docname == LIBRARY:
        rows = ["| module | content |", "|---|---|"]
        for page in (GROUND, *(room.removeprefix("moirelib.") for room in rooms())):
            rows.append(f"| **[{page}](library/{page}.md)** | |")
            for name in modules_of(page):
                summary = (import_module(name).__doc__ or "").strip().splitlines()[0]
                short = name.removeprefix("moirelib.")
                rows.append(f"| {{py:mod}}`{short} <{name}>` | {summary} |")
        text = "\n".join(rows)
        source[0] = source[0].replace("<!-- names -->", library_pages.names_of(moirelib))
    elif docname.startswith(f"{LIBRARY}/"):
        room = docname.rpartition("/")[2]
        text = ""
        if room != GROUND:
            package = import_module(f"moirelib.{room}")
            text = _automodule(package.__name__, "   :no-members:\n")
            text += f"{library_pages.names_of(package)}\n\n" if hasattr(package, "__all__") else ""
        text += "\n".join(f"## {name}\n\n{_automodule(name)}" for name in modules_of(room))
    else:
        return
    source[0] = source[0].replace("<!-- modules -->", text)


def insert_times(app: Sphinx, docname: str, source: list[str]) -> None:
    """Fill ``<!-- times -->`` with what `book/build.py` measured."""
    path = Path(app.outdir).parent / "times.json"
    if docname != TIMES or not path.exists():
        return
    took = json.loads(path.read_text(encoding="utf-8"))
    rows = ["| page | s |", "|---|--:|"]
    root = Path(app.srcdir)

    def link(chapter: str) -> str:
        return f"[{chapter_graph.title(root, f'book/{chapter}')}](/book/{chapter}.md)"

    rows += [f"| {link(name)} | {s:.1f} |" for name, s in took["chapters"].items()]
    rows += ["", "| figure | page | computing, s | drawing, s |", "|---|---|--:|--:|"]
    for f in took["figures"]:
        page = link(f["chapter"])
        rows.append(f"| {f['figure']} | {page} | {f['computing']:.2f} | {f['drawing']:.2f} |")
    source[0] = source[0].replace("<!-- times -->", "\n".join(rows))


class SearchWithoutTimes(SearchEnglish):
    """Index words and years, and no other numbers: measured times would make each index new."""

    def word_filter(self, word: str) -> bool:
        """Say whether a word belongs into the index."""
        is_year = re.fullmatch(r"(18|19|20)\d\d", word)
        is_number = re.fullmatch(r"\d+(e\d*)?", word)
        return super().word_filter(word) and bool(is_year or not is_number)


def write_starred(visitor: UnparseVisitor, node: ast.Starred) -> str:
    """Write ``*items`` in the default of an argument, which Sphinx cannot."""
    return f"*{visitor.visit(node.value)}"


def _automodule(name: str, options: str = "") -> str:
    return f"```{{eval-rst}}\n.. automodule:: {name}\n{options}```\n\n"


def skip_reexports(
    app: Sphinx, what: str, name: str, target: object, skip: bool, options: object
) -> bool | None:
    """Document a name where it is defined, or in the package around it, and only there."""
    here = app.env.temp_data.get("autodoc:module", "")
    home = getattr(target, "__module__", None) or here
    inside = home == here or home.startswith(f"{here}.")
    return True if what == "module" and home.startswith("moirelib") and not inside else None


def relax_docstring(
    app: Sphinx, what: str, name: str, target: object, options: object, lines: list[str]
) -> None:
    """Let docstrings write |G| for a modulus, ψ*φ, and end code anywhere, as in ``size``².

    reStructuredText reads a substitution and emphasis, and does not see the end of the code.
    """
    display = False  # inside a displayed formula, where a bar is a bar already
    for number, line in enumerate(lines):
        if line.strip():
            display = line.startswith(".. math") or (display and line.startswith(" "))
        if not display and not line.lstrip().startswith(">>>"):
            # Odd pieces are code and inline formulas.
            pieces = re.split(r"(``.*?``|`[^`]*`)", line)
            prose = [re.sub(r"\||(?<=[\w'′])\*(?=\w)", r"\\\g<0>", piece) for piece in pieces[::2]]
            # An escaped space is no space, but it separates.
            pieces[::2] = prose[:1] + [re.sub(r"^(?=\S)", r"\\ ", piece) for piece in prose[1:]]
            lines[number] = "".join(pieces)


def resolve_public_name(
    app: Sphinx, env: BuildEnvironment, node: pending_xref, content: nodes.TextElement
) -> nodes.Element | None:
    """Resolve ``moirelib.X``, or ``X`` as a module imports it, to where X is documented."""
    if node.get("refdomain") != "py":
        return None
    python = env.get_domain("py")
    wanted = node["reftarget"].removeprefix("moirelib.")
    # A room hands on what its modules define.
    room, _, last = wanted.rpartition(".")
    kinds = [*(python.objtypes_for_role(node["reftype"]) or []), "property"]
    found = [
        name
        for name, _, kind, *_ in python.get_objects()
        if kind in kinds
        and (
            name.endswith(f".{wanted}")
            or (name.startswith(f"moirelib.{room}.") and name.endswith(f".{last}"))
        )
    ]
    if len(found) != 1:
        return None
    return python.resolve_xref(
        env, node["refdoc"], app.builder, node["reftype"], found[0], node, content
    )


def drop_repeated_ids(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Leave the inside of an exercise without an id: sphinx-exercise gives all the same one."""
    for section in doctree.findall(nodes.section):
        if section["ids"] in (["exercise-content"], ["solution-content"]):
            section["ids"] = []


@contextmanager
def figure_once(renderer: Any, options: dict[str, Any] | None, line: int) -> Iterator[None]:
    """Make a figure of the first output of a cell only.

    MyST-NB wraps each output in a figure of the same name. Ours show an image and then its
    provenance, which belongs below the figure.
    """
    name = nodes.fully_normalize_name(str((options or {}).get("name", "")))
    first = name not in renderer.document.nametypes
    with create_figure_context(renderer, options if first else None, line):
        yield


def drop_remote_scripts(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: object
) -> None:
    """Leave out Thebe: it fetches its code and its kernel from the network."""
    if "script_files" in context:
        # In place: the theme keeps its own reference to this list.
        context["script_files"][:] = [
            script for script in context["script_files"] if "thebe" not in _text_of(script)
        ]


def _text_of(script: Any) -> str:
    return f"{getattr(script, 'filename', script)} {getattr(script, 'attributes', '')}"


def set_theme_options(app: Sphinx, config: Config) -> None:
    """Add to the theme's options; the configuration file could only replace them all."""
    # The side bar has the search field already.
    config.html_theme_options["navbar_persistent"] = []


def add_assets(app: Sphinx) -> None:
    """Add our static folder; Jupyter Book looks for one only beside its configuration."""
    app.config.html_static_path.append(str(STATIC))


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect the pieces."""
    # There is no event or setting for these.
    myst_nb.sphinx_.create_figure_context = figure_once
    setattr(UnparseVisitor, "visit_Starred", write_starred)  # noqa: B010
    app.add_search_language(SearchWithoutTimes)
    app.connect("config-inited", set_theme_options)
    app.connect("builder-inited", add_assets)
    app.connect("source-read", insert_library)
    app.connect("source-read", insert_times)
    app.connect("autodoc-skip-member", skip_reexports)
    app.connect("autodoc-process-docstring", relax_docstring)
    app.connect("missing-reference", resolve_public_name)
    # After the table of contents, which asks every section for its id.
    app.connect("doctree-resolved", drop_repeated_ids)
    # After the theme's own handlers, which add scripts.
    app.connect("html-page-context", drop_remote_scripts, priority=900)
    numbering.setup(app)
    claim_links.setup(app)
    exercise_links.setup(app)
    chapter_graph.setup(app)
    questions.setup(app)
    teaching.setup(app)
    previews.setup(app)
    typeset.setup(app)
    gallery.setup(app)
    bibliography.setup(app)
    library_pages.setup(app)
    page_files.setup(app)
    book_search.setup(app)
    front_page.setup(app)
    for name in ("moirelib", "formulae", "enlarge", "print"):
        app.add_css_file(f"{name}.css")
    for name in ("moirelib", "formulae", "enlarge"):
        app.add_js_file(f"{name}.js", loading_method="defer")
    return {"parallel_read_safe": True, "parallel_write_safe": True}
