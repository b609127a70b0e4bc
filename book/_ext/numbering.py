"""Numbers by chapter: sections, figures, exercises, and the equations that no paper has numbered.

Sphinx counts sections, figures and exercises within the numbered parts of ``_toc.yml``. Added here:
equations that carry a paper's number have no second one, ours are tagged as those of the papers
are, and links to chapters name their numbers.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from building.chapters import files
from docutils import nodes
from myst_parser.mdit_to_docutils.sphinx_ import SphinxRenderer
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.domains.math import MathDomain
from sphinx.environment.collectors.toctree import TocTreeCollector
from sphinx.util.docutils import SphinxRole
from sphinx_external_toc.collectors import TocTreeCollectorWithStyles

KINDS = {"figure": "Fig.", "exercise": "Exercise", "displaymath": "Equation"}


def chapter_numbers(root: Path) -> dict[str, int]:
    """Return the numbers of the chapters by the names of their pages, in the order of the book."""
    toc = yaml.safe_load((root / "_toc.yml").read_text(encoding="utf-8"))
    chapters = [
        name
        for part in toc.get("parts", ())
        if part.get("numbered")
        for name in files(part["chapters"])
    ]
    return {name: number for number, name in enumerate(chapters, 1)}


def numbered_title(root: Path, name: str, title: str) -> str:
    """Return the title of a page with its number, if it is a chapter."""
    number = chapter_numbers(root).get(name)
    return f"{number} {title}" if number else title


def label_of_equation(renderer: SphinxRenderer) -> str:
    """Name an equation after its target, or else alike in every build, where MyST takes a UUID."""
    before = renderer.current_node.children[-1] if renderer.current_node.children else None
    if isinstance(before, nodes.target) and before["names"]:
        return str(before["names"][0])
    env = renderer.sphinx_env
    return f"{env.docname}-{env.new_serialno('equation')}"


def keep_the_papers_numbers(app: Sphinx, doctree: nodes.document) -> None:
    """Let an equation that carries its paper's number have no second number of ours."""
    for equation in doctree.findall(nodes.math_block):
        if r"\tag{" in equation.astext():
            equation["number"] = None


class Equations(MathDomain):
    """Counts only the equations that need a number."""

    def get_enumerable_node_type(self, node: nodes.Node) -> str | None:
        """Return the kind under which a node is counted."""
        if isinstance(node, nodes.math_block) and node.get("number") is None:
            return None
        return super().get_enumerable_node_type(node)

    def resolve_any_xref(self, *arguments: Any, **named: Any) -> list[tuple[str, nodes.Element]]:
        """Leave ``[text](#eq-name)`` to the label that stands before the equation."""
        return []


def tag_equations(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Write our number into an equation, so that it is set as those of the papers are."""
    numbers = app.env.toc_fignumbers.get(docname, {}).get("displaymath", {})
    for equation in doctree.findall(nodes.math_block):
        for one in equation["ids"]:
            if one in numbers:
                before, end, after = equation.astext().rpartition(r"\end{equation}")
                number = ".".join(map(str, numbers[one]))
                tex = rf"{before}\tag{{{number}}}{end}{after}"
                equation.children = [nodes.Text(tex)]
                equation.rawsource = tex
                equation["number"] = None


class ChapterRole(SphinxRole):
    """``{chapter}`boltzmann```: a link to a chapter by its number."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Return the link."""
        numbers = chapter_numbers(Path(self.env.srcdir))
        found = [name for name in numbers if Path(name).name == self.text]
        if len(found) != 1:
            message = self.inliner.reporter.error(
                f"there is no chapter {self.text!r}", line=self.lineno
            )
            return [self.inliner.problematic(self.rawtext, self.rawtext, message)], [message]
        link = pending_xref(
            "",
            nodes.inline("", f"Chapter {numbers[found[0]]}"),
            refdomain="std",
            reftype="doc",
            reftarget=f"/{found[0]}",
            refexplicit=True,
            refwarn=True,
            refdoc=self.env.docname,
        )
        return [link], []


def setup(app: Sphinx) -> None:
    """Connect the pieces."""
    # There is no event for this.
    setattr(SphinxRenderer, "_random_label", label_of_equation)  # noqa: B010
    # Its styles of numbers are not used here, and leave numbers of one page with another.
    setattr(  # noqa: B010
        TocTreeCollectorWithStyles,
        "assign_section_numbers",
        lambda self, env: TocTreeCollector.assign_section_numbers(self, env),
    )
    app.add_domain(Equations, override=True)
    app.add_role("chapter", ChapterRole())
    app.connect("doctree-read", keep_the_papers_numbers)
    # Before all that reads formulas.
    app.connect("doctree-resolved", tag_equations, priority=100)
