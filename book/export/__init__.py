"""What can be taken away from the book: notebooks, slides, and what is printed from the pages.

As an extension of Sphinx this writes, with each chapter, the same page as an executed notebook, and
with each part a deck of slides. The download menu of a chapter offers both.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import nbformat
from building.chapters import Chapter
from docutils import nodes
from jupyter_cache import get_cache
from sphinx.application import Sphinx
from sphinx_exercise.nodes import solution_node

from export.bound import parts_of
from export.markdown import Page
from export.notebook import notebook
from export.slides import FOLDER as SLIDES
from export.slides import deck_of, write_decks
from export.wheel import wheel_name, write_wheel

FOLDER = "notebooks"


def notebook_name(docname: str) -> str:
    """Return the file name of a page's notebook; all lie in one folder, beside the wheel."""
    return f"{docname.removeprefix('book/').replace('/', '-')}.ipynb"


def leave_out_solutions(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Drop the solutions from a page, if so configured; all numbers stay what they are."""
    if not app.config.book_solutions:
        for solution in list(doctree.findall(solution_node)):
            solution.parent.remove(solution)


def is_chapter(docname: str, doctree: nodes.document | None) -> bool:
    """Whether a page is a chapter with code; the pages of reference speak of the book itself."""
    if doctree is None or docname.startswith("book/reference/"):
        return False
    return any(n.get("nb_element") == "cell_code" for n in doctree.findall(nodes.container))


def write_notebook(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Write the notebook of a page whose references and values Sphinx has just resolved."""
    if app.builder.format != "html" or not is_chapter(docname, doctree):
        return
    env = app.env
    page = Page(
        docname,
        env.toc_fignumbers.get(docname, {}),
        app.config.numfig_format,
        {name: title.astext() for name, title in env.titles.items()},
    )
    chapter = Chapter(Path(env.doc2path(docname)), docname)
    cache = get_cache(app.config.nb_execution_cache_path)
    _, executed = cache.merge_match_into_notebook(chapter.read())
    made = notebook(page.pieces(doctree), executed, wheel_name(), cited(doctree))
    path = Path(app.outdir) / FOLDER / notebook_name(docname)
    path.parent.mkdir(parents=True, exist_ok=True)
    nbformat.write(made, path)


def cited(doctree: nodes.document) -> list[str]:
    """Return the works that a page cites, in the order of their labels."""
    found = {
        f"{citation.astext()} {reference['reftitle']}"
        for citation in doctree.findall(nodes.inline)
        if "bibtex-citation" in citation["classes"]
        for reference in citation.findall(nodes.reference)
        if "reftitle" in reference
    }
    return sorted(found)


def offer_notebook(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Put the notebook and the library into the download menu, in the place of the source."""
    menus = [g for g in context.get("header_buttons", ()) if g.get("label") == "download-buttons"]
    has_notebook = is_chapter(pagename, doctree)
    for group in menus:
        others = group["buttons"]
        if has_notebook or not app.config.html_copy_source:
            others = [b for b in others if b["label"] != "download-source-button"]
        group["buttons"] = others
        if not has_notebook:
            continue
        up = context["pathto"](FOLDER, 1)
        deck = deck_of(pagename, parts_of(Path(app.srcdir)))
        if deck:
            shown = _link(f"{context['pathto'](SLIDES, 1)}/{deck}", "slides", "Slides of this part")
            others = [shown, *others]
        group["buttons"] = [
            _link(f"{up}/{notebook_name(pagename)}", ".ipynb", "Download this page as a notebook"),
            _link(f"{up}/{wheel_name()}", ".whl", "Download the library that the notebook needs"),
            *others,
        ]


def _link(url: str, text: str, tooltip: str) -> dict[str, str]:
    name = text.removeprefix(".")
    icon = {"ipynb": "code", "whl": "box"}.get(name, "display")
    return {
        "type": "link",
        "url": url,
        "text": text,
        "icon": f"fas fa-{icon}",
        "tooltip": tooltip,
        "label": f"download-{name}-button",
    }


def write_rest(app: Sphinx, exception: Exception | None) -> None:
    """Put the wheel beside the notebooks, and make the slides of the finished pages."""
    root, html = Path(app.srcdir), Path(app.outdir)
    if exception is None and app.builder.format == "html":
        write_wheel(root, html / FOLDER)
        write_decks(root, html)


def setup(app: Sphinx) -> dict[str, bool]:
    """Connect the pieces."""
    app.add_config_value("book_solutions", True, "env", bool)
    app.connect("doctree-resolved", leave_out_solutions, priority=100)
    # After those that change the page for the last time.
    app.connect("doctree-resolved", write_notebook, priority=900)
    # After the theme has filled the menu.
    app.connect("html-page-context", offer_notebook, priority=900)
    app.connect("build-finished", write_rest)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
