"""The figures of both papers on one page, collected from the chapters that draw them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import escape
from pathlib import Path

from docutils import nodes
from numbering import numbered_title
from page_files import DOWNLOAD, up_from, write_download
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxDirective

LINE = re.compile(
    r'<p class="provenance"[^>]*>Regenerates: (?P<source>.*?)\. Computed by <code>'
    r"(?P<compute>.*?)</code>, drawn by <code>(?P<draw>.*?)</code>\. Download: (?P<files>.*?)</p>",
    re.DOTALL,
)
WHITE = re.compile(r' data-ground="white"')


@dataclass(frozen=True)
class Entry:
    """A figure of a paper: where it stands, what draws it, and its files as the output has them."""

    docname: str
    label: str
    source: str
    draw: str
    files: tuple[tuple[str, str], ...]
    ground: str
    """An attribute, if the figure keeps its white ground on a dark page."""


def collect(app: Sphinx, doctree: nodes.document) -> None:
    """Note the figures of a page that regenerate one of a paper."""
    found = []
    for raw in doctree.findall(nodes.raw):
        match = LINE.search(raw.astext())
        if match:
            files = tuple(
                (one["name"], one["content"]) for one in DOWNLOAD.finditer(match["files"])
            )
            label = _label(raw)
            source, draw = match["source"], match["draw"]
            ground = "".join(WHITE.findall(match[0]))
            found.append(Entry(app.env.docname, label, source, draw, files, ground))
    _entries(app)[app.env.docname] = found


def _entries(app: Sphinx) -> dict[str, list[Entry]]:
    entries: dict[str, list[Entry]] = app.env.__dict__.setdefault("figures_of_papers", {})
    return entries


def _label(raw: nodes.raw) -> str:
    """Return the anchor of the figure that an output belongs to."""
    node = raw.parent
    while node is not None:
        figures = [node] if isinstance(node, nodes.figure) else list(node.findall(nodes.figure))
        if figures:
            return str(next(iter(figures[0]["ids"]), ""))
        node = node.parent
    return ""


class FiguresOf(SphinxDirective):
    """``{figures-of} Kundu``: where the figures of a paper go."""

    required_arguments = 1

    def run(self) -> list[nodes.Node]:
        """Return an empty place, which is filled when all pages have been read."""
        return [nodes.container(classes=["gallery"], paper=self.arguments[0])]


def fill(app: Sphinx, doctree: nodes.document, docname: str) -> None:
    """Put a card for each figure into its place."""
    for place in doctree.findall(nodes.container):
        if paper := place.get("paper"):
            listed = [entry for entries in _entries(app).values() for entry in entries]
            mine = [entry for entry in listed if entry.source.startswith(paper)]
            cards = [_card(app, docname, e) for e in sorted(mine, key=lambda e: _order(e.source))]
            place.children = [nodes.raw("", "".join(cards), format="html")]


def _order(source: str) -> list[tuple[int, str]]:
    """Sort Fig. 2 before Fig. 10."""
    return [(int(n or 0), word) for n, word in re.findall(r"(\d+)|(\D+)", source)]


def _card(app: Sphinx, docname: str, entry: Entry) -> str:
    up = up_from(app, docname)
    paths = {name: up + write_download(app, name, content) for name, content in entry.files}
    thumbnail = next(path for name, path in paths.items() if name.endswith(".svg"))
    target = app.builder.get_relative_uri(docname, entry.docname)
    title = app.env.titles[entry.docname].astext()
    chapter = numbered_title(Path(app.srcdir), entry.docname, title)
    number = app.env.toc_fignumbers[entry.docname]["figure"][entry.label]
    name = f"Fig. {'.'.join(map(str, number))}"
    files = " · ".join(
        f'<a download="{name}" href="{path}">{name.rpartition(".")[2].upper()}</a>'
        for name, path in paths.items()
    )
    return (
        f'<div class="gallery-card"><a href="{target}#{entry.label}">'
        f'<img src="{thumbnail}" loading="lazy" alt="{entry.source}"{entry.ground}></a>'
        f'<p><b>{entry.source}</b><br><a href="{target}#{entry.label}">{name}</a> in '
        f'<a href="{target}">{escape(chapter)}</a><br>'
        f"<code>{entry.draw.rpartition('.')[2]}</code><br>{files}</p></div>"
    )


def setup(app: Sphinx) -> None:
    """Connect the pieces."""
    app.add_directive("figures-of", FiguresOf)
    app.connect("doctree-read", collect)
    app.connect("doctree-resolved", fill)
