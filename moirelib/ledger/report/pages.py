"""The ledger as two pages of the book, in MyST: all claims, and the errata."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from html import escape

from moirelib.ledger.coverage import INVENTORY, covers, missing, printed_position
from moirelib.ledger.judging import Result
from moirelib.ledger.papers import PAPERS
from moirelib.ledger.report.markdown import (
    anchor,
    badge,
    breakable,
    forms,
    found_under,
    limit,
    measured,
    places,
    statements,
    with_measured,
    words,
)
from moirelib.ledger.report.text import CONSEQUENCES, SYMBOLS, governing
from moirelib.ledger.where import equation_of

_NUMBER = r"[AB]?\d+"

# So many places without a number are named one by one in a heading that has numbers.
_SEVERAL = 2


def as_coverage(results: Sequence[Result]) -> str:
    """Return how much of the papers is accounted for, and with which verdicts, as a table."""
    rare = ("new finding", "check failed")
    shown = [v for v in SYMBOLS if v not in rare or any(r.verdict == v for r in results)]
    lacking = missing([r.claim.id for r in results])
    lines = [
        f"| part | accounted for | claims | {' | '.join(SYMBOLS[v] for v in shown)} |",
        f"|---|--:|--:{'|--:' * len(shown)}|",
    ]
    rest, several = list(results), []
    for group, entries in INVENTORY.items():
        of_entry = {e: [r for r in results if covers(r.claim.id, e)] for e in entries}
        of_group = [r for found in of_entry.values() for r in found]
        several += [found for found in of_entry.values() if len(found) > 1]
        rest = [r for r in rest if r not in of_group]
        found = f"{len(entries) - len(lacking[group])} of {len(entries)}"
        lines.append(_coverage_row(group, found, of_group, shown))
    new = [r for r in rest if r.claim.is_new]
    rest = [r for r in rest if not r.claim.is_new]
    lines.append(_coverage_row("Quoted numbers and named relations", "", rest, shown))
    if new:
        lines.append(_coverage_row("Beyond the papers", "", new, shown))
    lines = ['<div class="coverage">\n', *lines, "\n</div>"]
    if several:
        lines.append(
            f"\nAn equation or a figure that says more than one thing has a claim for each: "
            f"{len(several)} have {sum(map(len, several))} claims together. The verdicts count "
            "claims."
        )
    return "\n".join(lines)


def _coverage_row(name: str, found: str, results: Sequence[Result], shown: Sequence[str]) -> str:
    counts = Counter(r.verdict for r in results)
    cells = [name, found, len(results), *(counts[v] for v in shown)]
    return f"| {' | '.join(map(str, cells))} |"


def as_verification(
    results: Sequence[Result],
    printed: Collection[str] = (),
    seen: Mapping[str, int] | None = None,
) -> str:
    """Return every claim as a row of one table, with the form that filters and sorts it.

    The anchor of a claim is ``claim-`` and its id in small letters. Without scripts the form stays
    hidden and the table is whole.

    Parameters
    ----------
    results : sequence of Result
        The claims.
    printed : collection of str
        The equations that a page of the book prints, to which their claims are linked.
    seen : mapping of str to int, optional
        How many planted mistakes each claim sees, shown with it.
    """
    ordered = _in_printed_order(results)
    columns = ("verdict", "claim", "statement", "measured")
    head = "".join(
        f'<th role="columnheader" scope="col" data-key="{c}">{c.title()}</th>' for c in columns
    )
    return "\n\n".join(
        [
            _filters(ordered),
            f'<table class="ledger" role="table">\n<thead role="rowgroup"><tr role="row">{head}'
            '</tr></thead>\n<tbody role="rowgroup">',
            *(_row(r, printed, seen) for r in ordered),
            "</tbody></table>",
        ]
    )


def _filters(results: Sequence[Result]) -> str:
    papers = {key: paper.name for key, paper in PAPERS.items()}
    chapters = {c: c.replace("-", " ") for c in dict.fromkeys(r.claim.chapter for r in results)}
    kinds: dict[str, str] = {k: k for k in sorted({r.claim.kind for r in results})}
    orders = {"claim": "as the papers print", "verdict": "by verdict", "chapter": "by chapter"}
    counts = Counter(r.verdict for r in results)
    boxes = "".join(
        f'<label><input type="checkbox" name="verdict" value="{v}" checked> {badge(v)} '
        f"{counts[v]}</label>"
        for v in SYMBOLS
        if counts[v]
    )
    return "\n".join(
        [
            '<form class="ledger-filter" aria-label="Choose claims" hidden>',
            _select("paper", "Source", {"": "all", **papers}),
            _select("chapter", "Chapter", {"": "all", **chapters}),
            _select("kind", "Kind", {"": "all", **kinds}),
            '<label>Words <input type="search" name="words" autocomplete="off"></label>',
            _select("order", "Order", orders),
            f"<fieldset><legend>Verdict</legend>{boxes}</fieldset>",
            f'<p><output role="status">{len(results)} of {len(results)} claims</output> '
            '<button type="reset">Show all</button></p>',
            "</form>",
        ]
    )


def _select(name: str, text: str, options: dict[str, str]) -> str:
    inside = "".join(f'<option value="{v}">{escape(t)}</option>' for v, t in options.items())
    return f'<label>{text} <select name="{name}" autocomplete="off">{inside}</select></label>'


def _row(r: Result, printed: Collection[str], seen: Mapping[str, int] | None) -> str:
    entry = r.claim
    decides = governing(r)
    links = []
    if equation_of(entry.id) in printed:
        links.append(f"[equation](#eq-{equation_of(entry.id).lower()})")
    if entry.listed_under:
        links.append(f"[erratum](#{anchor('erratum', entry.listed_under)})")
    links.append(f"[all measurements](#{anchor('measured', entry.id)})")
    if seen is not None:
        links.append(_sees(r, seen.get(entry.id, 0)))
    paper = entry.id.split("-")[0]
    data = {
        "id": entry.id,
        "data-paper": paper,
        "data-chapter": entry.chapter,
        "data-kind": entry.kind,
        "data-verdict": r.verdict,
        "data-rank": str(list(SYMBOLS).index(r.verdict)),
    }
    attributes = " ".join(f'{key}="{escape(value)}"' for key, value in data.items())
    return "\n\n".join(
        [
            f'<tr role="row" {attributes}>\n<td role="cell">',
            badge(r.verdict),
            '</td><th role="rowheader" scope="row">',
            f"({anchor('claim', entry.id)})=\n{entry.cited}<br>`{entry.id}`",
            '</th><td role="cell">',
            *statements(r, brief=True),
            *([f"Falsified by: {breakable(entry.falsified_by)}"] if entry.is_new else []),
            f"{{.places}}\n{' · '.join([entry.kind, *links])}",
            '<details class="places"><summary>check and code</summary>',
            " · ".join(places(r, linked=True)),
            "</details>",
            '</td><td role="cell">',
            f"**{words(measured(decides))}**<br>({limit(decides)})" if decides else "",
            "</td></tr>",
        ]
    )


def _sees(r: Result, count: int) -> str:
    """How many planted mistakes turn a claim red, or why it is not there to see one."""
    if count:
        return f"[turns red for {count} planted mistake{'s' * (count > 1)}](#planted-mistakes)"
    kind = "definition" if r.claim.kind == "definition" else r.verdict
    excused = kind in ("definition", "convention")
    return f"{'a ' + kind + ': ' if excused else ''}turns red for no planted mistake"


def as_errata(results: Sequence[Result], printed: Collection[str] = ()) -> str:
    """Return the findings, the gravest first; claims that share a slip are one entry.

    The anchor of an entry is ``erratum-`` and the id of the claim that heads it, in small letters.

    Parameters
    ----------
    results : sequence of Result
        The claims, with and without a finding.
    printed : collection of str
        The equations that a page of the book prints, to which their errata are linked.

    Raises
    ------
    ValueError
        If a finding is listed under a claim that is not there or has no finding of its own.
    """
    found = [r for r in _in_printed_order(results) if r.claim.finding]
    entries: dict[str, list[Result]] = {r.claim.id: [] for r in found if not r.claim.erratum}
    for r in found:
        if r.claim.listed_under not in entries:
            raise ValueError(
                f"{r.claim.id!r} is listed under {r.claim.listed_under!r}, which is no erratum"
            )
        entries[r.claim.listed_under].append(r)
    ranks = Counter(_gravest(group) for group in entries.values())
    counts = [f"{title}: {ranks[rank]}" for rank, title in CONSEQUENCES.items() if ranks[rank]]
    parts = [f"**{len(entries)} entries for {len(found)} claims ({', '.join(counts)}).**"]
    for rank, title in CONSEQUENCES.items():
        of_rank = {head: group for head, group in entries.items() if _gravest(group) == rank}
        if of_rank:
            parts.append(f"## {title.capitalize()}")
            for head, group in of_rank.items():
                figures = with_measured(
                    next(r.claim.figures for r in group if r.claim.id == head), results
                )
                parts.append(_erratum(head, group, figures, printed))
    return "\n\n".join(parts)


def _gravest(group: Iterable[Result]) -> str:
    ranks = {r.claim.rank for r in group}
    return next(rank for rank in CONSEQUENCES if rank in ranks)


def _erratum(head: str, group: Sequence[Result], figures: str, printed: Collection[str]) -> str:
    lines = [
        f"({anchor('erratum', head)})=\n### {head.split('-')[0].title()}, {_numbers(group)}",
        " ".join([badge(v) for v in SYMBOLS if any(r.verdict == v for r in group)]),
    ]
    # Claims that say the same share what closes.
    findings: dict[str, list[Result]] = {}
    for r in group:
        findings.setdefault(r.claim.finding, []).append(r)
    for finding, sharing in findings.items():
        lines += [
            '<div class="forms"><div>',
            "**As printed in our copy**",
            *(f"{r.claim.number}: {breakable(r.claim.statement)}" for r in sharing),
            "\n".join(_distances(sharing, "as printed")),
            "</div><div>",
            f"**{found_under(*sharing)}**",
            breakable(finding),
            "\n".join(_distances(sharing, "corrected")),
            "</div></div>",
        ]
    if figures:
        lines.append(f"**In the figures.** {breakable(figures)}")
    ids = [f"[{r.claim.id}](#{anchor('claim', r.claim.id)})" for r in group]
    equations = dict.fromkeys(equation_of(r.claim.id) for r in group)
    links = [f"[{one}](#eq-{one.lower()})" for one in equations if one in printed]
    lines.append(
        f"{{.places}}\nClaims: {', '.join(ids)}"
        + (f" · in the chapters: {', '.join(links)}" if links else "")
    )
    return "\n\n".join(lines)


def _distances(group: Sequence[Result], wanted: str) -> list[str]:
    """Return what was measured of one form of the statements, each distinct measurement once."""
    lines = [
        f"- {words(d.what)}: **{words(measured(d))}** ({limit(d)})"
        for r in group
        for form, d in forms(r)
        if form == wanted
    ]
    return list(dict.fromkeys(lines))


def _numbers(group: Sequence[Result]) -> str:
    """Return the numbers of some claims as a heading names them: ``Eqs. 2, 38 and 39``."""
    equations: set[str] = set()
    other = []
    for r in group:
        if re.fullmatch(rf"Eqs?\. {_NUMBER}((, | and ){_NUMBER})*", r.claim.number):
            equations.update(re.findall(_NUMBER, r.claim.number))
        else:
            # Several places of a paper may have one name.
            section, *rest = r.claim.id.split("-")[1:]
            named = rest and not section[-1].isdigit()
            name = r.claim.aspect or " ".join(rest)
            other.append(f"{r.claim.number} ({name})" if named else r.claim.number)
    if equations and len(other) > _SEVERAL:
        other = [f"{len(other)} places in the text"]
    *first, last = sorted(
        equations, key=lambda n: (re.sub(r"\d", "", n), int(re.sub(r"\D", "", n)))
    ) or [""]
    if first:
        other.insert(0, f"Eqs. {', '.join(first)} and {last}")
    elif last:
        other.insert(0, f"Eq. {last}")
    return "; ".join(other)


def _in_printed_order(results: Sequence[Result]) -> list[Result]:
    return sorted(results, key=lambda r: printed_position(r.claim.id))


def _numerically(equation: str) -> tuple[str, int]:
    digits = equation.lstrip("AB")
    return equation.removesuffix(digits), int(digits)
