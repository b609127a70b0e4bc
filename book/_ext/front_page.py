"""What a visitor or a search engine sees first: cover, description, how to cite, what is new."""

from __future__ import annotations

import io
import re
from html import escape
from pathlib import Path
from typing import Any

import yaml
from docutils import nodes
from page_files import up_from
from PIL import Image
from sphinx.application import Sphinx

from moirelib.chapters.devices import data, figures
from moirelib.figures.style import style

INTRO = "book/intro"
COVER = "cover{}.png"
# What a search engine shows of a description.
LONGEST = 160
COLOURS = 64


def bibtex(citation: dict[str, Any]) -> str:
    """Return the content of a ``CITATION.cff`` as an entry of BibTeX.

    >>> print(bibtex({"title": "A book", "authors": [{"name": "We"}], "version": "0.1",
    ...               "date-released": "2026-11-25", "license": "MIT"}))
    @software{moirelib,
      author = {{We}},
      title = {{A book}},
      version = {0.1},
      date = {2026-11-25},
      year = {2026},
      license = {MIT},
    }
    """
    authors = " and ".join(_author(one) for one in citation["authors"])
    released = str(citation["date-released"])
    entries = {
        "author": authors,
        "title": f"{{{citation['title']}}}",
        "version": citation["version"],
        "date": released,
        "year": released[:4],
        "license": citation["license"],
    }
    lines = [f"  {key} = {{{value}}}," for key, value in entries.items()]
    return "\n".join(["@software{moirelib,", *lines, "}"])


def _author(one: dict[str, str]) -> str:
    if "name" in one:
        return f"{{{one['name']}}}"
    return f"{one['family-names']}, {one['given-names']}"


def news(changelog: str) -> str:
    r"""Return what a changelog says to readers, of the latest version that says anything.

    >>> news("## [Unreleased]\n\n### For readers\n\n- A cover.\n\n### Added\n\n- x\n")
    '- A cover.'
    """
    found = re.search(r"^### For readers\n\n(.*?)(?=^##|\Z)", changelog, re.S | re.M)
    # The addresses in it are those of the sources, and the introduction is one of these.
    return found.group(1).strip().replace("](book/", "](") if found else ""


def insert(app: Sphinx, docname: str, source: list[str]) -> None:
    """Fill the marks of the introduction."""
    if docname != INTRO:
        return
    root = Path(app.srcdir)
    citation = yaml.safe_load((root / "CITATION.cff").read_text(encoding="utf-8"))
    made = {
        "cite": f"```bibtex\n{bibtex(citation)}\n```",
        "news": news((root / "CHANGELOG.md").read_text(encoding="utf-8")),
    }
    for mark, text in made.items():
        source[0] = source[0].replace(f"<!-- {mark} -->", text)


def draw_covers(app: Sphinx, error: Exception | None) -> None:
    """Draw the cover for a light and for a dark page."""
    if error or app.builder.format != "html" or not (Path(app.srcdir) / f"{INTRO}.md").exists():
        return
    folder, drawn = Path(app.outdir) / "_static", data.cover()
    with style():
        for suffix, ground in (("", "white"), ("-dark", "black")):
            buffer = io.BytesIO()
            figures.draw_cover(drawn, ground).savefig(buffer, transparent=True)
            # A quarter of the size, and nothing to be seen of it.
            Image.open(buffer).quantize(COLOURS).save(folder / COVER.format(suffix), optimize=True)


def describe(
    app: Sphinx, pagename: str, templatename: str, context: dict[str, Any], doctree: Any
) -> None:
    """Say in the head of a page what it is about."""
    title = re.sub(r"<[^>]*>", "", str(context.get("title", "")))
    text = description(doctree) if doctree is not None else ""
    text = text or f"{title}: {app.config.html_title or app.config.project}"
    picture = f"{up_from(app, pagename)}_static/{COVER.format('')}"
    found = {
        'name="description"': text,
        'property="og:title"': title,
        'property="og:description"': text,
        'property="og:image"': picture,
        'property="og:type"': "book" if pagename == app.config.root_doc else "article",
    }
    tags = [f'<meta {name} content="{escape(content)}" />' for name, content in found.items()]
    context["metatags"] = "\n".join([context.get("metatags", ""), *tags])


def description(doctree: nodes.document) -> str:
    """Return the first sentences of a page that are words only, as many as are shown."""
    for paragraph in doctree.findall(nodes.paragraph):
        shown = isinstance(paragraph.parent, nodes.section) and "about" not in paragraph["classes"]
        if not shown or any(True for _ in paragraph.findall(nodes.math)):
            continue
        sentences = re.split(r"(?<=[.?!])\s+", " ".join(paragraph.astext().split()))
        found = sentences[0]
        for sentence in sentences[1:]:
            if len(found) + len(sentence) >= LONGEST:
                break
            found = f"{found} {sentence}"
        return found
    return ""


def setup(app: Sphinx) -> None:
    """Connect the pieces."""
    app.connect("source-read", insert)
    app.connect("html-page-context", describe)
    app.connect("build-finished", draw_covers)
