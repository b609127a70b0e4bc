"""From a claim to the exercises that use it: those that link to its equation, or name it."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

import teaching
from claim_links import VERIFICATION
from sphinx.application import Sphinx

from moirelib import ledger
from moirelib.ledger.report.markdown import anchor
from moirelib.ledger.where import equation_of

EXERCISE = re.compile(
    r"^```\{exercise\} (?P<title>[^\n]+) · \w+\n:label: (?P<label>\S+)\n(?P<text>.*?)^```$",
    re.DOTALL | re.MULTILINE,
)


def exercises_using(claim_ids: Iterable[str], source: str) -> dict[str, list[str]]:
    r"""Return the exercises in a page's source that use a claim, as links, by the claim's id.

    >>> page = "```{exercise} A sum · pen\n:label: ex-sum\nSee [Kundu (3)](#eq-kundu-3).\n```\n"
    >>> exercises_using(["kundu-3", "kundu-30"], page)
    {'kundu-3': ['[A sum](#ex-sum)']}
    """
    found: dict[str, list[str]] = {}
    for exercise in EXERCISE.finditer(source):
        equations = {one.lower() for one in re.findall(r"\(#eq-([\w-]+)\)", exercise["text"])}
        named = set(re.findall(r"\{claim\}`([^`]+)`", exercise["text"]))
        for one in claim_ids:
            if one in named or equation_of(one).lower() in equations:
                found.setdefault(one, []).append(f"[{exercise['title']}](#{exercise['label']})")
    return found


def link_exercises(app: Sphinx, docname: str, source: list[str]) -> None:
    """Put links to the exercises that use it below each claim in the table of all."""
    if docname != VERIFICATION:
        return
    ledger.load()
    claim_ids = [entry.id for entry in ledger.claims()]
    for name in teaching.chapters(app):
        text = Path(app.env.doc2path(name)).read_text(encoding="utf-8")
        for claim_id, links in exercises_using(claim_ids, text).items():
            measured = f"[all measurements](#{anchor('measured', claim_id)})"
            more = " · ".join(f"exercise: {link}" for link in links)
            source[0] = source[0].replace(measured, f"{measured} · {more}")


def setup(app: Sphinx) -> None:
    """Connect the pieces; the table is there before."""
    app.connect("source-read", link_exercises, priority=600)
