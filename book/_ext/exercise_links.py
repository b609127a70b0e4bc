"""From a claim to the exercises that use it: those that link to its equation, or name it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import teaching
from claim_links import VERIFICATION
from docutils import nodes
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx

from moirelib import ledger
from moirelib.ledger.report.markdown import anchor
from moirelib.ledger.where import equation_of

EXERCISE = re.compile(
    r"^```\{exercise\} (?P<title>[^\n]+) · \w+\n:label: (?P<label>\S+)\n(?P<text>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)

Exercise = tuple[str, str]
"""Its title and its label."""


def exercises_using(claim_ids: Iterable[str], source: str) -> dict[str, list[Exercise]]:
    r"""Return the exercises in a page's source that use a claim, by the claim's id.

    >>> page = "```{exercise} A sum · pen\n:label: ex-sum\nSee [Kundu (3)](#eq-kundu-3).\n```\n"
    >>> exercises_using(["kundu-3", "kundu-30"], page)
    {'kundu-3': [('A sum', 'ex-sum')]}
    """
    found: dict[str, list[Exercise]] = {}
    for exercise in EXERCISE.finditer(source):
        linked = re.findall(r"\(#eq-([\w-]+)\)|\{eq\}`eq-([\w-]+)`", exercise["text"])
        equations = {"".join(one).lower() for one in linked}
        named = set(re.findall(r"\{claim\}`([^`]+)`", exercise["text"]))
        for one in claim_ids:
            if one in named or equation_of(one).lower() in equations:
                found.setdefault(one, []).append((exercise["title"], exercise["label"]))
    return found


@cache
def exercises_of_claims(pages: tuple[Path, ...]) -> dict[str, list[Exercise]]:
    """Return the exercises of several pages that use a claim, by the claim's id."""
    ledger.load()
    claim_ids = [entry.id for entry in ledger.claims()]
    found: dict[str, list[Exercise]] = {}
    for page in pages:
        text = page.read_text(encoding="utf-8")
        for claim_id, exercises in exercises_using(claim_ids, text).items():
            found.setdefault(claim_id, []).extend(exercises)
    return found


def _exercises(app: Sphinx) -> dict[str, list[Exercise]]:
    return exercises_of_claims(tuple(Path(app.env.doc2path(n)) for n in teaching.chapters(app)))


def link_exercises(app: Sphinx, docname: str, source: list[str]) -> None:
    """Put links to the exercises that use it below each claim in the table of all."""
    if docname != VERIFICATION:
        return
    for claim_id, exercises in _exercises(app).items():
        measured = f"[all measurements](#{anchor('measured', claim_id)})"
        more = " · ".join(f"exercise: [{title}](#{label})" for title, label in exercises)
        source[0] = source[0].replace(measured, f"{measured} · {more}")


def link_cards(app: Sphinx, doctree: nodes.document) -> None:
    """Put the same links into the cards of a chapter."""
    if app.env.docname not in teaching.chapters(app):
        return
    by_anchor = {anchor("claim", one): found for one, found in _exercises(app).items()}
    for link in list(doctree.findall(pending_xref)):
        if link.astext() == "All claims":
            link.parent.extend(_links(by_anchor.get(link["reftarget"], [])))


def _links(exercises: Iterable[Exercise]) -> Iterator[nodes.Node]:
    for title, label in exercises:
        yield nodes.Text(" · exercise: ")
        yield pending_xref(
            "",
            nodes.inline("", title),
            refdomain="std",
            reftype="ref",
            reftarget=label,
            refexplicit=True,
            refwarn=True,
        )


def setup(app: Sphinx) -> None:
    """Connect the pieces; the table is there before."""
    app.connect("source-read", link_exercises, priority=600)
    app.connect("doctree-read", link_cards)
