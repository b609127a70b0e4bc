"""What each chapter needs: a line below its title, and a drawing of all.

A chapter needs an earlier one if one of its claims follows from a claim there.
"""

from __future__ import annotations

import re
from functools import cache
from html import escape
from importlib.util import find_spec
from pathlib import Path

from equation_map.layout import lay_out
from numbering import numbered_title
from sphinx.application import Sphinx

from moirelib import ledger
from moirelib.ledger.lineage import Lineage

MARK = "<!-- chapters -->"

WORDS_PER_MINUTE = 160
MINUTES = {"formula": 0.7, "figure": 1.0, "exercise": 5.0}

# Of the drawing, in pixels.
WIDTH, LETTER, MARGIN, HEIGHT, PITCH, GAP = 640.0, 8.0, 24.0, 30.0, 64.0, 16.0


@cache
def needs(root: Path) -> dict[str, tuple[str, ...]]:
    """Return for each chapter with claims, in the order of the book, the earlier ones it needs."""
    ledger.load()
    claims = ledger.claims()
    home = {entry.id: entry.chapter for entry in claims}
    pages = {Path(name).name: name for name in _files(root)}
    order = [stem for stem in pages if stem in home.values()]
    found: dict[str, set[str]] = {stem: set() for stem in order}

    def before(one: str, other: str) -> bool:
        return order.index(one) < order.index(other)

    for entry in claims:
        for source in map(home.__getitem__, entry.follows):
            if {source, entry.chapter} <= found.keys() and before(source, entry.chapter):
                found[entry.chapter].add(source)
    lineage = Lineage({stem: tuple(s for s in order if s in found[stem]) for stem in order})
    return {pages[one]: tuple(pages[s] for s in lineage.reduced[one]) for one in order}


def _is_chapter(name: str) -> bool:
    """Whether a page has a folder of the library: only then it takes the ledger to say what for."""
    return find_spec(f"moirelib.chapters.{Path(name).name.replace('-', '_')}") is not None


def _files(root: Path) -> list[str]:
    return re.findall(r"file: (\S+)", (root / "_toc.yml").read_text(encoding="utf-8"))


def reading_minutes(source: str) -> int:
    """Return how long a page takes to read, in steps of five minutes.

    Code is not read but skimmed, and exercises take as long as they take: each counts as five
    minutes.

    >>> reading_minutes("word " * 800)
    5
    """
    prose = re.sub(r"^```\{code-cell\}.*?^```", "", source, flags=re.S | re.M)
    minutes = len(re.findall(r"\w+", re.sub(r"\$[^$]*\$", "x", prose))) / WORDS_PER_MINUTE
    counts = {
        "formula": source.count("\\begin{equation}") + source.count("\n$$\n") // 2,
        "figure": source.count("  figure:"),
        "exercise": source.count("```{exercise}"),
    }
    minutes += sum(MINUTES[kind] * count for kind, count in counts.items())
    return max(5, 5 * round(minutes / 5))


def title(root: Path, name: str) -> str:
    """Return the title of a page, after its number if it is a chapter."""
    text = (root / f"{name}.md").read_text(encoding="utf-8")
    found = re.search(r"^# (.*)$", text, re.M)
    return numbered_title(root, name, found.group(1) if found else name)


def about(root: Path, name: str, source: str) -> str:
    """Return the line below the title of a chapter."""
    graph = needs(root)

    def links(names: list[str]) -> str:
        return ", ".join(f"[{title(root, one)}](/{one}.md)" for one in names)

    pieces = [f"About {reading_minutes(source)} minutes with the exercises"]
    if before := list(graph[name]):
        pieces.append(f"needs {links(before)}")
    if after := [one for one, found in graph.items() if name in found]:
        pieces.append(f"needed by {links(after)}")
    return f"{{.about}}\n{' · '.join(pieces)}"


def as_svg(root: Path, here: str) -> str:
    """Return the chapters and what they need as inline SVG, in which every chapter is a link."""
    graph = needs(root)
    names = {one: title(root, one) for one in graph}
    widths = {one: LETTER * len(names[one]) + MARGIN for one in graph}
    layout = lay_out(graph, widths, WIDTH, GAP)
    level = {one: i for i, layer in enumerate(layout.layers) for one in layer}
    height = (len(layout.layers) - 1) * PITCH + HEIGHT + 4
    paths, boxes = [], []
    for (source, target), xs in layout.edges.items():
        steps = [f"M{xs[0] + 2:.1f} {2 + level[source] * PITCH + HEIGHT:.1f}"]
        for i, x in enumerate(xs[1:], level[source] + 1):
            steps.append(f"L{x + 2:.1f} {2 + i * PITCH:.1f}")
            if i < level[target]:
                steps.append(f"v{HEIGHT:.0f}")
        paths.append(f'<path d="{"".join(steps)}"/>')
    up = "../" * here.count("/")
    for one, name in names.items():
        x, y, width = layout.x[one] + 2, 2 + level[one] * PITCH, widths[one]
        boxes.append(
            f'<a class="map-node" href="{up}{one}.html">'
            f'<rect x="{x - width / 2:.1f}" y="{y:.1f}" width="{width:.1f}" height="{HEIGHT:.0f}" '
            f'rx="4"/><text x="{x:.1f}" y="{y + HEIGHT / 2:.1f}">{escape(name)}</text></a>'
        )
    return (
        f'<div class="map-frame chapter-graph"><svg viewBox="0 0 {layout.width + 4:.0f} '
        f'{height:.0f}" role="group" aria-label="Chapters; a line leads down from a chapter to '
        f'one that needs it">{"".join(paths + boxes)}</svg></div>'
    )


def insert_lines(app: Sphinx, docname: str, source: list[str]) -> None:
    """Put the line below the title of a chapter, and the drawing in the place of its mark."""
    root = Path(app.srcdir)
    if _is_chapter(docname) and docname in needs(root):
        line = about(root, docname, source[0])
        head, rest = re.split(r"(?<=\n)(?=\n)", source[0].partition("\n# ")[2], maxsplit=1)
        source[0] = source[0].replace(head + rest, f"{head}\n{line}\n{rest}")
    if MARK in source[0]:
        source[0] = source[0].replace(MARK, as_svg(root, docname))


def setup(app: Sphinx) -> None:
    """Connect the pieces."""
    app.connect("source-read", insert_lines)
