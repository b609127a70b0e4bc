"""The map of a paper as inline SVG, the form above it, and the same as a list of words."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Sequence
from html import escape

from equation_map.layout import Layout, lay_out
from moirelib.ledger import Result
from moirelib.ledger.lineage import Lineage
from moirelib.ledger.report import CONSEQUENCES, SYMBOLS
from moirelib.ledger.report.markdown import anchor, badge, statements

# In pixels at the least width of a desktop's column; the letters are those of the style sheet.
WIDTH, GAP = 860.0, 8.0
LETTER, MARGIN, HEIGHT, PITCH = 8.0, 28.0, 24.0, 58.0
EDGE = 2.0

# A verdict has a shape too: how round the corners are.
ROUND = {
    "holds as printed": 12,
    "convention": 12,
    "holds as corrected": 3,
    "not reproduced": 0,
    "new finding": 12,
}


def label(claim_id: str) -> str:
    """Return the short name of a claim within its paper.

    >>> label("kundu-33"), label("ying-text-tc"), label("kundu-fig1a")
    ('33', 'tc', 'Fig. 1a')
    """
    name = claim_id.partition("-")[2].removeprefix("text-")
    return f"Fig. {name[3:]}" if name.startswith("fig") else name


def as_map(results: Sequence[Result], lineage: Lineage, claims_page: str) -> str:
    """Return the map of one paper: form, drawing and list, in MyST.

    Parameters
    ----------
    results : sequence of Result
        The claims of the paper, in the order of print.
    lineage : Lineage
        What follows from what; all its claims are among the results.
    claims_page : str
        Address of the page of all claims, seen from the page of the map.
    """
    return "\n\n".join(
        [
            f'<div class="equation-map">\n{_form(results)}\n'
            f"{as_svg(results, lineage, claims_page)}\n"
            '<div class="map-shown" hidden></div>',
            '<details class="map-list"><summary>The same as a list: each claim, what it follows '
            "from, and what follows from it</summary>",
            *(_entry(r, lineage) for r in results),
            "</details>\n</div>",
        ]
    )


def as_svg(results: Sequence[Result], lineage: Lineage, claims_page: str) -> str:
    """Return the drawing as inline SVG, in which every claim is a link.

    Raises
    ------
    ValueError
        If a claim follows from one that is not among the results.
    """
    by_id = {r.claim.id: r for r in results}
    sources = {one: _shown(lineage.reduced[one], by_id[one], by_id) for one in by_id}
    if loose := {s for found in sources.values() for s in found} - set(by_id):
        raise ValueError(f"claims of the map follow from others: {sorted(loose)}")
    layout = lay_out(sources, {one: _width(one) for one in by_id}, WIDTH, GAP)
    level = {one: i for i, layer in enumerate(layout.layers) for one in layer}
    paper = next(iter(by_id.values())).claim.paper
    height = (len(layout.layers) - 1) * PITCH + HEIGHT + 2 * EDGE
    nodes = [
        _node(r, layout.x[one] + EDGE, _top(level[one]), lineage, by_id, claims_page)
        for layer in layout.layers
        for one, r in ((one, by_id[one]) for one in layer)
    ]
    return "".join(
        [
            f'<div class="map-frame"><svg viewBox="0 0 {layout.width + 2 * EDGE:.0f} {height:.0f}" '
            f'role="group" aria-label="Map of the claims of {escape(paper)}">',
            f"<g>{''.join(_edges(layout, level))}</g>",
            *nodes,
            "</svg></div>",
        ]
    )


def _shown(sources: Sequence[str], of: Result, by_id: Collection[str]) -> tuple[str, ...]:
    """Return the sources on this map: a new finding rests on papers too, which have their own."""
    return tuple(one for one in sources if one in by_id or not of.claim.is_new)


def _source(claim_id: str) -> str:
    return claim_id.partition("-")[0]


def _width(claim_id: str) -> float:
    return LETTER * len(label(claim_id)) + MARGIN


def _top(level: int) -> float:
    return EDGE + level * PITCH


def _node(
    r: Result,
    x: float,
    y: float,
    lineage: Lineage,
    by_id: Collection[str],
    claims_page: str,
) -> str:
    entry, width = r.claim, _width(r.claim.id)
    sources = _shown(lineage.sources[entry.id], r, by_id)
    behind = len(lineage.downstream(entry.id))
    spoken = f"{entry.number}, {entry.id}: {r.verdict}; {behind} claims rest on it"
    return (
        f'<a id="{anchor("map", entry.id)}" '
        f'class="map-node verdict-{r.verdict.replace(" ", "-")}" '
        f'href="{claims_page}#{anchor("claim", entry.id)}" data-claim="{entry.id}" '
        f'data-sources="{" ".join(sources)}" aria-label="{escape(spoken)}">'
        f'<rect x="{x - width / 2:.1f}" y="{y:.1f}" width="{width:.1f}" height="{HEIGHT:.0f}" '
        f'rx="{ROUND.get(r.verdict, 0)}"/>'
        f'<text x="{x:.1f}" y="{y + HEIGHT / 2:.1f}">{SYMBOLS[r.verdict]} '
        f"{escape(label(entry.id))}</text></a>"
    )


def _edges(layout: Layout, level: dict[str, int]) -> list[str]:
    found = []
    for (source, target), xs in layout.edges.items():
        steps = [f"M{xs[0] + EDGE:.1f} {_top(level[source]) + HEIGHT:.1f}"]
        for i, (a, b) in enumerate(itertools.pairwise(xs), 1):
            above, below = _top(level[source] + i - 1) + HEIGHT, _top(level[source] + i)
            middle = (above + below) / 2
            start, end = a + EDGE, b + EDGE
            steps.append(f"C{start:.1f} {middle:.1f} {end:.1f} {middle:.1f} {end:.1f} {below:.1f}")
            if level[source] + i < level[target]:
                steps.append(f"v{HEIGHT:.0f}")
        found.append(f'<path data-edge="{source} {target}" d="{"".join(steps)}"/>')
    return found


def _form(results: Sequence[Result]) -> str:
    groups = []
    for rank, title in CONSEQUENCES.items():
        options = [
            f'<option value="{r.claim.id}">{escape(r.claim.number)} ({r.claim.id})</option>'
            for r in results
            if r.claim.rank == rank
        ]
        if options:
            groups.append(f'<optgroup label="{escape(title)}">{"".join(options)}</optgroup>')
    question = "What inherits this slip?"
    if not groups:  # new findings correct nothing
        question = "What rests on this finding?"
        groups = [
            f'<option value="{r.claim.id}">{escape(r.claim.number)}</option>' for r in results
        ]
    return (
        f'<form class="map-form" hidden><label>{question} '
        '<select name="slip" autocomplete="off"><option value="">choose one</option>'
        f'{"".join(groups)}</select></label> <output role="status"></output></form>'
    )


def _entry(r: Result, lineage: Lineage) -> str:
    entry = r.claim
    lines = [
        f'<div data-entry="{entry.id}">',
        f"[{entry.number}](#{anchor('claim', entry.id)}) `{entry.id}` {badge(r.verdict)}",
        *statements(r, brief=True),
    ]
    if entry.finding:
        lines.append(
            f"{{.places}}\n{CONSEQUENCES[entry.rank or 'number'].capitalize()}: "
            f"[erratum](#{anchor('erratum', entry.listed_under)})"
        )
    for words, ids in (
        ("Follows from", lineage.sources[entry.id]),
        ("Used by", lineage.consequences[entry.id]),
    ):
        links = [
            # A name is short within one map, and whole where it belongs to another.
            f"[{label(one) if _source(one) == _source(entry.id) else one}](#{anchor('claim', one)})"
            for one in ids
        ]
        lines.append(f"{{.places}}\n{words}: {', '.join(links) or 'nothing else'}.")
    return "\n\n".join([*lines, "</div>"])
