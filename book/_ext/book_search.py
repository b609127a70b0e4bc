"""What the search page needs beyond Sphinx: numbers that lead to their place, and excerpts.

A page opened from the file system may not fetch another one, so that the texts of which excerpts
are made come as a script; and an excerpt has no TeX in it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from docutils import nodes
from numbering import KINDS, chapter_numbers
from sphinx.application import Sphinx
from sphinx.util.nodes import clean_astext

from moirelib import ledger
from moirelib.ledger.report.markdown import anchor
from moirelib.ledger.where import tagged_equations

DATA = "search-data.js"


def collect_text(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Keep the text of a page without formulas and code."""
    if app.builder.format == "html":
        texts = _texts(app)
        texts[docname] = " ".join(_prose(doctree).split())
        _headings(app)[docname] = {
            place: clean_astext(section[0])
            for section in doctree.findall(nodes.section)
            for place in section["ids"]
        }


def _texts(app: Sphinx) -> dict[str, str]:
    found: dict[str, str] = app.env.__dict__.setdefault("texts_of_pages", {})
    return found


def _headings(app: Sphinx) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = app.env.__dict__.setdefault("headings_of_pages", {})
    return found


def _prose(doctree: nodes.document) -> str:
    copy = doctree.deepcopy()
    for node in list(copy.findall(nodes.math)):
        node.parent.replace(node, nodes.Text("…"))
    for kind in (nodes.math_block, nodes.literal_block, nodes.raw, nodes.image):
        for node in list(copy.findall(kind)):
            node.parent.remove(node)
    return " ".join(clean_astext(it) for it in copy.findall(nodes.TextElement) if _is_outer(it))


def _is_outer(node: nodes.Element) -> bool:
    return not isinstance(node, nodes.Inline) and not isinstance(node.parent, nodes.TextElement)


def entries(app: Sphinx) -> list[dict[str, str]]:
    """Return what a number or a name leads to: equations, claims, figures, terms, functions."""
    labels = app.env.get_domain("std").data["anonlabels"]

    def entry(key: str, title: str, label: str) -> Iterator[dict[str, str]]:
        if label in labels:
            docname, place = labels[label]
            yield {
                "key": key,
                "title": title,
                "url": f"{app.builder.get_target_uri(docname)}#{place}",
            }

    ledger.load()
    found: list[dict[str, str]] = []
    for one in sorted(tagged_equations()):
        paper, number = one.split("-")
        found += entry(one, f"Equation {paper.title()} ({number})", f"eq-{one}".lower())
    for claim in ledger.claims():
        found += entry(claim.id, f"Claim {claim.id}", anchor("claim", claim.id))
        found += entry(claim.id, f"Erratum to {claim.id}", anchor("erratum", claim.id))
    return found + list(numbered(app)) + list(named(app))


def named(app: Sphinx) -> Iterator[dict[str, str]]:
    """Yield the terms of the glossary, the sections of chapters, and the names of the library."""

    def entry(key: str, title: str, docname: str, place: str) -> dict[str, str]:
        return {"key": key, "title": title, "url": f"{app.builder.get_target_uri(docname)}#{place}"}

    for name, _, kind, docname, place, _ in app.env.get_domain("std").get_objects():
        if kind == "term":
            yield entry(name, f"Term: {name}", docname, place)
    for docname in chapter_numbers(Path(app.srcdir)):
        for place, number in app.env.toc_secnumbers.get(docname, {}).items():
            if place and number and len(number) == 2:
                words = _headings(app)[docname][place.removeprefix("#")]
                where = ".".join(map(str, number))
                yield entry(words, f"Section {where} {words}", docname, place.removeprefix("#"))
    for name, _, kind, docname, place, _ in app.env.get_domain("py").get_objects():
        if kind in ("function", "class") and not docname.endswith("/chapters"):
            yield entry(name.rpartition(".")[2], f"Library: {name}", docname, place)


def numbered(app: Sphinx) -> Iterator[dict[str, str]]:
    """Yield the figures, exercises and equations that this book numbers."""
    for docname in chapter_numbers(Path(app.srcdir)):
        chapter = app.env.titles[docname].astext()
        for kind, name in KINDS.items():
            for place, number in app.env.toc_fignumbers.get(docname, {}).get(kind, {}).items():
                key = f"{name} {'.'.join(map(str, number))}"
                url = f"{app.builder.get_target_uri(docname)}#{place}"
                yield {"key": key, "title": f"{key} ({chapter})", "url": url}


def write_data(app: Sphinx, error: Exception | None) -> None:
    """Write entries and texts as the script that the search page loads."""
    if error is None and app.builder.format == "html":
        data = json.dumps({"entries": entries(app), "texts": _texts(app)}, ensure_ascii=False)
        path = Path(app.outdir) / "_static" / DATA
        path.write_text(f"window.bookSearch = {data};\n", encoding="utf-8")


def load_on_search_page(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: object
) -> None:
    """Load the scripts of the search on its page only, before those of Sphinx."""
    if pagename == "search":
        for name in (DATA, "search.js"):
            app.add_js_file(name)


def setup(app: Sphinx) -> None:
    """Connect the pieces."""
    app.connect("doctree-resolved", collect_text)
    app.connect("html-page-context", load_on_search_page)
    app.connect("build-finished", write_data)
