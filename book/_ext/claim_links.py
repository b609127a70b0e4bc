"""The ledger in the book: two pages made from it, a role for prose, and links below equations."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache, partial
from pathlib import Path

from chapter_graph import title
from docutils import nodes
from equation_map import as_map
from glance import as_conclusions, as_counts, as_findings, as_links, as_undecided
from numbering import chapter_numbers
from sphinx.addnodes import pending_xref
from sphinx.application import Sphinx
from sphinx.util.docutils import SphinxRole

from moirelib import ledger
from moirelib.ledger import Result
from moirelib.ledger.lineage import Lineage
from moirelib.ledger.mutations import planted_mistakes, seen_counts
from moirelib.ledger.papers import NEW, PAPERS
from moirelib.ledger.report import (
    SYMBOLS,
    as_errata,
    as_mutation_totals,
    as_mutations,
    as_verification,
)
from moirelib.ledger.report.markdown import anchor, statements, with_measured
from moirelib.ledger.where import equation_of, tagged, tagged_equations

ROOT = Path(__file__).parents[2]
VERIFICATION = "book/reference/verification"
ERRATA = "book/reference/errata"
PLANTED = "book/reference/planted-mistakes"
MAP = "book/reference/map"
GLANCE = "book/glance"
# The chapters that go beyond the papers, each with its own list of findings on one screen.
BEYOND = ("second-order-drag", "magic-angle", "where-largest")

mistakes = cache(planted_mistakes)


@cache
def results_of(store: Path) -> dict[str, Result]:
    """Return the results by id: from the run that the build has stored, or computed now."""
    try:
        found = ledger.read(store)
    except ledger.StaleLedgerError:
        found = ledger.verify(processes=ledger.default_processes())
    short = [r.claim.id for r in found if not r.sound]
    if short:
        raise ValueError(f"claims fall short: {short}")
    return {r.claim.id: r for r in found}


def _results(app: Sphinx) -> dict[str, Result]:
    return results_of(Path(app.outdir).parent / "ledger.json")


def insert_reports(app: Sphinx, docname: str, source: list[str]) -> None:
    """Fill the marks, such as ``<!-- claims -->``, and the values of the ledger named in prose."""
    if "{measured}`" in source[0]:
        source[0] = with_measured(source[0], _results(app).values())
    for mark, make in REPORTS.get(docname, {}).items():
        source[0] = source[0].replace(f"<!-- {mark} -->", make(list(_results(app).values())))


def _verification(results: Sequence[Result]) -> str:
    return as_verification(results, tagged_equations(), seen_counts(mistakes()) or None)


def _totals(results: Sequence[Result]) -> str:
    return as_mutation_totals(mistakes())


def _titles() -> dict[str, str]:
    """Titles of the chapters by the last part of the names of their pages, in their order."""
    return {Path(name).name: title(ROOT, name) for name in chapter_numbers(ROOT)}


def _of(paper: str, results: Sequence[Result]) -> list[Result]:
    return [r for r in results if r.claim.id.startswith(f"{paper}-")]


def _headlines(chapter: str, results: Sequence[Result]) -> str:
    found = [r for r in _of(NEW, results) if r.claim.chapter == chapter]
    return as_findings(found, headlines=True)


def _map(paper: str, results: Sequence[Result]) -> str:
    found = _of(paper, results)
    lineage = Lineage.of([r.claim for r in results])
    return as_map(found, lineage, "verification.html") if found else "None yet."


def _glance(paper: str) -> dict[str, Callable[[Sequence[Result]], str]]:
    return {
        f"counts {paper}": lambda results: as_counts(_of(paper, results), paper),
        f"conclusions {paper}": lambda results: as_conclusions(
            _of(paper, results), tagged_equations()
        ),
        f"number {paper}": lambda results: as_links(_of(paper, results), "number"),
        f"notation {paper}": lambda results: as_links(_of(paper, results), "notation"),
        f"undecided {paper}": lambda results: as_undecided(_of(paper, results)),
    }


REPORTS: dict[str, dict[str, Callable[[Sequence[Result]], str]]] = {
    VERIFICATION: {
        "claims": _verification,
        "new": lambda results: as_findings(_of(NEW, results)),
        "totals": _totals,
    },
    PLANTED: {"mistakes": lambda _: as_mutations(mistakes(), _titles()), "totals": _totals},
    ERRATA: {"errata": lambda results: as_errata(results, tagged_equations())},
    MAP: {f"map {paper}": partial(_map, paper) for paper in PAPERS},
    GLANCE: {mark: make for paper in PAPERS for mark, make in _glance(paper).items()}
    | {f"new {chapter}": partial(_headlines, chapter) for chapter in BEYOND},
}
"""For each page the marks to fill, and what makes their text."""


# Behind the tag of an equation whose printed form does not close: which form the page displays.
_FORM = re.compile(r"(\\tag\{[^}]*\})[ \t]*%[ \t]*(as printed|corrected)[ \t]*(?=\n)")


def shown_form(tex: str, findings: Sequence[str]) -> tuple[str, str]:
    r"""Return the TeX of an equation without its remark, and the form that it displays.

    Parameters
    ----------
    tex : str
        The equation, with ``% as printed`` or ``% corrected`` behind its tag if it needs one.
    findings : sequence of str
        Ids of the claims on it whose printed form does not close.

    Raises
    ------
    ValueError
        If there are findings and no remark, or a remark and no findings.
    """
    forms = [match[2] for match in _FORM.finditer(tex)]
    if len(forms) != bool(findings):
        raise ValueError(
            f"the display of {', '.join(findings) or tex!r} must say '% as printed' or "
            f"'% corrected' behind its tag once if its printed form does not close, got {forms}"
        )
    return _FORM.sub(r"\1", tex), "".join(forms)


def link_equations(app: Sphinx, doctree: nodes.document) -> None:
    """Put links to its claims and errata below each equation that carries a paper's number.

    Where one line of print has several numbers, each becomes a label.
    """
    if VERIFICATION not in app.env.found_docs:
        return
    for equation in list(doctree.findall(nodes.math_block)):
        ids = tagged(equation.astext())
        if not ids:
            continue
        line = nodes.paragraph(classes=["equation-claims"])
        found = [r for r in _results(app).values() if equation_of(r.claim.id) in ids]
        findings = [r.claim.id for r in found if r.claim.finding]
        tex, form = shown_form(equation.astext(), findings)
        equation.children = []
        equation += nodes.Text(tex)
        if form:
            line += nodes.strong("", f"shown {form}")
        # For the preview of a link to the equation, which may show the form that does not close.
        equation["findings"] = [
            f"**{r.claim.cited}** {SYMBOLS[r.verdict]} *{r.verdict}.* {said}"
            for r in found
            if r.claim.finding
            for said in [" ".join(statements(r, brief=True))]
        ]
        for r in found:
            line += nodes.Text(" · " if line.children else "")
            line += _link("claim", r.claim.id, f"{SYMBOLS[r.verdict]} {r.claim.id}: {r.verdict}")
            if r.claim.listed_under:
                line += nodes.Text(" · ")
                line += _link("erratum", r.claim.listed_under, "erratum")
        if line.children:
            line += nodes.Text(" · ")
            line += _on_the_map(app, ids[0])
        here = equation.parent.index(equation)
        if line.children:
            equation.parent.insert(here + 1, line)
        labels = app.env.get_domain("std").data["anonlabels"]
        for name in (f"eq-{one}".lower() for one in ids):
            if name not in labels:
                labels[name] = (app.env.docname, name)
                equation.parent.insert(here, nodes.target(ids=[name]))


def _on_the_map(app: Sphinx, equation: str) -> nodes.reference:
    """Link to the box of the first claim on an equation; no reference of Sphinx leads into SVG."""
    claim_id = next(one for one in _results(app) if equation_of(one) == equation)
    page = app.builder.get_relative_uri(app.env.docname, MAP)
    return nodes.reference("", "map", refuri=f"{page}#{anchor('map', claim_id)}", internal=True)


def _link(kind: str, claim_id: str, text: str) -> pending_xref:
    """Link to an anchor of a claim."""
    return pending_xref(
        "",
        nodes.inline("", text),
        refdomain="std",
        reftype="ref",
        reftarget=anchor(kind, claim_id),
        refexplicit=True,
        refwarn=True,
    )


class ClaimRole(SphinxRole):
    """``{claim}`kundu-44```: a link to a claim with its verdict, and its statement on hover."""

    def run(self) -> tuple[list[nodes.Node], list[nodes.system_message]]:
        """Return the link, and beside it the statement that the style sheet shows on hover."""
        found = _results(self.env.app).get(self.text)
        if found is None:
            message = self.inliner.reporter.error(
                f"there is no claim {self.text!r}", line=self.lineno
            )
            return [self.inliner.problematic(self.rawtext, self.rawtext, message)], [message]
        entry = found.claim
        link = _link("claim", entry.id, f"{entry.named} {SYMBOLS[found.verdict]}")
        link["refdoc"] = self.env.docname
        hint = nodes.inline(classes=["claim-hint"])
        hint += nodes.inline("", f"{SYMBOLS[found.verdict]} {found.verdict}", classes=["verdict"])
        hint[0]["classes"].append(f"verdict-{found.verdict.replace(' ', '-')}")
        messages = []
        for statement in statements(found, brief=True):
            line = nodes.inline(classes=["claim-line"])
            parsed, problems = self.inliner.parse(statement, self.lineno, self.inliner, line)
            line += parsed
            messages += problems
            hint += [nodes.Text(" "), line]
        return [nodes.inline("", "", link, hint, classes=["claim-reference"])], messages


def setup(app: Sphinx) -> None:
    """Connect the pieces."""
    app.connect("source-read", insert_reports)
    app.connect("doctree-read", link_equations)
    app.add_role("claim", ClaimRole())
    app.add_js_file("claims.js", loading_method="defer")
    app.add_css_file("claims.css")
    app.add_js_file("map.js", loading_method="defer")
    app.add_css_file("map.css")
